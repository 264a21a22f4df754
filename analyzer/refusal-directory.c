/*
 * refusal-directory.c - what the directory says of a service's name that a KDC
 * refused, or made a ticket for: who holds it (MS-ADTS 3.1.1.5.1.3), who
 * implies it by HOST/ (sPNMappings), whether that account may be used.
 *
 * A KDC finds an account in its own domain first, so that two holders in two
 * domains are no duplicate for it; it is the global catalogue that finds
 * those, and refers the client.  Disabled accounts count as holders.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "refusal.h"
#include "rule.h"

#define DAY_TEXT 16
#define NEAR_MOST 64 /* forms looked at */

static void
gather(const struct dir_account *const *from, size_t n, const char *realm,
    bool here, struct name_holders *h)
{
	size_t i;

	for (i = 0; i < n && h->n < DIR_MAX_OWNERS; i++)
		if (here == (strcasecmp(from[i]->realm, realm) == 0))
			h->owners[h->n++] = from[i];
}

static void
find_computers(const struct spn_owners *o, const char *realm,
    struct name_holders *h)
{
	const struct dir_account *c;
	size_t i;

	for (i = 0; i < o->ncomputers; i++) {
		c = o->computers[i];
		if (strcasecmp(c->realm, realm) != 0) {
			if (h->twin == NULL)
				h->twin = c;
			continue;
		}
		if (h->computer == NULL)
			h->computer = c;
		if (h->n > 0 && h->owners[0] != c && h->shadowed == NULL)
			h->shadowed = c;
	}
}

static enum name_holding
decide(const struct spn_owners *o, const struct name_holders *h, int64_t time)
{
	if (h->n == 0)
		return o->covered ? HELD_BY_NONE : HELD_UNKNOWN;
	if (h->abroad)
		return HELD_ABROAD;
	if (h->n > 1)
		return HELD_BY_SEVERAL;
	return dir_account_revoked(h->owners[0], time) ? HELD_REVOKED :
							 HELD_BY_ONE;
}

/*
 * Whoever was made after the refusal did not have the name then; one is left,
 * for the report to say so.
 */
static void
drop_later(struct name_holders *h, int64_t time)
{
	size_t i, n = 0;

	for (i = 0; i < h->n; i++)
		if (time == 0 || h->owners[i]->created <= time)
			h->owners[n++] = h->owners[i];
	h->n = n == 0 && h->n > 0 ? 1 : n;
}

void
refusal_holders(const struct ledger *l, const char *spn, const char *realm,
    int64_t time, struct name_holders *out)
{
	struct name_holders *h = out;
	const struct spn_owners *o;

	memset(h, 0, sizeof(*h));
	if (spn == NULL || realm == NULL ||
	    (o = ledger_owners(l, spn, realm)) == NULL)
		return;
	h->answer = o;
	gather(o->owners, o->nowners, realm, true, h);
	/* Whoever has it literally goes before, if nobody is left out. */
	if (h->n == 0 && o->covered) {
		gather(o->implied, o->nimplied, realm, true, h);
		h->implied = h->n > 0;
	}
	drop_later(h, time);
	find_computers(o, realm, h);
	if (h->n == 0) {
		gather(o->owners, o->nowners, realm, false, h);
		h->abroad = h->n > 0;
	}
	h->what = decide(o, h, time);
}

const char *
refusal_sam(struct finding *f, const struct dir_account *a)
{
	size_t realm = strlen(a->realm), all = strlen(a->name);

	if (realm + 1 > all)
		return a->name;
	return finding_text(f, "%.*s", (int)(all - realm - 1), a->name);
}

void
refusal_subject_account(struct finding *f, const struct dir_account *a)
{
	finding_param(f, "spn", f->subject[SUBJECT_SPN]);
	f->subject[SUBJECT_SPN] = NULL;
	finding_subject(f, SUBJECT_ACCOUNT, a->name);
}

static const char *
day_text(int64_t usec, char buf[DAY_TEXT])
{
	time_t t = (time_t)(usec / 1000000);
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(buf, DAY_TEXT, "%Y-%m-%d", &tm) == 0)
		return "?";
	return buf;
}

