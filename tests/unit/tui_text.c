/*
 * tui_text.c - nothing that a terminal obeys comes out, whatever goes in; the
 * columns counted are those that the C library counts; no text takes more
 * than its length in time.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#include "../../tui/text.h"
#include "check.h"

static const char *const hostile[] = {
	"",
	"cifs/fs1.fjord.test",
	"\x1b[31mred\x1b]52;c;cm0gLXJm\a",
	"a\nb\rc\td\b\v\f",
	"\x7f\x9b\xc2\x9b\xc2\x85",
	("\xe2\x80\xae"
	 "evil\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c"),
	"zero\xe2\x80\x8bwidth\xe2\x80\x8d\xef\xbb\xbf\xc2\xad",
	"\xf3\xa0\x81\x81tag \xef\xb8\x8f \xee\x80\x80 \xe2\x80\xa8",
	"\xc3\xa6\xe6\x97\xa5\xe6\x9c\xac\xf0\x9f\x98\x80",
	"e\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86\xcc\x87x",
	"\xcc\x81\xcc\x81 marks with nothing below",
	"\xff\xfe\xc0\x8a\xe0\x80\x8a\xed\xa0\x80\xf4\x90\x80\x80\xc3",
	"a  b   c    d     e      f ",
	"                                          ",
	"an-unbroken-word-that-is-longer-than-any-line-of-the-screen-may-be",
};

#define HOSTILE (sizeof(hostile) / sizeof(*hostile))

/* Columns of TEXT, as the C library counts; -1 when it may not be shown. */
static int
columns(const char *text)
{
	wchar_t wide[4096];
	size_t n = mbstowcs(wide, text, 4096);
	int all = 0;

	if (n == (size_t)-1 || n >= 4096)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (wide[i] < 0x20 || (wide[i] >= 0x7f && wide[i] < 0xa0) ||
		    wcwidth(wide[i]) < 0)
			return -1;
		all += wcwidth(wide[i]);
	}
	return all;
}

static bool
is_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static void
check_chars(bool utf8, const char *p, size_t len)
{
	struct text_char c;
	size_t n;

	for (; len > 0; p += n, len -= n) {
		n = text_char(utf8, p, len, &c);
		CHECK(n > 0 && n <= len);
		CHECK(c.width > 0 && c.width == columns(c.text));
		CHECK(utf8 || is_ascii(c.text));
		if (n == 0 || n > len || failures > 20)
			return;
	}
	CHECK(text_char(utf8, p, 0, &c) == 0);
}

