/*
 * names.h - numbers of the protocols and their names, one row each.
 *
 * A number that has no row is shown as a number: unknown is neither weak nor
 * wrong.
 */
#ifndef KERBSCOPE_NAMES_H
#define KERBSCOPE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a number that has no name. */
#define NAME_TEXT 32

/*
 * "KDC_ERR_S_PRINCIPAL_UNKNOWN" for 7 (RFC 4120 7.5.9, RFC 4556, RFC 6113);
 * NULL when the number is not assigned.
 */
const char *krb_error_name(int64_t code);

/* What the code tells an administrator, one clause; NULL when unassigned. */
const char *krb_error_help(int64_t code);

/* Steps of the protocol that only look like errors (25, 52, 91, ...). */
bool krb_error_is_step(int64_t code);

/* "aes256-cts-hmac-sha1-96" for 18; NULL when not assigned. */
const char *etype_name(int64_t etype);

/* "STATUS_LOGON_FAILURE" for 0xC000006D; NULL when not in the table. */
const char *ntstatus_name(int64_t status);

/* What an NTSTATUS in a KRB-ERROR says of the account; NULL when nothing. */
const char *ntstatus_help(int64_t status);

/* "PA-ENC-TIMESTAMP" for 2; NULL when not in the table. */
const char *padata_name(int64_t type);

/* "A" for 1; NULL when not in the table. */
const char *dns_type_name(int64_t type);

/* "NXDOMAIN" for 3; NULL when not in the table. */
const char *dns_rcode_name(int64_t rcode);

/* "forwardable" for bit 0x40000000 and so on, NULL for a reserved bit. */
const char *kdc_option_name(uint32_t bit);

/*
 * The I-th row of a table, in the order of the numbers: its name, and its
 * number in *VALUE; NULL past the last.
 */
const char *krb_error_at(size_t i, int64_t *value);
const char *etype_at(size_t i, int64_t *value);
const char *ntstatus_at(size_t i, int64_t *value);
const char *dns_type_at(size_t i, int64_t *value);
const char *dns_rcode_at(size_t i, int64_t *value);
const char *kdc_option_at(size_t i, int64_t *value);

/* NAME, or VALUE as a number in BUF when NAME is NULL. */
const char *name_or(const char *name, int64_t value, char buf[NAME_TEXT]);
/* The same, in hexadecimal. */
const char *name_or_hex(const char *name, int64_t value, char buf[NAME_TEXT]);

/* RC4-HMAC, RFC 4757: the one in use whose key has no salt. */
#define ETYPE_RC4 23

/* KDC options, RFC 4120 5.4.1 and MS-SFU 2.2.3. */
#define KDC_FORWARDABLE 0x40000000u
#define KDC_FORWARDED 0x20000000u
#define KDC_PROXIABLE 0x10000000u
#define KDC_ALLOW_POSTDATE 0x04000000u
#define KDC_POSTDATED 0x02000000u
#define KDC_RENEWABLE 0x00800000u
#define KDC_CNAME_IN_ADDL_TKT 0x00020000u
#define KDC_CANONICALIZE 0x00010000u
#define KDC_ENC_TKT_IN_SKEY 0x00000008u
#define KDC_RENEW 0x00000002u
#define KDC_VALIDATE 0x00000001u

/* Error codes that the code names, RFC 4120 7.5.9. */
#define KDC_ERR_NONE 0
#define KDC_ERR_NAME_EXP 1
#define KDC_ERR_SERVICE_EXP 2
#define KDC_ERR_C_PRINCIPAL_UNKNOWN 6
#define KDC_ERR_S_PRINCIPAL_UNKNOWN 7
#define KDC_ERR_PRINCIPAL_NOT_UNIQUE 8
#define KDC_ERR_CANNOT_POSTDATE 10
#define KDC_ERR_NEVER_VALID 11
#define KDC_ERR_POLICY 12
#define KDC_ERR_BADOPTION 13
#define KDC_ERR_ETYPE_NOSUPP 14
#define KDC_ERR_CLIENT_REVOKED 18
#define KDC_ERR_SERVICE_REVOKED 19
#define KDC_ERR_KEY_EXPIRED 23
#define KDC_ERR_PREAUTH_FAILED 24
#define KDC_ERR_PREAUTH_REQUIRED 25
#define KDC_ERR_MUST_USE_USER2USER 27
#define KRB_AP_ERR_BAD_INTEGRITY 31
#define KRB_AP_ERR_TKT_EXPIRED 32
#define KRB_AP_ERR_TKT_NYV 33
#define KRB_AP_ERR_REPEAT 34
#define KRB_AP_ERR_NOT_US 35
#define KRB_AP_ERR_SKEW 37
#define KRB_AP_ERR_MODIFIED 41
#define KRB_AP_ERR_BADKEYVER 44
#define KRB_AP_ERR_NOKEY 45
#define KRB_ERR_RESPONSE_TOO_BIG 52
#define KRB_ERR_GENERIC 60
#define KDC_ERR_WRONG_REALM 68
#define KDC_ERR_PREAUTH_EXPIRED 90
#define KDC_ERR_MORE_PREAUTH 91

/* NTSTATUS that the code names, MS-ERREF 2.3. */
#define NT_SUCCESS 0x00000000
#define NT_PENDING 0x00000103
#define NT_MORE_PROCESSING 0xC0000016
#define NT_ACCESS_DENIED 0xC0000022
#define NT_NO_SUCH_USER 0xC0000064
#define NT_WRONG_PASSWORD 0xC000006A
#define NT_LOGON_FAILURE 0xC000006D
#define NT_ACCOUNT_RESTRICTION 0xC000006E
#define NT_INVALID_HOURS 0xC000006F
#define NT_INVALID_WORKSTATION 0xC0000070
#define NT_PASSWORD_EXPIRED 0xC0000071
#define NT_ACCOUNT_DISABLED 0xC0000072
#define NT_NOT_SUPPORTED 0xC00000BB
#define NT_TIME_DIFFERENCE 0xC0000133
#define NT_LOGON_TYPE_NOT_GRANTED 0xC000015B
#define NT_ACCOUNT_EXPIRED 0xC0000193
#define NT_PASSWORD_MUST_CHANGE 0xC0000224
#define NT_ACCOUNT_LOCKED 0xC0000234
#define NT_SMARTCARD_REQUIRED 0xC00002FA
#define NT_NTLM_BLOCKED 0xC0000418

/* PA-DATA types that the code names. */
#define PA_TGS_REQ 1
#define PA_ENC_TIMESTAMP 2
#define PA_ETYPE_INFO 11
#define PA_PK_AS_REQ 16
#define PA_ETYPE_INFO2 19
#define PA_PAC_REQUEST 128
#define PA_FOR_USER 129
#define PA_S4U_X509_USER 130
#define PA_FX_COOKIE 133
#define PA_FX_FAST 136
#define PA_ENCRYPTED_CHALLENGE 138
#define PA_SPAKE 151
#define PA_PAC_OPTIONS 167

/* Name types, RFC 4120 6.2. */
#define NT_PRINCIPAL 1
#define NT_SRV_INST 2
#define NT_ENTERPRISE 10

/* DNS types. */
#define DNS_A 1
#define DNS_CNAME 5
#define DNS_SOA 6
#define DNS_PTR 12
#define DNS_TXT 16
#define DNS_AAAA 28
#define DNS_SRV 33
#define DNS_URI 256

#endif
