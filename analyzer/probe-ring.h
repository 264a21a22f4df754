/*
 * probe-ring.h - the ring of keys, as its files share it: probe-keytab.c
 * reads keytabs, probe-ring.c keeps what they hold, probe-try.c tries it on
 * what passes, probe-open.c looks into what a key opened, and
 * probe-password.c makes keys of passwords.
 *
 * A key is kept once, however many entries have it: one trial answers for
 * all of them.  Entries of one principal are a family, found by its name
 * without regard to case and to the domain of its host.
 */
#ifndef ANALYZER_PROBE_RING_H
#define ANALYZER_PROBE_RING_H

#include <krb5.h>

#include "arena.h"
#include "bounds.h"
#include "probe-keytab.h"
#include "table.h"

#define RING_NAME 1100 /* longest name of a family, with its NUL */
#define RING_ENCTYPES 16
#define RING_SALTS 16 /* of one password that are tried */
#define RING_U2U 64   /* flows that asked for a user-to-user ticket */

struct ring_file {
	struct ring_file *next;
	const char *path;
	size_t entries;
	bool fits; /* opened something, or is of a realm that was seen */
};

struct ring_realm {
	struct node node;
	const char *name;
	struct ring_entry *first; /* of a keytab */
	bool seen;
};

struct ring_entry {
	struct ring_entry *next;         /* of all */
	struct ring_entry *next_of_key;  /* with the same key */
	struct ring_entry *next_of_name; /* of its family */
	struct ring_key *key;   /* NULL: of an enctype that libkrb5 lacks */
	struct ring_file *file; /* NULL: made of a password */
	struct ring_password *password; /* NULL: of a keytab */
	struct ring_realm *realm;
	const char *name;      /* without the realm */
	const char *principal; /* with it */
	const char *salt;      /* as far as a password told */
	size_t number;         /* in its file, from 1 */
	int64_t kvno, etype;
	bool salted; /* its salt was looked for */
	bool narrow; /* only the low 8 bits of the version are known */
};

struct ring_key {
	struct node node; /* by its octets */
	krb5_key handle;  /* NULL: not tried yet */
	bool unusable;
	uint64_t tried; /* in this trial already */
	int32_t etype;
	size_t len;
	const uint8_t *octets; /* in locked memory */
	struct ring_entry *first, *last;
};

struct ring_family {
	struct node node;
	const char *name;
	size_t len;
	struct ring_entry *first, *last;
};

/* The keys of one enctype, in the order of their coming. */
struct ring_enctype {
	int32_t etype;
	struct ring_key **keys;
	size_t n, room;
};

struct ring_salt {
	const char *text;
	int32_t made[RING_ENCTYPES]; /* enctypes of which it has a key */
	size_t nmade;
};

struct ring_password {
	struct ring_password *next;
	const char *principal, *name;
	struct ring_realm *realm;
	const uint8_t *text; /* in locked memory */
	size_t len;
	struct ring_salt salts[RING_SALTS];
	size_t nsalts;
	const char *kdc_salt; /* that the KDC named; NULL: none yet */
	uint64_t flow;        /* where this client asked last */
};

/*
 * So many trials of keys that nothing speaks for, in all: a second or two.  A
 * keytab of 10,000 entries in three enctypes has them for 45 services.  What
 * is left of half of them is for tickets of services not tried so far.
 */
#define RING_UNLIKELY 150000

struct slab;

struct keyring {
	event_sink sink;
	void *arg;
	struct arena mem;
	struct slab *slabs;
	struct ring_file *files, **files_end;
	struct ring_entry *entries, **entries_end;
	size_t nentries;
	struct ring_password *passwords;
	struct table keys, families, realms;
	struct ring_enctype enctypes[RING_ENCTYPES];
	size_t nenctypes;
	/* trials */
	struct table seen;     /* struct ring_seen: tickets */
	struct table services; /* struct ring_service */
	uint64_t serial;
	size_t unlikely;        /* trials of keys that nothing spoke for */
	size_t most_unlikely;   /* RING_UNLIKELY, but in tests */
	uint64_t not_tried;     /* tickets on which not all keys were */
	size_t salted;          /* entries whose salt was looked for */
	uint64_t u2u[RING_U2U]; /* flows whose next reply no key opens */
	size_t nu2u;
	uint8_t *plain; /* what a trial decrypts to */
	size_t plain_size;
};

