/*
 * questions.c - the names that passed: what a directory can be asked about a
 * capture.
 *
 * Names of principals come as RFC 1964 2.1.1 writes them; a question has
 * them as they were written, since it is by that text that its answer is
 * found again.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "bounds.h"
#include "names.h"
#include "questions.h"
#include "table.h"

#define NAME_MOST 512 /* octets; longer ones are no names */
#define ALIASES_MOST 4096
#define HOPS_MOST 4 /* from alias to alias */

struct asked {
	struct node node;
	struct question q;
};

/* A name whose CNAME leads to another. */
struct alias {
	struct node node;
	const char *name, *canonical;
};

struct questions {
	struct arena mem;
	struct table seen;
	struct table aliases; /* by the canonical name */
	struct asked **list;
	size_t n, room;
	uint64_t lost;
};

struct questions *
questions_new(void)
{
	return must_calloc(1, sizeof(struct questions));
}

void
questions_free(struct questions *q)
{
	if (q == NULL)
		return;
	table_free(&q->seen, free);
	table_free(&q->aliases, free);
	arena_free(&q->mem);
	free(q->list);
	free(q);
}

/* --- one question ------------------------------------------------------ */

struct wanted {
	enum question_kind kind;
	struct str text, realm;
};

static bool
same_text(const char *have, struct str s)
{
	return strlen(have) == s.len &&
	    (s.len == 0 || strncasecmp(have, s.p, s.len) == 0);
}

static bool
asked_match(const struct node *n, const void *key)
{
	const struct asked *a = (const struct asked *)n;
	const struct wanted *w = key;

	return a->q.kind == w->kind && same_text(a->q.text, w->text) &&
	    same_text(a->q.realm, w->realm);
}

static const char *
upper_text(struct arena *mem, struct str s)
{
	char *p = arena_alloc(mem, s.len + 1);
	size_t i;

	for (i = 0; i < s.len; i++)
		p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (char)(s.p[i] - 32) :
							s.p[i];
	return p;
}

static void
ask(struct questions *q, enum question_kind kind, struct str text,
    struct str realm)
{
	const struct wanted w = { kind, text, realm };
	struct asked *a;
	uint64_t hash;

	if (text.len == 0 || text.len > NAME_MOST || realm.len > NAME_MOST)
		return;
	hash = hash_mix(hash_text(text.p, text.len) + kind,
	    realm.len == 0 ? 0 : hash_text(realm.p, realm.len));
	if (table_find(&q->seen, hash, asked_match, &w) != NULL)
		return;
	if (q->n >= QUESTIONS_MAX) {
		q->lost++;
		return;
	}
	if (q->n == q->room) {
		q->room = q->room == 0 ? 64 : q->room * 2;
		q->list = must_realloc(q->list, q->room, sizeof(*q->list));
	}
	a = must_calloc(1, sizeof(*a));
	a->q.kind = kind;
	a->q.text = arena_text(&q->mem, text.p, text.len);
	a->q.realm = realm.len == 0 ? "" : upper_text(&q->mem, realm);
	table_add(&q->seen, &a->node, hash);
	q->list[q->n++] = a;
}

/*
 * Services that have no realm write "<unspecified realm>" into their errors,
 * and RFC 6111 has realms with a colon: no domain is called so.
 */
static void
ask_realm(struct questions *q, struct str realm)
{
	size_t i;

	for (i = 0; i < realm.len; i++)
		if (strchr("<>:/ ", realm.p[i]) != NULL)
			return;
	ask(q, ASK_DOMAIN, realm, realm);
}

/* --- names of principals ----------------------------------------------- */

/* Where the first '/' stands that parts components; len: nowhere. */
static size_t
first_part(struct str name)
{
	size_t i;

	for (i = 0; i < name.len && name.p[i] != '/'; i++)
		if (name.p[i] == '\\')
			i++;
	return i < name.len ? i : name.len;
}

static bool
is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* krbtgt/OTHER: a trust, unless it is the realm's own. */
static void
ask_krbtgt(struct questions *q, struct str other, struct str realm)
{
	if (other.len == 0)
		return;
	ask_realm(q, other);
	if (realm.len > 0 &&
	    (other.len != realm.len ||
		strncasecmp(other.p, realm.p, other.len) != 0))
		ask(q, ASK_TRUST, other, realm);
}

static void
ask_service(struct questions *q, struct str name, struct str realm)
{
	size_t at = first_part(name);
	struct str class = { name.p, at };

	ask_realm(q, realm);
	if (name.len == 0)
		return;
	if (is_word(class, "krbtgt") && at < name.len) {
		ask_krbtgt(q,
		    (struct str){ name.p + at + 1, name.len - at - 1 }, realm);
		return;
	}
	if (is_word(class, "kadmin") || is_word(class, "krbtgt"))
		return;
	ask(q, ASK_SPN, name, realm);
	/* FS1$, or a service without a class, may be an account's own name. */
	if (at == name.len)
		ask(q, ASK_NAME, name, realm);
}

/* --- aliases ----------------------------------------------------------- */

static bool
alias_match(const struct node *n, const void *key)
{
	const struct str *canonical = key;

	return same_text(((const struct alias *)n)->canonical, *canonical);
}

static const struct alias *
alias_of(const struct questions *q, struct str canonical)
{
	return (const struct alias *)table_find(&q->aliases,
	    hash_text(canonical.p, canonical.len), alias_match, &canonical);
}

