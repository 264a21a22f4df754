/*
 * generate.c - writes large captures for tests/bench/bench: the same one for
 * the same arguments.
 *
 * pcap: draft-ietf-opsawg-pcap; IPv4: RFC 791; TCP: RFC 9293; UDP: RFC 768.
 *
 * usage: generate KIND SIZE OUT RECORDED...
 *
 *   bulk   SIZE octets of ordinary traffic, every hundredth packet belongs
 *          to a log-on
 *   dense  SIZE packets of log-ons and nothing else
 *   crowd  SIZE log-ons, each of a client of its own
 *   flood  SIZE flows that never finish, and no log-on
 *
 * SIZE may end in k, M or G (thousands).  RECORDED are captures in which
 * everything is well; each log-on is one of them, told by other clients.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define ETHERNET 14
#define IPV4 20
#define START INT64_C(1790000000000000)
#define TELLINGS 64 /* at the same time */
#define BUFFER (1 << 20)
#define RECORDED_MAX 32

/* Time from one to the next, in microseconds. */
#define STEP_ORDINARY 80 /* packets: 100 Mbit/s */
#define STEP_LOGON 5000
#define STEP_FLOOD 100

struct generator {
	struct output out;
	const struct recorded *recorded[RECORDED_MAX];
	size_t nrecorded;
	struct telling at[TELLINGS];
	size_t ntelling;
	uint64_t told;   /* log-ons begun */
	int64_t next;    /* time of the next */
	uint64_t logons; /* packets of log-ons */
};

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("generate: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void *
must_have(void *p)
{
	if (p == NULL)
		die("out of memory");
	return p;
}

/* splitmix64, which is nobody's secret: public domain, S. Vigna. */
uint64_t
random_next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* --- frames ----------------------------------------------------------- */

void
output_frame(struct output *o, const uint8_t *frame, size_t len)
{
	uint32_t head[4] = { (uint32_t)(o->time / 1000000),
		(uint32_t)(o->time % 1000000), (uint32_t)len, (uint32_t)len };

	if (fwrite(head, sizeof(head), 1, o->f) != 1 ||
	    fwrite(frame, len, 1, o->f) != 1)
		die("cannot write: %s", strerror(errno));
	o->packets++;
	o->octets += sizeof(head) + len;
}

uint8_t *
frame_ip(uint8_t *frame, uint8_t proto, uint32_t src, uint32_t dst, unsigned id,
    size_t len)
{
	static const uint8_t ether[ETHERNET] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0,
		0, 2, 8, 0 };
	uint8_t *ip = frame + ETHERNET;

	memcpy(frame, ether, ETHERNET);
	memset(ip, 0, IPV4);
	ip[0] = 0x45;
	put16(ip + 2, (unsigned)(IPV4 + len));
	put16(ip + 4, id);
	ip[8] = 64;
	ip[9] = proto;
	put32(ip + 12, src);
	put32(ip + 16, dst);
	return ip + IPV4;
}

void
frame_tcp(struct output *o, const struct ends *e, int from, uint32_t seq,
    uint32_t ack, uint8_t flags, const void *data, size_t len)
{
	uint8_t frame[FRAME_MAX];
	uint8_t *p = frame_ip(frame, 6, e->addr[from], e->addr[!from],
	    (unsigned)(o->packets & 0xffff), 20 + len);

	memset(p, 0, 20);
	put16(p, e->port[from]);
	put16(p + 2, e->port[!from]);
	put32(p + 4, seq);
	put32(p + 8, ack);
	p[12] = 0x50;
	p[13] = flags;
	put16(p + 14, 64240);
	if (len > 0)
		memcpy(p + 20, data, len);
	output_frame(o, frame, (size_t)(p - frame) + 20 + len);
}

void
frame_udp(struct output *o, const struct ends *e, int from, const void *data,
    size_t len)
{
	uint8_t frame[FRAME_MAX];
	uint8_t *p = frame_ip(frame, 17, e->addr[from], e->addr[!from],
	    (unsigned)(o->packets & 0xffff), 8 + len);

	put16(p, e->port[from]);
	put16(p + 2, e->port[!from]);
	put16(p + 4, (unsigned)(8 + len));
	put16(p + 6, 0);
	memcpy(p + 8, data, len);
	output_frame(o, frame, (size_t)(p - frame) + 8 + len);
}

/* --- log-ons ---------------------------------------------------------- */

static void
logon_begin(struct generator *g, int64_t start)
{
	const struct recorded *r = g->recorded[g->told % g->nrecorded];

	telling_begin(&g->at[g->ntelling++], r, g->told++, start);
}

