/*
 * rules_etype.c - the rules on encryption types, on the KDC's policy, on a
 * rolled krbtgt and on KDCs that disagree: near misses that no lab records.
 */
#include "rules_world.h"

extern const struct rule rule_etype_client_no_overlap, rule_etype_des_only,
    rule_etype_rc4_default_off_2026, rule_etype_weak_crypto_offered,
    rule_kdc_policy_refused, rule_key_krbtgt_rolled, rule_time_kdcs_disagree,
    rule_kdc_refused_other;

#define SPN "HTTP/portal.fjord.test"

/* The client's list, in the order of the digits that end it with 0. */
static struct exchange *
offers(struct exchange *x, const int *list)
{
	for (x->netypes = 0; *list != 0; list++)
		x->etypes[x->netypes++] = *list;
	return x;
}

#define OFFERS(x, ...) offers(x, (const int[]){ __VA_ARGS__, 0 })

/* Only the rule WANT blames somebody for the 14, this SURE. */
static void
only(const char *what, const struct rule *want, enum certainty sure)
{
	static const struct rule *const all[] = { &rule_etype_client_no_overlap,
		&rule_etype_des_only, &rule_etype_rc4_default_off_2026 };
	size_t i;

	for (i = 0; i < 3; i++)
		if (all[i] != want)
			not(what, all[i]);
	if (want != NULL)
		fires(what, want, sure);
}

/* Tickets for the SPN were issued with ETYPE at frame N. */
static void
issued(int etype, uint64_t n)
{
	struct tally *t = etype == 23 ? &ledger.spn.rc4 : &ledger.spn.aes;

	ledger.spn.spn = SPN;
	ledger.spn.realm = REALM;
	t->count = ledger.spn.issued.count = 1;
	t->first = t->last = (struct ref){ 0, n, T0 + (int64_t)n * 1000 };
	ledger.spn.issued = *t;
	ledger.spn.issued.etype_last = etype;
}

static void
test_as(void)
{
	struct exchange *x;

	clear();
	OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 23, 24, -135);
	only("RC4 alone", &rule_etype_client_no_overlap, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
	says("rc4-hmac");

	clear();
	OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 20, 19);
	only("AES-SHA2 alone", &rule_etype_client_no_overlap, CERTAINTY_LIKELY);
	says("Active Directory knows neither");

	clear();
	OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 18, 17, 20, 19);
	only("AES alone", &rule_etype_client_no_overlap, CERTAINTY_LIKELY);
	says("no AES key");
	if (found.subject[SUBJECT_CLIENT] != NULL)
		about(SUBJECT_CLIENT, "nobody");

	clear();
	OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 18, 17, 23);
	only("AES and RC4", &rule_etype_client_no_overlap, CERTAINTY_POSSIBLE);

	clear();
	x = OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 18, 17, 23);
	x->e_text = "CANT_FIND_CLIENT_KEY";
	only("no key at all", NULL, CERTAINTY_NONE);
	fires("no key at all", &rule_kdc_refused_other, CERTAINTY_LIKELY);
	says("no key of any kind");
	OFFERS(x, 17);
	only("no such key", &rule_etype_client_no_overlap, CERTAINTY_LIKELY);

	clear();
	OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 16);
	OFFERS(as(0), 18);
	only("negotiated", NULL, CERTAINTY_NONE);

	clear();
	as(KDC_ERR_ETYPE_NOSUPP);
	judge("the request was not seen", &rule_etype_client_no_overlap,
	    VERDICT_UNKNOWN, CERTAINTY_NONE);
}

static void
test_des(void)
{
	struct exchange *x;

	clear();
	OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 3, 1);
	only("DES alone", &rule_etype_des_only, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");

	clear();
	x = OFFERS(as(KDC_ERR_ETYPE_NOSUPP), 18, 23);
	x->key_etypes[x->nkey_etypes++] = 3;
	x->key_etypes[x->nkey_etypes++] = 1;
	only("an account with DES keys", &rule_etype_des_only,
	    CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);

	OFFERS(x, 23, 3, 1);
	OFFERS(as(0), 3, 1)->key_etype = 3;
	fires("and the client takes DES", &rule_etype_des_only,
	    CERTAINTY_LIKELY);
	says("came back to DES");
	exchanges[1].key_etype = 23;
	not("and the reply is RC4", &rule_etype_des_only);

	clear();
	OFFERS(as(0), 3)->key_etype = 3;
	not("DES was asked for and given", &rule_etype_des_only);
	clear();
	OFFERS(as(0), 18, 23, 3)->key_etype = 18;
	not("DES at the end of a list", &rule_etype_des_only);
}

