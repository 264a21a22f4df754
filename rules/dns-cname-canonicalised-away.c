/*
 * dns-cname-canonicalised-away - the user means a farm by its alias, the
 * client follows the CNAME and asks for the node: HTTP/node instead of
 * HTTP/intranet.  MIT does so by default, and so do browsers on Windows.  The
 * farm's SPN stands on the alias, so that the KDC knows no HTTP/node (7), or
 * makes a ticket with the node's own key, which the farm's service does not
 * have (41).
 *
 * Likely when the alias itself was given a ticket in this capture, its ticket
 * is taken where the node's is refused, or the path or NTLM has the alias.  A
 * CNAME alone proves nothing: as an alias of one host it is healthy, and it is
 * the node's SPN that is missing then (spn-missing).
 *
 * Not this: the client put the alias into the SPN
 * (dns-cname-alias-client-uses-alias).
 */
#include <string.h>

#include "logon.h"
#include "refusal.h"
#include "rule.h"

/* The look-up of an alias that led to HOST; NULL when there was none. */
static const struct lookup *
alias_of(const struct story *s, const char *host)
{
	const struct lookup *k;

	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (k->name != NULL && k->canonical != NULL &&
		    host_alike(str_of(k->canonical), str_of(host)) &&
		    !host_alike(str_of(k->name), str_of(host)))
			return k;
	return NULL;
}

/* The same service under its alias: "HTTP/intranet.fjord.test". */
static const char *
alias_spn(struct finding *f, const struct spn *spn, const struct lookup *k)
{
	return finding_text(f, "%.*s/%s", (int)spn->class.len, spn->class.p,
	    k->name);
}

static void
report(struct finding *f, const struct lookup *k, const char *good)
{
	f->rests_on |= EVIDENCE_DNS;
	f->missing = EVIDENCE_DIRECTORY;
	finding_param(f, "alias", k->name);
	finding_param(f, "good", good);
	finding_evidence(f, &k->reply, "DNS: %s is a CNAME of %s", k->name,
	    k->canonical);
}

/* Whether the user wrote the alias: the path, or the SPN inside NTLM. */
static bool
is_meant(const struct story *s, const struct lookup *k)
{
	const struct attempt *a = story_tried(s, MECH_NTLM);
	struct str target = str_of(s->target);

	if (target.len == 0 && a != NULL)
		target = logon_target(s, a);
	return target.len > 0 && host_alike(target, str_of(k->name));
}

/* The service refused the node's ticket. */
static enum verdict
check_ticket(const struct story *s, const struct ledger *l,
    const struct refused_ticket *r, struct finding *f)
{
	const struct lookup *k = alias_of(s, r->host);
	const struct dir_account *alias;
	const struct service *taken;
	const char *good;

	if (k == NULL || r->key_fine || r->healed || r->elsewhere != NULL ||
	    (r->proof != PROVEN_NOTHING && r->proof != PROVEN_ACCOUNT))
		return VERDICT_CLEAR;
	good = alias_spn(f, &r->spn, k);
	taken = ledger_service(l, good, &r->a->server);
	if (taken != NULL && taken->taken.count == 0)
		taken = NULL;
	f->certainty = taken != NULL && r->place == REFUSAL_ACCOUNT ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	refusal_subject(f, r);
	alias = ledger_owner(l, good, r->a->ticket.realm);
	if (taken != NULL &&
	    (r->proof == PROVEN_ACCOUNT ||
		(alias != NULL && r->owner != NULL && alias != r->owner))) {
		/* It runs as the alias's account, the ticket is another's. */
		f->certainty = CERTAINTY_PROVEN;
		if (alias != NULL)
			finding_account(f, alias, "%s has %s", alias->name,
			    good);
		refusal_cite_keys(f, r);
		refusal_cite_directory(f, r);
	}
	finding_param(f, "what", "makes a ticket with the node's own key");
	if (taken != NULL)
		f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, taken);
	report(f, k, good);
	return VERDICT_FIRED;
}

/* The KDC does not know the node's service. */
static enum verdict
check_name(const struct story *s, const struct ledger *l,
    const struct refused_name *n, struct finding *f)
{
	const struct lookup *k = alias_of(s, n->host);
	const struct spn_fact *given;
	struct name_holders alias;
	const char *good;

	if (k == NULL || n->spn.name.len > 0 || n->held.n > 0)
		return VERDICT_CLEAR;
	good = alias_spn(f, &n->spn, k);
	refusal_holders(l, good, n->e->realm, 0, &alias);
	if (alias.what == HELD_BY_NONE && n->held.what == HELD_BY_NONE)
		return VERDICT_CLEAR;
	given = ledger_spn(l, good, n->e->realm);
	if (given != NULL && given->issued.count == 0)
		given = NULL;
	f->certainty = given != NULL || is_meant(s, k) ? CERTAINTY_LIKELY :
							 CERTAINTY_POSSIBLE;
	if (alias.n > 0 && n->held.what == HELD_BY_NONE)
		f->certainty = CERTAINTY_PROVEN;
	refusal_name_subject(f, s, n);
	finding_param(f, "what", "knows no service there");
	refusal_cite_none(f, l, &n->held);
	if (alias.n > 0)
		refusal_cite_holder(f, &alias, alias.owners[0], 0);
	if (given != NULL) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &given->issued.last, "a ticket for %s",
		    given->spn);
	}
	report(f, k, good);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;
	struct refused_name n;

	if (refusal_ticket(s, l, &r))
		return check_ticket(s, l, &r, f);
	if (refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return check_name(s, l, &n, f);
	return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
}

static const char *const explains[] = {
	"spn-missing",
	"spn-wrong-account",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "any", "nslookup {alias|ALIAS}",
	    "make the farm's name an address record, no CNAME" },
	{ "windows", "setspn -Q {good|CLASS/ALIAS}",
	    "the farm's account has it? then policy "
	    "DisableAuthNegotiateCnameLookup = 1 (Edge, Chrome)" },
	{ "unix", "dns_canonicalize_hostname = false",
	    "in [libdefaults] of krb5.conf on the client; or fallback" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 1.3, 7.5.9 (7, 41)",
	"MIT krb5: Principal names and DNS",
	"Chromium: DisableAuthNegotiateCnameLookup",
	"Microsoft: Kerberos for load-balanced client access",
	NULL,
};

const struct rule rule_dns_cname_canonicalised_away = {
	.id = "dns-cname-canonicalised-away",
	.title = "The client asks for {host}, not for the alias {alias|ALIAS}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The user means {alias|an alias}. DNS says that this is an "
	       "alias (CNAME) of {host}, and the client asks for {spn} "
	       "instead of {good|the alias}. The KDC {what|knows no service "
	       "there}: the service's name stands on the alias.",
	.not_this = "An alias of one host whose own SPN is missing "
		    "(spn-missing). A client that puts the alias into the SPN "
		    "(dns-cname-alias-client-uses-alias).",
	.decide = "setspn -Q {good|CLASS/ALIAS}: on the farm's account?",
	.verify = "The client asks for {good|the alias}, gets a ticket, "
		  "and the service takes it.",
	.fix = fix,
	.see = see,
};
