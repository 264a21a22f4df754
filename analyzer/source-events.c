/*
 * source-events.c - reads a line of an event file back into an event, by the
 * tables of event.def; event-json.c is its mirror.
 *
 * The file may come from anywhere, so every value is looked at: a value of
 * another type, a number that does not fit or a digest of another length
 * makes the line bad, never the program.  Kinds and keys that this version
 * does not know are passed over: a newer version may have written them.
 * JSON: RFC 8259, read by jansson, which refuses what is not UTF-8 and NUL.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "dissect.h"
#include "event-json.h"
#include "source.h"
#include "table.h"

/*
 * Times are compared and subtracted everywhere above: a quarter of the range
 * leaves room, and holds every FILETIME.
 */
#define TIME_LIMIT (INT64_MAX / 4)

/* Carriers that this version does not know; the rest have no carrier. */
#define CARRIERS_MAX 32
#define CARRIER_TEXT 32

struct event_reader {
	struct arena arena; /* lists of the last event */
	json_t *line;       /* its texts */
	char *error;        /* of the caller, SOURCE_ERROR octets */
};

struct event_reader *
event_reader_new(void)
{
	return must_calloc(1, sizeof(struct event_reader));
}

void
event_reader_free(struct event_reader *r)
{
	if (r == NULL)
		return;
	json_decref(r->line);
	arena_free(&r->arena);
	free(r);
}

static bool
wrong(struct event_reader *r, const char *key, const char *what)
{
	snprintf(r->error, SOURCE_ERROR, "\"%s\" is not %s", key, what);
	return false;
}

/*
 * The text of a carrier lives as long as the program (event.h).  Those of
 * the dissectors have theirs; others, of a newer version, get one here.
 */
static const char *
carrier_static(const char *text)
{
	static char others[CARRIERS_MAX][CARRIER_TEXT];
	const char *name;
	size_t i, len = strlen(text);

	for (i = 0; (name = dissect_carrier_name(i)) != NULL; i++)
		if (strcmp(name, text) == 0)
			return name;
	if (len == 0 || len >= CARRIER_TEXT)
		return NULL;
	for (i = 0; i < CARRIERS_MAX; i++) {
		if (others[i][0] == '\0')
			memcpy(others[i], text, len + 1);
		if (strcmp(others[i], text) == 0)
			return others[i];
	}
	return NULL;
}

/* Cut at a character, see EVENT_TEXT_MAX. */
static struct str
text_of(const json_t *v)
{
	struct str s = { json_string_value(v), json_string_length(v) };
	uint32_t code;
	size_t n;

	if (s.len > EVENT_TEXT_MAX) {
		n = EVENT_TEXT_MAX;
		while (utf8_char(s.p + n, s.len - n, &code) == 0)
			n--;
		s.len = n;
	}
	return s;
}

static bool
read_number(struct event_reader *r, const char *key, const json_t *v,
    int64_t least, int64_t most, int64_t *out)
{
	if (!json_is_integer(v))
		return wrong(r, key, "an integer");
	*out = json_integer_value(v);
	if (*out < least || *out > most)
		return wrong(r, key, "within its range");
	return true;
}

static bool
read_hex_number(struct event_reader *r, const char *key, const json_t *v,
    int64_t *out)
{
	const char *s = json_string_value(v);
	char *end;

	if (json_is_integer(v)) {
		*out = json_integer_value(v);
		return true;
	}
	if (s == NULL || strncmp(s, "0x", 2) != 0 || s[2] == '\0' ||
	    strspn(s + 2, "0123456789abcdefABCDEF") != strlen(s + 2))
		return wrong(r, key, "a number such as \"0x1f\"");
	errno = 0;
	*out = (int64_t)strtoull(s + 2, &end, 16);
	if (errno != 0 || *end != '\0')
		return wrong(r, key, "a number of 64 bits");
	return true;
}

/* Up to N digits; -1 when the next character is none. */
static int64_t
digits(const char **p, size_t n)
{
	int64_t v = 0;
	size_t i;

	for (i = 0; i < n && **p >= '0' && **p <= '9'; i++)
		v = v * 10 + (*(*p)++ - '0');
	return i == n ? v : -1;
}

