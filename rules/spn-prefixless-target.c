/*
 * spn-prefixless-target - the client asks for a name without a service class
 * (VIRTUALSRV instead of cifs/VIRTUALSRV).
 *
 * The KDC says 7 or 27 (a user's account: user-to-user only), or finds a
 * computer by its sAMAccountName and makes a ticket with that account's key,
 * which the host that the name reaches need not hold: 41, LOGON_FAILURE.
 *
 * Not this: user-to-user and S4U2Self, where a name without a class is right;
 * a request for the requester's own name (Windows' S4U2Proxy to itself); the
 * pattern of a cluster node (cluster-prefixless-benign).
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

/* Whether principal NAME is the account CNAME, with or without a realm. */
static bool
is_own(const char *name, const char *cname)
{
	size_t n, c;

	if (name == NULL || cname == NULL)
		return false;
	n = strcspn(name, "@\\");
	c = strcspn(cname, "@\\");
	return n == c && strncasecmp(name, cname, n) == 0;
}

static bool
is_bare(const struct story *s, const struct exchange *x)
{
	return x->kind == EXCHANGE_TGS && x->sname_parts == 1 &&
	    x->sname != NULL && !x->u2u && !x->s4u2self && !x->s4u2proxy &&
	    strcasecmp(x->sname, "krbtgt") != 0 &&
	    !is_own(x->sname, x->cname) && !is_own(x->sname, s->principal);
}

static const struct exchange *
refused_name(const struct story *s)
{
	const struct exchange *x;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (is_bare(s, x) &&
		    (x->error == KDC_ERR_S_PRINCIPAL_UNKNOWN ||
			x->error == KDC_ERR_MUST_USE_USER2USER))
			return x;
	return NULL;
}

static const struct attempt *
refused_ticket(const struct story *s)
{
	const struct attempt *a = story_key_refusal(s);

	return a != NULL && a->sname_parts == 1 && !a->u2u &&
		a->ticket.sname != NULL &&
		!is_own(a->ticket.sname, s->principal) ?
	    a :
	    NULL;
}

/* The prefixed form that worked afterwards. */
static void
cite_retry(const struct story *s, struct finding *f)
{
	const struct attempt *a = story_accepted(s, MECH_KRB5);

	if (a == NULL || a->sname_parts == 1 || a->ticket.sname == NULL)
		return;
	finding_evidence(f, &a->rep, "%s was taken then", a->ticket.sname);
	finding_param(f, "good", a->ticket.sname);
	f->rests_on |= EVIDENCE_COMPARE;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *x = refused_name(s);
	const struct attempt *a = refused_ticket(s);

	if (a != NULL && refusal_by_clock(a, l))
		a = NULL;
	if (x == NULL && a == NULL)
		return verdict_clear_if(s->nexchanges + s->nattempts > 0);
	f->certainty = CERTAINTY_LIKELY;
	finding_subject(f, SUBJECT_SPN, x != NULL ? x->sname : a->ticket.sname);
	finding_subject(f, SUBJECT_REALM,
	    x != NULL ? x->realm : a->ticket.realm);
	if (x != NULL) {
		f->rests_on = EVIDENCE_KDC;
		finding_step(f, &x->req);
		finding_evidence(f, &x->rep, "KDC: %s for %s",
		    krb_error_name(x->error), x->sname);
		finding_evidence(f, &x->req, "the name asked has no class");
	} else {
		f->rests_on = EVIDENCE_SERVICE;
		refusal_evidence(f, a);
		if (a->issued.frame != 0)
			finding_evidence(f, &a->issued,
			    "a ticket for the account of that name");
	}
	cite_retry(s, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist get {good|CLASS/HOST}",
	    "the target to write into application, script or link" },
	{ "windows", "setspn -Q */{spn}*", "the names the directory holds" },
	{ "unix", "kvno {good|CLASS/HOST}",
	    "import the name as GSS_C_NT_HOSTBASED_SERVICE" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 6.2, 7.5.9 (7, 27, 41)",
	"RFC 4121, RFC 2743 4.1 (host-based service names)",
	"Microsoft KB 913327",
	NULL,
};

const struct rule rule_spn_prefixless_target = {
	.id = "spn-prefixless-target",
	.title = "{spn} was asked for without a service class",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why =
	    "The application names its target {spn}, with no service class "
	    "such as cifs/ before it. The KDC knows no such service, or makes "
	    "a ticket for the account of that name, whose key the server "
	    "does not have. The target should be {good|CLASS/HOST}.",
	.not_this = "User-to-user and S4U2Self need no class. On a node of a "
		    "Windows 2003 cluster see cluster-prefixless-benign.",
	.decide = "the target's name in the application",
	.verify = "The client asks for {good|CLASS/HOST} instead of {spn}, "
		  "gets a ticket, and the service takes it.",
	.fix = fix,
	.see = see,
};
