/*
 * sensor.c - the analyzer's side: what grabbers say, hostile ones too; the
 * order of the frames of several; a clock that jumps.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"
#include "check.h"
#include "sensor-inside.h"
#include "sensor-record.h"

#define T0 INT64_C(1700000000000000)
#define SEEN_MAX 64

static const char *const names[] = { "eth0", "eth1" };

/* A clock that stands still but for what a test does to it. */
static int64_t real, mono;

static int64_t
test_clock(clockid_t id)
{
	return id == CLOCK_REALTIME ? real : mono;
}

static void
pass(int64_t usec)
{
	real += usec;
	mono += usec;
}

/* --- a sensor and its grabbers ---------------------------------------- */

static struct sensor *s;
static int grabbers[2];
static struct batch batch;

static struct frame seen[SEEN_MAX];
static size_t nseen;
static uint8_t first_octet[SEEN_MAX];

static void
take(void *arg, const struct frame *f)
{
	CHECK(arg == seen);
	if (nseen == SEEN_MAX)
		return;
	first_octet[nseen] = f->caplen > 0 ? f->data[0] : 0;
	seen[nseen++] = *f;
}

static void
begin(size_t n)
{
	int fds[2], pair[2];

	real = T0;
	mono = 1000;
	nseen = 0;
	for (size_t i = 0; i < n; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
			exit(77);
		fds[i] = pair[0];
		grabbers[i] = pair[1];
	}
	s = sensor_new(n, names, fds, test_clock);
}

static void
finish(size_t n)
{
	sensor_free(s);
	for (size_t i = 0; i < n; i++)
		close(grabbers[i]);
}

static void
put(enum record_kind kind, uint32_t link, int64_t nano, const void *octets,
    size_t len)
{
	struct record r = { .kind = kind,
		.caplen = (uint32_t)len,
		.len = (uint32_t)len,
		.link = link,
		.time = nano };

	CHECK(record_put(&batch, &r, octets));
}

static void
put_frame(int64_t usec, uint8_t octet)
{
	put(RECORD_FRAME, 1, usec * 1000, &octet, 1);
}

static void
put_stats(uint32_t dropped, uint32_t missed)
{
	struct record_stats stats = { dropped, missed };

	put(RECORD_STATS, 0, 0, &stats, sizeof(stats));
}

static void
deliver(size_t i)
{
	CHECK(send(grabbers[i], batch.octets, batch.used, 0) ==
	    (ssize_t)batch.used);
	batch.used = 0;
}

static int64_t
step(void)
{
	return sensor_step(s, take, seen, SECOND);
}

/* --- one interface ---------------------------------------------------- */

static void
check_one(void)
{
	const struct sensor_face *f;

	begin(1);
	f = sensor_face(s, 0);
	CHECK(!f->up && f->link == -1 && f->opened == 0);
	CHECK(sensor_face(s, 1) == NULL);
	CHECK(step() == -1);
	put(RECORD_OPEN, 1, 0, NULL, 0);
	put_frame(T0 - 5000, 'a');
	put(RECORD_FRAME, 1, (T0 - 4000) * 1000 + 501, "bcdefghij", 9);
	put_stats(3, 1);
	deliver(0);
	CHECK(step() == -1);
	CHECK(f->up && f->link == 1 && f->opened == 1);
	CHECK(nseen == 2 && f->packets == 2 && f->bytes == 10);
	CHECK(seen[0].capture == 0 && seen[0].number == 1);
	CHECK(seen[1].number == 2 && seen[1].caplen == 9);
	CHECK(first_octet[0] == 'a' && first_octet[1] == 'b');
	CHECK(seen[0].time == T0 - 5000);
	CHECK(seen[1].time == T0 - 3999); /* rounded */
	CHECK(f->first == T0 - 5000 && f->last == T0 - 3999);
	CHECK(f->dropped == 3 && f->missed == 1);
	finish(1);
}

/* Down and up, gone and opened again: what was counted stays counted. */
static void
check_states(void)
{
	const struct sensor_face *f;

	begin(1);
	f = sensor_face(s, 0);
	put(RECORD_OPEN, 1, 0, NULL, 0);
	put_stats(UINT32_MAX - 1, 0);
	put_stats(2, 0); /* the counter of the kernel began again */
	put(RECORD_DOWN, 0, 0, "is\033[2Jdown", 10);
	deliver(0);
	CHECK(step() == -1);
	CHECK(!f->up && f->trouble != NULL);
	CHECK(strcmp(f->trouble, "is?[2Jdown") == 0);
	CHECK(f->dropped == (uint64_t)UINT32_MAX + 3);
	put(RECORD_UP, 1, 0, NULL, 0);
	deliver(0);
	CHECK(step() == -1);
	CHECK(f->up && f->trouble == NULL && f->opened == 1);
	put(RECORD_DOWN, 0, 0, "went away", 9);
	put(RECORD_OPEN, 101, 0, NULL, 0);
	put_stats(5, 0);
	deliver(0);
	CHECK(step() == -1);
	CHECK(f->up && f->opened == 2 && f->link == 101);
	CHECK(f->dropped == (uint64_t)UINT32_MAX + 8);
	finish(1);
}

