/*
 * dns-srv-kdc-missing - the client cannot find a KDC: the resolver it asks
 * has no record that leads to one.
 *
 * Clients find their KDCs by SRV records (RFC 4120 7.2.3.2: _kerberos._udp,
 * _kerberos._tcp; MS-ADTS 6.3.6: _ldap._tcp.dc._msdcs).  All of them are
 * denied and nothing is sent to port 88: the client has no KDC.  Most often
 * it asks a resolver that does not hold the domain's zone (a provider's, a
 * router's), or the realm is misspelt.
 *
 * Not this: _kerberos-master and URI records, which Active Directory does not
 * have; _ldap._tcp of a single host, which Windows asks in vain as a matter
 * of course; a KDC that krb5.conf names: then requests follow.
 */
#include <string.h>

#include "rule.h"

#define SHOWN 3 /* denials cited */

static bool
is_denial(const struct lookup *k)
{
	struct str domain;

	return k->reply.frame != 0 && k->rcode >= 0 && k->naddrs == 0 &&
	    lookup_is_locator(k, &domain);
}

static const struct lookup *
first_denial(const struct story *s)
{
	const struct lookup *k;

	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (is_denial(k))
			return k;
	return NULL;
}

static const char *
denial_name(const struct lookup *k, char buf[NAME_TEXT])
{
	if (k->rcode == 0)
		return "no such record";
	return name_or(dns_rcode_name(k->rcode), k->rcode, buf);
}

/* The denials, and other names of the domain that fail as well. */
static void
cite(const struct story *s, struct finding *f)
{
	const struct lookup *k;
	char buf[NAME_TEXT];
	unsigned n = 0;

	for (k = s->lookups; k < s->lookups + s->nlookups && n < SHOWN; k++) {
		if (!is_denial(k))
			continue;
		finding_evidence(f, &k->reply, "%s for %s", denial_name(k, buf),
		    k->name);
		finding_evidence(f, &k->query, "asked for %s", k->name);
		n++;
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct lookup *k = first_denial(s);
	const struct realm_fact *known;
	struct str domain;
	char text[ADDR_TEXT], buf[NAME_TEXT];

	if (strcmp(s->carrier, "dns") != 0 || s->host != NULL)
		return VERDICT_NOT_APPLICABLE;
	if (k == NULL || !lookup_is_locator(k, &domain))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_DNS;
	/* SERVFAIL and REFUSED do not say that there is no such record. */
	f->certainty = k->rcode == 0 || k->rcode == 3 ? CERTAINTY_LIKELY :
							CERTAINTY_POSSIBLE;
	finding_step(f, k->query.frame != 0 ? &k->query : &k->reply);
	finding_subject(f, SUBJECT_REALM, s->realm);
	finding_paramf(f, "domain", "%.*s", (int)domain.len, domain.p);
	finding_param(f, "record", k->name);
	finding_param(f, "resolver", addr_text(&k->resolver, text));
	finding_param(f, "answer", denial_name(k, buf));
	known = s->realm == NULL ? NULL : ledger_realm(l, s->realm);
	if (known != NULL && known->kdc.family != 0)
		finding_paramf(f, "also",
		    " The realm exists, its KDC %s answers others: this "
		    "resolver does not hold its zone.",
		    addr_text(&known->kdc, text));
	cite(s, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"dns-target-nxdomain",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "nltest /dsgetdc:{domain|DOMAIN} /force /kdc",
	    "ipconfig /all: the DNS server must be one of the domain's; on a "
	    "domain controller nltest /dsregdns registers its records anew" },
	{ "samba", "samba_dnsupdate --verbose",
	    "on the domain controller: registers its records anew" },
	{ "unix", "dig +short SRV _kerberos._udp.{domain|DOMAIN}",
	    "in /etc/resolv.conf a server that knows the domain, or kdc = "
	    "under [realms] in krb5.conf" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2.3.2",
	"MS-ADTS 6.3.6",
	"Microsoft: Netlogon event 5719",
	NULL,
};

const struct rule rule_dns_srv_kdc_missing = {
	.id = "dns-srv-kdc-missing",
	.title = "DNS knows no KDC of {domain|the realm}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_CLIENT,
	.check = check,
	.explains = explains,
	.why = "The resolver {resolver|asked} answers {answer|no such name} "
	       "for {record|the SRV records of the realm}, and no request to "
	       "a KDC follows: the client has none. Either it asks a resolver "
	       "that does not hold the zone of {domain|the realm}, or the "
	       "records are missing, or the realm is misspelt.{also|}",
	.not_this = "_kerberos-master and URI records, which many realms do "
		    "not have. _ldap._tcp of a single host. A KDC that "
		    "krb5.conf names.",
	.decide = "nslookup -type=SRV {record|_kerberos._tcp.REALM}, at "
		  "the client and at a DNS server of the domain",
	.verify = "The question for {record|the SRV records} is answered "
		  "with a host, and an AS-REQ or TGS-REQ to it follows.",
	.fix = fix,
	.see = see,
};
