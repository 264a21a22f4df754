/*
 * dns-ptr-wrong-rdns - the client looks a name up, asks reverse DNS for the
 * name at that address, and asks for a ticket for what the PTR record says.
 * MIT does so with "rdns = true" (its default), Heimdal's and Java's clients
 * may, the SASL libraries of LDAP clients do it on their own.  The KDC knows
 * no such service (7), or makes a ticket with another machine's key, which the
 * server cannot open.
 *
 * The capture has to show that the PTR record is wrong: the name in it has no
 * address or another one, the machine calls itself by the name that was meant,
 * or that name has a ticket where the PTR record's has none.
 *
 * Not this: a PTR record with the machine's own name, whose SPN is missing
 * (spn-missing) or stands elsewhere (spn-wrong-account).  Without anything that
 * tells them apart this is unknown, and spn-missing no more than possible.
 *
 * A krb5.conf with "rdns = false" takes nothing away: the wire shows that the
 * name came from reverse DNS, so it is another client's file, or a library
 * asked that does not heed it (SASL, SSH).  The directory proves it: nobody
 * has the service of the PTR record's name, or it is another computer's.
 */
#include <string.h>
#include <strings.h>

#include "clientconf.h"
#include "refusal.h"
#include "rule.h"

/* The same service under the name that was meant. */
static const char *
meant_spn(struct finding *f, const struct spn *spn, const struct reversed *r)
{
	return finding_text(f, "%.*s/%s", (int)spn->class.len, spn->class.p,
	    r->meant->name);
}

static void
report(struct finding *f, const struct reversed *r, const char *good)
{
	char addr[ADDR_TEXT];

	addr_text(&r->ptr->ptr_of, addr);
	f->rests_on |= EVIDENCE_DNS;
	finding_param(f, "meant", r->meant->name);
	finding_param(f, "ptr", r->ptr->ptr);
	finding_param(f, "addr", addr);
	finding_param(f, "good", good);
	finding_evidence(f, &r->ptr->reply, "DNS: the PTR record of %s is %s",
	    addr, r->ptr->ptr);
	finding_evidence(f, &r->meant->reply, "DNS: %s is %s", r->meant->name,
	    addr);
}

static void
cite_conf(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct krb5_conf *c = clientconf_of(s, l);

	if (c == NULL) {
		f->missing |= EVIDENCE_KRB5_CONF;
		return;
	}
	if (c->rdns == 0 ||
	    (c->canonicalize != NULL && strcmp(c->canonicalize, "false") == 0))
		finding_excluded(f, NULL, "libkrb5's own reverse look-up",
		    "%s has %s: this client has another file, or a library "
		    "that asks for itself (SASL_NOCANON, GSSAPITrustDNS)",
		    c->path,
		    c->rdns == 0 ? "rdns = false" :
				   "dns_canonicalize_hostname = false");
	else if (c->rdns == 1 || !c->partial) {
		f->rests_on |= EVIDENCE_KRB5_CONF;
		finding_lookup(f, c->path, "%s",
		    c->rdns == 1 ? "rdns = true" :
				   "rdns is not set: true by default");
	}
}

/*
 * Nobody at all has the service that E asked for; and, when WRONG does not
 * say already that the PTR record is, there is no such computer either.
 */
static bool
has_no_owner(const struct ledger *l, const struct exchange *e, bool wrong)
{
	const struct spn_owners *o = ledger_owners(l, e->sname, e->realm);

	return o != NULL && o->covered && o->nowners == 0 && o->nimplied == 0 &&
	    (wrong || o->ncomputers == 0);
}

/* The account whose key the ticket of A has, when it is another computer's. */
static const struct dir_account *
other_owner(const struct ledger *l, const struct attempt *a,
    const struct reversed *r)
{
	const struct dir_account *d;

	d = ledger_owner(l, a->ticket.sname, a->ticket.realm);
	if (d == NULL || d->dns_host == NULL ||
	    strcasecmp(d->dns_host, r->meant->name) == 0)
		return NULL;
	return d;
}

