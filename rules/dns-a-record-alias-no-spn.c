/*
 * dns-a-record-alias-no-spn - an alias was made as an address record, and no
 * account holds its SPN.  A CNAME would let most clients ask for the host's
 * real name; an A record leaves them nothing but the alias.
 *
 * The KDC says 7 for class/alias, DNS gave the alias one address without a
 * CNAME, and that address is known under another name that is the host's own:
 * from its NTLM challenge, a ticket taken there, its PTR record.  Another
 * address record alone does not tell which of the two is the alias, unless the
 * directory has a computer of the other name; that, and nobody who has the
 * alias, proves it.
 *
 * Not this: a CNAME (dns-cname-alias-client-uses-alias), short and full form
 * of one name, a NetBIOS name cut after 15 letters, the host's own name
 * without an SPN, the domain's own (spn-missing), several addresses (a farm).
 */
#include "refusal.h"
#include "rule.h"

static bool
is_alias(const struct refused_name *n)
{
	return !n->is_domain && n->dns.canonical == NULL &&
	    n->dns.naddrs == 1 && n->own != NULL && !text_is_ip(n->spn.host);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct dir_account *real;
	struct refused_name n;
	char at[ADDR_TEXT];

	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	if (n.dns.ref.frame == 0) {
		f->missing = EVIDENCE_DNS;
		return VERDICT_UNKNOWN;
	}
	if (!is_alias(&n) || n.known || n.held.n > 0)
		return VERDICT_CLEAR;
	real = refusal_machine(l, n.own->name, n.e->realm);
	f->certainty = n.owned &&
		(n.own->source > NAME_DNS ||
		    ledger_machine(l, n.own->name) != NULL) ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	if (n.held.what == HELD_BY_NONE &&
	    (real != NULL || n.own->source > NAME_PTR))
		f->certainty = CERTAINTY_PROVEN;
	refusal_name_subject(f, s, &n);
	f->rests_on |= EVIDENCE_DNS;
	if (n.own->source >= NAME_TICKET)
		f->rests_on |= EVIDENCE_COMPARE;
	finding_param(f, "own", n.own->name);
	finding_paramf(f, "addr", "%s", addr_text(n.addr, at));
	finding_evidence(f, &n.dns.ref, "DNS: %s has the address %s", n.host,
	    at);
	finding_evidence(f, &n.own->ref, "%s is %s", at, n.own->name);
	refusal_cite_none(f, l, &n.held);
	if (real != NULL)
		finding_account(f, real, "%s is the account of %s", real->name,
		    n.own->name);
	if (n.held.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -S {spn} {owner|ACCOUNT}",
	    "or make {host} a CNAME" },
	{ "samba", "samba-tool spn add {spn} {owner|ACCOUNT}", NULL },
	{ "unix", "adcli update --add-service-principal={spn}",
	    "on {own|the server}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (7)",
	"Microsoft: SMB file server over a DNS CNAME alias",
	"Azure NetApp Files: Understand Kerberos, SMB aliases",
	NULL,
};

const struct rule rule_dns_a_record_alias_no_spn = {
	.id = "dns-a-record-alias-no-spn",
	.title = "{host} is an alias without an SPN",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_KDC | EVIDENCE_DNS,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why =
	    "DNS gives {host} the address {addr|of the server} with an "
	    "address record, but that machine is {own|another name}. Clients "
	    "ask for {spn}, which no account holds.",
	.not_this = "An alias made as a CNAME. The host's own name without an "
		    "SPN (spn-missing). An alias that has its own SPN works.",
	.decide = "setspn -Q {spn}",
	.verify = "A TGS-REQ for {spn} is answered with a ticket, or the "
		  "client asks for {own|the real name}; no NTLM follows.",
	.fix = fix,
	.see = see,
};
