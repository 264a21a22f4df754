/*
 * The rules of keys, SPNs and names, on situations that no laboratory can
 * record: which of them is likely, which possible, for one refusal.  The
 * ledger is the real one; stories are put together here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding-text.h"
#include "ledger-store.h"
#include "rule.h"

extern const struct rule rule_cluster_prefixless_benign;
extern const struct rule rule_dns_a_record_alias_no_spn;
extern const struct rule rule_dns_cname_alias_client_uses_alias;
extern const struct rule rule_dns_round_robin_distinct_identities;
extern const struct rule rule_dns_stale_record_wrong_host;
extern const struct rule rule_key_machine_password_out_of_sync;
extern const struct rule rule_key_stale_service_keytab;
extern const struct rule rule_lb_node_missing_shared_key;
extern const struct rule rule_service_refused_ticket;
extern const struct rule rule_spn_duplicate;
extern const struct rule rule_spn_missing;
extern const struct rule rule_spn_prefixless_target;
extern const struct rule rule_spn_wrong_account;

static const struct rule *const judged[] = {
	&rule_cluster_prefixless_benign,
	&rule_dns_a_record_alias_no_spn,
	&rule_dns_cname_alias_client_uses_alias,
	&rule_dns_round_robin_distinct_identities,
	&rule_dns_stale_record_wrong_host,
	&rule_key_machine_password_out_of_sync,
	&rule_key_stale_service_keytab,
	&rule_lb_node_missing_shared_key,
	&rule_service_refused_ticket,
	&rule_spn_duplicate,
	&rule_spn_missing,
	&rule_spn_prefixless_target,
	&rule_spn_wrong_account,
};

static int failures;

/* --- a world ---------------------------------------------------------------- */

static struct ledger ledger;
static struct story story;
static struct attempt attempts[4];
static struct exchange exchanges[4];
static struct lookup lookups[2];

static void
world(void)
{
	ledger_release(&ledger);
	ledger_init(&ledger, 300 * SECOND, 64 << 20);
	memset(&story, 0, sizeof(story));
	memset(attempts, 0, sizeof(attempts));
	memset(exchanges, 0, sizeof(exchanges));
	memset(lookups, 0, sizeof(lookups));
	story.attempts = attempts;
	story.exchanges = exchanges;
	story.lookups = lookups;
	story.principal = "anna@FJORD.TEST";
	story.realm = "FJORD.TEST";
	story.client = (struct addr){ 4, { 10, 0, 0, 101 } };
}

static struct ref
frame(unsigned n)
{
	return (struct ref){ 0, n, INT64_C(1000000000) * SECOND + n * SECOND };
}

static struct addr
host(uint8_t n)
{
	return (struct addr){ 4, { 10, 0, 0, n } };
}

static unsigned
parts(const char *name)
{
	return strchr(name, '/') == NULL ? 1 : 2;
}

/* A log-on with ticket number ID; the answer comes in the next frame. */
static struct attempt
log_on(const char *spn, int64_t kvno, uint8_t id, uint8_t server, unsigned n)
{
	struct attempt a = { 0 };

	a.mech = MECH_KRB5;
	a.carrier = "smb2";
	a.flow = 1;
	a.server = host(server);
	a.req = frame(n);
	a.rep = frame(n + 1);
	memset(a.ticket.digest, id, DIGEST_LEN);
	a.ticket.realm = "FJORD.TEST";
	a.ticket.sname = spn;
	a.ticket.kvno = kvno;
	a.ticket.etype = 18;
	a.sname_parts = parts(spn);
	a.issued = frame(1);
	a.error = -1;
	a.error_ext = EV_ABSENT;
	return a;
}

static void
takes(const char *spn, int64_t kvno, uint8_t id, uint8_t server, unsigned n)
{
	struct attempt a = log_on(spn, kvno, id, server, n);

	a.answer = ANSWER_OK;
	a.status = 0;
	ledger_presented(&ledger, &a, true);
}

