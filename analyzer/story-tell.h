/*
 * story-tell.h - stories while they are being told: which are open, what
 * they wait for, and how an event finds the one it belongs to.
 *
 *   story.c          clients, flows, timers; the beginning and the end
 *   story-tale.c     what each is made of
 *   story-kdc.c      requests to KDCs and their answers
 *   story-realm.c    a client that tries another realm
 *   story-orphan.c   answers whose requests were not seen
 *   story-service.c  tickets and NTLM presented to services
 *   story-dns.c      look-ups
 *   story-search.c   look-ups in vain, when nothing else is there to tell
 *   story-search-name.c  of which names
 *   story-contact.c  ports of KDCs and password services that were asked
 *   story-settle.c   which of them were found
 *   story-reach.c    and what that means
 *   story-opened.c   who stands in a ticket that a key opened
 *   story-step.c     the ladder: who said what
 *   story-outcome.c  what came of it in the end
 *   story-view.c     what open ones look like now
 *   story-clock.c    a clock that is set
 */
#ifndef ANALYZER_STORY_TELL_H
#define ANALYZER_STORY_TELL_H

#include "arena.h"
#include "ledger-store.h"
#include "story.h"
#include "table.h"

struct client;
struct opinion;

/* What an open story waits for; its timer runs from the last event. */
enum timer {
	TIMER_ANSWER,     /* answered: nothing more has to come */
	TIMER_FAILURE,    /* failed: a retry or a fallback may come */
	TIMER_UNANSWERED, /* an answer has to come */
	TIMER_PROMPT,     /* the client may be asking its user */
	TIMERS
};

/* An open story. */
struct tale {
	struct node node; /* by id */
	struct story s;   /* texts are the arena's, lists its own */
	struct arena mem;
	uint64_t counted; /* octets of it in stories.held */
	struct client *client;
	struct tale *older, *newer;  /* of this client */
	struct tale *before, *after; /* in its timer's list */
	enum timer timer;
	int64_t armed;
	bool service; /* asked for a service, not only a TGT */
	bool shown;   /* a view shows it: to bury, not to free */
	bool cut;     /* the clock was set before its end */
	/* what it waited for DNS: asked again, and answered late */
	int64_t dns_again, dns_late;
	int64_t dns_begun;       /* when it began to look names up */
	struct opinion *opinion; /* of the last view, or NULL */
};

/*
 * A DNS question of a client, and its answer.  What each next one looks at in
 * all of them stands together at the end.
 */
struct recent {
	struct lookup k;
	struct recent *next; /* older */
	struct str domain;   /* p NULL: not asked where its KDCs are */
	char *canonical;
	char *target; /* of the first SRV or PTR record */
	uint64_t flow;
	int64_t id;
	struct ref last; /* when it was asked last */
	unsigned found;  /* records of the type asked for */
	unsigned octets; /* that all of it takes */
	unsigned len;
	bool truncated; /* the client has to ask over TCP */
	char name[];    /* of LEN octets */
};

/* Names that a client looks for in vain. */
struct search {
	struct search *next;           /* of this client */
	struct search *before, *after; /* in the order of their timers */
	struct client *client;
	char *name; /* a domain, or the first label of a host */
	bool host;
	int64_t begun, armed;
};

struct client {
	struct node node;
	struct addr addr;
	struct tale *newest, *oldest;
	unsigned ntales;
	int64_t last; /* when it was heard of */
	struct recent *recents;
	unsigned nrecents, nopen; /* nopen: without an answer */
	struct search *searches;
	int64_t kdc_asked; /* when last; 0: never */
	uint64_t knocking; /* open story without a request, or 0 */
	int64_t let_in;    /* went away unasked from a KDC, last; 0: never */
	/* How long a KDC took to answer, the last time; length 0: not long. */
	struct {
		struct addr addr;
		int64_t time, length;
	} wait;
};

/* A request on a flow that waits for its answer. */
struct pending {
	uint64_t tale;
	size_t exchange;
	unsigned sent; /* on this flow: so many answers may come */
};

