/*
 * engine_since.c - what a view says of the moment: a failure that is shown
 * before its story ends, log-ons that went well since, clocks that are set,
 * and time that passes without an event.
 */
#include <stdlib.h>

#include "mending.h"

/* --- open stories ------------------------------------------------------ */

static void
test_open(void)
{
	const struct result *r;
	const struct cause *c;
	uint64_t key;

	begin_views();
	log_on(101, FS1, SPN, 1, false);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(r->nopen == 0 && r->stories == 0 && r->ncauses == 0);
	pass(1400);
	CHECK(engine_view(engine, VIEW_LATEST)->nopen == 0);
	pass(200);
	r = engine_view(engine, VIEW_LATEST);
	c = cause_of(r, SPN);
	CHECK(r->going_on && r->live && r->nopen == 1 && r->nkept == 1);
	CHECK(r->stories == 1 && r->broken == 1);
	CHECK(c != NULL && c->occurrences == 1 && c->key != 0);
	key = c == NULL ? 0 : c->key;
	r = engine_view(engine, VIEW_WHOLE);
	CHECK(r->nopen == 1 && cause_of(r, SPN) != NULL);
	/* It ends, and is the same finding. */
	pass(20000);
	r = engine_view(engine, VIEW_LATEST);
	c = cause_of(r, SPN);
	CHECK(r->nopen == 0 && r->nkept == 1 && r->stories == 1);
	CHECK(c != NULL && c->occurrences == 1 && c->key == key);
	engine_free(engine);

	/* The client tries once more and is let in: retracted. */
	begin_views();
	log_on(101, FS1, SPN, 1, false);
	pass(2000);
	CHECK(look(SPN) != NULL);
	log_on(101, FS1, SPN, 2, true);
	CHECK(look(SPN) == NULL);
	pass(60000);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(r->stories == 1 && r->broken == 0 && r->nopen == 0);
	engine_free(engine);
}

/* What may be undone in a moment is not shown. */
static void
test_not_open(void)
{
	const struct result *r;
	struct event ev;

	/* A wrong password. */
	begin_views();
	as_req(101, KDC, 1, "anna", REALM);
	now++;
	kdc_error(101, KDC, 1, 24);
	pass(2900);
	CHECK(engine_view(engine, VIEW_LATEST)->nopen == 0);
	pass(30000);
	CHECK(engine_view(engine, VIEW_LATEST)->ncauses > 0);
	engine_free(engine);

	/* An account that is locked is. */
	begin_views();
	as_req(101, KDC, 1, "anna", REALM);
	now++;
	kdc_error(101, KDC, 1, 18);
	pass(3000);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(r->nopen == 1 && r->ncause == 1);
	engine_free(engine);

	/* Nobody answers yet. */
	begin_views();
	as_req(101, KDC, 1, "anna", REALM);
	pass(3000);
	CHECK(engine_view(engine, VIEW_LATEST)->nopen == 0);
	engine_free(engine);

	/* A wrong password by NTLM. */
	begin_views();
	ev = asked(EV_ntlm, "smb2", 101, FS1, 445, 5);
	ev.u.ntlm.type = 3;
	ev.u.ntlm.user = text("anna");
	engine_event(engine, &ev);
	now++;
	ev = answered(EV_auth_reply, "smb2", 101, FS1, 445, 5);
	ev.u.auth_reply.outcome = text("refused");
	ev.u.auth_reply.status = (int64_t)0xc000006d;
	engine_event(engine, &ev);
	pass(2900);
	CHECK(engine_view(engine, VIEW_LATEST)->nopen == 0);
	engine_free(engine);
}

/* --- what went well since ---------------------------------------------- */

static void
test_since(void)
{
	const struct cause *c;
	const struct result *r;

	begin_views();
	log_on(101, FS1, SPN, 1, false);
	pass(15000);
	SINCE(SPN, 0, false);
	/* Another service, another class, another server. */
	log_on(102, FS2, "cifs/fs2.fjord.test", 2, true);
	log_on(103, FS1, "http/fs1.fjord.test", 3, true);
	log_on(104, FS2, SPN, 4, true);
	pass(5000);
	SINCE(SPN, 0, false);
	/* It was repaired. */
	log_on(101, FS1, SPN, 5, true);
	pass(5000);
	SINCE(SPN, 1, true);
	log_on(105, FS1, SPN, 6, true);
	pass(5000);
	c = look(SPN);
	CHECK(c != NULL && c->ok_last == T0 + (now - 5000 - 2) * 1000);
	SINCE(SPN, 2, true);
	/* And broken once more: two in between are no sign any more. */
	log_on(101, FS1, SPN, 7, false);
	pass(15000);
	SINCE(SPN, 0, false);
	for (uint8_t i = 0; i < 4; i++)
		log_on(106 + i, FS1, SPN, (uint8_t)(8 + i), true);
	pass(5000);
	SINCE(SPN, 4, false);
	log_on(111, FS1, SPN, 12, true);
	pass(5000);
	SINCE(SPN, 5, true);
	c = cause_of(engine_view(engine, VIEW_WHOLE), SPN);
	CHECK(c != NULL && c->ok_since == 5 && c->cleared);
	r = engine_finish(engine);
	c = cause_of(r, SPN);
	CHECK(c != NULL && c->ok_since == 5 && c->cleared && !r->going_on);
	engine_free(engine);
}

