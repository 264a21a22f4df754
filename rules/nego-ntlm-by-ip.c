/*
 * nego-ntlm-by-ip - NTLM because the target was written as an IP address.
 *
 * A client makes the SPN from the name that the user gave, and asks for none
 * when that is an address (Windows without TryIPSPN; smbclient as well).  A
 * habit worth a remark while NTLM works; where NTLM is switched off it is why
 * the log-on fails.
 *
 * Not this: a ticket for the address was asked for and refused (the SPN
 * rules), a target that is a name, a log-on that no KDC could help with: a
 * null session, a local account, a workgroup, a server that does not offer
 * Kerberos.  A refused NTLM log-on may just as well be a wrong password:
 * possible and no more.
 */
#include "logon.h"
#include "rule.h"

static const struct attempt *
ntlm_logon(const struct story *s)
{
	const struct attempt *a = story_accepted(s, MECH_NTLM);

	return a != NULL ? a : story_tried(s, MECH_NTLM);
}

static bool
asked_for_ticket(const struct story *s)
{
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x->kind == EXCHANGE_TGS)
			return true;
	return story_tried(s, MECH_KRB5) != NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = ntlm_logon(s);
	const char *own;
	struct str target;

	if (a == NULL)
		return VERDICT_NOT_APPLICABLE;
	target = logon_target(s, a);
	if (!text_is_ip(target) || !a->offered_krb5 || asked_for_ticket(s) ||
	    logon_is_local(s, l, a) || a->answer == ANSWER_NONE ||
	    a->answer == ANSWER_MORE)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	f->certainty = a->answer == ANSWER_OK ? CERTAINTY_LIKELY :
						CERTAINTY_POSSIBLE;
	if (a->answer != ANSWER_OK)
		finding_step(f, &a->req);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	own = ledger_host(l, &a->server) == NULL ?
	    NULL :
	    host_own_name(ledger_host(l, &a->server), NULL);
	finding_param(f, "name", own);
	finding_param(f, "what",
	    a->answer == ANSWER_OK ?
		"accepted" :
		"refused (a wrong password is refused alike)");
	finding_evidence(f, &a->rep, "NTLM %s",
	    a->answer == ANSWER_OK ? "accepted" : "refused");
	finding_evidence(f, &a->req, "NTLM%s%s to %.*s",
	    a->user != NULL ? " of " : "", a->user != NULL ? a->user : "",
	    (int)target.len, target.p);
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "klist get cifs/{name|HOST.DOMAIN}",
	    "use the name in paths, mappings and shortcuts" },
	{ "unix", "kvno cifs/{name|HOST.DOMAIN}", "and mount by name" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 6.2.1",
	"Microsoft: Configuring Kerberos for IP addresses",
	NULL,
};

const struct rule rule_nego_ntlm_by_ip = {
	.id = "nego-ntlm-by-ip",
	.title = "NTLM because the target is the address {server|ADDRESS}",
	.impact = IMPACT_DEGRADES,
	.mild = IMPACT_REMARK,
	.about = "negotiation",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.why =
	    "Clients make no Kerberos name of an address unless told to "
	    "(TryIPSPN): this one asked for no ticket to reach "
	    "{server|ADDRESS} and used NTLM, which was {what|accepted}. By its "
	    "name {name|(not seen)} it could use Kerberos.",
	.not_this =
	    "A ticket for an SPN with an address that the KDC refused. "
	    "A local account or a workgroup, where Kerberos cannot be. A "
	    "wrong NTLM password is no matter of names.",
	.decide = "the same path with the server's name",
	.fix = fix,
	.see = see,
};
