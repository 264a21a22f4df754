/*
 * judge.c - the rules look at one story; what they find is merged with the
 * same finding of other stories: one cause, one finding.
 */
#include <string.h>
#include <strings.h>

#include "judge.h"
#include "pool.h"

/* --- identity --------------------------------------------------------- */

/*
 * The host of an SPN, spelled out: a short name is the full one when DNS has
 * shown that name in the realm's domain.
 */
static const char *
full_host(const struct docket *d, struct str host, const char *realm,
    struct arena *mem)
{
	const char *name = arena_lower(mem, host.p, host.len);
	const char *full;

	if (realm == NULL || strchr(name, '.') != NULL)
		return name;
	full = arena_printf(mem, "%s.%s", name, realm);
	full = arena_lower(mem, full, strlen(full));
	return ledger_name(d->ledger, full) != NULL ? full : name;
}

/* One way to write what the finding is about, however the clients wrote it. */
static const char *
subject_key(const struct docket *d, const struct finding *f, int i,
    struct arena *mem)
{
	const char *value = f->subject[i], *realm = f->subject[SUBJECT_REALM];
	struct spn s;

	if (value == NULL)
		return "";
	if (i == SUBJECT_HOST)
		return full_host(d, str_of(value), realm, mem);
	if (i != SUBJECT_SPN || !spn_split(value, &s) || s.host.len == 0)
		return arena_lower(mem, value, strlen(value));
	return arena_printf(mem, "%s/%s:%s/%s",
	    arena_lower(mem, s.class.p, s.class.len),
	    full_host(d, s.host, realm, mem),
	    arena_lower(mem, s.port.p, s.port.len),
	    arena_lower(mem, s.name.p, s.name.len));
}

/* Rule and subject: findings with the same key are one. */
static const char *
finding_key(const struct docket *d, const struct finding *f, struct arena *mem)
{
	const char *key = f->rule->id;
	int i;

	for (i = 0; i < SUBJECTS; i++)
		key = arena_printf(mem, "%s\n%s", key,
		    subject_key(d, f, i, mem));
	return key;
}

static bool
merged_match(const struct node *n, const void *key)
{
	return strcmp(((const struct merged *)n)->key, key) == 0;
}

static uint64_t
key_hash(const char *key)
{
	return hash_bytes(key, strlen(key));
}

/* --- merging ---------------------------------------------------------- */

void
finding_copy(struct finding *to, const struct finding *f, struct arena *mem)
{
	size_t i;

	*to = *f;
	to->arena = mem;
	for (i = 0; i < SUBJECTS; i++)
		to->subject[i] = arena_str(mem, str_of(f->subject[i]));
	for (i = 0; i < f->nparams; i++)
		to->params[i].value = arena_str(mem,
		    str_of(f->params[i].value));
	for (i = 0; i < f->nevidence; i++) {
		to->evidence[i].says = arena_str(mem,
		    str_of(f->evidence[i].says));
		to->evidence[i].source = arena_str(mem,
		    str_of(f->evidence[i].source));
	}
	for (i = 0; i < f->nexcluded; i++) {
		to->excluded[i].what = arena_str(mem,
		    str_of(f->excluded[i].what));
		to->excluded[i].because = arena_str(mem,
		    str_of(f->excluded[i].because));
	}
}

static struct merged *
merged_new(struct docket *d, const struct finding *f, const char *key)
{
	struct merged *m;

	if (!docket_make_room(d)) {
		d->not_kept++;
		return NULL;
	}
	m = pool_zeroed(sizeof(*m));
	m->index = d->made++;
	m->place = -1;
	finding_copy(&m->f, f, &m->mem);
	m->key = arena_str(&m->mem, str_of(key));
	table_add(&d->merged, &m->node, key_hash(key));
	if (d->nmerged == d->room) {
		d->room = d->room == 0 ? 16 : 2 * d->room;
		d->list = must_realloc(d->list, d->room, sizeof(*d->list));
	}
	d->list[d->nmerged++] = m;
	if (d->since)
		since_add(d, m);
	return m;
}

