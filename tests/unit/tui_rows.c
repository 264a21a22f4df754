/*
 * tui_rows.c - the worst comes first, what is over after what lasts; the
 * order holds for any number of log-ons; a new view keeps the rows; pause
 * holds them.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core.h"

#define MANY 5000

static struct story stories[MANY];
static const struct story *kept[MANY];
static const uint64_t *findings_of[MANY];
static size_t nfindings_of[MANY];
static const uint64_t numbers[] = { 0, 1, 2, 3 };
static struct cause causes[] = {
	{ .impact = IMPACT_BREAKS,
	    .cause = true,
	    .key = 10,
	    .cleared = true,
	    .explained_by = -1,
	    .rival_of = -1 },
	{ .impact = IMPACT_DEGRADES,
	    .cause = true,
	    .key = 11,
	    .explained_by = -1,
	    .rival_of = -1 },
	{ .impact = IMPACT_REMARK,
	    .cause = true,
	    .key = 12,
	    .explained_by = -1,
	    .rival_of = -1 },
	{ .impact = IMPACT_BREAKS,
	    .key = 13,
	    .explained_by = 1,
	    .rival_of = -1 },
	{ .impact = IMPACT_BREAKS,
	    .cause = true,
	    .key = 14,
	    .f.subject[SUBJECT_SPN] = "cifs/gone",
	    .explained_by = -1,
	    .rival_of = -1 },
};
static struct result result = { .causes = causes,
	.ncauses = 4,
	.ncause = 3,
	.kept = kept,
	.findings_of = findings_of,
	.nfindings_of = nfindings_of };
static struct view_own own;
static struct tui t = { .own = &own };

/* What is told from here on is of another run. */
static void
begin(void)
{
	rows_free(&t);
	result.nkept = result.nopen = 0;
}

static void
tell(size_t i, enum outcome outcome, int cause, int64_t start)
{
	stories[i] = (struct story){ .id = i + 1,
		.outcome = outcome,
		.start = start };
	kept[i] = &stories[i];
	findings_of[i] = cause < 0 ? NULL : &numbers[cause];
	nfindings_of[i] = cause >= 0;
}

static void
work(void)
{
	while (rows_piece(&t))
		;
	CHECK(rows_share(&t) == 100);
}

static void
show(size_t n, enum order order)
{
	result.nkept = n;
	t.order = order;
	rows_move(&t, &result);
	t.r = &result;
	rows_begin(&t, UINT64_MAX);
	work();
}

static bool
rows_are(const char *ids)
{
	char text[128] = "";

	for (size_t i = 0; i < t.nrows; i++)
		sprintf(text + strlen(text), "%s%u", i == 0 ? "" : " ",
		    (unsigned)kept[t.rows[i]]->id);
	if (strcmp(text, ids) != 0)
		printf("rows: %s, not %s\n", text, ids);
	return strcmp(text, ids) == 0;
}

static void
test_orders(void)
{
	tell(0, OUTCOME_OK, -1, 100);
	tell(1, OUTCOME_BROKEN, 0, 200);
	tell(2, OUTCOME_DEGRADED, 1, 300);
	tell(3, OUTCOME_BROKEN, -1, 400);
	tell(4, OUTCOME_OK, 2, 500);
	tell(5, OUTCOME_DEGRADED, 3, 600);
	stories[0].principal = "Zoe";
	stories[1].principal = "anna";
	stories[3].principal = "Bo";
	stories[2].spn = "cifs/b";
	stories[4].host = "a";
	show(6, ORDER_WORST);
	CHECK(rows_are("4 6 3 2 5 1"));
	/* What lasts, what is over, remarks; an effect is under its cause. */
	CHECK(t.ncauses == 3 && t.causes[0] == 1 && t.causes[1] == 0 &&
	    t.causes[2] == 2);
	CHECK(view_cause_of(&t, 5) == &causes[1]);
	CHECK(view_cause_of(&t, 3) == NULL);
	show(6, ORDER_NEWEST);
	CHECK(rows_are("6 5 4 3 2 1"));
	show(6, ORDER_OLDEST);
	CHECK(rows_are("1 2 3 4 5 6"));
	show(6, ORDER_WHO);
	CHECK(rows_are("2 4 1 6 5 3"));
	show(6, ORDER_SERVICE);
	CHECK(rows_are("5 3 6 4 2 1"));
}

static void
test_selected(void)
{
	size_t index;

	t.story = 4;
	CHECK(view_story(&t, &index) == &stories[3] && index == 3);
	CHECK(rows_find(&t, 3) == 3);
	t.story = 99;
	CHECK(view_story(&t, &index) == NULL);
	t.cause = 0;
	CHECK(view_cause(&t, NULL) == &causes[1]);
	t.cause = 12;
	CHECK(view_cause(&t, NULL) == &causes[2]);
	t.cause = 77;
	CHECK(view_cause(&t, NULL) == &causes[1]);
}

