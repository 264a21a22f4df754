/*
 * ledger-kdc.c - who spoke, who listened, who is a KDC, and how clients were
 * led to it: SRV records (RFC 2782, RFC 4120 7.2.3, MS-ADTS 6.3.2.3) joined
 * with the addresses of their targets.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "names.h"
#include "pool.h"
#include "story-tell.h"

#define KDC_PORT 88

/* --- KDCs ------------------------------------------------------------- */

static size_t
failures_octets(const struct failures *f)
{
	return f == NULL ? 0 : sizeof(*f) + f->room * sizeof(f->list[0]);
}

static void
kdc_remove(struct ledger *l, size_t i)
{
	l->kdcs[i]->is_kdc = false;
	memmove(&l->kdcs[i], &l->kdcs[i + 1],
	    (l->nkdcs - i - 1) * sizeof(l->kdcs[0]));
	l->nkdcs--;
}

void
ledger_kdc_forget(struct ledger *l, struct host_entry *h)
{
	struct host_entry **near = ledger_near(l, &h->host.addr);
	size_t i;

	if (*near == h)
		*near = NULL;
	l->held -= failures_octets(h->failures);
	pool_free(h->failures, failures_octets(h->failures));
	for (i = 0; h->is_kdc && i < l->nkdcs; i++)
		if (l->kdcs[i] == h)
			kdc_remove(l, i);
}

static bool
never_answered(const struct host_entry *h)
{
	return (h->host.roles & ROLE_KDC) == 0;
}

/*
 * Makes room in the list of KDCs for one that ANSWERS or not.  One that does
 * is worth more than the first that never did: somebody may be scanning.
 * Otherwise the one unheard for longest goes, if that is long.
 */
static void
kdc_make_room(struct ledger *l, bool answers, int64_t now)
{
	const struct host_entry *h;
	size_t i, oldest = LEDGER_MAX_KDCS;

	for (i = 0; i < l->nkdcs; i++) {
		h = l->kdcs[i];
		if (answers && never_answered(h)) {
			kdc_remove(l, i);
			return;
		}
		if (now - h->kdc_heard > LEDGER_STALE &&
		    (oldest == LEDGER_MAX_KDCS ||
			h->kdc_heard < l->kdcs[oldest]->kdc_heard) &&
		    (answers || never_answered(h)))
			oldest = i;
	}
	if (oldest < l->nkdcs)
		kdc_remove(l, oldest);
}

static void
note_kdc(struct ledger *l, struct host_entry *h, bool answers, int64_t now)
{
	h->kdc_heard = now;
	if (h->is_kdc)
		return;
	if (l->nkdcs == LEDGER_MAX_KDCS)
		kdc_make_room(l, answers, now);
	if (l->nkdcs == LEDGER_MAX_KDCS) {
		l->let_go++;
		return;
	}
	l->kdcs[l->nkdcs++] = h;
	h->is_kdc = true;
}

const struct host *
ledger_kdc_at(const struct ledger *l, size_t i)
{
	return i >= l->nkdcs ? NULL : &l->kdcs[i]->host;
}

/* --- who spoke -------------------------------------------------------- */

static bool
is_kdc_answer(const struct event *ev)
{
	if (ev->kind == EV_kdc_rep)
		return true;
	return ev->kind == EV_krb_error && ev->u.krb_error.from.len == 3 &&
	    memcmp(ev->u.krb_error.from.p, "kdc", 3) == 0;
}

static inline bool
is_conn(const struct event *ev, const char *state)
{
	return ev->kind == EV_conn && ev->u.conn.state.len == strlen(state) &&
	    memcmp(ev->u.conn.state.p, state, strlen(state)) == 0;
}

/* EV comes from H; NULL: from nobody who is known. */
static void
note_sender(struct ledger *l, const struct event *ev, struct host_entry *h)
{
	if (h == NULL)
		return;
	if (h->host.spoke.frame == 0)
		h->host.spoke = ev->ref;
	h->host.spoke_last = ev->ref;
	if (is_kdc_answer(ev))
		note_kdc(l, h, true, ev->ref.time);
}

