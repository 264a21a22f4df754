/*
 * directory-object.c - what one object of a directory is (an account, a
 * group, a domain, a trust, MS-ADSC), and what of it is kept.
 *
 * An export may lack any attribute, objectClass too: what has a
 * sAMAccountName and no sign of a group is taken for an account.
 */
#include <stdlib.h>
#include <strings.h>

#include "directory-store.h"
#include "table.h"

/* --- values of the object that is being built -------------------------- */

static struct str
value_str(const struct directory *d, const struct dir_value *v)
{
	return (struct str){ v->len == 0 ? "" : d->octets + v->at, v->len };
}

static const struct dir_value *
value_of(const struct directory *d, enum dir_attr attr)
{
	size_t i;

	for (i = 0; i < d->nvalues; i++)
		if (d->values[i].attr == attr && d->values[i].len > 0)
			return &d->values[i];
	return NULL;
}

static const char *
text_value(const struct directory *d, struct arena *mem, enum dir_attr attr)
{
	const struct dir_value *v = value_of(d, attr);
	struct str s;

	if (v == NULL)
		return NULL;
	s = value_str(d, v);
	return dir_text(mem, s.p, s.len);
}

static int64_t
number_value(const struct directory *d, enum dir_attr attr, int64_t otherwise)
{
	const struct dir_value *v = value_of(d, attr);
	struct str s;

	if (v == NULL)
		return otherwise;
	s = value_str(d, v);
	return dir_number(s.p, s.len, otherwise);
}

static int64_t
time_value(const struct directory *d, enum dir_attr attr)
{
	const struct dir_value *v = value_of(d, attr);
	struct str s;

	if (v == NULL)
		return 0;
	s = value_str(d, v);
	return dir_time(s.p, s.len);
}

static const char *
sid_value(struct directory *d, enum dir_attr attr)
{
	const struct dir_value *v = value_of(d, attr);
	struct str s;

	if (v == NULL)
		return NULL;
	s = value_str(d, v);
	return dir_sid(&d->mem, s.p, s.len);
}

static const char *const no_texts[] = { NULL };

/* All values of ATTR, ended by NULL; a value that is no text is left out. */
static const char *const *
list_value(struct directory *d, enum dir_attr attr)
{
	const char **list;
	size_t i, n = 0;
	struct str s;

	for (i = 0; i < d->nvalues; i++)
		n += d->values[i].attr == attr;
	if (n == 0)
		return no_texts;
	if (n > DIR_MAX_LIST)
		n = DIR_MAX_LIST;
	list = arena_alloc(&d->mem, (n + 1) * sizeof(*list));
	for (i = n = 0; i < d->nvalues && n < DIR_MAX_LIST; i++) {
		if (d->values[i].attr != attr)
			continue;
		s = value_str(d, &d->values[i]);
		list[n] = dir_text(&d->mem, s.p, s.len);
		n += list[n] != NULL;
	}
	return list;
}

static bool
value_is(const struct directory *d, enum dir_attr attr, const char *word)
{
	size_t i, n = strlen(word);

	for (i = 0; i < d->nvalues; i++)
		if (d->values[i].attr == attr && d->values[i].len == n &&
		    strncasecmp(d->octets + d->values[i].at, word, n) == 0)
			return true;
	return false;
}

static bool
class_is(const struct directory *d, const char *word)
{
	return value_is(d, DA_CLASS, word);
}

/* --- domains ----------------------------------------------------------- */

struct dir_region *
dir_region(const struct directory *d, const char *realm)
{
	const struct dir_entry *e;

	e = dir_index_find(&d->by_domain, realm, strlen(realm));
	return e == NULL ? NULL : d->domains[e->id];
}

