/*
 * event-json.h - an event as one line of JSON, and the JSON texts that the
 * report shares with it.
 */
#ifndef ANALYZER_EVENT_JSON_H
#define ANALYZER_EVENT_JSON_H

#include <stdio.h>

#include "bounds.h"
#include "event.h"
#include "utf8.h"

/* The longest line of an event file that is read, in octets. */
#define EVENT_LINE_MAX (4 << 20)
/* The longest text of an event; more is cut at a character. */
#define EVENT_TEXT_MAX (4 * TEXT_MAX)
/* Captures are numbered below this. */
#define EVENT_CAPTURES 65536
/* Times (microseconds) that are written as text: years 1970 to 9999. */
#define EVENT_TIME_MAX INT64_C(253402300799999999)

/*
 * Writes EV and a line end to OUT; absent fields are left out.  What failed
 * stays in ferror(OUT).
 */
void event_json_write(FILE *out, const struct event *ev);

/*
 * The key of field F of a kind of events: its name, but KIND_NAME (with '_'
 * for '-') when an event has a key of this name already (the time that an
 * NTLM challenge carries is "ntlm_time").  BUF is of EVENT_KEY octets.
 */
#define EVENT_KEY 64
const char *
event_json_key(const struct event_desc *desc, const struct field *f, char *buf);

/*
 * Writes LEN octets at P as a JSON string with its quotes.  What a terminal
 * would obey (control characters, bidirectional overrides) becomes \uNNNN;
 * octets that are not UTF-8 become the four characters \xNN.
 */
void json_text(FILE *out, const char *p, size_t len);

/* Whether CODE moves a terminal or turns the direction of its text. */
bool utf8_is_control(uint32_t code);

#endif
