/*
 * carrier.c - fuzz driver: the messages of the carrier that FUZZ_CARRIER
 * names; built once for each.  The first octet chooses the transport, the
 * rest is datagrams or segments, each after an octet of its direction and
 * two of its length.
 */
#include <string.h>

#include "flow.h"
#include "fuzz.h"

#define PASTE(a, b) a##b
#define NAME(id) PASTE(carrier_, id)

/* Hands one message to the carrier, as the layers below it would. */
static void
message(struct dissector *d, struct flow *f, int dir, struct reader r)
{
	struct framing g = { .what = FRAMING_MESSAGE };

	f->ref.frame++;
	f->ref.time += SECOND / 100;
	f->carrier->claims(f, dir, r, (f->ref.frame & 1) != 0);
	if (f->transport == TRANSPORT_TCP && f->carrier->frame != NULL)
		g = f->carrier->frame(f, dir, r);
	if (g.what != FRAMING_LOST)
		f->carrier->message(d, f, dir, r);
	else if (f->carrier->lost != NULL)
		f->carrier->lost(f, dir);
	scratch_reset(d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flow f = { .id = 1, .ref = { .time = SECOND } };
	const uint8_t *p = data + 1, *end = data + size;
	struct engine *e;
	struct dissector *d;
	uint8_t *copy;
	size_t n;

	if (size < 4)
		return 0;
	f.carrier = &NAME(FUZZ_CARRIER);
	f.transport = data[0] & 1 ? TRANSPORT_TCP : TRANSPORT_UDP;
	f.addr[0] = (struct addr){ 4, { 10, 0, 0, 1 } };
	f.addr[1] = (struct addr){ 4, { 10, 0, 0, 2 } };
	e = fuzz_engine();
	d = dissect_new(engine_event, e);
	for (; end - p > 3; p += n) {
		n = (size_t)p[1] << 8 | p[2];
		if (n > (size_t)(end - p - 3))
			n = (size_t)(end - p - 3);
		copy = memcpy(must_alloc(n + 1), p + 3, n);
		message(d, &f, p[0] & 1, rd_make(copy, n, p[0] >> 1 & 0x3f));
		free(copy);
		p += 3;
	}
	if (f.carrier->release != NULL)
		f.carrier->release(&f);
	else
		free(f.state);
	dissect_free(d);
	fuzz_report(e);
	return 0;
}
