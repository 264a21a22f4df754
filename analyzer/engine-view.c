/*
 * engine-view.c - a result while events still come.
 *
 * What is shown begins with a copy of what is known already: of `settled`, in
 * which all but the latest stories are judged, or of `gone`, in which are
 * those that are kept no more.  The others are judged into the copy with what
 * the ledger knows now, and so are open ones that have failed.  Nothing of
 * this is seen by the next view or by the end.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define OPEN_SHOWN 256 /* open stories in a view, the latest */

void
view_free(struct engine *e)
{
	struct view *v = &e->view;
	size_t i;

	for (i = 0; i < v->nopen; i++)
		tale_free(v->open[i]);
	docket_free(&v->copy);
	arena_free(&v->mem);
	memset(v, 0, sizeof(*v));
	graves_clear(&e->stories);
	docket_graves_clear(&e->gone);
	docket_graves_clear(&e->settled);
	e->nheld = 0;
	e->view_octets = 0;
}

/* --- stories in order ------------------------------------------------- */

static int
id_compare(const void *a, const void *b)
{
	uint64_t x = (*(const struct kept *const *)a)->id;
	uint64_t y = (*(const struct kept *const *)b)->id;

	return (x > y) - (x < y);
}

/*
 * What is kept, by id.  Ids are given one after the other, and nearly all are
 * there: each is put in its place, and the gaps are closed.
 */
static struct kept **
by_id(struct engine *e)
{
	struct kept **list, *k;
	uint64_t least = UINT64_MAX, most = 0, span;
	size_t i, n = 0;

	for (i = 0; i < e->nkept; i++) {
		k = kept_at(e, i);
		least = k->id < least ? k->id : least;
		most = k->id > most ? k->id : most;
	}
	span = e->nkept == 0 ? 0 : most - least + 1;
	if (span > 4 * (uint64_t)e->nkept) {
		list = must_calloc(e->nkept, sizeof(struct kept *));
		for (i = 0; i < e->nkept; i++)
			list[i] = kept_at(e, i);
		qsort(list, e->nkept, sizeof(struct kept *), id_compare);
		return list;
	}
	list = must_calloc((size_t)span + 1, sizeof(struct kept *));
	for (i = 0; i < e->nkept; i++) {
		k = kept_at(e, i);
		list[k->id - least] = k;
	}
	for (i = 0; i < span; i++)
		if (list[i] != NULL)
			list[n++] = list[i];
	return list;
}

/* --- judging ---------------------------------------------------------- */

static void
show_found(struct view *v, struct shown *to, const struct story *s,
    const uint64_t *found, size_t n)
{
	to->s = s;
	to->found.n = n;
	to->found.list = arena_alloc(&v->mem, (n + 1) * sizeof(found[0]));
	memcpy(to->found.list, found, n * sizeof(found[0]));
	to->clear = v->docket->clear;
}

/* Judges S for V alone. */
static void
show(struct view *v, struct shown *to, const struct story *s,
    struct opinion **o, const struct mending *m)
{
	uint64_t found[HITS_MAX];
	size_t n = judge_story(v->docket, s, o, m, found);

	show_found(v, to, s, found, n);
}

/* The same of one that is not settled; what went well is seldom judged. */
static void
show_latest(struct engine *e, struct view *v, struct kept *k,
    const struct mending *m)
{
	const struct looking by = { e->stories.now,
		e->facts << 16 | ledger_evidence(&e->ledger), &e->look_octets };
	const struct story *s = &k->tale->s;
	uint64_t found[HITS_MAX];
	size_t n;

	if (v->anew || judge_has_failed(s) || k->tale->opinion != NULL) {
		show(v, k->pending, s, &k->tale->opinion, m);
		return;
	}
	n = judge_look(v->docket, s, &k->look, &by, found);
	show_found(v, k->pending, s, found, n);
}

void
view_whole(struct engine *e, struct view *v)
{
	struct kept **list = by_id(e);
	size_t i;

	v->shown = arena_alloc(&v->mem,
	    (e->nkept + OPEN_SHOWN) * sizeof(*v->shown));
	since_begin(v->docket);
	for (i = 0; i < e->nkept; i++)
		show(v, &v->shown[v->nshown++], &list[i]->tale->s, NULL, NULL);
	v->judged = v->shown;
	v->njudged = v->nshown;
	free(list);
}

/* Those that are not settled are judged in the order of their ends. */
void
view_latest(struct engine *e, struct view *v)
{
	struct kept **list = by_id(e), *k;
	struct mending m = engine_mending(e);
	struct shown *to;
	size_t i;

	v->judged = arena_alloc(&v->mem,
	    (e->nkept - e->nsettled + 1) * sizeof(*v->judged));
	since_begin(v->docket);
	for (i = e->nsettled; i < e->nkept; i++) {
		k = kept_at(e, i);
		k->pending = &v->judged[v->njudged++];
		show_latest(e, v, k, &m);
	}
	v->shown = arena_alloc(&v->mem,
	    (e->nkept + OPEN_SHOWN) * sizeof(*v->shown));
	for (i = 0; i < e->nkept; i++) {
		k = list[i];
		to = &v->shown[v->nshown++];
		if (k->pending != NULL)
			*to = *k->pending;
		else
			*to = (struct shown){ .s = &k->tale->s,
				.found = k->found };
		k->pending = NULL;
	}
	free(list);
}

static void
view_open(struct engine *e, struct view *v)
{
	struct tale *list[OPEN_SHOWN];
	struct mending m = engine_mending(e);
	size_t i, n = stories_failing(&e->stories, list, OPEN_SHOWN);

	v->open = arena_alloc(&v->mem, OPEN_SHOWN * sizeof(struct tale *));
	for (i = 0; i < n; i++) {
		v->open[i] = tale_snapshot(&e->stories, list[i]);
		show(v, &v->shown[v->nshown++], &v->open[i]->s,
		    &list[i]->opinion, &m);
	}
	v->nopen = n +
	    story_search_failing(&e->stories, v->open + n, OPEN_SHOWN - n);
	for (; i < v->nopen; i++)
		show(v, &v->shown[v->nshown++], &v->open[i]->s, NULL, NULL);
}

/* After all that is judged: what went well since. */
void
view_settle(struct view *v)
{
	if (v->docket->since)
		since_end(v->docket, v->judged, v->njudged);
}

/* What the view takes, until the next one. */
static uint64_t
view_count(const struct view *v)
{
	uint64_t n = v->mem.held + v->copy.octets +
	    v->copy.nmerged *
		(sizeof(struct merged) + 2 * sizeof(struct merged *));
	size_t i;

	for (i = 0; i < v->nopen; i++)
		n += tale_octets(v->open[i]);
	return n;
}

const struct result *
engine_view(struct engine *e, enum engine_depth depth)
{
	struct view *v = &e->view;
	/* Of a run without an end, what was mended meanwhile stands as seen. */
	bool whole = depth == VIEW_WHOLE && !e->live;

	view_free(e);
	e->quality.times_unknown = ledger_times_unknown(&e->ledger);
	ledger_order(&e->ledger);
	docket_copy(&v->copy, whole ? &e->gone : &e->settled, &v->mem);
	v->docket = &v->copy;
	v->going_on = true;
	v->anew = depth == VIEW_WHOLE;
	if (whole)
		view_whole(e, v);
	else
		view_latest(e, v);
	view_open(e, v);
	view_settle(v);
	rank_settle(v->docket);
	result_make(e, v);
	e->nheld = e->nkept;
	e->view_octets = view_count(v);
	return &v->result;
}
