/*
 * probe-ldap-session.h - one connection to a directory: for the files
 * probe-ldap-*.c that see libldap.
 */
#ifndef ANALYZER_PROBE_LDAP_SESSION_H
#define ANALYZER_PROBE_LDAP_SESSION_H

#include <ldap.h>
#include <time.h>

#include "probe-ldap.h"
#include "table.h"

struct ldap_session {
	struct ldap_task *t;
	LDAP *ld;
	time_t began; /* by the monotonic clock */
	char *uri;    /* scheme, host and port alone */
	char *host;   /* "" with ldapi:// */
	int port;
	bool tls;    /* ldaps://, or StartTLS has to come */
	bool local;  /* ldapi:// */
	bool failed; /* and a line on stderr said so */
	/* what the server says of itself */
	bool ad, gc;
	char *base;   /* where the search begins */
	char *config; /* configurationNamingContext, or NULL */
	char *time;   /* currentTime, or NULL */
	char *schema; /* schemaNamingContext, or NULL */
	/* what the searches have learned */
	struct table fed;        /* DNs of objects that were told */
	struct table partial;    /* and of those that lack values */
	struct table catalogued; /* attributes that a global catalogue has */
	char *guard;             /* DN of Protected Users, or NULL */
	struct table guarded;    /* DNs of all inside of it, when: */
	bool guarded_known;
	bool gone; /* the connection is */
};

/* One line on stderr, the first only: what follows follows from it. */
void ldap_fail(struct ldap_session *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What libldap, or the server, said last; "" is nothing.  To free(). */
char *ldap_words(LDAP *ld);

/* Connects and binds. */
bool ldap_session_open(struct ldap_session *s);
/* Why there is no connection, or no TLS on it: RC and WORDS of the attempt. */
void ldap_session_why(struct ldap_session *s, int rc, const char *words);
/* A handle for the URI, with our options; NULL and a line on stderr. */
LDAP *ldap_session_handle(struct ldap_session *s, int demand);

/* --- searching (probe-ldap-search.c) ------------------------------------- */

enum ldap_outcome {
	LDAP_FOUND_ALL,
	LDAP_FOUND_SOME, /* a limit, or no right to: it may have more */
	LDAP_FOUND_NONE  /* there is no such base, or it does not answer it */
};

struct ldap_query {
	const char *base, *filter;
	int scope;
	char **attributes; /* NULL: those that are of use */
	bool optional;     /* a base that is not there is no failure */
	size_t most;       /* entries */
	void (*entry)(struct ldap_session *s, LDAPMessage *entry, void *arg);
	void *arg;
};

/* Runs Q, page by page; what fails has its line on stderr. */
enum ldap_outcome
ldap_query_run(struct ldap_session *s, const struct ldap_query *q);
/*
 * The objects that FILTER finds from BASE on are told, as a source of its
 * own; COVERS: there is no other that FILTER should find.
 */
enum ldap_outcome ldap_feed(struct ldap_session *s, const char *base, int scope,
    const char *filter, bool covers);

/* Whether ENTRY has NAME; VALUE NULL: with any value. */
bool ldap_entry_has(struct ldap_session *s, LDAPMessage *entry,
    const char *name, const char *value);

/* Sets of names, without regard to case. */
bool ldap_set_has(const struct table *set, const char *name);
/* False when it was there. */
bool ldap_set_add(struct table *set, const char *name);

/* --- what is asked (probe-ldap-ask.c) ------------------------------------- */

void ldap_search_all(struct ldap_session *s);

#endif
