/*
 * udp.c - a datagram is a message.
 *
 * UDP: RFC 768.
 */
#include "flow.h"

#define UDP_HEADER 8

static void
read_datagram(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	if (rd_left(&r) == 0)
		return;
	if (claim_ask(d, c, dir, r))
		claim_message(d, c, dir, r);
	else
		claim_failed(c);
}

void
udp_peek(struct packet *p, const struct reader *r)
{
	struct conversation *c = p->peek;
	struct reader datagram = *r;
	const uint8_t *h = rd_bytes(&datagram, UDP_HEADER);

	c->ports = h != NULL;
	if (h == NULL)
		return;
	c->sport = be16_at(h);
	c->dport = be16_at(h + 2);
	c->payload = (uint32_t)rd_left(&datagram);
}

void
udp_read(struct dissector *d, struct packet *p, struct reader *r)
{
	struct reader datagram = *r;
	const uint8_t *h = rd_bytes(r, UDP_HEADER);
	struct conn *c;
	size_t len;
	int dir;

	if (h == NULL)
		return;
	p->sport = be16_at(h);
	p->dport = be16_at(h + 2);
	len = be16_at(h + 4);
	if (len > 0 && len < UDP_HEADER)
		return;
	p->key = flow_key(d, p);
	nobody_fetch(d, &p->key);
	c = flow_find(d, p, &dir);
	if (c != NULL) {
		flow_touch(d, c, p);
	} else {
		if (nobody_reads(d, p))
			return;
		c = flow_new(d, p, OPENER_UNKNOWN);
		dir = flow_dir(c, p);
	}
	if (duplicate_seen(d, p, &datagram))
		return;
	c->answered = dir == TO_CLIENT;
	/* A length of 0 is a jumbogram (RFC 2675 4) or left to the card. */
	len = len > 0 ? len - UDP_HEADER : rd_left(r);
	if (len > rd_left(r))
		datagram = rd_make(r->p, rd_have(r), len - rd_have(r));
	else
		datagram = rd_sub(r, len);
	read_datagram(d, c, dir, datagram);
	if (c->interest == INTEREST_NONE)
		flow_retire(d, c);
}
