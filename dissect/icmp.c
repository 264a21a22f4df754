/*
 * icmp.c - somebody says that a packet did not arrive.
 *
 * ICMP destination unreachable: RFC 792, codes 9 to 13 RFC 1122 3.2.2.1 and
 * RFC 1812 5.2.7.1; ICMPv6: RFC 4443 3.1.  The message quotes the head of the
 * packet it is about, by which the flow is found.
 */
#include <netinet/in.h>

#include "flow.h"

#define ICMP_UNREACHABLE 3
#define ICMP_TOO_BIG_CODE 4 /* a step of path MTU discovery */
#define ICMP6_UNREACHABLE 1

/* Why, by code: nobody listens there, a filter says so, no way there. */
static const char *
icmp_reason(uint8_t code)
{
	switch (code) {
	case 3:
		return "port";
	case 9: /* network, host: administratively prohibited */
	case 10:
	case 13: /* communication administratively prohibited */
		return "prohibited";
	default:
		return "host";
	}
}

static const char *
icmp6_reason(uint8_t code)
{
	switch (code) {
	case 4:
		return "port";
	case 1:
	case 5: /* ingress or egress policy, and */
	case 6: /* reject route: more informative kinds of 1 */
		return "prohibited";
	default:
		return "host";
	}
}

/* Addresses, protocol and ports of the quoted packet. */
static bool
read_quoted(struct packet *q, struct reader *r)
{
	uint8_t first = rd_u8(r);

	if (first >> 4 == 4) {
		rd_skip(r, 8);
		q->proto = rd_u8(r);
		rd_skip(r, 2);
		ip_addr(r, 4, &q->src);
		ip_addr(r, 4, &q->dst);
		if ((first & 15u) > 5)
			rd_skip(r, ((first & 15u) - 5) * 4);
	} else {
		rd_skip(r, 5);
		q->proto = rd_u8(r);
		rd_skip(r, 1);
		ip_addr(r, 6, &q->src);
		ip_addr(r, 6, &q->dst);
	}
	q->sport = rd_be16(r);
	q->dport = rd_be16(r);
	return rd_ok(r) && (q->proto == IPPROTO_TCP || q->proto == IPPROTO_UDP);
}

void
icmp_peek(struct packet *p, const struct reader *r)
{
	struct packet quoted = *p;
	struct conversation *c = p->peek;
	struct reader ahead = *r;
	uint8_t type = rd_u8(&ahead);

	rd_skip(&ahead, 7);
	if (type !=
		(p->proto == IPPROTO_ICMP ? ICMP_UNREACHABLE :
					    ICMP6_UNREACHABLE) ||
	    !read_quoted(&quoted, &ahead))
		return;
	c->src = quoted.src;
	c->dst = quoted.dst;
	c->sport = quoted.sport;
	c->dport = quoted.dport;
	c->proto = quoted.proto;
	c->ports = true;
}

void
icmp_read(struct dissector *d, struct packet *p, struct reader *r)
{
	struct packet quoted = *p;
	struct reader whole = *r;
	uint8_t type = rd_u8(r), code = rd_u8(r);
	struct conn *c;
	int dir;

	rd_skip(r, 6);
	if (p->proto == IPPROTO_ICMP ?
		(type != ICMP_UNREACHABLE || code == ICMP_TOO_BIG_CODE) :
		type != ICMP6_UNREACHABLE)
		return;
	if (!read_quoted(&quoted, r) || duplicate_seen(d, p, &whole))
		return;
	quoted.key = flow_key(d, &quoted);
	c = flow_find(d, &quoted, &dir);
	if (c == NULL &&
	    claim_hint(d,
		quoted.proto == IPPROTO_TCP ? TRANSPORT_TCP : TRANSPORT_UDP,
		quoted.dport) == NULL)
		return;
	/* The capture may see the answer only. */
	if (c == NULL) {
		c = flow_new(d, &quoted, OPENER_SENDER);
		dir = flow_dir(c, &quoted);
	}
	flow_touch(d, c, &quoted);
	conn_tell(d, c, !dir, "icmp", 0,
	    p->proto == IPPROTO_ICMP ? icmp_reason(code) : icmp6_reason(code));
}
