/*
 * dissect.c - the dissector as others see it: frames go in, events come out,
 * and what could not be read is counted.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "flow.h"
#include "memory.h"

#define CAPTURES_MAX (1 << 20)
#define SCRATCH_CHUNK (64 << 10)
#define SCRATCH_MAX ((size_t)MESSAGE_MAX * 4)

#define CARRIER(id) &carrier_##id,
const struct carrier *const carriers[] = {
#include "carriers.def"
	NULL
};
#undef CARRIER

static const struct dissect_quality no_quality;

/* Scratch memory; the first chunk stays, others go with the message. */
struct chunk {
	struct chunk *next;
	size_t size;
	_Alignas(max_align_t) char data[];
};

void *
must_alloc(size_t n)
{
	return memory_zeroed(1, n);
}

void *
must_grow(void *p, size_t n)
{
	return memory_resized(p, n, 1);
}

/* --- scratch memory --------------------------------------------------- */

static struct chunk *
chunk_new(size_t size, struct chunk *next)
{
	struct chunk *c = must_grow(NULL, sizeof(*c) + size);

	c->size = size;
	c->next = next;
	return c;
}

void *
scratch(struct dissector *d, size_t n)
{
	const size_t align = _Alignof(max_align_t);
	void *p;

	if (n > SCRATCH_MAX)
		return NULL;
	n = (n + align - 1) / align * align;
	if (n > d->chunks->size - d->scratch_used) {
		d->chunks = chunk_new(n > SCRATCH_CHUNK ? n : SCRATCH_CHUNK,
		    d->chunks);
		d->scratch_used = 0;
	}
	p = d->chunks->data + d->scratch_used;
	d->scratch_used += n;
	return p;
}

void
scratch_reset(struct dissector *d)
{
	struct chunk *c;

	while ((c = d->chunks)->next != NULL) {
		d->chunks = c->next;
		free(c);
	}
	d->scratch_used = 0;
}

/* --- hashing ---------------------------------------------------------- */

uint64_t
hash_words(const struct dissector *d, const uint64_t *words, size_t n)
{
	uint64_t h = d->key[0];

	for (size_t i = 0; i < n; i++)
		h = hash_fold(h ^ words[i], d->key[1] + i + i);
	return hash_fold(h, d->key[0] | 1);
}

/* --- quality ---------------------------------------------------------- */

struct dissect_quality *
quality_new(struct dissector *d, int capture)
{
	size_t i = capture < 0 || capture >= CAPTURES_MAX ? 0 : (size_t)capture;

	if (i >= d->nquality) {
		d->quality = must_grow(d->quality,
		    (i + 1) * sizeof(struct dissect_quality *));
		while (d->nquality <= i)
			d->quality[d->nquality++] = NULL;
	}
	if (d->quality[i] == NULL)
		d->quality[i] = must_alloc(sizeof(struct dissect_quality));
	return d->quality[i];
}

const struct dissect_quality *
dissect_quality(const struct dissector *d, int capture)
{
	if (capture < 0 || (size_t)capture >= d->nquality ||
	    d->quality[capture] == NULL)
		return &no_quality;
	return d->quality[capture];
}

/* --- posting ---------------------------------------------------------- */

void
event_begin(struct event *ev, const struct flow *f, int dir,
    enum event_kind kind)
{
	ev->kind = kind;
	ev->ref = f->ref;
	ev->carrier = f->carrier != NULL ? f->carrier->name : NULL;
	ev->transport = f->transport;
	ev->src = f->addr[dir];
	ev->dst = f->addr[!dir];
	ev->sport = f->port[dir];
	ev->dport = f->port[!dir];
	ev->flow = f->id;
	ev->xid = 0;
	ev->from_client = dir == TO_SERVER;
	ev->cut = false;
	ev->source = (struct str){ NULL, 0 };
	event_empty(ev);
}

void
post(struct dissector *d, const struct event *ev)
{
	d->sink(d->arg, ev);
}

void
post_malformed(struct dissector *d, const struct flow *f, int dir,
    const char *what)
{
	struct event ev;

	event_begin(&ev, f, dir, EV_malformed);
	quality_of(d, f->ref.capture)->malformed++;
	ev.u.malformed.what.p = what;
	ev.u.malformed.what.len = strlen(what);
	post(d, &ev);
}

/* --- the dissector ---------------------------------------------------- */

