/*
 * The DNS carrier: records, names and their compression, answers that are
 * cut or broken, and what is not DNS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow.h"

extern const struct carrier carrier_dns;

static int failures;

/* --- what was posted -------------------------------------------------- */

static char posted[65536];

static void
say(const char *text, struct str s)
{
	size_t n = strlen(posted);

	snprintf(posted + n, sizeof(posted) - n, "%s%.*s", text, (int)s.len,
	    s.len > 0 ? s.p : "");
}

static void
say_number(const char *text, int64_t v)
{
	char buf[32];

	snprintf(buf, sizeof(buf), "%lld", (long long)v);
	say(text, (struct str){ buf, strlen(buf) });
}

static const struct str none;

static void
say_record(const struct ev_dns_rr *e)
{
	say(" ", e->name);
	say_number(" ", e->type);
	say_number(" ", e->ttl);
	say(" ", e->data);
	if (e->port != 0) {
		say_number(" ", e->port);
		say_number(" ", e->priority);
		say_number(" ", e->weight);
	}
}

static void
sink(void *arg, const struct event *ev)
{
	(void)arg;
	say(event_descs[ev->kind].name, none);
	switch (ev->kind) {
	case EV_dns_query:
		say(" ", ev->u.dns_query.name);
		say_number(" ", ev->u.dns_query.type);
		break;
	case EV_dns_reply:
		say(" ", ev->u.dns_reply.name);
		say_number(" ", ev->u.dns_reply.type);
		say_number(" rcode ", ev->u.dns_reply.rcode);
		say_number(" answers ", ev->u.dns_reply.answers);
		say(ev->u.dns_reply.truncated ? " truncated" : "", none);
		break;
	case EV_dns_rr:
		say_record(&ev->u.dns_rr);
		break;
	default:
		break;
	}
	say(ev->cut ? " cut\n" : "\n", none);
}

static void
expect(const char *name, const char *lines)
{
	if (strcmp(posted, lines) != 0) {
		printf("%s: expected\n%sgot\n%s", name, lines, posted);
		failures++;
	}
	posted[0] = '\0';
}

static void
check(const char *name, bool ok)
{
	if (!ok) {
		printf("%s: failed\n", name);
		failures++;
	}
}

/* --- building --------------------------------------------------------- */

static uint8_t out[70000];
static size_t len;

static void
put(size_t n, uint64_t v)
{
	while (n > 0)
		out[len++] = (uint8_t)(v >> 8 * --n);
}

/* NAME in labels, without the root: "a.b" is 1 a 1 b. */
static void
labels(const char *name)
{
	while (*name != '\0') {
		size_t n = strcspn(name, ".");

		put(1, n);
		memcpy(out + len, name, n);
		len += n;
		name += n + (name[n] == '.');
	}
}

static void
header(unsigned flags, unsigned qd, unsigned an, unsigned ns, unsigned ar)
{
	len = 0;
	put(2, 0x1234);
	put(2, flags);
	put(2, qd);
	put(2, an);
	put(2, ns);
	put(2, ar);
}

static void
question(const char *name, unsigned type)
{
	labels(name);
	put(1, 0);
	put(2, type);
	put(2, 1);
}

/* A record of the name at offset AT. */
static void
record(unsigned at, unsigned type, unsigned datalen)
{
	put(2, 0xc000 | at);
	put(2, type);
	put(2, 1);
	put(4, 300);
	put(2, datalen);
}

/* --- feeding ---------------------------------------------------------- */

static struct dissector *d;
static struct flow udp = {
	.id = 1,
	.transport = TRANSPORT_UDP,
	.port = { 50000, 53 },
	.carrier = &carrier_dns,
};
static struct flow tcp = {
	.id = 2,
	.transport = TRANSPORT_TCP,
	.port = { 50000, 53 },
	.carrier = &carrier_dns,
};

