/*
 * audit-spn.c - checks of who holds the names of services: twice, in two
 * domains, beside the computer that implies it, by accounts that may not be
 * used (MS-ADTS 3.1.1.5.1.3, MS-KILE 3.3.5.1.1).
 */
#include <strings.h>

#include "audit.h"

#define OWNERS_MOST 16

static const char *
date_of(struct audit *a, int64_t time)
{
	char buf[TIME_TEXT];

	if (time == 0)
		return "";
	return arena_printf(&a->scratch, "; password set %.10s",
	    time_text(time, buf));
}

/* The krbtgt of every domain has kadmin/changepw, and nobody asks for it. */
static bool
is_krbtgt(const struct dir_account *x)
{
	return strncasecmp(x->name, "krbtgt", 6) == 0;
}

static const char *
short_name(struct audit *a, const char *name)
{
	return arena_text(&a->mem, name, strcspn(name, "@"));
}

/* --- on two accounts --------------------------------------------------- */

/* Whether HOST is one of X's own names. */
static bool
is_host_of(struct audit *a, const struct dir_account *x, struct str host)
{
	const char *text = arena_text(&a->scratch, host.p, host.len);
	const struct dir_account *o;
	size_t i;

	for (i = 0; i < OWNERS_MOST; i++) {
		o = directory_host(a->d, text, i);
		if (o == NULL || o == x)
			return o == x && o != NULL;
	}
	return false;
}

/* The accounts that share a name: one finding for each company. */
static const char *
company(struct audit *a, const struct dir_account *const *owners, size_t n)
{
	char key[OWNERS_MOST * 24 + 1] = "";
	size_t i, at = 0;

	for (i = 0; i < n && i < OWNERS_MOST; i++)
		at += (size_t)snprintf(key + at, sizeof(key) - at, "%p ",
		    (const void *)owners[i]);
	return arena_text(&a->scratch, key, at);
}

static void
add_owners(struct audit *a, struct audit_finding *f,
    const struct dir_account *const *owners, size_t n, const char *spn)
{
	size_t i;

	audit_name(f, spn);
	if (f == NULL || f->nplaces > 0)
		return;
	for (i = 0; i < n; i++)
		audit_account(a, f, owners[i], "%s%s%s%s", owners[i]->dn,
		    is_host_of(a, owners[i], audit_host(spn)) ?
			"; the host's own" :
			"",
		    audit_alive(a, owners[i]) ? "" : "; disabled or expired",
		    date_of(a, owners[i]->pwd_last_set));
}

/* Those of REALM among OWNERS, to OUT. */
static size_t
within(const struct dir_account *const *owners, size_t n, const char *realm,
    const struct dir_account **out)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		if (strcasecmp(owners[i]->realm, realm) == 0)
			out[k++] = owners[i];
	return k;
}

static enum verdict
look_duplicate(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_account *all[OWNERS_MOST], *own[OWNERS_MOST];
	const char *const *p;
	size_t n, k;

	if (is_krbtgt(x))
		return VERDICT_NOT_APPLICABLE;
	for (p = x->spns; *p != NULL; p++) {
		n = audit_owners(a, *p, all, OWNERS_MOST);
		k = within(all, n, x->realm, own);
		if (k > 1 && own[0] == x)
			add_owners(a,
			    audit_find(a, c, company(a, own, k), x->realm), own,
			    k, *p);
	}
	return verdict_clear_if(x->spns[0] != NULL);
}

/* The account that should keep the names, or NULL. */
static const struct dir_account *
keeper(struct audit *a, const struct audit_finding *f)
{
	const struct dir_account *keep = NULL, *x;
	size_t i, n = 0;

	for (i = 0; i < f->nplaces; i++) {
		x = f->places[i].account;
		if (is_host_of(a, x, audit_host(f->names[0])) &&
		    audit_alive(a, x)) {
			keep = x;
			n++;
		}
	}
	if (n == 1)
		return keep;
	for (i = n = 0; n == 0 && i < f->nplaces; i++)
		n += !audit_alive(a, f->places[i].account);
	/* One that is alive, beside others that are not. */
	if (n > 0)
		for (i = n = 0; i < f->nplaces; i++)
			if (audit_alive(a, f->places[i].account)) {
				keep = f->places[i].account;
				n++;
			}
	return n == 1 ? keep : NULL;
}

