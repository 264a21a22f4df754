/*
 * watch.c - findings that were told, by their keys, and how they were left.
 *
 * One that is gone is forgotten when it has been told, so that no more are
 * remembered than a view holds (KEEP_MAX_FINDINGS).
 */
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "table.h"
#include "text.h"
#include "watch.h"

const char *const change_names[] = {
	[CHANGE_OPENED] = "opened",
	[CHANGE_COUNTED] = "counted",
	[CHANGE_CLEARED] = "cleared",
	[CHANGE_RETRACTED] = "retracted",
};

/* A finding that was told, as it was told last. */
struct told {
	struct node node;
	uint64_t key;
	const struct rule *rule;
	char *title;
	char *subject[SUBJECTS];
	uint64_t occurrences;
	enum impact impact;
	enum certainty certainty;
	int64_t time; /* of the view that told it */
	bool cleared;
	int64_t gone;  /* when it was first missed; 0: it is there */
	int64_t less;  /* when it was first less bad than told; 0: it is not */
	uint64_t seen; /* the view that had it as a cause */
};

struct watch {
	change_sink sink;
	void *arg;
	struct table told;
	uint64_t view; /* number of the latest */
	const struct result *result;
};

struct watch *
watch_new(change_sink sink, void *arg)
{
	struct watch *w = must_calloc(1, sizeof(*w));

	w->sink = sink;
	w->arg = arg;
	return w;
}

static void
told_free(void *node)
{
	struct told *t = node;

	for (int i = 0; i < SUBJECTS; i++)
		free(t->subject[i]);
	free(t->title);
	free(t);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	table_free(&w->told, told_free);
	free(w);
}

/* --- what was told ------------------------------------------------------- */

static bool
told_match(const struct node *n, const void *key)
{
	return ((const struct told *)n)->key == *(const uint64_t *)key;
}

static uint64_t
told_hash(uint64_t key)
{
	return hash_mix(key, 0);
}

static struct told *
told_find(const struct watch *w, uint64_t key)
{
	return (struct told *)table_find(&w->told, told_hash(key), told_match,
	    &key);
}

static char *
copy(const char *text)
{
	return text == NULL ? NULL : text_printf("%s", text);
}

static struct told *
told_new(struct watch *w, const struct cause *c)
{
	struct told *t = must_calloc(1, sizeof(*t));

	t->key = c->key;
	t->rule = c->f.rule;
	for (int i = 0; i < SUBJECTS; i++)
		t->subject[i] = copy(c->f.subject[i]);
	table_add(&w->told, &t->node, told_hash(c->key));
	return t;
}

static void
remember(struct told *t, const struct cause *c, int64_t now)
{
	if (t->title == NULL || strcmp(t->title, c->title) != 0) {
		free(t->title);
		t->title = copy(c->title);
	}
	t->occurrences = c->occurrences;
	t->impact = c->impact;
	t->certainty = c->f.certainty;
	t->time = now;
	t->cleared = c->cleared;
	t->less = 0;
}

/* --- telling ------------------------------------------------------------- */

static void
tell(const struct watch *w, const struct told *t, struct change_note *note)
{
	note->time = w->result->now;
	note->result = w->result;
	note->rule = t->rule->id;
	note->title = t->title;
	for (int i = 0; i < SUBJECTS; i++)
		note->subject[i] = t->subject[i];
	note->impact = t->impact;
	note->certainty = t->certainty;
	note->occurrences = t->occurrences;
	w->sink(w->arg, note);
}

static void
tell_cause(const struct watch *w, struct told *t, const struct cause *c,
    enum change change, bool again)
{
	struct change_note note = { .change = change,
		.cause = c,
		.again = again };

	remember(t, c, w->result->now);
	tell(w, t, &note);
}

/* It is worth a line at once that more is known than was told. */
static bool
is_worse(const struct told *t, const struct cause *c)
{
	return c->impact > t->impact || c->f.certainty > t->certainty;
}

/* A clock that was set back does not silence it. */
static bool
is_time(const struct told *t, int64_t now, int64_t every)
{
	return now < t->time || now - t->time >= every;
}

