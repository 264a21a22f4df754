/*
 * live.c - `kerbscope live` and `kerbscope tui`: one poll() over what comes
 * in, the keyboard and whoever asks for metrics.
 *
 * With interfaces the order matters.  sensor_start() splits: the process that
 * was started keeps what it takes to open interfaces, and this one, which
 * parses, opens all its files with the rights that it still has; confine()
 * takes them away before the first frame.
 */
#include <errno.h>
#include <net/if.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "live.h"
#include "live-inside.h"
#include "memory.h"
#include "read.h"
#include "signals.h"
#include "source.h"
#include "text.h"

/* --- what is opened ------------------------------------------------------ */

static bool
open_events(struct live *l)
{
	const char *path = l->opt->events;
	struct run *run = &l->run;

	if (path == NULL)
		return true;
	if (run_is_input(l->opt, path)) {
		run_worsen(run, STATUS_WRONG);
		return false;
	}
	run->events = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (run->events == NULL) {
		run_worsen(run, output_status(errno));
		message("%s: %s", path, strerror(errno));
	}
	return run->events != NULL;
}

static bool
open_log(struct live *l)
{
	const char *path = l->opt->json_log;

	if (path == NULL)
		return true;
	if (run_is_input(l->opt, path)) {
		run_worsen(&l->run, STATUS_WRONG);
		return false;
	}
	l->log = logfile_open(path);
	if (l->log == NULL)
		run_worsen(&l->run, output_status(errno));
	return l->log != NULL;
}

static void
metrics_take(void *m, const struct event *ev)
{
	metrics_event(m, ev);
}

static bool
open_others(struct live *l)
{
	const struct options *o = l->opt;

	if (o->evidence != NULL) {
		l->evidence = evidence_new(o->evidence, o->evidence_size);
		if (l->evidence == NULL)
			return false;
		if (l->sensor != NULL)
			evidence_give(l->evidence, o->user);
	}
	if (o->metrics != NULL) {
		l->metrics = metrics_open(o->metrics);
		if (l->metrics == NULL)
			return false;
		l->run.also = metrics_take;
		l->run.arg = l->metrics;
	}
	return !o->syslog || syslog_begin();
}

/* What is wrong with a look-up is said; the rest is of use. */
static bool
open_files(struct live *l)
{
	if (!run_decodes(&l->run) || !live_report_open(l) || !open_events(l) ||
	    !open_log(l))
		return false;
	if (!open_others(l)) {
		run_worsen(&l->run, STATUS_WRONG);
		return false;
	}
	return true;
}

/* --- who is told --------------------------------------------------------- */

/* Standard output is for lines unless something else goes there. */
static void
choose_lines(struct live *l)
{
	const struct options *o = l->opt;
	bool taken = o->quiet;

	taken |= o->json_log != NULL && strcmp(o->json_log, "-") == 0;
	taken |= o->events != NULL && strcmp(o->events, "-") == 0;
	for (size_t i = 0; i < o->noutputs; i++)
		taken |= o->outputs[i].path == NULL &&
		    o->outputs[i].presenter != &presenter_text;
	if (!taken)
		l->lines = text_is_journal(STDOUT_FILENO) ? LINES_JOURNAL :
							    LINES_TEXT;
}

/* False when there is nothing to show it on. */
static bool
open_screen(struct live *l)
{
	if (!l->screens || l->tui != NULL)
		return true;
	if (live_tui_open(l)) {
		if (l->feed == NULL)
			live_tui_show(l);
		return true;
	}
	signals_unscreened();
	l->screens = false;
	if (l->lines_instead)
		choose_lines(l);
	else
		run_worsen(&l->run, STATUS_WRONG);
	return l->lines_instead;
}

/* Whether an input may let us wait before it says anything: a pipe. */
static bool
waits(const struct options *o)
{
	struct stat sb;

	for (size_t i = 0; i < o->ninputs; i++)
		if (stat(o->inputs[i], &sb) == 0 && !S_ISREG(sb.st_mode) &&
		    !S_ISDIR(sb.st_mode))
			return true;
	return false;
}

