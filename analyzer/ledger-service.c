/*
 * ledger-service.c - which service took or refused which ticket, and where:
 * the comparison on which every statement about a refused ticket rests.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "pool.h"
#include "rule.h"

/* --- lists of services ------------------------------------------------ */

static void
list_add(struct service_list *s, struct service_entry *e)
{
	if (s->n == INDEX_MAX)
		memmove(&s->list[0], &s->list[1], --s->n * sizeof(s->list[0]));
	else if ((s->n & (s->n - 1)) == 0)
		s->list = must_realloc(s->list, s->n == 0 ? 1 : 2 * s->n,
		    sizeof(s->list[0]));
	s->list[s->n++] = e;
}

static void
list_remove(struct service_list *s, const struct service_entry *e)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i] == e) {
			memmove(&s->list[i], &s->list[i + 1],
			    (s->n - i - 1) * sizeof(s->list[0]));
			s->n--;
			return;
		}
}

/* Hash under which all spellings of one SPN meet: class and host alone. */
static uint64_t
spn_hash(const char *text)
{
	struct spn s;

	if (!spn_split(text, &s))
		return hash_text(text, strlen(text));
	return hash_mix(hash_text(s.class.p, s.class.len),
	    hash_text(s.host.p, s.host.len));
}

/* --- SPNs ------------------------------------------------------------- */

static bool
spn_match(const struct node *n, const void *key)
{
	return spn_equal(((const struct spn_entry *)n)->spn, key);
}

static struct spn_entry *
spn_find(const struct ledger *l, const char *spn)
{
	return (struct spn_entry *)table_find(&l->spns, spn_hash(spn),
	    spn_match, spn);
}

static struct spn_entry *
spn_get(struct ledger *l, const char *spn)
{
	struct spn_entry *e = spn_find(l, spn);

	if (e != NULL)
		return e;
	e = pool_zeroed(sizeof(*e));
	e->spn = ledger_copy(l, spn, strlen(spn), false);
	l->held += sizeof(*e);
	table_add(&l->spns, &e->node, spn_hash(spn));
	return e;
}

/* --- services --------------------------------------------------------- */

struct service_key {
	const char *spn;
	const struct addr *server;
};

static bool
service_match(const struct node *n, const void *key)
{
	const struct service *s;
	const struct service_key *k = key;

	s = &((const struct service_entry *)n)->service;
	return addr_equal(&s->server, k->server) && spn_equal(s->spn, k->spn);
}

static struct service_entry *
service_find(const struct ledger *l, const char *spn, const struct addr *server)
{
	struct service_key key = { spn, server };

	return (struct service_entry *)table_find(&l->services,
	    hash_mix(spn_hash(spn), hash_addr(server)), service_match, &key);
}

