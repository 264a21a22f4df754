/*
 * merge.c - several inputs as one stream: order, numbers, packets that two
 * captures share; and what is no input at all.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dissect.h"
#include "event-json.h"
#include "merge.h"
#include "source.h"

#define EVENTS_MAX 32

static int failed;
static char dir[] = "/tmp/kerbscope-merge-XXXXXX";
static char paths[8][64];
static unsigned npaths;

/* What the sink was given, without texts. */
static struct event got[EVENTS_MAX];
static unsigned ngot;

static void
check(bool ok, const char *what)
{
	if (ok)
		return;
	printf("%s\n", what);
	failed = 1;
}

static void
take(void *arg, const struct event *ev)
{
	(void)arg;
	if (ngot < EVENTS_MAX)
		got[ngot++] = *ev;
}

static FILE *
create(const char **path)
{
	FILE *f;

	snprintf(paths[npaths], sizeof(paths[0]), "%s/%u", dir, npaths);
	*path = paths[npaths++];
	f = fopen(*path, "w");
	if (f == NULL) {
		perror(*path);
		exit(1);
	}
	return f;
}

static void
le32(FILE *f, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		putc((int)(v >> 8 * i & 0xff), f);
}

static FILE *
create_pcap(const char **path, uint32_t link)
{
	FILE *f = create(path);

	le32(f, 0xa1b2c3d4);
	le32(f, 0x00040002);
	le32(f, 0);
	le32(f, 0);
	le32(f, 65535);
	le32(f, link);
	return f;
}

/* A datagram to a port of no carrier; TTL, CHECKSUM and PAD may differ. */
static void
packet(FILE *f, uint32_t sec, uint32_t usec, int ttl, int checksum, int data,
    uint32_t pad)
{
	uint8_t p[60] = { [12] = 0x08,
		[14] = 0x45,
		[17] = 30,
		[18] = 1,
		[22] = (uint8_t)ttl,
		[23] = 17,
		[24] = (uint8_t)checksum,
		[26] = 10,
		[29] = 1,
		[30] = 10,
		[33] = 2,
		[34] = 0x10,
		[37] = 9,
		[39] = 10,
		[40] = (uint8_t)checksum,
		[42] = (uint8_t)data };

	le32(f, sec);
	le32(f, usec);
	le32(f, 44 + pad);
	le32(f, 44 + pad);
	fwrite(p, 1, 44 + pad, f);
}

static bool
run(const char *const *inputs, size_t n)
{
	struct dissector *d = dissect_new(take, NULL);
	struct merge *m = merge_new(n, take, NULL);
	bool ok;

	ngot = 0;
	for (size_t i = 0; i < n; i++)
		check(merge_add(m, inputs[i]), "an input is refused");
	merge_read(m, d);
	dissect_finish(d);
	ok = merge_finish(m, d);
	merge_free(m);
	dissect_free(d);
	return ok;
}

static const struct ev_capture_end *
end_of(int capture)
{
	static const struct ev_capture_end none;

	for (unsigned i = 0; i < ngot; i++)
		if (got[i].kind == EV_capture_end &&
		    got[i].ref.capture == capture)
			return &got[i].u.capture_end;
	return &none;
}

/*
 * The second capture stands behind a router: the first packet is its twin,
 * the second is another one, the third is too late to be one, and the fourth
 * is sent once more in the first capture only.
 */
static void
twins(void)
{
	const char *in[2];
	FILE *f = create_pcap(&in[0], 1);

	packet(f, 100, 0, 64, 1, 1, 0);
	packet(f, 101, 0, 64, 1, 2, 0);
	packet(f, 102, 0, 64, 1, 3, 0);
	packet(f, 110, 0, 64, 1, 4, 0);
	packet(f, 110, 100, 64, 1, 4, 0);
	fclose(f);
	f = create_pcap(&in[1], 1);
	packet(f, 100, 900000, 63, 7, 1, 16);
	packet(f, 101, 1000, 63, 7, 9, 16);
	packet(f, 103, 1, 63, 7, 3, 16);
	packet(f, 110, 200, 63, 7, 4, 0);
	fclose(f);
	check(run(in, 2), "a link type is not read");
	check(end_of(0)->packets == 5 && end_of(0)->bytes == 5 * 44 &&
		end_of(0)->first == INT64_C(100000000) &&
		end_of(0)->last == INT64_C(110000100),
	    "counts of the first capture");
	check(end_of(1)->packets == 4 && end_of(1)->duplicates == 2,
	    "packets seen twice");
	check(run(in, 1) && end_of(0)->duplicates == 0,
	    "a single capture has twins");
}

/* All packets of one capture are twins: not a link type unread. */
static void
all_twins(void)
{
	const char *in[2];
	FILE *f = create_pcap(&in[0], 1);

	packet(f, 100, 0, 64, 1, 1, 0);
	fclose(f);
	in[1] = in[0];
	check(run(in, 2), "twins make a link type unread");
	check(end_of(1)->duplicates == 1, "the same file twice");
}

