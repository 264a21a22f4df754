/*
 * probe.h - look-ups: what does not come from the wire enters as events too.
 *
 * Keytabs and passwords are tried on what passes; the directory is asked, at
 * the end, for the names that passed; krb5.conf is told at the start.  What a
 * look-up cannot give is one line on stderr, and the analysis goes on.
 */
#ifndef ANALYZER_PROBE_H
#define ANALYZER_PROBE_H

#include "event.h"
#include "options.h"

typedef void (*event_sink)(void *arg, const struct event *ev);

struct probes;

/* Events go to SINK; OPT has to outlive it.  Opens nothing yet. */
struct probes *
probes_new(const struct options *opt, event_sink sink, void *arg);
/* Reads keytabs, passwords, LDIF, krb5.conf; false when one was bad. */
bool probes_open(struct probes *p);
/* Passes EV on, and after it what the keys at hand say of it. */
void probes_event(void *probes, const struct event *ev);
/*
 * Before a view: tells what the LDIF files say of names that are new since
 * the last call.  The end tells it all once more, with what a name means that
 * came late.
 */
void probes_tell(struct probes *p);
/*
 * After the last event: asks the directory and tells what it says; false
 * when it could not be asked.
 */
bool probes_finish(struct probes *p);
void probes_free(struct probes *p);

#endif
