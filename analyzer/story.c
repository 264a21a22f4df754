/*
 * story.c - the beginning and the end of stories: clients, flows, timers.
 *
 * A story is one attempt of one client to be authenticated to one service.
 * The exchange is modelled, not the connection: one connection carries many
 * stories, and one story may use many connections.  All timers run on packet
 * time.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "pool.h"
#include "story-tell.h"

static const int64_t timer_length[TIMERS] = {
	[TIMER_ANSWER] = STORY_AFTER_ANSWER,
	[TIMER_FAILURE] = STORY_AFTER_FAILURE,
	[TIMER_UNANSWERED] = STORY_UNANSWERED,
	[TIMER_PROMPT] = STORY_PROMPT,
};

/* --- clients ---------------------------------------------------------- */

static bool
client_match(const struct node *n, const void *key)
{
	return addr_equal(&((const struct client *)n)->addr, key);
}

static void
client_drop(struct stories *st, struct client *c)
{
	st->cut += c->ntales - (c->knocking != 0);
	while (c->newest != NULL)
		tale_end(st, c->newest);
	table_remove(&st->clients, &c->node);
	story_search_forget(st, c);
	story_dns_forget(st, c);
	if (st->client == c)
		st->client = NULL;
	st->held -= sizeof(*c);
	pool_free(c, sizeof(*c));
}

static struct client *
client_find(const struct stories *st, const struct addr *addr)
{
	if (st->client != NULL && addr_equal(&st->client->addr, addr))
		return st->client;
	return (struct client *)table_find(&st->clients, hash_addr(addr),
	    client_match, addr);
}

struct client *
client_get(struct stories *st, const struct addr *addr)
{
	struct client *c = client_find(st, addr);

	if (c != NULL) {
		st->client = c;
		c->last = st->now;
		table_touch(&st->clients, &c->node);
		return c;
	}
	if (st->clients.count >= OPEN_MAX_CLIENTS)
		client_drop(st, (struct client *)st->clients.oldest);
	c = pool_zeroed(sizeof(*c));
	st->held += sizeof(*c);
	c->last = st->now;
	c->addr = *addr;
	table_add(&st->clients, &c->node, hash_addr(addr));
	return c;
}

/* --- flows ------------------------------------------------------------ */

static bool
flow_match(const struct node *n, const void *key)
{
	return ((const struct flow_state *)n)->id == *(const uint64_t *)key;
}

struct flow_state *
story_flow_find(const struct stories *st, uint64_t id)
{
	return (struct flow_state *)table_find(&st->flows, hash_mix(id, 0),
	    flow_match, &id);
}

void
story_flow_drop(struct stories *st, struct flow_state *f)
{
	struct dance *d;

	while ((d = f->dances) != NULL) {
		f->dances = d->next;
		st->held -= sizeof(*d);
		free(d);
	}
	table_remove(&st->flows, &f->node);
	st->held -= sizeof(*f);
	pool_free(f, sizeof(*f));
}

struct flow_state *
story_flow_get(struct stories *st, uint64_t id)
{
	struct flow_state *f = story_flow_find(st, id);

	if (f != NULL) {
		table_touch(&st->flows, &f->node);
		return f;
	}
	if (st->flows.count >= OPEN_MAX_FLOWS)
		story_flow_drop(st, (struct flow_state *)st->flows.oldest);
	f = pool_zeroed(sizeof(*f));
	st->held += sizeof(*f);
	f->id = id;
	table_add(&st->flows, &f->node, hash_mix(id, 0));
	return f;
}

/* --- timers ----------------------------------------------------------- */

static void
timer_unlink(struct stories *st, struct tale *t)
{
	if (t->before != NULL)
		t->before->after = t->after;
	else
		st->first[t->timer] = t->after;
	if (t->after != NULL)
		t->after->before = t->before;
	else
		st->last[t->timer] = t->before;
}

static void
timer_link(struct stories *st, struct tale *t)
{
	t->before = st->last[t->timer];
	t->after = NULL;
	if (t->before != NULL)
		t->before->after = t;
	else
		st->first[t->timer] = t;
	st->last[t->timer] = t;
}

