/*
 * rules_world.h - one story and a ledger, built by hand, for the unit tests
 * of rules: the near misses that no lab can record.
 */
#ifndef UNIT_RULES_WORLD_H
#define UNIT_RULES_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "finding-text.h"
#include "rule.h"

/* What look-ups say, of every name asked for. */
struct proofs {
	struct dir_account account;
	struct name_owners name;
	struct spn_owners spn;
	struct preauth_trial preauth;
	struct key_trial trial;
	struct krb5_conf conf;
	bool has_account, has_name, has_spn, has_preauth, has_trial, has_conf;
};

#define T0 (INT64_C(1795297800) * SECOND)
#define HOUR (3600 * SECOND)
#define REALM "FJORD.TEST"

/* --- a ledger that knows what it is told ------------------------------ */

struct ledger {
	struct host hosts[4]; /* client, KDC, two servers */
	int64_t common;
	struct account_fact account; /* of every principal asked for */
	bool account_known;
	struct ticket_fact ticket;
	bool ticket_known;
	struct service service;
	bool service_known;
	struct name_fact name;
	struct srv_fact srv; /* led to the KDC */
	struct realm_fact realm;
	struct spn_fact spn; /* of every SPN asked for */
	bool blind;          /* answers would not be seen */
	struct proofs proofs;
};

#include "rules_proof.h"

const struct host *
ledger_host(const struct ledger *l, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < 4; i++)
		if (addr_equal(&l->hosts[i].addr, addr))
			return &l->hosts[i];
	return NULL;
}

const struct host *
ledger_host_at(const struct ledger *l, size_t i)
{
	return i < 4 ? &l->hosts[i] : NULL;
}

const char *
host_own_name(const struct host *host, const char *avoid)
{
	(void)avoid;
	return host->nnames > 0 ? host->names[0].name : NULL;
}

bool
ledger_clock(const struct ledger *l, const struct addr *addr, int64_t *offset)
{
	const struct host *h = ledger_host(l, addr);

	if (h == NULL || h->clock.samples == 0)
		return false;
	*offset = h->clock.offset - l->common;
	return true;
}

bool
ledger_clock_at(const struct ledger *l, const struct addr *addr, int64_t when,
    int64_t *offset, const struct ref **sample)
{
	const struct host *h = ledger_host(l, addr);

	(void)when;
	if (!ledger_clock(l, addr, offset))
		return false;
	*sample = &h->clock.ref;
	return true;
}

int64_t
ledger_skew(const struct ledger *l)
{
	(void)l;
	return SKEW_DEFAULT * SECOND;
}

const struct account_fact *
ledger_account(const struct ledger *l, const char *principal)
{
	if (!l->account_known ||
	    strcasecmp(l->account.principal, principal) != 0)
		return NULL;
	return &l->account;
}

const struct ticket_fact *
ledger_ticket(const struct ledger *l, const uint8_t digest[DIGEST_LEN])
{
	if (!l->ticket_known ||
	    memcmp(l->ticket.digest, digest, DIGEST_LEN) != 0)
		return NULL;
	return &l->ticket;
}

const struct service *
ledger_service_at(const struct ledger *l, const struct addr *server, size_t i)
{
	if (!l->service_known || i > 0 ||
	    !addr_equal(&l->service.server, server))
		return NULL;
	return &l->service;
}

const struct name_fact *
ledger_name(const struct ledger *l, const char *name)
{
	if (l->name.name == NULL || strcmp(l->name.name, name) != 0)
		return NULL;
	return &l->name;
}

const struct srv_fact *
ledger_srv(const struct ledger *l, const struct addr *addr)
{
	if (l->srv.name == NULL || !addr_equal(&l->hosts[1].addr, addr))
		return NULL;
	return &l->srv;
}

const struct realm_fact *
ledger_realm(const struct ledger *l, const char *realm)
{
	if (l->realm.realm == NULL || strcmp(l->realm.realm, realm) != 0)
		return NULL;
	return &l->realm;
}

const struct realm_fact *
ledger_realm_of(const struct ledger *l, const char *host)
{
	const char *realm = l->realm.realm;
	size_t n = strlen(host), r = realm == NULL ? 0 : strlen(realm);

	return r > 0 && n > r && strcasecmp(host + n - r, realm) == 0 ?
	    &l->realm :
	    NULL;
}

const struct spn_fact *
ledger_spn(const struct ledger *l, const char *spn, const char *realm)
{
	if (l->spn.spn == NULL || strcasecmp(l->spn.spn, spn) != 0 ||
	    strcmp(l->spn.realm, realm) != 0)
		return NULL;
	return &l->spn;
}