/* Another client's log-on, which is not this story's. */
static void
refuses(const char *spn, int64_t kvno, uint8_t id, uint8_t server, unsigned n)
{
	struct attempt a = log_on(spn, kvno, id, server, n);

	a.answer = ANSWER_ERROR;
	a.status = NT_LOGON_FAILURE;
	ledger_presented(&ledger, &a, false);
}

/* The story's own log-on is refused: bare, or with ERROR by AS. */
static struct attempt *
refused(const char *spn, int64_t kvno, uint8_t server, unsigned n, int error,
    const char *as)
{
	struct attempt *a = &attempts[story.nattempts++];

	*a = log_on(spn, kvno, 7, server, n);
	a->answer = ANSWER_ERROR;
	a->status = error < 0 ? NT_LOGON_FAILURE : NT_MORE_PROCESSING;
	a->error = error;
	if (error >= 0)
		a->error_ref = a->rep;
	a->error_sname = as;
	story.server = a->server;
	ledger_presented(&ledger, a, false);
	return a;
}

static struct attempt *
accepted(const char *spn, int64_t kvno, uint8_t server, unsigned n)
{
	struct attempt *a = &attempts[story.nattempts++];

	*a = log_on(spn, kvno, 8, server, n);
	a->answer = ANSWER_OK;
	ledger_presented(&ledger, a, true);
	return a;
}

/* A TGS exchange, ERROR -1 for a ticket. */
static struct exchange *
asks(const char *spn, unsigned n, int error)
{
	struct exchange *x = &exchanges[story.nexchanges++];

	x->kind = EXCHANGE_TGS;
	x->req = frame(n);
	x->rep = frame(n + 1);
	x->kdc = host(10);
	x->realm = "FJORD.TEST";
	x->cname = "anna";
	x->sname = spn;
	x->sname_type = 2;
	x->sname_parts = parts(spn);
	x->answer = error < 0 ? ANSWER_OK : ANSWER_ERROR;
	x->error = error;
	x->ntstatus = EV_ABSENT;
	if (error < 0) {
		x->issued.sname = spn;
		x->issued.realm = "FJORD.TEST";
	}
	return x;
}

static void
names(uint8_t server, const char *name, enum name_source source)
{
	struct addr a = host(server);
	struct ref r = frame(2);

	ledger_host_name(&ledger, &a, name, strlen(name), source, &r);
}

static void
guid(uint8_t server, uint8_t value)
{
	struct addr a = host(server);

	memset(ledger_host_entry(&ledger, &a)->host.guid, value, 16);
}

/* DNS: NAME had these addresses, so many at once. */
static struct name_fact *
resolves(const char *name, uint8_t a, uint8_t b, size_t at_once)
{
	struct name_fact *n;

	n = &ledger_name_entry(&ledger, str_of(name))->name;
	n->ref = frame(3);
	n->addrs[n->naddrs++] = host(a);
	if (b != 0)
		n->addrs[n->naddrs++] = host(b);
	n->most_at_once = at_once;
	n->changed = b != 0 && at_once < 2;
	names(a, name, NAME_DNS);
	return n;
}

static void
machine(const char *principal, bool bad, unsigned n)
{
	struct ref r = frame(n);

	ledger_as_done(&ledger, principal, bad ? KDC_ERR_PREAUTH_FAILED : -1,
	    bad, &r);
}

/* --- judging ------------------------------------------------------------------ */

/* "likely-id likely-id | possible-id": what the rules say. */
static void
judge(char *out, size_t size)
{
	static const enum certainty order[] = { CERTAINTY_LIKELY,
		CERTAINTY_POSSIBLE };
	struct arena mem = { 0 };
	struct finding f;
	size_t i, k, n = 0;

	out[0] = '\0';
	ledger_order(&ledger);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < sizeof(judged) / sizeof(judged[0]); i++) {
			finding_init(&f, judged[i], &mem);
			if (judged[i]->check(&story, &ledger, &f) !=
				VERDICT_FIRED ||
			    f.certainty != order[k])
				continue;
			n += (size_t)snprintf(out + n, size - n, "%s ",
			    judged[i]->id);
			if (f.nevidence == 0 || f.step.frame == 0 ||
			    f.rests_on == 0)
				n += (size_t)snprintf(out + n, size - n,
				    "(proves nothing) ");
		}
		if (k == 0)
			n += (size_t)snprintf(out + n, size - n, "|");
	}
	arena_free(&mem);
}

