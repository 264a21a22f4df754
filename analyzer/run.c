/*
 * run.c - what is made of the options for one analysis, and its reports.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect.h"
#include "event-json.h"
#include "memory.h"
#include "result-filter.h"
#include "run.h"
#include "text.h"

void
run_worsen(struct run *run, int status)
{
	if (status > run->status)
		run->status = status;
}

/* --- events -------------------------------------------------------------- */

/* Every event goes to the event file, if there is one, and to the engine. */
static void
take_event(void *arg, const struct event *ev)
{
	struct run *run = arg;

	if (run->events != NULL)
		event_json_write(run->events, ev);
	engine_event(run->engine, ev);
	if (run->also != NULL)
		run->also(run->arg, ev);
}

void
run_event(void *arg, const struct event *ev)
{
	const struct run *run = arg;

	probes_event(run->probes, ev);
}

void
run_begin(struct run *run, const struct options *opt,
    const struct engine_options *limits)
{
	run->opt = opt;
	memory_begin();
	run->engine = engine_new(limits);
	run->probes = probes_new(opt, take_event, run);
	run->dissector = dissect_new(probes_event, run->probes);
}

void
run_end(struct run *run)
{
	for (size_t i = 0; i < OPTIONS_OUTPUTS; i++)
		output_abort(run->reports[i]);
	output_abort(run->events_file);
	dissect_free(run->dissector);
	probes_free(run->probes);
	engine_free(run->engine);
}

bool
run_decodes(struct run *run)
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
		run_worsen(run, STATUS_WRONG);
	}
	free(names);
	return ok;
}

/* --- outputs ------------------------------------------------------------- */

bool
run_is_input(const struct options *opt, const char *path)
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

struct output *
run_open(struct run *run, const char *path)
{
	int status = STATUS_WRONG;
	struct output *o = NULL;

	if (!run_is_input(run->opt, path))
		o = output_open(path, &status);
	if (o == NULL)
		run_worsen(run, status);
	return o;
}

bool
run_open_outputs(struct run *run)
{
	const struct options *opt = run->opt;
	const char *events = opt->events;

	for (size_t i = 0; i < opt->noutputs; i++) {
		run->reports[i] = run_open(run, opt->outputs[i].path);
		if (run->reports[i] == NULL)
			return false;
	}
	if (events == NULL)
		return true;
	run->events_file = run_open(run,
	    strcmp(events, "-") == 0 ? NULL : events);
	if (run->events_file == NULL)
		return false;
	run->events = output_file(run->events_file);
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

bool
run_present(const struct run *run, size_t i, const struct result *result,
    FILE *out)
{
	const struct options *opt = run->opt;
	char *again = options_again(opt);
	const struct present_options how = {
		.color = want_color(opt, opt->outputs[i].path),
		.verbose = opt->verbose,
		.again = again,
	};
	struct arena mem = { 0 };
	const struct result *shown = result_filter(result, opt->filter, &mem);
	bool ok = opt->outputs[i].presenter->present(shown, &how, out);

	arena_free(&mem);
	free(again);
	return ok;
}

static bool
commit(struct run *run, struct output **o)
{
	bool ok = *o == NULL || output_commit(*o);

	if (!ok)
		run_worsen(run, STATUS_FAILED);
	*o = NULL;
	return ok;
}

void
run_last_resort(const struct run *run, const struct result *result)
{
	const struct options *opt = run->opt;
	const struct presenter *p = run->collect ?
	    collect_presenter(&presenter_text) :
	    &presenter_text;
	const struct present_options how = { .verbose = opt->verbose };
	struct arena mem = { 0 };
	FILE *out = stdout;

	for (size_t i = 0; i < opt->noutputs; i++)
		if (opt->outputs[i].path == NULL)
			out = stderr;
	message("the report follows here instead");
	p->present(result_filter(result, opt->filter, &mem), &how, out);
	arena_free(&mem);
	fflush(out);
}

void
run_write(struct run *run, const struct result *result)
{
	const struct options *opt = run->opt;
	bool written = false;

	for (size_t i = 0; i < opt->noutputs; i++) {
		run_present(run, i, result, output_file(run->reports[i]));
		if (commit(run, &run->reports[i]))
			written = true;
	}
	if (opt->noutputs > 0 && !written)
		run_last_resort(run, result);
	commit(run, &run->events_file);
	run->events = NULL;
	if (!run->collect)
		run_worsen(run, result_status(result));
}
