/*
 * deleg-user-sensitive - a service asks for a ticket in the name of a user
 * (S4U2Proxy) who may not be delegated: "Account is sensitive"
 * (userAccountControl 0x100000), or a member of Protected Users (Windows; the
 * tickets of both are not forwardable: MS-SFU 3.2.5.1.2, MS-KILE 3.3.5.1).
 *
 * The directory shows it.  Without one it is likely when the same service
 * gets the same target for another user, in the same way.
 *
 * Not this: Samba gives tickets for members of Protected Users all the same
 * (4.17), so the group alone, without a refusal, says nothing.
 */
#include "delegation.h"
#include "rule.h"

static void
say_account(const struct dir_account *a, struct finding *f)
{
	bool marked = a->uac_known && (a->uac & UAC_NOT_DELEGATED) != 0;

	finding_param(f, "because",
	    marked ? "is marked as sensitive" : "is in Protected Users");
	finding_account(f, a, "%s %s", a->name,
	    marked ? "is marked as sensitive (userAccountControl 0x100000)" :
		     "is a member of Protected Users");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct delegation d;
	enum verdict v;

	v = delegation_verdict(s, l, DELEG_SENSITIVE, f, &d);
	if (v != VERDICT_FIRED)
		return v;
	finding_subject(f, SUBJECT_CLIENT, d.user);
	if (delegation_sensitive(d.user_account))
		say_account(d.user_account, f);
	if (d.other_user != NULL) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &d.other_user->ref, "it got %s for %s",
		    d.other_user->target, d.other_user->user);
	}
	return v;
}

static const char *const explains[] = {
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Set-ADUser '{user|USER}' -AccountNotDelegated $false",
	    "only if your policy allows it: administrators are to stay so" },
	{ "windows",
	    "Remove-ADGroupMember 'Protected Users' -Members '{user|USER}'",
	    "if the group is what keeps the user from it" },
	{ "samba", "samba-tool user sensitive '{user|USER}' off", NULL },
	{ "unix", "kadmin -q 'modprinc +allow_forwardable {user|USER}'",
	    "MIT" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.1 (DelegationNotAllowed)",
	"Microsoft: Protected Users security group",
	NULL,
};

const struct rule rule_deleg_user_sensitive = {
	.id = "deleg-user-sensitive",
	.title = "{user|A user} may not be delegated",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{front|A service} asks for a ticket to {spn|the target} in "
	       "the name of {user|a user}, who {because|may not be "
	       "delegated}: no service gets tickets in that name.",
	.not_this = "A list that lacks the target: then no user passes. A "
		    "service without protocol transition.",
	.decide = "Get-ADUser '{user|USER}' -Properties AccountNotDelegated,"
		  "MemberOf: True, or Protected Users?",
	.verify = "The next S4U2Proxy of {front|the service} for "
		  "{spn|the target} in the name of {user|the user} is "
		  "answered with a ticket.",
	.fix = fix,
	.see = see,
};
