/*
 * Packets seen twice: what the table forgets must not differ from run to
 * run, though its hash is keyed afresh in each.
 */
#include <stdio.h>
#include <string.h>

#include "dissect.h"

#define PACKETS 20000
#define BEHIND 3000 /* so much later the copy comes: some are forgotten */
#define LINKTYPE_RAW 101

static void
ignore(void *arg, const struct event *ev)
{
	(void)arg;
	(void)ev;
}

/* Datagram number K, of a port of its own. */
static void
feed(struct dissector *d, unsigned k, uint64_t frame)
{
	uint8_t data[36] = { 0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0,
		1, 10, 0, 0, 2, 0, 0, 0, 88, 0, 16 };
	struct frame f = { .number = frame,
		.time = (int64_t)frame,
		.link = LINKTYPE_RAW,
		.caplen = sizeof(data),
		.len = sizeof(data),
		.data = data };

	data[4] = data[20] = data[28] = (uint8_t)(k >> 8);
	data[5] = data[21] = data[29] = (uint8_t)k;
	data[30] = (uint8_t)(k >> 16);
	dissect_frame(d, &f);
}

static uint64_t
duplicates(void)
{
	struct dissector *d = dissect_new(ignore, NULL);
	uint64_t frame = 0, n;

	for (unsigned k = 1; k <= PACKETS; k++) {
		feed(d, k, ++frame);
		if (k > BEHIND)
			feed(d, k - BEHIND, ++frame);
	}
	dissect_finish(d);
	n = dissect_quality(d, 0)->duplicates;
	dissect_free(d);
	return n;
}

int
main(void)
{
	uint64_t first = duplicates(), n;
	int rc = 0;

	if (first < PACKETS / 10 || first > PACKETS - BEHIND) {
		printf("%llu duplicates\n", (unsigned long long)first);
		rc = 1;
	}
	for (int run = 0; run < 4; run++)
		if ((n = duplicates()) != first) {
			printf("%llu duplicates, then %llu\n",
			    (unsigned long long)first, (unsigned long long)n);
			rc = 1;
		}
	return rc;
}
