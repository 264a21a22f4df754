/*
 * names.c - numbers and their names: one row each, in the order of numbers.
 *
 * KRB-ERROR codes: RFC 4120 7.5.9, RFC 1510 8.3 (43), RFC 4556 3.1.3 (62 to
 * 81), RFC 6113 7.2 (90 to 93), RFC 8636 5 (100), draft-ietf-kitten-iakerb
 * (85, 86).  Encryption types and PA-DATA: IANA "Kerberos Parameters", for
 * what Microsoft numbered itself MS-KILE 2.2, MS-SFU 2.2 and ntsecapi.h.  KDC
 * options: RFC 4120 5.4.1, RFC 8062 3, MS-SFU 2.2.3.  DNS: IANA "Domain Name
 * System (DNS) Parameters".  NTSTATUS are in names-status.c.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "names-row.h"
#include "names.h"

/* clang-format off */
static const struct name_row krb_errors[] = {
	{ 0, "KDC_ERR_NONE",
	    "no error; of a password change the result code counts" },
	{ 1, "KDC_ERR_NAME_EXP",
	    "the client's entry in the KDC database has expired" },
	{ 2, "KDC_ERR_SERVICE_EXP",
	    "the service's entry in the KDC database has expired" },
	{ 3, "KDC_ERR_BAD_PVNO",
	    "the message is not Kerberos 5, or damaged" },
	{ 4, "KDC_ERR_C_OLD_MAST_KVNO",
	    "the client's key is stored under an old master key" },
	{ 5, "KDC_ERR_S_OLD_MAST_KVNO",
	    "the service's key is stored under an old master key" },
	{ 6, "KDC_ERR_C_PRINCIPAL_UNKNOWN",
	    "this KDC does not know the client's name" },
	{ 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN",
	    "no account has this SPN, several have it, or the realm is wrong" },
	{ 8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
	    "more than one account has this name" },
	{ 9, "KDC_ERR_NULL_KEY",
	    "the principal has no key: its password was never set" },
	{ 10, "KDC_ERR_CANNOT_POSTDATE",
	    "a postdated ticket is not allowed" },
	{ 11, "KDC_ERR_NEVER_VALID",
	    "the ticket would end before it starts: clock or lifetime" },
	{ 12, "KDC_ERR_POLICY",
	    "a policy refuses: hours, workstation, silo, a disabled account" },
	{ 13, "KDC_ERR_BADOPTION",
	    "the KDC refuses an option of the ticket: delegation or renewal" },
	{ 14, "KDC_ERR_ETYPE_NOSUPP",
	    "no encryption type in common" },
	{ 15, "KDC_ERR_SUMTYPE_NOSUPP",
	    "the KDC does not support the checksum type" },
	{ 16, "KDC_ERR_PADATA_TYPE_NOSUPP",
	    "the KDC cannot do this pre-authentication, such as a smart card" },
	{ 17, "KDC_ERR_TRTYPE_NOSUPP",
	    "the encoding of the transited realms is not supported" },
	{ 18, "KDC_ERR_CLIENT_REVOKED",
	    "the account is disabled, locked, expired or outside its hours" },
	{ 19, "KDC_ERR_SERVICE_REVOKED",
	    "the service's account is disabled or locked" },
	{ 20, "KDC_ERR_TGT_REVOKED",
	    "the KDC takes this TGT no more: the account has changed" },
	{ 21, "KDC_ERR_CLIENT_NOTYET",
	    "the account is not valid yet" },
	{ 22, "KDC_ERR_SERVICE_NOTYET",
	    "the service's account is not valid yet" },
	{ 23, "KDC_ERR_KEY_EXPIRED",
	    "the password has expired and must be changed" },
	{ 24, "KDC_ERR_PREAUTH_FAILED",
	    "wrong password, key or salt" },
	{ 25, "KDC_ERR_PREAUTH_REQUIRED",
	    "normal: the KDC asks for pre-authentication" },
	{ 26, "KDC_ERR_SERVER_NOMATCH",
	    "the additional ticket is not for that service" },
	{ 27, "KDC_ERR_MUST_USE_USER2USER",
	    "the target may not be a service (a user without SPN, or MIT "
	    "-allow_svr): only user-to-user works" },
	{ 28, "KDC_ERR_PATH_NOT_ACCEPTED",
	    "the KDC rejects the path of trusts" },
	{ 29, "KDC_ERR_SVC_UNAVAILABLE",
	    "the KDC or its database is not available" },
	{ 31, "KRB_AP_ERR_BAD_INTEGRITY",
	    "decryption failed: wrong password, key or damage" },
	{ 32, "KRB_AP_ERR_TKT_EXPIRED",
	    "the ticket has expired" },
	{ 33, "KRB_AP_ERR_TKT_NYV",
	    "the ticket is not valid yet: a clock is behind" },
	{ 34, "KRB_AP_ERR_REPEAT",
	    "the request was seen before: a replay or a retransmission" },
	{ 35, "KRB_AP_ERR_NOT_US",
	    "the ticket is for another principal" },
	{ 36, "KRB_AP_ERR_BADMATCH",
	    "ticket and authenticator do not name the same client" },
	{ 37, "KRB_AP_ERR_SKEW",
	    "the clocks differ by more than is tolerated" },
	{ 38, "KRB_AP_ERR_BADADDR",
	    "the ticket is bound to another address: NAT" },
	{ 39, "KRB_AP_ERR_BADVERSION",
	    "the protocol version does not match" },
	{ 40, "KRB_AP_ERR_MSG_TYPE",
	    "a message of another type was expected" },
	{ 41, "KRB_AP_ERR_MODIFIED",
	    "the service cannot decrypt it: wrong account, key or host" },
	{ 42, "KRB_AP_ERR_BADORDER",
	    "a message came out of order" },
	{ 43, "KRB_AP_ERR_ILL_CR_TKT",
	    "the cross-realm ticket is not allowed" },
	{ 44, "KRB_AP_ERR_BADKEYVER",
	    "the service does not have the key of this version" },
	{ 45, "KRB_AP_ERR_NOKEY",
	    "the service has no key for this principal" },
	{ 46, "KRB_AP_ERR_MUT_FAIL",
	    "mutual authentication failed" },
	{ 47, "KRB_AP_ERR_BADDIRECTION",
	    "the direction of the message is wrong: a loop or reflection" },
	{ 48, "KRB_AP_ERR_METHOD",
	    "another method of authentication is needed" },
	{ 49, "KRB_AP_ERR_BADSEQ",
	    "the sequence number is wrong" },
	{ 50, "KRB_AP_ERR_INAPP_CKSUM",
	    "the checksum type is not suitable" },
	{ 51, "KRB_AP_PATH_NOT_ACCEPTED",
	    "the service rejects the path of trusts" },
	{ 52, "KRB_ERR_RESPONSE_TOO_BIG",
	    "normal: the answer does not fit into UDP, TCP is to be used" },
	{ 60, "KRB_ERR_GENERIC",
	    "another error: the text or the NTSTATUS says which" },
	{ 61, "KRB_ERR_FIELD_TOOLONG",
	    "the message is too long for this KDC" },
	{ 62, "KDC_ERR_CLIENT_NOT_TRUSTED",
	    "the KDC does not trust the client's certificate" },
	{ 63, "KDC_ERR_KDC_NOT_TRUSTED",
	    "the KDC has no certificate that the client trusts" },
	{ 64, "KDC_ERR_INVALID_SIG",
	    "the PKINIT signature is wrong" },
	{ 65, "KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED",
	    "the KDC wants another Diffie-Hellman group" },
	{ 66, "KDC_ERR_CERTIFICATE_MISMATCH",
	    "the certificate is not mapped to this account" },
	{ 67, "KRB_AP_ERR_NO_TGT",
	    "the service has no TGT for user-to-user" },
	{ 68, "KDC_ERR_WRONG_REALM",
	    "the client belongs to another realm, which the KDC names" },
	{ 69, "KRB_AP_ERR_USER_TO_USER_REQUIRED",
	    "the service wants user-to-user" },
	{ 70, "KDC_ERR_CANT_VERIFY_CERTIFICATE",
	    "no chain leads from the client's certificate to a trusted one" },
	{ 71, "KDC_ERR_INVALID_CERTIFICATE",
	    "the client's certificate is invalid" },
	{ 72, "KDC_ERR_REVOKED_CERTIFICATE",
	    "the client's certificate is revoked" },
	{ 73, "KDC_ERR_REVOCATION_STATUS_UNKNOWN",
	    "whether the certificate is revoked is not known" },
	{ 74, "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE",
	    "the revocation list cannot be reached" },
	{ 75, "KDC_ERR_CLIENT_NAME_MISMATCH",
	    "the certificate is for another client name" },
	{ 76, "KDC_ERR_KDC_NAME_MISMATCH",
	    "the KDC's certificate is for another name" },
	{ 77, "KDC_ERR_INCONSISTENT_KEY_PURPOSE",
	    "the certificate lacks the extended key usage" },
	{ 78, "KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED",
	    "the certificate is signed with too weak a digest" },
	{ 79, "KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED",
	    "the PKINIT request lacks its checksum" },
	{ 80, "KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED",
	    "the PKINIT signature uses too weak a digest" },
	{ 81, "KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED",
	    "PKINIT must use Diffie-Hellman" },
	{ 85, "KRB_AP_ERR_IAKERB_KDC_NOT_FOUND",
	    "the IAKERB service finds no KDC" },
	{ 86, "KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE",
	    "the IAKERB service's KDC does not answer" },
	{ 90, "KDC_ERR_PREAUTH_EXPIRED",
	    "normal: pre-authentication has to start again" },
	{ 91, "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED",
	    "normal: the next round of pre-authentication" },
	{ 92, "KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET",
	    "the KDC does not take this set of pre-authentication" },
	{ 93, "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS",
	    "the KDC does not know an option of FAST" },
	{ 100, "KDC_ERR_NO_ACCEPTABLE_KDF",
	    "no key derivation function of PKINIT in common" },
};

