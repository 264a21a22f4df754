/*
 * key-shared-account-smb-nfs - SMB and NFS of a server are one account: what
 * writes the keytab of one sets a new password, and the other is left with the
 * old key.  NetApp makes an account of its own for NFS for that reason.
 *
 * The directory shows that one account has both names, the KDC's tickets for
 * the other protocol that it is in use.  Then a server that is behind with the
 * key says the rest: by its keytab, or because it took the version before.
 * Keytabs of both protocols need no directory: the key of one opens the ticket
 * for the other.
 *
 * Not this: two accounts, a rotation that both keytabs follow, names of both
 * protocols on an account of which only one is ever asked for, several names
 * of one protocol (key-ktpass-multi-keytab-kvno).
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

/* The protocols that compete for a computer's account. */
static bool
is_either(const char *name)
{
	return is_nfs(name) || strncasecmp(name, "cifs/", 5) == 0 ||
	    strncasecmp(name, "host/", 5) == 0;
}

/* A name of A's for the other protocol than NAME's, with tickets issued. */
static const struct spn_fact *
other_name(const struct ledger *l, const struct dir_account *a,
    const char *name, const char *realm)
{
	const char *const *spn;
	const struct spn_fact *f;

	for (spn = a->spns; *spn != NULL; spn++) {
		if (!is_either(*spn) || is_nfs(*spn) == is_nfs(name))
			continue;
		f = ledger_spn(l, *spn, realm);
		if (f != NULL && f->issued.count > 0)
			return f;
	}
	return NULL;
}

static void
name_other(struct finding *f, const char *name, const char *own)
{
	finding_param(f, "other",
	    finding_text(f, "%.*s", (int)strcspn(name, "@"), name));
	finding_param(f, "protocol", is_nfs(own) ? "SMB" : "NFS");
	finding_param(f, "mine", is_nfs(own) ? "NFS" : "SMB");
}

/* By keytabs of both: the key of one opens the ticket for the other. */
static bool
by_keytabs(struct finding *f, const struct ledger *l,
    const struct refused_ticket *r)
{
	const struct key_trial *k = r->key;

	if (r->proof != PROVEN_ROLLED || !is_either(k->principal) ||
	    !is_either(r->a->ticket.sname) ||
	    is_nfs(k->principal) == is_nfs(r->a->ticket.sname) ||
	    !refusal_proves(f, l, r, PROVEN_ROLLED))
		return false;
	name_other(f, k->principal, r->a->ticket.sname);
	finding_lookup(f, k->asked_source,
	    "the entry of %s has version %lld: it was made before",
	    r->a->ticket.sname, (long long)k->asked_kvno);
	return true;
}

/* By the directory, and a server that has an older key. */
static bool
by_directory(struct finding *f, const struct ledger *l,
    const struct refused_ticket *r)
{
	const struct attempt *a = r->a;
	const struct spn_fact *other;

	if (r->owner == NULL || !is_either(a->ticket.sname) || r->healed ||
	    r->elsewhere != NULL || r->alternates)
		return false;
	other = other_name(l, r->owner, a->ticket.sname, a->ticket.realm);
	if (other == NULL || other->issued.kvno_last != a->ticket.kvno)
		return false;
	if (!refusal_proves(f, l, r, PROVEN_STALE_KEY)) {
		if (r->proof != PROVEN_NOTHING || !r->risen || r->key_fine)
			return false;
		f->certainty = CERTAINTY_LIKELY;
		refusal_subject(f, r);
		refusal_taken(f, r->here);
		finding_account(f, r->owner, "%s has both names",
		    r->owner->name);
		finding_paramf(f, "kvno", "%lld", (long long)a->ticket.kvno);
		f->missing = EVIDENCE_KEYTAB;
	}
	name_other(f, other->spn, a->ticket.sname);
	finding_evidence(f, &other->issued.last,
	    "the KDC gives tickets for %s with the same key version",
	    other->spn);
	f->rests_on |= EVIDENCE_DIRECTORY;
	return true;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (by_keytabs(f, l, &r) || by_directory(f, l, &r)) {
		if (r.owner != NULL)
			finding_param(f, "who", refusal_sam(f, r.owner));
		return VERDICT_FIRED;
	}
	return VERDICT_CLEAR;
}

static const char *const explains[] = {
	"key-stale-service-keytab",
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "New-ADComputer NFS-NAME; setspn -D {other|nfs/HOST} "
	    "{who|ACCOUNT}; setspn -S {other|nfs/HOST} NFS-NAME$",
	    "an account of its own for one of the two, then its keytab anew" },
	{ "unix", "msktutil --auto-update",
	    "or one agent that writes the keytabs of both after each new "
	    "password" },
	{ "samba", "net ads keytab create",
	    "winbind as the one that changes the password; NFS reads the "
	    "system keytab" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 5.2.9",
	"Azure NetApp Files: Kerberos, machine accounts",
	NULL,
};

const struct rule rule_key_shared_account_smb_nfs = {
	.id = "key-shared-account-smb-nfs",
	.title = "SMB and NFS share {who|an account}; {mine|one of them} has "
		 "its old key",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "{spn} and {other|the other service's name} are of one account. "
	       "Its password was changed, the KDC makes tickets for both with "
	       "key version {kvno|N}; {server} still has the key before.",
	.not_this = "Accounts of their own. A rotation that both keytabs "
		    "follow. Several names of one protocol.",
	.decide = "who has {spn} and nfs/ of that host: setspn -Q; and the "
		  "versions in both keytabs (--ldif, --keytab)",
	.verify = "After the next change of password, tickets for {spn} and "
		  "for {other|nfs/HOST} that are taken.",
	.fix = fix,
	.see = see,
};