/*
 * Of the likely rules but the catch-all there must be just WANT (NULL: none),
 * and NEVER (may be NULL) must not be named at all.
 */
static void
expect(const char *what, const char *want, const char *never)
{
	static const char catch_all[] = "service-refused-ticket ";
	char said[1024], *likely, *p;

	judge(said, sizeof(said));
	likely = strdup(said);
	*strchr(likely, '|') = '\0';
	p = strstr(likely, catch_all);
	if (p != NULL)
		memmove(p, p + sizeof(catch_all) - 1,
		    strlen(p + sizeof(catch_all) - 1) + 1);
	if (strlen(likely) > 0)
		likely[strlen(likely) - 1] = '\0';
	if (strcmp(likely, want == NULL ? "" : want) != 0 ||
	    (never != NULL && strstr(said, never) != NULL) ||
	    strstr(said, "proves nothing") != NULL) {
		printf("%s: want %s, never %s, is: %s\n", what,
		    want == NULL ? "nothing" : want,
		    never == NULL ? "-" : never, said);
		failures++;
	}
	free(likely);
}

/* ID is named by the rules, whatever its certainty. */
static void
expect_named(const char *what, const char *id)
{
	char said[1024];

	judge(said, sizeof(said));
	if (strstr(said, id) == NULL) {
		printf("%s: %s is not named: %s\n", what, id, said);
		failures++;
	}
}

/* --- a refused ticket ---------------------------------------------------------- */

static void
test_bare(void)
{
	world();
	refused("cifs/fs1.fjord.test", 3, 21, 50, -1, NULL);
	expect("one refusal, nothing else", NULL, "dns-");
	expect_named("one refusal, nothing else", "service-refused-ticket");
	expect_named("one refusal, nothing else", "key-stale-service-keytab");
	expect_named("one refusal, nothing else", "spn-wrong-account");

	world();
	refused("cifs/win1.fjord.test", 3, 23, 50, 41, "WIN1$");
	expect("41 from the very computer", NULL, "dns-stale");

	world();
	refused("cifs/data.fjord.test", 3, 23, 50, 41, "cifs/data.fjord.test");
	expect("41 with an echo (MIT)", NULL, "dns-stale");

	world();
	refused("HTTP/portal.fjord.test", 3, 23, 50, 41, "svc-web");
	expect("41 from a service account: may be its owner", NULL, NULL);

	world();
	refused("cifs/fs1.fjord.test", 3, 21, 50, -1, NULL);
	accepted("cifs/fs1.fjord.test", 3, 21, 52);
	expect("recovered at once", NULL, "service-refused-ticket");

	world();
	refused("kadmin/changepw", 3, 10, 50, 41, NULL);
	expect("the password service has no SPN", NULL, "spn-wrong-account");

	world();
	refused("bjorn", 3, 21, 50, 41, NULL)->u2u = true;
	expect("user to user", NULL, "spn-prefixless-target");
}

/* A server whose clock is off says nothing of its key. */
static void
test_clock(void)
{
	struct addr a[] = { host(21), host(10), host(22) };
	struct ref r = frame(40);
	int64_t now = r.time;
	size_t i;

	world();
	takes("cifs/fs1.fjord.test", 3, 1, 21, 20);
	for (i = 0; i < 3; i++)
		ledger_clock_sample(&ledger, &a[i],
		    i == 0 ? now + 600 * SECOND : now, "smb2-negotiate", &r);
	refused("cifs/data.fjord.test", 3, 21, 50, -1, NULL);
	ledger_settle(&ledger);
	expect("a clock ten minutes ahead", NULL, "spn-wrong-account");
	expect("a clock ten minutes ahead", NULL, "service-refused-ticket");
}

