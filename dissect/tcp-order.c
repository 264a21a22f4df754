/*
 * tcp-order.c - puts the data of one direction of a connection in order.
 *
 * TCP: RFC 9293 3.4 (sequence numbers, modulo 2^32), RFC 7323 2.3 (the
 * largest window is 2^30, so nothing further away belongs to it).
 *
 * What fills a hole may still come: a retransmission, or a frame that the
 * capture put in the wrong place.  It is waited for until the other side has
 * acknowledged it (then it arrived, and the capture has lost it), until too
 * much waits behind it, or for two seconds.  Nothing waits forever, for of
 * one-sided captures nobody acknowledges anything.
 */
#include <stdlib.h>

#include "tcp.h"

#define WINDOW_MAX (INT32_C(1) << 30)
#define NEAR (INT32_C(1) << 24)

/*
 * Captures of several queues have frames in the wrong order by some
 * microseconds to milliseconds; so long an acknowledgement proves nothing.
 */
#define REORDER_WITHIN (SECOND / 200)

/* --- the list of connections with a hole ------------------------------ */

static void
hole_remove(struct dissector *d, struct tcp *t)
{
	if (!t->has_hole)
		return;
	*(t->older == NULL ? &d->holes : &t->older->newer) = t->newer;
	*(t->newer == NULL ? &d->holes_last : &t->newer->older) = t->older;
	t->has_hole = false;
}

static void
hole_append(struct dissector *d, struct tcp *t)
{
	if (t->has_hole)
		return;
	t->older = d->holes_last;
	t->newer = NULL;
	*(d->holes_last == NULL ? &d->holes : &d->holes_last->newer) = t;
	d->holes_last = t;
	t->since = d->now;
	t->has_hole = true;
}

static bool
any_waits(const struct tcp *t)
{
	return t->dir[0].waiting.count + t->dir[1].waiting.count > 0;
}

/* --- delivering ------------------------------------------------------- */

static void
advance(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	c->tcp->dir[dir].next += (uint32_t)rd_left(&r);
	stream_data(d, c, dir, r);
}

/*
 * Delivers what waited for the octets before it.  BY_ITSELF: nothing filled
 * the hole, so each message ends in its own frame.
 */
static void
drain(struct dissector *d, struct conn *c, int dir, bool by_itself)
{
	struct tcp_dir *t = &c->tcp->dir[dir];
	const struct ref now = c->flow.ref;
	struct piece *p;

	while ((p = t->waiting.first) != NULL &&
	    seq_distance(t->next, p->at) <= 0) {
		size_t old = (size_t) - (int64_t)seq_distance(t->next, p->at);
		struct reader r = rd_make(p->data, p->have, p->len - p->have);

		pieces_take(&t->waiting);
		d->held -= p->have;
		if (by_itself)
			c->flow.ref = p->ref;
		if (old < p->len) {
			rd_sub(&r, old);
			advance(d, c, dir, rd_rest(&r));
		}
		free(p);
	}
	c->flow.ref = now;
	if (!any_waits(c->tcp))
		hole_remove(d, c->tcp);
}

/* What belongs before TO was never captured. */
static void
skip_hole(struct dissector *d, struct conn *c, int dir, uint32_t to)
{
	struct tcp_dir *t = &c->tcp->dir[dir];
	size_t n = to - t->next;

	t->next = to;
	if (c->interest == INTEREST_NONE)
		return;
	if (c->hinted || c->interest == INTEREST_CLAIMED) {
		quality_of(d, c->flow.ref.capture)->tcp_gaps++;
		conn_post(d, c, dir, "gap", 0);
	}
	stream_gap(d, c, dir, n);
}

/* Gives up the first hole. */
static void
give_up(struct dissector *d, struct conn *c, int dir)
{
	skip_hole(d, c, dir, c->tcp->dir[dir].waiting.first->at);
	drain(d, c, dir, true);
}

/* --- from the layer above the header ---------------------------------- */

static void
wait_for_hole(struct dissector *d, struct conn *c, int dir, uint32_t seq,
    struct reader r)
{
	struct pieces *waiting = &c->tcp->dir[dir].waiting;