/* An authentication on a flow. */
struct dance {
	struct dance *next;
	uint64_t xid;
	uint64_t tale; /* 0: not yet known */
	size_t attempt;
	bool begun;          /* attempt is valid */
	struct ref ntlm_ref; /* NEGOTIATE */
};

struct flow_state {
	struct node node;
	uint64_t id;
	struct pending pending[FLOW_MAX_PENDING];
	size_t npending;
	struct dance *dances;
	unsigned ndances;
	bool offered_krb5; /* the server's hints named it */
	bool offer_seen;   /* the server gave a list */
};

/* A SYN to a KDC or a password service that no request has followed yet. */
struct knock {
	struct node node;
	struct addr client;
	struct contact c;
	uint64_t tale; /* that shows it; 0: none does */
};

typedef void (*story_sink)(void *arg, struct tale *t);

struct stories {
	struct ledger *ledger;
	struct table tales, clients, flows, knocks;
	struct client *client; /* asked for last, or NULL */
	struct tale *first[TIMERS], *last[TIMERS];
	struct search *searches, *last_search; /* the one armed first */
	struct recent *spare; /* NSPARE of them, for names like most */
	unsigned nspare;
	int64_t now;
	uint64_t told;    /* ids given */
	uint64_t held;    /* octets of all that is open */
	uint64_t ceiling; /* of them */
	uint64_t cut;     /* stories ended to make room */
	story_sink sink;  /* takes finished stories, to bury */
	void *arg;
	struct tale *graves; /* over, and shown by a view; by after */
	uint64_t buried;     /* octets of them */
};

void stories_init(struct stories *st, struct ledger *l, uint64_t ceiling,
    story_sink sink, void *arg);
void stories_event(struct stories *st, const struct event *ev);
/* A key was tried on a ticket that the event before EV holds. */
void stories_opened(struct stories *st, const struct event *ev);
/* The capture goes on at least until TIME, without events. */
void stories_time(struct stories *st, int64_t time);
/* The same, and what that ends is ended. */
void stories_pass(struct stories *st, int64_t time);
/*
 * The clock was set by SHIFT microseconds and it is NOW: whatever is open
 * ends, and what waited for its end was not seen.
 */
void stories_clock_set(struct stories *st, int64_t now, int64_t shift);
/* Ends every open story. */
void stories_finish(struct stories *st);
void stories_release(struct stories *st);
void tale_free(struct tale *t);
/* Frees T, or keeps it until graves_clear() because a view shows it. */
void tale_bury(struct stories *st, struct tale *t);
void graves_clear(struct stories *st);
/*
 * What the open story T would be if it ended now: a copy, to tale_free()
 * before T is freed, whose older texts are T's.
 */
struct tale *tale_snapshot(struct stories *st, struct tale *t);
/*
 * Whether T, which is open, has failed as far as one can see: nothing has
 * followed the failure for a while, or nobody answers.
 */
bool tale_has_failed(const struct stories *st, const struct tale *t);
/* Up to MOST open stories that have failed; how many are in LIST, by id. */
size_t
stories_failing(const struct stories *st, struct tale **list, size_t most);
/* Octets that T takes. */
uint64_t tale_octets(const struct tale *t);

/* --- inside ----------------------------------------------------------- */

