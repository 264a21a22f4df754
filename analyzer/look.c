/*
 * look.c - what was found in a story that did not fail, for the views that
 * come next.
 *
 * Until they are settled, the latest stories are judged anew in each view,
 * for the ledger learns.  What is found in a log-on that went well is a
 * remark or a weakness at most: it is judged soon after its end, later ever
 * more seldom, and in between what was found is told again.  One that failed
 * is judged each time.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "look.h"
#include "pool.h"

#define AGAIN_FIRST (2 * SECOND)
#define AGAIN_MOST (60 * SECOND)
#define AGAIN_LATER 4 /* times as old as when it was judged last */

/* What a rule said. */
struct said {
	uint16_t rule, missing;
	uint8_t verdict;
};

struct look {
	struct arena mem;
	struct finding *list;
	size_t n, nsaid;
	int64_t when, again;
	uint64_t facts;
	uint64_t octets, *counted; /* of it, in the sum of all */
	struct said said[];
};

static size_t
look_octets(void)
{
	return sizeof(struct look) + rules_count * sizeof(struct said);
}

bool
look_holds(const struct look *l, const struct looking *by)
{
	return l != NULL && l->facts == by->facts && by->now >= l->when &&
	    by->now < l->again;
}

void
look_free(struct look *l)
{
	if (l == NULL)
		return;
	*l->counted -= l->octets;
	arena_free(&l->mem);
	pool_free(l, look_octets());
}

struct look *
look_begin(const struct looking *by)
{
	struct look *l = pool_zeroed(look_octets());

	l->counted = by->octets;
	return l;
}

void
look_verdict(struct look *l, size_t rule, enum verdict verdict,
    unsigned missing)
{
	if (l == NULL || verdict == VERDICT_NOT_APPLICABLE ||
	    l->nsaid == rules_count)
		return;
	l->said[l->nsaid++] = (struct said){ .rule = (uint16_t)rule,
		.missing = (uint16_t)missing,
		.verdict = (uint8_t)verdict };
}

/* When a story that ended at END and is judged NOW is judged again. */
static int64_t
look_again(int64_t end, int64_t now)
{
	int64_t age = now > end ? now - end : 0;

	if (age < AGAIN_FIRST)
		return now + AGAIN_FIRST;
	age = age < AGAIN_MOST ? age * (AGAIN_LATER - 1) : AGAIN_MOST;
	return now + (age < AGAIN_MOST ? age : AGAIN_MOST);
}

void
look_end(struct look *l, const struct looking *by, int64_t end,
    const struct finding *list, size_t n)
{
	size_t i;

	l->when = by->now;
	l->again = look_again(end, by->now);
	l->facts = by->facts;
	l->n = n;
	if (n > 0)
		l->list = arena_alloc(&l->mem, n * sizeof(*list));
	for (i = 0; i < n; i++)
		finding_copy(&l->list[i], &list[i], &l->mem);
	l->octets = look_octets() + l->mem.held;
	*l->counted += l->octets;
}

const struct finding *
look_findings(const struct look *l, size_t *n)
{
	*n = l->n;
	return l->list;
}

void
look_verdicts(const struct look *l,
    void (
	*sink)(void *arg, size_t rule, enum verdict verdict, unsigned missing),
    void *arg)
{
	size_t i;

	for (i = 0; i < l->nsaid; i++)
		sink(arg, l->said[i].rule, (enum verdict)l->said[i].verdict,
		    l->said[i].missing);
}
