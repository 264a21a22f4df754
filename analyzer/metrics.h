/*
 * metrics.h - an endpoint in the OpenMetrics text format, 1.0.0.
 */
#ifndef ANALYZER_METRICS_H
#define ANALYZER_METRICS_H

#include <poll.h>

#include "presenter.h"

struct metrics;
struct sensor;

/*
 * Listens at WHERE: "unix:PATH" or a port of the loopback ("9464",
 * "127.0.0.1:9464", "[::1]:9464"; another address is refused).  Before
 * confine(), which needs CONFINE_ACCEPT then.  NULL after one line on stderr.
 *
 * GET /metrics is answered, as application/openmetrics-text if the scraper
 * takes it, else as text/plain; each connection carries one request and lives
 * for METRICS_PATIENCE at most (bounds.h).
 */
struct metrics *metrics_open(const char *where);

/* What an event says that no view does: answers of KDCs, and how late. */
void metrics_event(struct metrics *m, const struct event *ev);

/*
 * A new view; SENSOR (may be NULL) has the drops.  R and SENSOR are looked at
 * whenever somebody asks, until the next call.
 */
void metrics_view(struct metrics *m, const struct result *r,
    const struct sensor *sensor);

/*
 * For the one poll(); then metrics_run().  Milliseconds in *TIMEOUT, -1: none.
 */
size_t
metrics_poll(struct metrics *m, struct pollfd *fds, size_t max, int *timeout);
void metrics_run(struct metrics *m);

void metrics_close(struct metrics *m);

#endif
