/*
 * tui_ladder.c - ladders of a few log-ons as text, in several widths, against
 * tui_ladder.txt; with an argument it prints what that file should have.
 *
 * Every line is as wide as it was asked for, whatever names it holds.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "../../tui/ladder.h"
#include "check.h"

#define GOLDEN "tests/unit/tui_ladder.txt"
#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define START INT64_C(1700000000000000)
#define AT(frame, ms)                       \
	{                                   \
		0, frame, START + (ms)*1000 \
	}
#define IP(n)                       \
	{                           \
		4,                  \
		{                   \
			10, 0, 0, n \
		}                   \
	}
#define INFO(frame, ms, from, to, what)                                      \
	{                                                                    \
		AT(frame, ms), IP(from), IP(to), what, STEP_INFO, EV_ABSENT, \
		    NULL                                                     \
	}
#define GOOD(frame, ms, from, to, what)                                    \
	{                                                                  \
		AT(frame, ms), IP(from), IP(to), what, STEP_OK, EV_ABSENT, \
		    NULL                                                   \
	}
#define BAD(frame, ms, from, to, what, code, name)                            \
	{                                                                     \
		AT(frame, ms), IP(from), IP(to), what, STEP_ERROR, code, name \
	}

/* No account holds the SPN; its name tries to rule the terminal. */
static const struct step refused_steps[] = {
	GOOD(1, -7, 10, 1, "DNS: fs1.fjord.test is 10.0.0.20"),
	INFO(2, 0, 1, 10, "AS-REQ anna"),
	INFO(3, 2, 10, 1, "KRB-ERROR KDC_ERR_PREAUTH_REQUIRED"),
	GOOD(5, 15, 10, 1, "AS-REP: ticket for krbtgt/FJORD.TEST"),
	INFO(6, 36, 1, 10,
	    "TGS-REQ cifs/\x1b[2Jfs1\xe2\x80\xae.fjord.test\xc3\xb8"),
	BAD(7, 38, 10, 1, "KRB-ERROR KDC_ERR_S_PRINCIPAL_UNKNOWN", 7,
	    "KDC_ERR_S_PRINCIPAL_UNKNOWN"),
	INFO(8, 42, 1, 20, "NTLM AUTHENTICATE anna@FJORD.TEST"),
	GOOD(9, 71, 20, 1, "smb2: log-on accepted"),
};

static const struct exchange refused_exchanges[] = {
	{ .req = AT(2, 0), .rep = AT(3, 2) },
	{ .req = AT(6, 36), .rep = AT(7, 38) },
};

static const struct story refused = {
	.id = 1,
	.outcome = OUTCOME_DEGRADED,
	.start = START,
	.client = IP(1),
	.server = IP(20),
	.host = "fs1.fjord.test",
	.steps = refused_steps,
	.nsteps = COUNT(refused_steps),
	.exchanges = refused_exchanges,
	.nexchanges = COUNT(refused_exchanges),
};

/* The KDC says nothing. */
static const struct step silent_steps[] = {
	INFO(2, 0, 1, 12, "AS-REQ anna"),
	INFO(3, 1001, 1, 12, "AS-REQ anna (again)"),
	INFO(4, 5250, 1, 12, "AS-REQ anna (again)"),
	BAD(4, 5250, 1, 12, "no answer from 10.0.0.12:88 (UDP), 3 requests",
	    EV_ABSENT, NULL),
};

static const struct contact silent_contacts[] = {
	{ .carrier = "kdc", .addr = IP(12), .last = AT(4, 5250) },
};

static const struct story silent = {
	.id = 2,
	.outcome = OUTCOME_BROKEN,
	.start = START,
	.client = IP(1),
	.steps = silent_steps,
	.nsteps = COUNT(silent_steps),
	.contacts = silent_contacts,
	.ncontacts = COUNT(silent_contacts),
};

/* Two KDCs and two nodes of a farm, of a story cut at both ends. */
static const struct step farm_steps[] = {
	INFO(2, 0, 1, 10, "TGS-REQ HTTP/farm.fjord.test"),
	GOOD(3, 2, 10, 1, "TGS-REP: ticket for krbtgt/FELL.TEST (referral)"),
	INFO(4, 3, 1, 11, "TGS-REQ HTTP/farm.fjord.test"),
	GOOD(5, 5, 11, 1, "TGS-REP: ticket for HTTP/farm.fjord.test"),
	INFO(6, 6, 1, 21, "AP-REQ HTTP/farm.fjord.test"),
	BAD(7, 7, 21, 1, "KRB-ERROR KRB_AP_ERR_MODIFIED", 41,
	    "KRB_AP_ERR_MODIFIED"),
	INFO(8, 8, 1, 22, "AP-REQ HTTP/farm.fjord.test"),
	GOOD(9, 9, 22, 1, "AP-REP"),
};

static const struct attempt farm_attempts[] = {
	{ .server = IP(21), .req = AT(6, 6), .error_ref = AT(7, 7) },
	{ .server = IP(22), .req = AT(8, 8), .rep = AT(9, 9) },
};

