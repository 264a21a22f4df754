/*
 * probe-ldap-filter.c - the questions of a capture as LDAP filters, RFC 4515.
 *
 * All terms are equalities or have their * at the end, which Active
 * Directory's indices of servicePrincipalName, userPrincipalName,
 * sAMAccountName and objectSid answer.  No term begins with *: for such one a
 * domain controller walks through all accounts.  Which other services a host
 * has comes with its computer account, found by its name.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "probe-ldap-filter.h"
#include "table.h"
#include "text.h"

#define TERMS_MOST 100  /* in one search: about ten names */
#define NETBIOS_MOST 15 /* characters of sAMAccountName before its $ */
#define SUBAUTHS_MOST 15

struct term {
	struct node node;
	char *text;
};

/* Filters of terms of one kind. */
struct list {
	char **done;
	size_t n, room;
	char *open; /* the terms of the filter being made; NULL: none */
	size_t len, size, terms;
};

struct ldap_filters {
	struct table seen; /* of struct term */
	struct list exact, begins;
};

/* --- terms --------------------------------------------------------------- */

char *
ldap_filter_term(const char *attribute, struct str value, const char *tail)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = strlen(attribute), i;
	char *out = must_calloc(n + 3 * value.len + strlen(tail) + 4, 1);
	char *p = out;

	*p++ = '(';
	p = mempcpy(p, attribute, n);
	*p++ = '=';
	for (i = 0; i < value.len; i++) {
		uint8_t c = (uint8_t)value.p[i];

		if (c > ' ' && c < 0x7f && strchr("()*\\", c) == NULL) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '\\';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	p = stpcpy(p, tail);
	*p = ')';
	return out;
}

static bool
term_match(const struct node *n, const void *key)
{
	return strcasecmp(((const struct term *)n)->text, key) == 0;
}

static void
term_free(void *node)
{
	struct term *t = node;

	free(t->text);
	free(t);
}

static void
append(struct list *l, const char *text)
{
	size_t n = strlen(text);

	while (l->size < l->len + n + 1) {
		l->size = l->size == 0 ? 4096 : l->size * 2;
		l->open = must_realloc(l->open, l->size, 1);
	}
	memcpy(l->open + l->len, text, n + 1);
	l->len += n;
}

/* Takes TEXT, a term. */
static void
add(struct ldap_filters *f, struct list *l, char *text)
{
	uint64_t hash = hash_text(text, strlen(text));
	struct term *t;

	if (table_find(&f->seen, hash, term_match, text) != NULL) {
		free(text);
		return;
	}
	t = must_calloc(1, sizeof(*t));
	t->text = text;
	table_add(&f->seen, &t->node, hash);
	if (l->terms++ == 0)
		append(l, "(|");
	append(l, text);
}

static void
add_str(struct ldap_filters *f, const char *attribute, struct str value,
    const char *tail)
{
	if (value.len > 0)
		add(f, *tail == '\0' ? &f->exact : &f->begins,
		    ldap_filter_term(attribute, value, tail));
}

static void
finish(struct list *l)
{
	if (l->terms == 0)
		return;
	append(l, ")");
	if (l->n == l->room) {
		l->room = l->room == 0 ? 16 : l->room * 2;
		l->done = must_realloc(l->done, l->room, sizeof(*l->done));
	}
	l->done[l->n++] = l->open;
	l->open = NULL;
	l->len = l->size = l->terms = 0;
}

static void
finish_full(struct ldap_filters *f)
{
	if (f->exact.terms >= TERMS_MOST)
		finish(&f->exact);
	if (f->begins.terms >= TERMS_MOST)
		finish(&f->begins);
}

/* --- names of principals ------------------------------------------------- */

#define NAME_MOST 1024
#define PARTS_MOST 4

/* A name without the escapes of RFC 1964 2.1.1, part by part. */
struct name {
	char text[NAME_MOST];
	size_t len;
	struct str parts[PARTS_MOST]; /* the last holds all the rest */
	size_t nparts;
};

static int
hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' :
	    c >= 'a' && c <= 'f'    ? c - 'a' + 10 :
				      -1;
}

