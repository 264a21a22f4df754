/*
 * probe-ldap-filter.h - the questions of a capture as LDAP filters
 * (RFC 4515), many in one search.
 *
 * Names come from the wire and are hostile: no octet of them is syntax.
 */
#ifndef ANALYZER_PROBE_LDAP_FILTER_H
#define ANALYZER_PROBE_LDAP_FILTER_H

#include "directory.h"

struct ldap_filters;

struct ldap_filters *ldap_filters_new(void);
void ldap_filters_free(struct ldap_filters *f);

/* What Q asks; D knows of which class another is an alias.  Each term once. */
void ldap_filters_question(struct ldap_filters *f, const struct directory *d,
    const struct question *q);
/* Who holds SPN, by itself, in another form or implied? */
void ldap_filters_spn(struct ldap_filters *f, const struct directory *d,
    const char *spn);
/* Who is SID, "S-1-5-..."?  Nothing, when it is no SID. */
void ldap_filters_sid(struct ldap_filters *f, const char *sid);

/*
 * The I-th filter, NULL past the last, once all questions are in.  EXACT: all
 * that has one of its values is found by it; else its terms end in "*", and
 * what they find is only of interest.
 */
const char *ldap_filters_at(struct ldap_filters *f, size_t i, bool *exact);

/*
 * "(ATTRIBUTE=VALUE" and TAIL, which is syntax ("", "*"), and ")", in memory
 * that the caller frees.
 */
char *
ldap_filter_term(const char *attribute, struct str value, const char *tail);
/* SID as an octet string (MS-DTYP 2.4.2.2); its length, 0 when it is none. */
size_t ldap_sid_octets(const char *sid, uint8_t out[68]);

#endif
