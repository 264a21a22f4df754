/*
 * flow.c - the table of flows: TCP connections and pairs of UDP ports.
 *
 * Both directions are one flow, found by a key that puts the lower end
 * first.  The hash has a key of its own that is random at each start, for
 * addresses and ports are chosen by strangers; nothing that is shown depends
 * on it, flows are numbered as they appear.
 */
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

#define FIRST_BUCKETS 1024

/* --- keys ------------------------------------------------------------- */

/* Whether the sender of P is the lower end. */
static bool
sender_first(const struct packet *p)
{
	int order = memcmp(p->src.b, p->dst.b, sizeof(p->src.b));

	return order < 0 || (order == 0 && p->sport < p->dport);
}

static uint64_t
key_hash(const struct dissector *d, const struct packet *p)
{
	bool first = sender_first(p);
	const struct addr *low = first ? &p->src : &p->dst;
	const struct addr *high = first ? &p->dst : &p->src;
	uint64_t words[5];

	words[0] = (uint64_t)(first ? p->sport : p->dport) << 32 |
	    (uint64_t)(first ? p->dport : p->sport) << 16 | p->proto;
	memcpy(&words[1], low->b, 16);
	memcpy(&words[3], high->b, 16);
	return hash_words(d, words, 5);
}

static enum transport
transport_of(const struct packet *p)
{
	return p->proto == IPPROTO_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
}

static bool
sent_by(const struct conn *c, int side, const struct packet *p)
{
	return c->flow.port[side] == p->sport &&
	    c->flow.port[!side] == p->dport &&
	    addr_equal(&c->flow.addr[side], &p->src) &&
	    addr_equal(&c->flow.addr[!side], &p->dst);
}

int
flow_dir(const struct conn *c, const struct packet *p)
{
	return sent_by(c, 0, p) ? TO_SERVER : TO_CLIENT;
}

struct conn *
flow_find(struct dissector *d, const struct packet *p)
{
	struct flow_table *t = &d->flows;
	enum transport tp = transport_of(p);
	struct conn *c;
	uint64_t hash;

	if (t->nbuckets == 0)
		return NULL;
	hash = key_hash(d, p);
	for (c = t->buckets[hash & (t->nbuckets - 1)]; c != NULL; c = c->next)
		if (c->hash == hash && c->flow.transport == tp &&
		    (sent_by(c, 0, p) || sent_by(c, 1, p)))
			return c;
	return NULL;
}

/* --- the table -------------------------------------------------------- */

static void
table_grow(struct flow_table *t)
{
	size_t n = t->nbuckets == 0 ? FIRST_BUCKETS : t->nbuckets * 2;
	struct conn **buckets = must_alloc(n * sizeof(struct conn *));

	for (struct conn *c = t->oldest; c != NULL; c = c->newer) {
		c->next = buckets[c->hash & (n - 1)];
		buckets[c->hash & (n - 1)] = c;
	}
	free(t->buckets);
	t->buckets = buckets;
	t->nbuckets = n;
}

static void
list_append(struct flow_table *t, struct conn *c)
{
	c->older = t->newest;
	c->newer = NULL;
	*(t->newest == NULL ? &t->oldest : &t->newest->newer) = c;
	t->newest = c;
}

static void
list_remove(struct flow_table *t, struct conn *c)
{
	*(c->older == NULL ? &t->oldest : &c->older->newer) = c->newer;
	*(c->newer == NULL ? &t->newest : &c->newer->older) = c->older;
}

void
flow_touch(struct dissector *d, struct conn *c, const struct packet *p)
{
	c->last = p->ref.time;
	c->flow.ref = p->ref;
	if (d->flows.newest == c)
		return;
	list_remove(&d->flows, c);
	list_append(&d->flows, c);
}

/* --- beginning -------------------------------------------------------- */

/* Which side the sender of P is. */
static int
sender_side(const struct dissector *d, const struct packet *p,
    enum opener opener)
{
	enum transport tp = transport_of(p);

	if (opener != OPENER_UNKNOWN)
		return opener == OPENER_SENDER ? 0 : 1;
	if (claim_hint(d, tp, p->dport) != NULL)
		return 0;
	return claim_hint(d, tp, p->sport) != NULL ? 1 : 0;
}

static void
set_sides(struct conn *c, const struct packet *p, int sender)
{
	c->flow.addr[sender] = p->src;
	c->flow.port[sender] = p->sport;
	c->flow.addr[!sender] = p->dst;
	c->flow.port[!sender] = p->dport;
}

/* Lets the flow go that was silent for longest. */
static void
drop_oldest(struct dissector *d)
{
	struct conn *c = d->flows.oldest;

	/* A flow that nobody reads any more tells nothing: no loss. */
	if (c->interest != INTEREST_NONE && c->interest != INTEREST_OVER)
		quality_of(d, c->flow.ref.capture)->flows_dropped++;
	flow_end(d, c);
}

struct conn *
flow_new(struct dissector *d, const struct packet *p, enum opener opener)
{
	struct flow_table *t = &d->flows;
	struct conn *c;

	if (t->count >= FLOW_MAX)
		drop_oldest(d);
	if (t->count >= t->nbuckets)
		table_grow(t);
	c = must_alloc(sizeof(*c));
	c->flow.id = ++t->last_id;
	c->flow.transport = transport_of(p);
	set_sides(c, p, sender_side(d, p, opener));
	c->hint = claim_hint(d, c->flow.transport, c->flow.port[1]);
	c->hinted = c->hint != NULL ||
	    claim_hint(d, c->flow.transport, c->flow.port[0]) != NULL;
	c->flow.ref = p->ref;
	c->last = p->ref.time;
	c->hash = key_hash(d, p);
	c->next = t->buckets[c->hash & (t->nbuckets - 1)];
	t->buckets[c->hash & (t->nbuckets - 1)] = c;
	list_append(t, c);
	t->count++;
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
	tcp_end(d, c);
	release(c);
	c->interest = INTEREST_OVER;
}

void
flow_end(struct dissector *d, struct conn *c)
{
	struct flow_table *t = &d->flows;
	struct conn **at = &t->buckets[c->hash & (t->nbuckets - 1)];

	tcp_end(d, c);
	release(c);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	list_remove(t, c);
	t->count--;
	free(c);
}

void
flow_expire(struct dissector *d)
{
	struct flow_table *t = &d->flows;

	while (t->oldest != NULL && t->oldest->last + FLOW_IDLE < d->now)
		flow_end(d, t->oldest);
	while (t->oldest != NULL && d->held > STREAM_MAX_BUFFER)
		drop_oldest(d);
}

void
flow_finish(struct dissector *d)
{
	while (d->flows.oldest != NULL)
		flow_end(d, d->flows.oldest);
}
