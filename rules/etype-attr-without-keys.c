/*
 * etype-attr-without-keys - msDS-SupportedEncryptionTypes of an account says
 * AES, and the account has no AES key: its password is older than AES in the
 * domain, or was written as an RC4 hash alone.  Keys are made when a password
 * is set; the attribute makes none (MS-KILE 3.1.1.5, MS-SAMR 3.1.1.8.11.6).
 *
 * Clients that offer AES alone get 14.  For the others the KDC falls back to
 * RC4: it lists no AES key when it asks for pre-authentication, or makes an
 * RC4 ticket for a client that offers AES.
 *
 * Not this: an attribute of RC4 alone or none (etype-client-no-overlap,
 * etype-rc4-default-off-2026); an attribute with the other AES type than the
 * client's; a referred client.  Without the directory nothing tells it.
 */
#include <string.h>
#include <strings.h>

#include "account.h"
#include "etype.h"
#include "rule.h"

static void
describe(struct finding *f, const struct dir_account *a)
{
	finding_param(f, "holder", a->name);
	finding_param(f, "sam", etype_sam(f, a));
}

/* 14 to a client that offers what the attribute promises. */
static enum verdict
check_refusal(const struct story *s, const struct ledger *l,
    const struct etype_refusal *r, struct finding *f)
{
	const struct realm_fact *realm = ledger_realm(l, r->e->realm);
	/* Then a user's 14 is not about krbtgt. */
	bool fine = r->e->kind == EXCHANGE_TGS ||
	    (realm != NULL && realm->tgt_aes.frame != 0);

	f->certainty = fine && account_held(r->holder, r->e->rep.time) ?
	    CERTAINTY_PROVEN :
	    CERTAINTY_LIKELY;
	finding_subject(f, SUBJECT_ACCOUNT, r->holder->name);
	etype_evidence(f, s, r);
	describe(f, r->holder);
	finding_param(f, "then",
	    "a client that offers AES and no RC4 is refused.");
	etype_cite(f, r->holder);
	return VERDICT_FIRED;
}

/* The account whose missing key the answer X shows, or NULL. */
static const struct dir_account *
keyless(const struct ledger *l, const struct exchange *x)
{
	struct etype_kinds offered = etype_kinds_of(x->etypes, x->netypes);
	struct etype_kinds keys = etype_kinds_of(x->key_etypes, x->nkey_etypes);
	const struct dir_account *a = NULL;

	if (x->realm == NULL || x->referral || x->u2u)
		return NULL;
	if (x->kind == EXCHANGE_AS && x->cname != NULL &&
	    ((x->error == KDC_ERR_PREAUTH_REQUIRED && keys.known &&
		 !keys.aes) ||
		(x->answer == ANSWER_OK && x->key_etype == ETYPE_RC4)))
		a = ledger_directory_account(l, x->cname, x->realm);
	else if (x->kind == EXCHANGE_TGS && x->answer == ANSWER_OK &&
	    x->issued.etype == ETYPE_RC4 && x->sname != NULL)
		a = ledger_owner(l, x->sname, x->realm);
	if (a == NULL || !etype_attr_promises(a, &offered) ||
	    !account_held(a, x->rep.time))
		return NULL;
	return a;
}

/* In, with RC4 instead. */
static enum verdict
check_fallback(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct dir_account *a = NULL;
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if ((a = keyless(l, x)) != NULL)
			break;
	if (a == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	f->certainty = CERTAINTY_PROVEN;
	f->rests_on |= EVIDENCE_KDC;
	finding_subject(f, SUBJECT_ACCOUNT, a->name);
	describe(f, a);
	finding_param(f, "then",
	    "clients get RC4 instead, and those without RC4 nothing.");
	finding_evidence(f, &x->rep,
	    x->kind == EXCHANGE_TGS ? "KDC: an RC4 ticket for %s" :
				      "KDC: no AES key of %s",
	    x->kind == EXCHANGE_TGS ? x->sname : x->cname);
	finding_evidence(f, &x->req, "the client offers %s",
	    etype_text(f, x->etypes, x->netypes));
	etype_cite(f, a);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct etype_refusal r;

	etype_refusal(s, l, &r);
	if (r.fault == ETYPE_KEYLESS)
		return check_refusal(s, l, &r, f);
	if (r.attr == ETYPE_ATTR_UNKNOWN &&
	    (r.fault == ETYPE_ACCOUNT || r.fault == ETYPE_NOTHING_FITS ||
		r.fault == ETYPE_RC4_OFF)) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	return check_fallback(s, l, f);
}

static const char *const explains[] = {
	"etype-client-no-overlap",
	"etype-weak-crypto-offered",
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Set-ADAccountPassword {sam|ACCOUNT} -Reset",
	    "a service: its keytab or stored password at once after; a "
	    "computer: Reset-ComputerMachinePassword on it" },
	{ "samba", "samba-tool user setpassword {sam|ACCOUNT}",
	    "a member: net ads changetrustpw" },
	{ "unix", "kinit -k {sam|ACCOUNT} && klist -e",
	    "with the new keytab: aes256-cts" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-KILE 2.2.7, 3.1.1.5",
	"KB5021131",
	"Microsoft: Detect and remediate RC4 usage in Kerberos",
	NULL,
};

const struct rule rule_etype_attr_without_keys = {
	.id = "etype-attr-without-keys",
	.title = "{holder|An account} is set to AES and has no AES key",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "enctype",
	.needs = EVIDENCE_KDC | EVIDENCE_DIRECTORY,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "msDS-SupportedEncryptionTypes of {holder|the account} promises "
	       "AES, and the KDC has no AES key of it: {then|clients are "
	       "refused.} Keys are made when the password is set, and this "
	       "password is older than AES in the domain, or was set as a "
	       "hash.",
	.not_this = "An attribute of RC4 alone, or none at all. A client that "
		    "offers the other one of the two AES types.",
	.decide = "Get-ADObject -LDAPFilter '(sAMAccountName={sam|ACCOUNT})' "
		  "-Properties msDS-SupportedEncryptionTypes,pwdLastSet: is "
		  "AES there?",
	.verify = "The KDC lists an AES key of {holder|the account} (25), and "
		  "tickets for it have aes256-cts-hmac-sha1-96.",
	.fix = fix,
	.see = see,
};
