/*
 * arena.h - memory that is given back all at once: the texts and lists of
 * one story, of one finding, of the ledger.
 */
#ifndef ANALYZER_ARENA_H
#define ANALYZER_ARENA_H

#include <stdarg.h>

#include "event.h"

struct chunk;

struct arena {
	struct chunk *chunks; /* newest first */
	size_t held;          /* octets asked from the system */
};

/* Zeroed memory, aligned for any type.  Ends the program without memory. */
void *arena_alloc(struct arena *a, size_t n);
/* LEN octets, NUL-terminated: a copy, shared with other texts. */
const char *arena_text(struct arena *a, const char *p, size_t len);
/* The same of a struct str; NULL when it is empty. */
const char *arena_str(struct arena *a, struct str s);
const char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
const char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* LEN octets in lower case (ASCII), NUL-terminated. */
const char *arena_lower(struct arena *a, const char *p, size_t len);
void arena_free(struct arena *a);

#endif
