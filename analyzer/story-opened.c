/*
 * story-opened.c - who stands in a ticket that a key at hand opened.
 *
 * FAST hides the client from the wire (RFC 6113 5.4.3, WELLKNOWN/ANONYMOUS),
 * and a ticket from before the capture names nobody: a story that does not
 * know whose it is learns it from the ticket.
 */
#include <string.h>

#include "story-tell.h"

/* Whether the client in the ticket with DIGEST is whose story T is. */
static bool
is_of(const struct tale *t, struct bytes digest)
{
	size_t i;

	for (i = 0; i < t->s.nexchanges; i++) {
		const struct exchange *x = &t->s.exchanges[i];

		if (ticket_is(&x->tgt, digest))
			return true;
		/* S4U: in the ticket is the user, the story is a service's. */
		if (ticket_is(&x->issued, digest))
			return !x->s4u2self && !x->s4u2proxy;
	}
	for (i = 0; i < t->s.nattempts; i++)
		if (ticket_is(&t->s.attempts[i].ticket, digest))
			return true;
	return false;
}

void
stories_opened(struct stories *st, const struct event *ev)
{
	const struct ev_ticket_key *k = &ev->u.ticket_key;
	struct arena mem = { 0 };
	struct tale *t;

	/* Those of the end of the run have no place in a capture. */
	if (ev->kind != EV_ticket_key || ev->ref.frame == 0 ||
	    ev->src.family == 0 || k->cname.len == 0 || k->crealm.len == 0 ||
	    k->tkt_digest.len != DIGEST_LEN)
		return;
	ledger_opened(st->ledger, k->tkt_digest.p,
	    arena_printf(&mem, "%.*s@%.*s", (int)k->cname.len, k->cname.p,
		(int)k->crealm.len, k->crealm.p));
	arena_free(&mem);
	t = client_get(st, ev->from_client ? &ev->src : &ev->dst)->newest;
	for (; t != NULL; t = t->older)
		if (t->s.principal == NULL && is_of(t, k->tkt_digest))
			tale_principal(t, k->cname, k->crealm);
}
