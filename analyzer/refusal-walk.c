/*
 * refusal-walk.c - the tree of a refused ticket, walked aloud: what was
 * looked at in what order, and what that excludes.
 *
 * RFC 4120 3.2.3 has the order of the server: the key by name, version and
 * enctype, the ticket, the authenticator, the clock.  Before it stands who
 * the server is, whom it runs as, and who else took the ticket: no error of
 * it says that.  Frames say much of this without any look-up.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"
#include "skew.h"

struct walk {
	struct finding *f;
	const struct ledger *l;
	const struct refused_ticket *r;
	enum refusal_proof own, other; /* what is not excluded */
};

static bool
is_about(const struct walk *w, enum refusal_proof what)
{
	return w->own == what || w->other == what || w->r->proof == what;
}

/* "40 ms earlier": THEN, seen from the refusal. */
static const char *
when(const struct walk *w, const struct ref *then)
{
	const struct ref *now = &w->r->a->req;
	long long us = llabs((long long)(then->time - now->time));
	const char *side = then->time < now->time ? "earlier" : "later";

	if (us < 1000)
		return then->time < now->time ? "just before" : "just after";
	if (us < SECOND)
		return finding_text(w->f, "%lld ms %s", us / 1000, side);
	if (us < 120 * SECOND)
		return finding_text(w->f, "%lld s %s", us / SECOND, side);
	return finding_text(w->f, "%lld min %s", us / (60 * SECOND), side);
}

/* (a) Who answered: the host asked, by its own word. */
static void
walk_host(const struct walk *w)
{
	const struct refused_ticket *r = w->r;
	const struct host *h = r->server;
	size_t i;

	if (!r->is_host || is_about(w, PROVEN_HOST))
		return;
	if (r->account[0] != '\0') {
		finding_excluded(w->f, &r->a->error_ref, "another machine",
		    "the server answers as %s, the computer asked for",
		    r->account);
		return;
	}
	for (i = 0; h != NULL && i < h->nnames; i++)
		if (h->names[i].source >= NAME_ITSELF &&
		    refusal_same_computer(h->names[i].name, r->host)) {
			finding_excluded(w->f, &h->names[i].ref,
			    "another machine", "the server calls itself %s",
			    h->names[i].name);
			return;
		}
}

/* (b) Whose the name is, and whom the service runs as. */
static void
walk_account(const struct walk *w)
{
	const struct refused_ticket *r = w->r;
	const struct key_trial *k = r->key;

	if (is_about(w, PROVEN_ACCOUNT) || is_about(w, PROVEN_HOST))
		return;
	if (r->same_account && r->owner != NULL && r->runs_as != NULL)
		finding_excluded(w->f, NULL, "another account's name",
		    "%s has it in the directory, and the server runs as that",
		    r->owner->name);
	else if (r->same_account)
		finding_excluded(w->f, NULL, "another account's key",
		    "%s, opens the ticket", refusal_key_name(w->f, k));
	else if (k != NULL && r->tie == TIE_ACCOUNT)
		finding_excluded(w->f, NULL, "another account's name",
		    "%s has it in the directory, and the keytab is for that",
		    r->owner->name);
	else if (k != NULL && r->tie == TIE_TAKEN)
		finding_excluded(w->f, &r->here->taken.last,
		    "another account's name",
		    "%s opens the ticket for it that the server took %s",
		    k->principal, when(w, &r->here->taken.last));
	else if (k != NULL && r->tie == TIE_NAME)
		finding_excluded(w->f, NULL, "another account's name",
		    "the keytab has a key of %s itself", k->principal);
	else if (r->key_fine)
		finding_excluded(w->f, &r->here->taken.first,
		    "another account's key",
		    "the server took this name with key version %lld",
		    (long long)r->here->taken.kvno_last);
}

/* (c) Who else was shown the name. */
static void
walk_farm(const struct walk *w)
{
	const struct refused_ticket *r = w->r;
	const struct service *sv;
	char at[ADDR_TEXT];
	size_t i;

	if (r->elsewhere != NULL || r->alternates || is_about(w, PROVEN_NODE))
		return;
	for (i = 0; i < 64; i++) {
		sv = ledger_service_of(w->l, r->a->ticket.sname, i);
		if (sv == NULL)
			return;
		if (addr_equal(&sv->server, &r->a->server) ||
		    sv->refused.count == 0 || sv->taken.count > 0)
			continue;
		finding_excluded(w->f, &sv->refused.last, "one node of several",
		    "%s refuses it as well", addr_text(&sv->server, at));
		return;
	}
}

