/*
 * tui.c - what the host of the terminal calls: views in, keys in, a screen
 * out.
 *
 * All that is on the screen is drawn anew when something has changed; curses
 * sends what differs.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "terminal.h"
#include "text.h"

#define LEAST_LINES 10
#define LEAST_COLUMNS 40
#define ESCAPE_WAIT 30   /* ms: the rest of an escape sequence */
#define SLICE 5          /* ms of work between two looks at the keys */
#define LATE_MAX 2       /* doublings of it: a key waits so long */
#define NOTICE_TIME 8000 /* ms */
#define DOUBLE_CLICK 400 /* ms */

static const struct screen *const screens[SCREENS] = {
	[SCREEN_STORIES] = &screen_stories,
	[SCREEN_STORY] = &screen_story,
	[SCREEN_FINDINGS] = &screen_findings,
	[SCREEN_MACHINES] = &screen_machines,
	[SCREEN_HELP] = &screen_help,
	[SCREEN_PAGER] = &screen_pager,
};

const struct screen *
core_screen(enum screen_id id)
{
	return screens[id];
}

enum screen_id
core_shown(const struct tui *t)
{
	return t->own->stack[t->own->depth];
}

void *
view_alloc(void *old, size_t octets)
{
	size_t n = octets == 0 ? 1 : octets;
	/* gcc 12 takes two calls of realloc() with NULL for a double free. */
	void *p = old == NULL ? malloc(n) : realloc(old, n);

	if (p != NULL)
		return p;
	tui_rescue();
	fputs("kerbscope: no memory left\n", stderr);
	exit(3);
}

void *
view_state(struct tui *t, enum screen_id id)
{
	void **state = &t->own->state[id];

	if (*state == NULL) {
		*state = view_alloc(NULL, screens[id]->size);
		memset(*state, 0, screens[id]->size);
	}
	return *state;
}

/* --- screens gone into and left ------------------------------------------ */

static void
show(struct tui *t, enum screen_id id)
{
	t->own->stack[t->own->depth] = id;
	if (screens[id]->enter != NULL)
		screens[id]->enter(t);
	t->own->stale = t->dirty = true;
}

static void
hide(struct tui *t)
{
	const struct screen *s = screens[core_shown(t)];

	if (s->leave != NULL)
		s->leave(t);
}

/* One that is below already is gone back to. */
void
view_enter(struct tui *t, enum screen_id id)
{
	struct view_own *own = t->own;

	if (core_shown(t) == id)
		return;
	hide(t);
	for (size_t i = 0; i < own->depth; i++)
		if (own->stack[i] == id) {
			own->depth = i;
			show(t, id);
			return;
		}
	if (own->depth + 1 < CORE_DEPTH)
		own->depth++;
	show(t, id);
}

void
view_back(struct tui *t)
{
	if (t->own->depth == 0)
		return;
	hide(t);
	t->own->depth--;
	show(t, t->own->stack[t->own->depth]);
}

/* One of the four beside each other: back leads to the first. */
static void
turn_to(struct tui *t, enum screen_id id)
{
	if (core_shown(t) == id)
		return;
	hide(t);
	t->own->depth = id == SCREEN_STORIES ? 0 : 1;
	t->own->stack[0] = SCREEN_STORIES;
	show(t, id);
}

static void
turn(struct tui *t, int step)
{
	int id = (int)core_shown(t);

	if (id > SCREEN_MACHINES)
		id = SCREEN_STORIES;
	turn_to(t, (enum screen_id)((id + step + SCREEN_HELP) % SCREEN_HELP));
}

/* --- what is selected ------------------------------------------------------- */

void
view_select_story(struct tui *t, uint64_t id)
{
	const struct cause *c;
	size_t index;

	if (t->story != id)
		t->step = 0;
	t->story = id;
	c = view_story(t, &index) == NULL ? NULL : view_cause_of(t, index);
	t->cause = c == NULL ? 0 : c->key;
	t->own->stale = t->dirty = true;
}

void
view_select_cause(struct tui *t, uint64_t key)
{
	t->cause = key;
	t->own->stale = t->dirty = true;
}

