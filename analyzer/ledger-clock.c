/*
 * ledger-clock.c - the passive census of clocks.
 *
 * Every clock that shows itself (KRB-ERROR stime, SMB2 SystemTime, NTLM
 * timestamp) is compared with the time of its frame.  The capture host's own
 * clock may be wrong, or its files rewritten: what most hosts share is taken
 * out, and the capture is one witness among them (captures exist in
 * which every KDC is three hours off and nothing fails).
 */
#include <stdlib.h>
#include <string.h>

#include "ledger-store.h"
#include "rule.h"

/* Clocks this near to each other agree: network delay, whole seconds. */
#define AGREE (30 * SECOND)
/* Hosts that vote; more would not change the majority's mind. */
#define VOTERS 1024
/*
 * A census looks at many hosts, so it is taken when many said something new:
 * one in so many.
 */
#define CENSUS_EVERY 16

struct voter {
	int64_t offset;
	int weight;
};

static int
compare_voter(const void *a, const void *b)
{
	const struct voter *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The middle one of the N of LIST, a handful: the upper of two. */
static int64_t
median(const int64_t *list, size_t n)
{
	int64_t sorted[CLOCK_SAMPLES] = { 0 };
	size_t i, at;

	for (i = 0; i < n; i++) {
		for (at = i; at > 0 && sorted[at - 1] > list[i]; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = list[i];
	}
	return sorted[n / 2];
}

/*
 * A jump begins a span of its own, so that it is not outvoted by what was
 * before, nor forgotten when the clock is set right.
 */
static void
note_span(struct host_entry *h, int64_t offset, const struct ref *ref)
{
	struct clock_span *s = h->spans + h->nspans;

	if (h->nspans > 0 && llabs((long long)(s[-1].offset - offset)) <= AGREE)
		s--;
	else if (h->nspans == CLOCK_SPANS) {
		memmove(h->spans, h->spans + 1,
		    (CLOCK_SPANS - 1) * sizeof(*h->spans));
		(--s)->begin = ref->time;
	} else {
		h->nspans++;
		s->begin = ref->time;
	}
	s->offset = offset;
	s->ref = *ref;
}

void
ledger_clock_sample(struct ledger *l, const struct addr *addr, int64_t theirs,
    const char *source, const struct ref *ref)
{
	struct host_entry *h;
	struct clock *c;
	int64_t offset, before;
	size_t n;

	if (theirs <= 0 || ref->time <= 0 ||
	    !ledger_time_known(l, ref->capture))
		return;
	offset = theirs - ref->time;
	h = ledger_host_entry(l, addr);
	c = &h->host.clock;
	h->samples[c->samples % CLOCK_SAMPLES] = offset;
	if (c->samples == 0 || offset < c->least)
		c->least = offset;
	if (c->samples == 0 || offset > c->most)
		c->most = offset;
	if (c->samples++ == 0)
		l->clocked++;
	note_span(h, offset, ref);
	c->source = source;
	c->ref = *ref;
	n = c->samples < CLOCK_SAMPLES ? c->samples : CLOCK_SAMPLES;
	before = c->offset;
	c->offset = median(h->samples, n);
	l->clocks_stale = true;
	if (c->samples == 1 || before / SECOND != c->offset / SECOND)
		l->clocks_new++;
	l->evidence |= EVIDENCE_CLOCK;
}

void
ledger_clock_forget(struct ledger *l, int capture)
{
	struct host *h;
	struct node *n;

	for (n = l->hosts.oldest; n != NULL; n = n->newer) {
		h = &((struct host_entry *)n)->host;
		if (h->clock.samples == 0 || h->clock.ref.capture != capture)
			continue;
		memset(&h->clock, 0, sizeof(h->clock));
		((struct host_entry *)n)->nspans = 0;
		l->clocked--;
	}
	l->clocks_stale = true;
}

static void
clock_shift(struct host_entry *h, int64_t shift)
{
	struct clock *c = &h->host.clock;
	size_t i;

	for (i = 0; i < CLOCK_SAMPLES; i++)
		h->samples[i] -= shift;
	for (i = 0; i < h->nspans; i++)
		h->spans[i].offset -= shift;
	c->offset -= shift;
	c->least -= shift;
	c->most -= shift;
}

void
ledger_clock_set(struct ledger *l, int64_t shift)
{
	struct node *n;

	for (n = l->hosts.oldest; n != NULL; n = n->newer)
		if (((struct host_entry *)n)->host.clock.samples > 0)
			clock_shift((struct host_entry *)n, shift);
	l->clocks_stale = true;
	l->clocks_new = l->clocked;
	ledger_time_set(l, shift);
}

/*
 * The offset that most share: the middle of the heaviest group of clocks
 * that agree.  The capture weighs one; a KDC weighs a little more than
 * another host, because the domain takes its time from it.
 */
static int64_t
clock_majority(struct voter *v, size_t n)
{
	size_t i, j, best = 0, best_end = 0;
	int weight, most = -1;

	qsort(v, n, sizeof(*v), compare_voter);
	weight = 0;
	for (i = 0, j = 0; i < n; i++) {
		while (j < n && v[j].offset - v[i].offset <= AGREE)
			weight += v[j++].weight;
		if (weight > most) {
			most = weight;
			best = i;
			best_end = j;
		}
		weight -= v[i].weight;
	}
	return v[(best + best_end - 1) / 2].offset;
}

static void
clock_census(struct ledger *l)
{
	struct voter v[VOTERS + 1];
	const struct node *n;
	const struct host *h;
	size_t count = 0, all = l->clocked < VOTERS ? l->clocked : VOTERS;

	v[count++] = (struct voter){ 0, 5 }; /* the capture itself */
	for (n = l->hosts.newest; n != NULL && count <= all; n = n->older) {
		h = &((const struct host_entry *)n)->host;
		if (h->clock.samples == 0 ||
		    !ledger_time_known(l, h->clock.ref.capture))
			continue;
		v[count].offset = h->clock.offset;
		v[count++].weight = (h->roles & ROLE_KDC) != 0 ? 6 : 4;
	}
	l->common = clock_majority(v, count);
	l->clocks_new = 0;
	l->clocks_stale = false;
}

bool
ledger_clock(const struct ledger *l, const struct addr *addr, int64_t *offset)
{
	const struct host_entry *h = ledger_host_find(l, addr);

	if (h == NULL || h->host.clock.samples == 0 ||
	    !ledger_time_known(l, h->host.clock.ref.capture))
		return false;
	*offset = h->host.clock.offset - l->common;
	return true;
}

/* How far WHEN is from S. */
static int64_t
span_distance(const struct clock_span *s, int64_t when)
{
	if (when < s->begin)
		return s->begin - when;
	return when > s->ref.time ? when - s->ref.time : 0;
}

bool
ledger_clock_at(const struct ledger *l, const struct addr *addr, int64_t when,
    int64_t *offset, const struct ref **sample)
{
	const struct host_entry *h = ledger_host_find(l, addr);
	const struct clock_span *s, *near;

	if (!ledger_clock(l, addr, offset))
		return false;
	*sample = &h->host.clock.ref;
	if (h->nspans < 2)
		return true; /* the middle of all is better than the latest */
	near = h->spans;
	for (s = near + 1; s < h->spans + h->nspans; s++)
		if (span_distance(s, when) <= span_distance(near, when))
			near = s;
	*offset = near->offset - l->common;
	*sample = &near->ref;
	return true;
}

void
ledger_census(struct ledger *l)
{
	if (l->clocks_stale)
		clock_census(l);
}

void
ledger_settle(struct ledger *l)
{
	if (l->clocks_new > l->hosts.count / CENSUS_EVERY)
		clock_census(l);
}
