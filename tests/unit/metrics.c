/*
 * metrics: the text is read back line by line as OpenMetrics 1.0.0 has it;
 * counters never go back; and whoever asks, in whatever way, is no trouble.
 */
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bounds.h"
#include "check.h"
#include "config.h"
#include "metrics-text.h"
#include "metrics.h"
#include "rule.h"

/* --- the grammar ------------------------------------------------------ */

#define NAME "[a-zA-Z_][a-zA-Z0-9_]*"
#define LABEL NAME "=\"([^\"\\]|\\\\[\\n\"])*\""
#define NUMBER "(-?[0-9]+(\\.[0-9]+)?|\\+Inf)"

static regex_t sample_form, meta_form;

#define SAMPLES 4096

struct parsed {
	char family[80], type[16], unit[16];
	char seen[64][80]; /* families that are over */
	size_t nseen;
	char *series[SAMPLES]; /* name and labels */
	double values[SAMPLES];
	size_t n;
	bool eof;
};

static bool
ends(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* "# TYPE name counter": TYPE, UNIT and HELP in this order, once. */
static bool
parse_meta(struct parsed *p, const char *line)
{
	char word[8], name[80], rest[16] = "";

	if (regexec(&meta_form, line, 0, NULL, 0) != 0 ||
	    sscanf(line, "# %7s %79s %15s", word, name, rest) < 3)
		return false;
	if (strcmp(word, "TYPE") == 0) {
		for (size_t i = 0; i < p->nseen; i++)
			if (strcmp(p->seen[i], name) == 0)
				return false;
		strcpy(p->seen[p->nseen++], name);
		strcpy(p->family, name);
		strcpy(p->type, rest);
		p->unit[0] = '\0';
		return strncmp(name, "kerbscope_", 10) == 0 &&
		    !ends(name, "_total");
	}
	if (strcmp(p->family, name) != 0)
		return false;
	if (strcmp(word, "UNIT") == 0) {
		strcpy(p->unit, rest);
		return ends(name, rest) &&
		    name[strlen(name) - strlen(rest) - 1] == '_';
	}
	return true;
}

static bool
suffix_fits(const struct parsed *p, const char *name)
{
	size_t n = strlen(p->family);
	const char *suffix = name + n;

	if (strncmp(name, p->family, n) != 0)
		return false;
	if (strcmp(p->type, "counter") == 0)
		return strcmp(suffix, "_total") == 0;
	if (strcmp(p->type, "histogram") == 0)
		return strcmp(suffix, "_bucket") == 0 ||
		    strcmp(suffix, "_count") == 0 ||
		    strcmp(suffix, "_sum") == 0;
	return strcmp(p->type, "gauge") == 0 && *suffix == '\0';
}

static bool
parse_sample(struct parsed *p, char *line)
{
	char *value = strrchr(line, ' '), name[128];

	if (regexec(&sample_form, line, 0, NULL, 0) != 0 || p->n == SAMPLES)
		return false;
	*value++ = '\0';
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, "{ "), line);
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->series[i], line) == 0)
			return false;
	p->series[p->n] = line;
	p->values[p->n++] = strtod(value, NULL);
	return suffix_fits(p, name);
}

/* Reads TEXT, which it cuts into lines. */
static void
parse(struct parsed *p, char *text)
{
	char *line, *rest = text;

	memset(p, 0, sizeof(*p));
	CHECK(ends(text, "# EOF\n"));
	while ((line = strsep(&rest, "\n")) != NULL && rest != NULL) {
		bool ok = !p->eof;

		if (strcmp(line, "# EOF") == 0)
			p->eof = true;
		else if (*line == '#')
			ok &= parse_meta(p, line);
		else
			ok &= parse_sample(p, line);
		if (ok)
			continue;
		printf("no OpenMetrics: %s\n", line);
		failures++;
	}
	CHECK(p->eof && rest == NULL);
}

/* The value of a series; -1: there is none. */
static double
value(const struct parsed *p, const char *series)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->series[i], series) == 0)
			return p->values[i];
	return -1;
}

