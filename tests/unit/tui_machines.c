/*
 * tui_machines.c - the table of the machines: the worst first, no more than
 * a screen can use, and the words for clocks and roles.
 */
#include <stdlib.h>
#include <string.h>

#include "../../tui/machines.h"
#include "telling.h"

static bool
is_host(const struct machine *m, unsigned n)
{
	struct addr a = host(n);

	return addr_equal(&m->addr, &a);
}

static const struct machine *
row_of(const struct machines *m, unsigned n)
{
	for (size_t i = 0; i < m->n; i++)
		if (is_host(&m->rows[i], n))
			return &m->rows[i];
	return NULL;
}

static void
count(struct machines *m, const struct result *r)
{
	machines_begin(m, r);
	while (machines_piece(m))
		CHECK(machines_share(m) < 100);
	CHECK(machines_share(m) == 100);
}

/* KDC answers CLIENT with CODE; its clock is OFF seconds ahead. */
static void
refused(unsigned client, unsigned kdc, uint64_t flow, int64_t code, int64_t off)
{
	struct event ev;

	as_req(client, kdc, flow, "anna", REALM);
	now++;
	ev = answered(EV_krb_error, "kdc", client, kdc, 88, flow);
	ev.u.krb_error.code = code;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.stime = ev.ref.time + off * SECOND;
	engine_event(engine, &ev);
	now++;
}

static void
test_nothing(void)
{
	struct machines m = { 0 };

	count(&m, NULL);
	CHECK(m.n == 0 && m.more == 0);
	begin();
	count(&m, engine_finish(engine));
	CHECK(m.n == 0 && m.more == 0);
	machines_sort(&m, MACHINES_NAME);
	machines_free(&m);
	engine_free(engine);
}

static void
test_counts(void)
{
	struct machines m = { 0 };
	const struct machine *row;

	begin();
	logged_on(101, 10, 1);
	logged_on(101, 10, 2);
	refused(101, 10, 3, KDC_ERR_CLIENT_REVOKED, 0);
	now += 100000;
	count(&m, engine_finish(engine));
	CHECK(m.n == 2 && m.more == 0);
	row = row_of(&m, 101);
	CHECK(row != NULL && row->roles == ROLE_CLIENT);
	CHECK(row->count.client[OUTCOME_OK] == 2);
	CHECK(row->count.client[OUTCOME_BROKEN] == 1);
	CHECK(is_host(&m.rows[0], 101));
	row = row_of(&m, 10);
	CHECK(row != NULL && (row->roles & ROLE_KDC) != 0 && !row->silent);
	machines_sort(&m, MACHINES_ADDRESS);
	CHECK(is_host(&m.rows[0], 10));
	machines_free(&m);
	engine_free(engine);
}

/* Whoever has trouble has a row, however many others there are. */
static void
test_many(void)
{
	struct machines m = { 0 };

	begin();
	for (unsigned i = 0; i < 1500; i++)
		logged_on(1000 + i, 10, 1 + i);
	refused(2499, 10, 9001, KDC_ERR_CLIENT_REVOKED, 0);
	as_req(2498, 99, 9002, "anna", REALM);
	now += 30000;
	logged_on(2000, 10, 9003);
	count(&m, engine_finish(engine));
	CHECK(m.n == MACHINES_MAX);
	CHECK(m.more == 1500 + 2 - MACHINES_MAX);
	/* A KDC that says nothing, then the log-ons that failed. */
	CHECK(is_host(&m.rows[0], 99) && m.rows[0].silent);
	CHECK(row_of(&m, 2499) == &m.rows[1] || row_of(&m, 2499) == &m.rows[2]);
	machines_sort(&m, MACHINES_ADDRESS);
	machines_sort(&m, MACHINES_WORST);
	CHECK(is_host(&m.rows[0], 99));
	machines_free(&m);
	engine_free(engine);
}

static void
test_clock(void)
{
	struct machines m = { 0 };
	const struct machine *row;

	begin();
	/* It is the majority that is right. */
	refused(101, 10, 1, KDC_ERR_PREAUTH_REQUIRED, 400);
	refused(101, 11, 2, KDC_ERR_PREAUTH_REQUIRED, 0);
	refused(101, 12, 3, KDC_ERR_PREAUTH_REQUIRED, 0);
	logged_on(101, 10, 4);
	count(&m, engine_finish(engine));
	row = row_of(&m, 10);
	CHECK(row != NULL && row->has_clock && row->offset == 400 * SECOND);
	CHECK(m.skew == SKEW_DEFAULT * SECOND && machine_skewed(&m, row));
	CHECK(&m.rows[0] == row);
	machines_sort(&m, MACHINES_CLOCK);
	CHECK(is_host(&m.rows[0], 10));
	machines_free(&m);
	engine_free(engine);
}

static void
is_text(const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	printf("got %s, want %s\n", got, want);
	failures++;
}

static void
test_words(void)
{
	char buf[MACHINE_OFFSET], roles[MACHINE_ROLES];

	is_text(machine_offset(0, buf), "0.0 s");
	is_text(machine_offset(-49 * 1000, buf), "0.0 s");
	is_text(machine_offset(400100 * 1000, buf), "+400.1 s");
	is_text(machine_offset(-7200 * SECOND, buf), "-2.00 h");
	is_text(machine_offset(86400 * 365 * SECOND, buf), "+365.0 days");
	is_text(machine_roles(0, roles), "");
	is_text(machine_roles(15, roles), "KDC DNS service client");
}

int
main(void)
{
	test_nothing();
	test_counts();
	test_many();
	test_clock();
	test_words();
	return failures != 0;
}
