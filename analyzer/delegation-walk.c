/*
 * delegation-walk.c - which of the faults of delegation a refusal can be.
 *
 * One error code stands for all of them (MS-SFU 3.2.5.2.1, 3.2.5.2.3):
 * Windows adds an NTSTATUS, MIT a text, Samba nothing.  What speaks, in this
 * order: that NTSTATUS or text, other times with one thing different, the
 * user's ticket itself, the directory.  An empty list and no list of the
 * target come before the ticket: Samba's S4U2Self ticket of a service that
 * may do nothing is not forwardable either.
 */
#include <string.h>
#include <strings.h>

#include "delegation.h"
#include "rule.h"

#define TICKET_FORWARDABLE 0x40000000u /* TicketFlags, RFC 4120 5.3: bit 1 */

/* NTSTATUS beside the 13. */
#define NT_NOT_SUPPORTED 0xC00000BB       /* the list is empty */
#define NT_NO_MATCH 0xC0000272            /* not in it, or not forwardable */
#define NT_NOT_FOUND 0xC0000225           /* the target's own list */
#define NT_ACCOUNT_RESTRICTION 0xC000006E /* not forwardable, and RBCD */

/* Of FAULT, it is at least so sure; what is excluded stays so. */
static void
think(struct delegation *d, enum delegation_fault fault, enum certainty sure)
{
	struct opinion *o = &d->of[fault];

	if (!o->excluded && sure > o->sure)
		o->sure = sure;
}

/* BECAUSE is in the finding's memory, or static; REF may be NULL. */
static void
exclude(struct delegation *d, enum delegation_fault fault,
    const struct ref *ref, const char *because)
{
	struct opinion *o = &d->of[fault];

	if (o->excluded || o->sure == CERTAINTY_PROVEN)
		return;
	o->excluded = true;
	o->sure = CERTAINTY_NONE;
	o->because = because;
	if (ref != NULL)
		o->ref = *ref;
}

/* None of the lists is at fault. */
static void
exclude_lists(struct delegation *d, const struct ref *ref, const char *because)
{
	exclude(d, DELEG_CROSS_DOMAIN, ref, because);
	exclude(d, DELEG_RBCD_DENIED, ref, because);
	exclude(d, DELEG_NOT_CONFIGURED, ref, because);
	exclude(d, DELEG_NOT_LISTED, ref, because);
}

static void
exclude_user(struct delegation *d, const struct ref *ref, const char *because)
{
	exclude(d, DELEG_SENSITIVE, ref, because);
	exclude(d, DELEG_NOT_FORWARDABLE, ref, because);
}

static const char *
source_of(const struct dir_account *a)
{
	return a->source != NULL ? a->source : a->name;
}

static const char *
user_of(const struct delegation *d)
{
	return d->user != NULL ? d->user : "the user";
}

static const char *
front_text(const struct delegation *d)
{
	return d->front != NULL ? d->front : "the service";
}

/* The user came with a ticket that was asked to be forwardable. */
static bool
asked_well(const struct delegation *d)
{
	return d->origin == ORIGIN_LOGON && d->asked_known &&
	    d->asked_forwardable;
}

/* --- without any look-up ------------------------------------------------ */

static bool
other_realm(const struct delegation *d)
{
	return d->front_realm != NULL && d->e->realm != NULL &&
	    strcasecmp(d->front_realm, d->e->realm) != 0;
}

static void
begin(struct delegation *d)
{
	think(d, DELEG_NOT_CONFIGURED, CERTAINTY_POSSIBLE);
	think(d, DELEG_NOT_LISTED, CERTAINTY_POSSIBLE);
	think(d, DELEG_SENSITIVE, CERTAINTY_POSSIBLE);
	think(d, DELEG_NOT_FORWARDABLE, CERTAINTY_POSSIBLE);
	if (d->resource)
		think(d, DELEG_RBCD_DENIED, CERTAINTY_POSSIBLE);
	if (!other_realm(d))
		return;
	think(d, DELEG_CROSS_DOMAIN, CERTAINTY_POSSIBLE);
	exclude(d, DELEG_NOT_CONFIGURED, &d->e->rep,
	    "the KDC of another realm heeds no list of the front end's");
	exclude(d, DELEG_NOT_LISTED, &d->e->rep,
	    "the KDC of another realm heeds no list of the front end's");
}

