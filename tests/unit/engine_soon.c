/*
 * engine_soon.c - which open stories a view shows as failed, and when: as soon
 * as it is sound, and never because somebody is slow or the capture blind.
 */
#include "telling.h"

enum { KDC = 10, KDC2 = 11, FS1 = 20, PC = 101 };

/* With whom the client speaks otherwise: its answers are in the capture. */
static void
start(void)
{
	struct engine_options opt = { .views = true, .live = true };

	engine = engine_new(&opt);
	frame_no = 0;
	now = 0;
	looked_up(PC, 53, 1, "fs1.fjord.test", DNS_A, 0, "10.0.0.20");
	now = 1000;
}

static const struct result *
view_at(int64_t milliseconds)
{
	now = milliseconds;
	engine_time(engine, T0 + now * 1000);
	return engine_view(engine, VIEW_LATEST);
}

/* The cause that RULE found, or NULL. */
static const struct cause *
cause_of(const struct result *r, const char *rule)
{
	size_t i;

	for (i = 0; i < r->ncause; i++)
		if (strcmp(r->causes[i].f.rule->id, rule) == 0)
			return &r->causes[i];
	return NULL;
}

/* Its impact; NONE: it found none. */
static enum impact
told(const struct result *r, const char *rule)
{
	const struct cause *c = cause_of(r, rule);

	return c == NULL ? IMPACT_NONE : c->impact;
}

static void
conn(const char *state, unsigned kdc, uint64_t flow)
{
	bool syn = strcmp(state, "syn") == 0;
	struct event ev = syn ? asked(EV_conn, "kdc", PC, kdc, 88, flow) :
				answered(EV_conn, "kdc", PC, kdc, 88, flow);

	ev.transport = TRANSPORT_TCP;
	ev.u.conn.state = text(state);
	engine_event(engine, &ev);
}

/* The port of the datagrams of FLOW is closed. */
static void
unreachable(unsigned kdc, uint64_t flow)
{
	struct event ev = answered(EV_conn, "kdc", PC, kdc, 88, flow);

	ev.u.conn.state = text("icmp");
	ev.u.conn.reason = text("port");
	engine_event(engine, &ev);
}

static void
refused(uint64_t flow, const char *user, int64_t code)
{
	as_req(PC, KDC, flow, user, REALM);
	now++;
	kdc_error(PC, KDC, flow, code);
	now++;
}

static void
ntlm(uint64_t flow, int64_t status)
{
	struct event ev = asked(EV_ntlm, "smb2", PC, FS1, 445, flow);

	ev.xid = (uint64_t)now;
	ev.u.ntlm.type = 3;
	ev.u.ntlm.user = text("anna");
	engine_event(engine, &ev);
	now++;
	ev = answered(EV_auth_reply, "smb2", PC, FS1, 445, flow);
	ev.xid = (uint64_t)now - 1;
	ev.u.auth_reply.outcome = text(status == 0 ? "ok" : "refused");
	ev.u.auth_reply.status = status;
	engine_event(engine, &ev);
	now++;
}

static void
test_password(void)
{
	static const char rule[] = "acct-bad-password";
	const struct cause *c;

	start();
	refused(1, "anna", 24);
	CHECK(told(view_at(3500), rule) == IMPACT_NONE);
	CHECK(told(view_at(4500), rule) == IMPACT_BREAKS);
	/* The next one is under way, and is right. */
	now = 6000;
	as_req(PC, KDC, 2, "anna", REALM);
	CHECK(told(view_at(6001), rule) == IMPACT_NONE);
	now = 6002;
	kdc_rep(PC, KDC, 2, 11, "krbtgt/" REALM, 18, 3);
	/* She is in: that is no fault to look for. */
	c = cause_of(view_at(9000), rule);
	CHECK(c != NULL && c->impact == IMPACT_DEGRADES && c->cleared);
	CHECK(c != NULL && c->ok_since == 1 && c->ok_last != 0);
	/* And again, this time in vain. */
	now = 20000;
	refused(5, "anna", 24);
	c = cause_of(view_at(25000), rule);
	CHECK(c != NULL && c->impact == IMPACT_BREAKS && !c->cleared);
	CHECK(c != NULL && c->ok_since == 0);
	engine_free(engine);
}

/* Typed anew for NTLM. */
static void
test_ntlm(void)
{
	static const char rule[] = "ntlm-logon-refused";
	const struct cause *c;

	start();
	ntlm(1, 0xc000006a);
	CHECK(told(view_at(3500), rule) == IMPACT_NONE);
	CHECK(told(view_at(4500), rule) == IMPACT_BREAKS);
	now = 6000;
	ntlm(1, 0);
	c = cause_of(view_at(9000), rule);
	CHECK(c == NULL || c->cleared);
	engine_free(engine);
}

