/*
 * names-row.h - one row of a table of names.
 */
#ifndef DISSECT_NAMES_ROW_H
#define DISSECT_NAMES_ROW_H

#include <stddef.h>
#include <stdint.h>

struct name_row {
	int64_t value;
	const char *name;
	const char *help; /* one clause, or NULL */
};

/* The row of VALUE among N in ascending order; NULL when it has none. */
const struct name_row *
name_row(const struct name_row *rows, size_t n, int64_t value);

/* The name of row I and its number in *VALUE; NULL past the last. */
const char *
name_row_at(const struct name_row *rows, size_t n, size_t i, int64_t *value);

#endif
