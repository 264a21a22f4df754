/*
 * probe-try.h - the keys of a ring, tried on what passes.
 */
#ifndef ANALYZER_PROBE_TRY_H
#define ANALYZER_PROBE_TRY_H

#include "probe-ring.h"

/* Tries the keys on EV and posts what they say. */
void try_event(struct keyring *k, const struct event *ev);

#endif
