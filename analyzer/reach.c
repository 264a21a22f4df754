/*
 * reach.c - what became of the KDC that a client asked.
 *
 * A client asks over UDP or TCP, again and again, and goes on to the next
 * KDC (RFC 4120 7.2.1, 7.2.2; MS-KILE 2.1).  Silence alone does not tell a
 * machine that is off from a filter; what else the machine answered at that
 * very time does: the kernel of a living host answers a SYN, with or without
 * a KDC behind the port.
 */
#include <string.h>

#include "names.h"
#include "reach.h"
#include "rule.h"

/* So long around a question, an answer to another one proves life. */
#define LIVES_BEFORE (SECOND)
#define LIVES_AFTER (2 * SECOND)

static bool
is_kdc(const struct contact *c)
{
	return strcmp(c->carrier, "kdc") == 0;
}

/*
 * The latest contact with ADDR over TRANSPORT of which it is known what came:
 * the end counts.  NULL when none was made.
 */
static const struct contact *
latest(const struct story *s, const struct addr *addr, enum transport transport)
{
	const struct contact *c, *found = NULL;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (is_kdc(c) && c->transport == transport &&
		    addr_equal(&c->addr, addr) &&
		    (found == NULL || found->reach == REACH_UNSEEN ||
			(c->reach != REACH_UNSEEN &&
			    c->first.time >= found->first.time)))
			found = c;
	return found;
}

/* An answer of which fragments are missing is one, and no silence. */
static bool
failed(const struct contact *c)
{
	return c != NULL && c->cut == 0 && c->reach != REACH_ANSWERED &&
	    c->reach != REACH_UNSEEN;
}

static bool
answered(const struct contact *c)
{
	return c != NULL && c->reach == REACH_ANSWERED;
}

bool
reach_any(const struct reached *r, int reach)
{
	return (r->udp != NULL && (int)r->udp->reach == reach) ||
	    (r->tcp != NULL && (int)r->tcp->reach == reach);
}

/* --- signs of life ---------------------------------------------------- */

static void
note_life(struct reached *r, const struct ref *ref, const char *by)
{
	const struct contact *last = r->c;

	if (r->tcp != NULL && r->tcp->last.time > last->last.time)
		last = r->tcp;
	if (r->udp != NULL && r->udp->last.time > last->last.time)
		last = r->udp;
	if (r->lives.frame != 0 || ref->frame == 0 ||
	    ref->time < r->c->first.time - LIVES_BEFORE ||
	    ref->time > last->last.time + LIVES_AFTER)
		return;
	r->lives = *ref;
	r->lives_by = by;
}

static const char *
port_of(const struct contact *c)
{
	if (!is_kdc(c))
		return "port 464";
	return c->transport == TRANSPORT_UDP ? "UDP port 88" : "TCP port 88";
}

static void
signs_of_life(const struct story *s, const struct ledger *l, struct reached *r)
{
	const struct host *h = ledger_host(l, &r->c->addr);
	const struct contact *c;
	size_t i;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++) {
		if (!addr_equal(&c->addr, &r->c->addr))
			continue;
		if (c->cut > 0)
			note_life(r, &c->cut_ref, port_of(c));
		else if (c->reach == REACH_ANSWERED)
			note_life(r, &c->answer, port_of(c));
	}
	for (i = 0; i < s->nlookups; i++)
		if (addr_equal(&s->lookups[i].resolver, &r->c->addr))
			note_life(r, &s->lookups[i].reply, "DNS");
	for (i = 0; i < s->nattempts; i++)
		if (addr_equal(&s->attempts[i].server, &r->c->addr))
			note_life(r, &s->attempts[i].rep, "log-ons");
	if (h == NULL)
		return;
	note_life(r, &h->spoke_last, "another port");
	note_life(r, &h->spoke, "another port");
}

/* --- one address ------------------------------------------------------ */

/*
 * What was sent to ADDR and stayed without answer, too late for silence to
 * show or not; of a KDC that answered nobody, all that others sent as well.
 */
static unsigned
times_sent(const struct story *s, const struct ledger *l,
    const struct addr *addr)
{
	const struct host *h = ledger_host(l, addr);
	const struct contact *c;
	unsigned n = 0;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (is_kdc(c) && !answered(c) && c->cut == 0 &&
		    addr_equal(&c->addr, addr))
			n += c->sent;
	if (h != NULL && h->answered == 0 && h->asked > n)
		n = (unsigned)h->asked;
	return n;
}

/* 52 from the KDC at ADDR, with no ticket to a later question. */
static const struct exchange *
too_big(const struct story *s, const struct addr *addr)
{
	const struct exchange *x, *y;
	size_t i;

	for (i = s->nexchanges; i-- > 0;) {
		x = &s->exchanges[i];
		if (x->error != KRB_ERR_RESPONSE_TOO_BIG ||
		    !addr_equal(&x->kdc, addr))
			continue;
		for (y = x + 1; y < s->exchanges + s->nexchanges; y++)
			if (y->answer == ANSWER_OK && y->kind == x->kind &&
			    addr_equal(&y->kdc, addr))
				return NULL;
		return x;
	}
	return NULL;
}

