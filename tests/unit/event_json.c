/*
 * event_json.c - an event written and read back is the same event, whatever
 * its kind; a bad line is refused and never more than that.
 */
#include <stdlib.h>
#include <string.h>

#include "event-json.h"
#include "source.h"

static int failed;
static struct event_reader *reader;

static void
check(bool ok, const char *what, const char *detail)
{
	if (ok)
		return;
	printf("%s: %s\n", what, detail);
	failed = 1;
}

/* EV as its line; the caller frees it. */
static char *
line_of(const struct event *ev)
{
	char *line = NULL;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	event_json_write(f, ev);
	fclose(f);
	return line;
}

static void
fill_field(struct event *ev, const struct field *f, unsigned salt)
{
	static const int64_t values[] = { 1, -1, INT64_MAX, INT64_MIN + 1 };
	static const int64_t times[] = { 1, -5, EVENT_TIME_MAX,
		EVENT_TIME_MAX + 1, INT64_C(1416600000123456), INT64_MAX / 4 };
	static const int64_t list[] = { 18, -133, INT64_MIN, 0 };
	static const uint8_t octets[] = { 0, 1, 0xfe, 0xff, 4, 5, 6, 7, 8, 9,
		10, 11, 12, 13, 14, 15 };
	static const char text[] = "k\x01\x7f\"\\/\xc3\xa6\xe2\x80\xae\xf0\x9f"
				   "\x98\x80";
	static const struct str texts[] = { { "a", 1 }, { NULL, 0 },
		{ text, sizeof(text) - 1 } };
	void *at = (char *)ev + f->offset;

	switch (f->type) {
	case FT_STR:
		*(struct str *)at = (struct str){ text, sizeof(text) - 1 };
		break;
	case FT_BYTES:
		*(struct bytes *)at = (struct bytes){ octets, 16 };
		break;
	case FT_INTS:
		*(struct ints *)at = (struct ints){ list, 4 };
		break;
	case FT_STRS:
		*(struct strs *)at = (struct strs){ texts, 3 };
		break;
	case FT_TIME:
		*(int64_t *)at = times[salt % 6];
		break;
	default:
		*(int64_t *)at = values[salt % 4];
		break;
	}
}

static void
same_after_reading(const struct event *ev, const char *what)
{
	char error[SOURCE_ERROR] = "", *line = line_of(ev), *again;
	struct event back;

	if (!event_reader_line(reader, line, strlen(line), &back, error)) {
		check(false, what, error);
	} else {
		again = line_of(&back);
		check(strcmp(line, again) == 0, what, again);
		check(back.kind == ev->kind, what, "another kind");
		check(back.ref.time == ev->ref.time, what, "another time");
		free(again);
	}
	free(line);
}

static void
every_kind(void)
{
	struct event ev;
	unsigned kind, salt;

	for (kind = EV_NONE + 1; kind < EV_KINDS; kind++) {
		const struct event_desc *d = &event_descs[kind];

		event_init(&ev, kind);
		same_after_reading(&ev, d->name);
		ev.ref = (struct ref){ 3, UINT64_C(1) << 40, 1234567 };
		ev.carrier = "smb2";
		ev.transport = TRANSPORT_UDP;
		addr_parse("fe80::1", 7, &ev.src);
		addr_parse("10.0.0.1", 8, &ev.dst);
		ev.sport = 65535;
		ev.dport = 88;
		ev.flow = INT64_MAX;
		ev.xid = 9;
		ev.from_client = ev.cut = true;
		ev.source = (struct str){ "a.ldif:1", 8 };
		for (salt = 0; salt < 12; salt++) {
			for (size_t i = 0; i < d->nfields; i++)
				fill_field(&ev, &d->fields[i],
				    salt + (unsigned)i);
			same_after_reading(&ev, d->name);
		}
	}
}

/* What scripts rely on: these keys, in this order. */
static void
exact_line(void)
{
	static const int64_t etypes[] = { 18, 17 };
	struct event ev;
	char *line;

	event_init(&ev, EV_kdc_req);
	ev.ref = (struct ref){ 0, 12, INT64_C(1795000000000001) };
	ev.carrier = "kdc";
	ev.transport = TRANSPORT_UDP;
	addr_parse("10.0.0.1", 8, &ev.src);
	ev.sport = 1;
	ev.from_client = true;
	ev.u.kdc_req.kdc_options = 0x40810010;
	ev.u.kdc_req.nonce = 0;
	ev.u.kdc_req.till = -1;
	ev.u.kdc_req.etypes = (struct ints){ etypes, 2 };
	line = line_of(&ev);
	check(strcmp(line,
		  "{\"event\":\"kdc-req\",\"capture\":0,\"frame\":12,"
		  "\"time\":\"2026-11-18T11:06:40.000001Z\",\"carrier\":"
		  "\"kdc\",\"transport\":\"udp\",\"src\":\"10.0.0.1\","
		  "\"sport\":1,\"from_client\":true,\"nonce\":0,"
		  "\"kdc_options\":\"0x40810010\",\"till\":-1,"
		  "\"etypes\":[18,17]}\n") == 0,
	    "exact line", line);
	free(line);
}

