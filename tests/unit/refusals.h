/*
 * refusals.h - a world in which a ticket or a name is refused, and what the
 * rules of keys, SPNs and names make of it: shared by their unit tests.  The
 * ledger is the real one; the story is put together here.
 */
#ifndef TESTS_UNIT_REFUSALS_H
#define TESTS_UNIT_REFUSALS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding-text.h"
#include "ledger-store.h"
#include "rule.h"

extern const struct rule rule_cluster_prefixless_benign;
extern const struct rule rule_dns_a_record_alias_no_spn;
extern const struct rule rule_dns_cname_alias_client_uses_alias;
extern const struct rule rule_dns_round_robin_distinct_identities;
extern const struct rule rule_dns_stale_record_wrong_host;
extern const struct rule rule_key_machine_password_out_of_sync;
extern const struct rule rule_key_stale_service_keytab;
extern const struct rule rule_lb_node_missing_shared_key;
extern const struct rule rule_service_refused_ticket;
extern const struct rule rule_spn_duplicate;
extern const struct rule rule_spn_missing;
extern const struct rule rule_spn_prefixless_target;
extern const struct rule rule_spn_wrong_account;

static const struct rule *const judged[] = {
	&rule_cluster_prefixless_benign,
	&rule_dns_a_record_alias_no_spn,
	&rule_dns_cname_alias_client_uses_alias,
	&rule_dns_round_robin_distinct_identities,
	&rule_dns_stale_record_wrong_host,
	&rule_key_machine_password_out_of_sync,
	&rule_key_stale_service_keytab,
	&rule_lb_node_missing_shared_key,
	&rule_service_refused_ticket,
	&rule_spn_duplicate,
	&rule_spn_missing,
	&rule_spn_prefixless_target,
	&rule_spn_wrong_account,
#ifdef JUDGED_TOO /* by one test, its neighbours */
	JUDGED_TOO,
#endif
};

static int failures;

/* --- a world ---------------------------------------------------------- */

static struct ledger ledger;
static struct story story;
static struct attempt attempts[4];
static struct exchange exchanges[4];
static struct lookup lookups[2];

static inline void
world(void)
{
	ledger_release(&ledger);
	ledger_init(&ledger, 300 * SECOND, 64 << 20);
	memset(&story, 0, sizeof(story));
	memset(attempts, 0, sizeof(attempts));
	memset(exchanges, 0, sizeof(exchanges));
	memset(lookups, 0, sizeof(lookups));
	story.attempts = attempts;
	story.exchanges = exchanges;
	story.lookups = lookups;
	story.principal = "anna@FJORD.TEST";
	story.realm = "FJORD.TEST";
	story.client = (struct addr){ 4, { 10, 0, 0, 101 } };
}

static inline struct ref
frame(unsigned n)
{
	return (struct ref){ 0, n, INT64_C(1000000000) * SECOND + n * SECOND };
}

static inline struct addr
host(uint8_t n)
{
	return (struct addr){ 4, { 10, 0, 0, n } };
}

static inline unsigned
parts(const char *name)
{
	return strchr(name, '/') == NULL ? 1 : 2;
}

/* A log-on with ticket number ID; the answer comes in the next frame. */
static inline struct attempt
log_on(const char *spn, int64_t kvno, uint8_t id, uint8_t server, unsigned n)
{
	struct attempt a = { 0 };

	a.mech = MECH_KRB5;
	a.carrier = "smb2";
	a.flow = 1;
	a.server = host(server);
	a.req = frame(n);
	a.rep = frame(n + 1);
	memset(a.ticket.digest, id, DIGEST_LEN);
	a.ticket.realm = "FJORD.TEST";
	a.ticket.sname = spn;
	a.ticket.kvno = kvno;
	a.ticket.etype = 18;
	a.sname_parts = parts(spn);
	a.issued = frame(1);
	a.error = -1;
	a.error_ext = EV_ABSENT;
	return a;
}

static inline void
takes(const char *spn, int64_t kvno, uint8_t id, uint8_t server, unsigned n)
{
	struct attempt a = log_on(spn, kvno, id, server, n);

	a.answer = ANSWER_OK;
	a.status = 0;
	ledger_presented(&ledger, &a, true);
}

/* Another client's log-on, which is not this story's. */
static inline void
refuses(const char *spn, int64_t kvno, uint8_t id, uint8_t server, unsigned n)
{
	struct attempt a = log_on(spn, kvno, id, server, n);

	a.answer = ANSWER_ERROR;
	a.status = NT_LOGON_FAILURE;
	ledger_presented(&ledger, &a, false);
}

/* The story's own log-on is refused: bare, or with ERROR by AS. */
static inline struct attempt *
refused(const char *spn, int64_t kvno, uint8_t server, unsigned n, int error,
    const char *as)
{
	struct attempt *a = &attempts[story.nattempts++];

	*a = log_on(spn, kvno, 7, server, n);
	a->answer = ANSWER_ERROR;
	a->status = error < 0 ? NT_LOGON_FAILURE : NT_MORE_PROCESSING;
	a->error = error;
	if (error >= 0)
		a->error_ref = a->rep;
	a->error_sname = as;
	story.server = a->server;
	ledger_presented(&ledger, a, false);
	return a;
}

