/*
 * acct-bad-password - pre-authentication failed: the proof that the client
 * sent was not made with the key that the KDC holds.
 *
 * 24 (KDC_ERR_PREAUTH_FAILED) after PA-ENC-TIMESTAMP, an encrypted challenge
 * or SPAKE; older MIT KDCs say 31 with the text PREAUTH_FAILED (RFC 4120
 * 3.1.3, RFC 6113).  The e-data of that error is METHOD-DATA with
 * ETYPE-INFO2: normal, not a reason.
 *
 * Not this: 25, which only asks for the proof; a computer's own account
 * (name ending in $: key-machine-password-out-of-sync); 37, a clock; 24
 * under S4U, where no password is involved.  A 24 without a proof that can
 * be seen, and one after a certificate (PKINIT), may have another reason.
 *
 * A keytab or a password at hand that opens the timestamp is what the client
 * used: the KDC has another key.  That proves another password where no salt
 * can be at fault: RC4 has none, a password was tried with the KDC's own, or
 * the directory's key version is past the keytab's.  The same password with
 * another salt is another fault (key-salt-mismatch).
 */
#include <string.h>

#include "account.h"
#include "rule.h"

static const struct exchange *
rejected(const struct story *s)
{
	const struct exchange *e = story_kdc_error(s, KDC_ERR_PREAUTH_FAILED);

	if (e == NULL || e->kind != EXCHANGE_AS)
		e = story_kdc_error(s, KRB_AP_ERR_BAD_INTEGRITY);
	return e != NULL && e->kind == EXCHANGE_AS ? e : NULL;
}

/* Every rejection of the account: an old password sent by clockwork shows. */
static void
cite(const struct story *s, const struct exchange *e, struct finding *f)
{
	const struct exchange *x;

	account_refusal(f, e);
	finding_evidence(f, &e->req, "the AS-REQ with the proof it rejects");
	account_refused_before(f, s, e);
	x = story_issued(s, EXCHANGE_AS);
	if (x != NULL && x > e && x->cname != NULL &&
	    strcmp(x->cname, e->cname) == 0)
		finding_evidence(f, &x->rep, "the next password was right");
}

/* Whether T, which opens, leaves no doubt that it is not the salt. */
static bool
salt_is_right(const struct ledger *l, const struct exchange *e,
    const struct preauth_trial *t)
{
	const struct dir_account *a;

	if (t->etype == ETYPE_RC4)
		return true;
	if (t->salt != NULL && t->kdc_salt != NULL)
		return strcmp(t->salt, t->kdc_salt) == 0;
	a = e->realm == NULL ? NULL :
			       ledger_directory_account(l, e->cname, e->realm);
	return a != NULL && a->kvno != EV_ABSENT && t->kvno != EV_ABSENT &&
	    t->kvno > 0 && a->kvno > t->kvno;
}

/* What keys at hand say of the proof; false when it is the salt. */
static bool
try_keys(const struct ledger *l, const struct exchange *e, struct finding *f)
{
	const struct preauth_trial *t = ledger_preauth(l, &e->req);

	if (t == NULL) {
		f->missing |= EVIDENCE_KEYTAB;
		return true;
	}
	if (t->result == PREAUTH_OTHER_SALT)
		return false;
	f->rests_on |= EVIDENCE_KEYTAB;
	if (t->result == PREAUTH_OPENS) {
		if (salt_is_right(l, e, t))
			f->certainty = CERTAINTY_PROVEN;
		finding_lookup(f, t->source,
		    "this %s opens the rejected timestamp: the KDC has another "
		    "key now",
		    t->by_password ? "password" : "key");
		finding_paramf(f, "which",
		    " The client used the %s at hand, and the KDC has another "
		    "key: %s.",
		    t->by_password ? "password" : "keytab",
		    f->certainty == CERTAINTY_PROVEN ?
			"the password is another one" :
			"of another password, or with another salt");
	} else if (t->result == PREAUTH_OTHER_KEY)
		finding_lookup(f, t->source,
		    "this %s is not what the client used",
		    t->by_password ? "password" : "keytab");
	return true;
}

/* How old the account's password is. */
static void
cite_account(const struct ledger *l, const struct exchange *e,
    struct finding *f)
{
	const struct dir_account *a;
	const char *kvno = "";

	a = e->realm == NULL ? NULL :
			       ledger_directory_account(l, e->cname, e->realm);
	if (a == NULL || a->pwd_last_set == 0)
		return;
	if (a->kvno != EV_ABSENT)
		kvno = finding_text(f, " (kvno %lld)", (long long)a->kvno);
	finding_account(f, a, "%s: the password was set %s this%s", a->name,
	    a->pwd_last_set > e->rep.time ? "after" : "before", kvno);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = rejected(s);
	const struct account_fact *a;
	const char *who;

	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	if (e->cname == NULL || account_is_machine(e->cname))
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = e->preauth && !e->pkinit ? CERTAINTY_LIKELY :
						  CERTAINTY_POSSIBLE;
	who = account_subject(f, e, e->cname);
	cite(s, e, f);
	if (!try_keys(l, e, f))
		return VERDICT_CLEAR;
	cite_account(l, e, f);
	a = ledger_account(l, who);
	if (a != NULL && a->bad_key.count > 1)
		finding_paramf(f, "again", " It happened %llu times.",
		    (unsigned long long)a->bad_key.count);
	else
		finding_param(f, "again", "");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "cmdkey /list", "stored passwords; services, tasks too" },
	{ "samba", "samba-tool user setpassword {name|USER}",
	    "only when the password is lost" },
	{ "unix", "kinit -V {account|USER}", "with a keytab: kinit -kt FILE" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 7.5.9",
	"RFC 6113 5.4.6",
	"Windows events 4768, 4771",
	NULL,
};

const struct rule rule_acct_bad_password = {
	.id = "acct-bad-password",
	.title = "Wrong password for {account|a user}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_CLIENT,
	.check = check,
	.explains = explains,
	.why =
	    "The KDC knows {account|a user} but not the key that the client "
	    "used: the password is wrong, or an old one is still stored in a "
	    "service, a task, a phone or a keytab.{which|}{again|}",
	.not_this =
	    "A computer account (name ending in $): its secret is out "
	    "of step. A wrong salt in a keytab looks the same. After a "
	    "certificate (PKINIT) 24 may mean the certificate. One mistyped "
	    "password, then the right one, is only a remark.",
	.decide = "net user {sam|ACCOUNT} /domain (password last set); "
		  "kerbscope --password-for {account|PRINCIPAL} CAPTURE "
		  "tells a wrong password from a wrong salt",
	.verify = "The AS-REQ of {account|the user} with "
		  "pre-authentication is answered with a TGT, and no error "
		  "24 follows from {client|the same client}.",
	.fix = fix,
	.see = see,
};
