/*
 * spn-cross-domain-twin - the client's own domain has a computer (or a service)
 * of the same name as the one that the client reaches in another domain.  Its
 * KDC finds the twin first and makes a ticket with that one's key, which the
 * real server cannot open: 41, from another realm than the ticket's.  Windows
 * event 4: "identically named machine accounts in the target realm and the
 * client realm".
 *
 * What the server says in KRB-ERROR is its own realm (Windows, Samba: that of
 * the account it runs as; MIT: that of the key it looked for).
 *
 * Proven when the directory shows both; likely when the server names another
 * realm than the ticket's; possible when only the host's DNS domain is that of
 * another realm.
 *
 * Not this: one realm only (spn-wrong-account, dns-stale-record-wrong-host).
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

/* The realm that the server of R says that it belongs to, if it is another. */
static const char *
own_realm(const struct attempt *a)
{
	if (a->error < 0 || a->error_realm == NULL || a->ticket.realm == NULL ||
	    strcasecmp(a->error_realm, a->ticket.realm) == 0)
		return NULL;
	return a->error_realm;
}

/* The realm in whose DNS domain the host lies, if it is another. */
static const char *
home_realm(const struct ledger *l, const struct refused_ticket *r)
{
	const struct realm_fact *home = ledger_realm_of(l, r->host);

	if (home == NULL || r->a->ticket.realm == NULL ||
	    strcasecmp(home->realm, r->a->ticket.realm) == 0 ||
	    host_in_domain(str_of(r->host), str_of(r->a->ticket.realm)))
		return NULL;
	return home->realm;
}

/* Somebody of another realm with this host name, or this SPN. */
static const struct dir_account *
twin_of(const struct name_holders *h)
{
	const struct spn_owners *o = h->answer;
	size_t i;

	if (o == NULL || h->n == 0 || h->abroad)
		return NULL;
	if (h->twin != NULL)
		return h->twin;
	for (i = 0; i < o->nowners; i++)
		if (strcasecmp(o->owners[i]->realm, o->realm) != 0)
			return o->owners[i];
	return NULL;
}

/* No look-up has shown that it is something else. */
static bool
is_open(const struct refused_ticket *r)
{
	return r->proof == PROVEN_NOTHING || r->proof == PROVEN_ACCOUNT ||
	    r->proof == PROVEN_HOST || r->proof == PROVEN_NO_PRINCIPAL;
}

static void
tell_twin(const struct name_holders *h, const struct dir_account *twin,
    struct finding *f)
{
	refusal_cite_holder(f, h, h->owners[0], 0);
	finding_account(f, twin, "%s has the same name", twin->name);
	finding_param(f, "mine", h->owners[0]->name);
	finding_param(f, "sam", refusal_sam(f, h->owners[0]));
}

static enum certainty
certainty_of(const struct dir_account *twin, const char *says, const char *home)
{
	if (twin != NULL &&
	    ((says != NULL && strcasecmp(says, twin->realm) == 0) ||
		(home != NULL && strcasecmp(home, twin->realm) == 0)))
		return CERTAINTY_PROVEN;
	if (twin != NULL || says != NULL)
		return CERTAINTY_LIKELY;
	return CERTAINTY_POSSIBLE;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct dir_account *twin;
	const char *says, *home;
	struct refused_ticket r;
	struct name_holders h;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	says = own_realm(r.a);
	home = home_realm(l, &r);
	refusal_holders(l, r.a->ticket.sname, r.a->ticket.realm, 0, &h);
	twin = twin_of(&h);
	if ((says == NULL && home == NULL && twin == NULL) || r.key_fine ||
	    r.healed || !is_open(&r))
		return VERDICT_CLEAR;
	f->certainty = certainty_of(twin, says, home);
	refusal_subject(f, &r);
	f->rests_on |= EVIDENCE_SERVICE;
	if (says == NULL)
		says = home;
	if (twin != NULL)
		tell_twin(&h, twin, f);
	finding_param(f, "theirs", twin != NULL ? twin->realm : says);
	if (r.a->error_sname != NULL && own_realm(r.a) != NULL)
		finding_evidence(f, &r.a->error_ref,
		    "the server says that it is %s of %s", r.a->error_sname,
		    r.a->error_realm);
	if (f->certainty < CERTAINTY_PROVEN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"spn-wrong-account",
	"dns-stale-record-wrong-host",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -F -Q {spn}",
	    "shows both; when that of {realm} is a left-over, remove it there "
	    "({sam|the account})" },
	{ "samba", "samba-tool spn list {sam|ACCOUNT}", "on a KDC of {realm}" },
	{ "any", "getent hosts {host|HOST}",
	    "when both are wanted: each needs a full name of its own" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (41)",
	"Microsoft: Kerberos event ID 4",
	NULL,
};

const struct rule rule_spn_cross_domain_twin = {
	.id = "spn-cross-domain-twin",
	.title = "{spn} exists in {realm} and in {theirs|another realm}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The KDC of {realm} makes tickets for {spn} with the key of "
	       "{mine|an account of its own}, but the server belongs to "
	       "{theirs|another realm} and cannot open them. Two "
	       "domains have an account of that name.",
	.not_this = "One realm only: spn-wrong-account, "
		    "dns-stale-record-wrong-host.",
	.decide = "setspn -F -Q {spn}: in two domains?",
	.verify = "A TGS-REQ for {spn} is referred to {theirs|the server's "
		  "realm}, and its ticket is taken.",
	.fix = fix,
	.see = see,
};
