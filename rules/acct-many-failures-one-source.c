/*
 * acct-many-failures-one-source - one address fails to log on as more than
 * ten different users within a minute: 6, 18, 24, and 31 to an AS-REQ.
 *
 * Somebody tries names or one password on everybody (spraying), or a program
 * is broken: an import with old passwords, a gateway that logs on in its
 * users' names, a scanner.  None of the accounts is at fault, so the rules on
 * accounts are explained by this one.
 *
 * Not this: ten or fewer, where each account is looked at by itself; a
 * terminal server full of users whose KDC is ill, which gets other errors.
 */
#include "account.h"
#include "rule.h"

static const struct exchange *
failed(const struct story *s)
{
	static const int codes[] = { KDC_ERR_C_PRINCIPAL_UNKNOWN,
		KDC_ERR_CLIENT_REVOKED, KDC_ERR_PREAUTH_FAILED,
		KRB_AP_ERR_BAD_INTEGRITY };
	const struct exchange *e;
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		e = story_kdc_error(s, codes[i]);
		if (e != NULL && e->kind == EXCHANGE_AS && e->cname != NULL)
			return e;
	}
	return NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = failed(s);
	const struct host *h = account_sprayer(l, s);

	if (e == NULL)
		return verdict_clear_if(s->nexchanges > 0);
	if (h == NULL)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_KDC | EVIDENCE_COMPARE;
	f->certainty = CERTAINTY_LIKELY;
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "count", "%s%u",
	    h->failing >= HOST_MAX_FAILING ? "at least " : "", h->failing);
	finding_evidence(f, &h->failing_first, "the first of %u names",
	    h->failing);
	finding_evidence(f, &h->failing_last, "the last of them");
	finding_evidence(f, &e->rep, "KDC: %s for %s", krb_error_name(e->error),
	    e->cname);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"acct-client-unknown",
	"acct-bad-password",
	"acct-disabled-locked-expired",
	"acct-wrong-realm",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "qwinsta /server:{client|ADDRESS}",
	    "who works there; block it, then events 4768 and 4771" },
	{ "samba", "samba-tool domain passwordsettings show",
	    "is there a lock-out threshold?" },
	{ "unix", "ss -tunp dport = :kerberos",
	    "on that host: the program that asks" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 10",
	"Windows events 4768 (0x6), 4771 (0x18)",
	NULL,
};

const struct rule rule_acct_many_failures_one_source = {
	.id = "acct-many-failures-one-source",
	.title = "{client|One address} fails to log on as {count|many} users",
	.impact = IMPACT_REMARK,
	.mild = IMPACT_REMARK,
	.about = "account",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_LATER,
	.check = check,
	.explains = explains,
	.why = "Within a minute KDCs refused {count|many} different users to "
	       "{client|one address}. That is a program that tries names or "
	       "passwords, or one that is broken; the accounts themselves are "
	       "not at fault. Look at the host first.",
	.not_this = "Ten users or fewer: each account has its own finding.",
	.decide = "on {client|that host}: netstat -abno, or ss -tunp, "
		  "while it asks port 88",
	.verify = "Fewer than ten users are refused to {client|that "
		  "address} within any minute.",
	.fix = fix,
	.see = see,
};
