/*
 * proof.h - what the look-ups say (keytabs, passwords, the directory, the
 * client's krb5.conf), as the ledger keeps it from their events.
 *
 * A look-up that was not made says nothing: every question has the answer
 * "not known", and no rule takes that for a no.  What is handed out is valid
 * during the check.
 */
#ifndef KERBSCOPE_PROOF_H
#define KERBSCOPE_PROOF_H

#include "finding.h"
#include "ledger.h"

/* --- keys -------------------------------------------------------------- */

/* What came of trying every key at hand on a ticket. */
enum key_result {
	KEY_UNTRIED,      /* no key was at hand, or no ciphertext */
	KEY_OPENS,        /* this entry opens it */
	KEY_NO_PRINCIPAL, /* none opens it; no entry is for this principal */
	KEY_NO_KVNO,      /* entries for it, none of the ticket's version */
	KEY_NO_ETYPE,     /* that version, but not in the ticket's enctype */
	KEY_OTHER         /* version and enctype are there: another key */
};

/* Names in an entry mean: of the principal asked, or one with its key. */
struct key_trial {
	enum key_result result;
	bool by_password;      /* not a keytab's entry */
	const char *source;    /* "fs1.keytab:3": file and entry */
	const char *principal; /* the entry that opens, or comes nearest */
	int64_t kvno, etype;   /* of that entry; EV_ABSENT: none */
	/* of that principal in all keytabs; EV_ABSENT: none */
	int64_t oldest, newest;
	int32_t etypes[8]; /* at its newest version */
	size_t netypes;
	/*
	 * opened by an entry of another principal: the newest version of the
	 * principal asked (EV_ABSENT: none), and where it stands
	 */
	int64_t asked_kvno;
	const char *asked_source;
	const char *others;   /* a principal of these keytabs, or NULL */
	bool rc4_opens;       /* its RC4 key opened a ticket of this SPN */
	const char *salt;     /* the nearest entry's, when a password told */
	const char *kdc_salt; /* the KDC's, when a password told */
	/* opened: what the ticket says */
	const char *crealm, *cname;
	uint32_t flags; /* TicketFlags as in KDC_*: bit 0 is 0x80000000 */
	int64_t session_etype;
	int64_t auth_time, start, end, renew; /* 0: not there */
	int64_t pac;                          /* EV_ABSENT: not known */
};

/* An authenticator that a key at hand opened. */
struct auth_fact {
	const char *source;
	bool failed; /* the ticket opens, its authenticator does not */
	const char *crealm, *cname;
	int64_t ctime; /* the client's clock; ref.time: the capture's */
	int64_t subkey_etype;
	bool gss; /* the flags below are known */
	bool mutual, delegate, delegated, bindings;
	struct ref ref;
};

enum preauth_result {
	PREAUTH_UNTRIED,
	PREAUTH_OPENS,      /* the key at hand is the one the client used */
	PREAUTH_OTHER_SALT, /* the same password, with another salt */
	PREAUTH_OTHER_KEY   /* another password, or another key */
};

/* Keys tried on the PA-ENC-TIMESTAMP of an AS-REQ. */
struct preauth_trial {
	enum preauth_result result;
	bool by_password;
	const char *source;
	const char *principal;
	int64_t kvno, etype;
	const char *salt, *kdc_salt; /* NULL: not known */
	int64_t time;                /* opened: the client's clock */
	struct ref ref;
};

/* The trial of the ticket with DIGEST; NULL when no key was tried. */
const struct key_trial *
ledger_key_trial(const struct ledger *l, const uint8_t digest[DIGEST_LEN]);
/* The authenticator of the request that frame REF completes; NULL: closed. */
const struct auth_fact *
ledger_authenticator(const struct ledger *l, const struct ref *ref);
/* The timestamp of the request that frame REF completes; NULL: untried. */
const struct preauth_trial *
ledger_preauth(const struct ledger *l, const struct ref *ref);
/* Whether any keytab was read at all. */
bool ledger_has_keytab(const struct ledger *l);

/* --- the directory ----------------------------------------------------- */

/* userAccountControl, MS-ADTS 2.2.16. */
enum {
	UAC_DISABLED = 0x2,
	UAC_WORKSTATION = 0x1000,
	UAC_DC = 0x2000,
	UAC_DES_ONLY = 0x200000,
	UAC_TRUSTED_FOR_DELEGATION = 0x80000,
	UAC_NOT_DELEGATED = 0x100000,
	UAC_NO_PREAUTH = 0x400000,
	UAC_PASSWORD_EXPIRED = 0x800000,
	UAC_TRUSTED_TO_AUTH = 0x1000000
};

/* msDS-SupportedEncryptionTypes, MS-KILE 2.2.7. */
enum {
	SET_DES_CRC = 1,
	SET_DES_MD5 = 2,
	SET_RC4 = 4,
	SET_AES128 = 8,
	SET_AES256 = 0x10,
	SET_AES_SK = 0x20,
	SET_AES = SET_AES128 | SET_AES256
};