static void
service_drop(struct ledger *l, struct node *n)
{
	struct service_entry *e = (struct service_entry *)n;
	struct host_entry *h = ledger_host_find(l, &e->service.server);
	struct spn_entry *s = spn_find(l, e->service.spn);

	if (h != NULL)
		list_remove(&h->services, e);
	if (s != NULL) {
		list_remove(&s->servers, e);
		if (s->servers.n == 0) {
			table_remove(&l->spns, &s->node);
			ledger_drop_text(l, s->spn);
			l->held -= sizeof(*s);
			free(s->servers.list);
			pool_free(s, sizeof(*s));
		}
	}
	ledger_drop_text(l, e->service.spn);
	ledger_drop_text(l, e->service.realm);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static struct service_entry *
service_get(struct ledger *l, const struct ticket *t, const struct addr *server)
{
	struct service_entry *e = service_find(l, t->sname, server);

	if (e != NULL) {
		table_touch(&l->services, &e->node);
		return e;
	}
	e = pool_zeroed(sizeof(*e));
	e->service.spn = ledger_copy(l, t->sname, strlen(t->sname), false);
	if (t->realm != NULL)
		e->service.realm = ledger_copy(l, t->realm, strlen(t->realm),
		    false);
	e->service.server = *server;
	list_add(&ledger_host_entry(l, server)->services, e);
	list_add(&spn_get(l, t->sname)->servers, e);
	table_add(&l->services, &e->node,
	    hash_mix(spn_hash(t->sname), hash_addr(server)));
	ledger_account_for(l, sizeof(*e), &l->services, LEDGER_MAX_SERVICES,
	    service_drop);
	return e;
}

const struct service *
ledger_service(const struct ledger *l, const char *spn,
    const struct addr *server)
{
	const struct service_entry *e = service_find(l, spn, server);

	return e == NULL ? NULL : &e->service;
}

const struct service *
ledger_service_at(const struct ledger *l, const struct addr *server, size_t i)
{
	const struct host_entry *h = ledger_host_find(l, server);

	return h == NULL || i >= h->services.n ? NULL :
						 &h->services.list[i]->service;
}

const struct service *
ledger_service_of(const struct ledger *l, const char *spn, size_t i)
{
	const struct spn_entry *e = spn_find(l, spn);

	return e == NULL || i >= e->servers.n ? NULL :
						&e->servers.list[i]->service;
}

/* --- tickets ---------------------------------------------------------- */

static bool
ticket_match(const struct node *n, const void *key)
{
	return memcmp(((const struct ticket_entry *)n)->ticket.digest, key,
		   DIGEST_LEN) == 0;
}

static uint64_t
ticket_hash(const uint8_t digest[DIGEST_LEN])
{
	return hash_bytes(digest, DIGEST_LEN);
}

static void
ticket_drop(struct ledger *l, struct node *n)
{
	struct ticket_entry *e = (struct ticket_entry *)n;
	void *at;

	ledger_drop_text(l, e->ticket.spn);
	ledger_drop_text(l, e->ticket.realm);
	ledger_drop_text(l, e->ticket.client);
	ledger_drop_text(l, e->ticket.user);
	memcpy(&at, &e->ticket.at, sizeof(at));
	pool_free(at, e->ticket.nat * sizeof(*e->ticket.at));
	l->held -= sizeof(*e) + e->ticket.nat * sizeof(*e->ticket.at);
	pool_free(e, sizeof(*e));
}

static struct ticket_entry *
ticket_get(struct ledger *l, const struct ticket *t)
{
	struct ticket_entry *e;

	e = (struct ticket_entry *)table_find(&l->tickets,
	    ticket_hash(t->digest), ticket_match, t->digest);
	if (e != NULL) {
		table_touch(&l->tickets, &e->node);
		return e;
	}
	e = pool_zeroed(sizeof(*e));
	memcpy(e->ticket.digest, t->digest, DIGEST_LEN);
	if (t->sname != NULL)
		e->ticket.spn = ledger_copy(l, t->sname, strlen(t->sname),
		    false);
	if (t->realm != NULL)
		e->ticket.realm = ledger_copy(l, t->realm, strlen(t->realm),
		    false);
	e->ticket.kvno = t->kvno;
	e->ticket.etype = t->etype;
	table_add(&l->tickets, &e->node, ticket_hash(t->digest));
	ledger_account_for(l, sizeof(*e), &l->tickets, LEDGER_MAX_TICKETS,
	    ticket_drop);
	return e;
}

void
ledger_issued(struct ledger *l, const struct ticket *ticket, const char *client,
    const struct addr *addr, const struct ref *ref)
{
	struct ticket_fact *t = &ticket_get(l, ticket)->ticket;

	if (t->client == NULL && client != NULL)
		t->client = ledger_copy(l, client, strlen(client), false);
	t->client_addr = *addr;
	t->issued = *ref;
}

void
ledger_opened(struct ledger *l, const uint8_t digest[DIGEST_LEN],
    const char *client)
{
	struct ticket_entry *e;
	struct ticket_fact *t;

	e = (struct ticket_entry *)table_find(&l->tickets, ticket_hash(digest),
	    ticket_match, digest);
	if (e == NULL)
		return;
	t = &e->ticket;
	/* Of S4U the user is in the ticket, and another one asked for it. */
	if (t->client == NULL && t->user == NULL && !t->s4u2self)
		t->client = ledger_copy(l, client, strlen(client), false);
}

/* The entry of SERVER in T's list, NULL when the list is full. */
static struct ticket_at *
ticket_at(struct ledger *l, struct ticket_fact *t, const struct addr *server)
{
	struct ticket_at *list;
	size_t i;

	memcpy(&list, &t->at, sizeof(list));
	for (i = 0; i < t->nat; i++)
		if (addr_equal(&list[i].server, server))
			return &list[i];
	if (t->nat == TICKET_MAX_SERVERS)
		return NULL;
	list = pool_resized(list, t->nat * sizeof(*list),
	    (t->nat + 1) * sizeof(*list));
	list[t->nat].server = *server;
	t->at = list;
	l->held += sizeof(*list);
	return &list[t->nat++];
}

static const uint8_t no_digest[DIGEST_LEN]; /* of a ticket cut short */

/* S takes the ticket of AT; its tally does not know yet. */
static void
note_taken(struct service *s, const struct attempt *at)
{
	if (at->auth_etype > 0 && at->auth_etype < 64)
		s->sessions |= UINT64_C(1) << at->auth_etype;
	if (memcmp(at->ticket.digest, no_digest, DIGEST_LEN) == 0) {
		s->other_taken = at->rep.time; /* whose, nobody knows */
		return;
	}
	if (s->taken.count > 0 &&
	    memcmp(s->last_taken, at->ticket.digest, DIGEST_LEN) != 0)
		s->other_taken = s->taken.last.time;
	memcpy(s->last_taken, at->ticket.digest, DIGEST_LEN);
	s->last_req = at->req;
}

void
ledger_presented(struct ledger *l, const struct attempt *at, bool ok)
{
	struct ticket_at *where;
	struct service_entry *s;
	struct spn spn;
	const struct ref *ref = &at->rep;

	if (at->ticket.sname == NULL)
		return;
	if (at->error_ref.frame != 0)
		ref = &at->error_ref;
	s = service_get(l, &at->ticket, &at->server);
	if (ok)
		note_taken(&s->service, at);
	tally_add(ok ? &s->service.taken : &s->service.refused, ref,
	    at->ticket.kvno, at->ticket.etype, at->error);
	if (ok && spn_split(at->ticket.sname, &spn))
		ledger_host_name(l, &at->server, spn.host.p, spn.host.len,
		    NAME_TICKET, ref);
	if (memcmp(at->ticket.digest, no_digest, DIGEST_LEN) == 0)
		return; /* cut short: it would be everybody's */
	where = ticket_at(l, &ticket_get(l, &at->ticket)->ticket, &at->server);
	if (where != NULL)
		tally_add(ok ? &where->taken : &where->refused, ref,
		    at->ticket.kvno, at->ticket.etype, at->error);
}

struct ticket_entry *
ledger_ticket_entry(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	return (struct ticket_entry *)table_find(&l->tickets,
	    ticket_hash(digest), ticket_match, digest);
}

const struct ticket_fact *
ledger_ticket(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	const struct ticket_entry *e = ledger_ticket_entry(l, digest);

	return e == NULL ? NULL : &e->ticket;
}

/* --- the end ---------------------------------------------------------- */

void
ledger_release_services(struct ledger *l)
{
	ledger_drop_all(l, &l->services, service_drop);
	ledger_drop_all(l, &l->tickets, ticket_drop);
	table_free(&l->spns, free);
}
