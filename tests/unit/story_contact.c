/*
 * Contacts: which story a SYN or a datagram to a KDC or a password service
 * belongs to, what became of it, and what that makes of the story.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "engine.h"
#include "presenter.h"

static struct engine *e;
static uint64_t frame;
static int64_t now;

static struct str
text(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static struct addr
host(unsigned n)
{
	return (struct addr){ 4, { 10, 77, 0, (uint8_t)n } };
}

static void
begin(void)
{
	static const struct engine_options none;

	e = engine_new(&none);
	frame = 0;
	now = SECOND * 1000000;
}

/* An event of client 101 to (or from) the KDC 10.77.0.SERVER. */
static struct event
make(enum event_kind kind, uint64_t flow, unsigned server, bool from_client,
    int64_t after)
{
	struct event ev;

	event_init(&ev, kind);
	now += after;
	ev.ref = (struct ref){ 0, ++frame, now };
	ev.carrier = "kdc";
	ev.transport = flow < 100 ? TRANSPORT_UDP : TRANSPORT_TCP;
	ev.flow = flow;
	ev.from_client = from_client;
	ev.src = from_client ? host(101) : host(server);
	ev.dst = from_client ? host(server) : host(101);
	ev.sport = from_client ? 40000 : 88;
	ev.dport = from_client ? 88 : 40000;
	return ev;
}

static void
ask(uint64_t flow, unsigned server, int64_t nonce, int64_t after)
{
	struct event ev = make(EV_kdc_req, flow, server, true, after);

	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.nonce = nonce;
	ev.u.kdc_req.cname = text("anna");
	ev.u.kdc_req.realm = text("R");
	ev.u.kdc_req.sname = text("krbtgt/R");
	engine_event(e, &ev);
}

static void
answer(uint64_t flow, unsigned server, int64_t after)
{
	struct event ev = make(EV_kdc_rep, flow, server, false, after);

	ev.u.kdc_rep.msg_type = 11;
	ev.u.kdc_rep.cname = text("anna");
	ev.u.kdc_rep.crealm = text("R");
	ev.u.kdc_rep.tkt_sname = text("krbtgt/R");
	ev.u.kdc_rep.tkt_realm = text("R");
	engine_event(e, &ev);
}

static void
refuse(uint64_t flow, unsigned server, int64_t code, int64_t after)
{
	struct event ev = make(EV_krb_error, flow, server, false, after);

	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.code = code;
	ev.u.krb_error.sname = text("krbtgt/R");
	ev.u.krb_error.realm = text("R");
	engine_event(e, &ev);
}

static void
conn(const char *state, const char *reason, uint64_t flow, unsigned server,
    int64_t after)
{
	bool syn = strcmp(state, "syn") == 0;
	struct event ev = make(EV_conn, flow, server, syn, after);

	ev.u.conn.state = text(state);
	ev.u.conn.reason = text(reason);
	engine_event(e, &ev);
}

static void
syns(uint64_t flow, unsigned server, unsigned n)
{
	struct event ev;

	for (unsigned i = 0; i < n; i++) {
		ev = make(EV_conn, flow, server, true, SECOND);
		ev.u.conn.state = text("syn");
		ev.u.conn.repeated = i;
		engine_event(e, &ev);
	}
}

/* Something comes to the client: the capture shows answers. */
static void
shows_answers(void)
{
	struct event ev = make(EV_dns_reply, 99, 53, false, 0);

	ev.carrier = "dns";
	ev.u.dns_reply.name = text("www.example");
	engine_event(e, &ev);
}

/* The capture goes on for so long. */
static const struct result *
end(int64_t after)
{
	struct event ev;

	event_init(&ev, EV_capture_end);
	ev.ref.capture = 0;
	now += after;
	ev.u.capture_end.last = now;
	engine_event(e, &ev);
	return engine_finish(e);
}

/* --- silence ---------------------------------------------------------- */

