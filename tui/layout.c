/*
 * layout.c - how screens divide what room they have.
 *
 * 80x24, the design size, has a verdict of two lines, three causes, the worst
 * one with its fix, and eight lines of log-ons.  From 120 columns on the
 * ladder of the selected log-on stands beside the list, from 34 lines on, or
 * where the list is short, below it; 60x15 has one cause, the command that repairs it, and the list.
 */
#include "layout.h"

#define SIDE_COLUMNS 120 /* from here on two panes have room */
#define BELOW_LINES 34   /* or two on top of each other */
#define LIST_LEAST 5     /* lines, with the heads of its columns */
#define LADDER_LEAST 9   /* with the line above it */

static int
least(int a, int b)
{
	return a < b ? a : b;
}

static int
most(int a, int b)
{
	return a > b ? a : b;
}

/* Causes that are listed: the room is for the fix. */
static int
causes_shown(const struct area *a, const struct layout_want *want)
{
	return least(want->causes, a->h < 16 ? 1 : a->h < 30 ? 3 : 6);
}

static int
verdict_shown(const struct area *a, const struct layout_want *want)
{
	return least(want->verdict, a->h < 16 ? 1 : 3);
}

/* Lines that all above the list may take. */
static int
top_most(const struct area *a)
{
	if (a->h < 16)
		return most(a->h - LIST_LEAST - 1, 2);
	return a->h * 7 / 11;
}

/* A short list leaves its room to the cause, where there is no ladder. */
int
layout_brief(const struct area *a, const struct layout_want *want)
{
	int top = top_most(a);

	if (a->h < BELOW_LINES)
		top = most(top, a->h - most(want->rows + 2, LIST_LEAST));
	return most(top - verdict_shown(a, want) - causes_shown(a, want), 0);
}

void
layout_first(const struct area *a, const struct layout_want *want,
    struct layout *l)
{
	int y = a->y, left, below, idle;

	*l = (struct layout){ .beside = a->w >= SIDE_COLUMNS };
	l->verdict = (struct area){ y, a->x, verdict_shown(a, want), a->w };
	y += l->verdict.h;
	l->causes = (struct area){ y, a->x, causes_shown(a, want), a->w };
	y += l->causes.h;
	l->brief = (struct area){ y, a->x,
		least(want->brief, layout_brief(a, want)), a->w };
	y += l->brief.h;
	left = a->y + a->h - y;
	l->list = (struct area){ y, a->x, left, a->w };
	idle = left - most(want->rows + 1, LIST_LEAST);
	if (l->beside && left >= LIST_LEAST) {
		l->list.w = a->w / 2 + 2;
		l->ladder = (struct area){ y, a->x + l->list.w + 1, left,
			a->w - l->list.w - 1 };
	} else if (a->h >= BELOW_LINES || idle >= LADDER_LEAST) {
		below = a->h >= BELOW_LINES ? most(left / 2, idle) : idle;
		l->list.h = left - below;
		l->ladder = (struct area){ y + l->list.h, a->x, below, a->w };
	}
}

void
layout_list(int w, struct layout_columns *c)
{
	int left;

	*c = (struct layout_columns){ .number = 3, .time = 9, .outcome = 9 };
	if (w >= 64)
		c->carrier = 7;
	left = most(w - c->number - c->time - c->outcome - c->carrier, 0);
	if (left >= 90)
		c->cause = left / 2;
	left -= c->cause;
	c->who = left * 2 / 5;
	c->service = left - c->who;
}
