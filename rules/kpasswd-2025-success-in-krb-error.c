/*
 * kpasswd-2025-success-in-krb-error - the password was changed, and the
 * server says so inside a KRB-ERROR.
 *
 * RFC 3244 2 puts the result code into the KRB-PRIV of an answer that worked
 * and into the e-data of a KRB-ERROR when it did not.  Domain controllers on
 * Windows Server 2025 answer a change that worked with a KRB-ERROR whose code
 * and result are 0.  Clients look for an AP-REP, do not find it, and report
 * KRB_AP_ERR_MODIFIED, "message stream modified" (adcli, realmd, msktutil,
 * kpasswd of older MIT releases): the directory has the new password, the
 * keytab the old one.
 *
 * Not this: a result other than 0, which is a refusal; KRB-ERROR 41 itself,
 * where the service could not open the ticket.
 */
#include <strings.h>

#include "account.h"
#include "rule.h"

/*
 * The result is in clear only in a KRB-ERROR.  One without a result, with a
 * code that says no error, is as odd.
 */
static const struct attempt *
success_in_error(const struct story *s)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++) {
		if (strcasecmp(a->carrier, "kpasswd") != 0 || a->error > 0)
			continue;
		if (a->kpasswd_result == 0 ||
		    (a->kpasswd_result == EV_ABSENT && a->error == 0))
			return a;
	}
	return NULL;
}

static bool
asked_kpasswd(const struct story *s)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (strcasecmp(a->carrier, "kpasswd") == 0)
			return true;
	return false;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = success_in_error(s);

	(void)l;
	if (a == NULL)
		return verdict_clear_if(asked_kpasswd(s));
	f->rests_on = EVIDENCE_SERVICE;
	/* Without e-data only the code tells that nothing is wrong. */
	f->certainty = a->kpasswd_result == 0 ? CERTAINTY_LIKELY :
						CERTAINTY_POSSIBLE;
	finding_step(f, &a->req);
	finding_subject(f, SUBJECT_ACCOUNT, s->principal);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_evidence(f, &a->rep, "KRB-ERROR that says 0%s: it worked",
	    a->kpasswd_result == 0 ? ", result 0" : "");
	finding_evidence(f, &a->req, "the request to change the password");
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "Get-ADUser {account|USER} -Properties pwdLastSet",
	    "it has changed; then update the domain controller" },
	{ "unix", "msktutil --update --verbose",
	    "or adcli update, new releases: write the keytab again" },
	{ "unix", "kinit -V {account|USER}", "with the new password" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 3244 2",
	"SSSD issue 7751",
	"msktutil issue 228",
	NULL,
};

const struct rule rule_kpasswd_2025_success_in_krb_error = {
	.id = "kpasswd-2025-success-in-krb-error",
	.title = "{server|The KDC} reports a password change that worked as an "
		 "error",
	.impact = IMPACT_DEGRADES,
	.mild = IMPACT_REMARK,
	.about = "password",
	.mended = MENDED_CARRIER | MENDED_CLEAR,
	.check = check,
	.why = "{server|The server} answered the password change of "
	       "{account|the account} with a KRB-ERROR that says success, as "
	       "Windows Server 2025 does. The password is the new one, while "
	       "older clients say \"message stream modified\" and keep the old "
	       "key in their keytab.",
	.not_this = "A result other than 0: the policy or a right refused it. "
		    "41 is a ticket that could not be opened.",
	.decide = "net user {sam|ACCOUNT} /domain (password last set); "
		  "kvno on the account: one more than before?",
	.verify = "{server|The server} answers the password change with a "
		  "KRB-PRIV reply, or the client takes the KRB-ERROR with "
		  "result 0 for success and its next tickets open.",
	.fix = fix,
	.see = see,
};
