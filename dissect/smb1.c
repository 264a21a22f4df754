/*
 * smb1.c - SMB 1: the negotiate with which many sessions still begin, and as
 * much of session setup and tree connect as tells who logged on where.
 *
 * MS-CIFS 2.2.4.52 (NEGOTIATE), 2.2.4.53 (SESSION_SETUP_ANDX), 2.2.4.55
 * (TREE_CONNECT_ANDX); MS-SMB 2.2.4.5 and 2.2.4.6 (extended security, which
 * carries the GSS token).
 *
 * A client that speaks SMB 2 offers "SMB 2.???" here, and the server answers
 * with an SMB2 message; only older servers answer in SMB 1.  Events of log-ons
 * bear the carrier "smb1", for what to do about them differs.
 */
#include <string.h>

#include "smb.h"

#define CMD_NEGOTIATE 0x72
#define CMD_SESSION_SETUP 0x73
#define CMD_TREE_CONNECT 0x75

#define FLAG_REPLY 0x80u
#define FLAG2_SIGNED 0x0004u
#define FLAG2_SIGNING_REQUIRED 0x0010u
#define FLAG2_NT_STATUS 0x4000u
#define FLAG2_UNICODE 0x8000u

#define NO_DIALECT 0xffffu
#define CAP_EXTENDED_SECURITY 0x80000000u
#define MODE_SIGNING_REQUIRED 0x08u

#define ANDX_MAX 4 /* commands of a chain that are read */
#define DIALECTS_MAX 16
#define DIALECT_TEXT 16

struct smb1 {
	struct auth a; /* of no authentication yet */
	struct smb_conn *c;
	struct reader m; /* from the header on */
	uint32_t status;
	bool reply;
	uint16_t flags2;
	uint64_t mid; /* with the PID, which numbers too */
	uint64_t uid;
	uint64_t xid;       /* of a session setup before it */
	unsigned words;     /* of the command being read */
	struct reader body; /* after the WordCount */
	uint8_t andx;
	size_t offset; /* and where it stands */
};

/* --- texts ------------------------------------------------------------ */

/* The LEN octets of texts that begin AT octets after the header's start. */
static struct reader
texts(const struct smb1 *x, size_t at, size_t len)
{
	struct reader r = rd_at(&x->m, 0, at + len);

	rd_skip(&r, at);
	return r;
}

/*
 * The next text of B, in the character set of the message; UTF-16 is aligned
 * from the start of the header.  CUT: its end was not captured.
 */
static struct str
next_text(const struct smb1 *x, struct reader *b, bool *cut)
{
	bool wide = (x->flags2 & FLAG2_UNICODE) != 0;
	size_t unit = wide ? 2 : 1, n = 0, have;
	struct reader ahead;
	const uint8_t *p;

	if (wide && rd_pos(b) % 2 != 0 && rd_left(b) > 0)
		rd_skip(b, 1);
	*cut = b->state == RD_SHORT;
	ahead = *b;
	have = rd_have(b);
	p = rd_bytes(&ahead, have);
	if (p == NULL)
		return (struct str){ NULL, 0 };
	while (n + unit <= have && (p[n] != 0 || (wide && p[n + 1] != 0)))
		n += unit;
	*cut = n + unit > have && b->missing > 0;
	rd_skip(b, n + unit > have ? have : n + unit);
	return wide ? text_utf16(x->a.d, p, n) : text_utf8(x->a.d, p, n);
}

/* --- NEGOTIATE -------------------------------------------------------- */

/* Number of the SMB2 dialect called TEXT, MS-SMB2 3.2.4.2.2.1; 0: none. */
static int64_t
smb2_dialect(const char *text)
{
	if (strcmp(text, "SMB 2.002") == 0)
		return 0x0202;
	if (strcmp(text, "SMB 2.???") == 0)
		return 0x02ff;
	return 0;
}