static void
judge_no_match(struct delegation *d)
{
	const struct ref *ref = &d->e->rep;

	exclude(d, DELEG_NOT_CONFIGURED, ref,
	    "of an empty list the KDC says STATUS_NOT_SUPPORTED");
	exclude(d, DELEG_RBCD_DENIED, ref,
	    "of the target's own list the KDC says STATUS_NOT_FOUND");
	if (!asked_well(d))
		return;
	exclude(d, DELEG_NOT_FORWARDABLE, &d->origin_ref,
	    "the user came with Kerberos, and asked for a forwardable ticket");
	think(d, DELEG_NOT_LISTED, CERTAINTY_LIKELY);
}

static void
judge_restriction(struct delegation *d)
{
	exclude_lists(d, &d->e->rep,
	    "of a list the KDC does not say STATUS_ACCOUNT_RESTRICTION");
	if (!asked_well(d))
		return;
	exclude(d, DELEG_NOT_FORWARDABLE, &d->origin_ref,
	    "the user came with Kerberos, and asked for a forwardable ticket");
	think(d, DELEG_SENSITIVE, CERTAINTY_LIKELY);
}

/* The directory has the front end's list: that it is so still shows. */
static bool
knows_list(const struct delegation *d)
{
	return d->front_account != NULL && d->front_account->delegate_known;
}

/* Windows; hidden by armour. */
static void
judge_status(struct delegation *d)
{
	const struct ref *ref = &d->e->rep;

	switch (d->e->ntstatus) {
	case NT_NOT_SUPPORTED:
		think(d, DELEG_NOT_CONFIGURED,
		    d->resource || knows_list(d) ? CERTAINTY_LIKELY :
						   CERTAINTY_PROVEN);
		exclude(d, DELEG_NOT_LISTED, ref,
		    "of a list with other targets the KDC says "
		    "STATUS_NO_MATCH");
		exclude_user(d, ref,
		    "of the user the KDC does not say STATUS_NOT_SUPPORTED");
		break;
	case NT_NO_MATCH:
		judge_no_match(d);
		break;
	case NT_NOT_FOUND:
		think(d, DELEG_RBCD_DENIED, CERTAINTY_LIKELY);
		exclude_user(d, ref,
		    "of the user the KDC does not say STATUS_NOT_FOUND");
		break;
	case NT_ACCOUNT_RESTRICTION:
		judge_restriction(d);
		break;
	default:
		break;
	}
}

/* MIT, whose db2 has nowhere to keep a list; its LDAP back end does. */
bool
delegation_unsupported(const struct exchange *e)
{
	return e->e_text != NULL &&
	    strcmp(e->e_text, "UNSUPPORTED_S4U2PROXY_REQUEST") == 0;
}

/* MIT says in clear what it found first, also outside the armour. */
static void
judge_text(struct delegation *d)
{
	const char *text = d->e->e_text;
	const struct ref *ref = &d->e->rep;

	if (text == NULL)
		return;
	if (strcmp(text, "EVIDENCE_TKT_NOT_FORWARDABLE") == 0) {
		exclude_lists(d, ref, "the KDC says that it is the ticket");
		think(d, DELEG_NOT_FORWARDABLE, CERTAINTY_LIKELY);
		if (d->asked_known && !d->asked_forwardable)
			think(d, DELEG_NOT_FORWARDABLE, CERTAINTY_PROVEN);
	} else if (strcmp(text, "NOT_ALLOWED_TO_DELEGATE") == 0) {
		exclude_user(d, ref, "the KDC says that the service may not");
	} else if (delegation_unsupported(d->e)) {
		exclude_user(d, ref, "the KDC says that it knows no lists");
		if (other_realm(d))
			return;
		exclude(d, DELEG_NOT_LISTED, ref,
		    "the KDC says that it knows no lists");
		think(d, DELEG_NOT_CONFIGURED, CERTAINTY_LIKELY);
	}
}

