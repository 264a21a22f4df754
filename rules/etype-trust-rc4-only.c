/*
 * etype-trust-rc4-only - the trust between two realms has RC4 keys alone: a
 * client that offers AES and no RC4 gets no ticket for the other realm (14
 * for krbtgt/OTHER).  In Active Directory a trust whose object does not say
 * otherwise (msDS-SupportedEncryptionTypes, "The other domain supports
 * Kerberos AES Encryption") is RC4 (MS-KILE 3.3.5.7; before 2022 and on both
 * sides); an MIT realm has what keys krbtgt/OTHER was made with.
 *
 * The ticket for the other realm carries the enctype of that key in clear; a
 * client that is served in spite of it has no fault, and only the directory
 * makes it a remark.
 *
 * Not this: 14 for a service, which is the service's key; a client without
 * AES (etype-client-no-overlap is its rule for services, here it is unknown).
 */
#include <string.h>
#include <strings.h>

#include "account.h"
#include "etype.h"
#include "rule.h"

/* The other realm of krbtgt/OTHER, asked for in E's realm; or NULL. */
static const char *
other_realm(const char *sname, const char *realm)
{
	if (sname == NULL || realm == NULL ||
	    strncasecmp(sname, "krbtgt/", 7) != 0 || sname[7] == '\0' ||
	    strcasecmp(sname + 7, realm) == 0)
		return NULL;
	return sname + 7;
}

static bool
is_rc4(const struct dir_account *trust)
{
	enum etype_attr attr = etype_attr_of(trust);

	return attr == ETYPE_ATTR_UNSET || attr == ETYPE_ATTR_RC4 ||
	    attr == ETYPE_ATTR_DES;
}

static void
name_trust(struct finding *f, const struct exchange *e, const char *other)
{
	f->rests_on |= EVIDENCE_KDC;
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_param(f, "other", other);
}

static void
cite_refusal(struct finding *f, const struct exchange *e)
{
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "KDC of %s: %s%s%s", e->realm,
	    krb_error_name(e->error), e->e_text != NULL ? ", " : "",
	    e->e_text != NULL ? e->e_text : "");
	finding_evidence(f, &e->req, "TGS-REQ for %s offers %s", e->sname,
	    etype_text(f, e->etypes, e->netypes));
}

static enum verdict
check_refusal(const struct ledger *l, const struct exchange *e,
    const char *other, struct finding *f)
{
	struct etype_kinds k = etype_kinds_of(e->etypes, e->netypes);
	const struct dir_account *trust = ledger_dir_trust(l, e->realm, other);

	if (!k.known || !k.aes) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	if (trust != NULL && etype_attr_promises(trust, &k))
		/* The keys may be older than the attribute. */
		f->certainty = CERTAINTY_POSSIBLE;
	else if (trust != NULL && is_rc4(trust) &&
	    account_held(trust, e->rep.time))
		f->certainty = CERTAINTY_PROVEN;
	else
		f->certainty = k.rc4 ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
	name_trust(f, e, other);
	cite_refusal(f, e);
	if (trust != NULL)
		etype_cite(f, trust);
	else
		f->missing |= EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

/* A ticket for the other realm, with RC4 by the trust's own setting. */
static enum verdict
check_ticket(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct dir_account *trust;
	const struct exchange *x;
	struct etype_kinds k;
	const char *other;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++) {
		if (x->kind != EXCHANGE_TGS || x->answer != ANSWER_OK ||
		    x->issued.etype != 23)
			continue;
		other = other_realm(x->issued.sname, x->issued.realm);
		k = etype_kinds_of(x->etypes, x->netypes);
		if (other == NULL || !k.aes)
			continue;
		trust = ledger_dir_trust(l, x->issued.realm, other);
		if (trust == NULL || !is_rc4(trust))
			continue;
		f->certainty = CERTAINTY_PROVEN;
		f->rests_on |= EVIDENCE_KDC;
		finding_subject(f, SUBJECT_SPN, x->issued.sname);
		finding_subject(f, SUBJECT_REALM, x->issued.realm);
		finding_param(f, "other", other);
		finding_evidence(f, &x->rep, "the ticket for %s has rc4-hmac",
		    other);
		etype_cite(f, trust);
		return VERDICT_FIRED;
	}
	return verdict_clear_if(s->nexchanges > 0);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s, KDC_ERR_ETYPE_NOSUPP);
	const char *other;

	if (e != NULL && e->kind == EXCHANGE_TGS) {
		other = other_realm(e->sname, e->realm);
		if (other != NULL)
			return check_refusal(l, e, other, f);
	}
	return check_ticket(s, l, f);
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
	    "ksetup /setenctypeattr {other|OTHER} AES128-CTS-HMAC-SHA1-96 "
	    "AES256-CTS-HMAC-SHA1-96",
	    "on a domain controller of {realm|the realm}, and the same on the "
	    "other side; then netdom trust /resetOneSide for AES keys" },
	{ "samba", "samba-tool domain trust show {other|OTHER}",
	    "then samba-tool domain trust modify, or create it anew" },
	{ "unix",
	    "kadmin -q 'cpw -e aes256-cts:normal krbtgt/{other|OTHER}@{realm|"
	    "REALM}'",
	    "in both realms, with the same password and kvno" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-KILE 2.2.7, 3.3.5.7",
	"Microsoft: Unsupported etype error when accessing a trusted domain",
	"RFC 8429",
	NULL,
};

const struct rule rule_etype_trust_rc4_only = {
	.id = "etype-trust-rc4-only",
	.title = "The trust of {realm|a realm} with {other|another} has RC4 "
		 "alone",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "enctype",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The ticket for {other|another realm} is made with the trust's "
	       "key, and the KDC of {realm|the realm} has it in RC4 alone, or "
	       "may use no other: a client that offers AES and no RC4 cannot "
	       "go there.",
	.not_this = "14 for a service, which is about the service's account. A "
		    "ticket with RC4 that works.",
	.decide = "Get-ADObject -LDAPFilter '(&(objectClass=trustedDomain)"
		  "(trustPartner={other|OTHER}))' -Properties "
		  "msDS-SupportedEncryptionTypes; MIT: getprinc "
		  "krbtgt/{other|OTHER}",
	.verify = "The KDC of {realm|the realm} gives a ticket for "
		  "krbtgt/{other|OTHER} with aes256-cts-hmac-sha1-96, and no "
		  "14.",
	.fix = fix,
	.see = see,
};
