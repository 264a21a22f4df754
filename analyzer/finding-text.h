/*
 * finding-text.h - the texts of a rule with the names of a finding filled
 * in.
 */
#ifndef ANALYZER_FINDING_TEXT_H
#define ANALYZER_FINDING_TEXT_H

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "finding.h"
#include "rule.h"

/*
 * An empty finding of RULE whose texts live in MEM.  Every rule gets one for
 * every story: what is counted is not cleared.
 */
static inline void
finding_init(struct finding *f, const struct rule *rule, struct arena *mem)
{
	memset(f, 0, offsetof(struct finding, params));
	f->nparams = f->nevidence = f->nexcluded = 0;
	f->rule = rule;
	f->arena = mem;
}

/*
 * TEMPLATE with {key} and {key|default} filled in from F; NULL for NULL.  A
 * COMMAND is pasted into a shell: a value that holds anything but letters,
 * digits and -._/@:$\ is not put in, its default or <KEY> stands instead.
 */
const char *finding_fill(const struct finding *f, const char *template,
    bool command, struct arena *mem);

/* Its fixes or else the rule's, names filled in; the last has no platform. */
const struct fix *finding_fixes(const struct finding *f, struct arena *mem);

#endif