/* In UTF-8, those that are not characters too. */
static size_t
encode(uint32_t c, char *p)
{
	if (c < 0x80) {
		p[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		p[0] = (char)(0xc0 | c >> 6);
		p[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		p[0] = (char)(0xe0 | c >> 12);
		p[1] = (char)(0x80 | (c >> 6 & 0x3f));
		p[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	p[0] = (char)(0xf0 | c >> 18);
	p[1] = (char)(0x80 | (c >> 12 & 0x3f));
	p[2] = (char)(0x80 | (c >> 6 & 0x3f));
	p[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static void
test_all_characters(void)
{
	char text[8];

	for (uint32_t c = 0; c <= 0x110000 && failures == 0; c++) {
		text[0] = 'x';
		check_chars(true, text, 1 + encode(c, text + 1));
		check_chars(false, text, 1 + encode(c, text + 1));
	}
}

static void
test_noise(void)
{
	char noise[256];

	srand(5);
	for (int i = 0; i < 5000 && failures == 0; i++) {
		for (size_t k = 0; k < sizeof(noise); k++)
			noise[k] = (char)(rand() >> 7);
		check_chars(i & 1, noise, sizeof(noise));
	}
}

/* TEXT as it is drawn in W columns. */
static char *
cut_to(bool utf8, const char *text, size_t w)
{
	size_t len = strlen(text), used, room, n;
	size_t fits = text_fit(utf8, text, len, w, &used);
	size_t sign = text_measure(utf8, text_ellipsis(utf8),
	    strlen(text_ellipsis(utf8)));
	struct text_char c;
	char *buf = NULL;
	FILE *f = open_memstream(&buf, &room);

	for (size_t at = 0; at < fits; at += n) {
		n = text_char(utf8, text + at, fits - at, &c);
		fputs(c.text, f);
	}
	CHECK(fits == len || used + sign <= w || w < sign);
	if (fits < len && w >= sign)
		fputs(text_ellipsis(utf8), f);
	fclose(f);
	return buf;
}

static void
check_cut(bool utf8, const char *text)
{
	size_t whole = text_measure(utf8, text, strlen(text));
	char *cut;
	int wide;

	for (size_t w = 0; w < 100; w++) {
		cut = cut_to(utf8, text, w);
		wide = columns(cut);
		CHECK(wide >= 0 && (size_t)wide <= w);
		CHECK(whole > w || (size_t)wide == whole);
		CHECK(utf8 || is_ascii(cut));
		free(cut);
	}
}

static void
check_lines(bool utf8, const char *text)
{
	size_t len = strlen(text), at, n, wide, lines;
	struct text_char c;

	for (size_t w = 1; w < 60; w++) {
		lines = 0;
		for (at = 0; at < len; at += n) {
			n = text_line(utf8, text + at, len - at, w);
			wide = text_measure(utf8, text + at, n);
			CHECK(n > 0 && at + n <= len);
			CHECK(wide <= w ||
			    n == text_char(utf8, text + at, len - at, &c));
			while (text[at + n] == ' ')
				n++;
			if (failures > 20 || ++lines > len)
				return;
		}
	}
}

static void
is_cut(bool utf8, const char *text, size_t w, const char *want)
{
	char *got = cut_to(utf8, text, w);

	if (strcmp(got, want) != 0) {
		printf("cut to %zu: \"%s\", not \"%s\"\n", w, got, want);
		failures++;
	}
	free(got);
}

static void
test_cut(void)
{
	is_cut(true, "krbtgt/FJORD.TEST", 17, "krbtgt/FJORD.TEST");
	is_cut(true, "krbtgt/FJORD.TEST", 8, "krbtgt/\xe2\x80\xa6");
	is_cut(false, "krbtgt/FJORD.TEST", 8, "krbtg...");
	is_cut(false, "krbtgt", 2, "");
	is_cut(true, "krbtgt", 0, "");
	is_cut(true, "\xe6\x97\xa5\xe6\x9c\xac", 3, "\xe6\x97\xa5\xe2\x80\xa6");
	is_cut(true, "\xe6\x97\xa5\xe6\x9c\xac", 2, "\xe2\x80\xa6");
	is_cut(false, "\xc3\xa6", 6, "\\u{e6}");
	is_cut(true, "a\x1b[2J", 9, "a\\x1b[2J");
	is_cut(true, "a\x1b[2J", 4, "a\xe2\x80\xa6");
	is_cut(true, "\xe2\x80\x8b", 9, "\\u{200b}");
	is_cut(true, "e\xcc\x81x", 2, "e\xcc\x81x");
}

static void
test_lines(void)
{
	CHECK(text_line(true, "one two", 7, 7) == 7);
	CHECK(text_line(true, "one two", 7, 6) == 3);
	CHECK(text_line(true, "one two", 7, 3) == 3);
	CHECK(text_line(true, "one two", 7, 2) == 2);
	CHECK(text_line(true, "  one", 5, 4) == 4);
	CHECK(text_line(true, "\xe6\x97\xa5", 3, 1) == 3);
}

static void
test_find(void)
{
	size_t at;

	CHECK(text_find("CIFS/fs1 cifs/fs1", "cifs", 0, &at) && at == 0);
	CHECK(text_find("CIFS/fs1 cifs/fs1", "cifs", 1, &at) && at == 9);
	CHECK(!text_find("CIFS/fs1", "http", 0, &at));
	CHECK(!text_find("CIFS/fs1", "", 0, &at));
}

/* A quadratic one would take hours. */
static void
test_long(void)
{
	static const char *const units[] = { " ", "x", "\xcc\x81", "\x1b",
		"x \xe6\x97\xa5" };
	size_t len = (size_t)4 << 20, at, n, used;
	char *text = malloc(len);

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		n = strlen(units[i]);
		for (at = 0; at < len; at++)
			text[at] = units[i][at % n];
		for (at = 0; at < len; at += n)
			n = text_line(true, text + at, len - at, 10);
		CHECK(text_measure(true, text, len) >= len / 6);
		(void)text_fit(true, text, len, len, &used);
		CHECK(used <= len);
	}
	free(text);
	CHECK(clock() < 60 * CLOCKS_PER_SEC);
}

int
main(void)
{
	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	for (size_t i = 0; i < HOSTILE; i++)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			check_chars(utf8, hostile[i], strlen(hostile[i]));
			check_cut(utf8, hostile[i]);
			check_lines(utf8, hostile[i]);
		}
	test_all_characters();
	test_noise();
	test_cut();
	test_lines();
	test_find();
	test_long();
	return failures != 0;
}
