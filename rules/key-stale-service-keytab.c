/*
 * key-stale-service-keytab - the service holds an older key than the one the
 * KDC makes tickets with: the account's password changed, its keytab or its
 * machine secret did not.
 *
 * The strong sign is that it took a lower kvno of this SPN before.  It saying
 * KRB_AP_ERR_BADKEYVER (44, MIT with a keytab) is a weaker one: MIT says so
 * too when the keytab holds the version, but in another enctype only.  Samba
 * and Windows try every key whatever its number and never say 44.
 *
 * Not this: a ticket older than the keytab (44 as well, and so only a ticket
 * that was issued in the capture counts), a node that lacks what another node
 * has, an SPN that moved to another account (the computer's own key is still
 * taken), a re-created account (kvno falls), a kvno of another RODC branch
 * (upper 16 bits, MS-KILE 3.1.5.8), a kvno that was taken here already (the
 * refusal is about the user).
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

/*
 * The computer's key is fine: it takes its other SPN.  After a rise that is
 * true only of one that was made with this version.  44 comes from a keytab
 * that has the name, beside those of other accounts as may be.
 */
static bool
machine_key_fine(const struct refused_ticket *r)
{
	if (r->own_spn == NULL || !refusal_machine_class(r->spn.class) ||
	    r->a->error == KRB_AP_ERR_BADKEYVER)
		return false;
	return refusal_own_is_fresh(r) ||
	    r->own_spn->taken.kvno_last == r->a->ticket.kvno;
}

/*
 * The ticket is right, since a key of the account opens it, or the directory
 * says that the account is: what is left is the key that the server uses.
 */
static bool
is_likely(const struct refused_ticket *r)
{
	if (r->elsewhere == NULL && !r->healed &&
	    (r->key_unused || (r->same_account && r->a->error >= 0)))
		return true;
	return r->risen && r->elsewhere == NULL;
}

/* The key is right, the number beside it in the keytab is not. */
static const struct fix fix_version[] = {
	{ "windows",
	    "ktpass /princ {spn}@{realm} /kvno {kvno|N} /pass * -setpass "
	    "/out FILE",
	    "with the present password" },
	{ "unix", "ktutil",
	    "addent -password -p {spn} -k {kvno|N} -e aes256-cts -f, wkt FILE; "
	    "with the present password" },
	{ NULL, NULL, NULL },
};

/* The name is a service account's: no computer's secret is to be mended. */
static const struct fix fix_service[] = {
	{ "windows", "Get-CimInstance Win32_Service -ComputerName {server}",
	    "give the service of {owner_account} its present password" },
	{ "samba",
	    "samba-tool domain exportkeytab NEW.keytab --principal={spn}",
	    "on a domain controller; then to {server}" },
	{ "unix", "ktutil",
	    "addent -password -p {spn} -k {kvno|N} -e aes256-cts -f, wkt FILE, "
	    "with the password of {owner_account}; MIT realm: kadmin ktadd "
	    "{spn}" },
	{ NULL, NULL, NULL },
};

static void
describe(const struct refused_ticket *r, struct finding *f)
{
	finding_subject(f, SUBJECT_SPN, r->name_of_key);
	if (r->owner != NULL && strchr(r->owner->name, '$') == NULL) {
		f->fix = fix_service;
		finding_paramf(f, "owner_account", "%.*s",
		    (int)strcspn(r->owner->name, "@"), r->owner->name);
	}
	if (r->proof == PROVEN_OTHER_KEY) {
		finding_param(f, "old", "another key than the KDC's");
		finding_param(f, "only",
		    r->key->result == KEY_OTHER ?
			"has a key of that version too, and it is another "
			"one: made from another password or with another "
			"salt, or the account was made anew." :
			"has newer ones only, though the KDC made this ticket "
			"just now: the account was made anew, or the name has "
			"moved to another.");
	} else if (r->proof == PROVEN_VERSION) {
		f->fix = fix_version;
		finding_param(f, "old", "the wrong version number");
		finding_paramf(f, "only",
		    "looks for that number, and has the key as version %lld.",
		    (long long)r->key->kvno);
	} else if (r->key_unused) {
		finding_paramf(f, "only",
		    "does not use it, though %s has it: it reads another "
		    "keytab or secret, or was not restarted.",
		    refusal_key_source(f, r->key));
		f->rests_on |= EVIDENCE_KEYTAB;
		finding_lookup(f, refusal_key_source(f, r->key),
		    "this key opens the ticket");
	}
	if (r->risen) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &r->here->taken.first,
		    "before, it took %s at kvno %lld", r->here->spn,
		    (long long)r->here->taken.kvno_first);
	}
	if (r->a->issued.frame != 0)
		finding_evidence(f, &r->a->issued,
		    "the KDC makes tickets with %s key",
		    r->proof == PROVEN_OTHER_KEY ? "this" : "the newer");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;
	bool said;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_STALE_KEY) ||
	    refusal_proves(f, l, &r, PROVEN_VERSION) ||
	    refusal_proves(f, l, &r, PROVEN_OTHER_KEY)) {
		describe(&r, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING || r.key_fine || r.alternates ||
	    machine_key_fine(&r))
		return VERDICT_CLEAR;
	said = r.a->error == KRB_AP_ERR_BADKEYVER && r.a->issued.frame != 0;
	if (!said && !r.risen &&
	    (r.place == REFUSAL_HOST || r.place == REFUSAL_ROTATION))
		return VERDICT_CLEAR;
	f->certainty = is_likely(&r) ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	if (r.a->ticket.kvno != EV_ABSENT)
		finding_paramf(f, "kvno", "%lld", (long long)r.a->ticket.kvno);
	describe(&r, f);
	refusal_walk(f, l, &r, PROVEN_STALE_KEY, PROVEN_OTHER_KEY);
	if (r.same_account)
		refusal_cite_directory(f, &r);
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
	{ "windows", "Test-ComputerSecureChannel -Repair",
	    "on {server}; a service account: its new password" },
	{ "samba", "net ads join -U administrator && net ads keytab create",
	    NULL },
	{ "unix", "msktutil --auto-update", "MIT realm: kadmin ktadd {spn}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 5.2.9, 7.5.9",
	"MS-KILE 3.1.5.8",
	"MIT krb5: troubleshooting, keytab definition",
	NULL,
};

const struct rule rule_key_stale_service_keytab = {
	.id = "key-stale-service-keytab",
	.title = "{server} has {old|an old key} for {spn}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The KDC makes tickets for {spn} with key version {kvno|N}, "
	       "the server {only|only has an earlier one: the password changed "
	       "in the directory, the server's keytab or secret did not.}",
	.not_this =
	    "A ticket older than the keytab: a new log-on cures it. A keytab "
	    "that has the version, but in another encryption type only. "
	    "An SPN that moved to another account. One node of a farm. A kvno "
	    "above 65535 is an RODC's and cannot be compared.",
	.decide = "the versions in the server's keytab: klist -kte there, and "
		  "kvno {spn} on the client; or give that keytab (--keytab)",
	.verify = "A ticket for {spn} with key version {kvno|N} or higher that "
		  "{server} takes.",
	.fix = fix,
	.see = see,
};
