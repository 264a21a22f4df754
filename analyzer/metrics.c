/*
 * metrics.c - see metrics.h.
 *
 * libmicrohttpd without a thread of its own: its epoll descriptor stands
 * among those of the one poll().  Who asks is not to be trusted: it gets
 * METRICS_PATIENCE for all of its one request, then its connection is shut
 * down; the text is made at most once in METRICS_EVERY, however often it is
 * asked for.
 */
#include "config.h"
#include "metrics.h"
#include "text.h"

#ifdef HAVE_MICROHTTPD

#	include <errno.h>
#	include <fcntl.h>
#	include <microhttpd.h>
#	include <stdlib.h>
#	include <string.h>
#	include <sys/socket.h>
#	include <time.h>
#	include <unistd.h>

#	include "memory.h"
#	include "metrics-listen.h"
#	include "metrics-text.h"
#	include "sensor.h"
#	include "table.h"

#	define REQUEST_MEMORY 16384 /* octets that one connection may take */

#	define OPEN_METRICS \
		"application/openmetrics-text; version=1.0.0; charset=utf-8"
#	define PLAIN "text/plain; version=0.0.4; charset=utf-8"

struct scraper {
	struct MHD_Connection *connection; /* NULL: nobody */
	int64_t since;
};

struct metrics {
	struct listener *listener;
	struct MHD_Daemon *daemon;
	struct scraper scrapers[METRICS_MAX_SCRAPERS];
	const struct result *result; /* the latest; NULL: none yet */
	const struct sensor *sensor;
	struct metrics_seen seen;
	struct metrics_kdc kdc;
	int statm; /* /proc/self/statm, or -1 */
	int64_t made;
	/* The text that was made last, as either type; NULL: none. */
	struct MHD_Response *open, *plain;
	struct MHD_Response *wrong_path, *wrong_method, *not_yet;
};

/* Microseconds of a clock that nobody sets. */
static int64_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * SECOND + t.tv_nsec / 1000;
}

/* --- answers ---------------------------------------------------------- */

/* TEXT as it is, of TYPE; each connection carries one. */
static struct MHD_Response *
response_new(const char *text, size_t len, const char *type)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len,
	    (char *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);

	if (r == NULL)
		memory_none();
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	return r;
}

static struct MHD_Response *
response_text(const char *text)
{
	return response_new(text, strlen(text), "text/plain; charset=utf-8");
}

static void
response_free(struct MHD_Response *r)
{
	if (r != NULL)
		MHD_destroy_response(r);
}

/* Resident octets: the second number, in pages. */
static uint64_t
resident(const struct metrics *m)
{
	char buf[128];
	ssize_t n = m->statm < 0 ? -1 :
				   pread(m->statm, buf, sizeof(buf) - 1, 0);
	const char *second;

	if (n <= 0)
		return 0;
	buf[n] = '\0';
	second = strchr(buf, ' ');
	if (second == NULL)
		return 0;
	return strtoull(second, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* The text of now, or of a moment ago. */
static void
make_text(struct metrics *m)
{
	int64_t now = clock_now();
	char *text = NULL;
	size_t len;
	FILE *f;

	if (m->open != NULL && now - m->made < METRICS_EVERY)
		return;
	f = open_memstream(&text, &len);
	if (f == NULL)
		memory_none();
	metrics_write(f, m->result, &m->seen, &m->kdc, m->sensor, resident(m));
	if (fclose(f) != 0 || text == NULL)
		memory_none();
	response_free(m->open);
	response_free(m->plain);
	m->open = response_new(text, len, OPEN_METRICS);
	m->plain = response_new(text, len, PLAIN);
	m->made = now;
	free(text);
}

static bool
takes_open_metrics(struct MHD_Connection *c)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
	    MHD_HTTP_HEADER_ACCEPT);

	return accept != NULL &&
	    strstr(accept, "application/openmetrics-text") != NULL;
}

static enum MHD_Result
answer(void *arg, struct MHD_Connection *c, const char *path,
    const char *method, const char *version, const char *data, size_t *size,
    void **state)
{
	struct metrics *m = arg;

	(void)version;
	(void)data;
	(void)size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return MHD_queue_response(c, MHD_HTTP_METHOD_NOT_ALLOWED,
		    m->wrong_method);
	if (strcmp(path, "/metrics") != 0)
		return MHD_queue_response(c, MHD_HTTP_NOT_FOUND, m->wrong_path);
	if (m->result == NULL)
		return MHD_queue_response(c, MHD_HTTP_SERVICE_UNAVAILABLE,
		    m->not_yet);
	make_text(m);
	return MHD_queue_response(c, MHD_HTTP_OK,
	    takes_open_metrics(c) ? m->open : m->plain);
}

/* --- who asks --------------------------------------------------------- */

static void
scraper_note(void *arg, struct MHD_Connection *c, void **context,
    enum MHD_ConnectionNotificationCode what)
{
	struct metrics *m = arg;
	struct MHD_Connection *old = NULL, *new = c;
	struct scraper *s = m->scrapers;

