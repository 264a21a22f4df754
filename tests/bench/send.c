/*
 * send.c - log-ons onto an interface, made as they are sent: each has clients,
 * ports, sequence numbers, nonces, names and tickets that no other one has.
 *
 * Packet sockets: packet(7).  As many frames as are due by the clock go in one
 * call; when the machine has not kept up, the next ones follow at once, so
 * that the rate holds on average.
 *
 * usage: send INTERFACE RATE SECONDS RECORDED... [-- FAULTY...]
 *
 * RATE is packets a second.  A line a second on standard output says how much
 * was sent so far: packets and log-ons; the last one is the sum.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define BATCH 64
#define SECOND INT64_C(1000000)
#define PAUSE 500 /* microseconds, when nothing is due */

static struct {
	int fd;
	unsigned n; /* waiting */
	uint64_t octets;
	uint8_t frames[BATCH][FRAME_MAX];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
} wire;

static int64_t
clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * SECOND + t.tv_nsec / 1000;
}

/* The time of day as it was at the start, and what has gone by since. */
static int64_t
now(void)
{
	static int64_t ahead;

	if (ahead == 0)
		ahead = clock_of(CLOCK_REALTIME) - clock_of(CLOCK_MONOTONIC);
	return clock_of(CLOCK_MONOTONIC) + ahead;
}

static void
wire_open(const char *interface)
{
	const int one = 1, buffer = 16 << 20;
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_IP),
		.sll_ifindex = (int)if_nametoindex(interface),
	};

	if (to.sll_ifindex == 0)
		die("%s: %s", interface, strerror(errno));
	/* Protocol 0: it is given nothing to read. */
	wire.fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	to.sll_protocol = 0;
	if (wire.fd < 0 ||
	    bind(wire.fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("%s: %s", interface, strerror(errno));
	setsockopt(wire.fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	setsockopt(wire.fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	for (size_t i = 0; i < BATCH; i++) {
		wire.iov[i].iov_base = wire.frames[i];
		wire.msg[i].msg_hdr.msg_iov = &wire.iov[i];
		wire.msg[i].msg_hdr.msg_iovlen = 1;
	}
}

static void
wire_flush(void)
{
	unsigned done = 0;

	while (done < wire.n) {
		int n = sendmmsg(wire.fd, wire.msg + done, wire.n - done, 0);

		if (n > 0)
			done += (unsigned)n;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			die("cannot send: %s", strerror(errno));
		else
			usleep(PAUSE);
	}
	wire.n = 0;
}

void
output_frame(struct output *o, const uint8_t *frame, size_t len)
{
	memcpy(wire.frames[wire.n], frame, len);
	wire.iov[wire.n++].iov_len = len;
	o->packets++;
	o->octets += len;
	if (wire.n == BATCH)
		wire_flush();
}

static void
say(const struct output *o, const struct tellings *t)
{
	printf("%llu packets %llu octets %llu log-ons\n",
	    (unsigned long long)o->packets, (unsigned long long)o->octets,
	    (unsigned long long)t->told);
	fflush(stdout);
}

/* Log-ons begin at even distances, for SECONDS; then the last ones end. */
static void
run(struct tellings *t, double rate, int64_t seconds)
{
	double step = tellings_mean(t) / rate * (double)SECOND;
	struct output o = { 0 };
	int64_t start = now(), present, spoken = start;

	do {
		present = now();
		for (;;) {
			int64_t next = (int64_t)(step * (double)t->told);

			if (next <= tellings_time(t) - start &&
			    next < seconds * SECOND && start + next <= present)
				tellings_begin(t, start + next);
			else if (tellings_time(t) <= present)
				tellings_frame(t, &o);
			else
				break;
		}
		wire_flush();
		if (present - spoken >= SECOND) {
			spoken += SECOND;
			say(&o, t);
		}
		usleep(PAUSE);
	} while (t->n > 0 || present - start < seconds * SECOND);
	say(&o, t);
}

int
main(int argc, char **argv)
{
	static struct tellings t;

	if (argc < 5 || atof(argv[2]) <= 0 || atoi(argv[3]) <= 0)
		die("usage: send INTERFACE RATE SECONDS RECORDED... "
		    "[-- FAULTY...]");
	tellings_read(&t, argv + 4);
	wire_open(argv[1]);
	run(&t, atof(argv[2]), atoi(argv[3]));
	return 0;
}
