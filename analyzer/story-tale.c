/*
 * story-tale.c - what a story is made of while it is told: its lists, its
 * names and tickets, and what is asked of them.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "opinion.h"
#include "pool.h"
#include "story-tell.h"

static void
list_free(const void *list, size_t octets)
{
	void *p;

	memcpy(&p, &list, sizeof(p));
	if (octets > 0)
		pool_free(p, octets);
}

void
tale_free(struct tale *t)
{
	opinion_free(t->opinion);
	list_free(t->s.lookups, t->s.nlookups * sizeof(struct lookup));
	list_free(t->s.exchanges, t->s.nexchanges * sizeof(struct exchange));
	list_free(t->s.attempts, t->s.nattempts * sizeof(struct attempt));
	list_free(t->s.steps, tale_steps_room(t) * sizeof(struct step));
	list_free(t->s.contacts, t->s.ncontacts * sizeof(struct contact));
	arena_free(&t->mem);
	pool_free(t, sizeof(*t));
}

uint64_t
tale_octets(const struct tale *t)
{
	return sizeof(*t) + t->mem.held +
	    t->s.nlookups * sizeof(struct lookup) +
	    t->s.nexchanges * sizeof(struct exchange) +
	    t->s.nattempts * sizeof(struct attempt) +
	    t->s.ncontacts * sizeof(struct contact) +
	    tale_steps_room(t) * sizeof(struct step);
}

/*
 * The lists are short and their elements large: room is made for each as it
 * comes, and nothing is wasted.
 */
void *
tale_more(const void *list, size_t n, size_t size)
{
	void *more;

	memcpy(&more, &list, sizeof(more));
	return pool_resized(more, n * size, (n + 1) * size);
}

/* Lists in a story are const for rules; here they are being written. */
struct exchange *
tale_exchange(struct tale *t, size_t i)
{
	struct exchange *list;

	memcpy(&list, &t->s.exchanges, sizeof(list));
	return &list[i];
}

struct attempt *
tale_attempt(struct tale *t, size_t i)
{
	struct attempt *list;

	memcpy(&list, &t->s.attempts, sizeof(list));
	return &list[i];
}

struct exchange *
tale_add_exchange(struct tale *t)
{
	if (t->s.nexchanges == STORY_MAX_EXCHANGES) {
		t->s.not_kept++;
		return NULL;
	}
	t->s.exchanges = tale_more(t->s.exchanges, t->s.nexchanges,
	    sizeof(struct exchange));
	return tale_exchange(t, t->s.nexchanges++);
}

struct attempt *
tale_add_attempt(struct tale *t)
{
	if (t->s.nattempts == STORY_MAX_ATTEMPTS) {
		t->s.not_kept++;
		return NULL;
	}
	t->s.attempts = tale_more(t->s.attempts, t->s.nattempts,
	    sizeof(struct attempt));
	return tale_attempt(t, t->s.nattempts++);
}

void
tale_service(struct tale *t, struct str spn, struct str realm)
{
	struct spn parts;

	t->service = true;
	if (spn.len == 0)
		return;
	t->s.spn = arena_str(&t->mem, spn);
	t->s.realm = arena_str(&t->mem, realm);
	spn_split(t->s.spn, &parts);
	if (parts.host.len > 0)
		t->s.host = arena_lower(&t->mem, parts.host.p, parts.host.len);
}

void
tale_principal(struct tale *t, struct str name, struct str realm)
{
	if (t->s.principal != NULL || name.len == 0)
		return;
	if (name.len == 19 && memcmp(name.p, "WELLKNOWN/ANONYMOUS", 19) == 0)
		return;
	t->s.principal = realm.len == 0 ?
	    arena_str(&t->mem, name) :
	    arena_printf(&t->mem, "%.*s@%.*s", (int)name.len, name.p,
		(int)realm.len, realm.p);
}

