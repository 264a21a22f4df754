/*
 * time-skew-service - a service refuses log-ons because its own clock is
 * off, while the KDC had no objection to the client's.
 *
 * Windows and MIT acceptors say 37 when they are ahead, and 33 (ticket not
 * yet valid) when they are behind, because the ticket's start time is tested
 * before the authenticator's time (RFC 4120 3.2.3).  Samba says nothing but
 * STATUS_LOGON_FAILURE: then only the SystemTime of its NEGOTIATE answer
 * shows why.  So what decides is the service's own clock, in clear.
 *
 * Not this: a service whose clock agrees with the others (the client is off,
 * time-skew-client-service; a postdated ticket, time-ticket-nyv), a clock
 * that is off without any refusal.  A bare refusal from a server that takes
 * other tickets all the while may be its key's: possible and no more.
 */
#include <string.h>

#include "refusal.h"
#include "skew.h"

/* Whether the server's clock was off at WHEN too. */
static bool
was_off(const struct ledger *l, const struct attempt *a, int64_t when)
{
	int64_t off;

	return skew_clock_at(l, &a->server, when, &off) != SKEW_RIGHT;
}

/* With a clock that is off. */
static bool
takes_tickets(const struct ledger *l, const struct attempt *a)
{
	const struct service *v;
	size_t i;

	for (i = 0; (v = ledger_service_at(l, &a->server, i)) != NULL; i++)
		if (v->taken.count > 0 &&
		    (was_off(l, a, v->taken.first.time) ||
			was_off(l, a, v->taken.last.time)))
			return true;
	return false;
}

/*
 * The refusal that a wrong clock would account for, given how far it is off
 * (0 when that is not known).
 */
static const struct attempt *
refusal(const struct story *s, const struct ledger *l)
{
	const struct attempt *a = story_ap_error(s, KRB_AP_ERR_SKEW);
	int64_t off;

	if (a != NULL)
		return a;
	a = story_ap_error(s, KRB_AP_ERR_TKT_NYV);
	if (a != NULL) {
		skew_clock_at(l, &a->server, skew_when(a), &off);
		return off < 0 ? a : NULL;
	}
	a = story_key_refusal(s);
	return a != NULL && a->error == -1 ? a : NULL;
}

static void
describe(const struct story *s, const struct ledger *l, const struct attempt *a,
    struct finding *f)
{
	const struct ref *said = a->error == -1 ? &a->rep : &a->error_ref;

	f->rests_on = EVIDENCE_SERVICE;
	finding_step(f, &a->req);
	finding_subject_addr(f, SUBJECT_SERVER, &a->server);
	finding_paramf(f, "machine", "%s", skew_host(f, l, &a->server));
	finding_param(f, "name", s->host != NULL ? s->host : s->target);
	if (a->error == -1)
		finding_evidence(f, said, "refused without a reason");
	else
		finding_evidence(f, said, "service: %s",
		    krb_error_name(a->error));
	finding_evidence(f, &a->req, "the ticket for %s that it refused",
	    a->ticket.sname != NULL ? a->ticket.sname : "the service");
	finding_param(f, "said",
	    a->error == -1 ? "no reason given" : krb_error_name(a->error));
}

/* What look-ups prove of the refusal A when it gives no reason. */
static enum refusal_proof
proven(const struct story *s, const struct ledger *l, const struct attempt *a,
    struct refused_ticket *r)
{
	if (a->error != -1 || !refusal_ticket(s, l, r) || r->a != a)
		return PROVEN_NOTHING;
	return r->proof;
}

/* Of a clock that is off beside what is proven of the key. */
static const char *const explains_beside[] = {
	"time-ticket-nyv",
	"time-skew-timezone",
	NULL,
};

/*
 * How sure it is, given that the clock is OWN; false when it is not at all.
 * One that is off and not why this ticket was refused will be the next to
 * refuse: a cause of its own.
 */
