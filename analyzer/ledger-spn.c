/*
 * ledger-spn.c - what KDCs said of each SPN: tickets, with their key versions
 * and enctypes, "unknown", "no such enctype" (RFC 4120 3.3.3).
 *
 * What a service did with its tickets is in ledger-service.c.  An SPN here is
 * the text asked for, port and instance included: HTTP/web and HTTP/web:8080
 * are two, and that one of them exists is what explains the other's refusal.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "names.h"
#include "pool.h"

#define FORMS_SHOWN 256 /* of one class and host */

/* RFC 3961 8, RFC 8009 6. */
#define ETYPE_AES_FIRST 17
#define ETYPE_AES_LAST 20

struct spn_key {
	const char *spn, *realm;
};

static bool
fact_match(const struct node *n, const void *key)
{
	const struct spn_fact *f = &((const struct spn_fact_entry *)n)->fact;
	const struct spn_key *k = key;

	return strcasecmp(f->spn, k->spn) == 0 &&
	    strcasecmp(f->realm, k->realm) == 0;
}

static uint64_t
fact_hash(const struct spn_key *k)
{
	return hash_mix(hash_text(k->spn, strlen(k->spn)),
	    hash_text(k->realm, strlen(k->realm)));
}

static struct spn_fact_entry *
fact_find(const struct ledger *l, const char *spn, const char *realm)
{
	struct spn_key k = { spn, realm };

	return (struct spn_fact_entry *)table_find(&l->spn_facts, fact_hash(&k),
	    fact_match, &k);
}

/* --- forms of one name ------------------------------------------------ */

static bool
form_match(const struct node *n, const void *key)
{
	return spn_equal(((const struct form_entry *)n)->first->fact.spn, key);
}

static uint64_t
form_hash(const char *text)
{
	struct spn s;

	spn_split(text, &s);
	return hash_mix(hash_text(s.class.p, s.class.len),
	    hash_text(s.host.p, s.host.len));
}

static struct form_entry *
form_find(const struct ledger *l, const char *spn)
{
	return (struct form_entry *)table_find(&l->forms, form_hash(spn),
	    form_match, spn);
}

static void
form_link(struct ledger *l, struct spn_fact_entry *e)
{
	struct form_entry *f = form_find(l, e->fact.spn);

	if (f == NULL) {
		f = pool_zeroed(sizeof(*f));
		l->held += sizeof(*f);
		f->first = e;
		table_add(&l->forms, &f->node, form_hash(e->fact.spn));
	} else {
		e->before = f->last;
		f->last->after = e;
	}
	f->last = e;
	e->form = f;
}

static void
form_unlink(struct ledger *l, struct spn_fact_entry *e)
{
	struct form_entry *f = e->form;

	if (e->before != NULL)
		e->before->after = e->after;
	else
		f->first = e->after;
	if (e->after != NULL)
		e->after->before = e->before;
	else
		f->last = e->before;
	if (f->first != NULL)
		return;
	table_remove(&l->forms, &f->node);
	l->held -= sizeof(*f);
	pool_free(f, sizeof(*f));
}

const struct spn_fact *
ledger_spn_form(const struct ledger *l, const char *spn, size_t i)
{
	const struct form_entry *f = spn == NULL ? NULL : form_find(l, spn);
	const struct spn_fact_entry *e;
	size_t n = 0;

	if (f == NULL)
		return NULL;
	for (e = f->first; e != NULL && n < FORMS_SHOWN; e = e->after, n++)
		if (strcasecmp(e->fact.spn, spn) != 0 && i-- == 0)
			return &e->fact;
	return NULL;
}

/* --- facts ------------------------------------------------------------ */

static void
fact_drop(struct ledger *l, struct node *n)
{
	struct spn_fact_entry *e = (struct spn_fact_entry *)n;

	form_unlink(l, e);
	ledger_drop_text(l, e->fact.spn);
	ledger_drop_text(l, e->fact.realm);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static struct spn_fact *
fact_get(struct ledger *l, const char *spn, const char *realm)
{
	struct spn_key k = { spn, realm };
	struct spn_fact_entry *e = fact_find(l, spn, realm);

	if (e != NULL) {
		table_touch(&l->spn_facts, &e->node);
		return &e->fact;
	}
	e = pool_zeroed(sizeof(*e));
	e->fact.spn = ledger_copy(l, spn, strlen(spn), false);
	e->fact.realm = ledger_copy(l, realm, strlen(realm), false);
	form_link(l, e);
	table_add(&l->spn_facts, &e->node, fact_hash(&k));
	ledger_account_for(l, sizeof(*e), &l->spn_facts, LEDGER_MAX_SPNS,
	    fact_drop);
	return &e->fact;
}

const struct spn_fact *
ledger_spn(const struct ledger *l, const char *spn, const char *realm)
{
	const struct spn_fact_entry *e;

	if (spn == NULL || realm == NULL)
		return NULL;
	e = fact_find(l, spn, realm);
	return e == NULL ? NULL : &e->fact;
}

/*
 * Whether the answer is about the SPN's own key.  S4U2Self asks for itself in
 * another's name, user-to-user uses no key of the service; a log-on for the
 * TGT says nothing of an SPN.
 */
static bool
is_about_spn(const struct exchange *x)
{
	struct spn s;

	if (x->s4u2self || x->u2u || x->referral || !spn_split(x->sname, &s))
		return false;
	return x->kind == EXCHANGE_TGS || s.class.len != 6 ||
	    strncasecmp(s.class.p, "krbtgt", 6) != 0;
}

static void
count_giver(struct spn_fact *f, const struct exchange *x)
{
	struct spn_giver *g;

	for (g = f->givers; g < f->givers + f->ngivers; g++)
		if (addr_equal(&g->kdc, &x->kdc)) {
			g->last = x->rep;
			return;
		}
	if (f->ngivers == SPN_MAX_GIVERS)
		return;
	f->ngivers++;
	g->kdc = x->kdc;
	g->first = g->last = x->rep;
}

static void
count_ticket(struct spn_fact *f, const struct exchange *x)
{
	const struct ticket *t = &x->issued;

	count_giver(f, x);
	tally_add(&f->issued, &x->rep, t->kvno, t->etype, -1);
	if (t->etype >= ETYPE_AES_FIRST && t->etype <= ETYPE_AES_LAST)
		tally_add(&f->aes, &x->rep, t->kvno, t->etype, -1);
	else if (t->etype == ETYPE_RC4)
		tally_add(&f->rc4, &x->rep, t->kvno, t->etype, -1);
}

void
ledger_spn_answer(struct ledger *l, const struct exchange *x)
{
	const char *realm = x->realm != NULL ? x->realm : x->issued.realm;
	bool unknown;

	if (realm == NULL || !is_about_spn(x))
		return;
	if (x->answer == ANSWER_OK) {
		count_ticket(fact_get(l, x->sname, realm), x);
		return;
	}
	unknown = x->error == KDC_ERR_S_PRINCIPAL_UNKNOWN &&
	    !story_service_locked(x);
	if (!unknown && x->error != KDC_ERR_ETYPE_NOSUPP)
		return;
	tally_add(unknown ? &fact_get(l, x->sname, realm)->unknown :
			    &fact_get(l, x->sname, realm)->no_etype,
	    &x->rep, EV_ABSENT, EV_ABSENT, x->error);
}

void
ledger_release_spns(struct ledger *l)
{
	ledger_drop_all(l, &l->spn_facts, fact_drop);
	table_free(&l->forms, free);
}
