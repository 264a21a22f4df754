/*
 * Link types: each of them around the same datagram.
 */
#include "packets.h"

static void
put_datagram(struct buf *f, char letter)
{
	struct buf data = { .len = 0 }, udp = { .len = 0 };
	struct ip ip = { .proto = 17, .id = next_id++ };

	put_toy(&data, letter, 20);
	put_udp(&udp, 0, &data);
	put_ipv4(f, &ip, &udp);
}

/* HEX and then the datagram, as a frame of link type LINK. */
static void
feed_link(int link, const char *hex)
{
	static struct buf f;
	unsigned v;

	f.len = 0;
	for (; sscanf(hex, "%2x", &v) == 1; hex += 2) {
		put8(&f, v);
		if (hex[2] == ' ')
			hex++;
	}
	put_datagram(&f, 'a');
	next_frame.link = link;
	feed(&f);
}

#define MACS "020000000001 020000000002 "

static void
test_each(void)
{
	static const struct {
		int link;
		const char *header;
	} cases[] = {
		{ 1, MACS "0800" },
		{ 1, MACS "8100 0032 0800" },
		{ 1, MACS "88a8 0001 8100 0032 0800" },
		{ 1, MACS "9100 0001 8100 0032 0800" },
		{ 1, MACS "8100 0032 8864 1100 0001 0040 0021" },
		{ 1, MACS "8864 1100 0001 0040 0021" },
		{ 1, MACS "8847 00010040 00020140" },
		{ 1, MACS "0038 aaaa03 000000 0800" },
		{ 113, "0000 0001 0006 0200000000010000 0800" },
		{ 113, "0000 0001 0006 0200000000010000 8100 0032 0800" },
		{ 276, "0800 0000 00000002 0001 00 06 0200000000010000" },
		{ 101, "" },
		{ 12, "" },
		{ 14, "" },
		{ 228, "" },
		{ 0, "02000000" },
		{ 0, "00000002" },
		{ 0, "1e000000" },
		{ 108, "0000001c" },
		{ 9, "0021" },
		{ 9, "ff03 0021" },
		{ 50, "ff03 0021" },
	};
	char want[32];

	begin();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		feed_link(cases[i].link, cases[i].header);
		snprintf(want, sizeof(want), " >a20@%zu", i + 1);
		EXPECT(want);
	}
	CHECK(dissect_quality(dut, 0)->unread_link_types == 0);
	done();
}

static void
test_not_read(void)
{
	begin();
	feed_link(105, "");
	feed_link(-1, "");
	CHECK(dissect_quality(dut, 0)->unread_link_types == 2);
	feed_link(1, MACS "0806");
	feed_link(0, "00000007");
	feed_link(9, "c021");
	EXPECT("");
	CHECK(dissect_quality(dut, 0)->unread_link_types == 2);
	CHECK(dissect_quality(dut, 1)->unread_link_types == 0);
	CHECK(dissect_quality(dut, -1)->unread_link_types == 0);
	done();
}

static void
put_tagged(struct buf *f)
{
	f->len = 0;
	put_zero(f, 12);
	put16(f, 0x8100);
	put16(f, 1);
	put16(f, 0x800);
	put_datagram(f, 'a');
}

/* Every length of a frame, under the sanitizers. */
static void
test_cuts(void)
{
	static const int links[] = { 0, 1, 9, 101, 108, 113, 276 };
	static struct buf f;

	begin();
	put_tagged(&f);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		next_frame.link = links[i];
		for (size_t cap = 0; cap < f.len; cap++) {
			put_tagged(&f);
			feed_cut(&f, cap);
		}
		CHECK(dissect_quality(dut, 0)->frames_short == f.len * (i + 1));
	}
	CHECK(strstr(log_text, ">a20-1@") != NULL);
	CHECK(strstr(log_text, ">?20-18@") != NULL);
	CHECK(dissect_quality(dut, 0)->duplicates == 0);
	done();
}

int
main(void)
{
	test_each();
	test_not_read();
	test_cuts();
	return failures != 0;
}
