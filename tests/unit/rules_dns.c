/*
 * rules_dns.c - the rules on names that DNS does not know, or is slow to tell.
 */
#include "rules_world.h"

extern const struct rule rule_dns_srv_kdc_missing, rule_dns_target_nxdomain,
    rule_dns_slow_or_timeout;

#define NXDOMAIN 3
#define SERVFAIL 2

static void
in_vain(const char *realm, const char *host)
{
	clear();
	story.carrier = "dns";
	story.realm = realm;
	story.host = host;
	story.outcome = OUTCOME_BROKEN;
}

static void
test_locator(void)
{
	const struct rule *r = &rule_dns_srv_kdc_missing;

	in_vain(REALM, NULL);
	resolved("_kerberos._udp.fjord.test", DNS_SRV, NXDOMAIN);
	resolved("_kerberos._tcp.fjord.test", DNS_SRV, NXDOMAIN);
	fires("both denied", r, CERTAINTY_LIKELY);
	about(SUBJECT_REALM, REALM);
	says("10.0.0.4 answers NXDOMAIN for _kerberos._udp.fjord.test");
	ledger.realm.realm = REALM;
	ledger.realm.kdc = ledger.hosts[KDC].addr;
	fires("the realm exists", r, CERTAINTY_LIKELY);
	says("10.0.0.2 answers others");

	in_vain(REALM, NULL);
	resolved("_kerberos._udp.fjord.test", DNS_SRV, SERVFAIL);
	fires("the resolver fails", r, CERTAINTY_POSSIBLE);

	in_vain(REALM, NULL);
	resolved("_kerberos._udp.fjord.test", DNS_SRV, -1);
	not("no answer at all", r);

	in_vain(REALM, NULL);
	story.carrier = "kdc";
	resolved("_kerberos._udp.fjord.test", DNS_SRV, NXDOMAIN);
	judge("a KDC was asked", r, VERDICT_NOT_APPLICABLE, CERTAINTY_NONE);
}

static void
test_target(void)
{
	const struct rule *r = &rule_dns_target_nxdomain;
	struct lookup *k;

	in_vain(NULL, "gone.fjord.test");
	resolved("gone.fjord.test", DNS_A, NXDOMAIN);
	resolved("gone.fjord.test", DNS_AAAA, NXDOMAIN);
	fires("no such name", r, CERTAINTY_LIKELY);
	about(SUBJECT_NAME, "gone.fjord.test");
	ledger.name.name = "_kerberos._tcp.fjord.test";
	ledger.name.denied = 1;
	not("the whole domain is unknown there", r);
	ledger.name.name = "gone.fjord.test";
	fires("denied, and the ledger knows", r, CERTAINTY_LIKELY);
	ledger.name.naddrs = 1;
	not("found another time", r);
	ledger.name.name = NULL;
	k = resolved("gone.fjord.test", DNS_A, 0);
	k->naddrs = 1;
	not("found in the end", r);

	in_vain(NULL, "dc1.fjord.test.fjord.test");
	resolved("dc1.fjord.test.fjord.test", DNS_A, NXDOMAIN);
	fires("a long name", r, CERTAINTY_LIKELY);
	ledger.name.name = "dc1.fjord.test";
	ledger.name.naddrs = 1;
	not("a name that resolves, and a suffix", r);
	ledger.name.name = "dc1";
	fires("a short name does not resolve without one", r, CERTAINTY_LIKELY);
	ledger.name.name = NULL;
	ledger.name.naddrs = 0;

	in_vain(NULL, "gone.fjord.test");
	resolved("gone.fjord.test", DNS_A, -1);
	not("no answer", r);
}

static void
test_slow(void)
{
	const struct rule *r = &rule_dns_slow_or_timeout;
	struct lookup *k;

	clear();
	story.outcome = OUTCOME_OK;
	k = resolved("dc1.fjord.test", DNS_A, 0);
	as(0);
	not("at once", r);
	k->query.time -= 3 * SECOND;
	fires("three seconds", r, CERTAINTY_LIKELY);
	about(SUBJECT_SERVER, "10.0.0.4");
	says("3.0 s");
	story.outcome = OUTCOME_BROKEN;
	not("something else broke it", r);
	story.outcome = OUTCOME_OK;
	k->reply.time = exchanges[0].req.time + SECOND;
	not("the client did not wait", r);

	k->reply = (struct ref){ 0 };
	k->rcode = -1;
	not("one question lost", r);
	k->asked = 2;
	fires("asked twice in vain", r, CERTAINTY_LIKELY);
	ledger.blind = true;
	cannot_say("answers are not captured", r);

	ledger.blind = false;
	k->asked_first = ledger.hosts[KDC].addr;
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 3);
	knocked(OTHER, TRANSPORT_UDP, REACH_ANSWERED, 1);
	not("a domain controller that is off", r);
	k->asked_first = ledger.hosts[OTHER].addr;
	fires("another server than the silent KDC", r, CERTAINTY_LIKELY);

	in_vain(NULL, "fs1.fjord.test");
	k = resolved("fs1.fjord.test", DNS_A, -1);
	k->asked = 3;
	story.end = T0 + 20 * SECOND;
	fires("a resolver that is dead", r, CERTAINTY_LIKELY);
	resolved("fs1.fjord.test", DNS_AAAA, NXDOMAIN);
	not("it said no", r);
}

int
main(void)
{
	test_locator();
	test_target();
	test_slow();
	arena_free(&mem);
	return failed;
}
