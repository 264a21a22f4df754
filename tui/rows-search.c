/*
 * rows-search.c - a text looked for in the lines of the list of log-ons.
 *
 * All 100,000 are looked at between two key presses when it is nowhere, so
 * what many lines share (outcome, carrier, cause) is compared once, and the
 * rest without the preparation that strcasestr() makes for each text.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define CARRIERS 16 /* told apart; their names are static texts */

struct hunt {
	const struct tui *t;
	char text[VIEW_SEARCH]; /* what is searched for, in small letters */
	size_t len;
	bool address; /* it can be part of one */
	bool outcomes[OUTCOME_BROKEN + 1];
	bool *causes; /* by place; NULL: they are not shown */
	struct {
		const char *name;
		bool hit;
	} carriers[CARRIERS];
	size_t ncarriers;
};

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool
holds(const struct hunt *h, const char *text)
{
	size_t n;

	if (text == NULL || h->len == 0)
		return false;
	for (; *text != '\0'; text++) {
		for (n = 0; n < h->len && small(text[n]) == h->text[n]; n++)
			;
		if (n == h->len)
			return true;
	}
	return false;
}

const char *
rows_who(const struct story *s, char buf[ADDR_TEXT])
{
	return s->principal != NULL ? s->principal : addr_text(&s->client, buf);
}

const char *
rows_service(const struct story *s, char buf[ADDR_TEXT])
{
	return s->spn != NULL     ? s->spn :
	    s->host != NULL       ? s->host :
	    s->server.family == 0 ? "-" :
				    addr_text(&s->server, buf);
}

static void
begin(struct hunt *h, const struct tui *t, bool causes)
{
	*h = (struct hunt){ .t = t, .len = strlen(t->search) };
	for (size_t i = 0; i < h->len; i++)
		h->text[i] = small(t->search[i]);
	h->address = strspn(h->text, "0123456789abcdef.:") == h->len;
	for (int i = 0; i <= OUTCOME_BROKEN; i++)
		h->outcomes[i] = holds(h, outcome_names[i]);
	if (!causes)
		return;
	h->causes = view_alloc(NULL, t->ncauses * sizeof(*h->causes));
	for (size_t i = 0; i < t->ncauses; i++)
		h->causes[i] = holds(h, t->r->causes[t->causes[i]].title);
}

static bool
holds_carrier(struct hunt *h, const char *carrier)
{
	size_t i;

	for (i = 0; i < h->ncarriers; i++)
		if (h->carriers[i].name == carrier)
			return h->carriers[i].hit;
	if (i == CARRIERS)
		return holds(h, carrier);
	h->carriers[i].name = carrier;
	h->carriers[i].hit = holds(h, carrier);
	h->ncarriers++;
	return h->carriers[i].hit;
}

static bool
holds_cause(const struct hunt *h, size_t index)
{
	const struct cause *c;

	if (h->causes == NULL)
		return false;
	c = view_cause_of(h->t, index);
	return c != NULL && h->causes[h->t->own->place[c - h->t->r->causes]];
}

static bool
matches(struct hunt *h, size_t index)
{
	const struct story *s = h->t->r->kept[index];
	char buf[ADDR_TEXT];

	if (h->outcomes[s->outcome] || holds_carrier(h, s->carrier) ||
	    holds(h, s->principal) || holds(h, s->spn) || holds_cause(h, index))
		return true;
	/* What stands there when there is no name. */
	return (s->principal == NULL && h->address &&
		   holds(h, rows_who(s, buf))) ||
	    (s->spn == NULL && (h->address || s->host != NULL) &&
		holds(h, rows_service(s, buf)));
}

size_t
rows_search(const struct tui *t, size_t at, int step, bool causes)
{
	struct hunt h;
	size_t n = t->nrows, found = SIZE_MAX;

	if (n == 0)
		return SIZE_MAX;
	begin(&h, t, causes);
	for (size_t i = 0; i < n && found == SIZE_MAX; i++) {
		if (i > 0 || step != 0)
			at = step < 0 ? (at == 0 ? n - 1 : at - 1) :
					(at + 1 >= n ? 0 : at + 1);
		if (at < n && matches(&h, t->rows[at]))
			found = at;
	}
	free(h.causes);
	return found;
}
