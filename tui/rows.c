/*
 * rows.c - which log-ons and causes are shown, and in which order.
 *
 * All is made anew for each view, filter and order.  With 100,000 log-ons
 * that may take longer than a key press may, so it is done in pieces (some
 * are looked at and sorted; two sorted runs are merged) between which keys
 * are read and the old rows are shown.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core.h"
#include "terminal.h"

#define RUN 1024 /* stories looked at in one piece: a power of two */

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
	return 5;
}

/* What service S was asked for, as it is shown; NULL when not known. */
static const char *
service_of(const struct story *s)
{
	return s->spn != NULL ? s->spn : s->host;
}

static void
set_key(const struct tui *t, size_t index, struct rows_item *item)
{
	const struct story *s = t->r->kept[index];
	uint64_t time = (uint64_t)s->start, class;
	uint32_t place;

	*item = (struct rows_item){ .index = (uint32_t)index };
	switch (t->order) {
	case ORDER_WORST:
		place = place_of(t, index);
		class = story_class(t, s, place);
		if (place > 0xfff)
			place = 0xfff;
		/* In steps of 16 microseconds the time has room. */
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
compare(const struct rows_item *a, const struct rows_item *b, bool old_first)
{
	int d;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	if (a->text != NULL && b->text != NULL && a->text != b->text) {
		d = strcasecmp(a->text, b->text);
		if (d != 0)
			return d;
	}
	return (a->index < b->index) == old_first ? -1 : 1;
}

static int
compare_new_first(const void *a, const void *b)
{
	return compare(a, b, false);
}

static int
compare_old_first(const void *a, const void *b)
{
	return compare(a, b, true);
}

/* --- the work, in pieces ----------------------------------------------------- */

/* Chooses among the next RUN stories and sorts them. */
static void
collect(struct tui *t, struct rows_job *job)
{
	const struct result *r = t->r;
	size_t from = job->n;

	while (job->next < r->nkept && job->n - from < RUN) {
		size_t i = job->next++;

		if (r->kept[i]->id <= job->upto &&
		    (t->filter == NULL || filter_story(t->filter, r, i)))
			set_key(t, i, &job->items[job->n++]);
		/* What does not pass takes time, too. */
		if ((job->next & (RUN - 1)) == 0)
			break;
	}
	if (job->n > from)
		qsort(job->items + from, job->n - from, sizeof(*job->items),
		    job->order == ORDER_OLDEST ? compare_old_first :
						 compare_new_first);
	if (job->nruns == 0 || job->runs[job->nruns - 1] < job->n)
		job->runs[job->nruns++] = job->n;
}

/* Merges two runs that stand beside each other, FROM to MIDDLE to TO. */
static void
merge(struct rows_job *job, size_t from, size_t middle, size_t to)
{
	size_t a = from, b = middle;
	bool old_first = job->order == ORDER_OLDEST;

	for (size_t i = from; i < to; i++)
		if (b >= to ||
		    (a < middle &&
			compare(&job->items[a], &job->items[b], old_first) < 0))
			job->spare[i] = job->items[a++];
		else
			job->spare[i] = job->items[b++];
	memcpy(job->items + from, job->spare + from,
	    (to - from) * sizeof(*job->items));
}

/* One pair of runs; the next pass begins when there is none left. */
static void
merge_next(struct rows_job *job)
{
	size_t k = job->merged, from;

	if (k + 1 >= job->nruns) {
		/* A run that was left alone goes on as it is. */
		if (k < job->nruns)
			job->runs[job->kept++] = job->runs[k];
		job->nruns = job->kept;
		job->merged = job->kept = 0;
		return;
	}
	from = job->kept == 0 ? 0 : job->runs[job->kept - 1];
	merge(job, from, job->runs[k], job->runs[k + 1]);
	job->runs[job->kept++] = job->runs[k + 1];
	job->merged += 2;
}

static void
install(struct tui *t, struct rows_job *job)
{
	t->rows = view_alloc(t->rows, job->n * sizeof(*t->rows));
	for (size_t i = 0; i < job->n; i++)
		t->rows[i] = job->items[i].index;
	t->nrows = job->n;
	job->active = false;
	t->own->stale = t->dirty = true;
}

void
rows_begin(struct tui *t, uint64_t upto)
{
	struct rows_job *job = &t->own->job;
	size_t n = t->r == NULL ? 0 : t->r->nkept;

	t->ncauses = 0;
	if (t->r == NULL)
		return;
	build_causes(t);
	job->active = true;
	job->upto = upto;
	job->order = t->order;
	job->next = job->n = job->nruns = job->merged = job->kept = 0;
	if (n > job->room) {
		job->room = n + n / 4;
		job->items = view_alloc(job->items,
		    job->room * sizeof(*job->items));
		job->spare = view_alloc(job->spare,
		    job->room * sizeof(*job->spare));
		job->runs = view_alloc(job->runs,
		    (job->room / RUN + 2) * 2 * sizeof(*job->runs));
	}
}

bool
rows_work(struct tui *t, int64_t budget)
{
	struct rows_job *job = &t->own->job;
	int64_t until = terminal_clock() + budget;

	while (job->active && (budget < 0 || terminal_clock() < until)) {
		if (job->next < t->r->nkept)
			collect(t, job);
		else if (job->nruns > 1)
			merge_next(job);
		else
			install(t, job);
	}
	return !job->active;
}

/* --- another view ---------------------------------------------------------------- */

/*
 * Until the rows are made anew the old ones stand: each story is looked for
 * in the new view.  Both views have them by id.
 */
void
rows_move(struct tui *t, const struct result *r)
{
	uint64_t *ids = t->own->ids;
	size_t old = t->own->nids, n = 0, at = 0;
	uint32_t *now = view_alloc(NULL, old * sizeof(*now));

	for (size_t i = 0; i < old; i++) {
		while (at < r->nkept - r->nopen && r->kept[at]->id < ids[i])
			at++;
		if (at < r->nkept - r->nopen && r->kept[at]->id == ids[i])
			now[i] = (uint32_t)at;
		else
			now[i] = UINT32_MAX;
	}
	for (size_t i = 0; i < t->nrows; i++) {
		size_t index = t->rows[i] < old ? now[t->rows[i]] : UINT32_MAX;

		if (index != UINT32_MAX)
			t->rows[n++] = (uint32_t)index;
	}
	t->nrows = n;
	free(now);
	t->own->ids = ids = view_alloc(ids, r->nkept * sizeof(*ids));
	t->own->nids = r->nkept;
	for (size_t i = 0; i < r->nkept; i++)
		ids[i] = r->kept[i]->id;
}

void
rows_free(struct tui *t)
{
	free(t->rows);
	free(t->causes);
	free(t->own->place);
	free(t->own->ids);
	free(t->own->job.items);
	free(t->own->job.spare);
	free(t->own->job.runs);
	t->own->job = (struct rows_job){ 0 };
	t->rows = t->causes = t->own->place = NULL;
	t->own->ids = NULL;
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
