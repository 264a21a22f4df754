/*
 * text.h - text on the terminal: all that was read from a network or a file
 * passes here before it is drawn.
 *
 * What a terminal would obey, or show as nothing, is shown as escape_text()
 * does: \xNN for an octet, \u{N} for a character; on a terminal that takes
 * no UTF-8, so is all that is not ASCII.  Widths are columns of the screen;
 * lengths are octets of the text as it was.
 */
#ifndef TUI_TEXT_H
#define TUI_TEXT_H

#include "memory.h" /* text_printf() */
#include "view.h"

/* --- without a terminal (text.c) ------------------------------------------ */

/* A character with the marks on it, or the escape that stands for one. */
#define TEXT_CHAR 24
struct text_char {
	char text[TEXT_CHAR]; /* with its NUL */
	int width;            /* columns, 1 or more */
};

/*
 * The first character of the LEN octets at P as it is shown; returns how many
 * of them it stands for, 0 only when LEN is.
 */
size_t text_char(bool utf8, const char *p, size_t len, struct text_char *out);

/* Columns that LEN octets at P take. */
size_t text_measure(bool utf8, const char *p, size_t len);

/* The sign that something was cut: 1 column or 3. */
const char *text_ellipsis(bool utf8);

/*
 * How many of the LEN octets at P fit into W columns, *USED gets the columns
 * that they take.  When not all of them do there is room for the ellipsis
 * behind.
 */
size_t text_fit(bool utf8, const char *p, size_t len, size_t w, size_t *used);

/*
 * How many of the LEN octets at P make the first line of W columns: up to a
 * blank, or in the middle of a word that is longer than a line.  At least one
 * character, though it be wider than W.  The blanks that follow belong to no
 * line: the caller passes over them.
 */
size_t text_line(bool utf8, const char *p, size_t len, size_t w);

/*
 * Where WANTED stands in TEXT at octet FROM or later, without regard to the
 * case of ASCII; false when nowhere, or when nothing is wanted.
 */
bool text_find(const char *text, const char *wanted, size_t from, size_t *at);

/* --- drawing (text-draw.c) -------------------------------------------------- */

/*
 * TEXT at line Y and column X of A, in at most W columns, cut with an
 * ellipsis; what is searched for is marked.  Returns the columns used.
 * Nothing is drawn outside of A.
 */
int text_put(struct tui *t, const struct area *a, int y, int x, int w,
    attr_t attr, const char *text);
/* The same, and blanks in what is left of the W columns. */
int text_cell(struct tui *t, const struct area *a, int y, int x, int w,
    attr_t attr, const char *text);
/* The same as text_put() for the first LEN octets, without an ellipsis. */
int text_put_n(struct tui *t, const struct area *a, int y, int x, int w,
    attr_t attr, const char *text, size_t len);
/* N columns of blanks. */
void text_fill(struct tui *t, const struct area *a, int y, int x, int n,
    attr_t attr);
/* Lines of N columns or lines. */
void text_hline(struct tui *t, const struct area *a, int y, int x, int n,
    attr_t attr);
void text_vline(struct tui *t, const struct area *a, int y, int x, int n,
    attr_t attr);

/* text_measure() of a text that ends with a NUL. */
size_t text_columns(const struct tui *t, const char *text);

#endif
