/*
 * evidence.c: the packets of log-ons that failed are there, with what decides
 * as comments, and what is there says the same as the capture they are from.
 */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "dissect.h"
#include "engine.h"
#include "evidence.h"
#include "presenter.h"
#include "source.h"

#define SIZE (UINT64_C(8) << 20)
#define FRAMES_MOST 4096

static char dir[] = "/tmp/kerbscope-evidence-XXXXXX";
static char error[SOURCE_ERROR];

/* The only file in the folder (the last, if there are several). */
static const char *
only_file(unsigned *n)
{
	static char path[512];
	DIR *d = opendir(dir);
	struct dirent *e;

	*n = 0;
	path[0] = '\0';
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		++*n;
		if (strcmp(path + (path[0] == '\0' ? 0 : sizeof(dir)),
			e->d_name) < 0)
			snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
	}
	closedir(d);
	return path;
}

static void
empty(void)
{
	unsigned n;

	for (const char *path = only_file(&n); n > 0; path = only_file(&n))
		unlink(path);
}

/* How often TEXT stands in the file. */
static unsigned
count_text(const char *path, const char *text)
{
	static char all[16 << 20];
	FILE *f = fopen(path, "r");
	size_t len = f == NULL ? 0 : fread(all, 1, sizeof(all), f);
	unsigned n = 0;
	const char *p = all;

	if (f != NULL)
		fclose(f);
	while ((p = memmem(p, (size_t)(all + len - p), text, strlen(text))) !=
	    NULL) {
		n++;
		p++;
	}
	return n;
}

/*
 * Blocks of TYPE in the file, which is whole, times ascending; packets of
 * interfaces that were not described are none.
 */
static unsigned
count_blocks(const char *path, uint32_t type)
{
	FILE *f = fopen(path, "r");
	uint32_t head[5], tail, faces = 0, last = 0;
	unsigned n = 0;

	while (f != NULL && fread(head, 4, 2, f) == 2) {
		CHECK(fread(head + 2, 4, 3, f) == 3);
		fseek(f, (long)head[1] - 24, SEEK_CUR);
		CHECK(fread(&tail, 4, 1, f) == 1 && tail == head[1]);
		if (head[0] == 6)
			CHECK(head[2] < faces && head[4] >= last);
		if (head[0] == 6)
			last = head[4];
		faces += head[0] == 1;
		n += head[0] == type;
	}
	CHECK(f != NULL && feof(f));
	if (f != NULL)
		fclose(f);
	return n;
}

/* --- a run ------------------------------------------------------------ */

struct run {
	struct engine *engine;
	struct dissector *dissector;
	struct evidence_ring *ring;
	uint64_t frames;
};

static void
run_begin(struct run *run)
{
	const struct engine_options opt = { .views = true, .live = true };

	*run = (struct run){ .engine = engine_new(&opt) };
	run->dissector = dissect_new(engine_event, run->engine);
	run->ring = evidence_new(dir, SIZE);
	evidence_interface(run->ring, 0, "eth0");
}

/* Feeds PATH; evidence is written after each second of packet time. */
static void
run_file(struct run *run, const char *path, bool views)
{
	struct source *s = source_open(path, 0, error);
	struct frame f;
	struct event ev;
	int64_t viewed = 0;

	CHECK(s != NULL);
	while (s != NULL && source_next(s, &f, &ev, error) == SOURCE_FRAME) {
		if (run->ring != NULL)
			evidence_frame(run->ring, &f);
		dissect_frame(run->dissector, &f);
		run->frames++;
		if (!views || f.time < viewed + SECOND)
			continue;
		viewed = f.time;
		evidence_view(run->ring, engine_view(run->engine, VIEW_LATEST));
	}
	source_close(s);
}

static const struct result *
run_finish(struct run *run)
{
	const struct result *r;

	dissect_finish(run->dissector);
	r = engine_finish(run->engine);
	if (run->ring != NULL)
		evidence_view(run->ring, r);
	return r;
}

static void
run_free(struct run *run)
{
	evidence_free(run->ring);
	dissect_free(run->dissector);
	engine_free(run->engine);
}

/* --- what is written -------------------------------------------------- */

/*
 * Every frame of the file PATH is one of the capture, octet by octet, and
 * none comes twice; their number.
 */
