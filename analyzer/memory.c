/*
 * memory.c - the reserve of memory, and what is asked of the system.
 *
 * The reserve is not touched, so it costs address space and no memory; what
 * it guards against is a limit on that (ulimit -v, a container, strict
 * overcommit).  It has to hold the judging of all stories and the reports.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define RESERVE ((size_t)24 << 20)
#define LARGE (128 << 10)
#define EXIT_MACHINE 3 /* as in main.c */

static void *reserve;
static bool ran_out;

/* At most half of what there is: the rest is to find something with. */
void
memory_begin(void)
{
	/* clang leaves out a malloc() that is only freed. */
	void *volatile all;
	size_t n;

	for (n = RESERVE; reserve == NULL && n >= RESERVE / 16; n -= n / 4) {
		all = malloc(2 * n);
		free(all);
		reserve = all == NULL ? NULL : malloc(n);
	}
}

void
memory_steady(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, LARGE);
	mallopt(M_TRIM_THRESHOLD, 4 * LARGE);
#endif
}

void
memory_trim(void)
{
#ifdef M_MMAP_THRESHOLD
	malloc_trim(0);
#endif
}

bool
memory_refused(void)
{
	bool had = reserve != NULL;

	ran_out = true;
	free(reserve);
	reserve = NULL;
	return had;
}

bool
memory_short(void)
{
	return ran_out;
}

_Noreturn void
memory_none(void)
{
	fputs("kerbscope: out of memory\n", stderr);
	exit(EXIT_MACHINE);
}

/* Of the GNU library's caches of what was freed just now, calloc() has none. */
#define SMALL ((size_t)1024)

static void *
try_zeroed(size_t n, size_t size)
{
	void *p;

	if (n == 0 || size == 0)
		n = size = 1;
	if (n > SMALL || size > SMALL / n)
		return calloc(n, size);
	p = malloc(n * size);
	if (p != NULL)
		memset(p, 0, n * size);
	return p;
}

void *
memory_zeroed(size_t n, size_t size)
{
	void *p = try_zeroed(n, size);

	if (p == NULL && memory_refused())
		p = try_zeroed(n, size);
	if (p == NULL)
		memory_none();
	return p;
}

void *
memory_aligned(size_t align, size_t size)
{
	void *p = aligned_alloc(align, size);

	if (p == NULL && memory_refused())
		p = aligned_alloc(align, size);
	if (p == NULL)
		memory_none();
	return p;
}

void *
memory_resized(void *p, size_t n, size_t size)
{
	size_t octets;
	void *more;

	if (__builtin_mul_overflow(n, size, &octets))
		memory_none();
	more = realloc(p, octets == 0 ? 1 : octets);
	if (more == NULL && memory_refused())
		more = realloc(p, octets == 0 ? 1 : octets);
	if (more == NULL)
		memory_none();
	return more;
}