static bool
has_frame(const struct finding *f, const struct ref *ref)
{
	size_t i;

	for (i = 0; i < f->nevidence; i++)
		if (f->evidence[i].source == NULL &&
		    f->evidence[i].ref.frame == ref->frame &&
		    f->evidence[i].ref.capture == ref->capture)
			return true;
	return false;
}

/*
 * Frames of the first stories and of the last: the deciding frame of F is
 * added while there is room, and then replaces the one in the last place.
 */
static void
merge_evidence(struct merged *m, const struct finding *f)
{
	struct finding *to = &m->f;
	struct arena *mem = &m->mem;
	size_t i, at;

	for (i = 0; i < f->nevidence && i < 2; i++) {
		if (f->evidence[i].source != NULL ||
		    has_frame(to, &f->evidence[i].ref))
			continue;
		if (to->nevidence == FINDING_MAX_EVIDENCE) {
			if (i > 0)
				return;
			at = FINDING_MAX_EVIDENCE - 1;
			mem = &m->late;
			arena_free(mem);
		} else
			at = to->nevidence++;
		to->evidence[at] = f->evidence[i];
		to->evidence[at].says = arena_str(mem,
		    str_of(f->evidence[i].says));
		to->evidence[at].source = NULL;
	}
}

static void
merge_into(struct merged *m, const struct finding *f)
{
	struct finding old;

	if (f->certainty <= m->f.certainty) {
		merge_evidence(m, f);
		return;
	}
	old = m->f;
	finding_copy(&m->f, f, &m->mem);
	merge_evidence(m, &old);
}

/* Whom it hit; when findings take their share, sets of clients stay small. */
static void
merge_client(const struct docket *d, struct merged *m, const struct story *s)
{
	char text[ADDR_TEXT];
	const char *who = s->principal;

	if (who == NULL)
		who = addr_text(&s->client, text);
	if (crowd_add(&m->clients, hash_text(who, strlen(who)),
		d->octets < d->share / 2) &&
	    m->clients.count <= CLIENTS_NAMED)
		m->named[m->clients.count - 1] = arena_str(&m->mem,
		    str_of(who));
}

/* What the rule can be at most, and what came of the story. */
static enum impact
impact_of(const struct rule *rule, enum outcome outcome)
{
	enum impact impact;

	switch (outcome) {
	case OUTCOME_BROKEN:
		impact = IMPACT_BREAKS;
		break;
	case OUTCOME_DEGRADED:
		impact = IMPACT_DEGRADES;
		break;
	default:
		impact = rule->mild;
		if (impact > IMPACT_WEAKENS)
			impact = IMPACT_WEAKENS;
		if (impact == IMPACT_NONE)
			impact = IMPACT_REMARK;
		break;
	}
	return impact < rule->impact ? impact : rule->impact;
}

static void
merge_story(const struct docket *d, struct merged *m, const struct story *s)
{
	enum impact impact = impact_of(m->f.rule, s->outcome);
	int64_t start = docket_time(d, s, s->start);
	int64_t end = docket_time(d, s, since_seen(s));

	if (impact > m->impact)
		m->impact = impact;
	if (m->occurrences++ == 0 || start < m->first)
		m->first = start;
	if (end > m->last)
		m->last = end;
	if (m->nstories == FINDING_MAX_STORIES && d->lets_go)
		memmove(m->stories, m->stories + 1,
		    --m->nstories * sizeof(m->stories[0]));
	if (m->nstories < FINDING_MAX_STORIES)
		m->stories[m->nstories++] = s->id;
	merge_client(d, m, s);
}

/* Brings the octets that all findings take up to date for M. */
static void
merged_count(struct docket *d, struct merged *m)
{
	d->octets -= m->octets;
	m->octets = sizeof(*m) + m->mem.held + m->late.held +
	    crowd_octets(&m->clients);
	d->octets += m->octets;
}

/* --- one story -------------------------------------------------------- */

/* What is judged, and what of it is remembered. */
struct judging {
	struct docket *d;
	const struct story *s;
	unsigned is;       /* evidence of all that there is */
	struct look *look; /* NULL: nothing is */
	struct arena mem;
};

