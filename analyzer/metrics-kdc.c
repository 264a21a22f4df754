/*
 * metrics-kdc.c - see metrics-kdc.h.
 *
 * From the request, the last one if it was repeated, to the answer of the
 * same flow.  A request that finds its place taken replaces the one before:
 * what is measured is a sample.
 */
#include "metrics-kdc.h"

#define AS_REQ 10
#define TGS_REQ 12
#define LONGEST (60 * SECOND) /* later than that is no answer to it */

const int64_t kdc_bounds[KDC_BUCKETS] = { 1000, 2500, 5000, 10000, 25000, 50000,
	100000, 250000, 500000, 1000000, 2500000, 10000000, INT64_MAX };

static struct kdc_times *
times_of(struct metrics_kdc *k, const struct addr *kdc, bool tgs)
{
	static const struct addr nobody;
	struct kdc_times *t;
	size_t i;

	for (i = 0; i < k->ntimes; i++)
		if (k->times[i].tgs == tgs && addr_equal(&k->times[i].kdc, kdc))
			return &k->times[i];
	if (i >= 2 * METRICS_MAX_KDCS && kdc->family != 0)
		return times_of(k, &nobody, tgs);
	t = &k->times[k->ntimes++];
	t->kdc = *kdc;
	t->tgs = tgs;
	return t;
}

static void
kdc_asked(struct metrics_kdc *k, const struct event *ev)
{
	size_t i = ev->flow % KDC_PENDING;

	k->pending[i].flow = ev->flow;
	k->pending[i].time = ev->ref.time;
	k->pending[i].tgs = ev->u.kdc_req.msg_type == TGS_REQ;
}

static void
kdc_answered(struct metrics_kdc *k, const struct event *ev)
{
	size_t i = ev->flow % KDC_PENDING, b;
	struct kdc_times *t;
	int64_t took;

	if (ev->flow == 0 || k->pending[i].flow != ev->flow)
		return;
	k->pending[i].flow = 0;
	took = ev->ref.time - k->pending[i].time;
	/* The clock was set meanwhile, or somebody else answered. */
	if (took < 0 || took > LONGEST)
		return;
	t = times_of(k, &ev->src, k->pending[i].tgs);
	for (b = 0; took > kdc_bounds[b]; b++)
		continue;
	t->counts[b]++;
	t->count++;
	t->sum += (uint64_t)took;
}

void
kdc_event(struct metrics_kdc *k, const struct event *ev)
{
	const struct str *from = &ev->u.krb_error.from;

	switch (ev->kind) {
	case EV_kdc_req:
		if (ev->u.kdc_req.msg_type == AS_REQ ||
		    ev->u.kdc_req.msg_type == TGS_REQ)
			kdc_asked(k, ev);
		break;
	case EV_kdc_rep:
		kdc_answered(k, ev);
		break;
	case EV_krb_error:
		if (from->len == 3 && memcmp(from->p, "kdc", 3) == 0)
			kdc_answered(k, ev);
		break;
	default:
		break;
	}
}