static void
unread_link(void)
{
	const char *in;
	FILE *f = create_pcap(&in, 147);

	packet(f, 100, 0, 64, 1, 1, 0);
	fclose(f);
	check(!run(&in, 1), "link type 147 is read");
	check(end_of(0)->unread_link_types == 1, "unread_link_types");
}

static void
event_line(FILE *f, enum event_kind kind, int capture, int64_t time,
    uint64_t flow)
{
	struct event ev;

	event_init(&ev, kind);
	ev.ref.capture = capture;
	ev.ref.time = time;
	ev.flow = flow;
	event_json_write(f, &ev);
}

/*
 * Two event files of two captures each, and a capture between: every
 * capture has its own number, in the order of the command line; flows do not
 * meet; the events are in the order of time.
 */
static void
event_files(void)
{
	const char *in[3];
	const int64_t second = 1000000;
	int64_t last = 0;
	FILE *f = create(&in[0]);

	event_line(f, EV_capture, 0, 0, 0);
	event_line(f, EV_capture, 1, 0, 0);
	event_line(f, EV_ap_rep, 1, 5 * second, 7);
	event_line(f, EV_ap_rep, 0, 9 * second, 7);
	fputs("this is no event\n\n{\"event\":\"of-tomorrow\"}\n", f);
	event_line(f, EV_capture_end, 0, 9 * second, 0);
	fclose(f);
	f = create_pcap(&in[1], 1);
	packet(f, 6, 0, 64, 1, 1, 0);
	fclose(f);
	f = create(&in[2]);
	event_line(f, EV_capture, 0, 0, 0);
	event_line(f, EV_ap_rep, 0, 7 * second, 7);
	event_line(f, EV_ap_rep, 3, 8 * second, 8);
	fclose(f);
	check(run(in, 3), "event files: a link type is not read");
	for (unsigned i = 0, want = 0; i < ngot; i++) {
		static const int captures[] = { 1, 3, 4, 0 };

		if (got[i].kind != EV_ap_rep)
			continue;
		check(got[i].ref.time > last, "not in the order of time");
		last = got[i].ref.time;
		check(want < 4 && got[i].ref.capture == captures[want++],
		    "number of a capture");
		for (unsigned k = 0; k < i; k++)
			check(got[k].flow == 0 || got[k].flow != got[i].flow ||
				got[k].ref.capture / 2 ==
				    got[i].ref.capture / 2,
			    "two flows with one number");
	}
	check(last == 9 * second, "events are missing");
	check(end_of(2)->packets == 1, "the capture between");
	check(run(in, 1) && got[2].flow == 7 && got[2].ref.capture == 1,
	    "a single event file is renumbered");
}

static void
refused(const char *what, const void *bytes, size_t len, const char *word)
{
	char error[SOURCE_ERROR] = "";
	const char *path;
	FILE *f = create(&path);
	struct source *s;

	fwrite(bytes, 1, len, f);
	fclose(f);
	s = source_open(path, 0, error);
	check(s == NULL, what);
	if (strstr(error, word) == NULL) {
		printf("%s: %s\n", what, error);
		failed = 1;
	}
	source_close(s);
	unlink(path);
	npaths--;
}

static void
no_captures(void)
{
	char error[SOURCE_ERROR] = "", etl[128] = { 0 };

	refused("nothing", "", 0, "empty");
	refused("text", "Dear reader,\n", 13, "not a capture");
	refused("other JSON", "{\"schema\":1}\n", 13, "not a capture");
	refused("NetMon", "GMBU\0\2\0\0", 8, "Network Monitor");
	refused("NetMon 1", "RTSS\0\2\0\0", 8, "Network Monitor");
	refused("Sniffer", "XCP\0\0\0\0\0", 8, "Sniffer");
	refused("Sniffer DOS", "TRSNIFF data    \x1a", 17, "Sniffer");
	refused("snoop", "snoop\0\0\0\0\0\0\2", 12, "snoop");
	memcpy(etl + 0x48, "\2\0\2\xc0", 4);
	refused("ETL", etl, sizeof(etl), "ETL");
	refused("ZIP", "PK\3\4", 4, "ZIP");
	check(source_open(dir, 0, error) == NULL &&
		strstr(error, "directory") != NULL,
	    "a folder");
	check(source_open("/nowhere/at/all", 0, error) == NULL &&
		strstr(error, "No such file") != NULL,
	    "a missing file");
}

int
main(void)
{
	if (mkdtemp(dir) == NULL) {
		perror(dir);
		return 1;
	}
	twins();
	all_twins();
	unread_link();
	event_files();
	no_captures();
	while (npaths > 0)
		unlink(paths[--npaths]);
	rmdir(dir);
	return failed;
}
