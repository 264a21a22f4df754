/*
 * ip-target-kerberos-impossible - the target is written as an IP address, so
 * there is no Kerberos name for it, and NTLM, which is left, was refused.
 *
 * Windows asks for no ticket for an address without TryIPSPN (Windows 10 1507
 * and later know it), smbclient never; a client that does ask is told 7, as
 * nobody registers cifs/10.0.0.3.  When NTLM is then blocked (C0000418) or
 * the KDC's 7 came before it, the address is why the log-on failed.  A
 * refusal without a reason (C000006D) is as well a wrong password: possible
 * and no more.
 *
 * Not this: NTLM that was accepted (nego-ntlm-by-ip), a refusal that names the
 * password or the account's state, a local account, a server that does not
 * offer Kerberos.
 */
#include "logon.h"
#include "rule.h"

/* The ticket for an address that the KDC refused; NULL when none was asked. */
static const struct exchange *
refused_address(const struct story *s)
{
	const struct exchange *e = story_kdc_refusal(s,
	    KDC_ERR_S_PRINCIPAL_UNKNOWN);
	struct spn spn;

	if (e == NULL || e->kind != EXCHANGE_TGS || e->sname == NULL ||
	    !spn_split(e->sname, &spn) || !text_is_ip(spn.host))
		return NULL;
	return e;
}

static bool
got_ticket(const struct story *s)
{
	return story_issued(s, EXCHANGE_TGS) != NULL ||
	    story_tried(s, MECH_KRB5) != NULL;
}

static void
judge(const struct exchange *e, const struct attempt *a, struct finding *f)
{
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_NTLM;
	if (e != NULL) {
		f->certainty = CERTAINTY_LIKELY;
		f->rests_on |= EVIDENCE_KDC;
		finding_step(f, &e->req);
		finding_evidence(f, &e->rep, "KDC: %s for %s",
		    krb_error_name(e->error), e->sname);
	} else if (logon_ntlm_blocked(a))
		f->certainty = CERTAINTY_LIKELY;
	else {
		f->certainty = CERTAINTY_POSSIBLE;
		finding_step(f, &a->req);
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = logon_ntlm_refusal(s);
	const struct exchange *e = refused_address(s);
	const struct host *h;
	struct str target;

	if (a == NULL)
		return verdict_clear_if(story_tried(s, MECH_NTLM) != NULL);
	target = logon_target(s, a);
	if (!text_is_ip(target) || !a->offered_krb5 || got_ticket(s) ||
	    logon_is_local(s, l, a) || story_accepted(s, MECH_NTLM) != NULL ||
	    (e == NULL && logon_reason_named(a)))
		return VERDICT_CLEAR;
	judge(e, a, f);
	h = ledger_host(l, &a->server);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_param(f, "name", h == NULL ? NULL : host_own_name(h, NULL));
	finding_param(f, "what",
	    logon_ntlm_blocked(a) ? "is not allowed there" : "was refused");
	finding_evidence(f, &a->rep, "NTLM refused");
	finding_evidence(f, &a->req, "NTLM of %s to %.*s", a->user,
	    (int)target.len, target.p);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist get cifs/{name|HOST.DOMAIN}",
	    "use the name in paths, mappings and shortcuts" },
	{ "windows", "setspn -S cifs/{server|ADDRESS} SERVER$",
	    "if it must be the address; and TryIPSPN on every client" },
	{ "unix", "kvno cifs/{name|HOST.DOMAIN}", "and mount by name" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 6.2.1",
	"Microsoft: Configuring Kerberos for IP addresses",
	"MS-ERREF 2.3.1",
	NULL,
};

const struct rule rule_ip_target_kerberos_impossible = {
	.id = "ip-target-kerberos-impossible",
	.title = "No Kerberos for the address {server|ADDRESS}, and NTLM fails",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "negotiation",
	.needs = EVIDENCE_SERVICE,
	.mended = MENDED_CLIENT | MENDED_CARRIER,
	.check = check,
	.explains = explains,
	.why = "The client means the server by its address {server|ADDRESS}. "
	       "There is no Kerberos name for an address, so NTLM was all that "
	       "was left, and NTLM {what|was refused}. By its name {name|(not "
	       "seen)} it could use Kerberos.",
	.not_this =
	    "NTLM to an address that is accepted: a habit. A wrong password "
	    "that the server names. A local account.",
	.decide = "the same path with the server's name",
	.verify = "The client looks up the name {name|of the server}, asks "
		  "a KDC for a ticket for it, and the server accepts that.",
	.fix = fix,
	.see = see,
};
