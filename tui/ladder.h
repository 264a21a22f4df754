/*
 * ladder.h - a log-on as a ladder: a column for each machine and role, a row
 * for each message, the one that decided marked.
 *
 *             client         DNS            KDC dc1          service fs1
 *           10.77.0.101  10.77.0.10       10.77.0.10         10.77.0.21
 *  -0.0077     |<- fs1.fjord.te... -|            |                |
 *  +0.0000     |- AS-REQ anna ------------------>|                |
 *
 * A row has its arrow and, on it or right of it, what was said.  Where the
 * columns have no room the ladder is a list: time, from whom to whom, what.
 */
#ifndef TUI_LADDER_H
#define TUI_LADDER_H

#include "text.h"

struct ladder;

struct ladder_input {
	const struct result *r; /* of which the story is */
	const struct story *s;
	/* What accounts for it, the one that decides first. */
	const struct cause *const *causes;
	size_t ncauses;
	bool absolute; /* times of day, UTC; else since the log-on began */
	bool utf8;
};

/* A character of a line; width 0: the right half of the one before. */
struct ladder_cell {
	char text[TEXT_CHAR];
	int width;
	enum theme_role role;
};

/* Laid out for W columns, 1 at least; all that it needs is copied. */
struct ladder *ladder_new(const struct ladder_input *in, int w);
void ladder_free(struct ladder *l);

/* Lines at the top that do not scroll: 2, or none. */
size_t ladder_heads(const struct ladder *l);
size_t ladder_rows(const struct ladder *l);
/* The step that row I shows; SIZE_MAX: none, it is a pause or a remark. */
size_t ladder_step(const struct ladder *l, size_t i);
/* The row of a step; the last one when there is no such step. */
size_t ladder_row(const struct ladder *l, size_t step);
/* The first row of a message that decided, SIZE_MAX when there is none. */
size_t ladder_deciding(const struct ladder *l);

/* Line I, heads first: W cells, until the next call. */
const struct ladder_cell *ladder_line(struct ladder *l, size_t i);

/* Draws L into A: the heads, and the rows from TOP on. */
void ladder_draw_lines(struct tui *t, const struct area *a, struct ladder *l,
    size_t top, size_t selected);

/*
 * Draws the ladder of S, of which C (may be NULL) is the cause, into A: the
 * heads and the rows from TOP on.  SELECTED is a step; SIZE_MAX: none is.
 */
void ladder_draw(struct tui *t, const struct area *a, const struct story *s,
    const struct cause *c, size_t top, size_t selected);

#endif
