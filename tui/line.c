/*
 * line.c - one line of text that is typed, with what was typed before: the
 * keys of readline(3) that people have in their fingers.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys.h"
#include "line.h"

#define CONTROL(c) ((c)&0x1f)

void
line_set(struct line *l, const char *text)
{
	l->len = l->at = 0;
	l->text[0] = '\0';
	line_insert(l, text, strlen(text));
}

/* A character begins here, and at the end of the text. */
static bool
is_start(const struct line *l, size_t at)
{
	return at >= l->len || ((unsigned char)l->text[at] & 0xc0) != 0x80;
}

static size_t
before(const struct line *l, size_t at)
{
	while (at > 0 && !is_start(l, --at))
		;
	return at;
}

static size_t
after(const struct line *l, size_t at)
{
	while (at < l->len && !is_start(l, ++at))
		;
	return at;
}

void
line_insert(struct line *l, const char *text, size_t n)
{
	size_t room = sizeof(l->text) - 1 - l->len;

	if (n > room) {
		n = room;
		while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
			n--;
	}
	memmove(l->text + l->at + n, l->text + l->at, l->len - l->at + 1);
	memcpy(l->text + l->at, text, n);
	l->len += n;
	l->at += n;
}

/* Takes away what is between FROM and TO; the cursor stays there. */
static void
cut(struct line *l, size_t from, size_t to)
{
	memmove(l->text + from, l->text + to, l->len - to + 1);
	l->len -= to - from;
	l->at = from;
}

/* CODE as UTF-8, if it is a character that can be seen. */
static bool
type(struct line *l, int code)
{
	char b[4];
	size_t n = 0;

	if (code < ' ' || code == 0x7f || (code >= 0x80 && code < 0xa0) ||
	    code >= PRESS_NONE)
		return false;
	if (code < 0x80) {
		b[n++] = (char)code;
	} else if (code < 0x800) {
		b[n++] = (char)(0xc0 | code >> 6);
	} else if (code < 0x10000) {
		b[n++] = (char)(0xe0 | code >> 12);
		b[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	} else {
		b[n++] = (char)(0xf0 | code >> 18);
		b[n++] = (char)(0x80 | (code >> 12 & 0x3f));
		b[n++] = (char)(0x80 | (code >> 6 & 0x3f));
	}
	if (code >= 0x80)
		b[n++] = (char)(0x80 | (code & 0x3f));
	line_insert(l, b, n);
	return true;
}

/* ^W: blanks before the cursor, and the word before them. */
static size_t
word_before(const struct line *l)
{
	size_t at = l->at;

	while (at > 0 && l->text[at - 1] == ' ')
		at--;
	while (at > 0 && l->text[at - 1] != ' ')
		at--;
	return at;
}

static bool
is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

size_t
line_word(const struct line *l)
{
	size_t at = l->at;

	while (at > 0 && is_name(l->text[at - 1]))
		at--;
	return at;
}

/* Shows line AT of the history; n: the one that was being typed. */
static void
recall(struct line *l, struct history *h, size_t at)
{
	if (h == NULL || at > h->n || at == h->at)
		return;
	if (h->at == h->n)
		memcpy(h->now, l->text, l->len + 1);
	h->at = at;
	line_set(l, at == h->n ? h->now : h->lines[at]);
}

static bool
move_cursor(struct line *l, int code)
{
	switch (code) {
	case PRESS_LEFT:
	case CONTROL('B'):
		l->at = before(l, l->at);
		return true;
	case PRESS_RIGHT:
	case CONTROL('F'):
		l->at = after(l, l->at);
		return true;
	case PRESS_HOME:
	case CONTROL('A'):
		l->at = 0;
		return true;
	case PRESS_END:
	case CONTROL('E'):
		l->at = l->len;
		return true;
	default:
		return false;
	}
}

bool
line_press(struct line *l, struct history *h, const struct press *p)
{
	switch (p->code) {
	case PRESS_UP:
	case CONTROL('P'):
		recall(l, h, h == NULL || h->at == 0 ? 0 : h->at - 1);
		return true;
	case PRESS_DOWN:
	case CONTROL('N'):
		recall(l, h, h == NULL ? 0 : h->at + 1);
		return true;
	case PRESS_BACKSPACE:
		cut(l, before(l, l->at), l->at);
		return true;
	case PRESS_DELETE:
	case CONTROL('D'):
		cut(l, l->at, after(l, l->at));
		return true;
	case CONTROL('U'):
		cut(l, 0, l->at);
		return true;
	case CONTROL('K'):
		cut(l, l->at, l->len);
		return true;
	case CONTROL('W'):
		cut(l, word_before(l), l->at);
		return true;
	default:
		return move_cursor(l, p->code) || type(l, p->code);
	}
}

void
history_add(struct history *h, const char *text)
{
	char *copy;

	if (*text == '\0' ||
	    (h->n > 0 && strcmp(h->lines[h->n - 1], text) == 0))
		return;
	copy = strdup(text);
	if (copy == NULL)
		return;
	if (h->n == LINE_HISTORY) {
		free(h->lines[0]);
		memmove(h->lines, h->lines + 1,
		    (LINE_HISTORY - 1) * sizeof(*h->lines));
		h->n--;
	}
	h->lines[h->n++] = copy;
	h->at = h->n;
}

void
history_start(struct history *h)
{
	h->at = h->n;
	h->now[0] = '\0';
}

void
history_free(struct history *h)
{
	for (size_t i = 0; i < h->n; i++)
		free(h->lines[i]);
	h->n = h->at = 0;
}
