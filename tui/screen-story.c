/*
 * screen-story.c - one log-on: who and what, its ladder, and the fields of
 * the message that is selected, below or at the side.
 *
 *  broken  anna@FJORD.TEST to cifs/fs1.fjord.test (smb2)
 *  log-on 3 of 12, 2026-11-21 21:50:34.8 UTC, 0.081 s, 10.77.0.101 ...
 *  breaks, likely  The clock of 10.77.0.21 is 400 s ahead
 *           client             KDC dc1            service fs1
 *   +0.0756   |- TGS-REQ cifs/fs1 ->|                  |
 *   +0.0808 >>|< STATUS_LOGON_FAILURE =================|
 *  ---------------------------------------------------------
 *  smb2: STATUS_LOGON_FAILURE
 *  proof of  time-skew-service, likely: ...
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "ladder.h"
#include "message.h"
#include "text.h"

#define CAUSES_MAX 8    /* of one log-on that are looked at */
#define WIDE 120        /* columns from which fields stand at the side */
#define LABELS 10       /* columns of the fields' names */
#define WHEEL 3         /* lines of a mouse wheel */
#define PANE_LEAST 4    /* lines of fields below */
#define LADDER_LEAST 6  /* and of the ladder above them */
#define FIELDS_USUAL 14 /* lines that those of a message take */
#define VERY_WIDE 160   /* columns from which they always do */

struct story_screen {
	uint64_t id; /* shown, 0: none */
	bool lost;   /* it is no longer kept */
	bool absolute;
	size_t top;           /* row of the ladder */
	size_t page;          /* rows that are seen */
	size_t field, fields; /* line of them, and how many there are */
	size_t field_page;
	struct sheet *sheet;
	struct ladder *ladder; /* of the last draw */
	struct area area;      /* its own, in the body */
};

static struct story_screen *
state(struct tui *t)
{
	return view_state(t, SCREEN_STORY);
}

/* --- what it is about ---------------------------------------------------------- */

/* The causes of kept story I, each once; the one that decides first. */
static size_t
causes_of(const struct tui *t, size_t i, const struct cause *list[CAUSES_MAX])
{
	const struct result *r = t->r;
	const struct cause *c = view_cause_of(t, i);
	size_t n = 0, k, m;

	if (c != NULL)
		list[n++] = c;
	for (k = 0; k < r->nfindings_of[i] && n < CAUSES_MAX; k++) {
		size_t f = (size_t)r->findings_of[i][k];

		if (f >= r->ncauses)
			continue;
		c = &r->causes[view_root(r, f)];
		for (m = 0; m < n && list[m] != c; m++)
			;
		if (m == n)
			list[n++] = c;
	}
	return n;
}

static struct ladder *
make_ladder(const struct tui *t, const struct story *s, size_t i, bool absolute,
    int w)
{
	const struct cause *causes[CAUSES_MAX];
	const struct ladder_input in = {
		.r = t->r,
		.s = s,
		.causes = causes,
		.ncauses = causes_of(t, i, causes),
		.absolute = absolute,
		.utf8 = t->utf8,
	};

	return ladder_new(&in, w);
}

/* The message to look at first: what decided, else the first that says no. */
static size_t
first_step(const struct tui *t, const struct story *s, size_t i)
{
	struct ladder *l = make_ladder(t, s, i, false, WIDE);
	size_t step = ladder_step(l, ladder_deciding(l)), k;

	ladder_free(l);
	if (step != SIZE_MAX)
		return step;
	for (k = 0; k < s->nsteps; k++)
		if (s->steps[k].result == STEP_ERROR)
			return k;
	return 0;
}

static void
story_update(struct tui *t)
{
	struct story_screen *v = state(t);
	const struct story *s;
	size_t i;

	if (t->r == NULL)
		return;
	if (t->story == 0 && t->nrows > 0)
		view_select_story(t, t->r->kept[t->rows[0]]->id);
	s = view_story(t, &i);
	v->lost = s == NULL && t->story != 0;
	if (s == NULL)
		return;
	if (s->id != v->id) {
		v->id = s->id;
		v->top = v->field = 0;
		t->step = first_step(t, s, i);
	}
	if (t->step >= s->nsteps)
		t->step = s->nsteps == 0 ? 0 : s->nsteps - 1;
}

/* --- head ----------------------------------------------------------------------- */

static const char *
who(const struct story *s)
{
	return s->principal == NULL ? "somebody" : s->principal;
}

static const char *
service(const struct story *s)
{
	const char *names[] = { s->spn, s->host, s->target, s->realm,
		s->nlookups > 0 ? s->lookups[0].name : NULL };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i] != NULL)
			return names[i];
	return "a service";
}

