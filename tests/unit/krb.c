/*
 * Kerberos messages: whole, cut at every octet, damaged bit by bit; the
 * variants of e-data; the carriers of KDC and kpasswd.  Messages are written
 * down here after RFC 4120 and go through libkrb5 and through the shells.
 */
#include "krb.h"
#include "names.h"
#include "token.h"

extern const struct carrier carrier_kdc;
extern const struct carrier carrier_kpasswd;

#define NAME(type, a, b) "30{a0{02:0" type ";}a1{30{1b\"" a "\"1b\"" b "\"}}}"
#define NAME1(type, a) "30{a0{02:0" type ";}a1{30{1b\"" a "\"}}}"
#define ENC(etype, kvno, cipher) \
	"30{a0{02:" etype ";}" kvno "a2{04:" cipher ";}}"
#define TICKET(etype)                                         \
	"61{30{a0{02:05;}a1{1b\"R.EX\"}a2{" NAME("2", "cifs", \
	    "fs.r.ex") "}"                                    \
		       "a3{" ENC(etype, "a1{02:03;}", "aabbcc") "}}}"
#define AP_REQ                                         \
	"6e{30{a0{02:05;}a1{02:0e;}a2{03:0020000000;}" \
	"a3{" TICKET("12") "}a4{" ENC("17", "", "0102") "}}}"
#define AP_REP "6f{30{a0{02:05;}a1{02:0f;}a2{" ENC("12", "", "0102") "}}}"
#define REQ(tag, type, padata, body) \
	tag "{30{a1{02:05;}a2{02:" type ";}" padata "a4{30{" body "}}}}"
#define PA(type, value) "30{a1{02:" type ";}a2{04{" value "}}}"
#define TAIL "a5{18\"^\"}a7{02:7fffffff;}a8{30{02:12;02:17;}}"
#define BODY                                                                  \
	"a0{03:0050800000;}a1{" NAME1("1", "us/er") "}a2{1b\"R.EX\"}"         \
						    "a3{" NAME("2", "krbtgt", \
							"R.EX") "}" TAIL
#define AS_REQ                                     \
	REQ("6a", "0a",                            \
	    "a3{30{" PA("02", ENC("12", "", "55")) \
		PA("0080", "30{a0{01:ff;}}") "}}", \
	    BODY)
#define ERROR(code, more)                                               \
	"7e{30{a0{02:05;}a1{02:1e;}a4{18\"20260131120000Z\"}a5{02:64;}" \
	"a6{02:" code ";}" more "}}"
#define SERVICE "a9{1b\"R.EX\"}aa{" NAME("2", "krbtgt", "R.EX") "}"
#define STIME "1769860800000100"

static struct place place;

static bool
message_from(const struct octets *o, size_t n, const char *from)
{
	void *block;
	struct reader r = exact(o->b, n, o->len - n, &block);
	bool good;

	show_clear();
	good = krb_message(&place.auth, r, from);
	scratch_reset(place.d);
	free(block);
	return good;
}

static bool
message(struct octets o)
{
	return message_from(&o, o.len, "kdc");
}

/* Without the digests, which are hexadecimal of no meaning. */
static void
drop_digests(void)
{
	char *p;

	while ((p = strstr(shown, "_digest=")) != NULL) {
		char *from = p, *to = p + strcspn(p, " \n");

		while (from > shown && from[-1] != ' ')
			from--;
		CHECK(to - p == 8 + 2 * DIGEST_LEN);
		memmove(from - 1, to, strlen(to) + 1);
	}
	shown_len = strlen(shown);
}

