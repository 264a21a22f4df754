/*
 * frames.c - fuzz driver: frames of any link type, up to TCP streams and
 * datagrams, with a carrier that asks for everything and takes anything.
 *
 * dissect_peek() sees each of them too: where it knows ports, they stand in
 * the frame, and a frame that is cut has none that the whole one lacks.
 *
 * The first octet chooses the link type; each frame comes after two octets
 * of its length, one of what the snap length cut, and one of the time since
 * the frame before.
 */
#include <string.h>

#include "flow.h"
#include "fuzz.h"

static const int links[] = { 1, 0, 101, 113, 276, 108, 12, 228, 229, 105 };

#define LINKS (sizeof(links) / sizeof(*links))

static bool
any_claims(const struct flow *f, int dir, struct reader r, bool hinted)
{
	(void)f;
	(void)dir;
	return hinted || rd_u8(&r) != 0;
}

/* Two octets of length; what is wanted of it is in the third. */
static struct framing
any_frame(struct flow *f, int dir, struct reader r)
{
	struct framing g = { .what = FRAMING_NEED, .length = 3 };

	(void)f;
	(void)dir;
	if (rd_have(&r) < 3)
		return g;
	g.length = rd_be16(&r);
	g.keep = rd_u8(&r);
	g.what = g.length < 3 ? FRAMING_LOST : FRAMING_MESSAGE;
	if (g.keep < 3)
		g.keep = g.length;
	return g;
}

/* Reads to the end: what is claimed to be there has to be there. */
static void
any_message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	const uint8_t *p = rd_bytes(&r, rd_have(&r));

	if (p == NULL)
		post_malformed(d, f, dir, "nothing");
}

static const uint16_t ports[] = { 88, 445, 53, 0 };

static const struct carrier any = {
	.name = "any",
	.tcp_ports = ports,
	.udp_ports = ports,
	.claims = any_claims,
	.frame = any_frame,
	.message = any_message,
};

static const struct carrier *const only[] = { &any, NULL };

static void
nobody(void *arg, const struct event *ev)
{
	(void)ev;
	++*(uint64_t *)arg;
}

/* The octets of a port, anywhere in F. */
static bool
has_port(const struct frame *f, uint16_t port)
{
	const uint8_t octets[2] = { (uint8_t)(port >> 8), (uint8_t)port };

	return memmem(f->data, f->caplen, octets, 2) != NULL;
}

static void
peek(const struct frame *f)
{
	struct conversation c, cut;
	struct frame g = *f;

	if (!dissect_peek(f, &c) && (c.ports || c.dst.family != 0))
		abort();
	if (c.ports && (!has_port(f, c.sport) || !has_port(f, c.dport)))
		abort();
	if (c.payload > f->len + UINT16_MAX)
		abort();
	g.caplen /= 2;
	if (dissect_peek(&g, &cut) && cut.ports &&
	    (!c.ports || cut.sport != c.sport || cut.dport != c.dport ||
		!addr_equal(&cut.src, &c.src) || !addr_equal(&cut.dst, &c.dst)))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + 1, *end = data + size;
	struct frame f = { .time = SECOND };
	struct dissector *d;
	uint64_t events = 0;
	size_t n;

	if (size < 5)
		return 0;
	d = dissect_new(nobody, &events);
	if (data[0] & 0x80)
		dissect_set_carriers(d, only);
	f.link = links[(data[0] & 0x7f) % LINKS];
	for (; end - p > 4; p += n) {
		n = (size_t)p[0] << 8 | p[1];
		if (n > (size_t)(end - p - 4))
			n = (size_t)(end - p - 4);
		f.number++;
		f.time += (int64_t)p[3] * p[3] * p[3] * 100;
		f.caplen = (uint32_t)n;
		f.len = f.caplen + p[2];
		p += 4;
		/* In memory of its own: what is read beyond it is found. */
		f.data = memcpy(must_alloc(n + 1), p, n);
		peek(&f);
		dissect_frame(d, &f);
		free((void *)(uintptr_t)f.data);
	}
	dissect_finish(d);
	dissect_free(d);
	return 0;
}
