/*
 * ledger-proof.c - what the look-ups said, kept under what rules ask for it:
 * the digest of a ticket, the frame of a request, the name of an account, of
 * a service, of a domain.
 *
 * All entries are alike: a key, the answer, and an arena for its texts.  A
 * later event for the same key replaces the answer.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-proof.h"
#include "pool.h"
#include "rule.h"

/* --- entries ---------------------------------------------------------- */

static bool
proof_match(const struct node *n, const void *key)
{
	const struct proof_entry *e = (const struct proof_entry *)n;
	const struct proof_key *k = key;

	return e->keylen == k->len && memcmp(e->key, k->p, k->len) == 0;
}

struct proof_entry *
ledger_proof_find(const struct ledger *l, enum proof_kind kind,
    struct proof_key k)
{
	return (struct proof_entry *)table_find(&l->proofs[kind],
	    hash_bytes(k.p, k.len), proof_match, &k);
}

static void
proof_drop(struct ledger *l, struct node *n)
{
	struct proof_entry *e = (struct proof_entry *)n;

	l->held -= e->octets;
	arena_free(&e->mem);
	pool_free(e, sizeof(*e));
}

static const size_t proof_most[PROOF_KINDS] = {
	[PROOF_TRIAL] = LEDGER_MAX_TICKETS,
	[PROOF_AUTH] = LEDGER_MAX_OPENED,
	[PROOF_PREAUTH] = LEDGER_MAX_OPENED,
	[PROOF_ACCOUNT] = LEDGER_MAX_DIRECTORY,
	[PROOF_TRUST] = LEDGER_MAX_DIRECTORY,
	[PROOF_SPN] = LEDGER_MAX_DIRECTORY,
	[PROOF_NAME] = LEDGER_MAX_DIRECTORY,
	[PROOF_DOMAIN] = LEDGER_MAX_REALMS,
	[PROOF_CONF] = 1,
	[PROOF_CONF_DOMAIN] = LEDGER_MAX_CONF,
	[PROOF_CONF_REALM] = LEDGER_MAX_CONF,
};

struct proof_entry *
ledger_proof_new(struct ledger *l, enum proof_kind kind, struct proof_key k)
{
	struct proof_entry *e = ledger_proof_find(l, kind, k);
	void *key;

	if (e != NULL) {
		table_remove(&l->proofs[kind], &e->node);
		proof_drop(l, &e->node);
	}
	e = pool_zeroed(sizeof(*e));
	key = arena_alloc(&e->mem, k.len + 1);
	memcpy(key, k.p, k.len);
	e->key = key;
	e->keylen = k.len;
	table_add(&l->proofs[kind], &e->node, hash_bytes(k.p, k.len));
	return e;
}

void
ledger_proof_done(struct ledger *l, enum proof_kind kind, struct proof_entry *e)
{
	e->octets = sizeof(*e) + e->mem.held;
	ledger_account_for(l, e->octets, &l->proofs[kind], proof_most[kind],
	    proof_drop);
}

struct proof_key
ledger_text_key(struct str name, struct str realm, char buf[KEY_TEXT])
{
	struct proof_key k = { buf, 0 };
	size_t i, n = 0;

	if (name.len + realm.len + 1 > KEY_TEXT)
		return k;
	for (i = 0; i < name.len; i++)
		buf[n++] = (char)tolower((unsigned char)name.p[i]);
	buf[n++] = '\0';
	for (i = 0; i < realm.len; i++)
		buf[n++] = (char)tolower((unsigned char)realm.p[i]);
	k.len = n;
	return k;
}

/* Octets of a place in a capture. */
struct ref_key {
	int64_t capture;
	uint64_t frame;
};

static const char *const no_texts[] = { NULL };

const char *const *
ledger_copy_list(struct arena *mem, struct strs from)
{
	const char **to;
	size_t i, n = 0;

	if (from.len == 0)
		return no_texts;
	to = arena_alloc(mem, (from.len + 1) * sizeof(*to));
	for (i = 0; i < from.len; i++)
		if (from.p[i].len > 0)
			to[n++] = arena_str(mem, from.p[i]);
	return to;
}

