/*
 * spn-duplicate - more than one account holds the service's name.  A KDC that
 * finds two says KDC_ERR_PRINCIPAL_NOT_UNIQUE (8), and nothing else has this
 * code; Samba, and Windows in most cases, say 7 as for a name that no account
 * holds, so that for 7 this is only the rival of spn-missing.
 *
 * Not this: whatever spn-missing is not; with 7, a name that is hardly in the
 * directory at all (an address, a name of another domain, one from reverse DNS)
 * or one for which tickets are made all the same.  Without the directory the
 * second account has no name; with it, two holders in the KDC's own realm
 * prove this, and one or none prove the contrary of a 7.
 *
 * A KDC that has seen only one of the two makes tickets with that one's key,
 * which the service refuses when it runs as the other.
 *
 * Samba also takes a computer for HOST/ and its common name, whatever SPNs it
 * has: when another account holds that HOST/, it finds two (4.17).
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

/* One account has HOST/ of a computer that is another account. */
static bool
is_shadow(const struct refused_name *n)
{
	return n->held.what == HELD_BY_ONE && n->held.shadowed != NULL &&
	    (n->held.implied || refusal_machine_class(n->spn.class));
}

static bool
find(const struct story *s, const struct ledger *l, struct finding *f,
    struct refused_name *n)
{
	if (refusal_name(s, l, KDC_ERR_PRINCIPAL_NOT_UNIQUE, n)) {
		f->certainty = n->held.what == HELD_BY_SEVERAL ?
		    CERTAINTY_PROVEN :
		    CERTAINTY_LIKELY;
		return true;
	}
	f->certainty = CERTAINTY_POSSIBLE;
	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, n))
		return false;
	if (n->held.what == HELD_BY_SEVERAL)
		f->certainty = CERTAINTY_PROVEN;
	else if (is_shadow(n))
		f->certainty = CERTAINTY_LIKELY;
	else if (n->held.n > 0 || n->held.what == HELD_BY_NONE)
		return n->held.what == HELD_BY_ONE && !n->held.answer->covered;
	return f->certainty > CERTAINTY_POSSIBLE ||
	    (n->owned && !n->known &&
		(n->reverse.meant == NULL || n->reverse.right));
}

/* Cites all the holders. */
static void
name_all(const struct name_holders *h, int64_t time, struct finding *f)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		refusal_cite_holder(f, h, h->owners[i], time);
	if (h->n < 2)
		return;
	finding_paramf(f, "who", " %s and %s hold it%s.",
	    refusal_sam(f, h->owners[0]), refusal_sam(f, h->owners[1]),
	    h->n > 2 ? ", and others" : "");
	finding_excluded(f, NULL, "a missing name",
	    "%zu accounts of %s have it", h->n, h->answer->realm);
}

/* Nobody can say here which of the two is the one that the service runs as. */
static const struct fix fix_either[] = {
	{ "windows", "setspn -D {held} {two}",
	    "where the service runs as {one}" },
	{ "windows", "setspn -D {held} {one}",
	    "where it runs as {two}; never both" },
	{ "samba", "samba-tool spn delete {held} {two}",
	    "where the service runs as {one}" },
	{ "samba", "samba-tool spn delete {held} {one}",
	    "where it runs as {two}; never both" },
	{ NULL, NULL, NULL },
};

/* Several have to lose it. */
static const struct fix fix_others[] = {
	{ "windows", "setspn -D {held} {one}",
	    "keep it on {keep|the one the service runs as}" },
	{ "windows", "setspn -D {held} {two}", "and so on: setspn -Q {held}" },
	{ "samba", "samba-tool spn delete {held} {one}", NULL },
	{ "samba", "samba-tool spn delete {held} {two}", NULL },
	{ NULL, NULL, NULL },
};

/* Names all but KEEP (NULL: not known), in commands. */
static void
say_fix(const struct name_holders *h, const struct dir_account *keep,
    struct finding *f)
{
	const struct dir_account *others[DIR_MAX_OWNERS];
	size_t i, n = 0;

