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
#include <string.h>

#include "refusal.h"
#include "rule.h"

static const struct fix fix_implied[] = {
	{ "windows", "setspn -S {spn} {owner|ACCOUNT}",
	    "{owner_account} has it by its HOST/ name alone: this goes before "
	    "it" },
	{ "samba", "samba-tool spn add {spn} {owner|ACCOUNT}", NULL },
	{ NULL, NULL, NULL },
};

/* The name may be that of a computer, which the client did not reach. */
static const struct fix fix_unless[] = {
	{ "windows", "setspn -Q {spn}",
	    "shows the account that has it; if that is {host} itself, DNS is "
	    "wrong and not the SPN" },
	{ "windows", "setspn -D {spn} {owner_account|WRONGACCOUNT}",
	    "if not; then setspn -S {spn} {owner|ACCOUNT}" },
	{ "samba", "samba-tool spn delete {spn} {owner_account|WRONGACCOUNT}",
	    "if not; then samba-tool spn add {spn} {owner|ACCOUNT}" },
	{ NULL, NULL, NULL },
};

static bool
is_implied(const struct refused_ticket *r)
{
	return r->proof == PROVEN_ACCOUNT && r->owner != NULL &&
	    r->owners->nowners == 0;
}

/* Whether the name asked may be that of a computer elsewhere. */
static bool
may_be_machine(const struct refused_ticket *r)
{
	char name[REFUSAL_HOST_TEXT];

	if (r->owners != NULL && r->owners->covered &&
	    r->owners->ncomputers == 0)
		return false;
	/* Its key is that of a computer with another name. */
	return r->key == NULL || r->key->result != KEY_OPENS ||
	    !refusal_computer(r->key->principal, sizeof(name), name) ||
	    refusal_same_computer(name, r->host);
}

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
	if (is_implied(r))
		f->fix = fix_implied;
	if (!r->is_other || !may_be_machine(r))
		return;
	if (!is_implied(r))
		f->fix = fix_unless;
	finding_paramf(f, "unless",
	    " Unless %s is a machine of its own: then the SPN is "
	    "right and the name leads to the wrong one.",
	    r->host);
}

/*
 * A computer's own service, and the ticket opens with a user's key.  What has
 * a keytab of its own (MIT, which gives an error) may run as that user.
 */
static bool
is_a_users(const struct refused_ticket *r)
{
	return refusal_machine_class(r->spn.class) && !r->says_other &&
	    r->a->error < 0 && r->key != NULL && r->key->result == KEY_OPENS &&
	    !r->key->by_password && strpbrk(r->key->principal, "/$") == NULL;
}

/*
 * The acceptor does not find the name in its keytab: most probably it lacks
 * there.  In an MIT realm every name has a key of its own.
 */
static bool
lacks_entry(const struct attempt *a)
{
	return a->error == KRB_AP_ERR_NOT_US || a->error == KRB_AP_ERR_NOKEY;
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
	f->certainty = (r.place == REFUSAL_ACCOUNT && !lacks_entry(r.a)) ||
		is_a_users(&r) ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	describe(&r, f);
	refusal_walk(f, l, &r, PROVEN_ACCOUNT, PROVEN_HOST);
	if (is_a_users(&r))
		refusal_cite_keys(f, &r);
	f->missing = refusal_missing(&r, EVIDENCE_DIRECTORY | EVIDENCE_KEYTAB);
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
	.title = "{spn} is registered on another account than its server's",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_MOVED,
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
