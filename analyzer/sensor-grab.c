/*
 * sensor-grab.c - the grabber: one interface, with libpcap, into a socket.
 *
 * It has CAP_NET_RAW until the interface is open, then nothing. A batch that
 * the analyzer does not take stops it: the kernel's buffer fills meanwhile,
 * and what does not fit there is counted by the kernel and nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sensor-inside.h"
#include "sensor-record.h"

#define TIMEOUT_MS 50     /* a frame waits no longer in the kernel */
#define LOOK_MS 1000      /* statistics, and whether it is still there */
#define DISPATCH_MAX 4096 /* frames between two looks at the socket */
#define END_MS 2000       /* the longest end */
#define NANO INT64_C(1000000000)
#define LINKTYPE_RAW 101

struct grab {
	const char *name;
	int fd;
	pcap_t *pcap;
	bool nano;
	uint32_t link;
	unsigned index; /* of the interface; 0: it has none */
	bool down;
	bool asked; /* by the analyzer, to end */
	/* counters of the driver, -1: there is none, and what they began at */
	int counters[2];
	uint32_t begin;
	struct batch batch;
};

static volatile sig_atomic_t ending;

static void
end_asked(int sig)
{
	(void)sig;
	ending = 1;
}

/* Sends what there is. The end of this process when nobody takes it. */
static void
flush(struct grab *g)
{
	if (g->batch.used == 0)
		return;
	while (send(g->fd, g->batch.octets, g->batch.used, MSG_NOSIGNAL) < 0) {
		if (errno == ENOBUFS || errno == ENOMEM)
			(void)poll(NULL, 0, 1);
		else if (errno != EINTR)
			_exit(GRAB_DONE);
	}
	g->batch.used = 0;
}

static void
put(struct grab *g, const struct record *r, const void *octets)
{
	if (record_put(&g->batch, r, octets))
		return;
	flush(g);
	(void)record_put(&g->batch, r, octets);
}

static void
tell(struct grab *g, enum record_kind kind, const char *why)
{
	struct record r = {
		.kind = kind,
		.caplen = why == NULL ? 0 : (uint32_t)strlen(why),
		.link = g->link,
	};

	put(g, &r, why);
	flush(g);
}

static _Noreturn void
give_up(struct grab *g, enum record_kind kind, const char *why)
{
	tell(g, kind, why);
	_exit(GRAB_AGAIN);
}

static void
take(u_char *arg, const struct pcap_pkthdr *h, const u_char *data)
{
	struct grab *g = (struct grab *)arg;
	struct record r = {
		.kind = RECORD_FRAME,
		.caplen = h->caplen < RECORD_MAX ? h->caplen : RECORD_MAX,
		.len = h->len > h->caplen ? h->len : h->caplen,
		.link = g->link,
		.time = (int64_t)h->ts.tv_sec * NANO +
		    (int64_t)h->ts.tv_usec * (g->nano ? 1 : 1000),
	};

	put(g, &r, data);
}

/* --- the interface ---------------------------------------------------- */

/* What activation said, as a sentence behind the name of the interface. */
static _Noreturn void
not_opened(struct grab *g, int code)
{
	char why[PCAP_ERRBUF_SIZE + 32];

	switch (code) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		give_up(g, RECORD_DOWN, "is not there");
	case PCAP_ERROR_IFACE_NOT_UP:
		give_up(g, RECORD_DOWN, "is down");
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		give_up(g, RECORD_FAIL, "no permission to capture");
	default:
		snprintf(why, sizeof(why), "cannot be opened: %s",
		    *pcap_geterr(g->pcap) != '\0' ? pcap_geterr(g->pcap) :
						    pcap_statustostr(code));
		give_up(g, RECORD_DOWN, why);
	}
}

static void
set_up(struct grab *g, const struct options *opt)
{
	int buffer = opt->buffer > INT32_MAX ? INT32_MAX : (int)opt->buffer;

	pcap_set_snaplen(g->pcap, (int)opt->snaplen);
	pcap_set_promisc(g->pcap, 0);
	pcap_set_timeout(g->pcap, TIMEOUT_MS);
	if (buffer > 0)
		pcap_set_buffer_size(g->pcap, buffer);
	g->nano = pcap_set_tstamp_precision(g->pcap,
		      PCAP_TSTAMP_PRECISION_NANO) == 0;
}

/* The number of DLT_RAW differs between systems, that of files does not. */
static uint32_t
linktype(int dlt)
{
	return dlt == DLT_RAW ? LINKTYPE_RAW : (uint32_t)dlt;
}

static void
set_filter(struct grab *g, const struct options *opt)
{
	struct bpf_program program;
	char why[SENSOR_FILTER_ERROR + 32], error[SENSOR_FILTER_ERROR];

	if (!sensor_filter_compile(g->pcap, opt, &program, error)) {
		snprintf(why, sizeof(why), "--bpf: %s", error);
		give_up(g, RECORD_FAIL, why);
	}
	if (pcap_setfilter(g->pcap, &program) != 0) {
		snprintf(why, sizeof(why), "takes no filter: %.200s",
		    pcap_geterr(g->pcap));
		give_up(g, RECORD_FAIL, why);
	}
	sensor_filter_free(&program);
}

/*
 * libpcap counts what the interface missed for promiscuous captures alone,
 * and opens the files anew each time.
 */
static void
open_counters(struct grab *g)
{
	static const char *const names[] = { "rx_missed_errors",
		"rx_fifo_errors" };
	char path[128];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/%s",
		    g->name, names[i]);
		g->counters[i] = strchr(g->name, '/') != NULL ?
		    -1 :
		    open(path, O_RDONLY | O_CLOEXEC);
	}
}

