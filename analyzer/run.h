/*
 * run.h - one analysis: inputs to events, events to a result, the result to
 * its reports.  What reading captures and listening share.
 */
#ifndef ANALYZER_RUN_H
#define ANALYZER_RUN_H

#include "dissect.h"
#include "engine.h"
#include "options.h"
#include "output.h"
#include "probe.h"

enum { STATUS_FOUND = 1, STATUS_WRONG = 2, STATUS_FAILED = 3 };

struct run {
	const struct options *opt;
	struct engine *engine;
	struct dissector *dissector;
	struct probes *probes;
	FILE *events;               /* NULL: not asked for */
	struct output *events_file; /* NULL: written straight */
	struct output *reports[OPTIONS_OUTPUTS];
	bool collect;    /* not the report: what would prove it */
	int status;      /* the worst so far */
	event_sink also; /* NULL: nobody else looks at events */
	void *arg;
};

/* Opens nothing yet; OPT has to outlive it. */
void run_begin(struct run *run, const struct options *opt,
    const struct engine_options *limits);
void run_end(struct run *run);

void run_worsen(struct run *run, int status);

/* What an input says: to the probes, and with their answers to the engine. */
void run_event(void *arg, const struct event *ev);

/* --decode; false after a line on stderr. */
bool run_decodes(struct run *run);

/*
 * Whether PATH (may be NULL) is one of the inputs, after a line on stderr: a
 * report over the capture it is made from would destroy the evidence.
 */
bool run_is_input(const struct options *opt, const char *path);

/*
 * Opens PATH (NULL: standard output), to be written whole or not at all; NULL
 * after a line on stderr, with the status worsened.
 */
struct output *run_open(struct run *run, const char *path);

/*
 * Opens --events and all --output before the work, so that a wrong path is
 * known at once.
 */
bool run_open_outputs(struct run *run);

/* Writes report I of the options to OUT. */
bool run_present(const struct run *run, size_t i, const struct result *result,
    FILE *out);

/* No report could be written where it should go: a disk is full. */
void run_last_resort(const struct run *run, const struct result *result);

/* Writes what run_open_outputs() opened. */
void run_write(struct run *run, const struct result *result);

#endif
