/*
 * arena.c - memory that is given back all at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define CHUNK_FIRST ((size_t)960)
#define CHUNK_MOST ((size_t)16 << 10)
#define ALIGN ((size_t)16)

struct chunk {
	struct chunk *next;
	size_t used, size;
	_Alignas(16) char mem[];
};

static struct chunk *
arena_chunk(struct arena *a, size_t n)
{
	struct chunk *c;
	size_t size;

	size = a->chunks == NULL ? CHUNK_FIRST : a->chunks->size * 2;
	if (size > CHUNK_MOST)
		size = CHUNK_MOST;
	if (size < n)
		size = n;
	c = calloc(1, sizeof(*c) + size);
	if (c == NULL) {
		fprintf(stderr, "kerbscope: out of memory\n");
		exit(3);
	}
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	a->held += sizeof(*c) + size;
	return c;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->chunks;
	void *p;

	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (c == NULL || c->size - c->used < n)
		c = arena_chunk(a, n);
	p = c->mem + c->used;
	c->used += n;
	return p;
}

const char *
arena_text(struct arena *a, const char *p, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

const char *
arena_str(struct arena *a, struct str s)
{
	return s.len == 0 ? NULL : arena_text(a, s.p, s.len);
}

const char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return "";
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

const char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return text;
}

const char *
arena_lower(struct arena *a, const char *p, size_t len)
{
	char *copy = arena_alloc(a, len + 1);
	size_t i;

	for (i = 0; i < len; i++)
		copy[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : p[i];
	return copy;
}

/* Lists grow at 1, 2, 4, 8, ... elements, so the caller keeps no capacity. */
void *
arena_grow(struct arena *a, const void *list, size_t n, size_t size)
{
	void *more;

	if (n != 0 && (n & (n - 1)) != 0) {
		more = NULL;
		memcpy(&more, &list, sizeof(more));
		return more;
	}
	more = arena_alloc(a, (n == 0 ? 1 : 2 * n) * size);
	if (n > 0)
		memcpy(more, list, n * size);
	return more;
}

void
arena_free(struct arena *a)
{
	struct chunk *c, *next;

	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	a->chunks = NULL;
	a->held = 0;
}