/* A copy of exactly N octets: reading past them is seen. */
static bool
feed_exactly(struct flow *f, const uint8_t *p, size_t n, size_t missing)
{
	uint8_t *copy = malloc(n > 0 ? n : 1);
	struct reader r;
	bool claimed;

	if (copy == NULL)
		exit(1);
	memcpy(copy, p, n);
	r = rd_make(copy, n, missing);
	claimed = carrier_dns.claims(f, TO_CLIENT, r, true);
	carrier_dns.message(d, f, TO_CLIENT, r);
	scratch_reset(d);
	free(copy);
	return claimed;
}

static bool
feed(void)
{
	return feed_exactly(&udp, out, len, 0);
}

/* --- tests ------------------------------------------------------------ */

static void
test_query(void)
{
	header(0x0100, 1, 0, 0, 0);
	question("FS1.Fjord.test", 28);
	check("a question is claimed", feed());
	expect("query", "dns-query fs1.fjord.test 28\n");
	header(0x0100, 2, 0, 0, 0);
	question("a", 1);
	question("b", 1);
	feed();
	expect("the first of two questions", "dns-query a 1\n");
	header(0x0100, 1, 0, 0, 0);
	question("", 2);
	feed();
	expect("the root", "dns-query . 2\n");
	header(0x2800, 1, 0, 0, 0);
	question("fjord.test", 6);
	check("an update is claimed", feed());
	expect("an update is not read", "");
}

static void
test_odd_names(void)
{
	header(0x0100, 1, 0, 0, 0);
	put(1, 6);
	memcpy(out + len, "a.\\\0\x1b\xfe", 6);
	len += 6;
	question("b c", 1);
	feed();
	expect("odd octets", "dns-query a\\.\\\\\\000\\027\\254.b\\032c 1\n");
}

/* An alias and its address; the EDNS record completes the code. */
static void
test_reply(void)
{
	header(0x8180, 1, 2, 0, 0);
	question("www.fjord.test", 1);
	record(12, 5, 6);
	labels("web");
	put(2, 0xc000 | 16);
	record(len - 6, 1, 4);
	put(4, 0x0a000102);
	check("an answer is claimed", feed());
	expect("alias",
	    "dns-rr www.fjord.test 5 300 web.fjord.test\n"
	    "dns-rr web.fjord.test 1 300 10.0.1.2\n"
	    "dns-reply www.fjord.test 1 rcode 0 answers 2\n");
	header(0x8183, 1, 0, 0, 1);
	question("a", 1);
	put(1, 0);
	put(2, 41);
	put(2, 1232);
	put(4, 0x01008000);
	put(2, 0);
	feed();
	expect("extended code", "dns-reply a 1 rcode 19 answers 0\n");
	header(0x8385, 1, 0, 0, 0);
	question("a", 1);
	feed();
	expect("truncated", "dns-reply a 1 rcode 5 answers 0 truncated\n");
	header(0x8380, 1, 9, 0, 0);
	question("a", 1);
	feed();
	expect("truncated with all its counts",
	    "dns-reply a 1 rcode 0 answers 9 truncated\n");
	header(0x8181, 0, 0, 0, 0);
	check("an answer without a question is claimed", feed());
	expect("no question", "dns-reply  0 rcode 1 answers 0\n");
}

static void
build_srv(void)
{
	header(0x8580, 1, 1, 1, 1);
	question("_kerberos._udp.fjord.test", 33);
	record(12, 33, 14);
	put(2, 1);
	put(2, 100);
	put(2, 88);
	labels("DC1x1");
	put(2, 0xc000 | 27);
	/* Authority: not posted. */
	record(27, 2, 2);
	put(2, 0xc000 | 27);
	record(61, 28, 16);
	put(8, UINT64_C(0x20010db800000000));
	put(8, 1);
}

static void
test_srv(void)
{
	build_srv();
	feed();
	expect("srv",
	    "dns-rr _kerberos._udp.fjord.test 33 300 dc1x1.fjord.test 88 1 "
	    "100\n"
	    "dns-rr dc1x1.fjord.test 28 300 2001:db8::1\n"
	    "dns-reply _kerberos._udp.fjord.test 33 rcode 0 answers 1\n");
}

