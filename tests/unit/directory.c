/*
 * directory.c - what is claimed of a directory, and above all what is not:
 * that nobody has a name is said only where a search must have found him.
 */
#include "ldif-text.h"

#define NOBODY "\"covered\":1"
#define NOWHERE "\"covered_all\":1"

/* --- who holds it ------------------------------------------------------ */

static void
test_owners(void)
{
	CHECK(line_has(owners_in(CORP, "host/fs1.corp.test", "CORP.TEST"),
	    "\"owners\":[\"FS1$@CORP.TEST\"]"));
	CHECK(line_has(owners_in(CORP, "cifs/FS1.corp.test", "corp.test"),
	    "\"implied\":[\"FS1$@CORP.TEST\"]"));
	/* MSSQLSvc is no alias of HOST. */
	CHECK(line_lacks(owners_in(CORP, "MSSQLSvc/fs1.corp.test:1433",
			     "CORP.TEST"),
	    "implied"));
	CHECK(line_has(owners_in(CORP, "MSSQLSvc/fs1.corp.test:1433",
			   "CORP.TEST"),
	    "\"near\":[\"HOST/fs1.corp.test FS1$@CORP.TEST\""));
	CHECK(line_has(owners_in(CORP, "MSSQLSvc/fs1.corp.test:1433",
			   "CORP.TEST"),
	    "\"computers\":[\"FS1$@CORP.TEST\"]"));
	/* The short name is the same host, and another SPN. */
	CHECK(line_has(owners_in(CORP, "http/dc1", "CORP.TEST"),
	    "\"near\":[\"HOST/dc1.corp.test DC1$@CORP.TEST\"]"));
	CHECK(line_lacks(owners_in(CORP, "http/dc1", "CORP.TEST"), "implied"));
}

static void
test_two_owners(void)
{
	const char *twice = CORP ACCOUNT("web", "user",
	    "servicePrincipalName: HTTP/www.corp.test\n") ACCOUNT("Web2",
	    "user", "servicePrincipalName: http/WWW.corp.test\n");

	CHECK(line_has(owners_in(twice, "HTTP/www.corp.test", "CORP.TEST"),
	    "\"owners\":[\"web@CORP.TEST\",\"Web2@CORP.TEST\"]"));
	/* An account exported twice is one account. */
	CHECK(line_has(owners_in(CORP "\n" FS1, "HOST/FS1", "CORP.TEST"),
	    "\"owners\":[\"FS1$@CORP.TEST\"]"));
	/* A literal owner anywhere is no owner of what HOST/ implies. */
	CHECK(line_lacks(owners_in(CORP ACCOUNT("nas", "user",
				       "servicePrincipalName: "
				       "cifs/fs1.corp.test\n"),
			     "cifs/fs1.corp.test", "CORP.TEST"),
	    "implied"));
}

static void
test_names_of_realms(void)
{
	const char *netbios = CORP
	    "dn: CN=CORPNET,CN=Partitions,CN=Configuration,DC=corp,DC=test\n"
	    "objectClass: crossRef\nnCName: DC=corp,DC=test\n"
	    "nETBIOSName: CORPNET\n\n";

	CHECK(line_has(owners_in(netbios, "cifs/x", "CORPNET"), NOBODY));
	CHECK(line_lacks(owners_in(CORP, "cifs/x", "CORPNET"), NOBODY));
	CHECK(line_lacks(owners_in(CORP, "cifs/x", "OTHER.TEST"), NOBODY));
}

/* --- what is sure ------------------------------------------------------ */

/* The account WEB in the folder OU, with a SID. */
#define WEB(name, ou)                                                    \
	"dn: CN=" name ",OU=" ou ",DC=corp,DC=test\nobjectClass: user\n" \
	"sAMAccountName: " name "\nobjectSid: S-1-5-21-1-2-3-1105\n"     \
	"servicePrincipalName: HTTP/w\n\n"

static void
test_moved(void)
{
	CHECK(line_has(owners_in(WEB("web", "A") WEB("web", "B"), "HTTP/w",
			   "CORP.TEST"),
	    "\"owners\":[\"web@CORP.TEST\"]"));
	CHECK(line_has(owners_in(WEB("web", "A") WEB("web9", "A"), "HTTP/w",
			   "CORP.TEST"),
	    "\"owners\":[\"web9@CORP.TEST\"]"));
}

#define DOMAIN "dn: DC=corp,DC=test\nobjectClass: domainDNS\n\n"

