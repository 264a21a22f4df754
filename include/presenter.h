/*
 * presenter.h - the finished result of an analysis, and what shows it.
 *
 * A presenter is a function of the result alone: no clock, no locale, no
 * decisions.  Texts are what the network said, unescaped: a presenter
 * escapes all of them for its own medium.
 */
#ifndef KERBSCOPE_PRESENTER_H
#define KERBSCOPE_PRESENTER_H

#include <stdio.h>

#include "finding.h"
#include "ledger.h"
#include "rule.h"
#include "story.h"

struct capture_info {
	const char *path;
	const char *format;
	uint64_t packets, bytes;
	int64_t first, last; /* 0 without packets */
	bool damaged;
};

struct quality {
	uint64_t frames_short, tcp_gaps, malformed;
	uint64_t unread_link_types, dropped_by_kernel;
	uint64_t stories_not_kept, fragments_lost, duplicates;
	uint64_t flows_dropped, damaged_captures, steps_not_kept;
	uint64_t findings_not_kept;
	uint64_t stories_cut;    /* ended early, to make room */
	uint64_t facts_not_kept; /* of the ledger */
	uint64_t times_unknown;  /* captures whose times mean nothing */
};

/* A finding merged over all its stories. */
struct cause {
	struct finding f; /* the first, with merged evidence */
	enum impact impact;
	bool cause;           /* neither explained nor a rival */
	int explained_by;     /* index into causes, or -1 */
	int rival_of;         /* index into causes, or -1 */
	uint64_t occurrences; /* stories it was found in */
	int64_t first, last;
	uint64_t *stories; /* ids of those kept */
	size_t nstories;
	const char *title, *why; /* filled in */
	const struct fix *fix;   /* filled in, ended as in rule.h */
	const char *decide;      /* filled in, or NULL */
	const char *verify;      /* filled in, or NULL */
	const char *who;         /* "anna@FJORD.TEST and 2 others" */
	uint64_t clients;        /* distinct ones; */
	bool more_clients;       /* and others that were not told apart */
	double rate;             /* log-ons a minute; 0: none to speak of */
	/*
	 * The same finding has the same key in every view of one engine; never
	 * 0, and never shown.
	 */
	uint64_t key;
	/*
	 * Filled in with engine_options.views.  Log-ons that ended well since
	 * `last` and would have met the fault, by the names in the subject
	 * (the same SPN, account, client, server, ... with Kerberos), and when
	 * the latest of them ended.  Of a fault that no service was reached
	 * with, a ticket that the KDC gave is enough, if no more was seen.
	 */
	uint64_t ok_since;
	int64_t ok_last;
	/*
	 * They are more than the fault ever let pass between two failures: it
	 * has stopped, as far as one can see.
	 */
	bool cleared;
};

struct rule_verdict {
	const struct rule *rule;
	enum verdict verdict;
	unsigned missing; /* EVIDENCE_* */
	uint64_t judged;  /* stories it applied to */
};

/* Log-ons that have ended: these only ever grow. */
struct ended {
	const char *carrier;  /* static text; NULL: several, no room for each */
	uint64_t outcomes[4]; /* by enum outcome */
	uint64_t mechs[3];    /* by enum mech: presented last to a service */
};

#define ENDED_MAX 16 /* carriers */

struct result {
	const char *version;
	const struct capture_info *captures;
	size_t ncaptures;
	struct quality quality;
	/* the open stories of kept among them */
	uint64_t stories, ok, broken, degraded, unseen;
	struct ended ended[ENDED_MAX];
	size_t nended;
	const char *verdict;        /* the sentence */
	const struct cause *causes; /* causes first, worst first */
	size_t ncauses;
	size_t ncause;                   /* of them, how many are causes */
	const struct story *const *kept; /* stories, by id */
	const uint64_t **findings_of;    /* a kept story's, as indexes */
	const size_t *nfindings_of;
	size_t nkept;
	size_t nopen;  /* the last of kept: not ended yet, may still change */
	bool live;     /* of a run without an end */
	bool going_on; /* a view: more will come */
	int64_t now;   /* latest packet time */
	const struct ledger *ledger;
	const struct rule_verdict *verdicts; /* by id of the rule */
	size_t nverdicts;
	/*
	 * kept and causes are those of WHOLE for which the expression FILTER
	 * holds; NULL: all.
	 */
	const char *filter;
	const struct result *whole;
};

struct present_options {
	bool color;
	bool verbose;
	/* " --skew 60": options for commands that it prints; NULL: none */
	const char *again;
};

struct presenter {
	const char *name; /* of --format */
	const char *help;
	/* Writes R to OUT; false when writing failed. */
	bool (*present)(const struct result *r,
	    const struct present_options *opt, FILE *out);
};

extern const struct presenter presenter_text, presenter_json;
/* All of them, ended by NULL. */
extern const struct presenter *const presenters_all[];

/* By enum outcome, impact, certainty and verdict. */
extern const char *const outcome_names[OUTCOME_BROKEN + 1];
extern const char *const impact_names[IMPACT_BREAKS + 1];
extern const char *const certainty_names[CERTAINTY_PROVEN + 1];
extern const char *const verdict_names[VERDICT_FIRED + 1];

/* "directory", "keytab", ... for one EVIDENCE_* bit. */
const char *evidence_name(unsigned bit);
/* How to capture it the next time, one sentence. */
const char *evidence_how(unsigned bit);

/* The exit status: 1 when a cause breaks, degrades or weakens, else 0. */
int result_status(const struct result *r);

/* Whether a mere remark accounts for findings of log-ons that failed. */
bool result_remark_explains(const struct result *r);

/*
 * Writes TEXT to OUT, control characters, invalid UTF-8 and bidirectional
 * overrides shown as \xNN or \u{N}.
 */
void escape_text(FILE *out, const char *text);

/* RFC 3339, UTC, microseconds. */
#define TIME_TEXT 32
const char *time_text(int64_t usec, char buf[TIME_TEXT]);

#endif
