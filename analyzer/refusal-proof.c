/*
 * refusal-proof.c - what keys and the directory prove of a refused ticket.
 *
 * The wire says no more than "I could not use it" (RFC 4120 7.5.9: 41, 44,
 * 45; Samba not even that).  A key that opens the ticket names the account
 * that it was made for; one that does not says why only when it is tied to
 * the service: by the very name asked for, by a ticket of that name that it
 * opened, or by the directory.  That a computer's own keytab should hold the
 * key of cifs/HOST is the rule in a domain and no more: the name may stand on
 * another account, whose version is the next one by accident.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"
#include "skew.h"

#define ROLLED_STEPS 3      /* versions between two exports of an account */
#define FRESH (60 * SECOND) /* from the KDC's answer to the service */

/* Whose key opens the ticket. */
enum whose {
	WHOSE_UNKNOWN,
	WHOSE_OWN,    /* the account that the service runs as */
	WHOSE_ANOTHER /* another account */
};

/* --- names -------------------------------------------------------------- */

static bool
in_realm(const char *principal, const char *realm)
{
	const char *at = strrchr(principal, '@');

	return at == NULL || realm == NULL || strcasecmp(at + 1, realm) == 0;
}

/* Whether the entry PRINCIPAL has the very name that was asked for. */
static bool
is_name_asked(const struct refused_ticket *r, const char *principal)
{
	char name[2 * REFUSAL_HOST_TEXT];

	refusal_cut_realm(principal, sizeof(name), name);
	return strchr(name, '/') != NULL &&
	    spn_equal(name, r->a->ticket.sname) &&
	    in_realm(principal, r->a->ticket.realm);
}

/* --- who the service is ------------------------------------------------- */

/* The account SAM of REALM. */
static const struct dir_account *
find_account(const struct ledger *l, const char *sam, const char *realm)
{
	char name[2 * REFUSAL_HOST_TEXT];

	if (realm == NULL || sam[0] == '\0' ||
	    (size_t)snprintf(name, sizeof(name), "%s@%s", sam, realm) >=
		sizeof(name))
		return NULL;
	return ledger_dir_account(l, name);
}

/*
 * The account that the service runs as.  What it took of another name says so
 * for cifs and host alone: sites of one web server have accounts of their own.
 */
static const struct dir_account *
find_runs_as(const struct ledger *l, const struct refused_ticket *r)
{
	const struct attempt *a = r->a;
	const char *realm = a->ticket.realm;
	const struct dir_account *who;
	char sam[REFUSAL_HOST_TEXT];
	const char *own;

	if (a->error >= 0 && a->error_sname != NULL &&
	    !spn_equal(a->error_sname, a->ticket.sname)) {
		who = ledger_directory_account(l, a->error_sname, realm);
		return who != NULL ? who : find_account(l, r->account, realm);
	}
	if (!refusal_machine_class(r->spn.class))
		return NULL;
	if (r->own_spn != NULL) {
		who = ledger_owner(l, r->own_spn->spn, realm);
		if (who != NULL)
			return who;
	}
	if (r->is_host && r->owners != NULL && r->owners->ncomputers == 1 &&
	    realm != NULL &&
	    strcasecmp(r->owners->computers[0]->realm, realm) == 0)
		return r->owners->computers[0];
	own = r->is_host ? r->host : r->says_other ? r->own : NULL;
	if (own == NULL)
		return NULL;
	return find_account(l, refusal_account(own, sizeof(sam), sam), realm);
}

/* The computer that the server is, as it says itself or its key does. */
static bool
own_computer(const struct refused_ticket *r, size_t size, char *out)
{
	const struct key_trial *t = r->own_key_trial;

	if (r->account[0] != '\0')
		return refusal_computer(r->account, size, out);
	if (!refusal_machine_class(r->spn.class))
		return false;
	if (t != NULL && refusal_computer(t->principal, size, out))
		return true;
	if (r->is_host)
		refusal_lower(str_of(r->host), size, out);
	else if (r->says_other && r->own != NULL)
		refusal_lower(str_of(r->own), size, out);
	else
		return false;
	return true;
}

/* --- a ticket that a key opens ------------------------------------------ */

