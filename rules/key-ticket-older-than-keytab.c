/*
 * key-ticket-older-than-keytab - a client shows a ticket made with the
 * service's former key, and the server has forgotten that one: its keytab was
 * overwritten, or the account made anew, while tickets were still about
 * (RFC 4120 5.2.9; tickets live for ten hours).  A new ticket cures it.
 *
 * What decides is the key version of what the same server took: a newer one.
 * A ticket from before the capture, refused with KRB_AP_ERR_BADKEYVER (44),
 * looks the same when nothing newer was shown, but may as well be a keytab
 * that is behind.
 *
 * Not this: a ticket issued before the change that is taken all the same
 * (Windows and Samba keep the machine's previous password), a server that
 * lacks the newest key (key-stale-service-keytab), a kvno of another RODC.
 */
#include "refusal.h"
#include "rule.h"

static void
describe(const struct refused_ticket *r, struct finding *f)
{
	if (r->old_ticket) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_paramf(f, "newer", "%lld",
		    (long long)r->here->taken.kvno_last);
		refusal_taken(f, r->here);
	}
	if (r->a->issued.frame == 0)
		finding_param(f, "age", ", from before the capture");
	else
		finding_evidence(f, &r->a->issued, "the ticket was issued");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;
	bool said;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_OLD_TICKET)) {
		if (r.key->newest != EV_ABSENT)
			finding_paramf(f, "newer", "%lld",
			    (long long)r.key->newest);
		describe(&r, f);
		return VERDICT_FIRED;
	}
	said = r.a->error == KRB_AP_ERR_BADKEYVER && r.a->issued.frame == 0 &&
	    !r.risen && !r.key_fine && !r.healed;
	if (r.proof != PROVEN_NOTHING || r.alternates ||
	    (!r.old_ticket && !said))
		return VERDICT_CLEAR;
	f->certainty = r.old_ticket ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	if (r.a->ticket.kvno != EV_ABSENT)
		finding_paramf(f, "kvno", "%lld", (long long)r.a->ticket.kvno);
	describe(&r, f);
	refusal_walk(f, l, &r, PROVEN_OLD_TICKET, PROVEN_NOTHING);
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
	{ "windows", "klist purge",
	    "on the client, as the user; for the machine itself: klist -li "
	    "0x3e7 purge" },
	{ "unix", "kdestroy && kinit",
	    "on the client; a program that runs on: restart it" },
	{ "unix", "klist -kte",
	    "on {server|the server}: keep the former key until its last ticket "
	    "has ended (ktutil, msktutil and kadmin ktadd add, they need not "
	    "replace)" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 5.2.9, 7.5.9",
	"MS-KILE 3.1.5.8",
	"MIT krb5: keytab definition",
	NULL,
};

const struct rule rule_key_ticket_older_than_keytab = {
	.id = "key-ticket-older-than-keytab",
	.title = "A ticket for {spn} is older than the key of {server}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The ticket has key version {kvno|N}{age|}; the server has "
	       "{newer|a newer one} and no longer the one before. A new ticket "
	       "works; the old ones fail until they end.",
	.not_this = "A server that keeps its previous key (Windows, Samba) "
		    "takes such a ticket. A server that lacks the newest key: "
		    "then new tickets fail, and old ones work.",
	.decide = "the versions in the server's keytab: klist -kte there; or "
		  "give that keytab (--keytab)",
	.verify = "A new ticket for {spn}, with key version {newer|of the "
		  "server's}, that {server} takes.",
	.fix = fix,
	.see = see,
};
