/*
 * rules_ntlm.c - the rules on NTLM that is refused or all there is, on what
 * a KDC's policy says of a log-on, and on the password service.
 */
#include "rules_world.h"

extern const struct rule rule_ntlm_logon_refused, rule_nego_ntlm_blocked,
    rule_nego_server_ntlm_only, rule_ip_target_kerberos_impossible,
    rule_acct_logon_restriction, rule_acct_preauth_not_required,
    rule_acct_wrong_realm, rule_acct_client_unknown,
    rule_acct_many_failures_one_source, rule_kpasswd_464_blocked,
    rule_kpasswd_2025_success_in_krb_error;

/* --- NTLM ------------------------------------------------------------- */

static struct attempt *
refused(const char *user, int64_t status)
{
	struct attempt *a = ntlm(user, false);

	a->status = status;
	return a;
}

static void
test_refused(void)
{
	const struct rule *r = &rule_ntlm_logon_refused;

	clear();
	refused("FJORD\\anna", NT_LOGON_FAILURE);
	fires("no reason given", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "FJORD\\anna");
	about(SUBJECT_SERVER, "10.0.0.3");
	says("does not say which");
	says("No Kerberos came before it");
	attempts[0].status = NT_WRONG_PASSWORD;
	fires("the reason is named", r, CERTAINTY_PROVEN);
	says("the password is wrong");
	attempts[0].status = NT_ACCOUNT_LOCKED;
	fires("locked", r, CERTAINTY_PROVEN);
	attempts[0].status = 0xC00000D0;
	fires("a status that is no account's", r, CERTAINTY_LIKELY);
	says("nothing of user or password");
	attempts[0].status = 49;
	attempts[0].carrier = "ldap";
	fires("LDAP", r, CERTAINTY_LIKELY);
	says("ldap 49");
	attempts[0].status = EV_ABSENT;
	fires("a reject without a status", r, CERTAINTY_LIKELY);
	attempts[0].user = "PC9\\tim";
	attempts[0].computer = "PC9";
	fires("an account of the client's own", r, CERTAINTY_LIKELY);
	says("there is no Kerberos");
	attempts[0].status = NT_NTLM_BLOCKED;
	not("NTLM is blocked", r);
	attempts[0].status = NT_LOGON_FAILURE;
	attempts[0].anonymous = true;
	not("a null session", r);

	clear();
	ntlm("FJORD\\anna", true);
	not("accepted", r);
	attempts[0].answer = ANSWER_MORE;
	not("a step", r);
}

static void
test_refused_account(void)
{
	clear();
	got_ticket("anna@" REALM, 0);
	refused("anna@" REALM, NT_LOGON_FAILURE);
	fires("a UPN that the KDC knows", &rule_ntlm_logon_refused,
	    CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);
}

/* Refused three times at once, twice for one reason: two are cited. */
static void
test_refused_again(void)
{
	clear();
	refused("PC9\\user", NT_LOGON_FAILURE);
	refused("PC9\\user", NT_ACCOUNT_LOCKED);
	refused("PC9\\other", NT_LOGON_FAILURE);
	refused("PC9\\user", NT_LOGON_FAILURE);
	fires("again", &rule_ntlm_logon_refused, CERTAINTY_LIKELY);
	if (found.nevidence != 3 ||
	    found.evidence[2].ref.frame != attempts[0].rep.frame) {
		printf("refused again: %zu pieces of evidence\n",
		    found.nevidence);
		failed = 1;
	}
}

static void
test_blocked(void)
{
	const struct rule *r = &rule_nego_ntlm_blocked;

	clear();
	refused("FJORD\\anna", NT_NTLM_BLOCKED);
	fires("the status says so", r, CERTAINTY_PROVEN);
	about(SUBJECT_SERVER, "10.0.0.3");
	says("asked no KDC");
	attempts[0].status = 0x721;
	fires("what RPC makes of it", r, CERTAINTY_PROVEN);
	attempts[0].status = NT_LOGON_FAILURE;
	not("no reason given", r);
	attempts[0].status = NT_ACCOUNT_RESTRICTION;
	not("a restriction of the account", r);
}

