/*
 * folder.h - files of one folder that together stay within a size: when there
 * is no more room, the oldest goes.
 *
 * They are called kerbscope-YYYYMMDDThhmmssZ-NNN.pcapng; what earlier runs
 * have left under such a name counts, and goes first.  Nothing else in the
 * folder is ever touched: no symbolic link, no file of another name.
 */
#ifndef ANALYZER_FOLDER_H
#define ANALYZER_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FOLDER_LEAST (UINT64_C(1) << 20) /* octets that one may hold */
#define FOLDER_FILES 8 /* a file holds so much of all, and what ends in it */

struct folder;

/*
 * Opens DIR, made if only its last part is missing; afterwards what
 * confine(CONFINE_FILES) leaves is enough.  NULL after one line on stderr.
 */
struct folder *folder_open(const char *dir, uint64_t size);

/*
 * Who will write there.  A folder that folder_open() has made becomes theirs;
 * another stays as it is.
 */
void folder_give(struct folder *f, uid_t uid, gid_t gid);

/* Whether this process may write there; false after one line on stderr. */
bool folder_ready(const struct folder *f);

/* The most that folder_add() takes at once. */
size_t folder_most(const struct folder *f);

/*
 * A file to add to, made at packet time NOW if need be: its number, from 1.
 * Another number than before: it is new, and empty.  0: none can be made.
 */
uint64_t folder_file(struct folder *f, int64_t now);

/*
 * Adds N octets to that file: all of them, or none and false.  That it fails,
 * and that it does no more, is said once on stderr.
 */
bool folder_add(struct folder *f, const void *octets, size_t n);

/* Whether the last attempt failed. */
bool folder_failing(const struct folder *f);

void folder_free(struct folder *f);

#endif
