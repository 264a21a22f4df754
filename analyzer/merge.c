/*
 * merge.c - joins inputs: always the one whose next packet or event is the
 * earliest goes on, and of equals the one that was named first.  Within an
 * input its own order is kept.
 *
 * Captures are numbered from 0 as they are met: a capture file when it is
 * opened, those of an event file in the order of that file, so that a single
 * event file keeps its numbers and two never share one.  Its flows are kept
 * apart from those of other inputs in the same way, by their upper bits.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bounds.h"
#include "dissect.h"
#include "event-json.h"
#include "memory.h"
#include "merge.h"
#include "progress.h"
#include "source.h"
#include "table.h"
#include "text.h"
#include "twin.h"

#define BAD_LINES_SHOWN 5
#define FLOW_BITS 48
#define LOOK_EVERY 32 /* packets or events: a look at the clock costs */

struct input {
	struct source *source;
	const char *path;
	uint16_t index; /* among the inputs */
	bool events;    /* an event file */
	int capture;    /* of a capture file */
	int *numbers;   /* of an event file: from its
						 * numbers to ours, -1 none */
	size_t nnumbers;
	enum source_kind kind; /* what is next */
	struct frame frame;
	struct event event;
	int64_t time; /* of it */
	uint64_t bad_lines;
	struct ev_capture_end count; /* of a capture file */
	int64_t passed;              /* the latest time of those passed on */
	int link;                    /* of its frames */
};

struct merge {
	event_sink sink;
	void *arg;
	struct input *inputs;
	size_t ninputs;
	int captures; /* numbers given */
	size_t capture_files;
	struct twins *twins; /* with two capture files */
	uint64_t packets;
	bool alone; /* there is one input */
	bool stop;  /* whoever takes frames has enough */
	char error[SOURCE_ERROR];
};

struct merge *
merge_new(size_t inputs, event_sink sink, void *arg)
{
	struct merge *m = must_calloc(1, sizeof(*m));

	m->alone = inputs == 1;
	m->sink = sink;
	m->arg = arg;
	return m;
}

void
merge_free(struct merge *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->ninputs; i++) {
		source_close(m->inputs[i].source);
		free(m->inputs[i].numbers);
	}
	twins_free(m->twins);
	free(m->inputs);
	free(m);
}

static void
bad_line(struct input *in, const char *error)
{
	if (in->bad_lines++ < BAD_LINES_SHOWN)
		message("%s:%" PRIu64 ": %s; the line is passed over", in->path,
		    source_desc(in->source)->line, error);
}

static void
bad_lines_end(const struct input *in)
{
	if (in->bad_lines > BAD_LINES_SHOWN)
		message("%s: %" PRIu64 " lines in all were passed over",
		    in->path, in->bad_lines);
}

static void
count_frame(struct input *in)
{
	struct ev_capture_end *c = &in->count;

	if (c->packets == 0 || in->frame.time < c->first)
		c->first = in->frame.time;
	if (c->packets == 0 || in->frame.time > c->last)
		c->last = in->frame.time;
	c->packets++;
	c->bytes += in->frame.len;
	in->link = in->frame.link;
	in->time = in->frame.time;
}

/*
 * Our number for capture NUMBER of event file IN.  False when there are too
 * many.
 */
static bool
renumber(struct merge *m, struct input *in, int number, int *ours)
{
	size_t n = (size_t)number + 1, i;

	*ours = number;
	if (number < 0)
		return true;
	if (n > in->nnumbers) {
		in->numbers = must_realloc(in->numbers, n,
		    sizeof(*in->numbers));
		for (i = in->nnumbers; i < n; i++)
			in->numbers[i] = -1;
		in->nnumbers = n;
	}
	if (in->numbers[number] < 0) {
		if (m->captures == EVENT_CAPTURES)
			return false;
		in->numbers[number] = m->captures++;
	}
	*ours = in->numbers[number];
	return true;
}

static void
advance_event(struct merge *m, struct input *in)
{
	if (!renumber(m, in, in->event.ref.capture, &in->event.ref.capture)) {
		bad_line(in, "too many captures");
		in->event.kind = EV_NONE;
	}
	if (!m->alone && in->event.flow != 0) {
		in->event.flow &= (UINT64_C(1) << FLOW_BITS) - 1;
		in->event.flow |= (uint64_t)(in->index + 1) << FLOW_BITS;
	}
	/* What has no time of its own stays behind what came before. */
	if (in->event.ref.time != 0)
		in->time = in->event.ref.time;
}

