/*
 * escape.c - nothing that a terminal obeys passes the escaper, and nothing
 * else is changed; JSON texts stay what they were when parsed.
 */
#include <stdlib.h>
#include <string.h>

#include "event-json.h"
#include "presenter.h"

static int failed;

static void
expect(const char *what, const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	printf("%s: got %s, want %s\n", what, got, want);
	failed = 1;
}

static const struct {
	const char *in, *text, *json;
} cases[] = {
	{ "", "", "\"\"" },
	{ "cifs/fs1@A.B", "cifs/fs1@A.B", "\"cifs/fs1@A.B\"" },
	{ "D\\u \"q\"", "D\\u \"q\"", "\"D\\\\u \\\"q\\\"\"" },
	{ "\x1b[31m", "\\x1b[31m", "\"\\u001b[31m\"" },
	{ "a\nb\rc\td", "a\\x0ab\\x0dc\\x09d",
	    "\"a\\u000ab\\u000dc\\u0009d\"" },
	{ "\x7f", "\\x7f", "\"\\u007f\"" },
	{ "\xc2\x9b", "\\u{9b}", "\"\\u009b\"" },
	{ "\xe2\x80\xae", "\\u{202e}", "\"\\u202e\"" },
	{ "\xe2\x81\xa6", "\\u{2066}", "\"\\u2066\"" },
	{ "\xe2\x80\xa8", "\\u{2028}", "\"\\u2028\"" },
	{ "\xc3\xa6\xe6\x97\xa5\xf0\x9f\x98\x80",
	    "\xc3\xa6\xe6\x97\xa5\xf0\x9f\x98\x80",
	    "\"\xc3\xa6\xe6\x97\xa5\xf0\x9f\x98\x80\"" },
	/* Not UTF-8: bare, cut, overlong, surrogate, beyond the last. */
	{ "\xff", "\\xff", "\"\\\\xff\"" },
	{ "\xc3", "\\xc3", "\"\\\\xc3\"" },
	{ "\xc0\x8a", "\\xc0\\x8a", "\"\\\\xc0\\\\x8a\"" },
	{ "\xe0\x80\x8a", "\\xe0\\x80\\x8a", "\"\\\\xe0\\\\x80\\\\x8a\"" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\"\\\\xed\\\\xa0\\\\x80\"" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80",
	    "\"\\\\xf4\\\\x90\\\\x80\\\\x80\"" },
};

static void
check_case(size_t i)
{
	char *got = NULL;
	size_t len;
	FILE *f = open_memstream(&got, &len);

	escape_text(f, cases[i].in);
	fclose(f);
	expect("text", got, cases[i].text);
	free(got);
	f = open_memstream(&got, &len);
	json_text(f, cases[i].in, strlen(cases[i].in));
	fclose(f);
	expect("JSON", got, cases[i].json);
	free(got);
}

static void
check_time(int64_t t, const char *want)
{
	char buf[TIME_TEXT];

	expect("time", time_text(t, buf), want);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_case(i);
	check_time(0, "1970-01-01T00:00:00.000000Z");
	check_time(INT64_C(951782400000001), "2000-02-29T00:00:00.000001Z");
	check_time(-1, "1970-01-01T00:00:00.000000Z");
	check_time(INT64_MAX, "9999-12-31T23:59:59.999999Z");
	return failed;
}
