/*
 * NTLMSSP messages, built after MS-NLMP 2.2.1; the CHALLENGE of MS-NLMP
 * 4.2.4.3 as it stands there.
 */
#include "token.h"

#define UNICODE_FLAG 0x01u
#define OEM_FLAG 0x02u
#define ANONYMOUS_FLAG 0x800u

static struct place place;

/* A message with its payload behind a header of HEADER octets. */
static struct octets msg;

static void
le(size_t at, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		msg.b[at + i] = (uint8_t)(v >> 8 * i);
}

static void
begin(int type, size_t header)
{
	memset(&msg, 0, sizeof(msg));
	memcpy(msg.b, "NTLMSSP", 8);
	le(8, (uint64_t)type, 4);
	msg.len = header;
}

/* N octets of payload for the field at AT. */
static void
field(size_t at, const void *p, size_t n)
{
	le(at, n, 2);
	le(at + 2, n, 2);
	le(at + 4, msg.len, 4);
	memcpy(msg.b + msg.len, p, n);
	msg.len += n;
}

static size_t
wide(uint8_t *out, const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		out[n++] = (uint8_t)*text;
		out[n++] = 0;
	}
	return n;
}

static void
text(size_t at, const char *s)
{
	uint8_t buf[512];

	field(at, buf, wide(buf, s));
}

static size_t
pair(uint8_t *out, int id, const void *p, size_t n)
{
	out[0] = (uint8_t)id;
	out[1] = 0;
	out[2] = (uint8_t)n;
	out[3] = (uint8_t)(n >> 8);
	memcpy(out + 4, p, n);
	return n + 4;
}

static size_t
text_pair(uint8_t *out, int id, const char *s)
{
	uint8_t buf[512];

	return pair(out, id, buf, wide(buf, s));
}

static bool
token_of(const struct octets *o, size_t n)
{
	return place_token(&place, ntlm_token, o, n);
}

static bool
token(struct octets o)
{
	return token_of(&o, o.len);
}

/* MS-NLMP 4.2.4.3, the CHALLENGE_MESSAGE of NTLMv2. */
static const uint8_t spec_challenge
    [] = "NTLMSSP\0\x02\0\0\0\x0c\0\x0c\0\x38\0\0\0\x33\x82\x8a\xe2"
	 "\x01\x23\x45\x67\x89\xab\xcd\xef\0\0\0\0\0\0\0\0"
	 "\x24\0\x24\0\x44\0\0\0\x06\0\x70\x17\0\0\0\x0f"
	 "S\0e\0r\0v\0e\0r\0"
	 "\x02\0\x0c\0D\0o\0m\0a\0i\0n\0"
	 "\x01\0\x0c\0S\0e\0r\0v\0e\0r\0\0\0\0\0";

static void
test_challenge(void)
{
	uint8_t info[512];
	size_t n = 0;

	CHECK(token(octets(spec_challenge, sizeof(spec_challenge) - 1)));
	EXPECT("ntlm type=2 target=Server nb_computer=Server "
	       "nb_domain=Domain flags=0xe28a8233\n");
	begin(2, 48);
	le(20, UNICODE_FLAG, 4);
	text(12, "CORP");
	n += text_pair(info + n, 3, "fs.corp.ex");
	n += text_pair(info + n, 4, "corp.ex");
	n += pair(info + n, 4, "\0\0", 2); /* Samba: a NUL and no name */
	/* 2016-10-16T08:13:21.087012Z */
	n += pair(info + n, 7, "\x68\x6d\x81\x28\x85\x27\xd2\x01", 8);
	n += pair(info + n, 0, "", 0);
	n += text_pair(info + n, 1, "behind the end");
	field(40, info, n);
	CHECK(token(msg));
	EXPECT("ntlm type=2 target=CORP dns_computer=fs.corp.ex "
	       "time=1476605601087012 flags=0x1\n");
	/* OEM, and no target info at all: Windows 9x, old Samba. */
	begin(2, 32);
	le(20, OEM_FLAG, 4);
	field(12, "OLD", 3);
	CHECK(token(msg));
	EXPECT("ntlm type=2 target=OLD flags=0x2\n");
}

