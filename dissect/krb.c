/*
 * krb.c - Kerberos messages, decoded by libkrb5's own ASN.1.
 *
 * RFC 4120 5.4 (KDC), 5.5 (AP), 5.9.1 (error), 5.10 (application tags).  The
 * only file of the dissectors that sees libkrb5.  What it refuses, or the
 * capture cut short, goes to the shells of krb-der.c; so does plain DER, of
 * which both say the same, for libkrb5 copies and frees every element:
 * krb_message_asked() is there to show it.
 *
 * Times: krb5_timestamp is a signed 32-bit number whose negative half MIT
 * uses for 2038 to 2106 (k5-int.h, ts2tt()).
 */
#include <string.h>
#include <krb5.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "flow.h"
#include "krb.h"
#include "krb5-asn1.h"
#include "names.h"

struct job {
	struct dissector *d;
	krb5_data in;       /* the whole message */
	struct reader body; /* its contents, after the application tag */
	struct event ev;
};

bool
krb_is_kdc_message(int tag)
{
	return tag == KRB_AS_REQ || tag == KRB_AS_REP || tag == KRB_TGS_REQ ||
	    tag == KRB_TGS_REP || tag == KRB_ERROR;
}

/*
 * XXH3's 128 bits in their canonical order, so that event files of all
 * machines agree.  The digest joins what one capture holds; who can forge a
 * ticket that meets another's digest could as well send the other ticket.
 */
struct bytes
krb_digest(struct dissector *d, struct bytes cipher)
{
	struct bytes out = { 0 };
	XXH128_canonical_t digest;

	if (cipher.len == 0)
		return out;
	XXH128_canonicalFromHash(&digest, XXH3_128bits(cipher.p, cipher.len));
	_Static_assert(sizeof(digest) == DIGEST_LEN, "a digest is an XXH128");
	out.len = DIGEST_LEN;
	out.p = memcpy(scratch(d, DIGEST_LEN), digest.digest, DIGEST_LEN);
	return out;
}

/* --- libkrb5's types to ours ------------------------------------------ */

static struct str
krb_text(struct dissector *d, const krb5_data *data)
{
	size_t len = data->length;

	/* Heimdal and old MIT count the final NUL of an e-text. */
	while (len > 0 && data->data[len - 1] == '\0')
		len--;
	return len > 0 ? text_utf8(d, data->data, len) : (struct str){ 0 };
}

static struct str
krb_realm(struct dissector *d, krb5_const_principal p)
{
	return p != NULL ? krb_text(d, &p->realm) : (struct str){ 0 };
}

static struct krb_name
krb_name(struct dissector *d, krb5_const_principal p)
{
	struct bytes parts[KRB_MAX_PARTS];
	struct krb_name name = { 0 };
	size_t n;

	if (p == NULL || p->length <= 0)
		return name;
	name.type = p->type;
	name.parts = p->length;
	for (n = 0; n < KRB_MAX_PARTS && n < (size_t)p->length; n++) {
		parts[n].p = (const uint8_t *)p->data[n].data;
		parts[n].len = p->data[n].length;
	}
	name.text = krb_name_text(d, parts, n);
	return name;
}

static int64_t
krb_time(krb5_timestamp t, krb5_int32 usec)
{
	int64_t time = (int64_t)(uint32_t)t * SECOND;

	if (t == 0)
		return 0;
	return usec > 0 && usec < SECOND ? time + usec : time;
}

/* MIT's decoder gives zero for a kvno that is not there. */
static struct krb_enc
krb_enc(const krb5_enc_data *in)
{
	struct krb_enc enc = { .etype = in->enctype, .kvno = EV_ABSENT };

	if (in->kvno != 0)
		enc.kvno = in->kvno;
	enc.cipher.p = (const uint8_t *)in->ciphertext.data;
	enc.cipher.len = in->ciphertext.length;
	return enc;
}

static struct krb_ticket
krb_ticket(struct dissector *d, const krb5_ticket *in)
{
	struct krb_ticket t = krb_no_ticket;

	if (in == NULL)
		return t;
	t.realm = krb_realm(d, in->server);
	t.sname = krb_name(d, in->server);
	t.enc = krb_enc(&in->enc_part);
	t.digest = krb_digest(d, t.enc.cipher);
	return t;
}

