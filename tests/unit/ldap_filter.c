/*
 * Questions of a capture as LDAP filters: no octet of the wire is syntax,
 * every form of a name is asked, each once, and SIDs are octets.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "probe-ldap-filter.h"

static struct ldap_filters *f;
static struct directory *d;

/* The filters of all that was asked since the last call, in one text. */
static char *
all(void)
{
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);
	const char *filter;
	bool exact;

	for (i = 0; (filter = ldap_filters_at(f, i, &exact)) != NULL; i++)
		fprintf(out, "%s%s\n", exact ? "" : "~", filter);
	fclose(out);
	ldap_filters_free(f);
	f = ldap_filters_new();
	return text;
}

static void
ask(enum question_kind kind, const char *text, const char *realm)
{
	const struct question q = { kind, text, realm };

	ldap_filters_question(f, d, &q);
}

static void
expect(int line, bool has, const char *const *terms)
{
	char *text = all();

	for (; *terms != NULL; terms++)
		if ((strstr(text, *terms) != NULL) != has) {
			printf("line %d: %s %s in\n%s", line, *terms,
			    has ? "is not" : "is", text);
			failures++;
		}
	free(text);
}

#define EXPECT(...) \
	expect(__LINE__, true, (const char *const[]){ __VA_ARGS__, NULL })
#define NEVER(...) \
	expect(__LINE__, false, (const char *const[]){ __VA_ARGS__, NULL })

static void
services(void)
{
	ask(ASK_SPN, "cifs/fs1.corp.example", "CORP.EXAMPLE");
	EXPECT("(servicePrincipalName=cifs/fs1.corp.example)",
	    "(servicePrincipalName=cifs/fs1.corp.example:*)",
	    "(servicePrincipalName=cifs/fs1)",
	    "(servicePrincipalName=HOST/fs1.corp.example)",
	    "(servicePrincipalName=HOST/fs1)", "(dNSHostName=fs1.corp.example)",
	    "(sAMAccountName=fs1$)");
	ask(ASK_SPN, "http/web", "CORP.EXAMPLE");
	EXPECT("(servicePrincipalName=http/web)",
	    "(servicePrincipalName=http/web.*)", "(sAMAccountName=web$)",
	    "(dNSHostName=web)", "(dNSHostName=web.*)");
	ask(ASK_SPN, "MSSQLSvc/db1.corp.example:1433", "");
	EXPECT("(servicePrincipalName=MSSQLSvc/db1.corp.example:1433)",
	    "(servicePrincipalName=MSSQLSvc/db1.corp.example)",
	    "(servicePrincipalName=MSSQLSvc/db1.corp.example:*)");
	/* A name cut at 15 characters, as NetBIOS does. */
	ask(ASK_SPN, "cifs/fileserver-berlin-01", "");
	EXPECT("(sAMAccountName=fileserver-berl$)");
	ask(ASK_SPN, "ldap/dc1.corp.example/corp.example", "");
	EXPECT("(servicePrincipalName=ldap/dc1.corp.example/corp.example)",
	    "(servicePrincipalName=ldap/dc1.corp.example)");
	ask(ASK_SPN, "cifs/10.0.0.7", "");
	EXPECT("(servicePrincipalName=cifs/10.0.0.7)");
	ask(ASK_SPN, "cifs/10.0.0.7", "");
	NEVER("cifs/10)", "(sAMAccountName=", "dNSHostName");
	ask(ASK_SPN, "cifs/fd00::7", "");
	NEVER("cifs/fd00)", "(sAMAccountName=");
	ask(ASK_SPN, "krbtgt/CORP.EXAMPLE", "CORP.EXAMPLE");
	NEVER("krbtgt");
}

static void
clients(void)
{
	ask(ASK_NAME, "anna", "CORP.EXAMPLE");
	EXPECT("(sAMAccountName=anna)", "(sAMAccountName=anna$)",
	    "(userPrincipalName=anna)",
	    "(userPrincipalName=anna@CORP.EXAMPLE)");
	ask(ASK_NAME, "anna\\@mail.example", "CORP.EXAMPLE");
	EXPECT("(userPrincipalName=anna@mail.example)",
	    "(sAMAccountName=anna)");
	ask(ASK_NAME, "FS1$", "CORP.EXAMPLE");
	EXPECT("(sAMAccountName=FS1$)");
	ask(ASK_NAME, "FS1$", "CORP.EXAMPLE");
	NEVER("FS1$$", "FS1\\24");
	ask(ASK_NAME, "host/fs1.corp.example", "CORP.EXAMPLE");
	EXPECT("(servicePrincipalName=host/fs1.corp.example)");
}

/* RFC 4515 3: what has a meaning is written as \XX. */
static void
hostile(void)
{
	ask(ASK_NAME, "*)(objectClass=*", "CORP.EXAMPLE");
	EXPECT("(sAMAccountName=\\2a\\29\\28objectClass=\\2a)");
	ask(ASK_NAME, "a\\\\b\\0c\\xff\xc3\xa9 d", "");
	EXPECT("(sAMAccountName=a\\5cb\\00c\\ff\\c3\\a9\\20d)");
	ask(ASK_SPN, "*/*", "*)(|");
	NEVER("(servicePrincipalName=*", "=*)", "(objectClass");
	ask(ASK_SPN, "/", "");
	ask(ASK_SPN, "/host", "");
	ask(ASK_SPN, "http/", "");
	ask(ASK_SPN, "http/:80", "");
	ask(ASK_SPN, "////", "");
	ask(ASK_SPN, "\\", "");
	ask(ASK_NAME, "@", "");
	ask(ASK_NAME, "", "");
	NEVER("=)", "(=", "=*");
	ldap_filters_sid(f, "S-1-");
	ldap_filters_sid(f, "S-1-5");
	ldap_filters_sid(f, "S-1-5-4294967296");
	ldap_filters_sid(f, "S-1-5-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1");
	ldap_filters_sid(f, "S-1-5-21x");
	ldap_filters_sid(f, "anna");
	NEVER("objectSid");
}

static void
sids(void)
{
	ldap_filters_sid(f, "S-1-5-21-1-2-4294967295-1103");
	EXPECT("(objectSid=\\01\\05\\00\\00\\00\\00\\00\\05\\15\\00\\00\\00"
	       "\\01\\00\\00\\00\\02\\00\\00\\00\\ff\\ff\\ff\\ffO\\04\\00"
	       "\\00)");
}

/* Each term once; and what is exact is apart from what only begins so. */
static void
many(void)
{
	char name[64], *text, *line;
	size_t i, terms = 0, filters = 0;

	for (i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "cifs/h%zu.corp.example",
		    i % 1000);
		ask(ASK_SPN, name, "CORP.EXAMPLE");
	}
	text = all();
	for (line = strtok(text, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		filters++;
		CHECK(line[0] == '~' || strchr(line, '*') == NULL);
		CHECK(strlen(line) < 16384);
		for (; *line != '\0'; line++)
			terms += *line == '=';
	}
	/* class and HOST, each full and short: alone, :port, /realm; its
	 * computer by both names. */
	CHECK(terms == 1000 * (2 * 2 * 3 + 2));
	CHECK(filters >= terms / 120 && filters <= terms / 80);
	free(text);
}

int
main(void)
{
	d = directory_new();
	f = ldap_filters_new();
	services();
	clients();
	hostile();
	sids();
	many();
	ldap_filters_free(f);
	directory_free(d);
	return failures != 0;
}
