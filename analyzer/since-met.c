/*
 * since-met.c - whether a log-on that ended well would have met the fault
 * that a finding is about.
 *
 * It would when whatever the subject names (the SPN, the server, the account,
 * ...) and the log-on knows of is the same.  One with a ticket from before the
 * last failure proves nothing, for a service takes an old ticket with an old
 * key, unless that very ticket was refused.
 *
 * Where the subject is what was wrong (the server that a name led to, the SPN
 * or the realm that a client made up), nobody meets it again when it is
 * mended; where some clients are fine all the while, theirs say nothing.  The
 * rule says which log-ons count then: MENDED_* (rule.h).
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "since.h"

#define LATER (60 * SECOND)

/* --- what a log-on knows ---------------------------------------------- */

static void
know(struct well *w, uint64_t handle)
{
	if (w->n < HANDLES_MAX)
		w->handles[w->n++] = handle;
}

static void
know_names(struct well *w, const struct host *h)
{
	size_t i;

	for (i = 0; h != NULL && i < h->nnames; i++)
		know(w, since_by_label(str_of(h->names[i].name)));
}

static void
know_exchange(struct well *w, const struct exchange *x)
{
	if (x->answer != ANSWER_OK)
		return;
	if (x->sname != NULL)
		know(w, since_by_spn(x->sname));
	if (x->realm != NULL)
		know(w, since_by_realm(x->realm));
	if (x->kdc.family != 0) {
		know(w, since_by_addr(&x->kdc));
		know_names(w, ledger_host(w->l, &x->kdc));
	}
}

static void
know_attempt(struct well *w, const struct attempt *a)
{
	if (a->ticket.sname != NULL)
		know(w, since_by_spn(a->ticket.sname));
	if (a->ticket.realm != NULL)
		know(w, since_by_realm(a->ticket.realm));
	if (a->server.family != 0) {
		know(w, since_by_addr(&a->server));
		w->server = ledger_host(w->l, &a->server);
		know_names(w, w->server);
	}
}

/*
 * The last word of S is a ticket from a KDC: beside one, more is not seen of
 * any log-on.
 */
static bool
was_issued(const struct story *s)
{
	return s->nattempts == 0 && s->nexchanges > 0 &&
	    s->exchanges[s->nexchanges - 1].answer == ANSWER_OK;
}

bool
since_well(struct well *w, const struct story *s, const struct ledger *l,
    uint64_t clear)
{
	int64_t failed;
	size_t i;

	w->at_kdc = s->outcome == OUTCOME_UNSEEN && was_issued(s);
	w->again = since_turned(s, &failed, &w->start);
	if (s->outcome != OUTCOME_OK && !w->at_kdc && !w->again)
		return false;
	if (!w->again)
		w->start = s->start;
	w->s = s;
	w->l = l;
	w->clear = clear;
	w->n = 0;
	w->as_made = false;
	w->server = NULL;
	w->a = story_accepted(s, MECH_KRB5);
	if (w->a == NULL && s->nattempts > 0)
		return false;
	w->client = ledger_host(l, &s->client);
	know(w, since_by_addr(&s->client));
	if (s->principal != NULL)
		know(w, since_by_user(s->principal));
	if (w->a != NULL)
		know_attempt(w, w->a);
	if (s->host != NULL)
		know(w, since_by_label(str_of(s->host)));
	for (i = 0; i < s->nexchanges; i++)
		know_exchange(w, &s->exchanges[i]);
	for (i = 0; i < s->nlookups; i++)
		if (s->lookups[i].asked_first.family != 0)
			know(w, since_by_addr(&s->lookups[i].asked_first));
	know_names(w, w->client);
	return true;
}

/* --- does it meet what a finding names -------------------------------- */

enum agree { AGREE_UNKNOWN, AGREE_NO, AGREE_YES };

static enum agree
agree_if(bool same)
{
	return same ? AGREE_YES : AGREE_NO;
}

