/*
 * deleg-kcd-not-configured - a service asks for a ticket in the name of a
 * user (S4U2Proxy), and nothing lets it: its msDS-AllowedToDelegateTo is
 * empty, and the target has no list of its own (MS-SFU 3.2.5.2.1).
 *
 * Windows says STATUS_NOT_SUPPORTED beside the 13, which is of an empty list
 * alone when the request did not offer the resource's list; the directory
 * shows it.  MIT says UNSUPPORTED_S4U2PROXY_REQUEST when its database has no
 * lists (db2).  Samba says 13 and no more: possible, beside its rivals.
 *
 * Not this: Windows that asks for a ticket to itself at log-on, with this
 * very status; a list that holds other targets (deleg-kcd-target-not-listed);
 * a target whose own list names others (deleg-rbcd-denied).
 */
#include "delegation.h"
#include "rule.h"

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct delegation d;
	enum verdict v;

	v = delegation_verdict(s, l, DELEG_NOT_CONFIGURED, f, &d);
	if (v != VERDICT_FIRED)
		return v;
	if (delegation_unsupported(d.e))
		finding_param(f, "how",
		    "The KDC's database has no lists of who may (MIT's db2).");
	if (d.front_account == NULL)
		return v;
	delegation_list(&d);
	if (delegation_acts(d.owner, d.front_account) == ACTS_NOBODY)
		finding_account(f, d.owner,
		    "%s lets nobody act for others, by its own list",
		    d.owner->name);
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
	    "the full and the short name, as programs ask for them; for users "
	    "who come without Kerberos also Set-ADAccountControl "
	    "-TrustedToAuthForDelegation $true" },
	{ "windows",
	    "Set-{adback|ADComputer} '{back|BACKEND}' "
	    "-PrincipalsAllowedToDelegateToAccount '{front|FRONTEND}'",
	    "instead, and the only way from another domain (by the resource)" },
	{ "samba",
	    "samba-tool delegation add-service '{front|FRONTEND}' "
	    "{spn|TARGET}",
	    "and delegation for-any-protocol on, for users without Kerberos" },
	{ "unix",
	    "printf 'dn: DN-OF-{front|FRONTEND}\\nchangetype: modify\\nadd: "
	    "krbAllowedToDelegateTo\\nkrbAllowedToDelegateTo: "
	    "{spn|TARGET}\\n' | ldapmodify",
	    "MIT with the LDAP back end; db2 knows no such list" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.5.2.1 (STATUS_NOT_SUPPORTED)",
	"Microsoft: Kerberos constrained delegation overview",
	NULL,
};

const struct rule rule_deleg_kcd_not_configured = {
	.id = "deleg-kcd-not-configured",
	.title = "{front|A service} may act for users toward nobody",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{front|The service} asks for a ticket to {spn|the target} in "
	       "the name of {user|a user}. {how|Its msDS-AllowedToDelegateTo "
	       "is empty, and the target has no list of its own that would "
	       "let it.}{also|}",
	.not_this = "Windows asks for a delegated ticket to itself at log-on "
		    "and lives with the no. A list that holds other targets.",
	.decide = "Get-{adfront|ADUser} '{front|FRONTEND}' -Properties "
		  "msDS-AllowedToDelegateTo: empty?",
	.verify = "The next S4U2Proxy of {front|the service} for "
		  "{spn|the target} is answered with a ticket.",
	.fix = fix,
	.see = see,
};