static bool
is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && memcmp(s.p, word, s.len) == 0;
}

/* --- keys ------------------------------------------------------------- */

static const char *const key_results[] = {
	[KEY_OPENS] = "opens",
	[KEY_NO_PRINCIPAL] = "no-principal",
	[KEY_NO_KVNO] = "no-kvno",
	[KEY_NO_ETYPE] = "no-etype",
	[KEY_OTHER] = "other-key",
};

static const char *const preauth_results[] = {
	[PREAUTH_OPENS] = "opens",
	[PREAUTH_OTHER_SALT] = "other-salt",
	[PREAUTH_OTHER_KEY] = "other-key",
};

static unsigned
result_of(struct str s, const char *const *words, unsigned n)
{
	unsigned i;

	for (i = 1; i < n; i++)
		if (is_word(s, words[i]))
			return i;
	return 0;
}

static void
trial_opened(struct arena *mem, const struct ev_ticket_key *x,
    struct key_trial *t)
{
	t->crealm = arena_str(mem, x->crealm);
	t->cname = arena_str(mem, x->cname);
	t->flags = (uint32_t)x->flags;
	t->session_etype = x->session_etype;
	t->auth_time = x->auth_time;
	t->start = x->start;
	t->end = x->end;
	t->renew = x->renew;
	t->pac = x->pac;
}

static void
feed_trial(struct ledger *l, const struct event *ev)
{
	const struct ev_ticket_key *x = &ev->u.ticket_key;
	struct proof_key k = { x->tkt_digest.p, x->tkt_digest.len };
	struct proof_entry *e;
	struct key_trial *t;
	size_t i;

	if (k.len != DIGEST_LEN)
		return;
	e = ledger_proof_find(l, PROOF_TRIAL, k);
	if (e != NULL && e->u.trial.result == KEY_OPENS &&
	    !is_word(x->result, "opens"))
		return; /* one key that opens it is enough */
	e = ledger_proof_new(l, PROOF_TRIAL, k);
	t = &e->u.trial;
	t->result = (enum key_result)result_of(x->result, key_results,
	    sizeof(key_results) / sizeof(*key_results));
	t->by_password = is_word(x->by, "password");
	t->source = arena_str(&e->mem, ev->source);
	t->principal = arena_str(&e->mem, x->principal);
	t->kvno = x->kvno;
	t->etype = x->etype;
	t->oldest = x->oldest;
	t->newest = x->newest;
	for (i = 0; i < x->etypes.len && t->netypes < 8; i++)
		t->etypes[t->netypes++] = (int32_t)x->etypes.p[i];
	t->asked_kvno = x->asked_kvno;
	t->asked_source = arena_str(&e->mem, x->asked_entry);
	t->others = arena_str(&e->mem, x->others);
	t->rc4_opens = x->rc4_opens != 0;
	t->salt = arena_str(&e->mem, x->salt);
	t->kdc_salt = arena_str(&e->mem, x->kdc_salt);
	trial_opened(&e->mem, x, t);
	ledger_proof_done(l, PROOF_TRIAL, e);
	l->evidence |= EVIDENCE_KEYTAB;
}

/*
 * After a 37 clients go by the time of who said so (MS-KILE 3.2.5.8 and MIT):
 * what they write then is not their own clock.
 */
static bool
told_skew(const struct ledger *l, const struct addr *addr)
{
	const struct host *h = ledger_host(l, addr);

	return h != NULL && h->skew_told.frame != 0;
}

