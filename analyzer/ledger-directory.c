/*
 * ledger-directory.c - accounts, domains, and the answers to who holds a
 * name, as look-ups in the directory gave them (MS-ADTS 2.2.16, 6.1.6.7;
 * MS-KILE 2.2.7).
 */
#include <string.h>
#include <strings.h>

#include "ledger-proof.h"
#include "rule.h"

static void
account_attributes(struct arena *mem, const struct ev_account *x,
    struct dir_account *a)
{
	a->spns = ledger_copy_list(mem, x->spns);
	a->uac = (uint32_t)x->uac;
	a->uac_known = x->uac_known != 0;
	a->enctypes = (uint32_t)x->enctypes;
	a->enctypes_set = x->enctypes_set != 0;
	a->enctypes_known = a->enctypes_set || x->enctypes_known != 0;
	a->kvno = x->kvno;
	a->pwd_last_set = x->pwd_last_set;
	a->expires = x->expires;
	a->locked = x->locked;
	a->created = x->created;
	a->changed = x->changed;
	a->delegate_to = ledger_copy_list(mem, x->delegate_to);
	a->delegate_known = x->delegate_known != 0;
	a->acts_here = ledger_copy_list(mem, x->acts_here);
	a->acts_known = x->acts_known != 0;
	a->protected_user = x->protected_user != 0;
	a->member_known = x->member_known != 0;
	a->rodc = x->rodc != 0;
	a->trust_direction = x->trust_direction;
	a->trust_type = x->trust_type;
	a->trust_attributes = (uint32_t)x->trust_attributes;
}

static void
feed_account(struct ledger *l, const struct event *ev)
{
	const struct ev_account *x = &ev->u.account;
	bool trust = x->trust_partner.len > 0;
	enum proof_kind kind = trust ? PROOF_TRUST : PROOF_ACCOUNT;
	struct proof_entry *e;
	struct dir_account *a;
	struct proof_key k;
	struct str realm = { NULL, 0 };
	char buf[KEY_TEXT];
	const char *at = memrchr(x->name.p, '@', x->name.len);

	if (at != NULL) {
		realm.p = at + 1;
		realm.len = x->name.len - (size_t)(realm.p - x->name.p);
	}
	k = trust ? ledger_text_key(x->trust_partner, realm, buf) :
		    ledger_text_key(x->name, (struct str){ NULL, 0 }, buf);
	if (x->name.len == 0 || k.len == 0)
		return;
	e = ledger_proof_new(l, kind, k);
	a = &e->u.account;
	a->name = arena_str(&e->mem, x->name);
	a->realm = arena_str(&e->mem, realm);
	a->dn = arena_str(&e->mem, x->dn);
	a->class = arena_str(&e->mem, x->class);
	a->source = arena_str(&e->mem, ev->source);
	a->sid = arena_str(&e->mem, x->sid);
	a->upn = arena_str(&e->mem, x->upn);
	a->dns_host = arena_str(&e->mem, x->dns_host);
	a->trust_partner = arena_str(&e->mem, x->trust_partner);
	account_attributes(&e->mem, x, a);
	ledger_proof_done(l, kind, e);
}

static void
copy_names(struct arena *mem, struct strs from, struct account_names *to)
{
	size_t i;

	for (i = 0; i < from.len && to->n < DIR_MAX_OWNERS; i++)
		if (from.p[i].len > 0)
			to->names[to->n++] = arena_str(mem, from.p[i]);
}

static void
feed_spn(struct ledger *l, const struct event *ev)
{
	const struct ev_directory_spn *x = &ev->u.directory_spn;
	struct proof_entry *e;
	struct spn_answer *a;
	struct proof_key k;
	char buf[KEY_TEXT];

	k = ledger_text_key(x->spn, x->realm, buf);
	if (x->spn.len == 0 || k.len == 0)
		return;
	e = ledger_proof_new(l, PROOF_SPN, k);
	a = &e->u.spn;
	a->o.spn = arena_str(&e->mem, x->spn);
	a->o.realm = arena_str(&e->mem, x->realm);
	a->o.near = ledger_copy_list(&e->mem, x->near);
	a->o.covered = x->covered != 0;
	a->o.covered_all = x->covered_all != 0;
	copy_names(&e->mem, x->owners, &a->owners);
	copy_names(&e->mem, x->implied, &a->implied);
	copy_names(&e->mem, x->computers, &a->computers);
	ledger_proof_done(l, PROOF_SPN, e);
	l->evidence |= EVIDENCE_DIRECTORY;
}

static void
feed_name(struct ledger *l, const struct event *ev)
{
	const struct ev_directory_name *x = &ev->u.directory_name;
	struct proof_entry *e;
	struct proof_key k;
	char buf[KEY_TEXT];

	k = ledger_text_key(x->name, x->realm, buf);
	if (x->name.len == 0 || k.len == 0)
		return;
	e = ledger_proof_new(l, PROOF_NAME, k);
	e->u.name.o.covered = x->covered != 0;
	copy_names(&e->mem, x->accounts, &e->u.name.accounts);
	ledger_proof_done(l, PROOF_NAME, e);
	l->evidence |= EVIDENCE_DIRECTORY;
}