/* (d) Key versions, from what else the server took. */
static void
walk_stale(const struct walk *w)
{
	const struct refused_ticket *r = w->r;
	const struct service *sv = r->own_spn;

	if (is_about(w, PROVEN_STALE_KEY))
		return;
	if (r->key_fine && !r->old_ticket)
		finding_excluded(w->f, &r->here->taken.last, "a stale key",
		    "the server took %s with the same key version %s",
		    r->here->spn, when(w, &r->here->taken.last));
	else if (refusal_own_is_fresh(r))
		finding_excluded(w->f, &sv->taken.last, "a stale key",
		    "the server took %s, with key version %lld, %s", sv->spn,
		    (long long)sv->taken.kvno_last, when(w, &sv->taken.last));
	else if (r->key != NULL && r->tie > TIE_HOST &&
	    (r->key->result == KEY_NO_ETYPE || r->key->result == KEY_OTHER))
		finding_excluded(w->f, NULL, "a stale key",
		    "the keytab has the ticket's key version, %lld",
		    (long long)r->key->kvno);
	else if (r->proof >= PROVEN_SKEW && r->key != NULL)
		finding_excluded(w->f, NULL, "a stale key",
		    "%s, opens the ticket", refusal_key_name(w->f, r->key));
}

static void
walk_old(const struct walk *w)
{
	const struct refused_ticket *r = w->r;

	const struct dir_account *owner = r->owner;

	if (is_about(w, PROVEN_OLD_TICKET) || r->old_ticket)
		return;
	if (r->a->issued.frame != 0 &&
	    r->a->req.time - r->a->issued.time <= 60 * SECOND)
		finding_excluded(w->f, &r->a->issued, "an old ticket",
		    "the KDC made it %s", when(w, &r->a->issued));
	else if (owner != NULL && owner->kvno != EV_ABSENT &&
	    owner->kvno == r->a->ticket.kvno)
		finding_excluded(w->f, NULL, "an old ticket",
		    "%lld is the key version of %s in the directory",
		    (long long)owner->kvno, owner->name);
}

/* (e) Encryption types. */
static void
walk_etype(const struct walk *w)
{
	const struct refused_ticket *r = w->r;
	bool by_name = r->a->error == KRB_AP_ERR_BADKEYVER;
	const struct service *sv[] = { r->here, by_name ? NULL : r->own_spn };
	const struct key_trial *k = r->key;
	char buf[NAME_TEXT];
	const char *etype;
	size_t i;

	if (is_about(w, PROVEN_NO_ETYPE) || r->a->ticket.etype == EV_ABSENT)
		return;
	etype = name_or(etype_name(r->a->ticket.etype), r->a->ticket.etype,
	    buf);
	for (i = 0; i < 2; i++)
		if (sv[i] != NULL && sv[i]->taken.count > 0 &&
		    sv[i]->taken.etype_last == r->a->ticket.etype) {
			finding_excluded(w->f, &sv[i]->taken.last,
			    "a missing encryption type",
			    "the server took %s in %s %s", sv[i]->spn, etype,
			    when(w, &sv[i]->taken.last));
			return;
		}
	for (i = 0; k != NULL && r->tie != TIE_NONE && i < k->netypes; i++)
		if (k->etypes[i] == r->a->ticket.etype) {
			finding_excluded(w->f, NULL,
			    "a missing encryption type",
			    "%s is there in %s as well", k->principal, etype);
			return;
		}
}

/* (g) What lies beyond the ticket: the authenticator, and time. */
static void
walk_time(const struct walk *w)
{
	const struct refused_ticket *r = w->r;
	const struct attempt *a = r->a;
	const struct ref *sample;
	int64_t off;

	if (is_about(w, PROVEN_SKEW) || is_about(w, PROVEN_EXPIRED))
		return;
	if (a->error == KRB_AP_ERR_MODIFIED ||
	    a->error == KRB_AP_ERR_BADKEYVER || a->error == KRB_AP_ERR_NOKEY)
		finding_excluded(w->f, &a->error_ref, "a clock that is off",
		    "for that the server would say %s (37)",
		    krb_error_name(KRB_AP_ERR_SKEW));
	else if (ledger_clock_at(w->l, &a->server, skew_when(a), &off,
		     &sample) &&
	    llabs((long long)off) <= ledger_skew(w->l))
		finding_excluded(w->f, sample, "a clock that is off",
		    "the server's is %lld s from the others",
		    llabs((long long)(off / SECOND)));
}

static void
walk_request(const struct walk *w)
{
	const struct refused_ticket *r = w->r;

	if (r->auth == NULL || r->auth->failed || is_about(w, PROVEN_DAMAGED))
		return;
	finding_excluded(w->f, &r->auth->ref, "a damaged request",
	    "the authenticator opens with the ticket's session key");
}

void
refusal_walk(struct finding *f, const struct ledger *l,
    const struct refused_ticket *r, enum refusal_proof own,
    enum refusal_proof other)
{
	const struct walk w = { f, l, r, own, other };

	walk_host(&w);
	walk_account(&w);
	walk_farm(&w);
	walk_stale(&w);
	walk_old(&w);
	walk_etype(&w);
	walk_request(&w);
	walk_time(&w);
}
