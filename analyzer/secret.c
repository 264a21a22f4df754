/*
 * secret.c - a password, from a file, a descriptor or the terminal.
 *
 * Read octet by octet with read(): stdio would leave a copy in its buffer,
 * and would take from a descriptor what belongs to the next password.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include "secret.h"
#include "text.h"

#ifndef __has_feature
#	define __has_feature(x) 0
#endif

enum got {
	GOT_LINE,
	GOT_NOTHING,
	GOT_ERROR, /* errno says which */
	GOT_TOO_MUCH,
	GOT_NUL
};

static enum got
read_line(int fd, struct secret *out)
{
	char c = '\0';
	ssize_t n;

	for (out->len = 0; (n = read(fd, &c, 1)) == 1 && c != '\n';) {
		if (c == '\0')
			return GOT_NUL;
		if (out->len == SECRET_MAX)
			return GOT_TOO_MUCH;
		out->text[out->len++] = c;
	}
	if (n < 0)
		return GOT_ERROR;
	if (out->len > 0 && out->text[out->len - 1] == '\r')
		out->len--;
	out->text[out->len] = '\0';
	return out->len == 0 ? GOT_NOTHING : GOT_LINE;
}

static bool
got_it(enum got got, const char *what, const char *where)
{
	switch (got) {
	case GOT_LINE:
		return true;
	case GOT_NOTHING:
		message("%s: holds no password for %s", where, what);
		break;
	case GOT_ERROR:
		message("%s: %s", where, strerror(errno));
		break;
	case GOT_TOO_MUCH:
		message("%s: the password of %s has more than %d octets", where,
		    what, SECRET_MAX);
		break;
	case GOT_NUL:
		message("%s: the password of %s holds a NUL", where, what);
		break;
	}
	return false;
}

/* --- the terminal -------------------------------------------------------- */

/* Echo comes back whatever ends the question. */
static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
#define NENDS (sizeof(ends) / sizeof(ends[0]))

static volatile sig_atomic_t ended_by;

static void
note_signal(int sig)
{
	ended_by = sig;
}

static void
say(int tty, const char *text)
{
	while (*text != '\0' && write(tty, text, 1) == 1)
		text++;
}

/* One question; a signal that came meanwhile is in ended_by. */
static enum got
ask_once(int tty, const char *what, struct secret *out)
{
	struct sigaction act = { .sa_handler = note_signal }, old[NENDS];
	struct termios shown, hidden;
	enum got got;
	size_t i;

	if (tcgetattr(tty, &shown) != 0)
		return GOT_ERROR;
	ended_by = 0;
	sigemptyset(&act.sa_mask);
	for (i = 0; i < NENDS; i++)
		sigaction(ends[i], &act, &old[i]);
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	tcsetattr(tty, TCSAFLUSH, &hidden);
	say(tty, "Password for ");
	say(tty, what);
	say(tty, ": ");
	got = ended_by != 0 ? GOT_ERROR : read_line(tty, out);
	tcsetattr(tty, TCSAFLUSH, &shown);
	say(tty, "\n");
	for (i = 0; i < NENDS; i++)
		sigaction(ends[i], &old[i], NULL);
	return got;
}

static bool
ask(const char *what, struct secret *out)
{
	char *shown = text_escaped(what);
	enum got got;
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (tty < 0) {
		message("no terminal to ask for the password of %s: name a "
			"file that holds it",
		    what);
		free(shown);
		return false;
	}
	/* Stopped and continued, it asks again. */
	do {
		got = ask_once(tty, shown, out);
		if (ended_by != 0)
			raise(ended_by);
	} while (ended_by == SIGTSTP);
	close(tty);
	free(shown);
	return got_it(got, what, "terminal");
}

/* --- files ---------------------------------------------------------------- */

/* N of "fd:N", -1 when it is a file's name, -2 when it is no number. */
static int
descriptor_of(const char *file)
{
	char *end;
	long n;

	if (strncmp(file, "fd:", 3) != 0)
		return -1;
	errno = 0;
	n = strtol(file + 3, &end, 10);
	if (errno != 0 || end == file + 3 || *end != '\0' || n < 0 ||
	    n > 1 << 20 || file[3] < '0' || file[3] > '9')
		return -2;
	return (int)n;
}

bool
secret_read(const char *what, const char *file, struct secret *out)
{
	int n, fd;
	bool ok;

	secret_guard();
	out->len = 0;
	out->text[0] = '\0';
	if (file == NULL)
		return ask(what, out);
	n = descriptor_of(file);
	if (n == -2) {
		message("%s: say a descriptor as fd:3", file);
		return false;
	}
	fd = n >= 0 ? n : open(file, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		message("%s: %s", file, strerror(errno));
		return false;
	}
	ok = got_it(read_line(fd, out), what, file);
	if (n < 0)
		close(fd);
	return ok;
}

void
secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

void
secret_guard(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	/* The leak checker looks into the process from outside. */
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer)
	prctl(PR_SET_DUMPABLE, 0);
#endif
}
