/*
 * source-stream.c - undoes the compression of an input.
 *
 * What an input is, is told by its first octets and never by its name, and
 * without seeking, so that a pipe works as a file does.  libarchive undoes
 * the compression ("raw" format: one member without a name) with its own
 * code only: where it would start a program (an lz4 that it was not built
 * with), the input is refused.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source-stream.h"
#include "table.h"

#define BLOCK 65536
#define BUFFER 131072

static const struct compression {
	const char *name;
	const char *magic;
	size_t len;
	int (*support)(struct archive *);
} compressions[] = {
	{ "gzip", "\x1f\x8b\x08", 3, archive_read_support_filter_gzip },
	{ "zstd", "\x28\xb5\x2f\xfd", 4, archive_read_support_filter_zstd },
	{ "xz", "\xfd\x37zXZ\0", 6, archive_read_support_filter_xz },
	{ "lz4", "\x04\x22\x4d\x18", 4, archive_read_support_filter_lz4 },
	{ "bzip2", "BZh", 3, archive_read_support_filter_bzip2 },
	{ NULL, NULL, 0, NULL },
};

struct stream {
	int fd;
	uint64_t size, offset;
	const struct compression *compression; /* NULL: none */
	struct archive *archive;
	bool empty;  /* it holds nothing */
	bool direct; /* the FILE reads the file itself */
	char error[SOURCE_ERROR];
	char buffer[BUFFER]; /* of the FILE made of it */
	uint8_t raw[BLOCK];  /* a block of the file */
	size_t raw_len;      /* of it read ahead */
	uint8_t head[STREAM_HEAD];
	size_t head_len, head_at;
};

static bool (*waiter)(void *arg, int fd);
static void *waiter_arg;

void
source_wait(bool (*wait)(void *arg, int fd), void *arg)
{
	waiter = wait;
	waiter_arg = arg;
}

