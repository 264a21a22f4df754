/*
 * deleg-kcd-target-not-listed - a service asks for a ticket in the name of a
 * user (S4U2Proxy), and its msDS-AllowedToDelegateTo holds other targets than
 * this one (MS-SFU 3.2.5.2.1).
 *
 * The KDC compares text: http/back is not http/back.corp.com, a port counts,
 * and cifs is no alias of host here.  So the entry that comes nearest is
 * shown.  Windows says STATUS_NO_MATCH beside the 13, which it also says of
 * a ticket that is not forwardable; the directory, or the same front end
 * with another target, tells them apart.
 *
 * Not this: a list that has the target (the user, or the user's ticket, is at
 * fault then), and a target whose own list lets the service in.
 */
#include "delegation.h"
#include "rule.h"

static void
say_near(const struct delegation *d, struct finding *f)
{
	if (d->near_host)
		finding_paramf(f, "near",
		    " It has %s, which the KDC takes for another.", d->near);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct delegation d;
	enum verdict v;

	v = delegation_verdict(s, l, DELEG_NOT_LISTED, f, &d);
	if (v != VERDICT_FIRED)
		return v;
	delegation_list(&d);
	if (d.other_target != NULL) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &d.other_target->ref, "it got %s",
		    d.other_target->target);
	}
	say_near(&d, f);
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
	    "Set-{adfront|ADUser} '{front|FRONTEND}' -Add "
	    "@{'msDS-AllowedToDelegateTo'='{spn|TARGET}'}",
	    "exactly this text: class, host and port as asked for; the other "
	    "forms stay" },
	{ "samba",
	    "samba-tool delegation add-service '{front|FRONTEND}' "
	    "{spn|TARGET}",
	    "samba-tool delegation show lists what there is" },
	{ "unix",
	    "printf 'dn: DN-OF-{front|FRONTEND}\\nchangetype: modify\\nadd: "
	    "krbAllowedToDelegateTo\\nkrbAllowedToDelegateTo: "
	    "{spn|TARGET}\\n' | ldapmodify",
	    "MIT with the LDAP back end" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.5.2.1 (STATUS_NO_MATCH)",
	"Microsoft: Kerberos constrained delegation overview",
	NULL,
};

const struct rule rule_deleg_kcd_target_not_listed = {
	.id = "deleg-kcd-target-not-listed",
	.title = "{spn|The target} is not among those that {front|a service} "
		 "may use for users",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{front|The service} asks for a ticket to {spn|the target} in "
	       "the name of {user|a user}, and its msDS-AllowedToDelegateTo "
	       "holds other targets.{near|}{also|}",
	.not_this = "A list that has the target. A target whose own list lets "
		    "the service in. Windows asking for a ticket to itself.",
	.decide = "Get-{adfront|ADUser} '{front|FRONTEND}' -Properties "
		  "msDS-AllowedToDelegateTo: does it hold {spn|the target}, "
		  "letter for letter?",
	.verify = "The next S4U2Proxy of {front|the service} for "
		  "{spn|the target} is answered with a ticket.",
	.fix = fix,
	.see = see,
};
