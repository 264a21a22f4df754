/*
 * IP: options, padding, lengths that are not there, fragments, extension
 * headers, copies of one packet, and what ICMP quotes.
 */
#include "packets.h"

static struct buf f, data, udp;

/* A datagram of the toy into `udp`. */
static void
make_udp(int dir, char letter, size_t len)
{
	data.len = udp.len = 0;
	put_toy(&data, letter, len);
	put_udp(&udp, dir, &data);
}

static void
feed_ip(struct ip ip)
{
	f.len = 0;
	if (ip.id == 0)
		ip.id = next_id++;
	if (ip.proto == 0)
		ip.proto = 17;
	put_ipv4(&f, &ip, &udp);
	feed(&f);
}

static const struct dissect_quality *
quality(void)
{
	return dissect_quality(dut, 0);
}

/* --- headers ---------------------------------------------------------- */

static void
test_header(void)
{
	begin();
	make_udp(0, 'a', 20);
	feed_ip((struct ip){ .options = 40 });
	EXPECT(" >a20@1");
	put_zero(&udp, 12); /* Ethernet's padding */
	feed_ip((struct ip){ .total = 48 });
	EXPECT(" >a20@2");
	make_udp(1, 'b', 20);
	feed_ip((struct ip){ .dir = 1, .no_total = true });
	EXPECT(" <b20@3");
	feed_ip((struct ip){ .dir = 1, .total = 100 });
	EXPECT(" <b20@4"); /* a frame cut without a trace */
	feed_ip((struct ip){ .dir = 1, .total = 19 });
	EXPECT("");
	feed_ip((struct ip){ .dir = 1, .total = 20 });
	EXPECT("");
	done();
}

/* Every length of a datagram with options: no crash, no invented octets. */
static void
test_cuts(void)
{
	char want[64];

	begin();
	make_udp(0, 'a', 30);
	for (size_t cap = 0; cap < 66; cap++) {
		f.len = 0;
		put_ipv4(&f,
		    &(struct ip){ .proto = 17, .id = next_id++, .options = 8 },
		    &udp);
		feed_cut(&f, cap);
		if (cap < 38) /* the magic is not there */
			EXPECT("");
		else if (cap < 41)
			snprintf(want, sizeof(want), " >?30-%zu@%zu", 66 - cap,
			    cap + 1);
		else
			snprintf(want, sizeof(want), " >a30-%zu@%zu", 66 - cap,
			    cap + 1);
		if (cap >= 38)
			EXPECT(want);
	}
	CHECK(quality()->frames_short == 66);
	done();
}

/* --- IPv6 ------------------------------------------------------------- */

static void
put_ipv6(struct buf *b, unsigned next, size_t len)
{
	put32(b, 0x60000000);
	put16(b, (unsigned)len);
	put8(b, next);
	put8(b, 64);
	put_zero(b, 15);
	put8(b, 1);
	put_zero(b, 15);
	put8(b, 2);
}

static void
put_extension(struct buf *b, unsigned next, unsigned length, size_t octets)
{
	put8(b, next);
	put8(b, length);
	put_zero(b, octets - 2);
}

static void
test_ipv6(void)
{
	begin();
	make_udp(0, 'a', 20);
	f.len = 0;
	put_ipv6(&f, 0, 8 + 16 + 24 + udp.len);
	put_extension(&f, 60, 0, 8);  /* hop-by-hop */
	put_extension(&f, 51, 1, 16); /* destination options */
	put_extension(&f, 17, 4, 24); /* AH */
	put_all(&f, udp.b, udp.len);
	feed(&f);
	EXPECT(" >a20@1");
	f.len = 0;
	put_ipv6(&f, 59, 0); /* no next header */
	feed(&f);
	f.len = 0;
	put_ipv6(&f, 0, 8);
	put_extension(&f, 17, 255, 8); /* runs past the end */
	feed(&f);
	EXPECT("");
	done();
}

static void
feed_fragment6(size_t at, size_t len, bool more)
{
	f.len = 0;
	put_ipv6(&f, 44, 8 + len);
	put8(&f, 17);
	put8(&f, 0);
	put16(&f, (unsigned)at | more);
	put32(&f, 0xabcdef01);
	put_all(&f, udp.b + at, len);
	feed(&f);
}

static void
test_ipv6_fragments(void)
{
	begin();
	make_udp(0, 'a', 100);
	feed_fragment6(64, 44, false);
	feed_fragment6(0, 64, true);
	EXPECT(" >a100@2");
	feed_fragment6(0, 108, false); /* atomic, RFC 6946 */
	EXPECT(" >a100@3");
	done();
}