/* --- other times -------------------------------------------------------- */

static void
compare_user(struct delegation *d, const struct delegated *g)
{
	exclude_lists(d, &g->ref,
	    finding_text(d->f, "%s got the same for %s", front_text(d),
		g->user));
	if (d->origin == ORIGIN_S4U2SELF)
		exclude(d, DELEG_NOT_FORWARDABLE, &g->ref,
		    finding_text(d->f, "it got the ticket of %s in that way",
			g->user));
	if (d->origin == ORIGIN_S4U2SELF || asked_well(d))
		think(d, DELEG_SENSITIVE, CERTAINTY_LIKELY);
}

static void
compare_target(struct delegation *d, const struct delegated *g)
{
	exclude_user(d, &g->ref,
	    finding_text(d->f, "%s got %s for %s in that way", front_text(d),
		g->target, user_of(d)));
	if (g->resource)
		return; /* by which list is not known */
	exclude(d, DELEG_NOT_CONFIGURED, &g->ref,
	    finding_text(d->f, "%s got %s", front_text(d), g->target));
	think(d, DELEG_NOT_LISTED, CERTAINTY_LIKELY);
}

static void
compare_way(struct delegation *d, const struct delegated *g)
{
	const char *because = finding_text(d->f,
	    "%s got the same for %s with a ticket come by in another way",
	    front_text(d), user_of(d));

	exclude_lists(d, &g->ref, because);
	exclude(d, DELEG_SENSITIVE, &g->ref, because);
	think(d, DELEG_NOT_FORWARDABLE, CERTAINTY_LIKELY);
}

static void
judge_others(struct delegation *d)
{
	if (d->other_user != NULL)
		compare_user(d, d->other_user);
	if (d->other_way != NULL)
		compare_way(d, d->other_way);
	if (d->other_target != NULL)
		compare_target(d, d->other_target);
}

/* --- the user's ticket -------------------------------------------------- */

static void
judge_ticket(struct delegation *d)
{
	const struct key_trial *t = d->opened;

	if (t != NULL && (t->flags & TICKET_FORWARDABLE) != 0) {
		exclude_user(d, NULL,
		    finding_text(d->f, "the ticket is forwardable (%s)",
			t->source));
		return;
	}
	/* That nobody asked for it is as good as seeing the flag. */
	if (t == NULL && (!d->asked_known || d->asked_forwardable))
		return;
	if (d->asked_known && !d->asked_forwardable)
		exclude(d, DELEG_SENSITIVE, &d->origin_ref,
		    "nobody asked for a ticket that may be handed on");
	/* The ticket of a sensitive user looks the same. */
	if (!d->of[DELEG_SENSITIVE].excluded)
		return;
	think(d, DELEG_NOT_FORWARDABLE,
	    t != NULL && d->listed ? CERTAINTY_PROVEN : CERTAINTY_LIKELY);
}

/* --- the directory ------------------------------------------------------ */

enum acts
delegation_acts(const struct dir_account *a, const struct dir_account *front)
{
	const char *const *p;
	bool group = false;

	if (a == NULL || !a->acts_known)
		return ACTS_UNKNOWN;
	if (a->acts_here == NULL || a->acts_here[0] == NULL)
		return ACTS_NOBODY;
	for (p = a->acts_here; *p != NULL; p++) {
		if (front != NULL &&
		    (strcasecmp(*p, front->name) == 0 ||
			(front->sid != NULL &&
			    strcasecmp(*p, front->sid) == 0)))
			return ACTS_FRONT;
		/* No account's name: it may be a group of the front end's. */
		group = group || strchr(*p, '@') == NULL;
	}
	return group || front == NULL ? ACTS_UNKNOWN : ACTS_OTHERS;
}

