/*
 * ledger.c - what the capture as a whole has taught: hosts, names and
 * accounts, and the memory they are kept in.  Services and tickets are in
 * ledger-service.c, what KDCs say of SPNs in ledger-spn.c, realms in
 * ledger-realm.c, who and where KDCs are in ledger-kdc.c, clocks in
 * ledger-clock.c, times in ledger-time.c, what events say in ledger-feed.c.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "names.h"
#include "pool.h"

#define KIND_LEAST 64  /* entries: those in use are the newest */
#define ORDER_FIRST 64 /* hosts: rules look at no more of them */

void
ledger_init(struct ledger *l, int64_t skew, uint64_t ceiling)
{
	memset(l, 0, sizeof(*l));
	l->skew = skew;
	l->ceiling = ceiling;
}

/* --- memory ----------------------------------------------------------- */

char *
ledger_copy(struct ledger *l, const char *p, size_t len, bool lower)
{
	char *copy;
	size_t i;

	/* As ledger_drop_text() counts it; an empty text points nowhere. */
	len = len == 0 ? 0 : strnlen(p, len);
	copy = pool_zeroed(len + 1);
	for (i = 0; i < len; i++)
		copy[i] = lower && p[i] >= 'A' && p[i] <= 'Z' ?
		    (char)(p[i] + 32) :
		    p[i];
	l->held += len + 1;
	return copy;
}

void
ledger_drop_text(struct ledger *l, const char *text)
{
	if (text == NULL)
		return;
	l->held -= strlen(text) + 1;
	pool_free_text(text);
}

/* A table that may be asked for memory; NULL when there are too many. */
static struct ledger_kind *
kind_of(struct ledger *l, struct table *t)
{
	size_t i;

	for (i = 0; i < l->nkinds; i++)
		if (l->kinds[i].t == t)
			return &l->kinds[i];
	return i < LEDGER_KINDS ? &l->kinds[l->nkinds++] : NULL;
}

/* Of all tables the one that holds most, if it has entries to spare. */
static struct ledger_kind *
kind_largest(struct ledger *l)
{
	struct ledger_kind *k, *most = NULL;

	for (k = l->kinds; k < l->kinds + l->nkinds; k++)
		if (k->t->count > KIND_LEAST &&
		    (most == NULL ||
			k->t->count * k->unit > most->t->count * most->unit))
			most = k;
	return most;
}

static void
let_go(struct ledger *l, struct table *t,
    void (*drop)(struct ledger *, struct node *))
{
	struct node *old = t->oldest;

	table_remove(t, old);
	drop(l, old);
	l->let_go++;
}

/*
 * When all is full, the one that holds most gives its oldest: a table that
 * was small on that day would stay so for ever otherwise, and a run need not
 * end.  What look-ups said is not asked: it would not come again.
 */
void
ledger_account_for(struct ledger *l, size_t n, struct table *t, size_t most,
    void (*drop)(struct ledger *, struct node *))
{
	bool proof = t >= l->proofs && t < l->proofs + PROOF_KINDS;
	struct ledger_kind *k = proof ? NULL : kind_of(l, t);

	if (k != NULL)
		*k = (struct ledger_kind){ t, n, drop };
	l->held += n;
	while (t->count > 1 && t->count > most)
		let_go(l, t, drop);
	while (l->held > l->ceiling) {
		k = proof ? NULL : kind_largest(l);
		if (k != NULL)
			let_go(l, k->t, k->drop);
		else if (t->count > 1)
			let_go(l, t, drop);
		else
			break;
	}
}

void
tally_add(struct tally *t, const struct ref *ref, int64_t kvno, int64_t etype,
    int64_t error)
{
	if (t->count++ == 0) {
		t->first = *ref;
		t->kvno_first = kvno;
	}
	t->last = *ref;
	if (t->count == 1 || t->kvno_last != kvno)
		t->kvno_since = ref->time;
	t->kvno_last = kvno;
	t->etype_last = etype;
	t->error_last = error;
}

/* --- hosts ------------------------------------------------------------ */

static bool
host_match(const struct node *n, const void *key)
{
	return addr_equal(&((const struct host_entry *)n)->host.addr, key);
}

struct host_entry *
ledger_host_find(const struct ledger *l, const struct addr *addr)
{
	return (struct host_entry *)table_find(&l->hosts, hash_addr(addr),
	    host_match, addr);
}

/* H is about to go, and a view may ask for it: the last takes its place. */
static void
order_forget(struct ledger *l, const struct host_entry *h)
{
	struct host_entry *last;

	if (h->place == 0)
		return;
	last = l->order[--l->norder];
	l->order[h->place - 1] = last;
	last->place = h->place;
}