static void
test_requests(void)
{
	CHECK(message(der_with(AS_REQ, "20260201000000Z")));
	EXPECT("kdc-req msg_type=10 realm=R.EX cname=us\\/er cname_type=1 "
	       "sname=krbtgt/R.EX sname_type=2 sname_parts=2 "
	       "nonce=2147483647 kdc_options=0x50800000 "
	       "till=1769904000000000 etypes=18,23 padata=2,128 ts_etype=18 "
	       "ts_cipher=55 pac_request=1 size=167\n");
	/* Past 2038, and past 2106 where libkrb5 wraps around. */
	message(der_with(AS_REQ, "20500101000000Z"));
	CHECK(strstr(shown, " till=2524608000000000 ") != NULL);
	message(der_with(AS_REQ, "29990101000000Z"));
	CHECK(strstr(shown, " till=32472144000000000 ") != NULL);
	CHECK(strstr(shown, "cname=us\\/er ") != NULL);
	CHECK(strstr(shown, " etypes=18,23 ") != NULL);
	/* A scanner's request has neither client nor service. */
	CHECK(message(
	    der_with(REQ("6a", "0a", "", "a0{03:0000000000;}a2{1b\"X\"}" TAIL),
		"19700101000000Z")));
	EXPECT("kdc-req msg_type=10 realm=X nonce=2147483647 "
	       "etypes=18,23 size=69\n");
}

#define ADDRESS(type, value) "30{a0{02:" type ";}a1{04" value "}}"

static void
test_addresses(void)
{
	message(
	    der_with(REQ("6a", "0a", "",
			 BODY "a9{30{" ADDRESS("02", ":0a000001;") ADDRESS("18",
			     ":fe80000000000000"
			     "0000000000000001;") ADDRESS("14",
			     "\"PC1             \"") ADDRESS("02", ":0a0000ff;")
			     ADDRESS("14", "\"\"") "}}"),
		"20260201000000Z"));
	CHECK(strstr(shown, " addresses=10.0.0.1,fe80::1,PC1,10.0.0.255, ") !=
	    NULL);
}

#define FOR_USER                                                       \
	"30{a0{" NAME1("1", "bob") "}a1{1b\"U.EX\"}a2{30{a0{02:ff76;}" \
				   "a1{04:00;}}}a3{1b\"Kerberos\"}}"
#define X509_USER                           \
	"30{a0{30{a0{02:01;}a1{" NAME1("a", \
	    "bob@u") "}a2{1b\"U.EX\"}}}"    \
		     "a1{30{a0{02:07;}a1{04:00;}}}}"

static void
test_tgs(void)
{
	CHECK(
	    message(der_with(REQ("6c", "0c",
				 "a3{30{" PA("01", AP_REQ) PA("0081", FOR_USER)
				     PA("00a7", "30{a0{03:0010000000;}}")
					 PA("0088", "a0{30{}}") "}}",
				 BODY "ab{30{" TICKET("17") "}}"),
		"20260201000000Z")));
	drop_digests();
	CHECK(strstr(shown, " padata=1,129,167,136 fast=1 ") != NULL);
	CHECK(strstr(shown,
		  " pac_options=0x10000000 for_user=bob "
		  "for_user_realm=U.EX tkt_realm=R.EX tkt_sname=cifs/fs.r.ex "
		  "tkt_etype=18 tkt_kvno=3 tkt_cipher=aabbcc auth_etype=23 "
		  "auth_cipher=0102 addl_realm=R.EX addl_sname=cifs/fs.r.ex "
		  "addl_etype=23 addl_kvno=3 addl_cipher=aabbcc ") != NULL);
	message(der_with(REQ("6c", "0c",
			     "a3{30{" PA("0082", X509_USER) PA("0088", "") "}}",
			     BODY),
	    "20260201000000Z"));
	CHECK(strstr(shown, " for_user=bob\\@u for_user_realm=U.EX "));
	/* An empty PA-FX-FAST is no armour. */
	CHECK(strstr(shown, " fast=") == NULL);
}

#define INFO2 "30{30{a0{02:17;}}30{a0{02:12;}a1{1b\"R.EXuser\"}}}"
#define AS_REP                                                           \
	"6b{30{a0{02:05;}a1{02:0b;}a2{30{" PA("13",                      \
	    INFO2) "}}"                                                  \
		   "a3{1b\"R.EX\"}a4{" NAME1("1", "user") "}a5{" TICKET( \
		       "12") "}"                                         \
			     "a6{" ENC("12", "a1{02:00ffff0001;}", "99") "}}}"

