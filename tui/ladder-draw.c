/*
 * ladder-draw.c - a ladder in an area of the screen.
 */
#include <string.h>

#include "ladder.h"

/* Draws the cells of a line, those of one role together. */
static void
draw_line(struct tui *t, const struct area *a, int y,
    const struct ladder_cell *cells, bool selected)
{
	char run[TEXT_CHAR * 64];
	size_t len = 0;
	int x = 0, from = 0;
	enum theme_role role;

	for (; x < a->w; x++) {
		role = cells[x].role;
		memcpy(run + len, cells[x].text, strlen(cells[x].text));
		len += strlen(cells[x].text);
		if (x + 1 < a->w && cells[x + 1].role == role &&
		    len + TEXT_CHAR < sizeof(run))
			continue;
		text_put_n(t, a, y, from, a->w - from,
		    theme(t, selected ? THEME_SELECTED : role), run, len);
		from = x + 1;
		len = 0;
	}
}

void
ladder_draw_lines(struct tui *t, const struct area *a, struct ladder *l,
    size_t top, size_t selected)
{
	size_t heads = ladder_heads(l), row;

	for (int y = 0; y < a->h; y++) {
		bool head = (size_t)y < heads;

		row = top + (size_t)y - heads;
		if (!head && row >= ladder_rows(l))
			break;
		draw_line(t, a, y,
		    ladder_line(l, head ? (size_t)y : row + heads),
		    !head && selected != SIZE_MAX &&
			ladder_step(l, row) == selected);
	}
}

void
ladder_draw(struct tui *t, const struct area *a, const struct story *s,
    const struct cause *c, size_t top, size_t selected)
{
	const struct ladder_input in = {
		.r = t->r,
		.s = s,
		.causes = &c,
		.ncauses = c != NULL,
		.utf8 = t->utf8,
	};
	struct ladder *l;

	if (a->w < 1 || a->h < 1)
		return;
	l = ladder_new(&in, a->w);
	ladder_draw_lines(t, a, l, top, selected);
	ladder_free(l);
}
