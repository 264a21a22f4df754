/*
 * story-view.c - what open stories look like now, and what is kept of those
 * that end while they are shown.
 *
 * DESIGN 6: a finding may be shown before its story ends if what it rests on
 * cannot be undone by what may follow.  A ticket that was refused, or a "no"
 * of the KDC, has been said.  After a wrong or an expired password somebody may
 * be typing: what was refused stays refused, but programs that have another
 * password at hand (the machine's old one, that for NTLM) are given time to try
 * it.  That nobody answers is told when an answer would have come.
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "pool.h"
#include "story-tell.h"

#define LOOKED_AT 4096 /* open stories, for those to show */

/* --- which ------------------------------------------------------------ */

/* After these a client asks its user once more, and the story goes on. */
static bool
asks_again(const struct exchange *x)
{
	switch (x->error) {
	case KDC_ERR_PREAUTH_FAILED:
	case KDC_ERR_KEY_EXPIRED:
		return true;
	case KRB_AP_ERR_BAD_INTEGRITY:
		return x->kind == EXCHANGE_AS;
	default:
		return false;
	}
}

/* NTLM: what has nothing to do with what a user typed. */
static bool
is_state(int64_t status)
{
	switch (status) {
	case 0xc000006f: /* INVALID_LOGON_HOURS */
	case 0xc0000070: /* INVALID_WORKSTATION */
	case 0xc0000072: /* ACCOUNT_DISABLED */
	case 0xc000015b: /* LOGON_TYPE_NOT_GRANTED */
	case 0xc000018d: /* TRUSTED_RELATIONSHIP_FAILURE */
	case 0xc0000193: /* ACCOUNT_EXPIRED */
	case 0xc0000234: /* ACCOUNT_LOCKED_OUT */
		return true;
	default:
		return false;
	}
}

/* For how long nothing must follow a refusal of a ticket, or of NTLM. */
static int64_t
quiet_after_attempt(const struct attempt *a)
{
	if (a->answer != ANSWER_ERROR)
		return -1;
	return a->mech == MECH_KRB5 || is_state(a->status) ? VIEW_QUIET :
							     VIEW_QUIET_ASKED;
}

/* For how long nothing must follow what T was told last; -1: it goes on. */
static int64_t
quiet_of(const struct tale *t)
{
	const struct story *s = &t->s;
	const struct exchange *x;

	if (t->timer == TIMER_PROMPT)
		return story_changes_password(s) ? VIEW_QUIET_ASKED : -1;
	if (t->timer != TIMER_FAILURE)
		return -1;
	if (s->nattempts > 0)
		return quiet_after_attempt(&s->attempts[s->nattempts - 1]);
	if (s->nexchanges == 0)
		return -1;
	x = &s->exchanges[s->nexchanges - 1];
	if (x->answer != ANSWER_ERROR)
		return -1;
	return asks_again(x) ? VIEW_QUIET_ASKED : VIEW_QUIET;
}

bool
tale_has_failed(const struct stories *st, const struct tale *t)
{
	int64_t quiet;

	if (t->timer == TIMER_UNANSWERED)
		return story_reach_in_vain(st, t);
	quiet = quiet_of(t);
	return quiet >= 0 && st->now - t->armed >= quiet;
}

static int
id_compare(const void *a, const void *b)
{
	uint64_t x = (*(struct tale *const *)a)->s.id;
	uint64_t y = (*(struct tale *const *)b)->s.id;

	return (x > y) - (x < y);
}

size_t
stories_failing(const struct stories *st, struct tale **list, size_t most)
{
	static const enum timer timers[] = { TIMER_FAILURE, TIMER_UNANSWERED,
		TIMER_PROMPT };
	struct tale *t;
	size_t n = 0, looked, i;

	for (i = 0; i < sizeof(timers) / sizeof(timers[0]); i++)
		for (t = st->last[timers[i]], looked = 0;
		     t != NULL && n < most && looked < LOOKED_AT;
		     t = t->before) {
			if (st->now - t->s.start < VIEW_QUIET)
				continue;
			looked++;
			if (tale_has_failed(st, t))
				list[n++] = t;
		}
	if (n > 1)
		qsort(list, n, sizeof(struct tale *), id_compare);
	return n;
}

/* --- a copy ----------------------------------------------------------- */

/* A copy of LIST of N elements of SIZE octets, with room for ROOM. */
static void *
list_copy(const void *list, size_t n, size_t room, size_t size)
{
	void *copy = pool_zeroed(room * size);

	memcpy(copy, list, n * size);
	return copy;
}

#define LIST_COPY(list, n, room) \
	((n) == 0 ? (list) : list_copy(list, n, room, sizeof(*(list))))

struct tale *
tale_snapshot(struct stories *st, struct tale *t)
{
	struct tale *c = pool_zeroed(sizeof(*c));
	struct story *s = &c->s;

	*c = *t;
	memset(&c->mem, 0, sizeof(c->mem));
	c->opinion = NULL;
	t->shown = true;
	s->lookups = LIST_COPY(s->lookups, s->nlookups, s->nlookups);
	s->exchanges = LIST_COPY(s->exchanges, s->nexchanges, s->nexchanges);
	s->attempts = LIST_COPY(s->attempts, s->nattempts, s->nattempts);
	s->steps = LIST_COPY(s->steps, s->nsteps, tale_steps_room(t));
	s->contacts = LIST_COPY(s->contacts, s->ncontacts, s->ncontacts);
	story_reach_settle(st, c);
	story_dns_attach(st, c);
	story_conclude(c);
	c->client = NULL;
	return c;
}

/* --- graves ----------------------------------------------------------- */

void
tale_bury(struct stories *st, struct tale *t)
{
	if (!t->shown) {
		tale_free(t);
		return;
	}
	st->buried += tale_octets(t);
	t->after = st->graves;
	st->graves = t;
}

void
graves_clear(struct stories *st)
{
	struct tale *t;

	while ((t = st->graves) != NULL) {
		st->graves = t->after;
		tale_free(t);
	}
	st->buried = 0;
}
