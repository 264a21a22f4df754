/*
 * probe-ldap-search.c - runs searches (RFC 4511 4.5) page by page (RFC 2696)
 * and tells the objects that they find.
 *
 * Attributes are asked for by name.  Values that come in parts (";range=",
 * MS-ADTS 3.1.1.3.1.3.3: Active Directory gives 1500 at once) are fetched
 * till the last.  Nothing else is believed than that a search whose last page
 * came with "success" has found what it had to.
 */
#include "config.h"

#ifdef HAVE_LDAP

#	include <stdlib.h>
#	include <string.h>
#	include <strings.h>

#	include "bounds.h"
#	include "probe-ldap-session.h"
#	include "text.h"

#	define PAGE 500 /* Active Directory gives 1000 at most */

static const struct str nothing = { "", 0 };

/* --- sets ----------------------------------------------------------------- */

struct name {
	struct node node;
	char text[];
};

static bool
name_match(const struct node *n, const void *key)
{
	return strcasecmp(((const struct name *)n)->text, key) == 0;
}

bool
ldap_set_has(const struct table *set, const char *name)
{
	return table_find(set, hash_text(name, strlen(name)), name_match,
		   name) != NULL;
}

bool
ldap_set_add(struct table *set, const char *name)
{
	struct name *n;

	if (ldap_set_has(set, name))
		return false;
	n = must_calloc(1, sizeof(*n) + strlen(name) + 1);
	strcpy(n->text, name);
	table_add(set, &n->node, hash_text(name, strlen(name)));
	return true;
}

/* --- attributes ----------------------------------------------------------- */

/* Asked of the root of the directory alone. */
static bool
is_operational(const char *name)
{
	return strcasecmp(name, "currentTime") == 0;
}

/*
 * Who is in Protected Users is found from the group on, see guard() in
 * probe-ldap-ask.c: memberOf names groups of which nobody knows what they are
 * members of.  A global catalogue has it only of universal groups.
 */
static bool
is_membership(const char *name)
{
	return strcasecmp(name, "memberOf") == 0 ||
	    strcasecmp(name, "member") == 0;
}

static bool
is_asked(const struct ldap_session *s, const char *name)
{
	return !is_operational(name) && !(s->ad && is_membership(name));
}

#	define ATTRIBUTES_MOST 64

static void
attributes(const struct ldap_session *s, char *list[ATTRIBUTES_MOST + 1])
{
	const char *name;
	size_t i, n = 0;

	for (i = 0; (name = directory_attribute(i)) != NULL; i++)
		if (is_asked(s, name) && n < ATTRIBUTES_MOST)
			list[n++] = (char *)(uintptr_t)name;
	list[n] = NULL;
}

/* --- one search ----------------------------------------------------------- */

static void
search_why(struct ldap_session *s, const struct ldap_query *q, int rc,
    const char *words)
{
	if (rc == LDAP_NO_SUCH_OBJECT)
		ldap_fail(s, "there is no base %s", q->base);
	else if (rc == LDAP_REFERRAL)
		ldap_fail(s, "another server has %s: ask that one", q->base);
	else if (rc == LDAP_SERVER_DOWN)
		ldap_fail(s, "the connection was lost half-way");
	else if (rc == LDAP_SIZELIMIT_EXCEEDED ||
	    rc == LDAP_ADMINLIMIT_EXCEEDED || rc == LDAP_TIMELIMIT_EXCEEDED)
		ldap_fail(s, "gives no more than a part: %s",
		    ldap_err2string(rc));
	else
		ldap_fail(s, "%s%s%s", ldap_err2string(rc),
		    *words == '\0' ? "" : ": ", words);
}

static bool
is_limit(int rc)
{
	return rc == LDAP_SIZELIMIT_EXCEEDED ||
	    rc == LDAP_ADMINLIMIT_EXCEEDED || rc == LDAP_TIMELIMIT_EXCEEDED;
}