static uint32_t
counted(const struct grab *g)
{
	char text[32];
	ssize_t n;
	uint64_t sum = 0;

	for (size_t i = 0; i < 2; i++) {
		n = g->counters[i] < 0 ?
		    0 :
		    pread(g->counters[i], text, sizeof(text) - 1, 0);
		if (n <= 0)
			continue;
		text[n] = '\0';
		sum += strtoull(text, NULL, 10);
	}
	return (uint32_t)sum;
}

static void
open_interface(struct grab *g, const struct options *opt)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	const char *why;
	int code;

	g->pcap = pcap_create(g->name, error);
	if (g->pcap == NULL)
		give_up(g, RECORD_DOWN, error);
	set_up(g, opt);
	code = pcap_activate(g->pcap);
	if (code < 0)
		not_opened(g, code);
	g->link = linktype(pcap_datalink(g->pcap));
	g->index = if_nametoindex(g->name);
	set_filter(g, opt);
	if (pcap_setnonblock(g->pcap, 1, error) != 0)
		give_up(g, RECORD_FAIL, error);
	open_counters(g);
	g->begin = counted(g);
	why = confine_grabber();
	if (why != NULL)
		give_up(g, RECORD_FAIL, why);
}

/*
 * The socket of an interface that was taken down goes on when it comes back,
 * so nothing is lost then; one that is gone, or made anew, is opened again.
 */
static void
look_at_interface(struct grab *g)
{
	struct ifreq req = { 0 };
	int fd = pcap_fileno(g->pcap);

	if (g->index == 0) /* "any" */
		return;
	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", g->name);
	if (ioctl(fd, SIOCGIFINDEX, &req) != 0 ||
	    (unsigned)req.ifr_ifindex != g->index)
		give_up(g, RECORD_DOWN, "went away");
	if (ioctl(fd, SIOCGIFFLAGS, &req) != 0)
		give_up(g, RECORD_DOWN, "went away");
	if (g->down == ((req.ifr_flags & IFF_UP) == 0))
		return;
	g->down = !g->down;
	tell(g, g->down ? RECORD_DOWN : RECORD_UP, g->down ? "is down" : NULL);
}

static void
put_stats(struct grab *g)
{
	struct pcap_stat stat;
	struct record_stats s = { .missed = counted(g) - g->begin };
	struct record r = { .kind = RECORD_STATS, .caplen = sizeof(s) };

	if (pcap_stats(g->pcap, &stat) == 0)
		s.dropped = stat.ps_drop;
	put(g, &r, &s);
}

static void
dispatch(struct grab *g)
{
	char why[PCAP_ERRBUF_SIZE + 32];
	int n = pcap_dispatch(g->pcap, DISPATCH_MAX, take, (u_char *)g);

	if (n < 0) {
		flush(g);
		look_at_interface(g);
		snprintf(why, sizeof(why), "cannot be read: %s",
		    pcap_geterr(g->pcap));
		give_up(g, RECORD_DOWN, why);
	}
	flush(g);
	/* Nothing though poll() said something; or it came back. */
	if ((n == 0) != g->down)
		look_at_interface(g);
}

/* --- the loop --------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for MS; whether frames may have come. */
static bool
wait_frames(struct grab *g, int64_t ms)
{
	struct pollfd fds[] = {
		{ .fd = pcap_get_selectable_fd(g->pcap), .events = POLLIN },
		{ .fd = g->fd, .events = POLLIN },
	};

	if (poll(fds, 2, ms > 0 ? (int)ms : 0) <= 0)
		return false;
	if (fds[1].revents != 0)
		g->asked = true;
	return fds[0].revents != 0;
}

/*
 * What came before the end was asked for is in the kernel for a while; what
 * comes after it is let go, or a busy interface would never end.
 */
static _Noreturn void
end(struct grab *g)
{
	struct sock_filter nothing = { .code = BPF_RET | BPF_K, .k = 0 };
	struct sock_fprog program = { .len = 1, .filter = &nothing };
	struct pollfd fd = { .fd = pcap_get_selectable_fd(g->pcap),
		.events = POLLIN };
	int64_t until = now_ms() + END_MS;

	(void)setsockopt(pcap_fileno(g->pcap), SOL_SOCKET, SO_ATTACH_FILTER,
	    &program, sizeof(program));
	while (now_ms() < until && poll(&fd, 1, 2 * TIMEOUT_MS) > 0)
		dispatch(g);
	put_stats(g);
	if (!g->asked) /* but by somebody else: then it is started again */
		give_up(g, RECORD_DOWN, "its grabber was told to end");
	tell(g, RECORD_END, NULL);
	_exit(GRAB_DONE);
}

_Noreturn void
grab_run(const struct options *opt, const char *name, int fd)
{
	static struct grab g;
	struct sigaction act = { .sa_handler = end_asked };
	int64_t look;

	g.name = name;
	g.fd = fd;
	sigaction(SIGTERM, &act, NULL);
	open_interface(&g, opt);
	tell(&g, RECORD_OPEN, NULL);
	look = now_ms() + LOOK_MS;
	while (!ending && !g.asked) {
		if (wait_frames(&g, look - now_ms()))
			dispatch(&g);
		if (now_ms() < look)
			continue;
		look_at_interface(&g);
		put_stats(&g);
		flush(&g);
		look = now_ms() + LOOK_MS;
	}
	end(&g);
}
