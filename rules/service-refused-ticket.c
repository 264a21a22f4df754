/*
 * service-refused-ticket - a service refuses a ticket that the KDC issued
 * without complaint.  A catch-all: it keeps a failure from being lost when
 * nothing shows whose key, which host or which account is the matter.
 *
 * Windows says KRB_AP_ERR_MODIFIED (41) inside SPNEGO, MIT acceptors 41, 44
 * or 45, Heimdal 31; Samba answers STATUS_LOGON_FAILURE and nothing else,
 * Apache 401, slapd 49.
 *
 * Not this: an authorization refused after the log-on was accepted, a clock
 * that is off (33, 37, or Samba without a word), a first try that is repeated
 * on the same connection and accepted.
 */
#include "refusal.h"
#include "rule.h"

/* What it took of the same SPN tells an old ticket and a mended key. */
static void
compare(const struct refused_ticket *r, struct finding *f)
{
	if (r->old_ticket)
		finding_param(f, "reason",
		    "the ticket is older than the key that the server has "
		    "now, and the one before is forgotten. A new ticket will "
		    "do: klist purge, or log on again.");
	else if (r->here->taken.kvno_last == r->a->ticket.kvno)
		finding_param(f, "reason",
		    "yet it takes tickets of that key version later. It was "
		    "mended in between, or this is about the client or its "
		    "user and not about the key.");
	else
		finding_param(f, "reason",
		    "its key was not the KDC's then. Later it took tickets: "
		    "it has been mended.");
	f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, r->here);
}

/* The ticket opens: what is left is not about keys, or not about this file. */
static const char *
opened(const struct refused_ticket *r)
{
	switch (r->proof) {
	case PROVEN_EXPIRED:
		return "the ticket had ended by the server's clock when the "
		       "client showed it. A new one will do: klist purge, or "
		       "log on again.";
	case PROVEN_DAMAGED:
		return "the ticket is right, the authenticator beside it does "
		       "not open with its session key. It was damaged on the "
		       "way, or the client made it with another key.";
	case PROVEN_FINE:
		return "the key at hand opens the ticket, and the time is "
		       "right. So it is about something else: the user's "
		       "account or rights there, channel bindings, a replay; "
		       "or the service does not use this key.";
	default:
		return NULL;
	}
}

/* What a key at hand leaves open; NULL when there is none for this. */
static const char *
undecided(const struct refused_ticket *r, struct finding *f)
{
	const struct key_trial *k = r->key;

	if (k != NULL && k->result == KEY_OPENS)
		return finding_text(f,
		    "the ticket is made with the key of %s. The server runs as "
		    "another account, or does not use this key.",
		    k->principal);
	if (r->owner != NULL && (k == NULL || r->tie == TIE_NONE))
		return finding_text(f,
		    "%s has the name in the directory. Either the service runs "
		    "as another account, or the key that it has is not the "
		    "present one of this account.",
		    r->owner->name);
	if (k == NULL || r->tie == TIE_NONE)
		return NULL;
	return finding_text(f,
	    "the key of %s at hand does not open it. Either its password has "
	    "changed, or %s is not on that account. The directory tells: "
	    "setspn -Q, or --ldif.",
	    k->principal, r->a->ticket.sname);
}

static const struct fix fix_ended[] = {
	{ "windows", "klist purge", "on the client, as the user" },
	{ "unix", "kdestroy && kinit",
	    "on the client; a program that runs on: restart it" },
	{ NULL, NULL, NULL },
};

static const struct fix fix_fine[] = {
	{ "windows",
	    "Get-WinEvent -MaxEvents 20 -FilterHashtable "
	    "@{LogName='Security'; Id=4625}",
	    "on {server}: its Status and SubStatus" },
	{ "samba", "wbinfo -t; wbinfo -i {user|USER}",
	    "on {server}: is the user known there?" },
	{ "unix", "klist -kte",
	    "on {server}: is {file|this} the keytab that the service reads? "
	    "restart it" },
	{ NULL, NULL, NULL },
};

