/*
 * opinion.c - what a failed log-on was found to be, before the fault was
 * mended.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "opinion.h"

struct opinion {
	struct arena mem;
	struct finding *list;
	size_t n;
	uint64_t octets, *counted; /* of it, in the sum of all */
	bool firm;                 /* mended since: it stays */
};

static bool
same_subject(const struct finding *a, const struct finding *b)
{
	const char *x, *y;
	int i;

	for (i = 0; i < SUBJECTS; i++) {
		x = a->subject[i];
		y = b->subject[i];
		if ((x == NULL) != (y == NULL) ||
		    (x != NULL && strcmp(x, y) != 0))
			return false;
	}
	return true;
}

static const struct finding *
find_same(const struct finding *f, const struct finding *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].rule == f->rule && same_subject(&list[i], f))
			return &list[i];
	return NULL;
}

static bool
is_likely(const struct finding *f)
{
	return !f->rule->catch_all && f->certainty >= CERTAINTY_LIKELY &&
	    f->rule->impact >= IMPACT_DEGRADES;
}

/* Whether a likely finding of O is not in LIST, or less sure there. */
static const struct finding *
what_is_lost(const struct opinion *o, const struct finding *list, size_t n)
{
	const struct finding *now;
	size_t i;

	for (i = 0; i < o->n; i++) {
		if (!is_likely(&o->list[i]))
			continue;
		now = find_same(&o->list[i], list, n);
		if (now == NULL || now->certainty < CERTAINTY_LIKELY)
			return &o->list[i];
	}
	return NULL;
}

static bool
proves_anything(const struct finding *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i].certainty == CERTAINTY_PROVEN)
			return true;
	return false;
}

/* Whether LIST says what O remembers. */
static bool
is_the_same(const struct opinion *o, const struct finding *list, size_t n)
{
	const struct finding *now;
	size_t i;

	if (o->n != n)
		return false;
	for (i = 0; i < n; i++) {
		now = find_same(&o->list[i], list, n);
		if (now == NULL || now->certainty != o->list[i].certainty ||
		    now->nevidence != o->list[i].nevidence ||
		    now->nexcluded != o->list[i].nexcluded)
			return false;
	}
	return true;
}

static void
remember(struct opinion **o, const struct mending *m,
    const struct finding *list, size_t n)
{
	struct opinion *to;
	size_t i;

	if (*o != NULL && is_the_same(*o, list, n))
		return;
	opinion_free(*o);
	*o = NULL;
	for (i = 0; i < n && !is_likely(&list[i]); i++)
		;
	if (i == n)
		return; /* nothing that could be lost */
	to = *o = must_calloc(1, sizeof(*to));
	to->list = arena_alloc(&to->mem, n * sizeof(*list));
	to->n = n;
	for (i = 0; i < n; i++)
		finding_copy(&to->list[i], &list[i], &to->mem);
	to->octets = sizeof(*to) + to->mem.held;
	to->counted = m->octets;
	*to->counted += to->octets;
}

size_t
opinion_form(struct opinion **o, const struct story *s, const struct mending *m,
    struct finding *list, size_t n, size_t most, struct arena *mem)
{
	const struct finding *lost = NULL;
	size_t i;

	if (*o != NULL && !(*o)->firm && !proves_anything(list, n))
		lost = what_is_lost(*o, list, n);
	if (lost != NULL &&
	    (story_reach_came_back(s, &lost->step) ||
		m->mended(m->arg, s, lost)))
		(*o)->firm = true;
	if (*o == NULL || !(*o)->firm) {
		remember(o, m, list, n);
		return n;
	}
	for (i = 0; i < (*o)->n && i < most; i++) {
		list[i] = (*o)->list[i];
		list[i].arena = mem;
	}
	return i;
}

void
opinion_free(struct opinion *o)
{
	if (o == NULL)
		return;
	*o->counted -= o->octets;
	arena_free(&o->mem);
	free(o);
}
