/*
 * kdc-refused-other - the KDC refused for good, with an error that no
 * narrower rule covers: who asked for what, and all that the KDC said.
 *
 * A catch-all: it keeps a failure from being lost and never competes with a
 * rule that knows more.  A new password that the KDC's password service does
 * not set, and says so in clear, is one too.  It stays silent where the codes
 * have their own rules, also when such a rule found a near miss, and on what
 * only looks like a refusal: steps of the protocol, Windows asking for a
 * delegated ticket to itself at log-on, a refused renewal that a fresh log-on
 * follows, a TGT that may not be forwarded, a probe that names nobody.
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

/* krbtgt of another realm: a trust that is not there, RFC 4120 3.3.1. */
static bool
is_cross_realm(const struct exchange *e)
{
	return e->kind == EXCHANGE_TGS && e->sname != NULL &&
	    e->realm != NULL && strncmp(e->sname, "krbtgt/", 7) == 0 &&
	    strcmp(e->sname + 7, e->realm) != 0;
}

/* Codes that the other rules answer for, whatever they decide. */
static bool
has_own_rule(const struct exchange *e)
{
	switch (e->error) {
	case KDC_ERR_NAME_EXP:
	case KDC_ERR_CLIENT_REVOKED:
	case KDC_ERR_KEY_EXPIRED:
	case KRB_AP_ERR_TKT_EXPIRED:
	case KRB_AP_ERR_TKT_NYV:
	case KRB_AP_ERR_SKEW:
		return true;
	case KDC_ERR_PRINCIPAL_NOT_UNIQUE:
		return e->kind == EXCHANGE_TGS;
	case KDC_ERR_C_PRINCIPAL_UNKNOWN:
	case KDC_ERR_PREAUTH_FAILED:
	case KRB_AP_ERR_BAD_INTEGRITY:
		return e->kind == EXCHANGE_AS;
	case KDC_ERR_S_PRINCIPAL_UNKNOWN:
		return e->kind == EXCHANGE_TGS && !is_cross_realm(e) &&
		    !story_service_locked(e);
	case KDC_ERR_MUST_USE_USER2USER:
		return e->sname_parts <= 1;
	default:
		return false;
	}
}

/* A renewal that was refused, and the client logged on afresh. */
static bool
is_renewed_otherwise(const struct story *s, const struct ledger *l,
    const struct exchange *e)
{
	const struct exchange *as = story_issued(s, EXCHANGE_AS);
	const struct account_fact *a;

	if ((e->options & (KDC_RENEW | KDC_VALIDATE)) == 0)
		return false;
	if (as != NULL && as->rep.time > e->rep.time)
		return true;
	if (s->principal == NULL)
		return false;
	a = ledger_account(l, s->principal);
	return a != NULL && a->ok.count > 0 && a->ok.last.time > e->rep.time;
}

/*
 * A realm that the client only guessed, by the host's domain (Samba), and then
 * it got the ticket from the KDC that it had asked.
 */
static bool
is_asked_otherwise(const struct story *s, const struct exchange *e)
{
	const struct exchange *x = story_issued(s, EXCHANGE_TGS);

	return is_cross_realm(e) && x != NULL && x > e && x->sname != NULL &&
	    strncmp(x->sname, "krbtgt/", 7) != 0;
}

static const char *
asked_for(const struct exchange *e)
{
	if (e->sname != NULL)
		return e->sname;
	return e->cname != NULL ? e->cname : "nothing";
}

/*
 * A referral to this realm that its KDC cannot open: MIT says 60 with the text
 * PROCESS_TGS, Windows and Samba 31 or 41; 44 and 45 are of a key version that
 * it does not have.
 */
static bool
is_trust_key(const struct exchange *e)
{
	if (e->kind != EXCHANGE_TGS || e->tgt.realm == NULL ||
	    e->realm == NULL || strcmp(e->tgt.realm, e->realm) == 0)
		return false;
	switch (e->error) {
	case KRB_ERR_GENERIC:
		return e->e_text != NULL &&
		    strcmp(e->e_text, "PROCESS_TGS") == 0;
	case KRB_AP_ERR_BAD_INTEGRITY:
	case KRB_AP_ERR_MODIFIED:
	case KRB_AP_ERR_BADKEYVER:
	case KRB_AP_ERR_NOKEY:
		return true;
	default:
		return false;
	}
}

/* What the code means, here; NULL when there is no more to say. */
static const char *
help_of(const struct exchange *e)
{
	if (e->error == KDC_ERR_ETYPE_NOSUPP && e->e_text != NULL &&
	    strcmp(e->e_text, "CANT_FIND_CLIENT_KEY") == 0)
		return "the account has no key of any kind that was offered "
		       "(MIT: addprinc -nokey, or keys that were removed)";
	if (story_service_locked(e))
		return "the service has an account that gets no tickets (MIT: "
		       "-allow_tix)";
	if (is_trust_key(e))
		return "it cannot open the ticket with which the client's own "
		       "realm referred it. Most probably the key of the trust "
		       "differs between the two realms (password, key version "
		       "or encryption type; Windows: netdom trust /reset, MIT: "
		       "cpw krbtgt/OTHER@REALM in both)";
	return krb_error_help(e->error);
}

