/*
 * What look-ups say, and what the ledger answers to rules: keys tried on
 * tickets, the directory, krb5.conf.
 */
#include <stdio.h>

#include "proof.h"
#include "telling.h"

static const uint8_t one[DIGEST_LEN] = { 1 }, two[DIGEST_LEN] = { 2 };

static const struct ledger *
learnt(void)
{
	return engine_finish(engine)->ledger;
}

/* Of a look-up: from a file, at no time. */
static struct event
told(enum event_kind kind, const char *source)
{
	struct event ev;

	event_init(&ev, kind);
	ev.ref.capture = EV_NO_CAPTURE;
	ev.source = text(source);
	return ev;
}

static void
trial(const uint8_t *digest, const char *result, const char *source)
{
	struct event ev = told(EV_ticket_key, source);

	ev.u.ticket_key.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	ev.u.ticket_key.result = text(result);
	ev.u.ticket_key.principal = text("FS1$@FJORD.TEST");
	ev.u.ticket_key.kvno = 3;
	engine_event(engine, &ev);
}

static void
test_trials(void)
{
	const struct key_trial *t;
	const struct ledger *l;

	begin();
	trial(one, "no-kvno", "a.keytab:1");
	trial(one, "opens", "b.keytab:2");
	trial(one, "other-key", "c.keytab:3"); /* what opens it stays */
	trial(two, "nonsense", "a.keytab:1");
	l = learnt();
	t = ledger_key_trial(l, one);
	CHECK(t != NULL && t->result == KEY_OPENS && t->kvno == 3);
	CHECK(t != NULL && strcmp(t->source, "b.keytab:2") == 0);
	t = ledger_key_trial(l, two);
	CHECK(t != NULL && t->result == KEY_UNTRIED);
	CHECK((ledger_evidence(l) & EVIDENCE_KEYTAB) != 0);
	engine_free(engine);

	begin();
	CHECK(ledger_key_trial(learnt(), one) == NULL);
	CHECK(!ledger_has_keytab(learnt()));
	engine_free(engine);
}

/* Keyed by the frame of the request; it shows the client's clock as well. */
static void
test_opened(void)
{
	const struct auth_fact *a;
	const struct preauth_trial *p;
	const struct ledger *l;
	struct event ev;
	struct ref at, other;
	struct addr client = host(101);
	int64_t offset;

	begin();
	as_req(101, 10, 1, "anna", REALM);
	ev = asked(EV_authenticator, "smb2", 101, 21, 445, 7);
	at = ev.ref;
	ev.u.authenticator.ctime = ev.ref.time + 400 * SECOND;
	ev.u.authenticator.gss = 1;
	ev.u.authenticator.gss_flags = 3;
	engine_event(engine, &ev);
	ev = asked(EV_preauth_key, "kdc", 101, 10, 88, 8);
	other = ev.ref;
	ev.u.preauth_key.result = text("other-salt");
	ev.u.preauth_key.salt = text("FJORD.TESTsvc");
	engine_event(engine, &ev);
	l = learnt();
	a = ledger_authenticator(l, &at);
	CHECK(a != NULL && a->gss && a->delegate && a->mutual);
	CHECK(a != NULL && a->ctime - a->ref.time == 400 * SECOND);
	CHECK(ledger_authenticator(l, &other) == NULL);
	p = ledger_preauth(l, &other);
	CHECK(p != NULL && p->result == PREAUTH_OTHER_SALT);
	CHECK(p != NULL && strcmp(p->salt, "FJORD.TESTsvc") == 0);
	CHECK(ledger_preauth(l, &at) == NULL);
	CHECK(ledger_host(l, &client)->clock.offset == 400 * SECOND);
	CHECK(ledger_clock(l, &client, &offset));
	engine_free(engine);
}

/* After a 37 a client writes the time of who said so. */
static void
test_told_skew(void)
{
	struct addr client = host(101);
	const struct ledger *l;
	struct event ev;

	begin();
	as_req(101, 10, 1, "anna", REALM);
	ev = answered(EV_krb_error, "smb2", 101, 21, 445, 7);
	ev.u.krb_error.code = KRB_AP_ERR_SKEW;
	ev.u.krb_error.from = text("ap");
	engine_event(engine, &ev);
	ev = asked(EV_authenticator, "smb2", 101, 21, 445, 7);
	ev.u.authenticator.ctime = ev.ref.time + 600 * SECOND;
	engine_event(engine, &ev);
	l = learnt();
	CHECK(ledger_authenticator(l, &ev.ref) != NULL);
	CHECK(ledger_host(l, &client)->clock.samples == 0);
	engine_free(engine);
}

static void
account(const char *name)
{
	struct event ev = told(EV_account, "accounts.ldif:9");
	struct str spns[] = { text("cifs/fs1"), text("HOST/fs1") };

	ev.u.account.name = text(name);
	ev.u.account.class = text("computer");
	ev.u.account.spns = (struct strs){ spns, 2 };
	ev.u.account.uac = UAC_DISABLED;
	ev.u.account.uac_known = 1;
	engine_event(engine, &ev);
}

/* ANSWER is EV_directory_spn; the accounts are told after it. */
static void
owners(const char *spn, struct str *names, size_t n, bool implied)
{
	struct event ev = told(EV_directory_spn, "accounts.ldif");
	struct strs list = { names, n }, none = { NULL, 0 };

	ev.u.directory_spn.spn = text(spn);
	ev.u.directory_spn.realm = text(REALM);
	ev.u.directory_spn.owners = implied ? none : list;
	ev.u.directory_spn.implied = implied ? list : none;
	ev.u.directory_spn.covered = 1;
	engine_event(engine, &ev);
}

