/*
 * keys.h - from the octets of a keyboard to keys, and from keys to commands.
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include "view.h"

/* A key that is no character; a character is its code point. */
enum {
	PRESS_NONE = 0x110000, /* nothing that is known */
	PRESS_UP,
	PRESS_DOWN,
	PRESS_LEFT,
	PRESS_RIGHT,
	PRESS_PAGE_UP,
	PRESS_PAGE_DOWN,
	PRESS_HOME,
	PRESS_END,
	PRESS_DELETE,
	PRESS_BACKSPACE,
	PRESS_ENTER,
	PRESS_ESC,
	PRESS_TAB,
	PRESS_BACKTAB,
	PRESS_F1,
	PRESS_MOUSE
};

struct press {
	int code;
	/* Of PRESS_MOUSE: */
	enum mouse mouse;
	int y, x;
};

/*
 * Reads one key from the N octets at B; returns how many it is made of, 0
 * when more have to come.  LATE: none will, so an ESC is the key Esc.  Takes
 * any octets.
 */
size_t
keys_decode(const unsigned char *b, size_t n, bool late, struct press *p);

/*
 * Learns what the terminal sends for its keys, from terminfo; the terminal
 * is set up.
 */
void keys_learn(void);

/* The command of key CODE on SCREEN, COMMAND_NONE when there is none. */
enum command keys_command(int code, enum screen_id screen);

/* A row of keys.def. */
struct key_row {
	const char *group; /* of a heading: its title; else NULL */
	const char *keys, *word, *help;
	unsigned where;
	int bar;
	enum command command;
};

/* The rows in order, headings among them; NULL past the last. */
const struct key_row *keys_row(size_t i);

/* The first key of a row: "PgUp". */
const char *keys_first(const struct key_row *row, char buf[16]);

#endif
