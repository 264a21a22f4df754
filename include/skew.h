/*
 * skew.h - what the rules on time share: who of two hosts has the wrong
 * clock, and how its error reads.
 *
 * RFC 4120 3.1.3, 3.2.3: error 37 says that two clocks differ, never whose
 * is wrong; the clocks in clear decide that.  The capture's own clock is one
 * witness and no more: it may be the one that is wrong.  All of this is a
 * pure function of story and ledger.
 */
#ifndef KERBSCOPE_SKEW_H
#define KERBSCOPE_SKEW_H

#include "rule.h"

#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

enum skew_word {
	SKEW_UNSEEN,  /* the host's clock was never in clear */
	SKEW_RIGHT,   /* it agrees with others */
	SKEW_OFF,     /* it differs, others agree with each other */
	SKEW_DOUBTFUL /* it differs from the capture's clock, and
				 * no third clock says which is wrong */
};

/*
 * What can be said of the clock at ADDR.  OFFSET gets microseconds against
 * the others, positive ahead; 0 when unseen.
 */
enum skew_word
skew_clock(const struct ledger *l, const struct addr *addr, int64_t *offset);

/* The same around WHEN, should it have been set since, or just now. */
enum skew_word skew_clock_at(const struct ledger *l, const struct addr *addr,
    int64_t when, int64_t *offset);

/* The time of the answer to A; of its request when it got none. */
int64_t skew_when(const struct attempt *a);

/* Whether OFFSET is more than is tolerated. */
bool skew_beyond(const struct ledger *l, int64_t offset);

/*
 * How far the client's clock is from the KDC's by its own requests: the
 * ctime of the error E, or `till' of an AS-REQ of the story less a usual
 * lifetime.  A hint, never proof; 0 when there is none beyond the tolerance.
 */
int64_t skew_hint(const struct story *s, const struct ledger *l,
    const struct exchange *e);

/*
 * Whether somebody whose clock is right told the client at ADDR around WHEN
 * that their clocks differ (37); NULL, or the client with what it was told.
 */
const struct host *
skew_told(const struct ledger *l, const struct addr *addr, int64_t when);

/*
 * Whether the KDC at ADDR told more than one client that their clocks differ
 * and gave nobody a ticket: then it is the odd one, not all of them.
 */
bool skew_told_all(const struct ledger *l, const struct addr *addr);

/* "10 minutes ahead", "1 h 2 min behind", in the finding's memory. */
const char *skew_text(struct finding *f, int64_t off);

/* "dc1.fjord.test (10.77.0.10)", or the address alone. */
const char *
skew_host(struct finding *f, const struct ledger *l, const struct addr *addr);

/* Cites the sample of the clock at ADDR, if there is one. */
void
skew_cite(struct finding *f, const struct ledger *l, const struct addr *addr);

/* The sample of around WHEN. */
void skew_cite_at(struct finding *f, const struct ledger *l,
    const struct addr *addr, int64_t when);

#endif
