/*
 * duplicate.c - the same packet captured twice.
 *
 * A capture on "any", on a mirror port that sees both ports of a path, on a
 * bridge and its members, or of loopback holds packets twice, at times with
 * another TTL, other addresses below IP, a VLAN tag more, or a checksum that
 * the card filled in later.  Taken as they come they look like retries, and
 * retries mean that something is slow or dead.
 *
 * A real retransmission is a new IP packet and gets a new identification, so
 * within 50 ms the same identification means the same packet.  That does not
 * hold where there is none: IPv6, and Linux, which writes 0 under DF for
 * answers without a socket (RFC 6864 4.1 allows it).  There only 2 ms count:
 * no sender repeats itself so soon (TCP waits 200 ms, Kerberos and DNS over
 * UDP 100 ms and more), and bare acknowledgements, which do look alike, are
 * left alone: they harm nobody.
 *
 * The table is small and forgets by being overwritten: of two copies the
 * second follows soon.
 */
#include <netinet/in.h>
#include <string.h>

#include "flow.h"

#define SLOTS 4096       /* a power of two */
#define LOOKED_AT 160    /* octets: nonces of KDC messages */
#define LOOKED_AT_TCP 64 /* its sequence numbers do */
#define TCP_CHECKSUM 16
#define UDP_CHECKSUM 6

struct duplicates {
	struct {
		uint64_t hash;
		int64_t time;
	} slots[SLOTS];
};

/* What is looked at of a packet, from its transport header on. */
struct look {
	const uint8_t *octets;
	size_t len;
	uint64_t first; /* ports, sequence number: what it begins with */
};

static struct look
look_at(const struct packet *p, struct reader r)
{
	size_t most = p->proto == IPPROTO_TCP ? LOOKED_AT_TCP : LOOKED_AT;
	struct look l = { .len = rd_have(&r) < most ? rd_have(&r) : most };
	uint8_t first[8];

	memset(first, 0, sizeof(first));
	l.octets = rd_bytes(&r, l.len);
	if (l.octets == NULL)
		l.len = 0;
	if (l.len >= sizeof(first))
		memcpy(first, l.octets, sizeof(first));
	else if (l.len > 0)
		memcpy(first, l.octets, l.len);
	if (p->proto == IPPROTO_UDP && l.len >= sizeof(first))
		first[UDP_CHECKSUM] = first[UDP_CHECKSUM + 1] = 0;
	memcpy(&l.first, first, sizeof(first));
	return l;
}

static uint64_t
hash_two(const struct dissector *d, uint64_t h, uint64_t a, uint64_t b)
{
	return hash_fold(a ^ h, b ^ d->key[1]);
}

static uint64_t
hash_octets(const struct dissector *d, uint64_t h, const uint8_t *p, size_t n)
{
	uint64_t w[2];

	for (; n >= sizeof(w); n -= sizeof(w), p += sizeof(w)) {
		memcpy(w, p, sizeof(w));
		h = hash_two(d, h, w[0], w[1]);
	}
	if (n == 0)
		return h;
	memset(w, 0, sizeof(w));
	memcpy(w, p, n);
	return hash_two(d, h, w[0], w[1]);
}

static uint64_t
hash_addr(const struct dissector *d, uint64_t h, const struct addr *a)
{
	return hash_octets(d, h, a->b, sizeof(a->b));
}

/* Where the checksum ends; 0: it has none, or none that is known. */
static size_t
checksum_end(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return TCP_CHECKSUM + 2;
	case IPPROTO_UDP:
		return UDP_CHECKSUM + 2;
	default:
		return 0;
	}
}

/*
 * All by which the packet is known.  The addresses of a flow are in its key.
 * The checksum is left out: it is unfinished in frames that the card had not
 * yet sent.
 */
static uint64_t
packet_hash(const struct dissector *d, const struct packet *p, size_t left,
    const struct look *l)
{
	size_t skip = checksum_end(p->proto);
	uint64_t h = p->key.hash != 0 ? p->key.hash :
					hash_addr(d, d->key[0], &p->dst);

	h = hash_addr(d, h, &p->src);
	h = hash_two(d, h, l->first,
	    (uint64_t)p->ip_id << 32 | (uint64_t)p->ip_offset << 8 | p->proto);
	if (l->len < skip)
		skip = 0;
	if (skip == TCP_CHECKSUM + 2)
		h = hash_octets(d, h, l->octets, TCP_CHECKSUM);
	h = hash_octets(d, h ^ left, l->octets + skip, l->len - skip);
	return hash_fold(h, d->key[0] | 1);
}

/*
 * Its place in the table.  This is not keyed, as the comparison is: every
 * run has to forget the same packets, or reports would differ.
 */
static size_t
packet_slot(const struct packet *p, const struct look *l)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = p->key.place ^ (uint64_t)p->ip_id << 32;

	h = (h * odd ^ l->first) * odd;
	return (size_t)(h >> 40) % SLOTS;
}

bool
duplicate_seen(struct dissector *d, const struct packet *p,
    const struct reader *r)
{
	int64_t within = p->ip_id != 0 ? DUPLICATE_WITHIN : DUPLICATE_NO_ID;
	struct look l;
	uint64_t hash, before;
	int64_t apart;
	size_t i;

	if (p->whole)
		return false;
	if (d->duplicates == NULL)
		d->duplicates = must_alloc(sizeof(*d->duplicates));
	l = look_at(p, *r);
	hash = packet_hash(d, p, rd_left(r), &l);
	i = packet_slot(p, &l);
	before = d->duplicates->slots[i].hash;
	apart = p->ref.time - d->duplicates->slots[i].time;
	d->duplicates->slots[i].hash = hash;
	d->duplicates->slots[i].time = p->ref.time;
	if (before != hash || apart > within || apart < -within)
		return false;
	p->quality->duplicates++;
	return true;
}
