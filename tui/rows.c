/*
 * rows.c - which log-ons are shown, and in which order: see rows.h.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define CHOOSE 64 /* log-ons looked at in one piece */
#define AHEAD 8   /* what is looked at soon is fetched from memory */

/* What is known of a log-on. */
enum {
	KNOWN_ASKED = 1,  /* whether the filter lets it pass, and that it */
	KNOWN_PASSES = 2, /* does */
	KNOWN_PLACED = 4, /* it has a place in the input of the sort */
};

uint64_t
rows_newest(const struct result *r)
{
	uint64_t most = 0;

	/* The open ones stand last, in an order of their own. */
	for (size_t i = r->nkept; i-- > 0;) {
		if (r->kept[i]->id > most)
			most = r->kept[i]->id;
		if (i < r->nkept - r->nopen)
			break;
	}
	return most;
}

/* --- sorted --------------------------------------------------------------- */

/*
 * What was sorted by the same comes as it stood, and what is new behind it;
 * else all by their numbers, from the end at which the first is.
 */
static void
sort_input(const struct tui *t, struct rows *rows)
{
	struct sort *s = &rows->sort;
	size_t n = t->r->nkept, i;

	for (i = 0; i < n; i++)
		rows->known[i] &= (unsigned char)~KNOWN_PLACED;
	if (rows->ordered == t->order)
		for (i = 0; i < rows->norder; i++) {
			s->input[s->ninput++] = rows->order[i];
			rows->known[rows->order[i]] |= KNOWN_PLACED;
		}
	for (size_t k = 0; k < n; k++) {
		i = t->order == ORDER_OLDEST ? k : n - 1 - k;
		if ((rows->known[i] & KNOWN_PLACED) == 0)
			s->input[s->ninput++] = (uint32_t)i;
	}
}

static void
take_order(struct rows *rows)
{
	const struct sort *s = &rows->sort;

	for (size_t i = 0; i < s->n; i++)
		rows->order[i] = s->items[i].index;
	rows->norder = s->n;
	rows->ordered = s->order;
}

/* --- chosen --------------------------------------------------------------- */

static void
choose_begin(struct tui *t)
{
	struct rows *rows = &t->own->rows;

	rows->phase = ROWS_CHOOSE;
	rows->next = rows->nchosen = 0;
	if (t->filter != NULL) {
		causes_none(t);
		return;
	}
	memcpy(rows->chosen, rows->order, rows->norder * sizeof(*rows->order));
	rows->next = rows->nchosen = rows->norder;
}

static bool
passes(const struct tui *t, uint32_t index)
{
	unsigned char *known = &t->own->rows.known[index];

	if ((*known & KNOWN_ASKED) == 0)
		*known |= filter_story(t->filter, t->r, index) ?
		    KNOWN_ASKED | KNOWN_PASSES :
		    KNOWN_ASKED;
	return (*known & KNOWN_PASSES) != 0;
}

static void
choose(struct tui *t, struct rows *rows)
{
	size_t to = rows->next + CHOOSE;
	uint32_t index;
	bool chosen;

	if (to > rows->norder)
		to = rows->norder;
	for (; rows->next < to; rows->next++) {
		if (rows->next + AHEAD < rows->norder)
			__builtin_prefetch(
			    t->r->kept[rows->order[rows->next + AHEAD]]);
		index = rows->order[rows->next];
		chosen = passes(t, index);
		if (chosen)
			rows->chosen[rows->nchosen++] = index;
		causes_note(t, index, chosen);
	}
}

void
rows_show(struct tui *t)
{
	struct rows *rows = &t->own->rows;
	bool all = rows->next == rows->norder;

	if (rows->phase != ROWS_CHOOSE || (!all && !rows->grow))
		return;
	memcpy(t->rows, rows->chosen, rows->nchosen * sizeof(*t->rows));
	t->nrows = rows->nchosen;
	if (t->filter != NULL)
		causes_show(t, all);
	if (all) {
		rows->phase = ROWS_DONE;
		rows->grow = false;
	}
	t->own->stale = t->dirty = true;
}

/* --- the work, in pieces ----------------------------------------------------- */

void
rows_begin(struct tui *t, uint64_t upto)
{
	struct rows *rows = &t->own->rows;
	size_t n = t->r == NULL ? 0 : t->r->nkept;

	if (t->r == NULL)
		return;
	t->rows = view_alloc(t->rows, n * sizeof(*t->rows));
	rows->order = view_alloc(rows->order, n * sizeof(*rows->order));
	rows->chosen = view_alloc(rows->chosen, n * sizeof(*rows->chosen));
	causes_begin(t);
	sort_begin(&rows->sort, n);
	rows->sort.order = t->order;
	rows->sort.upto = upto;
	sort_input(t, rows);
	rows->phase = ROWS_SORT;
}

void
rows_filter(struct tui *t)
{
	struct rows *rows = &t->own->rows;

	if (t->r == NULL)
		return;
	for (size_t i = 0; i < t->r->nkept; i++)
		rows->known[i] &= KNOWN_PLACED;
	rows->grow = true;
	t->nrows = 0;
	causes_none(t);
	causes_show(t, false);
	if (rows->phase != ROWS_SORT)
		choose_begin(t);
	t->own->stale = t->dirty = true;
}

bool
rows_piece(struct tui *t)
{
	struct rows *rows = &t->own->rows;

	switch (rows->phase) {
	case ROWS_SORT:
		if (sort_piece(&rows->sort, t))
			return true;
		take_order(rows);
		choose_begin(t);
		return true;
	case ROWS_CHOOSE:
		if (rows->next < rows->norder)
			choose(t, rows);
		if (rows->next == rows->norder)
			rows_show(t);
		return rows->phase != ROWS_DONE;
	default:
		return false;
	}
}

