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

#define FIRST_BUCKETS 1024

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

void
flow_fetch(const struct dissector *d, const struct flow_key *key)
{
	const struct flow_table *t = &d->flows;

	if (t->nbuckets > 0)
		__builtin_prefetch(&t->buckets[key->hash & (t->nbuckets - 1)]);
}

static struct flow_key
key_of(const struct dissector *d, const struct packet *p)
{
	return p->key.hash != 0 ? p->key : flow_key(d, p);
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
	hash = key_of(d, p).hash;
	for (c = t->buckets[hash & (t->nbuckets - 1)]; c != NULL; c = c->next)
		if (c->key.hash == hash && c->flow.transport == tp &&
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

	for (size_t i = 0; i < t->nbuckets; i++)
		for (struct conn *c = t->buckets[i], *next; c != NULL;
		     c = next) {
			next = c->next;
			c->next = buckets[c->key.hash & (n - 1)];
			buckets[c->key.hash & (n - 1)] = c;
		}
	free(t->buckets);
	t->buckets = buckets;
	t->nbuckets = n;
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

	c->last = p->ref.time;
	c->flow.ref = p->ref;
	if (list->newest == c)
		return;
	list_remove(list, c);
	list_append(list, c);
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

/*
 * Lets the flow go that was silent for longest.  It is no loss when nothing
 * more would come: it is over, or datagrams were answered or given up.
 */
static void
drop_oldest(struct dissector *d, struct flow_list *list)
{
	struct conn *c = list->oldest;
	bool tells = c->interest != INTEREST_OVER;

	if (c->flow.transport == TRANSPORT_UDP &&
	    (c->answered || c->last + DATAGRAM_IDLE < d->now))
		tells = false;
	if (tells)
		quality_of(d, c->flow.ref.capture)->flows_dropped++;
	flow_end(d, c);
	/* The next one goes soon, and was not looked at for long. */
	if (list->oldest != NULL)
		flow_fetch(d, &list->oldest->key);
}

struct conn *
flow_new(struct dissector *d, const struct packet *p, enum opener opener)
{
	struct flow_table *t = &d->flows;
	struct flow_list *list;
	struct conn *c;

	/* Two a flow: what has no flow is looked for as well. */
	if (t->count >= t->nbuckets / 2)
		table_grow(t);
	c = must_alloc(sizeof(*c));
	c->flow.id = ++t->last_id;
	c->flow.transport = transport_of(p);
	list = list_of(t, c);
	if (list->count >= FLOW_MAX)
		drop_oldest(d, list);
	set_sides(c, p, sender_side(d, p, opener));
	c->hint = claim_hint(d, c->flow.transport, c->flow.port[1]);
	c->hinted = c->hint != NULL ||
	    claim_hint(d, c->flow.transport, c->flow.port[0]) != NULL;
	c->flow.ref = p->ref;
	c->last = p->ref.time;
	c->key = key_of(d, p);
	c->next = t->buckets[c->key.hash & (t->nbuckets - 1)];
	t->buckets[c->key.hash & (t->nbuckets - 1)] = c;
	list_append(list, c);
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
	struct flow_table *t = &d->flows;
	struct conn **at = &t->buckets[c->key.hash & (t->nbuckets - 1)];

	tcp_end(d, c);
	release(c);
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	list_remove(list_of(t, c), c);
	t->count--;
	free(c);
}

void
flow_retire(struct dissector *d, struct conn *c)
{
	nobody_add(d, &c->key);
	flow_end(d, c);
}

static void
list_expire(struct dissector *d, struct flow_list *list, int64_t idle)
{
	while (list->oldest != NULL && list->oldest->last + idle < d->now)
		flow_end(d, list->oldest);
}

void
flow_expire(struct dissector *d)
{
	struct flow_table *t = &d->flows;

	list_expire(d, &t->live, FLOW_IDLE);
	list_expire(d, &t->spent, SPENT_IDLE);
	while (t->live.oldest != NULL && d->held > STREAM_MAX_BUFFER)
		drop_oldest(d, &t->live);
}

void
flow_finish(struct dissector *d)
{
	while (d->flows.live.oldest != NULL)
		flow_end(d, d->flows.live.oldest);
	while (d->flows.spent.oldest != NULL)
		flow_end(d, d->flows.spent.oldest);
}
