/*
 * Whose flow is it: ports are a hint, bytes decide, and after some messages
 * that nobody knows nobody is asked any more.
 */
#include "packets.h"

static int asked;

static bool
other_claims(const struct flow *f UNUSED, int dir UNUSED, struct reader r,
    bool hinted)
{
	asked++;
	return rd_u8(&r) == 'X' && (hinted || rd_u8(&r) == 'X');
}

static void
other_message(struct dissector *d UNUSED, struct flow *f UNUSED, int dir UNUSED,
    struct reader r)
{
	log_add(" other%zu", rd_left(&r));
}

static const uint16_t other_ports[] = { 5000, 0 };
static const struct carrier other = {
	.name = "other",
	.udp_ports = other_ports,
	.claims = other_claims,
	.message = other_message,
};
static const struct carrier *const both[] = { &other, &toy, NULL };

/* A datagram between two ports. */
static void
say(unsigned sport, unsigned dport, const char *text)
{
	static struct buf f, udp;

	udp.len = f.len = 0;
	put16(&udp, sport);
	put16(&udp, dport);
	put16(&udp, 8 + (unsigned)strlen(text));
	put16(&udp, 0);
	put_all(&udp, text, strlen(text));
	put_ipv4(&f, &(struct ip){ .proto = 17, .id = next_id++ }, &udp);
	feed(&f);
}

static void
test_bytes_decide(void)
{
	say(1000, 5000, "X."); /* with a hint */
	say(1000, 5001, "X."); /* without */
	say(1000, 5002, "XX");
	say(1000, 5000, "TY\0"); /* claimed is claimed */
	EXPECT(" other2 other2 other2");
}

static void
test_decode(void)
{
	CHECK(!dissect_decode_as(dut, TRANSPORT_UDP, 6000, "no-such"));
	CHECK(dissect_decode_as(dut, TRANSPORT_UDP, 6000, "other"));
	CHECK(dissect_decode_as(dut, TRANSPORT_TCP, 6001, "other"));
	say(1000, 6000, "X.");
	say(1000, 6001, "X.");
	EXPECT(" other2");
	CHECK(claim_hint(dut, TRANSPORT_UDP, 6000) == &other);
	CHECK(claim_hint(dut, TRANSPORT_TCP, 6000) == NULL);
	CHECK(claim_hint(dut, TRANSPORT_UDP, TOY_PORT) == &toy);
	/* The user's word is worth more than a well-known port. */
	CHECK(dissect_decode_as(dut, TRANSPORT_UDP, TOY_PORT, "other"));
	CHECK(claim_hint(dut, TRANSPORT_UDP, TOY_PORT) == &other);
}

static void
test_nobody(void)
{
	asked = 0;
	for (int i = 0; i < 20; i++)
		say(1000, 7000, "nothing");
	say(1000, 7000, "XX");
	EXPECT("");
	CHECK(asked > 1 && asked < 10);
	asked = 0; /* but for the port */
	for (int i = 0; i < 20; i++)
		say(1001, 5000, "nothing");
	say(1001, 5000, "X.");
	EXPECT(" other2");
	CHECK(asked == 21);
}

/* The side with the port that a carrier knows is the server. */
static void
test_sides(void)
{
	struct packet p = { .proto = 17, .sport = 5000, .dport = 999 };
	struct conn *c;
	int dir;

	p.src.family = p.dst.family = 4;
	p.key = flow_key(dut, &p);
	c = flow_new(dut, &p, OPENER_UNKNOWN);
	CHECK(c->flow.port[1] == 5000 && flow_dir(c, &p) == TO_CLIENT);
	CHECK(flow_find(dut, &p, &dir) == c && c->hint == &other);
	CHECK(dir == TO_CLIENT);
	p.sport = 998;
	p.key = flow_key(dut, &p);
	c = flow_new(dut, &p, OPENER_UNKNOWN);
	CHECK(c->flow.port[0] == 998 && flow_dir(c, &p) == TO_SERVER);
	p.dport = 5000;
	p.key = flow_key(dut, &p);
	c = flow_new(dut, &p, OPENER_RECEIVER);
	CHECK(c->flow.port[0] == 5000 && c->hint == NULL && c->hinted);
}

int
main(void)
{
	begin();
	dissect_set_carriers(dut, both);
	test_bytes_decide();
	test_decode();
	test_nobody();
	test_sides();
	CHECK(dissect_carrier_name(0) != NULL);
	CHECK(strcmp(dissect_carrier_name(0), "kdc") == 0);
	CHECK(dissect_carrier_name(1000) == NULL);
	done();
	return failures != 0;
}
