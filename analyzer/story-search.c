/*
 * story-search.c - names looked up in vain: the log-on that could not begin,
 * because DNS knows no KDC of the domain (RFC 4120 7.2.3.2, MS-ADTS 6.3.6) or
 * not the server's name (RFC 2308: NXDOMAIN, no data).
 *
 * Much is asked in vain every day: search suffixes (RFC 1535), sites without a
 * domain controller, records that a realm does not have, browsers that try
 * whether their provider lies.  So a search waits for what follows, and is
 * nothing as soon as the client gets anywhere.  It costs a name and a timer;
 * what was asked is among the client's look-ups anyhow.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

#define CLIENT_MAX_SEARCHES 4

/*
 * So many names in vain at once are no log-ons: Chromium asks for three made
 * up ones whenever it starts, scanners for many more.
 */
#define NAMES_AT_ONCE 3

/* A client that tries for ever. */
#define SEARCH_LONG (60 * SECOND)

/* What a client that knows another way needs to take it. */
#define ENOUGH (SECOND / 2)

/* For a view: of those that nothing has followed for a while. */
#define LOOKED_AT 1024

/* Asked in vain while a KDC was just asked: the MIT client guesses realms. */
#define KDC_JUST_ASKED (2 * SECOND)

/* --- searches --------------------------------------------------------- */

static void
search_unlink(struct stories *st, struct search *s)
{
	if (s->before != NULL)
		s->before->after = s->after;
	else
		st->searches = s->after;
	if (s->after != NULL)
		s->after->before = s->before;
	else
		st->last_search = s->before;
}

static void
search_link(struct stories *st, struct search *s)
{
	s->before = st->last_search;
	s->after = NULL;
	if (s->before != NULL)
		s->before->after = s;
	else
		st->searches = s;
	st->last_search = s;
	s->armed = st->now;
}

/* What goes on for long is told in parts. */
static void
search_again(struct stories *st, struct search *s)
{
	if (st->now - s->begun > SEARCH_LONG)
		return;
	search_unlink(st, s);
	search_link(st, s);
}

static void
search_drop(struct stories *st, struct search *s)
{
	struct search **at = &s->client->searches;

	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	search_unlink(st, s);
	st->held -= sizeof(*s) + strlen(s->name) + 1;
	free(s->name);
	free(s);
}

void
story_search_forget(struct stories *st, struct client *c)
{
	while (c->searches != NULL)
		search_drop(st, c->searches);
}

/* NAME is the domain, or the first label of the host. */
static bool
search_is(const struct search *s, bool host, struct str name)
{
	return s->host == host && strlen(s->name) == name.len &&
	    memcmp(s->name, name.p, name.len) == 0;
}

static void
search_begin(struct stories *st, struct client *c, bool host, struct str name)
{
	struct search *s;
	unsigned n = 0;

	for (s = c->searches; s != NULL; s = s->next, n++)
		if (search_is(s, host, name)) {
			search_again(st, s);
			return;
		}
	if (n == CLIENT_MAX_SEARCHES)
		return;
	s = must_calloc(1, sizeof(*s));
	s->name = must_text(name);
	s->host = host;
	s->client = c;
	s->begun = st->now;
	s->next = c->searches;
	c->searches = s;
	search_link(st, s);
	st->held += sizeof(*s) + name.len + 1;
}

static void
search_over(struct stories *st, struct client *c, bool host, struct str name)
{
	struct search *s, *next;

	for (s = c->searches; s != NULL; s = next) {
		next = s->next;
		if (search_is(s, host, name))
			search_drop(st, s);
	}
}

/* --- what an answer means --------------------------------------------- */

static bool
is_address_type(int64_t type)
{
	return type == DNS_A || type == DNS_AAAA;
}

static bool
is_positive(const struct recent *r)
{
	return r->k.rcode == 0 && (r->k.naddrs > 0 || r->found > 0);
}

/* No such name, no such record; a truncated answer says nothing yet. */
static bool
is_denied(const struct recent *r)
{
	return (r->k.rcode == 3 || r->k.rcode == 0) && !is_positive(r) &&
	    !r->truncated;
}

