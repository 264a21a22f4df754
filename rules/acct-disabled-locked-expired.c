/*
 * acct-disabled-locked-expired - the KDC will not serve this client's
 * account: 18 (KDC_ERR_CLIENT_REVOKED), or MIT's 1 (KDC_ERR_NAME_EXP).
 *
 * Windows and Samba put the reason into e-data as an NTSTATUS (MS-KILE
 * 2.2.2); MIT puts it into e-text: "LOCKED_OUT" is a lock after failures,
 * "CLIENT LOCKED OUT" is -allow_tix (disabled by hand), "CLIENT EXPIRED" the
 * end date.  With either the KDC has named the reason.  A bare 18 (Samba's for
 * a lock) has not, and none is guessed: the directory decides.
 *
 * Not this: 24s before a lock-out, which brought it about (they are cited);
 * 23, the password; 18 with C000006F, Samba's word for the log-on hours
 * (acct-logon-restriction).  Under S4U2Self it is the user acted for.
 */
#include <string.h>

#include "account.h"
#include "rule.h"

#define DISABLED "disabled"
#define LOCKED "locked out"
#define EXPIRED "past its end date"
#define HELD_SLACK (120 * SECOND) /* of the clocks of directory and capture */

static const struct fix fix_disabled[] = {
	{ "windows", "Enable-ADAccount {name|USER}", "if it is to be used" },
	{ "samba", "samba-tool user enable {name|USER}", NULL },
	{ "unix", "kadmin -q 'modprinc +allow_tix {account|USER}'", NULL },
	{ NULL, NULL, NULL },
};

static const struct fix fix_locked[] = {
	{ "windows", "Unlock-ADAccount {name|USER}",
	    "after the host that sends wrong passwords was found: event 4740 "
	    "on the PDC emulator" },
	{ "samba", "samba-tool user unlock {name|USER}", NULL },
	{ "unix", "kadmin -q 'modprinc -unlock {account|USER}'", NULL },
	{ NULL, NULL, NULL },
};

static const struct fix fix_expired[] = {
	{ "windows", "Clear-ADAccountExpiration {name|USER}",
	    "or Set-ADAccountExpiration" },
	{ "samba", "samba-tool user setexpiry --noexpiry {name|USER}", NULL },
	{ "unix", "kadmin -q 'modprinc -expire never {account|USER}'", NULL },
	{ NULL, NULL, NULL },
};

static const struct {
	int64_t status;
	const char *is;
} states[] = {
	{ NT_ACCOUNT_DISABLED, DISABLED },
	{ NT_ACCOUNT_LOCKED, LOCKED },
	{ NT_ACCOUNT_EXPIRED, EXPIRED },
};

static const struct {
	const char *text;
	const char *is;
} texts[] = {
	{ "CLIENT LOCKED OUT", DISABLED },
	{ "LOCKED_OUT", LOCKED },
	{ "CLIENT EXPIRED", EXPIRED },
};

/* What the KDC says is wrong with the account; NULL when it does not say. */
static const char *
account_state(const struct exchange *e)
{
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (e->ntstatus == states[i].status)
			return states[i].is;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (e->e_text != NULL &&
		    strstr(e->e_text, texts[i].text) != NULL)
			return texts[i].is;
	return e->error == KDC_ERR_NAME_EXP ? EXPIRED : NULL;
}

/* The same by the directory; cites what it rests on. */
static const char *
directory_state(const struct ledger *l, const struct exchange *e,
    const char *name, struct finding *f)
{
	const char *realm = e->crealm != NULL ? e->crealm : e->realm;
	const struct dir_account *a;

	a = name == NULL || realm == NULL ?
	    NULL :
	    ledger_directory_account(l, name, realm);
	if (a == NULL) {
		f->missing |= EVIDENCE_DIRECTORY;
		return NULL;
	}
	if (a->uac_known && (a->uac & UAC_DISABLED) != 0) {
		finding_account(f, a, "%s: userAccountControl 0x%x, disabled",
		    a->name, (unsigned)a->uac);
		return DISABLED;
	}
	if (a->expires != 0 && a->expires <= e->rep.time) {
		finding_account(f, a, "%s: accountExpires has passed", a->name);
		return EXPIRED;
	}
	/* It stays after the time has run out, until the next log-on. */
	if (a->locked != 0 && a->locked <= e->rep.time + HELD_SLACK) {
		finding_account(f, a, "%s: lockoutTime is set", a->name);
		return LOCKED;
	}
	return NULL;
}

static const struct fix *
fix_of(const char *is)
{
	return is == NULL             ? NULL :
	    strcmp(is, DISABLED) == 0 ? fix_disabled :
	    strcmp(is, LOCKED) == 0   ? fix_locked :
					fix_expired;
}

static void
cite(const struct story *s, const struct exchange *e, struct finding *f)
{
	const struct exchange *x;

	account_refusal(f, e);
	finding_evidence(f, &e->req, "the request it answers");
	account_refused_before(f, s, e);
	for (x = s->exchanges; x < e; x++)
		if (x->kind == EXCHANGE_AS &&
		    (x->error == KDC_ERR_PREAUTH_FAILED ||
			x->error == KRB_AP_ERR_BAD_INTEGRITY))
			finding_evidence(f, &x->rep,
			    "a wrong password before it");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_error(s, KDC_ERR_CLIENT_REVOKED);
	const char *name, *is;

	if (e == NULL)
		e = story_kdc_error(s, KDC_ERR_NAME_EXP);
	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	if (account_restriction(e) != NULL)
		return VERDICT_CLEAR;
	name = e->s4u2self && e->for_user != NULL ? e->for_user : e->cname;
	is = account_state(e);
	f->rests_on = EVIDENCE_KDC;
	/* A ticket from before the capture hides its owner. */
	if (name != NULL)
		account_subject(f, e, name);
	else
		finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	cite(s, e, f);
	if (is == NULL)
		is = directory_state(l, e, name, f);
	f->certainty = is != NULL ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
	finding_param(f, "state", is);
	f->fix = fix_of(is);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-bad-password",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Get-ADUser {name|USER} -Properties *",
	    "then Unlock-ADAccount, Enable-ADAccount" },
	{ "samba", "samba-tool user enable {name|USER}",
	    "samba-tool user unlock, setexpiry --noexpiry" },
	{ "unix", "kadmin -q 'modprinc -unlock {account|USER}'",
	    "or +allow_tix, -expire never" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9",
	"MS-KILE 2.2.2, 3.3.5.7.1",
	"Windows event 4768 (0x12)",
	NULL,
};

const struct rule rule_acct_disabled_locked_expired = {
	.id = "acct-disabled-locked-expired",
	.title = "Account {account|of a user} is "
		 "{state|disabled, locked or expired}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC knows {account|the user} and will not serve it: the "
	       "account is {state|disabled, locked or expired (the KDC does "
	       "not say which)}. No password helps.",
	.not_this = "Wrong passwords before a lock-out are how it came about: "
		    "find the host that sends them. 23 is the password's age, "
		    "and C000006F the hours.",
	.decide = "net user {sam|ACCOUNT} /domain (active, locked, "
		  "expires); kadmin -q \"getprinc {sam|ACCOUNT}\" in an "
		  "MIT realm",
	.verify = "The AS-REQ of {account|the user} is answered with a TGT "
		  "(25 before it is a normal step), without error 18 or 1.",
	.fix = fix,
	.see = see,
};