bool
rows_current(const struct tui *t)
{
	const struct rows *rows = &t->own->rows;

	return rows->phase == ROWS_DONE ||
	    (rows->phase == ROWS_CHOOSE && rows->grow);
}

bool
rows_partial(const struct tui *t)
{
	return t->own->rows.grow && t->own->rows.phase != ROWS_DONE;
}

unsigned
rows_share(const struct tui *t)
{
	const struct rows *rows = &t->own->rows;

	if (rows->phase == ROWS_CHOOSE && rows->norder > 0)
		return (unsigned)(rows->next * 100 / rows->norder);
	return rows->phase == ROWS_DONE ? 100 : 0;
}

/* --- another view ---------------------------------------------------------------- */

/*
 * Where R has the closed story ID, if it is at *AT or behind it; *AT moves on
 * for the next, higher one.
 */
static uint32_t
walk_to(const struct result *r, uint64_t id, size_t *at)
{
	size_t closed = r->nkept - r->nopen;

	for (; *at < closed && r->kept[*at]->id < id; ++*at)
		if (*at + AHEAD < closed)
			__builtin_prefetch(r->kept[*at + AHEAD]);
	return *at < closed && r->kept[*at]->id == id ? (uint32_t)*at :
							UINT32_MAX;
}

/* By id among those that are over, which are in order; then the others. */
static uint32_t
look_up(const struct result *r, uint64_t id)
{
	size_t closed = r->nkept - r->nopen, low = 0, high = closed, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->kept[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < closed && r->kept[low]->id == id)
		return (uint32_t)low;
	for (size_t i = closed; i < r->nkept; i++)
		if (r->kept[i]->id == id)
			return (uint32_t)i;
	return UINT32_MAX;
}

/* Where R has each story of the view before. */
static uint32_t *
map_of(const struct rows *rows, const struct result *r)
{
	uint32_t *map = view_alloc(NULL, rows->nids * sizeof(*map));
	size_t at = 0;

	for (size_t i = 0; i < rows->nclosed; i++)
		map[i] = walk_to(r, rows->ids[i], &at);
	for (size_t i = rows->nclosed; i < rows->nids; i++)
		map[i] = look_up(r, rows->ids[i]);
	return map;
}

/* LIST of N log-ons of the view before; returns how many are left. */
static size_t
move_list(uint32_t *list, size_t n, const uint32_t *map)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (map[list[i]] != UINT32_MAX)
			list[left++] = map[list[i]];
	return left;
}

/*
 * What the filter said stays said where it cannot change.  It also does while
 * not all were asked yet: on a slow machine that would never come to pass.
 */
static void
move_known(const struct tui *t, struct rows *rows, const uint32_t *map,
    size_t n)
{
	unsigned char *known = view_alloc(NULL, n);
	bool lasts = rows->phase != ROWS_DONE || t->filter == NULL ||
	    filter_lasts(t->filter);

	memset(known, 0, n);
	for (size_t i = 0; lasts && i < rows->nclosed; i++)
		if (map[i] != UINT32_MAX)
			known[map[i]] = rows->known[i];
	free(rows->known);
	rows->known = known;
}

void
rows_move(struct tui *t, const struct result *r)
{
	struct rows *rows = &t->own->rows;
	uint32_t *map = map_of(rows, r);

	t->nrows = move_list(t->rows, t->nrows, map);
	rows->norder = move_list(rows->order, rows->norder, map);
	move_known(t, rows, map, r->nkept);
	gists_move(&rows->gists, map, rows->nclosed, r->nkept);
	free(map);
	rows->ids = view_alloc(rows->ids, r->nkept * sizeof(*rows->ids));
	rows->nids = r->nkept;
	rows->nclosed = r->nkept - r->nopen;
	for (size_t i = 0; i < r->nkept; i++) {
		if (i + AHEAD < r->nkept)
			__builtin_prefetch(r->kept[i + AHEAD]);
		rows->ids[i] = r->kept[i]->id;
	}
}

void
rows_free(struct tui *t)
{
	struct rows *rows = &t->own->rows;

	causes_free(t);
	sort_free(&rows->sort);
	gists_free(&rows->gists);
	free(t->rows);
	free(rows->known);
	free(rows->ids);
	free(rows->order);
	free(rows->chosen);
	*rows = (struct rows){ 0 };
	t->rows = NULL;
	t->nrows = 0;
}

/* --- what is selected ------------------------------------------------------------- */

size_t
rows_find(const struct tui *t, size_t index)
{
	for (size_t i = 0; i < t->nrows; i++)
		if (t->rows[i] == index)
			return i;
	return SIZE_MAX;
}

const struct story *
view_story(const struct tui *t, size_t *index)
{
	uint32_t i;

	if (t->r == NULL || t->story == 0)
		return NULL;
	i = look_up(t->r, t->story);
	if (i == UINT32_MAX)
		return NULL;
	if (index != NULL)
		*index = i;
	return t->r->kept[i];
}

/* Selected, or the first, which is the worst. */
const struct cause *
view_cause(const struct tui *t, size_t *index)
{
	size_t found = SIZE_MAX;

	if (t->r == NULL || t->ncauses == 0)
		return NULL;
	for (size_t i = 0; i < t->ncauses && t->cause != 0; i++)
		if (t->r->causes[t->causes[i]].key == t->cause)
			found = t->causes[i];
	if (found == SIZE_MAX)
		found = t->causes[0];
	if (index != NULL)
		*index = found;
	return &t->r->causes[found];
}