void
tale_arm(struct stories *st, struct tale *t, enum timer timer, int64_t time)
{
	timer_unlink(st, t);
	t->timer = timer;
	t->armed = time;
	if (time > t->s.end)
		t->s.end = time;
	timer_link(st, t);
	st->held -= t->counted;
	t->counted = tale_octets(t);
	st->held += t->counted;
}

/* Ends what has waited long enough at packet time NOW. */
static void
timers_run(struct stories *st, int64_t now)
{
	int i;

	for (i = 0; i < TIMERS; i++)
		while (st->first[i] != NULL &&
		    now - st->first[i]->armed > timer_length[i])
			tale_end(st, st->first[i]);
}

/* --- tales ------------------------------------------------------------ */

/* A list without elements is no NULL: rules walk it by pointers. */
static const struct lookup no_lookups[1];
static const struct exchange no_exchanges[1];
static const struct attempt no_attempts[1];
static const struct step no_steps[1];
static const struct contact no_contacts[1];

static bool
tale_match(const struct node *n, const void *key)
{
	return ((const struct tale *)n)->s.id == *(const uint64_t *)key;
}

struct tale *
tale_by_id(const struct stories *st, uint64_t id)
{
	return (struct tale *)table_find(&st->tales, hash_mix(id, 1),
	    tale_match, &id);
}

struct tale *
tale_blank(struct client *c, const struct event *ev)
{
	struct tale *t = pool_zeroed(sizeof(*t));

	t->s.lookups = no_lookups;
	t->s.exchanges = no_exchanges;
	t->s.attempts = no_attempts;
	t->s.steps = no_steps;
	t->s.contacts = no_contacts;
	t->s.start = t->s.end = ev->ref.time;
	t->s.client = c->addr;
	t->s.client_port = ev->from_client ? ev->sport : ev->dport;
	t->s.carrier = "kdc";
	t->client = c;
	return t;
}

struct tale *
tale_new(struct stories *st, struct client *c, const struct event *ev)
{
	struct tale *t;

	while (st->tales.count >= OPEN_MAX_STORIES) {
		st->cut++;
		tale_end(st, (struct tale *)st->tales.oldest);
	}
	while (c->ntales >= CLIENT_MAX_STORIES) {
		st->cut++;
		tale_end(st, c->oldest);
	}
	t = tale_blank(c, ev);
	t->s.id = ++st->told;
	t->older = c->newest;
	if (c->newest != NULL)
		c->newest->newer = t;
	else
		c->oldest = t;
	c->newest = t;
	c->ntales++;
	t->timer = TIMER_UNANSWERED;
	t->armed = ev->ref.time;
	timer_link(st, t);
	table_add(&st->tales, &t->node, hash_mix(t->s.id, 1));
	return t;
}

static void
tale_unlink(struct stories *st, struct tale *t)
{
	timer_unlink(st, t);
	if (t->newer != NULL)
		t->newer->older = t->older;
	else
		t->client->newest = t->older;
	if (t->older != NULL)
		t->older->newer = t->newer;
	else
		t->client->oldest = t->newer;
	t->client->ntales--;
	if (t->client->knocking == t->s.id)
		t->client->knocking = 0;
	table_remove(&st->tales, &t->node);
	st->held -= t->counted;
}

void
tale_end(struct stories *st, struct tale *t)
{
	tale_unlink(st, t);
	if (story_is_scan(st, t)) {
		tale_bury(st, t);
		return;
	}
	story_reach_settle(st, t);
	story_dns_attach(st, t);
	story_conclude(t);
	t->client = NULL;
	if (story_is_nothing(&t->s)) {
		tale_bury(st, t);
		return;
	}
	st->sink(st->arg, t);
}

void
tale_discard(struct stories *st, struct tale *t)
{
	tale_unlink(st, t);
	tale_bury(st, t);
}

/* --- events ----------------------------------------------------------- */

/*
 * A connection ends: the stories told on it that have had their last word
 * end with it.
 */
