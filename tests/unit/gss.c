/*
 * GSS-API and SPNEGO tokens: framed, bare, nested, by every mechanism.
 */
#include "token.h"

#define OID_KRB5 "06:2a864886f712010202;"
#define OID_MS_KRB5 "06:2a864882f712010202;"
#define OID_U2U "06:2a864886f71201020203;"
#define OID_SPNEGO "06:2b0601050502;"
#define OID_NTLM "06:2b06010401823702020a;"
#define OID_NEGOEX "06:2b06010401823702021e;"
#define OID_IAKERB "06:2b0601050205;"
#define OID_OTHER "06:2b0601050511;" /* 1.3.6.1.5.5.17 */
#define AP_REP                       \
	"6f{30{a0{02:05;}a1{02:0f;}" \
	"a2{30{a0{02:12;}a2{04:0102;}}}}}"
#define AP_ERROR                                                        \
	"7e{30{a0{02:05;}a1{02:1e;}a4{18\"20260131120000Z\"}a5{02:00;}" \
	"a6{02:29;}a9{1b\"R\"}aa{30{a0{02:01;}a1{30{1b\"fs$\"}}}}}}"
#define AP_ERROR_SHOWN                                                        \
	"krb-error code=41 from=ap stime=1769860800000000 realm=R sname=fs$ " \
	"size=66\n"
#define NEGOTIATE "4e544c4d5353500001000000978208e2"
#define NEGOTIATE_SHOWN "ntlm type=1 flags=0xe2088297\n"

static struct place place;

static bool
token_of(const struct octets *o, size_t n)
{
	return place_token(&place, gss_token, o, n);
}

static bool
token(struct octets o)
{
	return token_of(&o, o.len);
}

/* A GSS frame around OID and INNER, which begins with its token id. */
static struct octets
framed(const char *oid, const char *id, struct octets inner)
{
	struct octets o = der(oid);
	size_t n = o.len;
	size_t idlen = id != NULL ? 2 : 0;

	if (id != NULL)
		memcpy(o.b + n, id, 2);
	memcpy(o.b + n + idlen, inner.b, inner.len);
	o.len = n + idlen + inner.len;
	der_wrap(&o, 0, 0x60);
	return o;
}

static void
test_krb5(void)
{
	struct octets rep = der(AP_REP), err = der(AP_ERROR);
	struct octets none = { .len = 0 };

	CHECK(token(framed(OID_KRB5, "\2\0", rep)));
	EXPECT("ap-rep enc_etype=18\n");
	CHECK(token(framed(OID_MS_KRB5, "\2\0", rep)));
	EXPECT("ap-rep enc_etype=18\n");
	CHECK(token(framed(OID_U2U, "\2\0", rep)));
	EXPECT("ap-rep enc_etype=18\n");
	CHECK(token(framed(OID_KRB5, "\3\0", err)));
	EXPECT(AP_ERROR_SHOWN);
	/* Windows, DCE style: bare. */
	CHECK(token(rep));
	EXPECT("ap-rep enc_etype=18\n");
	CHECK(token(err));
	EXPECT(AP_ERROR_SHOWN);
	/* Without frame and OID, only with its token id. */
	CHECK(token(prefixed("\2\0", 2, rep)));
	EXPECT("ap-rep enc_etype=18\n");
	CHECK(!token(octets("\1\0\0\0", 4))); /* SASL, RFC 4752 3.1 */
	EXPECT("");
	/* User-to-user requests and later tokens say nothing. */
	CHECK(token(framed(OID_U2U, "\4\0", none)));
	CHECK(token(framed(OID_U2U, "\4\1", none)));
	CHECK(token(framed(OID_KRB5, "\4\4", rep)));
	EXPECT("");
}

static void
test_others(void)
{
	struct octets none = { .len = 0 };

	CHECK(token(framed(OID_NTLM, NULL,
	    octets("NTLMSSP\0\1\0\0\0\x97\x82\x08\xe2", 16))));
	EXPECT(NEGOTIATE_SHOWN);
	CHECK(token(framed(OID_NEGOEX, NULL, der("04:00;"))));
	CHECK(token(framed(OID_IAKERB, "\5\1", none)));
	EXPECT("");
	CHECK(token(framed(OID_OTHER, NULL, none)));
	EXPECT("spnego kind=gss mechs=1.3.6.1.5.5.17 token=1\n");
	CHECK(!token(none));
	CHECK(!token(octets("hello", 5)));
	EXPECT("");
	CHECK(!token(octets("\x60\x7f\x06\x01", 4)));
	EXPECT("malformed what=GSS token, RFC 2743 3.1\n");
	CHECK(!token(octets("\x60\x03\x06\x09\x2a", 5)));
	EXPECT("malformed what=GSS token, RFC 2743 3.1\n");
}

