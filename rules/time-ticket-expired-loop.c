/*
 * time-ticket-expired-loop - a client shows the same expired ticket again
 * and again (32, KRB_AP_ERR_TKT_EXPIRED) and never gets a fresh one.
 *
 * A long-running service that took a ticket once and never renewed it
 * (Hadoop, cron, JAAS without a re-login).  Three refusals of one ticket,
 * told by its digest, and no new log-on of the client in between.
 *
 * Not this: 32 once, then AS or a renewal succeeds: every client finds out
 * so that its ticket ran out (normal-tgt-renewal, a resume from sleep).
 * Retransmissions are one exchange and count once.
 */
#include <string.h>

#include "rule.h"

#define LOOP 3

static bool
same_ticket(const uint8_t a[DIGEST_LEN], const uint8_t b[DIGEST_LEN])
{
	return memcmp(a, b, DIGEST_LEN) == 0;
}

/* Refusals of the ticket T that the story and the ledger know of. */
static uint64_t
refusals(const struct story *s, const struct ticket_fact *fact,
    const uint8_t t[DIGEST_LEN], struct ref *first, struct finding *f)
{
	const struct exchange *x;
	const struct attempt *a;
	uint64_t n = 0, known = 0;
	size_t i;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x->error == KRB_AP_ERR_TKT_EXPIRED &&
		    same_ticket(x->tgt.digest, t)) {
			if (n++ == 0)
				*first = x->rep;
			finding_evidence(f, &x->rep,
			    "KDC: ticket expired, for %s",
			    x->sname != NULL ? x->sname : "?");
		}
	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (a->error == KRB_AP_ERR_TKT_EXPIRED &&
		    same_ticket(a->ticket.digest, t)) {
			if (n++ == 0)
				*first = a->error_ref;
			finding_evidence(f, &a->error_ref,
			    "service: ticket expired");
		}
	for (i = 0; fact != NULL && i < fact->nat; i++)
		if (fact->at[i].refused.error_last == KRB_AP_ERR_TKT_EXPIRED) {
			known += fact->at[i].refused.count;
			if (fact->at[i].refused.first.time < first->time)
				*first = fact->at[i].refused.first;
		}
	return known > n ? known : n;
}

/* Whether the client got a new ticket after FIRST. */
static bool
started_afresh(const struct story *s, const struct ledger *l,
    const char *principal, const struct ref *first)
{
	const struct exchange *x;
	const struct account_fact *a = NULL;

	for (x = s->exchanges; x < s->exchanges + s->nexchanges; x++)
		if (x->answer == ANSWER_OK && x->rep.time > first->time &&
		    (x->kind == EXCHANGE_AS || (x->options & KDC_RENEW) != 0))
			return true;
	if (principal != NULL)
		a = ledger_account(l, principal);
	return a != NULL && a->ok.count > 0 && a->ok.last.time > first->time;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct exchange *x;
	const struct attempt *a;
	const struct ticket_fact *fact;
	const uint8_t *t;
	const char *who = s->principal;
	struct ref first = { 0 };
	uint64_t n;

	x = story_kdc_error(s, KRB_AP_ERR_TKT_EXPIRED);
	a = story_ap_error(s, KRB_AP_ERR_TKT_EXPIRED);
	if (x == NULL && a == NULL)
		return VERDICT_NOT_APPLICABLE;
	t = a != NULL ? a->ticket.digest : x->tgt.digest;
	fact = ledger_ticket(l, t);
	n = refusals(s, fact, t, &first, f);
	if (fact != NULL && fact->client != NULL)
		who = fact->client;
	if (n < LOOP || started_afresh(s, l, who, &first))
		return VERDICT_CLEAR;
	f->rests_on = a != NULL ? EVIDENCE_SERVICE : EVIDENCE_KDC;
	f->certainty = CERTAINTY_LIKELY;
	finding_step(f, a != NULL ? &a->req : &x->req);
	finding_subject(f, SUBJECT_ACCOUNT, who);
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "times", "%llu", (unsigned long long)n);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"nego-ntlm-after-kdc-error",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"kdc-refused-other",
	"service-refused-ticket",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "klist purge", "as that user; restart the service" },
	{ "unix", "kinit {account|USER}",
	    "then renew in time: k5start, krb5_renew_interval (sssd)" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 3.3.2, 7.5.9",
	NULL,
};

const struct rule rule_time_ticket_expired_loop = {
	.id = "time-ticket-expired-loop",
	.title = "{client|a client} keeps using a ticket that has expired",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "time",
	.check = check,
	.explains = explains,
	.why =
	    "The same ticket of {account|a client} was refused {times|several} "
	    "times because it had run out (32), and no new one was fetched. "
	    "The program holds on to a ticket that it took once and never "
	    "renews.",
	.not_this = "One 32 and then a new ticket: that is how every client "
		    "finds out. 32 with a renewal after sleep.",
	.decide = "klist on {client|a client}, as the user of the program",
	.verify = "{client|The client} asks the KDC for a new ticket "
		  "before or right after error 32, and the next log-on is "
		  "accepted.",
	.fix = fix,
	.see = see,
};
