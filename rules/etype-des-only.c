/*
 * etype-des-only - single DES, which nothing of today accepts: a client or
 * an application that offers DES alone, or an account that holds DES keys
 * alone (Windows: "Use only Kerberos DES encryption types for this account").
 *
 * The client's list is in the request.  An account shows itself when the KDC
 * answers 14 and lists DES keys only (ETYPE-INFO), or when a client that
 * offers more gets its reply under a DES key; that one gets in, and only its
 * strength suffers (seen with Windows 2003).
 *
 * Proven when the directory has the flag, or an attribute of DES alone; or
 * when the client's krb5.conf lists nothing else.
 *
 * Not this: DES at the end of a list with AES or RC4 in it, DES that a client
 * asked for by itself and got (etype-weak-crypto-offered).
 */
#include "account.h"
#include "clientconf.h"
#include "etype.h"
#include "rule.h"

/* The KDC's list of keys in answer to E, DES alone. */
static bool
lists_des(const struct exchange *e)
{
	struct etype_kinds k = etype_kinds_of(e->key_etypes, e->nkey_etypes);

	return e->kind == EXCHANGE_AS && e->error == KDC_ERR_ETYPE_NOSUPP &&
	    etype_only_des(&k);
}

static bool
offers_more(const struct exchange *e)
{
	struct etype_kinds k = etype_kinds_of(e->etypes, e->netypes);

	return e->kind == EXCHANGE_AS && k.known && !etype_only_des(&k);
}

/* Whether the client of S offered more than DES, and was told so. */
static const struct exchange *
told(const struct story *s, const struct exchange *ok)
{
	const struct exchange *e;

	for (e = s->exchanges; e < ok; e++)
		if (offers_more(e) && lists_des(e))
			return e;
	return offers_more(ok) ? ok : NULL;
}

/* In, under a DES key. */
static enum verdict
check_weak(const struct story *s, struct finding *f)
{
	const struct exchange *ok = story_issued(s, EXCHANGE_AS), *e;

	if (ok == NULL || !etype_is_des(ok->key_etype) || ok->cname == NULL ||
	    (e = told(s, ok)) == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	f->certainty = CERTAINTY_LIKELY;
	f->rests_on = EVIDENCE_KDC;
	finding_param(f, "holder", account_subject(f, ok, ok->cname));
	finding_param(f, "whose",
	    "DES keys are all that the account has: the client offered more, "
	    "and the KDC came back to DES.");
	finding_evidence(f, &ok->rep, "the reply is encrypted with %s",
	    etype_name(ok->key_etype));
	finding_evidence(f, &e->req, "the client offers %s",
	    etype_text(f, e->etypes, e->netypes));
	if (e != ok)
		finding_evidence(f, &e->rep, "KDC: %s, it has %s",
		    krb_error_name(e->error),
		    etype_text(f, e->key_etypes, e->nkey_etypes));
	return VERDICT_FIRED;
}

static void
prove_client(const struct story *s, const struct ledger *l,
    const struct etype_refusal *r, struct finding *f)
{
	const struct krb5_conf *c = clientconf_of(s, l);

	if (c != NULL && clientconf_cite_etypes(f, c, r->e))
		f->certainty = CERTAINTY_PROVEN;
	else if (c == NULL)
		f->missing |= EVIDENCE_KRB5_CONF;
}

static void
prove_account(const struct etype_refusal *r, struct finding *f)
{
	struct etype_kinds keys = etype_kinds_of(r->e->key_etypes,
	    r->e->nkey_etypes);

	finding_param(f, "whose",
	    etype_only_des(&keys) ?
		"The KDC lists DES keys as the only ones of the account, and "
		"the client does not use DES." :
		"The account is set to DES alone, and the client does not use "
		"DES.");
	if (etype_only_des(&keys))
		finding_evidence(f, &r->e->rep, "it has %s",
		    etype_text(f, r->e->key_etypes, r->e->nkey_etypes));
	if (r->holder == NULL) {
		f->missing |= EVIDENCE_DIRECTORY;
		return;
	}
	etype_cite(f, r->holder);
	if (r->attr == ETYPE_ATTR_DES &&
	    account_held(r->holder, r->e->rep.time))
		f->certainty = CERTAINTY_PROVEN;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct etype_refusal r;
	char at[ADDR_TEXT];

	etype_refusal(s, l, &r);
	if (r.fault == ETYPE_UNSEEN) {
		f->missing = EVIDENCE_KDC;
		return VERDICT_UNKNOWN;
	}
	if (r.fault != ETYPE_DES_CLIENT && r.fault != ETYPE_DES_ACCOUNT)
		return check_weak(s, f);
	f->certainty = CERTAINTY_LIKELY;
	etype_subject(f, &r);
	etype_evidence(f, s, &r);
	if (r.fault == ETYPE_DES_CLIENT) {
		finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
		finding_paramf(f, "holder", "the client at %s",
		    addr_text(&s->client, at));
		finding_param(f, "whose",
		    "The client offers DES and nothing else; KDCs of today "
		    "give none (Windows since 7 and 2008 R2, MIT since 1.18).");
		prove_client(s, l, &r, f);
		return VERDICT_FIRED;
	}
	finding_param(f, "holder",
	    r.holder != NULL ? r.holder->name : f->subject[SUBJECT_ACCOUNT]);
	prove_account(&r, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Set-ADAccountControl {sam|ACCOUNT} -UseDESKeyOnly $false",
	    "then Set-ADUser -KerberosEncryptionType AES128,AES256 and a new "
	    "password" },
	{ "unix", "grep -r -e enctypes -e allow_weak /etc/krb5.conf*",
	    "drop the lists of DES and allow_weak_crypto; Java: "
	    "default_tgs_enctypes too; then a new keytab with AES" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 6649",
	"RFC 4120 5.2.7.4, 7.5.9",
	"Windows KDC events 16 and 27",
	NULL,
};

const struct rule rule_etype_des_only = {
	.id = "etype-des-only",
	.title = "Single DES is all that {holder|one side} has",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "enctype",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{whose|Single DES is all that one side has.} DES can be broken "
	       "in hours and has been removed from Kerberos (RFC 6649).",
	.not_this = "DES in a list with AES or RC4: offering is not using. DES "
		    "that was asked for and given.",
	.decide = "Get-ADUser {sam|ACCOUNT} -Properties UseDESKeyOnly,"
		  "msDS-SupportedEncryptionTypes; grep enctypes in the "
		  "client's krb5.conf",
	.verify = "The KDC gives a ticket, without 14, and the reply and the "
		  "ticket have AES.",
	.fix = fix,
	.see = see,
};