static bool
same_text(struct str a, struct str b)
{
	return a.len == b.len &&
	    (a.len == 0 || strncasecmp(a.p, b.p, a.len) == 0);
}

/* One service, at one port; another port may be another account's. */
static bool
same_spn(const char *a, const char *b)
{
	struct spn x, y;

	if (!spn_equal(a, b))
		return false;
	if (!spn_split(a, &x) || !spn_split(b, &y))
		return true;
	return same_text(x.port, y.port) && same_text(x.name, y.name);
}

static enum agree
agree_spn(const struct well *w, const char *spn)
{
	enum agree agree = AGREE_UNKNOWN;
	const struct exchange *x;
	size_t i;

	if (w->a != NULL && w->a->ticket.sname != NULL)
		agree = agree_if(same_spn(w->a->ticket.sname, spn));
	for (i = 0; i < w->s->nexchanges && agree != AGREE_YES; i++) {
		x = &w->s->exchanges[i];
		if (x->answer == ANSWER_OK && x->sname != NULL)
			agree = agree_if(same_spn(x->sname, spn));
	}
	return agree;
}

static enum agree
agree_realm(const struct well *w, const char *realm)
{
	enum agree agree = AGREE_UNKNOWN;
	const struct exchange *x;
	size_t i;

	if (w->a != NULL && w->a->ticket.realm != NULL)
		agree = agree_if(strcasecmp(w->a->ticket.realm, realm) == 0);
	for (i = 0; i < w->s->nexchanges && agree != AGREE_YES; i++) {
		x = &w->s->exchanges[i];
		if (x->answer == ANSWER_OK && x->realm != NULL)
			agree = agree_if(strcasecmp(x->realm, realm) == 0);
	}
	return agree;
}

/* A KDC with the address TEXT, or with that name, that gave a ticket. */
static enum agree
agree_kdc(const struct well *w, const char *text)
{
	enum agree agree = AGREE_UNKNOWN;
	const struct exchange *x;
	struct addr a;
	bool addr = addr_of(text, &a);
	size_t i;

	for (i = 0; i < w->s->nexchanges && agree != AGREE_YES; i++) {
		x = &w->s->exchanges[i];
		if (x->answer != ANSWER_OK || x->kdc.family == 0)
			continue;
		agree = agree_if(addr ?
			addr_equal(&x->kdc, &a) :
			host_has_name(ledger_host(w->l, &x->kdc), text,
			    NAME_ASKED));
	}
	return agree;
}

/* The service's host has that address or name. */
static enum agree
agree_server(const struct well *w, const char *text)
{
	struct addr a;

	if (w->a == NULL || w->a->server.family == 0)
		return AGREE_UNKNOWN;
	if (addr_of(text, &a))
		return agree_if(addr_equal(&w->a->server, &a));
	return agree_if(host_has_name(w->server, text, NAME_ASKED));
}

/* A name of the service's host, of what was asked for, or of the KDC. */
static enum agree
agree_host(const struct well *w, const char *name)
{
	if (w->s->host != NULL && host_alike(str_of(w->s->host), str_of(name)))
		return AGREE_YES;
	if (agree_server(w, name) == AGREE_YES ||
	    agree_kdc(w, name) == AGREE_YES)
		return AGREE_YES;
	return agree_if(false);
}

/* In whose name X was asked for, by a service: S4U2Self, S4U2Proxy. */
static const char *
user_of(const struct well *w, const struct exchange *x)
{
	const struct ticket_fact *t;

	if (x->for_user != NULL || !x->s4u2proxy)
		return x->for_user;
	t = ledger_ticket(w->l, x->evidence.digest);
	if (t == NULL)
		return NULL;
	return t->user != NULL ? t->user : t->client;
}

