/*
 * directory.c - accounts as a directory has them: the objects come in here,
 * one attribute after the other, and are walked from here.
 */
#include <stdlib.h>
#include <strings.h>

#include "directory-store.h"
#include "table.h"
#include "text.h"

/* --- attributes -------------------------------------------------------- */

static const struct {
	const char *name;
	size_t len;
} attributes[DA_COUNT] = {
#define DIR_ATTR(id, name) [DA_##id] = { name, sizeof(name) - 1 },
#include "directory-attr.def"
};

_Static_assert(DA_COUNT <= 64, "a bit for each");

enum dir_attr
dir_attr_of(struct str name)
{
	size_t i;

	for (i = DA_NONE + 1; i < DA_COUNT; i++)
		if (attributes[i].len == name.len &&
		    strncasecmp(attributes[i].name, name.p, name.len) == 0)
			return (enum dir_attr)i;
	return DA_NONE;
}

const char *
directory_attribute(size_t i)
{
	return i + 1 < DA_COUNT ? attributes[i + 1].name : NULL;
}

bool
directory_wants(struct str attribute)
{
	return dir_attr_of(attribute) != DA_NONE;
}

/* --- sources ----------------------------------------------------------- */

/* The one that is being filled: the last, and none behind it. */
static struct dir_source *
open_source(struct directory *d)
{
	struct dir_source *s;

	if (d->source_open)
		return &d->sources[d->nsources - 1];
	DIR_ROOM(d->sources, d->nsources, d->room_sources);
	s = &d->sources[d->nsources++];
	*s = (struct dir_source){ .first = d->nrecords };
	d->source_open = true;
	return s;
}

void
directory_asked(struct directory *d, struct str attribute)
{
	struct dir_source *s = open_source(d);

	if (attribute.len == 1 && attribute.p[0] == '*')
		s->asked = UINT64_MAX;
	else
		s->asked |= UINT64_C(1) << dir_attr_of(attribute);
}

void
directory_base(struct directory *d, struct str base)
{
	const char *text = dir_text(&d->mem, base.p, base.len);

	open_source(d)->base = text == NULL ? "" : text;
}

void
directory_source(struct directory *d, const char *source, struct str filter,
    bool whole, bool damaged)
{
	struct dir_source *s = open_source(d);

	s->name = arena_text(&d->mem, source, strlen(source));
	s->whole = whole && !damaged && !d->full;
	s->damaged = damaged || d->full;
	s->unfiltered = filter.len == 0;
	dir_cover_add(d, (uint32_t)(d->nsources - 1), filter);
	d->source_open = false;
	d->settled = false;
}

/* --- an object --------------------------------------------------------- */

struct directory *
directory_new(void)
{
	struct directory *d = must_calloc(1, sizeof(*d));

	d->self = d;
	d->cover = dir_cover_new();
	return d;
}

void
directory_begin(struct directory *d, const char *source, struct str dn)
{
	arena_free(&d->scratch);
	d->source = source;
	d->dn = dir_text(&d->scratch, dn.p, dn.len);
	if (d->dn == NULL)
		d->dn = "";
	d->noctets = 0;
	d->nvalues = 0;
	d->building = !d->full;
	open_source(d);
}

void
directory_value(struct directory *d, struct str attribute, struct str value)
{
	enum dir_attr attr = dir_attr_of(attribute);

	if (!d->building || attr == DA_NONE || value.len > DIR_MAX_VALUE ||
	    d->noctets > DIR_MAX_OBJECT)
		return;
	while (d->room_octets - d->noctets < value.len) {
		d->room_octets = d->room_octets == 0 ? 4096 :
						       d->room_octets * 2;
		d->octets = must_realloc(d->octets, d->room_octets, 1);
	}
	DIR_ROOM(d->values, d->nvalues, d->room_values);
	d->values[d->nvalues++] = (struct dir_value){ attr, d->noctets,
		value.len };
	if (value.len > 0)
		memcpy(d->octets + d->noctets, value.p, value.len);
	d->noctets += value.len;
}

static size_t
memory_held(const struct directory *d)
{
	return d->mem.held + d->room_records * sizeof(*d->records) +
	    d->room_names * sizeof(*d->names) +
	    d->room_edges * sizeof(*d->edges) +
	    d->by_dn.room * sizeof(*d->by_dn.e) * 2;
}

