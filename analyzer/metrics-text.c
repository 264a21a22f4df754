/*
 * metrics-text.c - see metrics-text.h.
 *
 * OpenMetrics 1.0.0 (draft-richih-opsawg-openmetrics 5): metric families,
 * their types and suffixes, labels and their escapes.  What a name in a
 * label may hold is what the network says, so it is made harmless before it
 * is escaped, and cut.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "metrics-text.h"
#include "table.h"
#include "text.h"

/* --- pieces ----------------------------------------------------------- */

static void
put_family(FILE *out, const char *name, const char *type, const char *unit,
    const char *help)
{
	fprintf(out, "# TYPE kerbscope_%s %s\n", name, type);
	if (unit != NULL)
		fprintf(out, "# UNIT kerbscope_%s %s\n", name, unit);
	fprintf(out, "# HELP kerbscope_%s %s\n", name, help);
}

/* NAME="VALUE", with a comma before all but the FIRST. */
static void
put_label(FILE *out, bool first, const char *name, const char *value)
{
	char *safe = text_escaped(value == NULL ? "" : value);
	size_t n = strlen(safe), i;

	if (n > METRICS_MAX_LABEL)
		for (n = METRICS_MAX_LABEL; ((uint8_t)safe[n] & 0xc0) == 0x80;)
			n--;
	fprintf(out, "%s%s=\"", first ? "" : ",", name);
	for (i = 0; i < n; i++) {
		/* No line feed is left to escape. */
		if (safe[i] == '\\' || safe[i] == '"')
			putc('\\', out);
		putc(safe[i], out);
	}
	putc('"', out);
	free(safe);
}

/* A sample with one label. */
static void
put_one(FILE *out, const char *metric, const char *label, const char *value,
    uint64_t number)
{
	fprintf(out, "kerbscope_%s{", metric);
	put_label(out, true, label, value);
	fprintf(out, "} %" PRIu64 "\n", number);
}

/* Microseconds as seconds. */
static void
put_seconds(FILE *out, int64_t usec)
{
	uint64_t u = usec < 0 ? -(uint64_t)usec : (uint64_t)usec;

	fprintf(out, "%s%" PRIu64 ".%06u", usec < 0 ? "-" : "",
	    u / (uint64_t)SECOND, (unsigned)(u % (uint64_t)SECOND));
}

/* --- log-ons ---------------------------------------------------------- */

static void
write_logons(FILE *out, const struct result *r)
{
	static const char *const mechs[] = { "none", "kerberos", "ntlm" };
	uint64_t by_mech[3] = { 0 };
	size_t i, k;

	put_family(out, "logons", "counter", NULL, "Log-ons that have ended.");
	for (i = 0; i < r->nended; i++) {
		const struct ended *e = &r->ended[i];

		for (k = 0; k < 4; k++) {
			fputs("kerbscope_logons_total{", out);
			put_label(out, true, "outcome", outcome_names[k]);
			put_label(out, false, "carrier",
			    e->carrier == NULL ? "other" : e->carrier);
			fprintf(out, "} %" PRIu64 "\n", e->outcomes[k]);
		}
		for (k = 0; k < 3; k++)
			by_mech[k] += e->mechs[k];
	}
	put_family(out, "logons_by_mechanism", "counter", NULL,
	    "Log-ons that have ended, by what was presented last to a "
	    "service.");
	for (k = 0; k < 3; k++)
		put_one(out, "logons_by_mechanism_total", "mechanism", mechs[k],
		    by_mech[k]);
	put_family(out, "stories_open", "gauge", NULL,
	    "Log-ons that have failed so far and are not over.");
	fprintf(out, "kerbscope_stories_open %zu\n", r->nopen);
}

/* --- findings --------------------------------------------------------- */

/* By number of the rule, impact, certainty, and whether it is cleared. */
#define KINDS ((IMPACT_BREAKS + 1) * (CERTAINTY_PROVEN + 1) * 2)

static size_t
rule_number(const struct rule *rule)
{
	size_t i = 0;

	while (rules_all[i] != NULL && rules_all[i] != rule)
		i++;
	return i;
}

static size_t
kind_of(const struct cause *c)
{
	return (c->impact * (CERTAINTY_PROVEN + 1) + c->f.certainty) * 2 +
	    c->cleared;
}

static void
put_findings(FILE *out, const char *rule, size_t kind, uint64_t number)
{
	fputs("kerbscope_findings{", out);
	put_label(out, true, "rule", rule);
	put_label(out, false, "impact",
	    impact_names[kind / 2 / (CERTAINTY_PROVEN + 1)]);
	put_label(out, false, "certainty",
	    certainty_names[kind / 2 % (CERTAINTY_PROVEN + 1)]);
	put_label(out, false, "state", kind % 2 == 0 ? "open" : "cleared");
	fprintf(out, "} %" PRIu64 "\n", number);
}

