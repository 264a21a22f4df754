/*
 * live-syslog.c - --syslog, and the journal: a message for each change, for
 * people; how urgent it is says the impact.
 */
#include <stdlib.h>
#include <syslog.h>

#include "live-say.h"
#include "text.h"

void
syslog_begin(void)
{
	openlog("kerbscope", LOG_NDELAY | LOG_PID, LOG_DAEMON);
}

static int
priority(const struct change_note *n)
{
	static const int by_impact[] = {
		[IMPACT_NONE] = LOG_INFO,
		[IMPACT_REMARK] = LOG_INFO,
		[IMPACT_WEAKENS] = LOG_NOTICE,
		[IMPACT_DEGRADES] = LOG_WARNING,
		[IMPACT_BREAKS] = LOG_ERR,
	};

	if (n->change == CHANGE_CLEARED || n->change == CHANGE_RETRACTED)
		return n->impact <= IMPACT_REMARK ? LOG_INFO : LOG_NOTICE;
	return by_impact[n->impact];
}

/* In memory that the caller frees, without anything a terminal obeys. */
static char *
change_line(const struct change_note *n)
{
	const struct fix *fix = n->change == CHANGE_OPENED ? say_fix(n->cause) :
							     NULL;
	char *text = say_change(n), *line, *shown;

	line = text_printf("%s: %s%s%s", change_names[n->change], text,
	    fix == NULL ? "" : "; fix: ", fix == NULL ? "" : fix->run);
	shown = text_escaped(line);
	free(line);
	free(text);
	return shown;
}

static int
state_priority(const struct state_note *n)
{
	bool bad = n->state == STATE_DROPS || n->state == STATE_CLOCK ||
	    (n->state == STATE_INTERFACE && !n->up);

	return bad ? LOG_WARNING : LOG_INFO;
}

void
syslog_change(const struct change_note *n)
{
	char *line = change_line(n);

	syslog(priority(n), "%s", line);
	free(line);
}

void
syslog_state(const struct state_note *n)
{
	char *line = text_escaped(n->text);

	syslog(state_priority(n), "%s", line);
	free(line);
}

void
journal_change(FILE *out, const struct change_note *n)
{
	char *line = change_line(n);

	fprintf(out, "<%d>%s\n", priority(n), line);
	free(line);
}

void
journal_state(FILE *out, const struct state_note *n)
{
	fprintf(out, "<%d>", state_priority(n));
	escape_text(out, n->text);
	putc('\n', out);
}
