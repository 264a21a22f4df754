/*
 * smb.h - what the files of the SMB carrier share: smb.c (framing, and which
 * authentication a message belongs to), smb2.c and smb1.c (the messages).
 */
#ifndef DISSECT_SMB_H
#define DISSECT_SMB_H

#include "carrier.h"
#include "names.h"

/* First four octets of a message, as a big-endian number. */
#define SMB2_MAGIC 0xfe534d42u   /* MS-SMB2 2.2.1 */
#define SMB1_MAGIC 0xff534d42u   /* MS-CIFS 2.2.3.1 */
#define SEALED_MAGIC 0xfd534d42u /* MS-SMB2 2.2.41 */
#define PACKED_MAGIC 0xfc534d42u /* MS-SMB2 2.2.42 */

#define SMB2_HEADER 64
#define SMB1_HEADER 32
#define SEALED_HEADER 52
#define PACKED_HEADER 16

/* What requests are remembered for: the SMB2 commands, for SMB1 as well. */
#define SMB_SETUP 1
#define SMB_LOGOFF 2
#define SMB_TREE 3
#define SMB_UNTREE 4
#define SMB_IOCTL 11

/* CtlCode of an SMB2 IOCTL, MS-SMB2 2.2.31 */
#define FSCTL_DFS_GET_REFERRALS 0x00060194u
#define FSCTL_DFS_GET_REFERRALS_EX 0x000601b0u

/* Sessions, and requests without an answer, that are kept of a flow. */
#define SMB_MAX_SLOTS 64

/* A session (key: SessionId), or a request (key: MessageId). */
struct smb_slot {
	uint64_t key;
	uint64_t xid;
	uint16_t command; /* request: what was asked */
	bool first;       /* request: had no SessionId yet */
	bool open;        /* session: not yet decided */
	bool sealed;      /* session: EV_smb_sealed was posted */
};

struct smb_table {
	struct smb_slot *slot;
	unsigned used, room;
};

/* State of a flow: which authentications are on their way in it. */
struct smb_conn {
	uint64_t xids; /* handed out so far */
	struct smb_table sessions;
	struct smb_table requests;
};

/* State of F, made at the first call. */
struct smb_conn *smb_conn(struct flow *f);

/*
 * The authentication that a session setup request with MessageId MID belongs
 * to.  SESSION is 0 in the first request; BINDING: the session is another
 * connection's (multichannel).
 */
uint64_t smb_setup_request(struct smb_conn *c, uint64_t mid, uint64_t session,
    bool binding);
/* The same for the response with STATUS; one is allotted when need be. */
uint64_t smb_setup_reply(struct smb_conn *c, uint64_t mid, uint64_t session,
    uint32_t status);
/* The last authentication of SESSION; 0 for no session. */
uint64_t smb_session_xid(struct smb_conn *c, uint64_t session);

/* Remembers that request MID with COMMAND belongs to XID. */
struct smb_slot *
smb_expect(struct smb_conn *c, uint16_t command, uint64_t mid, uint64_t xid);
/* What smb_expect() was told of MID, which is forgotten; 0: nothing. */
uint64_t smb_expected(struct smb_conn *c, uint16_t command, uint64_t mid);

/* The slot of SESSION, made if need be; valid until the next call. */
struct smb_slot *smb_session(struct smb_conn *c, uint64_t session);

/* A with the authentication XID. */
struct auth smb_auth(const struct auth *a, uint64_t xid);
/* Whether R can be used, whole or cut; if not, WHAT is posted as broken. */
bool smb_usable(const struct auth *a, const struct reader *r, const char *what);
/* Hands on TOKEN of authentication XID, if there is one. */
void smb_token(const struct auth *a, uint64_t xid, struct reader token);

/*
 * The answer to a session setup in EV_auth_reply and EV_smb_session; FLAGS
 * are SessionFlags, MS-SMB2 2.2.6.  AUTH says whose.
 */
void smb_post_session(const struct auth *a, uint32_t status, uint16_t flags,
    bool is_signed, bool cut);
/*
 * EV_target for the PATH \\host\share, of which CUT says that the end was not
 * captured.
 */
void smb_post_target(const struct auth *a, struct str path, bool cut);
/* EV_access: the answer to a tree connect. */
void smb_post_access(const struct auth *a, uint32_t status);

/* Messages that begin with SMB2_MAGIC and SMB1_MAGIC. */
void
smb2_message(struct dissector *d, struct flow *f, int dir, struct reader m);
void
smb1_message(struct dissector *d, struct flow *f, int dir, struct reader m);

/* R is the output of FSCTL_DFS_GET_REFERRALS (smb-dfs.c). */
void smb_dfs_referral(const struct auth *a, struct reader r);

#endif
