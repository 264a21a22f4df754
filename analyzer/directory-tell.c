/*
 * directory-tell.c - what the directory says to the questions of a capture,
 * as events: domains, who holds a service's name, which account a client's
 * name means, and every account that an answer names.
 *
 * Answers come first and name accounts; those follow, and what those lead to
 * (the services that they may delegate to) in turn, until nothing is new.
 */
#include <stdlib.h>
#include <strings.h>

#include "bounds.h"
#include "directory-store.h"
#include "table.h"

#define NEAR_MOST 8
#define REALMS_MOST 64  /* of which a name may be in any */
#define STEPS_MOST 4096 /* entries of one name that are looked at */

struct tell {
	const struct directory *d;
	const struct questions *q;
	event_sink sink;
	void *arg;
	bool *told;                /* by record: queued to be told */
	uint32_t *queue;           /* records */
	size_t from, to;           /* of the queue */
	struct dir_index answered; /* "spn\nrealm" */
	size_t answers;
	struct arena mem;
	const char *realms[REALMS_MOST];
	size_t nrealms;
	bool more_realms;
	size_t next; /* question */
	bool began;
};

static struct str
str_from(const char *p)
{
	return (struct str){ p, p == NULL ? 0 : strlen(p) };
}

static void
queue_account(struct tell *t, uint32_t i)
{
	if (t->told[i])
		return;
	t->told[i] = true;
	t->queue[t->to++] = i;
}

static void
post(struct tell *t, struct event *ev, const char *source)
{
	ev->source = str_from(source);
	t->sink(t->arg, ev);
}

/* A list of at most N accounts, each once. */
struct found {
	uint32_t list[DIR_MAX_OWNERS];
	size_t n;
};

static void
found_add(struct found *f, uint32_t i)
{
	size_t k;

	for (k = 0; k < f->n; k++)
		if (f->list[k] == i)
			return;
	if (f->n < DIR_MAX_OWNERS)
		f->list[f->n++] = i;
}

/* The accounts of REALM first, then those of the others. */
static void
find_accounts(const struct tell *t, const struct dir_index *ix, struct str key,
    const char *realm, struct found *f)
{
	const struct dir_entry *e;
	const struct dir_record *r;
	size_t steps;
	int other;

	for (other = 0; other < 2; other++) {
		e = dir_index_find(ix, key.p, key.len);
		for (steps = 0;
		     e != NULL && steps < STEPS_MOST && f->n < DIR_MAX_OWNERS;
		     steps++, e = dir_index_next(ix, e)) {
			r = t->d->records[e->id];
			if ((strcasecmp(r->a.realm, realm) != 0) == other)
				found_add(f, e->id);
		}
	}
}

/* Their names, for an event; they will be told. */
static struct strs
found_names(struct tell *t, const struct found *f, struct str *names)
{
	size_t i;

	for (i = 0; i < f->n; i++) {
		names[i] = str_from(t->d->records[f->list[i]]->a.name);
		queue_account(t, f->list[i]);
	}
	return (struct strs){ names, f->n };
}

/* --- names of principals ----------------------------------------------- */

/* NAME as a directory writes it: without the backslashes of RFC 1964. */
static const char *
plain_name(struct tell *t, const char *name, bool *parts)
{
	char *to = arena_alloc(&t->mem, strlen(name) + 1), *start = to;

	*parts = false;
	for (; *name != '\0'; name++) {
		if (*name == '\\' && name[1] != '\0')
			name++;
		else if (*name == '/')
			*parts = true;
		*to++ = *name;
	}
	return start;
}

/* The realm that the directory knows REALM by, which may be NetBIOS'. */
static const char *
own_realm(const struct tell *t, const char *realm)
{
	const struct dir_region *r = dir_region(t->d, realm);

	return r == NULL ? realm : r->d.realm;
}

/* --- which account a client's name means ------------------------------- */

/* anna@corp.com that nobody has as UPN: anna in the domain corp.com. */
static void
implicit_upn(const struct tell *t, const char *name, struct found *f)
{
	const char *at = strrchr(name, '@');
	const struct dir_region *r;
	const struct dir_entry *e;
	size_t steps = 0;

	if (at == NULL || at == name)
		return;
	r = dir_region(t->d, at + 1);
	e = dir_index_find(&t->d->by_sam, name, (size_t)(at - name));
	for (; r != NULL && e != NULL && steps < STEPS_MOST;
	     steps++, e = dir_index_next(&t->d->by_sam, e))
		if (t->d->records[e->id]->domain == r->index)
			found_add(f, e->id);
}

