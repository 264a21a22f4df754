/*
 * tcp.c - segments of a connection, and what became of it.
 *
 * TCP: RFC 9293 3.1 (header), 3.5 (opening), 3.6 (closing); fast open:
 * RFC 7413.
 *
 * Captures begin in the middle and lack one side, so nothing here waits for
 * a packet that must come.  Ports are used again: a SYN with another initial
 * number is another flow.  Windows KDCs end each connection on port 88 by
 * RST, ACK after the reply, which is no fault: "reset" is a fact, and what
 * came before it says what it means.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define ACK 0x10
#define TCP_HEADER 20
#define RESET_WITHIN (1 << 20) /* a RST further off is none of it */

/* The header of one segment. */
struct segment {
	uint32_t seq, ack;
	uint8_t flags;
	int dir;
	struct reader data;
};

/* --- what became of it ------------------------------------------------ */

static struct str
static_str(const char *text)
{
	return (struct str){ text, text == NULL ? 0 : strlen(text) };
}

void
conn_tell(struct dissector *d, struct conn *c, int dir, const char *state,
    int64_t repeated, const char *reason)
{
	struct event ev;

	if (c->hint == NULL && c->flow.carrier == NULL)
		return;
	event_begin(&ev, &c->flow, dir, EV_conn);
	if (ev.carrier == NULL && c->hint != NULL)
		ev.carrier = c->hint->name;
	ev.u.conn.state = static_str(state);
	ev.u.conn.repeated = repeated;
	ev.u.conn.reason = static_str(reason);
	post(d, &ev);
}

void
conn_post(struct dissector *d, struct conn *c, int dir, const char *state,
    int64_t repeated)
{
	conn_tell(d, c, dir, state, repeated, NULL);
}

/* Once a connection. */
static void
post_end(struct dissector *d, struct conn *c, int dir, const char *state)
{
	if (!c->tcp->ended)
		conn_post(d, c, dir, state, 0);
	c->tcp->ended = true;
}

static void
post_open(struct dissector *d, struct conn *c, int dir)
{
	if (!c->tcp->opened)
		conn_post(d, c, dir, "open", 0);
	c->tcp->opened = true;
}

/* --- opening ---------------------------------------------------------- */

/* The stream of DIR begins at NEXT. */
static void
start_at(struct conn *c, int dir, uint32_t next)
{
	struct tcp_dir *t = &c->tcp->dir[dir];

	if (t->synced)
		return;
	t->next = next;
	t->synced = true;
	t->stream.aligned = true;
}

static void
note_isn(struct conn *c, int dir, uint32_t isn)
{
	c->tcp->dir[dir].isn = isn;
	c->tcp->dir[dir].has_isn = true;
	start_at(c, dir, isn + 1);
}

static void
read_syn(struct dissector *d, struct conn *c, const struct segment *s)
{
	note_isn(c, s->dir, s->seq);
	if ((s->flags & ACK) != 0) {
		start_at(c, !s->dir, s->ack);
		post_open(d, c, s->dir);
		return;
	}
	conn_post(d, c, s->dir, "syn", c->tcp->syns);
	c->tcp->syns++;
}

/*
 * Whether a SYN belongs to another connection than C.  A repeated one has
 * the same number.
 */
static bool
is_other(const struct conn *c, const struct segment *s)
{
	const struct tcp_dir *t;

	if (c->interest == INTEREST_OVER)
		return true;
	if (c->half_open)
		return s->dir == TO_SERVER && c->isn != s->seq;
	if (c->tcp == NULL)
		return false;
	t = &c->tcp->dir[s->dir];
	if (t->has_isn)
		return t->isn != s->seq;
	/* Data before the SYN: the capture put them in the wrong order, or
	 * the data were of a connection before. */
	return t->synced && t->next - s->seq - 1 > UINT16_MAX;
}

static enum opener
opener_of(const struct segment *s)
{
	if ((s->flags & SYN) == 0)
		return OPENER_UNKNOWN;
	return (s->flags & ACK) != 0 ? OPENER_RECEIVER : OPENER_SENDER;
}

/* --- closing ---------------------------------------------------------- */

static bool
is_done(const struct tcp_dir *t)
{
	return t->has_fin &&
	    ((t->synced && t->next == t->fin) ||
		(t->has_acked && t->acked == t->fin + 1));
}

static void
read_fin(struct dissector *d, struct conn *c, const struct segment *s)
{
	struct tcp *t = c->tcp;

	t->dir[s->dir].fin = s->seq + (uint32_t)rd_left(&s->data);
	t->dir[s->dir].has_fin = true;
	if (t->data || t->dir[!s->dir].has_fin)
		post_end(d, c, s->dir, "closed");
}

static void
read_rst(struct dissector *d, struct conn *c, const struct segment *s)
{
	struct tcp_dir *t = &c->tcp->dir[s->dir];

	if (c->tcp->syns > 0 && !c->tcp->opened && s->dir == TO_CLIENT) {
		conn_post(d, c, s->dir, "refused", 0);
		/* Windows sends the same SYN again, twice. */
		if (c->hint == NULL)
			flow_over(d, c);
		return;
	}
	/* Its number lies in the window, if it is not forged (RFC 5961). */
	if (t->synced && t->next - s->seq + RESET_WITHIN > 2 * RESET_WITHIN)
		return;
	/* What was under way is read before its end is told. */
	order_end(d, c, TO_SERVER);
	order_end(d, c, TO_CLIENT);
	post_end(d, c, s->dir, "reset");
	flow_over(d, c);
}

void
tcp_end(struct dissector *d, struct conn *c)
{
	if (c->tcp == NULL)
		return;
	for (int dir = 0; dir < 2; dir++)
		order_end(d, c, dir);
	d->held -= sizeof(*c->tcp);
	free(c->tcp);
	c->tcp = NULL;
}

