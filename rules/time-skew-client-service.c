/*
 * time-skew-client-service - services answer 37 and their own clocks are
 * right: the client's clock moved after it had its tickets.
 *
 * RFC 4120 3.2.3: the authenticator carries the client's time.  The KDC had
 * no objection (or was not asked: tickets are kept), so the client was right
 * then, or MIT's kdc_timesync hid it.
 *
 * Not this: a service whose own stime is off (time-skew-service); a KDC that
 * refuses the same client with 37 (time-skew-client-kdc is the cause and
 * explains this).  Windows and MIT clients recover on the same connection:
 * then it weakens, the clock is off all the same.
 */
#include "refusal.h"
#include "skew.h"

/*
 * 37; or no reason at all from a service (Samba) while the client's own
 * clock, in clear in its answers to others, is off, or another told it so.
 */
static const struct attempt *
refusal(const struct story *s, const struct ledger *l)
{
	const struct attempt *a = story_ap_error(s, KRB_AP_ERR_SKEW);
	int64_t off;

	if (a != NULL)
		return a;
	a = story_key_refusal(s);
	if (a == NULL || a->error != -1)
		return NULL;
	if (skew_clock(l, &s->client, &off) == SKEW_OFF ||
	    skew_told(l, &s->client, a->req.time) != NULL)
		return a;
	return NULL;
}

/*
 * The 37 of another, which says what this service kept to itself.  After a
 * KDC's a client may have put its time right (MIT's kdc_timesync).
 */
static void
cite_told(const struct story *s, const struct ledger *l,
    const struct attempt *a, struct finding *f)
{
	const struct host *h = skew_told(l, &s->client, a->req.time), *by;
	int64_t off;

	if (h == NULL)
		return;
	finding_evidence(f, &h->skew_told,
	    "%s: KRB_AP_ERR_SKEW to the same client",
	    skew_host(f, l, &h->skew_by));
	f->rests_on |= EVIDENCE_COMPARE;
	by = ledger_host(l, &h->skew_by);
	if (by != NULL && (by->roles & ROLE_KDC) != 0 &&
	    skew_clock(l, &s->client, &off) != SKEW_OFF)
		f->certainty = CERTAINTY_POSSIBLE;
}

/*
 * How sure it is that the client's clock is why; false when keys or the
 * directory say that it is something else.
 */
static bool
weigh(const struct story *s, const struct ledger *l, const struct attempt *a,
    struct finding *f)
{
	const struct auth_fact *auth = ledger_authenticator(l, &a->req);
	struct refused_ticket r;
	int64_t off;
	enum skew_word own = skew_clock(l, &s->client, &off);

	f->certainty = own == SKEW_RIGHT ? CERTAINTY_POSSIBLE :
					   CERTAINTY_LIKELY;
	if (auth != NULL && !auth->failed && own == SKEW_OFF) {
		f->certainty = CERTAINTY_PROVEN;
		f->rests_on |= EVIDENCE_KEYTAB;
		finding_evidence(f, &auth->ref,
		    "the client's time in the authenticator: %s",
		    skew_text(f, off));
		finding_lookup(f, auth->source,
		    "this key opens the ticket, and so the authenticator");
	}
	if (a->error != -1 || !refusal_ticket(s, l, &r) || r.a != a)
		return true;
	if (r.proof == PROVEN_SKEW) {
		refusal_cite_keys(f, &r);
		refusal_walk(f, l, &r, PROVEN_SKEW, PROVEN_EXPIRED);
	}
	return r.proof == PROVEN_NOTHING || r.proof == PROVEN_SKEW;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct attempt *a = refusal(s, l);
	int64_t off;

	if (a == NULL)
		return verdict_clear_if(story_tried(s, MECH_KRB5) != NULL);
	if (skew_clock_at(l, &a->server, skew_when(a), &off) != SKEW_RIGHT)
		return VERDICT_CLEAR;
	f->rests_on = EVIDENCE_SERVICE;
	finding_step(f, &a->req);
	finding_subject_addr(f, SUBJECT_CLIENT, &s->client);
	finding_paramf(f, "machine", "%s", skew_host(f, l, &s->client));
	finding_paramf(f, "service", "%s", skew_host(f, l, &a->server));
	finding_param(f, "said", a->error == -1 ? "no reason given" : NULL);
	if (a->error == -1)
		finding_evidence(f, &a->rep, "refused without a reason");
	else
		finding_evidence(f, &a->error_ref, "service: KRB_AP_ERR_SKEW");
	if (!weigh(s, l, a, f))
		return VERDICT_CLEAR;
	finding_evidence(f, &a->req, "the ticket for %s that it refused",
	    a->ticket.sname != NULL ? a->ticket.sname : "the service");
	skew_clock(l, &s->client, &off);
	if (off != 0 && f->certainty >= CERTAINTY_LIKELY)
		finding_paramf(f, "offset", "%s", skew_text(f, off));
	skew_cite_at(f, l, &a->server, skew_when(a));
	if (a->error == -1)
		cite_told(s, l, a, f);
	if (f->certainty >= CERTAINTY_LIKELY && off != 0)
		skew_cite(f, l, &s->client);
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"time-skew-timezone",
	"service-refused-ticket",
	"nego-ntlm-blocked",
	"ntlm-logon-refused",
	NULL,
};

static const struct fix fix[] = {
	{ "windows", "w32tm /resync /rediscover",
	    "on the client; then klist purge" },
	{ "unix", "chronyc makestep", "on the client; then kinit again" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 3.2.3, 7.5.9",
	"MS-KILE 2.2.2 (clock skew recovery)",
	NULL,
};

const struct rule rule_time_skew_client_service = {
	.id = "time-skew-client-service",
	.title = "The clock of client {machine|HOST} is {offset|off}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_WEAKENS,
	.about = "time",
	.needs = EVIDENCE_SERVICE,
	.check = check,
	.explains = explains,
	.why =
	    "Service {service|HOST} refuses the client's log-on for its time "
	    "({said|37}), and the service's own time agrees with the other "
	    "clocks of the capture. So the client's clock is wrong: it moved "
	    "after the tickets were fetched, or MIT's kdc_timesync hid it "
	    "from the KDC.",
	.not_this =
	    "One service whose own clock is off (time-skew-service). "
	    "A KDC that refuses the client as well (time-skew-client-kdc).",
	.decide = "the time on {machine|the client}; or the service's keytab "
		  "(--keytab), which opens the time in the authenticator",
	.verify = "A ticket of {machine|the client} that {service|the service} "
		  "takes at the first try.",
	.fix = fix,
	.see = see,
};
