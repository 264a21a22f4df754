/*
 * engine_mended.c - what clears a finding, and what does not, where the log-on
 * that works is not just the one that failed once more: a name that leads
 * elsewhere, clients that were fine all the while, old tickets, failures that
 * are told late.
 */
#include <stdlib.h>

#include "mending.h"

#define OWN "cifs/fs1.fjord.test"
#define OTHER "cifs/fs2.fjord.test"

enum { DNS1 = 10, DNS2 = 11 };

static const char *
rule_of(const struct cause *c)
{
	return c == NULL ? "none" : c->f.rule->id;
}

/* The first cause of RULE, whatever came of its log-ons; NULL: none. */
static const struct cause *
of_rule(const char *rule)
{
	const struct result *r = engine_view(engine, VIEW_LATEST);
	size_t i;

	for (i = 0; i < r->ncause; i++)
		if (strcmp(rule_of(&r->causes[i]), rule) == 0)
			return &r->causes[i];
	return NULL;
}

static void
state_is(int line, const char *rule, uint64_t ok_since, bool cleared)
{
	const struct cause *c = of_rule(rule);

	if (c == NULL || c->ok_since != ok_since || c->cleared != cleared) {
		printf("%s:%d: %s: %d well since, %scleared\n", __FILE__, line,
		    rule, c == NULL ? -1 : (int)c->ok_since,
		    c != NULL && c->cleared ? "" : "not ");
		failures++;
	}
}

#define STATE(rule, n, cleared) state_is(__LINE__, rule, n, cleared)

static void
fs2_is(unsigned client, unsigned resolver, const char *addr)
{
	static int64_t id = 1;

	looked_up(client, resolver, id++, "fs2.fjord.test", 1, 0, addr);
}

/* --- a name that led to the wrong machine ------------------------------ */

/* FS1 takes its own tickets; the name of fs2 leads there. */
static void
fs2_leads_to_fs1(void)
{
	begin_views();
	log_on(101, FS1, OWN, 1, true);
	pass(15000);
	fs2_is(101, DNS1, "10.0.0.20");
	log_on(101, FS1, OTHER, 2, false);
	pass(2000);
	STATE("spn-wrong-account", 0, false);
}

/* What was said stays, and is over, when the name leads elsewhere. */
static void
test_led_away(int64_t after)
{
	fs2_leads_to_fs1();
	pass(after);
	STATE("spn-wrong-account", 0, false);
	fs2_is(101, DNS1, "10.0.0.21");
	log_on(101, FS2, OTHER, 3, true);
	pass(100);
	CHECK(of_rule("service-refused-ticket") == NULL);
	pass(5000);
	STATE("spn-wrong-account", 1, true);
	CHECK(of_rule("service-refused-ticket") == NULL);
	/* Another client that asks the same resolver. */
	fs2_is(102, DNS1, "10.0.0.21");
	log_on(102, FS2, OTHER, 4, true);
	pass(30000);
	CHECK(of_rule("service-refused-ticket") == NULL);
	CHECK(of_rule("spn-wrong-account") != NULL);
	engine_free(engine);
}

/* Another client that was never led there says nothing of that one. */
static void
test_not_led_away(void)
{
	fs2_leads_to_fs1();
	pass(15000);
	fs2_is(102, DNS2, "10.0.0.21");
	log_on(102, FS2, OTHER, 3, true);
	pass(5000);
	CHECK(of_rule("spn-wrong-account") == NULL ||
	    !of_rule("spn-wrong-account")->cleared);
	engine_free(engine);
}

/* The name was right before, so that it is seen to have moved. */
static void
test_stale_record(int64_t after)
{
	begin_views();
	log_on(101, FS1, OWN, 1, true);
	fs2_is(101, DNS1, "10.0.0.21");
	log_on(101, FS2, OTHER, 2, true);
	pass(30000);
	fs2_is(101, DNS1, "10.0.0.20");
	log_on(101, FS1, OTHER, 3, false);
	pass(2000);
	STATE("dns-stale-record-wrong-host", 0, false);
	pass(after);
	/* Somebody with a right hosts file. */
	log_on(102, FS2, OTHER, 4, true);
	pass(5000);
	STATE("dns-stale-record-wrong-host", 0, false);
	fs2_is(101, DNS1, "10.0.0.21");
	log_on(101, FS2, OTHER, 5, true);
	pass(5000);
	STATE("dns-stale-record-wrong-host", 1, true);
	CHECK(of_rule("service-refused-ticket") == NULL);
	engine_free(engine);
}

