/*
 * key-salt-mismatch - the right password, made into a key with the wrong salt.
 * An AES key is made of both (RFC 3962 4): a keytab that ktutil or ktpass made
 * of a principal as it was typed has another key than the KDC when the account
 * was renamed since its last password, when the case of realm or name differs,
 * or when the salt is that of the UPN.
 *
 * A password at hand proves it: with the KDC's salt, in clear in ETYPE-INFO2,
 * it makes the KDC's key, with another one the client's or the keytab's.  A
 * keytab alone does when its RC4 key, which has no salt, opens a ticket of the
 * same version: then the password is right.
 *
 * Not this: a wrong password (acct-bad-password: RC4 fails as well), a keytab
 * that is behind (key-stale-service-keytab), a client that guesses a salt
 * first and asks the KDC then (Windows, a user name typed in other case).
 */
#include <string.h>

#include "account.h"
#include "refusal.h"
#include "rule.h"

static void
name_salts(const char *salt, const char *kdc, struct finding *f)
{
	finding_param(f, "salt", salt);
	finding_param(f, "kdc_salt", kdc);
}

/* --- a ticket ------------------------------------------------------------- */

static enum verdict
check_ticket(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct key_trial *k;
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(
		    story_tried(s, MECH_KRB5) != NULL || s->nexchanges > 0);
	if (!refusal_proves(f, l, &r, PROVEN_SALT))
		return VERDICT_CLEAR;
	k = r.key;
	if (k->salt != NULL)
		name_salts(k->salt, k->kdc_salt, f);
	finding_param(f, "of", r.name_of_key);
	finding_paramf(f, "whose", "The key of %s in the keytab",
	    finding_text(f, "%.*s", (int)strcspn(k->principal, "@"),
		k->principal));
	finding_param(f, "how",
	    k->salt != NULL ? "" :
			      " Its RC4 key, which has no salt, opens a ticket "
			      "of the same version.");
	return VERDICT_FIRED;
}

/* --- a log-on ------------------------------------------------------------- */

static const struct exchange *
rejected(const struct story *s)
{
	const struct exchange *e = story_kdc_error(s, KDC_ERR_PREAUTH_FAILED);

	if (e == NULL)
		e = story_kdc_error(s, KRB_AP_ERR_BAD_INTEGRITY);
	return e != NULL && e->kind == EXCHANGE_AS ? e : NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = rejected(s);
	const struct preauth_trial *p;

	if (e == NULL || e->cname == NULL)
		return check_ticket(s, l, f);
	p = ledger_preauth(l, &e->req);
	if (p == NULL || p->result != PREAUTH_OTHER_SALT)
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_PROVEN;
	f->rests_on = EVIDENCE_KDC | EVIDENCE_KEYTAB;
	finding_param(f, "of", account_subject(f, e, e->cname));
	account_refusal(f, e);
	finding_evidence(f, &e->req,
	    "the password opens this proof, with the salt \"%s\"", p->salt);
	if (p->source != NULL)
		finding_lookup(f, p->source, "the key that the client used");
	name_salts(p->salt, p->kdc_salt, f);
	finding_paramf(f, "whose", "The key with which %s logs on", e->cname);
	finding_param(f, "how", "");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-bad-password",
	"key-machine-password-out-of-sync",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "ktpass /princ {of|PRINCIPAL} /mapuser "
	    "{owner_account|ACCOUNT} /crypto All /pass * /out "
	    "new.keytab",
	    "after renaming an account: a new password first" },
	{ "samba", "net ads keytab create",
	    "on the member; a user: samba-tool domain exportkeytab "
	    "--principal={account|ACCOUNT}" },
	{ "unix",
	    "ktutil: addent -password -p {of|PRINCIPAL} -k {kvno|N} "
	    "-e aes256-cts-hmac-sha1-96 -f",
	    "-f asks the KDC for the salt, -s SALT sets it" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 3961 5.3",
	"RFC 3962 4",
	"RFC 4120 5.2.7.5",
	"MS-KILE 3.1.1.2",
	NULL,
};

const struct rule rule_key_salt_mismatch = {
	.id = "key-salt-mismatch",
	.title = "Right password, wrong salt: a key of {of|a service}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_KEYTAB,
	.check = check,
	.explains = explains,
	.why = "{whose|The key in the keytab} is made of the right password "
	       "with the salt {salt|of another name}; the KDC's salt is "
	       "{kdc_salt|another}.{how|}",
	.not_this = "A wrong password: then the RC4 key fits no better. A "
		    "keytab that is behind. A client that tries another salt "
		    "first and the KDC's then.",
	.decide = "kerbscope --password-for {account|PRINCIPAL} CAPTURE, with "
		  "the keytab (--keytab)",
	.verify = "A log-on or a ticket with the new key that is taken.",
	.fix = fix,
	.see = see,
};