static void
test_replies(void)
{
	CHECK(message(der(AS_REP)));
	drop_digests();
	EXPECT("kdc-rep msg_type=11 crealm=R.EX cname=user cname_type=1 "
	       "tkt_realm=R.EX tkt_sname=cifs/fs.r.ex tkt_sname_type=2 "
	       "tkt_etype=18 tkt_kvno=3 tkt_cipher=aabbcc enc_etype=18 "
	       "enc_kvno=4294901761 padata=19 info_etypes=23,18 "
	       "salt=R.EXuser size=177\n");
	CHECK(message(der("6d{30{a0{02:05;}a1{02:0d;}a3{1b\"R.EX\"}"
			  "a4{" NAME1("1", "user") "}a5{" TICKET(
			      "17") "}"
				    "a6{" ENC("12", "", "99") "}}}")));
	drop_digests();
	EXPECT("kdc-rep msg_type=13 crealm=R.EX cname=user cname_type=1 "
	       "tkt_realm=R.EX tkt_sname=cifs/fs.r.ex tkt_sname_type=2 "
	       "tkt_etype=23 tkt_kvno=3 tkt_cipher=aabbcc enc_etype=18 "
	       "size=123\n");
	CHECK(message(der(AP_REQ)));
	drop_digests();
	EXPECT("ap-req ap_options=0x20000000 tkt_realm=R.EX "
	       "tkt_sname=cifs/fs.r.ex tkt_sname_type=2 tkt_sname_parts=2 "
	       "tkt_etype=18 tkt_kvno=3 tkt_cipher=aabbcc auth_etype=23 "
	       "auth_cipher=0102\n");
	CHECK(message(der(AP_REP)));
	EXPECT("ap-rep enc_etype=18\n");
	CHECK(!message(der("61{30{}}")));
	EXPECT("");
	CHECK(!message(der("6e{30{a0{02:05;}}}")));
	EXPECT("malformed what=AP-REQ, RFC 4120 5.5.1\n");
}

/* The same ticket has the same digest wherever it is; another has not. */
static void
test_digest(void)
{
	static const char *const holders[] = { AS_REP, AP_REQ };
	char first[64] = "", *p;

	for (size_t i = 0; i < 2; i++) {
		message(der(holders[i]));
		p = strstr(shown, "tkt_digest=");
		CHECK(p != NULL && strlen(p) > 43);
		if (i == 0 && p != NULL)
			snprintf(first, 44, "%s", p);
		else
			CHECK(p != NULL && strncmp(first, p, 43) == 0);
	}
	message(der("6e{30{a0{02:05;}a1{02:0e;}a2{03:0020000000;}a3{61{30{"
		    "a0{02:05;}a1{1b\"R\"}a2{" NAME1("1", "a") "}a3{" ENC("12",
			"", "aabbcd") "}}}}a4{" ENC("17", "", "01") "}}}"));
	p = strstr(shown, "tkt_digest=");
	CHECK(p != NULL && strncmp(first, p, 43) != 0);
}

/* One KRB-ERROR with e-data; what follows the fixed fields is WANT. */
static void
edata_at(int line, const char *from, const char *code, const char *edata,
    const char *want)
{
	char fmt[2048];
	struct octets o;
	const char *p;

	snprintf(fmt, sizeof(fmt), ERROR("%s", SERVICE "ac{04%s}"), code,
	    edata);
	o = der(fmt);
	CHECK(message_from(&o, o.len, from));
	p = strstr(shown, "sname=krbtgt/R.EX");
	p = p != NULL ? p + 17 : shown;
	if (strncmp(p, want, strlen(want)) == 0 &&
	    strncmp(p + strlen(want), " size=", 6) == 0)
		return;
	printf("%s:%d: e-data %s: %s", __FILE__, line, edata, shown);
	failures++;
}

#define EDATA(code, edata, want) edata_at(__LINE__, "kdc", code, edata, want)
#define STATUS_PA(value) "30{a1{02:03;}a2{04:" value ";}}"

