/*
 * flow.c - the table of flows: TCP connections and pairs of UDP ports.
 *
 * Both directions are one flow.  The hash by which it is found has a key of
 * its own that is random at each start, for addresses and ports are chosen by
 * strangers; nothing that is shown depends on it, flows are numbered as they
 * appear.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

#define FIRST_SLOTS 2048
#define BLOCK 1024 /* flows */

struct conn_block {
	struct conn conns[BLOCK];
};

/* --- keys ------------------------------------------------------------- */

static uint64_t
end_hash(const struct dissector *d, const struct addr *a, uint16_t port)
{
	uint64_t w[2], last;

	memcpy(w, a->b, sizeof(w));
	last = (uint64_t)port << 32 | (uint64_t)a->family << 48;
	if (a->family == 4)
		return hash_fold(w[0] ^ last ^ d->key[0], d->key[1]);
	return hash_fold(hash_fold(w[0] ^ d->key[0], d->key[1]) ^ w[1],
	    d->key[1] + 2 + last);
}

struct flow_key
flow_key(const struct dissector *d, const struct packet *p)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t src[2], dst[2], h;
	struct flow_key key;

	h = end_hash(d, &p->src, p->sport) + end_hash(d, &p->dst, p->dport);
	key.hash = hash_fold(h + p->proto, d->key[0] | 1);
	if (key.hash == 0)
		key.hash = 1;
	memcpy(src, p->src.b, sizeof(src));
	memcpy(dst, p->dst.b, sizeof(dst));
	h = (src[0] + dst[0]) * odd ^ (src[1] + dst[1]);
	h = (h ^ (uint64_t)(p->sport + p->dport)) * odd;
	key.place = (uint32_t)(h >> 32);
	return key;
}

static enum transport
transport_of(const struct packet *p)
{
	return p->proto == IPPROTO_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
}

