/*
 * reader.h - the one type through which bytes are read.
 *
 * Pointer, end, state.  The first failure sticks and later reads give zero,
 * so a parse is straight-line code and the state is looked at once.  A child
 * reader is a bounded slice.  RD_SHORT means that the capture ends here
 * (snap length, gap); RD_BAD means that the sender broke the protocol.  They
 * are never confused: a reader knows how many octets the wire had beyond
 * those that were captured (`missing`).
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

/* LEN captured octets at P; MISSING more were on the wire. */
struct reader rd_make(const void *p, size_t len, size_t missing);

/* Octets left on the wire, captured or not; 0 after a failure. */
size_t rd_left(const struct reader *r);
/* Octets left and captured; 0 after a failure. */
size_t rd_have(const struct reader *r);
/* Position from the start. */
size_t rd_pos(const struct reader *r);

/*
 * Reads; past what was captured the reader becomes RD_SHORT, past what was
 * on the wire RD_BAD, and the value is zero.
 */
uint8_t rd_u8(struct reader *r);
uint16_t rd_be16(struct reader *r);
uint32_t rd_be24(struct reader *r);
uint32_t rd_be32(struct reader *r);
uint64_t rd_be64(struct reader *r);
uint16_t rd_le16(struct reader *r);
uint32_t rd_le32(struct reader *r);
uint64_t rd_le64(struct reader *r);
/*
 * A FILETIME (MS-DTYP 2.3.3) as microseconds since 1970; 0 when it is unset
 * or beyond the years 1970 to 9999.
 */
int64_t rd_filetime(struct reader *r);
void rd_skip(struct reader *r, size_t n);

/*
 * The next N octets in place; NULL (and a sticky failure) when they are not
 * all there.
 */
const uint8_t *rd_bytes(struct reader *r, size_t n);

/* A child over the next N octets, which R steps over. */
struct reader rd_sub(struct reader *r, size_t n);
/* A child over N octets at OFFSET from the start; R stays. */
struct reader rd_at(const struct reader *r, size_t offset, size_t n);
/* What is left, as a child; R stays. */
struct reader rd_rest(const struct reader *r);

/* Marks R as broken by the sender. */
void rd_bad(struct reader *r);

static inline bool
rd_ok(const struct reader *r)
{
	return r->state == RD_OK;
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
/* [N] INTEGER as an optional field: VALUE is set only when it is there. */
bool der_ctx_int(struct reader *r, int n, int64_t *value);

#endif