/*
 * Whether the name that R asks for lies in DOMAIN (not itself); R's name is in
 * lower case.
 */
static bool
lies_in(const char *name, struct str domain)
{
	size_t n = strlen(name);

	return n > domain.len + 1 && name[n - domain.len - 1] == '.' &&
	    strncasecmp(name + n - domain.len, domain.p, domain.len) == 0;
}

/* The domain of a realm in which NAME lies, as far as C may know; len 0. */
static struct str
domain_of(const struct stories *st, const struct client *c, const char *name)
{
	const struct realm_fact *f = ledger_realm_of(st->ledger, name);
	const struct recent *r;
	struct str domain;

	if (f != NULL && lies_in(name, str_of(f->realm)))
		return str_of(f->realm);
	for (r = c->recents; r != NULL; r = r->next)
		if (recent_is_locator(r, &domain) && lies_in(name, domain))
			return domain;
	return (struct str){ NULL, 0 };
}

/* A domain by its DNS name: NetBIOS names have no records, and need none. */
static bool
is_domain(struct str domain)
{
	return memchr(domain.p, '.', domain.len) != NULL;
}

/* --- events ----------------------------------------------------------- */

void
story_search_asked(struct stories *st, struct client *c, const struct recent *r)
{
	struct host_entry *h;
	struct search *s;
	struct str domain;

	h = ledger_host_entry(st->ledger, &r->k.resolver);
	h->is_resolver = true;
	if (!recent_is_locator(r, &domain))
		return;
	ledger_host_entry(st->ledger, &c->addr)->locates = true;
	for (s = c->searches; s != NULL; s = s->next)
		if (search_is(s, false, domain)) {
			search_again(st, s);
			return;
		}
	/* The C library asks a server twice (resolv.conf: attempts). */
	if (r->k.asked > 1 && is_domain(domain))
		search_begin(st, c, false, domain);
}

/* A KDC was found under its name: no search for one goes on. */
static bool
is_kdc(const struct stories *st, const struct recent *r)
{
	const struct host_entry *h;
	size_t i;

	for (i = 0; i < r->k.naddrs; i++) {
		h = ledger_host_find(st->ledger, &r->k.addrs[i]);
		if (h != NULL && h->is_kdc)
			return true;
	}
	return false;
}

static void
drop_all(struct stories *st, struct client *c, bool host)
{
	struct search *s, *next;

	for (s = c->searches; s != NULL; s = next) {
		next = s->next;
		if (s->host == host)
			search_drop(st, s);
	}
}

void
story_search_answered(struct stories *st, struct client *c,
    const struct recent *r)
{
	struct str name = recent_name(r), domain;
	bool host = is_address_type(r->k.type);

	if (host)
		domain = name_first_label(name);
	else if (!recent_is_locator(r, &domain))
		return;
	if (is_positive(r)) {
		search_over(st, c, host, domain);
		if (host && is_kdc(st, r))
			drop_all(st, c, false);
		return;
	}
	if (r->truncated || (host && !is_denied(r)))
		return;
	if (host ?
		name_may_be_server(name) && domain_of(st, c, r->name).len > 0 :
		is_domain(domain))
		search_begin(st, c, host, domain);
}

/* Whether HOST, as a client means it, is the host with LABEL. */
static bool
means_label(struct str host, struct str label)
{
	struct str have = name_first_label(host);

	return have.len == label.len &&
	    strncasecmp(have.p, label.p, have.len) == 0;
}

/* The client goes for a host after all: that is the story to tell. */
static void
goes_for(struct stories *st, struct client *c, struct str host)
{
	struct search *s, *next;

	for (s = c->searches; s != NULL; s = next) {
		next = s->next;
		if (s->host && means_label(host, str_of(s->name)))
			search_drop(st, s);
	}
}