/* A message that is too long a reason does not run over. */
static void
check_long_trouble(void)
{
	static char why[60000];

	memset(why, 'x', sizeof(why));
	begin(1);
	put(RECORD_DOWN, 0, 0, why, sizeof(why));
	deliver(0);
	CHECK(step() == -1);
	CHECK(strlen(sensor_face(s, 0)->trouble) < 1000);
	finish(1);
}

/* --- hostile messages ------------------------------------------------- */

static enum record_read
read_octets(const void *octets, size_t len)
{
	struct record r;
	const uint8_t *data;
	size_t at = 0;
	enum record_read what;
	/* Of this size, so that a sanitizer sees who reads past its end. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	if (copy == NULL)
		exit(3);
	memcpy(copy, octets, len);
	do
		what = record_next(copy, len, &at, &r, &data);
	while (what == RECORD_READ && at <= len);
	CHECK(at <= len);
	free(copy);
	return what;
}

static enum record_read
read_record(struct record r)
{
	uint8_t octets[sizeof(r) + 64] = { 0 };

	memcpy(octets, &r, sizeof(r));
	return read_octets(octets, sizeof(octets));
}

static void
check_nonsense(void)
{
	struct record good = { .kind = RECORD_FRAME,
		.caplen = 64,
		.len = 64,
		.link = 1,
		.time = T0 * 1000 };
	struct record r;

#define WRONG(field, value)                               \
	do {                                              \
		r = good;                                 \
		r.field = value;                          \
		CHECK(read_record(r) == RECORD_NONSENSE); \
	} while (0)
	CHECK(read_record(good) == RECORD_NONE);
	WRONG(kind, 0);
	WRONG(kind, RECORD_END + 1);
	WRONG(kind, UINT32_MAX);
	WRONG(caplen, 65);
	WRONG(caplen, UINT32_MAX);
	WRONG(caplen, UINT32_MAX - 7);
	WRONG(len, 63);
	WRONG(link, 65536);
	WRONG(time, -1);
	WRONG(time, INT64_MIN);
	r = good;
	r.kind = RECORD_STATS;
	CHECK(read_record(r) == RECORD_NONSENSE);
#undef WRONG
	CHECK(read_octets("", 0) == RECORD_NONE);
	for (size_t n = 1; n < sizeof(r); n++)
		CHECK(read_octets(&good, n) == RECORD_NONSENSE);
	/* Not filled up to eight octets. */
	r = good;
	r.caplen = r.len = 59;
	CHECK(read_octets(&r, sizeof(r)) == RECORD_NONSENSE);
}

/* Octets of a good message changed at random: never more than they are. */
static void
check_mutated(void)
{
	uint32_t x = 1;
	static uint8_t copy[sizeof(batch.octets)];
	size_t len;

	for (unsigned i = 0; i < 20; i++)
		put(RECORD_FRAME, 1, T0 * 1000, "0123456789abcdefghij", i);
	put_stats(1, 2);
	len = batch.used;
	for (unsigned n = 0; n < 20000; n++) {
		memcpy(copy, batch.octets, len);
		for (unsigned k = 0; k < 1 + n % 4; k++) {
			x = x * 1664525 + 1013904223;
			copy[(x >> 8) % len] = (uint8_t)(x >> 24);
		}
		(void)read_octets(copy, n % 3 == 0 ? (x >> 4) % len : len);
	}
	batch.used = 0;
}

/* Who says what makes no sense is heard no more. */
static void
check_hostile_grabber(void)
{
	begin(1);
	put(RECORD_OPEN, 1, 0, NULL, 0);
	put_frame(T0, 'a');
	deliver(0);
	CHECK(send(grabbers[0], "nonsense", 8, 0) == 8);
	put_frame(T0, 'b');
	deliver(0);
	CHECK(step() == -1);
	CHECK(nseen == 1);
	CHECK(!sensor_face(s, 0)->up && sensor_face(s, 0)->trouble != NULL);
	CHECK(sensor_poll(s, (struct pollfd[1]){ 0 }, 1) == 0);
	finish(1);
}

/* A message holds a frame of 64 KB, and not one octet more than it can. */
static void
check_room(void)
{
	static uint8_t big[SENSOR_MESSAGE];
	struct record r = { .kind = RECORD_FRAME, .len = SENSOR_MESSAGE };

	r.caplen = 65535 + 18;
	CHECK(record_put(&batch, &r, big));
	CHECK(!record_put(&batch, &r, big));
	batch.used = 0;
	r.caplen = RECORD_MAX;
	CHECK(record_put(&batch, &r, big));
	CHECK(batch.used == sizeof(batch.octets));
	batch.used = 0;
	r.caplen = RECORD_MAX + 1;
	CHECK(!record_put(&batch, &r, big));
	CHECK(batch.used == 0);
}

/* --- several ---------------------------------------------------------- */

