/*
 * text.c - what is shown for a text, and how wide it is.
 *
 * UTF-8 is that of RFC 3629: overlong forms and surrogates are none.  Widths
 * are those of wcwidth(), which curses counts with too.  Characters that
 * change nothing but how others are shown are escaped: the format characters
 * (Unicode category Cf), those that are to be ignored by default
 * (Default_Ignorable_Code_Point) and those of private use.  A name with one
 * of them in it would look like another name.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "memory.h"
#include "text.h"
#include "utf8.h"

/* Marks on one character; curses has room for four. */
#define MARKS_MAX 3

static const struct {
	uint32_t first, last;
} unseen[] = {
	{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
	{ 0x034f, 0x034f }, { 0x0600, 0x0605 }, { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },
	{ 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xd800, 0xf8ff }, /* surrogates, private use */
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb }, { 0x110bd, 0x110bd }, { 0x110cd, 0x110cd },
	{ 0x13430, 0x1345f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0x10ffff }, /* tags, selectors, private use */
};

#define UNSEEN (sizeof(unseen) / sizeof(*unseen))

static bool
is_unseen(uint32_t c)
{
	size_t low = 0, high = UNSEEN, i;

	while (low < high) {
		i = (low + high) / 2;
		if (c < unseen[i].first)
			high = i;
		else if (c > unseen[i].last)
			low = i + 1;
		else
			return true;
	}
	return false;
}

/* Columns of C as it is; 0 for a mark, -1 when it has to be escaped. */
static int
width_of(bool utf8, uint32_t c)
{
	if (c >= 0x20 && c < 0x7f)
		return 1;
	if (!utf8 || is_unseen(c))
		return -1;
	return wcwidth((wchar_t)c);
}

/* Adds the marks that follow a character to OUT; returns their octets. */
static size_t
add_marks(const char *p, size_t len, struct text_char *out)
{
	size_t room = strlen(out->text), all = 0, n;
	uint32_t code;

	for (int i = 0; i < MARKS_MAX && all < len; i++) {
		if ((uint8_t)p[all] < 0x80)
			break;
		n = utf8_char(p + all, len - all, &code);
		if (n == 0 || width_of(true, code) != 0)
			break;
		memcpy(out->text + room + all, p + all, n);
		all += n;
	}
	out->text[room + all] = '\0';
	return all;
}

size_t
text_char(bool utf8, const char *p, size_t len, struct text_char *out)
{
	uint32_t code = 0;
	size_t n;
	int width;

	if (len == 0) {
		out->text[0] = '\0';
		out->width = 0;
		return 0;
	}
	n = utf8_char(p, len, &code);
	width = n == 0 ? -1 : width_of(utf8, code);
	if (width > 0) {
		memcpy(out->text, p, n);
		out->text[n] = '\0';
		out->width = width;
		return n + (utf8 ? add_marks(p + n, len - n, out) : 0);
	}
	if (n > 1)
		out->width = snprintf(out->text, TEXT_CHAR, "\\u{%" PRIx32 "}",
		    code);
	else
		out->width = snprintf(out->text, TEXT_CHAR, "\\x%02x",
		    (unsigned)(uint8_t)*p);
	return n == 0 ? 1 : n;
}

size_t
text_measure(bool utf8, const char *p, size_t len)
{
	struct text_char c;
	size_t all = 0, n;

	for (; len > 0; p += n, len -= n) {
		n = text_char(utf8, p, len, &c);
		all += (size_t)c.width;
	}
	return all;
}

const char *
text_ellipsis(bool utf8)
{
	return utf8 ? "\xe2\x80\xa6" : "...";
}

size_t
text_fit(bool utf8, const char *p, size_t len, size_t w, size_t *used)
{
	size_t sign = utf8 ? 1 : 3, least = w < sign ? 0 : w - sign;
	size_t at = 0, wide = 0, cut = 0, cut_wide = 0, n;
	struct text_char c;

	while (at < len) {
		n = text_char(utf8, p + at, len - at, &c);
		if (wide + (size_t)c.width > w) {
			*used = cut_wide;
			return cut;
		}
		at += n;
		wide += (size_t)c.width;
		if (wide <= least) {
			cut = at;
			cut_wide = wide;
		}
	}
	*used = wide;
	return at;
}

size_t
text_line(bool utf8, const char *p, size_t len, size_t w)
{
	size_t at = 0, wide = 0, blank = 0, n = 0;
	struct text_char c;

	while (at < len) {
		n = text_char(utf8, p + at, len - at, &c);
		if (wide + (size_t)c.width > w && p[at] == ' ')
			return at;
		if (wide + (size_t)c.width > w)
			break;
		if (p[at] == ' ' && at > 0 && p[at - 1] != ' ')
			blank = at;
		at += n;
		wide += (size_t)c.width;
	}
	if (at == len)
		return at;
	if (blank > 0)
		return blank;
	return at > 0 ? at : n;
}

bool
text_find(const char *text, const char *wanted, size_t from, size_t *at)
{
	const char *p;

	if (*wanted == '\0')
		return false;
	p = strcasestr(text + from, wanted);
	if (p == NULL)
		return false;
	*at = (size_t)(p - text);
	return true;
}
