/*
 * ledger-store.h - the inside of the ledger: its tables, and how stories
 * tell it what they have seen.
 */
#ifndef ANALYZER_LEDGER_STORE_H
#define ANALYZER_LEDGER_STORE_H

#include "ledger.h"
#include "story.h"
#include "table.h"

#define CLOCK_SAMPLES 9 /* kept a host; the median is taken */
#define CLOCK_SPANS 4   /* in which its clock went without a jump */
#define INDEX_MAX 256   /* services a host, servers an SPN */
#define LEDGER_NEAR 256 /* a power of two */
#define NEAR_NAMES 64   /* another */

struct service_entry;
struct capture_time;

/* A growing list of services; the oldest go first. */
struct service_list {
	struct service_entry **list;
	size_t n;
};

/* A client name that a KDC refused to a host, as a hash, and when last. */
struct failure {
	uint64_t name;
	struct ref ref;
};

/* The latest of them, oldest first. */
struct failures {
	size_t n, room;
	struct failure list[];
};

/* A clock that went without a jump: samples that agree, one after another. */
struct clock_span {
	int64_t offset, begin;
	struct ref ref; /* of the latest */
};

/* What every event asks for stands at its front, and at that of struct host. */
struct host_entry {
	struct node node;
	bool gets_answers; /* what others answer to it is seen */
	bool is_kdc;       /* stands in ledger.kdcs */
	bool is_resolver;  /* somebody asked it for names */
	bool locates;      /* it asked where KDCs are */
	int64_t kdc_heard; /* asked as a KDC, or answered, last */
	size_t place;      /* in ledger.order, from 1; 0: not there */
	struct host host;
	int64_t samples[CLOCK_SAMPLES];
	struct clock_span spans[CLOCK_SPANS]; /* the latest, oldest first */
	size_t nspans;
	struct service_list services;
	struct failures *failures; /* NULL until its first */
};

struct spn_entry {
	struct node node;
	char *spn;
	struct service_list servers;
};

struct service_entry {
	struct node node;
	struct service service;
};

struct ticket_entry {
	struct node node;
	struct ticket_fact ticket;
};

struct name_entry {
	struct node node;
	size_t len; /* of its name */
	struct name_fact name;
	int64_t heard[NAME_MAX_ADDRS]; /* last of each of its addresses, */
	int64_t heard_canonical;       /* and of that */
};

struct account_entry {
	struct node node;
	struct account_fact account;
};

struct machine_entry {
	struct node node;
	struct account_entry *account;
	char *label;
};

/* All SPNs with one class and host. */
struct form_entry {
	struct node node;
	struct spn_fact_entry *first, *last;
};

struct spn_fact_entry {
	struct node node;
	struct spn_fact fact;
	struct form_entry *form;
	struct spn_fact_entry *before, *after; /* of the same form */
};

struct realm_entry {
	struct node node;
	struct realm_fact fact;
	int64_t least; /* the lowest key version of a TGT seen anywhere */
	struct ref least_ref;
};

/* By target. */
struct srv_entry {
	struct node node;
	struct srv_fact fact;
};

/* By address, which TARGET has or had. */
struct srv_at {
	struct node node;
	struct addr addr;
	const char *target;
};

/* What look-ups said; one table each. */
enum proof_kind {
	PROOF_TRIAL,   /* by the ticket's digest */
	PROOF_AUTH,    /* by the request's frame */
	PROOF_PREAUTH, /* alike */
	PROOF_ACCOUNT, /* by sam@REALM */
	PROOF_TRUST,   /* by partner and realm */
	PROOF_SPN,     /* by SPN and realm, as PROOF_NAME */
	PROOF_NAME,
	PROOF_DOMAIN,      /* by realm */
	PROOF_CONF,        /* one */
	PROOF_CONF_DOMAIN, /* by host or domain */
	PROOF_CONF_REALM,  /* by realm */
	PROOF_KINDS
};

/* A table, what an entry takes, and how one is let go. */
struct ledger_kind {
	struct table *t;
	size_t unit;
	void (*drop)(struct ledger *, struct node *);
};

#define LEDGER_KINDS 16

struct ledger {
	struct table hosts, spns, services, tickets, names;
	struct table accounts, machines;
	struct table spn_facts, forms, realms, srv, srv_at, fronts;
	struct table proofs[PROOF_KINDS];
	unsigned keytabs;
	struct host_entry *near[LEDGER_NEAR]; /* asked for last */
	struct name_entry *near_names[NEAR_NAMES];
	struct host_entry *kdcs[LEDGER_MAX_KDCS];
	size_t nkdcs;
	int64_t skew;
	unsigned evidence;
	uint64_t held, ceiling; /* octets */
	uint64_t let_go;        /* entries */
	struct ledger_kind kinds[LEDGER_KINDS];
	size_t nkinds;
	struct host_entry **order; /* after ledger_order() */
	size_t norder;
	bool order_more;            /* the others when they are asked for */
	size_t clocked;             /* hosts whose clock was seen */
	size_t clocks_new;          /* clocks that changed since the census */
	bool clocks_stale;          /* by ever so little */
	struct capture_time *times; /* of each capture */
	size_t ntimes;
	int64_t common; /* offset that all share */
	bool common_known;
};

void ledger_init(struct ledger *l, int64_t skew, uint64_t ceiling);
void ledger_release(struct ledger *l);

/* Before rules look: brings the census of clocks up to date. */
void ledger_settle(struct ledger *l);
/*
 * Before rules look for a result: lists the hosts for ledger_host_at(), and
 * makes the census exact.
 */
void ledger_order(struct ledger *l);