/* --- probe-keytab.c ------------------------------------------------------ */

enum keytab_state {
	KEYTAB_WHOLE,
	KEYTAB_DAMAGED, /* not all of it could be read */
	KEYTAB_FULL,    /* the ring takes no more */
	KEYTAB_NO_KEY,
	KEYTAB_EMPTY,
	KEYTAB_NONE /* it is none */
};

/* Takes what the LEN octets at P, a keytab, hold; FILE lives as long as K. */
enum keytab_state keytab_take(struct keyring *k, struct ring_file *file,
    const uint8_t *p, size_t len);

/* --- probe-ring.c -------------------------------------------------------- */

/* LEN octets that are locked, and wiped by ring_wipe(). */
uint8_t *ring_secret(struct keyring *k, size_t len);
void ring_wipe(struct keyring *k);

/* "class/host" of NAME in REALM, without case and domain; 0: too long. */
size_t ring_family_name(struct str name, struct str realm, char buf[RING_NAME]);
struct ring_family *
ring_family(const struct keyring *k, struct str name, struct str realm);
/* Whether the hosts of A and B are one: short and full name are alike. */
bool ring_same_host(struct str a, struct str b);
/* Component N of a name, from 0; empty when there is none. */
struct str ring_component(struct str name, size_t n);
struct ring_realm *ring_realm(struct keyring *k, struct str name);

/*
 * Takes FROM, of which name, realm, kvno, etype and where it is from are set,
 * with a key of LEN octets at P.  NULL when libkrb5 says that the key cannot
 * be one.
 */
struct ring_entry *ring_add(struct keyring *k, const struct ring_entry *from,
    const uint8_t *p, size_t len);
/* Whether E is of version KVNO. */
bool ring_is_kvno(const struct ring_entry *e, int64_t kvno);
/*
 * Opens CIPHER with KEY: its length in PLAIN_LEN, the octets in k->plain
 * until the next call of ring_wipe_plain().
 */
bool ring_decrypt(struct keyring *k, struct ring_key *key, int usage,
    struct bytes cipher, size_t *plain_len);
bool ring_decrypt_with(struct keyring *k, const krb5_keyblock *key, int usage,
    struct bytes cipher, size_t *plain_len);
void ring_wipe_plain(struct keyring *k);
struct ring_enctype *ring_enctype(struct keyring *k, int64_t etype);

/* --- probe-open.c -------------------------------------------------------- */

/* The ticket in k->plain; NULL when it is none. */
krb5_enc_tkt_part *open_ticket(struct keyring *k, size_t len);
void open_ticket_free(krb5_enc_tkt_part *t);
/* Fills what OUT tells of an opened ticket; texts live in MEM. */
void open_tell_ticket(const krb5_enc_tkt_part *t, struct arena *mem,
    struct ev_ticket_key *out);
/* The authenticator CIPHER with the session key of T, as an event. */
void open_authenticator(struct keyring *k, const krb5_enc_tkt_part *t, bool tgs,
    struct bytes cipher, struct arena *mem, struct ev_authenticator *out);
/* The time of the PA-ENC-TS-ENC in k->plain; 0 when it is none. */
int64_t open_timestamp(struct keyring *k, size_t len);

/* --- probe-password.c ---------------------------------------------------- */

/* Makes the keys of enctype ETYPE of all passwords, once each. */
void password_keys(struct keyring *k, int64_t etype);
/* The entry of a password that has KEY; NULL: none. */
const struct ring_entry *password_entry(const struct ring_key *key);
/*
 * What the timestamp says that entry E opens, or not: the salt of a password
 * and the KDC's.
 */
void password_salts(const struct ring_entry *e, bool opens,
    struct ev_preauth_key *out);
/*
 * The salt with which somebody may have made the key of E, of a keytab, out of
 * W, typing its principal; NULL: none fits.
 */
const char *password_salt_of(struct keyring *k, const struct ring_password *w,
    struct ring_entry *e);
/* What EV says of salts. */
void password_event(struct keyring *k, const struct event *ev);
/* The password of NAME in REALM; NULL: none. */
struct ring_password *
password_of(const struct keyring *k, struct str name, struct str realm);

#endif