static enum whose
whose_by_name(const struct refused_ticket *r, const char *principal)
{
	char own[REFUSAL_HOST_TEXT], theirs[REFUSAL_HOST_TEXT];
	char name[2 * REFUSAL_HOST_TEXT];
	bool computer, plain;

	refusal_cut_realm(principal, sizeof(name), name);
	plain = strchr(name, '/') == NULL;
	computer = refusal_computer(name, sizeof(theirs), theirs);
	if (r->a->error >= 0 && r->a->error_sname != NULL &&
	    r->account[0] == '\0' && plain &&
	    strchr(r->a->error_sname, '/') == NULL)
		return refusal_text_is(str_of(name), r->a->error_sname) ?
		    WHOSE_OWN :
		    WHOSE_ANOTHER;
	if ((computer || plain) && own_computer(r, sizeof(own), own))
		return computer && refusal_same_computer(own, theirs) ?
		    WHOSE_OWN :
		    WHOSE_ANOTHER;
	if (r->is_other)
		return WHOSE_UNKNOWN;
	/* The computer asked has keys here, and it was not one of these. */
	if (plain && !computer && r->a->error < 0 &&
	    refusal_machine_class(r->spn.class) && r->key->others != NULL &&
	    refusal_computer(r->key->others, sizeof(theirs), theirs) &&
	    refusal_same_computer(theirs, r->host))
		return WHOSE_ANOTHER;
	if (is_name_asked(r, principal) ||
	    (computer && refusal_same_computer(theirs, r->host)))
		return WHOSE_OWN;
	return WHOSE_UNKNOWN;
}

static enum whose
whose_key(const struct ledger *l, const struct refused_ticket *r)
{
	const char *principal = r->key->principal;
	const struct dir_account *owner;

	if (principal == NULL)
		return WHOSE_UNKNOWN;
	owner = refusal_entry_account(l, principal, r->a->ticket.realm);
	if (owner != NULL && r->runs_as != NULL)
		return refusal_same_account(owner, r->runs_as) ? WHOSE_OWN :
								 WHOSE_ANOTHER;
	if (r->own_key_trial != NULL &&
	    strcasecmp(r->own_key_trial->principal, principal) == 0)
		return WHOSE_OWN;
	return whose_by_name(r, principal);
}

/* An answer that a wrong key brings, and neither a clock nor an account. */
static bool
is_about_keys(const struct attempt *a)
{
	switch (a->error) {
	case KRB_AP_ERR_BAD_INTEGRITY:
	case KRB_AP_ERR_NOT_US:
	case KRB_AP_ERR_MODIFIED:
	case KRB_AP_ERR_BADKEYVER:
	case KRB_AP_ERR_NOKEY:
		return true;
	default:
		return false;
	}
}

/*
 * How far the client is ahead of the server by the authenticator; 0 when
 * that is tolerated, or one of the clocks is not known.
 */
static int64_t
find_skew(const struct story *s, const struct ledger *l,
    const struct refused_ticket *r)
{
	const struct ref *sample;
	int64_t off, all, then;

	if (r->auth == NULL || r->auth->failed || r->auth->ctime <= 0)
		return 0;
	if (r->server != NULL && ledger_clock(l, &r->a->server, &all) &&
	    ledger_clock_at(l, &r->a->server, skew_when(r->a), &then, &sample))
		off = r->auth->ctime - r->a->req.time -
		    (r->server->clock.offset - all + then);
	else if (skew_clock(l, &s->client, &off) != SKEW_OFF)
		return 0;
	return skew_beyond(l, off) ? off : 0;
}

/* Whether the ticket was over when the server looked at it. */
static bool
is_expired(const struct ledger *l, const struct refused_ticket *r)
{
	int64_t now;

	if (r->key->end <= 0)
		return false;
	if (r->server != NULL && r->server->clock.samples > 0)
		now = r->a->req.time + r->server->clock.offset;
	else if (r->auth != NULL && !r->auth->failed)
		now = r->auth->ctime;
	else
		return false;
	return now > r->key->end + ledger_skew(l);
}

/* Whether the server is seen to have the key that opens the ticket. */
static bool
has_the_key(const struct refused_ticket *r)
{
	const struct key_trial *t = r->own_key_trial;

	return r->key_fine ||
	    (t != NULL && t->kvno == r->key->kvno &&
		strcasecmp(t->principal, r->key->principal) == 0);
}

