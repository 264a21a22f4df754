/*
 * event.h - typed events: what the dissectors and the probes say, and all
 * that stories and rules ever learn of a capture.
 *
 * An event and everything it points to is valid during the call that hands
 * it over; who wants to keep something copies it.
 */
#ifndef KERBSCOPE_EVENT_H
#define KERBSCOPE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define EV_ABSENT INT64_MIN /* an OPT field that is not there */
#define EV_NO_CAPTURE (-1)  /* the event is not from a capture */
#define DIGEST_LEN 16       /* octets of a ticket digest */

/* Text: valid UTF-8 without NUL, not terminated, never NULL when len > 0. */
struct str {
	const char *p;
	size_t len;
};

/* Octets. */
struct bytes {
	const uint8_t *p;
	size_t len;
};

/* A list of integers. */
struct ints {
	const int64_t *p;
	size_t len;
};

/* A list of texts. */
struct strs {
	const struct str *p;
	size_t len;
};

/* An IPv4 (family 4) or IPv6 (6) address in network order; 0: none. */
struct addr {
	uint8_t family;
	uint8_t b[16];
};

/* Where something stands: which frame of which capture, and when. */
struct ref {
	int capture;    /* number on the command line, or -1 */
	uint64_t frame; /* from 1, as Wireshark counts */
	int64_t time;   /* microseconds since 1970, UTC */
};

enum event_kind {
	EV_NONE,
#define EVENT(id, name, help) EV_##id,
#include "event.def"
	EV_KINDS
};

/* clang-format off */
/* struct ev_kdc_req and so on, one a kind. */
#define EVENT(id, name, help) struct ev_##id {
#define END(id) };
#define INT(id, f, h) int64_t f;
#define OPT(id, f, h) int64_t f;
#define HEX(id, f, h) int64_t f;
#define TIME(id, f, h) int64_t f;
#define STR(id, f, h) struct str f;
#define BYTES(id, f, h) struct bytes f;
#define INTS(id, f, h) struct ints f;
#define STRS(id, f, h) struct strs f;
#include "event.def"
/* clang-format on */

enum transport { TRANSPORT_NONE, TRANSPORT_UDP, TRANSPORT_TCP };

struct event {
	enum event_kind kind;
	struct ref ref;      /* of the frame that completes it */
	const char *carrier; /* "kdc", "smb2", ...: static text */
	enum transport transport;
	struct addr src, dst; /* sender and receiver of the message */
	uint16_t sport, dport;
	/* one number a flow, never used again; 0 outside a flow */
	uint64_t flow;
	/*
	 * authentication within the flow: the same for all steps of one;
	 * 0: none
	 */
	uint64_t xid;
	bool from_client; /* sent by the side that opened */
	/* the capture ends inside the message: late fields may be missing */
	bool cut;
	struct str source; /* of a probe: "accounts.ldif:120" */
	union {
#define EVENT(id, name, help) struct ev_##id id;
#include "event.def"
	} u;
};

enum field_type {
	FT_INT,
	FT_OPT,
	FT_HEX,
	FT_TIME,
	FT_STR,
	FT_BYTES,
	FT_INTS,
	FT_STRS
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset; /* in struct event */
	const char *help;
};

struct event_desc {
	const char *name;
	const char *help;
	const struct field *fields;
	size_t nfields;
};

/* One row a kind, indexed by enum event_kind; EV_NONE has no fields. */
extern const struct event_desc event_descs[EV_KINDS];

/* Kind of the event called NAME, EV_NONE when there is none. */
enum event_kind event_kind(const char *name);

/* Empty event of KIND: OPT fields absent, all else zero, no capture. */
void event_init(struct event *ev, enum event_kind kind);

/*
 * Empties the fields of EV's kind alone: what the others have in the same
 * place says nothing, so nobody looks at u.KIND before the kind.
 */
static inline void
event_empty(struct event *ev)
{
	/* clang-format off */
	switch (ev->kind) {
#define EVENT(id, name, help) case EV_##id: ev->u.id = (struct ev_##id){
#define OPT(id, f, h) .f = EV_ABSENT,
#define END(id) }; break;
#include "event.def"
	default:
		break;
	}
	/* clang-format on */
}

/* Takes events; ARG is the receiver's own. */
typedef void (*event_sink)(void *arg, const struct event *ev);

/* Whether two addresses are the same. */
static inline bool
addr_equal(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return false;
	/* Asked for every packet: lengths that the compiler knows. */
	if (a->family == 4)
		return memcmp(a->b, b->b, 4) == 0;
	return a->family != 6 || memcmp(a->b, b->b, 16) == 0;
}

/* Whether A is one of the N addresses of LIST. */
static inline bool
addr_among(const struct addr *a, const struct addr *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (addr_equal(&list[i], a))
			return true;
	return false;
}

/* Longest text of an address, with its NUL. */
#define ADDR_TEXT 48

/* Writes A as text ("10.0.0.1", "fe80::1", "-" for none) and returns BUF. */
const char *addr_text(const struct addr *a, char buf[ADDR_TEXT]);

/* Reads an address; false when TEXT (LEN octets) is none. */
bool addr_parse(const char *text, size_t len, struct addr *a);

/* The same of all of TEXT. */
static inline bool
addr_of(const char *text, struct addr *a)
{
	return addr_parse(text, strlen(text), a);
}

#endif