/* Takes the names from X, which a service that runs as KEEP has. */
static void
take_away(struct audit *a, struct audit_finding *f, const struct dir_account *x,
    const struct dir_account *keep)
{
	const char *spn = audit_word(a, f->names[0]), *note;

	note = arena_printf(&a->mem, "if the service runs as %s", keep->name);
	audit_fix(a, f, "windows", note, "setspn -D %s %s", spn,
	    audit_sam(a, x));
	audit_fix(a, f, "samba", NULL, "samba-tool spn delete %s %s", spn,
	    audit_sam(a, x));
}

/* Without a sign of who should have them, one is as good as the other. */
static void
fix_duplicate(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *keep = keeper(a, f);
	const struct dir_account *x = f->places[0].account;
	const struct dir_account *y = f->places[1].account;

	if (keep != y)
		take_away(a, f, y, x);
	if (keep != x)
		take_away(a, f, x, keep == NULL ? y : keep);
}

static void
tell_duplicate(struct audit *a, struct audit_finding *f)
{
	f->title = f->all_names == 1 ?
	    arena_printf(&a->mem, "%s is on %zu accounts", f->names[0],
		f->accounts) :
	    arena_printf(&a->mem, "%zu SPNs are on %zu accounts each",
		f->all_names, f->accounts);
	fix_duplicate(a, f);
}

const struct audit_check audit_spn_duplicate = {
	.id = "spn-duplicate",
	.impact = IMPACT_BREAKS,
	.about = "SPNs",
	.look = look_duplicate,
	.tell = tell_duplicate,
	.why = "A KDC that finds a name twice gives no ticket for it, or one "
	       "for the wrong account: clients fall back to NTLM or are "
	       "refused.",
	.see = "RFC 4120 7.5.9 (KDC_ERR_PRINCIPAL_NOT_UNIQUE); setspn -X -F",
	.needs = "servicePrincipalName",
};

/* --- in two domains ---------------------------------------------------- */

/*
 * Short names are everywhere: every forest has its HOST/DC1.  A full name in
 * two domains is one host with two accounts.
 */
static enum verdict
look_twin(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_account *all[OWNERS_MOST];
	const char *const *p;
	struct str host;
	size_t n, i;

	if (is_krbtgt(x))
		return VERDICT_NOT_APPLICABLE;
	for (p = x->spns; *p != NULL; p++) {
		host = audit_host(*p);
		if (memchr(host.p, '.', host.len) == NULL)
			continue;
		n = audit_owners(a, *p, all, OWNERS_MOST);
		for (i = 1; i < n && all[0] == x; i++)
			if (strcasecmp(all[i]->realm, x->realm) != 0)
				break;
		if (n > 1 && all[0] == x && i < n)
			add_owners(a,
			    audit_find(a, c, company(a, all, n), x->realm), all,
			    n, *p);
	}
	return verdict_clear_if(x->spns[0] != NULL);
}

static void
tell_twin(struct audit *a, struct audit_finding *f)
{
	f->certainty = CERTAINTY_LIKELY;
	f->title = arena_printf(&a->mem, "%s%s is on accounts of %s",
	    f->names[0], f->all_names > 1 ? " (and others)" : "",
	    "several domains");
	fix_duplicate(a, f);
}

const struct audit_check audit_spn_twin = {
	.id = "spn-cross-domain-twin",
	.impact = IMPACT_BREAKS,
	.about = "SPNs",
	.look = look_twin,
	.tell = tell_twin,
	.why = "Each KDC finds the account of its own domain first: clients "
	       "of one domain get tickets that the service, which runs as the "
	       "other account, cannot open.",
	.see = "MS-KILE 3.3.5.7",
	.needs = "servicePrincipalName",
};