static void
feed_authenticator(struct ledger *l, const struct event *ev)
{
	const struct ev_authenticator *x = &ev->u.authenticator;
	struct ref_key r = { ev->ref.capture, ev->ref.frame };
	struct proof_entry *e;
	struct auth_fact *a;

	e = ledger_proof_new(l, PROOF_AUTH,
	    (struct proof_key){ &r, sizeof(r) });
	a = &e->u.auth;
	a->source = arena_str(&e->mem, ev->source);
	a->failed = x->failed != 0;
	a->crealm = arena_str(&e->mem, x->crealm);
	a->cname = arena_str(&e->mem, x->cname);
	a->ctime = x->ctime;
	a->subkey_etype = x->subkey_etype;
	a->gss = x->gss != 0;
	a->delegate = (x->gss_flags & 1) != 0;
	a->mutual = (x->gss_flags & 2) != 0;
	a->delegated = x->delegated != 0;
	a->bindings = x->bindings != 0;
	a->ref = ev->ref;
	ledger_proof_done(l, PROOF_AUTH, e);
	if (!told_skew(l, &ev->src))
		ledger_clock_sample(l, &ev->src, x->ctime, "authenticator",
		    &ev->ref);
}

static void
feed_preauth(struct ledger *l, const struct event *ev)
{
	const struct ev_preauth_key *x = &ev->u.preauth_key;
	struct ref_key r = { ev->ref.capture, ev->ref.frame };
	struct proof_entry *e;
	struct preauth_trial *t;

	e = ledger_proof_new(l, PROOF_PREAUTH,
	    (struct proof_key){ &r, sizeof(r) });
	t = &e->u.preauth;
	t->result = (enum preauth_result)result_of(x->result, preauth_results,
	    sizeof(preauth_results) / sizeof(*preauth_results));
	t->by_password = is_word(x->by, "password");
	t->source = arena_str(&e->mem, ev->source);
	t->principal = arena_str(&e->mem, x->principal);
	t->kvno = x->kvno;
	t->etype = x->etype;
	t->salt = arena_str(&e->mem, x->salt);
	t->kdc_salt = arena_str(&e->mem, x->kdc_salt);
	t->time = x->time;
	t->ref = ev->ref;
	ledger_proof_done(l, PROOF_PREAUTH, e);
	if (!told_skew(l, &ev->src))
		ledger_clock_sample(l, &ev->src, x->time, "pa-enc-timestamp",
		    &ev->ref);
	l->evidence |= EVIDENCE_KEYTAB;
}

const struct key_trial *
ledger_key_trial(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	const struct proof_entry *e;

	e = ledger_proof_find(l, PROOF_TRIAL,
	    (struct proof_key){ digest, DIGEST_LEN });
	return e == NULL ? NULL : &e->u.trial;
}

static const struct proof_entry *
find_ref(const struct ledger *l, enum proof_kind kind, const struct ref *ref)
{
	struct ref_key r = { ref->capture, ref->frame };

	return ledger_proof_find(l, kind, (struct proof_key){ &r, sizeof(r) });
}

const struct auth_fact *
ledger_authenticator(const struct ledger *l, const struct ref *ref)
{
	const struct proof_entry *e = find_ref(l, PROOF_AUTH, ref);

	return e == NULL ? NULL : &e->u.auth;
}

const struct preauth_trial *
ledger_preauth(const struct ledger *l, const struct ref *ref)
{
	const struct proof_entry *e = find_ref(l, PROOF_PREAUTH, ref);

	return e == NULL ? NULL : &e->u.preauth;
}

bool
ledger_has_keytab(const struct ledger *l)
{
	return l->keytabs > 0;
}

/* --- krb5.conf -------------------------------------------------------- */

#define THE_CONF ((struct proof_key){ "", 1 })

