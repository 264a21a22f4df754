/*
 * audit-json.c - what an audit found, as one JSON object, kerbscope.audit/1;
 * tests/report/audit-schema.json says which keys there are.
 */
#include "config.h"

#include "audit.h"
#include "event-json.h"

static void
text_key(FILE *out, const char *before, const char *key, const char *text)
{
	if (text == NULL)
		return;
	fprintf(out, "%s\"%s\": ", before, key);
	json_text(out, text, strlen(text));
}

static void
put_account(const struct audit_place *p, FILE *out)
{
	const struct dir_account *x = p->account;
	char buf[TIME_TEXT];

	fputs("{", out);
	text_key(out, "", "name", x->name);
	text_key(out, ", ", "dn", x->dn);
	text_key(out, ", ", "source", x->source);
	if (p->says != NULL && *p->says != '\0')
		text_key(out, ", ", "says", p->says);
	if (x->pwd_last_set != 0)
		text_key(out, ", ", "pwd_last_set",
		    time_text(x->pwd_last_set, buf));
	fputs("}", out);
}

static void
put_finding(const struct audit_finding *f, FILE *out)
{
	const struct fix *x;
	size_t i;

	text_key(out, "\n    {", "check", f->check->id);
	text_key(out, ",\n     ", "title", f->title);
	text_key(out, ",\n     ", "impact", impact_names[f->impact]);
	text_key(out, ",\n     ", "certainty", certainty_names[f->certainty]);
	text_key(out, ",\n     ", "realm", f->realm);
	fprintf(out, ",\n     \"occurrences\": %zu,\n     \"accounts\": [",
	    f->accounts);
	for (i = 0; i < f->nplaces; i++) {
		fputs(i == 0 ? "\n      " : ",\n      ", out);
		put_account(&f->places[i], out);
	}
	fputs("],\n     \"names\": [", out);
	for (i = 0; i < f->nnames; i++) {
		fputs(i == 0 ? "" : ", ", out);
		json_text(out, f->names[i], strlen(f->names[i]));
	}
	text_key(out, "],\n     ", "why", f->check->why);
	fputs(",\n     \"fix\": [", out);
	for (x = f->fixes; x < f->fixes + f->nfixes; x++) {
		text_key(out, x == f->fixes ? "\n      {" : ",\n      {", "for",
		    x->platform);
		text_key(out, ", ", "run", x->run);
		text_key(out, ", ", "note", x->note);
		fputs("}", out);
	}
	text_key(out, "],\n     ", "see", f->check->see);
	fputs("}", out);
}

static void
put_domains(const struct audit *a, FILE *out)
{
	const struct dir_domain *d;
	const char *comma = "";
	size_t i;

	fputs("  \"domains\": [", out);
	for (i = 0; (d = directory_domain_at(a->d, i)) != NULL; i++) {
		if (d->accounts == 0)
			continue;
		fputs(comma, out);
		text_key(out, "\n    {", "realm", d->realm);
		text_key(out, ", ", "netbios", d->netbios);
		text_key(out, ", ", "source", d->source);
		fprintf(out,
		    ", \"accounts\": %lld, \"whole\": %s, \"damaged\": %s}",
		    (long long)d->accounts, d->whole ? "true" : "false",
		    d->damaged ? "true" : "false");
		comma = ",";
	}
	fputs("],\n", out);
}

static void
put_summary(struct audit *a, FILE *out)
{
	text_key(out, "  \"summary\": {", "verdict", audit_verdict(a));
	fprintf(out,
	    ", \"accounts\": %zu, \"breaks\": %zu, \"degrades\": %zu, "
	    "\"weakens\": %zu, \"remarks\": %zu, \"not_kept\": %llu},\n",
	    directory_count(a->d), audit_count(a, IMPACT_BREAKS),
	    audit_count(a, IMPACT_DEGRADES), audit_count(a, IMPACT_WEAKENS),
	    audit_count(a, IMPACT_REMARK), (unsigned long long)a->lost);
}

static void
put_checks(const struct audit *a, FILE *out)
{
	const struct audit_tally *t;
	size_t k;

	fputs("  \"checks\": [", out);
	for (k = 0; audit_checks[k] != NULL; k++) {
		t = &a->tallies[k];
		text_key(out, k == 0 ? "\n    {" : ",\n    {", "id",
		    audit_checks[k]->id);
		text_key(out, ", ", "about", audit_checks[k]->about);
		text_key(out, ", ", "verdict", verdict_names[t->verdict]);
		if (t->unknown > 0) {
			text_key(out, ", ", "missing", audit_checks[k]->needs);
			fprintf(out, ", \"unjudged\": %zu", t->unknown);
		}
		fputs("}", out);
	}
	fputs("]\n", out);
}

bool
audit_json(struct audit *a, FILE *out)
{
	size_t i;

	fputs("{\n  \"schema\": \"kerbscope.audit/1\",\n", out);
	fprintf(out, "  \"tool\": {\"name\": \"%s\", \"version\": \"%s\"},\n",
	    PACKAGE_NAME, PACKAGE_VERSION);
	put_domains(a, out);
	put_summary(a, out);
	fputs("  \"findings\": [", out);
	for (i = 0; i < a->n; i++) {
		fputs(i == 0 ? "" : ",", out);
		put_finding(a->list[i], out);
	}
	fputs("],\n", out);
	put_checks(a, out);
	fputs("}\n", out);
	return ferror(out) == 0;
}
