/*
 * refusal.h - what the rest of the capture says of a refusal: of a ticket by
 * a service, of a service's name by a KDC.
 *
 * Several rules compete for one refusal, and only one of them may be likely.
 * So the questions of the decision tree (is the host's own key fine? was the
 * same key taken elsewhere? is the name a computer of its own?) are asked
 * here once; each rule says what it makes of the answers.  Everything is a
 * pure function of story and ledger; what is handed out lives as long as they.
 */
#ifndef KERBSCOPE_REFUSAL_H
#define KERBSCOPE_REFUSAL_H

#include "finding.h"
#include "ledger.h"
#include "proof.h"
#include "story.h"

#define REFUSAL_HOST_TEXT 256 /* longest DNS name, with its NUL */

/* Where the evidence puts the fault of a refused ticket. */
enum refusal_place {
	REFUSAL_UNDECIDED,
	REFUSAL_ACCOUNT, /* right host, the ticket is another account's */
	REFUSAL_HOST,    /* the name reached another computer */
	REFUSAL_NODE,    /* one of several nodes lacks the key */
	REFUSAL_ROTATION /* DNS spreads the name over distinct hosts */
};

/*
 * What look-ups prove of a refused ticket.  One rule belongs to each: that
 * one fires, PROVEN, and all others about the ticket are clear; those at the
 * end belong to the catch-all (service-refused-ticket).
 */
enum refusal_proof {
	PROVEN_NOTHING,      /* judge by the frames alone */
	PROVEN_STALE_KEY,    /* the server's newest key is older */
	PROVEN_OLD_TICKET,   /* its oldest key is newer: the ticket is old */
	PROVEN_VERSION,      /* it has the key, under another version */
	PROVEN_OTHER_KEY,    /* same version and enctype, another key */
	PROVEN_SALT,         /* and it is the same password's, salted wrong */
	PROVEN_NO_ETYPE,     /* the version is there, the enctype is not */
	PROVEN_NO_PRINCIPAL, /* the server's keytab lacks the name asked */
	PROVEN_ROLLED,   /* the key of another name of its account is newer */
	PROVEN_ACCOUNT,  /* the ticket is another account's than its own */
	PROVEN_HOST,     /* and that is the computer meant, elsewhere */
	PROVEN_NODE,     /* another node has the key, this one has not */
	PROVEN_ROTATION, /* DNS spreads the name over distinct computers */
	PROVEN_SKEW,     /* it opens; authenticator too far from a clock */
	PROVEN_EXPIRED,  /* it opens, and is over by the server's clock */
	PROVEN_DAMAGED,  /* it opens, the authenticator beside it not */
	PROVEN_FINE      /* all opens, in time: this is not about keys */
};

/* How the key that comes nearest belongs to the service asked for. */
enum key_tie {
	TIE_NONE,
	TIE_HOST,   /* of the computer asked, which as a rule has the name */
	TIE_NAME,   /* it has that very name */
	TIE_RC4,    /* another enctype of it opened a ticket for the name */
	TIE_TAKEN,  /* it opened one that the server took */
	TIE_ACCOUNT /* the directory says so */
};

struct refused_ticket {
	const struct attempt *a;
	struct spn spn;
	char host[REFUSAL_HOST_TEXT];    /* asked, lower case */
	const struct host *server;       /* NULL: nothing known */
	const char *own;                 /* server's other name, or NULL */
	char account[REFUSAL_HOST_TEXT]; /* it runs as: "WIN1$" */
	bool is_host;                    /* the server is the host asked */
	bool is_other;                   /* it is another computer */
	bool says_other;                 /* and says so itself */
	const struct service *here;      /* SPN at this server */
	const struct service *own_spn;   /* taken here, same kind of key */
	bool own_key;                    /* and its key is not the ticket's */
	char own_text[REFUSAL_HOST_TEXT];
	const struct service *elsewhere; /* who took this key */
	bool same_ticket;                /* and it was this very ticket */
	bool alternates;                 /* taken, refused, taken here */
	bool risen;                   /* an older key was taken here before */
	bool old_ticket;              /* a newer key was taken here */
	bool key_fine;                /* this key was, or a newer one */
	bool healed;                  /* it, or the next, is taken here later */
	const char *name_of_fault;    /* SPN to name, see refusal_spn() */
	const char *name_of_key;      /* and when its key is the fault */
	const struct name_fact *name; /* DNS of the host, or NULL */
	bool asked_dns;               /* the client itself had an answer */
	enum refusal_place place;

