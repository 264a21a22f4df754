/*
 * acct-password-expired - 23 (KDC_ERR_KEY_EXPIRED): the password has to be
 * changed first.  The code has that one cause (RFC 4120 7.5.9); Windows and
 * Samba add C0000071 (expired) or C0000224 (must change), MIT the text
 * "CLIENT KEY EXPIRED" or "REQUIRED PWCHANGE".
 *
 * A person is asked for a new password (kadmin/changepw, port 464): when
 * that worked and the log-on went on it is only a remark.  A service cannot
 * answer a prompt.
 */
#include <string.h>

#include "account.h"
#include "rule.h"

/* The ticket for the password service that follows, or NULL. */
static const struct exchange *
change_followed(const struct story *s, const struct exchange *e)
{
	const struct exchange *x;

	for (x = e + 1; x < s->exchanges + s->nexchanges; x++)
		if (x->sname != NULL && x->answer == ANSWER_OK &&
		    strcmp(x->sname, "kadmin/changepw") == 0)
			return x;
	return NULL;
}

static bool
is_service(const char *name)
{
	return strchr(name, '/') != NULL || account_is_machine(name);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_error(s, KDC_ERR_KEY_EXPIRED);
	const struct exchange *change;

	(void)l;
	if (e == NULL || e->cname == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	f->rests_on = EVIDENCE_KDC;
	f->certainty = CERTAINTY_PROVEN;
	account_subject(f, e, e->cname);
	finding_param(f, "expired",
	    e->ntstatus == NT_PASSWORD_MUST_CHANGE ? "must be changed" :
						     "has expired");
	if (is_service(e->cname))
		finding_param(f, "then",
		    "This is a service's account: it cannot answer a prompt, "
		    "so it stays shut out.");
	account_refusal(f, e);
	finding_evidence(f, &e->req, "the request it answers");
	change = change_followed(s, e);
	if (change != NULL)
		finding_evidence(f, &change->rep,
		    "a ticket to change the password was given");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-bad-password",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "net user {name|USER} * /domain",
	    "services: a group managed account (gMSA)" },
	{ "samba", "samba-tool user setpassword {name|USER}", NULL },
	{ "unix", "kpasswd {account|USER}",
	    "needs port 464; a service: new key and keytab" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9",
	"RFC 3244",
	"MS-KILE 2.2.2",
	NULL,
};

const struct rule rule_acct_password_expired = {
	.id = "acct-password-expired",
	.title = "The password of {account|a user} has expired",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The password {expired|has expired}: the KDC gives {account|a "
	       "user} no ticket before it is changed. {then|A person is asked "
	       "for a new one; a program is not.}",
	.not_this = "An account past its own end date (18, or MIT's 1). A "
		    "change that worked at the prompt is only a remark.",
	.decide = "net user {sam|ACCOUNT} /domain (password expires); "
		  "kadmin -q \"getprinc {sam|ACCOUNT}\" in an MIT realm",
	.verify = "The AS-REQ of {account|the user} is answered with a "
		  "TGT, without error 23 before it.",
	.fix = fix,
	.see = see,
};
