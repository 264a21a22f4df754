/*
 * metrics-listen.h - the socket at which metrics are asked for: of this host
 * alone.
 */
#ifndef ANALYZER_METRICS_LISTEN_H
#define ANALYZER_METRICS_LISTEN_H

#include <stdbool.h>

struct listener;

/* See metrics_open(); NULL after one line on stderr. */
struct listener *listener_new(const char *where);

int listener_fd(const struct listener *l);

/* CLOSED: the descriptor was closed by who served it. */
void listener_free(struct listener *l, bool closed);

#endif
