/*
 * flow.h - what the layers below the carriers say to each other: a packet on
 * its way up, the table of flows, and the dissector itself.
 *
 * A layer gets the packet and a reader, fills in what it learned and calls
 * the next one.  Nothing here is seen outside this folder.
 */
#ifndef DISSECT_FLOW_H
#define DISSECT_FLOW_H

#include "carrier.h"
#include "hash.h"

struct tcp;

/* By what a flow is found, the same for both of its directions. */
struct flow_key {
	uint64_t hash; /* 0: there is none */
	/*
	 * This is not keyed, as the hash is: every run has to forget the
	 * same flows, or reports would differ.
	 */
	uint32_t place;
};

/* One frame on its way up; of the addresses all octets are compared. */
struct packet {
	struct ref ref;
	struct dissect_quality *quality; /* of its capture */
	struct addr src, dst;
	uint8_t proto; /* IPPROTO_ */
	uint16_t sport, dport;
	uint32_t ip_id;     /* 0: none (IPv6, Linux DF) */
	uint16_t ip_offset; /* of a fragment, in octets */
	/* from fragments: those were looked at one by one */
	bool whole;
	struct flow_key key; /* of TCP and UDP */
	/*
	 * dissect_peek(): only this is filled in, and there is no dissector.
	 * NULL: the packet is read.
	 */
	struct conversation *peek;
};

/* What is known of a flow's use. */
enum interest {
	INTEREST_OPEN, /* no carrier has claimed it yet */
	INTEREST_CLAIMED,
	INTEREST_NONE, /* nobody's, and soon with nobody.c */
	INTEREST_OVER  /* closed: only a new SYN wakes it up */
};

/*
 * A flow and what the layers keep of it.  `flow` is the first member:
 * carriers get its address.  Tens of thousands are kept and each packet asks
 * for one of them, so it is as small as can be: two lines of the cache.
 */
struct conn {
	struct flow flow;
	struct tcp *tcp;
	const struct carrier *hint; /* by the port of side 1 */
	struct conn *newer, *older; /* by last packet, of flow.ref */
	uint32_t number;            /* of its place in the table; from 1 */
	uint32_t hash;              /* of its key */
	uint32_t isn;               /* of the SYN that made it half open */
	enum interest interest : 8;
	uint8_t tries;      /* claims that failed */
	bool hinted : 1;    /* by any port of it */
	bool answered : 1;  /* datagrams: the last one was the server's */
	bool half_open : 1; /* a SYN alone was seen, and no tcp was made yet */
};

struct flow_list {
	struct conn *newest, *oldest;
	size_t count;
};

struct conn_block;

/*
 * The table says by the hash alone which flow it may be, so that others are
 * not looked at; a slot taken is followed by those that found it so.
 */
struct flow_slot {
	uint32_t hash;   /* of it that many bits */
	uint32_t number; /* of the flow; 0: empty */
};

struct flow_table {
	struct flow_slot *slots;
	size_t nslots; /* a power of two */
	size_t count;
	struct conn_block **blocks; /* where flows lie, by number */
	size_t nblocks;
	struct conn *unused; /* by `newer` */
	/*
	 * Connections that go on; and those that are over, and datagrams.
	 * The second are many and say nothing more: they do not push a quiet
	 * connection out, as each list has its own limit.
	 */
	struct flow_list live, spent;
	uint64_t last_id;
};

struct decode {
	enum transport transport;
	uint16_t port;
	const struct carrier *carrier;
};

struct chunk;
struct nobody;
struct fragments;
struct duplicates;

struct dissector {
	event_sink sink;
	void *arg;
	const struct carrier *const *carriers;
	struct decode *decodes;
	size_t ndecodes;
	/* A bit a port: whether it is a hint for any carrier.  TCP, UDP. */
	uint8_t hints[2][(UINT16_MAX + 1) / 8];
	struct dissect_quality **quality; /* by capture, or NULL */
	size_t nquality;
	struct chunk *chunks; /* scratch memory */
	size_t scratch_used;  /* of the first chunk */
	uint64_t key[2];      /* of hash_words() */
	struct flow_table flows;
	struct nobody *nobody;
	struct fragments *fragments;
	struct duplicates *duplicates;
	struct tcp *holes, *holes_last; /* longest open first */
	size_t held;                    /* octets of all connections */
	int64_t now;
};

/* --- dissect.c -------------------------------------------------------- */

/* For tests: these carriers, ended by NULL, instead of all. */
void
dissect_set_carriers(struct dissector *d, const struct carrier *const *list);
/* Memory or the end of the program with a message; zeroed. */
void *must_alloc(size_t n);
/* As realloc(), but never NULL. */
void *must_grow(void *p, size_t n);
struct dissect_quality *quality_new(struct dissector *d, int capture);
/* The counters of a capture. */
static inline struct dissect_quality *
quality_of(struct dissector *d, int capture)
{
	if (capture >= 0 && (size_t)capture < d->nquality &&
	    d->quality[capture] != NULL)
		return d->quality[capture];
	return quality_new(d, capture);
}
/* Takes back what scratch() gave. */
void scratch_reset(struct dissector *d);
/* Hash of N words under the dissector's random key: nobody can choose
 * packets that collide.  Nothing that is shown may depend on it. */
