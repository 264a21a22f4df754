/*
 * pool.c - see pool.h.
 *
 * A slab is a piece of memory that lies at a multiple of its size, so that
 * each block finds its own.  All blocks of a slab are of one class: multiples
 * of 16 octets, then sixteen sizes between a power of two and the next.  What
 * is larger than the largest is left to malloc().
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "pool.h"

#define SLAB ((size_t)128 << 10)
#define SPARES 8 /* empty ones that stay */
#define STEP ((size_t)16)
#define SMALL ((size_t)256) /* up to here in steps */
#define LARGE ((size_t)8 << 10)
#define CLASSES 96

/* With these each block has to be one that they know of. */
#ifdef __SANITIZE_ADDRESS__
#	define POOL_PLAIN true
#elif defined(__has_feature)
#	if __has_feature(address_sanitizer)
#		define POOL_PLAIN true
#	endif
#endif
#ifndef POOL_PLAIN
#	define POOL_PLAIN false
#endif

struct block {
	struct block *next;
};

/* At the front of its memory; the blocks follow. */
struct slab {
	struct slab *before, *after; /* with room, of its class */
	struct block *free;
	size_t class; /* of its blocks, */
	size_t size;  /* which have so many octets */
	size_t used;  /* blocks in use; */
	size_t begun; /* octets at the front that were used ever */
	bool full;
};

/* Slabs with room: the one that is filled first. */
static struct slab *rooms[CLASSES];
static struct slab *spares;
static size_t slabs, nspares;

/* The class of SIZE, and the size of its blocks. */
static size_t
class_of(size_t size, size_t *block)
{
	size_t power, part, n, class = SMALL / STEP;

	if (size <= SMALL) {
		n = size == 0 ? 1 : (size + STEP - 1) / STEP;
		*block = n * STEP;
		return n - 1;
	}
	for (power = SMALL; 2 * power < size; power *= 2)
		class += 16;
	part = power / 16;
	n = (size - power + part - 1) / part;
	*block = power + n * part;
	return class + n - 1;
}

static void
room_link(struct slab *s)
{
	s->before = NULL;
	s->after = rooms[s->class];
	if (s->after != NULL)
		s->after->before = s;
	rooms[s->class] = s;
	s->full = false;
}

static void
room_unlink(struct slab *s)
{
	if (s->before != NULL)
		s->before->after = s->after;
	else
		rooms[s->class] = s->after;
	if (s->after != NULL)
		s->after->before = s->before;
}

static struct slab *
slab_new(size_t class, size_t block)
{
	struct slab *s = spares;

	if (s != NULL) {
		spares = s->after;
		nspares--;
	} else {
		s = memory_aligned(SLAB, SLAB);
		slabs++;
	}
	memset(s, 0, sizeof(*s));
	s->class = class;
	s->size = block;
	s->begun = (sizeof(*s) + STEP - 1) / STEP * STEP;
	room_link(s);
	return s;
}

static void *
slab_take(struct slab *s)
{
	struct block *b = s->free;

	if (b != NULL)
		s->free = b->next;
	else {
		b = (void *)((char *)s + s->begun);
		s->begun += s->size;
	}
	s->used++;
	if (s->free == NULL && SLAB - s->begun < s->size) {
		room_unlink(s);
		s->full = true;
	}
	return b;
}

void *
pool_zeroed(size_t size)
{
	size_t block, class;
	struct slab *s;

	if (POOL_PLAIN || size > LARGE)
		return memory_zeroed(1, size);
	class = class_of(size, &block);
	s = rooms[class];
	if (s == NULL)
		s = slab_new(class, block);
	return memset(slab_take(s), 0, size);
}

/* Some stay, or the next block would ask for one again. */
static void
slab_free(struct slab *s)
{
	room_unlink(s);
	if (nspares < SPARES) {
		s->after = spares;
		spares = s;
		nspares++;
		return;
	}
	slabs--;
	free(s);
}

void
pool_free(void *p, size_t size)
{
	struct block *b = p;
	struct slab *s;

	if (POOL_PLAIN || size > LARGE || p == NULL) {
		free(p);
		return;
	}
	s = (void *)((uintptr_t)p & ~(uintptr_t)(SLAB - 1));
	b->next = s->free;
	s->free = b;
	s->used--;
	if (s->full)
		room_link(s);
	if (s->used == 0)
		slab_free(s);
}

size_t
pool_held(void)
{
	return slabs * SLAB;
}

void *
pool_resized(void *p, size_t was, size_t size)
{
	size_t old, new;
	void *more;

	if (was > 0 && was <= LARGE && size <= LARGE && !POOL_PLAIN &&
	    class_of(was, &old) == class_of(size, &new)) {
		if (size > was)
			memset((char *)p + was, 0, size - was);
		return p;
	}
	more = pool_zeroed(size);
	if (was == 0)
		return more;
	memcpy(more, p, was < size ? was : size);
	pool_free(p, was);
	return more;
}

void
pool_free_text(const char *text)
{
	void *p;

	memcpy(&p, &text, sizeof(p));
	if (p != NULL)
		pool_free(p, strlen(text) + 1);
}
