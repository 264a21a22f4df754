/*
 * judge.h - the engine's inside: judged stories, merged findings, and which
 * of them is cause, consequence or rival.
 *
 *   engine.c      events in, stories kept and let go
 *   engine-view.c a result while events still come
 *   judge.c       rules over one story, findings merged
 *   look.c        what they found, for the next views
 *   docket.c      what all judged stories add up to
 *   since.c       what has gone well since
 *   since-met.c   whether a log-on would have met a finding
 *   since-hurt.c  the log-on that met it
 *   opinion.c     what was found before a fault was mended
 *   crowd.c       whom they hit
 *   rank.c        cause before symptom, rivals
 *   rank-alike.c  what one story proves of another
 *   rank-subject.c what accounts for others about the same thing
 *   result.c      the finished result
 */
#ifndef ANALYZER_JUDGE_H
#define ANALYZER_JUDGE_H

#include "crowd.h"
#include "engine.h"
#include "finding-text.h"
#include "look.h"
#include "opinion.h"
#include "presenter.h"
#include "story-tell.h"

#define CLIENTS_NAMED 3 /* of those that a finding hit */

#define MERGED_MAX_ALIKE 8

#define HITS_MAX 32 /* findings of one story */

/* A failure that others are alike to (rank-alike.c), in which M was seen. */
struct alike {
	uint64_t hash;
	bool proven;       /* in one of them M was proven */
	uint64_t count;    /* in how many it was not; of these, */
	uint64_t beaten;   /* explained, or another ranked first */
	uint64_t silenced; /* and that one was proven */
};

#define HURT_MAX 4   /* log-ons that met a finding, the latest */
#define HURT_NAMES 8 /* what one of them was for */

/* One of the hashes that a finding is found by. */
struct handle {
	struct handle *akin, **at; /* in its bucket */
	uint64_t hash;             /* 0: nothing */
	struct merged *m;
};

/* A log-on that met a finding. */
struct hurt {
	struct addr client;
	struct addr resolver; /* that led it to its server; family 0: none */
	const char *carrier;  /* static text */
	uint64_t names[HURT_NAMES]; /* what was meant, with its class */
	unsigned nnames;
	unsigned ways; /* transports over which a KDC did not answer, bits */
	struct handle handle; /* by the client, for MENDED_NAME */
};

/* Findings of one rule and subject. */
struct merged {
	struct node node; /* by rule and subject */
	const char *key;  /* rule and subject, in one spelling */
	uint64_t index;   /* in the order of their making; stays */
	struct arena mem;
	struct arena late; /* text of the last evidence */
	uint64_t octets;   /* of it in docket.octets */
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
	/* since.c: log-ons that went well since the last occurrence; */
	uint64_t ok_since, ok_most; /* at most between two */
	uint64_t ok_hurt;           /* of them, of those that met it */
	int64_t ok_first;           /* when the first of them began */
	int64_t ok_last;            /* and the latest ended */
	struct handle handle;       /* what it is found by */
	struct hurt hurts[HURT_MAX];
	unsigned nhurts;     /* all there ever were */
	int64_t kvno;        /* of the ticket refused last, or EV_ABSENT */
	uint64_t clear_bit;  /* of its rule in docket.clear; 0: none */
	struct merged *akin; /* the next that was let go */
	uint64_t met;        /* the story that was looked at last */
	bool own_account;    /* the one it names is the client's */
	bool overcome;       /* the log-on that met it last got in */
	bool presented;      /* in a story that showed a ticket */
	bool again;          /* made once more in this view */
	bool leaves;         /* is about to be let go */
	bool dropped;        /* silenced everywhere */
	bool borrowed;       /* memory and texts are others' */
	int place;           /* in the result, -1 none */
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

/* What was found in one story: the indexes. */
struct found {
	uint64_t *list;
	size_t n;
};

/* What judged stories add up to. */
struct docket {
	struct ledger *ledger;
	struct table merged;
	struct merged **list; /* by index */
	size_t nmerged, room;
	struct merged *block;   /* those of a copy, as it was made */
	uint64_t made;          /* indexes given */
	uint64_t octets, share; /* of memory: taken, and at most */
	uint64_t not_kept;      /* findings for which there was no room */
	bool lets_go;           /* the longest unseen one, for a new one */
	uint64_t shown;         /* a view shows those with a lesser index, */
	struct merged *graves;  /* and these as well */
	uint64_t explained;     /* failed or degraded, with a finding */
	struct rule_verdict *verdicts;
	uint64_t set_id;         /* the clock went back after this story, */
	int64_t set_to;          /* to this time: none of these is later */
	bool since;              /* what goes well is counted: */
	struct handle **handles; /* by hash; NULL until the first */
	size_t nhandles;         /* a power of two */
	uint64_t clear;          /* the bits of rules that call the latest so */
	uint64_t *bits;          /* of rules with MENDED_CLEAR, one each */
	void (*breathe)(void *arg); /* of the engine's options, at the end */
	void *breathe_arg;
	unsigned breaths; /* that could have been taken */
};

#define BREATH 32 /* stories */

/* What looks at every story lets others do something in between. */
static inline void
docket_breathe(struct docket *d)
{
	if (d->breathe != NULL && ++d->breaths % BREATH == 0)
		d->breathe(d->breathe_arg);
}

/* A story that a result shows. */
struct shown {
	const struct story *s;
	struct found found;
	uint64_t clear; /* as docket.clear; of those judged for it */
};

/* A finished story that is kept. */
struct kept {
	struct tale *tale;
	uint64_t id;
	struct look *look;     /* of the last view, or NULL */
	struct found found;    /* when it is settled */
	struct shown *pending; /* until then, while a view is made */
};

/* What a result is made in, and lives in. */
struct view {
	struct arena mem;
	struct docket copy;
	struct docket *docket; /* that copy or the engine's own */
	struct shown *shown;   /* by id, then the open ones */
	size_t nshown, nopen;
	struct shown *judged; /* of these, what was judged for it */
	size_t njudged;
	struct tale **open; /* copies of open stories */
	bool going_on;
	bool anew; /* nothing is told that was found before */
	struct result result;
};

struct capture_seen {
	char *path, *format;
	struct capture_info info;
	struct ev_capture_end counted; /* in engine.quality */
};

struct engine {
	struct ledger ledger;
	struct stories stories;
	uint64_t memory;
	bool views, live;
	void (*breathe)(void *arg);
	void *breathe_arg;

