/*
 * event.c - the tables of include/event.def, and addresses as text.
 *
 * IPv6 text: RFC 5952, as inet_ntop() of every current system writes it.  Its
 * IPv4 is slow, and addresses are many: that is read and written here.
 */
#include <arpa/inet.h>
#include <string.h>

#include "event.h"

/* clang-format off */
/* First pass: the fields of each kind. */
#define FIELD(id, f, type, h) { #f, type, offsetof(struct event, u.id.f), h },
#define EVENT(id, name, help) static const struct field fields_##id[] = {
#define END(id)			};
#define INT(id, f, h) FIELD(id, f, FT_INT, h)
#define OPT(id, f, h) FIELD(id, f, FT_OPT, h)
#define HEX(id, f, h) FIELD(id, f, FT_HEX, h)
#define TIME(id, f, h) FIELD(id, f, FT_TIME, h)
#define STR(id, f, h) FIELD(id, f, FT_STR, h)
#define BYTES(id, f, h) FIELD(id, f, FT_BYTES, h)
#define INTS(id, f, h) FIELD(id, f, FT_INTS, h)
#define STRS(id, f, h) FIELD(id, f, FT_STRS, h)
#include "event.def"

/* Second pass: one row a kind. */
#define EVENT(id, name, help)	\
	[EV_##id] = { name, help, fields_##id,	\
	    sizeof(fields_##id) / sizeof(fields_##id[0]) },
const struct event_desc event_descs[EV_KINDS] = {
	[EV_NONE] = { "none", "no event", NULL, 0 },
#include "event.def"
};

/* clang-format on */

enum event_kind
event_kind(const char *name)
{
	for (int i = EV_NONE + 1; i < EV_KINDS; i++)
		if (strcmp(event_descs[i].name, name) == 0)
			return (enum event_kind)i;
	return EV_NONE;
}

void
event_init(struct event *ev, enum event_kind kind)
{
	memset(ev, 0, offsetof(struct event, u));
	ev->kind = kind;
	ev->ref.capture = EV_NO_CAPTURE;
	event_empty(ev);
}

static void
ipv4_text(const uint8_t *b, char *p)
{
	for (int i = 0; i < 4; i++) {
		if (i > 0)
			*p++ = '.';
		if (b[i] >= 100)
			*p++ = (char)('0' + b[i] / 100);
		if (b[i] >= 10)
			*p++ = (char)('0' + b[i] / 10 % 10);
		*p++ = (char)('0' + b[i] % 10);
	}
	*p = '\0';
}

const char *
addr_text(const struct addr *a, char buf[ADDR_TEXT])
{
	if (a->family == 4)
		ipv4_text(a->b, buf);
	else if (a->family != 6 ||
	    inet_ntop(AF_INET6, a->b, buf, ADDR_TEXT) == NULL)
		strcpy(buf, "-");
	return buf;
}

/* As inet_pton() reads it: four numbers, none with a zero before it. */
static bool
ipv4_parse(const char *p, size_t len, uint8_t out[4])
{
	const char *end = p + len;

	for (int i = 0; i < 4; i++) {
		unsigned v = 0, digits = 0;

		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		for (; p < end && *p >= '0' && *p <= '9'; p++, digits++) {
			if (digits > 0 && v == 0)
				return false;
			v = v * 10 + (unsigned)(*p - '0');
			if (v > 255)
				return false;
		}
		if (digits == 0)
			return false;
		out[i] = (uint8_t)v;
	}
	return p == end;
}

bool
addr_parse(const char *text, size_t len, struct addr *a)
{
	char buf[ADDR_TEXT];
	uint8_t v4[4];

	memset(a, 0, sizeof(*a));
	if (len == 0 || len >= sizeof(buf))
		return false;
	if (ipv4_parse(text, len, v4)) {
		a->family = 4;
		memcpy(a->b, v4, sizeof(v4));
		return true;
	}
	/* Most texts are names: only one with a colon can be of IPv6. */
	if (memchr(text, ':', len) == NULL || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	if (inet_pton(AF_INET6, buf, a->b) == 1)
		a->family = 6;
	return a->family != 0;
}
