/*
 * logon.h - what the rules on NTLM ask of the user in it: whether a KDC
 * could have helped at all.
 */
#ifndef KERBSCOPE_LOGON_H
#define KERBSCOPE_LOGON_H

#include "ledger.h"
#include "story.h"

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
