/*
 * acct-logon-restriction - name and password are right, and the account may
 * not log on now, from here, or in this way.
 *
 * The reason is the NTSTATUS in the e-data of the KRB-ERROR (MS-KILE 2.2.2).
 * Windows says 12 (KDC_ERR_POLICY) for hours, computers and smart cards;
 * Samba says 18 for the hours and 12 for the rest.  NTLM's statuses of the
 * same kind are ntlm-logon-refused.
 *
 * Not this: 12 with C0000413, selective authentication or a silo; 12 to a
 * delegation; 13; the state of the account (disabled, locked, expired), which
 * no hour and no computer changes.
 */
#include "account.h"
#include "rule.h"

static const struct exchange *
restricted(const struct story *s)
{
	size_t i;

	for (i = s->nexchanges; i-- > 0;)
		if (s->exchanges[i].error != KDC_ERR_BADOPTION &&
		    account_restriction(&s->exchanges[i]) != NULL)
			return &s->exchanges[i];
	return NULL;
}

static const char *
how_to_see(const struct exchange *e)
{
	switch (e->ntstatus) {
	case NT_INVALID_HOURS:
		return "The hours stand in logonHours.";
	case NT_INVALID_WORKSTATION:
		return "The computers that it may use stand in "
		       "userWorkstations.";
	case NT_SMARTCARD_REQUIRED:
		return "The flag \"smart card is required\" is set: no "
		       "password is taken, so a program cannot log on.";
	case NT_ACCOUNT_RESTRICTION:
		return "It may be an empty password, the group Protected "
		       "Users, or an authentication policy.";
	default:
		return "A right to log on is missing, or denied.";
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = restricted(s);
	const char *name;

	(void)l;
	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	name = e->s4u2self && e->for_user != NULL ? e->for_user : e->cname;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = CERTAINTY_PROVEN;
	/* A ticket from before the capture hides its owner. */
	if (name != NULL)
		account_subject(f, e, name);
	else
		finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_param(f, "how", account_restriction(e));
	finding_param(f, "where", how_to_see(e));
	account_refusal(f, e);
	finding_evidence(f, &e->req, "the request it answers");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-disabled-locked-expired",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "net user {name|USER} /domain",
	    "hours and computers; net user {name|USER} /times:all" },
	{ "windows", "Set-ADUser {name|USER} -LogonWorkstations $null",
	    "or -SmartcardLogonRequired $false, for a service" },
	{ "samba", "samba-tool user edit {name|USER}",
	    "logonHours, userWorkstations, userAccountControl" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9",
	"MS-KILE 2.2.2, 3.3.5.7.1",
	"Windows events 4768 (0xC), 4769",
	NULL,
};

const struct rule rule_acct_logon_restriction = {
	.id = "acct-logon-restriction",
	.title = "{account|A user} may not log on {how|here}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC knows {account|the user} and does not let it log on "
	       "{how|here}: a rule of the directory, not the password. "
	       "{where|}",
	.not_this = "An account that is disabled, locked or past its end. "
		    "C0000413 is selective authentication or a silo. 13 is a "
		    "delegation.",
	.decide = "Get-ADUser {sam|ACCOUNT} -Properties "
		  "logonHours,userWorkstations,userAccountControl",
	.verify = "The AS-REQ of {account|the user} from {client|the same "
		  "machine} is answered with a TGT instead of error 12.",
	.fix = fix,
	.see = see,
};
