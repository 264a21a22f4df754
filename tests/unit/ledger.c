/*
 * What the capture as a whole teaches: who spoke, who fails, SPNs, realms,
 * KDCs and the records that lead to them.
 */
#include <stdio.h>

#include "telling.h"

static const struct ledger *
learnt(void)
{
	return engine_finish(engine)->ledger;
}

static const struct host *
host_of(const struct ledger *l, unsigned n)
{
	struct addr a = host(n);

	return ledger_host(l, &a);
}

static void
conn(const char *state, bool from_client)
{
	struct event ev;

	ev = from_client ? asked(EV_conn, "smb2", 101, 21, 445, 7) :
			   answered(EV_conn, "smb2", 101, 21, 445, 7);
	ev.transport = TRANSPORT_TCP;
	ev.u.conn.state = text(state);
	engine_event(engine, &ev);
}

static void
test_spoke(void)
{
	const struct ledger *l;
	struct addr client = host(101), server = host(21);

	/* SYNs come from anywhere, and so do their answers. */
	begin();
	conn("syn", true);
	l = learnt();
	CHECK(host_of(l, 101) == NULL);
	CHECK(host_of(l, 21) == NULL);
	engine_free(engine);

	begin();
	conn("syn", true);
	conn("open", false);
	l = learnt();
	CHECK(host_of(l, 101) == NULL);
	CHECK(host_of(l, 21)->spoke.frame == 2);
	engine_free(engine);

	begin();
	as_req(101, 10, 1, "anna", REALM);
	conn("syn", true);
	l = learnt();
	CHECK(host_of(l, 101)->spoke.frame == 1);
	CHECK(host_of(l, 101)->spoke_last.frame == 2);
	CHECK(host_of(l, 101)->heard.frame == 0);
	CHECK(host_of(l, 10)->spoke.frame == 0);
	CHECK(host_of(l, 10)->heard.frame == 1);
	CHECK(host_of(l, 21) == NULL);
	CHECK(!ledger_sees_answers(l, &client));
	engine_free(engine);

	begin();
	as_req(101, 10, 1, "anna", REALM);
	conn("gap", false); /* what the capture lacks */
	l = learnt();
	CHECK(!ledger_sees_answers(l, &client));
	engine_free(engine);

	begin();
	as_req(101, 10, 1, "anna", REALM);
	conn("syn", true);
	conn("icmp", false); /* a router says it */
	l = learnt();
	CHECK(host_of(l, 21) == NULL);
	CHECK(ledger_sees_answers(l, &client));
	CHECK(!ledger_sees_answers(l, &server));
	engine_free(engine);
}

static void
fail(unsigned n, const char *user, int64_t code)
{
	as_req(101, 10, n, user, REALM);
	now++;
	kdc_error(101, 10, n, code);
	now++;
}

static void
test_failing(void)
{
	const struct host *h;
	char name[16];
	unsigned i, n = 1;

	begin();
	fail(n++, "anna", KDC_ERR_PREAUTH_FAILED);
	fail(n++, "ANNA", KDC_ERR_PREAUTH_FAILED); /* the same */
	fail(n++, "bjorn", KDC_ERR_C_PRINCIPAL_UNKNOWN);
	fail(n++, "carla", KDC_ERR_PREAUTH_REQUIRED); /* a step */
	fail(n++, "dag", KDC_ERR_KEY_EXPIRED);        /* not a guess */
	now += 61000;
	fail(n++, "erik", KDC_ERR_CLIENT_REVOKED); /* long after */
	h = host_of(learnt(), 101);
	CHECK(h->failing == 2);
	CHECK(h->failing_first.frame == 4 && h->failing_last.frame == 6);

	engine_free(engine);

	begin();
	for (i = 0; i < HOST_MAX_FAILING + 10; i++) {
		snprintf(name, sizeof(name), "user%u", i);
		fail(i + 1, name, KRB_AP_ERR_BAD_INTEGRITY);
	}
	h = host_of(learnt(), 101);
	CHECK(h->failing == HOST_MAX_FAILING);
	CHECK(h->failing_first.frame == 2);
	CHECK(h->failing_last.frame == (HOST_MAX_FAILING + 10) * 2);
	engine_free(engine);
}

static void
test_account(void)
{
	const struct account_fact *a;

	begin();
	logged_on(101, 10, 1);
	now += 5000;
	as_req(101, 10, 2, "anna", REALM);
	kdc_error(101, 10, 2, KDC_ERR_ETYPE_NOSUPP);
	a = ledger_account(learnt(), "anna@" REALM);
	CHECK(a != NULL && a->ok.count == 1 && a->ok.etype_last == 18);
	CHECK(a != NULL && a->no_etype.count == 1 && a->other.count == 0);
	CHECK(a != NULL && a->no_etype.error_last == KDC_ERR_ETYPE_NOSUPP);
	engine_free(engine);
}

