/*
 * cause.h - a cause in words: in one line, in short, in full.
 */
#ifndef TUI_CAUSE_H
#define TUI_CAUSE_H

#include "view.h"

/* A fault that has stopped; a remark is none. */
bool cause_is_over(const struct cause *c);

/* "not seen since 14:02:11, 37 log-ons ok since"; "" while it lasts. */
#define CAUSE_STATE 96
const char *cause_state(const struct cause *c, char buf[CAUSE_STATE]);

/* "14:02:11", with the day when it is another one than that of NOW. */
#define CAUSE_TIME 32
const char *cause_time(int64_t time, int64_t now, char buf[CAUSE_TIME]);

/*
 * Who, why and the fix of the cause at INDEX, in as much detail as has room
 * in H lines of W columns; returns how many lines it takes.
 */
size_t cause_brief(struct tui *t, struct sheet *p, size_t index, int h, int w);

/* All that is known of it. */
void cause_full(struct tui *t, struct sheet *p, size_t index);

/* Columns of the labels in both. */
#define CAUSE_LABELS 12

/* Its commands, to be pasted, in memory that the caller frees. */
char *cause_fix_text(const struct cause *c);

/* Draws it in one line: number, impact, certainty, title, count. */
void cause_line(struct tui *t, const struct area *a, int y, size_t number,
    const struct cause *c, attr_t mark);

#endif
