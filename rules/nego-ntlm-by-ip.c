/*
 * nego-ntlm-by-ip - NTLM because the target was written as an IP address.
 *
 * A client makes the SPN from the name that the user gave, and asks for none
 * when that is an address (Windows without TryIPSPN; smbclient as well).  A
 * habit worth a remark while NTLM works.
 *
 * Not this: a ticket for the address was asked for and refused (the SPN
 * rules), a target that is a name, a log-on that no KDC could help with: a
 * null session, a local account, a workgroup, a server that does not offer
 * Kerberos; NTLM that was refused (ip-target-kerberos-impossible).
 */
#include "logon.h"
#include "rule.h"

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
	const struct attempt *a = story_accepted(s, MECH_NTLM);
	const struct host *h;
	struct str target;

	if (a == NULL)
		return verdict_clear_if(story_tried(s, MECH_NTLM) != NULL);
	target = logon_target(s, a);
	if (!text_is_ip(target) || !a->offered_krb5 || asked_for_ticket(s) ||
	    logon_is_local(s, l, a))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	f->certainty = CERTAINTY_LIKELY;
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	h = ledger_host(l, &a->server);
	finding_param(f, "name", h == NULL ? NULL : host_own_name(h, NULL));
	finding_evidence(f, &a->rep, "NTLM accepted");
	finding_evidence(f, &a->req, "NTLM of %s to %.*s", a->user,
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
	.mended = MENDED_CLIENT | MENDED_CARRIER,
	.check = check,
	.why =
	    "Clients make no Kerberos name of an address unless told to "
	    "(TryIPSPN): this one asked for no ticket to reach "
	    "{server|ADDRESS} and used NTLM, which was accepted. By its name "
	    "{name|(not seen)} it could use Kerberos. Where NTLM is switched "
	    "off this log-on fails.",
	.not_this = "A ticket for an SPN with an address that the KDC refused. "
		    "A local account or a workgroup, where Kerberos cannot be. "
		    "NTLM that was refused.",
	.decide = "the same path with the server's name",
	.verify = "The client looks up the name {name|of the server}, asks "
		  "a KDC for a ticket for it, and the log-on at "
		  "{server|the server} carries Kerberos.",
	.fix = fix,
	.see = see,
};
