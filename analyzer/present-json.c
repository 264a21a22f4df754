/*
 * present-json.c - the report as one JSON object, kerbscope.report/1, keys
 * in one order; tests/report/schema.json says which, and scripts rely on them.
 * What does not apply is left out.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "present-json.h"
#include "table.h"

static void
put_captures(struct json *j, const struct result *r)
{
	json_open(j, "captures", '[');
	for (size_t i = 0; i < r->ncaptures; i++) {
		const struct capture_info *c = &r->captures[i];

		json_open(j, NULL, '{');
		json_put_text(j, "path", c->path == NULL ? "" : c->path);
		json_put_text(j, "format",
		    c->format == NULL ? "unknown" : c->format);
		json_put_number(j, "packets", c->packets);
		json_put_number(j, "bytes", c->bytes);
		if (c->packets > 0) {
			json_put_time(j, "first", c->first);
			json_put_time(j, "last", c->last);
		}
		if (c->damaged)
			json_put_bool(j, "damaged", true);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
put_quality(struct json *j, const struct quality *q)
{
	json_open(j, "quality", '{');
	json_put_number(j, "frames_short", q->frames_short);
	json_put_number(j, "tcp_gaps", q->tcp_gaps);
	json_put_number(j, "malformed", q->malformed);
	json_put_number(j, "unread_link_types", q->unread_link_types);
	json_put_number(j, "dropped_by_kernel", q->dropped_by_kernel);
	json_put_number(j, "stories_not_kept", q->stories_not_kept);
	json_put_number(j, "steps_not_kept", q->steps_not_kept);
	json_put_number(j, "stories_cut", q->stories_cut);
	json_put_number(j, "findings_not_kept", q->findings_not_kept);
	json_put_number(j, "facts_not_kept", q->facts_not_kept);
	json_put_number(j, "fragments_lost", q->fragments_lost);
	json_put_number(j, "duplicates", q->duplicates);
	json_put_number(j, "flows_dropped", q->flows_dropped);
	json_put_number(j, "damaged", q->damaged_captures);
	json_put_number(j, "times_unknown", q->times_unknown);
	json_close(j, '}');
}

static void
put_summary(struct json *j, const struct result *r)
{
	json_open(j, "summary", '{');
	json_put_text(j, "verdict", r->verdict);
	if (r->going_on)
		json_put_bool(j, "going_on", true);
	json_put_number(j, "stories", r->stories);
	json_put_number(j, "ok", r->ok);
	json_put_number(j, "broken", r->broken);
	json_put_number(j, "degraded", r->degraded);
	json_put_number(j, "unseen", r->unseen);
	json_put_number(j, "causes",
	    r->whole != NULL ? r->whole->ncause : r->ncause);
	if (r->filter != NULL) {
		json_put_text(j, "filter", r->filter);
		json_put_number(j, "shown", r->nkept);
	}
	json_close(j, '}');
}

void
json_evidence(struct json *j, const struct finding *f)
{
	json_open(j, "evidence", '[');
	for (size_t i = 0; i < f->nevidence; i++) {
		const struct evidence *e = &f->evidence[i];

		json_open(j, NULL, '{');
		if (e->source != NULL) {
			json_put_text(j, "source", e->source);
		} else {
			json_put_signed(j, "capture", e->ref.capture);
			json_put_number(j, "frame", e->ref.frame);
			json_put_time(j, "time", e->ref.time);
		}
		json_put_text(j, "says", e->says);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* The walk: what it is not, and why not. */
