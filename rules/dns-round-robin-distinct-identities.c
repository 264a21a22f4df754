/*
 * dns-round-robin-distinct-identities - a name that DNS spreads over several
 * addresses leads to machines that run as different accounts: the one that
 * owns the SPN takes the ticket, the others refuse it.
 *
 * Needs all three: several addresses in one answer, one taker, and that the
 * machines are distinct (SMB ServerGuid, or the names they give themselves).
 *
 * Not this: a farm that shares one account, of which one node fails
 * (lb-node-missing-shared-key: more than one address takes the key), a second
 * record for a computer's own name (dns-stale-record-wrong-host).
 */
#include "refusal.h"
#include "rule.h"

static bool
is_spread(const struct refused_ticket *r)
{
	return r->name != NULL && r->name->most_at_once > 1;
}

static void
cite(const struct refused_ticket *r, struct finding *f)
{
	finding_subject(f, SUBJECT_HOST, r->host);
	f->rests_on |= EVIDENCE_COMPARE | EVIDENCE_DNS;
	refusal_taken(f, r->elsewhere);
	finding_evidence(f, &r->name->ref, "DNS: %zu addresses at once for %s",
	    r->name->most_at_once, r->name->name);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (r.elsewhere == NULL || !is_spread(&r) || r.key_fine)
		return VERDICT_CLEAR;
	if (refusal_proves(f, l, &r, PROVEN_ROTATION)) {
		cite(&r, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING || r.same_account)
		return VERDICT_CLEAR;
	f->certainty = r.place == REFUSAL_ROTATION ? CERTAINTY_LIKELY :
						     CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	cite(&r, f);
	refusal_walk(f, l, &r, PROVEN_ROTATION, PROVEN_NODE);
	f->missing = refusal_missing(&r, EVIDENCE_DIRECTORY);
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
	{ "windows", "setspn -Q {spn}",
	    "move it to one account that runs the service on every node" },
	{ "unix", "kadmin.local ktadd -norandkey -k SHARED.keytab {spn}",
	    "MIT realm; then this file on every node" },
	{ "any", "nslookup {host}",
	    "or leave one address, a CNAME or DFS link to one node" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9 (41)",
	"Microsoft: KRB_AP_ERR_MODIFIED with NLB",
	NULL,
};

const struct rule rule_dns_round_robin_distinct_identities = {
	.id = "dns-round-robin-distinct-identities",
	.title = "{host} leads to machines with different keys",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "DNS",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_MOVED,
	.check = check,
	.explains = explains,
	.why = "DNS gives {host} several addresses. One machine's account "
	       "owns {spn} and takes the ticket, {server} runs as another "
	       "account and refuses it.",
	.not_this = "A farm with one shared account, of which one node lacks "
		    "the key (lb-node-missing-shared-key).",
	.decide = "who has it: setspn -Q {spn}, or the directory (--ldif)",
	.verify = "Tickets for {spn} taken at every address of {host}.",
	.fix = fix,
	.see = see,
};
