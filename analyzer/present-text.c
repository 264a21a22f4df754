/*
 * present-text.c - the report as text, for people in a hurry: the verdict,
 * the causes (present-cause.c), what could not be judged, one line on the
 * capture.  80 columns, no boxes; a command is never broken, so that it
 * can be pasted.  The stories of -v are in present-story.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collect-need.h"
#include "present-cause.h"
#include "present-story.h"
#include "text.h"

#define CAUSES_SHOWN 20 /* without -v */

/* Things worth knowing that hurt nobody: one line each. */
static void
show_remarks(const struct page *p)
{
	const char *label = "\nRemarks\n";
	char *line, *n;

	for (size_t i = 0; i < p->r->ncauses; i++) {
		const struct cause *c = &p->r->causes[i];

		if (!c->cause || c->impact > IMPACT_REMARK)
			continue;
		n = text_count(c->occurrences, "log-on", "s");
		line = c->f.nevidence == 0 || c->f.evidence[0].source != NULL ?
		    text_printf("%s (%s; %s)", c->title, n, c->f.rule->id) :
		    text_printf("%s (%s, frame %" PRIu64 "; %s)", c->title, n,
			c->f.evidence[0].ref.frame, c->f.rule->id);
		fprintf(p->out, "%s  ", label);
		text_wrap(p->out, 2, "    ", line);
		label = "";
		free(line);
		free(n);
	}
}

static bool
show_causes(const struct page *p)
{
	size_t number = 0, left = 0;

	for (size_t i = 0; i < p->r->ncauses; i++) {
		if (!cause_is_shown(&p->r->causes[i]))
			continue;
		if (number == CAUSES_SHOWN && !p->verbose)
			left++;
		else
			present_cause(p, ++number, i);
	}
	if (left > 0)
		fprintf(p->out, "\nand %zu more cause%s; -v shows all\n", left,
		    left == 1 ? "" : "s");
	return number > 0;
}

static bool
is_unknown(const struct rule_verdict *v, unsigned bit)
{
	return v->verdict == VERDICT_UNKNOWN &&
	    (v->missing == 0 ? bit == 0 : (v->missing & bit) != 0);
}

static uint64_t
unknown_rules(const struct result *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->nverdicts; i++)
		n += r->verdicts[i].verdict == VERDICT_UNKNOWN;
	return n;
}

/* Of these, the ones that lack nothing but KINDS. */
static uint64_t
unknown_for(const struct result *r, unsigned kinds)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->nverdicts; i++)
		n += r->verdicts[i].verdict == VERDICT_UNKNOWN &&
		    r->verdicts[i].missing != 0 &&
		    (r->verdicts[i].missing & ~kinds) == 0;
	return n;
}

/* The look-ups that were not given and could prove what stands here. */
static unsigned
lookups_open(const struct result *r)
{
	unsigned kinds = 0;

	for (size_t i = 0; i < r->ncauses; i++)
		kinds |= need_lacks(r, &r->causes[i]);
	return kinds;
}

/* What lacks, for a sentence that begins "without". */
static const char *
evidence_words(unsigned bit)
{
	switch (bit) {
	case EVIDENCE_KDC:
		return "KDC traffic";
	case EVIDENCE_SERVICE:
		return "an answer of the service";
	case EVIDENCE_DNS:
		return "DNS traffic";
	case EVIDENCE_CLOCK:
		return "a clock in clear";
	case EVIDENCE_NTLM:
		return "NTLM messages";
	case EVIDENCE_COMPARE:
		return "a log-on to compare";
	case EVIDENCE_DIRECTORY:
		return "the directory";
	case EVIDENCE_KEYTAB:
		return "a keytab";
	case EVIDENCE_REACH:
		return "both directions of a KDC's ports";
	default:
		return "the client's krb5.conf";
	}
}

/* The rules that evidence BIT would decide, one line; with -v by name. */
static void
show_missing(const struct page *p, unsigned bit)
{
	uint64_t n = 0;
	char *line, *count;

	for (size_t i = 0; i < p->r->nverdicts; i++)
		n += is_unknown(&p->r->verdicts[i], bit);
	if (n == 0)
		return;
	count = text_count(n, "rule", "s");
	line = bit == 0 ?
	    text_printf("%s: what decides was not captured", count) :
	    text_printf("%s without %s: %s", count, evidence_words(bit),
		evidence_how(bit));
	fputs("  ", p->out);
	text_wrap(p->out, 2, "    ", line);
	for (size_t i = 0; p->verbose && i < p->r->nverdicts; i++)
		if (is_unknown(&p->r->verdicts[i], bit))
			fprintf(p->out, "    %s\n", p->r->verdicts[i].rule->id);
	free(count);
	free(line);
}

