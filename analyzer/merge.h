/*
 * merge.h - several captures and event files as one stream ordered by time.
 */
#ifndef ANALYZER_MERGE_H
#define ANALYZER_MERGE_H

#include "event.h"

struct dissector;
struct merge;

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

/*
 * Posts the end of each capture with its counts (after dissect_finish()).
 * False after a line on stderr when one holds nothing but frames of a link
 * type that is not read.
 */
bool merge_finish(struct merge *m, const struct dissector *d);

void merge_free(struct merge *m);

#endif
