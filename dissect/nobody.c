/*
 * nobody.c - flows that no carrier reads: most packets of most captures.
 *
 * All that is kept of such a flow is a fingerprint in a table of fixed size,
 * so that one of its packets costs a look at one place, and millions of them
 * cost no memory.  A flow that was overwritten is met again as a new one: the
 * carriers are asked once more and say the same.
 */
#include "flow.h"

#define PLACES 16384 /* a power of two */
#define WAYS 4       /* together one line of the cache */

struct fingerprint {
	uint64_t hash;
	int64_t last; /* time of the last packet */
};

struct nobody {
	struct fingerprint at[PLACES][WAYS];
};

static struct fingerprint *
find(const struct dissector *d, const struct flow_key *key)
{
	struct fingerprint *f;

	if (d->nobody == NULL)
		return NULL;
	f = d->nobody->at[key->place % PLACES];
	for (int i = 0; i < WAYS; i++)
		if (f[i].hash == key->hash)
			return &f[i];
	return NULL;
}

void
nobody_fetch(const struct dissector *d, const struct flow_key *key)
{
	if (d->nobody != NULL)
		__builtin_prefetch(d->nobody->at[key->place % PLACES]);
}

bool
nobody_reads(struct dissector *d, const struct packet *p)
{
	struct fingerprint *f = find(d, &p->key);

	if (f == NULL || f->last + FLOW_IDLE < d->now)
		return false;
	f->last = d->now;
	return true;
}

void
nobody_add(struct dissector *d, const struct flow_key *key)
{
	struct fingerprint *f, *at, *oldest;

	if (d->nobody == NULL)
		d->nobody = must_alloc(sizeof(*d->nobody));
	at = oldest = d->nobody->at[key->place % PLACES];
	f = find(d, key);
	for (int i = 1; i < WAYS; i++)
		if (at[i].last < oldest->last)
			oldest = &at[i];
	if (f == NULL)
		f = oldest;
	*f = (struct fingerprint){ key->hash, d->now };
}

void
nobody_forget(struct dissector *d, const struct flow_key *key)
{
	struct fingerprint *f = find(d, key);

	if (f != NULL)
		*f = (struct fingerprint){ 0 };
}