struct dir_region *
dir_region_make(struct directory *d, const char *realm)
{
	const struct dir_entry *e;
	struct dir_region *r;

	e = dir_index_find(&d->by_domain, realm, strlen(realm));
	if (e != NULL)
		return d->domains[e->id];
	if (d->ndomains >= DIR_MAX_DOMAINS)
		return NULL;
	DIR_ROOM(d->domains, d->ndomains, d->room_domains);
	r = arena_alloc(&d->mem, sizeof(*r));
	r->d.realm = arena_text(&d->mem, realm, strlen(realm));
	r->suffix = arena_lower(&d->mem, realm, strlen(realm));
	r->index = (uint32_t)d->ndomains;
	dir_index_add(&d->by_domain, r->d.realm, strlen(realm), r->index);
	d->domains[d->ndomains++] = r;
	return r;
}

static void
set_netbios(struct directory *d, struct dir_region *r, const char *name)
{
	if (r == NULL || name == NULL || r->d.netbios != NULL)
		return;
	r->d.netbios = name;
	if (dir_region(d, name) == NULL)
		dir_index_add(&d->by_domain, name, strlen(name), r->index);
}

/* The realm of the object, from its DN. */
static struct dir_region *
own_region(struct directory *d)
{
	const char *realm = dir_dn_realm(&d->scratch, d->dn);

	return realm == NULL ? NULL : dir_region_make(d, realm);
}

static void
domain_object(struct directory *d)
{
	struct dir_region *r = own_region(d);

	if (r == NULL)
		return;
	r->object = true;
	r->source = r->object_source = (uint32_t)(d->nsources - 1);
	if (value_of(d, DA_SID) != NULL)
		r->sid = sid_value(d, DA_SID);
}

/* A crossRef says which NetBIOS name the domain NC_NAME has. */
static void
cross_reference(struct directory *d)
{
	const char *nc = text_value(d, &d->scratch, DA_NC_NAME);
	const char *name = text_value(d, &d->mem, DA_NETBIOS);
	const char *realm;

	if (nc == NULL || name == NULL)
		return;
	realm = dir_dn_realm(&d->scratch, nc);
	if (realm != NULL)
		set_netbios(d, dir_region_make(d, realm), name);
}

/* "host=alerter,appmgmt,...": each word stands for the first. */
static void
spn_mapping(struct directory *d, const char *line)
{
	const char *eq = strchr(line, '='), *p, *end;
	const char *target;

	if (eq == NULL || eq == line || d->naliases > DIR_MAX_LIST)
		return;
	target = arena_lower(&d->mem, line, (size_t)(eq - line));
	for (p = eq + 1; *p != '\0'; p = *end == '\0' ? end : end + 1) {
		end = strchrnul(p, ',');
		if (end == p)
			continue;
		DIR_ROOM(d->alias_of, d->naliases, d->room_aliases);
		d->alias_of[d->naliases] = target;
		dir_index_add(&d->aliases, p, (size_t)(end - p),
		    (uint32_t)d->naliases++);
	}
}

/* --- names and groups -------------------------------------------------- */

uint32_t
dir_name_of(struct directory *d, const char *dn)
{
	const char *plain = dir_dn_plain(&d->scratch, dn);
	const struct dir_entry *e;
	size_t len = strlen(plain);

	e = dir_index_find(&d->by_dn, plain, len);
	if (e != NULL)
		return e->id;
	DIR_ROOM(d->names, d->nnames, d->room_names);
	plain = arena_text(&d->mem, plain, len);
	d->names[d->nnames] = (struct dir_name){
		.dn = plain,
		.record = DIR_NONE,
	};
	dir_index_add(&d->by_dn, plain, len, (uint32_t)d->nnames);
	return (uint32_t)d->nnames++;
}

static void
add_edge(struct directory *d, uint32_t child, uint32_t parent)
{
	DIR_ROOM(d->edges, d->nedges, d->room_edges);
	d->edges[d->nedges++] = (struct dir_edge){ child, parent };
}