	struct kept *kept; /* ring of finished stories */
	size_t kept_first, nkept, kept_size;
	uint64_t kept_octets;
	size_t nsettled; /* the first of them: judged into settled */
	size_t nheld;    /* the first of them: a view shows them */

	struct docket gone;    /* stories let go */
	struct docket settled; /* all but the latest; with views alone */

	struct capture_seen *captures;
	size_t ncaptures;
	struct quality quality;
	uint64_t count, outcomes[4];
	struct ended ended[ENDED_MAX]; /* by carrier; the last: all others */
	size_t nended;
	struct view view;
	uint64_t view_octets;
	uint64_t opinion_octets;
	uint64_t look_octets;
	uint64_t facts; /* that look-ups told */
};

struct kept *kept_at(struct engine *e, size_t i);
/* How views and what they begin with know that a fault was mended. */
struct mending engine_mending(struct engine *e);

void
docket_init(struct docket *d, struct ledger *l, uint64_t share, bool since);
/* What FROM is, in memory of its own but for texts that do not change. */
void docket_copy(struct docket *to, struct docket *from, struct arena *mem);
void docket_free(struct docket *d);
/* The clock went back to NOW when ID stories had begun. */
void docket_clock_set(struct docket *d, int64_t now, uint64_t id);
/* TIME of S as far as it is not in what is to come. */
int64_t
docket_time(const struct docket *d, const struct story *s, int64_t time);
/* Frees what was let go while a view showed it. */
void docket_graves_clear(struct docket *d);
/* Makes room for a new finding; false when there is none to be had. */
bool docket_make_room(struct docket *d);
/* The finding with INDEX, or NULL. */
struct merged *docket_find(const struct docket *d, uint64_t index);

/* F with all its texts in MEM. */
void
finding_copy(struct finding *to, const struct finding *f, struct arena *mem);

/*
 * Judges S; the indexes of what is found go to FOUND; how many they are.  With
 * M (may be NULL) by what *O remembers, if the fault was mended since.
 */
size_t judge_story(struct docket *d, const struct story *s, struct opinion **o,
    const struct mending *m, uint64_t found[HITS_MAX]);
/*
 * The same of a story that did not fail, or what *LOOK (NULL before the first
 * time) has of it, if that still holds.
 */
size_t judge_look(struct docket *d, const struct story *s, struct look **look,
    const struct looking *by, uint64_t found[HITS_MAX]);
bool judge_has_failed(const struct story *s);

/* When what is found in S was seen last. */
int64_t since_seen(const struct story *s);
/* M was made: it can be found from now on. */
void since_add(struct docket *d, struct merged *m);
/* All of D are found, by what since_add() noted. */
void since_index(struct docket *d);
/* M was found in S at STEP, and S is not among its stories yet. */
void since_fired(struct docket *d, struct merged *m, const struct story *s,
    const struct ref *step);
void
since_note(struct docket *d, const struct story *s, uint64_t *list, size_t n);
/*
 * The N stories of LIST are judged between these, in whatever order: what
 * went well after a failure is counted when all failures are known.
 */
void since_begin(struct docket *d);
void since_end(struct docket *d, const struct shown *list, size_t n);
/* How many log-ons went well, the one that met it among them. */
uint64_t since_ok(const struct merged *m);
bool since_cleared(const struct merged *m);
/*
 * Whether S, if it ended well, would have met F, a finding of FAILED; or, if
 * they are one, what came of it when it was tried again.
 */
bool since_mends(const struct docket *d, const struct story *s,
    const struct finding *f, const struct story *failed);

/* A view of all that is kept, judged into the docket of V. */
void view_whole(struct engine *e, struct view *v);
/* The latest alone: the docket of V has the others. */
void view_latest(struct engine *e, struct view *v);
void view_settle(struct view *v);
void view_free(struct engine *e);

/* Ranks the findings of one story among themselves. */
void rank_hits(struct hit *hits, size_t n);
/* Whether A's rule says that it explains B's. */
bool rank_explains(const struct finding *a, const struct finding *b);
/* Negative when A is the better explanation. */
int rank_compare(const struct rule *ra, enum certainty ca, unsigned ea,
    const struct rule *rb, enum certainty cb, unsigned eb);
/* After all stories: who is whose cause, over all findings. */
void rank_settle(struct docket *d);
/* What failed at STEP of S, as a hash; 0: nothing that others are alike to. */
uint64_t rank_alike(const struct story *s, const struct ref *step);
/* After rank_hits(): H counts for failures that are alike. */
void rank_alike_note(const struct hit *h);
/* After all stories: what is proven of one holds for those alike to it. */
void rank_alike_settle(struct docket *d);
/* After all stories: what accounts for others about the same thing. */
void rank_subject_settle(struct docket *d);
/* The finding is neither explained nor a rival. */
bool rank_is_cause(const struct merged *m);

void result_make(const struct engine *e, struct view *v);

#endif