static struct krb_ap
krb_ap(struct dissector *d, const krb5_ap_req *in)
{
	struct krb_ap ap = { .options = (uint32_t)in->ap_options };

	ap.ticket = krb_ticket(d, in->ticket);
	ap.auth = krb_enc(&in->authenticator);
	return ap;
}

static size_t
krb_padata(krb5_pa_data **in, struct krb_pa *pa)
{
	size_t n = 0;

	for (; in != NULL && in[n] != NULL && n < KRB_MAX_PADATA; n++) {
		pa[n].type = in[n]->pa_type;
		pa[n].value = rd_make(in[n]->contents, in[n]->length, 0);
	}
	return n;
}

static struct ints
krb_etypes(struct dissector *d, const krb5_kdc_req *in)
{
	struct ints list = { 0 };
	int64_t *v;

	if (in->nktypes <= 0)
		return list;
	list.len = (size_t)in->nktypes;
	if (list.len > KRB_MAX_ETYPES)
		list.len = KRB_MAX_ETYPES;
	v = scratch(d, list.len * sizeof(*v));
	for (size_t i = 0; i < list.len; i++)
		v[i] = in->ktype[i];
	list.p = v;
	return list;
}

static struct strs
krb_addresses(struct dissector *d, krb5_address **in)
{
	struct strs list = { 0 };
	struct str *v;

	if (in == NULL || in[0] == NULL)
		return list;
	v = scratch(d, KRB_MAX_ADDRESSES * sizeof(*v));
	for (; in[list.len] != NULL && list.len < KRB_MAX_ADDRESSES; list.len++)
		v[list.len] = krb_address(d, in[list.len]->addrtype,
		    (struct bytes){ in[list.len]->contents,
			in[list.len]->length });
	list.p = v;
	return list;
}

/* --- messages --------------------------------------------------------- */

/* What libkrb5 will free before the event is posted. */
static void
keep(struct dissector *d, struct bytes *b)
{
	if (b->len > 0)
		b->p = memcpy(scratch(d, b->len), b->p, b->len);
}

static bool
ask_tgs_ap(struct dissector *d, struct reader r, struct krb_ap *ap)
{
	size_t len = rd_left(&r);
	krb5_data in = { .length = (unsigned)len };
	krb5_ap_req *req = NULL;

	in.data = (char *)(uintptr_t)rd_bytes(&r, len);
	if (in.data == NULL || decode_krb5_ap_req(&in, &req) != 0)
		return false;
	*ap = krb_ap(d, req);
	keep(d, &ap->ticket.enc.cipher);
	keep(d, &ap->auth.cipher);
	krb5_free_ap_req(NULL, req);
	return true;
}

void
krb_tgs_ap(struct dissector *d, const struct krb_pa *pa, size_t n,
    struct ev_kdc_req *q)
{
	struct reader r, body;
	struct krb_ap ap;

	while (n > 0 && pa->type != PA_TGS_REQ)
		n--, pa++;
	if (n == 0)
		return;
	r = pa->value;
	if ((der_peek(&r) == KRB_AP_REQ && krb_plain(r)) ||
	    !ask_tgs_ap(d, r, &ap)) {
		if (!der_get(&r, KRB_AP_REQ, &body))
			return;
		krb_der_ap(d, body, &ap);
	}
	krb_put_tgs_ap(q, &ap);
}

static void
krb_req_body(struct job *j, const krb5_kdc_req *in)
{
	struct ev_kdc_req *q = &j->ev.u.kdc_req;
	struct krb_name name;
	struct krb_ticket t;

	q->realm = krb_realm(j->d, in->server);
	name = krb_name(j->d, in->client);
	q->cname = name.text;
	q->cname_type = name.type;
	name = krb_name(j->d, in->server);
	q->sname = name.text;
	q->sname_type = name.type;
	q->sname_parts = name.parts;
	q->nonce = (uint32_t)in->nonce;
	q->kdc_options = (uint32_t)in->kdc_options;
	krb_der_req_times(j->body, q);
	q->etypes = krb_etypes(j->d, in);
	q->addresses = krb_addresses(j->d, in->addresses);
	if (in->second_ticket != NULL && in->second_ticket[0] != NULL) {
		t = krb_ticket(j->d, in->second_ticket[0]);
		krb_put_additional(q, &t);
	}
}

