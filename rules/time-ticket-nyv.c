/*
 * time-ticket-nyv - 33 (KRB_AP_ERR_TKT_NYV): a ticket is used before its
 * start time, and the clock of the host that says so is not off.
 *
 * RFC 4120 3.3.3: a postdated ticket is validated too early; that shows in
 * the request's options.  Else a clock was set back after the ticket was
 * issued, which no frame shows: possible.
 *
 * Not this: a service whose own clock is behind (time-skew-service); it says
 * 33 rather than 37, because the ticket's start is tested first.
 */
#include "skew.h"

/* Validation of a postdated ticket, or an exchange that asked for one. */
static bool
is_postdated(const struct story *s)
{
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if ((x->options & (KDC_VALIDATE | KDC_POSTDATED)) != 0)
			return true;
	return false;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_error(s, KRB_AP_ERR_TKT_NYV);
	const struct attempt *a = story_ap_error(s, KRB_AP_ERR_TKT_NYV);
	const struct addr *who;
	int64_t off;

	if (e == NULL && a == NULL)
		return verdict_clear_if(s->nexchanges + s->nattempts > 0);
	who = e != NULL ? &e->kdc : &a->server;
	if (e == NULL && skew_clock(l, who, &off) == SKEW_OFF && off < 0)
		return VERDICT_CLEAR;
	f->rests_on = e != NULL ? EVIDENCE_KDC : EVIDENCE_SERVICE;
	finding_step(f, e != NULL ? &e->req : &a->req);
	f->certainty = is_postdated(s) ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "machine", "%s", skew_host(f, l, who));
	finding_param(f, "reason",
	    is_postdated(s) ?
		"The client asked for a postdated ticket: it has to wait until "
		"the ticket's start." :
		"A clock was set back since the ticket was issued, on the "
		"client, the KDC or the host that refuses it.");
	finding_evidence(f, e != NULL ? &e->rep : &a->error_ref,
	    "%s: KRB_AP_ERR_TKT_NYV", e != NULL ? "KDC" : "service");
	finding_evidence(f, e != NULL ? &e->req : &a->req,
	    "the ticket it was shown%s",
	    is_postdated(s) ? ", with the option to validate" : "");
	skew_cite(f, l, who);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	"service-refused-ticket",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist purge", "then w32tm /query /status on both" },
	{ "unix", "klist -f", "flags D, d, i: postdated; else kinit again" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 2.4, 3.2.3, 3.3.3, 5.4.1",
	NULL,
};

const struct rule rule_time_ticket_nyv = {
	.id = "time-ticket-nyv",
	.title = "A ticket of {client|a client} is not yet valid",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "time",
	.check = check,
	.explains = explains,
	.why =
	    "{machine|A host} refused a ticket because its start time lies in "
	    "the future (33). {reason|}",
	.not_this = "A server whose own clock is behind says 33 as well: that "
		    "is time-skew-service.",
	.decide = "klist on {client|the client} (start time); w32tm /query "
		  "/status or chronyc tracking on client, KDC and "
		  "{machine|server}",
	.verify = "The ticket's start lies before the time of {machine|the "
		  "host}, and the log-on is accepted without error 33.",
	.fix = fix,
	.see = see,
};
