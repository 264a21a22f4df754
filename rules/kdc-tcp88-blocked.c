/*
 * kdc-tcp88-blocked - a filter between client and KDC drops port 88.
 *
 * The kernel of a living host answers a SYN, with SYN-ACK or with RST; so
 * SYNs that vanish while the same host answers other questions (UDP port 88,
 * DNS, a log-on) are a filter's work.  UDP that says "response too big" (52)
 * and a TCP port that is silent is the usual form: small accounts work, users
 * in many groups do not.  ICMP "administratively prohibited" (RFC 1812
 * 5.2.7.1) is a filter that says so.
 *
 * Not this: a host that answers nothing (kdc-unreachable), an RST
 * (kdc-port-closed, kdc-too-big-no-tcp), silence over UDP alone (a KDC that
 * hangs leaves datagrams lying), a capture of one direction.
 */
#include "reach.h"
#include "rule.h"

static const char *
blocked_port(const struct reached *r)
{
	return reach_any(r, REACH_ANSWERED) ?
	    (r->tcp != NULL && r->tcp->reach != REACH_ANSWERED ?
		    "TCP port 88" :
		    "UDP port 88") :
	    "port 88";
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct reached r;

	if (!reach_kdc(s, l, &r))
		return VERDICT_NOT_APPLICABLE;
	if (r.fault == REACH_FAULT_UNKNOWN) {
		f->missing = EVIDENCE_REACH;
		return VERDICT_UNKNOWN;
	}
	if (r.fault != REACH_FAULT_FILTERED)
		return VERDICT_CLEAR;
	reach_report(s, l, &r, f);
	finding_param(f, "port", blocked_port(&r));
	finding_param(f, "how",
	    reach_any(&r, REACH_PROHIBITED) ?
		"a filter on the way answers that it is forbidden" :
		finding_text(f,
		    "nothing comes back, while the same machine answers %s",
		    r.lives.frame != 0 ? r.lives_by : "UDP port 88"));
	if (r.too_big != NULL) {
		f->rests_on |= EVIDENCE_KDC;
		finding_evidence(f, &r.too_big->rep,
		    "KDC over UDP: the answer is too big (52), use TCP");
	}
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"kdc-unreachable",
	"kdc-too-big-no-tcp",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Test-NetConnection {dc|KDC} -Port 88",
	    "from the client; open TCP and UDP 88 to every domain controller, "
	    "in the firewalls between and in Get-NetFirewallRule on both" },
	{ "unix", "nc -vz -w 3 {dc|KDC} 88",
	    "from the client; then nft list ruleset on both, and traceroute -T "
	    "-p 88 {dc|KDC} for the filter between" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2.2",
	"RFC 1812 5.2.7.1",
	"Microsoft: Service overview and network port requirements",
	NULL,
};

const struct rule rule_kdc_tcp88_blocked = {
	.id = "kdc-tcp88-blocked",
	.title = "A filter blocks {port|port 88} of the KDC {dc|ADDRESS}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.check = check,
	.explains = explains,
	.why = "{sent|Several} requests to {port|port 88} of {kdc|the KDC}: "
	       "{how|nothing comes back, although the same machine answers "
	       "other questions}; {then|no other KDC took over}.",
	.not_this = "A machine that is off: then no port answers. A capture "
		    "that sees one direction only. An RST, which is an answer.",
	.decide = "a connection test to TCP port 88 from the client and from "
		  "the KDC's own subnet",
	.fix = fix,
	.see = see,
};