static void
negotiate_request(struct smb1 *x)
{
	int64_t dialects[DIALECTS_MAX];
	char text[DIALECT_TEXT];
	struct reader b = x->body, list;
	size_t n = 0, len = 0;
	struct event ev;

	event_begin(&ev, x->a.f, x->a.dir, EV_smb_negotiate);
	rd_skip(&b, x->words * 2);
	list = rd_sub(&b, rd_le16(&b));
	while (rd_have(&list) > 0) {
		char c = (char)rd_u8(&list);

		if (c != '\0') {
			if (len < sizeof(text) - 1)
				text[len++] = c;
			continue;
		}
		text[len] = '\0';
		len = 0;
		/* Each is preceded by a format octet, 2. */
		if (n < DIALECTS_MAX && text[0] == 2 &&
		    smb2_dialect(text + 1) != 0)
			dialects[n++] = smb2_dialect(text + 1);
	}
	if (!smb_usable(&x->a, &b, "SMB NEGOTIATE request, MS-CIFS 2.2.4.52.1"))
		return;
	ev.cut = !rd_ok(&b) || list.missing > 0;
	ev.u.smb_negotiate.smb1 = 1;
	ev.u.smb_negotiate.signing_required = (x->flags2 &
						  FLAG2_SIGNING_REQUIRED) != 0;
	ev.u.smb_negotiate.dialects = (struct ints){ dialects, n };
	post(x->a.d, &ev);
}

/* What NT LM 0.12 servers say after the dialect, MS-SMB 2.2.4.5.2. */
static struct reader
nt_negotiated(struct reader *b, struct event *ev)
{
	struct reader data, guid;
	uint32_t capabilities;
	const uint8_t *p;

	ev->u.smb_negotiated.signing_required = (rd_u8(b) &
						    MODE_SIGNING_REQUIRED) != 0;
	rd_skip(b, 16);
	capabilities = rd_le32(b);
	ev->u.smb_negotiated.system_time = rd_filetime(b);
	rd_skip(b, 3);
	data = rd_sub(b, rd_le16(b));
	if ((capabilities & CAP_EXTENDED_SECURITY) == 0)
		return rd_make(NULL, 0, 0);
	guid = rd_sub(&data, 16);
	p = rd_bytes(&guid, 16);
	if (p != NULL)
		ev->u.smb_negotiated.guid = (struct bytes){ p, 16 };
	return rd_rest(&data);
}

static void
negotiate_response(struct smb1 *x)
{
	const char *what = "SMB NEGOTIATE response, MS-CIFS 2.2.4.52.2";
	struct reader b = x->body, token = rd_make(NULL, 0, 0);
	struct event ev;

	event_begin(&ev, x->a.f, x->a.dir, EV_smb_negotiated);
	ev.u.smb_negotiated.smb1 = 1;
	ev.u.smb_negotiated.status = x->status;
	if (x->words > 0 && rd_le16(&b) != NO_DIALECT && x->words == 17)
		token = nt_negotiated(&b, &ev);
	if (!smb_usable(&x->a, &b, what) || !smb_usable(&x->a, &token, what))
		return;
	ev.cut = !rd_ok(&b);
	post(x->a.d, &ev);
	smb_token(&x->a, 0, token);
}

/* --- SESSION_SETUP_ANDX ----------------------------------------------- */

/*
 * Without extended security the user's name is in clear beside two NTLM
 * responses, MS-CIFS 2.2.4.53.1: EV_ntlm as if it were an AUTHENTICATE.
 * Half a name is another user's, so what was cut is left out.
 */
