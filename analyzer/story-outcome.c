/*
 * story-outcome.c - what came of a story in the end: ok, broken,
 * degraded, unseen.
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

/* The attempt with which the story ended well; NULL when it did not. */
static const struct attempt *
last_word(const struct story *s)
{
	const struct attempt *a, *last = NULL;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->answer == ANSWER_OK)
			last = a;
	if (last == NULL && s->nattempts > 0)
		last = &s->attempts[s->nattempts - 1];
	return last;
}

/* Whether Kerberos was asked for this service, or was refused a TGT. */
static bool
kerberos_was_tried(const struct story *s)
{
	size_t i;

	for (i = 0; i < s->nattempts; i++)
		if (s->attempts[i].mech == MECH_KRB5)
			return true;
	for (i = 0; i < s->nexchanges; i++)
		if (s->exchanges[i].kind == EXCHANGE_TGS ||
		    s->exchanges[i].answer == ANSWER_ERROR)
			return true;
	for (i = 0; i < s->ncontacts; i++)
		if (strcmp(s->contacts[i].carrier, "kdc") == 0 &&
		    story_reach_failed(s, &s->contacts[i]))
			return true;
	return false;
}

/*
 * What a failure cost: from its answer to the next thing tried.  What a
 * client waits for while its user types a password is no cost.
 */
static int64_t
cost_of_failures(const struct story *s)
{
	const struct exchange *x = s->exchanges;
	int64_t cost = 0, next;
	size_t i;

	for (i = 0; i < s->nexchanges; i++) {
		if (x[i].answer != ANSWER_ERROR)
			continue;
		next = i + 1 < s->nexchanges ? x[i + 1].req.time :
		    s->nattempts > 0         ? s->attempts[0].req.time :
					       0;
		if (next > x[i].rep.time)
			cost += next - x[i].rep.time;
	}
	for (i = 0; i + 1 < s->nattempts; i++)
		if (s->attempts[i].answer == ANSWER_ERROR &&
		    s->attempts[i + 1].req.time > s->attempts[i].rep.time)
			cost += s->attempts[i + 1].req.time -
			    s->attempts[i].rep.time;
	return cost;
}

/* What was spent waiting for answers. */
static int64_t
cost_of_waiting(const struct story *s)
{
	int64_t cost = 0;
	size_t i;

	for (i = 0; i < s->nexchanges; i++)
		if (s->exchanges[i].rep.time > s->exchanges[i].req.time)
			cost += s->exchanges[i].rep.time -
			    s->exchanges[i].req.time;
	for (i = 0; i < s->nattempts; i++)
		if (s->attempts[i].rep.time > s->attempts[i].req.time)
			cost += s->attempts[i].rep.time -
			    s->attempts[i].req.time;
	return cost;
}

static enum outcome
worked(const struct story *s)
{
	int64_t failures = cost_of_failures(s);

	if (failures > STORY_SLOW_RETRY ||
	    story_reach_cost(s) > STORY_SLOW_RETRY ||
	    failures + cost_of_waiting(s) > STORY_SLOW)
		return OUTCOME_DEGRADED;
	return OUTCOME_OK;
}

static enum outcome
outcome_of_service(const struct story *s)
{
	const struct attempt *a = last_word(s);

	if (a == NULL)
		return OUTCOME_UNSEEN;
	switch (a->answer) {
	case ANSWER_OK:
		if (a->mech == MECH_NTLM && kerberos_was_tried(s))
			return OUTCOME_DEGRADED;
		return worked(s);
	case ANSWER_ERROR:
		return OUTCOME_BROKEN;
	default:
		return story_reach_nobody(s) ? OUTCOME_BROKEN : OUTCOME_UNSEEN;
	}
}

/*
 * A client that only knocked.  One at whose SYNs a whole network stays silent
 * is a scanner, or has no network: nothing is known of a log-on.
 */
static enum outcome
outcome_of_knocks(const struct story *s)
{
	if (s->ncontacts == STORY_MAX_CONTACTS || !story_reach_nobody(s))
		return OUTCOME_UNSEEN;
	return OUTCOME_BROKEN;
}

bool
story_is_nothing(const struct story *s)
{
	return s->nexchanges == 0 && s->nattempts == 0 && s->ncontacts > 0 &&
	    s->outcome == OUTCOME_UNSEEN;
}

/* A TGT forwarded, renewed or validated. */
static bool
is_housekeeping(const struct exchange *x)
{
	return (x->options & (KDC_FORWARDED | KDC_RENEW | KDC_VALIDATE)) != 0 &&
	    !x->s4u2self && !x->s4u2proxy && !x->u2u && x->sname != NULL &&
	    strncasecmp(x->sname, "krbtgt/", 7) == 0;
}

/*
 * The exchange that decides a story which reached no service.  A TGT that is
 * forwarded on the way decides nothing, unless that is all there was.
 */
static const struct exchange *
deciding_exchange(const struct story *s)
{
	const struct exchange *x;
	size_t i;

	for (i = s->nexchanges; i-- > 0;) {
		x = &s->exchanges[i];
		if (!is_housekeeping(x) || (x->options & KDC_FORWARDED) == 0)
			return x;
	}
	return &s->exchanges[s->nexchanges - 1];
}

static enum outcome
outcome_of_kdc(const struct tale *t)
{
	const struct story *s = &t->s;
	const struct exchange *x;

	if (s->nexchanges == 0)
		return outcome_of_knocks(s);
	x = deciding_exchange(s);
	if (x->answer == ANSWER_ERROR || story_reach_nobody(s))
		return OUTCOME_BROKEN;
	if (story_changes_password(s))
		return OUTCOME_BROKEN;
	if (x->answer != ANSWER_OK)
		return OUTCOME_UNSEEN;
	if (x->kind == EXCHANGE_AS || is_housekeeping(x))
		return worked(s);
	return OUTCOME_UNSEEN;
}

/* What the rules need not look for. */
static void
note_errors(struct story *s)
{
	const struct exchange *x;

	s->lacks_error = s->lacks_refusal = UINT64_MAX;
	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++) {
		s->lacks_error &= ~story_code_bit(x->error);
		if (x->answer == ANSWER_ERROR)
			s->lacks_refusal &= ~story_code_bit(x->error);
	}
}

void
story_conclude(struct tale *t)
{
	note_errors(&t->s);
	if (strcmp(t->s.carrier, "dns") == 0)
		t->s.outcome = OUTCOME_BROKEN;
	else if (t->s.nattempts > 0)
		t->s.outcome = outcome_of_service(&t->s);
	else
		t->s.outcome = outcome_of_kdc(t);
	if (t->s.outcome == OUTCOME_OK &&
	    (t->dns_again > STORY_SLOW_RETRY || t->dns_late > STORY_SLOW))
		t->s.outcome = OUTCOME_DEGRADED;
	if (t->cut && t->s.outcome == OUTCOME_BROKEN)
		t->s.outcome = OUTCOME_UNSEEN;
	if (t->s.spn == NULL && !t->service && t->s.nexchanges > 0) {
		t->s.spn = t->s.exchanges[0].sname;
		t->s.realm = t->s.exchanges[0].realm;
	}
}
