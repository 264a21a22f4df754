/*
 * account.h - what the rules on accounts share: whose request a KDC refused,
 * and what it said.
 */
#ifndef KERBSCOPE_ACCOUNT_H
#define KERBSCOPE_ACCOUNT_H

#include "finding.h"
#include "ledger.h"
#include "proof.h"
#include "story.h"

/* Whether NAME is a computer's or a managed account, which ends in $. */
bool account_is_machine(const char *name);

/*
 * Makes NAME, with the realm of its account in the request E, the subject of
 * F and {name} in its texts.  Returns it as name@REALM, in the finding's
 * memory.
 */
const char *
account_subject(struct finding *f, const struct exchange *e, const char *name);

/*
 * Whether what the directory says of A held at TIME: it has not been changed
 * since, as far as the export tells.  Who mends first and exports then shows
 * an account without a fault.
 */
bool account_held(const struct dir_account *a, int64_t time);

/* Cites in F the domain of REALM: FMT says what is not in it. */
void account_cite_domain(struct finding *f, const struct ledger *l,
    const char *realm, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * Writes the refusal E into F: the failing step, and the KDC's answer with
 * the reason that it gives, an NTSTATUS (Windows, Samba) or a text (MIT).
 */
void account_refusal(struct finding *f, const struct exchange *e);

/*
 * Cites in F what the KDC answered in the story before E with the same error
 * to the same client: a program that tries by clockwork shows.
 */
void account_refused_before(struct finding *f, const struct story *s,
    const struct exchange *e);

/*
 * Whether the refusal E (12, 18) is about when, where or how the client may
 * log on: what of it, "outside its log-on hours"; NULL when it is not.
 */
const char *account_restriction(const struct exchange *e);

/*
 * How likely the AS-REQ E was refused because its realm is not one that the
 * KDC serves; NONE when the KDC is not known to be another realm's.
 */
enum certainty
account_wrong_realm(const struct ledger *l, const struct exchange *e);

/*
 * The realm that the KDC of E serves, when that is another one than was asked
 * for; NULL when the capture does not show it.
 */
const char *account_kdc_realm(const struct ledger *l, const struct exchange *e);

/*
 * Whether the client of S is one that, at that time, fails for so many
 * accounts that no single account is at fault: a spray, or a broken program.
 */
const struct host *
account_sprayer(const struct ledger *l, const struct story *s);

#endif
