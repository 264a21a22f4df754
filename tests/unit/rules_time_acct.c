/*
 * rules_time_acct.c - the rules on time, accounts and negotiation, with the
 * near misses that no lab can record: one story each, built by hand, and a
 * ledger that says what the case needs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "finding-text.h"
#include "rule.h"

#define T0 (INT64_C(1795297800) * SECOND)
#define HOUR (3600 * SECOND)
#define REALM "FJORD.TEST"

extern const struct rule rule_time_skew_client_kdc, rule_time_skew_service,
    rule_time_skew_client_service, rule_time_skew_timezone,
    rule_time_ticket_nyv, rule_time_ticket_expired_loop, rule_acct_bad_password,
    rule_acct_client_unknown, rule_acct_disabled_locked_expired,
    rule_acct_password_expired, rule_nego_ntlm_after_kdc_error,
    rule_nego_ntlm_by_ip, rule_nego_client_never_asked, rule_kdc_refused_other;

/* --- a ledger that knows what it is told -------------------------------- */

struct ledger {
	struct host hosts[4]; /* client, KDC, two servers */
	int64_t common;
	struct account_fact account; /* of every principal asked for */
	bool account_known;
	struct ticket_fact ticket;
	bool ticket_known;
	struct service service;
	bool service_known;
};

const struct host *
ledger_host(const struct ledger *l, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < 4; i++)
		if (addr_equal(&l->hosts[i].addr, addr))
			return &l->hosts[i];
	return NULL;
}

const struct host *
ledger_host_at(const struct ledger *l, size_t i)
{
	return i < 4 ? &l->hosts[i] : NULL;
}

const char *
host_own_name(const struct host *host, const char *avoid)
{
	(void)avoid;
	return host->nnames > 0 ? host->names[0].name : NULL;
}

bool
ledger_clock(const struct ledger *l, const struct addr *addr, int64_t *offset)
{
	const struct host *h = ledger_host(l, addr);

	if (h == NULL || h->clock.samples == 0)
		return false;
	*offset = h->clock.offset - l->common;
	return true;
}

int64_t
ledger_skew(const struct ledger *l)
{
	(void)l;
	return SKEW_DEFAULT * SECOND;
}

const struct account_fact *
ledger_account(const struct ledger *l, const char *principal)
{
	if (!l->account_known ||
	    strcasecmp(l->account.principal, principal) != 0)
		return NULL;
	return &l->account;
}

const struct ticket_fact *
ledger_ticket(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	if (!l->ticket_known ||
	    memcmp(l->ticket.digest, digest, DIGEST_LEN) != 0)
		return NULL;
	return &l->ticket;
}

const struct service *
ledger_service_at(const struct ledger *l, const struct addr *server, size_t i)
{
	if (!l->service_known || i > 0 ||
	    !addr_equal(&l->service.server, server))
		return NULL;
	return &l->service;
}

/* --- a story ------------------------------------------------------------ */

static struct ledger ledger;
static struct story story;
static struct exchange exchanges[8];
static struct attempt attempts[8];
static struct ticket_at shown;
static uint64_t frame;

enum { CLIENT, KDC, SERVER, OTHER };

static struct ref
next_frame(void)
{
	frame++;
	return (struct ref){ 0, frame, T0 + (int64_t)frame * 1000 };
}

static void
clear(void)
{
	size_t i;

	memset(&ledger, 0, sizeof(ledger));
	memset(&story, 0, sizeof(story));
	memset(exchanges, 0, sizeof(exchanges));
	memset(attempts, 0, sizeof(attempts));
	memset(&shown, 0, sizeof(shown));
	frame = 0;
	for (i = 0; i < 4; i++) {
		ledger.hosts[i].addr.family = 4;
		ledger.hosts[i].addr.b[0] = 10;
		ledger.hosts[i].addr.b[3] = (uint8_t)(i + 1);
	}
	story.exchanges = exchanges;
	story.attempts = attempts;
	story.client = ledger.hosts[CLIENT].addr;
	story.server = ledger.hosts[SERVER].addr;
	story.principal = "anna@" REALM;
}

