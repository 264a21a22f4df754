/*
 * since.c - what has gone well since a finding was made last: whether the
 * fault is still there.
 *
 * A log-on that ended well counts for a finding when it would have met the
 * fault: whatever the subject names (the SPN, the server, the account, ...)
 * and the log-on knows of is the same.  One with a ticket from before the
 * last failure proves nothing, for a service takes an old ticket with an old
 * key, unless that very ticket was refused.
 *
 * To find them, each finding stands under one hash of the narrowest thing
 * that its subject names, and a log-on asks for the hashes of all it knows.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "judge.h"

#define CHAIN_MAX 64   /* findings under one hash that are looked at */
#define HANDLES_MAX 64 /* hashes of one log-on */

/* --- hashes ----------------------------------------------------------- */

enum handle { HANDLE_LABEL = 11, HANDLE_ADDR, HANDLE_USER, HANDLE_REALM };

static uint64_t
handle_text(enum handle kind, struct str s)
{
	return hash_mix(hash_text(s.p, s.len), (uint64_t)kind);
}

static uint64_t
handle_addr(const struct addr *a)
{
	return hash_mix(hash_addr(a), HANDLE_ADDR);
}

/* fs1 of fs1.fjord.test: short and full names are alike. */
static uint64_t
handle_label(struct str host)
{
	const char *dot = host.len == 0 ? NULL : memchr(host.p, '.', host.len);

	if (dot != NULL)
		host.len = (size_t)(dot - host.p);
	return handle_text(HANDLE_LABEL, host);
}

static uint64_t
handle_spn(const char *spn)
{
	struct spn s;

	if (spn_split(spn, &s) && s.host.len > 0)
		return handle_label(s.host);
	return handle_label(str_of(spn));
}

/* anna of anna@FJORD.TEST and of FJORD\anna. */
static uint64_t
handle_user(const char *name)
{
	const char *back = strrchr(name, '\\');

	name = back == NULL ? name : back + 1;
	return handle_text(HANDLE_USER,
	    (struct str){ name, strcspn(name, "@") });
}

static bool
is_addr(const char *text, struct addr *a)
{
	return addr_parse(text, strlen(text), a);
}

/* Under which hash F stands; 0: there is nothing to find it by. */
static uint64_t
handle_of(const struct finding *f)
{
	static const enum subject order[] = { SUBJECT_SPN, SUBJECT_SERVER,
		SUBJECT_HOST, SUBJECT_NAME, SUBJECT_ACCOUNT, SUBJECT_CLIENT,
		SUBJECT_KDC, SUBJECT_REALM };
	const char *value = NULL;
	struct addr a;
	size_t i;

	for (i = 0; i < SUBJECTS && value == NULL; i++)
		value = f->subject[order[i]];
	if (value == NULL)
		return 0;
	switch (order[i - 1]) {
	case SUBJECT_SPN:
		return handle_spn(value);
	case SUBJECT_ACCOUNT:
		return handle_user(value);
	case SUBJECT_REALM:
		return handle_text(HANDLE_REALM, str_of(value));
	case SUBJECT_CLIENT:
		return is_addr(value, &a) ? handle_addr(&a) :
					    handle_user(value);
	default:
		return is_addr(value, &a) ? handle_addr(&a) :
					    handle_label(str_of(value));
	}
}

/* --- the index -------------------------------------------------------- */

static void
index_add(struct docket *d, struct merged *m)
{
	struct merged **bucket;

	if (m->handle == 0)
		return;
	bucket = &d->handles[m->handle & (d->nhandles - 1)];
	m->akin = *bucket;
	*bucket = m;
}

void
since_index(struct docket *d)
{
	size_t i;

	free(d->handles);
	d->nhandles = 64;
	while (d->nhandles < d->nmerged)
		d->nhandles *= 2;
	d->handles = must_calloc(d->nhandles, sizeof(*d->handles));
	for (i = 0; i < d->nmerged; i++)
		index_add(d, d->list[i]);
}

void
since_add(struct docket *d, struct merged *m)
{
	m->handle = handle_of(&m->f);
	if (d->nmerged > d->nhandles)
		since_index(d);
	else
		index_add(d, m);
}

/* --- what a log-on knows ---------------------------------------------- */

