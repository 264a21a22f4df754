/*
 * ldif.c - LDIF as each tool writes it, and as nobody should (RFC 2849).
 */
#include "ldif-text.h"

/* The accounts of TEXT, "name name ...". */
static const char *
names_of(const char *text, size_t len, bool *ok)
{
	static char names[512];
	struct directory *d = directory_of(text, len, ok);
	size_t i, n = 0;

	names[0] = '\0';
	for (i = 0; i < directory_count(d) && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
		    i == 0 ? "" : " ", directory_at(d, i)->name);
	directory_free(d);
	return names;
}

static void
expect_octets(const char *text, size_t len, const char *names, bool good)
{
	const char *found;
	bool ok;

	found = names_of(text, len, &ok);
	if (strcmp(found, names) != 0 || ok != good)
		printf("%d \"%s\", not \"%s\", of: %.60s\n", ok, found, names,
		    text);
	CHECK(strcmp(found, names) == 0 && ok == good);
}

static void
expect(const char *text, const char *names)
{
	expect_octets(text, strlen(text), names, true);
}

static void
expect_bad(const char *text)
{
	expect_octets(text, strlen(text), "", false);
}

#define DN "dn: CN=a,DC=corp,DC=test\n"
#define SAM "sAMAccountName: a\n"
#define A "a@CORP.TEST"

static void
test_tools(void)
{
	/* ldifde: no version, changetype, CRLF, a DN in base64. */
	expect("dn: CN=a,DC=corp,DC=test\r\nchangetype: add\r\n"
	       "sAMAccountName: a\r\n\r\n",
	    A);
	expect("dn:: Q049w6QsREM9Y29ycCxEQz10ZXN0\r\nchangetype: add\r\n"
	       "sAMAccountName:: w6Q=\r\n\r\n",
	    "\xc3\xa4@CORP.TEST");
	/* ldbsearch: comments, references. */
	expect("# record 1\n" DN SAM "\n# Referral\nref: ldap://corp.test/x\n\n"
	       "# returned 2 records\n# 1 entries\n# 1 referrals\n",
	    A);
	/* ldapsearch, with and without -LLL. */
	expect("version: 1\n\n" DN SAM "\n", A);
	expect("# extended LDIF\n#\n\n# a, corp.test\n" DN SAM
	       "\n# search result\nsearch: 2\nresult: 0 Success\n\n"
	       "# numResponses: 2\n",
	    A);
	expect("# x\n\nsearch: 2\nresult: 0 Success\n\n" DN SAM, A);
	/* Changes are none of what there is; what is added is. */
	expect(DN SAM "\ndn: CN=b,DC=corp,DC=test\nchangetype: modify\n"
		      "replace: sAMAccountName\nsAMAccountName: b\n-\n\n",
	    A);
	expect("dn: CN=b,DC=corp,DC=test\nchangetype: delete\n\n" DN SAM, A);
	/* IPA and MIT krb5 write principals. */
	expect("dn: uid=a,cn=users,dc=ipa,dc=test\n"
	       "krbPrincipalName: a@IPA.TEST\n",
	    "a@IPA.TEST");
}

static void
test_lines(void)
{
	expect("dn: CN=a,DC=co\n rp,DC=te\n st\nsAMAc\n countName: a\n", A);
	expect("# a comment\n folded away\n" DN "# within\n" SAM, A);
	expect(DN "sAMAccountName;x-option: a\n", A);
	expect(DN "samaccountname:a", A);
	expect(DN "sAMAccountName:    a  \n", A);
	expect("dn: CN=a\\, b , DC=corp , DC=test\n" SAM, A);
	expect("\n\n\n" DN SAM "\n\n" DN SAM, A);
	/* A second dn without an empty line begins another object. */
	expect(DN SAM "dn: CN=b,DC=corp,DC=test\nsAMAccountName: b\n",
	    A " b@CORP.TEST");
}

static void
test_unicode(void)
{
	static const char text[] = DN SAM;
	char wide[2 * sizeof(text) + 2];
	size_t i, n = 2 * (sizeof(text) - 1) + 2;

	memcpy(wide, "\xff\xfe", 2);
	for (i = 0; i < sizeof(text); i++) {
		wide[2 + 2 * i] = text[i];
		wide[3 + 2 * i] = '\0';
	}
	expect_octets(wide, n, A, true);
	/* Without its mark; and the other way round. */
	expect_octets(wide + 2, n - 2, A, true);
	memcpy(wide, "\xfe\xff", 2);
	for (i = 0; i < sizeof(text); i++) {
		wide[2 + 2 * i] = '\0';
		wide[3 + 2 * i] = text[i];
	}
	expect_octets(wide, n, A, true);
	expect("\xef\xbb\xbf" DN SAM, A);
	/* Not UTF-8: shown, never passed on. */
	expect(DN "sAMAccountName: a\xff\xc3\n", "a??@CORP.TEST");
}

static void
test_bad(void)
{
	static const char zeros[64] = { 0 };

	expect_bad("");
	expect_bad("\n\n");
	expect_bad("version: 1\n");
	expect_bad("DistinguishedName : CN=a,DC=corp\nEnabled : True\n");
	expect_bad("{\"event\":\"capture\"}\n");
	expect_octets(zeros, sizeof(zeros), "", false);
	expect_octets("\x7f"
		      "ELF\2\1\1\0\0\0\0\n",
	    12, "", false);
	/* The good of a damaged one is used. */
	expect(DN SAM "\nwhat is this\n\ndn: CN=b,DC=corp,DC=test\n"
		      "sAMAccountName: b\n",
	    A " b@CORP.TEST");
	expect(DN SAM "servicePrincipalName:: !!!\n", A);
	expect(DN SAM "servicePrincipalName:< file:///etc/passwd\n"
		      "servicePrincipalName:< file:///etc/group\n",
	    A);
	expect_octets(DN SAM "cn: \0\0\0\n", sizeof(DN SAM "cn: \0\0\0\n") - 1,
	    A, true);
}

/* Lines and values of any length are bounded, and found at block ends. */
static void
test_long(void)
{
	const size_t len = 3 << 20;
	char *text = malloc(len + 200), *p = text;
	bool ok;

	if (text == NULL)
		abort();
	p += sprintf(p, "%s", DN);
	memset(p, 'x', len);
	memcpy(p, "jpegPhoto: ", 11);
	p += len;
	p += sprintf(p, "\n%s", SAM);
	CHECK(strcmp(names_of(text, (size_t)(p - text), &ok), A) == 0 && ok);
	memcpy(text + sizeof(DN) - 1, "member: ", 8);
	CHECK(strcmp(names_of(text, (size_t)(p - text), &ok), A) == 0 && ok);
	free(text);
}

int
main(void)
{
	struct directory *d = directory_new();

	CHECK(!ldif_read(d, "/"));
	CHECK(!ldif_read(d, "/nonexistent/file"));
	CHECK(directory_count(d) == 0 && directory_domain_at(d, 0) == NULL);
	directory_free(d);
	test_tools();
	test_lines();
	test_unicode();
	test_bad();
	test_long();
	return failures != 0;
}