static bool
is_foreign(const struct delegation *d)
{
	return d->owner != NULL && d->front_account != NULL &&
	    strcasecmp(d->owner->realm, d->front_account->realm) != 0;
}

/* The target is in another domain: only its own list can let anybody in. */
static void
judge_foreign(struct delegation *d, enum acts acts)
{
	if (acts == ACTS_OTHERS && !d->listed) {
		think(d, DELEG_RBCD_DENIED, CERTAINTY_PROVEN);
		return;
	}
	think(d, DELEG_CROSS_DOMAIN,
	    acts == ACTS_UNKNOWN ? CERTAINTY_LIKELY : CERTAINTY_PROVEN);
	if (acts == ACTS_UNKNOWN && d->listed)
		think(d, DELEG_CROSS_DOMAIN, CERTAINTY_PROVEN);
	if (d->listed)
		exclude(d, DELEG_NOT_LISTED, NULL,
		    finding_text(d->f, "%s is listed (%s)", d->e->sname,
			source_of(d->front_account)));
}

/* The front end has no list, or the target is not in it. */
static void
judge_unlisted(struct delegation *d, enum acts acts)
{
	enum delegation_fault fault = d->entries > 0 ? DELEG_NOT_LISTED :
						       DELEG_NOT_CONFIGURED;
	bool own = acts == ACTS_UNKNOWN && d->resource;

	if (acts == ACTS_OTHERS && d->resource && !d->near_host) {
		think(d, DELEG_RBCD_DENIED, CERTAINTY_PROVEN);
		return;
	}
	/*
	 * An empty list and a target whose list is not at hand: which of the
	 * two should be filled is for people to know.
	 */
	think(d, fault,
	    own && d->entries == 0 ? CERTAINTY_LIKELY : CERTAINTY_PROVEN);
	if (d->entries > 0)
		exclude(d, DELEG_NOT_CONFIGURED, NULL,
		    finding_text(d->f, "%s has a list (%s)", front_text(d),
			source_of(d->front_account)));
	else
		exclude(d, DELEG_NOT_LISTED, NULL,
		    finding_text(d->f, "%s has no list at all (%s)",
			front_text(d), source_of(d->front_account)));
}

static void
judge_lists(struct delegation *d)
{
	enum acts acts = delegation_acts(d->owner, d->front_account);
	const struct dir_account *a = d->front_account;

	if (acts == ACTS_FRONT && d->resource)
		exclude_lists(d, NULL,
		    finding_text(d->f, "the list of %s names %s (%s)",
			d->owner->name, a->name, source_of(d->owner)));
	if (acts == ACTS_NOBODY)
		exclude(d, DELEG_RBCD_DENIED, NULL,
		    finding_text(d->f, "%s has no list of its own (%s)",
			d->owner->name, source_of(d->owner)));
	if (a == NULL)
		return;
	if (d->owner != NULL && !is_foreign(d))
		exclude(d, DELEG_CROSS_DOMAIN, NULL,
		    finding_text(d->f, "%s is of the same domain (%s)",
			d->owner->name, source_of(d->owner)));
	if (!a->delegate_known)
		return;
	if (is_foreign(d)) {
		judge_foreign(d, acts);
	} else if (d->listed) {
		exclude_lists(d, NULL,
		    finding_text(d->f, "%s is listed (%s)", d->e->sname,
			source_of(a)));
	} else
		judge_unlisted(d, acts);
}

bool
delegation_sensitive(const struct dir_account *a)
{
	return a != NULL &&
	    ((a->uac_known && (a->uac & UAC_NOT_DELEGATED) != 0) ||
		a->protected_user);
}

