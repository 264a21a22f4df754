/*
 * engine.c - events in; stories told, kept, judged and let go.
 *
 * Stories are judged at the end, when the ledger has learnt all it can, or
 * when memory asks for their room: then with what is known so far.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"

/* Of the ceiling, what the ledger may hold; the rest is for stories. */
#define LEDGER_SHARE(memory) ((memory) / 3)
#define OPEN_SHARE(memory) ((memory) / 3)

/* --- stories kept ----------------------------------------------------- */

static struct kept *
kept_at(struct engine *e, size_t i)
{
	return &e->kept[(e->kept_first + i) % e->kept_size];
}

static void
kept_release(struct engine *e, struct kept *k)
{
	e->kept_octets -= tale_octets(k->tale);
	tale_free(k->tale);
	free(k->found);
	memset(k, 0, sizeof(*k));
}

/* Lets the oldest kept story go, judged with what is known now. */
static void
kept_drop_oldest(struct engine *e)
{
	struct kept *k = kept_at(e, 0);

	judge_story(e, &k->tale->s, NULL);
	kept_release(e, k);
	e->kept_first = (e->kept_first + 1) % e->kept_size;
	e->nkept--;
	e->quality.stories_not_kept++;
}

static void
kept_grow(struct engine *e)
{
	struct kept *more;
	size_t size = e->kept_size == 0 ? 64 : e->kept_size * 2, i;

	more = must_calloc(size, sizeof(*more));
	for (i = 0; i < e->nkept; i++)
		more[i] = *kept_at(e, i);
	free(e->kept);
	e->kept = more;
	e->kept_size = size;
	e->kept_first = 0;
}

/* What open stories do not need is for finished ones. */
static uint64_t
kept_ceiling(const struct engine *e)
{
	uint64_t room = e->memory - LEDGER_SHARE(e->memory);
	uint64_t used = e->stories.held + e->merged_octets;

	return room > used ? room - used : 0;
}

/* A story has ended: count it, keep it. */
static void
engine_story(void *arg, struct tale *t)
{
	struct engine *e = arg;

	e->count++;
	e->outcomes[t->s.outcome]++;
	e->quality.steps_not_kept += t->s.not_kept;
	if (e->nkept == e->kept_size)
		kept_grow(e);
	kept_at(e, e->nkept++)->tale = t;
	e->kept_octets += tale_octets(t);
	while (e->nkept > KEEP_MAX_STORIES ||
	    (e->nkept > 1 && e->kept_octets > kept_ceiling(e)))
		kept_drop_oldest(e);
}

/* --- captures --------------------------------------------------------- */

static struct capture_seen *
capture_get(struct engine *e, int number)
{
	size_t n = number < 0 || number > 4095 ? 0 : (size_t)number;

	if (n >= e->ncaptures) {
		e->captures = must_realloc(e->captures, n + 1,
		    sizeof(*e->captures));
		memset(&e->captures[e->ncaptures], 0,
		    (n + 1 - e->ncaptures) * sizeof(*e->captures));
		e->ncaptures = n + 1;
	}
	return &e->captures[n];
}

static void
engine_capture(struct engine *e, const struct event *ev)
{
	struct capture_seen *c = capture_get(e, ev->ref.capture);

	ledger_time_begin(&e->ledger, ev->ref.capture);
	free(c->path);
	free(c->format);
	c->path = must_text(ev->u.capture.path);
	c->format = must_text(ev->u.capture.format);
	c->info.path = c->path;
	c->info.format = c->format;
}

