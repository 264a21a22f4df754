/*
 * story-dns.c - what a client looked up, remembered for a while so that the
 * story it led to can show it (RFC 1035 4.1, 7.3; RFC 2782).
 *
 * Look-ups that led to nothing are stories of their own: story-search.c.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"
#include "story-tell.h"

#define NAME_USUAL 47   /* octets: most names have no more */
#define SPARES_MAX 1024 /* look-ups that are kept for others */

/*
 * Every look-up of every client is kept for a while, and those of a client go
 * at once: the next ones take their memory.
 */
static struct recent *
recent_alloc(struct stories *st, size_t len)
{
	struct recent *r = st->spare;

	if (len > NAME_USUAL)
		return must_calloc(1, sizeof(*r) + len + 1);
	if (r == NULL)
		return must_calloc(1, sizeof(*r) + NAME_USUAL + 1);
	st->spare = r->next;
	st->nspare--;
	memset(r, 0, sizeof(*r));
	return r;
}

static void
recent_free(struct stories *st, struct recent *r)
{
	st->held -= r->octets;
	free(r->canonical);
	free(r->target);
	if (r->len > NAME_USUAL || st->nspare == SPARES_MAX) {
		free(r);
		return;
	}
	r->next = st->spare;
	st->spare = r;
	st->nspare++;
}

void
story_dns_release(struct stories *st)
{
	struct recent *r;

	while ((r = st->spare) != NULL) {
		st->spare = r->next;
		free(r);
	}
	st->nspare = 0;
}

/* R takes N octets more, or less. */
static void
recent_count(struct stories *st, struct recent *r, int64_t n)
{
	r->octets += (unsigned)n;
	st->held += (uint64_t)n;
}

void
story_dns_forget(struct stories *st, struct client *c)
{
	struct recent *r;

	while ((r = c->recents) != NULL) {
		c->recents = r->next;
		recent_free(st, r);
	}
	c->nrecents = c->nopen = 0;
}

/* Only the latest are of use: a story looks back a few seconds. */
static void
recent_trim(struct stories *st, struct client *c)
{
	struct recent **at = &c->recents;

	while ((*at)->next != NULL)
		at = &(*at)->next;
	c->nopen -= (*at)->k.rcode < 0;
	recent_free(st, *at);
	*at = NULL;
	c->nrecents--;
}

static struct recent *
recent_new(struct stories *st, struct client *c, const struct event *ev,
    struct str name, int64_t type, int64_t id)
{
	struct recent *r = recent_alloc(st, name.len);

	if (name.len > 0)
		memcpy(r->name, name.p, name.len);
	r->name[name.len] = '\0';
	r->len = (unsigned)name.len;
	r->k.name = r->name;
	r->k.type = type;
	r->k.rcode = -1;
	if (type != DNS_SRV || !name_is_locator(recent_name(r), &r->domain))
		r->domain = (struct str){ NULL, 0 };
	r->flow = ev->flow;
	r->id = id;
	r->next = c->recents;
	c->recents = r;
	c->nopen++;
	recent_count(st, r, (int64_t)(sizeof(*r) + name.len + 1));
	if (++c->nrecents > CLIENT_MAX_LOOKUPS)
		recent_trim(st, c);
	return r;
}

static bool
same_name(const struct recent *r, struct str name)
{
	return r->len == name.len &&
	    (name.len == 0 || memcmp(r->name, name.p, name.len) == 0);
}

/*
 * The question that is still open: by flow and number, or because it is the
 * same question.  Resolvers ask again from another port, with another number,
 * and at other servers, any of which may answer.  Not under a new number after
 * the client asked for something else, though: it went on, with an answer that
 * the capture lost.  TYPE -1: any.  Mostly there is none, or it is the latest.
 */
static struct recent *
recent_find(struct client *c, const struct event *ev, int64_t id,
    struct str name, int64_t type)
{
	struct recent *r, *same = NULL;
	int64_t went_on = c->kdc_asked;
	unsigned open = c->nopen;

	for (r = c->recents; open > 0 && r != NULL; r = r->next) {
		open -= r->k.rcode < 0;
		if (r->flow == ev->flow && r->id == id && r->k.rcode < 0)
			return r;
		if (!same_name(r, name)) {
			if (r->last.time > went_on)
				went_on = r->last.time;
		} else if (same == NULL && r->k.rcode < 0 && name.len > 0 &&
		    (type < 0 || r->k.type == type) &&
		    ev->ref.time - r->last.time <= STORY_UNANSWERED &&
		    (r->id == id || went_on <= r->last.time))
			same = r;
	}
	return same;
}

