/*
 * Messages of SMB, built field by field from MS-SMB2 and MS-CIFS, fed to the
 * carrier through its framing as a stream would be, and what it posts.
 */
#ifndef UNIT_SMB_MESSAGES_H
#define UNIT_SMB_MESSAGES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

extern const struct carrier carrier_smb;

#define MORE 0xc0000016u
#define REFUSED 0xc000006du
#define PENDING 0x103u

static int failures;

/* --- what was posted -------------------------------------------------- */

static char posted[8192];

static inline void
say(const char *text, struct str s)
{
	size_t n = strlen(posted);

	snprintf(posted + n, sizeof(posted) - n, "%s%.*s", text, (int)s.len,
	    s.len > 0 ? s.p : "");
}

static inline void
say_number(const char *text, int64_t v)
{
	char buf[32];

	snprintf(buf, sizeof(buf), v > 9 ? "%#llx" : "%lld", (long long)v);
	say(text, (struct str){ buf, strlen(buf) });
}

static const struct str none;

static inline void
say_negotiated(const struct ev_smb_negotiated *e)
{
	say_number(" ", e->status);
	if (e->dialect != EV_ABSENT)
		say_number(" dialect ", e->dialect);
	say(e->smb1 ? " smb1" : "", none);
	say(e->signing_required ? " sign" : "", none);
	say(e->encryption ? " encrypt" : "", none);
	if (e->system_time != 0)
		say_number(" time ", e->system_time);
}

static inline void
say_fields(const struct event *ev)
{
	switch (ev->kind) {
	case EV_smb_negotiate:
		say(ev->u.smb_negotiate.smb1 ? " smb1" : "", none);
		for (size_t i = 0; i < ev->u.smb_negotiate.dialects.len; i++)
			say_number(" ", ev->u.smb_negotiate.dialects.p[i]);
		break;
	case EV_smb_negotiated:
		say_negotiated(&ev->u.smb_negotiated);
		break;
	case EV_auth_reply:
		say(" ", ev->u.auth_reply.outcome);
		say_number(" ", ev->u.auth_reply.status);
		say(ev->u.auth_reply.guest ? " guest" : "", none);
		break;
	case EV_target:
		say(" ", ev->u.target.host);
		say(" ", ev->u.target.resource);
		break;
	case EV_access:
		say_number(" ", ev->u.access.status);
		break;
	case EV_dfs_referral:
		say(" ", ev->u.dfs_referral.path);
		for (size_t i = 0; i < ev->u.dfs_referral.targets.len; i++)
			say(" ", ev->u.dfs_referral.targets.p[i]);
		break;
	case EV_ntlm:
		say_number(" ", ev->u.ntlm.type);
		say(" ", ev->u.ntlm.user);
		say(ev->u.ntlm.domain.len > 0 ? "@" : "", ev->u.ntlm.domain);
		break;
	default:
		break;
	}
}

/* One line an event: number of its authentication, kind, fields. */
static inline void
sink(void *arg, const struct event *ev)
{
	(void)arg;
	if (ev->kind == EV_smb_session)
		return;
	say_number("", (int64_t)ev->xid);
	say(" ",
	    (struct str){ event_descs[ev->kind].name,
		strlen(event_descs[ev->kind].name) });
	say_fields(ev);
	if (strcmp(ev->carrier, "smb2") != 0)
		say(" ", (struct str){ ev->carrier, strlen(ev->carrier) });
	say(ev->cut ? " cut\n" : "\n", none);
}

static inline void
expect(const char *name, const char *lines)
{
	if (strcmp(posted, lines) != 0) {
		printf("%s: expected\n%sgot\n%s", name, lines, posted);
		failures++;
	}
	posted[0] = '\0';
}

static inline void
check(const char *name, bool ok)
{
	if (!ok) {
		printf("%s: failed\n", name);
		failures++;
	}
}

/* --- building --------------------------------------------------------- */

static uint8_t out[256 * 1024];
static size_t len, start;

static inline void
put(size_t n, uint64_t v)
{
	for (; n > 0; n--, v >>= 8)
		out[len++] = (uint8_t)v;
}

static inline void
text(const char *s, size_t n)
{
	memcpy(out + len, s, n);
	len += n;
}

static inline void
wide(const char *s)
{
	for (; *s != '\0'; s++)
		put(2, (uint8_t)*s);
}

static inline void
begin(void)
{
	start = len;
	put(4, 0);
}

static inline void
finish(void)
{
	size_t n = len - start - 4;

	out[start + 1] = (uint8_t)(n >> 16);
	out[start + 2] = (uint8_t)(n >> 8);
	out[start + 3] = (uint8_t)n;
}

