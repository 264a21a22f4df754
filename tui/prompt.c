/*
 * prompt.c - what is typed at the bottom: a text to search for, a filter, the
 * name of a report.
 *
 *   filter: outcome != ok && servce ~ "cifs*"
 *                            ^ there is no field servce
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "text.h"

static const char *const labels[ASKED] = {
	[ASK_SEARCH] = "search: ",
	[ASK_FILTER] = "filter: ",
	[ASK_REPORT] = "write report to: ",
};

/* The ending of a file's name says what is written into it. */
static const struct {
	const char *ending, *format;
} endings[] = {
	{ ".txt", "text" },
	{ ".json", "json" },
	{ ".md", "markdown" },
	{ ".html", "html" },
	{ ".pcapng", "pcapng" },
};

#define ENDINGS (sizeof(endings) / sizeof(*endings))

static bool
can_present(const char *format)
{
	for (size_t i = 0; presenters_all[i] != NULL; i++)
		if (strcmp(presenters_all[i]->name, format) == 0)
			return true;
	return false;
}

/* The format for PATH, NULL when its ending is that of none. */
static const char *
format_of(const char *path)
{
	size_t len = strlen(path), n;

	for (size_t i = 0; i < ENDINGS; i++) {
		n = strlen(endings[i].ending);
		if (len > n && strcmp(path + len - n, endings[i].ending) == 0 &&
		    can_present(endings[i].format))
			return endings[i].format;
	}
	return NULL;
}

static void
say_endings(struct view_own *own)
{
	size_t n = 0;

	n = (size_t)snprintf(own->hint, sizeof(own->hint), "the name ends in");
	for (size_t i = 0; i < ENDINGS; i++)
		if (can_present(endings[i].format))
			n += (size_t)snprintf(own->hint + n,
			    sizeof(own->hint) - n, " %s", endings[i].ending);
}

/* --- the filter ------------------------------------------------------------ */

bool
prompt_filter(struct tui *t, const char *text)
{
	struct view_own *own = t->own;
	char error[FILTER_ERROR] = "";
	struct filter *f = NULL;
	size_t at = 0;

	own->wrong = own->listed = false;
	own->hint[0] = '\0';
	if (text[strspn(text, " ")] != '\0') {
		f = filter_new(text, error, &at);
		if (f == NULL) {
			own->wrong = true;
			own->hint_at = at;
			snprintf(own->hint, sizeof(own->hint), "%s", error);
			return false;
		}
	}
	filter_free(t->filter);
	t->filter = f;
	snprintf(own->filter, sizeof(own->filter), "%s", text);
	rows_filter(t);
	return true;
}

/* What a valid filter chooses; it changes while rows are still made. */
static void
say_count(struct tui *t)
{
	struct view_own *own = t->own;

	if (own->wrong || own->listed)
		return;
	if (t->filter == NULL)
		snprintf(own->hint, sizeof(own->hint),
		    "all log-ons; Tab names what can be compared, "
		    "e.g. outcome != ok");
	else if (rows_share(t) < 100)
		snprintf(own->hint, sizeof(own->hint),
		    "valid: %zu log-ons so far, %u %% looked at", t->nrows,
		    rows_share(t));
	else
		snprintf(own->hint, sizeof(own->hint),
		    "valid: %zu of %zu log-ons, %zu cause%s", t->nrows,
		    t->r == NULL ? 0 : t->r->nkept, t->ncauses,
		    t->ncauses == 1 ? "" : "s");
}

/* How much NAME and the others that begin with WORD have in common. */
static size_t
common(const char *a, const char *b, size_t n)
{
	size_t i = 0;

	while (i < n && a[i] != '\0' && a[i] == b[i])
		i++;
	return i;
}

/*
 * Tab: the word before the cursor is made longer as far as the names agree;
 * they are listed when there are several.
 */
static void
complete(struct tui *t)
{
	struct view_own *own = t->own;
	struct line *l = &own->line;
	size_t from = line_word(l), have = l->at - from, same = 0, many = 0;
	const char *name, *help, *first = NULL, *first_help = NULL;
	char said[CORE_NOTICE] = "";

	for (size_t i = 0; (name = filter_name(i, &help)) != NULL; i++) {
		if (strncmp(name, l->text + from, have) != 0)
			continue;
		if (first == NULL) {
			first = name;
			first_help = help;
			same = strlen(name);
		}
		same = common(first, name, same);
		if (strlen(said) + strlen(name) + 2 < sizeof(said))
			strcat(strcat(said, many == 0 ? "" : " "), name);
		many++;
	}
	if (first != NULL)
		line_insert(l, first + have, same - have);
	if (many == 1)
		line_insert(l, " ", 1);
	prompt_filter(t, l->text);
	own->listed = true;
	if (many == 1)
		snprintf(own->hint, sizeof(own->hint), "%s: %s", first,
		    first_help == NULL ? "" : first_help);
	else
		snprintf(own->hint, sizeof(own->hint), "%s",
		    many == 0 ? "no name begins so" : said);
}

/* --- open, typed, closed ---------------------------------------------------- */

void
prompt_open(struct tui *t, enum asked what)
{
	struct view_own *own = t->own;

	own->asked = what;
	own->round++;
	own->wrong = own->listed = false;
	own->hint[0] = '\0';
	own->hint_at = 0;
	history_start(&own->history[what]);
	line_set(&own->line, "");
	if (what == ASK_FILTER) {
		line_set(&own->line, own->filter);
		memcpy(own->was, own->filter, sizeof(own->was));
	} else if (what == ASK_SEARCH) {
		*t->search = '\0';
	} else {
		/* A process that may do next to nothing writes it. */
		line_set(&own->line,
		    t->st.live ? "/tmp/kerbscope.txt" : "kerbscope.txt");
		say_endings(own);
	}
	own->notice_until = 0;
	own->stale = t->dirty = true;
}

