/*
 * rule.h - what a rule is: a pure function of a story and the ledger, and
 * the texts that go with it.
 *
 * A rule has no state, does no I/O, knows no clock and no order among rules.
 * Its file is rules/ID.c and ends with `const struct rule rule_ID`, with
 * underscores for the hyphens of the id.
 */
#ifndef KERBSCOPE_RULE_H
#define KERBSCOPE_RULE_H

#include "event.h"
#include "finding.h"
#include "ledger.h"
#include "names.h"
#include "proof.h"
#include "story.h"

/* The weightier the later. */
enum verdict {
	VERDICT_NOT_APPLICABLE, /* the story has nothing to do with it */
	VERDICT_CLEAR,          /* it could have been, and is not */
	VERDICT_UNKNOWN,        /* what would decide was not captured */
	VERDICT_FIRED
};

/* Kinds of evidence: what a rule needs, and what a finding rests on. */
enum {
	EVIDENCE_KDC = 1,     /* exchanges with a KDC */
	EVIDENCE_SERVICE = 2, /* a service's answers to log-ons */
	EVIDENCE_DNS = 4,
	EVIDENCE_CLOCK = 8,    /* clocks in clear */
	EVIDENCE_NTLM = 16,    /* names in NTLM messages */
	EVIDENCE_COMPARE = 32, /* another log-on to compare with */
	EVIDENCE_DIRECTORY = 64,
	EVIDENCE_KEYTAB = 128,
	EVIDENCE_KRB5_CONF = 256,
	EVIDENCE_REACH = 512, /* ports tried, and who answered */
	EVIDENCE_LAST = EVIDENCE_REACH,
	/* what is not in the traffic and can be looked up */
	EVIDENCE_LOOKUPS = EVIDENCE_DIRECTORY | EVIDENCE_KEYTAB |
	    EVIDENCE_KRB5_CONF
};

/* The verdict without a finding: clear if the story COULD have shown one. */
static inline enum verdict
verdict_clear_if(bool could)
{
	return could ? VERDICT_CLEAR : VERDICT_NOT_APPLICABLE;
}

struct fix {
	const char *platform; /* "windows", "samba", "unix", "any" */
	const char *run;      /* with {spn} and so on, see finding.h */
	const char *note;     /* may be NULL */
};

/*
 * Which log-ons that end well, after the last failure, show that a finding is
 * over.  As a rule those that meet every name in its subject, with a ticket
 * that is no older.
 */
enum {
	MENDED_CLIENT = 1,  /* only those of a client that met it */
	MENDED_CARRIER = 2, /* only those over a carrier it was met with */
	MENDED_CLEAR = 4,   /* only those that the rule calls clear */
	/*
	 * Only those that reached the KDC over the transport that failed; and
	 * those of clients that never met it not before others had the time
	 * to try again.
	 */
	MENDED_WAY = 8,
	MENDED_LATER = 16, /* only after a minute without one */
	/* also those of a client that met it, for the same name again, by
	 * whatever SPN, realm, server or KDC */
	MENDED_NAME = 32,
	MENDED_ONLY = 64,   /* and no others */
	MENDED_MOVED = 128, /* also at another server, when DNS leads there */
	MENDED_AWAY = 256,  /* and whenever a client that met it got there */
	MENDED_RESOLVER = 512, /* the server answers questions to DNS */
	MENDED_SRV = 1024      /* also when DNS lists the KDC no more */
};

struct rule {
	const char *id;
	const char *title;  /* {spn} and so on are filled in */
	enum impact impact; /* the most it can be */
	enum impact mild;   /* when all its stories ended well */
	const char *about;  /* "SPN", "key", "time", "DNS", ... */
	unsigned needs;     /* EVIDENCE_*: without it, unknown */
	bool catch_all;     /* ranked after every specific rule */
	unsigned mended;    /* MENDED_* */

	/*
	 * Judges one story.  When it returns VERDICT_FIRED it has filled F;
	 * when VERDICT_UNKNOWN it may have set f->missing.
	 */
	enum verdict (*check)(const struct story *s, const struct ledger *l,
	    struct finding *f);

	const char *const *explains; /* ids, NULL-terminated; may be NULL */
	const char *why;             /* a paragraph, {spn} and so on */
	const char *not_this;        /* look-alikes, for `explain` */
	const char *decide;          /* what would decide it, as a rival */
	/*
	 * What the next capture must show when the fix has worked, a sentence
	 * with {spn} and so on.
	 */
	const char *verify;
	const struct fix *fix;  /* ended by a row without platform */
	const char *const *see; /* NULL-terminated */
};

/* Every rule, ended by NULL, in the order of their ids. */
extern const struct rule *const rules_all[];
extern const unsigned rules_count;

#endif
