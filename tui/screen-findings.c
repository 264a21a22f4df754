/*
 * screen-findings.c - all causes, and all that is known of the selected one:
 * who, why, proof, fix, how to verify it, what it is not, effects, rivals.
 *
 *   1 breaks   likely   10.77.0.22 has an old key for cifs/fs2    10 log-ons
 *   2 degrades likely   No account holds cifs/desk                26 log-ons
 *  ------------------------------------------------------------------------
 *  Who         jonas@FJORD.TEST ...
 *  Why         The KDC makes tickets for ...
 *
 * Up and Down choose the cause; PgUp and PgDn scroll its text.
 */
#include <stdio.h>
#include <string.h>

#include "cause.h"
#include "core.h"
#include "text.h"

#define BESIDE_COLUMNS 150 /* the text stands at the right of the list */

struct findings {
	struct list list, text;
	struct sheet *sheet;
	uint64_t shown; /* key of the cause in the sheet */
	struct area causes, body;
};

static void
findings_update(struct tui *t)
{
	struct findings *f = view_state(t, SCREEN_FINDINGS);
	const struct cause *c;
	size_t index = 0;

	if (f->sheet == NULL)
		f->sheet = sheet_new();
	sheet_clear(f->sheet);
	c = view_cause(t, &index);
	f->list.n = t->ncauses;
	f->list.at = c == NULL ? 0 : t->own->rows.place[index];
	if (c == NULL)
		return;
	cause_full(t, f->sheet, index);
	if (f->shown != c->key)
		f->text.top = 0;
	f->shown = c->key;
}

static void
draw_nothing(struct tui *t, const struct area *a)
{
	const char *text = "Nothing found yet.";

	if (t->filter != NULL)
		text = "No cause passes the filter: f changes it.";
	else if (t->st.done)
		text = "No cause was found.";
	text_put(t, a, 1, 2, a->w - 2, theme(t, THEME_TEXT), text);
}

/* The list above the text, or at its left. */
static void
divide(const struct findings *f, const struct area *a, struct area *list,
    struct area *text)
{
	int h = (int)(f->list.n < 1000 ? f->list.n : 1000);

	*list = *text = *a;
	if (a->w >= BESIDE_COLUMNS) {
		list->w = a->w * 9 / 20;
		text->x += list->w + 2;
		text->w -= list->w + 2;
		return;
	}
	if (h > a->h / 3)
		h = a->h / 3;
	list->h = h;
	text->y += h + 1;
	text->h -= h + 1;
}

static void
findings_draw(struct tui *t, const struct area *a)
{
	struct findings *f = view_state(t, SCREEN_FINDINGS);
	struct area list, text;
	size_t at;

	if (t->r == NULL || t->ncauses == 0) {
		f->causes = (struct area){ 0 };
		draw_nothing(t, a);
		return;
	}
	divide(f, a, &list, &text);
	list_fit(&f->list, t->ncauses, (size_t)list.h);
	for (int y = 0; y < list.h; y++) {
		at = f->list.top + (size_t)y;
		if (at >= t->ncauses)
			break;
		cause_line(t, &list, y, at + 1, &t->r->causes[t->causes[at]],
		    at == f->list.at ? theme(t, THEME_SELECTED) : 0);
	}
	if (list.w < a->w)
		text_vline(t, a, 0, list.w, a->h, theme(t, THEME_LINE));
	else
		text_hline(t, a, list.h, 0, a->w, theme(t, THEME_LINE));
	f->text.n = sheet_wrap(t, f->sheet, text.w, CAUSE_LABELS);
	f->text.page = text.h < 1 ? 1 : (size_t)text.h;
	list_scroll(&f->text, COMMAND_NONE);
	sheet_draw(t, f->sheet, &text, f->text.top);
	f->causes = list;
	f->body = *a;
}

static void
select_at(struct tui *t, size_t at)
{
	if (t->r == NULL || at >= t->ncauses)
		return;
	t->follow = false;
	view_select_cause(t, t->r->causes[t->causes[at]].key);
}

/* The first log-on that shows it and is still kept. */
static void
open_story(struct tui *t)
{
	const struct cause *c = view_cause(t, NULL);
	uint64_t story = t->story, key;

	if (c == NULL)
		return;
	key = c->key;
	for (size_t i = 0; i < c->nstories; i++) {
		view_select_story(t, c->stories[i]);
		if (view_story(t, NULL) != NULL) {
			view_select_cause(t, key);
			t->follow = false;
			view_enter(t, SCREEN_STORY);
			return;
		}
	}
	view_select_story(t, story);
	view_select_cause(t, key);
	view_notice(t, THEME_NOTICE, "%s", "its log-ons are no longer kept");
}

static bool
findings_command(struct tui *t, enum command c)
{
	struct findings *f = view_state(t, SCREEN_FINDINGS);

	switch (c) {
	case COMMAND_ENTER:
		open_story(t);
		return true;
	case COMMAND_NEXT_CAUSE:
	case COMMAND_DOWN:
		select_at(t, f->list.at + 1);
		return true;
	case COMMAND_PREVIOUS_CAUSE:
	case COMMAND_UP:
		if (f->list.at > 0)
			select_at(t, f->list.at - 1);
		return true;
	case COMMAND_HOME:
		select_at(t, 0);
		return true;
	case COMMAND_END:
		select_at(t, t->ncauses == 0 ? 0 : t->ncauses - 1);
		return true;
	default:
		return list_scroll(&f->text, c);
	}
}

static void
findings_mouse(struct tui *t, enum mouse m, int y, int x)
{
	struct findings *f = view_state(t, SCREEN_FINDINGS);
	const struct area *l = &f->causes;
	bool wheel = m == MOUSE_WHEEL_UP || m == MOUSE_WHEEL_DOWN;
	enum command c = m == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN;

	y += f->body.y;
	x += f->body.x;
	if (y < l->y || y >= l->y + l->h || x >= l->x + l->w) {
		for (int i = 0; wheel && i < 3; i++)
			list_scroll(&f->text, c);
	} else if (wheel) {
		findings_command(t, c);
	} else {
		select_at(t, f->list.top + (size_t)(y - l->y));
		if (m == MOUSE_DOUBLE)
			open_story(t);
	}
}

/* In the text first, then in the other causes. */
static bool
findings_find(struct tui *t, int step)
{
	struct findings *f = view_state(t, SCREEN_FINDINGS);
	size_t n = t->ncauses, at = f->list.at, line = 0;
	int by = step == 0 ? 1 : step;

	if (n == 0)
		return false;
	for (size_t i = 0; i <= n; i++) {
		const struct cause *c = &t->r->causes[t->causes[at]];

		if ((i > 0 || step == 0) &&
		    (view_matches(t, c->title) || view_matches(t, c->why) ||
			view_matches(t, c->who) ||
			view_matches(t, c->f.rule->id))) {
			select_at(t, at);
			return true;
		}
		at = by < 0 ? (at == 0 ? n - 1 : at - 1) :
			      (at + 1 == n ? 0 : at + 1);
	}
	if (!sheet_find(t, f->sheet, f->text.top, step, &line))
		return false;
	f->text.top = line;
	return true;
}

static void
findings_close(struct tui *t)
{
	struct findings *f = view_state(t, SCREEN_FINDINGS);

	sheet_free(f->sheet);
}

const struct screen screen_findings = {
	.name = "causes",
	.size = sizeof(struct findings),
	.update = findings_update,
	.draw = findings_draw,
	.command = findings_command,
	.mouse = findings_mouse,
	.find = findings_find,
	.close = findings_close,
};
