/*
 * ledger.h - what the capture as a whole has taught: of each host, name,
 * service, ticket, account and clock.
 *
 * Entries that rules see are valid during the check.  A ledger has limits;
 * what they dropped makes a rule less certain, never more.
 */
#ifndef KERBSCOPE_LEDGER_H
#define KERBSCOPE_LEDGER_H

#include "bounds.h"
#include "event.h"

struct ledger;
struct exchange;

enum { ROLE_CLIENT = 1, ROLE_SERVICE = 2, ROLE_KDC = 4, ROLE_DNS = 8 };

/* How a host came by a name; later ones are stronger. */
enum name_source {
	NAME_ASKED,  /* clients reach it under this name */
	NAME_DNS,    /* an A or AAAA record */
	NAME_PTR,    /* a PTR record */
	NAME_TICKET, /* it took a ticket for this host */
	NAME_ITSELF  /* it says so: NTLM, KRB-ERROR */
};

struct host_name {
	const char *name;        /* lower case */
	enum name_source source; /* the strongest */
	struct ref ref;
	int64_t heard; /* last */
};

/* The clock of a host against the capture's. */
struct clock {
	unsigned samples;    /* 0: never seen */
	int64_t offset;      /* microseconds, median; > 0: ahead */
	int64_t least, most; /* of all samples */
	const char *source;  /* "krb-error", "smb2-negotiate", ... */
	struct ref ref;      /* of the latest sample */
};

struct host {
	struct addr addr;
	unsigned roles;        /* ROLE_* */
	struct ref spoke_last; /* it sent something, last */
	struct ref spoke;      /* and first; frame 0: never */
	struct ref heard;      /* something was sent to it, first */
	struct host_name names[HOST_MAX_NAMES];
	size_t nnames;
	struct clock clock;
	const char *account;              /* runs as, from KRB-ERROR: "WIN1$" */
	uint8_t guid[16];                 /* SMB ServerGuid, or zero */
	uint64_t asked, answered;         /* as a KDC */
	uint64_t udp_asked, udp_answered; /* over UDP, errors are answers */
	const char *kdc_realm;            /* it answered for last, or NULL */
	struct addr skew_by;  /* told it that their clocks differ (37) */
	struct ref skew_told; /* and when last; frame 0: never */
	/*
	 * Most client names whose log-on a KDC refused (6, 18, 24, and 31 to
	 * an AS-REQ) to this address within HOST_FAILING_WITHIN, up to
	 * HOST_MAX_FAILING; the frames of the first and the last of them.
	 */
	unsigned failing;
	struct ref failing_first, failing_last;
	/* A KDC gave, or refused, it a TGT to hand over, last. */
	struct ref tgt_forwarded, tgt_not_forwarded;
};

/* How often and when something happened. */
struct tally {
	uint64_t count;
	struct ref first, last;
	int64_t kvno_first, kvno_last; /* of the tickets */
	int64_t kvno_since;            /* when kvno_last began */
	int64_t etype_last;
	int64_t error_last; /* KRB-ERROR code, -1 none */
};

/* One SPN at one server. */
struct service {
	const char *spn; /* as asked, first form seen */
	const char *realm;
	struct addr server;
	struct tally taken, refused;
	uint8_t last_taken[DIGEST_LEN]; /* the ticket; all zero: none */
	struct ref last_req;            /* the request that it came in */
	int64_t other_taken; /* when a different one was, last; 0: never */
	/* bit N: one whose session key is of encryption type N was taken */
	uint64_t sessions;
};

/* A server that one ticket was shown to. */
struct ticket_at {
	struct addr server;
	struct tally taken, refused;
};

/* One ticket: who got it, where it was shown. */
struct ticket_fact {
	uint8_t digest[DIGEST_LEN];
	const char *spn, *realm;
	const char *client; /* principal, without FAST's disguise */
	/* S4U2Self, S4U2Proxy: in whose name, as the request has it */
	const char *user;
	bool s4u2self;
	bool asked_known; /* the request was seen: */
	uint32_t asked;   /* its KDC_* options */
	struct addr client_addr;
	int64_t kvno, etype;
	struct ref issued;          /* frame 0: before the capture */
	const struct ticket_at *at; /* up to TICKET_MAX_SERVERS */
	size_t nat;
};

/* A ticket that a front end got in the name of a user: S4U2Proxy. */
struct delegated {
	const char *target;
	const char *user; /* user@REALM as far as known, or NULL */
	bool s4u2self;    /* it had the user's ticket by S4U2Self */
	bool resource;    /* and asked with PAC_OPT_RESOURCE */
	struct ref ref;
};

/* One DNS name. */
struct name_fact {
	const char *name;                  /* lower case */
	const char *canonical;             /* by CNAME, or NULL */
	struct addr addrs[NAME_MAX_ADDRS]; /* all ever answered */
	size_t naddrs;
	struct addr latest[NAME_MAX_ADDRS]; /* in the last answer */
	size_t nlatest;
	size_t most_at_once; /* addresses in one answer */
	bool changed;        /* answers without an address in common */
	unsigned denied;     /* NXDOMAIN answers */
	struct ref ref;      /* of the latest answer */
	const char *dfs;     /* a DFS path that leads there, or NULL */
	struct ref dfs_ref;  /* and who says so, first */
};

