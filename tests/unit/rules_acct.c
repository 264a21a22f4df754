/*
 * rules_acct.c - the rules on accounts, on NTLM instead of
 * Kerberos, and the catch-all of the KDC.
 */
#include "rules_world.h"

extern const struct rule rule_acct_bad_password, rule_acct_client_unknown,
    rule_acct_disabled_locked_expired, rule_acct_password_expired,
    rule_nego_ntlm_after_kdc_error, rule_nego_ntlm_by_ip,
    rule_nego_client_never_asked, rule_kdc_refused_other;

/* --- accounts --------------------------------------------------------- */

static void
test_password(void)
{
	const struct rule *r = &rule_acct_bad_password;
	struct exchange *x;

	clear();
	as(KDC_ERR_PREAUTH_REQUIRED);
	x = as(KDC_ERR_PREAUTH_FAILED);
	x->preauth = true;
	fires("24 to a timestamp", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);
	if (found.step.frame != x->req.frame) {
		printf("acct-bad-password: not the failing step\n");
		failed = 1;
	}
	not("24 is left to its rule", &rule_kdc_refused_other);
	x->pkinit = true;
	fires("24 to a certificate", r, CERTAINTY_POSSIBLE);
	x->pkinit = false;
	x->preauth = false;
	fires("24 to a proof that cannot be seen", r, CERTAINTY_POSSIBLE);
	x->cname = "FS1$";
	not("a computer's account", r);

	clear();
	x = as(KRB_AP_ERR_BAD_INTEGRITY);
	x->preauth = true;
	x->e_text = "PREAUTH_FAILED";
	fires("31 from an old MIT KDC", r, CERTAINTY_LIKELY);
	x->kind = EXCHANGE_TGS;
	not("31 to a TGS-REQ", r);
	fires("31 to a TGS-REQ", &rule_kdc_refused_other, CERTAINTY_LIKELY);

	clear();
	tgs("svc-web", KDC_ERR_PREAUTH_FAILED)->s4u2self = true;
	not("24 under S4U", r);

	clear();
	as(KDC_ERR_PREAUTH_REQUIRED);
	not("25 is no failure", r);
	not("25 is no failure", &rule_kdc_refused_other);
}

static void
cites(const char *what, size_t n, size_t first)
{
	if (found.nevidence == n &&
	    found.evidence[2].ref.frame == exchanges[first].rep.frame)
		return;
	printf("%s: %zu pieces of evidence\n", what, found.nevidence);
	failed = 1;
}

/* What the KDC said twice to the same client is cited twice. */
static void
test_again(void)
{
	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN)->cname = "ana";
	as(KDC_ERR_CLIENT_REVOKED);
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	fires("again", &rule_acct_client_unknown, CERTAINTY_LIKELY);
	cites("unknown, again", 3, 0);

	clear();
	as(KDC_ERR_PREAUTH_FAILED);
	as(KRB_AP_ERR_BAD_INTEGRITY);
	as(KDC_ERR_CLIENT_REVOKED);
	as(KDC_ERR_CLIENT_REVOKED);
	fires("again", &rule_acct_disabled_locked_expired, CERTAINTY_LIKELY);
	cites("locked out, again", 5, 2);
}

static void
test_unknown(void)
{
	const struct rule *r = &rule_acct_client_unknown;

	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN)->cname = "ana";
	fires("a mistyped name", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "ana@" REALM);
	not("6 is left to its rule", &rule_kdc_refused_other);
	as(0);
	fires("another name had a ticket", r, CERTAINTY_LIKELY);
	as(0)->cname = "ANA";
	not("found in the other realm", r);

	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	got_ticket("anna@" REALM, 1);
	not("it had a ticket before", r);

	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	tgs("HTTP/app1", 0)->s4u2self = true;
	not("a server looks for the realm of a user", r);

	clear();
	tgs("HTTP/app1", KDC_ERR_C_PRINCIPAL_UNKNOWN)->s4u2self = true;
	not("6 to a TGS-REQ", r);
	fires("the last word to PA-FOR-USER", &rule_kdc_refused_other,
	    CERTAINTY_LIKELY);

	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	named(SERVER, "fs1.fjord.test");
	ntlm("FS1\\anna", true);
	not("a local account, which NTLM let in", r);
	attempts[0].user = "FJORD\\anna";
	fires("a domain's account that NTLM let in", r, CERTAINTY_LIKELY);

	clear();
	as(KDC_ERR_WRONG_REALM);
	not("68 names the realm", r);
	not("68 names the realm", &rule_kdc_refused_other);
}

