/*
 * dns-cname-alias-client-uses-alias - DNS says that the name is a CNAME, yet
 * the client put the alias into the SPN, and the alias has none.
 *
 * Most clients canonicalise (MIT by default, browsers by default) and ask for
 * the real name: then the CNAME is harmless and this does not fire.  smbclient
 * and Windows' SMB client ask for what the user typed.  So the sname decides,
 * never DNS alone.
 *
 * Not this: the alias refused once and the real name granted (MIT fallback).
 * A ticket for the alias that the server refuses has the key's causes too: it
 * is the alias only when that server takes the real name.
 */
#include "refusal.h"
#include "rule.h"

/* The real name of the host that R asks for, if DNS has one. */
static const char *
canonical(const struct story *s, const struct refused_ticket *r)
{
	const struct lookup *k;
	const char *name = NULL;

	if (r->name != NULL)
		name = r->name->canonical;
	for (k = s->lookups; name == NULL && k < s->lookups + s->nlookups; k++)
		if (k->name != NULL &&
		    host_alike(str_of(k->name), str_of(r->host)))
			name = k->canonical;
	return name == NULL || host_alike(str_of(name), str_of(r->host)) ?
	    NULL :
	    name;
}

/* The server refused the ticket for the alias. */
static enum verdict
check_ticket(const struct story *s, const struct refused_ticket *r,
    struct finding *f)
{
	const char *real = canonical(s, r);
	struct spn own;

	if (real == NULL || r->key_fine || r->healed || r->elsewhere != NULL ||
	    (r->proof != PROVEN_NOTHING && r->proof != PROVEN_ACCOUNT))
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_POSSIBLE;
	if (r->own_spn != NULL && spn_split(r->own_spn->spn, &own) &&
	    host_alike(own.host, str_of(real)) && r->place == REFUSAL_ACCOUNT) {
		f->certainty = CERTAINTY_LIKELY;
		f->rests_on |= EVIDENCE_COMPARE;
	}
	refusal_subject(f, r);
	finding_param(f, "real", real);
	f->rests_on |= EVIDENCE_DNS;
	if (r->name != NULL)
		finding_evidence(f, &r->name->ref, "DNS: %s is a CNAME of %s",
		    r->host, real);
	refusal_taken(f, r->own_spn);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;
	struct refused_name n;

	if (refusal_ticket(s, l, &r))
		return check_ticket(s, &r, f);
	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return VERDICT_NOT_APPLICABLE;
	if (n.dns.ref.frame == 0) {
		f->missing = EVIDENCE_DNS;
		return VERDICT_UNKNOWN;
	}
	if (n.dns.canonical == NULL || n.held.n > 0)
		return VERDICT_CLEAR;
	f->certainty = n.owned && !n.known ? CERTAINTY_LIKELY :
					     CERTAINTY_POSSIBLE;
	if (refusal_is_absent(l, &n))
		f->certainty = CERTAINTY_PROVEN;
	refusal_name_subject(f, s, &n);
	finding_param(f, "real", n.dns.canonical);
	f->rests_on |= EVIDENCE_DNS;
	finding_evidence(f, &n.dns.ref, "DNS: %s is a CNAME of %s", n.host,
	    n.dns.canonical);
	refusal_cite_none(f, l, &n.held);
	if (n.held.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "netdom computername {real|SERVER} /add:{host}",
	    "or setspn -S {spn} {owner|ACCOUNT}" },
	{ "samba", "samba-tool spn add {spn} {owner|ACCOUNT}", NULL },
	{ "unix", "dns_canonicalize_hostname = true",
	    "in krb5.conf of the client" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 1.3, 7.5.9 (7)",
	"MIT krb5: Principal names and DNS",
	"Microsoft: SMB file server over a DNS CNAME alias",
	NULL,
};

const struct rule rule_dns_cname_alias_client_uses_alias = {
	.id = "dns-cname-alias-client-uses-alias",
	.title = "The client asks for the alias {host}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why =
	    "DNS says that {host} is an alias (CNAME) of {real|another "
	    "name}, but the client puts the alias into the SPN. {spn} is not "
	    "on the account of that host.",
	.not_this = "Clients that ask for the real name: then the CNAME is "
		    "harmless. An alias made as an address record "
		    "(dns-a-record-alias-no-spn).",
	.decide = "setspn -Q {spn}",
	.verify = "A TGS-REQ for {spn} is answered with a ticket, or "
		  "clients ask for {real|the real name} instead, and no "
		  "error 7 for {host} is left.",
	.fix = fix,
	.see = see,
};
