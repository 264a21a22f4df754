/*
 * story-service.c - tickets and NTLM messages presented to services, and the
 * answers: which story they belong to, and what came of them.
 *
 * An authentication on a flow has a number (xid) that the carrier gives; it
 * is told apart here from others on the same connection as a "dance".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

#define DANCES_MAX 64 /* authentications kept a flow */

static bool
str_is(struct str s, const char *text)
{
	return s.len == strlen(text) && memcmp(s.p, text, s.len) == 0;
}

static const struct addr *
server_of(const struct event *ev)
{
	return ev->from_client ? &ev->dst : &ev->src;
}

static const struct addr *
client_of(const struct event *ev)
{
	return ev->from_client ? &ev->src : &ev->dst;
}

/* --- dances ----------------------------------------------------------- */

static struct dance *
dance_get(struct stories *st, const struct event *ev)
{
	struct flow_state *f = story_flow_get(st, ev->flow);
	struct dance *d, **at;

	for (d = f->dances; d != NULL; d = d->next)
		if (d->xid == ev->xid)
			return d;
	if (f->ndances == DANCES_MAX) {
		for (at = &f->dances; *at != NULL && (*at)->next != NULL;)
			at = &(*at)->next;
		free(*at);
		*at = NULL;
		f->ndances--;
		st->held -= sizeof(*d);
	}
	d = must_calloc(1, sizeof(*d));
	st->held += sizeof(*d);
	d->xid = ev->xid;
	d->next = f->dances;
	f->dances = d;
	f->ndances++;
	return d;
}

static struct tale *
dance_tale(const struct stories *st, const struct dance *d)
{
	return d->tale == 0 ? NULL : tale_by_id(st, d->tale);
}

/* The attempt that the dance is at; NULL when none was begun or kept. */
static struct attempt *
dance_attempt(const struct stories *st, const struct dance *d, struct tale **t)
{
	*t = dance_tale(st, d);
	return *t == NULL || !d->begun ? NULL : tale_attempt(*t, d->attempt);
}

static struct attempt *
attempt_new(struct stories *st, struct tale *t, struct dance *d,
    const struct event *ev, enum mech mech)
{
	struct attempt *a = tale_add_attempt(t);
	const struct flow_state *f = story_flow_find(st, ev->flow);

	d->tale = t->s.id;
	d->begun = a != NULL;
	if (a == NULL)
		return NULL;
	d->attempt = t->s.nattempts - 1;
	a->mech = mech;
	/* An event file may lack it. */
	a->carrier = ev->carrier != NULL ? ev->carrier : "unknown";
	a->flow = ev->flow;
	a->xid = ev->xid;
	a->server = *server_of(ev);
	a->server_port = ev->from_client ? ev->dport : ev->sport;
	a->req = ev->ref;
	a->ticket.etype = a->ticket.kvno = EV_ABSENT;
	a->status = a->error_ext = a->kpasswd_result = EV_ABSENT;
	a->error = -1;
	a->offered_krb5 = f != NULL && f->offered_krb5;
	a->offer_seen = f != NULL && f->offer_seen;
	t->s.carrier = a->carrier;
	t->s.server = a->server;
	t->s.server_port = a->server_port;
	t->s.client_port = ev->from_client ? ev->sport : ev->dport;
	t->service = true;
	return a;
}

/* --- Kerberos --------------------------------------------------------- */

/* A ticket for the same service was refused, and here is another one. */
static bool
is_next_try(const struct tale *t, const char *spn, const char *principal,
    const struct addr *server)
{
	struct spn parts;

	if (!t->service || t->s.nattempts == 0 ||
	    !principal_may_be(t->s.principal, principal))
		return false;
	if (spn_equal(t->s.spn, spn))
		return true;
	spn_split(spn, &parts);
	return tale_failed(t) &&
	    (host_alike(str_of(t->s.host), parts.host) ||
		addr_equal(&t->s.server, server));
}

static struct tale *
tale_for_ticket(struct stories *st, const struct event *ev,
    const struct ticket_fact *known)
{
	const struct ev_ap_req *r = &ev->u.ap_req;
	struct client *c = client_get(st, client_of(ev));
	const char *principal = known == NULL ? NULL : known->client;
	char spn[TEXT_MAX + 1];
	struct tale *t;

	for (t = c->newest; t != NULL; t = t->older)
		if (tale_issued(t, r->tkt_digest) != NULL)
			return t;
	snprintf(spn, sizeof(spn), "%.*s", (int)r->tkt_sname.len,
	    r->tkt_sname.len == 0 ? "" : r->tkt_sname.p);
	for (t = c->newest; t != NULL; t = t->older)
		if (is_next_try(t, spn, principal, server_of(ev)))
			return t;
	t = tale_new(st, c, ev);
	tale_service(t, r->tkt_sname, r->tkt_realm);
	tale_principal(t, str_of(principal), str_of(NULL));
	t->s.cut_start = known == NULL || known->issued.frame == 0;
	return t;
}

