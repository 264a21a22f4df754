/*
 * view.h - inside the terminal: what its screens share.
 *
 * A screen is a struct of functions (struct screen).  It draws into an area
 * and gets commands (keys.def), never keys; all it knows of the analysis is
 * t->r, which may be another one whenever update() is called, so that nothing
 * that points into it is kept: what is selected is kept by id (a story) and
 * by key (a cause).  All text is drawn through text.h, which makes foreign
 * text harmless; nothing else calls the output functions of curses.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

/* Wide characters, and no macros called move, clear or timeout. */
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter.h"
#include "presenter.h"
#include "tui.h"

/* A rectangle of the terminal. */
struct area {
	int y, x, h, w;
};

/* --- colours (theme.c) -------------------------------------------------- */

/* What a text is, which says how it looks. */
enum theme_role {
	THEME_TEXT,
	THEME_DIM,      /* of less weight: frames, labels */
	THEME_TITLE,    /* the line at the top */
	THEME_WARN,     /* in it: drops, gaps, trouble */
	THEME_STATE,    /* in it: live, paused */
	THEME_HEAD,     /* headings, the verdict */
	THEME_COLUMNS,  /* the heads of columns */
	THEME_SELECTED, /* the line that is selected */
	THEME_IDLE,     /* selected, in a pane that does not have the keys */
	THEME_MATCH,    /* found by the search */
	THEME_BREAKS,
	THEME_DEGRADES,
	THEME_WEAKENS,
	THEME_REMARK,
	THEME_OK,
	THEME_UNSEEN,
	THEME_COMMAND,  /* to be pasted */
	THEME_LINE,     /* lines between panes, the ladder's */
	THEME_DECIDING, /* the message that decided */
	THEME_KEY,      /* in the bar at the bottom: the key */
	THEME_WORD,     /* and what it does */
	THEME_NOTICE,
	THEME_ERROR, /* a notice of what failed; an invalid filter */
	THEME_EDIT,  /* text that is being typed */
	THEME_ROLES
};

struct tui;

/* The attributes of ROLE, for text.h and attrset(). */
attr_t theme(const struct tui *t, enum theme_role role);

enum theme_role theme_outcome(enum outcome o);
enum theme_role theme_impact(enum impact i);

/* --- commands (keys.def, keys.c) ----------------------------------------- */

enum screen_id {
	SCREEN_STORIES,
	SCREEN_STORY,
	SCREEN_FINDINGS,
	SCREEN_MACHINES,
	SCREEN_HELP,
	SCREEN_PAGER,
	SCREENS
};

enum {
	ON_STORIES = 1 << SCREEN_STORIES,
	ON_STORY = 1 << SCREEN_STORY,
	ON_FINDINGS = 1 << SCREEN_FINDINGS,
	ON_MACHINES = 1 << SCREEN_MACHINES,
	ON_HELP = 1 << SCREEN_HELP,
	ON_PAGER = 1 << SCREEN_PAGER,
	ON_CAUSE = ON_STORIES | ON_STORY | ON_FINDINGS,
	ON_LISTS = ON_CAUSE | ON_MACHINES,
	ON_ALL = (1 << SCREENS) - 1
};

enum command {
	COMMAND_NONE,
#define GROUP(title)
#define COMMAND(id, keys, where, bar, word, help) COMMAND_##id,
#include "keys.def"
#undef GROUP
#undef COMMAND
	COMMANDS
};

enum mouse { MOUSE_CLICK, MOUSE_DOUBLE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

/* --- screens --------------------------------------------------------------- */

struct screen {
	const char *name; /* among the tabs: "log-ons" */
	size_t size;      /* octets of its state, zero at first: view_state() */
	/* It is gone into, and left; all functions may be NULL but draw(). */
	void (*enter)(struct tui *t);
	void (*leave)(struct tui *t);
	/*
	 * There is another view, filter, order or selection, or the terminal
	 * has another size; before the next draw(), and only while shown.
	 */
	void (*update)(struct tui *t);
	/*
	 * Does a piece, of some microseconds, of what takes longer than a key
	 * press may; false when nothing is left to do.
	 */
	bool (*work)(struct tui *t);
	void (*draw)(struct tui *t, const struct area *a);
	/* False when C means nothing here: then it is done for all screens. */
	bool (*command)(struct tui *t, enum command c);
	/* At line Y and column X of the area drawn into. */
	void (*mouse)(struct tui *t, enum mouse m, int y, int x);
	/*
	 * Selects the place, STEP (1 or -1; 0: this one or the next) from the
	 * one selected, where view_matches() holds, around the end if need
	 * be; false when there is none.
	 */
	bool (*find)(struct tui *t, int step);
	/* Frees what the state holds. */
	void (*close)(struct tui *t);
};

extern const struct screen screen_stories, screen_story, screen_findings,
    screen_machines, screen_help, screen_pager;

/* The state of screen ID, of its own size. */
void *view_state(struct tui *t, enum screen_id id);

/* Goes into a screen, and back to the one before. */
void view_enter(struct tui *t, enum screen_id id);
void view_back(struct tui *t);

/* The page of RULE in screen_pager (screen-pager.c); a notice when none. */
void pager_explain(struct tui *t, const char *rule);

/* --- what is shown ---------------------------------------------------------- */

enum order {
	ORDER_WORST,
	ORDER_NEWEST,
	ORDER_OLDEST,
	ORDER_WHO,
	ORDER_SERVICE,
	ORDERS
};

#define VIEW_SEARCH 256 /* octets of a text searched for */

/* What the screens share; they change only what is said below. */
struct tui {
	const struct result *r; /* NULL before the first tui_show() */
	struct tui_status st;   /* texts live as long as R */
	struct tui_host host;
	bool utf8; /* the terminal can do more than ASCII */