/* A machine, or the user who logged on or for whom a service did. */
static enum agree
agree_client(const struct well *w, const char *text)
{
	const struct exchange *x;
	const char *user;
	struct addr a;

	if (addr_of(text, &a))
		return agree_if(addr_equal(&w->s->client, &a));
	for (x = w->s->exchanges; x < w->s->exchanges + w->s->nexchanges; x++) {
		user = x->answer == ANSWER_OK ? user_of(w, x) : NULL;
		if (user != NULL && principal_may_be(user, text))
			return AGREE_YES;
	}
	return agree_if(host_has_name(w->client, text, NAME_ASKED) ||
	    (w->s->principal != NULL &&
		principal_may_be(w->s->principal, text)));
}

/* An account that is not the client's is the service's: any client will do. */
static enum agree
agree_account(const struct well *w, const struct merged *m)
{
	const char *name = m->f.subject[SUBJECT_ACCOUNT];

	if (w->s->principal == NULL)
		return m->own_account ? AGREE_NO : AGREE_UNKNOWN;
	if (principal_may_be(w->s->principal, name))
		return AGREE_YES;
	return m->own_account ? AGREE_NO : AGREE_UNKNOWN;
}

static enum agree
agree_field(const struct well *w, const struct merged *m, enum subject what)
{
	const char *value = m->f.subject[what];

	if (value == NULL)
		return AGREE_UNKNOWN;
	switch (what) {
	case SUBJECT_SPN:
		return agree_spn(w, value);
	case SUBJECT_REALM:
		return agree_realm(w, value);
	case SUBJECT_ACCOUNT:
		return agree_account(w, m);
	case SUBJECT_CLIENT:
		return agree_client(w, value);
	case SUBJECT_SERVER:
		return agree_server(w, value);
	case SUBJECT_KDC:
		return agree_kdc(w, value);
	default:
		return agree_host(w, value);
	}
}

static bool
agrees(const struct well *w, const struct merged *m)
{
	bool any = false;
	enum agree agree;
	int i;

	for (i = 0; i < SUBJECTS; i++) {
		agree = agree_field(w, m, (enum subject)i);
		if (agree == AGREE_NO)
			return false;
		any |= agree == AGREE_YES;
	}
	return any;
}

/* --- the ticket -------------------------------------------------------- */

/* Whether A's ticket is of an older key than the one refused. */
static bool
is_older(const struct attempt *a, int64_t refused)
{
	int64_t kvno = a->ticket.kvno;

	/* The upper half is the number of an RODC, MS-KILE 3.1.5.8. */
	return kvno != EV_ABSENT && refused != EV_ABSENT &&
	    kvno >> 16 == refused >> 16 && kvno < refused;
}

/*
 * Whether A's key is that of another account, as a mended SPN has it, whose
 * versions count anew.  A client that was refused asked for it since.
 */
static bool
is_others(const struct well *w, const struct merged *m)
{
	const char *about = m->f.rule->about;

	return about != NULL && strcmp(about, "SPN") == 0 &&
	    since_is_hurt(w, m);
}

/*
 * Whether the ticket that was taken says something of the time since M was met
 * last.  One whose making was not seen may be an old one: it must be new here,
 * and not older than what was refused.
 */
static bool
is_fresh(const struct well *w, const struct merged *m)
{
	const struct ticket_fact *t;
	const struct ticket_at *at;

	if (w->a == NULL)
		return true;
	if (w->a->issued.frame != 0 && w->a->issued.time > m->last)
		return true;
	t = ledger_ticket(w->l, w->a->ticket.digest);
	if (t == NULL)
		return false;
	for (at = t->at; at < t->at + t->nat; at++)
		if (addr_equal(&at->server, &w->a->server))
			return at->refused.count > 0 ||
			    (w->a->issued.frame == 0 && at->taken.count > 0 &&
				at->taken.first.time > m->last &&
				(!is_older(w->a, m->kvno) || is_others(w, m)));
	return false;
}

/* --- who met it --------------------------------------------------------- */

