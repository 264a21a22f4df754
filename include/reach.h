/*
 * reach.h - what became of the KDC that a client asked: whether anything came
 * back, who says why not, what else the same machine answered meanwhile, and
 * who helped out.
 *
 * Several rules compete for one silent KDC, and only one of them may be the
 * cause.  So the questions of the decision tree are asked here once; each
 * rule says what it makes of the answers.  Everything is a pure function of
 * story and ledger; what is handed out lives as long as they.
 */
#ifndef KERBSCOPE_REACH_H
#define KERBSCOPE_REACH_H

#include "finding.h"
#include "ledger.h"
#include "story.h"

/* What the evidence says of a KDC that could not be used. */
enum reach_fault {
	REACH_FAULT_NONE,     /* every KDC asked was reached in the end */
	REACH_FAULT_UNKNOWN,  /* no answer, and it may mean nothing */
	REACH_FAULT_DOWN,     /* silent, and nothing says why */
	REACH_FAULT_CLOSED,   /* it says itself that nobody listens */
	REACH_FAULT_FILTERED, /* a filter says so, or all but the port lives */
	REACH_FAULT_NO_TCP    /* it wants TCP (52), and nobody listens there */
};

struct reached {
	enum reach_fault fault;
	enum certainty certainty;  /* that it is this fault */
	const struct contact *c;   /* the first contact that failed */
	const struct contact *udp; /* with this address, the latest */
	const struct contact *tcp; /* alike; NULL: never tried */
	unsigned sent;             /* to this address in vain */
	bool mute; /* it took a connection, and the request unanswered */
	/* 52 from this address that no ticket followed, or NULL */
	const struct exchange *too_big;
	/* it answered something else while it was asked; frame 0: nothing */
	struct ref lives;
	const char *lives_by;          /* "DNS", "UDP port 88": static text */
	const struct contact *instead; /* KDC that answered later, or NULL */
	bool same_host; /* and that is another address of the same host */
	int64_t lost;   /* time until then, or till the end */
	const struct srv_fact *srv; /* that led there, or NULL */
	const char *realm;          /* wanted of it, or NULL */
};

/*
 * Fills OUT with the first KDC of S that could not be used; false when no
 * KDC was asked at all.
 */
bool
reach_kdc(const struct story *s, const struct ledger *l, struct reached *out);

/* Whether a contact of R failed as REACH; NULL transports count as no. */
bool reach_any(const struct reached *r, int reach);

/*
 * Writes subject, certainty, step, texts and the frames of the failed contacts
 * into F.
 */
void reach_report(const struct story *s, const struct ledger *l,
    const struct reached *r, struct finding *f);

/* "1.3 s", in F's memory. */
const char *reach_seconds(struct finding *f, int64_t us);

#endif