static void
plain_setup(struct smb1 *x, struct reader *b)
{
	size_t ansi, wide, at, len;
	struct str user, domain;
	bool cut, domain_cut;
	struct reader data;
	struct event ev;

	event_begin(&ev, x->a.f, x->a.dir, EV_ntlm);
	ansi = rd_le16(b);
	wide = rd_le16(b);
	rd_skip(b, 8);
	len = rd_le16(b);
	if (rd_ok(b) && (ansi + wide > len || len > rd_left(b)))
		rd_bad(b);
	if (!smb_usable(&x->a, b, "SMB SESSION_SETUP_ANDX, MS-CIFS 2.2.4.53.1"))
		return;
	/* WordCount, 13 words and ByteCount lie before. */
	at = x->offset + 1 + 13 * 2 + 2 + ansi + wide;
	data = texts(x, at, rd_ok(b) ? len - ansi - wide : 0);
	user = next_text(x, &data, &cut);
	domain = next_text(x, &data, &domain_cut);
	ev.xid = x->xid = smb_setup_request(x->c, x->mid, x->uid, false);
	ev.cut = cut || domain_cut || !rd_ok(b);
	ev.u.ntlm.type = 3;
	if (!cut)
		ev.u.ntlm.user = user;
	if (!domain_cut)
		ev.u.ntlm.domain = domain;
	ev.u.ntlm.anonymous = !ev.cut && user.len == 0 && wide == 0 &&
	    ansi <= 1;
	post(x->a.d, &ev);
}

static void
setup_request(struct smb1 *x)
{
	const char *what = "SMB SESSION_SETUP_ANDX, MS-SMB 2.2.4.6.1";
	struct reader b = x->body, token;
	size_t len;

	rd_skip(&b, 14);
	if (x->words == 13) {
		plain_setup(x, &b);
		return;
	}
	if (x->words != 12)
		return;
	len = rd_le16(&b);
	rd_skip(&b, 10);
	token = rd_sub(&b, len);
	if (!smb_usable(&x->a, &b, what))
		return;
	x->xid = smb_setup_request(x->c, x->mid, x->uid, false);
	smb_token(&x->a, x->xid, token);
}

static void
setup_response(struct smb1 *x)
{
	const char *what = "SMB SESSION_SETUP_ANDX, MS-SMB 2.2.4.6.2";
	struct reader b = x->body, token = rd_make(NULL, 0, 0);
	uint32_t status = x->status;
	uint16_t action = 0, len;
	struct auth a;

	/* The status is that of the last command of the chain. */
	if (x->words >= 3 && x->andx == CMD_TREE_CONNECT)
		status = NT_SUCCESS;
	if (x->words >= 3) {
		rd_skip(&b, 4);
		action = rd_le16(&b);
	}
	if (x->words == 4) {
		len = rd_le16(&b);
		rd_skip(&b, 2);
		token = rd_sub(&b, len);
	}
	if (!smb_usable(&x->a, &b, what))
		return;
	x->xid = smb_setup_reply(x->c, x->mid, x->uid, status);
	a = smb_auth(&x->a, x->xid);
	smb_token(&x->a, x->xid, token);
	smb_post_session(&a, status, action & 1,
	    (x->flags2 & FLAG2_SIGNED) != 0, !rd_ok(&b) || token.missing > 0);
}

/* --- TREE_CONNECT_ANDX ------------------------------------------------ */

static void
tree_request(struct smb1 *x)
{
	struct reader b = x->body, data;
	struct auth a = smb_auth(&x->a, x->xid);
	size_t password, len;
	struct str path;
	bool cut;

	if (x->words != 4)
		return;
	rd_skip(&b, 6);
	password = rd_le16(&b);
	len = rd_le16(&b);
	if (rd_ok(&b) && (password > len || len > rd_left(&b)))
		rd_bad(&b);
	if (!smb_usable(&x->a, &b, "SMB TREE_CONNECT_ANDX, MS-CIFS 2.2.4.55.1"))
		return;
	if (a.xid == 0)
		a.xid = smb_session_xid(x->c, x->uid);
	smb_expect(x->c, SMB_TREE, x->mid, a.xid);
	if (!rd_ok(&b))
		return;
	/* WordCount, four words, ByteCount and password lie before. */
	data = texts(x, x->offset + 1 + 8 + 2 + password, len - password);
	path = next_text(x, &data, &cut);
	if (path.len > 0)
		smb_post_target(&a, path, cut);
}

