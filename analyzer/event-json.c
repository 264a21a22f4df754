/*
 * event-json.c - writes an event as one line of JSON (RFC 8259), from the
 * tables of event.def alone: a new kind or field needs nothing here.
 *
 * Keys: event, capture, frame, time, carrier, transport, src, sport, dst,
 * dport, flow, xid, from_client, cut, source, then the fields of the kind in
 * the order of event.def.  What is absent, zero or empty is left out, so
 * that reading the line gives the same event and the lines stay short.
 * Written by hand and not by a library: a file of a million events is made
 * in a second, and the order of the keys is the table's.
 */
#include <inttypes.h>
#include <string.h>

#include "bounds.h"
#include "event-json.h"
#include "presenter.h"

static const char *const common_keys[] = {
	"event",
	"capture",
	"frame",
	"time",
	"carrier",
	"transport",
	"src",
	"sport",
	"dst",
	"dport",
	"flow",
	"xid",
	"from_client",
	"cut",
	"source",
};

size_t
utf8_char(const char *p, size_t len, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *u = (const uint8_t *)p;
	size_t n, i;

	if (len == 0)
		return 0;
	n = u[0] < 0x80 ? 1 :
	    u[0] < 0xc2 ? 0 :
	    u[0] < 0xe0 ? 2 :
	    u[0] < 0xf0 ? 3 :
	    u[0] < 0xf5 ? 4 :
			  0;
	if (n == 0 || n > len)
		return 0;
	*code = n == 1 ? u[0] : u[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (u[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

/*
 * C0, DEL, C1, the line and paragraph separators, and what Unicode TR 9
 * lets turn the direction: a principal can hold all of them.
 */
bool
utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	    (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

static void
json_char(FILE *out, const char *p, size_t n, uint32_t code)
{
	if (code == '"' || code == '\\') {
		putc_unlocked('\\', out);
		putc_unlocked((int)code, out);
	} else if (utf8_is_control(code)) {
		fprintf(out, "\\u%04" PRIx32, code);
	} else {
		fwrite_unlocked(p, 1, n, out);
	}
}

void
json_text(FILE *out, const char *p, size_t len)
{
	uint32_t code;
	size_t i, n;

	putc_unlocked('"', out);
	for (i = 0; i < len; i += n) {
		n = utf8_char(p + i, len - i, &code);
		if (n > 0) {
			json_char(out, p + i, n, code);
			continue;
		}
		n = 1;
		fprintf(out, "\\\\x%02x", (unsigned)(uint8_t)p[i]);
	}
	putc_unlocked('"', out);
}

const char *
event_json_key(const struct event_desc *desc, const struct field *f, char *buf)
{
	size_t i;
	char *p;

	for (i = 0; i < sizeof(common_keys) / sizeof(*common_keys); i++)
		if (strcmp(common_keys[i], f->name) == 0)
			break;
	if (i == sizeof(common_keys) / sizeof(*common_keys))
		return f->name;
	snprintf(buf, EVENT_KEY, "%s_%s", desc->name, f->name);
	for (p = buf; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return buf;
}

static void
write_number(FILE *out, int64_t value)
{
	char buf[24], *p = buf + sizeof(buf);
	uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v != 0);
	if (value < 0)
		*--p = '-';
	fwrite_unlocked(p, 1, (size_t)(buf + sizeof(buf) - p), out);
}

static void
write_key(FILE *out, const char *key)
{
	putc_unlocked(',', out);
	putc_unlocked('"', out);
	fputs_unlocked(key, out);
	putc_unlocked('"', out);
	putc_unlocked(':', out);
}

static void
write_key_number(FILE *out, const char *key, int64_t value)
{
	write_key(out, key);
	write_number(out, value);
}

static void
write_time(FILE *out, const char *key, int64_t t)
{
	char buf[TIME_TEXT];

	write_key(out, key);
	if (t < 0 || t > EVENT_TIME_MAX) {
		write_number(out, t);
		return;
	}
	putc_unlocked('"', out);
	fputs_unlocked(time_text(t, buf), out);
	putc_unlocked('"', out);
}

static void
write_hex(FILE *out, const struct bytes *b)
{
	static const char digits[] = "0123456789abcdef";
	char buf[1024];
	size_t i, n = 0;

	putc_unlocked('"', out);
	for (i = 0; i < b->len; i++) {
		buf[n++] = digits[b->p[i] >> 4];
		buf[n++] = digits[b->p[i] & 15];
		if (n == sizeof(buf)) {
			fwrite_unlocked(buf, 1, n, out);
			n = 0;
		}
	}
	fwrite_unlocked(buf, 1, n, out);
	putc_unlocked('"', out);
}

static void
write_ints(FILE *out, const struct ints *l)
{
	size_t i;

	for (i = 0; i < l->len; i++) {
		putc_unlocked(i == 0 ? '[' : ',', out);
		write_number(out, l->p[i]);
	}
	putc_unlocked(']', out);
}

static void
write_strs(FILE *out, const struct strs *l)
{
	size_t i;

	for (i = 0; i < l->len; i++) {
		putc_unlocked(i == 0 ? '[' : ',', out);
		json_text(out, l->p[i].p, l->p[i].len);
	}
	putc_unlocked(']', out);
}

/* The fields of lists and octets; nothing when they are empty. */
static void
write_list(FILE *out, const char *key, enum field_type type, const void *at)
{
	const struct bytes *b = at;
	const struct ints *ints = at;
	const struct strs *strs = at;

	if (type == FT_BYTES && b->len > 0) {
		write_key(out, key);
		write_hex(out, b);
	} else if (type == FT_INTS && ints->len > 0) {
		write_key(out, key);
		write_ints(out, ints);
	} else if (type == FT_STRS && strs->len > 0) {
		write_key(out, key);
		write_strs(out, strs);
	}
}

static void
write_str(FILE *out, const char *key, const struct str *s)
{
	if (s->len == 0)
		return;
	write_key(out, key);
	json_text(out, s->p, s->len);
}

static void
write_field(FILE *out, const char *key, enum field_type type, const void *at)
{
	const int64_t *v = at;

	switch (type) {
	case FT_INT:
		if (*v != 0)
			write_key_number(out, key, *v);
		break;
	case FT_OPT:
		if (*v != EV_ABSENT)
			write_key_number(out, key, *v);
		break;
	case FT_HEX:
		if (*v == 0)
			break;
		write_key(out, key);
		fprintf(out, "\"0x%" PRIx64 "\"", (uint64_t)*v);
		break;
	case FT_TIME:
		if (*v != 0)
			write_time(out, key, *v);
		break;
	case FT_STR:
		write_str(out, key, at);
		break;
	default:
		write_list(out, key, type, at);
		break;
	}
}

static void
write_end(FILE *out, const char *key, const struct addr *a, const char *pkey,
    uint16_t port)
{
	char buf[ADDR_TEXT];

	if (a->family != 0) {
		write_key(out, key);
		putc_unlocked('"', out);
		fputs_unlocked(addr_text(a, buf), out);
		putc_unlocked('"', out);
	}
	if (port != 0)
		write_key_number(out, pkey, port);
}

static void
write_common(FILE *out, const struct event *ev)
{
	struct str carrier;

	if (ev->ref.capture >= 0)
		write_key_number(out, "capture", ev->ref.capture);
	if (ev->ref.frame != 0)
		write_key_number(out, "frame", (int64_t)ev->ref.frame);
	if (ev->ref.time != 0)
		write_time(out, "time", ev->ref.time);
	if (ev->carrier != NULL) {
		carrier.p = ev->carrier;
		carrier.len = strlen(ev->carrier);
		write_str(out, "carrier", &carrier);
	}
	if (ev->transport != TRANSPORT_NONE) {
		write_key(out, "transport");
		fputs_unlocked(ev->transport == TRANSPORT_UDP ? "\"udp\"" :
								"\"tcp\"",
		    out);
	}
	write_end(out, "src", &ev->src, "sport", ev->sport);
	write_end(out, "dst", &ev->dst, "dport", ev->dport);
	if (ev->flow != 0)
		write_key_number(out, "flow", (int64_t)ev->flow);
	if (ev->xid != 0)
		write_key_number(out, "xid", (int64_t)ev->xid);
	if (ev->from_client)
		fputs_unlocked(",\"from_client\":true", out);
	if (ev->cut)
		fputs_unlocked(",\"cut\":true", out);
	write_str(out, "source", &ev->source);
}

void
event_json_write(FILE *out, const struct event *ev)
{
	const struct event_desc *desc = &event_descs[ev->kind];
	const struct field *f;
	char key[EVENT_KEY];

	fprintf(out, "{\"event\":\"%s\"", desc->name);
	write_common(out, ev);
	for (f = desc->fields; f < desc->fields + desc->nfields; f++)
		write_field(out, event_json_key(desc, f, key), f->type,
		    (const char *)ev + f->offset);
	fputs_unlocked("}\n", out);
}
