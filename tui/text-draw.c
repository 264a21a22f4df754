/*
 * text-draw.c - text in an area of the screen.
 *
 * Curses gets whole characters with the marks on them, and nothing that it or
 * the terminal would obey.
 */
#include <string.h>

#include "text.h"

/* Columns of line Y from X on that can be drawn, W at most. */
static int
clip(const struct area *a, int y, int x, int w)
{
	if (y < 0 || y >= a->h || x < 0 || x >= a->w)
		return 0;
	return w < a->w - x ? w : a->w - x;
}

/* Octets from AT on of TEXT (LEN of them) that look the same: *MARKED. */
static size_t
stretch(const struct tui *t, const char *text, size_t len, size_t at,
    bool *marked)
{
	size_t found, end;

	*marked = false;
	if (!text_find(text, t->search, at, &found) || found >= len)
		return len;
	if (found > at)
		return found;
	*marked = true;
	end = found + strlen(t->search);
	return end < len ? end : len;
}

int
text_put_n(struct tui *t, const struct area *a, int y, int x, int w,
    attr_t attr, const char *text, size_t len)
{
	int room = clip(a, y, x, w), used = 0;
	size_t next = 0, n;
	struct text_char c;
	bool marked = false;

	if (room <= 0 || wmove(stdscr, a->y + y, a->x + x) == ERR)
		return 0;
	for (size_t at = 0; at < len; at += n) {
		if (at >= next) {
			next = stretch(t, text, len, at, &marked);
			(void)wattrset(stdscr,
			    (int)(marked ? theme(t, THEME_MATCH) : attr));
		}
		n = text_char(t->utf8, text + at, len - at, &c);
		if (used + c.width > room)
			break;
		waddstr(stdscr, c.text);
		used += c.width;
	}
	(void)wattrset(stdscr, A_NORMAL);
	return used;
}

/* Columns of the sign that something was cut, as far as they fit into W. */
static int
put_ellipsis(struct tui *t, const struct area *a, int y, int x, int w,
    attr_t attr)
{
	int wide = t->utf8 ? 1 : 3;

	if (w <= 0 || wmove(stdscr, a->y + y, a->x + x) == ERR)
		return 0;
	(void)wattrset(stdscr, (int)attr);
	waddnstr(stdscr, text_ellipsis(t->utf8), t->utf8 || w > 3 ? -1 : w);
	(void)wattrset(stdscr, A_NORMAL);
	return w < wide ? w : wide;
}

int
text_put(struct tui *t, const struct area *a, int y, int x, int w, attr_t attr,
    const char *text)
{
	int room = clip(a, y, x, w), used;
	size_t len = strlen(text), fits, wide;

	if (room <= 0)
		return 0;
	fits = text_fit(t->utf8, text, len, (size_t)room, &wide);
	used = text_put_n(t, a, y, x, room, attr, text, fits);
	if (fits < len)
		used += put_ellipsis(t, a, y, x + used, room - used, attr);
	return used;
}

void
text_fill(struct tui *t, const struct area *a, int y, int x, int n, attr_t attr)
{
	n = clip(a, y, x, n);
	(void)t;
	if (n <= 0 || wmove(stdscr, a->y + y, a->x + x) == ERR)
		return;
	(void)wattrset(stdscr, (int)attr);
	for (; n > 0; n--)
		waddnstr(stdscr, " ", 1);
	(void)wattrset(stdscr, A_NORMAL);
}

int
text_cell(struct tui *t, const struct area *a, int y, int x, int w, attr_t attr,
    const char *text)
{
	int used = text_put(t, a, y, x, w, attr, text);

	text_fill(t, a, y, x + used, w - used, attr);
	return used;
}

void
text_hline(struct tui *t, const struct area *a, int y, int x, int n,
    attr_t attr)
{
	n = clip(a, y, x, n);
	if (n <= 0 || wmove(stdscr, a->y + y, a->x + x) == ERR)
		return;
	(void)wattrset(stdscr, (int)attr);
	for (; n > 0; n--)
		waddstr(stdscr, t->utf8 ? "\xe2\x94\x80" : "-");
	(void)wattrset(stdscr, A_NORMAL);
}

void
text_vline(struct tui *t, const struct area *a, int y, int x, int n,
    attr_t attr)
{
	(void)wattrset(stdscr, (int)attr);
	for (int i = 0; i < n; i++) {
		if (clip(a, y + i, x, 1) <= 0 ||
		    wmove(stdscr, a->y + y + i, a->x + x) == ERR)
			continue;
		waddstr(stdscr, t->utf8 ? "\xe2\x94\x82" : "|");
	}
	(void)wattrset(stdscr, A_NORMAL);
}

size_t
text_columns(const struct tui *t, const char *text)
{
	return text_measure(t->utf8, text, strlen(text));
}
