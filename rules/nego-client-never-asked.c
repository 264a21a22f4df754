/*
 * nego-client-never-asked - the server offers Kerberos, its name is known,
 * and the client answers NTLM at once without a question to any KDC.
 *
 * A client policy (browser zone or allow list, Kerberos switched off, a
 * program that insists on NTLM).  NTLM worked, so it is a remark.
 *
 * Not this: a target that is an address (nego-ntlm-by-ip), a null session, a
 * guest, a user whom a KDC has just refused, a local account of the server or
 * of the client, a workgroup.  A capture that began less than 15 minutes
 * after a refused SPN looks the same (Windows keeps the refusal that long),
 * and so does a client without a KDC in reach: possible, unless the same user
 * does get tickets in this capture.
 */
#include "logon.h"
#include "rule.h"

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = story_accepted(s, MECH_NTLM);
	const struct account_fact *acct;
	struct str target;

	if (a == NULL)
		return VERDICT_NOT_APPLICABLE;
	target = logon_target(s, a);
	if (target.len == 0 || text_is_ip(target) || !a->offered_krb5 ||
	    s->nexchanges > 0 || story_tried(s, MECH_KRB5) != NULL ||
	    logon_is_local(s, l, a) || logon_refused(l, a) != NULL)
		return VERDICT_CLEAR;
	if (s->cut_start)
		return VERDICT_UNKNOWN;
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_paramf(f, "target", "%.*s", (int)target.len, target.p);
	finding_evidence(f, &a->rep, "NTLM accepted");
	finding_evidence(f, &a->req, "NTLM of %s, no Kerberos before it",
	    a->user);
	f->certainty = CERTAINTY_POSSIBLE;
	acct = logon_account(l, a);
	if (acct != NULL && acct->ok.count > 0) {
		f->certainty = CERTAINTY_LIKELY;
		f->rests_on |= EVIDENCE_KDC;
		finding_evidence(f, &acct->ok.last,
		    "the same user gets a ticket");
	}
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "klist purge",
	    "try again and look for a TGS-REQ; zone Local intranet" },
	{ "samba", "smbclient --use-kerberos=required -L {target|SERVER}",
	    NULL },
	{ "unix", "curl --negotiate -u : URL",
	    "browsers: negotiate-auth.trusted-uris, AuthServerAllowlist" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4178 4.2",
	"MS-SPNG 3.1.5",
	NULL,
};

const struct rule rule_nego_client_never_asked = {
	.id = "nego-client-never-asked",
	.title = "NTLM although {target|the server} offers Kerberos",
	.impact = IMPACT_REMARK,
	.mild = IMPACT_REMARK,
	.about = "negotiation",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_CLIENT | MENDED_CARRIER,
	.check = check,
	.why =
	    "{target|the server} offers Kerberos, but the client used NTLM at "
	    "once and asked no KDC for a ticket: a setting of the client or "
	    "of the program, or a refusal from before the capture that it "
	    "remembers for 15 minutes.",
	.not_this = "An address as target, a local account, a null session, a "
		    "KDC out of reach.",
	.decide = "the same log-on after klist purge, captured from the start",
	.verify = "Before the log-on at {target|the server} the client "
		  "asks a KDC for a ticket, and the log-on carries "
		  "Kerberos and is accepted.",
	.fix = fix,
	.see = see,
};
