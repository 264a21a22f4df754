/*
 * fragment.c - datagrams that came in fragments.
 *
 * RFC 791 3.2 (reassembly), RFC 8200 4.5, RFC 5722 (overlap).  Kerberos over
 * UDP is where this matters: a ticket with a PAC does not fit one Ethernet
 * frame, and a firewall that drops fragments is a classic fault.  Fragments
 * come in any order (Linux before 2.6 sent the last one first).
 *
 * What stays incomplete is told once it is late (FRAGMENT_LATE), if it was
 * for a carrier: by then a client has asked again.  It may still be completed,
 * until FRAGMENT_TIMEOUT.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "pieces.h"

#define BUCKETS 4096 /* few share one: FRAGMENT_MAX is less */
#define DATAGRAM_MAX 65535

struct datagram {
	struct datagram *next;          /* in its bucket */
	struct datagram *newer, *older; /* by first fragment */
	struct dissect_quality *quality;
	uint64_t hash;
	struct addr src, dst;
	uint32_t id;
	uint8_t proto;
	int64_t since;
	size_t total; /* 0: the last is not here */
	bool told;    /* that it is late */
	struct pieces pieces;
};

struct fragments {
	struct datagram *buckets[BUCKETS];
	struct datagram *oldest, *newest;
	struct datagram *untold; /* the oldest not told of */
	size_t count;
	size_t octets;
	uint8_t whole[DATAGRAM_MAX];
};

static uint64_t
key_hash(const struct dissector *d, const struct packet *p)
{
	uint64_t words[5] = { 0 };

	memcpy(&words[0], p->src.b, 16);
	memcpy(&words[2], p->dst.b, 16);
	words[4] = (uint64_t)p->ip_id << 8 | p->proto;
	return hash_words(d, words, 5);
}

static bool
is_of(const struct datagram *g, const struct packet *p, uint64_t hash)
{
	return g->hash == hash && g->id == p->ip_id && g->proto == p->proto &&
	    addr_equal(&g->src, &p->src) && addr_equal(&g->dst, &p->dst);
}

static void
unlink_datagram(struct fragments *fr, struct datagram *g)
{
	struct datagram **at = &fr->buckets[g->hash % BUCKETS];

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	if (fr->untold == g)
		fr->untold = g->newer;
	*(g->older == NULL ? &fr->oldest : &g->older->newer) = g->newer;
	*(g->newer == NULL ? &fr->newest : &g->newer->older) = g->older;
	fr->count--;
	fr->octets -= g->pieces.octets;
}

static void
drop_datagram(struct fragments *fr, struct datagram *g)
{
	unlink_datagram(fr, g);
	pieces_clear(&g->pieces);
	free(g);
}

/*
 * The head of G as a packet of its flow; false when the first fragment is
 * not here, or belongs to no carrier.
 */
static bool
read_head(struct dissector *d, const struct datagram *g, struct packet *p)
{
	const struct piece *first = g->pieces.first;
	struct reader r;

	if (g->proto != IPPROTO_UDP || first == NULL || first->at != 0)
		return false;
	r = rd_make(first->data, first->have, first->len - first->have);
	*p = (struct packet){ .ref = first->ref, .proto = g->proto };
	p->src = g->src;
	p->dst = g->dst;
	p->sport = rd_be16(&r);
	p->dport = rd_be16(&r);
	return rd_ok(&r) &&
	    (claim_hint(d, TRANSPORT_UDP, p->sport) != NULL ||
		claim_hint(d, TRANSPORT_UDP, p->dport) != NULL);
}

/* The flow is as it was: what is told of it lies back in time. */
static void
tell_lost(struct dissector *d, struct datagram *g)
{
	struct packet p;
	struct conn *c;
	struct event ev;
	int dir;

	if (g->told || !read_head(d, g, &p))
		return;
	p.key = flow_key(d, &p);
	c = flow_find(d, &p, &dir);
	if (c == NULL) {
		c = flow_new(d, &p, OPENER_UNKNOWN);
		dir = flow_dir(c, &p);
	}
	event_begin(&ev, &c->flow, dir, EV_lost);
	ev.ref = p.ref;
	if (ev.carrier == NULL)
		ev.carrier = c->hint != NULL ?
		    c->hint->name :
		    claim_hint(d, TRANSPORT_UDP, c->flow.port[0])->name;
	for (const struct piece *i = g->pieces.first; i != NULL; i = i->next)
		ev.u.lost.have += i->len;
	ev.u.lost.size = (int64_t)g->total;
	post(d, &ev);
}

