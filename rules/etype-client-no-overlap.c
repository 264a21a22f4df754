/*
 * etype-client-no-overlap - the KDC's last word is 14 (KDC_ERR_ETYPE_NOSUPP):
 * what the client offers and the keys that the KDC has, or may use, have no
 * enctype in common (RFC 4120 3.1.3, 3.3.3).
 *
 * The request holds the client's list in clear.  Without AES the client is
 * the odd one; with AES alone the account has none; with both nothing tells
 * more than that the account has no key that can be used.
 *
 * Not this: a second try with a listed enctype (krb5 negotiates so), a list
 * or an account of DES alone (etype-des-only), an RC4 key that the KDC gives
 * no tickets for any more (etype-rc4-default-off-2026), an account without
 * any key (MIT: CANT_FIND_CLIENT_KEY to a list that has everything), a trust,
 * an account whose attribute has what the client offers
 * (etype-attr-without-keys).
 *
 * The directory proves it: the account's attribute is set, and to nothing
 * that the client offers; so does a krb5.conf that keeps AES out of the list.
 */
#include "account.h"
#include "clientconf.h"
#include "etype.h"
#include "rule.h"

/* The client's list is what lacks AES. */
static const struct fix fix_client[] = {
	{ "unix", "grep -r enctypes /etc/krb5.conf /etc/krb5.conf.d",
	    "on {at|the client}: permitted_enctypes needs aes256-cts; RHEL: "
	    "update-crypto-policies --set DEFAULT:AD-SUPPORT" },
	{ "windows", "gpresult /scope computer /z",
	    "on {at|the client}: the policy \"Configure encryption types "
	    "allowed for Kerberos\" needs both AES types" },
	{ NULL, NULL, NULL },
};

/* Others who offered something else were served. */
static void
cite_others(struct finding *f, const struct etype_refusal *r)
{
	char buf[NAME_TEXT];

	if (r->account != NULL && r->account->ok.count > 0) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &r->account->ok.last,
		    "%s was given a ticket, with %s", r->account->principal,
		    name_or(etype_name(r->account->ok.etype_last),
			r->account->ok.etype_last, buf));
	}
	if (r->spn != NULL && r->spn->issued.count > 0) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &r->spn->issued.last,
		    "a ticket for it was issued, with %s",
		    name_or(etype_name(r->spn->issued.etype_last),
			r->spn->issued.etype_last, buf));
	}
}

static void
say_client(struct finding *f, const struct story *s,
    const struct etype_refusal *r)
{
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	f->fix = fix_client;
	finding_param(f, "reason",
	    r->attr == ETYPE_ATTR_AES ?
		"AES is missing from the client's list, and the account is "
		"set to AES alone." :
		r->offered.sha2 ?
		"Active Directory knows neither of the two AES-SHA2 types; "
		"the client has to offer aes256-cts-hmac-sha1-96 as well." :
		"AES is missing from the client's list, and the KDC has, or "
		"allows, nothing else here.");
}

static void
say_account(struct finding *f, const struct etype_refusal *r)
{
	if (r->fault == ETYPE_NOTHING_FITS &&
	    !(r->offered.aes128 && r->offered.aes256))
		finding_param(f, "reason",
		    r->offered.aes256 ?
			"The client does not offer aes128, and the account "
			"may be set to it alone." :
			"The client does not offer aes256 (Java without its "
			"unlimited policy), and the account may be set to it "
			"alone.");
	else if (r->fault == ETYPE_NOTHING_FITS)
		finding_param(f, "reason",
		    "The client offers AES and RC4: the account has no key "
		    "that the KDC may use. Its password is older than AES in "
		    "the realm, or its enctypes are restricted.");
	else if (r->attr == ETYPE_ATTR_RC4)
		finding_param(f, "reason",
		    "The client offers AES and no RC4: the account is set to "
		    "RC4 alone.");
	else
		finding_param(f, "reason",
		    "The client offers AES and no RC4: the account has no AES "
		    "key. Its password is older than AES in the realm, or "
		    "msDS-SupportedEncryptionTypes lists RC4 alone.");
}

