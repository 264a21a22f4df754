/*
 * audit.h - faults that a directory shows by itself, without traffic.
 *
 * A check looks at one account after the other, with the whole directory at
 * hand; what it finds is gathered under a key (a domain, the accounts that
 * share a name), so that a hundred accounts with one fault are one finding.
 */
#ifndef ANALYZER_AUDIT_H
#define ANALYZER_AUDIT_H

#include "arena.h"
#include "directory.h"
#include "options.h"
#include "rule.h"
#include "table.h"

#define AUDIT_SHOWN 8       /* accounts and names that a finding lists */
#define AUDIT_FINDINGS 1024 /* of one check; the others are counted */
#define AUDIT_FIXES 8
#define AUDIT_CHECKS 64

struct audit_place {
	const struct dir_account *account;
	const char *says; /* NULL: nothing */
};

struct audit_finding {
	struct node node; /* in audit.found */
	const struct audit_check *check;
	const char *key;
	enum impact impact;
	enum certainty certainty;
	const char *realm;
	const char *title;
	struct audit_place places[AUDIT_SHOWN];
	size_t nplaces;
	size_t shown, accounts; /* different ones: in places, in all */
	const struct dir_account *last;
	const char *names[AUDIT_SHOWN];
	size_t nnames, all_names;
	struct fix fixes[AUDIT_FIXES];
	size_t nfixes;
	size_t order;
};

/* A name that accounts have: only those that several have are findings. */
struct audit_share {
	struct node node; /* in audit.shares */
	size_t at;        /* the check */
	const char *name, *realm;
	const struct dir_account *first[AUDIT_SHOWN], *last;
	size_t n;         /* accounts */
	bool abroad;      /* they are of several domains */
	uint64_t company; /* which accounts they are */
};

struct audit;

/* What one check is. */
struct audit_check {
	const char *id;
	enum impact impact;
	const char *about; /* "SPNs", "delegation", ... */
	const char *why, *see;
	/* VERDICT_UNKNOWN: the export lacks what decides */
	enum verdict (*look)(struct audit *a, const struct audit_check *c,
	    const struct dir_account *account);
	/* For a share: adds it to F, the finding of these accounts. */
	void (*shared)(struct audit *a, struct audit_finding *f,
	    const struct audit_share *s);
	bool only_abroad; /* shares within one domain are passed over */
	/* Writes the title when all is gathered; may add fixes. */
	void (*tell)(struct audit *a, struct audit_finding *f);
	const char *needs; /* what to export */
};

/* How one check went. */
struct audit_tally {
	enum verdict verdict;
	size_t findings;
	size_t judged, unknown;        /* accounts */
	const struct dir_account *who; /* the first that is not known */
};

struct audit {
	const struct directory *d;
	struct arena mem;
	struct arena scratch; /* until the next account */
	struct table found, shares;
	struct audit_finding **list; /* worst first, when all is gathered */
	size_t n;
	uint64_t lost;
	size_t at;   /* the check that looks */
	int64_t now; /* the latest time that the directory knows */
	struct audit_tally tallies[AUDIT_CHECKS];
};

/* In the order in which findings of the same weight are shown. */
extern const struct audit_check *const audit_checks[];

/* Looks at all of D; audit_free() gives it back. */
struct audit *audit_run(const struct directory *d);
void audit_free(struct audit *a);
/* "3 things are wrong ...", in A's memory. */
const char *audit_verdict(struct audit *a);
size_t audit_count(const struct audit *a, enum impact impact);

/* The command: exit status as of `read`. */
int audit_command(const struct options *opt);

bool audit_text(struct audit *a, bool verbose, FILE *out);
bool audit_json(struct audit *a, FILE *out);

/* --- for checks ---------------------------------------------------------- */

/* The finding of C under KEY in REALM, made when there is none; or NULL. */
struct audit_finding *audit_find(struct audit *a, const struct audit_check *c,
    const char *key, const char *realm);
/* ACCOUNT is concerned; one that comes again at once counts once. */
void audit_account(struct audit *a, struct audit_finding *f,
    const struct dir_account *account, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void audit_name(struct audit_finding *f, const char *name);
/*
 * ACCOUNT has NAME; REALM: which is looked at by itself, "" for all together.
 * NAME and REALM are of the directory.
 */
void audit_share(struct audit *a, const char *name, const char *realm,
    const struct dir_account *account);
/* Makes findings of what is shared. */
void audit_shares(struct audit *a);
/* Adds a command, whose foreign parts have passed audit_word(). */
void audit_fix(struct audit *a, struct audit_finding *f, const char *platform,
    const char *note, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/*
 * NAME as it may stand in a command: plain, in quotes, or, when a shell would
 * make something of it, the word NAME.
 */
const char *audit_word(struct audit *a, const char *name);
/* The same for a place between quotes: plain, or the word NAME. */
const char *audit_bare(const char *name);
/* The name of ACCOUNT without its realm. */
const char *audit_sam(struct audit *a, const struct dir_account *account);
/* Set-ADUser, or what it is called for such an account. */
const char *audit_cmdlet(const struct dir_account *account);
/* "3 accounts" of F, as in the title. */
const char *audit_accounts(struct audit *a, const struct audit_finding *f);
/* The host of SPN; whether it is a name below the realm's DNS domain. */
struct str audit_host(const char *spn);
bool audit_in_domain(struct str host, const char *realm);
/* Whether the account may be used: neither disabled nor expired. */
bool audit_alive(const struct audit *a, const struct dir_account *account);
/* krbtgt, or a read-only domain controller's own. */
bool audit_is_krbtgt(const struct dir_account *account);
bool audit_is_dc(const struct dir_account *account);
/*
 * Whether ACCOUNT is of a kind that has userAccountControl: trusts and
 * contacts have none, whatever is exported.
 */
bool audit_has_flags(const struct dir_account *account);

extern const struct audit_check audit_spn_duplicate, audit_spn_twin,
    audit_spn_syntax, audit_spn_shadow, audit_spn_split, audit_host_twin,
    audit_spn_revoked, audit_spn_dangling, audit_spn_short, audit_upn_duplicate,
    audit_no_preauth, audit_protected_service, audit_des_only, audit_rc4_only,
    audit_attr_30, audit_krbtgt, audit_trust_rc4, audit_unconstrained,
    audit_transition, audit_unowned_target;

#endif
