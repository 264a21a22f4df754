/*
 * screen-stories.c - the first screen: the verdict, the causes with the fix
 * of the worst, all log-ons, and the ladder of the selected one where there
 * is room.
 *
 *  12 of 198 log-ons failed ...; 3 causes explain all of them.
 *   1 breaks   likely   10.77.0.22 has an old key for cifs/fs2   10 log-ons
 *   2 breaks   likely   The clock of client 10.77.0.107 is ...    2 log-ons
 *  Who         jonas@FJORD.TEST, dag@FJORD.TEST and 3 others
 *  Fix samba   net ads changetrustpw && net ads keytab create
 *   #  time     outcome  who              service              by
 *   1  00:40:12 broken   jonas@FJORD.TEST cifs/fs2.fjord.test  smb2
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "core.h"
#include "ladder.h"
#include "layout.h"
#include "text.h"

struct stories {
	struct list list;
	struct list origin; /* before the search that is typed */
	unsigned round;     /* of view_own */
	struct sheet *verdict, *brief;
	/* Of the last draw, for the mouse. */
	struct layout layout;
	struct layout_columns columns;
	struct area body;
};

/* --- what is selected --------------------------------------------------------- */

static void
select_row(struct tui *t, size_t at)
{
	struct stories *s = view_state(t, SCREEN_STORIES);

	s->list.at = at;
	if (at < t->nrows)
		view_select_story(t, t->r->kept[t->rows[at]]->id);
}

/*
 * The line that was selected stays, wherever it is now; the first does when
 * it follows, and with it the worst cause.
 */
static void
stories_update(struct tui *t)
{
	struct stories *s = view_state(t, SCREEN_STORIES);
	uint64_t cause = t->cause;
	size_t index, at = SIZE_MAX;

	if (!rows_current(t))
		return;
	if (t->follow && t->order != ORDER_WORST)
		s->list.top = 0;
	if (!t->follow && view_story(t, &index) != NULL)
		at = rows_find(t, index);
	/* It may still come: the rows are only being chosen. */
	if (at == SIZE_MAX && !t->follow && rows_partial(t))
		return;
	if (at == SIZE_MAX)
		at = t->follow ? 0 : s->list.at;
	if (at >= t->nrows)
		at = t->nrows == 0 ? 0 : t->nrows - 1;
	select_row(t, at);
	if (t->follow && t->order == ORDER_WORST)
		t->cause = 0;
	else if (cause != 0)
		t->cause = cause;
}

/* --- the upper part ------------------------------------------------------------ */

static size_t
causes_that_hurt(const struct tui *t)
{
	size_t n = 0;

	while (
	    n < t->ncauses && t->r->causes[t->causes[n]].impact > IMPACT_REMARK)
		n++;
	return n;
}

/* Remarks are listed where there is nothing else. */
static size_t
causes_listed(const struct tui *t)
{
	size_t n = causes_that_hurt(t);

	return n == 0 ? t->ncauses : n;
}

/* Nothing is wrong, or nothing has been seen: what was looked at. */
static void
add_checked(const struct tui *t, struct sheet *p)
{
	const struct result *r = t->r;
	size_t known = 0;

	for (size_t i = 0; i < r->nverdicts; i++)
		known += r->verdicts[i].verdict != VERDICT_UNKNOWN;
	if (r->broken + r->degraded > 0)
		sheet_add(p, THEME_TEXT, NULL, "%s",
		    "No rule explains it; Enter shows a log-on step by step.");
	else
		sheet_add(p, THEME_OK, NULL,
		    "Checked: %zu rules; nothing breaks, degrades or weakens.",
		    known);
}

static void
add_listening(struct sheet *p, const struct tui_status *st, const char *what)
{
	sheet_add(p, THEME_HEAD, NULL,
	    "Listening on %s; no Kerberos or NTLM log-on seen yet, %" PRIu64
	    " packet%s.",
	    what, st->packets, st->packets == 1 ? "" : "s");
	sheet_add(p, THEME_TEXT, NULL, "%s",
	    st->packets == 0 ?
		"Is it the interface that log-ons go through? Try another, "
		"or any." :
		"Log on once more, from a client that fails: what goes wrong "
		"shows here within seconds.");
}

/* All was read, and nobody logged on: how to do better. */
static void
add_none(const struct tui *t, struct sheet *p)
{
	sheet_add(p, THEME_HEAD, NULL, "%s", t->r == NULL ? "" : t->r->verdict);
	if (t->st.packets == 0 || t->st.live)
		return;
	sheet_add(p, THEME_TEXT, NULL,
	    "%" PRIu64 " packet%s; 4 shows the machines. Record at the client "
	    "or the server while somebody logs on anew: who is connected "
	    "already does not.",
	    t->st.packets, t->st.packets == 1 ? "" : "s");
}

