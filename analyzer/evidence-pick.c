/*
 * evidence-pick.c - see evidence-pick.h.
 *
 * The ring is walked once for all log-ons together: what is wanted stands in
 * a hash table, by the two addresses and by the number of the frame.
 */
#include <stdlib.h>
#include <string.h>

#include "evidence-pick.h"
#include "table.h"
#include "text.h"

#define BUCKETS 4096 /* a power of two */
#define DNS_PORT 53
#define TALKS_MOST 1024 /* conversations from elsewhere */

enum want_kind {
	WANT_SERVER, /* what the client sent there, and got */
	WANT_TALK,   /* a conversation, known by its ports */
	WANT_FRAME,
	WANT_SAYS /* and of it a cause says something */
};

struct want {
	uint64_t key;
	size_t next; /* in its bucket, from 1; 0: the last */
	enum want_kind kind;
	size_t due;
	int64_t from, to; /* WANT_SERVER, WANT_TALK */
	bool same;        /* the two addresses are */
	uint8_t side;     /* where the server's port stands */
	uint16_t port[2]; /* WANT_SERVER: the first */
	int capture;      /* WANT_FRAME, WANT_SAYS */
	uint64_t number;
	bool cited;                /* WANT_FRAME: by a cause */
	const struct cause *cause; /* WANT_SAYS */
	const char *says;
};

struct picker {
	const struct result *result;
	const struct due *due;
	size_t ndue;
	size_t buckets[BUCKETS];
	struct want *wants;
	size_t nwants, room;
	struct pick *picks;
	size_t npicks;
	bool cited;                         /* by causes: any frame */
	size_t first[EVIDENCE_AT_ONCE + 1]; /* of each log-on */
	struct ring_frame *last[EVIDENCE_AT_ONCE];
};

/* --- what is wanted --------------------------------------------------- */

static void
want_add(struct picker *p, const struct want *w)
{
	size_t *bucket = &p->buckets[w->key & (BUCKETS - 1)];

	if (p->nwants == p->room) {
		p->room = p->room * 2 + 256;
		p->wants = must_realloc(p->wants, p->room, sizeof(*w));
	}
	p->wants[p->nwants] = *w;
	p->wants[p->nwants].next = *bucket;
	*bucket = ++p->nwants;
}

/*
 * Whether W is wanted already; those of one log-on stand together, and a
 * server is asked again and again.
 */
static bool
is_known(const struct picker *p, const struct want *w)
{
	const struct want *old;
	size_t i;

	for (i = p->buckets[w->key & (BUCKETS - 1)]; i != 0; i = old->next) {
		old = &p->wants[i - 1];
		if (old->due != w->due)
			break;
		if (old->kind == w->kind && old->key == w->key &&
		    old->port[0] == w->port[0] && old->number == w->number)
			return true;
	}
	return false;
}

static void
want_server(struct picker *p, size_t due, const struct addr *server,
    uint16_t port)
{
	const struct story *s = p->due[due].story;
	const struct addr *client = &s->client;
	struct want w = {
		.kind = WANT_SERVER,
		.due = due,
		.from = s->start - EVIDENCE_BEFORE,
		.to = s->end + EVIDENCE_AFTER,
		.port = { port },
	};
	int side;

	if (server->family == 0 || client->family == 0 || port == 0)
		return;
	w.key = ring_pair(client, server, &side);
	w.side = (uint8_t)side;
	w.same = addr_equal(client, server);
	if (!is_known(p, &w))
		want_add(p, &w);
}

static uint64_t
frame_key(int capture, uint64_t number)
{
	return hash_mix((uint64_t)capture, number);
}

static void
want_frame(struct picker *p, size_t due, const struct ref *ref, bool cited)
{
	struct want w = {
		.kind = WANT_FRAME,
		.cited = cited,
		.due = due,
		.capture = ref->capture,
		.number = ref->frame,
	};

	if (ref->frame == 0 || ref->capture < 0)
		return;
	w.key = frame_key(w.capture, w.number);
	if (is_known(p, &w))
		return;
	want_add(p, &w);
	p->cited |= cited;
}

