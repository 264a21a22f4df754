/*
 * realm-no-trust - the client needs a ticket for another realm, and its own
 * KDC has no key for that: krbtgt/OTHER is unknown (7), and nothing follows
 * (RFC 4120 3.3.1).
 *
 * The trust may be missing, removed or one-way in the wrong direction, or the
 * realm's name mistyped: the KDC cannot tell.  The directory can, when it has
 * the trust's object (MS-ADTS 6.1.6.7.12): a realm gives tickets for those
 * that trust it, "inbound" as seen from here.
 *
 * Not this: an attempt on the way, when a later one succeeds (MIT walks
 * through the realms in between, capaths); a realm that the client guessed
 * from the host's domain after its KDC did not know the service (spn-missing);
 * a host of another realm than that (realm-mapping-wrong); a ticket for the
 * same realm given elsewhere in the capture; a later hop, of which the realm
 * before it is to blame (possible and no more).
 */
#include <strings.h>

#include "refusal.h"
#include "rule.h"

#define TRUST_INBOUND 1

/* What the object of the trust says, if there is one. */
static void
look_up(const struct ledger *l, const struct refused_realm *r,
    struct finding *f)
{
	const struct dir_account *t = ledger_dir_trust(l, r->e->realm,
	    r->other);

	if (t == NULL) {
		f->missing = EVIDENCE_DIRECTORY;
		return;
	}
	if ((t->trust_direction & TRUST_INBOUND) == 0) {
		/* Else it may be that nobody had to go there. */
		if (f->certainty == CERTAINTY_LIKELY)
			f->certainty = CERTAINTY_PROVEN;
		finding_account(f, t, "trust with %s: %s", r->other,
		    t->trust_direction == 0 ?
			"switched off" :
			"outbound alone, for its users and not for ours");
		finding_param(f, "seen",
		    " There is a trust, and it has the other direction.");
		return;
	}
	f->certainty = CERTAINTY_POSSIBLE;
	finding_account(f, t, "trust with %s, for our users", r->other);
	finding_param(f, "seen",
	    " The directory has such a trust: it was made since, or this KDC "
	    "does not have it yet.");
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_realm r;
	bool own, elsewhere;

	if (!refusal_realm(s, l, &r))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	elsewhere = r.home != NULL && strcasecmp(r.home, r.other) != 0;
	if (r.given || r.case_only || (elsewhere && r.host_ref.frame == 0))
		return VERDICT_CLEAR;
	own = r.e->crealm == NULL || strcasecmp(r.e->crealm, r.e->realm) == 0;
	f->certainty = own && !r.below && !elsewhere ? CERTAINTY_LIKELY :
						       CERTAINTY_POSSIBLE;
	refusal_realm_subject(f, &r);
	look_up(l, &r, f);
	if (ledger_realm(l, r.other) != NULL)
		finding_param(f, "seen", " The realm itself exists.");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "nltest /trusted_domains",
	    "on the client: {other|OTHER}? then netdom trust {realm|REALM} "
	    "/domain:{other|OTHER} /verify" },
	{ "samba", "samba-tool domain trust list",
	    "on the domain controller; then samba-tool domain trust validate "
	    "{other|OTHER}" },
	{ "unix", "kadmin -q 'addprinc krbtgt/{other|OTHER}@{realm|REALM}'",
	    "MIT: with the same password in both realms" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 1.2, 3.3.1, 7.5.9 (7)",
	"RFC 6806 8",
	"MIT krb5: [capaths]",
	NULL,
};

const struct rule rule_realm_no_trust = {
	.id = "realm-no-trust",
	.title = "{realm|The realm} does not trust {other|the other}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "realm",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The service is in {other|another realm}, and the KDC of "
	       "{realm|the client's realm} has no ticket for that: there is "
	       "no trust between them in this direction, or the realm's name "
	       "is wrong.{seen|}",
	.not_this = "A realm on the way to another, when a later request "
		    "succeeds. A host that belongs to a realm the client "
		    "could reach (realm-mapping-wrong).",
	.decide = "nltest /domain_trusts /s:{realm|DOMAIN}: is {other|the "
		  "other realm} among them, in this direction?",
	.verify = "The TGS-REQ for {other|the other realm} is answered "
		  "with a referral ticket krbtgt/{other|REALM}, and that "
		  "realm's KDC answers the next with a service ticket.",
	.fix = fix,
	.see = see,
};
