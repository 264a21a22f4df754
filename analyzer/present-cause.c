/*
 * present-cause.c - one cause of the text report.  A command is never broken,
 * so that it can be pasted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "present-cause.h"
#include "text.h"

/* Without -v. */
#define PROOF_LINES 4 /* of a cause */
#define NOT_LINES 4   /* what it is not */
#define ALIKE_WHOLE 2 /* causes of one rule in full */

#define PLACE_COLUMNS 26 /* of "accounts.ldif:120", beside what it says */

#define WHO_NAMED 9 /* so many clients need not be counted in words */

#define LABEL "    "        /* before a label */
#define UNDER "           " /* below its text */

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

void
page_color(const struct page *p, enum role role)
{
	if (p->color)
		fprintf(p->out, "\033[%sm", sgr[role]);
}

void
page_plain(const struct page *p)
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
char *
page_span(int64_t first, int64_t last)
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
	page_color(p, impact_role[c->impact]);
	text_wrap(p->out, 0, "   ", head);
	page_plain(p);
	free(head);
}

/* ", 12 a minute", in the unit that keeps it above one; "" for none. */
static char *
rate_text(double a_minute)
{
	static const struct {
		double minutes;
		const char *unit;
	} units[] = { { 1, "minute" }, { 60, "hour" }, { 24 * 60, "day" } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (a_minute * units[i].minutes >= 1)
			return text_printf(", %.0f a%s %s",
			    a_minute * units[i].minutes, i == 1 ? "n" : "",
			    units[i].unit);
	return text_printf("%s", "");
}

/* "200 clients, " where the names given are not all. */
static char *
clients_text(const struct cause *c)
{
	if (c->more_clients)
		return text_printf("more than %" PRIu64 " clients, ",
		    c->clients);
	if (c->clients > WHO_NAMED)
		return text_printf("%" PRIu64 " clients, ", c->clients);
	return text_printf("%s", "");
}

/*
 * What went well since: the fault has stopped, or is met by some alone.  The
 * day is said when it is another than that of the end.
 */
static void
show_since(const struct page *p, const struct cause *c)
{
	char when[TIME_TEXT], today[TIME_TEXT], *n, *line;
	bool same_day;

	if (!p->r->live || c->ok_since == 0)
		return;
	time_text(c->last, when);
	time_text(p->r->now, today);
	same_day = strncmp(when, today, 10) == 0;
	when[10] = ' ';
	when[19] = '\0';
	n = text_count(c->ok_since, "log-on", "s");
	line = text_printf("not seen since %s, %s ok since",
	    same_day ? when + 11 : when, n);
	labelled(p, "", line);
	free(line);
	free(n);
}

static void
show_who(const struct page *p, const struct cause *c)
{
	char *when = page_span(c->first, c->last);
	char *n = text_count(c->occurrences, "log-on", "s");
	char *rate = rate_text(c->rate), *clients = clients_text(c);
	const char *who = c->who == NULL ? "" : c->who;
	char *line = text_printf("%s%s%s%s, %s%s", who,
	    *who == '\0' ? "" : "; ", clients, n, when, rate);

	labelled(p, "Who", line);
	show_since(p, c);
	free(line);
	free(clients);
	free(rate);
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

/* The widest of WIDTH and the place of E, if that leaves room beside it. */
static size_t
place_column(const struct page *p, const struct evidence *e, size_t width)
{
	char *where = place(p, e, "frame "), *shown = text_escaped(where);
	size_t n = text_width(shown);

	free(shown);
	free(where);
	return n > width && n <= PLACE_COLUMNS ? n : width;
}

/* A place that is too long (a DN) has a line of its own. */
static void
show_evidence(const struct page *p, const struct evidence *e, size_t column)
{
	char *where = place(p, e, "frame "), *shown = text_escaped(where);
	char *indent = text_printf("%s%*s", UNDER, (int)column, "");
	size_t n = text_width(shown);

	fputs(shown, p->out);
	if (n + 2 <= column)
		fprintf(p->out, "%*s", (int)(column - n), "");
	else
		fprintf(p->out, "\n%s", indent);
	text_wrap(p->out, strlen(indent), indent, e->says);
	free(indent);
	free(shown);
	free(where);
}

static void
show_proof(const struct page *p, const struct cause *c)
{
	size_t most = p->verbose || c->f.nevidence <= PROOF_LINES ?
	    c->f.nevidence :
	    PROOF_LINES - 1;
	size_t width = 0, i;

	for (i = 0; i < most; i++)
		width = place_column(p, &c->f.evidence[i], width);
	for (i = 0; i < most; i++) {
		fprintf(p->out, "%s%-7s", LABEL, i == 0 ? "Proof" : "");
		show_evidence(p, &c->f.evidence[i], width + 2);
	}
	if (most < c->f.nevidence)
		show_more_proof(p, &c->f, most);
}

/* " (frame 90)" of what excludes; "" when no frame says it. */
static char *
excluded_place(const struct page *p, const struct excluded *x)
{
	const struct evidence e = { .ref = x->ref };
	char *where, *text;

	if (x->ref.frame == 0)
		return text_printf("%s", "");
	where = place(p, &e, "frame ");
	text = text_printf(" (%s)", where);
	free(where);
	return text;
}

/* What else was looked at, and why it is not that. */
static void
show_excluded(const struct page *p, const struct finding *f)
{
	size_t most = p->verbose || f->nexcluded <= NOT_LINES ? f->nexcluded :
								NOT_LINES - 1;
	char *line, *where;

	for (size_t i = 0; i < most; i++) {
		where = excluded_place(p, &f->excluded[i]);
		line = text_printf("%s: %s%s", f->excluded[i].what,
		    f->excluded[i].because, where);
		labelled(p, i == 0 ? "Not" : "", line);
		free(line);
		free(where);
	}
	if (most == f->nexcluded)
		return;
	line = text_printf("and %zu more that -v shows", f->nexcluded - most);
	labelled(p, "", line);
	free(line);
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
		page_color(p, ROLE_COMMAND);
		escape_text(p->out, f->run);
		page_plain(p);
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

/* A catch-all on the very thing that a narrower rule explains says no more. */
static bool
is_plain_word(const struct result *r, const struct cause *c)
{
	const struct finding *a, *b = &c->f;

	if (c->explained_by < 0 || !b->rule->catch_all)
		return false;
	a = &r->causes[c->explained_by].f;
	return a->subject[SUBJECT_SPN] != NULL &&
	    b->subject[SUBJECT_SPN] != NULL &&
	    strcasecmp(a->subject[SUBJECT_SPN], b->subject[SUBJECT_SPN]) == 0;
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
		    rival != rivals || (!p->verbose && is_plain_word(p->r, c)))
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

bool
cause_is_shown(const struct cause *c)
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
		if (!cause_is_shown(&r->causes[i]))
			continue;
		shown++;
		if (r->causes[i].f.rule == r->causes[index].f.rule && n++ == 0)
			*number = shown;
	}
	return n;
}

/* The third cause of one rule and later ones are told in short. */
void
present_cause(const struct page *p, size_t number, size_t index)
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
		if (c->verify != NULL)
			labelled(p, "Verify", c->verify);
		show_excluded(p, &c->f);
	}
	show_related(p, index, false);
	show_related(p, index, true);
}
