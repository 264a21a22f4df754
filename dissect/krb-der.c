/*
 * krb-der.c - Kerberos elements and the shells of messages, read with
 * der_*().
 *
 * RFC 4120 5.2 (types), 5.3 (ticket), 5.4 (KDC), 5.5 (AP), 5.9.1 (error).
 * For messages in plain DER, of which libkrb5 would say the same and takes
 * five times as long; for those that the capture cut short, read as far as
 * the octets go; for those that libkrb5 refuses though they can be read (a
 * time with fractions of a second, a request without a service); and for
 * elements inside PA-DATA.  All else is libkrb5's (krb.c).
 */
#include <string.h>

#include "krb.h"
#include "names.h"

#define SEQUENCE 0x30
#define BIT_STRING 0x03
#define OCTET_STRING 0x04
#define CONTEXT 0xa0

#define TIME_LEN 15
#define NO_TIME "19700101000000Z"
#define YEAR_2100 (INT64_C(4102444800) * SECOND)

/* Types of addresses, RFC 4120 7.5.3. */
#define ADDRESS_IPV4 2
#define ADDRESS_NETBIOS 20
#define ADDRESS_IPV6 24

const struct krb_enc krb_no_enc = { .etype = EV_ABSENT, .kvno = EV_ABSENT };
const struct krb_ticket krb_no_ticket = { .enc = { .etype = EV_ABSENT,
					      .kvno = EV_ABSENT } };

/* --- small elements --------------------------------------------------- */

static bool
is_special(uint8_t c)
{
	return c == '/' || c == '@' || c == '\\';
}

static bool
name_special(struct bytes part)
{
	for (size_t i = 0; i < part.len; i++)
		if (is_special(part.p[i]))
			return true;
	return false;
}

static size_t
name_escape(char *out, size_t max, struct bytes part)
{
	size_t len = 0;

	for (size_t i = 0; i < part.len && len + 2 <= max; i++) {
		if (is_special(part.p[i]))
			out[len++] = '\\';
		out[len++] = (char)part.p[i];
	}
	return len;
}

struct str
krb_name_text(struct dissector *d, const struct bytes *parts, size_t n)
{
	size_t len = 0, max = 0;
	char *out;

	if (n == 1 && !name_special(parts[0]))
		return text_in_place(d, parts[0].p, parts[0].len);
	for (size_t i = 0; i < n; i++)
		max += 2 * parts[i].len + 2;
	/* Longer texts are cut anyway. */
	if (max > 2 * TEXT_MAX)
		max = 2 * TEXT_MAX;
	if (max == 0)
		return (struct str){ 0 };
	out = scratch(d, max);
	for (size_t i = 0; i < n && len < max; i++) {
		if (i > 0)
			out[len++] = '/';
		len += name_escape(out + len, max - len, parts[i]);
	}
	return text_in_place(d, out, len);
}

/* The next element's contents, whatever its tag: NULL when not all there. */
static struct bytes
der_octets(struct reader *r)
{
	struct reader sub;
	struct bytes b = { 0 };

	if (der_any(r, &sub) < 0)
		return b;
	b.len = rd_left(&sub);
	b.p = rd_bytes(&sub, b.len);
	if (b.p == NULL)
		b.len = 0;
	return b;
}

/* Heimdal and old MIT count the final NUL of an e-text. */
struct str
krb_der_text(struct dissector *d, struct reader *r)
{
	struct bytes b = der_octets(r);

	while (b.len > 0 && b.p[b.len - 1] == '\0')
		b.len--;
	return b.len > 0 ? text_in_place(d, b.p, b.len) : (struct str){ 0 };
}

