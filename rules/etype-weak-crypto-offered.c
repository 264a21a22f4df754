/*
 * etype-weak-crypto-offered - DES, 3DES or RC4 in use: a service's ticket or
 * the session key inside it (which the authenticator's enctype shows) is
 * weak.  Whoever takes such a ticket home can try passwords on it.
 *
 * The client's own list says whose fault it is: with AES in it the service's
 * account has no AES key or is set to RC4; without, it is the client's.  One
 * finding a service or a client, not one a log-on.  It is never a failure.
 *
 * Not this: RC4 in a client's list (offering is not using), a ticket of a
 * realm for another realm or for the KDC itself (a trust's key, krbtgt's), a
 * number that is not known.
 */
#include <string.h>
#include <strings.h>

#include "etype.h"
#include "rule.h"

struct use {
	const char *sname, *realm;
	const struct ref *ref;
	int64_t ticket, session;  /* EV_ABSENT when not seen */
	const struct exchange *e; /* that issued it, or NULL */
};

/*
 * Keys of the realm and not of a service: krbtgt's, a trust's, and kadmin's,
 * which has krbtgt's in Active Directory.
 */
static bool
is_realms_own(const char *sname)
{
	return strncasecmp(sname, "krbtgt", 6) == 0 ||
	    strncasecmp(sname, "kadmin/", 7) == 0;
}

/* Without the realm that S4U2Self puts behind an account's name. */
static const char *
plain_name(struct finding *f, const char *sname)
{
	if (strchr(sname, '/') != NULL)
		return sname;
	return finding_text(f, "%.*s", (int)strcspn(sname, "\\@"), sname);
}

static const struct exchange *
issuer(const struct story *s, const struct attempt *a)
{
	const struct exchange *e;

	for (e = s->exchanges; e < s->exchanges + s->nexchanges; e++)
		if (e->kind == EXCHANGE_TGS && e->answer == ANSWER_OK &&
		    a->issued_here &&
		    memcmp(e->issued.digest, a->ticket.digest, DIGEST_LEN) == 0)
			return e;
	return NULL;
}

/* A weak ticket that was shown to a service. */
static bool
find_shown(const struct story *s, struct use *u)
{
	const struct attempt *a;

	for (a = s->attempts; a < s->attempts + s->nattempts; a++) {
		if (a->mech != MECH_KRB5 || a->u2u || a->ticket.sname == NULL ||
		    is_realms_own(a->ticket.sname) ||
		    (!etype_is_weak(a->ticket.etype) &&
			!etype_is_weak(a->auth_etype)))
			continue;
		*u = (struct use){ a->ticket.sname, a->ticket.realm, &a->req,
			a->ticket.etype, a->auth_etype, issuer(s, a) };
		return true;
	}
	return false;
}

/* A weak ticket that was issued. */
static bool
find_issued(const struct story *s, struct use *u)
{
	const struct exchange *e;

	for (e = s->exchanges; e < s->exchanges + s->nexchanges; e++) {
		if (e->kind != EXCHANGE_TGS || e->answer != ANSWER_OK ||
		    e->u2u || e->issued.sname == NULL ||
		    is_realms_own(e->issued.sname) ||
		    !etype_is_weak(e->issued.etype))
			continue;
		*u = (struct use){ e->issued.sname, e->issued.realm, &e->rep,
			e->issued.etype, EV_ABSENT, e };
		return true;
	}
	return false;
}

/* "the ticket is rc4-hmac", "... and its session key are rc4-hmac". */
static void
say_what(const struct use *u, struct finding *f)
{
	bool ticket = etype_is_weak(u->ticket);
	bool session = etype_is_weak(u->session);

	finding_param(f, "etype", etype_name(ticket ? u->ticket : u->session));
	finding_param(f, "part",
	    !ticket     ? "the session key of tickets" :
		session ? "tickets and their session keys" :
			  "tickets");
}

