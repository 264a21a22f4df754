/*
 * rules_time.c - the rules on clocks and on tickets out of their time.
 */
#include "rules_world.h"

extern const struct rule rule_time_skew_client_kdc, rule_time_skew_service,
    rule_time_skew_client_service, rule_time_skew_timezone,
    rule_time_ticket_nyv, rule_time_ticket_expired_loop, rule_kdc_refused_other;

/* BY told HOST that their clocks differ. */
static void
told(int host, int by)
{
	ledger.hosts[host].skew_by = ledger.hosts[by].addr;
	ledger.hosts[host].skew_told = attempts[0].req;
	ledger.hosts[host].skew_told.frame = 1;
}

/* --- clocks ----------------------------------------------------------- */

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
	says("is off");

	clock_of(SERVER, 10800);
	fires("another host shares the three hours", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
}

/* The KDC's clock was wrong when it refused, and is right by now. */
static void
test_skew_kdc_set(void)
{
	struct exchange *x;
	const struct rule *r = &rule_time_skew_client_kdc;

	clear();
	clock_of(KDC, 0);
	clock_of(OTHER, 0);
	x = as(KRB_AP_ERR_SKEW);
	x->stime = x->rep.time + 1200 * SECOND;
	fires("the KDC was set since", r, CERTAINTY_POSSIBLE);
	says("client 10.0.0.1 or of KDC 10.0.0.2 is off");
	x->stime = x->rep.time + SECOND;
	fires("the KDC was right then", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
}

/* One KDC refuses two clients and serves nobody: it is the odd one. */
static void
test_skew_kdc_all(void)
{
	const struct rule *r = &rule_time_skew_client_kdc;

	clear();
	clock_of(KDC, 900);
	as(KRB_AP_ERR_SKEW);
	told(CLIENT, KDC);
	fires("one client told", r, CERTAINTY_POSSIBLE);
	about(SUBJECT_CLIENT, "10.0.0.1");
	told(OTHER, KDC);
	fires("two clients told", r, CERTAINTY_LIKELY);
	about(SUBJECT_KDC, "10.0.0.2");
	says("15 minutes ahead");
	ledger.hosts[KDC].answered = 1;
	fires("others are served", r, CERTAINTY_POSSIBLE);
	about(SUBJECT_CLIENT, "10.0.0.1");

	clear();
	clock_of(KDC, 0);
	as(KRB_AP_ERR_SKEW);
	told(CLIENT, KDC);
	told(OTHER, KDC);
	fires("two clients, and the KDC agrees", r, CERTAINTY_LIKELY);
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
	if (found.missing != (EVIDENCE_CLOCK | EVIDENCE_KEYTAB)) {
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

/* What another said to the client accounts for a silence. */
static void
test_skew_told(void)
{
	const struct rule *c = &rule_time_skew_client_service;

	clear();
	clock_of(SERVER, 0);
	clock_of(OTHER, 0);
	showed(-1);
	not("a silence alone", c);
	ledger.hosts[CLIENT].skew_by = ledger.hosts[OTHER].addr;
	ledger.hosts[CLIENT].skew_told = attempts[0].req;
	fires("another server told it", c, CERTAINTY_LIKELY);
	ledger.hosts[OTHER].roles = ROLE_KDC;
	fires("a KDC told it: it may know by now", c, CERTAINTY_POSSIBLE);
	ledger.hosts[OTHER].roles = 0;
	clock_of(OTHER, 900);
	not("a server told it that is off itself", c);
	clock_of(OTHER, 0);
	ledger.hosts[CLIENT].skew_told.time -= HOUR;
	not("an hour ago", c);
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

/* --- tickets ---------------------------------------------------------- */

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

int
main(void)
{
	test_skew_kdc();
	test_skew_kdc_set();
	test_skew_kdc_all();
	test_skew_kdc_near();
	test_skew_service();
	test_skew_silent();
	test_skew_told();
	test_timezone();
	test_nyv();
	test_expired();
	arena_free(&mem);
	return failed;
}
