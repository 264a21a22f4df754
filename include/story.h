/*
 * story.h - one attempt of one client to be authenticated to one service:
 * the names looked up, the tickets asked for, the tickets presented, what
 * was answered and what was tried next.
 *
 * A story that a rule sees is complete and never changes.  All texts are
 * NUL-terminated, UTF-8, and live as long as the story; a text that is not
 * known is NULL.
 */
#ifndef KERBSCOPE_STORY_H
#define KERBSCOPE_STORY_H

#include "bounds.h"
#include "event.h"

enum outcome {
	OUTCOME_UNSEEN, /* the capture does not hold the last word */
	OUTCOME_OK,
	OUTCOME_DEGRADED, /* NTLM instead, or slow */
	OUTCOME_BROKEN,
};

/* A DNS question and its answer. */
struct lookup {
	const char *name;        /* lower case */
	const char *canonical;   /* end of the CNAME chain, or NULL */
	const char *ptr;         /* PTR: the name that it gives, or NULL */
	struct addr ptr_of;      /* and the address that was asked for */
	struct addr asked_first; /* family 0: the query was not seen */
	struct addr resolver;    /* asked last, or who answered */
	struct addr addrs[NAME_MAX_ADDRS];
	size_t naddrs;
	struct ref query, reply; /* reply.frame 0: none was seen */
	int64_t type;
	int64_t rcode;  /* -1 while unanswered */
	unsigned asked; /* how often; 0: the query was not seen */
};

/* How a port that a story needed was found. */
enum reach {
	REACH_UNSEEN,     /* the capture does not hold the answer */
	REACH_ANSWERED,   /* SYN-ACK, or a message */
	REACH_SILENT,     /* nobody answered, and the capture would show it */
	REACH_CLOSED,     /* RST; UDP: ICMP port unreachable: nobody listens */
	REACH_PROHIBITED, /* ICMP: a filter says so */
	REACH_NO_HOST     /* ICMP: no way there */
};

/*
 * A port of a KDC or a password service that was asked: one TCP connection
 * or one flow of datagrams, with its repetitions.
 */
struct contact {
	const char *carrier; /* static text: "kdc", "kpasswd" */
	enum transport transport;
	uint64_t flow;
	struct addr addr;
	uint16_t port;
	struct ref first, last; /* SYN or datagram; the first, the latest */
	unsigned sent;          /* of these, how many */
	enum reach reach;
	struct ref answer; /* frame 0: none */
	/*
	 * answers that began and whose other fragments never came; the last
	 * of them, and the octets that did come.  With nothing but these it
	 * is REACH_ANSWERED, and answer.frame is 0.
	 */
	unsigned cut;
	struct ref cut_ref;
	int64_t cut_have;
	bool was_reset; /* opened, and reset before any answer */
};

/* A ticket as the wire shows it; digest all zero: no ticket. */
struct ticket {
	uint8_t digest[DIGEST_LEN];
	const char *realm;
	const char *sname;
	int64_t etype, kvno; /* EV_ABSENT when not there */
};

enum exchange_kind { EXCHANGE_AS, EXCHANGE_TGS };

/* PA-PAC-OPTIONS, MS-KILE 2.2.10: the client knows of the resource's list. */
#define PAC_OPT_RESOURCE 0x10000000u

enum answer {
	ANSWER_NONE,  /* not seen */
	ANSWER_OK,    /* ticket issued, log-on accepted */
	ANSWER_ERROR, /* KRB-ERROR, or refused */
	ANSWER_MORE   /* a step: another one has to follow */
};

/* A request to a KDC, all its retransmissions, and the answer. */
struct exchange {
	enum exchange_kind kind;
	struct ref req, rep;
	struct ref again; /* latest retransmission; frame 0: none */
	unsigned retransmits;
	enum transport transport;
	struct addr kdc; /* who answered, or was asked last */
	uint16_t kdc_port;
	const char *realm; /* of the service, as asked */
	const char *cname; /* AS: as asked; TGS: as far as known */
	const char *crealm;
	int64_t cname_type;
	const char *sname; /* as asked */
	int64_t sname_type;
	int64_t sname_parts;
	uint32_t options; /* KDC_* */
	int64_t nonce;
	int64_t from, till, rtime;
	int32_t etypes[16];
	size_t netypes;
	/*
	 * carried proof of a key: timestamp, challenge, SPAKE,
	 * certificate
	 */
	bool preauth;
	bool pkinit; /* of these, a certificate */
	/* AS: seen whole, in clear, with nothing that could prove a key */
	bool bare;
	bool fast;
	bool s4u2self;  /* PA-FOR-USER, PA-S4U-X509-USER */
	bool s4u2proxy; /* cname-in-addl-tkt and a ticket */
	bool u2u;       /* enc-tkt-in-skey */
	const char *for_user, *for_user_realm;
	uint32_t pac_options;   /* PAC_OPT_*, as far as it is in clear */
	struct ticket tgt;      /* TGS: the ticket presented */
	struct ticket evidence; /* S4U2Proxy, U2U: the second one */

