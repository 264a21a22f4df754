/*
 * realm-mapping-wrong - the client looks for a host in the wrong realm: it
 * asks for another realm although the host's DNS domain belongs to its own
 * (krbtgt/OTHER: 7), or for the host in its own realm although the domain
 * belongs to another one that the capture shows (svc/host: 7).
 *
 * The map is [domain_realm] or default_realm in krb5.conf, a TXT record, on
 * Windows ksetup and the policy for host names.  Realms are upper case for
 * MIT: fjord.test is another one than FJORD.TEST.
 *
 * Not this: the first question of every client that follows referrals, which
 * goes to its own KDC with "canonicalize"; what comes back is 7 as well when
 * the name is nowhere in the forest (spn-missing): nothing, or possible when
 * the other realm gives tickets for this name.  A look-up right before a
 * request for another realm may be another program's: realm-no-trust stays a
 * rival.
 *
 * The directory may show that only an account of another domain has the name,
 * to which this KDC does not refer (an external trust, another forest).
 *
 * The client's krb5.conf (--krb5-conf) decides: its [domain_realm] gives the
 * host the realm that was asked, and the fault is seen in itself, or gives it
 * the right one, and something else asked.
 */
#include <string.h>
#include <strings.h>

#include "clientconf.h"
#include "names.h"
#include "refusal.h"
#include "rule.h"

static bool
is_followed_referral(const struct story *s)
{
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x->referral)
			return true;
	return false;
}

/* What the client's krb5.conf says of the host. */
enum mapping {
	MAPPING_UNKNOWN,
	MAPPING_NONE,  /* no line fits */
	MAPPING_WRONG, /* the realm that was asked */
	MAPPING_RIGHT  /* another one: the file does not account for it */
};

/* ASKED is the wrong realm; cites the line in F when it is at fault. */
static enum mapping
mapping_of(const struct story *s, const struct ledger *l, struct finding *f,
    const char *host, const char *asked)
{
	const struct krb5_conf *c = clientconf_of(s, l);
	const char *realm, *line = NULL;

	if (c == NULL || host == NULL)
		return MAPPING_UNKNOWN;
	realm = ledger_domain_realm(l, host, &line);
	if (realm == NULL)
		return c->partial ? MAPPING_UNKNOWN : MAPPING_NONE;
	/* Realms are compared as MIT does: with regard to case. */
	if (strcmp(realm, asked) != 0)
		return MAPPING_RIGHT;
	f->rests_on |= EVIDENCE_KRB5_CONF;
	finding_lookup(f, c->path, "[domain_realm] %s = %s", line, realm);
	finding_param(f, "line", line);
	return MAPPING_WRONG;
}

static void
weigh(const struct ledger *l, enum mapping m, const char *host,
    struct finding *f)
{
	const struct krb5_conf *c = ledger_krb5_conf(l);

	if (m == MAPPING_WRONG)
		f->certainty = CERTAINTY_PROVEN;
	else if (m == MAPPING_NONE)
		finding_lookup(f, c->path, "[domain_realm] has no line for %s",
		    host);
	else
		f->missing |= EVIDENCE_KRB5_CONF;
}

/* The realm whose service it is: by its account, or by its DNS domain. */
static const char *
home_of(const struct ledger *l, const struct refused_name *n)
{
	const struct realm_fact *home;

	if (n->held.what == HELD_ABROAD)
		return n->held.owners[0]->realm;
	home = ledger_realm_of(l, n->host);
	return home == NULL ? NULL : home->realm;
}

/* The host was asked for in E's realm, which is not that of its domain. */
static enum verdict
check_name(const struct story *s, const struct ledger *l,
    const struct refused_name *n, struct finding *f)
{
	bool abroad = n->held.what == HELD_ABROAD, canonicalize;
	const char *home = home_of(l, n);
	const struct spn_fact *given;
	enum mapping m;

	if (home == NULL || n->e->realm == NULL ||
	    strcasecmp(home, n->e->realm) == 0 || is_followed_referral(s))
		return VERDICT_CLEAR;
	given = ledger_spn(l, n->e->sname, home);
	if (given != NULL && given->issued.count == 0)
		given = NULL;
	/* Asked to refer, the KDC answers for the whole forest. */
	canonicalize = (n->e->options & KDC_CANONICALIZE) != 0;
	if (canonicalize && given == NULL && !abroad)
		return VERDICT_CLEAR;
	f->certainty = canonicalize && !abroad ? CERTAINTY_POSSIBLE :
						 CERTAINTY_LIKELY;
	refusal_name_subject(f, s, n);
	m = mapping_of(s, l, f, n->host, n->e->realm);
	if (m == MAPPING_RIGHT)
		return VERDICT_CLEAR;
	weigh(l, m, n->host, f);
	if (abroad)
		refusal_cite_holder(f, &n->held, n->held.owners[0], 0);
	finding_param(f, "home", home);
	finding_param(f, "asked", n->e->realm);
	if (given == NULL)
		return VERDICT_FIRED;
	f->rests_on |= EVIDENCE_COMPARE;
	finding_evidence(f, &given->issued.last, "%s gives a ticket for it",
	    home);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_realm r;
	struct refused_name n;
	enum mapping m;

	if (refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return check_name(s, l, &n, f);
	if (!refusal_realm(s, l, &r))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	if (!r.case_only &&
	    (r.home == NULL || strcasecmp(r.home, r.other) == 0))
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	refusal_realm_subject(f, &r);
	m = mapping_of(s, l, f, r.host, r.other);
	if (m == MAPPING_RIGHT)
		return VERDICT_CLEAR;
	weigh(l, m, r.host, f);
	if (!r.case_only && r.host_ref.frame != 0) {
		f->rests_on |= EVIDENCE_DNS;
		finding_evidence(f, &r.host_ref,
		    "the client looked up %s before", r.host);
	}
	finding_param(f, "home", r.case_only ? r.e->realm : r.home);
	finding_param(f, "asked", r.other);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"spn-duplicate",
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "unix", "{host|HOST.DOMAIN} = {home|REALM}",
	    "in [domain_realm] of krb5.conf, upper case; .DOMAIN for all "
	    "hosts of a domain" },
	{ "windows", "ksetup",
	    "shows the map: ksetup /delhosttorealmmap {host|HOST.DOMAIN} "
	    "{asked|WRONG}; policy: Define host name-to-Kerberos realm "
	    "mappings" },
	{ "any", "nslookup -type=TXT _kerberos.{host|HOST.DOMAIN}",
	    "and of its domain: a record with the realm (dns_lookup_realm)" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 1.3, 7.2.1",
	"MIT krb5: [domain_realm]",
	"Microsoft: ksetup addhosttorealmmap",
	NULL,
};

const struct rule rule_realm_mapping_wrong = {
	.id = "realm-mapping-wrong",
	.title = "{host|A host} is looked for in the realm {asked|OTHER}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "realm",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The client takes {host|the host} for one of {asked|another "
	       "realm}. It belongs to {home|its own}, and the KDC of "
	       "{realm|the realm} has nothing for the client's question. The "
	       "client's map of hosts to realms is wrong, or missing where its "
	       "KDC cannot refer it.",
	.not_this = "A client that asks its own KDC first and is referred. A "
		    "realm that is right, but not trusted (realm-no-trust).",
	.decide = "the client's krb5.conf (--krb5-conf): which realm does "
		  "[domain_realm] give {host|the host}? Windows: ksetup",
	.verify = "The client asks a KDC of {home|its realm} for {host|the "
		  "host}, and gets a ticket; nothing asks {asked|the other "
		  "realm} for it.",
	.fix = fix,
	.see = see,
};