static inline void
header(unsigned command, uint32_t flags, uint32_t status, uint64_t mid,
    uint64_t session, uint32_t next)
{
	text("\xfeSMB", 4);
	put(2, 64);
	put(2, 0);
	put(4, status);
	put(2, command);
	put(2, 1);
	put(4, flags);
	put(4, next);
	put(8, mid);
	put(8, 0);
	put(8, session);
	put(8, 0);
	put(8, 0);
}

/* NTLMSSP NEGOTIATE: a token that is short and known to gss_token(). */
static inline void
token(void)
{
	text("NTLMSSP", 8);
	put(4, 1);
	put(4, 0x00000207);
	put(8, 0);
	put(8, 0);
}

#define TOKEN_LEN 32

static inline void
setup_request(uint64_t mid, uint64_t session, unsigned flags)
{
	begin();
	header(1, 0, 0, mid, session, 0);
	put(2, 25);
	put(1, flags);
	put(1, 1);
	put(8, 0);
	put(2, 64 + 24);
	put(2, TOKEN_LEN);
	put(8, 0);
	token();
	finish();
}

static inline void
setup_reply(uint64_t mid, uint64_t session, uint32_t status, unsigned flags)
{
	begin();
	header(1, 9, status, mid, session, 0);
	put(2, 9);
	put(2, flags);
	put(2, 0);
	put(2, 0);
	finish();
}

static inline void
tree_body(const char *path)
{
	put(2, 9);
	put(2, 0);
	put(2, 64 + 8);
	put(2, strlen(path) * 2);
	wide(path);
}

static inline void
tree_request(uint64_t mid, uint64_t session, const char *path)
{
	begin();
	header(3, 0, 0, mid, session, 0);
	tree_body(path);
	finish();
}

static inline void
tree_reply(uint64_t mid, uint64_t session, uint32_t status)
{
	begin();
	header(3, 1, status, mid, session, 0);
	put(2, 16);
	put(8, 0);
	put(6, 0);
	finish();
}

/* CREATE of 120 octets, then SESSION_SETUP, then a related TREE_CONNECT. */
static inline void
build_chain(uint32_t next)
{
	begin();
	header(5, 0, 0, 1, 0x51, next);
	for (size_t i = 64; i < next; i++)
		put(1, 0xaa);
	header(1, 0, 0, 2, 0, 64 + 24 + TOKEN_LEN);
	put(2, 25);
	put(1, 0);
	put(1, 1);
	put(8, 0);
	put(2, 64 + 24);
	put(2, TOKEN_LEN);
	put(8, 0);
	token();
	header(3, 4, 0, 3, UINT64_MAX, 0);
	tree_body("\\\\fs1\\share");
	finish();
}

/* --- feeding ---------------------------------------------------------- */

static struct dissector *d;
static struct flow flow;

static inline void
reopen(void)
{
	if (flow.carrier != NULL)
		carrier_smb.release(&flow);
	flow = (struct flow){
		.id = 1,
		.transport = TRANSPORT_TCP,
		.port = { 50000, 445 },
		.carrier = &carrier_smb,
	};
	posted[0] = '\0';
}

/* The next message at AT, with the head no longer than was asked for. */
static inline struct framing
frame_at(int dir, size_t at)
{
	struct framing fr = { .what = FRAMING_NEED, .length = 1 };

	for (int i = 0; i < 1000 && fr.what == FRAMING_NEED; i++) {
		size_t asked = fr.length;

		if (asked > len - at)
			break;
		fr = carrier_smb.frame(&flow, dir, rd_make(out + at, asked, 0));
		if (fr.what == FRAMING_NEED && fr.length <= asked) {
			check("framing asks for more than it has", false);
			break;
		}
	}
	return fr;
}

/* Everything built so far as one direction of the stream. */
static inline void
feed(int dir)
{
	size_t at = 0;

	while (at < len) {
		struct framing fr = frame_at(dir, at);

		if (fr.what != FRAMING_MESSAGE || fr.length > len - at)
			break;
		check("kept is not more than there is", fr.keep <= fr.length);
		carrier_smb.message(d, &flow, dir,
		    rd_make(out + at, fr.keep, fr.length - fr.keep));
		at += fr.length;
	}
	scratch_reset(d);
	len = 0;
}

/* A copy of exactly N octets: reading past them is seen. */
static inline void
feed_exactly(const uint8_t *p, size_t n, size_t missing, int dir)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	struct reader r;

	if (copy == NULL)
		exit(1);
	memcpy(copy, p, n);
	r = rd_make(copy, n, missing);
	carrier_smb.claims(&flow, dir, r, true);
	carrier_smb.frame(&flow, dir, r);
	carrier_smb.message(d, &flow, dir, r);
	scratch_reset(d);
	free(copy);
}

#endif
