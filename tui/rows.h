/*
 * rows.h - the log-ons and causes that are shown, and how they are made: all
 * log-ons are sorted, and then chosen from in that order.
 *
 * With 100,000 log-ons either may take longer than a key press may, so both
 * are done in pieces between which keys are read.  A filter that is typed
 * leaves the order alone, and what it chooses is shown as it is found: the
 * first screen of it is there at once.
 */
#ifndef TUI_ROWS_H
#define TUI_ROWS_H

#include "view.h"

#define ROWS_NO_CAUSE UINT32_MAX

/* --- gists (rows-gist.c) --------------------------------------------------- */

#define GIST_CARRIERS 16 /* told apart; their names are static texts */

/* What a line of the list says of a log-on: texts are in the pool. */
struct gist {
	int64_t start;
	size_t who, service; /* in small letters */
	unsigned char outcome, carrier;
	bool made;
	bool nobody;  /* who is only an address */
	bool nothing; /* and so is the service, or not known */
};

struct gists {
	struct gist *list; /* by index of r->kept */
	size_t n;
	char *pool;
	size_t used, room, full;
	const char *carriers[GIST_CARRIERS];
	size_t ncarriers;
};

/* Makes the gist of kept story INDEX, if there is none. */
void gist_make(struct gists *g, const struct result *r, size_t index);
/*
 * For a view of N stories, in which those that were closed, so many, have the
 * numbers of MAP (UINT32_MAX: none).
 */
void gists_move(struct gists *g, const uint32_t *map, size_t closed, size_t n);
void gists_free(struct gists *g);

/* Who logged on and to what, as a row shows it: addresses without names. */
const char *rows_who(const struct story *s, char buf[ADDR_TEXT]);
const char *rows_service(const struct story *s, char buf[ADDR_TEXT]);

/* --- sorting (rows-sort.c) ------------------------------------------------ */

#define SORT_NO_TEXT SIZE_MAX /* the last */

/* One log-on to be sorted. */
struct sort_item {
	uint64_t key;
	size_t text; /* in the pool: compared after the key */
	uint32_t index;
};

/* Two sorted runs that are becoming one. */
struct sort_merge {
	size_t from, middle, to; /* from == to: there are none */
	size_t a, b, out;
};

struct sort {
	enum order order;
	uint64_t upto;    /* ids above it are left out */
	const char *pool; /* of the gists */
	uint32_t *input; /* log-ons in any order; the better, the sooner done */
	size_t ninput, next;
	struct sort_item *items, *spare;
	size_t n;
	size_t *runs; /* where each sorted run ends */
	size_t nruns, merged, kept;
	struct sort_merge merge;
	size_t room;
};

/* Room for N log-ons: the caller puts them in S->input and S->ninput. */
void sort_begin(struct sort *s, size_t n);
/* Goes on; false when all is sorted: items and n. */
bool sort_piece(struct sort *s, const struct tui *t);
void sort_free(struct sort *s);

/* --- rows (rows.c) ---------------------------------------------------------- */

struct rows {
	enum { ROWS_DONE, ROWS_SORT, ROWS_CHOOSE } phase;
	bool grow;            /* they are shown while they are chosen */
	uint64_t upto;        /* no newer story is shown */
	unsigned char *known; /* by index of r->kept: KNOWN_* */
	struct gists gists;
	uint64_t *ids;        /* of r->kept */
	size_t nids, nclosed; /* the others are open */
	uint32_t *order;      /* all, as they are sorted */
	size_t norder;
	enum order ordered; /* by this */
	uint32_t *chosen;
	size_t nchosen, next; /* of order */
	struct sort sort;

	/*
	 * By index of r->causes: the cause that it stands under, and the
	 * place of that, the worst first, among all and among those shown
	 * (t->causes); ROWS_NO_CAUSE: none.
	 */
	uint32_t *root, *rank, *place;
	unsigned char *marks; /* of the causes: MARK_* */
	uint32_t *ranked;     /* by rank */
	size_t nranked;
	uint64_t *keys; /* of those shown: the next view has others */
	size_t nkeys;
};

/*
 * Another view, order or pause: makes t->causes anew and begins with the rows
 * of stories with ids up to UPTO; the old ones are shown until then.
 */
void rows_begin(struct tui *t, uint64_t upto);
/* Another filter: the same, but nothing of the old rows is shown. */
void rows_filter(struct tui *t);
/* Goes on for some microseconds; false when nothing is left to do. */
bool rows_piece(struct tui *t);
/* What has been chosen so far is shown, if it can be. */
void rows_show(struct tui *t);
/* Whether the rows are those of the view and the order, as far as they go, */
bool rows_current(const struct tui *t);
/* and some are still to come. */
bool rows_partial(const struct tui *t);
/* Per cent of the work that is done; 100 when nothing is left. */
unsigned rows_share(const struct tui *t);
/* Before t->r becomes R: the rows stay what they are. */
void rows_move(struct tui *t, const struct result *r);
void rows_free(struct tui *t);
/* Where kept story INDEX stands among the rows; SIZE_MAX: nowhere. */
size_t rows_find(const struct tui *t, size_t index);
/* The highest id that is kept. */
uint64_t rows_newest(const struct result *r);

/* --- causes (rows-cause.c) ---------------------------------------------------- */

/* All of them, worst first; those that were shown are again, as yet. */
void causes_begin(struct tui *t);
/* Nothing is chosen yet. */
void causes_none(struct tui *t);
/* Kept story INDEX was looked at, and CHOSEN or not. */
void causes_note(struct tui *t, size_t index, bool chosen);
/* Makes t->causes of what was noted; ALL: every story was looked at. */
void causes_show(struct tui *t, bool all);
void causes_free(struct tui *t);

/*
 * The place of the cause of kept story INDEX among all, ROWS_NO_CAUSE when it
 * has none, and that cause.
 */
uint32_t
causes_rank(const struct tui *t, size_t index, const struct cause **cause);

/* --- looking for text (rows-search.c) ------------------------------------------ */

/*
 * The row, STEP (1 or -1; 0: this one or the next) from AT, that holds what is
 * searched for, around the end; SIZE_MAX: none.  CAUSES: the titles of the
 * causes are seen, too.
 */
size_t rows_search(const struct tui *t, size_t at, int step, bool causes);

#endif
