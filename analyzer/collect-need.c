/*
 * collect-need.c - from open findings to the names that would settle them.
 *
 * Open is a finding, or the rival of one, that is not proven and lacks a
 * look-up that was not given.  Its stories say what to ask: the services that
 * the KDC refused or made tickets for, under every form that an account may
 * hold them; the machines that answered; and in a delegation the front end,
 * the target and the user.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "collect-need.h"
#include "proof.h"
#include "table.h"

#define VALUE_MOST 256  /* octets of a name; longer ones are none */
#define NETBIOS_MOST 15 /* letters of a computer's account, and $ */
#define SAM_MOST 20     /* of a user's: MS-ADA3 2.222 */

/* --- words --------------------------------------------------------------- */

bool
need_plain(const char *text)
{
	if (text == NULL || *text == '\0' || *text == '-')
		return false;
	for (; *text != '\0'; text++)
		if (!isalnum((uint8_t)*text) &&
		    strchr("._/@:$-", *text) == NULL)
			return false;
	return true;
}

/*
 * True once for each TEXT of a KIND in REALM; and for so many in all: what
 * comes from a hundred thousand stories stays small.
 */
static bool
first_time(struct need *n, const char *kind, const char *realm,
    const char *text)
{
	uint64_t hash = hash_mix(hash_bytes(kind, strlen(kind)),
	    hash_text(text, strlen(text)));

	return crowd_add(&n->seen,
	    hash_mix(hash, hash_text(realm, strlen(realm))), true);
}

/* --- realms -------------------------------------------------------------- */

/* A DNS domain of two labels or more, of letters, digits and hyphens. */
static bool
is_domain(const char *realm)
{
	size_t len = strlen(realm), label = 0, i;
	bool dot = false;

	if (len > 255)
		return false;
	for (i = 0; i < len; i++) {
		if (realm[i] == '.') {
			if (label == 0)
				return false;
			dot = true;
			label = 0;
		} else if (isalnum((uint8_t)realm[i]) ||
		    (realm[i] == '-' && label > 0)) {
			label++;
		} else {
			return false;
		}
	}
	return dot && label > 0;
}

/* FJORD for FJORD.TEST: the NetBIOS name, as a rule. */
static bool
is_short_for(const char *name, const char *realm)
{
	size_t len = strcspn(realm, ".");

	return strlen(name) == len && strncasecmp(name, realm, len) == 0;
}

static const char *
dn_of(struct arena *mem, const char *dns)
{
	const char *dn = "";
	size_t len;

	for (; *dns != '\0'; dns += len + (dns[len] == '.')) {
		len = strcspn(dns, ".");
		dn = arena_printf(mem, "%s%sDC=%.*s", dn,
		    *dn == '\0' ? "" : ",", (int)len, dns);
	}
	return dn;
}

static struct need_realm *
realm_known(struct need *n, const char *realm)
{
	size_t i;

	for (i = 0; i < n->nrealms; i++)
		if (strcasecmp(n->realms[i].realm, realm) == 0)
			return &n->realms[i];
	for (i = 0; i < n->nrealms; i++)
		if (is_short_for(realm, n->realms[i].realm))
			return &n->realms[i];
	return NULL;
}

static const char *
upper_text(struct arena *mem, const char *text)
{
	char *p = arena_alloc(mem, strlen(text) + 1);
	size_t i;

	for (i = 0; text[i] != '\0'; i++)
		p[i] = (char)toupper((uint8_t)text[i]);
	return p;
}

/* The domain of REALM; NULL when it has none that could be asked. */
static struct need_realm *
realm_of(struct need *n, const char *realm)
{
	struct need_realm *d;

	if (realm == NULL || *realm == '\0')
		return NULL;
	d = realm_known(n, realm);
	if (d != NULL)
		return d;
	if (n->nrealms == NEED_MAX_REALMS || !is_domain(realm)) {
		if (first_time(n, "no realm", "", realm))
			n->lost++;
		return NULL;
	}
	d = &n->realms[n->nrealms++];
	d->realm = upper_text(&n->mem, realm);
	d->dns = arena_lower(&n->mem, realm, strlen(realm));
	d->dn = dn_of(&n->mem, d->dns);
	return d;
}

/* --- terms of a filter --------------------------------------------------- */

/*
 * VALUE as RFC 4515 3 writes it.  More is escaped than has to be: what is
 * left means nothing to a shell or PowerShell within single quotes.
 */
