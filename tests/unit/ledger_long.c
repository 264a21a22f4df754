/*
 * The ledger of a run without an end: what it lists, and what is new when
 * all places are taken.
 */
#include <stdio.h>

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

int
main(void)
{
	test_order();
	return failures > 0;
}