/* The host of the service that EV asks a KDC for; len 0: unknown. */
static struct str
host_asked(const struct event *ev)
{
	struct str name = ev->u.kdc_req.sname;
	struct spn parts;

	if (name.len > TEXT_MAX || !spn_split_str(name, &parts))
		name.len = 0;
	return name.len == 0 ? name : parts.host;
}

void
story_search_sees(struct stories *st, const struct event *ev)
{
	struct client *c;
	struct str host;
	bool kdc = ev->kind == EV_kdc_req ||
	    (ev->kind == EV_conn && ev->from_client && ev->dport == 88);

	if (!kdc && ev->kind != EV_target)
		return;
	c = client_get(st, &ev->src);
	if (kdc) {
		c->kdc_asked = ev->ref.time;
		drop_all(st, c, false);
	}
	if (c->searches == NULL || ev->kind == EV_conn)
		return;
	host = kdc ? host_asked(ev) : ev->u.target.host;
	if (!kdc || host.len > 0)
		goes_for(st, c, host);
}

/* --- the end of a search ---------------------------------------------- */

/* What C asked that S is about, oldest first; false: not all in vain. */
static bool
questions(const struct stories *st, const struct search *s,
    const struct recent *list[CLIENT_MAX_LOOKUPS], size_t *n)
{
	const struct recent *r, *found[CLIENT_MAX_LOOKUPS];
	struct str domain;
	size_t k = 0;

	for (r = s->client->recents; r != NULL; r = r->next) {
		if (s->host ? !is_address_type(r->k.type) ||
			    !means_label(recent_name(r), str_of(s->name)) :
			      !recent_is_locator(r, &domain) ||
			    domain.len != strlen(s->name) ||
			    memcmp(domain.p, s->name, domain.len) != 0)
			continue;
		if (recent_when(r) < s->begun - STORY_AFTER_FAILURE)
			continue;
		if (is_positive(r) || r->truncated)
			return false;
		if (r->k.rcode < 0 &&
		    (s->host ||
			!ledger_sees_answers(st->ledger, &s->client->addr)))
			return false;
		if (k < CLIENT_MAX_LOOKUPS)
			found[k++] = r;
	}
	for (*n = 0; k > 0;)
		list[(*n)++] = found[--k];
	return *n > 0;
}

/*
 * Kinds of questions that only a client of the domain asks.  _ldap._tcp alone
 * is asked of host names too (ldap://dc1.fjord.test), in vain and without
 * harm.
 */
static bool
asks_for_kdc(const struct recent *r)
{
	return strncmp(r->name, "_kerberos.", 10) == 0 ||
	    strstr(r->name, "._msdcs.") != NULL;
}

/* Whether silence was silence: asked often enough, for long enough. */
static bool
is_silence(const struct stories *st, const struct recent *const *list, size_t n)
{
	unsigned asked = 0;
	size_t i;

	if (st->now - list[0]->k.query.time < STORY_SILENT)
		return false;
	for (i = 0; i < n; i++) {
		if (list[i]->k.rcode >= 0)
			return false;
		asked += list[i]->k.asked;
	}
	return asked >= STORY_SILENT_SENT;
}

/* The searcher is a resolver that asks for others, who have the story. */
static bool
is_resolver(const struct stories *st, const struct client *c)
{
	const struct host_entry *h = ledger_host_find(st->ledger, &c->addr);

	return h != NULL && (h->is_resolver || (h->host.roles & ROLE_DNS) != 0);
}

/*
 * The name of a host in a realm's domain, taken for a domain: that is asked of
 * a server that somebody named where a domain was meant.
 */
static bool
is_host(const struct stories *st, const char *name)
{
	const struct realm_fact *f = ledger_realm_of(st->ledger, name);
	const struct name_fact *n = ledger_name(st->ledger, name);

	return f != NULL && strcasecmp(f->realm, name) != 0 && n != NULL &&
	    n->naddrs > 0;
}

