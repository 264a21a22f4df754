/*
 * ladder-who.c - the columns of a ladder: who is a client, a name server, a
 * KDC or a service, and what they are called.
 *
 * A step has two addresses and no ports.  One machine may be name server,
 * KDC and service in one story (a domain controller is), so its role is that
 * of the message: what the engine writes first of a step says so, or the
 * exchange or attempt that has the same frame.
 */
#include <stdlib.h>
#include <string.h>

#include "ladder-parts.h"

const char *
ladder_role_name(enum ladder_role role)
{
	static const char *const names[] = { "client", "DNS", "KDC",
		"service" };

	return names[role];
}

size_t
ladder_column(struct ladder *l, enum ladder_role role, const struct addr *addr)
{
	struct ladder_column *c;
	size_t i;

	for (i = 0; i < l->ncolumns; i++)
		if (l->columns[i].role == role &&
		    addr_equal(&l->columns[i].addr, addr))
			return i;
	if (i == LADDER_COLUMNS)
		return i - 1;
	c = &l->columns[l->ncolumns++];
	c->role = role;
	c->addr = *addr;
	c->same = i;
	return i;
}

static bool
same_frame(const struct ref *a, const struct ref *b)
{
	return a->frame != 0 && a->frame == b->frame &&
	    a->capture == b->capture;
}

static bool
starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* By what a step begins with; false when that says nothing. */
static bool
role_by_text(const char *what, enum ladder_role *role)
{
	static const struct {
		const char *begins;
		enum ladder_role role;
	} words[] = {
		{ "DNS: ", LADDER_DNS },
		{ "AS-RE", LADDER_KDC },
		{ "TGS-RE", LADDER_KDC },
		{ "AP-RE", LADDER_SERVICE },
		{ "NTLM ", LADDER_SERVICE },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (starts(what, words[i].begins)) {
			*role = words[i].role;
			return true;
		}
	return false;
}

static bool
is_kdc(const struct contact *c)
{
	return strcmp(c->carrier, "kdc") == 0;
}

/* Whether T is what was heard of C, or that nothing was. */
static bool
is_of(const struct contact *c, const struct step *t)
{
	return (same_frame(&t->ref, &c->last) ||
		   same_frame(&t->ref, &c->answer) ||
		   same_frame(&t->ref, &c->cut_ref)) &&
	    (addr_equal(&c->addr, &t->from) || addr_equal(&c->addr, &t->to));
}

/* The role of PEER, the other side of step T. */
static enum ladder_role
role_of(const struct story *s, const struct step *t, const struct addr *peer)
{
	enum ladder_role role;
	size_t i;

	if (t->what != NULL && role_by_text(t->what, &role))
		return role;
	for (i = 0; i < s->nattempts; i++)
		if (same_frame(&t->ref, &s->attempts[i].error_ref) ||
		    same_frame(&t->ref, &s->attempts[i].rep))
			return LADDER_SERVICE;
	for (i = 0; i < s->nexchanges; i++)
		if (same_frame(&t->ref, &s->exchanges[i].rep))
			return LADDER_KDC;
	for (i = 0; i < s->ncontacts; i++)
		if (is_of(&s->contacts[i], t))
			return is_kdc(&s->contacts[i]) ? LADDER_KDC :
							 LADDER_SERVICE;
	for (i = 0; i < s->ncontacts; i++)
		if (addr_equal(&s->contacts[i].addr, peer) &&
		    is_kdc(&s->contacts[i]))
			return LADDER_KDC;
	return LADDER_SERVICE;
}

/* Whether T, from a machine to itself, comes from the other side. */
static bool
is_answer(const struct story *s, const struct step *t)
{
	size_t i;

	for (i = 0; i < s->nattempts; i++)
		if (same_frame(&t->ref, &s->attempts[i].error_ref) ||
		    same_frame(&t->ref, &s->attempts[i].rep))
			return true;
	for (i = 0; i < s->nexchanges; i++)
		if (same_frame(&t->ref, &s->exchanges[i].rep))
			return true;
	return t->result != STEP_INFO;
}

void
ladder_between(struct ladder *l, const struct story *s, const struct step *t,
    size_t *from, size_t *to)
{
	bool is_from = addr_equal(&t->from, &s->client);
	bool is_to = addr_equal(&t->to, &s->client);

	if (is_from && is_to)
		is_from = !is_answer(s, t);
	if (is_from) {
		*from = ladder_column(l, LADDER_CLIENT, &t->from);
		*to = ladder_column(l, role_of(s, t, &t->to), &t->to);
	} else if (is_to) {
		*to = ladder_column(l, LADDER_CLIENT, &t->to);
		*from = ladder_column(l, role_of(s, t, &t->from), &t->from);
	} else {
		*from = ladder_column(l, role_of(s, t, &t->from), &t->from);
		*to = ladder_column(l, role_of(s, t, &t->to), &t->to);
	}
}

/* --- names ------------------------------------------------------------------ */

/* The name of C that says most, NULL when it has none. */
static const char *
best_name(const struct ladder_input *in, const struct ladder_column *c)
{
	const struct ledger *ledger = in->r->ledger;
	const struct host_name *best = NULL;
	const struct srv_fact *srv;
	const struct host *h;

	h = ledger == NULL ? NULL : ledger_host(ledger, &c->addr);
	for (size_t i = 0; h != NULL && i < h->nnames; i++)
		if (best == NULL || h->names[i].source > best->source)
			best = &h->names[i];
	if (best != NULL)
		return best->name;
	srv = ledger == NULL || c->role != LADDER_KDC ?
	    NULL :
	    ledger_srv(ledger, &c->addr);
	if (srv != NULL)
		return srv->target;
	if (c->role == LADDER_SERVICE && addr_equal(&c->addr, &in->s->server) &&
	    !in->s->target_is_ip)
		return in->s->host;
	return NULL;
}

/* Whether the first label of NAME is that of another machine of L too. */
static bool
is_ambiguous(const struct ladder *l, size_t at, const char *const *names)
{
	size_t n = strcspn(names[at], ".");

	for (size_t i = 0; i < l->ncolumns; i++)
		if (names[i] != NULL &&
		    !addr_equal(&l->columns[i].addr, &l->columns[at].addr) &&
		    strcspn(names[i], ".") == n &&
		    strncmp(names[i], names[at], n) == 0)
			return true;
	return false;
}

void
ladder_names(struct ladder *l, const struct ladder_input *in)
{
	const char *names[LADDER_COLUMNS] = { NULL };
	size_t i, n;

	for (i = 0; i < l->ncolumns; i++)
		names[i] = best_name(in, &l->columns[i]);
	for (i = 0; i < l->ncolumns; i++) {
		if (names[i] == NULL || *names[i] == '\0')
			continue;
		n = is_ambiguous(l, i, names) || text_is_ip(str_of(names[i])) ?
		    strlen(names[i]) :
		    strcspn(names[i], ".");
		l->columns[i].name = text_printf("%.*s", (int)n, names[i]);
	}
}
