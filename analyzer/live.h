/*
 * live.h - analysis that goes on: interfaces, and files that are looked at
 * while they are read.
 */
#ifndef ANALYZER_LIVE_H
#define ANALYZER_LIVE_H

#include "options.h"

/* `kerbscope live`: exit status. */
int live_command(const struct options *opt);
/* `kerbscope tui`: exit status. */
int tui_command(const struct options *opt);

#endif