/* RFC 3339 as this program writes it: 2026-11-21T20:00:00.000000Z. */
static bool
read_time_text(const char *s, int64_t *out)
{
	static const char marks[] = "--T::.Z";
	static const size_t width[] = { 4, 2, 2, 2, 2, 2, 6 };
	int64_t v[7];
	struct tm tm = { 0 };

	for (size_t i = 0; i < 7; i++) {
		v[i] = digits(&s, width[i]);
		if (v[i] < 0 || *s++ != marks[i])
			return false;
	}
	if (*s != '\0' || v[0] < 1970 || v[1] < 1 || v[1] > 12 || v[2] < 1 ||
	    v[2] > 31 || v[3] > 23 || v[4] > 59 || v[5] > 60)
		return false;
	tm.tm_year = (int)v[0] - 1900;
	tm.tm_mon = (int)v[1] - 1;
	tm.tm_mday = (int)v[2];
	tm.tm_hour = (int)v[3];
	tm.tm_min = (int)v[4];
	tm.tm_sec = (int)v[5];
	*out = (int64_t)timegm(&tm) * 1000000 + v[6];
	return true;
}

static bool
read_time(struct event_reader *r, const char *key, const json_t *v,
    int64_t *out)
{
	if (json_is_integer(v))
		return read_number(r, key, v, -TIME_LIMIT, TIME_LIMIT, out);
	if (json_is_string(v) && read_time_text(json_string_value(v), out))
		return true;
	return wrong(r, key, "a time such as 2026-01-31T23:59:59.000000Z");
}

static bool
read_text(struct event_reader *r, const char *key, const json_t *v,
    struct str *out)
{
	if (!json_is_string(v))
		return wrong(r, key, "a text");
	*out = text_of(v);
	return true;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f'    ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F'    ? c - 'A' + 10 :
				      -1;
}

/* Digests and GUIDs have one length, and are copied by it. */
static bool
length_fits(const char *key, size_t len)
{
	const char *end = strrchr(key, '_');

	if (strcmp(end == NULL ? key : end + 1, "digest") == 0)
		return len == DIGEST_LEN;
	return strcmp(key, "guid") != 0 || len == 16;
}

static bool
read_bytes(struct event_reader *r, const char *key, const json_t *v,
    struct bytes *out)
{
	const char *s = json_string_value(v);
	size_t i, len = json_string_length(v) / 2;
	uint8_t *p;

	if (s == NULL || json_string_length(v) % 2 != 0)
		return wrong(r, key, "octets in hexadecimal");
	if (len == 0)
		return true;
	if (!length_fits(key, len))
		return wrong(r, key, "of the right length");
	p = arena_alloc(&r->arena, len);
	for (i = 0; i < len; i++) {
		int high = hex_digit(s[2 * i]), low = hex_digit(s[2 * i + 1]);

		if (high < 0 || low < 0)
			return wrong(r, key, "octets in hexadecimal");
		p[i] = (uint8_t)(high << 4 | low);
	}
	*out = (struct bytes){ p, len };
	return true;
}

static bool
read_ints(struct event_reader *r, const char *key, const json_t *v,
    struct ints *out)
{
	size_t i, n = json_array_size(v);
	int64_t *p;

	if (!json_is_array(v))
		return wrong(r, key, "a list of integers");
	if (n == 0)
		return true;
	p = arena_alloc(&r->arena, n * sizeof(*p));
	for (i = 0; i < n; i++) {
		if (!json_is_integer(json_array_get(v, i)))
			return wrong(r, key, "a list of integers");
		p[i] = json_integer_value(json_array_get(v, i));
	}
	*out = (struct ints){ p, n };
	return true;
}

static bool
read_strs(struct event_reader *r, const char *key, const json_t *v,
    struct strs *out)
{
	size_t i, n = json_array_size(v);
	struct str *p;

	if (!json_is_array(v))
		return wrong(r, key, "a list of texts");
	if (n == 0)
		return true;
	p = arena_alloc(&r->arena, n * sizeof(*p));
	for (i = 0; i < n; i++)
		if (!read_text(r, key, json_array_get(v, i), &p[i]))
			return false;
	*out = (struct strs){ p, n };
	return true;
}

static bool
read_field(struct event_reader *r, const char *key, enum field_type type,
    const json_t *v, void *at)
{
	switch (type) {
	case FT_INT:
	case FT_OPT:
		return read_number(r, key, v, INT64_MIN, INT64_MAX, at);
	case FT_HEX:
		return read_hex_number(r, key, v, at);
	case FT_TIME:
		return read_time(r, key, v, at);
	case FT_STR:
		return read_text(r, key, v, at);
	case FT_BYTES:
		return read_bytes(r, key, v, at);
	case FT_INTS:
		return read_ints(r, key, v, at);
	case FT_STRS:
		return read_strs(r, key, v, at);
	}
	return true;
}

