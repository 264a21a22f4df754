/*
 * source.h - where frames and events come from: files, standard input,
 * files of events.
 */
#ifndef KERBSCOPE_SOURCE_H
#define KERBSCOPE_SOURCE_H

#include "event.h"

struct frame; /* dissect/dissect.h */
struct source;

enum source_kind {
	SOURCE_END, /* nothing more */
	SOURCE_FRAME,
	SOURCE_EVENT,
	SOURCE_DAMAGED, /* nothing more can be read; see error */
	SOURCE_SKIPPED  /* a line of an event file is bad; see error */
};

#define SOURCE_ERROR 256

struct source_desc {
	const char *path;
	const char *format; /* "pcap", "pcapng (zstd)", "events" */
	uint64_t size;      /* of the file, 0 when unknown */
	uint64_t offset;    /* read so far, in the file */
	uint64_t line;      /* of an event file, from 1 */
};

/*
 * Opens PATH ("-": standard input): a pcap or pcapng file or a file of
 * events, plain or compressed.  CAPTURE is its number on the command line.
 * NULL with a sentence (without the path) in ERROR when it is not readable
 * or is no capture.
 */
struct source *
source_open(const char *path, int capture, char error[SOURCE_ERROR]);

/*
 * The next frame or event; valid until the next call.  After SOURCE_DAMAGED
 * and SOURCE_SKIPPED a sentence stands in ERROR.
 */
enum source_kind source_next(struct source *s, struct frame *frame,
    struct event *ev, char error[SOURCE_ERROR]);

/*
 * From here on WAIT(ARG, fd) is called before a pipe is read; it returns when
 * there is something, or false: then the input ends here.
 */
void source_wait(bool (*wait)(void *arg, int fd), void *arg);

const struct source_desc *source_desc(struct source *s);

void source_close(struct source *s);

/* "IEEE 802.11" for a LINKTYPE_ value; NULL when libpcap knows none. */
const char *source_link_name(int link);

/*
 * Reads one line of an event file into EV, whose texts point into memory
 * that lives until the next call with the same READER.
 */
struct event_reader;
struct event_reader *event_reader_new(void);
bool event_reader_line(struct event_reader *r, const char *line, size_t len,
    struct event *ev, char error[SOURCE_ERROR]);
void event_reader_free(struct event_reader *r);

#endif
