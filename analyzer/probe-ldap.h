/*
 * probe-ldap.h - asking a directory over LDAP: what the parts of it share.
 *
 * libldap, libsasl2, the resolver, libkrb5 and the TLS library each wait as
 * long as they like, and read what a stranger sends.  So each server is asked
 * by a child process, which tells its parent what it learns through a pipe,
 * and is ended when its time is over.
 */
#ifndef ANALYZER_PROBE_LDAP_H
#define ANALYZER_PROBE_LDAP_H

#include "directory.h"
#include "secret.h"

/* What the child says, with up to two texts. */
enum ldap_word {
	WORD_DOING,  /* a: what it waits for, as people say it */
	WORD_BASE,   /* directory_base(a) */
	WORD_ASKED,  /* directory_asked(a) */
	WORD_BEGIN,  /* directory_begin(source a, dn b) */
	WORD_VALUE,  /* directory_value(a, b) */
	WORD_END,    /* directory_end() */
	WORD_SOURCE, /* directory_source(filter a, flags b) */
	WORD_DONE,   /* all was asked; what failed had its line on stderr */
	WORD_FAILED, /* the same, and something failed */
	WORD_COUNT
};

#define LDAP_SOURCE_WHOLE 1 /* in b[0] of WORD_SOURCE */
#define LDAP_SOURCE_DAMAGED 2

/* Who understands the words. */
struct ldap_listener {
	struct directory *directory;
	const char *uri;
	char *source; /* of the object that is being built */
	char doing[128];
	bool in_object, in_source;
	bool done, failed;
};

/* What is asked of one server, and of whom. */
struct ldap_task {
	const char *uri, *ca, *user; /* user NULL: Kerberos */
	int timeout;                 /* seconds */
	const struct secret *password;
	const struct questions *questions; /* NULL: all accounts */
	FILE *out;                         /* to the parent */
	struct ldap_listener self;         /* the child's own directory */
};

/* --- words (probe-ldap-word.c) ------------------------------------------- */

/* Says WORD to the parent, and keeps it in mind. */
void
ldap_say(struct ldap_task *t, enum ldap_word word, struct str a, struct str b);
void ldap_doing(struct ldap_task *t, const char *what);
/* Takes the N octets at BUF, steps over whole words; false: nonsense. */
bool ldap_listen(struct ldap_listener *l, const uint8_t *buf, size_t n,
    size_t *used);
/* Nothing more comes: leaves out what has no end. */
void ldap_listener_end(struct ldap_listener *l);

/* --- the client (probe-ldap-client.c) ------------------------------------ */

/* Asks; false when not all could be asked, a line on stderr said why. */
bool ldap_client(struct ldap_task *t);

#endif
