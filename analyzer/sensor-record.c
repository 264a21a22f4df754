/*
 * sensor-record.c - see sensor-record.h.
 */
#include <string.h>

#include "sensor-record.h"

static size_t
padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

bool
record_put(struct batch *b, const struct record *r, const void *octets)
{
	size_t room = sizeof(b->octets) - b->used;
	size_t body = padded(r->caplen);

	if (body > room || sizeof(*r) > room - body)
		return false;
	memcpy(b->octets + b->used, r, sizeof(*r));
	b->used += sizeof(*r);
	if (r->caplen > 0)
		memcpy(b->octets + b->used, octets, r->caplen);
	memset(b->octets + b->used + r->caplen, 0, body - r->caplen);
	b->used += body;
	return true;
}

static bool
makes_sense(const struct record *r)
{
	switch (r->kind) {
	case RECORD_FRAME:
		return r->caplen <= r->len && r->link <= UINT16_MAX &&
		    r->time >= 0;
	case RECORD_OPEN:
	case RECORD_UP:
		return r->link <= UINT16_MAX;
	case RECORD_STATS:
		return r->caplen == sizeof(struct record_stats);
	case RECORD_DOWN:
	case RECORD_FAIL:
	case RECORD_END:
		return true;
	default:
		return false;
	}
}

enum record_read
record_next(const uint8_t *message, size_t len, size_t *at, struct record *r,
    const uint8_t **octets)
{
	size_t left = len - *at;

	if (left == 0)
		return RECORD_NONE;
	if (left < sizeof(*r))
		return RECORD_NONSENSE;
	memcpy(r, message + *at, sizeof(*r));
	left -= sizeof(*r);
	if (r->caplen > left || padded(r->caplen) > left || !makes_sense(r))
		return RECORD_NONSENSE;
	*octets = message + *at + sizeof(*r);
	*at += sizeof(*r) + padded(r->caplen);
	return RECORD_READ;
}
