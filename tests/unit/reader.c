/*
 * The reader: SHORT is never BAD, nothing is read past the end, DER.
 * And texts, which are made from its octets.
 */
#include "packets.h"

static void
test_reads(void)
{
	static const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct reader r = rd_make(b, 8, 0);

	CHECK(rd_be64(&r) == UINT64_C(0x0102030405060708));
	CHECK(rd_ok(&r) && rd_left(&r) == 0 && rd_pos(&r) == 8);
	r = rd_make(b, 8, 0);
	CHECK(rd_le64(&r) == UINT64_C(0x0807060504030201));
	r = rd_make(b, 8, 0);
	CHECK(rd_u8(&r) == 1 && rd_be16(&r) == 0x203 && rd_le16(&r) == 0x504);
	CHECK(rd_be24(&r) == 0x060708);
	r = rd_make(b, 8, 0);
	CHECK(rd_be32(&r) == 0x01020304 && rd_le32(&r) == 0x08070605);
	CHECK(rd_u8(&r) == 0 && r.state == RD_BAD);
}

static void
test_failure_sticks(void)
{
	static const uint8_t b[] = { 1, 2, 3, 4 };
	struct reader r = rd_make(b, 4, 2), sub;

	rd_skip(&r, 3);
	CHECK(rd_be16(&r) == 0 && r.state == RD_SHORT);
	CHECK(rd_u8(&r) == 0 && rd_left(&r) == 0 && rd_bytes(&r, 1) == NULL);
	rd_bad(&r);
	CHECK(r.state == RD_SHORT);
	sub = rd_sub(&r, 1);
	CHECK(sub.state == RD_SHORT && rd_left(&sub) == 0);
	r = rd_make(b, 4, 2);
	rd_skip(&r, 7);
	CHECK(r.state == RD_BAD);
	r = rd_make(b, 4, 0);
	rd_skip(&r, SIZE_MAX);
	CHECK(r.state == RD_BAD);
	r = rd_make(NULL, 0, 0);
	CHECK(rd_u8(&r) == 0 && r.state == RD_BAD);
}

static void
test_slices(void)
{
	static const uint8_t b[] = { 1, 2, 3, 4 };
	struct reader r = rd_make(b, 4, 4), sub, at;

	rd_skip(&r, 2);
	sub = rd_sub(&r, 4); /* two of them captured */
	CHECK(rd_have(&sub) == 2 && rd_left(&sub) == 4 && rd_ok(&sub));
	CHECK(rd_ok(&r) && rd_have(&r) == 0 && rd_left(&r) == 2);
	CHECK(rd_pos(&r) == 6);
	at = rd_at(&r, 1, 2);
	CHECK(rd_u8(&at) == 2 && rd_u8(&at) == 3 && rd_left(&at) == 0);
	at = rd_at(&r, 7, 1);
	CHECK(rd_left(&at) == 1 && rd_have(&at) == 0);
	CHECK(rd_u8(&at) == 0 && at.state == RD_SHORT);
	at = rd_at(&r, 7, 2);
	CHECK(at.state == RD_BAD);
	at = rd_at(&r, SIZE_MAX, 2);
	CHECK(at.state == RD_BAD);
	rd_be32(&sub);
	CHECK(sub.state == RD_SHORT);
	rd_sub(&r, 3);
	CHECK(r.state == RD_BAD);
	r = rd_make(b, 4, 0);
	rd_skip(&r, 1);
	sub = rd_rest(&r);
	CHECK(rd_u8(&sub) == 2 && rd_pos(&r) == 1 && rd_pos(&sub) == 1);
}

static void
test_der(void)
{
	static const uint8_t b[] = { 0x30, 0x84, 0, 0, 0, 9, 0xa0, 3, 2, 1,
		0x80, 0xa1, 2, 5, 0 };
	struct reader r = rd_make(b, sizeof(b), 0), seq, sub;
	int64_t v = 7;

	CHECK(der_peek(&r) == 0x30 && !der_get(&r, 0x31, &seq));
	CHECK(der_get(&r, 0x30, &seq) && rd_left(&seq) == 9);
	CHECK(rd_left(&r) == 0 && der_peek(&r) == -1 && rd_ok(&r));
	CHECK(!der_ctx_int(&seq, 1, &v) && v == 7 && rd_ok(&seq));
	CHECK(der_ctx_int(&seq, 0, &v) && v == -128);
	CHECK(der_any(&seq, &sub) == 0xa1 && rd_left(&sub) == 2);
	CHECK(der_any(&seq, &sub) == -1 && rd_ok(&seq));
}