/* Codes that are a step of the protocol and no failure. */
static const struct name_row krb_steps[] = {
	{ 25, "KDC_ERR_PREAUTH_REQUIRED", NULL },
	{ 52, "KRB_ERR_RESPONSE_TOO_BIG", NULL },
	{ 90, "KDC_ERR_PREAUTH_EXPIRED", NULL },
	{ 91, "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED", NULL },
};

static const struct name_row etypes[] = {
	{ -149, "aes256-cts-hmac-sha1-96-plain", NULL },
	{ -148, "aes128-cts-hmac-sha1-96-plain", NULL },
	{ -141, "rc4-plain-exp", NULL },
	{ -140, "rc4-plain", NULL },
	{ -136, "rc4-plain-old-exp", NULL },
	{ -135, "rc4-hmac-old-exp", NULL },
	{ -134, "rc4-plain-old", NULL },
	{ -133, "rc4-hmac-old", NULL },
	{ -132, "des-plain", NULL },
	{ -131, "rc4-sha", NULL },
	{ -130, "rc4-lm", NULL },
	{ -129, "rc4-plain2", NULL },
	{ -128, "rc4-md4", NULL },
	{ 0, "null", NULL },
	{ 1, "des-cbc-crc", NULL },
	{ 2, "des-cbc-md4", NULL },
	{ 3, "des-cbc-md5", NULL },
	{ 5, "des3-cbc-md5", NULL },
	{ 7, "des3-cbc-sha1", NULL },
	{ 9, "dsaWithSHA1-CmsOID", NULL },
	{ 10, "md5WithRSAEncryption-CmsOID", NULL },
	{ 11, "sha1WithRSAEncryption-CmsOID", NULL },
	{ 12, "rc2CBC-EnvOID", NULL },
	{ 13, "rsaEncryption-EnvOID", NULL },
	{ 14, "rsaES-OAEP-ENV-OID", NULL },
	{ 15, "des-ede3-cbc-Env-OID", NULL },
	{ 16, "des3-cbc-sha1-kd", NULL },
	{ 17, "aes128-cts-hmac-sha1-96", NULL },
	{ 18, "aes256-cts-hmac-sha1-96", NULL },
	{ 19, "aes128-cts-hmac-sha256-128", NULL },
	{ 20, "aes256-cts-hmac-sha384-192", NULL },
	{ 23, "rc4-hmac", NULL },
	{ 24, "rc4-hmac-exp", NULL },
	{ 25, "camellia128-cts-cmac", NULL },
	{ 26, "camellia256-cts-cmac", NULL },
	{ 65, "subkey-keymaterial", NULL },
};

