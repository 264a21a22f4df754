/*
 * Passwords: which salts are tried, and what they say of timestamps, tickets
 * and keytabs.
 */
#include <unistd.h>

#include "keytab.h"

#define PASSWORD "Fjord-Winter-7"

static struct made_keytab m;

/* Hands PASSWORD to the ring by a pipe. */
static bool
give(const char *principal, const char *password)
{
	char file[32];
	int fd[2];
	bool ok;

	CHECK(pipe(fd) == 0);
	dprintf(fd[1], "%s\n", password);
	close(fd[1]);
	snprintf(file, sizeof(file), "fd:%d", fd[0]);
	ok = keyring_password(ring, principal, file);
	close(fd[0]);
	return ok;
}

static krb5_keyblock
made_key(int etype, const char *password, const char *salt)
{
	krb5_data p = { 0, (unsigned)strlen(password),
		(char *)(uintptr_t)password };
	krb5_data s = { 0, (unsigned)strlen(salt), (char *)(uintptr_t)salt };
	krb5_keyblock key = { 0 };

	CHECK(krb5_c_string_to_key(NULL, etype, &p, &s, &key) == 0);
	return key;
}

static void
kdc_names_salt(const char *cname, const char *salt)
{
	struct event ev;

	event_init(&ev, EV_kdc_req);
	ev.flow = 5;
	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = text(cname);
	ev.u.kdc_req.realm = text(REALM);
	keyring_event(ring, &ev);
	event_init(&ev, EV_krb_error);
	ev.flow = 5;
	ev.u.krb_error.code = 25;
	ev.u.krb_error.salt = text(salt);
	keyring_event(ring, &ev);
}

/* An AS-REQ of CNAME whose timestamp is made with PASSWORD and SALT. */
static const struct ev_preauth_key *
asks(const char *cname, int etype, const char *password, const char *salt)
{
	krb5_pa_enc_ts ts = { T0 + 3, 500 };
	krb5_keyblock key = made_key(etype, password, salt);
	krb5_data *plain = NULL;
	struct event ev;

	CHECK(encode_krb5_pa_enc_ts(&ts, &plain) == 0);
	event_init(&ev, EV_kdc_req);
	ev.flow = 6;
	ev.u.kdc_req.msg_type = 10;
	ev.u.kdc_req.cname = text(cname);
	ev.u.kdc_req.realm = text(REALM);
	ev.u.kdc_req.ts_etype = etype;
	ev.u.kdc_req.ts_cipher = seal(sealed[0], etype, key.contents,
	    key.length, 1, plain);
	keyring_event(ring, &ev);
	krb5_free_keyblock_contents(NULL, &key);
	return &last_told(EV_preauth_key)->u.preauth_key;
}

static void
test_timestamp(void)
{
	const struct ev_preauth_key *x;

	ring_begin();
	CHECK(give("anna@" REALM, PASSWORD));
	kdc_names_salt("anna", "FJORD.TESTAnna");
	x = asks("anna", 18, PASSWORD, "FJORD.TESTAnna");
	CHECK(is_text(x->result, "opens") && is_text(x->by, "password"));
	CHECK(x->time == (T0 + 3) * SECOND + 500);
	CHECK(is_text(x->kdc_salt, "FJORD.TESTAnna"));
	x = asks("anna", 18, PASSWORD, "FJORD.TESTanna");
	CHECK(is_text(x->result, "other-salt"));
	CHECK(is_text(x->salt, "FJORD.TESTanna"));
	CHECK(is_text(x->kdc_salt, "FJORD.TESTAnna"));
	x = asks("anna\\@fjord.test", 18, PASSWORD, "fjord.testANNA");
	CHECK(is_text(x->result, "other-salt"));
	x = asks("anna", 18, "Fjord-Winter-8", "FJORD.TESTAnna");
	CHECK(is_text(x->result, "other-key") && x->time == 0);
	x = asks("anna", 23, PASSWORD, "");
	CHECK(is_text(x->result, "opens"));
	ntold = 0;
	asks("bert", 18, PASSWORD, "FJORD.TESTbert");
	CHECK(ntold == 0);
	ring_end();
}

