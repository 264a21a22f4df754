/*
 * probe-ldap-ask.c - what a directory is asked: what it is, what HOST/ stands
 * for, its trusts, its krbtgt, who is in Protected Users; then the names that
 * passed in the capture, and those that the answers led to.
 *
 * Active Directory (MS-ADTS) or any other with the same attributes; a global
 * catalogue (ports 3268, 3269) has all domains of the forest, but only the
 * attributes that its schema says.
 */
#include "config.h"

#ifdef HAVE_LDAP

#	include <stdlib.h>
#	include <string.h>
#	include <strings.h>
#	include <time.h>

#	include "bounds.h"
#	include "probe-ldap-filter.h"
#	include "probe-ldap-session.h"
#	include "text.h"

#	define ANY "(objectClass=*)"

/* --- the root ------------------------------------------------------------- */

/* MS-ADTS 3.1.1.3.4.3: Active Directory; AD LDS has no accounts. */
#	define CAPABILITY_AD "1.2.840.113556.1.4.800"

/* The value of NAME that is, or begins with, LIKE; the first when none. */
static char *
value_like(struct ldap_session *s, LDAPMessage *entry, const char *name,
    const char *like)
{
	struct berval **v = ldap_get_values_len(s->ld, entry, name);
	char *out = NULL;
	size_t i, pick = 0;

	if (v != NULL && v[0] != NULL) {
		for (i = 0; v[i] != NULL; i++)
			if (strncasecmp(v[i]->bv_val, like, strlen(like)) ==
			    0) {
				pick = i;
				break;
			}
		out = must_text(
		    (struct str){ v[pick]->bv_val, v[pick]->bv_len });
	}
	ldap_value_free_len(v);
	return out;
}

static void
take_root(struct ldap_session *s, LDAPMessage *e, void *arg)
{
	(void)arg;
	s->ad = ldap_entry_has(s, e, "supportedCapabilities", CAPABILITY_AD);
	if (s->base == NULL && s->gc)
		s->base = text_printf("%s", "");
	if (s->base == NULL)
		s->base = value_like(s, e, "defaultNamingContext", "");
	if (s->base == NULL)
		s->base = value_like(s, e, "namingContexts", "dc=");
	free(s->config);
	free(s->schema);
	free(s->time);
	s->config = value_like(s, e, "configurationNamingContext", "");
	s->schema = value_like(s, e, "schemaNamingContext", "");
	s->time = value_like(s, e, "currentTime", "");
}

static bool
ask_root(struct ldap_session *s)
{
	static const char *const names[] = { "defaultNamingContext",
		"namingContexts", "configurationNamingContext",
		"schemaNamingContext", "supportedCapabilities", "currentTime",
		NULL };
	const struct ldap_query q = {
		.base = "",
		.filter = ANY,
		.scope = LDAP_SCOPE_BASE,
		.attributes = (char **)(uintptr_t)names,
		.most = 1,
		.entry = take_root,
	};

	if (ldap_query_run(s, &q) != LDAP_FOUND_ALL)
		return false;
	if (s->base == NULL)
		ldap_fail(s,
		    "does not say which tree it has: give it as "
		    "ldap://HOST/DC=corp,DC=example");
	return s->base != NULL;
}

/* --- a global catalogue --------------------------------------------------- */

static void
take_attribute(struct ldap_session *s, LDAPMessage *e, void *arg)
{
	char *name = value_like(s, e, "lDAPDisplayName", "");

	(void)arg;
	if (name != NULL)
		ldap_set_add(&s->catalogued, name);
	free(name);
}

/* Which attributes are missing in it because it never has them. */
static void
ask_catalogue(struct ldap_session *s)
{
	static const char *const names[] = { "lDAPDisplayName", NULL };
	const struct ldap_query q = {
		.base = s->schema,
		.filter = "(&(objectClass=attributeSchema)"
			  "(isMemberOfPartialAttributeSet=TRUE))",
		.scope = LDAP_SCOPE_ONELEVEL,
		.attributes = (char **)(uintptr_t)names,
		.optional = true,
		.most = LDAP_MAX_ENTRIES,
		.entry = take_attribute,
	};

	if (s->gc && s->schema != NULL)
		ldap_query_run(s, &q);
}

/* --- the domain ----------------------------------------------------------- */

struct sid {
	char octets[68];
	size_t len;
};