/* Below zero: libldap's own, there is no server behind it any more. */
static enum ldap_outcome
search_failed(struct ldap_session *s, const struct ldap_query *q, int rc,
    const char *words)
{
	bool absent = rc == LDAP_NO_SUCH_OBJECT;

	if (rc < 0)
		s->gone = true;
	if (!(q->optional &&
		(absent || rc == LDAP_REFERRAL ||
		    rc == LDAP_INSUFFICIENT_ACCESS)))
		search_why(s, q, rc, words);
	return is_limit(rc) || rc < 0 ? LDAP_FOUND_SOME : LDAP_FOUND_NONE;
}

/* Takes the entries of one page; the result is left in RESULT, or NULL. */
static int
take_page(struct ldap_session *s, const struct ldap_query *q, int id,
    size_t *count, LDAPMessage **result)
{
	LDAPMessage *m;
	int kind, rc;

	for (;;) {
		*result = NULL;
		kind = ldap_result(s->ld, id, LDAP_MSG_ONE, NULL, &m);
		if (kind <= 0) {
			rc = LDAP_SERVER_DOWN;
			ldap_get_option(s->ld, LDAP_OPT_RESULT_CODE, &rc);
			return rc < 0 ? rc : LDAP_SERVER_DOWN;
		}
		if (kind == LDAP_RES_SEARCH_RESULT) {
			*result = m;
			return LDAP_SUCCESS;
		}
		if (kind == LDAP_RES_SEARCH_ENTRY && (*count)++ < q->most)
			q->entry(s, m, q->arg);
		ldap_msgfree(m);
		if (*count > q->most) {
			ldap_fail(s,
			    "more than %zu objects answer: what comes after "
			    "them is left out",
			    q->most);
			ldap_abandon_ext(s->ld, id, NULL, NULL);
			s->gone = true;
			return LDAP_SIZELIMIT_EXCEEDED;
		}
	}
}

/* What the end of a page says: a code, and where to go on. */
static int
end_page(struct ldap_session *s, LDAPMessage *result, struct berval *cookie,
    char **words)
{
	LDAPControl **controls = NULL, *page;
	ber_int_t estimate;
	char *text = NULL;
	int rc, code = LDAP_OTHER;

	ber_memfree(cookie->bv_val);
	*cookie = (struct berval){ 0, NULL };
	rc = ldap_parse_result(s->ld, result, &code, NULL, &text, NULL,
	    &controls, 1);
	if (rc != LDAP_SUCCESS)
		code = rc;
	*words = text_printf("%.300s", text == NULL ? "" : text);
	ldap_memfree(text);
	page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, NULL);
	if (page != NULL)
		ldap_parse_pageresponse_control(s->ld, page, &estimate, cookie);
	ldap_controls_free(controls);
	return code;
}

/* Asks for the page behind COOKIE, and moves it on. */
static int
one_page(struct ldap_session *s, const struct ldap_query *q,
    struct berval *cookie, size_t *count, char **words)
{
	LDAPControl *controls[2] = { NULL, NULL };
	char *list[ATTRIBUTES_MOST + 1];
	LDAPMessage *result;
	int id, rc;

	if (q->attributes == NULL)
		attributes(s, list);
	rc = ldap_create_page_control(s->ld, PAGE, cookie, 0, &controls[0]);
	if (rc != LDAP_SUCCESS)
		return rc;
	rc = ldap_search_ext(s->ld, q->base, q->scope, q->filter,
	    q->attributes == NULL ? list : q->attributes, 0, controls, NULL,
	    NULL, LDAP_NO_LIMIT, &id);
	ldap_control_free(controls[0]);
	if (rc != LDAP_SUCCESS)
		return rc;
	rc = take_page(s, q, id, count, &result);
	return rc == LDAP_SUCCESS ? end_page(s, result, cookie, words) : rc;
}

