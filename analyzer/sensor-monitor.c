/*
 * sensor-monitor.c - the process that was started: starts the grabbers, and
 * again when one ends; passes signals on; ends with the analyzer.
 *
 * It stays in the process group of the analyzer, so that a shell sees one
 * job: what the terminal sends (^C, ^Z, a change of size) has reached the
 * analyzer already, and only what somebody sent to this process by its id is
 * passed on. The grabbers are in a group of their own, where ^C does not
 * reach them.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "sensor-inside.h"
#include "sensor-record.h"
#include "text.h"

#define FIRST_MS 200  /* before a grabber is started again */
#define LATER_MS 1000 /* and each time after that */
#define RETRY_MS 100  /* for a signal that could not be passed on */
#define ENDING_MS 1000
#define LONG_MS 5000 /* who lived so long is started again soon */

struct child {
	pid_t pid;     /* 0: not running */
	bool over;     /* it ended as it was asked to */
	int64_t again; /* when to start it */
	int64_t began;
	unsigned tries; /* in a row that came to nothing */
};

struct keeper {
	const struct monitor *m;
	struct child children[OPTIONS_INTERFACES];
	sigset_t waited;    /* signals that wake it */
	unsigned long owed; /* to the analyzer, a bit a signal */
	bool has_terminal;
	struct termios terminal; /* as it was */
};

/* ^Z among them: whether both stop is the analyzer's to say, see stop_too(). */
static const int passed[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1,
	SIGUSR2, SIGWINCH, SIGTSTP, SIGCONT };

#define NPASSED (sizeof(passed) / sizeof(*passed))

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the grabbers ----------------------------------------------------- */

