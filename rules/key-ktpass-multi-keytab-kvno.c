/*
 * key-ktpass-multi-keytab-kvno - one account, several names, a keytab for each:
 * every export set a new password (ktpass does unless it is told the old one,
 * kadmin's ktadd as well), so that only the last keytab works.
 *
 * Proven by the keytabs: the key of another name opens the ticket, so that
 * both names are of one account, and the entry of the name asked is a few
 * versions behind.
 *
 * Not this: one keytab alone is behind (key-stale-service-keytab), the names
 * are of accounts of their own, the same for SMB and NFS, where what changes
 * the password is the other service itself (key-shared-account-smb-nfs).
 */
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "rule.h"

static bool
is_nfs(const char *name)
{
	return strncasecmp(name, "nfs/", 4) == 0;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;
	const struct key_trial *k;
	const char *name;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	k = r.key;
	if (r.proof != PROVEN_ROLLED ||
	    is_nfs(k->principal) != is_nfs(r.a->ticket.sname) ||
	    !refusal_proves(f, l, &r, PROVEN_ROLLED))
		return VERDICT_CLEAR;
	name = finding_text(f, "%.*s", (int)strcspn(k->principal, "@"),
	    k->principal);
	finding_param(f, "other", name);
	finding_paramf(f, "had", "%lld", (long long)k->asked_kvno);
	finding_lookup(f, k->asked_source,
	    "the entry of %s has version %lld: it was made before",
	    r.a->ticket.sname, (long long)k->asked_kvno);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "ktpass /princ {spn}@{realm|REALM} /mapuser "
	    "{owner_account|ACCOUNT} /pass * -setpass -setupn "
	    "/crypto All /out new.keytab",
	    "the present password is asked for and stays" },
	{ "samba",
	    "samba-tool domain exportkeytab all.keytab "
	    "--principal={spn}",
	    "reads the present key; once for each name, into one file" },
	{ "unix", "ktutil: rkt {file|new.keytab}; wkt all.keytab",
	    "one file with all names, made after the last new password; MIT's "
	    "kadmin: ktadd -norandkey" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 5.2.9",
	"Microsoft: ktpass",
	"MIT krb5: ktutil, kadmin",
	NULL,
};

const struct rule rule_key_ktpass_multi_keytab_kvno = {
	.id = "key-ktpass-multi-keytab-kvno",
	.title = "The keytab for {other|another name} made that for {spn} old",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_KEYTAB,
	.check = check,
	.explains = explains,
	.why = "{spn} and {other|another name} are of one account: the key of "
	       "the latter, version {kvno|N}, opens the ticket. The keytab for "
	       "{spn} has version {had|of before}: the later export set a new "
	       "password.",
	.not_this = "One keytab alone that is behind. SMB and NFS on one "
		    "account, where the other service changes the password. "
		    "Version 0 (ktpass -kvno 0) hides the number, and cures "
		    "nothing.",
	.decide = "the versions in the keytabs of all names of the account: "
		  "klist -kte; or give them (--keytab, several)",
	.verify = "Tickets for {spn} and for {other|the other name} that their "
		  "servers take.",
	.fix = fix,
	.see = see,
};
