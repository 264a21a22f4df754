/*
 * reader.h - the one type through which bytes are read.
 *
 * Pointer, end, state.  The first failure sticks and later reads give zero,
 * so a parse is straight-line code and the state is looked at once.  A child
 * reader is a bounded slice.  RD_SHORT means that the capture ends here
 * (snap length, gap); RD_BAD means that the sender broke the protocol.  They
 * are never confused: a reader knows how many octets the wire had beyond
 * those that were captured (`missing`).
 *
 * All arithmetic on packet bytes of the program is here, in reader.c and in
 * der.c.
 * Lengths are compared with what is left and never added to a pointer first,
 * so that no length of the wire can wrap.
 */
#ifndef DISSECT_READER_H
#define DISSECT_READER_H

#include "event.h"

enum rd_state { RD_OK, RD_SHORT, RD_BAD };

struct reader {
	const uint8_t *start; /* for rd_at and rd_pos */
	const uint8_t *p;
	const uint8_t *end; /* captured so far */
	size_t missing;     /* octets on the wire after end */
	enum rd_state state;
	/*
	 * of the missing octets: stepped over by a child, no longer in
	 * missing
	 */
	size_t past;
};

static inline bool
rd_ok(const struct reader *r)
{
	return r->state == RD_OK;
}

/* LEN captured octets at P; MISSING more were on the wire. */
static inline struct reader
rd_make(const void *p, size_t len, size_t missing)
{
	struct reader r = { .missing = missing };

	r.start = r.p = r.end = p;
	if (len > 0)
		r.end = r.start + len;
	return r;
}

/* Octets left on the wire, captured or not; 0 after a failure. */
static inline size_t
rd_left(const struct reader *r)
{
	return rd_ok(r) ? (size_t)(r->end - r->p) + r->missing : 0;
}

/* Octets left and captured; 0 after a failure. */
static inline size_t
rd_have(const struct reader *r)
{
	return rd_ok(r) ? (size_t)(r->end - r->p) : 0;
}

/* Position from the start. */
static inline size_t
rd_pos(const struct reader *r)
{
	return (size_t)(r->p - r->start) + r->past;
}

/* Marks R as broken by the sender. */
static inline void
rd_bad(struct reader *r)
{
	if (rd_ok(r))
		r->state = RD_BAD;
}

/*
 * The next N octets in place; NULL (and a sticky failure) when they are not
 * all there.
 */
static inline const uint8_t *
rd_bytes(struct reader *r, size_t n)
{
	const uint8_t *p = r->p;
	size_t have;

	if (!rd_ok(r))
		return NULL;
	have = (size_t)(r->end - p);
	if (n > have) {
		r->state = n - have <= r->missing ? RD_SHORT : RD_BAD;
		return NULL;
	}
	if (n > 0)
		r->p += n;
	return p;
}

static inline void
rd_skip(struct reader *r, size_t n)
{
	rd_bytes(r, n);
}

/* Numbers in a fixed header, which rd_bytes() gave as a whole. */
static inline uint16_t
be16_at(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t
be32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/*
 * Reads; past what was captured the reader becomes RD_SHORT, past what was
 * on the wire RD_BAD, and the value is zero.
 */
static inline uint8_t
rd_u8(struct reader *r)
{
	const uint8_t *p = rd_bytes(r, 1);

	return p != NULL ? p[0] : 0;
}

static inline uint16_t
rd_be16(struct reader *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return p != NULL ? be16_at(p) : 0;
}

static inline uint32_t
rd_be32(struct reader *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p != NULL ? be32_at(p) : 0;
}

static inline uint16_t
rd_le16(struct reader *r)
{
	const uint8_t *p = rd_bytes(r, 2);

	return p != NULL ? (uint16_t)(p[1] << 8 | p[0]) : 0;
}

static inline uint32_t
rd_le32(struct reader *r)
{
	const uint8_t *p = rd_bytes(r, 4);

	return p != NULL ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
		(uint32_t)p[1] << 8 | p[0] :
			   0;
}

static inline uint64_t
rd_le64(struct reader *r)
{
	const uint8_t *p = rd_bytes(r, 8);
	uint64_t v = 0;

	if (p == NULL)
		return 0;
	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

uint32_t rd_be24(struct reader *r);
uint64_t rd_be64(struct reader *r);
/*
 * A FILETIME (MS-DTYP 2.3.3) as microseconds since 1970; 0 when it is unset
 * or beyond the years 1970 to 9999.
 */
int64_t rd_filetime(struct reader *r);

/* As rd_sub(), where not all of the N octets were captured. */
struct reader rd_sub_cut(struct reader *r, size_t n);

/* A child over the next N octets, which R steps over. */
static inline struct reader
rd_sub(struct reader *r, size_t n)
{
	struct reader sub;

	if (n > rd_have(r) || !rd_ok(r))
		return rd_sub_cut(r, n);
	sub = rd_make(r->p, n, 0);
	r->p = sub.end;
	return sub;
}

/* A child over N octets at OFFSET from the start; R stays. */
struct reader rd_at(const struct reader *r, size_t offset, size_t n);

/* What is left, as a child; R stays. */
static inline struct reader
rd_rest(const struct reader *r)
{
	struct reader rest = rd_make(NULL, 0, 0);

	if (rd_ok(r))
		return rd_make(r->p, (size_t)(r->end - r->p), r->missing);
	rest.state = r->state;
	return rest;
}

/*
 * DER, X.690.  Tags are the identifier octet: 0x30 SEQUENCE, 0xa1 [1].
 */

/* The next tag without reading it; -1 at the end or after a failure. */
int der_peek(const struct reader *r);
/*
 * If the next element has TAG, gives its contents as SUB, steps over it and
 * says true; else leaves R where it is and says false.
 */
bool der_get(struct reader *r, int tag, struct reader *sub);
/* Steps over one element of any tag. */
void der_skip(struct reader *r);
/* Contents of the next element, whatever its tag; -1 when there is none. */
int der_any(struct reader *r, struct reader *sub);
/* An INTEGER or ENUMERATED that fills the contents of R. */
int64_t der_int(struct reader *r);
/*
 * Whether R holds nothing but whole elements that every decoder reads alike:
 * definite lengths of two octets at most, tags of one octet, no SEQUENCE that
 * is empty, no INTEGER past 64 bits, no unused bits, and only times that
 * PLAIN_TIME is content with.  What octet strings hold is not looked at.
 */
bool der_plain(struct reader r, bool (*plain_time)(struct bytes));
/* [N] INTEGER as an optional field: VALUE is set only when it is there. */
bool der_ctx_int(struct reader *r, int n, int64_t *value);

#endif
