/*
 * audit-text.c - what an audit found, as text in the manner of the report:
 * the verdict, what is wrong, worst first, remarks, what could not be judged,
 * and what the directory holds.
 */
#include <stdlib.h>

#include "audit.h"
#include "text.h"

#define FINDINGS_SHOWN 8 /* of one check, without -v */
#define MARGIN "           "

static void
label(FILE *out, const char *word)
{
	fprintf(out, "    %-7s", word);
}

/* Whether the places say the names. */
static bool
names_said(const struct audit_finding *f)
{
	size_t i;

	for (i = 0; i < f->nnames; i++)
		if (i >= f->nplaces || f->places[i].says == NULL ||
		    strstr(f->places[i].says, f->names[i]) == NULL)
			return false;
	return true;
}

static void
show_places(const struct audit_finding *f, FILE *out)
{
	const struct audit_place *p;
	const char *word = "Where";
	size_t more = f->accounts - f->shown;
	char *line;

	for (p = f->places; p < f->places + f->nplaces; p++) {
		line = text_printf("%s, %s%s%s", p->account->name,
		    p->account->source,
		    p->says == NULL || *p->says == '\0' ? "" : ": ",
		    p->says == NULL ? "" : p->says);
		label(out, word);
		text_wrap(out, 11, MARGIN "  ", line);
		free(line);
		word = "";
	}
	/* Of one account, each place is a name. */
	if (f->accounts == 1 && names_said(f))
		more = f->all_names - f->nnames;
	if (more > 0)
		fprintf(out, MARGIN "and %zu more\n", more);
}

/* The names, when the title and the places have not said them all. */
static void
show_names(const struct audit_finding *f, FILE *out)
{
	char *line, *more;
	size_t i;

	if (f->all_names < 2 || names_said(f))
		return;
	line = text_printf("%s", f->names[0]);
	for (i = 1; i < f->nnames; i++) {
		more = text_printf("%s, %s", line, f->names[i]);
		free(line);
		line = more;
	}
	if (f->all_names > f->nnames) {
		more = text_printf("%s and %zu more", line,
		    f->all_names - f->nnames);
		free(line);
		line = more;
	}
	label(out, "Names");
	text_wrap(out, 11, MARGIN, line);
	free(line);
}

/* A command is never broken, so that it can be pasted. */
static void
show_fixes(const struct audit_finding *f, FILE *out)
{
	const char *word = "Fix", *platform = "";
	char *comment;
	size_t i;

	for (i = 0; i < f->nfixes; i++) {
		if (strcmp(platform, f->fixes[i].platform) != 0 ||
		    f->fixes[i].note != NULL) {
			comment = text_fix_comment(&f->fixes[i]);
			label(out, word);
			fputs("# ", out);
			text_wrap(out, 13, MARGIN "# ", comment);
			free(comment);
			word = "";
		}
		platform = f->fixes[i].platform;
		fputs(MARGIN, out);
		escape_text(out, f->fixes[i].run);
		putc('\n', out);
	}
}

static void
show_finding(const struct audit_finding *f, size_t number, FILE *out)
{
	char *head = text_printf("%zu. ", number);
	char *line = text_printf("%s (%s): %s [%s]", impact_names[f->impact],
	    certainty_names[f->certainty], f->title, f->check->id);

	fprintf(out, "\n%s", head);
	text_wrap(out, strlen(head), "   ", line);
	show_places(f, out);
	show_names(f, out);
	label(out, "Why");
	text_wrap(out, 11, MARGIN, f->check->why);
	show_fixes(f, out);
	free(line);
	free(head);
}

/* Counts F, of those of its check; whether it is shown. */
static bool
is_shown(size_t *shown, const struct audit_finding *f, bool verbose)
{
	size_t k = 0;

	while (audit_checks[k] != f->check)
		k++;
	return shown[k]++ < FINDINGS_SHOWN || verbose;
}

/* "and 12 more of spn-duplicate, 3 more of ...; -v shows all" */
static void
show_left(const size_t *shown, bool verbose, const char *margin, FILE *out)
{
	char *line = text_printf("and"), *more;
	const char *comma = "";
	size_t k;

	for (k = 0; audit_checks[k] != NULL; k++) {
		if (shown[k] <= FINDINGS_SHOWN || verbose)
			continue;
		more = text_printf("%s%s %zu more of %s", line, comma,
		    shown[k] - FINDINGS_SHOWN, audit_checks[k]->id);
		free(line);
		line = more;
		comma = ",";
	}
	if (*comma != '\0') {
		more = text_printf("%s; -v shows all", line);
		fprintf(out, "%s%s", *margin == '\0' ? "\n" : "", margin);
		text_wrap(out, strlen(margin), margin, more);
		free(more);
	}
	free(line);
}