static void
test_tgs(void)
{
	struct exchange *x;
	const struct rule *off = &rule_etype_rc4_default_off_2026;

	clear();
	OFFERS(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), 18, 17, 23);
	only("AES and RC4, after 2026", off, CERTAINTY_LIKELY);
	exchanges[0].stime = INT64_C(1500000000) * SECOND;
	only("AES and RC4, in 2017", off, CERTAINTY_POSSIBLE);
	issued(23, 0);
	only("its tickets were RC4", off, CERTAINTY_LIKELY);
	says("Before, its tickets were RC4");
	issued(18, 0);
	only("its tickets were AES: it has the key",
	    &rule_etype_client_no_overlap, CERTAINTY_POSSIBLE);

	clear();
	OFFERS(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), 23);
	only("RC4 alone", &rule_etype_client_no_overlap, CERTAINTY_LIKELY);
	issued(23, 0);
	only("RC4 alone, and its tickets were RC4", off, CERTAINTY_LIKELY);

	clear();
	OFFERS(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), 18, 17);
	issued(23, 0);
	only("AES alone, and its tickets are RC4",
	    &rule_etype_client_no_overlap, CERTAINTY_LIKELY);

	clear();
	OFFERS(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), 18, 23)
	    ->e_text = "BAD_ENCRYPTION_TYPE";
	only("MIT names its reason", &rule_etype_client_no_overlap,
	    CERTAINTY_LIKELY);

	clear();
	OFFERS(tgs("krbtgt/OTHER.TEST", KDC_ERR_ETYPE_NOSUPP), 18, 23);
	only("a trust", NULL, CERTAINTY_NONE);

	clear();
	OFFERS(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), 17, 23);
	only("the account may want aes256", &rule_etype_client_no_overlap,
	    CERTAINTY_POSSIBLE);
	says("does not offer aes256");
	OFFERS(&exchanges[0], 18, 23);
	only("or aes128", &rule_etype_client_no_overlap, CERTAINTY_POSSIBLE);
	says("does not offer aes128");

	clear();
	x = OFFERS(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), 18, 17, 23);
	x->tgt.sname = "krbtgt/" REALM;
	x->tgt.realm = "OTHER.TEST";
	only("another realm's ticket", off, CERTAINTY_POSSIBLE);
}

static void
test_weak(void)
{
	const struct rule *r = &rule_etype_weak_crypto_offered;
	struct exchange *x;
	struct attempt *a;

	clear();
	x = OFFERS(tgs(SPN, 0), 18, 17, 23);
	x->issued = (struct ticket){ .sname = SPN,
		.realm = REALM,
		.etype = 18 };
	not("AES", r);
	x->issued.etype = 23;
	fires("RC4 though AES was offered", r, CERTAINTY_LIKELY);
	about(SUBJECT_SPN, SPN);
	says("has no AES key");
	OFFERS(x, 23, -135);
	fires("RC4, the client's list", r, CERTAINTY_LIKELY);
	about(SUBJECT_CLIENT, "10.0.0.1");
	says("offers no AES");
	x->issued.sname = "krbtgt/OTHER.TEST";
	not("a trust's key", r);
	x->issued.sname = SPN;
	x->issued.etype = -135;
	not("a number that is not known to be weak", r);

	clear();
	a = showed(0);
	a->ticket.etype = a->auth_etype = 18;
	not("AES shown", r);
	a->auth_etype = 23;
	fires("the session key", r, CERTAINTY_LIKELY);
	says("the session key of tickets");
	a->u2u = true;
	not("user to user", r);
}

static void
test_policy(void)
{
	const struct rule *r = &rule_kdc_policy_refused;
	struct exchange *x;

	clear();
	x = as(KDC_ERR_POLICY);
	x->options = KDC_FORWARDABLE | KDC_RENEWABLE;
	fires("12", r, CERTAINTY_LIKELY);
	about(SUBJECT_ACCOUNT, "anna@" REALM);
	says("forwardable, renewable");
	x->fast = true;
	fires("12, and FAST hides why", r, CERTAINTY_POSSIBLE);
	x->ntstatus = INT64_C(0xC0000070);
	not("a workstation", r);

	clear();
	x = tgs(SPN, KDC_ERR_POLICY);
	x->fast = true;
	x->e_text = "HIGHER_AUTHENTICATION_REQUIRED";
	fires("an indicator", r, CERTAINTY_LIKELY);
	says("stronger log-on");
	x->s4u2proxy = true;
	not("delegation", r);

	clear();
	x = as(KDC_ERR_NEVER_VALID);
	x->till = x->stime - HOUR;
	fires("an end in the past", r, CERTAINTY_POSSIBLE);
	x->till = x->stime + HOUR;
	fires("a lifetime", r, CERTAINTY_LIKELY);

	clear();
	as(KDC_ERR_POLICY);
	as(0);
	not("the next try went well", r);
}