static void
test_revoked(void)
{
	const struct rule *r = &rule_acct_disabled_locked_expired;
	static const struct {
		int error;
		int64_t status;
		const char *text, *is;
		enum certainty sure;
	} states[] = {
		{ 18, NT_ACCOUNT_DISABLED, NULL, "disabled", CERTAINTY_PROVEN },
		{ 18, NT_ACCOUNT_LOCKED, NULL, "locked out", CERTAINTY_PROVEN },
		{ 18, NT_ACCOUNT_EXPIRED, NULL, "past its end date",
		    CERTAINTY_PROVEN },
		{ 18, EV_ABSENT, "LOCKED_OUT", "locked out", CERTAINTY_PROVEN },
		{ 18, EV_ABSENT, "CLIENT LOCKED OUT", "disabled",
		    CERTAINTY_PROVEN },
		{ 1, EV_ABSENT, "CLIENT EXPIRED", "past its end date",
		    CERTAINTY_PROVEN },
		{ 18, EV_ABSENT, NULL, "does not say which", CERTAINTY_LIKELY },
		{ 18, NT_ACCESS_DENIED, NULL, "does not say which",
		    CERTAINTY_LIKELY },
	};
	struct exchange *x;
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		clear();
		x = as(states[i].error);
		x->ntstatus = states[i].status;
		x->e_text = states[i].text;
		fires(states[i].is, r, states[i].sure);
		says(states[i].is);
		not("left to its rule", &rule_kdc_refused_other);
	}
	clear();
	x = tgs("svc-web", KDC_ERR_CLIENT_REVOKED);
	x->s4u2self = true;
	x->for_user = "erik";
	fires("the user acted for", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "erik@" REALM);

	clear();
	x = tgs("cifs/fs1.fjord.test", KDC_ERR_CLIENT_REVOKED);
	x->cname = x->crealm = NULL;
	fires("whose ticket is older than the capture", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");

	clear();
	as(KDC_ERR_PREAUTH_FAILED)->preauth = true;
	not("a wrong password is no lock-out", r);

	clear();
	as(KDC_ERR_CLIENT_REVOKED)->ntstatus = NT_INVALID_HOURS;
	not("Samba's word for the hours", r);
}

static void
test_expired_password(void)
{
	const struct rule *r = &rule_acct_password_expired;

	clear();
	as(KDC_ERR_KEY_EXPIRED);
	fires("23", r, CERTAINTY_PROVEN);
	not("23 is left to its rule", &rule_kdc_refused_other);
	exchanges[0].ntstatus = 0xC0000224;
	fires("must change", r, CERTAINTY_PROVEN);
	says("must be changed");
	exchanges[0].cname = "HTTP/app1";
	fires("a service", r, CERTAINTY_PROVEN);
	says("cannot answer a prompt");
	clear();
	as(KDC_ERR_NAME_EXP);
	not("the account, not the password", r);
}

/* --- negotiation ------------------------------------------------------ */

