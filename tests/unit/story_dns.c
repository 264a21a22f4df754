/*
 * Look-ups in vain: which of them are log-ons that could not begin, and which
 * are the everyday kind.
 */
#include <stdio.h>

#include "telling.h"

#define NX 3

/* The I-th story that DNS alone tells, NULL if none. */
static const struct story *
told_in(const struct result *r, size_t i)
{
	for (size_t k = 0; k < r->nkept; k++)
		if (strcmp(r->kept[k]->carrier, "dns") == 0 && i-- == 0)
			return r->kept[k];
	return NULL;
}

/* Ends the analysis; the story that DNS alone tells, if it is the only one. */
static const struct story *
told(void)
{
	const struct result *r;
	struct event ev;

	event_init(&ev, EV_capture_end);
	ev.ref = (struct ref){ 0, 0, T0 + now * 1000 };
	ev.u.capture_end.last = ev.ref.time;
	engine_event(engine, &ev);
	r = engine_finish(engine);
	CHECK(told_in(r, 1) == NULL);
	return told_in(r, 0);
}

static void
nothing_told(int line)
{
	now += 20000;
	if (told() != NULL) {
		printf("%s:%d: a log-on is told\n", __FILE__, line);
		failures++;
	}
	engine_free(engine);
}

#define NOTHING nothing_told(__LINE__)

/* What a Windows client asks for a domain, all in vain. */
static void
domain_in_vain(unsigned client, unsigned server)
{
	looked_up(client, server, 1,
	    "_ldap._tcp.oslo._sites.dc._msdcs.fjord.test", DNS_SRV, NX, NULL);
	looked_up(client, server, 2, "_ldap._tcp.dc._msdcs.fjord.test", DNS_SRV,
	    NX, NULL);
}

static void
test_domain(void)
{
	const struct story *s;

	begin();
	domain_in_vain(101, 53);
	now += 20000;
	s = told();
	CHECK(s != NULL && s->outcome == OUTCOME_BROKEN);
	CHECK(s != NULL && s->realm != NULL && strcmp(s->realm, REALM) == 0);
	CHECK(s != NULL && s->host == NULL && s->nlookups == 2);
	CHECK(s != NULL && s->nsteps == 2 && s->start == T0);
	CHECK(s != NULL && s->lookups[0].asked == 1);
	CHECK(s != NULL && s->lookups[0].resolver.b[3] == 53);
	engine_free(engine);

	/* The capture ends at once, but the questions were asked. */
	begin();
	domain_in_vain(101, 53);
	CHECK(told() != NULL);
	engine_free(engine);
}

static void
test_domain_normal(void)
{
	begin(); /* a KDC is asked after all: krb5.conf */
	domain_in_vain(101, 53);
	as_req(101, 10, 1, "anna", REALM);
	NOTHING;
	begin(); /* only the site is missing */
	looked_up(101, 53, 1, "_ldap._tcp.oslo._sites.dc._msdcs.fjord.test",
	    DNS_SRV, NX, NULL);
	looked_up(101, 53, 2, "_ldap._tcp.dc._msdcs.fjord.test", DNS_SRV, 0,
	    "dc1.fjord.test");
	NOTHING;
	begin(); /* over UDP there is none */
	looked_up(101, 53, 1, "_kerberos._udp.fjord.test", DNS_SRV, NX, NULL);
	looked_up(101, 53, 2, "_kerberos._tcp.fjord.test", DNS_SRV, 0,
	    "dc1.fjord.test");
	NOTHING;
	begin(); /* a host taken for a domain by an LDAP client */
	looked_up(101, 53, 1, "_ldap._tcp.dc1.fjord.test", DNS_SRV, NX, NULL);
	NOTHING;
	begin(); /* records that many realms do not have */
	looked_up(101, 53, 1, "_kerberos-master._udp.fjord.test", DNS_SRV, NX,
	    NULL);
	looked_up(101, 53, 2, "_kpasswd._udp.fjord.test", DNS_SRV, NX, NULL);
	looked_up(101, 53, 3, "_kerberos.fjord.test", DNS_URI, NX, NULL);
	looked_up(101, 53, 4, "_kerberos.fjord.test", DNS_TXT, NX, NULL);
	NOTHING;
	begin(); /* a NetBIOS name has no records */
	looked_up(101, 53, 1, "_ldap._tcp.dc._msdcs.fjord", DNS_SRV, NX, NULL);
	NOTHING;
}

/* A resolver asks another for what its client asked: one story. */
static void
test_forwarded(void)
{
	const struct story *s;

	begin();
	query(101, 53, 1, "_kerberos._udp.fjord.test", DNS_SRV);
	looked_up(53, 54, 2, "_kerberos._udp.fjord.test", DNS_SRV, NX, NULL);
	reply(101, 53, 1, "_kerberos._udp.fjord.test", DNS_SRV, NX, NULL);
	now += 20000;
	s = told();
	CHECK(s != NULL && s->client.b[3] == 101);
	engine_free(engine);
}