static void
dns_query(struct stories *st, const struct event *ev)
{
	const struct ev_dns_query *q = &ev->u.dns_query;
	struct client *c = client_get(st, &ev->src);
	struct recent *r = recent_find(c, ev, q->id, q->name, q->type);

	if (r == NULL) {
		r = recent_new(st, c, ev, q->name, q->type, q->id);
		r->k.query = ev->ref;
		r->k.asked_first = ev->dst;
	}
	r->flow = ev->flow;
	r->id = q->id;
	r->last = ev->ref;
	r->k.asked++;
	r->k.resolver = ev->dst;
	story_search_asked(st, c, r);
}

static void
dns_rr(struct stories *st, const struct event *ev)
{
	const struct ev_dns_rr *rr = &ev->u.dns_rr;
	struct client *c = client_get(st, &ev->dst);
	struct recent *r = recent_find(c, ev, rr->id, rr->name, -1);
	struct addr a;

	if (r == NULL)
		r = recent_new(st, c, ev, rr->name, rr->type, rr->id);
	if (r->k.type == rr->type)
		r->found++;
	if ((rr->type == DNS_SRV || rr->type == DNS_PTR) && r->target == NULL &&
	    rr->data.len > 0) {
		r->target = must_text(rr->data);
		recent_count(st, r, (int64_t)rr->data.len + 1);
	}
	if (rr->type == DNS_CNAME && rr->data.len > 0) {
		if (r->canonical != NULL)
			recent_count(st, r, -(int64_t)strlen(r->canonical) - 1);
		free(r->canonical);
		r->canonical = must_text(rr->data);
		r->k.canonical = r->canonical;
		recent_count(st, r, (int64_t)rr->data.len + 1);
	} else if ((rr->type == DNS_A || rr->type == DNS_AAAA) &&
	    r->k.naddrs < NAME_MAX_ADDRS &&
	    addr_parse(rr->data.p, rr->data.len, &a))
		r->k.addrs[r->k.naddrs++] = a;
}

/*
 * How the answers for one name hang together over time: several addresses at
 * once is round robin, answers without one in common are a record that
 * changed.
 */
static void
note_answer(struct stories *st, const struct recent *r, struct ref ref)
{
	struct name_fact *n;
	size_t i, j, known = 0;

	if (r->k.naddrs == 0 || (r->k.type != DNS_A && r->k.type != DNS_AAAA))
		return;
	n = &ledger_name_entry(st->ledger, recent_name(r))->name;
	n->ref = ref;
	if (r->k.naddrs > n->most_at_once)
		n->most_at_once = r->k.naddrs;
	for (i = 0; i < r->k.naddrs; i++)
		for (j = 0; j < n->nlatest; j++)
			known += addr_equal(&r->k.addrs[i], &n->latest[j]);
	if (n->nlatest > 0 && known == 0 &&
	    n->latest[0].family == r->k.addrs[0].family)
		n->changed = true;
	for (i = 0; i < r->k.naddrs; i++)
		n->latest[i] = r->k.addrs[i];
	n->nlatest = r->k.naddrs;
}

static void
dns_reply(struct stories *st, const struct event *ev)
{
	const struct ev_dns_reply *d = &ev->u.dns_reply;
	struct client *c = client_get(st, &ev->dst);
	struct recent *r = recent_find(c, ev, d->id, d->name, d->type);

	if (r == NULL) {
		if (d->name.len == 0)
			return;
		r = recent_new(st, c, ev, d->name, d->type, d->id);
	}
	if (r->k.asked == 1 && r->k.reply.frame == 0)
		story_contact_waited(st, c, &r->k.query, ev);
	r->k.reply = ev->ref;
	c->nopen -= r->k.rcode < 0;
	r->k.rcode = d->rcode == EV_ABSENT ? 0 : d->rcode;
	c->nopen += r->k.rcode < 0;
	/* Its records were cut off: there are some. */
	if (ev->cut && d->answers > 0)
		r->found++;
	r->k.resolver = ev->src;
	r->truncated = d->truncated != 0;
	note_answer(st, r, ev->ref);
	story_search_answered(st, c, r);
}

void
story_dns_event(struct stories *st, const struct event *ev)
{
	if (ev->kind == EV_dns_query)
		dns_query(st, ev);
	else if (ev->kind == EV_dns_rr)
		dns_rr(st, ev);
	else
		dns_reply(st, ev);
}

/* --- into the story --------------------------------------------------- */

