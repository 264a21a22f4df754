/*
 * TCP: order, holes, ends, and which message each of them costs.
 *
 * Both sides begin with sequence number 0xffffff00, so that it wraps soon.
 * Positions in these tests count from the first octet of a direction.
 */
#include "packets.h"

#define ISN 0xffffff00u

#define FIN 0x01u
#define SYN 0x02u
#define RST 0x04u
#define PSH 0x08u
#define ACK 0x10u

static struct buf stream[2]; /* what each side says */
static unsigned client_port = CLIENT_PORT;
static uint32_t isn = ISN;

static const struct dissect_quality *
quality(void)
{
	return dissect_quality(dut, 0);
}

struct seg {
	int dir;
	unsigned flags;
	size_t at, len; /* of the stream */
	size_t ack;     /* position in the other stream */
	size_t cut;     /* octets that are not captured */
	uint32_t more;  /* added to the sequence number */
};

static void
feed_seg(struct seg s)
{
	static struct buf f, tcp;
	uint32_t seq = isn + ((s.flags & SYN) != 0 ? 0 : 1) + s.more;

	tcp.len = f.len = 0;
	put16(&tcp, s.dir == 0 ? client_port : TOY_PORT);
	put16(&tcp, s.dir == 0 ? TOY_PORT : client_port);
	put32(&tcp, seq + (uint32_t)s.at);
	put32(&tcp, (s.flags & ACK) != 0 ? isn + 1 + (uint32_t)s.ack : 0);
	put16(&tcp, 0x8000 | s.flags);
	put16(&tcp, 1000);
	put_zero(&tcp, 4 + 12); /* with options */
	put_all(&tcp, stream[s.dir].b + s.at, s.len);
	put_ipv4(&f, &(struct ip){ .dir = s.dir, .proto = 6, .id = next_id++ },
	    &tcp);
	feed_cut(&f, f.len - s.cut);
}

/* Data from octet AT on. */
static void
say(int dir, size_t at, size_t len)
{
	feed_seg((struct seg){ .dir = dir,
	    .flags = ACK | PSH,
	    .at = at,
	    .len = len });
}

/* DIR has all before ACK. */
static void
acknowledge(int dir, size_t ack)
{
	feed_seg((struct seg){ .dir = dir, .flags = ACK, .ack = ack });
}

static void
open_it(void)
{
	feed_seg((struct seg){ .flags = SYN });
	feed_seg((struct seg){ .dir = 1, .flags = SYN | ACK });
	feed_seg((struct seg){ .flags = ACK });
	EXPECT(" syn>@1 open<@2");
}

/* The client says messages a, b, c ... of 100 octets each. */
static void
begin_stream(void)
{
	begin();
	isn = ISN;
	client_port = CLIENT_PORT;
	stream[0].len = stream[1].len = 0;
	for (char c = 'a'; c <= 'z'; c++) {
		put_toy(&stream[0], c, 100);
		put_toy(&stream[1], c, 100);
	}
}

static void
begin_open(void)
{
	begin_stream();
	open_it();
}

/* --- order ------------------------------------------------------------ */

static void
test_in_order(void)
{
	begin_open();
	say(0, 0, 100);   /* one in one */
	say(0, 100, 250); /* two and a half */
	say(0, 350, 50);  /* the rest */
	say(0, 400, 3);   /* a head in parts */
	say(0, 403, 1);
	say(0, 404, 196);
	EXPECT(" >a100@4 >b100@5 >c100@5 >d100@6 >e100@9 >f100@9");
	say(1, 0, 100);
	EXPECT(" <a100@10");
	CHECK(quality()->tcp_gaps == 0);
	done();
}

/* Each octet in a segment of its own, over the wrap. */
static void
test_single_octets(void)
{
	begin_open();
	for (size_t i = 0; i < 300; i++)
		say(0, i, 1);
	EXPECT(" >a100@103 >b100@203 >c100@303");
	done();
}

static void
test_out_of_order(void)
{
	begin_open();
	say(0, 200, 100);
	say(0, 250, 100);
	say(0, 100, 100);
	EXPECT("");
	say(0, 0, 100); /* it fills the hole */
	EXPECT(" >a100@7 >b100@7 >c100@7");
	say(0, 350, 50);
	EXPECT(" >d100@8");
	CHECK(quality()->tcp_gaps == 0);
	done();
}

