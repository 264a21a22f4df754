/*
 * ring.c - see ring.h.
 *
 * Records lie one behind the other; one that does not fit at the end begins
 * at the front again, and those in its way are gone.  How much bulk a
 * conversation has sent is kept by its hash: two that share a place share
 * what they may send, which costs no more than frames that nobody needs.
 */
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "ring.h"
#include "table.h"

#define ALIGN 8
#define PAGE 4096
#define BUCKETS 8192 /* a power of two */

/* What one conversation may still send. */
struct bucket {
	int64_t time;    /* of its last frame */
	uint32_t octets; /* left, of RING_BURST */
	uint8_t dir;     /* who sent payload last */
	bool known;      /* it was used */
};

struct ring {
	struct bucket buckets[BUCKETS];
	size_t size;
	size_t head, tail; /* the oldest record; where the next one goes */
	size_t end;        /* of the records behind HEAD, if wrapped */
	size_t count;
	bool wrapped; /* the newest lie in front of the oldest */
	_Alignas(ALIGN) uint8_t octets[];
};

struct ring *
ring_new(size_t octets)
{
	struct ring *r = must_calloc(1, sizeof(*r) + octets);
	size_t i;

	r->size = octets / ALIGN * ALIGN;
	/* All of it at once: who looks at memory for days sees none grow. */
	for (i = 0; i < r->size; i += PAGE)
		r->octets[i] = 1;
	return r;
}

void
ring_free(struct ring *r)
{
	free(r);
}

uint64_t
ring_pair(const struct addr *a, const struct addr *b, int *side)
{
	int order = memcmp(a->b, b->b, sizeof(a->b));

	*side = order <= 0;
	return order <= 0 ? hash_mix(hash_addr(a), hash_addr(b)) :
			    hash_mix(hash_addr(b), hash_addr(a));
}

/* --- what is kept ----------------------------------------------------- */

static void
bucket_fill(struct bucket *b, int64_t now)
{
	/* Time may go back, and as far as it likes. */
	uint64_t since = now > b->time ? (uint64_t)now - (uint64_t)b->time : 0;

	b->time = now;
	if (!b->known || since >= RING_BURST / RING_RATE * SECOND)
		b->octets = RING_BURST;
	else
		b->octets += (uint32_t)(since * RING_RATE / SECOND);
	if (b->octets > RING_BURST)
		b->octets = RING_BURST;
	b->known = true;
}

/* How many octets of F are kept, -1 for none of it, not even that it was. */
static int64_t
ring_wants(struct ring *r, const struct frame *f, const struct ring_frame *of,
    const struct conversation *c, int dir)
{
	uint64_t h = hash_mix(of->pair,
	    (uint64_t)of->port[0] << 16 | of->port[1]);
	struct bucket *b = &r->buckets[h & (BUCKETS - 1)];
	bool turn = c->payload > 0 && b->known && b->dir != dir;

	if (c->payload > 0)
		b->dir = (uint8_t)dir;
	bucket_fill(b, f->time);
	if (f->caplen <= b->octets) {
		b->octets -= f->caplen;
		return f->caplen;
	}
	if (!turn && !c->opens)
		return -1;
	return f->caplen < RING_HEAD ? f->caplen : RING_HEAD;
}

/* --- where it lies ---------------------------------------------------- */

static void
drop_oldest(struct ring *r)
{
	struct ring_frame *old = ring_next(r, NULL);

	if (old == NULL)
		return;
	r->head += old->size;
	r->count--;
	if (r->wrapped && r->head == r->end) {
		r->head = 0;
		r->wrapped = false;
	}
	if (r->count == 0) {
		r->head = r->tail = 0;
		r->wrapped = false;
	}
}

/* Room for SIZE octets, at most half of all there is. */
static struct ring_frame *
ring_room(struct ring *r, size_t size)
{
	struct ring_frame *new;

	for (;;) {
		if (r->wrapped && r->head - r->tail >= size)
			break;
		if (!r->wrapped && r->size - r->tail >= size)
			break;
		if (r->wrapped) {
			drop_oldest(r);
			continue;
		}
		r->end = r->tail;
		r->tail = 0;
		r->wrapped = r->count > 0;
	}
	new = (void *)(r->octets + r->tail);
	r->tail += size;
	r->count++;
	new->size = (uint32_t)size;
	return new;
}

void
ring_put(struct ring *r, const struct frame *f)
{
	struct ring_frame head = { .f = *f }, *new;
	struct conversation c;
	int64_t keep;
	size_t most = r->size / 4 - sizeof(head) - ALIGN;
	int side;

	if (!dissect_peek(f, &c))
		return;
	head.pair = ring_pair(&c.src, &c.dst, &side);
	/* A host that speaks with itself. */
	if (addr_equal(&c.src, &c.dst) && c.sport > c.dport)
		side = 0;
	head.port[side] = c.dport;
	head.port[!side] = c.sport;
	head.ports = c.ports;
	keep = ring_wants(r, f, &head, &c, side);
	if (keep < 0)
		return;
	if ((uint64_t)keep > most)
		keep = (int64_t)most;
	head.bulk = keep < f->caplen;
	if (head.f.len < f->caplen)
		head.f.len = f->caplen;
	head.f.caplen = (uint32_t)keep;
	head.size = (uint32_t)((sizeof(head) + (size_t)keep + ALIGN - 1) /
	    ALIGN * ALIGN);
	new = ring_room(r, head.size);
	*new = head;
	new->f.data = new->octets;
	if (keep > 0)
		memcpy(new->octets, f->data, (size_t)keep);
}

struct ring_frame *
ring_next(struct ring *r, const struct ring_frame *last)
{
	size_t at = r->head;

	if (r->count == 0)
		return NULL;
	if (last != NULL) {
		at = (size_t)((const uint8_t *)last - r->octets) + last->size;
		if (at == r->tail)
			return NULL;
		if (r->wrapped && at == r->end)
			at = 0;
	}
	return (void *)(r->octets + at);
}
