/*
 * rules_reach.c - the rules on the way to a KDC: silence, refusal, filters,
 * fragments, delays.
 */
#include "reach.h"
#include "rules_world.h"

extern const struct rule rule_kdc_unreachable, rule_kdc_port_closed,
    rule_kdc_tcp88_blocked, rule_kdc_too_big_no_tcp,
    rule_dns_srv_points_dead_kdc, rule_kdc_udp_fragment_loss, rule_kdc_slow,
    rule_kdc_svc_unavailable;

static const struct rule *const reach_rules[] = {
	&rule_kdc_unreachable,
	&rule_kdc_port_closed,
	&rule_kdc_tcp88_blocked,
	&rule_kdc_too_big_no_tcp,
	&rule_dns_srv_points_dead_kdc,
};

/* Of all rules on a KDC that cannot be used, only ONE fires. */
static void
only(const char *what, const struct rule *one, enum certainty sure)
{
	enum verdict v;
	size_t i;

	for (i = 0; i < sizeof(reach_rules) / sizeof(reach_rules[0]); i++) {
		if (reach_rules[i] == one)
			continue;
		finding_init(&found, reach_rules[i], &mem);
		v = reach_rules[i]->check(&story, &ledger, &found);
		if (v != VERDICT_FIRED)
			continue;
		printf("%s: %s: fired\n", reach_rules[i]->id, what);
		failed = 1;
	}
	if (one != NULL)
		fires(what, one, sure);
}

/* An AS-REQ that nobody answered. */
static struct exchange *
unheard(void)
{
	struct exchange *x = as(0);

	x->answer = ANSWER_NONE;
	x->rep = (struct ref){ 0 };
	story.outcome = OUTCOME_BROKEN;
	return x;
}

static void
ends(void)
{
	story.end = T0 + (int64_t)frame * 1000 + 15 * SECOND;
}

/* HOST said something at the time of frame N. */
static void
spoke(int host, uint64_t n)
{
	ledger.hosts[host].spoke = ledger.hosts[host].spoke_last = (struct ref){
		0, n, T0 + (int64_t)n * 1000
	};
}

static void
test_silent(void)
{
	const struct rule *r = &rule_kdc_unreachable;

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 2);
	knocked(KDC, TRANSPORT_TCP, REACH_SILENT, 4);
	ends();
	only("nothing answers", r, CERTAINTY_LIKELY);
	about(SUBJECT_KDC, "10.0.0.2");
	says("6 requests over UDP and TCP");
	says("no other KDC took over");
	contacts[0].sent = contacts[1].sent = 1;
	only("two requests, both lost", r, CERTAINTY_POSSIBLE);
	story.ncontacts = 1;
	only("one lost datagram", NULL, CERTAINTY_NONE);
	cannot_say("one lost datagram", r);
	contacts[0].reach = REACH_NO_HOST;
	only("a router says no", r, CERTAINTY_LIKELY);

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_UNSEEN, 3);
	only("the capture would not show it", NULL, CERTAINTY_NONE);
	cannot_say("the capture would not show it", r);
	cannot_say("the capture would not show it", &rule_kdc_port_closed);
	cannot_say("the capture would not show it", &rule_kdc_tcp88_blocked);

	clear();
	as(0);
	knocked(KDC, TRANSPORT_UDP, REACH_ANSWERED, 1);
	only("all is well", NULL, CERTAINTY_NONE);
	not("all is well", r);

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 4);
	spoke(KDC, contacts[0].first.frame + 100);
	ends();
	only("a KDC that hangs", r, CERTAINTY_LIKELY);
	says("the KDC hangs, or its port alone is blocked");
}

/* Connections are taken, and nothing more. */
static void
test_hangs(void)
{
	const struct rule *r = &rule_kdc_unreachable;
	struct exchange *x;

	clear();
	x = unheard();
	knocked(KDC, TRANSPORT_TCP, REACH_ANSWERED, 1);
	only("it may answer yet", NULL, CERTAINTY_NONE);
	x->again = (struct ref){ 0, 100, T0 + 8 * SECOND };
	x->retransmits = 1;
	only("asked again over TCP", r, CERTAINTY_POSSIBLE);
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 3);
	only("and over UDP", r, CERTAINTY_LIKELY);
	says("says nothing on them");
	says("4 requests over UDP and TCP");
	contacts[1].reach = REACH_ANSWERED;
	only("UDP answers", NULL, CERTAINTY_NONE);
}