/* A challenge has a time of its own beside that of its frame. */
static void
two_times(void)
{
	struct event ev;
	char *line;

	event_init(&ev, EV_ntlm);
	ev.ref.time = 1;
	ev.u.ntlm.time = 2;
	line = line_of(&ev);
	check(strstr(line, "\"ntlm_time\":") != NULL, "two times", line);
	same_after_reading(&ev, "two times");
	free(line);
}

static void
bad_lines(void)
{
	static const char *const bad[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"event\":1}",
		"null",
		"{\"event\":\"",
		"{\"event\":\"kdc-req\",\"capture\":65536}",
		"{\"event\":\"kdc-req\",\"capture\":-1}",
		"{\"event\":\"kdc-req\",\"frame\":-1}",
		"{\"event\":\"kdc-req\",\"frame\":1.5}",
		"{\"event\":\"kdc-req\",\"time\":-1}",
		"{\"event\":\"kdc-req\",\"time\":\"2026-13-01T00:00:00."
		"000000Z\"}",
		"{\"event\":\"kdc-req\",\"time\":\"2026-01-01\"}",
		"{\"event\":\"kdc-req\",\"src\":\"10.0.0\"}",
		"{\"event\":\"kdc-req\",\"sport\":65536}",
		"{\"event\":\"kdc-req\",\"realm\":1}",
		"{\"event\":\"kdc-req\",\"realm\":\"\\u0000\"}",
		"{\"event\":\"kdc-req\",\"realm\":\"\xff\"}",
		"{\"event\":\"kdc-req\",\"nonce\":\"1\"}",
		"{\"event\":\"kdc-req\",\"nonce\":99999999999999999999}",
		"{\"event\":\"kdc-req\",\"kdc_options\":\"0x\"}",
		"{\"event\":\"kdc-req\",\"kdc_options\":\"0x11112222333344445"
		"\"}",
		"{\"event\":\"kdc-req\",\"kdc_options\":\"-1\"}",
		"{\"event\":\"kdc-req\",\"till\":9223372036854775807}",
		"{\"event\":\"kdc-req\",\"etypes\":[\"18\"]}",
		"{\"event\":\"kdc-req\",\"etypes\":18}",
		"{\"event\":\"kdc-req\",\"addresses\":[1]}",
		"{\"event\":\"kdc-req\",\"tkt_digest\":\"00\"}",
		"{\"event\":\"kdc-req\",\"tkt_cipher\":\"0\"}",
		"{\"event\":\"kdc-req\",\"tkt_cipher\":\"0g\"}",
		"{\"event\":\"smb-negotiate\",\"guid\":\"00\"}",
	};
	struct event ev;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char error[SOURCE_ERROR] = "";

		check(!event_reader_line(reader, bad[i], strlen(bad[i]), &ev,
			  error),
		    "a bad line is taken", bad[i]);
		check(error[0] != '\0', "no reason is given", bad[i]);
	}
}

/* Of a newer version: an unknown kind is none, an unknown key is nothing. */
static void
newer_lines(void)
{
	static const char kind[] = "{\"event\":\"tea-req\",\"capture\":\"x\"}";
	static const char
	    key[] = "{\"event\":\"ap-rep\",\"tea\":[1],\"carrier\":\"tea\"}";
	char error[SOURCE_ERROR] = "";
	struct event ev;

	check(event_reader_line(reader, kind, strlen(kind), &ev, error) &&
		ev.kind == EV_NONE,
	    "unknown kind", error);
	check(event_reader_line(reader, key, strlen(key), &ev, error) &&
		ev.kind == EV_ap_rep && ev.carrier != NULL &&
		strcmp(ev.carrier, "tea") == 0,
	    "unknown key", error);
}

/* Deep and long ones end in a refusal, and the text of one that is too long
 * at a character. */
static void
large_lines(void)
{
	size_t len = EVENT_LINE_MAX + 1, i;
	char error[SOURCE_ERROR] = "", *line = malloc(len);
	struct event ev;
	int n;

	memset(line, '[', len);
	check(!event_reader_line(reader, line, 100000, &ev, error), "deep",
	    "taken");
	check(!event_reader_line(reader, line, len, &ev, error), "long",
	    "taken");
	n = sprintf(line, "{\"event\":\"kdc-req\",\"realm\":\"x");
	for (i = 0; i < EVENT_TEXT_MAX; i++)
		n += sprintf(line + n, "\xc3\xa6");
	n += sprintf(line + n, "\"}");
	check(event_reader_line(reader, line, (size_t)n, &ev, error) &&
		ev.u.kdc_req.realm.len == EVENT_TEXT_MAX - 1,
	    "long text", error);
	free(line);
}

int
main(void)
{
	reader = event_reader_new();
	every_kind();
	exact_line();
	two_times();
	bad_lines();
	newer_lines();
	large_lines();
	event_reader_free(reader);
	return failed;
}
