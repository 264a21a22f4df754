/*
 * engine.c - events in; stories told, kept, judged and let go.
 *
 * Stories are judged at the end, when the ledger has learnt all it can, or
 * when memory asks for their room: then with what is known so far.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "pool.h"

/*
 * Of the ceiling, what the ledger may hold, open stories and findings; the
 * rest is for finished stories.  With views there are up to four sets of
 * findings: of stories let go, of all settled ones, the copy that is shown,
 * and what was let go from that.
 */
#define LEDGER_SHARE(memory) ((memory) / 3)
#define OPEN_SHARE(memory) ((memory) / 3)
#define FINDING_SHARE(memory, views) ((memory) / ((views) ? 12 : 4))
/* Open stories that may show that a fault was mended. */
#define MENDED_LOOK 4096
/* What a view shows and is over; more of it, and no new story is kept. */
#define BURIED_SHARE(memory) ((memory) / 8)

/* --- stories kept ----------------------------------------------------- */

struct kept *
kept_at(struct engine *e, size_t i)
{
	return &e->kept[(e->kept_first + i) % e->kept_size];
}

static void
kept_release(struct engine *e, struct kept *k)
{
	e->kept_octets -= tale_octets(k->tale);
	tale_bury(&e->stories, k->tale);
	look_free(k->look);
	pool_free(k->found.list, k->found.n * sizeof(k->found.list[0]));
	memset(k, 0, sizeof(*k));
}

/* Whether S, which is open, has been accepted as it stands. */
static bool
is_going_well(const struct story *s)
{
	if (s->nattempts > 0)
		return s->attempts[s->nattempts - 1].answer == ANSWER_OK;
	return s->nexchanges > 0 &&
	    s->exchanges[s->nexchanges - 1].answer == ANSWER_OK;
}

/* Log-ons that went well lately, ended or about to. */
static bool
engine_mended(void *arg, const struct story *s, const struct finding *f)
{
	struct engine *e = arg;
	const struct tale *t = e->stories.last[TIMER_ANSWER];
	struct story well;
	size_t i;

	if (since_mends(&e->settled, s, f, s))
		return true;
	for (i = e->nkept; i-- > e->nsettled;)
		if (since_mends(&e->settled, &kept_at(e, i)->tale->s, f, s))
			return true;
	for (i = 0; t != NULL && i < MENDED_LOOK; t = t->before, i++) {
		if (!is_going_well(&t->s))
			continue;
		well = t->s;
		well.outcome = OUTCOME_OK;
		if (since_mends(&e->settled, &well, f, s))
			return true;
	}
	return false;
}

struct mending
engine_mending(struct engine *e)
{
	return (struct mending){ engine_mended, e, &e->opinion_octets };
}

/* Judges K for good into what views begin with. */
static void
kept_settle(struct engine *e, struct kept *k)
{
	uint64_t found[HITS_MAX];
	struct mending m = engine_mending(e);
	size_t n = judge_story(&e->settled, &k->tale->s, &k->tale->opinion, &m,
	    found);

	opinion_free(k->tale->opinion);
	k->tale->opinion = NULL;
	look_free(k->look);
	k->look = NULL;
	if (n == 0)
		return;
	k->found.list = pool_zeroed(n * sizeof(found[0]));
	memcpy(k->found.list, found, n * sizeof(found[0]));
	k->found.n = n;
}

/* Lets K go, judged with what is known now. */
static void
kept_drop(struct engine *e, struct kept *k)
{
	uint64_t found[HITS_MAX];

	/* Of a run without an end `settled` is all that is asked for. */
	if (!e->live)
		judge_story(&e->gone, &k->tale->s, NULL, NULL, found);
	kept_release(e, k);
	e->nkept--;
	e->quality.stories_not_kept++;
}

static void
kept_drop_oldest(struct engine *e)
{
	struct kept *k = kept_at(e, 0);

	if (e->views && e->nsettled == 0)
		kept_settle(e, k);
	else if (e->views)
		e->nsettled--;
	if (e->nheld > 0) {
		k->tale->shown = true;
		e->nheld--;
	}
	kept_drop(e, k);
	e->kept_first = (e->kept_first + 1) % e->kept_size;
}