/* --- where a ticket of another account belongs --------------------------- */

/* Whether a computer of the name asked is known, and is not the server. */
static bool
is_another_computers(const struct refused_ticket *r)
{
	char theirs[REFUSAL_HOST_TEXT], own[REFUSAL_HOST_TEXT];
	const struct spn_owners *o = r->owners;
	size_t i;

	if (o != NULL && o->ncomputers > 0 && r->runs_as != NULL &&
	    strchr(r->runs_as->name, '$') != NULL) {
		for (i = 0; i < o->ncomputers; i++)
			if (refusal_same_account(o->computers[i], r->runs_as))
				return false;
		return true;
	}
	return r->key != NULL && r->key->result == KEY_OPENS &&
	    refusal_computer(r->key->principal, sizeof(theirs), theirs) &&
	    refusal_same_computer(theirs, r->host) &&
	    own_computer(r, sizeof(own), own) &&
	    !refusal_same_computer(own, r->host);
}

/*
 * Whether both who takes the ticket and who refuses it are meant by the name.
 * Without DNS the first may be the computer of that name, and the second one
 * that a stale record leads to.
 */
static bool
is_shared_name(const struct refused_ticket *r)
{
	if (r->alternates || r->owner != NULL ||
	    (r->key != NULL && r->key->result == KEY_OPENS))
		return true;
	/* It runs as an account that is no computer's: nodes share those. */
	if (r->a->error >= 0 && r->a->error_sname != NULL &&
	    r->account[0] == '\0' &&
	    !spn_equal(r->a->error_sname, r->a->ticket.sname))
		return true;
	return r->name != NULL && r->elsewhere != NULL &&
	    r->elsewhere->taken.last.time > r->a->req.time;
}

/* The ticket is not for the account that this server runs as. */
static enum refusal_proof
prove_misplaced(const struct ledger *l, const struct refused_ticket *r)
{
	enum refusal_place place = r->place;

	if (r->key_fine || r->healed)
		return PROVEN_NOTHING;
	if (r->elsewhere != NULL && place != REFUSAL_NODE)
		place = refusal_led(l, r);
	switch (place) {
	case REFUSAL_NODE:
		if (is_another_computers(r))
			return PROVEN_HOST;
		return is_shared_name(r) ? PROVEN_NODE : PROVEN_NOTHING;
	case REFUSAL_ROTATION:
		return PROVEN_ROTATION;
	case REFUSAL_HOST:
		return PROVEN_HOST;
	default:
		return is_another_computers(r) ? PROVEN_HOST : PROVEN_ACCOUNT;
	}
}

/*
 * The key of another name opens it: both are of one account.  The name asked
 * has a key of its own, a few versions behind: whoever made that of the other
 * name, or serves it, set a new password.
 */
static bool
is_rolled(const struct refused_ticket *r)
{
	const struct key_trial *k = r->key;
	int64_t kvno = r->a->ticket.kvno;

	return k->asked_source != NULL && k->asked_kvno != EV_ABSENT &&
	    kvno != EV_ABSENT && strchr(k->principal, '/') != NULL &&
	    refusal_older(k->asked_kvno, kvno) &&
	    kvno - k->asked_kvno <= ROLLED_STEPS && !r->key_fine && !r->healed;
}

static enum refusal_proof
prove_opened(const struct story *s, const struct ledger *l,
    struct refused_ticket *r)
{
	enum whose whose = whose_key(l, r);
	bool keys = is_about_keys(r->a);

