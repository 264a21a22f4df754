/*
 * tcp-stream.c - from the octets of one direction to the messages of the
 * carrier.
 *
 * A message inside one segment is handed over in place.  Of others only what
 * the carrier wants is copied, the rest is counted.  A hole costs the message
 * that it hits: when the length of that one is known, the next one begins
 * where it should; when not, the place is lost until a segment begins with
 * something that the carrier knows.
 */
#include <stdlib.h>
#include <string.h>

#include "tcp.h"

#define BUFFER_FIRST 512
#define BUFFER_KEPT 4096 /* larger ones go with their message */
#define HEAD_ENOUGH 64   /* octets by which a carrier knows its own */

static struct stream *
stream_of(struct conn *c, int dir)
{
	return &c->tcp->dir[dir].stream;
}

static void
buffer_free(struct dissector *d, struct stream *st)
{
	d->held -= st->room;
	free(st->buf);
	st->buf = NULL;
	st->len = st->room = 0;
}

/* Moves N octets of R into the buffer. */
static void
buffer_take(struct dissector *d, struct stream *st, struct reader *r, size_t n)
{
	size_t room = st->room > 0 ? st->room : BUFFER_FIRST;
	const uint8_t *from = rd_bytes(r, n);

	if (from == NULL)
		return;
	while (room < st->len + n)
		room *= 2;
	if (room > st->room) {
		st->buf = must_grow(st->buf, room);
		d->held += room - st->room;
		st->room = room;
	}
	memcpy(st->buf + st->len, from, n);
	st->len += n;
}

/* The message is done with. */
static void
forget_message(struct dissector *d, struct stream *st)
{
	st->len = st->total = st->pos = st->keep = 0;
	st->frozen = false;
	if (st->room > BUFFER_KEPT)
		buffer_free(d, st);
}

static void
lose_place(struct dissector *d, struct conn *c, int dir)
{
	struct stream *st = stream_of(c, dir);
	bool was = st->aligned;

	forget_message(d, st);
	st->aligned = false;
	if (was && c->flow.carrier != NULL && c->flow.carrier->lost != NULL)
		c->flow.carrier->lost(&c->flow, dir);
}

/* --- messages of a carrier -------------------------------------------- */

/* What the carrier says of R; lengths that make no sense are LOST. */
static struct framing
ask_frame(struct conn *c, int dir, struct reader r)
{
	struct framing fr = c->flow.carrier->frame(&c->flow, dir, r);

	if (fr.what == FRAMING_MESSAGE && fr.length == 0)
		fr.what = FRAMING_LOST;
	if (fr.what == FRAMING_NEED &&
	    (fr.length <= rd_have(&r) || fr.length > MESSAGE_MAX))
		fr.what = FRAMING_LOST;
	if (fr.keep > fr.length)
		fr.keep = fr.length;
	if (fr.keep > MESSAGE_MAX)
		fr.keep = MESSAGE_MAX;
	return fr;
}

static void
deliver(struct dissector *d, struct conn *c, int dir)
{
	struct stream *st = stream_of(c, dir);

	claim_message(d, c, dir,
	    rd_make(st->buf, st->len, st->total - st->len));
	forget_message(d, st);
}

/* Goes on with a message of known length. */
static void
continue_message(struct dissector *d, struct conn *c, int dir, struct reader *r)
{
	struct stream *st = stream_of(c, dir);
	size_t n = rd_have(r), wanted;

	if (n > st->total - st->pos)
		n = st->total - st->pos;
	st->pos += n;
	wanted = st->frozen || st->keep < st->len ? 0 : st->keep - st->len;
	if (wanted > n)
		wanted = n;
	if (wanted > 0)
		buffer_take(d, st, r, wanted);
	rd_skip(r, n - wanted);
	if (st->pos == st->total)
		deliver(d, c, dir);
}

/* R begins with a message. */
static void
next_message(struct dissector *d, struct conn *c, int dir, struct reader *r)
{
	struct stream *st = stream_of(c, dir);
	struct framing fr = ask_frame(c, dir, rd_rest(r));
	struct reader whole;

	if (fr.what == FRAMING_LOST) {
		lose_place(d, c, dir);
	} else if (fr.what == FRAMING_NEED) {
		buffer_take(d, st, r, rd_have(r));
	} else if (fr.length <= rd_have(r)) {
		whole = rd_sub(r, fr.length);
		claim_message(d, c, dir,
		    rd_make(whole.p, fr.keep, fr.length - fr.keep));
	} else {
		st->total = fr.length;
		st->keep = fr.keep;
		continue_message(d, c, dir, r);
	}
}

/* The head in the buffer turned out to be of a message of length FR. */
static void
head_complete(struct dissector *d, struct conn *c, int dir, struct framing fr,
    size_t added, struct reader *r)
{
	struct stream *st = stream_of(c, dir);
	size_t surplus = st->len > fr.length ? st->len - fr.length : 0;

	st->total = fr.length;
	st->keep = fr.keep;
	st->pos = st->len - surplus;
	if (st->len > st->keep)
		st->len = st->keep;
	/* What belongs to the next message is still in R.  A carrier that
	 * asks for more than its message has loses its place: it could not
	 * have known. */
	rd_skip(r, added - (surplus < added ? surplus : added));
	if (st->pos == st->total)
		deliver(d, c, dir);
	if (surplus > added)
		lose_place(d, c, dir);
}

