/*
 * probe-try.c - every key at hand, tried on every ticket once, the likely
 * ones first; and what comes of it.
 *
 * RFC 4120 5.3, 5.4.2, 5.5.1, 7.5.1 (key usages).  A ticket that no key opens
 * is told of by the entry that comes nearest: the service's own name, or the
 * account of its host (fs1$ and host/fs1 for cifs/fs1.corp), for in a domain
 * most classes are other names of HOST.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "probe-try.h"
#include "story.h"

#define USAGE_PA_ENC_TS 1
#define USAGE_TICKET 2
#define SAM_NAME 15 /* letters of a machine account, without its $ */
/* Entries of one client that are tried on its timestamp. */
#define MOST_OF_CLIENT 256
/*
 * Tickets of one service, version and enctype that are tried with all keys:
 * they have one key, but for two accounts that hold the same name.
 */
#define WHOLE_TRIALS 2

/* A ticket that was tried. */
struct ring_seen {
	struct node node;
	uint8_t digest[DIGEST_LEN];
	struct ring_key *key;           /* NULL: none opens it */
	const struct ring_entry *entry; /* told to have that key */
};

/* Tickets of one service, version and enctype. */
struct ring_service {
	struct node node;
	struct ring_key *key; /* that opened the last of them */
	unsigned closed;      /* tried with all keys in vain */
	const char *name;
	size_t len;
	int64_t etype, kvno;
};

/* --- tickets seen -------------------------------------------------------- */

static bool
seen_match(const struct node *n, const void *digest)
{
	const struct ring_seen *s = (const struct ring_seen *)n;

	return memcmp(s->digest, digest, DIGEST_LEN) == 0;
}

static struct ring_seen *
seen_find(const struct keyring *k, struct bytes digest)
{
	return (struct ring_seen *)table_find(&k->seen,
	    hash_bytes(digest.p, DIGEST_LEN), seen_match, digest.p);
}

static void
drop_oldest(struct table *t, size_t most)
{
	struct node *n = t->oldest;

	if (t->count < most)
		return;
	table_remove(t, n);
	free(n);
}

static struct ring_seen *
seen_add(struct keyring *k, struct bytes digest)
{
	struct ring_seen *s = must_calloc(1, sizeof(*s));

	drop_oldest(&k->seen, KEYRING_MAX_SEEN);
	memcpy(s->digest, digest.p, DIGEST_LEN);
	table_add(&k->seen, &s->node, hash_bytes(digest.p, DIGEST_LEN));
	return s;
}

struct wanted_service {
	const char *name;
	size_t len;
	int64_t etype, kvno;
};

static bool
service_match(const struct node *n, const void *key)
{
	const struct ring_service *s = (const struct ring_service *)n;
	const struct wanted_service *w = key;

	return s->etype == w->etype && s->kvno == w->kvno && s->len == w->len &&
	    memcmp(s->name, w->name, w->len) == 0;
}

static struct ring_service *
service_find(const struct keyring *k, const struct wanted_service *w,
    uint64_t *hash)
{
	*hash = hash_mix(hash_bytes(w->name, w->len),
	    hash_mix((uint64_t)w->etype, (uint64_t)w->kvno));
	return (struct ring_service *)table_find(&k->services, *hash,
	    service_match, w);
}

static struct ring_service *
service_get(struct keyring *k, const struct passing *t)
{
	char buf[RING_NAME];
	struct wanted_service w = { buf,
		ring_family_name(t->sname, t->realm, buf), t->etype, t->kvno };
	struct ring_service *s;
	uint64_t hash;

	s = service_find(k, &w, &hash);
	if (s != NULL)
		return s;
	drop_oldest(&k->services, LEDGER_MAX_SERVICES);
	/* Its name stands behind it. */
	s = must_calloc(1, sizeof(*s) + w.len + 1);
	memcpy(s + 1, buf, w.len);
	s->name = (const char *)(s + 1);
	s->len = w.len;
	s->etype = w.etype;
	s->kvno = w.kvno;
	table_add(&k->services, &s->node, hash);
	return s;
}

