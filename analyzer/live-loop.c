/*
 * live-loop.c - one turn after the other: what came in is read for some
 * milliseconds, time passes, a view is taken when one is due, and poll()
 * waits for the next of frames, keys, signals and questions for metrics.
 *
 * Files are looked at once a second of their own time, so that the same file
 * always gives the same lines; interfaces once a second of real time, less
 * often when a view takes long.
 */
#include <time.h>

#include "live-inside.h"
#include "memory.h"
#include "signals.h"

#define BUDGET (15 * SECOND / 1000) /* of one turn: a key may wait so long */
#define VIEW_EVERY SECOND
#define VIEW_SHARE 10    /* a view takes at most one part in so many */
#define VIEW_EVENTS 8192 /* of a file, within a second */
/* After the last packet all timers of a story have run by then. */
#define VIEW_UNTIL (STORY_PROMPT + 5 * SECOND)

#define FDS_MAX 64

int64_t
live_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND + ts.tv_nsec / 1000;
}

/* --- files, at packet time ----------------------------------------------- */

static void
file_view(struct live *l)
{
	dissect_time(l->run.dissector, l->next);
	engine_time(l->run.engine, l->next);
	l->now = l->next;
	live_view(l, VIEW_LATEST);
	l->next += VIEW_EVERY;
}

/* Packet time is T: the views that were due before it. */
static void
file_time(struct live *l, int64_t t)
{
	if (l->begun == 0) {
		l->begun = t;
		l->next = (t / VIEW_EVERY + 1) * VIEW_EVERY;
	}
	while (l->next <= t && l->next <= l->latest + VIEW_UNTIL)
		file_view(l);
	if (l->next <= t) { /* nothing was heard for long */
		l->next = t / VIEW_EVERY * VIEW_EVERY;
		file_view(l);
	}
	if (l->news >= VIEW_EVENTS)
		live_view(l, VIEW_LATEST);
	if (t > l->latest)
		l->latest = t;
	if (t > l->now)
		l->now = t;
	if (l->opt->duration != 0 && t - l->begun >= l->opt->duration)
		l->enough = true;
}

/* --- what comes in ------------------------------------------------------- */

static bool
is_paced(const struct live *l)
{
	return l->sensor != NULL || l->tui != NULL;
}

void
live_frame(void *arg, const struct frame *f)
{
	struct live *l = arg;

	if (l->enough && l->sensor == NULL)
		return;
	if (!is_paced(l))
		file_time(l, f->time);
	else
		l->now = f->time > l->now ? f->time : l->now;
	if (l->enough) {
		feed_stop(l->feed);
		return;
	}
	l->packets++;
	l->news++;
	if (l->evidence != NULL)
		evidence_frame(l->evidence, f);
	dissect_frame(l->run.dissector, f);
	if (l->opt->packets != 0 && l->packets >= l->opt->packets) {
		l->enough = true;
		feed_stop(l->feed);
	}
}

void
live_event(void *arg, const struct event *ev)
{
	struct live *l = arg;

	if (ev->ref.time != 0 && !l->over) {
		if (!is_paced(l))
			file_time(l, ev->ref.time);
		else if (ev->ref.time > l->now)
			l->now = ev->ref.time;
	}
	if (l->enough && !l->over && l->sensor == NULL && l->feed != NULL) {
		feed_stop(l->feed);
		return;
	}
	l->news++;
	run_event(&l->run, ev);
}

/* --- time ---------------------------------------------------------------- */

/* Also when nothing comes, time passes. */
static void
pass_time(struct live *l)
{
	int64_t now;

	if (l->sensor == NULL || l->over)
		return;
	live_clock_look(l);
	now = sensor_now(l->sensor);
	dissect_time(l->run.dissector, now);
	engine_time(l->run.engine, now);
	if (now > l->now)
		l->now = now;
	if (live_faces(l))
		l->news++; /* the screen shows them, too */
	if (l->opt->duration != 0 &&
	    live_clock() - l->begun >= l->opt->duration)
		l->enough = true;
}

/* Whether a view may show something that the latest did not. */
static bool
is_news(const struct live *l, int64_t real)
{
	return !l->over && (l->news > 0 || real - l->latest < VIEW_UNTIL);
}

