/*
 * audit.c - the command `audit`: runs every check over every account of a
 * directory, gathers what they find, and puts the worst first.
 *
 * There is no clock here: what is expired, or old, is so beside the latest
 * time that the directory itself knows.
 */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "audit.h"
#include "memory.h"
#include "output.h"
#include "text.h"

const struct audit_check *const audit_checks[] = {
	&audit_spn_duplicate,
	&audit_spn_twin,
	&audit_spn_shadow,
	&audit_spn_split,
	&audit_host_twin,
	&audit_spn_syntax,
	&audit_spn_revoked,
	&audit_upn_duplicate,
	&audit_protected_service,
	&audit_des_only,
	&audit_unowned_target,
	&audit_unconstrained,
	&audit_no_preauth,
	&audit_rc4_only,
	&audit_attr_30,
	&audit_trust_rc4,
	&audit_krbtgt,
	&audit_transition,
	&audit_spn_short,
	&audit_spn_dangling,
	NULL,
};

/* --- findings ---------------------------------------------------------- */

struct wanted {
	const struct audit_check *check;
	const char *key;
};

static bool
finding_match(const struct node *n, const void *key)
{
	const struct audit_finding *f = (const struct audit_finding *)n;
	const struct wanted *w = key;

	return f->check == w->check && strcmp(f->key, w->key) == 0;
}

struct audit_finding *
audit_find(struct audit *a, const struct audit_check *c, const char *key,
    const char *realm)
{
	const struct wanted w = { c, key };
	uint64_t hash = hash_mix(hash_bytes(key, strlen(key)),
	    hash_bytes(c->id, strlen(c->id)));
	struct audit_finding *f;

	a->tallies[a->at].verdict = VERDICT_FIRED;
	f = (struct audit_finding *)table_find(&a->found, hash, finding_match,
	    &w);
	if (f != NULL)
		return f;
	if (a->tallies[a->at].findings >= AUDIT_FINDINGS) {
		a->lost++;
		return NULL;
	}
	f = must_calloc(1, sizeof(*f));
	f->check = c;
	f->key = arena_text(&a->mem, key, strlen(key));
	f->realm = realm;
	f->impact = c->impact;
	f->certainty = CERTAINTY_PROVEN;
	f->order = a->at * AUDIT_FINDINGS + a->tallies[a->at].findings++;
	table_add(&a->found, &f->node, hash);
	return f;
}

void
audit_account(struct audit *a, struct audit_finding *f,
    const struct dir_account *account, const char *fmt, ...)
{
	struct audit_place *p;
	bool again;
	va_list ap;

	if (f == NULL)
		return;
	again = f->last == account;
	if (again && *fmt == '\0')
		return;
	f->accounts += !again;
	f->last = account;
	if (f->nplaces == AUDIT_SHOWN)
		return;
	f->shown += !again;
	p = &f->places[f->nplaces++];
	p->account = account;
	if (*fmt == '\0')
		return;
	va_start(ap, fmt);
	p->says = arena_vprintf(&a->mem, fmt, ap);
	va_end(ap);
}

void
audit_name(struct audit_finding *f, const char *name)
{
	size_t i;

	if (f == NULL)
		return;
	for (i = 0; i < f->nnames; i++)
		if (strcasecmp(f->names[i], name) == 0)
			return;
	f->all_names++;
	if (f->nnames < AUDIT_SHOWN)
		f->names[f->nnames++] = name;
}

void
audit_fix(struct audit *a, struct audit_finding *f, const char *platform,
    const char *note, const char *fmt, ...)
{
	struct fix *x;
	va_list ap;

	if (f == NULL || f->nfixes == AUDIT_FIXES)
		return;
	x = &f->fixes[f->nfixes++];
	x->platform = platform;
	x->note = note;
	va_start(ap, fmt);
	x->run = arena_vprintf(&a->mem, fmt, ap);
	va_end(ap);
}

/* --- what checks ask --------------------------------------------------- */

/* Neither cmd.exe, PowerShell nor sh do anything with such a word. */
static bool
is_plain(const char *p)
{
	for (; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) &&
		    strchr("/.:-_@$", *p) == NULL)
			return false;
	return true;
}

const char *
audit_bare(const char *name)
{
	return *name != '\0' && *name != '-' && is_plain(name) ? name : "NAME";
}

const char *
audit_word(struct audit *a, const char *name)
{
	const char *p;

	if (*name != '\0' && *name != '-' && is_plain(name))
		return name;
	for (p = name; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || strchr("\"'$`%!\\", *p) != NULL)
			return "NAME";
	return arena_printf(&a->mem, "\"%s\"", name);
}