static size_t
check_frames(const char *path, const char *capture)
{
	struct source *a = source_open(path, 0, error);
	struct source *b = source_open(capture, 0, error);
	static uint8_t seen[FRAMES_MOST];
	struct frame f, g;
	struct event ev;
	size_t n = 0, i;

	memset(seen, 0, sizeof(seen));
	CHECK(a != NULL && b != NULL);
	while (a != NULL && source_next(a, &f, &ev, error) == SOURCE_FRAME) {
		n++;
		source_close(b);
		b = source_open(capture, 0, error);
		for (i = 0; source_next(b, &g, &ev, error) == SOURCE_FRAME; i++)
			if (f.time == g.time && f.caplen == g.caplen &&
			    f.len == g.len && f.link == g.link && !seen[i] &&
			    memcmp(f.data, g.data, f.caplen) == 0)
				break;
		CHECK(i < FRAMES_MOST && i < g.number);
		seen[i % FRAMES_MOST] = 1;
	}
	source_close(a);
	source_close(b);
	return n;
}

/* The causes of R that break or degrade, as text. */
static void
causes_text(const struct result *r, char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < r->ncause; i++)
		if (r->causes[i].impact >= IMPACT_DEGRADES)
			n += (size_t)snprintf(buf + n, size - n, "%s %s; ",
			    certainty_names[r->causes[i].f.certainty],
			    r->causes[i].f.rule->id);
}

/*
 * The evidence of CAPTURE, read again, has the same causes; each frame that
 * they cite has a comment.
 */
static void
check_capture(const char *capture, bool views)
{
	char want[512], got[512], says[256];
	const struct result *r;
	const char *path;
	struct run run;
	size_t frames;
	unsigned n;

	run_begin(&run);
	run_file(&run, capture, views);
	r = run_finish(&run);
	causes_text(r, want, sizeof(want));
	path = only_file(&n);
	CHECK(n == 1);
	frames = check_frames(path, capture);
	CHECK(frames > 4 && frames < run.frames);
	CHECK(count_text(path, "eth0") == 1);
	for (size_t i = 0; i < r->ncause; i++) {
		const struct cause *c = &r->causes[i];

		snprintf(says, sizeof(says), "kerbscope: %s (%s) %s: %s",
		    impact_names[c->impact], certainty_names[c->f.certainty],
		    c->f.rule->id, c->f.evidence[0].says);
		if (c->impact >= IMPACT_DEGRADES)
			CHECK(count_text(path, says) >= 1);
	}
	evidence_view(run.ring, r);
	CHECK(check_frames(path, capture) == frames);
	CHECK(evidence_lost(run.ring) == 0);
	run_free(&run);

	run = (struct run){ .engine = engine_new(
				&(struct engine_options){ 0 }) };
	run.dissector = dissect_new(engine_event, run.engine);
	run_file(&run, path, false);
	causes_text(run_finish(&run), got, sizeof(got));
	CHECK(want[0] != '\0');
	if (strcmp(want, got) != 0) {
		printf("%s: wanted %s\nbut got %s\n", capture, want, got);
		failures++;
	}
	run_free(&run);
	empty();
}

/* --- results made by hand --------------------------------------------- */

static struct addr client = { 4, { 10, 0, 0, 1 } };
static struct addr server = { 4, { 10, 0, 0, 2 } };

static uint64_t last_number; /* of all frames */

/* Without what is said on stderr. */
static void
quietly(void (*what)(struct evidence_ring *), struct evidence_ring *r)
{
	int keep = dup(2);

	fflush(stderr);
	if (freopen("/dev/null", "w", stderr) == NULL)
		abort();
	what(r);
	fflush(stderr);
	dup2(keep, 2);
	close(keep);
}

/* A frame between the two, in either direction, at TIME. */
static void
add_frame(struct evidence_ring *ring, int64_t time, int capture, int port,
    bool back, size_t payload)
{
	static uint8_t octets[65536];
	struct frame f = {
		.capture = capture,
		.number = ++last_number,
		.time = time,
		.link = capture == 0 ? 101 : 228,
		.caplen = (uint32_t)(40 + payload),
		.len = (uint32_t)(40 + payload),
		.data = octets,
	};

	memset(octets, 0, 40);
	octets[0] = 0x45;
	octets[2] = (uint8_t)((40 + payload) >> 8);
	octets[3] = (uint8_t)(40 + payload);
	octets[9] = 6;
	memcpy(octets + 12, back ? server.b : client.b, 4);
	memcpy(octets + 16, back ? client.b : server.b, 4);
	octets[20] = back ? (uint8_t)(port >> 8) : 100;
	octets[21] = back ? (uint8_t)port : 1;
	octets[22] = back ? 100 : (uint8_t)(port >> 8);
	octets[23] = back ? 1 : (uint8_t)port;
	octets[32] = 0x50;
	evidence_frame(ring, &f);
}

