/*
 * result-filter.h - a result of which less is shown: --filter.
 */
#ifndef ANALYZER_RESULT_FILTER_H
#define ANALYZER_RESULT_FILTER_H

#include "arena.h"
#include "presenter.h"

/*
 * R with only the log-ons for which FILTER holds and the findings of these,
 * in memory of MEM and R; R itself when FILTER is NULL.  What explains or
 * competes with a finding that is shown is shown, too.  Numbers of the whole
 * stay what they were.  FILTER was compiled before, so it is right.
 */
const struct result *
result_filter(const struct result *r, const char *filter, struct arena *mem);

#endif
