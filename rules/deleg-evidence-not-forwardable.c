/*
 * deleg-evidence-not-forwardable - a service asks for a ticket in the name of
 * a user (S4U2Proxy), and the user's ticket that it shows may not be handed
 * on: it lacks the FORWARDABLE flag (MS-SFU 3.2.5.1.2, 3.2.5.2.1).
 *
 * Two ways lead there.  The user came without Kerberos, the service made the
 * ticket itself (S4U2Self), and its account may not do so "by any protocol"
 * (userAccountControl 0x1000000; MIT: ok_to_auth_as_delegate).  Or somebody
 * did not ask for a forwardable ticket: kinit without -f is MIT's default,
 * and the request's options show it.  MIT's KDC says it in clear.
 *
 * Not this: a user who may never be delegated (deleg-user-sensitive), whose
 * tickets look the same; a target that is not listed, which comes first.  The
 * flag itself is inside the ticket: the service's keytab shows it.
 */
#include "delegation.h"
#include "rule.h"

static const struct fix asked[] = {
	{ "unix", "kinit -f; forwardable = true in [libdefaults]",
	    "for whoever got the ticket; the old one has to go: kdestroy" },
	{ "windows", "klist purge",
	    "Windows asks for forwardable tickets by itself" },
	{ NULL, NULL, NULL },
};

/* Whether the user, or the service, did not ask for one. */
static void
say_how(const struct delegation *d, struct finding *f)
{
	bool transition = d->origin == ORIGIN_S4U2SELF;

	if (d->asked_known && !d->asked_forwardable) {
		f->fix = asked;
		finding_param(f, "how",
		    transition ?
			" The service itself did not ask for a ticket that may "
			"be handed on." :
			" Nobody asked for a ticket that may be handed on.");
	} else if (transition)
		finding_param(f, "how",
		    " The user came without Kerberos, and the service may not "
		    "act for such users (protocol transition is off).");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct delegation d;
	enum verdict v;

	v = delegation_verdict(s, l, DELEG_NOT_FORWARDABLE, f, &d);
	if (v != VERDICT_FIRED)
		return v;
	if (d.opened != NULL) {
		f->rests_on |= EVIDENCE_KEYTAB;
		finding_lookup(f, d.opened->source,
		    "opens the user's ticket: not forwardable");
	}
	if (d.front_account != NULL && d.front_account->uac_known)
		finding_account(f, d.front_account,
		    "userAccountControl of %s: %s", d.front_account->name,
		    (d.front_account->uac & UAC_TRUSTED_TO_AUTH) != 0 ?
			"by any protocol" :
			"not by any protocol (0x1000000)");
	if (d.other_way != NULL) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &d.other_way->ref, "it got %s then",
		    d.other_way->target);
	}
	say_how(&d, f);
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
	    "Set-ADAccountControl '{front|FRONTEND}' "
	    "-TrustedToAuthForDelegation $true",
	    "\"Use any authentication protocol\"; or have the users come with "
	    "Kerberos" },
	{ "samba",
	    "samba-tool delegation for-any-protocol '{front|FRONTEND}' on",
	    NULL },
	{ "unix",
	    "kadmin -q 'modprinc +ok_to_auth_as_delegate {front|FRONTEND}'",
	    "MIT" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.5.1.2, 3.2.5.2.1",
	"RFC 4120 2.6",
	"Microsoft: Kerberos protocol transition and constrained delegation",
	NULL,
};

const struct rule rule_deleg_evidence_not_forwardable = {
	.id = "deleg-evidence-not-forwardable",
	.title = "The ticket of {user|the user} at {front|a service} may not "
		 "be handed on",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{front|The service} asks for a ticket to {spn|the target} in "
	       "the name of {user|a user}, and the ticket of the user that it "
	       "shows for it is not forwardable.{how|}",
	.not_this = "A user who may never be delegated, whose tickets look "
		    "the same. A target that is not listed.",
	.decide = "Get-{adfront|ADUser} '{front|FRONTEND}' -Properties "
		  "TrustedToAuthForDelegation; or --keytab with the keys of "
		  "{front|the service}, which open the user's ticket",
	.verify = "The next S4U2Self ticket of {front|the service} is asked "
		  "for as forwardable, and its S4U2Proxy for {spn|the target} "
		  "is answered with a ticket.",
	.fix = fix,
	.see = see,
};