static bool
read_addr(struct event_reader *r, const char *key, struct addr *out)
{
	const json_t *v = json_object_get(r->line, key);

	if (v == NULL)
		return true;
	if (!json_is_string(v) ||
	    !addr_parse(json_string_value(v), json_string_length(v), out))
		return wrong(r, key, "an address");
	return true;
}

/* A number of the frame or the flow; *OUT stays when the key is missing. */
static bool
read_count(struct event_reader *r, const char *key, int64_t most, int64_t *out)
{
	const json_t *v = json_object_get(r->line, key);

	return v == NULL || read_number(r, key, v, 0, most, out);
}

static bool
read_place(struct event_reader *r, struct event *ev)
{
	int64_t capture = EV_NO_CAPTURE, frame = 0, flow = 0, xid = 0;
	const json_t *time = json_object_get(r->line, "time");

	if (!read_count(r, "capture", EVENT_CAPTURES - 1, &capture) ||
	    !read_count(r, "frame", INT64_MAX, &frame) ||
	    !read_count(r, "flow", INT64_MAX, &flow) ||
	    !read_count(r, "xid", INT64_MAX, &xid))
		return false;
	if (time != NULL && !read_time(r, "time", time, &ev->ref.time))
		return false;
	if (ev->ref.time < 0 || ev->ref.time > EVENT_TIME_MAX)
		return wrong(r, "time", "between 1970 and 9999");
	ev->ref.capture = (int)capture;
	ev->ref.frame = (uint64_t)frame;
	ev->flow = (uint64_t)flow;
	ev->xid = (uint64_t)xid;
	return true;
}

static bool
read_ends(struct event_reader *r, struct event *ev)
{
	int64_t sport = 0, dport = 0;

	if (!read_addr(r, "src", &ev->src) || !read_addr(r, "dst", &ev->dst) ||
	    !read_count(r, "sport", UINT16_MAX, &sport) ||
	    !read_count(r, "dport", UINT16_MAX, &dport))
		return false;
	ev->sport = (uint16_t)sport;
	ev->dport = (uint16_t)dport;
	return true;
}

static bool
read_common(struct event_reader *r, struct event *ev)
{
	const char *carrier, *transport;
	const json_t *source = json_object_get(r->line, "source");

	if (!read_place(r, ev) || !read_ends(r, ev))
		return false;
	carrier = json_string_value(json_object_get(r->line, "carrier"));
	if (carrier != NULL)
		ev->carrier = carrier_static(carrier);
	transport = json_string_value(json_object_get(r->line, "transport"));
	if (transport != NULL && strcmp(transport, "udp") == 0)
		ev->transport = TRANSPORT_UDP;
	if (transport != NULL && strcmp(transport, "tcp") == 0)
		ev->transport = TRANSPORT_TCP;
	ev->from_client = json_is_true(json_object_get(r->line, "from_client"));
	ev->cut = json_is_true(json_object_get(r->line, "cut"));
	return source == NULL || read_text(r, "source", source, &ev->source);
}

static bool
read_event(struct event_reader *r, struct event *ev)
{
	const json_t *v, *name = json_object_get(r->line, "event");
	const struct event_desc *desc;
	const struct field *f;
	const char *key;
	char buf[EVENT_KEY];

	if (!json_is_string(name)) {
		snprintf(r->error, SOURCE_ERROR, "not an event");
		return false;
	}
	event_init(ev, event_kind(json_string_value(name)));
	if (ev->kind == EV_NONE)
		return true;
	if (!read_common(r, ev))
		return false;
	desc = &event_descs[ev->kind];
	for (f = desc->fields; f < desc->fields + desc->nfields; f++) {
		key = event_json_key(desc, f, buf);
		v = json_object_get(r->line, key);
		if (v != NULL &&
		    !read_field(r, key, f->type, v, (char *)ev + f->offset))
			return false;
	}
	return true;
}

bool
event_reader_line(struct event_reader *r, const char *line, size_t len,
    struct event *ev, char error[SOURCE_ERROR])
{
	json_error_t bad;

	json_decref(r->line);
	r->line = NULL;
	arena_free(&r->arena);
	r->error = error;
	if (len > EVENT_LINE_MAX) {
		snprintf(error, SOURCE_ERROR, "the line is too long");
		return false;
	}
	r->line = json_loadb(line, len, 0, &bad);
	if (!json_is_object(r->line)) {
		/* Its texts quote the line: they are not for a terminal. */
		snprintf(error, SOURCE_ERROR, "not a JSON object");
		return false;
	}
	return read_event(r, ev);
}