static void
host_drop(struct ledger *l, struct node *n)
{
	struct host_entry *h = (struct host_entry *)n;
	size_t i;

	for (i = 0; i < h->host.nnames; i++)
		ledger_drop_text(l, h->host.names[i].name);
	ledger_drop_text(l, h->host.account);
	ledger_drop_text(l, h->host.kdc_realm);
	free(h->services.list);
	ledger_kdc_forget(l, h);
	order_forget(l, h);
	if (h->host.clock.samples > 0)
		l->clocked--;
	l->held -= sizeof(*h);
	pool_free(h, sizeof(*h));
}

/*
 * Every event asks for its two hosts several times, and the next one for the
 * same two or for those of another busy client: most are found without the
 * table's keyed hash.  This one anybody can make collide, and gains nothing.
 */
struct host_entry **
ledger_near(struct ledger *l, const struct addr *addr)
{
	uint64_t half[2];

	if (addr->family == 4)
		return &l->near[(addr->b[3] + 89U * addr->b[2]) % LEDGER_NEAR];
	memcpy(half, addr->b, sizeof(half));
	half[0] = (half[0] ^ half[1]) * UINT64_C(0x9e3779b97f4a7c15);
	return &l->near[(half[0] >> 32) % LEDGER_NEAR];
}

static struct host_entry *
host_near(struct ledger *l, const struct addr *addr)
{
	struct host_entry **near = ledger_near(l, addr), *h = *near;

	if (h != NULL && addr_equal(&h->host.addr, addr))
		return h;
	h = ledger_host_find(l, addr);
	if (h != NULL)
		*near = h;
	return h;
}

struct host_entry *
ledger_host_entry(struct ledger *l, const struct addr *addr)
{
	struct host_entry *h = host_near(l, addr);

	if (h != NULL) {
		table_touch(&l->hosts, &h->node);
		return h;
	}
	h = pool_zeroed(sizeof(*h));
	h->host.addr = *addr;
	table_add(&l->hosts, &h->node, hash_addr(addr));
	ledger_account_for(l, sizeof(*h), &l->hosts, LEDGER_MAX_HOSTS,
	    host_drop);
	return h;
}

/*
 * The slot for one more name: a free one, that of the weakest, or that of one
 * as weak which was not heard for long: addresses are given to others.
 */
static struct host_name *
host_name_slot(struct ledger *l, struct host *h, enum name_source source,
    int64_t now)
{
	struct host_name *weakest = &h->names[0], *oldest = NULL, *n;

	if (h->nnames < HOST_MAX_NAMES)
		return &h->names[h->nnames++];
	for (n = h->names; n < h->names + h->nnames; n++) {
		if (n->source < weakest->source)
			weakest = n;
		if (n->source <= source && now - n->heard > LEDGER_STALE &&
		    (oldest == NULL || n->heard < oldest->heard))
			oldest = n;
	}
	if (oldest == NULL && weakest->source < source)
		oldest = weakest;
	if (oldest != NULL)
		ledger_drop_text(l, oldest->name);
	return oldest;
}

void
ledger_host_name(struct ledger *l, const struct addr *addr, const char *name,
    size_t len, enum name_source source, const struct ref *ref)
{
	struct host *h;
	struct host_name *slot;
	size_t i;

	if (len == 0 || text_is_ip((struct str){ name, len }))
		return;
	h = &ledger_host_entry(l, addr)->host;
	for (i = 0; i < h->nnames; i++) {
		slot = &h->names[i];
		if (strlen(slot->name) != len ||
		    strncasecmp(slot->name, name, len) != 0)
			continue;
		slot->heard = ref->time;
		if (source > slot->source) {
			slot->source = source;
			slot->ref = *ref;
		}
		return;
	}
	slot = host_name_slot(l, h, source, ref->time);
	if (slot == NULL)
		return;
	slot->name = ledger_copy(l, name, len, true);
	slot->source = source;
	slot->ref = *ref;
	slot->heard = ref->time;
}

const struct host *
ledger_host(const struct ledger *l, const struct addr *addr)
{
	const struct host_entry *h = ledger_host_find(l, addr);

	return h == NULL ? NULL : &h->host;
}

/* Of most hosts that a port scan asks nothing is known but that. */
static bool
host_is_known(const struct host *h)
{
	return h->roles != 0 || h->nnames > 0 || h->clock.samples > 0 ||
	    h->asked > 0;
}

