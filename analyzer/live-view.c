/*
 * live-view.c - views, and who is shown them: what was found before, lines,
 * logs, evidence, metrics, the terminal.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "live-inside.h"
#include "memory.h"
#include "result-filter.h"
#include "text.h"

#define TRIM_EVERY 300 /* views: minutes */

/* --- what has changed ---------------------------------------------------- */

static void
notice_change(struct live *l, const struct change_note *n)
{
	char *text, *line;

	/*
	 * What is new stands on the screen anyway, and counts do.  What was
	 * thought while a file was half read is of no use at its end.
	 */
	if (n->change == CHANGE_OPENED || n->change == CHANGE_COUNTED ||
	    l->sensor == NULL)
		return;
	text = say_change(n);
	line = text_printf("%s: %s", change_names[n->change], text);
	live_tui_notice(l, line);
	free(line);
	free(text);
}

static void
tell_change(const struct live *l, const struct change_note *n)
{
	if (l->lines == LINES_TEXT)
		lines_change(stdout, n);
	else if (l->lines == LINES_JOURNAL)
		journal_change(stdout, n);
	if (l->opt->syslog)
		syslog_change(n);
}

static void
tell_state(const struct live *l, const struct state_note *n)
{
	if (l->lines == LINES_TEXT)
		lines_state(stdout, n);
	else if (l->lines == LINES_JOURNAL)
		journal_state(stdout, n);
	if (l->opt->syslog)
		syslog_state(n);
}

static void
tell_spate(const struct live *l, const struct change_note *n)
{
	struct state_note many = { .state = STATE_SPATE, .time = n->time };
	char *text = text_printf("%s: more than %d changes in a minute; the "
				 "report and --json-log have those that follow",
	    n->rule, SPATE_MOST);

	many.text = text;
	tell_state(l, &many);
	free(text);
}

void
live_change(void *arg, const struct change_note *n)
{
	struct live *l = arg;

	if (l->log != NULL)
		log_change(l->log, n);
	switch (spates_look(l->spates, n)) {
	case SPATE_NONE:
		tell_change(l, n);
		break;
	case SPATE_BEGINS:
		tell_spate(l, n);
		break;
	default:
		break;
	}
	if (l->tui != NULL)
		notice_change(l, n);
}

void
live_state(struct live *l, struct state_note *n)
{
	n->time = l->now;
	tell_state(l, n);
	if (l->log != NULL)
		log_state(l->log, n);
	/* How it begins and ends the screen says anyway. */
	if (l->tui != NULL && n->state != STATE_STARTED &&
	    n->state != STATE_STOPPED)
		live_tui_notice(l, n->text);
}

/* --- what is written as it comes ----------------------------------------- */

/* Whether anybody but the reader of the lines profits from going on. */
static bool
others(const struct live *l)
{
	const struct options *o = l->opt;
	bool files = false;

	for (size_t i = 0; i < o->noutputs; i++)
		files |= o->outputs[i].path != NULL;
	return files || l->log != NULL || o->syslog || l->evidence != NULL ||
	    l->metrics != NULL || l->run.events != NULL;
}

/* `| head` has seen enough; a disk that is full may have room again. */
static void
flush_lines(struct live *l)
{
	if (l->lines == LINES_NONE || fflush(stdout) == 0)
		return;
	l->lines = LINES_NONE;
	if (errno == EPIPE) {
		l->unread = true;
		l->enough |= !others(l);
		return;
	}
	message("standard output: %s; lines are lost, the report will have it "
		"all",
	    strerror(errno));
	run_worsen(&l->run, STATUS_FAILED);
}

static void
flush_events(struct live *l)
{
	struct run *run = &l->run;

	if (run->events == NULL || fflush(run->events) == 0)
		return;
	message("%s: %s; no more events are written",
	    strcmp(l->opt->events, "-") == 0 ? "standard output" :
					       l->opt->events,
	    strerror(errno));
	run_worsen(run, STATUS_FAILED);
	if (run->events != stdout)
		fclose(run->events);
	run->events = NULL;
}

static void
show(struct live *l)
{
	if (l->evidence != NULL)
		evidence_view(l->evidence, l->result);
	if (l->metrics != NULL)
		metrics_view(l->metrics, l->result, l->sensor);
	flush_lines(l);
	flush_events(l);
	if (l->tui != NULL)
		live_tui_show(l);
}

/* --filter is for what is told as well. */
static const struct result *
filtered(const struct live *l, struct arena *mem)
{
	return result_filter(l->result, l->opt->filter, mem);
}

void
live_view(struct live *l, enum engine_depth depth)
{
	struct arena mem = { 0 };

	probes_tell(l->run.probes);
	feed_count(l->feed, l->run.dissector, engine_event, l->run.engine);
	l->result = engine_view(l->run.engine, depth);
	l->news = 0;
	watch_look(l->watch, filtered(l, &mem));
	arena_free(&mem);
	if (++l->views % TRIM_EVERY == 0)
		memory_trim();
	show(l);
}

void
live_final(struct live *l)
{
	struct arena mem = { 0 };

	l->result = engine_finish(l->run.engine);
	watch_finish(l->watch, filtered(l, &mem));
	arena_free(&mem);
	live_stopped(l);
	show(l);
}
