/*
 * spn-dfs-target-name - a DFS path leads to a server under a name for which
 * there is no service: the referral names target T, the client asks for
 * cifs/T, the KDC does not know it (7).  T is an alias, a short name of
 * another domain, or a server that was renamed or is gone.  By its own name
 * the server would be reached with Kerberos.
 *
 * The referral is readable unless SMB encryption is on (MS-DFSC 2.2.4).
 *
 * Not this: the first ticket for cifs/DOMAIN or for the namespace's own
 * server; a target whose name is known, which is refused for another reason;
 * a name that the directory has on two accounts.
 */
#include <string.h>

#include "refusal.h"
#include "rule.h"

static const struct name_fact *
referred(const struct ledger *l, const struct refused_name *n)
{
	const struct name_fact *name;

	if (!refusal_text_is(n->spn.class, "cifs") || n->is_domain)
		return NULL;
	name = ledger_name(l, n->host);
	return name == NULL || name->dfs == NULL ||
		name->dfs_ref.time > n->e->rep.time ?
	    NULL :
	    name;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct name_fact *name;
	struct refused_name n;

	if (!refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, &n))
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL);
	name = referred(l, &n);
	if (name == NULL || n.held.n > 0 || n.known)
		return VERDICT_CLEAR;
	f->certainty = CERTAINTY_LIKELY;
	if (n.held.what == HELD_BY_NONE)
		f->certainty = CERTAINTY_PROVEN;
	refusal_name_subject(f, s, &n);
	f->rests_on |= EVIDENCE_SERVICE;
	finding_param(f, "path", name->dfs);
	if (n.own != NULL) {
		f->rests_on |= EVIDENCE_DNS;
		finding_param(f, "own", n.own->name);
	}
	finding_evidence(f, &name->dfs_ref, "DFS: %s leads to %s",
	    name->dfs[0] != '\0' ? name->dfs : "a path", n.host);
	if (n.own != NULL)
		finding_evidence(f, &n.own->ref, "that machine is %s",
		    n.own->name);
	refusal_cite_none(f, l, &n.held);
	if (n.held.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"spn-missing",
	"dns-a-record-alias-no-spn",
	"dns-cname-alias-client-uses-alias",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "Get-DfsnFolderTarget -Path '{path|PATH}'",
	    "give the target the server's full name "
	    "({own|see nslookup}); for the namespace itself "
	    "Set-DfsnServerConfiguration -UseFqdn $true" },
	{ "windows", "setspn -S {spn} {owner|SERVER$}",
	    "if the alias is to stay" },
	{ "samba", "ln -sfn 'msdfs:{own|SERVER}\\SHARE' LINK",
	    "in the share with msdfs root = yes" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"MS-DFSC 2.2.4",
	"RFC 4120 7.5.9 (7)",
	"Microsoft: DFS namespaces and fully qualified names",
	NULL,
};

const struct rule rule_spn_dfs_target_name = {
	.id = "spn-dfs-target-name",
	.title = "A DFS path leads to {host}, which no account knows",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC | EVIDENCE_SERVICE,
	.mended = MENDED_NAME,
	.check = check,
	.explains = explains,
	.why = "The DFS path {path|that the client follows} leads to {host}, "
	       "and the client asks for {spn}: the KDC of {realm} knows no "
	       "such service. The target needs a name that its server's "
	       "account has.",
	.not_this = "The ticket for the namespace itself. A target whose name "
		    "is known and whose ticket is refused.",
	.decide = "setspn -Q {spn}: none?",
	.verify = "The referral names a server for which the client gets a "
		  "ticket.",
	.fix = fix,
	.see = see,
};
