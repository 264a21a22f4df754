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
#define IPV6_HEADER 40
#define FRAGMENT_HEADER 8 /* of IPv6 */
#define MORE_FRAGMENTS 0x2000
#define FRAGMENT_OFFSET 0x1fff
#define EXTENSIONS_MAX 16 /* headers in a chain; RFC 8200 has six */
#define MOBILITY 135

static inline void
set_addr(struct addr *a, int family, const uint8_t *octets)
{
	*a = (struct addr){ .family = (uint8_t)family };
	memcpy(a->b, octets, family == 4 ? 4 : 16);
}

void
ip_addr(struct reader *r, int family, struct addr *a)
{
	const uint8_t *p = rd_bytes(r, family == 4 ? 4 : 16);

	*a = (struct addr){ .family = (uint8_t)family };
	if (p != NULL)
		set_addr(a, family, p);
}

/* R ends where the header says, LEN octets from here (0: it does not). */
static void
bound(struct reader *r, size_t len)
{
	size_t have = rd_have(r);

	/* More than the frame had: it was cut by somebody, not broken. */
	if (len > 0)
		*r = have >= len ? rd_make(r->p, len, 0) :
				   rd_make(r->p, have, len - have);
}

static void
read_fragment(struct dissector *d, struct packet *p, uint16_t where, bool more,
    const struct reader *r)
{
	struct reader whole;

	p->ip_offset = where;
	if (p->peek != NULL) {
		/* Each fragment has the addresses, the first one the ports. */
		struct reader none = rd_make(NULL, 0, 0);
		struct reader first = *r;

		p->whole = true;
		ip_payload(d, p, where == 0 ? &first : &none);
		return;
	}
	if (!rd_ok(r) || duplicate_seen(d, p, r))
		return;
	if (!fragment_read(d, p, where, more, r, &whole))
		return;
	p->whole = true;
	ip_payload(d, p, &whole);
}

static void
read_ipv4(struct dissector *d, struct packet *p, struct reader *r)
{
	const uint8_t *h = rd_bytes(r, IPV4_HEADER);
	size_t header, total;
	uint16_t offset;

	if (h == NULL)
		return;
	header = (h[0] & 15u) * 4;
	total = be16_at(h + 2);
	p->ip_id = be16_at(h + 4);
	offset = be16_at(h + 6);
	p->proto = h[9];
	set_addr(&p->src, 4, h + 12);
	set_addr(&p->dst, 4, h + 16);
	if (header < IPV4_HEADER || (total != 0 && total <= header))
		return;
	rd_skip(r, header - IPV4_HEADER);
	if (!rd_ok(r))
		return;
	bound(r, total == 0 ? 0 : total - header);
	if ((offset & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) != 0)
		read_fragment(d, p, (uint16_t)((offset & FRAGMENT_OFFSET) * 8),
		    (offset & MORE_FRAGMENTS) != 0, r);
	else
		ip_payload(d, p, r);
}

static void
read_ipv6_fragment(struct dissector *d, struct packet *p, struct reader *r)
{
	const uint8_t *h = rd_bytes(r, FRAGMENT_HEADER);
	uint16_t where;

	if (h == NULL)
		return;
	p->proto = h[0];
	where = be16_at(h + 2);
	p->ip_id = be32_at(h + 4);
	if ((where & ~6u) == 0) /* RFC 6946: an atomic fragment */
		ip_payload(d, p, r);
	else
		read_fragment(d, p, where & 0xfff8, (where & 1) != 0, r);
}

static void
read_ipv6(struct dissector *d, struct packet *p, struct reader *r)
{
	const uint8_t *h = rd_bytes(r, IPV6_HEADER);

	if (h == NULL)
		return;
	p->proto = h[6];
	p->ip_id = 0;
	set_addr(&p->src, 6, h + 8);
	set_addr(&p->dst, 6, h + 24);
	bound(r, be16_at(h + 4));
	ip_payload(d, p, r);
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

/* See dissect_peek(); false when a header of IP has to be read first. */
static bool
peek_transport(struct packet *p, struct reader *r)
{
	struct conversation *c = p->peek;

	c->src = p->src;
	c->dst = p->dst;
	c->proto = p->proto;
	switch (p->proto) {
	case IPPROTO_TCP:
		tcp_peek(p, r);
		break;
	case IPPROTO_UDP:
		udp_peek(p, r);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		icmp_peek(p, r);
		break;
	}
	return p->proto != IPPROTO_FRAGMENT;
}

void
ip_payload(struct dissector *d, struct packet *p, struct reader *r)
{
	for (int i = 0; i < EXTENSIONS_MAX && step_extension(p, r); i++)
		continue;
	if (p->peek != NULL && peek_transport(p, r))
		return;
	if (!rd_ok(r))
		return;
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
ip_read(struct dissector *d, struct packet *p, struct reader *r)
{
	struct reader ahead = *r;

	switch (rd_u8(&ahead) >> 4) {
	case 4:
		read_ipv4(d, p, r);
		break;
	case 6:
		read_ipv6(d, p, r);
		break;
	}
}
