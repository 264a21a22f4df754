/*
 * keytab.h - for tests of keys: keytabs, tickets and authenticators made by
 * hand, and the events that a ring of keys posts of them.
 */
#ifndef TESTS_KEYTAB_H
#define TESTS_KEYTAB_H

#include <krb5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "event-json.h"
#include "probe-krb5.h"
#include "probe-ring.h"

/* Exported, and declared nowhere: as in probe-krb5.h. */
krb5_error_code
encode_krb5_enc_tkt_part(const krb5_enc_tkt_part *, krb5_data **);
krb5_error_code
encode_krb5_authenticator(const krb5_authenticator *, krb5_data **);
krb5_error_code encode_krb5_pa_enc_ts(const krb5_pa_enc_ts *, krb5_data **);

#define T0 1795297800 /* seconds */
#define REALM "FJORD.TEST"

/* --- keytabs ------------------------------------------------------------- */

struct made_keytab {
	uint8_t p[65536];
	size_t len;
};

static UNUSED void
put(struct made_keytab *m, const void *p, size_t len)
{
	memcpy(m->p + m->len, p, len);
	m->len += len;
}

static UNUSED void
put_number(struct made_keytab *m, uint64_t v, size_t octets)
{
	while (octets-- > 0)
		m->p[m->len++] = (uint8_t)(v >> (8 * octets));
}

static UNUSED void
put_text(struct made_keytab *m, const char *p, size_t len)
{
	put_number(m, len, 2);
	put(m, p, len);
}

static UNUSED void
keytab_begin(struct made_keytab *m)
{
	m->len = 0;
	put(m, "\5\2", 2);
}

/* A key of ETYPE that SEED tells from others. */
static UNUSED size_t
key_octets(uint8_t key[32], int etype, unsigned seed)
{
	memset(key, 0x40 + (int)seed, 32);
	key[0] = (uint8_t)etype;
	return etype == 18 || etype == 20 ? 32 : etype == 3 ? 8 : 16;
}

/* An entry of NAME (a/b) in REALM; kvno -1: only eight bits, of 8BIT. */
static UNUSED void
keytab_entry(struct made_keytab *m, const char *name, const char *realm,
    int64_t kvno, int kvno8, int etype, unsigned seed)
{
	size_t at = m->len, parts = 1, len;
	const char *p, *end;
	uint8_t key[32];

	for (p = name; *p != '\0'; p++)
		parts += *p == '/';
	put_number(m, 0, 4);
	put_number(m, parts, 2);
	put_text(m, realm, strlen(realm));
	for (p = name;; p = end + 1) {
		end = strchr(p, '/');
		put_text(m, p, end == NULL ? strlen(p) : (size_t)(end - p));
		if (end == NULL)
			break;
	}
	put_number(m, 1, 4);
	put_number(m, T0, 4);
	put_number(m, (uint64_t)kvno8, 1);
	put_number(m, (uint64_t)etype, 2);
	len = key_octets(key, etype, seed);
	put_number(m, len, 2);
	put(m, key, len);
	if (kvno >= 0)
		put_number(m, (uint64_t)kvno, 4);
	len = m->len - at - 4;
	m->len = at;
	put_number(m, len, 4);
	m->len += len;
}

static UNUSED void
entry(struct made_keytab *m, const char *name, int kvno, int etype,
    unsigned seed)
{
	keytab_entry(m, name, REALM, kvno, kvno & 0xff, etype, seed);
}

/* --- the ring ------------------------------------------------------------ */

#define MAX_TOLD 32

static struct event told[MAX_TOLD]; /* texts live in told_mem */
static struct arena told_mem;
static size_t ntold;
static char *told_json; /* all of them, as an event file has them */
static size_t told_len;
static struct keyring *ring;

static UNUSED struct str
kept(struct str s)
{
	const char *p = arena_text(&told_mem, s.p == NULL ? "" : s.p, s.len);

	return (struct str){ p, s.len };
}

/* Keeps EV with copies of its texts. */
static UNUSED void
take_event(void *arg, const struct event *ev)
{
	const struct event_desc *d = &event_descs[ev->kind];
	struct event *to = &told[ntold < MAX_TOLD ? ntold++ : MAX_TOLD - 1];
	FILE *out = arg;

	event_json_write(out, ev);
	*to = *ev;
	to->source = kept(ev->source);
	for (size_t i = 0; i < d->nfields; i++) {
		void *f = (char *)to + d->fields[i].offset;

		if (d->fields[i].type == FT_STR)
			*(struct str *)f = kept(*(struct str *)f);
	}
}