static const struct name_row padata_types[] = {
	{ 1, "PA-TGS-REQ", NULL },
	{ 2, "PA-ENC-TIMESTAMP", NULL },
	{ 3, "PA-PW-SALT", NULL },
	{ 5, "PA-ENC-UNIX-TIME", NULL },
	{ 6, "PA-SANDIA-SECUREID", NULL },
	{ 7, "PA-SESAME", NULL },
	{ 8, "PA-OSF-DCE", NULL },
	{ 9, "PA-CYBERSAFE-SECUREID", NULL },
	{ 10, "PA-AFS3-SALT", NULL },
	{ 11, "PA-ETYPE-INFO", NULL },
	{ 12, "PA-SAM-CHALLENGE", NULL },
	{ 13, "PA-SAM-RESPONSE", NULL },
	{ 14, "PA-PK-AS-REQ-OLD", NULL },
	{ 15, "PA-PK-AS-REP-OLD", NULL },
	{ 16, "PA-PK-AS-REQ", NULL },
	{ 17, "PA-PK-AS-REP", NULL },
	{ 18, "PA-PK-OCSP-RESPONSE", NULL },
	{ 19, "PA-ETYPE-INFO2", NULL },
	{ 20, "PA-SVR-REFERRAL-INFO", NULL },
	{ 21, "PA-SAM-REDIRECT", NULL },
	{ 22, "TD-PADATA", NULL },
	{ 23, "PA-SAM-ETYPE-INFO", NULL },
	{ 24, "PA-ALT-PRINC", NULL },
	{ 25, "PA-SERVER-REFERRAL", NULL },
	{ 30, "PA-SAM-CHALLENGE2", NULL },
	{ 31, "PA-SAM-RESPONSE2", NULL },
	{ 41, "PA-EXTRA-TGT", NULL },
	{ 101, "TD-PKINIT-CMS-CERTIFICATES", NULL },
	{ 102, "TD-KRB-PRINCIPAL", NULL },
	{ 103, "TD-KRB-REALM", NULL },
	{ 104, "TD-TRUSTED-CERTIFIERS", NULL },
	{ 105, "TD-CERTIFICATE-INDEX", NULL },
	{ 106, "TD-APP-DEFINED-ERROR", NULL },
	{ 107, "TD-REQ-NONCE", NULL },
	{ 108, "TD-REQ-SEQ", NULL },
	{ 109, "TD-DH-PARAMETERS", NULL },
	{ 111, "TD-CMS-DIGEST-ALGORITHMS", NULL },
	{ 112, "TD-CERT-DIGEST-ALGORITHMS", NULL },
	{ 128, "PA-PAC-REQUEST", NULL },
	{ 129, "PA-FOR-USER", NULL },
	{ 130, "PA-S4U-X509-USER", NULL },
	{ 131, "PA-FOR-CHECK-DUPS", NULL },
	{ 132, "PA-AS-CHECKSUM", NULL },
	{ 133, "PA-FX-COOKIE", NULL },
	{ 134, "PA-AUTHENTICATION-SET", NULL },
	{ 135, "PA-AUTH-SET-SELECTED", NULL },
	{ 136, "PA-FX-FAST", NULL },
	{ 137, "PA-FX-ERROR", NULL },
	{ 138, "PA-ENCRYPTED-CHALLENGE", NULL },
	{ 141, "PA-OTP-CHALLENGE", NULL },
	{ 142, "PA-OTP-REQUEST", NULL },
	{ 143, "PA-OTP-CONFIRM", NULL },
	{ 144, "PA-OTP-PIN-CHANGE", NULL },
	{ 145, "PA-EPAK-AS-REQ", NULL },
	{ 146, "PA-EPAK-AS-REP", NULL },
	{ 147, "PA-PKINIT-KX", NULL },
	{ 148, "PA-PKU2U-NAME", NULL },
	{ 149, "PA-REQ-ENC-PA-REP", NULL },
	{ 150, "PA-AS-FRESHNESS", NULL },
	{ 151, "PA-SPAKE", NULL },
	{ 152, "PA-REDHAT-IDP-OAUTH2", NULL },
	{ 153, "PA-REDHAT-PASSKEY", NULL },
	{ 161, "PA-KERB-KEY-LIST-REQ", NULL },
	{ 162, "PA-KERB-KEY-LIST-REP", NULL },
	{ 165, "PA-SUPPORTED-ENCTYPES", NULL },
	{ 166, "PA-EXTENDED-ERROR", NULL },
	{ 167, "PA-PAC-OPTIONS", NULL },
	{ 170, "PA-SUPERSEDED-BY-USER", NULL },
	{ 171, "PA-DMSA-KEY-PACKAGE", NULL },
};