	if (is_rolled(r))
		return PROVEN_ROLLED;
	/* The key is in another entry: the one of this name stayed behind. */
	if (keys && r->account[0] == '\0' && !r->key_fine && !r->healed &&
	    refusal_older(r->key->asked_kvno, r->a->ticket.kvno))
		return PROVEN_STALE_KEY;
	if (whose == WHOSE_ANOTHER)
		return prove_misplaced(l, r);
	r->same_account = whose == WHOSE_OWN;
	if (r->auth != NULL && r->auth->failed)
		return PROVEN_DAMAGED;
	r->off = keys ? 0 : find_skew(s, l, r);
	if (r->off != 0)
		return PROVEN_SKEW;
	if (!keys && is_expired(l, r)) {
		if (skew_clock_at(l, &r->a->server, skew_when(r->a), &r->off) ==
		    SKEW_RIGHT)
			return PROVEN_EXPIRED;
		r->off = -r->off;
		return PROVEN_SKEW;
	}
	if (whose == WHOSE_UNKNOWN)
		return PROVEN_NOTHING;
	if ((r->a->error == KRB_AP_ERR_NOKEY ||
		r->a->error == KRB_AP_ERR_NOT_US) &&
	    !is_name_asked(r, r->key->principal))
		return PROVEN_NO_PRINCIPAL;
	if (r->a->error == KRB_AP_ERR_BADKEYVER && r->key->kvno != EV_ABSENT &&
	    r->key->kvno != r->a->ticket.kvno)
		return PROVEN_VERSION;
	if (has_the_key(r))
		return PROVEN_FINE;
	/* A file may hold what the service does not use. */
	r->key_unused = keys || r->risen;
	return r->key_unused ? PROVEN_NOTHING : PROVEN_FINE;
}

/* --- a ticket that no key opens ------------------------------------------ */

/*
 * The owner has the name by HOST/, and an account that is not at hand may have
 * it literally: that one goes before.
 */
static bool
is_guessed(const struct refused_ticket *r)
{
	return r->owners != NULL && r->owners->nowners == 0 &&
	    !r->owners->covered;
}

static enum key_tie
tie_of(const struct ledger *l, const struct refused_ticket *r)
{
	const struct key_trial *k = r->key, *t = NULL;
	const struct dir_account *who;
	char name[2 * REFUSAL_HOST_TEXT];

	if (k->principal == NULL)
		return TIE_NONE;
	who = refusal_entry_account(l, k->principal, r->a->ticket.realm);
	if (who != NULL && r->owner != NULL && !is_guessed(r) &&
	    refusal_same_account(who, r->owner))
		return TIE_ACCOUNT;
	if (r->here != NULL && r->here->taken.count > 0)
		t = ledger_key_trial(l, r->here->last_taken);
	if (t != NULL && t->result == KEY_OPENS && t->principal != NULL &&
	    strcasecmp(t->principal, k->principal) == 0)
		return TIE_TAKEN;
	if (k->rc4_opens)
		return TIE_RC4;
	/* A server that names its account is Windows: it has no keytab. */
	if (is_name_asked(r, k->principal))
		return r->account[0] == '\0' ? TIE_NAME : TIE_HOST;
	refusal_cut_realm(k->principal, sizeof(name), name);
	if (refusal_machine_class(r->spn.class) &&
	    refusal_computer(name, sizeof(name), name) &&
	    refusal_same_computer(name, r->host))
		return TIE_HOST;
	return TIE_NONE;
}

/* Whether the computer asked is refused its own log-on. */
static bool
machine_fails(const struct ledger *l, const struct refused_ticket *r)
{
	const struct account_fact *m = ledger_machine(l, r->host);

	return m != NULL && m->bad_key.count > 0 &&
	    in_realm(m->principal, r->a->ticket.realm) &&
	    (m->ok.count == 0 || m->ok.last.time <= m->bad_key.last.time);
}

/*
 * Whether the entry of a computer, older than the ticket, is what a computer
 * has that missed its new password.  One that names its account (41) is
 * Windows, which uses no keytab: the file says nothing of what it has.
 */
static bool
missed_one(const struct ledger *l, const struct refused_ticket *r)
{
	if (r->risen || machine_fails(l, r) ||
	    r->a->error == KRB_AP_ERR_BADKEYVER)
		return true;
	return r->account[0] == '\0' && r->a->ticket.kvno == r->key->newest + 1;
}