/* DelegationNotAllowed of MS-SFU 3.2.1; Protected Users since Windows 2012. */
static void
judge_user(struct delegation *d)
{
	const struct dir_account *a = d->user_account;

	if (a == NULL)
		return;
	if (delegation_sensitive(a))
		think(d, DELEG_SENSITIVE, CERTAINTY_PROVEN);
	else if (a->uac_known && a->member_known)
		exclude(d, DELEG_SENSITIVE, NULL,
		    finding_text(d->f,
			"%.*s is not marked sensitive, nor in Protected Users "
			"(%s)",
			(int)strcspn(a->name, "@"), a->name, source_of(a)));
}

/* TrustedToAuthenticationForDelegation of MS-SFU 3.2.1. */
static void
judge_transition(struct delegation *d)
{
	const struct dir_account *a = d->front_account;

	if (a == NULL || !a->uac_known || d->origin != ORIGIN_S4U2SELF)
		return;
	if ((a->uac & UAC_TRUSTED_TO_AUTH) == 0) {
		/* With an empty list Windows makes it forwardable. */
		if (d->listed)
			think(d, DELEG_NOT_FORWARDABLE, CERTAINTY_PROVEN);
	} else if (!d->asked_known || d->asked_forwardable)
		exclude(d, DELEG_NOT_FORWARDABLE, NULL,
		    finding_text(d->f,
			"%s may act for users by any protocol (%s)",
			front_text(d), source_of(a)));
}

/* --- the whole ---------------------------------------------------------- */

/*
 * The account has no mark, and whether it is in Protected Users was not
 * exported: not enough to exclude the user, and worth saying beside a proof.
 */
static void
say_unmarked(struct delegation *d)
{
	const struct dir_account *a = d->user_account;

	d->of[DELEG_SENSITIVE].sure = CERTAINTY_NONE;
	if (a != NULL && a->uac_known && !delegation_sensitive(a))
		exclude(d, DELEG_SENSITIVE, NULL,
		    finding_text(d->f, "%.*s is not marked sensitive (%s)",
			(int)strcspn(a->name, "@"), a->name, source_of(a)));
}

/* What is proven silences the rest; the first of the walk is the cause. */
static void
settle(struct delegation *d)
{
	int i, first = -1;

	for (i = 0; i < DELEG_FAULTS && first < 0; i++)
		if (d->of[i].sure == CERTAINTY_PROVEN)
			first = i;
	for (i = 0; i < DELEG_FAULTS; i++)
		if (first >= 0 && i != first)
			d->of[i].sure = CERTAINTY_NONE;
	if (first >= 0 && first != DELEG_SENSITIVE)
		say_unmarked(d);
}

void
delegation_judge(struct delegation *d)
{
	begin(d);
	judge_status(d);
	judge_text(d);
	judge_others(d);
	judge_user(d);
	judge_lists(d);
	judge_transition(d);
	judge_ticket(d);
	settle(d);
}

/* Whether what excludes fault I excludes a later one, too. */
static bool
said_later(const struct delegation *d, int i)
{
	const char *because = d->of[i].because;

	while (++i < DELEG_FAULTS)
		if (d->of[i].excluded && strcmp(d->of[i].because, because) == 0)
			return true;
	return false;
}

void
delegation_walk(const struct delegation *d)
{
	static const char *const names[] = {
		[DELEG_CROSS_DOMAIN] = "a target in another domain",
		[DELEG_RBCD_DENIED] = "the target's own list",
		[DELEG_NOT_CONFIGURED] = "a service without a list",
		[DELEG_NOT_LISTED] = "a target that is not listed",
		[DELEG_SENSITIVE] = "the user",
		[DELEG_NOT_FORWARDABLE] = "the user's ticket",
	};
	const struct opinion *o;
	int i;

	for (i = 0; i < DELEG_FAULTS; i++) {
		o = &d->of[i];
		if (o->excluded && !said_later(d, i))
			finding_excluded(d->f,
			    o->ref.frame != 0 ? &o->ref : NULL, names[i], "%s",
			    o->because);
	}
}
