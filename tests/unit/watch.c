/*
 * watch.c - findings as they change from view to view: opened, counted (not
 * too often), cleared, opened again, retracted; and that the watch keeps no
 * text of a view that is gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "check.h"
#include "watch.h"

#define MANY (KEEP_MAX_FINDINGS + 10)

static const struct rule one = { .id = "one" };
static const struct rule two = { .id = "two" };

/* What was said is WANT. */
#define SAID(want)                                    \
	do {                                          \
		if (strcmp(said, want) != 0)          \
			printf("it said:\n%s", said); \
		CHECK(strcmp(said, want) == 0);       \
	} while (0)

static char said[4096]; /* "opened one 3\n" and so on */
static uint64_t changes;

static void
note(void *arg, const struct change_note *n)
{
	size_t len = strlen(said);

	(void)arg;
	changes++;
	snprintf(said + len, sizeof(said) - len, "%s%s %s %s %s %llu%s%s\n",
	    change_names[n->change], n->again ? " again" : "", n->rule,
	    n->subject[SUBJECT_SPN], n->title,
	    (unsigned long long)n->occurrences,
	    n->because == NULL ? "" : " because ",
	    n->because == NULL ? "" : n->because);
	if ((n->cause == NULL) !=
	    (n->change == CHANGE_RETRACTED &&
		strstr(said, "otherwise") != NULL))
		snprintf(said, sizeof(said), "cause is wrong\n");
}

/* A view whose texts are gone when the next is made. */
struct shown {
	struct result r;
	struct cause causes[4];
	char *texts[8];
	size_t ntexts;
};

static char *
text(struct shown *s, const char *t)
{
	return s->texts[s->ntexts++] = strdup(t);
}

static void
begin(struct shown *s, int64_t seconds)
{
	said[0] = '\0';
	memset(s, 0, sizeof(*s));
	s->r.causes = s->causes;
	s->r.now = seconds * SECOND;
}

static struct cause *
add(struct shown *s, const struct rule *rule, uint64_t key, uint64_t n)
{
	struct cause *c = &s->causes[s->r.ncauses++];

	s->r.ncause = s->r.ncauses;
	c->f.rule = rule;
	c->f.certainty = CERTAINTY_LIKELY;
	c->f.subject[SUBJECT_SPN] = text(s, "cifs/a");
	c->title = text(s, "title");
	c->impact = IMPACT_BREAKS;
	c->key = key;
	c->occurrences = n;
	c->cause = true;
	c->explained_by = c->rival_of = -1;
	return c;
}

/* C is explained by the first. */
static void
under(struct cause *c)
{
	c->cause = false;
	c->explained_by = 0;
}

static void
end(struct shown *s)
{
	for (size_t i = 0; i < s->ntexts; i++) {
		memset(s->texts[i], '#', strlen(s->texts[i]));
		free(s->texts[i]);
	}
}

static void
look(struct watch *w, struct shown *s)
{
	watch_look(w, &s->r);
	end(s);
}

static void
counts(void)
{
	struct watch *w = watch_new(note, NULL);
	struct shown s;

	begin(&s, 100);
	add(&s, &one, 1, 1);
	look(w, &s);
	SAID("opened one cifs/a title 1\n");

	begin(&s, 101);
	add(&s, &one, 1, 1);
	look(w, &s);
	SAID("");

	begin(&s, 105);
	add(&s, &one, 1, 7);
	look(w, &s);
	SAID("");

	begin(&s, 110);
	add(&s, &one, 1, 9);
	look(w, &s);
	SAID("counted one cifs/a title 9\n");

	begin(&s, 119);
	add(&s, &one, 1, 10);
	look(w, &s);
	SAID("");

	/* More is known of it: at once. */
	begin(&s, 119);
	add(&s, &one, 1, 10)->f.certainty = CERTAINTY_PROVEN;
	look(w, &s);
	SAID("counted one cifs/a title 10\n");

	/* The clock was set back. */
	begin(&s, 50);
	add(&s, &one, 1, 11)->f.certainty = CERTAINTY_PROVEN;
	look(w, &s);
	SAID("counted one cifs/a title 11\n");

	/* What was held back is told at the end. */
	begin(&s, 51);
	add(&s, &one, 1, 12);
	watch_finish(w, &s.r);
	end(&s);
	SAID("counted one cifs/a title 12\n");
	watch_free(w);
}

/* It works in the end. */
static void
falls(void)
{
	struct watch *w = watch_new(note, NULL);
	struct shown s;

	begin(&s, 100);
	add(&s, &one, 1, 1);
	look(w, &s);
	SAID("opened one cifs/a title 1\n");

	/* The client tries again, and fails. */
	begin(&s, 104);
	add(&s, &one, 1, 1)->impact = IMPACT_DEGRADES;
	look(w, &s);
	SAID("");
	begin(&s, 110);
	add(&s, &one, 1, 1);
	look(w, &s);
	SAID("");

	/* And once more, and does not. */
	for (int i = 0; i <= 12; i++) {
		SAID("");
		begin(&s, 120 + i);
		add(&s, &one, 1, 1)->impact = IMPACT_DEGRADES;
		look(w, &s);
	}
	SAID("counted one cifs/a title 1\n");
	begin(&s, 150);
	add(&s, &one, 1, 1)->impact = IMPACT_DEGRADES;
	look(w, &s);
	SAID("");
	begin(&s, 151);
	add(&s, &one, 1, 1)->impact = IMPACT_REMARK;
	watch_finish(w, &s.r);
	end(&s);
	SAID("counted one cifs/a title 1\n");
	watch_free(w);
}

