/*
 * story-kdc-reply.c - answers of KDCs: tickets, errors, and errors that are
 * only steps.
 *
 * Requests and answers are matched by flow and order.  A KRB-ERROR from a
 * Heimdal KDC under FAST has an empty sname and realm; only its request tells
 * what it is about.
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "rule.h"
#include "story-tell.h"

/* --- which request ---------------------------------------------------- */

/* One answer fewer has to come; the flow of a datagram ends with the last. */
static void
take_pending(struct stories *st, struct flow_state *f, size_t i,
    const struct event *ev)
{
	if (--f->pending[i].sent > 0)
		return;
	f->npending--;
	memmove(&f->pending[i], &f->pending[i + 1],
	    (f->npending - i) * sizeof(f->pending[0]));
	if (f->npending == 0 && f->dances == NULL &&
	    ev->transport == TRANSPORT_UDP)
		story_flow_drop(st, f);
}

/*
 * Whether EV answers a request of its flow that was answered before: each
 * time that a client asks a slow KDC again it gets an answer more, and the
 * first one counts, whoever gave it.
 */
static bool
is_late(struct stories *st, const struct event *ev)
{
	struct flow_state *f = story_flow_find(st, ev->flow);
	struct tale *t;

	if (f == NULL || f->npending == 0)
		return false;
	t = tale_by_id(st, f->pending[0].tale);
	if (t != NULL)
		story_contact_answered(st, t, ev);
	take_pending(st, f, 0, ev);
	return true;
}

/*
 * The oldest request on the flow that the answer can be for; KIND -1 for any
 * (a KRB-ERROR).  NULL when the request was never seen.
 */
static struct exchange *
find_request(struct stories *st, const struct event *ev, int kind,
    struct tale **out)
{
	struct flow_state *f = story_flow_find(st, ev->flow);
	struct exchange *x;
	struct tale *t;
	size_t i;

	for (i = 0; f != NULL && i < f->npending; i++) {
		t = tale_by_id(st, f->pending[i].tale);
		if (t == NULL)
			continue;
		x = tale_exchange(t, f->pending[i].exchange);
		if (x->answer != ANSWER_NONE ||
		    (kind >= 0 && kind != (int)x->kind))
			continue;
		take_pending(st, f, i, ev);
		story_contact_answered(st, t, ev);
		x->kdc = ev->src;
		x->kdc_port = ev->sport;
		x->transport = ev->transport;
		*out = t;
		return x;
	}
	return NULL;
}

/* --- tickets ---------------------------------------------------------- */

static bool
is_referral(const struct exchange *x, const struct ev_kdc_rep *r)
{
	if (x->kind != EXCHANGE_TGS || x->sname == NULL)
		return false;
	if (r->tkt_sname.len < 7 || memcmp(r->tkt_sname.p, "krbtgt/", 7) != 0)
		return false;
	return strncasecmp(x->sname, "krbtgt/", 7) != 0;
}

/* The answer names the service, where the request was cut short of it. */
static void
name_service(struct tale *t, struct exchange *x, struct str sname,
    struct str realm)
{
	if (x->realm == NULL)
		x->realm = arena_str(&t->mem, realm);
	if (x->sname != NULL)
		return;
	x->sname = arena_str(&t->mem, sname);
	if (x->kind == EXCHANGE_TGS && t->service && t->s.spn == NULL)
		tale_service(t, sname, realm);
}