static void
verdict_note(struct rule_verdict *v, enum verdict verdict, unsigned missing)
{
	if (verdict != VERDICT_NOT_APPLICABLE)
		v->judged++;
	if (verdict == VERDICT_UNKNOWN)
		v->missing |= missing;
	if (verdict > v->verdict)
		v->verdict = verdict;
}

/* Whether somebody could not use a key: a ticket's, or a client's own. */
static bool
key_refused(const struct story *s)
{
	size_t i;

	for (i = 0; i < s->nattempts; i++)
		if (s->attempts[i].mech == MECH_KRB5 &&
		    s->attempts[i].answer == ANSWER_ERROR)
			return true;
	return story_kdc_error(s, KDC_ERR_PREAUTH_FAILED) != NULL ||
	    story_kdc_error(s, KRB_AP_ERR_BAD_INTEGRITY) != NULL ||
	    story_kdc_error(s, KRB_AP_ERR_MODIFIED) != NULL ||
	    story_kdc_error(s, KRB_AP_ERR_BADKEYVER) != NULL;
}

/*
 * Whether evidence of the kinds LACKING from the whole capture would have
 * said something of this story: a log-on that ended at the KDC never reached
 * a service, and one that went well needs no look at DNS.
 */
static bool
would_have_told(const struct story *s, unsigned lacking)
{
	if ((lacking & EVIDENCE_SERVICE) != 0)
		return s->nattempts == 0 &&
		    story_issued(s, EXCHANGE_TGS) != NULL;
	if ((lacking & EVIDENCE_KDC) != 0)
		return s->nattempts > 0;
	if ((lacking & EVIDENCE_KEYTAB) != 0 && !key_refused(s))
		return false;
	return s->outcome == OUTCOME_BROKEN || s->outcome == OUTCOME_DEGRADED;
}

/* F joins what other stories have of it. */
static void
judge_fired(struct docket *d, const struct finding *f, struct hit *hits,
    size_t *n)
{
	const char *key = finding_key(d, f, f->arena);
	struct merged *m;

	m = (struct merged *)table_find(&d->merged, key_hash(key), merged_match,
	    key);
	if (m != NULL) {
		merge_into(m, f);
		table_touch(&d->merged, &m->node);
	} else if ((m = merged_new(d, f, key)) == NULL)
		return;
	hits[*n].m = m;
	hits[*n].step = f->step;
	hits[*n].certainty = f->certainty;
	hits[*n].rests_on = f->rests_on;
	hits[*n].alike = 0;
	hits[*n].beaten = hits[*n].silenced = false;
	(*n)++;
}

/* Whether it is proven why the story went wrong: look-ups add nothing. */
static bool
is_settled(const struct hit *hits, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (hits[i].certainty == CERTAINTY_PROVEN &&
		    hits[i].step.frame != 0)
			return true;
	return false;
}

static void
said_again(void *docket, size_t rule, enum verdict verdict, unsigned missing)
{
	struct docket *d = docket;

	verdict_note(&d->verdicts[rule], verdict, missing);
	if (verdict == VERDICT_CLEAR)
		d->clear |= d->bits[rule];
}

static void
said(struct judging *j, const struct rule_verdict *v, enum verdict verdict,
    unsigned missing)
{
	size_t rule = (size_t)(v - j->d->verdicts);

	said_again(j->d, rule, verdict, missing);
	look_verdict(j->look, rule, verdict, missing);
}

/* Rules that were not asked, for lack of what they need. */
static void
judge_unasked(struct judging *j, bool settled)
{
	struct rule_verdict *v, *end = j->d->verdicts + rules_count;
	unsigned lacking;

	for (v = j->d->verdicts; v < end; v++) {
		lacking = v->rule->needs & ~j->is;
		if (lacking == 0 ||
		    (settled && (lacking & EVIDENCE_LOOKUPS) != 0))
			continue;
		if (would_have_told(j->s, lacking))
			said(j, v, VERDICT_UNKNOWN, lacking);
	}
}

/*
 * Every rule over one story.  Without the evidence that it needs, of all that
 * there is, a rule is not asked: it could only guess.
 */
