/*
 * result.c - the finished result: causes in order, the sentence that says it
 * all, what could not be judged.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#ifndef PACKAGE_VERSION
#	define PACKAGE_VERSION "0.1.0"
#endif

#define RATE_LOGONS 5 /* fewer are told one by one */

/* --- order ------------------------------------------------------------ */

/* Causes, then what they explain, then rivals; worst first. */
static int
standing(const struct merged *m)
{
	if (rank_is_cause(m))
		return 0;
	return m->explainer != NULL && m->explained > 0 ? 1 : 2;
}

static int
place_compare(const void *x, const void *y)
{
	const struct merged *a = *(struct merged *const *)x;
	const struct merged *b = *(struct merged *const *)y;

	if (standing(a) != standing(b))
		return standing(a) - standing(b);
	if (a->impact != b->impact)
		return a->impact > b->impact ? -1 : 1;
	if (a->f.certainty != b->f.certainty)
		return a->f.certainty > b->f.certainty ? -1 : 1;
	if (a->occurrences != b->occurrences)
		return a->occurrences > b->occurrences ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* --- one cause -------------------------------------------------------- */

static const char *
who_text(struct view *v, const struct merged *m)
{
	const struct crowd *all = &m->clients;
	size_t i, left, shown = all->count;
	const char *text;

	if (shown == 0)
		return NULL;
	if (shown > CLIENTS_NAMED)
		shown = CLIENTS_NAMED;
	text = m->named[0];
	for (i = 1; i < shown; i++)
		text = arena_printf(&v->mem, "%s, %s", text, m->named[i]);
	left = all->count - shown;
	if (all->more)
		return arena_printf(&v->mem, "%s and others", text);
	if (left > 0)
		return arena_printf(&v->mem, "%s and %zu other%s", text, left,
		    left > 1 ? "s" : "");
	return text;
}

/*
 * How often it happened, a minute; two log-ons, or all of them in less than
 * a minute, have no rate that would say anything.
 */
static double
rate_of(const struct merged *m)
{
	int64_t span = m->last - m->first;

	if (m->occurrences < RATE_LOGONS || span < 60 * SECOND)
		return 0;
	return (double)m->occurrences * 60 * SECOND / (double)span;
}

static void
cause_fill(struct view *v, struct cause *c, struct merged *m)
{
	const struct rule *rule = m->f.rule;

	c->f = m->f;
	c->impact = m->impact;
	c->cause = rank_is_cause(m);
	c->explained_by = c->rival_of = -1;
	if (!c->cause && standing(m) == 1)
		c->explained_by = m->explainer->place;
	else if (!c->cause && m->winner != NULL)
		c->rival_of = m->winner->place;
	c->occurrences = m->occurrences;
	c->first = m->first;
	c->last = m->last;
	c->stories = m->stories;
	c->nstories = m->nstories;
	c->title = finding_fill(&m->f, rule->title, false, &v->mem);
	c->why = finding_fill(&m->f, rule->why, false, &v->mem);
	/* It is a command as a rule, or has one in it. */
	c->decide = finding_fill(&m->f, rule->decide, true, &v->mem);
	c->fix = finding_fixes(&m->f, &v->mem);
	c->verify = finding_fill(&m->f, rule->verify, false, &v->mem);
	c->who = who_text(v, m);
	c->clients = m->clients.count;
	c->more_clients = m->clients.more;
	c->rate = rate_of(m);
	c->key = m->node.hash != 0 ? m->node.hash : 1;
	c->ok_since = since_ok(m);
	c->ok_last = m->ok_since > 0 ? m->ok_last : m->overcome ? m->last : 0;
	c->cleared = since_cleared(m);
}

/*
 * A finding beaten only by findings that were themselves dropped has nothing
 * to point at and stands alone.
 */
static void
point_at_kept(struct view *v)
{
	const struct docket *d = v->docket;
	struct merged *m;
	size_t i;

	for (i = 0; i < d->nmerged; i++) {
		m = d->list[i];
		if (m->winner != NULL && m->winner->dropped) {
			m->winner = NULL;
			m->lost = 0;
		}
		if (!rank_is_cause(m) && !m->dropped && m->explainer == NULL &&
		    m->winner == NULL)
			m->explained = m->lost = 0;
	}
}

static void
result_causes(struct view *v)
{
	const struct docket *d = v->docket;
	struct merged **order;
	struct cause *causes;
	size_t i, n = 0;

	point_at_kept(v);
	order = arena_alloc(&v->mem, (d->nmerged + 1) * sizeof(*order));
	for (i = 0; i < d->nmerged; i++)
		if (!d->list[i]->dropped)
			order[n++] = d->list[i];
	if (n > 1)
		qsort(order, n, sizeof(*order), place_compare);
	for (i = 0; i < n; i++)
		order[i]->place = (int)i;
	causes = arena_alloc(&v->mem, (n + 1) * sizeof(*causes));
	for (i = 0; i < n; i++)
		cause_fill(v, &causes[i], order[i]);
	while (v->result.ncause < n && causes[v->result.ncause].cause)
		v->result.ncause++;
	v->result.causes = causes;
	v->result.ncauses = n;
}

/* --- stories ---------------------------------------------------------- */

/* The findings of S as places in the result, into LIST; how many. */
static size_t
places(const struct docket *d, const struct shown *s, uint64_t *list)
{
	const struct merged *m;
	size_t i, n = 0;

	for (i = 0; i < s->found.n; i++) {
		m = docket_find(d, s->found.list[i]);
		if (m != NULL && m->place >= 0)
			list[n++] = (uint64_t)m->place;
	}
	return n;
}

static void
result_stories(struct view *v)
{
	struct result *r = &v->result;
	const struct story **kept;
	const uint64_t **found;
	uint64_t *list;
	size_t *nfound, i, all = 0;

	for (i = 0; i < v->nshown; i++)
		all += v->shown[i].found.n;
	kept = arena_alloc(&v->mem, (v->nshown + 1) * sizeof(*kept));
	found = arena_alloc(&v->mem, (v->nshown + 1) * sizeof(*found));
	nfound = arena_alloc(&v->mem, (v->nshown + 1) * sizeof(*nfound));
	list = arena_alloc(&v->mem, (all + 1) * sizeof(*list));
	for (i = 0; i < v->nshown; i++) {
		kept[i] = v->shown[i].s;
		found[i] = list;
		nfound[i] = places(v->docket, &v->shown[i], list);
		list += nfound[i];
	}
	r->kept = kept;
	r->findings_of = found;
	r->nfindings_of = nfound;
	r->nkept = v->nshown;
	r->nopen = v->nopen;
}

bool
result_remark_explains(const struct result *r)
{
	size_t i;
	int by;

	for (i = r->ncause; i < r->ncauses; i++) {
		by = r->causes[i].explained_by;
		if (by >= 0 && r->causes[i].impact >= IMPACT_DEGRADES &&
		    r->causes[by].cause &&
		    r->causes[by].impact == IMPACT_REMARK)
			return true;
	}
	return false;
}

/* --- the sentence ----------------------------------------------------- */

static const char *
count_of(struct view *v, uint64_t n, const char *what)
{
	return arena_printf(&v->mem, "%llu %s%s", (unsigned long long)n, what,
	    n == 1 ? "" : "s");
}

/* "2 of 12 log-ons failed and 1 was degraded" */
static const char *
sentence_bad(struct view *v)
{
	const struct result *r = &v->result;
	const char *of = count_of(v, r->stories, "log-on");

	if (r->going_on)
		of = arena_printf(&v->mem, "%s so far", of);
	if (r->degraded == 0)
		return arena_printf(&v->mem, "%llu of %s failed",
		    (unsigned long long)r->broken, of);
	if (r->broken == 0)
		return arena_printf(&v->mem,
		    "%llu of %s fell back to NTLM or took too long",
		    (unsigned long long)r->degraded, of);
	return arena_printf(&v->mem,
	    "%llu of %s failed and %llu fell back to NTLM or took too long",
	    (unsigned long long)r->broken, of, (unsigned long long)r->degraded);
}

static const char *
of_the_bad(struct view *v)
{
	uint64_t bad = v->result.broken + v->result.degraded;

	if (bad == 1 && v->docket->explained == 1)
		return "it";
	if (v->docket->explained >= bad)
		return bad == 2 ? "both" : "all of them";
	return arena_printf(&v->mem, "%llu of them",
	    (unsigned long long)v->docket->explained);
}

static const char *
sentence_causes(struct view *v, uint64_t causes)
{
	if (causes == 0 && result_remark_explains(&v->result))
		return arena_printf(&v->mem, "a remark accounts for %s",
		    of_the_bad(v));
	if (causes == 0)
		return "no cause could be named";
	return arena_printf(&v->mem, "%s explain%s %s",
	    causes == 1 ? "one cause" : count_of(v, causes, "cause"),
	    causes == 1 ? "s" : "", of_the_bad(v));
}

/* "12 log-ons, all ok, but one cause asks for attention" */
static const char *
sentence_good(struct view *v)
{
	const struct result *r = &v->result;
	const char *text = count_of(v, r->stories, "log-on");
	uint64_t latent = 0;
	size_t i;

	for (i = 0; i < r->ncause; i++)
		latent += r->causes[i].impact == IMPACT_WEAKENS;
	if (r->going_on)
		text = arena_printf(&v->mem, "%s so far", text);
	if (r->unseen == 0)
		text = arena_printf(&v->mem, "%s, all ok", text);
	else
		text = arena_printf(&v->mem,
		    "%s, none failed: %llu ok, %llu not seen to the end", text,
		    (unsigned long long)r->ok, (unsigned long long)r->unseen);
	if (latent == 0)
		return text;
	return arena_printf(&v->mem, "%s, but %s attention", text,
	    latent == 1 ? "one cause asks for" :
			  arena_printf(&v->mem, "%s ask for",
			      count_of(v, latent, "cause")));
}

static const char *
sentence(struct view *v)
{
	const struct result *r = &v->result;
	uint64_t causes = 0, packets = 0;
	size_t i;

	for (i = 0; i < r->ncaptures; i++)
		packets += r->captures[i].packets;
	for (i = 0; i < r->ncause; i++)
		causes += r->causes[i].impact >= IMPACT_DEGRADES;
	if (r->broken + r->degraded > 0)
		return arena_printf(&v->mem, "%s; %s.", sentence_bad(v),
		    sentence_causes(v, causes));
	if (r->stories == 0 && r->going_on)
		return "No Kerberos or NTLM log-on was seen so far.";
	if (r->stories == 0 && packets == 0 && r->live)
		return "No packets came.";
	if (r->stories == 0)
		return packets == 0 ? "The capture holds no packets." :
				      "No Kerberos or NTLM log-on was seen.";
	return arena_printf(&v->mem, "%s.", sentence_good(v));
}

/* --- all -------------------------------------------------------------- */

/* A rule all of whose findings a proven one silenced has not fired. */
static void
result_verdicts(struct view *v)
{
	const struct docket *d = v->docket;
	struct rule_verdict *r;
	size_t i;
	bool stands;

	for (r = d->verdicts; r < d->verdicts + rules_count; r++) {
		if (r->verdict == VERDICT_FIRED) {
			stands = false;
			for (i = 0; i < d->nmerged && !stands; i++)
				stands = d->list[i]->f.rule == r->rule &&
				    !d->list[i]->dropped;
			if (!stands)
				r->verdict = VERDICT_CLEAR;
		}
		if (r->verdict != VERDICT_UNKNOWN)
			r->missing = 0;
	}
	v->result.verdicts = d->verdicts;
	v->result.nverdicts = rules_count;
}

/* Texts of a capture may be told anew while a view is shown. */
static void
result_captures(const struct engine *e, struct view *v)
{
	struct capture_info *list, *to;
	const struct capture_seen *c;
	size_t i;

	list = arena_alloc(&v->mem, (e->ncaptures + 1) * sizeof(*list));
	for (i = 0; i < e->ncaptures; i++) {
		c = &e->captures[i];
		to = &list[i];
		*to = c->info;
		to->path = to->format = "";
		if (c->path != NULL) {
			to->path = arena_printf(&v->mem, "%s", c->path);
			to->format = arena_printf(&v->mem, "%s", c->format);
		}
	}
	v->result.captures = list;
	v->result.ncaptures = e->ncaptures;
}

/* Open stories that are shown count as the others do. */
static void
result_counts(const struct engine *e, struct view *v)
{
	struct result *r = &v->result;
	uint64_t count[4];
	size_t i;

	memcpy(count, e->outcomes, sizeof(count));
	for (i = v->nshown - v->nopen; i < v->nshown; i++)
		count[v->shown[i].s->outcome]++;
	r->stories = e->count + v->nopen;
	r->ok = count[OUTCOME_OK];
	r->broken = count[OUTCOME_BROKEN];
	r->degraded = count[OUTCOME_DEGRADED];
	r->unseen = count[OUTCOME_UNSEEN];
	memcpy(r->ended, e->ended, sizeof(r->ended));
	r->nended = e->nended;
}

void
result_make(const struct engine *e, struct view *v)
{
	struct result *r = &v->result;

	memset(r, 0, sizeof(*r));
	r->version = PACKAGE_VERSION;
	result_captures(e, v);
	r->quality = e->quality;
	r->quality.stories_cut = e->stories.cut;
	r->quality.facts_not_kept = e->ledger.let_go;
	r->quality.findings_not_kept = v->docket->not_kept;
	result_counts(e, v);
	r->live = e->live;
	r->going_on = v->going_on;
	r->now = e->stories.now;
	result_causes(v);
	result_stories(v);
	result_verdicts(v);
	r->verdict = sentence(v);
	r->ledger = &e->ledger;
}
