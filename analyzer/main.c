/*
 * main.c - the commands of kerbscope, and what `read` does: inputs to
 * events, events to a result, the result to its reports.
 *
 * Exit status: 0 nothing that breaks, degrades or weakens; 1 a cause that
 * does; 2 a wrong command line or input; 3 something else failed.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "audit.h"
#include "collect.h"
#include "dissect.h"
#include "engine.h"
#include "event-json.h"
#include "explain.h"
#include "live.h"
#include "memory.h"
#include "merge.h"
#include "options.h"
#include "output.h"
#include "probe.h"
#include "progress.h"
#include "text.h"

enum { STATUS_WRONG = 2, STATUS_FAILED = 3 };

struct run {
	const struct options *opt;
	struct engine *engine;
	struct dissector *dissector;
	struct merge *merge;
	struct probes *probes;
	struct output *events; /* NULL: not asked for */
	struct output *reports[OPTIONS_OUTPUTS];
	bool collect; /* not the report: what would prove it */
	int status;   /* the worst so far */
};

static void
worsen(struct run *run, int status)
{
	if (status > run->status)
		run->status = status;
}

/* Every event goes to the event file, if there is one, and to the engine. */
static void
take_event(void *arg, const struct event *ev)
{
	struct run *run = arg;

	if (run->events != NULL)
		event_json_write(output_file(run->events), ev);
	engine_event(run->engine, ev);
}

/* A report over the capture it is made from would destroy the evidence. */
static bool
is_input(const struct options *opt, const char *path)
{
	struct stat in, out;

	if (path == NULL || stat(path, &out) != 0 || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < opt->ninputs; i++)
		if (stat(opt->inputs[i], &in) == 0 && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino) {
			message("%s: is an input, and not overwritten", path);
			return true;
		}
	return false;
}

static struct output *
open_output(struct run *run, const char *path)
{
	int status = STATUS_WRONG;
	struct output *o = NULL;

	if (!is_input(run->opt, path))
		o = output_open(path, &status);
	if (o == NULL)
		worsen(run, status);
	return o;
}

/* Opened before the work, so that a wrong path is known at once. */
static bool
open_outputs(struct run *run)
{
	const struct options *opt = run->opt;
	const char *events = opt->events;

	for (size_t i = 0; i < opt->noutputs; i++) {
		run->reports[i] = open_output(run, opt->outputs[i].path);
		if (run->reports[i] == NULL)
			return false;
	}
	if (events == NULL)
		return true;
	run->events = open_output(run,
	    strcmp(events, "-") == 0 ? NULL : events);
	return run->events != NULL;
}

static bool
set_decodes(struct run *run)
{
	const struct options *opt = run->opt;
	char *names = text_printf("%s", ""), *more;
	bool ok = true;
	size_t i, k;

	for (i = 0; ok && i < opt->ndecodes; i++)
		ok = dissect_decode_as(run->dissector,
		    opt->decodes[i].transport, opt->decodes[i].port,
		    opt->decodes[i].carrier);
	for (k = 0; !ok && dissect_carrier_name(k) != NULL; k++) {
		more = text_printf("%s%s%s", names, k == 0 ? "" : " ",
		    dissect_carrier_name(k));
		free(names);
		names = more;
	}
	if (!ok) {
		message("--decode: no carrier is called %s; there are: %s",
		    opt->decodes[i - 1].carrier, names);
		worsen(run, STATUS_WRONG);
	}
	free(names);
	return ok;
}

/* False when there is nothing to report on. */
static bool
read_inputs(struct run *run)
{
	const struct options *opt = run->opt;
	size_t good = 0;

	if (!probes_open(run->probes))
		worsen(run, STATUS_WRONG);
	for (size_t i = 0; i < opt->ninputs; i++) {
		if (merge_add(run->merge, opt->inputs[i]))
			good++;
		else
			worsen(run, STATUS_WRONG);
	}
	if (good == 0)
		return false;
	progress_start();
	if (!merge_read(run->merge, run->dissector))
		worsen(run, STATUS_FAILED);
	dissect_finish(run->dissector);
	if (!merge_finish(run->merge, run->dissector))
		worsen(run, STATUS_WRONG);
	if (!probes_finish(run->probes))
		worsen(run, STATUS_WRONG);
	return true;
}