static void
take_sid(struct ldap_session *s, LDAPMessage *e, void *arg)
{
	struct berval **v = ldap_get_values_len(s->ld, e, "objectSid");
	struct sid *sid = arg;

	/* MS-DTYP 2.4.2.2: room for the number behind it is needed. */
	if (v != NULL && v[0] != NULL && v[0]->bv_len >= 8 &&
	    v[0]->bv_len <= sizeof(sid->octets) - 4 &&
	    v[0]->bv_len == 8 + 4 * (size_t)(uint8_t)v[0]->bv_val[1]) {
		memcpy(sid->octets, v[0]->bv_val, v[0]->bv_len);
		sid->len = v[0]->bv_len;
	}
	ldap_value_free_len(v);
}

/* The domain's SID with RID behind it; false: it has none. */
static bool
domain_sid(struct ldap_session *s, uint32_t rid, struct sid *sid)
{
	static const char *const names[] = { "objectSid", NULL };
	const struct ldap_query q = {
		.base = s->base,
		.filter = ANY,
		.scope = LDAP_SCOPE_BASE,
		.attributes = (char **)(uintptr_t)names,
		.optional = true,
		.most = 1,
		.entry = take_sid,
		.arg = sid,
	};
	size_t i;

	sid->len = 0;
	ldap_query_run(s, &q);
	if (sid->len == 0)
		return false;
	for (i = 0; i < 4; i++)
		sid->octets[sid->len + i] = (char)(rid >> (8 * i));
	sid->octets[1]++;
	sid->len += 4;
	return true;
}

static void
ask_under(struct ldap_session *s, const char *place, const char *base,
    int scope, const char *filter)
{
	char *dn = text_printf("%s,%s", place, base);

	ldap_feed(s, dn, scope, filter, false);
	free(dn);
}

static void
ask_domain(struct ldap_session *s)
{
	if (s->config != NULL) {
		ask_under(s, "CN=Directory Service,CN=Windows NT,CN=Services",
		    s->config, LDAP_SCOPE_BASE, ANY);
		ask_under(s, "CN=Partitions", s->config, LDAP_SCOPE_ONELEVEL,
		    "(nETBIOSName=*)");
	}
	if (!s->gc)
		ldap_feed(s, s->base, LDAP_SCOPE_BASE, ANY, false);
	/* Where Active Directory has them; a search of all is dear. */
	if (s->ad && !s->gc)
		ask_under(s, "CN=System", s->base, LDAP_SCOPE_ONELEVEL,
		    "(objectClass=trustedDomain)");
	else
		ldap_feed(s, s->base, LDAP_SCOPE_SUBTREE,
		    "(objectClass=trustedDomain)", true);
	ldap_feed(s, s->base, LDAP_SCOPE_SUBTREE, "(sAMAccountName=krbtgt)",
	    true);
}

/* --- Protected Users ------------------------------------------------------ */

#	define RID_PROTECTED_USERS 525
#	define GROUPS_MOST 256 /* one inside the other */
#	define MEMBERS_MOST 20000

struct groups {
	char *dn[GROUPS_MOST];
	size_t n;
	bool all;
};

static void
take_group(struct ldap_session *s, LDAPMessage *e, void *arg)
{
	char *dn = ldap_get_dn(s->ld, e);

	(void)arg;
	if (dn != NULL && s->guard == NULL)
		s->guard = text_printf("%s", dn);
	ldap_memfree(dn);
}

static void
take_member(struct ldap_session *s, LDAPMessage *e, void *arg)
{
	struct groups *g = arg;
	char *dn = ldap_get_dn(s->ld, e);

	if (dn == NULL || !ldap_set_add(&s->guarded, dn)) {
		ldap_memfree(dn);
		return;
	}
	if (ldap_entry_has(s, e, "objectClass", "group")) {
		if (g->n < GROUPS_MOST)
			g->dn[g->n++] = text_printf("%s", dn);
		else
			g->all = false;
	}
	ldap_memfree(dn);
}