static bool
is_domain_in_vain(const struct stories *st, const struct search *s,
    const struct recent *const *list, size_t n)
{
	const struct client *c = s->client;
	bool kdc = false, denied = false;
	size_t i;

	for (i = 0; i < n; i++) {
		kdc = kdc || asks_for_kdc(list[i]);
		denied = denied || list[i]->k.rcode >= 0;
	}
	if (!kdc || (!denied && !is_silence(st, list, n)) ||
	    is_host(st, s->name))
		return false;
	if (c->kdc_asked == 0)
		return true;
	return ledger_realm(st->ledger, s->name) == NULL &&
	    c->kdc_asked < recent_when(list[0]) - KDC_JUST_ASKED;
}

/* Whether the KDCs of DOMAIN were looked for in vain too: the same cause. */
static bool
domain_is_lost(const struct client *c, struct str domain)
{
	const struct recent *r;
	struct str d;
	bool lost = false;

	for (r = c->recents; r != NULL; r = r->next) {
		if (!recent_is_locator(r, &d) || d.len != domain.len ||
		    strncasecmp(d.p, domain.p, d.len) != 0)
			continue;
		if (is_positive(r))
			return false;
		lost = lost || asks_for_kdc(r);
	}
	return lost;
}

/* The shortest name asked for that lies in a realm's domain; NULL if none. */
static const struct recent *
full_name(const struct stories *st, const struct client *c,
    const struct recent *const *list, size_t n, struct str *domain)
{
	const struct recent *best = NULL;
	struct str d;
	size_t i;

	for (i = 0; i < n; i++) {
		d = domain_of(st, c, list[i]->name);
		if (d.len == 0 ||
		    (best != NULL &&
			strlen(list[i]->name) >= strlen(best->name)))
			continue;
		best = list[i];
		*domain = d;
	}
	return best;
}

/* How many names C looked for in vain lately. */
static unsigned
names_in_vain(const struct client *c, int64_t since)
{
	const struct recent *r, *q;
	unsigned n = 0;

	for (r = c->recents; r != NULL; r = r->next) {
		if (!is_address_type(r->k.type) || !is_denied(r) ||
		    recent_when(r) < since ||
		    !name_may_be_server(recent_name(r)))
			continue;
		for (q = c->recents; q != r; q = q->next)
			if (is_address_type(q->k.type) && is_denied(q) &&
			    recent_when(q) >= since &&
			    means_label(recent_name(q),
				name_first_label(recent_name(r))))
				break;
		n += q == r;
	}
	return n;
}

/*
 * The label alone, and both families at once: that is how programs ask for the
 * name of their own host (getaddrinfo without AI_ADDRCONFIG).
 */
static bool
is_own_name(const struct search *s, const struct recent *const *list, size_t n)
{
	bool a = false, aaaa = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(list[i]->name, s->name) != 0)
			continue;
		a = a || list[i]->k.type == DNS_A;
		aaaa = aaaa || list[i]->k.type == DNS_AAAA;
	}
	return a && aaaa;
}

static bool
is_host_in_vain(const struct stories *st, const struct search *s,
    const struct recent *const *list, size_t n, const char **host,
    struct str *domain)
{
	const struct client *c = s->client;
	const struct host_entry *h = ledger_host_find(st->ledger, &c->addr);
	const struct recent *full = full_name(st, c, list, n, domain);
	bool a = false;
	size_t i;

	/* It exists, and has an address of another family perhaps. */
	for (i = 0; i < n; i++)
		a = a || list[i]->k.rcode == 3 || list[i]->k.type == DNS_A;
	if (full == NULL || h == NULL || !a)
		return false;
	*host = full->name;
	return ((h->host.roles & ROLE_CLIENT) != 0 || h->locates) &&
	    !host_has_name(&h->host, full->name, NAME_ASKED) &&
	    !domain_is_lost(c, *domain) && !is_own_name(s, list, n) &&
	    names_in_vain(c, s->begun - STORY_AFTER_FAILURE) < NAMES_AT_ONCE;
}

/* --- the story -------------------------------------------------------- */

static const char *
upper(struct tale *t, struct str text)
{
	char buf[TEXT_MAX];
	size_t i;

	for (i = 0; i < text.len && i < sizeof(buf); i++)
		buf[i] = text.p[i] >= 'a' && text.p[i] <= 'z' ?
		    (char)(text.p[i] - 32) :
		    text.p[i];
	return arena_text(&t->mem, buf, i);
}

