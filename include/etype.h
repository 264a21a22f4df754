/*
 * etype.h - what the rules on encryption types share: what a client offered,
 * and what a KDC's "no encryption type in common" (14) is about.
 *
 * Several rules compete for one 14, and only one of them may be likely, so
 * the question is answered here once.  Offering is not using: RC4 at the end
 * of a list that begins with AES says nothing.
 */
#ifndef KERBSCOPE_ETYPE_H
#define KERBSCOPE_ETYPE_H

#include "finding.h"
#include "ledger.h"
#include "proof.h"
#include "story.h"

/* Which kinds a list holds; what only Windows knows (-133, 24) is left out. */
struct etype_kinds {
	bool known; /* the list was seen */
	bool aes;   /* 17, 18: */
	bool aes128, aes256;
	bool sha2;  /* 19, 20: Active Directory has none of them */
	bool rc4;   /* 23 */
	bool des;   /* 1, 2, 3 */
	bool other; /* 3DES, Camellia */
};

/* Whom the evidence of an error 14 blames. */
enum etype_fault {
	ETYPE_NO_FAULT,    /* the story does not end with 14 */
	ETYPE_UNSEEN,      /* what the client offered was not captured */
	ETYPE_DES_CLIENT,  /* it offers DES and nothing else */
	ETYPE_DES_ACCOUNT, /* DES keys are all that the account has */
	ETYPE_NO_KEYS,     /* the KDC has no key of the account at all */
	ETYPE_KEYLESS,     /* the directory promises AES, and no key is there */
	ETYPE_KRBTGT,      /* MIT: the realm's own key lacks AES */
	ETYPE_RC4_OFF,     /* RC4 was offered, and is not given any more */
	ETYPE_CLIENT,      /* its list lacks AES */
	ETYPE_ACCOUNT,     /* the account lacks what the client offers */
	ETYPE_NOTHING_FITS, /* the client offers AES and RC4, in vain */
};

/* What msDS-SupportedEncryptionTypes lets a KDC use (MS-KILE 2.2.7). */
enum etype_attr {
	ETYPE_ATTR_UNKNOWN, /* no directory, or it does not show it */
	ETYPE_ATTR_UNSET,   /* the KDC's default: RC4 before 2026, AES since */
	ETYPE_ATTR_DES,     /* DES alone, or UAC_DES_ONLY */
	ETYPE_ATTR_RC4,     /* RC4, no AES */
	ETYPE_ATTR_AES,     /* AES, no RC4 */
	ETYPE_ATTR_BOTH
};

struct etype_refusal {
	const struct exchange *e; /* the last word, 14 */
	enum etype_fault fault;
	struct etype_kinds offered;
	const struct spn_fact *spn;         /* TGS: the service, or NULL */
	const struct account_fact *account; /* AS: the client, or NULL */
	bool was_rc4; /* the service had RC4 tickets, and no others */
	bool foreign; /* the ticket shown is another realm's */
	/* whose keys it is about, as the directory has it; or NULL */
	const struct dir_account *holder;
	enum etype_attr attr;
};

/* DES, 3DES or RC4, and their exportable forms. */
bool etype_is_weak(int64_t etype);
bool etype_is_des(int64_t etype);

struct etype_kinds etype_kinds_of(const int32_t *list, size_t n);
/* Whether DES is all there is. */
bool etype_only_des(const struct etype_kinds *k);

/* "aes256-cts-hmac-sha1-96, rc4-hmac": the list of N, in F's memory. */
const char *etype_text(struct finding *f, const int32_t *list, size_t n);

/* Looks at the 14 that S ends with, if it is about keys of the two sides. */
void etype_refusal(const struct story *s, const struct ledger *l,
    struct etype_refusal *out);

enum etype_attr etype_attr_of(const struct dir_account *a);
/* Whether A's attribute is set to a type that K offers. */
bool
etype_attr_offered(const struct dir_account *a, const struct etype_kinds *k);
/*
 * Whether A's attribute promises an AES type that K offers: when there is
 * none in spite of that, the key is missing.
 */
bool
etype_attr_promises(const struct dir_account *a, const struct etype_kinds *k);
/* A's sAMAccountName, in F's memory. */
const char *etype_sam(struct finding *f, const struct dir_account *a);
/* Cites in F what A's attribute says, and how old its password is. */
void etype_cite(struct finding *f, const struct dir_account *a);

/* Writes step, two frames, {at}, {what}, {offered}, {sam} into F. */
void etype_evidence(struct finding *f, const struct story *s,
    const struct etype_refusal *r);

/* Makes the service or the account that was refused the subject of F. */
void etype_subject(struct finding *f, const struct etype_refusal *r);

#endif
