/*
 * delegation.h - what is known of a refused S4U2Proxy (MS-SFU): who asks for
 * what in whose name, how it came by the user's ticket, and which of the
 * faults that all answer 13, KDC_ERR_BADOPTION, it can be.
 *
 * The rules deleg-* share one walk: the target's domain, the resource's own
 * list, the front end's list, the user, the user's ticket.  A fault that a
 * look-up shows silences the others; without one they cannot be told apart,
 * and each is possible.
 */
#ifndef KERBSCOPE_DELEGATION_H
#define KERBSCOPE_DELEGATION_H

#include "finding.h"
#include "ledger.h"
#include "proof.h"
#include "story.h"

/* In the order of the walk: the first that a look-up shows is the cause. */
enum delegation_fault {
	DELEG_CROSS_DOMAIN,   /* classic, and the target in another domain */
	DELEG_RBCD_DENIED,    /* the target's own list names others */
	DELEG_NOT_CONFIGURED, /* nothing is listed anywhere */
	DELEG_NOT_LISTED,     /* other targets are */
	DELEG_SENSITIVE,      /* the user is never delegated */
	DELEG_NOT_FORWARDABLE /* the user's ticket may not be handed on */
};
#define DELEG_FAULTS 6

/* How the front end came by the user's ticket. */
enum delegation_origin {
	ORIGIN_UNKNOWN,
	ORIGIN_S4U2SELF, /* it asked for it: protocol transition */
	ORIGIN_LOGON     /* the user came with it */
};

/* What is thought of one fault. */
struct opinion {
	enum certainty sure;
	bool excluded;
	const char *because; /* it is excluded; in the finding's memory */
	struct ref ref;
};

struct delegation {
	const struct exchange *e;
	const struct exchange *self; /* S4U2Self, when the story has it */
	const char *front, *front_realm;
	const char *user, *user_realm; /* NULL: not known */
	enum delegation_origin origin;
	struct ref origin_ref;
	bool asked_known, asked_forwardable; /* for the user's ticket */
	bool resource;                       /* it may ask by RBCD */
	const struct key_trial *opened;      /* the user's ticket, or NULL */
	const struct dir_account *front_account, *owner, *user_account;
	const char *target_realm; /* of the owner, if it is known */
	bool listed;              /* the front end's list has the target */
	const char *near;         /* the entry that comes nearest, or NULL */
	bool near_host;           /* and is of the same host */
	size_t entries;           /* in the front end's list */
	/* it got these for a user: the same, but for one thing */
	const struct delegated *other_user, *other_target, *other_way;
	struct opinion of[DELEG_FAULTS];
	struct finding *f;
};

/*
 * Fills OUT for the S4U2Proxy that was refused in S for good with 13, and
 * returns true.  False when there is none, or it is one of those that
 * clients live with.  Texts are made in the memory of F.
 */
bool delegation_refused(const struct story *s, const struct ledger *l,
    struct finding *f, struct delegation *out);

/* Fills OUT for E, a request of S by S4U2Proxy, without an opinion of it. */
void delegation_of(const struct story *s, const struct ledger *l,
    const struct exchange *e, struct finding *f, struct delegation *out);

/*
 * The verdict of the rule for FAULT, and when it fired the finding: subject,
 * step, frames, what is excluded, {front}, {user}.  OUT is filled then.
 */
enum verdict delegation_verdict(const struct story *s, const struct ledger *l,
    enum delegation_fault fault, struct finding *f, struct delegation *out);

/* Writes what all rules deleg-* say of D into its finding. */
void delegation_report(const struct delegation *d);

/* Says in the finding of D what else was looked at, and cannot be. */
void delegation_walk(const struct delegation *d);

/* Whether tickets of the user A may not be handed on: marked so, protected. */
bool delegation_sensitive(const struct dir_account *a);

/* Writes {front}'s list, if it is known, into D's finding. */
void delegation_list(const struct delegation *d);
/* The same for the list of the target's account. */
void delegation_resource_list(const struct delegation *d);

/* Whether the KDC says in E that it knows no lists of delegation at all. */
bool delegation_unsupported(const struct exchange *e);

/* --- inside ----------------------------------------------------------- */

/* Fills D->of: what it can be, and what not. */
void delegation_judge(struct delegation *d);

/* How surely A's own list (RBCD) names, or does not name, FRONT. */
enum acts {
	ACTS_UNKNOWN, /* not exported, or entries that may be groups */
	ACTS_NOBODY,
	ACTS_OTHERS,
	ACTS_FRONT
};

enum acts
delegation_acts(const struct dir_account *a, const struct dir_account *front);

#endif
