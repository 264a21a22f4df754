/*
 * json-writer.h - one JSON object, written in order: the report, two spaces
 * a level, and the lines of a log.
 *
 * What does not apply (a NULL text, an address that is none) is left out.
 */
#ifndef ANALYZER_JSON_WRITER_H
#define ANALYZER_JSON_WRITER_H

#include <stdio.h>

#include "event.h"

#define JSON_DEPTH 16

/* Begin with .first = { true }. */
struct json {
	FILE *out;
	int depth;
	bool flat;              /* all in one line */
	bool first[JSON_DEPTH]; /* nothing is in the container yet */
};

/* KEY is NULL inside a list.  The value is up to the caller. */
void json_key(struct json *j, const char *key);

/* BRACKET is { or [, and } or ]. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);

void json_put_text(struct json *j, const char *key, const char *text);
void json_put_number(struct json *j, const char *key, uint64_t n);
void json_put_signed(struct json *j, const char *key, int64_t n);
void json_put_bool(struct json *j, const char *key, bool b);
void json_put_time(struct json *j, const char *key, int64_t t);
void json_put_addr(struct json *j, const char *key, const struct addr *a);
/* Microseconds as seconds, exactly. */
void json_put_seconds(struct json *j, const char *key, int64_t usec);

#endif
