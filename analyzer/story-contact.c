/*
 * story-contact.c - which ports of KDCs and password services a client asked
 * on the way: SYNs and datagrams, again and again, at one KDC and the next
 * (RFC 4120 7.2.1, 7.2.2, RFC 3244 2).
 *
 * A connection that carries a request is a contact of that request's story.
 * A SYN alone is a knock: it is remembered, and most are followed by a
 * request at once.  It is shown in a story when the SYN had to be repeated,
 * or when somebody refused it and its client is known to use Kerberos: in the
 * open story that waits for an answer, was told to come back over TCP (52),
 * or asked the same address before; else in a story of its own, one for all
 * the doors that a client knocks at before anybody opens.  A scanner, which
 * knocks once or goes away when it is let in, has no story, and neither has
 * a client that nothing in the capture is sent to: its silence means nothing.
 * Members of a domain scan too (inventories, tests of a port by hand): of doors
 * that nothing shows to be a KDC's, what they knock at proves little.
 *
 * MIT asks each KDC over UDP, a second apart, then over TCP, and begins
 * again; Windows asks three times and takes the next KDC; both repeat a SYN
 * as their kernel does.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "pool.h"
#include "story-tell.h"

/* For so long it is remembered how long an answer took, and no longer one. */
#define WAIT_HOLDS (60 * SECOND)
#define WAIT_MOST (6 * SECOND)

