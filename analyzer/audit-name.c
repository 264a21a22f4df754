/*
 * audit-name.c - checks of names by themselves: how an SPN is written
 * (MS-KILE 3.1.5.11), whose accounts may not be used, hosts that are no
 * computers, names cut at 15 characters, UPNs that two accounts have.
 */
#include <ctype.h>
#include <strings.h>

#include "audit.h"

/* --- how it is written ------------------------------------------------- */

static bool
digits_only(const char *p)
{
	if (*p == '\0' || strlen(p) > 5)
		return false;
	for (; *p != '\0'; p++)
		if (!isdigit((unsigned char)*p))
			return false;
	return true;
}

/* SQL servers have the name of an instance where others have a port. */
static bool
wants_port(const char *spn)
{
	static const char *const classes[] = { "http", "host", "cifs", "ldap",
		"gc", "nfs", "termsrv", "wsman", "ftp", "imap", "smtp", "pop",
		NULL };
	size_t n = strcspn(spn, "/"), i;

	for (i = 0; classes[i] != NULL; i++)
		if (strlen(classes[i]) == n &&
		    strncasecmp(classes[i], spn, n) == 0)
			return true;
	return false;
}

/* What is wrong with it, or NULL; names without a class are fine. */
static const char *
written_wrong(const char *spn)
{
	const char *host = strchr(spn, '/'), *colon, *slash;

	if (strchr(spn, '\\') != NULL)
		return "a backslash";
	if (host == NULL)
		return NULL;
	if (host == spn)
		return "no class before the slash";
	if (strstr(spn, "://") != NULL)
		return "a URL, not class/host";
	host++;
	if (*host == '\0' || *host == '/' || *host == ':')
		return "no host";
	if (spn[strlen(spn) - 1] == '/')
		return "a slash at the end";
	/* "Microsoft Virtual Console Service/hv1" is Hyper-V's own. */
	if (*spn == ' ' || strchr(host, ' ') != NULL)
		return "a blank";
	if (strchr(host, '*') != NULL)
		return "a *, which stands for nothing here";
	if (strchr(host, '@') != NULL)
		return "a realm";
	/* Behind a second slash may be a DN. */
	if (strcspn(host, ",;") < strcspn(host, "/"))
		return "two names in one";
	if (strchr(spn, '"') != NULL)
		return "a quote";
	if (host[strlen(host) - 1] == ':')
		return "nothing behind the colon";
	colon = strchr(host, ':');
	slash = strchr(host, '/');
	if (colon != NULL && (slash == NULL || colon < slash) &&
	    slash == NULL && wants_port(spn) && !digits_only(colon + 1))
		return "no number for a port";
	return NULL;
}

/* The name that was probably meant, or NULL. */
static const char *
written_right(struct audit *a, const char *spn)
{
	const char *scheme = strstr(spn, "://"), *host;
	size_t len;

	if (scheme != NULL) {
		host = scheme + 3;
		len = strcspn(host, "/: ");
		return len == 0 ?
		    NULL :
		    arena_printf(&a->mem, "HTTP/%.*s", (int)len, host);
	}
	host = strchr(spn, '/');
	len = strlen(spn);
	if (strncasecmp(spn, "https/", 6) == 0 && written_wrong(spn) == NULL)
		return arena_printf(&a->mem, "HTTP/%s", spn + 6);
	if (host != NULL && host + 1 < spn + len - 1 && spn[len - 1] == '/' &&
	    strpbrk(spn, "\\ *@") == NULL)
		return arena_text(&a->mem, spn, len - 1);
	return NULL;
}

static bool
is_had(struct audit *a, const char *class, const char *rest)
{
	return directory_spn(a->d,
		   arena_printf(&a->scratch, "%s/%s", class, rest), 0) != NULL;
}

/* Browsers ask for HTTP/ over TLS as well; both names beside do no harm. */
static bool
is_https_alone(struct audit *a, const char *spn)
{
	return strncasecmp(spn, "https/", 6) == 0 &&
	    !is_had(a, "HTTP", spn + 6) && !is_had(a, "HOST", spn + 6);
}