static void
write_findings(FILE *out, const struct result *r,
    const struct metrics_seen *seen)
{
	uint64_t *n = must_calloc((rules_count + 1) * KINDS, sizeof(*n));
	size_t i, k;

	for (i = 0; i < r->ncause; i++)
		n[rule_number(r->causes[i].f.rule) * KINDS +
		    kind_of(&r->causes[i])]++;
	put_family(out, "findings", "gauge", NULL, "Causes that are known.");
	for (i = 0; i < rules_count; i++)
		for (k = 0; k < KINDS; k++)
			if (n[i * KINDS + k] > 0)
				put_findings(out, rules_all[i]->id, k,
				    n[i * KINDS + k]);
	free(n);
	put_family(out, "finding_logons", "counter", NULL,
	    "Log-ons in which a rule found their cause.");
	for (i = 0; seen->logons != NULL && i < rules_count; i++)
		if (seen->logons[i] > 0)
			put_one(out, "finding_logons_total", "rule",
			    rules_all[i]->id, seen->logons[i]);
}

/* --- what could not be read ------------------------------------------- */

static const struct {
	const char *name;
	size_t offset;
} qualities[] = {
#define QUALITY(what)                                 \
	{                                             \
#		what, offsetof(struct quality, what) \
	}
	QUALITY(frames_short),
	QUALITY(tcp_gaps),
	QUALITY(malformed),
	QUALITY(unread_link_types),
	QUALITY(stories_not_kept),
	QUALITY(fragments_lost),
	QUALITY(duplicates),
	QUALITY(flows_dropped),
	QUALITY(steps_not_kept),
	QUALITY(findings_not_kept),
	QUALITY(stories_cut),
	QUALITY(facts_not_kept),
#undef QUALITY
};

_Static_assert(sizeof(qualities) / sizeof(*qualities) == METRICS_QUALITIES,
    "as many as metrics-text.h says");

static void
write_quality(FILE *out, const struct metrics_seen *seen)
{
	put_family(out, "quality", "counter", NULL,
	    "What was not read, or not kept, as the report names it.");
	for (size_t i = 0; i < METRICS_QUALITIES; i++)
		put_one(out, "quality_total", "what", qualities[i].name,
		    seen->quality[i]);
}

void
metrics_note(struct metrics_seen *seen, const struct result *r)
{
	uint64_t *now = must_calloc(rules_count + 1, sizeof(*now)), n;
	size_t i;

	if (seen->logons == NULL)
		seen->logons = must_calloc(rules_count + 1, sizeof(*now));
	for (i = 0; i < r->ncause; i++)
		now[rule_number(r->causes[i].f.rule)] += r->causes[i]
							     .occurrences;
	for (i = 0; i < rules_count; i++)
		if (now[i] > seen->logons[i])
			seen->logons[i] = now[i];
	free(now);
	for (i = 0; i < METRICS_QUALITIES; i++) {
		memcpy(&n, (const char *)&r->quality + qualities[i].offset,
		    sizeof(n));
		if (n > seen->quality[i])
			seen->quality[i] = n;
	}
}

void
metrics_forget(struct metrics_seen *seen)
{
	free(seen->logons);
	seen->logons = NULL;
}

/* --- KDCs and clocks -------------------------------------------------- */

/* "0.0025", "1.0", "+Inf": as few digits as say it, but one at least. */
static const char *
bound_text(int64_t bound, char buf[32])
{
	size_t n;

	if (bound == INT64_MAX)
		return "+Inf";
	n = (size_t)snprintf(buf, 32, "%u.%06u", (unsigned)(bound / SECOND),
	    (unsigned)(bound % SECOND));
	while (buf[n - 1] == '0' && buf[n - 2] != '.')
		buf[--n] = '\0';
	return buf;
}

static void
put_kdc(FILE *out, const struct kdc_times *t, const char *suffix,
    const char *bound)
{
	char addr[ADDR_TEXT];

	fprintf(out, "kerbscope_kdc_response_seconds_%s{", suffix);
	put_label(out, true, "kdc",
	    t->kdc.family == 0 ? "other" : addr_text(&t->kdc, addr));
	put_label(out, false, "message", t->tgs ? "tgs" : "as");
	if (bound != NULL)
		put_label(out, false, "le", bound);
	fputs("} ", out);
}