#define STORIES 3

/* Log-ons, one a second, that came to nothing at port 445. */
static struct story stories[STORIES];
static const struct story *kept[STORIES];
static const uint64_t *findings_of[STORIES];
static size_t nfindings_of[STORIES];
static const uint64_t first_two[] = { 0, 1 };
static struct cause causes[2];
static const struct rule rule = { .id = "spn-\x1b[2Jmissing" };
static struct result result;

static void
make_result(void)
{
	for (size_t i = 0; i < STORIES; i++) {
		int64_t start = (int64_t)(100 + 10 * i) * SECOND;

		stories[i] = (struct story){
			.id = i + 1,
			.outcome = OUTCOME_BROKEN,
			.start = start,
			.end = start + SECOND,
			.client = client,
			.server = server,
			.server_port = 445,
			.principal = "an\xffna",
		};
		kept[i] = &stories[i];
		findings_of[i] = first_two;
		nfindings_of[i] = 0;
	}
	for (size_t i = 0; i < 2; i++) {
		causes[i] = (struct cause){ .cause = true,
			.key = i + 1,
			.impact = IMPACT_BREAKS };
		causes[i].f.rule = &rule;
		causes[i].f.certainty = CERTAINTY_PROVEN;
	}
	result = (struct result){
		.kept = kept,
		.nkept = STORIES,
		.findings_of = findings_of,
		.nfindings_of = nfindings_of,
		.causes = causes,
		.ncauses = 2,
		.ncause = 2,
		.now = 200 * SECOND,
	};
}

static void
view(struct evidence_ring *r)
{
	evidence_view(r, &result);
}

/* One of the client's frames cited by cause I, as SAYS. */
static void
cite(size_t i, uint64_t frame, const char *says)
{
	struct finding *f = &causes[i].f;

	f->evidence[f->nevidence++] = (struct evidence){ { 0, frame, 0 }, NULL,
		says };
}

/* How many frames there are on all interfaces. */
static size_t
count_frames(const char *path)
{
	struct source *s = source_open(path, 0, error);
	struct frame f;
	struct event ev;
	size_t n = 0;

	while (s != NULL && source_next(s, &f, &ev, error) == SOURCE_FRAME)
		n++;
	source_close(s);
	return n;
}

/* A frame each second of the three log-ons, and what is not theirs. */
static struct evidence_ring *
make_ring(void)
{
	struct evidence_ring *r = evidence_new(dir, SIZE);

	for (int i = 0; i < 30; i++)
		add_frame(r, (95 + i) * SECOND + 7, 0, 445, i & 1, 100);
	for (int i = 0; i < 30; i++)
		add_frame(r, (95 + i) * SECOND + 7, 0, 80, i & 1, 100);
	return r;
}

/* A log-on that is not over waits, and one that went well is not written. */
static void
test_when(void)
{
	struct evidence_ring *r = make_ring();
	const char *path;
	unsigned n;

	make_result();
	stories[1].outcome = OUTCOME_OK;
	result.nopen = 3;
	evidence_view(r, &result);
	only_file(&n);
	CHECK(n == 0);
	result.nopen = 1;
	evidence_view(r, &result);
	path = only_file(&n);
	CHECK(n == 1 && count_frames(path) == 3); /* at 99, 100, 101 */
	CHECK(count_text(path,
		  "log-on 1 of an\\xffna (10.0.0.1) to a service: "
		  "broken") == 1);
	result.nopen = 0;
	evidence_view(r, &result);
	CHECK(count_frames(path) == 6);
	stories[1].outcome = OUTCOME_DEGRADED;
	evidence_view(r, &result);
	evidence_view(r, &result);
	CHECK(count_frames(path) == 9 && evidence_lost(r) == 0);
	evidence_free(r);
	empty();
}

/*
 * A cause that comes later adds what it cites; what it cites and the file has
 * comes again with the comment, once.
 */