static void
feed_directory(struct ledger *l, const struct event *ev)
{
	const struct ev_directory *x = &ev->u.directory;
	struct proof_entry *e;
	struct dir_domain *d;
	struct proof_key k;
	char buf[KEY_TEXT];

	k = ledger_text_key(x->realm, (struct str){ NULL, 0 }, buf);
	if (x->realm.len == 0 || k.len == 0)
		return;
	e = ledger_proof_new(l, PROOF_DOMAIN, k);
	d = &e->u.domain;
	d->realm = arena_str(&e->mem, x->realm);
	d->netbios = arena_str(&e->mem, x->netbios);
	d->source = arena_str(&e->mem, ev->source);
	d->whole = x->whole != 0;
	d->damaged = x->damaged != 0;
	d->accounts = x->accounts;
	d->time = x->time;
	ledger_proof_done(l, PROOF_DOMAIN, e);
	l->evidence |= EVIDENCE_DIRECTORY;
}

const struct dir_account *
ledger_dir_account(const struct ledger *l, const char *name)
{
	char buf[KEY_TEXT];
	struct proof_key k = ledger_text_key(str_of(name),
	    (struct str){ NULL, 0 }, buf);
	const struct proof_entry *e = ledger_proof_find(l, PROOF_ACCOUNT, k);

	return e == NULL ? NULL : &e->u.account;
}

/* The accounts of N that are at hand, written to OUT; how many. */
static size_t
resolve(const struct ledger *l, const struct account_names *n,
    const struct dir_account *out[DIR_MAX_OWNERS])
{
	size_t i, found = 0;

	for (i = 0; i < n->n; i++) {
		out[found] = ledger_dir_account(l, n->names[i]);
		found += out[found] != NULL;
	}
	return found;
}

const struct spn_owners *
ledger_owners(const struct ledger *l, const char *spn, const char *realm)
{
	char buf[KEY_TEXT];
	struct proof_key k = ledger_text_key(str_of(spn), str_of(realm), buf);
	struct proof_entry *e = ledger_proof_find(l, PROOF_SPN, k);
	struct spn_answer *a;

	if (spn == NULL || e == NULL)
		return NULL;
	/* Accounts come after the answers that name them, and may go. */
	a = &e->u.spn;
	a->o.nowners = resolve(l, &a->owners, a->o.owners);
	a->o.nimplied = resolve(l, &a->implied, a->o.implied);
	a->o.ncomputers = resolve(l, &a->computers, a->o.computers);
	if (a->o.nowners < a->owners.n || a->o.nimplied < a->implied.n)
		return NULL;
	return &a->o;
}

/* The one of LIST that is in REALM; NULL: none, or several. */
static const struct dir_account *
only_one(const struct dir_account *const *list, size_t n, const char *realm,
    bool *any)
{
	const struct dir_account *one = NULL;
	size_t i, here = 0;

	for (i = 0; i < n; i++)
		if (strcasecmp(list[i]->realm, realm) == 0) {
			one = list[i];
			here++;
		}
	*any = here > 0;
	return here == 1 ? one : NULL;
}

/* A KDC makes tickets for accounts of its own realm alone. */
const struct dir_account *
ledger_owner(const struct ledger *l, const char *spn, const char *realm)
{
	const struct spn_owners *o = ledger_owners(l, spn, realm);
	const struct dir_account *one;
	bool any;

	if (o == NULL || realm == NULL)
		return NULL;
	one = only_one(o->owners, o->nowners, realm, &any);
	return any ? one : only_one(o->implied, o->nimplied, realm, &any);
}

const struct name_owners *
ledger_directory_name(const struct ledger *l, const char *name,
    const char *realm)
{
	char buf[KEY_TEXT];
	struct proof_key k = ledger_text_key(str_of(name), str_of(realm), buf);
	struct proof_entry *e = ledger_proof_find(l, PROOF_NAME, k);

	if (name == NULL || e == NULL)
		return NULL;
	e->u.name.o.n = resolve(l, &e->u.name.accounts, e->u.name.o.accounts);
	return e->u.name.o.n < e->u.name.accounts.n ? NULL : &e->u.name.o;
}

const struct dir_account *
ledger_directory_account(const struct ledger *l, const char *name,
    const char *realm)
{
	const struct name_owners *o = ledger_directory_name(l, name, realm);

	return o != NULL && o->n == 1 ? o->accounts[0] : NULL;
}

const struct dir_account *
ledger_dir_trust(const struct ledger *l, const char *realm, const char *other)
{
	char buf[KEY_TEXT];
	struct proof_key k = ledger_text_key(str_of(other), str_of(realm), buf);
	const struct proof_entry *e = ledger_proof_find(l, PROOF_TRUST, k);

	return e == NULL ? NULL : &e->u.account;
}

const struct dir_domain *
ledger_dir_domain(const struct ledger *l, const char *realm)
{
	char buf[KEY_TEXT];
	struct proof_key k = ledger_text_key(str_of(realm),
	    (struct str){ NULL, 0 }, buf);
	const struct proof_entry *e = ledger_proof_find(l, PROOF_DOMAIN, k);

	return e == NULL ? NULL : &e->u.domain;
}

bool
dir_account_revoked(const struct dir_account *a, int64_t time)
{
	return (a->uac_known && (a->uac & UAC_DISABLED) != 0) ||
	    (a->expires != 0 && time != 0 && a->expires <= time);
}

bool
dir_list_has(const char *const *list, const char *text)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcasecmp(*list, text) == 0)
			return true;
	return false;
}

void
ledger_feed_directory(struct ledger *l, const struct event *ev)
{
	switch (ev->kind) {
	case EV_account:
		feed_account(l, ev);
		break;
	case EV_directory:
		feed_directory(l, ev);
		break;
	case EV_directory_spn:
		feed_spn(l, ev);
		break;
	default:
		feed_name(l, ev);
		break;
	}
}
