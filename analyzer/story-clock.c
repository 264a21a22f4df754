/*
 * story-clock.c - the clock of the host that captures was set, or stood still
 * while the host slept.
 *
 * No distance in time across that means anything: what still waits ends as
 * what was not seen to its end, never as a failure or a silence.  What had
 * its last word keeps it.
 */
#include "story-tell.h"

static bool
has_ended(const struct stories *st, const struct tale *t)
{
	if (t->timer == TIMER_ANSWER)
		return true;
	return tale_has_failed(st, t);
}

static void
end_all(struct stories *st)
{
	struct tale *t;

	while ((t = (struct tale *)st->tales.oldest) != NULL) {
		t->cut = !has_ended(st, t);
		tale_end(st, t);
	}
}

void
stories_clock_set(struct stories *st, int64_t now, int64_t shift)
{
	struct client *c;
	struct node *n;

	end_all(st);
	while (st->knocks.oldest != NULL)
		knock_drop(st, (struct knock *)st->knocks.oldest);
	for (n = st->clients.oldest; n != NULL; n = n->newer) {
		c = (struct client *)n;
		story_search_forget(st, c);
		story_dns_forget(st, c);
		c->kdc_asked = c->let_in = 0;
		c->last += shift;
	}
	st->now = now;
}
