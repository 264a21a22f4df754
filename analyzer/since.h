/*
 * since.h - the inside of since*.c: what a log-on knows, and the hashes by
 * which the findings that it may have met are found.
 */
#ifndef ANALYZER_SINCE_H
#define ANALYZER_SINCE_H

#include "judge.h"

#define HANDLES_MAX 64 /* hashes of one log-on */

/* A log-on that ended well, with Kerberos. */
struct well {
	const struct story *s;
	const struct attempt *a; /* NULL: it reached no service */
	bool at_kdc;             /* what came of it there is not seen */
	bool again;              /* it failed at first, and began anew at */
	int64_t start;
	const struct host *client, *server;
	const struct ledger *l;
	uint64_t clear; /* as docket.clear */
	uint64_t handles[HANDLES_MAX];
	size_t n;
	struct hurt as; /* itself, as if it had met something */
	bool as_made;
};

uint64_t since_by_addr(const struct addr *a);
/* fs1 of fs1.fjord.test: short and full names are alike. */
uint64_t since_by_label(struct str host);
uint64_t since_by_spn(const char *spn);
/* anna of anna@FJORD.TEST and of FJORD\anna. */
uint64_t since_by_user(const char *name);
uint64_t since_by_realm(const char *realm);

/* False when S, of which CLEAR is known, says nothing of any fault. */
bool since_well(struct well *w, const struct story *s, const struct ledger *l,
    uint64_t clear);

/*
 * Whether S, which failed, was begun anew later and got in then: FAILED gets
 * when it failed last, START when the other try began.
 */
bool since_turned(const struct story *s, int64_t *failed, int64_t *start);

/* What S met a finding about SERVER (may be NULL) with. */
void since_hurt(struct hurt *h, const struct story *s, const char *server);

/*
 * Writes what S was for into H: the name that was looked up, or else that of
 * the SPN; and when ALL, both.
 */
void since_names(struct hurt *h, const struct story *s, bool all);
/* Whether K is an answer that has the address A. */
bool since_gives(const struct lookup *k, const struct addr *a);

/* Whether W would have met M. */
bool since_met(const struct docket *d, struct well *w, const struct merged *m);
/* Whether the client of W is one that met M. */
bool since_is_hurt(const struct well *w, const struct merged *m);

#endif
