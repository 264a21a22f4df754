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
who_text(struct engine *e, const struct merged *m)
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
		text = arena_printf(&e->mem, "%s, %s", text, m->named[i]);
	left = all->count - shown;
	if (all->more)
		return arena_printf(&e->mem, "%s and others", text);
	if (left > 0)
		return arena_printf(&e->mem, "%s and %zu other%s", text, left,
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
cause_fill(struct engine *e, struct cause *c, struct merged *m)
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
	c->title = finding_fill(&m->f, rule->title, false, &e->mem);
	c->why = finding_fill(&m->f, rule->why, false, &e->mem);
	/* It is a command as a rule, or has one in it. */
	c->decide = finding_fill(&m->f, rule->decide, true, &e->mem);
	c->fix = finding_fixes(&m->f, &e->mem);
	c->verify = finding_fill(&m->f, rule->verify, false, &e->mem);
	c->who = who_text(e, m);
	c->clients = m->clients.count;
	c->more_clients = m->clients.more;
	c->rate = rate_of(m);
}

/*
 * A finding beaten only by findings that were themselves dropped has nothing
 * to point at and stands alone.
 */
static void
point_at_kept(struct engine *e)
{
	struct merged *m;
	size_t i;

	for (i = 0; i < e->nmerged; i++) {
		m = e->list[i];
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
result_causes(struct engine *e)
{
	struct cause *causes;
	size_t i, n = 0;

	point_at_kept(e);
	if (e->nmerged > 1)
		qsort(e->list, e->nmerged, sizeof(*e->list), place_compare);
	for (i = 0; i < e->nmerged; i++)
		if (!e->list[i]->dropped)
			e->list[i]->place = (int)n++;
	causes = arena_alloc(&e->mem, (n + 1) * sizeof(*causes));
	for (i = 0; i < e->nmerged; i++)
		if (e->list[i]->place >= 0)
			cause_fill(e, &causes[e->list[i]->place], e->list[i]);
	for (i = 0; i < n && causes[i].cause; i++)
		e->result.ncause++;
	e->result.causes = causes;
	e->result.ncauses = n;
}

/* --- stories ---------------------------------------------------------- */

static void
result_stories(struct engine *e)
{
	struct result *r = &e->result;
	const struct story **kept;
	const uint64_t **found;
	uint64_t *list;
	size_t *nfound, i, j;

	kept = arena_alloc(&e->mem, (e->nkept + 1) * sizeof(*kept));
	found = arena_alloc(&e->mem, (e->nkept + 1) * sizeof(*found));
	nfound = arena_alloc(&e->mem, (e->nkept + 1) * sizeof(*nfound));
	for (i = 0; i < e->nkept; i++) {
		kept[i] = &e->kept[i].tale->s;
		list = arena_alloc(&e->mem,
		    (e->kept[i].nfound + 1) * sizeof(*list));
		found[i] = list;
		for (j = 0; j < e->kept[i].nfound; j++)
			if (e->kept[i].found[j]->place >= 0)
				list[nfound[i]++] = (uint64_t)e->kept[i]
							.found[j]
							->place;
	}
	r->kept = kept;
	r->findings_of = found;
	r->nfindings_of = nfound;
	r->nkept = e->nkept;
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
count_of(struct engine *e, uint64_t n, const char *what)
{
	return arena_printf(&e->mem, "%llu %s%s", (unsigned long long)n, what,
	    n == 1 ? "" : "s");
}

/* "2 of 12 log-ons failed and 1 was degraded" */
static const char *
sentence_bad(struct engine *e)
{
	const struct result *r = &e->result;
	const char *of = count_of(e, r->stories, "log-on");

	if (r->degraded == 0)
		return arena_printf(&e->mem, "%llu of %s failed",
		    (unsigned long long)r->broken, of);
	if (r->broken == 0)
		return arena_printf(&e->mem,
		    "%llu of %s fell back to NTLM or took too long",
		    (unsigned long long)r->degraded, of);
	return arena_printf(&e->mem,
	    "%llu of %s failed and %llu fell back to NTLM or took too long",
	    (unsigned long long)r->broken, of, (unsigned long long)r->degraded);
}

static const char *
of_the_bad(struct engine *e)
{
	uint64_t bad = e->result.broken + e->result.degraded;

	if (bad == 1 && e->explained == 1)
		return "it";
	if (e->explained >= bad)
		return bad == 2 ? "both" : "all of them";
	return arena_printf(&e->mem, "%llu of them",
	    (unsigned long long)e->explained);
}

static const char *
sentence_causes(struct engine *e, uint64_t causes)
{
	if (causes == 0 && result_remark_explains(&e->result))
		return arena_printf(&e->mem, "a remark accounts for %s",
		    of_the_bad(e));
	if (causes == 0)
		return "no cause could be named";
	return arena_printf(&e->mem, "%s explain%s %s",
	    causes == 1 ? "one cause" : count_of(e, causes, "cause"),
	    causes == 1 ? "s" : "", of_the_bad(e));
}

/* "12 log-ons, all ok, but one cause asks for attention" */
static const char *
sentence_good(struct engine *e)
{
	const struct result *r = &e->result;
	const char *text = count_of(e, r->stories, "log-on");
	uint64_t latent = 0;
	size_t i;

	for (i = 0; i < r->ncause; i++)
		latent += r->causes[i].impact == IMPACT_WEAKENS;
	if (r->unseen == 0)
		text = arena_printf(&e->mem, "%s, all ok", text);
	else
		text = arena_printf(&e->mem,
		    "%s, none failed: %llu ok, %llu not seen to the end", text,
		    (unsigned long long)r->ok, (unsigned long long)r->unseen);
	if (latent == 0)
		return text;
	return arena_printf(&e->mem, "%s, but %s attention", text,
	    latent == 1 ? "one cause asks for" :
			  arena_printf(&e->mem, "%s ask for",
			      count_of(e, latent, "cause")));
}

static const char *
sentence(struct engine *e)
{
	const struct result *r = &e->result;
	uint64_t causes = 0, packets = 0;
	size_t i;

	for (i = 0; i < r->ncaptures; i++)
		packets += r->captures[i].packets;
	for (i = 0; i < r->ncause; i++)
		causes += r->causes[i].impact >= IMPACT_DEGRADES;
	if (r->broken + r->degraded > 0)
		return arena_printf(&e->mem, "%s; %s.", sentence_bad(e),
		    sentence_causes(e, causes));
	if (r->stories == 0)
		return packets == 0 ? "The capture holds no packets." :
				      "No Kerberos or NTLM log-on was seen.";
	return arena_printf(&e->mem, "%s.", sentence_good(e));
}

/* --- all -------------------------------------------------------------- */

/* A rule all of whose findings a proven one silenced has not fired. */
static void
result_verdicts(struct engine *e)
{
	struct rule_verdict *v;
	size_t i, j;
	bool stands;

	for (i = 0; i < rules_count; i++) {
		v = &e->verdicts[i];
		if (v->verdict == VERDICT_FIRED) {
			stands = false;
			for (j = 0; j < e->nmerged && !stands; j++)
				stands = e->list[j]->f.rule == v->rule &&
				    !e->list[j]->dropped;
			if (!stands)
				v->verdict = VERDICT_CLEAR;
		}
		if (v->verdict != VERDICT_UNKNOWN)
			v->missing = 0;
	}
	e->result.verdicts = e->verdicts;
	e->result.nverdicts = rules_count;
}

static void
result_captures(struct engine *e)
{
	struct capture_info *list;
	size_t i;

	list = arena_alloc(&e->mem, (e->ncaptures + 1) * sizeof(*list));
	for (i = 0; i < e->ncaptures; i++) {
		list[i] = e->captures[i].info;
		if (list[i].path == NULL)
			list[i].path = list[i].format = "";
	}
	e->result.captures = list;
	e->result.ncaptures = e->ncaptures;
}

void
result_make(struct engine *e)
{
	struct result *r = &e->result;

	memset(r, 0, sizeof(*r));
	r->version = PACKAGE_VERSION;
	result_captures(e);
	r->quality = e->quality;
	r->quality.stories_cut = e->stories.cut;
	r->quality.facts_not_kept = e->ledger.let_go;
	r->stories = e->count;
	r->ok = e->outcomes[OUTCOME_OK];
	r->broken = e->outcomes[OUTCOME_BROKEN];
	r->degraded = e->outcomes[OUTCOME_DEGRADED];
	r->unseen = e->outcomes[OUTCOME_UNSEEN];
	result_causes(e);
	result_stories(e);
	result_verdicts(e);
	r->verdict = sentence(e);
	r->ledger = &e->ledger;
}