static void
answered_ok(struct stories *st, struct tale *t, struct exchange *x,
    const struct event *ev)
{
	const struct ev_kdc_rep *r = &ev->u.kdc_rep;

	x->rep = ev->ref;
	x->answer = ANSWER_OK;
	x->referral = is_referral(x, r);
	name_service(t, x, r->tkt_sname, r->tkt_realm);
	x->key_etype = r->enc_etype;
	ticket_copy(t, &x->issued, r->tkt_realm, r->tkt_sname, r->tkt_etype,
	    r->tkt_kvno, r->tkt_digest);
	if (!x->s4u2self && !x->s4u2proxy)
		tale_principal(t, r->cname, r->crealm);
	if (r->tkt_digest.len == DIGEST_LEN)
		ledger_issued(st->ledger, &x->issued, t->s.principal, &ev->dst,
		    &ev->ref);
	ledger_delegation(st->ledger, x);
	ledger_forwarding(st->ledger, x, &ev->dst);
	if (x->kind == EXCHANGE_AS && t->s.principal != NULL &&
	    !story_wants_password(&t->s))
		ledger_as_done(st->ledger, t->s.principal, -1, false,
		    r->enc_etype, &ev->ref);
	ledger_spn_answer(st->ledger, x);
	tale_step(t, ev, STEP_OK, EV_ABSENT, NULL, "%s: ticket for %.*s%s",
	    x->kind == EXCHANGE_AS ? "AS-REP" : "TGS-REP",
	    (int)r->tkt_sname.len, r->tkt_sname.p,
	    x->referral ? " (referral)" : "");
}

void
story_kdc_reply(struct stories *st, const struct event *ev)
{
	const struct ev_kdc_rep *r = &ev->u.kdc_rep;
	struct exchange *x;
	struct tale *t;
	int kind;

	kind = r->msg_type == 11 ? EXCHANGE_AS : EXCHANGE_TGS;
	x = find_request(st, ev, kind, &t);
	if (x == NULL && is_late(st, ev))
		return;
	if (x == NULL)
		x = story_orphan(st, ev, &t);
	answered_ok(st, t, x, ev);
	tale_arm(st, t,
	    story_wants_password(&t->s) ? TIMER_PROMPT : TIMER_ANSWER,
	    ev->ref.time);
}

/* --- errors ----------------------------------------------------------- */

/*
 * Windows tries a secure dynamic update at whatever name server the SOA of a
 * private reverse zone names, such as DNS/z.arin.net: a host outside the
 * realm that nobody expects a ticket for.
 */
static bool
is_outside_update(const struct exchange *x)
{
	struct spn s;
	size_t n;

	if (x->realm == NULL || !spn_split(x->sname, &s) || s.class.len != 3 ||
	    strncasecmp(s.class.p, "DNS", 3) != 0)
		return false;
	n = strlen(x->realm);
	return s.host.len <= n || s.host.p[s.host.len - n - 1] != '.' ||
	    strncasecmp(s.host.p + s.host.len - n, x->realm, n) != 0;
}

/* Whether the error is a step of the protocol or ordinary behaviour. */
static bool
is_step(const struct exchange *x)
{
	if (krb_error_is_step(x->error) && x->error != KDC_ERR_WRONG_REALM)
		return true;
	if (x->error < 0)
		return true; /* cut short before the code: nobody knows */
	/* A scanner's AS-REQ names nobody: no log-on, whatever is said. */
	if (x->kind == EXCHANGE_AS && x->cname == NULL && x->nonce != EV_ABSENT)
		return true;
	switch (x->error) {
	case KDC_ERR_WRONG_REALM:
		return x->err_crealm != NULL && x->realm != NULL &&
		    strcasecmp(x->err_crealm, x->realm) != 0;
	case KDC_ERR_BADOPTION:
		return story_usual_badoption(x);
	case KDC_ERR_S_PRINCIPAL_UNKNOWN:
		return is_outside_update(x);
	default:
		return false;
	}
}

/* ETYPE-INFO and ETYPE-INFO2, RFC 4120 5.2.7.4: the keys that there are. */
static void
keys_listed(struct exchange *x, const struct ev_krb_error *e)
{
	size_t i, most = sizeof(x->key_etypes) / sizeof(x->key_etypes[0]);

	for (i = 0; i < e->info_etypes.len && i < most; i++)
		x->key_etypes[i] = (int32_t)e->info_etypes.p[i];
	x->nkey_etypes = i;
}

/* A service's TGT is older than most captures: the error names its owner. */
static void
name_front(struct tale *t, struct exchange *x, const struct ev_krb_error *e)
{
	if (x->s4u2proxy && x->cname == NULL && e->cname.len > 0) {
		x->cname = arena_str(&t->mem, e->cname);
		x->crealm = arena_str(&t->mem, e->crealm);
	}
}