/*
 * False for one without a service (scanners send them): MIT's type has no
 * place for its realm, so it is the shell's.
 */
static bool
krb_post_req(struct job *j, krb5_kdc_req *in)
{
	struct krb_pa pa[KRB_MAX_PADATA];
	bool service = in->server != NULL;
	size_t n;

	if (service) {
		krb_req_body(j, in);
		n = krb_padata(in->padata, pa);
		krb_padata_req(j->d, pa, n, &j->ev.u.kdc_req);
		krb_tgs_ap(j->d, pa, n, &j->ev.u.kdc_req);
		post(j->d, &j->ev);
	}
	krb5_free_kdc_req(NULL, in);
	return service;
}

static bool
krb_as_req(struct job *j)
{
	krb5_kdc_req *in = NULL;

	if (decode_krb5_as_req(&j->in, &in) != 0)
		return false;
	return krb_post_req(j, in);
}

static bool
krb_tgs_req(struct job *j)
{
	krb5_kdc_req *in = NULL;

	if (decode_krb5_tgs_req(&j->in, &in) != 0)
		return false;
	return krb_post_req(j, in);
}

static void
krb_post_rep(struct job *j, krb5_kdc_rep *in)
{
	struct ev_kdc_rep *p = &j->ev.u.kdc_rep;
	struct krb_name name = krb_name(j->d, in->client);
	struct krb_ticket t = krb_ticket(j->d, in->ticket);
	struct krb_enc enc = krb_enc(&in->enc_part);
	struct krb_pa pa[KRB_MAX_PADATA];

	p->crealm = krb_realm(j->d, in->client);
	p->cname = name.text;
	p->cname_type = name.type;
	krb_put_reply_ticket(p, &t);
	p->enc_etype = enc.etype;
	p->enc_kvno = enc.kvno;
	krb_padata_rep(j->d, pa, krb_padata(in->padata, pa), p);
	post(j->d, &j->ev);
	krb5_free_kdc_rep(NULL, in);
}

static bool
krb_as_rep(struct job *j)
{
	krb5_kdc_rep *in = NULL;

	if (decode_krb5_as_rep(&j->in, &in) != 0)
		return false;
	krb_post_rep(j, in);
	return true;
}

static bool
krb_tgs_rep(struct job *j)
{
	krb5_kdc_rep *in = NULL;

	if (decode_krb5_tgs_rep(&j->in, &in) != 0)
		return false;
	krb_post_rep(j, in);
	return true;
}

static bool
krb_error(struct job *j)
{
	struct ev_krb_error *e = &j->ev.u.krb_error;
	krb5_error *in = NULL;

	if (decode_krb5_error(&j->in, &in) != 0)
		return false;
	e->code = in->error;
	e->ctime = krb_time(in->ctime, in->cusec);
	e->stime = krb_time(in->stime, in->susec);
	e->crealm = krb_realm(j->d, in->client);
	e->cname = krb_name(j->d, in->client).text;
	e->realm = krb_realm(j->d, in->server);
	e->sname = krb_name(j->d, in->server).text;
	e->e_text = krb_text(j->d, &in->text);
	krb_error_data(j->d, rd_make(in->e_data.data, in->e_data.length, 0), e);
	post(j->d, &j->ev);
	krb5_free_error(NULL, in);
	return true;
}

static bool
krb_ap_req(struct job *j)
{
	krb5_ap_req *in = NULL;
	struct krb_ap ap;

	if (decode_krb5_ap_req(&j->in, &in) != 0)
		return false;
	ap = krb_ap(j->d, in);
	krb_put_ap(&j->ev.u.ap_req, &ap);
	post(j->d, &j->ev);
	krb5_free_ap_req(NULL, in);
	return true;
}

static bool
krb_ap_rep(struct job *j)
{
	krb5_ap_rep *in = NULL;

	if (decode_krb5_ap_rep(&j->in, &in) != 0)
		return false;
	j->ev.u.ap_rep.enc_etype = in->enc_part.enctype;
	post(j->d, &j->ev);
	krb5_free_ap_rep(NULL, in);
	return true;
}

