/*
 * directory-cover.c - what is surely at hand: the filters of searches (RFC
 * 4515) tell which accounts they must have found.
 *
 * A filter is evaluated for an account of which one attribute's value is
 * known: true, or not known; nothing is taken for false.  So "(&(class=user)
 * (servicePrincipalName=*))" must have found whoever has an SPN, and
 * "(sAMAccountName=fs*)" need not.
 *
 * Without a filter, a file that ends as it should and holds the domain's
 * krbtgt, a domain controller and others is taken for an export of all that
 * could have an SPN; with the guest account, who has none, of all accounts.
 * The domain's own object beside accounts, but no guest, was asked for by name:
 * it is what `collect` asks for, without the lines that say so.
 */
#include <stdlib.h>
#include <strings.h>

#include "directory-store.h"
#include "table.h"
#include "text.h"

#define DEPTH_MOST 32
#define FILTERS_MOST 256 /* that are more than a list of values */

enum term { TERM_UNSURE, TERM_SURE, TERM_AND, TERM_OR, TERM_NOT, TERM_VALUE };

struct filter {
	enum term term;
	enum dir_attr attr;
	const char *pattern;         /* TERM_VALUE; '*' is any text */
	struct filter *child, *next; /* AND, OR, NOT */
};

struct search {
	const struct filter *filter;
	const char *base; /* its realm; "": all; NULL: SOURCE's domains */
	uint32_t source;
};

struct dir_cover {
	struct arena mem;
	struct search searches[FILTERS_MOST];
	size_t n;
	struct dir_index values; /* "attr value realm" of plain lists */
	uint8_t *whole;          /* by domain: all of it is at hand */
	size_t nwhole;
};

struct dir_cover *
dir_cover_new(void)
{
	return must_calloc(1, sizeof(struct dir_cover));
}

void
dir_cover_free(struct dir_cover *c)
{
	arena_free(&c->mem);
	dir_index_empty(&c->values);
	free(c->whole);
	free(c);
}

/* --- reading a filter -------------------------------------------------- */

struct parse {
	struct arena *mem;
	const char *p, *end;
	size_t nodes;
};

static struct filter *
node(struct parse *s, enum term term)
{
	struct filter *f = arena_alloc(s->mem, sizeof(*f));

	f->term = term;
	return f;
}

/* Attributes that every account has. */
static bool
always_there(struct str name)
{
	static const char *const names[] = { "objectClass", "objectCategory",
		"sAMAccountName", "objectSid", "objectGUID", "cn", "name",
		"distinguishedName", NULL };
	size_t i;

	for (i = 0; names[i] != NULL; i++)
		if (strlen(names[i]) == name.len &&
		    strncasecmp(names[i], name.p, name.len) == 0)
			return true;
	return false;
}

static int
hex_value(char c)
{
	const char *digits = "0123456789abcdef", *at;

	at = c == '\0' ? NULL : strchr(digits, c | 0x20);
	return at == NULL || (c < '0') ? -1 : (int)(at - digits);
}

/* A pattern, \2a undone; an escaped '*' becomes \1, which no value has. */
static const char *
read_pattern(struct parse *s, size_t len)
{
	char text[DIR_MAX_TEXT];
	size_t i, n = 0;
	char c;

	if (len >= sizeof(text))
		return NULL;
	for (i = 0; i < len; i++) {
		c = s->p[i];
		if (c == '\\' && i + 2 < len && hex_value(s->p[i + 1]) >= 0 &&
		    hex_value(s->p[i + 2]) >= 0) {
			c = (char)(hex_value(s->p[i + 1]) * 16 +
			    hex_value(s->p[i + 2]));
			if (c == '*' || c == '\0')
				c = '\1';
			i += 2;
		}
		text[n++] = c;
	}
	return arena_text(s->mem, text, n);
}

