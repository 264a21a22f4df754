/*
 * present-json.c - the report as one JSON object, kerbscope.report/1, keys
 * in one order; tests/report/schema.json says which, and scripts rely on them.
 * What does not apply is left out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event-json.h"
#include "presenter.h"
#include "table.h"

#define DEPTH_MAX 16

/* Writes in order, two spaces a level; `first` of the innermost container. */
struct json {
	FILE *out;
	int depth;
	bool first[DEPTH_MAX];
};

static void
begin_line(struct json *j)
{
	if (!j->first[j->depth])
		putc(',', j->out);
	j->first[j->depth] = false;
	if (j->depth > 0)
		fprintf(j->out, "\n%*s", 2 * j->depth, "");
}

/* KEY is NULL inside a list. */
static void
begin_value(struct json *j, const char *key)
{
	begin_line(j);
	if (key != NULL)
		fprintf(j->out, "\"%s\": ", key);
}

static void
open_container(struct json *j, const char *key, char bracket)
{
	begin_value(j, key);
	putc(bracket, j->out);
	j->first[++j->depth] = true;
}

static void
close_container(struct json *j, char bracket)
{
	bool empty = j->first[j->depth--];

	if (!empty)
		fprintf(j->out, "\n%*s", 2 * j->depth, "");
	putc(bracket, j->out);
}

static void
put_text(struct json *j, const char *key, const char *text)
{
	if (text == NULL)
		return;
	begin_value(j, key);
	json_text(j->out, text, strlen(text));
}

static void
put_number(struct json *j, const char *key, uint64_t n)
{
	begin_value(j, key);
	fprintf(j->out, "%" PRIu64, n);
}

static void
put_signed(struct json *j, const char *key, int64_t n)
{
	begin_value(j, key);
	fprintf(j->out, "%" PRId64, n);
}

static void
put_bool(struct json *j, const char *key, bool b)
{
	begin_value(j, key);
	fputs(b ? "true" : "false", j->out);
}

static void
put_time(struct json *j, const char *key, int64_t t)
{
	char buf[TIME_TEXT];

	put_text(j, key, time_text(t, buf));
}

static void
put_addr(struct json *j, const char *key, const struct addr *a)
{
	char buf[ADDR_TEXT];

	if (a->family != 0)
		put_text(j, key, addr_text(a, buf));
}

/* Microseconds as seconds, exactly. */
static void
put_seconds(struct json *j, const char *key, int64_t usec)
{
	uint64_t v = usec < 0 ? -(uint64_t)usec : (uint64_t)usec;

	begin_value(j, key);
	fprintf(j->out, "%s%" PRIu64 ".%06" PRIu64, usec < 0 ? "-" : "",
	    v / 1000000, v % 1000000);
}

static void
put_captures(struct json *j, const struct result *r)
{
	open_container(j, "captures", '[');
	for (size_t i = 0; i < r->ncaptures; i++) {
		const struct capture_info *c = &r->captures[i];

		open_container(j, NULL, '{');
		put_text(j, "path", c->path == NULL ? "" : c->path);
		put_text(j, "format",
		    c->format == NULL ? "unknown" : c->format);
		put_number(j, "packets", c->packets);
		put_number(j, "bytes", c->bytes);
		if (c->packets > 0) {
			put_time(j, "first", c->first);
			put_time(j, "last", c->last);
		}
		if (c->damaged)
			put_bool(j, "damaged", true);
		close_container(j, '}');
	}
	close_container(j, ']');
}

