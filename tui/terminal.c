/*
 * terminal.c - the terminal taken and given back.
 *
 * curses draws; the keyboard is read here (keys.c says why).  What was found
 * is restored in three cases: the end, a signal, a crash.  In the latter two
 * curses may be in the middle of something, so all that is needed was
 * prepared: one string of octets and the modes of the line.
 */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "keys.h"
#include "terminal.h"

#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

#define ESCAPE_DELAY 25 /* of curses, which never gets to wait */

static struct {
	SCREEN *screen;
	struct termios found;
	char *locale; /* of LC_CTYPE, as found */
	char kind[64];
	bool mouse, utf8, gone;
	/* To give it back; taken is set last and cleared first. */
	char rescue[256];
	volatile sig_atomic_t rescue_len;
	volatile sig_atomic_t taken;
} self;

static bool fail(char error[TUI_ERROR], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
fail(char error[TUI_ERROR], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(error, TUI_ERROR, fmt, ap);
	va_end(ap);
	return false;
}

/* Adds what terminfo calls NAME to the string that gives it back. */
static void
add_rescue(const char *octets)
{
	size_t have = (size_t)self.rescue_len, n;

	if (octets == NULL || octets == (char *)-1)
		return;
	n = strlen(octets);
	if (n >= sizeof(self.rescue) - have)
		return;
	memcpy(self.rescue + have, octets, n);
	self.rescue_len = (sig_atomic_t)(have + n);
}

static void
prepare_rescue(void)
{
	self.rescue_len = 0;
	if (self.mouse)
		add_rescue(MOUSE_OFF);
	add_rescue(tigetstr("rmkx"));
	add_rescue(tigetstr("sgr0"));
	add_rescue(tigetstr("op"));
	add_rescue(tigetstr("cnorm"));
	add_rescue(tigetstr("rmcup"));
	add_rescue("\r\n");
}

/*
 * curses ends the program over a terminal that it does not know, so it is
 * asked whether it does.
 */
static bool
known(char error[TUI_ERROR])
{
	const char *kind = getenv("TERM");
	int status = 0;

	if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
		return fail(error, "standard %s is not a terminal",
		    isatty(STDIN_FILENO) != 1 ? "input" : "output");
	if (kind == NULL || *kind == '\0')
		return fail(error,
		    "TERM is not set: the kind of the terminal is not known");
	/* It stands in a sentence, and on a terminal. */
	for (size_t i = 0; kind[i] != '\0'; i++)
		if (kind[i] <= ' ' || kind[i] > '~' ||
		    i == sizeof(self.kind) - 1)
			return fail(error, "TERM is not a name");
	strcpy(self.kind, kind);
	if (setupterm(kind, STDOUT_FILENO, &status) != OK || status != 1)
		return fail(error, "the terminal TERM=%s is not known here",
		    kind);
	if (tigetstr("cup") == NULL || tigetstr("cup") == (char *)-1)
		return fail(error,
		    "the terminal TERM=%s cannot place its cursor", kind);
	return true;
}

static void
set_locale(void)
{
	const char *now = setlocale(LC_CTYPE, NULL);

	self.locale = now == NULL ? NULL : strdup(now);
	setlocale(LC_CTYPE, "");
	self.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void
restore_locale(void)
{
	if (self.locale != NULL)
		setlocale(LC_CTYPE, self.locale);
	free(self.locale);
	self.locale = NULL;
}

/*
 * The keys come one by one and unseen.  ^C stays a signal, for a program that
 * hangs; ^Z does not: a process that may do next to nothing cannot stop
 * itself, and what it captures would be lost; ^S is no key to hold output.
 */
static void
set_modes(void)
{
	struct termios line;

	cbreak();
	noecho();
	nonl();
	if (tcgetattr(STDIN_FILENO, &line) == 0) {
		line.c_cc[VSUSP] = _POSIX_VDISABLE;
		line.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
		tcsetattr(STDIN_FILENO, TCSANOW, &line);
		def_prog_mode();
	}
	set_escdelay(ESCAPE_DELAY);
	keypad(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	typeahead(-1);
	curs_set(0);
}

bool
terminal_open(char error[TUI_ERROR])
{
	const char *mouse;

	if (!known(error))
		return false;
	if (tcgetattr(STDIN_FILENO, &self.found) != 0)
		return fail(error, "the terminal cannot be asked: %s",
		    strerror(errno));
	set_locale();
	mouse = tigetstr("kmous");
	self.mouse = mouse != NULL && mouse != (char *)-1;
	prepare_rescue();
	self.gone = false;
	del_curterm(cur_term);
	self.screen = newterm(self.kind, stdout, stdin);
	if (self.screen == NULL) {
		restore_locale();
		return fail(error, "curses cannot use the terminal TERM=%s",
		    self.kind);
	}
	self.taken = 1;
	keys_learn();
	set_modes();
	refresh();
	if (self.mouse)
		terminal_send(MOUSE_ON, strlen(MOUSE_ON));
	return true;
}

void
terminal_close(void)
{
	if (self.screen == NULL)
		return;
	if (self.mouse)
		terminal_send(MOUSE_OFF, strlen(MOUSE_OFF));
	if (self.taken) {
		endwin();
		tcsetattr(STDIN_FILENO, TCSANOW, &self.found);
	}
	self.taken = 0;
	delscreen(self.screen);
	self.screen = NULL;
	restore_locale();
}

void
tui_rescue(void)
{
	int error = errno;
	ssize_t n;

	if (!self.taken)
		return;
	self.taken = 0;
	n = write(STDOUT_FILENO, self.rescue, (size_t)self.rescue_len);
	(void)n;
	tcsetattr(STDIN_FILENO, TCSANOW, &self.found);
	errno = error;
}

size_t
terminal_read(unsigned char *b, size_t n)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t got;

	/* The line is left as it is: O_NONBLOCK would be the shell's too. */
	if (self.gone || poll(&p, 1, 0) != 1 || p.revents == 0)
		return 0;
	got = read(STDIN_FILENO, b, n);
	if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
		self.gone = true;
	return got < 0 ? 0 : (size_t)got;
}

bool
terminal_gone(void)
{
	return self.gone;
}

bool
terminal_resized(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_row == 0 ||
	    w.ws_col == 0 ||
	    (w.ws_row == getmaxy(stdscr) && w.ws_col == getmaxx(stdscr)))
		return false;
	return resize_term(w.ws_row, w.ws_col) == OK;
}

void
terminal_send(const char *octets, size_t n)
{
	ssize_t done;

	fflush(stdout);
	while (n > 0) {
		done = write(STDOUT_FILENO, octets, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return;
		octets += done;
		n -= (size_t)done;
	}
}

int64_t
terminal_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
terminal_utf8(void)
{
	return self.utf8;
}

const char *
terminal_kind(void)
{
	return self.kind;
}
