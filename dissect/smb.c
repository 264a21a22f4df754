/*
 * smb.c - SMB over TCP: where a message ends, what of it is worth keeping,
 * and which authentication it belongs to.
 *
 * Direct TCP transport (port 445): MS-SMB2 2.1, MS-SMB 2.1; a zero octet and
 * a length of 24 bits.  NetBIOS session service (port 139): RFC 1002 4.3, a
 * type, seven flags and a length of 17 bits; both are read alike.
 *
 * Log-ons are a few messages among gigabytes of files, so of everything but
 * negotiate, session setup, log-off and tree (dis)connect only the header is
 * taken; the TCP layer steps over the rest.
 *
 * One connection carries many authentications, also at the same time: a
 * terminal server logs all its users on through one, and Windows begins the
 * next session while the KDC of the first still works.  SessionId is zero in
 * the first request and known from the first response on, so the MessageId
 * joins those two, and the SessionId the rest.
 */
#include <stdlib.h>

#include "flow.h"
#include "smb.h"

#define NBSS_HEADER 4
#define NBSS_TYPE(header) ((uint8_t)((header) >> 24))
#define NBSS_LENGTH(header) ((header)&0xffffff)
#define NBSS_MESSAGE 0x00
#define NBSS_REQUEST 0x81
#define NBSS_POSITIVE 0x82
#define NBSS_NEGATIVE 0x83
#define NBSS_RETARGET 0x84
#define NBSS_KEEPALIVE 0x85

/* Octets of an SMB2 header that tell command and NextCommand. */
#define IOCTL_HEAD (SMB2_HEADER + 8) /* up to its CtlCode */
#define SMB2_HEAD 24
/* How far into a chain of SMB2 messages is looked for a log-on. */
#define CHAIN_MAX 8192

/* --- authentications of a connection ---------------------------------- */

struct smb_conn *
smb_conn(struct flow *f)
{
	if (f->state == NULL)
		f->state = must_alloc(sizeof(struct smb_conn));
	return f->state;
}

static void
release(struct flow *f)
{
	struct smb_conn *c = f->state;

	if (c == NULL)
		return;
	free(c->sessions.slot);
	free(c->requests.slot);
	free(c);
	f->state = NULL;
}

static struct smb_slot *
table_find(const struct smb_table *t, uint64_t key)
{
	for (unsigned i = 0; i < t->used; i++)
		if (t->slot[i].key == key)
			return &t->slot[i];
	return NULL;
}

static void
table_grow(struct smb_table *t)
{
	t->room = t->room == 0 ? 4 : t->room * 2;
	t->slot = must_grow(t->slot, t->room * sizeof(*t->slot));
}

/* A slot for KEY; when the table is full, that of the oldest log-on. */
static struct smb_slot *
table_add(struct smb_table *t, uint64_t key)
{
	struct smb_slot *s;

	if (t->used == t->room && t->room < SMB_MAX_SLOTS)
		table_grow(t);
	s = t->slot;
	if (t->used < t->room) {
		s = &t->slot[t->used++];
	} else {
		for (unsigned i = 1; i < t->used; i++)
			if (t->slot[i].xid < s->xid)
				s = &t->slot[i];
	}
	*s = (struct smb_slot){ .key = key };
	return s;
}

static void
table_remove(struct smb_table *t, struct smb_slot *s)
{
	*s = t->slot[--t->used];
}

struct smb_slot *
smb_session(struct smb_conn *c, uint64_t session)
{
	struct smb_slot *s = table_find(&c->sessions, session);

	if (s == NULL)
		s = table_add(&c->sessions, session);
	if (s->xid == 0)
		s->xid = ++c->xids;
	return s;
}

uint64_t
smb_session_xid(struct smb_conn *c, uint64_t session)
{
	return session != 0 ? smb_session(c, session)->xid : 0;
}

/* SESSION is that of authentication XID, which is still OPEN or decided. */
static void
session_set(struct smb_conn *c, uint64_t session, uint64_t xid, bool open)
{
	struct smb_slot *s = table_find(&c->sessions, session);

	if (s == NULL)
		s = table_add(&c->sessions, session);
	s->xid = xid;
	s->open = open;
}

/* SMB1 chains commands behind one MID, so that alone names no request. */
static struct smb_slot *
request_find(const struct smb_conn *c, uint16_t command, uint64_t mid)
{
	for (unsigned i = 0; i < c->requests.used; i++)
		if (c->requests.slot[i].key == mid &&
		    c->requests.slot[i].command == command)
			return &c->requests.slot[i];
	return NULL;
}