/* The variants that captures show. */
static void
test_edata(void)
{
	EDATA("12", "{" STATUS_PA("720000c00000000001000000") "}",
	    " ntstatus=3221225586 ext_type=3");
	EDATA("0d", "{" STATUS_PA("bb0000c00000000003000000") "}",
	    " ntstatus=3221225659 ext_type=3");
	EDATA("25", "{30{a1{02:02;}}}", " ext_type=2");
	EDATA("25", "{30{a1{02:02;}a2{04:;}}}", " ext_type=2");
	EDATA("19",
	    "{30{" PA("13", INFO2) PA("0085", "04:00;") PA("0088", "")
		PA("02", "") "}}",
	    " padata=19,133,136,2 info_etypes=23,18 salt=R.EXuser");
	EDATA("0e", "{30{" PA("0b", "30{30{a0{02:03;}a1{04\"R.EXu\"}}}") "}}",
	    " padata=11 info_etypes=3 salt=R.EXu");
	EDATA("0e", "{" PA("0b", "30{30{a0{02:03;}a1{04\"R.EXu\"}}}") "}",
	    " padata=11 info_etypes=3 salt=R.EXu");
	EDATA("07", "{30{" PA("0088", "a0{30{}}") "}}", " padata=136 fast=1");
	EDATA("17", "{30{" STATUS_PA("710000c00000000001000000") "}}",
	    " ntstatus=3221225585 padata=3");
	/* Twelve characters of salt are no status. */
	EDATA("19", "{30{30{a1{02:03;}a2{04\"R.EXuser1234\"}}}}",
	    " padata=3 salt=R.EXuser1234");
	/* TYPED-DATA: other tags. */
	EDATA("41", "{30{30{a0{02:6d;}a1{04:3000;}}}}", " padata=109");
	/* Neither. */
	EDATA("3c", "\"what\"", "");
	EDATA("3c", ":30;", "");
	EDATA("3c", ":30840000ffff;", "");
	edata_at(__LINE__, "kpasswd", "00", ":00004869;", " kpasswd_result=0");
	edata_at(__LINE__, "kpasswd", "3c", ":0004;", " kpasswd_result=4");
	edata_at(__LINE__, "kpasswd", "3c", ":00;", "");
	edata_at(__LINE__, "kpasswd", "25", "{30{a1{02:02;}}}", " ext_type=2");
	/* A result code is one only from kpasswd. */
	EDATA("00", ":0000;", "");
}

static void
test_errors(void)
{
	message(der(ERROR("29", SERVICE)));
	EXPECT("krb-error code=41 from=kdc stime=" STIME
	       " realm=R.EX sname=krbtgt/R.EX size=78\n");
	/* A referral names the client's realm and no client. */
	message(der(ERROR("44", "a7{1b\"O.EX\"}" SERVICE "ab{1b:656700;}")));
	EXPECT("krb-error code=68 from=kdc stime=" STIME
	       " crealm=O.EX realm=R.EX sname=krbtgt/R.EX e_text=eg "
	       "size=93\n");
	message(der("7e{30{a0{02:05;}a1{02:1e;}a2{18\"20260131120000Z\"}"
		    "a3{02:0f423f;}a4{18\"20420131120000Z\"}a5{02:00;}"
		    "a6{02:25;}" SERVICE "}}"));
	EXPECT("krb-error code=37 from=kdc ctime=1769860800999999 "
	       "stime=2274782400000000 realm=R.EX sname=krbtgt/R.EX "
	       "size=104\n");
	/* Hostile text stays text. */
	message(der(ERROR("07", SERVICE "ab{1b:1bff005b;}")));
	CHECK(strstr(shown, "e_text=\033\\xff\\x00[ ") != NULL);
}

static const char *const samples[] = {
	REQ("6c", "0c",
	    "a3{30{" PA("01", AP_REQ) PA("0081", FOR_USER) PA("0082", X509_USER)
		PA("02", ENC("12", "", "55")) "}}",
	    BODY "ab{30{" TICKET("17") "}}"),
	AS_REP,
	AP_REQ,
	AP_REP,
	ERROR("19",
	    "a7{1b\"R.EX\"}a8{" NAME1("1",
		"u") "}" SERVICE
		     "ab{1b\"text\"}ac{04{30{" PA("13", INFO2) "}}}"),
	ERROR("0d",
	    SERVICE "ac{04{" STATUS_PA("bb0000c00000000003000000") "}}"),
};

/*
 * Cut anywhere, an event is posted, marked as cut, never malformed, and
 * what it says was said by the whole, field by field.
 */
