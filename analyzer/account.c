/*
 * account.c - a KDC's refusal of an account (RFC 4120 5.9.1, MS-KILE 2.2.2).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "account.h"
#include "names.h"
#include "rule.h"

#define HELD_SLACK (120 * SECOND) /* of the clocks of directory and capture */

bool
account_is_machine(const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);

	return n > 0 && name[n - 1] == '$';
}

/* A TGS-REQ names the service's realm; the client's is in its TGT. */
static const char *
realm_of(const struct exchange *e)
{
	return e->kind == EXCHANGE_TGS && e->crealm != NULL ? e->crealm :
							      e->realm;
}

const char *
account_subject(struct finding *f, const struct exchange *e, const char *name)
{
	const char *realm = realm_of(e);

	finding_param(f, "name", name);
	if (realm != NULL)
		name = finding_text(f, "%s@%s", name, realm);
	finding_subject(f, SUBJECT_ACCOUNT, name);
	return name;
}

void
account_refusal(struct finding *f, const struct exchange *e)
{
	char buf[NAME_TEXT];
	const char *why = e->e_text;

	if (e->ntstatus != EV_ABSENT)
		why = name_or_hex(ntstatus_name(e->ntstatus), e->ntstatus, buf);
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC: %s%s%s", krb_error_name(e->error),
	    why != NULL ? ", " : "", why != NULL ? why : "");
}

void
account_refused_before(struct finding *f, const struct story *s,
    const struct exchange *e)
{
	const struct exchange *x;

	for (x = s->exchanges; x < e; x++)
		if (x->error == e->error && x->kind == e->kind &&
		    x->cname != NULL && e->cname != NULL &&
		    strcmp(x->cname, e->cname) == 0)
			finding_evidence(f, &x->rep, "KDC: the same before");
}

/* --- the directory ---------------------------------------------------- */

bool
account_held(const struct dir_account *a, int64_t time)
{
	return a->changed == 0 || a->changed <= time + HELD_SLACK;
}