const char *
audit_sam(struct audit *a, const struct dir_account *account)
{
	const char *at = strrchr(account->name, '@');

	return audit_word(a,
	    arena_text(&a->mem, account->name, (size_t)(at - account->name)));
}

const char *
audit_cmdlet(const struct dir_account *account)
{
	return strcmp(account->class, "computer") == 0 ? "Set-ADComputer" :
	    strcmp(account->class, "managed") == 0 ? "Set-ADServiceAccount" :
						     "Set-ADUser";
}

const char *
audit_accounts(struct audit *a, const struct audit_finding *f)
{
	if (f->accounts == 1)
		return f->places[0].account->name;
	return arena_printf(&a->mem, "%zu accounts of %s", f->accounts,
	    f->realm);
}

struct str
audit_host(const char *spn)
{
	const char *p = strchr(spn, '/');

	p = p == NULL ? spn : p + 1;
	return (struct str){ p, strcspn(p, "/:") };
}

/* One label, then the domain: fs1.corp.example in CORP.EXAMPLE. */
bool
audit_in_domain(struct str host, const char *realm)
{
	const char *dot = memchr(host.p, '.', host.len);
	size_t rest;

	if (dot == NULL || dot == host.p)
		return false;
	rest = host.len - (size_t)(dot + 1 - host.p);
	return rest == strlen(realm) && strncasecmp(dot + 1, realm, rest) == 0;
}

bool
audit_alive(const struct audit *a, const struct dir_account *account)
{
	return !dir_account_revoked(account, a->now);
}

bool
audit_is_krbtgt(const struct dir_account *account)
{
	const char *p = account->name;

	if (strncasecmp(p, "krbtgt", 6) != 0)
		return false;
	p += 6;
	if (*p == '_')
		p += strcspn(p, "@");
	return *p == '@';
}

bool
audit_is_dc(const struct dir_account *account)
{
	return (account->uac & UAC_DC) != 0 || account->rodc;
}

bool
audit_has_flags(const struct dir_account *account)
{
	return account->trust_partner == NULL &&
	    strcmp(account->class, "contact") != 0;
}

/* --- running ----------------------------------------------------------- */

static void
later(int64_t t, int64_t *now)
{
	if (t > *now)
		*now = t;
}

/* accountExpires may lie in the future and says nothing of today. */
static int64_t
latest_time(const struct directory *d)
{
	const struct dir_account *a;
	const struct dir_domain *x;
	int64_t now = 0;
	size_t i;

	for (i = 0; (x = directory_domain_at(d, i)) != NULL; i++)
		later(x->time, &now);
	for (i = 0; i < directory_count(d); i++) {
		a = directory_at(d, i);
		later(a->changed, &now);
		later(a->created, &now);
		later(a->pwd_last_set, &now);
		later(a->locked, &now);
	}
	return now;
}

#define SCRATCH_MOST ((size_t)64 << 10)

static void
look_at(struct audit *a, const struct audit_check *c,
    const struct dir_account *x)
{
	struct audit_tally *t = &a->tallies[a->at];
	enum verdict v = c->look(a, c, x);

	if (v > t->verdict)
		t->verdict = v;
	if (v == VERDICT_UNKNOWN && t->unknown++ == 0)
		t->who = x;
	t->judged += v == VERDICT_CLEAR || v == VERDICT_FIRED;
}

static void
look_at_all(struct audit *a)
{
	const struct audit_check *c;
	size_t i, k;

	for (i = 0; i < directory_count(a->d); i++) {
		for (k = 0; (c = audit_checks[k]) != NULL; k++) {
			a->at = k;
			look_at(a, c, directory_at(a->d, i));
		}
		if (a->scratch.held > SCRATCH_MOST)
			arena_free(&a->scratch);
	}
}

