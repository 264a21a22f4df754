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
#define TAG_ENUMERATED 0x0a
#define TAG_CONTEXT 0xa0 /* constructed, context-specific */
#define LONG_FORM 0x80
#define LENGTH_MAX 4 /* octets of a long form */

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

int
der_any(struct reader *r, struct reader *sub)
{
	int tag;

	*sub = rd_make(NULL, 0, 0);
	if (rd_left(r) == 0) {
		sub->state = r->state;
		return -1;
	}
	tag = rd_u8(r);
	if ((tag & TAG_NUMBER) == TAG_NUMBER)
		rd_bad(r);
	*sub = rd_sub(r, der_length(r));
	return rd_ok(r) ? tag : -1;
}

bool
der_get(struct reader *r, int tag, struct reader *sub)
{
	*sub = rd_make(NULL, 0, 0);
	/* Cut off before the tag: whether it is there cannot be known. */
	if (rd_left(r) > 0 && rd_have(r) == 0)
		r->state = RD_SHORT;
	sub->state = r->state;
	if (der_peek(r) != tag)
		return false;
	return der_any(r, sub) == tag;
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
	uint64_t v;

	if (n == 0 || n > sizeof(v)) {
		rd_bad(r);
		return 0;
	}
	v = der_peek(r) >= 0x80 ? UINT64_MAX : 0;
	for (; n > 0; n--)
		v = v << 8 | rd_u8(r);
	return rd_ok(r) ? (int64_t)v : 0;
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
