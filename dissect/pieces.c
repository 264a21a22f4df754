/*
 * pieces.c - parts of a stream or datagram that came out of order.
 *
 * Where copies overlap and differ, the first one is kept.  Receivers differ
 * in this (BSD keeps the first, others the last); it matters only to somebody
 * who wants to deceive, and then no answer is right.
 */
#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "pieces.h"

static uint32_t
piece_end(const struct piece *p)
{
	return p->at + p->len;
}

static struct piece *
piece_new(uint32_t at, struct reader r, const struct ref *ref)
{
	size_t have = rd_have(&r);
	struct piece *p = must_grow(NULL, sizeof(*p) + have);
	struct reader copy = r;
	const uint8_t *from = rd_bytes(&copy, have);

	p->next = NULL;
	p->at = at;
	p->len = (uint32_t)rd_left(&r);
	p->have = (uint32_t)have;
	p->ref = *ref;
	if (from != NULL)
		memcpy(p->data, from, have);
	return p;
}

/* Puts P behind PREV, or first when that is NULL. */
static void
link_piece(struct pieces *ps, struct piece *prev, struct piece *p)
{
	struct piece **where = prev == NULL ? &ps->first : &prev->next;

	p->next = *where;
	*where = p;
	if (p->next == NULL)
		ps->last = p;
	ps->count++;
	ps->octets += p->have;
}

size_t
pieces_add(struct pieces *ps, uint32_t at, struct reader r,
    const struct ref *ref)
{
	struct piece *prev = NULL, *next = ps->first, *p;
	size_t before = ps->octets;
	int32_t room;

	/* Nearly always it belongs at the end. */
	if (ps->last != NULL && seq_distance(piece_end(ps->last), at) >= 0) {
		prev = ps->last;
		next = NULL;
	}
	for (; rd_left(&r) > 0; prev = next, next = next->next) {
		size_t n = rd_left(&r);
		size_t cover;

		room = next == NULL ? INT32_MAX : seq_distance(at, next->at);
		if (room > 0) {
			if (n > (size_t)room)
				n = (size_t)room;
			p = piece_new(at, rd_sub(&r, n), ref);
			link_piece(ps, prev, p);
			at += (uint32_t)n;
		}
		if (next == NULL)
			break;
		room = seq_distance(at, piece_end(next));
		cover = room > 0 ? (size_t)room : 0;
		if (cover > rd_left(&r))
			cover = rd_left(&r);
		rd_sub(&r, cover);
		at += (uint32_t)cover;
	}
	return ps->octets - before;
}

struct piece *
pieces_take(struct pieces *ps)
{
	struct piece *p = ps->first;

	if (p == NULL)
		return NULL;
	ps->first = p->next;
	if (ps->first == NULL)
		ps->last = NULL;
	ps->count--;
	ps->octets -= p->have;
	return p;
}

void
pieces_clear(struct pieces *ps)
{
	struct piece *p;

	while ((p = pieces_take(ps)) != NULL)
		free(p);
}
