/*
 * folder.c - see folder.h.
 *
 * A file is opened with O_EXCL and O_NOFOLLOW, relative to the folder, and
 * added to with O_APPEND, so that what a full disk took of a write can be cut
 * off again: at any moment the file is as the last whole write left it.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "presenter.h"
#include "table.h"
#include "text.h"

/* 9 stands for any digit. */
static const char form[] = "kerbscope-99999999T999999Z-999.pcapng";

struct file {
	char name[sizeof(form)];
	uint64_t size;
};

struct folder {
	char *path;
	int dir;
	bool made;          /* it was not there before */
	uint64_t size;      /* all may take */
	uint64_t total;     /* and they do */
	struct file *files; /* the oldest first; the last is the open one */
	size_t nfiles, room;
	int fd;          /* of the last; -1: none is open */
	uint64_t number; /* of files made */
	int failed;      /* errno that was told; 0: none */
};

static bool
is_ours(const char *name)
{
	size_t i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == '9' ? !isdigit((uint8_t)name[i]) :
				     name[i] != form[i])
			return false;
	return name[i] == '\0';
}

static void
files_add(struct folder *f, const char *name, uint64_t size)
{
	struct file *file;

	if (f->nfiles == f->room) {
		f->room = f->room * 2 + 16;
		f->files = must_realloc(f->files, f->room, sizeof(*f->files));
	}
	file = &f->files[f->nfiles++];
	memcpy(file->name, name, sizeof(file->name));
	file->size = size;
	f->total += size;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->name,
	    ((const struct file *)b)->name);
}

/* What earlier runs have left; false when the folder cannot be read. */
static bool
files_find(struct folder *f)
{
	int fd = openat(f->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (d == NULL)
		return false;
	while ((entry = readdir(d)) != NULL)
		if (is_ours(entry->d_name) &&
		    fstatat(f->dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
			0 &&
		    S_ISREG(st.st_mode))
			files_add(f, entry->d_name, (uint64_t)st.st_size);
	closedir(d);
	if (f->nfiles > 0)
		qsort(f->files, f->nfiles, sizeof(*f->files), by_name);
	return true;
}

static void
folder_close(struct folder *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

struct folder *
folder_open(const char *dir, uint64_t size)
{
	struct folder *f;

	if (size < FOLDER_LEAST) {
		message("%s: %llu octets hold nothing; give it at least %llu",
		    dir, (unsigned long long)size,
		    (unsigned long long)FOLDER_LEAST);
		return NULL;
	}
	f = must_calloc(1, sizeof(*f));
	f->path = must_text((struct str){ dir, strlen(dir) });
	f->size = size;
	f->fd = -1;
	f->made = mkdir(dir, 0750) == 0;
	f->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir >= 0 && files_find(f))
		return f;
	message("%s: %s", dir, strerror(errno));
	folder_free(f);
	return NULL;
}

void
folder_give(struct folder *f, uid_t uid, gid_t gid)
{
	/* folder_ready() says what became of it. */
	if (f->made && fchown(f->dir, uid, gid) < 0)
		f->made = false;
}

bool
folder_ready(const struct folder *f)
{
	if (faccessat(f->dir, ".", W_OK | X_OK, 0) == 0)
		return true;
	message("%s: %s for user %u, who analyses; give it that folder: "
		"chown %u %s",
	    f->path, strerror(errno), (unsigned)geteuid(), (unsigned)geteuid(),
	    f->path);
	return false;
}

size_t
folder_most(const struct folder *f)
{
	return (size_t)(f->size / FOLDER_FILES);
}

bool
folder_failing(const struct folder *f)
{
	return f->failed != 0;
}

/* WHY is an errno, 0 for success. */
static bool
folder_tell(struct folder *f, int why)
{
	if (why != 0 && f->failed == 0)
		message("%s: %s; packets of log-ons that fail are not written",
		    f->path, strerror(why));
	else if (why == 0 && f->failed != 0)
		message("%s: can be written to again", f->path);
	f->failed = why;
	return why == 0;
}

/* Forgets file I, whose octets are gone. */
static void
files_drop(struct folder *f, size_t i)
{
	f->total -= f->files[i].size;
	f->nfiles--;
	memmove(&f->files[i], &f->files[i + 1],
	    (f->nfiles - i) * sizeof(*f->files));
}

/* Makes room for N octets; an errno. */
static int
folder_room(struct folder *f, size_t n)
{
	while (f->total + n > f->size && f->nfiles > 1) {
		if (unlinkat(f->dir, f->files[0].name, 0) < 0 &&
		    errno != ENOENT)
			return errno;
		files_drop(f, 0);
	}
	return f->total + n > f->size ? EFBIG : 0;
}

/* Opens a file whose name holds the second of NOW; an errno. */
static int
folder_make(struct folder *f, int64_t now)
{
	char time[TIME_TEXT], name[sizeof(form) + 64];
	int serial;

	time_text(now, time);
	for (serial = 1; serial < 1000; serial++) {
		/* 2026-11-22T10:00:00.000000Z without its marks. */
		snprintf(name, sizeof(name),
		    "kerbscope-%.4s%.2s%.5s%.2s%.2sZ-%03d.pcapng", time,
		    time + 5, time + 8, time + 14, time + 17, serial);
		f->fd = openat(f->dir, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND |
			O_CLOEXEC,
		    0640);
		if (f->fd >= 0) {
			files_add(f, name, 0);
			f->number++;
			return 0;
		}
		if (errno != EEXIST)
			return errno;
	}
	return EEXIST;
}

uint64_t
folder_file(struct folder *f, int64_t now)
{
	struct stat st;
	int why;

	/* Somebody may have removed it: what is written then, nobody reads. */
	if (f->fd >= 0 &&
	    (f->files[f->nfiles - 1].size >= folder_most(f) ||
		(fstat(f->fd, &st) == 0 && st.st_nlink == 0)))
		folder_close(f);
	if (f->fd >= 0)
		return f->number;
	why = folder_make(f, now);
	if (why != 0)
		folder_tell(f, why);
	return why == 0 ? f->number : 0;
}

/* All of N octets, or an errno. */
static int
write_all(int fd, const uint8_t *octets, size_t n)
{
	ssize_t did;

	for (; n > 0; octets += did, n -= (size_t)did) {
		did = write(fd, octets, n);
		if (did < 0 && errno == EINTR)
			did = 0;
		if (did < 0)
			return errno;
	}
	return 0;
}

/*
 * Cuts off what a failed write has left.  A file that would be empty is no
 * capture: it goes.
 */
static void
folder_undo(struct folder *f)
{
	struct file *last = &f->files[f->nfiles - 1];

	if (ftruncate(f->fd, (off_t)last->size) == 0 && last->size > 0)
		return;
	folder_close(f);
	if (last->size > 0)
		return;
	if (unlinkat(f->dir, last->name, 0) == 0 || errno == ENOENT)
		files_drop(f, f->nfiles - 1);
}

bool
folder_add(struct folder *f, const void *octets, size_t n)
{
	int why;

	if (f->fd < 0)
		return false;
	why = folder_room(f, n);
	if (why == 0)
		why = write_all(f->fd, octets, n);
	if (why != 0) {
		folder_undo(f);
		return folder_tell(f, why);
	}
	f->files[f->nfiles - 1].size += n;
	f->total += n;
	return folder_tell(f, 0);
}

void
folder_free(struct folder *f)
{
	if (f == NULL)
		return;
	folder_close(f);
	if (f->dir >= 0)
		close(f->dir);
	free(f->files);
	free(f->path);
	free(f);
}