/* The octet that \ and what follows P stand for; steps over it. */
static char
unescape(const char **p)
{
	const char *s = *p;
	char c = *s;

	/* dissect/text.c: what is no UTF-8. */
	if (c == 'x' && hex_of(s[1]) >= 0 && hex_of(s[2]) >= 0) {
		*p = s + 3;
		return (char)(hex_of(s[1]) << 4 | hex_of(s[2]));
	}
	*p = s + 1;
	return c == 'n' ? '\n' :
	    c == 't'    ? '\t' :
	    c == 'b'    ? '\b' :
	    c == '0'    ? '\0' :
			  c;
}

static bool
name_read(const char *text, struct name *n)
{
	struct str *part = n->parts;
	char c;

	if (strlen(text) > sizeof(n->text))
		return false;
	n->len = 0;
	part->p = n->text;
	while (*text != '\0') {
		c = *text++;
		if (c == '\\' && *text != '\0') {
			c = unescape(&text);
		} else if (c == '/' && part < n->parts + PARTS_MOST - 1) {
			part->len = (size_t)(n->text + n->len - part->p);
			n->text[n->len++] = c;
			(++part)->p = n->text + n->len;
			continue;
		}
		n->text[n->len++] = c;
	}
	part->len = (size_t)(n->text + n->len - part->p);
	n->nparts = (size_t)(part - n->parts) + 1;
	return n->len > 0;
}

static struct str
whole(const struct name *n)
{
	return (struct str){ n->text, n->len };
}

static struct str
up_to(struct str s, char c)
{
	const char *at = s.len == 0 ? NULL : memchr(s.p, c, s.len);

	return (struct str){ s.p, at == NULL ? s.len : (size_t)(at - s.p) };
}

static bool
is_word(struct str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

/* A literal address has no short form. */
static bool
is_address(struct str host)
{
	size_t i;

	for (i = 0; i < host.len; i++)
		if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9'))
			return memchr(host.p, ':', host.len) != NULL;
	return true;
}

/* --- services ------------------------------------------------------------ */

#define SPN "servicePrincipalName"

/* CLASS/HOST with TAIL. */
static void
add_spn(struct ldap_filters *f, struct str class, struct str host,
    const char *tail)
{
	char text[NAME_MOST + 1];
	struct str s = { text, class.len + 1 + host.len };

	if (s.len > sizeof(text))
		return;
	memcpy(text, class.p, class.len);
	text[class.len] = '/';
	memcpy(text + class.len + 1, host.p, host.len);
	add_str(f, SPN, s, tail);
}

/* The computer itself: by its DNS name, and by the name it was joined with. */
static void
add_computer(struct ldap_filters *f, struct str host, struct str label)
{
	char sam[NETBIOS_MOST + 1];
	size_t n = label.len > NETBIOS_MOST ? NETBIOS_MOST : label.len;

	add_str(f, "dNSHostName", host, "");
	if (label.len == host.len)
		add_str(f, "dNSHostName", host, ".*");
	memcpy(sam, label.p, n);
	sam[n] = '$';
	add_str(f, "sAMAccountName", (struct str){ sam, n + 1 }, "");
}

/*
 * CLASS on HOST: that name, with a port, an instance or a realm behind it, and
 * its other form: FS1 of fs1.corp.example, anything.example of a short one.
 */
static void
add_service(struct ldap_filters *f, struct str class, struct str host)
{
	struct str label = is_address(host) ? host : up_to(host, '.');
	bool is_short = label.len == host.len && !is_address(host);

	add_spn(f, class, host, "");
	add_spn(f, class, host, ":*");
	add_spn(f, class, host, "/*");
	if (is_short)
		add_spn(f, class, host, ".*");
	if (label.len == host.len)
		return;
	add_spn(f, class, label, "");
	add_spn(f, class, label, ":*");
	add_spn(f, class, label, "/*");
}

static void
add_name_of_service(struct ldap_filters *f, const struct directory *d,
    const struct name *n)
{
	struct str class = n->parts[0], host, label;
	char *text;
	const char *alias;

	add_str(f, SPN, whole(n), "");
	if (n->nparts < 2 || n->parts[1].len == 0 || class.len == 0)
		return;
	host = n->parts[1];
	label = up_to(host, ':');
	/* One colon parts a port, more are of an address. */
	if (memchr(host.p + label.len, ':', host.len - label.len) ==
	    memrchr(host.p, ':', host.len))
		host = label;
	if (host.len == 0)
		return;
	add_service(f, class, host);
	/* HOST/ implies what sPNMappings lists; it may list for others too. */
	add_service(f, (struct str){ "HOST", 4 }, host);
	text = must_text(class);
	alias = directory_alias(d, text);
	if (alias != NULL && strcasecmp(alias, "host") != 0)
		add_service(f, (struct str){ alias, strlen(alias) }, host);
	free(text);
	if (!is_address(host))
		add_computer(f, host, up_to(host, '.'));
}

void
ldap_filters_spn(struct ldap_filters *f, const struct directory *d,
    const char *spn)
{
	struct name n;

	if (!name_read(spn, &n) || is_word(n.parts[0], "krbtgt"))
		return;
	add_name_of_service(f, d, &n);
	finish_full(f);
}

/* --- clients ------------------------------------------------------------- */

/*
 * Who is anna in CORP.EXAMPLE?  An account by sAMAccountName, with or without
 * its $, by userPrincipalName as it stands, or by the one that the realm makes
 * of it (MS-KILE 3.3.5.6.1, MS-ADTS 5.1.1.1.1).
 */
static void
add_client(struct ldap_filters *f, const struct directory *d,
    const struct name *n, const char *realm)
{
	struct str name = whole(n), before = up_to(name, '@');
	char *upn, computer[NAME_MOST + 1];

	if (n->nparts > 1) {
		add_name_of_service(f, d, n);
		return;
	}
	add_str(f, "userPrincipalName", name, "");
	if (before.len == 0)
		return;
	add_str(f, "sAMAccountName", before, "");
	memcpy(computer, before.p, before.len);
	computer[before.len] = '$';
	if (before.p[before.len - 1] != '$')
		add_str(f, "sAMAccountName",
		    (struct str){ computer, before.len + 1 }, "");
	if (*realm == '\0')
		return;
	upn = text_printf("%.*s@%s", (int)before.len, before.p, realm);
	add_str(f, "userPrincipalName", (struct str){ upn, strlen(upn) }, "");
	free(upn);
}

void
ldap_filters_question(struct ldap_filters *f, const struct directory *d,
    const struct question *q)
{
	struct name n;

	if (q->kind == ASK_SPN) {
		ldap_filters_spn(f, d, q->text);
	} else if (q->kind == ASK_NAME && name_read(q->text, &n)) {
		add_client(f, d, &n, q->realm);
		finish_full(f);
	}
}

/* --- SIDs ---------------------------------------------------------------- */

/* A number up to MOST and what stands behind it; false when there is none. */
static bool
number(const char **p, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;
	const char *s = *p;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > most)
			return false;
	}
	*p = s;
	*out = n;
	return true;
}

