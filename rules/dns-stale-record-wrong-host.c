/*
 * dns-stale-record-wrong-host - the name leads to a machine that is not the
 * owner of the SPN: an old DNS record, a hosts file, an address that DHCP
 * gave to another computer.
 *
 * The server's key is fine and it is another computer than the one asked:
 * the name has its ticket taken elsewhere, DNS moved it, another address
 * calls itself so, or the computer of that name is seen to live.
 *
 * Not this: an alias on the right host whose SPN is on the wrong account (no
 * other computer has that name), a farm whose name comes back to the node
 * that takes its tickets (lb-node-missing-shared-key).
 */
#include "refusal.h"
#include "rule.h"

static bool
may_be(const struct refused_ticket *r)
{
	if (r->key_fine || r->healed || r->is_host)
		return false;
	if (r->elsewhere != NULL)
		return r->is_other || (r->name != NULL && r->name->changed);
	return r->is_other;
}

static void
cite(const struct refused_ticket *r, struct finding *f)
{
	finding_subject(f, SUBJECT_HOST, r->host);
	if (r->own_spn != NULL || r->elsewhere != NULL)
		f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, r->own_spn);
	refusal_taken(f, r->elsewhere);
	if (r->name != NULL && r->name->naddrs > 0) {
		f->rests_on |= EVIDENCE_DNS;
		finding_evidence(f, &r->name->ref, "DNS: %s%s", r->name->name,
		    r->name->changed ? " has changed its address" : "");
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_HOST)) {
		cite(&r, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING || r.same_account ||
	    (r.place != REFUSAL_HOST && !may_be(&r)))
		return VERDICT_CLEAR;
	f->certainty = r.place == REFUSAL_HOST ? CERTAINTY_LIKELY :
						 CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	cite(&r, f);
	refusal_walk(f, l, &r, PROVEN_HOST, PROVEN_ACCOUNT);
	f->missing = refusal_missing(&r, EVIDENCE_DNS | EVIDENCE_DIRECTORY);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "any", "nslookup {host}",
	    "is {server} its address? see hosts files too" },
	{ "windows", "ipconfig /registerdns",
	    "on {host}; delete the stale record" },
	{ "samba", "net ads dns register -P {host}", "on {host}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9 (41)",
	"Microsoft: Kerberos event ID 4",
	NULL,
};

const struct rule rule_dns_stale_record_wrong_host = {
	.id = "dns-stale-record-wrong-host",
	.title = "{host} leads to {server}, another machine",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_AWAY,
	.check = check,
	.explains = explains,
	.why =
	    "The ticket is for {host}, but the address {server} belongs "
	    "to {own|another machine}, which cannot open it. The DNS record, "
	    "a hosts file or a cached answer is out of date.",
	.not_this =
	    "An alias of that machine whose SPN is on the wrong "
	    "account (spn-wrong-account). A farm whose name moves between "
	    "its nodes (lb-node-missing-shared-key).",
	.decide = "which machine it is: nslookup {host}; whose name it is: "
		  "setspn -Q {spn}, or the directory (--ldif)",
	.verify = "A look-up of {host} that gives another address than "
		  "{server}, and there a ticket for {spn} that is taken.",
	.fix = fix,
	.see = see,
};