static void
as_req_changepw(uint64_t flow)
{
	struct event ev = asked(EV_kdc_req, "kdc", PC, KDC, 88, flow);

	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = text("anna");
	ev.u.kdc_req.realm = text(REALM);
	ev.u.kdc_req.sname = text("kadmin/changepw");
	ev.u.kdc_req.sname_parts = 2;
	ev.u.kdc_req.nonce = (int64_t)flow;
	engine_event(engine, &ev);
	now++;
}

/* While somebody thinks of a new one, too; and at once if none is asked for. */
static void
test_expired(void)
{
	static const char rule[] = "acct-password-expired";

	start();
	refused(1, "anna", 23);
	CHECK(told(view_at(4500), rule) == IMPACT_BREAKS);
	now = 5000;
	as_req_changepw(2);
	kdc_error(PC, KDC, 2, 25);
	CHECK(told(view_at(30000), rule) == IMPACT_BREAKS);
	as_req_changepw(3);
	kdc_rep(PC, KDC, 3, 11, "kadmin/changepw", 18, 3);
	CHECK(told(view_at(60000), rule) == IMPACT_BREAKS);
	CHECK(engine_finish(engine)->broken == 1);
	engine_free(engine);

	/* Asked for the old password, he went away. */
	start();
	refused(1, "anna", 23);
	as_req_changepw(2);
	kdc_error(PC, KDC, 2, 25);
	view_at(120000);
	CHECK(engine_finish(engine)->broken == 1);
	engine_free(engine);
}

/* A request that is repeated, over UDP alone. */
static void
asks(unsigned kdc, uint64_t flow, int n)
{
	while (n-- > 0) {
		as_req(PC, kdc, flow, "anna", REALM);
		now += 1000;
	}
}

static void
test_slow(void)
{
	static const char rule[] = "kdc-unreachable";
	int64_t t;

	start();
	asks(KDC, 1, 4);
	for (t = 5000; t < 7000; t += 500)
		CHECK(told(view_at(t), rule) == IMPACT_NONE);
	kdc_rep(PC, KDC, 1, 11, "krbtgt/" REALM, 18, 3);
	CHECK(told(view_at(20000), rule) == IMPACT_NONE);
	engine_free(engine);

	/* Nobody takes that long. */
	start();
	asks(KDC, 1, 4);
	CHECK(told(view_at(7500), rule) == IMPACT_BREAKS);
	engine_free(engine);

	/* It takes connections: it may be busy. */
	start();
	asks(KDC, 1, 1);
	conn("syn", KDC, 2);
	conn("open", KDC, 2);
	CHECK(told(view_at(9000), rule) == IMPACT_NONE);
	engine_free(engine);
}

static void
knock(unsigned kdc, uint64_t flow)
{
	int i;

	for (i = 0; i < 3; i++) {
		conn("syn", kdc, flow);
		now += 1000 << i;
	}
}

static void
asks_over_tcp(unsigned kdc, uint64_t flow)
{
	struct event ev = asked(EV_kdc_req, "kdc", PC, kdc, 88, flow);

	ev.transport = TRANSPORT_TCP;
	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = text("anna");
	ev.u.kdc_req.realm = text(REALM);
	ev.u.kdc_req.sname = text("krbtgt/" REALM);
	ev.u.kdc_req.sname_parts = 2;
	ev.u.kdc_req.nonce = 1;
	engine_event(engine, &ev);
	now++;
}

/* SERVER gives an address after so many MILLISECONDS. */
static void
far_lookup(unsigned server, int64_t milliseconds)
{
	query(PC, server, 77, "dc1.fjord.test", DNS_A);
	now += milliseconds;
	reply(PC, server, 77, "dc1.fjord.test", DNS_A, 0, "10.0.0.10");
	now++;
}