/*
 * Lets the latest go: the older ones are shown and would not give any memory
 * back.
 */
static void
kept_drop_latest(struct engine *e)
{
	struct kept *k = kept_at(e, e->nkept - 1);

	if (e->nsettled == e->nkept)
		e->nsettled--;
	else
		kept_settle(e, k);
	kept_drop(e, k);
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
	uint64_t used = e->stories.held + e->gone.octets + e->settled.octets +
	    e->view_octets + e->opinion_octets + e->look_octets;

	if (e->views)
		room -= BURIED_SHARE(e->memory);
	return room > used ? room - used : 0;
}

static bool
kept_too_many(const struct engine *e)
{
	return e->nkept > KEEP_MAX_STORIES ||
	    (e->nkept > 1 && e->kept_octets > kept_ceiling(e));
}

static void
count_ended(struct engine *e, const struct story *s)
{
	enum mech mech = s->nattempts == 0 ? MECH_NONE :
					     s->attempts[s->nattempts - 1].mech;
	const char *carrier = s->carrier == NULL ? "" : s->carrier;
	struct ended *k = e->ended;
	size_t i;

	for (i = 0; i < e->nended; i++, k++)
		if (k->carrier != NULL && strcmp(k->carrier, carrier) == 0)
			break;
	if (i == ENDED_MAX)
		k--; /* that of all others */
	else if (i == e->nended)
		e->ended[e->nended++].carrier = i + 1 < ENDED_MAX ? carrier :
								    NULL;
	k->outcomes[s->outcome]++;
	k->mechs[mech]++;
}

