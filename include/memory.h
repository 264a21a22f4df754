/*
 * memory.h - memory that has to be there.
 *
 * A reserve is kept for the day on which the machine has no more: it is then
 * given back, memory_short() turns true, whoever reads input stops, and what
 * was found so far is still reported (exit status 3).  Without even that the
 * program ends with a line on stderr.
 */
#ifndef KERBSCOPE_MEMORY_H
#define KERBSCOPE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Takes the reserve; without a call there is none. */
void memory_begin(void);
/*
 * For a run without an end, after memory_begin(): what is large goes back to
 * the system as soon as it is freed.  Otherwise what a view takes for a second
 * leaves holes between what is kept for hours.
 */
void memory_steady(void);
/* Now and then in such a run: gives the system back what lies in holes. */
void memory_trim(void);
/* N elements of SIZE octets, zeroed; never NULL. */
void *memory_zeroed(size_t n, size_t size);
/* SIZE octets at a multiple of ALIGN, a power of two; never NULL. */
void *memory_aligned(size_t align, size_t size);
/* P, which may have moved, with room for N elements; never NULL. */
void *memory_resized(void *p, size_t n, size_t size);
/* printf() into memory that the caller frees; never NULL (text.c). */
char *text_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * A library says that it got no memory: gives the reserve back, true if there
 * was one and it makes sense to ask the library again.
 */
bool memory_refused(void);
/* Whether the machine has run out of memory since the start. */
bool memory_short(void);
/* Ends the program: there is not even memory for the report. */
_Noreturn void memory_none(void);

#endif
