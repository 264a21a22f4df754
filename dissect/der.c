/*
 * der.c - elements of X.690 DER, for GSS-API, SPNEGO, LDAP and the shells of
 * Kerberos messages.
 *
 * X.690 8.1.2 identifier octets, 8.1.3 length octets, 8.3 integers.  Read
 * are definite lengths only (10.1); the long form may have up to four octets
 * and need not be the shortest, for Windows writes 84 00 00 00 nn in LDAP
 * and SPNEGO.  Tags of more than one octet (8.1.2.4) occur in none of the
 * protocols read here.
 */
#include "reader.h"

#define TAG_NUMBER 0x1f /* all ones: the tag has more octets */
#define TAG_INTEGER 0x02
#define TAG_BIT_STRING 0x03
#define TAG_ENUMERATED 0x0a
#define TAG_TIME 0x18 /* GeneralizedTime */
#define TAG_CONSTRUCTED 0x20
#define TAG_CONTEXT 0xa0 /* constructed, context-specific */
#define LONG_FORM 0x80
#define LENGTH_MAX 4  /* octets of a long form */
#define NESTED_MAX 16 /* elements in elements; Kerberos has eleven */

int
der_peek(const struct reader *r)
{
	return rd_have(r) > 0 ? *r->p : -1;
}

static size_t
der_length(struct reader *r)
{
	size_t len = rd_u8(r), n;

	if (len < LONG_FORM)
		return len;
	n = len & ~(size_t)LONG_FORM;
	if (n == 0 || n > LENGTH_MAX) {
		rd_bad(r);
		return 0;
	}
	for (len = 0; n > 0; n--)
		len = len << 8 | rd_u8(r);
	return len;
}

/* Any element, however long and however much of it was captured. */
static __attribute__((noinline)) int
der_whole(struct reader *r, struct reader *sub)
{
	int tag;

	if (rd_left(r) == 0) {
		*sub = rd_make(NULL, 0, 0);
		sub->state = r->state;
		return -1;
	}
	tag = rd_u8(r);
	if ((tag & TAG_NUMBER) == TAG_NUMBER)
		rd_bad(r);
	*sub = rd_sub(r, der_length(r));
	return rd_ok(r) ? tag : -1;
}

/*
 * Octets of the tag and the length, up to two octets of a long form, of an
 * element that HAVE octets at P hold; 0 when they do not.
 */
static inline size_t
der_head(const uint8_t *p, size_t have, size_t *len)
{
	size_t n = 2;

	if (have < n || (p[0] & TAG_NUMBER) == TAG_NUMBER)
		return 0;
	*len = p[1];
	if (*len >= LONG_FORM) {
		n += *len - LONG_FORM;
		if (n < 3 || n > 4 || n > have)
			return 0;
		*len = n == 3 ? p[2] : be16_at(p + 2);
	}
	return *len <= have - n ? n : 0;
}

static inline int
der_take(struct reader *r, struct reader *sub)
{
	const uint8_t *p = r->p;
	size_t have = rd_have(r), len, n = der_head(p, have, &len);

	if (n == 0)
		return der_whole(r, sub);
	*sub = rd_make(p + n, len, 0);
	r->p = sub->end;
	return p[0];
}

int
der_any(struct reader *r, struct reader *sub)
{
	return der_take(r, sub);
}

bool
der_get(struct reader *r, int tag, struct reader *sub)
{
	if (der_peek(r) == tag)
		return der_take(r, sub) == tag;
	/* Cut off before the tag: whether it is there cannot be known. */
	if (rd_left(r) > 0 && rd_have(r) == 0)
		r->state = RD_SHORT;
	*sub = rd_make(NULL, 0, 0);
	sub->state = r->state;
	return false;
}

void
der_skip(struct reader *r)
{
	struct reader sub;

	der_any(r, &sub);
}

int64_t
der_int(struct reader *r)
{
	size_t n = rd_left(r);
	const uint8_t *p;
	uint64_t v;

	if (n == 0 || n > sizeof(v)) {
		rd_bad(r);
		return 0;
	}
	p = rd_bytes(r, n);
	if (p == NULL)
		return 0;
	v = p[0] >= 0x80 ? UINT64_MAX : 0;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

bool
der_ctx_int(struct reader *r, int n, int64_t *value)
{
	struct reader field, number;
	int64_t v = 0;

	if (!der_get(r, TAG_CONTEXT | n, &field))
		return false;
	if (der_get(&field, TAG_INTEGER, &number) ||
	    der_get(&field, TAG_ENUMERATED, &number))
		v = der_int(&number);
	else
		rd_bad(&field);
	if (rd_ok(&field))
		field.state = number.state;
	if (!rd_ok(&field)) {
		r->state = field.state;
		return false;
	}
	*value = v;
	return true;
}

static bool
plain_value(int tag, const uint8_t *p, size_t len,
    bool (*plain_time)(struct bytes))
{
	switch (tag) {
	case TAG_INTEGER:
		return len > 0 && len <= sizeof(int64_t);
	case TAG_BIT_STRING: /* no unused bits */
		return len > 0 && p[0] == 0;
	case TAG_TIME:
		return plain_time((struct bytes){ p, len });
	default:
		return true;
	}
}

/*
 * Walks through the octets once, END being where the elements that they are
 * in end.  That is done for every message, so it does without readers.
 */
bool
der_plain(struct reader r, bool (*plain_time)(struct bytes))
{
	const uint8_t *p = r.p, *end[NESTED_MAX] = { r.end };
	size_t depth = 0, len, n;
	int tag;

	if (!rd_ok(&r) || r.missing > 0)
		return false;
	for (;;) {
		while (p == end[depth])
			if (depth-- == 0)
				return true;
		n = der_head(p, (size_t)(end[depth] - p), &len);
		if (n == 0)
			return false;
		tag = *p;
		p += n;
		if ((tag & TAG_CONSTRUCTED) != 0) {
			if (len == 0 || ++depth == NESTED_MAX)
				return false;
			end[depth] = p + len;
		} else if (!plain_value(tag, p, len, plain_time))
			return false;
		else
			p += len;
	}
}
