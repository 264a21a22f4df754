/*
 * core.h - what the core of the terminal has for itself; screens do without.
 */
#ifndef TUI_CORE_H
#define TUI_CORE_H

#include "keys.h"
#include "line.h"
#include "rows.h"
#include "view.h"

#define CORE_DEPTH 8    /* screens gone into */
#define CORE_INPUT 512  /* octets of keys that wait */
#define CORE_NOTICE 256 /* octets of a notice */
#define CORE_SPOTS 64   /* places that can be clicked */

/* What is typed at the bottom. */
enum asked { ASK_NOTHING, ASK_SEARCH, ASK_FILTER, ASK_REPORT, ASKED };

/* A place on the screen that stands for a command. */
struct spot {
	int y, x, w;
	enum command command;
};

struct view_own {
	/* Screens gone into, the one shown last. */
	enum screen_id stack[CORE_DEPTH];
	size_t depth;
	void *state[SCREENS];
	bool stale; /* update() has to be called */
	bool over;

	/* Keys. */
	unsigned char input[CORE_INPUT];
	size_t ninput;
	int64_t escape_until; /* an escape sequence is not whole; 0: none */
	int64_t clicked;      /* when, for a double click */
	int click_y, click_x;

	/* Layout of the last draw. */
	struct area body;
	struct spot spots[CORE_SPOTS];
	size_t nspots;

	char notice[CORE_NOTICE];
	enum theme_role notice_role;
	int64_t notice_until; /* 0: none */

	/* The line at the bottom (prompt.c). */
	enum asked asked;
	unsigned round; /* how often it was opened */
	struct line line;
	struct history history[ASKED];
	char hint[CORE_NOTICE]; /* names to choose from, or what is wrong */
	size_t hint_at;         /* octet of the line that it is about */
	bool wrong;
	bool listed;               /* the hint lists names */
	char was[LINE_MAX_OCTETS]; /* the filter before, for Esc */

	char filter[LINE_MAX_OCTETS]; /* the text of t->filter */
	uint64_t upto;                /* paused: no newer story is shown */

	struct rows rows;
	uint64_t views; /* so many were shown */
	bool working;   /* something is left to do: see work() */
	unsigned late;  /* views that came before it was done */

	int colors; /* 0: none */
	bool color;
};

/* --- theme.c --------------------------------------------------------------- */

void theme_begin(struct tui *t, const struct tui_options *opt);

/* --- prompt.c --------------------------------------------------------------- */

void prompt_open(struct tui *t, enum asked what);
void prompt_press(struct tui *t, const struct press *p);
/* Lines at the bottom that it takes. */
int prompt_lines(const struct tui *t);
/* Draws, and places the cursor. */
void prompt_draw(struct tui *t, const struct area *a);
void prompt_free(struct tui *t);
/* Takes TEXT as the filter; false when it is none (hint, hint_at). */
bool prompt_filter(struct tui *t, const char *text);

/* --- frame.c ---------------------------------------------------------------- */

/* The line at the top and those at the bottom. */
void frame_title(struct tui *t, const struct area *a);
void frame_bar(struct tui *t, const struct area *a);

/* --- take.c: what is taken away ------------------------------------------- */

void take_fix(struct tui *t);
void take_wireshark(struct tui *t);
/* Both in memory that the caller frees. */
char *take_base64(const char *text, size_t n);
char *take_filter(const struct story *s, bool live);

/* --- tui.c -------------------------------------------------------------------- */

const struct screen *core_screen(enum screen_id id);
enum screen_id core_shown(const struct tui *t);
/* Rows and causes are made anew, and what is shown with them. */
void core_rebuild(struct tui *t);

#endif
