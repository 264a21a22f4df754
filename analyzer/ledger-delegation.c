/*
 * ledger-delegation.c - who acts for whom: the tickets that services get in
 * the name of users, to themselves (S4U2Self, MS-SFU 3.2.5.1) and to others
 * (S4U2Proxy, 3.2.5.2).
 *
 * For delegation without limits the client itself asks for a TGT to hand over
 * (RFC 4120 2.6): whether it got one stands with its host.
 *
 * What one front end got shows what it may do: a later refusal of another
 * user, or of another target, is then no riddle.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ledger-store.h"
#include "names.h"
#include "pool.h"

#define FRONT_TEXT 600 /* longest name@REALM, with its NUL */

struct front_entry {
	struct node node;
	char *name;
	struct delegated list[FRONT_MAX_DELEGATED];
	size_t n, next; /* the oldest is replaced */
};

static bool
front_match(const struct node *n, const void *key)
{
	return strcasecmp(((const struct front_entry *)n)->name, key) == 0;
}

/*
 * Who asks in X: the owner of its TGT, else the service that the user's
 * ticket is for.
 */
static const char *
front_name(const struct exchange *x, char buf[FRONT_TEXT])
{
	const char *name = x->cname, *realm = x->crealm;

	if (name == NULL) {
		name = x->evidence.sname;
		realm = x->evidence.realm;
	}
	if (name == NULL || realm == NULL ||
	    (size_t)snprintf(buf, FRONT_TEXT, "%s@%s", name, realm) >=
		FRONT_TEXT)
		return NULL;
	return buf;
}

static struct front_entry *
front_find(const struct ledger *l, const char *name)
{
	return (struct front_entry *)table_find(&l->fronts,
	    hash_text(name, strlen(name)), front_match, name);
}

static void
delegated_drop(struct ledger *l, struct delegated *d)
{
	ledger_drop_text(l, d->target);
	ledger_drop_text(l, d->user);
}

static void
front_drop(struct ledger *l, struct node *n)
{
	struct front_entry *e = (struct front_entry *)n;
	size_t i;

	for (i = 0; i < e->n; i++)
		delegated_drop(l, &e->list[i]);
	ledger_drop_text(l, e->name);
	l->held -= sizeof(*e);
	pool_free(e, sizeof(*e));
}

static struct front_entry *
front_get(struct ledger *l, const char *name)
{
	struct front_entry *e = front_find(l, name);

	if (e != NULL) {
		table_touch(&l->fronts, &e->node);
		return e;
	}
	e = pool_zeroed(sizeof(*e));
	e->name = ledger_copy(l, name, strlen(name), false);
	table_add(&l->fronts, &e->node, hash_text(name, strlen(name)));
	ledger_account_for(l, sizeof(*e), &l->fronts, LEDGER_MAX_FRONTS,
	    front_drop);
	return e;
}

static bool
same_or_null(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcasecmp(a, b) == 0;
}

/* A place for what X got, that of the same thing before if there is one. */
static struct delegated *
delegated_place(struct ledger *l, struct front_entry *e, const char *target,
    const char *user, bool self)
{
	struct delegated *d;
	size_t i;

	for (i = 0; i < e->n; i++)
		if (e->list[i].s4u2self == self &&
		    same_or_null(e->list[i].user, user) &&
		    strcasecmp(e->list[i].target, target) == 0)
			return &e->list[i];
	i = e->next;
	e->next = (e->next + 1) % FRONT_MAX_DELEGATED;
	d = &e->list[i];
	if (i < e->n)
		delegated_drop(l, d);
	else
		e->n++;
	memset(d, 0, sizeof(*d));
	d->target = ledger_copy(l, target, strlen(target), false);
	if (user != NULL)
		d->user = ledger_copy(l, user, strlen(user), false);
	d->s4u2self = self;
	return d;
}

/* X, by S4U2Proxy, was granted; its evidence is that of K, or NULL. */
static void
note_delegated(struct ledger *l, const struct exchange *x,
    const struct ticket_fact *k)
{
	const char *user = NULL, *front;
	struct delegated *d;
	char buf[FRONT_TEXT];

	front = front_name(x, buf);
	if (front == NULL || x->sname == NULL || x->referral)
		return;
	if (k != NULL)
		user = k->user != NULL ? k->user : k->client;
	d = delegated_place(l, front_get(l, front), x->sname, user,
	    k != NULL && k->s4u2self);
	d->resource = (x->pac_options & PAC_OPT_RESOURCE) != 0;
	d->ref = x->rep;
}

/* In whose name the ticket is that X got. */
static void
name_user(struct ledger *l, struct ticket_fact *t, const struct exchange *x,
    const struct ticket_fact *evidence)
{
	char buf[FRONT_TEXT];
	const char *user = x->for_user;

	if (user != NULL && x->for_user_realm != NULL &&
	    strchr(user, '@') == NULL &&
	    (size_t)snprintf(buf, sizeof(buf), "%s@%s", user,
		x->for_user_realm) < sizeof(buf))
		user = buf;
	if (user == NULL && evidence != NULL)
		user = evidence->user != NULL ? evidence->user :
						evidence->client;
	if (t->user == NULL && user != NULL)
		t->user = ledger_copy(l, user, strlen(user), false);
}

void
ledger_delegation(struct ledger *l, const struct exchange *x)
{
	struct ticket_entry *e = ledger_ticket_entry(l, x->issued.digest);
	const struct ticket_fact *k = NULL;

	if (e == NULL || x->kind != EXCHANGE_TGS)
		return;
	e->ticket.asked_known = x->nonce != EV_ABSENT;
	e->ticket.asked = x->options;
	if (!x->s4u2self && !x->s4u2proxy)
		return;
	if (x->s4u2proxy)
		k = ledger_ticket(l, x->evidence.digest);
	/* A referral goes on as the evidence for the next realm's KDC. */
	e->ticket.s4u2self = x->s4u2self || (k != NULL && k->s4u2self);
	name_user(l, &e->ticket, x, k);
	if (x->s4u2proxy)
		note_delegated(l, x, k);
}

void
ledger_forwarding(struct ledger *l, const struct exchange *x,
    const struct addr *addr)
{
	struct host *h;

	if (x->kind != EXCHANGE_TGS || (x->options & KDC_FORWARDED) == 0)
		return;
	h = &ledger_host_entry(l, addr)->host;
	if (x->error < 0)
		h->tgt_forwarded = x->rep;
	else if (x->error == KDC_ERR_BADOPTION)
		h->tgt_not_forwarded = x->rep;
}

const struct delegated *
ledger_delegated(const struct ledger *l, const struct exchange *x, size_t i)
{
	const struct front_entry *e;
	const char *front;
	char buf[FRONT_TEXT];

	front = front_name(x, buf);
	if (front == NULL || (e = front_find(l, front)) == NULL || i >= e->n)
		return NULL;
	return &e->list[i];
}

void
ledger_release_fronts(struct ledger *l)
{
	ledger_drop_all(l, &l->fronts, front_drop);
}