/* The groups, or members, that this object names. */
static void
memberships(struct directory *d, uint32_t self)
{
	const char *dn;
	struct str s;
	uint32_t other;
	size_t i;

	for (i = 0; i < d->nvalues; i++) {
		if (d->values[i].attr != DA_MEMBER_OF &&
		    d->values[i].attr != DA_MEMBER)
			continue;
		s = value_str(d, &d->values[i]);
		dn = dir_text(&d->scratch, s.p, s.len);
		if (dn == NULL)
			continue;
		other = dir_name_of(d, dn);
		if (d->values[i].attr == DA_MEMBER)
			add_edge(d, other, self);
		else
			add_edge(d, self, other);
	}
}

#define RID_PROTECTED_USERS 525

static bool
ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcasecmp(text + n - m, end) == 0;
}

static void
group_object(struct directory *d)
{
	uint32_t self = dir_name_of(d, d->dn);
	const char *sid = sid_value(d, DA_SID);

	memberships(d, self);
	d->names[self].group = true;
	d->names[self].source = (uint32_t)(d->nsources - 1);
	if (sid != NULL ? ends_with(sid, "-525") :
			  strncasecmp(d->dn, "CN=Protected Users,", 19) == 0)
		d->names[self].protecting = true;
}

/* --- accounts ---------------------------------------------------------- */

static const char *
account_class(const struct directory *d)
{
	if (class_is(d, "trustedDomain"))
		return "trust";
	if (class_is(d, "contact"))
		return "contact";
	if (class_is(d, "msDS-GroupManagedServiceAccount") ||
	    class_is(d, "msDS-ManagedServiceAccount") ||
	    class_is(d, "msDS-DelegatedManagedServiceAccount"))
		return "managed";
	if (class_is(d, "computer"))
		return "computer";
	if (value_of(d, DA_CLASS) == NULL &&
	    (number_value(d, DA_UAC, 0) & (UAC_WORKSTATION | UAC_DC)) != 0)
		return "computer";
	return "user";
}

static bool
is_group(const struct directory *d)
{
	int64_t type = number_value(d, DA_SAM_TYPE, 0);

	return class_is(d, "group") || value_of(d, DA_MEMBER) != NULL ||
	    (type & 0xf0000000) == 0x10000000 ||
	    (type & 0xf0000000) == 0x20000000;
}

static bool
is_account(const struct directory *d)
{
	if (class_is(d, "trustedDomain"))
		return value_of(d, DA_TRUST_PARTNER) != NULL;
	return value_of(d, DA_SAM) != NULL || value_of(d, DA_SPN) != NULL ||
	    value_of(d, DA_PRINCIPAL) != NULL || class_is(d, "contact");
}

/* The SIDs that may act on behalf of others here, ended by NULL. */
static const char *const *
actors(struct directory *d)
{
	const char *sids[64], **list;
	const struct dir_value *v = value_of(d, DA_ACTS);
	struct str s;
	size_t n;

	if (v == NULL)
		return no_texts;
	s = value_str(d, v);
	n = dir_descriptor(&d->mem, s.p, s.len, sids, 64);
	list = arena_alloc(&d->mem, (n + 1) * sizeof(*list));
	memcpy(list, sids, n * sizeof(*list));
	return list;
}

static bool
has(const struct directory *d, enum dir_attr attr)
{
	return value_of(d, attr) != NULL;
}

