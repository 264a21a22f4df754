/*
 * explain.c - what a rule says of itself, without a capture: {spn} and its
 * like are shown as <spn>.
 */
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "presenter.h"
#include "table.h"
#include "text.h"

#define INDENT "    "
#define NEAR_MAX 3

/*
 * TEXT with {key} and {key|words} as <key>; braces around anything else are
 * the command's own.  The caller frees it.
 */
static char *
unfilled(const char *text)
{
	static const char key[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
	char *out = must_calloc(strlen(text) + 1, 1), *o = out;
	const char *end;
	size_t n;

	while (*text != '\0') {
		n = *text == '{' ? strspn(text + 1, key) : 0;
		end = n == 0 ? NULL : strchr(text, '}');
		if (end == NULL || (text[n + 1] != '}' && text[n + 1] != '|')) {
			*o++ = *text++;
			continue;
		}
		*o++ = '<';
		memcpy(o, text + 1, n);
		o += n;
		*o++ = '>';
		text = end + 1;
	}
	return out;
}

static void
paragraph(FILE *out, const char *head, const char *text)
{
	char *s;

	if (text == NULL)
		return;
	s = unfilled(text);
	fprintf(out, "\n%s\n" INDENT, head);
	text_wrap(out, strlen(INDENT), INDENT, s);
	free(s);
}

/* A command: whole if it fits, else broken as a shell lets it be. */
static void
command(FILE *out, const char *text)
{
	char *s = unfilled(text);

	fputs(INDENT, out);
	text_wrap(out, strlen(INDENT), INDENT INDENT, s);
	free(s);
}

static void
comment(FILE *out, const char *text)
{
	char *s;

	if (*text == '\0')
		return;
	s = unfilled(text);
	fputs(INDENT "# ", out);
	text_wrap(out, strlen(INDENT) + 2, INDENT "# ", s);
	free(s);
}

static void
show_fix(FILE *out, const struct fix *fix)
{
	char *s;

	if (fix == NULL || fix->platform == NULL)
		return;
	fputs("\nFix\n", out);
	for (; fix->platform != NULL; fix++) {
		s = text_fix_comment(fix);
		comment(out, s);
		free(s);
		if (fix->run != NULL)
			command(out, fix->run);
	}
}

static void
show_list(FILE *out, const char *head, const char *const *list)
{
	if (list == NULL || *list == NULL)
		return;
	fprintf(out, "\n%s\n", head);
	for (; *list != NULL; list++) {
		fputs(INDENT, out);
		text_wrap(out, strlen(INDENT), INDENT INDENT, *list);
	}
}

static void
show_needs(FILE *out, unsigned needs)
{
	unsigned bit;

	if (needs == 0)
		return;
	fputs("\nCannot judge without\n", out);
	for (bit = 1; bit <= EVIDENCE_LAST; bit <<= 1) {
		char *s;

		if ((needs & bit) == 0)
			continue;
		s = text_printf("%s: %s", evidence_name(bit),
		    evidence_how(bit));
		fputs(INDENT, out);
		text_wrap(out, strlen(INDENT), INDENT INDENT, s);
		free(s);
	}
}

static void
show_page(const struct rule *rule, FILE *out)
{
	char *title = unfilled(rule->title), *head;

	head = text_printf("%s: %s", rule->id, title);
	text_wrap(out, 0, INDENT, head);
	free(head);
	free(title);
	fprintf(out, "\nImpact\n" INDENT "%s at most",
	    impact_names[rule->impact]);
	if (rule->mild != rule->impact)
		fprintf(out, "; %s when every log-on ended well",
		    rule->mild == IMPACT_NONE ? "nothing" :
						impact_names[rule->mild]);
	putc('\n', out);
	paragraph(out, "Why", rule->why);
	paragraph(out, "Not to be confused with", rule->not_this);
	paragraph(out, "What would decide", rule->decide);
	show_needs(out, rule->needs);
	show_list(out, "Explains", rule->explains);
	show_fix(out, rule->fix);
	paragraph(out, "After the fix, the next capture shows", rule->verify);
	show_list(out, "See", rule->see);
}

/* Levenshtein's distance; names are short. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[64], la = strlen(a), lb = strlen(b), i, k, corner, up;

	if (la >= 64 || lb >= 64)
		return 64;
	for (k = 0; k <= lb; k++)
		row[k] = k;
	for (i = 1; i <= la; i++) {
		corner = row[0];
		row[0] = i;
		for (k = 1; k <= lb; k++) {
			up = row[k];
			row[k] = corner + (a[i - 1] != b[k - 1]);
			if (up + 1 < row[k])
				row[k] = up + 1;
			if (row[k - 1] + 1 < row[k])
				row[k] = row[k - 1] + 1;
			corner = up;
		}
	}
	return row[lb];
}

static bool
is_near(const char *id, const char *asked)
{
	return distance(id, asked) <= strlen(asked) / 3 ||
	    (strlen(asked) >= 3 && strstr(id, asked) != NULL);
}

static void
suggest(const char *asked)
{
	char *near = text_printf("%s", "");
	unsigned n = 0;

	for (unsigned i = 0; i < rules_count && n < NEAR_MAX; i++) {
		char *more;

		if (!is_near(rules_all[i]->id, asked))
			continue;
		more = text_printf("%s%s%s", near, n++ == 0 ? "" : ", ",
		    rules_all[i]->id);
		free(near);
		near = more;
	}
	if (n > 0)
		message("no rule is called %s; near: %s", asked, near);
	else
		message("no rule is called %s; see: kerbscope rules", asked);
	free(near);
}

bool
explain_rule(const char *id, FILE *out)
{
	for (unsigned i = 0; i < rules_count; i++)
		if (strcmp(rules_all[i]->id, id) == 0) {
			show_page(rules_all[i], out);
			return true;
		}
	suggest(id);
	return false;
}

void
explain_rules(FILE *out)
{
	size_t width = 0;

	for (unsigned i = 0; i < rules_count; i++)
		if (strlen(rules_all[i]->id) > width)
			width = strlen(rules_all[i]->id);
	for (unsigned i = 0; i < rules_count; i++) {
		char *title = unfilled(rules_all[i]->title);

		fprintf(out, "%-*s  %-8s  %s\n", (int)width, rules_all[i]->id,
		    impact_names[rules_all[i]->impact], title);
		free(title);
	}
}