static bool
is_open(const struct tui *t, size_t i)
{
	return i >= t->r->nkept - t->r->nopen;
}

static void
draw_who(struct tui *t, const struct area *a, const struct story *s, size_t i)
{
	char *line;
	int x;

	x = text_put(t, a, 0, 0, a->w, theme(t, theme_outcome(s->outcome)),
	    outcome_names[s->outcome]);
	line = text_printf("%s to %s%s%s%s%s", who(s), service(s),
	    s->carrier == NULL ? "" : " (",
	    s->carrier == NULL ? "" : s->carrier, s->carrier == NULL ? "" : ")",
	    is_open(t, i) ? ", not ended yet" : "");
	text_put(t, a, 0, x + 2, a->w - x - 2, theme(t, THEME_HEAD), line);
	free(line);
}

static void
draw_when(struct tui *t, const struct area *a, const struct story *s, size_t i)
{
	char when[TIME_TEXT], client[ADDR_TEXT], server[ADDR_TEXT];
	size_t row = rows_find(t, i);
	char *number, *line;

	if (row == SIZE_MAX)
		number = text_printf("log-on %" PRIu64, s->id);
	else
		number = text_printf("log-on %zu of %zu", row + 1, t->nrows);
	addr_text(&s->client, client);
	addr_text(&s->server, server);
	time_text(s->start, when);
	line = text_printf("%s, %.10s %.8s UTC, %.3f s, from %s%s%s", number,
	    when, when + 11, ((double)s->end - (double)s->start) / 1e6, client,
	    s->server.family == 0 ? "" : " to ",
	    s->server.family == 0 ? "" : server);
	text_put(t, a, 1, 0, a->w, theme(t, THEME_DIM), line);
	free(line);
	free(number);
}

/* One line a cause; returns how many. */
static int
draw_causes(struct tui *t, const struct area *a, const struct story *s,
    size_t i)
{
	const struct cause *causes[CAUSES_MAX];
	size_t n = causes_of(t, i, causes);
	char *line;
	int x;

	if (n == 0 && s->outcome >= OUTCOME_DEGRADED && a->h > 2)
		text_put(t, a, 2, 0, a->w, theme(t, THEME_UNSEEN),
		    "no rule explains this one");
	for (size_t k = 0; k < n; k++) {
		const struct cause *c = causes[k];

		line = text_printf("%s, %s", impact_names[c->impact],
		    certainty_names[c->f.certainty]);
		x = text_put(t, a, 2 + (int)k, 0, a->w,
		    theme(t, theme_impact(c->impact)), line);
		free(line);
		text_put(t, a, 2 + (int)k, x + 2, a->w - x - 2,
		    theme(t, THEME_TEXT), c->title);
	}
	return n == 0 ? s->outcome >= OUTCOME_DEGRADED : (int)n;
}

/* --- panes -------------------------------------------------------------------------- */

static int
clamp(int n, int least, int most)
{
	return n > most ? most : n < least ? least : n;
}

/* Draws the fields of the selected message into A. */
static void
draw_fields(struct tui *t, struct story_screen *v, const struct area *a)
{
	v->field_page = a->h < 1 ? 1 : (size_t)a->h;
	if (v->field + v->field_page > v->fields)
		v->field = v->fields > v->field_page ?
		    v->fields - v->field_page :
		    0;
	sheet_draw(t, v->sheet, a, v->field);
}

/* Whether there are more fields than are seen, on the line Y of A. */
static void
draw_more(struct tui *t, const struct story_screen *v, const struct area *a,
    int y)
{
	char *text;
	size_t n = v->fields - v->field;
	int w;

	if (n <= v->field_page && v->field == 0)
		return;
	n = n < v->field_page ? 0 : n - v->field_page;
	text = text_printf(" %zu more: %s ", n == 0 ? v->field : n,
	    n == 0 ? "Left" : "Right");
	w = (int)text_columns(t, text);
	if (a->w > w + 2)
		text_put(t, a, y, a->w - w - 2, w, theme(t, THEME_DIM), text);
	free(text);
}

/* The row of the selected message is seen, and what belongs to it. */
static void
scroll_ladder(struct tui *t, struct story_screen *v, const struct story *s)
{
	size_t rows = ladder_rows(v->ladder);
	size_t first = ladder_row(v->ladder, t->step), last = first;

	if (t->step == 0)
		first = 0;
	if (t->step + 1 >= s->nsteps && rows > 0)
		last = rows - 1;
	if (last >= v->top + v->page)
		v->top = last + 1 - v->page;
	if (first < v->top)
		v->top = first;
	if (v->top + v->page > rows)
		v->top = rows > v->page ? rows - v->page : 0;
}

