/*
 * rank-alike.c - what is proven of one failure holds for every other one that
 * is alike in all that matters: the same KDC error for the same service, or
 * the same refusal of a ticket with the same key by the same server.
 *
 * A key trial or the directory may decide one story and not another (a frame
 * cut short, a ticket from before the capture): without this the fault that
 * is proven here would stand beside a guess about it there, as two causes.
 *
 * What depends on the client is not alike: errors other than those about the
 * service, findings about one client.
 */
#include <stdlib.h>
#include <string.h>

#include "judge.h"

/* KDC_ERR_* that say something of the service alone, RFC 4120 7.5.9. */
static bool
about_service(int64_t error)
{
	static const int64_t codes[] = {
		2,  /* SERVICE_EXP */
		7,  /* S_PRINCIPAL_UNKNOWN */
		8,  /* PRINCIPAL_NOT_UNIQUE */
		19, /* SERVICE_REVOKED */
		27, /* MUST_USE_USER2USER */
	};
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i] == error)
			return true;
	return false;
}

static bool
same_ref(const struct ref *a, const struct ref *b)
{
	return a->frame == b->frame && a->capture == b->capture;
}

static uint64_t
mix_text(uint64_t hash, const char *text)
{
	return hash_mix(hash, text == NULL ? 1 : hash_text(text, strlen(text)));
}

static uint64_t
mix_number(uint64_t hash, int64_t n)
{
	return hash_mix(hash, hash_bytes(&n, sizeof(n)));
}

static uint64_t
exchange_alike(const struct exchange *x)
{
	uint64_t hash;

	if (x->kind != EXCHANGE_TGS || x->answer != ANSWER_ERROR ||
	    !about_service(x->error) || x->sname == NULL)
		return 0;
	hash = mix_text(mix_text(2, x->realm), x->sname);
	/* S4U2Self asks for the requester itself, U2U for a user. */
	hash = mix_number(hash, x->s4u2self + 2 * x->s4u2proxy + 4 * x->u2u);
	return mix_number(hash, x->error) | 1;
}

static uint64_t
attempt_alike(const struct attempt *a)
{
	uint64_t hash;

	if (a->answer != ANSWER_ERROR || a->ticket.sname == NULL ||
	    a->ticket.kvno == EV_ABSENT || a->server.family == 0)
		return 0;
	hash = mix_text(mix_text(3, a->ticket.realm), a->ticket.sname);
	hash = hash_mix(hash, hash_addr(&a->server));
	hash = mix_number(mix_number(hash, a->ticket.kvno), a->ticket.etype);
	return mix_number(mix_number(hash, a->error), a->status) | 1;
}

uint64_t
rank_alike(const struct story *s, const struct ref *step)
{
	size_t i;

	if (step->frame == 0)
		return 0;
	for (i = 0; i < s->nexchanges; i++)
		if (same_ref(&s->exchanges[i].req, step))
			return exchange_alike(&s->exchanges[i]);
	for (i = 0; i < s->nattempts; i++)
		if (same_ref(&s->attempts[i].req, step))
			return attempt_alike(&s->attempts[i]);
	return 0;
}

void
rank_alike_note(const struct hit *h)
{
	struct merged *m = h->m;
	struct alike *a;
	size_t i;

	if (h->alike == 0)
		return;
	for (i = 0; i < m->nalike && m->alike[i].hash != h->alike; i++)
		;
	if (i == MERGED_MAX_ALIKE)
		return; /* stays as sure as it was */
	a = &m->alike[i];
	if (i == m->nalike) {
		m->nalike++;
		a->hash = h->alike;
	}
	if (h->certainty == CERTAINTY_PROVEN) {
		a->proven = true;
		return;
	}
	a->count++;
	a->beaten += h->beaten;
	a->silenced += h->silenced;
}

/* --- after all stories ------------------------------------------------ */

struct proof {
	uint64_t hash;
	struct merged *m;
};

static int
proof_compare(const void *x, const void *y)
{
	const struct proof *a = x, *b = y;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->m->index > b->m->index) - (a->m->index < b->m->index);
}

/* All failures of which the cause is proven; *COUNT of them. */
static struct proof *
proofs_make(const struct docket *d, size_t *count)
{
	struct proof *list = must_calloc(d->nmerged * MERGED_MAX_ALIKE + 1,
	    sizeof(*list));
	size_t i, k, n = 0;

	for (i = 0; i < d->nmerged; i++) {
		struct merged *m = d->list[i];

		if (m->f.subject[SUBJECT_CLIENT] != NULL || !rank_is_cause(m))
			continue;
		for (k = 0; k < m->nalike; k++)
			if (m->alike[k].proven)
				list[n++] = (struct proof){ m->alike[k].hash,
					m };
	}
	if (n > 1)
		qsort(list, n, sizeof(*list), proof_compare);
	*count = n;
	return list;
}

/* The finding that is proven of HASH, and is not M; NULL: none. */
static struct merged *
proof_of(const struct proof *list, size_t count, uint64_t hash,
    const struct merged *m)
{
	size_t low = 0, high = count, middle;
	struct merged *found = NULL;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (list[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < count && list[low].hash == hash; low++) {
		if (list[low].m == m)
			return NULL;
		if (found == NULL)
			found = list[low].m;
	}
	return found;
}

/* M was seen in failures that are alike to one where A is proven. */
static void
alike_lost(struct merged *m, const struct alike *k, struct merged *a)
{
	if (m->f.rule->catch_all || rank_explains(&a->f, &m->f)) {
		m->explained += k->count - k->beaten;
		m->explainer = a;
		return;
	}
	m->lost += k->count - k->beaten;
	m->silenced += k->count - k->silenced;
	m->winner = a;
}

void
rank_alike_settle(struct docket *d)
{
	struct merged *m, *a;
	struct proof *list;
	size_t count, i, k;

	list = proofs_make(d, &count);
	for (i = 0; i < d->nmerged && count > 0; i++) {
		m = d->list[i];
		for (k = 0; k < m->nalike; k++) {
			if (m->alike[k].count == 0)
				continue;
			a = proof_of(list, count, m->alike[k].hash, m);
			if (a != NULL)
				alike_lost(m, &m->alike[k], a);
		}
	}
	free(list);
}
