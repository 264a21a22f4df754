/*
 * engine_since.c - what a view says of the moment: a failure that is shown
 * before its story ends, log-ons that went well since, clocks that are set,
 * and time that passes without an event.
 */
#include <stdlib.h>

#include "telling.h"

#define SPN "cifs/fs1.fjord.test"

enum { KDC = 10, FS1 = 20, FS2 = 21 };

static void
begin_views(void)
{
	struct engine_options opt = { .views = true, .live = true };

	begin();
	engine_free(engine);
	engine = engine_new(&opt);
}

/* Ticket NUMBER for SPN is asked for and issued. */
static void
ticket(unsigned client, const char *spn, uint8_t number)
{
	static uint64_t flow = 100000;
	uint8_t digest[DIGEST_LEN] = { 7, number };
	struct event ev;

	flow++;
	tgs_req(client, KDC, flow, spn, 3);
	now += 2;
	ev = answered(EV_kdc_rep, "kdc", client, KDC, 88, flow);
	ev.u.kdc_rep.msg_type = 13;
	ev.u.kdc_rep.crealm = text(REALM);
	ev.u.kdc_rep.cname = text("anna");
	ev.u.kdc_rep.tkt_realm = text(REALM);
	ev.u.kdc_rep.tkt_sname = text(spn);
	ev.u.kdc_rep.tkt_etype = 18;
	ev.u.kdc_rep.tkt_kvno = 4;
	ev.u.kdc_rep.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	ev.u.kdc_rep.enc_etype = 18;
	engine_event(engine, &ev);
	now += 2;
}

/* Ticket NUMBER is shown to SERVER, which takes it or not. */
static void
present(unsigned client, unsigned server, const char *spn, uint8_t number,
    bool ok)
{
	static uint64_t flow = 200000;
	uint8_t digest[DIGEST_LEN] = { 7, number };
	struct event ev;

	ev = asked(EV_ap_req, "smb2", client, server, 445, ++flow);
	ev.u.ap_req.tkt_realm = text(REALM);
	ev.u.ap_req.tkt_sname = text(spn);
	ev.u.ap_req.tkt_etype = 18;
	ev.u.ap_req.tkt_kvno = 4;
	ev.u.ap_req.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	engine_event(engine, &ev);
	now += 2;
	ev = answered(EV_auth_reply, "smb2", client, server, 445, flow);
	ev.u.auth_reply.outcome = text(ok ? "ok" : "refused");
	ev.u.auth_reply.status = ok ? 0 : (int64_t)0xc000006d;
	engine_event(engine, &ev);
	now += 2;
}

static void
log_on(unsigned client, unsigned server, const char *spn, uint8_t number,
    bool ok)
{
	ticket(client, spn, number);
	present(client, server, spn, number, ok);
}

static void
pass(int64_t milliseconds)
{
	now += milliseconds;
	engine_time(engine, T0 + now * 1000);
}

/* The cause about SPN1 in R, or NULL. */
static const struct cause *
cause_of(const struct result *r, const char *spn)
{
	const char *is;
	size_t i;

	for (i = 0; i < r->ncause; i++) {
		is = r->causes[i].f.subject[SUBJECT_SPN];
		if (is != NULL && strcmp(is, spn) == 0 &&
		    r->causes[i].impact == IMPACT_BREAKS)
			return &r->causes[i];
	}
	return NULL;
}

static const struct cause *
look(const char *spn)
{
	return cause_of(engine_view(engine, VIEW_LATEST), spn);
}

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

/* OK_SINCE of SPN, and whether it is cleared. */
static void
since(int line, const char *spn, uint64_t ok_since, bool cleared)
{
	const struct cause *c = look(spn);

	if (c == NULL || c->ok_since != ok_since || c->cleared != cleared) {
		printf("%s:%d: %d well since, %scleared\n", __FILE__, line,
		    c == NULL ? -1 : (int)c->ok_since,
		    c != NULL && c->cleared ? "" : "not ");
		failures++;
	}
}

#define SINCE(spn, n, cleared) since(__LINE__, spn, n, cleared)

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