/* Those of the realm alone; of all when the realm is not known. */
static void
by_sam(const struct tell *t, const char *name, const char *realm,
    struct found *f)
{
	const struct dir_entry *e;
	const struct dir_account *a;
	size_t steps = 0;

	e = dir_index_find(&t->d->by_sam, name, strlen(name));
	for (; e != NULL && steps < STEPS_MOST;
	     steps++, e = dir_index_next(&t->d->by_sam, e)) {
		a = &t->d->records[e->id]->a;
		if (a->trust_partner == NULL &&
		    (*realm == '\0' || strcasecmp(a->realm, realm) == 0))
			found_add(f, e->id);
	}
}

/* The accounts of REALM alone; of all when it is not known. */
static void
find_here(const struct tell *t, const struct dir_index *ix, struct str key,
    const char *realm, struct found *f)
{
	size_t i, n = 0;

	find_accounts(t, ix, key, realm, f);
	for (i = 0; i < f->n; i++)
		if (*realm == '\0' ||
		    strcasecmp(t->d->records[f->list[i]]->a.realm, realm) == 0)
			f->list[n++] = f->list[i];
	f->n = n;
}

/* Another domain's directory, alone, knows nobody of REALM. */
static bool
has_accounts(const struct tell *t, const char *realm)
{
	const struct dir_region *r = dir_region(t->d, realm);

	return *realm == '\0' || (r != NULL && r->d.accounts > 0);
}

/*
 * As KDCs look for a client: sAMAccountName, with a $ put to it, the UPN;
 * with an @ in it (NT-ENTERPRISE), the UPN first (MS-KILE 3.3.5.6.1).
 */
static void
find_name(struct tell *t, const char *name, bool parts, const char *realm,
    struct found *f)
{
	const char *upn = arena_printf(&t->mem, "%s@%s", name, realm);

	if (!parts && strchr(name, '@') != NULL) {
		find_accounts(t, &t->d->by_upn, str_from(name), realm, f);
		if (f->n == 0)
			implicit_upn(t, name, f);
		if (!has_accounts(t, realm))
			f->n = 0;
		return;
	}
	if (!parts)
		by_sam(t, name, realm, f);
	if (f->n == 0)
		find_here(t, &t->d->by_upn, str_from(upn), realm, f);
	if (f->n == 0 && !parts)
		by_sam(t, arena_printf(&t->mem, "%s$", name), realm, f);
	if (f->n == 0 && parts)
		find_here(t, &t->d->by_spn, str_from(name), realm, f);
}

/* --- who holds a service's name ---------------------------------------- */

struct asked_spn {
	const char *spn, *realm, *alias; /* alias: HOST/..., or NULL */
	struct str host;
	struct found owners, implied, computers;
};

static const char *
alias_of(struct tell *t, const char *spn)
{
	struct str class = dir_spn_class(spn);
	const char *target;

	if (class.len == 0)
		return NULL;
	target = directory_alias(t->d, arena_text(&t->mem, class.p, class.len));
	if (target == NULL)
		return NULL;
	return arena_printf(&t->mem, "%s%s", target, spn + class.len);
}

static bool
is_ascii(const char *p)
{
	for (; *p != '\0'; p++)
		if ((unsigned char)*p >= 0x80)
			return false;
	return true;
}

/*
 * Whether nobody else in REALM has it: as itself, and as HOST/.  Upper and
 * lower case beyond ASCII are not compared here, so nothing is claimed.
 */
static bool
spn_covered(const struct tell *t, const struct asked_spn *s, const char *realm)
{
	return is_ascii(s->spn) && dir_covers(t->d, realm, DA_SPN, s->spn) &&
	    (s->alias == NULL || dir_covers(t->d, realm, DA_SPN, s->alias));
}

static void
note_realm(struct tell *t, const char *realm)
{
	size_t i;

	realm = own_realm(t, realm);
	for (i = 0; i < t->nrealms; i++)
		if (strcasecmp(t->realms[i], realm) == 0)
			return;
	if (t->nrealms < REALMS_MOST)
		t->realms[t->nrealms++] = realm;
	else
		t->more_realms = true;
}

