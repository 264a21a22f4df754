/*
 * Keytabs, whole and damaged, and what their keys say of tickets.
 */
#include "keytab.h"

static struct made_keytab m;

/* --- files --------------------------------------------------------------- */

static enum keytab_state
state_of(const void *p, size_t len)
{
	enum keytab_state state;

	m.len = 0;
	put(&m, p, len);
	ring_begin();
	state = ring_take("a", &m);
	ring_end();
	return state;
}

static void
test_no_keytab(void)
{
	CHECK(state_of("", 0) == KEYTAB_EMPTY);
	CHECK(state_of("\5", 1) == KEYTAB_NONE);
	CHECK(state_of("\5\2", 2) == KEYTAB_NO_KEY);
	CHECK(state_of("\5\3\0\0", 4) == KEYTAB_NONE);
	CHECK(state_of("hello", 5) == KEYTAB_NONE);
	CHECK(state_of("\5\2\0\0\0\1\0", 7) == KEYTAB_NO_KEY);
	CHECK(state_of("\5\2\177\377\377\377", 6) == KEYTAB_NO_KEY);
	CHECK(state_of("\5\2\200\0\0\0", 6) == KEYTAB_NO_KEY);
	CHECK(state_of("\5\1\0\1", 4) == KEYTAB_NO_KEY);
}

/* Three entries, the file ending after N octets. */
static size_t
entries_of(size_t n, enum keytab_state *state)
{
	size_t entries;

	keytab_begin(&m);
	entry(&m, "host/a.fjord.test", 2, 18, 1);
	entry(&m, "host/b.fjord.test", 2, 17, 2);
	entry(&m, "C$", 2, 23, 3);
	if (n < m.len)
		m.len = n;
	ring_begin();
	*state = ring_take("a", &m);
	entries = ring->nentries;
	ring_end();
	return entries;
}

static void
test_cut(void)
{
	enum keytab_state state;
	size_t whole, n, last = 0;

	CHECK(entries_of(SIZE_MAX, &state) == 3 && state == KEYTAB_WHOLE);
	whole = m.len;
	for (size_t len = 2; len < whole; len++) {
		n = entries_of(len, &state);
		CHECK(n >= last && n <= 2);
		last = n;
	}
	CHECK(last == 2 && state == KEYTAB_DAMAGED);
}

/* Of a damaged one the good entries are used, those behind it too. */
static void
test_damage(void)
{
	size_t second;

	keytab_begin(&m);
	entry(&m, "host/a.fjord.test", 2, 18, 1);
	second = m.len;
	entry(&m, "host/b.fjord.test", 2, 18, 2);
	entry(&m, "host/c.fjord.test", 2, 18, 3);
	m.p[second + 4] = 0x7f; /* so many components */
	ring_begin();
	CHECK(ring_take("a", &m) == KEYTAB_DAMAGED && ring->nentries == 2);
	pass_ticket("host/c.fjord.test", 2, 18, ticket_made(18, 3, NULL));
	CHECK(is_text(last_told(EV_ticket_key)->source, "a:3"));
	ring_end();
}

/* What ktutil's delent leaves, and zeroes at the end. */
static void
test_holes(void)
{
	keytab_begin(&m);
	put_number(&m, (uint64_t)-6, 4);
	put(&m, "\1\2\3\4\5\6", 6);
	entry(&m, "host/a.fjord.test", 2, 18, 1);
	put_number(&m, (uint64_t)-100, 4);
	ring_begin();
	CHECK(ring_take("a", &m) == KEYTAB_WHOLE && ring->nentries == 1);
	put_number(&m, 0, 4);
	ring_end();
	keytab_begin(&m);
	entry(&m, "host/a.fjord.test", 2, 18, 1);
	put(&m, (uint8_t[64]){ 0 }, 64);
	ring_begin();
	CHECK(ring_take("a", &m) == KEYTAB_WHOLE && ring->nentries == 1);
	ring_end();
}

