/*
 * rows.c - which log-ons and causes are shown, and in which order.
 *
 * All is made anew for each view, filter and order: indexes and keys of 16
 * octets a log-on, so that 100,000 of them are sorted between two key
 * presses.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core.h"

/* One log-on to be sorted. */
struct item {
	uint64_t key;
	const char *text; /* compared after the key, NULL last */
	uint32_t index;
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

static uint32_t
place_of(const struct tui *t, size_t story)
{
	const struct result *r = t->r;
	uint32_t best = CORE_NO_CAUSE, place;

	for (size_t k = 0; k < r->nfindings_of[story]; k++) {
		uint64_t i = r->findings_of[story][k];

		if (i >= r->ncauses)
			continue;
		place = t->own->place[i];
		if (place < best)
			best = place;
	}
	return best;
}

const struct cause *
view_cause_of(const struct tui *t, size_t i)
{
	uint32_t place;

	if (t->r == NULL || i >= t->r->nkept)
		return NULL;
	place = place_of(t, i);
	return place == CORE_NO_CAUSE ? NULL : &t->r->causes[t->causes[place]];
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
build_causes(struct tui *t)
{
	const struct result *r = t->r;
	struct view_own *own = t->own;
	size_t root;

	t->causes = view_alloc(t->causes, r->ncauses * sizeof(*t->causes));
	own->place = view_alloc(own->place, r->ncauses * sizeof(*own->place));
	own->nplace = r->ncauses;
	t->ncauses = 0;
	for (size_t i = 0; i < r->ncauses; i++)
		own->place[i] = CORE_NO_CAUSE;
	for (int class = 0; class <= 2; class ++)
		for (size_t i = 0; i < r->ncauses; i++) {
			if (!r->causes[i].cause ||
			    cause_class(&r->causes[i]) != class ||
			    (t->filter != NULL &&
				!filter_cause(t->filter, r, i)))
				continue;
			own->place[i] = (uint32_t)t->ncauses;
			t->causes[t->ncauses++] = (uint32_t)i;
		}
	for (size_t i = 0; i < r->ncauses; i++) {
		root = view_root(r, i);
		if (!r->causes[i].cause)
			own->place[i] = own->place[root];
	}
}

/* What hurts now comes before what is over, and that before what is well. */
static uint64_t
story_class(const struct tui *t, const struct story *s, uint32_t place)
{
	const struct cause *c = place == CORE_NO_CAUSE ?
	    NULL :
	    &t->r->causes[t->causes[place]];
	bool bad = s->outcome == OUTCOME_BROKEN ||
	    s->outcome == OUTCOME_DEGRADED;

	if (bad && c != NULL && c->cleared)
		return 3;
	if (bad)
		return s->outcome == OUTCOME_BROKEN ? 0 : 1;
	if (c != NULL && c->impact > IMPACT_REMARK)
		return c->cleared ? 4 : 2;
	return s->outcome == OUTCOME_UNSEEN ? 5 : 6;
}

/* What service S was asked for, as it is shown; NULL when not known. */
static const char *
service_of(const struct story *s)
{
	return s->spn != NULL ? s->spn : s->host;
}

static void
set_key(const struct tui *t, size_t index, struct item *item)
{
	const struct story *s = t->r->kept[index];
	uint64_t time = (uint64_t)s->start, class;
	uint32_t place;

	*item = (struct item){ .index = (uint32_t)index };
	switch (t->order) {
	case ORDER_WORST:
		place = place_of(t, index);
		class = story_class(t, s, place);
		if (place > 0xfff)
			place = 0xfff;
		/* Microseconds of 4 years: beyond, the index decides. */
		item->key = class << 60 | (uint64_t)place << 48 |
		    (~time >> 4 & 0xffffffffffff);
		break;
	case ORDER_NEWEST:
		item->key = ~time;
		break;
	case ORDER_OLDEST:
		item->key = time;
		break;
	case ORDER_WHO:
		item->text = s->principal;
		item->key = item->text == NULL;
		break;
	default:
		item->text = service_of(s);
		item->key = item->text == NULL;
	}
}

static int
compare_new_first(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;
	int d;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->text != NULL && b->text != NULL && a->text != b->text) {
		d = strcasecmp(a->text, b->text);
		if (d != 0)
			return d;
	}
	return a->index > b->index ? -1 : 1;
}

static int
compare_old_first(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->index < b->index ? -1 : 1;
}

static void
build_stories(struct tui *t, uint64_t upto)
{
	const struct result *r = t->r;
	struct item *items = view_alloc(NULL, r->nkept * sizeof(*items));
	size_t n = 0;

	for (size_t i = 0; i < r->nkept; i++) {
		if (r->kept[i]->id > upto ||
		    (t->filter != NULL && !filter_story(t->filter, r, i)))
			continue;
		set_key(t, i, &items[n++]);
	}
	if (n > 0)
		qsort(items, n, sizeof(*items),
		    t->order == ORDER_OLDEST ? compare_old_first :
					       compare_new_first);
	t->rows = view_alloc(t->rows, n * sizeof(*t->rows));
	for (size_t i = 0; i < n; i++)
		t->rows[i] = items[i].index;
	t->nrows = n;
	free(items);
}

void
rows_build(struct tui *t, uint64_t upto)
{
	t->nrows = t->ncauses = 0;
	if (t->r == NULL)
		return;
	build_causes(t);
	build_stories(t, upto);
}

void
rows_free(struct tui *t)
{
	free(t->rows);
	free(t->causes);
	free(t->own->place);
	t->rows = t->causes = t->own->place = NULL;
	t->nrows = t->ncauses = 0;
}

size_t
rows_find(const struct tui *t, size_t index)
{
	for (size_t i = 0; i < t->nrows; i++)
		if (t->rows[i] == index)
			return i;
	return SIZE_MAX;
}

/* By id among those that are over, which are in order. */
static bool
find_closed(const struct result *r, uint64_t id, size_t *index)
{
	size_t low = 0, high = r->nkept - r->nopen, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (r->kept[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	*index = low;
	return low < r->nkept - r->nopen && r->kept[low]->id == id;
}

const struct story *
view_story(const struct tui *t, size_t *index)
{
	size_t i = 0;

	if (t->r == NULL || t->story == 0)
		return NULL;
	if (!find_closed(t->r, t->story, &i))
		for (i = t->r->nkept - t->r->nopen; i < t->r->nkept; i++)
			if (t->r->kept[i]->id == t->story)
				break;
	if (i >= t->r->nkept)
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