static size_t
judge_rules(struct judging *j, struct finding list[HITS_MAX])
{
	struct rule_verdict *v, *end = j->d->verdicts + rules_count;
	struct finding f;
	enum verdict verdict;
	size_t n = 0;

	for (v = j->d->verdicts; v < end; v++) {
		if ((v->rule->needs & ~j->is) != 0)
			continue;
		finding_init(&f, v->rule, &j->mem);
		verdict = v->rule->check(j->s, j->d->ledger, &f);
		said(j, v, verdict, f.missing);
		if (verdict == VERDICT_FIRED && n < HITS_MAX)
			list[n++] = f;
	}
	return n;
}

bool
judge_has_failed(const struct story *s)
{
	return s->outcome == OUTCOME_BROKEN || s->outcome == OUTCOME_DEGRADED;
}

/* What the rules find in it now, or what was found before it was mended. */
static size_t
judge_all(struct judging *j, struct opinion **o, const struct mending *m,
    const struct looking *by, struct hit *hits)
{
	struct finding list[HITS_MAX];
	size_t n = judge_rules(j, list), i, nhits = 0;

	if (m != NULL && (judge_has_failed(j->s) || *o != NULL))
		n = opinion_form(o, j->s, m, list, n, HITS_MAX, &j->mem);
	for (i = 0; i < n; i++)
		judge_fired(j->d, &list[i], hits, &nhits);
	judge_unasked(j, is_settled(hits, nhits));
	if (j->look != NULL)
		look_end(j->look, by, j->s->end, list, n);
	return nhits;
}

/* What LOOK has of it. */
static size_t
judge_again(struct judging *j, const struct look *look, struct hit *hits)
{
	size_t n, i, nhits = 0;
	const struct finding *list = look_findings(look, &n);
	struct finding f;

	for (i = 0; i < n; i++) {
		f = list[i];
		f.arena = &j->mem;
		judge_fired(j->d, &f, hits, &nhits);
	}
	look_verdicts(look, said_again, j->d);
	return nhits;
}

/* The findings of S join those of D, and are ranked. */
static size_t
judge_hits(struct docket *d, const struct story *s, struct hit *hits, size_t n,
    uint64_t found[HITS_MAX])
{
	size_t i;
	bool matters = false;

	for (i = 0; i < n; i++) {
		if (d->since)
			since_fired(d, hits[i].m, s, &hits[i].step);
		merge_story(d, hits[i].m, s);
		merged_count(d, hits[i].m);
		hits[i].alike = rank_alike(s, &hits[i].step);
		if (impact_of(hits[i].m->f.rule, s->outcome) >= IMPACT_DEGRADES)
			matters = true;
	}
	rank_hits(hits, n);
	for (i = 0; i < n; i++)
		rank_alike_note(&hits[i]);
	if (matters)
		d->explained++;
	for (i = 0; i < n; i++)
		found[i] = hits[i].m->index;
	if (d->since)
		since_note(d, s, found, n);
	return n;
}

size_t
judge_story(struct docket *d, const struct story *s, struct opinion **o,
    const struct mending *m, uint64_t found[HITS_MAX])
{
	struct judging j = { .d = d, .s = s };
	struct hit hits[HITS_MAX] = { 0 };
	size_t n;

	docket_breathe(d);
	d->clear = 0;
	ledger_settle(d->ledger);
	j.is = ledger_evidence(d->ledger);
	n = judge_all(&j, o, m, NULL, hits);
	arena_free(&j.mem);
	return judge_hits(d, s, hits, n, found);
}

size_t
judge_look(struct docket *d, const struct story *s, struct look **look,
    const struct looking *by, uint64_t found[HITS_MAX])
{
	struct judging j = { .d = d, .s = s };
	struct hit hits[HITS_MAX] = { 0 };
	size_t n;

	d->clear = 0;
	ledger_settle(d->ledger);
	if (look_holds(*look, by))
		n = judge_again(&j, *look, hits);
	else {
		look_free(*look);
		*look = j.look = look_begin(by);
		j.is = ledger_evidence(d->ledger);
		n = judge_all(&j, NULL, NULL, by, hits);
	}
	arena_free(&j.mem);
	return judge_hits(d, s, hits, n, found);
}
