/*
 * rules_lookups.c - what the directory, a keytab and krb5.conf prove of a 14,
 * a 24, a 6 or an 18, and what they do not: near misses that no lab records.
 */
#include "clientconf.h"
#include "etype.h"
#include "rules_world.h"

extern const struct rule rule_etype_client_no_overlap, rule_etype_des_only,
    rule_etype_rc4_default_off_2026, rule_etype_attr_without_keys,
    rule_etype_attr_30_des, rule_etype_krbtgt_no_aes, rule_etype_trust_rc4_only,
    rule_acct_protected_users, rule_acct_upn_duplicate, rule_acct_bad_password,
    rule_acct_client_unknown, rule_acct_disabled_locked_expired;

#define SPN "HTTP/portal.fjord.test"

static const int both[] = { 18, 17, 23, 0 }, aes[] = { 18, 17, 0 },
		 aes128[] = { 17, 0 }, rc4[] = { 23, 0 }, des[] = { 3, 1, 0 };

static struct exchange *
offers(struct exchange *x, const int *list)
{
	for (x->netypes = 0; *list != 0; list++)
		x->etypes[x->netypes++] = *list;
	return x;
}

/* The one account of the directory, which is anna and has the SPN. */
static struct dir_account *
account(int64_t enctypes)
{
	struct dir_account *a = &ledger.proofs.account;

	*a = (struct dir_account){ .name = "svc@" REALM,
		.realm = REALM,
		.source = "accounts.ldif:1",
		.uac_known = true,
		.uac = 0x200,
		.kvno = EV_ABSENT,
		.enctypes_known = true,
		.enctypes_set = enctypes >= 0,
		.enctypes = enctypes < 0 ? 0 : (uint32_t)enctypes };
	ledger.proofs.has_account = ledger.proofs.has_spn = true;
	ledger.proofs.has_name = true;
	ledger.proofs.spn.owners[0] = ledger.proofs.name.accounts[0] = a;
	ledger.proofs.spn.nowners = ledger.proofs.name.n = 1;
	return a;
}

/* WANT, this SURE, and no other rule, blames somebody for the 14. */
static void
only(const char *what, const struct rule *want, enum certainty sure)
{
	static const struct rule *const all[] = { &rule_etype_client_no_overlap,
		&rule_etype_des_only, &rule_etype_rc4_default_off_2026,
		&rule_etype_attr_without_keys, &rule_etype_trust_rc4_only };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != want)
			not(what, all[i]);
	if (want != NULL)
		fires(what, want, sure);
}

static void
test_service(void)
{
	const struct rule *lap = &rule_etype_client_no_overlap;
	const struct rule *keys = &rule_etype_attr_without_keys;
	struct exchange *x;

	clear();
	x = offers(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), aes);
	account(4);
	only("AES for an account of RC4", lap, CERTAINTY_PROVEN);
	account(4)->changed = x->rep.time + HOUR;
	only("set so since", lap, CERTAINTY_LIKELY);
	account(0x18);
	only("AES for an account of AES", keys, CERTAINTY_PROVEN);
	about(SUBJECT_ACCOUNT, "svc@" REALM);
	x->tgt = (struct ticket){ .sname = "krbtgt/" REALM,
		.realm = "OTHER.TEST" };
	only("a referred client", lap, CERTAINTY_POSSIBLE);
	x->tgt.realm = REALM;
	account(-1);
	only("AES for an account that says nothing", lap, CERTAINTY_LIKELY);
	account(-1)->enctypes_known = false;
	fires("or that was not asked", lap, CERTAINTY_LIKELY);
	judge("or that was not asked", keys, VERDICT_UNKNOWN, CERTAINTY_NONE);
	account(0x20);
	only("only the bit for session keys", lap, CERTAINTY_LIKELY);
}

