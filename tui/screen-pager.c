/*
 * screen-pager.c - a page of text: what `kerbscope explain` says of a rule.
 *
 * The page comes wrapped for 80 columns.  A line whose first word had no room
 * on the line before goes on with the same paragraph; so other widths show no
 * ragged lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

#define PAGE_COLUMNS 80 /* for which it comes */
#define LINES_MAX 65536
#define WHEEL 3

/* A line on the screen: a piece of the text. */
struct page_line {
	size_t from, len;
	int indent;
};

struct pager {
	char *title;
	char *text;
	struct page_line *lines;
	size_t nlines, room;
	struct list list;
	int w; /* for which the lines are made; 0: for none */
};

static struct pager *
state(struct tui *t)
{
	return view_state(t, SCREEN_PAGER);
}

/* --- paragraphs ----------------------------------------------------------------- */

static size_t
indent_of(const char *line)
{
	return strspn(line, " ");
}

static size_t
length_of(const char *line)
{
	return strcspn(line, "\n");
}

/* Whether NEXT was only begun because LINE (LEN octets) had no more room. */
static bool
goes_on(const char *line, size_t len, const char *next)
{
	size_t indent = indent_of(line);

	return indent > 0 && len > indent && indent_of(next) == indent &&
	    next[indent] != '\n' && next[indent] != '\0' &&
	    len + 1 + strcspn(next + indent, " \n") > PAGE_COLUMNS;
}

/* TEXT with the lines of each paragraph joined; commands stay as they are. */
static char *
joined(const char *text)
{
	char *buf = NULL;
	size_t size, len, skip = 0;
	FILE *f = open_memstream(&buf, &size);
	const char *next;
	bool fix = false;

	for (; f != NULL && *text != '\0'; text = next) {
		len = length_of(text);
		next = text + len + (text[len] == '\n');
		if (indent_of(text) == 0 && len > 0)
			fix = strncmp(text, "Fix", len) == 0;
		fwrite(text + skip, 1, len - skip, f);
		skip = 0;
		if (!fix && goes_on(text, len, next))
			skip = indent_of(next);
		putc(skip > 0 ? ' ' : '\n', f);
	}
	if (f == NULL || fclose(f) != 0 || buf == NULL)
		memory_none();
	return buf;
}

/* --- lines ---------------------------------------------------------------------------- */

static void
add_line(struct pager *p, size_t from, size_t len, int indent)
{
	if (p->nlines == p->room) {
		p->room = p->room == 0 ? 64 : 2 * p->room;
		p->lines = view_alloc(p->lines, p->room * sizeof(*p->lines));
	}
	p->lines[p->nlines++] = (struct page_line){ from, len, indent };
}

/* The lines of the paragraph of LEN octets at FROM. */
static void
add_paragraph(const struct tui *t, struct pager *p, size_t from, size_t len)
{
	int indent = (int)strspn(p->text + from, " ");
	size_t n, room;

	if ((size_t)indent >= len) {
		add_line(p, from, 0, 0);
		return;
	}
	from += (size_t)indent;
	len -= (size_t)indent;
	if (indent > p->w / 4)
		indent = p->w / 4;
	room = p->w - indent < 1 ? 1 : (size_t)(p->w - indent);
	while (len > 0 && p->nlines < LINES_MAX) {
		n = text_line(t->utf8, p->text + from, len, room);
		add_line(p, from, n, indent);
		while (n < len && p->text[from + n] == ' ')
			n++;
		from += n;
		len -= n;
	}
}

/* What stood at the top is there still, as near as can be. */
static void
wrap(const struct tui *t, struct pager *p, int w)
{
	size_t at = p->list.top < p->nlines ? p->lines[p->list.top].from : 0;
	size_t len;

	if (p->w == w || p->text == NULL)
		return;
	p->w = w;
	p->nlines = 0;
	for (const char *s = p->text; *s != '\0' && p->nlines < LINES_MAX;
	     s += len + (s[len] == '\n')) {
		len = length_of(s);
		add_paragraph(t, p, (size_t)(s - p->text), len);
	}
	p->list.top = 0;
	while (
	    p->list.top + 1 < p->nlines && p->lines[p->list.top + 1].from <= at)
		p->list.top++;
}

/* --- the screen ------------------------------------------------------------------------ */