static struct exchange *
shows_tgt(int error, const char *realm, int64_t kvno)
{
	struct exchange *x = tgs(SPN, error);

	x->tgt = (struct ticket){ .sname = "krbtgt/" REALM,
		.realm = realm,
		.kvno = kvno };
	return x;
}

static void
test_krbtgt(void)
{
	const struct rule *r = &rule_key_krbtgt_rolled;

	clear();
	shows_tgt(KRB_AP_ERR_MODIFIED, REALM, 3);
	fires("nothing newer was seen", r, CERTAINTY_POSSIBLE);
	ledger.realm = (struct realm_fact){ .realm = REALM, .kvno = 5 };
	fires("the realm issues newer ones", r, CERTAINTY_LIKELY);
	about(SUBJECT_REALM, REALM);
	says("version 3");
	says("issues 5");
	ledger.realm.kvno = 3;
	not("the newest: damaged, or a KDC that lags", r);
	ledger.realm.kvno = 3 + (7 << 16);
	fires("an RODC's cannot be compared", r, CERTAINTY_POSSIBLE);

	clear();
	shows_tgt(KRB_AP_ERR_MODIFIED, "OTHER.TEST", 3);
	not("a trust's ticket", r);

	clear();
	shows_tgt(KRB_ERR_GENERIC, REALM, 1);
	not("60 says nothing", r);
	exchanges[0].e_text = "PROCESS_TGS";
	not("nor does MIT's text alone", r);
	ledger.realm = (struct realm_fact){ .realm = REALM, .kvno = 2 };
	fires("with an older key it does", r, CERTAINTY_LIKELY);

	clear();
	as(KRB_AP_ERR_BAD_INTEGRITY);
	not("MIT's wrong password", r);
}

/* HOST is a KDC whose clock was seen N times, OFF seconds ahead. */
static void
kdc(int host, unsigned n, int64_t off)
{
	struct clock *c = &ledger.hosts[host].clock;

	clock_of(host, off);
	c->samples = n;
	c->least = c->most = off * SECOND;
	ledger.hosts[host].kdc_realm = REALM;
}

static void
test_kdcs(void)
{
	const struct rule *r = &rule_time_kdcs_disagree;
	struct exchange *x;

	clear();
	kdc(KDC, 2, 600);
	kdc(OTHER, 3, 0);
	x = as(KRB_AP_ERR_SKEW);
	fires("refused by the one that is ahead", r, CERTAINTY_LIKELY);
	about(SUBJECT_KDC, "10.0.0.2");
	says("10 minutes ahead");

	ledger.hosts[KDC].clock.ref.capture = 1;
	fires("two captures, and a refusal", r, CERTAINTY_POSSIBLE);
	ledger.hosts[KDC].clock.ref.capture = 0;
	ledger.hosts[KDC].clock.samples = 1;
	not("seen once", r);
	kdc(KDC, 2, 600);
	ledger.hosts[KDC].clock.least = 0;
	not("set during the capture", r);
	kdc(KDC, 2, 600);
	ledger.hosts[OTHER].spoke.time = T0 + 1;
	not("heard one after the other", r);
	ledger.hosts[OTHER].spoke.time = 0;
	ledger.hosts[OTHER].kdc_realm = "OTHER.TEST";
	not("of two realms", r);

	kdc(OTHER, 3, 0);
	x->kdc = ledger.hosts[OTHER].addr;
	fires("the client may follow the wrong one, or be off", r,
	    CERTAINTY_POSSIBLE);
	as(0);
	fires("the other one serves it", r, CERTAINTY_LIKELY);
	about(SUBJECT_KDC, "10.0.0.2");

	clear();
	kdc(KDC, 2, 100);
	kdc(OTHER, 2, 0);
	as(0);
	fires("a minute and more, and nobody minds", r, CERTAINTY_LIKELY);
	kdc(KDC, 2, 40);
	not("forty seconds", r);
	kdc(KDC, 2, 100);
	ledger.hosts[KDC].clock.ref.capture = 1;
	not("two captures, each with its clock", r);
	ledger.hosts[KDC].clock.ref.capture = 0;
	tgs(SPN, KDC_ERR_S_PRINCIPAL_UNKNOWN);
	story.outcome = OUTCOME_BROKEN;
	not("a failure for another reason", r);
	as(KRB_AP_ERR_SKEW);
	not("refused for a client's clock", r);
}

int
main(void)
{
	test_as();
	test_des();
	test_tgs();
	test_weak();
	test_policy();
	test_krbtgt();
	test_kdcs();
	arena_free(&mem);
	return failed;
}