static const struct name_row kdc_options[] = {
	{ 0x00000001, "validate", NULL },
	{ 0x00000002, "renew", NULL },
	{ 0x00000008, "enc-tkt-in-skey", NULL },
	{ 0x00000010, "renewable-ok", NULL },
	{ 0x00000020, "disable-transited-check", NULL },
	{ 0x00008000, "request-anonymous", NULL },
	{ 0x00010000, "canonicalize", NULL },
	{ 0x00020000, "cname-in-addl-tkt", NULL },
	{ 0x00100000, "opt-hardware-auth", NULL },
	{ 0x00800000, "renewable", NULL },
	{ 0x02000000, "postdated", NULL },
	{ 0x04000000, "allow-postdate", NULL },
	{ 0x08000000, "proxy", NULL },
	{ 0x10000000, "proxiable", NULL },
	{ 0x20000000, "forwarded", NULL },
	{ 0x40000000, "forwardable", NULL },
};

static const struct name_row dns_types[] = {
	{ 1, "A", NULL },
	{ 2, "NS", NULL },
	{ 5, "CNAME", NULL },
	{ 6, "SOA", NULL },
	{ 10, "NULL", NULL },
	{ 11, "WKS", NULL },
	{ 12, "PTR", NULL },
	{ 13, "HINFO", NULL },
	{ 15, "MX", NULL },
	{ 16, "TXT", NULL },
	{ 17, "RP", NULL },
	{ 18, "AFSDB", NULL },
	{ 24, "SIG", NULL },
	{ 25, "KEY", NULL },
	{ 28, "AAAA", NULL },
	{ 29, "LOC", NULL },
	{ 33, "SRV", NULL },
	{ 35, "NAPTR", NULL },
	{ 36, "KX", NULL },
	{ 37, "CERT", NULL },
	{ 39, "DNAME", NULL },
	{ 41, "OPT", NULL },
	{ 42, "APL", NULL },
	{ 43, "DS", NULL },
	{ 44, "SSHFP", NULL },
	{ 45, "IPSECKEY", NULL },
	{ 46, "RRSIG", NULL },
	{ 47, "NSEC", NULL },
	{ 48, "DNSKEY", NULL },
	{ 49, "DHCID", NULL },
	{ 50, "NSEC3", NULL },
	{ 51, "NSEC3PARAM", NULL },
	{ 52, "TLSA", NULL },
	{ 53, "SMIMEA", NULL },
	{ 55, "HIP", NULL },
	{ 59, "CDS", NULL },
	{ 60, "CDNSKEY", NULL },
	{ 61, "OPENPGPKEY", NULL },
	{ 64, "SVCB", NULL },
	{ 65, "HTTPS", NULL },
	{ 99, "SPF", NULL },
	{ 249, "TKEY", NULL },
	{ 250, "TSIG", NULL },
	{ 251, "IXFR", NULL },
	{ 252, "AXFR", NULL },
	{ 255, "ANY", NULL },
	{ 256, "URI", NULL },
	{ 257, "CAA", NULL },
	{ 32769, "DLV", NULL },
};

