/*
 * cluster-prefixless-benign - a node of a Windows 2003 SP2 cluster looks into
 * the registry of a virtual server that it hosts itself: the redirector asks
 * for a ticket without a class, the node cannot open it and says 41 as
 * host/NODE (event ID 4), and the retry with cifs/ works at once.
 *
 * All of it has to be seen: 41 from host/NODE, NODE is the client itself, and
 * the retry within seconds.  Explorer and backup programs do this, net use
 * does not.
 *
 * Not this: any name with a class, no retry that works, a client that is not
 * the node (spn-prefixless-target, a real fault).
 */
#include "refusal.h"
#include "rule.h"

#define RETRY (10 * SECOND)

/* Whether the client of S is the computer NODE. */
static bool
client_is(const struct story *s, const struct ledger *l, const char *node)
{
	char name[REFUSAL_HOST_TEXT];

	if (refusal_computer(s->principal, sizeof(name), name) &&
	    host_alike(str_of(name), str_of(node)))
		return true;
	return host_has_name(ledger_host(l, &s->client), node, NAME_DNS);
}

/* The log-on with a class that was accepted after A, at the same address. */
static const struct attempt *
retry(const struct story *s, const struct attempt *a)
{
	const struct attempt *t;
	struct spn spn;

	for (t = a + 1; t < s->attempts + s->nattempts; t++)
		if (t->mech == MECH_KRB5 && t->answer == ANSWER_OK &&
		    t->ticket.sname != NULL &&
		    spn_split(t->ticket.sname, &spn) &&
		    host_alike(spn.host, str_of(a->ticket.sname)) &&
		    t->req.time - a->req.time <= RETRY)
			return t;
	return NULL;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = story_ap_error(s, KRB_AP_ERR_MODIFIED);
	const struct attempt *t;
	char node[REFUSAL_HOST_TEXT];

	if (a == NULL || a->sname_parts != 1 || a->u2u ||
	    a->ticket.sname == NULL)
		return VERDICT_NOT_APPLICABLE;
	t = retry(s, a);
	if (t == NULL || spn_equal(a->error_sname, a->ticket.sname) ||
	    !refusal_computer(a->error_sname, sizeof(node), node) ||
	    !client_is(s, l, node))
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	f->rests_on = EVIDENCE_SERVICE | EVIDENCE_COMPARE;
	finding_subject(f, SUBJECT_SPN, a->ticket.sname);
	finding_subject(f, SUBJECT_REALM, a->ticket.realm);
	finding_subject(f, SUBJECT_HOST, node);
	refusal_evidence(f, a);
	finding_evidence(f, &t->rep, "%s was taken at once", t->ticket.sname);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-prefixless-target",
	"service-refused-ticket",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
	    "RemoteRegistry\\Parameters /v DontUseSecureNPForRemote "
	    "/t REG_DWORD /d 1",
	    "on the node, only to be rid of event ID 4" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"Microsoft KB 913327",
	"RFC 4120 7.5.9 (41)",
	NULL,
};

const struct rule rule_cluster_prefixless_benign = {
	.id = "cluster-prefixless-benign",
	.title = "{host} reaches its own virtual server {spn}: harmless",
	.impact = IMPACT_REMARK,
	.mild = IMPACT_REMARK,
	.about = "cluster",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The node {host} asked for its own virtual server {spn} without "
	       "a service class and refused the ticket itself (41). The retry "
	       "with cifs/ worked. Windows 2003 SP2 does this for the remote "
	       "registry; event ID 4 with this name can be ignored.",
	.not_this = "A client that is not the node, or no retry that works: "
		    "spn-prefixless-target.",
	.decide = "is {host|the client} the owner of the virtual server: "
		  "cluster group /status, Get-ClusterGroup",
	.verify = "Nothing has to change: the retry with cifs/ goes on "
		  "being accepted.",
	.fix = fix,
	.see = see,
};
