/*
 * source-stream.h - the octets of an input: a file or standard input, with
 * any compression undone, looked at before they are read.
 */
#ifndef ANALYZER_SOURCE_STREAM_H
#define ANALYZER_SOURCE_STREAM_H

#include <stdio.h>

#include "source.h"

#define STREAM_HEAD 512

struct stream;

/*
 * Opens PATH ("-": standard input).  NULL with a sentence in ERROR when it
 * cannot be read or its compression is not known to this build.
 */
struct stream *stream_open(const char *path, char error[SOURCE_ERROR]);

/* The first octets, at most STREAM_HEAD; fewer only if there are no more. */
size_t stream_head(const struct stream *st, const uint8_t **head);

/* "gzip", "zstd", ... or NULL. */
const char *stream_compression(const struct stream *st);

/*
 * All octets from the first as a FILE, which the caller closes; ST must
 * outlive it.  NULL only without memory.
 */
FILE *stream_file(struct stream *st);

/* Why reading ended before the end, or NULL. */
const char *stream_error(const struct stream *st);

/* Size of the file (0: unknown), and how much of it has been read. */
uint64_t stream_size(const struct stream *st);
uint64_t stream_offset(const struct stream *st);

void stream_close(struct stream *st);

#endif
