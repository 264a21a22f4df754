/*
 * terminal.h - the terminal taken and given back.
 */
#ifndef TUI_TERMINAL_H
#define TUI_TERMINAL_H

#include "view.h"

/*
 * Takes standard input and output; false with a sentence in ERROR.  All files
 * that curses and the locale need are read here, none later.
 */
bool terminal_open(char error[TUI_ERROR]);
void terminal_close(void);

/* Octets that the keyboard has for us, at most N; 0 when there are none. */
size_t terminal_read(unsigned char *b, size_t n);

/* It can be read no more: hung up. */
bool terminal_gone(void);

/* Follows the size of the window; whether it is another one. */
bool terminal_resized(void);

/* Sends what curses does not know of.  Between two refreshes. */
void terminal_send(const char *octets, size_t n);

/* Milliseconds of a clock that is never set. */
int64_t terminal_clock(void);

/* Whether text other than ASCII can be shown. */
bool terminal_utf8(void);

/* The name of its kind: TERM. */
const char *terminal_kind(void);

#endif
