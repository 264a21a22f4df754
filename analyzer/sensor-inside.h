/*
 * sensor-inside.h - what the parts of the sensor say to each other.
 */
#ifndef ANALYZER_SENSOR_INSIDE_H
#define ANALYZER_SENSOR_INSIDE_H

#include <sys/types.h>
#include <time.h>

#include "sensor.h"

struct bpf_program;
struct pcap;

/* --- sensor.c --------------------------------------------------------- */

/* A clock: microseconds, as CLOCK_REALTIME or CLOCK_MONOTONIC has it. */
typedef int64_t (*sensor_clock)(clockid_t id);

/*
 * The analyzer's side over N sockets, which it closes; NAMES must stay.  A
 * test gives a CLOCK of its own, NULL is the host's.
 */
struct sensor *sensor_new(size_t n, const char *const *names, const int *fds,
    sensor_clock clock);

/* MONITOR is who started this process. */
void sensor_keep(struct sensor *s, pid_t monitor);

/*
 * Whether the grabber of interface I has said how it is; HOPELESS: that it
 * stays so until somebody changes something.  Gives no frame.
 */
bool sensor_said(struct sensor *s, size_t i, bool *hopeless);

/* --- sensor-monitor.c ------------------------------------------------- */

/* Whom to become. */
struct confine_user {
	bool change; /* this process is root */
	const char *name;
	uid_t uid;
	gid_t gid;
};

/* What the monitor needs to know. */
struct monitor {
	const struct options *opt;
	struct confine_user user;
	int fds[OPTIONS_INTERFACES]; /* the grabbers' ends */
	pid_t analyzer;
};

/* What this process does from now on. */
_Noreturn void monitor_run(const struct monitor *m);

/* --- sensor-grab.c ---------------------------------------------------- */

/* How a grabber ends: as asked, or to be started again. */
enum { GRAB_DONE = 0, GRAB_AGAIN = 1 };

/* What a grabber does: interface NAME into socket FD. */
_Noreturn void grab_run(const struct options *opt, const char *name, int fd);

/* --- sensor-filter.c -------------------------------------------------- */

#define SENSOR_FILTER_ERROR 256

/*
 * The text of the built-in filter for untagged frames, of the carriers' ports
 * and those of --decode, in memory that the caller frees.
 */
char *sensor_filter_text(const struct options *opt);

/*
 * Makes the program for P: the above and --bpf, in frames with tags and
 * labels too.  False with libpcap's reason in ERROR.  Free it with
 * sensor_filter_free().
 */
bool sensor_filter_compile(struct pcap *p, const struct options *opt,
    struct bpf_program *program, char error[SENSOR_FILTER_ERROR]);
void sensor_filter_free(struct bpf_program *program);

/* --- confine.c -------------------------------------------------------- */

/* Whom USER means; false after one line on stderr. */
bool confine_find_user(const char *user, struct confine_user *u);
/*
 * The monitor: U, CAP_NET_RAW and nothing else.  False after one line on
 * stderr.
 */
bool confine_monitor(const struct confine_user *u);
/*
 * A grabber that has opened its interface: no capability, and the system
 * calls that reading it needs.  NULL, or what could not be done.
 */
const char *confine_grabber(void);
/* SIGTERM when PARENT ends; true unless it has already. */
bool confine_with_parent(pid_t parent);

#endif