static void
test_export_of_all(void)
{
	CHECK(line_has(owners_in(CORP, "cifs/files", "CORP.TEST"), NOBODY));
	CHECK(line_has(owners_in(CORP, "cifs/files", "CORP.TEST"), NOWHERE));
	/* A part of it, whichever, is not all. */
	CHECK(line_lacks(owners_in(KRBTGT DC1 FS1 ANNA, "cifs/files",
			     "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(owners_in(DC1 FS1 ANNA BOB ACCOUNT("c", "user", ""),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(owners_in(KRBTGT FS1 ANNA BOB ACCOUNT("c", "user", ""),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	/* Computers alone: a service account may have it. */
	CHECK(line_lacks(owners_in(KRBTGT DC1 FS1 ACCOUNT("A$", "computer", "")
				       ACCOUNT("B$", "computer", ""),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	/* The domain itself, and no guest: somebody asked for these alone. */
	CHECK(line_lacks(owners_in(CORP DOMAIN, "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_has(owners_in(CORP DOMAIN ACCOUNT("Guest", "user", ""),
			   "cifs/files", "CORP.TEST"),
	    NOBODY));
	/* Without the end of its last line, or with a bad one. */
	CHECK(line_lacks(owners_in(CORP "dn: CN=x", "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(owners_in(CORP "dn: CN=x\nthis is wrong\n",
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	/* ldbsearch says how it ended. */
	CHECK(line_lacks(owners_in("# record 1\n" CORP, "cifs/files",
			     "CORP.TEST"),
	    NOBODY));
	CHECK(line_has(owners_in("# record 1\n" CORP "# returned 5 records\n",
			   "cifs/files", "CORP.TEST"),
	    NOBODY));
	/* Umlauts are compared as octets here: nothing is claimed. */
	CHECK(line_lacks(owners_in(CORP, "cifs/M\xc3\xbcller", "CORP.TEST"),
	    NOBODY));
}

static void
test_no_spns_exported(void)
{
	const char *lacks = ACCOUNT("krbtgt", "user", "")
	    ACCOUNT("DC1$", "computer", "userAccountControl: 532480\n")
		ACCOUNT("FS1$", "computer", "") ANNA BOB;

	CHECK(line_lacks(owners_in(lacks, "cifs/files", "CORP.TEST"), NOBODY));
}

static void
test_another_domain_is_named(void)
{
	const char *trusting = CORP
	    "dn: CN=other.test,CN=System,DC=corp,DC=test\n"
	    "objectClass: trustedDomain\ntrustPartner: other.test\n"
	    "flatName: OTHER\ntrustDirection: 3\ntrustType: 2\n\n";

	CHECK(line_has(owners_in(trusting, "cifs/files", "CORP.TEST"), NOBODY));
	CHECK(line_lacks(owners_in(trusting, "cifs/files", "CORP.TEST"),
	    NOWHERE));
}

/* SEARCH is what ldapsearch writes before and after what it found. */
#define SEARCH(base, filter, list, found, result)                         \
	"# extended LDIF\n#\n# LDAPv3\n# base <" base                     \
	"> with scope subtree\n# filter: " filter "\n# requesting: " list \
	"\n#\n\n" found "# search result\nsearch: 2\n" result "\n"
#define OK "result: 0 Success\n"
#define BASE "DC=corp,DC=test"
#define FILTERED(filter, list) SEARCH(BASE, filter, list, FS1, OK)

static bool
sure(const char *filter, const char *spn)
{
	char text[2048];
	char *line;
	bool has;

	snprintf(text, sizeof(text), SEARCH(BASE, "%s", "ALL", FS1, OK),
	    filter);
	line = owners_in(text, spn, "CORP.TEST");
	has = strstr(line, NOBODY) != NULL;
	free(line);
	return has;
}

static void
test_filters(void)
{
	CHECK(sure("(servicePrincipalName=*)", "cifs/files"));
	CHECK(sure("(objectClass=*)", "cifs/files"));
	CHECK(sure("servicePrincipalName=*", "cifs/files"));
	CHECK(sure("(&(objectCategory=*)(SERVICEPRINCIPALNAME=*))",
	    "cifs/files"));
	CHECK(sure("(servicePrincipalName=*/files*)", "cifs/files.corp.test"));
	/* HOST/ would imply it: both have to be asked for. */
	CHECK(!sure("(servicePrincipalName=cifs/files)", "cifs/files"));
	CHECK(sure("(|(servicePrincipalName=cifs/files)"
		   "(servicePrincipalName=HOST/files))",
	    "cifs/files"));
	CHECK(sure("(servicePrincipalName=MSSQLSvc/db)", "MSSQLSvc/db"));
	CHECK(!sure("(servicePrincipalName=cifs/fs*)", "cifs/files"));
	CHECK(!sure("(sAMAccountName=*$)", "cifs/files"));
	CHECK(!sure("(objectClass=computer)", "cifs/files"));
	CHECK(!sure("(&(servicePrincipalName=*)(objectClass=computer))",
	    "cifs/files"));
	CHECK(!sure("(&(servicePrincipalName=*)(!(userAccountControl:1.2.840."
		    "113556.1.4.803:=2)))",
	    "cifs/files"));
	CHECK(!sure("(!(servicePrincipalName=*))", "cifs/files"));
	CHECK(!sure("(&(servicePrincipalName=*)", "cifs/files"));
	CHECK(!sure("(servicePrincipalName=\\2a)", "cifs/files"));
	CHECK(!sure("", "cifs/files"));
	CHECK(!sure("(|)", "cifs/files"));
}

static void
test_searches(void)
{
	const char *all = "(servicePrincipalName=*)";
	char text[2048];

	/* Below the domain, without SPNs, cut, refused, of one level. */
	CHECK(line_lacks(owners_in(SEARCH("OU=x,DC=corp,DC=test",
				       "(servicePrincipalName=*)", "ALL", FS1,
				       OK),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(owners_in(SEARCH(BASE, "(objectClass=*)", "cn mail",
				       ANNA, OK),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_has(owners_in(SEARCH(BASE, "(objectClass=*)",
				     "cn servicePrincipalName", ANNA, OK),
			   "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(owners_in(SEARCH(BASE, "(servicePrincipalName=*)",
				       "ALL", FS1, ""),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(
	    line_lacks(owners_in(SEARCH(BASE, "(servicePrincipalName=*)", "ALL",
				     FS1, "result: 4 Size limit exceeded\n"),
			   "cifs/files", "CORP.TEST"),
		NOBODY));
	snprintf(text, sizeof(text),
	    "# base <" BASE "> with scope oneLevel\n# filter: %s\n\n" FS1, all);
	CHECK(line_lacks(owners_in(text, "cifs/files", "CORP.TEST"), NOBODY));
	/*
	 * The pack of `collect` has no more than these lines, written before
	 * ldifde searches: without krbtgt it may have found nothing.
	 */
	snprintf(text, sizeof(text),
	    "# base <" BASE "> with scope subtree\n# filter: %s\n\n" FS1, all);
	CHECK(line_lacks(owners_in(text, "cifs/files", "CORP.TEST"), NOBODY));
	snprintf(text, sizeof(text),
	    "# base <" BASE
	    "> with scope subtree\n# filter: %s\n\n" ACCOUNT("krbtgt", "user",
		"userAccountControl: 514\n") FS1,
	    all);
	CHECK(line_has(owners_in(text, "cifs/files", "CORP.TEST"), NOBODY));
	/* Two searches in one file: each answers for itself. */
	CHECK(line_has(owners_in(SEARCH(BASE, "(sAMAccountName=x)", "ALL", ANNA,
				     OK) FILTERED("(servicePrincipalName=*)",
				     "ALL"),
			   "cifs/files", "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(owners_in(FILTERED("(sAMAccountName=x)", "ALL")
				       SEARCH("DC=other,DC=test",
					   "(servicePrincipalName=*)", "ALL",
					   ANNA, OK),
			     "cifs/files", "CORP.TEST"),
	    NOBODY));
}

/* --- what is known of an account --------------------------------------- */

static char *
account_in(const char *text, const char *name)
{
	struct directory *d = directory_from(text);
	struct questions *q = questions_new();
	char *all, *line, *p = NULL;
	char want[128];

	asks_logon(q, name, "CORP.TEST");
	all = told(d, q);
	snprintf(want, sizeof(want), "\"name\":\"%s@CORP.TEST\",\"dn\"", name);
	for (line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n"))
		if (strstr(line, want) != NULL)
			p = strdup(line);
	free(all);
	questions_free(q);
	directory_free(d);
	return p == NULL ? strdup("") : p;
}

static void
test_values(void)
{
	const char *text = ACCOUNT("svc", "user",
	    "userAccountControl: -2147483136\n"
	    "msDS-SupportedEncryptionTypes: -2147483648\n"
	    "pwdLastSet: 133800000000000000\n"
	    "accountExpires: 9223372036854775807\nlockoutTime: 0\n"
	    "whenCreated: 20240102030405.0Z\n"
	    "objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUwQAAA==\n");

	CHECK(line_has(account_in(text, "svc"), "\"uac\":\"0x80000200\""));
	CHECK(line_has(account_in(text, "svc"),
	    "\"enctypes\":\"0x80000000\",\"enctypes_set\":1"));
	CHECK(line_has(account_in(text, "svc"),
	    "\"pwd_last_set\":\"2024-12-30T02:40:00.000000Z\""));
	CHECK(line_has(account_in(text, "svc"),
	    "\"created\":\"2024-01-02T03:04:05.000000Z\""));
	CHECK(line_has(account_in(text, "svc"),
	    "\"sid\":\"S-1-5-21-1-2-3-1107\""));
	CHECK(line_lacks(account_in(text, "svc"), "\"expires\""));
	CHECK(line_lacks(account_in(text, "svc"), "\"locked\""));
}

static void
test_known(void)
{
	const char *one = ANNA ACCOUNT("svc", "user",
	    "msDS-AllowedToDelegateTo: cifs/fs1\n");

	CHECK(line_lacks(account_in(ANNA, "anna"), "delegate_known"));
	CHECK(line_has(account_in(one, "anna"), "\"delegate_known\":1"));
	CHECK(line_has(account_in(SEARCH(BASE, "(sAMAccountName=anna)",
				      "msDS-AllowedToDelegateTo", ANNA, OK),
			   "anna"),
	    "\"delegate_known\":1"));
	CHECK(line_lacks(account_in(SEARCH(BASE, "(sAMAccountName=anna)",
					"msDS-AllowedToDelegateTo", ANNA, OK),
			     "anna"),
	    "\"acts_known\":1"));
}

#define GROUP(name, more)                                                \
	"dn: CN=" name ",CN=Users,DC=corp,DC=test\nobjectClass: group\n" \
	"sAMAccountName: " name "\n" more "\n"
#define IN(name) "memberOf: CN=" name ",CN=Users,DC=corp,DC=test\n"
#define MEMBER(name) "member: CN=" name ",CN=Users,DC=corp,DC=test\n"

static void
test_protected_users(void)
{
	const char *yes = "\"protected_user\":1", *known = "\"member_known\":1";
	const char *direct = ACCOUNT("a", "user", IN("Protected Users"))
	    GROUP("Protected Users", "");
	const char *listed = ACCOUNT("a", "user", "")
	    GROUP("Protected Users", MEMBER("a"));
	const char *nested = ACCOUNT("a", "user", IN("Admins"))
	    GROUP("Admins", IN("Geheim")) GROUP("Geheim",
		"objectSid: S-1-5-21-1-2-3-525\n" MEMBER("Admins"));
	const char *not_in = ACCOUNT("a", "user", IN("Admins")) GROUP("Admins",
	    "") GROUP("B", IN("Protected Users")) GROUP("Protected Users", "");
	const char *unseen = ACCOUNT("a", "user", IN("Admins"));

	CHECK(line_has(account_in(direct, "a"), yes));
	CHECK(line_has(account_in(listed, "a"), yes));
	CHECK(line_has(account_in(nested, "a"), yes));
	CHECK(line_lacks(account_in(not_in, "a"), yes));
	CHECK(line_has(account_in(not_in, "a"), known));
	CHECK(line_lacks(account_in(unseen, "a"), known));
	CHECK(line_lacks(account_in(ANNA, "anna"), known));
	/* Groups in a ring end too. */
	CHECK(line_lacks(account_in(ACCOUNT("a", "user", IN("B"))
					GROUP("B", IN("C")) GROUP("C", IN("B")),
			     "a"),
	    yes));
}

/* O:BAD:(A;;FA;;;S-1-5-21-1-2-3-1107)(D;...-1108)(A;...;S-1-5-21-9-9-9-7) */
#define DESCRIPTOR                                                             \
	"AQAEgBQAAAAAAAAAAAAAACQAAAABAgAAAAAABSAAAAAgAgAABAB0AAMAAAAAACQA/wEP" \
	"AAEFAAAAAAAFFQAAAAEAAAACAAAAAwAAAFMEAAABACQA/wEPAAEFAAAAAAAFFQAAAAEA" \
	"AAACAAAAAwAAAFQEAAAAACQA/wEPAAEFAAAAAAAFFQAAAAkAAAAJAAAACQAAAAcAAAA="

static void
test_acts_here(void)
{
	const char *text = ACCOUNT("FS1$", "computer",
	    "msDS-AllowedToActOnBehalfOfOtherIdentity:: " DESCRIPTOR "\n")
	    ACCOUNT("front", "user", "objectSid: S-1-5-21-1-2-3-1107\n")
		ACCOUNT("denied", "user", "objectSid: S-1-5-21-1-2-3-1108\n");

	CHECK(line_has(account_in(text, "FS1$"),
	    "\"acts_here\":[\"front@CORP.TEST\",\"S-1-5-21-9-9-9-7\"]"));
}

/* --- names ------------------------------------------------------------- */

static char *
name_in(const char *text, const char *name, const char *realm)
{
	struct directory *d = directory_from(text);
	struct questions *q = questions_new();
	char *all, *line;

	asks_logon(q, name, realm);
	all = told(d, q);
	line = strstr(all, "{\"event\":\"directory-name\"");
	line = line == NULL ? strdup("") : strndup(line, strcspn(line, "\n"));
	free(all);
	questions_free(q);
	directory_free(d);
	return line;
}

static void
test_client_names(void)
{
	const char *more = CORP ACCOUNT("x", "user",
	    "userPrincipalName: otto@brand.test\n") ACCOUNT("y", "user",
	    "userPrincipalName: Otto@brand.test\n")
	    ACCOUNT("svc", "user", "userPrincipalName: host/nfs@CORP.TEST\n");

	CHECK(line_has(name_in(more, "Anna", "corp.test"),
	    "[\"anna@CORP.TEST\"]"));
	CHECK(line_has(name_in(more, "anna\\@corp.test", "CORP.TEST"),
	    "[\"anna@CORP.TEST\"]"));
	CHECK(line_has(name_in(more, "bob\\@corp.test", "CORP.TEST"),
	    "[\"bob@CORP.TEST\"]"));
	CHECK(line_has(name_in(more, "otto\\@brand.test", "CORP.TEST"),
	    "[\"x@CORP.TEST\",\"y@CORP.TEST\"]"));
	CHECK(line_has(name_in(more, "FS1$", "CORP.TEST"),
	    "[\"FS1$@CORP.TEST\"]"));
	CHECK(line_has(name_in(more, "host/nfs", "CORP.TEST"),
	    "[\"svc@CORP.TEST\"]"));
	/* Whoever has an SPN or a UPN is there; who has none may not be. */
	CHECK(line_lacks(name_in(more, "nobody", "CORP.TEST"), NOBODY));
	CHECK(line_has(name_in(CORP ACCOUNT("Guest", "user", ""), "nobody",
			   "CORP.TEST"),
	    NOBODY));
	CHECK(line_lacks(name_in(more, "nobody", "CORP.TEST"), "accounts"));
	CHECK(line_lacks(name_in(more, "anna", "OTHER.TEST"), "accounts"));
	/* A search for SPNs did not look for people. */
	CHECK(line_lacks(name_in(FILTERED("(servicePrincipalName=*)", "ALL"),
			     "nobody", "CORP.TEST"),
	    NOBODY));
}

/* --- delegation leads on ----------------------------------------------- */

static void
test_middle_tier(void)
{
	struct directory *d = directory_from(CORP ACCOUNT("front", "user",
	    "servicePrincipalName: HTTP/front\nmsDS-AllowedToDelegateTo: "
	    "cifs/fs1.corp.test\nmsDS-AllowedToDelegateTo: cifs/gone\n"));
	struct questions *q = questions_new();
	char *all;

	asks_logon(q, "front", "CORP.TEST");
	all = told(d, q);
	CHECK(strstr(all,
		  "\"spn\":\"cifs/fs1.corp.test\",\"realm\":"
		  "\"CORP.TEST\",\"implied\":[\"FS1$@CORP.TEST\"]") != NULL);
	CHECK(strstr(all, "\"spn\":\"cifs/gone\"") != NULL);
	CHECK(strstr(all, "\"name\":\"FS1$@CORP.TEST\",\"dn\"") != NULL);
	free(all);
	questions_free(q);
	directory_free(d);
}

int
main(void)
{
	test_owners();
	test_two_owners();
	test_names_of_realms();
	test_moved();
	test_export_of_all();
	test_no_spns_exported();
	test_another_domain_is_named();
	test_filters();
	test_searches();
	test_values();
	test_known();
	test_protected_users();
	test_acts_here();
	test_client_names();
	test_middle_tier();
	return failures != 0;
}
