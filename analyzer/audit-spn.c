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

/* What LDAP gave has its DN in the source. */
static const char *
dn_of(const struct dir_account *x)
{
	return strstr(x->source, x->dn) == NULL ? x->dn : "";
}

static void
share_owners(struct audit *a, struct audit_finding *f,
    const struct audit_share *s)
{
	const struct dir_account *x;
	const char *says;
	size_t i;

	for (i = 0; i < s->n && i < AUDIT_SHOWN; i++) {
		x = s->first[i];
		says = arena_printf(&a->scratch, "%s%s%s%s", dn_of(x),
		    is_host_of(a, x, audit_host(s->name)) ? "; the host's own" :
							    "",
		    audit_alive(a, x) ? "" : "; disabled or expired",
		    date_of(a, x->pwd_last_set));
		audit_account(a, f, x, "%s", *says == ';' ? says + 2 : says);
	}
}

/* Every krbtgt has kadmin/changepw, and nobody asks for it. */
static enum verdict
look_duplicate(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const char *const *p;

	(void)c;
	if (audit_is_krbtgt(x))
		return VERDICT_NOT_APPLICABLE;
	for (p = x->spns; *p != NULL; p++)
		if (directory_spn(a->d, *p, 1) != NULL)
			audit_share(a, *p, x->realm, x);
	return verdict_clear_if(x->spns[0] != NULL);
}

/* The one of F's accounts that is alive, or, with HOST, is it; or NULL. */
static const struct dir_account *
only_one(struct audit *a, const struct audit_finding *f, const struct str *host)
{
	const struct dir_account *keep = NULL, *x;
	size_t i, n = 0;

	for (i = 0; i < f->nplaces; i++) {
		x = f->places[i].account;
		if (!audit_alive(a, x) ||
		    (host != NULL && !is_host_of(a, x, *host)))
			continue;
		keep = x;
		n++;
	}
	return n == 1 ? keep : NULL;
}

/* The account that should keep the names, or NULL. */
static const struct dir_account *
keeper(struct audit *a, const struct audit_finding *f)
{
	const struct str host = audit_host(f->names[0]);
	const struct dir_account *keep = only_one(a, f, &host);

	/* One that is alive, beside others that are not. */
	if (keep == NULL && f->accounts == f->nplaces)
		keep = only_one(a, f, NULL);
	return keep;
}

/* Takes the name from X. */
static void
take_away(struct audit *a, struct audit_finding *f, const struct dir_account *x,
    const char *note)
{
	const char *spn = audit_word(a, f->names[0]);

	audit_fix(a, f, "windows", note, "setspn -D %s %s", spn,
	    audit_sam(a, x));
	audit_fix(a, f, "samba", NULL, "samba-tool spn delete %s %s", spn,
	    audit_sam(a, x));
}

#define TAKEN_FROM 3 /* accounts that have a command of their own */

/* From all but KEEP; NULL: all but the one that has the service. */
static void
take_from_most(struct audit *a, struct audit_finding *f,
    const struct dir_account *keep)
{
	const char *note = keep == NULL ?
	    "on every account but the one that the service runs as" :
	    arena_printf(&a->mem,
		"on every account but this, if the service runs as %s",
		keep->name);
	size_t i, n = 0;

	for (i = 0; i < f->nplaces && n < TAKEN_FROM; i++)
		if (f->places[i].account != keep) {
			take_away(a, f, f->places[i].account,
			    n == 0 ? note : NULL);
			n++;
		}
}

static const char *
if_runs_as(struct audit *a, const struct dir_account *x)
{
	return arena_printf(&a->mem, "if the service runs as %s", x->name);
}