/* Both may be used, in one domain: one of them loses. */
static bool
is_rival(const struct audit *a, const struct dir_account *x,
    const struct dir_account *o)
{
	return o != x && strcasecmp(o->realm, x->realm) == 0 &&
	    audit_alive(a, x) && audit_alive(a, o);
}

/* --- beside HOST/ ------------------------------------------------------ */

static bool
has_spn(const struct dir_account *x, const char *spn)
{
	return dir_list_has(x->spns, spn);
}

/* HOST/fs1 for cifs/fs1; NULL: the class is no alias. */
static const char *
host_form(struct audit *a, const char *spn)
{
	size_t n = strcspn(spn, "/");
	const char *target;

	if (spn[n] == '\0' || n == 0)
		return NULL;
	target = directory_alias(a->d, arena_text(&a->scratch, spn, n));
	return target == NULL ?
	    NULL :
	    arena_printf(&a->scratch, "%s%s", target, spn + n);
}

/* A web server's pool runs as a user, and its HTTP/ is that user's. */
static bool
is_web(const char *spn)
{
	return strncasecmp(spn, "http/", 5) == 0 ||
	    strncasecmp(spn, "www/", 4) == 0;
}

static enum verdict
look_shadow(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_account *o;
	const char *const *p, *host;
	struct audit_finding *f;
	const char *key;

	for (p = x->spns; *p != NULL; p++) {
		host = host_form(a, *p);
		if (host == NULL || is_web(*p) || has_spn(x, host))
			continue;
		o = directory_spn(a->d, host, 0);
		if (o == NULL || !is_rival(a, x, o))
			continue;
		key = arena_printf(&a->scratch, "%s\n%s", x->name, o->name);
		f = audit_find(a, c, key, x->realm);
		audit_name(f, *p);
		if (f != NULL && f->nplaces == 0) {
			audit_account(a, f, x, "has %s", *p);
			audit_account(a, f, o, "has %s", host);
		}
	}
	return verdict_clear_if(x->spns[0] != NULL);
}

static void
tell_shadow(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *x = f->places[0].account;
	const char *spn = audit_word(a, f->names[0]);

	f->certainty = CERTAINTY_LIKELY;
	f->title = arena_printf(&a->mem, "%s is on %s, its host is %s",
	    f->names[0], short_name(a, x->name),
	    short_name(a, f->places[1].account->name));
	audit_fix(a, f, "windows", "unless the service runs as that account",
	    "setspn -D %s %s", spn, audit_sam(a, x));
	audit_fix(a, f, "samba", NULL, "samba-tool spn delete %s %s", spn,
	    audit_sam(a, x));
}

const struct audit_check audit_spn_shadow = {
	.id = "spn-shadows-host",
	.impact = IMPACT_BREAKS,
	.about = "SPNs",
	.look = look_shadow,
	.tell = tell_shadow,
	.why = "A name that is written down goes before the one that HOST/ "
	       "stands for: tickets are made for this account, and the "
	       "computer, whose own service it is, cannot open them.",
	.see = "MS-ADTS 6.1.1.2.4.1.2 (sPNMappings)",
	.needs = "servicePrincipalName",
};

/* --- short and full name ----------------------------------------------- */

/* "class/fs1.corp.example:port" for "class/fs1:port". */
static const char *
full_form(struct audit *a, const char *spn, const char *realm)
{
	struct str host = audit_host(spn);
	const char *rest = host.p + host.len, *suffix;

	if (host.len == 0 || memchr(host.p, '.', host.len) != NULL ||
	    strchr(spn, '/') == NULL)
		return NULL;
	suffix = arena_lower(&a->scratch, realm, strlen(realm));
	return arena_printf(&a->scratch, "%.*s.%s%s", (int)(rest - spn), spn,
	    suffix, rest);
}