static void
engine_capture_end(struct engine *e, const struct event *ev)
{
	const struct ev_capture_end *x = &ev->u.capture_end;
	struct capture_info *i;
	struct quality *q = &e->quality;

	i = &capture_get(e, ev->ref.capture)->info;
	i->packets = (uint64_t)x->packets;
	i->bytes = (uint64_t)x->bytes;
	i->first = x->first;
	i->last = x->last;
	stories_time(&e->stories, x->last);
	i->damaged = x->damaged != 0;
	q->frames_short += (uint64_t)x->frames_short;
	q->tcp_gaps += (uint64_t)x->tcp_gaps;
	q->malformed += (uint64_t)x->malformed;
	q->unread_link_types += (uint64_t)x->unread_link_types;
	q->fragments_lost += (uint64_t)x->fragments_lost;
	q->duplicates += (uint64_t)x->duplicates;
	q->flows_dropped += (uint64_t)x->flows_dropped;
	q->dropped_by_kernel += (uint64_t)x->dropped_by_kernel;
	q->damaged_captures += x->damaged != 0;
}

/* --- the engine ------------------------------------------------------- */

struct engine *
engine_new(const struct engine_options *opt)
{
	struct engine *e = must_calloc(1, sizeof(*e));
	size_t i;

	e->memory = opt->memory != 0 ? opt->memory : DEFAULT_MEMORY;
	ledger_init(&e->ledger,
	    opt->skew > 0 ? opt->skew : SKEW_DEFAULT * SECOND,
	    LEDGER_SHARE(e->memory));
	stories_init(&e->stories, &e->ledger, OPEN_SHARE(e->memory),
	    engine_story, e);
	e->verdicts = must_calloc(rules_count + 1, sizeof(*e->verdicts));
	for (i = 0; i < rules_count; i++)
		e->verdicts[i].rule = rules_all[i];
	return e;
}

void
engine_event(void *engine, const struct event *ev)
{
	struct engine *e = engine;
	struct event moved;
	int64_t time;

	switch (ev->kind) {
	case EV_capture:
		engine_capture(e, ev);
		break;
	case EV_capture_end:
		engine_capture_end(e, ev);
		break;
	default:
		if (ledger_feed_proof(&e->ledger, ev)) {
			stories_opened(&e->stories, ev);
			break;
		}
		time = ledger_time(&e->ledger, ev);
		if (time != ev->ref.time) {
			moved = *ev;
			moved.ref.time = time;
			ev = &moved;
		}
		ledger_feed(&e->ledger, ev);
		stories_event(&e->stories, ev);
		break;
	}
}

static int
kept_compare(const void *a, const void *b)
{
	uint64_t x = ((const struct kept *)a)->tale->s.id;
	uint64_t y = ((const struct kept *)b)->tale->s.id;

	return (x > y) - (x < y);
}

const struct result *
engine_finish(struct engine *e)
{
	size_t i;

	stories_finish(&e->stories);
	if (e->kept_size > 0)
		kept_grow(e); /* straightens the ring */
	if (e->nkept > 1)
		qsort(e->kept, e->nkept, sizeof(*e->kept), kept_compare);
	e->quality.times_unknown = ledger_time_settle(&e->ledger);
	ledger_order(&e->ledger);
	for (i = 0; i < e->nkept; i++)
		judge_story(e, &e->kept[i].tale->s, &e->kept[i]);
	rank_settle(e);
	result_make(e);
	return &e->result;
}

void
engine_free(struct engine *e)
{
	struct merged *m;
	size_t i;

	stories_release(&e->stories);
	for (i = 0; i < e->nkept; i++)
		kept_release(e, kept_at(e, i));
	free(e->kept);
	for (i = 0; i < e->nmerged; i++) {
		m = e->list[i];
		arena_free(&m->mem);
		arena_free(&m->late);
		crowd_free(&m->clients);
		free(m);
	}
	free(e->list);
	free(e->merged.buckets);
	for (i = 0; i < e->ncaptures; i++) {
		free(e->captures[i].path);
		free(e->captures[i].format);
	}
	free(e->captures);
	free(e->verdicts);
	ledger_release(&e->ledger);
	arena_free(&e->mem);
	free(e);
}

void
engine_time(struct engine *e, int64_t now)
{
	stories_time(&e->stories, now);
}

const struct result *
engine_view(struct engine *e, enum engine_depth depth)
{
	(void)depth;
	return &e->result;
}
