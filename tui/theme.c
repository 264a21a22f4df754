/*
 * theme.c - how a text looks, by what it is.
 *
 * The background is the terminal's own and may be light or dark, so colours
 * on it are of middle lightness: of the eight old ones yellow and cyan cannot
 * be read on white, and blue not on black.  Where there are two colours only,
 * the words say everything, and attributes help.
 */
#include <stdlib.h>

#include "core.h"

#define OWN (-1) /* the terminal's own colour */

static const struct {
	attr_t mono; /* without colours */
	attr_t few;  /* with 8 or 16 */
	short fg, bg;
	attr_t many; /* with 256 */
	short fg256, bg256;
} looks[THEME_ROLES] = {
	[THEME_TEXT] = { 0, 0, OWN, OWN, 0, OWN, OWN },
	[THEME_DIM] = { 0, 0, OWN, OWN, 0, 244, OWN },
	[THEME_TITLE] = { A_REVERSE, 0, COLOR_WHITE, COLOR_BLUE, 0, 255, 24 },
	[THEME_WARN] = { A_REVERSE | A_BOLD, A_BOLD, COLOR_WHITE, COLOR_RED,
	    A_BOLD, 231, 160 },
	[THEME_STATE] = { A_REVERSE | A_BOLD, A_BOLD, COLOR_WHITE, COLOR_BLUE,
	    A_BOLD, 231, 24 },
	[THEME_HEAD] = { A_BOLD, A_BOLD, OWN, OWN, A_BOLD, OWN, OWN },
	[THEME_COLUMNS] = { A_UNDERLINE, A_UNDERLINE, OWN, OWN, A_UNDERLINE,
	    244, OWN },
	[THEME_SELECTED] = { A_REVERSE, A_REVERSE, OWN, OWN, A_REVERSE, OWN,
	    OWN },
	[THEME_IDLE] = { A_BOLD, A_BOLD, OWN, OWN, A_BOLD, OWN, OWN },
	[THEME_MATCH] = { A_REVERSE | A_BOLD, 0, COLOR_BLACK, COLOR_YELLOW, 0,
	    16, 220 },
	[THEME_BREAKS] = { A_BOLD, A_BOLD, COLOR_RED, OWN, A_BOLD, 160, OWN },
	[THEME_DEGRADES] = { A_BOLD, 0, COLOR_MAGENTA, OWN, A_BOLD, 172, OWN },
	[THEME_WEAKENS] = { 0, 0, COLOR_MAGENTA, OWN, 0, 133, OWN },
	[THEME_REMARK] = { 0, 0, OWN, OWN, 0, OWN, OWN },
	[THEME_OK] = { 0, 0, COLOR_GREEN, OWN, 0, 34, OWN },
	[THEME_UNSEEN] = { 0, 0, OWN, OWN, 0, 244, OWN },
	[THEME_COMMAND] = { A_BOLD, A_BOLD, COLOR_GREEN, OWN, A_BOLD, 35, OWN },
	[THEME_LINE] = { 0, 0, OWN, OWN, 0, 244, OWN },
	[THEME_DECIDING] = { A_BOLD, A_BOLD, COLOR_RED, OWN, A_BOLD, 160, OWN },
	[THEME_KEY] = { A_REVERSE, A_REVERSE, OWN, OWN, 0, 255, 24 },
	[THEME_WORD] = { 0, 0, OWN, OWN, 0, OWN, OWN },
	[THEME_NOTICE] = { A_BOLD, A_BOLD, OWN, OWN, A_BOLD, OWN, OWN },
	[THEME_ERROR] = { A_BOLD, A_BOLD, COLOR_RED, OWN, A_BOLD, 160, OWN },
	[THEME_EDIT] = { A_BOLD, A_BOLD, OWN, OWN, A_BOLD, OWN, OWN },
};

static bool
wanted(const struct tui_options *opt)
{
	const char *no = getenv("NO_COLOR");

	if (opt->color != TUI_COLOR_AUTO)
		return opt->color == TUI_COLOR_ALWAYS;
	return no == NULL || *no == '\0';
}

void
theme_begin(struct tui *t, const struct tui_options *opt)
{
	t->own->colors = 0;
	if (!wanted(opt) || !has_colors() || start_color() != OK ||
	    COLORS < 8 || COLOR_PAIRS <= THEME_ROLES)
		return;
	/* One that cannot: its black is as good as any. */
	if (use_default_colors() != OK)
		assume_default_colors(COLOR_WHITE, COLOR_BLACK);
	t->own->colors = COLORS;
	for (short i = 0; i < THEME_ROLES; i++)
		if (COLORS >= 256)
			init_pair((short)(i + 1), looks[i].fg256,
			    looks[i].bg256);
		else
			init_pair((short)(i + 1), looks[i].fg, looks[i].bg);
}

attr_t
theme(const struct tui *t, enum theme_role role)
{
	attr_t pair = (attr_t)COLOR_PAIR((int)role + 1);

	if (t->own->colors == 0)
		return looks[role].mono;
	return t->own->colors >= 256 ? looks[role].many | pair :
				       looks[role].few | pair;
}

enum theme_role
theme_outcome(enum outcome o)
{
	switch (o) {
	case OUTCOME_BROKEN:
		return THEME_BREAKS;
	case OUTCOME_DEGRADED:
		return THEME_DEGRADES;
	case OUTCOME_OK:
		return THEME_OK;
	default:
		return THEME_UNSEEN;
	}
}

enum theme_role
theme_impact(enum impact i)
{
	switch (i) {
	case IMPACT_BREAKS:
		return THEME_BREAKS;
	case IMPACT_DEGRADES:
		return THEME_DEGRADES;
	case IMPACT_WEAKENS:
		return THEME_WEAKENS;
	default:
		return THEME_REMARK;
	}
}