/* Every realm that a trust leads to, or the capture names. */
static void
note_trusts(struct tell *t)
{
	const struct dir_account *a;
	size_t i;

	for (i = 0; i < t->d->nrecords && !t->more_realms; i++) {
		a = &t->d->records[i]->a;
		if (a->trust_partner != NULL)
			note_realm(t, a->trust_partner);
	}
}

static void
note_realms(struct tell *t)
{
	const struct question *q;
	size_t i;

	for (i = t->next; (q = question_at(t->q, i)) != NULL; i++)
		if (q->kind == ASK_DOMAIN)
			note_realm(t, q->text);
	if (!t->began)
		note_trusts(t);
}

static bool
everywhere(const struct tell *t, const struct asked_spn *s)
{
	size_t i;

	for (i = 0; i < t->nrealms; i++)
		if (!spn_covered(t, s, t->realms[i]))
			return false;
	return !t->more_realms;
}

struct near {
	struct str texts[NEAR_MOST];
	size_t n;
};

static void
near_host(struct tell *t, const struct asked_spn *s, struct str host,
    struct near *near)
{
	const struct dir_entry *e;
	const struct dir_record *r;
	const char *const *p;
	const char *text;
	struct str h;
	uint32_t last = DIR_NONE;
	size_t steps = 0;

	e = dir_index_find(&t->d->by_spn_host, host.p, host.len);
	for (; e != NULL && steps < STEPS_MOST;
	     steps++, e = dir_index_next(&t->d->by_spn_host, e)) {
		if (e->id == last)
			continue;
		last = e->id;
		r = t->d->records[e->id];
		for (p = r->a.spns; *p != NULL && near->n < NEAR_MOST; p++) {
			h = dir_spn_host(*p);
			if (h.len != host.len ||
			    strncasecmp(h.p, host.p, h.len) != 0 ||
			    strcasecmp(*p, s->spn) == 0)
				continue;
			text = arena_printf(&t->mem, "%s %s", *p, r->a.name);
			near->texts[near->n++] = str_from(text);
		}
	}
}

/* Other names of the same host: itself first, then its short or full form. */
static void
find_near(struct tell *t, const struct asked_spn *s, struct near *near)
{
	const struct dir_region *r = dir_region(t->d, s->realm);
	const char *dot = memchr(s->host.p, '.', s->host.len);
	struct str other;

	near_host(t, s, s->host, near);
	if (r == NULL || s->host.len == 0)
		return;
	if (dot == NULL) {
		other = str_from(arena_printf(&t->mem, "%.*s.%s",
		    (int)s->host.len, s->host.p, r->suffix));
		near_host(t, s, other, near);
		return;
	}
	other = (struct str){ dot + 1,
		s->host.len - (size_t)(dot + 1 - s->host.p) };
	if (other.len == strlen(r->suffix) &&
	    strncasecmp(other.p, r->suffix, other.len) == 0)
		near_host(t, s,
		    (struct str){ s->host.p, (size_t)(dot - s->host.p) }, near);
}

/* FS1$ and svc-web need no SPN: KDCs take them for the account's name. */
static bool
is_account(struct tell *t, const char *name, const char *realm)
{
	struct found f = { .n = 0 };

	find_name(t, name, false, realm, &f);
	return f.n > 0;
}

static void
tell_spn(struct tell *t, const char *text, const char *realm)
{
	struct str names[3][DIR_MAX_OWNERS];
	struct near near = { .n = 0 };
	struct asked_spn s = { .realm = own_realm(t, realm) };
	const struct directory *d = t->d;
	struct event ev;
	bool parts;

	s.spn = plain_name(t, text, &parts);
	s.alias = alias_of(t, s.spn);
	s.host = dir_spn_host(s.spn);
	find_accounts(t, &d->by_spn, str_from(s.spn), s.realm, &s.owners);
	if (s.owners.n == 0 && s.alias != NULL)
		find_accounts(t, &d->by_spn, str_from(s.alias), s.realm,
		    &s.implied);
	find_accounts(t, &d->by_host, s.host, s.realm, &s.computers);
	find_near(t, &s, &near);
	event_init(&ev, EV_directory_spn);
	ev.u.directory_spn.spn = str_from(text);
	ev.u.directory_spn.realm = str_from(realm);
	ev.u.directory_spn.owners = found_names(t, &s.owners, names[0]);
	ev.u.directory_spn.implied = found_names(t, &s.implied, names[1]);
	ev.u.directory_spn.computers = found_names(t, &s.computers, names[2]);
	ev.u.directory_spn.near = (struct strs){ near.texts, near.n };
	ev.u.directory_spn.covered = spn_covered(t, &s, s.realm) &&
	    (parts || !is_account(t, s.spn, s.realm));
	ev.u.directory_spn.covered_all = ev.u.directory_spn.covered != 0 &&
	    everywhere(t, &s);
	post(t, &ev, NULL);
}

