/*
 * nego-ntlm-after-kdc-error - the client asked the KDC, was refused, and
 * went on with NTLM to the same service.
 *
 * It works, and nobody notices until NTLM is switched off.  The refusal
 * decides: the rule for that error is the cause and explains this one.
 *
 * Not this: NTLM without a refusal (nego-client-never-asked, nego-ntlm-by-
 * ip); a null session (MS-NLMP 3.2.5.1.2), which never is Kerberos; a ticket
 * that was issued and refused by the service.
 */
#include "rule.h"

static const struct attempt *
ntlm_after(const struct story *s, const struct exchange *e)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->mech == MECH_NTLM && !a->anonymous &&
		    a->req.time >= e->rep.time)
			return a;
	return NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s, -1);
	const struct attempt *a;
	char buf[NAME_TEXT];

	(void)l;
	if (story_tried(s, MECH_NTLM) == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (e == NULL || krb_error_is_step(e->error) ||
	    story_accepted(s, MECH_KRB5) != NULL)
		return VERDICT_CLEAR;
	a = ntlm_after(s, e);
	if (a == NULL)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC | EVIDENCE_SERVICE;
	f->certainty = CERTAINTY_LIKELY;
	finding_subject(f, SUBJECT_SPN,
	    e->kind == EXCHANGE_TGS ? e->sname : s->spn);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_paramf(f, "code", "%s",
	    name_or(krb_error_name(e->error), e->error, buf));
	finding_param(f, "what",
	    a->answer == ANSWER_OK ? "NTLM was accepted" : "NTLM was tried");
	finding_evidence(f, &e->rep, "KDC: %s for %s",
	    name_or(krb_error_name(e->error), e->error, buf),
	    e->sname != NULL ? e->sname : "?");
	finding_evidence(f, &a->req, "then NTLM%s%s",
	    a->user != NULL ? " as " : "", a->user != NULL ? a->user : "");
	if (a->rep.frame != 0)
		finding_evidence(f, &a->rep,
		    a->answer == ANSWER_OK ? "which the server accepts" :
					     "the server's answer");
	return VERDICT_FIRED;
}

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
	.title = "NTLM instead of Kerberos for {spn|a service}",
	.impact = IMPACT_DEGRADES,
	.mild = IMPACT_DEGRADES,
	.about = "negotiation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.why =
	    "The KDC answered {code|an error} for the service, and the client went "
	    "on without Kerberos: {what|it was accepted}.",
	.not_this = "A session of another user at the same time. NTLM without "
		    "any question to the KDC.",
	.decide = "the KDC's error: its own rule says what to do",
	.fix = fix,
	.see = see,
};
