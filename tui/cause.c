/*
 * cause.c - a cause in words, as the text report has it, but with the fix
 * before the proof: the lower end of a screen is not always seen.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "text.h"

/* How much of a cause is told. */
enum depth { DEPTH_FIX, DEPTH_WHO, DEPTH_WHY, DEPTH_PROOF, DEPTH_FULL };

#define PROOF_SHORT 3 /* lines of proof, unless in full */

const char *
cause_time(int64_t time, int64_t now, char buf[CAUSE_TIME])
{
	char a[TIME_TEXT], b[TIME_TEXT];

	time_text(time, a);
	time_text(now, b);
	if (strncmp(a, b, 10) == 0)
		snprintf(buf, CAUSE_TIME, "%.8s", a + 11);
	else
		snprintf(buf, CAUSE_TIME, "%.5s %.8s", a + 5, a + 11);
	return buf;
}

bool
cause_is_over(const struct cause *c)
{
	return c->cleared && c->impact > IMPACT_REMARK;
}

const char *
cause_state(const struct cause *c, char buf[CAUSE_STATE])
{
	char when[CAUSE_TIME];

	buf[0] = '\0';
	if (cause_is_over(c))
		snprintf(buf, CAUSE_STATE,
		    "not seen since %s, %" PRIu64 " log-on%s ok since",
		    cause_time(c->last, c->last, when), c->ok_since,
		    c->ok_since == 1 ? "" : "s");
	return buf;
}

static void
add_who(const struct tui *t, struct sheet *p, const struct cause *c)
{
	char first[CAUSE_TIME], last[CAUSE_TIME], state[CAUSE_STATE] = "";
	const char *who = c->who == NULL ? "" : c->who;
	bool once;

	cause_time(c->first, t->r->now, first);
	cause_time(c->last, t->r->now, last);
	once = strcmp(first, last) == 0;
	if (cause_is_over(c))
		sheet_add(p, THEME_OK, "Over", "%s", cause_state(c, state));
	else if (c->ok_since > 0)
		snprintf(state, sizeof(state), ", %" PRIu64 " ok since",
		    c->ok_since);
	sheet_add(p, THEME_TEXT, "Who",
	    "%s%s%" PRIu64 " log-on%s, %s%s%s UTC%s", who,
	    *who == '\0' ? "" : "; ", c->occurrences,
	    c->occurrences == 1 ? "" : "s", first, once ? "" : " to ",
	    once ? "" : last, cause_is_over(c) ? "" : state);
}

/* The label of a fix: "Fix windows", then "    samba". */
static void
add_fixes(struct sheet *p, const struct cause *c, bool notes)
{
	const struct fix *f;
	char label[32];
	bool any;

	for (f = c->fix; f != NULL && f->platform != NULL; f++) {
		any = strcmp(f->platform, "any") == 0;
		snprintf(label, sizeof(label), "%s%s%s",
		    f == c->fix ? "Fix" : "   ", any ? "" : " ",
		    any ? "" : f->platform);
		if (f->run != NULL)
			sheet_add(p, THEME_COMMAND, label, "%s", f->run);
		if (f->note != NULL && (notes || f->run == NULL))
			sheet_add(p, f->run == NULL ? THEME_TEXT : THEME_DIM,
			    f->run == NULL ? label : NULL, "%s", f->note);
	}
}

static void
add_evidence(const struct tui *t, struct sheet *p, const struct evidence *e,
    const char *label)
{
	if (e->source != NULL)
		sheet_add(p, THEME_TEXT, label, "%s: %s", e->source, e->says);
	else if (t->r->ncaptures > 1)
		sheet_add(p, THEME_TEXT, label, "frame %d:%" PRIu64 ": %s",
		    e->ref.capture, e->ref.frame, e->says);
	else
		sheet_add(p, THEME_TEXT, label, "frame %" PRIu64 ": %s",
		    e->ref.frame, e->says);
}

static void
add_proof(const struct tui *t, struct sheet *p, const struct cause *c,
    size_t most)
{
	for (size_t i = 0; i < c->f.nevidence && i < most; i++)
		add_evidence(t, p, &c->f.evidence[i], i == 0 ? "Proof" : NULL);
}

static void
add_excluded(struct sheet *p, const struct finding *f)
{
	for (size_t i = 0; i < f->nexcluded; i++) {
		const struct excluded *x = &f->excluded[i];
		const char *label = i == 0 ? "Not" : NULL;

		if (x->ref.frame == 0)
			sheet_add(p, THEME_TEXT, label, "%s: %s", x->what,
			    x->because);
		else
			sheet_add(p, THEME_TEXT, label,
			    "%s: %s (frame %" PRIu64 ")", x->what, x->because,
			    x->ref.frame);
	}
}

/* Whether finding I, which is no cause, competes with its cause. */
static bool
is_rival(const struct cause *c)
{
	return c->explained_by < 0 && c->rival_of >= 0;
}

/* What stands under the cause at INDEX: its effects, or its rivals. */
static void
add_related(const struct tui *t, struct sheet *p, size_t index, bool rivals)
{
	const char *label = rivals ? "Or" : "Effect";

	for (size_t i = 0; i < t->r->ncauses; i++) {
		const struct cause *c = &t->r->causes[i];

		if (c->cause || is_rival(c) != rivals ||
		    view_root(t->r, i) != index)
			continue;
		if (rivals && c->decide != NULL)
			sheet_add(p, THEME_TEXT, label, "%s (%s)? %s",
			    c->f.rule->id, certainty_names[c->f.certainty],
			    c->decide);
		else
			sheet_add(p, THEME_TEXT, label, "%s (%s)", c->title,
			    certainty_names[c->f.certainty]);
		label = NULL;
	}
}