const struct host *
ledger_kdc_at(const struct ledger *l, size_t i)
{
	size_t n;

	for (n = 0; n < 4; n++)
		if (l->hosts[n].kdc_realm != NULL && i-- == 0)
			return &l->hosts[n];
	return NULL;
}

bool
ledger_sees_answers(const struct ledger *l, const struct addr *client)
{
	(void)client;
	return !l->blind;
}

/* Of machines and other servers this ledger knows nothing. */
const struct service *
ledger_service(const struct ledger *l, const char *spn,
    const struct addr *server)
{
	(void)l, (void)spn, (void)server;
	return NULL;
}

const struct service *
ledger_service_of(const struct ledger *l, const char *spn, size_t i)
{
	(void)l, (void)spn, (void)i;
	return NULL;
}

const struct account_fact *
ledger_machine(const struct ledger *l, const char *name)
{
	(void)l, (void)name;
	return NULL;
}

/* --- a story ---------------------------------------------------------- */

static struct ledger ledger;
static struct story story;
static struct exchange exchanges[8];
static struct attempt attempts[8];
static struct contact contacts[8];
static struct lookup lookups[8];
static struct ticket_at shown;
static uint64_t frame;

enum { CLIENT, KDC, SERVER, OTHER };

static inline struct ref
next_frame(void)
{
	frame++;
	return (struct ref){ 0, frame, T0 + (int64_t)frame * 1000 };
}

static inline void
clear(void)
{
	size_t i;

	memset(&ledger, 0, sizeof(ledger));
	memset(&story, 0, sizeof(story));
	memset(exchanges, 0, sizeof(exchanges));
	memset(attempts, 0, sizeof(attempts));
	memset(contacts, 0, sizeof(contacts));
	memset(lookups, 0, sizeof(lookups));
	memset(&shown, 0, sizeof(shown));
	frame = 0;
	for (i = 0; i < 4; i++) {
		ledger.hosts[i].addr.family = 4;
		ledger.hosts[i].addr.b[0] = 10;
		ledger.hosts[i].addr.b[3] = (uint8_t)(i + 1);
	}
	story.exchanges = exchanges;
	story.attempts = attempts;
	story.contacts = contacts;
	story.lookups = lookups;
	story.carrier = "kdc";
	story.client = ledger.hosts[CLIENT].addr;
	story.server = ledger.hosts[SERVER].addr;
	story.principal = "anna@" REALM;
}

/* The clock of a host is OFF seconds ahead of the capture's. */
static inline void
clock_of(int host, int64_t off)
{
	ledger.hosts[host].clock.samples = 1;
	ledger.hosts[host].clock.offset = off * SECOND;
	ledger.hosts[host].clock.ref = (struct ref){ 0, 900 + host, T0 };
}

static inline void
named(int host, const char *name)
{
	ledger.hosts[host].names[0] = (struct host_name){ .name = name,
		.source = NAME_ITSELF };
	ledger.hosts[host].nnames = 1;
}

/* ERROR 0: a ticket was issued. */
static inline struct exchange *
asked(enum exchange_kind kind, const char *sname, int error)
{
	struct exchange *x = &exchanges[story.nexchanges++];

	x->kind = kind;
	x->req = next_frame();
	x->rep = next_frame();
	x->kdc = ledger.hosts[KDC].addr;
	x->realm = x->crealm = REALM;
	x->cname = "anna";
	x->sname = sname;
	x->sname_parts = strchr(sname, '/') != NULL ? 2 : 1;
	x->ntstatus = EV_ABSENT;
	x->nonce = 1; /* EV_ABSENT: cut before the options */
	x->error = error == 0 ? -1 : error;
	x->answer = error == 0 ? ANSWER_OK : ANSWER_ERROR;
	if (error == KDC_ERR_PREAUTH_REQUIRED)
		x->answer = ANSWER_MORE;
	if (error != 0)
		x->stime = x->rep.time + ledger.hosts[KDC].clock.offset;
	return x;
}

static inline struct exchange *
as(int error)
{
	return asked(EXCHANGE_AS, "krbtgt/" REALM, error);
}

static inline struct exchange *
tgs(const char *sname, int error)
{
	return asked(EXCHANGE_TGS, sname, error);
}

