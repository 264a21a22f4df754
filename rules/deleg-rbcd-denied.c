/*
 * deleg-rbcd-denied - a service asks for a ticket in the name of a user
 * (S4U2Proxy), and the target's own list of who may do so
 * (msDS-AllowedToActOnBehalfOfOtherIdentity, resource-based delegation) does
 * not name it (MS-SFU 3.2.5.2.3).
 *
 * Windows says STATUS_NOT_FOUND beside the 13.  That every client since 2012
 * offers to be let in by that list (PA-PAC-OPTIONS) says nothing of what was
 * meant; the directory does: the target's list names others.  An entry that
 * is a group may hold the service, and proves nothing.
 *
 * Not this: the front end's own list, which is asked first, and holds another
 * form of the target's name (deleg-kcd-target-not-listed); neither side has
 * a list (deleg-kcd-not-configured).
 */
#include "delegation.h"
#include "rule.h"

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct delegation d;
	enum verdict v;

	v = delegation_verdict(s, l, DELEG_RBCD_DENIED, f, &d);
	if (v != VERDICT_FIRED)
		return v;
	delegation_resource_list(&d);
	delegation_list(&d);
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
	{ "windows",
	    "Set-{adback|ADComputer} '{back|BACKEND}' "
	    "-PrincipalsAllowedToDelegateToAccount "
	    "'{front|FRONTEND}'",
	    "of the account that has {spn|the target}; it replaces what is "
	    "there: name all who may" },
	{ "samba",
	    "samba-tool delegation add-principal '{back|BACKEND}' "
	    "'{front|FRONTEND}'",
	    "Samba 4.17 keeps that list and does not heed it" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.5.2.3 (STATUS_NOT_FOUND)",
	"MS-ADA2 2.218",
	"Microsoft: Resource-based constrained delegation",
	NULL,
};

const struct rule rule_deleg_rbcd_denied = {
	.id = "deleg-rbcd-denied",
	.title = "{back|The target} does not let {front|a service} act for "
		 "users",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{front|The service} asks for a ticket to {spn|the target} in "
	       "the name of {user|a user}. The list of {back|the target} of "
	       "who may act for others there does not name it.{also|}",
	.not_this = "The front end's own list has another form of the name. "
		    "A list that names a group of which it is a member.",
	.decide = "Get-{adback|ADComputer} '{back|BACKEND}' -Properties "
		  "PrincipalsAllowedToDelegateToAccount",
	.verify = "The next S4U2Proxy of {front|the service} for "
		  "{spn|the target} is answered with a ticket.",
	.fix = fix,
	.see = see,
};