static void
story_ap_req(struct stories *st, const struct event *ev)
{
	const struct ev_ap_req *r = &ev->u.ap_req;
	struct dance *d = dance_get(st, ev);
	const struct ticket_fact *known = NULL;
	struct tale *t = dance_tale(st, d);
	struct attempt *a;

	if (r->tkt_digest.len == DIGEST_LEN)
		known = ledger_ticket(st->ledger, r->tkt_digest.p);
	if (t == NULL || t->s.nattempts == 0 ||
	    t->s.attempts[t->s.nattempts - 1].answer == ANSWER_OK)
		t = tale_for_ticket(st, ev, known);
	a = attempt_new(st, t, d, ev, MECH_KRB5);
	tale_step(t, ev, STEP_INFO, EV_ABSENT, NULL, "AP-REQ %.*s",
	    (int)r->tkt_sname.len, r->tkt_sname.p);
	story_contact_sent(st, t, ev);
	story_contact_join(st, t, t->s.carrier);
	tale_arm(st, t, TIMER_UNANSWERED, ev->ref.time);
	if (a == NULL)
		return;
	ticket_copy(t, &a->ticket, r->tkt_realm, r->tkt_sname, r->tkt_etype,
	    r->tkt_kvno, r->tkt_digest);
	a->sname_parts = r->tkt_sname_parts;
	a->ap_options = (uint32_t)r->ap_options;
	a->auth_etype = r->auth_etype;
	a->u2u = r->u2u != 0;
	a->issued_here = tale_issued(t, r->tkt_digest) != NULL;
	if (known != NULL)
		a->issued = known->issued;
}

/* Windows Server 2025 says in a KRB-ERROR that a password was changed. */
static bool
is_success(const struct attempt *a, const struct ev_krb_error *e)
{
	return a != NULL && a->answer == ANSWER_OK &&
	    strcmp(a->carrier, "kpasswd") == 0 && e->code == 0 &&
	    e->kpasswd_result == 0;
}

static void
service_error(struct stories *st, const struct event *ev)
{
	const struct ev_krb_error *e = &ev->u.krb_error;
	char text[NAME_TEXT];
	struct tale *t;
	struct attempt *a;

	a = dance_attempt(st, dance_get(st, ev), &t);
	if (t == NULL)
		return;
	story_contact_answered(st, t, ev);
	if (is_success(a, e))
		return;
	tale_step(t, ev, STEP_ERROR, e->code, krb_error_name(e->code),
	    "KRB-ERROR %s", name_or(krb_error_name(e->code), e->code, text));
	tale_arm(st, t, TIMER_FAILURE, ev->ref.time);
	if (a == NULL || a->mech != MECH_KRB5 || a->error >= 0)
		return; /* said before */
	a->answer = ANSWER_ERROR;
	a->error = e->code;
	a->error_ref = a->rep = ev->ref;
	a->error_sname = arena_str(&t->mem, e->sname);
	a->error_realm = arena_str(&t->mem, e->realm);
	a->error_stime = e->stime;
	a->error_ext = e->ext_type;
	if (!spn_equal(a->error_sname, a->ticket.sname))
		ledger_runs_as(st->ledger, &ev->src, e->sname, &ev->ref);
	ledger_presented(st->ledger, a, false);
}

static void
story_ap_rep(struct stories *st, const struct event *ev)
{
	struct tale *t;
	struct attempt *a = dance_attempt(st, dance_get(st, ev), &t);

	if (t != NULL)
		tale_step(t, ev, STEP_OK, EV_ABSENT, NULL, "AP-REP");
	if (a != NULL)
		a->ap_rep = true;
}

/* --- NTLM ------------------------------------------------------------- */

/* DOMAIN\user, or the user alone. */
static const char *
ntlm_user(struct arena *mem, const struct ev_ntlm *n)
{
	if (n->user.len == 0)
		return NULL;
	if (n->domain.len == 0)
		return arena_str(mem, n->user);
	return arena_printf(mem, "%.*s\\%.*s", (int)n->domain.len, n->domain.p,
	    (int)n->user.len, n->user.p);
}

