/*
 * merge.h - several captures and event files as one stream ordered by time.
 */
#ifndef ANALYZER_MERGE_H
#define ANALYZER_MERGE_H

#include "event.h"

struct dissector;
struct frame;
struct merge;

typedef void (*merge_taker)(void *arg, const struct frame *f);

/*
 * What the sources say goes to SINK(ARG, event).  INPUTS is how often
 * merge_add() will be called.
 */
struct merge *merge_new(size_t inputs, event_sink sink, void *arg);

/*
 * Opens PATH as the next input, and posts that its captures begin.  False
 * after a line on stderr when it cannot be read.
 */
bool merge_add(struct merge *m, const char *path);

/*
 * Reads all inputs to their ends: frames to D, events to the sink.  What is
 * damaged is said on stderr and counted.  False when the machine has no
 * memory for all of it: then what is left was not read, which is said too.
 */
bool merge_read(struct merge *m, struct dissector *d);

enum merge_state { MERGE_MORE, MERGE_END, MERGE_STOPPED };

/*
 * The same for BUDGET microseconds, frames to TAKE(ARG, frame).
 * MERGE_STOPPED: the machine has no memory for what is left.
 */
enum merge_state
merge_step(struct merge *m, merge_taker take, void *arg, int64_t budget);

/* Nothing more is read; TAKE may call it. */
void merge_stop(struct merge *m);

/* Octets read of all inputs, of so many (0: unknown); packets and events. */
void merge_share(const struct merge *m, uint64_t *done, uint64_t *total);
uint64_t merge_packets(const struct merge *m);

/* Posts what each capture holds so far to SINK(ARG, event). */
void merge_count(const struct merge *m, const struct dissector *d,
    event_sink sink, void *arg);

/*
 * Posts the end of each capture with its counts (after dissect_finish()).
 * False after a line on stderr when one holds nothing but frames of a link
 * type that is not read.
 */
bool merge_finish(struct merge *m, const struct dissector *d);

void merge_free(struct merge *m);

#endif