/* What look-ups prove, when it is nothing that has a rule of its own. */
static bool
is_proven(const struct ledger *l, const struct refused_ticket *r,
    struct finding *f)
{
	const char *reason = opened(r);

	if (reason == NULL || !refusal_proves(f, l, r, r->proof))
		return false;
	finding_param(f, "reason", reason);
	if (r->proof == PROVEN_EXPIRED)
		f->fix = fix_ended;
	if (r->proof == PROVEN_FINE) {
		f->certainty = CERTAINTY_LIKELY;
		f->fix = fix_fine;
		finding_param(f, "user", r->key->cname);
	}
	return true;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = story_key_refusal(s);
	struct refused_ticket r;
	int64_t off;
	bool asked;

	if (a == NULL || a->ticket.sname == NULL)
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	asked = refusal_ticket(s, l, &r);
	if ((refusal_by_clock(a, l) && !(asked && opened(&r) != NULL)) ||
	    refusal_recovered(s, a))
		return VERDICT_CLEAR;
	if (asked && is_proven(l, &r, f)) {
		finding_subject(f, SUBJECT_SPN, refusal_host_spn(l, a));
		return VERDICT_FIRED;
	}
	f->certainty = CERTAINTY_LIKELY;
	f->rests_on = EVIDENCE_SERVICE;
	finding_subject(f, SUBJECT_SPN, refusal_host_spn(l, a));
	finding_subject(f, SUBJECT_REALM, a->ticket.realm);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	refusal_evidence(f, a);
	if (asked && r.proof == PROVEN_NOTHING) {
		refusal_cite_keys(f, &r);
		refusal_cite_directory(f, &r);
		refusal_walk(f, l, &r, PROVEN_NOTHING, PROVEN_NOTHING);
	}
	if (asked && (r.old_ticket || r.healed))
		compare(&r, f);
	else if (a->error == KRB_AP_ERR_BADKEYVER)
		finding_param(f, "reason",
		    "its keytab does not hold the key version of the ticket, "
		    "or holds it in another encryption type only.");
	else if (a->error < 0 && !ledger_clock(l, &a->server, &off))
		finding_param(f, "reason",
		    "its key is old, its clock is off (Samba is silent about "
		    "that too, and the capture does not hold its time), the "
		    "SPN is on another account, or the name leads to the "
		    "wrong machine.");
	else if (asked && r.proof == PROVEN_NOTHING)
		finding_param(f, "reason", undecided(&r, f));
	f->missing = EVIDENCE_KEYTAB | EVIDENCE_DIRECTORY;
	if (asked)
		f->missing = refusal_missing(&r, f->missing);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -Q {spn}",
	    "one account, the one the service runs as?" },
	{ "samba", "net ads testjoin",
	    "Windows: Test-ComputerSecureChannel, on the server" },
	{ "unix", "kvno {spn}; klist -kte",
	    "the first on the client, the keytab's on the server" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9",
	"MS-KILE 3.4.5",
	"Microsoft: Kerberos event ID 4",
	NULL,
};

const struct rule rule_service_refused_ticket = {
	.id = "service-refused-ticket",
	.title = "{server} refuses tickets for {spn}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_SERVICE,
	.catch_all = true,
	.mended = MENDED_MOVED,
	.check = check,
	.explains = explains,
	.why = "The KDC issued the ticket, the server cannot use it: "
	       "{reason|its key is old, the SPN is on another account, or the "
	       "name leads to the wrong machine. The capture does not show "
	       "which.}",
	.not_this =
	    "A share or page that is refused after the log-on was "
	    "accepted (authorization). A clock that is off: Samba is silent "
	    "about that too.",
	.decide = "the server's keytab (klist -kte there; --keytab), and the "
		  "account that has the name: setspn -Q {spn} (--ldif)",
	.verify = "A ticket for {spn} that {server} takes.",
	.fix = fix,
	.see = see,
};