	/* look-ups */
	enum refusal_proof proof;
	const struct key_trial *key; /* of the ticket; NULL: untried */
	enum key_tie tie;            /* not opened: of the nearest entry */
	const struct key_trial *own_key_trial; /* own_spn's opens, or NULL */
	const struct auth_fact *auth;          /* beside the ticket, or NULL */
	const struct spn_owners *owners;   /* NULL: the directory is silent */
	const struct dir_account *owner;   /* alone holds the SPN, or NULL */
	const struct dir_account *runs_as; /* the service's own, or NULL */
	bool same_account; /* the ticket is for the account it runs as */
	bool key_unused;   /* the right key is at hand, and not used */
	int64_t off;       /* PROVEN_SKEW: the client ahead of the server */
};

/* Asks the look-ups about R, as refusal_ticket() does at its end. */
void refusal_prove(const struct story *s, const struct ledger *l,
    struct refused_ticket *r);

/* PRINCIPAL without its realm. */
const char *refusal_cut_realm(const char *principal, size_t size, char *out);
/* The account in the directory that the entry PRINCIPAL is a key of. */
const struct dir_account *refusal_entry_account(const struct ledger *l,
    const char *principal, const char *realm);
bool
refusal_same_account(const struct dir_account *a, const struct dir_account *b);
/* Whether R's own_key_trial cannot be a key of the refused ticket's account. */
bool
refusal_own_is_another(const struct ledger *l, const struct refused_ticket *r);
/* Whether what the server took of own_spn rules out that its key is old. */
bool refusal_own_is_fresh(const struct refused_ticket *r);
/* Whether own_key_trial is one of that account, by the directory. */
bool
refusal_own_has_name(const struct ledger *l, const struct refused_ticket *r);
/* Whether the acceptor chooses the key by the name in the ticket. */
bool refusal_goes_by_names(const struct refused_ticket *r);

/* What the taking of R's key elsewhere means, whatever R's server answered. */
enum refusal_place
refusal_led(const struct ledger *l, const struct refused_ticket *r);

/*
 * Whether R's key is taken where DNS leads, or led before, and the client came
 * here because DNS changed its mind or was not asked.
 */
bool refusal_dns_led(const struct refused_ticket *r);
/*
 * Whether DNS leads to where R's key is taken, never to two at once, and it was
 * taken there only after it was refused here; or led here and there, and the
 * machine here has a name and a key of its own.  It is a farm whose name moves,
 * or the name was led astray and back.
 */
bool refusal_dns_moved(const struct refused_ticket *r);

/*
 * For a rule that belongs to PROOF: whether it is what look-ups prove of R.
 * Then F is PROVEN, has its subject and frames, the look-ups that say so, and
 * what they exclude; and {entry} {file} {kvno} (the ticket's) {has} (the
 * entry's) {owner_account} {runs_as} in its texts.
 */
bool refusal_proves(struct finding *f, const struct ledger *l,
    const struct refused_ticket *r, enum refusal_proof proof);

/* Whose key of K it is: "FS1$, version 3". */
const char *refusal_key_name(struct finding *f, const struct key_trial *k);

/* Where the key of K is from: "fs1.keytab:3", "password of svc@CORP". */
const char *refusal_key_source(struct finding *f, const struct key_trial *k);

/* Cites in F the keys that open R's ticket, or come nearest. */
void refusal_cite_keys(struct finding *f, const struct refused_ticket *r);
/* And which account the directory has for it. */
void refusal_cite_directory(struct finding *f, const struct refused_ticket *r);

/* What lacks to prove it: USUAL, or what no look-up at hand has said. */
unsigned refusal_missing(const struct refused_ticket *r, unsigned usual);

/*
 * Writes the walk into F: in the order of the tree what was looked at, what
 * that excludes, and why; OWN and OTHER (or PROVEN_NOTHING) are what the rule
 * itself is about, and are left out.
 */
void refusal_walk(struct finding *f, const struct ledger *l,
    const struct refused_ticket *r, enum refusal_proof own,
    enum refusal_proof other);

/*
 * Fills OUT with what is known of the ticket that a service refused in S, and
 * returns true; false when there is none for the rules of keys to judge: no
 * class in its name, user-to-user, a clock that accounts for the refusal, or
 * the same log-on accepted on the same connection at once.
 */
