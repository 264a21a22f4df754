/*
 * gss.c - GSS-API tokens: which mechanism, and the token inside.
 *
 * RFC 2743 3.1 (initial token: 0x60, OID, inner token), RFC 1964 1.1 and
 * RFC 4121 4.1 (token ids of krb5), RFC 4178 (SPNEGO), MS-SPNG, RFC 4752
 * (what LDAP puts in), draft-ietf-kitten-iakerb, and
 * draft-swift-win2k-krb-user2user (ids 04 00 and 04 01).
 *
 * Tokens also come without their frame: SPNEGO replies always do; Windows
 * puts raw "NTLMSSP" messages into SMB, HTTP and SPNEGO; DCE-style Kerberos
 * (MS-KILE 3.4.5.1) sends AP-REP and the third leg bare.
 */
#include <stdio.h>
#include <string.h>

#include "gss.h"
#include "krb.h"

#define GSS_FRAME 0x60 /* APPLICATION 0 */
#define OID 0x06
#define NEG_TOKEN_INIT 0xa0
#define NEG_TOKEN_RESP 0xa1
#define OID_TEXT 128

/* Token ids of krb5, RFC 4121 4.1. */
enum {
	TOK_AP_REQ = 0x0100,
	TOK_AP_REP = 0x0200,
	TOK_ERROR = 0x0300,
	TOK_TGT_REQ = 0x0400, /* user-to-user: no key material, no names */
	TOK_TGT_REP = 0x0401
};

static const struct mech {
	enum gss_mech mech;
	const char *name;
	const char *oid; /* contents octets */
	size_t len;
} mechs[] = {
	/* 1.2.840.113554.1.2.2, RFC 1964 1 */
	{ MECH_KRB5, "krb5", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9 },
	/* 1.2.840.48018.1.2.2: a bug of Windows 2000 that stayed */
	{ MECH_MS_KRB5, "ms-krb5", "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", 9 },
	/* 1.2.840.113554.1.2.2.3 */
	{ MECH_KRB5_U2U, "krb5-u2u", "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03",
	    10 },
	/* 1.3.6.1.5.5.2, RFC 4178 3 */
	{ MECH_SPNEGO, "spnego", "\x2b\x06\x01\x05\x05\x02", 6 },
	/* 1.3.6.1.4.1.311.2.2.10, MS-NLMP 1.9 */
	{ MECH_NTLMSSP, "ntlmssp", "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a",
	    10 },
	/* 1.3.6.1.4.1.311.2.2.30 */
	{ MECH_NEGOEX, "negoex", "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e",
	    10 },
	/* 1.3.6.1.5.2.5 */
	{ MECH_IAKERB, "iakerb", "\x2b\x06\x01\x05\x02\x05", 6 },
};

static const struct mech *
mech_find(struct reader oid)
{
	size_t len = rd_left(&oid);
	const uint8_t *p = rd_bytes(&oid, len);

	for (size_t i = 0; p != NULL && i < sizeof(mechs) / sizeof(mechs[0]);
	     i++)
		if (mechs[i].len == len && memcmp(mechs[i].oid, p, len) == 0)
			return &mechs[i];
	return NULL;
}

enum gss_mech
gss_mech(struct reader oid)
{
	const struct mech *m = mech_find(oid);

	return m != NULL ? m->mech : MECH_OTHER;
}

/* The numbers with dots, X.690 8.19. */
static size_t
oid_text(struct reader oid, char buf[OID_TEXT])
{
	uint64_t v = 0, top;
	size_t len = 0;

	while (rd_have(&oid) > 0 && len < OID_TEXT - 32) {
		uint8_t c = rd_u8(&oid);

		v = v << 7 | (c & 0x7f);
		if (c & 0x80)
			continue;
		top = v < 80 ? v / 40 : 2;
		if (len == 0)
			len += (size_t)sprintf(buf, "%llu.%llu",
			    (unsigned long long)top,
			    (unsigned long long)(v - top * 40));
		else
			len += (size_t)sprintf(buf + len, ".%llu",
			    (unsigned long long)v);
		v = 0;
	}
	return len;
}

struct str
gss_mech_name(struct dissector *d, struct reader oid)
{
	const struct mech *m = mech_find(oid);
	char buf[OID_TEXT], *p;
	size_t len;

	if (m != NULL)
		return (struct str){ m->name, strlen(m->name) };
	len = oid_text(oid, buf);
	if (len == 0)
		return (struct str){ 0 };
	p = scratch(d, len);
	return (struct str){ memcpy(p, buf, len), len };
}

static bool
gss_krb5(const struct auth *a, struct reader r)
{
	switch (rd_be16(&r)) {
	case TOK_AP_REQ:
	case TOK_AP_REP:
	case TOK_ERROR:
		return krb_message(a, rd_rest(&r), "ap");
	case TOK_TGT_REQ:
	case TOK_TGT_REP:
		return true;
	default: /* MIC, Wrap, DeleteContext: after the log-on */
		return rd_ok(&r);
	}
}

/* A mechanism that is not read: its name is all there is to say. */
static bool
gss_unknown(const struct auth *a, struct reader oid)
{
	struct str name = gss_mech_name(a->d, oid);
	struct event ev;

	event_begin(&ev, a->f, a->dir, EV_spnego);
	ev.xid = a->xid;
	ev.u.spnego.kind = (struct str){ "gss", 3 };
	ev.u.spnego.mechs = (struct strs){ &name, 1 };
	ev.u.spnego.token = 1;
	post(a->d, &ev);
	return true;
}

static bool
gss_framed(const struct auth *a, struct reader token, int depth)
{
	struct reader body, oid;

	der_get(&token, GSS_FRAME, &body);
	if (!der_get(&body, OID, &oid)) {
		if (token.state == RD_BAD || body.state == RD_BAD)
			post_malformed(a->d, a->f, a->dir,
			    "GSS token, RFC 2743 3.1");
		return false;
	}
	switch (gss_mech(oid)) {
	case MECH_KRB5:
	case MECH_MS_KRB5:
	case MECH_KRB5_U2U:
		return gss_krb5(a, rd_rest(&body));
	case MECH_SPNEGO:
		return spnego_token_at(a, rd_rest(&body), depth + 1);
	case MECH_NTLMSSP:
		return ntlm_token(a, rd_rest(&body));
	case MECH_NEGOEX:
	case MECH_IAKERB:
		return true;
	case MECH_OTHER:
		break;
	}
	return rd_have(&oid) > 0 && rd_have(&oid) == rd_left(&oid) &&
	    gss_unknown(a, oid);
}

bool
gss_token_at(const struct auth *a, struct reader token, int depth)
{
	if (depth > GSS_MAX_DEPTH) {
		post_malformed(a->d, a->f, a->dir,
		    "nested GSS tokens, RFC 4178 3");
		return false;
	}
	switch (der_peek(&token)) {
	case GSS_FRAME:
		return gss_framed(a, token, depth);
	case NEG_TOKEN_INIT:
	case NEG_TOKEN_RESP:
		return spnego_token_at(a, token, depth + 1);
	case KRB_AP_REQ:
	case KRB_AP_REP:
	case KRB_ERROR:
		return krb_message(a, token, "ap");
	case 'N':
		return ntlm_token(a, token);
	default: /* a krb5 token without the OID, as some HTTP clients send */
		return der_peek(&token) >= 0x01 && der_peek(&token) <= 0x03 &&
		    gss_krb5(a, token);
	}
}

bool
gss_token(const struct auth *a, struct reader token)
{
	return gss_token_at(a, token, 0);
}
