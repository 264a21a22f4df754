/*
 * ladder-parts.h - what a ladder is made of: who speaks (ladder-who.c), what
 * is said (ladder.c), how it looks (ladder-paint.c).
 */
#ifndef TUI_LADDER_PARTS_H
#define TUI_LADDER_PARTS_H

#include "ladder.h"

/* Of a column, from left to right. */
enum ladder_role { LADDER_CLIENT, LADDER_DNS, LADDER_KDC, LADDER_SERVICE };

struct ladder_column {
	enum ladder_role role;
	struct addr addr;
	char *name;  /* short, or NULL; the caller's */
	size_t same; /* another column's place is taken: of one machine */
	int x;       /* of its line */
};

enum ladder_mark { MARK_NONE, MARK_CITED, MARK_ERROR, MARK_DECIDING };

struct ladder_row {
	enum { ROW_STEP, ROW_GAP, ROW_REMARK } kind;
	size_t step;     /* SIZE_MAX: none */
	size_t from, to; /* columns */
	int64_t time;    /* of a gap: how long */
	char *what;      /* the caller's */
	enum step_result result;
	enum ladder_mark mark;
	bool lost; /* nobody answered */
};

/* A story has few steps, and each step one other side. */
#define LADDER_COLUMNS (2 * STORY_MAX_STEPS + 1)
#define LADDER_ROWS (2 * STORY_MAX_STEPS + 2)

struct ladder {
	struct ladder_column columns[LADDER_COLUMNS];
	size_t ncolumns;
	struct ladder_row rows[LADDER_ROWS];
	size_t nrows;
	bool utf8, absolute, list;
	int w;
	int timew;     /* columns of the time */
	int decimals;  /* of seconds */
	int64_t start; /* of the story */
	struct ladder_cell *cells;
};

/* The column of ROLE at ADDR, a new one if need be. */
size_t
ladder_column(struct ladder *l, enum ladder_role role, const struct addr *addr);
/* From whom and to whom step T of S went. */
void ladder_between(struct ladder *l, const struct story *s,
    const struct step *t, size_t *from, size_t *to);
/* Gives every column the shortest name that tells it from the others. */
void ladder_names(struct ladder *l, const struct ladder_input *in);
const char *ladder_role_name(enum ladder_role role);

/* Gives every column its place, or makes a list of the ladder. */
void ladder_lay(struct ladder *l);

/* The time of a row, in BUF. */
#define LADDER_TIME 24
void ladder_time(const struct ladder *l, const struct ladder_row *row,
    char buf[LADDER_TIME]);

#endif
