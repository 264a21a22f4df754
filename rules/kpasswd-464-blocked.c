/*
 * kpasswd-464-blocked - the KDC gave the ticket for kadmin/changepw, and the
 * password service on port 464 cannot be reached: RFC 3244.
 *
 * Port 88 is open and 464 was forgotten in a firewall, or nothing listens
 * there (MIT: kadmind serves it, not krb5kdc).  Joins to a domain and changes
 * of machine passwords fail, and people whose password has expired stay shut
 * out.
 *
 * Not this: an answer of any kind, also a refusal; a second transport that
 * was answered (clients try UDP and TCP); a host that is down altogether,
 * which shows on port 88 too; silence that the capture would not show; a test
 * of the port by a scanner or by hand, which follows no ticket and goes to any
 * host.
 */
#include <strings.h>

#include "account.h"
#include "rule.h"

static bool
is_failure(enum reach reach)
{
	return reach == REACH_SILENT || reach == REACH_CLOSED ||
	    reach == REACH_PROHIBITED || reach == REACH_NO_HOST;
}

/* The contact that failed; NULL when none did or one was answered. */
static const struct contact *
failed_contact(const struct story *s)
{
	const struct contact *c, *bad = NULL;

	if (story_contact(s, "kpasswd", -1, REACH_ANSWERED) != NULL)
		return NULL;
	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (strcasecmp(c->carrier, "kpasswd") == 0 &&
		    is_failure(c->reach) &&
		    (bad == NULL || c->sent > bad->sent))
			bad = c;
	return bad;
}

/* The ticket with which the service was to be asked. */
static const struct exchange *
ticket(const struct story *s)
{
	const struct exchange *x;
	size_t i;

	for (i = s->nexchanges; i-- > 0;) {
		x = &s->exchanges[i];
		if (x->answer == ANSWER_OK && x->sname != NULL &&
		    strcasecmp(x->sname, "kadmin/changepw") == 0)
			return x;
	}
	return NULL;
}

static const char *
how(const struct contact *c)
{
	switch (c->reach) {
	case REACH_CLOSED:
		return "nobody listens there";
	case REACH_PROHIBITED:
		return "a filter says so itself";
	case REACH_NO_HOST:
		return "there is no way to that host";
	default:
		return "nobody answers, as when a firewall drops the packets";
	}
}

/*
 * Whether anything but the question itself says that passwords are changed at
 * the host of C: a test of the port asks all hosts.
 */
static bool
is_password_server(const struct story *s, const struct ledger *l,
    const struct contact *c)
{
	const struct host *h = ledger_host(l, &c->addr);

	return ticket(s) != NULL || s->nattempts > 0 ||
	    ledger_srv(l, &c->addr) != NULL ||
	    (h != NULL && ((h->roles & ROLE_KDC) != 0 || h->asked > 0));
}

/* Over what the service was asked in vain. */
static const char *
transports(const struct story *s)
{
	const struct contact *c;
	bool tcp = false, udp = false;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (strcasecmp(c->carrier, "kpasswd") == 0)
			*(c->transport == TRANSPORT_TCP ? &tcp : &udp) = true;
	return tcp && udp ? "TCP and UDP" : tcp ? "TCP" : "UDP";
}

/* Other signs of life tell a port from a host that is down. */
static bool
is_alive(const struct ledger *l, const struct contact *c)
{
	const struct host *h = ledger_host(l, &c->addr);

	return h != NULL && h->spoke.frame != 0;
}

static void
report(const struct story *s, const struct ledger *l, const struct contact *c,
    struct finding *f)
{
	const struct exchange *x = ticket(s);

	f->rests_on = EVIDENCE_REACH;
	f->certainty = c->reach == REACH_PROHIBITED    ? CERTAINTY_PROVEN :
	    c->reach == REACH_CLOSED || is_alive(l, c) ? CERTAINTY_LIKELY :
							 CERTAINTY_POSSIBLE;
	finding_step(f, &c->first);
	finding_subject_addr(f, SUBJECT_SERVER, &c->addr);
	if (x != NULL)
		finding_paramf(f, "user", "%s has a ticket",
		    s->principal != NULL ? s->principal : "The client");
	finding_param(f, "how", how(c));
	finding_param(f, "transport", transports(s));
	if (c->answer.frame != 0)
		finding_evidence(f, &c->answer, "port 464: %s", how(c));
	finding_evidence(f, &c->first, "port 464 is asked, %u time%s", c->sent,
	    c->sent == 1 ? "" : "s");
	if (c->last.frame != c->first.frame)
		finding_evidence(f, &c->last, "the last of them");
	if (x != NULL) {
		f->rests_on |= EVIDENCE_KDC;
		finding_evidence(f, &x->rep, "the ticket for it was given");
	}
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct contact *any = story_contact(s, "kpasswd", -1, -1), *c;
	const struct attempt *a;

	if (any == NULL)
		return VERDICT_NOT_APPLICABLE;
	for (a = s->attempts; a < s->attempts + s->nattempts; a++)
		if (strcasecmp(a->carrier, "kpasswd") == 0 &&
		    a->answer != ANSWER_NONE)
			return VERDICT_CLEAR;
	c = failed_contact(s);
	if (c == NULL)
		return story_contact(s, "kpasswd", -1, REACH_ANSWERED) != NULL ?
		    VERDICT_CLEAR :
		    VERDICT_UNKNOWN;
	if (!is_password_server(s, l, c)) {
		f->missing = EVIDENCE_KDC;
		return VERDICT_UNKNOWN;
	}
	report(s, l, c, f);
	return VERDICT_FIRED;
}

static const struct fix fix[] = {
	{ "windows", "Test-NetConnection {server|DC} -Port 464",
	    "open TCP and UDP 464 to every domain controller" },
	{ "samba", "ss -lntu sport = :464", "on the domain controller" },
	{ "unix", "nc -vz {server|DC} 464",
	    "MIT: kadmind serves it; krb5.conf: kpasswd_server" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 3244 2",
	"MS-KILE 1.9",
	NULL,
};

const struct rule rule_kpasswd_464_blocked = {
	.id = "kpasswd-464-blocked",
	.title = "No way to the password service at {server|the KDC}, port 464",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "transport",
	.mended = MENDED_CARRIER,
	.check = check,
	.why = "{user|The client wants} to change a password, and port "
	       "464 ({transport|TCP and UDP}) of {server|the server} cannot be "
	       "reached: {how|nobody answers}. Password changes, joins and "
	       "machine accounts' new passwords fail.",
	.not_this = "An answer that refuses the new password. A transport that "
		    "works after another one was tried. A host that is down.",
	.decide = "Test-NetConnection {server|SERVER} -Port 464 or nc -vz "
		  "{server|SERVER} 464, from the client and from a host "
		  "beside the server",
	.verify = "A password change sent to port 464 of {server|the "
		  "server} is answered.",
	.fix = fix,
	.see = see,
};
