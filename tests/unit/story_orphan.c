/*
 * Answers of KDCs whose requests the capture lacks: which of them are of one
 * story, and what came of it.
 */
#include <stdio.h>

#include "telling.h"

static uint64_t flows;

/* A KRB-ERROR without a request; CNAME NULL: it names nobody. */
static void
refused(const char *cname, const char *sname, int64_t code)
{
	struct event ev = answered(EV_krb_error, "kdc", 101, 10, 88, ++flows);

	ev.u.krb_error.code = code;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.cname = text(cname);
	ev.u.krb_error.crealm = text(cname == NULL ? NULL : REALM);
	ev.u.krb_error.realm = text(REALM);
	ev.u.krb_error.sname = text(sname);
	engine_event(engine, &ev);
}

/* A ticket for SNAME to anna. */
static void
issued(const char *sname)
{
	bool as = strcmp(sname, "krbtgt/" REALM) == 0 ||
	    strcmp(sname, "kadmin/changepw") == 0;

	kdc_rep(101, 10, ++flows, as ? 11 : 13, sname, 18, 3);
}

static void
ends(const char *what, unsigned ok, unsigned broken, unsigned unseen)
{
	const struct result *r = engine_finish(engine);

	if (r->ok != ok || r->broken != broken || r->unseen != unseen) {
		printf("%s: ok %u broken %u unseen %u\n", what, (unsigned)r->ok,
		    (unsigned)r->broken, (unsigned)r->unseen);
		CHECK(false);
	}
	engine_free(engine);
}

#define TGT "krbtgt/" REALM

static void
test_logon(void)
{
	begin();
	refused("anna", TGT, KDC_ERR_ETYPE_NOSUPP);
	refused("anna", TGT, KDC_ERR_PREAUTH_REQUIRED);
	now += 300;
	issued(TGT);
	ends("14 and then a ticket", 1, 0, 0);

	begin();
	refused("anna", TGT, KRB_AP_ERR_SKEW);
	now += 20;
	issued(TGT);
	ends("37 and then a ticket", 1, 0, 0);

	/* Windows' errors name no client. */
	begin();
	refused(NULL, TGT, KDC_ERR_PREAUTH_FAILED);
	now += 500;
	issued(TGT);
	ends("24 to nobody", 1, 0, 0);

	begin();
	refused("anna", TGT, KDC_ERR_KEY_EXPIRED);
	now += 5;
	issued("kadmin/changepw");
	now += 5;
	issued(TGT);
	ends("23, a new password, a ticket", 1, 0, 0);

	begin();
	as_req(101, 10, ++flows, "anna", REALM);
	now++;
	kdc_error(101, 10, flows, KDC_ERR_PREAUTH_REQUIRED);
	now += 50;
	issued(TGT);
	ends("the second request was lost", 1, 0, 0);
}

static void
test_logon_fails(void)
{
	begin();
	refused("anna", TGT, KDC_ERR_PREAUTH_FAILED);
	ends("the last thing seen", 0, 1, 0);

	begin();
	refused("bjorn", TGT, KDC_ERR_PREAUTH_FAILED);
	now += 500;
	issued(TGT);
	ends("a ticket for another", 1, 1, 0);

	begin();
	refused("anna", TGT, KDC_ERR_PREAUTH_FAILED);
	now += 30000;
	issued(TGT);
	ends("half a minute later", 1, 1, 0);

	begin();
	refused("anna", TGT, KDC_ERR_KEY_EXPIRED);
	now += 5;
	issued("kadmin/changepw");
	ends("no new password", 0, 1, 0);
}

static void
test_service(void)
{
	begin();
	refused("anna", "HTTP/www.fjord.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	refused("anna", "HTTP/www.fjord.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	issued("HTTP/WWW");
	ends("another form of it", 0, 0, 1);

	begin();
	looked_up(101, 53, 1, "www.fjord.test", DNS_CNAME, 0, "a.fjord.test");
	refused(NULL, "HTTP/www.fjord.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	issued("HTTP/a.fjord.test");
	ends("its canonical name", 0, 0, 1);

	begin();
	refused("anna", "HTTP/www.fjord.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	issued("cifs/fs1.fjord.test");
	ends("something else", 0, 1, 1);
}

static void
test_realm(void)
{
	const struct story *s;

	/* To a TGS-REQ: an AS-REQ asks for the realm's own. */
	begin();
	refused("anna", "krbtgt/PLANT.TEST", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	s = engine_finish(engine)->kept[0];
	CHECK(s->exchanges[0].kind == EXCHANGE_TGS);
	CHECK(s->spn != NULL && strcmp(s->spn, "krbtgt/PLANT.TEST") == 0);
	engine_free(engine);

	begin();
	refused("anna", "krbtgt/FAR.PLANT.TEST", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	now += 3;
	issued("krbtgt/PLANT.TEST");
	ends("by the realm in between", 0, 0, 1);

	begin();
	refused("anna", "HTTP/w.plant.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	now += 3;
	issued("krbtgt/PLANT.TEST");
	ends("the host's domain", 0, 0, 1);

	begin();
	refused("anna", "HTTP/w.plant.test", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	now += 3;
	refused("anna", "krbtgt/PLANT.TEST", KDC_ERR_S_PRINCIPAL_UNKNOWN);
	ends("the host's domain in vain", 0, 1, 0);
}

int
main(void)
{
	test_logon();
	test_logon_fails();
	test_service();
	test_realm();
	return failures > 0;
}