static void
test_owners(void)
{
	struct str both[] = { text("FS1$@FJORD.TEST"), text("svc@FJORD.TEST") };
	const struct spn_owners *o;
	const struct ledger *l;

	begin();
	owners("cifs/fs1", both, 2, false);
	owners("http/fs1", both, 1, true);
	owners("http/none", NULL, 0, false);
	owners("http/lost", &(struct str){ "x@Y.TEST", 8 }, 1, false);
	account("fs1$@fjord.test");
	account("SVC@FJORD.TEST");
	l = learnt();
	o = ledger_owners(l, "CIFS/FS1", "fjord.test");
	CHECK(o != NULL && o->nowners == 2 && o->nimplied == 0 && o->covered);
	CHECK(o != NULL && strcmp(o->owners[1]->name, "SVC@FJORD.TEST") == 0);
	CHECK(ledger_owner(l, "cifs/fs1", REALM) == NULL);
	CHECK(ledger_owner(l, "http/fs1", REALM) ==
	    ledger_dir_account(l, "FS1$@FJORD.TEST"));
	o = ledger_owners(l, "http/none", REALM);
	CHECK(o != NULL && o->nowners + o->nimplied == 0);
	/* An owner that is not at hand (any more): nothing is known. */
	CHECK(ledger_owners(l, "http/lost", REALM) == NULL);
	CHECK(ledger_owners(l, "cifs/fs1", "OTHER.TEST") == NULL);
	CHECK(ledger_owners(l, "cifs/never", REALM) == NULL);
	CHECK((ledger_evidence(l) & EVIDENCE_DIRECTORY) != 0);
	engine_free(engine);
}

static void
test_account(void)
{
	struct event ev;
	struct str anna = text("anna@FJORD.TEST");
	const struct dir_account *a;
	const struct ledger *l;

	begin();
	account("anna@FJORD.TEST");
	ev = told(EV_directory_name, "accounts.ldif");
	ev.u.directory_name.name = text("Anna");
	ev.u.directory_name.realm = text(REALM);
	ev.u.directory_name.accounts = (struct strs){ &anna, 1 };
	engine_event(engine, &ev);
	ev = told(EV_account, "accounts.ldif:70");
	ev.u.account.name = text("OSLO$@FJORD.TEST");
	ev.u.account.class = text("trust");
	ev.u.account.trust_partner = text("oslo.test");
	ev.u.account.trust_direction = 3;
	engine_event(engine, &ev);
	ev = told(EV_directory, "accounts.ldif");
	ev.u.directory.realm = text(REALM);
	ev.u.directory.whole = 1;
	engine_event(engine, &ev);
	l = learnt();
	a = ledger_directory_account(l, "anna", REALM);
	CHECK(a != NULL && strcmp(a->realm, REALM) == 0);
	CHECK(a != NULL && dir_account_revoked(a, 0));
	CHECK(a != NULL && dir_list_has(a->spns, "host/FS1"));
	CHECK(a != NULL && !dir_list_has(a->spns, "host/fs"));
	CHECK(ledger_directory_account(l, "bjorn", REALM) == NULL);
	a = ledger_dir_trust(l, "fjord.test", "OSLO.TEST");
	CHECK(a != NULL && a->trust_direction == 3);
	CHECK(ledger_dir_trust(l, "OSLO.TEST", REALM) == NULL);
	CHECK(ledger_dir_domain(l, REALM)->whole);
	CHECK(ledger_dir_domain(l, "OSLO.TEST") == NULL);
	engine_free(engine);
}

static void
line(const char *domain, const char *realm)
{
	struct event ev = told(EV_krb5_domain, "krb5.conf");

	ev.u.krb5_domain.domain = text(domain);
	ev.u.krb5_domain.realm = text(realm);
	engine_event(engine, &ev);
}

static bool
mapped(const struct ledger *l, const char *host, const char *realm,
    const char *by)
{
	const char *at = NULL, *have = ledger_domain_realm(l, host, &at);

	if (realm == NULL)
		return have == NULL;
	return have != NULL && strcmp(have, realm) == 0 && strcmp(at, by) == 0;
}

/* The host itself, then each of its domains, with and without the dot. */
static void
test_conf(void)
{
	struct event ev = told(EV_krb5_conf, "krb5.conf");
	const struct ledger *l;

	begin();
	CHECK(ledger_krb5_conf(learnt()) == NULL);
	engine_free(engine);

	begin();
	ev.u.krb5_conf.path = text("krb5.conf");
	ev.u.krb5_conf.rdns = 0;
	engine_event(engine, &ev);
	line(".fjord.test", "FJORD.TEST");
	line("web.fjord.test", "WEB.TEST");
	line("bergen.test", "BERGEN.TEST");
	l = learnt();
	CHECK(ledger_krb5_conf(l) != NULL && ledger_krb5_conf(l)->rdns == 0);
	CHECK(mapped(l, "FS1.fjord.test", "FJORD.TEST", ".fjord.test"));
	CHECK(mapped(l, "web.fjord.test", "WEB.TEST", "web.fjord.test"));
	CHECK(mapped(l, "a.b.fjord.test", "FJORD.TEST", ".fjord.test"));
	CHECK(mapped(l, "x.bergen.test", "BERGEN.TEST", "bergen.test"));
	CHECK(mapped(l, "fjord.test", NULL, NULL));
	CHECK(mapped(l, "other.test", NULL, NULL));
	CHECK(mapped(l, "", NULL, NULL));
	engine_free(engine);
}

int
main(void)
{
	test_trials();
	test_opened();
	test_told_skew();
	test_owners();
	test_account();
	test_conf();
	return failures > 0;
}
