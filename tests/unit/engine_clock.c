/*
 * engine_clock.c - a clock that is set while stories are open, what the host
 * that captures says of itself, and time that passes.
 */
#include "rule.h"
#include "telling.h"

enum { KDC = 10, FS1 = 20 };

static void
set_clock(int64_t milliseconds)
{
	struct event ev;

	now += milliseconds;
	event_init(&ev, EV_clock_set);
	ev.ref.time = T0 + now * 1000;
	ev.u.clock_set.shift = milliseconds * 1000;
	engine_event(engine, &ev);
}

/* A request without an answer, sent four times. */
static void
unanswered(uint64_t flow)
{
	for (int i = 0; i < 4; i++) {
		as_req(101, KDC, flow, "anna", REALM);
		now += 300;
	}
}

static void
test_forward(void)
{
	const struct result *r;

	begin();
	logged_on(101, KDC, 1);
	now += 5000;
	unanswered(2);
	as_req(103, KDC, 3, "bjorn", REALM);
	now++;
	kdc_error(103, KDC, 3, 18); /* refused, a while ago */
	now += 2000;
	as_req(104, KDC, 4, "cara", REALM);
	now++;
	kdc_error(104, KDC, 4, 18); /* just now */
	set_clock(8 * 3600 * 1000);
	logged_on(105, KDC, 5);
	r = engine_finish(engine);
	CHECK(r->stories == 5);
	CHECK(r->ok == 2 && r->broken == 1 && r->unseen == 2);
	CHECK(r->quality.times_unknown == 0);
	engine_free(engine);

	/* The same without: silence. */
	begin();
	logged_on(101, KDC, 1);
	now += 5000;
	unanswered(2);
	now += 60000;
	logged_on(105, KDC, 5);
	CHECK(engine_finish(engine)->broken == 1);
	engine_free(engine);
}

static void
test_back(void)
{
	struct engine_options opt = { .views = true, .live = true };
	const struct result *r;
	int i;

	engine = engine_new(&opt);
	frame_no = 0;
	now = 0;
	for (i = 0; i < 5; i++) {
		logged_on(102, KDC, (uint64_t)i);
		as_req(103, KDC, 100 + (uint64_t)i, "bjorn", REALM);
		now++;
		kdc_error(103, KDC, 100 + (uint64_t)i, 18);
		now += 20000;
	}
	set_clock(-3600 * 1000);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(r->now == T0 + now * 1000 && r->nopen == 0 && r->stories == 10);
	CHECK(r->ncauses > 0 && r->causes[0].last <= r->now);
	CHECK(r->causes[0].occurrences == 5);
	/* Timers go on from there. */
	now += 1000;
	logged_on(104, KDC, 200);
	now += 1000;
	logged_on(103, KDC, 201);
	engine_time(engine, T0 + now * 1000 + 5 * SECOND);
	r = engine_view(engine, VIEW_WHOLE);
	CHECK(r->stories == 12 && r->nopen == 0);
	CHECK(r->quality.times_unknown == 0);
	engine_free(engine);
}

/* Clocks of others are what they were, against the new one. */
static void
test_clocks(void)
{
	const struct host *h;
	struct addr a = host(KDC);
	struct event ev;

	begin();
	ev = answered(EV_krb_error, "kdc", 101, KDC, 88, 1);
	ev.u.krb_error.code = 25;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.stime = ev.ref.time + 10 * SECOND;
	engine_event(engine, &ev);
	set_clock(10000);
	h = ledger_host(engine_finish(engine)->ledger, &a);
	CHECK(h != NULL && h->clock.samples == 1 && h->clock.offset == 0);
	engine_free(engine);
}

static void
test_self(void)
{
	static const struct str addrs[] = { { "10.0.0.20", 9 },
		{ "127.0.0.1", 9 }, { "nonsense", 8 } };
	static const int64_t tcp[] = { 22, 445 }, udp[] = { 88, -1, 70000 };
	struct addr mine = host(FS1), loop = { 4, { 127, 0, 0, 1 } };
	const struct result *r;
	const struct host *h;
	struct event ev;

	begin();
	event_init(&ev, EV_self);
	ev.u.self.name = text("FS1.fjord.test");
	ev.u.self.addresses = (struct strs){ addrs, 3 };
	ev.u.self.tcp_ports = (struct ints){ tcp, 2 };
	engine_event(engine, &ev);
	r = engine_finish(engine);
	h = ledger_host(r->ledger, &mine);
	CHECK(h != NULL && h->roles == ROLE_SERVICE);
	CHECK(host_has_name(h, "fs1.fjord.test", NAME_PTR));
	/* No rule may rest on it. */
	CHECK(host_own_name(h, NULL) == NULL);
	CHECK(ledger_host(r->ledger, &loop) == NULL);
	CHECK(ledger_host_at(r->ledger, 0) == h);
	engine_free(engine);

	begin();
	ev.u.self.name = text("localhost");
	ev.u.self.udp_ports = (struct ints){ udp, 3 };
	engine_event(engine, &ev);
	h = ledger_host(engine_finish(engine)->ledger, &mine);
	CHECK(h != NULL && h->roles == (ROLE_SERVICE | ROLE_KDC));
	CHECK(h != NULL && h->nnames == 0);
	engine_free(engine);
}

static void
test_time(void)
{
	const struct result *r;

	begin();
	logged_on(101, KDC, 1);
	engine_time(engine, T0); /* earlier: nothing */
	engine_time(engine, T0 + now * 1000 + SECOND);
	CHECK(engine_view(engine, VIEW_LATEST)->stories == 0);
	engine_time(engine, T0 + now * 1000 + 3 * SECOND);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(r->stories == 1 && r->ok == 1 && r->nkept == 1);
	CHECK(r->now == T0 + now * 1000 + 3 * SECOND);
	engine_free(engine);
}

int
main(void)
{
	test_forward();
	test_back();
	test_clocks();
	test_self();
	test_time();
	return failures > 0;
}
