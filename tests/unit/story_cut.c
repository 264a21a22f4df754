/*
 * Requests and answers that a snap length cut short: what they do not say is
 * not known, and no failure is made of it.
 */
#include <stdio.h>

#include "telling.h"

static void
ends(const char *what, unsigned ok, unsigned broken, unsigned unseen)
{
	const struct result *r = engine_finish(engine);

	if (r->ok != ok || r->broken != broken || r->unseen != unseen) {
		printf("%s: ok %u broken %u unseen %u\n", what, (unsigned)r->ok,
		    (unsigned)r->broken, (unsigned)r->unseen);
		CHECK(false);
	}
	engine_free(engine);
}

/* A request whose names were cut off. */
static void
cut_req(uint64_t flow, int64_t msg_type)
{
	struct event ev = asked(EV_kdc_req, "kdc", 101, 10, 88, flow);

	ev.cut = true;
	ev.u.kdc_req.msg_type = msg_type;
	engine_event(engine, &ev);
	now++;
}

static void
cut_rep(uint64_t flow, int64_t msg_type)
{
	struct event ev = answered(EV_kdc_rep, "kdc", 101, 10, 88, flow);

	ev.cut = true;
	ev.u.kdc_rep.msg_type = msg_type;
	engine_event(engine, &ev);
	now++;
}

/* KRB-ERROR CODE; SNAME NULL: cut off. */
static void
cut_error(uint64_t flow, int64_t code, const char *sname)
{
	struct event ev = answered(EV_krb_error, "kdc", 101, 10, 88, flow);

	ev.cut = true;
	ev.u.krb_error.code = code;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.realm = text(sname == NULL ? NULL : REALM);
	ev.u.krb_error.sname = text(sname);
	engine_event(engine, &ev);
	now++;
}

static void
test_logon(void)
{
	begin();
	cut_req(1, 10);
	cut_error(1, KRB_AP_ERR_SKEW, NULL);
	cut_req(2, 10);
	cut_rep(2, 11);
	ends("37 and then a ticket", 1, 0, 0);

	begin();
	cut_req(1, 10);
	cut_error(1, KRB_AP_ERR_SKEW, NULL);
	cut_req(2, 10);
	cut_error(2, KRB_AP_ERR_SKEW, NULL);
	ends("37 twice", 0, 1, 0);

	begin();
	cut_req(1, 10);
	cut_error(1, KRB_AP_ERR_SKEW, NULL);
	now += 20000;
	cut_req(2, 10);
	cut_rep(2, 11);
	ends("37, and much later a ticket", 1, 1, 0);
}

static void
test_service(void)
{
	begin();
	cut_req(1, 12);
	cut_error(1, KDC_ERR_S_PRINCIPAL_UNKNOWN, "HTTP/www.fjord.test");
	cut_req(2, 12);
	cut_rep(2, 13);
	ends("7 and then a ticket", 0, 0, 1);

	begin();
	cut_req(1, 12);
	cut_error(1, KDC_ERR_S_PRINCIPAL_UNKNOWN, "HTTP/www.fjord.test");
	cut_req(2, 12);
	cut_error(2, KDC_ERR_S_PRINCIPAL_UNKNOWN, "HTTP/www.fjord.test");
	ends("7 twice", 0, 1, 0);

	begin();
	cut_req(1, 12);
	cut_error(1, KDC_ERR_S_PRINCIPAL_UNKNOWN, "HTTP/www.fjord.test");
	now += 3000;
	cut_req(2, 12);
	cut_rep(2, 13);
	ends("7 and then something else", 0, 1, 1);
}

/* The answer names the service: what is asked next is the same. */
static void
test_named(void)
{
	begin();
	cut_req(1, 12);
	cut_error(1, KDC_ERR_S_PRINCIPAL_UNKNOWN, "HTTP/www.fjord.test");
	now += 3000;
	tgs_req(101, 10, 2, "HTTP/www.fjord.test", 1);
	kdc_rep(101, 10, 2, 13, "HTTP/www.fjord.test", 18, 1);
	ends("asked again", 0, 0, 1);

	begin();
	looked_up(101, 53, 1, "www.fjord.test", DNS_A, 3, NULL);
	looked_up(101, 53, 2, "www.fjord.test", DNS_AAAA, 3, NULL);
	cut_req(1, 12);
	cut_error(1, KDC_ERR_S_PRINCIPAL_UNKNOWN, "HTTP/www.fjord.test");
	ends("its name was looked up before", 0, 1, 0);
}

/* An answer to question ID with RECORDS, of which none is whole. */
static void
cut_answer(int64_t id, const char *name, int64_t type, int64_t records)
{
	struct event ev = answered(EV_dns_reply, "dns", 101, 53, 53,
	    1000 + (uint64_t)id * 300 + 53);

	ev.cut = true;
	ev.u.dns_reply.id = id;
	ev.u.dns_reply.name = text(name);
	ev.u.dns_reply.type = type;
	ev.u.dns_reply.rcode = 0;
	ev.u.dns_reply.answers = records;
	engine_event(engine, &ev);
	now++;
}

static void
test_names(int64_t records, unsigned broken)
{
	begin();
	query(101, 53, 1, "_kerberos._udp." REALM, DNS_SRV);
	cut_answer(1, "_kerberos._udp." REALM, DNS_SRV, records);
	query(101, 53, 2, "_kerberos._tcp." REALM, DNS_SRV);
	cut_answer(2, "_kerberos._tcp." REALM, DNS_SRV, records);
	now += 20000;
	query(101, 53, 3, "www.fjord.test", DNS_A);
	ends("where are the KDCs", 0, broken, 0);
}

int
main(void)
{
	test_logon();
	test_service();
	test_named();
	test_names(0, 1);
	test_names(1, 0);
	return failures > 0;
}
