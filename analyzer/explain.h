/*
 * explain.h - the pages of the rules: `kerbscope explain RULE` and
 * `kerbscope rules`.
 */
#ifndef ANALYZER_EXPLAIN_H
#define ANALYZER_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes the page of rule ID; false, with a line on stderr that names rules
 * of nearly that name, when there is none.
 */
bool explain_rule(const char *id, FILE *out);

/* Writes a line a rule: id, impact, title. */
void explain_rules(FILE *out);

#endif
