/*
 * sensor-record.h - what a grabber says to the analyzer: messages of whole
 * records, each a header in the machine's own byte order and its octets,
 * filled up to a multiple of eight.
 *
 * The analyzer reads them as hostile all the same: a grabber has held
 * libpcap and every frame of the network in its hands.
 */
#ifndef ANALYZER_SENSOR_RECORD_H
#define ANALYZER_SENSOR_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Of one message: a frame of 64 KB, as receive offload makes them, goes into
 * one, and the kernel needs no more than sixteen pages and a small block.
 */
#define SENSOR_MESSAGE ((size_t)80 << 10)

enum record_kind {
	RECORD_FRAME = 1,
	RECORD_OPEN,  /* the interface was opened; frames may follow */
	RECORD_UP,    /* it is up again, and was never closed */
	RECORD_DOWN,  /* no frames for now: the octets say why */
	RECORD_FAIL,  /* it will be so until somebody changes something */
	RECORD_STATS, /* octets: struct record_stats */
	RECORD_END    /* nothing follows: as asked */
};

struct record {
	uint32_t kind;
	uint32_t caplen; /* octets that follow */
	uint32_t len;    /* frame: octets on the wire */
	uint32_t link;   /* frame, open, up: LINKTYPE_ */
	int64_t time;    /* frame: nanoseconds since 1970 */
};

/* Since the interface was opened; each begins again behind UINT32_MAX. */
struct record_stats {
	uint32_t dropped; /* for want of room */
	uint32_t missed;  /* by the interface or its driver */
};

/* A message in the making. */
struct batch {
	size_t used;
	_Alignas(8) uint8_t octets[SENSOR_MESSAGE];
};

/* Most octets of one record. */
#define RECORD_MAX (SENSOR_MESSAGE - sizeof(struct record))

/* False when B has no room for R and its octets: send it first. */
bool record_put(struct batch *b, const struct record *r, const void *octets);

enum record_read { RECORD_READ, RECORD_NONE, RECORD_NONSENSE };

/*
 * The record at *AT of a message of LEN octets, which moves behind it.
 * NONE at the end.  Checked: the kind is one, the octets are there, a frame
 * was not longer in the capture than on the wire, its time is one.
 */
enum record_read record_next(const uint8_t *message, size_t len, size_t *at,
    struct record *r, const uint8_t **octets);

#endif