/* A capture begins. */
void ledger_time_begin(struct ledger *l, int capture);
/*
 * The time of EV, which tells the order of what happened: its own, unless all
 * packets of its capture have one time.
 */
int64_t ledger_time(struct ledger *l, const struct event *ev);
/* The clock of the host that captures was set by SHIFT: so are its times. */
void ledger_clock_set(struct ledger *l, int64_t shift);
void ledger_time_set(struct ledger *l, int64_t shift);
/* How many captures have times that mean nothing, as far as one can see. */
size_t ledger_times_unknown(const struct ledger *l);
/* The same after the last event: nothing is known of their clocks. */
size_t ledger_time_settle(struct ledger *l);

/* What an event says by itself: DNS, clocks, names, roles. */
void ledger_feed(struct ledger *l, const struct event *ev);

/* The address that the name of a PTR record stands for; false: for none. */
bool ledger_ptr_address(struct str name, struct addr *out);

/* What the host that captures knows of itself. */
void ledger_self(struct ledger *l, const struct event *ev);

/* Takes EV if it is of a look-up; false when it is not. */
bool ledger_feed_proof(struct ledger *l, const struct event *ev);

/* --- what stories tell ------------------------------------------------ */

/* A KDC issued TICKET to CLIENT (may be NULL) at ADDR. */
/* A key opened the ticket: CLIENT, name@REALM, stands in it. */
void ledger_opened(struct ledger *l, const uint8_t digest[DIGEST_LEN],
    const char *client);
void ledger_issued(struct ledger *l, const struct ticket *ticket,
    const char *client, const struct addr *addr, const struct ref *ref);
/* A service answered ATTEMPT: OK or not. */
void ledger_presented(struct ledger *l, const struct attempt *at, bool ok);
/*
 * The KDC answered an AS exchange for good; ERROR -1 for a ticket, ETYPE that
 * of the reply key.
 */
void ledger_as_done(struct ledger *l, const char *principal, int64_t error,
    bool bad_key, int64_t etype, const struct ref *ref);
/* A KDC refused the log-on of NAME, asked for in REALM, to the host at ADDR. */
void ledger_failing(struct ledger *l, const struct addr *addr, const char *name,
    const char *realm, const struct ref *ref);
/* A KDC answered X with a ticket: what that says of delegation. */
void ledger_delegation(struct ledger *l, const struct exchange *x);
/* A KDC answered X, for a TGT to hand over, to the client at ADDR. */
void ledger_forwarding(struct ledger *l, const struct exchange *x,
    const struct addr *addr);
/* A KDC answered X: what that says of the SPN asked for. */
void ledger_spn_answer(struct ledger *l, const struct exchange *x);

/* The service at ADDR names itself SNAME, another name than was asked for. */
void ledger_runs_as(struct ledger *l, const struct addr *addr, struct str sname,
    const struct ref *ref);

/* The entry of the ticket with DIGEST, or NULL. */
struct ticket_entry *
ledger_ticket_entry(const struct ledger *l, const uint8_t digest[DIGEST_LEN]);

/* --- inside ----------------------------------------------------------- */

struct host_entry *ledger_host_entry(struct ledger *l, const struct addr *addr);
/* The place of ADDR in ledger.near. */
struct host_entry **ledger_near(struct ledger *l, const struct addr *addr);
/* NULL when the host was never seen. */
struct host_entry *
ledger_host_find(const struct ledger *l, const struct addr *addr);
void ledger_host_name(struct ledger *l, const struct addr *addr,
    const char *name, size_t len, enum name_source source,
    const struct ref *ref);
void ledger_clock_sample(struct ledger *l, const struct addr *addr,
    int64_t theirs, const char *source, const struct ref *ref);
/* Takes the census of clocks if any has changed. */
void ledger_census(struct ledger *l);
/* Nothing is known of clocks that CAPTURE showed last. */
void ledger_clock_forget(struct ledger *l, int capture);
/* Whether the times of CAPTURE went neither back nor stood still. */
bool ledger_time_known(const struct ledger *l, int capture);
struct name_entry *ledger_name_entry(struct ledger *l, struct str name);
/* A copy of text, counted as held by the ledger. */
char *ledger_copy(struct ledger *l, const char *p, size_t len, bool lower);
void ledger_drop_text(struct ledger *l, const char *text);
/* Counts N octets; lets the oldest of T go with DROP while over the limit. */
void ledger_account_for(struct ledger *l, size_t n, struct table *t,
    size_t most, void (*drop)(struct ledger *, struct node *));
void tally_add(struct tally *t, const struct ref *ref, int64_t kvno,
    int64_t etype, int64_t error);

/* What EV says of who spoke, who listened and who is a KDC. */
void ledger_feed_hosts(struct ledger *l, const struct event *ev);
/* What EV says of realms and of their krbtgt. */
void ledger_feed_realms(struct ledger *l, const struct event *ev);
/* An SRV record, which may say where KDCs are. */
void ledger_srv_target(struct ledger *l, const struct event *ev);
/* ADDR is one of E's, which may be the target of such a record. */
void ledger_srv_addr(struct ledger *l, const struct name_entry *e,
    const struct addr *addr);
/* H is about to go. */
void ledger_kdc_forget(struct ledger *l, struct host_entry *h);

/* Drops every entry of T, then the table's own memory. */
void ledger_drop_all(struct ledger *l, struct table *t,
    void (*drop)(struct ledger *, struct node *));
/* Parts of ledger_release(). */
void ledger_release_services(struct ledger *l);
void ledger_release_spns(struct ledger *l);
void ledger_release_realms(struct ledger *l);
void ledger_release_fronts(struct ledger *l);
void ledger_release_srv(struct ledger *l);
void ledger_release_proofs(struct ledger *l);

#endif