/* Goes on with a message of which only a part of the head is here. */
static void
continue_head(struct dissector *d, struct conn *c, int dir, struct reader *r)
{
	struct stream *st = stream_of(c, dir);
	struct reader more = rd_rest(r);
	size_t n = rd_have(r);
	struct framing fr;

	if (n > MESSAGE_MAX)
		n = MESSAGE_MAX;
	buffer_take(d, st, &more, n);
	fr = ask_frame(c, dir,
	    rd_make(st->buf, st->len, rd_left(&more) - rd_have(&more)));
	if (fr.what == FRAMING_MESSAGE)
		head_complete(d, c, dir, fr, n, r);
	else if (fr.what == FRAMING_NEED)
		rd_skip(r, n);
	else
		lose_place(d, c, dir);
}

static void
consume(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	struct stream *st = stream_of(c, dir);
	size_t missing = rd_left(&r) - rd_have(&r);

	while (st->aligned && rd_have(&r) > 0) {
		if (st->total > 0)
			continue_message(d, c, dir, &r);
		else if (st->len > 0)
			continue_head(d, c, dir, &r);
		else
			next_message(d, c, dir, &r);
	}
	if (missing > 0)
		stream_gap(d, c, dir, missing);
}

/* --- before a carrier claims ------------------------------------------ */

/* Reads the first octets that waited in the buffer for a carrier. */
static void
consume_head(struct dissector *d, struct conn *c, int dir, size_t missing)
{
	struct stream *st = stream_of(c, dir);
	uint8_t *head = st->buf;
	size_t len = st->len, room = st->room;

	st->buf = NULL;
	st->len = st->room = 0;
	consume(d, c, dir, rd_make(head, len, missing));
	d->held -= room;
	free(head);
}

/* The flow was claimed: what the other side said before is read first. */
static void
claimed(struct dissector *d, struct conn *c, int dir)
{
	struct stream *other = stream_of(c, !dir);

	stream_of(c, dir)->aligned = true;
	if (other->len > 0 && other->aligned)
		consume_head(d, c, !dir, 0);
	else
		forget_message(d, other);
}

static void
nobody_claims(struct dissector *d, struct conn *c, struct stream *st)
{
	forget_message(d, st);
	st->aligned = false;
	claim_failed(c);
}

/* Carriers see the first octets of a direction, or of a segment after some
 * that nobody knew. */
static void
ask_first(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	struct stream *st = stream_of(c, dir);

	if (claim_ask(d, c, dir, r)) {
		claimed(d, c, dir);
		consume(d, c, dir, r);
	} else if (rd_left(&r) > rd_have(&r) || rd_have(&r) >= HEAD_ENOUGH) {
		nobody_claims(d, c, st);
	} else {
		buffer_take(d, st, &r, rd_have(&r));
	}
}

/*
 * There were too few octets to tell: MIT and Samba send the length of a
 * message in a segment of its own.  Carriers see all of them together, and
 * the new segment alone: those before may be the end of something else.
 */
static void
ask_more(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	struct stream *st = stream_of(c, dir);
	size_t missing = rd_left(&r) - rd_have(&r);
	struct reader copy = rd_rest(&r);

	buffer_take(d, st, &copy, rd_have(&r));
	if (claim_ask(d, c, dir, rd_make(st->buf, st->len, missing))) {
		claimed(d, c, dir);
		consume_head(d, c, dir, missing);
	} else if (claim_ask(d, c, dir, r)) {
		forget_message(d, st);
		claimed(d, c, dir);
		consume(d, c, dir, r);
	} else if (st->len >= HEAD_ENOUGH || missing > 0) {
		nobody_claims(d, c, st);
	}
}

/* --- from the layer below --------------------------------------------- */

void
stream_data(struct dissector *d, struct conn *c, int dir, struct reader r)
{
	struct stream *st = stream_of(c, dir);

	if (c->interest == INTEREST_NONE)
		return;
	if (rd_have(&r) == 0) {
		stream_gap(d, c, dir, rd_left(&r));
		return;
	}
	if (c->flow.carrier == NULL) {
		if (st->len == 0)
			ask_first(d, c, dir, r);
		else
			ask_more(d, c, dir, r);
		return;
	}
	if (!st->aligned && !claim_again(d, c, dir, r))
		return;
	st->aligned = true;
	consume(d, c, dir, r);
}

void
stream_gap(struct dissector *d, struct conn *c, int dir, size_t n)
{
	struct stream *st = stream_of(c, dir);

	while (n > 0 && st->total > 0) {
		size_t part = st->total - st->pos;

		if (part > n)
			part = n;
		if (st->pos < st->keep)
			st->frozen = true;
		st->pos += part;
		n -= part;
		if (st->pos == st->total)
			deliver(d, c, dir);
	}
	if (n > 0)
		lose_place(d, c, dir);
}

void
stream_end(struct dissector *d, struct conn *c, int dir)
{
	struct stream *st = stream_of(c, dir);

	if (st->total > 0 && c->flow.carrier != NULL)
		deliver(d, c, dir);
	buffer_free(d, st);
}
