/*
 * refusal-tell.c - how a refused ticket is written into a finding: the frames
 * of the refusal, whom it is about, what else was taken.
 */
#include <string.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"

/* What the service answered, in a few words. */
static const char *
answer_text(struct finding *f, const struct attempt *a)
{
	char buf[NAME_TEXT];

	if (a->error >= 0)
		return finding_text(f, "%s (%lld)",
		    name_or(krb_error_name(a->error), a->error, buf),
		    (long long)a->error);
	if (a->status == EV_ABSENT)
		return "no reason given";
	if (a->status > 0xffff)
		return finding_text(f, "%s, no reason given",
		    name_or_hex(ntstatus_name(a->status), a->status, buf));
	return finding_text(f, "%lld, no reason given", (long long)a->status);
}

void
refusal_evidence(struct finding *f, const struct attempt *a)
{
	const struct ref *ref;
	const char *as = "", *who = "";
	char at[ADDR_TEXT];

	ref = a->error >= 0 && a->error_ref.frame != 0 ? &a->error_ref :
							 &a->rep;
	if (a->error >= 0 && a->error_sname != NULL &&
	    !spn_equal(a->error_sname, a->ticket.sname)) {
		as = ", as ";
		who = a->error_sname;
	}
	finding_step(f, &a->req);
	addr_text(&a->server, at);
	if (ref->frame != 0)
		finding_evidence(f, ref, "%s: %s%s%s", at, answer_text(f, a),
		    as, who);
	if (a->ticket.kvno == EV_ABSENT)
		finding_evidence(f, &a->req, "the ticket for %s",
		    a->ticket.sname);
	else
		finding_evidence(f, &a->req, "the ticket for %s, kvno %lld",
		    a->ticket.sname, (long long)a->ticket.kvno);
}

void
refusal_subject(struct finding *f, const struct refused_ticket *r)
{
	char account[REFUSAL_HOST_TEXT] = "";

	finding_subject(f, SUBJECT_SPN, r->name_of_fault);
	finding_subject(f, SUBJECT_REALM, r->a->ticket.realm);
	finding_subject_addr(f, SUBJECT_SERVER, &r->a->server);
	finding_param(f, "host", r->host);
	finding_param(f, "own", r->own);
	if (r->account[0] != '\0')
		finding_param(f, "owner", r->account);
	else if (r->own != NULL || r->is_host)
		finding_param(f, "owner",
		    refusal_account(r->own != NULL ? r->own : r->host,
			sizeof(account), account));
	refusal_evidence(f, r->a);
	f->rests_on |= EVIDENCE_SERVICE;
}

void
refusal_taken(struct finding *f, const struct service *service)
{
	char at[ADDR_TEXT];

	if (service == NULL || service->taken.count == 0)
		return;
	addr_text(&service->server, at);
	if (service->taken.kvno_last == EV_ABSENT)
		finding_evidence(f, &service->taken.last, "%s took %s", at,
		    service->spn);
	else
		finding_evidence(f, &service->taken.last,
		    "%s took %s at kvno %lld", at, service->spn,
		    (long long)service->taken.kvno_last);
}

/* --- what look-ups prove ------------------------------------------------ */

/* PRINCIPAL without its realm, in the finding's memory. */
static const char *
name_alone(struct finding *f, const char *principal)
{
	const char *at = principal == NULL ? NULL : strrchr(principal, '@');

	if (at == NULL)
		return principal;
	return finding_text(f, "%.*s", (int)(at - principal), principal);
}

static const char *
etype_text(struct finding *f, int64_t etype)
{
	char buf[NAME_TEXT];

	return finding_text(f, "%s", name_or(etype_name(etype), etype, buf));
}

/* The enctypes that K has of its newest version. */
static const char *
etypes_text(struct finding *f, const struct key_trial *k)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < k->netypes; i++)
		text = finding_text(f, "%s%s%s", text, i == 0 ? "" : ", ",
		    etype_text(f, k->etypes[i]));
	return text;
}

/* What the nearest key says of a ticket that it does not open. */
static const char *
closed_text(struct finding *f, const struct refused_ticket *r)
{
	const struct key_trial *k = r->key;
	const char *who = name_alone(f, k->principal);
	long long kvno = (long long)r->a->ticket.kvno;

	switch (k->result) {
	case KEY_NO_KVNO:
		return finding_text(f,
		    "%s has key version %lld here, none of version %lld", who,
		    (long long)k->kvno, kvno);
	case KEY_NO_ETYPE:
		return finding_text(f,
		    "%s has version %lld here in %s, not in %s", who, kvno,
		    etypes_text(f, k), etype_text(f, r->a->ticket.etype));
	case KEY_OTHER:
		return finding_text(f,
		    "%s, %s: this key does not open the ticket",
		    refusal_key_name(f, k), etype_text(f, k->etype));
	default:
		return finding_text(f,
		    "no key of %s here, and none opens it, such as that of %s",
		    r->a->ticket.sname,
		    k->others != NULL ? k->others : "another");
	}
}

