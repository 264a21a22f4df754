/*
 * directory.h - accounts as a directory has them (MS-ADTS), read from LDIF
 * or LDAP, found by name, SPN, host, SID and DN; and the answers to the
 * questions that a capture asks.
 *
 * Everything in it comes from a file or a network and is hostile.  All texts
 * are NUL-terminated UTF-8 and live as long as the directory.
 */
#ifndef ANALYZER_DIRECTORY_H
#define ANALYZER_DIRECTORY_H

#include "probe.h"
#include "proof.h"
#include "questions.h"

struct directory;

struct directory *directory_new(void);
void directory_free(struct directory *d);

/* --- filling it: the LDIF reader and the LDAP client -------------------- */

/*
 * One object is built with these, then added.  Attribute names and values
 * are as in LDAP, without regard to the case of names; options (";range=0-99",
 * ";binary") are cut off by the caller.  Values are octets.  Attributes that
 * nobody needs are passed over.
 */
void directory_begin(struct directory *d, const char *source, struct str dn);
void
directory_value(struct directory *d, struct str attribute, struct str value);
/* Ends the object; it is kept when it is an account, a domain, a trust... */
void directory_end(struct directory *d);
/* The I-th attribute that is of use; NULL past the last. */
const char *directory_attribute(size_t i);
bool directory_wants(struct str attribute);
/*
 * The source whose objects come now was asked for ATTRIBUTE ("*": for all):
 * an object without it has none.
 */
void directory_asked(struct directory *d, struct str attribute);
/*
 * Its search began at BASE, with all that is below; "" stands for the global
 * catalogue.  Without this, the domains are those whose domain object, or
 * krbtgt and domain controller, the source gave.
 */
void directory_base(struct directory *d, struct str base);
/*
 * The objects since the last call come from SOURCE.  FILTER (may be empty) is
 * the LDAP filter that found them, WHOLE whether the source says that it gave
 * all of them, DAMAGED whether it ended part-way.
 */
void directory_source(struct directory *d, const char *source,
    struct str filter, bool whole, bool damaged);

/* --- asking it ----------------------------------------------------------- */

size_t directory_count(const struct directory *d); /* accounts */
const struct dir_account *directory_at(const struct directory *d, size_t i);
const struct dir_domain *
directory_domain_at(const struct directory *d, size_t i); /* NULL: past it */
/* The domain of REALM, which may be its NetBIOS name; NULL: none at hand. */
const struct dir_domain *
directory_domain(const struct directory *d, const char *realm);
/* The I-th account that has SPN literally, over all domains; NULL past it. */
const struct dir_account *
directory_spn(const struct directory *d, const char *spn, size_t i);
/* The I-th account with this userPrincipalName; NULL past it. */
const struct dir_account *
directory_upn(const struct directory *d, const char *upn, size_t i);
/*
 * The I-th computer whose dNSHostName is HOST, or, HOST being short, or full
 * in the DNS domain of its realm, whose sAMAccountName is HOST$.
 */
const struct dir_account *
directory_host(const struct directory *d, const char *host, size_t i);
/* sam@REALM, without regard to case. */
const struct dir_account *
directory_account(const struct directory *d, const char *name);
/* The class to which CLASS is an alias by sPNMappings ("host"), or NULL. */
const char *directory_alias(const struct directory *d, const char *class);

/*
 * Posts what it says to the questions Q: domains, answers, and each account
 * that an answer names, once.
 */
void directory_tell(const struct directory *d, const struct questions *q,
    event_sink sink, void *arg);

/*
 * The same in pieces, while questions come: each call tells what was asked
 * since the one before.  D is whole already.
 */
struct tell;
struct tell *tell_new(const struct directory *d, const struct questions *q,
    event_sink sink, void *arg);
void tell_more(struct tell *t);
void tell_free(struct tell *t);

/* --- the probes ---------------------------------------------------------- */

/*
 * Reads the LDIF PATH (RFC 2849; ldifde, ldbsearch, ldapsearch; UTF-8, or
 * UTF-16 with a byte order mark).  False when it cannot be read or holds no
 * object; a line on stderr said so.
 */
bool ldif_read(struct directory *d, const char *path);

/*
 * Asks the servers of OPT for what Q asks.  False when one of them could not
 * be asked, or not to the end; a line on stderr said so.
 */
bool ldap_ask(struct directory *d, const struct options *opt,
    const struct questions *q);

#endif
