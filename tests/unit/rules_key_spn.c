/*
 * The rules of keys and names, on refused tickets that no laboratory can
 * record: which of them is likely, which possible, which must keep silent.
 */
#include "refusal.h"
#include "refusals.h"

/* --- a refused ticket ------------------------------------------------- */

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

/* A server that was mended, and tickets that are older than its key. */
static void
test_mended(void)
{
	static const char fs1[] = "cifs/fs1.fjord.test";
	struct attempt *a;

	world();
	takes(fs1, 5, 1, 21, 60);
	refused(fs1, 4, 21, 50, -1, NULL);
	expect("a fresh ticket, taken later at the next kvno", NULL,
	    "spn-wrong-account");
	expect_named("a fresh ticket, mended later",
	    "key-stale-service-keytab");

	world();
	takes(fs1, 5, 1, 21, 60);
	refused(fs1, 4, 21, 50, -1, NULL)->issued.frame = 0;
	expect("a kept ticket, older than the key", NULL, "key-stale");

	world();
	refuses(fs1, 4, 1, 21, 20);
	a = refused("cifs/FS1", 4, 21, 50, -1, NULL);
	if (strcmp(refusal_spn(&ledger, a), fs1) != 0) {
		printf("a short name is not told by its full one\n");
		failures++;
	}
	a->ticket.kvno = 3;
	if (refusal_spn(&ledger, a) != a->ticket.sname) {
		printf("a short name with another key is told by another\n");
		failures++;
	}
}

/* A silent server whose clock is off says nothing of its key; 41 does. */
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
	attempts[0].error = KRB_AP_ERR_MODIFIED;
	expect("it could not open the ticket", "spn-wrong-account", NULL);
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
	expect("44 to a fresh ticket", NULL, NULL);

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
}

static void
test_versions(void)
{
	static const char fs1[] = "cifs/fs1.fjord.test";

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
}

static void
test_same_account(void)
{
	static const char data[] = "cifs/data.fjord.test";

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
	    NULL);
	/* The ticket of the older key may be one that the client kept. */
	expect_named("an older one, taken afterwards", "key-stale");

	world();
	takes("cifs/fs1.fjord.test", 9, 1, 21, 20);
	takes("cifs/fs1.fjord.test", 9, 1, 21, 60);
	refused(data, 4, 21, 50, -1, NULL);
	expect("a newer one, taken afterwards", "spn-wrong-account",
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
	resolves("farm.fjord.test", 24, 23, 1);
	refused(farm, 2, 24, 50, -1, NULL);
	takes(farm, 2, 7, 23, 60);
	expect("the name left, and nobody knows for whom", NULL, NULL);

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

/* What goes stale together has one name; an SPN that was astray is no part. */
static void
test_key_name(void)
{
	static const char fs1[] = "cifs/fs1.fjord.test";
	static const char docs[] = "cifs/docs.fjord.test";
	struct refused_ticket r;

	world();
	takes(fs1, 1, 1, 21, 10);
	takes(docs, 1, 2, 21, 11);
	refuses(docs, 3, 3, 21, 20);
	refused(fs1, 3, 21, 50, -1, NULL);
	if (!refusal_ticket(&story, &ledger, &r) ||
	    strcmp(r.name_of_key, docs) != 0) {
		printf("one key has two names\n");
		failures++;
	}
	takes(docs, 1, 4, 21, 30);
	if (!refusal_ticket(&story, &ledger, &r) ||
	    strcmp(r.name_of_key, fs1) != 0) {
		printf("a key has the name of another account's\n");
		failures++;
	}
}

int
main(void)
{
	ledger_init(&ledger, 300 * SECOND, 64 << 20);
	test_bare();
	test_mended();
	test_clock();
	test_stale();
	test_versions();
	test_account();
	test_same_account();
	test_wrong_host();
	test_nodes();
	test_rotation();
	test_key_name();
	test_machine();
	test_machine_alone();
	ledger_release(&ledger);
	return failures > 0;
}
