/*
 * The neighbours of the rules of SPNs: names that are badly formed, of
 * another port, of a user, cut, of another realm, and delegation.
 */
#include "rule.h"

extern const struct rule rule_deleg_refused;
extern const struct rule rule_dns_cname_canonicalised_away;
extern const struct rule rule_realm_mapping_wrong;
extern const struct rule rule_realm_no_trust;
extern const struct rule rule_spn_implied_by_host;
extern const struct rule rule_spn_ip_literal;
extern const struct rule rule_spn_name_truncated_15;
extern const struct rule rule_spn_port_variant;
extern const struct rule rule_spn_syntax_invalid;
extern const struct rule rule_spn_user_u2u_required;

#define JUDGED_TOO                                               \
	&rule_deleg_refused, &rule_dns_cname_canonicalised_away, \
	    &rule_realm_mapping_wrong, &rule_realm_no_trust,     \
	    &rule_spn_implied_by_host, &rule_spn_ip_literal,     \
	    &rule_spn_name_truncated_15, &rule_spn_port_variant, \
	    &rule_spn_syntax_invalid, &rule_spn_user_u2u_required

#include "refusals.h"

/* Another client was given a ticket for SPN in REALM. */
static void
given(const char *spn, const char *realm)
{
	struct exchange x = { 0 };

	x.kind = EXCHANGE_TGS;
	x.rep = frame(4);
	x.realm = realm;
	x.sname = spn;
	x.answer = ANSWER_OK;
	x.error = -1;
	x.issued.sname = spn;
	x.issued.realm = realm;
	x.issued.kvno = 2;
	x.issued.etype = 18;
	ledger_spn_answer(&ledger, &x);
}

/* A KDC of REALM gave a ticket. */
static void
realm(const char *name)
{
	struct event ev = { .kind = EV_kdc_rep };

	ev.ref = frame(5);
	ev.src = host(12);
	ev.u.kdc_rep.msg_type = 11;
	ev.u.kdc_rep.tkt_realm = str_of(name);
	ledger_feed_realms(&ledger, &ev);
}

static void
test_addresses(void)
{
	world();
	asks("cifs/10.0.0.21", 40, 7);
	expect("IPv4", "spn-ip-literal", "spn-port");

	world();
	asks("HTTP/[fd00::1]:8080", 40, 7);
	expect("IPv6 in brackets, with a port", "spn-ip-literal", "spn-port");

	world();
	asks("HTTP/fd00::1", 40, 7);
	expect("IPv6 without brackets", "spn-ip-literal", "spn-port");

	world();
	asks("cifs/10.0.0.21", 40, 7);
	takes("cifs/10.0.0.21", 3, 1, 21, 20);
	expect("registered on purpose", NULL, NULL);
	expect_named("registered on purpose", "spn-ip-literal");
}

static void
test_ports(void)
{
	world();
	given("MSSQLSvc/db.fjord.test:1433", "FJORD.TEST");
	asks("MSSQLSvc/db.fjord.test", 40, 7);
	expect("a port too few", "spn-missing spn-port-variant", NULL);

	world();
	given("MSSQLSvc/db.fjord.test", "FJORD.TEST");
	asks("MSSQLSvc/db.fjord.test:INST1", 40, 7);
	expect("an instance too much", "spn-missing spn-port-variant", NULL);

	world();
	asks("MSSQLSvc/db.fjord.test:1433", 40, 7);
	expect("no other form", "spn-missing", NULL);
	expect_named("no other form", "spn-port-variant");

	world();
	given("HTTP/db.fjord.test", "FJORD.TEST");
	asks("MSSQLSvc/db.fjord.test", 40, 7);
	expect("another class", "spn-missing", "spn-port");

	world();
	given("MSSQLSvc/db.fjord.test:1433", "OTHER.TEST");
	asks("MSSQLSvc/db.fjord.test", 40, 7);
	expect("in another realm", "spn-missing", "spn-port");

	world();
	given("MSSQLSvc/db.fjord.test:1433", "FJORD.TEST");
	given("MSSQLSvc/db.fjord.test", "FJORD.TEST");
	asks("MSSQLSvc/db.fjord.test", 40, 7);
	expect("the same form elsewhere", "spn-missing", "spn-port");
}

