/*
 * spn-implied-by-host - no account holds class/host, but the KDC makes a
 * ticket all the same: Active Directory maps many classes to HOST
 * (sPNMappings, MS-ADTS 3.1.1.5.3.1.1.4), which the computer holds.  A
 * service that runs as its own account cannot open it.
 *
 * The sign: the ticket has the key version and enctype of those for host/ and
 * cifs/, which the same host takes.  That alone may be chance or an SPN that
 * stands on the computer; likely when the service also says in KRB-ERROR that
 * it runs as an account that is no computer, and the version is no small
 * number, which accounts share easily.
 *
 * With the directory it is decided: nobody has class/host, and one computer
 * implies it.  Proven, if the service names another account or its keytab is
 * another account's; likely, if the host takes the computer's tickets.  When
 * somebody has class/host after all, it is another fault.
 *
 * Not this: a service that runs as the computer (then the implied name is
 * right and it takes the ticket), classes that are not mapped (spn-missing).
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

#define SERVICES_LOOKED_AT 64
#define COMMON_KVNO 4 /* up to here many accounts have the same */

/* Classes that sPNMappings maps to HOST, of those that are met. */
static bool is_mapped(struct str class)
{
	static const char *const mapped[] = { "http", "www", "w3svc", "dns",
		"rpc", "rpcss", "dcom", "spooler", "snmp", "time", "wins",
		"msdtc", "ias", "schedule", "eventlog", "cifs", "policyagent",
		"remoteaccess", "fax", "messenger", "iisadmin" };
	size_t i;

	for (i = 0; i < sizeof(mapped) / sizeof(mapped[0]); i++)
		if (refusal_text_is(class, mapped[i]))
			return true;
	return false;
}

/* Another service of the host, of the computer's own, with the same key. */
static const struct service *
computer_service(const struct ledger *l, const struct refused_ticket *r)
{
	const struct service *sv;
	const struct attempt *a = r->a;
	struct spn spn;
	size_t i;

	for (i = 0; i < SERVICES_LOOKED_AT; i++) {
		sv = ledger_service_at(l, &a->server, i);
		if (sv == NULL)
			break;
		if (sv->taken.count > 0 && spn_split(sv->spn, &spn) &&
		    refusal_machine_class(spn.class) &&
		    host_alike(spn.host, r->spn.host) &&
		    !spn_equal(sv->spn, a->ticket.sname) &&
		    a->ticket.kvno != EV_ABSENT &&
		    sv->taken.kvno_last == a->ticket.kvno &&
		    sv->taken.etype_last == a->ticket.etype)
			return sv;
	}
	return NULL;
}

/* The service says that it runs as an account, and that is no computer. */
static const char *
own_account(const struct attempt *a)
{
	char name[REFUSAL_HOST_TEXT];

	if (a->error < 0 || a->error_sname == NULL ||
	    spn_equal(a->error_sname, a->ticket.sname) ||
	    strchr(a->error_sname, '/') != NULL ||
	    refusal_computer(a->error_sname, sizeof(name), name))
		return NULL;
	return a->error_sname;
}

static void
report(const struct refused_ticket *r, const struct service *computer,
    const char *account, struct finding *f)
{
	refusal_subject(f, r);
	finding_param(f, "runs", account);
	if (computer == NULL)
		return;
	f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, computer);
	finding_param(f, "same", computer->spn);
}

/*
 * Another account than COMPUTER whose keys the service has: what opens or comes
 * nearest in its keytab is the name of that one.
 */
static const struct dir_account *
keytab_of_another(const struct refused_ticket *r, const struct ledger *l,
    const struct dir_account *computer)
{
	const struct key_trial *t = ledger_key_trial(l, r->a->ticket.digest);
	const struct dir_account *a;

	if (t == NULL || t->result != KEY_NO_PRINCIPAL || t->others == NULL)
		return NULL;
	a = ledger_directory_account(l, t->others, computer->realm);
	if (a == NULL)
		a = ledger_dir_account(l, t->others);
	return a == computer ? NULL : a;
}

