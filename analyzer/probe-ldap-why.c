/*
 * probe-ldap-why.c - why there is no connection: libldap says "Can't contact
 * LDAP server" of a name that does not exist, a closed port and a certificate
 * that nobody trusts alike.  So the way is gone again, step by step.
 */
#include "config.h"

#ifdef HAVE_LDAP

#	include <arpa/inet.h>
#	include <errno.h>
#	include <netdb.h>
#	include <poll.h>
#	include <stdlib.h>
#	include <string.h>
#	include <strings.h>
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

/* --- TLS ------------------------------------------------------------------ */

static bool
holds(const struct berval *der, const char *text, size_t len)
{
	size_t i;

	for (i = 0; len > 0 && i + len <= der->bv_len; i++)
		if (strncasecmp(der->bv_val + i, text, len) == 0)
			return true;
	return false;
}

/* iPAddress of subjectAltName is tag 7 (RFC 5280 4.2.1.6). */
static bool
holds_address(const struct berval *der, const char *host)
{
	char name[2 + 16];
	int v6 = inet_pton(AF_INET6, host, name + 2);

	if (v6 != 1 && inet_pton(AF_INET, host, name + 2) != 1)
		return false;
	name[0] = (char)0x87;
	name[1] = v6 == 1 ? 16 : 4;
	return memmem(der->bv_val, der->bv_len, name, 2u + (size_t)name[1]) !=
	    NULL;
}

/*
 * Whether a certificate has HOST among its names, or "*" of its domain.  It
 * is looked at for the words to say, after it was refused.
 */
static bool
is_for(const struct berval *der, const char *host)
{
	const char *dot = strchr(host, '.');
	char *wild = text_printf("*%s", dot == NULL ? "" : dot);
	bool yes = holds(der, host, strlen(host)) || holds_address(der, host) ||
	    (dot != NULL && holds(der, wild, strlen(wild)));

	free(wild);
	return yes;
}

enum tls_way { TLS_NONE, TLS_OTHER_NAME, TLS_UNTRUSTED };

/*
 * How TLS comes about when any certificate will do.  The root of the
 * directory is read then, and nothing else: no name and no password.
 */
static enum tls_way
tls_without_trust(struct ldap_session *s)
{
	LDAP *ld = ldap_session_handle(s, LDAP_OPT_X_TLS_NEVER);
	bool plain = strncasecmp(s->uri, "ldap:", 5) == 0;
	struct berval der = { 0, NULL };
	enum tls_way way = TLS_NONE;
	LDAPMessage *all = NULL;
	int rc;

	if (ld == NULL)
		return TLS_NONE;
	if (plain)
		rc = ldap_start_tls_s(ld, NULL, NULL);
	else
		rc = ldap_search_ext_s(ld, "", LDAP_SCOPE_BASE,
		    "(objectClass=*)", NULL, 0, NULL, NULL, NULL, 1, &all);
	if (rc >= 0)
		way = TLS_UNTRUSTED;
	if (rc >= 0 &&
	    ldap_get_option(ld, LDAP_OPT_X_TLS_PEERCERT, &der) == 0 &&
	    der.bv_val != NULL && !is_for(&der, s->host))
		way = TLS_OTHER_NAME;
	ldap_memfree(der.bv_val);
	ldap_msgfree(all);
	ldap_unbind_ext(ld, NULL, NULL);
	return way;
}

void
ldap_session_why(struct ldap_session *s, int rc, const char *words)
{
	enum tls_way way;

	ldap_doing(s->t, "looking why there is no connection");
	if (!is_open(s))
		return;
	if (!s->tls) {
		ldap_fail(s, "%s", ldap_err2string(rc));
		return;
	}
	way = tls_without_trust(s);
	if (way == TLS_OTHER_NAME)
		ldap_fail(s,
		    "TLS is not trusted: the certificate is not for "
		    "this name");
	else if (way == TLS_UNTRUSTED)
		ldap_fail(s,
		    "TLS is not trusted: the certificate has expired, or who "
		    "signed it is unknown%s",
		    s->t->ca == NULL ? "; --ldap-ca names whom to trust" : "");
	else
		ldap_fail(s, "no TLS there (%s)",
		    *words == '\0' ? ldap_err2string(rc) : words);
}

#endif