	for (i = 0; i < h->n; i++)
		if (h->owners[i] != keep)
			others[n++] = h->owners[i];
	if (keep != NULL)
		finding_param(f, "keep", refusal_sam(f, keep));
	if (keep != NULL && n == 1)
		finding_param(f, "wrong", refusal_sam(f, others[0]));
	if (n < 2)
		return;
	finding_param(f, "one", refusal_sam(f, others[0]));
	finding_param(f, "two", refusal_sam(f, others[1]));
	f->fix = keep == NULL && n == 2 ? fix_either : fix_others;
}

/* Names the one that has to lose the name. */
static void
name_holders(const struct refused_name *n, struct finding *f)
{
	const struct name_holders *h = &n->held;

	name_all(h, n->e->rep.time, f);
	if (!is_shadow(n)) {
		say_fix(h, refusal_keeper(n), f);
		return;
	}
	finding_account(f, h->shadowed, "%s is the computer %s",
	    h->shadowed->name, n->host);
	say_fix(h, h->shadowed, f);
}

/* The account that the server of R says it runs as is one of the holders. */
static const struct dir_account *
runs_as(const struct refused_ticket *r, const struct name_holders *h)
{
	size_t i;

	for (i = 0; r->runs_as != NULL && i < h->n; i++)
		if (h->owners[i] == r->runs_as)
			return r->runs_as;
	return NULL;
}

/* By its version the ticket's key is not KEEP's, but may be another's. */
static bool
is_of_another(const struct refused_ticket *r, const struct name_holders *h,
    const struct dir_account *keep)
{
	int64_t kvno = r->a->ticket.kvno;
	size_t i;

	if (kvno == EV_ABSENT || keep->kvno == EV_ABSENT || keep->kvno == kvno)
		return false;
	for (i = 0; i < h->n; i++)
		if (h->owners[i]->kvno == kvno)
			return true;
	return false;
}

/* A ticket was made, with the key of one of them. */
static enum verdict
check_ticket(const struct refused_ticket *r, const struct ledger *l,
    struct finding *f)
{
	const struct dir_account *keep;
	struct name_holders h;

	refusal_holders(l, r->a->ticket.sname, r->a->ticket.realm,
	    r->a->req.time, &h);
	if (h.what != HELD_BY_SEVERAL || r->key_fine || r->healed ||
	    (r->proof != PROVEN_NOTHING && r->proof != PROVEN_ACCOUNT))
		return VERDICT_CLEAR;
	keep = runs_as(r, &h);
	f->certainty = keep != NULL && is_of_another(r, &h, keep) ?
	    CERTAINTY_PROVEN :
	    CERTAINTY_LIKELY;
	refusal_subject(f, r);
	name_all(&h, r->a->req.time, f);
	finding_param(f, "held", r->a->ticket.sname);
	finding_param(f, "effect",
	    " A ticket is made with the key of one of them, and the service "
	    "runs as the other.");
	say_fix(&h, keep, f);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;
	struct refused_name n;

	if (refusal_ticket(s, l, &r))
		return check_ticket(&r, l, f);
	if (!find(s, l, f, &n)) {
		f->certainty = CERTAINTY_NONE;
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	}
	refusal_name_subject(f, s, &n);
	name_holders(&n, f);
	finding_paramf(f, "held", "%s%s", n.held.implied ? "HOST" : "",
	    n.held.implied ? strchr(n.e->sname, '/') : n.e->sname);
	if (n.held.what == HELD_UNKNOWN || n.held.n == 1)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"spn-wrong-account",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -Q {held}", "shows every account that has it" },
	{ "windows", "setspn -D {held} {wrong|WRONGACCOUNT}",
	    "keep it on {keep|the one the service runs as}" },
	{ "samba", "samba-tool spn delete {held} {wrong|WRONGACCOUNT}", NULL },
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
	.needs = 0,
	.check = check,
	.explains = explains,
	.why = "The KDC of {realm} cannot tell whose key belongs to {spn}: "
	       "more than one account holds it.{who|}{effect| There is no "
	       "ticket until the name stands on one account alone.}",
	.not_this =
	    "A name that no account holds (spn-missing): the error 7 is the "
	    "same, only the directory tells them apart. A KDC that sees only "
	    "one of the two (another domain) gives tickets all the same, and "
	    "the service refuses them (spn-wrong-account).",
	.decide = "setspn -Q {spn}: two?",
	.verify = "A TGS-REQ for {spn} is answered with a ticket, and the "
		  "service takes it.",
	.fix = fix,
	.see = see,
};