static const struct story farm = {
	.id = 3,
	.outcome = OUTCOME_OK,
	.start = START,
	.client = IP(1),
	.server = IP(21),
	.host = "farm.fjord.test",
	.steps = farm_steps,
	.nsteps = COUNT(farm_steps),
	.attempts = farm_attempts,
	.nattempts = COUNT(farm_attempts),
	.not_kept = 2,
	.cut_start = true,
};

static const struct story empty = { .id = 4, .client = IP(1) };

static const struct story *const stories[] = { &refused, &silent, &farm,
	&empty };
static uint64_t ids[] = { 1 };

/* The deciding frame of the first, and its request. */
static const struct cause missing = {
	.f = { .evidence = { { .ref = AT(7, 38) }, { .ref = AT(6, 36) } },
	    .nevidence = 2 },
	.cause = true,
	.stories = ids,
	.nstories = 1,
};

static const struct result result = {
	.kept = stories,
	.nkept = COUNT(stories),
};

static struct ladder *
ladder_of(const struct story *s, int w, bool utf8, bool absolute)
{
	static const struct cause *const causes[] = { &missing };
	const struct ladder_input in = {
		.r = &result,
		.s = s,
		.causes = causes,
		.ncauses = s == &refused,
		.absolute = absolute,
		.utf8 = utf8,
	};

	return ladder_new(&in, w);
}

static size_t
all_lines(const struct ladder *l)
{
	return ladder_heads(l) + ladder_rows(l);
}

static void
print_ladder(FILE *out, const struct story *s, int w, bool utf8, bool absolute)
{
	struct ladder *l = ladder_of(s, w, utf8, absolute);
	const struct ladder_cell *c;
	int last, x;

	fprintf(out, "--- log-on %d, %d columns%s%s\n", (int)s->id, w,
	    utf8 ? ", UTF-8" : "", absolute ? ", times of day" : "");
	for (size_t i = 0; i < all_lines(l); i++) {
		c = ladder_line(l, i);
		for (last = w; last > 0; last--)
			if (strcmp(c[last - 1].text, " ") != 0)
				break;
		for (x = 0; x < last; x++)
			fputs(c[x].text, out);
		putc('\n', out);
	}
	ladder_free(l);
}

static void
print_all(FILE *out)
{
	static const int widths[] = { 40, 60, 80, 120 };

	for (size_t i = 0; i < COUNT(stories); i++)
		for (size_t k = 0; k < COUNT(widths); k++)
			for (int utf8 = 0; utf8 < 2; utf8++)
				print_ladder(out, stories[i], widths[k], utf8,
				    false);
	print_ladder(out, &refused, 80, true, true);
}

/* Whatever the width: no crash, and every line is as wide as that. */
static void
check_widths(const struct story *s, int w, bool utf8)
{
	struct ladder *l = ladder_of(s, w, utf8, false);
	const struct ladder_cell *c;
	wchar_t wide[TEXT_CHAR];
	int all, x;

	for (size_t i = 0; i < all_lines(l); i++) {
		c = ladder_line(l, i);
		all = 0;
		for (x = 0; x < w; x++) {
			CHECK(
			    mbstowcs(wide, c[x].text, TEXT_CHAR) != (size_t)-1);
			CHECK(wcswidth(wide, TEXT_CHAR) == c[x].width);
			CHECK(utf8 || (c[x].text[0] & 0x80) == 0);
			all += c[x].width;
		}
		CHECK(all == w);
	}
	ladder_free(l);
}

static void
check_places(void)
{
	struct ladder *l = ladder_of(&silent, 80, true, false);

	/* Two pauses between the four steps. */
	CHECK(ladder_rows(l) == 6);
	CHECK(ladder_step(l, 0) == 0 && ladder_step(l, 1) == SIZE_MAX);
	CHECK(ladder_row(l, 1) == 2 && ladder_row(l, 99) == 5);
	CHECK(ladder_deciding(l) == SIZE_MAX);
	ladder_free(l);
	l = ladder_of(&refused, 80, true, false);
	CHECK(ladder_deciding(l) == 5);
	ladder_free(l);
}

static void
check_golden(const char *got)
{
	static char want[256 << 10];
	FILE *f = fopen(GOLDEN, "r");
	size_t n = f == NULL ? 0 : fread(want, 1, sizeof(want) - 1, f);
	size_t same = 0, line = 1;

	CHECK(f != NULL);
	if (f != NULL)
		fclose(f);
	want[n] = '\0';
	if (strcmp(got, want) == 0)
		return;
	for (size_t i = 0; got[i] == want[i]; i++)
		if (got[i] == '\n') {
			same = i + 1;
			line++;
		}
	printf("%s:%zu: want\n%.*s\ngot\n%.*s\n", GOLDEN, line,
	    (int)strcspn(want + same, "\n"), want + same,
	    (int)strcspn(got + same, "\n"), got + same);
	failures++;
}

int
main(int argc, char **argv UNUSED)
{
	char *got = NULL;
	size_t size;
	FILE *f;

	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	if (argc > 1) {
		print_all(stdout);
		return 0;
	}
	f = open_memstream(&got, &size);
	print_all(f);
	fclose(f);
	check_golden(got);
	free(got);
	for (size_t i = 0; i < COUNT(stories); i++)
		for (int w = 1; w <= 220; w++) {
			check_widths(stories[i], w, true);
			check_widths(stories[i], w, false);
		}
	check_places();
	return failures != 0;
}
