/*
 * main.c - the commands of kerbscope.
 *
 * Exit status: 0 nothing that breaks, degrades or weakens; 1 a cause that
 * does; 2 a wrong command line or input; 3 something else failed.
 */
#include <string.h>

#include "config.h"
#include "audit.h"
#include "collect.h"
#include "explain.h"
#include "live.h"
#include "read.h"
#include "run.h"
#include "text.h"

/* Ends what was written to standard output. */
static int
close_stdout(int status)
{
	int failed = STATUS_FAILED;
	struct output *o = output_open(NULL, &failed);

	return o != NULL && output_commit(o) ? status : failed;
}

static int
command_explain(const struct options *opt)
{
	if (opt->ninputs != 1) {
		message("explain needs one rule; see: kerbscope rules");
		return STATUS_WRONG;
	}
	if (!explain_rule(opt->inputs[0], stdout))
		return STATUS_WRONG;
	return close_stdout(0);
}

static int
command_rules(const struct options *opt)
{
	if (opt->ninputs != 0) {
		message("rules takes no arguments");
		return STATUS_WRONG;
	}
	explain_rules(stdout);
	return close_stdout(0);
}

static const struct command {
	const char *name;
	const char *usage;
	const char *help;
	int (*run)(const struct options *opt);
	bool goes_on; /* the options of live are of use */
} commands[] = {
	{ "read", "[read] [OPTION]... CAPTURE...",
	    "analyse captures, print a report", read_command, false },
	{ "live", "live -i NAME... [OPTION]...",
	    "analyse interfaces as it happens", live_command, true },
	{ "tui", "tui [OPTION]... CAPTURE...|-i NAME...",
	    "the same, on the screens of a terminal", tui_command, true },
	{ "collect", "collect [OPTION]... CAPTURE...",
	    "print what exports the look-ups that would prove it",
	    collect_command, false },
	{ "audit", "audit --ldif FILE | --ldap URI",
	    "what is wrong in the directory, without traffic", audit_command,
	    false },
	{ "explain", "explain RULE", "why a rule is right, and its fix",
	    command_explain, false },
	{ "rules", "rules", "every rule: id, impact, title", command_rules,
	    false },
	{ NULL, NULL, NULL, NULL, false },
};

static int
show_help(void)
{
	const struct command *c;

	puts("kerbscope finds why Kerberos log-ons fail, from captures of "
	     "their traffic.\n");
	for (c = commands; c->name != NULL; c++)
		printf("  kerbscope %-31s  %s\n", c->usage, c->help);
	puts("\nA CAPTURE is pcap, pcapng or an event file, plain or "
	     "compressed; - is standard\ninput.  live takes captures too, as "
	     "if they were arriving.\n");
	options_help(stdout);
	puts("\nExit status: 0 nothing that breaks, degrades or weakens; "
	     "1 a cause that does;\n2 a wrong command line or input; "
	     "3 something else failed.");
	return close_stdout(0);
}

static const struct command *
command_of(const char *word)
{
	const struct command *c;

	for (c = commands; c->name != NULL; c++)
		if (word != NULL && strcmp(c->name, word) == 0)
			return c;
	return NULL;
}

/* What a command has no use for is not passed over in silence. */
static int
run_command(const struct command *c, const struct options *opt)
{
	if (opt->live_option != NULL && !c->goes_on) {
		message("--%s goes with live and tui, not with %s",
		    opt->live_option, c->name);
		return STATUS_WRONG;
	}
	return c->run(opt);
}

int
main(int argc, char **argv)
{
	const struct command *c = command_of(argc > 1 ? argv[1] : NULL);
	struct options opt;

	if (c != NULL) {
		argc--;
		argv++;
	} else {
		c = &commands[0];
	}
	switch (options_read(argc, argv, &opt)) {
	case OPTIONS_HELP:
		return show_help();
	case OPTIONS_VERSION:
		puts(PACKAGE_STRING);
		return close_stdout(0);
	case OPTIONS_WRONG:
		return STATUS_WRONG;
	default:
		return run_command(c, &opt);
	}
}