static void
authenticate(uint32_t flags, const char *user, bool answer)
{
	uint8_t nt[512] = { 0 };
	size_t n = 44;

	begin(3, 72);
	le(60, flags, 4);
	text(28, "CORP");
	text(36, user);
	text(44, "PC1");
	n += text_pair(nt + n, 1, "FS");
	n += text_pair(nt + n, 3, "fs.corp.ex");
	n += text_pair(nt + n, 9, "cifs/files");
	n += pair(nt + n, 7, "\x68\x6d\x81\x28\x85\x27\xd2\x01", 8);
	n += pair(nt + n, 0, "", 0);
	if (answer)
		field(20, nt, n);
}

static void
test_authenticate(void)
{
	authenticate(UNICODE_FLAG, "bob", true);
	CHECK(token(msg));
	EXPECT("ntlm type=3 domain=CORP user=bob workstation=PC1 "
	       "nb_computer=FS dns_computer=fs.corp.ex spn=cifs/files "
	       "flags=0x1\n");
	authenticate(UNICODE_FLAG, "", false);
	CHECK(token(msg));
	EXPECT("ntlm type=3 domain=CORP workstation=PC1 anonymous=1 "
	       "flags=0x1\n");
	authenticate(UNICODE_FLAG | ANONYMOUS_FLAG, "", true);
	token(msg);
	CHECK(strstr(shown, " anonymous=1 ") != NULL);
	authenticate(UNICODE_FLAG, "", true);
	token(msg);
	CHECK(strstr(shown, "anonymous") == NULL);
	/* NTLMv1: 24 octets, no pairs. */
	authenticate(UNICODE_FLAG, "bob", false);
	field(20, "123456789012345678901234", 24);
	CHECK(token(msg));
	EXPECT("ntlm type=3 domain=CORP user=bob workstation=PC1 "
	       "flags=0x1\n");
}

static void
test_others(void)
{
	begin(1, 16);
	le(12, 0xe2088297, 4);
	CHECK(token(msg));
	EXPECT("ntlm type=1 flags=0xe2088297\n");
	begin(4, 16);
	CHECK(!token(msg));
	EXPECT("malformed what=NTLMSSP, MS-NLMP 2.2.1\n");
	CHECK(!token(octets("NTLMSSX\0\1\0\0\0", 12)));
	EXPECT("");
	/* A field outside of the message is no text. */
	authenticate(UNICODE_FLAG, "bob", true);
	le(40, 0xfffffff0, 4);
	CHECK(token(msg));
	CHECK(strstr(shown, "user=") == NULL);
	CHECK(strstr(shown, "workstation=PC1") != NULL);
}

/* What a cut message says, the whole one says. */
static void
test_cut(void)
{
	static char whole[sizeof(shown)];

	authenticate(UNICODE_FLAG, "bob", true);
	token(msg);
	snprintf(whole, sizeof(whole), "%s", shown);
	for (size_t n = 12; n < msg.len; n++) {
		char *p, *save;

		CHECK(token_of(&msg, n));
		CHECK(strncmp(shown, "ntlm cut ", 9) == 0);
		strtok_r(shown, " \n", &save);
		strtok_r(NULL, " \n", &save);
		while ((p = strtok_r(NULL, " \n", &save)) != NULL)
			CHECK(strstr(whole, p) != NULL);
	}
	for (size_t n = 0; n < 12; n++)
		CHECK(!token_of(&msg, n));
}

static void
test_damaged(void)
{
	struct octets o;

	authenticate(UNICODE_FLAG, "bob", true);
	o = msg;
	for (size_t bit = 12 * 8; bit < o.len * 8; bit++) {
		o.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CHECK(token(o));
		o.b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

int
main(void)
{
	place_init(&place);
	test_challenge();
	test_authenticate();
	test_others();
	test_cut();
	test_damaged();
	dissect_free(place.d);
	return failures > 0;
}