static void
account_numbers(const struct directory *d, struct dir_account *a)
{
	if (has(d, DA_UAC)) {
		a->uac = (uint32_t)number_value(d, DA_UAC, 0);
		a->uac_known = true;
	}
	if (has(d, DA_SET)) {
		a->enctypes = (uint32_t)number_value(d, DA_SET, 0);
		a->enctypes_set = true;
	}
	if (has(d, DA_KVNO))
		a->kvno = number_value(d, DA_KVNO, EV_ABSENT);
	if (has(d, DA_PWD_LAST_SET))
		a->pwd_last_set = time_value(d, DA_PWD_LAST_SET);
	if (has(d, DA_EXPIRES))
		a->expires = time_value(d, DA_EXPIRES);
	if (has(d, DA_LOCKED))
		a->locked = time_value(d, DA_LOCKED);
	if (has(d, DA_CREATED))
		a->created = time_value(d, DA_CREATED);
	if (has(d, DA_CHANGED))
		a->changed = time_value(d, DA_CHANGED);
	a->trust_direction = number_value(d, DA_TRUST_DIRECTION,
	    a->trust_direction);
	a->trust_type = number_value(d, DA_TRUST_TYPE, a->trust_type);
	if (has(d, DA_TRUST_ATTRIBUTES))
		a->trust_attributes = (uint32_t)number_value(d,
		    DA_TRUST_ATTRIBUTES, 0);
}

/* What a second source says of an account takes the place of the first's. */
static void
account_texts(struct directory *d, struct dir_record *r)
{
	struct dir_account *a = &r->a;

	if (has(d, DA_SID))
		a->sid = sid_value(d, DA_SID);
	if (has(d, DA_TRUST_SID))
		a->sid = sid_value(d, DA_TRUST_SID);
	if (has(d, DA_UPN))
		a->upn = text_value(d, &d->mem, DA_UPN);
	if (has(d, DA_HOST))
		a->dns_host = text_value(d, &d->mem, DA_HOST);
	if (has(d, DA_TRUST_PARTNER))
		a->trust_partner = text_value(d, &d->mem, DA_TRUST_PARTNER);
	if (has(d, DA_FLAT_NAME))
		r->flat_name = text_value(d, &d->mem, DA_FLAT_NAME);
	if (a->spns == NULL || has(d, DA_SPN))
		a->spns = list_value(d, DA_SPN);
	if (a->delegate_to == NULL || has(d, DA_DELEGATE_TO))
		a->delegate_to = list_value(d, DA_DELEGATE_TO);
	if (r->hosts == NULL || has(d, DA_MORE_HOSTS))
		r->hosts = list_value(d, DA_MORE_HOSTS);
	if (r->actors == NULL || has(d, DA_ACTS))
		r->actors = actors(d);
	a->acts_here = r->actors;
	if (has(d, DA_PRIMARY_GROUP))
		r->primary_group = (uint32_t)number_value(d, DA_PRIMARY_GROUP,
		    0);
}

#define UAC_PARTIAL_SECRETS 0x4000000 /* a read-only domain controller */
#define RID_RODCS 521

/*
 * FreeIPA and MIT krb5's own entries have principals with their realm:
 * alice@IPA.TEST, HTTP/web.ipa.test@IPA.TEST.
 */
static const char *
principal_name(struct directory *d, struct dir_region **domain)
{
	const char *name = text_value(d, &d->mem, DA_CANONICAL), *at;

	if (name == NULL)
		name = text_value(d, &d->mem, DA_PRINCIPAL);
	at = name == NULL ? NULL : strrchr(name, '@');
	if (at == NULL)
		return name;
	*domain = dir_region_make(d, at + 1);
	return arena_text(&d->mem, name, (size_t)(at - name));
}

/* The services among LIST, without their realms, or LIST's texts alike. */
static const char *const *
without_realms(struct directory *d, const char *const *list, bool services)
{
	size_t i, n = 0;
	const char **to, *at;

	for (i = 0; list[i] != NULL; i++)
		;
	to = arena_alloc(&d->mem, (i + 1) * sizeof(*to));
	for (i = 0; list[i] != NULL; i++) {
		if (services && strchr(list[i], '/') == NULL)
			continue;
		at = strrchr(list[i], '@');
		to[n++] = at == NULL ?
		    list[i] :
		    arena_text(&d->mem, list[i], (size_t)(at - list[i]));
	}
	return to;
}