/* Version 1 of an x86: little-endian, the realm counts, no name type. */
static void
test_version_1(void)
{
	static const uint8_t v1[] = "\5\1\50\0\0\0\2\0\12\0FJORD.TEST\2\0C$"
				    "\0\0\0\0\5\27\0\20\0";
	uint8_t key[32];

	m.len = 0;
	put(&m, v1, sizeof(v1) - 1);
	m.p[2] = (uint8_t)(sizeof(v1) - 1 - 6 + 16);
	put(&m, key, key_octets(key, 23, 4));
	ring_begin();
	CHECK(ring_take("a", &m) == KEYTAB_WHOLE && ring->nentries == 1);
	pass_ticket("cifs/c.fjord.test", 5, 23, ticket_made(23, 4, NULL));
	CHECK(is_text(last_told(EV_ticket_key)->u.ticket_key.principal,
	    "C$@FJORD.TEST"));
	ring_end();
}

/* --- trials -------------------------------------------------------------- */

/* What the keytab in m says of a ticket sealed with the key of SEED. */
static const struct ev_ticket_key *
trial(const char *spn, int64_t kvno, int etype, unsigned seed)
{
	pass_ticket(spn, kvno, etype, ticket_made(etype, seed, NULL));
	return &last_told(EV_ticket_key)->u.ticket_key;
}

static void
test_results(void)
{
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "cifs/fs1.fjord.test", 2, 18, 1);
	entry(&m, "cifs/fs1.fjord.test", 2, 23, 2);
	entry(&m, "cifs/fs1.fjord.test", 3, 18, 3);
	entry(&m, "WEB$", 9, 18, 4);
	ring_begin();
	ring_take("fs1.keytab", &m);
	x = trial("cifs/fs1.fjord.test", 3, 18, 3);
	CHECK(is_text(x->result, "opens") && x->entry == 3 && x->kvno == 3);
	CHECK(is_text(last_told(EV_ticket_key)->source, "fs1.keytab:3"));
	CHECK(is_text(x->by, "keytab") && x->oldest == 2 && x->newest == 3);
	x = trial("CIFS/FS1", 4, 18, 9);
	CHECK(is_text(x->result, "no-kvno") && x->kvno == 3 && x->etype == 18);
	CHECK(is_text(x->principal, "cifs/fs1.fjord.test@FJORD.TEST"));
	x = trial("cifs/fs1.fjord.test", 3, 23, 9);
	CHECK(is_text(x->result, "no-etype") && x->kvno == 3);
	x = trial("cifs/fs1.fjord.test", 3, 18, 9);
	CHECK(is_text(x->result, "other-key") && x->entry == 3);
	x = trial("http/fs1.fjord.test", 3, 18, 9);
	CHECK(is_text(x->result, "no-principal") && x->entry == 0);
	CHECK(is_text(x->others, "cifs/fs1.fjord.test@FJORD.TEST"));
	x = trial("cifs/fs1.other.test", 3, 18, 9);
	CHECK(is_text(x->result, "no-principal"));
	/* The machine account is what most classes are other names of. */
	x = trial("http/web.fjord.test", 8, 18, 9);
	CHECK(is_text(x->result, "no-kvno") && x->oldest == 9);
	ring_end();
}

/* A key opens what it opens, whatever its entry claims to be. */
static void
test_misnamed(void)
{
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	keytab_entry(&m, "tgt", "LINUX.TEST", 1, 1, 18, 5);
	entry(&m, "svc-web", 7, 18, 6);
	ring_begin();
	ring_take("odd", &m);
	x = trial("krbtgt/FJORD.TEST", 2, 18, 5);
	CHECK(is_text(x->result, "opens") && x->kvno == 1);
	CHECK(is_text(x->principal, "tgt@LINUX.TEST"));
	x = trial("http/www.fjord.test", 8, 18, 6);
	CHECK(is_text(x->result, "opens") && x->kvno == 7);
	ring_end();
}