static void
want_exchanges(struct picker *p, size_t due)
{
	const struct story *s = p->due[due].story;
	size_t i;

	for (i = 0; i < s->nexchanges; i++) {
		const struct exchange *x = &s->exchanges[i];

		want_server(p, due, &x->kdc, x->kdc_port);
		want_frame(p, due, &x->req, false);
		want_frame(p, due, &x->again, false);
		want_frame(p, due, &x->rep, false);
	}
	for (i = 0; i < s->ncontacts; i++) {
		const struct contact *c = &s->contacts[i];

		want_server(p, due, &c->addr, c->port);
		want_frame(p, due, &c->first, false);
		want_frame(p, due, &c->last, false);
		want_frame(p, due, &c->answer, false);
		want_frame(p, due, &c->cut_ref, false);
	}
}

static void
want_story(struct picker *p, size_t due)
{
	const struct story *s = p->due[due].story;
	size_t i;

	want_server(p, due, &s->server, s->server_port);
	want_exchanges(p, due);
	for (i = 0; i < s->nlookups; i++) {
		const struct lookup *k = &s->lookups[i];

		want_server(p, due, &k->asked_first, DNS_PORT);
		want_server(p, due, &k->resolver, DNS_PORT);
		want_frame(p, due, &k->query, false);
		want_frame(p, due, &k->reply, false);
	}
	for (i = 0; i < s->nattempts; i++) {
		const struct attempt *a = &s->attempts[i];

		want_server(p, due, &a->server, a->server_port);
		want_frame(p, due, &a->req, false);
		want_frame(p, due, &a->rep, false);
		want_frame(p, due, &a->error_ref, false);
	}
	for (i = 0; i < s->nsteps; i++)
		want_frame(p, due, &s->steps[i].ref, false);
}

/* What causes cite, with what they say of it. */
static void
want_causes(struct picker *p, size_t due)
{
	const struct due *d = &p->due[due];
	const struct cause *c;
	struct want w = { .kind = WANT_SAYS, .due = due };
	size_t i, j;

	for (i = 0; i < d->nfindings; i++) {
		c = &p->result->causes[d->findings[i]];
		for (j = 0; c->cause && j < c->f.nexcluded; j++)
			want_frame(p, due, &c->f.excluded[j].ref, true);
		for (j = 0; c->cause && j < c->f.nevidence; j++) {
			const struct evidence *e = &c->f.evidence[j];

			if (e->source != NULL)
				continue;
			want_frame(p, due, &e->ref, true);
			w.capture = e->ref.capture;
			w.number = e->ref.frame;
			w.key = frame_key(w.capture, w.number);
			w.cause = c;
			w.says = e->says;
			want_add(p, &w);
		}
	}
}

/* --- what is there ---------------------------------------------------- */

static bool
is_wanted(const struct want *w, const struct ring_frame *f)
{
	switch (w->kind) {
	case WANT_SERVER:
	case WANT_TALK:
		if (w->key != f->pair || f->f.time < w->from ||
		    f->f.time > w->to)
			return false;
		if (!f->ports)
			return true;
		if (w->kind == WANT_TALK)
			return memcmp(f->port, w->port, sizeof(w->port)) == 0;
		return f->port[w->side] == w->port[0] ||
		    (w->same && f->port[!w->side] == w->port[0]);
	case WANT_FRAME:
		return w->number == f->f.number && w->capture == f->f.capture;
	default:
		return false;
	}
}

/*
 * What a cause cites from elsewhere proves nothing alone: a log-on of another
 * client that went well needs its request.  So its conversation is wanted
 * too, as far as it led there.
 */
static void
want_talk(struct picker *p, size_t due, const struct ring_frame *f)
{
	struct want w = {
		.key = f->pair,
		.kind = WANT_TALK,
		.due = due,
		.from = f->f.time - EVIDENCE_BEFORE,
		.to = f->f.time,
	};

	memcpy(w.port, f->port, sizeof(w.port));
	if (f->ports)
		want_add(p, &w);
}