static void
test_stale(void)
{
	static const char fs1[] = "cifs/fs1.fjord.test";

	world();
	takes(fs1, 3, 1, 21, 20);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("kvno rose", "key-stale-service-keytab", "spn-missing");

	world();
	refused(fs1, 4, 21, 50, 44, fs1);
	expect("44 to a fresh ticket", "key-stale-service-keytab", NULL);

	world();
	refused(fs1, 4, 21, 50, 44, fs1)->issued.frame = 0;
	expect("44 to a cached ticket", NULL, NULL);

	world();
	takes(fs1, 5, 1, 21, 20);
	refused(fs1, 4, 21, 50, 44, fs1);
	expect("a ticket older than the keytab", NULL, "key-stale");

	world();
	takes(fs1, 3, 1, 21, 20);
	takes(fs1, 4, 2, 21, 30);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("rotated, taken, one user refused", NULL, "key-stale");
	expect("rotated, taken, one user refused", NULL, "spn-wrong-account");

	world();
	takes(fs1, 0x10003, 1, 21, 20);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("kvno of an RODC fell", NULL, NULL);

	world();
	takes(fs1, 3, 1, 21, 20);
	refused(fs1, 0x10004, 21, 50, -1, NULL);
	expect("kvno of an RODC rose", NULL, NULL);

	world();
	takes(fs1, 7, 1, 21, 20);
	refused(fs1, 2, 21, 50, -1, NULL);
	expect("account made anew: kvno fell", NULL, "key-stale");

	world();
	takes(fs1, 3, 1, 21, 20);
	refused(fs1, 4, 21, 50, -1, NULL);
	takes("host/fs1.fjord.test", 3, 2, 21, 60);
	expect("kvno rose, old tickets still get in",
	    "key-stale-service-keytab", NULL);

	world();
	takes(fs1, 3, 1, 21, 20);
	refused(fs1, 4, 21, 50, -1, NULL);
	takes("host/fs1.fjord.test", 4, 2, 21, 60);
	expect("kvno rose, and the new key is there", NULL, "key-stale");

	world();
	takes("host/fs1.fjord.test", 5, 1, 21, 20);
	refused(fs1, 4, 21, 50, 41, "FS1$");
	takes(fs1, 5, 2, 21, 52);
	expect("a cached ticket, then a fresh one", NULL, "spn-wrong-account");

	world();
	takes(fs1, EV_ABSENT, 1, 21, 20);
	refused(fs1, EV_ABSENT, 21, 50, -1, NULL);
	expect("a KDC that writes no kvno", NULL, NULL);

	world();
	takes("HTTP/www.fjord.test", 3, 1, 21, 20);
	takes("HTTP/www.fjord.test", 3, 2, 22, 25);
	takes("HTTP/www.fjord.test", 4, 7, 22, 30);
	refused("HTTP/www.fjord.test", 4, 21, 50, 41, NULL);
	expect("one node kept the old key", "lb-node-missing-shared-key", NULL);
}

static void
test_account(void)
{
	static const char data[] = "cifs/data.fjord.test";

	world();
	takes("cifs/fs1.fjord.test", 4, 1, 21, 20);
	refused(data, 1, 21, 50, -1, NULL);
	expect("own SPN taken", "spn-wrong-account", "key-machine");
	expect("own SPN taken", "spn-wrong-account", "key-stale");

	world();
	refused(data, 1, 21, 50, 41, "FS1$");
	expect("names itself as another", "spn-wrong-account", NULL);

	world();
	refuses("cifs/fs1.fjord.test", 4, 1, 21, 20);
	refused(data, 1, 21, 50, 41, "FS1$");
	names(21, "fs1", NAME_ITSELF);
	expect("and refuses its own SPN too", NULL, NULL);

	world();
	takes("cifs/fs1.fjord.test", 4, 1, 21, 20);
	refuses("cifs/fs1.fjord.test", 5, 2, 21, 30);
	refused(data, 5, 21, 50, -1, NULL);
	expect("own SPN refused since", NULL, NULL);

	world();
	takes("cifs/fs1.fjord.test", 4, 1, 21, 20);
	refused("HTTP/portal.fjord.test", 1, 21, 50, -1, NULL);
	expect("another class: it may have its own account", NULL, NULL);

	world();
	takes("host/fs1.fjord.test", 9, 1, 21, 20);
	refused("cifs/fs1.fjord.test", 4, 21, 50, -1, NULL);
	expect("right host, cifs moved away", "spn-wrong-account", "dns-stale");

	world();
	takes("host/fs1.fjord.test", 3, 1, 21, 20);
	refused("cifs/fs1.fjord.test", 4, 21, 50, -1, NULL);
	expect("host and cifs share a key that changed", NULL, "dns-stale");
	expect_named("host and cifs share a key that changed", "key-stale");

	world();
	takes("cifs/fs1.fjord.test", 3, 1, 21, 20);
	refused(data, 4, 21, 50, -1, NULL);
	expect("an alias may share a key that changed", NULL, NULL);

	world();
	takes("cifs/fs1.fjord.test", 3, 1, 21, 20);
	takes("cifs/fs1.fjord.test", 3, 1, 21, 60);
	refused(data, 4, 21, 50, -1, NULL);
	expect("but not when it is taken afterwards", "spn-wrong-account",
	    "key-stale");

	world();
	takes("cifs/fs1.fjord.test", 9, 1, 21, 20);
	refused(data, 4, 21, 9000, -1, NULL);
	expect("taken hours before", NULL, NULL);

	world();
	takes("HTTP/a.fjord.test", 4, 1, 21, 20);
	refused("HTTP/b.fjord.test", 9, 21, 50, 41, "svc-b");
	expect("two sites, each with its account", NULL, NULL);
}