/* The clock of a host is OFF seconds ahead of the capture's. */
static void
clock_of(int host, int64_t off)
{
	ledger.hosts[host].clock.samples = 1;
	ledger.hosts[host].clock.offset = off * SECOND;
	ledger.hosts[host].clock.ref = (struct ref){ 0, 900 + host, T0 };
}

static void
named(int host, const char *name)
{
	ledger.hosts[host].names[0] = (struct host_name){ .name = name,
		.source = NAME_ITSELF };
	ledger.hosts[host].nnames = 1;
}

/* ERROR 0: a ticket was issued. */
static struct exchange *
asked(enum exchange_kind kind, const char *sname, int error)
{
	struct exchange *x = &exchanges[story.nexchanges++];

	x->kind = kind;
	x->req = next_frame();
	x->rep = next_frame();
	x->kdc = ledger.hosts[KDC].addr;
	x->realm = x->crealm = REALM;
	x->cname = "anna";
	x->sname = sname;
	x->sname_parts = strchr(sname, '/') != NULL ? 2 : 1;
	x->ntstatus = EV_ABSENT;
	x->nonce = EV_ABSENT;
	x->error = error == 0 ? -1 : error;
	x->answer = error == 0 ? ANSWER_OK : ANSWER_ERROR;
	if (error == KDC_ERR_PREAUTH_REQUIRED)
		x->answer = ANSWER_MORE;
	if (error != 0)
		x->stime = x->rep.time + ledger.hosts[KDC].clock.offset;
	return x;
}

static struct exchange *
as(int error)
{
	return asked(EXCHANGE_AS, "krbtgt/" REALM, error);
}

static struct exchange *
tgs(const char *sname, int error)
{
	return asked(EXCHANGE_TGS, sname, error);
}

/* A ticket shown to SERVER; ERROR -1 refused without a word, 0 accepted. */
static struct attempt *
showed(int error)
{
	struct attempt *a = &attempts[story.nattempts++];

	a->mech = MECH_KRB5;
	a->req = next_frame();
	a->rep = a->error_ref = next_frame();
	a->server = ledger.hosts[SERVER].addr;
	a->ticket.sname = "cifs/fs1.fjord.test";
	a->ticket.digest[0] = 7;
	a->sname_parts = 2;
	a->error = error == 0 ? -1 : error;
	a->answer = error == 0 ? ANSWER_OK : ANSWER_ERROR;
	a->status = error == 0 ? NT_SUCCESS : NT_LOGON_FAILURE;
	return a;
}

static struct attempt *
ntlm(const char *user, bool ok)
{
	struct attempt *a = &attempts[story.nattempts++];

	a->mech = MECH_NTLM;
	a->req = next_frame();
	a->rep = next_frame();
	a->server = ledger.hosts[SERVER].addr;
	a->user = user;
	a->error = -1;
	a->answer = ok ? ANSWER_OK : ANSWER_ERROR;
	a->offered_krb5 = true;
	return a;
}

/* The account of anna had a ticket at the time of frame N. */
static void
got_ticket(const char *principal, uint64_t n)
{
	ledger.account_known = true;
	ledger.account.principal = principal;
	ledger.account.ok.count = 1;
	ledger.account.ok.last = (struct ref){ 0, n, T0 + (int64_t)n * 1000 };
}

/* --- what is wanted ----------------------------------------------------- */

static int failed;
static struct finding found;
static struct arena mem;

static void
judge(const char *what, const struct rule *rule, enum verdict want,
    enum certainty sure)
{
	enum verdict v;

	finding_init(&found, rule, &mem);
	v = rule->check(&story, &ledger, &found);
	if (v != want) {
		printf("%s: %s: verdict %d, not %d\n", rule->id, what, (int)v,
		    (int)want);
		failed = 1;
		return;
	}
	if (v != VERDICT_FIRED)
		return;
	if (found.certainty != sure) {
		printf("%s: %s: certainty %d, not %d\n", rule->id, what,
		    (int)found.certainty, (int)sure);
		failed = 1;
	}
	if (found.nevidence == 0) {
		printf("%s: %s: no evidence\n", rule->id, what);
		failed = 1;
	}
}

static void
fires(const char *what, const struct rule *rule, enum certainty sure)
{
	judge(what, rule, VERDICT_FIRED, sure);
}

static void not(const char *what, const struct rule *rule)
{
	judge(what, rule, VERDICT_CLEAR, CERTAINTY_NONE);
}

