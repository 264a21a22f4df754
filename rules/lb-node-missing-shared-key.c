/*
 * lb-node-missing-shared-key - one node of a farm lacks the key of the shared
 * account: the same key is taken by another node, or, behind one virtual
 * address, the same ticket is taken, refused and taken again.
 *
 * A session that sticks to its node hides the same ticket from the others, so
 * a ticket of the same SPN and kvno counts as well when the node says why it
 * refused (41, 44, 45).
 *
 * Not this: every node refuses (the SPN's account, or its password), distinct
 * computers under a round-robin name (dns-round-robin-distinct-identities), a
 * name that was led away from its computer (dns-stale-record-wrong-host), one
 * machine with two addresses (same SMB ServerGuid), a refusal that is about
 * the user (bare, and of another user's ticket).
 */
#include "refusal.h"
#include "rule.h"

static void
cite(const struct refused_ticket *r, struct finding *f)
{
	f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, r->alternates ? r->here : r->elsewhere);
	if ((r->same_ticket || r->alternates) && r->a->issued.frame != 0)
		finding_evidence(f, &r->a->issued,
		    "the same ticket both times");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_NODE)) {
		cite(&r, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING ||
	    (r.place != REFUSAL_NODE && (r.elsewhere == NULL || r.key_fine)))
		return VERDICT_CLEAR;
	f->certainty = r.place == REFUSAL_NODE ? CERTAINTY_LIKELY :
						 CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	cite(&r, f);
	refusal_walk(f, l, &r, PROVEN_NODE, PROVEN_ACCOUNT);
	f->missing = refusal_missing(&r, EVIDENCE_KEYTAB);
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
	    "every node's service runs as that account" },
	{ "windows", ".\\RollAlternateServiceAccountPassword.ps1",
	    "Exchange: -ToSpecificServer, -CopyFrom" },
	{ "unix", "scp GOODNODE:SHARED.keytab {server}:SHARED.keytab",
	    "the shared account's file, not the node's own krb5.keytab" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9 (41)",
	"Microsoft: KRB_AP_ERR_MODIFIED with NLB",
	"Microsoft: Exchange, alternate service account",
	NULL,
};

const struct rule rule_lb_node_missing_shared_key = {
	.id = "lb-node-missing-shared-key",
	.title = "Node {server} lacks the key of {spn}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "cluster",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "Another machine takes tickets of this very key, {server} "
	       "refuses them: it does not run as the account that owns {spn}, "
	       "or lacks that account's present password.",
	.not_this = "All nodes refuse: then the account or its password. "
		    "Machines of their own under one name "
		    "(dns-round-robin-distinct-identities).",
	.decide = "the keytab of each node: klist -kte there, or give "
		  "{server}'s (--keytab); and setspn -Q {spn}",
	.verify = "The same ticket for {spn} taken by {server} as by the other "
		  "nodes.",
	.fix = fix,
	.see = see,
};