size_t
ldap_sid_octets(const char *sid, uint8_t out[68])
{
	uint64_t n;
	size_t count = 0, i;

	if (strncasecmp(sid, "S-1-", 4) != 0)
		return 0;
	sid += 4;
	if (!number(&sid, UINT64_C(0xffffffffffff), &n))
		return 0;
	out[0] = 1;
	for (i = 0; i < 6; i++)
		out[2 + i] = (uint8_t)(n >> (40 - 8 * i));
	while (*sid == '-' && count < SUBAUTHS_MOST) {
		sid++;
		if (!number(&sid, UINT32_MAX, &n))
			return 0;
		for (i = 0; i < 4; i++)
			out[8 + 4 * count + i] = (uint8_t)(n >> (8 * i));
		count++;
	}
	out[1] = (uint8_t)count;
	return *sid == '\0' && count > 0 ? 8 + 4 * count : 0;
}

void
ldap_filters_sid(struct ldap_filters *f, const char *sid)
{
	uint8_t octets[68];
	size_t n = ldap_sid_octets(sid, octets);

	add_str(f, "objectSid", (struct str){ (const char *)octets, n }, "");
	finish_full(f);
}

/* --- as a whole ---------------------------------------------------------- */

struct ldap_filters *
ldap_filters_new(void)
{
	return must_calloc(1, sizeof(struct ldap_filters));
}

static void
list_free(struct list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		free(l->done[i]);
	free(l->done);
	free(l->open);
}

void
ldap_filters_free(struct ldap_filters *f)
{
	list_free(&f->exact);
	list_free(&f->begins);
	table_free(&f->seen, term_free);
	free(f);
}

const char *
ldap_filters_at(struct ldap_filters *f, size_t i, bool *exact)
{
	finish(&f->exact);
	finish(&f->begins);
	*exact = i < f->exact.n;
	if (*exact)
		return f->exact.done[i];
	i -= f->exact.n;
	return i < f->begins.n ? f->begins.done[i] : NULL;
}