/* attr=value; the cursor stands before it and is put behind it. */
static struct filter *
read_item(struct parse *s)
{
	const char *end = s->p, *eq;
	struct filter *f = node(s, TERM_UNSURE);
	struct str name;

	while (end < s->end && *end != ')')
		end++;
	eq = memchr(s->p, '=', (size_t)(end - s->p));
	if (eq == NULL || eq == s->p || strchr(":<>~", eq[-1]) != NULL) {
		s->p = end;
		return f;
	}
	name = (struct str){ s->p, (size_t)(eq - s->p) };
	s->p = eq + 1;
	f->attr = dir_attr_of(name);
	f->pattern = read_pattern(s, (size_t)(end - s->p));
	s->p = end;
	if (f->pattern == NULL)
		return f;
	if (strcmp(f->pattern, "*") == 0 && always_there(name))
		f->term = TERM_SURE;
	/* Who can have an SPN is a user, or a class below it. */
	else if (f->attr == DA_CLASS &&
	    (strcasecmp(f->pattern, "user") == 0 ||
		strcasecmp(f->pattern, "top") == 0))
		f->term = TERM_SURE;
	else if (f->attr != DA_NONE)
		f->term = TERM_VALUE;
	return f;
}

static struct filter *read_filter(struct parse *s, int depth);

static struct filter *
read_list(struct parse *s, enum term term, int depth)
{
	struct filter *f = node(s, term), *child, **at = &f->child;

	for (s->p++; s->p < s->end && *s->p == '(';) {
		child = read_filter(s, depth + 1);
		if (child == NULL)
			return NULL;
		/* What is always true may be left out of an AND. */
		if (term == TERM_AND && child->term == TERM_SURE)
			continue;
		*at = child;
		at = &child->next;
	}
	if (term == TERM_AND && f->child == NULL)
		f->term = TERM_SURE;
	if (term == TERM_AND && f->child != NULL && f->child->next == NULL)
		return f->child;
	return f;
}

/* One "(...)"; NULL: it is not well formed. */
static struct filter *
read_filter(struct parse *s, int depth)
{
	struct filter *f;

	if (depth > DEPTH_MOST || s->p >= s->end || *s->p != '(')
		return NULL;
	if (++s->p >= s->end)
		return NULL;
	if (*s->p == '&')
		f = read_list(s, TERM_AND, depth);
	else if (*s->p == '|')
		f = read_list(s, TERM_OR, depth);
	else if (*s->p == '!') {
		f = read_list(s, TERM_NOT, depth);
	} else
		f = read_item(s);
	if (f == NULL || s->p >= s->end || *s->p != ')')
		return NULL;
	s->p++;
	return f;
}

/* The whole; an ldapsearch filter may come without its brackets. */
static const struct filter *
parse_filter(struct arena *mem, struct str text)
{
	struct parse s = { .mem = mem, .p = text.p };
	struct filter *f;

	if (text.len == 0)
		return node(&s, TERM_SURE);
	s.end = text.p + text.len;
	f = *s.p == '(' ? read_filter(&s, 0) : read_item(&s);
	return f == NULL || s.p != s.end ? NULL : f;
}

/* --- evaluating it ----------------------------------------------------- */

static bool
same_octet(char a, char b)
{
	return strncasecmp(&a, &b, 1) == 0;
}

static bool
matches(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (same_octet(*pattern, *text)) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++again;
		} else
			return false;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool
surely(const struct filter *f, enum dir_attr attr, const char *value)
{
	const struct filter *c;

	switch (f->term) {
	case TERM_SURE:
		return true;
	case TERM_VALUE:
		return f->attr == attr && value != NULL &&
		    matches(f->pattern, value);
	case TERM_AND:
		for (c = f->child; c != NULL; c = c->next)
			if (!surely(c, attr, value))
				return false;
		return true;
	case TERM_OR:
		for (c = f->child; c != NULL; c = c->next)
			if (surely(c, attr, value))
				return true;
		return false;
	default:
		return false;
	}
}

/* --- keeping it -------------------------------------------------------- */