uint64_t hash_words(const struct dissector *d, const uint64_t *words, size_t n);

/* --- the layers: each reads on where R stands ------------------------- */

void
link_read(struct dissector *d, struct packet *p, int link, struct reader *r);
/* An IPv4 or IPv6 packet, by its version. */
void ip_read(struct dissector *d, struct packet *p, struct reader *r);
/* The address of FAMILY (4 or 6) that R stands at; zero when it was cut. */
void ip_addr(struct reader *r, int family, struct addr *a);
/* What is behind the IP header, p->proto. */
void ip_payload(struct dissector *d, struct packet *p, struct reader *r);
void tcp_read(struct dissector *d, struct packet *p, struct reader *r);
void udp_read(struct dissector *d, struct packet *p, struct reader *r);
void icmp_read(struct dissector *d, struct packet *p, struct reader *r);
/* What dissect_peek() wants to know. */
void tcp_peek(struct packet *p, const struct reader *r);
void udp_peek(struct packet *p, const struct reader *r);
void icmp_peek(struct packet *p, const struct reader *r);

/*
 * One fragment, OFFSET octets into the datagram.  When that completes it,
 * true and the whole as WHOLE, valid until the next fragment.
 */
bool fragment_read(struct dissector *d, struct packet *p, size_t offset,
    bool more, const struct reader *r, struct reader *whole);
/* Tells of datagrams for a carrier that stay incomplete. */
void fragment_expire(struct dissector *d);
void fragment_finish(struct dissector *d);
void fragment_clock_set(struct dissector *d, int64_t shift);
void fragment_free(struct dissector *d);

/* Whether this packet, R from its transport header on, was just seen; then
 * it is counted. */
bool duplicate_seen(struct dissector *d, const struct packet *p,
    const struct reader *r);

/* --- flow.c ----------------------------------------------------------- */

/* The key of P by its addresses and ports. */
struct flow_key flow_key(const struct dissector *d, const struct packet *p);
/* The flow of P, which has its key, or NULL; and the direction of P in it. */
struct conn *
flow_find(const struct dissector *d, const struct packet *p, int *dir);
/* Who opened a flow, as its first packet says. */
enum opener {
	OPENER_SENDER,   /* SYN */
	OPENER_RECEIVER, /* SYN and ACK */
	OPENER_UNKNOWN   /* the ports must say, or who came first */
};

/* A new flow, of which P, which has its key, is the first packet. */
struct conn *
flow_new(struct dissector *d, const struct packet *p, enum opener opener);
/* Direction of P in C. */
int flow_dir(const struct conn *c, const struct packet *p);
/* P belongs to C: the latest of all. */
void flow_touch(struct dissector *d, struct conn *c, const struct packet *p);
/* C has lost all interest: no more of it than its fingerprint is kept. */
void flow_retire(struct dissector *d, struct conn *c);
/* The connection is over, yet its last packets are still known as such. */
void flow_over(struct dissector *d, struct conn *c);
/* The end of C: what waits is given up, its memory freed. */
void flow_end(struct dissector *d, struct conn *c);
/* Ends the flows that were silent for long, and some when too much waits. */
void flow_expire(struct dissector *d);
/* The clock was set by SHIFT. */
void flow_clock_set(struct dissector *d, int64_t shift);
void flow_finish(struct dissector *d);
void flow_free(struct dissector *d);

/* --- nobody.c --------------------------------------------------------- */

/* Soon it is asked for KEY: a flood waits for memory half of its time. */
void nobody_fetch(const struct dissector *d, const struct flow_key *key);
/* Whether P is of a flow that no carrier reads, and was not silent since. */
bool nobody_reads(struct dissector *d, const struct packet *p);
void nobody_add(struct dissector *d, const struct flow_key *key);
void nobody_forget(struct dissector *d, const struct flow_key *key);

/* --- claim.c ---------------------------------------------------------- */

/* Takes up the ports of the carriers, or another by --decode. */
void claim_learn(struct dissector *d);
/* The carrier that a port is a hint for: by --decode, or its own; or NULL. */
const struct carrier *
claim_hint(const struct dissector *d, enum transport tp, uint16_t port);
/* Asks the carriers for C; true when one claimed it, now or before. */
bool claim_ask(struct dissector *d, struct conn *c, int dir, struct reader r);
/* Whether R looks like a message of the carrier that has C already. */
bool claim_again(const struct dissector *d, const struct conn *c, int dir,
    struct reader r);
/* A claim failed for good: after some of them nobody asks again. */
void claim_failed(struct conn *c);
/* Hands a message to the carrier and takes its scratch memory back. */
void
claim_message(struct dissector *d, struct conn *c, int dir, struct reader r);

/* --- tcp.c ------------------------------------------------------------ */

/* Posts what became of a connection, when its port or its carrier makes it
 * of interest. */
void conn_post(struct dissector *d, struct conn *c, int dir, const char *state,
    int64_t repeated);
/* The same, with the REASON that an ICMP message gives (static text). */
void conn_tell(struct dissector *d, struct conn *c, int dir, const char *state,
    int64_t repeated, const char *reason);
/* Gives up holes that have been open for too long. */
void tcp_expire(struct dissector *d);
/* Delivers what waits and frees c->tcp. */
void tcp_end(struct dissector *d, struct conn *c);

#endif
