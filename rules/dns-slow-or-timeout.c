/*
 * dns-slow-or-timeout - the log-on waits for DNS: questions repeated, answers
 * more than a second late, or none at all.
 *
 * Counted is only what held the client up: from the first question until its
 * answer (or, without one, until the client went on), when nothing else was
 * sent in between.
 *
 * Not this: a second question in parallel (AAAA beside A, two resolvers
 * asked at once) that the client did not wait for; DNS that says no at once
 * (dns-srv-kdc-missing, dns-target-nxdomain); a domain controller that is off
 * as a whole (kdc-unreachable); a capture that does not hold the answers.
 */
#include <string.h>

#include "reach.h"
#include "rule.h"

#define WAITED_LONG SECOND

/* Keeps in *NEXT the earliest of what the client sent after AFTER. */
static void
note_sent(const struct ref *sent, int64_t after, const struct ref **next)
{
	if (sent->frame != 0 && sent->time > after &&
	    (*next == NULL || sent->time < (*next)->time))
		*next = sent;
}

/* What the client sent next after AFTER, questions to DNS apart. */
static const struct ref *
sent_next(const struct story *s, int64_t after)
{
	const struct ref *next = NULL;
	size_t i;

	for (i = 0; i < s->ncontacts; i++)
		note_sent(&s->contacts[i].first, after, &next);
	for (i = 0; i < s->nexchanges; i++)
		note_sent(&s->exchanges[i].req, after, &next);
	for (i = 0; i < s->nattempts; i++)
		note_sent(&s->attempts[i].req, after, &next);
	return next;
}

/*
 * How long K held the client up, in microseconds; NEXT gets what it did
 * then, NULL if nothing.
 */
static int64_t
waited(const struct story *s, const struct lookup *k, const struct ref **next)
{
	int64_t until;

	if (k->query.frame == 0)
		return 0;
	*next = sent_next(s, k->query.time);
	if (k->reply.frame != 0) {
		until = k->reply.time;
		/* It went on without that answer. */
		if (*next != NULL && (*next)->time < until)
			return 0;
	} else
		until = *next != NULL ? (*next)->time : s->end;
	return until - k->query.time;
}

static const struct lookup *
longest(const struct story *s, int64_t *most, const struct ref **next)
{
	const struct lookup *k, *found = NULL;
	const struct ref *then;
	int64_t t;

	*most = 0;
	*next = NULL;
	for (k = s->lookups; k < s->lookups + s->nlookups; k++) {
		t = waited(s, k, &then);
		/* One question without an answer may be a lost one. */
		if (t < WAITED_LONG || t <= *most ||
		    (k->reply.frame == 0 && k->asked < 2))
			continue;
		*most = t;
		*next = then;
		found = k;
	}
	return found;
}

/* What all such look-ups of S took; those in parallel count once. */
static int64_t
waited_in_all(const struct story *s)
{
	const struct lookup *k;
	const struct ref *then;
	int64_t t, from, until = 0, all = 0;

	for (k = s->lookups; k < s->lookups + s->nlookups; k++) {
		t = waited(s, k, &then);
		if (t < WAITED_LONG)
			continue;
		from = k->query.time > until ? k->query.time : until;
		if (k->query.time + t <= from)
			continue;
		until = k->query.time + t;
		all += until - from;
	}
	return all;
}

/* Whether DNS answered none of the questions of S. */
static bool
is_mute(const struct story *s)
{
	size_t i;

	for (i = 0; i < s->nlookups; i++)
		if (s->lookups[i].reply.frame != 0)
			return false;
	return true;
}

static void
report(const struct lookup *k, int64_t t, const struct ref *next,
    struct finding *f)
{
	const struct addr *first = &k->asked_first;
	char text[ADDR_TEXT];