static void
advance_end(struct merge *m, struct input *in)
{
	if (in->kind == SOURCE_DAMAGED) {
		message("%s: damaged, read as far as it goes: %s", in->path,
		    m->error);
		in->count.damaged = 1;
	}
	bad_lines_end(in);
}

/* Looks at what comes next of an input. */
static void
advance(struct merge *m, struct input *in)
{
	while ((in->kind = source_next(in->source, &in->frame, &in->event,
		    m->error)) == SOURCE_SKIPPED)
		bad_line(in, m->error);
	if (in->kind == SOURCE_FRAME)
		count_frame(in);
	else if (in->kind == SOURCE_EVENT)
		advance_event(m, in);
	else
		advance_end(m, in);
}

/* PATH as text of an event: valid UTF-8.  The caller frees it. */
static char *
path_text(const char *path)
{
	char *text = must_calloc(4 * strlen(path) + 1, 1), *o = text;
	size_t len = strlen(path), n;
	uint32_t code;

	for (; len > 0; path += n, len -= n) {
		n = utf8_char(path, len, &code);
		if (n == 0) {
			n = 1;
			o += sprintf(o, "\\x%02x", (unsigned)(uint8_t)*path);
		} else {
			memcpy(o, path, n);
			o += n;
		}
	}
	return text;
}

static void
begin_capture(struct merge *m, struct input *in)
{
	const char *format = source_desc(in->source)->format;
	char *path = path_text(in->path);
	struct event ev;

	in->capture = m->captures++;
	event_init(&ev, EV_capture);
	ev.ref.capture = in->capture;
	ev.u.capture.path = (struct str){ path, strlen(path) };
	ev.u.capture.format = (struct str){ format, strlen(format) };
	ev.u.capture.first = 1;
	m->sink(m->arg, &ev);
	free(path);
	if (++m->capture_files == 2)
		m->twins = twins_new();
}

/*
 * The captures that an event file begins with come before the next input is
 * looked at: they are numbered in the order of the command line.
 */
static void
begin_events(struct merge *m, struct input *in)
{
	while (in->kind == SOURCE_EVENT && in->event.kind == EV_capture) {
		m->sink(m->arg, &in->event);
		advance(m, in);
	}
}

bool
merge_add(struct merge *m, const char *path)
{
	char error[SOURCE_ERROR];
	struct source *source = source_open(path, m->captures, error);
	struct input *in;

	if (source == NULL) {
		message("%s: %s", path, error);
		return false;
	}
	m->inputs = must_realloc(m->inputs, m->ninputs + 1, sizeof(*m->inputs));
	in = &m->inputs[m->ninputs++];
	*in = (struct input){ .source = source, .path = path };
	in->index = (uint16_t)(m->ninputs % 32767);
	in->events = strncmp(source_desc(source)->format, "events", 6) == 0;
	if (!in->events)
		begin_capture(m, in);
	advance(m, in);
	if (in->events)
		begin_events(m, in);
	return true;
}

static struct input *
earliest(const struct merge *m)
{
	struct input *best = NULL, *in;

	for (in = m->inputs; in < m->inputs + m->ninputs; in++)
		if ((in->kind == SOURCE_FRAME || in->kind == SOURCE_EVENT) &&
		    (best == NULL || in->time < best->time))
			best = in;
	return best;
}

void
merge_share(const struct merge *m, uint64_t *done, uint64_t *total)
{
	*done = *total = 0;
	for (size_t i = 0; i < m->ninputs; i++) {
		const struct source_desc *desc = source_desc(
		    m->inputs[i].source);

		*done += desc->offset;
		*total += desc->size;
	}
}

uint64_t
merge_packets(const struct merge *m)
{
	return m->packets;
}

static void
pass_frame(struct merge *m, struct input *in, merge_taker take, void *arg)
{
	if (m->twins != NULL && twins_seen(m->twins, &in->frame))
		in->count.duplicates++;
	else
		take(arg, &in->frame);
}

