/*
 * kdc-port-closed - the machine that the client asked is there, but nobody
 * accepts Kerberos at its port 88.
 *
 * An RST to the SYN, or ICMP port unreachable to the datagram, comes from a
 * living host without a KDC (RFC 9293 3.5.2, RFC 1122 3.2.2.1): the KDC
 * service is stopped, or the address is another machine's.
 *
 * Not this: a reset after an answer (Windows ends every connection so); ICMP
 * "administratively prohibited", which is a filter's (kdc-tcp88-blocked); a
 * closed TCP port where UDP said that its answer is too big
 * (kdc-too-big-no-tcp).  A firewall that rejects in the host's name cannot be
 * told from it; the text says so.
 */
#include "reach.h"
#include "rule.h"

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
	if (r.fault != REACH_FAULT_CLOSED)
		return VERDICT_CLEAR;
	reach_report(s, l, &r, f);
	if (reach_any(&r, REACH_ANSWERED))
		finding_param(f, "also", " Over UDP a KDC answers there.");
	else if (reach_any(&r, REACH_SILENT))
		finding_param(f, "also",
		    " That the other transport is silent speaks for a "
		    "firewall.");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Get-Service -ComputerName {dc|KDC} kdc",
	    "start it; if {dc|this} is no domain controller, take its SRV "
	    "records and static entries away" },
	{ "samba", "samba-tool processes",
	    "on {dc|the KDC}: is kdc_server there" },
	{ "unix", "systemctl status krb5-kdc",
	    "on {dc|the KDC}; then the kdc = lines of the client's krb5.conf" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2",
	"RFC 1122 3.2.2.1",
	NULL,
};

const struct rule rule_kdc_port_closed = {
	.id = "kdc-port-closed",
	.title = "No KDC listens at {dc|the address asked}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.mended = MENDED_WAY,
	.check = check,
	.explains = explains,
	.why = "The client asked {kdc|a host} on port 88 over "
	       "{over|UDP and TCP} and was turned away at once: the machine "
	       "is up, and nothing accepts Kerberos there; {then|no other KDC "
	       "took over}. Its KDC is stopped, the address belongs to "
	       "another machine, or a firewall rejects in its name.{also|}",
	.not_this = "A reset after a complete answer, with which Windows KDCs "
		    "end every connection. A filter that says so (ICMP "
		    "administratively prohibited).",
	.decide = "on {kdc|the machine}: netstat -ano or ss -ltnu, port 88",
	.verify = "A SYN or datagram to port 88 of {kdc|the KDC} is "
		  "answered by Kerberos, or nobody asks this address any "
		  "more.",
	.fix = fix,
	.see = see,
};
