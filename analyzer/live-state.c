/*
 * live-state.c - what changes besides findings: interfaces go down and come
 * back, packets are dropped, the clock is set.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "live-inside.h"
#include "text.h"

#define DROPS_EVERY (60 * SECOND) /* real time; the first at once */

void
live_started(struct live *l)
{
	char *text = text_printf("kerbscope %s %s%s%s; times are UTC",
	    l->sensor == NULL ? "reads" : "listens on", feed_what(l->feed),
	    l->user == NULL ? "" : " as user ", l->user == NULL ? "" : l->user);
	struct state_note n = { .state = STATE_STARTED,
		.text = text,
		.what = feed_what(l->feed) };

	if (l->sensor != NULL)
		l->now = sensor_now(l->sensor);
	live_state(l, &n);
	free(text);
	if (l->lines != LINES_NONE)
		fflush(stdout);
}

void
live_stopped(struct live *l)
{
	struct state_note n = { .state = STATE_STOPPED,
		.text = l->result->verdict,
		.result = l->result };

	live_state(l, &n);
}

static void
face_changed(struct live *l, size_t i, const struct sensor_face *f)
{
	char text[SAY_FACE];
	struct state_note n = { .state = STATE_INTERFACE,
		.interface = f->name,
		.up = f->up,
		.because = f->up ? NULL : f->trouble };

	l->faces[i].up = f->up;
	n.text = say_face(f, text);
	live_state(l, &n);
}

static void
face_dropped(struct live *l, size_t i, const struct sensor_face *f)
{
	struct face_told *t = &l->faces[i];
	struct state_note n = { .state = STATE_DROPS, .interface = f->name };
	char *text;

	n.dropped = f->dropped + f->missed;
	text = text_printf("%s: %" PRIu64 " packets were dropped so far, "
			   "%" PRIu64 " by the kernel, %" PRIu64
			   " by the interface",
	    f->name, n.dropped, f->dropped, f->missed);
	n.text = text;
	t->dropped = n.dropped;
	t->drops_at = live_clock();
	live_state(l, &n);
	free(text);
}

bool
live_faces(struct live *l)
{
	const struct sensor_face *f;
	bool changed = false;
	size_t i;

	if (l->sensor == NULL)
		return false;
	for (i = 0; (f = sensor_face(l->sensor, i)) != NULL; i++) {
		struct face_told *t = &l->faces[i];

		if (f->up != t->up) {
			face_changed(l, i, f);
			changed = true;
		}
		if (f->dropped + f->missed > t->dropped &&
		    (t->dropped == 0 ||
			live_clock() - t->drops_at >= DROPS_EVERY)) {
			face_dropped(l, i, f);
			changed = true;
		}
	}
	return changed;
}

void
live_clock_look(struct live *l)
{
	int64_t shift = sensor_clock_shift(l->sensor);
	struct state_note n = { .state = STATE_CLOCK, .shift = shift };
	struct event ev;
	char *text;

	if (shift == 0)
		return;
	dissect_clock_set(l->run.dissector, shift);
	event_init(&ev, EV_clock_set);
	ev.ref.time = sensor_now(l->sensor);
	ev.u.clock_set.shift = shift;
	run_event(&l->run, &ev);
	text = text_printf("the clock was set %s by %.3f s, or this machine "
			   "slept",
	    shift > 0 ? "forward" : "back",
	    (double)(shift > 0 ? shift : -shift) / 1e6);
	n.text = text;
	live_state(l, &n);
	free(text);
}
