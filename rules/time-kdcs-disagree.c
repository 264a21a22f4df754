/*
 * time-kdcs-disagree - two KDCs of one realm have different times.  A client
 * that follows one of them is refused by the other (37), and a ticket of the
 * one that is ahead is not valid yet at the other (33); which KDC it asks is
 * chance, so it fails now and then.
 *
 * Both clocks are in clear (KRB-ERROR stime, SMB2 SystemTime, NTLM).  Each
 * counts when it was seen more than once and always said the same; a minute
 * apart is worth a word, more than the tolerance is a fault.
 *
 * Not this: one KDC and its client (time-skew-client-kdc), a clock that was
 * set during the capture (a KDC's, or the capture's own between the two), an
 * offset that all hosts share, KDCs of two realms; KDCs of two captures, whose
 * own clocks may differ: there it takes a refusal, and is possible.
 */
#include <stdlib.h>
#include <strings.h>

#include "rule.h"
#include "skew.h"

#define APART (60 * SECOND)  /* less is no matter */
#define STEADY (30 * SECOND) /* samples of one clock agree */

struct pair {
	const struct host *off, *right;
	int64_t apart; /* of the first against the second */
};

static bool
is_steady(const struct host *h)
{
	return h != NULL && h->clock.samples >= 2 &&
	    h->clock.most - h->clock.least <= STEADY;
}

static bool
same_realm(const struct host *a, const struct host *b)
{
	return a->kdc_realm != NULL && b->kdc_realm != NULL &&
	    strcasecmp(a->kdc_realm, b->kdc_realm) == 0;
}

/*
 * Whether both were heard in one stretch of the capture: between two, its own
 * clock may have been set.
 */
static bool
same_time(const struct host *a, const struct host *b)
{
	return a->spoke.time <= b->clock.ref.time &&
	    b->spoke.time <= a->clock.ref.time;
}

/* The KDC of A's realm that differs most from A; false when none does. */
static bool
find_other(const struct ledger *l, const struct host *a, struct pair *p)
{
	const struct host *b;
	int64_t at_a, at_b;
	size_t i;

	if (!is_steady(a) || !ledger_clock(l, &a->addr, &at_a))
		return false;
	for (i = 0; (b = ledger_kdc_at(l, i)) != NULL; i++) {
		if (b == a || !is_steady(b) || !same_realm(a, b) ||
		    !same_time(a, b) || !ledger_clock(l, &b->addr, &at_b) ||
		    llabs(at_a - at_b) <= APART ||
		    (p->off != NULL && llabs(at_a - at_b) <= llabs(p->apart)))
			continue;
		if (llabs(at_a) >= llabs(at_b))
			*p = (struct pair){ a, b, at_a - at_b };
		else
			*p = (struct pair){ b, a, at_b - at_a };
	}
	return p->off != NULL;
}

/* The KDCs of the story that differ most from another of their realm. */
static bool
find_pair(const struct story *s, const struct ledger *l, struct pair *p)
{
	const struct exchange *e;
	const struct addr *last = NULL;
	bool found = false;

	*p = (struct pair){ NULL, NULL, 0 };
	for (e = s->exchanges; e < s->exchanges + s->nexchanges; e++) {
		if (e->answer == ANSWER_NONE ||
		    (last != NULL && addr_equal(last, &e->kdc)))
			continue;
		last = &e->kdc;
		found |= find_other(l, ledger_host(l, &e->kdc), p);
	}
	return found;
}

/* Whether a KDC at HOST gave S a ticket, or answered it at all. */
static bool
answered(const struct story *s, const struct host *host, bool ok)
{
	const struct exchange *e;

	for (e = s->exchanges; e < s->exchanges + s->nexchanges; e++)
		if (addr_equal(&e->kdc, &host->addr) &&
		    (ok ? e->answer == ANSWER_OK : e->answer != ANSWER_NONE))
			return true;
	return false;
}