void
core_rebuild(struct tui *t)
{
	rows_begin(t, t->paused ? t->own->upto : UINT64_MAX);
	t->own->stale = t->dirty = true;
}

bool
view_matches(const struct tui *t, const char *text)
{
	size_t at;

	return text != NULL && text_find(text, t->search, 0, &at);
}

/* --- notices --------------------------------------------------------------- */

void
view_notice(struct tui *t, enum theme_role role, const char *fmt, ...)
{
	struct view_own *own = t->own;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(own->notice, sizeof(own->notice), fmt, ap);
	va_end(ap);
	own->notice_role = role;
	own->notice_until = terminal_clock() + NOTICE_TIME;
	t->dirty = true;
}

void
tui_notice(struct tui *t, const char *text)
{
	view_notice(t, THEME_NOTICE, "%s", text);
}

/* A screen that is drawn, or that a key goes to, knows what there is. */
static void
update(struct tui *t)
{
	const struct screen *s = screens[core_shown(t)];

	if (t->own->stale && s->update != NULL)
		s->update(t);
	t->own->stale = false;
}

/* --- commands ---------------------------------------------------------------- */

static void
pause_or_go(struct tui *t)
{
	t->paused = !t->paused;
	t->own->upto = t->r == NULL ? 0 : rows_newest(t->r);
	core_rebuild(t);
}

static void
next_order(struct tui *t)
{
	static const char *const names[ORDERS] = {
		[ORDER_WORST] = "the worst first",
		[ORDER_NEWEST] = "the newest first",
		[ORDER_OLDEST] = "the oldest first",
		[ORDER_WHO] = "by who logs on",
		[ORDER_SERVICE] = "by service",
	};

	t->order = (t->order + 1) % ORDERS;
	core_rebuild(t);
	view_notice(t, THEME_NOTICE, "order: %s", names[t->order]);
}

static void
search(struct tui *t, int step)
{
	const struct screen *s = screens[core_shown(t)];

	t->dirty = true;
	if (*t->search == '\0')
		prompt_open(t, ASK_SEARCH);
	else if (s->find == NULL || !s->find(t, step))
		view_notice(t, THEME_ERROR, "not found: %s", t->search);
}

/* Esc takes back, one after the other, what was asked for here. */
static void
back(struct tui *t, bool ends)
{
	if (*t->search != '\0' && !ends) {
		*t->search = '\0';
		t->dirty = true;
	} else if (t->own->depth > 0) {
		view_back(t);
	} else if (ends) {
		t->own->over = true;
	} else {
		view_notice(t, THEME_NOTICE, "%s", "q ends kerbscope");
	}
}

static void
explain(struct tui *t)
{
	const struct cause *c = view_cause(t, NULL);

	if (c == NULL)
		view_notice(t, THEME_NOTICE, "%s", "there is no cause yet");
	else
		pager_explain(t, c->f.rule->id);
}

static void
redraw(struct tui *t)
{
	(void)wclear(stdscr);
	(void)clearok(stdscr, TRUE);
	t->own->stale = t->dirty = true;
}

/* What a screen has not done itself. */
static void
everywhere(struct tui *t, enum command c)
{
	switch (c) {
	case COMMAND_QUIT:
		t->own->over = true;
		break;
	case COMMAND_NEXT_SCREEN:
		turn(t, 1);
		break;
	case COMMAND_PREVIOUS_SCREEN:
		turn(t, -1);
		break;
	case COMMAND_STORIES:
		turn_to(t, SCREEN_STORIES);
		break;
	case COMMAND_STORY:
		turn_to(t, SCREEN_STORY);
		break;
	case COMMAND_FINDINGS:
		turn_to(t, SCREEN_FINDINGS);
		break;
	case COMMAND_MACHINES:
		turn_to(t, SCREEN_MACHINES);
		break;
	case COMMAND_HELP:
		view_enter(t, SCREEN_HELP);
		break;
	case COMMAND_FILTER:
		prompt_open(t, ASK_FILTER);
		break;
	case COMMAND_SEARCH:
		prompt_open(t, ASK_SEARCH);
		break;
	case COMMAND_WRITE:
		prompt_open(t, ASK_REPORT);
		break;
	case COMMAND_NEXT_MATCH:
		search(t, 1);
		break;
	case COMMAND_PREVIOUS_MATCH:
		search(t, -1);
		break;
	case COMMAND_SORT:
		next_order(t);
		break;
	case COMMAND_PAUSE:
		pause_or_go(t);
		break;
	case COMMAND_COPY_FIX:
		take_fix(t);
		break;
	case COMMAND_WIRESHARK:
		take_wireshark(t);
		break;
	case COMMAND_EXPLAIN:
		explain(t);
		break;
	case COMMAND_REDRAW:
		redraw(t);
		break;
	default:
		break;
	}
}

