/*
 * collect-command.h - commands that export what a struct need lists.
 */
#ifndef ANALYZER_COLLECT_COMMAND_H
#define ANALYZER_COLLECT_COMMAND_H

#include "collect-need.h"

/* All texts live in the memory of the need. */
struct command {
	const char *platform; /* "windows", "unix", "any" */
	const char *where;    /* and as whom, a sentence */
	const char *run;      /* lines for a shell, or for PowerShell */
	unsigned needs;       /* EVIDENCE_* that it exports */
};

/*
 * The commands for N, *COUNT of them; the last gives back what they write.
 * AGAIN are the options that kerbscope was given.
 */
const struct command *
collect_commands(struct need *n, const char *again, size_t *count);

#endif