/* What a KDC of the pair said of times; NULL when neither did. */
static const struct exchange *
time_error(const struct story *s, const struct pair *p)
{
	const struct exchange *e = story_kdc_error(s, KRB_AP_ERR_SKEW);

	if (e == NULL)
		e = story_kdc_error(s, KRB_AP_ERR_TKT_NYV);
	if (e != NULL && !addr_equal(&e->kdc, &p->off->addr) &&
	    !addr_equal(&e->kdc, &p->right->addr))
		return NULL;
	return e;
}

/* Whether one clock has measured both. */
static bool
same_capture(const struct pair *p)
{
	return p->off->clock.ref.capture == p->right->clock.ref.capture;
}

static void
describe(const struct ledger *l, const struct pair *p, const struct exchange *e,
    struct finding *f)
{
	f->rests_on = EVIDENCE_KDC | EVIDENCE_CLOCK | EVIDENCE_COMPARE;
	finding_subject_addr(f, SUBJECT_KDC, &p->off->addr);
	finding_subject(f, SUBJECT_REALM, p->off->kdc_realm);
	finding_param(f, "machine", skew_host(f, l, &p->off->addr));
	finding_param(f, "other", skew_host(f, l, &p->right->addr));
	finding_param(f, "apart", skew_text(f, p->apart));
	if (e != NULL) {
		finding_step(f, &e->req);
		finding_evidence(f, &e->rep, "KDC: %s",
		    krb_error_name(e->error));
		finding_param(f, "felt",
		    " A client was refused for its time at one of them.");
	}
	skew_cite(f, l, &p->off->addr);
	skew_cite(f, l, &p->right->addr);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e;
	struct pair p;

	if (s->nexchanges == 0)
		return VERDICT_NOT_APPLICABLE;
	if (!find_pair(s, l, &p))
		return VERDICT_CLEAR;
	e = time_error(s, &p);
	if (e == NULL) {
		/* A failure for another reason is not made by this. */
		if (s->outcome == OUTCOME_BROKEN ||
		    s->outcome == OUTCOME_DEGRADED ||
		    !answered(s, p.off, false) || !same_capture(&p))
			return VERDICT_CLEAR;
	} else if (!skew_beyond(l, p.apart))
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	/* The client may be off all by itself. */
	if (!same_capture(&p) ||
	    (e != NULL && addr_equal(&e->kdc, &p.right->addr) &&
		!answered(s, p.off, true)))
		f->certainty = CERTAINTY_POSSIBLE;
	describe(l, &p, e, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"time-skew-client-kdc",
	"time-skew-timezone",
	"time-ticket-nyv",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "w32tm /monitor /domain:{realm|DOMAIN}",
	    "then on the one that is off: w32tm /config /syncfromflags:domhier "
	    "/update; w32tm /resync /rediscover" },
	{ "unix", "chronyc makestep",
	    "on {machine|the KDC}; the same sources on all KDCs: chronyc "
	    "sources" },
	{ "any", "systemd-detect-virt",
	    "a virtual machine: only one of hypervisor and network may set its "
	    "time" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 3.2.3, 7.5.9",
	"Microsoft: How the Windows Time service works",
	NULL,
};

const struct rule rule_time_kdcs_disagree = {
	.id = "time-kdcs-disagree",
	.title = "KDCs of {realm|a realm} disagree: {machine|one} is "
		 "{apart|off}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "time",
	.needs = EVIDENCE_KDC | EVIDENCE_CLOCK,
	.check = check,
	.explains = explains,
	.why =
	    "KDC {machine|one} is {apart|off}, seen from KDC {other|another} "
	    "of the same realm, by their own answers. Who follows one is "
	    "refused by the other when they are further apart than is "
	    "tolerated (5 minutes unless changed).{felt|}",
	.not_this =
	    "A client that is off: all KDCs agree with each other and refuse "
	    "it. A clock that was set during the capture. An offset that all "
	    "hosts share: the capture host's clock.",
	.decide = "w32tm /monitor in the domain; chronyc tracking on each "
		  "KDC",
	.verify = "The clocks of {machine|this KDC} and {other|the other "
		  "one} differ by less than a few seconds in their "
		  "answers, and no error 37 or 33 is seen.",
	.fix = fix,
	.see = see,
};