/* A log-on that ended well, with Kerberos. */
struct well {
	const struct story *s;
	const struct attempt *a; /* NULL: it reached no service */
	bool at_kdc;             /* what came of it there is not seen */
	const struct host *client, *server;
	const struct ledger *l;
	uint64_t handles[HANDLES_MAX];
	size_t n;
};

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
		know(w, handle_label(str_of(h->names[i].name)));
}

static void
know_exchange(struct well *w, const struct exchange *x)
{
	if (x->answer != ANSWER_OK)
		return;
	if (x->sname != NULL)
		know(w, handle_spn(x->sname));
	if (x->realm != NULL)
		know(w, handle_text(HANDLE_REALM, str_of(x->realm)));
	if (x->kdc.family != 0) {
		know(w, handle_addr(&x->kdc));
		know_names(w, ledger_host(w->l, &x->kdc));
	}
}

static void
know_attempt(struct well *w, const struct attempt *a)
{
	if (a->ticket.sname != NULL)
		know(w, handle_spn(a->ticket.sname));
	if (a->ticket.realm != NULL)
		know(w, handle_text(HANDLE_REALM, str_of(a->ticket.realm)));
	if (a->server.family != 0) {
		know(w, handle_addr(&a->server));
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

/* False when S says nothing of any fault. */
static bool
well_make(struct well *w, const struct story *s, const struct ledger *l)
{
	size_t i;

	w->at_kdc = s->outcome == OUTCOME_UNSEEN && was_issued(s);
	if (s->outcome != OUTCOME_OK && !w->at_kdc)
		return false;
	w->s = s;
	w->l = l;
	w->n = 0;
	w->server = NULL;
	w->a = story_accepted(s, MECH_KRB5);
	if (w->a == NULL && s->nattempts > 0)
		return false;
	w->client = ledger_host(l, &s->client);
	know(w, handle_addr(&s->client));
	if (s->principal != NULL)
		know(w, handle_user(s->principal));
	if (w->a != NULL)
		know_attempt(w, w->a);
	if (s->host != NULL)
		know(w, handle_label(str_of(s->host)));
	for (i = 0; i < s->nexchanges; i++)
		know_exchange(w, &s->exchanges[i]);
	know_names(w, w->client);
	return true;
}

/* --- does it meet what a finding is about ----------------------------- */

enum agree { AGREE_UNKNOWN, AGREE_NO, AGREE_YES };

static enum agree
agree_if(bool same)
{
	return same ? AGREE_YES : AGREE_NO;
}

static enum agree
agree_spn(const struct well *w, const char *spn)
{
	enum agree agree = AGREE_UNKNOWN;
	const struct exchange *x;
	size_t i;

	if (w->a != NULL && w->a->ticket.sname != NULL)
		agree = agree_if(spn_equal(w->a->ticket.sname, spn));
	for (i = 0; i < w->s->nexchanges && agree != AGREE_YES; i++) {
		x = &w->s->exchanges[i];
		if (x->answer == ANSWER_OK && x->sname != NULL)
			agree = agree_if(spn_equal(x->sname, spn));
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
	bool addr = is_addr(text, &a);
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
	if (is_addr(text, &a))
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

static enum agree
agree_client(const struct well *w, const char *text)
{
	struct addr a;

	if (is_addr(text, &a))
		return agree_if(addr_equal(&w->s->client, &a));
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

/* Whether the ticket that was taken says something of the time since LAST. */
static bool
is_fresh(const struct well *w, int64_t last)
{
	const struct ticket_fact *t;
	const struct ticket_at *at;

	if (w->a == NULL)
		return true;
	if (w->a->issued.frame != 0 && w->a->issued.time > last)
		return true;
	t = ledger_ticket(w->l, w->a->ticket.digest);
	if (t == NULL)
		return false;
	for (at = t->at; at < t->at + t->nat; at++)
		if (addr_equal(&at->server, &w->a->server))
			return at->refused.count > 0 ||
			    (w->a->issued.frame == 0 && at->taken.count > 0 &&
				at->taken.first.time > last);
	return false;
}

static bool
is_related(const struct docket *d, const struct well *w, const struct merged *m)
{
	bool any = false;
	enum agree agree;
	int i;

	if (docket_time(d, w->s, w->s->start) <= m->last ||
	    (w->at_kdc && m->presented))
		return false;
	for (i = 0; i < SUBJECTS; i++) {
		agree = agree_field(w, m, (enum subject)i);
		if (agree == AGREE_NO)
			return false;
		any |= agree == AGREE_YES;
	}
	return any && is_fresh(w, m->last);
}

static bool
rule_fired(const struct docket *d, const struct rule *rule,
    const struct found *found)
{
	const struct merged *m;
	size_t i;

	for (i = 0; i < found->n; i++) {
		m = docket_find(d, found->list[i]);
		if (m != NULL && m->f.rule == rule)
			return true;
	}
	return false;
}

/* Counts W for M, once. */
static void
count(const struct docket *d, const struct well *w, const struct found *found,
    struct merged *m)
{
	if (m->met == w->s->id)
		return;
	m->met = w->s->id;
	if (!is_related(d, w, m) || rule_fired(d, m->f.rule, found))
		return;
	m->ok_since++;
	if (w->s->end > m->ok_last)
		m->ok_last = docket_time(d, w->s, w->s->end);
}

/* Of all findings, or of those AGAIN made in this view alone. */
static void
count_all(struct docket *d, const struct story *s, const struct found *found,
    bool again)
{
	struct merged *m;
	struct well w;
	size_t i, n;

	if (d->nmerged == 0 || !well_make(&w, s, d->ledger))
		return;
	for (i = 0; i < w.n; i++) {
		m = d->handles[w.handles[i] & (d->nhandles - 1)];
		for (n = 0; m != NULL && n < CHAIN_MAX; m = m->akin) {
			if (m->handle != w.handles[i])
				continue;
			n++;
			if (!again || m->again)
				count(d, &w, found, m);
		}
	}
}

void
since_note(struct docket *d, const struct story *s, const struct found *found)
{
	count_all(d, s, found, false);
}

/*
 * Whether S went on after what failed at STEP and got in: its user typed
 * another password, or a new one.  Of other faults that is no sign: a clock
 * stays wrong, a KDC stays off, though the client knows its way around.
 */
static bool
is_overcome(const struct merged *m, const struct story *s,
    const struct ref *step)
{
	const char *about = m->f.rule->about;

	if (s->outcome != OUTCOME_OK && s->outcome != OUTCOME_DEGRADED)
		return false;
	return m->f.rule->impact == IMPACT_BREAKS && about != NULL &&
	    (strcmp(about, "account") == 0 || strcmp(about, "NTLM") == 0) &&
	    story_made_good(s, step);
}

void
since_fired(struct merged *m, const struct story *s, const struct ref *step)
{
	const char *account = m->f.subject[SUBJECT_ACCOUNT];

	if (since_ok(m) > m->ok_most)
		m->ok_most = since_ok(m);
	m->overcome = is_overcome(m, s, step);
	m->ok_since = 0;
	m->ok_last = 0;
	m->again = true;
	if (story_tried(s, MECH_KRB5) != NULL)
		m->presented = true;
	if (account != NULL && s->principal != NULL &&
	    principal_may_be(s->principal, account))
		m->own_account = true;
}

/* --- stories that did not come in the order of their time ------------- */

void
since_begin(struct docket *d)
{
	size_t i;

	for (i = 0; i < d->nmerged; i++)
		d->list[i]->again = false;
}

void
since_end(struct docket *d, const struct shown *list, size_t n)
{
	struct merged *m;
	size_t i;

	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		m->met = 0;
		if (m->again) {
			m->ok_since = 0;
			m->ok_last = 0;
		}
	}
	for (i = 0; i < n; i++)
		count_all(d, list[i].s, &list[i].found, true);
}

bool
since_mends(const struct docket *d, const struct story *s,
    const struct finding *f, const struct story *failed)
{
	const char *account = f->subject[SUBJECT_ACCOUNT];
	struct merged m = { .f = *f, .last = failed->end };
	struct well w;

	m.presented = story_tried(failed, MECH_KRB5) != NULL;
	m.own_account = account != NULL && failed->principal != NULL &&
	    principal_may_be(failed->principal, account);
	return s->start > failed->end && well_make(&w, s, d->ledger) &&
	    is_related(d, &w, &m);
}

uint64_t
since_ok(const struct merged *m)
{
	return m->ok_since + m->overcome;
}

bool
since_cleared(const struct merged *m)
{
	/* A password mistyped and typed anew was no more than a remark. */
	return (m->impact > IMPACT_REMARK ? since_ok(m) : m->ok_since) >
	    2 * m->ok_most;
}