static void
test_syntax(void)
{
	static const char *const legal[] = { "ldap/dc9.fjord.test/fjord.test",
		"E3514235-4B06-11D1-AB04-00C04FC2DCD2/0d2e7e1c-7d5b/fjord.test",
		"GC/dc9.fjord.test/fjord.test", "exchangeMDB/cas.fjord.test" };
	static const char *const bad[] = { "http://web.fjord.test",
		"HTTP/http://web.fjord.test", "HTTP/", "HTTPS/web.fjord.test",
		"cifs/web$", "MSSQLSvc/web.fjord.test/1433",
		"HTTP/web.fjord.test/index.html" };
	size_t i;

	for (i = 0; i < sizeof(legal) / sizeof(legal[0]); i++) {
		world();
		asks(legal[i], 40, 7);
		expect(legal[i], "spn-missing", "spn-syntax");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		world();
		asks(bad[i], 40, 7);
		expect_named(bad[i], "spn-syntax-invalid");
	}

	world();
	asks("cifs/web$", 40, 7);
	asks("cifs/web.fjord.test", 42, -1);
	expect("another form is granted", NULL, "spn-syntax");

	world();
	asks("HTTP/web.fjord.test.", 40, 7);
	expect("a final dot", "spn-missing", NULL);
	expect_named("a final dot", "spn-syntax-invalid");

	world();
	given("HTTP/web.fjord.test", "FJORD.TEST");
	asks("HTTP/web.fjord.test.", 40, 7);
	expect("a final dot too much", "spn-missing spn-syntax-invalid", NULL);
}

static void
test_bare_names(void)
{
	struct exchange *x;

	world();
	asks("HTTP@web.fjord.test", 40, 7);
	expect("the GSS form", "spn-prefixless-target spn-syntax-invalid",
	    NULL);

	world();
	x = asks("ldap@fjord.test", 40, 7);
	x->sname_type = NT_ENTERPRISE;
	expect("a UPN", "spn-prefixless-target", "spn-syntax");

	world();
	asks("http@fjord.test", 40, 7)->s4u2self = true;
	expect("S4U2Self", NULL, "spn-syntax");

	world();
	asks("svc-sql", 40, 27);
	expect("27", "spn-prefixless-target spn-user-u2u-required", NULL);

	world();
	asks("svc-sql", 40, 27);
	asks("svc-sql", 42, -1)->u2u = true;
	expect("27, then user-to-user", "spn-prefixless-target",
	    "spn-user-u2u");

	world();
	machine("bjorn@FJORD.TEST", false, 6);
	asks("bjorn", 40, 7);
	expect("7 for a user", "spn-prefixless-target spn-user-u2u-required",
	    NULL);

	world();
	machine("WIN9$@FJORD.TEST", false, 6);
	asks("WIN9$", 40, 7);
	expect("7 for a computer", "spn-prefixless-target", "spn-user-u2u");
}

static struct exchange *
logs_on(const char *cname)
{
	struct exchange *x = asks("krbtgt/FJORD.TEST", 40, 6);

	x->kind = EXCHANGE_AS;
	x->cname = cname;
	story.principal = NULL;
	return x;
}

static void
test_cut_names(void)
{
	world();
	machine("PLANTFILESERVER$@FJORD.TEST", false, 6);
	logs_on("PLANTFILESERVER01$");
	expect("the cut name logs on", "spn-name-truncated-15", NULL);

	world();
	logs_on("PLANTFILESERVER01$");
	expect("nothing is known", NULL, NULL);
	expect_named("nothing is known", "spn-name-truncated-15");

	world();
	logs_on("PLANTFILESERVER$");
	expect("15 letters", NULL, "truncated");

	world();
	logs_on("a-user-with-a-long-name");
	expect("a user", NULL, "truncated");

	world();
	logs_on("host/plantfileserver01$");
	expect("a service", NULL, "truncated");
}

static void
test_realms(void)
{
	world();
	realm("FJORD.TEST");
	asks("krbtgt/OTHER.TEST", 40, 7);
	expect("no trust", "realm-no-trust", "realm-mapping");

	world();
	asks("krbtgt/OTHER.TEST", 40, 7);
	asks("krbtgt/TEST", 42, -1);
	expect("another way", NULL, "realm-");

	world();
	given("krbtgt/OTHER.TEST", "FJORD.TEST");
	asks("krbtgt/OTHER.TEST", 40, 7);
	expect("given elsewhere", NULL, "realm-");

	world();
	asks("krbtgt/fjord.test", 40, 7);
	expect("the same in small letters", "realm-mapping-wrong",
	    "realm-no-trust");

	world();
	asks("krbtgt/OTHER.TEST", 40, 7)->crealm = "THIRD.TEST";
	expect("a later hop", NULL, "realm-mapping");
	expect_named("a later hop", "realm-no-trust");
}