/* Another KDC, or the other transport, helps out. */
static void
test_makes_up(void)
{
	const struct rule *r = &rule_kdc_unreachable;

	clear();
	as(0);
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 2);
	knocked(KDC, TRANSPORT_TCP, REACH_ANSWERED, 1);
	only("TCP makes up for it", NULL, CERTAINTY_NONE);

	clear();
	as(0);
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 3);
	knocked(OTHER, TRANSPORT_UDP, REACH_ANSWERED, 1);
	story.outcome = OUTCOME_DEGRADED;
	only("another takes over", r, CERTAINTY_LIKELY);
	says("10.0.0.4 answered instead, 1.0 s after");

	clear();
	as(0);
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 1);
	knocked(OTHER, TRANSPORT_UDP, REACH_ANSWERED, 1);
	story.outcome = OUTCOME_DEGRADED;
	cannot_say("one datagram, and another KDC", r);
	knocked(KDC, TRANSPORT_UDP, REACH_UNSEEN, 2);
	only("asked again, too late to tell", r, CERTAINTY_LIKELY);
	story.ncontacts = 2;
	ledger.hosts[KDC].asked = 5;
	only("others had no answer either", r, CERTAINTY_LIKELY);
	ledger.hosts[KDC].answered = 1;
	cannot_say("others had one", r);
}

static void
test_filtered(void)
{
	const struct rule *r = &rule_kdc_tcp88_blocked;

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 3);
	knocked(KDC, TRANSPORT_TCP, REACH_SILENT, 3);
	spoke(KDC, contacts[1].first.frame + 10);
	ends();
	fires("it answers elsewhere", r, CERTAINTY_LIKELY);
	says("blocks port 88");
	fires("and is silent", &rule_kdc_unreachable, CERTAINTY_LIKELY);
	not("it is silent", &rule_kdc_port_closed);
	spoke(KDC, contacts[1].last.frame + 60000);
	only("it came back later", &rule_kdc_unreachable, CERTAINTY_LIKELY);
	ledger.hosts[KDC].spoke.time = T0 - HOUR;
	ledger.hosts[KDC].spoke_last.time = T0 - 60 * SECOND;
	only("it spoke long ago", &rule_kdc_unreachable, CERTAINTY_LIKELY);

	clear();
	as(KDC_ERR_PREAUTH_REQUIRED);
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_ANSWERED, 1);
	knocked(KDC, TRANSPORT_TCP, REACH_SILENT, 3);
	ends();
	only("UDP works, TCP is silent", r, CERTAINTY_LIKELY);
	says("blocks TCP port 88");
	contacts[1].reach = REACH_PROHIBITED;
	contacts[1].answer = next_frame();
	only("ICMP says so", r, CERTAINTY_PROVEN);

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_PROHIBITED, 1);
	ends();
	only("a single datagram is forbidden", r, CERTAINTY_PROVEN);
}

static void
test_too_big(void)
{
	const struct rule *r = &rule_kdc_too_big_no_tcp;
	struct exchange *x;

	clear();
	x = as(KRB_ERR_RESPONSE_TOO_BIG);
	x->answer = ANSWER_MORE;
	knocked(KDC, TRANSPORT_UDP, REACH_ANSWERED, 1);
	cannot_say("52 and nothing more", r);
	not("52 and nothing more", &rule_kdc_tcp88_blocked);
	knocked(KDC, TRANSPORT_TCP, REACH_CLOSED, 1);
	ends();
	only("52 and an RST", r, CERTAINTY_PROVEN);
	contacts[1].reach = REACH_SILENT;
	contacts[1].sent = 6;
	fires("52 and SYNs that vanish", r, CERTAINTY_LIKELY);
	fires("52 and SYNs that vanish", &rule_kdc_tcp88_blocked,
	    CERTAINTY_LIKELY);
	contacts[1].reach = REACH_ANSWERED;
	as(0);
	only("52 and TCP", NULL, CERTAINTY_NONE);
	not("52 and TCP", r);
}

static void
test_closed(void)
{
	const struct rule *r = &rule_kdc_port_closed;

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_CLOSED, 1);
	knocked(KDC, TRANSPORT_TCP, REACH_CLOSED, 1);
	ends();
	only("nobody listens", r, CERTAINTY_PROVEN);
	contacts[0].reach = REACH_SILENT;
	only("RST, and UDP is silent", r, CERTAINTY_LIKELY);
	contacts[0].reach = REACH_ANSWERED;
	only("no TCP", r, CERTAINTY_LIKELY);
	says("Over UDP a KDC answers there");
	contacts[0].reach = REACH_CLOSED;
	contacts[1].reach = REACH_ANSWERED;
	only("no UDP", NULL, CERTAINTY_NONE);
}

