/*
 * refusal-dns.c - whether DNS led a client to the server that refused its
 * ticket, or would have led it elsewhere.
 */
#include "refusal.h"
#include "rule.h"

/* Whether the last answer for the name is ADDR. */
static bool
leads_to(const struct name_fact *n, const struct addr *addr)
{
	return n->nlatest == 1 && addr_equal(&n->latest[0], addr);
}

static bool
knows(const struct name_fact *n, const struct addr *addr)
{
	return addr_among(addr, n->addrs, n->naddrs);
}

/*
 * DNS gives the name where its key is taken, and never gave it here: a hosts
 * file, or an answer from before the capture.  A client that was led elsewhere
 * came here through a balancer.
 */
static bool
avoids_dns(const struct refused_ticket *r)
{
	return !r->asked_dns && r->name != NULL &&
	    r->name->naddrs < NAME_MAX_ADDRS &&
	    knows(r->name, &r->elsewhere->server) &&
	    !knows(r->name, &r->a->server);
}

bool
refusal_dns_led(const struct refused_ticket *r)
{
	if (avoids_dns(r))
		return true;
	if (r->name == NULL || !r->name->changed || r->name->most_at_once > 1 ||
	    r->elsewhere->taken.first.time >= r->a->req.time)
		return false;
	/* Others may know the right address. */
	return r->elsewhere->taken.last.time < r->a->req.time ||
	    leads_to(r->name, &r->a->server);
}

bool
refusal_dns_moved(const struct refused_ticket *r)
{
	if (r->name == NULL || r->name->most_at_once > 1 ||
	    !knows(r->name, &r->elsewhere->server))
		return false;
	/* Since then it is taken, and there: the fault may be over. */
	if (r->elsewhere->taken.first.time > r->a->req.time)
		return true;
	return r->own_key && r->is_other && r->name->changed &&
	    knows(r->name, &r->a->server);
}
