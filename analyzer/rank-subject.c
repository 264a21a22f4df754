/*
 * rank-subject.c - a cause elsewhere in the capture accounts for a finding
 * about the same thing, though they share no story.
 *
 * Both name something in common that is more than a realm: what may account
 * for a finding is looked for under each such name and the finding's rule,
 * and not among all others.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge.h"

#define HOLDS (2 * SECOND) /* a clock that was seen to be off */

/* A accounts for findings of a rule about a name, of which HASH is made. */
struct claim {
	struct claim *next; /* in its bucket, made later */
	uint64_t hash;
	struct merged *a;
};

struct claims {
	struct claim *list;
	struct claim **buckets;
	size_t n, nbuckets; /* a power of two */
};

static bool
is_name(int subject)
{
	return subject != SUBJECT_REALM && subject != SUBJECT_KDC;
}

static uint64_t
claim_hash(const char *rule, int subject, const char *value)
{
	uint64_t hash = hash_mix(hash_text(rule, strlen(rule)),
	    (uint64_t)subject);

	return hash_mix(hash, hash_text(value, strlen(value)));
}

static const char *const *
explained_by(const struct merged *a)
{
	static const char *const none[] = { NULL };
	const char *const *ids = a->f.explains != NULL ? a->f.explains :
							 a->f.rule->explains;

	return ids != NULL ? ids : none;
}

/* Notes what A claims in LIST (NULL: only counts); how much that is. */
static size_t
claims_of(struct merged *a, struct claim *list)
{
	const char *const *id;
	size_t n = 0;
	int i;

	if (a->dropped)
		return 0;
	for (i = 0; i < SUBJECTS; i++) {
		if (!is_name(i) || a->f.subject[i] == NULL)
			continue;
		for (id = explained_by(a); *id != NULL; id++, n++) {
			if (list == NULL)
				continue;
			list[n].a = a;
			list[n].hash = claim_hash(*id, i, a->f.subject[i]);
		}
	}
	return n;
}

static void
claims_make(struct claims *c, const struct docket *d)
{
	struct claim **bucket;
	size_t i, n = 0;

	for (i = 0; i < d->nmerged; i++)
		n += claims_of(d->list[i], NULL);
	c->list = must_calloc(n + 1, sizeof(*c->list));
	c->n = 0;
	for (i = 0; i < d->nmerged; i++)
		c->n += claims_of(d->list[i], &c->list[c->n]);
	for (c->nbuckets = 64; c->nbuckets < c->n;)
		c->nbuckets *= 2;
	c->buckets = must_calloc(c->nbuckets, sizeof(struct claim *));
	for (i = c->n; i-- > 0;) {
		bucket = &c->buckets[c->list[i].hash & (c->nbuckets - 1)];
		c->list[i].next = *bucket;
		*bucket = &c->list[i];
	}
}

/* What both name is the same, and they name one thing in common. */
static bool
same_subject(const struct finding *a, const struct finding *b)
{
	bool common = false;
	int i;

	for (i = 0; i < SUBJECTS; i++) {
		if (a->subject[i] == NULL || b->subject[i] == NULL)
			continue;
		if (strcasecmp(a->subject[i], b->subject[i]) != 0)
			return false;
		common |= is_name(i);
	}
	return common;
}

/* The better explanation of two, the earlier of two as good. */
static struct merged *
better(struct merged *a, struct merged *b)
{
	int order;

	if (b == NULL)
		return a;
	order = rank_compare(a->f.rule, a->f.certainty, a->f.rests_on,
	    b->f.rule, b->f.certainty, b->f.rests_on);
	if (order != 0)
		return order < 0 ? a : b;
	return a->index < b->index ? a : b;
}

/*
 * A clock that is off explains what happens while it is: one that was set
 * right, or was right before, does not explain a stale key of that other day,
 * nor one that was met before it and after it as well.
 */
static bool
same_while(const struct merged *a, const struct merged *m)
{
	if (strcmp(a->f.rule->about, "time") != 0)
		return true;
	return a->first <= m->first + HOLDS && m->last <= a->last + HOLDS;
}

static struct merged *
best_claim(const struct claims *c, const struct merged *m)
{
	struct merged *best = NULL, *a;
	const struct claim *k;
	uint64_t hash;
	int i;

	for (i = 0; i < SUBJECTS; i++) {
		if (!is_name(i) || m->f.subject[i] == NULL)
			continue;
		hash = claim_hash(m->f.rule->id, i, m->f.subject[i]);
		k = c->buckets[hash & (c->nbuckets - 1)];
		for (; k != NULL; k = k->next) {
			a = k->a;
			if (k->hash == hash && a != m && a != best &&
			    a->f.certainty >= m->f.certainty &&
			    rank_explains(&a->f, &m->f) && same_while(a, m) &&
			    same_subject(&a->f, &m->f))
				best = better(a, best);
		}
	}
	return best;
}

/* What explained M in a story of its own stays, if it is as good. */
static void
settle(struct merged *m, struct merged *a)
{
	if (a == NULL)
		return;
	if (m->explainer == NULL ||
	    rank_compare(a->f.rule, a->f.certainty, a->f.rests_on,
		m->explainer->f.rule, m->explainer->f.certainty,
		m->explainer->f.rests_on) < 0)
		m->explainer = a;
	m->explained = m->occurrences;
}

void
rank_subject_settle(struct docket *d)
{
	struct claims c;
	size_t i;

	claims_make(&c, d);
	for (i = 0; c.n > 0 && i < d->nmerged; i++)
		if (rank_is_cause(d->list[i]))
			settle(d->list[i], best_claim(&c, d->list[i]));
	free(c.buckets);
	free(c.list);
}
