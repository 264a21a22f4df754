/*
 * confine-calls.c - see confine-calls.h.
 *
 * seccomp(2). The C library picks its system calls by its version and by the
 * machine (open or openat, poll or ppoll), so the tables name all that do
 * the same; libseccomp knows their numbers, and passes over those that a
 * machine does not have.
 */
#include <errno.h>

#include "config.h"
/* Before seccomp.h, which brings an EV_NONE of ELF. */
#include "sensor.h"

#include "confine-calls.h"

#ifdef HAVE_SECCOMP

#	include <net/if.h>
#	include <seccomp.h>
#	include <stdint.h>
#	include <sys/ioctl.h>
#	include <sys/mman.h>
#	include <sys/socket.h>
#	include <unistd.h>

#	define BOTH (CALLS_ANALYZER | CALLS_GRABBER)

struct call {
	unsigned who; /* bits of which one is enough */
	const char *name;
};

static const struct call calls[] = {
	/* What is open. */
	{ BOTH, "read" },
	{ BOTH, "readv" },
	{ BOTH, "pread64" },
	{ BOTH, "write" },
	{ BOTH, "writev" },
	{ BOTH, "close" },
	{ BOTH, "recvfrom" },
	{ BOTH, "recvmsg" },
	{ CALLS_ANALYZER, "sendmsg" },
	{ BOTH, "getsockopt" },
	{ BOTH, "getsockname" },
	{ BOTH, "shutdown" },
	{ CALLS_ANALYZER, "pwrite64" },
	{ CALLS_ANALYZER, "lseek" },
	{ CALLS_ANALYZER, "_llseek" },
	{ CALLS_ANALYZER, "fstat" },
	{ CALLS_ANALYZER, "fstat64" },
	{ CALLS_ANALYZER, "fcntl" },
	{ CALLS_ANALYZER, "fcntl64" },
	{ CALLS_ANALYZER, "dup" },
	{ CALLS_ANALYZER, "dup2" },
	{ CALLS_ANALYZER, "dup3" },
	{ CALLS_ANALYZER, "fsync" },
	{ CALLS_ANALYZER, "fdatasync" },
	{ CALLS_ANALYZER, "ftruncate" },
	{ CALLS_ANALYZER, "ftruncate64" },
	/* Waiting, time. */
	{ BOTH, "poll" },
	{ BOTH, "ppoll" },
	{ BOTH, "ppoll_time64" },
	{ CALLS_ANALYZER, "select" },
	{ CALLS_ANALYZER, "_newselect" },
	{ CALLS_ANALYZER, "pselect6" },
	{ CALLS_ANALYZER, "pselect6_time64" },
	{ BOTH, "clock_gettime" },
	{ BOTH, "clock_gettime64" },
	{ BOTH, "gettimeofday" },
	{ BOTH, "time" },
	{ CALLS_ANALYZER, "clock_getres" },
	{ CALLS_ANALYZER, "clock_nanosleep" },
	{ CALLS_ANALYZER, "clock_nanosleep_time64" },
	{ CALLS_ANALYZER, "nanosleep" },
	{ CALLS_ANALYZER, "setitimer" },
	{ CALLS_ANALYZER, "alarm" },
	/* Memory; none that can be executed, see below. */
	{ BOTH, "brk" },
	{ BOTH, "munmap" },
	{ BOTH, "mremap" },
	{ BOTH, "madvise" },
	{ BOTH, "futex" },
	{ BOTH, "futex_time64" },
	{ BOTH, "getrandom" },
	{ CALLS_ANALYZER, "membarrier" },
	/* Signals of its own, and the end. */
	{ BOTH, "rt_sigaction" },
	{ BOTH, "rt_sigprocmask" },
	{ BOTH, "rt_sigreturn" },
	{ BOTH, "sigreturn" },
	{ BOTH, "restart_syscall" },
	{ BOTH, "sigaltstack" },
	{ CALLS_ANALYZER, "rt_sigpending" },
	{ CALLS_ANALYZER, "rt_sigtimedwait" },
	{ CALLS_ANALYZER, "rt_sigsuspend" },
	{ CALLS_ANALYZER, "pause" },
	{ BOTH, "exit" },
	{ BOTH, "exit_group" },
	/* Who it is; what it used. */
	{ BOTH, "getpid" },
	{ BOTH, "gettid" },
	{ BOTH, "getppid" },
	{ CALLS_ANALYZER, "getuid" },
	{ CALLS_ANALYZER, "geteuid" },
	{ CALLS_ANALYZER, "getgid" },
	{ CALLS_ANALYZER, "getegid" },
	{ CALLS_ANALYZER, "getpgrp" },
	{ CALLS_ANALYZER, "getpgid" },
	{ CALLS_ANALYZER, "getrusage" },
	{ CALLS_ANALYZER, "sysinfo" },
	{ CALLS_ANALYZER, "uname" },
	{ CALLS_ANALYZER, "sched_yield" },
	{ CALLS_ANALYZER, "sched_getaffinity" },
	/* Connections to sockets that listen already. */
	{ CONFINE_ACCEPT, "accept" },
	{ CONFINE_ACCEPT, "accept4" },
	{ CONFINE_ACCEPT, "setsockopt" },
	{ CONFINE_ACCEPT, "getpeername" },
	{ CONFINE_ACCEPT, "epoll_wait" },
	{ CONFINE_ACCEPT, "epoll_pwait" },
	{ CONFINE_ACCEPT, "epoll_ctl" },
	{ CONFINE_ACCEPT, "sendfile" },
	{ CONFINE_ACCEPT, "sendfile64" },
	{ CONFINE_ACCEPT, "pipe2" },
	{ CONFINE_ACCEPT, "eventfd2" },
	/* Files, as the user may. */
	{ CONFINE_FILES, "open" },
	{ CONFINE_FILES, "openat" },
	{ CONFINE_FILES, "stat" },
	{ CONFINE_FILES, "stat64" },
	{ CONFINE_FILES, "lstat" },
	{ CONFINE_FILES, "lstat64" },
	{ CONFINE_FILES, "fstatat64" },
	{ CONFINE_FILES, "access" },
	{ CONFINE_FILES, "faccessat" },
	{ CONFINE_FILES, "faccessat2" },
	{ CONFINE_FILES, "readlink" },
	{ CONFINE_FILES, "readlinkat" },
	{ CONFINE_FILES, "getcwd" },
	{ CONFINE_FILES, "getdents" },
	{ CONFINE_FILES, "getdents64" },
	{ CONFINE_FILES, "rename" },
	{ CONFINE_FILES, "renameat" },
	{ CONFINE_FILES, "renameat2" },
	{ CONFINE_FILES, "unlink" },
	{ CONFINE_FILES, "unlinkat" },
	{ CONFINE_FILES, "mkdir" },
	{ CONFINE_FILES, "mkdirat" },
	{ CONFINE_FILES, "fchmod" },
	{ CONFINE_FILES, "umask" },
	{ CONFINE_FILES, "flock" },
	{ CONFINE_FILES, "fallocate" },
	{ CONFINE_FILES, "fadvise64" },
	{ CONFINE_FILES, "statfs" },
	{ CONFINE_FILES, "fstatfs" },
#	ifdef __SANITIZE_ADDRESS__
	/* Its search for leaks, in a thread of its own. */
	{ BOTH, "clone" },
	{ BOTH, "ptrace" },
	{ BOTH, "prctl" },
	{ BOTH, "wait4" },
	{ BOTH, "open" },
	{ BOTH, "openat" },
	{ BOTH, "readlink" },
	{ BOTH, "getdents64" },
	{ BOTH, "set_robust_list" },
	{ BOTH, "prlimit64" },
	{ BOTH, "sched_yield" },
#	endif
};

