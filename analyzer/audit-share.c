/*
 * audit-share.c - names that several accounts have: each is gathered with all
 * who have it, however many, and those that the same accounts have together
 * are one finding.
 */
#include <strings.h>

#include "audit.h"

struct wanted {
	size_t at;
	const char *name, *realm;
};

static bool
share_match(const struct node *n, const void *key)
{
	const struct audit_share *s = (const struct audit_share *)n;
	const struct wanted *w = key;

	return s->at == w->at && strcasecmp(s->name, w->name) == 0 &&
	    strcasecmp(s->realm, w->realm) == 0;
}

static struct audit_share *
find_share(struct audit *a, const char *name, const char *realm)
{
	const struct wanted w = { a->at, name, realm };
	uint64_t hash = hash_mix(hash_text(name, strlen(name)),
	    hash_mix(hash_text(realm, strlen(realm)), a->at));
	struct audit_share *s;

	s = (struct audit_share *)table_find(&a->shares, hash, share_match, &w);
	if (s != NULL)
		return s;
	s = arena_alloc(&a->mem, sizeof(*s));
	s->at = a->at;
	s->name = name;
	s->realm = realm;
	table_add(&a->shares, &s->node, hash);
	return s;
}

void
audit_share(struct audit *a, const char *name, const char *realm,
    const struct dir_account *account)
{
	struct audit_share *s = find_share(a, name, realm);

	/* An account that has it twice has it once. */
	if (s->last == account)
		return;
	s->abroad |= s->n > 0 &&
	    strcasecmp(s->first[0]->realm, account->realm) != 0;
	s->last = account;
	s->company = hash_mix(s->company,
	    hash_bytes(&account, sizeof(account)));
	if (s->n < AUDIT_SHOWN)
		s->first[s->n] = account;
	s->n++;
}

static void
show_share(struct audit *a, const struct audit_share *s)
{
	const struct audit_check *c = audit_checks[s->at];
	struct audit_finding *f;

	a->at = s->at;
	f = audit_find(a, c,
	    arena_printf(&a->scratch, "%zu %llx", s->n,
		(unsigned long long)s->company),
	    s->first[0]->realm);
	if (f == NULL)
		return;
	audit_name(f, s->name);
	if (f->nplaces > 0)
		return;
	c->shared(a, f, s);
	f->accounts = s->n;
}

void
audit_shares(struct audit *a)
{
	const struct audit_share *s;
	const struct node *n;

	for (n = a->shares.oldest; n != NULL; n = n->newer) {
		s = (const struct audit_share *)n;
		if (s->n > 1 &&
		    (s->abroad || !audit_checks[s->at]->only_abroad))
			show_share(a, s);
	}
}