/*
 * anna@FJORD.TEST, FJORD\anna and anna may all be one person: what is
 * compared is the bare name.
 */
static struct str
bare_name(const char *principal)
{
	const char *back = strrchr(principal, '\\');
	const char *name = back == NULL ? principal : back + 1;

	return (struct str){ name, strcspn(name, "@") };
}

bool
principal_may_be(const char *a, const char *b)
{
	struct str x, y;

	if (a == NULL || b == NULL)
		return true;
	x = bare_name(a);
	y = bare_name(b);
	return x.len == y.len && strncasecmp(x.p, y.p, x.len) == 0;
}

void
ticket_copy(struct tale *t, struct ticket *out, struct str realm,
    struct str sname, int64_t etype, int64_t kvno, struct bytes digest)
{
	out->realm = arena_str(&t->mem, realm);
	out->sname = arena_str(&t->mem, sname);
	out->etype = etype;
	out->kvno = kvno;
	if (digest.len == DIGEST_LEN)
		memcpy(out->digest, digest.p, DIGEST_LEN);
}

bool
digest_set(const uint8_t digest[DIGEST_LEN])
{
	static const uint8_t none[DIGEST_LEN];

	return memcmp(digest, none, DIGEST_LEN) != 0;
}

bool
ticket_is(const struct ticket *t, struct bytes digest)
{
	return digest.len == DIGEST_LEN && digest_set(t->digest) &&
	    memcmp(t->digest, digest.p, DIGEST_LEN) == 0;
}

const struct exchange *
tale_issued(const struct tale *t, struct bytes digest)
{
	size_t i;

	for (i = t->s.nexchanges; i-- > 0;)
		if (ticket_is(&t->s.exchanges[i].issued, digest))
			return &t->s.exchanges[i];
	return NULL;
}

/* For a ticket for the password service alone, which logs nobody on. */
static bool
is_for_changepw(const struct exchange *x)
{
	return x->kind == EXCHANGE_AS && x->sname != NULL &&
	    strcasecmp(x->sname, "kadmin/changepw") == 0;
}

bool
story_changes_password(const struct story *s)
{
	const struct exchange *x;

	if (s->nexchanges == 0)
		return false;
	x = &s->exchanges[s->nexchanges - 1];
	if (!is_for_changepw(x) ||
	    (x->answer != ANSWER_OK && x->answer != ANSWER_MORE))
		return false;
	while (x-- > s->exchanges)
		if (x->error == KDC_ERR_KEY_EXPIRED)
			return true;
	return false;
}

bool
story_wants_password(const struct story *s)
{
	return story_changes_password(s) &&
	    s->exchanges[s->nexchanges - 1].answer == ANSWER_OK;
}

bool
tale_failed(const struct tale *t)
{
	const struct exchange *x;
	const struct attempt *a;

	if (t->s.nattempts > 0) {
		a = &t->s.attempts[t->s.nattempts - 1];
		if (a->answer == ANSWER_ERROR)
			return true;
		if (a->answer == ANSWER_OK)
			return false;
	}
	if (t->s.nexchanges == 0)
		return false;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	return x->answer == ANSWER_ERROR || x->answer == ANSWER_NONE ||
	    story_wants_password(&t->s);
}

bool
tale_host_at(const struct stories *st, const struct tale *t,
    const struct addr *addr)
{
	const struct name_fact *n;
	size_t i;

	for (i = 0; i < t->s.nattempts; i++)
		if (addr_equal(&t->s.attempts[i].server, addr))
			return true;
	if (t->s.host == NULL)
		return false;
	if (host_has_name(ledger_host(st->ledger, addr), t->s.host, NAME_ASKED))
		return true;
	n = ledger_name(st->ledger, t->s.host);
	if (n == NULL || n->canonical == NULL)
		return false;
	return host_has_name(ledger_host(st->ledger, addr), n->canonical,
	    NAME_ASKED);
}
