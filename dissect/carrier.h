/*
 * carrier.h - what a carrier is, and what the layers inside this folder say
 * to each other.
 *
 * A carrier is a file that ends in a descriptor: is this flow mine, where
 * does the next message end, and one whole message.  carriers.def lists
 * them.  The TCP layer copies what a carrier wants to see of a message and
 * steps over the rest by its length.
 */
#ifndef DISSECT_CARRIER_H
#define DISSECT_CARRIER_H

#include "bounds.h"
#include "dissect.h"
#include "reader.h"

struct carrier;

/* Direction within a flow. */
enum { TO_SERVER = 0, TO_CLIENT = 1 };

/*
 * A flow: a TCP connection, or the datagrams between two ports.  side[0] is
 * the client: who sent the SYN, or the first datagram, or else the side with
 * the port that no carrier knows.
 */
struct flow {
	struct addr addr[2];
	uint16_t port[2];
	enum transport transport : 8;
	uint64_t id;
	const struct carrier *carrier; /* NULL until claimed */
	void *state;                   /* the carrier's own */
	struct ref ref;                /* frame being read */
};

/* Where the next message of a stream ends. */
struct framing {
	enum {
		FRAMING_NEED,    /* undecided: `length` octets wanted */
		FRAMING_MESSAGE, /* it has `length` octets in all */
		FRAMING_LOST     /* this is not the start of one */
	} what;
	size_t length;
	/*
	 * octets of it that message() wants; the rest is stepped over
	 * unread. The reader that message() gets has them missing.
	 */
	size_t keep;
};

struct carrier {
	const char *name;
	const uint16_t *tcp_ports; /* hints, ended by 0; may be NULL */
	const uint16_t *udp_ports;
	/*
	 * Whether a flow whose first octets (of the message of direction DIR)
	 * are R is this carrier's.  HINTED: a port of the flow is among the
	 * hints or was given by --decode.  Must not post events.
	 */
	bool (*claims)(const struct flow *f, int dir, struct reader r,
	    bool hinted);
	/* TCP: looks at the head of the next message. */
	struct framing (*frame)(struct flow *f, int dir, struct reader r);
	/* One whole message (TCP) or datagram (UDP). */
	void (*message)(struct dissector *d, struct flow *f, int dir,
	    struct reader r);
	/* The stream lost its place in direction DIR; may be NULL. */
	void (*lost)(struct flow *f, int dir);
	/* Frees f->state; may be NULL when state is one malloc. */
	void (*release)(struct flow *f);
};

/* The descriptor of each, at the end of its file: carrier_kdc, ... */
#define CARRIER(id) extern const struct carrier carrier_##id;
#include "carriers.def"
#undef CARRIER

/* Every carrier, ended by NULL, from carriers.def. */
extern const struct carrier *const carriers[];

/* --- posting ---------------------------------------------------------- */

/*
 * Makes EV an empty event of KIND with frame, flow, carrier, addresses and
 * direction filled in from F and DIR.
 */
void event_begin(struct event *ev, const struct flow *f, int dir,
    enum event_kind kind);
/* Hands EV to the sink. */
void post(struct dissector *d, const struct event *ev);
/*
 * Counts and posts a message that breaks its protocol: WHAT names the
 * element and the specification.
 */
void post_malformed(struct dissector *d, const struct flow *f, int dir,
    const char *what);

/*
 * Memory for texts and lists of the events of one message; taken back when
 * the message is done.  NULL is never returned for N <= MESSAGE_MAX * 4: the
 * program ends with a message when the machine has no memory.
 */
void *scratch(struct dissector *d, size_t n);

/*
 * LEN octets as text: what is not UTF-8 and NUL become \xNN; at most
 * TEXT_MAX octets are kept.
 */
struct str text_utf8(struct dissector *d, const void *p, size_t len);
/* The same, for P that stays until the event is posted: mostly P itself. */
struct str text_in_place(struct dissector *d, const void *p, size_t len);
/* The same from UTF-16LE (NTLM, SMB2). */
struct str text_utf16(struct dissector *d, const uint8_t *p, size_t len);

/* --- tokens ----------------------------------------------------------- */

/* Where an authentication token came from. */
struct auth {
	struct dissector *d;
	struct flow *f;
	int dir;
	uint64_t xid; /* the authentication within the flow */
};

/*
 * One GSS-API, SPNEGO, raw Kerberos or raw NTLMSSP token: posts what is in
 * it.  Says whether it was understood.
 */
bool gss_token(const struct auth *a, struct reader token);
/* A SPNEGO NegotiationToken without its GSS frame. */
bool spnego_token(const struct auth *a, struct reader token);
/* An NTLMSSP message. */
bool ntlm_token(const struct auth *a, struct reader token);
/*
 * A Kerberos message (AP-REQ, AP-REP, KRB-ERROR) without its GSS frame; FROM
 * is "ap", "kdc" or "kpasswd".
 */
bool krb_message(const struct auth *a, struct reader msg, const char *from);
/* First octet is the application tag of a Kerberos message that KDCs see. */
bool krb_is_kdc_message(int tag);

#endif
