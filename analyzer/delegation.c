/*
 * delegation.c - a refused S4U2Proxy: who asks, for what, in whose name, and
 * how it came by that user's ticket (MS-SFU 3.1.5.1, 3.1.5.2).
 *
 * The user's ticket joins it all by its digest: S4U2Self in this story or in
 * one long over (Windows keeps such tickets for a quarter of an hour), or the
 * user's own log-on at the front end.
 */
#include <string.h>
#include <strings.h>

#include "delegation.h"
#include "rule.h"

/* --- who -------------------------------------------------------------- */

/* The part of PRINCIPAL before its realm, and the realm; "\@" is no end. */
static void
split_principal(struct finding *f, const char *principal, const char **name,
    const char **realm)
{
	const char *at = strrchr(principal, '@');

	if (at == NULL || at == principal || at[-1] == '\\') {
		*name = principal;
		return;
	}
	*name = finding_text(f, "%.*s", (int)(at - principal), principal);
	*realm = finding_text(f, "%s", at + 1);
}

/* The S4U2Self of S whose ticket E shows, by its digest. */
static const struct exchange *
self_of(const struct story *s, const struct exchange *e)
{
	const struct exchange *x;

	for (x = e; x-- > s->exchanges;)
		if (x->s4u2self && x->answer == ANSWER_OK &&
		    memcmp(x->issued.digest, e->evidence.digest, DIGEST_LEN) ==
			0)
			return x;
	return NULL;
}

static bool
is_krbtgt(const char *sname)
{
	return sname != NULL && strncasecmp(sname, "krbtgt/", 7) == 0;
}

/*
 * Whether the front end itself fetched the ticket K: Windows hides what makes
 * it an S4U2Self inside the armour.
 */
static bool
is_own(const struct delegation *d, const struct ticket_fact *k)
{
	size_t n = d->e->cname == NULL ? 0 : strlen(d->e->cname);

	return n > 0 && k->client != NULL &&
	    strncasecmp(k->client, d->e->cname, n) == 0 &&
	    (k->client[n] == '@' || k->client[n] == '\0');
}

/* What the ledger knows of the user's ticket. */
static void
find_evidence(struct delegation *d, const struct ledger *l)
{
	static const uint8_t no_digest[DIGEST_LEN];
	const uint8_t *digest = d->e->evidence.digest;
	const struct ticket_fact *k;
	const struct key_trial *t;
	const char *user;
	bool self;

	if (memcmp(digest, no_digest, DIGEST_LEN) == 0)
		return; /* cut short */
	t = ledger_key_trial(l, digest);
	if (t != NULL && t->result == KEY_OPENS) {
		d->opened = t;
		d->user = t->cname;
		d->user_realm = t->crealm;
	}
	k = ledger_ticket(l, digest);
	if (k == NULL)
		return;
	self = k->s4u2self || is_own(d, k);
	if (k->issued.frame != 0) {
		d->origin = self ? ORIGIN_S4U2SELF : ORIGIN_LOGON;
		d->origin_ref = k->issued;
		d->asked_known = k->asked_known;
		d->asked_forwardable = (k->asked & KDC_FORWARDABLE) != 0;
	} else if (k->nat > 0 && k->at[0].taken.count > 0) {
		/* Shown to a service: nobody shows what he made himself. */
		d->origin = ORIGIN_LOGON;
		d->origin_ref = k->at[0].taken.first;
	}
	/* What the front end got in another's name says who it is. */
	if (k->user != NULL && k->client != NULL && d->e->cname == NULL)
		split_principal(d->f, k->client, &d->front, &d->front_realm);
	user = k->user != NULL ? k->user : self ? NULL : k->client;
	if (user != NULL && d->user == NULL)
		split_principal(d->f, user, &d->user, &d->user_realm);
}