enum ldap_outcome
ldap_query_run(struct ldap_session *s, const struct ldap_query *q)
{
	struct berval cookie = { 0, NULL };
	enum ldap_outcome outcome = LDAP_FOUND_ALL;
	size_t count = 0, before;
	char *words;
	int rc;

	if (s->gone)
		return LDAP_FOUND_NONE;
	do {
		before = count;
		words = NULL;
		rc = one_page(s, q, &cookie, &count, &words);
		if (rc != LDAP_SUCCESS)
			outcome = search_failed(s, q, rc,
			    words == NULL ? "" : words);
		free(words);
		/* A server may say "more" for ever. */
		if (rc == LDAP_SUCCESS && cookie.bv_len > 0 &&
		    count == before) {
			outcome = LDAP_FOUND_SOME;
			break;
		}
	} while (rc == LDAP_SUCCESS && cookie.bv_len > 0);
	ber_memfree(cookie.bv_val);
	return outcome;
}

/* --- telling an object ---------------------------------------------------- */

#	define RANGES_MOST 256 /* parts of the values of one attribute */

/* What ";range=LOW-HIGH" says comes next; 0: nothing does. */
static unsigned long
next_range(const char *options)
{
	const char *p = strcasestr(options, ";range=");
	char *end;

	if (p == NULL)
		return 0;
	p = strchr(p, '-');
	if (p == NULL || p[1] < '0' || p[1] > '9')
		return 0;
	return strtoul(p + 1, &end, 10) + 1;
}

/* Tells the values of NAME (with options); what range comes next. */
static unsigned long
tell_values(struct ldap_session *s, LDAPMessage *entry, const char *name)
{
	struct berval **v = ldap_get_values_len(s->ld, entry, name);
	struct str plain = { name, strcspn(name, ";") };
	size_t i;

	for (i = 0; v != NULL && v[i] != NULL; i++)
		ldap_say(s->t, WORD_VALUE, plain,
		    (struct str){ v[i]->bv_val, v[i]->bv_len });
	ldap_value_free_len(v);
	return next_range(name + plain.len);
}

/* The values of PLAIN in ENTRY, which is of one part; what comes next. */
static unsigned long
tell_part(struct ldap_session *s, LDAPMessage *entry, struct str plain)
{
	BerElement *ber = NULL;
	unsigned long next = 0;
	char *name;

	for (name = ldap_first_attribute(s->ld, entry, &ber); name != NULL;
	     name = ldap_next_attribute(s->ld, entry, ber)) {
		if (strcspn(name, ";") == plain.len &&
		    strncasecmp(name, plain.p, plain.len) == 0)
			next = tell_values(s, entry, name);
		ldap_memfree(name);
	}
	ber_free(ber, 0);
	return next;
}

/* The values of PLAIN from FROM on, part by part; false: not all came. */
static bool
fetch_ranges(struct ldap_session *s, const char *dn, struct str plain,
    unsigned long from)
{
	LDAPMessage *all, *entry;
	char *list[2] = { NULL, NULL };
	unsigned long next;
	int rounds, rc;

	for (rounds = 0; from != 0 && rounds < RANGES_MOST; rounds++) {
		list[0] = text_printf("%.*s;range=%lu-*", (int)plain.len,
		    plain.p, from);
		all = NULL;
		next = 0;
		rc = ldap_search_ext_s(s->ld, dn, LDAP_SCOPE_BASE,
		    "(objectClass=*)", list, 0, NULL, NULL, NULL, 1, &all);
		entry = rc == LDAP_SUCCESS ? ldap_first_entry(s->ld, all) :
					     NULL;
		if (entry != NULL)
			next = tell_part(s, entry, plain);
		ldap_msgfree(all);
		free(list[0]);
		/* A part that leads back would come for ever. */
		if (entry == NULL || (next != 0 && next <= from))
			return false;
		from = next;
	}
	return from == 0;
}

/* False when not all values of one came. */
static bool
tell_attributes(struct ldap_session *s, LDAPMessage *entry, const char *dn)
{
	BerElement *ber = NULL;
	unsigned long next;
	bool all = true;
	char *name;

	for (name = ldap_first_attribute(s->ld, entry, &ber); name != NULL;
	     name = ldap_next_attribute(s->ld, entry, ber)) {
		next = tell_values(s, entry, name);
		if (next != 0)
			all &= fetch_ranges(s, dn,
			    (struct str){ name, strcspn(name, ";") }, next);
		ldap_memfree(name);
	}
	ber_free(ber, 0);
	return all;
}