/* EV goes to H. */
static void
note_receiver(struct ledger *l, const struct event *ev, struct host_entry *h)
{
	if (h == NULL)
		return;
	if (h->host.heard.frame == 0)
		h->host.heard = ev->ref;
	if (!ev->from_client)
		h->gets_answers = true;
	else if (ev->dport == KDC_PORT)
		note_kdc(l, h, false, ev->ref.time);
}

/* A flood is SYNs from anywhere: only who answers becomes known by one. */
static void
feed_conn(struct ledger *l, const struct event *ev)
{
	struct host_entry *h;

	if (is_conn(ev, "gap"))
		return; /* of what was not seen */
	/* A router says that a host cannot be reached: it said nothing. */
	if (!is_conn(ev, "icmp")) {
		h = ev->from_client ? ledger_host_find(l, &ev->src) :
				      ledger_host_entry(l, &ev->src);
		note_sender(l, ev, h);
	}
	note_receiver(l, ev, ledger_host_find(l, &ev->dst));
}

void
ledger_feed_hosts(struct ledger *l, const struct event *ev)
{
	if (ev->src.family == 0 || ev->dst.family == 0)
		return; /* no packet: a probe */
	switch (ev->kind) {
	case EV_conn:
		feed_conn(l, ev);
		break;
	case EV_lost:
	case EV_malformed:
		/* Pieces that are no message, which anybody may send. */
		note_sender(l, ev, ledger_host_find(l, &ev->src));
		note_receiver(l, ev, ledger_host_find(l, &ev->dst));
		break;
	default:
		note_sender(l, ev, ledger_host_entry(l, &ev->src));
		note_receiver(l, ev, ledger_host_entry(l, &ev->dst));
		break;
	}
}

bool
ledger_sees_answers(const struct ledger *l, const struct addr *client)
{
	const struct host_entry *h = ledger_host_find(l, client);

	return h != NULL && h->gets_answers;
}

/* --- log-ons that fail ------------------------------------------------ */

/* Forgets what is too long ago, and the same name before. */
static void
failures_trim(struct failures *f, uint64_t name, int64_t now)
{
	size_t i, n = 0;

	for (i = 0; i < f->n; i++)
		if (f->list[i].name != name &&
		    now - f->list[i].ref.time <= HOST_FAILING_WITHIN)
			f->list[n++] = f->list[i];
	f->n = n;
}

static struct failures *
failures_room(struct ledger *l, struct failures *f)
{
	size_t room = f == NULL ? 2 : f->room * 2;
	size_t had = failures_octets(f);

	if (f != NULL && f->n < f->room)
		return f;
	f = pool_resized(f, had, sizeof(*f) + room * sizeof(f->list[0]));
	f->room = room;
	l->held += failures_octets(f) - had;
	return f;
}

void
ledger_failing(struct ledger *l, const struct addr *addr, const char *name,
    const char *realm, const struct ref *ref)
{
	struct host_entry *h = ledger_host_entry(l, addr);
	struct failures *f = h->failures;
	uint64_t hash = hash_text(name, strlen(name));

	if (realm != NULL)
		hash = hash_mix(hash, hash_text(realm, strlen(realm)));
	if (f != NULL)
		failures_trim(f, hash, ref->time);
	if (f != NULL && f->n == HOST_MAX_FAILING)
		memmove(&f->list[0], &f->list[1], --f->n * sizeof(f->list[0]));
	f = h->failures = failures_room(l, f);
	f->list[f->n].name = hash;
	f->list[f->n++].ref = *ref;
	if (f->n > HOST_FAILING_MANY) /* or it goes on */
		h->host.failing_last = *ref;
	if (f->n <= h->host.failing)
		return;
	h->host.failing = (unsigned)f->n;
	h->host.failing_first = f->list[0].ref;
	h->host.failing_last = *ref;
}

/* --- SRV records ------------------------------------------------------ */

static bool
is_text(const char *have, struct str text)
{
	return strlen(have) == text.len &&
	    strncasecmp(have, text.p, text.len) == 0;
}

