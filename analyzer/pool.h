/*
 * pool.h - blocks of a few sizes, for what comes and goes for months.
 *
 * malloc() puts what is kept for hours between what is gone in a second, and
 * the holes that are left fit less and less of what comes next.  Here blocks
 * of about one size lie together, so that whatever is freed is taken again,
 * and pages on which nothing is left go back.
 */
#ifndef ANALYZER_POOL_H
#define ANALYZER_POOL_H

#include <stddef.h>

/* SIZE octets, zeroed, aligned for any type; never NULL. */
void *pool_zeroed(size_t size);
/*
 * P of WAS octets (0: it is not looked at), which may have moved, with SIZE;
 * what is new is zeroed.  Never NULL.
 */
void *pool_resized(void *p, size_t was, size_t size);
/* P (may be NULL) was asked for with SIZE. */
void pool_free(void *p, size_t size);
/* The same of a text that was asked for with strlen() + 1. */
void pool_free_text(const char *text);
/* Octets of all pages, in use or not. */
size_t pool_held(void);

#endif
