/*
 * etype-krbtgt-no-aes - the realm's own key, krbtgt, has no AES: TGTs are
 * encrypted with RC4 for clients that offer AES, and a client that offers
 * AES alone may get nothing (14).  Its password is older than AES in the
 * domain, which makes no keys by itself (Windows: KDC event 42, KB5021131).
 *
 * The enctype of a TGT is that of krbtgt's key and stands in clear; the KDC
 * takes the best it has.  One TGT with AES in the capture, and it is not so.
 *
 * Not this: the reply's key (RC4 for one user), which is the user's; a TGT of
 * another realm, which has the trust's key (etype-trust-rc4-only); a TGT of a
 * read-only domain controller, which has a krbtgt of its own; clients that
 * offer RC4 alone, where a KDC may have chosen for their sake.
 */
#include <string.h>
#include <strings.h>

#include "etype.h"
#include "rule.h"

/* The realm's own TGT in answer to X, with RC4 although AES was offered. */
static bool
shows_rc4(const struct exchange *x)
{
	struct etype_kinds k = etype_kinds_of(x->etypes, x->netypes);

	return x->kind == EXCHANGE_AS && x->answer == ANSWER_OK && k.aes &&
	    x->issued.etype == ETYPE_RC4 && x->issued.realm != NULL &&
	    x->issued.sname != NULL &&
	    strncasecmp(x->issued.sname, "krbtgt/", 7) == 0 &&
	    strcasecmp(x->issued.sname + 7, x->issued.realm) == 0 &&
	    (x->issued.kvno == EV_ABSENT || x->issued.kvno >> 16 == 0);
}

/* What the directory says of krbtgt@REALM. */
static void
prove(struct finding *f, const struct ledger *l, const char *realm)
{
	const char *name = finding_text(f, "krbtgt@%s", realm);
	const struct dir_account *a = ledger_dir_account(l, name);

	if (a == NULL) {
		f->missing |= EVIDENCE_DIRECTORY;
		return;
	}
	etype_cite(f, a);
	if (etype_attr_of(a) == ETYPE_ATTR_RC4 ||
	    etype_attr_of(a) == ETYPE_ATTR_DES)
		f->certainty = CERTAINTY_PROVEN;
}

static void
name_realm(struct finding *f, const struct ledger *l, const char *realm)
{
	f->rests_on |= EVIDENCE_KDC;
	finding_subject(f, SUBJECT_REALM, realm);
	prove(f, l, realm);
}

/* 14 to a log-on without RC4, where all TGTs seen have RC4. */
static enum verdict
check_refusal(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct realm_fact *realm;
	struct etype_refusal r;

	etype_refusal(s, l, &r);
	if (r.e == NULL || r.e->kind != EXCHANGE_AS || !r.offered.aes ||
	    r.offered.rc4 || r.e->realm == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	realm = ledger_realm(l, r.e->realm);
	if (realm == NULL || realm->tgt_rc4.frame == 0 ||
	    realm->tgt_aes.frame != 0)
		return VERDICT_CLEAR;
	f->certainty = r.fault == ETYPE_KRBTGT ? CERTAINTY_LIKELY :
						 CERTAINTY_POSSIBLE;
	name_realm(f, l, r.e->realm);
	etype_evidence(f, s, &r);
	finding_evidence(f, &realm->tgt_rc4, "a TGT of %s, with rc4-hmac",
	    r.e->realm);
	finding_param(f, "then", "A client that offers no RC4 is refused.");
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct realm_fact *realm;
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (shows_rc4(x))
			break;
	if (x == s->exchanges + s->nexchanges)
		return check_refusal(s, l, f);
	realm = ledger_realm(l, x->issued.realm);
	if (realm != NULL && realm->tgt_aes.frame != 0)
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	finding_evidence(f, &x->rep, "the TGT of %s has rc4-hmac",
	    x->issued.realm);
	finding_evidence(f, &x->req, "the client offers %s",
	    etype_text(f, x->etypes, x->netypes));
	name_realm(f, l, x->issued.realm);
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
	{ "windows", "Set-ADAccountPassword krbtgt -Reset",
	    "then again when the longest ticket has run out (10 h) and all "
	    "domain controllers have it" },
	{ "samba", "samba-tool user setpassword krbtgt --random-password",
	    "twice, a ticket's life apart" },
	{ "unix", "kadmin -q 'cpw -randkey -keepold krbtgt/{realm|REALM}'",
	    "supported_enctypes in kdc.conf with aes256-cts first" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, RFC 8429",
	"KB5021131 (KDC event 42)",
	"MS-KILE 3.1.1.5",
	NULL,
};

const struct rule rule_etype_krbtgt_no_aes = {
	.id = "etype-krbtgt-no-aes",
	.title = "The key of {realm|the realm}'s TGTs (krbtgt) is not AES",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "enctype",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "Clients offer AES, and the TGTs of {realm|the realm} are "
	       "encrypted with RC4: krbtgt has no AES key, or is set to RC4. "
	       "Whoever finds that one key can make tickets for anybody. "
	       "{then|Clients without RC4 may be refused.}",
	.not_this = "An RC4 key of one user. A TGT for another realm, which is "
		    "the trust's. A single TGT with AES shows that krbtgt has "
		    "the key.",
	.decide = "Get-ADUser krbtgt -Properties pwdLastSet,"
		  "msDS-SupportedEncryptionTypes: is it older than the first "
		  "domain controller of 2008?",
	.verify = "TGTs of {realm|the realm} (AS-REP) have "
		  "aes256-cts-hmac-sha1-96 and a higher kvno.",
	.fix = fix,
	.see = see,
};
