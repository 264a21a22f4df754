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
	ETYPE_NO_FAULT,     /* the story does not end with 14 */
	ETYPE_UNSEEN,       /* what the client offered was not captured */
	ETYPE_DES_CLIENT,   /* it offers DES and nothing else */
	ETYPE_DES_ACCOUNT,  /* DES keys are all that the account has */
	ETYPE_NO_KEYS,      /* the KDC has no key of the account at all */
	ETYPE_RC4_OFF,      /* RC4 was offered, and is not given any more */
	ETYPE_CLIENT,       /* its list lacks AES */
	ETYPE_ACCOUNT,      /* the account lacks what the client offers */
	ETYPE_NOTHING_FITS, /* the client offers AES and RC4, in vain */
};

struct etype_refusal {
	const struct exchange *e; /* the last word, 14 */
	enum etype_fault fault;
	struct etype_kinds offered;
	const struct spn_fact *spn;         /* TGS: the service, or NULL */
	const struct account_fact *account; /* AS: the client, or NULL */
	bool was_rc4; /* the service had RC4 tickets, and no others */
	bool foreign; /* the ticket shown is another realm's */
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

/* Writes step, the first two frames, {who}, {what}, {offered} into F. */
void etype_evidence(struct finding *f, const struct story *s,
    const struct etype_refusal *r);

/* Makes the service or the account that was refused the subject of F. */
void etype_subject(struct finding *f, const struct etype_refusal *r);

#endif
