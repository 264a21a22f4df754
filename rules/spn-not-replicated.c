/*
 * spn-not-replicated - one KDC of a realm says 7 for a name for which another
 * one gives tickets: what was written there has not come to this one yet.
 *
 * The sign: the other KDC gave a ticket before this one refused, or this one
 * refused again after the other had given one.  The directory cannot show
 * what a KDC lacks, but that exactly one account holds the name, and so that
 * it is neither missing nor on two.
 *
 * Not this: a name that this KDC gave tickets for before, and does not any
 * more (removed, or made a duplicate since); one that is there when the next
 * log-on asks the same KDC (added meanwhile); KDCs of two realms; a duplicate
 * that only one of the two has seen (the directory decides: spn-duplicate).
 * One KDC at an IPv4 and an IPv6 address is one.
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

#define WITHIN (3600 * INT64_C(1000000)) /* sites wait 15 minutes and more */

/* Another KDC that gave a ticket for the name, near in time. */
static const struct spn_giver *
other_giver(const struct spn_fact *fact, const struct exchange *e)
{
	const struct spn_giver *g;

	for (g = fact->givers; g < fact->givers + fact->ngivers; g++)
		if (!addr_equal(&g->kdc, &e->kdc) &&
		    g->kdc.family == e->kdc.family &&
		    g->first.time - e->rep.time < WITHIN &&
		    e->rep.time - g->last.time < WITHIN)
			return g;
	return NULL;
}

/* This very KDC knew the name before. */
static bool
knew(const struct spn_fact *fact, const struct exchange *e)
{
	const struct spn_giver *g;

	for (g = fact->givers; g < fact->givers + fact->ngivers; g++)
		if (addr_equal(&g->kdc, &e->kdc) && g->first.time < e->rep.time)
			return true;
	return false;
}

/* The directory has one good holder, and yet the KDC said 7. */
static enum verdict
check_directory(const struct story *s, const struct refused_name *n,
    struct finding *f)
{
	const struct name_holders *h = &n->held;
	const struct dir_account *a;
	char addr[ADDR_TEXT];

	if (h->what != HELD_BY_ONE || !h->answer->covered ||
	    h->shadowed != NULL)
		return VERDICT_CLEAR;
	a = h->owners[0];
	f->certainty = CERTAINTY_POSSIBLE;
	refusal_name_subject(f, s, n);
	refusal_cite_holder(f, h, a, n->e->rep.time);
	if (a->changed > n->e->rep.time || a->created > n->e->rep.time)
		finding_param(f, "since",
		    " The account was changed after the refusal: the name may "
		    "have been written since, and all be well now.");
	finding_param(f, "sam", refusal_sam(f, a));
	finding_param(f, "late", addr_text(&n->e->kdc, addr));
	f->missing = EVIDENCE_COMPARE;
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct spn_giver *g;
	const struct spn_fact *fact;
	struct refused_name n;
	char addr[ADDR_TEXT];

	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	fact = ledger_spn(l, n.e->sname, n.e->realm);
	g = fact == NULL ? NULL : other_giver(fact, n.e);
	if (n.held.what == HELD_BY_NONE || (fact != NULL && knew(fact, n.e)))
		return VERDICT_CLEAR;
	if (g == NULL)
		return check_directory(s, &n, f);
	f->certainty = g->first.time < n.e->rep.time ||
		fact->unknown.last.time > g->first.time ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	refusal_name_subject(f, s, &n);
	f->rests_on |= EVIDENCE_COMPARE;
	finding_param(f, "late", addr_text(&n.e->kdc, addr));
	finding_param(f, "good", addr_text(&g->kdc, addr));
	finding_evidence(f,
	    g->first.time < n.e->rep.time ? &g->first : &g->last,
	    "KDC %s gives a ticket for it", addr);
	if (n.held.what == HELD_BY_ONE) {
		refusal_cite_holder(f, &n.held, n.held.owners[0],
		    n.e->rep.time);
		finding_param(f, "sam", refusal_sam(f, n.held.owners[0]));
	}
	if (n.held.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "repadmin /syncall /AdeP",
	    "then klist purge on the client: it remembers the refusal for 15 "
	    "minutes" },
	{ "samba", "samba-tool drs showrepl",
	    "on the KDC {late|that refused}" },
	{ "unix", "kprop -f /var/lib/krb5kdc/slave_datatrans REPLICA",
	    "MIT realm, or see kproplog on the replica" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (7)",
	"Microsoft: event 4769, 0x7 (not replicated yet)",
	"Microsoft: SpnCacheTimeout",
	"MIT krb5: Database propagation",
	NULL,
};

const struct rule rule_spn_not_replicated = {
	.id = "spn-not-replicated",
	.title = "KDC {late|that was asked} does not know {spn} yet",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "{good|The directory} knows {spn}, and the KDC "
	       "{late|that was asked} does not: what was written there has "
	       "not been replicated to it, and its clients get no ticket."
	       "{since|}",
	.not_this = "A name that is missing everywhere (spn-missing), or on "
		    "two accounts of which one KDC knows only one "
		    "(spn-duplicate). A name that was added between two "
		    "log-ons.",
	.decide = "repadmin /showobjmeta DC ACCOUNT-DN, on both KDCs",
	.verify = "The KDC {late|that refused} answers a TGS-REQ for {spn} "
		  "with a ticket.",
	.fix = fix,
	.see = see,
};