static void
test_lists(void)
{
	const struct rule *lap = &rule_etype_client_no_overlap;
	const struct rule *keys = &rule_etype_attr_without_keys;
	const struct rule *off = &rule_etype_rc4_default_off_2026;
	struct dir_account *a;
	struct exchange *x;

	clear();
	x = offers(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), aes128);
	account(0x10);
	only("the other AES type", lap, CERTAINTY_PROVEN);
	account(8);
	only("the same AES type", keys, CERTAINTY_PROVEN);

	offers(x, rc4);
	account(0x18);
	only("RC4 for an account of AES", lap, CERTAINTY_PROVEN);
	account(0x1c);
	only("RC4 for an account with RC4", lap, CERTAINTY_LIKELY);
	account(-1);
	only("RC4 for one that says nothing", lap, CERTAINTY_LIKELY);

	offers(x, both);
	account(-1);
	only("all for one that says nothing", off, CERTAINTY_PROVEN);
	account(4);
	only("all for one of RC4", off, CERTAINTY_PROVEN);
	account(0x1c);
	only("all for one of all", keys, CERTAINTY_PROVEN);
	x->stime = INT64_C(1500000000) * SECOND;
	account(-1);
	only("in 2017", off, CERTAINTY_POSSIBLE);
	x->e_text = "BAD_ENCRYPTION_TYPE";
	account(0x18);
	only("MIT has no such attribute", lap, CERTAINTY_LIKELY);

	clear();
	offers(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), both);
	a = account(-1);
	a->uac |= UAC_DES_ONLY;
	only("an account with the flag", &rule_etype_des_only,
	    CERTAINTY_PROVEN);
}

static void
test_user(void)
{
	const struct rule *r = &rule_etype_attr_without_keys;
	const struct rule *group = &rule_acct_protected_users;
	struct dir_account *a;
	struct exchange *x;

	clear();
	x = offers(as(KDC_ERR_ETYPE_NOSUPP), aes);
	account(0x18);
	only("a user's AES key, or krbtgt's", r, CERTAINTY_LIKELY);
	ledger.realm.realm = REALM;
	ledger.realm.tgt_aes.frame = 1;
	only("krbtgt has one", r, CERTAINTY_PROVEN);
	a = account(0x18);
	a->member_known = a->protected_user = true;
	not("a member with AES alone", group);

	offers(x, rc4);
	fires("a member with RC4 alone", group, CERTAINTY_PROVEN);
	a->changed = x->rep.time + HOUR;
	fires("changed since", group, CERTAINTY_LIKELY);
	a->protected_user = false;
	not("no member", group);
	a->member_known = false;
	judge("not shown", group, VERDICT_UNKNOWN, CERTAINTY_NONE);

	clear();
	x = offers(as(KDC_ERR_PREAUTH_REQUIRED), both);
	x->key_etypes[x->nkey_etypes++] = 23;
	account(0x1c);
	fires("RC4 is all that is listed", r, CERTAINTY_PROVEN);
	account(4);
	not("and the account is set to it", r);
	account(0x1c);
	x->key_etypes[x->nkey_etypes++] = 18;
	not("AES is listed", r);
	x->nkey_etypes = 0;
	not("nothing is listed", r);
}

static void
test_ntlm(void)
{
	const struct rule *r = &rule_acct_protected_users;
	struct attempt *n;

	clear();
	story.realm = REALM;
	n = ntlm("FJORD\\anna", false);
	n->status = NT_ACCOUNT_RESTRICTION;
	account(-1)->member_known = true;
	not("a restriction of another kind", r);
	ledger.proofs.account.protected_user = true;
	fires("NTLM of a member", r, CERTAINTY_PROVEN);
	says("no NTLM");
	n->status = NT_LOGON_FAILURE;
	not("a wrong password", r);
	n->status = NT_ACCOUNT_RESTRICTION;
	ledger.proofs.has_account = false;
	judge("no directory", r, VERDICT_UNKNOWN, CERTAINTY_NONE);
}