/* One client has the wrong address from elsewhere: DNS gives another. */
static void
test_hosts_file(void)
{
	begin_views();
	log_on(101, FS1, OWN, 1, true);
	pass(15000);
	log_on(101, FS1, OTHER, 2, false);
	pass(15000);
	STATE("spn-wrong-account", 0, false);
	fs2_is(102, DNS1, "10.0.0.21");
	log_on(102, FS2, OTHER, 3, true);
	pass(5000);
	STATE("dns-stale-record-wrong-host", 0, false);
	CHECK(of_rule("spn-wrong-account") == NULL);
	log_on(101, FS2, OTHER, 4, true);
	pass(5000);
	STATE("dns-stale-record-wrong-host", 1, true);
	engine_free(engine);
}

/* --- the same name, by another SPN --------------------------------------- */

/* DNS makes an alias of docs, by a CNAME record. */
static void
docs_is_alias(unsigned client, int64_t id)
{
	uint64_t flow = 1000 + (uint64_t)id * 300 + DNS1;
	struct event ev;

	query(client, DNS1, id, "docs.fjord.test", 1);
	now++;
	ev = answered(EV_dns_rr, "dns", client, DNS1, 53, flow);
	ev.u.dns_rr.id = id;
	ev.u.dns_rr.name = text("docs.fjord.test");
	ev.u.dns_rr.type = 5;
	ev.u.dns_rr.data = text("fs1.fjord.test");
	engine_event(engine, &ev);
	ev.u.dns_rr.name = text("fs1.fjord.test");
	ev.u.dns_rr.type = 1;
	ev.u.dns_rr.data = text("10.0.0.20");
	engine_event(engine, &ev);
	reply(client, DNS1, id, "docs.fjord.test", 1, 0, NULL);
	now++;
}

/* An alias without an SPN: clients ask for the real name in the end. */
static void
test_alias(void)
{
	begin_views();
	log_on(101, FS1, OWN, 1, true);
	pass(15000);
	looked_up(101, DNS1, 900, "docs.fjord.test", 1, 0, "10.0.0.20");
	tgs_req(101, KDC, 7, "cifs/docs.fjord.test", 3);
	now++;
	kdc_error(101, KDC, 7, 7);
	pass(15000);
	STATE("dns-a-record-alias-no-spn", 0, false);
	/* By its own name it was reached all the while, and by others. */
	looked_up(101, DNS1, 901, "fs1.fjord.test", 1, 0, "10.0.0.20");
	log_on(101, FS1, OWN, 2, true);
	pass(15000);
	docs_is_alias(102, 902);
	log_on(102, FS1, OWN, 3, true);
	pass(15000);
	STATE("dns-a-record-alias-no-spn", 0, false);
	docs_is_alias(101, 903);
	log_on(101, FS1, OWN, 4, true);
	pass(5000);
	STATE("dns-a-record-alias-no-spn", 1, true);
	engine_free(engine);
}

/* --- one try, begun anew ------------------------------------------------ */

/* It was mended within seconds: the same log-on says so. */
static void
test_again(void)
{
	begin_views();
	tgs_req(101, KDC, 7, SPN, 3);
	now++;
	kdc_error(101, KDC, 7, 7);
	pass(4000);
	STATE("spn-missing", 0, false);
	log_on(101, FS1, SPN, 1, true);
	pass(5000);
	STATE("spn-missing", 1, true);
	engine_free(engine);
}

/* --- told late ---------------------------------------------------------- */

/* A failure from before the repair that is told after it is none since. */
static void
test_late(void)
{
	begin_views();
	log_on(101, FS1, SPN, 1, false);
	pass(200);
	log_on(102, FS1, SPN, 2, false);
	pass(1000);
	log_on(103, FS1, SPN, 3, true);
	log_on(104, FS1, SPN, 4, true);
	pass(3000);
	SINCE(SPN, 2, true);
	pass(20000);
	SINCE(SPN, 2, true);
	engine_free(engine);
}

/* --- tickets ------------------------------------------------------------ */

/* On the server alone the making of tickets is not seen. */
static void
test_versions(void)
{
	begin_views();
	present_kvno(101, FS1, SPN, 1, 3, true);
	pass(15000);
	present_kvno(102, FS1, SPN, 2, 4, false);
	pass(15000);
	STATE("key-stale-service-keytab", 0, false);
	/* Others have tickets from before: an old key takes them. */
	present_kvno(103, FS1, SPN, 3, 3, true);
	present_kvno(104, FS1, SPN, 4, 3, true);
	pass(5000);
	STATE("key-stale-service-keytab", 0, false);
	present_kvno(105, FS1, SPN, 5, 4, true);
	pass(3000);
	STATE("key-stale-service-keytab", 1, true);
	engine_free(engine);
}