static bool
names_host(const struct tale *t, const struct recent *r)
{
	if (t->s.host == NULL || r->k.type == DNS_SRV || r->k.type == DNS_URI ||
	    r->k.type == DNS_TXT)
		return false;
	return host_alike(recent_name(r), str_of(t->s.host)) ||
	    (r->canonical != NULL &&
		host_alike(str_of(r->canonical), str_of(t->s.host))) ||
	    (t->s.target != NULL &&
		host_alike(recent_name(r), str_of(t->s.target)));
}

/* Whether R is the PTR record that names the host of T. */
static bool
is_ptr(const struct tale *t, const struct recent *r, struct addr *of)
{
	return r->k.type == DNS_PTR && r->target != NULL && t->s.host != NULL &&
	    strcasecmp(r->target, t->s.host) == 0 &&
	    ledger_ptr_address(recent_name(r), of);
}

static bool
gives(const struct recent *r, const struct addr *a)
{
	return addr_among(a, r->k.addrs, r->k.naddrs);
}

/*
 * Whether the client of T came from R to the host: it looked up another name,
 * and took the one that reverse DNS gives for the address (MIT: rdns).
 */
static bool
leads_by_ptr(const struct tale *t, const struct recent *r)
{
	const struct recent *o;
	struct addr a;

	if (is_ptr(t, r, &a)) {
		for (o = r->next; o != NULL; o = o->next)
			if (gives(o, &a) && !names_host(t, o))
				return true;
		return false;
	}
	if (r->k.naddrs == 0)
		return false;
	for (o = t->client->recents; o != NULL && o != r; o = o->next)
		if (is_ptr(t, o, &a) && gives(r, &a))
			return true;
	return false;
}

/* Whether R was answered at once, with what it asked for. */
static bool
went_well(const struct recent *r)
{
	return r->found > 0 && r->k.asked < 2 && r->k.query.frame != 0 &&
	    r->k.reply.time - r->k.query.time < STORY_SLOW_RETRY;
}

/* Whether a KDC let T wait. */
static bool
lacks_kdc(const struct tale *t)
{
	size_t i;

	for (i = 0; i < t->s.nexchanges; i++)
		if (t->s.exchanges[i].answer == ANSWER_NONE ||
		    t->s.exchanges[i].retransmits > 0)
			return true;
	for (i = 0; i < t->s.ncontacts; i++)
		if (t->s.contacts[i].answer.frame == 0)
			return true;
	return false;
}

/*
 * Whether R asks where the KDCs are that T asked then.  Clients ask again and
 * again: what went well is of interest only where the KDCs did not.
 */
static bool
names_realm(const struct tale *t, const struct recent *r)
{
	const struct exchange *x;
	struct str domain;

	if (!recent_is_locator(r, &domain) || (went_well(r) && !lacks_kdc(t)))
		return false;
	for (x = t->s.exchanges; x < t->s.exchanges + t->s.nexchanges; x++)
		if (x->realm != NULL && x->req.time >= recent_when(r) &&
		    strlen(x->realm) == domain.len &&
		    strncasecmp(x->realm, domain.p, domain.len) == 0)
			return true;
	return false;
}

/* Whether a KDC that T asked is at ADDR. */
static bool
is_kdc(const struct tale *t, const struct addr *addr)
{
	const struct exchange *x;

	for (x = t->s.exchanges; x < t->s.exchanges + t->s.nexchanges; x++)
		if (addr_equal(&x->kdc, addr))
			return true;
	return false;
}

/*
 * Whether R gave the address of a KDC that T asked then, and took long: else
 * the address of the KDC says it all.
 */
static bool
names_kdc(const struct tale *t, const struct recent *r)
{
	return r->k.query.frame != 0 && r->k.naddrs > 0 &&
	    r->k.reply.time - r->k.query.time >= STORY_SLOW_RETRY &&
	    is_kdc(t, &r->k.addrs[0]);
}

/* The request of T for another realm and for nothing else, or NULL. */
static const struct exchange *
asked_for_realm(const struct tale *t)
{
	const struct exchange *x;
	struct spn spn;

	if (t->s.nexchanges == 0)
		return NULL;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	return x->kind == EXCHANGE_TGS && spn_equal(x->sname, t->s.spn) &&
		spn_split(x->sname, &spn) && x->realm != NULL &&
		refusal_text_is(spn.class, "krbtgt") &&
		!refusal_text_is(spn.host, x->realm) ?
	    x :
	    NULL;
}

/*
 * Whether R may be the host for whose sake T asked for another realm with X:
 * the address that its client looked up right before.
 */