static void
describe(const struct story *s, const struct exchange *e, struct finding *f)
{
	char buf[NAME_TEXT];
	const char *code = name_or(krb_error_name(e->error), e->error, buf),
		   *help = help_of(e);
	const char *who = s->principal != NULL ? s->principal : e->cname;

	finding_step(f, &e->req);
	finding_param(f, "who", who);
	finding_subject(f, SUBJECT_REALM, e->realm);
	if (e->kind == EXCHANGE_TGS) {
		finding_subject(f, SUBJECT_SPN, asked_for(e));
		finding_param(f, "what", asked_for(e));
	} else {
		finding_subject(f, SUBJECT_ACCOUNT, who);
		finding_param(f, "spn", asked_for(e));
		finding_param(f, "what", who);
	}
	finding_paramf(f, "code", "%s (%lld)", code, (long long)e->error);
	if (help != NULL)
		finding_paramf(f, "help", ": %s", help);
	finding_evidence(f, &e->rep, "KDC: %s%s%s", code,
	    e->e_text != NULL ? ", " : "", e->e_text != NULL ? e->e_text : "");
	finding_evidence(f, &e->req, "%s for %s",
	    e->kind == EXCHANGE_AS ? "AS-REQ" : "TGS-REQ", asked_for(e));
	if (e->ntstatus == EV_ABSENT)
		return;
	code = name_or_hex(ntstatus_name(e->ntstatus), e->ntstatus, buf);
	finding_paramf(f, "more", " It adds %s%s%s.", code,
	    ntstatus_help(e->ntstatus) != NULL ? ": " : "",
	    ntstatus_help(e->ntstatus) != NULL ? ntstatus_help(e->ntstatus) :
						 "");
}

/* RFC 3244 2, in the clear e-data of a KRB-ERROR. */
static const char *
result_text(int64_t result)
{
	static const char *const texts[] = {
		"the request is malformed",
		"an error of the server",
		"it does not accept the ticket",
		"the password policy forbids it (length, history, age)",
		"the client may not set this password",
		"it does not know this version of the protocol",
		"the ticket has to come from a fresh log-on",
	};

	if (result < 1 || result > 7)
		return "a reason of its own";
	return texts[result - 1];
}

/* A password that the KDC's password service would not set. */
static const struct attempt *
password_refused(const struct story *s)
{
	const struct attempt *a;

	if (s->nattempts == 0)
		return NULL;
	a = &s->attempts[s->nattempts - 1];
	if (a->answer != ANSWER_ERROR || a->kpasswd_result == EV_ABSENT ||
	    a->kpasswd_result == 0)
		return NULL;
	return a;
}

static enum verdict
fire_password(const struct story *s, const struct attempt *a, struct finding *f)
{
	f->rests_on = EVIDENCE_SERVICE;
	f->certainty = CERTAINTY_LIKELY;
	finding_step(f, &a->req);
	finding_param(f, "who", s->principal);
	finding_subject(f, SUBJECT_ACCOUNT, s->principal);
	finding_subject(f, SUBJECT_REALM, a->ticket.realm);
	finding_param(f, "spn", "kadmin/changepw");
	finding_paramf(f, "what", "a new password for %s",
	    s->principal != NULL ? s->principal : "the client");
	finding_paramf(f, "code", "kpasswd result %lld",
	    (long long)a->kpasswd_result);
	finding_paramf(f, "help", ": %s", result_text(a->kpasswd_result));
	finding_evidence(f, &a->rep, "password service: result %lld",
	    (long long)a->kpasswd_result);
	finding_evidence(f, &a->req, "the request to change the password");
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s, -1);
	const struct attempt *a = password_refused(s);

	if (a != NULL)
		return fire_password(s, a, f);
	if (s->nexchanges == 0)
		return VERDICT_NOT_APPLICABLE;
	if (e == NULL || e->error <= KDC_ERR_NONE ||
	    krb_error_is_step(e->error) || has_own_rule(e) ||
	    e->error == KDC_ERR_WRONG_REALM || story_usual_badoption(e) ||
	    is_renewed_otherwise(s, l, e) || is_asked_otherwise(s, e) ||
	    refusal_guessed_realm(s, l, e) != NULL)
		return VERDICT_CLEAR;
	/* A scanner's AS-REQ names nobody (Nessus). */
	if (e->cname == NULL && (e->kind == EXCHANGE_AS || e->sname == NULL))
		return VERDICT_CLEAR;
	if (story_accepted(s, MECH_KRB5) != NULL)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = CERTAINTY_LIKELY;
	describe(s, e, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist get {spn|SPN}",
	    "and events 4768, 4769 on the KDC at that time" },
	{ "unix", "KRB5_TRACE=/dev/stderr kinit {who|USER}",
	    "then kvno {spn|SPN}, and the KDC's log" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9",
	"MS-KILE 2.2.2",
	NULL,
};

const struct rule rule_kdc_refused_other = {
	.id = "kdc-refused-other",
	.title = "The KDC refused {what|SERVICE}: {code|an error}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.needs = EVIDENCE_KDC,
	.catch_all = true,
	.check = check,
	.explains = explains,
	.why = "The KDC's last word to {who|the client} for {spn|SERVICE} is "
	       "{code|an error}{help|}.{more|}",
	.not_this = "Steps that only look like errors (25, 52, 68, 90, 91), "
		    "and refusals that a retry makes good.",
	.decide = "the log of {kdc|the KDC} for this request and moment",
	.verify = "The request for {what|the same service} is answered "
		  "with a ticket, without {code|the error}.",
	.fix = fix,
	.see = see,
};