static const struct name_row dns_rcodes[] = {
	{ 0, "NOERROR", NULL },
	{ 1, "FORMERR", NULL },
	{ 2, "SERVFAIL", NULL },
	{ 3, "NXDOMAIN", NULL },
	{ 4, "NOTIMP", NULL },
	{ 5, "REFUSED", NULL },
	{ 6, "YXDOMAIN", NULL },
	{ 7, "YXRRSET", NULL },
	{ 8, "NXRRSET", NULL },
	{ 9, "NOTAUTH", NULL },
	{ 10, "NOTZONE", NULL },
	{ 11, "DSOTYPENI", NULL },
	{ 16, "BADVERS", NULL },
	{ 17, "BADKEY", NULL },
	{ 18, "BADTIME", NULL },
	{ 19, "BADMODE", NULL },
	{ 20, "BADNAME", NULL },
	{ 21, "BADALG", NULL },
	{ 22, "BADTRUNC", NULL },
	{ 23, "BADCOOKIE", NULL },
};
/* clang-format on */

#define ROWS(t) (t), sizeof(t) / sizeof((t)[0])

const struct name_row *
name_row(const struct name_row *rows, size_t n, int64_t value)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (rows[low + half].value == value)
			return &rows[low + half];
		if (rows[low + half].value < value) {
			low += half + 1;
			n -= half + 1;
		} else
			n = half;
	}
	return NULL;
}