static void
write_kdcs(FILE *out, const struct metrics_kdc *kdc)
{
	char buf[32];

	put_family(out, "kdc_response_seconds", "histogram", "seconds",
	    "From a request to a KDC to its answer.");
	for (size_t i = 0; i < kdc->ntimes; i++) {
		const struct kdc_times *t = &kdc->times[i];
		uint64_t sum = 0;

		for (size_t b = 0; b < KDC_BUCKETS; b++) {
			sum += t->counts[b];
			put_kdc(out, t, "bucket",
			    bound_text(kdc_bounds[b], buf));
			fprintf(out, "%" PRIu64 "\n", sum);
		}
		put_kdc(out, t, "count", NULL);
		fprintf(out, "%" PRIu64 "\n", t->count);
		put_kdc(out, t, "sum", NULL);
		put_seconds(out, (int64_t)t->sum);
		putc('\n', out);
	}
}

static void
write_clocks(FILE *out, const struct ledger *l)
{
	const struct host *h;
	char addr[ADDR_TEXT];
	size_t i, n = 0;
	int64_t offset;

	put_family(out, "clock_offset_seconds", "gauge", "seconds",
	    "A host's clock minus that of the others; ahead is positive.");
	for (i = 0; l != NULL && (h = ledger_host_at(l, i)) != NULL; i++) {
		if (h->clock.samples == 0 ||
		    !ledger_clock(l, &h->addr, &offset))
			continue;
		fputs("kerbscope_clock_offset_seconds{", out);
		put_label(out, true, "host", addr_text(&h->addr, addr));
		put_label(out, false, "source", h->clock.source);
		fputs("} ", out);
		put_seconds(out, offset);
		putc('\n', out);
		if (++n == METRICS_MAX_HOSTS)
			break;
	}
}

/* --- interfaces, and the process -------------------------------------- */

/* A counter of every interface, at OFFSET of its state. */
static void
write_faces(FILE *out, const struct sensor *s, const char *name,
    const char *unit, const char *help, size_t offset)
{
	const struct sensor_face *f;
	char metric[64];
	uint64_t n;

	put_family(out, name, "counter", unit, help);
	snprintf(metric, sizeof(metric), "%s_total", name);
	for (size_t i = 0; (f = sensor_face(s, i)) != NULL; i++) {
		memcpy(&n, (const char *)f + offset, sizeof(n));
		put_one(out, metric, "interface", f->name, n);
	}
}

static void
put_dropped(FILE *out, const struct sensor_face *f, const char *by, uint64_t n)
{
	fputs("kerbscope_dropped_total{", out);
	put_label(out, true, "interface", f->name);
	put_label(out, false, "by", by);
	fprintf(out, "} %" PRIu64 "\n", n);
}

static void
write_sensor(FILE *out, const struct sensor *s)
{
	const struct sensor_face *f;
	size_t i;

	write_faces(out, s, "packets", NULL, "Packets that were looked at.",
	    offsetof(struct sensor_face, packets));
	write_faces(out, s, "bytes", "bytes", "Octets of these on the wire.",
	    offsetof(struct sensor_face, bytes));
	put_family(out, "dropped", "counter", NULL,
	    "Packets that never came here, by who dropped them.");
	for (i = 0; (f = sensor_face(s, i)) != NULL; i++) {
		put_dropped(out, f, "kernel", f->dropped);
		put_dropped(out, f, "interface", f->missed);
	}
	put_family(out, "interface_up", "gauge", NULL,
	    "1: packets of the interface come here.");
	for (i = 0; (f = sensor_face(s, i)) != NULL; i++)
		put_one(out, "interface_up", "interface", f->name, f->up);
}

static void
write_process(FILE *out, const struct result *r, uint64_t resident)
{
	put_family(out, "build_info", "gauge", NULL, "1, and the version.");
	put_one(out, "build_info", "version", r->version, 1);
	put_family(out, "last_packet_timestamp_seconds", "gauge", "seconds",
	    "Time of the latest packet, since 1970.");
	fputs("kerbscope_last_packet_timestamp_seconds ", out);
	put_seconds(out, r->now);
	putc('\n', out);
	if (resident == 0)
		return;
	put_family(out, "resident_memory_bytes", "gauge", "bytes",
	    "Memory that the process has.");
	fprintf(out, "kerbscope_resident_memory_bytes %" PRIu64 "\n", resident);
}

void
metrics_write(FILE *out, const struct result *r,
    const struct metrics_seen *seen, const struct metrics_kdc *kdc,
    const struct sensor *sensor, uint64_t resident)
{
	write_logons(out, r);
	write_findings(out, r, seen);
	write_kdcs(out, kdc);
	write_clocks(out, r->ledger);
	if (sensor != NULL)
		write_sensor(out, sensor);
	write_quality(out, seen);
	write_process(out, r, resident);
	fputs("# EOF\n", out);
}