/* A story has ended: count it, keep it. */
static void
engine_story(void *arg, struct tale *t)
{
	struct engine *e = arg;
	struct kept *k;

	e->count++;
	e->outcomes[t->s.outcome]++;
	count_ended(e, &t->s);
	e->quality.steps_not_kept += t->s.not_kept;
	if (e->nkept == e->kept_size)
		kept_grow(e);
	k = kept_at(e, e->nkept++);
	k->tale = t;
	k->id = t->s.id;
	e->kept_octets += tale_octets(t);
	while (kept_too_many(e))
		if (e->nheld == 0 ||
		    e->stories.buried <= BURIED_SHARE(e->memory))
			kept_drop_oldest(e);
		else if (e->nkept > e->nheld)
			kept_drop_latest(e);
		else
			break;
	while (e->views && e->nkept - e->nsettled > VIEW_PENDING)
		kept_settle(e, kept_at(e, e->nsettled++));
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

/* Adds SIGN times what was counted in C. */
static void
quality_add(struct quality *q, const struct ev_capture_end *x, uint64_t sign)
{
	q->frames_short += sign * (uint64_t)x->frames_short;
	q->tcp_gaps += sign * (uint64_t)x->tcp_gaps;
	q->malformed += sign * (uint64_t)x->malformed;
	q->unread_link_types += sign * (uint64_t)x->unread_link_types;
	q->fragments_lost += sign * (uint64_t)x->fragments_lost;
	q->duplicates += sign * (uint64_t)x->duplicates;
	q->flows_dropped += sign * (uint64_t)x->flows_dropped;
	q->dropped_by_kernel += sign * (uint64_t)x->dropped_by_kernel;
	q->damaged_captures += sign * (x->damaged != 0);
}

/* What comes of the same number from now on is another capture. */
static void
capture_close(struct capture_seen *c)
{
	memset(&c->counted, 0, sizeof(c->counted));
}

static void
engine_capture(struct engine *e, const struct event *ev)
{
	struct capture_seen *c = capture_get(e, ev->ref.capture);

	ledger_time_begin(&e->ledger, ev->ref.capture);
	capture_close(c);
	free(c->path);
	free(c->format);
	c->path = must_text(ev->u.capture.path);
	c->format = must_text(ev->u.capture.format);
	c->info.path = c->path;
	c->info.format = c->format;
}

/* It may be told more than once: each time all that there is so far. */
static void
engine_capture_end(struct engine *e, const struct event *ev)
{
	const struct ev_capture_end *x = &ev->u.capture_end;
	struct capture_seen *c = capture_get(e, ev->ref.capture);

	c->info.packets = (uint64_t)x->packets;
	c->info.bytes = (uint64_t)x->bytes;
	c->info.first = x->first;
	c->info.last = x->last;
	c->info.damaged = x->damaged != 0;
	stories_time(&e->stories, x->last);
	quality_add(&e->quality, &c->counted, UINT64_MAX);
	quality_add(&e->quality, x, 1);
	c->counted = *x;
}

/* --- the engine ------------------------------------------------------- */

struct engine *
engine_new(const struct engine_options *opt)
{
	struct engine *e = must_calloc(1, sizeof(*e));
	uint64_t share;

	e->memory = opt->memory != 0 ? opt->memory : DEFAULT_MEMORY;
	e->views = opt->views;
	e->live = opt->live;
	e->breathe = opt->breathe;
	e->breathe_arg = opt->breathe_arg;
	ledger_init(&e->ledger,
	    opt->skew > 0 ? opt->skew : SKEW_DEFAULT * SECOND,
	    LEDGER_SHARE(e->memory));
	stories_init(&e->stories, &e->ledger, OPEN_SHARE(e->memory),
	    engine_story, e);
	share = FINDING_SHARE(e->memory, e->views);
	docket_init(&e->gone, &e->ledger, share, e->views);
	docket_init(&e->settled, &e->ledger, share, e->views);
	e->gone.lets_go = e->settled.lets_go = e->live;
	return e;
}

static void
engine_clock_set(struct engine *e, const struct event *ev)
{
	int64_t now = ev->ref.time, shift = ev->u.clock_set.shift;

	stories_clock_set(&e->stories, now, shift);
	ledger_clock_set(&e->ledger, shift);
	docket_clock_set(&e->gone, now, e->stories.told);
	docket_clock_set(&e->settled, now, e->stories.told);
}

/* What a key says of one request comes with it; a directory, at any time. */
static bool
is_about_one(const struct event *ev)
{
	return ev->kind == EV_ticket_key || ev->kind == EV_authenticator ||
	    ev->kind == EV_preauth_key;
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
	case EV_self:
		ledger_self(&e->ledger, ev);
		break;
	case EV_clock_set:
		engine_clock_set(e, ev);
		break;
	default:
		if (ledger_feed_proof(&e->ledger, ev)) {
			stories_opened(&e->stories, ev);
			e->facts += !is_about_one(ev);
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

void
engine_time(struct engine *e, int64_t now)
{
	stories_pass(&e->stories, now);
}

/* A view that somebody still looks at stands until there is the result. */
const struct result *
engine_finish(struct engine *e)
{
	struct view last = { 0 };

	if (e->breathe == NULL)
		view_free(e);
	stories_finish(&e->stories);
	e->quality.times_unknown = ledger_time_settle(&e->ledger);
	ledger_order(&e->ledger);
	/* A run without an end has said what it saw before it was mended. */
	last.docket = e->live ? &e->settled : &e->gone;
	last.anew = true;
	last.docket->breathe = e->breathe;
	last.docket->breathe_arg = e->breathe_arg;
	if (e->live)
		view_latest(e, &last);
	else
		view_whole(e, &last);
	view_settle(&last);
	last.docket->breathe = NULL;
	rank_settle(last.docket);
	result_make(e, &last);
	view_free(e);
	e->view = last;
	return &e->view.result;
}

void
engine_free(struct engine *e)
{
	size_t i;

	e->views = false; /* none will be asked for */
	view_free(e);
	stories_release(&e->stories);
	for (i = 0; i < e->nkept; i++)
		kept_release(e, kept_at(e, i));
	graves_clear(&e->stories);
	free(e->kept);
	docket_free(&e->gone);
	docket_free(&e->settled);
	for (i = 0; i < e->ncaptures; i++) {
		free(e->captures[i].path);
		free(e->captures[i].format);
	}
	free(e->captures);
	ledger_release(&e->ledger);
	free(e);
}