static FILE *told_out;

static UNUSED void
ring_begin(void)
{
	told_out = open_memstream(&told_json, &told_len);
	ntold = 0;
	ring = keyring_new(take_event, told_out);
}

static UNUSED void
ring_end(void)
{
	keyring_free(ring);
	fclose(told_out);
	free(told_json);
	arena_free(&told_mem);
}

static UNUSED enum keytab_state
ring_take(const char *path, const struct made_keytab *m)
{
	struct ring_file *f = arena_alloc(&ring->mem, sizeof(*f));

	f->path = path;
	return keytab_take(ring, f, m->p, m->len);
}

static UNUSED bool
is_text(struct str s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

/* --- what passes --------------------------------------------------------- */

static uint8_t sealed[2][4096];

static UNUSED struct bytes
seal(uint8_t *out, int etype, const uint8_t *key, size_t len, int usage,
    krb5_data *plain)
{
	krb5_keyblock k = { .enctype = etype, .length = (unsigned)len };
	krb5_enc_data enc = { .enctype = etype };

	k.contents = (uint8_t *)(uintptr_t)key;
	enc.ciphertext.data = (char *)out;
	enc.ciphertext.length = 4096;
	CHECK(krb5_c_encrypt(NULL, &k, usage, NULL, plain, &enc) == 0);
	krb5_free_data(NULL, plain);
	return (struct bytes){ out, enc.ciphertext.length };
}

static char anna_text[] = "anna", realm_text[] = REALM;
static krb5_data anna_name = { 0, 4, anna_text };
static krb5_principal_data anna = { .realm = { 0, 10, realm_text },
	.data = &anna_name,
	.length = 1,
	.type = 1 };
static uint8_t session_octets[32] = "a session key of 32 octets......";
static krb5_keyblock session = { .enctype = 18,
	.length = 32,
	.contents = session_octets };

/* A ticket of anna, sealed with the key of SEED. */
static UNUSED struct bytes
ticket_made(int etype, unsigned seed, krb5_authdata **authdata)
{
	krb5_transited none = { .tr_type = 1 };
	krb5_enc_tkt_part t = { .flags = 0x40a10000,
		.session = &session,
		.client = &anna,
		.transited = none };
	krb5_data *plain = NULL;
	uint8_t key[32];
	size_t len = key_octets(key, etype, seed);

	t.times.authtime = T0;
	t.times.starttime = T0 + 1;
	t.times.endtime = T0 + 36000;
	t.authorization_data = authdata;
	CHECK(encode_krb5_enc_tkt_part(&t, &plain) == 0);
	return seal(sealed[0], etype, key, len, 2, plain);
}

static UNUSED struct bytes
authenticator_made(int usage, krb5_checksum *checksum)
{
	krb5_authenticator a = { .client = &anna,
		.checksum = checksum,
		.ctime = T0 + 5,
		.cusec = 250000,
		.subkey = &session };
	krb5_data *plain = NULL;

	CHECK(encode_krb5_authenticator(&a, &plain) == 0);
	return seal(sealed[1], 18, session_octets, 32, usage, plain);
}

static struct str
text(const char *s)
{
	return (struct str){ s, strlen(s) };
}

static uint8_t digest[DIGEST_LEN];

/* CIPHER as the ticket of SPN in a TGS-REP; it is another one each time. */
static UNUSED void
pass_ticket(const char *spn, int64_t kvno, int etype, struct bytes cipher)
{
	struct event ev;

	event_init(&ev, EV_kdc_rep);
	ev.ref = (struct ref){ 0, 7, (int64_t)T0 * SECOND };
	ev.flow = 3;
	digest[0]++;
	ev.u.kdc_rep.tkt_realm = text(REALM);
	ev.u.kdc_rep.tkt_sname = text(spn);
	ev.u.kdc_rep.tkt_kvno = kvno;
	ev.u.kdc_rep.tkt_etype = etype;
	ev.u.kdc_rep.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	ev.u.kdc_rep.tkt_cipher = cipher;
	keyring_event(ring, &ev);
}

/* What was told last; an empty event when it is not of KIND. */
static UNUSED const struct event *
last_told(enum event_kind kind)
{
	static struct event none;

	if (ntold > 0 && told[ntold - 1].kind == kind)
		return &told[ntold - 1];
	event_init(&none, kind);
	return &none;
}

#endif
