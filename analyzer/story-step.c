/*
 * story-step.c - the ladder of a story: one line for each thing that was said.
 */
#include <string.h>

#include "pool.h"
#include "story-tell.h"

/* Steps are small, and many. */
#define STEPS_AT_ONCE 4

size_t
tale_steps_room(const struct tale *t)
{
	return (t->s.nsteps + STEPS_AT_ONCE - 1) & ~(size_t)(STEPS_AT_ONCE - 1);
}

struct step *
tale_step_room(struct tale *t)
{
	struct step *list;
	size_t n = t->s.nsteps;

	memcpy(&list, &t->s.steps, sizeof(list));
	if (n == tale_steps_room(t))
		list = pool_resized(list, n * sizeof(*list),
		    (n + STEPS_AT_ONCE) * sizeof(*list));
	memset(&list[n], 0, sizeof(*list));
	t->s.steps = list;
	return list;
}

void
tale_step(struct tale *t, const struct event *ev, enum step_result result,
    int64_t code, const char *name, const char *fmt, ...)
{
	struct step *s;
	va_list ap;

	if (t->s.nsteps == STORY_MAX_STEPS) {
		t->s.not_kept++;
		return;
	}
	s = tale_step_room(t) + t->s.nsteps++;
	s->ref = ev->ref;
	s->from = ev->src;
	s->to = ev->dst;
	s->result = result;
	s->code = code;
	s->code_name = name;
	va_start(ap, fmt);
	s->what = arena_vprintf(&t->mem, fmt, ap);
	va_end(ap);
}

void
tale_insert_step(struct tale *t, const struct step *new)
{
	struct step *list;
	size_t i;

	if (t->s.nsteps == STORY_MAX_STEPS) {
		t->s.not_kept++;
		return;
	}
	list = tale_step_room(t);
	for (i = t->s.nsteps++; i > 0 && list[i - 1].ref.time > new->ref.time;
	     i--)
		list[i] = list[i - 1];
	list[i] = *new;
}