static enum verdict
look_split(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_account *o;
	struct audit_finding *f;
	const char *const *p, *full;

	if (is_krbtgt(x) || *x->realm == '\0')
		return VERDICT_NOT_APPLICABLE;
	for (p = x->spns; *p != NULL; p++) {
		full = full_form(a, *p, x->realm);
		if (full == NULL || has_spn(x, full))
			continue;
		o = directory_spn(a->d, full, 0);
		if (o == NULL || !is_rival(a, x, o))
			continue;
		f = audit_find(a, c,
		    arena_printf(&a->scratch, "%s\n%s", x->name, o->name),
		    x->realm);
		audit_name(f, *p);
		if (f != NULL && f->nplaces == 0) {
			audit_account(a, f, x, "has %s", *p);
			audit_account(a, f, o, "has %s", full);
		}
	}
	return verdict_clear_if(x->spns[0] != NULL);
}

static void
tell_split(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *x = f->places[0].account;
	const char *spn = audit_word(a, f->names[0]);

	f->certainty = CERTAINTY_LIKELY;
	f->title = arena_printf(&a->mem,
	    "%s and its full name are on different accounts", f->names[0]);
	audit_fix(a, f, "windows", "if the service runs as the other account",
	    "setspn -D %s %s", spn, audit_sam(a, x));
	audit_fix(a, f, "windows", NULL, "setspn -S %s %s", spn,
	    audit_sam(a, f->places[1].account));
}

const struct audit_check audit_spn_split = {
	.id = "spn-short-full-split",
	.impact = IMPACT_BREAKS,
	.about = "SPNs",
	.look = look_split,
	.tell = tell_split,
	.why = "The short and the full name mean one service, which runs as "
	       "one account: tickets for one of the two names cannot be "
	       "opened.",
	.see = "setspn -Q",
	.needs = "servicePrincipalName",
};

/* --- one host, two computers ------------------------------------------- */

/*
 * Storage that joins once for SMB and once for NFS has two accounts of one
 * host by design; each has SPNs of its own.
 */

static enum verdict
look_host_twin(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_account *o;
	struct audit_finding *f = NULL;
	size_t i;

	if (x->dns_host == NULL || strcmp(x->class, "computer") != 0 ||
	    !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	for (i = 0; i < OWNERS_MOST; i++) {
		o = directory_host(a->d, x->dns_host, i);
		if (o == NULL || (f == NULL && o == x && i > 0))
			break;
		if (o->dns_host == NULL || !audit_alive(a, o) ||
		    strcasecmp(o->dns_host, x->dns_host) != 0 || o == x)
			continue;
		/* The first of them tells of all. */
		if (i == 0)
			return VERDICT_CLEAR;
		f = audit_find(a, c, x->dns_host, x->realm);
		if (f != NULL && f->nplaces == 0) {
			audit_name(f, x->dns_host);
			audit_account(a, f, x, "%s%s", x->dn,
			    date_of(a, x->pwd_last_set));
		}
		audit_account(a, f, o, "%s%s", o->dn,
		    date_of(a, o->pwd_last_set));
	}
	return VERDICT_CLEAR;
}

static void
tell_host_twin(struct audit *a, struct audit_finding *f)
{
	f->certainty = CERTAINTY_POSSIBLE;
	f->title = arena_printf(&a->mem, "%s is the host of %zu accounts",
	    f->names[0], f->accounts);
}

const struct audit_check audit_host_twin = {
	.id = "spn-host-twin",
	.impact = IMPACT_REMARK,
	.about = "SPNs",
	.look = look_host_twin,
	.tell = tell_host_twin,
	.why = "Fine when it joined once for each of its services; else one "
	       "is left over from a rename, a new installation, or another "
	       "domain, and the computer has the password of one alone.",
	.see = "MS-ADTS 3.1.1.5.3.1.1.2 (dNSHostName)",
	.needs = "dNSHostName",
};