/* Once for each name, as whoever named it wrote it. */
static void
ask_spn(struct tell *t, const char *text, const char *realm)
{
	const char *key;

	if (t->answers >= QUESTIONS_MAX)
		return;
	key = arena_printf(&t->mem, "%s\n%s", text, realm);
	if (dir_index_find(&t->answered, key, strlen(key)) != NULL)
		return;
	dir_index_add(&t->answered, key, strlen(key), 0);
	t->answers++;
	tell_spn(t, text, realm);
}

/* --- answers to names ---------------------------------------------------- */

static bool
name_covered(struct tell *t, const char *name, bool parts, const char *realm)
{
	const char *upn = arena_printf(&t->mem, "%s@%s", name, realm);
	bool enterprise = !parts && strchr(name, '@') != NULL;

	if (*realm == '\0' || !is_ascii(name))
		return false;
	if (parts && !dir_covers(t->d, realm, DA_SPN, name))
		return false;
	if (!dir_covers(t->d, realm, DA_UPN, enterprise ? name : upn))
		return false;
	return parts || enterprise || dir_covers(t->d, realm, DA_SAM, name);
}

static void
tell_name(struct tell *t, const struct question *q)
{
	struct str names[DIR_MAX_OWNERS];
	const char *realm = own_realm(t, q->realm), *name, *at;
	struct found f = { .n = 0 };
	struct event ev;
	bool parts;

	name = plain_name(t, q->text, &parts);
	at = strrchr(name, '@');
	if (*realm == '\0' && !parts && at != NULL &&
	    dir_region(t->d, at + 1) != NULL)
		realm = own_realm(t, at + 1);
	find_name(t, name, parts, realm, &f);
	event_init(&ev, EV_directory_name);
	ev.u.directory_name.name = str_from(q->text);
	ev.u.directory_name.realm = str_from(q->realm);
	ev.u.directory_name.accounts = found_names(t, &f, names);
	ev.u.directory_name.covered = name_covered(t, name, parts, realm);
	post(t, &ev, NULL);
}

/* --- accounts ---------------------------------------------------------- */

static struct strs
list_strs(struct tell *t, const char *const *list)
{
	struct str *to;
	size_t i, n = 0;

	while (list[n] != NULL)
		n++;
	to = arena_alloc(&t->mem, (n + 1) * sizeof(*to));
	for (i = 0; i < n; i++)
		to[i] = str_from(list[i]);
	return (struct strs){ to, n };
}

static void
fill_account(struct tell *t, const struct dir_account *a, struct ev_account *x)
{
	x->name = str_from(a->name);
	x->dn = str_from(a->dn);
	x->class = str_from(a->class);
	x->sid = str_from(a->sid);
	x->upn = str_from(a->upn);
	x->dns_host = str_from(a->dns_host);
	x->spns = list_strs(t, a->spns);
	x->uac = a->uac;
	x->uac_known = a->uac_known;
	x->enctypes = a->enctypes;
	x->enctypes_set = a->enctypes_set;
	x->enctypes_known = a->enctypes_known;
	x->kvno = a->kvno;
	x->pwd_last_set = a->pwd_last_set;
	x->expires = a->expires;
	x->locked = a->locked;
	x->created = a->created;
	x->changed = a->changed;
	x->delegate_to = list_strs(t, a->delegate_to);
	x->delegate_known = a->delegate_known;
	x->acts_here = list_strs(t, a->acts_here);
	x->acts_known = a->acts_known;
	x->protected_user = a->protected_user;
	x->member_known = a->member_known;
	x->rodc = a->rodc;
	x->trust_partner = str_from(a->trust_partner);
	x->trust_direction = a->trust_direction;
	x->trust_type = a->trust_type;
	x->trust_attributes = a->trust_attributes;
}

