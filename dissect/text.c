/*
 * text.c - octets of the wire as text that is safe to keep: valid UTF-8
 * (RFC 3629) without NUL.
 *
 * What is no character becomes \xNN, so that two different names stay
 * different.  GeneralString of RFC 4120 5.2.1 is UTF-8 with Windows, Samba
 * and current MIT, but Latin-1 with older clients: that is seen as \xNN.
 */
#include <string.h>

#include "carrier.h"

#define ESCAPE_LEN 4 /* \xNN */
#define CHARACTER_MAX 0x10ffff

struct text {
	char *p;
	size_t len;
	size_t room;
};

/* Appends all N octets or nothing; false when they do not fit. */
static bool
put(struct text *t, const void *p, size_t n)
{
	if (n > t->room - t->len)
		return false;
	memcpy(t->p + t->len, p, n);
	t->len += n;
	return true;
}

static bool
put_escaped(struct text *t, const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	char out[2 * ESCAPE_LEN];

	for (size_t i = 0; i < n; i++) {
		out[i * ESCAPE_LEN] = '\\';
		out[i * ESCAPE_LEN + 1] = 'x';
		out[i * ESCAPE_LEN + 2] = hex[p[i] >> 4];
		out[i * ESCAPE_LEN + 3] = hex[p[i] & 15];
	}
	return put(t, out, n * ESCAPE_LEN);
}

static bool
put_character(struct text *t, uint32_t c)
{
	uint8_t out[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (uint8_t)(0x80 | (c & 0x3f));
	out[0] = (uint8_t)(lead[n] | c);
	return put(t, out, n);
}

/* Octets of the character that R begins with; 0 when it is none. */
static size_t
character_len(struct reader r)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = rd_u8(&r);
	size_t n;

	if (c < 0x80)
		return c != 0;
	n = c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;
	if (n == 0)
		return 0;
	c &= 0x7fu >> n;
	for (size_t i = 1; i < n; i++) {
		uint8_t b = rd_u8(&r);

		if ((b & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b & 0x3f);
	}
	if (c < least[n] || c > CHARACTER_MAX || (c & ~0x7ffu) == 0xd800)
		return 0;
	return n;
}

/* Whether eight octets are ASCII without NUL, whatever their order. */
static bool
plain_word(const uint8_t *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return (((w - ones) | w) & ones << 7) == 0;
}

/* Octets of ASCII that R begins with, MOST at most: mostly all of them. */
static size_t
plain_len(struct reader r, size_t most)
{
	size_t have = rd_have(&r) < most ? rd_have(&r) : most, n = 0;
	const uint8_t *p = rd_bytes(&r, have);

	if (p == NULL)
		return 0;
	while (n + 8 <= have && plain_word(p + n))
		n += 8;
	while (n < have && p[n] < 0x80 && p[n] != 0)
		n++;
	return n;
}

/* Room for LEN octets of which each may take WIDEST in the text. */
static struct text
text_new(struct dissector *d, size_t len, size_t widest)
{
	struct text t = { .room = TEXT_MAX };

	if (len < TEXT_MAX / widest)
		t.room = len * widest;
	t.p = scratch(d, t.room > 0 ? t.room : 1);
	return t;
}

struct str
text_utf8(struct dissector *d, const void *p, size_t len)
{
	struct text t = text_new(d, len, ESCAPE_LEN);
	struct reader r = rd_make(p, len, 0);
	bool room = true;

	while (room && rd_have(&r) > 0) {
		size_t n = plain_len(r, t.room - t.len);
		const uint8_t *at;

		if (n == 0)
			n = character_len(rd_rest(&r));
		at = rd_bytes(&r, n > 0 ? n : 1);
		if (at == NULL)
			break;
		room = n > 0 ? put(&t, at, n) : put_escaped(&t, at, 1);
	}
	return (struct str){ t.p, t.len };
}

struct str
text_in_place(struct dissector *d, const void *p, size_t len)
{
	if (len <= TEXT_MAX && plain_len(rd_make(p, len, 0), len) == len)
		return (struct str){ p, len };
	return text_utf8(d, p, len);
}

/*
 * The character of one or two units at the start of R, which steps over
 * them; 0 when the unit is NUL or half of a pair (RFC 2781 2.2).
 */
static uint32_t
utf16_character(struct reader *r)
{
	uint32_t c = rd_le16(r), low;
	struct reader ahead = rd_rest(r);

	if ((c & 0xf800) != 0xd800)
		return c;
	low = rd_le16(&ahead);
	if (c >= 0xdc00 || (low & 0xfc00) != 0xdc00)
		return 0;
	rd_skip(r, 2);
	return 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
}

/* Appends the ASCII that R begins with and steps over it: mostly all. */
static void
put_plain16(struct text *t, struct reader *r)
{
	const uint8_t *p = r->p;
	size_t have = rd_have(r) / 2, n = 0;

	if (have > t->room - t->len)
		have = t->room - t->len;
	while (
	    n < have && p[2 * n + 1] == 0 && p[2 * n] != 0 && p[2 * n] < 0x80)
		t->p[t->len++] = (char)p[2 * n++];
	rd_skip(r, 2 * n);
}

struct str
text_utf16(struct dissector *d, const uint8_t *p, size_t len)
{
	struct text t = text_new(d, len, ESCAPE_LEN);
	struct reader r = rd_make(p, len, 0);
	bool room = true;

	put_plain16(&t, &r);
	while (room && rd_have(&r) > 0) {
		size_t at = rd_pos(&r), n = rd_have(&r) > 1 ? 2 : 1;
		struct reader unit = rd_at(&r, at, n);
		uint32_t c = n == 2 ? utf16_character(&r) : 0;

		if (c != 0) {
			room = put_character(&t, c);
			continue;
		}
		if (n == 1)
			rd_skip(&r, 1);
		/* NUL is written once, as it is in the octets of UTF-8. */
		if (n == 2 && unit.p[0] == 0 && unit.p[1] == 0)
			n = 1;
		room = put_escaped(&t, unit.p, n);
	}
	return (struct str){ t.p, t.len };
}