/* --- fragments -------------------------------------------------------- */

static void
feed_fragment(unsigned id, size_t at, size_t len, bool more)
{
	struct buf *part = malloc(sizeof(*part));
	struct ip ip = { .proto = 17, .id = id };

	part->len = 0;
	put_all(part, udp.b + at, len);
	ip.fragment = (unsigned)(at / 8) | (more ? 0x2000u : 0);
	f.len = 0;
	put_ipv4(&f, &ip, part);
	feed(&f);
	free(part);
}

static void
test_fragments(void)
{
	begin();
	make_udp(0, 'a', 1000);
	feed_fragment(900, 800, 208, false);
	feed_fragment(900, 400, 400, true);
	EXPECT("");
	feed_fragment(900, 0, 400, true);
	EXPECT(" >a1000@3");
	feed_fragment(901, 400, 608, false); /* overlap */
	feed_fragment(901, 200, 400, true);
	feed_fragment(901, 0, 208, true);
	EXPECT(" >a1000@6");
	feed_fragment(902, 0, 400, true); /* each of them twice */
	feed_fragment(902, 0, 400, true);
	feed_fragment(902, 400, 608, false);
	feed_fragment(902, 400, 608, false);
	EXPECT(" >a1000@9");
	CHECK(quality()->duplicates == 2);
	CHECK(quality()->fragments_lost == 0);
	done();
}

/* Pieces of a file of zeros are alike and yet not the same piece twice. */
static void
test_fragments_alike(void)
{
	begin();
	make_udp(0, 'a', 1000);
	for (unsigned at = 0; at < 1000; at += 200)
		feed_fragment(960, at, at < 800 ? 200 : 208, at < 800);
	EXPECT(" >a1000@5");
	CHECK(quality()->duplicates == 0);
	done();
}

/* The first copy of an octet is the one that counts. */
static void
test_fragment_first_wins(void)
{
	begin();
	make_udp(0, 'a', 100);
	feed_fragment(903, 56, 52, false);
	udp.b[60] = 0xee;
	udp.b[40] = 0xee;
	feed_fragment(903, 32, 40, true);
	feed_fragment(903, 0, 40, true);
	EXPECT(" >a100@3!");
	done();
}

static void
test_fragments_lost(void)
{
	begin();
	make_udp(0, 'a', 1000);
	feed_fragment(910, 0, 400, true);
	next_frame.time += FRAGMENT_TIMEOUT + SECOND;
	feed_fragment(911, 0, 400, true);
	CHECK(quality()->fragments_lost == 1);
	feed_fragment(912, 65528, 400, false); /* beyond 64 KiB */
	CHECK(quality()->fragments_lost == 2);
	EXPECT(" toy:400/0>@1");
	for (unsigned i = 0; i < FRAGMENT_MAX + 10; i++)
		feed_fragment(2000 + i, 8, 8, true); /* nobody's */
	CHECK(quality()->fragments_lost == 2 + 11);
	EXPECT(" toy:400/0>@2");
	dissect_finish(dut);
	CHECK(quality()->fragments_lost == 2 + 11 + FRAGMENT_MAX);
	EXPECT("");
	done();
}

/* Told when it is late, once; with the frame of its first fragment. */
static void
test_fragments_late(void)
{
	begin();
	make_udp(1, 'a', 1000);
	feed_fragment(950, 800, 208, false);
	feed_fragment(950, 0, 400, true);
	next_frame.time += FRAGMENT_LATE / 2;
	make_udp(0, 'b', 20);
	feed_ip((struct ip){ .id = 0 });
	EXPECT(" >b20@3");
	next_frame.time += FRAGMENT_LATE / 2;
	feed_ip((struct ip){ .id = 0 });
	EXPECT(" toy:608/1008<@2 >b20@4");
	make_udp(1, 'a', 1000);
	feed_fragment(950, 400, 400, true); /* and is completed after all */
	EXPECT(" <a1000@5");
	feed_fragment(951, 0, 400, true);
	dissect_finish(dut);
	EXPECT(" toy:400/0<@6");
	CHECK(quality()->fragments_lost == 1);
	done();
}