/* The one whose next frame is the earliest; NULL when none goes on. */
static struct telling *
logon_first(struct generator *g)
{
	struct telling *first = NULL;

	for (size_t i = 0; i < g->ntelling; i++)
		if (first == NULL || g->at[i].next < first->next)
			first = &g->at[i];
	return first;
}

static void
logon_frame(struct generator *g, struct telling *t)
{
	g->logons++;
	if (!telling_next(t, &g->out))
		*t = g->at[--g->ntelling];
}

static void
logons_finish(struct generator *g)
{
	struct telling *t;

	while ((t = logon_first(g)) != NULL)
		logon_frame(g, t);
}

/* --- kinds ------------------------------------------------------------ */

/* Until there are PACKETS, or LOGONS were begun. */
static void
make_logons(struct generator *g, uint64_t packets, uint64_t logons)
{
	struct telling *t;

	g->next = START;
	while (g->out.packets < packets && g->told < logons) {
		t = logon_first(g);
		if (g->ntelling < TELLINGS &&
		    (t == NULL || g->next <= t->next)) {
			logon_begin(g, g->next);
			g->next += STEP_LOGON;
		} else {
			logon_frame(g, t);
		}
	}
	logons_finish(g);
}

static void
make_dense(struct generator *g, uint64_t size)
{
	make_logons(g, size, UINT64_MAX);
}

static void
make_crowd(struct generator *g, uint64_t size)
{
	make_logons(g, UINT64_MAX, size);
}

static void
make_bulk(struct generator *g, uint64_t size)
{
	struct ordinary *o = ordinary_new(1);
	struct telling *t;
	int64_t now = START;

	while (g->out.octets < size) {
		now += STEP_ORDINARY;
		if (g->ntelling == 0 && g->logons * 100 < g->out.packets)
			logon_begin(g, now);
		t = logon_first(g);
		if (t != NULL && t->next <= now) {
			logon_frame(g, t);
		} else {
			g->out.time = now;
			ordinary_next(o, &g->out);
		}
	}
	logons_finish(g);
	free(o);
}

static void
make_flood(struct generator *g, uint64_t size)
{
	uint64_t random = 1;

	for (uint64_t i = 0; i < size; i++) {
		g->out.time = START + (int64_t)i * STEP_FLOOD;
		flood_next(i, &random, &g->out);
	}
}

static const struct kind {
	const char *name;
	void (*make)(struct generator *, uint64_t);
} kinds[] = {
	{ "bulk", make_bulk },
	{ "dense", make_dense },
	{ "crowd", make_crowd },
	{ "flood", make_flood },
	{ NULL, NULL },
};

/* --- the program ------------------------------------------------------ */

static uint64_t
read_size(const char *text)
{
	char *end;
	uint64_t size = strtoull(text, &end, 10);

	if (*end == 'k')
		size *= 1000, end++;
	else if (*end == 'M')
		size *= 1000000, end++;
	else if (*end == 'G')
		size *= 1000000000, end++;
	if (size == 0 || *end != '\0')
		die("%s: is no size", text);
	return size;
}

static void
output_open(struct output *o, const char *path)
{
	const uint32_t head[] = { 0xa1b2c3d4, 0x00040002, 0, 0, 262144, 1 };

	o->f = fopen(path, "w");
	if (o->f == NULL)
		die("%s: %s", path, strerror(errno));
	setvbuf(o->f, NULL, _IOFBF, BUFFER);
	if (fwrite(head, sizeof(head), 1, o->f) != 1)
		die("%s: %s", path, strerror(errno));
	o->octets = sizeof(head);
}

int
main(int argc, char **argv)
{
	static struct generator g;
	const struct kind *kind = kinds;

	if (argc < 5 || argc - 4 > RECORDED_MAX)
		die("usage: generate KIND SIZE OUT RECORDED...");
	while (kind->name != NULL && strcmp(kind->name, argv[1]) != 0)
		kind++;
	if (kind->name == NULL)
		die("%s: is no kind", argv[1]);
	for (int i = 4; i < argc; i++)
		g.recorded[g.nrecorded++] = recorded_read(argv[i]);
	output_open(&g.out, argv[3]);
	kind->make(&g, read_size(argv[2]));
	if (fclose(g.out.f) != 0)
		die("%s: %s", argv[3], strerror(errno));
	printf("%llu packets %llu octets %llu log-ons\n",
	    (unsigned long long)g.out.packets, (unsigned long long)g.out.octets,
	    (unsigned long long)g.told);
	return 0;
}
