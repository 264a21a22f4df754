/*
 * probe-tell.c - what came of trying all keys on a ticket, as an event: the
 * entry that opens it, or the one that comes nearest and how it falls short.
 */
#include <string.h>
#include <strings.h>

#include "probe-try.h"
#include "story.h"

/* An event that EV caused: of the same place. */
void
tell_caused(struct event *out, enum event_kind kind, const struct event *ev)
{
	*out = *ev;
	out->kind = kind;
	out->source = (struct str){ 0 };
	event_empty(out);
}

struct str
tell_source(const struct ring_entry *e, struct arena *mem)
{
	if (e->file == NULL)
		return (struct str){ 0 };
	return str_of(arena_printf(mem, "%s:%zu", e->file->path, e->number));
}

/* --- the nearest entry ---------------------------------------------------- */

/* Whether E stands for the principal of the ticket. */
static bool
owners_has(const struct owners *o, const struct ring_entry *e, size_t family)
{
	struct str host = ring_component(o->t->sname, 1);
	struct str other = ring_component(str_of(e->name), 1);

	if (host.len == 0 || other.len == 0)
		return true;
	if (o->exact && family > 0)
		return false;
	return ring_same_host(host, other);
}

/* --- what came of it ----------------------------------------------------- */

static struct ring_entry *
better(const struct trial *y, struct ring_entry *a, struct ring_entry *b)
{
	struct ring_entry *const both[2] = { a, b };
	int score[2];

	if (a == NULL)
		return b;
	for (int i = 0; i < 2; i++) {
		struct ring_entry *e = both[i];
		struct str name = str_of(e->name);

		score[i] = (e->file != NULL) * 8 +
		    (name.len == y->t->sname.len &&
			strncasecmp(name.p, y->t->sname.p, name.len) == 0) *
			4 +
		    (strlen(e->realm->name) == y->t->realm.len &&
			strncasecmp(e->realm->name, y->t->realm.p,
			    y->t->realm.len) == 0) *
			2 +
		    ring_is_kvno(e, y->t->kvno);
	}
	return score[1] > score[0] ? b : a;
}

/* Of the entries that have the key, the one that should. */
static struct ring_entry *
best_entry(const struct trial *y)
{
	struct ring_entry *e, *best = NULL;

	for (e = y->key->first; e != NULL; e = e->next_of_key)
		best = better(y, best, e);
	return best;
}

/* How an entry falls short of the ticket, the best last. */
enum nearness { NO_ENTRY, NO_KVNO, NO_ETYPE, OTHER_KEY, UNTRIED };

static enum nearness
nearness_of(const struct ring_entry *e, const struct passing *t)
{
	if (t->kvno != EV_ABSENT && !ring_is_kvno(e, t->kvno))
		return NO_KVNO;
	if (e->etype != t->etype)
		return NO_ETYPE;
	return e->key == NULL || e->key->unusable ? UNTRIED : OTHER_KEY;
}

struct nearest {
	struct ring_entry *entry;
	enum nearness how;
	int64_t oldest, newest;
	int64_t etypes[8];
	size_t netypes;
};

static void
nearest_etype(struct nearest *n, int64_t etype)
{
	for (size_t i = 0; i < n->netypes; i++)
		if (n->etypes[i] == etype)
			return;
	if (n->netypes < sizeof(n->etypes) / sizeof(*n->etypes))
		n->etypes[n->netypes++] = etype;
}

static void
nearest_take(struct nearest *n, struct ring_entry *e, const struct passing *t)
{
	enum nearness how = nearness_of(e, t);
	bool newer = n->newest == EV_ABSENT || e->kvno > n->newest;

	/* Of versions that all are wrong, the newest, in the right enctype. */
	if (how > n->how ||
	    (how == n->how && how == NO_KVNO &&
		(newer ||
		    (e->kvno == n->newest && e->etype == t->etype &&
			n->entry->etype != t->etype)))) {
		n->entry = e;
		n->how = how;
	}
	if (newer)
		n->netypes = 0;
	if (newer || e->kvno == n->newest) {
		n->newest = e->kvno;
		nearest_etype(n, e->etype);
	}
	if (n->oldest == EV_ABSENT || e->kvno < n->oldest)
		n->oldest = e->kvno;
}

/* Among the keytabs' entries of the ticket's principal. */
static void
nearest_find(const struct trial *y, struct nearest *n)
{
	const struct owners *o = &y->owners;
	struct ring_entry *e;

	*n = (struct nearest){ .oldest = EV_ABSENT, .newest = EV_ABSENT };
	for (size_t i = 0; i < o->n && (i == 0 || !o->exact); i++)
		for (e = o->families[i]->first; e != NULL; e = e->next_of_name)
			if (e->file != NULL && owners_has(o, e, i))
				nearest_take(n, e, y->t);
}

/* The version and enctypes of the principal of E alone. */
static void
nearest_of(const struct trial *y, const struct ring_entry *of,
    struct nearest *n)
{
	const struct ring_family *f;
	struct ring_entry *e;

	*n = (struct nearest){ .oldest = EV_ABSENT, .newest = EV_ABSENT };
	f = ring_family(y->k, str_of(of->name), str_of(of->realm->name));
	for (e = f == NULL ? NULL : f->first; e != NULL; e = e->next_of_name)
		if (e->file != NULL)
			nearest_take(n, e, y->t);
}

/* --- the event ----------------------------------------------------------- */