	/* The log-ons that pass the filter, as indexes of r->kept, in order. */
	uint32_t *rows;
	size_t nrows;
	/* The findings that do, as indexes of r->causes: causes first. */
	uint32_t *causes;
	size_t ncauses;
	enum order order;
	struct filter *filter; /* NULL: none */
	bool follow, paused;

	/* Selected, by id and by key; 0: none. */
	uint64_t story, cause;
	/* Of the story, which step: screen-story.c; of it the others learn. */
	size_t step;

	char search[VIEW_SEARCH]; /* "": nothing is searched for */
	bool dirty;               /* has to be drawn */
	struct view_own *own;     /* of tui.c */
};

/* The selected story, NULL when it is no longer kept; its index in r->kept. */
const struct story *view_story(const struct tui *t, size_t *index);
/* The selected cause, NULL when it is no longer found; its index. */
const struct cause *view_cause(const struct tui *t, size_t *index);
/* The first cause of kept story I: what accounts for its outcome; or NULL. */
const struct cause *view_cause_of(const struct tui *t, size_t i);
/* The cause that finding I stands under, itself if it is one. */
size_t view_root(const struct result *r, size_t i);

void view_select_story(struct tui *t, uint64_t id);
void view_select_cause(struct tui *t, uint64_t key);

/* A line at the bottom for some seconds. */
void view_notice(struct tui *t, enum theme_role role, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Hands TEXT to the clipboard (OSC 52); WHAT for the notice: "the fix". */
void view_copy(struct tui *t, const char *what, const char *text);

/* Whether TEXT holds what is searched for, without regard to case. */
bool view_matches(const struct tui *t, const char *text);

/* Memory, or the end of the program after the terminal is given back. */
void *view_alloc(void *old, size_t octets);

/* --- lists (list.c) --------------------------------------------------------- */

/* A list of N lines of which some are seen and one is selected. */
struct list {
	size_t n, at, top;
	size_t page; /* lines that are seen: set by list_fit() */
};

/* Keeps AT and TOP within N lines, of which PAGE can be seen. */
void list_fit(struct list *l, size_t n, size_t page);
/* Moves as C says; false when C is no movement (COMMAND_UP ... _END). */
bool list_command(struct list *l, enum command c);
/* The same for a text that scrolls and in which nothing is selected. */
bool list_scroll(struct list *l, enum command c);

/* --- sheets of text (sheet.c) --------------------------------------------------- */

/* A text in lines that are wrapped to the width of a pane. */
struct sheet;

struct sheet *sheet_new(void);
void sheet_free(struct sheet *p);
void sheet_clear(struct sheet *p);
/*
 * A paragraph: LABEL (NULL: none) before its first line in a column of its
 * own, TEXT after it, wrapped at words.  Both are foreign, and copied.
 */
void sheet_add(struct sheet *p, enum theme_role role, const char *label,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* Wraps to W columns, labels in LABELW of them; returns how many lines. */
size_t sheet_wrap(const struct tui *t, struct sheet *p, int w, int labelw);
/* Draws from line TOP on. */
void sheet_draw(struct tui *t, const struct sheet *p, const struct area *a,
    size_t top);
/* The first line from FROM on, in direction STEP, with what is searched. */
bool sheet_find(const struct tui *t, const struct sheet *p, size_t from,
    int step, size_t *line);

/*
 * text.h has, for all that is drawn (y and x are of the area, W columns at
 * most, the rest of which text_cell() fills with blanks; both return the
 * columns used, escape, cut with an ellipsis, and mark what is searched for
 * with THEME_MATCH):
 *
 *   int text_put(struct tui *t, const struct area *a, int y, int x, int w,
 *       attr_t attr, const char *text);
 *   int text_cell(...the same...);
 *   void text_fill(struct tui *t, const struct area *a, int y, int x, int w,
 *       attr_t attr);   blanks
 *   void text_hline(...), text_vline(struct tui *t, const struct area *a,
 *       int y, int x, int n, attr_t attr);   or - and |
 *   size_t text_columns(const struct tui *t, const char *text);   escaped
 *
 * ladder.h has
 *
 *   void ladder_draw(struct tui *t, const struct area *a,
 *       const struct story *s, const struct cause *c, size_t top,
 *       size_t selected);   SIZE_MAX: no step is
 */

#endif
