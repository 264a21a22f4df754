/*
 * collect-command.c - the exports as a person pastes them: for Windows in
 * PowerShell with ldifde, for Unix with the tools of OpenLDAP and MIT krb5.
 * They only read.
 *
 * Each search of a directory has a file of its own, which begins with what
 * was asked: ldapsearch says that itself, for ldifde PowerShell writes the
 * same lines.  With it an account that is not in the file is known not to be
 * in the directory.  The domain and its krbtgt are always asked for: without
 * them in the file the search has failed.
 *
 * ldifde -u writes UTF-16 with a byte order mark, and without -u what the
 * machine's code page makes of it.  Whatever else goes into that file is
 * therefore written with -Encoding Unicode; Add-Content of PowerShell 5 does
 * not look at what is there.
 */
#include <stdlib.h>
#include <string.h>

#include "collect-command.h"
#include "table.h"
#include "text.h"

/* A command line of Windows has 32767 characters, cmd.exe's 8191. */
#define FILTER_MOST 4000

#define FILTER_ALWAYS                                    \
	"(objectClass=domainDNS)(sAMAccountName=krbtgt)" \
	"(objectClass=trustedDomain)"

static const char *const attributes[] = {
	"objectClass",
	"sAMAccountName",
	"objectSid",
	"userPrincipalName",
	"servicePrincipalName",
	"dNSHostName",
	"userAccountControl",
	"msDS-SupportedEncryptionTypes",
	"msDS-KeyVersionNumber",
	"pwdLastSet",
	"accountExpires",
	"lockoutTime",
	"whenCreated",
	"whenChanged",
	"msDS-AllowedToDelegateTo",
	"msDS-AllowedToActOnBehalfOfOtherIdentity",
	"memberOf",
	"primaryGroupID",
	"trustPartner",
	"flatName",
	"trustDirection",
	"trustType",
	"trustAttributes",
	"securityIdentifier",
	NULL,
};

/* What is made so far. */
struct list {
	struct need *n;
	struct command *c;
	size_t count, room;
	size_t files; /* kerbscope-1.ldf ... */
	const char *captures;
};

static struct command *
add(struct list *l, const char *platform, unsigned needs)
{
	struct command *c;

	if (l->count == l->room) {
		l->room = l->room == 0 ? 16 : 2 * l->room;
		l->c = must_realloc(l->c, l->room, sizeof(*l->c));
	}
	c = &l->c[l->count++];
	memset(c, 0, sizeof(*c));
	c->platform = platform;
	c->needs = needs;
	return c;
}

/* --- the directory ------------------------------------------------------- */

/* The attributes, with BETWEEN between them. */
static const char *
attribute_list(struct arena *mem, const char *between)
{
	const char *text = attributes[0];
	size_t i;

	for (i = 1; attributes[i] != NULL; i++)
		text = arena_printf(mem, "%s%s%s", text, between,
		    attributes[i]);
	return text;
}

/* The filter of the terms from *AT on; *AT becomes the first of the next. */
static const char *
next_filter(struct need *n, const struct need_realm *d, size_t *at)
{
	size_t len = strlen(FILTER_ALWAYS), end = *at, i;
	char *text, *p;

	while (end < d->nterms && len + strlen(d->terms[end]) < FILTER_MOST)
		len += strlen(d->terms[end++]);
	p = text = arena_alloc(&n->mem, len + 4);
	p = stpcpy(p, "(|" FILTER_ALWAYS);
	for (i = *at; i < end; i++)
		p = stpcpy(p, d->terms[i]);
	stpcpy(p, ")");
	*at = end;
	return text;
}

static const char *
for_windows(struct need *n, const struct need_realm *d, const char *filter,
    size_t file)
{
	return arena_printf(&n->mem,
	    "$filter = '%s'\n"
	    "$list = '%s'\n"
	    "'# base <%s> with scope subtree', \"# filter: $filter\",\n"
	    "  ('# requesting: ' + $list.Replace(',', ' ')), '' |\n"
	    "  Set-Content -Encoding Unicode kerbscope-%zu.ldf\n"
	    "ldifde -u -f kerbscope-%zu.tmp -s %s -d '%s' -p SubTree "
	    "-r $filter -l $list\n"
	    "Get-Content -Encoding Unicode kerbscope-%zu.tmp |\n"
	    "  Add-Content -Encoding Unicode kerbscope-%zu.ldf\n"
	    "Remove-Item kerbscope-%zu.tmp",
	    filter, attribute_list(&n->mem, ","), d->dn, file, file, d->dns,
	    d->dn, file, file, file);
}

