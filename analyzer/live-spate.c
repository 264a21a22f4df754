/*
 * live-spate.c - how many changes people are told of: somebody who tries a
 * thousand names fills no mailbox.  Programs, by --json-log, are told of all.
 */
#include <string.h>

#include "bounds.h"
#include "live-say.h"
#include "rule.h"
#include "table.h"

/* Of one rule. */
struct told {
	int64_t since; /* packet time */
	unsigned n;
};

struct spates {
	size_t nrules;
	struct told rules[];
};

struct spates *
spates_new(void)
{
	struct spates *s;

	s = must_calloc(1, sizeof(*s) + rules_count * sizeof(s->rules[0]));
	s->nrules = rules_count;
	return s;
}

enum spate
spates_look(struct spates *s, const struct change_note *n)
{
	struct told *t = s->rules;
	size_t i;

	for (i = 0; i < s->nrules; i++, t++)
		if (strcmp(rules_all[i]->id, n->rule) == 0)
			break;
	if (i == s->nrules)
		return SPATE_NONE;
	if (t->n == 0 || n->time < t->since ||
	    n->time - t->since > SPATE_WITHIN)
		*t = (struct told){ .since = n->time };
	if (t->n > SPATE_MOST)
		return SPATE_MORE;
	return t->n++ < SPATE_MOST ? SPATE_NONE : SPATE_BEGINS;
}
