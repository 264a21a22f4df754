/*
 * line.h - one line of text that is typed, with what was typed before.
 */
#ifndef TUI_LINE_H
#define TUI_LINE_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_MAX_OCTETS 1024
#define LINE_HISTORY 32

struct press;

struct line {
	char text[LINE_MAX_OCTETS]; /* UTF-8, ended by NUL */
	size_t len;
	size_t at; /* the cursor, an octet of the text */
};

/* Lines that were typed, the latest last. */
struct history {
	char *lines[LINE_HISTORY];
	size_t n;
	size_t at;                 /* the one that is shown; n: a new one */
	char now[LINE_MAX_OCTETS]; /* what was typed before going up */
};

void line_set(struct line *l, const char *text);

/*
 * Does what key P does in a line: a character is put in, the cursor moves,
 * ^A ^E ^U ^K ^W, Delete and Backspace, Up and Down in H.  False when it
 * does nothing there (Enter, Esc, Tab).
 */
bool line_press(struct line *l, struct history *h, const struct press *p);

/* Puts TEXT in at the cursor, or as much of it as has room. */
void line_insert(struct line *l, const char *text, size_t n);

/* The word before the cursor that a name can be: where it begins. */
size_t line_word(const struct line *l);

/* Keeps what was typed; not twice in a row, and no empty line. */
void history_add(struct history *h, const char *text);
/* Before a line is typed. */
void history_start(struct history *h);
void history_free(struct history *h);

#endif
