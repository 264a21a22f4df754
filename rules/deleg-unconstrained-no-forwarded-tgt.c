/*
 * deleg-unconstrained-no-forwarded-tgt - a user logs on to a service with
 * Kerberos and hands over no TGT; the service, which is trusted for
 * delegation, then goes on to another one as nobody, or as its own machine,
 * and is refused (the "double hop", RFC 4121 4.1.1.1).
 *
 * The refused second hop is judged: who else would feel it?  What ties it to
 * the user is that the service took his ticket, and no other, within the two
 * seconds before, so this is likely at best: the directory shows that the
 * service is meant to act for users (userAccountControl 0x80000), its keytab
 * that nothing was handed over (the authenticator has no delegation flag), or
 * the KDC that it gave the client nothing to hand over (13).
 *
 * Not this: a service that works under its own name by design, or by
 * constrained delegation, for which nobody hands over a TGT; a TGT that was
 * handed over and is not used; a second hop that nobody asked for.
 */
#include <string.h>

#include "account.h"
#include "rule.h"

#define HOP_WITHIN (2 * SECOND) /* between the user's log-on and the hop */

/* The log-on of nobody, or of a machine, that was refused in S. */
static const struct attempt *
refused_hop(const struct story *s)
{
	const struct attempt *a;
	const char *user;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++) {
		if (a->mech != MECH_NTLM || a->answer != ANSWER_ERROR)
			continue;
		user = a->user != NULL ? strrchr(a->user, '\\') : NULL;
		user = user != NULL ? user + 1 : a->user;
		if (a->anonymous || (user != NULL && account_is_machine(user)))
			return a;
	}
	return NULL;
}

static bool
is_just_before(int64_t time, int64_t hop)
{
	return time != 0 && time <= hop && hop - time <= HOP_WITHIN;
}

/* The one service at the client of A that took one user's ticket just then. */
static const struct service *
first_hop(const struct ledger *l, const struct story *s,
    const struct attempt *a)
{
	const struct service *sv, *found = NULL;
	size_t i;

	for (i = 0; (sv = ledger_service_at(l, &s->client, i)) != NULL; i++) {
		if (is_just_before(sv->other_taken, a->req.time))
			return NULL; /* whose hop it is, nobody knows */
		if (sv->taken.count == 0 ||
		    !is_just_before(sv->taken.last.time, a->req.time))
			continue;
		if (found != NULL)
			return NULL;
		found = sv;
	}
	return found;
}

/* Whose ticket that was: a person's, from elsewhere. */
static const char *
user_of(const struct ledger *l, const struct service *first,
    const struct story *s)
{
	const struct ticket_fact *k = ledger_ticket(l, first->last_taken);
	const struct auth_fact *auth = ledger_authenticator(l,
	    &first->last_req);
	const char *user = NULL;

	if (k != NULL && k->issued.frame != 0 &&
	    addr_equal(&k->client_addr, &s->client))
		return NULL;
	if (k != NULL)
		user = k->client;
	if (user == NULL && auth != NULL)
		user = auth->cname;
	return user == NULL || account_is_machine(user) ? NULL : user;
}

static void
report(const struct story *s, const struct attempt *a,
    const struct service *first, const char *user, struct finding *f)
{
	f->rests_on |= EVIDENCE_SERVICE | EVIDENCE_NTLM;
	finding_step(f, &a->req);
	finding_subject(f, SUBJECT_SPN, first->spn);
	finding_subject(f, SUBJECT_REALM, first->realm);
	finding_subject_addr(f, SUBJECT_SERVER, &s->client);
	finding_param(f, "user",
	    finding_text(f, "%.*s", (int)strcspn(user, "@"), user));
	finding_param(f, "as", a->anonymous ? "nobody" : a->user);
	finding_param(f, "next", s->host != NULL ? s->host : "another service");
	finding_evidence(f, &a->rep, "the second hop, as %s, is refused",
	    a->anonymous ? "nobody" : a->user);
	finding_evidence(f, &first->taken.last, "%s took the ticket of %s",
	    first->spn, user);
}

/* Whether the user handed over a TGT. */
enum held { HELD_UNKNOWN, HELD_NO, HELD_YES };

/* By the keys of the service. */
static enum held
held_inside(const struct ledger *l, const struct service *first,
    struct finding *f)
{
	const struct auth_fact *auth = ledger_authenticator(l,
	    &first->last_req);

	if (auth == NULL || !auth->gss)
		return HELD_UNKNOWN;
	if (auth->delegate || auth->delegated)
		return HELD_YES;
	f->rests_on |= EVIDENCE_KEYTAB;
	finding_lookup(f, auth->source, "opens the log-on: no TGT inside");
	return HELD_NO;
}

/* By what the KDC told the client that wanted one to hand over, just then. */
static enum held
held_by_kdc(const struct ledger *l, const struct service *first,
    struct finding *f)
{
	const struct ticket_fact *k = ledger_ticket(l, first->last_taken);
	const struct host *h;