/* The user as the story has it, when the ticket is not in the ledger. */
static void
find_self(struct delegation *d, const struct story *s)
{
	d->self = self_of(s, d->e);
	if (d->self == NULL)
		return;
	d->origin = ORIGIN_S4U2SELF;
	d->origin_ref = d->self->rep;
	d->asked_known = true;
	d->asked_forwardable = (d->self->options & KDC_FORWARDABLE) != 0;
	if (d->self->for_user != NULL) {
		d->user = d->self->for_user;
		d->user_realm = d->self->for_user_realm;
	}
}

/* --- what the directory has of them ------------------------------------ */

static const struct dir_account *
account_of(const struct ledger *l, struct finding *f, const char *name,
    const char *realm)
{
	const struct dir_account *a;

	if (name == NULL)
		return NULL;
	a = ledger_directory_account(l, name, realm);
	if (a == NULL && realm != NULL)
		a = ledger_dir_account(l,
		    finding_text(f, "%s@%s", name, realm));
	return a;
}

/* The front end's account: by its own name, or by that of its service. */
static const struct dir_account *
front_account(const struct delegation *d, const struct ledger *l)
{
	const struct ticket *t = &d->e->evidence;
	const struct dir_account *a;

	a = account_of(l, d->f, d->front, d->front_realm);
	if (a != NULL || t->sname == NULL || is_krbtgt(t->sname))
		return a;
	a = ledger_owner(l, t->sname, t->realm);
	return a != NULL ? a : account_of(l, d->f, t->sname, t->realm);
}

/* Who alone has SPN in another domain than REALM's. */
static const struct dir_account *
owner_abroad(const struct ledger *l, const char *spn, const char *realm)
{
	const struct spn_owners *o = ledger_owners(l, spn, realm);

	if (o == NULL || o->nowners > 1)
		return NULL;
	if (o->nowners == 1)
		return o->owners[0];
	return o->nimplied == 1 ? o->implied[0] : NULL;
}

/* Who has the target; the same account under several answers is one. */
static const struct dir_account *
target_owner(const struct delegation *d, const struct ledger *l)
{
	const struct dir_account *a;

	a = ledger_owner(l, d->e->sname, d->e->realm);
	if (a == NULL && d->front_realm != NULL)
		a = ledger_owner(l, d->e->sname, d->front_realm);
	/* Of another domain, but in a directory that also has the front end. */
	if (a == NULL && d->front_account != NULL)
		a = owner_abroad(l, d->e->sname, d->e->realm);
	return a;
}

static bool
same_host(const struct spn *a, const struct spn *b)
{
	return a->host.len > 0 && host_alike(a->host, b->host);
}

/* How near ENTRY comes to the target: 0 not at all, 3 another form of it. */
static int
nearness(const char *entry, const struct spn *target)
{
	struct spn s;

	if (!spn_split(entry, &s))
		return 0;
	if (same_host(&s, target))
		return s.class.len == target->class.len &&
			strncasecmp(s.class.p, target->class.p, s.class.len) ==
			    0 ?
		    3 :
		    2;
	return 0;
}

static void
find_entry(struct delegation *d)
{
	const char *const *list = d->front_account->delegate_to;
	struct spn target;
	int best = 0, n;

	if (!spn_split(d->e->sname, &target))
		memset(&target, 0, sizeof(target));
	for (; list != NULL && *list != NULL; list++) {
		d->entries++;
		d->listed = d->listed || strcasecmp(*list, d->e->sname) == 0;
		n = nearness(*list, &target);
		if (n > best || d->near == NULL) {
			d->near = *list;
			best = n;
		}
	}
	d->near_host = best > 0;
}

static void
look_up(struct delegation *d, const struct ledger *l)
{
	d->front_account = front_account(d, l);
	if (d->front_account != NULL) {
		d->front_realm = d->front_account->realm;
		if (d->front_account->delegate_known)
			find_entry(d);
	}
	d->owner = target_owner(d, l);
	if (d->owner != NULL)
		d->target_realm = d->owner->realm;
	d->user_account = account_of(l, d->f, d->user, d->user_realm);
}

/* --- what it got at other times ----------------------------------------- */