static void
add_nothing(const struct tui *t, struct sheet *p)
{
	const struct tui_status *st = &t->st;
	const char *what = st->what == NULL ? "the network" : st->what;

	if (t->r == NULL && st->what == NULL)
		sheet_add(p, THEME_TEXT, NULL, "%s", "Starting ...");
	else if (st->live && !st->done)
		add_listening(p, st, what);
	else if (!st->done && t->r == NULL && st->packets == 0)
		sheet_add(p, THEME_HEAD, NULL,
		    "Waiting for packets of %s: 0 so far.", what);
	else if (!st->done)
		sheet_add(p, THEME_TEXT, NULL,
		    "Reading %s; no Kerberos or NTLM log-on seen yet.", what);
	else
		add_none(t, p);
}

static void
fill_verdict(const struct tui *t, struct sheet *p)
{
	sheet_clear(p);
	if (t->st.trouble != NULL)
		sheet_add(p, THEME_ERROR, NULL, "%s", t->st.trouble);
	if (t->r == NULL || t->r->stories == 0) {
		add_nothing(t, p);
		return;
	}
	sheet_add(p, THEME_HEAD, NULL, "%s", t->r->verdict);
	if (causes_that_hurt(t) == 0 && t->filter == NULL)
		add_checked(t, p);
}

/* That there are more of the N causes than lines for them. */
static void
draw_more(struct tui *t, const struct area *a, size_t n)
{
	char more[64];
	int w;

	if (a->h < 1 || n <= (size_t)a->h)
		return;
	if (a->h > 1) {
		snprintf(more, sizeof(more), "   and %zu more: 3 shows all",
		    n - (size_t)a->h + 1);
		text_cell(t, a, a->h - 1, 0, a->w, theme(t, THEME_DIM), more);
		return;
	}
	snprintf(more, sizeof(more), " +%zu more", n - 1);
	w = (int)strlen(more);
	text_cell(t, a, 0, a->w - w, w, theme(t, THEME_DIM), more);
}

static void
draw_causes(struct tui *t, const struct area *a, size_t selected)
{
	size_t first = 0, at, n = causes_listed(t);

	/* The selected one is among those shown. */
	while (first + (size_t)a->h < n && a->h > 0 &&
	    t->own->rows.place[selected] >= first + (size_t)a->h)
		first++;
	for (int y = 0; y < a->h; y++) {
		at = first + (size_t)y;
		if (at >= n)
			break;
		cause_line(t, a, y, at + 1, &t->r->causes[t->causes[at]],
		    t->causes[at] == selected && t->ncauses > 1 ?
			theme(t, THEME_IDLE) :
			0);
	}
	draw_more(t, a, n - first);
}

static void
draw_upper(struct tui *t, struct stories *s, const struct area *a)
{
	const struct cause *c;
	size_t index = 0;
	struct layout_want want = { .causes = (int)causes_listed(t) };

	fill_verdict(t, s->verdict);
	want.verdict = (int)sheet_wrap(t, s->verdict, a->w, 0);
	c = view_cause(t, &index);
	want.rows = t->nrows < 1000 ? (int)t->nrows : 1000;
	/* A remark needs no repair. */
	if (c != NULL && (causes_that_hurt(t) > 0 || t->cause != 0))
		want.brief = (int)cause_brief(t, s->brief, index,
		    layout_brief(a, &want), a->w);
	layout_first(a, &want, &s->layout);
	if (s->layout.verdict.h == 1 && t->r != NULL && t->r->stories > 0)
		text_put(t, &s->layout.verdict, 0, 0, a->w,
		    theme(t, THEME_HEAD), t->r->verdict);
	else
		sheet_draw(t, s->verdict, &s->layout.verdict, 0);
	if (c == NULL)
		return;
	draw_causes(t, &s->layout.causes, index);
	sheet_draw(t, s->brief, &s->layout.brief, 0);
}

/* --- the list ------------------------------------------------------------------- */

