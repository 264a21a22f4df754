/*
 * acct-preauth-not-required - the KDC answers an AS-REQ that proves nothing
 * with a ticket: RFC 4120 3.1.1, 5.2.7.
 *
 * A part of the AS-REP is encrypted with the client's key, so whoever asks
 * for it may guess the password at leisure, without an account and without a
 * failed log-on in any journal (AS-REP roasting).  Active Directory has a
 * flag for it (DONT_REQ_PREAUTH); an MIT realm requires pre-authentication of
 * nobody unless its default_principal_flags or the principal say so.  The KDC
 * of Samba (4.17 with Heimdal) asks for it in spite of the flag.
 *
 * Not this: a request with a timestamp made from a hint of before, a
 * certificate, an anonymous ticket (RFC 8062), FAST, which hides what is
 * inside, a type of pre-authentication not known here, an answer whose
 * request the capture does not hold.
 */
#include <string.h>

#include "account.h"
#include "rule.h"

static bool
is_anonymous(const struct exchange *e)
{
	return strncmp(e->cname, "WELLKNOWN/", 10) == 0;
}

/* The last ticket given for nothing; HIDDEN says that one may have been. */
static const struct exchange *
given_for_nothing(const struct story *s, bool *hidden)
{
	const struct exchange *x, *last = NULL;

	*hidden = false;
	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++) {
		if (x->kind != EXCHANGE_AS || x->answer != ANSWER_OK ||
		    x->cname == NULL || is_anonymous(x))
			continue;
		if (x->bare)
			last = x;
		else if (!x->preauth)
			*hidden = true;
	}
	return last;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e;
	bool hidden;

	(void)l;
	if (story_issued(s, EXCHANGE_AS) == NULL)
		return VERDICT_NOT_APPLICABLE;
	e = given_for_nothing(s, &hidden);
	if (e == NULL)
		return hidden ? VERDICT_UNKNOWN : VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = CERTAINTY_LIKELY;
	account_subject(f, e, e->cname);
	if (account_is_machine(e->cname))
		finding_param(f, "worth",
		    "This is a computer's account: its password is random and "
		    "long, if nobody has set it by hand.");
	finding_evidence(f, &e->rep, "AS-REP, at once");
	finding_evidence(f, &e->req, "AS-REQ of %s without pre-authentication",
	    e->cname);
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows",
	    "Set-ADAccountControl {name|USER} -DoesNotRequirePreAuth $false",
	    "then a new password: the old one may be known" },
	{ "samba", "samba-tool user edit {name|USER}",
	    "userAccountControl without 0x400000" },
	{ "unix", "kadmin -q 'modprinc +requires_preauth {account|USER}'",
	    "kdc.conf: default_principal_flags = +preauth" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.1, 5.2.7, 10",
	"MS-KILE 3.3.5.7.1",
	"Windows event 4768 (pre-authentication type 0)",
	NULL,
};

const struct rule rule_acct_preauth_not_required = {
	.id = "acct-preauth-not-required",
	.title = "{account|An account} gets tickets without pre-authentication",
	.impact = IMPACT_WEAKENS,
	.mild = IMPACT_WEAKENS,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_CLEAR,
	.check = check,
	.why = "The KDC gave a ticket for {account|the account} to a client "
	       "that proved nothing. Anybody on the network can ask for the "
	       "same answer and guess the password from it offline; no failed "
	       "log-on is ever counted. {worth|}",
	.not_this = "A client that sends its timestamp at once, a certificate "
		    "or an anonymous ticket. Under FAST the proof is hidden.",
	.decide = "Get-ADUser {sam|ACCOUNT} -Properties "
		  "DoesNotRequirePreAuth; kadmin -q \"getprinc "
		  "{sam|ACCOUNT}\" (REQUIRES_PRE_AUTH) in an MIT realm",
	.verify = "An AS-REQ of {account|the account} without proof of a "
		  "key is answered with error 25 (PREAUTH_REQUIRED), not "
		  "with a ticket.",
	.fix = fix,
	.see = see,
};
