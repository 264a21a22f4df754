/*
 * tui_take.c - what is taken to the clipboard: commands that can be pasted
 * and hold nothing that a terminal obeys, display filters that Wireshark
 * takes, base64 as RFC 4648 has it; and a cause in words.
 */
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "check.h"
#include "core.h"

#define NET(last)                                    \
	{                                            \
		.family = 4, .b = { 10, 0, 0, last } \
	}

static void
expect(char *got, const char *want)
{
	if (strcmp(got, want) != 0) {
		printf("got  %s\nwant %s\n", got, want);
		failures++;
	}
	free(got);
}

static void
test_base64(void)
{
	expect(take_base64("", 0), "");
	expect(take_base64("f", 1), "Zg==");
	expect(take_base64("fo", 2), "Zm8=");
	expect(take_base64("foo", 3), "Zm9v");
	expect(take_base64("foobar", 6), "Zm9vYmFy");
	expect(take_base64("\xff\xfe", 2), "//4=");
}

static void
test_frames(void)
{
	const struct step steps[] = {
		{ .ref = { 0, 812, 0 } }, { .ref = { 0, 7, 0 } },
		{ .ref = { 0, 812, 0 } },
		{ .ref = { 1, 3, 0 } }, /* of another capture */
	};
	struct story s = { .steps = steps, .nsteps = 4 };
	static struct step many[200];

	expect(take_filter(&s, false), "frame.number in {7, 812}");
	for (size_t i = 0; i < 200; i++)
		many[i].ref.frame = 200 - i;
	s.steps = many;
	s.nsteps = 200;
	free(take_filter(&s, false));
}

static void
test_flows(void)
{
	const struct exchange x[] = {
		{ .kdc = NET(1), .kdc_port = 88, .transport = TRANSPORT_UDP },
		{ .kdc = NET(1), .kdc_port = 88, .transport = TRANSPORT_UDP },
		{ .kdc = { .family = 6 }, .kdc_port = 88 },
	};
	const struct attempt a[] = {
		{ .server = NET(2), .server_port = 445 },
	};
	struct story s = { .client = NET(9),
		.exchanges = x,
		.nexchanges = 3,
		.attempts = a,
		.nattempts = 1 };

	expect(take_filter(&s, true),
	    "(ip.addr == 10.0.0.9 && ip.addr == 10.0.0.1 && udp.port == 88)"
	    " || "
	    "(ip.addr == 10.0.0.9 && ip.addr == 10.0.0.2 && tcp.port == 445)");
	s.nexchanges = s.nattempts = 0;
	expect(take_filter(&s, true), "");
}

static void
test_fix(void)
{
	const struct fix fix[] = {
		{ "windows", "setspn -S cifs/a\x1b[2J B$",
		    "on the \x07 server" },
		{ "any", "true", NULL },
		{ "unix", NULL, "ask" },
		{ 0 },
	};
	const struct cause c = { .fix = fix };

	expect(cause_fix_text(&c),
	    "# for windows; on the \\x07 server\n"
	    "setspn -S cifs/a\\x1b[2J B$\n"
	    "true\n"
	    "# for unix; ask\n");
	expect(cause_fix_text(&(struct cause){ 0 }), "");
}

static void
test_over(void)
{
	const int64_t day = INT64_C(86400) * 1000000;
	struct cause c = { .impact = IMPACT_BREAKS,
		.last = 50531 * INT64_C(1000000),
		.ok_since = 37 };
	char buf[CAUSE_STATE], when[CAUSE_TIME];

	CHECK(strcmp(cause_state(&c, buf), "") == 0);
	c.cleared = true;
	CHECK(strcmp(cause_state(&c, buf),
		  "not seen since 14:02:11, 37 log-ons ok since") == 0);
	c.impact = IMPACT_REMARK;
	CHECK(!cause_is_over(&c));
	CHECK(strcmp(cause_time(c.last, c.last + 1, when), "14:02:11") == 0);
	CHECK(strcmp(cause_time(c.last, c.last + day, when),
		  "01-01 14:02:11") == 0);
}

int
main(void)
{
	test_base64();
	test_frames();
	test_flows();
	test_fix();
	test_over();
	return failures != 0;
}