static void
tell_account(struct tell *t, const struct dir_account *a)
{
	const struct dir_entry *e;
	const char *const *p;
	struct event ev;

	event_init(&ev, EV_account);
	fill_account(t, a, &ev.u.account);
	post(t, &ev, a->source);
	for (p = a->delegate_to; *p != NULL; p++)
		ask_spn(t, *p, a->realm);
	for (p = a->acts_here; *p != NULL; p++) {
		e = dir_index_find(&t->d->by_name, *p, strlen(*p));
		if (e != NULL)
			queue_account(t, e->id);
	}
}

/* The keys of a domain, and its trusts. */
static void
queue_domain_accounts(struct tell *t)
{
	const struct dir_record *r;
	size_t i;

	for (i = 0; i < t->d->nrecords; i++) {
		r = t->d->records[i];
		if (r->a.trust_partner != NULL ||
		    strncasecmp(r->sam, "krbtgt", 6) == 0)
			queue_account(t, (uint32_t)i);
	}
}

/* A trust asked for by its NetBIOS name is told under that name too. */
static void
tell_trust(struct tell *t, const struct question *q)
{
	const char *realm = own_realm(t, q->realm);
	const struct dir_entry *e;
	const struct dir_record *r;
	struct event ev;
	size_t steps = 0;

	e = dir_index_find(&t->d->by_flat, q->text, strlen(q->text));
	for (; e != NULL && steps < STEPS_MOST;
	     steps++, e = dir_index_next(&t->d->by_flat, e)) {
		r = t->d->records[e->id];
		if (strcasecmp(r->a.realm, realm) != 0)
			continue;
		event_init(&ev, EV_account);
		fill_account(t, &r->a, &ev.u.account);
		ev.u.account.trust_partner = str_from(q->text);
		post(t, &ev, r->a.source);
		return;
	}
}

static void
tell_domains(struct tell *t)
{
	const struct dir_domain *x;
	struct event ev;
	size_t i;

	for (i = 0; i < t->d->ndomains; i++) {
		x = &t->d->domains[i]->d;
		if (x->accounts == 0 && !t->d->domains[i]->object)
			continue;
		event_init(&ev, EV_directory);
		ev.u.directory.realm = str_from(x->realm);
		ev.u.directory.netbios = str_from(x->netbios);
		ev.u.directory.accounts = x->accounts;
		ev.u.directory.whole = x->whole;
		ev.u.directory.damaged = x->damaged;
		ev.u.directory.time = x->time;
		post(t, &ev, x->source);
	}
}

struct tell *
tell_new(const struct directory *d, const struct questions *q, event_sink sink,
    void *arg)
{
	struct tell *t = must_calloc(1, sizeof(*t));

	t->d = dir_settle(d);
	t->q = q;
	t->sink = sink;
	t->arg = arg;
	t->told = must_calloc(d->nrecords + 1, sizeof(*t->told));
	t->queue = must_calloc(d->nrecords + 1, sizeof(*t->queue));
	return t;
}

void
tell_more(struct tell *t)
{
	const struct question *x;

	note_realms(t);
	if (!t->began)
		tell_domains(t);
	for (; (x = question_at(t->q, t->next)) != NULL; t->next++) {
		if (x->kind == ASK_SPN)
			ask_spn(t, x->text, x->realm);
		else if (x->kind == ASK_NAME)
			tell_name(t, x);
		else if (x->kind == ASK_TRUST)
			tell_trust(t, x);
	}
	if (!t->began)
		queue_domain_accounts(t);
	t->began = true;
	while (t->from < t->to)
		tell_account(t, &t->d->records[t->queue[t->from++]]->a);
}

void
tell_free(struct tell *t)
{
	if (t == NULL)
		return;
	dir_index_empty(&t->answered);
	arena_free(&t->mem);
	free(t->told);
	free(t->queue);
	free(t);
}

void
directory_tell(const struct directory *d, const struct questions *q,
    event_sink sink, void *arg)
{
	struct tell *t = tell_new(d, q, sink, arg);

	dir_warn_of_others(t->d, q);
	tell_more(t);
	tell_free(t);
}
