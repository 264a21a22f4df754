/*
 * live-log.c - --json-log: an object a line, for each change of a finding or
 * of what is listened to.  Keys are those of the report where they mean the
 * same.
 */
#include "config.h"
#include "live-say.h"
#include "present-json.h"

static struct json
begin(struct logfile *l, int64_t time, const char *change)
{
	struct json j = { .out = logfile_line(l),
		.flat = true,
		.first = { true } };

	json_open(&j, NULL, '{');
	if (time != 0)
		json_put_time(&j, "time", time);
	json_put_text(&j, "change", change);
	return j;
}

static void
end(struct json *j, struct logfile *l)
{
	json_close(j, '}');
	putc('\n', j->out);
	logfile_commit(l);
}

static void
put_cause(struct json *j, const struct change_note *n)
{
	const struct cause *c = n->cause;

	json_put_time(j, "first", c->first);
	json_put_time(j, "last", c->last);
	if (c->ok_last != 0) {
		json_put_number(j, "ok_since", c->ok_since);
		json_put_time(j, "ok_last", c->ok_last);
	}
	json_put_text(j, "who", c->who);
	if (n->change == CHANGE_CLEARED || n->change == CHANGE_RETRACTED)
		return;
	json_evidence(j, &c->f);
	json_fix(j, c->fix);
}

void
log_change(struct logfile *l, const struct change_note *n)
{
	struct json j = begin(l, n->time, change_names[n->change]);

	json_put_text(&j, "rule", n->rule);
	json_put_text(&j, "title", n->title);
	json_put_text(&j, "impact", impact_names[n->impact]);
	json_put_text(&j, "certainty", certainty_names[n->certainty]);
	json_subject(&j, n->subject);
	json_put_number(&j, "occurrences", n->occurrences);
	if (n->again)
		json_put_bool(&j, "again", true);
	json_put_text(&j, "because", n->because);
	if (n->cause != NULL)
		put_cause(&j, n);
	end(&j, l);
}

static void
put_summary(struct json *j, const struct result *r)
{
	json_put_text(j, "verdict", r->verdict);
	json_put_number(j, "stories", r->stories);
	json_put_number(j, "ok", r->ok);
	json_put_number(j, "broken", r->broken);
	json_put_number(j, "degraded", r->degraded);
	json_put_number(j, "unseen", r->unseen);
	json_put_number(j, "causes", r->ncause);
}

void
log_state(struct logfile *l, const struct state_note *n)
{
	static const char *const names[] = {
		[STATE_STARTED] = "started",
		[STATE_INTERFACE] = "interface",
		[STATE_DROPS] = "drops",
		[STATE_CLOCK] = "clock",
		[STATE_STOPPED] = "stopped",
	};
	struct json j = begin(l, n->time, names[n->state]);

	if (n->state == STATE_STARTED) {
		json_put_text(&j, "schema", "kerbscope.log/1");
		json_put_text(&j, "version", PACKAGE_VERSION);
		json_put_text(&j, "what", n->what);
	}
	json_put_text(&j, "interface", n->interface);
	if (n->state == STATE_INTERFACE)
		json_put_bool(&j, "up", n->up);
	json_put_text(&j, "because", n->because);
	if (n->state == STATE_DROPS)
		json_put_number(&j, "dropped", n->dropped);
	if (n->state == STATE_CLOCK)
		json_put_seconds(&j, "shift", n->shift);
	if (n->result != NULL)
		put_summary(&j, n->result);
	end(&j, l);
}
