/*
 * signals.h - signals as something to poll for.
 */
#ifndef ANALYZER_SIGNALS_H
#define ANALYZER_SIGNALS_H

#include <poll.h>

enum {
	SIGNAL_END = 1,    /* INT, TERM; on a terminal HUP, QUIT too */
	SIGNAL_REOPEN = 2, /* HUP */
	SIGNAL_REPORT = 4, /* USR1 */
	SIGNAL_WINDOW = 8  /* WINCH, CONT */
};

/*
 * From here on they are noted.  RESCUE (NULL: nothing) is called, and has to
 * be async-signal-safe, before one that ends the program does so.
 */
void signals_begin(void (*rescue)(void));

/* There is no screen after all. */
void signals_unscreened(void);

/* Readable when one has come. */
struct pollfd signals_poll(void);

/* Those that have come since the last call. */
unsigned signals_take(void);

#endif