static void
put_quality(struct json *j, const struct quality *q)
{
	open_container(j, "quality", '{');
	put_number(j, "frames_short", q->frames_short);
	put_number(j, "tcp_gaps", q->tcp_gaps);
	put_number(j, "malformed", q->malformed);
	put_number(j, "unread_link_types", q->unread_link_types);
	put_number(j, "dropped_by_kernel", q->dropped_by_kernel);
	put_number(j, "stories_not_kept", q->stories_not_kept);
	put_number(j, "steps_not_kept", q->steps_not_kept);
	put_number(j, "stories_cut", q->stories_cut);
	put_number(j, "findings_not_kept", q->findings_not_kept);
	put_number(j, "facts_not_kept", q->facts_not_kept);
	put_number(j, "fragments_lost", q->fragments_lost);
	put_number(j, "duplicates", q->duplicates);
	put_number(j, "flows_dropped", q->flows_dropped);
	put_number(j, "damaged", q->damaged_captures);
	put_number(j, "times_unknown", q->times_unknown);
	close_container(j, '}');
}

static void
put_summary(struct json *j, const struct result *r)
{
	open_container(j, "summary", '{');
	put_text(j, "verdict", r->verdict);
	put_number(j, "stories", r->stories);
	put_number(j, "ok", r->ok);
	put_number(j, "broken", r->broken);
	put_number(j, "degraded", r->degraded);
	put_number(j, "unseen", r->unseen);
	put_number(j, "causes", r->ncause);
	close_container(j, '}');
}

static void
put_evidence(struct json *j, const struct finding *f)
{
	open_container(j, "evidence", '[');
	for (size_t i = 0; i < f->nevidence; i++) {
		const struct evidence *e = &f->evidence[i];

		open_container(j, NULL, '{');
		if (e->source != NULL) {
			put_text(j, "source", e->source);
		} else {
			put_signed(j, "capture", e->ref.capture);
			put_number(j, "frame", e->ref.frame);
			put_time(j, "time", e->ref.time);
		}
		put_text(j, "says", e->says);
		close_container(j, '}');
	}
	close_container(j, ']');
}

/* The walk: what it is not, and why not. */
static void
put_excluded(struct json *j, const struct finding *f)
{
	if (f->nexcluded == 0)
		return;
	open_container(j, "excluded", '[');
	for (size_t i = 0; i < f->nexcluded; i++) {
		const struct excluded *x = &f->excluded[i];

		open_container(j, NULL, '{');
		put_text(j, "what", x->what);
		put_text(j, "because", x->because);
		if (x->ref.frame != 0) {
			put_signed(j, "capture", x->ref.capture);
			put_number(j, "frame", x->ref.frame);
		}
		close_container(j, '}');
	}
	close_container(j, ']');
}

/* Kinds of evidence by name; nothing for none. */
static void
put_evidence_kinds(struct json *j, const char *key, unsigned kinds)
{
	if (kinds == 0)
		return;
	open_container(j, key, '[');
	for (unsigned bit = 1; bit <= EVIDENCE_LAST; bit <<= 1)
		if ((kinds & bit) != 0)
			put_text(j, NULL, evidence_name(bit));
	close_container(j, ']');
}

static void
put_fix(struct json *j, const struct fix *fix)
{
	open_container(j, "fix", '[');
	for (; fix != NULL && fix->platform != NULL; fix++) {
		open_container(j, NULL, '{');
		put_text(j, "for", fix->platform);
		put_text(j, "run", fix->run);
		put_text(j, "note", fix->note);
		close_container(j, '}');
	}
	close_container(j, ']');
}

static void
put_texts(struct json *j, const char *key, const char *const *list)
{
	open_container(j, key, '[');
	for (; list != NULL && *list != NULL; list++)
		put_text(j, NULL, *list);
	close_container(j, ']');
}

static void
put_numbers(struct json *j, const char *key, const uint64_t *list, size_t n)
{
	open_container(j, key, '[');
	for (size_t i = 0; i < n; i++)
		put_number(j, NULL, list[i]);
	close_container(j, ']');
}

