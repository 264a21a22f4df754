/*
 * cluster-vco-key - the name of a clustered service is a computer object of its
 * own (Windows: virtual computer object), and that object is not usable:
 * disabled, or without the name that clients ask for.  Then the KDC says 7 (or
 * 19).  When its password is not the one that the nodes have, they refuse the
 * ticket (41).
 *
 * A virtual computer object is known by its SPN MSClusterVirtualServer/NAME,
 * which Windows keeps for itself (MS-CMRP); the cluster's own object has
 * MSServerCluster/ beside it.  Without the directory there is no telling it
 * from any other computer.
 *
 * Not this: the prefix-less ticket of a node to its own virtual server
 * (cluster-prefixless-benign).
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

#define SPNS_LOOKED_AT 256

static bool
is_virtual(const struct dir_account *a)
{
	struct spn spn;
	size_t i;

	if (a == NULL)
		return false;
	for (i = 0; i < SPNS_LOOKED_AT && a->spns[i] != NULL; i++)
		if (spn_split(a->spns[i], &spn) &&
		    (refusal_text_is(spn.class, "MSClusterVirtualServer") ||
			refusal_text_is(spn.class, "MSServerCluster")))
			return true;
	return false;
}

static const struct fix fix_disabled[] = {
	{ "windows", "Enable-ADAccount {sam|NAME$}",
	    "then Failover Cluster Manager: the name's More Actions, Repair "
	    "Active Directory Object" },
	{ "samba", "samba-tool user enable {sam|NAME$}", NULL },
	{ NULL, NULL, NULL },
};

static void
tell(const struct dir_account *a, const char *what, struct finding *f)
{
	f->certainty = CERTAINTY_PROVEN;
	finding_param(f, "sam", refusal_sam(f, a));
	finding_param(f, "what", what);
	finding_account(f, a, "%s is the object of a clustered name; it %s",
	    a->name, what);
}

/* The KDC gave no ticket. */
static enum verdict
check_name(const struct story *s, const struct ledger *l,
    const struct refused_name *n, struct finding *f)
{
	const struct name_holders *h = &n->held;
	const struct dir_account *a = h->computer;
	bool disabled;

	if (h->answer == NULL || (h->n == 0 && !h->answer->covered)) {
		f->missing = EVIDENCE_DIRECTORY;
		return VERDICT_UNKNOWN;
	}
	if (a == NULL && h->n == 1)
		a = h->owners[0];
	if (!is_virtual(a))
		return VERDICT_CLEAR;
	disabled = dir_account_revoked(a, n->e->rep.time);
	if (!disabled && h->what != HELD_BY_NONE)
		return VERDICT_CLEAR;
	refusal_name_subject(f, s, n);
	refusal_subject_account(f, a);
	if (disabled) {
		f->fix = fix_disabled;
		tell(a, "is disabled", f);
	} else
		tell(a,
		    finding_text(f, "does not hold %s, nor does anybody",
			n->e->sname),
		    f);
	refusal_cite_none(f, l, h);
	return VERDICT_FIRED;
}

/* KDC_ERR_SERVICE_REVOKED: the object is disabled. */
static enum verdict
check_revoked(const struct ledger *l, const struct exchange *e,
    struct finding *f)
{
	struct name_holders h;

	refusal_holders(l, e->sname, e->realm, e->rep.time, &h);
	if (h.n != 1 || !is_virtual(h.owners[0]) || h.what != HELD_REVOKED)
		return VERDICT_CLEAR;
	finding_step(f, &e->req);
	finding_subject(f, SUBJECT_SPN, e->sname);
	finding_subject(f, SUBJECT_REALM, e->realm);
	finding_evidence(f, &e->rep, "KDC: KDC_ERR_SERVICE_REVOKED (19)");
	finding_evidence(f, &e->req, "a ticket for %s is asked for", e->sname);
	f->rests_on |= EVIDENCE_KDC;
	refusal_subject_account(f, h.owners[0]);
	f->fix = fix_disabled;
	tell(h.owners[0], "is disabled", f);
	return VERDICT_FIRED;
}

/* A node refused the ticket that was made with the object's key. */
static enum verdict
check_ticket(const struct refused_ticket *r, const struct ledger *l,
    struct finding *f)
{
	struct name_holders h;

	if (r->proof != PROVEN_NOTHING)
		return VERDICT_CLEAR;
	refusal_holders(l, r->a->ticket.sname, r->a->ticket.realm, 0, &h);
	/* A refused ticket is no sign of a cluster by itself. */
	if (h.answer == NULL)
		return VERDICT_NOT_APPLICABLE;
	if (h.n != 1 || !is_virtual(h.owners[0]) || r->key_fine || r->healed ||
	    r->elsewhere != NULL)
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	refusal_subject(f, r);
	finding_param(f, "sam", refusal_sam(f, h.owners[0]));
	finding_param(f, "what",
	    "has another password than the nodes that serve it");
	refusal_cite_holder(f, &h, h.owners[0], r->a->req.time);
	f->missing = EVIDENCE_KEYTAB;
	return VERDICT_FIRED;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *e = story_kdc_refusal(s,
	    KDC_ERR_SERVICE_REVOKED);
	struct refused_ticket r;
	struct refused_name n;

	if (refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return check_name(s, l, &n, f);
	if (e != NULL && e->kind == EXCHANGE_TGS && e->sname != NULL)
		return check_revoked(l, e, f);
	if (refusal_ticket(s, l, &r))
		return check_ticket(&r, l, f);
	return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
}

static const char *const explains[] = {
	"spn-missing",
	"spn-service-revoked",
	"spn-port-variant",
	"dns-a-record-alias-no-spn",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "Get-ClusterResource | Where-Object ResourceType -eq 'Network "
	    "Name'",
	    "Failover Cluster Manager: the name's More Actions, Repair Active "
	    "Directory Object" },
	{ "windows", "setspn -S {spn} {sam|ACCOUNT}",
	    "MSSQLSvc: the account that SQL Server runs as" },
	{ "samba", "samba-tool spn add {spn} {sam|ACCOUNT}",
	    "CTDB: one netbios name, one secrets.tdb for all nodes" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.5.9 (7, 19, 41)",
	"MS-CMRP",
	"Microsoft: Configure cluster accounts in Active Directory",
	NULL,
};

const struct rule rule_cluster_vco_key = {
	.id = "cluster-vco-key",
	.title = "The clustered name of {spn} has no usable account",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "cluster",
	.needs = EVIDENCE_KDC,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "{sam|The computer object} stands for a clustered name, and it "
	       "{what|cannot be used}. Clients that ask for {spn} get no "
	       "ticket that the cluster can open.",
	.not_this = "The ticket without a class that a node asks for its own "
		    "virtual server (cluster-prefixless-benign).",
	.decide = "Get-ADComputer {host|NAME} -Properties "
		  "servicePrincipalName, Enabled",
	.verify = "A TGS-REQ for {spn} is answered with a ticket, and the node "
		  "takes it.",
	.fix = fix,
	.see = see,
};
