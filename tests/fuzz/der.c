/*
 * der.c - fuzz driver: DER elements, and the shells of Kerberos messages
 * that libkrb5 would refuse or that the capture cut short.
 *
 * The first octet chooses what is read, the second how much of it the snap
 * length cut.
 */
#include <string.h>

#include "flow.h"
#include "fuzz.h"
#include "krb.h"

#define DEPTH 40

static void
nobody(void *arg, const struct event *ev)
{
	(void)arg;
	(void)ev;
}

/* Every element of any depth: a walk ends, and ends in the octets. */
static size_t
walk(struct reader r, int depth)
{
	struct reader sub;
	size_t n = 0;
	int tag;

	while ((tag = der_any(&r, &sub)) >= 0) {
		n++;
		if ((tag & 0x20) != 0 && depth < DEPTH)
			n += walk(sub, depth + 1);
		else
			der_int(&sub);
		if (n > SIZE_MAX / 2)
			abort();
	}
	return n;
}

static void
shells(struct dissector *d, struct reader r, unsigned which)
{
	static const enum event_kind kinds[] = { EV_kdc_req, EV_kdc_rep,
		EV_krb_error, EV_ap_req, EV_ap_rep };
	struct krb_pa pa[KRB_MAX_PADATA];
	struct event ev;

	event_init(&ev, kinds[which % 5]);
	switch (which % 5) {
	case 0:
		krb_shell_req(d, r, &ev);
		krb_der_req_times(r, &ev.u.kdc_req);
		krb_padata_req(d, pa, krb_der_padata(r, 0xa1, pa),
		    &ev.u.kdc_req);
		break;
	case 1:
		krb_shell_rep(d, r, &ev);
		krb_padata_rep(d, pa, krb_der_padata(r, 0xa1, pa),
		    &ev.u.kdc_rep);
		break;
	case 2:
		krb_shell_error(d, r, &ev);
		ev.u.krb_error.from = (struct str){ "kdc", 3 };
		krb_error_data(d, r, &ev.u.krb_error);
		break;
	case 3:
		krb_shell_ap_req(d, r, &ev);
		break;
	default:
		krb_shell_ap_rep(d, r, &ev);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dissector *d;
	struct reader r;
	uint8_t *copy;

	if (size < 2)
		return 0;
	copy = memcpy(must_alloc(size), data + 2, size - 2);
	r = rd_make(copy, size - 2, data[1]);
	d = dissect_new(nobody, NULL);
	if (data[0] % 6 == 5)
		walk(r, 0);
	else
		shells(d, r, data[0]);
	dissect_free(d);
	free(copy);
	return 0;
}