static unsigned
hurts_of(const struct merged *m)
{
	return m->nhurts < HURT_MAX ? m->nhurts : HURT_MAX;
}

bool
since_is_hurt(const struct well *w, const struct merged *m)
{
	unsigned i;

	for (i = 0; i < hurts_of(m); i++)
		if (addr_equal(&m->hurts[i].client, &w->s->client))
			return true;
	return false;
}

static bool
same_carrier(const struct well *w, const struct merged *m)
{
	unsigned i;

	for (i = 0; w->a != NULL && i < hurts_of(m); i++)
		if (m->hurts[i].carrier != NULL &&
		    strcmp(m->hurts[i].carrier, w->a->carrier) == 0)
			return true;
	return false;
}

/* Whether W got a ticket in a way that was closed to those who met M. */
static bool
came_through(const struct well *w, const struct merged *m)
{
	const struct exchange *x = w->s->exchanges;
	unsigned ways = 0, i;

	for (i = 0; i < hurts_of(m); i++)
		ways |= m->hurts[i].ways;
	for (; x < w->s->exchanges + w->s->nexchanges; x++)
		if (x->answer == ANSWER_OK &&
		    (ways == 0 || (ways & 1U << x->transport) != 0))
			return true;
	return false;
}

/* Whether W is once more what one of those was who met M. */
static bool
is_again(struct well *w, const struct merged *m)
{
	const struct hurt *h;
	unsigned i, j, k;

	if (!w->as_made) {
		memset(&w->as, 0, sizeof(w->as));
		since_names(&w->as, w->s, true);
		w->as_made = true;
	}
	for (i = 0; i < hurts_of(m); i++) {
		h = &m->hurts[i];
		if (!addr_equal(&h->client, &w->s->client))
			continue;
		for (j = 0; j < h->nnames; j++)
			for (k = 0; k < w->as.nnames; k++)
				if (h->names[j] == w->as.names[k])
					return true;
	}
	return false;
}

/*
 * Whether W was not held up by the resolver of M.  What went well of look-ups
 * for KDCs is not with a story: that of a client that met M is enough.
 */
static bool
is_resolved(const struct well *w, const struct merged *m)
{
	const char *server = m->f.subject[SUBJECT_SERVER];
	const struct lookup *k;
	struct addr a;

	if (since_is_hurt(w, m))
		return true;
	if (server == NULL || !addr_of(server, &a))
		return false;
	for (k = w->s->lookups; k < w->s->lookups + w->s->nlookups; k++)
		if (k->reply.frame != 0 && k->asked > 0 &&
		    addr_equal(&k->asked_first, &a) &&
		    addr_equal(&k->resolver, &a))
			return true;
	return false;
}

/* Whether DNS lists the KDC of M no more, and a client that met it got in. */
static bool
is_unlisted(const struct well *w, const struct merged *m)
{
	const char *kdc = m->f.subject[SUBJECT_KDC];
	const struct name_fact *name;
	const struct contact *c;
	const struct srv_fact *srv;
	struct addr a;

	if (kdc == NULL || !addr_of(kdc, &a) || !since_is_hurt(w, m))
		return false;
	for (c = w->s->contacts; c < w->s->contacts + w->s->ncontacts; c++)
		if (addr_equal(&c->addr, &a))
			return false;
	srv = ledger_srv(w->l, &a);
	name = srv == NULL ? NULL : ledger_name(w->l, srv->name);
	/* An answer from long after it says nothing of its time. */
	return name != NULL && name->ref.time > srv->ref.time &&
	    name->ref.time > m->last && name->ref.time <= w->s->end + SECOND;
}

/* --- elsewhere ---------------------------------------------------------- */

