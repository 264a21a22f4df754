/*
 * tui.h - the terminal: what runs an analysis shows it through this.
 *
 * The terminal never reads packets and never waits: its host polls the
 * keyboard beside the packets, and hands it a view now and then.
 */
#ifndef KERBSCOPE_TUI_H
#define KERBSCOPE_TUI_H

#include <stdio.h>

#include "presenter.h"

#define TUI_ERROR 256

/* What stands in the title line. */
struct tui_status {
	const char *what; /* "eth0", "a.pcap and 2 others" */
	bool live;        /* an interface: it has no end */
	bool done;        /* everything was read */
	int share;        /* per cent of a file, -1 unknown */
	uint64_t packets;
	uint64_t dropped;    /* by kernel or interface */
	uint64_t gaps;       /* holes in TCP streams */
	const char *trouble; /* "eth0 is down", or NULL */
};

/* What the terminal asks of its host. */
struct tui_host {
	void *arg;
	/*
	 * Writes a report of all that is known now as FORMAT to PATH, whole or
	 * not at all; false with a sentence in ERROR.
	 */
	bool (*report)(void *arg, const char *format, const char *path,
	    char error[TUI_ERROR]);
	/* The page of a rule; false when there is none. */
	bool (*explain)(void *arg, const char *rule, FILE *out);
};

struct tui_options {
	enum { TUI_COLOR_AUTO, TUI_COLOR_ALWAYS, TUI_COLOR_NEVER } color;
	const char *filter; /* to begin with; NULL: none */
};

struct tui;

/*
 * Takes the terminal on standard input and output.  NULL with a sentence in
 * ERROR when it is none, or is too dumb or too small.  From then on, until
 * tui_close(), nothing else may write to it; tui_rescue() gives it back after
 * a signal or a crash.
 */
struct tui *tui_open(const struct tui_options *opt, const struct tui_host *host,
    char error[TUI_ERROR]);

/*
 * A new view; R lives until the next one is taken.  NULL: nothing is known
 * yet, and none was shown before.
 */
void
tui_show(struct tui *t, const struct result *r, const struct tui_status *st);

/* A line at the bottom for some seconds: "retracted: ...".  Copied. */
void tui_notice(struct tui *t, const char *text);

/*
 * The keyboard may have something, or the window has another size: all that
 * waits is done, false when nothing did.  Never blocks.
 */
bool tui_input(struct tui *t);

/*
 * Draws what has changed.  The host calls it once a turn; returns in how many
 * milliseconds it wants to be called again at the latest (an escape sequence
 * that is not whole, a notice that ends), -1: not before something happens.
 */
int tui_draw(struct tui *t);

/* The user has had enough. */
bool tui_over(const struct tui *t);

/* Gives the terminal back as it was found. */
void tui_close(struct tui *t);

/* The same from a handler of signals (async-signal-safe), however often. */
void tui_rescue(void);

#endif