static inline struct attempt *
accepted(const char *spn, int64_t kvno, uint8_t server, unsigned n)
{
	struct attempt *a = &attempts[story.nattempts++];

	*a = log_on(spn, kvno, 8, server, n);
	a->answer = ANSWER_OK;
	ledger_presented(&ledger, a, true);
	return a;
}

/* A TGS exchange, ERROR -1 for a ticket. */
static inline struct exchange *
asks(const char *spn, unsigned n, int error)
{
	struct exchange *x = &exchanges[story.nexchanges++];

	x->kind = EXCHANGE_TGS;
	x->req = frame(n);
	x->rep = frame(n + 1);
	x->kdc = host(10);
	x->realm = "FJORD.TEST";
	x->cname = "anna";
	x->sname = spn;
	x->sname_type = 2;
	x->sname_parts = parts(spn);
	x->answer = error < 0 ? ANSWER_OK : ANSWER_ERROR;
	x->error = error;
	x->ntstatus = EV_ABSENT;
	if (error < 0) {
		x->issued.sname = spn;
		x->issued.realm = "FJORD.TEST";
	}
	return x;
}

static inline void
names(uint8_t server, const char *name, enum name_source source)
{
	struct addr a = host(server);
	struct ref r = frame(2);

	ledger_host_name(&ledger, &a, name, strlen(name), source, &r);
}

static inline void
guid(uint8_t server, uint8_t value)
{
	struct addr a = host(server);

	memset(ledger_host_entry(&ledger, &a)->host.guid, value, 16);
}

/* DNS: NAME had these addresses, so many at once. */
static inline struct name_fact *
resolves(const char *name, uint8_t a, uint8_t b, size_t at_once)
{
	struct name_fact *n;

	n = &ledger_name_entry(&ledger, str_of(name))->name;
	n->ref = frame(3);
	n->addrs[n->naddrs++] = host(a);
	if (b != 0)
		n->addrs[n->naddrs++] = host(b);
	n->most_at_once = at_once;
	n->changed = b != 0 && at_once < 2;
	names(a, name, NAME_DNS);
	return n;
}

static inline void
machine(const char *principal, bool bad, unsigned n)
{
	struct ref r = frame(n);

	ledger_as_done(&ledger, principal, bad ? KDC_ERR_PREAUTH_FAILED : -1,
	    bad, EV_ABSENT, &r);
}

/* --- judging ---------------------------------------------------------- */

/* "likely-id likely-id | possible-id": what the rules say. */
static inline void
judge(char *out, size_t size)
{
	static const enum certainty order[] = { CERTAINTY_LIKELY,
		CERTAINTY_POSSIBLE };
	struct arena mem = { 0 };
	struct finding f;
	size_t i, k, n = 0;

	out[0] = '\0';
	ledger_order(&ledger);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < sizeof(judged) / sizeof(judged[0]); i++) {
			finding_init(&f, judged[i], &mem);
			if (judged[i]->check(&story, &ledger, &f) !=
				VERDICT_FIRED ||
			    f.certainty != order[k])
				continue;
			n += (size_t)snprintf(out + n, size - n, "%s ",
			    judged[i]->id);
			if (f.nevidence == 0 || f.step.frame == 0 ||
			    f.rests_on == 0)
				n += (size_t)snprintf(out + n, size - n,
				    "(proves nothing) ");
		}
		if (k == 0)
			n += (size_t)snprintf(out + n, size - n, "|");
	}
	arena_free(&mem);
}

/*
 * Of the likely rules but the catch-all there must be just WANT (NULL: none),
 * and NEVER (may be NULL) must not be named at all.
 */
static inline void
expect(const char *what, const char *want, const char *never)
{
	static const char catch_all[] = "service-refused-ticket ";
	char said[1024], *likely, *p;

	judge(said, sizeof(said));
	likely = strdup(said);
	*strchr(likely, '|') = '\0';
	p = strstr(likely, catch_all);
	if (p != NULL)
		memmove(p, p + sizeof(catch_all) - 1,
		    strlen(p + sizeof(catch_all) - 1) + 1);
	if (strlen(likely) > 0)
		likely[strlen(likely) - 1] = '\0';
	if (strcmp(likely, want == NULL ? "" : want) != 0 ||
	    (never != NULL && strstr(said, never) != NULL) ||
	    strstr(said, "proves nothing") != NULL) {
		printf("%s: want %s, never %s, is: %s\n", what,
		    want == NULL ? "nothing" : want,
		    never == NULL ? "-" : never, said);
		failures++;
	}
	free(likely);
}

/* ID is named by the rules, whatever its certainty. */
static inline void
expect_named(const char *what, const char *id)
{
	char said[1024];

	judge(said, sizeof(said));
	if (strstr(said, id) == NULL) {
		printf("%s: %s is not named: %s\n", what, id, said);
		failures++;
	}
}

#endif
