/*
 * probe-open.c - what stands in a ticket, an authenticator or a timestamp
 * that a key opened.
 *
 * RFC 4120 5.3 (EncTicketPart), 5.5.1 (Authenticator), 5.2.7.2
 * (PA-ENC-TS-ENC), 5.2.6 (AD-IF-RELEVANT); RFC 4121 4.1.1 (the GSS checksum
 * 0x8003); MS-PAC.  Decoded by libkrb5: whoever holds the key wrote it, but
 * that too may be anybody.
 */
#include <stdlib.h>
#include <string.h>

#include "event-json.h"
#include "probe-ring.h"
#include "probe-krb5.h"

#define AD_IF_RELEVANT 1
#define AD_PAC 128
#define AD_DEPTH 8 /* containers in containers that are looked into */
#define USAGE_TGS_AUTHENTICATOR 7
#define USAGE_AP_AUTHENTICATOR 11
#define GSS_CHECKSUM 0x8003
#define GSS_BINDINGS 16
#define GSS_DELEG 1

/* --- texts and times ----------------------------------------------------- */

/* A copy of S in MEM; what is not UTF-8 becomes question marks. */
static struct str
open_text(struct arena *mem, const char *p, size_t len)
{
	char *out = arena_alloc(mem, len + 1);
	uint32_t code;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_char(p + i, len - i, &code);
		if (n == 0 || code == 0) {
			out[i] = '?';
			n = 1;
		} else {
			memcpy(out + i, p + i, n);
		}
	}
	return (struct str){ out, len };
}

static void
open_realm(krb5_const_principal p, struct arena *mem, struct str *out)
{
	size_t len = p == NULL ? 0 : p->realm.length;

	if (len > 0)
		*out = open_text(mem, p->realm.data,
		    len < TEXT_MAX ? len : TEXT_MAX);
}

/* As RFC 1964 2.1.1 writes it. */
static void
open_name(krb5_const_principal p, struct arena *mem, struct str *out)
{
	char name[TEXT_MAX];
	size_t n = 0;

	for (int i = 0; p != NULL && i < p->length; i++) {
		const krb5_data *d = &p->data[i];

		if (i > 0 && n < sizeof(name))
			name[n++] = '/';
		for (size_t j = 0; j < d->length; j++) {
			if (n + 2 > sizeof(name))
				break;
			if (memchr("/@\\", d->data[j], 3) != NULL)
				name[n++] = '\\';
			name[n++] = d->data[j];
		}
	}
	if (n > 0)
		*out = open_text(mem, name, n);
}

static int64_t
open_time(krb5_timestamp t)
{
	return (int64_t)(uint32_t)t * SECOND;
}

static int64_t
open_usec(krb5_timestamp t, krb5_int32 usec)
{
	return open_time(t) + (usec > 0 && usec < SECOND ? usec : 0);
}

/* --- tickets ------------------------------------------------------------- */

krb5_enc_tkt_part *
open_ticket(struct keyring *k, size_t len)
{
	krb5_data in = { .length = (unsigned)len, .data = (char *)k->plain };
	krb5_enc_tkt_part *t = NULL;

	if (decode_krb5_enc_tkt_part(&in, &t) != 0)
		return NULL;
	return t;
}

void
open_ticket_free(krb5_enc_tkt_part *t)
{
	krb5_authdata **a;

	if (t == NULL)
		return;
	/* libkrb5 wipes the key; the PAC is nobody's business either. */
	for (a = t->authorization_data; a != NULL && *a != NULL; a++)
		explicit_bzero((*a)->contents, (*a)->length);
	krb5_free_enc_tkt_part(NULL, t);
}

