/*
 * logfile.c - lines are put together in memory and written by one write(), so
 * that a disk that is full never leaves half of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logfile.h"
#include "memory.h"
#include "table.h"
#include "text.h"

struct logfile {
	const char *path;
	int fd;
	FILE *line; /* into the two below */
	char *text;
	size_t len;
	bool failing;
	uint64_t lost, lost_now; /* in all; since it fails */
};

/*
 * A FIFO is not waited for: whoever parses packets would be blind as long as
 * nobody reads it.  Names of users are nobody else's business.
 */
static int
open_path(const char *path)
{
	if (strcmp(path, "-") == 0)
		return STDOUT_FILENO;
	return open(path,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

static const char *
open_error(void)
{
	return errno == ENXIO ? "nobody reads this FIFO" : strerror(errno);
}

struct logfile *
logfile_open(const char *path)
{
	struct logfile *l;
	int fd = open_path(path);

	if (fd < 0) {
		message("%s: %s", path, open_error());
		return NULL;
	}
	l = must_calloc(1, sizeof(*l));
	l->path = path;
	l->fd = fd;
	l->line = open_memstream(&l->text, &l->len);
	if (l->line == NULL)
		memory_none();
	return l;
}

FILE *
logfile_line(struct logfile *l)
{
	rewind(l->line);
	return l->line;
}

/* Takes away what a write that ended half-way has left. */
static void
cut(struct logfile *l, off_t was)
{
	struct stat sb;
	int error = errno;

	if (fstat(l->fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    ftruncate(l->fd, was) != 0)
		error = errno;
	errno = error;
}

static bool
write_all(struct logfile *l)
{
	off_t was = lseek(l->fd, 0, SEEK_END);
	size_t done = 0;
	ssize_t n;

	while (done < l->len) {
		n = write(l->fd, l->text + done, l->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (done > 0 && was >= 0)
				cut(l, was);
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

static const char *
name(const struct logfile *l)
{
	return strcmp(l->path, "-") == 0 ? "standard output" : l->path;
}

void
logfile_commit(struct logfile *l)
{
	fflush(l->line);
	if (write_all(l)) {
		if (l->failing)
			message("%s: is written again; %" PRIu64
				" lines were lost",
			    name(l), l->lost_now);
		l->failing = false;
		l->lost_now = 0;
		return;
	}
	if (!l->failing)
		message("%s: %s; lines are lost, the report will have it all",
		    name(l), strerror(errno));
	l->failing = true;
	l->lost++;
	l->lost_now++;
}

bool
logfile_failing(const struct logfile *l)
{
	return l->failing;
}

uint64_t
logfile_lost(const struct logfile *l)
{
	return l->lost;
}

void
logfile_reopen(struct logfile *l)
{
	int fd;

	if (strcmp(l->path, "-") == 0)
		return;
	fd = open_path(l->path);
	if (fd < 0) {
		message("%s: %s; the old file goes on", l->path, open_error());
		return;
	}
	close(l->fd);
	l->fd = fd;
}

void
logfile_close(struct logfile *l)
{
	if (l == NULL)
		return;
	if (l->fd != STDOUT_FILENO)
		close(l->fd);
	fclose(l->line);
	free(l->text);
	free(l);
}
