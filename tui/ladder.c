/*
 * ladder.c - the rows of a ladder: steps, pauses, and which message decided.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ladder-parts.h"
#include "memory.h"

#define GAP_LEAST SECOND /* a pause that is shown */

/* --- what decided ------------------------------------------------------------ */

static bool
same(const struct ref *a, const struct ref *b)
{
	return a->frame != 0 && a->frame == b->frame &&
	    a->capture == b->capture;
}

/* The step that says what became of the look-up of which REF is a part. */
static size_t
step_of_lookup(const struct story *s, const struct ref *ref)
{
	for (size_t i = 0; i < s->nlookups; i++) {
		const struct lookup *k = &s->lookups[i];

		if (k->name == NULL ||
		    (!same(ref, &k->query) && !same(ref, &k->reply)))
			continue;
		for (size_t n = 0; n < s->nsteps; n++)
			if (s->steps[n].what != NULL &&
			    strncmp(s->steps[n].what, "DNS: ", 5) == 0 &&
			    strstr(s->steps[n].what, k->name) != NULL)
				return n;
	}
	return SIZE_MAX;
}

/* The step of S at REF; of several the one that says no. SIZE_MAX: none. */
static size_t
step_at(const struct story *s, const struct ref *ref)
{
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < s->nsteps; i++) {
		const struct step *t = &s->steps[i];

		if (!same(&t->ref, ref))
			continue;
		if (found == SIZE_MAX || t->result == STEP_ERROR)
			found = i;
	}
	return found != SIZE_MAX ? found : step_of_lookup(s, ref);
}

static void
mark(struct ladder *l, size_t step, enum ladder_mark how)
{
	for (size_t i = 0; i < l->nrows; i++)
		if (l->rows[i].step == step && l->rows[i].mark < how)
			l->rows[i].mark = how;
}

/* Marks what C cites of S; false when it cites nothing of it. */
static bool
mark_cited(struct ladder *l, const struct story *s, const struct cause *c)
{
	bool any = false;
	size_t step;

	for (size_t i = 0; i < c->f.nevidence; i++) {
		if (c->f.evidence[i].source != NULL)
			continue;
		step = step_at(s, &c->f.evidence[i].ref);
		if (step == SIZE_MAX)
			continue;
		mark(l, step, any ? MARK_CITED : MARK_DECIDING);
		any = true;
	}
	return any;
}

static int
by_id(const void *id, const void *at)
{
	const uint64_t *want = id;
	const struct story *const *s = at;

	return (*want > (*s)->id) - (*want < (*s)->id);
}

/* The kept story ID that has ended; NULL when there is none. */
static const struct story *
kept(const struct result *r, uint64_t id)
{
	const struct story *const *found;

	if (r->nkept <= r->nopen)
		return NULL;
	found = bsearch(&id, r->kept, r->nkept - r->nopen, sizeof(*r->kept),
	    by_id);
	return found == NULL ? NULL : *found;
}

/* Whether both say the same, to the eye of a rule. */
static bool
alike(const struct step *a, const struct step *b)
{
	size_t n = strcspn(a->what == NULL ? "" : a->what, " ");

	return a->result == b->result && a->code == b->code &&
	    a->what != NULL && b->what != NULL &&
	    strncmp(a->what, b->what, n) == 0;
}

/*
 * A finding cites few of its log-ons.  In the others the last step like the
 * one that decided in the first of them decides.
 */
static void
mark_alike(struct ladder *l, const struct result *r, const struct story *s,
    const struct cause *c)
{
	const struct story *first;
	size_t step;

	if (c->nstories == 0 || c->f.nevidence == 0 ||
	    c->f.evidence[0].source != NULL)
		return;
	first = kept(r, c->stories[0]);
	step = first == NULL ? SIZE_MAX : step_at(first, &c->f.evidence[0].ref);
	if (step == SIZE_MAX)
		return;
	for (size_t i = s->nsteps; i > 0; i--)
		if (alike(&first->steps[step], &s->steps[i - 1])) {
			mark(l, i - 1, MARK_DECIDING);
			return;
		}
}

static void
mark_all(struct ladder *l, const struct ladder_input *in)
{
	size_t i;

	for (i = 0; i < l->nrows; i++)
		if (l->rows[i].result == STEP_ERROR)
			l->rows[i].mark = MARK_ERROR;
	for (i = 0; i < in->ncauses; i++)
		if (!mark_cited(l, in->s, in->causes[i]))
			mark_alike(l, in->r, in->s, in->causes[i]);
}

/* --- rows ------------------------------------------------------------------------ */

static struct ladder_row *
add_row(struct ladder *l)
{
	struct ladder_row *row = &l->rows[l->nrows++];

	row->step = SIZE_MAX;
	return row;
}

static void
add_remark(struct ladder *l, char *what)
{
	struct ladder_row *row = add_row(l);

	row->kind = ROW_REMARK;
	row->what = what;
}

