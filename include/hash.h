/*
 * hash.h - the step that all hash tables hash with.
 */
#ifndef KERBSCOPE_HASH_H
#define KERBSCOPE_HASH_H

#include <stdint.h>

/*
 * The two halves of the product of A and B: every bit of both matters
 * (wyhash).  Whoever needs that nobody can aim at a slot puts a secret in.
 */
static inline uint64_t
hash_fold(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