/* The verdict on the address whose contacts are in R. */
static enum reach_fault
judge(const struct reached *r)
{
	if (reach_any(r, REACH_PROHIBITED))
		return REACH_FAULT_FILTERED;
	if (reach_any(r, REACH_CLOSED)) {
		if (answered(r->udp))
			return r->too_big != NULL ? REACH_FAULT_NO_TCP :
						    REACH_FAULT_CLOSED;
		return answered(r->tcp) ? REACH_FAULT_NONE : REACH_FAULT_CLOSED;
	}
	/* A datagram that is lost costs a second: TCP makes up for it. */
	if (r->mute && !answered(r->udp))
		return REACH_FAULT_DOWN;
	if (answered(r->tcp) || !(failed(r->tcp) || failed(r->udp)))
		return REACH_FAULT_NONE;
	if (answered(r->udp) && !failed(r->tcp))
		return REACH_FAULT_NONE;
	if (!answered(r->udp) && reach_any(r, REACH_NO_HOST))
		return REACH_FAULT_DOWN;
	if (r->sent < 2)
		return REACH_FAULT_UNKNOWN;
	/* A KDC that hangs leaves datagrams lying, but its kernel takes SYNs */
	if (failed(r->tcp) && (answered(r->udp) || r->lives.frame != 0))
		return REACH_FAULT_FILTERED;
	return REACH_FAULT_DOWN;
}

/*
 * How sure the verdict is.  One datagram is lost easily, three are not; an RST
 * from a host that stays silent on UDP may be a filter's, and of one that was
 * not seen to be asked over UDP it is not known whether a KDC answers there.
 */
static enum certainty
certainty_of(const struct reached *r)
{
	switch (r->fault) {
	case REACH_FAULT_CLOSED:
		return r->udp == NULL || answered(r->udp) ||
			reach_any(r, REACH_SILENT) ?
		    CERTAINTY_LIKELY :
		    CERTAINTY_PROVEN;
	case REACH_FAULT_NO_TCP:
		return CERTAINTY_PROVEN;
	case REACH_FAULT_FILTERED:
		if (reach_any(r, REACH_PROHIBITED))
			return CERTAINTY_PROVEN;
		break;
	default:
		if (reach_any(r, REACH_NO_HOST))
			return CERTAINTY_LIKELY;
		break;
	}
	return r->sent < STORY_SILENT_SENT ? CERTAINTY_POSSIBLE :
					     CERTAINTY_LIKELY;
}

/* The realm that was wanted of the KDC at ADDR. */
static const char *
wanted_realm(const struct story *s, const struct addr *addr)
{
	size_t i;

	for (i = 0; i < s->nexchanges; i++)
		if (s->exchanges[i].realm != NULL &&
		    addr_equal(&s->exchanges[i].kdc, addr))
			return s->exchanges[i].realm;
	return s->realm;
}

/* Another KDC that answered once C had failed. */
static const struct contact *
taken_over(const struct story *s, const struct contact *c)
{
	const struct contact *o, *found = NULL;

	for (o = s->contacts; o < s->contacts + s->ncontacts; o++)
		if (is_kdc(o) && answered(o) &&
		    !addr_equal(&o->addr, &c->addr) &&
		    o->answer.time >= c->first.time &&
		    (found == NULL || o->answer.time < found->answer.time))
			found = o;
	return found;
}

/*
 * Whether OTHER is another address of the host at R's: of its second network
 * card, or of IPv6 where that goes nowhere.
 */
static bool
is_same_host(const struct ledger *l, const struct reached *r,
    const struct addr *other)
{
	const struct name_fact *n;

	if (r->srv == NULL || (n = ledger_name(l, r->srv->target)) == NULL)
		return false;
	return addr_among(other, n->addrs, n->naddrs);
}

static void
look_at(const struct story *s, const struct ledger *l, const struct contact *c,
    struct reached *r)
{
	memset(r, 0, sizeof(*r));
	r->c = c;
	r->udp = latest(s, &c->addr, TRANSPORT_UDP);
	r->tcp = latest(s, &c->addr, TRANSPORT_TCP);
	r->mute = r->tcp != NULL && story_mute(s, r->tcp);
	r->sent = times_sent(s, l, &c->addr) + (r->mute ? 1 : 0);
	r->too_big = too_big(s, &c->addr);
	signs_of_life(s, l, r);
	r->instead = taken_over(s, c);
	r->lost = (r->instead != NULL ? r->instead->answer.time : s->end) -
	    c->first.time;
	r->srv = ledger_srv(l, &c->addr);
	r->same_host = r->instead != NULL &&
	    is_same_host(l, r, &r->instead->addr);
	r->realm = wanted_realm(s, &c->addr);
	r->fault = judge(r);
	r->certainty = certainty_of(r);
}