static bool
same_user(const struct delegation *d, const struct delegated *g)
{
	size_t n;

	if (g->user == NULL || d->user == NULL)
		return false;
	n = strlen(d->user);
	return strncasecmp(g->user, d->user, n) == 0 &&
	    (g->user[n] == '\0' || g->user[n] == '@');
}

/*
 * Another time that differs in one thing alone shows what that thing is; an
 * unknown user, or way, is no difference.
 */
static void
compare(struct delegation *d, const struct ledger *l)
{
	const struct delegated *g;
	bool user, target, way;
	size_t i;

	if (d->origin == ORIGIN_UNKNOWN || d->user == NULL)
		return;
	for (i = 0; (g = ledger_delegated(l, d->e, i)) != NULL; i++) {
		user = same_user(d, g);
		way = g->s4u2self == (d->origin == ORIGIN_S4U2SELF);
		target = strcasecmp(g->target, d->e->sname) == 0;
		if (target && way && !user && g->user != NULL)
			d->other_user = g;
		if (user && way && !target)
			d->other_target = g;
		if (target && user && !way)
			d->other_way = g;
	}
}

/* --- the whole ---------------------------------------------------------- */

static const char *
front_of(const struct exchange *e, const struct story *s)
{
	const char *sname = e->evidence.sname;

	if (e->cname != NULL)
		return e->cname;
	if (s->principal != NULL)
		return s->principal;
	return is_krbtgt(sname) ? NULL : sname;
}

void
delegation_of(const struct story *s, const struct ledger *l,
    const struct exchange *e, struct finding *f, struct delegation *out)
{
	struct delegation d = { .f = f, .e = e };

	d.front = front_of(e, s);
	d.front_realm = e->crealm != NULL ? e->crealm : e->evidence.realm;
	/* Armour (FAST) may hide the option, which all do have since 2012. */
	d.resource = e->fast || (e->pac_options & PAC_OPT_RESOURCE) != 0;
	find_evidence(&d, l);
	find_self(&d, s);
	look_up(&d, l);
	compare(&d, l);
	*out = d;
}

bool
delegation_refused(const struct story *s, const struct ledger *l,
    struct finding *f, struct delegation *out)
{
	const struct exchange *e = story_kdc_refusal(s, KDC_ERR_BADOPTION);

	if (e == NULL || !e->s4u2proxy || story_usual_badoption(e) ||
	    e->sname == NULL)
		return false;
	delegation_of(s, l, e, f, out);
	delegation_judge(out);
	return true;
}

/* --- findings ----------------------------------------------------------- */

static void
report_evidence(const struct delegation *d)
{
	struct finding *f = d->f;

	switch (d->origin) {
	case ORIGIN_S4U2SELF:
		finding_evidence(f, &d->origin_ref,
		    "S4U2Self: a ticket of %s, by the service itself",
		    d->user != NULL ? d->user : "the user");
		break;
	case ORIGIN_LOGON:
		finding_evidence(f, &d->origin_ref,
		    "%s came with a Kerberos ticket for %s",
		    d->user != NULL ? d->user : "the user",
		    d->e->evidence.sname != NULL ? d->e->evidence.sname :
						   "the service");
		break;
	default:
		if (d->e->evidence.sname != NULL)
			finding_evidence(f, &d->e->req,
			    "with the user's ticket for %s",
			    d->e->evidence.sname);
		break;
	}
}

/* "svc-web", of "svc-web@FJORD.TEST" or as asked. */
static const char *
sam_of(struct finding *f, const struct dir_account *a)
{
	return finding_text(f, "%.*s", (int)strcspn(a->name, "@"), a->name);
}

/* What of Set-AD... and Get-AD... an account is for. */
static const char *
cmdlet_of(const struct dir_account *a, const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);

	if (a == NULL || a->class == NULL)
		return n > 0 && name[n - 1] == '$' ? "ADComputer" : "ADUser";
	if (strcmp(a->class, "computer") == 0)
		return "ADComputer";
	return strcmp(a->class, "managed") == 0 ? "ADServiceAccount" : "ADUser";
}

