/*
 * etype-attr-30-des - msDS-SupportedEncryptionTypes of a service's account
 * lists DES beside AES: 30 (DES-MD5, RC4, both AES) or 31, as storage
 * appliances and computers joined long ago have it (MS-KILE 2.2.7).
 *
 * Nothing fails: KDCs of today give no DES, and Windows Server 2025 has none.
 * It keeps RC4 and, on an old KDC, DES open for this account.
 *
 * Not this: 24 and 28, which have no DES; 3, DES alone (etype-des-only).
 */
#include "etype.h"
#include "rule.h"

#define DES (SET_DES_CRC | SET_DES_MD5)

static bool
lists_des(const struct dir_account *a)
{
	return a != NULL && a->enctypes_set && (a->enctypes & DES) != 0 &&
	    (a->enctypes & SET_AES) != 0;
}

/* A ticket of the story for an account that lists DES. */
static const struct dir_account *
find(const struct story *s, const struct ledger *l, const struct ticket **t,
    const struct ref **ref)
{
	const struct dir_account *a;
	const struct exchange *x;
	size_t i;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++) {
		if (x->kind != EXCHANGE_TGS || x->answer != ANSWER_OK ||
		    x->sname == NULL || x->realm == NULL)
			continue;
		*t = &x->issued;
		*ref = &x->rep;
		a = ledger_owner(l, x->sname, x->realm);
		if (lists_des(a))
			return a;
	}
	for (i = 0; i < s->nattempts; i++) {
		*t = &s->attempts[i].ticket;
		*ref = &s->attempts[i].req;
		if ((*t)->sname == NULL || (*t)->realm == NULL)
			continue;
		a = ledger_owner(l, (*t)->sname, (*t)->realm);
		if (lists_des(a))
			return a;
	}
	return NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct dir_account *a;
	const struct ticket *t;
	const struct ref *ref;
	char buf[NAME_TEXT];

	a = find(s, l, &t, &ref);
	if (a == NULL)
		return verdict_clear_if(s->nattempts + s->nexchanges > 0);
	f->certainty = CERTAINTY_PROVEN;
	finding_subject(f, SUBJECT_ACCOUNT, a->name);
	finding_param(f, "sam", etype_sam(f, a));
	finding_paramf(f, "set", "%u", (unsigned)(a->enctypes & 0x1f));
	etype_cite(f, a);
	finding_evidence(f, ref, "its ticket for %s has %s",
	    t->sname != NULL ? t->sname : "a service",
	    name_or(etype_name(t->etype), t->etype, buf));
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows",
	    "Set-ADObject DN -Replace "
	    "@{'msDS-SupportedEncryptionTypes'=24}",
	    "of {sam|ACCOUNT}, when no client needs RC4 any more; 28 keeps "
	    "it" },
	{ "samba", "net ads enctypes set {sam|ACCOUNT} 24", NULL },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-KILE 2.2.7",
	"RFC 6649, RFC 8429",
	NULL,
};

const struct rule rule_etype_attr_30_des = {
	.id = "etype-attr-30-des",
	.title = "{account|An account} still lists DES",
	.impact = IMPACT_WEAKENS,
	.mild = IMPACT_WEAKENS,
	.about = "enctype",
	.needs = EVIDENCE_DIRECTORY,
	.mended = MENDED_NAME | MENDED_CLEAR,
	.check = check,
	.why = "msDS-SupportedEncryptionTypes of {account|the account} is "
	       "{set|30}: DES and RC4 beside AES. Nothing fails by it, and "
	       "nothing needs the DES; whoever can choose a weaker type for "
	       "its tickets may.",
	.not_this = "24 (both AES types) and 28 (with RC4) list no DES.",
	.decide = "Get-ADObject -LDAPFilter '(sAMAccountName={sam|ACCOUNT})' "
		  "-Properties msDS-SupportedEncryptionTypes",
	.verify = "msDS-SupportedEncryptionTypes of {account|the account} is "
		  "24, or 28 while a client needs RC4, and tickets for it "
		  "have AES.",
	.fix = fix,
	.see = see,
};