struct smb_slot *
smb_expect(struct smb_conn *c, uint16_t command, uint64_t mid, uint64_t xid)
{
	struct smb_slot *q = request_find(c, command, mid);

	if (q == NULL)
		q = table_add(&c->requests, mid);
	q->command = command;
	q->xid = xid;
	q->first = false;
	return q;
}

uint64_t
smb_expected(struct smb_conn *c, uint16_t command, uint64_t mid)
{
	struct smb_slot *q = request_find(c, command, mid);
	uint64_t xid;

	if (q == NULL)
		return 0;
	xid = q->xid;
	table_remove(&c->requests, q);
	return xid;
}

/*
 * The answer that told the SessionId was not captured: if a single first
 * request waits for one, the second leg is its.
 */
static uint64_t
lone_first_leg(struct smb_conn *c)
{
	struct smb_slot *lone = NULL;
	uint64_t xid;

	for (unsigned i = 0; i < c->requests.used; i++) {
		struct smb_slot *q = &c->requests.slot[i];

		if (!q->first)
			continue;
		if (lone != NULL)
			return 0;
		lone = q;
	}
	if (lone == NULL)
		return 0;
	xid = lone->xid;
	table_remove(&c->requests, lone);
	return xid;
}

uint64_t
smb_setup_request(struct smb_conn *c, uint64_t mid, uint64_t session,
    bool binding)
{
	struct smb_slot *s = NULL;
	uint64_t xid = 0;

	if (session != 0)
		s = table_find(&c->sessions, session);
	if (s != NULL && s->open)
		xid = s->xid;
	else if (session != 0 && s == NULL && !binding)
		xid = lone_first_leg(c);
	if (xid == 0)
		xid = ++c->xids;
	if (session != 0)
		session_set(c, session, xid, true);
	smb_expect(c, SMB_SETUP, mid, xid)->first = session == 0;
	return xid;
}

uint64_t
smb_setup_reply(struct smb_conn *c, uint64_t mid, uint64_t session,
    uint32_t status)
{
	struct smb_slot *s = NULL;
	uint64_t xid = smb_expected(c, SMB_SETUP, mid);

	if (session != 0)
		s = table_find(&c->sessions, session);
	if (xid == 0 && s != NULL && s->open)
		xid = s->xid;
	if (xid == 0)
		xid = ++c->xids;
	if (status == NT_SUCCESS || status == NT_MORE_PROCESSING) {
		if (session != 0)
			session_set(c, session, xid,
			    status == NT_MORE_PROCESSING);
	} else if (s != NULL) {
		table_remove(&c->sessions, s);
	}
	return xid;
}

/* --- what SMB1 and SMB2 share ----------------------------------------- */

struct auth
smb_auth(const struct auth *a, uint64_t xid)
{
	struct auth of = *a;

	of.xid = xid;
	return of;
}

bool
smb_usable(const struct auth *a, const struct reader *r, const char *what)
{
	if (r->state != RD_BAD)
		return true;
	post_malformed(a->d, a->f, a->dir, what);
	return false;
}

void
smb_token(const struct auth *a, uint64_t xid, struct reader token)
{
	struct auth of = smb_auth(a, xid);

	if (rd_left(&token) > 0)
		gss_token(&of, token);
}

static void
auth_event(struct event *ev, const struct auth *a, enum event_kind kind)
{
	event_begin(ev, a->f, a->dir, kind);
	ev->xid = a->xid;
}

static struct str
outcome(uint32_t status)
{
	if (status == NT_MORE_PROCESSING)
		return (struct str){ "more", 4 };
	if (status == NT_SUCCESS)
		return (struct str){ "ok", 2 };
	return (struct str){ "refused", 7 };
}

void
smb_post_session(const struct auth *a, uint32_t status, uint16_t flags,
    bool is_signed, bool cut)
{
	struct event ev;

	auth_event(&ev, a, EV_auth_reply);
	ev.cut = cut;
	ev.u.auth_reply.outcome = outcome(status);
	ev.u.auth_reply.status = status;
	ev.u.auth_reply.guest = (flags & 1) != 0;
	ev.u.auth_reply.null_session = (flags & 2) != 0;
	post(a->d, &ev);

	auth_event(&ev, a, EV_smb_session);
	ev.cut = cut;
	ev.u.smb_session.status = status;
	ev.u.smb_session.flags = flags;
	ev.u.smb_session.is_signed = is_signed;
	post(a->d, &ev);
}

static struct str
skip_backslashes(struct str s)
{
	while (s.len > 0 && s.p[0] == '\\') {
		s.p++;
		s.len--;
	}
	return s;
}