/*
 * Whether a ticket of the same service and version, sealed with RC4, was
 * opened: then the password is right, for RC4 keys have no salt.
 */
static bool
rc4_opened(const struct keyring *k, const struct passing *t)
{
	char buf[RING_NAME];
	struct wanted_service w = { buf,
		ring_family_name(t->sname, t->realm, buf), ETYPE_RC4, t->kvno };
	const struct ring_service *s;
	uint64_t hash;

	s = t->etype == ETYPE_RC4 ? NULL : service_find(k, &w, &hash);
	return s != NULL && s->key != NULL;
}

/* --- principals that a ticket may mean ----------------------------------- */

static bool
has_keytab_entry(const struct ring_family *f, const struct passing *t)
{
	const struct ring_entry *e;

	for (e = f->first; e != NULL; e = e->next_of_name)
		if (e->file != NULL &&
		    ring_same_host(ring_component(str_of(e->name), 1),
			ring_component(t->sname, 1)))
			return true;
	return false;
}

static void
owners_add(struct owners *o, struct ring_family *f)
{
	if (f != NULL && o->n < sizeof(o->families) / sizeof(*o->families))
		o->families[o->n++] = f;
}

/* Samba exports the key of krbtgt/CORP.EXAMPLE as krbtgt@CORP.EXAMPLE. */
static void
owners_krbtgt(struct keyring *k, struct owners *o)
{
	struct str class = ring_component(o->t->sname, 0);
	struct str realm = ring_component(o->t->sname, 1);

	if (class.len == 6 && strncasecmp(class.p, "krbtgt", 6) == 0 &&
	    realm.len == o->t->realm.len &&
	    strncasecmp(realm.p, o->t->realm.p, realm.len) == 0)
		owners_add(o, ring_family(k, class, o->t->realm));
}

/* The families of the account of the host of T: fs1$, host/fs1. */
static void
owners_host(struct keyring *k, struct owners *o)
{
	const struct passing *t = o->t;
	struct str host = ring_component(t->sname, 1);
	const char *dot;
	char buf[300];
	size_t n;

	if (host.len == 0) { /* fs1$ itself */
		host = t->sname;
		if (host.len < 2 || host.p[host.len - 1] != '$')
			return;
		host.len--;
	}
	dot = memchr(host.p, '.', host.len);
	n = dot == NULL ? host.len : (size_t)(dot - host.p);
	if (n == 0 || n > 255)
		return;
	memcpy(buf, host.p, n);
	buf[n] = '$';
	owners_add(o, ring_family(k, (struct str){ buf, n + 1 }, t->realm));
	if (n > SAM_NAME) {
		buf[SAM_NAME] = '$';
		owners_add(o,
		    ring_family(k, (struct str){ buf, SAM_NAME + 1 },
			t->realm));
	}
	memcpy(buf, "host/", 5);
	memcpy(buf + 5, host.p, n);
	owners_add(o, ring_family(k, (struct str){ buf, n + 5 }, t->realm));
}

static void
owners_find(struct keyring *k, const struct passing *t, struct owners *o)
{
	struct ring_family *f = ring_family(k, t->sname, t->realm);

	*o = (struct owners){ .t = t };
	if (f != NULL) {
		owners_add(o, f);
		o->exact = has_keytab_entry(f, t);
	}
	owners_krbtgt(k, o);
	owners_host(k, o);
}

/* --- trials -------------------------------------------------------------- */

static bool
try_key(struct trial *y, struct ring_key *key)
{
	size_t len;

	if (key == NULL || key->tried == y->k->serial ||
	    key->etype != y->t->etype)
		return false;
	key->tried = y->k->serial;
	if (!ring_decrypt(y->k, key, USAGE_TICKET, y->t->cipher, &len))
		return false;
	y->opened = open_ticket(y->k, len);
	if (y->opened == NULL)
		return false;
	y->key = key;
	return true;
}