static bool
is_silence(const struct step *t)
{
	const char *what = t->what == NULL ? "" : t->what;

	return strncmp(what, "no answer", 9) == 0 ||
	    strncmp(what, "DNS: no answer", 14) == 0;
}

static char *
what_of(const struct step *t)
{
	const char *what = t->what == NULL ? "" : t->what;

	if (t->code_name == NULL || strstr(what, t->code_name) != NULL)
		return text_printf("%s", what);
	return text_printf("%s: %s", what, t->code_name);
}

static void
add_step(struct ladder *l, const struct story *s, size_t i)
{
	const struct step *t = &s->steps[i];
	int64_t pause = i == 0 ? 0 : t->ref.time - s->steps[i - 1].ref.time;
	struct ladder_row *row;

	if (pause >= GAP_LEAST) {
		row = add_row(l);
		row->kind = ROW_GAP;
		row->time = pause;
	}
	row = add_row(l);
	row->kind = ROW_STEP;
	row->step = i;
	row->time = t->ref.time;
	row->what = what_of(t);
	row->result = t->result;
	row->lost = is_silence(t);
	ladder_between(l, s, t, &row->from, &row->to);
}

static void
add_rows(struct ladder *l, const struct story *s)
{
	if (s->cut_start)
		add_remark(l, text_printf("began before the capture"));
	for (size_t i = 0; i < s->nsteps && i < STORY_MAX_STEPS; i++)
		add_step(l, s, i);
	if (s->not_kept > 0)
		add_remark(l,
		    text_printf("and %u step%s more", s->not_kept,
			s->not_kept == 1 ? "" : "s"));
	else if (s->nsteps == 0)
		add_remark(l, text_printf("no message of it is kept"));
}

/* --- the whole ----------------------------------------------------------------------- */

void
ladder_time(const struct ladder *l, const struct ladder_row *row,
    char buf[LADDER_TIME])
{
	int64_t t = row->time, day = 86400 * SECOND;
	int frac;

	if (row->kind == ROW_GAP) {
		snprintf(buf, LADDER_TIME, "%.1f s", (double)t / 1e6);
		return;
	}
	if (!l->absolute) {
		snprintf(buf, LADDER_TIME, "%+.*f", l->decimals,
		    (double)(t - l->start) / 1e6);
		return;
	}
	t = t < 0 ? 0 : t % day / (l->decimals == 4 ? 100 : 1000);
	frac = l->decimals == 4 ? 10000 : 1000;
	snprintf(buf, LADDER_TIME, "%02d:%02d:%02d.%0*d",
	    (int)(t / frac / 3600), (int)(t / frac / 60 % 60),
	    (int)(t / frac % 60), l->decimals, (int)(t % frac));
}

static void
measure_times(struct ladder *l)
{
	char buf[LADDER_TIME];
	int n;

	l->decimals = l->w < 60 ? 3 : 4;
	l->timew = l->decimals + 4;
	for (size_t i = 0; i < l->nrows; i++) {
		if (l->rows[i].kind != ROW_STEP)
			continue;
		ladder_time(l, &l->rows[i], buf);
		n = (int)strlen(buf);
		if (n > l->timew)
			l->timew = n;
	}
}

struct ladder *
ladder_new(const struct ladder_input *in, int w)
{
	struct ladder *l = memory_zeroed(1, sizeof(*l));

	l->utf8 = in->utf8;
	l->absolute = in->absolute;
	l->start = in->s->start;
	l->w = w < 1 ? 1 : w;
	l->cells = memory_zeroed((size_t)l->w, sizeof(*l->cells));
	(void)ladder_column(l, LADDER_CLIENT, &in->s->client);
	add_rows(l, in->s);
	mark_all(l, in);
	ladder_names(l, in);
	measure_times(l);
	ladder_lay(l);
	return l;
}

void
ladder_free(struct ladder *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->nrows; i++)
		free(l->rows[i].what);
	for (size_t i = 0; i < l->ncolumns; i++)
		free(l->columns[i].name);
	free(l->cells);
	free(l);
}

size_t
ladder_heads(const struct ladder *l)
{
	return l->list ? 0 : 2;
}

size_t
ladder_rows(const struct ladder *l)
{
	return l->nrows;
}

size_t
ladder_step(const struct ladder *l, size_t i)
{
	return i < l->nrows ? l->rows[i].step : SIZE_MAX;
}

size_t
ladder_row(const struct ladder *l, size_t step)
{
	for (size_t i = 0; i < l->nrows; i++)
		if (l->rows[i].step == step && step != SIZE_MAX)
			return i;
	return l->nrows == 0 ? 0 : l->nrows - 1;
}

size_t
ladder_deciding(const struct ladder *l)
{
	for (size_t i = 0; i < l->nrows; i++)
		if (l->rows[i].mark == MARK_DECIDING)
			return i;
	return SIZE_MAX;
}
