/*
 * logfile.h - a file of lines that outlives what becomes of it: rotated,
 * gone, on a disk that is full.
 */
#ifndef ANALYZER_LOGFILE_H
#define ANALYZER_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct logfile;

/*
 * Opens PATH ("-": standard output) to write behind what it holds; NULL after
 * a line on stderr.
 */
struct logfile *logfile_open(const char *path);

/* A line is written to this, then ended with logfile_commit(). */
FILE *logfile_line(struct logfile *l);

/*
 * The line goes out whole or is lost: the first that is lost is said on
 * stderr, and how many when lines go out again.
 */
void logfile_commit(struct logfile *l);

/* Whether the last line was lost, and in all so far. */
bool logfile_failing(const struct logfile *l);
uint64_t logfile_lost(const struct logfile *l);

/* The file was renamed: from here on another of its name. */
void logfile_reopen(struct logfile *l);

void logfile_close(struct logfile *l);

#endif
