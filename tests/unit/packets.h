/*
 * packets.h - for tests of the layers: builds frames, feeds them to a
 * dissector whose only carrier is a toy, and writes down what comes out.
 *
 * A message of the toy is "TY", its length (2 octets, all of it), a letter,
 * and anything.  Of a message "B" only 8 octets are wanted.  What happens is
 * logged as words: ">a20@3" is message a of 20 octets to the server,
 * completed by frame 3; "<a20-5@3" one to the client of which 5 octets are
 * missing; "gap>@4" a state of the connection, "icmp:port<@4" with its reason;
 * "toy:400/0<@4" a datagram of which 400 octets came; "lost>" a call of
 * lost().
 */
#ifndef TESTS_PACKETS_H
#define TESTS_PACKETS_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "flow.h"

#define TOY_PORT 7777
#define CLIENT_PORT 40000
#define FRAME_MAX 70000

/* --- the log ---------------------------------------------------------- */

static char log_text[65536];

static void __attribute__((format(printf, 1, 2))) log_add(const char *fmt, ...)
{
	size_t n = strlen(log_text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(log_text + n, sizeof(log_text) - n, fmt, ap);
	va_end(ap);
}

static UNUSED void
expect_at(const char *file, int line, const char *want)
{
	if (strcmp(log_text, want) != 0) {
		printf("%s:%d: wanted%s\n%s:%d: but got%s\n", file, line, want,
		    file, line, log_text);
		failures++;
	}
	log_text[0] = '\0';
}

#define EXPECT(want) expect_at(__FILE__, __LINE__, want)

/* --- the toy ---------------------------------------------------------- */

static bool
toy_claims(const struct flow *f UNUSED, int dir UNUSED, struct reader r,
    bool hinted UNUSED)
{
	return rd_be16(&r) == 0x5459;
}

static struct framing
toy_frame(struct flow *f UNUSED, int dir UNUSED, struct reader r)
{
	struct framing fr = { .what = FRAMING_NEED, .length = 5 };
	uint16_t magic;

	if (rd_have(&r) < 5)
		return fr;
	magic = rd_be16(&r);
	fr.length = rd_be16(&r);
	fr.keep = rd_u8(&r) == 'B' ? 8 : fr.length;
	fr.what = magic == 0x5459 ? FRAMING_MESSAGE : FRAMING_LOST;
	return fr;
}

static void
toy_message(struct dissector *d UNUSED, struct flow *f, int dir,
    struct reader r)
{
	size_t missing = rd_left(&r) - rd_have(&r), len = rd_left(&r);
	uint8_t letter;

	rd_skip(&r, 4);
	letter = rd_u8(&r);
	log_add(" %c%c%zu", "><"[dir], letter == 0 ? '?' : letter, len);
	if (missing > 0)
		log_add("-%zu", missing);
	log_add("@%llu", (unsigned long long)f->ref.frame);
	/* Reads all that is there, for the sanitizers to watch. */
	while (rd_have(&r) > 0)
		if (rd_u8(&r) == 0xee)
			log_add("!");
}

static void
toy_lost(struct flow *f UNUSED, int dir)
{
	log_add(" lost%c", "><"[dir]);
}

static const uint16_t toy_ports[] = { TOY_PORT, 0 };
static const struct carrier toy = {
	.name = "toy",
	.tcp_ports = toy_ports,
	.udp_ports = toy_ports,
	.claims = toy_claims,
	.frame = toy_frame,
	.message = toy_message,
	.lost = toy_lost,
};
static const struct carrier *const toys[] = { &toy, NULL };

static void
toy_sink(void *arg UNUSED, const struct event *ev)
{
	if (ev->kind == EV_lost)
		log_add(" %s:%d/%d", ev->carrier, (int)ev->u.lost.have,
		    (int)ev->u.lost.size);
	else if (ev->kind == EV_conn)
		log_add(" %.*s", (int)ev->u.conn.state.len, ev->u.conn.state.p);
	else
		return;
	if (ev->kind == EV_conn && ev->u.conn.reason.len > 0)
		log_add(":%.*s", (int)ev->u.conn.reason.len,
		    ev->u.conn.reason.p);
	if (ev->kind == EV_conn && ev->u.conn.repeated > 0)
		log_add("%d", (int)ev->u.conn.repeated);
	log_add("%c@%llu", ev->from_client ? '>' : '<',
	    (unsigned long long)ev->ref.frame);
}

/* --- the dissector under test ----------------------------------------- */

static struct dissector *dut;
static struct frame next_frame = { .link = 101 };

static UNUSED void
begin(void)
{
	dut = dissect_new(toy_sink, NULL);
	dissect_set_carriers(dut, toys);
	next_frame = (struct frame){ .link = 101, .time = SECOND };
	log_text[0] = '\0';
}

static UNUSED void
end(void)
{
	dissect_finish(dut);
}

static UNUSED void
done(void)
{
	dissect_free(dut);
	dut = NULL;
}

/* --- frames ----------------------------------------------------------- */

struct buf {
	uint8_t b[FRAME_MAX];
	size_t len;
};

static UNUSED void
put8(struct buf *f, unsigned v)
{
	f->b[f->len++] = (uint8_t)v;
}

static UNUSED void
put16(struct buf *f, unsigned v)
{
	put8(f, v >> 8);
	put8(f, v & 0xff);
}

static UNUSED void
put32(struct buf *f, uint32_t v)
{
	put16(f, v >> 16);
	put16(f, v & 0xffff);
}

static UNUSED void
put_zero(struct buf *f, size_t n)
{
	memset(f->b + f->len, 0, n);
	f->len += n;
}

static UNUSED void
put_all(struct buf *f, const void *p, size_t n)
{
	if (n > 0)
		memcpy(f->b + f->len, p, n);
	f->len += n;
}

/* A message of the toy: LEN octets in all. */
static UNUSED void
put_toy(struct buf *f, char letter, size_t len)
{
	put16(f, 0x5459);
	put16(f, (unsigned)len);
	put8(f, (unsigned char)letter);
	put_zero(f, len - 5);
}

/* Feeds F, of which the capture has CAP octets; each frame 1 ms later.  The
 * copy is of that size, so that reading past it is seen. */
static UNUSED void
feed_cut(const struct buf *f, size_t cap)
{
	uint8_t *copy = malloc(cap > 0 ? cap : 1);

	memcpy(copy, f->b, cap);
	next_frame.number++;
	next_frame.time += 1000;
	next_frame.data = copy;
	next_frame.caplen = (uint32_t)cap;
	next_frame.len = (uint32_t)f->len;
	dissect_frame(dut, &next_frame);
	free(copy);
}

static UNUSED void
feed(const struct buf *f)
{
	feed_cut(f, f->len);
}

/* --- IP --------------------------------------------------------------- */

/* Every packet gets an identification of its own. */
static UNUSED unsigned next_id = 1;

struct ip {
	int dir; /* > 0: from the server */
	unsigned proto;
	unsigned id;
	unsigned fragment; /* flags and offset */
	unsigned options;  /* octets */
	unsigned total;    /* 0: what it is */
	bool no_total;     /* write 0 */
};

static UNUSED void
put_ipv4(struct buf *f, const struct ip *ip, const struct buf *data)
{
	unsigned header = 20 + ip->options;
	unsigned total = ip->total > 0 ? ip->total :
					 header + (unsigned)data->len;

	put8(f, 0x40 | header / 4);
	put8(f, 0);
	put16(f, ip->no_total ? 0 : total);
	put16(f, ip->id);
	put16(f, ip->fragment);
	put8(f, 64);
	put8(f, ip->proto);
	put16(f, 0);
	put32(f, ip->dir == 0 ? 0x0a000001 : 0x0a000002);
	put32(f, ip->dir == 0 ? 0x0a000002 : 0x0a000001);
	put_zero(f, ip->options);
	put_all(f, data->b, data->len);
}

static UNUSED void
put_udp(struct buf *f, int dir, const struct buf *data)
{
	put16(f, dir == 0 ? CLIENT_PORT : TOY_PORT);
	put16(f, dir == 0 ? TOY_PORT : CLIENT_PORT);
	put16(f, 8 + (unsigned)data->len);
	put16(f, 0);
	put_all(f, data->b, data->len);
}

#endif
