/*
 * table.h - a hash table of the caller's own structures that remembers in
 * which order they were used, so that the oldest can be let go.
 *
 * An entry begins with a struct node.  The order of a walk is the order of
 * use, never that of the hash: output depends on the input alone.
 */
#ifndef ANALYZER_TABLE_H
#define ANALYZER_TABLE_H

#include "event.h"

struct node {
	struct node *next; /* in its bucket */
	struct node *older, *newer;
	uint64_t hash;
};

struct table {
	struct node **buckets;
	size_t nbuckets, count;
	struct node *oldest, *newest;
};

typedef bool (*table_match)(const struct node *n, const void *key);

/*
 * Hash of LEN octets, keyed afresh in every run so that nobody can aim at
 * one bucket.
 */
uint64_t hash_bytes(const void *p, size_t len);
/* The same for text without regard to ASCII case. */
uint64_t hash_text(const char *p, size_t len);
uint64_t hash_addr(const struct addr *a);
uint64_t hash_mix(uint64_t a, uint64_t b);

struct node *table_find(const struct table *t, uint64_t hash, table_match match,
    const void *key);
void table_add(struct table *t, struct node *n, uint64_t hash);
/* N was used: it is the newest now. */
void table_touch(struct table *t, struct node *n);
void table_remove(struct table *t, struct node *n);
/* Frees every entry with RELEASE (may be free) and the table's memory. */
void table_free(struct table *t, void (*release)(void *));

/* calloc() that ends the program with a message when there is no memory. */
void *must_calloc(size_t n, size_t size);
void *must_realloc(void *p, size_t n, size_t size);
/* A copy of S, NUL-terminated, to free(). */
char *must_text(struct str s);

#endif