static void
principals(struct directory *d, struct dir_account *a)
{
	if (has(d, DA_PRINCIPAL) && !has(d, DA_SPN))
		a->spns = without_realms(d, list_value(d, DA_PRINCIPAL), true);
	if (has(d, DA_PRINCIPAL_TARGETS))
		a->delegate_to = without_realms(d,
		    list_value(d, DA_PRINCIPAL_TARGETS), false);
}

/* sam@REALM, and what the account's place says of it. */
static void
account_name(struct directory *d, struct dir_record *r)
{
	struct dir_account *a = &r->a;
	struct dir_region *domain = own_region(d);
	const char *sam = text_value(d, &d->mem, DA_SAM);

	if (sam == NULL)
		sam = principal_name(d, &domain);
	if (sam == NULL)
		sam = a->trust_partner;
	if (sam == NULL)
		sam = dir_dn_first(&d->mem, d->dn);
	r->sam = sam == NULL ? "" : sam;
	r->domain = domain == NULL ? DIR_NONE : domain->index;
	a->realm = domain == NULL ? "" : domain->d.realm;
	a->name = arena_printf(&d->mem, "%s@%s", r->sam, a->realm);
	a->class = account_class(d);
	a->dn = arena_text(&d->mem, d->dn, strlen(d->dn));
}

static struct dir_record *
new_record(struct directory *d, uint32_t id)
{
	struct dir_record *r = arena_alloc(&d->mem, sizeof(*r));

	r->id = id;
	r->a.kvno = EV_ABSENT;
	d->names[id].record = (uint32_t)d->nrecords;
	DIR_ROOM(d->records, d->nrecords, d->room_records);
	d->records[d->nrecords++] = r;
	return r;
}

static void
account_object(struct directory *d)
{
	uint32_t id = dir_name_of(d, d->dn);
	struct dir_record *r;
	size_t i;

	r = d->names[id].record == DIR_NONE ? new_record(d, id) :
					      d->records[d->names[id].record];
	account_texts(d, r);
	principals(d, &r->a);
	account_numbers(d, &r->a);
	if (r->sam == NULL || has(d, DA_SAM))
		account_name(d, r);
	for (i = 0; i < d->nvalues; i++)
		r->have |= UINT64_C(1) << d->values[i].attr;
	r->source = (uint32_t)(d->nsources - 1);
	r->a.source = arena_text(&d->mem, d->source, strlen(d->source));
	r->a.rodc |= has(d, DA_RODC_KRBTGT) ||
	    (r->a.uac & UAC_PARTIAL_SECRETS) != 0 ||
	    r->primary_group == RID_RODCS;
	memberships(d, id);
}

/* --- the whole --------------------------------------------------------- */

static void
note_attributes(struct directory *d)
{
	struct dir_source *s = &d->sources[d->nsources - 1];
	size_t i;

	for (i = 0; i < d->nvalues; i++)
		s->have |= UINT64_C(1) << d->values[i].attr;
	/* Nobody asks for these by name: it is an export of all attributes. */
	if (has(d, DA_INSTANCE_TYPE) && has(d, DA_USN))
		s->asked = UINT64_MAX;
}

void
dir_object(struct directory *d)
{
	const char *const *mappings;

	note_attributes(d);
	/* A tombstone may still hold its SPNs; no KDC looks at them. */
	if (value_is(d, DA_DELETED, "TRUE"))
		return;
	if (has(d, DA_SPN_MAPPINGS) && d->naliases == 0)
		for (mappings = list_value(d, DA_SPN_MAPPINGS);
		     *mappings != NULL; mappings++)
			spn_mapping(d, *mappings);
	if (has(d, DA_TIME))
		d->sources[d->nsources - 1].time = time_value(d, DA_TIME);
	if (has(d, DA_NC_NAME))
		cross_reference(d);
	if (class_is(d, "domainDNS") || class_is(d, "domain"))
		domain_object(d);
	else if (is_group(d))
		group_object(d);
	else if (is_account(d))
		account_object(d);
}
