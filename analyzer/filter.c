/*
 * filter.c - see filter.h.  The text becomes steps in filter-parse.c, with
 * names from filter-name.c and values from filter-value.c.
 */
#include <stdlib.h>
#include <string.h>

#include "filter-store.h"
#include "table.h"

struct filter *
filter_new(const char *text, char error[FILTER_ERROR], size_t *at)
{
	struct filter_wrong w = { error, 0 };
	struct filter *f = must_calloc(1, sizeof(*f));

	*error = '\0';
	*at = 0;
	if (filter_parse(f, text, &w))
		return f;
	*at = w.at;
	filter_free(f);
	return NULL;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->ntests; i++)
		free(f->tests[i].text);
	free(f->tests);
	free(f->steps);
	free(f);
}

static bool
passes(const struct filter *f, struct filter_look *look)
{
	bool is = true;
	size_t i = 0;

	while (i < f->nsteps) {
		const struct filter_step *s = &f->steps[i++];

		if (s->what == FILTER_NOT) {
			is = !is;
		} else if (s->what != FILTER_TEST) {
			if (is == (s->what == FILTER_OR))
				i = s->to;
		} else {
			look->t = &f->tests[s->to];
			look->hit = false;
			filter_name_say(look);
			is = look->hit;
		}
	}
	return is;
}

bool
filter_story(const struct filter *f, const struct result *r, size_t i)
{
	struct filter_look look = { .r = r, .s = r->kept[i], .i = i };

	return passes(f, &look);
}

/* What is known of log-ons that are not kept: what the finding is about. */
static bool
subject_passes(const struct filter *f, const struct result *r,
    const struct cause *c)
{
	const char *const *subject = c->f.subject;
	const struct story s = {
		.outcome = c->impact == IMPACT_BREAKS ? OUTCOME_BROKEN :
		    c->impact == IMPACT_DEGRADES      ? OUTCOME_DEGRADED :
							OUTCOME_OK,
		.start = c->first,
		.end = c->last,
		.principal = subject[SUBJECT_ACCOUNT],
		.spn = subject[SUBJECT_SPN],
		.realm = subject[SUBJECT_REALM],
		.host = subject[SUBJECT_HOST] != NULL ? subject[SUBJECT_HOST] :
							subject[SUBJECT_NAME],
	};
	struct filter_look look = { .r = r, .s = &s, .c = c };

	return passes(f, &look);
}

bool
filter_subject(const struct filter *f, const struct result *r, size_t i)
{
	return subject_passes(f, r, &r->causes[i]);
}

bool
filter_lasts(const struct filter *f)
{
	for (size_t i = 0; i < f->ntests; i++)
		if (!filter_name_lasts(&f->tests[i]))
			return false;
	return true;
}

void
filter_choose(const struct filter *f, const struct result *r, bool *stories,
    bool *causes)
{
	size_t i, k;

	memset(causes, 0, r->ncauses * sizeof(*causes));
	for (i = 0; i < r->nkept; i++) {
		stories[i] = filter_story(f, r, i);
		for (k = 0; stories[i] && k < r->nfindings_of[i]; k++)
			causes[r->findings_of[i][k]] = true;
	}
	for (i = 0; i < r->ncauses; i++)
		if (!causes[i] && r->causes[i].nstories == 0)
			causes[i] = subject_passes(f, r, &r->causes[i]);
}