/* Buckets ascend, the last is +Inf, and as many as are counted. */
static void
check_buckets(const struct parsed *p)
{
	const char *bucket = "kerbscope_kdc_response_seconds_bucket{";
	double last = 0, bound = -1;
	size_t histograms = 0;

	for (size_t i = 0; i < p->n; i++) {
		const char *le = strstr(p->series[i], "le=\"");

		if (strncmp(p->series[i], bucket, strlen(bucket)) != 0)
			continue;
		CHECK(le != NULL && strtod(le + 4, NULL) > bound);
		CHECK(p->values[i] >= last);
		last = p->values[i];
		bound = strtod(le + 4, NULL);
		if (strncmp(le, "le=\"+Inf", 8) != 0)
			continue;
		CHECK(p->values[i + 1] == last && p->values[i] > 0);
		CHECK(p->values[i + 2] > 0);
		last = 0;
		bound = -1;
		histograms++;
	}
	CHECK(histograms > 0);
}

/* --- what is shown ---------------------------------------------------- */

static struct rule rule = { .id = "" };
static struct cause causes[3];
static struct result result;
static struct metrics_kdc kdc;

static void
make_result(void)
{
	rule = *rules_all[0];
	for (size_t i = 0; i < 3; i++) {
		causes[i].f.rule = rules_all[i / 2];
		causes[i].f.certainty = CERTAINTY_LIKELY;
		causes[i].impact = IMPACT_BREAKS;
		causes[i].cause = true;
		causes[i].occurrences = 10 + i;
	}
	causes[1].cleared = true;
	result = (struct result){
		.version = "0.1 \"\\\n\x1b[2J\xff",
		.causes = causes,
		.ncauses = 3,
		.ncause = 3,
		.now = 1700000000 * SECOND + 5,
	};
	result.ended[0] = (struct ended){ "smb2", { 1, 2, 3, 4 }, { 0, 8, 2 } };
	result.ended[1] = (struct ended){ NULL, { 0, 1, 0, 0 }, { 1, 0, 0 } };
	result.nended = 2;
	result.quality.tcp_gaps = 7;
}

static void
ask(uint64_t flow, uint8_t host, bool tgs, int64_t asked, int64_t answered)
{
	struct event ev;

	event_init(&ev, EV_kdc_req);
	ev.flow = flow;
	ev.ref.time = asked;
	ev.u.kdc_req.msg_type = tgs ? 12 : 10;
	kdc_event(&kdc, &ev);
	event_init(&ev, host & 1 ? EV_kdc_rep : EV_krb_error);
	ev.flow = flow;
	ev.ref.time = answered;
	ev.src = (struct addr){ 4, { 10, 0, 0, host } };
	if (ev.kind == EV_krb_error)
		ev.u.krb_error.from = (struct str){ "kdc", 3 };
	kdc_event(&kdc, &ev);
}

static char *
write_text(const struct metrics_seen *seen)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	metrics_write(f, &result, seen, &kdc, NULL, 4096);
	fclose(f);
	return text;
}