static void
test_init(void)
{
	struct octets o = der(
	    "a0{30{a0{30{" OID_MS_KRB5 OID_KRB5 OID_NTLM OID_NEGOEX OID_OTHER
	    "06:88370401;}}a1{03:0102;}"
	    "a2{04{60{" OID_KRB5 "}}}}}");

	CHECK(token(framed(OID_SPNEGO, NULL, o)));
	EXPECT("spnego kind=init mechs=ms-krb5,krb5,ntlmssp,negoex,"
	       "1.3.6.1.5.5.17,2.999.4.1 token=1\n");
	/* Optimistic NTLM, bare inside. */
	o = der("a0{30{a0{30{" OID_NTLM "}}a2{04:" NEGOTIATE ";}}}");
	CHECK(token(framed(OID_SPNEGO, NULL, o)));
	EXPECT("spnego kind=init mechs=ntlmssp token=1\n" NEGOTIATE_SHOWN);
	CHECK(token(o));
	EXPECT("spnego kind=init mechs=ntlmssp token=1\n" NEGOTIATE_SHOWN);
	/* The server speaks first. */
	place.auth.dir = TO_CLIENT;
	o = der("a0{30{a0{30{" OID_KRB5 "}}a3{30{a0{1b\"not_defined\"}}}}}");
	CHECK(token(framed(OID_SPNEGO, NULL, o)));
	EXPECT("spnego kind=init2 mechs=krb5 hint=not_defined\n");
	place.auth.dir = TO_SERVER;
	CHECK(!token(der("a0{04:00;}")));
	EXPECT("malformed what=NegTokenInit, RFC 4178 4.2.1\n");
}

static void
test_resp(void)
{
	CHECK(token(der("a1{30{a0{0a:01;}a1{" OID_MS_KRB5 "}"
			"a2{04{60{" OID_KRB5 "}}}}}")));
	EXPECT("spnego kind=resp mech=ms-krb5 state=1 token=1\n");
	CHECK(token(der("a1{30{a0{0a:00;}}}")));
	EXPECT("spnego kind=resp state=0\n");
	CHECK(token(der("a1{30{a2{04{" AP_ERROR "}}}}")));
	EXPECT("spnego kind=resp token=1\n" AP_ERROR_SHOWN);
	CHECK(token(der("a1{30{a0{0a:02;}a2{04{" AP_REP "}}"
			"a3{04{" AP_REP "}}}}")));
	EXPECT("spnego kind=resp state=2 token=1\nap-rep enc_etype=18\n");
	CHECK(!token(der("a1{04:00;}")));
	EXPECT("malformed what=NegTokenResp, RFC 4178 4.2.2\n");
}

/* SPNEGO in SPNEGO without end. */
static void
test_depth(void)
{
	struct octets o = der("a1{30{a0{0a:01;}}}");
	size_t n = 0;

	for (int i = 0; i < 200; i++) {
		der_wrap(&o, 0, 0x04);
		der_wrap(&o, 0, 0xa2);
		der_wrap(&o, 0, 0x30);
		der_wrap(&o, 0, 0xa1);
	}
	token(o);
	for (const char *p = shown; (p = strstr(p, "spnego")) != NULL; p++)
		n++;
	CHECK(n > 1 && n < 5);
	CHECK(strstr(shown, "malformed what=nested GSS tokens") != NULL);
}

static void
test_cut_and_damaged(void)
{
	struct octets o = framed(OID_SPNEGO, NULL,
	    der("a0{30{a0{30{" OID_KRB5 OID_OTHER "}}a2{04{" AP_ERROR "}}"
		"a3{30{a0{1b\"hint\"}}}}}"));

	CHECK(token(o));
	for (size_t n = 0; n < o.len; n++) {
		token_of(&o, n);
		CHECK(strstr(shown, "malformed") == NULL);
		if (n > 40)
			CHECK(strncmp(shown, "spnego cut kind=init mechs=krb5",
				  31) == 0);
	}
	for (size_t bit = 0; bit < o.len * 8; bit++) {
		struct octets bad = o;

		bad.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		token(bad);
		token_of(&bad, bad.len * 2 / 3);
	}
}

int
main(void)
{
	place_init(&place);
	test_krb5();
	test_others();
	test_init();
	test_resp();
	test_depth();
	test_cut_and_damaged();
	dissect_free(place.d);
	return failures > 0;
}