/* Old tickets prove nothing, but for one that was refused. */
static void
test_since_tickets(void)
{
	begin_views();
	log_on(102, FS1, SPN, 1, true);
	pass(5000);
	ticket(103, SPN, 2);
	pass(30000);
	log_on(101, FS1, SPN, 3, false);
	pass(15000);
	present(102, FS1, SPN, 1, true);
	present(103, FS1, SPN, 2, true);
	pass(5000);
	SINCE(SPN, 0, false);
	present(101, FS1, SPN, 3, true);
	pass(5000);
	SINCE(SPN, 1, true);
	engine_free(engine);
}

/* The failing story ends long after those that went well. */
static void
test_since_order(void)
{
	begin_views();
	log_on(101, FS1, SPN, 1, false);
	pass(100);
	log_on(102, FS1, SPN, 2, true);
	pass(3000);
	SINCE(SPN, 1, true); /* it is open */
	pass(15000);
	SINCE(SPN, 1, true);
	/* Before it: no. */
	log_on(103, FS1, SPN, 3, true);
	pass(3000);
	log_on(101, FS1, SPN, 4, false);
	pass(15000);
	SINCE(SPN, 0, false);
	engine_free(engine);
}

/* Thousands of stories later: what left the window counts as before. */
static void
test_since_settled(void)
{
	uint64_t i;

	begin_views();
	log_on(101, FS1, SPN, 1, false);
	pass(15000);
	for (i = 0; i < 3 * VIEW_PENDING; i++) {
		logged_on(300 + (unsigned)(i % 100), KDC, 1000000 + i);
		pass(3000);
		if (i % 1000 == 10)
			log_on(101, FS1, SPN, (uint8_t)(10 + i / 1000), true);
	}
	pass(5000);
	SINCE(SPN, 4, true);
	log_on(101, FS1, SPN, 2, false);
	pass(15000);
	SINCE(SPN, 0, false);
	engine_free(engine);
}

/* Beside a KDC nothing is seen of a service: what it gives is all there is. */
static void
test_at_kdc(void)
{
	begin_views();
	tgs_req(101, KDC, 7, SPN, 3);
	now++;
	kdc_error(101, KDC, 7, 7);
	pass(15000);
	SINCE(SPN, 0, false);
	ticket(102, "cifs/fs2.fjord.test", 1);
	pass(30000);
	SINCE(SPN, 0, false);
	ticket(102, SPN, 2);
	pass(30000);
	SINCE(SPN, 1, true);
	engine_free(engine);

	/* Where a service refused it, to be given one more says nothing. */
	begin_views();
	log_on(101, FS1, SPN, 1, false);
	pass(15000);
	ticket(102, SPN, 2);
	pass(30000);
	SINCE(SPN, 0, false);
	engine_free(engine);
}

/* --- mended, and what was said before ---------------------------------- */

#define DATA "cifs/data.fjord.test"

static const char *
rule_of(const struct cause *c)
{
	return c == NULL ? "none" : c->f.rule->id;
}

/*
 * The server takes its own name and refuses another: the name is on another
 * account.  That it takes it, once somebody has mended it, is nothing against
 * that; neither before nor after the story has ended, nor at the end.
 */
static void
mended(int64_t after)
{
	const struct cause *c;

	begin_views();
	log_on(101, FS1, SPN, 1, true);
	pass(5000);
	log_on(101, FS1, DATA, 2, false);
	pass(2000);
	CHECK(strcmp(rule_of(look(DATA)), "spn-wrong-account") == 0);
	pass(after);
	CHECK(strcmp(rule_of(look(DATA)), "spn-wrong-account") == 0);
	log_on(102, FS1, DATA, 3, true);
	CHECK(strcmp(rule_of(look(DATA)), "spn-wrong-account") == 0);
	pass(5000);
	c = look(DATA);
	CHECK(strcmp(rule_of(c), "spn-wrong-account") == 0);
	CHECK(c != NULL && c->cleared && c->ok_since == 1);
	pass(60000);
	c = cause_of(engine_finish(engine), DATA);
	CHECK(strcmp(rule_of(c), "spn-wrong-account") == 0);
	CHECK(c != NULL && c->cleared && c->occurrences == 1);
	engine_free(engine);
}

static void
test_mended(void)
{
	mended(1000);
	mended(30000);
}

int
main(void)
{
	test_open();
	test_not_open();
	test_at_kdc();
	test_mended();
	test_since();
	test_since_tickets();
	test_since_order();
	test_since_settled();
	return failures > 0;
}