static void
draw_heads(struct tui *t, const struct area *a, const struct layout_columns *c)
{
	const struct {
		const char *name;
		int w;
		bool sorted;
	} heads[] = {
		{ " #", c->number, false },
		{ "time", c->time,
		    t->order == ORDER_NEWEST || t->order == ORDER_OLDEST },
		{ "outcome", c->outcome, t->order == ORDER_WORST },
		{ "who", c->who, t->order == ORDER_WHO },
		{ "service", c->service, t->order == ORDER_SERVICE },
		{ "by", c->carrier, false },
		{ "cause", c->cause, false },
	};
	attr_t attr = theme(t, THEME_COLUMNS);
	int x = 0;

	text_fill(t, a, 0, 0, a->w, attr);
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		text_put(t, a, 0, x, heads[i].w - 1,
		    heads[i].sorted ? attr | A_BOLD : attr, heads[i].name);
		x += heads[i].w;
	}
}

static void
draw_row(struct tui *t, const struct area *a, int y, size_t row,
    const struct layout_columns *c, bool selected)
{
	size_t index = t->rows[row];
	const struct story *s = t->r->kept[index];
	const struct cause *cause = view_cause_of(t, index);
	attr_t plain = theme(t, selected ? THEME_SELECTED : THEME_TEXT);
	attr_t outcome = selected ? plain : theme(t, theme_outcome(s->outcome));
	char buf[ADDR_TEXT], when[CAUSE_TIME], number[16] = "";
	int x = 0;

	if (cause != NULL)
		snprintf(number, sizeof(number), "%2u",
		    t->own->rows.place[cause - t->r->causes] + 1);
	text_fill(t, a, y, 0, a->w, plain);
	text_put(t, a, y, x, c->number - 1, plain, number);
	x += c->number;
	text_put(t, a, y, x, c->time - 1, plain,
	    cause_time(s->start, s->start, when));
	x += c->time;
	text_put(t, a, y, x, c->outcome - 1, outcome,
	    outcome_names[s->outcome]);
	x += c->outcome;
	text_put(t, a, y, x, c->who - 1, plain, rows_who(s, buf));
	x += c->who;
	text_put(t, a, y, x, c->service - 1, plain, rows_service(s, buf));
	x += c->service;
	if (c->carrier > 0)
		text_put(t, a, y, x, c->carrier - 1, plain,
		    s->carrier == NULL ? "-" : s->carrier);
	x += c->carrier;
	if (c->cause > 0 && cause != NULL)
		text_put(t, a, y, x, a->w - x, plain, cause->title);
}

static void
draw_list(struct tui *t, struct stories *s)
{
	struct area a = s->layout.list;
	size_t row;

	if (a.h < 1 || t->r == NULL || t->r->stories == 0)
		return;
	layout_list(a.w, &s->columns);
	draw_heads(t, &a, &s->columns);
	list_fit(&s->list, t->nrows, a.h < 2 ? 1 : (size_t)a.h - 1);
	for (int y = 1; y < a.h; y++) {
		row = s->list.top + (size_t)y - 1;
		if (row >= t->nrows)
			break;
		draw_row(t, &a, y, row, &s->columns, row == s->list.at);
	}
	if (t->nrows == 0 && t->filter != NULL && a.h > 1)
		text_put(t, &a, 1, 3, a.w, theme(t, THEME_DIM),
		    rows_share(t) < 100 ?
			"none passes the filter so far" :
			"no log-on passes the filter: f changes it");
}

static void
draw_ladder(struct tui *t, struct stories *s)
{
	struct area a = s->layout.ladder;
	const struct area *l = &s->layout.list;
	const struct story *story;
	size_t index;

	story = view_story(t, &index);
	if (a.h < 3 || story == NULL)
		return;
	if (s->layout.beside) {
		text_vline(t, &(struct area){ a.y, a.x - 1, a.h, 1 }, 0, 0, a.h,
		    theme(t, THEME_LINE));
		a.x++;
		a.w--;
	} else {
		text_hline(t, &(struct area){ l->y + l->h, a.x, 1, a.w }, 0, 0,
		    a.w, theme(t, THEME_LINE));
		a.y++;
		a.h--;
	}
	ladder_draw(t, &a, story, view_cause_of(t, index), 0, SIZE_MAX);
}

static void
stories_draw(struct tui *t, const struct area *a)
{
	struct stories *s = view_state(t, SCREEN_STORIES);

	if (s->verdict == NULL) {
		s->verdict = sheet_new();
		s->brief = sheet_new();
	}
	s->body = *a;
	draw_upper(t, s, a);
	draw_list(t, s);
	draw_ladder(t, s);
}

/* --- commands -------------------------------------------------------------------- */