/*
 * Half a host name is another host's name, so what was cut inside it is left
 * out.
 */
void
smb_post_target(const struct auth *a, struct str path, bool cut)
{
	struct str host = skip_backslashes(path), rest;
	struct event ev;
	size_t n = 0;

	auth_event(&ev, a, EV_target);
	while (n < host.len && host.p[n] != '\\')
		n++;
	rest = (struct str){ host.p + n, host.len - n };
	host.len = n;
	if (cut && rest.len == 0)
		host.len = 0;
	ev.cut = cut;
	ev.u.target.host = host;
	ev.u.target.resource = skip_backslashes(rest);
	post(a->d, &ev);
}

void
smb_post_access(const struct auth *a, uint32_t status)
{
	struct event ev;

	auth_event(&ev, a, EV_access);
	ev.u.access.what = (struct str){ "tree-connect", 12 };
	ev.u.access.status = status;
	post(a->d, &ev);
}

/* --- framing ---------------------------------------------------------- */

/* Least length of a message that begins with MAGIC; 0: not SMB. */
static size_t
least_length(uint32_t magic)
{
	switch (magic) {
	case SMB2_MAGIC:
		return SMB2_HEADER;
	case SMB1_MAGIC:
		return SMB1_HEADER;
	case SEALED_MAGIC:
		return SEALED_HEADER;
	case PACKED_MAGIC:
		return PACKED_HEADER;
	}
	return 0;
}

/* Length that RFC 1002 4.3 gives the control packets. */
static bool
control_packet(uint8_t type, size_t length)
{
	switch (type) {
	case NBSS_REQUEST:
		return length >= 4 && length <= 1024;
	case NBSS_POSITIVE:
	case NBSS_KEEPALIVE:
		return length == 0;
	case NBSS_NEGATIVE:
		return length == 1;
	case NBSS_RETARGET:
		return length == 6;
	}
	return false;
}

static struct framing
need(size_t length)
{
	return (struct framing){ .what = FRAMING_NEED, .length = length };
}

static struct framing
framed(size_t length, size_t keep)
{
	return (struct framing){
		.what = FRAMING_MESSAGE,
		.length = length,
		.keep = keep < length ? keep : length,
	};
}

static struct framing
lost_place(void)
{
	return (struct framing){ .what = FRAMING_LOST };
}

/*
 * Negotiate, session setup and tree connect; log-off and tree disconnect with
 * what is chained to them.
 */
static bool
smb2_wanted(uint16_t command, bool alone)
{
	return command <= 4 &&
	    (!alone || (command != SMB_LOGOFF && command != SMB_UNTREE));
}

/* Whether M, at NextCommand of a header, goes on to a question about DFS. */
static bool
is_dfs_question(struct reader m)
{
	uint32_t code;

	rd_skip(&m, SMB2_HEADER - SMB2_HEAD + 4);
	code = rd_le32(&m);
	return code == FSCTL_DFS_GET_REFERRALS ||
	    code == FSCTL_DFS_GET_REFERRALS_EX;
}

/*
 * Whether a header with StructureSize SIZE and NextCommand NEXT is as it
 * should be at the head of a chain of LEFT octets, which are enough for it; if
 * not, that is told.
 */
static bool
smb2_sound(uint16_t size, uint32_t next, size_t left)
{
	return size == SMB2_HEADER &&
	    (next == 0 ||
		(next >= SMB2_HEADER && next % 8 == 0 &&
		    next <= left - SMB2_HEADER));
}

static bool
smb1_wanted(uint8_t command)
{
	return command >= 0x71 && command <= 0x75;
}

/*
 * M is the head of a chain of SMB2 messages.  Says how many octets decide
 * whether one of them is wanted, or 0 when that is decided: KEEP octets are.
 */
static size_t
look_through_chain(struct reader m, size_t length, size_t *keep)
{
	*keep = 0;
	for (size_t at = 0; at + SMB2_HEADER <= length;) {
		size_t past = rd_have(&m);
		uint16_t size, command;
		uint32_t next;

		if (past < SMB2_HEAD)
			return at + SMB2_HEAD;
		if (rd_be32(&m) != SMB2_MAGIC)
			return 0;
		size = rd_le16(&m);
		rd_skip(&m, 6);
		command = rd_le16(&m);
		rd_skip(&m, 6);
		next = rd_le32(&m);
		if (at == 0 && !smb2_sound(size, next, length))
			*keep = SMB2_HEADER;
		if (smb2_wanted(command, at == 0 && next == 0)) {
			*keep = MESSAGE_MAX;
			return 0;
		}
		if (command == SMB_IOCTL && at + IOCTL_HEAD <= length) {
			if (past < IOCTL_HEAD)
				return at + IOCTL_HEAD;
			if (is_dfs_question(m)) {
				*keep = MESSAGE_MAX;
				return 0;
			}
		}
		if (next < SMB2_HEADER || next % 8 != 0)
			return 0;
		if (next > CHAIN_MAX || (at += next) > CHAIN_MAX)
			return 0;
		if (past < next)
			return at + SMB2_HEAD;
		rd_skip(&m, next - SMB2_HEAD);
	}
	return 0;
}