static void
test_search(void)
{
	const struct {
		const char *text;
		size_t from, found;
		int step;
		bool causes;
	} cases[] = {
		{ "ANNA", 0, 1, 0, false },
		{ "anna", 1, 1, 0, false },
		{ "anna", 1, 1, 1, false }, /* around the end */
		{ "anna", 1, 1, -1, false },
		{ "nobody", 0, SIZE_MAX, 0, false },
		{ "", 0, SIZE_MAX, 0, false },
		{ "cifs/B", 0, 2, 1, false },
		{ "smb", 0, 5, 0, false },
		{ "broken", 2, 3, 1, false },
		{ "broken", 1, 3, -1, false },
		{ "10.0.0.7", 0, 4, 0, false },
		{ "clock", 0, SIZE_MAX, 0, false },
		{ "clock", 3, 5, 0, true },
	};

	begin();
	stories[4].client = (struct addr){ 4, { 10, 0, 0, 7 } };
	stories[5].carrier = "smb2";
	causes[1].title = "The clock is off";
	causes[0].title = causes[2].title = "Another";
	show(6, ORDER_OLDEST);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		strcpy(t.search, cases[i].text);
		if (rows_search(&t, cases[i].from, cases[i].step,
			cases[i].causes) != cases[i].found) {
			printf("search %zu: %s\n", i, cases[i].text);
			failures++;
		}
	}
}

static void
choose(const char *text)
{
	char error[FILTER_ERROR];
	size_t at;

	filter_free(t.filter);
	t.filter = text == NULL ? NULL : filter_new(text, error, &at);
	rows_filter(&t);
}

/*
 * What a filter chooses is shown as it is found, in the order that there is,
 * with the causes of that; the next view keeps it until it has its own.
 */
static void
test_filter(void)
{
	show(6, ORDER_WORST);
	CHECK(rows_are("4 6 3 2 5 1") && t.ncauses == 3);
	choose("outcome == degraded");
	CHECK(rows_partial(&t) && t.nrows == 0 && t.ncauses == 0);
	work();
	CHECK(!rows_partial(&t) && rows_are("6 3"));
	CHECK(t.ncauses == 1 && t.causes[0] == 1);
	rows_move(&t, &result);
	t.r = &result;
	rows_begin(&t, UINT64_MAX);
	rows_show(&t);
	CHECK(!rows_partial(&t) && rows_are("6 3") && t.ncauses == 1);
	work();
	CHECK(rows_are("6 3"));
	/* No log-on has it: its own subject is asked. */
	choose("spn == cifs/gone");
	result.ncauses = 5;
	show(6, ORDER_WORST);
	CHECK(t.nrows == 0 && t.ncauses == 1 && t.causes[0] == 4);
	result.ncauses = 4;
	show(6, ORDER_WORST);
	CHECK(t.nrows == 0 && t.ncauses == 0);
	choose(NULL);
	work();
	CHECK(rows_are("4 6 3 2 5 1") && t.ncauses == 3);
}

/* The first are no longer kept, and there are new ones; some are open. */
static void
test_move(void)
{
	show(6, ORDER_OLDEST);
	for (size_t i = 0; i < 6; i++)
		kept[i] = &stories[i + 2];
	tell(6, OUTCOME_OK, -1, 700);
	tell(7, OUTCOME_OK, -1, 800);
	kept[4] = &stories[7];
	kept[5] = &stories[6];
	result.nopen = 2;
	rows_move(&t, &result);
	t.r = &result;
	CHECK(rows_are("3 4 5 6"));
	CHECK(rows_newest(&result) == 8);
	/* One that is open has no gist between two views. */
	strcpy(t.search, "nowhere");
	CHECK(rows_search(&t, 0, 0, false) == SIZE_MAX);
	strcpy(t.search, "10.0.0.7");
	CHECK(rows_search(&t, 0, 0, false) == 2);
	rows_begin(&t, UINT64_MAX);
	work();
	CHECK(rows_are("3 4 5 6 7 8"));
	t.story = 7;
	CHECK(view_story(&t, NULL) == &stories[6]);
	/* What was open is so still, or has ended. */
	result.nopen = 1;
	rows_move(&t, &result);
	CHECK(rows_are("3 4 5 6 7 8"));
	result.nopen = 2;
	rows_move(&t, &result);
	/* Paused when 6 was the newest. */
	rows_begin(&t, 6);
	work();
	CHECK(rows_are("3 4 5 6"));
	result.nopen = 0;
}

static void
test_many(void)
{
	const struct story *a, *b;

	begin();
	srand(1);
	for (size_t i = 0; i < MANY; i++)
		tell(i, (enum outcome)(rand() % 4), rand() % 5 - 1,
		    rand() % 1000);
	for (size_t n = MANY - 4; n <= MANY; n++) {
		show(n, ORDER_OLDEST);
		CHECK(t.nrows == n);
		for (size_t i = 1; i < t.nrows; i++) {
			a = kept[t.rows[i - 1]];
			b = kept[t.rows[i]];
			CHECK(a->start < b->start ||
			    (a->start == b->start && a->id < b->id));
		}
	}
	show(0, ORDER_WORST);
	CHECK(t.nrows == 0);
	show(1, ORDER_WORST);
	CHECK(t.nrows == 1);
}

int
main(void)
{
	test_orders();
	test_selected();
	test_search();
	test_filter();
	test_move();
	test_many();
	rows_free(&t);
	return failures != 0;
}
