/*
 * What a filter leaves of a result: the log-ons, their findings with new
 * numbers, and what accounts for these.
 */
#include "check.h"
#include "result-filter.h"

static const struct story one = { .id = 1, .outcome = OUTCOME_BROKEN };
static const struct story two = { .id = 2, .outcome = OUTCOME_DEGRADED };
static const struct story three = { .id = 5, .outcome = OUTCOME_OK };
static const struct story open = { .id = 4, .outcome = OUTCOME_BROKEN };
static const struct story *const kept[] = { &one, &two, &three, &open };

static const struct rule rule = { .id = "spn-missing" };
static uint64_t first[] = { 1 }, second[] = { 2, 4 }, third[] = { 1, 2 };
static const struct cause causes[] = {
	{ .f = { .rule = &rule },
	    .cause = true,
	    .explained_by = -1,
	    .rival_of = -1,
	    .stories = first,
	    .nstories = 1 },
	{ .f = { .rule = &rule },
	    .explained_by = -1,
	    .rival_of = 0,
	    .stories = third,
	    .nstories = 2 },
	{ .f = { .rule = &rule },
	    .explained_by = 0,
	    .rival_of = -1,
	    .stories = second,
	    .nstories = 2 },
};
static const uint64_t of_one[] = { 0, 1 }, of_two[] = { 1, 2 },
		      of_open[] = { 2 };
static const uint64_t *found[] = { of_one, of_two, NULL, of_open };
static const size_t nfound[] = { 2, 2, 0, 1 };
static const struct result whole = {
	.verdict = "2 of 4 log-ons failed.",
	.stories = 4,
	.broken = 2,
	.causes = causes,
	.ncauses = 3,
	.ncause = 1,
	.kept = kept,
	.findings_of = found,
	.nfindings_of = nfound,
	.nkept = 4,
	.nopen = 1,
};

static void
test_none(void)
{
	struct arena mem = { 0 };

	CHECK(result_filter(&whole, NULL, &mem) == &whole);
	arena_free(&mem);
}

static void
test_all(void)
{
	struct arena mem = { 0 };
	const struct result *r = result_filter(&whole, "", &mem);

	CHECK(r != &whole && r->whole == &whole);
	CHECK(r->nkept == 4 && r->nopen == 1);
	CHECK(r->ncauses == 3 && r->ncause == 1);
	CHECK(r->causes[1].nstories == 2 && r->causes[1].stories[1] == 2);
	CHECK(r->causes[2].explained_by == 0 && r->causes[1].rival_of == 0);
	arena_free(&mem);
}

/* The cause of an effect is shown, though its own log-on is not. */
static void
test_explainer(void)
{
	struct arena mem = { 0 };
	const struct result *r = result_filter(&whole, "id == 4", &mem);

	CHECK(r->nkept == 1 && r->kept[0] == &open && r->nopen == 1);
	CHECK(r->ncauses == 2 && r->ncause == 1);
	CHECK(r->causes[0].cause && r->causes[0].nstories == 0);
	CHECK(r->causes[1].explained_by == 0);
	CHECK(r->causes[1].nstories == 1 && r->causes[1].stories[0] == 4);
	CHECK(r->nfindings_of[0] == 1 && r->findings_of[0][0] == 1);
	CHECK(r->stories == 4 && r->broken == 2);
	arena_free(&mem);
}

static void
test_nothing(void)
{
	struct arena mem = { 0 };
	const struct result *r = result_filter(&whole, "id == 5", &mem);

	CHECK(r->nkept == 1 && r->nopen == 0 && r->ncauses == 0);
	r = result_filter(&whole, "id == 9", &mem);
	CHECK(r->nkept == 0 && r->ncauses == 0 && r->ncause == 0);
	arena_free(&mem);
}

int
main(void)
{
	test_none();
	test_all();
	test_explainer();
	test_nothing();
	return failures != 0;
}