/* The keytab of a client that logs on with it. */
static void
test_keytab_timestamp(void)
{
	const struct ev_preauth_key *x;
	krb5_keyblock key = made_key(17, PASSWORD, "salt");
	size_t at;

	keytab_begin(&m);
	keytab_entry(&m, "svc", REALM, 4, 4, 17, 1);
	at = m.len - 4 - 16;
	memcpy(m.p + at, key.contents, 16);
	krb5_free_keyblock_contents(NULL, &key);
	ring_begin();
	ring_take("svc.keytab", &m);
	x = asks("svc", 17, PASSWORD, "salt");
	CHECK(is_text(x->result, "opens") && is_text(x->by, "keytab"));
	CHECK(x->kvno == 4);
	CHECK(is_text(last_told(EV_preauth_key)->source, "svc.keytab:1"));
	x = asks("svc", 17, PASSWORD, "tlas");
	CHECK(is_text(x->result, "other-key"));
	ntold = 0;
	asks("svc", 18, PASSWORD, "salt"); /* no such key is at hand */
	CHECK(ntold == 0);
	ring_end();
}

/* A ticket sealed with the key of a password. */
static const struct ev_ticket_key *
sealed_by(const char *spn, const char *password, const char *salt)
{
	krb5_keyblock key = made_key(18, password, salt);
	krb5_transited none = { .tr_type = 1 };
	krb5_enc_tkt_part t = { .session = &session,
		.client = &anna,
		.transited = none };
	krb5_data *plain = NULL;

	CHECK(encode_krb5_enc_tkt_part(&t, &plain) == 0);
	pass_ticket(spn, 2, 18,
	    seal(sealed[0], 18, key.contents, key.length, 2, plain));
	krb5_free_keyblock_contents(NULL, &key);
	return &last_told(EV_ticket_key)->u.ticket_key;
}

static void
test_ticket(void)
{
	const struct ev_ticket_key *x;

	ring_begin();
	CHECK(give("svc-web@" REALM, PASSWORD));
	x = sealed_by("HTTP/www.fjord.test", PASSWORD, "FJORD.TESTsvc-web");
	CHECK(is_text(x->result, "opens") && is_text(x->by, "password"));
	CHECK(is_text(x->cname, "anna"));
	x = sealed_by("svc-web", "another", "FJORD.TESTsvc-web");
	CHECK(is_text(x->result, "other-key") && is_text(x->by, "password"));
	ntold = 0;
	sealed_by("HTTP/www.fjord.test", "another", "FJORD.TESTsvc-web");
	CHECK(ntold == 0); /* it may be anybody's */
	ring_end();
	ring_begin();
	CHECK(give("fs1$@" REALM, PASSWORD));
	x = sealed_by("cifs/fs1", PASSWORD, "FJORD.TESThostfs1.fjord.test");
	CHECK(is_text(x->result, "opens"));
	ring_end();
}

/* A keytab made with the right password and another salt. */
static void
test_keytab_salt(void)
{
	krb5_keyblock key = made_key(18, PASSWORD, "FJORD.TESTHTTPwww");
	const struct ev_preauth_key *p;
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "HTTP/www", 2, 18, 1);
	memcpy(m.p + m.len - 4 - 32, key.contents, 32);
	krb5_free_keyblock_contents(NULL, &key);
	ring_begin();
	ring_take("www.keytab", &m);
	CHECK(give("HTTP/www@" REALM, PASSWORD));
	x = sealed_by("HTTP/www", "another", "FJORD.TESTsvc-web");
	CHECK(is_text(x->result, "other-key"));
	CHECK(is_text(x->salt, "FJORD.TESTHTTPwww") && x->kdc_salt.len == 0);
	kdc_names_salt("HTTP/www", "FJORD.TESTsvc-web");
	x = sealed_by("HTTP/www", PASSWORD, "FJORD.TESTsvc-web");
	CHECK(is_text(x->result, "other-key") && is_text(x->by, "keytab"));
	CHECK(is_text(x->salt, "FJORD.TESTHTTPwww"));
	CHECK(is_text(x->kdc_salt, "FJORD.TESTsvc-web"));
	CHECK(is_text(x->cname, "anna")); /* the password opened it */
	x = sealed_by("HTTP/www", PASSWORD, "FJORD.TESTHTTPwww");
	CHECK(is_text(x->result, "opens") && is_text(x->by, "keytab"));
	/* It logs on with that keytab. */
	p = asks("HTTP/www", 18, PASSWORD, "FJORD.TESTHTTPwww");
	CHECK(is_text(p->result, "other-salt") && is_text(p->by, "keytab"));
	CHECK(is_text(p->salt, "FJORD.TESTHTTPwww"));
	CHECK(is_text(p->kdc_salt, "FJORD.TESTsvc-web"));
	ring_end();
}