static void
tree_response(struct smb1 *x)
{
	uint64_t xid = smb_expected(x->c, SMB_TREE, x->mid);
	struct auth a;

	if (xid == 0)
		xid = x->xid;
	if (xid == 0)
		xid = smb_session_xid(x->c, x->uid);
	a = smb_auth(&x->a, xid);
	smb_post_access(&a, x->status);
}

/* --- chains ----------------------------------------------------------- */

static const struct carrier smb1_name = { .name = "smb1" };

/*
 * Errors of DOS (class and code) become the NTSTATUS that Samba gives them;
 * 2/2 is what Windows NT says to a wrong password.
 */
static uint32_t
nt_status(uint32_t status, uint16_t flags2)
{
	uint32_t class = status & 0xff, code = status >> 16;

	if (status == 0 || (flags2 & FLAG2_NT_STATUS) != 0)
		return status;
	if (class == 2 && code == 2)
		return 0xc000006du;
	return 0xf1000000u | class << 16 | code;
}

static void
read_header(struct smb1 *x, struct reader *r, uint8_t *command)
{
	uint32_t status;
	uint64_t pid;

	rd_skip(r, 4);
	*command = rd_u8(r);
	status = rd_le32(r);
	x->reply = (rd_u8(r) & FLAG_REPLY) != 0;
	x->flags2 = rd_le16(r);
	x->status = nt_status(status, x->flags2);
	pid = (uint64_t)rd_le16(r) << 16;
	rd_skip(r, 12);
	pid |= rd_le16(r);
	x->uid = rd_le16(r);
	x->mid = pid << 16 | rd_le16(r);
}

static void
one_command(struct smb1 *x, uint8_t command)
{
	switch (command) {
	case CMD_NEGOTIATE:
		(x->reply ? negotiate_response : negotiate_request)(x);
		break;
	case CMD_SESSION_SETUP:
		(x->reply ? setup_response : setup_request)(x);
		break;
	case CMD_TREE_CONNECT:
		(x->reply ? tree_response : tree_request)(x);
		break;
	}
}

/* Sets X to the command at AT; says whether another one may follow it. */
static bool
at_command(struct smb1 *x, size_t at, uint8_t command)
{
	struct reader r = rd_at(&x->m, at, rd_left(&x->m) - at), andx;

	x->words = rd_u8(&r);
	x->body = andx = rd_rest(&r);
	x->offset = at;
	x->andx = 0xff;
	if (command == CMD_NEGOTIATE || x->words < 2)
		return false;
	x->andx = rd_u8(&andx);
	return rd_ok(&andx);
}

static void
chain(struct smb1 *x, uint8_t command)
{
	size_t at = SMB1_HEADER;

	for (int i = 0; i < ANDX_MAX && at < rd_left(&x->m); i++) {
		bool more = at_command(x, at, command);
		struct reader andx = x->body;
		size_t next;

		if (!rd_ok(&x->body) || rd_have(&x->body) == 0)
			return;
		one_command(x, command);
		rd_skip(&andx, 2);
		next = rd_le16(&andx);
		if (!more || !rd_ok(&andx) || x->andx == 0xff || next <= at)
			return;
		command = x->andx;
		at = next;
	}
}

void
smb1_message(struct dissector *d, struct flow *f, int dir, struct reader m)
{
	struct smb1 x = {
		.a = { .d = d, .f = f, .dir = dir },
		.c = smb_conn(f),
	};
	const struct carrier *carrier = f->carrier;
	struct reader r = m;
	uint8_t command;

	x.m = m;
	read_header(&x, &r, &command);
	if (!rd_ok(&r))
		return;
	/* As in smb2.c: never with the addresses exchanged. */
	if (x.reply != (dir == TO_CLIENT))
		return;
	/* The request is SMB2's beginning, too. */
	if (x.reply || command != CMD_NEGOTIATE)
		f->carrier = &smb1_name;
	chain(&x, command);
	f->carrier = carrier;
}
