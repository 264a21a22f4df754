/*
 * story-settle.c - the end of a story: what became of the ports of KDCs and
 * password services that it needed, and a line of the ladder for each that
 * was not there.
 *
 * Silence is said only where an answer would have been seen: the capture holds
 * packets to the client, and it goes on for long enough.
 */
#include <string.h>

#include "story-tell.h"

/* In order of their first packet: knocks are shown late. */
static void
contacts_sort(struct tale *t)
{
	struct contact c;
	size_t i, j;

	for (i = 1; i < t->s.ncontacts; i++) {
		c = t->s.contacts[i];
		for (j = i;
		     j > 0 && t->s.contacts[j - 1].first.time > c.first.time;
		     j--)
			*tale_contact(t, j) = t->s.contacts[j - 1];
		*tale_contact(t, j) = c;
	}
}

/*
 * Whether the client went on as one does that got no answer.  One that asks
 * once and leaves it at that has its answer, by a way not captured.
 */
static bool
asked_more(const struct tale *t, const struct contact *c)
{
	size_t i;

	if (c->sent > 1)
		return true;
	for (i = 0; i < t->s.ncontacts; i++)
		if (t->s.contacts[i].last.time > c->first.time)
			return true;
	return false;
}

static bool
is_silence(const struct stories *st, const struct tale *t,
    const struct contact *c)
{
	int64_t since = st->now - c->first.time;

	if (t->cut)
		return false; /* nobody knows how long it was */
	return (since >= STORY_SILENT ||
		   (c->sent >= STORY_SILENT_SENT && since >= SECOND)) &&
	    asked_more(t, c) && ledger_sees_answers(st->ledger, &t->s.client);
}

/* --- before the end --------------------------------------------------- */

/* Whether a SYN of T to the port of C has waited in vain. */
static bool
takes_no_connection(const struct stories *st, const struct tale *t,
    const struct contact *c)
{
	const struct contact *o;

	for (o = t->s.contacts; o < t->s.contacts + t->s.ncontacts; o++)
		if (o->transport == TRANSPORT_TCP && o->reach == REACH_UNSEEN &&
		    o->port == c->port && addr_equal(&o->addr, &c->addr) &&
		    st->now - o->first.time >= STORY_SILENT)
			return true;
	return false;
}

/*
 * Whether C has waited for longer than anybody takes who is merely slow.  A
 * kernel answers a SYN at once or not at all; the process of a KDC may be
 * busy.
 */
static bool
is_long(const struct stories *st, const struct tale *t, const struct contact *c)
{
	int64_t least = STORY_SILENT;

	if (!takes_no_connection(st, t, c))
		least = STORY_SILENT_BUSY;
	/* Far away, or over a bad line, it takes that much longer. */
	least += story_contact_wait(st, t, &c->addr);
	return st->now - c->first.time >= least && is_silence(st, t, c);
}

bool
story_reach_in_vain(const struct stories *st, const struct tale *t)
{
	struct contact list[STORY_MAX_CONTACTS];
	struct story s = t->s;
	int64_t latest = t->armed;
	unsigned sent = 0;
	size_t i;

	s.contacts = list;
	for (i = 0; i < s.ncontacts; i++) {
		list[i] = t->s.contacts[i];
		if (list[i].answer.time > latest)
			latest = list[i].answer.time;
		if (list[i].reach != REACH_UNSEEN || list[i].cut > 0 ||
		    !is_long(st, t, &list[i]))
			continue;
		list[i].reach = REACH_SILENT;
		sent += list[i].sent;
	}
	if (!story_reach_nobody(&s) || story_is_scan(st, t))
		return false;
	if (sent > 0)
		return sent >= STORY_SILENT_SENT;
	/* Whoever is told that nobody is there goes on at once. */
	return st->now - latest >= VIEW_QUIET;
}

/* --- the end ---------------------------------------------------------- */

/* "10.77.0.10:88 (TCP)" */
static const char *
port_text(struct tale *t, const struct contact *c)
{
	char addr[ADDR_TEXT];
	bool six = c->addr.family == 6;

	addr_text(&c->addr, addr);
	return arena_printf(&t->mem, "%s%s%s:%u (%s)", six ? "[" : "", addr,
	    six ? "]" : "", c->port,
	    c->transport == TRANSPORT_TCP ? "TCP" : "UDP");
}

/* "no answer from 10.77.0.10:88 (TCP), 4 SYNs"; NULL: nothing to say. */
static const char *
reach_text(struct tale *t, const struct contact *c)
{
	if (c->cut > 0 && c->answer.frame == 0)
		return arena_printf(&t->mem,
		    "answer from %s: fragments missing, %lld octets came",
		    port_text(t, c), (long long)c->cut_have);
	switch (c->reach) {
	case REACH_SILENT:
		return arena_printf(&t->mem, "no answer from %s, %u %s%s",
		    port_text(t, c), c->sent,
		    c->transport == TRANSPORT_TCP ? "SYN" : "request",
		    c->sent == 1 ? "" : "s");
	case REACH_CLOSED:
		return arena_printf(&t->mem, "nobody listens at %s",
		    port_text(t, c));
	case REACH_PROHIBITED:
		return arena_printf(&t->mem, "a filter forbids %s",
		    port_text(t, c));
	case REACH_NO_HOST:
		return arena_printf(&t->mem, "no way to %s", port_text(t, c));
	default:
		return NULL;
	}
}

static void
show(struct tale *t, const struct contact *c)
{
	struct step s = { .result = STEP_ERROR, .code = EV_ABSENT };

	s.what = reach_text(t, c);
	if (s.what == NULL)
		return;
	s.ref = c->answer.frame != 0 ? c->answer : c->last;
	s.from = t->s.client;
	s.to = c->addr;
	if (c->cut > 0)
		s.ref = c->cut_ref;
	if (c->cut > 0 || c->answer.frame != 0) {
		s.from = c->addr;
		s.to = t->s.client;
	}
	tale_insert_step(t, &s);
}

void
story_reach_settle(const struct stories *st, struct tale *t)
{
	struct contact *c;
	size_t i;

	contacts_sort(t);
	for (i = 0; i < t->s.ncontacts; i++) {
		c = tale_contact(t, i);
		if (c->reach == REACH_UNSEEN && c->cut > 0)
			c->reach = REACH_ANSWERED; /* it began to */
		else if (c->reach == REACH_UNSEEN && is_silence(st, t, c))
			c->reach = REACH_SILENT;
		show(t, c);
	}
}