static int
worst_first(const void *p, const void *q)
{
	const struct audit_finding *x = *(struct audit_finding *const *)p;
	const struct audit_finding *y = *(struct audit_finding *const *)q;

	if (x->impact != y->impact)
		return x->impact > y->impact ? -1 : 1;
	if (x->certainty != y->certainty)
		return x->certainty > y->certainty ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

struct audit *
audit_run(const struct directory *d)
{
	struct audit *a = must_calloc(1, sizeof(*a));
	struct node *n;
	struct audit_finding *f;

	a->d = d;
	a->now = latest_time(d);
	look_at_all(a);
	audit_shares(a);
	a->list = must_calloc(a->found.count + 1, sizeof(struct node *));
	for (n = a->found.oldest; n != NULL; n = n->newer) {
		f = (struct audit_finding *)n;
		f->check->tell(a, f);
		a->list[a->n++] = f;
	}
	qsort(a->list, a->n, sizeof(struct node *), worst_first);
	return a;
}

/* Shares are in the arena. */
static void
keep(void *p)
{
	(void)p;
}

void
audit_free(struct audit *a)
{
	table_free(&a->found, free);
	table_free(&a->shares, keep);
	arena_free(&a->mem);
	arena_free(&a->scratch);
	free(a->list);
	free(a);
}

size_t
audit_count(const struct audit *a, enum impact impact)
{
	size_t i, n = 0;

	for (i = 0; i < a->n; i++)
		n += a->list[i]->impact == impact;
	return n;
}

static bool
any_damaged(const struct directory *d)
{
	const struct dir_domain *x;
	size_t i;

	for (i = 0; (x = directory_domain_at(d, i)) != NULL; i++)
		if (x->damaged)
			return true;
	return false;
}

static const char *
count_of(struct audit *a, size_t n, const char *verb, const char *verbs)
{
	if (n == 0)
		return NULL;
	return arena_printf(&a->mem, "%zu %s", n, n == 1 ? verb : verbs);
}

const char *
audit_verdict(struct audit *a)
{
	const char *parts[3], *line = NULL;
	size_t i, accounts = directory_count(a->d);
	const char *all = accounts == 1 ?
	    "1 account" :
	    arena_printf(&a->mem, "%zu accounts", accounts);

	parts[0] = count_of(a, audit_count(a, IMPACT_BREAKS),
	    "thing breaks log-ons", "things break log-ons");
	parts[1] = count_of(a, audit_count(a, IMPACT_DEGRADES), "degrades them",
	    "degrade them");
	parts[2] = count_of(a, audit_count(a, IMPACT_WEAKENS),
	    "weakens security", "weaken security");
	for (i = 0; i < 3; i++)
		if (parts[i] != NULL)
			line = line == NULL ?
			    parts[i] :
			    arena_printf(&a->mem, "%s, %s", line, parts[i]);
	if (line == NULL)
		return arena_printf(&a->mem, "%s, nothing is wrong%s.", all,
		    any_damaged(a->d) ? " in what could be read" : "");
	return arena_printf(&a->mem, "%s in %s.", line, all);
}

/* --- the command ------------------------------------------------------- */

enum { STATUS_FOUND = 1, STATUS_WRONG = 2, STATUS_FAILED = 3 };

static bool
fill(struct directory *d, const struct options *opt)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < opt->nldifs; i++)
		ok &= ldif_read(d, opt->ldifs[i]);
	if (opt->nldaps > 0)
		ok &= ldap_ask(d, opt, NULL);
	return ok;
}

/* Writes each report; the worst status. */
static int
show(struct audit *a, const struct options *opt)
{
	struct output *o;
	bool json, ok;
	int status = 0, worst = 0;
	size_t i;

	for (i = 0; i < opt->noutputs; i++) {
		o = output_open(opt->outputs[i].path, &status);
		if (o == NULL) {
			worst = status > worst ? status : worst;
			continue;
		}
		json = opt->outputs[i].presenter == &presenter_json;
		ok = json ? audit_json(a, output_file(o)) :
			    audit_text(a, opt->verbose, output_file(o));
		if (!output_commit(o) || !ok)
			worst = STATUS_FAILED;
	}
	return worst;
}

/* What it has no use for is not passed over in silence. */
static const char *
misused(const struct options *opt)
{
	if (opt->ninputs > 0)
		return "audit takes no capture; it reads --ldif and --ldap";
	if (opt->nkeytabs + opt->npasswords > 0 || opt->krb5_conf != NULL ||
	    opt->events != NULL)
		return "audit has no use for keytabs, passwords, a krb5.conf "
		       "or events; it reads --ldif and --ldap";
	if (opt->nldifs + opt->nldaps == 0)
		return "audit needs --ldif FILE or --ldap URI";
	return NULL;
}

int
audit_command(const struct options *opt)
{
	const char *wrong = misused(opt);
	struct directory *d;
	struct audit *a;
	int status = 0, shown;

	if (wrong != NULL) {
		message("%s", wrong);
		return STATUS_WRONG;
	}
	memory_begin();
	d = directory_new();
	if (!fill(d, opt))
		status = STATUS_WRONG;
	if (directory_count(d) > 0) {
		a = audit_run(d);
		shown = show(a, opt);
		if (status == 0 &&
		    audit_count(a, IMPACT_WEAKENS) +
			    audit_count(a, IMPACT_DEGRADES) +
			    audit_count(a, IMPACT_BREAKS) >
			0)
			status = STATUS_FOUND;
		status = shown > status ? shown : status;
		audit_free(a);
	} else if (status == 0) {
		message("there is no account in what was given");
		status = STATUS_WRONG;
	}
	directory_free(d);
	return status;
}
