/*
 * tui_keys.c - octets become keys, in whatever pieces they come; any octets
 * do; and the table of keys has no key twice on one screen.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "keys.h"

static const struct {
	const char *octets;
	int code;
} cases[] = {
	{ "q", 'q' },
	{ "\x0c", 12 },
	{ "\r", PRESS_ENTER },
	{ "\n", PRESS_ENTER },
	{ "\t", PRESS_TAB },
	{ "\x7f", PRESS_BACKSPACE },
	{ "\xc3\xa6", 0xe6 },
	{ "\xe6\x97\xa5", 0x65e5 },
	{ "\xf0\x9f\x98\x80", 0x1f600 },
	{ "\033[A", PRESS_UP },
	{ "\033OB", PRESS_DOWN },
	{ "\033[1;5C", PRESS_RIGHT },
	{ "\033[5~", PRESS_PAGE_UP },
	{ "\033[6~", PRESS_PAGE_DOWN },
	{ "\033[1~", PRESS_HOME },
	{ "\033[F", PRESS_END },
	{ "\033[3~", PRESS_DELETE },
	{ "\033[Z", PRESS_BACKTAB },
	{ "\033OP", PRESS_F1 },
	{ "\033[11~", PRESS_F1 },
	{ "\033[[A", PRESS_F1 },
	{ "\033[200~", PRESS_NONE },
	{ "\033[<0;12;7M", PRESS_MOUSE },
	{ "\033[<0;12;7m", PRESS_NONE },
	{ "\033[<65;1;1M", PRESS_MOUSE },
	{ "\033[M !!", PRESS_MOUSE },
};

/* Nothing is made of the first part of a key, and all of it of the whole. */
static void
test_pieces(void)
{
	struct press p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const unsigned char *b = (const void *)cases[i].octets;
		size_t len = strlen(cases[i].octets);

		for (size_t n = 0; n < len; n++)
			CHECK(keys_decode(b, n, false, &p) == 0);
		CHECK(keys_decode(b, len, false, &p) == len);
		if (p.code != cases[i].code) {
			printf("case %zu: code %x\n", i, (unsigned)p.code);
			failures++;
		}
	}
}

static void
test_mouse(void)
{
	struct press p;

	keys_decode((const void *)"\033[<0;12;7M", 10, false, &p);
	CHECK(p.y == 6 && p.x == 11 && p.mouse == MOUSE_CLICK);
	keys_decode((const void *)"\033[<64;1;1M", 10, false, &p);
	CHECK(p.y == 0 && p.x == 0 && p.mouse == MOUSE_WHEEL_UP);
	keys_decode((const void *)"\033[M !\"", 6, false, &p);
	CHECK(p.y == 1 && p.x == 0 && p.mouse == MOUSE_CLICK);
}

/* The key Esc: alone when nothing follows, and before another key. */
static void
test_escape(void)
{
	struct press p;

	CHECK(keys_decode((const void *)"\033", 1, false, &p) == 0);
	CHECK(keys_decode((const void *)"\033", 1, true, &p) == 1);
	CHECK(p.code == PRESS_ESC);
	CHECK(keys_decode((const void *)"\033q", 2, false, &p) == 1);
	CHECK(p.code == PRESS_ESC);
	CHECK(keys_decode((const void *)"\033[", 2, true, &p) == 1);
	CHECK(p.code == PRESS_ESC);
}

static void
test_not_utf8(void)
{
	static const char *const bad[] = { "\xff", "\x80", "\xc0\x80",
		"\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80",
		"\xf4\x90\x80\x80" };
	struct press p;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK(keys_decode((const void *)bad[i], strlen(bad[i]), false,
			  &p) > 0);
		CHECK(p.code == PRESS_NONE);
	}
}

/* Late, every octet leads on; never are more taken than are there. */
static void
test_any(void)
{
	static const unsigned char often[] = "\033[[<;0123M~O\xc3\xe6";
	unsigned char b[64];
	struct press p;
	size_t n, used;

	srand(1);
	for (int round = 0; round < 200000; round++) {
		n = 1 + (size_t)rand() % sizeof(b);
		for (size_t i = 0; i < n; i++)
			b[i] = rand() % 2 == 0 ?
			    (unsigned char)rand() :
			    often[(size_t)rand() % (sizeof(often) - 1)];
		used = keys_decode(b, n, false, &p);
		CHECK(used <= n);
		used = keys_decode(b, n, true, &p);
		CHECK(used > 0 && used <= n);
	}
}

/* Whether two lists of keys have one in common. */
static bool
share_key(const char *a, const char *b)
{
	size_t n, m;

	for (; *a != '\0'; a += n + (a[n] == ' ')) {
		n = strcspn(a, " ");
		for (const char *c = b; *c != '\0'; c += m + (c[m] == ' ')) {
			m = strcspn(c, " ");
			if (n == m && memcmp(a, c, n) == 0)
				return true;
		}
	}
	return false;
}

/* Each key of each row leads to its command, on each of its screens. */
static void
test_table(void)
{
	static const struct {
		int code;
		enum command command;
	} some[] = {
		{ 'k', COMMAND_UP },
		{ PRESS_PAGE_DOWN, COMMAND_PAGE_DOWN },
		{ ' ', COMMAND_PAUSE },
		{ '\\', COMMAND_FILTER },
		{ 12, COMMAND_REDRAW },
		{ PRESS_ESC, COMMAND_BACK },
		{ PRESS_F1, COMMAND_HELP },
		{ ']', COMMAND_NEXT_CAUSE },
	};
	const struct key_row *a, *b;

	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++)
		CHECK(keys_command(some[i].code, SCREEN_STORIES) ==
		    some[i].command);
	CHECK(keys_command(PRESS_NONE, SCREEN_STORIES) == COMMAND_NONE);
	for (size_t i = 0; (a = keys_row(i)) != NULL; i++)
		for (size_t k = i + 1; (b = keys_row(k)) != NULL; k++) {
			if (a->group != NULL || b->group != NULL ||
			    (a->where & b->where) == 0)
				continue;
			CHECK(!share_key(a->keys, b->keys));
		}
}

int
main(void)
{
	test_pieces();
	test_mouse();
	test_escape();
	test_not_utf8();
	test_any();
	test_table();
	return failures != 0;
}
