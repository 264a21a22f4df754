/*
 * keytab.c - fuzz driver: a keytab, and a ticket on which its keys are tried.
 */
#include "fuzz.h"
#include "probe-ring.h"

static void
forget(void *arg, const struct event *ev)
{
	(void)arg;
	(void)ev;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct keyring *k = keyring_new(forget, NULL);
	struct ring_file *f = arena_alloc(&k->mem, sizeof(*f));
	size_t n = size < DIGEST_LEN ? 0 : DIGEST_LEN;
	struct event ev;

	f->path = "fuzz.keytab";
	keytab_take(k, f, data, size);
	event_init(&ev, EV_ap_req);
	ev.u.ap_req.tkt_realm = (struct str){ "FJORD.TEST", 10 };
	ev.u.ap_req.tkt_sname = (struct str){ "host/fs1.fjord.test", 19 };
	ev.u.ap_req.tkt_kvno = 2;
	ev.u.ap_req.tkt_etype = 18;
	ev.u.ap_req.tkt_digest = (struct bytes){ data, n };
	ev.u.ap_req.tkt_cipher = (struct bytes){ data, size };
	ev.u.ap_req.auth_cipher = (struct bytes){ data, size };
	keyring_event(k, &ev);
	keyring_free(k);
	return 0;
}