static bool
srv_match(const struct node *n, const void *key)
{
	return is_text(((const struct srv_entry *)n)->fact.target,
	    *(const struct str *)key);
}

static bool
srv_at_match(const struct node *n, const void *key)
{
	return addr_equal(&((const struct srv_at *)n)->addr, key);
}

static void
srv_drop(struct ledger *l, struct node *n)
{
	struct srv_entry *e = (struct srv_entry *)n;

	ledger_drop_text(l, e->fact.name);
	ledger_drop_text(l, e->fact.target);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static void
srv_at_drop(struct ledger *l, struct node *n)
{
	struct srv_at *e = (struct srv_at *)n;

	ledger_drop_text(l, e->target);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static struct srv_entry *
srv_find(const struct ledger *l, uint64_t hash, struct str target)
{
	return (
	    struct srv_entry *)table_find(&l->srv, hash, srv_match, &target);
}

/* ADDR is one of the target's: the latest of them that has it counts. */
static void
srv_join(struct ledger *l, struct str target, const struct addr *addr)
{
	uint64_t hash = hash_addr(addr);
	struct srv_at *e;

	e = (struct srv_at *)table_find(&l->srv_at, hash, srv_at_match, addr);
	if (e != NULL) {
		table_touch(&l->srv_at, &e->node);
		if (is_text(e->target, target))
			return;
		ledger_drop_text(l, e->target);
		e->target = ledger_copy(l, target.p, target.len, true);
		return;
	}
	e = pool_zeroed(sizeof(*e));
	e->addr = *addr;
	e->target = ledger_copy(l, target.p, target.len, true);
	table_add(&l->srv_at, &e->node, hash);
	ledger_account_for(l, sizeof(*e), &l->srv_at, LEDGER_MAX_SRV,
	    srv_at_drop);
}

void
ledger_srv_target(struct ledger *l, const struct event *ev)
{
	const struct ev_dns_rr *rr = &ev->u.dns_rr;
	const struct name_fact *n;
	struct srv_entry *e;
	struct str domain;
	uint64_t hash;
	size_t i;

	if (rr->data.len == 0 || !name_is_locator(rr->name, &domain))
		return;
	hash = hash_text(rr->data.p, rr->data.len);
	e = srv_find(l, hash, rr->data);
	if (e != NULL) {
		e->fact.ref = ev->ref;
		table_touch(&l->srv, &e->node);
		return;
	}
	e = pool_zeroed(sizeof(*e));
	e->fact.name = ledger_copy(l, rr->name.p, rr->name.len, true);
	e->fact.target = ledger_copy(l, rr->data.p, rr->data.len, true);
	e->fact.ref = ev->ref;
	table_add(&l->srv, &e->node, hash);
	ledger_account_for(l, sizeof(*e), &l->srv, LEDGER_MAX_SRV, srv_drop);
	n = ledger_name(l, e->fact.target);
	for (i = 0; n != NULL && i < n->naddrs; i++)
		srv_join(l, rr->data, &n->addrs[i]);
}

void
ledger_srv_addr(struct ledger *l, const struct name_entry *e,
    const struct addr *addr)
{
	struct str name = { e->name.name, e->len };

	if (l->srv.count > 0 && srv_find(l, e->node.hash, name) != NULL)
		srv_join(l, name, addr);
}

const struct srv_fact *
ledger_srv(const struct ledger *l, const struct addr *addr)
{
	const struct srv_entry *e;
	const struct node *n;
	struct str target;

	n = table_find(&l->srv_at, hash_addr(addr), srv_at_match, addr);
	if (n == NULL)
		return NULL;
	target = str_of(((const struct srv_at *)n)->target);
	e = srv_find(l, hash_text(target.p, target.len), target);
	return e == NULL ? NULL : &e->fact;
}

void
ledger_release_srv(struct ledger *l)
{
	ledger_drop_all(l, &l->srv, srv_drop);
	ledger_drop_all(l, &l->srv_at, srv_at_drop);
}