static bool
want_color(const struct options *opt, const char *path)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (opt->color != COLOR_AUTO)
		return opt->color == COLOR_ALWAYS;
	return path == NULL && isatty(STDOUT_FILENO) == 1 &&
	    (no == NULL || *no == '\0') &&
	    (term == NULL || strcmp(term, "dumb") != 0);
}

static bool
commit(struct run *run, struct output **o)
{
	bool ok = *o == NULL || output_commit(*o);

	if (!ok)
		worsen(run, STATUS_FAILED);
	*o = NULL;
	return ok;
}

/* No report could be written where it should go: a disk is full. */
static void
last_resort(const struct run *run, const struct result *result)
{
	const struct options *opt = run->opt;
	const struct presenter *p = run->collect ?
	    collect_presenter(&presenter_text) :
	    &presenter_text;
	const struct present_options how = { .verbose = opt->verbose };
	FILE *out = stdout;

	for (size_t i = 0; i < opt->noutputs; i++)
		if (opt->outputs[i].path == NULL)
			out = stderr;
	message("the report follows here instead");
	p->present(result, &how, out);
	fflush(out);
}

static void
write_reports(struct run *run, const struct result *result)
{
	const struct options *opt = run->opt;
	char *again = options_again(opt);
	struct present_options how = { .verbose = opt->verbose,
		.again = again };
	bool written = false;

	for (size_t i = 0; i < opt->noutputs; i++) {
		how.color = want_color(opt, opt->outputs[i].path);
		opt->outputs[i].presenter->present(result, &how,
		    output_file(run->reports[i]));
		if (commit(run, &run->reports[i]))
			written = true;
	}
	if (opt->noutputs > 0 && !written)
		last_resort(run, result);
	free(again);
	commit(run, &run->events);
	if (!run->collect)
		worsen(run, result_status(result));
}

static void
run_analysis(struct run *run)
{
	if (!set_decodes(run) || !open_outputs(run) || !read_inputs(run))
		return;
	write_reports(run, engine_finish(run->engine));
}

static int
analyse(const struct options *opt, bool collect)
{
	const struct engine_options limits = {
		.skew = opt->skew,
		.memory = opt->memory,
	};
	struct run run = { .opt = opt, .collect = collect };

	if (opt->ninputs == 0) {
		message("no capture was named; see kerbscope --help");
		return STATUS_WRONG;
	}
	memory_begin();
	run.engine = engine_new(&limits);
	run.probes = probes_new(opt, take_event, &run);
	run.dissector = dissect_new(probes_event, run.probes);
	run.merge = merge_new(opt->ninputs, probes_event, run.probes);
	run_analysis(&run);
	for (size_t i = 0; i < OPTIONS_OUTPUTS; i++)
		output_abort(run.reports[i]);
	output_abort(run.events);
	merge_free(run.merge);
	dissect_free(run.dissector);
	probes_free(run.probes);
	engine_free(run.engine);
	return run.status;
}

static int
command_read(const struct options *opt)
{
	return analyse(opt, false);
}

/* As `read`, but shows what would prove the findings, not the findings. */
static int
command_collect(const struct options *opt)
{
	struct options o = *opt;

	for (size_t i = 0; i < o.noutputs; i++)
		o.outputs[i].presenter = collect_presenter(
		    o.outputs[i].presenter);
	return analyse(&o, true);
}

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
} commands[] = {
	{ "read", "[read] [OPTION]... CAPTURE...",
	    "analyse captures, print a report", command_read },
	{ "collect", "collect [OPTION]... CAPTURE...",
	    "print what exports the look-ups that would prove it",
	    command_collect },
	{ "audit", "audit --ldif FILE | --ldap URI",
	    "what is wrong in the directory, without traffic", audit_command },
	{ "explain", "explain RULE", "why a rule is right, and its fix",
	    command_explain },
	{ "rules", "rules", "every rule: id, impact, title", command_rules },
	{ "live", "live -i NAME... [OPTION]...",
	    "analyse interfaces as it happens", live_command },
	{ "tui", "tui [OPTION]... CAPTURE...|-i NAME...",
	    "walk through captures, or interfaces, on the terminal",
	    tui_command },
	{ NULL, NULL, NULL, NULL },
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
	     "compressed; - is standard\ninput.\n");
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
		return c->run(&opt);
	}
}
