/*
 * spn-name-truncated-15 - a computer logs on as LONGHOSTNAME$ with more than
 * 15 letters before the $, and there is no such account: sAMAccountName of a
 * computer is its NetBIOS name, which ends there (MS-NBTE 2.2.1).  The join
 * cut it, and the keytab or a script takes the host's full name.
 *
 * The KDC says 6; the account of the first 15 letters logs on in the same
 * capture.  Without that the account may simply not exist, and only the
 * length speaks: possible.
 *
 * Not this: the cut name is unknown as well (acct-client-unknown); names of
 * users and of managed accounts, which are no hosts' (they end in $ too, and
 * are cut at 15 alike).
 */
#include <string.h>

#include "account.h"
#include "rule.h"

#define NETBIOS_NAME 15

/* The length of the computer's name in CNAME; 0 when it is none. */
static size_t
computer_name(const char *cname)
{
	size_t n = cname == NULL ? 0 : strcspn(cname, "@\\");

	if (n < 2 || cname[n - 1] != '$' || memchr(cname, '/', n) != NULL)
		return 0;
	return n - 1;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_error(s,
	    KDC_ERR_C_PRINCIPAL_UNKNOWN);
	const struct account_fact *full, *cut;
	const char *who, *name;

	if (e == NULL || e->kind != EXCHANGE_AS)
		return verdict_clear_if(s->nexchanges > 0);
	if (computer_name(e->cname) <= NETBIOS_NAME)
		return VERDICT_CLEAR;
	full = ledger_account(l, account_subject(f, e, e->cname));
	name = finding_text(f, "%.*s$", NETBIOS_NAME, e->cname);
	who = finding_text(f, "%s@%s", name, e->realm != NULL ? e->realm : "");
	cut = ledger_account(l, who);
	if ((full != NULL && full->ok.count > 0) ||
	    (cut != NULL && cut->ok.count + cut->bad_key.count == 0))
		return VERDICT_CLEAR;
	f->certainty = cut != NULL ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	f->rests_on = EVIDENCE_KDC;
	finding_param(f, "short", name);
	finding_paramf(f, "cut", "%.*s", NETBIOS_NAME, e->cname);
	account_refusal(f, e);
	finding_evidence(f, &e->req, "a name of %zu letters",
	    computer_name(e->cname));
	if (cut == NULL)
		return VERDICT_FIRED;
	f->rests_on |= EVIDENCE_COMPARE;
	finding_evidence(f,
	    cut->ok.count > 0 ? &cut->ok.last : &cut->bad_key.last,
	    "%s is known to the KDC", cut->principal);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-client-unknown",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "unix", "kinit -k '{short|SHORTNAME$}'",
	    "the principal that the keytab should hold: klist -kt" },
	{ "samba", "net ads join -S DC",
	    "with netbios name = {cut|SHORTNAME} in smb.conf; adcli join "
	    "--computer-name={cut|SHORTNAME}" },
	{ "windows", "Rename-Computer",
	    "to 15 letters; Get-ADComputer '{short|SHORTNAME$}' shows the "
	    "account" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-NBTE 2.2.1",
	"MS-ADTS 3.1.1.6 (sAMAccountName of computers)",
	"RFC 4120 7.5.9 (6)",
	NULL,
};

const struct rule rule_spn_name_truncated_15 = {
	.id = "spn-name-truncated-15",
	.title = "{name|The computer's name} is longer than 15 letters",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "A computer's account has at most 15 letters and a $. The host "
	       "asks for {name|its full name}, which does not exist; its "
	       "account is {short|the name cut after 15 letters}.",
	.not_this = "An account that is gone: then the cut name is unknown as "
		    "well (acct-client-unknown).",
	.decide =
	    "dsquery computer forestroot -gc -samid {short|CUT-NAME$}: is it "
	    "there?",
	.verify = "The host sends its AS-REQ as {short|the name cut after "
		  "15 letters} and gets a TGT.",
	.fix = fix,
	.see = see,
};