static void
draw_ladder(struct tui *t, struct story_screen *v, const struct story *s,
    size_t i, const struct area *a)
{
	ladder_free(v->ladder);
	v->ladder = make_ladder(t, s, i, v->absolute, a->w);
	v->area = *a;
	v->page = (size_t)clamp(a->h - (int)ladder_heads(v->ladder), 1, a->h);
	scroll_ladder(t, v, s);
	ladder_draw_lines(t, a, v->ladder, v->top,
	    s->nsteps == 0 ? SIZE_MAX : t->step);
}

/* Ladder and fields beside each other. */
static void
draw_wide(struct tui *t, struct story_screen *v, const struct story *s,
    size_t i, const struct area *a)
{
	int side = clamp(a->w * 2 / 5, 46, 72);
	struct area left = { a->y, a->x, a->h, a->w - side - 2 };
	struct area right = { a->y, a->x + a->w - side, a->h, side };

	v->fields = sheet_wrap(t, v->sheet, side, LABELS);
	draw_ladder(t, v, s, i, &left);
	text_vline(t, a, 0, a->w - side - 2, a->h, theme(t, THEME_LINE));
	if (right.h > 1)
		right.h--;
	draw_fields(t, v, &right);
	draw_more(t, v, a, a->h - 1);
}

/* Lines of all of the ladder in W columns. */
static int
ladder_lines(const struct tui *t, const struct story *s, size_t i, int w)
{
	struct ladder *l = make_ladder(t, s, i, false, w);
	int n = (int)(ladder_heads(l) + ladder_rows(l));

	ladder_free(l);
	return n;
}

/* The fields below, in what the ladder leaves over. */
static void
draw_high(struct tui *t, struct story_screen *v, const struct story *s,
    size_t i, const struct area *a)
{
	int want, pane;
	struct area upper = *a, lower = *a;

	v->fields = sheet_wrap(t, v->sheet, a->w, LABELS);
	want = a->h - ladder_lines(t, s, i, a->w) - 1;
	pane = clamp(want, a->h / 3, a->h / 2 + 2);
	if (a->h - pane - 1 < LADDER_LEAST || pane < 1)
		pane = a->h - LADDER_LEAST - 1 >= PANE_LEAST - 1 ?
		    a->h - LADDER_LEAST - 1 :
		    0;
	upper.h = pane == 0 ? a->h : a->h - pane - 1;
	draw_ladder(t, v, s, i, &upper);
	if (pane == 0)
		return;
	lower.y = a->y + upper.h + 1;
	lower.h = pane;
	text_hline(t, a, upper.h, 0, a->w, theme(t, THEME_LINE));
	draw_fields(t, v, &lower);
	draw_more(t, v, a, upper.h);
}

/*
 * All of both has room below each other, which is easier to read; whatever
 * message is selected, or the screen would jump.
 */
static bool
fits_below(const struct tui *t, const struct story *s, size_t i,
    const struct area *a)
{
	return a->w < VERY_WIDE &&
	    ladder_lines(t, s, i, a->w) + 1 + FIELDS_USUAL <= a->h;
}

static void
draw_nothing(struct tui *t, const struct area *a)
{
	const char *text = "no log-on is selected";

	if (state(t)->lost)
		text = "This log-on is no longer kept: later ones needed its "
		       "memory.  q: back";
	else if (t->nrows == 0)
		text = t->filter != NULL ? "no log-on passes the filter" :
		    t->st.done           ? "no log-on was seen" :
					   "no log-on yet";
	text_put(t, a, 0, 0, a->w, theme(t, THEME_DIM), text);
}

static void
story_draw(struct tui *t, const struct area *a)
{
	struct story_screen *v = state(t);
	const struct story *s;
	struct area rest = *a;
	size_t i;
	int n;

	s = t->r == NULL ? NULL : view_story(t, &i);
	if (s == NULL) {
		ladder_free(v->ladder);
		v->ladder = NULL;
		draw_nothing(t, a);
		return;
	}
	if (v->sheet == NULL)
		v->sheet = sheet_new();
	sheet_clear(v->sheet);
	if (t->step < s->nsteps)
		message_tell(v->sheet, t->r, i, t->step);
	draw_who(t, a, s, i);
	draw_when(t, a, s, i);
	rest.h = clamp(a->h, 0, a->h < 16 ? 3 : 5);
	n = 2 + clamp(draw_causes(t, &rest, s, i), 0, rest.h - 2);
	rest.y = a->y + n;
	rest.h = a->h - n;
	if (rest.h < 1)
		return;
	if (a->w >= WIDE && !fits_below(t, s, i, &rest))
		draw_wide(t, v, s, i, &rest);
	else
		draw_high(t, v, s, i, &rest);
}

/* --- commands ------------------------------------------------------------------------- */