static void
test_silence(void)
{
	const struct story *s;

	begin();
	shows_answers();
	ask(1, 10, 7, 0);
	ask(1, 10, 7, SECOND);
	ask(2, 11, 7, SECOND);
	ask(2, 11, 7, SECOND);
	s = end(5 * SECOND)->kept[0];
	CHECK(s->outcome == OUTCOME_BROKEN && s->ncontacts == 2);
	CHECK(s->contacts[0].reach == REACH_SILENT && s->contacts[0].sent == 2);
	CHECK(s->exchanges[0].again.frame == 5);
	CHECK(addr_equal(&s->exchanges[0].kdc, &s->contacts[1].addr));
	CHECK(story_unanswered(s) == &s->exchanges[0]);
	CHECK(story_contact(s, "kdc", TRANSPORT_UDP, REACH_SILENT) ==
	    &s->contacts[0]);
	CHECK(story_contact(s, "kdc", TRANSPORT_TCP, -1) == NULL);
	CHECK(story_contact(s, "kpasswd", -1, -1) == NULL);
	CHECK(strstr(s->steps[s->nsteps - 1].what,
		  "no answer from 10.77.0.11:88 (UDP), 2 requests") != NULL);
	engine_free(e);
}

/* One direction only, or an end too early: nothing is known. */
static void
test_unseen(void)
{
	const struct story *s;

	begin();
	ask(1, 10, 7, 0);
	ask(1, 10, 7, 4 * SECOND);
	s = end(5 * SECOND)->kept[0];
	CHECK(s->outcome == OUTCOME_UNSEEN && story_unanswered(s) == NULL);
	CHECK(s->contacts[0].reach == REACH_UNSEEN);
	engine_free(e);

	begin();
	shows_answers();
	ask(1, 10, 7, 0); /* and the client is content */
	s = end(30 * SECOND)->kept[0];
	CHECK(s->contacts[0].reach == REACH_UNSEEN);
	CHECK(s->outcome == OUTCOME_UNSEEN);
	engine_free(e);

	begin();
	shows_answers();
	ask(1, 10, 7, 0);
	ask(2, 11, 7, 4 * SECOND); /* may yet be answered */
	s = end(SECOND)->kept[0];
	CHECK(s->contacts[0].reach == REACH_SILENT);
	CHECK(s->contacts[1].reach == REACH_UNSEEN);
	CHECK(s->outcome == OUTCOME_UNSEEN && story_unanswered(s) == NULL);
	engine_free(e);
}

/* Another KDC helps out: what that cost decides. */
static void
test_takes_over(int64_t wait, enum outcome outcome)
{
	const struct story *s;

	begin();
	shows_answers();
	ask(1, 10, 7, 0);
	ask(2, 11, 7, wait);
	answer(2, 11, SECOND / 100);
	s = end(5 * SECOND)->kept[0];
	CHECK(s->outcome == outcome);
	CHECK(s->contacts[0].reach == REACH_SILENT);
	CHECK(s->contacts[1].reach == REACH_ANSWERED);
	CHECK(s->contacts[1].answer.frame == 4);
	CHECK(addr_equal(&s->exchanges[0].kdc, &s->contacts[1].addr));
	engine_free(e);
}

/* Each question that a slow KDC was asked gets its answer: one story. */
static void
test_late(void)
{
	const struct result *r;

	begin();
	ask(1, 10, 7, 0);
	ask(1, 10, 7, SECOND);
	ask(2, 11, 7, SECOND);
	answer(2, 11, SECOND / 100);
	answer(1, 10, SECOND);
	answer(1, 10, SECOND / 100);
	r = end(5 * SECOND);
	CHECK(r->nkept == 1 && r->kept[0]->nexchanges == 1);
	CHECK(r->kept[0]->contacts[0].reach == REACH_ANSWERED);
	CHECK(r->kept[0]->contacts[0].answer.frame == 5);
	CHECK(r->kept[0]->outcome == OUTCOME_OK);
	engine_free(e);
}

/* --- connections ------------------------------------------------------ */

static void
test_too_big(void)
{
	const struct story *s;

	begin();
	ask(1, 10, 7, 0);
	refuse(1, 10, 52, SECOND / 100);
	syns(100, 10, 4);
	s = end(SECOND)->kept[0];
	CHECK(s->outcome == OUTCOME_BROKEN && s->ncontacts == 2);
	CHECK(s->contacts[0].reach == REACH_ANSWERED);
	CHECK(s->contacts[1].reach == REACH_SILENT);
	CHECK(s->contacts[1].transport == TRANSPORT_TCP);
	CHECK(s->contacts[1].sent == 4 && s->contacts[1].first.frame == 3);
	engine_free(e);

	begin(); /* and nothing more: the capture ends */
	ask(1, 10, 7, 0);
	refuse(1, 10, 52, SECOND / 100);
	CHECK(end(30 * SECOND)->kept[0]->outcome == OUTCOME_UNSEEN);
	engine_free(e);
}