/* --- segments --------------------------------------------------------- */

static void
read_segment(struct dissector *d, struct conn *c, const struct segment *s)
{
	size_t len = rd_left(&s->data);
	uint32_t seq = s->seq;

	if ((s->flags & SYN) != 0) {
		read_syn(d, c, s);
		seq++;
	} else if (s->dir == TO_SERVER && c->tcp->syns > 0 &&
	    (s->flags & RST) == 0) {
		post_open(d, c, s->dir);
	}
	if ((s->flags & ACK) != 0)
		order_acked(d, c, !s->dir, s->ack, len > 0);
	if ((s->flags & RST) != 0) {
		read_rst(d, c, s);
		return;
	}
	if (len > 0) {
		c->tcp->data = true;
		order_data(d, c, s->dir, seq, s->data);
	}
	if ((s->flags & FIN) != 0)
		read_fin(d, c, s);
	if (is_done(&c->tcp->dir[0]) && is_done(&c->tcp->dir[1]))
		flow_over(d, c);
}

/* The flow that S belongs to, made when there is none; NULL: of no use. */
static struct conn *
segment_flow(struct dissector *d, struct packet *p, struct segment *s,
    struct conn *c)
{
	if (c != NULL) {
		if ((s->flags & SYN) == 0 || !is_other(c, s)) {
			flow_touch(d, c, p);
			return c;
		}
		flow_end(d, c);
	} else if ((s->flags & SYN) == 0 &&
	    ((s->flags & RST) != 0 || rd_left(&s->data) == 0)) {
		return NULL;
	}
	c = flow_new(d, p, opener_of(s));
	s->dir = flow_dir(c, p);
	return c;
}

/*
 * Whether S is the first of a connection and a SYN alone, which leaves no
 * more behind than its number: scans are nothing else.
 */
static bool
read_first(struct dissector *d, struct conn *c, const struct segment *s)
{
	if (c->tcp != NULL || c->half_open || s->dir != TO_SERVER ||
	    (s->flags & (SYN | ACK | FIN | RST)) != SYN ||
	    rd_left(&s->data) > 0)
		return false;
	c->half_open = true;
	c->isn = s->seq;
	conn_post(d, c, s->dir, "syn", 0);
	return true;
}

/* Whether S refuses such a connection, and nothing is told of that. */
static bool
read_refusal(struct dissector *d, struct conn *c, const struct segment *s)
{
	if (!c->half_open || c->hint != NULL || s->dir != TO_CLIENT ||
	    (s->flags & (SYN | RST)) != RST)
		return false;
	flow_over(d, c);
	return true;
}

static void
tcp_make(struct dissector *d, struct conn *c)
{
	if (c->tcp != NULL)
		return;
	c->tcp = must_alloc(sizeof(*c->tcp));
	d->held += sizeof(*c->tcp);
	c->tcp->conn = c;
	if (!c->half_open)
		return;
	c->half_open = false;
	note_isn(c, TO_SERVER, c->isn);
	c->tcp->syns = 1;
}

static bool
read_header(struct packet *p, struct segment *s, struct reader r)
{
	const uint8_t *h = rd_bytes(&r, TCP_HEADER);
	size_t header;

	if (h == NULL)
		return false;
	p->sport = be16_at(h);
	p->dport = be16_at(h + 2);
	s->seq = be32_at(h + 4);
	s->ack = be32_at(h + 8);
	header = (h[12] >> 4) * 4u;
	s->flags = h[13];
	if (header < TCP_HEADER)
		return false;
	/* Options cut by the snap length take nothing from the rest. */
	rd_sub(&r, header - TCP_HEADER);
	s->data = rd_rest(&r);
	return rd_ok(&r);
}

void
tcp_peek(struct packet *p, const struct reader *r)
{
	struct conversation *c = p->peek;
	struct segment s;

	c->ports = read_header(p, &s, *r);
	if (!c->ports)
		return;
	c->sport = p->sport;
	c->dport = p->dport;
	c->opens = (s.flags & (SYN | FIN | RST)) != 0;
	c->payload = (uint32_t)rd_left(&s.data);
}

/* Nothing is or was told of it, and nothing will be. */
static bool
is_nobodys(const struct conn *c)
{
	return c->interest == INTEREST_NONE ||
	    (c->interest == INTEREST_OVER && !c->hinted &&
		c->flow.carrier == NULL);
}

void
tcp_read(struct dissector *d, struct packet *p, struct reader *r)
{
	struct segment s;
	struct conn *c;
	bool nobody;

	if (!read_header(p, &s, *r))
		return;
	p->key = flow_key(d, p);
	nobody_fetch(d, &p->key);
	c = flow_find(d, p, &s.dir);
	nobody = c == NULL && nobody_reads(d, p);
	if (nobody && (s.flags & SYN) == 0)
		return;
	if (c != NULL && (s.flags & SYN) == 0 && c->interest == INTEREST_OVER) {
		flow_touch(d, c, p);
		return;
	}
	/* Bare acknowledgements of IPv6 do look alike. */
	if ((p->ip_id != 0 || rd_left(&s.data) > 0 ||
		(s.flags & (SYN | FIN | RST)) != 0) &&
	    duplicate_seen(d, p, r))
		return;
	if (nobody)
		nobody_forget(d, &p->key);
	c = segment_flow(d, p, &s, c);
	if (c == NULL)
		return;
	if (!read_first(d, c, &s) && !read_refusal(d, c, &s)) {
		tcp_make(d, c);
		read_segment(d, c, &s);
	}
	if (is_nobodys(c))
		flow_retire(d, c);
}
