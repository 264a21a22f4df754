/*
 * metrics-text.h - what is known, in the OpenMetrics text format.
 */
#ifndef ANALYZER_METRICS_TEXT_H
#define ANALYZER_METRICS_TEXT_H

#include <stdio.h>

#include "metrics-kdc.h"
#include "presenter.h"
#include "sensor.h"

#define METRICS_QUALITIES 12

/*
 * Counters that no result keeps growing: a finding may be retracted, or let
 * go.  All zero to begin with.
 */
struct metrics_seen {
	uint64_t *logons; /* by number of the rule */
	uint64_t quality[METRICS_QUALITIES];
};

/* RESULT is a new view. */
void metrics_note(struct metrics_seen *seen, const struct result *result);

/*
 * Writes all of it to OUT, "# EOF" at the end.  SENSOR may be NULL, RESIDENT
 * are the octets of memory that the process has, 0: not known.
 */
void metrics_write(FILE *out, const struct result *result,
    const struct metrics_seen *seen, const struct metrics_kdc *kdc,
    const struct sensor *sensor, uint64_t resident);

void metrics_forget(struct metrics_seen *seen);

#endif