static ssize_t
raw_read(struct stream *st, void *buf, size_t n)
{
	ssize_t got;

	/* A file has a size and never lets anybody wait. */
	if (waiter != NULL && st->size == 0 && !waiter(waiter_arg, st->fd)) {
		if (st->offset == 0)
			snprintf(st->error, sizeof(st->error),
			    "nothing came of it");
		return 0;
	}
	do
		got = read(st->fd, buf, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		snprintf(st->error, sizeof(st->error), "cannot be read: %s",
		    strerror(errno));
	else
		st->offset += (uint64_t)got;
	return got;
}

/* Hands libarchive first what was read ahead, then the rest. */
static la_ssize_t
archive_more(struct archive *a, void *arg, const void **buf)
{
	struct stream *st = arg;
	ssize_t got = (ssize_t)st->raw_len;

	*buf = st->raw;
	st->raw_len = 0;
	if (got == 0)
		got = raw_read(st, st->raw, sizeof(st->raw));
	if (got < 0)
		archive_set_error(a, errno, "%s", st->error);
	return got;
}

static void
archive_failed(struct stream *st)
{
	const char *why = archive_error_string(st->archive);

	if (st->error[0] == '\0')
		snprintf(st->error, sizeof(st->error),
		    "%s data is damaged or cut: %s", st->compression->name,
		    why == NULL ? "unknown reason" : why);
}

static ssize_t
plain_read(struct stream *st, void *buf, size_t n)
{
	if (st->raw_len == 0)
		return raw_read(st, buf, n);
	if (n > st->raw_len)
		n = st->raw_len;
	memcpy(buf, st->raw, n);
	st->raw_len -= n;
	memmove(st->raw, st->raw + n, st->raw_len);
	return (ssize_t)n;
}

/* The next octets, decompressed; -1 with st->error set. */
static ssize_t
stream_next(struct stream *st, void *buf, size_t n)
{
	la_ssize_t got;

	if (st->error[0] != '\0')
		return -1;
	if (st->archive == NULL)
		return plain_read(st, buf, n);
	if (st->empty)
		return 0;
	got = archive_read_data(st->archive, buf, n);
	if (got < 0)
		archive_failed(st);
	return got < 0 ? -1 : got;
}

static ssize_t
cookie_read(void *cookie, char *buf, size_t n)
{
	struct stream *st = cookie;
	size_t left = st->head_len - st->head_at;
	ssize_t got;

	if (left == 0) {
		got = stream_next(st, buf, n);
		if (got < 0)
			errno = EIO;
		return got;
	}
	if (n > left)
		n = left;
	memcpy(buf, st->head + st->head_at, n);
	st->head_at += n;
	return (ssize_t)n;
}

/*
 * A file without compression, from its start: glibc copies what comes from
 * functions of ours octet by octet, the headers of packets among it.
 */
static FILE *
direct_file(struct stream *st)
{
	FILE *f;
	int fd;

	if (st->size == 0 || st->compression != NULL || st->error[0] != '\0')
		return NULL;
	fd = fcntl(st->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, "r");
	if (f == NULL) {
		close(fd);
	} else if (lseek(fd, -(off_t)st->offset, SEEK_CUR) < 0) {
		fclose(f);
		f = NULL;
	}
	st->direct = f != NULL;
	return f;
}

FILE *
stream_file(struct stream *st)
{
	static const cookie_io_functions_t io = { .read = cookie_read };
	FILE *f = direct_file(st);

	if (f == NULL)
		f = fopencookie(st, "r", io);
	if (f == NULL)
		return NULL;
	/* Without a buffer of ours glibc takes no notice of the size. */
	setvbuf(f, st->buffer, _IOFBF, sizeof(st->buffer));
	/* libpcap reads twice for each packet; nobody else reads it. */
	__fsetlocking(f, FSETLOCKING_BYCALLER);
	return f;
}

/* Reads ahead until NEED octets are there or no more come. */
static size_t
fill(struct stream *st, uint8_t *buf, size_t need,
    ssize_t (*more)(struct stream *, void *, size_t))
{
	size_t n = 0;
	ssize_t got;

	while (n < need) {
		got = more(st, buf + n, need - n);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	return n;
}

static bool
decompress(struct stream *st, char error[SOURCE_ERROR])
{
	struct archive_entry *entry;
	int rc;

	st->archive = archive_read_new();
	if (st->archive == NULL)
		return false;
	if (st->compression->support(st->archive) != ARCHIVE_OK) {
		snprintf(error, SOURCE_ERROR,
		    "is compressed with %s, which this build cannot undo",
		    st->compression->name);
		return false;
	}
	archive_read_support_format_raw(st->archive);
	archive_read_support_format_empty(st->archive);
	rc = archive_read_open(st->archive, st, NULL, archive_more, NULL);
	if (rc == ARCHIVE_OK)
		rc = archive_read_next_header(st->archive, &entry);
	st->empty = rc == ARCHIVE_EOF;
	if (rc != ARCHIVE_OK && rc != ARCHIVE_EOF)
		archive_failed(st);
	return true;
}

static bool
open_fd(struct stream *st, const char *path, char error[SOURCE_ERROR])
{
	struct stat sb;
	/* Who waits for the octets of a pipe waits for its writer with them. */
	int how = O_RDONLY | O_CLOEXEC | (waiter != NULL ? O_NONBLOCK : 0);

	st->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, how);
	if (st->fd < 0 || fstat(st->fd, &sb) != 0 ||
	    ((how & O_NONBLOCK) != 0 && st->fd != STDIN_FILENO &&
		fcntl(st->fd, F_SETFL, O_RDONLY) != 0)) {
		snprintf(error, SOURCE_ERROR, "%s", strerror(errno));
		return false;
	}
	if (S_ISDIR(sb.st_mode)) {
		snprintf(error, SOURCE_ERROR, "is a directory");
		return false;
	}
	if (S_ISREG(sb.st_mode))
		st->size = (uint64_t)sb.st_size;
	return true;
}

static bool
stream_start(struct stream *st, char error[SOURCE_ERROR])
{
	const struct compression *c;

	st->raw_len = fill(st, st->raw, 6, raw_read);
	for (c = compressions; c->name != NULL; c++)
		if (st->raw_len >= c->len &&
		    memcmp(st->raw, c->magic, c->len) == 0)
			st->compression = c;
	if (st->compression != NULL && !decompress(st, error))
		return false;
	st->head_len = fill(st, st->head, sizeof(st->head), stream_next);
	if (st->head_len == 0 && st->compression == NULL &&
	    st->error[0] != '\0') {
		snprintf(error, SOURCE_ERROR, "%s", st->error);
		return false;
	}
	return true;
}

struct stream *
stream_open(const char *path, char error[SOURCE_ERROR])
{
	struct stream *st = must_calloc(1, sizeof(*st));

	if (open_fd(st, path, error) && stream_start(st, error))
		return st;
	stream_close(st);
	return NULL;
}

size_t
stream_head(const struct stream *st, const uint8_t **head)
{
	*head = st->head;
	return st->head_len;
}

const char *
stream_compression(const struct stream *st)
{
	return st->compression == NULL ? NULL : st->compression->name;
}

const char *
stream_error(const struct stream *st)
{
	return st->error[0] == '\0' ? NULL : st->error;
}

uint64_t
stream_size(const struct stream *st)
{
	return st->size;
}

uint64_t
stream_offset(const struct stream *st)
{
	off_t at = st->direct ? lseek(st->fd, 0, SEEK_CUR) : -1;

	/* The other descriptor shares its place with this one. */
	return at < 0 ? st->offset : (uint64_t)at;
}

void
stream_close(struct stream *st)
{
	if (st == NULL)
		return;
	if (st->archive != NULL)
		archive_read_free(st->archive);
	if (st->fd > STDIN_FILENO)
		close(st->fd);
	free(st);
}
