/*
 * reader.c - reading octets that somebody else wrote: what is not in the
 * header, where it would be of no use to speed.
 */
#include "reader.h"

static size_t
captured(const struct reader *r)
{
	return (size_t)(r->end - r->p);
}

static struct reader
rd_failed(enum rd_state state)
{
	struct reader r = rd_make(NULL, 0, 0);

	r.state = state;
	return r;
}

static uint64_t
big_endian(struct reader *r, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	for (size_t i = 0; p != NULL && i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint32_t
rd_be24(struct reader *r)
{
	return (uint32_t)big_endian(r, 3);
}

uint64_t
rd_be64(struct reader *r)
{
	return big_endian(r, 8);
}

int64_t
rd_filetime(struct reader *r)
{
	const uint64_t year_1970 = UINT64_C(116444736000000000);
	const uint64_t year_9999 = UINT64_C(2650467743990000000);
	uint64_t filetime = rd_le64(r); /* of 100 ns, since 1601 */

	if (filetime < year_1970 || filetime > year_9999)
		return 0;
	return (int64_t)((filetime - year_1970) / 10);
}

struct reader
rd_sub_cut(struct reader *r, size_t n)
{
	struct reader sub;
	size_t have;

	if (n > rd_left(r))
		rd_bad(r);
	if (!rd_ok(r))
		return rd_failed(r->state);
	have = captured(r);
	sub = rd_make(r->p, have, n - have);
	r->p = r->end;
	r->missing -= n - have;
	r->past += n - have;
	return sub;
}

struct reader
rd_at(const struct reader *r, size_t offset, size_t n)
{
	struct reader whole;

	if (!rd_ok(r))
		return rd_failed(r->state);
	whole = rd_make(r->start, (size_t)(r->end - r->start),
	    r->missing + r->past);
	rd_sub(&whole, offset);
	return rd_sub(&whole, n);
}
