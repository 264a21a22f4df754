/*
 * present-story.c - each log-on as the list of its steps: when (seconds from
 * its start), which frame, who to whom, what.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "present-story.h"
#include "text.h"

static void
show_head(const struct story *s, FILE *out)
{
	char when[TIME_TEXT], client[ADDR_TEXT], server[ADDR_TEXT];
	char *line;

	line = text_printf("%" PRIu64 ". %s: %s (%s) to %s (%s), %s, %s", s->id,
	    outcome_names[s->outcome],
	    s->principal == NULL ? "somebody" : s->principal,
	    addr_text(&s->client, client),
	    s->spn != NULL      ? s->spn :
		s->host != NULL ? s->host :
				  "a service",
	    addr_text(&s->server, server),
	    s->carrier == NULL ? "-" : s->carrier, time_text(s->start, when));
	putc('\n', out);
	text_wrap(out, 0, "   ", line);
	free(line);
}

static void
show_step(const struct story *s, const struct step *t, bool many, FILE *out)
{
	char from[ADDR_TEXT], to[ADDR_TEXT], number[48];
	const char *what = t->what == NULL ? "" : t->what;
	int64_t after = t->ref.time - s->start;
	bool named;
	char *line;

	if (many)
		snprintf(number, sizeof(number), "%d:%" PRIu64, t->ref.capture,
		    t->ref.frame);
	else
		snprintf(number, sizeof(number), "%" PRIu64, t->ref.frame);
	addr_text(&t->from, from);
	addr_text(&t->to, to);
	/* The step names its code in words as a rule. */
	named = t->code_name == NULL || strstr(what, t->code_name) != NULL;
	line = text_printf("%s > %s %s%s%s", from, to, what, named ? "" : ": ",
	    named ? "" : t->code_name);
	fprintf(out, "  %+10.6f %8s %c ", (double)after / 1e6, number,
	    t->result == STEP_ERROR ? '!' : ' ');
	text_wrap(out, 24, "                        ", line);
	free(line);
}

void
present_stories(const struct result *r, FILE *out)
{
	if (r->nkept > 0)
		fputs("\nLog-ons\n", out);
	for (size_t i = 0; i < r->nkept; i++) {
		const struct story *s = r->kept[i];

		show_head(s, out);
		for (size_t k = 0; k < s->nsteps; k++)
			show_step(s, &s->steps[k], r->ncaptures > 1, out);
		if (s->not_kept > 0)
			fprintf(out, "  and %u steps more\n", s->not_kept);
	}
}
