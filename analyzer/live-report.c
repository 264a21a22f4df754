/*
 * live-report.c - the reports of a run that goes on: when SIGUSR1 asks, and
 * at the end.
 *
 * A file is opened while this process still may.  It is written beside its
 * place and renamed if the folder allows that to whom we have become, else
 * put together in memory and written over what it held.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "live-inside.h"
#include "memory.h"
#include "text.h"

static bool
open_file(struct live *l, size_t i)
{
	const char *path = l->opt->outputs[i].path;
	struct report_file *f = &l->files[i];
	struct stat sb;

	if (run_is_input(l->opt, path)) {
		run_worsen(&l->run, STATUS_WRONG);
		return false;
	}
	f->made = access(path, F_OK) != 0;
	f->fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (f->fd < 0) {
		run_worsen(&l->run, output_status(errno));
		message("%s: %s", path, strerror(errno));
		return false;
	}
	f->regular = fstat(f->fd, &sb) == 0 && S_ISREG(sb.st_mode);
	return true;
}

bool
live_report_open(struct live *l)
{
	size_t i;

	for (i = 0; i < OPTIONS_OUTPUTS; i++)
		l->files[i].fd = -1;
	for (i = 0; i < l->opt->noutputs; i++)
		if (l->opt->outputs[i].path != NULL && !open_file(l, i))
			return false;
	return true;
}

/* In a folder like /tmp only who owns a file may replace it. */
static bool
may_replace(const struct stat *folder, const struct stat *file)
{
	return (folder->st_mode & S_ISVTX) == 0 ||
	    folder->st_uid == geteuid() || file->st_uid == geteuid();
}

static bool
may_rename(const char *path, int fd)
{
	struct stat folder, file;
	char *copy = text_printf("%s", path), *name = dirname(copy);
	bool may = access(name, W_OK | X_OK) == 0 && stat(name, &folder) == 0 &&
	    fstat(fd, &file) == 0 && may_replace(&folder, &file);

	free(copy);
	return may;
}

/* An empty file that was only to see whether it can be is taken away. */
void
live_report_settle(struct live *l)
{
	for (size_t i = 0; i < l->opt->noutputs; i++) {
		const char *path = l->opt->outputs[i].path;
		struct report_file *f = &l->files[i];

		if (f->fd < 0 || !f->regular || !may_rename(path, f->fd))
			continue;
		close(f->fd);
		f->fd = -1;
		if (f->made)
			unlink(path);
	}
}

void
live_report_close(struct live *l)
{
	for (size_t i = 0; i < OPTIONS_OUTPUTS; i++)
		if (l->files[i].fd >= 0)
			close(l->files[i].fd);
}

/* --- writing ------------------------------------------------------------- */

static bool
write_all(int fd, const char *text, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, text + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool
write_over(struct live *l, size_t i)
{
	const struct report_file *f = &l->files[i];
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool ok;

	if (out == NULL)
		memory_none();
	run_present(&l->run, i, l->result, out);
	if (fclose(out) != 0 || text == NULL)
		memory_none();
	ok = (!f->regular || lseek(f->fd, 0, SEEK_SET) == 0) &&
	    write_all(f->fd, text, len) &&
	    (!f->regular || ftruncate(f->fd, (off_t)len) == 0);
	if (!ok)
		message("%s: %s", l->opt->outputs[i].path, strerror(errno));
	free(text);
	return ok;
}

static bool
write_whole(struct live *l, size_t i)
{
	int status = STATUS_FAILED;
	struct output *o = output_open(l->opt->outputs[i].path, &status);

	if (o == NULL)
		return false;
	run_present(&l->run, i, l->result, output_file(o));
	return output_commit(o);
}

void
live_report(struct live *l, bool shown)
{
	const struct options *opt = l->opt;
	bool written = false, asked = false;

	for (size_t i = 0; i < opt->noutputs; i++) {
		if (opt->outputs[i].path == NULL && (!shown || l->unread))
			continue;
		asked = true;
		if (l->files[i].fd >= 0 ? write_over(l, i) : write_whole(l, i))
			written = true;
		else
			run_worsen(&l->run, STATUS_FAILED);
	}
	if (asked && !written && shown)
		run_last_resort(&l->run, l->result);
}
