/*
 * sensor.h - frames from interfaces, by processes that parse nothing.
 *
 *   monitor   the process that was started. Keeps the privilege to open
 *             interfaces and nothing else; starts the others, opens again
 *             what went away, passes signals on, gives back the terminal if
 *             the analyzer crashes. Reads no packet.
 *   grabber   one an interface: opens it with libpcap, then drops everything;
 *             copies frames, as they are, into a socket.
 *   analyzer  what sensor_start() returns in: parses, judges, shows.
 *
 *   sensor-start.c    one process becomes several
 *   sensor.c          the analyzer's side: messages to frames, in order
 *   sensor-record.c   the messages
 *   sensor-monitor.c  the monitor
 *   sensor-grab.c     the grabber
 *   sensor-filter.c   the kernel's filter, from the ports of the carriers
 *   sensor-self.c     own addresses, names, listening ports
 *   confine.c         user and capabilities
 *   confine-calls.c   system calls
 */
#ifndef ANALYZER_SENSOR_H
#define ANALYZER_SENSOR_H

#include <poll.h>

#include "dissect.h"
#include "options.h"

struct sensor;

/* An interface, numbered as on the command line (capture of the frames). */
struct sensor_face {
	const char *name;
	bool up;
	const char *trouble;     /* why it is not up, a sentence; or NULL */
	int link;                /* LINKTYPE_ of its frames, -1 never up */
	uint64_t packets, bytes; /* given to the analyzer; octets on the wire */
	int64_t first, last;     /* of these, packet time; 0: none */
	uint64_t dropped;        /* by the kernel, for want of room */
	uint64_t missed;         /* by the interface or its driver */
	unsigned opened;         /* how often */
};

/*
 * Splits the process: returns in the analyzer, when every interface is open
 * or known to be down for now (one line on stderr says which); the process
 * that was started waits as the monitor and ends with the analyzer's exit
 * status.  The analyzer still has its privileges: it opens its files, then
 * calls confine().
 *
 * A signal to the monitor (INT, TERM, HUP, QUIT, USR1, USR2, WINCH, TSTP,
 * CONT) is passed on; one to the whole process group, by kill(2) and not by
 * the terminal, comes twice.  The monitor stops when the analyzer does, by
 * SIGTSTP.  SIGTERM comes too when the monitor is gone.
 *
 * NULL after one line on stderr, *STATUS 2 (no such interface, no permission
 * on any, a filter that does not compile) or 3; whether it has split by then
 * makes no difference to a caller that ends with *STATUS.
 */
struct sensor *sensor_start(const struct options *opt, int *status);

/*
 * Descriptors to poll for, asked for anew before each poll(): who has a frame
 * that waits is not among them.  At most OPTIONS_INTERFACES.
 */
size_t sensor_poll(const struct sensor *s, struct pollfd *fds, size_t max);

/*
 * Takes what has come, and gives frames that are due, in the order of their
 * times (of one interface in its own), to TAKE, for BUDGET microseconds at
 * most.  Returns in how many microseconds there will be more that is due: 0
 * at once, -1 not before a descriptor is ready.
 */
int64_t sensor_step(struct sensor *s,
    void (*take)(void *arg, const struct frame *f), void *arg, int64_t budget);

/*
 * The present, in the clock of the frames: no frame to come is older, but for
 * one of an interface that lags.
 */
int64_t sensor_now(const struct sensor *s);

/*
 * By how much the clock was set (or the host slept) since the last call, in
 * microseconds; 0 most of the time.  Less than a second is an NTP slew.
 */
int64_t sensor_clock_shift(struct sensor *s);

/* State of interface I; NULL past the last. */
const struct sensor_face *sensor_face(const struct sensor *s, size_t i);

/* Whether the monitor is gone: no interface can be opened again. */
bool sensor_orphaned(const struct sensor *s);

/* Posts an EV_self with what the host knows of itself. */
void sensor_self(event_sink sink, void *arg);

/* Ends the grabbers, takes the frames that they still have. */
void sensor_stop(struct sensor *s,
    void (*take)(void *arg, const struct frame *f), void *arg);

void sensor_free(struct sensor *s);

/* --- confine.c -------------------------------------------------------- */

/* What a confined process will still want to do. */
enum {
	CONFINE_FILES = 1, /* open, write, rename files that USER may */
	CONFINE_TERMINAL = 2,
	CONFINE_ACCEPT = 4 /* connections to sockets that listen already */
};

/*
 * From here on: USER (NULL: "kerbscope", else "nobody"; not asked for when
 * this process is not root), no capability, no new privileges, and a seccomp
 * filter that kills the process at any system call but those that reading
 * what is open, memory, time and ABLE need.  False after one line on stderr.
 */
bool confine(const char *user, unsigned able);

#endif