static void
test_cut(void)
{
	static char whole[sizeof(shown)];

	for (size_t s = 0; s < sizeof(samples) / sizeof(samples[0]); s++) {
		struct octets o = der_with(samples[s], "20260201000000Z");

		CHECK(message(o));
		snprintf(whole, sizeof(whole), "%s", shown);
		for (size_t n = 1; n < o.len; n++) {
			char *p, *save;

			CHECK(message_from(&o, n, "kdc"));
			CHECK(strstr(shown, " cut") != NULL);
			strtok_r(shown, " \n", &save);
			while ((p = strtok_r(NULL, " \n", &save)) != NULL)
				if (strcmp(p, "cut") != 0 &&
				    strncmp(p, "size=", 5) != 0 &&
				    strcmp(p, "code=-1") != 0 &&
				    strncmp(p, "etypes=", 7) != 0 &&
				    strncmp(p, "padata=", 7) != 0 &&
				    strncmp(p, "info_etypes=", 12) != 0 &&
				    strncmp(p, "stime=", 6) != 0 &&
				    strstr(whole, p) == NULL) {
					printf("cut %zu/%zu: %s\n", s, n, p);
					failures++;
				}
		}
	}
}

/* Every bit once, and octets removed: nothing but events or malformed. */
static void
test_damaged(void)
{
	for (size_t s = 0; s < sizeof(samples) / sizeof(samples[0]); s++) {
		const struct octets o = der_with(samples[s], "20260201000000Z");
		size_t told = 0;

		for (size_t bit = 0; bit < o.len * 8; bit++) {
			struct octets bad = o;

			bad.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
			told += message(bad);
			message_from(&bad, bad.len - bad.len / 3, "kpasswd");
		}
		for (size_t i = 0; i + 4 < o.len; i++) {
			struct octets bad = o;

			memmove(bad.b + i, bad.b + i + 3, bad.len - i - 3);
			bad.len -= 3;
			message(bad);
		}
		/* Most bits are contents, and harmless. */
		CHECK(told > o.len);
	}
}

#define ODD_REQ                                                          \
	REQ("6a", "0a", "a3{30{" PA("01", AP_REQ) PA("01", AP_REQ) "}}", \
	    BODY "a9{30{" ADDRESS("02", ":0a000001;")                    \
		ADDRESS("14", "\"PC1             \"") "}}aa{" ENC("12",  \
		    "a1{02:00;}", "55") "}ab{30{" TICKET("17") "}}")
#define ODD_ERROR                                                        \
	"7e{30{a0{02:05;}a1{02:1e;}a2{18\"^\"}a3{02:0f423f;}a4{18\"^\"}" \
	"a5{02:64;}a6{02:25;}" SERVICE "}}"

static bool
asked(const struct octets *o)
{
	void *block;
	struct reader r = exact(o->b, o->len, 0, &block);
	bool good;

	show_clear();
	good = krb_message_asked(&place.auth, r, "kdc");
	scratch_reset(place.d);
	free(block);
	return good;
}

/* libkrb5 is asked, or it is not: the same is said. */
static void
same_asked(const struct octets *o)
{
	static char ours[sizeof(shown)];
	bool good = message(*o);

	snprintf(ours, sizeof(ours), "%s", shown);
	if (asked(o) == good && strcmp(shown, ours) == 0)
		return;
	printf("not asked: %sasked: %s", ours, shown);
	failures++;
}

/* An octet that is another, missing or there twice. */
static void
test_asked(void)
{
	static const char *const more[] = { AS_REQ, ODD_REQ, ODD_ERROR };
	static const uint8_t values[] = { 0x00, 0x02, 0x04, 0x1f, 0x30, 0x7f,
		0x80, 0x81, 0x84, 0xa1, 0xbf, 0xff };
	const size_t n = sizeof(samples) / sizeof(samples[0]);

	for (size_t s = 0; s < n + 3; s++) {
		const struct octets o = der_with(s < n ? samples[s] :
							 more[s - n],
		    "20260201000000Z");

		same_asked(&o);
		for (size_t i = 0; i < o.len; i++) {
			struct octets bad = o;

			for (size_t v = 0; v < sizeof(values); v++) {
				bad.b[i] = values[v];
				same_asked(&bad);
				bad.b[i] = o.b[i] ^ (uint8_t)(1u << v % 8);
				same_asked(&bad);
			}
			bad = o;
			memmove(bad.b + i, bad.b + i + 1, o.len - i - 1);
			same_asked(&bad);
			bad = o;
			memmove(bad.b + i + 1, bad.b + i, o.len - i);
			same_asked(&bad);
		}
	}
}