static bool
same_user(const struct tale *t, struct str user)
{
	char name[TEXT_MAX + 1];

	if (user.len == 0 || user.len > TEXT_MAX)
		return t->s.principal == NULL;
	memcpy(name, user.p, user.len);
	name[user.len] = '\0';
	return principal_may_be(t->s.principal, name);
}

/*
 * The story in which NTLM is what was tried after Kerberos failed: the same
 * client and user, towards the host that the ticket was asked for.  A user
 * who did not even get a TGT has named no host yet.
 */
static bool
is_fallback(const struct stories *st, const struct tale *t,
    const struct event *ev, struct str host)
{
	const struct ev_ntlm *n = &ev->u.ntlm;

	if (!tale_failed(t) || n->anonymous != 0 || !same_user(t, n->user))
		return false;
	if (!t->service)
		return t->s.principal != NULL && n->user.len > 0;
	if (tale_host_at(st, t, server_of(ev)))
		return true;
	return host.len > 0 && t->s.host != NULL &&
	    host_alike(host, str_of(t->s.host));
}

static struct tale *
find_fallback(struct stories *st, const struct event *ev, struct client *c)
{
	const struct ev_ntlm *n = &ev->u.ntlm;
	struct spn want;
	char spn[TEXT_MAX + 1];
	struct tale *t;

	snprintf(spn, sizeof(spn), "%.*s", (int)n->spn.len,
	    n->spn.len == 0 ? "" : n->spn.p);
	spn_split(spn, &want);
	for (t = c->newest; t != NULL; t = t->older)
		if (is_fallback(st, t, ev, want.host))
			return t;
	return NULL;
}

static void
story_ntlm_authenticate(struct stories *st, const struct event *ev,
    struct dance *d)
{
	const struct ev_ntlm *n = &ev->u.ntlm;
	struct client *c = client_get(st, client_of(ev));
	struct tale *t = dance_tale(st, d);
	struct attempt *a;
	const char *user;

	if (t == NULL)
		t = find_fallback(st, ev, c);
	if (t == NULL) {
		t = tale_new(st, c, ev);
		if (d->ntlm_ref.frame != 0)
			t->s.start = d->ntlm_ref.time;
	}
	a = attempt_new(st, t, d, ev, MECH_NTLM);
	tale_arm(st, t, TIMER_UNANSWERED, ev->ref.time);
	if (a == NULL)
		return;
	user = ntlm_user(&t->mem, n);
	tale_principal(t, str_of(user), str_of(NULL));
	if (user != NULL)
		tale_step(t, ev, STEP_INFO, EV_ABSENT, NULL,
		    "NTLM AUTHENTICATE %s", user);
	else
		tale_step(t, ev, STEP_INFO, EV_ABSENT, NULL,
		    "NTLM AUTHENTICATE (anonymous)");
	a->user = user;
	a->ntlm_spn = arena_str(&t->mem, n->spn);
	a->computer = arena_str(&t->mem, n->workstation);
	a->anonymous = n->anonymous != 0;
}

static void
story_ntlm(struct stories *st, const struct event *ev)
{
	struct dance *d = dance_get(st, ev);

	if (ev->u.ntlm.type == 1)
		d->ntlm_ref = ev->ref;
	else if (ev->u.ntlm.type == 3)
		story_ntlm_authenticate(st, ev, d);
}

/* --- answers ---------------------------------------------------------- */

static void
answer_ok(struct stories *st, struct tale *t, struct attempt *a,
    const struct event *ev)
{
	a->answer = ANSWER_OK;
	if (a->mech == MECH_KRB5)
		ledger_presented(st->ledger, a, true);
	tale_step(t, ev, STEP_OK, a->status, NULL, "%s: log-on accepted%s",
	    ev->carrier,
	    ev->kind == EV_auth_reply && ev->u.auth_reply.guest != 0 ?
		" as guest" :
		"");
	tale_arm(st, t, TIMER_ANSWER, ev->ref.time);
}

static void
answer_refused(struct stories *st, struct tale *t, struct attempt *a,
    const struct event *ev)
{
	char text[NAME_TEXT];
	bool told = a->error >= 0;

	a->answer = ANSWER_ERROR;
	if (a->mech == MECH_KRB5 && !told)
		ledger_presented(st->ledger, a, false);
	tale_step(t, ev, STEP_ERROR, a->status, ntstatus_name(a->status),
	    "%s: %s", ev->carrier,
	    name_or_hex(ntstatus_name(a->status), a->status, text));
	tale_arm(st, t, TIMER_FAILURE, ev->ref.time);
}

