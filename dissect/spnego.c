/*
 * spnego.c - SPNEGO: what was offered, what was chosen, and the token inside.
 *
 * RFC 4178 4.2 (NegTokenInit, NegTokenResp), MS-SPNG 2.2.1 (NegTokenInit2:
 * the server speaks first, with negHints in [3] and the MIC in [4]).
 *
 * Windows 2000 and Samba before 3.0 put a bare mechToken into responseToken
 * without its GSS frame, repeat the token in mechListMIC, and leave out
 * negState; none of that hinders here.
 */
#include <string.h>

#include "gss.h"

#define SEQUENCE 0x30
#define OCTET_STRING 0x04
#define OID 0x06
#define CONTEXT 0xa0
#define MAX_MECHS 16 /* offered mechanisms that are kept */

static struct strs
spnego_mechs(struct dissector *d, struct reader field)
{
	struct strs list = { 0 };
	struct reader seq, oid;
	struct str *v;

	if (!der_get(&field, SEQUENCE, &seq))
		return list;
	v = scratch(d, MAX_MECHS * sizeof(*v));
	list.p = v;
	while (list.len < MAX_MECHS && der_get(&seq, OID, &oid) &&
	    rd_have(&oid) == rd_left(&oid))
		v[list.len++] = gss_mech_name(d, oid);
	return list;
}

/* negHints, MS-SPNG 2.2.1: only its name is ever sent. */
static struct str
spnego_hint(struct dissector *d, struct reader field)
{
	struct reader seq, name, text;
	size_t len;
	const uint8_t *p;

	if (!der_get(&field, SEQUENCE, &seq) ||
	    !der_get(&seq, CONTEXT | 0, &name) || der_any(&name, &text) < 0)
		return (struct str){ 0 };
	len = rd_left(&text);
	p = rd_bytes(&text, len);
	return p != NULL ? text_utf8(d, p, len) : (struct str){ 0 };
}

/*
 * Fills EV from a NegTokenInit; TOKEN gets the mechanism's token.  Says
 * whether the mechanisms could be read.
 */
static bool
spnego_init(struct dissector *d, struct reader r, struct event *ev,
    struct reader *token)
{
	struct ev_spnego *s = &ev->u.spnego;
	struct reader seq, field;

	s->kind = (struct str){ "init", 4 };
	if (!der_get(&r, SEQUENCE, &seq) || !der_get(&seq, CONTEXT | 0, &field))
		return false;
	s->mechs = spnego_mechs(d, field);
	der_get(&seq, CONTEXT | 1, &field);
	if (der_get(&seq, CONTEXT | 2, &field))
		s->token = der_get(&field, OCTET_STRING, token);
	/* In [3] a client puts the MIC, a server the hints. */
	if (der_get(&seq, CONTEXT | 3, &field) && der_peek(&field) == SEQUENCE)
		s->hint = spnego_hint(d, field);
	/* Who opened is a guess when the capture began later. */
	if (!ev->from_client || s->hint.len > 0)
		s->kind = (struct str){ "init2", 5 };
	return true;
}

static bool
spnego_resp(struct dissector *d, struct reader r, struct event *ev,
    struct reader *token)
{
	struct ev_spnego *s = &ev->u.spnego;
	struct reader seq, field, oid;

	s->kind = (struct str){ "resp", 4 };
	if (!der_get(&r, SEQUENCE, &seq))
		return false;
	der_ctx_int(&seq, 0, &s->state);
	if (der_get(&seq, CONTEXT | 1, &field) && der_get(&field, OID, &oid) &&
	    rd_have(&oid) == rd_left(&oid))
		s->mech = gss_mech_name(d, oid);
	if (der_get(&seq, CONTEXT | 2, &field))
		s->token = der_get(&field, OCTET_STRING, token);
	return seq.state != RD_BAD;
}

bool
spnego_token_at(const struct auth *a, struct reader token, int depth)
{
	struct reader body, inner = rd_make(NULL, 0, 0);
	int tag = der_peek(&token);
	struct event ev;
	bool good;

	if (tag != (CONTEXT | 0) && tag != (CONTEXT | 1))
		return false;
	event_begin(&ev, a->f, a->dir, EV_spnego);
	ev.xid = a->xid;
	der_any(&token, &body);
	ev.cut = token.state == RD_SHORT || rd_have(&body) < rd_left(&body);
	if (tag == (CONTEXT | 0))
		good = spnego_init(a->d, body, &ev, &inner);
	else
		good = spnego_resp(a->d, body, &ev, &inner);
	if (!good && !ev.cut) {
		post_malformed(a->d, a->f, a->dir,
		    tag == (CONTEXT | 0) ? "NegTokenInit, RFC 4178 4.2.1" :
					   "NegTokenResp, RFC 4178 4.2.2");
		return false;
	}
	post(a->d, &ev);
	if (rd_left(&inner) > 0)
		gss_token_at(a, inner, depth + 1);
	return true;
}

bool
spnego_token(const struct auth *a, struct reader token)
{
	return spnego_token_at(a, token, 0);
}