static void
story_conn(struct stories *st, const struct event *ev)
{
	const struct ev_conn *c = &ev->u.conn;
	struct flow_state *f;
	struct dance *d;
	struct tale *t;
	bool over;

	story_contact_conn(st, ev);
	over = c->state.len >= 5 &&
	    (memcmp(c->state.p, "close", 5) == 0 ||
		memcmp(c->state.p, "reset", 5) == 0);
	f = over ? story_flow_find(st, ev->flow) : NULL;
	if (f == NULL)
		return;
	for (d = f->dances; d != NULL; d = d->next) {
		t = d->tale == 0 ? NULL : tale_by_id(st, d->tale);
		if (t == NULL || t->s.nattempts == 0)
			continue;
		if (t->s.attempts[t->s.nattempts - 1].answer == ANSWER_OK)
			tale_end(st, t);
	}
	if (f->npending == 0)
		story_flow_drop(st, f);
}

void
stories_init(struct stories *st, struct ledger *l, uint64_t ceiling,
    story_sink sink, void *arg)
{
	memset(st, 0, sizeof(*st));
	st->ledger = l;
	st->ceiling = ceiling;
	st->sink = sink;
	st->arg = arg;
}

/* Forgets clients that were silent for long. */
static void
clients_expire(struct stories *st)
{
	struct client *c;

	while ((c = (struct client *)st->clients.oldest) != NULL &&
	    c->ntales == 0 && st->now - c->last > CLIENT_IDLE)
		client_drop(st, c);
}

/*
 * Lets the longest unused go while too much is open: a flow or a client, of
 * which there are more; the last client's stories at last.
 */
static void
stories_trim(struct stories *st)
{
	const struct table *clients = &st->clients, *flows = &st->flows;

	while (st->held > st->ceiling && st->knocks.count > 0)
		knock_drop(st, (struct knock *)st->knocks.oldest);
	while (st->held > st->ceiling && clients->count + flows->count > 2) {
		if (clients->count > flows->count)
			client_drop(st, (struct client *)clients->oldest);
		else
			story_flow_drop(st, (struct flow_state *)flows->oldest);
	}
	while (st->held > st->ceiling && st->tales.count > 1) {
		st->cut++;
		tale_end(st, (struct tale *)st->tales.oldest);
	}
}

/* Ends what time or memory ends, before the next event. */
static void
stories_run(struct stories *st)
{
	timers_run(st, st->now);
	if (st->searches != NULL)
		story_search_run(st, st->now);
	clients_expire(st);
	if (st->held > st->ceiling)
		stories_trim(st);
}

void
stories_event(struct stories *st, const struct event *ev)
{
	/* What was lost is told later than it happened. */
	if (ev->kind != EV_lost)
		st->now = ev->ref.time;
	stories_run(st);
	switch (ev->kind) {
	case EV_kdc_req:
		story_search_sees(st, ev);
		story_kdc_request(st, ev);
		break;
	case EV_kdc_rep:
		story_kdc_reply(st, ev);
		break;
	case EV_krb_error:
		if (ev->u.krb_error.from.len == 3) /* "kdc" */
			story_kdc_krb_error(st, ev);
		else
			story_service_event(st, ev);
		break;
	case EV_dns_query:
	case EV_dns_rr:
	case EV_dns_reply:
		story_dns_event(st, ev);
		break;
	case EV_conn:
		story_search_sees(st, ev);
		story_conn(st, ev);
		break;
	case EV_target:
		story_search_sees(st, ev);
		story_service_event(st, ev);
		break;
	case EV_lost:
		story_contact_lost(st, ev);
		break;
	default:
		story_service_event(st, ev);
		break;
	}
}

void
stories_time(struct stories *st, int64_t time)
{
	if (time > st->now)
		st->now = time;
}

void
stories_pass(struct stories *st, int64_t time)
{
	if (time <= st->now)
		return;
	st->now = time;
	stories_run(st);
}

void
stories_finish(struct stories *st)
{
	story_search_finish(st);
	while (st->tales.oldest != NULL)
		tale_end(st, (struct tale *)st->tales.oldest);
}

void
stories_release(struct stories *st)
{
	stories_finish(st);
	while (st->flows.oldest != NULL)
		story_flow_drop(st, (struct flow_state *)st->flows.oldest);
	while (st->clients.oldest != NULL)
		client_drop(st, (struct client *)st->clients.oldest);
	while (st->knocks.oldest != NULL)
		knock_drop(st, (struct knock *)st->knocks.oldest);
	story_dns_release(st);
	table_free(&st->knocks, free);
	table_free(&st->tales, free);
	table_free(&st->clients, free);
	table_free(&st->flows, free);
}