static void
add_cause(struct tui *t, struct sheet *p, size_t index, enum depth depth)
{
	const struct cause *c = &t->r->causes[index];

	if (depth >= DEPTH_WHO)
		add_who(t, p, c);
	if (depth >= DEPTH_WHY && c->why != NULL)
		sheet_add(p, THEME_TEXT, "Why", "%s", c->why);
	add_fixes(p, c, depth >= DEPTH_WHO);
	if (depth == DEPTH_FULL && c->verify != NULL)
		sheet_add(p, THEME_TEXT, "Verify", "%s", c->verify);
	if (depth >= DEPTH_PROOF)
		add_proof(t, p, c,
		    depth == DEPTH_FULL ? c->f.nevidence : PROOF_SHORT);
	if (depth < DEPTH_FULL)
		return;
	add_excluded(p, &c->f);
	add_related(t, p, index, false);
	add_related(t, p, index, true);
	sheet_add(p, THEME_DIM, "Rule", "%s", c->f.rule->id);
}

static int title_column(const struct cause *c);

size_t
cause_brief(struct tui *t, struct sheet *p, size_t index, int h, int w)
{
	const struct cause *c = &t->r->causes[index];
	bool cut = (int)text_columns(t, c->title) > w - title_column(c);
	size_t lines = 0;
	int depth;

	for (depth = DEPTH_PROOF; depth >= DEPTH_FIX; depth--) {
		sheet_clear(p);
		/* In its own line it is cut. */
		if (cut)
			sheet_add(p, theme_impact(c->impact), "Cause", "%s",
			    c->title);
		add_cause(t, p, index, (enum depth)depth);
		lines = sheet_wrap(t, p, w, CAUSE_LABELS);
		if (lines <= (size_t)h)
			break;
	}
	return lines < (size_t)h ? lines : (size_t)h;
}

void
cause_full(struct tui *t, struct sheet *p, size_t index)
{
	sheet_clear(p);
	add_cause(t, p, index, DEPTH_FULL);
}

/*
 * A comment says where each command is for, so that all can be pasted.  What
 * a shell or a terminal would obey is escaped as in the reports.
 */
char *
cause_fix_text(const struct cause *c)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	const struct fix *x;

	if (f == NULL)
		return text_printf("%s", "");
	for (x = c->fix; x != NULL && x->platform != NULL; x++) {
		if (strcmp(x->platform, "any") != 0 || x->note != NULL) {
			fputs("# ", f);
			if (strcmp(x->platform, "any") != 0)
				fprintf(f, "for %s%s", x->platform,
				    x->note == NULL ? "" : "; ");
			escape_text(f, x->note == NULL ? "" : x->note);
			putc('\n', f);
		}
		if (x->run != NULL) {
			escape_text(f, x->run);
			putc('\n', f);
		}
	}
	fclose(f);
	return text;
}

/* Columns of what stands before the title. */
#define NUMBER_COLUMNS 3
#define IMPACT_COLUMNS 9
#define CERTAINTY_COLUMNS 9
#define OVER_COLUMNS 29

static int
title_column(const struct cause *c)
{
	return NUMBER_COLUMNS +
	    (cause_is_over(c) ? OVER_COLUMNS :
				IMPACT_COLUMNS + CERTAINTY_COLUMNS);
}

/* "over since 14:02:11, 37 ok", or how bad and how sure. */
static void
draw_marks(struct tui *t, const struct area *a, int y, const struct cause *c,
    attr_t plain, attr_t impact)
{
	char text[CAUSE_STATE], when[CAUSE_TIME];
	int x = NUMBER_COLUMNS;

	if (cause_is_over(c)) {
		snprintf(text, sizeof(text), "over since %s, %" PRIu64 " ok",
		    cause_time(c->last, t->r->now, when), c->ok_since);
		text_put(t, a, y, x, OVER_COLUMNS - 1, impact, text);
		return;
	}
	text_put(t, a, y, x, IMPACT_COLUMNS, impact, impact_names[c->impact]);
	x += IMPACT_COLUMNS;
	text_put(t, a, y, x, CERTAINTY_COLUMNS, plain,
	    certainty_names[c->f.certainty]);
}

/* How often follows the title, where it has room. */
void
cause_line(struct tui *t, const struct area *a, int y, size_t number,
    const struct cause *c, attr_t mark)
{
	attr_t plain = mark != 0 ? mark : theme(t, THEME_TEXT);
	attr_t impact = mark != 0 ? mark :
	    cause_is_over(c)      ? theme(t, THEME_OK) :
				    theme(t, theme_impact(c->impact));
	int x = title_column(c);
	char text[64];

	text_fill(t, a, y, 0, a->w, plain);
	snprintf(text, sizeof(text), "%2zu ", number);
	text_put(t, a, y, 0, NUMBER_COLUMNS, plain, text);
	draw_marks(t, a, y, c, plain, impact);
	x += text_put(t, a, y, x, a->w - x, impact, c->title);
	snprintf(text, sizeof(text), " (%" PRIu64 " log-on%s)", c->occurrences,
	    c->occurrences == 1 ? "" : "s");
	if (x + (int)strlen(text) <= a->w)
		text_put(t, a, y, x, a->w - x, plain, text);
}
