/*
 * spn-renamed-host - a computer was renamed, and its SPNs were not: its
 * dNSHostName (or sAMAccountName) is the name that clients ask for, and its
 * HOST/ names are those of another.  The KDC says 7 for the new name, which
 * DNS knows already; under the old one tickets are still made.
 *
 * Windows renames the SPNs itself, unless the computer may not write them any
 * more (Netlogon event 5789, a delegated OU) or the account was renamed by
 * hand; Samba and the Unix join tools do so at the next join.
 *
 * Not this: a computer without any HOST/ name, one that has the new name as
 * well, a service's own class that is missing beside a good HOST/
 * (spn-missing), an alias in DNS (dns-a-record-alias-no-spn): no computer has
 * that for its name.  Only the directory tells.
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

#define SPNS_LOOKED_AT 256

static bool is_host_class(struct str class)
{
	return refusal_text_is(class, "HOST") ||
	    refusal_text_is(class, "RestrictedKrbHost");
}

/* Longer is better: the full form of the old name. */
static bool
is_better(struct str host, struct str old)
{
	bool full = memchr(host.p, '.', host.len) != NULL;

	return old.len == 0 || (full && memchr(old.p, '.', old.len) == NULL);
}

/*
 * The host that the HOST/ names of A are for, in the class asked for too; false
 * when A has one for HOST as well, or none at all.
 */
static bool
other_host(const struct dir_account *a, const struct refused_name *n,
    struct str *old)
{
	bool same_class = false;
	struct spn spn;
	size_t i;

	*old = (struct str){ NULL, 0 };
	for (i = 0; i < SPNS_LOOKED_AT && a->spns[i] != NULL; i++) {
		if (!spn_split(a->spns[i], &spn) || spn.name.len > 0)
			continue;
		if (host_alike(spn.host, str_of(n->host)))
			return false;
		if (spn.class.len == n->spn.class.len &&
		    strncasecmp(spn.class.p, n->spn.class.p, spn.class.len) ==
			0)
			same_class = true;
		if (is_host_class(spn.class) && is_better(spn.host, *old))
			*old = spn.host;
	}
	return old->len > 0 &&
	    (same_class || refusal_machine_class(n->spn.class) ||
		refusal_text_is(n->spn.class, "HTTP"));
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct dir_account *a;
	struct refused_name n;
	struct str old;

	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	if (n.held.what == HELD_UNKNOWN) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	a = n.held.computer;
	if (n.held.what != HELD_BY_NONE || a == NULL ||
	    !other_host(a, &n, &old))
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_PROVEN;
	refusal_name_subject(f, s, &n);
	refusal_subject_account(f, a);
	finding_param(f, "sam", refusal_sam(f, a));
	finding_param(f, "old", finding_text(f, "%.*s", (int)old.len, old.p));
	finding_account(f, a, "%s is the computer %s, and holds HOST/%.*s",
	    a->name, n.host, (int)old.len, old.p);
	refusal_cite_none(f, l, &n.held);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"dns-a-record-alias-no-spn",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -R {sam|COMPUTER}",
	    "writes HOST/ of the present name; or join the computer again" },
	{ "samba", "samba-tool spn add HOST/{host} {sam|COMPUTER$}", NULL },
	{ "unix", "adcli update --computer-name={sam|COMPUTER}",
	    "on {host}; then net ads keytab create" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (7)",
	"MS-ADTS 3.1.1.5.3.1.1.4",
	"Microsoft: KDC event ID 24, Netlogon event ID 5789",
	NULL,
};

const struct rule rule_spn_renamed_host = {
	.id = "spn-renamed-host",
	.title = "{host} was renamed, its SPNs are those of {old|the old name}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "In the directory the computer {sam|of that name} is {host}, "
	       "but its names for services are those of "
	       "{old|the old name}: the KDC of {realm} knows no {spn}. "
	       "Clients that use the new name get no ticket.",
	.not_this = "An alias that no computer has for its name "
		    "(dns-a-record-alias-no-spn). A service's own class that "
		    "is missing beside a good HOST/ (spn-missing).",
	.decide = "setspn -L COMPUTER: HOST/ of another name?",
	.verify = "A TGS-REQ for {spn} is answered with a ticket.",
	.fix = fix,
	.see = see,
};