static void
test_text(void)
{
	static struct parsed p;
	struct metrics_seen seen = { 0 };
	char *text;

	make_result();
	ask(1, 1, false, SECOND, SECOND + 900);
	ask(2, 1, false, SECOND, SECOND + 1000);
	ask(3, 1, false, SECOND, SECOND + 1001);
	ask(4, 1, true, SECOND, SECOND * 3);
	ask(5, 2, true, SECOND, SECOND * 50);
	ask(6, 2, true, SECOND, SECOND - 1);   /* the clock was set */
	ask(7, 2, true, SECOND, SECOND * 100); /* somebody else's */
	metrics_note(&seen, &result);
	text = write_text(&seen);
	parse(&p, text);
	check_buckets(&p);
	CHECK(value(&p,
		  "kerbscope_build_info{version=\"0.1 \\\"\\\\\\\\x0a"
		  "\\\\x1b[2J\\\\xff\"}") == 1);
	CHECK(value(&p,
		  "kerbscope_logons_total{outcome=\"broken\","
		  "carrier=\"smb2\"}") == 4);
	CHECK(value(&p,
		  "kerbscope_logons_total{outcome=\"ok\","
		  "carrier=\"other\"}") == 1);
	CHECK(value(&p,
		  "kerbscope_logons_by_mechanism_total{mechanism="
		  "\"kerberos\"}") == 8);
	CHECK(value(&p, "kerbscope_quality_total{what=\"tcp_gaps\"}") == 7);
	CHECK(value(&p,
		  "kerbscope_kdc_response_seconds_bucket{kdc=\"10.0.0.1\""
		  ",message=\"as\",le=\"0.001\"}") == 2);
	CHECK(value(&p,
		  "kerbscope_kdc_response_seconds_count{kdc=\"10.0.0.1\""
		  ",message=\"as\"}") == 3);
	CHECK(value(&p,
		  "kerbscope_kdc_response_seconds_sum{kdc=\"10.0.0.1\""
		  ",message=\"as\"}") == 0.002901);
	CHECK(value(&p,
		  "kerbscope_kdc_response_seconds_count{kdc=\"10.0.0.2\""
		  ",message=\"tgs\"}") == 1);
	CHECK(value(&p, "kerbscope_last_packet_timestamp_seconds") ==
	    1700000000.000005);
	free(text);
	metrics_forget(&seen);
}

/* A finding that is retracted, a ledger that forgets: counters stay. */
static void
test_monotone(void)
{
	static struct parsed p;
	struct metrics_seen seen = { 0 };
	char series[160], *text;

	make_result();
	metrics_note(&seen, &result);
	result.ncause = 1;
	causes[0].occurrences = 3;
	result.quality.tcp_gaps = 2;
	metrics_note(&seen, &result);
	text = write_text(&seen);
	parse(&p, text);
	snprintf(series, sizeof(series),
	    "kerbscope_finding_logons_total{rule=\"%s\"}", rules_all[0]->id);
	CHECK(value(&p, series) == 21);
	snprintf(series, sizeof(series),
	    "kerbscope_finding_logons_total{rule=\"%s\"}", rules_all[1]->id);
	CHECK(value(&p, series) == 12);
	snprintf(series, sizeof(series),
	    "kerbscope_findings{rule=\"%s\",impact=\"breaks\",certainty="
	    "\"likely\",state=\"open\"}",
	    rules_all[0]->id);
	CHECK(value(&p, series) == 1);
	CHECK(value(&p, "kerbscope_quality_total{what=\"tcp_gaps\"}") == 7);
	free(text);
	metrics_forget(&seen);
}

/* More KDCs than there is room for are told together. */
static void
test_many_kdcs(void)
{
	static struct parsed p;
	struct metrics_seen seen = { 0 };
	char *text;

	memset(&kdc, 0, sizeof(kdc));
	for (int i = 0; i < 250; i++) {
		ask((uint64_t)i + 1, (uint8_t)i, false, SECOND, SECOND + 9);
		ask((uint64_t)i + 1, (uint8_t)i, true, SECOND, SECOND + 9);
	}
	text = write_text(&seen);
	parse(&p, text);
	check_buckets(&p);
	CHECK(value(&p,
		  "kerbscope_kdc_response_seconds_count{kdc=\"other\","
		  "message=\"as\"}") == 250 - METRICS_MAX_KDCS);
	CHECK(value(&p,
		  "kerbscope_kdc_response_seconds_count{kdc=\"other\","
		  "message=\"tgs\"}") == 250 - METRICS_MAX_KDCS);
	free(text);
	memset(&kdc, 0, sizeof(kdc));
}

/* --- who asks --------------------------------------------------------- */

static char dir[] = "/tmp/kerbscope-metrics-XXXXXX";
static char where[128];
static struct metrics *m;
static int64_t ahead; /* of the clock that nobody sets, in seconds */

/* The library and the program look at this one. */
int
clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);

	if (id != CLOCK_REALTIME)
		t->tv_sec += ahead;
	return rc;
}