/* Whether a look-up shows the side that lacks the other's types. */
static bool
is_proven(const struct story *s, const struct ledger *l,
    const struct etype_refusal *r, struct finding *f)
{
	const struct krb5_conf *c = clientconf_of(s, l);
	bool proven = false;

	if (r->fault == ETYPE_CLIENT && c != NULL)
		proven = clientconf_cite_etypes(f, c, r->e);
	else if (r->fault == ETYPE_CLIENT)
		f->missing |= EVIDENCE_KRB5_CONF;
	if (r->attr == ETYPE_ATTR_UNKNOWN) {
		f->missing |= EVIDENCE_DIRECTORY;
		return proven;
	}
	etype_cite(f, r->holder);
	return proven ||
	    (r->attr != ETYPE_ATTR_UNSET && !r->foreign &&
		account_held(r->holder, r->e->rep.time) &&
		!etype_attr_offered(r->holder, &r->offered));
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct etype_refusal r;

	etype_refusal(s, l, &r);
	switch (r.fault) {
	case ETYPE_UNSEEN:
		f->missing = EVIDENCE_KDC;
		return VERDICT_UNKNOWN;
	case ETYPE_CLIENT:
	case ETYPE_ACCOUNT:
	case ETYPE_NOTHING_FITS:
		break;
	default:
		return verdict_clear_if(s->nexchanges > 0);
	}
	/* MIT's text says that it is the client's list, and the KDC's. */
	f->certainty = r.foreign ||
		(r.fault == ETYPE_NOTHING_FITS && r.e->e_text == NULL) ?
	    CERTAINTY_POSSIBLE :
	    CERTAINTY_LIKELY;
	etype_subject(f, &r);
	etype_evidence(f, s, &r);
	if (r.fault == ETYPE_CLIENT)
		say_client(f, s, &r);
	else
		say_account(f, &r);
	if (is_proven(s, l, &r, f))
		f->certainty = CERTAINTY_PROVEN;
	cite_others(f, &r);
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
	{ "windows", "Set-ADUser {sam|ACCOUNT} -KerberosEncryptionType AES256",
	    "the owner of the SPN (setspn -Q) or the user; then its password "
	    "anew" },
	{ "samba", "samba-tool user setpassword {sam|ACCOUNT}",
	    "makes AES keys; net ads enctypes set {sam|ACCOUNT} 24" },
	{ "unix", "grep -r enctypes /etc/krb5.conf /etc/krb5.conf.d",
	    "on {at|the client}: permitted_enctypes needs aes256-cts; RHEL: "
	    "update-crypto-policies --set DEFAULT:AD-SUPPORT" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 3.3.3, 7.5.9",
	"MS-KILE 3.3.5.3",
	"MIT krb5: Encryption types",
	NULL,
};

const struct rule rule_etype_client_no_overlap = {
	.id = "etype-client-no-overlap",
	.title = "{at|The client} and the KDC share no enctype for "
		 "{what|its log-on}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "enctype",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The client at {at|ADDRESS} offers {offered|its list}; the KDC "
	       "finds nothing in it that it could use for {what|the account}. "
	       "{reason|}",
	.not_this = "A first try that is repeated with a type that the KDC "
		    "listed. DES alone. An account that has no key at all (MIT "
		    "says CANT_FIND_CLIENT_KEY to every list).",
	.decide = "Get-ADObject -LDAPFilter "
		  "'(|(servicePrincipalName={what|SPN})(sAMAccountName={what|"
		  "USER}))' -Properties msDS-SupportedEncryptionTypes,"
		  "pwdLastSet; and grep enctypes in the client's krb5.conf",
	.verify = "The KDC answers {at|the client}'s request for {what|the "
		  "account} with a ticket, without 14; its enctype is AES.",
	.fix = fix,
	.see = see,
};
