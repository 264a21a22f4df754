/*
 * folder.c: what is added is there whole or not at all, all files together
 * stay within the size, and what is not theirs is left alone.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bounds.h"
#include "check.h"
#include "folder.h"

#define NOON (INT64_C(1795348800) * SECOND) /* 2026-11-22T12:00:00Z */

static char dir[] = "/tmp/kerbscope-folder-XXXXXX";
static char path[512];
static uint8_t octets[1 << 20];

static const char *
in_dir(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
put(const char *name, off_t size)
{
	int fd = open(in_dir(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	CHECK(fd >= 0 && ftruncate(fd, size) == 0);
	close(fd);
}

static off_t
size_of(const char *name)
{
	struct stat st;

	return lstat(in_dir(name), &st) == 0 ? st.st_size : -1;
}

/* Octets, and number, of all that begins with kerbscope-2. */
static off_t
sum(unsigned *n)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	off_t all = 0;

	*n = 0;
	while ((e = readdir(d)) != NULL)
		if (strncmp(e->d_name, "kerbscope-2", 11) == 0) {
			all += size_of(e->d_name);
			++*n;
		}
	closedir(d);
	return all;
}

static void
empty(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			unlink(in_dir(e->d_name));
	closedir(d);
}

/* Lines on stderr until saved() is called. */
static FILE *lines;
static int real_stderr;

static void
save(void)
{
	lines = tmpfile();
	fflush(stderr);
	real_stderr = dup(2);
	dup2(fileno(lines), 2);
}

static unsigned
saved(void)
{
	unsigned n = 0;
	int c;

	fflush(stderr);
	dup2(real_stderr, 2);
	close(real_stderr);
	rewind(lines);
	while ((c = getc(lines)) != EOF)
		n += c == '\n';
	fclose(lines);
	return n;
}

static void
test_names(void)
{
	struct folder *f = folder_open(dir, FOLDER_LEAST);
	struct stat st;

	CHECK(folder_file(f, NOON) == 1);
	CHECK(folder_add(f, octets, 10) && folder_file(f, NOON + SECOND) == 1);
	CHECK(folder_add(f, octets, 5));
	CHECK(size_of("kerbscope-20261122T120000Z-001.pcapng") == 15);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0137) == 0);
	CHECK(folder_add(f, octets, folder_most(f)));
	CHECK(folder_file(f, NOON) == 2);
	CHECK(folder_add(f, octets, 1));
	CHECK(size_of("kerbscope-20261122T120000Z-002.pcapng") == 1);
	/* Somebody removes the file that is open. */
	unlink(path);
	CHECK(folder_file(f, NOON) == 3 && folder_add(f, octets, 3));
	CHECK(size_of("kerbscope-20261122T120000Z-002.pcapng") == 3);
	folder_free(f);
	empty();
}

/* Files of earlier runs go first; links and other names never do. */
static void
test_size(void)
{
	struct folder *f;
	unsigned n;
	bool all = true;

	put("kerbscope-20260101T000000Z-001.pcapng", 400000);
	put("kerbscope-20260102T000000Z-001.pcapng", 400000);
	put("kerbscope-20260102T000000Z-01.pcapng", 7);
	put("kerbscope-2026010xT000000Z-001.pcapng", 7);
	put("kerbscope-20260102T000000Z-001.pcapng.gz", 7);
	put("mine.pcapng", 2000000);
	CHECK(symlink("mine.pcapng",
		  in_dir("kerbscope-20250101T000000Z-001.pcapng")) == 0);
	f = folder_open(dir, FOLDER_LEAST);
	for (int i = 0; i < 300; i++) {
		all &= folder_file(f, NOON + i * SECOND) > 0;
		all &= folder_add(f, octets, 10000);
		/* 11 octets are the link's, 21 of the other names. */
		all &= sum(&n) <= (off_t)FOLDER_LEAST + 32;
		if (i == 30)
			CHECK(size_of("kerbscope-20260101T000000Z-001.pcapng") <
			    0);
		if (i == 30)
			CHECK(size_of("kerbscope-20260102T000000Z-001.pcapng") >
			    0);
	}
	CHECK(all);
	CHECK(sum(&n) > (off_t)FOLDER_LEAST * 3 / 4 && n > 8 && n < 14);
	CHECK(size_of("kerbscope-20260102T000000Z-001.pcapng") < 0);
	CHECK(size_of("kerbscope-20260102T000000Z-01.pcapng") == 7);
	CHECK(size_of("kerbscope-2026010xT000000Z-001.pcapng") == 7);
	CHECK(size_of("kerbscope-20260102T000000Z-001.pcapng.gz") == 7);
	CHECK(size_of("mine.pcapng") == 2000000);
	CHECK(size_of("kerbscope-20250101T000000Z-001.pcapng") == 11);
	folder_free(f);
	empty();
}

