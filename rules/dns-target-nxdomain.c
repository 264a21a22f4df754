/*
 * dns-target-nxdomain - the service's name does not exist in DNS.
 *
 * Every form of the name that the client tried was denied, no address was
 * ever given for it, and no connection and no ticket request followed.
 *
 * Not this: search suffixes tried in vain before the right one, or after it
 * when its answer was lost; an empty AAAA answer where A has one; a name that
 * other answers of the capture resolve; a resolver that does not know the
 * whole domain (dns-srv-kdc-missing).
 */
#include <string.h>

#include "rule.h"

/* The last denial of an address for the service; NULL if none. */
static const struct lookup *
denial(const struct story *s)
{
	const struct lookup *k, *found = NULL;

	for (k = s->lookups; k < s->lookups + s->nlookups; k++) {
		if (k->type != DNS_A && k->type != DNS_AAAA)
			continue;
		if (k->naddrs > 0)
			return NULL;
		if (k->reply.frame != 0 && (k->rcode == 0 || k->rcode == 3) &&
		    (found == NULL || k->rcode >= found->rcode))
			found = k;
	}
	return found;
}

/* Whether the records that lead to DOMAIN's KDCs were denied too. */
static bool
is_unknown_domain(const struct ledger *l, const char *domain, struct finding *f)
{
	static const char *const locators[] = {
		"_ldap._tcp.dc._msdcs.",
		"_kerberos._udp.",
		"_kerberos._tcp.",
	};
	const struct name_fact *n;
	size_t i;

	for (i = 0; i < sizeof(locators) / sizeof(locators[0]); i++) {
		n = ledger_name(l,
		    finding_text(f, "%s%s", locators[i], domain));
		if (n != NULL && n->denied > 0)
			return true;
	}
	return false;
}

static bool
whole_domain_missing(const struct ledger *l, const char *host,
    struct finding *f)
{
	const char *dot;

	for (dot = strchr(host, '.'); dot != NULL; dot = strchr(dot + 1, '.'))
		if (is_unknown_domain(l, dot + 1, f))
			return true;
	return false;
}

/*
 * Whether HOST is a name that resolves, and a suffix: its client did not wait
 * for the answer, or did not get it, and went on searching.
 */
static bool
is_suffixed(const struct ledger *l, const char *host, struct finding *f)
{
	const char *dot = strchr(host, '.');
	const struct name_fact *n;

	if (dot == NULL)
		return false;
	while ((dot = strchr(dot + 1, '.')) != NULL) {
		n = ledger_name(l,
		    finding_text(f, "%.*s", (int)(dot - host), host));
		if (n != NULL && n->naddrs > 0)
			return true;
	}
	return false;
}

static void
cite(const struct story *s, struct finding *f)
{
	const struct lookup *k;
	char buf[NAME_TEXT];

	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (k->reply.frame != 0 && k->naddrs == 0)
			finding_evidence(f, &k->reply, "%s for %s %s",
			    k->rcode == 0 ? "no record" :
					    name_or(dns_rcode_name(k->rcode),
						k->rcode, buf),
			    k->name, k->type == DNS_AAAA ? "(AAAA)" : "");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct lookup *k = denial(s);
	const struct name_fact *name;
	char text[ADDR_TEXT], buf[NAME_TEXT];

	if (strcmp(s->carrier, "dns") != 0 || s->host == NULL)
		return VERDICT_NOT_APPLICABLE;
	name = ledger_name(l, s->host);
	if (k == NULL || (name != NULL && name->naddrs > 0) ||
	    is_suffixed(l, s->host, f) || whole_domain_missing(l, s->host, f))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_DNS;
	f->certainty = CERTAINTY_LIKELY;
	finding_step(f, k->query.frame != 0 ? &k->query : &k->reply);
	finding_subject(f, SUBJECT_NAME, s->host);
	finding_param(f, "resolver", addr_text(&k->resolver, text));
	finding_param(f, "answer",
	    k->rcode == 0 ? "that it has no address" :
			    name_or(dns_rcode_name(k->rcode), k->rcode, buf));
	cite(s, f);
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "Resolve-DnsName {name} -Server {resolver|DNS}",
	    "is the name right, the DNS server one of the domain's, the suffix "
	    "list complete; after the record is made: ipconfig /flushdns" },
	{ "samba", "samba-tool dns add {resolver|DNS} ZONE NAME A ADDRESS",
	    "where the record is missing" },
	{ "unix", "getent hosts {name}",
	    "then dig {name} @{resolver|DNS}, and search and nameserver in "
	    "/etc/resolv.conf" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 2308",
	"Microsoft: Troubleshoot DNS name resolution",
	NULL,
};

const struct rule rule_dns_target_nxdomain = {
	.id = "dns-target-nxdomain",
	.title = "{name|The service's name} does not exist in DNS",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_CLIENT,
	.check = check,
	.why = "The resolver {resolver|asked} answers {answer|NXDOMAIN} for "
	       "{name|the service's name}, under no suffix does it have an "
	       "address, and the client went no further: no connection, no "
	       "ticket. The name is misspelt, its record is missing, or this "
	       "resolver does not hold its zone.",
	.not_this = "A search suffix tried in vain before the right one. An "
		    "empty AAAA answer beside a good A. A name found by other "
		    "means (hosts file, LLMNR).",
	.decide = "nslookup {name|NAME}, at the client and at a DNS server "
		  "of the zone",
	.verify = "The question for {name|the name} is answered with an "
		  "address, and the client connects to it.",
	.fix = fix,
	.see = see,
};
