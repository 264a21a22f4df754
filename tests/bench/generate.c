/*
 * generate.c - writes large captures for tests/bench/bench: the same one for
 * the same arguments.
 *
 * pcap: draft-ietf-opsawg-pcap.
 *
 * usage: generate KIND SIZE OUT RECORDED... [-- FAULTY...]
 *
 *   bulk   SIZE octets of ordinary traffic, every hundredth packet belongs
 *          to a log-on
 *   dense  SIZE packets of log-ons and nothing else
 *   crowd  SIZE log-ons, each of a client of its own
 *   flood  SIZE flows that never finish, and no log-on
 *   day    about SIZE packets of log-ons of the same people, over 24 hours; a
 *          line an hour on standard error
 *
 * SIZE may end in k, M or G (thousands); OUT may be - for standard output.
 * RECORDED are captures in which everything is well; each log-on is one of
 * them, told by other clients, and each fiftieth is one of FAULTY.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define START INT64_C(1790000000000000)
#define TELLINGS 64 /* at the same time */
#define BUFFER (1 << 20)
#define DAY INT64_C(86400000000)
#define PEOPLE 499 /* who work in the house; a prime: each does all */

/* Time from one to the next, in microseconds. */
#define STEP_ORDINARY 80 /* packets: 100 Mbit/s */
#define STEP_LOGON 5000
#define STEP_FLOOD 100

struct generator {
	struct output out;
	struct tellings tellings;
	int64_t next;    /* time of the next log-on */
	uint64_t logons; /* packets of log-ons */
};

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

/* --- log-ons ---------------------------------------------------------- */

static void
logon_begin(struct generator *g, int64_t start)
{
	tellings_begin(&g->tellings, start);
}

static void
logon_frame(struct generator *g)
{
	g->logons++;
	tellings_frame(&g->tellings, &g->out);
}

static void
logons_finish(struct generator *g)
{
	while (tellings_time(&g->tellings) != INT64_MAX)
		logon_frame(g);
}

/* --- kinds ------------------------------------------------------------ */

/* Until there are PACKETS, or LOGONS were begun. */
static void
make_logons(struct generator *g, uint64_t packets, uint64_t logons)
{
	struct tellings *t = &g->tellings;

	g->next = START;
	while (g->out.packets < packets && t->told < logons) {
		if (t->n < TELLINGS && g->next <= tellings_time(t)) {
			logon_begin(g, g->next);
			g->next += STEP_LOGON;
		} else {
			logon_frame(g);
		}
	}
	logons_finish(g);
}

/* About SIZE packets of log-ons that begin at any time of a day. */
static void
make_day(struct generator *g, uint64_t size)
{
	double mean = tellings_mean(&g->tellings);
	int64_t step = (int64_t)((double)DAY * mean / (double)size);
	int64_t hour = START + DAY / 24;
	uint64_t random = 1;

	g->tellings.people = PEOPLE;
	g->next = START;
	while (g->next < START + DAY) {
		for (; g->out.time >= hour; hour += DAY / 24)
			fprintf(stderr, "hour %d\n",
			    (int)((hour - START) / (DAY / 24)));
		while (tellings_time(&g->tellings) <= g->next)
			logon_frame(g);
		logon_begin(g, g->next);
		g->next += 1 +
		    (int64_t)(random_next(&random) % (uint64_t)(2 * step));
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
	struct tellings *t = &g->tellings;
	int64_t now = START;

	while (g->out.octets < size) {
		now += STEP_ORDINARY;
		if (t->n == 0 && g->logons * 100 < g->out.packets)
			logon_begin(g, now);
		if (tellings_time(t) <= now) {
			logon_frame(g);
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
	{ "day", make_day },
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

	o->f = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
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

	if (argc < 5)
		die("usage: generate KIND SIZE OUT RECORDED... [-- FAULTY...]");
	while (kind->name != NULL && strcmp(kind->name, argv[1]) != 0)
		kind++;
	if (kind->name == NULL)
		die("%s: is no kind", argv[1]);
	tellings_read(&g.tellings, argv + 4);
	output_open(&g.out, argv[3]);
	kind->make(&g, read_size(argv[2]));
	if (fclose(g.out.f) != 0)
		die("%s: %s", argv[3], strerror(errno));
	fprintf(strcmp(argv[3], "-") == 0 ? stderr : stdout,
	    "%llu packets %llu octets %llu log-ons\n",
	    (unsigned long long)g.out.packets, (unsigned long long)g.out.octets,
	    (unsigned long long)g.tellings.told);
	return 0;
}