/* What a request follows is its contact, and no story more. */
static void
test_healthy(void)
{
	const struct result *r;

	begin();
	syns(100, 10, 2); /* the first was lost */
	conn("open", "", 100, 10, 1000);
	ask(100, 10, 7, 1000);
	answer(100, 10, 1000);
	conn("reset", "", 100, 10, 1000); /* Windows */
	r = end(5 * SECOND);
	CHECK(r->nkept == 1 && r->stories == 1);
	CHECK(r->kept[0]->outcome == OUTCOME_OK);
	CHECK(r->kept[0]->ncontacts == 1);
	CHECK(r->kept[0]->contacts[0].sent == 2);
	CHECK(r->kept[0]->contacts[0].reach == REACH_ANSWERED);
	CHECK(!r->kept[0]->contacts[0].was_reset);
	engine_free(e);
}

/* Doors that stay shut, and the one that opens. */
static void
test_next_kdc(void)
{
	const struct result *r;
	const struct story *s;

	begin();
	shows_answers();
	syns(100, 10, 3);
	syns(101, 11, 1);
	conn("open", "", 101, 11, 1000);
	ask(101, 11, 7, 1000);
	answer(101, 11, 1000);
	r = end(5 * SECOND);
	s = r->kept[0];
	CHECK(r->nkept == 1 && s->outcome == OUTCOME_DEGRADED);
	CHECK(s->ncontacts == 2 && s->contacts[0].reach == REACH_SILENT);
	CHECK(s->start == s->contacts[0].first.time);
	engine_free(e);
}

static void
test_only_knocks(void)
{
	const struct result *r;

	begin();
	shows_answers();
	syns(100, 10, 3);
	syns(101, 11, 3);
	r = end(5 * SECOND);
	CHECK(r->nkept == 1 && r->kept[0]->ncontacts == 2);
	CHECK(r->kept[0]->outcome == OUTCOME_BROKEN);
	CHECK(strcmp(r->kept[0]->carrier, "kdc") == 0);
	CHECK(r->kept[0]->nexchanges == 0 && r->kept[0]->exchanges != NULL);
	engine_free(e);
}

/* Port scans: shut, closed, open; nobody wanted a log-on. */
static void
test_scanner(void)
{
	const struct result *r;

	begin();
	shows_answers();
	for (unsigned i = 1; i < 50; i++) {
		syns(100 + i, i, 1);
		if (i % 3 == 0)
			conn("refused", "", 100 + i, i, 1000);
		if (i % 3 == 1) {
			conn("open", "", 100 + i, i, 1000);
			conn("reset", "", 100 + i, i, 1000);
		}
	}
	CHECK(end(30 * SECOND)->stories == 0);
	engine_free(e);

	begin(); /* one that asks twice */
	shows_answers();
	for (unsigned i = 1; i < 50; i++)
		syns(100 + i, i, 2);
	r = end(30 * SECOND);
	CHECK(r->stories == 0 && r->quality.steps_not_kept == 0);
	engine_free(e);

	begin(); /* or that is not sent anything: it may have been answered */
	syns(100, 10, 3);
	CHECK(end(30 * SECOND)->stories == 0);
	engine_free(e);
}

