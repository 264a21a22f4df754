/*
 * spn-wrong-account - the SPN is registered on another account than the one
 * the service runs as, so that the server cannot open tickets for it.
 *
 * The code (41, or Samba's bare STATUS_LOGON_FAILURE) is that of a stale key
 * as well.  What tells them apart: the same host takes another SPN with a key
 * of the same kind, so its own key is fine; or it names itself in KRB-ERROR
 * as a computer that the name asked is not (Windows, Samba; MIT acceptors
 * only echo the SPN).
 *
 * Not this: a name that is another computer (dns-stale-record-wrong-host), a
 * key that was taken by another node (lb-*, dns-round-robin-*), or here.
 */
#include "refusal.h"
#include "rule.h"

/* What the server does with tickets that are its own. */
static void
describe(const struct refused_ticket *r, struct finding *f)
{
	if (r->own_key) {
		f->rests_on |= EVIDENCE_COMPARE;
		refusal_taken(f, r->own_spn);
		finding_paramf(f, "how", "takes %s but cannot open them",
		    r->own_spn->spn);
	} else if (r->account[0] != '\0')
		finding_paramf(f, "how", "runs as %s and cannot open them",
		    r->account);
	if (r->is_other &&
	    (r->owners == NULL || !r->owners->covered ||
		r->owners->ncomputers > 0))
		finding_paramf(f, "unless",
		    " Unless %s is a machine of its own: then the SPN is "
		    "right and the name leads to the wrong one.",
		    r->host);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_ACCOUNT)) {
		describe(&r, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING || r.same_account || r.key_fine ||
	    r.healed || r.elsewhere != NULL || r.alternates)
		return VERDICT_CLEAR;
	f->certainty = r.place == REFUSAL_ACCOUNT ? CERTAINTY_LIKELY :
						    CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	describe(&r, f);
	refusal_walk(f, l, &r, PROVEN_ACCOUNT, PROVEN_HOST);
	f->missing = EVIDENCE_DIRECTORY | EVIDENCE_KEYTAB;
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
	{ "windows", "setspn -Q {spn}", "shows the account that has it" },
	{ "windows", "setspn -D {spn} {owner_account|WRONGACCOUNT}",
	    "then setspn -S {spn} {owner|ACCOUNT}" },
	{ "samba", "samba-tool spn delete {spn} {owner_account|WRONGACCOUNT}",
	    "then samba-tool spn add {spn} {owner|ACCOUNT}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9 (41)",
	"MS-KILE 3.4.5",
	"Microsoft: Kerberos event ID 4",
	NULL,
};

const struct rule rule_spn_wrong_account = {
	.id = "spn-wrong-account",
	.title = "{spn} is registered on the wrong account",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The KDC makes tickets for {spn} with the key of "
	       "{owner_account|the account that holds this SPN}. {server} "
	       "{how|cannot open them}: the service runs as "
	       "another account.{unless|}",
	.not_this =
	    "The right account with an old key "
	    "(key-stale-service-keytab): then the server takes no other SPN "
	    "of its own. A name that leads to the wrong machine.",
	.decide = "who has it: setspn -Q {spn}; or the directory (--ldif), "
		  "or that account's keytab beside the server's (--keytab)",
	.verify = "A new ticket for {spn}, with the key version of "
		  "{owner|its account}, that {server} takes.",
	.fix = fix,
	.see = see,
};
