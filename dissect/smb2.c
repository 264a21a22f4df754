/*
 * smb2.c - the messages of SMB 2 and 3 that a log-on consists of, MS-SMB2:
 * NEGOTIATE 2.2.3 and 2.2.4, SESSION_SETUP 2.2.5 and 2.2.6, TREE_CONNECT
 * 2.2.9 and 2.2.10, in chains (2.2.1, NextCommand) as well; and of IOCTL
 * 2.2.32 the referrals of DFS.
 *
 * The status of a session setup says little: Windows and Samba send a
 * KRB-ERROR under MORE_PROCESSING_REQUIRED, so the token of a response is
 * read before its status is posted.
 */
#include "smb.h"

#define FLAG_RESPONSE 0x00000001u
#define FLAG_RELATED 0x00000004u
#define FLAG_SIGNED 0x00000008u

#define SIGNING_REQUIRED 0x0002u /* SecurityMode */
#define CAP_ENCRYPTION 0x00000040u
#define SETUP_BINDING 0x01u /* Flags of SESSION_SETUP */
#define DIALECT_311 0x0311u
#define CONTEXT_ENCRYPTION 2u /* 2.2.3.1.2 */
#define CONTEXTS_MAX 32
#define DIALECTS_MAX 64

#define NO_SESSION UINT64_MAX /* in related requests */

/* One message of a chain. */
struct smb2 {
	struct auth a; /* of no authentication yet */
	struct smb_conn *c;
	struct reader m; /* from the header on */
	struct reader body;
	uint32_t status;
	uint16_t command;
	uint32_t flags;
	uint32_t next;
	uint64_t mid;
	uint64_t session;
};

/*
 * The buffer of LEN octets at OFFSET from the header, of which B has told;
 * empty when there is none or B was cut.
 */
static struct reader
buffer(const struct smb2 *x, const struct reader *b, uint16_t offset,
    uint16_t len)
{
	struct reader r = rd_make(NULL, 0, 0);

	if (!rd_ok(b) || len == 0)
		return r;
	if (offset >= SMB2_HEADER)
		return rd_at(&x->m, offset, len);
	rd_bad(&r);
	return r;
}

/* --- NEGOTIATE -------------------------------------------------------- */

static void
negotiate_request(struct smb2 *x)
{
	struct reader b = x->body;
	int64_t dialects[DIALECTS_MAX];
	size_t count, n = 0;
	const uint8_t *guid;
	struct event ev;

	event_begin(&ev, x->a.f, x->a.dir, EV_smb_negotiate);
	rd_skip(&b, 2);
	count = rd_le16(&b);
	ev.u.smb_negotiate.signing_required = (rd_le16(&b) &
						  SIGNING_REQUIRED) != 0;
	rd_skip(&b, 6);
	guid = rd_bytes(&b, 16);
	if (guid != NULL)
		ev.u.smb_negotiate.guid = (struct bytes){ guid, 16 };
	rd_skip(&b, 8);
	while (n < count && n < DIALECTS_MAX && rd_ok(&b)) {
		dialects[n] = rd_le16(&b);
		if (rd_ok(&b))
			n++;
	}
	if (!smb_usable(&x->a, &b, "SMB2 NEGOTIATE request, MS-SMB2 2.2.3"))
		return;
	ev.u.smb_negotiate.dialects = (struct ints){ dialects, n };
	ev.cut = !rd_ok(&b);
	post(x->a.d, &ev);
}

/*
 * Whether COUNT contexts at OFFSET hold a cipher: how a 3.1.1 server says
 * that it can encrypt, MS-SMB2 2.2.4.1.
 */
static bool
cipher_chosen(const struct smb2 *x, uint32_t offset, unsigned count)
{
	struct reader r = x->m;

	if (offset < SMB2_HEADER || offset > rd_left(&r))
		return false;
	r = rd_at(&x->m, offset, rd_left(&x->m) - offset);
	for (unsigned i = 0; i < count && i < CONTEXTS_MAX; i++) {
		uint16_t type = rd_le16(&r), len = rd_le16(&r);
		struct reader data;

		rd_skip(&r, 4);
		data = rd_sub(&r, len);
		if (type == CONTEXT_ENCRYPTION) {
			uint16_t ciphers = rd_le16(&data);

			return ciphers > 0 && rd_le16(&data) != 0;
		}
		if (rd_left(&r) > 0)
			rd_skip(&r, -len & 7);
		if (!rd_ok(&r))
			break;
	}
	return false;
}

static void
negotiate_fields(struct smb2 *x, struct reader *b, struct event *ev,
    struct reader *token)
{
	const uint8_t *guid;
	uint16_t contexts, offset, len;
	uint32_t capabilities, where;

