/*
 * time-skew-client-kdc - a KDC answers 37 (KRB_AP_ERR_SKEW): its clock and
 * the client's differ by more than it tolerates (RFC 4120 3.1.3, 3.2.3).
 *
 * The error does not say whose clock is wrong.  KRB-ERROR carries the KDC's
 * (stime): when that agrees with the capture and the other hosts, the client
 * is off; when it is the odd one, the KDC is.  How far the client is off is
 * in clear only where it shows its clock: in its own SMB or NTLM answers, or
 * as a hint in ctime and till.
 *
 * Not this: 37 from a service (time-skew-service, time-skew-client-service),
 * a constant offset of every host (the capture host's clock), a ctime that
 * is the nonce (old MIT KDCs).  A success right after is recovery (Windows,
 * MIT's kdc_timesync), but the clock is off all the same: it weakens.
 */
#include "skew.h"

/*
 * 37, or a renewal refused with 32 and STATUS_TIME_DIFFERENCE_AT_DC.  The
 * latter is what Windows says of any expired ticket too: it counts only
 * when no fresh log-on follows (a resume from sleep), and is a mere hint.
 */
static const struct exchange *
skew_error(const struct story *s, const struct ledger *l)
{
	const struct exchange *e = story_kdc_error(s, KRB_AP_ERR_SKEW);
	const struct exchange *as;
	const struct account_fact *a;

	if (e != NULL)
		return e;
	e = story_kdc_error(s, KRB_AP_ERR_TKT_EXPIRED);
	if (e == NULL || e->ntstatus != NT_TIME_DIFFERENCE ||
	    (e->options & KDC_RENEW) == 0)
		return NULL;
	as = story_issued(s, EXCHANGE_AS);
	if (as != NULL && as->rep.time > e->req.time)
		return NULL;
	a = s->principal == NULL ? NULL : ledger_account(l, s->principal);
	if (a != NULL && a->ok.count > 0 && a->ok.last.time > e->req.time)
		return NULL;
	return e;
}

/* The KDC is the odd one. */
static void
blame_kdc(const struct ledger *l, const struct exchange *e, int64_t off,
    const char *reason, struct finding *f)
{
	f->certainty = CERTAINTY_LIKELY;
	finding_subject_addr(f, SUBJECT_KDC, &e->kdc);
	finding_paramf(f, "machine", "KDC %s", skew_host(f, l, &e->kdc));
	finding_paramf(f, "offset", "%s", skew_text(f, off));
	finding_param(f, "reason", reason);
}

/* Whether the clock of the KDC of E was another one when it answered E. */
static bool
was_set(const struct ledger *l, const struct exchange *e, int64_t *then)
{
	const struct host *h = ledger_host(l, &e->kdc);

	if (h == NULL || h->clock.samples == 0 || e->stime <= 0 ||
	    e->rep.frame == 0)
		return false;
	*then = e->stime - e->rep.time;
	return skew_beyond(l, *then - h->clock.offset);
}

/*
 * No clock says which of the two is off.  Two KDCs, or one that is set in
 * the middle, look like a client that is off and recovers.
 */
static void
blame_either(const struct story *s, const struct ledger *l,
    const struct exchange *e, struct finding *f)
{
	int64_t off = 0;

	f->certainty = CERTAINTY_POSSIBLE;
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "machine", "client %s or of KDC %s",
	    skew_host(f, l, &s->client), skew_host(f, l, &e->kdc));
	if (was_set(l, e, &off)) {
		finding_evidence(f, &e->rep,
		    "the KDC's clock then, against the capture's: %s",
		    skew_text(f, off));
		finding_param(f, "reason",
		    "The KDC's clock or the capture's was set since, so that "
		    "neither says which of the two was off.");
		return;
	}
	off = skew_hint(s, l, e);
	finding_paramf(f, "reason",
	    "No other clock was seen that would say which of the two is off.%s"
	    "%s%s",
	    off != 0 ? " Against the KDC the client is about " : "",
	    off != 0 ? skew_text(f, off) : "", off != 0 ? "." : "");
}