static void
test_trust(void)
{
	const struct rule *r = &rule_etype_trust_rc4_only;
	struct exchange *x;

	clear();
	x = offers(tgs("krbtgt/OTHER.TEST", KDC_ERR_ETYPE_NOSUPP), aes);
	only("AES alone", r, CERTAINTY_LIKELY);
	offers(x, both);
	only("RC4 as well", r, CERTAINTY_POSSIBLE);
	account(-1);
	only("and the trust says nothing", r, CERTAINTY_PROVEN);
	account(0x18);
	only("or AES", r, CERTAINTY_POSSIBLE);
	account(-1)->enctypes_known = false;
	only("or it was not asked", r, CERTAINTY_POSSIBLE);
	offers(x, rc4);
	judge("RC4 alone", r, VERDICT_UNKNOWN, CERTAINTY_NONE);

	clear();
	x = offers(tgs(SPN, 0), both);
	x->issued = (struct ticket){ .sname = "krbtgt/OTHER.TEST",
		.realm = REALM,
		.etype = 23 };
	not("a ticket with RC4", r);
	account(-1);
	fires("and the trust's object", r, CERTAINTY_PROVEN);
	x->issued.sname = "krbtgt/" REALM;
	not("the realm's own TGT", r);
}

static void
test_krbtgt(void)
{
	const struct rule *r = &rule_etype_krbtgt_no_aes;
	struct exchange *x;

	clear();
	x = offers(as(0), both);
	x->issued = (struct ticket){ .sname = "krbtgt/" REALM,
		.realm = REALM,
		.etype = 23,
		.kvno = 2 };
	x->key_etype = 18;
	fires("a TGT with RC4", r, CERTAINTY_LIKELY);
	x->issued.kvno = 2 + (9 << 16);
	not("of a branch", r);
	x->issued.kvno = 2;
	ledger.realm.realm = REALM;
	ledger.realm.tgt_aes.frame = 5;
	not("another one has AES", r);
	ledger.realm.tgt_aes.frame = 0;
	offers(x, rc4);
	not("nothing else was offered", r);
	offers(x, both);
	account(4)->name = "krbtgt@" REALM;
	fires("and krbtgt is set to it", r, CERTAINTY_PROVEN);
	x->issued.etype = 18;
	x->key_etype = 23;
	not("one user's reply", r);
	x->issued.sname = "krbtgt/OTHER.TEST";
	x->issued.etype = 23;
	not("a trust's ticket", r);
}

static void
test_thirty(void)
{
	static const struct {
		int64_t set;
		bool fires;
	} rows[] = { { 30, true }, { 31, true }, { 24, false }, { 28, false },
		{ 3, false }, { -1, false }, { 4, false } };
	struct exchange *x;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clear();
		x = tgs(SPN, 0);
		x->issued = (struct ticket){ .sname = SPN,
			.realm = REALM,
			.etype = 18 };
		account(rows[i].set);
		if (rows[i].fires)
			fires("an attribute", &rule_etype_attr_30_des,
			    CERTAINTY_PROVEN);
		else
			not("an attribute", &rule_etype_attr_30_des);
	}
}

static void
test_names(void)
{
	const struct rule *none = &rule_acct_client_unknown;
	const struct rule *two = &rule_acct_upn_duplicate;
	struct name_owners *n = &ledger.proofs.name;
	static struct dir_account other;
	struct exchange *x;

	clear();
	x = as(KDC_ERR_C_PRINCIPAL_UNKNOWN);
	ledger.proofs.has_name = true;
	fires("half a directory", none, CERTAINTY_LIKELY);
	n->covered = true;
	fires("nobody", none, CERTAINTY_PROVEN);
	not("nobody", two);
	account(-1);
	fires("somebody", none, CERTAINTY_POSSIBLE);
	ledger.proofs.account.realm = "OTHER.TEST";
	fires("in another realm", none, CERTAINTY_LIKELY);
	says("the realm is the wrong one");
	account(-1);
	other = ledger.proofs.account;
	n->accounts[n->n++] = &other;
	not("two", none);
	fires("two", two, CERTAINTY_PROVEN);
	other.realm = "OTHER.TEST";
	not("in two realms", two);
	x->error = KDC_ERR_PRINCIPAL_NOT_UNIQUE;
	fires("8", two, CERTAINTY_LIKELY);
	x->kind = EXCHANGE_TGS;
	not("8 for a service", two);
}

