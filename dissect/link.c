/*
 * link.c - from the frame of a capture to the IP packet in it.
 *
 * IEEE 802.3 and 802.1Q; LINKTYPE_ values and the headers of LINUX_SLL,
 * LINUX_SLL2, NULL and LOOP: www.tcpdump.org/linktypes.html; PPP: RFC 1661;
 * PPPoE: RFC 2516 4; MPLS: RFC 3032 2.1; SNAP: RFC 1042.
 */
#include "flow.h"

#define LINK_NULL 0
#define LINK_ETHERNET 1
#define LINK_PPP 9
#define LINK_RAW_BSD 12 /* DLT_RAW, written by some tools as is */
#define LINK_RAW_OPENBSD 14
#define LINK_PPP_HDLC 50
#define LINK_RAW 101
#define LINK_LOOP 108
#define LINK_SLL 113
#define LINK_IPV4 228
#define LINK_IPV6 229
#define LINK_SLL2 276

#define ETHER_HEADER 14
#define ETHER_IPV4 0x0800
#define ETHER_IPV6 0x86dd
#define ETHER_VLAN 0x8100
#define ETHER_QINQ 0x88a8
#define ETHER_QINQ_OLD 0x9100 /* before 802.1ad: Cisco, Juniper */
#define ETHER_MPLS 0x8847
#define ETHER_PPPOE 0x8864
#define ETHER_LENGTH_MAX 1500 /* up to here it is a length: 802.3 */

#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057

#define MPLS_BOTTOM 0x100 /* last label of the stack */
#define VLAN_MAX 8        /* tags; more are no traffic of anybody */

static void
read_ppp(struct dissector *d, struct packet *p, struct reader *r)
{
	struct reader ahead = *r;
	uint16_t proto;

	if (rd_be16(&ahead) == 0xff03) /* address and control, RFC 1662 */
		rd_skip(r, 2);
	proto = rd_be16(r);
	if (proto == PPP_IPV4 || proto == PPP_IPV6)
		ip_read(d, p, r);
}

static void
read_mpls(struct dissector *d, struct packet *p, struct reader *r)
{
	while (rd_ok(r))
		if ((rd_be32(r) & MPLS_BOTTOM) != 0)
			break;
	/* What is behind the labels is not said; others than IP have no
	 * version 4 or 6 in front. */
	ip_read(d, p, r);
}

/* IEEE 802.2 with SNAP: token ring's heirs, some old switches. */
static uint16_t
snap_type(struct reader *r)
{
	uint32_t llc = rd_be24(r), oui = rd_be24(r);

	return llc == 0xaaaa03 && oui == 0 ? rd_be16(r) : 0;
}

static void
read_ethertype(struct dissector *d, struct packet *p, uint16_t type,
    struct reader *r)
{
	for (int tags = 0; tags < VLAN_MAX; tags++) {
		if (type != ETHER_VLAN && type != ETHER_QINQ &&
		    type != ETHER_QINQ_OLD)
			break;
		rd_skip(r, 2);
		type = rd_be16(r);
	}
	if (type <= ETHER_LENGTH_MAX && type > 0)
		type = snap_type(r);
	switch (type) {
	case ETHER_IPV4:
	case ETHER_IPV6:
		ip_read(d, p, r);
		break;
	case ETHER_MPLS:
		read_mpls(d, p, r);
		break;
	case ETHER_PPPOE:
		rd_skip(r, 6);
		read_ppp(d, p, r);
		break;
	}
}

/*
 * BSD loopback: an address family in the byte order of the host that wrote
 * the file (NULL) or in network order (LOOP).  Families differ between
 * systems, and none of them is above 255, so the order can be seen.
 */
static void
read_family(struct dissector *d, struct packet *p, struct reader *r)
{
	uint32_t family = rd_be32(r);

	if (family > UINT16_MAX)
		family >>= 24;
	switch (family) {
	case 2:  /* AF_INET everywhere */
	case 10: /* AF_INET6: Linux */
	case 23: /* Windows */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		ip_read(d, p, r);
		break;
	}
}

void
link_read(struct dissector *d, struct packet *p, int link, struct reader *r)
{
	const uint8_t *header;
	uint16_t type;

	switch (link) {
	case LINK_ETHERNET:
		header = rd_bytes(r, ETHER_HEADER);
		if (header != NULL)
			read_ethertype(d, p, be16_at(header + 12), r);
		break;
	case LINK_SLL:
		rd_skip(r, 14);
		type = rd_be16(r);
		read_ethertype(d, p, type, r);
		break;
	case LINK_SLL2:
		type = rd_be16(r);
		rd_skip(r, 18);
		read_ethertype(d, p, type, r);
		break;
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
	case LINK_IPV4:
	case LINK_IPV6:
		ip_read(d, p, r);
		break;
	case LINK_NULL:
	case LINK_LOOP:
		read_family(d, p, r);
		break;
	case LINK_PPP:
	case LINK_PPP_HDLC:
		read_ppp(d, p, r);
		break;
	default:
		p->quality->unread_link_types++;
	}
}
