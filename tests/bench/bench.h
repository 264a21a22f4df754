/*
 * bench.h - what the parts of the generator share: random numbers that are
 * the same in each run, a capture that is being written, and recorded
 * exchanges that are told again with other clients.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define FRAME_MAX 2048
#define KEYSTREAM 4096

struct output {
	FILE *f;      /* NULL: goes elsewhere */
	int64_t time; /* of the next frame, microseconds since 1970 */
	uint64_t packets;
	uint64_t octets; /* of the file */
};

/*
 * Appends a frame of LEN octets: generate.c to a file, send.c to an interface.
 */
void output_frame(struct output *o, const uint8_t *frame, size_t len);

/* --- frame.c ---------------------------------------------------------- */

/* The next of a sequence that *STATE is the place in. */
uint64_t random_next(uint64_t *state);
/* Ends the program with a message. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *must_have(void *p);

static inline void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static inline unsigned
get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t
get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

/* --- recorded.c ------------------------------------------------------- */

struct recorded;

/* One time that a recorded exchange is told. */
struct telling {
	const struct recorded *recorded;
	uint64_t number; /* from 0 */
	uint64_t who;    /* whose clients and users are those of no other */
	size_t at;       /* frames told so far */
	int64_t start;   /* time of the first */
	int64_t next;    /* time of the next */
	uint8_t keystream[KEYSTREAM];
};

/* Reads the capture PATH; what is not TCP or UDP over IPv4 is left out. */
struct recorded *recorded_read(const char *path);
void telling_begin(struct telling *t, const struct recorded *r, uint64_t number,
    uint64_t who, int64_t start);
/* Writes the next frame; false when it was the last one. */
bool telling_next(struct telling *t, struct output *o);

/* How many frames it has. */
size_t recorded_frames(const struct recorded *r);

/* --- tellings.c ------------------------------------------------------- */

#define RECORDED_MAX 32
#define FAULTY_EVERY 50

/* Many that go on at the same time: a heap, the one that is next first. */
struct tellings {
	const struct recorded *good[RECORDED_MAX], *faulty[RECORDED_MAX];
	size_t ngood, nfaulty;
	struct telling **at;
	size_t n, max;
	uint64_t told;   /* begun */
	uint64_t people; /* come again after so many; 0: never */
};

/* Reads captures, those behind "--" as faulty, up to a NULL. */
void tellings_read(struct tellings *t, char **paths);
/* How many frames a telling has, on average. */
double tellings_mean(const struct tellings *t);
void tellings_begin(struct tellings *t, int64_t start);
/* Time of the next frame; INT64_MAX when there is none. */
int64_t tellings_time(const struct tellings *t);
/* Writes it. */
void tellings_frame(struct tellings *t, struct output *o);

/* --- ordinary.c and flood.c ------------------------------------------- */

/* Ends of a TCP connection or of datagrams. */
struct ends {
	uint32_t addr[2];
	uint16_t port[2];
};

/* Ethernet and IPv4 headers for LEN octets behind them; where these go. */
uint8_t *frame_ip(uint8_t *frame, uint8_t proto, uint32_t src, uint32_t dst,
    unsigned id, size_t len);
/* Writes a segment or datagram from side FROM with LEN octets of DATA. */
void frame_tcp(struct output *o, const struct ends *e, int from, uint32_t seq,
    uint32_t ack, uint8_t flags, const void *data, size_t len);
void frame_udp(struct output *o, const struct ends *e, int from,
    const void *data, size_t len);

struct ordinary;

struct ordinary *ordinary_new(uint64_t seed);
/* Writes the next frame of ordinary traffic. */
void ordinary_next(struct ordinary *t, struct output *o);
/* Writes what flow NUMBER of the flood leaves behind. */
void flood_next(uint64_t number, uint64_t *random, struct output *o);

#endif