/* As the one loop does it. */
static void
pump(void)
{
	struct pollfd fds[4];
	int timeout;
	size_t n = metrics_poll(m, fds, 4, &timeout);

	CHECK(n == 1);
	poll(fds, n, timeout < 0 || timeout > 2 ? 2 : timeout);
	metrics_run(m);
}

static int
dial(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(a.sun_path, where + strlen("unix:"));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* What comes back on FD until it is closed, or nothing more comes. */
static char *
hear(int fd)
{
	static char buf[1 << 20];
	size_t n = 0;
	ssize_t did;

	for (int i = 0; i < 500; i++) {
		pump();
		did = recv(fd, buf + n, sizeof(buf) - 1 - n, 0);
		if (did > 0)
			n += (size_t)did;
		if (did == 0 || (did < 0 && errno != EAGAIN))
			break;
	}
	close(fd);
	buf[n] = '\0';
	return buf;
}

static void
say(int fd, const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t n = send(fd, text, left, MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			return;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
		pump();
	}
}

static char *
talk(const char *request)
{
	int fd = dial();

	CHECK(fd >= 0);
	say(fd, request);
	return hear(fd);
}

static bool
is_status(const char *reply, int status)
{
	return strncmp(reply, "HTTP/1.", 7) == 0 && atoi(reply + 9) == status;
}

#define GET "GET /metrics HTTP/1.1\r\nHost: x\r\n"

static bool
works(void)
{
	const char *reply = talk(GET "\r\n");

	return is_status(reply, 200) && ends(reply, "# EOF\n");
}

static void
test_http(void)
{
	static struct parsed p;
	struct stat st;
	char *reply;

	CHECK(is_status(talk(GET "\r\n"), 503));
	make_result();
	metrics_view(m, &result, NULL);
	CHECK(stat(where + 5, &st) == 0 && (st.st_mode & 0777) == 0660);
	reply = talk(
	    GET "Accept: application/openmetrics-text;version=1.0.0\r\n"
		"\r\n");
	CHECK(is_status(reply, 200));
	CHECK(strstr(reply,
		  "application/openmetrics-text; version=1.0.0; "
		  "charset=utf-8") != NULL);
	CHECK(strstr(reply, "Connection: close") != NULL);
	parse(&p, strstr(reply, "\r\n\r\n") + 4);
	CHECK(value(&p, "kerbscope_resident_memory_bytes") > 1e6);
	reply = talk(GET "\r\n");
	CHECK(strstr(reply, "text/plain; version=0.0.4") != NULL);
	reply = talk("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
	CHECK(is_status(reply, 200) && ends(reply, "\r\n\r\n"));
	CHECK(is_status(talk("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 404));
	CHECK(is_status(talk("GET /metrics/../../etc HTTP/1.1\r\nHost: x\r\n"
			     "\r\n"),
	    404));
	reply = talk(
	    "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
	    "\r\nabc");
	CHECK(is_status(reply, 405) && strstr(reply, "Allow: GET, HEAD"));
}

/* None of this is answered with more than a refusal, nor harms. */
static void
test_garbage(void)
{
	static char huge[200000];
	const char *two = talk(GET "\r\n" GET "\r\n");

	CHECK(is_status(two, 200) && strstr(two + 20, "HTTP/1.") == NULL);
	talk("\x16\x03\x01\x02\r\n\r\n\r\n");
	talk("GET\r\n\r\n");
	talk("GET /metrics HTTP/9.9\r\n\r\n");
	talk(GET "Content-Length: -5\r\n\r\n");
	talk(GET "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n");
	memset(huge, 'a', sizeof(huge) - 1);
	memcpy(huge, "GET /", 5);
	CHECK(!is_status(talk(huge), 200));
	memcpy(huge, GET "X: ", strlen(GET) + 3);
	CHECK(!is_status(talk(huge), 200));
	for (size_t i = 0; i + 6 < sizeof(huge); i += 6)
		memcpy(huge + i, "X: y\r\n", 6);
	memcpy(huge, GET "", strlen(GET));
	CHECK(!is_status(talk(huge), 200));
	CHECK(works());
}

/* A hundred at once: those there is room for wait, and then it works. */
static void
test_crowd(void)
{
	int fds[100], n = 0;

	for (int i = 0; i < 100; i++) {
		fds[i] = dial();
		n += fds[i] >= 0;
		if (i % 2 == 0 && fds[i] >= 0)
			say(fds[i], "GET /met");
		pump();
	}
	CHECK(n >= METRICS_MAX_SCRAPERS);
	/* All of them send an octet a second: they are not to stay. */
	for (int s = 0; s < 2 * METRICS_PATIENCE / SECOND; s++) {
		ahead++;
		for (int i = 0; i < 100; i++)
			if (fds[i] >= 0)
				send(fds[i], "r", 1, MSG_NOSIGNAL);
		pump();
		pump();
	}
	for (int i = 0; i < 100; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	CHECK(works());
}

/* Who never reads has its connection taken away. */
static void
test_deaf(void)
{
	int fds[METRICS_MAX_SCRAPERS];
	char c;

	for (size_t i = 0; i < METRICS_MAX_SCRAPERS; i++) {
		fds[i] = dial();
		say(fds[i], GET "\r\n");
	}
	for (int s = 0; s < METRICS_PATIENCE / SECOND + 2; s++) {
		ahead++;
		pump();
	}
	CHECK(works());
	for (size_t i = 0; i < METRICS_MAX_SCRAPERS; i++) {
		while (recv(fds[i], &c, 1, 0) > 0)
			continue;
		CHECK(recv(fds[i], &c, 1, 0) == 0);
		close(fds[i]);
	}
}

/* --- where ------------------------------------------------------------ */

static bool
refused(const char *at)
{
	struct metrics *x;
	int keep = dup(2);

	fflush(stderr);
	if (freopen("/dev/null", "w", stderr) == NULL)
		abort();
	x = metrics_open(at);
	fflush(stderr);
	dup2(keep, 2);
	close(keep);
	if (x != NULL)
		metrics_close(x);
	return x == NULL;
}

static void
test_where(void)
{
	static const char *const bad[] = { "", "0", "65536", "x", "9464x",
		"0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "::1:9464",
		":9464", "unix:", "unix:/nowhere/at/all", "-1", "+9464" };
	char path[160];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (!refused(bad[i])) {
			printf("listens at %s\n", bad[i]);
			failures++;
		}
	/* Another process serves there. */
	CHECK(refused(where) && works());
	/* A file is in the way: it stays. */
	snprintf(path, sizeof(path), "unix:%s/file", dir);
	fclose(fopen(path + 5, "w"));
	CHECK(refused(path) && access(path + 5, F_OK) == 0);
	unlink(path + 5);
}

/* What a process that died has left is no hindrance. */
static void
test_left_behind(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(a.sun_path, where + 5);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	close(fd);
	m = metrics_open(where);
	CHECK(m != NULL);
}

int
main(void)
{
#ifndef HAVE_MICROHTTPD
	puts("built without libmicrohttpd");
	return 77;
#endif
	if (mkdtemp(dir) == NULL)
		return 2;
	CHECK(regcomp(&sample_form,
		  "^" NAME "(\\{" LABEL "(," LABEL ")*\\})? " NUMBER "$",
		  REG_EXTENDED | REG_NOSUB) == 0);
	CHECK(regcomp(&meta_form, "^# (TYPE|UNIT|HELP) " NAME " [^\\]+$",
		  REG_EXTENDED | REG_NOSUB) == 0);
	test_text();
	test_monotone();
	test_many_kdcs();
	snprintf(where, sizeof(where), "unix:%s/socket", dir);
	test_left_behind();
	if (m == NULL)
		return 1;
	test_http();
	test_garbage();
	test_crowd();
	test_deaf();
	test_where();
	metrics_close(m);
	CHECK(access(where + 5, F_OK) < 0 && rmdir(dir) == 0);
	regfree(&sample_form);
	regfree(&meta_form);
	return failures > 0;
}
