/*
 * directory-settle.c - what is made of all objects together, once nothing
 * comes any more: the indexes, who is inside of Protected Users, who acts on
 * whose behalf.
 */
#include <stdlib.h>
#include <strings.h>

#include "directory-store.h"
#include "table.h"

bool
dir_shows(const struct directory *d, const struct dir_record *r,
    enum dir_attr attr)
{
	const struct dir_source *s = &d->sources[r->source];

	return ((s->have | s->asked | r->have) >> attr & 1) != 0;
}

/* --- hosts ------------------------------------------------------------- */

struct str
dir_spn_class(const char *spn)
{
	size_t n = strcspn(spn, "/");

	return (struct str){ spn, spn[n] == '/' ? n : 0 };
}

struct str
dir_spn_host(const char *spn)
{
	const char *p = strchr(spn, '/');

	p = p == NULL ? spn : p + 1;
	return (struct str){ p, strcspn(p, "/:") };
}

static bool
is_computer(const struct dir_account *a)
{
	return strcmp(a->class, "computer") == 0;
}

/* FS1$ is fs1, and fs1.corp.example in the domain of that name. */
static void
put_sam_hosts(struct directory *d, const struct dir_record *r, uint32_t i)
{
	size_t len = strlen(r->sam);
	const char *full;

	if (len < 2 || r->sam[len - 1] != '$' || !is_computer(&r->a))
		return;
	dir_index_put(&d->by_host, r->sam, len - 1, i);
	if (r->domain == DIR_NONE)
		return;
	full = arena_printf(&d->settled_mem, "%.*s.%s", (int)(len - 1), r->sam,
	    d->domains[r->domain]->suffix);
	if (r->a.dns_host == NULL || strcasecmp(full, r->a.dns_host) != 0)
		dir_index_put(&d->by_host, full, strlen(full), i);
}

static void
put_text(struct dir_index *ix, const char *text, uint32_t i)
{
	if (text != NULL && *text != '\0')
		dir_index_put(ix, text, strlen(text), i);
}

static void
put_record(struct directory *d, const struct dir_record *r, uint32_t i)
{
	const char *const *p;
	struct str host;

	put_text(&d->by_name, r->a.name, i);
	put_text(&d->by_sam, r->sam, i);
	put_text(&d->by_upn, r->a.upn, i);
	put_text(&d->by_sid, r->a.sid, i);
	put_text(&d->by_flat, r->flat_name, i);
	if (is_computer(&r->a))
		put_text(&d->by_host, r->a.dns_host, i);
	put_sam_hosts(d, r, i);
	for (p = r->hosts; *p != NULL; p++)
		put_text(&d->by_host, *p, i);
	for (p = r->a.spns; *p != NULL; p++) {
		put_text(&d->by_spn, *p, i);
		host = dir_spn_host(*p);
		if (host.len > 0)
			dir_index_put(&d->by_spn_host, *p + (host.p - *p),
			    host.len, i);
	}
}

/* Whether IX has TEXT; from now on it has. */
static bool
seen(struct dir_index *ix, const char *text, uint32_t i)
{
	if (text == NULL || *text == '\0')
		return false;
	if (dir_index_find(ix, text, strlen(text)) != NULL)
		return true;
	dir_index_add(ix, text, strlen(text), i);
	return false;
}

/*
 * An account that was moved or renamed between two exports is one, as the last
 * of them has it: by its SID, or its name, which no other of the domain has.
 */
static void
find_former(struct directory *d)
{
	struct dir_index sids = { 0 }, names = { 0 };
	struct dir_record *r;
	bool sid, name;
	size_t i;

	for (i = d->nrecords; i > 0; i--) {
		r = d->records[i - 1];
		r->former = false;
		if (r->a.trust_partner != NULL || (r->have & DA_BIT(SAM)) == 0)
			continue;
		sid = seen(&sids, r->a.sid, (uint32_t)i - 1);
		name = r->domain != DIR_NONE &&
		    seen(&names, r->a.name, (uint32_t)i - 1);
		r->former = sid || name;
	}
	dir_index_empty(&sids);
	dir_index_empty(&names);
}

static void
make_indexes(struct directory *d)
{
	size_t i;

	find_former(d);
	for (i = 0; i < d->nrecords; i++)
		if (!d->records[i]->former)
			put_record(d, d->records[i], (uint32_t)i);
	dir_index_link(&d->by_name);
	dir_index_link(&d->by_sam);
	dir_index_link(&d->by_upn);
	dir_index_link(&d->by_sid);
	dir_index_link(&d->by_flat);
	dir_index_link(&d->by_host);
	dir_index_link(&d->by_spn);
	dir_index_link(&d->by_spn_host);
}

/* --- Protected Users --------------------------------------------------- */

static int
by_parent(const void *a, const void *b)
{
	const struct dir_edge *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return x->child < y->child ? -1 : x->child > y->child;
}

