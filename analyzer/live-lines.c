/*
 * live-lines.c - what changes, as lines of text: where there is no terminal,
 * or no wish for one.
 *
 *   14:02:11 opened    breaks (likely): FS1$ does not know its password any
 *                      more [key-machine-password-out-of-sync]
 *                      who:   anna@FJORD.TEST and 2 others
 *                      proof: frame 812: FS1$ refuses what ...
 *                      fix:   net ads changetrustpw
 */
#include <inttypes.h>
#include <stdlib.h>

#include "live-say.h"
#include "text.h"

#define COLUMN 19
#define UNDER "                   "
#define DEEPER UNDER "       "

/* The day stands above the lines of that day. */
static void
stamp(FILE *out, int64_t time, const char *what)
{
	static char day[TIME_TEXT];
	char buf[TIME_TEXT];

	time_text(time, buf);
	if (strncmp(day, buf, 10) != 0) {
		strcpy(day, buf);
		fprintf(out, "%.10s UTC\n", day);
	}
	fprintf(out, "%.8s %-9s ", buf + 11, what);
}

static void
labelled(FILE *out, const char *label, const char *text)
{
	fprintf(out, UNDER "%-7s", label);
	text_wrap(out, COLUMN + 7, DEEPER, text);
}

static void
show_proof(FILE *out, const struct finding *f)
{
	char *text;

	if (f->nevidence == 0)
		return;
	text = f->evidence[0].source != NULL ?
	    text_printf("%s: %s", f->evidence[0].source, f->evidence[0].says) :
	    text_printf("frame %" PRIu64 ": %s", f->evidence[0].ref.frame,
		f->evidence[0].says);
	labelled(out, "proof:", text);
	free(text);
}

/* A command is never broken, so that it can be pasted. */
static void
show_fix(FILE *out, const struct cause *c)
{
	const struct fix *fix = say_fix(c);
	char *comment;

	if (fix == NULL)
		return;
	fputs(UNDER "fix:   ", out);
	escape_text(out, fix->run);
	putc('\n', out);
	comment = text_fix_comment(fix);
	if (*comment != '\0') {
		fputs(DEEPER, out);
		text_wrap(out, COLUMN + 7, DEEPER, comment);
	}
	free(comment);
}

static void
show_more(FILE *out, const struct change_note *n)
{
	const struct cause *c = n->cause;

	if (n->impact <= IMPACT_REMARK)
		return;
	if (c->who != NULL)
		labelled(out, "who:", c->who);
	show_proof(out, &c->f);
	show_fix(out, c);
}

void
lines_change(FILE *out, const struct change_note *n)
{
	char *text;

	/* That somebody took an address for a name once is one line. */
	if (n->impact <= IMPACT_REMARK && n->change != CHANGE_OPENED)
		return;
	text = say_change(n);
	stamp(out, n->time, change_names[n->change]);
	text_wrap(out, COLUMN, UNDER, text);
	free(text);
	if (n->change == CHANGE_OPENED)
		show_more(out, n);
}

void
lines_state(FILE *out, const struct state_note *n)
{
	static const char *const names[] = {
		[STATE_STARTED] = "started",
		[STATE_INTERFACE] = "interface",
		[STATE_DROPS] = "drops",
		[STATE_CLOCK] = "clock",
		[STATE_SPATE] = "many",
		[STATE_STOPPED] = "stopped",
	};

	if (n->time == 0) {
		text_wrap(out, 0, "", n->text);
		return;
	}
	stamp(out, n->time, names[n->state]);
	text_wrap(out, COLUMN, UNDER, n->text);
}