static void
about(enum subject subject, const char *want)
{
	const char *is = found.subject[subject];

	if (is != NULL && strcmp(is, want) == 0)
		return;
	printf("%s: is about %s, not %s\n", found.rule->id,
	    is == NULL ? "nothing" : is, want);
	failed = 1;
}

/* TEXT stands in the title or the paragraph. */
static void
says(const char *text)
{
	const char *title = finding_fill(&found, found.rule->title, false,
	    &mem);
	const char *why = finding_fill(&found, found.rule->why, false, &mem);

	if (strstr(title, text) != NULL || strstr(why, text) != NULL)
		return;
	printf("%s: does not say \"%s\": %s; %s\n", found.rule->id, text, title,
	    why);
	failed = 1;
}

/* --- clocks ------------------------------------------------------------- */

static void
test_skew_kdc(void)
{
	struct exchange *x;
	const struct rule *r = &rule_time_skew_client_kdc;

	clear();
	clock_of(KDC, 0);
	as(KRB_AP_ERR_SKEW);
	fires("the KDC agrees with the capture", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
	says("is off");

	exchanges[0].till = T0 + 10 * HOUR + 600 * SECOND;
	fires("till hints at ten minutes", r, CERTAINTY_LIKELY);
	says("about 10 minutes ahead");

	exchanges[0].till = T0 + 11 * HOUR;
	fires("till is 10 h and 1, or 12 less 1", r, CERTAINTY_LIKELY);
	says("is off");

	clear();
	clock_of(KDC, 0);
	x = as(KRB_AP_ERR_SKEW);
	x->nonce = 1795300000;
	x->ctime = x->nonce * SECOND;
	fires("ctime is the nonce", r, CERTAINTY_LIKELY);
	says("is off");
	x->nonce = 17;
	fires("ctime is a time", r, CERTAINTY_LIKELY);
	says("about 37 minutes ahead");

	clear();
	clock_of(KDC, 0);
	clock_of(OTHER, 0);
	clock_of(CLIENT, -1200);
	as(KRB_AP_ERR_SKEW);
	fires("both clocks are in clear", r, CERTAINTY_PROVEN);
	says("20 minutes behind");

	clear();
	clock_of(KDC, 900);
	clock_of(SERVER, 0);
	clock_of(OTHER, 1);
	as(KRB_AP_ERR_SKEW);
	fires("the KDC is the odd one", r, CERTAINTY_LIKELY);
	about(SUBJECT_KDC, "10.0.0.2");
	if (found.subject[SUBJECT_CLIENT] != NULL)
		about(SUBJECT_CLIENT, "nobody");

	clear();
	clock_of(KDC, 10800);
	ledger.common = 10800 * SECOND;
	as(KRB_AP_ERR_SKEW);
	fires("one clock, and the capture's is three hours off", r,
	    CERTAINTY_POSSIBLE);

	clock_of(SERVER, 10800);
	fires("another host shares the three hours", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
}

static void
test_skew_kdc_near(void)
{
	struct exchange *x;
	const struct rule *r = &rule_time_skew_client_kdc;

	clear();
	clock_of(KDC, 10800);
	as(0);
	not("three hours off, nothing refused", r);

	clear();
	as(KDC_ERR_PREAUTH_REQUIRED);
	not("25 and nothing after it", r);

	clear();
	clock_of(KDC, 0);
	x = tgs("krbtgt/" REALM, KRB_AP_ERR_TKT_EXPIRED);
	x->options = KDC_RENEW;
	x->ntstatus = NT_TIME_DIFFERENCE;
	fires("a renewal refused for the time", r, CERTAINTY_POSSIBLE);
	got_ticket("anna@" REALM, 50);
	not("and a fresh log-on after it", r);

	clear();
	clock_of(KDC, 0);
	x = tgs("cifs/fs1.fjord.test", KRB_AP_ERR_TKT_EXPIRED);
	x->ntstatus = NT_TIME_DIFFERENCE;
	not("an expired ticket, no renewal", r);
}

static void
test_skew_service(void)
{
	const struct rule *r = &rule_time_skew_service;
	const struct rule *c = &rule_time_skew_client_service;

	clear();
	clock_of(KDC, 0);
	clock_of(SERVER, 600);
	tgs("cifs/fs1.fjord.test", 0);
	showed(KRB_AP_ERR_SKEW);
	fires("37, ten minutes ahead", r, CERTAINTY_LIKELY);
	about(SUBJECT_SERVER, "10.0.0.3");
	says("10 minutes ahead");
	not("the server is off", c);

	clock_of(SERVER, 0);
	not("37, the server's clock is right", r);
	fires("37, the server's clock is right", c, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
	clock_of(CLIENT, 0);
	fires("and so is the client's by now", c, CERTAINTY_POSSIBLE);

	clear();
	clock_of(SERVER, 600);
	showed(KRB_AP_ERR_SKEW);
	fires("a lone clock", r, CERTAINTY_POSSIBLE);
	not("a lone clock", c);

	clear();
	clock_of(KDC, 0);
	clock_of(SERVER, -600);
	showed(KRB_AP_ERR_TKT_NYV);
	fires("33 from a server behind", r, CERTAINTY_LIKELY);
	not("33 from a server behind", &rule_time_ticket_nyv);
	clock_of(SERVER, 600);
	not("33 from a server ahead", r);
	clock_of(SERVER, 0);
	not("33 from a server that is right", r);
	fires("33 from a server that is right", &rule_time_ticket_nyv,
	    CERTAINTY_POSSIBLE);
}

static void
test_skew_silent(void)
{
	const struct rule *r = &rule_time_skew_service;

	clear();
	clock_of(KDC, 0);
	clock_of(SERVER, 600);
	showed(-1);
	fires("Samba says nothing", r, CERTAINTY_LIKELY);
	ledger.service_known = true;
	ledger.service.server = ledger.hosts[SERVER].addr;
	ledger.service.taken.count = 1;
	fires("but takes another ticket", r, CERTAINTY_POSSIBLE);

	clock_of(SERVER, 200);
	not("within the tolerance", r);

	clear();
	showed(-1);
	judge("no clock was seen", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
	if (found.missing != EVIDENCE_CLOCK) {
		printf("time-skew-service: does not ask for a clock\n");
		failed = 1;
	}

	clear();
	clock_of(KDC, 0);
	clock_of(SERVER, 600);
	showed(KRB_AP_ERR_MODIFIED);
	not("41 is about the key", r);
	showed(0);
	story.nattempts = 0;
	showed(0);
	not("a clock that is off, and no failure", r);

	clear();
	clock_of(KDC, 0);
	clock_of(SERVER, 0);
	clock_of(CLIENT, 1800);
	showed(-1);
	fires("Samba is silent of the client's clock",
	    &rule_time_skew_client_service, CERTAINTY_LIKELY);
}

static void
test_timezone(void)
{
	const struct rule *r = &rule_time_skew_timezone;
	static const struct {
		int64_t off;
		bool fires;
		enum certainty sure;
	} sizes[] = {
		{ 3600, true, CERTAINTY_LIKELY },
		{ -7200 + 100, true, CERTAINTY_LIKELY },
		{ 3600 + 200, false, CERTAINTY_NONE },
		{ 600, false, CERTAINTY_NONE },
		{ 1800, true, CERTAINTY_POSSIBLE },
		{ 5 * 3600 + 2700, true, CERTAINTY_POSSIBLE },
		{ 14 * 3600, true, CERTAINTY_LIKELY },
		{ 48 * 3600, false, CERTAINTY_NONE },
	};
	char what[32];
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		clear();
		clock_of(KDC, 0);
		clock_of(SERVER, sizes[i].off);
		showed(KRB_AP_ERR_SKEW);
		snprintf(what, sizeof(what), "%lld s", (long long)sizes[i].off);
		judge(what, r, sizes[i].fires ? VERDICT_FIRED : VERDICT_CLEAR,
		    sizes[i].sure);
		if (sizes[i].fires && found.step.frame != 0) {
			printf("%s: competes for a step\n", r->id);
			failed = 1;
		}
	}
	clear();
	clock_of(KDC, 0);
	as(KRB_AP_ERR_SKEW)->till = T0 + 25 * HOUR;
	fires("till hints at an hour", r, CERTAINTY_POSSIBLE);
	exchanges[0].till = 0;
	judge("no size at all", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
}

/* --- tickets ------------------------------------------------------------ */

static void
test_nyv(void)
{
	const struct rule *r = &rule_time_ticket_nyv;

	clear();
	clock_of(KDC, 0);
	tgs("krbtgt/" REALM, KRB_AP_ERR_TKT_NYV)->options = KDC_VALIDATE;
	fires("a postdated ticket", r, CERTAINTY_LIKELY);
	says("postdated");
	exchanges[0].options = 0;
	fires("nothing says why", r, CERTAINTY_POSSIBLE);
	not("33 is left to its rule", &rule_kdc_refused_other);
}

static void
test_expired(void)
{
	const struct rule *r = &rule_time_ticket_expired_loop;
	size_t i;

	clear();
	for (i = 0; i < 3; i++)
		tgs("cifs/fs1.fjord.test", KRB_AP_ERR_TKT_EXPIRED)
		    ->tgt.digest[0] = 9;
	fires("three times the same ticket", r, CERTAINTY_LIKELY);
	exchanges[1].tgt.digest[0] = 8;
	not("two tickets", r);
	exchanges[1].tgt.digest[0] = 9;
	as(0);
	not("then a fresh log-on", r);
	story.nexchanges = 1;
	exchanges[0].retransmits = 5;
	not("retransmissions count once", r);
	not("32 once is housekeeping", &rule_kdc_refused_other);

	clear();
	showed(KRB_AP_ERR_TKT_EXPIRED);
	ledger.ticket_known = true;
	ledger.ticket.digest[0] = 7;
	ledger.ticket.client = "svc@" REALM;
	ledger.ticket.at = &shown;
	ledger.ticket.nat = 1;
	shown.refused.count = 4;
	shown.refused.error_last = KRB_AP_ERR_TKT_EXPIRED;
	shown.refused.first = (struct ref){ 0, 1, T0 };
	fires("four times over the capture", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "svc@" REALM);
	says("4 times");
	got_ticket("svc@" REALM, 100);
	not("a new ticket since", r);
}

/* --- accounts ----------------------------------------------------------- */

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
	as(KDC_ERR_PREAUTH_FAILED)->preauth = true;
	not("a wrong password is no lock-out", r);
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

/* --- negotiation -------------------------------------------------------- */

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
	attempts[0].answer = ANSWER_ERROR;
	fires("NTLM was refused", r, CERTAINTY_POSSIBLE);
	tgs("cifs/10.0.0.3", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	not("a ticket was asked for", r);

	clear();
	ntlm("FJORD\\anna", false)->ntlm_spn = "cifs/10.0.0.3";
	fires("only NTLM names the target", r, CERTAINTY_POSSIBLE);
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
	attempts[0].user = "FJORD\\anna";
	fires("a domain", r, CERTAINTY_POSSIBLE);
	tgs("cifs/fs1.fjord.test", 0);
	not("it did ask", r);
}

/* --- what is left ------------------------------------------------------- */

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

	clear();
	tgs("krbtgt/PLANT.EXAMPLE", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	fires("no trust", r, CERTAINTY_LIKELY);
	exchanges[0].sname = "DNS/z.arin.net";
	not("an update at a server outside", r);

	clear();
	tgs("anna", KDC_ERR_MUST_USE_USER2USER);
	not("a name without a class", r);
	exchanges[0].sname_parts = 2;
	exchanges[0].sname = "HTTP/app1";
	fires("a user's SPN", r, CERTAINTY_LIKELY);

	clear();
	x = as(60);
	x->cname = x->sname = NULL;
	not("a scanner's probe", r);

	clear();
	tgs("cifs/fs1.fjord.test", 12)->ntstatus = 0xC0000413;
	fires("policy", r, CERTAINTY_LIKELY);
	showed(0);
	not("and yet the service let it in", r);
}

int
main(void)
{
	test_skew_kdc();
	test_skew_kdc_near();
	test_skew_service();
	test_skew_silent();
	test_timezone();
	test_nyv();
	test_expired();
	test_password();
	test_unknown();
	test_revoked();
	test_expired_password();
	test_ntlm_after();
	test_by_ip();
	test_never_asked();
	test_other();
	arena_free(&mem);
	return failed;
}