/* A ticket shown to SERVER; ERROR -1 refused without a word, 0 accepted. */
static inline struct attempt *
showed(int error)
{
	struct attempt *a = &attempts[story.nattempts++];

	a->mech = MECH_KRB5;
	a->req = next_frame();
	a->rep = a->error_ref = next_frame();
	a->server = ledger.hosts[SERVER].addr;
	a->ticket.sname = "cifs/fs1.fjord.test";
	a->ticket.digest[0] = 7;
	a->sname_parts = 2;
	a->error = error == 0 ? -1 : error;
	a->answer = error == 0 ? ANSWER_OK : ANSWER_ERROR;
	a->status = error == 0 ? NT_SUCCESS : NT_LOGON_FAILURE;
	return a;
}

static inline struct attempt *
ntlm(const char *user, bool ok)
{
	struct attempt *a = &attempts[story.nattempts++];

	a->mech = MECH_NTLM;
	a->req = next_frame();
	a->rep = next_frame();
	a->server = ledger.hosts[SERVER].addr;
	a->user = user;
	a->error = -1;
	a->answer = ok ? ANSWER_OK : ANSWER_ERROR;
	a->offered_krb5 = true;
	return a;
}

/*
 * Port 88 of HOST was asked over TRANSPORT, SENT times, half a second apart.
 */
static inline struct contact *
knocked(int host, enum transport transport, enum reach reach, unsigned sent)
{
	struct contact *c = &contacts[story.ncontacts++];
	unsigned i;

	c->carrier = "kdc";
	c->transport = transport;
	c->addr = ledger.hosts[host].addr;
	c->port = 88;
	c->reach = reach;
	c->sent = sent;
	c->first = c->last = next_frame();
	for (i = 1; i < sent; i++) {
		frame += 499;
		c->last = next_frame();
	}
	if (reach != REACH_SILENT && reach != REACH_UNSEEN)
		c->answer = next_frame();
	return c;
}

/* RCODE -1: no answer. */
static inline struct lookup *
resolved(const char *name, int64_t type, int64_t rcode)
{
	struct lookup *k = &lookups[story.nlookups++];

	k->name = name;
	k->type = type;
	k->rcode = rcode;
	k->asked = 1;
	k->resolver = k->asked_first = ledger.hosts[OTHER].addr;
	k->query = next_frame();
	if (rcode >= 0)
		k->reply = next_frame();
	return k;
}

/* The account of anna had a ticket at the time of frame N. */
static inline void
got_ticket(const char *principal, uint64_t n)
{
	ledger.account_known = true;
	ledger.account.principal = principal;
	ledger.account.ok.count = 1;
	ledger.account.ok.last = (struct ref){ 0, n, T0 + (int64_t)n * 1000 };
}

/* --- what is wanted --------------------------------------------------- */

static int failed;
static struct finding found;
static struct arena mem;

static inline void
judge(const char *what, const struct rule *rule, enum verdict want,
    enum certainty sure)
{
	enum verdict v;

	finding_init(&found, rule, &mem);
	v = rule->check(&story, &ledger, &found);
	if (v != want) {
		printf("%s: %s: verdict %d, not %d\n", rule->id, what, (int)v,
		    (int)want);
		failed = 1;
		return;
	}
	if (v != VERDICT_FIRED)
		return;
	if (found.certainty != sure) {
		printf("%s: %s: certainty %d, not %d\n", rule->id, what,
		    (int)found.certainty, (int)sure);
		failed = 1;
	}
	if (found.nevidence == 0) {
		printf("%s: %s: no evidence\n", rule->id, what);
		failed = 1;
	}
}

static inline void
fires(const char *what, const struct rule *rule, enum certainty sure)
{
	judge(what, rule, VERDICT_FIRED, sure);
}

static void not(const char *what, const struct rule *rule)
{
	judge(what, rule, VERDICT_CLEAR, CERTAINTY_NONE);
}

/* The capture lacks what would decide. */
static inline void
cannot_say(const char *what, const struct rule *rule)
{
	judge(what, rule, VERDICT_UNKNOWN, CERTAINTY_NONE);
}

static inline void
about(enum subject subject, const char *want)
{
	const char *is = found.subject[subject];

	if (is != NULL && strcmp(is, want) == 0)
		return;
	printf("%s: is about %s, not %s\n", found.rule->id,
	    is == NULL ? "nothing" : is, want);
	failed = 1;
}

/* TEXT stands in the title or the paragraph. */
static inline void
says(const char *text)
{
	const char *title = finding_fill(&found, found.rule->title, false,
	    &mem);
	const char *why = finding_fill(&found, found.rule->why, false, &mem);

	if (strstr(title, text) != NULL || strstr(why, text) != NULL)
		return;
	printf("%s: does not say \"%s\": %s; %s\n", found.rule->id, text, title,
	    why);
	failed = 1;
}

#endif
