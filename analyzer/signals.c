/*
 * signals.c - handlers that note what came and wake poll() up by a pipe.
 *
 * A second signal to end, while the report is written, is noted like the
 * first: it does not cut the file.  A crash gives the terminal back first and
 * then happens as it would have; it must not need a system call that a
 * confined process has not.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "signals.h"

static int ends[2] = { -1, -1 }; /* of the pipe */
static volatile sig_atomic_t came[4];
static void (*rescuer)(void);

static void
note(unsigned what)
{
	int error = errno;
	ssize_t n;

	for (unsigned i = 0; i < 4; i++)
		if ((what & 1U << i) != 0)
			came[i] = 1;
	n = write(ends[1], "", 1); /* full: it is readable anyway */
	(void)n;
	errno = error;
}

static void
handle(int sig)
{
	switch (sig) {
	case SIGUSR1:
		note(SIGNAL_REPORT);
		break;
	case SIGWINCH:
	case SIGCONT:
		note(SIGNAL_WINDOW);
		break;
	case SIGHUP:
		/* Without its terminal there is nobody to show it to. */
		note(rescuer == NULL ? SIGNAL_REOPEN : SIGNAL_END);
		break;
	default:
		note(SIGNAL_END);
		break;
	}
}

/*
 * SA_RESETHAND: what faulted faults again on return, and abort() goes on by
 * itself, both without this handler.  What another process sent (a watchdog,
 * kill -SEGV) does not come again by itself.
 */
static void
crash(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (rescuer != NULL)
		rescuer();
	if (info->si_code == SI_USER || info->si_code == SI_QUEUE)
		raise(sig);
}

static void
catch_crash(int sig)
{
	struct sigaction sa = { .sa_sigaction = crash,
		.sa_flags = (int)(SA_RESETHAND | SA_SIGINFO) };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void catch (int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&sa.sa_mask);
	sigaction(sig, &sa, NULL);
}

static void
rescue_at_exit(void)
{
	if (rescuer != NULL)
		rescuer();
}

void
signals_begin(void (*rescue)(void))
{
	static const int ordinary[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
	static const int shown[] = { SIGQUIT, SIGWINCH, SIGCONT };
	static const int fatal[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL };
	size_t i;

	rescuer = rescue;
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		abort();
	for (i = 0; i < sizeof(ordinary) / sizeof(*ordinary); i++)
		catch (ordinary[i], handle, SA_RESTART);
	catch (SIGPIPE, SIG_IGN, 0);
	if (rescue == NULL)
		return;
	/* As ^Z (tui/terminal.c): curses would stop with half of it undone. */
	catch (SIGTSTP, SIG_IGN, 0);
	for (i = 0; i < sizeof(shown) / sizeof(*shown); i++)
		catch (shown[i], handle, SA_RESTART);
	for (i = 0; i < sizeof(fatal) / sizeof(*fatal); i++)
		catch_crash(fatal[i]);
	atexit(rescue_at_exit);
}

void
signals_unscreened(void)
{
	rescuer = NULL;
}

struct pollfd
signals_poll(void)
{
	return (struct pollfd){ .fd = ends[0], .events = POLLIN };
}

unsigned
signals_take(void)
{
	unsigned what = 0;
	char octets[64];

	while (read(ends[0], octets, sizeof(octets)) > 0)
		;
	for (unsigned i = 0; i < 4; i++)
		if (came[i]) {
			came[i] = 0;
			what |= 1U << i;
		}
	return what;
}