/* One key under several names: the entry that should open it is named. */
static void
test_shared_key(void)
{
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "FS1$", 2, 18, 1);
	entry(&m, "host/fs1.fjord.test", 1, 18, 1);
	entry(&m, "host/fs1.fjord.test", 2, 18, 1);
	entry(&m, "cifs/fs1.fjord.test", 2, 18, 1);
	ring_begin();
	ring_take("a", &m);
	x = trial("host/fs1.fjord.test", 2, 18, 1);
	CHECK(is_text(x->result, "opens") && x->entry == 3);
	x = trial("cifs/fs1.fjord.test", 2, 18, 1);
	CHECK(is_text(x->result, "opens") && x->entry == 4);
	CHECK(ring->enctypes[0].n == 1);
	ring_end();
}

/* Opened by the entry of another name: what the name asked has is told. */
static void
test_asked(void)
{
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "cifs/a.fjord.test", 3, 18, 1);
	entry(&m, "cifs/b.fjord.test", 4, 18, 2);
	ring_begin();
	ring_take("ab", &m);
	x = trial("cifs/a.fjord.test", 4, 18, 2);
	CHECK(is_text(x->result, "opens") && x->entry == 2 && x->kvno == 4);
	CHECK(x->asked_kvno == 3 && is_text(x->asked_entry, "ab:1"));
	x = trial("cifs/b.fjord.test", 4, 18, 2);
	CHECK(x->asked_kvno == EV_ABSENT && x->asked_entry.len == 0);
	x = trial("cifs/c.fjord.test", 4, 18, 2);
	CHECK(x->asked_kvno == EV_ABSENT && is_text(x->result, "opens"));
	ring_end();
}

/* That no key opens a ticket is said when all were tried. */
static void
test_too_many(void)
{
	keytab_begin(&m);
	entry(&m, "host/a", 1, 18, 1);
	entry(&m, "host/b", 1, 18, 2);
	entry(&m, "host/c", 1, 18, 3);
	ring_begin();
	ring_take("a", &m);
	ring->most_unlikely = 5;
	CHECK(is_text(trial("host/d", 1, 18, 9)->result, "no-principal"));
	ntold = 0;
	trial("host/e", 1, 18, 9);
	trial("host/e", 1, 18, 9);
	trial("host/e", 1, 18, 9);
	CHECK(ntold == 0 && ring->not_tried == 3);
	CHECK(is_text(trial("host/b", 2, 18, 9)->result, "no-kvno"));
	/* Known of the first ticket of the service, and of what opens. */
	CHECK(is_text(trial("host/d", 1, 18, 9)->result, "no-principal"));
	CHECK(is_text(trial("host/c", 1, 18, 3)->result, "opens"));
	CHECK(ntold == 3 && ring->not_tried == 4);
	ring_end();
}

static void
test_versions(void)
{
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	keytab_entry(&m, "host/a", REALM, -1, 4, 18, 1); /* 260 = 4 */
	keytab_entry(&m, "host/b", REALM, 260, 4, 18, 2);
	keytab_entry(&m, "host/c", REALM, 0, 0, 18, 3); /* ktpass -kvno 0 */
	ring_begin();
	ring_take("a", &m);
	CHECK(is_text(trial("host/a", 260, 18, 9)->result, "other-key"));
	CHECK(is_text(trial("host/a", 5, 18, 9)->result, "no-kvno"));
	CHECK(is_text(trial("host/b", 4, 18, 9)->result, "no-kvno"));
	CHECK(is_text(trial("host/c", 4, 18, 9)->result, "other-key"));
	x = trial("host/b", 260, 18, 9);
	CHECK(is_text(x->result, "other-key") && x->kvno == 260);
	ring_end();
}

