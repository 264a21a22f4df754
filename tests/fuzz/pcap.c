/*
 * pcap.c - fuzz driver: a pcap file, from its packets to the reports.
 */
#include <string.h>

#include "fuzz.h"

#define FILE_HEADER 24
#define FRAME_HEADER 16
#define SNAPLEN 65535

static uint32_t
le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *p = data + FILE_HEADER, *end = data + size;
	struct engine *e;
	struct dissector *d;
	struct frame f = { .capture = 0 };

	if (size < FILE_HEADER)
		return 0;
	e = fuzz_engine();
	d = dissect_new(engine_event, e);
	f.link = (int)(le32(data + 20) & 0xffff);
	for (; (size_t)(end - p) > FRAME_HEADER; p = f.data + f.caplen) {
		f.number++;
		f.time = (int64_t)le32(p) * 1000000 + le32(p + 4) % 1000000;
		f.data = p + FRAME_HEADER;
		f.caplen = le32(p + 8);
		f.len = le32(p + 12);
		if (f.caplen > SNAPLEN || f.caplen > (size_t)(end - f.data))
			f.caplen = (uint32_t)(end - f.data);
		dissect_frame(d, &f);
	}
	dissect_finish(d);
	dissect_free(d);
	fuzz_report(e);
	return 0;
}