/* The keytab was typed as another name than the account's. */
static void
test_typed_salt(void)
{
	krb5_keyblock key = made_key(18, PASSWORD, "FJORD.TESTcifsnas");
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "cifs/nas", 2, 18, 1);
	memcpy(m.p + m.len - 4 - 32, key.contents, 32);
	entry(&m, "cifs/san", 2, 18, 1);
	krb5_free_keyblock_contents(NULL, &key);
	ring_begin();
	ring_take("nas.keytab", &m);
	CHECK(give("svc-nas@" REALM, PASSWORD));
	x = sealed_by("cifs/nas", PASSWORD, "FJORD.TESTsvc-nas");
	CHECK(is_text(x->result, "other-key") && x->entry == 1);
	CHECK(is_text(x->salt, "FJORD.TESTcifsnas"));
	CHECK(is_text(x->kdc_salt, "FJORD.TESTsvc-nas"));
	x = sealed_by("cifs/san", PASSWORD, "FJORD.TESTsvc-nas");
	CHECK(is_text(x->result, "other-key") && x->salt.len == 0);
	ring_end();
}

/* A capture cannot have it make keys without end. */
static void
test_many_salts(void)
{
	char salt[16];

	ring_begin();
	CHECK(give("anna@" REALM, PASSWORD));
	for (int i = 0; i < 500; i++) {
		snprintf(salt, sizeof(salt), "salt %d", i);
		kdc_names_salt("anna", salt);
	}
	CHECK(ring->passwords->nsalts == RING_SALTS);
	asks("anna", 17, PASSWORD, "x");
	CHECK(ring_enctype(ring, 17)->n == RING_SALTS);
	ring_end();
}

static void
test_names(void)
{
	ring_begin();
	CHECK(give("bert@" REALM, "odd"));
	CHECK(give("carla@" REALM, PASSWORD)); /* it lies behind the odd one */
	CHECK(is_text(asks("carla", 18, PASSWORD, "FJORD.TESTcarla")->result,
	    "opens"));
	ring_end();
	ring_begin();
	CHECK(!give("anna", PASSWORD));
	CHECK(!give("@" REALM, PASSWORD));
	CHECK(!give("anna@", PASSWORD));
	CHECK(!give("anna@" REALM, ""));
	CHECK(keyring_empty(ring));
	ring_end();
}

static void
test_nothing_leaks(void)
{
	ring_begin();
	CHECK(give("anna@" REALM, PASSWORD));
	kdc_names_salt("anna", "FJORD.TESTAnna");
	asks("anna", 18, PASSWORD, "FJORD.TESTanna");
	sealed_by("anna", PASSWORD, "FJORD.TESTanna");
	fflush(told_out);
	CHECK(told_len > 200);
	CHECK(memmem(told_json, told_len, "Fjord-Winter", 12) == NULL);
	ring_end();
}

int
main(void)
{
	test_timestamp();
	test_keytab_timestamp();
	test_ticket();
	test_keytab_salt();
	test_typed_salt();
	test_many_salts();
	test_names();
	test_nothing_leaks();
	return failures != 0;
}
