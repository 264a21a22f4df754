/*
 * story-dns.c - what a client looked up, remembered for a while so that the
 * story it led to can show it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"
#include "story-tell.h"

static uint64_t
recent_octets(const struct recent *r)
{
	return sizeof(*r) + strlen(r->name) + 1 +
	    (r->canonical == NULL ? 0 : strlen(r->canonical) + 1);
}

static void
recent_free(struct stories *st, struct recent *r)
{
	st->held -= recent_octets(r);
	free(r->name);
	free(r->canonical);
	free(r);
}

void
story_dns_forget(struct stories *st, struct client *c)
{
	struct recent *r;

	while ((r = c->recents) != NULL) {
		c->recents = r->next;
		recent_free(st, r);
	}
	c->nrecents = 0;
}

/* Only the latest are of use: a story looks back a few seconds. */
static void
recent_trim(struct stories *st, struct client *c)
{
	struct recent **at = &c->recents;

	while ((*at)->next != NULL)
		at = &(*at)->next;
	recent_free(st, *at);
	*at = NULL;
	c->nrecents--;
}

static struct recent *
recent_new(struct stories *st, struct client *c, const struct event *ev,
    struct str name, int64_t type, int64_t id)
{
	struct recent *r = must_calloc(1, sizeof(*r));

	r->name = must_text(name);
	r->k.name = r->name;
	r->k.type = type;
	r->k.rcode = -1;
	r->flow = ev->flow;
	r->id = id;
	r->next = c->recents;
	c->recents = r;
	st->held += recent_octets(r);
	if (++c->nrecents > CLIENT_MAX_LOOKUPS)
		recent_trim(st, c);
	return r;
}

static struct recent *
recent_find(struct client *c, uint64_t flow, int64_t id)
{
	struct recent *r;

	for (r = c->recents; r != NULL; r = r->next)
		if (r->flow == flow && r->id == id && r->k.rcode < 0)
			return r;
	return NULL;
}

static void
dns_query(struct stories *st, const struct event *ev)
{
	const struct ev_dns_query *q = &ev->u.dns_query;
	struct client *c = client_get(st, &ev->src);
	struct recent *r = recent_find(c, ev->flow, q->id);

	if (r != NULL)
		return; /* asked again */
	r = recent_new(st, c, ev, q->name, q->type, q->id);
	r->k.query = ev->ref;
	r->server = ev->dst;
}

static void
dns_rr(struct stories *st, const struct event *ev)
{
	const struct ev_dns_rr *rr = &ev->u.dns_rr;
	struct client *c = client_get(st, &ev->dst);
	struct recent *r = recent_find(c, ev->flow, rr->id);
	struct addr a;

	if (r == NULL)
		r = recent_new(st, c, ev, rr->name, rr->type, rr->id);
	if (rr->type == DNS_CNAME && rr->data.len > 0) {
		st->held -= recent_octets(r);
		free(r->canonical);
		r->canonical = must_text(rr->data);
		r->k.canonical = r->canonical;
		st->held += recent_octets(r);
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
	n = &ledger_name_entry(st->ledger, str_of(r->name))->name;
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
	struct recent *r = recent_find(c, ev->flow, d->id);

	if (r == NULL) {
		if (d->name.len == 0)
			return;
		r = recent_new(st, c, ev, d->name, d->type, d->id);
	}
	r->k.reply = ev->ref;
	r->k.rcode = d->rcode == EV_ABSENT ? 0 : d->rcode;
	r->server = ev->src;
	note_answer(st, r, ev->ref);
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
 * Whether R may be the host for whose sake T asks for another realm and for
 * nothing else: the address that its client looked up right before.
 */
static bool
is_before_realm(const struct tale *t, const struct recent *r, int64_t when)
{
	const struct exchange *x;
	struct spn spn;

	if (t->s.nexchanges == 0 || r->k.naddrs == 0)
		return false;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	return x->kind == EXCHANGE_TGS && spn_equal(x->sname, t->s.spn) &&
	    spn_split(x->sname, &spn) && x->realm != NULL &&
	    refusal_text_is(spn.class, "krbtgt") &&
	    !refusal_text_is(spn.host, x->realm) && when <= x->req.time &&
	    when > x->req.time - STORY_REALM_BEFORE &&
	    !is_kdc(t, &r->k.addrs[0]);
}

static bool
is_of_interest(const struct tale *t, const struct recent *r)
{
	int64_t when = r->k.query.frame != 0 ? r->k.query.time :
					       r->k.reply.time;

	if (t->s.host == NULL || when < t->s.start - STORY_LOOKUP_BEFORE ||
	    when > t->s.end)
		return false;
	if (is_before_realm(t, r, when))
		return true;
	if (r->k.type == DNS_SRV || r->k.type == DNS_URI ||
	    r->k.type == DNS_TXT)
		return false;
	return host_alike(str_of(r->name), str_of(t->s.host)) ||
	    (r->canonical != NULL &&
		host_alike(str_of(r->canonical), str_of(t->s.host))) ||
	    (t->s.target != NULL &&
		host_alike(str_of(r->name), str_of(t->s.target)));
}

static void
step_insert(struct tale *t, const struct step *new)
{
	struct step *list;
	size_t i;

	if (t->s.nsteps == STORY_MAX_STEPS)
		return;
	t->s.steps = tale_more(t->s.steps, t->s.nsteps, sizeof(*new));
	memcpy(&list, &t->s.steps, sizeof(list));
	for (i = t->s.nsteps++; i > 0 && list[i - 1].ref.time > new->ref.time;
	     i--)
		list[i] = list[i - 1];
	list[i] = *new;
}

static const char *
answer_text(struct tale *t, const struct recent *r)
{
	char addr[ADDR_TEXT];

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
attach(struct tale *t, const struct recent *r)
{
	struct lookup *list;
	struct step s = { .code = EV_ABSENT };

	if (t->s.nlookups == STORY_MAX_LOOKUPS)
		return;
	t->s.lookups = tale_more(t->s.lookups, t->s.nlookups,
	    sizeof(struct lookup));
	memcpy(&list, &t->s.lookups, sizeof(list));
	list[t->s.nlookups] = r->k;
	list[t->s.nlookups].name = arena_str(&t->mem, str_of(r->name));
	list[t->s.nlookups].canonical = r->canonical == NULL ?
	    NULL :
	    arena_lower(&t->mem, r->canonical, strlen(r->canonical));
	t->s.nlookups++;
	if (r->k.reply.frame == 0)
		return;
	s.ref = r->k.reply;
	s.from = r->server;
	s.to = t->s.client;
	s.what = answer_text(t, r);
	s.result = r->k.naddrs > 0 ? STEP_OK : STEP_INFO;
	s.code = r->k.rcode == 0 ? EV_ABSENT : r->k.rcode;
	s.code_name = s.code == EV_ABSENT ? NULL : dns_rcode_name(r->k.rcode);
	step_insert(t, &s);
}

void
story_dns_attach(struct tale *t)
{
	const struct recent *r, *found[CLIENT_MAX_LOOKUPS + 1];
	size_t n = 0;

	for (r = t->client->recents; r != NULL && n <= CLIENT_MAX_LOOKUPS;
	     r = r->next)
		if (is_of_interest(t, r))
			found[n++] = r;
	if (n > STORY_MAX_LOOKUPS)
		n = STORY_MAX_LOOKUPS; /* the latest: the list begins there */
	while (n-- > 0)
		attach(t, found[n]);
}