static void
put_finding(struct json *j, const struct cause *c)
{
	open_container(j, NULL, '{');
	put_text(j, "rule", c->f.rule->id);
	put_text(j, "title", c->title);
	put_text(j, "impact", impact_names[c->impact]);
	put_text(j, "certainty", certainty_names[c->f.certainty]);
	put_bool(j, "cause", c->cause);
	if (c->explained_by >= 0)
		put_signed(j, "explained_by", c->explained_by);
	if (c->rival_of >= 0)
		put_signed(j, "rival_of", c->rival_of);
	open_container(j, "subject", '{');
	for (int i = 0; i < SUBJECTS; i++)
		put_text(j, subject_names[i], c->f.subject[i]);
	close_container(j, '}');
	put_text(j, "who", c->who);
	put_number(j, "clients", c->clients);
	if (c->more_clients)
		put_bool(j, "more_clients", true);
	put_number(j, "occurrences", c->occurrences);
	put_time(j, "first", c->first);
	put_time(j, "last", c->last);
	if (c->rate > 0) {
		begin_value(j, "rate_per_minute");
		fprintf(j->out, "%.6g", c->rate);
	}
	put_numbers(j, "stories", c->stories, c->nstories);
	put_evidence(j, &c->f);
	put_excluded(j, &c->f);
	if (c->f.certainty < CERTAINTY_PROVEN)
		put_evidence_kinds(j, "missing", c->f.missing);
	put_text(j, "why", c->why);
	put_text(j, "decide", c->decide);
	put_fix(j, c->fix);
	put_text(j, "verify", c->verify);
	put_texts(j, "see", c->f.rule->see);
	close_container(j, '}');
}

static void
put_step(struct json *j, const struct step *t)
{
	static const char *const results[] = {
		[STEP_INFO] = "info",
		[STEP_OK] = "ok",
		[STEP_ERROR] = "error",
	};
	char buf[ADDR_TEXT];

	open_container(j, NULL, '{');
	put_time(j, "time", t->ref.time);
	put_signed(j, "capture", t->ref.capture);
	put_number(j, "frame", t->ref.frame);
	put_text(j, "from", addr_text(&t->from, buf));
	put_text(j, "to", addr_text(&t->to, buf));
	put_text(j, "what", t->what == NULL ? "?" : t->what);
	put_text(j, "result", results[t->result]);
	if (t->code_name != NULL)
		put_text(j, "code", t->code_name);
	else if (t->code != EV_ABSENT)
		put_signed(j, "code", t->code);
	close_container(j, '}');
}

static void
put_ends(struct json *j, const struct story *s)
{
	open_container(j, "client", '{');
	put_addr(j, "address", &s->client);
	if (s->client_port != 0)
		put_number(j, "port", s->client_port);
	put_text(j, "principal", s->principal);
	close_container(j, '}');
	open_container(j, "service", '{');
	put_addr(j, "address", &s->server);
	if (s->server_port != 0)
		put_number(j, "port", s->server_port);
	put_text(j, "spn", s->spn);
	put_text(j, "realm", s->realm);
	close_container(j, '}');
}

static void
put_story(struct json *j, const struct result *r, size_t index)
{
	const struct story *s = r->kept[index];

	open_container(j, NULL, '{');
	put_number(j, "id", s->id);
	put_time(j, "start", s->start);
	put_time(j, "end", s->end);
	put_text(j, "outcome", outcome_names[s->outcome]);
	put_text(j, "carrier", s->carrier == NULL ? "unknown" : s->carrier);
	put_ends(j, s);
	open_container(j, "steps", '[');
	for (size_t i = 0; i < s->nsteps; i++)
		put_step(j, &s->steps[i]);
	close_container(j, ']');
	if (s->not_kept > 0)
		put_number(j, "steps_not_kept", s->not_kept);
	put_numbers(j, "findings", r->findings_of[index],
	    r->nfindings_of[index]);
	close_container(j, '}');
}

static int
compare_hosts(const void *a, const void *b)
{
	const struct host *const *x = a, *const *y = b;

	if ((*x)->addr.family != (*y)->addr.family)
		return (*x)->addr.family < (*y)->addr.family ? -1 : 1;
	return memcmp((*x)->addr.b, (*y)->addr.b, sizeof((*x)->addr.b));
}

