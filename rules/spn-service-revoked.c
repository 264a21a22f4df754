/*
 * spn-service-revoked - the account that holds the service's name may not be
 * used: disabled or expired.  KDC_ERR_SERVICE_REVOKED (19) and MIT's
 * KDC_ERR_SERVICE_EXP (2) say so, and MIT's 7 with the text SERVICE LOCKED
 * OUT (-allow_tix).  Other KDCs are said to answer 7 or 18 as for an unknown
 * name or client; then only the directory tells.
 *
 * Samba (4.17) makes tickets for disabled and expired accounts all the same:
 * a name for which this realm gave a ticket is not refused for that.
 *
 * Not this: 18 about the client itself (acct-disabled-locked-expired); a
 * second holder (spn-duplicate), whatever state it is in.
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

/* The KDC itself names the cause. */
static const char *
named(const struct exchange *e)
{
	if (e->error == KDC_ERR_SERVICE_EXP)
		return "has expired";
	if (story_service_locked(e))
		return "gets no tickets";
	if (e->error == KDC_ERR_SERVICE_REVOKED)
		return "is disabled or expired";
	return NULL;
}

/* The refusal of a service's ticket that can be this one. */
static const struct exchange *
refused(const struct story *s, const struct ledger *l)
{
	const struct exchange *e = story_kdc_refusal(s, -1);
	struct refused_name n;
	struct spn spn;

	if (e == NULL || e->kind != EXCHANGE_TGS || e->sname == NULL ||
	    e->u2u || e->s4u2self || !spn_split(e->sname, &spn) ||
	    refusal_text_is(spn.class, "krbtgt"))
		return NULL;
	if (named(e) != NULL || e->error == KDC_ERR_CLIENT_REVOKED)
		return e;
	return refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n) ? n.e : NULL;
}

/* 18: is it the client that is revoked? */
static bool
client_is_good(const struct ledger *l, const struct exchange *e)
{
	const struct dir_account *c;

	if (e->cname == NULL || e->realm == NULL)
		return false;
	c = ledger_directory_account(l, e->cname,
	    e->crealm != NULL ? e->crealm : e->realm);
	return c != NULL && c->uac_known &&
	    !dir_account_revoked(c, e->rep.time) && c->locked == 0;
}

static enum certainty
certainty_of(const struct ledger *l, const struct exchange *e,
    const struct name_holders *h)
{
	const struct spn_fact *fact = ledger_spn(l, e->sname, e->realm);

	if (h->what == HELD_REVOKED) {
		if (fact != NULL && fact->issued.count > 0)
			return CERTAINTY_POSSIBLE;
		if (e->error == KDC_ERR_CLIENT_REVOKED && !client_is_good(l, e))
			return CERTAINTY_LIKELY;
		return h->answer->covered || named(e) != NULL ?
		    CERTAINTY_PROVEN :
		    CERTAINTY_LIKELY;
	}
	if (e->error == KDC_ERR_SERVICE_REVOKED)
		return CERTAINTY_LIKELY;
	return CERTAINTY_PROVEN;
}

static void
describe(const struct exchange *e, const struct name_holders *h,
    struct finding *f)
{
	const char *what = named(e);
	const struct dir_account *a = h->n > 0 ? h->owners[0] : NULL;
	char buf[NAME_TEXT];

	f->rests_on |= EVIDENCE_KDC;
	finding_step(f, &e->req);
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_evidence(f, &e->rep, "KDC: %s (%lld)%s%s",
	    name_or(krb_error_name(e->error), e->error, buf),
	    (long long)e->error, e->e_text != NULL ? ", " : "",
	    e->e_text != NULL ? e->e_text : "");
	finding_evidence(f, &e->req, "%s asks for %s",
	    e->cname != NULL ? e->cname : "the client", e->sname);
	if (h->what != HELD_REVOKED || a == NULL) {
		finding_param(f, "state", what);
		return;
	}
	refusal_subject_account(f, a);
	finding_param(f, "sam", refusal_sam(f, a));
	finding_param(f, "state",
	    (a->uac & UAC_DISABLED) != 0 ? "is disabled" : "has expired");
	refusal_cite_holder(f, h, a, e->rep.time);
	finding_excluded(f, NULL, "a missing name", "%s holds it", a->name);
	if (h->answer->covered)
		finding_excluded(f, NULL, "a duplicate",
		    "no other account of %s has it", h->answer->realm);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = refused(s, l);
	struct name_holders h;

	if (e == NULL)
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	refusal_holders(l, e->sname, e->realm, e->rep.time, &h);
	if (named(e) == NULL && h.what != HELD_REVOKED) {
		if (h.what != HELD_UNKNOWN)
			return VERDICT_CLEAR;
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	f->certainty = certainty_of(l, e, &h);
	describe(e, &h, f);
	if (h.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"acct-disabled-locked-expired",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Enable-ADAccount {sam|ACCOUNT}",
	    "expired: Clear-ADAccountExpiration {sam|ACCOUNT}; or move the "
	    "SPN to the account that the service runs as" },
	{ "samba", "samba-tool user enable {sam|ACCOUNT}", NULL },
	{ "unix", "kadmin modprinc +allow_svr +allow_tix -expire never {spn}",
	    "MIT realm" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.3.3, 7.5.9 (2, 19)",
	"MS-ADTS 2.2.16",
	"Microsoft: event 4769, failure codes",
	NULL,
};

const struct rule rule_spn_service_revoked = {
	.id = "spn-service-revoked",
	.title = "The account of {spn} {state|is disabled or expired}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The KDC of {realm} knows {spn}, but {sam|the account that "
	       "holds it} {state|is disabled or expired}: it gives no "
	       "tickets for it, to nobody.",
	.not_this = "A client whose own account is disabled "
		    "(acct-disabled-locked-expired). A name that no account "
		    "holds (spn-missing).",
	.decide = "Get-ADObject -LDAPFilter '(servicePrincipalName={spn})' "
		  "-Properties userAccountControl, accountExpires",
	.verify = "A TGS-REQ for {spn} is answered with a ticket.",
	.fix = fix,
	.see = see,
};
