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
};

struct engine *engine_new(const struct engine_options *opt);

/* An event_sink: ENGINE is the struct engine. */
void engine_event(void *engine, const struct event *ev);

/*
 * Ends the analysis: open stories end, every kept story is judged with all
 * that the ledger has learnt.  The result lives until engine_free().
 */
const struct result *engine_finish(struct engine *e);

void engine_free(struct engine *e);

#endif
