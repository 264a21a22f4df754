/*
 * flood.c - flows that never finish: scans, connections that nobody
 * answers or that stop in the middle, datagrams to anywhere, fragments whose
 * rest is missing.
 */
#include <string.h>

#include "bench.h"

#define ETHERNET 14
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10

static struct ends
ends_of(uint64_t number, uint64_t r)
{
	static const uint16_t ports[] = { 88, 445, 464, 53, 389, 80, 443, 22 };
	struct ends e;

	e.addr[0] = UINT32_C(0x20000000) + (uint32_t)number;
	e.addr[1] = UINT32_C(0x0a000000) + (uint32_t)(r >> 40) % 65536;
	e.port[0] = (uint16_t)(1024 + r % 60000);
	e.port[1] = (r >> 20) % 2 != 0 ? ports[(r >> 21) % 8] :
					 (uint16_t)(1 + (r >> 24) % 65535);
	return e;
}

static void
fragment(const struct ends *e, uint64_t r, bool first, struct output *o)
{
	uint8_t frame[FRAME_MAX] = { 0 };
	uint8_t *p = frame_ip(frame, 17, e->addr[0], e->addr[1],
	    (unsigned)(r >> 16) & 0xffff, 256);

	put16(frame + ETHERNET + 6, first ? 0x2000 : 0x2000 | 185);
	if (first) {
		put16(p, e->port[0]);
		put16(p + 2, e->port[1]);
		put16(p + 4, 1400);
	}
	memcpy(p + 8, &r, sizeof(r));
	output_frame(o, frame, ETHERNET + 20 + 256);
}

/* A connection that stops after its first octets. */
static void
unfinished(const struct ends *e, uint64_t r, struct output *o)
{
	static const uint8_t smb[] = { 0, 0, 0, 240, 0xfe, 'S', 'M', 'B', 64 };
	uint8_t data[32];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(r >> (i % 8 * 8));
	if (e->port[1] == 445)
		memcpy(data, smb, sizeof(smb));
	frame_tcp(o, e, 0, (uint32_t)r, 0, SYN, NULL, 0);
	frame_tcp(o, e, 1, (uint32_t)~r, (uint32_t)r + 1, SYN | ACK, NULL, 0);
	frame_tcp(o, e, 0, (uint32_t)r + 1, (uint32_t)~r + 1, PSH | ACK, data,
	    sizeof(data));
}

void
flood_next(uint64_t number, uint64_t *random, struct output *o)
{
	uint64_t r = random_next(random);
	struct ends e = ends_of(number, r);

	switch (number % 8) {
	case 0:
	case 1:
	case 2:
		frame_tcp(o, &e, 0, (uint32_t)r, 0, SYN, NULL, 0);
		break;
	case 3:
		frame_tcp(o, &e, 0, (uint32_t)r, 0, SYN, NULL, 0);
		frame_tcp(o, &e, 1, 0, (uint32_t)r + 1, RST | ACK, NULL, 0);
		break;
	case 4:
		frame_tcp(o, &e, 0, (uint32_t)r, 0, SYN, NULL, 0);
		frame_tcp(o, &e, 1, (uint32_t)~r, (uint32_t)r + 1, SYN | ACK,
		    NULL, 0);
		break;
	case 5:
		unfinished(&e, r, o);
		break;
	case 6:
		frame_udp(o, &e, 0, &r, sizeof(r));
		break;
	default:
		fragment(&e, r, number % 16 < 8, o);
		break;
	}
}