	rd_skip(b, 2);
	ev->u.smb_negotiated.signing_required = (rd_le16(b) &
						    SIGNING_REQUIRED) != 0;
	ev->u.smb_negotiated.dialect = rd_le16(b);
	if (!rd_ok(b))
		ev->u.smb_negotiated.dialect = EV_ABSENT;
	contexts = rd_le16(b);
	guid = rd_bytes(b, 16);
	if (guid != NULL)
		ev->u.smb_negotiated.guid = (struct bytes){ guid, 16 };
	capabilities = rd_le32(b);
	rd_skip(b, 12);
	ev->u.smb_negotiated.system_time = rd_filetime(b);
	ev->u.smb_negotiated.boot_time = rd_filetime(b);
	offset = rd_le16(b);
	len = rd_le16(b);
	where = rd_le32(b);
	if (ev->u.smb_negotiated.dialect == DIALECT_311)
		ev->u.smb_negotiated.encryption = rd_ok(b) &&
		    cipher_chosen(x, where, contexts);
	else
		ev->u.smb_negotiated.encryption = (capabilities &
						      CAP_ENCRYPTION) != 0;
	*token = buffer(x, b, offset, len);
}

static void
negotiate_response(struct smb2 *x)
{
	const char *what = "SMB2 NEGOTIATE response, MS-SMB2 2.2.4";
	struct reader b = x->body, token = rd_make(NULL, 0, 0);
	struct event ev;

	event_begin(&ev, x->a.f, x->a.dir, EV_smb_negotiated);
	ev.u.smb_negotiated.status = x->status;
	if (x->status == NT_SUCCESS)
		negotiate_fields(x, &b, &ev, &token);
	if (!smb_usable(&x->a, &b, what) || !smb_usable(&x->a, &token, what))
		return;
	ev.cut = !rd_ok(&b);
	post(x->a.d, &ev);
	smb_token(&x->a, 0, token);
}

/* --- SESSION_SETUP ---------------------------------------------------- */

static void
setup_request(struct smb2 *x)
{
	const char *what = "SMB2 SESSION_SETUP request, MS-SMB2 2.2.5";
	struct reader b = x->body, token;
	uint16_t offset, len;
	uint8_t flags;
	uint64_t xid;

	rd_skip(&b, 2);
	flags = rd_u8(&b);
	rd_skip(&b, 9);
	offset = rd_le16(&b);
	len = rd_le16(&b);
	token = buffer(x, &b, offset, len);
	if (!smb_usable(&x->a, &b, what) || !smb_usable(&x->a, &token, what))
		return;
	xid = smb_setup_request(x->c, x->mid, x->session,
	    (flags & SETUP_BINDING) != 0);
	smb_token(&x->a, xid, token);
}

/*
 * Body of an answer that is neither success nor "more": an ERROR response
 * (2.2.2), which some servers leave out, or a session setup response all the
 * same.  Both are 9 octets long; the offset of a buffer tells them apart.
 */
static struct reader
token_of_refusal(const struct smb2 *x)
{
	struct reader b = x->body, token;
	uint16_t offset, len;

	rd_skip(&b, 4);
	offset = rd_le16(&b);
	len = rd_le16(&b);
	token = buffer(x, &b, offset, len);
	return token.state == RD_BAD ? rd_make(NULL, 0, 0) : token;
}

static void
setup_response(struct smb2 *x)
{
	const char *what = "SMB2 SESSION_SETUP response, MS-SMB2 2.2.6";
	struct reader b = x->body, token;
	uint16_t flags = 0, offset, len;
	struct auth a;

	if (x->status == NT_SUCCESS || x->status == NT_MORE_PROCESSING) {
		rd_skip(&b, 2);
		flags = rd_le16(&b);
		offset = rd_le16(&b);
		len = rd_le16(&b);
		token = buffer(x, &b, offset, len);
		if (!smb_usable(&x->a, &b, what) ||
		    !smb_usable(&x->a, &token, what))
			return;
	} else {
		token = token_of_refusal(x);
	}
	a = smb_auth(&x->a,
	    smb_setup_reply(x->c, x->mid, x->session, x->status));
	smb_token(&x->a, a.xid, token);
	smb_post_session(&a, x->status, flags, (x->flags & FLAG_SIGNED) != 0,
	    !rd_ok(&b) || token.missing > 0);
}

/* --- TREE_CONNECT ----------------------------------------------------- */