bool refusal_ticket(const struct story *s, const struct ledger *l,
    struct refused_ticket *r);

/* Whether A was refused in silence, and its server's clock is off. */
bool refusal_by_clock(const struct attempt *a, const struct ledger *l);

/* Whether S repeats A on its connection and is accepted. */
bool refusal_recovered(const struct story *s, const struct attempt *a);

/*
 * Writes the refusal itself into F: the failing step and the first two
 * frames of the evidence.
 */
void refusal_evidence(struct finding *f, const struct attempt *a);

/*
 * The SPN under which the refusal of A is reported: the full form of a short
 * name (cifs/FS1), when tickets for that were refused there as well; two names
 * of one service are one cause.
 */
const char *refusal_spn(const struct ledger *l, const struct attempt *a);

/*
 * The same over all names of one host that its computer account answers for,
 * refused with the same key version and enctype and never taken.
 */
const char *refusal_host_spn(const struct ledger *l, const struct attempt *a);

/* The same with the subject (SPN, realm, server) that rules of keys share. */
void refusal_subject(struct finding *f, const struct refused_ticket *r);

/* Whether key version A is an older one than B of the same RODC branch. */
bool refusal_older(int64_t a, int64_t b);

/* Cites in F that SERVICE was taken, if it is not NULL. */
void refusal_taken(struct finding *f, const struct service *service);

/* Whether CLASS is served by the computer's own account on every platform. */
bool refusal_machine_class(struct str class);

/*
 * Writes the name of the computer that TEXT, a principal, is the account of:
 * "win1" for WIN1$, host/win1 and WIN1$@REALM.  False for every other name.
 */
bool refusal_computer(const char *text, size_t size, char *out);

/* Writes the account of the computer NAME: "FS1$" for fs1.fjord.test. */
const char *refusal_account(const char *name, size_t size, char *out);

/* Whether A and B name one computer; a NetBIOS name may be cut. */
bool refusal_same_computer(const char *a, const char *b);

/* Whether H itself says that it is NAME (NTLM, KRB-ERROR); H may be NULL. */
bool refusal_host_is(const struct host *h, const char *name);

/*
 * The strongest name of H from a source at least as strong as LEAST that is
 * not another form of NOT; NULL when there is none.  H may be NULL.
 */
const struct host_name *refusal_other_name(const struct host *h,
    const char * not, enum name_source least);

/* Writes S in lower case and cut to SIZE. */
void refusal_lower(struct str s, size_t size, char *out);

/* Whether S is TEXT, without regard to case. */
bool refusal_text_is(struct str s, const char *text);

/* What DNS says of a name. */
struct resolved {
	struct ref ref;        /* the answer; frame 0: never seen */
	const char *canonical; /* by CNAME, and another name; or NULL */
	const struct addr *addrs;
	size_t naddrs;
};

/* A host that a client knows by reverse DNS only (MIT: rdns = true). */
struct reversed {
	const struct lookup *meant; /* what it looked up before, or NULL */
	const struct lookup *ptr;   /* that led from there to the host */
	/* DNS gives the host that very address, or the machine says so */
	bool right;
	/* DNS gives it another or none, or the machine says it is the other */
	bool wrong;
};

/* Who has the name of a service, for the KDC of a realm. */
enum name_holding {
	HELD_UNKNOWN,    /* not asked, or not all that could is at hand */
	HELD_BY_NONE,    /* nor does anybody imply it by HOST/ */
	HELD_BY_SEVERAL, /* of the KDC's own realm */
	HELD_REVOKED,    /* one account, disabled or expired */
	HELD_ABROAD,     /* nobody in that realm, but in another */
	HELD_BY_ONE      /* one account with which nothing is wrong */
};

struct name_holders {
	enum name_holding what;
	const struct spn_owners *answer; /* NULL: not asked */
	const struct dir_account *owners[DIR_MAX_OWNERS];
	size_t n;
	bool implied; /* they have it by HOST/ alone */
	bool abroad;  /* they are of another realm */
	/* computers of that host's name: in the realm, in another one */
	const struct dir_account *computer, *twin;
	/* the first of these in the realm that is not the holder */
	const struct dir_account *shadowed;
};

