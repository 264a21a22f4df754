/*
 * telling.h - for tests of stories and of the ledger: events made by hand and
 * told to an engine.  Hosts are 10.0.0.N, times milliseconds; each event is a
 * frame of its own.
 */
#ifndef TESTS_TELLING_H
#define TESTS_TELLING_H

#include <string.h>

#include "check.h"
#include "engine.h"
#include "ledger.h"
#include "names.h"
#include "presenter.h"

#define T0 (INT64_C(1795297800) * SECOND)
#define REALM "FJORD.TEST"

static struct engine *engine;
static uint64_t frame_no;
static int64_t now; /* milliseconds since T0 */

static UNUSED void
begin(void)
{
	struct engine_options opt = { 0 };

	engine = engine_new(&opt);
	frame_no = 0;
	now = 0;
}

static struct str
text(const char *s)
{
	return (struct str){ s, s == NULL ? 0 : strlen(s) };
}

static struct addr
host(unsigned n)
{
	return (struct addr){ 4, { 10, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

/* An event from SRC to DST. */
static UNUSED struct event
made(enum event_kind kind, const char *carrier, unsigned src, unsigned dst)
{
	struct event ev;

	event_init(&ev, kind);
	ev.ref = (struct ref){ 0, ++frame_no, T0 + now * 1000 };
	ev.carrier = carrier;
	ev.transport = TRANSPORT_UDP;
	ev.src = host(src);
	ev.dst = host(dst);
	return ev;
}

/* A request to PORT, or its answer, on FLOW. */
static UNUSED struct event
asked(enum event_kind kind, const char *carrier, unsigned client,
    unsigned server, uint16_t port, uint64_t flow)
{
	struct event ev = made(kind, carrier, client, server);

	ev.from_client = true;
	ev.sport = 40000;
	ev.dport = port;
	ev.flow = flow;
	return ev;
}

static UNUSED struct event
answered(enum event_kind kind, const char *carrier, unsigned client,
    unsigned server, uint16_t port, uint64_t flow)
{
	struct event ev = made(kind, carrier, server, client);

	ev.sport = port;
	ev.dport = 40000;
	ev.flow = flow;
	return ev;
}

/* --- DNS -------------------------------------------------------------- */

static UNUSED void
query(unsigned client, unsigned server, int64_t id, const char *name,
    int64_t type)
{
	struct event ev;

	ev = asked(EV_dns_query, "dns", client, server, 53,
	    1000 + (uint64_t)id * 300 + server);
	ev.u.dns_query.id = id;
	ev.u.dns_query.name = text(name);
	ev.u.dns_query.type = type;
	engine_event(engine, &ev);
}

/* DATA: of one record of TYPE, or NULL. */
static UNUSED void
reply(unsigned client, unsigned server, int64_t id, const char *name,
    int64_t type, int64_t rcode, const char *data)
{
	struct event ev;
	uint64_t flow = 1000 + (uint64_t)id * 300 + server;

	if (data != NULL) {
		ev = answered(EV_dns_rr, "dns", client, server, 53, flow);
		ev.u.dns_rr.id = id;
		ev.u.dns_rr.name = text(name);
		ev.u.dns_rr.type = type;
		ev.u.dns_rr.data = text(data);
		engine_event(engine, &ev);
	}
	ev = answered(EV_dns_reply, "dns", client, server, 53, flow);
	ev.u.dns_reply.id = id;
	ev.u.dns_reply.name = text(name);
	ev.u.dns_reply.type = type;
	ev.u.dns_reply.rcode = rcode;
	ev.u.dns_reply.answers = data != NULL;
	engine_event(engine, &ev);
}

/* Question and answer, a millisecond apart. */
static UNUSED void
looked_up(unsigned client, unsigned server, int64_t id, const char *name,
    int64_t type, int64_t rcode, const char *data)
{
	query(client, server, id, name, type);
	now++;
	reply(client, server, id, name, type, rcode, data);
	now++;
}

/* --- KDCs ------------------------------------------------------------- */

static UNUSED void
as_req(unsigned client, unsigned kdc, uint64_t flow, const char *user,
    const char *realm)
{
	struct event ev = asked(EV_kdc_req, "kdc", client, kdc, 88, flow);

	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = text(user);
	ev.u.kdc_req.realm = text(realm);
	ev.u.kdc_req.sname = text("krbtgt/" REALM);
	ev.u.kdc_req.sname_parts = 2;
	ev.u.kdc_req.nonce = (int64_t)flow;
	engine_event(engine, &ev);
}

static UNUSED void
tgs_req(unsigned client, unsigned kdc, uint64_t flow, const char *sname,
    int64_t tgt_kvno)
{
	struct event ev = asked(EV_kdc_req, "kdc", client, kdc, 88, flow);

	ev.u.kdc_req.msg_type = 12;
	ev.u.kdc_req.realm = text(REALM);
	ev.u.kdc_req.sname = text(sname);
	ev.u.kdc_req.sname_parts = 2;
	ev.u.kdc_req.nonce = (int64_t)flow;
	ev.u.kdc_req.tkt_realm = text(REALM);
	ev.u.kdc_req.tkt_sname = text("krbtgt/" REALM);
	ev.u.kdc_req.tkt_kvno = tgt_kvno;
	engine_event(engine, &ev);
}

static UNUSED void
kdc_rep(unsigned client, unsigned kdc, uint64_t flow, int64_t msg_type,
    const char *sname, int64_t etype, int64_t kvno)
{
	struct event ev = answered(EV_kdc_rep, "kdc", client, kdc, 88, flow);

	ev.u.kdc_rep.msg_type = msg_type;
	ev.u.kdc_rep.crealm = text(REALM);
	ev.u.kdc_rep.cname = text("anna");
	ev.u.kdc_rep.tkt_realm = text(REALM);
	ev.u.kdc_rep.tkt_sname = text(sname);
	ev.u.kdc_rep.tkt_etype = etype;
	ev.u.kdc_rep.tkt_kvno = kvno;
	ev.u.kdc_rep.enc_etype = 18;
	engine_event(engine, &ev);
}

static UNUSED void
kdc_error(unsigned client, unsigned kdc, uint64_t flow, int64_t code)
{
	struct event ev = answered(EV_krb_error, "kdc", client, kdc, 88, flow);

	ev.u.krb_error.code = code;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.realm = text(REALM);
	ev.u.krb_error.sname = text("krbtgt/" REALM);
	engine_event(engine, &ev);
}

static UNUSED void
logged_on(unsigned client, unsigned kdc, uint64_t flow)
{
	as_req(client, kdc, flow, "anna", REALM);
	now++;
	kdc_rep(client, kdc, flow, 11, "krbtgt/" REALM, 18, 3);
	now++;
}

#endif