static void
clears(void)
{
	struct watch *w = watch_new(note, NULL);
	struct shown s;

	begin(&s, 100);
	add(&s, &one, 1, 3)->cleared = true;
	look(w, &s);
	SAID("opened one cifs/a title 3\ncleared one cifs/a title 3\n");

	begin(&s, 200);
	add(&s, &one, 1, 3)->cleared = true;
	look(w, &s);
	SAID("");

	begin(&s, 300);
	add(&s, &one, 1, 4);
	look(w, &s);
	SAID("opened again one cifs/a title 4\n");

	begin(&s, 301);
	add(&s, &one, 1, 5)->cleared = true;
	look(w, &s);
	SAID("cleared one cifs/a title 5\n");
	watch_free(w);
}

/* Nobody has to know of a remark that is over; of one that is not, they do. */
static void
remarks(void)
{
	struct watch *w = watch_new(note, NULL);
	struct shown s;
	struct cause *c;

	begin(&s, 100);
	c = add(&s, &one, 1, 1);
	c->impact = IMPACT_REMARK;
	c->cleared = true;
	look(w, &s);
	SAID("");

	begin(&s, 101);
	add(&s, &one, 1, 2)->impact = IMPACT_REMARK;
	look(w, &s);
	SAID("opened one cifs/a title 2\n");

	begin(&s, 102);
	c = add(&s, &one, 1, 2);
	c->impact = IMPACT_REMARK;
	c->cleared = true;
	look(w, &s);
	SAID("cleared one cifs/a title 2\n");
	watch_free(w);
}

/* A cause after all; the other is its rival. */
static void
rivals(struct watch *w)
{
	struct shown s;
	struct cause *c;

	for (int i = 0; i <= 12; i++) {
		begin(&s, 160 + i);
		add(&s, &one, 1, 1);
		c = add(&s, &two, 2, 1);
		c->cause = false;
		c->rival_of = 0;
		look(w, &s);
		if (i == 0)
			SAID("opened one cifs/a title 1\n");
		else if (i < 12)
			SAID("");
	}
	SAID("retracted two cifs/a title 1 because one is more likely\n");
}

static void
retracts(void)
{
	struct watch *w = watch_new(note, NULL);
	struct shown s;

	begin(&s, 100);
	add(&s, &one, 1, 1);
	add(&s, &two, 2, 1);
	look(w, &s);
	SAID("opened one cifs/a title 1\nopened two cifs/a title 1\n");

	/* Explained by the other: it may not stay so. */
	begin(&s, 101);
	add(&s, &two, 2, 1);
	under(add(&s, &one, 1, 1));
	look(w, &s);
	SAID("");
	begin(&s, 112);
	add(&s, &one, 1, 1);
	add(&s, &two, 2, 1);
	look(w, &s);
	SAID("");

	/* But it does. */
	for (int i = 0; i <= 12; i++) {
		SAID("");
		begin(&s, 120 + i);
		add(&s, &two, 2, 1);
		under(add(&s, &one, 1, 1));
		look(w, &s);
	}
	SAID("retracted one cifs/a title 1 because two explains it\n");

	/* Not again. */
	begin(&s, 150);
	add(&s, &two, 2, 1);
	under(add(&s, &one, 1, 1));
	look(w, &s);
	SAID("");

	rivals(w);
	watch_free(w);
}

static void
vanishes(void)
{
	struct watch *w = watch_new(note, NULL);
	struct shown s;

	begin(&s, 172);
	add(&s, &one, 1, 1);
	look(w, &s);
	SAID("opened one cifs/a title 1\n");

	/* Gone, and its texts with the view that had them. */
	begin(&s, 180);
	look(w, &s);
	SAID("");
	begin(&s, 181);
	watch_finish(w, &s.r);
	SAID("retracted one cifs/a title 1 because what came later says "
	     "otherwise\n");
	begin(&s, 182);
	look(w, &s);
	SAID("");
	watch_free(w);
}

static void
many(void)
{
	struct watch *w = watch_new(note, NULL);
	struct cause *list = calloc(MANY, sizeof(*list));
	struct result r = { .causes = list, .ncauses = MANY, .ncause = MANY };

	for (size_t i = 0; i < MANY; i++)
		list[i] = (struct cause){ .f.rule = &one,
			.f.subject[SUBJECT_SPN] = "cifs/a",
			.title = "t",
			.key = i + 1,
			.cause = true,
			.explained_by = -1,
			.rival_of = -1 };
	changes = 0;
	watch_look(w, &r);
	CHECK(changes == MANY);
	watch_look(w, &r);
	CHECK(changes == MANY);
	r.ncauses = 0;
	said[0] = '\0';
	watch_finish(w, &r);
	CHECK(changes == 2 * MANY);
	watch_free(w);
	free(list);
}

int
main(void)
{
	counts();
	falls();
	clears();
	remarks();
	retracts();
	vanishes();
	many();
	return failures > 0;
}
