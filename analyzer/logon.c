/*
 * logon.c - the user of an NTLM log-on, seen from the KDC (MS-NLMP 2.2.1.3).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "logon.h"

/* Domains that no KDC serves. */
static const char *const local[] = {
	".",
	"WORKGROUP",
	"NT AUTHORITY",
	"BUILTIN",
	"MicrosoftAccount",
	"AzureAD",
	"LOCALHOST",
};

/*
 * DOMAIN\user, or user@DOMAIN: a client that was given a UPN leaves the
 * domain empty.  Length 0 when there is neither.
 */
static struct str
logon_domain(const char *user)
{
	const char *cut = user == NULL ? NULL : strchr(user, '\\');

	if (cut != NULL)
		return (struct str){ user, (size_t)(cut - user) };
	cut = user == NULL ? NULL : strrchr(user, '@');
	return cut == NULL ? (struct str){ NULL, 0 } : str_of(cut + 1);
}

/* Whether DOMAIN is the name of the host at ADDR itself. */
static bool
is_host_name(const struct ledger *l, const struct addr *addr, struct str domain)
{
	const struct host *h = ledger_host(l, addr);
	size_t i;

	if (h == NULL || memchr(domain.p, '.', domain.len) != NULL)
		return false;
	for (i = 0; i < h->nnames; i++)
		if (host_alike(str_of(h->names[i].name), domain))
			return true;
	return false;
}

struct str
logon_target(const struct story *s, const struct attempt *a)
{
	struct spn spn;

	if (s->target != NULL)
		return str_of(s->target);
	if (a->ntlm_spn != NULL && spn_split(a->ntlm_spn, &spn))
		return spn.host;
	return str_of(s->host);
}

bool
logon_is_local(const struct story *s, const struct ledger *l,
    const struct attempt *a)
{
	struct str domain = logon_domain(a->user);
	size_t i;

	if (a->anonymous || a->guest || domain.len == 0)
		return true;
	for (i = 0; i < sizeof(local) / sizeof(local[0]); i++)
		if (strlen(local[i]) == domain.len &&
		    strncasecmp(local[i], domain.p, domain.len) == 0)
			return true;
	return is_host_name(l, &a->server, domain) ||
	    is_host_name(l, &s->client, domain);
}

const struct account_fact *
logon_account(const struct ledger *l, const struct attempt *a)
{
	char name[TEXT_MAX];
	const char *cut;
	int n;

	if (a->user == NULL)
		return NULL;
	cut = strchr(a->user, '\\');
	if (cut == NULL)
		n = snprintf(name, sizeof(name), "%s", a->user);
	else
		n = snprintf(name, sizeof(name), "%s@%.*s", cut + 1,
		    (int)(cut - a->user), a->user);
	if (n < 0 || (size_t)n >= sizeof(name))
		return NULL;
	return ledger_account(l, name);
}

const struct tally *
logon_refused(const struct ledger *l, const struct attempt *a)
{
	const struct account_fact *acct = logon_account(l, a);
	const struct tally *no;

	if (acct == NULL)
		return NULL;
	no = &acct->other;
	if (acct->bad_key.count > 0 &&
	    (no->count == 0 || acct->bad_key.last.time > no->last.time))
		no = &acct->bad_key;
	if (no->count == 0 || no->last.time > a->req.time ||
	    a->req.time - no->last.time > STORY_AFTER_FAILURE)
		return NULL;
	if (acct->ok.count > 0 && acct->ok.last.time > no->last.time)
		return NULL;
	return no;
}