struct client *client_get(struct stories *st, const struct addr *addr);
/* A story of C that begins with EV and that nobody knows of yet. */
struct tale *tale_blank(struct client *c, const struct event *ev);
struct tale *
tale_new(struct stories *st, struct client *c, const struct event *ev);
struct tale *tale_by_id(const struct stories *st, uint64_t id);
/* T goes on: its timer starts again, as TIMER, at the time of EV. */
void
tale_arm(struct stories *st, struct tale *t, enum timer timer, int64_t time);
void tale_end(struct stories *st, struct tale *t);
/* T has become part of another story: it was none. */
void tale_discard(struct stories *st, struct tale *t);
/* For how many steps T has room. */
size_t tale_steps_room(const struct tale *t);
/* The steps of T, with room for one more, zeroed; they may have moved. */
struct step *tale_step_room(struct tale *t);
/* Shows NEW, whose text is T's, at its time. */
void tale_insert_step(struct tale *t, const struct step *new);
void tale_step(struct tale *t, const struct event *ev, enum step_result result,
    int64_t code, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/*
 * LIST of T, N elements of SIZE octets, with room for one more, zeroed.  It
 * may have moved: nothing may point into it.
 */
void *tale_more(const void *list, size_t n, size_t size);
struct exchange *tale_exchange(struct tale *t, size_t i);
struct attempt *tale_attempt(struct tale *t, size_t i);
/* Adds one; NULL when the story is full (counted). */
struct exchange *tale_add_exchange(struct tale *t);
struct attempt *tale_add_attempt(struct tale *t);
void tale_service(struct tale *t, struct str spn, struct str realm);
void tale_principal(struct tale *t, struct str name, struct str realm);
/* Whether two names of clients may be the same (NULL: unknown, may be). */
bool principal_may_be(const char *a, const char *b);

struct flow_state *story_flow_get(struct stories *st, uint64_t id);
struct flow_state *story_flow_find(const struct stories *st, uint64_t id);
void story_flow_drop(struct stories *st, struct flow_state *f);

void ticket_copy(struct tale *t, struct ticket *out, struct str realm,
    struct str sname, int64_t etype, int64_t kvno, struct bytes digest);
bool digest_set(const uint8_t digest[DIGEST_LEN]);
/* Whether T is the ticket with DIGEST. */
bool ticket_is(const struct ticket *t, struct bytes digest);

/*
 * The story that a request for another realm goes on with after a 7.  Of a
 * service: the client takes the domain of the host for a realm (MIT's
 * fall-back when krb5.conf maps the host to none).  Of a realm: it walks to
 * that by the realms in between (capaths), at once.
 */
struct tale *story_before_realm(struct client *c, const struct event *ev);

/*
 * The story that began with a realm made from a host's name which somebody
 * typed with a dot at its end, and goes on in the right one (Samba).
 */
struct tale *story_after_dot(struct client *c, const struct event *ev);

/* The exchange of T that issued the ticket with DIGEST; NULL if none. */
const struct exchange *tale_issued(const struct tale *t, struct bytes digest);

/* Whether SPN and what T asks for are two names of one service. */
bool tale_same_service(const struct stories *st, const struct tale *t,
    const char *spn);
/*
 * The open story that EV, an answer of a KDC to a request that was not seen,
 * goes on with; NULL when it begins one.
 */
struct tale *story_orphan_of(struct stories *st, const struct event *ev);
/* The exchange of such an answer, in that story or in a new one. */
struct exchange *
story_orphan(struct stories *st, const struct event *ev, struct tale **out);

void story_kdc_request(struct stories *st, const struct event *ev);
void story_kdc_reply(struct stories *st, const struct event *ev);
void story_kdc_krb_error(struct stories *st, const struct event *ev);
void story_service_event(struct stories *st, const struct event *ev);
void story_dns_event(struct stories *st, const struct event *ev);
/* Copies what the client looked up for the story's host and realm into it. */
void story_dns_attach(struct stories *st, struct tale *t);
/* Adds R to T's look-ups and shows its answer. */
void
story_dns_add(const struct stories *st, struct tale *t, const struct recent *r);
void story_dns_forget(struct stories *st, struct client *c);
/* Frees what was kept for the next look-ups. */
void story_dns_release(struct stories *st);
/* When R was last of any use: its answer, or when it was asked last. */
static inline int64_t
recent_when(const struct recent *r)
{
	return r->k.reply.frame != 0 ? r->k.reply.time : r->last.time;
}

static inline struct str
recent_name(const struct recent *r)
{
	return (struct str){ r->name, r->len };
}

/* lookup_is_locator() of R. */
static inline bool
recent_is_locator(const struct recent *r, struct str *domain)
{
	*domain = r->domain;
	return domain->p != NULL;
}

/* C asks R, perhaps again; R was answered. */
void story_search_asked(struct stories *st, struct client *c,
    const struct recent *r);
void story_search_answered(struct stories *st, struct client *c,
    const struct recent *r);
/* EV may be what a client goes on with after a search. */
void story_search_sees(struct stories *st, const struct event *ev);
/* Ends the searches that nothing followed at packet time NOW. */
void story_search_run(struct stories *st, int64_t now);
void story_search_finish(struct stories *st);
/*
 * What searches that nothing has followed for a while would be if they ended
 * now: up to MOST of them in LIST, to tale_free(); how many.
 */
size_t
story_search_failing(struct stories *st, struct tale **list, size_t most);
/* Whether NAME may be that of a server which somebody wants to log on to. */
bool name_may_be_server(struct str name);
struct str name_first_label(struct str name);
void story_search_forget(struct stories *st, struct client *c);
void story_conclude(struct tale *t);
/* Whether all that is known of S is that a SYN was sent. */
bool story_is_nothing(const struct story *s);

/* What became of a connection to a KDC or a password service. */
void story_contact_conn(struct stories *st, const struct event *ev);
/* A datagram of which not all fragments came. */
void story_contact_lost(struct stories *st, const struct event *ev);
/* EV asks on behalf of T. */
void
story_contact_sent(struct stories *st, struct tale *t, const struct event *ev);
/* EV is an answer that belongs to T. */
void story_contact_answered(struct stories *st, struct tale *t,
    const struct event *ev);
/*
 * With EV somebody answered what C had ASKED once: how far away it is, or how
 * busy, now.  That of KDCs is remembered, which answer for DNS too.
 */
void story_contact_waited(const struct stories *st, struct client *c,
    const struct ref *asked, const struct event *ev);
/*
 * How long ADDR took to answer the client of T, which is open, a moment ago;
 * 0: not long, or it is not known.
 */
int64_t story_contact_wait(const struct stories *st, const struct tale *t,
    const struct addr *addr);
/* The client of T, which asks CARRIER, was knocking at other doors before. */
void
story_contact_join(struct stories *st, struct tale *t, const char *carrier);
struct contact *tale_contact(struct tale *t, size_t i);
/*
 * Whether T is made of SYNs alone, to addresses that nothing shows to be a
 * KDC's, by somebody who tries doors.
 */
bool story_is_scan(const struct stories *st, const struct tale *t);
void knock_drop(struct stories *st, struct knock *k);

/* The end of T: what became of each contact. */
void story_reach_settle(const struct stories *st, struct tale *t);
/*
 * Whether T, which is open, waits for somebody who would have answered by now,
 * or has been told that nobody is there and tries no other.
 */
bool story_reach_in_vain(const struct stories *st, const struct tale *t);
/* Whether C was not there for the client. */
bool story_reach_failed(const struct story *s, const struct contact *c);
/*
 * Whether the last word of S is a question to a KDC or a password service
 * that nobody was there to answer.
 */
bool story_reach_nobody(const struct story *s);
/*
 * Whether the KDC or password service that S asked at STEP was not there for
 * long, and then was.  One that answered late is another matter: it was slow.
 */
bool story_reach_came_back(const struct story *s, const struct ref *step);
/* What was spent on those that were not there, until another answered. */
int64_t story_reach_cost(const struct story *s);

/*
 * Whether an SRV record of this name says where the KDCs or domain controllers
 * of a domain are; DOMAIN gets that domain, in the name's memory.
 */
bool name_is_locator(struct str name, struct str *domain);

/*
 * Whether the last thing that T knows is a failure after which a client may
 * try something else.
 */
bool tale_failed(const struct tale *t);

/*
 * Whether all that S got in the end is a ticket to change an expired password
 * with: nobody is logged on before that is done.
 */
bool story_wants_password(const struct story *s);
/* The same, or it still asks for that ticket. */
bool story_changes_password(const struct story *s);
/*
 * Whether what S asked for at STEP, a request, was refused and given to it
 * later: a TGT, or a log-on in the same way.
 */
bool story_made_good(const struct story *s, const struct ref *step);
/* Whether HOST is known to be reached at ADDR, by DNS or by this story. */
bool tale_host_at(const struct stories *st, const struct tale *t,
    const struct addr *addr);

/*
 * The story of C whose last word is a realm refused to the TGT of R, which the
 * client guessed from the host of the service that R asks for; NULL if none.
 */
struct tale *
story_guess_before(const struct client *c, const struct ev_kdc_req *r);

#endif