/* No memory for more: what is left of the inputs is not read. */
static void
stopped(struct merge *m)
{
	for (struct input *in = m->inputs; in < m->inputs + m->ninputs; in++)
		if (in->kind == SOURCE_FRAME || in->kind == SOURCE_EVENT)
			in->count.damaged = 1;
	message("out of memory after %" PRIu64 " packets: the report holds "
		"what was found in them; --memory SIZE sets the limit",
	    m->packets);
}

static void
pass(struct merge *m, struct input *in, merge_taker take, void *arg)
{
	m->packets++;
	if (in->kind == SOURCE_FRAME) {
		pass_frame(m, in, take, arg);
		if (in->frame.time > in->passed)
			in->passed = in->frame.time;
	} else if (in->event.kind != EV_NONE)
		m->sink(m->arg, &in->event);
	in->kind = SOURCE_END; /* while a pipe lets us wait, nothing is next */
	if (!m->stop)
		advance(m, in);
}

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

enum merge_state
merge_step(struct merge *m, merge_taker take, void *arg, int64_t budget)
{
	int64_t end = now() + budget;
	struct input *in;

	for (unsigned n = 1; !m->stop && (in = earliest(m)) != NULL; n++) {
		if (memory_short()) {
			stopped(m);
			return MERGE_STOPPED;
		}
		pass(m, in, take, arg);
		if (n % LOOK_EVERY == 0 && now() >= end)
			return MERGE_MORE;
	}
	return MERGE_END;
}

void
merge_stop(struct merge *m)
{
	m->stop = true;
}

static void
to_dissector(void *d, const struct frame *f)
{
	dissect_frame(d, f);
}

bool
merge_read(struct merge *m, struct dissector *d)
{
	uint64_t done, total;
	struct input *in;

	while ((in = earliest(m)) != NULL && !memory_short()) {
		/* Summed up only now and then: there may be many inputs. */
		if (m->packets % 1024 == 0) {
			merge_share(m, &done, &total);
			progress_update(done, total, m->packets);
		}
		pass(m, in, to_dissector, d);
	}
	progress_clear();
	if (in != NULL)
		stopped(m);
	return in == NULL;
}

static bool
read_link(const struct input *in, const struct dissect_quality *q)
{
	const char *name = source_link_name(in->link);

	if (q->unread_link_types == 0 ||
	    q->unread_link_types + q->duplicates +
		    (uint64_t)in->count.duplicates <
		(uint64_t)in->count.packets)
		return true;
	message("%s: packets of link type %s (%d) are not read", in->path,
	    name == NULL ? "unknown" : name, in->link);
	return false;
}

static void
count_capture(const struct input *in, const struct dissector *d,
    event_sink sink, void *arg)
{
	const struct dissect_quality *q = dissect_quality(d, in->capture);
	struct ev_capture_end *c;
	struct event ev;

	event_init(&ev, EV_capture_end);
	ev.ref.capture = in->capture;
	ev.ref.time = in->count.last;
	c = &ev.u.capture_end;
	*c = in->count;
	if (in->kind == SOURCE_FRAME) { /* looked at, not passed on */
		c->packets--;
		c->bytes -= in->frame.len;
		c->first = c->packets == 0 ? 0 : c->first;
		ev.ref.time = c->last = in->passed;
	}
	c->frames_short = (int64_t)q->frames_short;
	c->tcp_gaps = (int64_t)q->tcp_gaps;
	c->malformed = (int64_t)q->malformed;
	c->unread_link_types = (int64_t)q->unread_link_types;
	c->fragments_lost = (int64_t)q->fragments_lost;
	c->duplicates += (int64_t)q->duplicates;
	c->flows_dropped = (int64_t)q->flows_dropped;
	sink(arg, &ev);
}

void
merge_count(const struct merge *m, const struct dissector *d, event_sink sink,
    void *arg)
{
	for (size_t i = 0; i < m->ninputs; i++)
		if (!m->inputs[i].events)
			count_capture(&m->inputs[i], d, sink, arg);
}

bool
merge_finish(struct merge *m, const struct dissector *d)
{
	bool ok = true;

	merge_count(m, d, m->sink, m->arg);
	for (struct input *in = m->inputs; in < m->inputs + m->ninputs; in++)
		if (!in->events)
			ok &= read_link(in, dissect_quality(d, in->capture));
	return ok;
}