static void
test_again(void)
{
	begin_open();
	say(0, 0, 100);
	say(0, 0, 100);  /* a retransmission */
	say(0, 50, 150); /* with more at its end */
	EXPECT(" >a100@4 >b100@6");
	say(0, 199, 1); /* keep-alive, RFC 9293 3.8.4 */
	feed_seg((struct seg){ .flags = ACK, .at = 199 });
	say(0, 200, 100);
	EXPECT(" >c100@9");
	CHECK(quality()->tcp_gaps == 0);
	done();
}

/* Of two copies that differ the first counts. */
static void
test_first_wins(void)
{
	begin_open();
	say(0, 50, 50);
	stream[0].b[60] = 0xee;
	stream[0].b[40] = 0xee;
	say(0, 30, 40);
	say(0, 0, 35);
	EXPECT(" >a100@6!");
	done();
}

/* Many pieces in the worst order. */
static void
test_backwards(void)
{
	begin_open();
	for (size_t i = 40; i > 0; i--)
		say(0, i * 10, 10);
	EXPECT("");
	say(0, 0, 10);
	EXPECT(" >a100@44 >b100@44 >c100@44 >d100@44");
	done();
}

/* Fast open: data in the SYN, which the server may let come again. */
static void
test_fast_open(void)
{
	begin_stream();
	feed_seg((struct seg){ .flags = SYN, .len = 100 });
	feed_seg((struct seg){ .dir = 1, .flags = SYN | ACK });
	say(0, 0, 100);
	say(0, 100, 100);
	EXPECT(" syn>@1 >a100@1 open<@2 >b100@4");
	done();
}

/* --- holes ------------------------------------------------------------ */

/* The boundary is known: only the message that lost octets is cut. */
static void
test_hole_inside(void)
{
	begin_open();
	say(0, 0, 150);
	say(0, 180, 120); /* 30 of b are missing */
	EXPECT(" >a100@4");
	acknowledge(1, 300);
	EXPECT(""); /* the capture may be out of order */
	next_frame.time += 10000;
	acknowledge(1, 300);
	EXPECT(" gap>@7 >b100-50@5 >c100@5");
	CHECK(quality()->tcp_gaps == 1);
	done();
}

/* An answer tells at once that the question was heard. */
static void
test_hole_answered(void)
{
	begin_open();
	say(0, 0, 150);
	say(0, 180, 120);
	feed_seg(
	    (struct seg){ .dir = 1, .flags = ACK, .len = 100, .ack = 300 });
	EXPECT(" >a100@4 gap>@6 >b100-50@5 >c100@5 <a100@6");
	done();
}

/* The hole ends in the middle of the next message: its head is lost. */
static void
test_hole_over_boundary(void)
{
	begin_open();
	say(0, 0, 150);
	say(0, 250, 50); /* end of c */
	say(0, 300, 100);
	say(0, 400, 100);
	next_frame.time += HOLE_TIMEOUT;
	acknowledge(1, 0);
	EXPECT(" >a100@4 gap>@7 >b100-50@7 lost> >d100@6 >e100@7");
	CHECK(quality()->tcp_gaps == 1);
	done();
}

/* A hole of whole messages is over a boundary as well. */
static void
test_hole_whole_messages(void)
{
	begin_open();
	say(0, 0, 100);
	say(0, 300, 100);
	acknowledge(1, 300);
	end();
	EXPECT(" >a100@4 gap>@6 lost> >d100@5");
	CHECK(quality()->tcp_gaps == 1);
	done();
}

/* The hole hits the head, the length was not known yet. */
static void
test_hole_in_head(void)
{
	begin_open();
	say(0, 0, 103);
	say(0, 110, 90);
	say(0, 200, 100);
	end();
	EXPECT(" >a100@4 gap>@6 lost> >c100@6");
	done();
}