static void
test_state(void)
{
	const struct rule *r = &rule_acct_disabled_locked_expired;
	struct dir_account *a;
	struct exchange *x;

	clear();
	x = as(KDC_ERR_CLIENT_REVOKED);
	a = account(-1);
	fires("nothing is wrong with it by now", r, CERTAINTY_LIKELY);
	a->expires = x->rep.time + HOUR;
	fires("it ends later", r, CERTAINTY_LIKELY);
	a->locked = x->rep.time + HOUR;
	fires("it was locked later", r, CERTAINTY_LIKELY);
	a->locked = x->rep.time - HOUR;
	fires("locked", r, CERTAINTY_PROVEN);
	says("locked out");
	a->expires = x->rep.time - HOUR;
	fires("expired", r, CERTAINTY_PROVEN);
	says("past its end date");
	a->uac |= UAC_DISABLED;
	fires("disabled", r, CERTAINTY_PROVEN);
	says("is disabled");
}

static void
test_proof(void)
{
	const struct rule *r = &rule_acct_bad_password;
	struct preauth_trial *t = &ledger.proofs.preauth;

	clear();
	as(KDC_ERR_PREAUTH_FAILED)->preauth = true;
	fires("no key at hand", r, CERTAINTY_LIKELY);
	ledger.proofs.has_preauth = true;
	t->source = "svc.keytab:1";
	t->result = PREAUTH_OTHER_KEY;
	fires("another key", r, CERTAINTY_LIKELY);
	t->result = PREAUTH_OPENS;
	t->etype = 18;
	fires("this key, of a salt", r, CERTAINTY_LIKELY);
	t->etype = 23;
	fires("this key, without one", r, CERTAINTY_PROVEN);
	t->etype = 18;
	t->by_password = true;
	t->salt = t->kdc_salt = "FJORD.TESTanna";
	fires("this password", r, CERTAINTY_PROVEN);
	t->kdc_salt = NULL;
	fires("this password, and no salt to compare", r, CERTAINTY_LIKELY);
	t->result = PREAUTH_OTHER_SALT;
	not("the salt", r);
}

static void
test_conf(void)
{
	static const char *const only_rc4[] = { "rc4-hmac", NULL };
	static const char *const more[] = { "DEFAULT", "+rc4", NULL };
	static const char *const weak[] = { "des", NULL };
	const struct rule *r = &rule_etype_client_no_overlap;
	struct krb5_conf *c = &ledger.proofs.conf;
	struct exchange *x;

	clear();
	x = offers(tgs(SPN, KDC_ERR_ETYPE_NOSUPP), rc4);
	ledger.proofs.has_conf = true;
	c->path = "krb5.conf";
	c->permitted = only_rc4;
	fires("the file says so", r, CERTAINTY_PROVEN);
	x->etypes[x->netypes++] = -135;
	fires("a Windows client has no such file", r, CERTAINTY_LIKELY);
	x->netypes = 1;
	c->permitted = more;
	fires("the library's own list", r, CERTAINTY_LIKELY);
	c->permitted = NULL;
	fires("no list", r, CERTAINTY_LIKELY);
	c->permitted = weak;
	fires("another client's file", r, CERTAINTY_LIKELY);
	offers(x, des);
	fires("DES by the file", &rule_etype_des_only, CERTAINTY_PROVEN);
}

int
main(void)
{
	test_service();
	test_lists();
	test_user();
	test_ntlm();
	test_trust();
	test_krbtgt();
	test_thirty();
	test_names();
	test_state();
	test_proof();
	test_conf();
	arena_free(&mem);
	return failed;
}