/*
 * What the line on `kerbscope collect` says is not said twice, but with -v.
 */
static void
show_unjudged(const struct page *p)
{
	unsigned said = p->verbose ? 0 : lookups_open(p->r);
	unsigned bit;

	if (unknown_rules(p->r) == unknown_for(p->r, said) && p->r->unseen == 0)
		return;
	fputs("\nCould not be judged\n", p->out);
	if (p->r->unseen > 0)
		fprintf(p->out,
		    "  %" PRIu64 " log-on%s: the capture does not hold the "
		    "last answer\n",
		    p->r->unseen, p->r->unseen == 1 ? "" : "s");
	for (bit = 0; bit <= EVIDENCE_LAST; bit = bit == 0 ? 1 : bit << 1)
		if ((bit & said) == 0)
			show_missing(p, bit);
}

/* "To prove it (directory, keytab): kerbscope collect FILE", never broken. */
static void
show_collect(const struct page *p)
{
	unsigned kinds = lookups_open(p->r);
	char *words, *names;
	size_t width;

	if (kinds == 0)
		return;
	words = text_captures(p->r, p->again);
	names = text_evidence(kinds);
	width = strlen("To prove it (): kerbscope collect") + strlen(names) +
	    text_width(words);
	fprintf(p->out, "To prove it (%s):%s kerbscope collect%s\n", names,
	    width > TEXT_COLUMNS ? "\n " : "", words);
	free(names);
	free(words);
}

/* What stands for the causes when there is none. */
static void
show_checked(const struct page *p)
{
	const struct result *r = p->r;
	unsigned seen = r->ledger == NULL ? 0 : ledger_evidence(r->ledger);
	const unsigned on = EVIDENCE_KDC | EVIDENCE_SERVICE | EVIDENCE_DNS;
	uint64_t unknown = unknown_rules(r);
	char *line, *comma;

	if (r->stories == 0 || r->whole != NULL)
		return;
	if (result_remark_explains(r))
		return;
	if (r->broken + r->degraded > 0) {
		text_wrap(p->out, 0, "",
		    "No rule explains it; -v shows the log-ons step by step.");
		return;
	}
	line = text_printf("Checked: %zu rules%s%s%s%s; nothing breaks, "
			   "degrades or weakens.",
	    r->nverdicts - (size_t)unknown, (seen & on) != 0 ? " on" : "",
	    (seen & EVIDENCE_KDC) != 0 ? " KDC," : "",
	    (seen & EVIDENCE_SERVICE) != 0 ? " services," : "",
	    (seen & EVIDENCE_DNS) != 0 ? " DNS," : "");
	/* The comma after the last of the list. */
	comma = strstr(line, ",;");
	if (comma != NULL)
		memmove(comma, comma + 1, strlen(comma));
	text_wrap(p->out, 0, "", line);
	free(line);
}

