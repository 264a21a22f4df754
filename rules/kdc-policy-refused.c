/*
 * kdc-policy-refused - the KDC understands the request and will not have it:
 * 12 (KDC_ERR_POLICY), 10 (CANNOT_POSTDATE), 11 (NEVER_VALID): a lifetime,
 * an option or a kind of log-on that its policy forbids (RFC 4120 3.1.3,
 * 3.3.3).
 *
 * The options asked for are in the request; MIT names the reason in e-text
 * ("TGT BASED NOT ALLOWED", "HIGHER_AUTHENTICATION_REQUIRED").  11 for an end
 * that lies behind the KDC's time is a client's clock or a mistyped lifetime
 * as often as a policy, and so is possible and no more.
 *
 * Not this: 12 with an NTSTATUS, which names a restriction of the account
 * (workstations, hours, smart card, silo) or of a trust; delegation; 13
 * (BADOPTION) for a TGT to hand on, which clients live with; what FAST hides.
 */
#include <string.h>

#include "account.h"
#include "rule.h"

static const struct {
	const char *text; /* MIT's, or a part of it */
	const char *is;
} reasons[] = {
	{ "TGT BASED NOT ALLOWED",
	    "The service gives no tickets in exchange for a TGT "
	    "(+disallow_tgt_based): a password is asked for each time." },
	{ "HIGHER_AUTHENTICATION_REQUIRED",
	    "The service asks for a stronger log-on than the client's "
	    "(authentication indicators: OTP, PKINIT)." },
	{ "FORWARDABLE NOT ALLOWED", "It may not be forwardable." },
	{ "PROXIABLE NOT ALLOWED", "It may not be proxiable." },
	{ "RENEWABLE NOT ALLOWED", "It may not be renewable." },
	{ "POSTDATE", "It may not be postdated." },
	{ "ANONYMOUS NOT ALLOWED", "Nobody may be anonymous there." },
	{ "DUP_SKEY DISALLOWED", "It may not be used from user to user." },
};

/* What KDC_ERR_NEVER_VALID is about, when it is not a policy. */
static bool
ends_in_the_past(const struct exchange *e)
{
	int64_t now = e->stime > 0 ? e->stime : e->rep.time;

	return e->error == KDC_ERR_NEVER_VALID && e->till > 0 && e->till < now;
}

static const char *
reason_of(const struct exchange *e)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (e->e_text != NULL &&
		    strstr(e->e_text, reasons[i].text) != NULL)
			return reasons[i].is;
	if (ends_in_the_past(e))
		return "The end that was asked for has passed by the KDC's "
		       "time: the client's clock, or its lifetime.";
	if (e->error == KDC_ERR_CANNOT_POSTDATE)
		return "It may not be postdated.";
	return NULL;
}

/* "forwardable, renewable", in F's memory; NULL when none was asked for. */
static const char *
options_text(struct finding *f, uint32_t options)
{
	const char *text = NULL, *name;
	uint32_t bit;

	for (bit = 0x80000000u; bit != 0; bit >>= 1) {
		name = (options & bit) != 0 ? kdc_option_name(bit) : NULL;
		if (name == NULL)
			continue;
		text = text == NULL ? finding_text(f, "%s", name) :
				      finding_text(f, "%s, %s", text, name);
	}
	return text;
}

static const struct exchange *
refusal(const struct story *s)
{
	static const int codes[] = { KDC_ERR_POLICY, KDC_ERR_CANNOT_POSTDATE,
		KDC_ERR_NEVER_VALID };
	const struct exchange *e;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		e = story_kdc_refusal(s, codes[i]);
		if (e != NULL && e->ntstatus == EV_ABSENT && !e->s4u2self &&
		    !e->s4u2proxy)
			return e;
	}
	return NULL;
}

static void
describe(const struct exchange *e, struct finding *f)
{
	const char *options = options_text(f, e->options);
	char buf[NAME_TEXT];

	account_refusal(f, e);
	if (e->kind == EXCHANGE_AS && e->cname != NULL) {
		finding_param(f, "what", account_subject(f, e, e->cname));
	} else {
		finding_subject(f, SUBJECT_SPN, e->sname);
		finding_subject(f, SUBJECT_REALM, e->realm);
		finding_param(f, "what", e->sname);
	}
	finding_param(f, "options", options);
	finding_paramf(f, "code", "%s (%lld)",
	    name_or(krb_error_name(e->error), e->error, buf),
	    (long long)e->error);
	finding_param(f, "reason", reason_of(e));
	finding_evidence(f, &e->req, "the request, with the options: %s",
	    options != NULL ? options : "none");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = refusal(s);

	(void)l;
	if (e == NULL || story_accepted(s, MECH_KRB5) != NULL)
		return verdict_clear_if(s->nexchanges > 0);
	f->rests_on = EVIDENCE_KDC;
	/* Inside FAST an NTSTATUS cannot be seen; only MIT's text says more. */
	f->certainty = (e->fast && e->e_text == NULL) || ends_in_the_past(e) ?
	    CERTAINTY_POSSIBLE :
	    CERTAINTY_LIKELY;
	describe(e, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "gpresult /scope computer /h report.html",
	    "on a domain controller: Account Policies, Kerberos Policy; then "
	    "its events 4768, 4769 and the authentication policy of the "
	    "account" },
	{ "unix", "kadmin -q 'getprinc {what|PRINCIPAL}'",
	    "attributes, maximum lives, strings (require_auth); then modprinc "
	    "+allow_tgs_req, +allow_postdated" },
	{ "unix", "kinit -l 10h",
	    "ask for less: ticket_lifetime, renew_lifetime, forwardable in "
	    "krb5.conf" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 3.3.3, 7.5.9",
	"MS-KILE 3.3.5.7",
	"MIT krb5: kadmin, principal attributes",
	NULL,
};

const struct rule rule_kdc_policy_refused = {
	.id = "kdc-policy-refused",
	.title = "The KDC's policy forbids what was asked for "
		 "{what|a principal}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "policy",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC answers {code|KDC_ERR_POLICY}. {reason|It does not "
	       "say which rule of its policy.} The request's options: "
	       "{options|none}.",
	.not_this = "A restriction of the account (workstations, hours, smart "
		    "card), which the KDC names in an NTSTATUS. Delegation. A "
		    "TGT that may not be handed on (13): clients live with it.",
	.decide = "the KDC's log at that moment; kadmin -q \"getprinc "
		  "{what|PRINCIPAL}\" and getpol in an MIT realm",
	.verify = "The same request for {what|the principal} is answered "
		  "with a ticket, without {code|error 12}.",
	.fix = fix,
	.see = see,
};
