/*
 * engine.h - from events to a finished result: stories are told, the ledger
 * is kept, rules judge, findings are merged and ranked.
 */
#ifndef KERBSCOPE_ENGINE_H
#define KERBSCOPE_ENGINE_H

#include "event.h"

struct engine;
struct result; /* presenter.h */

struct engine_options {
	int64_t skew;    /* tolerated, microseconds; 0: default */
	uint64_t memory; /* ceiling in octets; 0: default */
	bool views;      /* engine_view() will be called */
	bool live;       /* a run without an end: result.live */
	/*
	 * engine_finish() takes long, and calls this every now and then: the
	 * latest view still stands.  NULL: nobody waits.
	 */
	void (*breathe)(void *arg);
	void *breathe_arg;
};

struct engine *engine_new(const struct engine_options *opt);

/* An event_sink: ENGINE is the struct engine. */
void engine_event(void *engine, const struct event *ev);

/*
 * Packet time is NOW, though no event says so: timers run.  A NOW before the
 * latest event does nothing.
 */
void engine_time(struct engine *e, int64_t now);

enum engine_depth {
	VIEW_LATEST, /* what is new is judged with what is known: quick */
	VIEW_WHOLE   /* all that is kept is: as engine_finish() would */
};

/*
 * What is known now, while events still come.  Finished stories are in it
 * and open ones whose failure nothing has followed for a while (result.nopen,
 * the last of result.kept); what later events refute is gone from the next
 * view.
 *
 * The result and all that it points to lives until the next engine_view(),
 * engine_finish() or engine_free(), whatever events come in between; only the
 * entries of its ledger are those of the moment.  VIEW_LATEST takes time that
 * does not grow with the run (the array of kept stories apart).
 */
const struct result *engine_view(struct engine *e, enum engine_depth depth);

/*
 * Ends the analysis: open stories end, every kept story is judged with all
 * that the ledger has learnt.  The result lives until engine_free().
 */
const struct result *engine_finish(struct engine *e);

void engine_free(struct engine *e);

#endif
