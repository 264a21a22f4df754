/*
 * The SMB carrier: where a DFS path leads, in each form of MS-DFSC 2.2.4, and
 * what must not be believed of it.
 */
#include "smb-messages.h"

#define GET_REFERRALS 0x00060194u
#define PIPE_TRANSCEIVE 0x0011c017u

static size_t output, entry;

/* Up to the output of an IOCTL response, whose length output_done() fills. */
static void
ioctl_reply(uint32_t code, uint32_t status)
{
	begin();
	header(11, 1, status, 1, 0x51, 0);
	put(2, 49);
	put(2, 0);
	put(4, code);
	put(8, 0);
	put(8, 0);
	put(4, 0);
	put(4, 0);
	put(4, 64 + 48);
	put(4, 0);
	put(8, 0);
	output = len;
}

static void
patch(size_t at, size_t n, size_t v)
{
	for (; n > 0; n--, v >>= 8)
		out[at++] = (uint8_t)v;
}

static void
output_done(void)
{
	patch(start + 4 + 64 + 36, 4, len - output);
	finish();
}

static void
referrals(unsigned count)
{
	put(2, 0);
	put(2, count);
	put(4, 2);
}

static void
entry_begin(unsigned version, unsigned size, unsigned flags)
{
	entry = len;
	put(2, version);
	put(2, size);
	put(2, 0);
	put(2, flags);
}

/* The string S from here on, its offset at AT of the entry. */
static void
named(size_t at, const char *s)
{
	patch(entry + at, 2, len - entry);
	wide(s);
	put(2, 0);
}

static void
entry_v3(unsigned version, unsigned flags, unsigned size)
{
	entry_begin(version, size, flags);
	put(4, 300);
	put(6, 0);
	put(8, 0);
	put(8, 0);
}

static void
test_v3(void)
{
	reopen();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(1);
	entry_v3(4, 4, 34);
	named(12, "\\d\\dfs\\docs");
	named(16, "\\fs2\\docs");
	output_done();
	feed(TO_CLIENT);
	expect("v4", "0 dfs-referral \\d\\dfs\\docs \\fs2\\docs\n");
}

/* Two entries, the strings of both behind the second. */
static void
test_v2(void)
{
	size_t first;

	reopen();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(2);
	entry_begin(2, 22, 0);
	put(8, 0);
	put(6, 0);
	first = entry;
	entry_begin(2, 22, 0);
	put(8, 0);
	put(6, 0);
	named(16, "\\d\\dfs");
	named(20, "\\fs1\\dfs");
	entry = first;
	named(16, "\\d\\dfs");
	named(20, "\\fs2\\dfs");
	output_done();
	feed(TO_CLIENT);
	expect("v2", "0 dfs-referral \\d\\dfs \\fs2\\dfs \\fs1\\dfs\n");
}

static void
test_v1(void)
{
	reopen();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(1);
	entry_begin(1, 8 + 2 * 10, 0);
	wide("\\fs2\\docs");
	put(2, 0);
	output_done();
	feed(TO_CLIENT);
	expect("v1", "0 dfs-referral  \\fs2\\docs\n");
}

/* A list of domains is no place, nor is a refusal, nor another question. */
static void
test_no_place(void)
{
	reopen();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(1);
	entry_v3(3, 2, 34);
	named(12, "\\fjord.test");
	output_done();
	ioctl_reply(GET_REFERRALS, 0xc0000225);
	output_done();
	ioctl_reply(PIPE_TRANSCEIVE, 0);
	referrals(1);
	entry_v3(4, 4, 34);
	named(16, "\\fs2\\docs");
	output_done();
	feed(TO_CLIENT);
	expect("no place", "");
}

/* Offsets out of the answer, entries that lead nowhere, too many of them. */
static void
test_hostile(void)
{
	reopen();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(0xffff);
	entry_v3(4, 4, 34);
	patch(entry + 16, 2, 0xfffe);
	entry_v3(4, 4, 0);
	named(16, "\\fs2\\docs");
	output_done();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(1);
	output_done();
	ioctl_reply(GET_REFERRALS, 0);
	referrals(1);
	entry_v3(9, 4, 34);
	named(16, "\\fs2\\docs");
	output_done();
	feed(TO_CLIENT);
	expect("hostile", "");
}

int
main(void)
{
	d = dissect_new(sink, NULL);
	test_v3();
	test_v2();
	test_v1();
	test_no_place();
	test_hostile();
	carrier_smb.release(&flow);
	dissect_free(d);
	return failures != 0;
}