/* Whether requests of S went unanswered and nobody can say why. */
static bool
unseen(const struct story *s)
{
	const struct contact *c;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (is_kdc(c) && c->reach != REACH_UNSEEN)
			return false;
	return s->nexchanges > 0 &&
	    s->exchanges[s->nexchanges - 1].answer == ANSWER_NONE;
}

/* Whether each port gave its answer, and the last request has one. */
static bool
all_well(const struct story *s)
{
	const struct contact *c;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (c->reach != REACH_ANSWERED)
			return false;
	return s->nexchanges == 0 ||
	    s->exchanges[s->nexchanges - 1].answer != ANSWER_NONE;
}

bool
reach_kdc(const struct story *s, const struct ledger *l, struct reached *out)
{
	struct reached r;
	const struct contact *c;
	bool any = false, unknown = false;

	memset(out, 0, sizeof(*out));
	if (all_well(s))
		return story_contact(s, "kdc", -1, -1) != NULL;
	for (c = s->contacts; c < s->contacts + s->ncontacts; c++) {
		if (!is_kdc(c))
			continue;
		any = true;
		if (!failed(c) && !story_mute(s, c))
			continue;
		look_at(s, l, c, &r);
		if (r.fault > REACH_FAULT_UNKNOWN) {
			*out = r;
			return true;
		}
		unknown = unknown || r.fault == REACH_FAULT_UNKNOWN;
	}
	if (unknown || unseen(s))
		out->fault = REACH_FAULT_UNKNOWN;
	return any || unseen(s);
}

/* --- what the rules write --------------------------------------------- */

const char *
reach_seconds(struct finding *f, int64_t us)
{
	return finding_text(f, "%lld.%lld s", (long long)(us / SECOND),
	    (long long)(us % SECOND / (SECOND / 10)));
}

static const char *
result_of(const struct contact *c)
{
	switch (c->reach) {
	case REACH_CLOSED:
		return "nobody listens";
	case REACH_PROHIBITED:
		return "a filter forbids it";
	case REACH_NO_HOST:
		return "no way to the host";
	case REACH_SILENT:
		return "no answer";
	default:
		return "answered";
	}
}

static void
cite(const struct contact *c, struct finding *f)
{
	const char *what;

	if (!failed(c))
		return;
	what = c->transport == TRANSPORT_TCP ? "SYN to port" :
					       "datagram to port";
	finding_evidence(f, &c->answer, "answer: %s", result_of(c));
	if (c->last.frame != c->first.frame)
		finding_evidence(f, &c->last, "%s %u, sent %u times: %s", what,
		    c->port, c->sent, result_of(c));
	finding_evidence(f, &c->first, "%s %u: %s", what, c->port,
	    result_of(c));
}

/* The name that people know the KDC by, or its address. */
static const char *
name_of(const struct ledger *l, const struct reached *r, struct finding *f)
{
	const struct host *h = ledger_host(l, &r->c->addr);
	char text[ADDR_TEXT];
	size_t i;

	if (r->srv != NULL)
		return r->srv->target;
	if (h != NULL && host_own_name(h, NULL) != NULL)
		return host_own_name(h, NULL);
	for (i = 0; h != NULL && i < h->nnames; i++)
		if (h->names[i].source == NAME_DNS)
			return h->names[i].name;
	return finding_text(f, "%s", addr_text(&r->c->addr, text));
}

static const char *
transports(const struct reached *r)
{
	bool tcp = failed(r->tcp) || r->mute;

	if (failed(r->udp) && tcp)
		return "UDP and TCP";
	return tcp ? "TCP" : "UDP";
}

void
reach_report(const struct story *s, const struct ledger *l,
    const struct reached *r, struct finding *f)
{
	char text[ADDR_TEXT];

	f->rests_on |= EVIDENCE_REACH;
	f->certainty = r->certainty;
	finding_step(f, &r->c->first);
	finding_subject_addr(f, SUBJECT_KDC, &r->c->addr);
	finding_param(f, "dc", name_of(l, r, f));
	finding_param(f, "realm", r->realm);
	finding_param(f, "who", s->principal);
	finding_param(f, "over", transports(r));
	finding_paramf(f, "sent", "%u", r->sent);
	if (r->instead != NULL)
		finding_paramf(f, "then",
		    "%s answered instead, %s after the first question",
		    addr_text(&r->instead->addr, text),
		    reach_seconds(f, r->lost));
	else
		finding_param(f, "then",
		    s->outcome == OUTCOME_BROKEN ?
			"no other KDC took over" :
			"what became of the request was not seen");
	if (r->mute)
		finding_evidence(f, &s->exchanges[s->nexchanges - 1].again,
		    "the client asks again, no answer came");
	cite(r->tcp, f);
	cite(r->udp, f);
	cite(r->c, f);
	if (r->lives.frame != 0)
		finding_evidence(f, &r->lives, "the same host answers: %s",
		    r->lives_by);
	if (r->instead != NULL)
		finding_evidence(f, &r->instead->answer,
		    "another KDC answers: %s",
		    addr_text(&r->instead->addr, text));
}
