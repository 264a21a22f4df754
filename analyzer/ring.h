/*
 * ring.h - the latest frames, within a size; the oldest go first.
 *
 * What is kept of a conversation (addresses and ports): all of its frames, as
 * long as they are no more than RING_BURST octets and RING_RATE a second
 * after that.  The rest is bulk, a file that is copied, and would push
 * everything else out: of it the first frame of each turn is kept, when the
 * other side has sent something before, down to RING_HEAD octets; and what
 * opens or closes a connection.  So a log-on in the midst of bulk still shows
 * what was asked and what was answered.
 */
#ifndef ANALYZER_RING_H
#define ANALYZER_RING_H

#include "dissect.h"

/* A frame that is kept; its octets go with it. */
struct ring_frame {
	struct frame f;
	uint64_t pair;    /* hash of its two addresses */
	uint16_t port[2]; /* of the lower address, of the higher one */
	bool ports;       /* these are known */
	bool bulk;        /* cut down */
	uint32_t size;    /* in the ring */
	/* the reader's own, 0 to begin with */
	uint64_t written, adding;
	uint8_t octets[];
};

struct ring;

/* Room for OCTETS, more than a few frames. */
struct ring *ring_new(size_t octets);

/* Copies F, if it is of IP: nobody ever asks for others. */
void ring_put(struct ring *r, const struct frame *f);

/* The oldest frame (LAST is NULL), or the one after LAST; NULL at the end. */
struct ring_frame *ring_next(struct ring *r, const struct ring_frame *last);

/*
 * Hash of two addresses, whatever their order, as in struct ring_frame; SIDE
 * is where the port of B stands there: 0 or 1.  If A is B, the lower port
 * stands first.
 */
uint64_t ring_pair(const struct addr *a, const struct addr *b, int *side);

void ring_free(struct ring *r);

#endif