/* What a search comes to that was in vain. */
struct vain {
	const struct recent *list[CLIENT_MAX_LOOKUPS]; /* oldest first */
	size_t n;
	const char *host; /* NULL: a domain was looked for */
	struct str domain;
};

static bool
is_in_vain(const struct stories *st, const struct search *s, struct vain *v)
{
	memset(v, 0, sizeof(*v));
	v->domain = str_of(s->name);
	if (!questions(st, s, v->list, &v->n) || is_resolver(st, s->client))
		return false;
	return s->host ?
	    is_host_in_vain(st, s, v->list, v->n, &v->host, &v->domain) :
	    is_domain_in_vain(st, s, v->list, v->n);
}

/* With what the story of V begins. */
static struct event
beginning(const struct vain *v)
{
	const struct recent *first = v->list[0];
	struct event ev;

	event_init(&ev, EV_dns_query);
	ev.ref = first->k.query.frame != 0 ? first->k.query : first->k.reply;
	ev.from_client = true;
	return ev;
}

static void
tell(const struct stories *st, struct tale *t, const struct vain *v)
{
	size_t i;

	t->s.carrier = "dns";
	t->s.server = v->list[0]->k.resolver;
	t->s.server_port = 53;
	t->s.realm = upper(t, v->domain);
	if (v->host != NULL)
		t->s.host = arena_str(&t->mem, str_of(v->host));
	for (i = 0; i < v->n; i++) {
		story_dns_add(st, t, v->list[i]);
		if (recent_when(v->list[i]) > t->s.end)
			t->s.end = recent_when(v->list[i]);
	}
	if (v->n > STORY_MAX_LOOKUPS)
		t->s.not_kept += v->n - STORY_MAX_LOOKUPS;
}

/* S has waited long enough, or as long as the capture lasted. */
static void
search_end(struct stories *st, struct search *s)
{
	struct event ev;
	struct tale *t;
	struct vain v;

	if (is_in_vain(st, s, &v)) {
		ev = beginning(&v);
		t = tale_new(st, s->client, &ev);
		tell(st, t, &v);
		tale_end(st, t);
	}
	search_drop(st, s);
}

size_t
story_search_failing(struct stories *st, struct tale **list, size_t most)
{
	const struct search *s = st->searches;
	size_t n = 0, looked = 0;
	struct event ev;
	struct tale *t;
	struct vain v;

	for (; s != NULL && n < most && looked < LOOKED_AT; s = s->after) {
		if (st->now - s->armed < VIEW_QUIET_ASKED)
			break; /* as are those after it */
		looked++;
		if (!is_in_vain(st, s, &v))
			continue;
		ev = beginning(&v);
		list[n++] = t = tale_blank(s->client, &ev);
		t->s.id = st->told + n;
		tell(st, t, &v);
		story_conclude(t);
		t->client = NULL;
	}
	return n;
}

void
story_search_run(struct stories *st, int64_t now)
{
	while (st->searches != NULL &&
	    now - st->searches->armed > STORY_AFTER_FAILURE)
		search_end(st, st->searches);
}

/*
 * The capture ends with S, perhaps before the client could go on: enough of
 * it is there when that took a while, or when nothing usual is left to ask.
 */
static bool
is_whole(const struct stories *st, const struct search *s)
{
	const struct recent *list[CLIENT_MAX_LOOKUPS];
	size_t n, i;

	if (st->now - s->armed >= ENOUGH)
		return true;
	if (!questions(st, s, list, &n) || n < 2)
		return false;
	for (i = 0; i < n; i++)
		if (strstr(list[i]->name, "._sites.") == NULL)
			return true;
	return false;
}

void
story_search_finish(struct stories *st)
{
	while (st->searches != NULL) {
		if (is_whole(st, st->searches))
			search_end(st, st->searches);
		else
			search_drop(st, st->searches);
	}
}