static void
test_wrong_host(void)
{
	static const char fs2[] = "cifs/fs2.fjord.test";

	world();
	takes("cifs/fs1.fjord.test", 4, 1, 21, 20);
	resolves("fs2.fjord.test", 22, 21, 1);
	refused(fs2, 1, 21, 50, -1, NULL);
	expect("DNS changed", "dns-stale-record-wrong-host", "lb-");

	world();
	takes(fs2, 1, 7, 22, 10);
	takes("cifs/fs1.fjord.test", 4, 1, 21, 60);
	resolves("fs2.fjord.test", 22, 21, 1);
	refused(fs2, 1, 21, 50, -1, NULL);
	expect("the same ticket, DNS led away", "dns-stale-record-wrong-host",
	    NULL);

	world();
	names(22, "FS2", NAME_ITSELF);
	takes(fs2, 1, 7, 22, 60);
	refused(fs2, 1, 21, 50, 41, "FS1$");
	expect("a hosts file, no DNS", "dns-stale-record-wrong-host", NULL);

	world();
	machine("FS2$@FJORD.TEST", false, 5);
	refused(fs2, 1, 21, 50, 41, "FS1$");
	expect("FS2$ is seen to live", "dns-stale-record-wrong-host", NULL);

	world();
	machine("FS2$@OTHER.TEST", false, 5);
	refused(fs2, 1, 21, 50, 41, "FS1$");
	expect("FS2$ of another realm", "spn-wrong-account", NULL);

	world();
	names(22, "fs2", NAME_ITSELF);
	takes("cifs/fs1.fjord.test", 4, 1, 21, 20);
	refused(fs2, 1, 21, 50, -1, NULL);
	expect("another calls itself so", "dns-stale-record-wrong-host", NULL);

	world();
	names(22, "fs2", NAME_ITSELF);
	names(21, "fs2", NAME_ITSELF);
	guid(21, 9);
	guid(22, 9);
	takes("cifs/fs1.fjord.test", 4, 1, 21, 20);
	refused(fs2, 1, 21, 50, -1, NULL);
	expect("one machine with two addresses", "spn-wrong-account",
	    "dns-stale");
}

