/*
 * output.c - a temporary file in the folder of the final one, renamed when
 * it is complete: a full disk or an interrupt leaves the old file as it was.
 * What is no regular file (/dev/null, a pipe) is written straight.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"
#include "table.h"
#include "text.h"

#define PENDING_MAX 16

struct output {
	FILE *file;
	char *path;      /* final; NULL: standard output */
	char *temporary; /* NULL: written straight */
};

/* Temporary files that a signal has to take away. */
static char *volatile pending[PENDING_MAX];

static void
take_away(int sig)
{
	for (size_t i = 0; i < PENDING_MAX; i++)
		if (pending[i] != NULL)
			unlink(pending[i]);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void
pending_set(const char *was, char *is)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM, SIGPIPE };
	static bool ready;
	void (*was_handler)(int);
	size_t i;

	for (i = 0; !ready && i < sizeof(signals) / sizeof(*signals); i++) {
		was_handler = signal(signals[i], take_away);
		if (was_handler != SIG_DFL)
			signal(signals[i], was_handler);
	}
	ready = true;
	for (i = 0; i < PENDING_MAX; i++)
		if (pending[i] == was) {
			pending[i] = is;
			return;
		}
}

int
output_status(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EIO:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return 3;
	default:
		return 2;
	}
}

/* As the umask, or the file that is to be replaced, has it. */
static void
set_mode(int fd, const struct stat *old)
{
	mode_t mask;

	if (old != NULL) {
		(void)fchmod(fd, old->st_mode & 0777);
		return;
	}
	mask = umask(0);
	umask(mask);
	(void)fchmod(fd, 0666 & ~mask);
}

static bool
open_temporary(struct output *o, const struct stat *old)
{
	int fd, error;

	o->temporary = text_printf("%s.XXXXXX", o->path);
	fd = mkstemp(o->temporary);
	if (fd < 0) {
		error = errno;
		free(o->temporary);
		o->temporary = NULL;
		errno = error;
		return false;
	}
	pending_set(NULL, o->temporary);
	set_mode(fd, old);
	o->file = fdopen(fd, "w");
	return o->file != NULL;
}

/* A link stays a link: what it points to is replaced. */
static bool
open_path(struct output *o, const char *path)
{
	char *target = realpath(path, NULL);
	struct stat sb;

	o->path = target != NULL ? target : text_printf("%s", path);
	if (target == NULL || stat(target, &sb) != 0)
		return open_temporary(o, NULL);
	if (S_ISREG(sb.st_mode))
		return open_temporary(o, &sb);
	o->file = fopen(target, "we");
	return o->file != NULL;
}

struct output *
output_open(const char *path, int *status)
{
	struct output *o = must_calloc(1, sizeof(*o));

	o->file = stdout;
	if (path == NULL || open_path(o, path))
		return o;
	*status = output_status(errno);
	message("%s: %s", path, strerror(errno));
	output_abort(o);
	return NULL;
}

FILE *
output_file(const struct output *o)
{
	return o->file;
}

static bool
finish(struct output *o)
{
	FILE *f = o->file;
	bool ok = ferror(f) == 0;
	int error = EIO;

	/* What failed long ago fails again, and says why. */
	if (fflush(f) != 0) {
		error = errno;
		ok = false;
	}
	o->file = NULL;
	if (f != stdout && fclose(f) != 0 && ok) {
		error = errno;
		ok = false;
	}
	if (ok && o->temporary != NULL && rename(o->temporary, o->path) != 0) {
		error = errno;
		ok = false;
	}
	errno = error;
	return ok;
}

bool
output_commit(struct output *o)
{
	bool ok = finish(o);

	if (!ok)
		message("%s: %s", o->path == NULL ? "standard output" : o->path,
		    strerror(errno));
	else if (o->temporary != NULL) {
		pending_set(o->temporary, NULL);
		free(o->temporary);
		o->temporary = NULL;
	}
	output_abort(o);
	return ok;
}

void
output_abort(struct output *o)
{
	if (o == NULL)
		return;
	if (o->file != NULL && o->file != stdout)
		fclose(o->file);
	if (o->temporary != NULL) {
		unlink(o->temporary);
		pending_set(o->temporary, NULL);
	}
	free(o->temporary);
	free(o->path);
	free(o);
}
