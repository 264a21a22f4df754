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

int
main(void)
{
	if (mkdtemp(dir) == NULL)
		return 2;
	check_capture("pcaps/stale-key-samba.pcap", false);
	check_capture("pcaps/stale-key-samba.pcap", true);
	check_capture("pcaps/spn-wrong-account-samba.pcap", true);
	check_capture("pcaps/several-faults.pcap", false);
	CHECK(rmdir(dir) == 0);
	return failures > 0;
}
