/*
 * twin.h - tells a packet that another capture has shown already.
 */
#ifndef ANALYZER_TWIN_H
#define ANALYZER_TWIN_H

#include "dissect.h"

struct twins;

struct twins *twins_new(void);

/*
 * Whether FRAME is the same packet as one of another capture at most a
 * second before; that one is then used up, so that a retransmission seen by
 * both captures is paired with its own twin.
 */
bool twins_seen(struct twins *t, const struct frame *frame);

void twins_free(struct twins *t);

#endif