/* Not allowed, and no reason to die: who asks can go on without. */
static const struct call refused[] = {
	/* libpcap looks up some statistics in files. */
	{ CALLS_GRABBER, "open" },
	{ CALLS_GRABBER, "openat" },
};

/*
 * <asm/termbits.h> has it and cannot be included with <termios.h>; since glibc
 * 2.42 the requests with it are used (TCGETS2, TCSETS2, TCSETSW2, TCSETSF2).
 */
struct termios2 {
	unsigned flags[4];
	unsigned char line[20];
	unsigned speed[2];
};

/* An ioctl is one of these. */
static const struct {
	unsigned who;
	unsigned long request;
} ioctls[] = {
	{ CALLS_GRABBER, SIOCGIFINDEX },
	{ CALLS_GRABBER, SIOCGIFFLAGS },
	{ CALLS_ANALYZER, TCGETS }, /* isatty() */
	{ CALLS_ANALYZER, _IOR('T', 0x2a, struct termios2) },
	{ CONFINE_TERMINAL, _IOW('T', 0x2b, struct termios2) },
	{ CONFINE_TERMINAL, _IOW('T', 0x2c, struct termios2) },
	{ CONFINE_TERMINAL, _IOW('T', 0x2d, struct termios2) },
	{ CALLS_ANALYZER, TIOCGWINSZ },
	{ CALLS_ANALYZER, FIONREAD },
	{ CONFINE_TERMINAL, TCSETS },
	{ CONFINE_TERMINAL, TCSETSW },
	{ CONFINE_TERMINAL, TCSETSF },
	{ CONFINE_TERMINAL, TCFLSH },
	{ CONFINE_TERMINAL, TCXONC },
	{ CONFINE_TERMINAL, TCSBRK },
	{ CONFINE_TERMINAL, TIOCGPGRP },
};

