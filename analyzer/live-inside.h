/*
 * live-inside.h - what the files of live share.
 *
 *   live.c         the commands: what is opened in which order, and the end
 *   live-loop.c    the one poll(); frames, time, signals
 *   live-view.c    a view now and then, and who is shown it
 *   live-state.c   interfaces, drops, the clock: what changes besides findings
 *   live-report.c  the reports, now and at the end
 *   live-tui.c     the terminal
 */
#ifndef ANALYZER_LIVE_INSIDE_H
#define ANALYZER_LIVE_INSIDE_H

#include "evidence.h"
#include "feed.h"
#include "live-say.h"
#include "metrics.h"
#include "run.h"

struct tui;

/* A file that a report goes to, again and again. */
struct report_file {
	int fd;       /* -1: standard output, or written beside and renamed */
	bool regular; /* not a pipe or a device */
	bool made;    /* by us, just now */
};

/* An interface as it was told last. */
struct face_told {
	bool up;
	uint64_t dropped;
	int64_t drops_at; /* when drops were told, real time */
};

struct live {
	const struct options *opt;
	struct run run;
	struct sensor *sensor; /* NULL: files */
	struct feed *feed;
	struct watch *watch;
	struct logfile *log; /* --json-log, or NULL */
	enum { LINES_NONE, LINES_TEXT, LINES_JOURNAL } lines;
	const char *user;   /* whom it has become; NULL: nobody else */
	bool unread;        /* standard output has no reader any more */
	bool screens;       /* the terminal is wanted */
	bool lines_instead; /* or lines, if it cannot be used */
	struct tui *tui;    /* NULL: no terminal */
	struct evidence_ring *evidence;
	struct metrics *metrics;
	struct report_file files[OPTIONS_OUTPUTS];
	struct face_told faces[OPTIONS_INTERFACES];

	uint64_t views;
	struct spates *spates;
	const struct result *result; /* the latest view; NULL: none yet */
	uint64_t packets;
	int64_t now;    /* packet time; 0: no packet yet */
	int64_t begun;  /* real time, or of files packet time */
	int64_t latest; /* frame or event, in the same */
	int64_t next;   /* when a view is due, in the same; 0: none is */
	uint64_t news;  /* events since the latest view */
	bool enough;    /* --packets, --duration, a signal: to the end */
	bool over;      /* the end is reached: the result is final */
};

/* Microseconds of a clock that is never set. */
int64_t live_clock(void);

/* --- live-loop.c --------------------------------------------------------- */

void live_loop(struct live *l);

/* What a feed gives: of a struct feed_sink. */
void live_frame(void *arg, const struct frame *f);
void live_event(void *arg, const struct event *ev);

/* Before a pipe is read: for source_wait(). */
bool live_wait(void *arg, int fd);

/* --- live.c -------------------------------------------------------------- */

/* Takes what is still on its way and ends the analysis, once. */
void live_end(struct live *l);

/* --- live-view.c --------------------------------------------------------- */

/* Looks at what is known now, and shows it to all who want to know. */
void live_view(struct live *l, enum engine_depth depth);

/* The same of the final result. */
void live_final(struct live *l);

/* A finding has changed: a change_sink. */
void live_change(void *arg, const struct change_note *n);

/* Something else has. */
void live_state(struct live *l, struct state_note *n);

/* --- live-state.c -------------------------------------------------------- */

void live_started(struct live *l);
void live_stopped(struct live *l);

/* Interfaces and their drops; whether they have changed. */
bool live_faces(struct live *l);

/* Whether the clock was set; says so to all. */
void live_clock_look(struct live *l);

/* --- live-report.c ------------------------------------------------------- */

/* Opens what --output names, with the rights that there still are. */
bool live_report_open(struct live *l);
/* The rights are those that stay now. */
void live_report_settle(struct live *l);
/* Writes the reports of the options; those to standard output if SHOWN. */
void live_report(struct live *l, bool shown);
void live_report_close(struct live *l);

/* --- live-tui.c ---------------------------------------------------------- */

/* Takes the terminal; false after a line on stderr. */
bool live_tui_open(struct live *l);
void live_tui_show(struct live *l);
void live_tui_notice(struct live *l, const char *text);
bool live_tui_over(const struct live *l);
/* Takes keys; what they did is drawn at once. */
void live_tui_input(struct live *l);
/* In how many milliseconds it wants to be called again, or -1. */
int live_tui_draw(struct live *l);
void live_tui_close(struct live *l);
/* For signals_begin(); NULL without a terminal library. */
void (*live_tui_rescue(void))(void);

#endif
