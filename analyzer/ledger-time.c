/*
 * ledger-time.c - whether the times of a capture can be trusted.
 *
 * The clock of a capturing host may be set while it captures, and files are
 * joined end to end: its times go back then, and the clocks of hosts have two
 * distances to it, neither of which means anything.  Tools that take the
 * times out for privacy leave one time in all packets: the order is that of
 * the frames then, and clocks say nothing.
 */
#include <stdlib.h>

#include "ledger-store.h"

/* Merged queues and interfaces are not in order, by less than this. */
#define SET_BACK (60 * SECOND)
/* So many frames at one moment are no burst. */
#define STILL 16
#define CAPTURES_MAX 4096

struct capture_time {
	bool begun, still, set_back;
	struct ref first, latest; /* by the number of the frame */
};

static inline struct capture_time *
time_get(struct ledger *l, int capture)
{
	size_t n = capture < 0 || capture >= CAPTURES_MAX ? 0 : (size_t)capture;

	while (n >= l->ntimes) {
		l->times = must_realloc(l->times, l->ntimes + 1,
		    sizeof(*l->times));
		l->times[l->ntimes++] = (struct capture_time){ 0 };
	}
	return &l->times[n];
}

/*
 * What is told late has an old time: an end, a loss, and messages that waited
 * for a lost segment, which have an old frame too.
 */
static bool
is_prompt(const struct event *ev, const struct capture_time *c)
{
	return ev->kind != EV_conn && ev->kind != EV_lost &&
	    ev->ref.frame > c->latest.frame;
}

static bool
stands_still(const struct capture_time *c)
{
	return c->begun && c->still &&
	    c->latest.frame - c->first.frame >= STILL;
}

int64_t
ledger_time(struct ledger *l, const struct event *ev)
{
	struct capture_time *c = time_get(l, ev->ref.capture);
	const struct ref *r = &ev->ref;

	if (!c->begun) {
		c->begun = c->still = true;
		c->first = c->latest = *r;
	}
	if (r->time != c->first.time)
		c->still = false;
	if (is_prompt(ev, c)) {
		if (r->time < c->latest.time - SET_BACK && !c->set_back) {
			c->set_back = true;
			ledger_clock_forget(l, r->capture);
		}
		c->latest = *r;
	}
	if (!stands_still(c) || r->frame < c->first.frame)
		return r->time;
	return r->time + (int64_t)(r->frame - c->first.frame);
}

bool
ledger_time_known(const struct ledger *l, int capture)
{
	const struct capture_time *c;

	if (capture < 0 || (size_t)capture >= l->ntimes)
		return true;
	c = &l->times[capture];
	return !c->set_back && !stands_still(c);
}

void
ledger_time_set(struct ledger *l, int64_t shift)
{
	size_t i;

	for (i = 0; i < l->ntimes; i++) {
		l->times[i].first.time += shift;
		l->times[i].latest.time += shift;
	}
}

void
ledger_time_begin(struct ledger *l, int capture)
{
	*time_get(l, capture) = (struct capture_time){ 0 };
}

size_t
ledger_times_unknown(const struct ledger *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->ntimes; i++)
		n += !ledger_time_known(l, (int)i);
	return n;
}

size_t
ledger_time_settle(struct ledger *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->ntimes; i++)
		if (!ledger_time_known(l, (int)i)) {
			ledger_clock_forget(l, (int)i);
			n++;
		}
	return n;
}
