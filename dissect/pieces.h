/*
 * pieces.h - parts of something longer, in order: segments behind a hole of
 * a TCP stream, fragments of a datagram.
 */
#ifndef DISSECT_PIECES_H
#define DISSECT_PIECES_H

#include "reader.h"

/* From A to B, which may be negative: positions are modulo 2^32. */
static inline int32_t
seq_distance(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

struct piece {
	struct piece *next;
	uint32_t at;    /* position of its first octet */
	uint32_t len;   /* octets on the wire */
	uint32_t have;  /* of those captured */
	struct ref ref; /* the frame it came in */
	uint8_t data[];
};

/* In order of position, without overlap. */
struct pieces {
	struct piece *first, *last;
	size_t count;
	size_t octets; /* captured, in all */
};

/*
 * Copies R, which stands at AT, where nothing stands yet: what came first
 * wins.  Positions are compared modulo 2^32, so all of them must lie within
 * 2^31.  Returns the number of octets copied.
 */
size_t pieces_add(struct pieces *ps, uint32_t at, struct reader r,
    const struct ref *ref);
/* Takes the first piece out; the caller frees it.  NULL: none is left. */
struct piece *pieces_take(struct pieces *ps);
void pieces_clear(struct pieces *ps);

#endif