static void
command(struct tui *t, enum command c, bool ends)
{
	const struct screen *s = screens[core_shown(t)];

	t->own->notice_until = 0;
	t->dirty = true;
	if (c == COMMAND_NONE || (s->command != NULL && s->command(t, c)))
		return;
	if (c == COMMAND_BACK)
		back(t, ends);
	else
		everywhere(t, c);
}

/* --- keys and mouse ---------------------------------------------------------- */

static void
mouse(struct tui *t, const struct press *p)
{
	struct view_own *own = t->own;
	const struct screen *s = screens[core_shown(t)];
	const struct area *a = &own->body;
	int64_t now = terminal_clock();
	enum mouse m = p->mouse;

	for (size_t i = 0; i < own->nspots && m == MOUSE_CLICK; i++) {
		const struct spot *spot = &own->spots[i];

		if (p->y == spot->y && p->x >= spot->x &&
		    p->x < spot->x + spot->w) {
			command(t, spot->command, true);
			return;
		}
	}
	if (m == MOUSE_CLICK && now - own->clicked < DOUBLE_CLICK &&
	    own->click_y == p->y && own->click_x == p->x)
		m = MOUSE_DOUBLE;
	if (m == MOUSE_CLICK) {
		own->clicked = now;
		own->click_y = p->y;
		own->click_x = p->x;
	}
	if (s->mouse == NULL || p->y < a->y || p->y >= a->y + a->h ||
	    p->x < a->x || p->x >= a->x + a->w)
		return;
	s->mouse(t, m, p->y - a->y, p->x - a->x);
	t->dirty = true;
}

static void
press(struct tui *t, const struct press *p)
{
	if (p->code == PRESS_NONE)
		return;
	update(t);
	if (t->own->asked != ASK_NOTHING && p->code != PRESS_MOUSE)
		prompt_press(t, p);
	else if (t->own->asked == ASK_NOTHING && p->code == PRESS_MOUSE)
		mouse(t, p);
	else if (t->own->asked == ASK_NOTHING)
		command(t, keys_command(p->code, core_shown(t)),
		    p->code != PRESS_ESC);
}

/* All keys that are whole; LATE: what is left of a sequence is a key too. */
static void
presses(struct tui *t, bool late)
{
	struct view_own *own = t->own;
	struct press p;
	size_t at = 0, n;

	while (at < own->ninput && !own->over) {
		n = keys_decode(own->input + at, own->ninput - at,
		    late || own->ninput - at > CORE_INPUT / 2, &p);
		if (n == 0)
			break;
		at += n;
		press(t, &p);
	}
	own->ninput -= at;
	memmove(own->input, own->input + at, own->ninput);
	own->escape_until = own->ninput == 0 ? 0 :
					       terminal_clock() + ESCAPE_WAIT;
}

bool
tui_input(struct tui *t)
{
	struct view_own *own = t->own;
	bool any = false;
	size_t n;

	while (!own->over) {
		n = terminal_read(own->input + own->ninput,
		    sizeof(own->input) - own->ninput);
		own->ninput += n;
		if (n == 0)
			break;
		any = true;
		presses(t, false);
	}
	/* Nobody sits there any more. */
	if (terminal_gone())
		own->over = true;
	return any;
}

/* --- drawing ------------------------------------------------------------------ */

/* Too small for anything: it says so, as far as that has room. */
static void
draw_too_small(struct tui *t, const struct area *a)
{
	static const char text[] = "kerbscope needs 40x10";
	int x = (a->w - (int)strlen(text)) / 2;

	text_put(t, a, a->h / 2, x < 0 ? 0 : x, a->w, theme(t, THEME_TEXT),
	    text);
}

