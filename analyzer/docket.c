/*
 * docket.c - what judged stories add up to: their findings merged, what each
 * rule said, and a copy of both in which more stories are judged for a view.
 *
 * A copy borrows the texts of its findings: they do not change while the
 * original has them, and what it lets go meanwhile is not freed (engine.c).
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "pool.h"

#define LEAVE_AT_ONCE 16 /* one of so many findings */

void
docket_init(struct docket *d, struct ledger *l, uint64_t share, bool since)
{
	uint64_t bit = 1;
	size_t i;

	memset(d, 0, sizeof(*d));
	d->ledger = l;
	d->share = share;
	d->since = since;
	d->verdicts = must_calloc(rules_count + 1, sizeof(*d->verdicts));
	d->bits = must_calloc(rules_count + 1, sizeof(*d->bits));
	for (i = 0; i < rules_count; i++) {
		d->verdicts[i].rule = rules_all[i];
		if ((rules_all[i]->mended & MENDED_CLEAR) == 0)
			continue;
		d->bits[i] = bit;
		bit <<= 1;
	}
}

struct merged *
docket_find(const struct docket *d, uint64_t index)
{
	size_t low = 0, high = d->nmerged, middle;

	/* As long as none was let go it is its place. */
	if (index < d->nmerged && d->list[index]->index == index)
		return d->list[index];
	while (low < high) {
		middle = low + (high - low) / 2;
		if (d->list[middle]->index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < d->nmerged && d->list[low]->index == index ? d->list[low] :
								  NULL;
}

/* --- the end of findings ---------------------------------------------- */

static void
merged_empty(struct merged *m)
{
	arena_free(&m->mem);
	arena_free(&m->late);
	crowd_free(&m->clients);
}

static void
merged_free(struct merged *m)
{
	merged_empty(m);
	pool_free(m, sizeof(*m));
}

void
docket_graves_clear(struct docket *d)
{
	struct merged *m;

	while ((m = d->graves) != NULL) {
		d->graves = m->akin;
		merged_free(m);
	}
	d->shown = 0;
}

/*
 * M does not point at what goes; true when it has nobody left who accounts
 * for it: it must not become a cause for that, and goes as well.
 */
static bool
is_orphan(struct merged *m)
{
	if (m->explainer != NULL && m->explainer->leaves)
		m->explainer = NULL;
	else if (m->winner == NULL || !m->winner->leaves)
		return false;
	if (m->winner != NULL && m->winner->leaves)
		m->winner = NULL;
	return m->explainer == NULL && m->winner == NULL && !rank_is_cause(m);
}

/* The longest unseen ones, one in so many; and who depends on them. */
static void
choose_leaving(struct docket *d)
{
	size_t n = d->nmerged / LEAVE_AT_ONCE + 1, i;
	struct node *node = d->merged.oldest;
	bool more = true;

	for (; node != NULL && n > 0; node = node->newer, n--)
		((struct merged *)node)->leaves = true;
	while (more) {
		more = false;
		for (i = 0; i < d->nmerged; i++)
			if (!d->list[i]->leaves && is_orphan(d->list[i]))
				more = d->list[i]->leaves = true;
	}
}

static void
let_go(struct docket *d, struct merged *m)
{
	table_remove(&d->merged, &m->node);
	d->octets -= m->octets;
	d->not_kept++;
	if (m->index >= d->shown) {
		merged_free(m);
		return;
	}
	m->akin = d->graves;
	d->graves = m;
}

static bool
is_full(const struct docket *d)
{
	/* In a copy, as long as there was room in the original. */
	size_t more = d->block != NULL && d->lets_go ? VIEW_PENDING : 0;

	return d->nmerged >= KEEP_MAX_FINDINGS + more || d->octets > d->share;
}

bool
docket_make_room(struct docket *d)
{
	size_t i, n;

	if (!is_full(d))
		return true;
	if (!d->lets_go || d->block != NULL)
		return false;
	while (d->nmerged > 1 && is_full(d)) {
		choose_leaving(d);
		for (i = n = 0; i < d->nmerged; i++)
			if (d->list[i]->leaves)
				let_go(d, d->list[i]);
			else
				d->list[n++] = d->list[i];
		d->nmerged = n;
	}
	if (d->since)
		since_index(d);
	return true;
}

/* --- copies ----------------------------------------------------------- */

/* The text of the last evidence may be freed: it is copied. */
static void
merged_copy(struct merged *to, const struct merged *from, struct arena *mem)
{
	struct evidence *last;

	*to = *from;
	memset(&to->mem, 0, sizeof(to->mem));
	memset(&to->late, 0, sizeof(to->late));
	to->f.arena = mem;
	to->clients.borrowed = true;
	to->borrowed = true;
	to->octets = 0;
	last = &to->f.evidence[FINDING_MAX_EVIDENCE - 1];
	if (from->late.chunks != NULL)
		last->says = arena_printf(mem, "%s", last->says);
}

static struct merged *
same_in(const struct docket *d, const struct merged *m)
{
	return m == NULL ? NULL : docket_find(d, m->index);
}

void
docket_copy(struct docket *to, struct docket *from, struct arena *mem)
{
	struct merged *m;
	size_t i;

	from->shown = from->made;
	*to = *from;
	to->graves = NULL;
	memset(&to->merged, 0, sizeof(to->merged));
	to->octets = 0;
	to->verdicts = must_calloc(rules_count + 1, sizeof(*to->verdicts));
	memcpy(to->verdicts, from->verdicts,
	    rules_count * sizeof(*to->verdicts));
	to->list = must_calloc(to->room, sizeof(*to->list));
	to->block = must_calloc(from->nmerged + 1, sizeof(*to->block));
	for (i = 0; i < from->nmerged; i++) {
		m = to->list[i] = &to->block[i];
		merged_copy(m, from->list[i], mem);
		table_add(&to->merged, &m->node, m->node.hash);
	}
	for (i = 0; i < to->nmerged; i++) {
		m = to->list[i];
		m->explainer = same_in(to, m->explainer);
		m->winner = same_in(to, m->winner);
	}
	to->handles = NULL;
	if (to->since)
		since_index(to);
}

void
docket_free(struct docket *d)
{
	struct merged *m;
	size_t i;

	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		if (m->borrowed)
			merged_empty(m);
		else
			merged_free(m);
	}
	docket_graves_clear(d);
	free(d->list);
	if (d->block == NULL) /* a copy has those of the original */
		free(d->bits);
	free(d->block);
	free(d->handles);
	free(d->merged.buckets);
	free(d->verdicts);
	memset(d, 0, sizeof(*d));
}

/* --- a clock that went back ------------------------------------------- */

void
docket_clock_set(struct docket *d, int64_t now, uint64_t id)
{
	struct merged *m;
	size_t i;

	d->set_id = id;
	d->set_to = now;
	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		m->first = m->first < now ? m->first : now;
		m->last = m->last < now ? m->last : now;
		m->ok_first = m->ok_first < now ? m->ok_first : now;
		m->ok_last = m->ok_last < now ? m->ok_last : now;
	}
}

int64_t
docket_time(const struct docket *d, const struct story *s, int64_t time)
{
	return s->id <= d->set_id && time > d->set_to ? d->set_to : time;
}