/* Whether the keys at hand are those of the server that refused. */
static bool
file_is_servers(const struct refused_ticket *r)
{
	const char *names[2] = { r->key->others, r->key->principal };
	char own[REFUSAL_HOST_TEXT], theirs[REFUSAL_HOST_TEXT];
	const char *said = r->a->error >= 0 ? r->a->error_sname : NULL;
	size_t i;

	if (r->own_key_trial != NULL)
		return true;
	for (i = 0; i < 2 && said != NULL; i++)
		if (names[i] != NULL && !spn_equal(said, r->a->ticket.sname) &&
		    strcmp(refusal_cut_realm(names[i], sizeof(theirs), theirs),
			said) == 0)
			return true;
	if (!own_computer(r, sizeof(own), own))
		return false;
	for (i = 0; i < 2; i++)
		if (names[i] != NULL &&
		    refusal_computer(names[i], sizeof(theirs), theirs) &&
		    refusal_same_computer(own, theirs))
			return true;
	return false;
}

/*
 * The KDC made it just now with an older version than the keytab has: not an
 * old ticket, but another account's or one that was made anew.
 */
static bool
is_made_anew(const struct ledger *l, const struct refused_ticket *r)
{
	const struct attempt *a = r->a;
	const struct spn_fact *f;

	if (a->issued.frame == 0 || a->req.time - a->issued.time > FRESH)
		return false;
	f = ledger_spn(l, a->ticket.sname, a->ticket.realm);
	return f == NULL || f->issued.count == 0 ||
	    f->issued.kvno_last == a->ticket.kvno;
}

static enum refusal_proof
prove_version(const struct ledger *l, const struct refused_ticket *r)
{
	enum key_tie tie = r->tie;
	int64_t kvno = r->a->ticket.kvno;

	if (kvno == EV_ABSENT || tie == TIE_NONE)
		return PROVEN_NOTHING;
	if (refusal_older(r->key->newest, kvno))
		return tie > TIE_HOST || missed_one(l, r) ? PROVEN_STALE_KEY :
							    PROVEN_NOTHING;
	if (!refusal_older(kvno, r->key->newest))
		return PROVEN_NOTHING; /* of an RODC: not comparable */
	if (is_made_anew(l, r))
		return tie > TIE_HOST ? PROVEN_OTHER_KEY : PROVEN_NOTHING;
	return tie > TIE_HOST || r->old_ticket ||
		r->a->error == KRB_AP_ERR_BADKEYVER ?
	    PROVEN_OLD_TICKET :
	    PROVEN_NOTHING;
}

static enum refusal_proof
prove_by_tie(const struct ledger *l, const struct refused_ticket *r)
{
	const struct key_trial *k = r->key;
	enum key_tie tie = r->tie;

	switch (k->result) {
	case KEY_NO_PRINCIPAL:
		return (r->a->error == KRB_AP_ERR_NOKEY ||
			   r->a->error == KRB_AP_ERR_NOT_US) &&
			file_is_servers(r) ?
		    PROVEN_NO_PRINCIPAL :
		    PROVEN_NOTHING;
	case KEY_NO_KVNO:
		return prove_version(l, r);
	case KEY_NO_ETYPE:
		return tie > TIE_HOST ||
			(tie == TIE_HOST &&
			    r->a->error == KRB_AP_ERR_BADKEYVER) ?
		    PROVEN_NO_ETYPE :
		    PROVEN_NOTHING;
	case KEY_OTHER:
		if (tie <= TIE_HOST)
			return PROVEN_NOTHING;
		return k->rc4_opens ? PROVEN_SALT : PROVEN_OTHER_KEY;
	default:
		return PROVEN_NOTHING;
	}
}

static enum refusal_proof
prove_closed(const struct ledger *l, const struct refused_ticket *r)
{
	const struct key_trial *k = r->key;
	enum refusal_proof proof;

	if (k->result == KEY_OTHER && k->salt != NULL && k->kdc_salt != NULL &&
	    strcmp(k->salt, k->kdc_salt) != 0)
		return PROVEN_SALT;
	/* What it took of this version was in another encryption type. */
	if (r->key_fine && r->here->taken.etype_last != r->a->ticket.etype &&
	    r->here->taken.kvno_last == r->a->ticket.kvno &&
	    (k->result == KEY_NO_ETYPE || k->rc4_opens))
		return prove_by_tie(l, r);
	if (k->by_password || r->key_fine || r->healed)
		return PROVEN_NOTHING;
	if (r->tie == TIE_NONE && refusal_own_has_name(l, r) &&
	    refusal_older(r->own_key_trial->newest, r->a->ticket.kvno))
		return PROVEN_STALE_KEY;
	if (refusal_own_is_another(l, r) &&
	    (r->tie != TIE_NAME || r->is_host) && !r->same_account &&
	    !refusal_own_has_name(l, r) && !refusal_goes_by_names(r))
		return prove_misplaced(l, r);
	proof = prove_by_tie(l, r);
	if (r->place != REFUSAL_NODE || r->elsewhere == NULL)
		return proof;
	/* Another node has it: this one lags behind. */
	if (proof == PROVEN_STALE_KEY || proof == PROVEN_OTHER_KEY ||
	    proof == PROVEN_NO_ETYPE || proof == PROVEN_NO_PRINCIPAL ||
	    (k->result == KEY_NO_PRINCIPAL && file_is_servers(r) &&
		is_shared_name(r)))
		return PROVEN_NODE;
	return proof;
}