/* Whoever took long to answer may take long again. */
static void
test_far(void)
{
	static const char rule[] = "kdc-unreachable";
	int64_t t;

	start();
	as_req(PC, KDC, 1, "anna", REALM);
	now += 3000;
	kdc_rep(PC, KDC, 1, 11, "krbtgt/" REALM, 18, 3);
	now = 10000;
	asks(KDC, 2, 1);
	knock(KDC, 3);
	for (t = 14200; t < 17000; t += 400)
		CHECK(told(view_at(t), rule) == IMPACT_NONE);
	CHECK(told(view_at(17500), rule) == IMPACT_BREAKS);
	engine_free(engine);

	/* A domain controller, by its DNS. */
	start();
	as_req(PC, KDC, 1, "anna", REALM);
	kdc_rep(PC, KDC, 1, 11, "krbtgt/" REALM, 18, 3);
	now = 5000;
	far_lookup(KDC, 3000);
	now = 10000;
	asks(KDC, 2, 1);
	knock(KDC, 3);
	CHECK(told(view_at(14500), rule) == IMPACT_NONE);
	CHECK(told(view_at(17500), rule) == IMPACT_BREAKS);
	engine_free(engine);

	/* That was another one, or long ago. */
	start();
	as_req(PC, KDC2, 1, "anna", REALM);
	now += 3000;
	kdc_rep(PC, KDC2, 1, 11, "krbtgt/" REALM, 18, 3);
	now = 10000;
	asks(KDC, 2, 1);
	knock(KDC, 3);
	CHECK(told(view_at(14500), rule) == IMPACT_BREAKS);
	engine_free(engine);

	start();
	as_req(PC, KDC, 1, "anna", REALM);
	now += 3000;
	kdc_rep(PC, KDC, 1, 11, "krbtgt/" REALM, 18, 3);
	now = 70000;
	asks(KDC, 2, 1);
	knock(KDC, 3);
	CHECK(told(view_at(74500), rule) == IMPACT_BREAKS);
	engine_free(engine);
}

static void
test_silent(void)
{
	static const char rule[] = "kdc-unreachable";
	const struct result *r;

	start();
	asks(KDC, 1, 1);
	knock(KDC, 2);
	r = view_at(5500);
	CHECK(told(r, rule) == IMPACT_BREAKS);
	CHECK(r->causes[0].f.certainty == CERTAINTY_LIKELY);
	/* Another one helps. */
	now = 6000;
	as_req(PC, KDC2, 3, "anna", REALM);
	CHECK(told(view_at(6100), rule) != IMPACT_BREAKS);
	kdc_rep(PC, KDC2, 3, 11, "krbtgt/" REALM, 18, 3);
	CHECK(told(view_at(9000), rule) == IMPACT_DEGRADES);
	engine_free(engine);

	/* The capture holds what the client sends, and no more. */
	start();
	engine_free(engine);
	engine = engine_new(&(struct engine_options){ .views = true });
	now = 1000;
	asks(KDC, 1, 1);
	knock(KDC, 2);
	CHECK(told(view_at(6000), rule) == IMPACT_NONE);
	CHECK(told(view_at(90000), rule) == IMPACT_NONE);
	engine_free(engine);

	/* Asked too seldom to be sure of anything. */
	start();
	asks(KDC, 1, 2);
	CHECK(told(view_at(10000), rule) == IMPACT_NONE);
	engine_free(engine);
}

/* What was said of it was right: it is there again. */
static void
test_back(void)
{
	static const char rule[] = "kdc-unreachable";
	const struct cause *c;

	start();
	asks(KDC, 1, 1);
	knock(KDC, 2);
	CHECK(told(view_at(5500), rule) == IMPACT_BREAKS);
	now = 9000;
	conn("syn", KDC, 2);
	conn("open", KDC, 2);
	asks_over_tcp(KDC, 2);
	kdc_rep(PC, KDC, 2, 11, "krbtgt/" REALM, 18, 3);
	c = cause_of(view_at(12000), rule);
	CHECK(c != NULL && c->impact == IMPACT_DEGRADES);
	CHECK(c != NULL && c->cleared && c->ok_since == 1);
	engine_free(engine);
}

static void
test_closed(void)
{
	static const char rule[] = "kdc-port-closed";

	start();
	asks(KDC, 1, 1);
	unreachable(KDC, 1);
	CHECK(told(view_at(3000), rule) == IMPACT_NONE);
	CHECK(told(view_at(3600), rule) == IMPACT_BREAKS);
	as_req(PC, KDC2, 3, "anna", REALM);
	CHECK(told(view_at(3700), rule) == IMPACT_NONE);
	kdc_rep(PC, KDC2, 3, 11, "krbtgt/" REALM, 18, 3);
	CHECK(told(view_at(6000), rule) == IMPACT_DEGRADES);
	engine_free(engine);
}

int
main(void)
{
	test_password();
	test_ntlm();
	test_expired();
	test_slow();
	test_far();
	test_silent();
	test_back();
	test_closed();
	return failures > 0;
}
