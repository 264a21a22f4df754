/*
 * since.c - what has gone well since a finding was made last: whether the
 * fault is still there.
 *
 * A log-on that ended well counts for a finding when it would have met the
 * fault (since-met.c).  To find them, each finding stands under one hash of
 * the narrowest thing that its subject names, and where that may be another
 * one when it is mended, under its clients; a log-on asks for the hashes of
 * all it knows.
 */
#include <stdlib.h>
#include <string.h>

#include "since.h"

#define CHAIN_MAX 64 /* findings under one hash that are looked at */

/* Its clients may meet none of its subject when it is mended. */
#define BY_CLIENT (MENDED_NAME | MENDED_RESOLVER | MENDED_SRV)

/*
 * A client waits so long for a KDC before it gives up: what those that never
 * met the fault say is not heard before.
 */
#define OTHERS_AFTER (30 * SECOND)

/* --- the index -------------------------------------------------------- */

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
		return since_by_spn(value);
	case SUBJECT_ACCOUNT:
		return since_by_user(value);
	case SUBJECT_REALM:
		return since_by_realm(value);
	case SUBJECT_CLIENT:
		return addr_of(value, &a) ? since_by_addr(&a) :
					    since_by_user(value);
	default:
		return addr_of(value, &a) ? since_by_addr(&a) :
					    since_by_label(str_of(value));
	}
}

static void
handle_link(struct docket *d, struct merged *m, struct handle *h)
{
	struct handle **bucket;

	h->m = m;
	h->at = NULL;
	if (h->hash == 0 || d->nhandles == 0)
		return;
	bucket = &d->handles[h->hash & (d->nhandles - 1)];
	h->akin = *bucket;
	h->at = bucket;
	if (h->akin != NULL)
		h->akin->at = &h->akin;
	*bucket = h;
}

static void
handle_unlink(struct handle *h)
{
	if (h->at == NULL)
		return;
	*h->at = h->akin;
	if (h->akin != NULL)
		h->akin->at = h->at;
	h->at = NULL;
}

static void
index_add(struct docket *d, struct merged *m)
{
	unsigned i;

	handle_link(d, m, &m->handle);
	for (i = 0; i < HURT_MAX && i < m->nhurts; i++)
		handle_link(d, m, &m->hurts[i].handle);
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
	unsigned i;

	m->handle.hash = handle_of(&m->f);
	for (i = 0; i < rules_count && rules_all[i] != m->f.rule; i++)
		;
	m->clear_bit = i < rules_count ? d->bits[i] : 0;
	m->kvno = EV_ABSENT;
	if (d->nmerged > d->nhandles)
		since_index(d);
	else
		index_add(d, m);
}

/* --- counting --------------------------------------------------------- */

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

/* Clocks stay wrong, however well clients cope. */
static bool
is_over(const struct merged *m)
{
	const char *about = m->f.rule->about;

	return about == NULL || strcmp(about, "time") != 0;
}

/* Counts W for M, once. */
static void
count(const struct docket *d, struct well *w, const struct found *found,
    struct merged *m)
{
	int64_t start = docket_time(d, w->s, w->start);
	int64_t end = docket_time(d, w->s, w->s->end);

	if (m->met == w->s->id)
		return;
	m->met = w->s->id;
	if (!since_met(d, w, m) ||
	    (!(w->again && is_over(m)) && rule_fired(d, m->f.rule, found)))
		return;
	if (m->ok_since++ == 0 || start < m->ok_first)
		m->ok_first = start;
	m->ok_hurt += since_is_hurt(w, m);
	if (end > m->ok_last)
		m->ok_last = end;
}

/* Of all findings, or of those AGAIN made in this view alone. */
static void
count_all(struct docket *d, const struct story *s, const struct found *found,
    uint64_t clear, bool again)
{
	struct handle *h;
	struct well w;
	size_t i, n;

	if (d->nmerged == 0 || !since_well(&w, s, d->ledger, clear))
		return;
	for (i = 0; i < w.n; i++) {
		h = d->handles[w.handles[i] & (d->nhandles - 1)];
		for (n = 0; h != NULL && n < CHAIN_MAX; h = h->akin) {
			if (h->hash != w.handles[i])
				continue;
			n++;
			if (!again || h->m->again)
				count(d, &w, found, h->m);
		}
	}
}

void
since_note(struct docket *d, const struct story *s, uint64_t *list, size_t n)
{
	struct found found = { list, n };

	count_all(d, s, &found, d->clear, false);
}

/* --- it was met ------------------------------------------------------- */

