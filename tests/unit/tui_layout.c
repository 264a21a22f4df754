/*
 * tui_layout.c - whatever the size of the terminal, panes lie in it and not
 * on each other, and what an administrator needs first is there.
 */
#include "check.h"
#include "layout.h"

static bool
inside(const struct area *a, const struct area *all)
{
	return a->h >= 0 && a->w >= 0 && a->y >= all->y && a->x >= all->x &&
	    a->y + a->h <= all->y + all->h && a->x + a->w <= all->x + all->w;
}

static bool
apart(const struct area *a, const struct area *b)
{
	return a->h == 0 || b->h == 0 || a->y + a->h <= b->y ||
	    b->y + b->h <= a->y || a->x + a->w <= b->x || b->x + b->w <= a->x;
}

static void
test_size(int h, int w, const struct layout_want *want)
{
	const struct area all = { 1, 0, h, w };
	struct layout l;
	const struct area *const areas[] = { &l.verdict, &l.causes, &l.brief,
		&l.list, &l.ladder };
	const size_t n = sizeof(areas) / sizeof(*areas);

	layout_first(&all, want, &l);
	for (size_t i = 0; i < n; i++) {
		if (areas[i]->h > 0 && !inside(areas[i], &all)) {
			printf("%dx%d: area %zu is outside\n", w, h, i);
			failures++;
		}
		for (size_t k = i + 1; k < n; k++)
			if (!apart(areas[i], areas[k])) {
				printf("%dx%d: %zu lies on %zu\n", w, h, i, k);
				failures++;
			}
	}
	CHECK(l.list.h >= 3);
}

static void
test_sizes(void)
{
	const struct layout_want wants[] = {
		{ 1, 0, 0, 0 },
		{ 2, 3, 8, 1000 },
		{ 5, 200, 1000, 3 },
	};

	for (size_t i = 0; i < sizeof(wants) / sizeof(*wants); i++)
		for (int h = 8; h < 100; h++)
			for (int w = 40; w < 250; w += 7)
				test_size(h, w, &wants[i]);
}

/* 80x24 and 60x15, without the title and the keys. */
static void
test_design(void)
{
	const struct layout_want want = { 2, 3, 8, 1000 };
	struct layout l;

	layout_first(&(struct area){ 1, 0, 22, 80 }, &want, &l);
	CHECK(l.verdict.h == 2 && l.causes.h == 3 && l.brief.h == 8);
	CHECK(l.list.h >= 8 && l.ladder.h == 0);
	layout_first(&(struct area){ 1, 0, 13, 60 }, &want, &l);
	CHECK(l.verdict.h == 1 && l.causes.h == 1 && l.brief.h >= 2);
	CHECK(l.list.h >= 5 && l.ladder.h == 0);
	layout_first(&(struct area){ 1, 0, 38, 120 }, &want, &l);
	CHECK(l.beside && l.ladder.h > 10 && l.ladder.w >= 50);
	layout_first(&(struct area){ 1, 0, 48, 80 }, &want, &l);
	CHECK(!l.beside && l.ladder.h > 10 && l.list.h > 10);
	/* A short list leaves the room to the ladder on a small one, too. */
	layout_first(&(struct area){ 1, 0, 22, 80 },
	    &(struct layout_want){ 2, 0, 0, 2 }, &l);
	CHECK(!l.beside && l.ladder.h > 10 && l.list.h >= 5);
}

static void
test_columns(void)
{
	struct layout_columns c;

	for (int w = 20; w < 250; w++) {
		layout_list(w, &c);
		CHECK(c.number + c.time + c.outcome + c.who + c.service +
			c.carrier + c.cause ==
		    (w < 21 ? c.number + c.time + c.outcome : w));
	}
	layout_list(80, &c);
	CHECK(c.who >= 18 && c.service >= 26 && c.carrier > 0);
	layout_list(200, &c);
	CHECK(c.cause > 40);
}

int
main(void)
{
	test_sizes();
	test_design();
	test_columns();
	return failures != 0;
}