#	define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct filter {
	scmp_filter_ctx ctx;
	int err; /* the first */
};

/* ACTION for CALL, when this machine has it and its arguments are so. */
static void
rule(struct filter *f, uint32_t action, const char *call, unsigned nargs,
    const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(call);

	if (f->err == 0 && nr != __NR_SCMP_ERROR)
		f->err = seccomp_rule_add_array(f->ctx, action, nr, nargs,
		    args);
}

static void
allow(struct filter *f, const char *call)
{
	rule(f, SCMP_ACT_ALLOW, call, 0, NULL);
}

static void
allow_if(struct filter *f, const char *call, struct scmp_arg_cmp arg)
{
	rule(f, SCMP_ACT_ALLOW, call, 1, &arg);
}

/* Argument N (of which the bits of VALUE are 0, by MASKED_EQ). */
static struct scmp_arg_cmp
when(unsigned n, enum scmp_compare op, uint64_t value)
{
	return (struct scmp_arg_cmp){ .arg = n, .op = op, .datum_a = value };
}

static void
allow_ioctls(struct filter *f, unsigned able)
{
	for (size_t i = 0; i < COUNT(ioctls); i++)
		if ((ioctls[i].who & able) != 0)
			allow_if(f, "ioctl",
			    when(1, SCMP_CMP_EQ, ioctls[i].request));
}

/* Since glibc 2.33 fstat() is one of these, of a descriptor and "". */
static void
allow_stat(struct filter *f, unsigned able)
{
	static const char *const stats[] = { "newfstatat", "statx" };

	for (size_t i = 0; i < COUNT(stats); i++)
		if ((able & CONFINE_FILES) != 0)
			allow(f, stats[i]);
		else
			allow_if(f, stats[i], when(0, SCMP_CMP_LE, INT32_MAX));
}

static void
allow_memory(struct filter *f)
{
	static const char *const maps[] = { "mmap", "mmap2", "mprotect" };

	for (size_t i = 0; i < COUNT(maps); i++)
		allow_if(f, maps[i], when(2, SCMP_CMP_MASKED_EQ, PROT_EXEC));
}

/* Those that depend on what they are asked. */
static void
allow_some(struct filter *f, unsigned able)
{
	struct scmp_arg_cmp local = when(0, SCMP_CMP_EQ, AF_UNIX);
	uint64_t self = (uint64_t)getpid();

	allow_memory(f);
	allow_ioctls(f, able);
	allow_stat(f, able);
	/* abort(), and ^Z of a terminal that is in raw mode. */
	allow_if(f, "tgkill", when(0, SCMP_CMP_EQ, self));
	allow_if(f, "kill", when(0, SCMP_CMP_EQ, self));
	/* To look, not to set. */
	allow_if(f, "prlimit64", when(2, SCMP_CMP_EQ, 0));
	/* To whom the socket is connected; a datagram to the system's log,
	 * whose socket may be a new one, goes by its path. */
	if ((able & CALLS_GRABBER) != 0) {
		allow_if(f, "sendto", when(4, SCMP_CMP_EQ, 0));
		allow_if(f, "setsockopt",
		    when(2, SCMP_CMP_EQ, SO_ATTACH_FILTER));
	} else {
		allow(f, "sendto");
		/* What syslog() does when its connection broke. */
		rule(f, SCMP_ACT_ERRNO(EACCES), "socket", 1, &local);
	}
}

bool
calls_limit(unsigned able)
{
	struct filter f = { .ctx = seccomp_init(SCMP_ACT_KILL_PROCESS) };

	if (f.ctx == NULL) {
		errno = ENOMEM;
		return false;
	}
	for (size_t i = 0; i < COUNT(calls); i++)
		if ((calls[i].who & able) != 0)
			allow(&f, calls[i].name);
	for (size_t i = 0; i < COUNT(refused); i++)
		if ((refused[i].who & able) != 0)
			rule(&f, SCMP_ACT_ERRNO(EACCES), refused[i].name, 0,
			    NULL);
	allow_some(&f, able);
	if (f.err == 0)
		f.err = seccomp_load(f.ctx);
	seccomp_release(f.ctx);
	errno = -f.err;
	return f.err == 0;
}

#else

bool
calls_limit(unsigned able)
{
	(void)able;
	return true;
}

#endif
