/*
 * tui_line.c - a line that is typed: keys of readline, characters of any
 * length, history, and no way out of its memory.
 */
#include <string.h>

#include "check.h"
#include "keys.h"
#include "line.h"

#define CONTROL(c) ((c)&0x1f)

static struct line l;
static struct history h;

static void
key(int code)
{
	line_press(&l, &h, &(struct press){ .code = code });
}

static void
type(const char *text)
{
	for (; *text != '\0'; text++)
		key((unsigned char)*text);
}

static void
test_typing(void)
{
	line_set(&l, "");
	type("outcme");
	key(PRESS_LEFT);
	key(PRESS_LEFT);
	key('o');
	CHECK(strcmp(l.text, "outcome") == 0 && l.at == 5);
	key(CONTROL('A'));
	key(PRESS_DELETE);
	CHECK(strcmp(l.text, "utcome") == 0 && l.at == 0);
	key(PRESS_BACKSPACE);
	CHECK(strcmp(l.text, "utcome") == 0);
	key(CONTROL('E'));
	type(" == ok");
	key(CONTROL('W'));
	CHECK(strcmp(l.text, "utcome == ") == 0);
	key(CONTROL('W'));
	CHECK(strcmp(l.text, "utcome ") == 0);
	key(PRESS_HOME);
	key(PRESS_RIGHT);
	key(CONTROL('K'));
	CHECK(strcmp(l.text, "u") == 0);
	key(CONTROL('U'));
	CHECK(l.len == 0 && l.at == 0 && l.text[0] == '\0');
}

/* The cursor never stands within a character. */
static void
test_wide(void)
{
	line_set(&l, "");
	key('a');
	key(0xe6);
	key(0x65e5);
	key(0x1f600);
	CHECK(strcmp(l.text, "a\xc3\xa6\xe6\x97\xa5\xf0\x9f\x98\x80") == 0);
	key(PRESS_LEFT);
	CHECK(l.at == 6);
	key(PRESS_BACKSPACE);
	CHECK(strcmp(l.text, "a\xc3\xa6\xf0\x9f\x98\x80") == 0 && l.at == 3);
	key(PRESS_DELETE);
	CHECK(strcmp(l.text, "a\xc3\xa6") == 0);
	/* What cannot be seen is not put in. */
	CHECK(!line_press(&l, &h, &(struct press){ .code = 0x9b }));
	CHECK(!line_press(&l, &h, &(struct press){ .code = PRESS_ENTER }));
	CHECK(strcmp(l.text, "a\xc3\xa6") == 0);
}

static void
test_full(void)
{
	line_set(&l, "");
	for (int i = 0; i < 2 * LINE_MAX_OCTETS; i++)
		key('x');
	CHECK(l.len == LINE_MAX_OCTETS - 1 && l.text[l.len] == '\0');
	key(PRESS_BACKSPACE);
	key(0xe6); /* two octets, and room for one */
	CHECK(l.len == LINE_MAX_OCTETS - 2);
	key('y');
	CHECK(l.len == LINE_MAX_OCTETS - 1);
}

static void
test_history(void)
{
	history_add(&h, "one");
	history_add(&h, "two");
	history_add(&h, "two");
	history_add(&h, "");
	CHECK(h.n == 2);
	history_start(&h);
	line_set(&l, "new");
	key(PRESS_UP);
	CHECK(strcmp(l.text, "two") == 0);
	key(PRESS_UP);
	key(PRESS_UP);
	CHECK(strcmp(l.text, "one") == 0);
	key(PRESS_DOWN);
	key(PRESS_DOWN);
	key(PRESS_DOWN);
	CHECK(strcmp(l.text, "new") == 0 && l.at == 3);
	for (int i = 0; i < 3 * LINE_HISTORY; i++)
		history_add(&h, i % 2 == 0 ? "a" : "b");
	CHECK(h.n == LINE_HISTORY);
	history_free(&h);
}

static void
test_word(void)
{
	line_set(&l, "outcome != ok && serv");
	CHECK(line_word(&l) == 17);
	line_set(&l, "!principal");
	CHECK(line_word(&l) == 1);
	line_set(&l, "a ");
	CHECK(line_word(&l) == 2);
}

int
main(void)
{
	test_typing();
	test_wide();
	test_full();
	test_history();
	test_word();
	return failures != 0;
}