static bool
open_feed(struct live *l)
{
	const struct feed_sink sink = { live_frame, live_event, l };
	int status = 0;

	/* It may ask for passwords, which ^C ends. */
	if (!probes_open(l->run.probes))
		run_worsen(&l->run, STATUS_WRONG);
	signals_begin(l->screens ? live_tui_rescue() : NULL);
	source_wait(live_wait, l);
	if (waits(l->opt) && !open_screen(l))
		return false;
	if (l->sensor != NULL)
		l->feed = feed_sensor(l->sensor, &sink);
	else
		l->feed = feed_files(l->opt->inputs, l->opt->ninputs, &sink,
		    &status);
	/* Who ends it before anything came is not told that it was empty. */
	if (!live_tui_over(l))
		run_worsen(&l->run, status);
	return l->feed != NULL;
}

/* --- the course of it ---------------------------------------------------- */

void
live_end(struct live *l)
{
	struct run *run = &l->run;

	if (l->over)
		return;
	l->over = true;
	if (!feed_end(l->feed, run->dissector))
		run_worsen(run, STATUS_WRONG);
	if (!probes_finish(run->probes))
		run_worsen(run, STATUS_WRONG);
	live_faces(l);
	live_final(l);
}

/* As confine() chooses. */
static const char *
user_of(const struct options *o)
{
	if (geteuid() != 0)
		return NULL;
	if (o->user != NULL)
		return o->user;
	return getpwnam("kerbscope") != NULL ? "kerbscope" : "nobody";
}

static bool
confined(struct live *l)
{
	unsigned able = CONFINE_FILES;

	if (l->sensor == NULL)
		return true;
	l->user = user_of(l->opt);
	if (l->tui != NULL)
		able |= CONFINE_TERMINAL;
	if (l->metrics != NULL)
		able |= CONFINE_ACCEPT;
	if (!confine(l->opt->user, able)) {
		run_worsen(&l->run, STATUS_FAILED);
		return false;
	}
	if (l->evidence == NULL || evidence_ready(l->evidence))
		return true;
	run_worsen(&l->run, STATUS_WRONG);
	return false;
}

static void
know_oneself(struct live *l)
{
	const struct sensor_face *f;

	if (l->sensor == NULL)
		return;
	sensor_self(run_event, &l->run);
	for (size_t i = 0; (f = sensor_face(l->sensor, i)) != NULL; i++) {
		l->faces[i].up = true; /* so that it is told if it is not */
		if (l->evidence != NULL)
			evidence_interface(l->evidence, (int)i, f->name);
	}
}

/* What was a file on the screen was seen; an interface is gone for good. */
static void
show_end(struct live *l)
{
	bool seen = l->tui != NULL && l->sensor == NULL;

	live_tui_close(l);
	if (l->sensor != NULL && sensor_orphaned(l->sensor))
		message(
		    "the process that was started is gone: this is the end");
	live_report(l, !seen);
	run_worsen(&l->run, result_status(l->result));
}

static void
run_live(struct live *l)
{
	if (!open_files(l) || !open_feed(l))
		return;
	if (!l->screens)
		choose_lines(l);
	if (!open_screen(l))
		return;
	know_oneself(l);
	if (!confined(l))
		return;
	live_report_settle(l);
	live_started(l);
	live_loop(l);
	live_end(l);
	show_end(l);
}

static void
free_live(struct live *l)
{
	live_tui_close(l);
	live_report_close(l);
	logfile_close(l->log);
	if (l->run.events != NULL && l->run.events != stdout &&
	    fclose(l->run.events) != 0) {
		message("%s: %s", l->opt->events, strerror(errno));
		run_worsen(&l->run, STATUS_FAILED);
	}
	if (l->evidence != NULL)
		evidence_free(l->evidence);
	if (l->metrics != NULL)
		metrics_close(l->metrics);
	watch_free(l->watch);
	free(l->spates);
	feed_free(l->feed);
	if (l->sensor != NULL)
		sensor_free(l->sensor);
	run_end(&l->run);
}