/* --- carriers --------------------------------------------------------- */

static bool
claims(const struct carrier *c, struct octets o, bool hinted)
{
	return c->claims(&place.flow, TO_SERVER, rd_make(o.b, o.len, 0),
	    hinted);
}

static void
deliver(const struct carrier *c, int dir, struct octets o)
{
	show_clear();
	c->message(place.d, &place.flow, dir, rd_make(o.b, o.len, 0));
	scratch_reset(place.d);
}

static struct octets
record(struct octets o)
{
	uint8_t mark[4] = { 0, 0, (uint8_t)(o.len >> 8), (uint8_t)o.len };

	return prefixed(mark, 4, o);
}

static void
test_kdc_udp(void)
{
	struct octets req = der_with(AS_REQ, "20260201000000Z"), o;

	place.flow.transport = TRANSPORT_UDP;
	CHECK(claims(&carrier_kdc, req, true));
	CHECK(claims(&carrier_kdc, req, false));
	CHECK(claims(&carrier_kdc, der(ERROR("19", SERVICE)), false));
	CHECK(!claims(&carrier_kdc, der(AP_REQ), true));
	CHECK(!claims(&carrier_kdc, der("30{a0{04:00;}}"), true));
	CHECK(!claims(&carrier_kdc, octets("j\x03zzz", 5), false));
	CHECK(!claims(&carrier_kdc, octets("j\x7fzzzzzzzz", 10), true));
	/* More behind the message than padding. */
	o = req;
	o.len += 10;
	CHECK(claims(&carrier_kdc, o, true));
	CHECK(!claims(&carrier_kdc, o, false));
	o.len += 10;
	CHECK(!claims(&carrier_kdc, o, true));
	deliver(&carrier_kdc, TO_SERVER, req);
	CHECK(strncmp(shown, "kdc-req msg_type=10 ", 20) == 0);
	deliver(&carrier_kdc, TO_SERVER, der(AP_REQ));
	EXPECT("malformed what=KDC message, RFC 4120 7.2\n");
}

static struct framing
frame(const struct carrier *c, struct octets o)
{
	return c->frame(&place.flow, TO_SERVER, rd_make(o.b, o.len, 0));
}

static void
test_kdc_tcp(void)
{
	struct octets req = record(der_with(AS_REQ, "20260201000000Z")), o;
	struct framing fr;

	place.flow.transport = TRANSPORT_TCP;
	CHECK(claims(&carrier_kdc, req, true));
	CHECK(claims(&carrier_kdc, req, false));
	CHECK(!claims(&carrier_kdc, der_with(AS_REQ, "20260201000000Z"), true));
	fr = frame(&carrier_kdc, req);
	CHECK(fr.what == FRAMING_MESSAGE && fr.length == req.len &&
	    fr.keep == req.len);
	o = octets(req.b, 4);
	fr = frame(&carrier_kdc, o);
	CHECK(fr.what == FRAMING_NEED && fr.length > 4);
	/* What has come so far is enough on the port, not elsewhere. */
	o = octets(req.b, 9);
	CHECK(claims(&carrier_kdc, o, true));
	CHECK(!claims(&carrier_kdc, o, false));
	CHECK(!claims(&carrier_kdc, octets(req.b, 4), true));
	/* The high bit is reserved; the length is bounded; tags decide. */
	o = octets("\x80\0\1\0\x6a\x82\0\xfc", 8);
	CHECK(frame(&carrier_kdc, o).what == FRAMING_LOST);
	o = octets("\0\0\1\0\x16\x03\0\xfc", 8);
	CHECK(frame(&carrier_kdc, o).what == FRAMING_LOST);
	o = octets("\0\x80\0\0\x6b\x83\x7f\xff", 8);
	fr = frame(&carrier_kdc, o);
	CHECK(fr.what == FRAMING_MESSAGE && fr.keep == MESSAGE_MAX &&
	    fr.length == 0x800004);
	deliver(&carrier_kdc, TO_SERVER, req);
	CHECK(strncmp(shown, "kdc-req msg_type=10 ", 20) == 0);
}