static void
show_quality(FILE *out, const struct quality *q)
{
	const struct {
		uint64_t n;
		const char *one, *many;
	} counts[] = {
		{ q->damaged_captures, "capture damaged", "captures damaged" },
		{ q->times_unknown,
		    "capture whose times go back or stand still",
		    "captures whose times go back or stand still" },
		{ q->unread_link_types, "frame of an unread link type",
		    "frames of an unread link type" },
		{ q->dropped_by_kernel, "packet dropped", "packets dropped" },
		{ q->frames_short, "frame cut short", "frames cut short" },
		{ q->tcp_gaps, "TCP gap", "TCP gaps" },
		{ q->fragments_lost, "datagram incomplete",
		    "datagrams incomplete" },
		{ q->malformed, "malformed message", "malformed messages" },
		{ q->duplicates, "packet seen twice", "packets seen twice" },
		{ q->flows_dropped, "connection let go", "connections let go" },
		{ q->stories_not_kept, "log-on not kept", "log-ons not kept" },
		{ q->steps_not_kept, "step not kept", "steps not kept" },
		{ q->stories_cut, "log-on cut off for room",
		    "log-ons cut off for room" },
		{ q->findings_not_kept, "finding not kept",
		    "findings not kept" },
		{ q->facts_not_kept, "fact let go", "facts let go" },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (counts[i].n > 0)
			fprintf(out, ", %" PRIu64 " %s", counts[i].n,
			    counts[i].n == 1 ? counts[i].one : counts[i].many);
}

/* Clocks that are off by more than a fifth of what is tolerated. */
static void
show_clocks(FILE *out, const struct ledger *l)
{
	const struct host *h;
	char addr[ADDR_TEXT];
	int64_t offset;
	unsigned n = 0;

	for (size_t i = 0; l != NULL && (h = ledger_host_at(l, i)) != NULL;
	     i++) {
		if (!ledger_clock(l, &h->addr, &offset) ||
		    llabs(offset) <= ledger_skew(l) / 5)
			continue;
		if (n++ < 3)
			fprintf(out, ", clock of %s %+lld s",
			    addr_text(&h->addr, addr),
			    (long long)(offset / SECOND));
	}
	if (n > 3)
		fprintf(out, " and of %u more", n - 3);
}

static void
capture_span(const struct result *r, int64_t *first, int64_t *last,
    uint64_t *packets)
{
	*first = *last = 0;
	*packets = 0;
	for (size_t i = 0; i < r->ncaptures; i++) {
		const struct capture_info *c = &r->captures[i];

		if (c->packets == 0)
			continue;
		if (*packets == 0 || c->first < *first)
			*first = c->first;
		if (*packets == 0 || c->last > *last)
			*last = c->last;
		*packets += c->packets;
	}
}

/* The paragraph at the end, built first so that it can be wrapped. */
static void
show_facts(const struct page *p)
{
	char *line = NULL, *when, *n;
	int64_t first, last;
	uint64_t packets;
	size_t len;
	FILE *f = open_memstream(&line, &len);

	if (f == NULL)
		return;
	capture_span(p->r, &first, &last, &packets);
	if (p->many)
		fprintf(f, "%zu captures: ", p->r->ncaptures);
	if (packets == 0) {
		fputs("no packets", f);
	} else {
		n = text_count(packets, "packet", "s");
		when = page_span(first, last);
		fprintf(f, "%s, %s", n, when);
		free(when);
		free(n);
	}
	show_quality(f, &p->r->quality);
	show_clocks(f, p->r->ledger);
	putc('.', f);
	fclose(f);
	/* Of an empty capture the verdict has said it. */
	if (strcmp(line, "no packets.") != 0)
		text_wrap(p->out, 0, "  ", line);
	free(line);
	for (size_t i = 0; p->many && i < p->r->ncaptures; i++) {
		line = text_printf("%zu: %s", i, p->r->captures[i].path);
		fputs("  ", p->out);
		text_wrap(p->out, 2, "    ", line);
		free(line);
	}
}

/* What the verdict above says is of all of them. */
static void
show_filter(const struct page *p)
{
	const struct result *r = p->r;
	char *line, *n, *word;
	size_t i;

	if (r->filter == NULL)
		return;
	word = text_shell(r->filter);
	for (i = 0; i < r->ncauses && !cause_is_shown(&r->causes[i]);)
		i++;
	n = text_count(r->stories, "log-on", "s");
	line = text_printf("%zu of %s shown%s (--filter %s).", r->nkept, n,
	    i == r->ncauses ? ", without a cause" : "",
	    word != NULL ? word : "...");
	text_wrap(p->out, 0, "  ", line);
	free(word);
	free(line);
	free(n);
}

static bool
text_present(const struct result *r, const struct present_options *opt,
    FILE *out)
{
	struct page p = { out, r, opt->color, opt->verbose, r->ncaptures > 1,
		opt->again };
	bool causes;

	page_color(&p, ROLE_HEAD);
	text_wrap(out, 0, "", r->verdict);
	page_plain(&p);
	show_filter(&p);
	causes = show_causes(&p);
	if (!causes)
		show_checked(&p);
	show_remarks(&p);
	/* A healthy report stays three lines: -v says the rest. */
	if (causes || r->broken > 0 || r->degraded > 0 || r->unseen > 0 ||
	    opt->verbose)
		show_unjudged(&p);
	show_collect(&p);
	if (opt->verbose)
		present_stories(r, out);
	show_facts(&p);
	return ferror(out) == 0;
}

const struct presenter presenter_text = {
	.name = "text",
	.help = "for people, 80 columns",
	.present = text_present,
};