struct dir_account {
	const char *name;  /* sam@REALM */
	const char *realm; /* the part behind the @ */
	const char *dn;
	const char *class;  /* user, computer, managed, trust, contact */
	const char *source; /* "accounts.ldif:120", "ldaps://dc1/CN=..." */
	const char *sid, *upn, *dns_host; /* NULL: none */
	const char *const *spns;          /* ended by NULL */
	uint32_t uac;                     /* UAC_* */
	bool uac_known;
	uint32_t enctypes; /* SET_* */
	bool enctypes_set;
	bool enctypes_known; /* unset is known to be so */
	int64_t kvno;        /* EV_ABSENT: not exported */
	int64_t pwd_last_set, expires, locked, created, changed; /* 0: none */
	const char *const *delegate_to; /* ended by NULL */
	bool delegate_known;            /* an empty list means none */
	const char *const *acts_here;   /* ended by NULL */
	bool acts_known;
	bool protected_user, member_known;
	bool rodc;
	const char *trust_partner; /* trust: or NULL */
	int64_t trust_direction, trust_type;
	uint32_t trust_attributes;
};

#define DIR_MAX_OWNERS 8

/* Who holds the name of a service, in all of the directory at hand. */
struct spn_owners {
	const char *spn, *realm;
	const struct dir_account *owners[DIR_MAX_OWNERS]; /* literally */
	size_t nowners;
	/* by HOST/, sPNMappings; only when nobody has it literally */
	const struct dir_account *implied[DIR_MAX_OWNERS];
	size_t nimplied;
	/* computers that this host name is of: dNSHostName, sAMAccountName */
	const struct dir_account *computers[DIR_MAX_OWNERS];
	size_t ncomputers;
	const char *const *near; /* "SPN account", ended by NULL */
	/* nobody else in the realm, in any realm at hand, has it */
	bool covered, covered_all;
};

/* The answer for SPN asked of the KDC of REALM; NULL: it was not asked. */
const struct spn_owners *
ledger_owners(const struct ledger *l, const char *spn, const char *realm);
/*
 * The account of REALM that alone holds SPN there, by itself or implied; NULL
 * when there is none, more than one, or nothing is known.
 */
const struct dir_account *
ledger_owner(const struct ledger *l, const char *spn, const char *realm);

/* Which accounts a name of a client means. */
struct name_owners {
	const struct dir_account *accounts[DIR_MAX_OWNERS];
	size_t n;
	bool covered; /* there is no other */
};

/*
 * NAME as it is on the wire (anna, FS1$, anna@corp.example, host/fs1) in
 * REALM; NULL: it was not asked.
 */
const struct name_owners *ledger_directory_name(const struct ledger *l,
    const char *name, const char *realm);
/* The one account that it means; NULL when none, several, or not known. */
const struct dir_account *ledger_directory_account(const struct ledger *l,
    const char *name, const char *realm);
/* The account NAME, written sam@REALM without regard to case; or NULL. */
const struct dir_account *
ledger_dir_account(const struct ledger *l, const char *name);
/* The trust of REALM's domain with OTHER; NULL: none at hand. */
const struct dir_account *
ledger_dir_trust(const struct ledger *l, const char *realm, const char *other);

struct dir_domain {
	const char *realm, *netbios; /* netbios may be NULL */
	const char *source;
	bool whole, damaged;
	int64_t accounts, time;
};

/* What is at hand of the domain of REALM; NULL: nothing. */
const struct dir_domain *
ledger_dir_domain(const struct ledger *l, const char *realm);

/* Whether A is disabled or, at TIME (0: unknown), expired. */
bool dir_account_revoked(const struct dir_account *a, int64_t time);
/* Whether LIST, ended by NULL, holds TEXT without regard to case. */
bool dir_list_has(const char *const *list, const char *text);

/* --- krb5.conf --------------------------------------------------------- */

struct krb5_conf {
	const char *path;
	const char *default_realm; /* NULL: not set, as all below */
	const char *canonicalize;  /* "true", "false", "fallback" */
	int64_t rdns, dns_lookup_realm, dns_lookup_kdc; /* EV_ABSENT */
	int64_t clockskew;                              /* seconds, 0 */
	const char *const *permitted, *const *tkt, *const *tgs;
	int64_t allow_weak_crypto, udp_preference_limit, kdc_timesync;
	bool partial; /* what it includes is missing: unset is not known */
};

/* The last --krb5-conf; NULL: none was read. */
const struct krb5_conf *ledger_krb5_conf(const struct ledger *l);
/*
 * The realm that its [domain_realm] gives HOST, as libkrb5 looks it up: the
 * host itself, then each of its domains; NULL: no line fits.  LINE (may be
 * NULL) gets the line's left side.
 */
const char *ledger_domain_realm(const struct ledger *l, const char *host,
    const char **line);
/* The kdc lines of REALM, ended by NULL; NULL when it has no section. */
const char *const *ledger_realm_kdcs(const struct ledger *l, const char *realm);

/* --- in findings ------------------------------------------------------- */

/* Cites the account A in F: where it stands, and what that says. */
void finding_account(struct finding *f, const struct dir_account *a,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