void
delegation_report(const struct delegation *d)
{
	const struct exchange *e = d->e;
	struct finding *f = d->f;
	const char *front = d->front;

	f->rests_on |= EVIDENCE_KDC;
	finding_step(f, &e->req);
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	if (d->front_account != NULL) {
		front = sam_of(f, d->front_account);
		finding_subject(f, SUBJECT_ACCOUNT, d->front_account->name);
	} else if (front != NULL && d->front_realm != NULL &&
	    strchr(front, '@') == NULL)
		finding_subject(f, SUBJECT_ACCOUNT,
		    finding_text(f, "%s@%s", front, d->front_realm));
	else
		finding_subject(f, SUBJECT_ACCOUNT, front);
	finding_param(f, "front", front);
	finding_param(f, "user",
	    d->user_account != NULL ? sam_of(f, d->user_account) : d->user);
	finding_param(f, "adfront", cmdlet_of(d->front_account, front));
	if (d->owner != NULL) {
		finding_param(f, "back", sam_of(f, d->owner));
		finding_param(f, "adback", cmdlet_of(d->owner, NULL));
	}
	finding_evidence(f, &e->rep, "KDC: %s%s%s", krb_error_name(e->error),
	    e->e_text != NULL ? ", " : "", e->e_text != NULL ? e->e_text : "");
	finding_evidence(f, &e->req, "S4U2Proxy for %s", e->sname);
	report_evidence(d);
}

/* Whether the directory could say nothing of one of the three. */
static bool
lacks_directory(const struct delegation *d)
{
	return d->front_account == NULL || !d->front_account->delegate_known ||
	    !d->front_account->uac_known || d->user_account == NULL ||
	    !d->user_account->uac_known || d->owner == NULL;
}

/* Its list lacks the target, and the user may not be delegated either. */
static void
say_also(const struct delegation *d, enum delegation_fault fault)
{
	if (fault < DELEG_SENSITIVE && delegation_sensitive(d->user_account)) {
		finding_paramf(d->f, "also",
		    " That is not all: %s may not be delegated to anybody.",
		    sam_of(d->f, d->user_account));
		finding_account(d->f, d->user_account,
		    "%s may not be delegated either", d->user_account->name);
	}
}

/* ATTRIBUTE of A, its LIST, which holds nothing when it says NONE. */
static void
cite_list(struct finding *f, const struct dir_account *a, const char *attribute,
    const char *const *list, const char *none)
{
	const char *text = "";
	int i;

	for (i = 0; list != NULL && *list != NULL && i < 4; i++, list++)
		text = finding_text(f, "%s%s%s", text, i > 0 ? ", " : "",
		    *list);
	finding_account(f, a, "%s of %s: %s%s", attribute, a->name,
	    i > 0 ? text : none, list != NULL && *list != NULL ? ", ..." : "");
}

void
delegation_list(const struct delegation *d)
{
	const struct dir_account *a = d->front_account;

	if (a != NULL && a->delegate_known)
		cite_list(d->f, a, "msDS-AllowedToDelegateTo", a->delegate_to,
		    "nothing");
}

void
delegation_resource_list(const struct delegation *d)
{
	const struct dir_account *a = d->owner;

	if (a != NULL && a->acts_known)
		cite_list(d->f, a, "msDS-AllowedToActOnBehalfOfOtherIdentity",
		    a->acts_here, "nobody");
}

enum verdict
delegation_verdict(const struct story *s, const struct ledger *l,
    enum delegation_fault fault, struct finding *f, struct delegation *out)
{
	if (s->nexchanges == 0)
		return VERDICT_NOT_APPLICABLE;
	if (!delegation_refused(s, l, f, out))
		return VERDICT_CLEAR;
	if (out->of[fault].sure == CERTAINTY_NONE)
		return VERDICT_CLEAR;
	f->certainty = out->of[fault].sure;
	delegation_report(out);
	if (f->certainty != CERTAINTY_PROVEN && lacks_directory(out))
		f->missing |= EVIDENCE_DIRECTORY;
	say_also(out, fault);
	delegation_walk(out);
	return VERDICT_FIRED;
}
