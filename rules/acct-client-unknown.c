/*
 * acct-client-unknown - the KDC has no such client: 6
 * (KDC_ERR_C_PRINCIPAL_UNKNOWN) to an AS-REQ, RFC 4120 3.1.3.
 *
 * The name is mistyped, in the wrong realm, or was removed.  It must never
 * have had a ticket in the whole capture: replicas lag.
 *
 * Not this: 68, which names another realm to ask; a KDC that does not serve
 * the realm (acct-wrong-realm); the AS-REQ without proof
 * by which a server looks for the realm of a user it is to act for
 * (normal-s4u-probe: PA-FOR-USER follows); 6 to a TGS-REQ; a local account of
 * the server, for which a client tries Kerberos before NTLM lets it in; a
 * name that two accounts have (acct-upn-duplicate: Samba says 6 to that).
 *
 * The directory proves it when all of the realm is at hand and nobody has the
 * name.  When somebody has it the KDC's word is older, or another KDC's.
 */
#include <string.h>
#include <strings.h>

#include "account.h"
#include "logon.h"
#include "rule.h"

/* A server that looks for a user's realm, MS-SFU 3.1.5.1.1. */
static bool
is_s4u_probe(const struct story *s, const struct exchange *e)
{
	const struct exchange *x;

	if (e->preauth)
		return false;
	for (x = e + 1; x < s->exchanges + s->nexchanges; x++)
		if (x->s4u2self)
			return true;
	return false;
}

/*
 * A local account: the client tries Kerberos first all the same, and Samba's
 * puts its own domain before the name.  A server that takes NTLM alone has it
 * in its own list then.  A guest has none anywhere.
 */
static bool
is_local_user(const struct story *s, const struct ledger *l)
{
	const struct attempt *a = story_accepted(s, MECH_NTLM);

	return a != NULL && !a->guest &&
	    (logon_is_local(s, l, a) || (a->offer_seen && !a->offered_krb5));
}

/* The same name found, in this realm or in the one a referral named. */
static bool
found_later(const struct story *s, const struct exchange *e)
{
	const struct exchange *x;

	for (x = e + 1; x < s->exchanges + s->nexchanges; x++)
		if (x->kind == EXCHANGE_AS && x->answer == ANSWER_OK &&
		    x->cname != NULL && strcasecmp(x->cname, e->cname) == 0)
			return true;
	return false;
}

static const char *
hint_of(const struct exchange *e)
{
	if (strchr(e->cname, '/') == NULL)
		return "";
	return " A name with a slash is a service's: Active Directory knows "
	       "it as an SPN, not as a client.";
}

/* What the directory says of the name; false when it means two accounts. */
static bool
look_up(const struct ledger *l, const struct exchange *e, struct finding *f,
    const char **hint)
{
	const struct dir_account *a = NULL;
	const struct name_owners *n;
	size_t i, here = 0;

	n = ledger_directory_name(l, e->cname, e->realm);
	if (n == NULL || (n->n == 0 && !n->covered)) {
		f->missing |= EVIDENCE_DIRECTORY;
		return true;
	}
	for (i = 0; i < n->n; i++)
		if (strcasecmp(n->accounts[i]->realm, e->realm) == 0) {
			a = n->accounts[i];
			here++;
		}
	if (here > 1)
		return false;
	if (n->n == 0) {
		if (f->certainty == CERTAINTY_LIKELY)
			f->certainty = CERTAINTY_PROVEN;
		account_cite_domain(f, l, e->realm,
		    "nobody in %s has the name %s", e->realm, e->cname);
		return true;
	}
	if (here == 0)
		a = n->accounts[0];
	finding_account(f, a, "%s has this name", a->name);
	if (strcasecmp(a->realm, e->realm) != 0) {
		*hint = finding_text(f,
		    " The directory has %s: the realm is the wrong one.",
		    a->name);
		return true;
	}
	f->certainty = CERTAINTY_POSSIBLE;
	*hint = a->created > e->rep.time ?
	    " The directory has it: it was made since." :
	    " The directory has it: this KDC had not heard of it yet, or "
	    "the account was restored since.";
	return true;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_error(s,
	    KDC_ERR_C_PRINCIPAL_UNKNOWN);
	const struct account_fact *a;
	enum certainty elsewhere;
	const char *who, *hint;

	if (e == NULL || e->kind != EXCHANGE_AS)
		return verdict_clear_if(s->nexchanges > 0);
	if (e->cname == NULL || is_s4u_probe(s, e) || found_later(s, e) ||
	    is_local_user(s, l))
		return VERDICT_CLEAR;
	who = account_subject(f, e, e->cname);
	a = ledger_account(l, who);
	/* A KDC of another realm knows nobody of this one. */
	elsewhere = account_wrong_realm(l, e);
	if ((a != NULL && a->ok.count > 0) || elsewhere >= CERTAINTY_LIKELY)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC;
	f->certainty = elsewhere == CERTAINTY_NONE ? CERTAINTY_LIKELY :
						     CERTAINTY_POSSIBLE;
	finding_param(f, "realm", e->realm);
	account_refusal(f, e);
	finding_evidence(f, &e->req, "AS-REQ of %s", who);
	hint = hint_of(e);
	if (!look_up(l, e, f, &hint))
		return VERDICT_CLEAR;
	finding_param(f, "hint", hint);
	account_refused_before(f, s, e);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Get-ADObject -LDAPFilter '(sAMAccountName={name|USER})'",
	    "or its userPrincipalName" },
	{ "samba", "samba-tool user show {name|USER}", NULL },
	{ "unix", "kadmin -q 'getprinc {account|USER}'",
	    "a UPN: kinit -E; and default_realm in krb5.conf" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 7.5.9",
	"MS-SFU 3.1.5.1.1",
	"Windows event 4768 (0x6)",
	NULL,
};

const struct rule rule_acct_client_unknown = {
	.id = "acct-client-unknown",
	.title = "There is no account {account|a user}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why =
	    "The KDC of {realm|the realm} does not know the client {account|a "
	    "user}: the name is mistyped, belongs to another realm or was "
	    "removed, and it never had a ticket in this capture.{hint|}",
	.not_this =
	    "A server that looks for a user's realm before it acts for "
	    "the user (S4U). 68 names the realm to ask instead. Many names "
	    "from one address are guessing, not a fault.",
	.decide = "dsquery user forestroot -gc -samid {sam|NAME}; the same "
		  "with -upn {account|NAME@REALM}",
	.verify = "The AS-REQ of the right name is answered with a TGT, "
		  "and nobody asks for {account|the unknown name} any "
		  "more.",
	.fix = fix,
	.see = see,
};