/* The client is, as far as it can be told. */
static void
blame_client(const struct story *s, const struct ledger *l,
    const struct exchange *e, struct finding *f)
{
	int64_t off;
	enum skew_word own = skew_clock(l, &s->client, &off);
	bool sure = own != SKEW_RIGHT && e->error == KRB_AP_ERR_SKEW;

	f->certainty = sure ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	if (sure && own == SKEW_OFF)
		f->certainty = CERTAINTY_PROVEN;
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "machine", "client %s", skew_host(f, l, &s->client));
	finding_param(f, "reason",
	    "The KDC's own time agrees with the capture, so the client is "
	    "off.");
	if (own == SKEW_OFF)
		finding_paramf(f, "offset", "%s", skew_text(f, off));
	else if ((off = skew_hint(s, l, e)) != 0)
		finding_paramf(f, "offset", "about %s", skew_text(f, off));
	if (own == SKEW_OFF)
		skew_cite(f, l, &s->client);
}

/* The same answer to other requests of the story. */
static void
cite_others(const struct story *s, const struct exchange *e, struct finding *f)
{
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x != e && x->error == KRB_AP_ERR_SKEW)
			finding_evidence(f, &x->rep,
			    "KDC: the same to another request");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = skew_error(s, l);
	enum skew_word kdc;
	char at[ADDR_TEXT];
	int64_t off, then;

	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	f->rests_on = EVIDENCE_KDC;
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC: %s for %s", krb_error_name(e->error),
	    e->sname != NULL ? e->sname : "?");
	finding_evidence(f, &e->req, "the request it answers");
	finding_paramf(f, "dc", "%s", skew_host(f, l, &e->kdc));
	finding_param(f, "at", addr_text(&e->kdc, at));
	kdc = skew_clock(l, &e->kdc, &off);
	if (kdc != SKEW_UNSEEN)
		skew_cite(f, l, &e->kdc);
	if (was_set(l, e, &then))
		blame_either(s, l, e, f);
	else if (kdc == SKEW_OFF)
		blame_kdc(l, e, off,
		    "The KDC's own time disagrees with the other hosts, which "
		    "agree with each other: every client will be refused.",
		    f);
	else if (kdc == SKEW_DOUBTFUL && skew_told_all(l, &e->kdc))
		blame_kdc(l, e, off,
		    "It refused every client that asked, and its own time "
		    "disagrees with the capture.",
		    f);
	else if (kdc != SKEW_RIGHT)
		blame_either(s, l, e, f);
	else
		blame_client(s, l, e, f);
	cite_others(s, e, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"time-skew-timezone",
	"time-skew-client-service",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "w32tm /resync /rediscover",
	    "on the machine that is off; then w32tm /query /status" },
	{ "unix", "chronyc makestep", "then chronyc tracking" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 3.2.3, 7.5.9",
	"MS-KILE 2.2.2, 3.1.5.1",
	NULL,
};

const struct rule rule_time_skew_client_kdc = {
	.id = "time-skew-client-kdc",
	.title = "The clock of {machine|a host} is {offset|off}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "time",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why =
	    "KDC {dc|HOST} refused a request because the client's time and its "
	    "own differ by more than it allows (5 minutes unless changed). "
	    "{reason|}",
	.not_this =
	    "A capture in which every host is off by the same amount: "
	    "the capture host's clock. A 37 followed at once by success is "
	    "recovery: the clock is off, but nobody was kept out. ctime in "
	    "old MIT errors is a nonce.",
	.decide = "w32tm /stripchart /computer:{at|KDC} /samples:1 on the "
		  "client; chronyc tracking on both",
	.verify = "The same request to {dc|the KDC} is answered with a "
		  "ticket, without error 37, and the clocks seen differ by "
		  "less than a minute.",
	.fix = fix,
	.see = see,
};
