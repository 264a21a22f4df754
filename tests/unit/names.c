/*
 * Tables of names: every row is found, which needs their order, and nothing
 * is made up.
 */
#include <stdio.h>
#include <string.h>

#include "names.h"

static int failures;

static void
check_at(int line, bool good, const char *what)
{
	if (good)
		return;
	printf("%s:%d: %s\n", __FILE__, line, what);
	failures++;
}

#define CHECK(x) check_at(__LINE__, (x), #x)
#define IS(a, b) check_at(__LINE__, (a) != NULL && strcmp((a), (b)) == 0, #a)

/* Names within a range; a table out of order hides some. */
static int
count(const char *(*name)(int64_t), int64_t from, int64_t to)
{
	int n = 0;

	for (int64_t v = from; v <= to; v++)
		n += name(v) != NULL;
	return n;
}

static void
test_errors(void)
{
	IS(krb_error_name(0), "KDC_ERR_NONE");
	IS(krb_error_name(KDC_ERR_S_PRINCIPAL_UNKNOWN),
	    "KDC_ERR_S_PRINCIPAL_UNKNOWN");
	IS(krb_error_name(KRB_AP_ERR_MODIFIED), "KRB_AP_ERR_MODIFIED");
	IS(krb_error_name(100), "KDC_ERR_NO_ACCEPTABLE_KDF");
	CHECK(krb_error_name(30) == NULL);
	CHECK(krb_error_name(-1) == NULL);
	CHECK(krb_error_name(INT64_MIN) == NULL);
	/* 0 to 100 without 30, 53-59, 82-84, 87-89 and 94-99. */
	CHECK(count(krb_error_name, -200, 300) == 101 - 1 - 7 - 3 - 3 - 6);
	CHECK(count(krb_error_help, -200, 300) ==
	    count(krb_error_name, -200, 300));
	for (int64_t v = -10; v < 200; v++)
		CHECK(krb_error_is_step(v) ==
		    (v == 25 || v == 52 || v == 90 || v == 91));
}

static void
test_lists(void)
{
	IS(etype_name(18), "aes256-cts-hmac-sha1-96");
	IS(etype_name(-133), "rc4-hmac-old");
	IS(etype_name(23), "rc4-hmac");
	CHECK(etype_name(99) == NULL);
	CHECK(count(etype_name, -300, 300) == 13 + 23);
	IS(padata_name(PA_ENC_TIMESTAMP), "PA-ENC-TIMESTAMP");
	IS(padata_name(PA_PAC_OPTIONS), "PA-PAC-OPTIONS");
	CHECK(padata_name(4) == NULL);
	CHECK(count(padata_name, -10, 300) == 69);
	IS(dns_type_name(DNS_URI), "URI");
	IS(dns_rcode_name(3), "NXDOMAIN");
	CHECK(count(dns_type_name, 0, 70000) == 49);
	CHECK(count(dns_rcode_name, 0, 100) == 20);
}

static void
test_options(void)
{
	int n = 0;

	IS(kdc_option_name(KDC_FORWARDABLE), "forwardable");
	IS(kdc_option_name(KDC_CNAME_IN_ADDL_TKT), "cname-in-addl-tkt");
	IS(kdc_option_name(KDC_VALIDATE), "validate");
	CHECK(kdc_option_name(0x80000000u) == NULL);
	CHECK(kdc_option_name(3) == NULL);
	for (int bit = 0; bit < 32; bit++)
		n += kdc_option_name(1u << bit) != NULL;
	CHECK(n == 16);
}

static void
test_statuses(void)
{
	IS(ntstatus_name(0), "STATUS_SUCCESS");
	IS(ntstatus_name(NT_LOGON_FAILURE), "STATUS_LOGON_FAILURE");
	IS(ntstatus_name((int32_t)NT_ACCOUNT_DISABLED),
	    "STATUS_ACCOUNT_DISABLED");
	IS(ntstatus_help(NT_ACCOUNT_LOCKED),
	    "the account is locked after wrong passwords");
	CHECK(ntstatus_name(0xC0FFFFFF) == NULL);
	CHECK(ntstatus_help(0xC0FFFFFF) == NULL);
	CHECK(ntstatus_help(0xC0000011) == NULL);
	/* Each that the header names has its row. */
	CHECK(ntstatus_name(NT_MORE_PROCESSING) != NULL);
	CHECK(ntstatus_name(NT_ACCESS_DENIED) != NULL);
	CHECK(ntstatus_name(NT_NOT_SUPPORTED) != NULL);
	CHECK(ntstatus_name(NT_TIME_DIFFERENCE) != NULL);
	CHECK(ntstatus_name(NT_ACCOUNT_EXPIRED) != NULL);
	CHECK(count(ntstatus_name, 0, 0x200) == 4);
	CHECK(count(ntstatus_name, 0xC0000000, 0xC0000FFF) == 144);
}

static void
test_numbers(void)
{
	char buf[NAME_TEXT];

	IS(name_or("x", 5, buf), "x");
	IS(name_or(NULL, -133, buf), "-133");
	IS(name_or(NULL, INT64_MIN, buf), "-9223372036854775808");
	IS(name_or_hex(NULL, 0xC0FFFFFF, buf), "0xC0FFFFFF");
	IS(name_or_hex(NULL, (int32_t)0xC0FFFFFF, buf), "0xC0FFFFFF");
	IS(name_or_hex(NULL, INT64_MIN, buf), "0x8000000000000000");
}

int
main(void)
{
	test_errors();
	test_lists();
	test_options();
	test_statuses();
	test_numbers();
	return failures > 0;
}