static bool
has_pac(krb5_authdata **list, int depth)
{
	krb5_authdata **inner;
	krb5_data in = { 0 };
	bool found = false;

	for (; list != NULL && *list != NULL && !found; list++) {
		if ((*list)->ad_type == AD_PAC)
			return true;
		if ((*list)->ad_type != AD_IF_RELEVANT || depth == 0)
			continue;
		in.data = (char *)(*list)->contents;
		in.length = (*list)->length;
		inner = NULL;
		if (decode_krb5_authdata(&in, &inner) != 0)
			continue;
		found = has_pac(inner, depth - 1);
		krb5_free_authdata(NULL, inner);
	}
	return found;
}

void
open_tell_ticket(const krb5_enc_tkt_part *t, struct arena *mem,
    struct ev_ticket_key *out)
{
	open_realm(t->client, mem, &out->crealm);
	open_name(t->client, mem, &out->cname);
	out->flags = (uint32_t)t->flags;
	if (t->session != NULL)
		out->session_etype = t->session->enctype;
	out->auth_time = open_time(t->times.authtime);
	/* RFC 4120 5.3: without a start it is valid from the log-on. */
	out->start = open_time(
	    t->times.starttime != 0 ? t->times.starttime : t->times.authtime);
	out->end = open_time(t->times.endtime);
	out->renew = open_time(t->times.renew_till);
	out->pac = has_pac(t->authorization_data, AD_DEPTH);
}

/* --- authenticators ------------------------------------------------------ */

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[1] << 8 | p[0];
}

/* Lgth, Bnd, Flags, and with a TGT handed over DlgOpt, Dlgth, Deleg. */
static void
open_checksum(const krb5_checksum *c, struct ev_authenticator *out)
{
	static const uint8_t none[GSS_BINDINGS];
	const uint8_t *p;

	if (c == NULL || c->checksum_type != GSS_CHECKSUM || c->length < 24 ||
	    le32(c->contents) != GSS_BINDINGS)
		return;
	p = c->contents;
	out->gss = 1;
	out->bindings = memcmp(p + 4, none, GSS_BINDINGS) != 0;
	out->gss_flags = le32(p + 20);
	if ((out->gss_flags & GSS_DELEG) != 0 && c->length > 28)
		out->delegated = p[24] == 1 && p[25] == 0 &&
		    (p[26] != 0 || p[27] != 0);
}

static void
open_told(const krb5_authenticator *a, struct arena *mem,
    struct ev_authenticator *out)
{
	open_realm(a->client, mem, &out->crealm);
	open_name(a->client, mem, &out->cname);
	out->ctime = open_usec(a->ctime, a->cusec);
	if (a->subkey != NULL)
		out->subkey_etype = a->subkey->enctype;
	open_checksum(a->checksum, out);
}

void
open_authenticator(struct keyring *k, const krb5_enc_tkt_part *t, bool tgs,
    struct bytes cipher, struct arena *mem, struct ev_authenticator *out)
{
	int usage = tgs ? USAGE_TGS_AUTHENTICATOR : USAGE_AP_AUTHENTICATOR;
	krb5_authenticator *a = NULL;
	krb5_data in = { .data = (char *)k->plain };
	size_t len = 0;

	out->tgs = tgs;
	out->failed = 1;
	if (t->session == NULL ||
	    !ring_decrypt_with(k, t->session, usage, cipher, &len))
		return;
	in.data = (char *)k->plain;
	in.length = (unsigned)len;
	if (decode_krb5_authenticator(&in, &a) != 0)
		return;
	out->failed = 0;
	open_told(a, mem, out);
	if (a->checksum != NULL) /* a delegated TGT may stand in it */
		explicit_bzero(a->checksum->contents, a->checksum->length);
	krb5_free_authenticator(NULL, a);
}

/* --- timestamps ---------------------------------------------------------- */

int64_t
open_timestamp(struct keyring *k, size_t len)
{
	krb5_data in = { .length = (unsigned)len, .data = (char *)k->plain };
	krb5_pa_enc_ts *ts = NULL;
	int64_t time;

	if (decode_krb5_pa_enc_ts(&in, &ts) != 0)
		return 0;
	time = open_usec(ts->patimestamp, ts->pausec);
	free(ts);
	return time;
}
