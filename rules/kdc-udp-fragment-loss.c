/*
 * kdc-udp-fragment-loss - the KDC's answers need several fragments, and some
 * of them never arrive.
 *
 * A ticket with a PAC does not fit one frame; over UDP the answer is cut by
 * IP (RFC 791 2.3), and a firewall or a tunnel that lets only first fragments
 * pass loses every large answer: the client repeats its request, waits, and
 * goes on over TCP or not at all.  The beginning of the answer is in the
 * capture, its end is not, and the client asks again: it did not get it
 * either.
 *
 * Not this: fragments that the capture alone lost (tcpdump port 88 records the
 * first of each datagram): then the client has its answer and does not ask
 * again; frames that the snap length cut, which are
 * complete on the wire; a single loss that the repetition makes good.
 */
#include <string.h>

#include "reach.h"
#include "rule.h"

#define ANSWER_SOON (SECOND / 5)

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL || strcmp(a, b) == 0;
}

/* The exchange that the answer in pieces of C belongs to; NULL if none. */
static const struct exchange *
question_of(const struct story *s, const struct contact *c)
{
	size_t i;

	for (i = s->nexchanges; i-- > 0;)
		if (s->exchanges[i].req.time <= c->cut_ref.time)
			return &s->exchanges[i];
	return NULL;
}

/*
 * The client asked the same anew, over whatever, after the loss in C.  Who
 * asks for the next thing has its answer: a capture filter on ports lets no
 * fragment pass but the first.
 */
static const struct ref *
asked_again(const struct story *s, const struct contact *c)
{
	const struct exchange *x = question_of(s, c), *y;
	const struct contact *o;

	if (x != NULL) {
		if (x->again.time > c->cut_ref.time)
			return &x->again;
		y = x + 1;
		if (y < s->exchanges + s->nexchanges)
			return y->kind == x->kind &&
				is_same(y->sname, x->sname) ?
			    &y->req :
			    NULL;
	}
	if (c->last.time > c->cut_ref.time)
		return &c->last;
	for (o = s->contacts; o < s->contacts + s->ncontacts; o++)
		if (o != c && strcmp(o->carrier, "kdc") == 0 &&
		    o->first.time > c->cut_ref.time + ANSWER_SOON)
			return &o->first;
	return NULL;
}

/* All contacts with a KDC over UDP that lost fragments. */
struct losses {
	const struct contact *c; /* the first */
	const struct ref *again;
	unsigned count;
	const struct ref *whole; /* a whole answer by UDP after a loss */
};

static bool
losses_of(const struct story *s, struct losses *out)
{
	const struct contact *c;
	const struct ref *again;

	memset(out, 0, sizeof(*out));
	for (c = s->contacts; c < s->contacts + s->ncontacts; c++) {
		if (c->transport != TRANSPORT_UDP ||
		    strcmp(c->carrier, "kdc") != 0)
			continue;
		if (out->c != NULL && c->answer.frame != 0 &&
		    c->answer.time > out->c->cut_ref.time)
			out->whole = &c->answer;
		if (c->cut == 0 || (again = asked_again(s, c)) == NULL)
			continue;
		out->count += c->cut;
		if (out->c != NULL)
			continue;
		out->c = c;
		out->again = again;
		if (c->answer.frame != 0 && c->answer.time > c->cut_ref.time)
			out->whole = &c->answer;
	}
	return out->c != NULL;
}

static bool
any_cut(const struct story *s)
{
	const struct contact *c;

	for (c = s->contacts; c < s->contacts + s->ncontacts; c++)
		if (c->cut > 0)
			return true;
	return false;
}

static enum verdict
check(const struct story *s, const struct ledger *l, struct finding *f)
{
	const struct contact *c;
	struct losses n;

	(void)l;
	if (s->ncontacts == 0)
		return VERDICT_NOT_APPLICABLE;
	if (!any_cut(s) || !losses_of(s, &n))
		return VERDICT_CLEAR;
	/* One loss, and then all was well: that happens. */
	if (n.count < 2 && n.whole != NULL)
		return VERDICT_CLEAR;
	c = n.c;
	f->rests_on = EVIDENCE_REACH;
	f->certainty = n.count < 2 || n.whole != NULL ? CERTAINTY_POSSIBLE :
							CERTAINTY_LIKELY;
	finding_step(f, &c->first);
	finding_subject_addr(f, SUBJECT_KDC, &c->addr);
	finding_paramf(f, "count", "%u", n.count);
	finding_paramf(f, "have", "%lld", (long long)c->cut_have);
	finding_evidence(f, &c->cut_ref,
	    "an answer begins; %lld octets came, the rest never does",
	    (long long)c->cut_have);
	finding_evidence(f, n.again, "the client asks again");
	finding_evidence(f, &c->first, "the request over UDP");
	return VERDICT_FIRED;
}

static const char *const explains[] = {
	"kdc-unreachable",
	NULL,
};

static const struct fix fix[] = {
	{ "windows",
	    "reg add "
	    "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\Kerberos\\"
	    "Parameters /v MaxPacketSize /t REG_DWORD /d 1",
	    "on old clients (the default since Vista is TCP for all but small "
	    "requests); then let fragments pass between client and {kdc|KDC}" },
	{ "unix", "ping -c 3 -M want -s 3000 {kdc|KDC}",
	    "fails the same way; udp_preference_limit = 1 in krb5.conf goes "
	    "round it, letting fragments pass mends it" },
	{ NULL, NULL, NULL },
};

static const char *const see[] = {
	"RFC 4120 7.2.1",
	"RFC 8900",
	"Microsoft: How to force Kerberos to use TCP instead of UDP",
	NULL,
};

const struct rule rule_kdc_udp_fragment_loss = {
	.id = "kdc-udp-fragment-loss",
	.title = "Fragments of the answers of the KDC {kdc|ADDRESS} are lost",
	.impact = IMPACT_BREAKS,
	.mild = IMPACT_REMARK,
	.about = "KDC",
	.mended = MENDED_WAY | MENDED_CLIENT,
	.check = check,
	.explains = explains,
	.why = "{count|Several} answers of {kdc|the KDC} over UDP began and "
	       "never became whole ({have|some} octets came), and the client "
	       "asked again: what drops IP fragments lies between the KDC and "
	       "the client. Small answers pass, so that users in few groups "
	       "notice nothing.",
	.not_this = "Fragments that the capture alone lost: the client does "
		    "not ask again then. Frames cut by the snap length. A "
		    "single loss that a repetition makes good.",
	.decide = "a capture on both sides of the firewall or tunnel",
	.verify = "Every answer of {kdc|the KDC} over UDP comes whole at "
		  "the client, or the client asks over TCP, and nothing is "
		  "asked twice.",
	.fix = fix,
	.see = see,
};
