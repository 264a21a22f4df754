/*
 * deleg-kcd-cross-domain - a service asks for a ticket in the name of a user
 * (S4U2Proxy) to a target in another domain, by its own list: a KDC honours
 * that list only when both are accounts of its domain (MS-SFU 3.2.5.2.1).
 * Only the target's own list (resource-based, Windows 2012) reaches across.
 *
 * The directory of both domains proves it; without it, a KDC that referred
 * the service to another realm, which then refused, makes it possible.
 *
 * Not this: a target whose own list names others and not this service
 * (deleg-rbcd-denied).
 */
#include "delegation.h"
#include "rule.h"

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct delegation d;
	enum verdict v;

	v = delegation_verdict(s, l, DELEG_CROSS_DOMAIN, f, &d);
	if (v != VERDICT_FIRED)
		return v;
	finding_param(f, "home", d.front_realm);
	finding_param(f, "there",
	    d.target_realm != NULL ? d.target_realm : d.e->realm);
	if (d.owner != NULL)
		finding_account(f, d.owner, "%s has %s", d.owner->name,
		    d.e->sname);
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
	    "$f = Get-{adfront|ADUser} '{front|FRONTEND}' -Server "
	    "{home|FRONT-DOMAIN}; Set-{adback|ADComputer} '{back|BACKEND}' "
	    "-Server {there|BACK-DOMAIN} "
	    "-PrincipalsAllowedToDelegateToAccount $f",
	    "the target's own list; it replaces what is there: name all who "
	    "may" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.5.2.1, 3.2.5.2.3",
	"Microsoft: Resource-based constrained delegation across domains",
	NULL,
};

const struct rule rule_deleg_kcd_cross_domain = {
	.id = "deleg-kcd-cross-domain",
	.title = "{front|A service} of {home|one domain} may not act for users "
		 "in {there|another}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{front|The service}, of {home|one domain}, asks for a ticket "
	       "to {spn|the target}, of {there|another}, in the name of "
	       "{user|a user}. What msDS-AllowedToDelegateTo lists counts "
	       "inside one domain only; the target's own list would have to "
	       "name it.{also|}",
	.not_this = "A target whose own list names other services.",
	.decide = "the global catalogue: in which domain is the account that "
		  "has {spn|the target}? Get-ADObject -Server :3268 "
		  "-LDAPFilter '(servicePrincipalName={spn|TARGET})'",
	.verify = "The KDC of {home|the service's domain} answers the next "
		  "S4U2Proxy for {spn|the target} with a referral, and that of "
		  "{there|the other} with a ticket.",
	.fix = fix,
	.see = see,
};