	(void)context;
	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		old = c;
		new = NULL;
	}
	while (s < m->scrapers + METRICS_MAX_SCRAPERS && s->connection != old)
		s++;
	if (s == m->scrapers + METRICS_MAX_SCRAPERS)
		return;
	s->connection = new;
	s->since = clock_now();
}

/*
 * The time-out of the library begins anew with every octet, so that who sends
 * one from time to time could stay for ever.
 */
static void
scrapers_hurry(struct metrics *m, int64_t now)
{
	const union MHD_ConnectionInfo *info;
	struct scraper *s;

	for (s = m->scrapers; s < m->scrapers + METRICS_MAX_SCRAPERS; s++) {
		if (s->connection == NULL || now - s->since < METRICS_PATIENCE)
			continue;
		info = MHD_get_connection_info(s->connection,
		    MHD_CONNECTION_INFO_CONNECTION_FD);
		if (info != NULL)
			shutdown(info->connect_fd, SHUT_RDWR);
	}
}

/* --- the endpoint ----------------------------------------------------- */

static struct MHD_Daemon *
daemon_new(struct metrics *m)
{
	return MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, answer, m,
	    MHD_OPTION_LISTEN_SOCKET, listener_fd(m->listener),
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)METRICS_MAX_SCRAPERS,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)(METRICS_PATIENCE / SECOND), MHD_OPTION_NOTIFY_CONNECTION,
	    scraper_note, m, MHD_OPTION_END);
}

struct metrics *
metrics_open(const char *where)
{
	struct listener *l = listener_new(where);
	struct metrics *m;

	if (l == NULL)
		return NULL;
	m = must_calloc(1, sizeof(*m));
	m->listener = l;
	m->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	m->wrong_path = response_text("not here; see /metrics\n");
	m->wrong_method = response_text("GET it\n");
	MHD_add_response_header(m->wrong_method, MHD_HTTP_HEADER_ALLOW,
	    "GET, HEAD");
	m->not_yet = response_text("nothing was looked at yet\n");
	m->daemon = daemon_new(m);
	if (m->daemon != NULL)
		return m;
	message("--metrics %s: the server does not start: %s", where,
	    strerror(errno));
	metrics_close(m);
	return NULL;
}

void
metrics_event(struct metrics *m, const struct event *ev)
{
	kdc_event(&m->kdc, ev);
}

void
metrics_view(struct metrics *m, const struct result *r,
    const struct sensor *sensor)
{
	m->result = r->whole != NULL ? r->whole : r;
	m->sensor = sensor;
	metrics_note(&m->seen, m->result);
}

size_t
metrics_poll(struct metrics *m, struct pollfd *fds, size_t max, int *timeout)
{
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(m->daemon,
	    MHD_DAEMON_INFO_EPOLL_FD);
	unsigned long long ms;
	struct scraper *s;

	*timeout = -1;
	if (max == 0 || info == NULL)
		return 0;
	if (MHD_get_timeout(m->daemon, &ms) == MHD_YES)
		*timeout = ms > 1000 ? 1000 : (int)ms;
	for (s = m->scrapers; s < m->scrapers + METRICS_MAX_SCRAPERS; s++)
		if (s->connection != NULL && *timeout < 0)
			*timeout = 1000;
	fds[0] = (struct pollfd){ .fd = info->epoll_fd, .events = POLLIN };
	return 1;
}

void
metrics_run(struct metrics *m)
{
	scrapers_hurry(m, clock_now());
	MHD_run(m->daemon);
}

void
metrics_close(struct metrics *m)
{
	if (m == NULL)
		return;
	if (m->daemon != NULL)
		MHD_stop_daemon(m->daemon);
	response_free(m->open);
	response_free(m->plain);
	response_free(m->wrong_path);
	response_free(m->wrong_method);
	response_free(m->not_yet);
	listener_free(m->listener, m->daemon != NULL);
	metrics_forget(&m->seen);
	if (m->statm >= 0)
		close(m->statm);
	free(m);
}

#else

struct metrics *
metrics_open(const char *where)
{
	message("--metrics %s: this kerbscope was built without "
		"libmicrohttpd",
	    where);
	return NULL;
}

void
metrics_event(struct metrics *m, const struct event *ev)
{
	(void)m;
	(void)ev;
}

void
metrics_view(struct metrics *m, const struct result *r,
    const struct sensor *sensor)
{
	(void)m;
	(void)r;
	(void)sensor;
}

size_t
metrics_poll(struct metrics *m, struct pollfd *fds, size_t max, int *timeout)
{
	(void)m;
	(void)fds;
	(void)max;
	*timeout = -1;
	return 0;
}

void
metrics_run(struct metrics *m)
{
	(void)m;
}

void
metrics_close(struct metrics *m)
{
	(void)m;
}

#endif