static bool
is_before_realm(const struct tale *t, const struct exchange *x,
    const struct recent *r)
{
	return x != NULL && r->k.naddrs > 0 && r->k.reply.time <= x->req.time &&
	    r->k.reply.time > x->req.time - STORY_REALM_BEFORE &&
	    !is_kdc(t, &r->k.addrs[0]);
}

static bool
is_of_its_time(const struct tale *t, const struct recent *r)
{
	int64_t begun = r->k.query.frame != 0 ? r->k.query.time :
						r->k.reply.time;

	return begun <= t->s.end &&
	    (recent_when(r) >= t->s.start - STORY_LOOKUP_BEFORE ||
		begun >= t->dns_begun);
}

static bool
asked_for_ptr(const struct client *c)
{
	const struct recent *r;

	for (r = c->recents; r != NULL; r = r->next)
		if (r->k.type == DNS_PTR)
			return true;
	return false;
}

static const char *
answer_text(struct tale *t, const struct recent *r)
{
	char addr[ADDR_TEXT];
	struct addr of;

	if (is_ptr(t, r, &of))
		return arena_printf(&t->mem, "DNS: %s is %s",
		    addr_text(&of, addr), r->target);
	if (r->k.type == DNS_SRV && r->found > 0)
		return arena_printf(&t->mem, "DNS: %s is at %s%s", r->name,
		    r->target == NULL ? "an unnamed host" : r->target,
		    r->found > 1 ? " and others" : "");
	if (r->k.naddrs > 0)
		return arena_printf(&t->mem, "DNS: %s%s%s is %s%s", r->name,
		    r->canonical != NULL ? " alias of " : "",
		    r->canonical != NULL ? r->canonical : "",
		    addr_text(&r->k.addrs[0], addr),
		    r->k.naddrs > 1 ? " and others" : "");
	if (r->k.rcode == 3)
		return arena_printf(&t->mem, "DNS: no such name %s", r->name);
	return arena_printf(&t->mem, "DNS: nothing for %s", r->name);
}

static void
step_answer(struct tale *t, const struct recent *r)
{
	struct step s = { .code = EV_ABSENT };

	s.ref = r->k.reply;
	s.from = r->k.resolver;
	s.to = t->s.client;
	s.what = answer_text(t, r);
	s.result = r->found > 0 || r->k.naddrs > 0 ? STEP_OK : STEP_INFO;
	s.code = r->k.rcode == 0 ? EV_ABSENT : r->k.rcode;
	s.code_name = s.code == EV_ABSENT ? NULL : dns_rcode_name(r->k.rcode);
	tale_insert_step(t, &s);
}

/* Silence is shown where the capture would hold an answer. */
static void
step_silence(const struct stories *st, struct tale *t, const struct recent *r)
{
	struct step s = { .code = EV_ABSENT };

	if (r->k.asked == 0 || !ledger_sees_answers(st->ledger, &t->s.client))
		return;
	s.ref = r->last;
	s.from = t->s.client;
	s.to = r->k.resolver;
	s.what = arena_printf(&t->mem, "DNS: no answer for %s", r->name);
	s.result = STEP_INFO;
	tale_insert_step(t, &s);
}

void
story_dns_add(const struct stories *st, struct tale *t, const struct recent *r)
{
	struct lookup *list;

	if (t->s.nlookups == STORY_MAX_LOOKUPS)
		return;
	t->s.lookups = tale_more(t->s.lookups, t->s.nlookups,
	    sizeof(struct lookup));
	memcpy(&list, &t->s.lookups, sizeof(list));
	list[t->s.nlookups] = r->k;
	list[t->s.nlookups].name = arena_str(&t->mem, recent_name(r));
	list[t->s.nlookups].canonical = r->canonical == NULL ?
	    NULL :
	    arena_lower(&t->mem, r->canonical, strlen(r->canonical));
	if (is_ptr(t, r, &list[t->s.nlookups].ptr_of))
		list[t->s.nlookups].ptr = arena_lower(&t->mem, r->target,
		    strlen(r->target));
	t->s.nlookups++;
	if (r->k.reply.frame != 0)
		step_answer(t, r);
	else
		step_silence(st, t, r);
}

/* What the client of T asked a KDC or a service for first after WHEN. */
static int64_t
asked_next(const struct tale *t, int64_t when)
{
	int64_t next = INT64_MAX;
	size_t i;

	for (i = 0; i < t->s.nexchanges; i++)
		if (t->s.exchanges[i].req.time >= when &&
		    t->s.exchanges[i].req.time < next)
			next = t->s.exchanges[i].req.time;
	for (i = 0; i < t->s.nattempts; i++)
		if (t->s.attempts[i].req.time >= when &&
		    t->s.attempts[i].req.time < next)
			next = t->s.attempts[i].req.time;
	return next;
}