bool
ldap_entry_has(struct ldap_session *s, LDAPMessage *entry, const char *name,
    const char *value)
{
	struct berval **v = ldap_get_values_len(s->ld, entry, name);
	bool has = false;
	size_t i;

	for (i = 0; v != NULL && v[i] != NULL && !has; i++)
		has = value == NULL ||
		    (v[i]->bv_len == strlen(value) &&
			strncasecmp(v[i]->bv_val, value, v[i]->bv_len) == 0);
	ldap_value_free_len(v);
	return has;
}

struct feeding {
	bool unread; /* an account that we may not read as a whole */
	bool part;   /* values of one did not come */
};

/*
 * Every account has userAccountControl, and servers leave out what one may
 * not read: who may not read this has not seen that others are not there.
 */
static void
feed_entry(struct ldap_session *s, LDAPMessage *entry, void *arg)
{
	struct feeding *f = arg;
	char *dn = ldap_get_dn(s->ld, entry), *source;

	if (dn == NULL)
		return;
	if (s->ad && ldap_entry_has(s, entry, "objectClass", "user") &&
	    !ldap_entry_has(s, entry, "userAccountControl", NULL))
		f->unread = true;
	if (ldap_set_add(&s->fed, dn)) {
		source = text_printf("%s/%s", s->uri, dn);
		ldap_say(s->t, WORD_BEGIN, str_of(source), str_of(dn));
		if (!tell_attributes(s, entry, dn))
			ldap_set_add(&s->partial, dn);
		if (s->guarded_known && ldap_set_has(&s->guarded, dn))
			ldap_say(s->t, WORD_VALUE, str_of("memberOf"),
			    str_of(s->guard));
		ldap_say(s->t, WORD_END, nothing, nothing);
		free(source);
	}
	f->part |= ldap_set_has(&s->partial, dn);
	ldap_memfree(dn);
}

/* The rootDSE: when this was read, by the server's clock. */
static void
feed_time(struct ldap_session *s)
{
	if (s->time == NULL)
		return;
	ldap_say(s->t, WORD_BEGIN, str_of(s->uri), nothing);
	ldap_say(s->t, WORD_VALUE, str_of("currentTime"), str_of(s->time));
	ldap_say(s->t, WORD_END, nothing, nothing);
}

/* Which attributes an object would show if it had them. */
static void
feed_asked(struct ldap_session *s)
{
	const char *name;
	size_t i;

	for (i = 0; (name = directory_attribute(i)) != NULL; i++)
		if (is_asked(s, name) &&
		    (!s->gc || ldap_set_has(&s->catalogued, name)))
			ldap_say(s->t, WORD_ASKED, str_of(name), nothing);
	if (s->ad && s->guarded_known && !s->gc)
		ldap_say(s->t, WORD_ASKED, str_of("memberOf"), nothing);
}

enum ldap_outcome
ldap_feed(struct ldap_session *s, const char *base, int scope,
    const char *filter, bool covers)
{
	struct feeding f = { .unread = false, .part = false };
	const struct ldap_query q = {
		.base = base,
		.filter = filter,
		.scope = scope,
		.optional = !covers,
		.most = s->t->questions == NULL ? SIZE_MAX : LDAP_MAX_ENTRIES,
		.entry = feed_entry,
		.arg = &f,
	};
	enum ldap_outcome outcome;
	char flags;

	if (covers)
		ldap_say(s->t, WORD_BASE, str_of(base), nothing);
	feed_time(s);
	outcome = ldap_query_run(s, &q);
	if (!f.unread)
		feed_asked(s);
	flags = 0;
	if (f.part || outcome == LDAP_FOUND_SOME)
		flags = LDAP_SOURCE_DAMAGED;
	else if (covers && outcome == LDAP_FOUND_ALL)
		flags = LDAP_SOURCE_WHOLE;
	ldap_say(s->t, WORD_SOURCE, str_of(filter), (struct str){ &flags, 1 });
	return outcome;
}

#endif
