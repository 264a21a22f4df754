/*
 * filter-value.c - what a filter compares with, and the comparison: numbers
 * as numbers, addresses as addresses and networks, times as times, all else
 * as text without regard to ASCII case.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "event-json.h"
#include "filter-store.h"
#include "names.h"
#include "table.h"

#define DAY (24 * 60 * 60 * SECOND)

/* --- comparing -------------------------------------------------------- */

/* Octets of the character at P, which is valid UTF-8 as a rule. */
static size_t
character(const char *p)
{
	size_t n = 1;

	while (((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* In ASCII, whatever the locale; asked for every octet of every text. */
static inline char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* The first place in TEXT from which C may match: its end if there is none. */
static const char *
skip_to(const char *text, char c)
{
	if (c == '?')
		return text;
	while (*text != '\0' && lower(*text) != c)
		text++;
	return text;
}

/*
 * Whether TEXT is like the pattern of LEN octets at P, in lower case: * for
 * anything, ? for one character.  Only the last * is ever tried again: what
 * an earlier one took need not change.
 */
static bool
is_like(const char *text, const char *p, size_t len)
{
	const char *end = p + len, *star = NULL, *retry = NULL;

	while (*text != '\0') {
		if (p < end && *p == '*') {
			while (p < end && *p == '*')
				p++;
			if (p == end)
				return true;
			star = p;
			text = retry = skip_to(text, *star);
		} else if (p < end && *p == '?') {
			text += character(text);
			p++;
		} else if (p < end && *p == lower(*text)) {
			text++;
			p++;
		} else if (star != NULL) {
			retry += character(retry);
			text = retry = skip_to(retry, *star);
			p = star;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

/* Whether TEXT is the LEN octets at P, which are in lower case. */
static bool
is_equal(const char *text, const char *p, size_t len)
{
	for (; len > 0; text++, p++, len--)
		if (lower(*text) != *p || *text == '\0')
			return false;
	return *text == '\0';
}

void
filter_say_text(struct filter_look *look, const char *text)
{
	const struct filter_test *t = look->t;

	if (look->hit || text == NULL)
		return;
	if (t->op == FILTER_HAS)
		look->hit = *text != '\0';
	else if (t->op == FILTER_LIKE)
		look->hit = is_like(text, t->text, t->len);
	else
		look->hit = t->addr.family == 0 &&
		    is_equal(text, t->text, t->len);
}

/* Whether the first BITS of A and B agree. */
static bool
same_network(const struct addr *a, const struct addr *b, unsigned bits)
{
	unsigned rest = bits % 8;

	return a->family == b->family && memcmp(a->b, b->b, bits / 8) == 0 &&
	    (rest == 0 || (a->b[bits / 8] ^ b->b[bits / 8]) >> (8 - rest) == 0);
}

void
filter_say_addr(struct filter_look *look, const struct addr *a)
{
	const struct filter_test *t = look->t;
	char text[ADDR_TEXT];

	if (look->hit || a->family == 0)
		return;
	if (t->op == FILTER_HAS)
		look->hit = true;
	else if (t->op == FILTER_LIKE)
		filter_say_text(look, addr_text(a, text));
	else
		look->hit = same_network(a, &t->addr, t->prefix);
}

/* The name of VALUE, or how it is written. */
static bool
number_is_like(const struct filter_test *t, int64_t value)
{
	const struct filter_words *words = t->name->words;
	char text[TIME_TEXT + NAME_TEXT];
	const char *name = words == NULL ? NULL : words->name(value);

	if (name != NULL && is_like(name, t->text, t->len))
		return true;
	if (t->name->kind == FILTER_TIME)
		time_text(value, text);
	else if (t->name->kind == FILTER_STATUS || t->name->kind == FILTER_BITS)
		snprintf(text, sizeof(text), "0x%08" PRIx64, (uint64_t)value);
	else
		snprintf(text, sizeof(text), "%" PRId64, value);
	return is_like(text, t->text, t->len);
}

static bool
number_is(const struct filter_test *t, int64_t value)
{
	bool bit = t->least == t->most && t->least > 0 &&
	    (t->least & (t->least - 1)) == 0;

	if (t->of_day)
		value = ((value % DAY) + DAY) % DAY;
	switch (t->op) {
	case FILTER_LESS:
		return value < t->least;
	case FILTER_LESS_EQUAL:
		return value <= t->least;
	case FILTER_MORE:
		return value > t->least;
	case FILTER_MORE_EQUAL:
		return value >= t->least;
	default:
		return (value >= t->least && value <= t->most) ||
		    (t->name->kind == FILTER_BITS && bit &&
			(value & t->least) != 0);
	}
}

/* Whether VALUE says nothing to T. */
static bool
is_absent(const struct filter_test *t, int64_t value)
{
	switch (t->name->kind) {
	case FILTER_CODE:
		return value < 0;
	case FILTER_TIME:
		return value == 0;
	case FILTER_OPT:
	case FILTER_STATUS:
		return value == EV_ABSENT;
	default:
		return t->op == FILTER_HAS && value == 0;
	}
}

/* A status that came as a negative number is still 32 bits wide. */
static int64_t
unsigned_status(int64_t value)
{
	return value < 0 && value >= INT32_MIN ? (uint32_t)value : value;
}

void
filter_say_number(struct filter_look *look, int64_t value)
{
	const struct filter_test *t = look->t;

	if (look->hit || is_absent(t, value))
		return;
	if (t->name->kind == FILTER_STATUS)
		value = unsigned_status(value);
	if (t->op == FILTER_HAS)
		look->hit = true;
	else if (t->op == FILTER_LIKE)
		look->hit = number_is_like(t, value);
	else
		look->hit = number_is(t, value);
}

/* --- reading ---------------------------------------------------------- */

/* Decimal or 0x and hexadecimal. */
static bool
read_number(const char *p, int64_t *value)
{
	const char *digits = p + (*p == '-');
	bool hex = digits[0] == '0' && (digits[1] | 0x20) == 'x';
	char *end;

	if (!isxdigit((unsigned char)digits[hex ? 2 : 0]))
		return false;
	errno = 0;
	*value = strtoll(p, &end, hex ? 16 : 10);
	return *end == '\0' && errno == 0;
}

/* KDC_ERR_POLICY, and POLICY. */
static bool
is_named(const char *name, const char *word)
{
	static const char *const before[] = { "", "KDC_ERR_", "KRB_AP_ERR_",
		"KRB_ERR_", "STATUS_" };
	size_t i, n;

	for (i = 0; i < sizeof(before) / sizeof(*before); i++) {
		n = strlen(before[i]);
		if (strncmp(name, before[i], n) == 0 &&
		    strcasecmp(name + n, word) == 0)
			return true;
	}
	return false;
}

/* "ok, broken": all words of a short list. */
static void
wrong_word(const struct filter_test *t, const char *shown, size_t at,
    struct filter_wrong *w)
{
	char list[FILTER_ERROR] = "";
	const char *name;
	size_t i, n = 0;
	int64_t value;

	if (!t->name->words->all) {
		filter_wrong(w, at, "%s is neither a number nor a known %s",
		    shown, t->name->name);
		return;
	}
	for (i = 0; (name = t->name->words->at(i, &value)) != NULL; i++)
		if (n < sizeof(list))
			n += (size_t)snprintf(list + n, sizeof(list) - n,
			    "%s%s", i == 0 ? "" : ", ", name);
	filter_wrong(w, at, "%s is no %s; there are %s", shown, t->name->name,
	    list);
}

static bool
read_word_or_number(struct filter_test *t, const char *p, size_t at,
    struct filter_wrong *w)
{
	const struct filter_words *words = t->name->words;
	char shown[FILTER_WORD];
	const char *name;
	size_t i;

	for (i = 0; words != NULL; i++) {
		name = words->at(i, &t->least);
		if (name == NULL)
			break;
		if (is_named(name, p))
			return true;
	}
	if ((words == NULL || !words->all) && read_number(p, &t->least)) {
		if (t->name->kind == FILTER_STATUS)
			t->least = unsigned_status(t->least);
		return true;
	}
	filter_word(p, strlen(p), shown);
	if (words != NULL)
		wrong_word(t, shown, at, w);
	else
		filter_wrong(w, at, "%s is a number, and %s is none",
		    t->name->name, shown);
	return false;
}

static bool
read_flag(struct filter_test *t, const char *p, size_t at,
    struct filter_wrong *w)
{
	static const char *const words[] = { "0", "1", "no", "yes", "false",
		"true" };
	char shown[FILTER_WORD];
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(p, words[i]) == 0) {
			t->least = i & 1;
			return true;
		}
	return filter_wrong(w, at, "%s is yes or no, not %s", t->name->name,
	    filter_word(p, strlen(p), shown));
}

/* 5, 1.5s, 20ms, 3m, 1h. */
static bool
read_span(struct filter_test *t, const char *p, size_t at,
    struct filter_wrong *w)
{
	static const struct {
		const char *name;
		double usec;
	} units[] = { { "", 1e6 }, { "s", 1e6 }, { "ms", 1e3 }, { "us", 1 },
		{ "m", 60e6 }, { "min", 60e6 }, { "h", 3600e6 } };
	size_t n = strspn(p, "0123456789."), i;
	double value = n > 0 && n < 16 ? strtod(p, NULL) : 0;
	char shown[FILTER_WORD];

	for (i = 0; n > 0 && n < 16 && i < sizeof(units) / sizeof(*units); i++)
		if (strcasecmp(p + n, units[i].name) == 0 &&
		    value * units[i].usec < 1e18 && strcmp(p, ".") != 0 &&
		    memchr(p, '.', n) == memrchr(p, '.', n)) {
			t->least = (int64_t)(value * units[i].usec + 0.5);
			return true;
		}
	return filter_wrong(w, at,
	    "%s is no duration; say it as 5s, 1.5s or 200ms",
	    filter_word(p, strlen(p), shown));
}

/* N digits at *P, which goes on; false when there are fewer. */
static bool
digits(const char **p, size_t n, int *value)
{
	for (*value = 0; n > 0; n--, ++*p) {
		if (!isdigit((unsigned char)**p))
			return false;
		*value = *value * 10 + (**p - '0');
	}
	return true;
}

/* ":05" or ":05.25" behind hours and minutes; *UNIT is what is left open. */
static bool
read_seconds(const char **p, int64_t *usec, int64_t *unit)
{
	int seconds, digit;

	if (**p != ':')
		return true;
	++*p;
	if (!digits(p, 2, &seconds) || seconds > 60)
		return false;
	*usec += seconds * SECOND;
	*unit = SECOND;
	if (**p != '.')
		return true;
	for (++*p; *unit > 1 && digits(p, 1, &digit);) {
		*unit /= 10;
		*usec += digit * *unit;
	}
	return *unit < SECOND;
}

static bool
read_clock(const char **p, int64_t *usec, int64_t *unit)
{
	int hour, minute;

	if (!digits(p, 2, &hour) || hour > 23 || *(*p)++ != ':' ||
	    !digits(p, 2, &minute) || minute > 59)
		return false;
	*usec += (hour * 60 + minute) * 60 * SECOND;
	*unit = 60 * SECOND;
	return read_seconds(p, usec, unit);
}

static bool
read_date(const char **p, int64_t *usec)
{
	struct tm tm = { 0 };
	int year, month, day;

	if (!digits(p, 4, &year) || *(*p)++ != '-' || !digits(p, 2, &month) ||
	    *(*p)++ != '-' || !digits(p, 2, &day) || year < 1970 || month < 1 ||
	    month > 12 || day < 1 || day > 31)
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*usec = (int64_t)timegm(&tm) * SECOND;
	return true;
}

/* 2026-11-20T14:05:01Z as reports have it, any of its beginnings, or 14:05. */
static bool
read_time(struct filter_test *t, const char *p, size_t at,
    struct filter_wrong *w)
{
	const char *end = p;
	char shown[FILTER_WORD];
	int64_t unit = DAY;
	bool ok;

	t->of_day = strchr(p, '-') == NULL;
	if (t->of_day) {
		ok = read_clock(&end, &t->least, &unit);
	} else {
		ok = read_date(&end, &t->least);
		if (ok && (*end == 'T' || *end == ' ')) {
			end++;
			ok = read_clock(&end, &t->least, &unit);
		}
	}
	if (ok && (*end == 'Z' || *end == 'z'))
		end++;
	t->most = t->least + unit - 1;
	if (ok && *end == '\0')
		return true;
	return filter_wrong(w, at,
	    "%s is no time; say it as 14:05:01 or 2026-11-20T14:05 (UTC)",
	    filter_word(p, strlen(p), shown));
}

/* An address, ADDRESS/BITS, or the name of a host. */
static bool
read_address(struct filter_test *t, const char *p, size_t at,
    struct filter_wrong *w)
{
	const char *slash = strchr(p, '/');
	size_t len = slash == NULL ? strlen(p) : (size_t)(slash - p);
	char shown[FILTER_WORD];
	int64_t bits;

	if (addr_parse(p, len, &t->addr)) {
		bits = t->addr.family == 4 ? 32 : 128;
		t->prefix = (unsigned)bits;
		if (slash == NULL)
			return true;
		if (isdigit((unsigned char)slash[1]) &&
		    read_number(slash + 1, &bits) && bits <= t->prefix) {
			t->prefix = (unsigned)bits;
			return true;
		}
	} else if (p[strspn(p, "0123456789.:/")] != '\0') {
		return true;
	}
	return filter_wrong(w, at, "%s is neither an address nor a network",
	    filter_word(p, strlen(p), shown));
}

/* What a person who writes `client == 10.0.0.*` wants. */
static bool
check_pattern(const char *p, bool quoted, size_t at, struct filter_wrong *w)
{
	char shown[FILTER_WORD];

	if (quoted || strpbrk(p, "*?") == NULL)
		return true;
	return filter_wrong(w, at, "== takes no pattern; say ~ for %s",
	    filter_word(p, strlen(p), shown));
}

static bool
read_kind(struct filter_test *t, const char *p, bool quoted, size_t at,
    struct filter_wrong *w)
{
	switch (t->name->kind) {
	case FILTER_ADDRESS:
	case FILTER_TEXT:
		if (t->op != FILTER_EQUAL)
			return filter_wrong(w, at,
			    "%s has no order; == != ~ !~ compare it",
			    t->name->name);
		if (!check_pattern(p, quoted, at, w))
			return false;
		return t->name->kind == FILTER_TEXT ||
		    read_address(t, p, at, w);
	case FILTER_FLAG:
		return read_flag(t, p, at, w);
	case FILTER_SPAN:
		return read_span(t, p, at, w);
	case FILTER_TIME:
		return read_time(t, p, at, w);
	default:
		return read_word_or_number(t, p, at, w);
	}
}

bool
filter_value_read(struct filter_test *t, const char *p, size_t len, bool quoted,
    size_t at, struct filter_wrong *w)
{
	t->text = must_text((struct str){ p, len });
	t->len = len;
	for (size_t i = 0; i < len; i++)
		t->text[i] = lower(p[i]);
	if (t->op == FILTER_LIKE)
		return true;
	if (!read_kind(t, p, quoted, at, w))
		return false;
	if (t->name->kind != FILTER_TIME)
		t->most = t->least;
	return true;
}
