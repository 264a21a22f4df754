/*
 * finding.h - what a rule found: how sure, of whom, proven by which frames.
 *
 * A rule gets an empty finding and fills it with the functions below; the
 * engine merges findings of one rule and subject, counts them, and decides
 * which is cause, consequence or rival.
 */
#ifndef KERBSCOPE_FINDING_H
#define KERBSCOPE_FINDING_H

#include "bounds.h"
#include "event.h"

enum impact {
	IMPACT_NONE,
	IMPACT_REMARK,
	IMPACT_WEAKENS,
	IMPACT_DEGRADES,
	IMPACT_BREAKS
};

enum certainty {
	CERTAINTY_NONE,
	CERTAINTY_POSSIBLE,
	CERTAINTY_LIKELY,
	CERTAINTY_PROVEN
};

/*
 * What a finding is about.  The first eight make its identity and the
 * `subject` of the JSON report; the rest only fill the texts.
 */
enum subject {
	SUBJECT_SPN,
	SUBJECT_REALM,
	SUBJECT_ACCOUNT,
	SUBJECT_CLIENT,
	SUBJECT_SERVER,
	SUBJECT_KDC,
	SUBJECT_HOST,
	SUBJECT_NAME,
	SUBJECTS
};

extern const char *const subject_names[SUBJECTS]; /* "spn", "realm", ... */

struct evidence {
	struct ref ref;
	const char *source; /* of a look-up; NULL for a frame */
	const char *says;
};

/* An explanation that was looked at and cannot be. */
struct excluded {
	const char *what;    /* "a stale key" */
	const char *because; /* "it took cifs/fs1 at this kvno 40 ms earlier" */
	struct ref ref;      /* frame 0: none */
};

struct param {
	const char *key;
	const char *value;
};

struct rule;
struct fix;

struct finding {
	const struct rule *rule; /* set by the engine */
	enum certainty certainty;
	unsigned rests_on; /* EVIDENCE_* */
	unsigned missing;  /* EVIDENCE_* that would have decided */
	/*
	 * request of the failing step that it explains; frame 0: none.
	 * Findings on one step compete.
	 */
	struct ref step;
	const struct fix *fix; /* instead of the rule's; NULL: the rule's */
	const char *const *explains; /* NULL: those of the rule */
	const char *subject[SUBJECTS];
	struct param params[FINDING_MAX_PARAMS];
	size_t nparams;
	struct evidence evidence[FINDING_MAX_EVIDENCE];
	size_t nevidence;
	struct excluded excluded[FINDING_MAX_EXCLUDED];
	size_t nexcluded;
	void *arena; /* the engine's */
};

/*
 * All texts given to these functions are copied.  NULL values are ignored,
 * so a rule need not ask first whether a name is known.
 */

/* Names what the finding is about. */
void finding_subject(struct finding *f, enum subject what, const char *value);
void finding_subject_addr(struct finding *f, enum subject what,
    const struct addr *addr);

/*
 * Gives {KEY} in the texts of the rule a value.  The names of the subjects
 * are keys already, {sam} is {account} without its realm; {key|words} stands
 * for words when key has no value.
 */
void finding_param(struct finding *f, const char *key, const char *value);
void finding_paramf(struct finding *f, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a frame and what it says; the deciding one first. */
void finding_evidence(struct finding *f, const struct ref *ref, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* Adds what a look-up says; SOURCE is "accounts.ldif:120" and the like. */
void finding_lookup(struct finding *f, const char *source, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Says that WHAT ("a stale key") is not the cause, and why not; REF (may be
 * NULL) is the frame that says so.  In the order of the walk.
 */
void finding_excluded(struct finding *f, const struct ref *ref,
    const char *what, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Says which failing step this explains: REQ is its request's frame. */
void finding_step(struct finding *f, const struct ref *req);

/* Text in the finding's own memory. */
const char *finding_text(struct finding *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
