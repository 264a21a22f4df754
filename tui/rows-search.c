/*
 * rows-search.c - a text looked for in the lines of the list of log-ons.
 *
 * All 100,000 are looked at between two key presses when it is nowhere, so
 * what many lines share (outcome, carrier, cause) is compared once, and the
 * rest where it stands close together (rows-gist.c).
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"

struct hunt {
	const struct tui *t;
	char text[VIEW_SEARCH]; /* what is searched for, in small letters */
	size_t len;
	bool outcomes[OUTCOME_BROKEN + 1];
	bool carriers[GIST_CARRIERS];
	bool *causes; /* by place; NULL: they are not shown */
};

/* ASCII alone, whatever the locale. */
static char
small(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Whether TEXT, which is in small letters, does. */
static bool
holds_small(const struct hunt *h, const char *text)
{
	return strstr(text, h->text) != NULL;
}

static bool
holds(const struct hunt *h, const char *text)
{
	size_t n;

	if (text == NULL)
		return false;
	for (; *text != '\0'; text++) {
		for (n = 0; n < h->len && small(text[n]) == h->text[n]; n++)
			;
		if (n == h->len)
			return true;
	}
	return false;
}

static void
begin(struct hunt *h, const struct tui *t, bool causes)
{
	const struct gists *g = &t->own->rows.gists;

	*h = (struct hunt){ .t = t, .len = strlen(t->search) };
	for (size_t i = 0; i < h->len; i++)
		h->text[i] = small(t->search[i]);
	for (int i = 0; i <= OUTCOME_BROKEN; i++)
		h->outcomes[i] = holds(h, outcome_names[i]);
	for (size_t i = 0; i < g->ncarriers; i++)
		h->carriers[i] = holds(h, g->carriers[i]);
	if (!causes)
		return;
	h->causes = view_alloc(NULL, t->ncauses * sizeof(*h->causes));
	for (size_t i = 0; i < t->ncauses; i++)
		h->causes[i] = holds(h, t->r->causes[t->causes[i]].title);
}

static bool
holds_carrier(const struct hunt *h, size_t index, unsigned carrier)
{
	return carrier < GIST_CARRIERS ?
	    h->carriers[carrier] :
	    holds(h, h->t->r->kept[index]->carrier);
}

static bool
holds_cause(const struct hunt *h, size_t index)
{
	const struct cause *c;

	if (h->causes == NULL)
		return false;
	c = view_cause_of(h->t, index);
	return c != NULL &&
	    h->causes[h->t->own->rows.place[c - h->t->r->causes]];
}

static bool
matches(const struct hunt *h, struct gists *g, size_t index)
{
	const struct gist *gist = &g->list[index];

	/* Of the latest there may be none yet. */
	gist_make(g, h->t->r, index);
	return h->outcomes[gist->outcome] ||
	    holds_carrier(h, index, gist->carrier) ||
	    holds_small(h, g->pool + gist->who) ||
	    holds_small(h, g->pool + gist->service) || holds_cause(h, index);
}

size_t
rows_search(const struct tui *t, size_t at, int step, bool causes)
{
	struct gists *g = &t->own->rows.gists;
	struct hunt h;
	size_t n = t->nrows, found = SIZE_MAX;

	if (n == 0 || *t->search == '\0')
		return SIZE_MAX;
	begin(&h, t, causes);
	for (size_t i = 0; i < n && found == SIZE_MAX; i++) {
		if (i > 0 || step != 0)
			at = step < 0 ? (at == 0 ? n - 1 : at - 1) :
					(at + 1 >= n ? 0 : at + 1);
		if (at < n && matches(&h, g, t->rows[at]))
			found = at;
	}
	free(h.causes);
	return found;
}
