/*
 * rows-gist.c - what the lines of the list say of each log-on, close together
 * in memory.
 *
 * The log-ons themselves are spread over all that is kept: to look into all
 * of 100,000 takes longer than a key press may, nearly all of it waiting for
 * memory.  Their gists are read through in a tenth of that.
 */
#include <stdlib.h>
#include <string.h>

#include "core.h"

#define LEAST 65536 /* octets that may be wasted */

/* ASCII alone, whatever the locale. */
static char
small(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static void
add(struct gists *g, const char *text)
{
	size_t n = strlen(text) + 1;

	if (n > g->room - g->used) {
		g->room = 2 * (g->used + n);
		g->pool = view_alloc(g->pool, g->room);
	}
	for (size_t i = 0; i < n; i++)
		g->pool[g->used + i] = small(text[i]);
	g->used += n;
}

static unsigned char
carrier_number(struct gists *g, const char *name)
{
	size_t i;

	for (i = 0; i < g->ncarriers; i++)
		if (g->carriers[i] == name)
			return (unsigned char)i;
	if (i == GIST_CARRIERS)
		return GIST_CARRIERS;
	g->carriers[g->ncarriers++] = name;
	return (unsigned char)i;
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

void
gist_make(struct gists *g, const struct result *r, size_t index)
{
	const struct story *s = r->kept[index];
	struct gist *gist = &g->list[index];
	char buf[ADDR_TEXT];

	if (gist->made)
		return;
	*gist = (struct gist){ .made = true,
		.start = s->start,
		.outcome = (unsigned char)s->outcome,
		.carrier = carrier_number(g, s->carrier),
		.nobody = s->principal == NULL,
		.nothing = s->spn == NULL && s->host == NULL };
	gist->who = g->used;
	add(g, rows_who(s, buf));
	gist->service = g->used;
	add(g, rows_service(s, buf));
}

/* Without what nobody refers to any more. */
static void
compact(struct gists *g)
{
	struct gists all = *g;
	struct gist *gist;
	size_t who, service;

	g->pool = NULL;
	g->used = g->room = 0;
	for (size_t i = 0; i < g->n; i++) {
		gist = &g->list[i];
		if (!gist->made)
			continue;
		who = g->used;
		add(g, all.pool + gist->who);
		service = g->used;
		add(g, all.pool + gist->service);
		gist->who = who;
		gist->service = service;
	}
	free(all.pool);
	g->full = 2 * g->used + LEAST;
}

void
gists_move(struct gists *g, const uint32_t *map, size_t closed, size_t n)
{
	struct gist *list = view_alloc(NULL, n * sizeof(*list));

	memset(list, 0, n * sizeof(*list));
	/* Those that were open may say something else now. */
	for (size_t i = 0; i < closed; i++)
		if (map[i] != UINT32_MAX)
			list[map[i]] = g->list[i];
	free(g->list);
	g->list = list;
	g->n = n;
	if (g->used > g->full)
		compact(g);
}

void
gists_free(struct gists *g)
{
	free(g->list);
	free(g->pool);
	*g = (struct gists){ 0 };
}