static void
test_nodes(void)
{
	static const char farm[] = "cifs/farm.fjord.test";

	world();
	takes(farm, 2, 7, 23, 20);
	resolves("farm.fjord.test", 23, 24, 1);
	refused(farm, 2, 24, 50, 41, "WIN2$");
	takes(farm, 2, 7, 23, 60);
	expect("the name comes back", "lb-node-missing-shared-key", NULL);

	world();
	takes(farm, 2, 7, 23, 20);
	refused(farm, 2, 24, 50, -1, NULL);
	expect("the same ticket, no names", "lb-node-missing-shared-key",
	    "dns-stale");

	world();
	takes(farm, 2, 1, 23, 20);
	refused(farm, 2, 24, 50, 41, farm);
	expect("another ticket of this key", "lb-node-missing-shared-key",
	    NULL);

	world();
	takes(farm, 2, 1, 23, 20);
	refused(farm, 2, 24, 50, -1, NULL);
	expect("another user's, bare: may be the user", NULL, NULL);

	world();
	takes(farm, 2, 1, 23, 20);
	refused(farm, 3, 24, 50, 41, farm);
	expect("another key version elsewhere", NULL, NULL);

	world();
	guid(23, 5);
	guid(24, 5);
	takes(farm, 2, 7, 23, 20);
	refused(farm, 2, 24, 50, -1, NULL);
	expect("two addresses of one machine", NULL, "lb-");

	world();
	takes(farm, 2, 7, 23, 20);
	takes(farm, 2, 7, 23, 60);
	refused(farm, 2, 23, 50, 41, "CAS2$");
	expect("nodes behind one address", "lb-node-missing-shared-key", NULL);
}

static void
test_rotation(void)
{
	static const char name[] = "cifs/cluster.fjord.test";

	world();
	guid(23, 5);
	guid(24, 6);
	takes(name, 2, 7, 23, 20);
	resolves("cluster.fjord.test", 23, 24, 2);
	refused(name, 2, 24, 50, 41, "WIN2$");
	expect("round robin", "dns-round-robin-distinct-identities", NULL);

	world();
	takes(name, 2, 7, 23, 20);
	resolves("cluster.fjord.test", 23, 24, 2);
	refused(name, 2, 24, 50, -1, NULL);
	expect("round robin, nothing of the nodes",
	    "lb-node-missing-shared-key", NULL);
	expect_named("round robin, nothing of the nodes", "dns-round-robin");

	world();
	guid(23, 5);
	guid(24, 6);
	guid(25, 7);
	takes(name, 2, 7, 23, 20);
	takes(name, 2, 7, 25, 30);
	resolves("cluster.fjord.test", 23, 24, 3);
	refused(name, 2, 24, 50, 41, "WIN2$");
	expect("two of three take it", "lb-node-missing-shared-key", NULL);

	world();
	guid(23, 5);
	guid(24, 6);
	names(23, "cluster", NAME_ITSELF);
	takes(name, 2, 7, 23, 20);
	resolves("cluster.fjord.test", 23, 24, 2);
	refused(name, 2, 24, 50, 41, "WIN2$");
	expect("a second record for a computer's own name",
	    "dns-stale-record-wrong-host", NULL);
}

static void
test_machine(void)
{
	static const char fs1[] = "cifs/fs1.fjord.test";

	world();
	machine("FS1$@FJORD.TEST", true, 10);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("HOST$ fails, tickets are refused",
	    "key-machine-password-out-of-sync", NULL);

	world();
	machine("FS1$@FJORD.TEST", true, 10);
	machine("FS1$@FJORD.TEST", false, 11);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("the old password was tried after the new", NULL, "key-machine");

	world();
	machine("FS1$@FJORD.TEST", true, 10);
	takes("host/fs1.fjord.test", 4, 1, 21, 60);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("takes its own afterwards", NULL, "key-machine");

	world();
	machine("FS1$@MIT.TEST", true, 10);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("FS1$ of another realm", NULL, "key-machine");

	world();
	machine("FS1$@FJORD.TEST", true, 10);
	refused("HTTP/fs1.fjord.test", 4, 21, 50, -1, NULL);
	expect("HTTP may have its own account", NULL, NULL);
}

static void
computer_fails(const char *cname, unsigned n)
{
	struct exchange *x = asks("krbtgt/FJORD.TEST", n,
	    KDC_ERR_PREAUTH_FAILED);

	x->kind = EXCHANGE_AS;
	x->cname = cname;
	story.client = host(21);
}

