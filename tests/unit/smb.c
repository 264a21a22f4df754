/*
 * The SMB carrier: framing, chains, and which authentication a message of
 * SMB2 belongs to.
 */
#include "smb-messages.h"

/* --- tests ------------------------------------------------------------ */

static void
test_log_on(void)
{
	reopen();
	setup_request(1, 0, 0);
	feed(TO_SERVER);
	setup_reply(1, 0x51, MORE, 0);
	feed(TO_CLIENT);
	setup_request(2, 0x51, 0);
	feed(TO_SERVER);
	setup_reply(2, 0x51, 0, 1);
	feed(TO_CLIENT);
	tree_request(3, 0x51, "\\\\fs1.fjord.test\\share");
	feed(TO_SERVER);
	tree_reply(3, 0x51, 0xc00000cc);
	feed(TO_CLIENT);
	expect("log-on",
	    "1 ntlm 1 \n1 auth-reply more 0xc0000016\n"
	    "1 ntlm 1 \n1 auth-reply ok 0 guest\n"
	    "1 target fs1.fjord.test share\n"
	    "1 access 0xc00000cc\n");
}

/* Two users log on at the same time; the second is answered first. */
static void
test_interleaved(void)
{
	reopen();
	setup_request(1, 0, 0);
	setup_request(2, 0, 0);
	feed(TO_SERVER);
	setup_reply(2, 0x52, MORE, 0);
	setup_reply(1, 0x51, MORE, 0);
	feed(TO_CLIENT);
	setup_request(3, 0x51, 0);
	setup_request(4, 0x52, 0);
	feed(TO_SERVER);
	posted[0] = '\0';
	setup_reply(4, 0x52, REFUSED, 0);
	setup_reply(3, 0x51, 0, 0);
	feed(TO_CLIENT);
	expect("interleaved",
	    "2 auth-reply refused 0xc000006d\n"
	    "1 auth-reply ok 0\n");
}

/* A session that is renewed is another authentication; so is a binding. */
static void
test_again(void)
{
	reopen();
	setup_request(1, 0, 0);
	feed(TO_SERVER);
	setup_reply(1, 0x51, 0, 0);
	feed(TO_CLIENT);
	setup_request(2, 0x51, 0);
	setup_request(3, 0x99, 1);
	feed(TO_SERVER);
	posted[0] = '\0';
	setup_reply(2, 0x51, 0, 0);
	setup_reply(3, 0x99, 0, 0);
	feed(TO_CLIENT);
	expect("again", "2 auth-reply ok 0\n3 auth-reply ok 0\n");
}

static void
test_interim(void)
{
	reopen();
	setup_request(1, 0, 0);
	feed(TO_SERVER);
	setup_reply(1, 0x51, PENDING, 0);
	setup_reply(1, 0x51, REFUSED, 0);
	feed(TO_CLIENT);
	expect("interim", "1 ntlm 1 \n1 auth-reply refused 0xc000006d\n");
}

/* Only the server is heard, then only the client. */
static void
test_one_direction(void)
{
	reopen();
	setup_reply(1, 0x51, MORE, 0);
	setup_reply(7, 0x52, MORE, 0);
	setup_reply(2, 0x51, 0, 0);
	tree_reply(3, 0x51, 0);
	tree_reply(3, 0x52, 0);
	feed(TO_CLIENT);
	expect("only the server",
	    "1 auth-reply more 0xc0000016\n2 auth-reply more 0xc0000016\n"
	    "1 auth-reply ok 0\n1 access 0\n2 access 0\n");
	reopen();
	setup_request(1, 0, 0);
	setup_request(2, 0x51, 0);
	setup_request(3, 0, 0);
	setup_request(4, 0, 0);
	setup_request(5, 0x77, 0);
	tree_request(6, 0x51, "\\\\fs1\\a");
	tree_request(7, 0, "\\\\fs1\\b");
	feed(TO_SERVER);
	expect("only the client",
	    "1 ntlm 1 \n1 ntlm 1 \n2 ntlm 1 \n3 ntlm 1 \n4 ntlm 1 \n"
	    "1 target fs1 a\n0 target fs1 b\n");
}

/* A side that answers to itself is taken for the wrong one: not read. */
static void
test_exchanged(void)
{
	reopen();
	setup_request(1, 0, 0);
	feed(TO_CLIENT);
	setup_reply(1, 0x51, REFUSED, 0);
	feed(TO_SERVER);
	expect("exchanged", "");
}

static void
test_chain(void)
{
	struct framing fr;

	reopen();
	build_chain(120);
	feed(TO_SERVER);
	expect("chain", "1 ntlm 1 \n0 target fs1 share\n");
	build_chain(65536);
	fr = frame_at(TO_SERVER, 0);
	check("what is behind much data is stepped over",
	    fr.what == FRAMING_MESSAGE && fr.keep == 4 && fr.length == len);
	feed(TO_SERVER);
	expect("long chain", "");
	/* NextCommand beyond the end, and not a multiple of 8. */
	build_chain(120);
	out[4 + 120 + 20] = 0xf8;
	out[4 + 120 + 21] = 0xff;
	feed(TO_SERVER);
	expect("chain beyond the end", "0 malformed\n");
	build_chain(120);
	out[4 + 120 + 20] |= 1;
	feed(TO_SERVER);
	expect("chain not aligned", "0 malformed\n");
}

