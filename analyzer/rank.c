/*
 * rank.c - cause before symptom, and rivals.
 *
 * Within one story: a finding whose rule explains another's takes it under
 * itself; findings on the same failing step compete, certainty first, then
 * specific rules before catch-alls, then kinds of evidence.  Over all
 * stories a finding is a cause unless it was explained or beaten in every
 * one of them, by another of the same story or by what is proven of the same
 * failure in another (rank-alike.c).
 */
#include <string.h>

#include "judge.h"

bool
rank_explains(const struct finding *a, const struct finding *b)
{
	const char *const *id = a->explains != NULL ? a->explains :
						      a->rule->explains;

	for (; id != NULL && *id != NULL; id++)
		if (strcmp(*id, b->rule->id) == 0)
			return true;
	return false;
}

int
rank_compare(const struct rule *ra, enum certainty ca, unsigned ea,
    const struct rule *rb, enum certainty cb, unsigned eb)
{
	if (ca != cb)
		return ca > cb ? -1 : 1;
	if (ra->catch_all != rb->catch_all)
		return rb->catch_all ? -1 : 1;
	if (__builtin_popcount(ea) != __builtin_popcount(eb))
		return __builtin_popcount(ea) > __builtin_popcount(eb) ? -1 : 1;
	return strcmp(ra->id, rb->id);
}

static int
hit_compare(const struct hit *a, const struct hit *b)
{
	return rank_compare(a->m->f.rule, a->certainty, a->rests_on,
	    b->m->f.rule, b->certainty, b->rests_on);
}

static int
merged_compare(const struct merged *a, const struct merged *b)
{
	return rank_compare(a->f.rule, a->f.certainty, a->f.rests_on, b->f.rule,
	    b->f.certainty, b->f.rests_on);
}

static bool
same_step(const struct hit *a, const struct hit *b)
{
	return a->step.frame != 0 && a->step.frame == b->step.frame &&
	    a->step.capture == b->step.capture;
}

/*
 * Whether A accounts for B here.  On one and the same step a guess does not
 * explain away what is better founded: they are rivals then.
 */
static bool
hit_explains(const struct hit *a, const struct hit *b)
{
	if (a->m == b->m || !rank_explains(&a->m->f, &b->m->f))
		return false;
	return !same_step(a, b) || a->certainty >= b->certainty;
}

static void
note_explained(struct hit *b, const struct hit *a)
{
	b->m->explained++;
	if (b->m->explainer == NULL ||
	    merged_compare(a->m, b->m->explainer) < 0)
		b->m->explainer = a->m;
	b->beaten = true;
}

static void
note_lost(struct hit *b, const struct hit *a)
{
	/* A narrower finding accounts for a catch-all. */
	if (b->m->f.rule->catch_all) {
		note_explained(b, a);
		return;
	}
	b->m->lost++;
	b->silenced = a->certainty == CERTAINTY_PROVEN;
	b->m->silenced += b->silenced;
	if (b->m->winner == NULL || merged_compare(a->m, b->m->winner) < 0)
		b->m->winner = a->m;
	b->beaten = true;
}

void
rank_hits(struct hit *hits, size_t n)
{
	const struct hit *best;
	size_t i, j;

	for (i = 0; i < n; i++) {
		best = NULL;
		for (j = 0; j < n; j++)
			if (j != i && hit_explains(&hits[j], &hits[i]) &&
			    (best == NULL || hit_compare(&hits[j], best) < 0))
				best = &hits[j];
		if (best != NULL)
			note_explained(&hits[i], best);
	}
	for (i = 0; i < n; i++) {
		best = NULL;
		for (j = 0; j < n; j++)
			if (j != i && !hits[j].beaten &&
			    same_step(&hits[i], &hits[j]) &&
			    hit_compare(&hits[j], &hits[i]) < 0 &&
			    (best == NULL || hit_compare(&hits[j], best) < 0))
				best = &hits[j];
		if (best != NULL && !hits[i].beaten)
			note_lost(&hits[i], best);
	}
}

bool
rank_is_cause(const struct merged *m)
{
	return !m->dropped && m->explained + m->lost < m->occurrences;
}

/* Whether M's explainers lead back to M. */
static bool
explains_itself(const struct merged *m)
{
	const struct merged *a = m->explainer;
	int hops;

	for (hops = 0; a != NULL && hops < 32; hops++) {
		if (a == m)
			return true;
		a = a->explainer;
	}
	return a != NULL;
}

void
rank_settle(struct docket *d)
{
	struct merged *m;
	size_t i;

	rank_alike_settle(d);
	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		if (m->silenced == m->occurrences)
			m->dropped = true;
	}
	rank_subject_settle(d);
	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		if (m->explainer != NULL &&
		    (m->explainer->dropped || explains_itself(m))) {
			m->explainer = NULL;
			m->explained = 0;
		}
	}
}
