/*
 * acct-upn-duplicate - the name of a client means two accounts: a
 * userPrincipalName that stands twice, or one that is the sAMAccountName of
 * another account with the realm behind it (MS-KILE 3.3.5.6.1).
 *
 * A Windows KDC answers 8 (KDC_ERR_PRINCIPAL_NOT_UNIQUE) to the AS-REQ, which
 * has that one cause; Samba finds nobody then and answers 6.
 *
 * Not this: 8 to a TGS-REQ, which is about the service (spn-duplicate); two
 * accounts of one name in two domains, of which each KDC finds its own.
 */
#include <string.h>
#include <strings.h>

#include "account.h"
#include "etype.h"
#include "rule.h"

static const struct exchange *
refused(const struct story *s)
{
	static const int codes[] = { KDC_ERR_PRINCIPAL_NOT_UNIQUE,
		KDC_ERR_C_PRINCIPAL_UNKNOWN };
	const struct exchange *e;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		e = story_kdc_refusal(s, codes[i]);
		if (e != NULL && e->kind == EXCHANGE_AS && e->cname != NULL &&
		    e->realm != NULL)
			return e;
	}
	return NULL;
}

/* How many accounts of E's realm the name means; cites them in F. */
static size_t
holders(const struct ledger *l, const struct exchange *e, struct finding *f)
{
	const struct name_owners *n;
	size_t i, found = 0;

	n = ledger_directory_name(l, e->cname, e->realm);
	if (n == NULL) {
		f->missing |= EVIDENCE_DIRECTORY;
		return 0;
	}
	for (i = 0; i < n->n; i++)
		if (strcasecmp(n->accounts[i]->realm, e->realm) == 0)
			found++;
	if (found < 2)
		return found;
	for (i = 0; i < n->n; i++)
		finding_account(f, n->accounts[i], "%s%s%s",
		    n->accounts[i]->name,
		    n->accounts[i]->upn != NULL ? ", userPrincipalName " : "",
		    n->accounts[i]->upn != NULL ? n->accounts[i]->upn : "");
	finding_param(f, "one", n->accounts[0]->name);
	finding_param(f, "two", n->accounts[1]->name);
	finding_param(f, "second", etype_sam(f, n->accounts[1]));
	return found;
}

/* The library writes a part's own @ as \\@; people and directories do not. */
static const char *
plain(struct finding *f, const char *name)
{
	const char *p = strstr(name, "\\@");

	return p == NULL ?
	    name :
	    finding_text(f, "%.*s%s", (int)(p - name), name, p + 1);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = refused(s);
	bool says;
	size_t n;

	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	says = e->error == KDC_ERR_PRINCIPAL_NOT_UNIQUE;
	account_refusal(f, e);
	n = holders(l, e, f);
	if (n < 2 && !says)
		return VERDICT_CLEAR;
	f->rests_on |= EVIDENCE_KDC;
	f->certainty = n > 1 ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
	account_subject(f, e, e->cname);
	finding_param(f, "upn", plain(f, e->cname));
	finding_evidence(f, &e->req, "AS-REQ of %s in %s", e->cname, e->realm);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-client-unknown",
	"acct-wrong-realm",
	"kdc-refused-other",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "Get-ADObject -LDAPFilter '(userPrincipalName={upn|USER})' "
	    "-Server :3268",
	    "then Set-ADUser {second|ONE OF THEM} -UserPrincipalName ANOTHER" },
	{ "samba", "samba-tool user rename {second|USER} --upn=ANOTHER", NULL },
	{ "unix", "kinit {one|SAM@REALM}",
	    "until then: the sAMAccountName is unique" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (8), RFC 6806 5",
	"MS-KILE 3.3.5.6.1",
	"Windows KDC event 11",
	NULL,
};

const struct rule rule_acct_upn_duplicate = {
	.id = "acct-upn-duplicate",
	.title = "Two accounts have the name {upn|of a user}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC was asked for {upn|a user}, and that means more than "
	       "one account: {one|one account} and {two|another}. A "
	       "userPrincipalName has to be unique in the whole forest, and "
	       "no other account's name with the realm.",
	.not_this = "8 to a request for a service: its SPN stands twice. The "
		    "same user name in two domains.",
	.decide = "Get-ADObject -LDAPFilter '(userPrincipalName={upn|USER})' "
		  "-Server :3268 -Properties userPrincipalName: how many?",
	.verify = "The AS-REQ of {upn|the user} is asked for a proof (25) and "
		  "then given a ticket, without 8 or 6.",
	.fix = fix,
	.see = see,
};
