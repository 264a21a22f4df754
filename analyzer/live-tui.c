/*
 * live-tui.c - the terminal's host: gives it views, writes its reports, keeps
 * what would have gone to stderr until the terminal is free again.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "live-inside.h"
#include "text.h"
#include "tui.h"

#ifdef HAVE_NCURSES

#	define HELD_MAX 100 /* lines for stderr */

static struct {
	char *lines[HELD_MAX];
	size_t n;
	uint64_t lost;
	char *latest; /* since the last report */
} held;

static void
hold(void *arg, const char *text)
{
	struct live *l = arg;

	if (held.n < HELD_MAX)
		held.lines[held.n++] = text_printf("%s", text);
	else
		held.lost++;
	free(held.latest);
	held.latest = text_printf("%s", text);
	if (l->tui != NULL)
		tui_notice(l->tui, text);
}

static void
release(void)
{
	message_to(NULL, NULL);
	for (size_t i = 0; i < held.n; i++) {
		message("%s", held.lines[i]);
		free(held.lines[i]);
	}
	if (held.lost > 0)
		message("and %llu lines more", (unsigned long long)held.lost);
	free(held.latest);
	held.latest = NULL;
	held.n = 0;
	held.lost = 0;
}

/* --- the host ------------------------------------------------------------ */

static const struct presenter *
presenter_of(const char *format)
{
	const struct presenter *const *p;

	for (p = presenters_all; *p != NULL; p++)
		if (strcmp((*p)->name, format) == 0)
			return *p;
	return NULL;
}

static bool
write_report(struct live *l, const struct presenter *p, const char *path)
{
	char *again = options_again(l->opt);
	const struct present_options how = { .verbose = l->opt->verbose,
		.again = again };
	int status = 0;
	struct output *o = output_open(path, &status);
	bool ok = o != NULL;

	if (ok) {
		p->present(l->result, &how, output_file(o));
		ok = output_commit(o);
	}
	free(again);
	return ok;
}

static bool
host_report(void *arg, const char *format, const char *path,
    char error[TUI_ERROR])
{
	struct live *l = arg;
	const struct presenter *p = presenter_of(format);

	if (p == NULL || l->result == NULL) {
		if (p == NULL)
			snprintf(error, TUI_ERROR, "there is no format %s",
			    format);
		else
			snprintf(error, TUI_ERROR, "nothing came yet");
		return false;
	}
	free(held.latest);
	held.latest = NULL;
	if (!run_is_input(l->opt, path) && write_report(l, p, path))
		return true;
	snprintf(error, TUI_ERROR, "%s",
	    held.latest == NULL ? "it could not be written" : held.latest);
	return false;
}

static bool
host_explain(void *arg, const char *rule, FILE *out)
{
	(void)arg;
	return explain_rule(rule, out);
}

/* --- what live asks for -------------------------------------------------- */

bool
live_tui_open(struct live *l)
{
	const struct tui_host host = { .arg = l,
		.report = host_report,
		.explain = host_explain };
	struct tui_options how = { .filter = l->opt->filter };
	char error[TUI_ERROR];

	how.color = l->opt->color == COLOR_ALWAYS ? TUI_COLOR_ALWAYS :
	    l->opt->color == COLOR_NEVER          ? TUI_COLOR_NEVER :
						    TUI_COLOR_AUTO;
	l->tui = tui_open(&how, &host, error);
	if (l->tui == NULL) {
		message("%s", error);
		return false;
	}
	message_to(hold, l);
	return true;
}

/* The first interface that is not up, in words. */
static const char *
trouble_of(const struct live *l, char buf[SAY_FACE])
{
	const struct sensor_face *f;

	for (size_t i = 0; l->sensor != NULL; i++) {
		f = sensor_face(l->sensor, i);
		if (f == NULL)
			break;
		if (!f->up)
			return say_face(f, buf);
	}
	return NULL;
}

static void
status_of(const struct live *l, struct tui_status *st, char buf[SAY_FACE])
{
	*st = (struct tui_status){
		.live = l->sensor != NULL,
		.done = l->over,
		.share = l->over ? 100 : -1,
		.packets = l->packets,
		.trouble = trouble_of(l, buf),
	};
	if (l->feed == NULL) {
		st->what = feed_base(l->opt->inputs[0]);
		return;
	}
	st->what = feed_what(l->feed);
	if (!l->over)
		st->share = feed_share(l->feed);
	st->dropped = feed_dropped(l->feed);
	st->gaps = feed_gaps(l->feed, l->run.dissector);
}

void
live_tui_show(struct live *l)
{
	char buf[SAY_FACE];
	struct tui_status st;

	status_of(l, &st, buf);
	tui_show(l->tui, l->result, &st);
}

void
live_tui_notice(struct live *l, const char *text)
{
	tui_notice(l->tui, text);
}

bool
live_tui_over(const struct live *l)
{
	return l->tui != NULL && tui_over(l->tui);
}

void
live_tui_input(struct live *l)
{
	if (l->tui != NULL && tui_input(l->tui))
		(void)tui_draw(l->tui);
}

int
live_tui_draw(struct live *l)
{
	return tui_draw(l->tui);
}

void
live_tui_close(struct live *l)
{
	if (l->tui == NULL)
		return;
	tui_close(l->tui);
	l->tui = NULL;
	release();
}

void (*live_tui_rescue(void))(void)
{
	return tui_rescue;
}

#else

bool
live_tui_open(struct live *l)
{
	(void)l;
	message("this kerbscope was built without ncurses: it has no screens");
	return false;
}

void
live_tui_show(struct live *l)
{
	(void)l;
}

void
live_tui_notice(struct live *l, const char *text)
{
	(void)l;
	(void)text;
}

bool
live_tui_over(const struct live *l)
{
	(void)l;
	return false;
}

void
live_tui_input(struct live *l)
{
	(void)l;
}

int
live_tui_draw(struct live *l)
{
	(void)l;
	return -1;
}

void
live_tui_close(struct live *l)
{
	(void)l;
}

void (*live_tui_rescue(void))(void)
{
	return NULL;
}

#endif