static void
draw(struct tui *t)
{
	struct view_own *own = t->own;
	const struct area all = { 0, 0, getmaxy(stdscr), getmaxx(stdscr) };
	const struct screen *s = screens[core_shown(t)];
	int bottom = prompt_lines(t);

	werase(stdscr);
	own->nspots = 0;
	update(t);
	curs_set(own->asked != ASK_NOTHING);
	if (all.h < LEAST_LINES || all.w < LEAST_COLUMNS) {
		own->body = (struct area){ 0 };
		draw_too_small(t, &all);
		return;
	}
	own->body = (struct area){ 1, 0, all.h - 1 - bottom, all.w };
	frame_title(t, &(struct area){ 0, 0, 1, all.w });
	s->draw(t, &own->body);
	if (own->asked == ASK_NOTHING)
		frame_bar(t, &(struct area){ all.h - 1, 0, 1, all.w });
	else
		prompt_draw(t,
		    &(struct area){ all.h - bottom, 0, bottom, all.w });
}

/*
 * A slice of what takes longer than a key may; true when there is more.  Where
 * views come faster than it is done, the slices grow: it must be some time.
 */
static bool
work(struct tui *t)
{
	const struct screen *s = screens[core_shown(t)];
	unsigned late = t->own->late < LATE_MAX ? t->own->late : LATE_MAX;
	int64_t until = terminal_clock() + (SLICE << late);
	bool more = true;

	update(t);
	while (more && terminal_clock() < until)
		more = (s->work != NULL && s->work(t)) || rows_piece(t);
	rows_show(t);
	t->own->working = more;
	return more;
}

/* The sooner of two times of which 0 is none. */
static int64_t
sooner(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

int
tui_draw(struct tui *t)
{
	struct view_own *own = t->own;
	int64_t now = terminal_clock(), next;
	bool working;

	if (own->escape_until != 0 && now >= own->escape_until)
		presses(t, true);
	if (own->notice_until != 0 && now >= own->notice_until) {
		own->notice_until = 0;
		t->dirty = true;
	}
	if (terminal_resized()) {
		(void)clearok(stdscr, TRUE);
		own->stale = t->dirty = true;
	}
	working = work(t);
	if (t->dirty) {
		t->dirty = false;
		draw(t);
		wrefresh(stdscr);
	}
	if (working)
		return 0;
	next = sooner(own->escape_until, own->notice_until);
	return next == 0 ? -1 : next > now ? (int)(next - now) : 0;
}

/* --- from the first call to the last ------------------------------------------ */

struct tui *
tui_open(const struct tui_options *opt, const struct tui_host *host,
    char error[TUI_ERROR])
{
	struct tui *t;

	if (!terminal_open(error))
		return NULL;
	t = view_alloc(NULL, sizeof(*t));
	*t = (struct tui){ .host = *host, .follow = true, .dirty = true };
	t->own = view_alloc(NULL, sizeof(*t->own));
	memset(t->own, 0, sizeof(*t->own));
	t->own->stale = true;
	t->utf8 = terminal_utf8();
	theme_begin(t, opt);
	if (opt->filter != NULL && !prompt_filter(t, opt->filter))
		view_notice(t, THEME_ERROR, "filter: %s", t->own->hint);
	return t;
}

void
tui_show(struct tui *t, const struct result *r, const struct tui_status *st)
{
	t->st = *st;
	t->dirty = true;
	if (r == NULL)
		return;
	t->own->late = t->own->working ? t->own->late + 1 : 0;
	t->own->views++;
	rows_move(t, r);
	t->r = r;
	core_rebuild(t);
}

bool
tui_over(const struct tui *t)
{
	return t->own->over;
}

void
tui_close(struct tui *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < SCREENS; i++) {
		if (t->own->state[i] != NULL && screens[i]->close != NULL)
			screens[i]->close(t);
		free(t->own->state[i]);
	}
	terminal_close();
	prompt_free(t);
	rows_free(t);
	free(t->own);
	free(t);
}
