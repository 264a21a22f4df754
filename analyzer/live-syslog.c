/*
 * live-syslog.c - --syslog, and the journal: a message for each change, for
 * people; how urgent it is says the impact.
 *
 * RFC 3164 as /dev/log takes it.  syslog(3) is not used: it waits when nobody
 * reads, and makes a socket when the daemon was restarted, which a confined
 * process may not.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "live-say.h"
#include "text.h"

#define LOG_SOCKET "/dev/log"

static int log_fd = -1;
static uint64_t log_lost;

bool
syslog_begin(void)
{
	log_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (log_fd < 0)
		message("--syslog: %s", strerror(errno));
	return log_fd >= 0;
}

static bool
post(const char *text)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX,
		.sun_path = LOG_SOCKET };

	return sendto(log_fd, text, strlen(text), MSG_NOSIGNAL,
		   (struct sockaddr *)&to, sizeof(to)) >= 0;
}

/* What is lost is counted, and said when the log takes messages again. */
static void
post_line(int urgency, const char *line)
{
	time_t now = time(NULL);
	char when[32] = "", *text;
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL)
		strftime(when, sizeof(when), "%b %e %H:%M:%S", &tm);
	text = text_printf("<%d>%s kerbscope[%d]: %s", LOG_DAEMON | urgency,
	    when, (int)getpid(), line);
	if (!post(text)) {
		if (log_lost++ == 0)
			message("%s: %s; messages are lost", LOG_SOCKET,
			    strerror(errno));
	} else if (log_lost > 0) {
		message("%s: takes messages again; %" PRIu64 " were lost",
		    LOG_SOCKET, log_lost);
		log_lost = 0;
	}
	free(text);
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

	post_line(priority(n), line);
	free(line);
}

void
syslog_state(const struct state_note *n)
{
	char *line = text_escaped(n->text);

	post_line(state_priority(n), line);
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