/* Without a sign of who should have them, one is as good as the other. */
static void
fix_duplicate(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *keep = keeper(a, f);
	const struct dir_account *x = f->places[0].account;
	const struct dir_account *y = f->places[1].account;

	if (f->accounts > 2 || x == NULL || y == NULL) {
		take_from_most(a, f, keep);
		return;
	}
	if (keep != y)
		take_away(a, f, y, if_runs_as(a, x));
	if (keep != x)
		take_away(a, f, x, if_runs_as(a, y));
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
	.shared = share_owners,
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
	const char *const *p;
	struct str host;

	(void)c;
	if (audit_is_krbtgt(x))
		return VERDICT_NOT_APPLICABLE;
	for (p = x->spns; *p != NULL; p++) {
		host = audit_host(*p);
		if (memchr(host.p, '.', host.len) != NULL &&
		    directory_spn(a->d, *p, 1) != NULL)
			audit_share(a, *p, "", x);
	}
	return verdict_clear_if(x->spns[0] != NULL);
}

/* Whether the host stands in, or below, the domain of one of its accounts. */
static bool
is_inside(const struct audit_finding *f)
{
	struct str host = audit_host(f->names[0]);
	const char *realm;
	size_t i, n;

	for (i = 0; i < f->nplaces; i++) {
		realm = f->places[i].account->realm;
		n = strlen(realm);
		if (n > 0 && host.len > n && host.p[host.len - n - 1] == '.' &&
		    strncasecmp(host.p + host.len - n, realm, n) == 0)
			return true;
	}
	return false;
}

/*
 * Each forest that logs on to Azure has an account AZUREADSSOACC$ for one
 * host of Microsoft's, by design.
 */
static void
tell_twin(struct audit *a, struct audit_finding *f)
{
	f->certainty = CERTAINTY_LIKELY;
	if (!is_inside(f)) {
		f->certainty = CERTAINTY_POSSIBLE;
		f->impact = IMPACT_REMARK;
	}
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
	.shared = share_owners,
	.only_abroad = true,
	.tell = tell_twin,
	.why = "Each KDC finds the account of its own domain first: clients "
	       "of one domain get tickets that the service, which runs as the "
	       "other account, cannot open.",
	.see = "MS-KILE 3.3.5.7",
	.needs = "servicePrincipalName",
};

/*
 * Who has SPN beside X: both may be used, and in one domain, so that one of
 * them loses.  NULL: nobody.
 */
static const struct dir_account *
rival(const struct audit *a, const struct dir_account *x, const char *spn)
{
	const struct dir_account *o;
	size_t i;

	if (!audit_alive(a, x))
		return NULL;
	for (i = 0; i < OWNERS_MOST; i++) {
		o = directory_spn(a->d, spn, i);
		if (o == NULL)
			return NULL;
		if (o != x && strcasecmp(o->realm, x->realm) == 0 &&
		    audit_alive(a, o))
			return o;
	}
	return NULL;
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
		o = rival(a, x, host);
		/* Who has both has a duplicate. */
		if (o == NULL || has_spn(o, *p))
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

	if (audit_is_krbtgt(x) || *x->realm == '\0')
		return VERDICT_NOT_APPLICABLE;
	for (p = x->spns; *p != NULL; p++) {
		full = full_form(a, *p, x->realm);
		if (full == NULL || has_spn(x, full))
			continue;
		o = rival(a, x, full);
		if (o == NULL)
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
	(void)c;
	if (x->dns_host == NULL || strcmp(x->class, "computer") != 0 ||
	    !audit_alive(a, x))
		return VERDICT_NOT_APPLICABLE;
	if (directory_host(a->d, x->dns_host, 1) != NULL)
		audit_share(a, x->dns_host, "", x);
	return VERDICT_CLEAR;
}

static void
share_host(struct audit *a, struct audit_finding *f,
    const struct audit_share *s)
{
	const char *says;
	size_t i;

	for (i = 0; i < s->n && i < AUDIT_SHOWN; i++) {
		says = arena_printf(&a->scratch, "%s%s", dn_of(s->first[i]),
		    date_of(a, s->first[i]->pwd_last_set));
		audit_account(a, f, s->first[i], "%s",
		    *says == ';' ? says + 2 : says);
	}
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
	.shared = share_host,
	.tell = tell_host_twin,
	.why = "Fine when it joined once for each of its services; else one "
	       "is left over from a rename, a new installation, or another "
	       "domain, and the computer has the password of one alone.",
	.see = "MS-ADTS 3.1.1.5.3.1.1.2 (dNSHostName)",
	.needs = "dNSHostName",
};