static void
test_framing(void)
{
	struct framing fr;

	reopen();
	begin();
	header(8, 1, 0, 9, 0x51, 0);
	for (int i = 0; i < 65536; i++)
		put(1, 0);
	finish();
	fr = frame_at(TO_CLIENT, 0);
	check("READ: the length only",
	    fr.what == FRAMING_MESSAGE && fr.keep == 4 && fr.length == len);
	setup_request(1, 0, 0);
	tree_request(2, 0x51, "\\\\a\\b");
	text("\x85\0\0\0", 4);
	text("\x82\0\0\0", 4);
	setup_request(3, 0, 0);
	memmove(out, out + 4 + 64 + 65536, len -= 4 + 64 + 65536);
	feed(TO_SERVER);
	expect("one after the other", "1 ntlm 1 \n2 target a b\n3 ntlm 1 \n");
	text("\0\0\0\x40GET / HTTP", 14);
	fr = frame_at(TO_SERVER, 0);
	check("no magic", fr.what == FRAMING_LOST);
	len = 0;
	text("\0\0\0\x3f\xfeSMB\x40\0\0\0", 12);
	fr = frame_at(TO_SERVER, 0);
	check("shorter than its header", fr.what == FRAMING_LOST);
	len = 0;
}

static bool
claimed(const char *p, size_t n, bool hinted)
{
	return carrier_smb.claims(&flow, TO_SERVER, rd_make(p, n, 0), hinted);
}

static void
test_claims(void)
{
	reopen();
	check("claims SMB2", claimed("\0\0\0\x40\xfeSMB", 8, false));
	check("claims SMB1", claimed("\0\0\0\x40\xffSMB", 8, false));
	check("claims sealed", claimed("\0\0\1\x40\xfdSMB", 8, false));
	check("session request", claimed("\x81\0\0\x44", 4, true));
	check("a port is no proof", !claimed("GET / HTTP", 10, true));
	check("no hint, no magic", !claimed("\x81\0\0\x44", 4, false));
	check("too short to be SMB2", !claimed("\0\0\0\x10\xfeSMB", 8, true));
	check("nothing", !claimed("", 0, true));
}

/* SMB1 with the dialects of SMB2 among its own, then SMB2. */
static void
negotiate_requests(void)
{
	begin();
	text("\xffSMB\x72", 5);
	put(4, 0);
	put(1, 0x18);
	put(2, 0xc853);
	put(8, 0);
	put(8, 0);
	put(4, 0);
	put(1, 0);
	put(2, 34);
	text("\2NT LM 0.12", 12);
	text("\2SMB 2.002", 11);
	text("\2SMB 2.???", 11);
	finish();
	begin();
	header(0, 0, 0, 1, 0, 0);
	put(2, 36);
	put(2, 2);
	put(2, 3);
	put(6, 0);
	put(8, 1);
	put(8, 2);
	put(8, 0);
	put(2, 0x0210);
	put(2, 0x0311);
	finish();
}

/* With two contexts: integrity, padded to 8, then a cipher. */
static void
negotiate_reply(void)
{
	begin();
	header(0, 1, 0, 1, 0, 0);
	put(2, 65);
	put(2, 3);
	put(2, 0x0311);
	put(2, 2);
	put(8, 1);
	put(8, 2);
	put(8, 0);
	put(8, 0);
	put(8, UINT64_C(116444736000000000) + 10000000);
	put(8, 0);
	put(2, 128);
	put(2, 0);
	put(4, 128);
	put(2, 1);
	put(2, 2);
	put(4, 0);
	put(8, 0);
	put(2, 2);
	put(2, 4);
	put(4, 0);
	put(2, 1);
	put(2, 2);
	finish();
}

static void
test_negotiate(void)
{
	reopen();
	negotiate_requests();
	feed(TO_SERVER);
	negotiate_reply();
	feed(TO_CLIENT);
	expect("negotiate",
	    "0 smb-negotiate smb1 0x202 0x2ff\n"
	    "0 smb-negotiate 0x210 0x311\n"
	    "0 smb-negotiated 0 dialect 0x311 sign encrypt "
	    "time 0xf4240\n");
}

static void
test_sealed(void)
{
	reopen();
	setup_reply(1, 0x51, 0, 0);
	for (int i = 0; i < 3; i++) {
		begin();
		text("\xfdSMB", 4);
		put(8, 0);
		put(8, 0);
		put(8, 0);
		put(8, 0);
		put(8, 0);
		put(8, i < 2 ? 0x51 : 0x52);
		put(8, 0x4141414141414141);
		finish();
	}
	feed(TO_CLIENT);
	expect("sealed", "1 auth-reply ok 0\n1 smb-sealed\n2 smb-sealed\n");
}

/* Sessions without end do not grow the state without end. */
static void
test_many(void)
{
	reopen();
	for (uint64_t i = 0; i < 1000; i++) {
		setup_request(2 * i, 0, 0);
		setup_request(2 * i + 1, 1000 + i, 1);
		feed(TO_SERVER);
		posted[0] = '\0';
	}
	setup_reply(1998, 0x51, 0, 0);
	setup_reply(1999, 1999, 0, 0);
	feed(TO_CLIENT);
	expect("many", "0x7cf auth-reply ok 0\n0x7d0 auth-reply ok 0\n");
}

int
main(void)
{
	d = dissect_new(sink, NULL);
	test_log_on();
	test_interleaved();
	test_again();
	test_interim();
	test_one_direction();
	test_exchanged();
	test_chain();
	test_framing();
	test_claims();
	test_negotiate();
	test_sealed();
	test_many();
	carrier_smb.release(&flow);
	dissect_free(d);
	return failures != 0;
}
