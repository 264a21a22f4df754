/*
 * probe-ldap.c - asks directories over LDAP, each in a child process with a
 * limit on its time and on what it says (probe-ldap.h says why).
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bounds.h"
#include "probe-ldap.h"
#include "table.h"
#include "text.h"

#ifdef HAVE_LDAP

static const struct str nothing = { "", 0 };

/* --- listening ------------------------------------------------------------ */

struct ear {
	struct ldap_listener listener;
	uint8_t *buf;
	size_t len, size;
	uint64_t heard; /* octets */
};

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#	define READ_AT_ONCE 65536

/* Reads what is there; false at the end of it, or of our patience. */
static bool
listen_once(struct ear *e, int fd)
{
	size_t used;
	ssize_t n;
	bool ok;

	if (e->size - e->len < READ_AT_ONCE) {
		e->size = e->size * 2 + READ_AT_ONCE;
		e->buf = must_realloc(e->buf, e->size, 1);
	}
	n = read(fd, e->buf + e->len, READ_AT_ONCE);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	e->len += (size_t)n;
	e->heard += (uint64_t)n;
	ok = ldap_listen(&e->listener, e->buf, e->len, &used);
	e->len -= used;
	memmove(e->buf, e->buf + used, e->len);
	return ok && e->heard <= LDAP_MAX_OCTETS;
}

/* Listens till the child ends; false when its time did before. */
static bool
listen_all(struct ear *e, int fd, int seconds)
{
	const int64_t end = now_ms() + (int64_t)seconds * 1000;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	bool more = true;

	while (more) {
		left = end - now_ms();
		if (left <= 0)
			return false;
		if (poll(&p, 1, (int)left) > 0)
			more = listen_once(e, fd);
	}
	return true;
}

/* What the child could not say itself. */
static bool
conclude(const struct ear *e, bool in_time, int seconds)
{
	const struct ldap_listener *l = &e->listener;

	if (l->done)
		return !l->failed;
	if (!in_time)
		message("%s: no end within %d second%s, %s", l->uri, seconds,
		    seconds == 1 ? "" : "s", l->doing);
	else if (e->heard > LDAP_MAX_OCTETS)
		message("%s: sent more than %llu MB: the rest is left out",
		    l->uri, (unsigned long long)(LDAP_MAX_OCTETS >> 20));
	else
		message("%s: the client broke down, %s", l->uri, l->doing);
	return false;
}

/* --- the child ------------------------------------------------------------ */

_Noreturn static void
child(struct ldap_task *t, int fd, pid_t parent)
{
	bool ok;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	t->out = fdopen(fd, "w");
	if (t->out == NULL)
		_exit(1);
	if (t->questions != NULL)
		t->self.directory = directory_new();
	t->self.uri = t->uri;
	ok = ldap_client(t);
	ldap_say(t, ok ? WORD_DONE : WORD_FAILED, nothing, nothing);
	fflush(t->out);
	/* No exit(): what stdio holds for others is the parent's to write. */
	_exit(0);
}

static void
reap(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static bool
ask_server(struct ldap_task *t, struct directory *d)
{
	struct ear e = { .listener = { .directory = d, .uri = t->uri } };
	const pid_t parent = getpid();
	bool in_time;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) != 0) {
		message("%s: %s", t->uri, strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		child(t, fds[1], parent);
	}
	close(fds[1]);
	if (pid < 0) {
		message("%s: %s", t->uri, strerror(errno));
		close(fds[0]);
		return false;
	}
	in_time = listen_all(&e, fds[0], t->timeout);
	close(fds[0]);
	reap(pid);
	ldap_listener_end(&e.listener);
	free(e.buf);
	return conclude(&e, in_time, t->timeout);
}

/* --- all of them ---------------------------------------------------------- */

static bool
password_of(const struct options *opt, struct secret *out)
{
	if (opt->ldap_user != NULL)
		return secret_read(opt->ldap_user, opt->ldap_password, out);
	if (opt->ldap_password == NULL)
		return true;
	message("--ldap-password-file needs --ldap-user");
	return false;
}

bool
ldap_ask(struct directory *d, const struct options *opt,
    const struct questions *q)
{
	struct secret password = { .len = 0 };
	struct ldap_task t = {
		.ca = opt->ldap_ca,
		.user = opt->ldap_user,
		.timeout = opt->ldap_timeout,
		.password = &password,
		.questions = q,
	};
	bool ok = true;
	size_t i;

	if (q != NULL && question_at(q, 0) == NULL)
		return true;
	ok = password_of(opt, &password);
	for (i = 0; i < opt->nldaps && (ok || i > 0); i++) {
		t.uri = opt->ldaps[i];
		ok &= ask_server(&t, d);
	}
	secret_wipe(&password);
	return ok;
}

#else

bool
ldap_ask(struct directory *d, const struct options *opt,
    const struct questions *q)
{
	(void)d;
	(void)q;
	message("--ldap %s: this kerbscope was built without LDAP; export an "
		"LDIF and give it with --ldif",
	    opt->ldaps[0]);
	return false;
}

#endif
