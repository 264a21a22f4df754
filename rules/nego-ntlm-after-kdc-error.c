/*
 * nego-ntlm-after-kdc-error - the client asked the KDC, was refused, and
 * went on with NTLM to the same service.
 *
 * It works, and nobody notices until NTLM is switched off.  The refusal
 * decides: the rule for that error is the cause and explains this one.
 *
 * Not this: NTLM without a refusal (nego-client-never-asked, nego-ntlm-by-
 * ip); a null session (MS-NLMP 3.2.5.1.2) or a guest, who never is Kerberos; a
 * ticket that was issued and refused by the service.
 */
#include "logon.h"
#include "rule.h"

static const struct attempt *
ntlm_after(const struct story *s, const struct exchange *e)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->mech == MECH_NTLM && !a->anonymous && !a->guest &&
		    a->req.time >= e->rep.time)
			return a;
	return NULL;
}

static void
report(const struct attempt *a, int64_t error, const struct ref *said,
    const char *sname, struct finding *f)
{
	char buf[NAME_TEXT];
	const char *code = name_or(krb_error_name(error), error, buf);

	f->rests_on = EVIDENCE_KDC | EVIDENCE_SERVICE;
	f->certainty = CERTAINTY_LIKELY;
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_param(f, "code", code);
	finding_param(f, "what",
	    a->answer == ANSWER_OK ? "it was accepted" :
				     "the server's answer was no");
	finding_evidence(f, said, "KDC: %s for %s", code, sname);
	finding_evidence(f, &a->req, "then NTLM%s%s",
	    a->user != NULL ? " as " : "", a->user != NULL ? a->user : "");
	finding_evidence(f, &a->rep,
	    a->answer == ANSWER_OK ? "which the server accepts" :
				     "the server's answer");
}

/*
 * The refusal of the user's own log-on (AS) is a story of its own when it
 * names no service: the ledger knows it.
 */
static enum verdict
check_account(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = story_tried(s, MECH_NTLM);
	const struct tally *no;

	if (s->nexchanges > 0 || logon_is_local(s, l, a) ||
	    (no = logon_refused(l, a)) == NULL)
		return VERDICT_CLEAR;
	finding_subject(f, SUBJECT_ACCOUNT, logon_account(l, a)->principal);
	report(a, no->error_last, &no->last, logon_account(l, a)->principal, f);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s, -1);
	const struct attempt *a;

	if (story_tried(s, MECH_NTLM) == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (story_accepted(s, MECH_KRB5) != NULL)
		return VERDICT_CLEAR;
	if (e == NULL)
		return check_account(s, l, f);
	a = ntlm_after(s, e);
	if (a == NULL || krb_error_is_step(e->error))
		return VERDICT_CLEAR;
	if (e->kind == EXCHANGE_TGS) {
		finding_subject(f, SUBJECT_SPN, e->sname);
		finding_subject(f, SUBJECT_REALM, e->realm);
	} else
		finding_subject(f, SUBJECT_ACCOUNT, s->principal);
	report(a, e->error, &e->rep, e->sname != NULL ? e->sname : "?", f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist get {spn|SPN}",
	    "mend the Kerberos error first, then audit NTLM" },
	{ "unix", "kvno {spn|SPN}", "shows the same error" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4178 3",
	"MS-SPNG 3.2.5",
	NULL,
};

const struct rule rule_nego_ntlm_after_kdc_error = {
	.id = "nego-ntlm-after-kdc-error",
	.title = "NTLM instead of Kerberos at {server|a server}",
	.impact = IMPACT_DEGRADES,
	.mild = IMPACT_DEGRADES,
	.about = "negotiation",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_CARRIER,
	.check = check,
	.explains = explains,
	.why = "The KDC answered {code|an error}, and the client went on "
	       "with NTLM: {what|it was accepted}. Where NTLM is switched off "
	       "this log-on fails.",
	.not_this = "A session of another user at the same time. NTLM without "
		    "any question to the KDC.",
	.decide = "the KDC's error: its own rule says what to do",
	.verify = "The KDC answers the request for {spn|the service} with "
		  "a ticket, and the log-on at {server|the server} carries "
		  "Kerberos, not NTLM.",
	.fix = fix,
	.see = see,
};
