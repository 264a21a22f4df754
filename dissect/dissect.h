/*
 * dissect.h - feed frames, get events: all that others see of this folder.
 */
#ifndef KERBSCOPE_DISSECT_H
#define KERBSCOPE_DISSECT_H

#include "event.h"

/* A frame as captured. */
struct frame {
	int capture;     /* number on the command line */
	uint64_t number; /* from 1, within its capture */
	int64_t time;    /* microseconds since 1970 */
	int link;        /* LINKTYPE_ value of the file */
	uint32_t caplen; /* octets in data */
	uint32_t len;    /* octets on the wire */
	const uint8_t *data;
};

/* What could not be read, per capture. */
struct dissect_quality {
	uint64_t frames_short; /* cut by the snap length */
	uint64_t tcp_gaps;
	uint64_t malformed;
	uint64_t unread_link_types;
	uint64_t fragments_lost;
	uint64_t duplicates;
	uint64_t flows_dropped;
};

struct dissector;

/* Events go to SINK(ARG, event) while frames are fed. */
struct dissector *dissect_new(event_sink sink, void *arg);

/*
 * Treats PORT of TRANSPORT as CARRIER ("kdc", "smb2", ...); false when there
 * is no such carrier.
 */
bool dissect_decode_as(struct dissector *d, enum transport tp, uint16_t port,
    const char *carrier);

/* Name of the I-th carrier; NULL past the last. */
const char *dissect_carrier_name(size_t i);

/* Its ports, as far as they are a hint, ended by 0; never NULL. */
const uint16_t *dissect_carrier_ports(size_t i, enum transport tp);

/* Reads one frame.  Never fails: what is wrong with it is counted. */
void dissect_frame(struct dissector *d, const struct frame *f);

/*
 * Packet time is NOW though no frame says so: what has waited long enough for
 * lost packets is given up.
 */
void dissect_time(struct dissector *d, int64_t now);

/*
 * The clock was set by SHIFT microseconds.  What waits for a lost segment is
 * told now, before others hear of that; all else goes on waiting for as long
 * as it would have.
 */
void dissect_clock_set(struct dissector *d, int64_t shift);

/*
 * Between whom a frame goes; of an ICMP error, the packet that it quotes.
 */
struct conversation {
	struct addr src, dst;
	uint16_t sport, dport; /* TCP, UDP */
	uint8_t proto;         /* IPPROTO_ */
	/* the ports are known: not so in later fragments, or if cut off */
	bool ports;
	bool opens;       /* TCP: SYN, FIN or RST */
	uint32_t payload; /* TCP, UDP: octets behind the header, on the wire */
};

/*
 * The addresses and ports of F, without reading on; false when it is no IP
 * packet, or of a link type that is not read.
 */
bool dissect_peek(const struct frame *f, struct conversation *out);

/* The end: what waits for lost packets is given up and counted. */
void dissect_finish(struct dissector *d);

/* Counts of one capture; all zero for one that never came. */
const struct dissect_quality *
dissect_quality(const struct dissector *d, int capture);

void dissect_free(struct dissector *d);

#endif