/* What DNS said last of the host that W got in to; NULL: nothing since M. */
static const struct name_fact *
named_since(const struct well *w, const struct merged *m)
{
	char host[REFUSAL_HOST_TEXT];
	const struct name_fact *n;
	struct spn spn;

	if (!spn_split(w->a->ticket.sname, &spn) || spn.host.len == 0)
		return NULL;
	refusal_lower(spn.host, sizeof(host), host);
	n = ledger_name(w->l, host);
	return n == NULL || n->nlatest == 0 || n->ref.time <= m->last ? NULL :
									n;
}

/*
 * DNS led W to where it went, and knows the address FROM no more.  Of a story
 * that goes on, the look-ups are not known.
 */
static bool
is_led_away(const struct well *w, const struct merged *m,
    const struct addr *from)
{
	const struct lookup *k = story_lookup(w->s);
	bool hurt = since_is_hurt(w, m);
	const struct name_fact *n;
	unsigned i;

	if (k == NULL || k->reply.frame == 0) {
		n = hurt ? named_since(w, m) : NULL;
		return n != NULL && !addr_among(from, n->latest, n->nlatest);
	}
	if (since_gives(k, from))
		return false;
	for (i = 0; i < hurts_of(m) && !hurt; i++)
		hurt = m->hurts[i].resolver.family != 0 &&
		    addr_equal(&m->hurts[i].resolver, &k->resolver);
	return hurt;
}

/* Whether its server took such tickets before: a farm has more than one. */
static bool
was_there(const struct well *w, const struct merged *m)
{
	const struct service *sv = ledger_service(w->l, w->a->ticket.sname,
	    &w->a->server);

	return sv == NULL || sv->taken.first.time <= m->last;
}

/* Whether W is the same service's, at another server than the subject's. */
static bool
is_moved(const struct well *w, const struct merged *m)
{
	const char *spn = m->f.subject[SUBJECT_SPN];
	const char *server = m->f.subject[SUBJECT_SERVER];
	const char *realm = m->f.subject[SUBJECT_REALM];
	struct addr from;

	if (w->a == NULL || w->a->ticket.sname == NULL || spn == NULL ||
	    server == NULL || !addr_of(server, &from) ||
	    addr_equal(&from, &w->a->server) ||
	    !spn_equal(w->a->ticket.sname, spn) ||
	    (realm != NULL && agree_realm(w, realm) == AGREE_NO))
		return false;
	if ((m->f.rule->mended & MENDED_AWAY) != 0)
		return since_is_hurt(w, m) || is_led_away(w, m, &from);
	return is_led_away(w, m, &from) && !was_there(w, m);
}

/* --- all of it ---------------------------------------------------------- */

/* What W lacks to say anything of M. */
static bool
is_barred(const struct docket *d, const struct well *w, const struct merged *m)
{
	unsigned mended = m->f.rule->mended;
	int64_t start = docket_time(d, w->s, w->start);

	if (start <= m->last || (w->at_kdc && m->presented))
		return true;
	if ((mended & MENDED_LATER) != 0 && start - m->last < LATER)
		return true;
	if (m->clear_bit != 0 && (w->clear & m->clear_bit) == 0)
		return true;
	return ((mended & MENDED_CLIENT) != 0 && !since_is_hurt(w, m)) ||
	    ((mended & MENDED_CARRIER) != 0 && !same_carrier(w, m)) ||
	    ((mended & MENDED_WAY) != 0 && !came_through(w, m));
}

bool
since_met(const struct docket *d, struct well *w, const struct merged *m)
{
	unsigned mended = m->f.rule->mended;

	if (is_barred(d, w, m))
		return false;
	if ((mended & MENDED_NAME) != 0 && is_again(w, m) && is_fresh(w, m))
		return true;
	if ((mended & (MENDED_MOVED | MENDED_AWAY)) != 0 && is_moved(w, m))
		return true;
	if ((mended & MENDED_SRV) != 0 && is_unlisted(w, m))
		return true;
	if ((mended & MENDED_RESOLVER) != 0)
		return is_resolved(w, m);
	return (mended & MENDED_ONLY) == 0 && agrees(w, m) && is_fresh(w, m);
}
