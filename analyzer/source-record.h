/*
 * source-record.h - the records of a plain pcap file, read in large blocks.
 */
#ifndef ANALYZER_SOURCE_RECORD_H
#define ANALYZER_SOURCE_RECORD_H

#include <pcap/pcap.h>

#include "source.h"

struct records;

/*
 * The records of what P, just opened, reads; NULL when that is no file of
 * the kind that is nearly every one, whose first octets are HEAD.
 */
struct records *records_open(pcap_t *p, const uint8_t *head, size_t len);

/*
 * The next record, valid until the next call.  False when libpcap has to say
 * what comes next, the end among it: P stands there now.
 */
bool
records_next(struct records *r, struct pcap_pkthdr *h, const u_char **data);

/* How far into the file that was. */
uint64_t records_offset(const struct records *r);

void records_close(struct records *r);

#endif