static void
test_der_broken(void)
{
	static const uint8_t indefinite[] = { 0x30, 0x80, 0, 0 };
	static const uint8_t five[] = { 0x30, 0x85, 0, 0, 0, 0, 0 };
	static const uint8_t beyond[] = { 0x30, 3, 0 };
	static const uint8_t high[] = { 0x3f, 0x81, 1, 0 };
	static const uint8_t text[] = { 0xa0, 2, 0x0c, 0 };
	static const uint8_t nine[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	struct reader r = rd_make(indefinite, 4, 0), sub;
	int64_t v = 7;

	CHECK(!der_get(&r, 0x30, &sub) && r.state == RD_BAD);
	r = rd_make(five, 7, 0);
	CHECK(!der_get(&r, 0x30, &sub) && r.state == RD_BAD);
	r = rd_make(beyond, 3, 0);
	CHECK(!der_get(&r, 0x30, &sub) && r.state == RD_BAD);
	CHECK(sub.state == RD_BAD);
	r = rd_make(beyond, 3, 2); /* the same, cut by the capture */
	CHECK(der_get(&r, 0x30, &sub) && rd_ok(&r));
	CHECK(rd_have(&sub) == 1 && rd_left(&sub) == 3);
	r = rd_make(beyond, 1, 4);
	CHECK(!der_get(&r, 0x30, &sub) && r.state == RD_SHORT);
	r = rd_make(beyond, 0, 5);
	CHECK(!der_get(&r, 0x30, &sub) && r.state == RD_SHORT);
	r = rd_make(high, 4, 0);
	der_skip(&r);
	CHECK(r.state == RD_BAD);
	r = rd_make(text, 4, 0);
	CHECK(!der_ctx_int(&r, 0, &v) && v == 7 && r.state == RD_BAD);
	r = rd_make(nine, 9, 0);
	CHECK(der_int(&r) == 0 && r.state == RD_BAD);
	r = rd_make(nine, 0, 0);
	CHECK(der_int(&r) == 0 && r.state == RD_BAD);
	r = rd_make(nine, 1, 1);
	CHECK(der_int(&r) == 0 && r.state == RD_SHORT);
}

static bool
is_text(struct str s, const char *want)
{
	if (s.len == strlen(want) && memcmp(s.p, want, s.len) == 0)
		return true;
	printf("text is \"%.*s\"\n", (int)s.len, s.p);
	return false;
}

static bool
utf8_is(const char *p, size_t len, const char *want)
{
	return is_text(text_utf8(dut, p, len), want);
}

static bool
utf16_is(const char *p, size_t len, const char *want)
{
	uint8_t octets[64];

	memcpy(octets, p, len);
	return is_text(text_utf16(dut, octets, len), want);
}

static void
test_utf8(void)
{
	CHECK(utf8_is("anna", 4, "anna"));
	CHECK(utf8_is("", 0, ""));
	CHECK(utf8_is("bj\xc3\xb6rn", 6, "bj\xc3\xb6rn"));
	CHECK(utf8_is("bj\xf6rn", 5, "bj\\xf6rn"));
	CHECK(utf8_is("a\0b", 3, "a\\x00b"));
	CHECK(utf8_is("\xc0\x80", 2, "\\xc0\\x80"));
	CHECK(utf8_is("\xed\xa0\x80", 3, "\\xed\\xa0\\x80"));
	CHECK(utf8_is("\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80"));
	CHECK(utf8_is("\xf0\x9f\x98\x80", 4, "\xf0\x9f\x98\x80"));
	CHECK(utf8_is("\xe2\x82", 2, "\\xe2\\x82"));
}

static void
test_utf16(void)
{
	CHECK(utf16_is("a\0\xf6\0", 4, "a\xc3\xb6"));
	CHECK(utf16_is("\x3d\xd8\0\xde", 4, "\xf0\x9f\x98\x80"));
	CHECK(utf16_is("\x3d\xd8"
		       "a\0",
	    4,
	    "\\x3d\\xd8"
	    "a"));
	CHECK(utf16_is("\0\xdc", 2, "\\x00\\xdc"));
	CHECK(utf16_is("\x3d\xd8", 2, "\\x3d\\xd8"));
	CHECK(utf16_is("a\0\0\0b\0", 6, "a\\x00b"));
	CHECK(utf16_is("a\0b", 3, "a\\x62"));
	CHECK(utf16_is("\xac\x20", 2, "\xe2\x82\xac"));
}

static void
test_text_limit(void)
{
	char b[3000];
	struct str s;

	memset(b, 'x', sizeof(b));
	CHECK(text_utf8(dut, b, sizeof(b)).len == TEXT_MAX);
	memset(b, 0xff, sizeof(b));
	s = text_utf8(dut, b, sizeof(b));
	CHECK(s.len == TEXT_MAX && memcmp(s.p + s.len - 4, "\\xff", 4) == 0);
	for (size_t i = 0; i < sizeof(b); i += 3)
		memcpy(b + i, "\xe2\x82\xac", 3);
	s = text_utf8(dut, b, sizeof(b));
	CHECK(s.len == TEXT_MAX / 3 * 3);
}

static void
test_scratch(void)
{
	char *p, *q;

	CHECK(scratch(dut, (size_t)MESSAGE_MAX * 4) != NULL);
	CHECK(scratch(dut, (size_t)MESSAGE_MAX * 4 + 1) == NULL);
	p = scratch(dut, 3);
	q = scratch(dut, 100000);
	memset(p, 1, 3);
	memset(q, 2, 100000);
	CHECK(p[2] == 1);
	scratch_reset(dut);
}

int
main(void)
{
	begin();
	test_reads();
	test_failure_sticks();
	test_slices();
	test_der();
	test_der_broken();
	test_utf8();
	test_utf16();
	test_text_limit();
	test_scratch();
	done();
	return failures != 0;
}