/* A URI of a DN alone: libldap finds the servers by SRV records. */
static const char *
for_unix(struct need *n, const struct need_realm *d, const char *filter,
    size_t file)
{
	const char *uri = "";
	const char *p;

	for (p = d->dn; *p != '\0'; p++)
		uri = *p == '=' ? arena_printf(&n->mem, "%s%%3D", uri) :
		    *p == ','   ? arena_printf(&n->mem, "%s%%2C", uri) :
				  arena_printf(&n->mem, "%s%c", uri, *p);
	return arena_printf(&n->mem,
	    "ldapsearch -Y GSSAPI -H ldap:///%s -b '%s' -s sub \\\n"
	    "  -E pr=500/noprompt -o ldif-wrap=no \\\n"
	    "  '%s' \\\n"
	    "  %s >kerbscope-%zu.ldf",
	    uri, d->dn, filter, attribute_list(&n->mem, " "), file);
}

static void
add_search(struct list *l, const struct need_realm *d, const char *filter)
{
	struct need *n = l->n;
	struct command *c;

	l->files++;
	c = add(l, "windows", EVIDENCE_DIRECTORY);
	c->where = arena_printf(&n->mem,
	    "the directory of %s, in PowerShell, on a domain controller or "
	    "where RSAT has put ldifde, as any user of the domain",
	    d->realm);
	c->run = for_windows(n, d, filter, l->files);
	c = add(l, "unix", EVIDENCE_DIRECTORY);
	c->where = arena_printf(&n->mem,
	    "or the same from Unix, with a ticket of any user of %s (kinit); "
	    "where DNS does not name the servers: -H ldap://DC",
	    d->realm);
	c->run = for_unix(n, d, filter, l->files);
}

/* So many files can be given back at once (OPTIONS_PROBES). */
#define FILES_MOST 60

static void
add_directory(struct list *l)
{
	struct need *n = l->n;
	size_t i, at;

	for (i = 0; i < n->nrealms; i++) {
		at = 0;
		do {
			if (l->files == FILES_MOST) {
				n->lost++;
				return;
			}
			add_search(l, &n->realms[i],
			    next_filter(n, &n->realms[i], &at));
		} while (at < n->realms[i].nterms);
	}
}

/* --- what people read ---------------------------------------------------- */

/* COMMAND with every name in quotes, a line each; NULL without any. */
static const char *
for_services(struct need *n, const char *command)
{
	const char *text = NULL;
	size_t i;

	for (i = 0; i < n->nnames; i++)
		if (strchr(n->names[i].spn, '/') != NULL)
			text = arena_printf(&n->mem, "%s%s%s '%s'",
			    text == NULL ? "" : text, text == NULL ? "" : "\n",
			    command, n->names[i].spn);
	return text;
}

/* All the names, asked of the KDC of each one's realm. */
static const char *
for_mit(struct need *n)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < n->nnames; i++)
		text = arena_printf(&n->mem,
		    "%s%skadmin.local -r %s -q 'getprinc %s'", text,
		    i == 0 ? "" : "\n", n->names[i].realm, n->names[i].spn);
	return text;
}

static void
add_lines(struct list *l, const char *platform, unsigned needs,
    const char *where, const char *run)
{
	struct command *c;

	if (run == NULL || *run == '\0')
		return;
	c = add(l, platform, needs);
	c->where = where;
	c->run = run;
}

static void
add_names(struct list *l)
{
	add_lines(l, "windows", EVIDENCE_DIRECTORY,
	    "for people: who holds the names, in the whole forest",
	    for_services(l->n, "setspn -F -Q"));
	add_lines(l, "unix", EVIDENCE_DIRECTORY,
	    "where the KDC is MIT krb5: on the KDC, as root; for people",
	    for_mit(l->n));
}

/* --- keytabs and krb5.conf ----------------------------------------------- */

static const char *
place_list(struct need *n, const char *const *list, size_t count)
{
	const char *text = "";
	size_t i;

	for (i = 0; i < count; i++)
		text = arena_printf(&n->mem, "%s%s%s", text, i == 0 ? "" : ", ",
		    list[i]);
	return text;
}

