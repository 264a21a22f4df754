/*
 * core.h - what the core of the terminal has for itself; screens do without.
 */
#ifndef TUI_CORE_H
#define TUI_CORE_H

#include "keys.h"
#include "line.h"
#include "view.h"

#define CORE_DEPTH 8    /* screens gone into */
#define CORE_INPUT 512  /* octets of keys that wait */
#define CORE_NOTICE 256 /* octets of a notice */
#define CORE_SPOTS 64   /* places that can be clicked */
#define CORE_NO_CAUSE UINT32_MAX

/* What is typed at the bottom. */
enum asked { ASK_NOTHING, ASK_SEARCH, ASK_FILTER, ASK_REPORT, ASKED };

/* A place on the screen that stands for a command. */
struct spot {
	int y, x, w;
	enum command command;
};

/* One log-on to be sorted. */
struct rows_item {
	uint64_t key;
	const char *text; /* compared after the key, NULL last */
	uint32_t index;
};

/* Rows that are being made. */
struct rows_job {
	bool active;
	uint64_t upto;
	enum order order;
	struct rows_item *items, *spare;
	size_t n, room;
	size_t next;  /* story to be looked at */
	size_t *runs; /* where each sorted run ends */
	size_t nruns, merged, kept;
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

	/* By index of r->causes: place in t->causes, CORE_NO_CAUSE: none. */
	uint32_t *place;
	size_t nplace;
	struct rows_job job;
	uint64_t *ids; /* of r->kept */
	size_t nids;

	int colors; /* 0: none */
	bool color;
};

/* --- rows.c ------------------------------------------------------------- */

/*
 * Makes t->causes anew from the view, the filter and the order, and begins
 * with the rows: of stories with ids up to UPTO alone.
 */
void rows_begin(struct tui *t, uint64_t upto);
/*
 * Goes on for BUDGET milliseconds (-1: to the end); true when the rows are
 * those that were asked for.
 */
bool rows_work(struct tui *t, int64_t budget);
/* Before t->r becomes R: the rows stay what they are. */
void rows_move(struct tui *t, const struct result *r);
void rows_free(struct tui *t);
/* Where kept story INDEX stands among the rows; SIZE_MAX: nowhere. */
size_t rows_find(const struct tui *t, size_t index);
/* The highest id that is kept. */
uint64_t rows_newest(const struct result *r);

/* --- rows-search.c -------------------------------------------------------- */

/*
 * The row, STEP (1 or -1; 0: this one or the next) from AT, that holds what is
 * searched for, around the end; SIZE_MAX: none.  CAUSES: the titles of the
 * causes are seen, too.
 */
size_t rows_search(const struct tui *t, size_t at, int step, bool causes);

/* Who logged on and to what, as a row shows it: addresses without names. */
const char *rows_who(const struct story *s, char buf[ADDR_TEXT]);
const char *rows_service(const struct story *s, char buf[ADDR_TEXT]);

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
