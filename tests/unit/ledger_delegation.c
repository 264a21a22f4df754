/*
 * ledger_delegation.c - who got what in whose name, by the digests of the
 * tickets; the oldest are forgotten, and nothing leaks.
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "ledger-store.h"
#include "names.h"

static struct ledger l;

static struct exchange
tgs(const char *sname, uint8_t issued, uint8_t evidence)
{
	struct exchange x = { .kind = EXCHANGE_TGS,
		.cname = "web",
		.crealm = "FJORD.TEST",
		.realm = "FJORD.TEST",
		.sname = sname,
		.nonce = 1,
		.error = -1,
		.answer = ANSWER_OK,
		.rep = { .frame = issued, .time = issued } };

	memset(x.issued.digest, issued, DIGEST_LEN);
	memset(x.evidence.digest, evidence, DIGEST_LEN);
	x.issued.sname = sname;
	x.issued.realm = x.realm;
	return x;
}

static void
issue(const struct exchange *x, const char *client)
{
	struct addr a = { .family = 4 };

	ledger_issued(&l, &x->issued, client, &a, &x->rep);
	ledger_delegation(&l, x);
}

static struct exchange
self_for(const char *user, uint8_t issued)
{
	struct exchange x = tgs("web", issued, 0);

	x.s4u2self = true;
	x.for_user = user;
	x.for_user_realm = "FJORD.TEST";
	x.options = KDC_FORWARDABLE;
	issue(&x, "web@FJORD.TEST");
	return x;
}

static struct exchange
proxy_to(const char *target, uint8_t evidence, uint8_t issued)
{
	struct exchange x = tgs(target, issued, evidence);

	x.s4u2proxy = true;
	x.pac_options = PAC_OPT_RESOURCE;
	issue(&x, "web@FJORD.TEST");
	return x;
}

static void
test_chain(void)
{
	struct exchange logon = tgs("HTTP/web", 3, 0), x;
	const struct ticket_fact *k;
	const struct delegated *g;

	self_for("anna", 1);
	x = proxy_to("cifs/fs1", 1, 2);
	g = ledger_delegated(&l, &x, 0);
	CHECK(g != NULL && strcmp(g->target, "cifs/fs1") == 0);
	CHECK(g != NULL && strcmp(g->user, "anna@FJORD.TEST") == 0);
	CHECK(g != NULL && g->s4u2self && g->resource);
	k = ledger_ticket(&l, x.issued.digest);
	CHECK(k != NULL && k->user != NULL &&
	    strcmp(k->user, "anna@FJORD.TEST") == 0);

	/* A user who came with Kerberos is the client of the ticket. */
	issue(&logon, "carla@FJORD.TEST");
	k = ledger_ticket(&l, logon.issued.digest);
	CHECK(k != NULL && k->user == NULL && k->asked_known && k->asked == 0);
	x = proxy_to("cifs/fs1", 3, 4);
	g = ledger_delegated(&l, &x, 1);
	CHECK(g != NULL && strcmp(g->user, "carla@FJORD.TEST") == 0);
	CHECK(g != NULL && !g->s4u2self);

	/* The same once more is no other thing. */
	x = proxy_to("CIFS/FS1", 3, 5);
	CHECK(ledger_delegated(&l, &x, 2) == NULL);
	CHECK(ledger_delegated(&l, &x, 1)->ref.frame == 5);

	/* Who asks is told by the evidence, when its TGT says nothing. */
	x.cname = NULL;
	CHECK(ledger_delegated(&l, &x, 0) == NULL);
}

static void
test_limit(void)
{
	char target[32];
	struct exchange x;
	int i;

	for (i = 0; i < 3 * FRONT_MAX_DELEGATED; i++) {
		snprintf(target, sizeof(target), "cifs/host%d", i);
		x = proxy_to(target, 1, (uint8_t)(100 + i));
	}
	for (i = 0; ledger_delegated(&l, &x, (size_t)i) != NULL; i++)
		CHECK(strcmp(ledger_delegated(&l, &x, (size_t)i)->target,
			  "cifs/fs1") != 0);
	CHECK(i == FRONT_MAX_DELEGATED);
}

/* A TGT to hand over, given and refused; another 13 is about none. */
static void
test_forwarding(void)
{
	struct addr a = { .family = 4, .b = { 10, 0, 0, 9 } };
	struct exchange x = tgs("krbtgt/FJORD.TEST", 90, 0);

	x.options = KDC_FORWARDED;
	ledger_forwarding(&l, &x, &a);
	CHECK(ledger_host(&l, &a)->tgt_forwarded.frame == 90);
	CHECK(ledger_host(&l, &a)->tgt_not_forwarded.frame == 0);
	x.error = KDC_ERR_BADOPTION;
	x.rep.frame = 91;
	ledger_forwarding(&l, &x, &a);
	CHECK(ledger_host(&l, &a)->tgt_not_forwarded.frame == 91);
	x.options = 0;
	x.rep.frame = 92;
	ledger_forwarding(&l, &x, &a);
	CHECK(ledger_host(&l, &a)->tgt_not_forwarded.frame == 91);
}

/* An empty text points nowhere: what looks into it is undefined. */
static void
test_empty_text(void)
{
	uint64_t held = l.held;
	char *copy = ledger_copy(&l, NULL, 0, true);

	CHECK(*copy == '\0' && l.held == held + 1);
	ledger_drop_text(&l, copy);
	CHECK(l.held == held);
}

int
main(void)
{
	ledger_init(&l, SKEW_DEFAULT * SECOND, DEFAULT_MEMORY);
	test_empty_text();
	test_chain();
	test_limit();
	test_forwarding();
	ledger_release(&l);
	CHECK(l.held == 0);
	return failures != 0;
}
