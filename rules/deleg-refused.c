/*
 * deleg-refused - a service asks for a ticket in the name of a user
 * (S4U2Proxy, MS-SFU 3.2.5.2) and the KDC refuses: 13, KDC_ERR_BADOPTION.
 *
 * A catch-all: the target is not in the service's list, the service has none,
 * the user's ticket is not forwardable (protocol transition is off), the user
 * is sensitive, or the resource does not allow it (RBCD).  The code is one
 * for all; Windows may add an NTSTATUS, and the directory decides: each has a
 * rule of its own, which is a rival while nothing decides, and the cause then.
 *
 * Not this: Windows asking for a ticket to itself at log-on (a remark when it
 * is told that its list lacks it, Windows 2003: C0000272), a TGT that may
 * not be forwarded, and a refusal that another KDC or a second try makes good
 * (constrained delegation is asked for before the resource's own).
 */
#include "delegation.h"
#include "rule.h"

#define NT_NO_MATCH 0xC0000272

/* What an NTSTATUS beside the 13 says, MS-SFU 3.2.5.2. */
static const char *
status_text(int64_t status)
{
	switch (status) {
	case NT_NO_MATCH:
		return "the target is not in msDS-AllowedToDelegateTo";
	case 0xC0000225:
		return "nothing allows it to delegate to the target";
	case 0xC00000BB:
		return "the KDC does not support this delegation";
	case 0xC000006E:
		return "the user is restricted: sensitive, or in Protected "
		       "Users";
	default:
		return ntstatus_help(status);
	}
}

/* Windows 2003 to itself: the story goes on, the list lacks it all the same. */
static const struct exchange *
refused_itself(const struct story *s)
{
	const struct exchange *e = story_kdc_error(s, KDC_ERR_BADOPTION);

	return e != NULL && e->s4u2proxy && story_usual_badoption(e) &&
		e->ntstatus == NT_NO_MATCH ?
	    e :
	    NULL;
}

/* The status that Windows adds. */
static void
say_status(const struct exchange *e, struct finding *f)
{
	const char *status = status_text(e->ntstatus);
	char buf[NAME_TEXT];

	if (e->ntstatus == EV_ABSENT)
		return;
	finding_paramf(f, "more", " It adds %s%s%s.",
	    name_or_hex(ntstatus_name(e->ntstatus), e->ntstatus, buf),
	    status != NULL ? ": " : "", status != NULL ? status : "");
}

/* Whether the directory has all that could be at fault, and nothing is. */
static bool
all_is_well(const struct delegation *d)
{
	int i;

	for (i = 0; i < DELEG_FAULTS; i++)
		if (d->of[i].sure != CERTAINTY_NONE)
			return false;
	return true;
}

static void
report(const struct delegation *d, struct finding *f)
{
	delegation_report(d);
	delegation_walk(d);
	if (all_is_well(d))
		finding_param(f, "which",
		    "what is at hand shows none of the usual reasons: the KDC "
		    "that was asked may not have the latest of it");
	else
		f->missing = EVIDENCE_DIRECTORY;
	say_status(d->e, f);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e;
	struct delegation d;

	if (s->nexchanges == 0)
		return VERDICT_NOT_APPLICABLE;
	f->certainty = CERTAINTY_LIKELY;
	if (delegation_refused(s, l, f, &d)) {
		report(&d, f);
		return VERDICT_FIRED;
	}
	e = refused_itself(s);
	if (e == NULL)
		return VERDICT_CLEAR;
	delegation_of(s, l, e, f, &d);
	delegation_report(&d);
	f->missing = EVIDENCE_DIRECTORY;
	say_status(d.e, f);
	return VERDICT_FIRED;
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
	    "Get-ADObject -LDAPFilter '(sAMAccountName={front|FRONTEND})' "
	    "-Properties msDS-AllowedToDelegateTo,userAccountControl",
	    "lists {spn|the target}? 0x1000000 (any protocol) is needed after "
	    "S4U2Self" },
	{ "windows", "Get-ADUser {user|USER} -Properties AccountNotDelegated",
	    "True, or a member of Protected Users: never delegated" },
	{ "windows",
	    "Get-ADComputer BACKEND -Properties "
	    "PrincipalsAllowedToDelegateToAccount",
	    "the resource's own list (RBCD), instead of the first" },
	{ "samba", "samba-tool delegation show '{front|FRONTEND}'",
	    "then delegation add-service, for-any-protocol" },
	{ "unix", "kadmin -q 'getprinc {front|FRONTEND}'",
	    "MIT: +ok_to_auth_as_delegate, and the target in its delegation "
	    "list (LDAP back end)" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-SFU 3.2.5.2",
	"RFC 4120 7.5.9 (13)",
	"Microsoft: Troubleshoot Kerberos constrained delegation",
	NULL,
};

const struct rule rule_deleg_refused = {
	.id = "deleg-refused",
	.title = "{front|A service} may not use {spn|a target} for a user",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_KDC,
	.catch_all = true,
	.check = check,
	.explains = explains,
	.why =
	    "{front|The service} asks for a ticket to {spn|the target} in the "
	    "name of {user|a user}, and the KDC refuses, with one code for "
	    "all reasons: {which|either the target is not in its "
	    "msDS-AllowedToDelegateTo, or it may not act for users who came "
	    "without Kerberos, or the user is marked as sensitive, or the "
	    "target's own list does not name it; the wire does not tell them "
	    "apart, the directory does}.{more|}",
	.not_this = "Windows asks for a delegated ticket to itself at log-on "
		    "and lives with the no. A refusal that a second try makes "
		    "good.",
	.decide = "msDS-AllowedToDelegateTo and userAccountControl of the "
		  "front end, msDS-AllowedToActOnBehalfOfOtherIdentity of "
		  "the target, userAccountControl of the user",
	.verify = "The S4U2Proxy request of {front|the service} for "
		  "{spn|the target} is answered with a ticket, and the target "
		  "takes it.",
	.fix = fix,
	.see = see,
};