/* The first log-on of the next cause, or of the one before. */
static void
step_cause(struct tui *t, int step)
{
	size_t index = 0, place, row;
	const struct cause *c = view_cause(t, &index), *next;

	if (c == NULL)
		return;
	place = t->own->rows.place[index];
	if (step < 0 ? place == 0 : place + 1 >= t->ncauses)
		return;
	next = &t->r->causes[t->causes[step < 0 ? place - 1 : place + 1]];
	t->follow = false;
	for (row = 0; row < t->nrows; row++)
		if (view_cause_of(t, t->rows[row]) == next)
			break;
	if (row < t->nrows)
		select_row(t, row);
	view_select_cause(t, next->key);
}

static bool
stories_command(struct tui *t, enum command c)
{
	struct stories *s = view_state(t, SCREEN_STORIES);

	switch (c) {
	case COMMAND_ENTER:
		if (view_story(t, NULL) != NULL)
			view_enter(t, SCREEN_STORY);
		return true;
	case COMMAND_NEXT_CAUSE:
		step_cause(t, 1);
		return true;
	case COMMAND_PREVIOUS_CAUSE:
		step_cause(t, -1);
		return true;
	case COMMAND_FOLLOW:
		t->follow = !t->follow;
		t->own->stale = true;
		view_notice(t, THEME_NOTICE, "%s",
		    t->follow ? "follows: the first line stays selected" :
				"stays where it is");
		return true;
	default:
		if (!list_command(&s->list, c))
			return false;
		t->follow = false;
		select_row(t, s->list.at);
		return true;
	}
}

/*
 * While the text is typed each key looks from where the search began: where
 * it leads to depends on the text alone, and not on how fast it came.
 */
static bool
stories_find(struct tui *t, int step)
{
	struct stories *s = view_state(t, SCREEN_STORIES);
	size_t at;

	if (step == 0 && s->round == t->own->round)
		s->list = s->origin;
	else if (step == 0)
		s->origin = s->list;
	s->round = t->own->round;
	at = rows_search(t, s->list.at, step, s->columns.cause > 0);
	if (at == SIZE_MAX) {
		select_row(t, s->list.at);
		return false;
	}
	t->follow = false;
	select_row(t, at);
	return true;
}

/* --- mouse ------------------------------------------------------------------------ */

static bool
inside(const struct area *a, int y, int x)
{
	return y >= a->y && y < a->y + a->h && x >= a->x && x < a->x + a->w;
}

/* A click on the head of a column sorts by it. */
static void
click_head(struct tui *t, const struct layout_columns *c, int x)
{
	int who = c->number + c->time + c->outcome, service = who + c->who;

	if (x >= service)
		t->order = ORDER_SERVICE;
	else if (x >= who)
		t->order = ORDER_WHO;
	else if (x >= c->number + c->time)
		t->order = ORDER_WORST;
	else
		t->order = t->order == ORDER_NEWEST ? ORDER_OLDEST :
						      ORDER_NEWEST;
	core_rebuild(t);
}

static void
click(struct tui *t, struct stories *s, int y, int x, bool twice)
{
	const struct layout *l = &s->layout;
	size_t at;

	if (inside(&l->list, y, x) && y == l->list.y) {
		click_head(t, &s->columns, x - l->list.x);
	} else if (inside(&l->list, y, x)) {
		at = s->list.top + (size_t)(y - l->list.y - 1);
		if (at >= t->nrows)
			return;
		t->follow = false;
		select_row(t, at);
		if (twice)
			view_enter(t, SCREEN_STORY);
	} else if (inside(&l->causes, y, x)) {
		at = (size_t)(y - l->causes.y);
		if (at >= t->ncauses)
			return;
		t->follow = false;
		view_select_cause(t, t->r->causes[t->causes[at]].key);
		if (twice)
			view_enter(t, SCREEN_FINDINGS);
	} else if (inside(&l->ladder, y, x) && twice) {
		view_enter(t, SCREEN_STORY);
	}
}

static void
stories_mouse(struct tui *t, enum mouse m, int y, int x)
{
	struct stories *s = view_state(t, SCREEN_STORIES);
	enum command c = m == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN;

	if (m == MOUSE_CLICK || m == MOUSE_DOUBLE)
		click(t, s, y + s->body.y, x + s->body.x, m == MOUSE_DOUBLE);
	else
		for (int i = 0; i < 3; i++)
			stories_command(t, c);
}

static void
stories_close(struct tui *t)
{
	struct stories *s = view_state(t, SCREEN_STORIES);

	sheet_free(s->verdict);
	sheet_free(s->brief);
}

const struct screen screen_stories = {
	.name = "log-ons",
	.size = sizeof(struct stories),
	.update = stories_update,
	.draw = stories_draw,
	.command = stories_command,
	.mouse = stories_mouse,
	.find = stories_find,
	.close = stories_close,
};