/* Adds hosts to the order, up to MOST in all; false when that is all. */
static bool
order_add(struct ledger *l, size_t most)
{
	struct host_entry *h;
	struct node *n;

	l->order = must_realloc(l->order, most + 1, sizeof(*l->order));
	for (n = l->hosts.oldest; n != NULL; n = n->newer) {
		h = (struct host_entry *)n;
		if (h->place != 0 || !host_is_known(&h->host))
			continue;
		if (l->norder == most)
			return true;
		l->order[l->norder++] = h;
		h->place = l->norder;
	}
	return false;
}

void
ledger_order(struct ledger *l)
{
	while (l->norder > 0)
		l->order[--l->norder]->place = 0;
	l->order_more = order_add(l, ORDER_FIRST);
	ledger_census(l);
}

const struct host *
ledger_host_at(const struct ledger *l, size_t i)
{
	struct ledger *all;

	if (i >= l->norder && l->order_more) {
		/* It is the same ledger, and says no more than it knew. */
		memcpy(&all, &l, sizeof(all));
		order_add(all, l->hosts.count);
		all->order_more = false;
	}
	return i >= l->norder ? NULL : &l->order[i]->host;
}

bool
host_has_name(const struct host *host, const char *name,
    enum name_source source)
{
	size_t i;

	if (host == NULL || name == NULL)
		return false;
	for (i = 0; i < host->nnames; i++)
		if (host->names[i].source >= source &&
		    host_alike(str_of(host->names[i].name), str_of(name)))
			return true;
	return false;
}

const char *
host_own_name(const struct host *host, const char *avoid)
{
	const struct host_name *best = NULL, *n;
	size_t i;

	if (host == NULL)
		return NULL;
	for (i = 0; i < host->nnames; i++) {
		n = &host->names[i];
		if (n->source < NAME_TICKET)
			continue;
		if (avoid != NULL && host_alike(str_of(n->name), str_of(avoid)))
			continue;
		if (best == NULL || n->source > best->source ||
		    (n->source == best->source &&
			strlen(n->name) > strlen(best->name)))
			best = n;
	}
	return best == NULL ? NULL : best->name;
}

/* --- names ------------------------------------------------------------ */

static bool
name_match(const struct node *n, const void *key)
{
	const struct name_entry *e = (const struct name_entry *)n;
	const struct str *name = key;

	return e->len == name->len &&
	    strncasecmp(e->name.name, name->p, name->len) == 0;
}

/* The place of NAME in any case, as ledger_near() is one of an address. */
static struct name_entry **
name_near(struct ledger *l, struct str name)
{
	const uint8_t *p = (const uint8_t *)name.p;
	size_t n = name.len;

	if (n > 0)
		n += (p[0] | 32U) + 5U * (p[n / 2] | 32U) +
		    3U * (p[n - 1] | 32U);
	return &l->near_names[n % NEAR_NAMES];
}