static void
test_other_types(void)
{
	header(0x8180, 1, 5, 0, 0);
	question("x", 255);
	record(12, 16, 8);
	memcpy(out + len, "\3abc\3d\"e", 8);
	len += 8;
	record(12, 256, 14);
	put(2, 10);
	put(2, 1);
	memcpy(out + len, "krb5srv:m:", 10);
	len += 10;
	record(12, 12, 2);
	put(2, 0xc000 | 12);
	record(12, 6, 3);
	put(3, 0);
	/* MX is nobody's business. */
	record(12, 15, 3);
	put(3, 0);
	feed();
	expect("other types",
	    "dns-rr x 16 300 abcd\"e\ndns-rr x 256 300 krb5srv:m:\n"
	    "dns-rr x 12 300 x\ndns-rr x 6 300 \n"
	    "dns-reply x 255 rcode 0 answers 5\n");
}

static void
broken(const char *name)
{
	feed();
	expect(name, "malformed\n");
}

static void
test_compression(void)
{
	header(0x0100, 1, 0, 0, 0);
	put(2, 0xc000 | 12);
	put(4, 0x00010001);
	broken("a pointer to itself");
	header(0x0100, 1, 0, 0, 0);
	labels("a");
	put(2, 0xc000 | 12);
	put(4, 0x00010001);
	broken("a loop");
	header(0x0100, 1, 0, 0, 0);
	put(2, 0xc000 | 18);
	put(4, 0x00010001);
	put(4, 0x01610000);
	broken("a pointer forward");
	header(0x0100, 1, 0, 0, 0);
	put(2, 0xc000 | 4);
	put(4, 0x00010001);
	broken("a pointer into the header");
	header(0x0100, 2, 0, 0, 0);
	put(2, 0xc000 | 14);
	put(2, 0xc000 | 12);
	put(4, 0x00010001);
	put(2, 0xc000 | 12);
	put(4, 0x00010001);
	broken("two that point to each other");
	header(0x0100, 1, 0, 0, 0);
	put(1, 0x41);
	len += 65;
	broken("a label of the reserved kind");
}

/* Pointers to pointers: as many as a name has labels, and one more. */
static void
test_many_pointers(void)
{
	for (int n = 127; n <= 128; n++) {
		header(0x8180, 1, 1, 0, 0);
		question("a", 1);
		record(12, 16, 2 * n);
		put(2, 0xc000 | 12);
		for (int i = 1; i < n; i++)
			put(2, 0xc000 | (len - 2));
		out[7] = 2;
		record(len - 2, 1, 4);
		put(4, 0);
		feed();
		if (n == 127)
			check("128 pointers", strstr(posted, "dns-reply a"));
		else
			check("129 pointers",
			    strcmp(posted, "malformed\n") == 0);
		posted[0] = '\0';
	}
}

/* 255 octets are a name, one more is none, even if pointers make it up. */
static void
test_long_names(void)
{
	static const char sixty
	    [] = "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1"
		 "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1";

	header(0x0100, 1, 0, 0, 0);
	for (int i = 0; i < 4; i++)
		labels(sixty);
	labels("123456789");
	put(1, 0);
	put(4, 0x00010001);
	feed();
	check("the longest name",
	    strstr(posted, ".123456789 1\n") != NULL &&
		strlen(posted) == 10 + 4 * 60 * 4 + 4 + 9 + 3);
	posted[0] = '\0';
	header(0x0100, 2, 0, 0, 0);
	for (int i = 0; i < 4; i++)
		labels(sixty);
	question("123456789", 1);
	labels("x");
	put(2, 0xc000 | 12);
	put(4, 0x00010001);
	broken("a name that is too long by its pointer");
}

static void
test_broken(void)
{
	header(0x8180, 1, 1, 0, 0);
	question("a", 1);
	record(12, 1, 5);
	put(5, 0);
	broken("an address of five octets");
	header(0x8180, 1, 2, 0, 0);
	question("a", 1);
	record(12, 1, 4);
	put(4, 0);
	broken("a record is missing");
	header(0x8180, 1, 1, 0, 0);
	question("a", 33);
	record(12, 33, 4);
	put(4, 0);
	put(8, 0);
	broken("SRV of four octets");
	header(0x8180, 1, 1, 0, 0);
	question("a", 5);
	record(12, 5, 1);
	put(2, 0xc000 | 12);
	broken("a name beyond its record");
}

