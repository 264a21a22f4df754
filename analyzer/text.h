/*
 * text.h - what the text outputs share: foreign text made harmless, and
 * paragraphs of 80 columns.
 */
#ifndef ANALYZER_TEXT_H
#define ANALYZER_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "memory.h" /* text_printf() */

#define TEXT_COLUMNS 80

/*
 * TEXT as escape_text() writes it, in memory that the caller frees.  Ends
 * the program without memory.
 */
char *text_escaped(const char *text);

/* Columns of TEXT (UTF-8): one a character. */
size_t text_width(const char *text);

/*
 * A paragraph: TEXT, escaped, between COLUMN (where the first line goes on)
 * and column 80, the other lines indented by PREFIX.  Words are never cut.
 * Ends the line.
 */
void text_wrap(FILE *out, size_t column, const char *prefix, const char *text);

/* "1 frame", "2 frames": N with a word and the ending of many. */
char *text_count(uint64_t n, const char *word, const char *many);

/*
 * WORD as a POSIX shell takes it for one word, and no program for an option,
 * in memory that the caller frees; NULL when it holds what cannot be shown.
 */
char *text_shell(const char *word);

struct result;

/*
 * AGAIN (NULL: nothing) and all captures of R as words of a shell, a blank
 * before each, CAPTURE for what cannot be written so, in memory that the
 * caller frees.
 */
char *text_captures(const struct result *r, const char *again);

/* "directory, keytab": EVIDENCE_* bits, in memory that the caller frees. */
char *text_evidence(unsigned kinds);

struct fix;

/*
 * What stands before the command of FIX: "for windows; on the server", or
 * nothing, in memory that the caller frees.  Not escaped.
 */
char *text_fix_comment(const struct fix *fix);

/*
 * One line on stderr, "kerbscope: " before it; foreign text in it is made
 * harmless, and a progress line is taken away first.
 */
void message(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * From here on such lines go to TAKER(ARG, text), not escaped and without
 * "kerbscope: "; NULL: to stderr again.
 */
void message_to(void (*taker)(void *arg, const char *text), void *arg);

/* Whether FD is the journal of systemd, which wants levels: sd-daemon(3). */
bool text_is_journal(int fd);

#endif