/* Whether what began at BEGUN (0: now) has lasted for HOLD. */
static bool
has_lasted(const struct watch *w, int64_t *begun, int64_t hold)
{
	int64_t now = w->result->now;

	if (*begun == 0 || now < *begun)
		*begun = now;
	return now - *begun >= hold;
}

/*
 * A log-on that was told as failed goes on, and works in the end: that is said
 * when it stays so, for the client may be about to fail again.
 */
static bool
is_milder(const struct watch *w, struct told *t, const struct cause *c,
    int64_t hold)
{
	if (c->impact < t->impact)
		return has_lasted(w, &t->less, hold);
	t->less = 0;
	return false;
}

/* Whether a line more is due for C, which was told as T and goes on. */
static bool
is_due(const struct watch *w, struct told *t, const struct cause *c, bool end)
{
	bool milder = is_milder(w, t, c, end ? 0 : WATCH_HOLD);

	if (is_worse(t, c) || milder)
		return true;
	return c->occurrences > t->occurrences &&
	    is_time(t, w->result->now, end ? 0 : WATCH_COUNT_EVERY);
}

static void
look_at(struct watch *w, const struct cause *c, bool end)
{
	struct told *t = told_find(w, c->key);
	bool known = t != NULL, was_cleared = known && t->cleared;

	/* It would only be said that there was nothing to do. */
	if (!known && c->cleared && c->impact == IMPACT_REMARK)
		return;
	if (!known)
		t = told_new(w, c);
	t->seen = w->view;
	t->gone = 0;
	if (!known || (was_cleared && !c->cleared)) {
		/* Opened first, also when it is over by now. */
		tell_cause(w, t, c, CHANGE_OPENED, was_cleared);
		was_cleared = false;
	}
	if (c->cleared && !was_cleared)
		tell_cause(w, t, c, CHANGE_CLEARED, false);
	else if (!c->cleared && is_due(w, t, c, end))
		tell_cause(w, t, c, CHANGE_COUNTED, false);
}

/* The rule of the cause that C gave way to: what explains it, or its rival. */
static const char *
winner(const struct result *r, int index)
{
	return index < 0 || (size_t)index >= r->ncauses ?
	    "another" :
	    r->causes[index].f.rule->id;
}

/* C is NULL when no view has it any more. */
static void
retract(struct watch *w, struct told *t, const struct cause *c)
{
	struct change_note note = { .change = CHANGE_RETRACTED, .cause = c };
	char *because;

	if (c == NULL)
		because = copy("what came later says otherwise");
	else if (c->explained_by >= 0)
		because = text_printf("%s explains it",
		    winner(w->result, c->explained_by));
	else
		because = text_printf("%s is more likely",
		    winner(w->result, c->rival_of));
	note.because = because;
	tell(w, t, &note);
	free(because);
	table_remove(&w->told, &t->node);
	told_free(t);
}

/* A client that tries again makes its finding come and go for a while. */
static bool
is_held(const struct watch *w, struct told *t, int64_t hold)
{
	return !has_lasted(w, &t->gone, hold);
}

static void
retract_others(struct watch *w, int64_t hold)
{
	const struct result *r = w->result;
	struct node *n, *next;
	struct told *t;

	for (size_t i = 0; i < r->ncauses; i++) {
		t = r->causes[i].cause ? NULL : told_find(w, r->causes[i].key);
		if (t == NULL)
			continue;
		t->seen = w->view;
		if (!is_held(w, t, hold))
			retract(w, t, &r->causes[i]);
	}
	for (n = w->told.oldest; n != NULL; n = next) {
		next = n->newer;
		t = (struct told *)n;
		if (t->seen != w->view && !is_held(w, t, hold))
			retract(w, t, NULL);
	}
}

/* At the END nothing is held back. */
static void
look(struct watch *w, const struct result *r, bool end)
{
	w->result = r;
	w->view++;
	for (size_t i = 0; i < r->ncauses; i++)
		if (r->causes[i].cause)
			look_at(w, &r->causes[i], end);
	retract_others(w, end ? 0 : WATCH_HOLD);
}

void
watch_look(struct watch *w, const struct result *r)
{
	look(w, r, false);
}

void
watch_finish(struct watch *w, const struct result *r)
{
	look(w, r, true);
}