/* M is what is at hand of an SMB message of LENGTH octets. */
static struct framing
frame_smb(struct reader m, size_t length)
{
	struct reader head = m;
	uint32_t magic = rd_be32(&head);
	size_t least = least_length(magic), want = 0, keep = least;

	if (length < least || least == 0)
		return lost_place();
	if (magic == SMB1_MAGIC && smb1_wanted(rd_u8(&head)))
		keep = MESSAGE_MAX;
	else if (magic == SMB2_MAGIC)
		want = look_through_chain(m, length, &keep);
	if (want > 0 && m.missing == 0)
		return need(NBSS_HEADER + want);
	if (want > 0) /* snap length: more will not come */
		keep = MESSAGE_MAX;
	return framed(NBSS_HEADER + length, NBSS_HEADER + keep);
}

static struct framing
frame(struct flow *f, int dir, struct reader r)
{
	uint32_t header;
	size_t length;

	(void)f;
	(void)dir;
	if (rd_have(&r) < NBSS_HEADER)
		return need(NBSS_HEADER);
	header = rd_be32(&r);
	length = NBSS_LENGTH(header);
	if (NBSS_TYPE(header) != NBSS_MESSAGE)
		return control_packet(NBSS_TYPE(header), length) ?
		    framed(NBSS_HEADER + length, NBSS_HEADER) :
		    lost_place();
	if (rd_have(&r) >= 5)
		return frame_smb(rd_rest(&r), length);
	/* Snap length inside the first octets, or they come later. */
	return r.missing == 0 ? need(NBSS_HEADER + 5) :
				framed(NBSS_HEADER + length, MESSAGE_MAX);
}

/*
 * Four octets of magic after a plausible length are proof enough on any port
 * and in the middle of a connection.  What has no magic is taken on a hint.
 */
static bool
claims(const struct flow *f, int dir, struct reader r, bool hinted)
{
	uint32_t header = rd_be32(&r);
	size_t length = NBSS_LENGTH(header), least;

	(void)dir;
	if (f->transport != TRANSPORT_TCP || !rd_ok(&r))
		return false;
	if (NBSS_TYPE(header) != NBSS_MESSAGE)
		return hinted && control_packet(NBSS_TYPE(header), length);
	if (rd_have(&r) < 4)
		return hinted && length >= PACKED_HEADER;
	least = least_length(rd_be32(&r));
	return least > 0 && length >= least;
}

/* --- messages --------------------------------------------------------- */

/* SMB2 TRANSFORM_HEADER, MS-SMB2 2.2.41. */
static void
sealed_message(struct dissector *d, struct flow *f, int dir, struct reader m)
{
	struct smb_conn *c = smb_conn(f);
	struct smb_slot *s;
	struct event ev;
	uint64_t session;

	rd_skip(&m, 44);
	session = rd_le64(&m);
	if (!rd_ok(&m))
		return;
	s = smb_session(c, session);
	if (s->sealed)
		return;
	s->sealed = true;
	event_begin(&ev, f, dir, EV_smb_sealed);
	ev.xid = s->xid;
	ev.u.smb_sealed.session = (int64_t)session;
	post(d, &ev);
}

static void
message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	struct reader m, head;

	if (rd_u8(&r) != NBSS_MESSAGE)
		return;
	rd_skip(&r, 3);
	m = head = rd_rest(&r);
	switch (rd_be32(&head)) {
	case SMB2_MAGIC:
		smb2_message(d, f, dir, m);
		break;
	case SMB1_MAGIC:
		smb1_message(d, f, dir, m);
		break;
	case SEALED_MAGIC:
		sealed_message(d, f, dir, m);
		break;
	}
}

static const uint16_t ports[] = { 445, 139, 0 };

const struct carrier carrier_smb = {
	.name = "smb2",
	.tcp_ports = ports,
	.claims = claims,
	.frame = frame,
	.message = message,
	.release = release,
};
