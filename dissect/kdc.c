/*
 * kdc.c - carrier: exchanges with a KDC, UDP and TCP port 88.
 *
 * RFC 4120 7.2.1 (UDP: one message a datagram), 7.2.2 (TCP: four octets of
 * length, then the message; several exchanges on one connection) and RFC 5021
 * (the high bit of the length is reserved).  A KDC proxy (MS-KKDCP) and
 * Kerberos 4 are not this carrier's, whatever their port.
 */
#include "carrier.h"

#define SEQUENCE 0x30
#define RECORD_MARK 4         /* octets before a message over TCP */
#define HEAD 6                /* tag and the longest length that occurs */
#define LENGTH_MAX (16 << 20) /* no KDC takes or sends more */
#define VERSION 5
#define PADDING 16 /* octets behind a message that are borne with */

static const uint16_t kdc_ports[] = { 88, 0 };

/*
 * The application tag with the length that fits the LENGTH octets of the
 * message; with more of it, `SEQUENCE { [0] or [1] INTEGER 5`.  On a port
 * that says nothing the latter must be there.
 */
static bool
kdc_looks(struct reader r, bool hinted)
{
	struct reader app, seq;
	size_t length = rd_left(&r), rest;
	int64_t version;

	if (!krb_is_kdc_message(der_peek(&r)))
		return false;
	/* The rest may have been cut off: then the length cannot be BAD. */
	der_any(&r, &app);
	if (r.state == RD_BAD || length < HEAD)
		return false;
	rest = rd_left(&r);
	if (hinted && (r.state == RD_SHORT || rest <= PADDING))
		return true;
	return rest == 0 && der_get(&app, SEQUENCE, &seq) &&
	    (der_ctx_int(&seq, 0, &version) ||
		der_ctx_int(&seq, 1, &version)) &&
	    version == VERSION;
}

/*
 * Steps over the record mark; false when it is none.  The octets after it
 * need not all be there yet: R then has them missing, as if cut off.
 */
static bool
kdc_record(struct reader *r)
{
	uint32_t length = rd_be32(r);
	size_t have = rd_have(r);

	if (!rd_ok(r) || length < HEAD || length > LENGTH_MAX)
		return false;
	if (length <= have)
		*r = rd_sub(r, length);
	else
		*r = rd_make(rd_bytes(r, have), have, length - have);
	return true;
}

static bool
kdc_claims(const struct flow *f, int dir, struct reader r, bool hinted)
{
	(void)dir;
	if (f->transport == TRANSPORT_TCP && !kdc_record(&r))
		return false;
	return kdc_looks(r, hinted);
}

static struct framing
kdc_frame(struct flow *f, int dir, struct reader r)
{
	struct framing fr = { .what = FRAMING_LOST };
	struct reader head = r;
	uint32_t length;

	(void)f;
	(void)dir;
	if (rd_left(&r) < RECORD_MARK + 1) {
		fr.what = FRAMING_NEED;
		fr.length = RECORD_MARK + 1;
		return fr;
	}
	length = rd_be32(&head);
	if (length < HEAD || length > LENGTH_MAX ||
	    !krb_is_kdc_message(der_peek(&head)))
		return fr;
	fr.what = FRAMING_MESSAGE;
	fr.length = RECORD_MARK + length;
	fr.keep = fr.length < MESSAGE_MAX ? fr.length : MESSAGE_MAX;
	return fr;
}

static void
kdc_message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	struct auth a = { .d = d, .f = f, .dir = dir };

	if (f->transport == TRANSPORT_TCP)
		rd_skip(&r, RECORD_MARK);
	if (krb_is_kdc_message(der_peek(&r)))
		krb_message(&a, rd_rest(&r), "kdc");
	else if (rd_have(&r) > 0)
		post_malformed(d, f, dir, "KDC message, RFC 4120 7.2");
}

const struct carrier carrier_kdc = {
	.name = "kdc",
	.tcp_ports = kdc_ports,
	.udp_ports = kdc_ports,
	.claims = kdc_claims,
	.frame = kdc_frame,
	.message = kdc_message,
};