static _Noreturn void
be_grabber(const struct keeper *k, size_t i, pid_t parent)
{
	sigset_t none;

	for (size_t s = 0; s < NPASSED; s++)
		signal(passed[s], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* A group for each: nobody else's signals arrive there. */
	setpgid(0, 0);
	prctl(PR_SET_NAME, "ks-grabber");
	for (size_t n = 0; n < k->m->opt->ninterfaces; n++)
		if (n != i)
			close(k->m->fds[n]);
	if (!confine_with_parent(parent))
		_exit(GRAB_DONE);
	grab_run(k->m->opt, k->m->opt->interfaces[i], k->m->fds[i]);
}

static void
start_grabber(struct keeper *k, size_t i)
{
	struct child *c = &k->children[i];
	pid_t parent = getpid();

	c->pid = fork();
	if (c->pid == 0)
		be_grabber(k, i, parent);
	if (c->pid < 0) {
		c->pid = 0;
		c->again = now_ms() + LATER_MS;
		return;
	}
	c->again = 0;
	c->began = now_ms();
}

/* It cannot say so itself any more. */
static void
tell_death(int fd, int sig)
{
	static struct batch b;
	char why[64];
	struct record r = { .kind = RECORD_DOWN };

	r.caplen = (uint32_t)snprintf(why, sizeof(why),
	    "its grabber died of signal %d", sig);
	b.used = 0;
	if (record_put(&b, &r, why))
		(void)send(fd, b.octets, b.used, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
grabber_ended(struct keeper *k, size_t i, int status)
{
	struct child *c = &k->children[i];
	int64_t lived = now_ms() - c->began;

	if (WIFSIGNALED(status))
		tell_death(k->m->fds[i], WTERMSIG(status));
	c->pid = 0;
	c->over = WIFEXITED(status) && WEXITSTATUS(status) == GRAB_DONE;
	if (lived > LONG_MS)
		c->tries = 0;
	c->again = now_ms() + (c->tries++ == 0 ? FIRST_MS : LATER_MS);
}

static void
start_due(struct keeper *k)
{
	struct child *c;

	for (size_t i = 0; i < k->m->opt->ninterfaces; i++) {
		c = &k->children[i];
		if (c->pid == 0 && !c->over && c->again <= now_ms())
			start_grabber(k, i);
	}
}

/* --- the end ---------------------------------------------------------- */

static const char *
signal_name(int sig)
{
	switch (sig) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGABRT:
		return "SIGABRT";
	case SIGBUS:
		return "SIGBUS";
	case SIGFPE:
		return "SIGFPE";
	case SIGILL:
		return "SIGILL";
	case SIGKILL:
		return "SIGKILL";
	case SIGSYS:
		return "SIGSYS, a system call that it may not use";
	default:
		return NULL;
	}
}

/*
 * Leaves the alternate screen, shows the cursor, ends mouse reports, bracketed
 * paste, colours and line drawing: xterm's control sequences, which others
 * obey or ignore. Only for who changed the terminal: at the left of a line
 * they do no harm, but they move the cursor.
 */
static void
give_back_terminal(const struct keeper *k)
{
	static const char
	    text[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l"
		     "\033[?1l\033>\033[?1049l\033[?25h\033[m\033(B\017\r";
	struct termios now;

	if (!k->has_terminal || tcgetattr(STDOUT_FILENO, &now) != 0 ||
	    (now.c_lflag == k->terminal.c_lflag &&
		now.c_iflag == k->terminal.c_iflag))
		return;
	(void)!write(STDOUT_FILENO, text, sizeof(text) - 1);
	tcsetattr(STDOUT_FILENO, TCSANOW, &k->terminal);
}

static void
end_grabbers(struct keeper *k)
{
	const struct options *opt = k->m->opt;
	int64_t until = now_ms() + ENDING_MS;
	struct timespec little = { .tv_nsec = 5000000 };
	bool running = true;

	for (size_t i = 0; i < opt->ninterfaces; i++)
		if (k->children[i].pid > 0)
			kill(k->children[i].pid, SIGTERM);
	while (running) {
		running = waitpid(-1, NULL, WNOHANG) >= 0;
		if (!running)
			break;
		if (now_ms() > until)
			for (size_t i = 0; i < opt->ninterfaces; i++)
				if (k->children[i].pid > 0)
					kill(k->children[i].pid, SIGKILL);
		nanosleep(&little, NULL);
	}
}

static _Noreturn void
analyzer_ended(struct keeper *k, int status)
{
	const char *name;
	int sig;

	if (WIFEXITED(status)) {
		end_grabbers(k);
		_exit(WEXITSTATUS(status));
	}
	sig = WTERMSIG(status);
	give_back_terminal(k);
	name = signal_name(sig);
	if (name != NULL)
		message("the analyzer died of %s", name);
	else if (sig != SIGINT && sig != SIGTERM && sig != SIGHUP &&
	    sig != SIGPIPE)
		message("the analyzer died of signal %d", sig);
	end_grabbers(k);
	_exit(128 + sig);
}

/* --- signals ---------------------------------------------------------- */

/*
 * The analyzer stopped by what a terminal's keys do, perhaps sent by itself:
 * the shell must see this process stop, and continues both.  Who stops the
 * analyzer alone (SIGSTOP) continues it alone.
 */
static void
stop_too(int sig)
{
	if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
		kill(getpid(), SIGSTOP);
}

static void
reap(struct keeper *k)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
		if (WIFSTOPPED(status)) {
			if (pid == k->m->analyzer)
				stop_too(WSTOPSIG(status));
			continue;
		}
		if (pid == k->m->analyzer)
			analyzer_ended(k, status);
		for (size_t i = 0; i < k->m->opt->ninterfaces; i++)
			if (k->children[i].pid == pid)
				grabber_ended(k, i, status);
	}
}

/*
 * While the analyzer is still root, this process may not signal it: what it
 * got is kept until it can be passed on.
 */
static void
pass_on(struct keeper *k)
{
	for (size_t i = 0; i < NPASSED; i++)
		if ((k->owed >> i & 1) != 0 &&
		    (kill(k->m->analyzer, passed[i]) == 0 || errno != EPERM))
			k->owed &= ~(1ul << i);
}

static void
signalled(struct keeper *k, const siginfo_t *info)
{
	if (info->si_signo == SIGCHLD || info->si_code == SI_KERNEL)
		return;
	for (size_t i = 0; i < NPASSED; i++)
		if (passed[i] == info->si_signo)
			k->owed |= 1ul << i;
}

static struct timespec
next_wake(const struct keeper *k)
{
	int64_t ms = 60000, left;
	const struct child *c;

	for (size_t i = 0; i < k->m->opt->ninterfaces; i++) {
		c = &k->children[i];
		left = c->again - now_ms();
		if (c->pid == 0 && !c->over && left < ms)
			ms = left < 0 ? 0 : left;
	}
	if (k->owed != 0 && ms > RETRY_MS)
		ms = RETRY_MS;
	return (struct timespec){ .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };
}

static void
ignored(int sig)
{
	(void)sig;
}

/* Blocked and waited for: nothing here runs at any other time. */
static void
take_signals(struct keeper *k)
{
	struct sigaction act = { .sa_handler = ignored };

	sigemptyset(&k->waited);
	sigaddset(&k->waited, SIGCHLD);
	sigaction(SIGCHLD, &act, NULL);
	for (size_t i = 0; i < NPASSED; i++) {
		sigaddset(&k->waited, passed[i]);
		/* Those whose default is to be ignored would not wait. */
		sigaction(passed[i], &act, NULL);
	}
	sigaddset(&k->waited, SIGPIPE);
	sigaddset(&k->waited, SIGTTOU);
	sigprocmask(SIG_SETMASK, &k->waited, NULL);
}

_Noreturn void
monitor_run(const struct monitor *m)
{
	struct keeper k = { .m = m };
	struct timespec wake;
	siginfo_t info;

	take_signals(&k);
	k.has_terminal = tcgetattr(STDOUT_FILENO, &k.terminal) == 0;
	if (!confine_monitor(&m->user)) {
		kill(m->analyzer, SIGKILL);
		_exit(3);
	}
	for (;;) {
		start_due(&k);
		pass_on(&k);
		wake = next_wake(&k);
		if (sigtimedwait(&k.waited, &info, &wake) > 0)
			signalled(&k, &info);
		reap(&k);
	}
}
