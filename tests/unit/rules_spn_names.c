/*
 * The rules of SPNs and names, on names that a KDC refuses and on names
 * without a class: which of them is likely, which must keep silent.
 */
#include "refusals.h"

/* --- a refused name --------------------------------------------------- */

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
}

/* Codes 7 that are no more than possible, or about something else. */
static void
test_not_missing(void)
{
	world();
	asks("cifs/desk", 40, 7);
	expect("a short name", "spn-missing", NULL);

	world();
	asks("cifs/10.0.0.21", 40, 7);
	expect("an address", NULL, "dns-");
	expect("an address is on no account, not on two", NULL, "duplicate");

	world();
	asks("cifs/fs1.fjord.test", 40, 7);
	takes("cifs/fs1.fjord.test", 3, 1, 21, 20);
	expect("tickets for it exist: another KDC knows it", NULL, "duplicate");

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

	world();
	asks("HTTP/desk.fjord.test", 40, 7)->e_text = "SERVER LOCKED OUT";
	expect("an MIT service that gets no tickets", NULL, "spn-");

	world();
	asks("HTTP/desk.fjord.test", 40, 7)->e_text = "LOOKING_UP_SERVER";
	expect("an MIT service that is unknown", "spn-missing", NULL);
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
}

static void
test_real_names(void)
{
	static const char files[] = "cifs/files.fjord.test";

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

/* --- names without a class -------------------------------------------- */

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
	test_missing();
	test_not_missing();
	test_alias();
	test_real_names();
	test_prefixless();
	ledger_release(&ledger);
	return failures > 0;
}
