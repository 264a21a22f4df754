/*
 * spn-port-variant - the service's name is registered with another port or
 * instance than the client asks for, or with none: 7 for MSSQLSvc/db while
 * the KDC gives tickets for MSSQLSvc/db:1433, or the reverse (browsers with
 * EnableAuthNegotiatePort, WinRM -IncludePortInSPN, drivers without a port).
 *
 * What makes it likely is the other form, for which a ticket was issued in
 * this capture; what proves it, the directory that has no other.  Without that
 * a port in the name is no more than a hint, and two web sites that share a
 * host's SPN (41 at one of the ports) no more than possible either.
 *
 * Not this: the same form given elsewhere in the capture (the directory had
 * not replicated); a retry with the other form in the same story, which is
 * ordinary; an IPv6 address, whose colons are no port (spn-ip-literal).
 */
#include "refusal.h"
#include "rule.h"

#define FORMS_LOOKED_AT 64

/* Another form of the refused name that the KDC knows, in its realm. */
static const struct spn_fact *
other_form(const struct ledger *l, const struct exchange *e)
{
	const struct spn_fact *o;
	struct spn spn;
	size_t i;

	for (i = 0; i < FORMS_LOOKED_AT; i++) {
		o = ledger_spn_form(l, e->sname, i);
		if (o == NULL)
			break;
		if (o->issued.count > 0 && spn_split(o->spn, &spn) &&
		    spn.name.len == 0 && e->realm != NULL &&
		    refusal_text_is(str_of(o->realm), e->realm))
			return o;
	}
	return NULL;
}

static bool is_web(struct str class)
{
	return refusal_text_is(class, "HTTP");
}

/*
 * A web site on a port of its own, and a ticket without one: the SPN of the
 * host is shared with the site on the usual port, which may run as another
 * account.
 */
static enum verdict
check_ticket(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r) || !is_web(r.spn.class) ||
	    r.spn.port.len > 0 || r.a->server_port == 0 ||
	    r.a->server_port == 80 || r.a->server_port == 443)
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	if (r.key_fine || r.healed || r.place != REFUSAL_UNDECIDED)
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	finding_paramf(f, "other", "%s:%u", r.a->ticket.sname,
	    (unsigned)r.a->server_port);
	f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

/* The form NEAR, of the account HOLDER, is what the directory has. */
static void
name_near(const struct refused_name *n, const struct ledger *l,
    const char *near, const char *holder, struct finding *f)
{
	if (n->held.what == HELD_BY_NONE)
		f->certainty = CERTAINTY_PROVEN;
	refusal_cite_none(f, l, &n->held);
	finding_param(f, "other", near);
	finding_param(f, "sam", holder);
	finding_paramf(f, "holder", " (on %s)", holder);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct spn_fact *o, *same;
	const char *near, *holder = NULL;
	struct refused_name n;
	struct str ip;

	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return check_ticket(s, l, f);
	same = ledger_spn(l, n.e->sname, n.e->realm);
	if (refusal_ip_literal(n.e->sname, &ip) || n.spn.name.len > 0 ||
	    (same != NULL && same->issued.count > 0))
		return VERDICT_CLEAR;
	if (n.held.n > 0)
		return VERDICT_CLEAR;
	o = other_form(l, n.e);
	near = refusal_near_form(f, &n, false, &holder);
	if (o == NULL && near == NULL &&
	    (n.spn.port.len == 0 || n.held.what == HELD_BY_NONE))
		return VERDICT_CLEAR;
	f->certainty = o != NULL || near != NULL ? CERTAINTY_LIKELY :
						   CERTAINTY_POSSIBLE;
	refusal_name_subject(f, s, &n);
	if (near != NULL)
		name_near(&n, l, near, holder, f);
	if (n.held.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	if (o == NULL)
		return VERDICT_FIRED;
	f->rests_on |= EVIDENCE_COMPARE;
	finding_param(f, "other", o->spn);
	finding_evidence(f, &o->issued.last, "a ticket for %s", o->spn);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -S {spn} {sam|ACCOUNT}",
	    "the account that setspn -Q {other|CLASS/HOST*} shows" },
	{ "samba", "samba-tool spn add {spn} {sam|ACCOUNT}", NULL },
	{ "any", "setspn -Q {other|CLASS/HOST*}",
	    "or set the client to this form: EnableAuthNegotiatePort, "
	    "-IncludePortInSPN, the port in the connection string" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (7)",
	"MS-ADTS 2.2.21",
	"Microsoft: Register a service principal name for Kerberos connections",
	"Chromium: EnableAuthNegotiatePort",
	NULL,
};

const struct rule rule_spn_port_variant = {
	.id = "spn-port-variant",
	.title = "{spn} is registered with another port or instance",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC of {realm} knows {other|the service under another "
	       "form}{holder|} but not {spn}: port and instance are part of "
	       "the name. Register both forms on the account the service runs "
	       "as, or let the client ask for the one that is there.",
	.not_this = "A name that no account holds in any form (spn-missing). "
		    "A client that tries one form after the other and gets a "
		    "ticket.",
	.decide = "setspn -Q {spn}: none; {other|another form}: which "
		  "account?",
	.verify = "A TGS-REQ for {spn} is answered with a ticket, or the "
		  "client asks for {other|the registered form}, and the "
		  "service takes it.",
	.fix = fix,
	.see = see,
};
