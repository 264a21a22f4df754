/*
 * sensor_confine.c - a confined process can do its work, and is killed or
 * refused when it tries what whoever took it over would try first.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "check.h"
#include "sensor.h"

#define DONE 0 /* it did it */
#define REFUSED 1

static bool was_root;
static int fds[2];
static char dir[] = "/tmp/kerbscope-confine-XXXXXX";

/* --- what is allowed -------------------------------------------------- */

static int
works(void)
{
	char octet;
	void *p;

	if (write(fds[1], "x", 1) != 1 || read(fds[0], &octet, 1) != 1)
		return REFUSED;
	p = malloc(8 << 20);
	if (p == NULL)
		return REFUSED;
	memset(p, 1, 8 << 20);
	free(p);
	if (time(NULL) == 0 || printf("%s", "") != 0 || fflush(stdout) != 0)
		return REFUSED;
	return send(fds[0], "x", 1, MSG_DONTWAIT) == 1 ? DONE : REFUSED;
}

static int
writes_file(void)
{
	char path[64], other[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(other, sizeof(other), "%s/b", dir);
	f = fopen(path, "w");
	if (f == NULL || fputs("text\n", f) < 0 || fflush(f) != 0 ||
	    fsync(fileno(f)) != 0 || fclose(f) != 0)
		return REFUSED;
	return rename(path, other) == 0 && unlink(other) == 0 ? DONE : REFUSED;
}

/* --- what is not ------------------------------------------------------ */

static int
opens_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? DONE : REFUSED;
}

static int
opens_local_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? DONE : REFUSED;
}

static int
opens_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) >= 0 ? DONE : REFUSED;
}

static int
connects(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	return connect(fds[0], (struct sockaddr *)&to, sizeof(to)) == 0 ?
	    DONE :
	    REFUSED;
}

static int
executes(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return REFUSED;
}

static UNUSED int
forks(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid > 0 ? DONE : REFUSED;
}

static int
becomes_root(void)
{
	return setresuid(0, 0, 0) == 0 ? DONE : REFUSED;
}

static int
traces(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) == 0 ? DONE :
								  REFUSED;
}

static int
signals(void)
{
	return kill(getppid(), 0) == 0 ? DONE : REFUSED;
}

static int
mounts(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL) == 0 ? DONE : REFUSED;
}

static int
makes_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ?
	    DONE :
	    REFUSED;
}

static int
turns_to_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0 ? DONE : REFUSED;
}

static int
types_for_user(void)
{
	return ioctl(0, TIOCSTI, "x") == 0 ? DONE : REFUSED;
}

static int
opens_file(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 ? DONE : REFUSED;
}

/* What stands in the way. */
enum by { BY_NOTHING, BY_USER, BY_CALLS };

static const struct trial {
	const char *name;
	int (*run)(void);
	unsigned able;
	enum by refused;
} trials[] = {
	{ "works", works, 0, BY_NOTHING },
	{ "works with all", works, ~0u, BY_NOTHING },
	{ "writes a file", writes_file, CONFINE_FILES, BY_NOTHING },
	{ "opens a file", opens_file, CONFINE_FILES, BY_NOTHING },
	{ "becomes root", becomes_root, ~0u, BY_USER },
	{ "mounts", mounts, ~0u, BY_USER },
	{ "opens a packet socket", opens_packet_socket, ~0u, BY_USER },
#ifndef __SANITIZE_ADDRESS__
	/* Its search for leaks may do both. */
	{ "opens a file", opens_file, (unsigned)~CONFINE_FILES, BY_CALLS },
	{ "forks", forks, ~0u, BY_CALLS },
#endif
	{ "opens a socket", opens_socket, ~0u, BY_CALLS },
	{ "opens a local socket", opens_local_socket, ~0u, BY_CALLS },
	{ "connects", connects, ~0u, BY_CALLS },
	{ "executes", executes, ~0u, BY_CALLS },
	{ "traces", traces, ~0u, BY_CALLS },
	{ "signals its parent", signals, ~0u, BY_CALLS },
	{ "makes code", makes_code, ~0u, BY_CALLS },
	{ "turns memory to code", turns_to_code, ~0u, BY_CALLS },
	{ "types for the user", types_for_user, ~0u, BY_CALLS },
};

#define CONFINE_ALL (CONFINE_FILES | CONFINE_TERMINAL | CONFINE_ACCEPT)

static bool
status_says(const char *key, const char *value)
{
	char line[256], want[64];
	bool says = false;
	FILE *f = fopen("/proc/self/status", "r");

	snprintf(want, sizeof(want), "%s:\t%s\n", key, value);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		says |= strcmp(line, want) == 0;
	if (f != NULL)
		fclose(f);
	if (!says)
		printf("not %s", want);
	return says;
}

static int
status_is_poor(void)
{
	static const char none[] = "0000000000000000";
	bool ok = status_says("CapEff", none);

	ok &= status_says("CapPrm", none);
	ok &= status_says("CapInh", none);
	ok &= status_says("CapAmb", none);
	ok &= status_says("NoNewPrivs", "1");
#ifdef HAVE_SECCOMP
	ok &= status_says("Seccomp", "2");
#endif
	if (was_root)
		ok &= status_says("CapBnd", none) && getuid() != 0 &&
		    getgid() != 0 && status_says("Groups", " ");
	fflush(stdout);
	return ok ? DONE : REFUSED;
}

static _Noreturn void
child(const struct trial *t)
{
	if (!confine(NULL, t->able & CONFINE_ALL))
		_exit(77);
	_exit(t->run());
}

static int
run(const struct trial *t)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(t);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		exit(3);
	return status;
}

static void
check_trial(const struct trial *t)
{
	int status = run(t);
	bool did = WIFEXITED(status) && WEXITSTATUS(status) == DONE;

	if (did == (t->refused == BY_NOTHING))
		return;
	printf("%s: status %x\n", t->name, (unsigned)status);
	failures++;
}

/* Whether what is refused now was not before. */
static bool
can_tell(enum by refused)
{
#ifndef HAVE_SECCOMP
	if (refused == BY_CALLS)
		return false;
#endif
	return was_root || refused != BY_USER;
}

int
main(void)
{
	static const struct trial poor = { "has nothing", status_is_poor,
		CONFINE_FILES, BY_NOTHING };

	was_root = getuid() == 0;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ||
	    mkdtemp(dir) == NULL || chmod(dir, 0777) != 0)
		return 3;
	check_trial(&poor);
	for (size_t i = 0; i < sizeof(trials) / sizeof(*trials); i++)
		if (can_tell(trials[i].refused))
			check_trial(&trials[i]);
	rmdir(dir);
	return failures != 0;
}