static void
test_srv(void)
{
	const struct rule *r = &rule_dns_srv_points_dead_kdc;

	clear();
	unheard();
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 3);
	ends();
	ledger.srv.name = "_kerberos._udp.fjord.test";
	ledger.srv.target = "dc2.fjord.test";
	only("the only KDC", &rule_kdc_unreachable, CERTAINTY_LIKELY);
	ledger.realm.realm = REALM;
	ledger.realm.kdc = ledger.hosts[OTHER].addr;
	fires("another works", r, CERTAINTY_LIKELY);
	about(SUBJECT_HOST, "dc2.fjord.test");
	contacts[0].reach = REACH_CLOSED;
	contacts[0].answer = next_frame();
	fires("nobody listens there", r, CERTAINTY_PROVEN);
	ledger.realm.kdc = ledger.hosts[KDC].addr;
	not("it worked itself", r);
	knocked(OTHER, TRANSPORT_UDP, REACH_ANSWERED, 1);
	fires("another took over", r, CERTAINTY_PROVEN);
	ledger.name.name = "dc2.fjord.test";
	ledger.name.naddrs = 2;
	ledger.name.addrs[0] = ledger.hosts[KDC].addr;
	ledger.name.addrs[1] = ledger.hosts[OTHER].addr;
	not("the same host, at its other address", r);
	contacts[0].reach = REACH_SILENT;
	only("silent at one of its addresses", &rule_kdc_unreachable,
	    CERTAINTY_LIKELY);
	says("at another of its addresses");
	ledger.name.name = NULL;
	ledger.hosts[KDC].answered = 1;
	not("it is a KDC: it answered others", r);
	ledger.hosts[KDC].answered = 0;
	ledger.srv.name = NULL;
	not("no record seen", r);
}

static void
test_fragments(void)
{
	const struct rule *r = &rule_kdc_udp_fragment_loss;
	struct contact *c;

	clear();
	unheard();
	c = knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 3);
	c->cut = 3;
	c->cut_have = 1480;
	c->cut_ref = (struct ref){ 0, c->first.frame + 2,
		c->first.time + 2000 };
	fires("three answers without an end", r, CERTAINTY_LIKELY);
	only("three answers without an end", NULL, CERTAINTY_NONE);
	c->cut = 1;
	fires("one", r, CERTAINTY_POSSIBLE);
	c->reach = REACH_ANSWERED;
	c->answer = (struct ref){ 0, c->last.frame + 1, c->last.time + 1000 };
	not("one, and the repetition is answered", r);
	c->cut = 2;
	fires("two, and a whole one later", r, CERTAINTY_POSSIBLE);

	clear();
	as(0);
	c = knocked(KDC, TRANSPORT_UDP, REACH_ANSWERED, 1);
	c->cut = 1;
	c->cut_ref = c->answer;
	not("the capture alone lost it", r);

	clear();
	unheard();
	c = knocked(KDC, TRANSPORT_UDP, REACH_ANSWERED, 1);
	c->cut = 1;
	c->cut_ref = c->last;
	c->cut_ref.time += 1000;
	not("nor was it asked again", r);
	exchanges[0].again = next_frame();
	exchanges[0].again.time = c->cut_ref.time + SECOND;
	fires("it was, over TCP", r, CERTAINTY_POSSIBLE);
	exchanges[0].again.frame = 0;
	exchanges[0].again.time = 0;
	tgs("cifs/fs1.fjord.test", 0)->req.time = c->cut_ref.time + SECOND;
	knocked(OTHER, TRANSPORT_UDP, REACH_ANSWERED, 1)
	    ->first.time = c->cut_ref.time + SECOND;
	not("it goes on to the next ticket", r);
}

static void
test_slow(void)
{
	const struct rule *r = &rule_kdc_slow;
	struct exchange *x;

	clear();
	x = as(0);
	not("at once", r);
	x->rep.time = x->req.time + 2 * SECOND;
	fires("two seconds", r, CERTAINTY_LIKELY);
	says("2.0 s");
	about(SUBJECT_KDC, "10.0.0.2");
	x->retransmits = 1;
	x->again = (struct ref){ 0, 100, x->rep.time - SECOND / 100 };
	not("it was lost, and repeated", r);
	x->again.time = x->rep.time - SECOND / 2;
	fires("an answer to either", r, CERTAINTY_POSSIBLE);
	knocked(KDC, TRANSPORT_UDP, REACH_SILENT, 1);
	knocked(OTHER, TRANSPORT_UDP, REACH_ANSWERED, 1);
	not("repeated to another KDC", r);

	clear();
	as(0)->rep.time += 3 * SECOND;
	fires("three seconds", r, CERTAINTY_LIKELY);
	exchanges[0].fast = true;
	fires("three seconds, and perhaps a push to a phone", r,
	    CERTAINTY_POSSIBLE);
	says("a second factor");
}

static void
test_unavailable(void)
{
	const struct rule *r = &rule_kdc_svc_unavailable;

	clear();
	as(29);
	fires("29", r, CERTAINTY_LIKELY);
	got_ticket("anna@" REALM, 9);
	not("a ticket in another log-on", r);
	clear();
	as(29);
	as(0);
	not("another KDC", r);
	clear();
	as(KDC_ERR_PREAUTH_FAILED);
	not("another error", r);
}

int
main(void)
{
	test_silent();
	test_hangs();
	test_makes_up();
	test_filtered();
	test_too_big();
	test_closed();
	test_srv();
	test_fragments();
	test_slow();
	test_unavailable();
	arena_free(&mem);
	return failed;
}
