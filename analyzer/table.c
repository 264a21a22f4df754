/*
 * table.c - a hash table that remembers the order of use.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "hash.h"
#include "memory.h"
#include "table.h"

#define BUCKETS_FIRST 64

static uint64_t hash_key[2];

static void
hash_key_make(void)
{
	if (getrandom(hash_key, sizeof(hash_key), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(hash_key))
		hash_key[0] = hash_key[1] = (uint64_t)time(NULL);
	hash_key[0] |= 1;
	hash_key[1] |= 1;
}

static inline const uint64_t *
hash_secret(void)
{
	if (hash_key[0] == 0)
		hash_key_make();
	return hash_key;
}

uint64_t
hash_bytes(const void *p, size_t len)
{
	return XXH3_64bits_withSeed(p, len, hash_secret()[0]);
}

#define EACH(octet) (UINT64_MAX / 0xff * (octet))

/* Eight octets in lower case: the sums carry into no neighbour. */
static inline uint64_t
lower_word(uint64_t w)
{
	uint64_t low = w & EACH(0x7f);
	uint64_t from_a = low + EACH(0x80 - 'A');
	uint64_t past_z = low + EACH(0x7f - 'Z');

	return w | ((from_a & ~past_z & ~w & EACH(0x80)) >> 2);
}

static inline uint64_t
load_word(const char *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return lower_word(w);
}

/* Fewer than eight octets. */
static inline uint64_t
load_rest(const char *p, size_t len)
{
	uint64_t w = 0;
	size_t i;

	for (i = 0; i < len; i++)
		w = w << 8 | (uint8_t)p[i];
	return lower_word(w);
}

uint64_t
hash_text(const char *p, size_t len)
{
	const uint64_t *key = hash_secret();
	uint64_t h = key[0] + len;
	size_t i;

	for (i = 0; i + 8 < len; i += 8)
		h = hash_fold(h ^ load_word(p + i), key[1]);
	/* The last eight octets may be some of the last word's once more. */
	h ^= len >= 8 ? load_word(p + len - 8) : load_rest(p, len);
	return hash_fold(hash_fold(h, key[1]), key[0]);
}

uint64_t
hash_addr(const struct addr *a)
{
	uint64_t w[2] = { 0, 0 };

	if (a->family == 4)
		memcpy(w, a->b, 4);
	else
		memcpy(w, a->b, sizeof(w));
	return hash_mix(w[0], w[1]);
}

uint64_t
hash_mix(uint64_t a, uint64_t b)
{
	const uint64_t *key = hash_secret();

	return hash_fold(hash_fold(a ^ key[0], b ^ key[1]), key[1]);
}

void *
must_calloc(size_t n, size_t size)
{
	return memory_zeroed(n, size);
}

void *
must_realloc(void *p, size_t n, size_t size)
{
	return memory_resized(p, n, size);
}

char *
must_text(struct str s)
{
	char *p = must_calloc(1, s.len + 1);

	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return p;
}

struct node *
table_find(const struct table *t, uint64_t hash, table_match match,
    const void *key)
{
	struct node *n;

	if (t->nbuckets == 0)
		return NULL;
	for (n = t->buckets[hash & (t->nbuckets - 1)]; n != NULL; n = n->next)
		if (n->hash == hash && match(n, key))
			return n;
	return NULL;
}

static void
table_resize(struct table *t)
{
	size_t size;
	struct node *n, **bucket;

	size = t->nbuckets == 0 ? BUCKETS_FIRST : t->nbuckets * 2;
	free(t->buckets);
	t->buckets = must_calloc(size, sizeof(struct node *));
	t->nbuckets = size;
	for (n = t->oldest; n != NULL; n = n->newer) {
		bucket = &t->buckets[n->hash & (size - 1)];
		n->next = *bucket;
		*bucket = n;
	}
}

static void
table_append(struct table *t, struct node *n)
{
	n->older = t->newest;
	n->newer = NULL;
	if (t->newest != NULL)
		t->newest->newer = n;
	else
		t->oldest = n;
	t->newest = n;
}

static void
table_unlink(struct table *t, struct node *n)
{
	if (n->older != NULL)
		n->older->newer = n->newer;
	else
		t->oldest = n->newer;
	if (n->newer != NULL)
		n->newer->older = n->older;
	else
		t->newest = n->older;
}

void
table_add(struct table *t, struct node *n, uint64_t hash)
{
	struct node **bucket;

	if (t->count >= t->nbuckets)
		table_resize(t);
	n->hash = hash;
	bucket = &t->buckets[hash & (t->nbuckets - 1)];
	n->next = *bucket;
	*bucket = n;
	table_append(t, n);
	t->count++;
}

void
table_touch(struct table *t, struct node *n)
{
	if (t->newest == n)
		return;
	table_unlink(t, n);
	table_append(t, n);
}

void
table_remove(struct table *t, struct node *n)
{
	struct node **at = &t->buckets[n->hash & (t->nbuckets - 1)];

	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	table_unlink(t, n);
	t->count--;
}

void
table_free(struct table *t, void (*release)(void *))
{
	struct node *n, *newer;

	for (n = t->oldest; n != NULL; n = newer) {
		newer = n->newer;
		release(n);
	}
	free(t->buckets);
	memset(t, 0, sizeof(*t));
}
