/*
 * realm-no-trust - the client needs a ticket for another realm, and its own
 * KDC has no key for that: krbtgt/OTHER is unknown (7), and nothing follows
 * (RFC 4120 3.3.1).
 *
 * The trust may be missing, removed or one-way in the wrong direction, or the
 * realm's name mistyped: the KDC cannot tell.
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
	if (ledger_realm(l, r.other) != NULL)
		finding_param(f, "seen", " The realm itself exists.");
	f->missing = EVIDENCE_DIRECTORY;
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