void
account_cite_domain(struct finding *f, const struct ledger *l,
    const char *realm, const char *fmt, ...)
{
	const struct dir_domain *d = ledger_dir_domain(l, realm);
	char text[TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	f->rests_on |= EVIDENCE_DIRECTORY;
	if (d != NULL)
		finding_lookup(f, d->source, "%s", text);
}

/* --- restrictions ----------------------------------------------------- */

const char *
account_restriction(const struct exchange *e)
{
	static const struct {
		int64_t status;
		const char *is;
	} rows[] = {
		{ NT_INVALID_HOURS, "outside its log-on hours" },
		{ NT_INVALID_WORKSTATION, "from this computer" },
		{ NT_SMARTCARD_REQUIRED, "without a smart card" },
		{ NT_ACCOUNT_RESTRICTION, "because of a restriction" },
		{ NT_LOGON_TYPE_NOT_GRANTED, "in this way" },
	};
	size_t i;

	if (e->answer != ANSWER_ERROR)
		return NULL;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (e->ntstatus == rows[i].status)
			return rows[i].is;
	return NULL;
}

/* --- realms ----------------------------------------------------------- */

static bool
same_realm(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcasecmp(a, b) == 0;
}

/* Whether NAME lies in the DNS domain DOMAIN, or is it. */
static bool
lies_in(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	return d > 0 && n >= d && strcasecmp(name + n - d, domain) == 0 &&
	    (n == d || name[n - d - 1] == '.');
}

/* The last two labels of a DNS name: what one organization owns, mostly. */
static const char *
organization(const char *name)
{
	const char *p = name + strlen(name);
	int dots = 0;

	while (p > name)
		if (*--p == '.' && ++dots == 2)
			return p + 1;
	return name;
}

/*
 * Whether H is a host of another organization's domain than REALM; a KDC
 * whose DNS names are not known is nobody's.
 */
static bool
is_elsewhere(const struct host *h, const char *realm)
{
	const char *name;
	bool any = false;
	size_t i;

	for (i = 0; h != NULL && i < h->nnames; i++) {
		name = h->names[i].name;
		if (h->names[i].source < NAME_DNS || strchr(name, '.') == NULL)
			continue;
		if (lies_in(name, organization(realm)))
			return false;
		any = true;
	}
	return any;
}

const char *
account_kdc_realm(const struct ledger *l, const struct exchange *e)
{
	const struct host *h = ledger_host(l, &e->kdc);
	const struct realm_fact *r;
	size_t i;

	if (e->err_realm != NULL && !same_realm(e->err_realm, e->realm))
		return e->err_realm;
	for (i = 0; h != NULL && i < h->nnames; i++) {
		r = ledger_realm_of(l, h->names[i].name);
		if (r != NULL && r->kvno != EV_ABSENT &&
		    addr_equal(&r->kdc, &e->kdc) &&
		    !same_realm(r->realm, e->realm))
			return r->realm;
	}
	return NULL;
}

/* Whether the client that E names gets tickets in REALM. */
static bool
is_known_in(const struct ledger *l, const struct exchange *e, const char *realm)
{
	const struct account_fact *a;
	char name[TEXT_MAX];
	int n;

	if (realm == NULL || e->cname == NULL)
		return false;
	n = snprintf(name, sizeof(name), "%s@%s", e->cname, realm);
	if (n < 0 || (size_t)n >= sizeof(name))
		return false;
	a = ledger_account(l, name);
	return a != NULL && a->ok.count > 0;
}

/* Whether E asks for the TGT of the realm that it names. */
static bool
asks_for_tgt(const struct exchange *e)
{
	return e->sname != NULL && strncasecmp(e->sname, "krbtgt/", 7) == 0 &&
	    same_realm(e->sname + 7, e->realm);
}

/* 6 to a client of a realm of which no TGT was ever seen. */
static enum certainty
unknown_client(const struct ledger *l, const struct exchange *e)
{
	const struct realm_fact *r = ledger_realm(l, e->realm);
	const char *other;

	if (r != NULL && r->kvno != EV_ABSENT)
		return CERTAINTY_NONE;
	other = account_kdc_realm(l, e);
	if (e->err_realm != NULL && !same_realm(e->err_realm, e->realm))
		return CERTAINTY_LIKELY;
	if (is_known_in(l, e, other))
		return CERTAINTY_LIKELY;
	return is_elsewhere(ledger_host(l, &e->kdc), e->realm) ?
	    CERTAINTY_POSSIBLE :
	    CERTAINTY_NONE;
}

enum certainty
account_wrong_realm(const struct ledger *l, const struct exchange *e)
{
	if (e->kind != EXCHANGE_AS || e->answer != ANSWER_ERROR ||
	    e->realm == NULL || e->realm[0] == '\0')
		return CERTAINTY_NONE;
	switch (e->error) {
	case KDC_ERR_WRONG_REALM:
		/* Another crealm is a referral: a step, not an error. */
		return CERTAINTY_LIKELY;
	case KDC_ERR_S_PRINCIPAL_UNKNOWN:
		/* A KDC always knows the TGS of a realm that it serves. */
		return asks_for_tgt(e) ? CERTAINTY_LIKELY : CERTAINTY_NONE;
	case KDC_ERR_C_PRINCIPAL_UNKNOWN:
		return unknown_client(l, e);
	default:
		return CERTAINTY_NONE;
	}
}

/* --- sources ---------------------------------------------------------- */

const struct host *
account_sprayer(const struct ledger *l, const struct story *s)
{
	const struct host *h = ledger_host(l, &s->client);

	if (h == NULL || h->failing <= HOST_FAILING_MANY)
		return NULL;
	/* Who types a password wrong an hour later has nothing to do with it */
	if (s->start > h->failing_last.time + HOST_FAILING_WITHIN ||
	    s->end < h->failing_first.time - HOST_FAILING_WITHIN)
		return NULL;
	return h;
}