static void
test_machine_alone(void)
{
	world();
	machine("FS1$@FJORD.TEST", true, 11);
	computer_fails("FS1$", 10);
	expect("HOST$ alone", "key-machine-password-out-of-sync", NULL);

	world();
	machine("GMSA-WEB$@FJORD.TEST", true, 11);
	names(21, "fs1", NAME_ITSELF);
	computer_fails("GMSA-WEB$", 10);
	expect("a managed service account", NULL, "key-machine");

	world();
	machine("FS1$@FJORD.TEST", true, 11);
	machine("FS1$@FJORD.TEST", false, 12);
	computer_fails("FS1$", 10);
	expect("and it got in later", NULL, "key-machine");

	world();
	machine("anna@FJORD.TEST", true, 11);
	computer_fails("anna", 10);
	expect("a user", NULL, "key-machine");
}

/* --- a refused name -------------------------------------------------------------- */

static void
test_missing(void)
{
	world();
	asks("cifs/desk.fjord.test", 40, 7);
	expect("7", "spn-missing", "dns-");
	expect_named("7", "spn-duplicate");

	world();
	asks("cifs/desk.fjord.test", 40, 8);
	expect("8", "spn-duplicate", NULL);
	expect_named("8", "spn-missing");

	world();
	asks("HTTP/intranet.fjord.test", 40, 7);
	asks("HTTP/win1.fjord.test", 42, -1);
	expect("another form granted", NULL, "spn-missing");

	world();
	asks("DNS/z.arin.net", 40, 7);
	expect("dynamic update outside", NULL, "spn-");

	world();
	asks("DNS/dc9.fjord.test", 40, 7);
	expect("dynamic update inside", "spn-missing", NULL);

	world();
	asks("HTTP/www.example.com", 40, 7);
	expect("a host of another domain", NULL, "dns-");

	world();
	asks("HTTP/notfjord.test", 40, 7);
	expect("a suffix that is none", NULL, "dns-");

	world();
	asks("cifs/desk", 40, 7);
	expect("a short name", "spn-missing", NULL);

	world();
	asks("cifs/10.0.0.21", 40, 7);
	expect("an address", NULL, "dns-");

	world();
	asks("cifs/fs1.fjord.test", 40, 7);
	takes("cifs/fs1.fjord.test", 3, 1, 21, 20);
	expect("tickets for it exist: another KDC knows it", NULL, NULL);

	world();
	asks("HTTP/desk.fjord.test", 40, 7)->kind = EXCHANGE_AS;
	expect("a ticket without a TGT (kinit -S)", "spn-missing", NULL);

	world();
	asks("krbtgt/OTHER.TEST", 40, 7);
	expect("no trust", NULL, "spn-");

	world();
	asks("HTTP/desk.fjord.test", 40, 7)->s4u2self = true;
	expect("S4U2Self", NULL, "spn-");

	world();
	asks("HTTP/desk.fjord.test", 40, 7)->u2u = true;
	expect("user to user", NULL, "spn-");
}

static void
looks_up(const char *name, const char *canonical, uint8_t a)
{
	struct lookup *k = &lookups[story.nlookups++];

	k->query = frame(30);
	k->reply = frame(31);
	k->name = name;
	k->type = DNS_A;
	k->canonical = canonical;
	k->addrs[k->naddrs++] = host(a);
}

