/*
 * sensor-start.c - one process becomes several.
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bounds.h"
#include "sensor-inside.h"
#include "text.h"

#define STATUS_WRONG 2
#define STATUS_FAILED 3
#define OPEN_WITHIN (5 * SECOND) /* then an interface is not waited for */

static bool
is_any(const char *name)
{
	return strcmp(name, "any") == 0;
}

/* "eth0 lo any", in memory that the caller frees. */
static char *
names_of_all(void)
{
	char error[PCAP_ERRBUF_SIZE], *more, *all = text_printf("%s", "");
	pcap_if_t *list = NULL, *i;

	if (pcap_findalldevs(&list, error) != 0)
		return all;
	for (i = list; i != NULL; i = i->next) {
		if (!is_any(i->name) && if_nametoindex(i->name) == 0)
			continue; /* the bluetooth and USB buses, and so on */
		more = text_printf("%s%s%s", all, *all != '\0' ? " " : "",
		    i->name);
		free(all);
		all = more;
	}
	pcap_freealldevs(list);
	return all;
}

static bool
names_are_good(const struct options *opt)
{
	const char *name;
	char *all;

	for (size_t i = 0; i < opt->ninterfaces; i++) {
		name = opt->interfaces[i];
		for (size_t k = 0; k < i; k++)
			if (strcmp(name, opt->interfaces[k]) == 0) {
				message("-i %s: is given twice", name);
				return false;
			}
		if (is_any(name) || if_nametoindex(name) != 0)
			continue;
		all = names_of_all();
		message("%s: there is no such interface; there are: %s", name,
		    all);
		free(all);
		return false;
	}
	return true;
}

/* As for Ethernet; what another link type lacks its grabber says. */
static bool
filter_is_good(const struct options *opt)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	struct bpf_program program;
	char error[SENSOR_FILTER_ERROR];
	bool ok = pcap != NULL;

	if (ok && opt->bpf != NULL) {
		ok = pcap_compile(pcap, &program, opt->bpf, 1,
			 PCAP_NETMASK_UNKNOWN) == 0;
		if (!ok)
			message("--bpf %s: %s", opt->bpf, pcap_geterr(pcap));
		else
			pcap_freecode(&program);
	}
	if (ok) {
		ok = sensor_filter_compile(pcap, opt, &program, error);
		if (!ok)
			message("--bpf: the filter %s", error);
		else
			sensor_filter_free(&program);
	}
	if (pcap != NULL)
		pcap_close(pcap);
	return ok;
}

static void
tell_filter(const struct options *opt)
{
	char *text;

	if (!opt->verbose)
		return;
	text = sensor_filter_text(opt);
	if (opt->bpf == NULL)
		message("kernel filter: %s", text);
	else
		message("kernel filter: (%s) and (%s)", opt->bpf, text);
	free(text);
}

static void
tell_permission(const char *interface)
{
	char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	message("%s: no permission to capture: run as root, or: setcap "
		"cap_net_raw+ep %s",
	    interface, n > 0 ? path : "kerbscope");
}

static bool
may_capture(const struct options *opt, int *status)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		close(fd);
		return true;
	}
	if (errno == EPERM || errno == EACCES) {
		tell_permission(opt->interfaces[0]);
		*status = STATUS_WRONG;
	} else {
		message("%s: cannot capture: %s", opt->interfaces[0],
		    strerror(errno));
		*status = STATUS_FAILED;
	}
	return false;
}

/* [0] the analyzer's end, [1] the grabber's. */
static bool
open_sockets(size_t n, int fds[2][OPTIONS_INTERFACES])
{
	int pair[2], size = 1 << 20;

	for (size_t i = 0; i < n; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
			pair) != 0) {
			message("cannot make a socket: %s", strerror(errno));
			while (i-- > 0) {
				close(fds[0][i]);
				close(fds[1][i]);
			}
			return false;
		}
		/* As much as is allowed: a few messages. */
		(void)setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
		fds[0][i] = pair[0];
		fds[1][i] = pair[1];
	}
	return true;
}

/* --- in the analyzer -------------------------------------------------- */

/* Waits until each said how it is; false when one cannot be read ever. */
static bool
all_said(struct sensor *s, const struct options *opt)
{
	int64_t until = sensor_now(s) + OPEN_WITHIN;
	struct pollfd fds[OPTIONS_INTERFACES];
	bool hopeless, waiting = true;

	while (waiting && sensor_now(s) < until) {
		waiting = false;
		for (size_t i = 0; i < opt->ninterfaces; i++) {
			waiting |= !sensor_said(s, i, &hopeless);
			if (!hopeless)
				continue;
			message("%s: %s", opt->interfaces[i],
			    sensor_face(s, i)->trouble);
			return false;
		}
		if (waiting)
			(void)poll(fds, sensor_poll(s, fds, OPTIONS_INTERFACES),
			    100);
	}
	for (size_t i = 0; i < opt->ninterfaces; i++)
		if (!sensor_face(s, i)->up)
			message("%s: %s; waiting for it", opt->interfaces[i],
			    sensor_face(s, i)->trouble != NULL ?
				sensor_face(s, i)->trouble :
				"is not open yet");
	return true;
}

static struct sensor *
be_analyzer(const struct options *opt, int fds[2][OPTIONS_INTERFACES],
    pid_t monitor, int *status)
{
	struct sensor *s;

	for (size_t i = 0; i < opt->ninterfaces; i++)
		close(fds[1][i]);
	s = sensor_new(opt->ninterfaces, opt->interfaces, fds[0], NULL);
	sensor_keep(s, monitor);
	if (confine_with_parent(monitor) && all_said(s, opt))
		return s;
	sensor_free(s);
	*status = STATUS_WRONG;
	return NULL;
}

static struct sensor *
split(const struct options *opt, const struct confine_user *user,
    int fds[2][OPTIONS_INTERFACES], int *status)
{
	struct monitor m = { .opt = opt, .user = *user };
	sigset_t all, old;
	pid_t pid = getpid();

	fflush(NULL);
	/* None is lost between the fork and its being waited for. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	m.analyzer = fork();
	if (m.analyzer < 0) {
		message("cannot start a process: %s", strerror(errno));
		sigprocmask(SIG_SETMASK, &old, NULL);
		*status = STATUS_FAILED;
		return NULL;
	}
	if (m.analyzer > 0) {
		for (size_t i = 0; i < opt->ninterfaces; i++)
			close(fds[0][i]);
		memcpy(m.fds, fds[1], sizeof(m.fds));
		monitor_run(&m);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	return be_analyzer(opt, fds, pid, status);
}

struct sensor *
sensor_start(const struct options *opt, int *status)
{
	int fds[2][OPTIONS_INTERFACES];
	struct confine_user user;

	*status = STATUS_WRONG;
	if (!names_are_good(opt) || !filter_is_good(opt) ||
	    !confine_find_user(opt->user, &user) || !may_capture(opt, status))
		return NULL;
	tell_filter(opt);
	if (!open_sockets(opt->ninterfaces, fds)) {
		*status = STATUS_FAILED;
		return NULL;
	}
	return split(opt, &user, fds, status);
}
