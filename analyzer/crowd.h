/*
 * crowd.h - how many distinct ones there were, exactly up to a limit: a set
 * of their hashes.
 */
#ifndef ANALYZER_CROWD_H
#define ANALYZER_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crowd {
	uint64_t *slots; /* 0: free; a power of two of them */
	size_t size, count;
	bool more;     /* there were others, for which no room was */
	bool borrowed; /* slots are another's, until one is added */
};

/*
 * Counts the one with HASH; true when it is new.  Without MAY_GROW the set
 * takes no more memory than it has.
 */
bool crowd_add(struct crowd *c, uint64_t hash, bool may_grow);
/* The octets it takes. */
size_t crowd_octets(const struct crowd *c);
void crowd_free(struct crowd *c);

#endif