static void
tree_request(struct smb2 *x)
{
	const char *what = "SMB2 TREE_CONNECT request, MS-SMB2 2.2.9";
	struct reader b = x->body, path;
	uint16_t offset, len;
	struct auth a;
	size_t have;

	rd_skip(&b, 4);
	offset = rd_le16(&b);
	len = rd_le16(&b);
	path = buffer(x, &b, offset, len);
	if (!smb_usable(&x->a, &b, what) || !smb_usable(&x->a, &path, what))
		return;
	a = smb_auth(&x->a, smb_session_xid(x->c, x->session));
	smb_expect(x->c, SMB_TREE, x->mid, a.xid);
	have = rd_have(&path) & ~(size_t)1;
	if (have == 0)
		return;
	smb_post_target(&a, text_utf16(x->a.d, rd_bytes(&path, have), have),
	    path.missing > 0);
}

/* A server may leave SessionId of a related response out (3.3.4.1.3). */
static void
tree_response(struct smb2 *x)
{
	uint64_t xid = smb_expected(x->c, SMB_TREE, x->mid);
	struct auth a;

	if (xid == 0)
		xid = smb_session_xid(x->c, x->session);
	a = smb_auth(&x->a, xid);
	smb_post_access(&a, x->status);
}

/* --- IOCTL ------------------------------------------------------------ */

/* Of all that one can ask, only where a DFS path leads. */
static void
ioctl_response(struct smb2 *x)
{
	struct reader b = x->body;
	uint32_t code, offset, len;

	if (x->status != NT_SUCCESS)
		return;
	rd_skip(&b, 4);
	code = rd_le32(&b);
	rd_skip(&b, 24);
	offset = rd_le32(&b);
	len = rd_le32(&b);
	if (!rd_ok(&b) || offset < SMB2_HEADER ||
	    (code != FSCTL_DFS_GET_REFERRALS &&
		code != FSCTL_DFS_GET_REFERRALS_EX))
		return;
	smb_dfs_referral(&x->a, rd_at(&x->m, offset, len));
}

/* --- chains ----------------------------------------------------------- */

/* By command: request, response. */
static void (*const handlers[][2])(struct smb2 *x) = {
	[0] = { negotiate_request, negotiate_response },
	[SMB_SETUP] = { setup_request, setup_response },
	[SMB_TREE] = { tree_request, tree_response },
	[SMB_IOCTL] = { NULL, ioctl_response },
};

static bool
read_header(struct smb2 *x)
{
	struct reader r = x->m;

	if (rd_be32(&r) != SMB2_MAGIC || rd_le16(&r) != SMB2_HEADER)
		rd_bad(&r);
	rd_skip(&r, 2);
	x->status = rd_le32(&r);
	x->command = rd_le16(&r);
	rd_skip(&r, 2);
	x->flags = rd_le32(&r);
	x->next = rd_le32(&r);
	x->mid = rd_le64(&r);
	rd_skip(&r, 8);
	x->session = rd_le64(&r);
	rd_skip(&r, 16);
	x->body = rd_rest(&r);
	return smb_usable(&x->a, &r, "SMB2 header, MS-SMB2 2.2.1") && rd_ok(&r);
}

/*
 * A request from the side that is taken for the server, or the reverse, is
 * not read: it would be posted with its addresses exchanged.
 */
static void
one_message(struct smb2 *x)
{
	int response = (x->flags & FLAG_RESPONSE) != 0;

	if (response != (x->a.dir == TO_CLIENT))
		return;
	if (x->command >= sizeof(handlers) / sizeof(handlers[0]))
		return;
	/* The answer proper comes later, MS-SMB2 3.3.4.2. */
	if (response && x->status == NT_PENDING)
		return;
	if (handlers[x->command][response] != NULL)
		handlers[x->command][response](x);
}

/*
 * A chain goes on after what the TCP layer stepped over, too, but nothing of
 * it was kept: its header is then short, and the walk ends.
 */
void
smb2_message(struct dissector *d, struct flow *f, int dir, struct reader m)
{
	struct smb2 x = {
		.a = { .d = d, .f = f, .dir = dir },
		.c = smb_conn(f),
	};
	uint64_t session = NO_SESSION;
	size_t at = 0, left = rd_left(&m);

	for (x.m = m;; x.m = rd_at(&m, at, left)) {
		if (!read_header(&x))
			return;
		if ((x.flags & FLAG_RELATED) != 0 && x.session == NO_SESSION)
			x.session = session;
		if (x.session == NO_SESSION)
			x.session = 0;
		session = x.session;
		if (x.next != 0 && (x.next % 8 != 0 || x.next > left)) {
			post_malformed(d, f, dir,
			    "SMB2 NextCommand, MS-SMB2 2.2.1");
			return;
		}
		if (x.next != 0)
			x.m = rd_at(&m, at, x.next);
		if (x.next != 0)
			x.body = rd_at(&x.m, SMB2_HEADER, x.next - SMB2_HEADER);
		one_message(&x);
		if (x.next == 0)
			return;
		at += x.next;
		left -= x.next;
	}
}