static bool
str_is(struct str s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static bool
is_watched(const struct event *ev)
{
	return ev->carrier != NULL &&
	    (strcmp(ev->carrier, "kdc") == 0 ||
		strcmp(ev->carrier, "kpasswd") == 0);
}

static bool
is_carrier(const struct contact *c, const char *carrier)
{
	return strcmp(c->carrier, carrier) == 0;
}

/* --- the contacts of a story ------------------------------------------ */

static const struct contact no_contacts[1];

struct contact *
tale_contact(struct tale *t, size_t i)
{
	struct contact *list;

	memcpy(&list, &t->s.contacts, sizeof(list));
	return &list[i];
}

static void
contact_remove(struct tale *t, size_t i)
{
	struct contact *c = tale_contact(t, i);

	memmove(c, c + 1, (t->s.ncontacts - i - 1) * sizeof(*c));
	/* A list that was emptied is none. */
	if (--t->s.ncontacts == 0) {
		pool_free(c, sizeof(*c));
		t->s.contacts = no_contacts;
	}
}

/* The first that answered whole has no more to tell. */
static bool
contact_make_room(struct tale *t)
{
	size_t i;

	for (i = 0; i < t->s.ncontacts; i++)
		if (t->s.contacts[i].reach == REACH_ANSWERED &&
		    t->s.contacts[i].cut == 0) {
			contact_remove(t, i);
			return true;
		}
	return false;
}

static struct contact *
contact_add(struct tale *t, const struct contact *c)
{
	if (t->s.ncontacts == STORY_MAX_CONTACTS && !contact_make_room(t)) {
		t->s.not_kept++;
		return NULL;
	}
	t->s.contacts = tale_more(t->s.contacts, t->s.ncontacts, sizeof(*c));
	*tale_contact(t, t->s.ncontacts) = *c;
	return tale_contact(t, t->s.ncontacts++);
}

/* The latest contact of T on FLOW. */
static struct contact *
contact_find(struct tale *t, uint64_t flow)
{
	size_t i;

	for (i = t->s.ncontacts; i-- > 0;)
		if (t->s.contacts[i].flow == flow)
			return tale_contact(t, i);
	return NULL;
}

static void
contact_begin(struct contact *c, const struct event *ev)
{
	memset(c, 0, sizeof(*c));
	c->carrier = strcmp(ev->carrier, "kpasswd") == 0 ? "kpasswd" : "kdc";
	c->transport = ev->transport;
	c->flow = ev->flow;
	c->addr = ev->from_client ? ev->dst : ev->src;
	c->port = ev->from_client ? ev->dport : ev->sport;
	c->first = c->last = ev->ref;
	c->sent = 1;
}

static void
contact_again(struct contact *c, const struct event *ev)
{
	c->sent++;
	c->last = ev->ref;
}

static void
contact_reached(struct contact *c, const struct event *ev)
{
	c->reach = REACH_ANSWERED;
	/* An acknowledgement of the client tells of the answer, and no more. */
	c->answer = ev->ref;
	if (ev->from_client)
		c->answer.frame = 0;
}

void
story_contact_waited(const struct stories *st, struct client *c,
    const struct ref *asked, const struct event *ev)
{
	const struct host *h = ledger_host(st->ledger, &ev->src);
	int64_t wait = ev->ref.time - asked->time;

	if (h == NULL || (h->roles & ROLE_KDC) == 0 || wait < 0)
		return;
	c->wait.addr = ev->src;
	c->wait.time = ev->ref.time;
	c->wait.length = wait < WAIT_MOST ? wait : WAIT_MOST;
}

/* C was answered with EV; what was sent twice says nothing of the way. */
static void
note_wait(struct stories *st, const struct contact *c, const struct event *ev)
{
	if (c->sent == 1 && !ev->from_client)
		story_contact_waited(st, client_get(st, &ev->dst), &c->first,
		    ev);
}

int64_t
story_contact_wait(const struct stories *st, const struct tale *t,
    const struct addr *addr)
{
	const struct client *c = t->client;

	if (c->wait.length == 0 || st->now - c->wait.time > WAIT_HOLDS ||
	    !addr_equal(&c->wait.addr, addr))
		return 0;
	return c->wait.length;
}

static enum reach
reach_of(const struct event *ev)
{
	struct str reason = ev->u.conn.reason;

	if (!str_is(ev->u.conn.state, "icmp"))
		return REACH_CLOSED;
	if (str_is(reason, "prohibited"))
		return REACH_PROHIBITED;
	/*
	 * A host without a listener resets a connection; ICMP in its place
	 * is what filters say (the default of netfilter's REJECT).
	 */
	if (str_is(reason, "port"))
		return ev->transport == TRANSPORT_TCP ? REACH_PROHIBITED :
							REACH_CLOSED;
	return str_is(reason, "host") ? REACH_NO_HOST : REACH_UNSEEN;
}

static void
contact_refused(struct contact *c, const struct event *ev)
{
	enum reach reach = reach_of(ev);

	if (c->reach == REACH_ANSWERED || reach == REACH_UNSEEN)
		return;
	c->reach = reach;
	c->answer = ev->ref;
}

/* --- knocks ----------------------------------------------------------- */

static bool
knock_match(const struct node *n, const void *key)
{
	return ((const struct knock *)n)->c.flow == *(const uint64_t *)key;
}

static struct knock *
knock_find(const struct stories *st, uint64_t flow)
{
	if (st->knocks.count == 0)
		return NULL;
	return (struct knock *)table_find(&st->knocks, hash_mix(flow, 2),
	    knock_match, &flow);
}

void
knock_drop(struct stories *st, struct knock *k)
{
	table_remove(&st->knocks, &k->node);
	st->held -= sizeof(*k);
	free(k);
}

static struct knock *
knock_new(struct stories *st, const struct event *ev)
{
	struct knock *k;

	if (st->knocks.count >= OPEN_MAX_KNOCKS)
		knock_drop(st, (struct knock *)st->knocks.oldest);
	k = must_calloc(1, sizeof(*k));
	st->held += sizeof(*k);
	contact_begin(&k->c, ev);
	k->client = ev->from_client ? ev->src : ev->dst;
	table_add(&st->knocks, &k->node, hash_mix(ev->flow, 2));
	return k;
}

/* --- which story ------------------------------------------------------ */

static bool
asked_at(const struct tale *t, const struct contact *k)
{
	size_t i;

	for (i = 0; i < t->s.ncontacts; i++)
		if (is_carrier(&t->s.contacts[i], k->carrier) &&
		    addr_equal(&t->s.contacts[i].addr, &k->addr))
			return true;
	return false;
}

static bool
is_changepw(const struct exchange *x)
{
	return x->answer == ANSWER_OK && x->sname != NULL &&
	    strcasecmp(x->sname, "kadmin/changepw") == 0;
}

/* Whether T needs the port that K knocks at next. */
static bool
waits_for(const struct tale *t, const struct contact *k)
{
	const struct exchange *x;

	if (t->s.nattempts > 0)
		return is_carrier(k, "kpasswd") &&
		    strcmp(t->s.carrier, "kpasswd") == 0 &&
		    t->s.attempts[t->s.nattempts - 1].answer == ANSWER_NONE;
	if (t->s.nexchanges == 0)
		return t->client->knocking == t->s.id &&
		    strcmp(t->s.carrier, k->carrier) == 0;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	if (is_carrier(k, "kpasswd"))
		return is_changepw(x);
	return x->answer == ANSWER_NONE || x->error == KRB_ERR_RESPONSE_TOO_BIG;
}

/* The open story of C that K belongs to; NULL when there is none. */
static struct tale *
knock_story(const struct client *c, const struct contact *k)
{
	struct tale *t;

	for (t = c->newest; t != NULL; t = t->older)
		if (waits_for(t, k))
			return t;
	for (t = c->newest; t != NULL; t = t->older)
		if (t->s.nattempts == 0 && asked_at(t, k))
			return t;
	return NULL;
}

/* Whether C has shown that it logs on with Kerberos. */
static bool
uses_kerberos(const struct stories *st, const struct client *c)
{
	const struct host *h = ledger_host(st->ledger, &c->addr);
	const struct recent *r;
	struct str domain;

	if (h != NULL && (h->roles & ROLE_CLIENT) != 0)
		return true;
	for (r = c->recents; r != NULL; r = r->next)
		if (recent_is_locator(r, &domain))
			return true;
	return false;
}

static struct tale *
knock_tale_new(struct stories *st, struct client *c, const struct event *ev,
    const struct knock *k)
{
	struct tale *t = tale_new(st, c, ev);

	t->s.start = k->c.first.time;
	t->s.carrier = k->c.carrier;
	if (is_carrier(&k->c, "kpasswd")) {
		t->s.server = k->c.addr;
		t->s.server_port = k->c.port;
	}
	c->knocking = t->s.id;
	return t;
}

/* Shows K in the story it belongs to, or in one of its own if it MAY. */
static void
knock_show(struct stories *st, struct knock *k, const struct event *ev,
    bool may)
{
	struct client *c = client_get(st, &k->client);
	struct tale *t = knock_story(c, &k->c);

	if (t == NULL && !uses_kerberos(st, c) &&
	    !(may && ledger_sees_answers(st->ledger, &c->addr)))
		return;
	if (t == NULL)
		t = knock_tale_new(st, c, ev, k);
	contact_add(t, &k->c);
	k->tale = t->s.id;
	tale_arm(st, t, TIMER_UNANSWERED, ev->ref.time);
}

/* What is known of K now is known of its contact in the story. */
static void
knock_update(struct stories *st, struct knock *k, const struct event *ev)
{
	struct tale *t = tale_by_id(st, k->tale);
	struct contact *c = t == NULL ? NULL : contact_find(t, k->c.flow);

	table_touch(&st->knocks, &k->node);
	if (c == NULL)
		return;
	*c = k->c;
	tale_arm(st, t, TIMER_UNANSWERED, ev->ref.time);
}

/* --- scans ------------------------------------------------------------ */

/* Whether anything but the knock says that a KDC is, or was, at ADDR. */
static bool
is_known(const struct stories *st, const struct addr *addr)
{
	const struct host *h = ledger_host(st->ledger, addr);

	return ledger_srv(st->ledger, addr) != NULL ||
	    (h != NULL && ((h->roles & ROLE_KDC) != 0 || h->asked > 0));
}

/* How many of T's contacts have addresses that none before them has. */
static size_t
doors(const struct tale *t)
{
	const struct contact *c = t->s.contacts;
	size_t i, j, n = 0;

	for (i = 0; i < t->s.ncontacts; i++) {
		for (j = 0; j < i; j++)
			if (addr_equal(&c[i].addr, &c[j].addr))
				break;
		n += j == i;
	}
	return n;
}

/* Whether the client of T came back to a door that did not open. */
static bool
knocked_again(const struct tale *t)
{
	const struct contact *c;

	for (c = t->s.contacts; c < t->s.contacts + t->s.ncontacts; c++)
		if (c->sent > 1)
			return true;
	return t->s.ncontacts > doors(t);
}

bool
story_is_scan(const struct stories *st, const struct tale *t)
{
	int64_t let_in = t->client->let_in;
	size_t i;

	if (t->s.nexchanges > 0 || t->s.nattempts > 0 || t->s.ncontacts == 0)
		return false;
	for (i = 0; i < t->s.ncontacts; i++)
		if (is_known(st, &t->s.contacts[i].addr))
			return false;
	if (let_in != 0 && t->s.start - let_in < STORY_SCAN_WITHIN)
		return true;
	return doors(t) > STORY_UNKNOWN_DOORS || !knocked_again(t);
}

/*
 * A client that was let in and went away without a word tries doors; one that
 * had its answer over UDP meanwhile does so too.
 */
static void
note_visit(struct stories *st, const struct knock *k, const struct event *ev)
{
	struct client *c;

	if (k->c.reach != REACH_ANSWERED || k->tale != 0)
		return;
	c = client_get(st, &k->client);
	if (knock_story(c, &k->c) == NULL)
		c->let_in = ev->ref.time;
}

/* --- connections ------------------------------------------------------ */

static void
conn_syn(struct stories *st, const struct event *ev)
{
	struct knock *k = knock_find(st, ev->flow);

	if (k == NULL) {
		k = knock_new(st, ev);
		k->c.sent += (unsigned)ev->u.conn.repeated;
	} else
		contact_again(&k->c, ev);
	if (k->tale != 0)
		knock_update(st, k, ev);
	else if (k->c.sent > 1)
		knock_show(st, k, ev, true);
}

static void
conn_refused(struct stories *st, const struct event *ev, struct knock *k)
{
	contact_refused(&k->c, ev);
	if (k->tale != 0)
		knock_update(st, k, ev);
	else
		knock_show(st, k, ev, false);
}

/* The story whose request or log-on waits on FLOW. */
static struct tale *
tale_on_flow(const struct stories *st, uint64_t flow)
{
	const struct flow_state *f = story_flow_find(st, flow);
	struct tale *t = NULL;
	size_t i;

	if (f == NULL)
		return NULL;
	for (i = f->npending; t == NULL && i-- > 0;)
		t = tale_by_id(st, f->pending[i].tale);
	if (t == NULL && f->dances != NULL && f->dances->tale != 0)
		t = tale_by_id(st, f->dances->tale);
	return t;
}

/* Whether a request of T went out after C was last answered. */
static bool
waits_on(const struct tale *t, const struct contact *c)
{
	if (t->s.nattempts > 0)
		return is_carrier(c, "kpasswd") &&
		    t->s.attempts[t->s.nattempts - 1].answer == ANSWER_NONE;
	return t->s.nexchanges > 0 &&
	    t->s.exchanges[t->s.nexchanges - 1].answer == ANSWER_NONE;
}

/* Only a reset in place of an answer counts: Windows KDCs end so always. */
static void
conn_reset(struct stories *st, const struct event *ev, struct knock *k)
{
	struct tale *t = tale_on_flow(st, ev->flow);
	struct contact *c;

	if (ev->from_client)
		return;
	if (k != NULL && k->tale == 0 && k->c.reach == REACH_ANSWERED) {
		k->c.was_reset = true;
		t = knock_story(client_get(st, &k->client), &k->c);
		if (t != NULL)
			contact_add(t, &k->c);
	} else if (t != NULL) {
		c = contact_find(t, ev->flow);
		if (c != NULL && waits_on(t, c))
			c->was_reset = true;
	}
}

/* ICMP about a datagram, or a connection that carried a request. */
static void
conn_icmp(struct stories *st, const struct event *ev)
{
	struct tale *t = tale_on_flow(st, ev->flow);
	struct contact *c = t == NULL ? NULL : contact_find(t, ev->flow);

	if (c != NULL)
		contact_refused(c, ev);
}

void
story_contact_conn(struct stories *st, const struct event *ev)
{
	const struct str state = ev->u.conn.state;
	struct knock *k;

	if (!is_watched(ev))
		return;
	if (str_is(state, "syn")) {
		conn_syn(st, ev);
		return;
	}
	k = knock_find(st, ev->flow);
	if (str_is(state, "open")) {
		if (k == NULL)
			return;
		contact_reached(&k->c, ev);
		note_wait(st, &k->c, ev);
		if (k->tale != 0)
			knock_update(st, k, ev);
	} else if (str_is(state, "refused") || str_is(state, "icmp")) {
		/* A client that has gone away refuses late answers. */
		if (ev->from_client)
			return;
		if (k != NULL)
			conn_refused(st, ev, k);
		else
			conn_icmp(st, ev);
	} else if (str_is(state, "reset") || str_is(state, "closed")) {
		if (str_is(state, "reset"))
			conn_reset(st, ev, k);
		if (k != NULL) {
			note_visit(st, k, ev);
			knock_drop(st, k);
		}
	}
}

/* --- requests and answers --------------------------------------------- */

/* Takes the contact on FLOW out of the story that it was first shown in. */
static void
contact_leave(struct stories *st, uint64_t tale, uint64_t flow)
{
	struct tale *t = tale_by_id(st, tale);
	size_t i;

	if (t == NULL)
		return;
	for (i = t->s.ncontacts; i-- > 0;)
		if (t->s.contacts[i].flow == flow)
			contact_remove(t, i);
	if (t->s.ncontacts == 0 && t->s.nexchanges == 0 && t->s.nattempts == 0)
		tale_discard(st, t);
}

static void
sent_on_connection(struct stories *st, struct tale *t, const struct event *ev)
{
	struct knock *k = knock_find(st, ev->flow);
	struct contact c;

	if (k == NULL) {
		if (contact_find(t, ev->flow) != NULL)
			return;
		/* It was opened before the capture, or by another story. */
		contact_begin(&c, ev);
		c.reach = REACH_ANSWERED;
		contact_add(t, &c);
		return;
	}
	if (k->tale != t->s.id) {
		if (k->tale != 0)
			contact_leave(st, k->tale, ev->flow);
		contact_add(t, &k->c);
	}
	knock_drop(st, k);
}

/*
 * A datagram: the same question again, or the next one on the same port,
 * whose answer is another matter.
 */
static void
sent_datagram(struct tale *t, const struct event *ev)
{
	struct contact *old = contact_find(t, ev->flow), c;

	if (old != NULL && old->reach != REACH_ANSWERED) {
		contact_again(old, ev);
		return;
	}
	contact_begin(&c, ev);
	contact_add(t, &c);
}

void
story_contact_sent(struct stories *st, struct tale *t, const struct event *ev)
{
	if (!is_watched(ev))
		return;
	if (ev->transport == TRANSPORT_TCP)
		sent_on_connection(st, t, ev);
	else
		sent_datagram(t, ev);
}

void
story_contact_answered(struct stories *st, struct tale *t,
    const struct event *ev)
{
	struct contact *c = contact_find(t, ev->flow);

	if (c == NULL || (c->reach == REACH_ANSWERED && c->answer.frame != 0))
		return;
	contact_reached(c, ev);
	note_wait(st, c, ev);
}

void
story_contact_lost(struct stories *st, const struct event *ev)
{
	struct tale *t = ev->from_client ? NULL : tale_on_flow(st, ev->flow);
	struct contact *c = t == NULL ? NULL : contact_find(t, ev->flow);

	if (c == NULL)
		return;
	c->cut++;
	c->cut_ref = ev->ref;
	c->cut_have = ev->u.lost.have;
}

void
story_contact_join(struct stories *st, struct tale *t, const char *carrier)
{
	struct tale *from;
	size_t i;

	if (t->client->knocking == 0 || t->client->knocking == t->s.id)
		return;
	from = tale_by_id(st, t->client->knocking);
	if (from == NULL || strcmp(from->s.carrier, carrier) != 0)
		return;
	if (story_is_scan(st, from)) {
		tale_discard(st, from);
		return;
	}
	for (i = 0; i < from->s.ncontacts; i++)
		contact_add(t, &from->s.contacts[i]);
	t->s.not_kept += from->s.not_kept;
	if (from->s.start < t->s.start)
		t->s.start = from->s.start;
	tale_discard(st, from);
}