static void
test_ntlm_after(void)
{
	const struct rule *r = &rule_nego_ntlm_after_kdc_error;

	clear();
	tgs("cifs/fs1.fjord.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	ntlm("FJORD\\anna", true);
	fires("refused, then NTLM", r, CERTAINTY_LIKELY);
	about(SUBJECT_SPN, "cifs/fs1.fjord.test");
	attempts[0].anonymous = true;
	not("a null session", r);
	attempts[0].anonymous = false;
	tgs("cifs/fs1.fjord.test", 0);
	not("another try was granted", r);

	clear();
	ntlm("anna@" REALM, true);
	story.target = "fs1.fjord.test";
	got_ticket("anna@" REALM, 0);
	ledger.account.ok.count = 0;
	ledger.account.other.count = 1;
	ledger.account.other.error_last = KDC_ERR_ETYPE_NOSUPP;
	ledger.account.other.last = (struct ref){ 0, 1, T0 };
	fires("the log-on was refused in a story of its own", r,
	    CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);
	says("KDC_ERR_ETYPE_NOSUPP");
	not("it did ask", &rule_nego_client_never_asked);
	ledger.account.other.last.time -= 60 * SECOND;
	not("a minute before", r);
	ledger.account.other.last.time += 60 * SECOND;
	ledger.account.ok.count = 1;
	ledger.account.ok.last.time = T0 + 1;
	not("and a ticket since", r);

	clear();
	ntlm("FJORD\\anna", true);
	tgs("cifs/fs1.fjord.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	not("NTLM before the refusal", r);
}

static void
test_by_ip(void)
{
	const struct rule *r = &rule_nego_ntlm_by_ip;

	clear();
	ntlm("FJORD\\anna", true);
	story.target = "10.0.0.3";
	story.target_is_ip = true;
	fires("an address", r, CERTAINTY_LIKELY);
	about(SUBJECT_SERVER, "10.0.0.3");
	not("an address is no policy", &rule_nego_client_never_asked);
	attempts[0].anonymous = true;
	not("a null session", r);
	attempts[0].anonymous = false;
	attempts[0].offered_krb5 = false;
	not("a server without Kerberos", r);
	attempts[0].offered_krb5 = true;
	attempts[0].user = "PC1\\tim";
	named(CLIENT, "pc1");
	not("a local account", r);
	attempts[0].user = "FJORD\\anna";
	tgs("cifs/10.0.0.3", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	not("a ticket was asked for", r);

	clear();
	ntlm("FJORD\\anna", true)->ntlm_spn = "cifs/10.0.0.3";
	fires("only NTLM names the target", r, CERTAINTY_LIKELY);
	attempts[0].answer = ANSWER_ERROR;
	not("NTLM was refused", r);
	attempts[0].answer = ANSWER_OK;
	attempts[0].ntlm_spn = "cifs/fs1";
	not("a name", r);
}

static void
test_never_asked(void)
{
	const struct rule *r = &rule_nego_client_never_asked;
	static const char *const local[] = { "fs1\\anna", "PC1\\anna",
		".\\anna", "workgroup\\anna", "anna", "MicrosoftAccount\\a" };
	size_t i;

	clear();
	ntlm("FJORD.TEST\\anna", true);
	story.target = "fs1.fjord.test";
	named(SERVER, "fs1.fjord.test");
	named(CLIENT, "pc1");
	fires("NTLM at once", r, CERTAINTY_POSSIBLE);
	got_ticket("anna@" REALM, 90);
	fires("the same user gets tickets", r, CERTAINTY_LIKELY);
	story.cut_start = true;
	judge("the capture began later", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
	story.cut_start = false;
	attempts[0].offered_krb5 = false;
	not("the server offers NTLM only", r);
	attempts[0].offered_krb5 = true;
	attempts[0].guest = true;
	not("a guest", r);
	attempts[0].guest = false;
	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++) {
		attempts[0].user = local[i];
		not(local[i], r);
	}
	attempts[0].user = "anna@FJORD.TEST";
	fires("a UPN", r, CERTAINTY_LIKELY);
	attempts[0].user = "FJORD\\anna";
	fires("a domain", r, CERTAINTY_POSSIBLE);
	tgs("cifs/fs1.fjord.test", 0);
	not("it did ask", r);
}

/* --- what is left ----------------------------------------------------- */

static void
test_other(void)
{
	const struct rule *r = &rule_kdc_refused_other;
	struct exchange *x;

	clear();
	as(KDC_ERR_ETYPE_NOSUPP);
	fires("no common enctype", r, CERTAINTY_LIKELY);
	says("KDC_ERR_ETYPE_NOSUPP");
	as(0);
	not("the next offer was taken", r);

	clear();
	x = tgs("cifs/fs1.fjord.test", KDC_ERR_BADOPTION);
	x->s4u2proxy = true;
	fires("delegation to another service", r, CERTAINTY_LIKELY);
	x->sname = "win1$\\@" REALM;
	x->sname_parts = 1;
	x->sname_type = NT_ENTERPRISE;
	not("Windows asks for itself at log-on", r);
	x->sname = "host/win1.fjord.test";
	x->sname_type = NT_SRV_INST;
	x->cname = "WIN1$";
	not("the same as host/", r);
	x->cname = "WIN2$";
	fires("another computer's host/", r, CERTAINTY_LIKELY);

	clear();
	tgs("krbtgt/" REALM, KDC_ERR_BADOPTION)->options = KDC_RENEW;
	fires("a renewal refused for good", r, CERTAINTY_LIKELY);
	got_ticket("anna@" REALM, 60);
	not("a fresh log-on follows", r);
}

static void
test_other_services(void)
{
	const struct rule *r = &rule_kdc_refused_other;
	struct exchange *x;

	clear();
	tgs("krbtgt/" REALM, KDC_ERR_BADOPTION)->options = KDC_FORWARDED;
	not("a TGT that may not be forwarded", r);

	clear();
	tgs("krbtgt/PLANT.EXAMPLE", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	fires("no trust", r, CERTAINTY_LIKELY);
	exchanges[0].sname = "DNS/z.arin.net";
	not("an update at a server outside", r);

	clear();
	as(KDC_ERR_PRINCIPAL_NOT_UNIQUE);
	fires("a UPN on two accounts", r, CERTAINTY_LIKELY);
	exchanges[0].kind = EXCHANGE_TGS;
	not("an SPN on two accounts has its rule", r);

	clear();
	tgs("anna", KDC_ERR_MUST_USE_USER2USER);
	not("a name without a class", r);
	exchanges[0].sname_parts = 2;
	exchanges[0].sname = "HTTP/app1";
	fires("a user's SPN", r, CERTAINTY_LIKELY);

	clear();
	x = as(60);
	x->cname = NULL;
	not("a scanner's probe, its error names krbtgt", r);
	x->sname = NULL;
	not("a scanner's probe", r);

	clear();
	as(KDC_ERR_S_PRINCIPAL_UNKNOWN)->sname = "HTTP/nowhere";
	fires("kinit -S for a service that is not there", r, CERTAINTY_LIKELY);

	clear();
	x = tgs("pc1$\\@" REALM, KDC_ERR_BADOPTION);
	x->req = x->rep;
	not("the answer alone: a machine's own name", r);

	clear();
	tgs("cifs/fs1.fjord.test", 12)->ntstatus = 0xC0000413;
	fires("policy", r, CERTAINTY_LIKELY);
	showed(0);
	not("and yet the service let it in", r);
}

int
main(void)
{
	test_password();
	test_unknown();
	test_again();
	test_revoked();
	test_expired_password();
	test_ntlm_after();
	test_by_ip();
	test_never_asked();
	test_other();
	test_other_services();
	arena_free(&mem);
	return failed;
}