/* --- all of it ------------------------------------------------------------ */

/*
 * A computer's own cifs or host name stands on another account, and who
 * answers under it is Samba (it gives no error): the computer's own service,
 * and no farm shares that name.  An acceptor of MIT may have a keytab of
 * another account.
 */
static bool
is_shadowed(struct refused_ticket *r)
{
	const struct spn_owners *o = r->owners;

	if (o == NULL || o->ncomputers != 1 || r->is_other || r->alternates ||
	    r->elsewhere != NULL || !refusal_machine_class(r->spn.class) ||
	    r->a->error >= 0 || refusal_same_account(r->owner, o->computers[0]))
		return false;
	r->runs_as = o->computers[0];
	return true;
}

/*
 * The directory shows the account of the name, and the service is known to run
 * as another.  A keytab with the very name asked for overrules what the rest
 * of the host runs as: a service may have an account of its own.
 */
static enum refusal_proof
prove_by_directory(const struct ledger *l, struct refused_ticket *r)
{
	enum refusal_proof proof;

	if (r->owner == NULL || (r->runs_as == NULL && !is_shadowed(r)))
		return PROVEN_NOTHING;
	if (refusal_same_account(r->owner, r->runs_as)) {
		if (is_guessed(r))
			return PROVEN_NOTHING;
		r->same_account = true;
		/* So it has that account's name, and a former key of it. */
		return r->same_ticket && r->place == REFUSAL_NODE &&
			is_about_keys(r->a) ?
		    PROVEN_NODE :
		    PROVEN_NOTHING;
	}
	if (r->key != NULL && r->key->principal != NULL && !r->is_host &&
	    r->key->result != KEY_OPENS && is_name_asked(r, r->key->principal))
		return PROVEN_NOTHING;
	proof = prove_misplaced(l, r);
	return proof == PROVEN_ACCOUNT && is_guessed(r) ? PROVEN_NOTHING :
							  proof;
}

void
refusal_prove(const struct story *s, const struct ledger *l,
    struct refused_ticket *r)
{
	static const uint8_t none[DIGEST_LEN];
	const struct attempt *a = r->a;

	if (memcmp(a->ticket.digest, none, DIGEST_LEN) != 0)
		r->key = ledger_key_trial(l, a->ticket.digest);
	if (r->key != NULL &&
	    (r->key->result == KEY_UNTRIED ||
		(r->key->principal == NULL &&
		    r->key->result != KEY_NO_PRINCIPAL)))
		r->key = NULL;
	r->auth = ledger_authenticator(l, &a->req);
	r->owners = ledger_owners(l, a->ticket.sname, a->ticket.realm);
	r->owner = ledger_owner(l, a->ticket.sname, a->ticket.realm);
	r->runs_as = find_runs_as(l, r);
	if (r->key != NULL && r->key->result != KEY_OPENS)
		r->tie = tie_of(l, r);
	if (r->key != NULL && r->key->result == KEY_OPENS)
		r->proof = prove_opened(s, l, r);
	if (r->proof == PROVEN_NOTHING)
		r->proof = prove_by_directory(l, r);
	if (r->proof == PROVEN_NOTHING && r->key != NULL &&
	    r->key->result != KEY_OPENS)
		r->proof = prove_closed(l, r);
	if (r->proof == PROVEN_NOTHING && is_guessed(r))
		r->owner = NULL;
}