static bool
weigh(const struct story *s, const struct ledger *l, const struct attempt *a,
    enum skew_word own, struct finding *f)
{
	struct refused_ticket r;
	const struct auth_fact *auth = ledger_authenticator(l, &a->req);
	int64_t off;

	f->certainty = own == SKEW_OFF ? CERTAINTY_LIKELY : CERTAINTY_POSSIBLE;
	if (auth != NULL && own == SKEW_OFF && a->error == KRB_AP_ERR_SKEW &&
	    skew_clock(l, &s->client, &off) == SKEW_RIGHT)
		f->certainty = CERTAINTY_PROVEN;
	switch (proven(s, l, a, &r)) {
	case PROVEN_NOTHING:
		if (a->error == -1 && takes_tickets(l, a))
			f->certainty = CERTAINTY_POSSIBLE;
		return true;
	case PROVEN_SKEW:
		if (own == SKEW_OFF)
			f->certainty = CERTAINTY_PROVEN;
		refusal_cite_keys(f, &r);
		refusal_walk(f, l, &r, PROVEN_SKEW, PROVEN_EXPIRED);
		return true;
	default:
		memset(&f->step, 0, sizeof(f->step));
		f->explains = explains_beside;
		return own == SKEW_OFF;
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = refusal(s, l);
	const struct exchange *tgs = story_issued(s, EXCHANGE_TGS);
	struct refused_ticket r;
	enum skew_word own;
	const struct ref *sample;
	int64_t off, raw;

	if (a == NULL)
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	own = skew_clock_at(l, &a->server, skew_when(a), &off);
	if (own == SKEW_RIGHT)
		return VERDICT_CLEAR;
	if (own == SKEW_UNSEEN && a->error != KRB_AP_ERR_SKEW) {
		if (proven(s, l, a, &r) != PROVEN_NOTHING)
			return VERDICT_CLEAR;
		f->missing = EVIDENCE_CLOCK | EVIDENCE_KEYTAB;
		return VERDICT_UNKNOWN;
	}
	/* A lone clock against the capture's says too little of a silence. */
	if (a->error == -1 &&
	    ledger_clock_at(l, &a->server, skew_when(a), &raw, &sample) &&
	    !skew_beyond(l, raw))
		return VERDICT_CLEAR;
	describe(s, l, a, f);
	if (!weigh(s, l, a, own, f))
		return VERDICT_CLEAR;
	if (own != SKEW_UNSEEN) {
		skew_cite_at(f, l, &a->server, skew_when(a));
		finding_paramf(f, "offset", "%s", skew_text(f, off));
	}
	if (tgs != NULL) {
		finding_evidence(f, &tgs->rep,
		    "the KDC took the same client's time");
		skew_cite(f, l, &tgs->kdc);
	}
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"service-refused-ticket",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	"time-ticket-nyv",
	"time-skew-timezone",
	"key-stale-service-keytab",
	"spn-wrong-account",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "w32tm /resync /computer:{name|SERVER}",
	    "a virtual machine: switch off time from the hypervisor" },
	{ "unix", "chronyc makestep", "on {name|the server}" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9",
	"MS-SMB2 2.2.4 (SystemTime)",
	NULL,
};

const struct rule rule_time_skew_service = {
	.id = "time-skew-service",
	.title = "The clock of server {machine|HOST} is {offset|off}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "time",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why = "The server's own time, in clear in its answers, is {offset|not "
	       "in step}. It refuses tickets whose times it cannot believe "
	       "({said|37}), although the KDC found nothing wrong with the "
	       "client.",
	.not_this =
	    "A client whose clock moved: then several services that "
	    "agree with each other refuse it (time-skew-client-service). A "
	    "server that takes other tickets: its key. An offset that all "
	    "hosts share: the capture host's clock.",
	.decide = "the time on {name|the server}, against the KDC's: w32tm "
		  "/stripchart /computer:{name|SERVER}, chronyc tracking",
	.verify = "A ticket that {machine|the server} takes, and its time in "
		  "step with the other hosts'.",
	.fix = fix,
	.see = see,
};