	if (k == NULL || k->issued.frame == 0)
		return HELD_UNKNOWN;
	h = ledger_host(l, &k->client_addr);
	if (h == NULL || h->tgt_not_forwarded.frame == 0 ||
	    h->tgt_forwarded.frame != 0 ||
	    !is_just_before(h->tgt_not_forwarded.time, first->last_req.time))
		return HELD_UNKNOWN;
	f->rests_on |= EVIDENCE_KDC;
	finding_evidence(f, &h->tgt_not_forwarded,
	    "the KDC gives the client no TGT to hand over");
	return HELD_NO;
}

/* What the directory and the keys say of it; NONE: it is something else. */
static enum certainty
weigh(const struct ledger *l, const struct service *first, struct finding *f)
{
	const struct dir_account *front = ledger_owner(l, first->spn,
	    first->realm);
	enum held held = held_inside(l, first, f);

	if (held == HELD_UNKNOWN)
		held = held_by_kdc(l, first, f);
	if (held == HELD_YES)
		return CERTAINTY_NONE;
	if (front == NULL || !front->uac_known) {
		f->missing |= EVIDENCE_DIRECTORY;
		return CERTAINTY_NONE;
	}
	if ((front->uac & UAC_TRUSTED_FOR_DELEGATION) == 0 ||
	    (front->delegate_to != NULL && front->delegate_to[0] != NULL))
		return CERTAINTY_NONE;
	finding_param(f, "front",
	    finding_text(f, "%.*s", (int)strcspn(front->name, "@"),
		front->name));
	finding_account(f, front, "%s is trusted for delegation (0x80000)",
	    front->name);
	if (held == HELD_NO)
		return CERTAINTY_LIKELY;
	f->missing |= EVIDENCE_KEYTAB;
	return CERTAINTY_NONE;
}

/* The user himself may be why. */
static void
say_user(const struct ledger *l, const struct service *first, const char *user,
    struct finding *f)
{
	const struct dir_account *a;
	char name[256];
	size_t n = strcspn(user, "@");

	if (n >= sizeof(name))
		return;
	memcpy(name, user, n);
	name[n] = '\0';
	a = ledger_directory_account(l, name,
	    user[n] == '@' ? user + n + 1 : first->realm);
	if (a == NULL)
		return;
	if ((a->uac_known && (a->uac & UAC_NOT_DELEGATED) != 0) ||
	    a->protected_user) {
		finding_account(f, a, "%s may not be delegated", a->name);
		finding_param(f, "because",
		    " The directory does not let that user be delegated.");
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = refused_hop(s);
	const struct service *first;
	const char *user;

	if (a == NULL)
		return verdict_clear_if(s->nattempts > 0);
	first = first_hop(l, s, a);
	user = first == NULL ? NULL : user_of(l, first, s);
	if (user == NULL)
		return VERDICT_CLEAR;
	report(s, a, first, user, f);
	f->certainty = weigh(l, first, f);
	if (f->certainty == CERTAINTY_NONE)
		return f->missing != 0 ? VERDICT_UNKNOWN : VERDICT_CLEAR;
	say_user(l, first, user, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "Get-ADUser '{user|USER}' -Properties "
	    "AccountNotDelegated,MemberOf",
	    "True, or Protected Users: never handed over; nor with Credential "
	    "Guard; by browsers to listed servers only "
	    "(AuthNegotiateDelegateAllowlist)" },
	{ "windows",
	    "Set-ADComputer '{front|FRONTEND}' -TrustedForDelegation $false "
	    "-Add @{'msDS-AllowedToDelegateTo'='SECOND-SERVICE'}",
	    "better, and needs no TGT of the user: constrained delegation" },
	{ "unix", "kinit -f; GSSAPIDelegateCredentials yes (ssh)",
	    "or forwardable = true in [libdefaults] of the client" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4121 4.1.1.1",
	"RFC 4120 2.6, 2.8 (OK-AS-DELEGATE)",
	"Microsoft: Kerberos double hop",
	NULL,
};

const struct rule rule_deleg_unconstrained_no_forwarded_tgt = {
	.id = "deleg-unconstrained-no-forwarded-tgt",
	.title = "{spn|A service} gets no TGT of {user|its user} to go on with",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "delegation",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_NAME | MENDED_ONLY,
	.check = check,
	.explains = explains,
	.why = "{user|A user} logs on to {spn|a service} with Kerberos and "
	       "hands over no TGT, though the service is trusted for "
	       "delegation. So it goes on to {next|another service} as "
	       "{as|nobody}, and is refused there.{because|}",
	.not_this = "A service that works under its own name by design, or by "
		    "constrained delegation. A TGT that was handed over and "
		    "is not used.",
	.decide = "the keys of {spn|the first service} (--keytab): does the "
		  "log-on of {user|the user} hold a TGT?",
	.verify = "The next log-on of {user|the user} to {spn|the service} "
		  "has the delegation flag, and {next|the second service} "
		  "takes a ticket of {user|the user}.",
	.fix = fix,
	.see = see,
};
