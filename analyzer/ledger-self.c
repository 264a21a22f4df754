/*
 * ledger-self.c - the host that captures, from the first packet on: its
 * addresses, its name, and what it is by the ports on which it listens.
 *
 * Its name is what its administrator calls it, and need not be the one under
 * which it is known to its domain: as weak as a PTR record.
 */
#include <string.h>
#include <strings.h>

#include "dissect.h"
#include "ledger-store.h"

#define PORT_DNS 53
#define PORT_KDC 88

/* Whether PORT is one of CARRIER. */
static bool
has_port(size_t carrier, enum transport transport, uint16_t port)
{
	const uint16_t *p = dissect_carrier_ports(carrier, transport);

	for (; *p != 0; p++)
		if (*p == port)
			return true;
	return false;
}

static unsigned
role_of(enum transport transport, int64_t port)
{
	size_t i;

	if (port == PORT_DNS)
		return transport == TRANSPORT_UDP ? ROLE_DNS : 0;
	if (port == PORT_KDC)
		return ROLE_KDC;
	if (port <= 0 || port > UINT16_MAX)
		return 0;
	for (i = 0; dissect_carrier_name(i) != NULL; i++)
		if (has_port(i, transport, (uint16_t)port))
			return ROLE_SERVICE;
	return 0;
}

static unsigned
roles_of(const struct ev_self *self)
{
	unsigned roles = 0;
	size_t i;

	for (i = 0; i < self->tcp_ports.len; i++)
		roles |= role_of(TRANSPORT_TCP, self->tcp_ports.p[i]);
	for (i = 0; i < self->udp_ports.len; i++)
		roles |= role_of(TRANSPORT_UDP, self->udp_ports.p[i]);
	return roles;
}

static bool
is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == 4 ? a->b[0] == 127 :
				memcmp(a->b, one, sizeof(one)) == 0;
}

static bool
is_name(struct str name)
{
	return name.len > 0 &&
	    !(name.len >= 9 && strncasecmp(name.p, "localhost", 9) == 0);
}

void
ledger_self(struct ledger *l, const struct event *ev)
{
	const struct ev_self *self = &ev->u.self;
	unsigned roles = roles_of(self);
	struct addr a;
	size_t i;

	for (i = 0; i < self->addresses.len; i++) {
		if (!addr_parse(self->addresses.p[i].p,
			self->addresses.p[i].len, &a) ||
		    is_loopback(&a))
			continue;
		ledger_host_entry(l, &a)->host.roles |= roles;
		if (is_name(self->name))
			ledger_host_name(l, &a, self->name.p, self->name.len,
			    NAME_PTR, &ev->ref);
	}
}