/*
 * When the client began to look names up, one after the other, until it sent
 * something at WHEN.  The list is in the order in which they were asked,
 * latest first.
 */
static int64_t
lookups_begun(const struct tale *t, int64_t when)
{
	const struct recent *r;
	int64_t begun = when, gap;

	for (r = t->client->recents; r != NULL; r = r->next) {
		if (r->k.query.frame == 0 || r->k.query.time > begun)
			continue;
		gap = r->k.reply.frame != 0 ? STORY_SLOW_RETRY :
					      STORY_LOOKUP_BEFORE;
		if (begun - recent_when(r) <= gap)
			begun = r->k.query.time;
	}
	return begun;
}

/* When a client stood still for a look-up. */
struct wait {
	int64_t from, until;
	bool again; /* the question was repeated */
};

/*
 * What T waited for the answer to R: only when nothing but look-ups came
 * between it and the next request, so that it was for this that the client
 * stood still.  A single question without an answer may be a packet that the
 * capture lost.
 */
static bool
waited(const struct stories *st, const struct tale *t, const struct recent *r,
    struct wait *out)
{
	int64_t next;

	if (r->k.query.frame == 0)
		return false;
	next = asked_next(t, r->k.query.time);
	if (next == INT64_MAX || lookups_begun(t, next) > r->k.query.time)
		return false;
	out->from = r->k.query.time;
	out->until = r->k.reply.frame != 0 ? r->k.reply.time : next;
	out->again = r->k.asked > 1;
	return next >= out->until &&
	    (r->k.reply.frame != 0 ||
		(out->again && ledger_sees_answers(st->ledger, &t->s.client)));
}

static int
wait_compare(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* How long all of LIST took; what was asked at the same time counts once. */
static int64_t
waited_in_all(const struct wait *list, size_t n, bool again)
{
	int64_t all = 0, until = INT64_MIN, from;
	size_t i;

	for (i = 0; i < n; i++) {
		from = list[i].from > until ? list[i].from : until;
		if ((again && !list[i].again) || list[i].until <= from)
			continue;
		until = list[i].until;
		all += until - from;
	}
	return all;
}

static void
note_cost(struct tale *t, struct wait *list, size_t n)
{
	qsort(list, n, sizeof(list[0]), wait_compare);
	t->dns_again = waited_in_all(list, n, true);
	t->dns_late = waited_in_all(list, n, false);
}

/* Look-ups that a story shows, the latest first. */
struct choice {
	const struct recent *list[CLIENT_MAX_LOOKUPS];
	size_t n;
};

static void
choose(struct choice *c, const struct recent *r)
{
	if (c->n < CLIENT_MAX_LOOKUPS)
		c->list[c->n++] = r;
}

/* What T's client asked about its host, and about the way to a KDC. */
static void
select_recents(const struct tale *t, struct choice *host, struct choice *kdc)
{
	const struct exchange *x = asked_for_realm(t);
	bool ptr = asked_for_ptr(t->client);
	const struct recent *r;

	host->n = kdc->n = 0;
	for (r = t->client->recents; r != NULL; r = r->next) {
		if (!is_of_its_time(t, r))
			continue;
		if (names_host(t, r) || (ptr && leads_by_ptr(t, r)))
			choose(host, r);
		else if (names_realm(t, r) || names_kdc(t, r) ||
		    is_before_realm(t, x, r))
			choose(kdc, r);
	}
	/* The latest, half of them of each kind at most. */
	if (kdc->n > STORY_MAX_LOOKUPS / 2)
		kdc->n = STORY_MAX_LOOKUPS / 2;
}

void
story_dns_attach(struct stories *st, struct tale *t)
{
	struct choice about[2], *c;
	struct wait waits[STORY_MAX_LOOKUPS];
	size_t nwaits = 0;

	if (t->s.nexchanges + t->s.nattempts + t->s.ncontacts == 0)
		return; /* nothing followed: it has them already */
	t->dns_begun = lookups_begun(t, asked_next(t, 0));
	select_recents(t, &about[1], &about[0]);
	for (c = about; c < about + 2; c++) {
		if (c->n > STORY_MAX_LOOKUPS - t->s.nlookups)
			c->n = STORY_MAX_LOOKUPS - t->s.nlookups;
		while (c->n-- > 0) {
			nwaits += waited(st, t, c->list[c->n], &waits[nwaits]);
			story_dns_add(st, t, c->list[c->n]);
		}
	}
	note_cost(t, waits, nwaits);
}