/* Nor of which account an SPN was, and is: its versions count anew. */
static void
test_another_account(void)
{
	static const char docs[] = "cifs/docs.fjord.test";

	begin_views();
	present_kvno(101, FS1, SPN, 1, 1, true);
	pass(15000);
	present_kvno(101, FS1, docs, 2, 3, false);
	pass(15000);
	STATE("spn-wrong-account", 0, false);
	/* From before it was on the wrong one. */
	present_kvno(102, FS1, docs, 3, 1, true);
	pass(5000);
	STATE("spn-wrong-account", 0, false);
	present_kvno(101, FS1, docs, 4, 1, true);
	pass(3000);
	STATE("spn-wrong-account", 1, true);
	engine_free(engine);
}

/* A port may be another account's. */
static void
test_ports(void)
{
	begin_views();
	tgs_req(101, KDC, 7, "HTTP/web.fjord.test:8080", 3);
	now++;
	kdc_error(101, KDC, 7, 7);
	pass(15000);
	ticket(102, "HTTP/web.fjord.test", 1);
	pass(30000);
	SINCE("HTTP/web.fjord.test:8080", 0, false);
	ticket(102, "HTTP/web.fjord.test:8080", 2);
	pass(30000);
	SINCE("HTTP/web.fjord.test:8080", 1, true);
	engine_free(engine);
}

/* --- accounts ----------------------------------------------------------- */

/* A password that one device has stored is not another's. */
static void
test_password(void)
{
	begin_views();
	as_req(101, KDC, 1, "anna", REALM);
	now++;
	kdc_error(101, KDC, 1, 24);
	pass(30000);
	STATE("acct-bad-password", 0, false);
	logged_on(102, KDC, 2);
	pass(5000);
	STATE("acct-bad-password", 0, false);
	logged_on(101, KDC, 3);
	pass(5000);
	STATE("acct-bad-password", 1, true);
	engine_free(engine);
}

/* --- KDCs --------------------------------------------------------------- */

static void
closed(unsigned client, enum transport transport, uint64_t flow)
{
	struct event ev;

	if (transport == TRANSPORT_UDP) {
		as_req(client, KDC, flow, "anna", REALM);
		now++;
		ev = answered(EV_conn, "kdc", client, KDC, 88, flow);
		ev.u.conn.state = text("icmp");
		ev.u.conn.reason = text("port");
	} else {
		ev = asked(EV_conn, "kdc", client, KDC, 88, flow);
		ev.transport = transport;
		ev.u.conn.state = text("syn");
		engine_event(engine, &ev);
		now++;
		ev = answered(EV_conn, "kdc", client, KDC, 88, flow);
		ev.transport = transport;
		ev.u.conn.state = text("refused");
	}
	engine_event(engine, &ev);
	now++;
}

/*
 * Clients that give up late are told late; one that never met it is heard
 * when the others had the time to try again.
 */
static void
test_kdc(void)
{
	begin_views();
	logged_on(103, KDC, 1);
	pass(5000);
	closed(101, TRANSPORT_UDP, 10);
	pass(1000);
	closed(102, TRANSPORT_UDP, 11);
	pass(30000);
	STATE("kdc-port-closed", 0, false);
	closed(101, TRANSPORT_UDP, 12);
	pass(20000);
	logged_on(103, KDC, 2);
	pass(5000);
	STATE("kdc-port-closed", 1, false);
	logged_on(101, KDC, 3);
	pass(5000);
	STATE("kdc-port-closed", 2, true);
	engine_free(engine);

	begin_views();
	closed(101, TRANSPORT_UDP, 10);
	pass(45000);
	logged_on(103, KDC, 2);
	pass(5000);
	STATE("kdc-port-closed", 1, true);
	engine_free(engine);
}

/* --- DNS ---------------------------------------------------------------- */

/* A resolver that nobody needs to ask twice any more. */
static void
test_resolver(void)
{
	begin_views();
	query(101, DNS1, 1, "fs1.fjord.test", 1);
	pass(1500);
	query(101, DNS1, 1, "fs1.fjord.test", 1);
	pass(1500);
	reply(101, DNS1, 1, "fs1.fjord.test", 1, 0, "10.0.0.20");
	log_on(101, FS1, SPN, 1, true);
	pass(15000);
	STATE("dns-slow-or-timeout", 0, false);
	/* Without a question nothing is said. */
	pass(60000);
	log_on(102, FS1, SPN, 2, true);
	pass(5000);
	STATE("dns-slow-or-timeout", 0, false);
	looked_up(103, DNS1, 3, "fs1.fjord.test", 1, 0, "10.0.0.20");
	log_on(103, FS1, SPN, 3, true);
	pass(5000);
	STATE("dns-slow-or-timeout", 1, true);
	engine_free(engine);
}

int
main(void)
{
	test_led_away(100);
	test_led_away(20000);
	test_not_led_away();
	test_stale_record(100);
	test_stale_record(20000);
	test_hosts_file();
	test_alias();
	test_again();
	test_late();
	test_versions();
	test_another_account();
	test_ports();
	test_password();
	test_kdc();
	test_resolver();
	return failures > 0;
}