/* --- dispatch --------------------------------------------------------- */

static const struct message {
	int tag;
	enum event_kind kind;
	bool (*whole)(struct job *);
	bool (*shell)(struct dissector *, struct reader, struct event *);
	const char *spec;
} messages[] = {
	{ KRB_AS_REQ, EV_kdc_req, krb_as_req, krb_shell_req,
	    "AS-REQ, RFC 4120 5.4.1" },
	{ KRB_AS_REP, EV_kdc_rep, krb_as_rep, krb_shell_rep,
	    "AS-REP, RFC 4120 5.4.2" },
	{ KRB_TGS_REQ, EV_kdc_req, krb_tgs_req, krb_shell_req,
	    "TGS-REQ, RFC 4120 5.4.1" },
	{ KRB_TGS_REP, EV_kdc_rep, krb_tgs_rep, krb_shell_rep,
	    "TGS-REP, RFC 4120 5.4.2" },
	{ KRB_AP_REQ, EV_ap_req, krb_ap_req, krb_shell_ap_req,
	    "AP-REQ, RFC 4120 5.5.1" },
	{ KRB_AP_REP, EV_ap_rep, krb_ap_rep, krb_shell_ap_rep,
	    "AP-REP, RFC 4120 5.5.2" },
	{ KRB_ERROR, EV_krb_error, krb_error, krb_shell_error,
	    "KRB-ERROR, RFC 4120 5.9.1" },
};

static const struct message *
message_of(int tag)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].tag == tag)
			return &messages[i];
	return NULL;
}

/* An empty event, with what is known before the message is opened. */
static void
krb_event(struct event *ev, const struct auth *a, const struct message *m,
    const char *from, size_t size)
{
	event_begin(ev, a->f, a->dir, m->kind);
	ev->xid = a->xid;
	switch (m->kind) {
	case EV_kdc_req:
		ev->u.kdc_req.msg_type = m->tag & 0x1f;
		ev->u.kdc_req.size = (int64_t)size;
		break;
	case EV_kdc_rep:
		ev->u.kdc_rep.msg_type = m->tag & 0x1f;
		ev->u.kdc_rep.size = (int64_t)size;
		break;
	case EV_krb_error:
		ev->u.krb_error.from = (struct str){ from, strlen(from) };
		ev->u.krb_error.size = (int64_t)size;
		break;
	default:
		break;
	}
}

/* Posts what libkrb5 did not take, or was not asked about. */
static bool
krb_shell(struct job *j, const struct message *m)
{
	if (!m->shell(j->d, j->body, &j->ev) && !j->ev.cut)
		return false;
	post(j->d, &j->ev);
	return true;
}

static bool
krb_read(const struct auth *a, struct reader msg, const char *from, bool ask)
{
	const struct message *m = message_of(der_peek(&msg));
	struct reader all = msg;
	struct job j;
	size_t before = rd_pos(&msg), size;
	bool ours;

	if (m == NULL)
		return false;
	der_get(&msg, m->tag, &j.body);
	if (msg.state == RD_BAD) {
		post_malformed(a->d, a->f, a->dir, m->spec);
		return false;
	}
	size = rd_pos(&msg) - before;
	j.d = a->d;
	krb_event(&j.ev, a, m, from, size);
	j.ev.cut = !rd_ok(&msg) || rd_have(&j.body) < rd_left(&j.body);
	ours = j.ev.cut || (!ask && krb_plain(j.body));
	if (ours && krb_shell(&j, m))
		return true;
	/* What was read of it is forgotten. */
	if (ours)
		krb_event(&j.ev, a, m, from, size);
	j.in.magic = 0;
	j.in.length = (unsigned)size;
	j.in.data = (char *)(uintptr_t)rd_bytes(&all, size);
	if (m->whole(&j) || krb_shell(&j, m))
		return true;
	post_malformed(a->d, a->f, a->dir, m->spec);
	return false;
}

bool
krb_message(const struct auth *a, struct reader msg, const char *from)
{
	return krb_read(a, msg, from, false);
}

bool
krb_message_asked(const struct auth *a, struct reader msg, const char *from)
{
	return krb_read(a, msg, from, true);
}
