/*
 * logon.h - what the rules on NTLM ask of a log-on: by which name the server
 * was meant, and whether a KDC could have helped its user at all.
 */
#ifndef KERBSCOPE_LOGON_H
#define KERBSCOPE_LOGON_H

#include "finding.h"
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

/*
 * The last NTLM log-on of a named user in S that the server refused; NULL
 * when there is none.  A null session and a guest are nobody.
 */
const struct attempt *logon_ntlm_refusal(const struct story *s);

/* Whether A was refused because NTLM is not allowed, whoever logs on. */
bool logon_ntlm_blocked(const struct attempt *a);

/*
 * Whether the server named the reason for which it refused A, and the reason
 * is one of the account: its password, its state, a restriction.
 */
bool logon_reason_named(const struct attempt *a);

/*
 * Writes the refusal A into F: the failing step, server and account, the two
 * frames, {user}, {said} and what the status means as {reason}.
 */
void logon_refusal(struct finding *f, const struct ledger *l,
    const struct attempt *a);

#endif
