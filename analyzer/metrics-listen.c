/*
 * metrics-listen.c - see metrics-listen.h.
 *
 * unix(7), ip(7), ipv6(7).  A socket that another process left behind is in
 * the way of the next one: it is removed when it is this user's and nobody
 * answers there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "event.h"
#include "metrics-listen.h"
#include "table.h"
#include "text.h"

#define UNIX "unix:"
#define BACKLOG 16

struct listener {
	int fd;
	char *path; /* of a Unix socket; NULL: none */
};

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static bool
wrong(const char *where, const char *why)
{
	message("--metrics %s: %s", where, why);
	return false;
}

/* --- what was asked for ----------------------------------------------- */

/* A port of the loopback, with its address if one is given. */
static bool
read_port(const char *where, union address *a, socklen_t *len)
{
	const char *colon = strrchr(where, ':');
	const char *digits = colon == NULL ? where : colon + 1;
	size_t host = colon == NULL ? 0 : (size_t)(colon - where);
	char name[64] = "127.0.0.1", *end;
	unsigned long port = strtoul(digits, &end, 10);

	if (*digits < '0' || *digits > '9' || *end != '\0' || port == 0 ||
	    port > UINT16_MAX)
		return wrong(where,
		    "is neither unix:PATH nor a port, 9464 or [::1]:9464");
	if (host >= sizeof(name))
		return wrong(where, "is no address of the loopback");
	if (colon != NULL)
		snprintf(name, sizeof(name), "%.*s", (int)host, where);
	if (strcmp(name, "localhost") == 0)
		snprintf(name, sizeof(name), "127.0.0.1");
	memset(a, 0, sizeof(*a));
	if (strcmp(name, "[::1]") == 0) {
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_addr = in6addr_loopback;
		a->in6.sin6_port = htons((uint16_t)port);
		*len = sizeof(a->in6);
		return true;
	}
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)port);
	*len = sizeof(a->in);
	if (inet_pton(AF_INET, name, &a->in.sin_addr) == 1 &&
	    ntohl(a->in.sin_addr.s_addr) >> 24 == 127)
		return true;
	return wrong(where,
	    "only the loopback will do, 127.0.0.1 or [::1]: let a proxy "
	    "serve others");
}

/* Whether nobody listens at A, a socket that is this user's. */
static bool
is_left_behind(const union address *a, socklen_t len)
{
	struct stat st;
	int fd;
	bool refused;

	if (lstat(a->un.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode) ||
	    st.st_uid != geteuid())
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	refused = connect(fd, &a->any, len) < 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static bool
read_path(const char *where, union address *a, socklen_t *len)
{
	const char *path = where + strlen(UNIX);

	memset(a, 0, sizeof(*a));
	if (*path == '\0' || strlen(path) >= sizeof(a->un.sun_path))
		return wrong(where, "is no path for a socket");
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, path, strlen(path) + 1);
	*len = sizeof(a->un);
	if (is_left_behind(a, *len))
		unlink(a->un.sun_path);
	return true;
}

/* --- the socket ------------------------------------------------------- */

/* Listens at A; -1 and errno. */
static int
listen_at(const union address *a, socklen_t len)
{
	int fd = socket(a->any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int one = 1, why;
	mode_t mask;
	bool bound;

	if (fd < 0)
		return -1;
	if (a->any.sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	mask = umask(0117); /* 0660: its group may ask as well */
	bound = bind(fd, &a->any, len) == 0;
	why = errno;
	umask(mask);
	errno = why;
	if (bound && listen(fd, BACKLOG) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

struct listener *
listener_new(const char *where)
{
	bool local = strncmp(where, UNIX, strlen(UNIX)) == 0;
	struct listener *l;
	union address a;
	socklen_t len;
	int fd;

	if (!(local ? read_path : read_port)(where, &a, &len))
		return NULL;
	fd = listen_at(&a, len);
	if (fd < 0) {
		wrong(where, strerror(errno));
		return NULL;
	}
	l = must_calloc(1, sizeof(*l));
	l->fd = fd;
	if (local)
		l->path = must_text(
		    (struct str){ a.un.sun_path, strlen(a.un.sun_path) });
	return l;
}

int
listener_fd(const struct listener *l)
{
	return l->fd;
}

void
listener_free(struct listener *l, bool closed)
{
	if (!closed)
		close(l->fd);
	/* Who gave up its rights may not be able to: see is_left_behind(). */
	if (l->path != NULL)
		unlink(l->path);
	free(l->path);
	free(l);
}
