/*
 * claim.c - whose flow is it?
 *
 * Ports are a hint and bytes decide: those for whom the port speaks are asked
 * first, --decode before the well-known ports, then all others, in the order
 * of carriers.def.
 */
#include "flow.h"

/* Starts of messages that nobody claims, until nobody is asked any more. */
#define TRIES_MAX 4

static const uint16_t *
ports_of(const struct carrier *c, enum transport tp)
{
	return tp == TRANSPORT_TCP ? c->tcp_ports : c->udp_ports;
}

/* Carriers without a function for it do not read that transport. */
static bool
reads(const struct carrier *c, enum transport tp)
{
	return tp != TRANSPORT_TCP || c->frame != NULL;
}

static const struct carrier *
decode_hint(const struct dissector *d, enum transport tp, uint16_t port)
{
	for (size_t i = d->ndecodes; i > 0; i--)
		if (d->decodes[i - 1].transport == tp &&
		    d->decodes[i - 1].port == port)
			return d->decodes[i - 1].carrier;
	return NULL;
}

static bool
has_port(const struct carrier *c, enum transport tp, uint16_t port)
{
	const uint16_t *ports = ports_of(c, tp);

	for (; ports != NULL && *ports != 0; ports++)
		if (*ports == port)
			return true;
	return false;
}

/* Most ports are no hint, and two are asked for each flow. */
static bool
is_hint(const struct dissector *d, enum transport tp, uint16_t port)
{
	return (d->hints[tp == TRANSPORT_UDP][port / 8] >> port % 8 & 1) != 0;
}

static void
learn_port(struct dissector *d, enum transport tp, uint16_t port)
{
	d->hints[tp == TRANSPORT_UDP][port / 8] |= (uint8_t)(1 << port % 8);
}

static void
learn_ports(struct dissector *d, enum transport tp, const uint16_t *ports)
{
	for (; ports != NULL && *ports != 0; ports++)
		learn_port(d, tp, *ports);
}

void
claim_learn(struct dissector *d)
{
	for (size_t i = 0; d->carriers[i] != NULL; i++) {
		learn_ports(d, TRANSPORT_TCP, d->carriers[i]->tcp_ports);
		learn_ports(d, TRANSPORT_UDP, d->carriers[i]->udp_ports);
	}
	for (size_t i = 0; i < d->ndecodes; i++)
		learn_port(d, d->decodes[i].transport, d->decodes[i].port);
}

const struct carrier *
claim_hint(const struct dissector *d, enum transport tp, uint16_t port)
{
	const struct carrier *c;

	if (!is_hint(d, tp, port))
		return NULL;
	c = decode_hint(d, tp, port);
	for (size_t i = 0; c == NULL && d->carriers[i] != NULL; i++)
		if (has_port(d->carriers[i], tp, port))
			c = d->carriers[i];
	return c;
}

/* Those ports of F that are a hint for any; how many. */
static size_t
hint_ports(const struct dissector *d, const struct flow *f, uint16_t ports[2])
{
	size_t n = 0;

	for (int side = 0; side < 2; side++)
		if (is_hint(d, f->transport, f->port[side]))
			ports[n++] = f->port[side];
	return n;
}

/* Whether one of those N PORTS is a hint for C. */
static bool
is_hinted(const struct dissector *d, const struct carrier *c, enum transport tp,
    const uint16_t *ports, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (has_port(c, tp, ports[i]) ||
		    decode_hint(d, tp, ports[i]) == c)
			return true;
	return false;
}

/* Asks those with a hint, or those without. */
static bool
ask(struct dissector *d, struct conn *c, int dir, struct reader r, bool hinted)
{
	enum transport tp = c->flow.transport;
	uint16_t ports[2];
	size_t n = hint_ports(d, &c->flow, ports);

	for (size_t i = 0; d->carriers[i] != NULL; i++) {
		const struct carrier *carrier = d->carriers[i];

		if (!reads(carrier, tp) ||
		    is_hinted(d, carrier, tp, ports, n) != hinted ||
		    !carrier->claims(&c->flow, dir, r, hinted))
			continue;
		c->flow.carrier = carrier;
		c->interest = INTEREST_CLAIMED;
		return true;
	}
	return false;
}

bool
claim_ask(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	const struct carrier *chosen;

	if (c->flow.carrier != NULL)
		return true;
	/* What --decode names is asked before the rest. */
	for (int side = 1; side >= 0 && d->ndecodes > 0; side--) {
		chosen = decode_hint(d, c->flow.transport, c->flow.port[side]);
		if (chosen == NULL || !reads(chosen, c->flow.transport) ||
		    !chosen->claims(&c->flow, dir, r, true))
			continue;
		c->flow.carrier = chosen;
		c->interest = INTEREST_CLAIMED;
		return true;
	}
	/* Once the others have given up, only the port still speaks for it. */
	return (c->hinted && ask(d, c, dir, r, true)) ||
	    (c->tries < TRIES_MAX && ask(d, c, dir, r, false));
}

bool
claim_again(const struct dissector *d, const struct conn *c, int dir,
    struct reader r)
{
	const struct carrier *carrier = c->flow.carrier;
	uint16_t ports[2];
	size_t n = hint_ports(d, &c->flow, ports);

	return carrier->claims(&c->flow, dir, r,
	    is_hinted(d, carrier, c->flow.transport, ports, n));
}

void
claim_failed(struct conn *c)
{
	if (c->tries < TRIES_MAX)
		c->tries++;
	if (c->tries == TRIES_MAX && !c->hinted)
		c->interest = INTEREST_NONE;
}

void
claim_message(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	c->flow.carrier->message(d, &c->flow, dir, r);
	scratch_reset(d);
}
