/*
 * rows-cause.c - which causes are shown: all of them, or those of the
 * log-ons that the filter chooses.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"

enum {
	MARK_SHOWN = 1,
	MARK_CHOSEN = 2, /* by a log-on that was looked at */
	MARK_KEPT = 4    /* one of its log-ons was */
};

size_t
view_root(const struct result *r, size_t i)
{
	/* Chains are short; the count guards against a ring. */
	for (size_t n = 0; n < r->ncauses && !r->causes[i].cause; n++) {
		const struct cause *c = &r->causes[i];
		int up = c->explained_by >= 0 ? c->explained_by : c->rival_of;

		if (up < 0 || (size_t)up >= r->ncauses)
			break;
		i = (size_t)up;
	}
	return i;
}

/* The best place, of those in PLACES, that a cause of kept story INDEX has. */
static uint32_t
best_place(const struct tui *t, const uint32_t *places, size_t index)
{
	const struct result *r = t->r;
	uint32_t best = ROWS_NO_CAUSE;

	for (size_t k = 0; k < r->nfindings_of[index]; k++) {
		uint64_t i = r->findings_of[index][k];

		if (i < r->ncauses && places[i] < best)
			best = places[i];
	}
	return best;
}

const struct cause *
view_cause_of(const struct tui *t, size_t i)
{
	uint32_t place;

	if (t->r == NULL || i >= t->r->nkept)
		return NULL;
	place = best_place(t, t->own->rows.place, i);
	return place == ROWS_NO_CAUSE ? NULL : &t->r->causes[t->causes[place]];
}

uint32_t
causes_rank(const struct tui *t, size_t index, const struct cause **cause)
{
	const struct rows *rows = &t->own->rows;
	uint32_t rank = best_place(t, rows->rank, index);

	*cause = rank == ROWS_NO_CAUSE ? NULL :
					 &t->r->causes[rows->ranked[rank]];
	return rank;
}

/* Causes that hurt, those that are over, remarks: each worst first. */
static int
cause_class(const struct cause *c)
{
	if (c->impact <= IMPACT_REMARK)
		return 2;
	return c->cleared ? 1 : 0;
}

static void
rank_all(const struct result *r, struct rows *rows)
{
	uint32_t n = 0;

	for (int class = 0; class <= 2; class ++)
		for (size_t i = 0; i < r->ncauses; i++)
			if (r->causes[i].cause &&
			    cause_class(&r->causes[i]) == class) {
				rows->rank[i] = n;
				rows->ranked[n++] = (uint32_t)i;
			}
	rows->nranked = n;
}

/* What a finding stands under lends it its place. */
static void
lend(const struct result *r, const struct rows *rows, uint32_t *places)
{
	for (size_t i = 0; i < r->ncauses; i++)
		if (rows->root[i] != i)
			places[i] = places[rows->root[i]];
}

static int
compare_keys(const void *pa, const void *pb)
{
	const uint64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

static bool
was_shown(const struct rows *rows, uint64_t key)
{
	return rows->nkeys > 0 &&
	    bsearch(&key, rows->keys, rows->nkeys, sizeof(key), compare_keys) !=
	    NULL;
}

/* Makes t->causes of those with MARK_SHOWN, or without a filter of all. */
static void
list(struct tui *t)
{
	struct rows *rows = &t->own->rows;
	uint32_t i;

	t->ncauses = 0;
	for (size_t k = 0; k < t->r->ncauses; k++)
		rows->place[k] = ROWS_NO_CAUSE;
	for (size_t k = 0; k < rows->nranked; k++) {
		i = rows->ranked[k];
		if (t->filter != NULL && (rows->marks[i] & MARK_SHOWN) == 0)
			continue;
		rows->place[i] = (uint32_t)t->ncauses;
		rows->keys[t->ncauses] = t->r->causes[i].key;
		t->causes[t->ncauses++] = i;
	}
	rows->nkeys = t->ncauses;
	lend(t->r, rows, rows->place);
}

void
causes_begin(struct tui *t)
{
	const struct result *r = t->r;
	struct rows *rows = &t->own->rows;
	size_t n = r->ncauses;

	t->causes = view_alloc(t->causes, n * sizeof(*t->causes));
	rows->root = view_alloc(rows->root, n * sizeof(*rows->root));
	rows->rank = view_alloc(rows->rank, n * sizeof(*rows->rank));
	rows->ranked = view_alloc(rows->ranked, n * sizeof(*rows->ranked));
	rows->place = view_alloc(rows->place, n * sizeof(*rows->place));
	rows->marks = view_alloc(rows->marks, n);
	if (rows->nkeys > 1)
		qsort(rows->keys, rows->nkeys, sizeof(*rows->keys),
		    compare_keys);
	for (size_t i = 0; i < n; i++) {
		rows->root[i] = (uint32_t)view_root(r, i);
		rows->rank[i] = ROWS_NO_CAUSE;
		rows->marks[i] = was_shown(rows, r->causes[i].key) ?
		    MARK_SHOWN :
		    0;
	}
	rows->keys = view_alloc(rows->keys, n * sizeof(*rows->keys));
	rank_all(r, rows);
	lend(r, rows, rows->rank);
	list(t);
}

void
causes_none(struct tui *t)
{
	for (size_t i = 0; i < t->r->ncauses; i++)
		t->own->rows.marks[i] &= MARK_SHOWN;
}

void
causes_note(struct tui *t, size_t index, bool chosen)
{
	const struct result *r = t->r;
	const struct rows *rows = &t->own->rows;

	for (size_t k = 0; k < r->nfindings_of[index]; k++) {
		uint64_t i = r->findings_of[index][k];

		if (i < r->ncauses)
			rows->marks[rows->root[i]] |= chosen ?
			    MARK_KEPT | MARK_CHOSEN :
			    MARK_KEPT;
	}
}

void
causes_show(struct tui *t, bool all)
{
	unsigned char *marks = t->own->rows.marks;
	bool shown;

	for (size_t i = 0; i < t->r->ncauses; i++) {
		shown = (marks[i] & MARK_CHOSEN) != 0 ||
		    (all && t->filter != NULL && (marks[i] & MARK_KEPT) == 0 &&
			t->r->causes[i].cause &&
			filter_subject(t->filter, t->r, i));
		marks[i] = (unsigned char)((marks[i] & ~MARK_SHOWN) |
		    (shown ? MARK_SHOWN : 0));
	}
	list(t);
}

void
causes_free(struct tui *t)
{
	struct rows *rows = &t->own->rows;

	free(t->causes);
	free(rows->root);
	free(rows->rank);
	free(rows->ranked);
	free(rows->place);
	free(rows->marks);
	free(rows->keys);
	t->causes = NULL;
	t->ncauses = 0;
}