static void
test_maps(void)
{
	struct exchange *x;

	world();
	realm("OTHER.TEST");
	asks("HTTP/www.other.test", 40, 7);
	expect("no referral asked for", "realm-mapping-wrong", NULL);

	world();
	realm("OTHER.TEST");
	x = asks("HTTP/www.other.test", 40, 7);
	x->options = KDC_CANONICALIZE;
	expect("the first question of every client", NULL, "realm-");

	world();
	realm("OTHER.TEST");
	given("HTTP/www.other.test", "OTHER.TEST");
	x = asks("HTTP/www.other.test", 40, 7);
	x->options = KDC_CANONICALIZE;
	expect("no referral came", NULL, NULL);
	expect_named("no referral came", "realm-mapping-wrong");

	world();
	realm("FJORD.TEST");
	asks("HTTP/www.fjord.test", 40, 7);
	expect("its own realm", "spn-missing", "realm-");

	world();
	realm("FJORD.TEST");
	story.spn = "HTTP/shop.dept.fjord.test";
	story.host = "shop.dept.fjord.test";
	asks("HTTP/shop.dept.fjord.test", 40, 7);
	asks("krbtgt/DEPT.FJORD.TEST", 42, 7);
	expect("a realm guessed", "spn-missing", "realm-");

	world();
	realm("FJORD.TEST");
	realm("DEPT.FJORD.TEST");
	story.spn = "HTTP/shop.dept.fjord.test";
	story.host = "shop.dept.fjord.test";
	asks("HTTP/shop.dept.fjord.test", 40, 7);
	asks("krbtgt/DEPT.FJORD.TEST", 42, 7);
	expect("a realm that exists", "realm-no-trust", "spn-missing");
}

static void
test_delegation(void)
{
	struct exchange *x;

	world();
	asks("cifs/fs1.fjord.test", 40, 13)->s4u2proxy = true;
	expect("13", "deleg-refused", NULL);

	world();
	asks("cifs/fs1.fjord.test", 40, 13)->s4u2proxy = true;
	asks("cifs/fs1.fjord.test", 42, -1)->s4u2proxy = true;
	expect("13, then a ticket", NULL, "deleg-");

	world();
	asks("cifs/fs1.fjord.test", 40, 13);
	expect("no delegation", NULL, "deleg-");

	world();
	x = asks("host/web.fjord.test", 40, 13);
	x->s4u2proxy = true;
	x->evidence.sname = "host/web.fjord.test";
	expect("to itself", NULL, "deleg-");
}

static void
test_implied(void)
{
	world();
	takes("cifs/web.fjord.test", 31, 1, 21, 20);
	refused("HTTP/web.fjord.test", 31, 21, 50, 41, "svc-web");
	expect("the computer's key, a user's service", "spn-implied-by-host",
	    NULL);

	world();
	takes("cifs/web.fjord.test", 2, 1, 21, 20);
	refused("HTTP/web.fjord.test", 2, 21, 50, 41, "svc-web");
	expect("a small version is chance", NULL, NULL);
	expect_named("a small version", "spn-implied-by-host");

	world();
	takes("cifs/web.fjord.test", 31, 1, 21, 20);
	refused("MSSQLSvc/web.fjord.test", 31, 21, 50, 41, "svc-sql");
	expect("a class that is not mapped", NULL, "spn-implied");

	world();
	takes("cifs/web.fjord.test", 31, 1, 21, 20);
	refused("HTTP/web.fjord.test", 5, 21, 50, 41, "svc-web");
	expect("another key", NULL, "spn-implied");
}

int
main(void)
{
	ledger_init(&ledger, 300 * SECOND, 64 << 20);
	test_addresses();
	test_ports();
	test_syntax();
	test_bare_names();
	test_cut_names();
	test_realms();
	test_maps();
	test_delegation();
	test_implied();
	ledger_release(&ledger);
	return failures > 0;
}