static void
test_alias(void)
{
	static const char files[] = "cifs/files.fjord.test";

	world();
	looks_up("files.fjord.test", NULL, 21);
	names(21, "fs1", NAME_ITSELF);
	asks(files, 40, 7);
	expect("alias by A record, NTLM knows",
	    "dns-a-record-alias-no-spn spn-missing", NULL);

	world();
	looks_up("files.fjord.test", NULL, 21);
	names(21, "files", NAME_ITSELF);
	names(21, "www.fjord.test", NAME_DNS);
	asks(files, 40, 7);
	expect("the host's own name", "spn-missing", "dns-a-record");

	world();
	looks_up("files.fjord.test", NULL, 21);
	names(21, "www.fjord.test", NAME_DNS);
	asks(files, 40, 7);
	expect("two A records: which is the alias?", "spn-missing", NULL);
	expect_named("two A records", "dns-a-record-alias-no-spn");

	world();
	looks_up("files.fjord.test", NULL, 21);
	names(21, "files", NAME_TICKET);
	asks(files, 40, 7);
	expect("short and full form", "spn-missing", "dns-a-record");

	world();
	looks_up("longservername01.fjord.test", NULL, 21);
	names(21, "longservername0", NAME_ITSELF);
	asks("cifs/longservername01.fjord.test", 40, 7);
	expect("a NetBIOS name is cut", "spn-missing", "dns-a-record");

	world();
	looks_up("files.fjord.test", "fs1.fjord.test", 21);
	names(21, "fs1", NAME_ITSELF);
	asks(files, 40, 7);
	expect("alias by CNAME",
	    "dns-cname-alias-client-uses-alias spn-missing", "dns-a-record");

	world();
	looks_up("files.fjord.test", "files.fjord.test", 21);
	asks(files, 40, 7);
	expect("CNAME to itself", "spn-missing", "dns-cname");

	world();
	looks_up("files.fjord.test", "fs1.fjord.test", 21);
	refused(files, 3, 21, 50, -1, NULL);
	expect("CNAME, the ticket is refused", NULL, NULL);

	world();
	looks_up("files.fjord.test", "fs1.fjord.test", 21);
	takes("cifs/fs1.fjord.test", 3, 1, 21, 20);
	refused(files, 3, 21, 50, -1, NULL);
	expect("CNAME, and the real name is taken",
	    "dns-cname-alias-client-uses-alias spn-wrong-account", NULL);
}

/* --- names without a class --------------------------------------------------------- */

static void
test_prefixless(void)
{
	struct attempt *a;

	world();
	asks("VIRTUALSRV", 40, 7);
	expect("7", "spn-prefixless-target", "spn-missing");

	world();
	asks("svc-sql", 40, 27);
	expect("27", "spn-prefixless-target", NULL);

	world();
	asks("anna", 40, 7);
	expect("the requester itself", NULL, "spn-prefixless");

	world();
	asks("bjorn", 40, 7)->u2u = true;
	expect("user to user", NULL, "spn-prefixless");

	world();
	refused("VIRTUALSRV", 2, 21, 50, -1, NULL);
	accepted("cifs/VIRTUALSRV.fjord.test", 4, 21, 52);
	expect("refused, then taken with a class", "spn-prefixless-target",
	    "key-");
	expect("refused, then taken with a class", "spn-prefixless-target",
	    "cluster");

	world();
	story.principal = "CLUSTERNODE$@FJORD.TEST";
	refused("VIRTUALSRV", 2, 50, 50, 41, "host/CLUSTERNODE.fjord.test");
	accepted("cifs/VIRTUALSRV.fjord.test", 4, 50, 52);
	expect("a node and its own virtual server",
	    "cluster-prefixless-benign spn-prefixless-target", "key-");

	world();
	refused("VIRTUALSRV", 2, 50, 50, 41, "host/CLUSTERNODE.fjord.test");
	accepted("cifs/VIRTUALSRV.fjord.test", 4, 50, 52);
	expect("the client is not the node", "spn-prefixless-target",
	    "cluster");

	world();
	story.principal = "CLUSTERNODE$@FJORD.TEST";
	refused("VIRTUALSRV", 2, 50, 50, 41, "host/CLUSTERNODE.fjord.test");
	expect("no retry that works", "spn-prefixless-target", "cluster");

	world();
	story.principal = "CLUSTERNODE$@FJORD.TEST";
	refused("VIRTUALSRV", 2, 50, 50, 41, "host/CLUSTERNODE.fjord.test");
	a = accepted("cifs/VIRTUALSRV.fjord.test", 4, 50, 90);
	a->flow = 2;
	expect("a retry half a minute later", "spn-prefixless-target",
	    "cluster");
}

int
main(void)
{
	ledger_init(&ledger, 300 * SECOND, 64 << 20);
	test_bare();
	test_clock();
	test_stale();
	test_account();
	test_wrong_host();
	test_nodes();
	test_rotation();
	test_machine();
	test_machine_alone();
	test_missing();
	test_alias();
	test_prefixless();
	ledger_release(&ledger);
	return failures > 0;
}