	enum answer answer; /* MORE for a step such as 25 or 52 */
	int64_t error;      /* -1 without a KRB-ERROR */
	int64_t ntstatus;   /* EV_ABSENT when not there */
	const char *e_text;
	int64_t stime; /* the KDC's clock, 0 when unknown */
	int64_t ctime;
	const char *err_crealm; /* realm named by a WRONG_REALM */
	const char *err_realm;  /* the service's, as the KRB-ERROR has it */
	struct ticket issued;
	bool referral;     /* issued is krbtgt of another realm */
	int64_t key_etype; /* issued: of the reply key, or EV_ABSENT */
	/* refused: enctypes of the client's keys, as the KDC lists them */
	int32_t key_etypes[8];
	size_t nkey_etypes;
};

enum mech { MECH_NONE, MECH_KRB5, MECH_NTLM };

/* A log-on presented to a service, and its answer. */
struct attempt {
	enum mech mech;
	const char *carrier; /* static text: "smb2", ... */
	uint64_t flow, xid;
	struct addr server;
	uint16_t server_port;
	struct ref req, rep;
	struct ticket ticket;
	int64_t sname_parts;
	uint32_t ap_options;
	int64_t auth_etype;
	bool u2u;
	bool issued_here; /* by an exchange of this story */
	/* where the ticket was issued, if the capture shows it */
	struct ref issued;

	enum answer answer;
	int64_t status; /* the carrier's, EV_ABSENT unseen */
	bool ap_rep;
	int64_t error; /* KRB-ERROR from the service, or -1 */
	struct ref error_ref;
	const char *error_sname; /* who the service says it is */
	const char *error_realm;
	int64_t error_stime;
	int64_t error_ext; /* KERB-ERROR-DATA type or EV_ABSENT */

	const char *user;     /* NTLM: DOMAIN\user */
	const char *ntlm_spn; /* NTLM: MsvAvTargetName */
	const char *computer; /* NTLM: what the client calls itself */
	bool anonymous;
	bool guest;        /* let in as guest or as nobody */
	bool offered_krb5; /* the server offered Kerberos */
	bool offer_seen;   /* the server listed what it takes */
	/* kpasswd: RFC 3244 result in clear, or EV_ABSENT */
	int64_t kpasswd_result;
};

enum step_result { STEP_INFO, STEP_OK, STEP_ERROR };

/* One line of the ladder. */
struct step {
	struct ref ref;
	struct addr from, to;
	const char *what; /* "TGS-REQ cifs/fs1.fjord.test" */
	enum step_result result;
	int64_t code; /* error or status, EV_ABSENT none */
	const char *code_name;
};

struct story {
	uint64_t id; /* from 1, in order of their start */
	enum outcome outcome;
	int64_t start, end;
	/*
	 * "smb2", ...; "kdc" when no service was reached; "dns" when names
	 * were looked up in vain and nothing followed; static text
	 */
	const char *carrier;
	struct addr client;
	uint16_t client_port;
	const char *principal; /* anna@FJORD.TEST, FJORD\anna */
	struct addr server;
	uint16_t server_port;
	const char *spn; /* as first asked, without realm */
	const char *realm;
	/* name by which the client means the service, lower case */
	const char *host;
	const char *target; /* host of the SMB tree path, ... */
	bool target_is_ip;  /* and it is an address */

	const struct lookup *lookups; /* of the host; SRV of the realm */
	size_t nlookups;
	const struct contact *contacts;
	size_t ncontacts;
	const struct exchange *exchanges;
	size_t nexchanges;
	const struct attempt *attempts;
	size_t nattempts;
	const struct step *steps;
	size_t nsteps;
	unsigned not_kept; /* steps beyond the limits */
	bool cut_start;    /* began before the capture */