/* Somebody has put a link where the next file would be. */
static void
test_link(void)
{
	struct folder *f = folder_open(dir, FOLDER_LEAST);

	CHECK(symlink("victim",
		  in_dir("kerbscope-20261122T120000Z-001.pcapng")) == 0);
	CHECK(folder_file(f, NOON) == 1 && folder_add(f, octets, 9));
	CHECK(size_of("victim") < 0);
	CHECK(size_of("kerbscope-20261122T120000Z-002.pcapng") == 9);
	folder_free(f);
	empty();
}

/* A limit on the size of files stands for a disk that is full. */
static void
disk(rlim_t most)
{
	struct rlimit limit = { most, RLIM_INFINITY };

	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void
test_full(void)
{
	struct folder *f = folder_open(dir, FOLDER_LEAST);
	const char *name = "kerbscope-20261122T120000Z-001.pcapng";

	CHECK(folder_file(f, NOON) == 1 && folder_add(f, octets, 5000));
	save();
	disk(6000);
	for (int i = 0; i < 5; i++) {
		CHECK(folder_file(f, NOON) == 1);
		CHECK(!folder_add(f, octets, 5000) && folder_failing(f));
		CHECK(size_of(name) == 5000);
	}
	disk(RLIM_INFINITY);
	CHECK(saved() == 1);
	save();
	CHECK(folder_add(f, octets, 5000) && size_of(name) == 10000);
	CHECK(folder_add(f, octets, 5000) && !folder_failing(f));
	CHECK(saved() == 1);
	folder_free(f);
	empty();
}

/* A file to which not even the first write succeeds does not stay. */
static void
test_full_at_once(void)
{
	struct folder *f = folder_open(dir, FOLDER_LEAST);
	unsigned n;

	save();
	disk(1000); /* lines on stderr are short */
	for (int i = 0; i < 5; i++) {
		CHECK(folder_file(f, NOON) > 0);
		CHECK(!folder_add(f, octets, 5000));
		CHECK(sum(&n) == 0 && n == 0);
	}
	disk(RLIM_INFINITY);
	CHECK(folder_file(f, NOON) > 0 && folder_add(f, octets, 5000));
	CHECK(sum(&n) == 5000 && n == 1);
	CHECK(saved() == 2);
	folder_free(f);
	empty();
}

static void
test_wrong(void)
{
	char sub[512];
	struct folder *f;

	save();
	CHECK(folder_open("/nowhere/at/all", FOLDER_LEAST) == NULL);
	CHECK(folder_open("/dev/null", FOLDER_LEAST) == NULL);
	CHECK(folder_open(dir, FOLDER_LEAST - 1) == NULL);
	CHECK(saved() == 3);
	snprintf(sub, sizeof(sub), "%s/made", dir);
	f = folder_open(sub, FOLDER_LEAST);
	CHECK(f != NULL);
	/* It goes away while it is used. */
	rmdir(sub);
	save();
	for (int i = 0; i < 3; i++)
		CHECK(folder_file(f, NOON) == 0 && !folder_add(f, octets, 1));
	CHECK(saved() == 1);
	folder_free(f);
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 2;
	signal(SIGXFSZ, SIG_IGN);
	test_names();
	test_size();
	test_link();
	test_full();
	test_full_at_once();
	test_wrong();
	CHECK(rmdir(dir) == 0);
	return failures > 0;
}
