/*
 * output.h - files that are written whole or not at all.
 */
#ifndef ANALYZER_OUTPUT_H
#define ANALYZER_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct output;

/*
 * Begins PATH (NULL: standard output) beside its final place.  NULL after a
 * line on stderr; *STATUS is then the exit status: 2 for a wrong path, 3 for
 * a machine that failed.
 */
struct output *output_open(const char *path, int *status);

/* The exit status for a file that cannot be opened for ERROR (errno). */
int output_status(int error);

FILE *output_file(const struct output *o);

/* The end: PATH is there, or a line on stderr says why not.  Frees O. */
bool output_commit(struct output *o);

/* Nothing was written.  Frees O; NULL is allowed. */
void output_abort(struct output *o);

#endif