static void
dns_record(struct questions *q, const struct ev_dns_rr *x)
{
	struct alias *a;

	if (x->type != DNS_CNAME || x->name.len == 0 || x->data.len == 0 ||
	    x->name.len > NAME_MOST || x->data.len > NAME_MOST ||
	    q->aliases.count >= ALIASES_MOST || alias_of(q, x->data) != NULL)
		return;
	a = must_calloc(1, sizeof(*a));
	a->name = arena_text(&q->mem, x->name.p, x->name.len);
	a->canonical = arena_text(&q->mem, x->data.p, x->data.len);
	table_add(&q->aliases, &a->node, hash_text(x->data.p, x->data.len));
}

/*
 * Clients follow a CNAME and ask for the host that it leads to, while the name
 * of the service may stand on the alias.
 */
static void
ask_aliases(struct questions *q, struct str name, struct str realm)
{
	char text[NAME_MOST];
	const struct alias *a;
	struct str host;
	size_t at = first_part(name), hops;
	int n;

	if (name.len == 0 || at + 1 >= name.len || q->aliases.count == 0)
		return;
	host = (struct str){ name.p + at + 1, name.len - at - 1 };
	for (n = 0;
	     (size_t)n < host.len && host.p[n] != ':' && host.p[n] != '/';)
		n++;
	host.len = (size_t)n;
	for (hops = 0; hops < HOPS_MOST && (a = alias_of(q, host)) != NULL;
	     hops++) {
		n = snprintf(text, sizeof(text), "%.*s/%s", (int)at, name.p,
		    a->name);
		if (n > 0 && (size_t)n < sizeof(text))
			ask(q, ASK_SPN, (struct str){ text, (size_t)n }, realm);
		host = (struct str){ a->name, strlen(a->name) };
	}
}

/* What stands for somebody who does not say who he is, RFC 6111. */
static bool
is_nobody(struct str name)
{
	return name.len >= 10 && strncasecmp(name.p, "WELLKNOWN/", 10) == 0;
}

static void
ask_client(struct questions *q, struct str name, struct str realm)
{
	ask_realm(q, realm);
	if (name.len > 0 && !is_nobody(name))
		ask(q, ASK_NAME, name, realm);
}

/* --- events ------------------------------------------------------------ */

#define MSG_AS_REQ 10

static void
kdc_request(struct questions *q, const struct ev_kdc_req *x)
{
	if (x->msg_type == MSG_AS_REQ)
		ask_client(q, x->cname, x->realm);
	ask_service(q, x->sname, x->realm);
	ask_aliases(q, x->sname, x->realm);
	if (x->for_user.len > 0)
		ask_client(q, x->for_user,
		    x->for_user_realm.len > 0 ? x->for_user_realm : x->realm);
	if (x->tkt_sname.len > 0)
		ask_service(q, x->tkt_sname, x->tkt_realm);
	if (x->addl_sname.len > 0)
		ask_service(q, x->addl_sname, x->addl_realm);
}

static void
kdc_error(struct questions *q, const struct ev_krb_error *x)
{
	if (x->cname.len > 0)
		ask_client(q, x->cname,
		    x->crealm.len > 0 ? x->crealm : x->realm);
	ask_service(q, x->sname, x->realm);
	ask_realm(q, x->crealm);
}

/* A user's domain is a realm's NetBIOS name, or the realm in any case. */
static void
ntlm_names(struct questions *q, const struct ev_ntlm *x)
{
	char account[NAME_MOST];
	struct str name = { account, 0 };
	struct str realm = x->dns_domain.len > 0 ? x->dns_domain : x->nb_domain;

	/* CORP may be a domain, or the computer's own name. */
	if (x->user.len > 0 && x->anonymous == 0)
		ask(q, ASK_NAME, x->user, x->domain);
	if (x->nb_computer.len > 0 && x->nb_computer.len + 1 < NAME_MOST) {
		memcpy(account, x->nb_computer.p, x->nb_computer.len);
		account[x->nb_computer.len] = '$';
		name.len = x->nb_computer.len + 1;
		ask_client(q, name, realm);
	}
	if (x->spn.len > 0)
		ask_service(q, x->spn, realm);
}

void
questions_event(struct questions *q, const struct event *ev)
{
	switch (ev->kind) {
	case EV_dns_rr:
		dns_record(q, &ev->u.dns_rr);
		break;
	case EV_kdc_req:
		kdc_request(q, &ev->u.kdc_req);
		break;
	case EV_kdc_rep:
		ask_client(q, ev->u.kdc_rep.cname, ev->u.kdc_rep.crealm);
		ask_service(q, ev->u.kdc_rep.tkt_sname,
		    ev->u.kdc_rep.tkt_realm);
		break;
	case EV_krb_error:
		kdc_error(q, &ev->u.krb_error);
		break;
	case EV_ap_req:
		ask_service(q, ev->u.ap_req.tkt_sname, ev->u.ap_req.tkt_realm);
		break;
	case EV_ntlm:
		ntlm_names(q, &ev->u.ntlm);
		break;
	/* What only a key told: the client, also behind FAST. */
	case EV_ticket_key:
		ask_client(q, ev->u.ticket_key.cname, ev->u.ticket_key.crealm);
		break;
	case EV_authenticator:
		ask_client(q, ev->u.authenticator.cname,
		    ev->u.authenticator.crealm);
		break;
	default:
		break;
	}
}

const struct question *
question_at(const struct questions *q, size_t i)
{
	return i < q->n ? &q->list[i]->q : NULL;
}

uint64_t
questions_lost(const struct questions *q)
{
	return q->lost;
}
