/*
 * look.h - what was found in a story that did not fail, told again in views
 * until the story is worth judging once more.
 */
#ifndef ANALYZER_LOOK_H
#define ANALYZER_LOOK_H

#include "finding-text.h"

struct look;

/* A view that is being made. */
struct looking {
	int64_t now;
	uint64_t facts;   /* changes when look-ups said something */
	uint64_t *octets; /* of all looks: kept up to date */
};

/* Whether what L (may be NULL) says is told again. */
bool look_holds(const struct look *l, const struct looking *by);

/*
 * One that is judged now: what each rule says, by its number (L may be NULL),
 * and at last the N findings of LIST in a story that ended at END.
 */
struct look *look_begin(const struct looking *by);
void look_verdict(struct look *l, size_t rule, enum verdict verdict,
    unsigned missing);
void look_end(struct look *l, const struct looking *by, int64_t end,
    const struct finding *list, size_t n);

/* The same again: the findings' texts are L's. */
const struct finding *look_findings(const struct look *l, size_t *n);
void look_verdicts(const struct look *l,
    void (
	*sink)(void *arg, size_t rule, enum verdict verdict, unsigned missing),
    void *arg);

/* L may be NULL. */
void look_free(struct look *l);

#endif