/* Nobody acknowledges in a one-sided capture. */
static void
test_hole_time(void)
{
	begin_open();
	say(0, 0, 150);
	say(0, 180, 20);
	next_frame.time += HOLE_TIMEOUT - 2000;
	say(0, 200, 100);
	EXPECT(" >a100@4");
	next_frame.time += 2000;
	feed(&(struct buf){ .len = 1 }); /* any frame at all */
	EXPECT(" gap>@6 >b100-50@5 >c100@6");
	done();
}

static void
test_hole_many(void)
{
	begin_open();
	say(0, 0, 50);
	for (size_t i = 0; i < TCP_MAX_SEGMENTS; i++)
		say(0, 60 + i, 1);
	EXPECT(" gap>@68 >a100-50@44");
	CHECK(quality()->tcp_gaps == 1);
	done();
}

/* The snap length makes holes of known size, which are no gaps. */
static void
test_cut_segments(void)
{
	begin_open();
	feed_seg((struct seg){ .flags = ACK, .len = 100, .cut = 60 });
	feed_seg(
	    (struct seg){ .flags = ACK, .at = 100, .len = 150, .cut = 20 });
	feed_seg((struct seg){ .flags = ACK, .at = 250, .len = 50 });
	EXPECT(" >a100-60@4 >b100@5 >c100-70@6");
	feed_seg(
	    (struct seg){ .flags = ACK, .at = 300, .len = 150, .cut = 20 });
	feed_seg(
	    (struct seg){ .flags = ACK, .at = 450, .len = 150, .cut = 55 });
	EXPECT(" >d100@7 >e100-70@8 >f100-55@8");
	feed_seg((struct seg){ .flags = ACK, .at = 600, .len = 100 });
	EXPECT(" >g100@9");
	CHECK(quality()->tcp_gaps == 0);
	CHECK(quality()->frames_short == 4);
	done();
}

/* What a segment of message a of which CUT octets are not there leaves. */
static void
expect_cut(int cut)
{
	int at = cut * 5 + 4; /* the frame */
	char want[64];

	if (cut == 0)
		snprintf(want, sizeof(want), " >a100@%d >b100@%d", at, at + 1);
	else if (cut <= 95)
		snprintf(want, sizeof(want), " >a100-%d@%d >b100@%d", cut, at,
		    at + 1);
	else if (cut <= 98) /* claimed, yet without its length */
		snprintf(want, sizeof(want), " lost> >b100@%d", at + 1);
	else if (cut <= 112) /* no data, and not all of the options */
		snprintf(want, sizeof(want), " >b100@%d", at + 1);
	else /* no header: as if it had not come */
		snprintf(want, sizeof(want), " gap>@%d >b100@%d", at + 1,
		    at + 1);
	EXPECT(want);
}

static void
test_every_cut(void)
{
	begin_stream();
	for (int cut = 0; cut < 152; cut++) {
		feed_seg((struct seg){ .flags = SYN });
		feed_seg((struct seg){ .dir = 1, .flags = SYN | ACK });
		feed_seg((struct seg){ .flags = ACK });
		log_text[0] = '\0';
		feed_seg((struct seg){ .flags = ACK,
		    .len = 100,
		    .cut = (size_t)cut });
		say(0, 100, 100);
		end();
		expect_cut(cut);
	}
	CHECK(quality()->frames_short == 151);
	done();
}

/* --- steps over ------------------------------------------------------- */

/* Of a bulk message only the head is copied, and it ends where it ends. */
static void
test_bulk(void)
{
	begin_open();
	stream[0].len = 0;
	put_toy(&stream[0], 'B', 50000);
	put_toy(&stream[0], 'a', 100);
	for (size_t at = 0; at < 50100; at += 1002)
		say(0, at, 1002);
	EXPECT(" >B50000-49992@53 >a100@53");
	/* A hole in what nobody wants costs nothing. */
	stream[0].len = 0;
	put_zero(&stream[0], 50100);
	put_toy(&stream[0], 'B', 5000);
	put_toy(&stream[0], 'b', 100);
	say(0, 50100, 1000);
	say(0, 52100, 3100);
	end();
	EXPECT(" gap>@55 >B5000-4992@55 >b100@55");
	done();
}

/* --- in the middle ---------------------------------------------------- */

