/*
 * sensor.c - fuzz driver: what grabbers say to the analyzer, from messages to
 * frames, and those into the ring of the latest.
 *
 * A message comes after two octets: of which grabber it is, and its length
 * in units of eight octets; between two of them time passes, forward or
 * back.
 */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "ring.h"
#include "sensor-inside.h"

#define FACES 2
#define RING 20000

static int64_t now;

static int64_t
fuzz_clock(clockid_t id)
{
	return id == CLOCK_REALTIME ? 1700000000 * SECOND + now : now;
}

/* Every octet that is said to be there has to be. */
static void
take(void *ring, const struct frame *f)
{
	uint8_t sum = 0;

	if (f->caplen > f->len || f->time < 0 || f->capture < 0 ||
	    f->capture >= FACES)
		abort();
	for (uint32_t i = 0; i < f->caplen; i++)
		sum ^= f->data[i];
	now += sum & 1;
	ring_put(ring, f);
}

/* All that the ring has lies one behind the other. */
static void
check_ring(struct ring *r)
{
	struct ring_frame *f;
	size_t sum = 0;
	uint8_t last = 0;

	for (f = ring_next(r, NULL); f != NULL; f = ring_next(r, f)) {
		sum += f->size;
		if (f->f.caplen > 0)
			last ^= f->f.data[f->f.caplen - 1];
		if (f->f.data != f->octets || sum > RING || f->f.caplen > RING)
			abort();
	}
	now += last & 1;
}

static void
play(struct sensor *s, struct ring *r, const int *grabbers, const uint8_t *p,
    size_t size)
{
	size_t n;

	for (; size > 2; p += n, size -= n) {
		int fd = grabbers[p[0] % FACES];

		n = (size_t)p[1] * 8;
		now += (int8_t)(p[0] & 0xfe) * (SECOND / 20);
		p += 2;
		size -= 2;
		if (n > size)
			n = size;
		if (n > 0)
			(void)send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		(void)sensor_step(s, take, r, SECOND);
		(void)sensor_now(s);
		(void)sensor_clock_shift(s);
		check_ring(r);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "eth0", "any" };
	int fds[FACES], grabbers[FACES], pair[2];
	struct ring *r = ring_new(RING);
	struct sensor *s;
	bool hopeless;

	now = SECOND;
	for (int i = 0; i < FACES; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
			abort();
		fds[i] = pair[0];
		grabbers[i] = pair[1];
	}
	s = sensor_new(FACES, names, fds, fuzz_clock);
	play(s, r, grabbers, data, size);
	for (int i = 0; i < FACES; i++) {
		(void)sensor_said(s, (size_t)i, &hopeless);
		close(grabbers[i]);
	}
	sensor_stop(s, take, r);
	check_ring(r);
	sensor_free(s);
	ring_free(r);
	return 0;
}
