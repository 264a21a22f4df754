/*
 * tellings.c - many recorded exchanges that are told at the same time, the
 * frames of all in the order of their times.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

void
tellings_read(struct tellings *t, char **paths)
{
	bool faulty = false;

	for (; *paths != NULL; paths++) {
		size_t *n = faulty ? &t->nfaulty : &t->ngood;

		if (strcmp(*paths, "--") == 0) {
			faulty = true;
			continue;
		}
		if (*n == RECORDED_MAX)
			die("%s: is one too many", *paths);
		(faulty ? t->faulty : t->good)[(*n)++] = recorded_read(*paths);
	}
	if (t->ngood == 0)
		die("no capture was named");
}

static double
mean_of(const struct recorded *const *r, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += recorded_frames(r[i]);
	return (double)sum / (double)n;
}

double
tellings_mean(const struct tellings *t)
{
	double good = mean_of(t->good, t->ngood);

	if (t->nfaulty == 0)
		return good;
	return good +
	    (mean_of(t->faulty, t->nfaulty) - good) / (double)FAULTY_EVERY;
}

/* --- the heap --------------------------------------------------------- */

/* Equal times: the one that began first. */
static bool
before(const struct telling *a, const struct telling *b)
{
	return a->next != b->next ? a->next < b->next : a->number < b->number;
}

static void
sift_down(struct tellings *t)
{
	size_t i = 0, child;

	while ((child = 2 * i + 1) < t->n) {
		struct telling *a = t->at[i];

		if (child + 1 < t->n && before(t->at[child + 1], t->at[child]))
			child++;
		if (!before(t->at[child], a))
			break;
		t->at[i] = t->at[child];
		t->at[child] = a;
		i = child;
	}
}

static void
sift_up(struct tellings *t)
{
	for (size_t i = t->n - 1; i > 0; i = (i - 1) / 2) {
		struct telling *a = t->at[i];

		if (!before(a, t->at[(i - 1) / 2]))
			break;
		t->at[i] = t->at[(i - 1) / 2];
		t->at[(i - 1) / 2] = a;
	}
}

/* Those beyond the first N of the heap are kept for the next to begin. */
static struct telling *
spare(struct tellings *t)
{
	if (t->n == t->max) {
		t->at = must_have(
		    reallocarray(t->at, t->max + 1, sizeof(struct telling *)));
		t->at[t->max++] = must_have(malloc(sizeof(struct telling)));
	}
	return t->at[t->n++];
}

void
tellings_begin(struct tellings *t, int64_t start)
{
	const struct recorded *r = t->good[t->told % t->ngood];

	if (t->nfaulty > 0 && t->told % FAULTY_EVERY == FAULTY_EVERY - 1)
		r = t->faulty[t->told / FAULTY_EVERY % t->nfaulty];
	telling_begin(spare(t), r, t->told,
	    t->people == 0 ? t->told : t->told % t->people, start);
	t->told++;
	sift_up(t);
}

int64_t
tellings_time(const struct tellings *t)
{
	return t->n == 0 ? INT64_MAX : t->at[0]->next;
}

void
tellings_frame(struct tellings *t, struct output *o)
{
	struct telling *first = t->at[0];

	if (!telling_next(first, o)) {
		t->at[0] = t->at[--t->n];
		t->at[t->n] = first;
	}
	sift_down(t);
}
