/*
 * logon.c - the user of an NTLM log-on, seen from the KDC (MS-NLMP 2.2.1.3).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "logon.h"
#include "names.h"

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

/* Whether S is TEXT, without regard to case; TEXT may be NULL. */
static bool
is_text(struct str s, const char *text)
{
	return text != NULL && strlen(text) == s.len &&
	    strncasecmp(text, s.p, s.len) == 0;
}

/*
 * Whether NAME of H is its domain's: each domain controller has an
 * address record of it (MS-ADTS 6.3.2.3), and it begins as the NetBIOS domain.
 */
static bool
is_domain_name(const struct ledger *l, const struct host *h, const char *name)
{
	size_t i, n = strlen(name), len;

	if (ledger_realm(l, name) != NULL)
		return true;
	for (i = 0; i < h->nnames; i++) {
		len = strlen(h->names[i].name);
		if (len > n + 1 && h->names[i].name[len - n - 1] == '.' &&
		    strcasecmp(h->names[i].name + len - n, name) == 0)
			return true;
	}
	return false;
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
		if (host_alike(str_of(h->names[i].name), domain) &&
		    !is_domain_name(l, h, h->names[i].name))
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
		if (is_text(domain, local[i]))
			return true;
	return is_text(domain, a->computer) ||
	    is_host_name(l, &a->server, domain) ||
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

const struct attempt *
logon_ntlm_refusal(const struct story *s)
{
	const struct attempt *a;
	size_t i;

	for (i = s->nattempts; i-- > 0;) {
		a = &s->attempts[i];
		if (a->mech == MECH_NTLM && a->answer == ANSWER_ERROR &&
		    a->user != NULL && !a->anonymous && !a->guest)
			return a;
	}
	return NULL;
}

/* RPC_S_SEC_PKG_ERROR is what DCE/RPC makes of a blocked NTLM. */
bool
logon_ntlm_blocked(const struct attempt *a)
{
	return a->mech == MECH_NTLM && a->answer == ANSWER_ERROR &&
	    (a->status == NT_NTLM_BLOCKED || a->status == 0x721);
}

bool
logon_reason_named(const struct attempt *a)
{
	static const int64_t reasons[] = { NT_NO_SUCH_USER, NT_WRONG_PASSWORD,
		NT_ACCOUNT_RESTRICTION, NT_INVALID_HOURS,
		NT_INVALID_WORKSTATION, NT_PASSWORD_EXPIRED,
		NT_ACCOUNT_DISABLED, NT_LOGON_TYPE_NOT_GRANTED,
		NT_ACCOUNT_EXPIRED, NT_PASSWORD_MUST_CHANGE,
		NT_ACCOUNT_LOCKED };
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (a->status == reasons[i])
			return true;
	return false;
}

/* The carrier's word for no: an NTSTATUS, or HTTP's or LDAP's number. */
static const char *
refusal_said(struct finding *f, const struct attempt *a)
{
	char buf[NAME_TEXT];

	if (a->status == EV_ABSENT)
		return "without a status";
	if (a->status > 0 && a->status < 1000)
		return finding_text(f, "%s %lld", a->carrier,
		    (long long)a->status);
	return finding_text(f, "%s",
	    name_or_hex(ntstatus_name(a->status), a->status, buf));
}

/* NULL when it is about name or password and does not say which. */
static const char *
refusal_means(const struct attempt *a)
{
	const char *help = ntstatus_help(a->status);

	if (help == NULL && a->status >= 1000)
		return "which says nothing of user or password";
	return help;
}

void
logon_refusal(struct finding *f, const struct ledger *l,
    const struct attempt *a)
{
	const struct account_fact *acct = logon_account(l, a);
	const char *said = refusal_said(f, a);

	finding_step(f, &a->req);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_subject(f, SUBJECT_ACCOUNT,
	    acct != NULL ? acct->principal : a->user);
	finding_param(f, "user", a->user);
	finding_param(f, "said", said);
	if (a->status != NT_LOGON_FAILURE)
		finding_param(f, "reason", refusal_means(a));
	finding_evidence(f, &a->rep, "the server: %s", said);
	finding_evidence(f, &a->req, "NTLM of %s", a->user);
}