static enum verdict
look_syntax(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	struct audit_finding *f;
	const char *const *p;
	const char *wrong;

	for (p = x->spns; *p != NULL; p++) {
		wrong = written_wrong(*p);
		if (wrong == NULL && is_https_alone(a, *p))
			wrong = "clients ask for HTTP/ there as well";
		if (wrong == NULL)
			continue;
		f = audit_find(a, c, x->name, x->realm);
		audit_name(f, *p);
		audit_account(a, f, x, "%s: %s", *p, wrong);
	}
	return verdict_clear_if(x->spns[0] != NULL);
}

static void
tell_syntax(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *x = f->places[0].account;
	const char *right = written_right(a, f->names[0]);
	size_t i;

	f->title = f->all_names == 1 ?
	    arena_printf(&a->mem, "%s is no service's name", f->names[0]) :
	    arena_printf(&a->mem, "%zu SPNs of %s are no services' names",
		f->all_names, x->name);
	for (i = 0; i < f->nnames && i < 3; i++)
		audit_fix(a, f, "windows", NULL, "setspn -D %s %s",
		    audit_word(a, f->names[i]), audit_sam(a, x));
	if (right != NULL)
		audit_fix(a, f, "windows", "the name that was meant?",
		    "setspn -S %s %s", audit_word(a, right), audit_sam(a, x));
}

const struct audit_check audit_spn_syntax = {
	.id = "spn-syntax-invalid",
	.impact = IMPACT_DEGRADES,
	.about = "SPNs",
	.look = look_syntax,
	.tell = tell_syntax,
	.why = "Clients ask for class/host, class/host:port or class/host/"
	       "name. No client asks for this one: whoever relied on it gets "
	       "no ticket.",
	.see = "MS-ADTS 3.1.1.5.1.3; RFC 4120 6.2",
	.needs = "servicePrincipalName",
};

/* --- on accounts that may not be used ---------------------------------- */

/*
 * Computers that were retired are left so in every domain; a service's
 * account that is disabled is rarely meant.
 */
static struct audit_finding *
find_revoked(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	bool computer = strcmp(x->class, "computer") == 0;
	struct audit_finding *f;

	f = audit_find(a, c,
	    arena_printf(&a->scratch, "%s%s", computer ? "$" : "", x->realm),
	    x->realm);
	if (f != NULL && !computer)
		f->impact = IMPACT_DEGRADES;
	return f;
}

static enum verdict
look_revoked(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	char buf[TIME_TEXT];
	struct audit_finding *f;

	if (x->spns[0] == NULL || audit_is_krbtgt(x))
		return VERDICT_NOT_APPLICABLE;
	/* Nothing says what day it is. */
	if (!x->uac_known ||
	    (audit_alive(a, x) && x->expires != 0 && a->now == 0))
		return VERDICT_UNKNOWN;
	if (audit_alive(a, x))
		return VERDICT_CLEAR;
	f = find_revoked(a, c, x);
	if ((x->uac & UAC_DISABLED) != 0)
		audit_account(a, f, x, "disabled; %s", x->spns[0]);
	else
		audit_account(a, f, x, "expired %.10s; %s",
		    time_text(x->expires, buf), x->spns[0]);
	audit_name(f, x->spns[0]);
	return VERDICT_FIRED;
}

static void
tell_revoked(struct audit *a, struct audit_finding *f)
{
	const struct dir_account *x = f->places[0].account;
	const char *still = "if the service is still there";

	f->title = arena_printf(&a->mem, "%s %s SPNs and may not be used",
	    audit_accounts(a, f), f->accounts == 1 ? "has" : "have");
	if ((x->uac & UAC_DISABLED) != 0) {
		audit_fix(a, f, "windows", still, "Enable-ADAccount %s",
		    audit_sam(a, x));
		audit_fix(a, f, "samba", NULL, "samba-tool user enable %s",
		    audit_sam(a, x));
	} else {
		audit_fix(a, f, "windows", still,
		    "Clear-ADAccountExpiration %s", audit_sam(a, x));
		audit_fix(a, f, "samba", NULL,
		    "samba-tool user setexpiry %s --noexpiry", audit_sam(a, x));
	}
	audit_fix(a, f, "windows", "if not: the name is free again",
	    "setspn -D %s %s", audit_word(a, x->spns[0]), audit_sam(a, x));
}

