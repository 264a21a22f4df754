/*
 * logon.h - what the rules on NTLM ask of a log-on: by which name the server
 * was meant, and whether a KDC could have helped its user at all.
 */
#ifndef KERBSCOPE_LOGON_H
#define KERBSCOPE_LOGON_H

#include "ledger.h"
#include "story.h"

/*
 * The host, name or address, by which the client of the NTLM log-on A meant
 * its server: that of the path, of the SPN inside NTLM, or the one looked up.
 * Length 0 when none of them was seen.
 */
struct str logon_target(const struct story *s, const struct attempt *a);

/*
 * Whether no KDC could have served the NTLM log-on A of S: a null session or
 * a guest, or an account that only one machine knows (its domain is the
 * server or the client itself, a workgroup, or none).
 */
bool logon_is_local(const struct story *s, const struct ledger *l,
    const struct attempt *a);

/*
 * What the capture knows of A's user at a KDC, under the domain as NTLM
 * spells it; NULL when nothing (a NetBIOS domain has no realm's name).
 */
const struct account_fact *
logon_account(const struct ledger *l, const struct attempt *a);

/*
 * The KDC's refusal of that user after which A was tried; NULL when there
 * was none in the seconds before, or a ticket since.
 */
const struct tally *
logon_refused(const struct ledger *l, const struct attempt *a);

#endif
