/*
 * The ledger of a run without an end: what it lists, and what is new when
 * all places are taken.
 */
#include <stdio.h>

#include "pool.h"
#include "telling.h"

#define MACHINES 200 /* more than rules look at */

static void
begin_views(void)
{
	struct engine_options opt = { .views = true, .live = true };

	begin();
	engine_free(engine);
	engine = engine_new(&opt);
}

static bool
addr_is(const struct addr *a, unsigned n)
{
	struct addr b = host(n);

	return addr_equal(a, &b);
}

static const struct host *
machine_at(const struct result *r, size_t i)
{
	return ledger_host_at(r->ledger, i);
}

/* All machines are listed once, in the order in which they were heard of. */
static void
test_order(void)
{
	const struct result *r;
	const struct host *h;
	size_t i;

	begin_views();
	for (i = 0; i < MACHINES; i++)
		as_req(300 + (unsigned)i, 10, i + 1, "anna", REALM);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(addr_is(&machine_at(r, 0)->addr, 300));
	/* Some more speak before the others are asked for. */
	as_req(300, 10, 1000, "anna", REALM);
	as_req(300 + MACHINES - 5, 10, 1001, "anna", REALM);
	for (i = 0; (h = machine_at(r, i)) != NULL; i++)
		CHECK(i >= 64 || addr_is(&h->addr, 300 + (unsigned)i));
	CHECK(i == MACHINES + 1); /* and the KDC */
	r = engine_view(engine, VIEW_LATEST);
	CHECK(addr_is(&machine_at(r, 0)->addr, 301));
	for (i = 0; machine_at(r, i) != NULL; i++)
		;
	CHECK(i == MACHINES + 1);
	CHECK(addr_is(&machine_at(r, i - 1)->addr, 10));
	engine_free(engine);
}

/* --- what is new when all places are taken ---------------------------- */

#define HOURS(n) ((n)*INT64_C(3600) * 1000)

static const char *
numbered(const char *before, unsigned n, const char *after)
{
	static char buf[64];

	snprintf(buf, sizeof(buf), "%s%u%s", before, n, after);
	return buf;
}

static const char *
pc(unsigned n)
{
	return numbered("pc", n, ".fjord.test");
}

static void
pointer(unsigned n)
{
	looked_up(101, 53, (int64_t)n + 1, "21.0.0.10.in-addr.arpa", DNS_PTR, 0,
	    pc(n));
}

/* An address is given to other machines, day after day. */
static void
test_names(void)
{
	struct addr a = host(21);
	const struct ledger *l;
	unsigned i;

	begin();
	for (i = 0; i < HOST_MAX_NAMES; i++)
		pointer(i);
	pointer(90); /* at once: they all seem to be its names */
	now += HOURS(2);
	pointer(3);
	for (i = 50; i < 57; i++)
		pointer(i);
	l = engine_finish(engine)->ledger;
	CHECK(!host_has_name(ledger_host(l, &a), "pc90.fjord.test", NAME_PTR));
	CHECK(!host_has_name(ledger_host(l, &a), "pc0.fjord.test", NAME_PTR));
	CHECK(host_has_name(ledger_host(l, &a), "pc3.fjord.test", NAME_PTR));
	for (i = 50; i < 57; i++)
		CHECK(host_has_name(ledger_host(l, &a), pc(i), NAME_PTR));
	engine_free(engine);
}

static bool
has_addr(const struct name_fact *n, unsigned at)
{
	size_t i;

	for (i = 0; n != NULL && i < n->naddrs; i++)
		if (addr_is(&n->addrs[i], at))
			return true;
	return false;
}

/* A machine gets other addresses. */
static void
test_addrs(void)
{
	const struct name_fact *n;
	unsigned i;

	begin();
	for (i = 0; i < NAME_MAX_ADDRS + 1; i++)
		looked_up(101, 53, (int64_t)i + 1, "pc.fjord.test", DNS_A, 0,
		    numbered("10.0.0.", 20 + i, ""));
	now += HOURS(2);
	looked_up(101, 53, 50, "pc.fjord.test", DNS_A, 0, "10.0.0.99");
	n = ledger_name(engine_finish(engine)->ledger, "pc.fjord.test");
	CHECK(has_addr(n, 99) && !has_addr(n, 20) && has_addr(n, 21));
	CHECK(!has_addr(n, 20 + NAME_MAX_ADDRS));
	engine_free(engine);
}

static const char *
canonical(void)
{
	return ledger_name(engine_finish(engine)->ledger, "www.fjord.test")
	    ->canonical;
}

