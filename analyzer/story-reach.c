/*
 * story-reach.c - what it means for a story that ports of KDCs and password
 * services were not found: pure questions of a finished story.
 */
#include <string.h>

#include "story-tell.h"

/* --- what it means ---------------------------------------------------- */

/* An answer in pieces was none when its client asked once more. */
static bool
asked_after(const struct story *s, const struct ref *ref)
{
	size_t i;

	for (i = 0; i < s->ncontacts; i++)
		if (s->contacts[i].last.time > ref->time)
			return true;
	return false;
}

bool
story_reach_failed(const struct story *s, const struct contact *c)
{
	switch (c->reach) {
	case REACH_UNSEEN:
		return false;
	case REACH_ANSWERED:
		return story_mute(s, c) ||
		    (c->cut > 0 && c->answer.frame == 0 &&
			asked_after(s, &c->cut_ref));
	default:
		return true;
	}
}

/* The last question of S that was asked of anybody. */
struct question {
	int64_t asked;    /* contacts used from then on are its own */
	bool fresh;       /* only those begun since then */
	bool on_open;     /* over a connection, to ADDR: */
	struct addr addr; /* that was opened before */
};

static void
question_of(const struct story *s, struct question *q)
{
	const struct exchange *x;
	const struct attempt *a;

	memset(q, 0, sizeof(*q));
	if (s->nattempts > 0) {
		a = &s->attempts[s->nattempts - 1];
		q->fresh = a->answer != ANSWER_NONE;
		q->asked = q->fresh ? a->rep.time : a->req.time;
		q->addr = a->server;
	} else if (s->nexchanges > 0) {
		x = &s->exchanges[s->nexchanges - 1];
		q->fresh = x->answer != ANSWER_NONE;
		q->asked = q->fresh ? x->rep.time : x->req.time;
		q->addr = x->kdc;
		q->on_open = x->transport == TRANSPORT_TCP;
	}
	if (q->fresh)
		q->on_open = false;
}

static bool
is_of_question(const struct contact *c, const struct question *q)
{
	if (q->fresh)
		return c->first.time > q->asked;
	return c->last.time >= q->asked ||
	    (q->on_open && c->transport == TRANSPORT_TCP &&
		c->reach == REACH_ANSWERED && addr_equal(&c->addr, &q->addr));
}

bool
story_reach_nobody(const struct story *s)
{
	struct question q;
	bool failed = false;
	size_t i;

	question_of(s, &q);
	for (i = 0; i < s->ncontacts; i++) {
		if (!is_of_question(&s->contacts[i], &q))
			continue;
		if (!story_reach_failed(s, &s->contacts[i]))
			return false;
		failed = true;
	}
	return failed;
}

/* When somebody answered first, after TIME; 0: nobody did. */
static int64_t
answered_after(const struct story *s, int64_t time)
{
	const struct contact *c;
	int64_t first = 0;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (c->reach == REACH_ANSWERED && c->answer.frame != 0 &&
		    c->answer.time > time &&
		    (first == 0 || c->answer.time < first))
			first = c->answer.time;
	return first;
}

int64_t
story_reach_cost(const struct story *s)
{
	int64_t cost = 0, until = 0, from, answer;
	size_t i;

	for (i = 0; i < s->ncontacts; i++) {
		from = s->contacts[i].first.time;
		if (!story_reach_failed(s, &s->contacts[i]) || from < until)
			continue;
		answer = answered_after(s, from);
		if (answer == 0)
			break;
		cost += answer - from;
		until = answer;
	}
	return cost;
}

/* --- there again ------------------------------------------------------ */

/* Whom S asked at STEP; NULL: nobody. */
static const struct addr *
asked_at(const struct story *s, const struct ref *step)
{
	size_t i;

	for (i = 0; i < s->ncontacts; i++)
		if (s->contacts[i].first.frame == step->frame &&
		    s->contacts[i].first.capture == step->capture)
			return &s->contacts[i].addr;
	for (i = 0; i < s->nexchanges; i++)
		if (s->exchanges[i].req.frame == step->frame &&
		    s->exchanges[i].req.capture == step->capture)
			return &s->exchanges[i].kdc;
	return NULL;
}

/* Nobody took the connection for long, or it was said that nobody is there. */
static bool
was_away(const struct contact *c)
{
	switch (c->reach) {
	case REACH_UNSEEN:
		return false;
	case REACH_SILENT:
		return c->transport == TRANSPORT_TCP;
	case REACH_ANSWERED:
		return c->transport == TRANSPORT_TCP && c->answer.frame != 0 &&
		    c->answer.time - c->first.time >= STORY_SILENT;
	default:
		return true;
	}
}

/* Whether somebody answered where C had been asked in vain. */
static bool
answers_now(const struct story *s, const struct contact *c)
{
	const struct contact *o;

	for (o = s->contacts; o < s->contacts + s->ncontacts; o++)
		if (o->reach == REACH_ANSWERED && o->answer.frame != 0 &&
		    o->answer.time > c->first.time &&
		    o->transport == c->transport && o->port == c->port &&
		    addr_equal(&o->addr, &c->addr))
			return true;
	return false;
}

bool
story_reach_came_back(const struct story *s, const struct ref *step)
{
	const struct addr *addr = asked_at(s, step);
	const struct contact *c;

	if (addr == NULL)
		return false;
	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (addr_equal(&c->addr, addr) && was_away(c) &&
		    answers_now(s, c))
			return true;
	return false;
}

/* --- questions that rules ask ----------------------------------------- */

/*
 * The kernel of a KDC that hangs takes connections all the same.  That the
 * client asks again, seconds later, shows that no answer came to it either.
 */
bool
story_mute(const struct story *s, const struct contact *c)
{
	const struct exchange *x;

	if (s->nexchanges == 0 || s->nattempts > 0 ||
	    c->transport != TRANSPORT_TCP || c->reach != REACH_ANSWERED ||
	    strcmp(c->carrier, "kdc") != 0)
		return false;
	x = &s->exchanges[s->nexchanges - 1];
	return x->answer == ANSWER_NONE && addr_equal(&x->kdc, &c->addr) &&
	    x->req.time <= c->answer.time + STORY_SILENT &&
	    x->again.frame != 0 &&
	    x->again.time >= c->answer.time + STORY_SILENT;
}

const struct contact *
story_contact(const struct story *s, const char *carrier, int transport,
    int reach)
{
	const struct contact *c;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (strcmp(c->carrier, carrier) == 0 &&
		    (transport < 0 || transport == (int)c->transport) &&
		    (reach < 0 || reach == (int)c->reach))
			return c;
	return NULL;
}

const struct exchange *
story_unanswered(const struct story *s)
{
	const struct exchange *x;

	if (s->nexchanges == 0)
		return NULL;
	x = &s->exchanges[s->nexchanges - 1];
	if (x->answer != ANSWER_NONE || s->nattempts > 0)
		return NULL;
	return story_reach_nobody(s) ? x : NULL;
}