/* "svc-web holds HTTP/portal, and is disabled; its password is of ..." */
void
refusal_cite_holder(struct finding *f, const struct name_holders *h,
    const struct dir_account *a, int64_t time)
{
	char day[DAY_TEXT];
	const char *password = "";

	if (a->pwd_last_set > 0)
		password = finding_text(f, "; its password is of %s",
		    day_text(a->pwd_last_set, day));
	finding_account(f, a, "%s %s %s%s%s", a->name,
	    h->implied ? "has HOST/, which stands for" : "holds",
	    h->answer->spn,
	    dir_account_revoked(a, time) ? ", and is disabled or expired" : "",
	    password);
}

void
refusal_cite_none(struct finding *f, const struct ledger *l,
    const struct name_holders *h)
{
	const struct dir_domain *d;

	if (h->what != HELD_BY_NONE)
		return;
	d = ledger_dir_domain(l, h->answer->realm);
	f->rests_on |= EVIDENCE_DIRECTORY;
	finding_lookup(f, d != NULL ? d->source : "directory",
	    "no account of %s holds %s, by itself or by HOST/",
	    h->answer->realm, h->answer->spn);
	finding_excluded(f, NULL, "a duplicate",
	    "no account of %s has the name at all", h->answer->realm);
}

const struct dir_account *
refusal_machine(const struct ledger *l, const char *host, const char *realm)
{
	char name[REFUSAL_HOST_TEXT], text[2 * REFUSAL_HOST_TEXT];

	if (host == NULL || realm == NULL)
		return NULL;
	refusal_account(host, sizeof(name), name);
	snprintf(text, sizeof(text), "%s@%s", name, realm);
	return ledger_dir_account(l, text);
}

static bool
is_computer(const struct dir_account *a)
{
	return a->class != NULL && strcmp(a->class, "computer") == 0;
}

static bool
is_host(const struct dir_account *a, const char *host)
{
	struct str sam = str_of(a->name);

	if (a->dns_host != NULL && strcasecmp(a->dns_host, host) == 0)
		return true;
	sam.len = strcspn(a->name, "$@");
	return host_alike(sam, str_of(host));
}

/*
 * Services of the computer's own run as the computer everywhere.  Others may
 * run as anybody; but not as an account that is disabled.
 */
const struct dir_account *
refusal_keeper(const struct refused_name *n)
{
	const struct name_holders *h = &n->held;
	const struct dir_account *live = NULL;
	bool machine = refusal_machine_class(n->spn.class);
	size_t i, nlive = 0;

	for (i = 0; i < h->n; i++) {
		if (machine && is_computer(h->owners[i]) &&
		    (is_host(h->owners[i], n->host) ||
			(n->own != NULL &&
			    is_host(h->owners[i], n->own->name))))
			return h->owners[i];
		if (dir_account_revoked(h->owners[i], n->e->rep.time))
			continue;
		live = h->owners[i];
		nlive++;
	}
	return nlive == 1 ? live : NULL;
}

static bool
same_host(const struct spn *a, const struct spn *b)
{
	return a->host.len == b->host.len &&
	    strncasecmp(a->host.p, b->host.p, a->host.len) == 0;
}

/*
 * TEXT is "SPN account".  A third part of a name makes it another service
 * (ldap/dc/domain), not another form.  SHORTER: of the short host name, or the
 * full one, instead of that asked.
 */
static bool
is_form(const char *text, const struct spn *asked, const char *realm,
    bool shorter, struct str *form, const char **account)
{
	const char *gap = strrchr(text, ' '), *at;
	struct spn spn;

	if (gap == NULL || gap == text)
		return false;
	form->p = text;
	form->len = (size_t)(gap - text);
	*account = gap + 1;
	at = strrchr(*account, '@');
	return at != NULL && strcasecmp(at + 1, realm) == 0 &&
	    spn_split_str(*form, &spn) && spn.name.len == 0 &&
	    same_host(&spn, asked) == !shorter &&
	    spn.class.len == asked->class.len &&
	    strncasecmp(spn.class.p, asked->class.p, spn.class.len) == 0;
}

const char *
refusal_near_form(struct finding *f, const struct refused_name *n, bool shorter,
    const char **account)
{
	const char *const *near;
	const char *name;
	struct str form;
	size_t i;

	if (n->held.answer == NULL || (near = n->held.answer->near) == NULL)
		return NULL;
	for (i = 0; i < NEAR_MOST && near[i] != NULL; i++) {
		if (!is_form(near[i], &n->spn, n->held.answer->realm, shorter,
			&form, &name))
			continue;
		*account = finding_text(f, "%.*s", (int)strcspn(name, "@"),
		    name);
		return finding_text(f, "%.*s", (int)form.len, form.p);
	}
	return NULL;
}
