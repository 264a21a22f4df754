/*
 * token.c - fuzz driver: a dance of GSS-API, SPNEGO, NTLMSSP and Kerberos
 * tokens as services exchange them.  Each token comes after an octet of its
 * direction and kind, one of what the snap length cut, and two of its length.
 */
#include <string.h>

#include "flow.h"
#include "fuzz.h"

static void
token(const struct auth *a, unsigned kind, struct reader r)
{
	switch (kind & 7) {
	case 0:
		spnego_token(a, r);
		break;
	case 1:
		ntlm_token(a, r);
		break;
	case 2:
		krb_message(a, r, "ap");
		break;
	case 3:
		krb_message(a, r, "kdc");
		break;
	case 4:
		krb_message(a, r, "kpasswd");
		break;
	default:
		gss_token(a, r);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flow f = { .id = 1, .ref = { .time = SECOND } };
	struct auth a = { .f = &f };
	const uint8_t *p = data, *end = data + size;
	struct engine *e = fuzz_engine();
	uint8_t *copy;
	size_t n;

	f.carrier = carriers[0];
	f.transport = TRANSPORT_TCP;
	f.addr[0] = (struct addr){ 4, { 10, 0, 0, 1 } };
	f.addr[1] = (struct addr){ 4, { 10, 0, 0, 2 } };
	a.d = dissect_new(engine_event, e);
	for (; end - p > 4; p += n) {
		n = (size_t)p[2] << 8 | p[3];
		if (n > (size_t)(end - p - 4))
			n = (size_t)(end - p - 4);
		f.ref.frame++;
		f.ref.time += SECOND / 100;
		a.dir = p[0] >> 7;
		copy = memcpy(must_alloc(n + 1), p + 4, n);
		token(&a, p[0], rd_make(copy, n, p[1]));
		scratch_reset(a.d);
		free(copy);
		p += 4;
	}
	dissect_free(a.d);
	fuzz_report(e);
	return 0;
}
