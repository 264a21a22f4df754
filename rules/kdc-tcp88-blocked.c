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
 * UDP alone is it when the KDC answers none of anybody's datagrams, and the
 * same requests over TCP at once: that costs every client a second each time.
 *
 * Not this: a host that answers nothing (kdc-unreachable), an RST
 * (kdc-port-closed, kdc-too-big-no-tcp), silence over UDP where TCP did not
 * answer (a KDC that hangs leaves datagrams lying), a datagram that was lost,
 * a capture of one direction.
 */
#include <string.h>

#include "reach.h"
#include "rule.h"

#define GAVE_UP (SECOND / 10 * 9)
#define AT_ONCE (SECOND / 5)

static const char *
blocked_port(const struct reached *r)
{
	return reach_any(r, REACH_ANSWERED) ?
	    (r->tcp != NULL && r->tcp->reach != REACH_ANSWERED ?
		    "TCP port 88" :
		    "UDP port 88") :
	    "port 88";
}

/*
 * X went out over UDP, stayed without an answer until its client gave up, and
 * got one over TCP at once.  MIT waits a second, Heimdal and Samba longer.
 */
static bool
took_tcp(const struct exchange *x)
{
	return x->transport == TRANSPORT_TCP && x->retransmits > 0 &&
	    x->again.frame != 0 && x->rep.frame != 0 &&
	    x->req.capture == x->rep.capture &&
	    x->again.time - x->req.time >= GAVE_UP &&
	    x->rep.time - x->again.time < AT_ONCE;
}

/* Whether a datagram with X was sent to its KDC and not answered. */
static bool
was_udp(const struct story *s, const struct exchange *x)
{
	const struct contact *c;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (c->transport == TRANSPORT_UDP &&
		    strcmp(c->carrier, "kdc") == 0 &&
		    addr_equal(&c->addr, &x->kdc) && c->answer.frame == 0 &&
		    c->cut == 0 && c->first.frame == x->req.frame)
			return true;
	return false;
}

/* UDP alone: the first such exchange of S, and what all of them waited. */
static const struct exchange *
without_udp(const struct story *s, const struct ledger *l, int64_t *lost)
{
	const struct exchange *x, *first = NULL;
	const struct host *h;

	*lost = 0;
	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++) {
		if (!took_tcp(x) || !was_udp(s, x))
			continue;
		h = ledger_host(l, &x->kdc);
		if (h == NULL || h->udp_answered > 0 ||
		    h->udp_asked < STORY_SILENT_SENT)
			continue;
		if (first == NULL)
			first = x;
		if (addr_equal(&x->kdc, &first->kdc))
			*lost += x->again.time - x->req.time;
	}
	return first;
}

static enum verdict
check_udp(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *x;
	char text[ADDR_TEXT];
	int64_t lost;

	x = without_udp(s, l, &lost);
	if (x == NULL || !ledger_sees_answers(l, &s->client))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_REACH;
	f->certainty = CERTAINTY_LIKELY;
	addr_text(&x->kdc, text);
	finding_step(f, &x->req);
	finding_subject_addr(f, SUBJECT_KDC, &x->kdc);
	finding_param(f, "dc", text);
	finding_param(f, "port", "UDP port 88");
	finding_paramf(f, "sent", "%llu",
	    (unsigned long long)ledger_host(l, &x->kdc)->udp_asked);
	finding_param(f, "how", "nothing comes back to anybody");
	finding_paramf(f, "then",
	    "the same over TCP is answered at once, %s of this log-on later",
	    reach_seconds(f, lost));
	finding_evidence(f, &x->rep, "the answer over TCP");
	finding_evidence(f, &x->again, "the request again, over TCP");
	finding_evidence(f, &x->req, "the request over UDP: no answer");
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct reached r;

	if (!reach_kdc(s, l, &r))
		return VERDICT_NOT_APPLICABLE;
	if (r.fault == REACH_FAULT_UNKNOWN && s->nexchanges > 0 &&
	    check_udp(s, l, f) == VERDICT_FIRED)
		return VERDICT_FIRED;
	if (r.fault == REACH_FAULT_UNKNOWN) {
		f->missing = EVIDENCE_REACH;
		return VERDICT_UNKNOWN;
	}
	if (r.fault != REACH_FAULT_FILTERED)
		return check_udp(s, l, f);
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
	.mended = MENDED_WAY,
	.check = check,
	.explains = explains,
	.why = "{sent|Several} requests to {port|port 88} of {kdc|the KDC}: "
	       "{how|nothing comes back, although the same machine answers "
	       "other questions}; {then|no other KDC took over}.",
	.not_this = "A machine that is off: then no port answers. A capture "
		    "that sees one direction only. An RST, which is an answer.",
	.decide = "Test-NetConnection {kdc|KDC} -Port 88 or nc -vz "
		  "{kdc|KDC} 88 (nc -vzu for UDP), from the client and "
		  "beside the KDC",
	.verify = "A request to {port|port 88} of {kdc|the KDC} from the "
		  "same client is answered.",
	.fix = fix,
	.see = see,
};
