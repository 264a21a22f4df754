/*
 * The tables of event.def, and addresses as text.
 */
#include "packets.h"

static void
test_tables(void)
{
	for (int i = EV_NONE + 1; i < EV_KINDS; i++) {
		CHECK(event_kind(event_descs[i].name) == (enum event_kind)i);
		CHECK(event_descs[i].nfields > 0);
	}
	CHECK(event_kind("no-such") == EV_NONE);
	CHECK(event_kind("") == EV_NONE);
	CHECK(strcmp(event_descs[EV_kdc_req].name, "kdc-req") == 0);
	CHECK(strcmp(event_descs[EV_kdc_req].fields[0].name, "msg_type") == 0);
	CHECK(event_descs[EV_dns_rr].nfields == 8);
	CHECK(event_descs[EV_conn].fields[1].offset ==
	    offsetof(struct event, u.conn.repeated));
}

static void
test_init(void)
{
	struct event ev;

	memset(&ev, 0x55, sizeof(ev));
	event_init(&ev, EV_kdc_rep);
	CHECK(ev.kind == EV_kdc_rep && ev.ref.capture == EV_NO_CAPTURE);
	CHECK(ev.u.kdc_rep.tkt_kvno == EV_ABSENT);
	CHECK(ev.u.kdc_rep.enc_etype == EV_ABSENT);
	CHECK(ev.u.kdc_rep.msg_type == 0 && ev.u.kdc_rep.cname.p == NULL);
	CHECK(ev.flow == 0 && ev.src.family == 0);
}

static void
check_addr(const char *text, const char *want)
{
	char buf[ADDR_TEXT];
	struct addr a, b;

	CHECK(addr_parse(text, strlen(text), &a));
	CHECK(strcmp(addr_text(&a, buf), want) == 0);
	CHECK(addr_parse(buf, strlen(buf), &b) && addr_equal(&a, &b));
}

static void
test_addresses(void)
{
	struct addr a, b;
	char buf[ADDR_TEXT];

	check_addr("10.0.0.1", "10.0.0.1");
	check_addr("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1");
	check_addr("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	check_addr("0:0:0:0:0:0:0:1", "::1");
	check_addr("::ffff:10.0.0.1", "::ffff:10.0.0.1");
	CHECK(!addr_parse("10.0.0", 6, &a) && a.family == 0);
	CHECK(!addr_parse("10.0.0.1\0x", 10, &a));
	CHECK(!addr_parse("fs1", 3, &a) && !addr_parse("", 0, &a));
	CHECK(!addr_parse(NULL, 0, &a) && a.family == 0);
	CHECK(strcmp(addr_text(&a, buf), "-") == 0);
	CHECK(addr_parse("10.0.0.12", 8, &a) && addr_parse("10.0.0.1", 8, &b));
	CHECK(addr_equal(&a, &b));
	CHECK(addr_parse("::a00:1", 7, &b) && !addr_equal(&a, &b));
}

int
main(void)
{
	test_tables();
	test_init();
	test_addresses();
	return failures != 0;
}