/* The ticket opens with the key of the computer itself. */
static bool
opened_by_computer(const struct refused_ticket *r)
{
	char name[REFUSAL_HOST_TEXT];

	return is_mapped(r->spn.class) && r->key != NULL &&
	    r->key->result == KEY_OPENS &&
	    refusal_computer(r->key->principal, sizeof(name), name) &&
	    refusal_same_computer(name, r->host);
}

/* The directory knows with whose key the KDC made the ticket. */
static enum verdict
check_holder(const struct refused_ticket *r, const struct ledger *l,
    const struct name_holders *h, const struct service *computer,
    const char *account, struct finding *f)
{
	const struct dir_account *owner = h->owners[0], *other;
	const struct key_trial *t = ledger_key_trial(l, r->a->ticket.digest);

	if (!h->implied || h->n != 1 || (t != NULL && t->result == KEY_OPENS) ||
	    (r->proof != PROVEN_NOTHING && r->proof != PROVEN_ACCOUNT &&
		r->proof != PROVEN_NO_PRINCIPAL))
		return VERDICT_CLEAR;
	other = keytab_of_another(r, l, owner);
	if (account != NULL && strcasecmp(account, refusal_sam(f, owner)) != 0)
		f->certainty = CERTAINTY_PROVEN;
	else if (other != NULL)
		f->certainty = CERTAINTY_PROVEN;
	else if (computer != NULL)
		f->certainty = CERTAINTY_LIKELY;
	else
		return VERDICT_CLEAR;
	if (account == NULL && other != NULL)
		account = refusal_sam(f, other);
	report(r, computer, account, f);
	refusal_cite_holder(f, h, owner, r->a->req.time);
	finding_excluded(f, NULL, "a name on a third account",
	    "no account holds %s, and the KDC made the ticket for %s",
	    h->answer->spn, owner->name);
	if (f->certainty < CERTAINTY_PROVEN)
		f->missing = EVIDENCE_KEYTAB;
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct service *computer;
	struct refused_ticket r;
	struct name_holders h;
	const char *account;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	computer = computer_service(l, &r);
	if (r.key_fine || r.healed || r.elsewhere != NULL ||
	    r.place == REFUSAL_HOST)
		return VERDICT_CLEAR;
	refusal_holders(l, r.a->ticket.sname, r.a->ticket.realm, r.a->req.time,
	    &h);
	account = own_account(r.a);
	if (r.proof == PROVEN_ACCOUNT && opened_by_computer(&r)) {
		f->certainty = CERTAINTY_PROVEN;
		report(&r, computer, account, f);
		refusal_cite_keys(f, &r);
		refusal_cite_directory(f, &r);
		return VERDICT_FIRED;
	}
	if (h.n > 0)
		return check_holder(&r, l, &h, computer, account, f);
	if (!is_mapped(r.spn.class) || computer == NULL)
		return VERDICT_CLEAR;
	f->certainty = account != NULL && r.a->ticket.kvno > COMMON_KVNO ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	report(&r, computer, account, f);
	f->missing = EVIDENCE_DIRECTORY | EVIDENCE_KEYTAB;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"spn-wrong-account",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -S {spn} {runs|SERVICEACCOUNT}",
	    "the account that the service runs as" },
	{ "samba", "samba-tool spn add {spn} {runs|SERVICEACCOUNT}", NULL },
	{ "unix", "net ads keytab add {spn}",
	    "where the computer's key will do: into the service's keytab" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-ADTS 3.1.1.5.3.1.1.4",
	"RFC 4120 3.2.3, 7.5.9 (41)",
	"Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
	NULL,
};

const struct rule rule_spn_implied_by_host = {
	.id = "spn-implied-by-host",
	.title = "Tickets for {spn} are made with the computer's key",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The ticket for {spn} has the key of {same|the computer's own "
	       "services}: no other account holds that name, and the KDC "
	       "takes HOST/ for it. The service runs as "
	       "{runs|an account of its own} and cannot open it.",
	.not_this = "A service that runs as the computer takes such tickets. "
		    "The SPN on a third account is spn-wrong-account, an old "
		    "password of the right one key-stale-service-keytab.",
	.decide = "setspn -Q {spn}: no such SPN?",
	.verify = "A ticket for {spn} with the key of {runs|the service's "
		  "account}, which {server} takes.",
	.fix = fix,
	.see = see,
};
