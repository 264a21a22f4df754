/*
 * live-say.h - what live tells as it happens, besides the reports: lines for
 * people on standard output, lines for programs (--json-log), the system's
 * log (--syslog).
 */
#ifndef ANALYZER_LIVE_SAY_H
#define ANALYZER_LIVE_SAY_H

#include "logfile.h"
#include "watch.h"

enum state {
	STATE_STARTED,
	STATE_INTERFACE, /* came up, or went down */
	STATE_DROPS,     /* the kernel or a driver had no room */
	STATE_CLOCK,     /* it was set */
	STATE_SPATE,     /* people are not told of more of one rule */
	STATE_STOPPED
};

struct state_note {
	enum state state;
	int64_t time;          /* packet time; 0: none yet */
	const char *text;      /* for people, a sentence */
	const char *what;      /* is read, or listened to */
	const char *interface; /* or NULL */
	bool up;
	const char *because;         /* why it is down */
	uint64_t dropped;            /* in all, of this interface */
	int64_t shift;               /* of the clock, microseconds */
	const struct result *result; /* when it stopped */
};

/* --- live-lines.c -------------------------------------------------------- */

void lines_change(FILE *out, const struct change_note *n);
void lines_state(FILE *out, const struct state_note *n);

/* --- live-log.c ---------------------------------------------------------- */

void log_change(struct logfile *l, const struct change_note *n);
void log_state(struct logfile *l, const struct state_note *n);

/* --- live-syslog.c ------------------------------------------------------- */

/* Makes the socket, while it still may; false after a line on stderr. */
bool syslog_begin(void);
void syslog_change(const struct change_note *n);
void syslog_state(const struct state_note *n);

/* The same to OUT, which is the journal: a line each, with its level. */
void journal_change(FILE *out, const struct change_note *n);
void journal_state(FILE *out, const struct state_note *n);

/* --- live-spate.c -------------------------------------------------------- */

struct spates;

enum spate { SPATE_NONE, SPATE_BEGINS, SPATE_MORE };

struct spates *spates_new(void); /* to free() */
/* Whether N is one of too many of its rule, the first of them or another. */
enum spate spates_look(struct spates *s, const struct change_note *n);

/* --- what they share (live-say.c) ---------------------------------------- */

/*
 * What has changed, for people, in one line: "breaks (likely): TITLE [RULE]",
 * in memory that the caller frees.  Not escaped.
 */
char *say_change(const struct change_note *n);

/* "eth0 is down", "eth0: cannot be opened", in BUF. */
#define SAY_FACE 256
struct sensor_face;
const char *say_face(const struct sensor_face *f, char buf[SAY_FACE]);

/* The command that comes first in a fix, or NULL. */
const struct fix *say_fix(const struct cause *c);

#endif