/* NetBIOS cuts the name of a machine account. */
static void
test_names(void)
{
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "A-NAME-OF-MANY-$", 1, 18, 1);
	entry(&m, "krbtgt", 4, 18, 2);
	ring_begin();
	ring_take("a", &m);
	x = trial("cifs/a-name-of-many-letters.fjord.test", 2, 18, 9);
	CHECK(is_text(x->result, "no-kvno") && x->kvno == 1);
	x = trial("krbtgt/FJORD.TEST", 5, 18, 9);
	CHECK(is_text(x->result, "no-kvno") && x->kvno == 4);
	x = trial("krbtgt/OTHER.TEST", 5, 18, 9);
	CHECK(is_text(x->result, "no-principal"));
	ring_end();
}

/* DES is gone from libkrb5: such a key says nothing of a ticket. */
static void
test_old_enctype(void)
{
	keytab_begin(&m);
	entry(&m, "host/a", 1, 3, 1);
	ring_begin();
	CHECK(ring_take("a", &m) == KEYTAB_WHOLE);
	pass_ticket("host/a", 1, 3, (struct bytes){ m.p, 64 });
	CHECK(ntold == 0);
	CHECK(is_text(trial("host/a", 1, 18, 9)->result, "no-etype"));
	ring_end();
}

static void
test_once(void)
{
	struct bytes cipher;

	keytab_begin(&m);
	entry(&m, "host/a", 1, 18, 1);
	ring_begin();
	ring_take("a", &m);
	cipher = ticket_made(18, 1, NULL);
	pass_ticket("host/a", 1, 18, cipher);
	CHECK(ntold == 1);
	digest[0]--;
	pass_ticket("host/a", 1, 18, cipher);
	CHECK(ntold == 1);
	ring_end();
}

/* RC4 has no salt: its key fits when the password does. */
static void
test_rc4(void)
{
	keytab_begin(&m);
	entry(&m, "host/a", 2, 18, 1);
	entry(&m, "host/a", 2, 23, 2);
	ring_begin();
	ring_take("a", &m);
	CHECK(trial("host/a", 2, 18, 9)->rc4_opens == 0);
	CHECK(is_text(trial("host/a", 2, 23, 2)->result, "opens"));
	CHECK(trial("host/a", 2, 18, 9)->rc4_opens == 1);
	CHECK(trial("host/a", 3, 18, 9)->rc4_opens == 0);
	ring_end();
}

/* --- what opens ---------------------------------------------------------- */

static void
test_ticket(void)
{
	static uint8_t pac[] = "\x30\x0e\x30\x0c\xa0\x04\x02\x02\0\x80\xa1\4"
			       "\4\2hi";
	krb5_authdata relevant = { .ad_type = 1,
		.length = 16,
		.contents = pac };
	krb5_authdata *with[] = { &relevant, NULL };
	const struct ev_ticket_key *x;

	keytab_begin(&m);
	entry(&m, "host/a", 1, 18, 1);
	ring_begin();
	ring_take("a", &m);
	x = trial("host/a", 1, 18, 1);
	CHECK(is_text(x->cname, "anna") && is_text(x->crealm, REALM));
	CHECK(x->flags == 0x40a10000 && x->session_etype == 18);
	CHECK(x->auth_time == T0 * SECOND && x->pac == 0);
	CHECK(x->start == (T0 + 1) * SECOND);
	CHECK(x->end == (T0 + 36000) * SECOND && x->renew == 0);
	pass_ticket("host/a", 1, 18, ticket_made(18, 1, with));
	CHECK(last_told(EV_ticket_key)->u.ticket_key.pac == 1);
	ring_end();
}