/* An alias leads elsewhere, and is none any more. */
static void
test_alias(void)
{
	begin();
	looked_up(101, 53, 1, "www.fjord.test", DNS_CNAME, 0, "a.fjord.test");
	now += HOURS(2);
	looked_up(101, 53, 2, "www.fjord.test", DNS_CNAME, 0, "b.fjord.test");
	CHECK(strcmp(canonical(), "b.fjord.test") == 0);
	engine_free(engine);

	begin();
	looked_up(101, 53, 1, "www.fjord.test", DNS_CNAME, 0, "a.fjord.test");
	looked_up(101, 53, 2, "www.fjord.test", DNS_CNAME, 0, "b.fjord.test");
	CHECK(strcmp(canonical(), "a.fjord.test") == 0);
	engine_free(engine);

	begin();
	looked_up(101, 53, 1, "www.fjord.test", DNS_CNAME, 0, "a.fjord.test");
	now += HOURS(2);
	looked_up(101, 53, 2, "www.fjord.test", DNS_A, 0, "10.0.0.21");
	CHECK(canonical() == NULL);
	engine_free(engine);
}

static bool
is_kdc(const struct ledger *l, unsigned n)
{
	const struct host *h;
	size_t i;

	for (i = 0; (h = ledger_kdc_at(l, i)) != NULL; i++)
		if (addr_is(&h->addr, n))
			return true;
	return false;
}

/* KDCs come and go, and others are only asked. */
static void
test_kdcs(void)
{
	const struct ledger *l;
	unsigned i;

	begin();
	for (i = 0; i < LEDGER_MAX_KDCS; i++)
		logged_on(101, 200 + i, i + 1);
	logged_on(101, 10, 5000);
	CHECK(!is_kdc(engine_finish(engine)->ledger, 10));
	engine_free(engine);

	begin();
	for (i = 0; i < LEDGER_MAX_KDCS; i++)
		logged_on(101, 200 + i, i + 1);
	now += HOURS(2);
	logged_on(101, 200, 4000);
	logged_on(101, 10, 5000);
	as_req(101, 11, 5001, "anna", REALM); /* it is silent */
	l = engine_finish(engine)->ledger;
	CHECK(is_kdc(l, 10) && is_kdc(l, 200));
	CHECK(!is_kdc(l, 201) && !is_kdc(l, 11));
	engine_free(engine);

	begin();
	for (i = 0; i < LEDGER_MAX_KDCS; i++)
		as_req(101, 200 + i, i + 1, "anna", REALM);
	now += HOURS(2);
	as_req(101, 11, 5001, "anna", REALM);
	l = engine_finish(engine)->ledger;
	CHECK(is_kdc(l, 11) && !is_kdc(l, 200));
	engine_free(engine);
}

#define YEARS 40000 /* of new machines, users, names and services */
#define YEARS_MEMORY (2 << 20)

/* Whether all that came with machine I is known. */
static bool
is_known(const struct ledger *l, unsigned i)
{
	char principal[80];
	struct addr a = host(1000 + i);

	snprintf(principal, sizeof(principal), "u%u@%s", i, REALM);
	return ledger_host(l, &a) != NULL && ledger_name(l, pc(i)) != NULL &&
	    ledger_account(l, principal) != NULL &&
	    ledger_spn(l, numbered("cifs/fs", i, ".fjord.test"), REALM) != NULL;
}

static void
newcomer(unsigned i)
{
	char user[20], addr[20];

	snprintf(user, sizeof(user), "u%u", i);
	snprintf(addr, sizeof(addr), "10.1.0.%u", i % 250);
	looked_up(1000 + i, 53, 1 + i % 60000, pc(i), DNS_A, 0, addr);
	as_req(1000 + i, 10, 2 * i + 1, user, REALM);
	now++;
	kdc_error(1000 + i, 10, 2 * i + 1, 6);
	tgs_req(1000 + i, 10, 2 * i + 2, numbered("cifs/fs", i, ".fjord.test"),
	    3);
	now++;
	kdc_error(1000 + i, 10, 2 * i + 2, 7);
	now += 1000;
}

/* What was seen in the first week is not all that is ever known. */
static void
test_years(void)
{
	struct engine_options opt = { .views = true,
		.live = true,
		.memory = YEARS_MEMORY };
	const struct result *r;
	size_t half = 0;
	unsigned i;

	begin();
	engine_free(engine);
	engine = engine_new(&opt);
	for (i = 0; i < YEARS; i++) {
		newcomer(i);
		if (i % 500 == 499) {
			r = engine_view(engine, VIEW_LATEST);
			CHECK(is_known(r->ledger, i));
			CHECK(i < 10000 || !is_known(r->ledger, i - 9000));
		}
		if (i == YEARS / 2)
			half = pool_held();
	}
	CHECK(pool_held() <= half + half / 10);
	engine_free(engine);
}

int
main(void)
{
	test_years();
	test_order();
	test_names();
	test_addrs();
	test_alias();
	test_kdcs();
	return failures > 0;
}