/* The KDC does not know the service under the name in the PTR record. */
static enum verdict
check_name(const struct story *s, const struct ledger *l,
    const struct refused_name *n, struct finding *f)
{
	const struct reversed *r = &n->reverse;
	const struct dir_domain *domain;
	const struct spn_fact *given;
	const char *good;

	if (r->meant == NULL || r->right)
		return VERDICT_CLEAR;
	good = meant_spn(f, &n->spn, r);
	given = ledger_spn(l, good, n->e->realm);
	if (given != NULL && given->issued.count == 0)
		given = NULL;
	if (!r->wrong && given == NULL)
		return VERDICT_UNKNOWN;
	f->certainty = CERTAINTY_LIKELY;
	refusal_name_subject(f, s, n);
	finding_param(f, "what", "knows no such service");
	report(f, r, good);
	if (has_no_owner(l, n->e, r->wrong)) {
		domain = ledger_dir_domain(l, n->e->realm);
		f->certainty = CERTAINTY_PROVEN;
		f->rests_on |= EVIDENCE_DIRECTORY;
		if (domain != NULL)
			finding_lookup(f, domain->source, "nobody has %s",
			    n->e->sname);
	} else
		f->missing |= EVIDENCE_DIRECTORY;
	cite_conf(s, l, f);
	if (given != NULL) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &given->issued.last, "a ticket for %s",
		    given->spn);
	}
	return VERDICT_FIRED;
}

/* The service refused the ticket for the name in the PTR record. */
static enum verdict
check_ticket(const struct story *s, const struct ledger *l,
    const struct refused_ticket *t, struct finding *f)
{
	const struct dir_account *other;
	const struct service *taken;
	struct reversed r;
	const char *good;

	if (!refusal_reversed(s, l, t->host, &r) || r.right || t->is_host ||
	    t->key_fine || t->healed)
		return VERDICT_CLEAR;
	good = meant_spn(f, &t->spn, &r);
	taken = ledger_service(l, good, &t->a->server);
	if (taken != NULL && taken->taken.count == 0)
		taken = NULL;
	if (!r.wrong && taken == NULL)
		return VERDICT_UNKNOWN;
	f->certainty = CERTAINTY_LIKELY;
	refusal_subject(f, t);
	finding_param(f, "what",
	    "makes a ticket with another machine's key, which the server "
	    "cannot open");
	report(f, &r, good);
	other = other_owner(l, t->a, &r);
	if (r.wrong && other != NULL) {
		f->certainty = CERTAINTY_PROVEN;
		finding_account(f, other, "it has %s, and is %s",
		    t->a->ticket.sname, other->dns_host);
	} else
		f->missing |= EVIDENCE_DIRECTORY;
	cite_conf(s, l, f);
	if (taken != NULL)
		f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, taken);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket t;
	struct refused_name n;

	if (refusal_ticket(s, l, &t))
		return check_ticket(s, l, &t, f);
	if (refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return check_name(s, l, &n, f);
	return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
}

static const char *const explains[] = {
	"spn-missing",
	"spn-wrong-account",
	"dns-stale-record-wrong-host",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "unix", "rdns = false",
	    "in [libdefaults] of krb5.conf on the client; OpenLDAP: "
	    "SASL_NOCANON on in ldap.conf" },
	{ "samba", "samba-tool dns query {resolver|DNS} ZONE NAME PTR",
	    "then delete the wrong record and add {meant|the right name}" },
	{ "windows", "Resolve-DnsName {addr|ADDRESS}",
	    "the reverse zone has to say {meant|the right name}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 1.3, 7.5.9 (7)",
	"MIT krb5: Principal names and DNS (rdns)",
	"OpenLDAP: ldap.conf SASL_NOCANON",
	NULL,
};

const struct rule rule_dns_ptr_wrong_rdns = {
	.id = "dns-ptr-wrong-rdns",
	.title = "Reverse DNS turns {meant|the name} into {ptr|another}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_NAME | MENDED_ONLY,
	.check = check,
	.explains = explains,
	.why = "The user means {meant|a host}, at {addr|an address}. The "
	       "client asks reverse DNS for the name of that address, is told "
	       "{ptr|another name}, and asks for {spn} instead of {good|the "
	       "service}. The KDC {what|knows no such service}. The PTR "
	       "record is wrong, and the client should not depend on it.",
	.not_this = "A PTR record with the machine's own name, under which the "
		    "service has no SPN (spn-missing).",
	.decide = "setspn -Q {good|CLASS/NAME}: on the account of the service? "
		  "And grep rdns in the client's krb5.conf (--krb5-conf)",
	.verify = "The PTR record of {addr|the address} is {meant|the right "
		  "name}, or no one asks for it; the client asks for "
		  "{good|the service itself} and is given a ticket.",
	.fix = fix,
	.see = see,
};
