/*
 * screen-help.c - all keys, made from their table.
 *
 *   Move
 *     Up k         one line up
 */
#include <stdio.h>
#include <string.h>

#include "core.h"
#include "text.h"

#define LABELS 16

struct help {
	struct sheet *sheet;
	struct list list;
};

static void
help_enter(struct tui *t)
{
	struct help *h = view_state(t, SCREEN_HELP);

	h->list.top = h->list.at = 0;
}

static void
fill(struct sheet *p)
{
	const struct key_row *row;
	char label[64];

	sheet_clear(p);
	for (size_t i = 0; (row = keys_row(i)) != NULL; i++) {
		if (row->group != NULL) {
			if (i > 0)
				sheet_add(p, THEME_TEXT, NULL, "%s", "");
			sheet_add(p, THEME_HEAD, row->group, "%s", "");
			continue;
		}
		snprintf(label, sizeof(label), "  %s", row->keys);
		sheet_add(p, THEME_TEXT, label, "%s", row->help);
	}
	sheet_add(p, THEME_TEXT, NULL, "%s", "");
	sheet_add(p, THEME_HEAD, "Mouse", "%s", "");
	sheet_add(p, THEME_TEXT, "  click", "%s",
	    "selects; twice opens; on a key below or the head of a column "
	    "does what it says");
	sheet_add(p, THEME_TEXT, "  Shift", "%s",
	    "held down, the terminal selects text as it does elsewhere");
}

static void
help_update(struct tui *t)
{
	struct help *h = view_state(t, SCREEN_HELP);

	if (h->sheet == NULL)
		h->sheet = sheet_new();
	fill(h->sheet);
}

static void
help_draw(struct tui *t, const struct area *a)
{
	struct help *h = view_state(t, SCREEN_HELP);

	h->list.n = sheet_wrap(t, h->sheet, a->w, LABELS);
	h->list.page = (size_t)a->h;
	list_scroll(&h->list, COMMAND_NONE);
	sheet_draw(t, h->sheet, a, h->list.top);
}

static bool
help_command(struct tui *t, enum command c)
{
	struct help *h = view_state(t, SCREEN_HELP);

	if (c == COMMAND_HELP) {
		view_back(t);
		return true;
	}
	return list_scroll(&h->list, c);
}

static void
help_mouse(struct tui *t, enum mouse m, int y, int x)
{
	struct help *h = view_state(t, SCREEN_HELP);

	(void)y;
	(void)x;
	for (int i = 0; i < 3 && m == MOUSE_WHEEL_UP; i++)
		list_scroll(&h->list, COMMAND_UP);
	for (int i = 0; i < 3 && m == MOUSE_WHEEL_DOWN; i++)
		list_scroll(&h->list, COMMAND_DOWN);
}

static bool
help_find(struct tui *t, int step)
{
	struct help *h = view_state(t, SCREEN_HELP);

	return sheet_find(t, h->sheet, h->list.top, step, &h->list.top);
}

static void
help_close(struct tui *t)
{
	struct help *h = view_state(t, SCREEN_HELP);

	sheet_free(h->sheet);
}

const struct screen screen_help = {
	.name = "help",
	.size = sizeof(struct help),
	.enter = help_enter,
	.update = help_update,
	.draw = help_draw,
	.command = help_command,
	.mouse = help_mouse,
	.find = help_find,
	.close = help_close,
};