	finding_step(f, &k->query);
	finding_subject_addr(f, SUBJECT_SERVER, first);
	finding_param(f, "resolver", addr_text(first, text));
	finding_param(f, "record", k->name);
	finding_param(f, "wait", reach_seconds(f, t));
	if (k->reply.frame == 0)
		finding_param(f, "what", "got no answer");
	else if (!addr_equal(first, &k->resolver))
		finding_paramf(f, "what", "got no answer until %s was asked",
		    addr_text(&k->resolver, text));
	else
		finding_param(f, "what",
		    k->asked > 1 ? "was answered when it was repeated" :
				   "was answered late");
	if (k->reply.frame != 0)
		finding_evidence(f, &k->reply,
		    "the answer, %lld ms after the question",
		    (long long)(t / 1000));
	finding_evidence(f, &k->query, "asked for %s, %u times in all", k->name,
	    k->asked);
	if (next != NULL && k->reply.frame == 0)
		finding_evidence(f, next, "the client goes on without it");
}

/* The machine is silent as a KDC as well: it is off, and that is the cause. */
static bool
is_dead_kdc(const struct story *s, const struct ledger *l,
    const struct addr *resolver)
{
	struct reached r;

	return reach_kdc(s, l, &r) && r.fault == REACH_FAULT_DOWN &&
	    r.lives.frame == 0 && addr_equal(&r.c->addr, resolver);
}

/* Nobody answered anything: all that was asked. */
static void
cite_all(const struct story *s, struct finding *f)
{
	const struct lookup *k;

	finding_param(f, "verb", "gets no answer from");
	for (k = s->lookups; k < s->lookups + s->nlookups; k++)
		finding_evidence(f, &k->query, "asked for %s, %u times in all",
		    k->name, k->asked);
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct ref *next;
	const struct lookup *k;
	int64_t t, all;
	bool dns_only = strcmp(s->carrier, "dns") == 0;

	if (s->nlookups == 0)
		return VERDICT_NOT_APPLICABLE;
	/* What broke a log-on that got further was not its DNS. */
	if (s->outcome == OUTCOME_BROKEN && !dns_only)
		return VERDICT_CLEAR;
	k = longest(s, &t, &next);
	if (k == NULL || (dns_only && !is_mute(s)) ||
	    is_dead_kdc(s, l, &k->asked_first))
		return VERDICT_CLEAR;
	if (k->reply.frame == 0 && !ledger_sees_answers(l, &s->client)) {
		f->missing = EVIDENCE_DNS;
		return VERDICT_UNKNOWN;
	}
	f->rests_on = EVIDENCE_DNS;
	f->certainty = k->asked >= 2 || k->reply.frame != 0 ?
	    CERTAINTY_LIKELY :
	    CERTAINTY_POSSIBLE;
	report(k, t, next, f);
	all = waited_in_all(s);
	if (all > t)
		finding_paramf(f, "all",
		    " In all %s of a log-on went that way.",
		    reach_seconds(f, all));
	if (dns_only)
		cite_all(s, f);
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "Resolve-DnsName {record|NAME} -Server {resolver|DNS}",
	    "timed; then Get-DnsClientServerAddress: dead servers out, the "
	    "domain's first" },
	{ "unix", "dig {record|NAME} @{resolver|DNS}",
	    "look at the query time; then the order of nameserver lines in "
	    "/etc/resolv.conf, or resolvectl status" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 1035 4.2.1",
	"RFC 4120 7.2.3.2",
	NULL,
};

const struct rule rule_dns_slow_or_timeout = {
	.id = "dns-slow-or-timeout",
	.title = "The log-on {verb|waits for} the DNS server "
		 "{resolver|ADDRESS}",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "DNS",
	.needs = EVIDENCE_DNS,
	.mended = MENDED_RESOLVER,
	.check = check,
	.why = "The question to {resolver|the resolver} for {record|a name} "
	       "{what|was answered late}: the client stood still for "
	       "{wait|more than a second}. Every log-on and every first use "
	       "of a server fares alike.{all|}",
	.not_this = "Questions in parallel that nobody waits for. A capture "
		    "that does not hold the answers. DNS that says no at once.",
	.decide = "nslookup {record|NAME} {resolver|RESOLVER}, at the "
		  "client and beside the resolver",
	.verify = "The question for {record|the name} is answered within "
		  "100 ms, by {resolver|the resolver} or by the one that "
		  "takes its place.",
	.fix = fix,
	.see = see,
};
