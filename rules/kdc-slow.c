/*
 * kdc-slow - the KDC answers, but more than a second late.
 *
 * Measured from the request that it answers, the latest repetition, to the
 * answer: neither DNS nor the opening of the connection is in it.
 *
 * Not this: a request that was lost and answered at once when it was repeated
 * (within 200 ms): that is loss.  An answer between the two may belong to the
 * first request or to the repetition: possible and no more.  The time that a
 * user takes to type a password lies between two requests.  Behind FAST a
 * second factor may be what the KDC waits for (RFC 6560, a push to a phone):
 * possible too.
 */
#include "reach.h"
#include "rule.h"

#define SLOW SECOND
#define AT_ONCE (SECOND / 5)

struct delay {
	const struct exchange *x;
	int64_t since; /* the latest repetition */
	int64_t total; /* the first request */
};

/* Whether X waited for its answer, and how long. */
static bool
delay_of(const struct exchange *x, struct delay *out)
{
	if (x->req.frame == 0 || x->rep.frame == 0 ||
	    x->req.capture != x->rep.capture)
		return false;
	out->x = x;
	out->total = x->rep.time - x->req.time;
	out->since = out->total;
	if (x->again.frame != 0 && x->again.time > x->req.time)
		out->since = x->rep.time - x->again.time;
	return out->total >= SLOW && out->since >= AT_ONCE;
}

/* Whether S asked one KDC only: else a repetition went to another one. */
static bool
one_kdc(const struct story *s)
{
	const struct contact *c;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (!addr_equal(&c->addr, &s->contacts[0].addr))
			return false;
	return true;
}

static bool
slowest(const struct story *s, struct delay *out)
{
	struct delay d = { 0 };
	size_t i;
	bool found = false;

	for (i = 0; i < s->nexchanges; i++) {
		if (!delay_of(&s->exchanges[i], &d) ||
		    (d.since < SLOW && !one_kdc(s)))
			continue;
		if (!found || d.since > out->since)
			*out = d;
		found = true;
	}
	return found;
}

static bool
is_hidden(const struct exchange *x)
{
	return x->kind == EXCHANGE_AS && x->fast;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *x;
	struct delay d = { 0 };
	int64_t late;

	(void)l;
	if (s->nexchanges == 0)
		return VERDICT_NOT_APPLICABLE;
	if (!slowest(s, &d))
		return VERDICT_CLEAR;
	x = d.x;
	late = d.since >= SLOW ? d.since : d.total;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = d.since >= SLOW && !is_hidden(x) ? CERTAINTY_LIKELY :
							  CERTAINTY_POSSIBLE;
	finding_step(f, &x->req);
	finding_subject_addr(f, SUBJECT_KDC, &x->kdc);
	finding_param(f, "what", x->sname);
	finding_param(f, "late", reach_seconds(f, late));
	if (x->retransmits > 0)
		finding_paramf(f, "again",
		    " The client repeated its request %u times.",
		    x->retransmits);
	if (is_hidden(x))
		finding_param(f, "factor",
		    " Whether it waited for a second factor, FAST hides.");
	finding_evidence(f, &x->rep, "the answer, %lld ms after the request",
	    (long long)(late / 1000));
	finding_evidence(f, &x->again, "the request again");
	finding_evidence(f, &x->req, "%s for %s",
	    x->kind == EXCHANGE_AS ? "AS-REQ" : "TGS-REQ",
	    x->sname != NULL ? x->sname : "nothing");
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "perfmon /report",
	    "on {kdc|the KDC}: CPU of lsass, and expensive LDAP queries "
	    "(event 1644); is a nearer domain controller in the site" },
	{ "samba", "top -b -n 1",
	    "on {kdc|the KDC}: its load; then prefork children = in "
	    "smb.conf" },
	{ "unix", "krb5kdc -w 4",
	    "more workers on {kdc|the KDC}; is its database (LDAP) slow" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2.1",
	"MIT: krb5kdc(8), -w",
	NULL,
};

const struct rule rule_kdc_slow = {
	.id = "kdc-slow",
	.title = "The KDC {kdc|of the realm} takes {late|more than 1 s} to "
		 "answer",
	.impact = IMPACT_DEGRADES,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.needs = EVIDENCE_KDC,
	.check = check,
	.why = "From the request for {what|a ticket} to its answer {kdc|the "
	       "KDC} took {late|more than 1 s}, without DNS and without the "
	       "opening of the connection.{again|}{factor|}",
	.not_this = "A lost request that is answered at once when repeated. "
		    "DNS that is slow. A user who takes his time to type.",
	.decide = "a capture beside the KDC: the same delay there is its own",
	.verify = "{kdc|The KDC} answers every request within a second.",
	.fix = fix,
	.see = see,
};
