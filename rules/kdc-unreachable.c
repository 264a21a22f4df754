/*
 * kdc-unreachable - the KDC that the client asked does not answer at all.
 *
 * Requests and connection attempts repeated without any answer, while the
 * capture holds what others send to this client: the machine is off, the way
 * there is broken, or the KDC hangs.  An ICMP "no way to the host" says the
 * same.  With another KDC taking over, the log-on is late; else it fails.
 *
 * Not this: a host that answers other ports while its port 88 is silent
 * (kdc-tcp88-blocked explains that); an RST or ICMP port unreachable, which
 * is an answer (kdc-port-closed); a capture that holds one direction only or
 * ends right after the request, and a single datagram lost.
 */
#include "reach.h"
#include "rule.h"

/* Nothing came back, whatever the reason. */
static bool
is_silent(const struct reached *r)
{
	if (r->fault == REACH_FAULT_DOWN)
		return true;
	return r->fault == REACH_FAULT_FILTERED &&
	    !reach_any(r, REACH_PROHIBITED) && !reach_any(r, REACH_ANSWERED);
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
	if (!is_silent(&r))
		return VERDICT_CLEAR;
	reach_report(s, l, &r, f);
	if (r.same_host)
		finding_param(f, "also",
		    " It answers at another of its addresses: this one is a "
		    "stale record, or there is no way to it from the client.");
	else if (r.mute)
		finding_param(f, "also",
		    " It takes connections to TCP port 88 and says nothing on "
		    "them: the KDC hangs.");
	else if (r.lives.frame != 0)
		finding_paramf(f, "also",
		    " The machine itself lives, it answered meanwhile (%s): "
		    "the KDC hangs, or its port alone is blocked.",
		    r.lives_by);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "nltest /dsgetdc:{realm|DOMAIN} /force /kdc",
	    "then Test-NetConnection {dc|KDC} -Port 88; is it on, is its "
	    "subnet routed, does the service kdc run" },
	{ "samba", "nc -vz -w 3 {dc|KDC} 88",
	    "then samba-tool processes on the domain controller" },
	{ "unix", "KRB5_TRACE=/dev/stderr kinit {who|USER}",
	    "shows each KDC tried; is krb5kdc running there" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2",
	"Microsoft: Netlogon event 5719",
	NULL,
};

const struct rule rule_kdc_unreachable = {
	.id = "kdc-unreachable",
	.title = "The KDC {dc|of the realm} does not answer",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.mended = MENDED_WAY,
	.check = check,
	.explains = explains,
	.why = "{sent|Several} requests over {over|UDP and TCP} to "
	       "{kdc|the KDC} got no answer; {then|no other KDC took over}."
	       "{also| It is off, it cannot be reached from the client, or it "
	       "receives the requests and does not answer.}",
	.not_this = "A capture that sees one direction only, or ends right "
		    "after the request. A host that answers other ports. One "
		    "lost datagram.",
	.decide = "Test-NetConnection {kdc|KDC} -Port 88, or nc -vz "
		  "{kdc|KDC} 88, from the client; a capture beside the KDC",
	.verify = "A request to port 88 of {kdc|the KDC} is answered, or "
		  "clients are led to a KDC that answers at once.",
	.fix = fix,
	.see = see,
};