struct refused_name {
	const struct exchange *e;
	struct spn spn;
	char host[REFUSAL_HOST_TEXT]; /* lower case */
	bool owned;                   /* the realm asked owns the host */
	bool known;                   /* tickets for it were presented */
	bool is_domain;               /* the host is the realm's own name */
	struct resolved dns;
	const struct addr *addr;     /* of the host, or NULL */
	const struct host *server;   /* there, or NULL */
	const struct host_name *own; /* its other, real name, or NULL */
	struct reversed reverse;     /* how the client came by the host */
	const struct lookup *via;    /* or by this CNAME, or NULL */
	struct name_holders held;    /* what the directory says */
};

/*
 * Fills OUT for the ticket that the KDC refused in S with CODE (7 or 8) and
 * returns true; false when there is none that is about the name of a service:
 * no class, krbtgt or kadmin, user-to-user or S4U2Self, a secure dynamic
 * update at a name server outside, another form of the name was granted, the
 * KDC referred to another realm in the end, or the service is locked.
 */
bool refusal_name(const struct story *s, const struct ledger *l, int code,
    struct refused_name *out);

/*
 * The refusal of a service's name (7) after which E asked for krbtgt of the
 * host's DNS domain, when that is a guess and nothing more: the domain is part
 * of the realm's own, and the capture knows no such realm (MIT's fall-back).
 * NULL when E is anything else.
 */
const struct exchange *refusal_guessed_realm(const struct story *s,
    const struct ledger *l, const struct exchange *e);

/*
 * Whether the host of the service NAME is the literal of an IP address; OUT
 * gets the address without brackets.  A bare IPv6 address is one, too, which
 * spn_split() takes for host and port.
 */
bool refusal_ip_literal(const char *name, struct str *out);

/*
 * Fills OUT when the client of S came by HOST, in lower case, through a PTR
 * record alone, and returns true.
 */
bool refusal_reversed(const struct story *s, const struct ledger *l,
    const char *host, struct reversed *out);

/* Writes subject, step, the first frames and the owner to be into F. */
void refusal_name_subject(struct finding *f, const struct story *s,
    const struct refused_name *n);

/* Who holds SPN for the KDC of REALM, at TIME (0: at any). */
void refusal_holders(const struct ledger *l, const char *spn, const char *realm,
    int64_t time, struct name_holders *out);

/* Whether the directory proves that nobody has N, a name of E's own realm. */
bool refusal_is_absent(const struct ledger *l, const struct refused_name *n);

/* Cites in F that A, of H, has the name. */
void refusal_cite_holder(struct finding *f, const struct name_holders *h,
    const struct dir_account *a, int64_t time);

/* Cites in F that nobody has it, if that is so. */
void refusal_cite_none(struct finding *f, const struct ledger *l,
    const struct name_holders *h);

/* Makes F one about the account A, whatever name of it was asked for. */
void refusal_subject_account(struct finding *f, const struct dir_account *a);

/* The part of A's name before the realm. */
const char *refusal_sam(struct finding *f, const struct dir_account *a);

/* The account of the computer HOST in REALM, if the directory showed it. */
const struct dir_account *
refusal_machine(const struct ledger *l, const char *host, const char *realm);

/* Which of several holders has to keep the name; NULL: not known. */
const struct dir_account *refusal_keeper(const struct refused_name *n);

/*
 * Another form of the name that an account of the realm holds: with another
 * port or instance, or, SHORTER, of the host's short name (or its full one).
 * ACCOUNT gets that account's name.  NULL when there is none.
 */
const char *refusal_near_form(struct finding *f, const struct refused_name *n,
    bool shorter, const char **account);

/* Another realm that a KDC gave no ticket for. */
struct refused_realm {
	const struct exchange *e; /* krbtgt/OTHER: 7 */
	const char *other;        /* the realm asked for */
	const char *host;         /* for whose sake; NULL: not seen */
	struct ref host_ref;      /* its look-up; frame 0: none */
	const char *home; /* the known realm of its DNS domain, or NULL */
	bool case_only;   /* it is E's realm, spelled otherwise */
	bool below;       /* in E's own DNS domain, and unknown */
	bool given;       /* the KDC gave such a ticket elsewhere */
};

/*
 * Fills OUT for the ticket of another realm that the KDC refused in S with 7,
 * after which nothing was granted, and returns true; false when there is none
 * or the realm was only guessed, see refusal_guessed_realm().
 */
bool refusal_realm(const struct story *s, const struct ledger *l,
    struct refused_realm *out);

/* Writes subject, step and the first frames into F. */
void refusal_realm_subject(struct finding *f, const struct refused_realm *r);

#endif
