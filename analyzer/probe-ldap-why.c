/*
 * probe-ldap-why.c - why there is no connection: libldap says "Can't contact
 * LDAP server" of a name that does not exist, a closed port and a certificate
 * that nobody trusts alike.  So the way is gone again, step by step.
 */
#include "config.h"

#ifdef HAVE_LDAP

#	include <errno.h>
#	include <netdb.h>
#	include <poll.h>
#	include <stdlib.h>
#	include <string.h>
#	include <sys/socket.h>
#	include <unistd.h>

#	include "probe-ldap-session.h"
#	include "text.h"

#	define CONNECT_MS 3000

/* 0, or the errno of connecting to A. */
static int
connect_to(const struct addrinfo *a)
{
	struct pollfd p = { .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	p.fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	if (p.fd < 0)
		return errno;
	if (connect(p.fd, a->ai_addr, a->ai_addrlen) != 0)
		error = errno;
	if (error == EINPROGRESS) {
		error = ETIMEDOUT;
		if (poll(&p, 1, CONNECT_MS) > 0)
			getsockopt(p.fd, SOL_SOCKET, SO_ERROR, &error, &len);
	}
	close(p.fd);
	return error;
}

/* Whether the port is open; a line says why not. */
static bool
is_open(struct ldap_session *s)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all, *a;
	char port[8];
	int rc, error = EHOSTUNREACH;

	if (s->local)
		return true;
	snprintf(port, sizeof(port), "%d", s->port & 0xffff);
	rc = getaddrinfo(s->host, port, &hints, &all);
	if (rc != 0) {
		ldap_fail(s, "%s: %s", s->host, gai_strerror(rc));
		return false;
	}
	for (a = all; a != NULL && error != 0; a = a->ai_next)
		error = connect_to(a);
	freeaddrinfo(all);
	if (error != 0)
		ldap_fail(s, "%s", strerror(error));
	return error == 0;
}

/*
 * Whether TLS comes about when any certificate will do.  The root of the
 * directory is read then, and nothing else: no name and no password.
 */
static bool
tls_without_trust(struct ldap_session *s)
{
	LDAP *ld = ldap_session_handle(s, LDAP_OPT_X_TLS_NEVER);
	bool plain = strncasecmp(s->uri, "ldap:", 5) == 0;
	int rc;

	if (ld == NULL)
		return false;
	if (plain)
		rc = ldap_start_tls_s(ld, NULL, NULL);
	else
		rc = ldap_search_ext_s(ld, "", LDAP_SCOPE_BASE,
		    "(objectClass=*)", NULL, 0, NULL, NULL, NULL, 1, NULL);
	ldap_unbind_ext(ld, NULL, NULL);
	return rc != LDAP_SERVER_DOWN && rc != LDAP_CONNECT_ERROR &&
	    rc != LDAP_TIMEOUT;
}

void
ldap_session_why(struct ldap_session *s, int rc, const char *words)
{
	ldap_doing(s->t, "looking why there is no connection");
	if (!is_open(s))
		return;
	if (!s->tls)
		ldap_fail(s, "%s", ldap_err2string(rc));
	else if (strstr(words, "hostname") != NULL)
		ldap_fail(s,
		    "TLS is not trusted: the certificate is not for "
		    "this name");
	else if (tls_without_trust(s))
		ldap_fail(s,
		    "TLS is not trusted: the certificate has expired, or who "
		    "signed it is unknown%s",
		    s->t->ca == NULL ? "; --ldap-ca names whom to trust" : "");
	else
		ldap_fail(s, "no TLS there%s%s", *words == '\0' ? "" : ": ",
		    words);
}

#endif