const struct audit_check audit_spn_revoked = {
	.id = "spn-service-revoked",
	.impact = IMPACT_REMARK,
	.about = "accounts",
	.look = look_revoked,
	.tell = tell_revoked,
	.why = "The KDC gives no ticket for a service whose account is "
	       "disabled or expired (KDC_ERR_SERVICE_REVOKED), and nobody "
	       "else can take the name.",
	.see = "RFC 4120 7.5.9; MS-KILE 3.3.5.7",
	.needs = "userAccountControl, accountExpires, whenChanged",
};

/* --- hosts that are no computers --------------------------------------- */

static bool
named_host(struct audit *a, struct str host)
{
	return directory_host(a->d, arena_text(&a->scratch, host.p, host.len),
		   0) != NULL;
}

static enum verdict
look_dangling(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	const struct dir_domain *d = directory_domain(a->d, x->realm);
	struct audit_finding *f = NULL;
	const char *const *p;
	struct str host;

	if (x->spns[0] == NULL || d == NULL || audit_is_dc(x))
		return VERDICT_NOT_APPLICABLE;
	if (!d->whole)
		return VERDICT_UNKNOWN;
	for (p = x->spns; *p != NULL; p++) {
		host = audit_host(*p);
		if (strchr(*p, '/') == NULL || written_wrong(*p) != NULL ||
		    !audit_in_domain(host, d->realm) || named_host(a, host))
			continue;
		f = audit_find(a, c, x->realm, x->realm);
		audit_name(f, *p);
		audit_account(a, f, x, "%s", *p);
	}
	return VERDICT_CLEAR;
}

static void
tell_dangling(struct audit *a, struct audit_finding *f)
{
	f->certainty = CERTAINTY_POSSIBLE;
	f->title = f->all_names == 1 ?
	    arena_printf(&a->mem,
		"%s: no computer of %s has that name: an "
		"alias, or left over",
		f->names[0], f->realm) :
	    arena_printf(&a->mem,
		"%zu SPNs, %s among them, are for hosts "
		"that no computer of %s has for a name: "
		"aliases, or left over",
		f->all_names, f->names[0], f->realm);
}

const struct audit_check audit_spn_dangling = {
	.id = "spn-dangling",
	.impact = IMPACT_REMARK,
	.about = "SPNs",
	.look = look_dangling,
	.tell = tell_dangling,
	.why = "An alias or the name of a cluster or a farm is no computer's "
	       "name, and is fine. A name that is left over keeps others from "
	       "having it.",
	.see = "msDS-AdditionalDnsHostName",
	.needs = "all accounts of the domain",
};

/* --- names cut at 15 characters ---------------------------------------- */

#define NETBIOS_NAME 15

static enum verdict
look_short(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	size_t sam = strcspn(x->name, "$@"), label;
	struct audit_finding *f;
	const char *spn;

	if (strcmp(x->class, "computer") != 0 || x->dns_host == NULL ||
	    x->spns[0] == NULL)
		return VERDICT_NOT_APPLICABLE;
	label = strcspn(x->dns_host, ".");
	if (sam != NETBIOS_NAME || label <= sam ||
	    strncasecmp(x->name, x->dns_host, sam) != 0)
		return VERDICT_CLEAR;
	spn = arena_printf(&a->mem, "HOST/%.*s", (int)label, x->dns_host);
	if (directory_spn(a->d, spn, 0) != NULL)
		return VERDICT_CLEAR;
	f = audit_find(a, c, x->realm, x->realm);
	audit_account(a, f, x, "lacks %s", spn);
	audit_name(f, spn);
	return VERDICT_FIRED;
}

