/*
 * collect-need.h - what the open findings of a result lack: which names to
 * look up in which directory, whose keytab, whose krb5.conf.
 *
 * Names come from the network: what is kept here is escaped for an LDAP
 * filter (RFC 4515), or holds nothing that a shell or PowerShell obeys.
 */
#ifndef ANALYZER_COLLECT_NEED_H
#define ANALYZER_COLLECT_NEED_H

#include "arena.h"
#include "crowd.h"
#include "presenter.h"

#define NEED_MAX_REALMS 16
#define NEED_MAX_TERMS 2048 /* of all realms; a filter holds many */
#define NEED_MAX_PLACES 16  /* servers, clients */
#define NEED_MAX_NAMES 64   /* of services, for setspn and kadmin */

/* A domain, and the parts "(attribute=value)" of a filter for it. */
struct need_realm {
	const char *realm; /* upper case */
	const char *dns;   /* lower case */
	const char *dn;    /* DC=corp,DC=example */
	const char **terms;
	size_t nterms, room;
};

struct need_name {
	const char *spn;   /* plain: see need_plain() */
	const char *realm; /* plain, or "" */
};

struct need {
	const struct result *r;
	struct arena mem;
	unsigned lacks; /* EVIDENCE_* of the findings that are open */
	const struct cause **open; /* findings */
	size_t nopen;
	struct need_realm realms[NEED_MAX_REALMS];
	size_t nrealms, nterms;
	struct crowd seen; /* terms, names, places */
	struct need_name names[NEED_MAX_NAMES];
	size_t nnames;
	const char *accounts[NEED_MAX_NAMES]; /* whose password to try; plain */
	size_t naccounts;
	bool service_key; /* and a keytab of a service */
	const char *servers[NEED_MAX_PLACES], *clients[NEED_MAX_PLACES];
	size_t nservers, nclients;
	uint64_t lost; /* names that found no room, or are none */
};

/* What is missing and was not given, of the look-ups there are. */
unsigned need_lacks(const struct result *r, const struct cause *c);

/* Fills N, which is empty, from R. */
void need_find(struct need *n, const struct result *r);
void need_free(struct need *n);

/* Whether TEXT is a word for any shell, and no option: [A-Za-z0-9._/@:$-]. */
bool need_plain(const char *text);

#endif
