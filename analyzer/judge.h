/*
 * judge.h - the engine's inside: judged stories, merged findings, and which
 * of them is cause, consequence or rival.
 *
 *   engine.c      events in, stories kept and let go
 *   judge.c       rules over one story, findings merged
 *   crowd.c       whom they hit
 *   rank.c        cause before symptom, rivals
 *   rank-alike.c  what one story proves of another
 *   result.c      the finished result
 */
#ifndef ANALYZER_JUDGE_H
#define ANALYZER_JUDGE_H

#include "crowd.h"
#include "engine.h"
#include "finding-text.h"
#include "presenter.h"
#include "story-tell.h"

#define CLIENTS_NAMED 3 /* of those that a finding hit */

#define MERGED_MAX_ALIKE 8

/* A failure that others are alike to (rank-alike.c), in which M was seen. */
struct alike {
	uint64_t hash;
	bool proven;       /* in one of them M was proven */
	uint64_t count;    /* in how many it was not; of these, */
	uint64_t beaten;   /* explained, or another ranked first */
	uint64_t silenced; /* and that one was proven */
};

/* Findings of one rule and subject. */
struct merged {
	struct node node; /* by rule and subject */
	const char *key;  /* rule and subject, in one spelling */
	size_t index;     /* in the order of their making */
	struct arena mem;
	struct arena late; /* text of the last evidence */
	uint64_t octets;   /* of it in merged_octets */
	struct finding f;
	enum impact impact;
	uint64_t occurrences;
	uint64_t explained;       /* stories in which another explains it */
	uint64_t lost;            /* stories in which a rival ranked first */
	uint64_t silenced;        /* of them, by a proven one */
	struct merged *explainer; /* the best of those seen */
	struct merged *winner;    /* the best of those that ranked first */
	int64_t first, last;
	uint64_t stories[FINDING_MAX_STORIES];
	size_t nstories;
	const char *named[CLIENTS_NAMED];
	struct crowd clients;
	struct alike alike[MERGED_MAX_ALIKE];
	size_t nalike;
	bool dropped; /* silenced everywhere */
	int place;    /* in the result, -1 none */
};

/* A finding of one story. */
struct hit {
	struct merged *m;
	struct ref step;
	enum certainty certainty;
	unsigned rests_on;
	uint64_t alike; /* hash of the failure; 0: like no other */
	bool beaten, silenced;
};

/* A finished story that is kept. */
struct kept {
	struct tale *tale;
	struct merged **found;
	size_t nfound;
};

struct capture_seen {
	char *path, *format;
	struct capture_info info;
};

struct engine {
	struct ledger ledger;
	struct stories stories;
	uint64_t memory;
	struct arena mem; /* of the result */

	struct kept *kept; /* ring of finished stories */
	size_t kept_first, nkept, kept_size;
	uint64_t kept_octets;

	struct table merged;
	struct merged **list; /* by index */
	size_t nmerged;
	uint64_t merged_octets;
	struct rule_verdict *verdicts;

	struct capture_seen *captures;
	size_t ncaptures;
	struct quality quality;
	uint64_t count, outcomes[4];
	uint64_t explained; /* failed or degraded, with a finding */
	struct result result;
};

/* Judges T; the findings go to K (may be NULL). */
void judge_story(struct engine *e, const struct story *s, struct kept *k);

/* Ranks the findings of one story among themselves. */
void rank_hits(struct hit *hits, size_t n);
/* Whether A's rule says that it explains B's. */
bool rank_explains(const struct finding *a, const struct finding *b);
/* Negative when A is the better explanation. */
int rank_compare(const struct rule *ra, enum certainty ca, unsigned ea,
    const struct rule *rb, enum certainty cb, unsigned eb);
/* After all stories: who is whose cause, over all findings. */
void rank_settle(struct engine *e);
/* What failed at STEP of S, as a hash; 0: nothing that others are alike to. */
uint64_t rank_alike(const struct story *s, const struct ref *step);
/* After rank_hits(): H counts for failures that are alike. */
void rank_alike_note(const struct hit *h);
/* After all stories: what is proven of one holds for those alike to it. */
void rank_alike_settle(struct engine *e);
/* The finding is neither explained nor a rival. */
bool rank_is_cause(const struct merged *m);

void result_make(struct engine *e);

#endif