/* A fragment that the snap length cut: what is before it can be read. */
static void
test_fragment_cut(void)
{
	begin();
	make_udp(0, 'a', 1000);
	feed_fragment(920, 400, 608, false);
	next_frame.number = 1;
	f.len = 0;
	put_ipv4(&f, &(struct ip){ .proto = 17, .id = 920, .fragment = 0x2000 },
	    &udp);
	f.b[2] = (20 + 400) >> 8;
	f.b[3] = (20 + 400) & 0xff;
	f.len = 420;
	feed_cut(&f, 120);
	EXPECT(" >a1000-908@2");
	done();
}

/* --- copies ----------------------------------------------------------- */

static void
test_copies(void)
{
	begin();
	make_udp(0, 'a', 20);
	feed_ip((struct ip){ .id = 77 });
	f.b[8] = 63;    /* behind a router */
	f.b[26] = 0x55; /* with its checksum filled in */
	feed(&f);
	EXPECT(" >a20@1");
	CHECK(quality()->duplicates == 1);
	next_frame.time += DUPLICATE_WITHIN;
	feed(&f);                         /* the identification came round */
	feed_ip((struct ip){ .id = 78 }); /* a retransmission */
	EXPECT(" >a20@3 >a20@4");
	CHECK(quality()->duplicates == 1);
	done();
}

/* Linux writes 0 under DF: then only what follows at once is a copy. */
static void
test_copies_without_id(void)
{
	begin();
	make_udp(0, 'a', 20);
	f.len = 0;
	put_ipv4(&f, &(struct ip){ .proto = 17, .fragment = 0x4000 }, &udp);
	feed(&f);
	feed(&f);
	next_frame.time += 3000;
	feed(&f);
	EXPECT(" >a20@1 >a20@3");
	CHECK(quality()->duplicates == 1);
	done();
}

/* --- flows ------------------------------------------------------------ */

/* A full table lets the oldest go and says so. */
static void
test_flow_table_full(void)
{
	const unsigned more = 5;

	begin();
	make_udp(0, 'a', 20);
	memset(udp.b + 8, 0, 20); /* nobody's, but for the port */
	for (uint32_t i = 0; i < FLOW_MAX + more; i++) {
		f.len = 0;
		put_ipv4(&f, &(struct ip){ .proto = 17, .id = 1 }, &udp);
		f.b[13] = (uint8_t)(i >> 16);
		f.b[14] = (uint8_t)(i >> 8);
		f.b[15] = (uint8_t)i;
		next_frame.time -= 1000;
		feed(&f);
	}
	CHECK(dut->flows.count == FLOW_MAX);
	CHECK(dut->flows.last_id == FLOW_MAX + more);
	CHECK(quality()->flows_dropped == more);
	CHECK(quality()->duplicates == 0);
	done();
}

/* --- ICMP ------------------------------------------------------------- */

static void
feed_icmp(unsigned type, unsigned code, int quoted_dir)
{
	struct buf *quoted = malloc(sizeof(*quoted));

	quoted->len = 0;
	make_udp(quoted_dir, 'a', 20);
	put8(quoted, type);
	put8(quoted, code);
	put_zero(quoted, 6);
	put_ipv4(quoted,
	    &(struct ip){ .proto = 17,
		.dir = quoted_dir,
		.id = 5,
		.options = 4 },
	    &udp);
	quoted->len -= 20; /* only the head is quoted */
	f.len = 0;
	put_ipv4(&f,
	    &(struct ip){ .proto = 1, .dir = !quoted_dir, .id = next_id++ },
	    quoted);
	feed(&f);
	free(quoted);
}

static void
test_icmp(void)
{
	begin();
	feed_icmp(3, 3, 0); /* nothing was seen before */
	EXPECT(" icmp:port<@1");
	make_udp(0, 'b', 20);
	feed_ip((struct ip){ .id = 0 });
	feed_icmp(3, 13, 0);
	EXPECT(" >b20@2 icmp:prohibited<@3");
	feed_icmp(3, 1, 0);
	EXPECT(" icmp:host<@4");
	feed_icmp(3, 4, 0); /* path MTU */
	feed_icmp(11, 0, 0);
	EXPECT("");
	for (size_t cap = 0; cap < f.len; cap++)
		feed_cut(&f, cap);
	done();
}

int
main(void)
{
	test_header();
	test_cuts();
	test_ipv6();
	test_ipv6_fragments();
	test_fragments();
	test_fragments_alike();
	test_fragment_first_wins();
	test_fragments_lost();
	test_fragments_late();
	test_fragment_cut();
	test_copies();
	test_copies_without_id();
	test_flow_table_full();
	test_icmp();
	return failures != 0;
}