static void
blame_service(const struct ledger *l, const struct use *u, struct finding *f)
{
	const struct spn_fact *spn = u->realm == NULL ?
	    NULL :
	    ledger_spn(l, u->sname, u->realm);

	finding_subject(f, SUBJECT_SPN, plain_name(f, u->sname));
	finding_subject(f, SUBJECT_REALM, u->realm);
	if (u->e == NULL)
		finding_param(f, "reason",
		    "The ticket is from before the capture: whether the "
		    "client offered AES is not known.");
	else if (!etype_is_weak(u->ticket))
		finding_param(f, "reason",
		    "The client offers AES and the account has it; its server "
		    "is listed as one that knows no AES session key.");
	else if (spn != NULL && spn->aes.count > 0) {
		f->rests_on |= EVIDENCE_COMPARE;
		finding_param(f, "reason",
		    "The client offers AES, and other tickets for it are AES: "
		    "its account was changed, or KDCs differ.");
		finding_evidence(f, &spn->aes.last,
		    "another ticket for it was AES");
	} else
		finding_param(f, "reason",
		    "The client offers AES: the account of the service has no "
		    "AES key (its password is older), or is set to RC4.");
}

static void
blame_client(const struct story *s, struct finding *f)
{
	char at[ADDR_TEXT];

	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "reason",
	    "The client at %s offers no AES: whatever the services have, it "
	    "gets no better.",
	    addr_text(&s->client, at));
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct etype_kinds k;
	struct use u;

	if (!find_shown(s, &u) && !find_issued(s, &u))
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL ||
		    story_issued(s, EXCHANGE_TGS) != NULL);
	f->certainty = CERTAINTY_LIKELY;
	f->rests_on = u.e != NULL ? EVIDENCE_KDC : EVIDENCE_SERVICE;
	finding_evidence(f, u.ref, "a ticket for %s: %s", u.sname,
	    etype_name(etype_is_weak(u.ticket) ? u.ticket : u.session));
	finding_param(f, "service", u.sname);
	say_what(&u, f);
	k = u.e == NULL ? (struct etype_kinds){ 0 } :
			  etype_kinds_of(u.e->etypes, u.e->netypes);
	if (k.known)
		finding_evidence(f, &u.e->req, "the client offers %s",
		    etype_text(f, u.e->etypes, u.e->netypes));
	if (k.known && !k.aes && !k.sha2)
		blame_client(s, f);
	else
		blame_service(l, &u, f);
	f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "setspn -Q {spn|SPN}",
	    "a service's owner: Set-ADUser OWNER -KerberosEncryptionType "
	    "AES128,AES256, then a new password; a client: the policy "
	    "\"Configure encryption types allowed for Kerberos\"" },
	{ "samba", "net ads enctypes set {owner|ACCOUNT$} 24",
	    "then net ads changetrustpw on the server" },
	{ "unix", "grep -r -e enctypes -e allow_ /etc/krb5.conf*",
	    "drop allow_weak_crypto, allow_rc4, allow_des3 and lists without "
	    "aes256-cts; a new keytab" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 6649, RFC 8429",
	"MS-KILE 2.2.7",
	"Microsoft: Detect and remediate RC4 usage in Kerberos",
	NULL,
};

const struct rule rule_etype_weak_crypto_offered = {
	.id = "etype-weak-crypto-offered",
	.title = "{etype|Weak encryption} in {part|tickets} "
		 "for {spn|services}",
	.impact = IMPACT_WEAKENS,
	.mild = IMPACT_WEAKENS,
	.about = "enctype",
	.needs = 0,
	.mended = MENDED_CLEAR,
	.check = check,
	.why = "{etype|A weak type} protects {part|tickets} for "
	       "{service|services}: who has them can try passwords or keys at "
	       "leisure. {reason|}",
	.not_this = "RC4 at the end of a client's list: offering is not using. "
		    "A trust's own key. An AES session key inside an RC4 "
		    "ticket, or the other way round, is by design: each side "
		    "is judged by itself.",
	.decide = "Get-ADObject -LDAPFilter "
		  "'(servicePrincipalName={spn|SPN})' -Properties "
		  "msDS-SupportedEncryptionTypes,pwdLastSet; the client's list",
	.verify = "Tickets for {service|the services}, and the sessions in "
		  "them, have AES: none has {etype|the weak type}.",
	.fix = fix,
	.see = see,
};