struct dissector *
dissect_new(event_sink sink, void *arg)
{
	struct dissector *d = must_alloc(sizeof(*d));

	d->sink = sink;
	d->arg = arg;
	d->carriers = carriers;
	d->chunks = chunk_new(SCRATCH_CHUNK, NULL);
	/* Without random numbers only the guard against chosen collisions is
	 * lost. */
	if (getrandom(d->key, sizeof(d->key), GRND_NONBLOCK) !=
	    (ssize_t)sizeof(d->key))
		d->key[0] = (uintptr_t)d;
	d->key[1] |= 1;
	claim_learn(d);
	return d;
}

void
dissect_set_carriers(struct dissector *d, const struct carrier *const *list)
{
	d->carriers = list;
	claim_learn(d);
}

bool
dissect_decode_as(struct dissector *d, enum transport tp, uint16_t port,
    const char *carrier)
{
	const struct carrier *const *c = d->carriers;

	while (*c != NULL && strcmp((*c)->name, carrier) != 0)
		c++;
	if (*c == NULL)
		return false;
	d->decodes = must_grow(d->decodes,
	    (d->ndecodes + 1) * sizeof(*d->decodes));
	d->decodes[d->ndecodes++] = (struct decode){ tp, port, *c };
	claim_learn(d);
	return true;
}

const char *
dissect_carrier_name(size_t i)
{
	for (size_t n = 0; carriers[n] != NULL; n++)
		if (n == i)
			return carriers[n]->name;
	return NULL;
}

const uint16_t *
dissect_carrier_ports(size_t i, enum transport tp)
{
	static const uint16_t none[] = { 0 };
	const uint16_t *ports;

	ports = tp == TRANSPORT_TCP ? carriers[i]->tcp_ports :
				      carriers[i]->udp_ports;
	return ports != NULL ? ports : none;
}

/* Gives up what has waited long enough at d->now. */
static void
waits_expire(struct dissector *d)
{
	if (d->holes != NULL)
		tcp_expire(d);
	flow_expire(d);
	if (d->fragments != NULL)
		fragment_expire(d);
}

void
dissect_frame(struct dissector *d, const struct frame *f)
{
	struct packet p;
	size_t missing = f->len > f->caplen ? f->len - f->caplen : 0;
	struct reader r;

	p.quality = quality_of(d, f->capture);
	p.ref.capture = f->capture;
	p.ref.frame = f->number;
	p.ref.time = d->now = f->time;
	/* The rest is written by each layer before the next one reads it. */
	p.sport = p.dport = 0;
	p.ip_id = 0;
	p.ip_offset = 0;
	p.whole = false;
	p.key = (struct flow_key){ 0 };
	p.peek = NULL;
	if (missing > 0)
		p.quality->frames_short++;
	waits_expire(d);
	r = rd_make(f->data, f->caplen, missing);
	link_read(d, &p, f->link, &r);
}

bool
dissect_peek(const struct frame *f, struct conversation *out)
{
	struct dissect_quality uncounted;
	struct packet p = { .quality = &uncounted, .peek = out };
	struct reader r = rd_make(f->data, f->caplen,
	    f->len > f->caplen ? f->len - f->caplen : 0);

	uncounted.unread_link_types = 0;
	*out = (struct conversation){ 0 };
	link_read(NULL, &p, f->link, &r);
	return out->src.family != 0;
}

void
dissect_time(struct dissector *d, int64_t now)
{
	if (now <= d->now)
		return;
	d->now = now;
	waits_expire(d);
}

void
dissect_clock_set(struct dissector *d, int64_t shift)
{
	int64_t now = d->now;

	while (d->holes != NULL) {
		d->now += HOLE_TIMEOUT + 1;
		tcp_expire(d);
	}
	d->now = now + shift;
	flow_clock_set(d, shift);
	if (d->fragments != NULL)
		fragment_clock_set(d, shift);
	free(d->nobody); /* a cache */
	d->nobody = NULL;
}

void
dissect_finish(struct dissector *d)
{
	fragment_finish(d);
	flow_finish(d);
}

void
dissect_free(struct dissector *d)
{
	if (d == NULL)
		return;
	flow_free(d);
	fragment_free(d);
	free(d->duplicates);
	free(d->nobody);
	scratch_reset(d);
	free(d->chunks);
	for (size_t i = 0; i < d->nquality; i++)
		free(d->quality[i]);
	free(d->quality);
	free(d->decodes);
	free(d);
}