/* A member of the domain tries ports, beside its own log-ons. */
static void
test_member_scans(void)
{
	const struct result *r;

	begin(); /* one port by hand, refused */
	ask(1, 10, 7, 0);
	answer(1, 10, 1000);
	syns(100, 21, 1);
	conn("refused", "", 100, 21, 1000);
	ask(2, 10, 8, SECOND / 10);
	answer(2, 10, 1000);
	r = end(30 * SECOND);
	CHECK(r->stories > 0);
	for (size_t i = 0; i < r->nkept; i++)
		CHECK(
		    story_contact(r->kept[i], "kdc", -1, REACH_CLOSED) == NULL);
	engine_free(e);

	begin(); /* a KDC lets it in, then a host that is silent */
	ask(1, 10, 7, 0);
	answer(1, 10, 1000);
	now += 60 * SECOND;
	syns(100, 10, 1);
	conn("open", "", 100, 10, 1000);
	conn("closed", "", 100, 10, 1000);
	syns(101, 31, 3);
	CHECK(end(30 * SECOND)->stories == 1);
	engine_free(e);

	begin(); /* the KDC itself is silent now, and that is worth a word */
	ask(1, 10, 7, 0);
	answer(1, 10, 1000);
	now += 60 * SECOND;
	syns(100, 10, 1);
	conn("open", "", 100, 10, 1000);
	conn("closed", "", 100, 10, 1000);
	syns(101, 10, 3);
	CHECK(end(30 * SECOND)->stories == 2);
	engine_free(e);
}

/* SYNs of a million senders that do not exist. */
static void
test_flood(void)
{
	const struct result *r;
	struct event ev;

	begin();
	for (unsigned i = 0; i < 3 * OPEN_MAX_KNOCKS; i++) {
		ev = make(EV_conn, 100 + i / 2, 10, true, 10);
		ev.src.b[1] = (uint8_t)(i >> 16);
		ev.src.b[2] = (uint8_t)(i >> 8);
		ev.u.conn.state = text("syn");
		ev.u.conn.repeated = i % 2;
		engine_event(e, &ev);
	}
	r = end(30 * SECOND);
	CHECK(r->stories == 0 && r->quality.stories_cut == 0);
	engine_free(e);
}

/* --- those that say no ------------------------------------------------ */

static void
test_says_no(const char *state, const char *reason, uint64_t flow,
    enum reach reach)
{
	const struct story *s;

	begin();
	ask(1, 10, 7, 0);
	if (flow == 1) {
		conn(state, reason, 1, 10, 1000);
	} else {
		refuse(1, 10, 52, 1000);
		syns(flow, 10, 1);
		conn(state, reason, flow, 10, 1000);
	}
	s = end(5 * SECOND)->kept[0];
	CHECK(s->outcome == OUTCOME_BROKEN);
	CHECK(s->contacts[s->ncontacts - 1].reach == reach);
	engine_free(e);
}

/* --- fragments -------------------------------------------------------- */

static void
lost(uint64_t flow, unsigned server, int64_t octets)
{
	struct event ev = make(EV_lost, flow, server, false, 0);

	ev.u.lost.have = octets;
	engine_event(e, &ev);
}

static void
test_fragments(void)
{
	const struct story *s;

	begin();
	ask(1, 10, 7, 0);
	lost(1, 10, 1480);
	ask(1, 10, 7, SECOND);
	lost(1, 10, 1480);
	ask(1, 10, 7, SECOND);
	s = end(5 * SECOND)->kept[0];
	CHECK(s->ncontacts == 1 && s->contacts[0].cut == 2);
	CHECK(s->contacts[0].cut_ref.frame == 4);
	CHECK(s->contacts[0].cut_have == 1480);
	CHECK(s->contacts[0].answer.frame == 0);
	CHECK(s->contacts[0].reach == REACH_ANSWERED);
	CHECK(s->outcome == OUTCOME_BROKEN && story_unanswered(s) != NULL);
	engine_free(e);

	begin(); /* perhaps only the capture lacks them */
	ask(1, 10, 7, 0);
	lost(1, 10, 1480);
	s = end(30 * SECOND)->kept[0];
	CHECK(s->outcome == OUTCOME_UNSEEN && story_unanswered(s) == NULL);
	engine_free(e);
}

/* --- the password service --------------------------------------------- */

static struct event
make_kpasswd(enum event_kind kind, uint64_t flow, bool from_client,
    int64_t after)
{
	struct event ev = make(kind, flow, 10, from_client, after);

	ev.carrier = "kpasswd";
	ev.sport = from_client ? 40000 : 464;
	ev.dport = from_client ? 464 : 40000;
	return ev;
}

static void
change(uint64_t flow, int64_t after)
{
	struct event ev = make_kpasswd(EV_ap_req, flow, true, after);

	ev.u.ap_req.tkt_realm = text("R");
	ev.u.ap_req.tkt_sname = text("kadmin/changepw");
	engine_event(e, &ev);
}