static void
answered_error(struct tale *t, struct exchange *x, const struct event *ev)
{
	const struct ev_krb_error *e = &ev->u.krb_error;

	x->rep = ev->ref;
	x->error = e->code;
	x->ntstatus = e->ntstatus;
	x->stime = e->stime;
	x->ctime = e->ctime;
	x->e_text = arena_str(&t->mem, e->e_text);
	x->err_crealm = arena_str(&t->mem, e->crealm);
	x->err_realm = arena_str(&t->mem, e->realm);
	keys_listed(x, e);
	name_front(t, x, e);
	name_service(t, x, e->sname, e->realm);
	x->answer = is_step(x) ? ANSWER_MORE : ANSWER_ERROR;
}

/* MIT KDCs answer a wrong password with 31, Windows and Samba with 24. */
static bool
is_bad_key(const struct exchange *x)
{
	return x->error == KDC_ERR_PREAUTH_FAILED ||
	    x->error == KRB_AP_ERR_BAD_INTEGRITY;
}

/* What says that somebody, or something, guesses names or passwords. */
static bool
is_failing(const struct exchange *x)
{
	return is_bad_key(x) || x->error == KDC_ERR_C_PRINCIPAL_UNKNOWN ||
	    x->error == KDC_ERR_CLIENT_REVOKED;
}

static void
as_refused(struct stories *st, const struct tale *t, const struct exchange *x,
    const struct event *ev)
{
	if (t->s.principal != NULL)
		ledger_as_done(st->ledger, t->s.principal, x->error,
		    is_bad_key(x), EV_ABSENT, &ev->ref);
	if (is_failing(x) && x->cname != NULL)
		ledger_failing(st->ledger, &ev->dst, x->cname, x->realm,
		    &ev->ref);
}

static enum timer
timer_after(const struct exchange *x)
{
	if (x->error == KDC_ERR_PREAUTH_REQUIRED ||
	    x->error == KDC_ERR_MORE_PREAUTH)
		return TIMER_PROMPT;
	if (x->error == KDC_ERR_BADOPTION && x->answer == ANSWER_MORE)
		return TIMER_ANSWER;
	return TIMER_FAILURE;
}

/*
 * Without its request an error that may be a step, and a refused option, say
 * nothing: BADOPTION is most often Windows' S4U2Proxy to itself.  A step may
 * show that a client goes on that was refused before.
 */
static bool
says_nothing_alone(struct stories *st, const struct event *ev)
{
	const struct ev_krb_error *e = &ev->u.krb_error;

	if (e->code == KDC_ERR_BADOPTION ||
	    (e->sname.len == 0 && e->cname.len == 0))
		return true;
	return krb_error_is_step(e->code) && story_orphan_of(st, ev) == NULL;
}

void
story_kdc_krb_error(struct stories *st, const struct event *ev)
{
	const struct ev_krb_error *e = &ev->u.krb_error;
	char text[NAME_TEXT];
	struct exchange *x;
	struct tale *t;
	const char *name;

	st->ledger->evidence |= EVIDENCE_KDC;
	x = find_request(st, ev, -1, &t);
	if (x == NULL) {
		if (is_late(st, ev) || says_nothing_alone(st, ev))
			return;
		x = story_orphan(st, ev, &t);
	}
	answered_error(t, x, ev);
	ledger_forwarding(st->ledger, x, &ev->dst);
	ledger_spn_answer(st->ledger, x);
	if (x->kind == EXCHANGE_AS && x->answer == ANSWER_ERROR)
		as_refused(st, t, x, ev);
	name = name_or(krb_error_name(e->code), e->code, text);
	tale_step(t, ev, x->answer == ANSWER_ERROR ? STEP_ERROR : STEP_INFO,
	    e->code, krb_error_name(e->code), "KRB-ERROR %s", name);
	tale_arm(st, t, timer_after(x), ev->ref.time);
}
