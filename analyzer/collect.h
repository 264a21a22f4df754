/*
 * collect.h - `kerbscope collect`: the commands that export what the open
 * findings of a capture need, for the person who has the rights.
 */
#ifndef ANALYZER_COLLECT_H
#define ANALYZER_COLLECT_H

#include "presenter.h"

/* What presents the commands in the format of P. */
const struct presenter *collect_presenter(const struct presenter *p);

#endif