static void
open_two(void)
{
	begin(2);
	for (size_t i = 0; i < 2; i++) {
		put(RECORD_OPEN, 1, 0, NULL, 0);
		deliver(i);
	}
	CHECK(step() == -1);
}

static void
check_order(void)
{
	struct pollfd fds[2];

	open_two();
	put_frame(T0 - 90, 'b');
	put_frame(T0 - 70, 'd');
	deliver(1);
	/* The other may still have an older one: not yet, but soon. */
	CHECK(step() > 0 && nseen == 0);
	CHECK(sensor_poll(s, fds, 2) == 1);
	put_frame(T0 - 100, 'a');
	put_frame(T0 - 80, 'c');
	put_frame(T0 - 60, 'e');
	deliver(0);
	CHECK(step() > 0);
	CHECK(nseen == 4 && memcmp(first_octet, "abcd", 4) == 0);
	CHECK(seen[0].capture == 0 && seen[1].capture == 1);
	CHECK(seen[1].number == 1 && seen[3].number == 2);
	/* It waits for the other, a while. */
	pass(100000);
	CHECK(step() > 0 && nseen == 4);
	pass(60000);
	CHECK(step() == -1);
	CHECK(nseen == 5 && first_octet[4] == 'e');
	finish(2);
}

/* One that is down is not waited for. */
static void
check_order_down(void)
{
	open_two();
	put(RECORD_DOWN, 0, 0, "is down", 7);
	deliver(0);
	put_frame(T0, 'a');
	deliver(1);
	CHECK(step() == -1 && nseen == 1);
	finish(2);
}

/* A frame does not wait for an hour because the clock went back by one. */
static void
check_order_clock_back(void)
{
	open_two();
	put_frame(T0, 'a');
	deliver(0);
	CHECK(step() > 0);
	real -= 3600 * SECOND;
	pass(160000);
	CHECK(step() == -1 && nseen == 1);
	finish(2);
}

static void
check_end(void)
{
	open_two();
	put_frame(T0 - 10, 'b');
	put(RECORD_END, 0, 0, NULL, 0);
	deliver(0);
	put_frame(T0 - 20, 'a');
	put_frame(T0 + 5, 'c');
	put_stats(7, 0);
	put(RECORD_END, 0, 0, NULL, 0);
	deliver(1);
	sensor_stop(s, take, seen);
	CHECK(nseen == 3 && memcmp(first_octet, "abc", 3) == 0);
	CHECK(sensor_face(s, 1)->dropped == 7);
	finish(2);
}

/* No more work at once than was asked for. */
static int64_t
busy_clock(clockid_t id)
{
	mono += 10;
	return test_clock(id);
}

static void
check_budget(void)
{
	int pair[2];

	begin(1);
	finish(1);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	s = sensor_new(1, names, pair, busy_clock);
	grabbers[0] = pair[1];
	for (unsigned i = 0; i < 1000; i++)
		put_frame(T0 + i, 'a');
	deliver(0);
	nseen = 0;
	CHECK(sensor_step(s, take, seen, 1) == 0);
	CHECK(sensor_face(s, 0)->packets < 200);
	while (sensor_step(s, take, seen, 1) == 0)
		;
	CHECK(sensor_face(s, 0)->packets == 1000);
	finish(1);
}

/* --- the clock -------------------------------------------------------- */

static void
check_clock(void)
{
	begin(1);
	CHECK(sensor_now(s) == T0);
	put_frame(T0 + 300, 'a');
	deliver(0);
	CHECK(step() == -1);
	CHECK(sensor_now(s) == T0 + 300); /* never before a frame given */
	pass(SECOND);
	CHECK(sensor_now(s) == T0 + SECOND);
	CHECK(sensor_clock_shift(s) == 0);
	/* Slewed, many times: never a jump. */
	for (unsigned i = 0; i < 100; i++) {
		pass(SECOND);
		real += 500;
		CHECK(sensor_clock_shift(s) == 0);
	}
	real += 90 * SECOND;
	CHECK(sensor_clock_shift(s) == 90 * SECOND);
	CHECK(sensor_clock_shift(s) == 0);
	real -= 3600 * SECOND;
	CHECK(sensor_clock_shift(s) == -3600 * SECOND);
	CHECK(sensor_now(s) == real);
	/* One that waited in the kernel meanwhile does not hold it up. */
	put_frame(real + 3600 * SECOND, 'b');
	put(RECORD_FRAME, 1, INT64_MAX, "", 0);
	deliver(0);
	CHECK(step() == -1);
	CHECK(sensor_now(s) == real);
	real += SECOND - 1;
	CHECK(sensor_clock_shift(s) == 0);
	finish(1);
}

int
main(void)
{
	check_one();
	check_states();
	check_long_trouble();
	check_nonsense();
	check_mutated();
	check_hostile_grabber();
	check_room();
	check_order();
	check_order_down();
	check_order_clock_back();
	check_end();
	check_budget();
	check_clock();
	return failures != 0;
}