/*
 * A user has a password, and a keytab at best on a server of his own.  It is
 * asked for at the terminal: a command line is seen by everybody.
 */
static void
add_passwords(struct list *l)
{
	const char *text = "kerbscope";
	size_t i;

	if (l->n->naccounts == 0)
		return;
	for (i = 0; i < l->n->naccounts; i++)
		text = arena_printf(&l->n->mem, "%s --password-for '%s'", text,
		    l->n->accounts[i]);
	add_lines(l, "any", EVIDENCE_KEYTAB,
	    "the passwords that the clients should have used, typed in by who "
	    "knows them (or --keytab with a keytab of the account)",
	    arena_printf(&l->n->mem, "%s%s", text, l->captures));
}

static void
add_keytab(struct list *l)
{
	struct need *n = l->n;
	const char *where = n->nservers == 0 ?
	    "the server" :
	    place_list(n, n->servers, n->nservers);
	struct command *c = add(l, "unix", EVIDENCE_KEYTAB);

	c->where = arena_printf(&n->mem,
	    "the keytab of the service, on %s, as root. It is as good as the "
	    "service's password: leave it there, take the capture to it",
	    where);
	c->run = arena_printf(&n->mem, "kerbscope --keytab /etc/krb5.keytab%s",
	    l->captures);
	add_lines(l, "unix", EVIDENCE_KEYTAB,
	    "without kerbscope there: what the keytab holds, no keys; for "
	    "people",
	    "klist -kte /etc/krb5.keytab");
	add_lines(l, "unix", EVIDENCE_KEYTAB,
	    "and with which key version the KDC makes tickets now, on a client "
	    "with a ticket (kinit); for people",
	    for_services(n, "kvno"));
}

static void
add_krb5_conf(struct list *l)
{
	struct need *n = l->n;
	const char *where = n->nclients == 0 ?
	    "the client" :
	    place_list(n, n->clients, n->nclients);

	add_lines(l, "unix", EVIDENCE_KRB5_CONF,
	    arena_printf(&n->mem,
		"the client's krb5.conf, on %s, with what it includes", where),
	    "cat /etc/krb5.conf >kerbscope-krb5.conf");
	add_lines(l, "windows", EVIDENCE_KRB5_CONF,
	    "a Windows client has none, but may have this; for people",
	    "ksetup /dumpstate");
}

/* --- giving it back ------------------------------------------------------ */

static const char *
give_back(const struct list *l)
{
	struct arena *mem = &l->n->mem;
	const char *text = "kerbscope";
	size_t i;

	for (i = 1; i <= l->files; i++)
		text = arena_printf(mem, "%s --ldif kerbscope-%zu.ldf", text,
		    i);
	if ((l->n->lacks & EVIDENCE_KRB5_CONF) != 0)
		text = arena_printf(mem, "%s --krb5-conf kerbscope-krb5.conf",
		    text);
	return arena_printf(mem, "%s%s", text, l->captures);
}

/* The keytab's command is complete: it runs where the keytab is. */
static void
add_back(struct list *l)
{
	struct command *c;

	if (l->files == 0 && (l->n->lacks & EVIDENCE_KRB5_CONF) == 0)
		return;
	c = add(l, "any", l->n->lacks & ~(unsigned)EVIDENCE_KEYTAB);
	c->where = "what they wrote goes back in by this";
	c->run = give_back(l);
}

const struct command *
collect_commands(struct need *n, const char *again, size_t *count)
{
	char *captures = text_captures(n->r, again);
	struct list l = { .n = n };
	struct command *all;

	l.captures = arena_printf(&n->mem, "%s", captures);
	free(captures);
	if ((n->lacks & EVIDENCE_DIRECTORY) != 0) {
		add_directory(&l);
		add_names(&l);
	}
	if ((n->lacks & EVIDENCE_KEYTAB) != 0)
		add_passwords(&l);
	if (n->service_key)
		add_keytab(&l);
	if ((n->lacks & EVIDENCE_KRB5_CONF) != 0)
		add_krb5_conf(&l);
	add_back(&l);
	all = arena_alloc(&n->mem, (l.count + 1) * sizeof(*all));
	if (l.count > 0)
		memcpy(all, l.c, l.count * sizeof(*all));
	free(l.c);
	*count = l.count;
	return all;
}
