/*
 * etype-session-key-mismatch - the service could open the ticket, but does not
 * take the encryption type of the session key in it: an RC4-only appliance that
 * is given AES session keys (since November 2022 domain controllers put AES
 * ones into RC4 tickets, MS-KILE 3.3.5.4, bit 0x20), a server without RC4 and
 * a client that asks for nothing else (MIT 1.21, Windows after 2026).
 *
 * The type of the authenticator is that of the session key, in clear.  That it
 * differs from the ticket's is normal.  What decides is that the same key of
 * the service was taken with a session of another type, and none of this one,
 * or that its keytab opens the ticket.  A service may say 14; MIT's acceptor
 * has no code for it and says 60 (KRB_ERR_GENERIC).
 *
 * Not this: a key that does not open the ticket, 14 of a KDC
 * (etype-client-no-overlap), a user whom the service refuses without a word.
 */
#include "etype.h"
#include "refusal.h"
#include "rule.h"

static const struct fix fix[] = {
	{ "windows",
	    "Set-ADComputer {sam|SERVER} -KerberosEncryptionType "
	    "AES128,AES256",
	    "teach the server AES; one that cannot: "
	    "msDS-SupportedEncryptionTypes without bit 0x20" },
	{ "unix", "grep -r permitted_enctypes /etc/krb5.conf*",
	    "on {server}: it has to permit {session}, or leave the line out" },
	{ "unix",
	    "kadmin: setstr {spn|SERVICE} session_enctypes "
	    "{etype|aes256-cts-hmac-sha1-96}",
	    "MIT's KDC: what session keys for it may be" },
	{ NULL, NULL, NULL },
};

/* A weak session key comes of what the client asks for. */
static const struct fix fix_client[] = {
	{ "windows", "gpresult /r",
	    "on the client: the policy \"Configure encryption types allowed "
	    "for Kerberos\" has to have AES" },
	{ "unix",
	    "grep -r -e permitted_enctypes -e default_tgs_enctypes "
	    "/etc/krb5.conf*",
	    "on the client: with aes256-cts-hmac-sha1-96, or no such "
	    "line" },
	{ NULL, NULL, NULL },
};

static const struct attempt *
refused(const struct story *s)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++) {
		if (a->mech != MECH_KRB5 || a->answer != ANSWER_ERROR ||
		    a->u2u || a->ticket.sname == NULL || a->auth_etype <= 0 ||
		    a->auth_etype >= 64 || a->ticket.etype == a->auth_etype)
			continue;
		if (a->error == KDC_ERR_ETYPE_NOSUPP ||
		    a->error == KRB_ERR_GENERIC ||
		    a->error == KRB_AP_ERR_BAD_INTEGRITY ||
		    a->error == KRB_AP_ERR_MODIFIED)
			return a;
	}
	return NULL;
}

/* What its server is seen to take. */
struct taken {
	const struct service *same; /* this name, by this very key */
	uint64_t sessions;          /* types of session keys, of any name */
};

static struct taken
what_it_takes(const struct ledger *l, const struct attempt *a)
{
	struct taken t = { 0 };
	const struct service *sv;

	for (size_t i = 0; i < 64; i++) {
		sv = ledger_service_at(l, &a->server, i);
		if (sv == NULL)
			break;
		t.sessions |= sv->sessions;
		if (sv->taken.count > 0 &&
		    spn_equal(sv->spn, a->ticket.sname) &&
		    sv->taken.kvno_last == a->ticket.kvno &&
		    sv->taken.etype_last == a->ticket.etype)
			t.same = sv;
	}
	return t;
}

/* Whether a key at hand opens the ticket and the authenticator beside it. */
static const struct key_trial *
opens(const struct ledger *l, const struct attempt *a)
{
	const struct key_trial *k = ledger_key_trial(l, a->ticket.digest);
	const struct auth_fact *auth = ledger_authenticator(l, &a->req);

	if (k == NULL || k->result != KEY_OPENS || k->by_password ||
	    auth == NULL || auth->failed)
		return NULL;
	return k;
}

static enum certainty
how_sure(const struct attempt *a, const struct taken *t,
    const struct key_trial *k)
{
	uint64_t mine = UINT64_C(1) << a->auth_etype;

	if ((t->same == NULL && k == NULL) || (t->sessions & mine) != 0)
		return CERTAINTY_NONE;
	if (a->error == KDC_ERR_ETYPE_NOSUPP)
		return k != NULL ? CERTAINTY_PROVEN : CERTAINTY_LIKELY;
	return t->same != NULL && t->sessions != 0 ? CERTAINTY_LIKELY :
						     CERTAINTY_POSSIBLE;
}

static void
describe(const struct attempt *a, const struct taken *t,
    const struct key_trial *k, struct finding *f)
{
	char buf[NAME_TEXT];

	finding_subject(f, SUBJECT_SPN, a->ticket.sname);
	finding_subject(f, SUBJECT_REALM, a->ticket.realm);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	refusal_evidence(f, a);
	if (etype_is_weak(a->auth_etype))
		f->fix = fix_client;
	finding_param(f, "session",
	    name_or(etype_name(a->auth_etype), a->auth_etype, buf));
	finding_param(f, "etype",
	    name_or(etype_name(a->ticket.etype), a->ticket.etype, buf));
	if (t->same != NULL) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_evidence(f, &t->same->taken.last,
		    "it took %s by the same key, with a session key of "
		    "another type",
		    t->same->spn);
	}
	if (k != NULL) {
		f->rests_on |= EVIDENCE_KEYTAB;
		finding_lookup(f, k->source, "this key opens the ticket");
	} else {
		f->missing = EVIDENCE_KEYTAB;
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = refused(s);
	const struct key_trial *k;
	struct taken t;

	if (a == NULL || refusal_recovered(s, a))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	k = opens(l, a);
	t = what_it_takes(l, a);
	f->certainty = how_sure(a, &t, k);
	if (f->certainty == CERTAINTY_NONE)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_SERVICE;
	describe(a, &t, k, f);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const char *const see[] = {
	"RFC 4120 3.1.3",
	"MS-KILE 2.2.7",
	"KB5021131",
	"MIT krb5: encryption types",
	NULL,
};

const struct rule rule_etype_session_key_mismatch = {
	.id = "etype-session-key-mismatch",
	.title = "{server} takes no {session} session keys",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "enctype",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The ticket for {spn} is fine; the session key in it is of type "
	       "{session}, which the service does not take, though the ticket "
	       "itself is {etype}.",
	.not_this = "The types of ticket and session key often differ. A key "
		    "that does not open the ticket. A KDC that finds no type "
		    "in common (14): then there is no ticket at all.",
	.decide = "permitted_enctypes on the server, what the client asks for "
		  "(klist -e), and the service's keytab (--keytab)",
	.verify = "An AP-REQ for {spn} with an authenticator of another type "
		  "than {session} that {server} takes.",
	.fix = fix,
	.see = see,
};