const char *
refusal_key_name(struct finding *f, const struct key_trial *k)
{
	const char *who = name_alone(f, k->principal);

	return k->kvno == EV_ABSENT ?
	    who :
	    finding_text(f, "%s, version %lld", who, (long long)k->kvno);
}

const char *
refusal_key_source(struct finding *f, const struct key_trial *k)
{
	if (k->source != NULL)
		return k->source;
	return k->by_password && k->principal != NULL ?
	    finding_text(f, "password of %s", k->principal) :
	    "keytab";
}

void
refusal_cite_keys(struct finding *f, const struct refused_ticket *r)
{
	const struct key_trial *k = r->key, *own = r->own_key_trial;
	const char *source;

	if (k == NULL)
		return;
	f->rests_on |= EVIDENCE_KEYTAB;
	if (own != NULL && k->result != KEY_OPENS &&
	    (r->tie == TIE_NONE || r->proof == PROVEN_ACCOUNT))
		finding_lookup(f, refusal_key_source(f, own),
		    "this key, of %s, opens %s, which the server took; it does "
		    "not open the ticket",
		    refusal_key_name(f, own), r->own_spn->spn);
	if (k->result == KEY_OPENS)
		finding_lookup(f, refusal_key_source(f, k),
		    "this key, of %s, opens the ticket",
		    refusal_key_name(f, k));
	else if (k->source != NULL ||
	    (r->proof != PROVEN_NOTHING && own == NULL))
		finding_lookup(f, refusal_key_source(f, k), "%s",
		    closed_text(f, r));
	if (r->proof == PROVEN_STALE_KEY && k->result == KEY_OPENS)
		finding_lookup(f, k->asked_source,
		    "the newest key of %s itself has version %lld",
		    r->a->ticket.sname, (long long)k->asked_kvno);
	source = r->auth == NULL ? NULL : r->auth->source;
	if (r->proof == PROVEN_DAMAGED)
		finding_evidence(f, &r->auth->ref,
		    "the authenticator beside the ticket does not open");
	else if (r->proof == PROVEN_SKEW && source != NULL)
		finding_evidence(f, &r->auth->ref,
		    "the client's time in the authenticator is %lld s off the "
		    "server's",
		    (long long)(r->off / SECOND));
}

void
refusal_cite_directory(struct finding *f, const struct refused_ticket *r)
{
	bool implied = r->owners != NULL && r->owners->nowners == 0;

	if (r->owner == NULL)
		return;
	finding_account(f, r->owner, "%s has %s%s",
	    name_alone(f, r->owner->name), r->owners->spn,
	    implied ? ", by its HOST/ name" : "");
	if (r->runs_as != NULL && strcmp(r->runs_as->name, r->owner->name) != 0)
		finding_account(f, r->runs_as,
		    "%s, which the server runs as, does not have it",
		    name_alone(f, r->runs_as->name));
}

/* The names that the texts of the rules need. */
static void
proof_params(struct finding *f, const struct refused_ticket *r)
{
	const struct key_trial *k = r->key;
	const char *wrong = NULL, *colon;

	if (r->owner != NULL)
		wrong = name_alone(f, r->owner->name);
	else if (k != NULL && k->result == KEY_OPENS &&
	    strchr(k->principal, '/') == NULL)
		wrong = name_alone(f, k->principal);
	finding_param(f, "owner_account", wrong);
	if (r->runs_as != NULL)
		finding_param(f, "owner", name_alone(f, r->runs_as->name));
	if (r->a->ticket.kvno != EV_ABSENT)
		finding_paramf(f, "kvno", "%lld", (long long)r->a->ticket.kvno);
	if (k == NULL)
		return;
	if (k->kvno != EV_ABSENT)
		finding_paramf(f, "has", "%lld", (long long)k->kvno);
	finding_param(f, "entry", refusal_key_source(f, k));
	colon = k->source == NULL ? NULL : strrchr(k->source, ':');
	if (colon != NULL)
		finding_paramf(f, "file", "%.*s", (int)(colon - k->source),
		    k->source);
}

unsigned
refusal_missing(const struct refused_ticket *r, unsigned usual)
{
	const struct spn_owners *o = r->owners;

	if (r->key == NULL && o == NULL)
		return usual;
	usual = 0;
	if (r->key == NULL || r->key->result == KEY_NO_PRINCIPAL)
		usual |= EVIDENCE_KEYTAB;
	if (o == NULL || (r->owner == NULL && !o->covered))
		usual |= EVIDENCE_DIRECTORY;
	return usual;
}

bool
refusal_proves(struct finding *f, const struct ledger *l,
    const struct refused_ticket *r, enum refusal_proof proof)
{
	if (r->proof == PROVEN_NOTHING || r->proof != proof)
		return false;
	f->certainty = CERTAINTY_PROVEN;
	proof_params(f, r);
	refusal_subject(f, r);
	refusal_cite_keys(f, r);
	refusal_cite_directory(f, r);
	refusal_walk(f, l, r, proof, PROVEN_NOTHING);
	return true;
}