static void
tell_short(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem,
	    "%s: the short name is cut at 15 characters, %s is nobody's",
	    audit_accounts(a, f), f->names[0]);
	audit_fix(a, f, "windows", NULL, "setspn -S %s %s",
	    audit_word(a, f->names[0]), audit_sam(a, f->places[0].account));
}

const struct audit_check audit_spn_short = {
	.id = "spn-name-truncated-15",
	.impact = IMPACT_REMARK,
	.about = "SPNs",
	.look = look_short,
	.tell = tell_short,
	.why = "Who types the first label of the full name asks for a name "
	       "that no account has, and gets NTLM.",
	.see = "MS-NBTE 2.2.1",
	.needs = "dNSHostName",
};

/* --- UPNs -------------------------------------------------------------- */

static enum verdict
look_upn(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	(void)c;
	if (x->upn == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (directory_upn(a->d, x->upn, 1) != NULL)
		audit_share(a, x->upn, "", x);
	return VERDICT_CLEAR;
}

static void
share_upn(struct audit *a, struct audit_finding *f, const struct audit_share *s)
{
	size_t i;

	for (i = 0; i < s->n && i < AUDIT_SHOWN; i++)
		audit_account(a, f, s->first[i], "%s",
		    audit_alive(a, s->first[i]) ? "" : "disabled or expired");
}

#define TRUST_WITHIN_FOREST 0x20 /* MS-ADTS 6.1.6.7.9 */

static bool
trusts_inside(struct audit *a, const char *realm, const char *other)
{
	const struct dir_account *t = directory_account(a->d,
	    arena_printf(&a->scratch, "%s@%s", other, realm));

	return t != NULL && t->trust_partner != NULL &&
	    (t->trust_attributes & TRUST_WITHIN_FOREST) != 0;
}

/* "a.corp.example" below "corp.example". */
static bool
is_below(const char *realm, const char *other)
{
	size_t n = strlen(realm), m = strlen(other);

	return n > m && m > 0 && realm[n - m - 1] == '.' &&
	    strcasecmp(realm + n - m, other) == 0;
}

static bool
same_forest(struct audit *a, const char *x, const char *y)
{
	return strcasecmp(x, y) == 0 || is_below(x, y) || is_below(y, x) ||
	    trusts_inside(a, x, y) || trusts_inside(a, y, x);
}

/* Whether some two of them are of one forest, as far as is known. */
static bool
some_of_forest(struct audit *a, const struct audit_finding *f)
{
	size_t i, k;

	for (i = 0; i < f->nplaces; i++)
		for (k = 0; k < i; k++)
			if (same_forest(a, f->places[i].account->realm,
				f->places[k].account->realm))
				return true;
	return f->accounts > f->nplaces;
}

static void
tell_upn(struct audit *a, struct audit_finding *f)
{
	f->title = arena_printf(&a->mem, "%s is the UPN of %zu accounts",
	    f->names[0], f->accounts);
	/*
	 * Two companies that are one for their users have the same UPNs in
	 * both forests, and each logs its own on.
	 */
	if (!some_of_forest(a, f)) {
		f->impact = IMPACT_REMARK;
		f->certainty = CERTAINTY_POSSIBLE;
	}
	audit_fix(a, f, "windows", "the one that should not have it",
	    "%s %s -UserPrincipalName NEW-NAME",
	    audit_cmdlet(f->places[f->nplaces - 1].account),
	    audit_sam(a, f->places[f->nplaces - 1].account));
}

const struct audit_check audit_upn_duplicate = {
	.id = "acct-upn-duplicate",
	.impact = IMPACT_BREAKS,
	.about = "accounts",
	.look = look_upn,
	.shared = share_upn,
	.tell = tell_upn,
	.why = "A log-on with this name means no one account: the KDC refuses "
	       "it, or takes the wrong one.",
	.see = "MS-ADTS 3.1.1.5.1.3",
	.needs = "userPrincipalName",
};
