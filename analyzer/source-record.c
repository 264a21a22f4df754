/*
 * source-record.c - the records of a plain pcap file, read in large blocks.
 *
 * libpcap copies each packet out of a FILE, in two calls; that is half of
 * what it takes to pass over a packet that nobody cares for.  Here records of
 * the usual kind are left where they are in the block: version 2.4 in the
 * order of this machine's octets (draft-ietf-opsawg-pcap, 4 and 5), of link
 * types that libpcap hands on as they are.  Whatever looks unusual, and the
 * end, is libpcap's to judge: it goes on from that place.
 *
 * The file is not mapped: it may be cut while it is read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source-record.h"
#include "table.h"

#define HEADER 16               /* octets before each packet */
#define CAPLEN_MOST (256 << 10) /* octets of a packet, as in libpcap */
#define BLOCK (128 << 10)

/* As it stands in the file; times are signed in libpcap too. */
struct header {
	int32_t sec, fraction;
	uint32_t caplen, len;
};

struct records {
	pcap_t *pcap;
	int fd;
	bool nano;
	uint32_t most;     /* octets that a packet may have */
	off_t at;          /* in the file, of the end of what was read */
	size_t used, have; /* of BUF */
	uint8_t buf[HEADER + CAPLEN_MOST + BLOCK];
};

/* Whether HEAD is that of version 2.4 in our order; NANO: of seconds. */
static bool
is_usual(const uint8_t *head, size_t len, bool *nano)
{
	uint32_t magic;
	uint16_t version[2];

	if (len < 24)
		return false;
	memcpy(&magic, head, sizeof(magic));
	memcpy(version, head + 4, sizeof(version));
	*nano = magic == 0xa1b23c4d;
	return (*nano || magic == 0xa1b2c3d4) && version[0] == 2 &&
	    version[1] == 4;
}

/* Ethernet, raw IP and what Linux writes for "any". */
static bool
is_as_it_is(int link)
{
	return link == DLT_EN10MB || link == DLT_RAW || link == DLT_LINUX_SLL ||
	    link == DLT_LINUX_SLL2;
}

struct records *
records_open(pcap_t *p, const uint8_t *head, size_t len)
{
	struct records *r;
	int fd = fileno(pcap_file(p)), most = pcap_snapshot(p);
	off_t at = fd < 0 ? -1 : ftello(pcap_file(p));
	bool nano;

	if (at < 0 || most <= 0 || !is_usual(head, len, &nano) ||
	    !is_as_it_is(pcap_datalink(p)))
		return NULL;
	r = must_calloc(1, sizeof(*r));
	r->pcap = p;
	r->fd = fd;
	r->nano = nano;
	r->most = most > CAPLEN_MOST ? CAPLEN_MOST : (uint32_t)most;
	r->at = at;
	return r;
}

/* Whether NEED octets are there, after a look into the file if they are not. */
static bool
have(struct records *r, size_t need)
{
	ssize_t got = 1;

	if (r->have - r->used >= need)
		return true;
	r->have -= r->used;
	memmove(r->buf, r->buf + r->used, r->have);
	r->used = 0;
	while (r->have < need && got > 0) {
		do
			got = pread(r->fd, r->buf + r->have, BLOCK, r->at);
		while (got < 0 && errno == EINTR);
		if (got > 0) {
			r->have += (size_t)got;
			r->at += got;
		}
	}
	return r->have >= need;
}

bool
records_next(struct records *r, struct pcap_pkthdr *h, const u_char **data)
{
	struct header head;

	if (have(r, HEADER)) {
		memcpy(&head, r->buf + r->used, HEADER);
		if (head.caplen <= r->most && have(r, HEADER + head.caplen)) {
			h->ts.tv_sec = head.sec;
			h->ts.tv_usec = r->nano ? head.fraction / 1000 :
						  head.fraction;
			h->caplen = head.caplen;
			h->len = head.len;
			*data = r->buf + r->used + HEADER;
			r->used += HEADER + head.caplen;
			return true;
		}
	}
	fseeko(pcap_file(r->pcap), (off_t)records_offset(r), SEEK_SET);
	return false;
}

uint64_t
records_offset(const struct records *r)
{
	return (uint64_t)r->at - (r->have - r->used);
}

void
records_close(struct records *r)
{
	free(r);
}
