/*
 * dns-srv-points-dead-kdc - DNS leads clients to a KDC that is not there,
 * while another one of the realm works.
 *
 * The SRV record lists the host (RFC 4120 7.2.3.2, MS-ADTS 6.3.2.3); it is
 * silent or nobody listens, and every client that draws it waits until it
 * tries the next.  Usually a domain controller that was removed without its
 * records.
 *
 * Not this: the only KDC of the realm, down (kdc-unreachable): its record is
 * right.  A KDC that answered others in this capture, and so is one.  One of
 * several addresses of a host that answers at another.  A filter before a
 * living one (kdc-tcp88-blocked).  One lost packet.
 */
#include "reach.h"
#include "rule.h"

/* The realm has a KDC elsewhere, which answers. */
static bool
another_works(const struct ledger *l, const struct reached *r)
{
	const struct realm_fact *realm;

	if (r->instead != NULL)
		return !r->same_host;
	if (r->realm == NULL || (realm = ledger_realm(l, r->realm)) == NULL)
		return false;
	return realm->kdc.family != 0 && !addr_equal(&realm->kdc, &r->c->addr);
}

static bool
is_dead(const struct ledger *l, const struct reached *r)
{
	const struct host *h;

	if (r->fault == REACH_FAULT_CLOSED) {
		if (reach_any(r, REACH_ANSWERED))
			return false;
	} else if (r->fault != REACH_FAULT_DOWN || r->lives.frame != 0)
		return false;
	h = ledger_host(l, &r->c->addr);
	return h == NULL || h->answered == 0;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct reached r;

	if (!reach_kdc(s, l, &r))
		return VERDICT_NOT_APPLICABLE;
	if (!is_dead(l, &r) || r.srv == NULL || !another_works(l, &r))
		return VERDICT_CLEAR;
	reach_report(s, l, &r, f);
	f->rests_on |= EVIDENCE_DNS;
	finding_subject(f, SUBJECT_HOST, r.srv->target);
	finding_param(f, "record", r.srv->name);
	finding_param(f, "what",
	    r.fault == REACH_FAULT_CLOSED ? "nobody listens" :
					    "nobody answers");
	finding_evidence(f, &r.srv->ref, "DNS: SRV %s is %s", r.srv->name,
	    r.srv->target);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"kdc-unreachable",
	"kdc-port-closed",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "nslookup -type=SRV {record|_kerberos._tcp.DOMAIN}",
	    "is {host|it} still a domain controller? If not: ntdsutil metadata "
	    "cleanup and delete its SRV records; if so: start it, or give "
	    "the client's subnet its own site" },
	{ "samba", "samba-tool domain demote --remove-other-dead-server={host}",
	    "removes a lost domain controller with its records" },
	{ "unix", "dig +short SRV {record|_kerberos._tcp.DOMAIN}",
	    "and the kdc = lines of krb5.conf" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2.3.2",
	"RFC 2782",
	"Microsoft: Clean up domain controller server metadata",
	NULL,
};

const struct rule rule_dns_srv_points_dead_kdc = {
	.id = "dns-srv-points-dead-kdc",
	.title = "DNS leads clients to the KDC {host|HOST}, where {what|nobody "
		 "answers}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_SRV,
	.check = check,
	.explains = explains,
	.why = "The SRV record {record|of the realm} lists {host|a host} "
	       "({kdc|ADDRESS}), where {what|nobody answers}; {then|another "
	       "KDC of the realm works}. The domain controller was removed "
	       "without its records, or it is off, or clients of this subnet "
	       "have no way to it and should be led to another one. Every "
	       "client that draws this one waits.",
	.not_this = "The only KDC, switched off: its record is right. A "
		    "filter before a living KDC. One lost packet.",
	.decide = "nslookup -type=SRV {record|_kerberos._tcp.REALM}; "
		  "nltest /dclist:{realm|DOMAIN} (which of them still are)",
	.verify = "The answer for {record|the SRV records} no longer lists "
		  "{host|that host}, or the host answers on port 88.",
	.fix = fix,
	.see = see,
};
