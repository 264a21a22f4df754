/*
 * spn-ip-literal - a ticket was asked for an address (cifs/10.1.2.3,
 * HTTP/[fd00::1]), and the KDC knows no such service: 7.
 *
 * Nobody registers addresses, so that the cause is not a missing SPN but the
 * target as the user or the application wrote it.  Windows asks only when it
 * is told to (TryIPSPN), other clients make the SPN of whatever they are given
 * (RFC 4120 6.2.1 wants a name).
 *
 * Not this: an address that was registered on purpose (a ticket is issued);
 * NTLM without any question to the KDC (nego-ntlm-by-ip); a name that works
 * in the same story.
 */
#include "refusal.h"
#include "rule.h"

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct host *at = NULL;
	struct refused_name n;
	struct str ip;
	struct addr addr;

	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	if (!refusal_ip_literal(n.e->sname, &ip))
		return VERDICT_CLEAR;
	f->certainty = n.known ? CERTAINTY_POSSIBLE : CERTAINTY_LIKELY;
	refusal_name_subject(f, s, &n);
	finding_param(f, "ip", finding_text(f, "%.*s", (int)ip.len, ip.p));
	if (addr_parse(ip.p, ip.len, &addr))
		at = ledger_host(l, &addr);
	if (at != NULL && host_own_name(at, NULL) != NULL) {
		finding_param(f, "own", host_own_name(at, NULL));
		finding_paramf(f, "good", "%.*s/%s", (int)n.spn.class.len,
		    n.spn.class.p, host_own_name(at, NULL));
	}
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"spn-duplicate",
	"ip-target-kerberos-impossible",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist get {good|CLASS/HOST.DOMAIN}",
	    "write the name into paths, links and connection strings" },
	{ "windows", "setspn -S {spn} ACCOUNT",
	    "only where no name can be used; see TryIPSPN" },
	{ "unix", "kvno {good|CLASS/HOST.DOMAIN}",
	    "and mount or connect by name" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 6.2.1, 7.5.9 (7)",
	"Microsoft: Configuring Kerberos for IP addresses",
	NULL,
};

const struct rule rule_spn_ip_literal = {
	.id = "spn-ip-literal",
	.title = "{spn} names an address, not a host",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The target was written as the address {ip|ADDRESS}, and the "
	       "client made its SPN of that. No account holds it: accounts "
	       "hold names. Use the host's name {own|(not seen)}.",
	.not_this = "An address that was registered on purpose: then a ticket "
		    "is issued. NTLM to an address without a question to the "
		    "KDC (nego-ntlm-by-ip).",
	.decide = "the target as the user or the application wrote it",
	.verify = "The client asks for {good|an SPN with the host's name} "
		  "instead of {spn}, gets a ticket, and the service takes "
		  "it.",
	.fix = fix,
	.see = see,
};