static void
test_middle(void)
{
	begin_stream();
	/* First the end of a. */
	feed_seg((struct seg){ .flags = ACK, .at = 30, .len = 70, .ack = 240 });
	feed_seg(
	    (struct seg){ .flags = ACK, .at = 100, .len = 50, .ack = 240 });
	feed_seg(
	    (struct seg){ .flags = ACK, .at = 150, .len = 50, .ack = 240 });
	EXPECT(" >b100@3");
	say(1, 240, 60);
	say(1, 300, 100);
	EXPECT(" <d100@5");
	done();
}

/* The request says where the answer begins: it was not captured. */
static void
test_middle_answer_lost(void)
{
	begin_stream();
	feed_seg((struct seg){ .flags = ACK, .len = 100, .ack = 100 });
	say(1, 150, 50);
	say(1, 200, 100);
	acknowledge(0, 300);
	end();
	EXPECT(" >a100@1 gap<@4 <c100@3");
	CHECK(quality()->tcp_gaps == 1);
	done();
}

/* Only the server's side was captured. */
static void
test_one_side(void)
{
	begin_stream();
	feed_seg((struct seg){ .dir = 1, .flags = SYN | ACK });
	say(1, 0, 100);
	say(1, 100, 100);
	feed_seg((struct seg){ .dir = 1, .flags = FIN | ACK, .at = 200 });
	EXPECT(" open<@1 <a100@2 <b100@3 closed<@4");
	done();
}

/* Nobody's flow is left alone, whatever it says later. */
static void
test_nobody(void)
{
	begin_stream();
	isn = 5;
	for (int i = 0; i < 10; i++) {
		struct buf f = { .len = 0 }, tcp = { .len = 0 };

		put16(&tcp, 1000);
		put16(&tcp, 2000);
		put32(&tcp, (uint32_t)i * 100);
		put32(&tcp, 0);
		put16(&tcp, 0x5010);
		put_zero(&tcp, 6);
		if (i == 6)
			put_toy(&tcp, 'x', 100);
		else
			put_zero(&tcp, 100);
		put_ipv4(&f, &(struct ip){ .proto = 6, .id = next_id++ }, &tcp);
		feed(&f);
	}
	EXPECT("");
	done();
}

/* --- beginnings and ends ---------------------------------------------- */

static void
test_syn_again(void)
{
	begin_stream();
	feed_seg((struct seg){ .flags = SYN });
	next_frame.time += SECOND;
	feed_seg((struct seg){ .flags = SYN });
	next_frame.time += 2 * SECOND;
	feed_seg((struct seg){ .flags = SYN });
	EXPECT(" syn>@1 syn1>@2 syn2>@3");
	done();
}

/* Windows tries a refused connection again, with the same number. */
static void
test_refused(void)
{
	begin_stream();
	feed_seg((struct seg){ .flags = SYN });
	feed_seg((struct seg){ .dir = 1, .flags = RST | ACK });
	feed_seg((struct seg){ .flags = SYN });
	feed_seg((struct seg){ .dir = 1, .flags = RST | ACK });
	EXPECT(" syn>@1 refused<@2 syn1>@3 refused<@4");
	done();
}

/* Windows KDCs: a reset after the reply, then nothing counts any more. */
static void
test_reset(void)
{
	begin_open();
	say(0, 0, 100);
	say(1, 0, 150);
	feed_seg((struct seg){ .dir = 1,
	    .flags = RST,
	    .at = 150,
	    .more = 1u << 30 }); /* a forged one */
	feed_seg((struct seg){ .dir = 1, .flags = RST | ACK, .at = 150 });
	EXPECT(" >a100@4 <a100@5 <b100-50@7 reset<@7");
	feed_seg((struct seg){ .flags = ACK, .at = 100 });
	say(0, 100, 100);
	EXPECT("");
	done();
}

static void
test_closed(void)
{
	begin_open();
	say(0, 0, 100);
	feed_seg((struct seg){ .dir = 1,
	    .flags = FIN | ACK,
	    .len = 100,
	    .ack = 100 });
	EXPECT(" >a100@4 <a100@5 closed<@5");
	feed_seg((struct seg){ .flags = FIN | ACK, .at = 100, .ack = 101 });
	feed_seg((struct seg){ .dir = 1, .flags = ACK, .at = 101, .ack = 101 });
	feed_seg((struct seg){ .flags = RST, .at = 101 });
	EXPECT("");
	done();
}

