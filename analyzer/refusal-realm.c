/*
 * refusal-realm.c - what the rest of the capture says of another realm that a
 * KDC gives no ticket for (RFC 4120 3.3.1: 7 for krbtgt/OTHER).
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"

/* Whether X was told that there is no such service or realm. */
static bool
is_unknown(const struct exchange *x, struct spn *spn)
{
	return x->kind == EXCHANGE_TGS && x->realm != NULL &&
	    x->error == KDC_ERR_S_PRINCIPAL_UNKNOWN && spn_split(x->sname, spn);
}

/*
 * Whether the machine that HOST means is one of REALM: its own name is, or
 * that of its PTR record.  Then the realm of HOST's domain is none of its.
 */
static bool
is_machine_of(const struct ledger *l, struct str host, const char *realm)
{
	const struct name_fact *name;
	const struct host *h;
	char text[REFUSAL_HOST_TEXT];
	size_t i;

	refusal_lower(host, sizeof(text), text);
	name = ledger_name(l, text);
	if (name == NULL || name->naddrs != 1)
		return false;
	h = ledger_host(l, &name->addrs[0]);
	for (i = 0; h != NULL && i < h->nnames; i++)
		if (h->names[i].source > NAME_DNS &&
		    host_in_domain(str_of(h->names[i].name), str_of(realm)))
			return true;
	return false;
}

const struct exchange *
refusal_guessed_realm(const struct story *s, const struct ledger *l,
    const struct exchange *e)
{
	const struct exchange *x;
	struct spn guess, spn;

	if (e->kind != EXCHANGE_TGS || !spn_split(e->sname, &guess) ||
	    e->realm == NULL || !refusal_text_is(guess.class, "krbtgt") ||
	    ledger_realm(l, guess.host.p) != NULL)
		return NULL;
	for (x = e; x-- > s->exchanges;)
		if (is_unknown(x, &spn) &&
		    strcasecmp(x->realm, e->realm) == 0 &&
		    host_in_domain(spn.host, guess.host) &&
		    (host_in_domain(guess.host, str_of(e->realm)) ||
			is_machine_of(l, spn.host, e->realm)))
			return x;
	return NULL;
}

/* REALM with a dot at its end: a host's name was typed so, no other realm. */
static bool
is_with_dot(struct str other, const char *realm)
{
	size_t n = strlen(realm);

	return other.len == n + 1 && other.p[n] == '.' &&
	    strncasecmp(other.p, realm, n) == 0;
}

/*
 * The realm that was guessed before E asked for the service itself (Samba's
 * client does), unless the host is one of E's realm: then it is E that tells.
 */
static const struct exchange *
guessed_before(const struct story *s, const struct ledger *l,
    const struct exchange *e)
{
	const struct exchange *x;
	struct spn spn, guess;

	if (!is_unknown(e, &spn) || refusal_text_is(spn.class, "krbtgt") ||
	    host_in_domain(spn.host, str_of(e->realm)) ||
	    is_machine_of(l, spn.host, e->realm))
		return e;
	for (x = e; x-- > s->exchanges;)
		if (is_unknown(x, &guess) &&
		    refusal_text_is(guess.class, "krbtgt") &&
		    strcasecmp(x->realm, e->realm) == 0 &&
		    host_in_domain(spn.host, guess.host))
			return x;
	return e;
}

/* The request for krbtgt/OTHER that was refused in the end. */
static const struct exchange *
refused_krbtgt(const struct story *s, const struct ledger *l, struct spn *spn)
{
	const struct exchange *x, *e;

	e = story_kdc_refusal(s, KDC_ERR_S_PRINCIPAL_UNKNOWN);
	if (e != NULL)
		e = guessed_before(s, l, e);
	if (e == NULL || e->kind != EXCHANGE_TGS || e->realm == NULL ||
	    (e->options & KDC_FORWARDED) != 0 || !spn_split(e->sname, spn) ||
	    !refusal_text_is(spn->class, "krbtgt") || spn->host.len == 0 ||
	    strcmp(spn->host.p, e->realm) == 0 ||
	    is_with_dot(spn->host, e->realm))
		return NULL;
	for (x = e + 1; x < s->exchanges + s->nexchanges; x++)
		if (x->kind == EXCHANGE_TGS && x->answer == ANSWER_OK)
			return NULL;
	return e;
}

/* The name that K led to. */
static const char *
name_of(const struct lookup *k)
{
	return k->canonical != NULL ? k->canonical : k->name;
}

/*
 * The host for whose sake OUT was asked: that of the service, or the one that
 * was looked up before; two of them tell nothing.
 */
static void
find_host(const struct story *s, struct refused_realm *out)
{
	const struct lookup *k, *found = NULL;
	struct spn spn;

	if (spn_split(s->spn, &spn) && !refusal_text_is(spn.class, "krbtgt")) {
		out->host = s->host;
		return;
	}
	for (k = s->lookups; k < s->lookups + s->nlookups; k++) {
		if (k->name == NULL || k->naddrs == 0 ||
		    k->reply.time > out->e->req.time ||
		    strcasecmp(k->name, out->other) == 0)
			continue;
		if (found != NULL &&
		    strcasecmp(name_of(found), name_of(k)) != 0)
			return;
		found = k;
	}
	if (found == NULL)
		return;
	out->host = name_of(found);
	out->host_ref = found->reply;
}

bool
refusal_realm(const struct story *s, const struct ledger *l,
    struct refused_realm *out)
{
	const struct realm_fact *home;
	const struct spn_fact *given;
	struct spn spn;

	memset(out, 0, sizeof(*out));
	out->e = refused_krbtgt(s, l, &spn);
	if (out->e == NULL || refusal_guessed_realm(s, l, out->e) != NULL)
		return false;
	out->other = spn.host.p;
	find_host(s, out);
	home = out->host == NULL ? NULL : ledger_realm_of(l, out->host);
	out->home = home == NULL ? NULL : home->realm;
	out->case_only = strcasecmp(out->other, out->e->realm) == 0;
	given = ledger_spn(l, out->e->sname, out->e->realm);
	out->given = given != NULL && given->issued.count > 0;
	out->below = host_in_domain(spn.host, str_of(out->e->realm)) &&
	    ledger_realm(l, out->other) == NULL;
	return true;
}

void
refusal_realm_subject(struct finding *f, const struct refused_realm *r)
{
	const struct exchange *e = r->e;
	char kdc[ADDR_TEXT];

	f->rests_on |= EVIDENCE_KDC;
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_param(f, "other", r->other);
	finding_param(f, "host", r->host);
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC %s of %s: %s (%lld)",
	    addr_text(&e->kdc, kdc), e->realm, krb_error_name(e->error),
	    (long long)e->error);
	finding_evidence(f, &e->req, "%s asks for %s",
	    e->cname != NULL ? e->cname : "the client", e->sname);
}