/* The AP-REQ of a ticket sealed with the key of SEED. */
static const struct ev_authenticator *
presented(unsigned seed, struct bytes authenticator, int u2u)
{
	struct event ev;

	event_init(&ev, EV_ap_req);
	ev.ref = (struct ref){ 0, 9, (int64_t)T0 * SECOND };
	ev.src = (struct addr){ 4, { 10, 0, 0, 5 } };
	digest[0]++;
	ev.u.ap_req.tkt_realm = text(REALM);
	ev.u.ap_req.tkt_sname = text("host/a");
	ev.u.ap_req.tkt_kvno = 1;
	ev.u.ap_req.tkt_etype = 18;
	ev.u.ap_req.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	ev.u.ap_req.tkt_cipher = ticket_made(18, seed, NULL);
	ev.u.ap_req.auth_etype = 18;
	ev.u.ap_req.auth_cipher = authenticator;
	ev.u.ap_req.u2u = u2u;
	keyring_event(ring, &ev);
	return &last_told(EV_authenticator)->u.authenticator;
}

static void
test_authenticator(void)
{
	static uint8_t octets[32] = { 16, [4] = 1, [20] = 3, 1, 0, 0, 1, 0, 2 };
	krb5_checksum gss = { .checksum_type = 0x8003,
		.length = 30,
		.contents = octets };
	const struct ev_authenticator *x;
	size_t n;

	keytab_begin(&m);
	entry(&m, "host/a", 1, 18, 1);
	ring_begin();
	ring_take("a", &m);
	x = presented(1, authenticator_made(11, &gss), 0);
	CHECK(x->failed == 0 && x->tgs == 0 && is_text(x->cname, "anna"));
	CHECK(x->ctime == (T0 + 5) * SECOND + 250000 && x->subkey_etype == 18);
	CHECK(x->gss == 1 && x->gss_flags == 0x103 && x->bindings == 1);
	CHECK(x->delegated == 1);
	CHECK(last_told(EV_authenticator)->src.b[3] == 5);
	CHECK(last_told(EV_authenticator)->ref.frame == 9);
	octets[4] = 0;
	octets[20] = 2;
	gss.length = 24;
	x = presented(1, authenticator_made(11, &gss), 0);
	CHECK(x->gss == 1 && x->bindings == 0 && x->delegated == 0);
	/* Of a TGS-REQ: the usage is another. */
	x = presented(1, authenticator_made(7, NULL), 0);
	CHECK(x->failed == 1 && x->ctime == 0);
	n = ntold;
	presented(9, authenticator_made(11, NULL), 0);
	CHECK(ntold == n + 1 && told[n].kind == EV_ticket_key);
	presented(1, authenticator_made(11, NULL), 1); /* user-to-user */
	CHECK(ntold == n + 1);
	ring_end();
}

/* --- secrets ------------------------------------------------------------- */

static bool
holds(const char *text, size_t len, const uint8_t *key, size_t n)
{
	char hex[65];

	for (size_t i = 0; i < n; i++)
		snprintf(hex + 2 * i, 3, "%02x", key[i]);
	return memmem(text, len, hex, 2 * n) != NULL ||
	    memmem(text, len, key, n) != NULL;
}

/* Neither keys nor what they open stand in what is told. */
static void
test_nothing_leaks(void)
{
	uint8_t key[32];
	size_t len = key_octets(key, 18, 1);

	keytab_begin(&m);
	entry(&m, "host/a", 1, 18, 1);
	ring_begin();
	ring_take("a", &m);
	trial("host/a", 1, 18, 1);
	trial("host/a", 1, 18, 9);
	presented(1, authenticator_made(11, NULL), 0);
	fflush(told_out);
	CHECK(told_len > 500);
	CHECK(!holds(told_json, told_len, key, len));
	CHECK(!holds(told_json, told_len, session_octets, 32));
	for (size_t i = 0; i < ring->plain_size; i++)
		CHECK(ring->plain[i] == 0);
	ring_end();
}

int
main(void)
{
	test_no_keytab();
	test_cut();
	test_damage();
	test_holes();
	test_version_1();
	test_results();
	test_misnamed();
	test_shared_key();
	test_asked();
	test_too_many();
	test_versions();
	test_names();
	test_old_enctype();
	test_once();
	test_rc4();
	test_ticket();
	test_authenticator();
	test_nothing_leaks();
	return failures != 0;
}