/* The entries of its principal, those of its version first. */
static bool
try_owners(struct trial *y, size_t passes)
{
	const struct ring_entry *e;

	for (size_t pass = 0; pass < passes; pass++)
		for (size_t i = 0; i < y->owners.n; i++) {
			e = y->owners.families[i]->first;
			for (; e != NULL; e = e->next_of_name)
				if ((pass > 0 || ring_is_kvno(e, y->t->kvno)) &&
				    try_key(y, e->key))
					return true;
		}
	return false;
}

/* All others, AGAIN: as for another ticket of this service already. */
static bool
try_all(struct trial *y, bool again)
{
	struct ring_enctype *e = ring_enctype(y->k, y->t->etype);
	size_t n = e == NULL ? 0 : e->n;

	if (y->k->unlikely + n > y->k->most_unlikely / (again ? 2 : 1)) {
		y->k->not_tried += !again;
		y->partial = true;
		return false;
	}
	y->k->unlikely += n;
	for (size_t i = 0; i < n; i++)
		if (try_key(y, e->keys[i]))
			return true;
	return false;
}

static void
try_ticket_keys(struct trial *y)
{
	struct ring_service *s = service_get(y->k, y->t);

	y->k->serial++;
	y->rc4_opens = rc4_opened(y->k, y->t);
	if (try_key(y, s->key) ||
	    try_owners(y, s->closed < WHOLE_TRIALS ? 2 : 1)) {
		s->key = y->key;
		return;
	}
	if (s->closed >= WHOLE_TRIALS)
		return;
	if (try_all(y, s->closed > 0))
		s->key = y->key;
	else if (!y->partial)
		s->closed++;
	/* One ticket of the service that all keys were tried on will do. */
	y->partial &= s->closed == 0;
}

/* --- messages ------------------------------------------------------------ */

/*
 * Tries T once, and gives it opened if it can be: at the first time, or, with
 * AGAIN, when its authenticator asks for it.
 */
static krb5_enc_tkt_part *
try_ticket(struct keyring *k, const struct passing *t, bool again)
{
	struct trial y = { .k = k, .t = t };
	struct ring_seen *s;

	if (t->digest.len != DIGEST_LEN || t->cipher.len == 0 ||
	    t->etype == EV_ABSENT || t->sname.len == 0)
		return NULL;
	s = seen_find(k, t->digest);
	if (s != NULL) {
		k->serial++;
		if (again)
			try_key(&y, s->key);
		ring_wipe_plain(k);
		return y.opened;
	}
	password_keys(k, t->etype);
	ring_realm(k, t->realm)->seen = true;
	owners_find(k, t, &y.owners);
	try_ticket_keys(&y);
	s = seen_add(k, t->digest);
	s->key = y.key;
	tell_ticket(&y);
	s->entry = y.entry;
	ring_wipe_plain(k);
	if (again)
		return y.opened;
	open_ticket_free(y.opened);
	return NULL;
}

static void
try_authenticator(struct keyring *k, const struct passing *t, bool tgs,
    struct bytes cipher)
{
	krb5_enc_tkt_part *opened = try_ticket(k, t, cipher.len > 0);
	struct ring_seen *s;
	const struct ring_entry *e;
	struct arena mem = { 0 };
	struct event ev;

	if (opened == NULL)
		return;
	tell_caused(&ev, EV_authenticator, t->ev);
	ev.u.authenticator.tkt_digest = t->digest;
	s = seen_find(k, t->digest);
	e = s == NULL ? NULL : s->entry;
	if (e != NULL && e->file != NULL)
		ev.source = str_of(
		    arena_printf(&mem, "%s:%zu", e->file->path, e->number));
	open_authenticator(k, opened, tgs, cipher, &mem, &ev.u.authenticator);
	k->sink(k->arg, &ev);
	open_ticket_free(opened);
	ring_wipe_plain(k);
	arena_free(&mem);
}

