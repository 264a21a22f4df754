/*
 * evidence-pick.h - which frames of the ring belong to which log-on.
 */
#ifndef ANALYZER_EVIDENCE_PICK_H
#define ANALYZER_EVIDENCE_PICK_H

#include "presenter.h"
#include "ring.h"

/* A log-on whose frames are wanted. */
struct due {
	const struct story *story;
	const uint64_t *findings; /* its, as indexes into the causes */
	size_t nfindings;
	/* it was written: wanted is only what causes cite */
	bool again;
};

struct pick {
	struct ring_frame *frame;
	size_t due;
};

struct picker;

/*
 * Finds the frames of N log-ons of RESULT.  For each the conversations of its
 * client with every address and port that it used, from EVIDENCE_BEFORE its
 * start to EVIDENCE_AFTER its end; and every frame that its steps or its
 * findings cite, whenever it came.
 */
struct picker *picker_new(struct ring *ring, const struct result *result,
    const struct due *due, size_t n);

/* Those of log-on I in the order of their time; *N gets their number. */
const struct pick *picker_of(const struct picker *p, size_t i, size_t *n);

/*
 * What the I-th cause of those log-ons to cite F has to say of it, to
 * free(); NULL past the last.
 */
char *picker_says(const struct picker *p, const struct ring_frame *f, size_t i);

void picker_free(struct picker *p);

#endif
