/*
 * ntlm.c - NTLMSSP messages: who, and above all what the server calls itself
 * and which SPN the client meant.
 *
 * MS-NLMP 2.2.1.1 NEGOTIATE, 2.2.1.2 CHALLENGE, 2.2.1.3 AUTHENTICATE, 2.2.2.1
 * AV_PAIR, 2.2.2.5 flags, 2.2.2.7 NTLMv2_CLIENT_CHALLENGE.  Payload fields are
 * `length, room, offset` from the start of the message.  Samba's and others'
 * NEGOTIATE may be 16 octets long; older CHALLENGEs have no target info.
 */
#include <string.h>

#include "carrier.h"

#define SIGNATURE_LEN 8 /* "NTLMSSP" and NUL */
#define FLAG_UNICODE 0x00000001u
#define FLAG_ANONYMOUS 0x00000800u
#define NTLMV2_MIN 44   /* proof of 16, client challenge of 28 */
#define NTLMV2_PAIRS 44 /* AV pairs within NtChallengeResponse */
#define MAX_PAIRS 32

enum { NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3 };

enum {
	AV_EOL = 0,
	AV_NB_COMPUTER = 1,
	AV_NB_DOMAIN = 2,
	AV_DNS_COMPUTER = 3,
	AV_DNS_DOMAIN = 4,
	AV_TIMESTAMP = 7,
	AV_TARGET_NAME = 9
};

/* The payload of the field that R stands at; MSG is the whole message. */
static struct reader
ntlm_field(const struct reader *msg, struct reader *r)
{
	uint16_t len = rd_le16(r);
	uint32_t offset;

	rd_skip(r, 2);
	offset = rd_le32(r);
	if (!rd_ok(r) || len == 0)
		return rd_make(NULL, 0, 0);
	return rd_at(msg, offset, len);
}

/* Samba counts the NUL of an empty name: final ones are no text. */
static struct str
ntlm_text(struct dissector *d, struct reader r, bool unicode)
{
	size_t len = rd_left(&r), unit = unicode ? 2 : 1;
	const uint8_t *p = rd_bytes(&r, len);

	if (p == NULL)
		return (struct str){ 0 };
	while (len >= unit && p[len - 1] == 0 && p[len - unit] == 0)
		len -= unit;
	if (len == 0)
		return (struct str){ 0 };
	return unicode ? text_utf16(d, p, len) : text_utf8(d, p, len);
}

/* AV pairs are Unicode whatever the flags say, MS-NLMP 2.2.2.1. */
static void
ntlm_pairs(struct dissector *d, struct reader r, struct ev_ntlm *n)
{
	for (int i = 0; i < MAX_PAIRS && rd_left(&r) >= 4; i++) {
		uint16_t id = rd_le16(&r);
		struct reader v = rd_sub(&r, rd_le16(&r));

		if (id == AV_EOL || !rd_ok(&r))
			return;
		if (id == AV_NB_COMPUTER)
			n->nb_computer = ntlm_text(d, v, true);
		else if (id == AV_NB_DOMAIN)
			n->nb_domain = ntlm_text(d, v, true);
		else if (id == AV_DNS_COMPUTER)
			n->dns_computer = ntlm_text(d, v, true);
		else if (id == AV_DNS_DOMAIN)
			n->dns_domain = ntlm_text(d, v, true);
		else if (id == AV_TARGET_NAME)
			n->spn = ntlm_text(d, v, true);
		else if (id == AV_TIMESTAMP && n->type == CHALLENGE)
			n->time = rd_filetime(&v);
	}
}

static void
ntlm_challenge(struct dissector *d, const struct reader *msg, struct reader r,
    struct ev_ntlm *n)
{
	struct reader target = ntlm_field(msg, &r), info;

	n->flags = rd_le32(&r);
	n->target = ntlm_text(d, target, (n->flags & FLAG_UNICODE) != 0);
	rd_skip(&r, 16); /* the challenge, and what is reserved */
	info = ntlm_field(msg, &r);
	if (rd_ok(&r))
		ntlm_pairs(d, info, n);
}

/*
 * Anonymous: by the flag, or no user and no response (one NUL octet as LM
 * response), MS-NLMP 3.2.5.1.2.
 */
static void
ntlm_authenticate(struct dissector *d, const struct reader *msg,
    struct reader r, struct ev_ntlm *n)
{
	struct reader nt, domain, user, workstation;
	size_t ntlen;
	bool unicode;

	ntlm_field(msg, &r); /* LM response */
	nt = ntlm_field(msg, &r);
	domain = ntlm_field(msg, &r);
	user = ntlm_field(msg, &r);
	workstation = ntlm_field(msg, &r);
	ntlm_field(msg, &r); /* session key */
	ntlen = rd_left(&nt);
	if (!rd_ok(&r))
		return;
	n->flags = rd_le32(&r);
	/* Old clients end before the flags: Unicode is what all speak. */
	unicode = !rd_ok(&r) || (n->flags & FLAG_UNICODE) != 0;
	n->domain = ntlm_text(d, domain, unicode);
	n->user = ntlm_text(d, user, unicode);
	n->workstation = ntlm_text(d, workstation, unicode);
	n->anonymous = (n->flags & FLAG_ANONYMOUS) != 0 ||
	    (rd_ok(&nt) && rd_left(&user) == 0 && rd_ok(&user) && ntlen == 0);
	if (ntlen > NTLMV2_MIN) {
		rd_skip(&nt, NTLMV2_PAIRS);
		ntlm_pairs(d, rd_rest(&nt), n);
	}
}

bool
ntlm_token(const struct auth *a, struct reader token)
{
	struct event ev;
	struct ev_ntlm *n = &ev.u.ntlm;
	struct reader msg = rd_rest(&token), r = msg;
	const uint8_t *sig = rd_bytes(&r, SIGNATURE_LEN);

	event_begin(&ev, a->f, a->dir, EV_ntlm);
	n->type = rd_le32(&r);
	if (sig == NULL || !rd_ok(&r) ||
	    memcmp(sig, "NTLMSSP", SIGNATURE_LEN) != 0)
		return false;
	ev.xid = a->xid;
	ev.cut = rd_have(&msg) < rd_left(&msg);
	if (n->type == NEGOTIATE)
		n->flags = rd_le32(&r);
	else if (n->type == CHALLENGE)
		ntlm_challenge(a->d, &msg, r, n);
	else if (n->type == AUTHENTICATE)
		ntlm_authenticate(a->d, &msg, r, n);
	if (n->type < NEGOTIATE || n->type > AUTHENTICATE) {
		post_malformed(a->d, a->f, a->dir, "NTLMSSP, MS-NLMP 2.2.1");
		return false;
	}
	post(a->d, &ev);
	return true;
}
