/*
 * arena.c - memory that is given back all at once.
 *
 * A chunk is filled from both ends: structures from the front, where they
 * are aligned, texts from the back, where they need not be.  Most texts of a
 * log-on are said again and again (realm, service, client), so a short one
 * is first looked for where one like it was put last.
 */
#include <stdio.h>
#include <string.h>

#include "arena.h"
#include "pool.h"

#define CHUNK_FIRST ((size_t)448)
#define CHUNK_MOST ((size_t)16 << 10)
#define ALIGN ((size_t)16)
#define TEXT_SHORT 64 /* octets of a text that is looked for */
#define SEEN 16       /* of them, to be found; a power of two */

/* A text that was asked for; len 0: none. */
struct seen {
	uint16_t at, len;
};

struct chunk {
	struct chunk *next;
	size_t used, texts; /* free is what lies between */
	size_t size;
	struct seen seen[SEEN];
	_Alignas(16) char mem[];
};

static struct chunk *
arena_chunk(struct arena *a, size_t n)
{
	struct chunk *c;
	size_t size;

	size = a->held / 2;
	if (size < CHUNK_FIRST)
		size = CHUNK_FIRST;
	if (size > CHUNK_MOST)
		size = CHUNK_MOST;
	if (size < n)
		size = n;
	c = pool_zeroed(sizeof(*c) + size);
	c->size = c->texts = size;
	c->next = a->chunks;
	a->chunks = c;
	a->held += sizeof(*c) + size;
	return c;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->chunks;
	void *p;

	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (c == NULL || c->texts - c->used < n)
		c = arena_chunk(a, n);
	p = c->mem + c->used;
	c->used += n;
	return p;
}

/* Room for a text of LEN octets and its NUL. */
static char *
arena_text_room(struct arena *a, size_t len)
{
	struct chunk *c = a->chunks;

	if (c == NULL || c->texts - c->used <= len)
		c = arena_chunk(a, len + 1);
	c->texts -= len + 1;
	return c->mem + c->texts;
}

/* Where a text like P would stand among those of C that were seen. */
static struct seen *
seen_place(struct chunk *c, const char *p, size_t len)
{
	return &c->seen[(len + (uint8_t)p[0] + 5U * (uint8_t)p[len / 2] +
			    3U * (uint8_t)p[len - 1]) %
	    SEEN];
}

static void
seen_note(struct chunk *c, const char *text, size_t len)
{
	struct seen *s = seen_place(c, text, len);

	if (text - c->mem > UINT16_MAX)
		return;
	s->at = (uint16_t)(text - c->mem);
	s->len = (uint16_t)len;
}

/* The same text in C, or NULL. */
static const char *
arena_text_find(struct chunk *c, const char *p, size_t len)
{
	const struct seen *s = seen_place(c, p, len);

	if (s->len != len || memcmp(c->mem + s->at, p, len) != 0)
		return NULL;
	return c->mem + s->at;
}

const char *
arena_text(struct arena *a, const char *p, size_t len)
{
	bool look = len > 0 && len <= TEXT_SHORT;
	const char *same = NULL;
	char *copy;

	if (look && a->chunks != NULL)
		same = arena_text_find(a->chunks, p, len);
	if (same != NULL)
		return same;
	copy = arena_text_room(a, len);
	if (len > 0)
		memcpy(copy, p, len);
	if (look)
		seen_note(a->chunks, copy, len);
	return copy;
}

const char *
arena_str(struct arena *a, struct str s)
{
	return s.len == 0 ? NULL : arena_text(a, s.p, s.len);
}

/*
 * Writes FMT when it asks for nothing but %s and %.*s, as nearly all texts of
 * steps do: stdio takes several times as long.  Returns the length; SIZE or
 * more: it does not fit, or is more than that.
 */
static size_t
plain_text(char *buf, size_t size, const char *fmt, va_list ap)
{
	const char *p;
	size_t n = 0, len;
	int most;

	for (; *fmt != '\0' && n < size; n += len) {
		if (*fmt != '%') {
			p = fmt;
			fmt = strchrnul(fmt, '%');
			len = (size_t)(fmt - p);
		} else if (fmt[1] == 's') {
			p = va_arg(ap, const char *);
			len = p == NULL ? size : strlen(p);
			fmt += 2;
		} else if (fmt[1] == '.' && fmt[2] == '*' && fmt[3] == 's') {
			most = va_arg(ap, int);
			p = va_arg(ap, const char *);
			if (most < 0 || (p == NULL && most > 0))
				return size;
			len = most == 0 ? 0 : strnlen(p, (size_t)most);
			fmt += 4;
		} else
			return size;
		if (len >= size - n)
			return size;
		if (len > 0)
			memcpy(buf + n, p, len);
	}
	return n;
}

const char *
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	char plain[256];
	va_list again;
	char *text;
	size_t len;
	int n;

	va_copy(again, ap);
	len = plain_text(plain, sizeof(plain), fmt, again);
	va_end(again);
	if (len < sizeof(plain)) {
		text = arena_text_room(a, len);
		memcpy(text, plain, len);
		return text;
	}
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		return "";
	text = arena_text_room(a, (size_t)n);
	vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

const char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return text;
}

const char *
arena_lower(struct arena *a, const char *p, size_t len)
{
	char *copy = arena_text_room(a, len);
	size_t i;

	for (i = 0; i < len; i++)
		copy[i] = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] + 32) : p[i];
	return copy;
}

void
arena_free(struct arena *a)
{
	struct chunk *c, *next;

	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		pool_free(c, sizeof(*c) + c->size);
	}
	a->chunks = NULL;
	a->held = 0;
}