static void
story_auth_reply(struct stories *st, const struct event *ev)
{
	const struct ev_auth_reply *r = &ev->u.auth_reply;
	struct dance *d = dance_get(st, ev);
	struct tale *t;
	struct attempt *a = dance_attempt(st, d, &t);

	if (a == NULL || a->answer == ANSWER_OK)
		return;
	if (a->answer == ANSWER_ERROR && str_is(r->outcome, "ok"))
		return; /* the error was the answer */
	a->rep = ev->ref;
	a->status = r->status;
	a->guest = r->guest != 0 || r->null_session != 0;
	if (str_is(r->outcome, "ok"))
		answer_ok(st, t, a, ev);
	else if (str_is(r->outcome, "refused"))
		answer_refused(st, t, a, ev);
	else if (a->error < 0) {
		a->answer = ANSWER_MORE;
		tale_arm(st, t, TIMER_UNANSWERED, ev->ref.time);
	}
}

/* --- the rest --------------------------------------------------------- */

static void
story_spnego(struct stories *st, const struct event *ev)
{
	const struct ev_spnego *n = &ev->u.spnego;
	struct flow_state *f;
	size_t i;

	if (ev->from_client || n->mechs.len == 0)
		return;
	f = story_flow_get(st, ev->flow);
	f->offer_seen = true;
	for (i = 0; i < n->mechs.len; i++)
		if (str_is(n->mechs.p[i], "krb5") ||
		    str_is(n->mechs.p[i], "ms-krb5"))
			f->offered_krb5 = true;
}

/* The name in the tree path: what the user typed. */
static void
story_target(struct stories *st, const struct event *ev)
{
	const struct ev_target *g = &ev->u.target;
	struct tale *t = dance_tale(st, dance_get(st, ev));

	if (t == NULL)
		return;
	if (t->s.target == NULL && g->host.len > 0) {
		t->s.target = arena_lower(&t->mem, g->host.p, g->host.len);
		t->s.target_is_ip = text_is_ip(g->host);
		if (t->s.host == NULL)
			t->s.host = t->s.target;
	}
	tale_step(t, ev, STEP_INFO, EV_ABSENT, NULL,
	    "%s: connect to %.*s\\%.*s", ev->carrier, (int)g->host.len,
	    g->host.p, (int)g->resource.len, g->resource.p);
}

static void
story_access(struct stories *st, const struct event *ev)
{
	const struct ev_access *a = &ev->u.access;
	struct tale *t = dance_tale(st, dance_get(st, ev));
	char text[NAME_TEXT];

	if (t == NULL || a->status == NT_SUCCESS)
		return;
	tale_step(t, ev, STEP_INFO, a->status, ntstatus_name(a->status),
	    "%.*s: %s (authorization)", (int)a->what.len, a->what.p,
	    name_or_hex(ntstatus_name(a->status), a->status, text));
}

/*
 * A password change is a log-on to kadmin/changepw that port 464 answers:
 * with KRB-PRIV when it took the ticket, or a KRB-ERROR, which comes as an
 * event of its own; only Windows Server 2025 writes success (0) into that.
 */
static void
story_kpasswd(struct stories *st, const struct event *ev)
{
	struct tale *t;
	struct attempt *a = dance_attempt(st, dance_get(st, ev), &t);

	if (ev->u.kpasswd.request != 0 || a == NULL || a->answer != ANSWER_NONE)
		return;
	story_contact_answered(st, t, ev);
	a->rep = ev->ref;
	a->kpasswd_result = ev->u.kpasswd.result;
	if (a->kpasswd_result != EV_ABSENT && a->kpasswd_result != 0)
		return;
	answer_ok(st, t, a, ev);
}

void
story_service_event(struct stories *st, const struct event *ev)
{
	switch (ev->kind) {
	case EV_ap_req:
		story_ap_req(st, ev);
		break;
	case EV_krb_error:
		service_error(st, ev);
		break;
	case EV_ap_rep:
		story_ap_rep(st, ev);
		break;
	case EV_ntlm:
		story_ntlm(st, ev);
		break;
	case EV_auth_reply:
		story_auth_reply(st, ev);
		break;
	case EV_spnego:
		story_spnego(st, ev);
		break;
	case EV_target:
		story_target(st, ev);
		break;
	case EV_access:
		story_access(st, ev);
		break;
	case EV_kpasswd:
		story_kpasswd(st, ev);
		break;
	default:
		break;
	}
}
