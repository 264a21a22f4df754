/*
 * key-krbtgt-rolled - a KDC cannot open the TGT that it is shown: the key of
 * krbtgt was replaced, and the one that the TGT was made with is gone.  All
 * who logged on before the change are refused until they log on again.
 *
 * Windows answers 41 or 31, Heimdal 44 or 45, MIT 60 (GENERIC, e-text
 * PROCESS_TGS).  What decides is the key version of the TGTs that the realm
 * issues by now: a newer one than that of the ticket refused.  Active
 * Directory keeps one former key, MIT none without -keepold.
 *
 * Not this: 31 to an AS-REQ (MIT: a wrong password), the ticket of a trust
 * (its key is the trust's), a TGT of the newest version (a damaged cache, or
 * a domain controller that lags), a version of an RODC's own krbtgt (upper
 * 16 bits), an expired TGT (32).
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

/* How a KDC says that it has no key for the TGT. */
static bool
is_key_error(const struct exchange *e)
{
	switch (e->error) {
	case KRB_AP_ERR_BAD_INTEGRITY:
	case KRB_AP_ERR_MODIFIED:
	case KRB_AP_ERR_BADKEYVER:
	case KRB_AP_ERR_NOKEY:
		return true;
	case KRB_ERR_GENERIC:
		return e->e_text != NULL &&
		    strcmp(e->e_text, "PROCESS_TGS") == 0;
	default:
		return false;
	}
}

/* The TGT shown was made by the realm for itself. */
static bool
is_own_tgt(const struct exchange *e)
{
	return e->tgt.sname != NULL && e->tgt.realm != NULL &&
	    strncasecmp(e->tgt.sname, "krbtgt/", 7) == 0 &&
	    strcasecmp(e->tgt.sname + 7, e->tgt.realm) == 0;
}

static const struct exchange *
refusal(const struct story *s)
{
	const struct exchange *e;
	size_t i;

	for (i = s->nexchanges; i-- > 0;) {
		e = &s->exchanges[i];
		if (e->kind == EXCHANGE_TGS && e->answer == ANSWER_ERROR &&
		    is_key_error(e) && is_own_tgt(e))
			return e;
	}
	return NULL;
}

static void
describe(const struct exchange *e, const struct realm_fact *realm, bool older,
    struct finding *f)
{
	char buf[NAME_TEXT];

	f->rests_on = EVIDENCE_KDC;
	finding_step(f, &e->req);
	finding_subject(f, SUBJECT_SPN, e->tgt.sname);
	finding_subject(f, SUBJECT_REALM, e->tgt.realm);
	finding_evidence(f, &e->rep, "KDC: %s%s%s",
	    name_or(krb_error_name(e->error), e->error, buf),
	    e->e_text != NULL ? ", " : "", e->e_text != NULL ? e->e_text : "");
	if (e->tgt.kvno == EV_ABSENT)
		finding_evidence(f, &e->req, "the TGT it was shown");
	else
		finding_evidence(f, &e->req, "the TGT it was shown, kvno %lld",
		    (long long)e->tgt.kvno);
	if (!older)
		return;
	f->rests_on |= EVIDENCE_COMPARE;
	finding_paramf(f, "old", " %lld", (long long)e->tgt.kvno);
	finding_paramf(f, "new", " %lld", (long long)realm->kvno);
	finding_evidence(f, &realm->kvno_ref, "a TGT of %s with kvno %lld",
	    realm->realm, (long long)realm->kvno);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = refusal(s);
	const struct realm_fact *realm;
	bool older;

	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	realm = ledger_realm(l, e->tgt.realm);
	older = realm != NULL && refusal_older(e->tgt.kvno, realm->kvno);
	/* Made good without a newer key, or refused for all one knows. */
	if (!older &&
	    (e->error == KRB_ERR_GENERIC ||
		(realm != NULL && realm->kvno != EV_ABSENT &&
		    realm->kvno == e->tgt.kvno)))
		return VERDICT_CLEAR;
	f->certainty = older ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	describe(e, realm, older, f);
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
	{ "windows", "klist purge",
	    "and log on again, on each client; services: klist -li 0x3e7 "
	    "purge" },
	{ "windows", "repadmin /showrepl",
	    "before krbtgt is reset again: every controller has the first new "
	    "key, and ten hours have passed" },
	{ "unix", "kadmin -q 'cpw -randkey -keepold krbtgt/{realm|REALM}'",
	    "the next time; now kinit on each client" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.3.3, 7.5.9",
	"MS-KILE 3.1.5.8",
	"Microsoft: New-KrbtgtKeys, reset the krbtgt account password",
	NULL,
};

const struct rule rule_key_krbtgt_rolled = {
	.id = "key-krbtgt-rolled",
	.title = "TGTs of {realm|a realm} from before its new key are refused",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "key",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_CLIENT,
	.check = check,
	.explains = explains,
	.why = "The KDC cannot open the TGT that it is shown: it was made with "
	       "version{old| N} of krbtgt's key, the realm issues{new| newer} "
	       "by now and has forgotten the former. Who logged on before has "
	       "to log on again.",
	.not_this = "A wrong password (MIT answers 31 to the AS-REQ). A "
		    "trust's ticket. One client with a damaged cache, or one "
		    "controller that lags behind in replication: their TGT has "
		    "the newest version. An expired TGT (32).",
	.decide = "repadmin /showobjmeta DC (Get-ADUser "
		  "krbtgt).DistinguishedName; kadmin -q \"getprinc "
		  "krbtgt/{realm|REALM}\" in an MIT realm",
	.verify = "The TGS-REQ carries a TGT with the newest version of "
		  "krbtgt's key and is answered with a ticket, without "
		  "error 31 or 41 from the KDC.",
	.fix = fix,
	.see = see,
};
