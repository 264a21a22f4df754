/*
 * questions.h - the names that passed: what a directory can be asked about
 * a capture.  Bounded; what found no room is counted.
 */
#ifndef ANALYZER_QUESTIONS_H
#define ANALYZER_QUESTIONS_H

#include "event.h"

enum question_kind {
	ASK_SPN,    /* who holds class/host?  realm: of the KDC, or ticket */
	ASK_NAME,   /* which account is anna, FS1$, anna@corp.com? */
	ASK_DOMAIN, /* the domain of a realm, and its krbtgt */
	ASK_TRUST   /* text: the other realm */
};

struct question {
	enum question_kind kind;
	const char *text;
	const char *realm; /* upper case; "" when not known */
};

struct questions;

struct questions *questions_new(void);
/* Collects what EV names. */
void questions_event(struct questions *q, const struct event *ev);
/* The I-th question, in the order of their coming; NULL past the last. */
const struct question *question_at(const struct questions *q, size_t i);
/* How many names found no room. */
uint64_t questions_lost(const struct questions *q);
void questions_free(struct questions *q);

#endif
