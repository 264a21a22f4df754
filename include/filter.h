/*
 * filter.h - an expression that log-ons are chosen by: --filter and the
 * terminal's filter line.
 *
 *   outcome != ok && service ~ "cifs*"
 *   (error == 24 || error == 18) && client == 10.0.0.7
 *   principal ~ "anna@*" and not carrier == dns
 *
 * Names are `outcome carrier client principal service spn realm server rule`
 * and the names of the fields of events (event.def) that a story keeps.
 * Operators are == != < <= > >= ~ (a pattern with * and ?, without regard to
 * case) and !~; a name alone asks whether it is there.  && || ! and ( ) or
 * the words and, or, not join them.  A log-on has many messages: a comparison
 * with a field holds if it holds for one of them (!= and !~: for none that
 * has it equal).
 */
#ifndef KERBSCOPE_FILTER_H
#define KERBSCOPE_FILTER_H

#include "presenter.h"

#define FILTER_ERROR 128

struct filter;

/*
 * Compiles TEXT; NULL with a sentence in ERROR (without foreign control
 * characters) and the octet of TEXT that it is about in *AT.  Text of any
 * length and nesting ends well; an empty one lets everything pass.
 */
struct filter *
filter_new(const char *text, char error[FILTER_ERROR], size_t *at);

/* Whether the log-on kept as number I of R is chosen.  Under a microsecond. */
bool filter_story(const struct filter *f, const struct result *r, size_t i);

/*
 * Whether what is said of a log-on that has ended stays so, whatever is learnt
 * later: it hangs neither on findings nor on the names of hosts.
 */
bool filter_lasts(const struct filter *f);

/*
 * Whether cause I of R, none of whose log-ons is kept, would be chosen by its
 * own subject.
 */
bool filter_subject(const struct filter *f, const struct result *r, size_t i);

/*
 * All of R, in one walk: STORIES has room for R->nkept, CAUSES for R->ncauses.
 * A cause is chosen when one of its log-ons is, or when none is kept, by its
 * subject.
 */
void filter_choose(const struct filter *f, const struct result *r,
    bool *stories, bool *causes);

void filter_free(struct filter *f);

/* The I-th name that can be used, with its help; NULL past the last. */
const char *filter_name(size_t i, const char **help);

#endif
