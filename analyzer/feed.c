/*
 * feed.c - capture files and interfaces, as one thing that gives frames.
 */
#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "table.h"
#include "text.h"

struct feed {
	struct feed_sink sink;
	struct merge *merge;   /* of files, or NULL */
	struct sensor *sensor; /* of interfaces, or NULL */
	char *what;
};

/* --- files --------------------------------------------------------------- */

const char *
feed_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(path, "-") == 0)
		return "standard input";
	return slash == NULL || slash[1] == '\0' ? path : slash + 1;
}

static char *
what_of(const char *first, size_t n)
{
	if (n == 1)
		return text_printf("%s", first);
	return text_printf("%s and %zu other%s", first, n - 1,
	    n == 2 ? "" : "s");
}

struct feed *
feed_files(char *const *paths, size_t n, const struct feed_sink *sink,
    int *status)
{
	struct feed *f = must_calloc(1, sizeof(*f));
	const char *first = NULL;
	size_t good = 0;

	f->sink = *sink;
	f->merge = merge_new(n, sink->event, sink->arg);
	for (size_t i = 0; i < n; i++) {
		if (!merge_add(f->merge, paths[i])) {
			*status = 2;
			continue;
		}
		if (good++ == 0)
			first = feed_base(paths[i]);
	}
	if (good == 0) {
		feed_free(f);
		return NULL;
	}
	f->what = what_of(first, good);
	return f;
}

static int64_t
step_files(struct feed *f, int64_t budget)
{
	switch (merge_step(f->merge, f->sink.frame, f->sink.arg, budget)) {
	case MERGE_MORE:
		return 0;
	case MERGE_END:
		return FEED_OVER;
	default:
		return FEED_STOPPED;
	}
}

/* --- interfaces ---------------------------------------------------------- */

static void
begin_face(const struct feed *f, size_t i, const struct sensor_face *face)
{
	struct event ev;

	event_init(&ev, EV_capture);
	ev.ref.capture = (int)i;
	ev.u.capture.path = (struct str){ face->name, strlen(face->name) };
	ev.u.capture.format = (struct str){ "interface", 9 };
	ev.u.capture.first = 1;
	f->sink.event(f->sink.arg, &ev);
}

struct feed *
feed_sensor(struct sensor *s, const struct feed_sink *sink)
{
	struct feed *f = must_calloc(1, sizeof(*f));
	const struct sensor_face *face;
	size_t n;

	f->sink = *sink;
	f->sensor = s;
	for (n = 0; (face = sensor_face(s, n)) != NULL; n++)
		begin_face(f, n, face);
	f->what = what_of(sensor_face(s, 0)->name, n);
	return f;
}

static void
count_face(size_t i, const struct sensor_face *face, const struct dissector *d,
    event_sink sink, void *arg)
{
	const struct dissect_quality *q = dissect_quality(d, (int)i);
	struct ev_capture_end *x;
	struct event ev;

	event_init(&ev, EV_capture_end);
	ev.ref.capture = (int)i;
	ev.ref.time = face->last;
	x = &ev.u.capture_end;
	x->packets = (int64_t)face->packets;
	x->bytes = (int64_t)face->bytes;
	x->first = face->first;
	x->last = face->last;
	x->frames_short = (int64_t)q->frames_short;
	x->tcp_gaps = (int64_t)q->tcp_gaps;
	x->malformed = (int64_t)q->malformed;
	x->unread_link_types = (int64_t)q->unread_link_types;
	x->fragments_lost = (int64_t)q->fragments_lost;
	x->duplicates = (int64_t)q->duplicates;
	x->flows_dropped = (int64_t)q->flows_dropped;
	x->dropped_by_kernel = (int64_t)(face->dropped + face->missed);
	sink(arg, &ev);
}

static void
count_faces(const struct feed *f, const struct dissector *d, event_sink sink,
    void *arg)
{
	const struct sensor_face *face;

	for (size_t i = 0; (face = sensor_face(f->sensor, i)) != NULL; i++)
		count_face(i, face, d, sink, arg);
}

/* --- both ---------------------------------------------------------------- */

int64_t
feed_step(struct feed *f, int64_t budget)
{
	if (f->merge != NULL)
		return step_files(f, budget);
	return sensor_step(f->sensor, f->sink.frame, f->sink.arg, budget);
}

void
feed_stop(struct feed *f)
{
	if (f->merge != NULL)
		merge_stop(f->merge);
}

size_t
feed_poll(const struct feed *f, struct pollfd *fds, size_t max)
{
	return f->sensor == NULL ? 0 : sensor_poll(f->sensor, fds, max);
}

const char *
feed_what(const struct feed *f)
{
	return f->what;
}

int
feed_share(const struct feed *f)
{
	uint64_t done, total;

	if (f->merge == NULL)
		return -1;
	merge_share(f->merge, &done, &total);
	if (total == 0 || done > total)
		return -1;
	return (int)((double)done * 100 / (double)total);
}

uint64_t
feed_dropped(const struct feed *f)
{
	const struct sensor_face *face;
	uint64_t n = 0;

	if (f->sensor == NULL)
		return 0;
	for (size_t i = 0; (face = sensor_face(f->sensor, i)) != NULL; i++)
		n += face->dropped + face->missed;
	return n;
}

static void
add_gaps(void *sum, const struct event *ev)
{
	*(uint64_t *)sum += (uint64_t)ev->u.capture_end.tcp_gaps;
}

uint64_t
feed_gaps(const struct feed *f, const struct dissector *d)
{
	uint64_t sum = 0;

	feed_count(f, d, add_gaps, &sum);
	return sum;
}

void
feed_count(const struct feed *f, const struct dissector *d, event_sink sink,
    void *arg)
{
	if (f->merge != NULL)
		merge_count(f->merge, d, sink, arg);
	else
		count_faces(f, d, sink, arg);
}

bool
feed_end(struct feed *f, struct dissector *d)
{
	if (f->sensor != NULL)
		sensor_stop(f->sensor, f->sink.frame, f->sink.arg);
	dissect_finish(d);
	if (f->merge != NULL)
		return merge_finish(f->merge, d);
	count_faces(f, d, f->sink.event, f->sink.arg);
	return true;
}

void
feed_free(struct feed *f)
{
	if (f == NULL)
		return;
	merge_free(f->merge);
	free(f->what);
	free(f);
}
