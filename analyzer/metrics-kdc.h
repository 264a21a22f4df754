/*
 * metrics-kdc.h - how long KDCs take to answer: a histogram of each.
 */
#ifndef ANALYZER_METRICS_KDC_H
#define ANALYZER_METRICS_KDC_H

#include "bounds.h"
#include "event.h"

#define KDC_BUCKETS 13

/* Upper bounds, in microseconds; the last is without an end. */
extern const int64_t kdc_bounds[KDC_BUCKETS];

struct kdc_times {
	struct addr kdc; /* family 0: all for which there was no room */
	bool tgs;        /* AS otherwise */
	uint64_t counts[KDC_BUCKETS];
	uint64_t count;
	uint64_t sum; /* microseconds */
};

#define KDC_PENDING 1024 /* requests that wait for their answer */

struct metrics_kdc {
	struct {
		uint64_t flow; /* 0: none */
		int64_t time;
		bool tgs;
	} pending[KDC_PENDING];
	struct kdc_times times[2 * METRICS_MAX_KDCS + 2];
	size_t ntimes;
};

/* A request, or an answer: counted when its request was seen. */
void kdc_event(struct metrics_kdc *k, const struct event *ev);

#endif