	d->held += pieces_add(waiting, seq, r, &c->flow.ref);
	hole_append(d, c->tcp);
	while (waiting->count >= TCP_MAX_SEGMENTS ||
	    waiting->octets >= TCP_MAX_BUFFER)
		give_up(d, c, dir);
}

/*
 * A segment from outside any window.  It is no part of this connection,
 * unless the other side's acknowledgements say that the capture slept.
 */
static void
read_stray(struct dissector *d, struct conn *c, int dir, uint32_t seq,
    struct reader r)
{
	struct tcp_dir *t = &c->tcp->dir[dir];
	int32_t off = seq_distance(seq, t->acked);

	if (!t->has_acked || off > NEAR || off < -NEAR)
		return;
	while (t->waiting.count > 0)
		give_up(d, c, dir);
	skip_hole(d, c, dir, seq);
	/* Nothing is known of the length of the gap. */
	t->stream.total = 0;
	stream_gap(d, c, dir, 1);
	advance(d, c, dir, r);
}

void
order_data(struct dissector *d, struct conn *c, int dir, uint32_t seq,
    struct reader r)
{
	struct tcp_dir *t = &c->tcp->dir[dir];
	int32_t ahead;

	if (!t->synced) {
		t->next = seq;
		t->synced = true;
	}
	ahead = seq_distance(t->next, seq);
	if (ahead > WINDOW_MAX || ahead < -WINDOW_MAX) {
		read_stray(d, c, dir, seq, r);
	} else if (ahead > 0) {
		wait_for_hole(d, c, dir, seq, r);
	} else if ((size_t) - (int64_t)ahead < rd_left(&r)) {
		/* A retransmission may have new octets at its end. */
		rd_sub(&r, (size_t) - (int64_t)ahead);
		advance(d, c, dir, rd_rest(&r));
		if (t->waiting.count > 0)
			drain(d, c, dir, false);
	}
}

void
order_acked(struct dissector *d, struct conn *c, int dir, uint32_t ack,
    bool speaks)
{
	struct tcp_dir *t = &c->tcp->dir[dir];

	if (!t->has_acked || seq_distance(t->acked, ack) > 0)
		t->acked = ack;
	t->has_acked = true;
	/* A capture that begins in the middle: who asks has read all that was
	 * said before, so the answer begins here, and a hole can be seen. */
	if (!t->synced && speaks) {
		t->next = ack;
		t->synced = true;
	}
	if (t->waiting.count == 0)
		return;
	if (!speaks && d->now - c->tcp->since < REORDER_WITHIN)
		return;
	while (t->waiting.count > 0 &&
	    seq_distance(t->waiting.first->at, t->acked) >= 0)
		give_up(d, c, dir);
}

void
order_end(struct dissector *d, struct conn *c, int dir)
{
	struct tcp_dir *t = &c->tcp->dir[dir];
	uint32_t end;

	while (t->waiting.count > 0)
		give_up(d, c, dir);
	/* What the FIN counts or the other side has, and was never seen.
	 * The last acknowledged octet may be a FIN that was not captured. */
	end = t->has_fin ? t->fin : t->has_acked ? t->acked - 1 : t->next;
	if (t->synced && seq_distance(t->next, end) > 0 &&
	    seq_distance(t->next, end) < WINDOW_MAX)
		skip_hole(d, c, dir, end);
	stream_end(d, c, dir);
	hole_remove(d, c->tcp);
}

void
tcp_expire(struct dissector *d)
{
	struct tcp *t;

	while ((t = d->holes) != NULL && t->since + HOLE_TIMEOUT < d->now) {
		for (int dir = 0; dir < 2; dir++)
			if (t->dir[dir].waiting.count > 0)
				give_up(d, t->conn, dir);
		/* Another hole has its own two seconds. */
		hole_remove(d, t);
		if (any_waits(t))
			hole_append(d, t);
		if (t->conn->interest == INTEREST_NONE)
			flow_retire(d, t->conn);
	}
}
