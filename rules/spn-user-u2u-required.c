/*
 * spn-user-u2u-required - a ticket was asked for a user's account, as if that
 * were a service: 27 (KDC_ERR_MUST_USE_USER2USER) from Windows (KDC event 24)
 * and from MIT (-allow_svr), or 69 from a service that takes nothing else.
 *
 * A user's password is weak, and a ticket made with it can be guessed at
 * leisure: the KDC gives none but encrypted in the session key of the user's
 * own TGT (RFC 4120 3.3.3, enc-tkt-in-skey).  Samba says 7 instead; then the
 * name must be one that logs on as a user in this capture.
 *
 * Not this: genuine user-to-user, also as the retry after 27; S4U2Self to
 * oneself; a computer's account, which is a service.
 */
#include <string.h>
#include <strings.h>

#include "account.h"
#include "refusal.h"
#include "rule.h"

#define USER_TO_USER_REQUIRED 69 /* RFC 4120 7.5.9 */

/* The user of that name, if one has logged on in the capture. */
static const struct account_fact *
user_of(const struct ledger *l, const struct exchange *x, struct finding *f)
{
	const struct account_fact *a;
	const char *who;

	if (x->sname == NULL || x->realm == NULL || x->sname_parts != 1 ||
	    account_is_machine(x->sname))
		return NULL;
	who = strchr(x->sname, '@') != NULL ?
	    x->sname :
	    finding_text(f, "%s@%s", x->sname, x->realm);
	a = ledger_account(l, who);
	return a != NULL && a->ok.count > 0 ? a : NULL;
}

static bool
is_for_oneself(const struct exchange *x)
{
	return x->s4u2self || x->s4u2proxy ||
	    (x->cname != NULL && x->sname != NULL &&
		strcasecmp(x->cname, x->sname) == 0);
}

static const struct exchange *
refused(const struct story *s, const struct ledger *l, struct finding *f,
    const struct account_fact **user)
{
	const struct exchange *x = story_kdc_refusal(s,
	    KDC_ERR_MUST_USE_USER2USER);

	*user = NULL;
	if (x != NULL)
		return x->kind == EXCHANGE_TGS && !x->u2u && !x->s4u2self ?
		    x :
		    NULL;
	x = story_kdc_refusal(s, KDC_ERR_S_PRINCIPAL_UNKNOWN);
	if (x == NULL || x->kind != EXCHANGE_TGS || x->u2u ||
	    is_for_oneself(x) || story_accepted(s, MECH_KRB5) != NULL)
		return NULL;
	*user = user_of(l, x, f);
	return *user != NULL ? x : NULL;
}

static void
report_kdc(const struct exchange *x, const struct account_fact *user,
    struct finding *f)
{
	f->rests_on = EVIDENCE_KDC;
	finding_subject(f, SUBJECT_SPN, x->sname);
	finding_subject(f, SUBJECT_REALM, x->realm);
	finding_step(f, &x->req);
	finding_evidence(f, &x->rep, "KDC: %s for %s", krb_error_name(x->error),
	    x->sname);
	finding_evidence(f, &x->req, "%s asks for %s",
	    x->cname != NULL ? x->cname : "the client", x->sname);
	if (user == NULL)
		return;
	f->rests_on |= EVIDENCE_COMPARE;
	finding_evidence(f, &user->ok.last, "%s logs on: a user",
	    user->principal);
}

static void
report_service(const struct attempt *a, struct finding *f)
{
	f->rests_on = EVIDENCE_SERVICE;
	finding_subject(f, SUBJECT_SPN, a->ticket.sname);
	finding_subject(f, SUBJECT_REALM, a->ticket.realm);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	refusal_evidence(f, a);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = story_ap_error(s, USER_TO_USER_REQUIRED);
	const struct account_fact *user;
	const struct exchange *x;

	if (a != NULL && (a->u2u || story_accepted(s, MECH_KRB5) != NULL))
		a = NULL;
	x = refused(s, l, f, &user);
	if (x == NULL && a == NULL)
		return verdict_clear_if(s->nexchanges + s->nattempts > 0);
	f->certainty = CERTAINTY_LIKELY;
	if (x != NULL)
		report_kdc(x, user, f);
	else
		report_service(a, f);
	f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-prefixless-target",
	"spn-missing",
	"kdc-refused-other",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -S CLASS/HOST.DOMAIN {spn|ACCOUNT}",
	    "and let the application ask for that name; setspn -R HOST "
	    "after a computer was renamed" },
	{ "samba", "samba-tool spn add CLASS/HOST.DOMAIN {spn|ACCOUNT}", NULL },
	{ "unix", "kvno CLASS/HOST.DOMAIN",
	    "the service's principal; kvno --u2u CACHE {spn|USER} where "
	    "user-to-user is meant" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.3.3, 3.7, 7.5.9 (27, 69)",
	"Microsoft: KDC event ID 24",
	"MIT kadmin: -allow_svr",
	NULL,
};

const struct rule rule_spn_user_u2u_required = {
	.id = "spn-user-u2u-required",
	.title = "There are only user-to-user tickets for {spn}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.check = check,
	.explains = explains,
	.why = "The client asks for an ordinary ticket to {spn}, and the KDC "
	       "gives none: it is a user's account without an SPN (MIT: "
	       "-allow_svr), no service. The service that is meant needs an "
	       "SPN, and the application has to ask for that.",
	.not_this = "User-to-user itself, and a client that turns to it after "
		    "27. A name without a class that is no user's "
		    "(spn-prefixless-target).",
	.decide = "setspn -L {spn|ACCOUNT}: empty?",
	.verify = "The client asks for the SPN of the service that is "
		  "meant and gets a ticket, without error 27 or 7.",
	.fix = fix,
	.see = see,
};
