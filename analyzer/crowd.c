/*
 * crowd.c - a set of hashes with open addressing, at most half full.  The
 * hashes are keyed (table.h): nobody can aim at a slot, and two names of one
 * hash are met once in 10^12 crowds.
 */
#include <string.h>

#include "bounds.h"
#include "crowd.h"
#include "pool.h"

#define CROWD_FIRST 16 /* slots */

/* The slot of HASH: where it is, or the free one where it belongs. */
static uint64_t *
crowd_slot(const struct crowd *c, uint64_t hash)
{
	size_t at = (size_t)hash & (c->size - 1);

	while (c->slots[at] != 0 && c->slots[at] != hash)
		at = (at + 1) & (c->size - 1);
	return &c->slots[at];
}

/* SIZE slots of its own. */
static void
crowd_resize(struct crowd *c, size_t size)
{
	struct crowd more = { NULL, size, c->count, c->more, false };
	size_t i;

	more.slots = pool_zeroed(more.size * sizeof(*more.slots));
	for (i = 0; i < c->size; i++)
		if (c->slots[i] != 0)
			*crowd_slot(&more, c->slots[i]) = c->slots[i];
	if (!c->borrowed)
		pool_free(c->slots, c->size * sizeof(*c->slots));
	*c = more;
}

bool
crowd_add(struct crowd *c, uint64_t hash, bool may_grow)
{
	if (hash == 0)
		hash = 1; /* 0 is a free slot */
	if (c->size > 0 && *crowd_slot(c, hash) == hash)
		return false;
	if (c->count == FINDING_MAX_CLIENTS ||
	    (2 * (c->count + 1) > c->size && !may_grow)) {
		c->more = true;
		return false;
	}
	if (2 * (c->count + 1) > c->size)
		crowd_resize(c, c->size == 0 ? CROWD_FIRST : 2 * c->size);
	else if (c->borrowed)
		crowd_resize(c, c->size);
	*crowd_slot(c, hash) = hash;
	c->count++;
	return true;
}

size_t
crowd_octets(const struct crowd *c)
{
	return c->borrowed ? 0 : c->size * sizeof(*c->slots);
}

void
crowd_free(struct crowd *c)
{
	if (!c->borrowed)
		pool_free(c->slots, c->size * sizeof(*c->slots));
	memset(c, 0, sizeof(*c));
}