static void
feed_conf(struct ledger *l, const struct event *ev)
{
	const struct ev_krb5_conf *x = &ev->u.krb5_conf;
	struct proof_entry *e = ledger_proof_new(l, PROOF_CONF, THE_CONF);
	struct krb5_conf *c = &e->u.conf;

	c->path = arena_str(&e->mem, x->path);
	c->default_realm = arena_str(&e->mem, x->default_realm);
	c->canonicalize = arena_str(&e->mem, x->canonicalize);
	c->rdns = x->rdns;
	c->dns_lookup_realm = x->dns_lookup_realm;
	c->dns_lookup_kdc = x->dns_lookup_kdc;
	c->clockskew = x->clockskew;
	c->permitted = ledger_copy_list(&e->mem, x->permitted);
	c->tkt = ledger_copy_list(&e->mem, x->tkt);
	c->tgs = ledger_copy_list(&e->mem, x->tgs);
	c->allow_weak_crypto = x->allow_weak_crypto;
	c->udp_preference_limit = x->udp_preference_limit;
	c->kdc_timesync = x->kdc_timesync;
	c->partial = x->partial != 0;
	ledger_proof_done(l, PROOF_CONF, e);
	l->evidence |= EVIDENCE_KRB5_CONF;
}

static void
feed_conf_line(struct ledger *l, const struct event *ev)
{
	const struct ev_krb5_domain *d = &ev->u.krb5_domain;
	const struct ev_krb5_realm *r = &ev->u.krb5_realm;
	bool domain = ev->kind == EV_krb5_domain;
	enum proof_kind kind = domain ? PROOF_CONF_DOMAIN : PROOF_CONF_REALM;
	struct str none = { NULL, 0 };
	struct proof_entry *e;
	struct proof_key k;
	char buf[KEY_TEXT];

	k = ledger_text_key(domain ? d->domain : r->realm, none, buf);
	if (k.len < 2)
		return;
	e = ledger_proof_new(l, kind, k);
	if (domain)
		e->u.realm = arena_str(&e->mem, d->realm);
	else
		e->u.list = ledger_copy_list(&e->mem, r->kdcs);
	ledger_proof_done(l, kind, e);
}

const struct krb5_conf *
ledger_krb5_conf(const struct ledger *l)
{
	const struct proof_entry *e = ledger_proof_find(l, PROOF_CONF,
	    THE_CONF);

	return e == NULL ? NULL : &e->u.conf;
}

const char *
ledger_domain_realm(const struct ledger *l, const char *host, const char **line)
{
	const struct proof_entry *e;
	char buf[KEY_TEXT];

	/* fs1.corp, .corp, corp: MIT krb5_get_host_realm(). */
	while (host != NULL && *host != '\0') {
		e = ledger_proof_find(l, PROOF_CONF_DOMAIN,
		    ledger_text_key(str_of(host), (struct str){ NULL, 0 },
			buf));
		if (e != NULL) {
			if (line != NULL)
				*line = e->key;
			return e->u.realm;
		}
		host = *host == '.' ? host + 1 : strchr(host, '.');
	}
	return NULL;
}

const char *const *
ledger_realm_kdcs(const struct ledger *l, const char *realm)
{
	char buf[KEY_TEXT];
	const struct proof_entry *e;

	e = ledger_proof_find(l, PROOF_CONF_REALM,
	    ledger_text_key(str_of(realm), (struct str){ NULL, 0 }, buf));
	return e == NULL ? NULL : e->u.list;
}

/* --- the whole -------------------------------------------------------- */

bool
ledger_feed_proof(struct ledger *l, const struct event *ev)
{
	switch (ev->kind) {
	case EV_keytab:
		l->keytabs++;
		return true;
	case EV_ticket_key:
		feed_trial(l, ev);
		return true;
	case EV_authenticator:
		feed_authenticator(l, ev);
		return true;
	case EV_preauth_key:
		feed_preauth(l, ev);
		return true;
	case EV_account:
	case EV_directory:
	case EV_directory_spn:
	case EV_directory_name:
		ledger_feed_directory(l, ev);
		return true;
	case EV_krb5_conf:
		feed_conf(l, ev);
		return true;
	case EV_krb5_realm:
	case EV_krb5_domain:
		feed_conf_line(l, ev);
		return true;
	default:
		return false;
	}
}

void
ledger_release_proofs(struct ledger *l)
{
	for (size_t i = 0; i < PROOF_KINDS; i++)
		ledger_drop_all(l, &l->proofs[i], proof_drop);
}