/* Looks for the frames that causes cite, but for those of the log-on. */
static void
want_talks(struct picker *p, struct ring *ring)
{
	const size_t most = p->nwants + TALKS_MOST;
	struct ring_frame *f;
	size_t i, due;

	for (f = ring_next(ring, NULL); f != NULL && p->nwants < most;
	     f = ring_next(ring, f)) {
		i = p->buckets[frame_key(f->f.capture, f->f.number) &
		    (BUCKETS - 1)];
		for (; i != 0; i = p->wants[i - 1].next) {
			due = p->wants[i - 1].due;
			if (p->wants[i - 1].cited &&
			    is_wanted(&p->wants[i - 1], f))
				want_talk(p, due, f);
		}
	}
}

static void
pick_by(struct picker *p, struct ring_frame *f, uint64_t key)
{
	const struct want *w;
	size_t i;

	for (i = p->buckets[key & (BUCKETS - 1)]; i != 0; i = w->next) {
		w = &p->wants[i - 1];
		if (!is_wanted(w, f) || p->last[w->due] == f ||
		    p->npicks == EVIDENCE_MAX_FRAMES)
			continue;
		p->last[w->due] = f;
		p->picks[p->npicks++] = (struct pick){ f, w->due };
	}
}

static int
by_time(const void *x, const void *y)
{
	const struct pick *a = x, *b = y;
	const struct frame *f = &a->frame->f, *g = &b->frame->f;

	if (a->due != b->due)
		return a->due < b->due ? -1 : 1;
	if (f->time != g->time)
		return f->time < g->time ? -1 : 1;
	if (f->capture != g->capture)
		return f->capture < g->capture ? -1 : 1;
	return f->number < g->number ? -1 : f->number > g->number;
}

static void
pick_all(struct picker *p, struct ring *ring)
{
	struct ring_frame *f;
	size_t i, due = 0;

	if (p->cited)
		want_talks(p, ring);
	for (f = ring_next(ring, NULL); f != NULL; f = ring_next(ring, f)) {
		pick_by(p, f, f->pair);
		pick_by(p, f, frame_key(f->f.capture, f->f.number));
	}
	if (p->npicks > 0)
		qsort(p->picks, p->npicks, sizeof(*p->picks), by_time);
	for (i = 0; i < p->npicks; i++)
		while (due <= p->picks[i].due)
			p->first[due++] = i;
	while (due <= p->ndue)
		p->first[due++] = p->npicks;
}

struct picker *
picker_new(struct ring *ring, const struct result *result,
    const struct due *due, size_t n)
{
	struct picker *p = must_calloc(1, sizeof(*p));
	size_t i;

	p->result = result;
	p->due = due;
	p->ndue = n < EVIDENCE_AT_ONCE ? n : EVIDENCE_AT_ONCE;
	p->picks = must_calloc(EVIDENCE_MAX_FRAMES, sizeof(*p->picks));
	for (i = 0; i < p->ndue; i++) {
		if (!due[i].again)
			want_story(p, i);
		want_causes(p, i);
	}
	pick_all(p, ring);
	return p;
}

const struct pick *
picker_of(const struct picker *p, size_t i, size_t *n)
{
	*n = p->first[i + 1] - p->first[i];
	return p->picks + p->first[i];
}

char *
picker_says(const struct picker *p, const struct ring_frame *f, size_t i)
{
	uint64_t key = frame_key(f->f.capture, f->f.number);
	const struct cause *told[FINDING_MAX_EVIDENCE];
	size_t at, n = 0, j;

	for (at = p->buckets[key & (BUCKETS - 1)]; at != 0;
	     at = p->wants[at - 1].next) {
		const struct want *w = &p->wants[at - 1];

		if (w->kind != WANT_SAYS || w->number != f->f.number ||
		    w->capture != f->f.capture)
			continue;
		/* Several log-ons have the same cause. */
		for (j = 0; j < n && told[j] != w->cause; j++)
			continue;
		if (j < n)
			continue;
		if (n == i)
			return text_printf("kerbscope: %s (%s) %s: %s",
			    impact_names[w->cause->impact],
			    certainty_names[w->cause->f.certainty],
			    w->cause->f.rule->id, w->says);
		if (n == FINDING_MAX_EVIDENCE)
			break;
		told[n++] = w->cause;
	}
	return NULL;
}

void
picker_free(struct picker *p)
{
	free(p->wants);
	free(p->picks);
	free(p);
}