static struct str
ctx_text(struct dissector *d, struct reader *seq, int n)
{
	struct reader field;

	if (!der_get(seq, CONTEXT | n, &field))
		return (struct str){ 0 };
	return krb_der_text(d, &field);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static int64_t
days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t era, yoe, doy;

	if (month <= 2)
		year--;
	era = year / 400;
	yoe = year - era * 400;
	doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

/* The number of N digits at *P, which steps over them. */
static bool
digits(const uint8_t **p, int n, int64_t least, int64_t most, int64_t *value)
{
	*value = 0;
	for (; n > 0; n--, ++*p) {
		if (**p < '0' || **p > '9')
			return false;
		*value = *value * 10 + (**p - '0');
	}
	return *value >= least && *value <= most;
}

/* KerberosTime, "20260131235959Z", to microseconds; 0 when it is not one. */
static int64_t
kerberos_time(struct bytes b)
{
	const uint8_t *p = b.p;
	int64_t year, month, day, hour, minute, second;

	if (b.len < TIME_LEN || p[b.len - 1] != 'Z' ||
	    !digits(&p, 4, 1970, 9999, &year) ||
	    !digits(&p, 2, 1, 12, &month) || !digits(&p, 2, 1, 31, &day) ||
	    !digits(&p, 2, 0, 23, &hour) || !digits(&p, 2, 0, 59, &minute) ||
	    !digits(&p, 2, 0, 60, &second))
		return 0;
	return (days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 +
		   second) *
	    SECOND;
}

static int64_t
ctx_time(struct reader *seq, int n)
{
	struct reader field;

	if (!der_get(seq, CONTEXT | n, &field))
		return 0;
	return kerberos_time(der_octets(&field));
}

bool
krb_der_flags(struct reader *r, int64_t *flags)
{
	struct reader bits;
	uint32_t v = 0;
	size_t n;

	if (!der_get(r, BIT_STRING, &bits))
		return false;
	rd_u8(&bits);
	n = rd_left(&bits);
	for (size_t i = 0; i < 4; i++)
		v = v << 8 | (i < n ? rd_u8(&bits) : 0);
	if (!rd_ok(&bits))
		return false;
	*flags = v;
	return true;
}

static bool
ctx_flags(struct reader *seq, int n, int64_t *flags)
{
	struct reader field;

	return der_get(seq, CONTEXT | n, &field) &&
	    krb_der_flags(&field, flags);
}

/* --- names, encrypted data, tickets ----------------------------------- */

bool
krb_der_name(struct dissector *d, struct reader *r, struct krb_name *out)
{
	struct bytes parts[KRB_MAX_PARTS];
	struct reader seq, field, list;
	size_t n = 0;

	*out = (struct krb_name){ 0 };
	if (!der_get(r, SEQUENCE, &seq) || !der_ctx_int(&seq, 0, &out->type) ||
	    !der_get(&seq, CONTEXT | 1, &field) ||
	    !der_get(&field, SEQUENCE, &list))
		return false;
	for (; rd_left(&list) > 0; out->parts++) {
		struct bytes part = der_octets(&list);

		/* Half a name is no name. */
		if (part.p == NULL || rd_left(&list) > rd_have(&list))
			return false;
		if (n < KRB_MAX_PARTS)
			parts[n++] = part;
	}
	out->text = krb_name_text(d, parts, n);
	return rd_ok(&list);
}

static bool
ctx_name(struct dissector *d, struct reader *seq, int n, struct krb_name *out)
{
	struct reader field;

	*out = (struct krb_name){ 0 };
	return der_get(seq, CONTEXT | n, &field) &&
	    krb_der_name(d, &field, out);
}

bool
krb_der_enc(struct reader *r, struct krb_enc *out)
{
	struct reader seq, field;
	int64_t kvno;

	*out = krb_no_enc;
	if (!der_get(r, SEQUENCE, &seq) || !der_ctx_int(&seq, 0, &out->etype))
		return false;
	/*
	 * A kvno past 2^31 (RODC) is sent as a negative number; zero is none,
	 * as with libkrb5.
	 */
	if (der_ctx_int(&seq, 1, &kvno) && kvno != 0)
		out->kvno = (uint32_t)kvno;
	if (!der_get(&seq, CONTEXT | 2, &field))
		return false;
	out->cipher = der_octets(&field);
	return out->cipher.p != NULL;
}

static bool
ctx_enc(struct reader *seq, int n, struct krb_enc *out)
{
	struct reader field;

	*out = krb_no_enc;
	return der_get(seq, CONTEXT | n, &field) && krb_der_enc(&field, out);
}

bool
krb_der_ticket(struct dissector *d, struct reader *r, struct krb_ticket *out)
{
	struct reader app, seq;
	int64_t version;

	*out = krb_no_ticket;
	if (!der_get(r, KRB_TICKET, &app) || !der_get(&app, SEQUENCE, &seq) ||
	    !der_ctx_int(&seq, 0, &version))
		return false;
	out->realm = ctx_text(d, &seq, 1);
	if (!ctx_name(d, &seq, 2, &out->sname) || !ctx_enc(&seq, 3, &out->enc))
		return false;
	out->digest = krb_digest(d, out->enc.cipher);
	return true;
}

static bool
ctx_ticket(struct dissector *d, struct reader *seq, int n,
    struct krb_ticket *out)
{
	struct reader field;

	*out = krb_no_ticket;
	return der_get(seq, CONTEXT | n, &field) &&
	    krb_der_ticket(d, &field, out);
}

bool
krb_der_ap(struct dissector *d, struct reader r, struct krb_ap *out)
{
	struct reader seq;
	int64_t v;

	*out = (struct krb_ap){ .ticket = krb_no_ticket, .auth = krb_no_enc };
	return der_get(&r, SEQUENCE, &seq) && der_ctx_int(&seq, 0, &v) &&
	    der_ctx_int(&seq, 1, &v) && ctx_flags(&seq, 2, &out->options) &&
	    ctx_ticket(d, &seq, 3, &out->ticket) &&
	    ctx_enc(&seq, 4, &out->auth);
}

size_t
krb_der_padata(struct reader r, int tag, struct krb_pa *pa)
{
	struct reader item, field;
	size_t n = 0;

	while (n < KRB_MAX_PADATA && der_get(&r, SEQUENCE, &item)) {
		if (!der_ctx_int(&item, tag, &pa[n].type))
			break;
		if (!der_get(&item, CONTEXT | (tag + 1), &field) ||
		    !der_get(&field, OCTET_STRING, &pa[n].value))
			pa[n].value = rd_make(NULL, 0, 0);
		n++;
	}
	return n;
}

/*
 * libkrb5 says zero of the first second of 1970, as we do; there are others
 * that it reads and we do not, and past 2106 it wraps around.
 */
static bool
plain_time(struct bytes b)
{
	int64_t time = kerberos_time(b);

	if (b.len != TIME_LEN || time >= YEAR_2100)
		return false;
	return time > 0 || memcmp(b.p, NO_TIME, TIME_LEN) == 0;
}

/*
 * Both readers see a field where its tag stands in its turn, so they can
 * only differ in forms that one of them does not know or reads in its own
 * way.
 */
bool
krb_plain(struct reader r)
{
	return der_plain(r, plain_time);
}

/* --- putting into events ---------------------------------------------- */

void
krb_put_tgs_ap(struct ev_kdc_req *q, const struct krb_ap *ap)
{
	q->tkt_realm = ap->ticket.realm;
	q->tkt_sname = ap->ticket.sname.text;
	q->tkt_etype = ap->ticket.enc.etype;
	q->tkt_kvno = ap->ticket.enc.kvno;
	q->tkt_digest = ap->ticket.digest;
	q->tkt_cipher = ap->ticket.enc.cipher;
	q->auth_etype = ap->auth.etype;
	q->auth_cipher = ap->auth.cipher;
}

void
krb_put_additional(struct ev_kdc_req *q, const struct krb_ticket *t)
{
	q->addl_realm = t->realm;
	q->addl_sname = t->sname.text;
	q->addl_etype = t->enc.etype;
	q->addl_kvno = t->enc.kvno;
	q->addl_digest = t->digest;
	q->addl_cipher = t->enc.cipher;
}

void
krb_put_reply_ticket(struct ev_kdc_rep *p, const struct krb_ticket *t)
{
	p->tkt_realm = t->realm;
	p->tkt_sname = t->sname.text;
	p->tkt_sname_type = t->sname.type;
	p->tkt_etype = t->enc.etype;
	p->tkt_kvno = t->enc.kvno;
	p->tkt_digest = t->digest;
	p->tkt_cipher = t->enc.cipher;
}

void
krb_put_ap(struct ev_ap_req *q, const struct krb_ap *ap)
{
	q->ap_options = ap->options;
	q->u2u = (ap->options & 0x40000000) != 0; /* USE-SESSION-KEY */
	q->tkt_realm = ap->ticket.realm;
	q->tkt_sname = ap->ticket.sname.text;
	q->tkt_sname_type = ap->ticket.sname.type;
	q->tkt_sname_parts = ap->ticket.sname.parts;
	q->tkt_etype = ap->ticket.enc.etype;
	q->tkt_kvno = ap->ticket.enc.kvno;
	q->tkt_digest = ap->ticket.digest;
	q->tkt_cipher = ap->ticket.enc.cipher;
	q->auth_etype = ap->auth.etype;
	q->auth_cipher = ap->auth.cipher;
}

/* --- shells ----------------------------------------------------------- */

static void
shell_req_padata(struct dissector *d, struct reader field, struct ev_kdc_req *q)
{
	struct krb_pa pa[KRB_MAX_PADATA];
	struct reader list;
	size_t n;

	if (!der_get(&field, SEQUENCE, &list))
		return;
	n = krb_der_padata(list, 1, pa);
	krb_padata_req(d, pa, n, q);
	krb_tgs_ap(d, pa, n, q);
}

struct str
krb_address(struct dissector *d, int64_t type, struct bytes b)
{
	struct addr a = { 0 };
	char buf[ADDR_TEXT];

	if ((type == ADDRESS_IPV4 && b.len == 4) ||
	    (type == ADDRESS_IPV6 && b.len == 16)) {
		a.family = b.len == 4 ? 4 : 6;
		memcpy(a.b, b.p, b.len);
		addr_text(&a, buf);
		b.len = strlen(buf);
		return (
		    struct str){ memcpy(scratch(d, b.len), buf, b.len), b.len };
	}
	/* 15 characters padded with blanks, and a type. */
	if (type == ADDRESS_NETBIOS && b.len == 16)
		b.len--;
	while (b.len > 0 && b.p[b.len - 1] == ' ')
		b.len--;
	return b.len > 0 ? text_in_place(d, b.p, b.len) : (struct str){ 0 };
}

static struct strs
shell_addresses(struct dissector *d, struct reader field)
{
	struct strs list = { 0 };
	struct reader seq, item, value;
	struct str *v;
	int64_t type;

	if (!der_get(&field, SEQUENCE, &seq))
		return list;
	list.p = v = scratch(d, KRB_MAX_ADDRESSES * sizeof(*v));
	while (list.len < KRB_MAX_ADDRESSES && der_get(&seq, SEQUENCE, &item) &&
	    der_ctx_int(&item, 0, &type) &&
	    der_get(&item, CONTEXT | 1, &value)) {
		struct bytes b = der_octets(&value);

		if (b.p == NULL)
			break;
		v[list.len++] = krb_address(d, type, b);
	}
	return list;
}

static struct ints
shell_etypes(struct dissector *d, struct reader field)
{
	struct ints list = { 0 };
	struct reader seq, item;
	int64_t *v;

	if (!der_get(&field, SEQUENCE, &seq))
		return list;
	v = scratch(d, KRB_MAX_ETYPES * sizeof(*v));
	list.p = v;
	while (list.len < KRB_MAX_ETYPES && der_get(&seq, 0x02, &item)) {
		v[list.len] = der_int(&item);
		if (!rd_ok(&item))
			break;
		list.len++;
	}
	return list;
}

/* The three times of KDC-REQ-BODY, at [4]. */
static void
req_times(struct reader *seq, struct ev_kdc_req *q)
{
	q->from = ctx_time(seq, 4);
	q->till = ctx_time(seq, 5);
	q->rtime = ctx_time(seq, 6);
}

/* KDC-REQ-BODY, RFC 4120 5.4.1. */
static bool
shell_req_body(struct dissector *d, struct reader r, struct ev_kdc_req *q)
{
	struct reader seq, field, list;
	struct krb_ticket t;
	struct krb_name name;

	if (!der_get(&r, SEQUENCE, &seq) ||
	    !ctx_flags(&seq, 0, &q->kdc_options))
		return false;
	ctx_name(d, &seq, 1, &name);
	q->cname = name.text;
	q->cname_type = name.type;
	q->realm = ctx_text(d, &seq, 2);
	ctx_name(d, &seq, 3, &name);
	q->sname = name.text;
	q->sname_type = name.type;
	q->sname_parts = name.parts;
	req_times(&seq, q);
	/* MIT sends a negative nonce now and then; it is a 32-bit number. */
	if (der_ctx_int(&seq, 7, &q->nonce))
		q->nonce = (uint32_t)q->nonce;
	if (!der_get(&seq, CONTEXT | 8, &field))
		return false;
	q->etypes = shell_etypes(d, field);
	if (der_get(&seq, CONTEXT | 9, &field))
		q->addresses = shell_addresses(d, field);
	der_get(&seq, CONTEXT | 10, &field);
	if (der_get(&seq, CONTEXT | 11, &field) &&
	    der_get(&field, SEQUENCE, &list)) {
		krb_der_ticket(d, &list, &t);
		krb_put_additional(q, &t);
	}
	return q->realm.len > 0;
}

void
krb_der_req_times(struct reader r, struct ev_kdc_req *q)
{
	struct reader seq, field, body;

	if (!der_get(&r, SEQUENCE, &seq))
		return;
	for (int tag = CONTEXT | 1; tag < (CONTEXT | 4); tag++)
		der_get(&seq, tag, &field);
	if (!der_get(&seq, CONTEXT | 4, &field) ||
	    !der_get(&field, SEQUENCE, &body))
		return;
	for (int tag = CONTEXT; tag < (CONTEXT | 4); tag++)
		der_get(&body, tag, &field);
	req_times(&body, q);
}

bool
krb_shell_req(struct dissector *d, struct reader r, struct event *ev)
{
	struct ev_kdc_req *q = &ev->u.kdc_req;
	struct reader seq, field;
	int64_t v;

	if (!der_get(&r, SEQUENCE, &seq) || !der_ctx_int(&seq, 1, &v) ||
	    !der_ctx_int(&seq, 2, &v))
		return false;
	if (der_get(&seq, CONTEXT | 3, &field))
		shell_req_padata(d, field, q);
	return der_get(&seq, CONTEXT | 4, &field) &&
	    shell_req_body(d, field, q);
}

bool
krb_shell_rep(struct dissector *d, struct reader r, struct event *ev)
{
	struct ev_kdc_rep *p = &ev->u.kdc_rep;
	struct krb_pa pa[KRB_MAX_PADATA];
	struct reader seq, field, list;
	struct krb_ticket t;
	struct krb_name name;
	struct krb_enc enc;
	int64_t v;
	bool whole;

	if (!der_get(&r, SEQUENCE, &seq) || !der_ctx_int(&seq, 0, &v) ||
	    !der_ctx_int(&seq, 1, &v))
		return false;
	if (der_get(&seq, CONTEXT | 2, &field) &&
	    der_get(&field, SEQUENCE, &list))
		krb_padata_rep(d, pa, krb_der_padata(list, 1, pa), p);
	p->crealm = ctx_text(d, &seq, 3);
	ctx_name(d, &seq, 4, &name);
	p->cname = name.text;
	p->cname_type = name.type;
	whole = ctx_ticket(d, &seq, 5, &t);
	krb_put_reply_ticket(p, &t);
	whole = ctx_enc(&seq, 6, &enc) && whole;
	p->enc_etype = enc.etype;
	p->enc_kvno = enc.kvno;
	return whole;
}

/* [N] INTEGER that adds microseconds to a time that was there. */
static void
ctx_usec(struct reader *seq, int n, int64_t *time)
{
	int64_t v;

	if (der_ctx_int(seq, n, &v) && *time != 0 && v >= 0 && v < SECOND)
		*time += v;
}

bool
krb_shell_error(struct dissector *d, struct reader r, struct event *ev)
{
	struct ev_krb_error *e = &ev->u.krb_error;
	struct reader seq, field, data;
	struct krb_name name;
	int64_t v;

	/* Zero would be KDC_ERR_NONE, which is no refusal. */
	e->code = -1;
	if (!der_get(&r, SEQUENCE, &seq) || !der_ctx_int(&seq, 0, &v) ||
	    !der_ctx_int(&seq, 1, &v))
		return false;
	e->ctime = ctx_time(&seq, 2);
	ctx_usec(&seq, 3, &e->ctime);
	e->stime = ctx_time(&seq, 4);
	ctx_usec(&seq, 5, &e->stime);
	if (!der_ctx_int(&seq, 6, &e->code))
		return false;
	e->crealm = ctx_text(d, &seq, 7);
	ctx_name(d, &seq, 8, &name);
	e->cname = name.text;
	e->realm = ctx_text(d, &seq, 9);
	ctx_name(d, &seq, 10, &name);
	e->sname = name.text;
	e->e_text = ctx_text(d, &seq, 11);
	if (der_get(&seq, CONTEXT | 12, &field) &&
	    der_get(&field, OCTET_STRING, &data))
		krb_error_data(d, data, e);
	return rd_ok(&seq);
}

bool
krb_der_edata(struct reader r, struct reader *edata)
{
	struct reader seq, field;

	if (!der_get(&r, SEQUENCE, &seq))
		return false;
	for (int tag = CONTEXT; tag < (CONTEXT | 12); tag++)
		der_get(&seq, tag, &field);
	return der_get(&seq, CONTEXT | 12, &field) &&
	    der_get(&field, OCTET_STRING, edata);
}

bool
krb_shell_ap_req(struct dissector *d, struct reader r, struct event *ev)
{
	struct krb_ap ap;
	bool whole = krb_der_ap(d, r, &ap);

	krb_put_ap(&ev->u.ap_req, &ap);
	return whole;
}

bool
krb_shell_ap_rep(struct dissector *d, struct reader r, struct event *ev)
{
	struct krb_enc enc;
	struct reader seq;
	int64_t v;
	bool whole;

	(void)d;
	if (!der_get(&r, SEQUENCE, &seq) || !der_ctx_int(&seq, 0, &v) ||
	    !der_ctx_int(&seq, 1, &v))
		return false;
	whole = ctx_enc(&seq, 2, &enc);
	ev->u.ap_rep.enc_etype = enc.etype;
	return whole;
}