static void
paced_view(struct live *l)
{
	int64_t real = live_clock(), cost;

	if (l->news > 0)
		l->latest = real;
	if (real < l->next || !is_news(l, real))
		return;
	live_view(l, VIEW_LATEST);
	real += cost = live_clock() - real;
	cost *= VIEW_SHARE - 1;
	l->next = real + (cost > VIEW_EVERY ? cost : VIEW_EVERY);
}

/* --- waiting ------------------------------------------------------------- */

/* Of two waits in milliseconds, the shorter; -1 is for ever. */
static int
sooner(int a, int64_t b)
{
	if (b < 0)
		return a;
	if (b > 60 * 1000)
		b = 60 * 1000;
	return a < 0 || b < a ? (int)b : a;
}

/* DUE is what feed_step() said. */
static int
wait_of(const struct live *l, int64_t due)
{
	int64_t real = live_clock();
	int wait = -1;

	if (due >= 0)
		wait = sooner(wait, (due + 999) / 1000);
	if (l->sensor != NULL) /* interfaces, clock, --duration */
		wait = sooner(wait, 1000);
	if (is_paced(l) && is_news(l, real))
		wait = sooner(wait,
		    l->next <= real ? 0 : (l->next - real + 999) / 1000);
	return wait;
}

struct waiting {
	struct pollfd fds[FDS_MAX];
	size_t n;
	struct pollfd *keys; /* or NULL */
};

/* Whether FD (-1: none) can be read then. */
static bool
wait_poll(struct live *l, int wait, int fd)
{
	struct waiting w = { .n = 2 };
	int more = -1;

	w.fds[0] = signals_poll();
	w.fds[1] = (struct pollfd){ .fd = fd, .events = POLLIN };
	if (l->tui != NULL) {
		w.keys = &w.fds[w.n++];
		*w.keys = (struct pollfd){ .fd = 0, .events = POLLIN };
		wait = sooner(wait, live_tui_draw(l));
	}
	if (!l->over && l->feed != NULL)
		w.n += feed_poll(l->feed, w.fds + w.n, FDS_MAX - w.n);
	if (l->metrics != NULL) {
		w.n += metrics_poll(l->metrics, w.fds + w.n, FDS_MAX - w.n,
		    &more);
		wait = sooner(wait, more);
	}
	(void)poll(w.fds, w.n, wait);
	if (l->metrics != NULL)
		metrics_run(l->metrics);
	if (w.keys != NULL && w.keys->revents != 0)
		live_tui_input(l);
	return w.fds[1].revents != 0;
}

static void
take_signals(struct live *l)
{
	unsigned what = signals_take();

	if ((what & SIGNAL_REOPEN) != 0 && l->log != NULL)
		logfile_reopen(l->log);
	if ((what & SIGNAL_WINDOW) != 0)
		live_tui_input(l);
	if ((what & SIGNAL_REPORT) != 0 && l->feed != NULL) {
		if (!l->over)
			live_view(l, VIEW_WHOLE);
		live_report(l, l->tui == NULL);
	}
	if ((what & SIGNAL_END) != 0)
		l->enough = true;
}

/* A pipe lets us wait, but signals, keys and whoever else asks do not. */
bool
live_wait(void *arg, int fd)
{
	struct live *l = arg;

	do {
		take_signals(l);
		if (l->enough || live_tui_over(l))
			return false;
		if (is_paced(l) && l->feed != NULL)
			paced_view(l);
	} while (!wait_poll(l, wait_of(l, -1), fd));
	return true;
}

static int64_t
take_feed(struct live *l)
{
	int64_t due;

	if (l->over)
		return -1;
	due = feed_step(l->feed, BUDGET);
	if (due == FEED_STOPPED || memory_short()) {
		run_worsen(&l->run, STATUS_FAILED);
		l->enough = due == FEED_STOPPED || l->sensor != NULL;
	}
	return due;
}

void
live_loop(struct live *l)
{
	int64_t due;

	if (is_paced(l))
		l->begun = live_clock();
	for (;;) {
		take_signals(l);
		due = l->enough ? -1 : take_feed(l);
		live_tui_input(l); /* what follows may take some time */
		pass_time(l);
		if (is_paced(l))
			paced_view(l);
		if (due == FEED_OVER)
			live_end(l);
		if (l->enough || (l->over && l->tui == NULL) ||
		    live_tui_over(l))
			break;
		wait_poll(l, wait_of(l, due), -1);
	}
}