static void
name_drop(struct ledger *l, struct node *n)
{
	struct name_entry *e = (struct name_entry *)n;
	struct name_entry **near;

	near = name_near(l, (struct str){ e->name.name, e->len });
	if (*near == e)
		*near = NULL;
	ledger_drop_text(l, e->name.name);
	ledger_drop_text(l, e->name.canonical);
	ledger_drop_text(l, e->name.dfs);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

struct name_entry *
ledger_name_entry(struct ledger *l, struct str name)
{
	struct name_entry **near = name_near(l, name), *e = *near;
	uint64_t hash;

	if (e == NULL || e->len != name.len ||
	    memcmp(e->name.name, name.p, name.len) != 0) {
		hash = hash_text(name.p, name.len);
		e = (struct name_entry *)table_find(&l->names, hash, name_match,
		    &name);
	}
	if (e != NULL) {
		table_touch(&l->names, &e->node);
		*near = e;
		return e;
	}
	e = pool_zeroed(sizeof(*e));
	e->name.name = ledger_copy(l, name.p, name.len, true);
	e->len = name.len;
	table_add(&l->names, &e->node, hash);
	ledger_account_for(l, sizeof(*e), &l->names, LEDGER_MAX_NAMES,
	    name_drop);
	return e;
}

const struct name_fact *
ledger_name(const struct ledger *l, const char *name)
{
	struct str key = str_of(name);
	const struct node *n;

	n = table_find(&l->names, hash_text(key.p, key.len), name_match, &key);
	return n == NULL ? NULL : &((const struct name_entry *)n)->name;
}

/* --- accounts --------------------------------------------------------- */

static bool
account_match(const struct node *n, const void *key)
{
	return strcasecmp(((const struct account_entry *)n)->account.principal,
		   key) == 0;
}

static bool
machine_match(const struct node *n, const void *key)
{
	const struct str *label = key;
	const char *have = ((const struct machine_entry *)n)->label;

	return strlen(have) == label->len &&
	    strncasecmp(have, label->p, label->len) == 0;
}

/* The label of a machine account (FS1 of FS1$@REALM); len 0: none is one. */
static struct str
machine_label(const char *principal)
{
	size_t n = strcspn(principal, "@");

	if (n < 2 || principal[n - 1] != '$')
		return (struct str){ NULL, 0 };
	return (struct str){ principal, n - 1 };
}

static struct machine_entry *
machine_find(const struct ledger *l, struct str label)
{
	return (struct machine_entry *)table_find(&l->machines,
	    hash_text(label.p, label.len), machine_match, &label);
}

static void
account_drop(struct ledger *l, struct node *n)
{
	struct account_entry *e = (struct account_entry *)n;
	struct str label = machine_label(e->account.principal);
	struct machine_entry *m;

	m = label.len == 0 ? NULL : machine_find(l, label);
	if (m != NULL && m->account == e) {
		table_remove(&l->machines, &m->node);
		ledger_drop_text(l, m->label);
		pool_free(m, sizeof(*m));
	}
	ledger_drop_text(l, e->account.principal);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static void
machine_add(struct ledger *l, struct account_entry *e)
{
	struct str label = machine_label(e->account.principal);
	struct machine_entry *m;

	if (label.len == 0 || machine_find(l, label) != NULL)
		return;
	m = pool_zeroed(sizeof(*m));
	m->account = e;
	m->label = ledger_copy(l, label.p, label.len, true);
	table_add(&l->machines, &m->node, hash_text(label.p, label.len));
}

void
ledger_as_done(struct ledger *l, const char *principal, int64_t error,
    bool bad_key, int64_t etype, const struct ref *ref)
{
	uint64_t hash = hash_text(principal, strlen(principal));
	struct account_entry *e;
	struct tally *t;

	e = (struct account_entry *)table_find(&l->accounts, hash,
	    account_match, principal);
	if (e == NULL) {
		e = pool_zeroed(sizeof(*e));
		e->account.principal = ledger_copy(l, principal,
		    strlen(principal), false);
		table_add(&l->accounts, &e->node, hash);
		machine_add(l, e);
		ledger_account_for(l, sizeof(*e), &l->accounts,
		    LEDGER_MAX_ACCOUNTS, account_drop);
	} else
		table_touch(&l->accounts, &e->node);
	t = error < 0                     ? &e->account.ok :
	    bad_key                       ? &e->account.bad_key :
	    error == KDC_ERR_ETYPE_NOSUPP ? &e->account.no_etype :
					    &e->account.other;
	tally_add(t, ref, EV_ABSENT, etype, error);
}

const struct account_fact *
ledger_account(const struct ledger *l, const char *principal)
{
	const struct node *n;

	n = table_find(&l->accounts, hash_text(principal, strlen(principal)),
	    account_match, principal);
	return n == NULL ? NULL : &((const struct account_entry *)n)->account;
}

const struct account_fact *
ledger_machine(const struct ledger *l, const char *name)
{
	struct str label = { name, strcspn(name, ".$@") };
	const struct machine_entry *m;

	m = label.len == 0 ? NULL : machine_find(l, label);
	return m == NULL ? NULL : &m->account->account;
}

/* --- the end ---------------------------------------------------------- */

void
ledger_drop_all(struct ledger *l, struct table *t,
    void (*drop)(struct ledger *, struct node *))
{
	struct node *n;

	while ((n = t->oldest) != NULL) {
		table_remove(t, n);
		drop(l, n);
	}
	table_free(t, free);
}

void
ledger_release(struct ledger *l)
{
	ledger_release_services(l);
	ledger_release_spns(l);
	ledger_release_realms(l);
	ledger_release_fronts(l);
	ledger_release_srv(l);
	ledger_release_proofs(l);
	ledger_drop_all(l, &l->accounts, account_drop);
	table_free(&l->machines, free);
	ledger_drop_all(l, &l->names, name_drop);
	ledger_drop_all(l, &l->hosts, host_drop);
	free(l->order);
	free(l->times);
}

/* --- the rest --------------------------------------------------------- */

int64_t
ledger_skew(const struct ledger *l)
{
	return l->skew;
}

unsigned
ledger_evidence(const struct ledger *l)
{
	return l->evidence;
}