/* The first edge whose parent is NAME, or the end. */
static size_t
edges_of(const struct directory *d, uint32_t name)
{
	size_t low = 0, high = d->nedges, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (d->edges[middle].parent < name)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool *
mark(struct dir_name *n, bool protecting)
{
	return protecting ? &n->protecting : &n->unsure;
}

/* Hands a mark down to all that is inside, each once. */
static void
hand_down(struct directory *d, bool protecting)
{
	uint32_t *queue = must_calloc(d->nnames + 1, sizeof(*queue));
	size_t from, to = 0, e;
	uint32_t child;

	for (from = 0; from < d->nnames; from++)
		if (*mark(&d->names[from], protecting))
			queue[to++] = (uint32_t)from;
	for (from = 0; from < to; from++) {
		e = edges_of(d, queue[from]);
		for (; e < d->nedges && d->edges[e].parent == queue[from];
		     e++) {
			child = d->edges[e].child;
			if (*mark(&d->names[child], protecting))
				continue;
			*mark(&d->names[child], protecting) = true;
			queue[to++] = child;
		}
	}
	free(queue);
}

/* What a name is inside of is known when its memberOf was shown. */
static bool
groups_shown(const struct directory *d, const struct dir_name *n)
{
	const struct dir_source *s;

	if (n->record != DIR_NONE)
		return dir_shows(d, d->records[n->record], DA_MEMBER_OF);
	s = &d->sources[n->source];
	return n->group && ((s->have | s->asked) & DA_BIT(MEMBER_OF)) != 0;
}

#define RID_PROTECTED_USERS 525

/* Most exports hold a user's memberOf, and not the group itself. */
static bool
is_the_group(const struct dir_name *n)
{
	static const char dn[] = "cn=protected users,cn=users,dc=";

	return !n->group && n->record == DIR_NONE &&
	    strncmp(n->dn, dn, sizeof(dn) - 1) == 0;
}

static void
settle_groups(struct directory *d)
{
	struct dir_name *n;
	struct dir_record *r;
	size_t i;

	if (d->nedges > 0)
		qsort(d->edges, d->nedges, sizeof(*d->edges), by_parent);
	for (i = 0; i < d->nnames; i++) {
		d->names[i].protecting |= is_the_group(&d->names[i]);
		d->names[i].unsure = !d->names[i].protecting &&
		    !groups_shown(d, &d->names[i]);
	}
	hand_down(d, true);
	hand_down(d, false);
	for (i = 0; i < d->nrecords; i++) {
		r = d->records[i];
		n = &d->names[r->id];
		r->a.protected_user = n->protecting ||
		    r->primary_group == RID_PROTECTED_USERS;
		r->a.member_known = r->a.protected_user || !n->unsure;
	}
}

/* --- delegation, domains ----------------------------------------------- */

/* SIDs become names where the account is at hand. */
static void
settle_actors(struct directory *d, struct dir_record *r)
{
	const struct dir_entry *e;
	const char **list;
	size_t i, n = 0;

	while (r->actors[n] != NULL)
		n++;
	if (n == 0)
		return;
	list = arena_alloc(&d->settled_mem, (n + 1) * sizeof(*list));
	for (i = 0; i < n; i++) {
		e = dir_index_find(&d->by_sid, r->actors[i],
		    strlen(r->actors[i]));
		list[i] = e == NULL ? r->actors[i] : d->records[e->id]->a.name;
	}
	r->a.acts_here = list;
}

static void
settle_domains(struct directory *d)
{
	const struct dir_source *s;
	struct dir_region *region;
	size_t i;

	for (i = 0; i < d->ndomains; i++)
		d->domains[i]->d.accounts = 0;
	for (i = 0; i < d->nrecords; i++) {
		if (d->records[i]->domain == DIR_NONE)
			continue;
		region = d->domains[d->records[i]->domain];
		region->d.accounts++;
		region->source = d->records[i]->source;
	}
	for (i = 0; i < d->ndomains; i++) {
		region = d->domains[i];
		s = &d->sources[region->source];
		region->d.source = s->name == NULL ? "" : s->name;
		region->d.damaged = s->damaged;
		region->d.time = s->time;
		region->d.whole = dir_covers_all(d, region->d.realm);
	}
}

const struct directory *
dir_settle(const struct directory *settled)
{
	/* What is derived may be made anew by who only looks. */
	struct directory *d = settled->self;
	struct dir_record *r;
	size_t i;

	if (d->settled)
		return d;
	dir_unsettle(d);
	make_indexes(d);
	settle_groups(d);
	for (i = 0; i < d->nrecords; i++) {
		r = d->records[i];
		r->a.delegate_known = dir_shows(d, r, DA_DELEGATE_TO);
		r->a.enctypes_known = r->a.enctypes_set ||
		    dir_shows(d, r, DA_SET);
		r->a.acts_known = dir_shows(d, r, DA_ACTS);
		settle_actors(d, r);
	}
	settle_domains(d);
	d->settled = true;
	return d;
}

void
dir_unsettle(struct directory *d)
{
	dir_index_empty(&d->by_spn);
	dir_index_empty(&d->by_name);
	dir_index_empty(&d->by_sam);
	dir_index_empty(&d->by_upn);
	dir_index_empty(&d->by_host);
	dir_index_empty(&d->by_sid);
	dir_index_empty(&d->by_flat);
	dir_index_empty(&d->by_spn_host);
	arena_free(&d->settled_mem);
	d->settled = false;
}
