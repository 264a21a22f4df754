/*
 * rows-sort.c - log-ons in an order, in pieces: some are looked at and
 * sorted, or two runs that are sorted become one.
 *
 * What was sorted before comes in that order, and is one run again but for
 * what is new: then little is left to do.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define RUN 1024   /* sorted at once */
#define MERGE 4096 /* moved at once */
#define AHEAD 8    /* what is looked at soon is fetched from memory */

/* What hurts now comes before what is over, and that before what is well. */
static uint64_t
story_class(unsigned char outcome, const struct cause *c)
{
	bool bad = outcome == OUTCOME_BROKEN || outcome == OUTCOME_DEGRADED;

	if (bad && c != NULL && c->cleared)
		return 3;
	if (bad)
		return outcome == OUTCOME_BROKEN ? 0 : 1;
	if (c != NULL && c->impact > IMPACT_REMARK)
		return c->cleared ? 4 : 2;
	return 5;
}

/* The first octets of TEXT as a number that sorts as they do. */
static uint64_t
beginning(const char *text)
{
	uint64_t key = 0;

	for (int i = 0; i < 8; i++) {
		key = key << 8 | (unsigned char)*text;
		text += *text != '\0';
	}
	return key;
}

static void
set_text(struct sort_item *item, const struct gists *g, size_t text)
{
	item->text = text;
	item->key = beginning(g->pool + text);
}

static void
set_key(const struct tui *t, enum order order, struct sort_item *item)
{
	const struct gists *g = &t->own->rows.gists;
	const struct gist *gist = &g->list[item->index];
	uint64_t time = (uint64_t)gist->start;
	const struct cause *c;
	uint32_t rank;

	*item = (struct sort_item){ UINT64_MAX, SORT_NO_TEXT, item->index };
	switch (order) {
	case ORDER_WORST:
		rank = causes_rank(t, item->index, &c);
		if (rank > 0xfff)
			rank = 0xfff;
		/* In steps of 16 microseconds the time has room. */
		item->key = story_class(gist->outcome, c) << 60 |
		    (uint64_t)rank << 48 | (~time >> 4 & 0xffffffffffff);
		break;
	case ORDER_NEWEST:
		item->key = ~time;
		break;
	case ORDER_OLDEST:
		item->key = time;
		break;
	case ORDER_WHO:
		if (!gist->nobody)
			set_text(item, g, gist->who);
		break;
	default:
		if (!gist->nothing)
			set_text(item, g, gist->service);
	}
}

static int
compare_text(const struct sort *s, size_t a, size_t b)
{
	if (a == b)
		return 0;
	if (a == SORT_NO_TEXT || b == SORT_NO_TEXT)
		return a == SORT_NO_TEXT ? 1 : -1;
	return strcmp(s->pool + a, s->pool + b);
}

/* For qsort_r(): ARG is the struct sort. */
static int
compare(const void *pa, const void *pb, void *arg)
{
	const struct sort_item *a = pa, *b = pb;
	const struct sort *s = arg;
	int d;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	d = compare_text(s, a->text, b->text);
	if (d != 0)
		return d;
	return (a->index < b->index) == (s->order == ORDER_OLDEST) ? -1 : 1;
}

static bool
is_sorted(struct sort *s, size_t from, size_t to)
{
	for (size_t i = from + 1; i < to; i++)
		if (compare(&s->items[i - 1], &s->items[i], s) > 0)
			return false;
	return true;
}

/* The gists of those that come next; only what is new takes time. */
static void
make_gists(const struct sort *s, const struct tui *t, size_t to)
{
	const struct story *const *kept = t->r->kept;
	struct rows *rows = &t->own->rows;

	for (size_t i = s->next; i < to; i++) {
		if (i + AHEAD < to && !rows->gists.list[s->input[i]].made)
			__builtin_prefetch(kept[s->input[i + AHEAD]]);
		gist_make(&rows->gists, t->r, s->input[i]);
	}
}

/* The next RUN log-ons; they lengthen the run before if they can. */
static void
collect(struct sort *s, const struct tui *t)
{
	size_t from = s->n, to = s->next + RUN;

	if (to > s->ninput)
		to = s->ninput;
	make_gists(s, t, to);
	s->pool = t->own->rows.gists.pool;
	for (; s->next < to; s->next++) {
		if (t->own->rows.ids[s->input[s->next]] > s->upto)
			continue;
		s->items[s->n].index = s->input[s->next];
		set_key(t, s->order, &s->items[s->n++]);
	}
	if (s->n == from)
		return;
	if (!is_sorted(s, from, s->n))
		qsort_r(s->items + from, s->n - from, sizeof(*s->items),
		    compare, s);
	if (s->nruns > 0 && is_sorted(s, from - 1, from + 1))
		s->runs[s->nruns - 1] = s->n;
	else
		s->runs[s->nruns++] = s->n;
}

/* Two runs that stand beside each other become one. */
static void
merge_on(struct sort *s)
{
	struct sort_merge *m = &s->merge;
	size_t to = m->out + MERGE;

	if (to > m->to)
		to = m->to;
	for (; m->out < to; m->out++)
		if (m->b >= m->to ||
		    (m->a < m->middle &&
			compare(&s->items[m->a], &s->items[m->b], s) < 0))
			s->spare[m->out] = s->items[m->a++];
		else
			s->spare[m->out] = s->items[m->b++];
	if (to < m->to)
		return;
	memcpy(s->items + m->from, s->spare + m->from,
	    (m->to - m->from) * sizeof(*s->items));
	m->from = m->to;
}

/* The next pair of runs; the next pass begins when there is none left. */
static void
merge_next(struct sort *s)
{
	size_t k = s->merged, from;

	if (k + 1 >= s->nruns) {
		/* A run that was left alone goes on as it is. */
		if (k < s->nruns)
			s->runs[s->kept++] = s->runs[k];
		s->nruns = s->kept;
		s->merged = s->kept = 0;
		return;
	}
	from = s->kept == 0 ? 0 : s->runs[s->kept - 1];
	s->merge = (struct sort_merge){ from, s->runs[k], s->runs[k + 1], from,
		s->runs[k], from };
	s->runs[s->kept++] = s->runs[k + 1];
	s->merged += 2;
}

void
sort_begin(struct sort *s, size_t n)
{
	s->ninput = s->next = s->n = s->nruns = s->merged = s->kept = 0;
	s->merge = (struct sort_merge){ 0 };
	if (n <= s->room)
		return;
	s->room = n + n / 4;
	s->input = view_alloc(s->input, s->room * sizeof(*s->input));
	s->items = view_alloc(s->items, s->room * sizeof(*s->items));
	s->spare = view_alloc(s->spare, s->room * sizeof(*s->spare));
	s->runs = view_alloc(s->runs, (s->room / RUN + 2) * sizeof(*s->runs));
}

bool
sort_piece(struct sort *s, const struct tui *t)
{
	if (s->next < s->ninput)
		collect(s, t);
	else if (s->merge.from < s->merge.to)
		merge_on(s);
	else if (s->nruns > 1)
		merge_next(s);
	else
		return false;
	return true;
}

void
sort_free(struct sort *s)
{
	free(s->input);
	free(s->items);
	free(s->spare);
	free(s->runs);
	*s = (struct sort){ 0 };
}
