/*
 * directory-index.c - texts to numbers, without regard to case.
 *
 * A directory of 100,000 accounts has half a million SPNs: an entry is 24
 * octets, and an index that is not changed any more is linked at once.
 */
#include <stdlib.h>
#include <strings.h>

#include "directory-store.h"
#include "table.h"

static uint32_t *
bucket(const struct dir_index *ix, uint32_t hash)
{
	return &ix->heads[hash & (ix->nheads - 1)];
}

void
dir_index_put(struct dir_index *ix, const char *p, size_t len, uint32_t id)
{
	if (ix->n == ix->room) {
		ix->room = ix->room == 0 ? 64 : ix->room * 2;
		ix->e = must_realloc(ix->e, ix->room, sizeof(*ix->e));
	}
	ix->e[ix->n++] = (struct dir_entry){
		.p = p,
		.len = (uint32_t)len,
		.hash = (uint32_t)hash_text(p, len),
		.next = DIR_NONE,
		.id = id,
	};
}

void
dir_index_link(struct dir_index *ix)
{
	size_t i, size = 64;
	uint32_t *head;

	while (size < ix->n)
		size *= 2;
	free(ix->heads);
	ix->heads = must_calloc(size, sizeof(*ix->heads));
	ix->nheads = size;
	memset(ix->heads, 0xff, size * sizeof(*ix->heads));
	/* From the end, so that the first comes first. */
	for (i = ix->n; i > 0; i--) {
		head = bucket(ix, ix->e[i - 1].hash);
		ix->e[i - 1].next = *head;
		*head = (uint32_t)(i - 1);
	}
}

void
dir_index_add(struct dir_index *ix, const char *p, size_t len, uint32_t id)
{
	uint32_t *head;

	dir_index_put(ix, p, len, id);
	if (ix->n > ix->nheads) {
		dir_index_link(ix);
		return;
	}
	head = bucket(ix, ix->e[ix->n - 1].hash);
	ix->e[ix->n - 1].next = *head;
	*head = (uint32_t)(ix->n - 1);
}

static const struct dir_entry *
walk(const struct dir_index *ix, uint32_t at, uint32_t hash, const char *p,
    size_t len)
{
	const struct dir_entry *e;

	for (; at != DIR_NONE; at = e->next) {
		e = &ix->e[at];
		if (e->hash == hash && e->len == len &&
		    strncasecmp(e->p, p, len) == 0)
			return e;
	}
	return NULL;
}

const struct dir_entry *
dir_index_find(const struct dir_index *ix, const char *p, size_t len)
{
	uint32_t hash;

	if (ix->nheads == 0)
		return NULL;
	hash = (uint32_t)hash_text(p, len);
	return walk(ix, *bucket(ix, hash), hash, p, len);
}

const struct dir_entry *
dir_index_next(const struct dir_index *ix, const struct dir_entry *e)
{
	return walk(ix, e->next, e->hash, e->p, e->len);
}

void
dir_index_empty(struct dir_index *ix)
{
	free(ix->heads);
	free(ix->e);
	memset(ix, 0, sizeof(*ix));
}
