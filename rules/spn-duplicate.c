/*
 * spn-duplicate - more than one account holds the service's name.  A KDC that
 * finds two says KDC_ERR_PRINCIPAL_NOT_UNIQUE (8), and nothing else has this
 * code; Samba, and Windows in most cases, say 7 as for a name that no account
 * holds, so that for 7 this is only the rival of spn-missing.
 *
 * Not this: whatever spn-missing is not; with 7, a name that is hardly in the
 * directory at all (an address, a name of another domain, one from reverse DNS)
 * or one for which tickets are made all the same.  Without the directory the
 * second account has no name.
 */
#include "refusal.h"
#include "rule.h"

static bool
find(const struct story *s, const struct ledger *l, struct finding *f,
    struct refused_name *n)
{
	if (refusal_name(s, l, KDC_ERR_PRINCIPAL_NOT_UNIQUE, n)) {
		f->certainty = CERTAINTY_LIKELY;
		return true;
	}
	f->certainty = CERTAINTY_POSSIBLE;
	return refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, n) && n->owned &&
	    !n->known && (n->reverse.meant == NULL || n->reverse.right);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_name n;

	if (!find(s, l, f, &n)) {
		f->certainty = CERTAINTY_NONE;
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	}
	refusal_name_subject(f, s, &n);
	f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -Q {spn}", "shows every account that has it" },
	{ "windows", "setspn -D {spn} WRONGACCOUNT",
	    "keep it on the one the service runs as" },
	{ "samba", "samba-tool spn delete {spn} WRONGACCOUNT", NULL },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (8)",
	"Microsoft: KDC event ID 11",
	"Microsoft: KDC_ERR_PRINCIPAL_NOT_UNIQUE",
	NULL,
};

const struct rule rule_spn_duplicate = {
	.id = "spn-duplicate",
	.title = "{spn} is on more than one account",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC of {realm} cannot tell whose key belongs to {spn}: "
	       "more than one account holds it. It gives no ticket until the "
	       "name stands on one account alone.",
	.not_this =
	    "A name that no account holds (spn-missing): the error 7 is the "
	    "same, only the directory tells them apart. A KDC that sees only "
	    "one of the two (another domain) gives tickets all the same, and "
	    "the service refuses them (spn-wrong-account).",
	.decide = "setspn -Q {spn}: two?",
	.fix = fix,
	.see = see,
};