static void
close_prompt(struct tui *t)
{
	t->own->asked = ASK_NOTHING;
	t->own->stale = t->dirty = true;
}

/* As much of L as has room, in whole characters. */
static void
set_search(struct tui *t, const struct line *l)
{
	size_t n = l->len < sizeof(t->search) ? l->len : sizeof(t->search) - 1;

	while (
	    n > 0 && n < l->len && ((unsigned char)l->text[n] & 0xc0) == 0x80)
		n--;
	memcpy(t->search, l->text, n);
	t->search[n] = '\0';
}

/* Each key finds, or chooses, at once. */
static void
typed(struct tui *t)
{
	struct view_own *own = t->own;
	const struct screen *s = core_screen(core_shown(t));

	if (own->asked == ASK_SEARCH) {
		set_search(t, &own->line);
		own->wrong = *t->search != '\0' &&
		    (s->find == NULL || !s->find(t, 0));
		snprintf(own->hint, sizeof(own->hint), "%s",
		    own->wrong ? "not found" : "");
	} else if (own->asked == ASK_FILTER) {
		prompt_filter(t, own->line.text);
	} else {
		say_endings(own);
		own->wrong = format_of(own->line.text) == NULL;
	}
}

static void
write_report(struct tui *t)
{
	const char *path = t->own->line.text, *format = format_of(path);
	char error[TUI_ERROR] = "cannot be written from here";

	if (format == NULL)
		return;
	if (t->host.report != NULL &&
	    t->host.report(t->host.arg, format, path, error))
		view_notice(t, THEME_NOTICE, "written: %s (%s)", path, format);
	else
		view_notice(t, THEME_ERROR, "not written: %s", error);
	close_prompt(t);
}

static void
enter(struct tui *t)
{
	struct view_own *own = t->own;

	if (own->asked == ASK_FILTER && own->wrong)
		return;
	history_add(&own->history[own->asked], own->line.text);
	if (own->asked == ASK_REPORT)
		write_report(t);
	else
		close_prompt(t);
}

static void
escape(struct tui *t)
{
	struct view_own *own = t->own;

	if (own->asked == ASK_FILTER)
		prompt_filter(t, own->was);
	else if (own->asked == ASK_SEARCH)
		*t->search = '\0';
	close_prompt(t);
}

void
prompt_press(struct tui *t, const struct press *p)
{
	struct view_own *own = t->own;

	t->dirty = true;
	if (p->code == PRESS_ENTER) {
		enter(t);
	} else if (p->code == PRESS_ESC) {
		escape(t);
	} else if (p->code == PRESS_TAB && own->asked == ASK_FILTER) {
		complete(t);
	} else if (p->code == PRESS_BACKSPACE && own->line.len == 0) {
		escape(t);
	} else if (line_press(&own->line, &own->history[own->asked], p)) {
		typed(t);
	}
}

void
prompt_free(struct tui *t)
{
	for (size_t i = 0; i < ASKED; i++)
		history_free(&t->own->history[i]);
	filter_free(t->filter);
	t->filter = NULL;
}

/* --- drawing ----------------------------------------------------------------- */

int
prompt_lines(const struct tui *t)
{
	return t->own->asked == ASK_NOTHING ? 1 : 2;
}

/* Octets at the beginning that are left out, so that the cursor is seen. */
static size_t
left_out(const struct tui *t, const struct line *l, int w)
{
	size_t from = 0;

	while (from < l->at &&
	    text_measure(t->utf8, l->text + from, l->at - from) >= (size_t)w) {
		from++;
		while (from < l->at &&
		    ((unsigned char)l->text[from] & 0xc0) == 0x80)
			from++;
	}
	return from;
}

/* What is wrong stands under the place where it is, if it can. */
static void
draw_hint(struct tui *t, const struct area *a, int x, size_t from)
{
	const struct view_own *own = t->own;
	const struct line *l = &own->line;
	attr_t attr = theme(t,
	    own->wrong && !own->listed ? THEME_ERROR : THEME_DIM);
	size_t at = own->hint_at > l->len ? l->len : own->hint_at;
	int w = (int)text_columns(t, own->hint) + 2;

	if (!own->wrong || own->listed || own->asked != ASK_FILTER ||
	    at < from) {
		text_put(t, a, 1, 0, a->w, attr, own->hint);
		return;
	}
	x += (int)text_measure(t->utf8, l->text + from, at - from);
	if (x >= a->w)
		x = a->w - 1;
	text_put(t, a, 1, x, 1, attr, "^");
	if (x + w <= a->w)
		text_put(t, a, 1, x + 2, a->w - x - 2, attr, own->hint);
	else
		text_put(t, a, 1, 0, x < 1 ? 0 : x - 1, attr, own->hint);
}

void
prompt_draw(struct tui *t, const struct area *a)
{
	struct view_own *own = t->own;
	const struct line *l = &own->line;
	int x = text_put(t, a, 0, 0, a->w, theme(t, THEME_KEY),
	    labels[own->asked]);
	size_t from = left_out(t, l, a->w - x - 1);

	if (own->asked == ASK_FILTER)
		say_count(t);
	draw_hint(t, a, x, from);
	text_put_n(t, a, 0, x, a->w - x,
	    theme(t, own->wrong ? THEME_ERROR : THEME_EDIT), l->text + from,
	    l->len - from);
	wmove(stdscr, a->y,
	    a->x + x +
		(int)text_measure(t->utf8, l->text + from, l->at - from));
}
