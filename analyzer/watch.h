/*
 * watch.h - what has changed from one view to the next: findings that were
 * opened, counted, cleared or retracted.
 *
 * Only causes are told.  One that has become the effect or the rival of
 * another, or is in no view any more, is retracted, but not before it
 * has been so for WATCH_HOLD; one that is less bad for so long than it was
 * told is counted once more; one that is cleared and comes back is opened
 * again.  A remark that is over when it is first seen is not told.
 */
#ifndef ANALYZER_WATCH_H
#define ANALYZER_WATCH_H

#include "presenter.h"

enum change { CHANGE_OPENED, CHANGE_COUNTED, CHANGE_CLEARED, CHANGE_RETRACTED };

extern const char *const change_names[];

struct change_note {
	enum change change;
	int64_t time;              /* packet time of the view */
	const struct cause *cause; /* NULL: retracted, and gone */
	const char *rule, *title;  /* always */
	const char *subject[SUBJECTS];
	enum impact impact;
	enum certainty certainty;
	uint64_t occurrences;
	bool again;          /* opened: after it had been cleared */
	const char *because; /* retracted: "another finding explains it" */
	const struct result *result;
};

typedef void (*change_sink)(void *arg, const struct change_note *note);

struct watch;

struct watch *watch_new(change_sink sink, void *arg);

/*
 * Compares R with what came before.  A count is told when it has grown, at
 * most every WATCH_COUNT_EVERY of packet time a finding (bounds.h).
 */
void watch_look(struct watch *w, const struct result *r);

/* The last: what was held back is told. */
void watch_finish(struct watch *w, const struct result *r);

void watch_free(struct watch *w);

#endif