/* A list of plain values, however long, is found by its values. */
static bool
plain_list(const struct filter *f, int depth)
{
	const struct filter *c;

	if (f->term == TERM_VALUE)
		return strchr(f->pattern, '*') == NULL;
	if (f->term != TERM_OR || depth > 4)
		return false;
	for (c = f->child; c != NULL; c = c->next)
		if (!plain_list(c, depth + 1))
			return false;
	return true;
}

static const char *
value_key(struct arena *mem, enum dir_attr attr, const char *value,
    const char *realm)
{
	return arena_printf(mem, "%d %s\n%s", (int)attr, value, realm);
}

static void
keep_values(struct dir_cover *c, const struct filter *f, const char *realm)
{
	const struct filter *child;
	const char *key;

	if (f->term == TERM_VALUE) {
		key = value_key(&c->mem, f->attr, f->pattern, realm);
		dir_index_add(&c->values, key, strlen(key), 0);
	}
	for (child = f->child; child != NULL; child = child->next)
		keep_values(c, child, realm);
}

/* The realm of a search's base; NULL: it began below the domain. */
static const char *
base_realm(struct arena *mem, const char *base)
{
	const char *p;

	if (*base == '\0')
		return "";
	for (p = base; p != NULL; p = strchr(p, ',')) {
		p += strspn(p, ", ");
		if (strncasecmp(p, "DC=", 3) != 0)
			return NULL;
	}
	return dir_dn_realm(mem, base);
}

/* What the source without a filter gave of one domain. */
struct sample {
	bool krbtgt, dc, guest;
	size_t people, others, spns;
};

/* The replication service, which domain controllers alone have. */
static bool
is_dc(const struct dir_record *r)
{
	static const char drs[] = "E3514235-4B06-11D1-AB04-00C04FC2DCD2/";
	const char *const *p;

	for (p = r->a.spns; *p != NULL; p++)
		if (strncasecmp(*p, drs, sizeof(drs) - 1) == 0)
			return true;
	return (r->a.uac & UAC_DC) != 0;
}

/* Every domain has one, by whatever name; it has neither SPN nor UPN. */
static bool
is_guest(const struct dir_record *r)
{
	const char *rid = r->a.sid == NULL ? NULL : strrchr(r->a.sid, '-');

	return rid == NULL ? strcasecmp(r->sam, "Guest") == 0 :
			     strcmp(rid, "-501") == 0;
}

static void
count_account(const struct dir_record *r, struct sample *t)
{
	if (strcasecmp(r->sam, "krbtgt") == 0)
		t->krbtgt = true;
	else if (is_dc(r))
		t->dc = true;
	else if (strcmp(r->a.class, "user") == 0)
		t->people++;
	else
		t->others++;
	t->guest |= is_guest(r);
	t->spns += r->a.spns[0] != NULL;
}

/* The domain's own object is here, and the guest, who comes with it, is not. */
static bool
is_picked(const struct dir_region *r, uint32_t source, const struct sample *t)
{
	return r->object && r->object_source == source && !t->guest;
}

#define ACCOUNTS_LEAST 5
#define WHOLE_SPNS 1  /* all that could have an SPN */
#define WHOLE_NAMES 2 /* all accounts */

static void
take_for_whole(struct directory *d, uint32_t source)
{
	struct dir_cover *c = d->cover;
	struct sample *t, *all;
	size_t i;

	all = must_calloc(d->ndomains + 1, sizeof(*all));
	for (i = 0; i < d->nrecords; i++)
		if (d->records[i]->source == source &&
		    d->records[i]->domain != DIR_NONE)
			count_account(d->records[i],
			    &all[d->records[i]->domain]);
	c->whole = must_realloc(c->whole, d->ndomains + 1, 1);
	for (i = c->nwhole; i < d->ndomains; i++)
		c->whole[i] = 0;
	c->nwhole = d->ndomains;
	for (i = 0; i < d->ndomains; i++) {
		t = &all[i];
		if (is_picked(d->domains[i], source, t))
			continue;
		if (t->krbtgt && t->dc && t->people > 0 && t->spns > 1 &&
		    t->people + t->others + 2 >= ACCOUNTS_LEAST)
			c->whole[i] |= WHOLE_SPNS |
			    (t->guest ? WHOLE_NAMES : 0);
	}
	free(all);
}