/* Nobody answers; PROVEN: answers to the client would be seen. */
static void
silence(bool proven)
{
	unsigned i;

	begin();
	if (proven)
		looked_up(101, 53, 1, "www.fjord.test", DNS_A, 0, "10.0.0.1");
	for (i = 0; i < 8; i++) {
		query(101, 53, 2 + i / 4,
		    i < 4 ? "_kerberos._udp.fjord.test" :
			    "_kerberos._tcp.fjord.test",
		    DNS_SRV);
		now += 5000;
	}
	now += 20000;
}

static void
test_silence(void)
{
	const struct story *s;

	silence(true);
	s = told();
	CHECK(s != NULL && s->outcome == OUTCOME_BROKEN);
	CHECK(s != NULL && s->nlookups == 2 && s->lookups[0].asked == 4);
	CHECK(s != NULL && s->lookups[0].rcode == -1);
	CHECK(s != NULL && s->nsteps == 2 &&
	    strcmp(s->steps[0].what,
		"DNS: no answer for _kerberos._udp.fjord.test") == 0);
	engine_free(engine);
	silence(false);
	NOTHING;
}

static void
host_in_vain(void)
{
	looked_up(101, 53, 1, "gone.fjord.test", DNS_A, NX, NULL);
	looked_up(101, 53, 2, "gone.fjord.test.fjord.test", DNS_A, NX, NULL);
}

static void
test_host(void)
{
	const struct story *s;

	begin();
	logged_on(101, 10, 1);
	now += 5000;
	host_in_vain();
	now += 20000;
	s = told();
	CHECK(s != NULL && s->outcome == OUTCOME_BROKEN && s->nlookups == 2);
	CHECK(s != NULL && s->host != NULL &&
	    strcmp(s->host, "gone.fjord.test") == 0);
	CHECK(s != NULL && s->realm != NULL && strcmp(s->realm, REALM) == 0);
	engine_free(engine);
}

static void
test_host_normal(void)
{
	struct event ev;

	begin(); /* no log-on of this client's is seen */
	logged_on(102, 10, 1);
	host_in_vain();
	NOTHING;
	begin(); /* in no realm's domain */
	logged_on(101, 10, 1);
	looked_up(101, 53, 1, "gone.example.com", DNS_A, NX, NULL);
	NOTHING;
	begin(); /* another suffix is the right one */
	logged_on(101, 10, 1);
	looked_up(101, 53, 1, "fs1.fjord.test", DNS_A, NX, NULL);
	looked_up(101, 53, 2, "fs1.plant.test", DNS_A, 0, "10.0.0.21");
	NOTHING;
	begin(); /* no IPv6 */
	logged_on(101, 10, 1);
	looked_up(101, 53, 1, "fs1.fjord.test", DNS_AAAA, 0, NULL);
	looked_up(101, 53, 2, "fs1.fjord.test", DNS_A, 0, "10.0.0.21");
	NOTHING;
	begin(); /* asked by the system itself */
	logged_on(101, 10, 1);
	looked_up(101, 53, 1, "wpad.fjord.test", DNS_A, NX, NULL);
	NOTHING;
	begin(); /* a browser's three names */
	logged_on(101, 10, 1);
	looked_up(101, 53, 1, "qwkfjhd.fjord.test", DNS_A, NX, NULL);
	looked_up(101, 53, 2, "lkvnsoiu.fjord.test", DNS_A, NX, NULL);
	looked_up(101, 53, 3, "zmxnbva.fjord.test", DNS_A, NX, NULL);
	NOTHING;
	begin(); /* found by other means */
	logged_on(101, 10, 1);
	host_in_vain();
	ev = asked(EV_target, "smb2", 101, 21, 445, 9);
	ev.u.target.host = text("GONE");
	engine_event(engine, &ev);
	NOTHING;
	begin(); /* the KDC has its word to say */
	logged_on(101, 10, 1);
	host_in_vain();
	tgs_req(101, 10, 2, "cifs/gone.fjord.test", 3);
	kdc_error(101, 10, 2, KDC_ERR_S_PRINCIPAL_UNKNOWN);
	NOTHING;
}

/* A log-on that had to ask the second resolver each time. */
static void
test_slow(void)
{
	const struct result *r;
	const struct story *s;
	unsigned wait;

	for (wait = 100; wait <= 2100; wait += 2000) {
		begin();
		query(101, 53, 1, "_kerberos._udp.fjord.test", DNS_SRV);
		now += wait;
		query(101, 54, 1, "_kerberos._udp.fjord.test", DNS_SRV);
		reply(101, 54, 1, "_kerberos._udp.fjord.test", DNS_SRV, 0,
		    "dc1.fjord.test");
		logged_on(101, 10, 1);
		r = engine_finish(engine);
		CHECK(r->nkept == 1);
		s = r->kept[0];
		CHECK(s->outcome ==
		    (wait < 1000 ? OUTCOME_OK : OUTCOME_DEGRADED));
		CHECK(s->nlookups == 1 && s->lookups[0].asked == 2);
		CHECK(s->lookups[0].resolver.b[3] == 54);
		engine_free(engine);
	}
}

int
main(void)
{
	test_domain();
	test_domain_normal();
	test_forwarded();
	test_silence();
	test_host();
	test_host_normal();
	test_slow();
	return failures > 0;
}
