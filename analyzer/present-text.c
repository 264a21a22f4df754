/*
 * present-text.c - the report as text, for people in a hurry: the verdict,
 * the causes (who, why, proof, fix), what could not be judged, one line on
 * the capture.  80 columns, no boxes; a command is never broken, so that it
 * can be pasted.  The stories of -v are in present-story.c.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "present-story.h"
#include "presenter.h"
#include "text.h"

/* Without -v. */
#define PROOF_LINES 4 /* of a cause */
#define ALIKE_WHOLE 2 /* causes of one rule in full */
#define CAUSES_SHOWN 20

#define LABEL "    "        /* before a label */
#define UNDER "           " /* below its text */

/* SGR parameters by role; a monochrome report says the same in words. */
enum role { ROLE_HEAD, ROLE_BREAKS, ROLE_DEGRADES, ROLE_WEAKENS, ROLE_COMMAND };

static const char *const sgr[] = {
	[ROLE_HEAD] = "1",
	[ROLE_BREAKS] = "1;31",
	[ROLE_DEGRADES] = "1;33",
	[ROLE_WEAKENS] = "1;35",
	[ROLE_COMMAND] = "36",
};

static const enum role impact_role[] = {
	[IMPACT_NONE] = ROLE_HEAD,
	[IMPACT_REMARK] = ROLE_HEAD,
	[IMPACT_WEAKENS] = ROLE_WEAKENS,
	[IMPACT_DEGRADES] = ROLE_DEGRADES,
	[IMPACT_BREAKS] = ROLE_BREAKS,
};

struct page {
	FILE *out;
	const struct result *r;
	bool color, verbose;
	bool many; /* captures */
};

static void
color_on(const struct page *p, enum role role)
{
	if (p->color)
		fprintf(p->out, "\033[%sm", sgr[role]);
}

static void
color_off(const struct page *p)
{
	if (p->color)
		fputs("\033[m", p->out);
}

static void
labelled(const struct page *p, const char *label, const char *text)
{
	fprintf(p->out, "%s%-7s", LABEL, label);
	text_wrap(p->out, strlen(UNDER), UNDER, text);
}

/* "2026-11-20 14:05:01 to 14:05:40 UTC", the day once if it is one. */
static char *
span(int64_t first, int64_t last)
{
	char a[TIME_TEXT], b[TIME_TEXT];
	bool same_day;

	time_text(first, a);
	time_text(last, b);
	same_day = strncmp(a, b, 10) == 0;
	a[10] = b[10] = ' ';
	a[19] = b[19] = '\0';
	if (strcmp(a, b) == 0)
		return text_printf("%s UTC", a);
	return text_printf("%s to %s UTC", a, same_day ? b + 11 : b);
}

static void
show_headline(const struct page *p, size_t number, const struct cause *c)
{
	char *head = text_printf("%zu. %s (%s): %s [%s]", number,
	    impact_names[c->impact], certainty_names[c->f.certainty], c->title,
	    c->f.rule->id);

	putc('\n', p->out);
	color_on(p, impact_role[c->impact]);
	text_wrap(p->out, 0, "   ", head);
	color_off(p);
	free(head);
}

static void
show_who(const struct page *p, const struct cause *c)
{
	char *when = span(c->first, c->last);
	char *n = text_count(c->occurrences, "log-on", "s");
	const char *who = c->clients;
	char *line;

	line = text_printf("%s%s%s, %s", who == NULL ? "" : who,
	    who == NULL || *who == '\0' ? "" : "; ", n, when);
	labelled(p, "Who", line);
	free(line);
	free(n);
	free(when);
}

/* "frame 57", "frame 1:57" with several captures, "accounts.ldif:120". */
static char *
place(const struct page *p, const struct evidence *e, const char *word)
{
	if (e->source != NULL)
		return text_printf("%s", e->source);
	if (p->many)
		return text_printf("%s%d:%" PRIu64, word, e->ref.capture,
		    e->ref.frame);
	return text_printf("%s%" PRIu64, word, e->ref.frame);
}

/* The rest of the proof by number: the screen is for the fix. */
static void
show_more_proof(const struct page *p, const struct finding *f, size_t from)
{
	char *line = text_printf("%s", "see also "), *more, *where;

	for (size_t i = from; i < f->nevidence; i++) {
		where = place(p, &f->evidence[i], i == from ? "frame " : "");
		more = text_printf("%s%s%s", line, i == from ? "" : ", ",
		    where);
		free(where);
		free(line);
		line = more;
	}
	labelled(p, "", line);
	free(line);
}

static void
show_proof(const struct page *p, const struct cause *c)
{
	size_t most = p->verbose || c->f.nevidence <= PROOF_LINES ?
	    c->f.nevidence :
	    PROOF_LINES - 1;
	char *where, *indent;
	int width = 0;

	for (size_t i = 0; i < most; i++) {
		where = place(p, &c->f.evidence[i], "frame ");
		if ((int)text_width(where) > width)
			width = (int)text_width(where);
		free(where);
	}
	indent = text_printf("%s%*s", UNDER, width + 2, "");
	for (size_t i = 0; i < most; i++) {
		where = place(p, &c->f.evidence[i], "frame ");
		fprintf(p->out, "%s%-7s", LABEL, i == 0 ? "Proof" : "");
		escape_text(p->out, where);
		fprintf(p->out, "%*s", width + 2 - (int)text_width(where), "");
		text_wrap(p->out, strlen(indent), indent,
		    c->f.evidence[i].says);
		free(where);
	}
	free(indent);
	if (most < c->f.nevidence)
		show_more_proof(p, &c->f, most);
}

