/*
 * twin.c - a packet on its way through two capture points is one packet.
 *
 * Two packets are the same when all octets from the IP header on are, but
 * for what changes on the way: time to live, the header's checksum and the
 * service class that routers rewrite, and the checksums of TCP and UDP,
 * which the sender's own capture shows before the network card fills them
 * in.  The link header is of no matter.  A segment that the sender's card
 * cuts up later has no twin; TCP reassembly drops its octets anyway.
 *
 * The clocks of the captures are taken as they are: captures whose clocks
 * are more than a second apart share no packet here.  Memory is fixed: a
 * place holds a few packets and forgets the oldest.
 */
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "table.h"
#include "twin.h"

#define PLACES 16384
#define WAYS 4
#define HEAD 128 /* octets that may hold what changes */

struct packet {
	uint64_t hash;
	int64_t time;
	int capture;
	unsigned count; /* 0: free */
};

struct twins {
	struct packet at[PLACES][WAYS];
};

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* Where the IP header begins; caplen when it is not IP. */
static uint32_t
ip_offset(const struct frame *f)
{
	uint32_t at = 12;

	switch (f->link) {
	case 0:   /* LINKTYPE_NULL */
	case 108: /* LINKTYPE_LOOP */
		return 4;
	case 1: /* LINKTYPE_ETHERNET, with VLAN tags */
		while (at + 6 <= f->caplen && at <= 20 &&
		    (be16(f->data + at) == 0x8100 ||
			be16(f->data + at) == 0x88a8))
			at += 4;
		return at + 2;
	case 101: /* LINKTYPE_RAW, _IPV4, _IPV6 */
	case 228:
	case 229:
		return 0;
	case 113: /* LINKTYPE_LINUX_SLL */
		return 16;
	case 276: /* LINKTYPE_LINUX_SLL2 */
		return 20;
	default:
		return f->caplen;
	}
}

static void
blank(uint8_t *head, size_t len, size_t at, size_t n)
{
	for (; n > 0 && at < len; at++, n--)
		head[at] = 0;
}

static void
blank_transport(uint8_t *head, size_t len, size_t at, unsigned protocol)
{
	if (protocol == 6)
		blank(head, len, at + 16, 2);
	else if (protocol == 17)
		blank(head, len, at + 6, 2);
}

/* Takes what changes out of HEAD; the length of the packet, 0 for none. */
static size_t
normalise(uint8_t *head, size_t len)
{
	size_t ihl;

	if (len >= 20 && head[0] >> 4 == 4) {
		size_t total = be16(head + 2);

		ihl = (size_t)(head[0] & 15) * 4;
		if ((be16(head + 6) & 0x1fff) == 0)
			blank_transport(head, len, ihl, head[9]);
		blank(head, len, 1, 1);
		blank(head, len, 8, 1);
		blank(head, len, 10, 2);
		return total == 0 ? SIZE_MAX : total;
	}
	if (len >= 40 && head[0] >> 4 == 6) {
		size_t total = be16(head + 4) + 40u;

		blank_transport(head, len, 40, head[6]);
		blank(head, len, 0, 4);
		blank(head, len, 7, 1);
		return total == 40 ? SIZE_MAX : total;
	}
	return 0;
}

/* FNV-1a: not keyed, so that every run forgets the same packets. */
static uint64_t
mix(uint64_t h, const uint8_t *p, size_t n)
{
	for (; n > 0; n--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

static bool
identity(const struct frame *f, uint64_t *hash)
{
	uint32_t at = ip_offset(f);
	uint8_t head[HEAD];
	size_t len, total, n;

	if (at >= f->caplen)
		return false;
	len = f->caplen - at;
	n = len < HEAD ? len : HEAD;
	memcpy(head, f->data + at, n);
	total = normalise(head, n);
	if (total == 0)
		return false;
	if (len > total)
		len = total; /* the padding of the link */
	if (n > len)
		n = len;
	*hash = mix(UINT64_C(0xcbf29ce484222325), head, n);
	*hash = mix(*hash, f->data + at + n, len - n);
	*hash ^= *hash >> 32;
	return true;
}

struct twins *
twins_new(void)
{
	return must_calloc(1, sizeof(struct twins));
}

bool
twins_seen(struct twins *t, const struct frame *frame)
{
	struct packet *place, *p, *oldest;
	uint64_t hash;

	if (!identity(frame, &hash))
		return false;
	place = oldest = t->at[hash % PLACES];
	for (p = place; p < place + WAYS; p++) {
		if (p->count > 0 && frame->time - p->time > SECOND)
			p->count = 0;
		if (p->count > 0 && p->hash == hash &&
		    p->capture != frame->capture) {
			p->count--;
			return true;
		}
		if (p->count > 0 && p->hash == hash) {
			p->count++;
			p->time = frame->time;
			return false;
		}
		if (oldest->count > 0 &&
		    (p->count == 0 || p->time < oldest->time))
			oldest = p;
	}
	*oldest = (struct packet){ hash, frame->time, frame->capture, 1 };
	return false;
}

void
twins_free(struct twins *t)
{
	free(t);
}