	/*
	 * Codes, modulo 64, of a KRB-ERROR that surely none of the exchanges
	 * has, and with which none was refused: most rules look for one and
	 * need not.  A story that nobody has looked through has no bit set.
	 */
	uint64_t lacks_error, lacks_refusal;
};

static inline uint64_t
story_code_bit(int64_t code)
{
	return UINT64_C(1) << ((uint64_t)code & 63);
}

/* --- questions that rules ask of a story ------------------------------ */

/*
 * The KRB-ERROR that decided: the last answer of the KDC, if it was an error
 * with CODE (-1: any) and no later exchange of the story got the ticket that
 * was refused.  NULL when there is none.
 */
const struct exchange *story_kdc_refusal(const struct story *s, int code);

/* The last exchange answered with CODE, whatever followed; NULL if none. */
const struct exchange *story_kdc_error(const struct story *s, int code);

/*
 * Whether the KDC knows the service of X and is told to give no tickets for
 * it: MIT (-allow_tix) says 7 as for an unknown one, with another text.
 */
bool story_service_locked(const struct exchange *x);

/*
 * Whether X was refused with BADOPTION in the way that ordinary clients are
 * and live with: S4U2Proxy to the requester itself (Windows at log-on), or a
 * TGT to hand on that may not be forwarded (GSS goes on without).
 */
bool story_usual_badoption(const struct exchange *x);

/* The last exchange of KIND whose answer issued a ticket; NULL if none. */
const struct exchange *
story_issued(const struct story *s, enum exchange_kind kind);

/* The first Kerberos attempt that the service refused; NULL if none. */
const struct attempt *story_refusal(const struct story *s);

/*
 * The first Kerberos attempt refused in the way of a service that cannot use
 * the ticket: KRB-ERROR 31, 35, 41, 44 or 45, or a refusal that gives no
 * reason (STATUS_LOGON_FAILURE, SPNEGO reject).  NULL when there is none, or
 * when the reason given was another one (skew, expiry, account state).
 */
const struct attempt *story_key_refusal(const struct story *s);

/* The first Kerberos attempt answered with KRB-ERROR CODE; NULL if none. */
const struct attempt *story_ap_error(const struct story *s, int code);

/* The first attempt with MECH that was accepted; NULL if none. */
const struct attempt *story_accepted(const struct story *s, enum mech mech);

/* The first attempt with MECH, whatever came of it; NULL if none. */
const struct attempt *story_tried(const struct story *s, enum mech mech);

/* The look-up that gave the service's address (A, AAAA); NULL if none. */
const struct lookup *story_lookup(const struct story *s);

/*
 * The first contact of S with CARRIER ("kdc", "kpasswd") over TRANSPORT (-1:
 * any) that was found as REACH (-1: any); NULL if none.
 */
const struct contact *story_contact(const struct story *s, const char *carrier,
    int transport, int reach);

/*
 * Whether the KDC at the other end of C took the connection and left the last
 * request of S without an answer, so that the client asked once more.
 */
bool story_mute(const struct story *s, const struct contact *c);

/*
 * The last exchange, when nobody answered it and the capture would show it
 * (its contact is neither unseen nor answered); NULL otherwise.
 */
const struct exchange *story_unanswered(const struct story *s);

/*
 * Whether K asks where the KDCs or domain controllers of a domain are:
 * _kerberos._tcp.DOMAIN, _ldap._tcp.dc._msdcs.DOMAIN and their kin, with or
 * without a site.  DOMAIN gets that domain, in K's memory.
 */
bool lookup_is_locator(const struct lookup *k, struct str *domain);

/* --- service principal names ------------------------------------------ */

/* class/host:port/name in parts; len 0 for what is absent. */
struct spn {
	struct str class;
	struct str host;
	struct str port; /* or instance */
	struct str name; /* third part */
};

/* Splits TEXT; false when it has no class (a single component). */
bool spn_split(const char *text, struct spn *out);
bool spn_split_str(struct str text, struct spn *out);

/* Same service: class and host alike, without regard to case. */
bool spn_equal(const char *a, const char *b);

/* Same host: alike without case, or one is the first label of the other. */
bool host_alike(struct str a, struct str b);

/* Whether HOST lies in the DNS domain REALM, below it. */
bool host_in_domain(struct str host, struct str realm);

/* Text of a NUL-terminated string as a struct str. */
struct str str_of(const char *s);

/* Whether TEXT is the literal of an IP address, with or without brackets. */
bool text_is_ip(struct str text);

#endif
