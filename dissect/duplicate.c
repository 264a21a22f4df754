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
#define WORDS (LOOKED_AT / 8 + 6)
#define TCP_CHECKSUM 16
#define UDP_CHECKSUM 6

struct duplicates {
	struct {
		uint64_t hash;
		int64_t time;
	} slots[SLOTS];
};

/*
 * Words of the packet behind its IP header, checksum blanked out: it is
 * unfinished in frames that the card had not yet sent.
 */
static size_t
take_words(const struct packet *p, const struct reader *r, uint64_t *words)
{
	size_t most = p->proto == IPPROTO_TCP ? LOOKED_AT_TCP : LOOKED_AT;
	size_t n = rd_have(r) < most ? rd_have(r) : most;
	uint8_t *octets = (uint8_t *)words;
	size_t sum = p->proto == IPPROTO_TCP ? TCP_CHECKSUM : UDP_CHECKSUM;

	words[n / 8] = 0;
	if (n > 0)
		memcpy(octets, r->p, n);
	if ((p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP) &&
	    n >= sum + 2)
		octets[sum] = octets[sum + 1] = 0;
	return (n + 7) / 8;
}

/* All by which the packet is known; how many words.  The addresses of a
 * flow are in its key, the direction in the ports. */
static size_t
packet_words(const struct packet *p, const struct reader *r,
    uint64_t words[WORDS])
{
	size_t n = take_words(p, r, words);

	words[n++] = (uint64_t)p->ip_id << 32 | (uint64_t)p->ip_offset << 8 |
	    p->proto;
	words[n++] = rd_left(r);
	memcpy(&words[n], p->src.b, 16);
	n += p->src.family == 4 ? 1 : 2;
	if (p->key.hash != 0) {
		words[n++] = p->key.hash;
		return n;
	}
	memcpy(&words[n], p->dst.b, 16);
	return n + 2;
}

/*
 * Its place in the table.  This is not keyed, as the comparison is: every
 * run has to forget the same packets, or reports would differ.
 */
static size_t
packet_slot(const struct packet *p, const uint64_t *words)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t h = p->key.place ^ (uint64_t)p->ip_id << 32;

	/* Ports and sequence number, or what else begins the packet. */
	h = (h * odd ^ words[0]) * odd;
	return (size_t)(h >> 40) % SLOTS;
}

bool
duplicate_seen(struct dissector *d, const struct packet *p,
    const struct reader *r)
{
	int64_t within = p->ip_id != 0 ? DUPLICATE_WITHIN : DUPLICATE_NO_ID;
	uint64_t words[WORDS], hash, before;
	int64_t apart;
	size_t i, n;

	if (p->whole)
		return false;
	if (d->duplicates == NULL)
		d->duplicates = must_alloc(sizeof(*d->duplicates));
	n = packet_words(p, r, words);
	hash = hash_words(d, words, n);
	i = packet_slot(p, words);
	before = d->duplicates->slots[i].hash;
	apart = p->ref.time - d->duplicates->slots[i].time;
	d->duplicates->slots[i].hash = hash;
	d->duplicates->slots[i].time = p->ref.time;
	if (before != hash || apart > within || apart < -within)
		return false;
	p->quality->duplicates++;
	return true;
}