static void
go_to_step(struct tui *t, size_t step)
{
	state(t)->field = 0;
	t->step = step;
	t->dirty = true;
}

/* The log-on STEP lines from here in the list. */
static void
go_to_story(struct tui *t, int step)
{
	size_t i, row;

	if (view_story(t, &i) == NULL)
		row = SIZE_MAX;
	else
		row = rows_find(t, i);
	if (row == SIZE_MAX)
		row = 0;
	else if ((step < 0 && row == 0) || (step > 0 && row + 1 >= t->nrows)) {
		view_notice(t, THEME_NOTICE, "this is the %s log-on",
		    step < 0 ? "first" : "last");
		return;
	} else
		row = step < 0 ? row - 1 : row + 1;
	if (row < t->nrows)
		view_select_story(t, t->r->kept[t->rows[row]]->id);
}

/* To the finding that cites the message. */
static void
open_finding(struct tui *t, size_t i)
{
	size_t f = 0;

	if (message_cited(t->r, i, t->step, &f)) {
		view_select_cause(t, t->r->causes[f].key);
		view_enter(t, SCREEN_FINDINGS);
		return;
	}
	view_notice(t, THEME_NOTICE, "%s", "no finding cites this message");
}

static bool
scroll_fields(struct tui *t, enum command c)
{
	struct story_screen *v = state(t);

	if (c == COMMAND_LEFT && v->field > 0)
		v->field--;
	else if (c == COMMAND_RIGHT && v->field + v->field_page < v->fields)
		v->field++;
	else
		return c == COMMAND_LEFT || c == COMMAND_RIGHT;
	t->dirty = true;
	return true;
}

static bool
story_command(struct tui *t, enum command c)
{
	struct story_screen *v = state(t);
	const struct story *s;
	struct list l = { 0 };
	size_t i;

	if (c == COMMAND_NEXT_STORY || c == COMMAND_PREVIOUS_STORY) {
		if (t->r != NULL)
			go_to_story(t, c == COMMAND_NEXT_STORY ? 1 : -1);
		return true;
	}
	s = t->r == NULL ? NULL : view_story(t, &i);
	if (s == NULL || s->nsteps == 0)
		return false;
	l.n = s->nsteps;
	l.at = t->step < l.n ? t->step : l.n - 1;
	l.page = v->page;
	if (list_command(&l, c)) {
		go_to_step(t, l.at);
		return true;
	}
	switch (c) {
	case COMMAND_ENTER:
		open_finding(t, i);
		return true;
	case COMMAND_TIMES:
		v->absolute = !v->absolute;
		t->dirty = true;
		return true;
	default:
		return scroll_fields(t, c);
	}
}

static void
story_mouse(struct tui *t, enum mouse m, int y, int x)
{
	struct story_screen *v = state(t);
	size_t heads, step;

	if (m == MOUSE_WHEEL_UP || m == MOUSE_WHEEL_DOWN) {
		for (int k = 0; k < WHEEL; k++)
			story_command(t,
			    m == MOUSE_WHEEL_UP ? COMMAND_UP : COMMAND_DOWN);
		return;
	}
	/* The body begins below the title line. */
	y -= v->area.y - t->own->body.y;
	if (v->ladder == NULL || y < 0 || y >= v->area.h || x >= v->area.w)
		return;
	heads = ladder_heads(v->ladder);
	if ((size_t)y < heads)
		return;
	step = ladder_step(v->ladder, v->top + (size_t)y - heads);
	if (step == SIZE_MAX)
		return;
	go_to_step(t, step);
	if (m == MOUSE_DOUBLE)
		story_command(t, COMMAND_ENTER);
}

static bool
story_find(struct tui *t, int step)
{
	const struct story *s;
	size_t i, at, n;

	s = t->r == NULL ? NULL : view_story(t, &i);
	if (s == NULL || s->nsteps == 0)
		return false;
	n = s->nsteps;
	at = (t->step + n + (size_t)(step < 0 ? -1 : step)) % n;
	for (i = 0; i < n; i++) {
		if (view_matches(t, s->steps[at].what) ||
		    view_matches(t, s->steps[at].code_name)) {
			go_to_step(t, at);
			return true;
		}
		at = step < 0 ? (at + n - 1) % n : (at + 1) % n;
	}
	return false;
}

static void
story_close(struct tui *t)
{
	struct story_screen *v = state(t);

	sheet_free(v->sheet);
	ladder_free(v->ladder);
}

const struct screen screen_story = {
	.name = "log-on",
	.size = sizeof(struct story_screen),
	.update = story_update,
	.draw = story_draw,
	.command = story_command,
	.mouse = story_mouse,
	.find = story_find,
	.close = story_close,
};
