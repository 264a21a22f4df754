/*
 * time-skew-timezone - a clock is off by whole hours: the time zone or the
 * BIOS clock's zone is wrong, not the time source.
 *
 * It refines a skew finding and is never a second cause: the skew rules
 * explain it, and it names no failing step of its own.  The size must come
 * from a clock in clear.  What a client's `till' hints at is a size less a
 * guessed lifetime: possible and no more; so are half hours, because one
 * random error in fifteen lies within two minutes of one.
 *
 * Not this: arbitrary drift; more than 26 hours; a constant offset of every
 * host (seen: a capture host that ran in another zone, nothing failed).
 */
#include <stdlib.h>

#include "skew.h"

#define NEAR (2 * MINUTE)

/* Whether OFF is that of a zone; WHOLE: of one with full hours. */
static bool
is_zone(int64_t off, bool *whole)
{
	int64_t a = llabs(off), h = a % HOUR;

	*whole = a >= HOUR - NEAR && (h <= NEAR || h >= HOUR - NEAR);
	if (a > 26 * HOUR + NEAR)
		return false;
	return *whole || llabs(h - 30 * MINUTE) <= NEAR ||
	    llabs(h - 45 * MINUTE) <= NEAR;
}

static const struct attempt *
refused_for_time(const struct story *s)
{
	const struct attempt *a = story_ap_error(s, KRB_AP_ERR_SKEW);

	if (a == NULL)
		a = story_ap_error(s, KRB_AP_ERR_TKT_NYV);
	if (a != NULL)
		return a;
	/* 41 and its like come before the times of a ticket can be read. */
	a = story_key_refusal(s);
	return a != NULL && a->error == -1 ? a : NULL;
}

static enum verdict
report(const struct ledger *l, const struct addr *who, enum subject subject,
    int64_t off, bool clear, const struct ref *said, struct finding *f)
{
	bool whole;

	if (!is_zone(off, &whole))
		return VERDICT_CLEAR;
	f->rests_on |= EVIDENCE_CLOCK;
	f->certainty = clear && whole ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	finding_subject_addr(f, subject, who);
	finding_paramf(f, "machine", "%s", skew_host(f, l, who));
	finding_paramf(f, "offset", "%s%s", clear ? "" : "about ",
	    skew_text(f, off));
	finding_evidence(f, said, "refused for the time");
	if (clear)
		skew_cite_at(f, l, who, said->time);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_error(s, KRB_AP_ERR_SKEW);
	const struct attempt *a = refused_for_time(s);
	int64_t off;

	if (e != NULL && skew_clock(l, &e->kdc, &off) == SKEW_OFF)
		return report(l, &e->kdc, SUBJECT_KDC, off, true, &e->rep, f);
	if (a != NULL &&
	    skew_clock_at(l, &a->server, skew_when(a), &off) == SKEW_OFF)
		return report(l, &a->server, SUBJECT_SERVER, off, true,
		    a->error == -1 ? &a->rep : &a->error_ref, f);
	if (e == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (skew_clock(l, &s->client, &off) == SKEW_OFF)
		return report(l, &s->client, SUBJECT_CLIENT, off, true, &e->rep,
		    f);
	off = skew_hint(s, l, e);
	if (off != 0)
		return report(l, &s->client, SUBJECT_CLIENT, off, false,
		    &e->rep, f);
	f->missing = EVIDENCE_CLOCK;
	return VERDICT_UNKNOWN;
}

static const struct fix fix[] = {
	{ "windows", "tzutil /g",
	    "set the zone first, then the clock; RealTimeIsUniversal" },
	{ "unix", "timedatectl set-local-rtc 0",
	    "and timedatectl set-timezone" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 5.2.3 (KerberosTime is UTC)",
	NULL,
};

const struct rule rule_time_skew_timezone = {
	.id = "time-skew-timezone",
	.title = "The clock of {machine|HOST} is {offset|off}: a time zone",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "time",
	.needs = EVIDENCE_CLOCK,
	.check = check,
	.why =
	    "The clock of {machine|HOST} is {offset|off}. Clocks that drift "
	    "do not stop at whole hours: its time zone is wrong and somebody "
	    "set the clock by hand, or the hardware clock is read in local "
	    "time.",
	.not_this = "Drift that happens to be near an hour; an offset that "
		    "every host shows, which is the capture host's.",
	.decide = "on {machine|the host}: tzutil /g and w32tm /query "
		  "/status; timedatectl",
	.verify = "The clock of {machine|the host}, as its messages show "
		  "it, is off by less than a minute.",
	.fix = fix,
	.see = see,
};
