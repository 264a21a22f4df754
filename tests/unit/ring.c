/*
 * ring.c: frames come out as they went in, the oldest go first, and bulk
 * leaves room for what matters.
 */
#include <stdlib.h>
#include <time.h>

#include "packets.h"
#include "ring.h"

#define COUNT 20000

static struct buf f, data;
static struct frame last;

/* A segment between CLIENT's port and 445, given to R. */
static void
add(struct ring *r, int64_t time, unsigned client, int dir, unsigned flags,
    size_t payload)
{
	f.len = data.len = 0;
	put16(&data, dir == 0 ? client : 445);
	put16(&data, dir == 0 ? 445 : client);
	put32(&data, 1);
	put32(&data, 2);
	put8(&data, 0x50);
	put8(&data, flags);
	put_zero(&data, 6);
	memset(data.b + data.len, (int)(last.number & 0xff), payload);
	data.len += payload;
	put_ipv4(&f, &(struct ip){ .dir = dir, .proto = 6 }, &data);
	last.link = 101;
	last.time = time;
	last.number++;
	last.caplen = last.len = (uint32_t)f.len;
	last.data = f.b;
	ring_put(r, &last);
}

static size_t
count(struct ring *r)
{
	struct ring_frame *rf;
	size_t n = 0;

	for (rf = ring_next(r, NULL); rf != NULL; rf = ring_next(r, rf))
		n++;
	return n;
}

/* Of frames of every length the newest are there, whole, and in order. */
static void
test_order(void)
{
	struct ring *r = ring_new(100000);
	struct ring_frame *rf;
	uint64_t want;
	size_t sum, n;

	CHECK(ring_next(r, NULL) == NULL);
	last.number = 0;
	for (unsigned i = 0; i < COUNT; i++) {
		/* Each of another client: none of it is bulk. */
		add(r, SECOND, 1024 + i, 0, 0x18, (i * 7919u) % 3000);
		if (i % 97 != 0 && i < COUNT - 300)
			continue;
		n = count(r);
		want = last.number - n + 1;
		sum = 0;
		for (rf = ring_next(r, NULL); rf != NULL;
		     rf = ring_next(r, rf), want++) {
			CHECK(rf->f.number == want && rf->ports && !rf->bulk);
			CHECK(rf->f.caplen == 40 + ((want - 1) * 7919) % 3000);
			CHECK(rf->f.data[rf->f.caplen - 1] ==
			    (rf->f.caplen == 40 ? 0 : ((want - 1) & 0xff)));
			sum += rf->size;
		}
		CHECK(want == last.number + 1 && sum <= 100000);
		CHECK(i < 200 || sum > 90000);
	}
	ring_free(r);
}

/* A frame larger than the ring is cut, not a reason to fail. */
static void
test_large(void)
{
	struct ring *r = ring_new(65536);
	struct ring_frame *rf;

	last.number = 0;
	for (unsigned i = 0; i < 50; i++)
		add(r, SECOND, 5000 + i, 0, 0x18, 65000);
	rf = ring_next(r, NULL);
	CHECK(rf != NULL && rf->bulk && rf->f.caplen < 16384 &&
	    rf->f.len == 65040);
	CHECK(count(r) >= 3);
	ring_free(r);
}

/*
 * A file is copied, and in the midst of it somebody logs on over the same
 * connection: that is kept, and so are the frames of others.
 */
static void
test_bulk(void)
{
	struct ring *r = ring_new(4 << 20);
	struct ring_frame *rf;
	size_t asked = 0, answered = 0, other = 0, all = 0;

	last.number = 0;
	add(r, SECOND, 999, 0, 0x18, 500);
	for (int i = 0; i < 100000; i++) {
		add(r, SECOND + i * 10, 4000, 1, 0x10, 1460);
		if (i % 2 == 0)
			add(r, SECOND + i * 10, 4000, 0, 0x10, 0);
		if (i != 99000)
			continue;
		add(r, SECOND + i * 10, 4000, 0, 0x18, 1200);
		asked = last.number;
		add(r, SECOND + i * 10, 4000, 1, 0x18, 77);
		answered = last.number;
	}
	for (rf = ring_next(r, NULL); rf != NULL; rf = ring_next(r, rf)) {
		other += rf->port[0] == 999 || rf->port[1] == 999;
		if (rf->f.number == asked)
			CHECK(rf->bulk && rf->f.caplen == RING_HEAD &&
			    rf->f.len == 1240);
		if (rf->f.number == answered)
			CHECK(!rf->bulk && rf->f.caplen == 117);
		if (rf->f.number == asked || rf->f.number == answered)
			other++;
		all++;
	}
	CHECK(other == 3);
	CHECK(all < 2000);
	/* Once it is quiet again, everything is kept. */
	add(r, 60 * SECOND, 4000, 1, 0x18, 1460);
	for (rf = ring_next(r, NULL); ring_next(r, rf) != NULL;)
		rf = ring_next(r, rf);
	CHECK(rf->f.number == last.number && rf->f.caplen == 1500);
	ring_free(r);
}

/* The clock is set back: nothing is bulk for that. */
static void
test_time(void)
{
	struct ring *r = ring_new(1 << 20);

	last.number = 0;
	for (int i = 0; i < 100; i++)
		add(r, (100 - i) * 3600 * SECOND, 4000, i & 1, 0x18, 500);
	add(r, INT64_MAX, 4000, 0, 0x18, 500);
	add(r, INT64_MIN, 4000, 1, 0x18, 500);
	CHECK(count(r) == 102);
	ring_free(r);
}

/* The two directions of a host's talk with itself are one conversation. */
static void
test_pair(void)
{
	struct addr a = { 4, { 10, 0, 0, 1 } }, b = { 4, { 10, 0, 0, 2 } };
	int side, other;

	CHECK(ring_pair(&a, &b, &side) == ring_pair(&b, &a, &other));
	CHECK(side == 1 && other == 0);
	CHECK(ring_pair(&a, &a, &side) != ring_pair(&b, &b, &side));
}

/* What is not IP takes no room. */
static void
test_strangers(void)
{
	struct ring *r = ring_new(1 << 20);
	struct frame frame = { .link = 1,
		.caplen = 14,
		.len = 60,
		.data = f.b,
		.number = 1 };

	memset(f.b, 0, 14);
	ring_put(r, &frame);
	frame.caplen = 0;
	frame.data = NULL;
	ring_put(r, &frame);
	CHECK(count(r) == 0);
	ring_free(r);
}

/* KERBSCOPE_BENCH=1 tells what a frame costs. */
static void
bench(void)
{
	struct ring *r = ring_new(32 << 20);
	struct timespec a, b;
	const unsigned n = 2000000;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (unsigned i = 0; i < n; i++) {
		if (i < 4096)
			add(r, SECOND + i, 1024 + i, i & 1, 0x18, 246);
		f.b[20] = (uint8_t)(i >> 2);
		f.b[21] = (uint8_t)(i >> 10);
		last.time += 100;
		ring_put(r, &last);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.0f ns a frame\n",
	    ((double)(b.tv_sec - a.tv_sec) * 1e9 +
		(double)(b.tv_nsec - a.tv_nsec)) /
		n);
	ring_free(r);
}

int
main(void)
{
	if (getenv("KERBSCOPE_BENCH") != NULL)
		bench();
	test_order();
	test_large();
	test_bulk();
	test_time();
	test_pair();
	test_strangers();
	return failures > 0;
}
