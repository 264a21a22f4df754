/*
 * dissect_peek(): addresses and ports of a frame of any link type, and no
 * more than the frame has.
 */
#include "packets.h"

static struct buf f, data, udp;
static struct conversation c;

/* F in memory of its own size, so that reading past it is seen. */
static bool
peek_cut(int link, size_t cap)
{
	uint8_t *copy = malloc(cap > 0 ? cap : 1);
	struct frame frame = {
		.link = link,
		.caplen = (uint32_t)cap,
		.len = (uint32_t)f.len,
		.data = copy,
	};
	bool found;

	memcpy(copy, f.b, cap);
	found = dissect_peek(&frame, &c);
	free(copy);
	return found;
}

static bool
peek(int link)
{
	return peek_cut(link, f.len);
}

static bool
is_addr(const struct addr *a, const char *text)
{
	char buf[ADDR_TEXT];

	return strcmp(addr_text(a, buf), text) == 0;
}

static void
make_udp(void)
{
	f.len = data.len = udp.len = 0;
	put_toy(&data, 'a', 30);
	put_udp(&udp, 0, &data);
}

static void
put_tcp(struct buf *b, unsigned flags, size_t payload)
{
	put16(b, CLIENT_PORT);
	put16(b, 445);
	put32(b, 1);
	put32(b, 2);
	put8(b, 0x50);
	put8(b, flags);
	put_zero(b, 6 + payload);
}

static void
test_udp(void)
{
	make_udp();
	put_ipv4(&f, &(struct ip){ .proto = 17, .options = 8 }, &udp);
	CHECK(peek(101) && c.proto == 17 && c.ports && !c.opens);
	CHECK(is_addr(&c.src, "10.0.0.1") && is_addr(&c.dst, "10.0.0.2"));
	CHECK(c.sport == CLIENT_PORT && c.dport == TOY_PORT);
	CHECK(c.payload == 30);
}

static void
test_tcp(void)
{
	udp.len = f.len = 0;
	put_tcp(&udp, 0x02, 0);
	put_zero(&f, 12);
	put16(&f, 0x8100);
	put16(&f, 7);
	put16(&f, 0x0800);
	put_ipv4(&f, &(struct ip){ .proto = 6 }, &udp);
	put_zero(&f, 6); /* Ethernet's padding */
	CHECK(peek(1) && c.proto == 6 && c.ports && c.opens);
	CHECK(c.sport == CLIENT_PORT && c.dport == 445 && c.payload == 0);
	udp.len = f.len = 0;
	put_tcp(&udp, 0x18, 100);
	put_ipv4(&f, &(struct ip){ .proto = 6 }, &udp);
	CHECK(peek(101) && !c.opens && c.payload == 100);
	CHECK(peek_cut(101, 41) && c.payload == 100);
}

/* Every length: the addresses are there or not, and so are the ports. */
static void
test_cuts(void)
{
	make_udp();
	put_ipv4(&f, &(struct ip){ .proto = 17 }, &udp);
	for (size_t cap = 0; cap < f.len; cap++) {
		CHECK(peek_cut(101, cap) == (cap >= 20));
		CHECK(c.ports == (cap >= 28));
		CHECK(c.payload == (c.ports ? 30 : 0));
	}
}

static void
test_fragments(void)
{
	make_udp();
	put_ipv4(&f, &(struct ip){ .proto = 17, .fragment = 0x2000 }, &udp);
	CHECK(peek(101) && c.ports && c.dport == TOY_PORT);
	f.len = 0;
	put_ipv4(&f, &(struct ip){ .proto = 17, .fragment = 0x0004 }, &udp);
	CHECK(peek(101) && !c.ports && c.dport == 0 && c.proto == 17);
	CHECK(is_addr(&c.dst, "10.0.0.2"));
}

static void
put_ipv6(unsigned next, size_t len)
{
	f.len = 0;
	put32(&f, 0x60000000);
	put16(&f, (unsigned)len);
	put8(&f, next);
	put8(&f, 64);
	put_zero(&f, 15);
	put8(&f, 1);
	put_zero(&f, 15);
	put8(&f, 2);
}

/* A fragment header before NEXT. */
static void
put_fragment(unsigned next, unsigned where)
{
	put8(&f, next);
	put8(&f, 0);
	put16(&f, where);
	put32(&f, 7);
}

static void
test_ipv6(void)
{
	make_udp();
	put_ipv6(60, 16 + udp.len); /* destination options */
	put8(&f, 44);
	put_zero(&f, 7);
	put_fragment(17, 1);
	put_all(&f, udp.b, udp.len);
	CHECK(peek(101) && c.ports && c.dport == TOY_PORT);
	CHECK(is_addr(&c.src, "::1") && is_addr(&c.dst, "::2"));
	put_ipv6(44, 8 + udp.len);
	put_fragment(17, 0x100);
	put_all(&f, udp.b, udp.len);
	CHECK(peek(101) && !c.ports && is_addr(&c.dst, "::2"));
	/* One inside another, as nobody sends them: not followed. */
	put_ipv6(44, 8000);
	for (int i = 0; i < 999; i++)
		put_fragment(44, 1);
	put_fragment(17, 1);
	CHECK(peek(101) && !c.ports);
}

/* "Port unreachable" belongs to the packet that it quotes. */
static void
test_icmp(void)
{
	struct buf quoted = { .len = 0 };

	make_udp();
	put_ipv4(&quoted, &(struct ip){ .proto = 17 }, &udp);
	data.len = 0;
	put16(&data, 0x0303);
	put_zero(&data, 6);
	put_all(&data, quoted.b, 28);
	put_ipv4(&f, &(struct ip){ .proto = 1, .dir = 1 }, &data);
	CHECK(peek(101) && c.ports && c.proto == 17);
	CHECK(is_addr(&c.src, "10.0.0.1") && c.dport == TOY_PORT);
	data.b[0] = 8; /* a ping quotes nothing */
	f.len = 0;
	put_ipv4(&f, &(struct ip){ .proto = 1, .dir = 1 }, &data);
	CHECK(peek(101) && !c.ports && is_addr(&c.src, "10.0.0.2"));
}

static void
test_strangers(void)
{
	make_udp();
	put_ipv4(&f, &(struct ip){ .proto = 17 }, &udp);
	CHECK(!peek(105)); /* 802.11 is not read */
	CHECK(!peek(1));
	f.len = 0;
	put_zero(&f, 12);
	put16(&f, 0x0806);
	put_zero(&f, 28);
	CHECK(!peek(1) && c.src.family == 0 && !c.ports);
}

int
main(void)
{
	test_udp();
	test_tcp();
	test_cuts();
	test_fragments();
	test_ipv6();
	test_icmp();
	test_strangers();
	return failures > 0;
}
