/*
 * ledger-realm.c - the realms that the capture shows, and the key version of
 * the TGTs that they issue (RFC 4120 5.3; MS-KILE 3.1.5.8 for the branch that
 * a read-only domain controller puts into the upper half of it).
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "names.h"
#include "pool.h"

static bool
realm_match(const struct node *n, const void *key)
{
	const struct str *realm = key;
	const char *have = ((const struct realm_entry *)n)->fact.realm;

	return strlen(have) == realm->len &&
	    strncasecmp(have, realm->p, realm->len) == 0;
}

static struct realm_entry *
realm_find(const struct ledger *l, struct str realm)
{
	return (struct realm_entry *)table_find(&l->realms,
	    hash_text(realm.p, realm.len), realm_match, &realm);
}

static void
realm_drop(struct ledger *l, struct node *n)
{
	struct realm_entry *e = (struct realm_entry *)n;

	ledger_drop_text(l, e->fact.realm);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static struct realm_entry *
realm_get(struct ledger *l, struct str realm)
{
	struct realm_entry *e;

	if (realm.len == 0)
		return NULL;
	e = realm_find(l, realm);
	if (e != NULL) {
		table_touch(&l->realms, &e->node);
		return e;
	}
	e = pool_zeroed(sizeof(*e));
	e->fact.realm = ledger_copy(l, realm.p, realm.len, false);
	e->fact.kvno = e->fact.older = e->least = EV_ABSENT;
	table_add(&l->realms, &e->node, hash_text(realm.p, realm.len));
	ledger_account_for(l, sizeof(*e), &l->realms, LEDGER_MAX_REALMS,
	    realm_drop);
	return e;
}

/* --- the key of the TGTs ---------------------------------------------- */

/* krbtgt/REALM@REALM: not the ticket of a trust, which has another key. */
static bool
is_own_tgt(struct str sname, struct str realm)
{
	return sname.len == realm.len + 7 &&
	    strncasecmp(sname.p, "krbtgt/", 7) == 0 &&
	    strncasecmp(sname.p + 7, realm.p, realm.len) == 0;
}

/*
 * A TGT with KVNO was issued or shown.  Each read-only domain controller has
 * a krbtgt of its own, told by the upper half: its versions say nothing of
 * the realm's.
 */
static void
note_tgt(struct realm_entry *e, int64_t kvno, bool issued,
    const struct ref *ref)
{
	struct realm_fact *f = &e->fact;

	if (kvno == EV_ABSENT || kvno >> 16 != 0)
		return;
	if (e->least == EV_ABSENT || kvno < e->least) {
		e->least = kvno;
		e->least_ref = *ref;
	}
	if (issued && (f->kvno == EV_ABSENT || kvno > f->kvno)) {
		f->kvno = kvno;
		f->kvno_ref = *ref;
	}
	if (f->kvno == EV_ABSENT || e->least >= f->kvno)
		return;
	f->older = e->least;
	f->older_ref = e->least_ref;
}

/* The key of the realm's own TGTs, which is not a branch's. */
static void
note_tgt_etype(struct realm_fact *f, int64_t etype, int64_t kvno,
    const struct ref *ref)
{
	struct ref *to = etype == 17 || etype == 18 ? &f->tgt_aes :
	    etype == 23                             ? &f->tgt_rc4 :
						      NULL;

	if (to != NULL && to->frame == 0 &&
	    (kvno == EV_ABSENT || kvno >> 16 == 0))
		*to = *ref;
}

static void
feed_request(struct ledger *l, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	struct realm_entry *e = realm_get(l, r->tkt_realm);

	if (e == NULL || !is_own_tgt(r->tkt_sname, r->tkt_realm))
		return;
	note_tgt(e, r->tkt_kvno, false, &ev->ref);
	note_tgt_etype(&e->fact, r->tkt_etype, r->tkt_kvno, &ev->ref);
}

/* The KDC that answered EV is one of E's. */
static void
note_kdc(struct ledger *l, struct realm_entry *e, const struct event *ev)
{
	struct host *h = &ledger_host_entry(l, &ev->src)->host;
	const char *realm = e->fact.realm;

	e->fact.kdc = ev->src;
	if (h->kdc_realm != NULL && strcmp(h->kdc_realm, realm) == 0)
		return;
	ledger_drop_text(l, h->kdc_realm);
	h->kdc_realm = ledger_copy(l, realm, strlen(realm), false);
}

static void
feed_reply(struct ledger *l, const struct event *ev)
{
	const struct ev_kdc_rep *r = &ev->u.kdc_rep;
	struct realm_entry *e = realm_get(l, r->tkt_realm);

	if (e == NULL)
		return;
	note_kdc(l, e, ev);
	if (!is_own_tgt(r->tkt_sname, r->tkt_realm))
		return;
	note_tgt(e, r->tkt_kvno, true, &ev->ref);
	note_tgt_etype(&e->fact, r->tkt_etype, r->tkt_kvno, &ev->ref);
}

/*
 * An error names the realm that was asked for, which the KDC need not serve:
 * 68 says so; a name without a dot is most often NetBIOS'.
 */
static void
feed_error(struct ledger *l, const struct event *ev)
{
	const struct ev_krb_error *x = &ev->u.krb_error;
	struct realm_entry *e;

	if (x->from.len != 3 || memcmp(x->from.p, "kdc", 3) != 0 ||
	    x->realm.len == 0 || x->code == KDC_ERR_WRONG_REALM)
		return;
	e = realm_find(l, x->realm);
	if (e == NULL && memchr(x->realm.p, '.', x->realm.len) != NULL)
		e = realm_get(l, x->realm);
	if (e != NULL)
		note_kdc(l, e, ev);
}

void
ledger_feed_realms(struct ledger *l, const struct event *ev)
{
	switch (ev->kind) {
	case EV_kdc_req:
		feed_request(l, ev);
		break;
	case EV_kdc_rep:
		feed_reply(l, ev);
		break;
	case EV_krb_error:
		feed_error(l, ev);
		break;
	case EV_ap_req:
		realm_get(l, ev->u.ap_req.tkt_realm);
		break;
	default:
		break;
	}
}

/* --- questions -------------------------------------------------------- */

const struct realm_fact *
ledger_realm(const struct ledger *l, const char *realm)
{
	const struct realm_entry *e = NULL;

	if (realm != NULL)
		e = realm_find(l, str_of(realm));
	return e == NULL ? NULL : &e->fact;
}

const struct realm_fact *
ledger_realm_of(const struct ledger *l, const char *host)
{
	const struct realm_entry *e;

	while (host != NULL && *host != '\0') {
		if ((e = realm_find(l, str_of(host))) != NULL)
			return &e->fact;
		host = strchr(host, '.');
		if (host != NULL)
			host++;
	}
	return NULL;
}

void
ledger_release_realms(struct ledger *l)
{
	ledger_drop_all(l, &l->realms, realm_drop);
}
