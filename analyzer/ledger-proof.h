/*
 * ledger-proof.h - the entries in which the ledger keeps what look-ups said.
 */
#ifndef ANALYZER_LEDGER_PROOF_H
#define ANALYZER_LEDGER_PROOF_H

#include "arena.h"
#include "ledger-store.h"
#include "proof.h"

#define KEY_TEXT 600 /* longest key: name, NUL, realm */

struct proof_key {
	const void *p;
	size_t len;
};

/* Names of the accounts that an answer lists. */
struct account_names {
	const char *names[DIR_MAX_OWNERS];
	size_t n;
};

struct spn_answer {
	struct spn_owners o;
	struct account_names owners, implied, computers;
};

struct name_answer {
	struct name_owners o;
	struct account_names accounts;
};

struct proof_entry {
	struct node node;
	struct arena mem;
	size_t octets;
	const void *key;
	size_t keylen;
	union {
		struct key_trial trial;
		struct auth_fact auth;
		struct preauth_trial preauth;
		struct dir_account account;
		struct dir_domain domain;
		struct spn_answer spn;
		struct name_answer name;
		struct krb5_conf conf;
		const char *realm;       /* of a line in [domain_realm] */
		const char *const *list; /* of kdc lines */
	} u;
};

struct proof_entry *ledger_proof_find(const struct ledger *l,
    enum proof_kind kind, struct proof_key k);
/* An empty entry for K, instead of the one that there was. */
struct proof_entry *
ledger_proof_new(struct ledger *l, enum proof_kind kind, struct proof_key k);
/* E is filled: its octets count. */
void ledger_proof_done(struct ledger *l, enum proof_kind kind,
    struct proof_entry *e);
/* NAME and REALM in lower case, a NUL between them; len 0: too long. */
struct proof_key
ledger_text_key(struct str name, struct str realm, char buf[KEY_TEXT]);
/* A copy in MEM, ended by NULL. */
const char *const *ledger_copy_list(struct arena *mem, struct strs from);

/* An account, a domain, an answer of the directory. */
void ledger_feed_directory(struct ledger *l, const struct event *ev);

#endif