/* length, version, length of AP; then both parts. */
static struct octets
kpasswd(int version, struct octets ap, struct octets rest)
{
	size_t n = 6 + ap.len + rest.len;
	uint8_t head[6] = { (uint8_t)(n >> 8), (uint8_t)n,
		(uint8_t)(version >> 8), (uint8_t)version,
		(uint8_t)(ap.len >> 8), (uint8_t)ap.len };

	rest = prefixed(ap.b, ap.len, rest);
	return prefixed(head, 6, rest);
}

static void
test_kpasswd(void)
{
	struct octets none = { .len = 0 }, req, rep, err;

	place.flow.transport = TRANSPORT_UDP;
	req = kpasswd(0xff80, der(AP_REQ), der("75{30{}}"));
	rep = kpasswd(1, der(AP_REP), der("75{30{}}"));
	err = kpasswd(1, none, der(ERROR("00", SERVICE "ac{04:00004869;}")));
	CHECK(claims(&carrier_kpasswd, req, true));
	CHECK(!claims(&carrier_kpasswd, req, false));
	CHECK(claims(&carrier_kpasswd, err, true));
	CHECK(!claims(&carrier_kpasswd, der(AP_REQ), true));
	deliver(&carrier_kpasswd, TO_SERVER, req);
	CHECK(strncmp(shown, "kpasswd request=1 version=65408\nap-req ", 39) ==
	    0);
	deliver(&carrier_kpasswd, TO_CLIENT, rep);
	EXPECT("kpasswd version=1\nap-rep enc_etype=18\n");
	deliver(&carrier_kpasswd, TO_CLIENT, err);
	EXPECT("kpasswd version=1 result=0\n"
	       "krb-error from=kpasswd stime=" STIME
	       " realm=R.EX sname=krbtgt/R.EX kpasswd_result=0 size=86\n");
	/* An error of the AP exchange; old MIT, without a header. */
	err = kpasswd(1, none, der(ERROR("25", SERVICE)));
	deliver(&carrier_kpasswd, TO_CLIENT, err);
	CHECK(strncmp(shown, "kpasswd version=1\nkrb-error code=37 ", 36) == 0);
	err = der(ERROR("3c", SERVICE "ac{04:0003;}"));
	CHECK(claims(&carrier_kpasswd, err, true));
	deliver(&carrier_kpasswd, TO_CLIENT, err);
	CHECK(strncmp(shown, "kpasswd result=3\nkrb-error code=60 ", 35) == 0);
	deliver(&carrier_kpasswd, TO_CLIENT, octets("\0\7\0\2\0\0\0", 7));
	EXPECT("malformed what=kpasswd, RFC 3244 2\n");
	place.flow.transport = TRANSPORT_TCP;
	req = record(req);
	CHECK(claims(&carrier_kpasswd, req, true));
	CHECK(frame(&carrier_kpasswd, req).length == req.len);
	CHECK(claims(&carrier_kpasswd, octets(req.b, 20), true));
	CHECK(frame(&carrier_kpasswd, octets(req.b, 9)).what == FRAMING_NEED);
	CHECK(frame(&carrier_kpasswd, octets("\0\0\0\x20\0\0\0\2\0\0", 10))
		  .what == FRAMING_LOST);
	CHECK(frame(&carrier_kpasswd, octets("\1\0\0\x20\0\0\0\1\0\0", 10))
		  .what == FRAMING_LOST);
	deliver(&carrier_kpasswd, TO_SERVER, req);
	CHECK(strncmp(shown, "kpasswd request=1 ", 18) == 0);
}

int
main(void)
{
	place_init(&place);
	test_requests();
	test_addresses();
	test_tgs();
	test_replies();
	test_digest();
	test_edata();
	test_errors();
	test_cut();
	test_damaged();
	test_asked();
	test_kdc_udp();
	test_kdc_tcp();
	test_kpasswd();
	dissect_free(place.d);
	return failures > 0;
}
