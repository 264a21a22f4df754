/*
 * mending.h - for tests of what a view says of a fault that is mended: log-ons
 * with tickets, and what became of the cause.
 */
#ifndef TESTS_MENDING_H
#define TESTS_MENDING_H

#include "telling.h"

#define SPN "cifs/fs1.fjord.test"

enum { KDC = 10, FS1 = 20, FS2 = 21 };

static UNUSED void
begin_views(void)
{
	struct engine_options opt = { .views = true, .live = true };

	begin();
	engine_free(engine);
	engine = engine_new(&opt);
}

/* Ticket NUMBER for SPN is asked for and issued. */
static UNUSED void
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
static UNUSED void
present_kvno(unsigned client, unsigned server, const char *spn, uint8_t number,
    int64_t kvno, bool ok)
{
	static uint64_t flow = 200000;
	uint8_t digest[DIGEST_LEN] = { 7, number };
	struct event ev;

	ev = asked(EV_ap_req, "smb2", client, server, 445, ++flow);
	ev.u.ap_req.tkt_realm = text(REALM);
	ev.u.ap_req.tkt_sname = text(spn);
	ev.u.ap_req.tkt_etype = 18;
	ev.u.ap_req.tkt_kvno = kvno;
	ev.u.ap_req.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	engine_event(engine, &ev);
	now += 2;
	ev = answered(EV_auth_reply, "smb2", client, server, 445, flow);
	ev.u.auth_reply.outcome = text(ok ? "ok" : "refused");
	ev.u.auth_reply.status = ok ? 0 : (int64_t)0xc000006d;
	engine_event(engine, &ev);
	now += 2;
}

static UNUSED void
present(unsigned client, unsigned server, const char *spn, uint8_t number,
    bool ok)
{
	present_kvno(client, server, spn, number, 4, ok);
}

static UNUSED void
log_on(unsigned client, unsigned server, const char *spn, uint8_t number,
    bool ok)
{
	ticket(client, spn, number);
	present(client, server, spn, number, ok);
}

static UNUSED void
pass(int64_t milliseconds)
{
	now += milliseconds;
	engine_time(engine, T0 + now * 1000);
}

/* The cause about SPN1 in R, or NULL. */
static UNUSED const struct cause *
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

static UNUSED const struct cause *
look(const char *spn)
{
	return cause_of(engine_view(engine, VIEW_LATEST), spn);
}

/* OK_SINCE of SPN, and whether it is cleared. */
static UNUSED void
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

#endif
