/*
 * opinion.h - what a failed log-on was found to be, before the fault was
 * mended.
 *
 * Between two views the ledger learns, and what it learns may say more of a
 * failure, or refute what was said.  When the fault is mended, though, what
 * the ledger then knows is of another state of things: that a service takes
 * tickets now says nothing against the reason for which it refused one.  So
 * a likely finding stays when nothing but its mending can have changed it.
 */
#ifndef ANALYZER_OPINION_H
#define ANALYZER_OPINION_H

#include "arena.h"
#include "finding.h"

struct story;
struct opinion;

/*
 * Whether some log-on that ended well since S would have met what F, a finding
 * of S, says.
 */
struct mending {
	bool (
	    *mended)(void *arg, const struct story *s, const struct finding *f);
	void *arg;
	uint64_t *octets; /* of all opinions: kept up to date */
};

/*
 * LIST holds N findings of S, with room for MOST, as they are judged now: they
 * stay, and *O (NULL before the first time) remembers them, or they become
 * those that *O remembers.  MEM is for what they point to.  The number of
 * findings in LIST.
 */
size_t opinion_form(struct opinion **o, const struct story *s,
    const struct mending *m, struct finding *list, size_t n, size_t most,
    struct arena *mem);

/* O may be NULL. */
void opinion_free(struct opinion *o);

#endif
