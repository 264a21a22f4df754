/*
 * bounds.h - every limit on what is kept, in one place.
 *
 * All timers run on packet time, in microseconds, and are the same for a
 * file and for an interface.
 */
#ifndef KERBSCOPE_BOUNDS_H
#define KERBSCOPE_BOUNDS_H

#define SECOND INT64_C(1000000)

/* When a story ends. */
#define STORY_AFTER_ANSWER (2 * SECOND)   /* answered, nothing follows */
#define STORY_AFTER_FAILURE (10 * SECOND) /* a retry or fallback */
#define STORY_UNANSWERED (15 * SECOND)    /* request or SYN */
#define STORY_PROMPT \
	(60 * SECOND)                     /* PREAUTH_REQUIRED: the client
						 * may ask its user first */
#define STORY_LOOKUP_BEFORE (10 * SECOND) /* DNS that belongs to it */
#define STORY_REALM_BEFORE (SECOND / 2) /* and to a request for another realm */
#define CLIENT_IDLE (60 * SECOND)       /* its look-ups are forgotten */
#define STORY_SLOW_RETRY (1 * SECOND)   /* a failure that cost time */
#define STORY_SLOW (5 * SECOND)         /* a log-on that cost time */
#define STORY_SILENT (3 * SECOND)       /* unanswered: it is silence */
#define STORY_SILENT_SENT 3             /* or asked so often */
#define STORY_SILENT_BUSY (6 * SECOND)  /* of a process, while it goes on */

/* What one story holds; more is counted, not kept. */
#define STORY_MAX_LOOKUPS 8
#define STORY_MAX_EXCHANGES 24
#define STORY_MAX_ATTEMPTS 12
#define STORY_MAX_STEPS 48
#define STORY_MAX_CONTACTS 12
#define STORY_UNKNOWN_DOORS 2 /* knocked at, none known as a KDC: no scan */
#define STORY_SCAN_WITHIN (300 * SECOND)

/* What a finding holds. */
#define FINDING_MAX_EVIDENCE 8
#define FINDING_MAX_STORIES 64
#define FINDING_MAX_PARAMS 12
#define FINDING_MAX_EXCLUDED 8
#define FINDING_MAX_CLIENTS 4096 /* told apart; beyond: "more than" */

/* What a ledger entry holds. */
#define HOST_MAX_NAMES 8
#define CLIENT_MAX_LOOKUPS 32
#define NAME_MAX_ADDRS 8
#define TICKET_MAX_SERVERS 8
#define FRONT_MAX_DELEGATED 16 /* what a front end got for users */
#define HOST_MAX_FAILING 64    /* client names that failed from one host */
#define HOST_FAILING_MANY 10   /* of them: more are no accident */
#define HOST_FAILING_WITHIN (60 * SECOND)

/* What the whole analysis holds. */
#define OPEN_MAX_STORIES 65536
#define KEEP_MAX_STORIES 100000
#define KEEP_MAX_FINDINGS 4096
#define OPEN_MAX_CLIENTS 65536
#define CLIENT_MAX_STORIES 256 /* open, of one client: each is looked at */
#define OPEN_MAX_FLOWS 16384
#define FLOW_MAX_PENDING 16
#define OPEN_MAX_KNOCKS 4096 /* SYNs to a KDC that nothing followed yet */
#define LEDGER_STALE (3600 * SECOND) /* unheard of: may give its place */
#define LEDGER_MAX_HOSTS 65536
#define LEDGER_MAX_NAMES 65536
#define LEDGER_MAX_SERVICES 65536
#define LEDGER_MAX_TICKETS 262144
#define LEDGER_MAX_ACCOUNTS 65536
#define LEDGER_MAX_FRONTS 4096 /* front ends that act for users */
#define LEDGER_MAX_KDCS 64
#define LEDGER_MAX_REALMS 1024
#define LEDGER_MAX_SPNS 65536
#define SPN_MAX_GIVERS 2 /* KDCs that gave tickets for one */
#define LEDGER_MAX_SRV 4096
#define LEDGER_MAX_OPENED 65536    /* authenticators, timestamps */
#define LEDGER_MAX_DIRECTORY 65536 /* accounts, and answers of each kind */
#define LEDGER_MAX_CONF 4096       /* lines of krb5.conf */
#define LDAP_MAX_VALUE (UINT32_C(1) << 20)    /* octets of one value */
#define LDAP_MAX_MESSAGE (UINT32_C(64) << 20) /* of one message */
#define LDAP_MAX_OCTETS (UINT64_C(512) << 20) /* of all of one server */
#define LDAP_MAX_ENTRIES 20000                /* of one search for names */
#define LDAP_MAX_MORE 4096  /* names that the answers led to */
#define QUESTIONS_MAX 65536 /* names that look-ups are asked for */
#define KEYTAB_MAX_OCTETS ((size_t)64 << 20) /* of one file */
#define KEYTAB_MAX_ENTRIES 262144            /* of all */
#define KEYRING_MAX_SEEN LEDGER_MAX_TICKETS  /* tickets tried: each once */
#define DEFAULT_MEMORY (UINT64_C(64) << 20)