static void
draw_title(struct tui *t, const struct pager *p, const struct area *a)
{
	size_t last = p->list.top + p->list.page;
	char where[64] = "";
	int w;

	if (last > p->nlines)
		last = p->nlines;
	if (p->list.page < p->nlines)
		snprintf(where, sizeof(where), "%zu-%zu of %zu",
		    p->list.top + 1, last, p->nlines);
	w = (int)strlen(where);
	text_cell(t, a, 0, 0, a->w, theme(t, THEME_COLUMNS),
	    p->title == NULL ? "" : p->title);
	if (w + 20 < a->w)
		text_put(t, a, 0, a->w - w - 1, w, theme(t, THEME_COLUMNS),
		    where);
}

static void
pager_draw(struct tui *t, const struct area *a)
{
	struct pager *p = state(t);
	size_t last;

	wrap(t, p, a->w);
	p->list.n = p->nlines;
	p->list.page = a->h < 2 ? 1 : (size_t)a->h - 1;
	last = p->nlines > p->list.page ? p->nlines - p->list.page : 0;
	if (p->list.top > last)
		p->list.top = last;
	draw_title(t, p, a);
	for (int y = 1; y < a->h; y++) {
		size_t i = p->list.top + (size_t)y - 1;
		const struct page_line *l = &p->lines[i];

		if (i >= p->nlines)
			break;
		text_put_n(t, a, y, l->indent, a->w,
		    theme(t, l->indent == 0 ? THEME_HEAD : THEME_TEXT),
		    p->text + l->from, l->len);
	}
}

static bool
pager_command(struct tui *t, enum command c)
{
	return list_scroll(&state(t)->list, c);
}

static void
pager_mouse(struct tui *t, enum mouse m, int y, int x)
{
	(void)y;
	(void)x;
	for (int i = 0; i < WHEEL; i++)
		if (m == MOUSE_WHEEL_UP || m == MOUSE_WHEEL_DOWN)
			pager_command(t,
			    m == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
}

static bool
line_matches(const struct tui *t, const struct pager *p, size_t i)
{
	const struct page_line *l = &p->lines[i];
	char *line = text_printf("%.*s", (int)l->len, p->text + l->from);
	bool found = view_matches(t, line);

	free(line);
	return found;
}

/* From the last that was found, or from the top. */
static bool
pager_find(struct tui *t, int step)
{
	struct pager *p = state(t);
	size_t n = p->nlines, at = p->list.at;

	if (n == 0)
		return false;
	if (at < p->list.top || at >= p->list.top + p->list.page) {
		at = p->list.top;
		if (step > 0)
			step = 0;
	}
	at = (at + n + (size_t)(step < 0 ? -1 : step)) % n;
	for (size_t i = 0; i < n; i++) {
		if (line_matches(t, p, at)) {
			p->list.at = at;
			if (at < p->list.top ||
			    at >= p->list.top + p->list.page)
				p->list.top = at;
			return true;
		}
		at = step < 0 ? (at + n - 1) % n : (at + 1) % n;
	}
	return false;
}

static void
pager_close(struct tui *t)
{
	struct pager *p = state(t);

	free(p->title);
	free(p->text);
	free(p->lines);
}

/* TEXT as the page; TITLE is taken over. */
static void
show(struct tui *t, char *title, const char *text)
{
	struct pager *p = state(t);

	free(p->title);
	free(p->text);
	p->title = title;
	p->text = joined(text);
	p->w = 0;
	p->nlines = 0;
	p->list = (struct list){ 0 };
	view_enter(t, SCREEN_PAGER);
}

void
pager_explain(struct tui *t, const char *rule)
{
	char *buf = NULL;
	size_t size;
	FILE *f = open_memstream(&buf, &size);
	bool known;

	if (f == NULL)
		memory_none();
	known = t->host.explain != NULL &&
	    t->host.explain(t->host.arg, rule, f);
	if (fclose(f) != 0 || buf == NULL)
		memory_none();
	if (known)
		show(t, text_printf("explain %s", rule), buf);
	else
		view_notice(t, THEME_ERROR, "nothing is known of the rule %s",
		    rule);
	free(buf);
}

const struct screen screen_pager = {
	.name = "page",
	.size = sizeof(struct pager),
	.draw = pager_draw,
	.command = pager_command,
	.mouse = pager_mouse,
	.find = pager_find,
	.close = pager_close,
};
