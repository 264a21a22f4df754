/*
 * nego-server-ntlm-only - the server's list of mechanisms has no Kerberos:
 * neither 1.2.840.113554.1.2.2 nor Microsoft's misspelt 1.2.840.48018.1.2.2
 * in its NegTokenInit2 (RFC 4178 4.2, MS-SPNG 2.2.1).
 *
 * A member of a domain offers it.  One that does not is no member, has lost
 * its secrets or its keytab (Samba without security = ads), or was told so
 * (IIS providers with NTLM alone).  Clients of the domain can only use NTLM.
 *
 * A client that has a ticket all the same may offer it at once and is turned
 * to NTLM (smbclient).
 *
 * Not this: a mechanism that the server chose from what the client offered,
 * a server that sends no list (it is not known then), a workgroup or a local
 * account, where there is no KDC to ask.
 */
#include <strings.h>

#include "logon.h"
#include "rule.h"

static const struct attempt *
ntlm_logon(const struct story *s)
{
	const struct attempt *a = story_accepted(s, MECH_NTLM);

	return a != NULL ? a : story_tried(s, MECH_NTLM);
}

/* Whether the user is one of a realm that the capture knows. */
static bool
has_realm(const struct story *s, const struct ledger *l,
    const struct attempt *a)
{
	const struct account_fact *acct = logon_account(l, a);

	return (acct != NULL && acct->ok.count > 0) ||
	    story_issued(s, EXCHANGE_AS) != NULL ||
	    story_issued(s, EXCHANGE_TGS) != NULL;
}

static void
report(const struct story *s, const struct ledger *l, const struct attempt *a,
    struct finding *f)
{
	struct str target = logon_target(s, a);
	bool ok = a->answer == ANSWER_OK;

	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	f->certainty = CERTAINTY_POSSIBLE;
	if (has_realm(s, l, a)) {
		f->certainty = CERTAINTY_LIKELY;
		f->rests_on |= EVIDENCE_KDC;
	} else if (!ok)
		finding_step(f, &a->req);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	if (target.len > 0)
		finding_paramf(f, "target", "%.*s", (int)target.len, target.p);
	finding_param(f, "user", a->user);
	finding_param(f, "what", ok ? "accepted" : "refused");
	finding_evidence(f, &a->req, "NTLM of %s to a server without Kerberos",
	    a->user);
	finding_evidence(f, &a->rep, "NTLM %s", ok ? "accepted" : "refused");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = ntlm_logon(s);

	if (a == NULL)
		return verdict_clear_if(s->nattempts > 0);
	if (a->offered_krb5 || logon_is_local(s, l, a) ||
	    logon_ntlm_blocked(a) || story_accepted(s, MECH_KRB5) != NULL)
		return VERDICT_CLEAR;
	if (!a->offer_seen || a->answer == ANSWER_NONE ||
	    a->answer == ANSWER_MORE)
		return VERDICT_UNKNOWN;
	report(s, l, a, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"nego-ntlm-after-kdc-error",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Test-ComputerSecureChannel -Verbose",
	    "on the server; IIS: providers Negotiate, then NTLM" },
	{ "samba", "net ads testjoin",
	    "smb.conf: security = ads; net ads join; net ads keytab create" },
	{ "unix", "klist -kte",
	    "on the server: a key for cifs/{target|HOST}?" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4178 4.2",
	"MS-SPNG 2.2.1",
	"MS-SMB2 2.2.4",
	NULL,
};

const struct rule rule_nego_server_ntlm_only = {
	.id = "nego-server-ntlm-only",
	.title = "{target|The server} at {server} offers no Kerberos",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "negotiation",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_CARRIER,
	.check = check,
	.explains = explains,
	.why = "The server's own list of mechanisms holds NTLM and no "
	       "Kerberos, so {user|the user} could only use NTLM, which was "
	       "{what|tried}. It is not joined to the domain, its join or "
	       "keytab is broken, or it is set to NTLM.",
	.not_this = "A workgroup or a local account. NTLM that the client "
		    "chose although Kerberos was offered.",
	.decide = "nltest /sc_verify:DOMAIN or net ads testjoin on "
		  "{server|the server}; the same list for other clients",
	.verify = "The list of mechanisms of {server|the server} holds "
		  "Kerberos, and the log-on of {user|the user} uses it.",
	.fix = fix,
	.see = see,
};