#define FILTER_MAX_TERMS 4096 /* comparisons of one filter */
#define FILTER_MAX_DEPTH 256  /* brackets, and operators within them */

/* A run without an end. */
#define VIEW_PENDING 1024 /* latest stories, judged anew in each view */
#define VIEW_QUIET (3 * SECOND / 2)     /* a failure that nothing followed */
#define VIEW_QUIET_ASKED (3 * SECOND)   /* after which a user is asked again */
#define WATCH_COUNT_EVERY (10 * SECOND) /* a finding's count is told */
#define WATCH_HOLD (12 * SECOND)        /* before one is retracted */
#define SPATE_MOST 20 /* changes of one rule, told to people */
#define SPATE_WITHIN (60 * SECOND)
#define EVIDENCE_MAX_RING (UINT64_C(32) << 20)
#define EVIDENCE_BEFORE SECOND /* of a log-on: written too */
#define EVIDENCE_AFTER (SECOND / 4)
#define EVIDENCE_AT_ONCE 32          /* log-ons written in one view */
#define EVIDENCE_MAX_FRAMES 32768    /* of these */
#define EVIDENCE_MAX_STORY (4 << 20) /* octets of one of them */
#define EVIDENCE_MAX_SAYS (40 << 10) /* octets of the comments on a frame */
#define EVIDENCE_MAX_FACES 64        /* interface and link type, of a file */
#define RING_BURST (256 << 10)       /* octets of a conversation kept whole */
#define RING_RATE (32 << 10)         /* and a second after these */
#define RING_HEAD 384                /* of a frame of what goes beyond */
#define METRICS_MAX_KDCS LEDGER_MAX_KDCS
#define METRICS_MAX_HOSTS 1000         /* whose clocks are told */
#define METRICS_MAX_LABEL 128          /* octets of a label, before escaping */
#define METRICS_MAX_SCRAPERS 16        /* connections at a time */
#define METRICS_PATIENCE (10 * SECOND) /* for one of them */
#define METRICS_EVERY SECOND           /* the text is made anew */
#define CLOCK_SET_LEAST SECOND         /* the clock was set, not slewed */

/* What traffic can make the dissectors hold. */
#define FLOW_MAX 32768 /* live; and so many that are over */
#define FLOW_IDLE (300 * SECOND)
#define SPENT_IDLE (30 * SECOND)       /* over, or datagrams */
#define DATAGRAM_IDLE (10 * SECOND)    /* nobody answers any more */
#define TCP_MAX_SEGMENTS 64            /* behind a hole, a direction */
#define TCP_MAX_BUFFER (256 << 10)     /* octets, a direction */
#define STREAM_MAX_BUFFER (16 << 20)   /* octets, all directions */
#define HOLE_TIMEOUT (2 * SECOND)      /* a lost TCP segment */
#define MESSAGE_MAX (256 << 10)        /* one message of a carrier */
#define FRAGMENT_MAX 1024              /* datagrams in pieces */
#define FRAGMENT_MAX_PIECES 256        /* of one datagram */
#define FRAGMENT_MAX_BUFFER (16 << 20) /* octets, all datagrams */
#define FRAGMENT_TIMEOUT (30 * SECOND)
#define FRAGMENT_LATE (2 * SECOND)     /* told that it is incomplete */
#define DUPLICATE_WITHIN (SECOND / 20) /* the same frame again */
#define DUPLICATE_NO_ID (SECOND / 500) /* and without an IP id */
#define TEXT_MAX 1024                  /* octets of one text */

/* Clocks. */
#define SKEW_DEFAULT 300 /* seconds, RFC 4120 8.2 */

#endif
