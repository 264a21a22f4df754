/*
 * key-keytab-missing-enctype - the server's keytab holds the version of the
 * key, but not in the encryption type of the ticket: it was exported with RC4
 * alone, or before the account learnt AES.  Since the KDCs of 2026 make AES
 * tickets for accounts that used to get RC4, this breaks without any change on
 * the server, and without an error of the KDC.
 *
 * The keytab proves it.  Without one a ticket of the same version that the
 * server took in another type is a sign; where the refused one is AES, so is a
 * wrong salt (RC4 has none), and only MIT's 44 tells them apart: it means that
 * no such key is there.
 *
 * Not this: an older version (key-stale-service-keytab), a key that is there
 * and does not fit (key-salt-mismatch), a server that by policy takes no such
 * type though it has the key.
 */
#include "refusal.h"
#include "rule.h"

/* The server took this very version in another encryption type. */
static bool
took_other_type(const struct refused_ticket *r)
{
	const struct tally *t;

	if (r->here == NULL || r->here->taken.count == 0)
		return false;
	t = &r->here->taken;
	return r->a->ticket.kvno != EV_ABSENT &&
	    t->kvno_last == r->a->ticket.kvno && t->etype_last > 0 &&
	    t->etype_last != r->a->ticket.etype;
}

static void
name_types(const struct refused_ticket *r, int64_t has, struct finding *f)
{
	char a[NAME_TEXT], b[NAME_TEXT];

	finding_param(f, "etype",
	    name_or(etype_name(r->a->ticket.etype), r->a->ticket.etype, a));
	if (has > 0)
		finding_param(f, "has_etype", name_or(etype_name(has), has, b));
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_ticket r;

	if (!refusal_ticket(s, l, &r))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (refusal_proves(f, l, &r, PROVEN_NO_ETYPE)) {
		name_types(&r, r.key->etype, f);
		return VERDICT_FIRED;
	}
	if (r.proof != PROVEN_NOTHING || r.healed || r.alternates ||
	    r.place != REFUSAL_UNDECIDED || !took_other_type(&r))
		return VERDICT_CLEAR;
	f->certainty = r.a->error == KRB_AP_ERR_BADKEYVER ? CERTAINTY_LIKELY :
							    CERTAINTY_POSSIBLE;
	refusal_subject(f, &r);
	finding_paramf(f, "kvno", "%lld", (long long)r.a->ticket.kvno);
	name_types(&r, r.here->taken.etype_last, f);
	f->rests_on |= EVIDENCE_COMPARE;
	refusal_taken(f, r.here);
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
	{ "windows",
	    "ktpass /crypto All /princ {spn}@{realm|REALM} /mapuser "
	    "{owner_account|ACCOUNT} /out new.keytab",
	    "it sets a new password: the keytab has to be replaced at once" },
	{ "samba", "net ads keytab create", "on the member" },
	{ "unix",
	    "ktutil: addent -password -p {spn}@{realm|REALM} -k {kvno|N} "
	    "-e {etype|aes256-cts-hmac-sha1-96} -f",
	    "-f asks the KDC for the salt; a computer: msktutil "
	    "--auto-update" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.1.3, 7.5.9",
	"MS-KILE 2.2.7",
	"KB5073381",
	"MIT krb5: keytab definition",
	NULL,
};

const struct rule rule_key_keytab_missing_enctype = {
	.id = "key-keytab-missing-enctype",
	.title = "{server}: no key of {spn} in the ticket's encryption type",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "key",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The ticket for {spn} is encrypted with {etype|one type}. Of "
	       "that key version, {kvno|N}, the server has "
	       "{has_etype|another type} only.",
	.not_this = "An older key version. A key of that type which does not "
		    "fit: another salt or password. A policy of the server "
		    "that forbids the type.",
	.decide = "the encryption types of version {kvno|N} in the server's "
		  "keytab: klist -kte there; or give that keytab (--keytab)",
	.verify = "A ticket for {spn} in {etype|that type} that {server} "
		  "takes.",
	.fix = fix,
	.see = see,
};
