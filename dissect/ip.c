/*
 * ip.c - from an IP packet to the transport in it.
 *
 * IPv4: RFC 791 3.1; IPv6: RFC 8200 3 and 4; AH: RFC 4302 2.
 *
 * The frame may be longer than the packet (Ethernet pads to 60 octets) and
 * shorter (snap length, or a tool that cut the frame and its length alike).
 * A length of 0 is what a sender writes who leaves the cutting to the card
 * (TSO; BIG TCP for IPv6): such frames are up to 64 KiB and more, and their
 * own length counts.
 */
#include <netinet/in.h>
#include <string.h>

#include "flow.h"

#define IPV4_HEADER 20
#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET 0x1fff
#define EXTENSIONS_MAX 16 /* headers in a chain; RFC 8200 has six */
#define MOBILITY 135

void
ip_addr(struct reader *r, int family, struct addr *a)
{
	size_t n = family == 4 ? 4 : 16;
	const uint8_t *p = rd_bytes(r, n);

	memset(a, 0, sizeof(*a));
	a->family = (uint8_t)family;
	if (p != NULL)
		memcpy(a->b, p, n);
}

/* What is left of R when the header says LEN octets (0: all). */
static struct reader
bounded(struct reader *r, size_t len)
{
	size_t have = rd_have(r);

	if (!rd_ok(r) || len == 0)
		return rd_rest(r);
	/* More than the frame had: it was cut by somebody, not broken. */
	return have >= len ? rd_sub(r, len) : rd_make(r->p, have, len - have);
}

static void
read_fragment(struct dissector *d, struct packet *p, uint16_t where, bool more,
    struct reader r)
{
	struct reader whole;

	p->ip_offset = where;
	if (!rd_ok(&r) || duplicate_seen(d, p, r))
		return;
	if (!fragment_read(d, p, where, more, r, &whole))
		return;
	p->whole = true;
	ip_payload(d, p, whole);
}

static void
read_ipv4(struct dissector *d, struct packet *p, struct reader r)
{
	size_t header = (rd_u8(&r) & 15u) * 4, total;
	uint16_t offset;

	rd_skip(&r, 1);
	total = rd_be16(&r);
	p->ip_id = rd_be16(&r);
	offset = rd_be16(&r);
	rd_skip(&r, 1);
	p->proto = rd_u8(&r);
	rd_skip(&r, 2);
	ip_addr(&r, 4, &p->src);
	ip_addr(&r, 4, &p->dst);
	if (header < IPV4_HEADER || (total != 0 && total < header))
		return;
	rd_skip(&r, header - IPV4_HEADER);
	if (!rd_ok(&r))
		return;
	r = bounded(&r, total == 0 ? 0 : total - header);
	if (total != 0 && total == header)
		return;
	if ((offset & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) != 0)
		read_fragment(d, p, (uint16_t)((offset & FRAGMENT_OFFSET) * 8),
		    (offset & MORE_FRAGMENTS) != 0, r);
	else
		ip_payload(d, p, r);
}

static void
read_ipv6_fragment(struct dissector *d, struct packet *p, struct reader r)
{
	uint16_t where;

	p->proto = rd_u8(&r);
	rd_skip(&r, 1);
	where = rd_be16(&r);
	p->ip_id = rd_be32(&r);
	r = rd_rest(&r);
	if ((where & ~6u) == 0) /* RFC 6946: an atomic fragment */
		ip_payload(d, p, r);
	else
		read_fragment(d, p, where & 0xfff8, (where & 1) != 0, r);
}

static void
read_ipv6(struct dissector *d, struct packet *p, struct reader r)
{
	size_t len;

	rd_skip(&r, 4);
	len = rd_be16(&r);
	p->proto = rd_u8(&r);
	rd_skip(&r, 1);
	p->ip_id = 0;
	ip_addr(&r, 6, &p->src);
	ip_addr(&r, 6, &p->dst);
	if (rd_ok(&r))
		ip_payload(d, p, bounded(&r, len));
}

/* Steps over an extension header of IPv6; false when it is none. */
static bool
step_extension(struct packet *p, struct reader *r)
{
	uint8_t proto = p->proto, next;
	size_t len;

	switch (proto) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_AH:
	case MOBILITY:
		break;
	default:
		return false;
	}
	next = rd_u8(r);
	len = rd_u8(r);
	/* AH counts words of 4 octets less 2, all others of 8 less 1. */
	rd_skip(r, proto == IPPROTO_AH ? len * 4 + 6 : len * 8 + 6);
	p->proto = next;
	return rd_ok(r);
}

void
ip_payload(struct dissector *d, struct packet *p, struct reader r)
{
	for (int i = 0; i < EXTENSIONS_MAX && step_extension(p, &r); i++)
		continue;
	if (!rd_ok(&r))
		return;
	r = rd_rest(&r);
	switch (p->proto) {
	case IPPROTO_TCP:
		tcp_read(d, p, r);
		break;
	case IPPROTO_UDP:
		udp_read(d, p, r);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		icmp_read(d, p, r);
		break;
	case IPPROTO_FRAGMENT:
		/* Fragments of fragments are nobody's traffic. */
		if (p->src.family == 6 && !p->whole)
			read_ipv6_fragment(d, p, r);
		break;
	}
}

void
ip_read(struct dissector *d, struct packet *p, struct reader r)
{
	struct reader ahead = rd_rest(&r);

	switch (rd_u8(&ahead) >> 4) {
	case 4:
		read_ipv4(d, p, r);
		break;
	case 6:
		read_ipv6(d, p, r);
		break;
	}
}
