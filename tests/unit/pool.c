/*
 * Blocks of a few sizes: what they hold stays theirs, what was freed is taken
 * again, and pages on which nothing is left go back.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "hash.h"
#include "pool.h"

#define BLOCKS 4096
#define ROUNDS 100
#define SIZE_MOST 12000 /* some are malloc()'s */

static struct {
	uint8_t *p;
	size_t size;
	uint8_t mark;
} blocks[BLOCKS];

static uint64_t seed;

static size_t
draw(size_t below)
{
	seed = hash_fold(seed + 1, UINT64_C(0x9e3779b97f4a7c15));
	return (size_t)(seed % below);
}

/* Most are small. */
static size_t
size_draw(void)
{
	return 1 + (draw(8) != 0 ? draw(600) : draw(SIZE_MOST));
}

static bool
holds(size_t i)
{
	size_t k;

	for (k = 0; k < blocks[i].size; k++)
		if (blocks[i].p[k] != blocks[i].mark)
			return false;
	return true;
}

static void
mark(size_t i)
{
	blocks[i].mark = (uint8_t)(1 + draw(255));
	memset(blocks[i].p, blocks[i].mark, blocks[i].size);
}

static void
take(size_t i)
{
	blocks[i].size = size_draw();
	blocks[i].p = pool_zeroed(blocks[i].size);
	blocks[i].mark = 0;
	CHECK((uintptr_t)blocks[i].p % 16 == 0);
	CHECK(holds(i));
	mark(i);
}

static void
give(size_t i)
{
	CHECK(holds(i));
	pool_free(blocks[i].p, blocks[i].size);
}

static void
change(size_t i)
{
	size_t was = blocks[i].size, size = size_draw(), k;
	size_t least = was < size ? was : size;

	blocks[i].p = pool_resized(blocks[i].p, was, size);
	blocks[i].size = least;
	CHECK(was == 0 || holds(i));
	for (k = was; k < size; k++)
		CHECK(blocks[i].p[k] == 0);
	blocks[i].size = size;
	mark(i);
}

static void
churn(void)
{
	size_t n, i;

	for (n = 0; n < BLOCKS; n++) {
		i = draw(BLOCKS);
		if (draw(4) == 0)
			change(i);
		else {
			give(i);
			take(i);
		}
	}
}

int
main(void)
{
	size_t i, early, most = 0;

	CHECK(pool_held() == 0);
	pool_free(NULL, 10);
	for (i = 0; i < BLOCKS; i++)
		take(i);
	for (i = 0; i < ROUNDS / 10; i++)
		churn();
	early = pool_held();
	for (; i < ROUNDS; i++) {
		churn();
		most = pool_held() > most ? pool_held() : most;
	}
	/* As long as the same number is held, so is the memory. */
	CHECK(most <= early + early / 10);
	for (i = 0; i < BLOCKS; i++)
		give(i);
	CHECK(pool_held() <= early / 10);
	return failures > 0;
}
