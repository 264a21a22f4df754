/*
 * frame.c - what the programs here share: how they give up, random numbers
 * that are the same in each run, and frames.
 *
 * IPv4: RFC 791; TCP: RFC 9293; UDP: RFC 768.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define ETHERNET 14
#define IPV4 20

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void *
must_have(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

/* splitmix64, which is nobody's secret: public domain, S. Vigna. */
uint64_t
random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint8_t *
frame_ip(uint8_t *frame, uint8_t proto, uint32_t src, uint32_t dst, unsigned id,
    size_t len)
{
	static const uint8_t ether[ETHERNET] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0,
		0, 2, 8, 0 };
	uint8_t *ip = frame + ETHERNET;

	memcpy(frame, ether, ETHERNET);
	memset(ip, 0, IPV4);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(IPV4 + len));
	put16(ip + 4, id);
	ip[8] = 64;
	ip[9] = proto;
	put32(ip + 12, src);
	put32(ip + 16, dst);
	return ip + IPV4;
}

void
frame_tcp(struct output *o, const struct ends *e, int from, uint32_t seq,
    uint32_t ack, uint8_t flags, const void *data, size_t len)
{
	uint8_t frame[FRAME_MAX];
	uint8_t *p = frame_ip(frame, 6, e->addr[from], e->addr[!from],
	    (unsigned)(o->packets & 0xffff), 20 + len);

	memset(p, 0, 20);
	put16(p, e->port[from]);
	put16(p + 2, e->port[!from]);
	put32(p + 4, seq);
	put32(p + 8, ack);
	p[12] = 0x50;
	p[13] = flags;
	put16(p + 14, 64240);
	if (len > 0)
		memcpy(p + 20, data, len);
	output_frame(o, frame, (size_t)(p - frame) + 20 + len);
}

void
frame_udp(struct output *o, const struct ends *e, int from, const void *data,
    size_t len)
{
	uint8_t frame[FRAME_MAX];
	uint8_t *p = frame_ip(frame, 17, e->addr[from], e->addr[!from],
	    (unsigned)(o->packets & 0xffff), 8 + len);

	put16(p, e->port[from]);
	put16(p + 2, e->port[!from]);
	put16(p + 4, (unsigned)(8 + len));
	put16(p + 6, 0);
	memcpy(p + 8, data, len);
	output_frame(o, frame, (size_t)(p - frame) + 8 + len);
}
