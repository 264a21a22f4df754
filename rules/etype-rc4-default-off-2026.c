/*
 * etype-rc4-default-off-2026 - the KDC gives no RC4 ticket any more for a
 * service whose account has no AES key (CVE-2026-20833): since 2026 an
 * account without msDS-SupportedEncryptionTypes counts as AES only, where it
 * counted as RC4 before.
 *
 * The TGS-REQ offers RC4, AES as well or not, and the answer is 14, while the
 * client's own log-on goes well.  That RC4 tickets were issued for the
 * service before, and no AES ones, settles it; so does the KDC's date, as far
 * as a date can: before 2026 only a domain that was set so did this, and an
 * account with DES keys or none looks alike.
 *
 * Not this: a client that offers nothing but RC4 to a service that nobody saw
 * RC4 tickets of, or AES and no RC4 (etype-client-no-overlap), DES
 * (etype-des-only), a trust (krbtgt/OTHER), an MIT KDC, which names another
 * reason in its text, an account that is set to AES (etype-attr-without-keys).
 * That its attribute is not set, or set to RC4 alone, proves it.
 */
#include "account.h"
#include "etype.h"
#include "rule.h"

/* 2026-01-13, the first update that changes it. */
#define SINCE (INT64_C(1768262400) * SECOND)

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct etype_refusal r;
	int64_t when;

	etype_refusal(s, l, &r);
	if (r.fault == ETYPE_UNSEEN) {
		f->missing = EVIDENCE_KDC;
		return VERDICT_UNKNOWN;
	}
	if (r.fault != ETYPE_RC4_OFF)
		return verdict_clear_if(s->nexchanges > 0);
	when = r.e->stime > 0 ? r.e->stime : r.e->req.time;
	f->certainty = !r.foreign && (r.was_rc4 || when >= SINCE) ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	etype_subject(f, &r);
	etype_evidence(f, s, &r);
	if (r.was_rc4) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_param(f, "before",
		    " Before, its tickets were RC4, and never AES.");
		finding_evidence(f, &r.spn->rc4.first,
		    "a ticket for it was issued, with RC4");
	}
	if (r.attr == ETYPE_ATTR_UNKNOWN) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_FIRED;
	}
	etype_cite(f, r.holder);
	if (f->certainty == CERTAINTY_LIKELY &&
	    account_held(r.holder, r.e->rep.time))
		f->certainty = CERTAINTY_PROVEN;
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
	{ "windows", "setspn -Q {spn|SPN}",
	    "its owner: a new password, set twice, makes AES keys; then "
	    "Set-ADUser {sam|OWNER} -KerberosEncryptionType "
	    "AES128,AES256" },
	{ "windows",
	    "Get-WinEvent -FilterHashtable @{LogName='System';Id=201..209}",
	    "on the KDC (KDCSVC): which account; until it is mended "
	    "msDS-SupportedEncryptionTypes 28 on that account alone" },
	{ "unix", "msktutil --auto-update --enctypes 0x18",
	    "on the server, if the account is its own: adds AES keys" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"CVE-2026-20833, KB5073381",
	"MS-KILE 3.3.5.7",
	"RFC 8429",
	NULL,
};

const struct rule rule_etype_rc4_default_off_2026 = {
	.id = "etype-rc4-default-off-2026",
	.title = "The KDC gives no RC4 ticket for {spn|a service} any more",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "enctype",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The client at {at|ADDRESS} offers {offered|RC4 too}, and the "
	       "KDC still finds no key for {spn|the service}: its account "
	       "holds RC4 alone, which KDCs give no longer unless they are "
	       "told to (2026, CVE-2026-20833).{before|}",
	.not_this = "A client that offers RC4 alone (its list lacks AES), a "
		    "client that offers AES alone, an account with DES keys or "
		    "none, a trust's key.",
	.decide = "Get-ADObject -LDAPFilter "
		  "'(servicePrincipalName={spn|SPN})' -Properties "
		  "msDS-SupportedEncryptionTypes,pwdLastSet; KDCSVC events "
		  "201 to 209 on the KDC",
	.verify = "The KDC gives a ticket for {spn|the service}, with "
		  "aes256-cts-hmac-sha1-96, and no 14.",
	.fix = fix,
	.see = see,
};