static const char *
filter_value(struct need *n, const char *value)
{
	static const char hex[] = "0123456789abcdef";
	char *text = arena_alloc(&n->mem, 3 * strlen(value) + 1), *p = text;

	for (; *value != '\0'; value++) {
		uint8_t c = (uint8_t)*value;

		if ((isalnum(c) || strchr("._/@:$-", c) != NULL)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '\\';
		*p++ = hex[c >> 4];
		*p++ = hex[c & 15];
	}
	return text;
}

static void
add_term(struct need *n, struct need_realm *d, const char *term)
{
	if (!first_time(n, "term", d->realm, term))
		return;
	if (n->nterms == NEED_MAX_TERMS) {
		n->lost++;
		return;
	}
	if (d->nterms == d->room) {
		d->room = d->room == 0 ? 32 : 2 * d->room;
		d->terms = must_realloc(d->terms, d->room, sizeof(*d->terms));
	}
	d->terms[d->nterms++] = term;
	n->nterms++;
}

/* (ATTR=VALUE), or with REST after the value: "*", ":*". */
static void
ask(struct need *n, struct need_realm *d, const char *attr, const char *value,
    const char *rest)
{
	if (*value == '\0')
		return;
	if (strlen(value) > VALUE_MOST) {
		n->lost++;
		return;
	}
	add_term(n, d,
	    arena_printf(&n->mem, "(%s=%s%s)", attr, filter_value(n, value),
		rest));
}

/* --- names --------------------------------------------------------------- */

/* The computer HOST: its account, and the names that it has by HOST/. */
static void
ask_host(struct need *n, struct need_realm *d, const char *host)
{
	size_t len = strcspn(host, ".");
	const char *small, *full;

	if (*host == '\0' || strlen(host) > VALUE_MOST ||
	    text_is_ip(str_of(host)))
		return;
	if (!first_time(n, "host", d->realm, host))
		return;
	small = arena_text(&n->mem, host, len);
	full = host[len] == '.' ? host :
				  arena_printf(&n->mem, "%s.%s", host, d->dns);
	ask(n, d, "dNSHostName", full, "");
	ask(n, d, "sAMAccountName",
	    arena_printf(&n->mem, "%.*s$",
		len > NETBIOS_MOST ? NETBIOS_MOST : (int)len, host),
	    "");
	ask(n, d, "servicePrincipalName",
	    arena_printf(&n->mem, "host/%s", full), "");
	ask(n, d, "servicePrincipalName",
	    arena_printf(&n->mem, "host/%s", small), "");
}

/* NAME without the backslashes of RFC 1964: a UPN's is before its @. */
static const char *
plain_name(struct need *n, const char *name)
{
	char *to = arena_alloc(&n->mem, strlen(name) + 1), *start = to;

	for (; *name != '\0'; name++) {
		if (*name == '\\' && name[1] != '\0')
			name++;
		*to++ = *name;
	}
	*to = '\0';
	return start;
}

/* Who is called NAME: FS1$, anna, anna\@corp.example. */
static void
ask_name(struct need *n, struct need_realm *d, const char *escaped)
{
	const char *name = plain_name(n, escaped);
	size_t len = strcspn(name, "@");

	if (*name == '\0' || strncasecmp(name, "WELLKNOWN", 9) == 0 ||
	    !first_time(n, "who", d->realm, name))
		return;
	ask(n, d, "userPrincipalName",
	    name[len] == '@' ? name :
			       arena_printf(&n->mem, "%s@%s", name, d->dns),
	    "");
	if (len <= SAM_MOST)
		ask(n, d, "sAMAccountName", arena_text(&n->mem, name, len), "");
}

/* CLASS/HOST alone, and with a port, an instance or another domain. */
static void
ask_forms(struct need *n, struct need_realm *d, const char *class,
    const char *host)
{
	size_t len = strcspn(host, ".");
	const char *small, *full;

	small = arena_printf(&n->mem, "%s/%.*s", class, (int)len, host);
	full = host[len] == '.' ?
	    arena_printf(&n->mem, "%s/%s", class, host) :
	    arena_printf(&n->mem, "%s/%s.%s", class, host, d->dns);
	ask(n, d, "servicePrincipalName", full, "");
	ask(n, d, "servicePrincipalName", small, "");
	ask(n, d, "servicePrincipalName", small, ".*");
	ask(n, d, "servicePrincipalName", small, ":*");
}

/* For setspn, kvno and kadmin. */
static void
note_name(struct need *n, const char *spn, const struct need_realm *d)
{
	if (!need_plain(spn) || !first_time(n, "name", "", spn))
		return;
	if (n->nnames == NEED_MAX_NAMES) {
		n->lost++;
		return;
	}
	n->names[n->nnames].spn = arena_str(&n->mem, str_of(spn));
	n->names[n->nnames++].realm = d->realm;
}

/* Who holds SPN, as it is and in its other forms. */
static void
ask_spn(struct need *n, const char *realm, const char *spn)
{
	struct need_realm *d = realm_of(n, realm);
	const char *class, *host;
	struct spn s;

	if (d == NULL || spn == NULL || strlen(spn) > VALUE_MOST ||
	    strncasecmp(spn, "krbtgt/", 7) == 0 ||
	    strncasecmp(spn, "kadmin/", 7) == 0 ||
	    !first_time(n, "spn", d->realm, spn))
		return;
	note_name(n, spn, d);
	if (!spn_split(spn, &s) || s.host.len == 0) {
		ask_name(n, d, spn);
		return;
	}
	class = arena_text(&n->mem, s.class.p, s.class.len);
	host = arena_lower(&n->mem, s.host.p, s.host.len);
	ask(n, d, "servicePrincipalName", spn, "");
	/* HOST/ stands for it with the same port and instance. */
	if (s.port.len > 0 || s.name.len > 0)
		ask(n, d, "servicePrincipalName",
		    arena_printf(&n->mem, "host%s", strchr(spn, '/')), "");
	if (text_is_ip(s.host))
		return;
	ask_forms(n, d, class, host);
	ask_host(n, d, host);
}

/* anna@CORP.EXAMPLE, host/fs1@CORP.EXAMPLE, CORP\anna. */
static void
ask_principal(struct need *n, const char *realm, const char *principal)
{
	const char *at = strrchr(principal, '@');
	const char *slash = strchr(principal, '\\');
	struct need_realm *d;
	const char *name;

	if (strlen(principal) > VALUE_MOST ||
	    !first_time(n, "principal", realm == NULL ? "" : realm, principal))
		return;
	if (at != NULL && realm_of(n, at + 1) != NULL) {
		realm = at + 1;
		name = arena_text(&n->mem, principal, (size_t)(at - principal));
	} else {
		name = slash != NULL ? slash + 1 : principal;
	}
	d = realm_of(n, realm);
	if (d == NULL)
		return;
	if (strchr(name, '/') != NULL)
		ask_spn(n, d->realm, name);
	ask_name(n, d, name);
}

/* --- stories ------------------------------------------------------------- */

/* A delegation: who acts, for whom, with which ticket. */
static void
need_delegation(struct need *n, const struct exchange *x)
{
	const char *realm = x->crealm != NULL ? x->crealm : x->realm;

	if (!x->s4u2self && !x->s4u2proxy)
		return;
	if (x->cname != NULL)
		ask_principal(n, realm, x->cname);
	if (x->for_user != NULL)
		ask_principal(n, realm, x->for_user);
	ask_spn(n, x->evidence.realm, x->evidence.sname);
}

/* The alias that led the client to the host of X may have the name. */
static void
need_aliases(struct need *n, const struct story *s, const struct exchange *x)
{
	const struct lookup *k;
	struct spn spn;

	if (x->sname == NULL || !spn_split(x->sname, &spn))
		return;
	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		if (k->name != NULL && k->canonical != NULL &&
		    strlen(k->name) <= VALUE_MOST &&
		    host_alike(str_of(k->canonical), spn.host) &&
		    !host_alike(str_of(k->name), spn.host))
			ask_spn(n, x->realm,
			    arena_printf(&n->mem, "%.*s/%s", (int)spn.class.len,
				spn.class.p, k->name));
}

static void
need_exchange(struct need *n, const struct exchange *x)
{
	ask_spn(n, x->realm, x->sname);
	ask_spn(n, x->issued.realm, x->issued.sname);
	need_delegation(n, x);
}

static void
need_server(struct need *n, const struct story *s, const struct addr *addr)
{
	const struct host *h = ledger_host(n->r->ledger, addr);
	struct need_realm *d = realm_of(n, s->realm);
	const char *name = h == NULL ? NULL : host_own_name(h, NULL);

	if (d != NULL && name != NULL)
		ask_host(n, d, name);
	if (d != NULL && h != NULL && h->account != NULL)
		ask_principal(n, d->realm, h->account);
}

static void
need_story(struct need *n, const struct story *s)
{
	size_t i;

	ask_spn(n, s->realm, s->spn);
	for (i = 0; i < s->nexchanges; i++) {
		need_exchange(n, &s->exchanges[i]);
		need_aliases(n, s, &s->exchanges[i]);
	}
	for (i = 0; i < s->nattempts; i++) {
		ask_spn(n, s->attempts[i].ticket.realm,
		    s->attempts[i].ticket.sname);
		need_server(n, s, &s->attempts[i].server);
	}
}

/* --- findings ------------------------------------------------------------ */

/*
 * Whether a directory was looked at that does not decide about C: an export of
 * another domain, or of a part that may leave out who has the name.
 */
static bool
leaves_out(const struct result *r, const struct cause *c)
{
	const char *spn = c->f.subject[SUBJECT_SPN];
	const char *account = c->f.subject[SUBJECT_ACCOUNT];
	const char *realm = c->f.subject[SUBJECT_REALM];
	const struct spn_owners *o;

	if (realm == NULL)
		return false;
	if (spn != NULL) {
		o = ledger_owners(r->ledger, spn, realm);
		return o != NULL && !o->covered;
	}
	return account != NULL && ledger_dir_domain(r->ledger, realm) == NULL;
}

unsigned
need_lacks(const struct result *r, const struct cause *c)
{
	unsigned given = r->ledger == NULL ? 0 : ledger_evidence(r->ledger);

	if ((given & EVIDENCE_DIRECTORY) != 0 && leaves_out(r, c))
		given &= ~(unsigned)EVIDENCE_DIRECTORY;
	if (c->f.certainty == CERTAINTY_PROVEN || c->impact <= IMPACT_REMARK ||
	    c->explained_by >= 0)
		return 0;
	return c->f.missing & EVIDENCE_LOOKUPS & ~given;
}

static void
add_place(struct need *n, const char **list, size_t *count, const char *kind,
    const struct addr *addr)
{
	char text[ADDR_TEXT];

	if (addr->family == 0 ||
	    !first_time(n, kind, "", addr_text(addr, text)))
		return;
	if (*count == NEED_MAX_PLACES) {
		n->lost++;
		return;
	}
	list[(*count)++] = arena_str(&n->mem, str_of(text));
}

/*
 * Whose password, or key, C is about: that of an account which logs on
 * itself, or of the service at a server.
 */
static void
need_key(struct need *n, const struct cause *c)
{
	const char *account = c->f.subject[SUBJECT_ACCOUNT];

	if ((need_lacks(n->r, c) & EVIDENCE_KEYTAB) == 0)
		return;
	if (c->f.subject[SUBJECT_SPN] != NULL || account == NULL) {
		n->service_key = true;
		return;
	}
	if (!need_plain(account) || !first_time(n, "account", "", account))
		return;
	if (n->naccounts == NEED_MAX_NAMES) {
		n->lost++;
		return;
	}
	n->accounts[n->naccounts++] = arena_str(&n->mem, str_of(account));
}

/* What the finding itself names. */
static void
need_finding(struct need *n, const struct cause *c)
{
	const char *const *subject = c->f.subject;
	const char *realm = subject[SUBJECT_REALM];

	need_key(n, c);
	ask_spn(n, realm, subject[SUBJECT_SPN]);
	if (subject[SUBJECT_ACCOUNT] != NULL)
		ask_principal(n, realm, subject[SUBJECT_ACCOUNT]);
	if (subject[SUBJECT_HOST] != NULL && realm_of(n, realm) != NULL)
		ask_host(n, realm_of(n, realm), subject[SUBJECT_HOST]);
}

/* What the open findings of the I-th kept story lack. */
static unsigned
story_lacks(const struct result *r, size_t i)
{
	unsigned lacks = 0;
	size_t k;

	for (k = 0; k < r->nfindings_of[i]; k++)
		lacks |= need_lacks(r, &r->causes[r->findings_of[i][k]]);
	return lacks;
}

static void
need_places(struct need *n, const struct story *s, unsigned lacks)
{
	size_t i;

	for (i = 0; (lacks & EVIDENCE_KEYTAB) != 0 && i < s->nattempts; i++)
		add_place(n, n->servers, &n->nservers, "server",
		    &s->attempts[i].server);
	if ((lacks & EVIDENCE_KRB5_CONF) != 0)
		add_place(n, n->clients, &n->nclients, "client", &s->client);
}

void
need_find(struct need *n, const struct result *r)
{
	size_t i;

	n->r = r;
	n->open = arena_alloc(&n->mem, (r->ncauses + 1) * sizeof(*n->open));
	for (i = 0; i < r->ncauses; i++) {
		if (need_lacks(r, &r->causes[i]) == 0)
			continue;
		n->lacks |= need_lacks(r, &r->causes[i]);
		n->open[n->nopen++] = &r->causes[i];
		need_finding(n, &r->causes[i]);
	}
	for (i = 0; i < r->nkept; i++)
		if (story_lacks(r, i) != 0) {
			need_story(n, r->kept[i]);
			need_places(n, r->kept[i], story_lacks(r, i));
		}
}

void
need_free(struct need *n)
{
	size_t i;

	for (i = 0; i < n->nrealms; i++)
		free(n->realms[i].terms);
	crowd_free(&n->seen);
	arena_free(&n->mem);
}
