/*
 * key-keytab-missing-principal - the ticket is for a name that the server's
 * keytab does not have: an alias, another class (HTTP where there is host),
 * the other realm of the machine.
 *
 * An acceptor that goes by names says so.  MIT: 35 (NOT_US) when no entry has
 * the name in the ticket, and when the program was told to be another; 45
 * (NOKEY) when there is no entry for the name that the program was told to
 * be.  Windows and Samba try the key of the account whatever the name, and
 * never say either; nor does an acceptor with GSS_C_NO_CREDENTIAL that has
 * the key under another name.
 *
 * Proven by a keytab that is this server's (it opens another ticket that the
 * server takes, or is for its host) and has no entry of the name, or opens
 * the ticket by an entry of another name.
 *
 * Not this: the name is there in another version or encryption type, the
 * client came to a machine that was not meant.
 */
#include "refusal.h"
#include "rule.h"

static bool
goes_by_names(const struct attempt *a)
{
	return a->error == KRB_AP_ERR_NOT_US || a->error == KRB_AP_ERR_NOKEY;
}

/* Of which name the keytab at hand is. */
static void
name_entry(const struct refused_ticket *r, struct finding *f)
{
	const char *other = r->key == NULL     ? NULL :
	    r->key->result == KEY_NO_PRINCIPAL ? r->key->others :
						 r->key->principal;

	if (other == NULL)
		return;
	finding_param(f, "other", other);
	finding_paramf(f, "holds", " It has keys of other names, such as %s.",
	    other);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_NO_PRINCIPAL)) {
		name_entry(&r, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING || !goes_by_names(r.a) || r.key_fine ||
	    r.healed || r.alternates ||
	    (r.place != REFUSAL_UNDECIDED && r.place != REFUSAL_ACCOUNT))
		return VERDICT_CLEAR;
	/* An entry of the very name speaks against it. */
	f->certainty = r.key != NULL && r.key->result != KEY_NO_PRINCIPAL ?
	    CERTAINTY_POSSIBLE :
	    CERTAINTY_LIKELY;
	refusal_subject(f, &r);
	f->missing = EVIDENCE_KEYTAB;
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
	{ "unix",
	    "ktutil: addent -password -p {spn}@{realm|REALM} -k {kvno|N} "
	    "-e aes256-cts-hmac-sha1-96 -f",
	    "a computer: msktutil --auto-update --service {spn}; MIT's kadmin: "
	    "ktadd -norandkey" },
	{ "unix", "ignore_acceptor_hostname = true",
	    "krb5.conf [libdefaults], when the key is there under another "
	    "name; sshd: GSSAPIStrictAcceptorCheck no" },
	{ "samba", "net ads keytab add {spn}", NULL },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9",
	"MIT krb5: host names and keytab selection",
	NULL,
};

const struct rule rule_key_keytab_missing_principal = {
	.id = "key-keytab-missing-principal",
	.title = "The keytab of {server} has no key for {spn}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The client got a ticket for {spn} and shows it to a service "
	       "that looks for a key of this very name in its "
	       "keytab.{holds|}",
	.not_this = "The name is there in another version or encryption type. "
		    "The client reached a machine that it did not mean. "
		    "Windows and Samba do not go by the name.",
	.decide = "the names in the server's keytab: klist -kte there; or "
		  "give that keytab (--keytab)",
	.verify = "A ticket for {spn} that {server} takes.",
	.fix = fix,
	.see = see,
};