static void
change_error(uint64_t flow, int64_t code, int64_t result)
{
	struct event ev = make_kpasswd(EV_kpasswd, flow, false, 1000);

	ev.u.kpasswd.result = result;
	engine_event(e, &ev);
	ev = make_kpasswd(EV_krb_error, flow, false, 0);
	ev.u.krb_error.from = text("kpasswd");
	ev.u.krb_error.code = code;
	ev.u.krb_error.kpasswd_result = result;
	engine_event(e, &ev);
}

static void
test_kpasswd_silent(void)
{
	const struct result *r;
	struct event ev;

	begin();
	shows_answers();
	for (unsigned i = 0; i < 4; i++) {
		ev = make_kpasswd(EV_conn, 100, true, SECOND);
		ev.u.conn.state = text("syn");
		ev.u.conn.repeated = i;
		engine_event(e, &ev);
	}
	change(1, SECOND);
	change(1, 3 * SECOND);
	r = end(5 * SECOND);
	CHECK(r->stories == 1 && r->kept[0]->outcome == OUTCOME_BROKEN);
	CHECK(r->kept[0]->ncontacts == 2);
	CHECK(story_contact(r->kept[0], "kpasswd", TRANSPORT_TCP,
		  REACH_SILENT) != NULL);
	CHECK(story_contact(r->kept[0], "kpasswd", TRANSPORT_UDP,
		  REACH_SILENT) != NULL);
	engine_free(e);
}

static void
test_kpasswd_error(int64_t code, int64_t result, enum outcome outcome)
{
	const struct result *r;

	begin();
	change(1, 0);
	change_error(1, code, result);
	r = end(5 * SECOND);
	CHECK(r->stories == 1 && r->kept[0]->outcome == outcome);
	CHECK(r->kept[0]->attempts[0].kpasswd_result == result);
	CHECK(r->kept[0]->contacts[0].reach == REACH_ANSWERED);
	engine_free(e);
}

/* --- what the server takes -------------------------------------------- */

static void
test_offer(bool seen, const char *mech)
{
	const struct str name = text(mech);
	const struct story *s;
	struct event ev;

	begin();
	ev = make(EV_spnego, 100, 21, false, 0);
	ev.carrier = "smb2";
	ev.u.spnego.kind = text("init2");
	ev.u.spnego.mechs = (struct strs){ &name, seen };
	engine_event(e, &ev);
	ev = make(EV_ap_req, 100, 21, true, 1000);
	ev.carrier = "smb2";
	ev.u.ap_req.tkt_sname = text("cifs/fs1");
	engine_event(e, &ev);
	s = end(SECOND)->kept[0];
	CHECK(s->attempts[0].offer_seen == seen);
	CHECK(s->attempts[0].offered_krb5 == (seen && mech[0] == 'k'));
	CHECK(s->attempts[0].kpasswd_result == EV_ABSENT);
	CHECK(s->ncontacts == 0);
	engine_free(e);
}

int
main(void)
{
	test_silence();
	test_unseen();
	test_takes_over(SECOND / 2, OUTCOME_OK);
	test_takes_over(2 * SECOND, OUTCOME_DEGRADED);
	test_late();
	test_too_big();
	test_healthy();
	test_next_kdc();
	test_only_knocks();
	test_scanner();
	test_member_scans();
	test_flood();
	test_says_no("icmp", "port", 1, REACH_CLOSED);
	test_says_no("icmp", "prohibited", 1, REACH_PROHIBITED);
	test_says_no("icmp", "host", 1, REACH_NO_HOST);
	test_says_no("refused", "", 100, REACH_CLOSED);
	test_says_no("icmp", "port", 100, REACH_PROHIBITED);
	test_fragments();
	test_kpasswd_silent();
	test_kpasswd_error(0, 0, OUTCOME_OK); /* Windows Server 2025 */
	test_kpasswd_error(0, 4, OUTCOME_BROKEN);
	test_kpasswd_error(60, 4, OUTCOME_BROKEN);
	test_kpasswd_error(60, EV_ABSENT, OUTCOME_BROKEN);
	test_offer(true, "krb5");
	test_offer(true, "ntlmssp");
	test_offer(false, "krb5");
	return failures != 0;
}