void
directory_end(struct directory *d)
{
	if (!d->building)
		return;
	d->building = false;
	d->settled = false;
	dir_object(d);
	if (!d->full && memory_held(d) > DIR_MAX_MEMORY) {
		d->full = true;
		message("the directory does not fit into %zu MiB: what comes "
			"after the first %zu accounts is left out",
		    DIR_MAX_MEMORY >> 20, d->nrecords);
	}
}

void
directory_free(struct directory *d)
{
	if (d == NULL)
		return;
	dir_unsettle(d);
	dir_cover_free(d->cover);
	dir_index_empty(&d->by_dn);
	dir_index_empty(&d->by_domain);
	dir_index_empty(&d->aliases);
	arena_free(&d->mem);
	arena_free(&d->scratch);
	free(d->records);
	free(d->domains);
	free(d->sources);
	free(d->names);
	free(d->edges);
	free(d->alias_of);
	free(d->octets);
	free(d->values);
	free(d);
}

/* --- walking ----------------------------------------------------------- */

size_t
directory_count(const struct directory *d)
{
	return d->nrecords;
}

const struct dir_account *
directory_at(const struct directory *d, size_t i)
{
	dir_settle(d);
	return i < d->nrecords ? &d->records[i]->a : NULL;
}

const struct dir_domain *
directory_domain_at(const struct directory *d, size_t i)
{
	dir_settle(d);
	return i < d->ndomains ? &d->domains[i]->d : NULL;
}

const struct dir_domain *
directory_domain(const struct directory *d, const char *realm)
{
	const struct dir_region *r = dir_region(dir_settle(d), realm);

	return r == NULL ? NULL : &r->d;
}

static const struct dir_account *
nth(const struct directory *d, const struct dir_index *ix, struct str key,
    size_t i)
{
	const struct dir_entry *e = dir_index_find(ix, key.p, key.len);

	while (e != NULL && i-- > 0)
		e = dir_index_next(ix, e);
	return e == NULL ? NULL : &d->records[e->id]->a;
}

static struct str
text_of(const char *p)
{
	return (struct str){ p, strlen(p) };
}

const struct dir_account *
directory_spn(const struct directory *d, const char *spn, size_t i)
{
	return nth(d, &dir_settle(d)->by_spn, text_of(spn), i);
}

const struct dir_account *
directory_host(const struct directory *d, const char *host, size_t i)
{
	return nth(d, &dir_settle(d)->by_host, text_of(host), i);
}

const struct dir_account *
directory_upn(const struct directory *d, const char *upn, size_t i)
{
	return nth(d, &dir_settle(d)->by_upn, text_of(upn), i);
}

const struct dir_account *
directory_account(const struct directory *d, const char *name)
{
	return nth(d, &dir_settle(d)->by_name, text_of(name), 0);
}

/* MS-ADTS 6.1.1.2.4.1.2: what sPNMappings is made with. */
static const char *const host_aliases[] = { "alerter", "appmgmt", "cisvc",
	"clipsrv", "browser", "dhcp", "dnscache", "replicator", "eventlog",
	"eventsystem", "policyagent", "oakley", "dmserver", "dns", "mcsvc",
	"fax", "msiserver", "ias", "messenger", "netlogon", "netman", "netdde",
	"netddedsm", "nmagent", "plugplay", "protectedstorage", "rasman",
	"rpclocator", "rpc", "rpcss", "remoteaccess", "rsvp", "samss",
	"scardsvr", "scesrv", "seclogon", "scm", "dcom", "cifs", "spooler",
	"snmp", "schedule", "tapisrv", "trksvr", "trkwks", "ups", "time",
	"wins", "www", "http", "w3svc", "iisadmin", "msdtc", NULL };

const char *
directory_alias(const struct directory *d, const char *class)
{
	const struct dir_entry *e;
	size_t i;

	if (d->naliases > 0) {
		e = dir_index_find(&d->aliases, class, strlen(class));
		return e == NULL ? NULL : d->alias_of[e->id];
	}
	for (i = 0; host_aliases[i] != NULL; i++)
		if (strcasecmp(host_aliases[i], class) == 0)
			return "host";
	return NULL;
}
