/*
 * kpasswd.c - carrier: changing and setting passwords, UDP and TCP port 464.
 *
 * RFC 3244 2: length, version, AP-REQ length, AP-REQ, KRB-PRIV; the answer
 * has an AP-REP, or a length of zero and a KRB-ERROR with the result code and
 * a text in its e-data.  TCP puts the record mark of RFC 4120 7.2.2 before
 * it.  Windows Server 2025 answers a change that worked with a KRB-ERROR of
 * code 0, so the result code is what counts.  Some KDCs answer a bad request
 * with a bare KRB-ERROR (MIT before 1.7).
 */
#include "carrier.h"
#include "krb.h"

#define SEQUENCE 0x30
#define RECORD_MARK 4
#define HEADER 6 /* length, version, AP length */
#define VERSION_CHANGE 1
#define VERSION_SET 0xff80

static const uint16_t kpasswd_ports[] = { 464, 0 };

/* The header of a message, and its two parts. */
struct kpasswd {
	uint16_t version;
	struct reader ap; /* empty: an error stands in the other */
	struct reader rest;
};

/*
 * False when it cannot be one.  The length field is not trusted further than
 * that: MIT before 1.8 sent it wrong over TCP.
 */
static bool
kpasswd_parse(struct reader r, struct kpasswd *k)
{
	uint16_t length = rd_be16(&r), ap;
	int tag;

	k->version = rd_be16(&r);
	ap = rd_be16(&r);
	if (!rd_ok(&r) || length < HEADER || ap > length - HEADER ||
	    (k->version != VERSION_CHANGE && k->version != VERSION_SET))
		return false;
	k->ap = rd_sub(&r, ap);
	k->rest = rd_rest(&r);
	if (!rd_ok(&r))
		return false;
	tag = der_peek(ap > 0 ? &k->ap : &k->rest);
	if (ap == 0)
		return tag == KRB_ERROR;
	return tag == KRB_AP_REQ || tag == KRB_AP_REP;
}

/* As if what did not come yet had been cut off. */
static struct reader
kpasswd_record(struct reader r)
{
	uint32_t length = rd_be32(&r);
	size_t have = rd_have(&r);

	if (length <= have)
		return rd_sub(&r, length);
	return rd_make(rd_bytes(&r, have), have,
	    length < MESSAGE_MAX ? length - have : 0);
}

static bool
kpasswd_claims(const struct flow *f, int dir, struct reader r, bool hinted)
{
	struct kpasswd k;

	(void)dir;
	if (!hinted)
		return false;
	if (f->transport == TRANSPORT_TCP)
		r = kpasswd_record(r);
	return der_peek(&r) == KRB_ERROR || kpasswd_parse(r, &k);
}

static struct framing
kpasswd_frame(struct flow *f, int dir, struct reader r)
{
	struct framing fr = { .what = FRAMING_LOST };
	uint32_t length;
	uint16_t version;

	(void)f;
	(void)dir;
	if (rd_left(&r) < RECORD_MARK + HEADER) {
		fr.what = FRAMING_NEED;
		fr.length = RECORD_MARK + HEADER;
		return fr;
	}
	length = rd_be32(&r);
	if (length < HEADER || length > MESSAGE_MAX)
		return fr;
	if (der_peek(&r) != KRB_ERROR) {
		rd_be16(&r);
		version = rd_be16(&r);
		if (version != VERSION_CHANGE && version != VERSION_SET)
			return fr;
	}
	fr.what = FRAMING_MESSAGE;
	fr.length = RECORD_MARK + length;
	fr.keep = fr.length;
	return fr;
}

/* The result code in the e-data of a KRB-ERROR; see krb_error_data(). */
static int64_t
kpasswd_result(struct reader error)
{
	struct reader body, edata;
	uint16_t code;

	if (!der_get(&error, KRB_ERROR, &body) ||
	    !krb_der_edata(body, &edata) || der_peek(&edata) == SEQUENCE)
		return EV_ABSENT;
	code = rd_be16(&edata);
	return rd_ok(&edata) ? code : EV_ABSENT;
}

static void
kpasswd_message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	struct auth a = { .d = d, .f = f, .dir = dir };
	struct kpasswd k = { 0 };
	struct event ev;

	event_begin(&ev, f, dir, EV_kpasswd);
	if (f->transport == TRANSPORT_TCP)
		rd_skip(&r, RECORD_MARK);
	if (der_peek(&r) == KRB_ERROR)
		k.rest = rd_rest(&r);
	else if (!kpasswd_parse(rd_rest(&r), &k)) {
		/* Cut inside the header: nothing to say. */
		if (rd_have(&r) > HEADER)
			post_malformed(d, f, dir, "kpasswd, RFC 3244 2");
		return;
	}
	ev.u.kpasswd.version = k.version;
	ev.u.kpasswd.request = der_peek(&k.ap) == KRB_AP_REQ;
	ev.cut = rd_have(&r) < rd_left(&r);
	if (rd_left(&k.ap) == 0)
		ev.u.kpasswd.result = kpasswd_result(k.rest);
	post(d, &ev);
	krb_message(&a, rd_left(&k.ap) > 0 ? k.ap : k.rest, "kpasswd");
}

const struct carrier carrier_kpasswd = {
	.name = "kpasswd",
	.tcp_ports = kpasswd_ports,
	.udp_ports = kpasswd_ports,
	.claims = kpasswd_claims,
	.frame = kpasswd_frame,
	.message = kpasswd_message,
};