/* One ticket request for SNAME, answered with CODE, or -1 and a ticket. */
static void
ticket(uint64_t flow, const char *sname, int64_t code, int64_t etype)
{
	tgs_req(101, 10, flow, sname, 3);
	now++;
	if (code < 0)
		kdc_rep(101, 10, flow, 13, sname, etype, 4);
	else
		kdc_error(101, 10, flow, code);
	now += 3000;
}

static void
test_spn(void)
{
	const struct spn_fact *f;
	const struct ledger *l;

	begin();
	ticket(1, "HTTP/web.fjord.test", -1, 18);
	ticket(2, "http/WEB.fjord.test", -1, 23);
	ticket(3, "HTTP/web.fjord.test:8080", KDC_ERR_S_PRINCIPAL_UNKNOWN, 0);
	ticket(4, "HTTP/web", KDC_ERR_ETYPE_NOSUPP, 0);
	/* A referral is no ticket for what was asked. */
	tgs_req(101, 10, 5, "HTTP/far.plant.test", 3);
	kdc_rep(101, 10, 5, 13, "krbtgt/PLANT.TEST", 18, 1);
	l = learnt();
	f = ledger_spn(l, "HTTP/WEB.FJORD.TEST", "fjord.test");
	CHECK(f != NULL && f->issued.count == 2 && f->issued.kvno_last == 4);
	CHECK(f != NULL && f->aes.count == 1 && f->rc4.count == 1);
	CHECK(f != NULL && f->issued.etype_last == 23);
	CHECK(f != NULL && f->issued.first.frame == 2);
	CHECK(ledger_spn(l, "HTTP/web.fjord.test", "PLANT.TEST") == NULL);
	f = ledger_spn(l, "HTTP/web", REALM);
	CHECK(f != NULL && f->no_etype.count == 1 && f->issued.count == 0);
	CHECK(ledger_spn_form(l, "HTTP/web", 0) == NULL);
	f = ledger_spn_form(l, "HTTP/web.fjord.test", 0);
	CHECK(f != NULL && f->unknown.count == 1);
	CHECK(ledger_spn_form(l, "HTTP/web.fjord.test", 1) == NULL);
	f = ledger_spn_form(l, "HTTP/web.fjord.test:8080", 0);
	CHECK(f != NULL && f->issued.count == 2);
	CHECK(ledger_spn(l, "HTTP/far.plant.test", REALM) == NULL);
	CHECK(ledger_spn(l, "krbtgt/" REALM, REALM) == NULL);
	engine_free(engine);
}

/* More SPNs than are kept, all forms of one name. */
static void
test_spn_bounds(void)
{
	const struct ledger *l;
	char name[40];
	unsigned i, forms = 0;

	begin();
	for (i = 0; i < LEDGER_MAX_SPNS + 100; i++) {
		snprintf(name, sizeof(name), "HTTP/web.fjord.test:%u", i);
		ticket(i + 1, name, -1, 18);
	}
	l = learnt();
	CHECK(ledger_spn(l, "HTTP/web.fjord.test:0", REALM) == NULL);
	CHECK(ledger_spn(l, name, REALM) != NULL);
	while (ledger_spn_form(l, name, forms) != NULL)
		forms++;
	CHECK(forms > 100 && forms < 1000);
	engine_free(engine);
}

static void
test_realm(void)
{
	const struct realm_fact *f;
	const struct ledger *l;
	const int64_t branch = INT64_C(7) << 16;

	begin();
	tgs_req(101, 10, 1, "HTTP/web.fjord.test", 2); /* frame 1 */
	kdc_error(101, 10, 1, 20);
	now += 20000;
	as_req(101, 10, 2, "anna", REALM);
	kdc_rep(101, 10, 2, 11, "krbtgt/" REALM, 18, 3); /* frame 4 */
	tgs_req(101, 10, 3, "HTTP/web.fjord.test", 3 + branch);
	tgs_req(101, 10, 4, "HTTP/web.fjord.test", 1 + branch);
	l = learnt();
	f = ledger_realm(l, "fjord.test");
	CHECK(f != NULL && f->kvno == 3 && f->kvno_ref.frame == 4);
	CHECK(f != NULL && f->older == 2 && f->older_ref.frame == 1);
	CHECK(f != NULL && f->kdc.b[3] == 10);
	CHECK(ledger_realm_of(l, "a.b.FJORD.test") == f);
	CHECK(ledger_realm_of(l, "fjord.test") == f);
	CHECK(ledger_realm_of(l, "notfjord.test") == NULL);
	CHECK(ledger_realm_of(l, "test") == NULL);
	engine_free(engine);

	begin();
	logged_on(101, 10, 1);
	f = ledger_realm(learnt(), REALM);
	CHECK(f != NULL && f->older_ref.frame == 0 && f->older == EV_ABSENT);
	engine_free(engine);
}