static void
test_server_ntlm_only(void)
{
	const struct rule *r = &rule_nego_server_ntlm_only;

	clear();
	ntlm("FJORD\\anna", true)->offered_krb5 = false;
	judge("no list was seen", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
	attempts[0].offer_seen = true;
	story.target = "fs1.fjord.test";
	fires("a domain nobody knows", r, CERTAINTY_POSSIBLE);
	tgs("cifs/fs1.fjord.test", 0);
	fires("a client of the domain", r, CERTAINTY_LIKELY);
	says("fs1.fjord.test");
	attempts[0].answer = ANSWER_ERROR;
	fires("and refused", r, CERTAINTY_LIKELY);
	attempts[0].status = NT_NTLM_BLOCKED;
	not("NTLM is not taken either", r);
	attempts[0].status = NT_LOGON_FAILURE;
	attempts[0].user = "workgroup\\anna";
	not("a workgroup", r);
	attempts[0].user = "FJORD\\anna";
	attempts[0].offered_krb5 = true;
	not("Kerberos is offered", r);
	attempts[0].offered_krb5 = false;
	showed(0);
	not("and a ticket is taken", r);
}

static void
test_ip_target(void)
{
	const struct rule *r = &rule_ip_target_kerberos_impossible;

	clear();
	refused("FJORD\\anna", NT_NTLM_BLOCKED);
	story.target = "10.0.0.3";
	fires("an address, and NTLM is blocked", r, CERTAINTY_LIKELY);
	about(SUBJECT_SERVER, "10.0.0.3");
	if (found.step.frame != 0) {
		printf("ip-target: competes with what it explains\n");
		failed = 1;
	}
	attempts[0].status = NT_LOGON_FAILURE;
	fires("as well a wrong password", r, CERTAINTY_POSSIBLE);
	attempts[0].status = NT_WRONG_PASSWORD;
	not("the password is named", r);
	attempts[0].status = NT_LOGON_FAILURE;
	attempts[0].user = ".\\tim";
	not("a local account", r);
	attempts[0].user = "FJORD\\anna";
	attempts[0].offered_krb5 = false;
	not("a server without Kerberos", r);
	attempts[0].offered_krb5 = true;
	story.target = "fs1.fjord.test";
	not("a name", r);

	clear();
	tgs("cifs/10.0.0.3", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	refused("FJORD\\anna", NT_LOGON_FAILURE)->ntlm_spn = "cifs/10.0.0.3";
	fires("the KDC has no such name", r, CERTAINTY_LIKELY);
	says("10.0.0.3");
	tgs("cifs/10.0.0.3", 0);
	not("it has", r);
	clear();
	ntlm("FJORD\\anna", true)->ntlm_spn = "cifs/10.0.0.3";
	not("NTLM is taken", r);
}

/* --- accounts --------------------------------------------------------- */

static void
test_restriction(void)
{
	const struct rule *r = &rule_acct_logon_restriction;
	static const struct {
		int64_t status;
		const char *says;
	} rows[] = {
		{ NT_INVALID_HOURS, "outside its log-on hours" },
		{ NT_INVALID_WORKSTATION, "from this computer" },
		{ NT_SMARTCARD_REQUIRED, "without a smart card" },
		{ NT_ACCOUNT_RESTRICTION, "Protected Users" },
		{ NT_LOGON_TYPE_NOT_GRANTED, "A right to log on" },
	};
	struct exchange *x;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clear();
		as(12)->ntstatus = rows[i].status;
		fires(rows[i].says, r, CERTAINTY_PROVEN);
		says(rows[i].says);
		about(SUBJECT_ACCOUNT, "anna@" REALM);
	}
	clear();
	as(KDC_ERR_CLIENT_REVOKED)->ntstatus = NT_INVALID_HOURS;
	fires("Samba's 18", r, CERTAINTY_PROVEN);
	exchanges[0].ntstatus = NT_ACCOUNT_LOCKED;
	not("a state, not a restriction", r);
	exchanges[0].ntstatus = EV_ABSENT;
	not("18 without a word", r);

	clear();
	as(12)->ntstatus = 0xC0000413;
	not("selective authentication", r);
	clear();
	x = tgs("svc-web", 12);
	x->s4u2self = true;
	x->for_user = "erik";
	x->ntstatus = NT_INVALID_WORKSTATION;
	fires("the user acted for", r, CERTAINTY_PROVEN);
	about(SUBJECT_ACCOUNT, "erik@" REALM);
}

static void
test_preauth(void)
{
	const struct rule *r = &rule_acct_preauth_not_required;

	clear();
	as(0)->bare = true;
	fires("a ticket for nothing", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);
	exchanges[0].cname = "FS1$";
	fires("a computer's", r, CERTAINTY_LIKELY);
	says("random");
	exchanges[0].cname = "WELLKNOWN/ANONYMOUS";
	not("an anonymous ticket", r);
	exchanges[0].cname = "anna";
	exchanges[0].bare = false;
	judge("FAST, or padata not known", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
	exchanges[0].preauth = true;
	not("a timestamp from a hint of before", r);
	clear();
	as(KDC_ERR_PREAUTH_REQUIRED)->bare = true;
	judge("it is asked for", r, VERDICT_NOT_APPLICABLE, CERTAINTY_NONE);
}

static void
test_wrong_realm(void)
{
	const struct rule *r = &rule_acct_wrong_realm;
	struct exchange *x;

	clear();
	x = as(KDC_ERR_WRONG_REALM);
	fires("68 without a realm to go to", r, CERTAINTY_LIKELY);
	about(SUBJECT_REALM, REALM);
	about(SUBJECT_KDC, "10.0.0.2");
	x->answer = ANSWER_MORE;
	not("68 with one is a step", r);

	clear();
	as(KDC_ERR_S_PRINCIPAL_UNKNOWN);
	fires("a KDC that does not know its own krbtgt", r, CERTAINTY_LIKELY);
	exchanges[0].sname = "HTTP/app1";
	not("AS for a service that is not there", r);

	clear();
	x = as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	not("a mistyped user", r);
	fires("a mistyped user", &rule_acct_client_unknown, CERTAINTY_LIKELY);
	x->err_realm = "OTHER.TEST";
	fires("the error names another realm", r, CERTAINTY_LIKELY);
	says("It serves OTHER.TEST.");
	ledger.realm.realm = REALM;
	ledger.realm.kvno = 2;
	not("the realm gives tickets in this capture", r);
}

/* 6 from a KDC whose name is another organization's. */
static void
test_kdc_of_others(void)
{
	const struct rule *r = &rule_acct_wrong_realm;

	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	named(KDC, "dc1.other.example");
	fires("a host of another domain", r, CERTAINTY_POSSIBLE);
	fires("then both are", &rule_acct_client_unknown, CERTAINTY_POSSIBLE);
	named(KDC, "dc1.emea.fjord.test");
	not("a host of the same organization", r);
	named(KDC, "dc1.other.example");
	ledger.realm.realm = "OTHER.EXAMPLE";
	ledger.realm.kvno = 2;
	ledger.realm.kdc = ledger.hosts[KDC].addr;
	fires("which serves that realm", r, CERTAINTY_POSSIBLE);
	says("It serves OTHER.EXAMPLE.");
	got_ticket("anna@OTHER.EXAMPLE", 1);
	fires("where the user is known", r, CERTAINTY_LIKELY);
	ledger.realm.kdc = ledger.hosts[OTHER].addr;
	fires("another KDC serves that", r, CERTAINTY_POSSIBLE);
}

static void
spray(unsigned failing)
{
	struct host *h = &ledger.hosts[CLIENT];

	h->failing = failing;
	h->failing_first = h->failing_last = (struct ref){ 0, 1, story.start };
}

static void
test_many(void)
{
	const struct rule *r = &rule_acct_many_failures_one_source;

	clear();
	as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	spray(10);
	not("ten", r);
	spray(11);
	fires("eleven", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
	says("as 11 users");
	spray(HOST_MAX_FAILING);
	fires("all that are counted", r, CERTAINTY_LIKELY);
	says("at least 64");
	ledger.hosts[CLIENT].failing_last.time -= 3600 * SECOND;
	ledger.hosts[CLIENT].failing_first.time -= 3600 * SECOND;
	not("an hour after", r);
	spray(HOST_MAX_FAILING);
	exchanges[0].error = KDC_ERR_ETYPE_NOSUPP;
	not("another error", r);
	clear();
	as(0);
	spray(11);
	not("the one that works", r);
}

/* --- the password service --------------------------------------------- */

static struct contact *
contact(enum transport transport, enum reach reach)
{
	struct contact *c = knocked(KDC, transport, reach, 2);

	c->carrier = "kpasswd";
	c->port = 464;
	return c;
}

static void
test_464(void)
{
	const struct rule *r = &rule_kpasswd_464_blocked;

	clear();
	judge("nobody asked", r, VERDICT_NOT_APPLICABLE, CERTAINTY_NONE);
	asked(EXCHANGE_AS, "kadmin/changepw", 0);
	contact(TRANSPORT_UDP, REACH_SILENT);
	fires("a host of which nothing is heard", r, CERTAINTY_POSSIBLE);
	ledger.hosts[KDC].spoke = next_frame();
	fires("a host that is alive", r, CERTAINTY_LIKELY);
	about(SUBJECT_SERVER, "10.0.0.2");
	says("(UDP)");
	contacts[0].reach = REACH_CLOSED;
	fires("nobody listens", r, CERTAINTY_LIKELY);
	contacts[0].reach = REACH_PROHIBITED;
	fires("a filter says so", r, CERTAINTY_PROVEN);
	contacts[0].reach = REACH_UNSEEN;
	judge("nobody can tell", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
	contacts[0].reach = REACH_SILENT;
	contact(TRANSPORT_TCP, REACH_ANSWERED);
	not("the other transport works", r);

	clear();
	contact(TRANSPORT_TCP, REACH_CLOSED);
	judge("a port of any host, tried", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
	ledger.hosts[KDC].roles = ROLE_KDC;
	fires("a KDC, the ticket unseen", r, CERTAINTY_LIKELY);
	says("The client wants to change a password");
}

static void
test_2025(void)
{
	const struct rule *r = &rule_kpasswd_2025_success_in_krb_error;
	struct attempt *a;

	clear();
	a = showed(0);
	a->carrier = "kpasswd";
	a->ticket.sname = "kadmin/changepw";
	a->kpasswd_result = EV_ABSENT;
	not("an ordinary answer", r);
	a->kpasswd_result = 0;
	fires("success in an error", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);
	a->kpasswd_result = 4;
	not("a refusal", r);
	a->kpasswd_result = EV_ABSENT;
	a->error = 0;
	a->answer = ANSWER_ERROR;
	fires("no result", r, CERTAINTY_POSSIBLE);
	a->error = KRB_AP_ERR_MODIFIED;
	not("41 itself", r);
}

int
main(void)
{
	test_refused();
	test_refused_account();
	test_refused_again();
	test_blocked();
	test_server_ntlm_only();
	test_ip_target();
	test_restriction();
	test_preauth();
	test_wrong_realm();
	test_kdc_of_others();
	test_many();
	test_464();
	test_2025();
	arena_free(&mem);
	return failed;
}