/* Pointers in thousands of records cost no more than the message is long. */
static void
test_many_records(void)
{
	header(0x8180, 1, 5000, 0, 0);
	question("a.b.c.d.e.f.g.h", 1);
	for (int i = 0; i < 4000; i++) {
		record(12, 1, 4);
		put(4, 0);
	}
	feed();
	expect("counts that lie", "malformed\n");
	out[6] = 4000 >> 8;
	out[7] = 4000 & 0xff;
	feed();
	check("many records",
	    strstr(posted, "dns-reply a.b.c.d.e.f.g.h 1 rcode 0 answers 4000"));
	posted[0] = '\0';
}

static void
test_tcp(void)
{
	uint8_t stream[600];
	struct framing fr;

	build_srv();
	stream[0] = (uint8_t)(len >> 8);
	stream[1] = (uint8_t)len;
	memcpy(stream + 2, out, len);
	fr = carrier_dns.frame(&tcp, TO_CLIENT, rd_make(stream, 1, 0));
	check("one octet is no length",
	    fr.what == FRAMING_NEED && fr.length == 2);
	fr = carrier_dns.frame(&tcp, TO_CLIENT, rd_make(stream, 2, 0));
	check("frame",
	    fr.what == FRAMING_MESSAGE && fr.length == len + 2 &&
		fr.keep == len + 2);
	check("claims over TCP", feed_exactly(&tcp, stream, len + 2, 0));
	check("posts over TCP", strstr(posted, "dns-reply _kerb") != NULL);
	check("claims a first segment", feed_exactly(&tcp, stream, 40, 0));
	check("claims a length alone", feed_exactly(&tcp, stream, 2, 0));
	check("no length", !feed_exactly(&tcp, (const uint8_t *)"\0\1", 2, 0));
	fr = carrier_dns.frame(&tcp, TO_CLIENT, rd_make("\0\1", 2, 0));
	check("too short a length", fr.what == FRAMING_LOST);
	posted[0] = '\0';
}

static void
test_claims(void)
{
	header(0x0100, 1, 0, 0, 0);
	question("a", 1);
	check("not without a hint",
	    !carrier_dns.claims(&udp, TO_SERVER, rd_make(out, len, 0), false));
	header(0x7900, 1, 0, 0, 0);
	question("a", 1);
	check("no such opcode", !feed());
	header(0x0100, 0, 0, 0, 0);
	check("a question without one", !feed());
	len = 0;
	check("nothing", !feed());
	posted[0] = '\0';
}

/* Cut by the capture it is short, cut by the sender it is broken. */
static void
test_cut(void)
{
	build_srv();
	for (size_t n = 0; n < len; n++) {
		feed_exactly(&udp, out, n, len - n);
		check("cut by the capture",
		    strstr(posted, "malformed") == NULL &&
			(posted[0] == '\0' || strstr(posted, " cut\n")));
		check("half a name", strstr(posted, "fjord.tes ") == NULL);
		posted[0] = '\0';
		feed_exactly(&udp, out, n, 0);
		check("cut by the sender",
		    posted[0] == '\0' || strcmp(posted, "malformed\n") == 0);
		posted[0] = '\0';
	}
}

static void
test_flipped(void)
{
	build_srv();
	for (size_t bit = 0; bit < len * 8; bit++) {
		out[bit / 8] ^= (uint8_t)(1 << bit % 8);
		feed();
		out[bit / 8] ^= (uint8_t)(1 << bit % 8);
		posted[0] = '\0';
	}
}

int
main(void)
{
	d = dissect_new(sink, NULL);
	test_query();
	test_odd_names();
	test_reply();
	test_srv();
	test_other_types();
	test_compression();
	test_many_pointers();
	test_long_names();
	test_broken();
	test_many_records();
	test_tcp();
	test_claims();
	test_cut();
	test_flipped();
	dissect_free(d);
	return failures != 0;
}
