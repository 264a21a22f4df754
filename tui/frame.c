/*
 * frame.c - the line at the top: what is analysed, how far, how it goes; and
 * the line at the bottom: a notice, or the keys that mean something here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core.h"
#include "text.h"

#define PIECES 10

/* A piece of the title; the last that has no room goes first. */
struct piece {
	enum theme_role role;
	int keep; /* the higher, the longer it stays */
	bool right;
	char text[128];
};

struct title {
	struct piece pieces[PIECES];
	size_t n;
};

static struct piece *
add(struct title *l, enum theme_role role, int keep)
{
	struct piece *p = &l->pieces[l->n < PIECES ? l->n++ : PIECES - 1];

	*p = (struct piece){ .role = role, .keep = keep };
	return p;
}

static void
add_state(const struct tui *t, struct title *l)
{
	struct piece *p = add(l, THEME_STATE, 8);
	const struct tui_status *st = &t->st;

	if (t->paused)
		snprintf(p->text, sizeof(p->text), "PAUSED");
	else if (st->live)
		snprintf(p->text, sizeof(p->text), "live%s",
		    st->done       ? ", ended" :
			!t->follow ? "" :
				     ", following");
	else if (st->done)
		snprintf(p->text, sizeof(p->text), "all read");
	else if (st->packets == 0 && t->r == NULL)
		snprintf(p->text, sizeof(p->text), "waiting for packets");
	else if (st->share >= 0)
		snprintf(p->text, sizeof(p->text), "loading %d %%", st->share);
	else
		snprintf(p->text, sizeof(p->text), "loading");
}

static void
add_counts(const struct tui *t, struct title *l)
{
	const struct result *r = t->r;
	struct piece *p = add(l, THEME_TITLE, 7);
	int n = 0;

	if (r == NULL || r->stories == 0) {
		snprintf(p->text, sizeof(p->text),
		    t->st.done ? "no log-on" : "no log-on yet");
		return;
	}
	n = snprintf(p->text, sizeof(p->text), "%" PRIu64 " failed", r->broken);
	if (r->degraded > 0)
		n += snprintf(p->text + n, sizeof(p->text) - (size_t)n,
		    " %" PRIu64 " degraded", r->degraded);
	if (r->unseen == r->stories)
		snprintf(p->text, sizeof(p->text), "%" PRIu64 " unseen",
		    r->unseen);
	else
		snprintf(p->text + n, sizeof(p->text) - (size_t)n,
		    " %" PRIu64 " ok", r->ok);
}

static void
add_count(struct title *l, uint64_t n, const char *word)
{
	struct piece *p;

	if (n == 0)
		return;
	p = add(l, THEME_WARN, 6);
	snprintf(p->text, sizeof(p->text), "%" PRIu64 " %s", n, word);
}

static void
add_warnings(const struct tui *t, struct title *l)
{
	if (t->st.trouble != NULL)
		snprintf(add(l, THEME_WARN, 9)->text, 128, "%s", t->st.trouble);
	add_count(l, t->st.dropped, "dropped");
	add_count(l, t->st.gaps, t->st.gaps == 1 ? "gap" : "gaps");
	if (t->filter != NULL && rows_partial(t))
		snprintf(add(l, THEME_STATE, 6)->text, 128, "filtering %u %%",
		    rows_share(t));
	else if (t->filter != NULL)
		snprintf(add(l, THEME_STATE, 6)->text, 128, "filtered");
}

static int
width(const struct tui *t, const struct title *l)
{
	int w = 0;

	for (size_t i = 0; i < l->n; i++)
		w += (int)text_columns(t, l->pieces[i].text) + 2;
	return w;
}

/* Leaves out what matters least until the rest has room. */
static void
shorten(const struct tui *t, struct title *l, int w)
{
	while (l->n > 1 && width(t, l) > w) {
		size_t least = 0;

		for (size_t i = 1; i < l->n; i++)
			if (l->pieces[i].keep <= l->pieces[least].keep)
				least = i;
		memmove(&l->pieces[least], &l->pieces[least + 1],
		    (l->n - least - 1) * sizeof(*l->pieces));
		l->n--;
	}
}

