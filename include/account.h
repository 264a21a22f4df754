/*
 * account.h - what the rules on accounts share: whose request a KDC refused,
 * and what it said.
 */
#ifndef KERBSCOPE_ACCOUNT_H
#define KERBSCOPE_ACCOUNT_H

#include "finding.h"
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
 * Writes the refusal E into F: the failing step, and the KDC's answer with
 * the reason that it gives, an NTSTATUS (Windows, Samba) or a text (MIT).
 */
void account_refusal(struct finding *f, const struct exchange *e);

#endif