static void
show_remarks(struct audit *a, bool verbose, FILE *out)
{
	const char *head = "\nRemarks\n";
	size_t shown[AUDIT_CHECKS] = { 0 };
	const struct audit_finding *f;
	char *line;
	size_t i;

	for (i = 0; i < a->n; i++) {
		f = a->list[i];
		if (f->impact > IMPACT_REMARK || !is_shown(shown, f, verbose))
			continue;
		line = text_printf("%s (%s, %s%s)", f->title,
		    f->places[0].account->source, f->check->id,
		    f->accounts > 1 ? ", the first of them" : "");
		fprintf(out, "%s  ", head);
		text_wrap(out, 2, "    ", line);
		head = "";
		free(line);
	}
	show_left(shown, verbose, "  ", out);
}

/*
 * What others of the accounts show was exported: who asked may not see it of
 * these, or another domain's export lacks it.
 */
static char *
unjudged_line(const struct audit_tally *t, const struct audit_check *c)
{
	if (t->judged == 0)
		return text_printf("%s: export %s", c->id, c->needs);
	if (t->unknown == 1)
		return text_printf("%s: of %s it needs %s", c->id, t->who->name,
		    c->needs);
	return text_printf("%s: of %zu accounts, %s the first, it needs %s",
	    c->id, t->unknown, t->who->name, c->needs);
}

static void
show_unjudged(struct audit *a, FILE *out)
{
	const char *head = "\nCould not be judged\n";
	char *line;
	size_t k;

	for (k = 0; audit_checks[k] != NULL; k++) {
		if (a->tallies[k].unknown == 0)
			continue;
		line = unjudged_line(&a->tallies[k], audit_checks[k]);
		fprintf(out, "%s  ", head);
		text_wrap(out, 2, "    ", line);
		head = "";
		free(line);
	}
}

static size_t
show_findings(struct audit *a, bool verbose, FILE *out)
{
	size_t shown[AUDIT_CHECKS] = { 0 };
	size_t i, n = 0;

	for (i = 0; i < a->n; i++)
		if (a->list[i]->impact > IMPACT_REMARK &&
		    is_shown(shown, a->list[i], verbose))
			show_finding(a->list[i], ++n, out);
	if (n > 0)
		show_left(shown, verbose, "", out);
	if (a->lost > 0)
		fprintf(out,
		    "\nOf one check, the first %d findings are kept; %llu "
		    "more hits are not\n",
		    AUDIT_FINDINGS, (unsigned long long)a->lost);
	return n;
}

static void
show_checked(const struct audit *a, FILE *out)
{
	char *line;
	size_t k, n = 0;

	for (k = 0; audit_checks[k] != NULL; k++)
		n += a->tallies[k].verdict != VERDICT_UNKNOWN;
	line = text_printf("Checked: %zu things of SPNs, accounts, delegation, "
			   "enctypes and keys.",
	    n);
	text_wrap(out, 0, "", line);
	free(line);
}

/* "10 accounts of CORP.TEST, from accounts.ldif." */
static void
show_domains(const struct audit *a, FILE *out)
{
	const struct dir_domain *d;
	char *line, *n;
	size_t i;

	for (i = 0; (d = directory_domain_at(a->d, i)) != NULL; i++) {
		if (d->accounts == 0)
			continue;
		n = text_count((uint64_t)d->accounts, "account", "s");
		line = text_printf("%s of %s%s%s%s, from %s%s%s.", n, d->realm,
		    d->netbios == NULL ? "" : " (",
		    d->netbios == NULL ? "" : d->netbios,
		    d->netbios == NULL ? "" : ")", d->source,
		    d->whole ? "" : ", not surely all",
		    d->damaged ? ", damaged" : "");
		text_wrap(out, 0, "  ", line);
		free(line);
		free(n);
	}
}

/* Whether something stands between the verdict and what was checked. */
static bool
has_more(const struct audit *a)
{
	size_t k;

	for (k = 0; audit_checks[k] != NULL; k++)
		if (a->tallies[k].unknown > 0)
			return true;
	return a->n > 0;
}

bool
audit_text(struct audit *a, bool verbose, FILE *out)
{
	size_t n;

	text_wrap(out, 0, "", audit_verdict(a));
	n = show_findings(a, verbose, out);
	show_remarks(a, verbose, out);
	show_unjudged(a, out);
	if (has_more(a))
		putc('\n', out);
	if (n == 0)
		show_checked(a, out);
	show_domains(a, out);
	return ferror(out) == 0;
}
