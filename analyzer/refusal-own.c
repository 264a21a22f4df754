/*
 * refusal-own.c - what the server's own key says of a ticket that it refused:
 * the key at hand that opens another ticket, which the server took.
 *
 * A KDC makes all tickets of one account with one key, its newest (RFC 4120
 * 3.1.3).  So times and versions tell whether both names can be of one
 * account; in an MIT realm every name is an account of its own.
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "refusal.h"
#include "rule.h"

/* PRINCIPAL without its realm. */
const char *
refusal_cut_realm(const char *principal, size_t size, char *out)
{
	const char *at = strrchr(principal, '@');
	size_t len = at == NULL ? strlen(principal) : (size_t)(at - principal);

	if (len >= size)
		len = size - 1;
	memcpy(out, principal, len);
	out[len] = '\0';
	return out;
}

/* The account in the directory that the entry PRINCIPAL is a key of. */
const struct dir_account *
refusal_entry_account(const struct ledger *l, const char *principal,
    const char *realm)
{
	char name[2 * REFUSAL_HOST_TEXT];

	refusal_cut_realm(principal, sizeof(name), name);
	if (strchr(name, '/') == NULL)
		return ledger_dir_account(l, principal);
	return ledger_owner(l, name, realm);
}

bool
refusal_same_account(const struct dir_account *a, const struct dir_account *b)
{
	return a == b || strcasecmp(a->name, b->name) == 0;
}

static struct ref
issued_at(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	const struct ticket_fact *t = ledger_ticket(l, digest);
	static const struct ref never;

	return t == NULL ? never : t->issued;
}

/*
 * Whether the server's own key, of the same account as that which opened
 * another ticket that it took, cannot be the refused ticket's: a KDC makes
 * all tickets of one account with one key, its newest.
 */
bool
refusal_own_is_another(const struct ledger *l, const struct refused_ticket *r)
{
	const struct tally *t;
	struct ref theirs, issued = r->a->issued;
	int64_t kvno = r->a->ticket.kvno;

	if (r->own_key_trial == NULL || kvno == EV_ABSENT)
		return false;
	t = &r->own_spn->taken;
	if (t->kvno_last == kvno)
		return t->etype_last == r->a->ticket.etype;
	theirs = issued_at(l, r->own_spn->last_taken);
	if (refusal_older(kvno, t->kvno_last))
		return issued.frame != 0 &&
		    (theirs.frame == 0 || theirs.time <= issued.time);
	if (!refusal_older(t->kvno_last, kvno) || theirs.frame == 0)
		return false;
	/*
	 * Made later with an older key.  Made before, it may be older by any
	 * number: a password that is set anew is often set twice.
	 */
	return issued.frame != 0 && theirs.time > issued.time;
}

/*
 * Whether what it took of another name rules out that its key is old: not
 * when the ticket refused has a newer version, which may be of this account.
 */
bool
refusal_own_is_fresh(const struct refused_ticket *r)
{
	return r->own_spn != NULL && r->own_key &&
	    !refusal_older(r->own_spn->taken.kvno_last, r->a->ticket.kvno);
}

/*
 * Whether the name asked and the one that the server took are of one account,
 * by the directory: it has one key.
 */
bool
refusal_own_has_name(const struct ledger *l, const struct refused_ticket *r)
{
	const struct key_trial *own = r->own_key_trial;
	const struct dir_account *who;

	if (own == NULL || r->owner == NULL)
		return false;
	who = refusal_entry_account(l, own->principal, r->a->ticket.realm);
	return who != NULL && refusal_same_account(who, r->owner);
}

/*
 * An acceptor that looks for a key of the name in the ticket (MIT), and has
 * one or misses it: its names need not be of one account.
 */
bool
refusal_goes_by_names(const struct refused_ticket *r)
{
	const struct attempt *a = r->a;

	if (a->error < 0 ||
	    (a->error_sname != NULL &&
		!spn_equal(a->error_sname, a->ticket.sname)))
		return false;
	return r->tie == TIE_NAME || a->error == KRB_AP_ERR_BADKEYVER ||
	    a->error == KRB_AP_ERR_NOKEY || a->error == KRB_AP_ERR_NOT_US;
}
