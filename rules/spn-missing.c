/*
 * spn-missing - the KDC of the realm that owns the host does not know the
 * service's name: KDC_ERR_S_PRINCIPAL_UNKNOWN (7).
 *
 * The same code says "more than one account" (Samba always, Windows mostly),
 * which only the directory tells apart: spn-duplicate is its rival without
 * it.  With it, this is proven when no account has the name, and is not the
 * cause when any has, also one that is disabled or of another domain.
 *
 * Not this: another form of the name that is granted within the story (MIT
 * dns_canonicalize_hostname=fallback), DNS/<public name server> of a Windows
 * dynamic update, names without a class, S4U2Self and user-to-user.  A name
 * outside the realm's DNS suffix, an address, or a name for which tickets
 * are presented all the same (replication) is no more than possible; nor is
 * one that a PTR record gave the client (dns-ptr-wrong-rdns), unless the
 * machine there has that name.
 */
#include "refusal.h"
#include "rule.h"

static bool
find(const struct story *s, const struct ledger *l, struct finding *f,
    struct refused_name *n)
{
	if (refusal_name(s, l, KDC_ERR_S_PRINCIPAL_UNKNOWN, n)) {
		f->certainty = n->owned && !n->known &&
			(n->reverse.meant == NULL || n->reverse.right) ?
		    CERTAINTY_LIKELY :
		    CERTAINTY_POSSIBLE;
		if (refusal_is_absent(l, n))
			f->certainty = CERTAINTY_PROVEN;
		return true;
	}
	f->certainty = CERTAINTY_POSSIBLE;
	return refusal_name(s, l, KDC_ERR_PRINCIPAL_NOT_UNIQUE, n);
}

/* The domain's own name: an SPN of it would hurt all of its DCs. */
static void
say_domain(struct finding *f)
{
	static const struct fix by_name[] = {
		{ "windows", "nltest /dclist:{realm}",
		    "connect to one of these by its own name; register "
		    "nothing" },
		{ "unix", "host -t SRV _ldap._tcp.dc._msdcs.{realm}",
		    "the same" },
		{ NULL, NULL, NULL },
	};

	f->fix = by_name;
	finding_param(f, "place",
	    "It is the domain's own name, which all of its domain controllers "
	    "have, and no one of them can hold it: register nothing, and "
	    "connect to one of them by its own name.");
}

/* It is there for the host's short name, or for its full one. */
static void
say_form(const struct refused_name *n, struct finding *f)
{
	const char *account, *form = refusal_near_form(f, n, true, &account);

	if (form == NULL)
		return;
	finding_param(f, "owner", account);
	finding_paramf(f, "place",
	    "%s has %s alone: clients need the short and the full name of the "
	    "host.",
	    account, form);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	struct refused_name n;

	if (!find(s, l, f, &n)) {
		f->certainty = CERTAINTY_NONE;
		return verdict_clear_if(story_issued(s, EXCHANGE_TGS) != NULL ||
		    story_kdc_error(s, KDC_ERR_S_PRINCIPAL_UNKNOWN) != NULL);
	}
	if (n.held.n > 0) {
		f->certainty = CERTAINTY_NONE;
		return VERDICT_CLEAR;
	}
	if (!n.is_domain)
		say_form(&n, f);
	refusal_name_subject(f, s, &n);
	refusal_cite_none(f, l, &n.held);
	if (n.reverse.meant != NULL) {
		f->rests_on |= EVIDENCE_DNS;
		finding_evidence(f, &n.reverse.ptr->reply, "reverse DNS: %s",
		    n.reverse.ptr->ptr);
		finding_paramf(f, "reverse",
		    " The client meant %s and has this name from reverse DNS: "
		    "if it is not the machine's own, mend the PTR record or "
		    "set rdns = false.",
		    n.reverse.meant->name);
	}
	if (n.is_domain)
		say_domain(f);
	if (n.held.what == HELD_UNKNOWN)
		f->missing = EVIDENCE_DIRECTORY;
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"nego-ntlm-by-ip",
	"nego-client-never-asked",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "setspn -S {spn} {owner|ACCOUNT}",
	    "the account that the service runs as" },
	{ "samba", "samba-tool spn add {spn} {owner|ACCOUNT}", NULL },
	{ "unix", "kadmin addprinc -randkey {spn}",
	    "MIT realm; then ktadd on the server" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.3.3, 7.5.9 (7)",
	"MS-ADTS 3.1.1.5.3.1.1.4",
	"Microsoft: KDC_ERR_S_PRINCIPAL_UNKNOWN",
	NULL,
};

const struct rule rule_spn_missing = {
	.id = "spn-missing",
	.title = "No account holds {spn}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "SPN",
	.needs = EVIDENCE_KDC,
	.check = check,
	.explains = explains,
	.why = "The KDC of {realm} knows no account for {spn}, so there is no "
	       "ticket: clients fall back to NTLM or fail. {place|The name "
	       "belongs on the account that the service runs as.}{reverse|}",
	.not_this =
	    "Two accounts with the same name give the same error "
	    "(spn-duplicate). A retry with another form of the name that "
	    "works. A name that belongs to another realm.",
	.decide = "setspn -Q {spn}: none?",
	.verify = "A TGS-REQ for {spn} is answered with a ticket, and the "
		  "service takes it.",
	.fix = fix,
	.see = see,
};