static void
put_excluded(struct json *j, const struct finding *f)
{
	if (f->nexcluded == 0)
		return;
	json_open(j, "excluded", '[');
	for (size_t i = 0; i < f->nexcluded; i++) {
		const struct excluded *x = &f->excluded[i];

		json_open(j, NULL, '{');
		json_put_text(j, "what", x->what);
		json_put_text(j, "because", x->because);
		if (x->ref.frame != 0) {
			json_put_signed(j, "capture", x->ref.capture);
			json_put_number(j, "frame", x->ref.frame);
		}
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* Kinds of evidence by name; nothing for none. */
static void
put_evidence_kinds(struct json *j, const char *key, unsigned kinds)
{
	if (kinds == 0)
		return;
	json_open(j, key, '[');
	for (unsigned bit = 1; bit <= EVIDENCE_LAST; bit <<= 1)
		if ((kinds & bit) != 0)
			json_put_text(j, NULL, evidence_name(bit));
	json_close(j, ']');
}

void
json_fix(struct json *j, const struct fix *fix)
{
	json_open(j, "fix", '[');
	for (; fix != NULL && fix->platform != NULL; fix++) {
		json_open(j, NULL, '{');
		json_put_text(j, "for", fix->platform);
		json_put_text(j, "run", fix->run);
		json_put_text(j, "note", fix->note);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
put_texts(struct json *j, const char *key, const char *const *list)
{
	json_open(j, key, '[');
	for (; list != NULL && *list != NULL; list++)
		json_put_text(j, NULL, *list);
	json_close(j, ']');
}

static void
put_numbers(struct json *j, const char *key, const uint64_t *list, size_t n)
{
	json_open(j, key, '[');
	for (size_t i = 0; i < n; i++)
		json_put_number(j, NULL, list[i]);
	json_close(j, ']');
}

void
json_subject(struct json *j, const char *const subject[SUBJECTS])
{
	json_open(j, "subject", '{');
	for (int i = 0; i < SUBJECTS; i++)
		json_put_text(j, subject_names[i], subject[i]);
	json_close(j, '}');
}

static void
put_finding(struct json *j, const struct result *r, const struct cause *c)
{
	json_open(j, NULL, '{');
	json_put_text(j, "rule", c->f.rule->id);
	json_put_text(j, "title", c->title);
	json_put_text(j, "impact", impact_names[c->impact]);
	json_put_text(j, "certainty", certainty_names[c->f.certainty]);
	json_put_bool(j, "cause", c->cause);
	if (c->explained_by >= 0)
		json_put_signed(j, "explained_by", c->explained_by);
	if (c->rival_of >= 0)
		json_put_signed(j, "rival_of", c->rival_of);
	json_subject(j, c->f.subject);
	json_put_text(j, "who", c->who);
	json_put_number(j, "clients", c->clients);
	if (c->more_clients)
		json_put_bool(j, "more_clients", true);
	json_put_number(j, "occurrences", c->occurrences);
	json_put_time(j, "first", c->first);
	json_put_time(j, "last", c->last);
	if (r->live) {
		json_put_number(j, "ok_since", c->ok_since);
		if (c->ok_since > 0)
			json_put_time(j, "ok_last", c->ok_last);
		json_put_bool(j, "cleared", c->cleared);
	}
	if (c->rate > 0) {
		json_key(j, "rate_per_minute");
		fprintf(j->out, "%.6g", c->rate);
	}
	put_numbers(j, "stories", c->stories, c->nstories);
	json_evidence(j, &c->f);
	put_excluded(j, &c->f);
	if (c->f.certainty < CERTAINTY_PROVEN)
		put_evidence_kinds(j, "missing", c->f.missing);
	json_put_text(j, "why", c->why);
	json_put_text(j, "decide", c->decide);
	json_fix(j, c->fix);
	json_put_text(j, "verify", c->verify);
	put_texts(j, "see", c->f.rule->see);
	json_close(j, '}');
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

	json_open(j, NULL, '{');
	json_put_time(j, "time", t->ref.time);
	json_put_signed(j, "capture", t->ref.capture);
	json_put_number(j, "frame", t->ref.frame);
	json_put_text(j, "from", addr_text(&t->from, buf));
	json_put_text(j, "to", addr_text(&t->to, buf));
	json_put_text(j, "what", t->what == NULL ? "?" : t->what);
	json_put_text(j, "result", results[t->result]);
	if (t->code_name != NULL)
		json_put_text(j, "code", t->code_name);
	else if (t->code != EV_ABSENT)
		json_put_signed(j, "code", t->code);
	json_close(j, '}');
}

static void
put_ends(struct json *j, const struct story *s)
{
	json_open(j, "client", '{');
	json_put_addr(j, "address", &s->client);
	if (s->client_port != 0)
		json_put_number(j, "port", s->client_port);
	json_put_text(j, "principal", s->principal);
	json_close(j, '}');
	json_open(j, "service", '{');
	json_put_addr(j, "address", &s->server);
	if (s->server_port != 0)
		json_put_number(j, "port", s->server_port);
	json_put_text(j, "spn", s->spn);
	json_put_text(j, "realm", s->realm);
	json_close(j, '}');
}

static void
put_story(struct json *j, const struct result *r, size_t index)
{
	const struct story *s = r->kept[index];

	json_open(j, NULL, '{');
	json_put_number(j, "id", s->id);
	json_put_time(j, "start", s->start);
	json_put_time(j, "end", s->end);
	json_put_text(j, "outcome", outcome_names[s->outcome]);
	if (index >= r->nkept - r->nopen)
		json_put_bool(j, "open", true);
	json_put_text(j, "carrier",
	    s->carrier == NULL ? "unknown" : s->carrier);
	put_ends(j, s);
	json_open(j, "steps", '[');
	for (size_t i = 0; i < s->nsteps; i++)
		put_step(j, &s->steps[i]);
	json_close(j, ']');
	if (s->not_kept > 0)
		json_put_number(j, "steps_not_kept", s->not_kept);
	put_numbers(j, "findings", r->findings_of[index],
	    r->nfindings_of[index]);
	json_close(j, '}');
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

	json_open(j, NULL, '{');
	json_put_addr(j, "address", &h->addr);
	json_open(j, "names", '[');
	for (size_t i = 0; i < h->nnames; i++)
		json_put_text(j, NULL, h->names[i].name);
	json_close(j, ']');
	json_open(j, "roles", '[');
	for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		if ((h->roles & roles[i].bit) != 0)
			json_put_text(j, NULL, roles[i].name);
	json_close(j, ']');
	if (h->clock.samples > 0) {
		json_put_seconds(j, "clock_offset", h->clock.offset);
		json_put_text(j, "clock_source", h->clock.source);
	}
	json_close(j, '}');
}

/* In the order of their addresses: that of the traffic says nothing. */
static void
put_machines(struct json *j, const struct ledger *l)
{
	const struct host **list, *h;
	size_t i, n = 0;

	json_open(j, "machines", '[');
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
	json_close(j, ']');
}

static void
put_rule(struct json *j, const struct rule_verdict *v)
{
	unsigned bit;
	bool more = false;

	json_open(j, NULL, '{');
	json_put_text(j, "id", v->rule->id);
	json_put_text(j, "verdict", verdict_names[v->verdict]);
	if (v->verdict == VERDICT_UNKNOWN && v->missing != 0) {
		json_key(j, "missing");
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
	json_close(j, '}');
}

static void
put_lists(struct json *j, const struct result *r)
{
	size_t i;

	json_open(j, "findings", '[');
	for (i = 0; i < r->ncauses; i++)
		put_finding(j, r, &r->causes[i]);
	json_close(j, ']');
	json_open(j, "stories", '[');
	for (i = 0; i < r->nkept; i++)
		put_story(j, r, i);
	json_close(j, ']');
	put_machines(j, r->ledger);
	json_open(j, "rules", '[');
	for (i = 0; i < r->nverdicts; i++)
		put_rule(j, &r->verdicts[i]);
	json_close(j, ']');
}

static bool
json_present(const struct result *r, const struct present_options *opt,
    FILE *out)
{
	struct json j = { .out = out, .first = { true } };

	(void)opt;
	json_open(&j, NULL, '{');
	json_put_text(&j, "schema", "kerbscope.report/1");
	json_open(&j, "tool", '{');
	json_put_text(&j, "name", "kerbscope");
	json_put_text(&j, "version", r->version);
	json_put_number(&j, "rules", rules_count);
	json_close(&j, '}');
	put_captures(&j, r);
	put_quality(&j, &r->quality);
	put_summary(&j, r);
	put_lists(&j, r);
	json_close(&j, '}');
	putc('\n', out);
	return ferror(out) == 0;
}

const struct presenter presenter_json = {
	.name = "json",
	.help = "for programs, kerbscope.report/1",
	.present = json_present,
};