/* "# for windows; on the server": a comment, so that all can be pasted. */
static void
show_fix_comment(const struct page *p, const struct fix *f)
{
	char *line = text_fix_comment(f);

	if (*line != '\0') {
		fputs("# ", p->out);
		text_wrap(p->out, strlen(UNDER) + 2, UNDER "# ", line);
		fputs(f->run == NULL ? "" : UNDER, p->out);
	}
	free(line);
}

/*
 * Commands stand alone on their lines, whatever their length, with a comment
 * before them that says where they are for.
 */
static void
show_fix(const struct page *p, const struct cause *c)
{
	const struct fix *f;
	char label[16];

	snprintf(label, sizeof(label), "%s%-7s", LABEL, "Fix");
	for (f = c->fix; f != NULL && f->platform != NULL; f++) {
		fputs(f == c->fix ? label : UNDER, p->out);
		show_fix_comment(p, f);
		if (f->run == NULL)
			continue;
		color_on(p, ROLE_COMMAND);
		escape_text(p->out, f->run);
		color_off(p);
		putc('\n', p->out);
	}
}

/*
 * The cause under which finding I is shown, and whether it stands there as
 * a rival.  Chains are short; the count guards against a ring.
 */
static size_t
root_of(const struct result *r, size_t i, bool *rival)
{
	size_t steps;

	*rival = false;
	for (steps = 0; steps < r->ncauses && !r->causes[i].cause; steps++) {
		const struct cause *c = &r->causes[i];
		int up = c->explained_by >= 0 ? c->explained_by : c->rival_of;

		if (up < 0)
			break;
		if (steps == 0)
			*rival = c->explained_by < 0;
		i = (size_t)up;
	}
	return i;
}

static void
show_related(const struct page *p, size_t cause, bool rivals)
{
	const char *label = rivals ? "Or" : "Effect";
	size_t i;
	bool rival;

	for (i = 0; i < p->r->ncauses; i++) {
		const struct cause *c = &p->r->causes[i];
		char *line;

		if (c->cause || root_of(p->r, i, &rival) != cause ||
		    rival != rivals)
			continue;
		if (!rivals || c->decide == NULL)
			line = text_printf("%s (%s)", c->title,
			    certainty_names[c->f.certainty]);
		else
			line = text_printf("%s (%s)? %s", c->f.rule->id,
			    certainty_names[c->f.certainty], c->decide);
		labelled(p, label, line);
		label = "";
		free(line);
	}
}

static bool
is_shown(const struct cause *c)
{
	return c->cause && c->impact > IMPACT_REMARK;
}

/* Causes of the same rule that stand before cause INDEX, the first as NUMBER
 * in the report. */
static unsigned
same_before(const struct result *r, size_t index, size_t *number)
{
	size_t shown = 0;
	unsigned n = 0;

	for (size_t i = 0; i < index; i++) {
		if (!is_shown(&r->causes[i]))
			continue;
		shown++;
		if (r->causes[i].f.rule == r->causes[index].f.rule && n++ == 0)
			*number = shown;
	}
	return n;
}

/* The third cause of one rule and later ones are told in short. */
static void
show_cause(const struct page *p, size_t number, size_t index)
{
	const struct cause *c = &p->r->causes[index];
	size_t first = 0;
	char *as;

	show_headline(p, number, c);
	show_who(p, c);
	if (!p->verbose && same_before(p->r, index, &first) >= ALIKE_WHOLE) {
		show_proof(p, c);
		as = text_printf("as for %zu, with these names (-v)", first);
		labelled(p, "Fix", as);
		free(as);
	} else {
		if (c->why != NULL)
			labelled(p, "Why", c->why);
		show_proof(p, c);
		show_fix(p, c);
	}
	show_related(p, index, false);
	show_related(p, index, true);
}

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
		if (!is_shown(&p->r->causes[i]))
			continue;
		if (number == CAUSES_SHOWN && !p->verbose)
			left++;
		else
			show_cause(p, ++number, i);
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

static void
show_unjudged(const struct page *p)
{
	unsigned bit;

	if (unknown_rules(p->r) == 0 && p->r->unseen == 0)
		return;
	fputs("\nCould not be judged\n", p->out);
	if (p->r->unseen > 0)
		fprintf(p->out,
		    "  %" PRIu64 " log-on%s: the capture does not hold the "
		    "last answer\n",
		    p->r->unseen, p->r->unseen == 1 ? "" : "s");
	for (bit = 0; bit <= EVIDENCE_LAST; bit = bit == 0 ? 1 : bit << 1)
		show_missing(p, bit);
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

	if (r->stories == 0)
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
		when = span(first, last);
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

static bool
text_present(const struct result *r, const struct present_options *opt,
    FILE *out)
{
	struct page p = { out, r, opt->color, opt->verbose, r->ncaptures > 1 };
	bool causes;

	color_on(&p, ROLE_HEAD);
	text_wrap(out, 0, "", r->verdict);
	color_off(&p);
	causes = show_causes(&p);
	if (!causes)
		show_checked(&p);
	show_remarks(&p);
	/* A healthy report stays three lines: -v says the rest. */
	if (causes || r->broken > 0 || r->degraded > 0 || r->unseen > 0 ||
	    opt->verbose)
		show_unjudged(&p);
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
