/*
 * key-machine-password-out-of-sync - a computer and the directory disagree on
 * the computer's password: its own log-on as HOST$ fails (24; MIT's KDC: 31),
 * and tickets to it are refused.  A restored snapshot is the usual cause.
 *
 * Not this: a computer that tries the old password after the new one and gets
 * in (Windows and Samba do so around a change), a computer that takes a
 * ticket for its own name afterwards, HOST$ of another realm, a managed
 * service account (its name ends in $ too, but it is not the host's), a
 * service with a key of its own on that host (HTTP, MSSQLSvc).
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

static bool
is_bad(const struct account_fact *m, const char *realm)
{
	const char *at;

	if (m == NULL || m->bad_key.count == 0 ||
	    (m->ok.count > 0 && m->ok.last.time > m->bad_key.last.time))
		return false;
	at = strrchr(m->principal, '@');
	return at == NULL || realm == NULL ||
	    refusal_text_is(str_of(at + 1), realm);
}

/* Whether the computer NAME at SERVER took a ticket of its own after WHEN. */
static bool
takes_its_own(const struct ledger *l, const struct addr *server,
    const char *name, int64_t when)
{
	const struct service *sv;
	struct spn spn;
	size_t i;

	for (i = 0; i < 64; i++) {
		sv = ledger_service_at(l, server, i);
		if (sv == NULL)
			break;
		if (sv->taken.count > 0 && sv->taken.last.time > when &&
		    spn_split(sv->spn, &spn) &&
		    host_alike(spn.host, str_of(name)))
			return true;
	}
	return false;
}

static void
name_account(struct finding *f, const char *principal)
{
	const char *at = strrchr(principal, '@');

	if (at == NULL) {
		finding_subject(f, SUBJECT_ACCOUNT, principal);
		return;
	}
	finding_subject(f, SUBJECT_ACCOUNT,
	    finding_text(f, "%.*s", (int)(at - principal), principal));
	finding_subject(f, SUBJECT_REALM, at + 1);
}

static enum verdict
check_ticket(const struct ledger *l, const struct refused_ticket *r,
    struct finding *f)
{
	const struct account_fact *m = NULL;
	const char *name = r->host;
	const char *realm = r->a->ticket.realm;
	int64_t when;
	bool proven;

	if (r->is_other && r->own != NULL)
		name = r->own;
	m = ledger_machine(l, name);
	proven = r->proof == PROVEN_STALE_KEY || r->proof == PROVEN_OTHER_KEY;
	if (!is_bad(m, realm) || r->key_fine || r->elsewhere != NULL ||
	    (r->proof != PROVEN_NOTHING && !proven))
		return VERDICT_CLEAR;
	when = m->bad_key.first.time < r->a->req.time ? m->bad_key.first.time :
							r->a->req.time;
	if (takes_its_own(l, &r->a->server, name, when))
		return VERDICT_CLEAR;
	f->certainty = refusal_machine_class(r->spn.class) ||
		r->account[0] != '\0' ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	if (proven)
		f->certainty = CERTAINTY_PROVEN;
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_KDC | EVIDENCE_COMPARE;
	name_account(f, m->principal);
	finding_param(f, "host", name);
	refusal_evidence(f, r->a);
	finding_evidence(f, &m->bad_key.last,
	    "the KDC refuses %s its own log-on (%lld)", m->principal,
	    (long long)m->bad_key.error_last);
	refusal_cite_keys(f, r);
	refusal_walk(f, l, r, PROVEN_STALE_KEY, PROVEN_OTHER_KEY);
	return VERDICT_FIRED;
}

/* The computer's own log-on, refused for its key: NULL when it is not. */
static const struct exchange *
own_refusal(const struct story *s)
{
	const struct exchange *e;

	e = story_kdc_refusal(s, KDC_ERR_PREAUTH_FAILED);
	if (e == NULL)
		e = story_kdc_refusal(s, KRB_AP_ERR_BAD_INTEGRITY);
	return e != NULL && e->kind == EXCHANGE_AS && e->cname != NULL ? e :
									 NULL;
}

static enum verdict
check_log_on(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = own_refusal(s);
	const struct account_fact *m;
	const struct host *h = ledger_host(l, &s->client);
	const struct host_name *own;
	char name[REFUSAL_HOST_TEXT];

	if (e == NULL || strchr(e->cname, '/') != NULL ||
	    !refusal_computer(e->cname, sizeof(name), name))
		return VERDICT_NOT_APPLICABLE;
	m = ledger_machine(l, name);
	own = refusal_other_name(h, name, NAME_ITSELF);
	if ((own != NULL && !refusal_host_is(h, name)) ||
	    !is_bad(m, e->realm) ||
	    takes_its_own(l, &s->client, name, e->rep.time))
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	f->rests_on = EVIDENCE_KDC;
	name_account(f, m->principal);
	finding_param(f, "host", name);
	finding_step(f, &e->req);
	finding_evidence(f, &e->rep, "the KDC refuses %s its own log-on (%lld)",
	    m->principal, (long long)e->error);
	finding_evidence(f, &e->req, "%s proves itself with a key", e->cname);
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (refusal_ticket(s, l, &r))
		return check_ticket(l, &r, f);
	return check_log_on(s, l, f);
}

static const char *const explains[] = {
	"service-refused-ticket",
	"key-stale-service-keytab",
	"acct-bad-password",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "Test-ComputerSecureChannel -Repair -Credential DOMAIN\\ADMIN",
	    "on {host|the computer}, with an administrator of the domain" },
	{ "samba", "net ads testjoin; net ads join -U administrator",
	    "on {host|the computer}" },
	{ "unix", "adcli testjoin || adcli join {realm|DOMAIN}",
	    "on {host|the computer}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (24, 31)",
	"MS-KILE 3.1.1.2",
	"Microsoft: Kerberos event ID 4",
	NULL,
};

const struct rule rule_key_machine_password_out_of_sync = {
	.id = "key-machine-password-out-of-sync",
	.title = "{account} and the directory disagree on its password",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The KDC refuses the computer's own log-on as {account}: its "
	       "password is not the one in the directory, and nobody can use "
	       "a ticket for it. A restored snapshot or a re-used name is the "
	       "usual cause.",
	.not_this = "A user's wrong password. A computer that gets in with its "
		    "former password right after a change. A managed service "
		    "account, whose name ends in $ as well.",
	.decide = "Test-ComputerSecureChannel or net ads testjoin on "
		  "{host|the computer}",
	.verify = "A log-on of {account} itself that the KDC grants, and a "
		  "ticket for {host|the computer} that is taken.",
	.fix = fix,
	.see = see,
};
