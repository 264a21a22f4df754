/*
 * acct-protected-users - a member of Protected Users meets what the group
 * forbids (MS-KILE 3.3.5.1, "Protected Users" since Windows Server 2012 R2):
 * no RC4 or DES when logging on (14), no NTLM (C000006E), TGTs of four hours
 * that are not forwarded, no delegation.
 *
 * Codes alone do not tell: 14 is any list that does not fit, C000006E any
 * restriction.  The directory has to show the membership.
 *
 * Not this: 14 to a member that offers AES and no RC4, whose key is missing
 * (etype-attr-without-keys); a delegation of a member (deleg-user-sensitive).
 */
#include <string.h>

#include "account.h"
#include "etype.h"
#include "logon.h"
#include "names.h"
#include "rule.h"

/* The user of A, FJORD\anna or anna@fjord.test, in the directory. */
static const struct dir_account *
ntlm_account(const struct story *s, const struct ledger *l,
    const struct attempt *a)
{
	const char *realm = s->realm, *name = a->user, *part;
	const struct account_fact *known;

	if (name == NULL)
		return NULL;
	known = logon_account(l, a);
	if (known != NULL && (part = strrchr(known->principal, '@')) != NULL)
		realm = part + 1;
	part = strchr(name, '\\');
	if (part != NULL)
		name = part + 1;
	return realm == NULL ? NULL : ledger_directory_account(l, name, realm);
}

static void
describe(struct finding *f, const struct dir_account *a)
{
	finding_subject(f, SUBJECT_ACCOUNT, a->name);
	finding_param(f, "sam", etype_sam(f, a));
	finding_account(f, a, "%s is a member of Protected Users", a->name);
}

/* 14 to a log-on: RC4 alone, or RC4 as a way out that the group closes. */
static enum verdict
check_etype(const struct story *s, const struct etype_refusal *r,
    struct finding *f)
{
	const struct dir_account *a = r->holder;

	if (!r->offered.known || (!r->offered.rc4 && !r->offered.des))
		return VERDICT_CLEAR;
	if (a == NULL || !a->member_known) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	if (!a->protected_user)
		return VERDICT_CLEAR;
	f->certainty = r->offered.aes || !account_held(a, r->e->rep.time) ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_PROVEN;
	etype_evidence(f, s, r);
	describe(f, a);
	finding_param(f, "how",
	    r->offered.aes ?
		"no RC4, and the account has no AES key: its password is older "
		"than AES in the domain" :
		"no RC4, and the client offers nothing else");
	return VERDICT_FIRED;
}

static enum verdict
check_ntlm(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *n = logon_ntlm_refusal(s);
	const struct dir_account *a;

	if (n == NULL || n->status != NT_ACCOUNT_RESTRICTION)
		return verdict_clear_if(s->nexchanges + s->nattempts > 0);
	a = ntlm_account(s, l, n);
	if (a == NULL || !a->member_known) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	if (!a->protected_user)
		return VERDICT_CLEAR;
	f->certainty = account_held(a, n->rep.time) ? CERTAINTY_PROVEN :
						      CERTAINTY_LIKELY;
	f->rests_on |= EVIDENCE_NTLM | EVIDENCE_SERVICE;
	finding_step(f, &n->req);
	finding_evidence(f, &n->rep, "%s",
	    ntstatus_name(NT_ACCOUNT_RESTRICTION));
	finding_evidence(f, &n->req, "NTLM as %s", n->user);
	describe(f, a);
	finding_param(f, "how", "no NTLM");
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct etype_refusal r;

	etype_refusal(s, l, &r);
	if (r.e != NULL && r.e->kind == EXCHANGE_AS)
		return check_etype(s, &r, f);
	return check_ntlm(s, l, f);
}

static const char *const explains[] = {
	"etype-client-no-overlap",
	"acct-logon-restriction",
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "Remove-ADGroupMember 'Protected Users' -Members {sam|USER}",
	    "a service's or a computer's account has no place in it; else: the "
	    "client has to use Kerberos with AES" },
	{ "samba",
	    "samba-tool group removemembers 'Protected Users' {sam|USER}",
	    NULL },
	{ "unix", "grep -r enctypes /etc/krb5.conf /etc/krb5.conf.d",
	    "on the client: permitted_enctypes with aes256-cts" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-KILE 3.3.5.1, 3.3.5.6",
	"Microsoft: Protected Users security group",
	NULL,
};

const struct rule rule_acct_protected_users = {
	.id = "acct-protected-users",
	.title = "{account|A user} is in Protected Users, which forbids this",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_DIRECTORY,
	.check = check,
	.explains = explains,
	.why = "{account|The user} is a member of Protected Users: {how|no RC4 "
	       "and no NTLM}. The group allows Kerberos with AES and nothing "
	       "else, by design.",
	.not_this = "A user outside the group, who is refused for the list of "
		    "enctypes alone. A member whose client offers AES and no "
		    "RC4: its key is missing.",
	.decide = "Get-ADGroupMember 'Protected Users' -Recursive: is "
		  "{sam|the user} in it?",
	.verify = "{account|The user} logs on with Kerberos, and the reply has "
		  "AES; no NTLM is tried.",
	.fix = fix,
	.see = see,
};
