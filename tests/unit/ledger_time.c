/*
 * Captures whose times go back, or stand still: clocks say nothing, and the
 * order is that of the frames.
 */
#include "telling.h"

/* A KRB-ERROR of the KDC at 10.0.0.N, whose clock is AHEAD seconds off. */
static void
shown(unsigned n, int64_t ahead)
{
	struct event ev = answered(EV_krb_error, "kdc", 101, n, 88, frame_no);

	ev.u.krb_error.code = KDC_ERR_PREAUTH_REQUIRED;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.realm = text(REALM);
	ev.u.krb_error.stime = ev.ref.time + ahead * SECOND;
	engine_event(engine, &ev);
	now += 1000;
}

/* Whether the clock of 10.0.0.N is known at the end; UNKNOWN captures. */
static void
ends(unsigned n, bool known, uint64_t unknown)
{
	const struct result *r = engine_finish(engine);
	struct addr a = host(n);
	int64_t off;

	CHECK(ledger_clock(r->ledger, &a, &off) == known);
	CHECK(r->quality.times_unknown == unknown);
	engine_free(engine);
}

static void
test_set_back(void)
{
	begin();
	shown(10, 0);
	shown(11, 7200);
	ends(11, true, 0);

	begin();
	shown(10, 0);
	now -= 3600 * 1000;
	shown(11, 3600);
	ends(10, false, 1);

	begin();
	shown(10, 0);
	now -= 3600 * 1000;
	shown(11, 3600);
	ends(11, false, 1);

	/* Queues that were merged out of order. */
	begin();
	shown(10, 0);
	now -= 2 * 1000;
	shown(11, 0);
	ends(11, true, 0);

	/* A message that waited for a lost segment. */
	begin();
	shown(10, 0);
	now += 300 * 1000;
	shown(10, 0);
	now -= 300 * 1000;
	frame_no -= 2;
	shown(11, 0);
	ends(11, true, 0);

	/* The next capture has times of its own. */
	begin();
	shown(10, 0);
	now += 7200 * 1000;
	shown(10, 0);
	now = 0;
	{
		struct event ev = made(EV_capture, NULL, 0, 0);

		engine_event(engine, &ev);
	}
	frame_no = 0;
	shown(11, 0);
	shown(11, 0);
	ends(11, true, 0);
}

static void
test_still(void)
{
	const struct host *h;
	const struct result *r;
	struct addr kdc = host(10);
	unsigned i;

	begin();
	for (i = 0; i < 40; i++) {
		shown(10, i);
		now = 0;
	}
	ends(10, false, 1);

	begin();
	for (i = 0; i < 5; i++) { /* a burst */
		shown(10, 0);
		now = 0;
	}
	ends(10, true, 0);

	begin();
	for (i = 0; i < 40; i++) {
		shown(10, i);
		now = 0;
	}
	r = engine_finish(engine);
	h = ledger_host(r->ledger, &kdc);
	CHECK(h->spoke.time == T0);
	CHECK(h->spoke_last.time == T0 + 39);
	engine_free(engine);
}

int
main(void)
{
	test_set_back();
	test_still();
	return failures > 0;
}
