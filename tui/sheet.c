/*
 * sheet.c - text in paragraphs, each with a label at its left, wrapped to the
 * width of a pane.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "view.h"

#define SHEET_MAX 65536 /* paragraphs, and lines: more are not shown */

struct paragraph {
	enum theme_role role;
	char *label; /* or NULL */
	char *text;
};

struct sheet_line {
	size_t paragraph;
	size_t from, len; /* octets of its text */
};

struct sheet {
	struct paragraph *paragraphs;
	size_t n, room;
	struct sheet_line *lines;
	size_t nlines, line_room;
	int labelw;
};

struct sheet *
sheet_new(void)
{
	struct sheet *p = view_alloc(NULL, sizeof(*p));

	*p = (struct sheet){ 0 };
	return p;
}

void
sheet_clear(struct sheet *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->paragraphs[i].label);
		free(p->paragraphs[i].text);
	}
	p->n = p->nlines = 0;
}

void
sheet_free(struct sheet *p)
{
	if (p == NULL)
		return;
	sheet_clear(p);
	free(p->paragraphs);
	free(p->lines);
	free(p);
}

static char *
copy(const char *text)
{
	size_t n = strlen(text) + 1;
	char *c = view_alloc(NULL, n);

	memcpy(c, text, n);
	return c;
}

void
sheet_add(struct sheet *p, enum theme_role role, const char *label,
    const char *fmt, ...)
{
	struct paragraph *g;
	va_list ap;
	int n;

	if (p->n == SHEET_MAX)
		return;
	if (p->n == p->room) {
		p->room = p->room == 0 ? 16 : p->room * 2;
		p->paragraphs = view_alloc(p->paragraphs,
		    p->room * sizeof(*p->paragraphs));
	}
	g = &p->paragraphs[p->n++];
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	g->role = role;
	g->label = label == NULL ? NULL : copy(label);
	g->text = view_alloc(NULL, n < 0 ? 1 : (size_t)n + 1);
	g->text[0] = '\0';
	va_start(ap, fmt);
	if (n > 0)
		vsnprintf(g->text, (size_t)n + 1, fmt, ap);
	va_end(ap);
}

static void
add_line(struct sheet *p, size_t paragraph, size_t from, size_t len)
{
	if (p->nlines == SHEET_MAX)
		return;
	if (p->nlines == p->line_room) {
		p->line_room = p->line_room == 0 ? 32 : p->line_room * 2;
		p->lines = view_alloc(p->lines,
		    p->line_room * sizeof(*p->lines));
	}
	p->lines[p->nlines++] = (struct sheet_line){ paragraph, from, len };
}

size_t
sheet_wrap(const struct tui *t, struct sheet *p, int w, int labelw)
{
	size_t columns, from, len, n;

	if (labelw > w / 2)
		labelw = w / 2;
	p->labelw = labelw;
	p->nlines = 0;
	columns = w - labelw < 1 ? 1 : (size_t)(w - labelw);
	for (size_t i = 0; i < p->n; i++) {
		const char *text = p->paragraphs[i].text;

		from = 0;
		len = strlen(text);
		do {
			n = text_line(t->utf8, text + from, len - from,
			    columns);
			add_line(p, i, from, n);
			from += n;
			while (from < len && text[from] == ' ')
				from++;
		} while (from < len && p->nlines < SHEET_MAX);
	}
	return p->nlines;
}

void
sheet_draw(struct tui *t, const struct sheet *p, const struct area *a,
    size_t top)
{
	for (int y = 0; y < a->h && top + (size_t)y < p->nlines; y++) {
		const struct sheet_line *l = &p->lines[top + (size_t)y];
		const struct paragraph *g = &p->paragraphs[l->paragraph];

		if (l->from == 0 && g->label != NULL)
			text_put(t, a, y, 0, p->labelw,
			    theme(t, *g->text == '\0' ? g->role : THEME_DIM),
			    g->label);
		text_put_n(t, a, y, p->labelw, a->w - p->labelw,
		    theme(t, g->role), g->text + l->from, l->len);
	}
}

static bool
line_matches(const struct tui *t, const struct sheet *p, size_t i)
{
	const struct sheet_line *l = &p->lines[i];
	const char *text = p->paragraphs[l->paragraph].text + l->from;
	size_t at;

	return text_find(text, t->search, 0, &at) && at < l->len;
}

bool
sheet_find(const struct tui *t, const struct sheet *p, size_t from, int step,
    size_t *line)
{
	size_t n = p->nlines, at = from;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 || step != 0)
			at = step < 0 ? (at == 0 || at > n ? n - 1 : at - 1) :
					(at + 1 >= n ? 0 : at + 1);
		if (at < n && line_matches(t, p, at)) {
			*line = at;
			return true;
		}
	}
	return false;
}
