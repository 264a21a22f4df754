/*
 * kdc-svc-unavailable - the KDC answers that it cannot serve now (29).
 *
 * RFC 4120 7.5.9: SVC_UNAVAILABLE.  The process runs, what stands behind it
 * does not: a domain controller whose directory is not up yet, a read-only
 * one without its uplink, an MIT KDC without its database.
 *
 * Not this: 29 and then a ticket, from this KDC or from another: clients ask
 * the next one (RFC 4120 7.2).
 */
#include "rule.h"

#define SVC_UNAVAILABLE 29

/* The account had its ticket all the same, in another log-on. */
static bool
made_good(const struct story *s, const struct ledger *l,
    const struct exchange *e)
{
	const struct account_fact *a;

	if (e->kind != EXCHANGE_AS || s->principal == NULL)
		return false;
	a = ledger_account(l, s->principal);
	return a != NULL && a->ok.count > 0 && a->ok.last.time > e->rep.time;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s, SVC_UNAVAILABLE);

	if (s->nexchanges == 0)
		return VERDICT_NOT_APPLICABLE;
	if (e == NULL || made_good(s, l, e))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = CERTAINTY_LIKELY;
	finding_step(f, &e->req);
	finding_subject_addr(f, SUBJECT_KDC, &e->kdc);
	finding_param(f, "realm", e->realm);
	finding_param(f, "what", e->sname);
	if (e->e_text != NULL)
		finding_paramf(f, "text", " It adds: %s.", e->e_text);
	finding_evidence(f, &e->rep, "KDC: KDC_ERR_SVC_UNAVAILABLE%s%s",
	    e->e_text != NULL ? ", " : "", e->e_text != NULL ? e->e_text : "");
	finding_evidence(f, &e->req, "%s for %s",
	    e->kind == EXCHANGE_AS ? "AS-REQ" : "TGS-REQ",
	    e->sname != NULL ? e->sname : "nothing");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "dcdiag /s:{kdc|KDC} /test:Services /test:Advertising",
	    "is NTDS up; a read-only one: repadmin /showrepl {kdc|KDC} and the "
	    "way to a writable one" },
	{ "samba", "samba-tool processes",
	    "on {kdc|the KDC}; then samba-tool dbcheck and its log" },
	{ "unix", "tail -n 50 /var/log/krb5kdc.log",
	    "on {kdc|the KDC}: is the database there, or the LDAP server "
	    "behind it" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9",
	"Microsoft: event 4768",
	NULL,
};

const struct rule rule_kdc_svc_unavailable = {
	.id = "kdc-svc-unavailable",
	.title = "The KDC {kdc|of the realm} says that it cannot serve",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "Asked for {what|a ticket}, {kdc|the KDC} answers "
	       "KDC_ERR_SVC_UNAVAILABLE (29), and no other KDC helped out. "
	       "The KDC runs, but the directory or database behind it does "
	       "not.{text|}",
	.not_this = "A 29 that another KDC makes good: clients ask the next.",
	.decide = "the log of {kdc|the KDC} at that moment; dcdiag "
		  "/s:{kdc|KDC} on Windows",
	.verify = "{kdc|The KDC} answers the request for {what|a ticket} "
		  "with a ticket, and no error 29 is seen.",
	.fix = fix,
	.see = see,
};
