/*
 * krb.h - what the Kerberos files of this folder say to each other.
 *
 * krb.c has libkrb5 decode whole messages; krb-der.c reads with der_*() those
 * of plain DER, and what the capture cut short or libkrb5 refuses;
 * krb-padata.c reads what stands inside PA-DATA and e-data, for which libkrb5
 * has no public types.
 */
#ifndef DISSECT_KRB_H
#define DISSECT_KRB_H

#include "carrier.h"

/* Application tags of RFC 4120 5.10. */
enum {
	KRB_TICKET = 0x61,
	KRB_AS_REQ = 0x6a,
	KRB_AS_REP = 0x6b,
	KRB_TGS_REQ = 0x6c,
	KRB_TGS_REP = 0x6d,
	KRB_AP_REQ = 0x6e,
	KRB_AP_REP = 0x6f,
	KRB_PRIV = 0x75,
	KRB_ERROR = 0x7e
};

#define KRB_MAX_PARTS 32     /* components of a name that are kept */
#define KRB_MAX_PADATA 64    /* PA-DATA of one message that are looked at */
#define KRB_MAX_ETYPES 64    /* etypes of one list that are kept */
#define KRB_MAX_ADDRESSES 64 /* addresses of one request that are kept */

/* A principal without its realm. */
struct krb_name {
	struct str text;
	int64_t type;
	int64_t parts;
};

/* EncryptedData, RFC 4120 5.2.9. */
struct krb_enc {
	int64_t etype, kvno; /* EV_ABSENT when not there */
	struct bytes cipher;
};

/* The clear part of a ticket, RFC 4120 5.3. */
struct krb_ticket {
	struct str realm;
	struct krb_name sname;
	struct krb_enc enc;
	struct bytes digest;
};

/* The clear part of an AP-REQ, RFC 4120 5.5.1. */
struct krb_ap {
	int64_t options;
	struct krb_ticket ticket;
	struct krb_enc auth;
};

/* One PA-DATA, RFC 4120 5.2.7. */
struct krb_pa {
	int64_t type;
	struct reader value;
};

/* Empty values: numbers absent where zero would say something. */
extern const struct krb_enc krb_no_enc;
extern const struct krb_ticket krb_no_ticket;

/*
 * N components as one text, RFC 1964 2.1.1: joined by '/', with '\' before
 * '/', '@' and '\' inside one.
 */
struct str
krb_name_text(struct dissector *d, const struct bytes *parts, size_t n);

/*
 * As krb_message(), but libkrb5 is asked even about plain DER: tests compare
 * what the two post, which must be the same.
 */
bool
krb_message_asked(const struct auth *a, struct reader msg, const char *from);

/* Digest of a ticket's ciphertext; empty when there is none. */
struct bytes krb_digest(struct dissector *d, struct bytes cipher);

/*
 * Elements with der_*(): each reads one from R, fills OUT as far as the
 * octets go and says whether all that it must hold was there.
 */
bool krb_der_name(struct dissector *d, struct reader *r, struct krb_name *out);
bool krb_der_enc(struct reader *r, struct krb_enc *out);
bool
krb_der_ticket(struct dissector *d, struct reader *r, struct krb_ticket *out);
/* The contents of an AP-REQ (after its application tag). */
bool krb_der_ap(struct dissector *d, struct reader r, struct krb_ap *out);
/*
 * A sequence of PA-DATA, whose type has [TAG] and whose value the one after;
 * gives how many of PA (KRB_MAX_PADATA) it filled.
 */
size_t krb_der_padata(struct reader r, int tag, struct krb_pa *pa);
/* The e-data of the contents of a KRB-ERROR. */
bool krb_der_edata(struct reader r, struct reader *edata);
/*
 * The times of the contents of a KDC-REQ: libkrb5 cuts them to 32 bits, so
 * that a till of 2999 would be one of 2046.
 */
void krb_der_req_times(struct reader r, struct ev_kdc_req *q);
/* An address of RFC 4120 7.5.3 as text. */
struct str krb_address(struct dissector *d, int64_t type, struct bytes b);
/* A BIT STRING of flags as a number, first bit highest. */
bool krb_der_flags(struct reader *r, int64_t *flags);
/* Contents of the next element as text. */
struct str krb_der_text(struct dissector *d, struct reader *r);

/*
 * Whether the contents of a message are plain DER: its shell says of it what
 * libkrb5 would, if that took it at all.
 */
bool krb_plain(struct reader r);

/*
 * Shells: the contents of a message (after its application tag) into EV,
 * whose kind is set.  They say whether the fields that the message cannot be
 * without were there.
 */
bool krb_shell_req(struct dissector *d, struct reader r, struct event *ev);
bool krb_shell_rep(struct dissector *d, struct reader r, struct event *ev);
bool krb_shell_error(struct dissector *d, struct reader r, struct event *ev);
bool krb_shell_ap_req(struct dissector *d, struct reader r, struct event *ev);
bool krb_shell_ap_rep(struct dissector *d, struct reader r, struct event *ev);

/* Puts what was read where the event wants it. */
void krb_put_tgs_ap(struct ev_kdc_req *q, const struct krb_ap *ap);
void krb_put_additional(struct ev_kdc_req *q, const struct krb_ticket *t);
void krb_put_reply_ticket(struct ev_kdc_rep *p, const struct krb_ticket *t);
void krb_put_ap(struct ev_ap_req *q, const struct krb_ap *ap);

/* The AP-REQ in the PA-TGS-REQ, when there is one. */
void krb_tgs_ap(struct dissector *d, const struct krb_pa *pa, size_t n,
    struct ev_kdc_req *q);
/* What the other PA-DATA say. */
void krb_padata_req(struct dissector *d, const struct krb_pa *pa, size_t n,
    struct ev_kdc_req *q);
void krb_padata_rep(struct dissector *d, const struct krb_pa *pa, size_t n,
    struct ev_kdc_rep *p);
/* The e-data of a KRB-ERROR in all its variants; e->from is set. */
void krb_error_data(struct dissector *d, struct reader edata,
    struct ev_krb_error *e);

#endif