/* One client principal at the KDC. */
struct account_fact {
	const char *principal; /* name@REALM */
	struct tally ok;       /* AS-REP; etype_last: of the reply key */
	struct tally bad_key;  /* 24, or 31 to an AS-REQ */
	struct tally no_etype; /* 14 to an AS-REQ */
	struct tally other;    /* other final errors */
};

/* A KDC that gave tickets for an SPN. */
struct spn_giver {
	struct addr kdc;
	struct ref first, last;
};

/* One SPN at the KDCs of one realm, port and instance included. */
struct spn_fact {
	const char *spn, *realm;
	struct spn_giver givers[SPN_MAX_GIVERS]; /* the first */
	size_t ngivers;
	struct tally issued;   /* etype_last, kvno_*: of the tickets */
	struct tally aes, rc4; /* of these, by the ticket's enctype */
	struct tally unknown;  /* 7 */
	struct tally no_etype; /* 14 */
};

/* One realm whose KDC answered, or issued a ticket. */
struct realm_fact {
	const char *realm;
	struct addr kdc; /* answered last */
	/*
	 * krbtgt of the realm itself: the highest key version of a TGT issued,
	 * and where; where the first TGT with an older version was shown or
	 * issued (frame 0: never).
	 */
	int64_t kvno; /* EV_ABSENT: none was issued */
	struct ref kvno_ref;
	int64_t older;
	struct ref older_ref;
	/* its own TGTs, encrypted so, issued or shown; frame 0: none */
	struct ref tgt_aes, tgt_rc4;
};

/* An SRV record that lists a host at an address. */
struct srv_fact {
	const char *name;   /* _kerberos._tcp.fjord.test */
	const char *target; /* dc2.fjord.test, lower case */
	struct ref ref;
};

const struct host *ledger_host(const struct ledger *l, const struct addr *addr);
/* All hosts, the longest unseen first; NULL past the last.  Presenters only. */
const struct host *ledger_host_at(const struct ledger *l, size_t i);

/* Whether HOST has NAME from a source at least as strong as SOURCE. */
bool host_has_name(const struct host *host, const char *name,
    enum name_source source);
/*
 * What the host calls itself, the strongest name it has that is at least
 * NAME_TICKET; NULL when it never said.  AVOID (may be NULL) is passed over.
 */
const char *host_own_name(const struct host *host, const char *avoid);

/* SPN at SERVER, by spn_equal; NULL when never presented there. */
const struct service *ledger_service(const struct ledger *l, const char *spn,
    const struct addr *server);
/* The I-th service presented at SERVER; NULL past the last. */
const struct service *
ledger_service_at(const struct ledger *l, const struct addr *server, size_t i);
/* The I-th server that SPN was presented to; NULL past the last. */
const struct service *
ledger_service_of(const struct ledger *l, const char *spn, size_t i);

const struct ticket_fact *
ledger_ticket(const struct ledger *l, const uint8_t digest[DIGEST_LEN]);

/*
 * The I-th thing that the front end of X, a request by S4U2Proxy, got in the
 * name of a user; NULL past the last.  The oldest are forgotten.
 */
const struct delegated *
ledger_delegated(const struct ledger *l, const struct exchange *x, size_t i);

const struct name_fact *ledger_name(const struct ledger *l, const char *name);

const struct account_fact *
ledger_account(const struct ledger *l, const char *principal);
/* The account HOST$ of any realm whose name is the first label of NAME. */
const struct account_fact *
ledger_machine(const struct ledger *l, const char *name);

/*
 * The clock of HOST against the majority of the other clocks of the capture,
 * in microseconds: an offset that all hosts share is the capture host's own
 * and is taken out.  False when its clock was never seen.
 */
bool
ledger_clock(const struct ledger *l, const struct addr *addr, int64_t *offset);
/*
 * The same as it was around WHEN, and the sample that says so: clocks are set,
 * and a service that starts again may have another.
 */
bool ledger_clock_at(const struct ledger *l, const struct addr *addr,
    int64_t when, int64_t *offset, const struct ref **sample);

/* SPN (class, host, port, instance; without case) in REALM; NULL if never. */
const struct spn_fact *
ledger_spn(const struct ledger *l, const char *spn, const char *realm);
/*
 * The I-th other SPN, in any realm, with class and host of SPN (without
 * regard to port and instance); NULL past the last.
 */
const struct spn_fact *
ledger_spn_form(const struct ledger *l, const char *spn, size_t i);

const struct realm_fact *
ledger_realm(const struct ledger *l, const char *realm);
/* The known realm in whose DNS domain HOST lies, the longest; NULL if none. */
const struct realm_fact *
ledger_realm_of(const struct ledger *l, const char *host);

/* The I-th host asked on port 88 or that answered as a KDC; NULL past them. */
const struct host *ledger_kdc_at(const struct ledger *l, size_t i);

/* An SRV record for KDCs that led to ADDR; NULL if none was seen. */
const struct srv_fact *
ledger_srv(const struct ledger *l, const struct addr *addr);

/*
 * Whether answers to CLIENT would have been seen: the capture holds packets
 * to it.  Without this, silence means nothing.
 */
bool ledger_sees_answers(const struct ledger *l, const struct addr *client);

/* Tolerated clock difference in microseconds (--skew). */
int64_t ledger_skew(const struct ledger *l);

/* EVIDENCE_* (rule.h) that the capture has shown any of. */
unsigned ledger_evidence(const struct ledger *l);

#endif
