/*
 * collect.c - `kerbscope collect`: the open findings of a result, and the
 * commands that export what would settle them, as text to paste or as a list
 * in JSON.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "collect-command.h"
#include "collect.h"
#include "event-json.h"
#include "text.h"

#define WHY_SHOWN 3 /* findings named for one command */

/* The findings that lack what a command exports. */
static char *
why_text(const struct need *n, unsigned kinds)
{
	char *text = text_printf("%s", ""), *more;
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < n->nopen; i++) {
		if ((need_lacks(n->r, n->open[i]) & kinds) == 0 ||
		    all++ >= WHY_SHOWN)
			continue;
		more = text_printf("%s%s%s: %s", text, shown++ == 0 ? "" : "; ",
		    n->open[i]->f.rule->id, n->open[i]->title);
		free(text);
		text = more;
	}
	if (all > shown) {
		more = text_printf("%s; and %zu more", text, all - shown);
		free(text);
		text = more;
	}
	return text;
}

/* --- text ---------------------------------------------------------------- */

static void
show_comment(FILE *out, const char *text)
{
	fputs("# ", out);
	text_wrap(out, 2, "# ", text);
}

static void
show_open(const struct need *n, FILE *out)
{
	char *line = text_printf("What would prove %zu finding%s. All of these "
				 "commands only read.",
	    n->nopen, n->nopen == 1 ? "" : "s");

	show_comment(out, line);
	free(line);
	fputs("#\n", out);
	for (size_t i = 0; i < n->nopen; i++) {
		const struct cause *c = n->open[i];
		char *kinds = text_evidence(need_lacks(n->r, c));

		line = text_printf("%s (%s): %s. Lacks: %s", c->f.rule->id,
		    certainty_names[c->f.certainty], c->title, kinds);
		fputs("#   ", out);
		text_wrap(out, 4, "#     ", line);
		free(line);
		free(kinds);
	}
	if (n->lost == 0 && !n->seen.more)
		return;
	fputs("#\n", out);
	show_comment(out,
	    "Not asked for: realms that are no DNS domains, names that are too "
	    "long, and what found no room.");
}

static bool
collect_show(const struct result *r, const struct present_options *opt,
    FILE *out)
{
	struct need n = { 0 };
	const struct command *c;
	size_t count;

	need_find(&n, r);
	c = collect_commands(&n, opt->again, &count);
	if (n.nopen == 0)
		fputs("Nothing is open: no look-up would prove more of this.\n",
		    out);
	else
		show_open(&n, out);
	for (size_t i = 0; i < count; i++) {
		putc('\n', out);
		show_comment(out, c[i].where);
		fprintf(out, "%s\n", c[i].run);
	}
	need_free(&n);
	return ferror(out) == 0;
}

/* --- JSON ---------------------------------------------------------------- */

static void
put_text(FILE *out, const char *key, const char *text, const char *end)
{
	fprintf(out, "    \"%s\": ", key);
	json_text(out, text, strlen(text));
	fprintf(out, "%s\n", end);
}

static void
put_command(FILE *out, const struct need *n, const struct command *c)
{
	char *needs = text_evidence(c->needs), *why = why_text(n, c->needs);

	fputs("  {\n", out);
	put_text(out, "for", c->platform, ",");
	put_text(out, "note", c->where, ",");
	put_text(out, "run", c->run, ",");
	put_text(out, "needs", needs, ",");
	put_text(out, "why", why, "");
	fputs("  }", out);
	free(why);
	free(needs);
}

static bool
collect_json(const struct result *r, const struct present_options *opt,
    FILE *out)
{
	struct need n = { 0 };
	const struct command *c;
	size_t count;

	need_find(&n, r);
	c = collect_commands(&n, opt->again, &count);
	putc('[', out);
	for (size_t i = 0; i < count; i++) {
		fputs(i == 0 ? "\n" : ",\n", out);
		put_command(out, &n, &c[i]);
	}
	fputs(count == 0 ? "]\n" : "\n]\n", out);
	need_free(&n);
	return ferror(out) == 0;
}

/* ------------------------------------------------------------------------- */

static const struct presenter as_text = { .name = "text",
	.present = collect_show };
static const struct presenter as_json = { .name = "json",
	.present = collect_json };

const struct presenter *
collect_presenter(const struct presenter *p)
{
	return p == &presenter_json ? &as_json : &as_text;
}
