/*
 * engine_view.c - a result while events still come: views change nothing of
 * what is found in the end, what they show is what an end at that moment
 * would, and it stays what it is whatever comes.  Over every capture of the
 * tests, with views at random moments.
 */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "dissect.h"
#include "engine.h"
#include "hash.h"
#include "judge.h"
#include "merge.h"
#include "presenter.h"

/* A run through a capture. */
struct trip {
	struct engine *engine;
	bool views;
	uint64_t seed;
	uint64_t events, until; /* so many events are told */
	uint64_t next;          /* when to look */
	int64_t latest;
	unsigned taken;
	char *shown; /* what the last view said */
	const struct result *view;
};

static uint64_t
draw(struct trip *t, uint64_t below)
{
	t->seed = hash_fold(t->seed + 1, UINT64_C(0x9e3779b97f4a7c15));
	return t->seed % below;
}

/* R as JSON, as if it were the end; to free(). */
static char *
json(const struct result *r)
{
	static const char sofar[] = " so far";
	struct present_options opt = { 0 };
	struct result end = *r;
	char verdict[512], *text = NULL, *at;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	snprintf(verdict, sizeof(verdict), "%s", r->verdict);
	at = strstr(verdict, sofar);
	CHECK(r->going_on == (at != NULL));
	if (at != NULL)
		memmove(at, at + strlen(sofar), strlen(at + strlen(sofar)) + 1);
	end.verdict = verdict;
	end.going_on = false;
	presenter_json.present(&end, &opt, out);
	fclose(out);
	return text;
}

/* All but the machines, which are those of the moment. */
static char *
json_shown(const struct result *r)
{
	char *text = json(r), *end = strstr(text, "\"machines\"");

	if (end != NULL)
		*end = '\0';
	return text;
}

/* The latest view is what it was. */
static void
check_shown(const struct trip *t)
{
	char *now;

	if (t->view == NULL)
		return;
	now = json_shown(t->view);
	CHECK(strcmp(now, t->shown) == 0);
	free(now);
}

static unsigned breaths;

/* Also while the end is reached. */
static void
breathe(void *arg)
{
	check_shown(arg);
	breaths++;
}

static void
look(struct trip *t)
{
	check_shown(t);
	free(t->shown);
	t->view = engine_view(t->engine,
	    draw(t, 3) == 0 ? VIEW_WHOLE : VIEW_LATEST);
	t->shown = json_shown(t->view);
	t->next = t->events + 1 + draw(t, 100);
	t->taken++;
}

static void
take(void *arg, const struct event *ev)
{
	struct trip *t = arg;

	if (t->events == t->until)
		return;
	t->events++;
	engine_event(t->engine, ev);
	if (ev->ref.time > t->latest)
		t->latest = ev->ref.time;
	if (t->views && t->events >= t->next)
		look(t);
}

static void
go(struct trip *t, const char *path)
{
	struct engine_options opt = { .views = t->views,
		.breathe = t->views ? breathe : NULL,
		.breathe_arg = t };
	struct dissector *d = dissect_new(take, t);
	struct merge *m = merge_new(1, take, t);

	t->engine = engine_new(&opt);
	CHECK(merge_add(m, path));
	CHECK(merge_read(m, d));
	dissect_finish(d);
	merge_finish(m, d);
	merge_free(m);
	dissect_free(d);
}

static void
leave(struct trip *t)
{
	engine_free(t->engine);
	free(t->shown);
}

static void
same(const char *path, const char *what, char *a, char *b)
{
	size_t at = 0;

	if (strcmp(a, b) != 0) {
		while (a[at] == b[at])
			at++;
		at -= at < 60 ? at : 60;
		printf("%s: %s:\n%.120s\n%.120s\n", path, what, a + at, b + at);
		failures++;
	}
	free(a);
	free(b);
}

/* With views and without: the report at the end. */
static uint64_t
test_end(const char *path, uint64_t seed)
{
	struct trip plain = { .until = UINT64_MAX };
	struct trip seen = { .until = UINT64_MAX, .views = true, .seed = seed };
	uint64_t events;

	go(&plain, path);
	go(&seen, path);
	same(path, "views change the end", json(engine_finish(plain.engine)),
	    json(engine_finish(seen.engine)));
	events = plain.events;
	leave(&plain);
	leave(&seen);
	return events;
}

static uint64_t
occurrences(const struct result *r)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < r->ncauses; i++)
		n += r->causes[i].occurrences;
	return n;
}

/*
 * A view that comes soon says what the one before did, FIRST; what went well
 * was not judged for it again.
 */
static void
test_again(const char *path, struct engine *e, char *first)
{
	size_t n = e->nkept, i;
	struct look **looks = must_calloc(n + 1, sizeof(struct look *));

	for (i = 0; i < n; i++) {
		looks[i] = kept_at(e, i)->look;
		CHECK((looks[i] == NULL) ==
		    judge_has_failed(&kept_at(e, i)->tale->s));
	}
	engine_time(e, e->stories.now + SECOND);
	same(path, "a view is not the one before", first,
	    json(engine_view(e, VIEW_LATEST)));
	for (i = 0; i < n; i++)
		CHECK(kept_at(e, i)->look == looks[i]);
	free(looks);
}

/* A view when all stories are over is what the end would be. */
static void
test_middle(const char *path, uint64_t seed, uint64_t events)
{
	struct trip plain = { .until = events };
	struct trip seen = { .until = events, .views = true, .seed = seed };
	const struct result *r;
	uint64_t whole;

	go(&plain, path);
	go(&seen, path);
	engine_time(plain.engine, plain.latest + 200 * SECOND);
	engine_time(seen.engine, seen.latest + 200 * SECOND);
	r = engine_view(seen.engine, VIEW_WHOLE);
	CHECK(r->nopen == 0 && r->going_on);
	CHECK(r->now == seen.latest + 200 * SECOND);
	whole = occurrences(r);
	if (r->stories > 0) /* the end of the capture was not told */
		same(path, "a view is not the end", json(r),
		    json(engine_finish(plain.engine)));
	r = engine_view(seen.engine, VIEW_LATEST);
	CHECK(occurrences(r) == whole);
	test_again(path, seen.engine, json(r));
	leave(&plain);
	leave(&seen);
}

int
main(void)
{
	static const char *const where[] = { "tests/rules/*/*.pcap",
		"tests/healthy/*.pcap" };
	uint64_t events;
	glob_t g = { 0 };
	size_t i;

	for (i = 0; i < 2; i++)
		CHECK(glob(where[i], i == 0 ? 0 : GLOB_APPEND, NULL, &g) == 0);
	CHECK(g.gl_pathc > 100);
	for (i = 0; i < g.gl_pathc; i++) {
		events = test_end(g.gl_pathv[i], i);
		test_middle(g.gl_pathv[i], i, events - events / (2 + i % 7));
	}
	globfree(&g);
	CHECK(breaths > 0);
	return failures > 0;
}