static bool
same_addr(const struct addr *a, const struct addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static bool
sent_by(const struct conn *c, int side, const struct packet *p)
{
	return c->flow.port[side] == p->sport &&
	    c->flow.port[!side] == p->dport &&
	    same_addr(&c->flow.addr[side], &p->src) &&
	    same_addr(&c->flow.addr[!side], &p->dst);
}

int
flow_dir(const struct conn *c, const struct packet *p)
{
	return sent_by(c, 0, p) ? TO_SERVER : TO_CLIENT;
}

/* --- the table -------------------------------------------------------- */

static struct conn *
conn_of(const struct flow_table *t, uint32_t number)
{
	return &t->blocks[(number - 1) / BLOCK]->conns[(number - 1) % BLOCK];
}

struct conn *
flow_find(const struct dissector *d, const struct packet *p, int *dir)
{
	const struct flow_table *t = &d->flows;
	enum transport tp = transport_of(p);
	uint32_t hash = (uint32_t)p->key.hash;

	if (t->nslots == 0)
		return NULL;
	for (size_t i = hash;; i++) {
		const struct flow_slot *s = &t->slots[i & (t->nslots - 1)];
		struct conn *c;

		if (s->number == 0)
			return NULL;
		if (s->hash != hash)
			continue;
		c = conn_of(t, s->number);
		if (c->flow.transport != tp)
			continue;
		*dir = flow_dir(c, p);
		if (*dir == TO_SERVER || sent_by(c, TO_CLIENT, p))
			return c;
	}
}

static void
slot_add(struct flow_table *t, uint32_t hash, uint32_t number)
{
	size_t i = hash & (t->nslots - 1);

	while (t->slots[i].number != 0)
		i = (i + 1) & (t->nslots - 1);
	t->slots[i] = (struct flow_slot){ hash, number };
}

/* Who stands behind C because of it moves up: no gap may come between a slot
 * and the place where it is looked for. */
static void
slot_remove(struct flow_table *t, const struct conn *c)
{
	const size_t mask = t->nslots - 1;
	size_t gap = c->hash & mask, i;

	while (t->slots[gap].number != c->number)
		gap = (gap + 1) & mask;
	for (i = (gap + 1) & mask; t->slots[i].number != 0; i = (i + 1) & mask)
		if (((i - t->slots[i].hash) & mask) >= ((i - gap) & mask)) {
			t->slots[gap] = t->slots[i];
			gap = i;
		}
	t->slots[gap].number = 0;
}

/* Room for a flow more; two slots a flow, for others are asked for too. */
static void
table_grow(struct flow_table *t)
{
	struct flow_slot *old = t->slots;
	size_t n = t->nslots;

	if (t->count < n / 2)
		return;
	t->nslots = n == 0 ? FIRST_SLOTS : n * 2;
	t->slots = must_alloc(t->nslots * sizeof(*t->slots));
	for (size_t i = 0; i < n; i++)
		if (old[i].number != 0)
			slot_add(t, old[i].hash, old[i].number);
	free(old);
}

static void
block_add(struct flow_table *t)
{
	struct conn_block *b = must_alloc(sizeof(*b));

	t->blocks = must_grow(t->blocks,
	    (t->nblocks + 1) * sizeof(struct conn_block *));
	t->blocks[t->nblocks++] = b;
	/* The first is given out first: those that go together lie together. */
	for (size_t i = BLOCK; i-- > 0; t->unused = &b->conns[i]) {
		b->conns[i].number = (uint32_t)((t->nblocks - 1) * BLOCK + i +
		    1);
		b->conns[i].newer = t->unused;
	}
}

static struct conn *
conn_new(struct flow_table *t, uint32_t hash)
{
	struct conn *c;

	table_grow(t);
	if (t->unused == NULL)
		block_add(t);
	c = t->unused;
	t->unused = c->newer;
	*c = (struct conn){ .number = c->number, .hash = hash };
	slot_add(t, hash, c->number);
	t->count++;
	return c;
}

static void
conn_free(struct flow_table *t, struct conn *c)
{
	slot_remove(t, c);
	c->newer = t->unused;
	t->unused = c;
	t->count--;
}

static struct flow_list *
list_of(struct flow_table *t, const struct conn *c)
{
	return c->flow.transport == TRANSPORT_UDP ||
		c->interest == INTEREST_OVER ?
	    &t->spent :
	    &t->live;
}

static void
list_append(struct flow_list *list, struct conn *c)
{
	c->older = list->newest;
	c->newer = NULL;
	*(list->newest == NULL ? &list->oldest : &list->newest->newer) = c;
	list->newest = c;
	list->count++;
}

static void
list_remove(struct flow_list *list, struct conn *c)
{
	*(c->older == NULL ? &list->oldest : &c->older->newer) = c->newer;
	*(c->newer == NULL ? &list->newest : &c->newer->older) = c->older;
	list->count--;
}

void
flow_touch(struct dissector *d, struct conn *c, const struct packet *p)
{
	struct flow_list *list = list_of(&d->flows, c);

	c->flow.ref = p->ref;
	if (list->newest == c)
		return;
	list_remove(list, c);
	list_append(list, c);
}

/* --- beginning -------------------------------------------------------- */

/* Which side the sender of P is; FROM, TO: what its ports are hints for. */
static int
sender_side(enum opener opener, const struct carrier *from,
    const struct carrier *to)
{
	if (opener != OPENER_UNKNOWN)
		return opener == OPENER_SENDER ? 0 : 1;
	return to == NULL && from != NULL ? 1 : 0;
}

static void
set_sides(struct conn *c, const struct packet *p, int sender)
{
	c->flow.addr[sender] = p->src;
	c->flow.port[sender] = p->sport;
	c->flow.addr[!sender] = p->dst;
	c->flow.port[!sender] = p->dport;
}

/*
 * Lets the flow go that was silent for longest.  It is no loss when nothing
 * more would come: it is over, or datagrams were answered or given up.
 */
static void
drop_oldest(struct dissector *d, struct flow_list *list)
{
	const struct flow_table *t = &d->flows;
	struct conn *c = list->oldest;
	bool tells = c->interest != INTEREST_OVER;

	if (c->flow.transport == TRANSPORT_UDP &&
	    (c->answered || c->flow.ref.time + DATAGRAM_IDLE < d->now))
		tells = false;
	if (tells)
		quality_of(d, c->flow.ref.capture)->flows_dropped++;
	flow_end(d, c);
	/* The next ones go soon, and were not looked at for long. */
	c = list->oldest;
	if (c != NULL) {
		__builtin_prefetch(&t->slots[c->hash & (t->nslots - 1)]);
		__builtin_prefetch(c->newer);
	}
}

struct conn *
flow_new(struct dissector *d, const struct packet *p, enum opener opener)
{
	struct flow_table *t = &d->flows;
	enum transport tp = transport_of(p);
	const struct carrier *from = claim_hint(d, tp, p->sport);
	const struct carrier *to = claim_hint(d, tp, p->dport);
	int sender = sender_side(opener, from, to);
	struct flow_list *list = tp == TRANSPORT_UDP ? &t->spent : &t->live;
	struct conn *c;

	if (list->count >= FLOW_MAX)
		drop_oldest(d, list);
	c = conn_new(t, (uint32_t)p->key.hash);
	c->flow.id = ++t->last_id;
	c->flow.transport = tp;
	c->flow.ref = p->ref;
	set_sides(c, p, sender);
	c->hint = sender == 0 ? to : from;
	c->hinted = from != NULL || to != NULL;
	list_append(list, c);
	return c;
}

/* --- end -------------------------------------------------------------- */

static void
release(struct conn *c)
{
	if (c->flow.carrier != NULL && c->flow.carrier->release != NULL)
		c->flow.carrier->release(&c->flow);
	else
		free(c->flow.state);
	c->flow.state = NULL;
}

void
flow_over(struct dissector *d, struct conn *c)
{
	struct flow_list *spent;

	tcp_end(d, c);
	release(c);
	list_remove(list_of(&d->flows, c), c);
	c->interest = INTEREST_OVER;
	spent = list_of(&d->flows, c);
	if (spent->count >= FLOW_MAX)
		drop_oldest(d, spent);
	list_append(spent, c);
}

void
flow_end(struct dissector *d, struct conn *c)
{
	tcp_end(d, c);
	release(c);
	list_remove(list_of(&d->flows, c), c);
	conn_free(&d->flows, c);
}

void
flow_retire(struct dissector *d, struct conn *c)
{
	struct packet p = { .src = c->flow.addr[0],
		.dst = c->flow.addr[1],
		.sport = c->flow.port[0],
		.dport = c->flow.port[1] };
	struct flow_key key;

	p.proto = c->flow.transport == TRANSPORT_TCP ? IPPROTO_TCP :
						       IPPROTO_UDP;
	key = flow_key(d, &p);

	nobody_add(d, &key);
	flow_end(d, c);
}

static void
list_expire(struct dissector *d, struct flow_list *list, int64_t idle)
{
	while (
	    list->oldest != NULL && list->oldest->flow.ref.time + idle < d->now)
		flow_end(d, list->oldest);
}

void
flow_expire(struct dissector *d)
{
	struct flow_table *t = &d->flows;

	list_expire(d, &t->live, FLOW_IDLE);
	list_expire(d, &t->spent, SPENT_IDLE);
	while (d->held > STREAM_MAX_BUFFER && t->live.oldest != NULL)
		drop_oldest(d, &t->live);
}

static void
list_clock_set(struct flow_list *list, int64_t shift)
{
	struct conn *c;

	for (c = list->oldest; c != NULL; c = c->newer)
		c->flow.ref.time += shift;
}

void
flow_clock_set(struct dissector *d, int64_t shift)
{
	list_clock_set(&d->flows.live, shift);
	list_clock_set(&d->flows.spent, shift);
}

void
flow_finish(struct dissector *d)
{
	while (d->flows.live.oldest != NULL)
		flow_end(d, d->flows.live.oldest);
	while (d->flows.spent.oldest != NULL)
		flow_end(d, d->flows.spent.oldest);
}

void
flow_free(struct dissector *d)
{
	flow_finish(d);
	for (size_t i = 0; i < d->flows.nblocks; i++)
		free(d->flows.blocks[i]);
	free(d->flows.blocks);
	free(d->flows.slots);
}