static void
test_later(void)
{
	struct evidence_ring *r = make_ring();
	uint64_t first = 0;
	const char *path;
	unsigned n;

	/* The number of the frame at 95 s: frames of a run are numbered on. */
	add_frame(r, 300 * SECOND, 0, 445, false, 0);
	make_result();
	result.nkept = 1;
	evidence_view(r, &result);
	path = only_file(&n);
	CHECK(count_frames(path) == 3);
	first = last_number - 60;
	cite(0, first + 5, "the answer\n\x1b]0;x\x07");
	cite(0, first + 20, "later");
	nfindings_of[0] = 1;
	evidence_view(r, &result);
	evidence_view(r, &result);
	CHECK(count_text(path,
		  "kerbscope: breaks (proven) spn-\\x1b[2Jmissing"
		  ": the answer\\x0a\\x1b]0;x\\x07") == 1);
	CHECK(count_text(path, "missing: later") == 1);
	CHECK(count_text(path, "\x1b") == 0);
	/* The cited one, and what led to the one of another time. */
	CHECK(count_frames(path) == 3 + 1 + 2);
	cite(1, first + 5, "twice");
	nfindings_of[0] = 2;
	evidence_view(r, &result);
	CHECK(count_text(path, "twice") == 1 && count_frames(path) == 7);
	evidence_free(r);
	empty();
}

/* Frames that are gone are no frames; that is counted. */
static void
test_lost(void)
{
	struct evidence_ring *r = evidence_new(dir, SIZE);
	unsigned n;

	make_result();
	evidence_view(r, &result);
	evidence_view(r, &result);
	only_file(&n);
	CHECK(n == 0 && evidence_lost(r) == STORIES);
	quietly(evidence_free, r);
}

/* A log-on with more frames than one may have is cut, and counted. */
static void
test_large(void)
{
	struct evidence_ring *r = evidence_new(dir, SIZE);
	const char *path;
	unsigned n;

	make_result();
	result.nkept = 1;
	for (int i = 0; i < 40; i++)
		add_frame(r, (70 + i) * SECOND, 0, 445, i & 1, 60000);
	stories[0].start = 0;
	evidence_view(r, &result);
	path = only_file(&n);
	CHECK(n == 1 && count_frames(path) > 10);
	CHECK(evidence_lost(r) == 1);
	quietly(evidence_free, r);
	empty();
}

/* Interfaces of two link types, a clock that goes back, fragments. */
static void
test_faces(void)
{
	struct evidence_ring *r = evidence_new(dir, SIZE);
	const char *path;
	unsigned n;

	evidence_interface(r, 0, "eth\x1b[7m0");
	evidence_interface(r, 1, "any");
	evidence_interface(r, 1000000, "none");
	evidence_interface(r, -1, "none");
	make_result();
	result.nkept = 1;
	for (int i = 9; i >= 0; i--)
		add_frame(r, 100 * SECOND + i, i % 3, 445, false, 10);
	evidence_view(r, &result);
	path = only_file(&n);
	CHECK(count_text(path, "eth\\x1b[7m0") == 1);
	CHECK(count_text(path, "any") == 1);
	CHECK(count_blocks(path, 1) == 3);
	CHECK(count_blocks(path, 6) == 10);
	evidence_free(r);
	empty();
}

/* A disk that is full: nothing is lost while the ring has it. */
static void
test_full(void)
{
	struct rlimit limit = { 600, RLIM_INFINITY };
	struct evidence_ring *r = make_ring();
	const char *path;
	unsigned n;

	make_result();
	setrlimit(RLIMIT_FSIZE, &limit);
	quietly(view, r);
	quietly(view, r);
	only_file(&n);
	CHECK(n == 0);
	limit.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &limit);
	quietly(view, r);
	path = only_file(&n);
	CHECK(n == 1 && count_frames(path) >= 2);
	evidence_view(r, &result);
	CHECK(count_frames(path) == 9 && evidence_lost(r) == 0);
	evidence_free(r);
	empty();
}

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 2;
	check_capture("pcaps/stale-key-samba.pcap", false);
	check_capture("pcaps/stale-key-samba.pcap", true);
	check_capture("pcaps/spn-wrong-account-samba.pcap", true);
	check_capture("pcaps/several-faults.pcap", false);
	signal(SIGXFSZ, SIG_IGN);
	test_when();
	test_later();
	test_lost();
	test_large();
	test_faces();
	test_full();
	CHECK(rmdir(dir) == 0);
	return failures > 0;
}
