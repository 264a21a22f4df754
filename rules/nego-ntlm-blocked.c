/*
 * nego-ntlm-blocked - the server, or its domain, takes no NTLM:
 * STATUS_NTLM_BLOCKED (C0000418), in DCE/RPC 0x721.
 *
 * Windows: "Network security: Restrict NTLM", for incoming log-ons, in the
 * domain, or on the client for outgoing ones; Samba: ntlm auth = disabled.
 * The policy is as somebody wanted it.  What is wrong is that the client came
 * with NTLM: a Kerberos failure before it, or a target that is an address,
 * are the cause where the capture shows them.
 *
 * Not this: C000006D, which says nothing of a policy; C000006E (Protected
 * Users), a restriction of one account.
 */
#include "logon.h"
#include "rule.h"

static const struct attempt *
blocked(const struct story *s)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (logon_ntlm_blocked(a) && !a->anonymous)
			return a;
	return NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = blocked(s);
	struct str target;

	if (a == NULL)
		return verdict_clear_if(story_tried(s, MECH_NTLM) != NULL);
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	f->certainty = CERTAINTY_PROVEN;
	logon_refusal(f, l, a);
	/* One policy, however many users it turns away. */
	f->subject[SUBJECT_ACCOUNT] = NULL;
	target = logon_target(s, a);
	if (target.len > 0)
		finding_paramf(f, "target", "%.*s", (int)target.len, target.p);
	if (s->nexchanges == 0 && story_tried(s, MECH_KRB5) == NULL)
		finding_param(f, "before",
		    "The client asked no KDC for a ticket before it: a "
		    "setting of the client or the program, or a refusal that "
		    "it remembers for 15 minutes.");
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "klist get cifs/{target|HOST.DOMAIN}",
	    "why no ticket? Exceptions: Restrict NTLM: Add server exceptions" },
	{ "samba", "testparm -s --parameter-name='ntlm auth'",
	    "on the server and on its domain controllers" },
	{ "unix", "kvno cifs/{target|HOST.DOMAIN}", "the same on a client" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-ERREF 2.3.1",
	"Microsoft: Network security: Restrict NTLM",
	"Windows events 8001 to 8006 (NTLM/Operational)",
	NULL,
};

const struct rule rule_nego_ntlm_blocked = {
	.id = "nego-ntlm-blocked",
	.title = "NTLM is not allowed at {server|the server}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "NTLM",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_CLIENT | MENDED_CARRIER,
	.check = check,
	.why = "{server|The server} takes no NTLM ({said|NTLM blocked}), and "
	       "the client of {user|the user} came with it instead of a "
	       "Kerberos ticket. {before|}",
	.not_this = "A wrong password (C000006A, C000006D). A Kerberos failure "
		    "before it is the cause, and the block its consequence.",
	.decide = "the same log-on after klist purge, captured from the start",
	.verify = "The log-on of {user|the user} at {server|the server} "
		  "carries a Kerberos ticket and is accepted.",
	.fix = fix,
	.see = see,
};