static void
tell_entry(const struct ring_entry *e, struct arena *mem, struct event *ev)
{
	struct ev_ticket_key *x = &ev->u.ticket_key;

	x->by = str_of(e->file != NULL ? "keytab" : "password");
	x->entry = (int64_t)e->number;
	x->principal = str_of(e->principal);
	x->kvno = e->kvno;
	x->etype = e->etype;
	if (e->file != NULL)
		ev->source = str_of(
		    arena_printf(mem, "%s:%zu", e->file->path, e->number));
}

static void
tell_versions(const struct nearest *n, struct ev_ticket_key *x)
{
	x->oldest = n->oldest;
	x->newest = n->newest;
	x->etypes = (struct ints){ n->etypes, n->netypes };
}

/* E opens it; if that is another principal's, N is of the one asked. */
static void
tell_asked(const struct trial *y, const struct ring_entry *e,
    const struct nearest *n, struct arena *mem, struct ev_ticket_key *x)
{
	if (!y->owners.exact || n->entry == NULL ||
	    n->entry->realm != e->realm ||
	    strcasecmp(n->entry->name, e->name) == 0)
		return;
	x->asked_kvno = n->newest;
	x->asked_entry = tell_source(n->entry, mem);
}

/* What a password says of the salt of entry E, and of the KDC's. */
static void
tell_salts(const struct trial *y, struct ring_entry *e, struct ev_ticket_key *x)
{
	const struct ring_entry *made = password_entry(e->key);
	const struct ring_entry *opens = password_entry(y->key);
	const char *salt = made == NULL ? NULL : made->salt;

	if (made == NULL && opens != NULL)
		salt = password_salt_of(y->k, opens->password, e);
	if (salt != NULL)
		x->salt = str_of(salt);
	if (opens != NULL && opens->salt != NULL)
		x->kdc_salt = str_of(opens->salt);
	else if (made != NULL && made->password->kdc_salt != NULL)
		x->kdc_salt = str_of(made->password->kdc_salt);
}

/* A principal of the keytabs, of the ticket's realm if there is one. */
static struct str
some_other(struct keyring *k, const struct passing *t)
{
	const struct ring_entry *e = ring_realm(k, t->realm)->first;

	if (e == NULL)
		e = k->entries;
	while (e != NULL && e->file == NULL)
		e = e->next;
	return str_of(e == NULL ? "" : e->principal);
}

static const char *const results[] = {
	[NO_ENTRY] = "no-principal",
	[NO_KVNO] = "no-kvno",
	[NO_ETYPE] = "no-etype",
	[OTHER_KEY] = "other-key",
};

/* The password that is given for this very service. */
static struct ring_entry *
named_by(const struct trial *y)
{
	const struct ring_family *f;
	struct ring_entry *e;

	f = ring_family(y->k, y->t->sname, y->t->realm);
	for (e = f == NULL ? NULL : f->first; e != NULL; e = e->next_of_name)
		if (e->password != NULL && e->etype == y->t->etype)
			return e;
	return NULL;
}

/*
 * By what a ticket is told of: the entry that opens it; if only a password
 * does, the entry that should, if there is one; false: nothing to say.
 */
static bool
tell_result(struct trial *y, struct nearest *n, struct arena *mem,
    struct event *ev)
{
	struct ev_ticket_key *x = &ev->u.ticket_key;
	struct ring_entry *e = y->key == NULL ? NULL : best_entry(y);

	nearest_find(y, n);
	y->entry = e;
	/* That no key opens it is known once all were tried. */
	if (y->partial && (n->entry == NULL || !y->owners.exact))
		return false;
	if (e != NULL && (e->file != NULL || n->entry == NULL)) {
		x->result = str_of("opens");
		tell_entry(e, mem, ev);
		if (e->file != NULL) {
			e->file->fits = true;
			tell_asked(y, e, n, mem, x);
			nearest_of(y, e, n);
		}
	} else if (n->entry != NULL && n->how != UNTRIED) {
		e = n->entry;
		x->result = str_of(results[n->how]);
		tell_entry(e, mem, ev);
	} else if (n->entry == NULL && y->k->nentries > 0) {
		x->result = str_of(results[NO_ENTRY]);
		x->by = str_of("keytab");
		x->others = some_other(y->k, y->t);
	} else if (y->k->nentries == 0 && (e = named_by(y)) != NULL) {
		x->result = str_of(results[OTHER_KEY]);
		tell_entry(e, mem, ev);
	} else {
		return false;
	}
	x->rc4_opens = y->rc4_opens && n->how == OTHER_KEY && y->key == NULL;
	tell_versions(n, x);
	if (e != NULL)
		tell_salts(y, e, x);
	return true;
}

void
tell_ticket(struct trial *y)
{
	const struct passing *t = y->t;
	struct arena mem = { 0 };
	struct nearest n;
	struct event ev;
	struct ev_ticket_key *x = &ev.u.ticket_key;

	tell_caused(&ev, EV_ticket_key, t->ev);
	x->tkt_digest = t->digest;
	x->tkt_realm = t->realm;
	x->tkt_sname = t->sname;
	x->tkt_etype = t->etype;
	x->tkt_kvno = t->kvno;
	if (tell_result(y, &n, &mem, &ev)) {
		if (y->opened != NULL)
			open_tell_ticket(y->opened, &mem, x);
		y->k->sink(y->k->arg, &ev);
	}
	arena_free(&mem);
}
