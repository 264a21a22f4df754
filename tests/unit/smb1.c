/*
 * The SMB carrier: log-ons over SMB1, and messages of both protocols that are
 * cut or damaged.
 */
#include "smb-messages.h"

/* --- SMB1 ------------------------------------------------------------- */

static void
smb1_header(unsigned command, uint32_t status, bool reply, unsigned uid,
    unsigned mid)
{
	text("\xffSMB", 4);
	put(1, command);
	put(4, status);
	put(1, reply ? 0x98 : 0x18);
	put(2, 0xc803);
	put(8, 0);
	put(6, 0);
	put(2, 7);
	put(2, uid);
	put(2, mid);
}

/* Extended security, and a tree connect behind it. */
static void
smb1_log_on(void)
{
	begin();
	smb1_header(0x73, 0, false, 0, 5);
	put(1, 12);
	put(1, 0x75);
	put(1, 0);
	put(2, 32 + 1 + 24 + 2 + TOKEN_LEN);
	put(8, 0);
	put(2, 0);
	put(2, TOKEN_LEN);
	put(8, 0);
	put(2, TOKEN_LEN);
	token();
	put(1, 4);
	put(4, 0xff);
	put(2, 0);
	put(2, 1);
	put(2, 1 + 20 + 6);
	put(1, 0);
	/* The path is aligned: 32 + 59 + 11 + 1 is odd. */
	put(1, 0);
	wide("\\\\FS1\\DATA");
	put(2, 0);
	text("?????", 6);
	finish();
}

static void
test_smb1(void)
{
	reopen();
	smb1_log_on();
	feed(TO_SERVER);
	begin();
	smb1_header(0x73, MORE, true, 0x800, 5);
	put(1, 4);
	put(4, 0xff);
	put(2, 0);
	put(2, TOKEN_LEN);
	put(2, TOKEN_LEN);
	token();
	finish();
	begin();
	smb1_header(0x73, 0xc00000cc, true, 0x800, 6);
	put(1, 3);
	put(4, 0x00290075);
	put(2, 1);
	put(2, 0);
	put(1, 0);
	put(2, 0);
	finish();
	feed(TO_CLIENT);
	expect("smb1",
	    "1 ntlm 1  smb1\n1 target FS1 DATA smb1\n"
	    "1 ntlm 1  smb1\n"
	    "1 auth-reply more 0xc0000016 smb1\n"
	    "1 auth-reply ok 0 guest smb1\n"
	    "1 access 0xc00000cc smb1\n");
}

/* Without extended security, to a server that answers with a DOS error. */
static void
test_smb1_plain(void)
{
	reopen();
	begin();
	smb1_header(0x73, 0, false, 0, 9);
	put(1, 13);
	put(4, 0xff);
	put(8, 0);
	put(2, 0);
	put(2, 1);
	put(2, 2);
	put(8, 0);
	put(2, 3 + 10 + 12);
	text("abc", 3);
	/* 32 + 29 + 3 is even: no padding. */
	wide("anna");
	put(2, 0);
	wide("FJORD");
	put(2, 0);
	finish();
	feed(TO_SERVER);
	begin();
	smb1_header(0x73, 0x00020002, true, 0, 9);
	out[start + 4 + 11] = 0x80;
	put(1, 0);
	put(2, 0);
	finish();
	feed(TO_CLIENT);
	expect("smb1 without extended security",
	    "1 ntlm 3 anna@FJORD smb1\n"
	    "1 auth-reply refused 0xc000006d smb1\n");
}

/* --- damage ----------------------------------------------------------- */

static void
build_all(void)
{
	build_chain(120);
	setup_request(4, 0x51, 0);
	tree_request(5, 0x51, "\\\\fs1.fjord.test\\share");
	smb1_log_on();
	setup_reply(4, 0x51, MORE, 0);
	tree_reply(5, 0x51, 0);
}

/* Each message, cut by the capture and by the sender after every octet. */
static void
test_cut(void)
{
	size_t total, at = 0;
	static uint8_t all[4096];

	build_all();
	total = len;
	memcpy(all, out, len);
	len = 0;
	while (at < total) {
		size_t n = 4 + (all[at + 2] << 8 | all[at + 3]);

		for (size_t cut = 0; cut < n; cut++) {
			reopen();
			feed_exactly(all + at, cut, n - cut, TO_SERVER);
			feed_exactly(all + at, cut, n - cut, TO_CLIENT);
			check("cut by the capture is not broken",
			    strstr(posted, "malformed") == NULL);
			feed_exactly(all + at, cut, 0, TO_SERVER);
			feed_exactly(all + at, cut, 0, TO_CLIENT);
		}
		at += n;
	}
	/* Half a path does not give half a host name. */
	reopen();
	tree_request(1, 0x51, "\\\\fs1.fjord.test\\share");
	feed_exactly(out, 4 + 64 + 8 + 14, len - (4 + 64 + 8 + 14), TO_SERVER);
	len = 0;
	expect("cut path", "1 target   cut\n");
}

static void
test_flipped(void)
{
	static uint8_t all[4096];
	size_t total, at = 0;

	build_all();
	total = len;
	memcpy(all, out, len);
	len = 0;
	reopen();
	while (at < total) {
		size_t n = 4 + (all[at + 2] << 8 | all[at + 3]);

		for (size_t bit = 0; bit < n * 8; bit++) {
			all[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
			posted[0] = '\0';
			feed_exactly(all + at, n, 0, TO_SERVER);
			feed_exactly(all + at, n, 0, TO_CLIENT);
			all[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
		at += n;
	}
	posted[0] = '\0';
}

int
main(void)
{
	d = dissect_new(sink, NULL);
	test_smb1();
	test_smb1_plain();
	test_cut();
	test_flipped();
	carrier_smb.release(&flow);
	dissect_free(d);
	return failures != 0;
}