void
dir_cover_add(struct directory *d, uint32_t source, struct str text)
{
	struct dir_source *s = &d->sources[source];
	struct dir_cover *c = d->cover;
	const struct filter *f;
	const char *realm = NULL;

	if (!s->whole || ((s->have | s->asked) & DA_BIT(SPN)) == 0)
		return;
	if (text.len == 0 && s->base == NULL) {
		take_for_whole(d, source);
		return;
	}
	f = parse_filter(&c->mem, text);
	if (s->base != NULL) {
		realm = base_realm(&c->mem, s->base);
		if (realm == NULL)
			return;
	}
	if (f == NULL)
		return;
	if (realm != NULL && *realm != '\0' && plain_list(f, 0))
		keep_values(c, f, realm);
	else if (c->n < FILTERS_MOST)
		c->searches[c->n++] = (struct search){ f, realm, source };
}

/* --- asking it --------------------------------------------------------- */

static bool
reaches(const struct directory *d, const struct search *s, const char *realm)
{
	struct dir_region *r = dir_region(d, realm);

	if (s->base != NULL)
		return s->base[0] == '\0' ? r != NULL :
					    strcasecmp(s->base, realm) == 0;
	return r != NULL && r->object && r->object_source == s->source;
}

static bool
is_whole(const struct directory *d, const char *realm, int of)
{
	const struct dir_region *r = dir_region(d, realm);

	return r != NULL && r->index < d->cover->nwhole &&
	    (d->cover->whole[r->index] & of) != 0;
}

bool
dir_covers(const struct directory *d, const char *realm, enum dir_attr attr,
    const char *value)
{
	const struct dir_cover *c = d->cover;
	struct arena mem = { NULL, 0 };
	const char *key;
	bool found;
	size_t i;

	if (is_whole(d, realm, attr == DA_SPN ? WHOLE_SPNS : WHOLE_NAMES))
		return true;
	for (i = 0; i < c->n; i++)
		if (surely(c->searches[i].filter, attr, value) &&
		    reaches(d, &c->searches[i], realm))
			return true;
	if (value == NULL)
		return false;
	key = value_key(&mem, attr, value, realm);
	found = dir_index_find(&c->values, key, strlen(key)) != NULL;
	arena_free(&mem);
	return found;
}

/* "What has any SPN" is all that could have one. */
bool
dir_covers_all(const struct directory *d, const char *realm)
{
	const struct dir_cover *c = d->cover;
	size_t i;

	if (is_whole(d, realm, WHOLE_SPNS))
		return true;
	for (i = 0; i < c->n; i++)
		if (surely(c->searches[i].filter, DA_SPN, "\2") &&
		    reaches(d, &c->searches[i], realm))
			return true;
	return false;
}

/* An export of another domain answers nothing: nobody should wonder. */
void
dir_warn_of_others(const struct directory *d, const struct questions *q)
{
	const struct dir_domain *x = NULL;
	const char *first = NULL;
	const struct dir_region *r;
	const struct question *y;
	size_t i;

	for (i = 0; i < d->ndomains && x == NULL; i++)
		if (d->domains[i]->d.accounts > 0)
			x = &d->domains[i]->d;
	for (i = 0; x != NULL && (y = question_at(q, i)) != NULL; i++) {
		if (y->kind != ASK_DOMAIN)
			continue;
		r = dir_region(d, y->text);
		if (r != NULL && r->d.accounts > 0)
			return;
		if (first == NULL)
			first = y->realm;
	}
	if (first != NULL)
		message("%s: of %s, but the captures are of %s", x->source,
		    x->realm, first);
}
