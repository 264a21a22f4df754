/*
 * token.h - for tests of tokens: DER from a readable text, and events as
 * text to compare.
 */
#ifndef TESTS_TOKEN_H
#define TESTS_TOKEN_H

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "flow.h"

#define OCTETS_MAX 16384

struct octets {
	uint8_t b[OCTETS_MAX];
	size_t len;
};

/* --- DER from text ---------------------------------------------------- */

/*
 * `30{02:05;1b"abc"}` is a SEQUENCE of an INTEGER 5 and a GeneralString.
 * Blanks do not count outside of quotes.
 */
static int
hex_pair(const char **s)
{
	char t[3] = { (*s)[0], (*s)[1], '\0' };

	*s += 2;
	return (int)strtol(t, NULL, 16);
}

static void
skip_blanks(const char **s)
{
	while (isspace((unsigned char)**s))
		(*s)++;
}

static void
der_wrap(struct octets *o, size_t start, int tag)
{
	size_t len = o->len - start, n = len < 128 ? 2 : len < 256 ? 3 : 4;
	uint8_t *p = o->b + start;

	memmove(p + n, p, len);
	p[0] = (uint8_t)tag;
	p[1] = (uint8_t)(n == 2 ? len : 0x80 + n - 2);
	if (n > 2)
		p[n - 1] = (uint8_t)len;
	if (n > 3)
		p[2] = (uint8_t)(len >> 8);
	o->len += n;
}

static void
der_node(struct octets *o, const char **s)
{
	int tag = hex_pair(s);
	size_t start = o->len;
	char end = **s == '{' ? '}' : **s == '"' ? '"' : ';';

	(*s)++;
	if (end != '"')
		skip_blanks(s);
	while (**s != end) {
		if (end == '}')
			der_node(o, s);
		else if (end == ';')
			o->b[o->len++] = (uint8_t)hex_pair(s);
		else
			o->b[o->len++] = (uint8_t) * (*s)++;
		if (end != '"')
			skip_blanks(s);
	}
	(*s)++;
	der_wrap(o, start, tag);
}

/* With VALUE in the place of every `^`. */
UNUSED static struct octets
der_with(const char *text, const char *value)
{
	static char filled[OCTETS_MAX];
	struct octets o = { .len = 0 };
	const char *s = filled;
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '^') {
			memcpy(filled + n, value, strlen(value));
			n += strlen(value);
		} else
			filled[n++] = *text;
	}
	filled[n] = '\0';
	for (skip_blanks(&s); *s != '\0'; skip_blanks(&s))
		der_node(&o, &s);
	return o;
}

UNUSED static struct octets
der(const char *text)
{
	return der_with(text, "");
}

UNUSED static struct octets
octets(const void *p, size_t len)
{
	struct octets o = { .len = len };

	memcpy(o.b, p, len);
	return o;
}

/* HEAD before all else. */
UNUSED static struct octets
prefixed(const void *head, size_t n, struct octets o)
{
	memmove(o.b + n, o.b, o.len);
	memcpy(o.b, head, n);
	o.len += n;
	return o;
}

/* --- events as text --------------------------------------------------- */

static char shown[65536];
static size_t shown_len;

__attribute__((format(printf, 1, 2))) static void
show(const char *fmt, ...)
{
	size_t room = sizeof(shown) - shown_len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(shown + shown_len, room, fmt, ap);
	va_end(ap);
	shown_len += n < 0 || (size_t)n >= room ? room - 1 : (size_t)n;
}

static void
show_list(const struct field *f, const void *p)
{
	const struct ints *ints = p;
	const struct strs *strs = p;

	if (f->type == FT_INTS)
		for (size_t i = 0; i < ints->len; i++)
			show("%s%" PRId64, i > 0 ? "," : "", ints->p[i]);
	else
		for (size_t i = 0; i < strs->len; i++)
			show("%s%.*s", i > 0 ? "," : "", (int)strs->p[i].len,
			    strs->p[i].p);
}

/* Touches every octet that the event points to. */
static void
show_value(const struct field *f, const void *p)
{
	const struct str *str = p;
	const struct bytes *bytes = p;
	const int64_t *v = p;

	switch (f->type) {
	case FT_STR:
		show("%.*s", (int)str->len, str->p);
		break;
	case FT_BYTES:
		for (size_t i = 0; i < bytes->len; i++)
			show("%02x", bytes->p[i]);
		break;
	case FT_INTS:
	case FT_STRS:
		show_list(f, p);
		break;
	case FT_HEX:
		show("0x%" PRIx64, (uint64_t)*v);
		break;
	case FT_INT:
	case FT_OPT:
	case FT_TIME:
		show("%" PRId64, *v);
		break;
	}
}

static bool
value_empty(const struct field *f, const void *p)
{
	const int64_t *v = p;

	switch (f->type) {
	case FT_STR:
	case FT_BYTES:
	case FT_INTS:
	case FT_STRS:
		return ((const struct bytes *)p)->len == 0;
	case FT_OPT:
		return *v == EV_ABSENT;
	default:
		return *v == 0;
	}
}

/* "kind field=value field=value\n", fields that hold something. */
UNUSED static void
show_event(void *arg, const struct event *ev)
{
	const struct event_desc *e = &event_descs[ev->kind];

	(void)arg;
	show("%s%s", e->name, ev->cut ? " cut" : "");
	for (size_t i = 0; i < e->nfields; i++) {
		const struct field *f = &e->fields[i];
		const void *p = (const char *)ev + f->offset;

		if (value_empty(f, p))
			continue;
		show(" %s=", f->name);
		show_value(f, p);
	}
	show("\n");
}

static void
show_clear(void)
{
	shown_len = 0;
	shown[0] = '\0';
}

/* What was shown must be WANT, but for digests and ciphertexts. */
UNUSED static void
expect_at(int line, const char *file, const char *want)
{
	if (strcmp(shown, want) == 0)
		return;
	printf("%s:%d:\n- %s+ %s", file, line, want, shown);
	failures++;
}

#define EXPECT(want) expect_at(__LINE__, __FILE__, want)

/* --- a place for tokens ----------------------------------------------- */

struct place {
	struct dissector *d;
	struct flow flow;
	struct auth auth;
};

UNUSED static void
place_init(struct place *p)
{
	memset(p, 0, sizeof(*p));
	p->d = dissect_new(show_event, NULL);
	p->flow.transport = TRANSPORT_UDP;
	p->flow.id = 1;
	p->auth = (struct auth){ .d = p->d, .f = &p->flow, .xid = 1 };
}

/*
 * N octets in a block of their own, so that a sanitizer sees a read past
 * them; MISSING more were on the wire.
 */
UNUSED static struct reader
exact(const void *p, size_t n, size_t missing, void **block)
{
	*block = malloc(n > 0 ? n : 1);
	memcpy(*block, p, n);
	return rd_make(*block, n, missing);
}

/*
 * What READ says of the first N octets of O at P, of which the rest is past
 * the end of the capture.
 */
UNUSED static bool
place_token(const struct place *p,
    bool (*read)(const struct auth *a, struct reader token),
    const struct octets *o, size_t n)
{
	void *block;
	struct reader r = exact(o->b, n, o->len - n, &block);
	bool good;

	show_clear();
	good = read(&p->auth, r);
	scratch_reset(p->d);
	free(block);
	return good;
}

#endif