static bool
same_hurt(const struct hurt *a, const struct hurt *b)
{
	return addr_equal(&a->client, &b->client) && a->nnames == b->nnames &&
	    memcmp(a->names, b->names, a->nnames * sizeof(a->names[0])) == 0;
}

/* The latest ones are remembered, one of a kind. */
static void
note_hurt(struct docket *d, struct merged *m, const struct story *s)
{
	struct hurt h, *to = NULL;
	unsigned i;

	since_hurt(&h, s, m->f.subject[SUBJECT_SERVER]);
	for (i = 0; i < HURT_MAX && i < m->nhurts && to == NULL; i++)
		if (same_hurt(&m->hurts[i], &h))
			to = &m->hurts[i];
	if (to == NULL) {
		to = &m->hurts[m->nhurts++ % HURT_MAX];
		if (m->nhurts == 2 * HURT_MAX)
			m->nhurts = HURT_MAX;
	}
	if (d != NULL)
		handle_unlink(&to->handle);
	*to = h;
	if ((m->f.rule->mended & BY_CLIENT) != 0)
		to->handle.hash = since_by_addr(&s->client);
	if (d != NULL)
		handle_link(d, m, &to->handle);
}

/* What M knows of a story in which it was met. */
static void
note_met(struct docket *d, struct merged *m, const struct story *s)
{
	const char *account = m->f.subject[SUBJECT_ACCOUNT];
	const struct attempt *a = story_refusal(s);

	note_hurt(d, m, s);
	m->kvno = a == NULL ? EV_ABSENT : a->ticket.kvno;
	if (story_tried(s, MECH_KRB5) != NULL)
		m->presented = true;
	if (account != NULL && s->principal != NULL &&
	    principal_may_be(s->principal, account))
		m->own_account = true;
}

/*
 * Whether S went on after what failed at STEP and got in: its user typed
 * another password, or a new one, or the KDC that was away is there again.  Of
 * other faults that is no sign: a clock stays wrong, a KDC stays off, though
 * the client knows its way around.
 */
static bool
is_overcome(const struct merged *m, const struct story *s,
    const struct ref *step, bool anew)
{
	const char *about = m->f.rule->about;

	if (s->outcome != OUTCOME_OK && s->outcome != OUTCOME_DEGRADED)
		return false;
	if (m->f.rule->impact != IMPACT_BREAKS || about == NULL)
		return false;
	if (strcmp(about, "KDC") == 0)
		return story_reach_came_back(s, step);
	/* One that was begun anew counts as a log-on of its own. */
	return !anew &&
	    (strcmp(about, "account") == 0 || strcmp(about, "NTLM") == 0) &&
	    story_made_good(s, step);
}

int64_t
since_seen(const struct story *s)
{
	int64_t failed, start;

	return since_turned(s, &failed, &start) ? failed : s->end;
}

void
since_fired(struct docket *d, struct merged *m, const struct story *s,
    const struct ref *step)
{
	int64_t seen = since_seen(s);

	note_met(d, m, s);
	/* It was over before they began, and is only told now. */
	if (m->ok_since > 0 && docket_time(d, s, seen) < m->ok_first)
		return;
	if (since_ok(m) > m->ok_most)
		m->ok_most = since_ok(m);
	m->overcome = is_overcome(m, s, step, seen != s->end);
	m->ok_since = m->ok_hurt = 0;
	m->ok_first = m->ok_last = 0;
	m->again = true;
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
	int64_t first = INT64_MAX; /* of their last times */
	struct merged *m;
	size_t i;

	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		m->met = 0;
		if (m->again) {
			m->ok_since = m->ok_hurt = 0;
			m->ok_first = m->ok_last = 0;
			first = m->last < first ? m->last : first;
		}
	}
	for (i = 0; i < n; i++) {
		docket_breathe(d);
		/* What was over before any of them counts for none. */
		if (docket_time(d, list[i].s, list[i].s->end) > first)
			count_all(d, list[i].s, &list[i].found, list[i].clear,
			    true);
	}
}

bool
since_mends(const struct docket *d, const struct story *s,
    const struct finding *f, const struct story *failed)
{
	struct merged m = { .f = *f, .last = since_seen(failed) };
	struct well w;

	if (s->end <= m.last || !since_well(&w, s, d->ledger, 0))
		return false;
	note_met(NULL, &m, failed);
	return since_met(d, &w, &m);
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
	if ((m->impact > IMPACT_REMARK ? since_ok(m) : m->ok_since) <=
	    2 * m->ok_most)
		return false;
	return (m->f.rule->mended & MENDED_WAY) == 0 || m->overcome ||
	    m->ok_hurt > 0 || m->ok_last - m->last >= OTHERS_AFTER;
}
