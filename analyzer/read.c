/*
 * read.c - `kerbscope read` and `kerbscope collect`: inputs to events, events
 * to a result, the result to its reports.
 */
#include "collect.h"
#include "merge.h"
#include "progress.h"
#include "read.h"
#include "run.h"
#include "text.h"

/* False when there is nothing to report on. */
static bool
read_inputs(struct run *run, struct merge *merge)
{
	const struct options *opt = run->opt;
	size_t good = 0;

	if (!probes_open(run->probes))
		run_worsen(run, STATUS_WRONG);
	for (size_t i = 0; i < opt->ninputs; i++) {
		if (merge_add(merge, opt->inputs[i]))
			good++;
		else
			run_worsen(run, STATUS_WRONG);
	}
	if (good == 0)
		return false;
	progress_start();
	if (!merge_read(merge, run->dissector))
		run_worsen(run, STATUS_FAILED);
	dissect_finish(run->dissector);
	if (!merge_finish(merge, run->dissector))
		run_worsen(run, STATUS_WRONG);
	if (!probes_finish(run->probes))
		run_worsen(run, STATUS_WRONG);
	return true;
}

static int
analyse(const struct options *opt, bool collect)
{
	const struct engine_options limits = {
		.skew = opt->skew,
		.memory = opt->memory,
	};
	struct run run = { .collect = collect };
	struct merge *merge;

	if (opt->ninputs == 0) {
		message("no capture was named; see kerbscope --help");
		return STATUS_WRONG;
	}
	run_begin(&run, opt, &limits);
	merge = merge_new(opt->ninputs, run_event, &run);
	if (run_decodes(&run) && run_open_outputs(&run) &&
	    read_inputs(&run, merge))
		run_write(&run, engine_finish(run.engine));
	merge_free(merge);
	run_end(&run);
	return run.status;
}

int
read_command(const struct options *opt)
{
	return analyse(opt, false);
}

/* As `read`, but shows what would prove the findings, not the findings. */
int
collect_command(const struct options *opt)
{
	struct options o = *opt;

	for (size_t i = 0; i < o.noutputs; i++)
		o.outputs[i].presenter = collect_presenter(
		    o.outputs[i].presenter);
	return analyse(&o, true);
}