void
frame_title(struct tui *t, const struct area *a)
{
	struct title l = { .n = 0 };
	char when[TIME_TEXT];
	struct piece *p;
	int x = 0, w;

	snprintf(add(&l, THEME_STATE, 1)->text, 128, "kerbscope");
	p = add(&l, THEME_TITLE, 4);
	snprintf(p->text, sizeof(p->text), "%s",
	    t->st.what == NULL ? "" : t->st.what);
	add_state(t, &l);
	add_counts(t, &l);
	add_warnings(t, &l);
	if (t->r != NULL && t->r->now != 0) {
		time_text(t->r->now, when);
		p = add(&l, THEME_TITLE, 3);
		p->right = true;
		snprintf(p->text, sizeof(p->text), "%.8s", when + 11);
	}
	shorten(t, &l, a->w);
	text_fill(t, a, 0, 0, a->w, theme(t, THEME_TITLE));
	for (size_t i = 0; i < l.n; i++) {
		p = &l.pieces[i];
		w = (int)text_columns(t, p->text);
		if (p->right && a->w - w - 1 > x)
			x = a->w - w - 2;
		text_fill(t, a, 0, x, w + 2, theme(t, p->role));
		x += text_put(t, a, 0, x + 1, w, theme(t, p->role), p->text) +
		    2;
	}
}

/* The key of the screen that is shown leads nowhere. */
static bool
leads_here(const struct tui *t, enum command c)
{
	static const enum command to[SCREENS] = {
		[SCREEN_STORIES] = COMMAND_STORIES,
		[SCREEN_STORY] = COMMAND_STORY,
		[SCREEN_FINDINGS] = COMMAND_FINDINGS,
		[SCREEN_MACHINES] = COMMAND_MACHINES,
		[SCREEN_HELP] = COMMAND_HELP,
		[SCREEN_PAGER] = COMMAND_EXPLAIN,
	};

	return to[core_shown(t)] == c;
}

/* The keys that mean something on this screen, by their place in the bar. */
static const struct key_row *
bar_row(const struct tui *t, int *bar, size_t *after)
{
	const struct key_row *row, *best = NULL;
	size_t best_at = 0;

	for (size_t i = 0; (row = keys_row(i)) != NULL; i++) {
		if (row->group != NULL || row->bar == 0 ||
		    (row->where & 1u << core_shown(t)) == 0 ||
		    leads_here(t, row->command) || row->bar < *bar ||
		    (row->bar == *bar && i <= *after))
			continue;
		if (best == NULL || row->bar < best->bar) {
			best = row;
			best_at = i;
		}
	}
	if (best != NULL) {
		*bar = best->bar;
		*after = best_at;
	}
	return best;
}

static const char *
bar_word(const struct tui *t, const struct key_row *row)
{
	if (row->command == COMMAND_BACK && t->own->depth == 0)
		return "end";
	if (row->command == COMMAND_PAUSE && t->paused)
		return "go on";
	return row->word;
}

void
frame_bar(struct tui *t, const struct area *a)
{
	struct view_own *own = t->own;
	const struct key_row *row;
	const char *key, *word;
	char name[16];
	int bar = 0, x = 0, w, k;
	size_t after = 0;

	if (own->notice_until != 0) {
		text_put(t, a, 0, 0, a->w, theme(t, own->notice_role),
		    own->notice);
		return;
	}
	while ((row = bar_row(t, &bar, &after)) != NULL) {
		word = bar_word(t, row);
		key = row->command == COMMAND_BACK && own->depth == 0 ?
		    "q" :
		    keys_first(row, name);
		k = (int)strlen(key);
		w = k + 1 + (int)strlen(word);
		if (x + w > a->w)
			continue;
		text_put(t, a, 0, x, k, theme(t, THEME_KEY), key);
		text_put(t, a, 0, x + k + 1, w, theme(t, THEME_WORD), word);
		if (own->nspots < CORE_SPOTS)
			own->spots[own->nspots++] = (struct spot){ a->y,
				a->x + x, w, row->command };
		x += w + 2;
	}
}