static const char *
name_of(const struct name_row *rows, size_t n, int64_t value)
{
	const struct name_row *row = name_row(rows, n, value);

	return row != NULL ? row->name : NULL;
}

const char *
krb_error_name(int64_t code)
{
	return name_of(ROWS(krb_errors), code);
}

const char *
krb_error_help(int64_t code)
{
	const struct name_row *row = name_row(ROWS(krb_errors), code);

	return row != NULL ? row->help : NULL;
}

bool
krb_error_is_step(int64_t code)
{
	return name_row(ROWS(krb_steps), code) != NULL;
}

const char *
etype_name(int64_t etype)
{
	return name_of(ROWS(etypes), etype);
}

const char *
padata_name(int64_t type)
{
	return name_of(ROWS(padata_types), type);
}

const char *
dns_type_name(int64_t type)
{
	return name_of(ROWS(dns_types), type);
}

const char *
dns_rcode_name(int64_t rcode)
{
	return name_of(ROWS(dns_rcodes), rcode);
}

const char *
kdc_option_name(uint32_t bit)
{
	return name_of(ROWS(kdc_options), bit);
}

const char *
name_row_at(const struct name_row *rows, size_t n, size_t i, int64_t *value)
{
	if (i >= n)
		return NULL;
	*value = rows[i].value;
	return rows[i].name;
}

const char *
krb_error_at(size_t i, int64_t *value)
{
	return name_row_at(ROWS(krb_errors), i, value);
}

const char *
etype_at(size_t i, int64_t *value)
{
	return name_row_at(ROWS(etypes), i, value);
}

const char *
dns_type_at(size_t i, int64_t *value)
{
	return name_row_at(ROWS(dns_types), i, value);
}

const char *
dns_rcode_at(size_t i, int64_t *value)
{
	return name_row_at(ROWS(dns_rcodes), i, value);
}

const char *
kdc_option_at(size_t i, int64_t *value)
{
	return name_row_at(ROWS(kdc_options), i, value);
}

const char *
name_or(const char *name, int64_t value, char buf[NAME_TEXT])
{
	if (name != NULL)
		return name;
	snprintf(buf, NAME_TEXT, "%" PRId64, value);
	return buf;
}

/* A status that came as a negative number is still 32 bits wide. */
const char *
name_or_hex(const char *name, int64_t value, char buf[NAME_TEXT])
{
	if (name != NULL)
		return name;
	if (value < 0 && value >= INT32_MIN)
		value = (uint32_t)value;
	snprintf(buf, NAME_TEXT, "0x%08" PRIX64, (uint64_t)value);
	return buf;
}
