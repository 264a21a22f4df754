/*
 * kdc-too-big-no-tcp - the KDC's answer needs TCP, and TCP cannot be had.
 *
 * RFC 4120 7.2.1: a KDC whose answer does not fit a datagram says
 * RESPONSE_TOO_BIG (52), and the client asks again over TCP.  Where that is
 * refused, users whose tickets are small log on and users in many groups do
 * not.  SYNs that vanish are a filter: kdc-tcp88-blocked explains this one
 * then.
 *
 * Not this: 52 and a good answer over TCP, which is how it should be; 52 from
 * one KDC and a ticket from another.  52 and no TCP at all in the capture
 * tells nothing.
 */
#include "reach.h"
#include "rule.h"

/* 52 that no ticket followed, from whichever KDC. */
static const struct exchange *
left_at_52(const struct story *s)
{
	const struct exchange *x = story_kdc_error(s, KRB_ERR_RESPONSE_TOO_BIG);
	const struct exchange *y;

	if (x == NULL)
		return NULL;
	for (y = x + 1; y < s->exchanges + s->nexchanges; y++)
		if (y->kind == x->kind && y->answer != ANSWER_NONE)
			return NULL;
	return x;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct reached r;
	bool any = reach_kdc(s, l, &r);

	if (story_kdc_error(s, KRB_ERR_RESPONSE_TOO_BIG) == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (!any || r.too_big == NULL ||
	    (r.fault != REACH_FAULT_NO_TCP &&
		r.fault != REACH_FAULT_FILTERED)) {
		if (left_at_52(s) == NULL)
			return VERDICT_CLEAR;
		f->missing = EVIDENCE_REACH;
		return VERDICT_UNKNOWN;
	}
	reach_report(s, l, &r, f);
	f->rests_on |= EVIDENCE_KDC;
	finding_param(f, "tcp",
	    r.fault == REACH_FAULT_NO_TCP ? "is refused there" :
					    "is not answered");
	finding_evidence(f, &r.too_big->rep,
	    "KDC over UDP: the answer is too big (52), use TCP");
	finding_evidence(f, &r.too_big->req, "the request over UDP");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"kdc-port-closed",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Test-NetConnection {dc|KDC} -Port 88",
	    "the KDC must accept TCP: open port 88 in the firewalls between" },
	{ "unix", "nc -vz -w 3 {dc|KDC} 88",
	    "MIT: kdc_tcp_listen in kdc.conf must not be empty; "
	    "udp_preference_limit = 1 on the client shows it at once" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2.1",
	"Microsoft: MaxDatagramReplySize, MaxPacketSize",
	NULL,
};

const struct rule rule_kdc_too_big_no_tcp = {
	.id = "kdc-too-big-no-tcp",
	.title = "The answer of {dc|the KDC} needs TCP, and TCP port 88 "
		 "{tcp|fails}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.mended = MENDED_WAY,
	.check = check,
	.explains = explains,
	.why = "Over UDP {kdc|the KDC} says that its answer is "
	       "too big for a datagram (KRB_ERR_RESPONSE_TOO_BIG); the client "
	       "turns to TCP port 88, which {tcp|fails}; {then|no other KDC "
	       "took over}. Users with small tickets do not notice.",
	.not_this = "52 and an answer over TCP: that is how it should be. A "
		    "capture without the client's TCP traffic.",
	.decide = "Test-NetConnection {kdc|KDC} -Port 88, or nc -vz "
		  "{kdc|KDC} 88, from the client",
	.verify = "After error 52 over UDP the client connects to TCP port "
		  "88 of {kdc|the KDC} and gets its whole answer there.",
	.fix = fix,
	.see = see,
};
