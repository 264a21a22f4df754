/*
 * json-writer.c - see json-writer.h.
 */
#include "json-writer.h"

#include <inttypes.h>
#include <string.h>

#include "event-json.h"
#include "presenter.h"

static void
begin_line(struct json *j)
{
	if (!j->first[j->depth])
		fputs(j->flat ? ", " : ",", j->out);
	j->first[j->depth] = false;
	if (j->depth > 0 && !j->flat)
		fprintf(j->out, "\n%*s", 2 * j->depth, "");
}

/* KEY is NULL inside a list. */
void
json_key(struct json *j, const char *key)
{
	begin_line(j);
	if (key != NULL)
		fprintf(j->out, "\"%s\": ", key);
}

void
json_open(struct json *j, const char *key, char bracket)
{
	json_key(j, key);
	putc(bracket, j->out);
	j->first[++j->depth] = true;
}

void
json_close(struct json *j, char bracket)
{
	bool empty = j->first[j->depth--];

	if (!empty && !j->flat)
		fprintf(j->out, "\n%*s", 2 * j->depth, "");
	putc(bracket, j->out);
}

void
json_put_text(struct json *j, const char *key, const char *text)
{
	if (text == NULL)
		return;
	json_key(j, key);
	json_text(j->out, text, strlen(text));
}

void
json_put_number(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	fprintf(j->out, "%" PRIu64, n);
}

void
json_put_signed(struct json *j, const char *key, int64_t n)
{
	json_key(j, key);
	fprintf(j->out, "%" PRId64, n);
}

void
json_put_bool(struct json *j, const char *key, bool b)
{
	json_key(j, key);
	fputs(b ? "true" : "false", j->out);
}

void
json_put_time(struct json *j, const char *key, int64_t t)
{
	char buf[TIME_TEXT];

	json_put_text(j, key, time_text(t, buf));
}

void
json_put_addr(struct json *j, const char *key, const struct addr *a)
{
	char buf[ADDR_TEXT];

	if (a->family != 0)
		json_put_text(j, key, addr_text(a, buf));
}

/* Microseconds as seconds, exactly. */
void
json_put_seconds(struct json *j, const char *key, int64_t usec)
{
	uint64_t v = usec < 0 ? -(uint64_t)usec : (uint64_t)usec;

	json_key(j, key);
	fprintf(j->out, "%s%" PRIu64 ".%06" PRIu64, usec < 0 ? "-" : "",
	    v / 1000000, v % 1000000);
}
