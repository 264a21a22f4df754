/*
 * result-filter.c - see result-filter.h.  What was judged stays as it was:
 * this only leaves out, and numbers anew what is left.
 */
#include <string.h>

#include "bounds.h"
#include "filter.h"
#include "result-filter.h"

struct choice {
	const struct result *r;
	struct arena *mem;
	bool *stories, *causes; /* chosen, by their number in R */
	int *numbers;           /* of a chosen cause; -1 for the others */
};

/* A finding is never shown without what accounts for it. */
static void
add_explainers(struct choice *c)
{
	size_t i, at, steps;
	int up;

	for (i = 0; i < c->r->ncauses; i++) {
		/* Chains are short; the count guards against a ring. */
		for (at = i, steps = 0; c->causes[at] && steps < c->r->ncauses;
		     steps++) {
			up = c->r->causes[at].explained_by;
			if (up < 0)
				up = c->r->causes[at].rival_of;
			if (up < 0)
				break;
			at = (size_t)up;
			c->causes[at] = true;
		}
	}
}

static int
renumber(const struct choice *c, int number)
{
	return number < 0 ? -1 : c->numbers[number];
}

static void
take_causes(const struct choice *c, struct result *out)
{
	const struct result *r = c->r;
	struct cause *list = arena_alloc(c->mem,
	    (r->ncauses + 1) * sizeof(*list));
	struct cause *to;
	size_t i;

	for (i = 0; i < r->ncauses; i++)
		c->numbers[i] = c->causes[i] ? (int)out->ncauses++ : -1;
	out->ncause = 0;
	for (i = 0; i < r->ncauses; i++) {
		if (!c->causes[i])
			continue;
		to = &list[c->numbers[i]];
		*to = r->causes[i];
		to->explained_by = renumber(c, to->explained_by);
		to->rival_of = renumber(c, to->rival_of);
		to->stories = arena_alloc(c->mem,
		    (FINDING_MAX_STORIES + 1) * sizeof(*to->stories));
		to->nstories = 0;
		out->ncause += to->cause;
	}
	out->causes = list;
}

/* The findings of story I by their new numbers, and it as one of theirs. */
static const uint64_t *
take_findings(const struct choice *c, size_t i, struct cause *causes)
{
	size_t n = c->r->nfindings_of[i], k;
	uint64_t *list = arena_alloc(c->mem, (n + 1) * sizeof(*list));
	struct cause *of;

	for (k = 0; k < n; k++) {
		list[k] = (uint64_t)c->numbers[c->r->findings_of[i][k]];
		of = &causes[list[k]];
		if (of->nstories < FINDING_MAX_STORIES)
			of->stories[of->nstories++] = c->r->kept[i]->id;
	}
	return list;
}

static void
take_stories(const struct choice *c, struct result *out)
{
	const struct result *r = c->r;
	size_t room = r->nkept + 1, i, n = 0;
	const struct story **kept = arena_alloc(c->mem, room * sizeof(*kept));
	const uint64_t **found = arena_alloc(c->mem, room * sizeof(*found));
	size_t *nfound = arena_alloc(c->mem, room * sizeof(*nfound));
	struct cause *causes;

	memcpy(&causes, &out->causes, sizeof(causes));
	out->nopen = 0;
	for (i = 0; i < r->nkept; i++) {
		if (!c->stories[i])
			continue;
		kept[n] = r->kept[i];
		found[n] = take_findings(c, i, causes);
		nfound[n++] = r->nfindings_of[i];
		out->nopen += i >= r->nkept - r->nopen;
	}
	out->kept = kept;
	out->findings_of = found;
	out->nfindings_of = nfound;
	out->nkept = n;
}

const struct result *
result_filter(const struct result *r, const char *filter, struct arena *mem)
{
	char error[FILTER_ERROR];
	size_t at;
	struct filter *f = filter == NULL ? NULL :
					    filter_new(filter, error, &at);
	struct choice c = { .r = r, .mem = mem };
	struct result *out;

	if (f == NULL)
		return r;
	c.stories = arena_alloc(mem, r->nkept + 1);
	c.causes = arena_alloc(mem, r->ncauses + 1);
	c.numbers = arena_alloc(mem, (r->ncauses + 1) * sizeof(*c.numbers));
	filter_choose(f, r, c.stories, c.causes);
	filter_free(f);
	add_explainers(&c);
	out = arena_alloc(mem, sizeof(*out));
	*out = *r;
	out->filter = filter;
	out->whole = r;
	out->ncauses = 0;
	take_causes(&c, out);
	take_stories(&c, out);
	return out;
}