static void
tell_oldest(struct dissector *d, struct fragments *fr)
{
	struct datagram *g = fr->untold;

	fr->untold = g->newer;
	tell_lost(d, g);
	g->told = true;
}

static void
lose_datagram(struct dissector *d, struct fragments *fr, struct datagram *g)
{
	tell_lost(d, g);
	g->quality->fragments_lost++;
	drop_datagram(fr, g);
}

/* Gives up what is too old, and the oldest when there are too many. */
static void
expire(struct dissector *d, struct fragments *fr, int64_t now)
{
	while (fr->oldest != NULL &&
	    (fr->oldest->since + FRAGMENT_TIMEOUT < now ||
		fr->count >= FRAGMENT_MAX || fr->octets > FRAGMENT_MAX_BUFFER))
		lose_datagram(d, fr, fr->oldest);
}

static struct datagram *
datagram_new(struct fragments *fr, const struct packet *p, uint64_t hash)
{
	struct datagram *g = must_alloc(sizeof(*g));

	g->quality = p->quality;
	g->hash = hash;
	g->src = p->src;
	g->dst = p->dst;
	g->id = p->ip_id;
	g->proto = p->proto;
	g->since = p->ref.time;
	g->next = fr->buckets[hash % BUCKETS];
	fr->buckets[hash % BUCKETS] = g;
	g->older = fr->newest;
	*(fr->newest == NULL ? &fr->oldest : &fr->newest->newer) = g;
	fr->newest = g;
	if (fr->untold == NULL)
		fr->untold = g;
	fr->count++;
	return g;
}

static struct datagram *
datagram_find(struct dissector *d, struct fragments *fr, const struct packet *p)
{
	uint64_t hash = key_hash(d, p);
	struct datagram *g = fr->buckets[hash % BUCKETS];

	while (g != NULL && !is_of(g, p, hash))
		g = g->next;
	return g != NULL ? g : datagram_new(fr, p, hash);
}

/*
 * The pieces in one row, as far as the first one that the snap length cut:
 * what comes after a cut cannot be read anyway.
 */
static struct reader
join(struct fragments *fr, struct datagram *g)
{
	size_t have = 0, total = g->total;
	bool cut = false;
	struct piece *p;

	while ((p = pieces_take(&g->pieces)) != NULL) {
		fr->octets -= p->have;
		if (!cut && have + p->have <= total) {
			memcpy(fr->whole + have, p->data, p->have);
			have += p->have;
		}
		cut = cut || p->have < p->len;
		free(p);
	}
	drop_datagram(fr, g);
	return rd_make(fr->whole, have, total - have);
}

/* Octets from the start without a hole. */
static size_t
without_hole(const struct pieces *ps)
{
	size_t n = 0;

	for (const struct piece *p = ps->first; p != NULL; p = p->next) {
		if (p->at != n)
			break;
		n += p->len;
	}
	return n;
}

bool
fragment_read(struct dissector *d, struct packet *p, size_t offset, bool more,
    const struct reader *r, struct reader *whole)
{
	struct fragments *fr = d->fragments;
	size_t len = rd_left(r);
	struct datagram *g;

	if (fr == NULL)
		fr = d->fragments = must_alloc(sizeof(*fr));
	expire(d, fr, p->ref.time);
	g = datagram_find(d, fr, p);
	if (offset + len > DATAGRAM_MAX ||
	    g->pieces.count >= FRAGMENT_MAX_PIECES) {
		lose_datagram(d, fr, g);
		return false;
	}
	fr->octets += pieces_add(&g->pieces, (uint32_t)offset, *r, &p->ref);
	if (!more)
		g->total = offset + len;
	if (g->total == 0 || without_hole(&g->pieces) < g->total)
		return false;
	*whole = join(fr, g);
	return true;
}

void
fragment_expire(struct dissector *d)
{
	struct fragments *fr = d->fragments;

	while (fr != NULL && fr->untold != NULL &&
	    fr->untold->since + FRAGMENT_LATE < d->now)
		tell_oldest(d, fr);
}

void
fragment_clock_set(struct dissector *d, int64_t shift)
{
	struct datagram *g;

	for (g = d->fragments->oldest; g != NULL; g = g->newer)
		g->since += shift;
}

void
fragment_finish(struct dissector *d)
{
	while (d->fragments != NULL && d->fragments->oldest != NULL)
		lose_datagram(d, d->fragments, d->fragments->oldest);
}

void
fragment_free(struct dissector *d)
{
	while (d->fragments != NULL && d->fragments->oldest != NULL)
		drop_datagram(d->fragments, d->fragments->oldest);
	free(d->fragments);
	d->fragments = NULL;
}