/* The end of a large file takes long enough for a key. */
static void
breathe(void *arg)
{
	struct live *l = arg;

	live_tui_input(l);
	if (l->tui != NULL)
		(void)live_tui_draw(l);
}

static int
analyse(const struct options *opt, bool screens, bool lines_instead)
{
	struct live l = { .opt = opt,
		.screens = screens,
		.lines_instead = lines_instead };
	const struct engine_options limits = {
		.skew = opt->skew,
		.memory = opt->memory,
		.views = true,
		.live = opt->ninterfaces > 0,
		.breathe = screens ? breathe : NULL,
		.breathe_arg = &l,
	};
	int status = STATUS_FAILED;

	if (opt->ninterfaces > 0) {
		l.sensor = sensor_start(opt, &status);
		if (l.sensor == NULL)
			return status;
	}
	l.watch = watch_new(live_change, &l);
	l.spates = spates_new();
	run_begin(&l.run, opt, &limits);
	if (opt->ninterfaces > 0 || !screens)
		memory_steady();
	run_live(&l);
	free_live(&l);
	return l.run.status;
}

/* --- the commands -------------------------------------------------------- */

static char *
interfaces(void)
{
	struct if_nameindex *list = if_nameindex(), *i;
	char *names = text_printf("%s", ""), *more;

	for (i = list; i != NULL && i->if_index != 0; i++) {
		more = text_printf("%s%s, ", names, i->if_name);
		free(names);
		names = more;
	}
	if (list != NULL)
		if_freenameindex(list);
	more = text_printf("%sany", names);
	free(names);
	return more;
}

static bool
is_sensible(const struct options *o, const char *command)
{
	char *names;

	if (o->ninterfaces > 0 && o->ninputs > 0) {
		message("%s: %s is a capture; either captures or -i, not both",
		    command, o->inputs[0]);
		return false;
	}
	if (o->ninterfaces == 0 && o->face_option != NULL) {
		message("--%s goes with -i NAME", o->face_option);
		return false;
	}
	if (o->nldaps > 0) {
		message("%s: whoever parses packets may not ask a directory "
			"meanwhile: give it as --ldif FILE",
		    command);
		return false;
	}
	if (o->ninterfaces > 0 || o->ninputs > 0)
		return true;
	names = interfaces();
	message("%s needs %s: -i NAME; there are: %s", command,
	    strcmp(command, "tui") == 0 ? "a capture, or an interface" :
					  "an interface",
	    names);
	free(names);
	return false;
}

static bool
is_terminal(void)
{
	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

int
live_command(const struct options *opt)
{
	struct live l = { .opt = opt };
	bool screens;

	if (!is_sensible(opt, "live"))
		return STATUS_WRONG;
	choose_lines(&l);
	screens = opt->ninterfaces > 0 && l.lines == LINES_TEXT &&
	    is_terminal() && live_tui_rescue() != NULL;
	return analyse(opt, screens, true);
}

static bool
reads_stdin(const struct options *opt)
{
	for (size_t i = 0; i < opt->ninputs; i++)
		if (strcmp(opt->inputs[i], "-") == 0)
			return true;
	return false;
}

int
tui_command(const struct options *opt)
{
	if (!is_sensible(opt, "tui"))
		return STATUS_WRONG;
	if (!is_terminal())
		return opt->ninputs > 0 ? read_command(opt) :
					  analyse(opt, false, true);
	if (reads_stdin(opt)) {
		message("tui: the keyboard is standard input; save the capture "
			"to a file first");
		return STATUS_WRONG;
	}
	return analyse(opt, true, false);
}