static void
test_closed_without_data(void)
{
	begin_open();
	feed_seg((struct seg){ .flags = FIN | ACK });
	EXPECT("");
	feed_seg((struct seg){ .dir = 1, .flags = FIN | ACK, .ack = 1 });
	EXPECT(" closed<@5");
	done();
}

/* The end comes before what belongs before it. */
static void
test_fin_early(void)
{
	begin_open();
	feed_seg((struct seg){ .flags = FIN | ACK, .at = 100, .len = 100 });
	say(0, 0, 100);
	EXPECT(" closed>@4 >a100@5 >b100@5");
	done();
}

/* The tail before the FIN was never captured. */
static void
test_tail_lost(void)
{
	begin_open();
	say(0, 0, 150);
	feed_seg((struct seg){ .flags = FIN | ACK, .at = 200 });
	end();
	EXPECT(" >a100@4 closed>@5 gap>@5 >b100-50@5");
	CHECK(quality()->tcp_gaps == 1);
	done();
}

/* The same ports again: another flow, whether the first ended or not. */
static void
test_ports_again(void)
{
	begin_open();
	say(0, 0, 150);
	EXPECT(" >a100@4");
	isn = 1000;
	feed_seg((struct seg){ .flags = SYN });
	EXPECT(" >b100-50@4 syn>@5");
	feed_seg((struct seg){ .dir = 1, .flags = SYN | ACK });
	say(0, 0, 100);
	EXPECT(" open<@6 >a100@7");
	done();
}

/* --- limits ----------------------------------------------------------- */

/* A segment from elsewhere changes nothing. */
static void
test_stray(void)
{
	begin_open();
	say(0, 0, 100);
	feed_seg((struct seg){ .flags = ACK, .len = 100, .more = 1u << 31 });
	say(0, 100, 100);
	EXPECT(" >a100@4 >b100@6");
	CHECK(quality()->tcp_gaps == 0);
	done();
}

static void
test_flow_table(void)
{
	begin_stream();
	for (unsigned i = 0; i < 300; i++) {
		client_port = 1024 + i;
		feed_seg((struct seg){ .flags = SYN });
	}
	CHECK(dut->flows.count == 300 && dut->flows.last_id == 300);
	next_frame.time += FLOW_IDLE + SECOND;
	feed_seg((struct seg){ .flags = SYN });
	CHECK(dut->flows.count == 1 && dut->flows.last_id == 301);
	CHECK(quality()->flows_dropped == 0);
	done();
}

/* What waits in all flows together has a limit. */
static void
test_memory(void)
{
	size_t most = 0;

	begin_stream();
	stream[0].len = 0;
	put_toy(&stream[0], 'a', 60000);
	for (unsigned i = 0; i < 2000; i++) {
		client_port = 1024 + i;
		feed_seg((struct seg){ .flags = SYN });
		say(0, 100, 40000);
		most = dut->held > most ? dut->held : most;
	}
	CHECK(most > STREAM_MAX_BUFFER / 2);
	CHECK(most < STREAM_MAX_BUFFER + 100000);
	CHECK(quality()->flows_dropped > 0);
	end();
	CHECK(dut->held == 0);
	done();
}

int
main(void)
{
	test_in_order();
	test_single_octets();
	test_out_of_order();
	test_again();
	test_first_wins();
	test_backwards();
	test_fast_open();
	test_hole_inside();
	test_hole_answered();
	test_hole_over_boundary();
	test_hole_whole_messages();
	test_hole_in_head();
	test_hole_time();
	test_hole_many();
	test_cut_segments();
	test_every_cut();
	test_bulk();
	test_middle();
	test_middle_answer_lost();
	test_one_side();
	test_nobody();
	test_syn_again();
	test_refused();
	test_reset();
	test_closed();
	test_closed_without_data();
	test_fin_early();
	test_tail_lost();
	test_ports_again();
	test_stray();
	test_flow_table();
	test_memory();
	return failures != 0;
}