static void
put_machine(struct json *j, const struct host *h)
{
	static const struct {
		unsigned bit;
		const char *name;
	} roles[] = {
		{ ROLE_KDC, "kdc" },
		{ ROLE_DNS, "dns" },
		{ ROLE_SERVICE, "service" },
		{ ROLE_CLIENT, "client" },
	};

	open_container(j, NULL, '{');
	put_addr(j, "address", &h->addr);
	open_container(j, "names", '[');
	for (size_t i = 0; i < h->nnames; i++)
		put_text(j, NULL, h->names[i].name);
	close_container(j, ']');
	open_container(j, "roles", '[');
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if ((h->roles & roles[i].bit) != 0)
			put_text(j, NULL, roles[i].name);
	close_container(j, ']');
	if (h->clock.samples > 0) {
		put_seconds(j, "clock_offset", h->clock.offset);
		put_text(j, "clock_source", h->clock.source);
	}
	close_container(j, '}');
}

/* In the order of their addresses: that of the traffic says nothing. */
static void
put_machines(struct json *j, const struct ledger *l)
{
	const struct host **list, *h;
	size_t i, n = 0;

	open_container(j, "machines", '[');
	while (l != NULL && ledger_host_at(l, n) != NULL)
		n++;
	list = must_calloc(n + 1, sizeof(*list));
	for (i = 0; i < n && (h = ledger_host_at(l, i)) != NULL; i++)
		list[i] = h;
	n = i;
	qsort(list, n, sizeof(*list), compare_hosts);
	for (i = 0; i < n; i++)
		if (list[i]->addr.family != 0)
			put_machine(j, list[i]);
	free(list);
	close_container(j, ']');
}

static void
put_rule(struct json *j, const struct rule_verdict *v)
{
	unsigned bit;
	bool more = false;

	open_container(j, NULL, '{');
	put_text(j, "id", v->rule->id);
	put_text(j, "verdict", verdict_names[v->verdict]);
	if (v->verdict == VERDICT_UNKNOWN && v->missing != 0) {
		begin_value(j, "missing");
		putc('"', j->out);
		for (bit = 1; bit <= EVIDENCE_LAST; bit <<= 1) {
			if ((v->missing & bit) == 0)
				continue;
			fprintf(j->out, "%s%s", more ? ", " : "",
			    evidence_name(bit));
			more = true;
		}
		putc('"', j->out);
	}
	close_container(j, '}');
}

static void
put_lists(struct json *j, const struct result *r)
{
	size_t i;

	open_container(j, "findings", '[');
	for (i = 0; i < r->ncauses; i++)
		put_finding(j, &r->causes[i]);
	close_container(j, ']');
	open_container(j, "stories", '[');
	for (i = 0; i < r->nkept; i++)
		put_story(j, r, i);
	close_container(j, ']');
	put_machines(j, r->ledger);
	open_container(j, "rules", '[');
	for (i = 0; i < r->nverdicts; i++)
		put_rule(j, &r->verdicts[i]);
	close_container(j, ']');
}

static bool
json_present(const struct result *r, const struct present_options *opt,
    FILE *out)
{
	struct json j = { .out = out, .first = { true } };

	(void)opt;
	open_container(&j, NULL, '{');
	put_text(&j, "schema", "kerbscope.report/1");
	open_container(&j, "tool", '{');
	put_text(&j, "name", "kerbscope");
	put_text(&j, "version", r->version);
	put_number(&j, "rules", rules_count);
	close_container(&j, '}');
	put_captures(&j, r);
	put_quality(&j, &r->quality);
	put_summary(&j, r);
	put_lists(&j, r);
	close_container(&j, '}');
	putc('\n', out);
	return ferror(out) == 0;
}

const struct presenter presenter_json = {
	.name = "json",
	.help = "for programs, kerbscope.report/1",
	.present = json_present,
};
