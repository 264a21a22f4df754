/*
 * acct-wrong-realm - a client asks a KDC for a realm that the KDC does not
 * serve.
 *
 * 68 (KDC_ERR_WRONG_REALM) that names no realm to go to, as Windows answers a
 * realm it never heard of; 7 for krbtgt/R to an AS-REQ of realm R, which no
 * KDC of R would say; 6 with another realm in the error, or 6 to a user who
 * has tickets in the realm that this KDC does serve (Samba echoes whatever
 * realm was asked).  That no KDC of R was seen and that the KDC is a host of
 * another domain is a hint, no more: acct-client-unknown looks the same.
 *
 * Not this: 68 with the realm to ask (RFC 6806 7), a step that clients
 * follow, often to a KDC outside the capture; a TGS-REQ for a service of
 * another realm, which is a matter of trusts.
 */
#include "account.h"
#include "rule.h"

static const struct exchange *
wrongly_asked(const struct story *s, const struct ledger *l)
{
	static const int codes[] = { KDC_ERR_WRONG_REALM,
		KDC_ERR_S_PRINCIPAL_UNKNOWN, KDC_ERR_C_PRINCIPAL_UNKNOWN };
	const struct exchange *e;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		e = story_kdc_refusal(s, codes[i]);
		if (e != NULL && account_wrong_realm(l, e) != CERTAINTY_NONE)
			return e;
	}
	return NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = wrongly_asked(s, l);
	const char *served;

	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	f->rests_on = EVIDENCE_KDC;
	f->certainty = account_wrong_realm(l, e);
	served = account_kdc_realm(l, e);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_subject_addr(f, SUBJECT_KDC, &e->kdc);
	finding_param(f, "name", e->cname);
	if (served != NULL) {
		finding_param(f, "served", served);
		finding_paramf(f, "serves", " It serves %s.", served);
		if (f->certainty == CERTAINTY_LIKELY)
			f->rests_on |= EVIDENCE_COMPARE;
	}
	account_refusal(f, e);
	finding_evidence(f, &e->req, "AS-REQ of %s@%s",
	    e->cname != NULL ? e->cname : "?", e->realm);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-client-unknown",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "nltest /dsgetdc:{realm}",
	    "log on as {name|USER}@{served|REALM}; ksetup for MIT realms" },
	{ "samba", "kinit {name|USER}@{served|REALM}",
	    "smb.conf: realm, as the domain spells it" },
	{ "unix", "kinit {name|USER}@{served|REALM}",
	    "krb5.conf: default_realm, and kdc of {realm}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9",
	"RFC 6806 7",
	"MS-KILE 3.3.5.7",
	NULL,
};

const struct rule rule_acct_wrong_realm = {
	.id = "acct-wrong-realm",
	.title = "{kdc|The KDC} does not serve the realm {realm|asked for}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "realm",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The client asks {kdc|the KDC} for {name|a user} of {realm|a "
	       "realm}, and that is not a realm of this KDC.{serves|} The "
	       "realm of the user is wrong (default_realm, a UPN suffix, an "
	       "e-mail address), or the wrong KDC is set for it.",
	.not_this = "68 that names the realm to ask: clients go there. A user "
		    "who is mistyped: 6 by a KDC of the right realm.",
	.decide = "nslookup -type=SRV _kerberos._udp.{realm|REALM}: is "
		  "{kdc|the KDC} in it?",
	.verify = "The AS-REQ for {realm|the right realm} goes to a KDC "
		  "that serves it and is answered with 25 or a TGT, not "
		  "with error 68.",
	.fix = fix,
	.see = see,
};