static void
test_kdcs(void)
{
	const struct ledger *l;
	const struct host *h;
	unsigned i;

	begin();
	for (i = 0; i < LEDGER_MAX_KDCS + 5; i++) /* a scan */
		as_req(101, 200 + i, i + 1, "anna", REALM);
	logged_on(101, 10, 5000);
	l = learnt();
	for (i = 0; (h = ledger_kdc_at(l, i)) != NULL; i++)
		if (h->addr.b[3] == 10 && h->addr.b[2] == 0)
			break;
	CHECK(h != NULL);
	CHECK(ledger_kdc_at(l, LEDGER_MAX_KDCS - 1) != NULL);
	CHECK(ledger_kdc_at(l, LEDGER_MAX_KDCS) == NULL);
	engine_free(engine);
}

static void
test_srv(void)
{
	const struct srv_fact *f;
	const struct ledger *l;
	struct addr dc1 = host(10), dc2 = host(11), old = host(12),
		    none = host(13);

	begin();
	/* The address before the record, and after it. */
	looked_up(101, 53, 1, "dc1.fjord.test", DNS_A, 0, "10.0.0.10");
	looked_up(101, 53, 2, "_kerberos._udp.fjord.test", DNS_SRV, 0,
	    "DC1.fjord.test");
	looked_up(101, 53, 3, "_ldap._tcp.dc._msdcs.fjord.test", DNS_SRV, 0,
	    "dc2.fjord.test");
	looked_up(101, 53, 4, "dc2.fjord.test", DNS_A, 0, "10.0.0.11");
	looked_up(101, 53, 5, "dc2.fjord.test", DNS_A, 0, "10.0.0.12");
	looked_up(101, 53, 6, "_sip._tcp.fjord.test", DNS_SRV, 0,
	    "sip.fjord.test");
	looked_up(101, 53, 7, "sip.fjord.test", DNS_A, 0, "10.0.0.13");
	l = learnt();
	f = ledger_srv(l, &dc1);
	CHECK(f != NULL && strcmp(f->name, "_kerberos._udp.fjord.test") == 0);
	CHECK(f != NULL && strcmp(f->target, "dc1.fjord.test") == 0);
	f = ledger_srv(l, &dc2);
	CHECK(f != NULL && strcmp(f->target, "dc2.fjord.test") == 0);
	CHECK(f != NULL && f->ref.frame == 8);
	CHECK(ledger_srv(l, &old) == f);
	CHECK(ledger_srv(l, &none) == NULL);
	engine_free(engine);
}

/* Whether NAME leads to the KDCs of DOMAIN; NULL: of none. */
static bool
leads_to(const char *name, const char *domain)
{
	struct lookup k = { .name = name, .type = DNS_SRV };
	struct str d = { NULL, 0 };

	if (!lookup_is_locator(&k, &d))
		return domain == NULL;
	return domain != NULL && d.len == strlen(domain) &&
	    memcmp(d.p, domain, d.len) == 0;
}

static void
test_locators(void)
{
	struct lookup k = { .name = "_kerberos._tcp.x.test", .type = DNS_TXT };
	struct str d;

	CHECK(leads_to("_kerberos._tcp.x.test", "x.test"));
	CHECK(leads_to("_kerberos._udp.X.TEST", "X.TEST"));
	CHECK(leads_to("_ldap._tcp.x.test", "x.test"));
	CHECK(leads_to("_gc._tcp.x.test", "x.test"));
	CHECK(leads_to("_ldap._tcp.dc._msdcs.x.test", "x.test"));
	CHECK(leads_to("_kerberos._tcp.Oslo._sites.x.test", "x.test"));
	CHECK(leads_to("_ldap._tcp.Oslo._sites.dc._msdcs.x.test", "x.test"));
	CHECK(leads_to("_ldap._tcp.a\\.b._sites.gc._msdcs.x.test", "x.test"));
	CHECK(leads_to("_ldap._tcp.05b5292b-34b8.domains._msdcs.x.test",
	    "x.test"));
	CHECK(leads_to("_kerberos-master._tcp.x.test", NULL));
	CHECK(leads_to("_kpasswd._tcp.x.test", NULL));
	CHECK(leads_to("_kerberos.x.test", NULL));
	CHECK(leads_to("_ldap._tcp.dc._msdcs", NULL));
	CHECK(leads_to("_ldap._tcp", NULL));
	CHECK(leads_to("_kerberos._tcp.", NULL));
	CHECK(leads_to("", NULL));
	CHECK(!lookup_is_locator(&k, &d));
}

int
main(void)
{
	test_spoke();
	test_failing();
	test_account();
	test_spn();
	test_spn_bounds();
	test_realm();
	test_kdcs();
	test_srv();
	test_locators();
	return failures > 0;
}