static void
try_timestamp(struct keyring *k, const struct event *ev)
{
	const struct ev_kdc_req *q = &ev->u.kdc_req;
	const struct ring_entry *e, *last = NULL, *opens = NULL;
	struct ring_family *f;
	struct arena mem = { 0 };
	struct event out;
	struct ev_preauth_key *x = &out.u.preauth_key;
	size_t len, n = 0;

	password_keys(k, q->ts_etype);
	f = ring_family(k, q->cname, q->realm);
	for (e = f == NULL ? NULL : f->first; e != NULL && opens == NULL;
	     e = e->next_of_name) {
		if (e->etype != q->ts_etype || e->key == NULL ||
		    n++ > MOST_OF_CLIENT)
			continue;
		last = e;
		if (ring_decrypt(k, e->key, USAGE_PA_ENC_TS, q->ts_cipher,
			&len))
			opens = e;
	}
	if (last == NULL)
		return;
	e = opens != NULL ? opens : last;
	tell_caused(&out, EV_preauth_key, ev);
	x->realm = q->realm;
	x->cname = q->cname;
	x->etype = q->ts_etype;
	x->principal = str_of(e->principal);
	x->by = str_of(e->file != NULL ? "keytab" : "password");
	x->kvno = e->kvno;
	if (e->file != NULL)
		out.source = str_of(
		    arena_printf(&mem, "%s:%zu", e->file->path, e->number));
	if (opens != NULL)
		x->time = open_timestamp(k, len);
	ring_wipe_plain(k);
	password_salts(e, opens != NULL, x);
	k->sink(k->arg, &out);
	arena_free(&mem);
}

/* Where FLOW stands among those of user-to-user; NULL: it does not. */
static uint64_t *
u2u_flow(struct keyring *k, uint64_t flow)
{
	for (size_t i = 0; flow != 0 && i < RING_U2U; i++)
		if (k->u2u[i] == flow)
			return &k->u2u[i];
	return NULL;
}

/* A ticket that the session key of another seals is opened by no keytab. */
static void
u2u_note(struct keyring *k, const struct event *ev)
{
	uint64_t *flow = u2u_flow(k, ev->flow);
	bool asked = (ev->u.kdc_req.kdc_options & KDC_ENC_TKT_IN_SKEY) != 0;

	if (flow != NULL && !asked)
		*flow = 0;
	else if (flow == NULL && asked)
		k->u2u[k->nu2u++ % RING_U2U] = ev->flow;
}

static void
try_request(struct keyring *k, const struct event *ev)
{
	const struct ev_kdc_req *q = &ev->u.kdc_req;
	struct passing t = { ev, q->tkt_realm, q->tkt_sname, q->tkt_etype,
		q->tkt_kvno, q->tkt_digest, q->tkt_cipher };
	struct passing more = { ev, q->addl_realm, q->addl_sname, q->addl_etype,
		q->addl_kvno, q->addl_digest, q->addl_cipher };

	if (q->realm.len > 0)
		ring_realm(k, q->realm)->seen = true;
	if (q->ts_cipher.len > 0 && q->ts_etype != EV_ABSENT)
		try_timestamp(k, ev);
	try_authenticator(k, &t, true, q->auth_cipher);
	try_ticket(k, &more, false);
	u2u_note(k, ev);
}

static void
try_reply(struct keyring *k, const struct event *ev)
{
	const struct ev_kdc_rep *p = &ev->u.kdc_rep;
	struct passing t = { ev, p->tkt_realm, p->tkt_sname, p->tkt_etype,
		p->tkt_kvno, p->tkt_digest, p->tkt_cipher };

	if (u2u_flow(k, ev->flow) == NULL)
		try_ticket(k, &t, false);
}

static void
try_presented(struct keyring *k, const struct event *ev)
{
	const struct ev_ap_req *a = &ev->u.ap_req;
	struct passing t = { ev, a->tkt_realm, a->tkt_sname, a->tkt_etype,
		a->tkt_kvno, a->tkt_digest, a->tkt_cipher };

	if (a->u2u == 0)
		try_authenticator(k, &t, false, a->auth_cipher);
}

void
try_event(struct keyring *k, const struct event *ev)
{
	password_event(k, ev);
	switch (ev->kind) {
	case EV_kdc_req:
		try_request(k, ev);
		break;
	case EV_kdc_rep:
		try_reply(k, ev);
		break;
	case EV_ap_req:
		try_presented(k, ev);
		break;
	default:
		break;
	}
}