/* Whoever is inside, from one group to the next; memberOf is indexed. */
static bool
ask_members(struct ldap_session *s)
{
	static const char *const names[] = { "objectClass", NULL };
	struct groups g = { .n = 1, .all = true };
	struct ldap_query q = {
		.base = s->base,
		.scope = LDAP_SCOPE_SUBTREE,
		.attributes = (char **)(uintptr_t)names,
		.optional = true,
		.most = MEMBERS_MOST,
		.entry = take_member,
		.arg = &g,
	};
	char *filter;
	size_t i;

	g.dn[0] = text_printf("%s", s->guard);
	for (i = 0; i < g.n; i++) {
		filter = ldap_filter_term("memberOf",
		    (struct str){ g.dn[i], strlen(g.dn[i]) }, "");
		q.filter = filter;
		g.all &= ldap_query_run(s, &q) == LDAP_FOUND_ALL;
		free(filter);
		free(g.dn[i]);
	}
	return g.all;
}

/*
 * The group is known by its SID: Windows translates its name.  A domain
 * without it (before 2012 R2) protects nobody.
 */
static void
guard(struct ldap_session *s)
{
	static const char *const names[] = { "objectClass", NULL };
	struct ldap_query q = {
		.base = s->base,
		.scope = LDAP_SCOPE_SUBTREE,
		.attributes = (char **)(uintptr_t)names,
		.optional = true,
		.most = 1,
		.entry = take_group,
	};
	struct sid sid;
	char *filter;

	if (!s->ad || s->gc || !domain_sid(s, RID_PROTECTED_USERS, &sid))
		return;
	filter = ldap_filter_term("objectSid",
	    (struct str){ sid.octets, sid.len }, "");
	q.filter = filter;
	s->guarded_known = ldap_query_run(s, &q) == LDAP_FOUND_ALL;
	free(filter);
	if (s->guard == NULL)
		return;
	s->guarded_known = ask_members(s);
	ldap_feed(s, s->guard, LDAP_SCOPE_BASE, ANY, false);
}

/* --- names ---------------------------------------------------------------- */

/*
 * What only begins as a name does is of interest, and dear for a server that
 * has no index for it: not when half of the time is over.
 */
static bool
is_late(const struct ldap_session *s)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - s->began) * 2 >= s->t->timeout;
}

static void
ask_filters(struct ldap_session *s, struct ldap_filters *f, bool want_exact)
{
	const char *filter;
	bool exact;
	size_t i;

	for (i = 0; !s->gone; i++) {
		filter = ldap_filters_at(f, i, &exact);
		if (filter == NULL || (!want_exact && is_late(s)))
			break;
		if (exact == want_exact)
			ldap_feed(s, s->base, LDAP_SCOPE_SUBTREE, filter,
			    exact);
	}
}

static void
add_questions(struct ldap_session *s, struct ldap_filters *f)
{
	const struct question *q;
	size_t i;

	for (i = 0; (q = question_at(s->t->questions, i)) != NULL; i++)
		ldap_filters_question(f, s->t->self.directory, q);
}

/* Whom the accounts found may delegate to, and who may act for others. */
static void
add_delegation(struct ldap_session *s, struct ldap_filters *f)
{
	const struct directory *d = s->t->self.directory;
	const struct dir_account *a;
	size_t i, j, n = 0;

	for (i = 0; i < directory_count(d) && n < LDAP_MAX_MORE; i++) {
		a = directory_at(d, i);
		for (j = 0; a->delegate_to[j] != NULL; j++, n++)
			ldap_filters_spn(f, d, a->delegate_to[j]);
		for (j = 0; a->acts_here[j] != NULL; j++, n++)
			ldap_filters_sid(f, a->acts_here[j]);
	}
}

static void
ask_names(struct ldap_session *s)
{
	struct ldap_filters *names = ldap_filters_new();
	struct ldap_filters *more = ldap_filters_new();

	add_questions(s, names);
	ask_filters(s, names, true);
	add_delegation(s, more);
	ask_filters(s, more, true);
	ask_filters(s, names, false);
	ask_filters(s, more, false);
	ldap_filters_free(names);
	ldap_filters_free(more);
}

/* Whoever can have an SPN, or is a user. */
static void
ask_everybody(struct ldap_session *s)
{
	ldap_feed(s, s->base, LDAP_SCOPE_SUBTREE,
	    "(|(objectClass=user)(servicePrincipalName=*)"
	    "(krbPrincipalName=*))",
	    true);
}

void
ldap_search_all(struct ldap_session *s)
{
	if (!ask_root(s))
		return;
	ask_catalogue(s);
	guard(s);
	ask_domain(s);
	if (s->t->questions == NULL)
		ask_everybody(s);
	else
		ask_names(s);
}

#endif
