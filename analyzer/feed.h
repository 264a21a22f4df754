/*
 * feed.h - where frames come from while an analysis goes on: capture files,
 * or interfaces.
 */
#ifndef ANALYZER_FEED_H
#define ANALYZER_FEED_H

#include <poll.h>

#include "merge.h"
#include "sensor.h"

#define FEED_OVER INT64_C(-2)    /* nothing will come any more */
#define FEED_STOPPED INT64_C(-3) /* no memory for what is left */

struct feed_sink {
	merge_taker frame;
	event_sink event; /* of event files, and what a feed says of itself */
	void *arg;
};

struct feed;

/*
 * Opens PATHS.  What cannot be read is one line on stderr and *STATUS 2; NULL
 * when nothing can.
 */
struct feed *feed_files(char *const *paths, size_t n,
    const struct feed_sink *sink, int *status);

/* From S, which the caller frees after the feed. */
struct feed *feed_sensor(struct sensor *s, const struct feed_sink *sink);

/*
 * Takes what has come, for BUDGET microseconds at most.  Returns in how many
 * microseconds there will be more: 0 at once, -1 not before a descriptor is
 * ready; or FEED_OVER, FEED_STOPPED.
 */
int64_t feed_step(struct feed *f, int64_t budget);

/* Files are read no further; the sink may call it. */
void feed_stop(struct feed *f);

/* Descriptors to poll for. */
size_t feed_poll(const struct feed *f, struct pollfd *fds, size_t max);

/* "a.pcap" of /tmp/a.pcap: a title line is short. */
const char *feed_base(const char *path);

/* "eth0", "a.pcap and 2 others". */
const char *feed_what(const struct feed *f);

/* Per cent of what can be read; -1 when nobody knows. */
int feed_share(const struct feed *f);

/* So many packets, of all its captures, the kernel or a driver dropped. */
uint64_t feed_dropped(const struct feed *f);

/* So many holes in TCP streams, of all its captures. */
uint64_t feed_gaps(const struct feed *f, const struct dissector *d);

/*
 * Posts to SINK(ARG, event) what each capture holds so far; no end of an event
 * file is among them.
 */
void feed_count(const struct feed *f, const struct dissector *d,
    event_sink sink, void *arg);

/*
 * Takes what is still on its way, and posts the end of each capture.  False
 * after a line on stderr when one holds nothing that is read.
 */
bool feed_end(struct feed *f, struct dissector *d);

void feed_free(struct feed *f);

#endif
