/*
 * story-kdc.c - requests to KDCs and their answers: which story they belong
 * to (RFC 4120 3.1, 3.3; MS-SFU 3.1.5; RFC 6806 for referrals).
 *
 * The ticket digest is the first join: a TGS-REQ belongs to the story that
 * got the TGT which it presents.  Names come after it, because they lie or
 * hide (FAST, aliases, case).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

static bool
str_begins(struct str s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && strncasecmp(s.p, text, n) == 0;
}

static bool
is_krbtgt(struct str sname)
{
	return str_begins(sname, "krbtgt/");
}

static bool
same_text(const char *a, struct str b)
{
	return a != NULL && strlen(a) == b.len &&
	    strncasecmp(a, b.p, b.len) == 0;
}

/* --- the story of a request ------------------------------------------- */

/*
 * A retransmission carries the nonce of a request that is still unanswered;
 * it may go to another KDC.  The same nonce after an answer is a new request
 * (MIT keeps it from UDP to TCP).
 */
static struct exchange *
find_retransmit(struct client *c, const struct ev_kdc_req *r, struct tale **out)
{
	struct exchange *x;
	struct tale *t;

	if (r->nonce == EV_ABSENT)
		return NULL;
	for (t = c->newest; t != NULL; t = t->older) {
		if (t->s.nexchanges == 0)
			continue;
		x = tale_exchange(t, t->s.nexchanges - 1);
		if (x->answer != ANSWER_NONE || x->nonce != r->nonce ||
		    x->kind != (r->msg_type == 10 ? EXCHANGE_AS : EXCHANGE_TGS))
			continue;
		if (!same_text(x->sname, r->sname))
			continue;
		*out = t;
		return x;
	}
	return NULL;
}

static bool
last_is_issued_as(const struct tale *t)
{
	const struct exchange *x;

	if (t->s.nexchanges == 0)
		return false;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	return x->kind == EXCHANGE_AS && x->answer == ANSWER_OK;
}

/*
 * An expired password makes a client ask for kadmin/changepw instead of the
 * TGT, and for the TGT after that.
 */
static bool
same_as_service(const struct exchange *x, const struct ev_kdc_req *r)
{
	static const char changepw[] = "kadmin/changepw";

	return same_text(x->sname, r->sname) || x->sname == NULL ||
	    r->sname.len == 0 || same_text(changepw, r->sname) ||
	    strcasecmp(x->sname, changepw) == 0;
}

/*
 * Whether the AS-REQ EV and X name one client.  A snap length cuts names off,
 * and the nonce with them: then each may be the other's next try.
 */
static bool
same_as_client(const struct exchange *x, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;

	return same_text(x->cname, r->cname) ||
	    (r->cname.len == 0 && ev->cut) ||
	    (x->cname == NULL && x->nonce == EV_ABSENT);
}

/*
 * The open story that an AS-REQ goes on with: the same client name, nothing
 * issued yet; or a renewal that was refused, after which clients ask anew.
 */
static struct tale *
find_as(struct client *c, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	const struct exchange *x;
	struct tale *t;

	for (t = c->newest; t != NULL; t = t->older) {
		if (t->s.nexchanges == 0 || t->s.nattempts > 0)
			continue;
		x = &t->s.exchanges[t->s.nexchanges - 1];
		if (x->kind == EXCHANGE_AS && !last_is_issued_as(t) &&
		    same_as_client(x, ev) && same_as_service(x, r))
			return t;
		if (x->kind == EXCHANGE_TGS && x->answer == ANSWER_ERROR &&
		    (x->options & (KDC_RENEW | KDC_VALIDATE)) != 0 &&
		    (x->cname == NULL || same_text(x->cname, r->cname)))
			return t;
	}
	return NULL;
}

bool
tale_same_service(const struct stories *st, const struct tale *t,
    const char *spn)
{
	struct spn a, b;
	const struct name_fact *n;
	bool classless;

	if (t->s.spn == NULL)
		return false;
	if (spn_equal(t->s.spn, spn))
		return true;
	classless = !spn_split(t->s.spn, &a) || !spn_split(spn, &b);
	if (classless)
		spn_split(spn, &b);
	else if (a.class.len != b.class.len ||
	    strncasecmp(a.class.p, b.class.p, a.class.len) != 0)
		return false;
	if (host_alike(a.host, b.host))
		return true;
	n = t->s.host == NULL ? NULL : ledger_name(st->ledger, t->s.host);
	return n != NULL && n->canonical != NULL &&
	    host_alike(str_of(n->canonical), b.host);
}

/* Whether T may still turn to another name of its service. */
static bool
may_ask_again(const struct tale *t, const char *spn)
{
	const struct exchange *x;

	if (tale_failed(t))
		return true;
	if (t->s.nexchanges == 0)
		return false;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	if (x->referral)
		return true;
	/* Asked over TCP after 52, or at another KDC: the same name again. */
	return x->answer == ANSWER_MORE && same_text(x->sname, str_of(spn));
}

static bool
began_s4u(const struct tale *t)
{
	return t->s.nexchanges > 0 && t->s.exchanges[0].s4u2self;
}

static struct tale *
find_same_service(struct stories *st, struct client *c,
    const struct ev_kdc_req *r, const char *principal, const char *spn)
{
	struct tale *t;

	for (t = c->newest; t != NULL; t = t->older)
		if (t->service && tale_same_service(st, t, spn) &&
		    may_ask_again(t, spn) &&
		    principal_may_be(t->s.principal, principal) &&
		    (r->for_user.len > 0) == began_s4u(t))
			return t;
	return NULL;
}

/*
 * The story that a TGS-REQ goes on with by its tickets: S4U2Proxy by its
 * evidence, a hop to another realm by the referral.
 */
static struct tale *
find_by_ticket(struct client *c, const struct ev_kdc_req *r)
{
	const struct exchange *x;
	struct tale *t;

	for (t = c->newest; t != NULL; t = t->older) {
		x = tale_issued(t, r->addl_digest);
		if (x != NULL && x->kind == EXCHANGE_TGS && x->s4u2self)
			return t;
		x = tale_issued(t, r->tkt_digest);
		if (x != NULL && x->kind == EXCHANGE_TGS && t->s.nattempts == 0)
			return t;
	}
	return NULL;
}

/* The open story of an AS exchange whose TGT nobody has used yet. */
static struct tale *
find_unused_tgt(struct client *c, struct bytes tgt)
{
	const struct exchange *x;
	struct tale *t;

	for (t = c->newest; t != NULL; t = t->older) {
		x = tale_issued(t, tgt);
		if (x != NULL && x->kind == EXCHANGE_AS && !t->service)
			return t;
	}
	return NULL;
}

/* AS probes without a password that precede S4U2Self (MS-SFU 3.1.5.1.1). */
static struct tale *
find_probe(struct client *c, struct str user)
{
	struct tale *t;

	if (user.len == 0)
		return NULL;
	for (t = c->newest; t != NULL; t = t->older)
		if (!t->service && t->s.nexchanges > 0 &&
		    t->s.exchanges[0].kind == EXCHANGE_AS &&
		    !t->s.exchanges[0].preauth &&
		    same_text(t->s.exchanges[0].cname, user))
			return t;
	return NULL;
}

/* A TGT forwarded, renewed or validated: a step, not a service. */
static bool
is_housekeeping(const struct ev_kdc_req *r)
{
	return is_krbtgt(r->sname) &&
	    (r->kdc_options & (KDC_FORWARDED | KDC_RENEW | KDC_VALIDATE)) != 0;
}

/* The open story whose TGT a forwarding request presents. */
static struct tale *
find_forwarding(struct client *c, const struct ev_kdc_req *r)
{
	struct tale *t;
	size_t i;

	if ((r->kdc_options & KDC_FORWARDED) == 0)
		return NULL;
	for (t = c->newest; t != NULL; t = t->older) {
		if (tale_issued(t, r->tkt_digest) != NULL)
			return t;
		for (i = 0; i < t->s.nexchanges; i++)
			if (ticket_is(&t->s.exchanges[i].tgt, r->tkt_digest))
				return t;
	}
	return NULL;
}

/* The lines of the ladder that show X in FROM are shown in T too. */
static void
share_steps(const struct tale *from, struct tale *t, const struct exchange *x)
{
	const struct step *s;
	struct step *list;
	size_t i;

	for (i = 0; i < from->s.nsteps; i++) {
		s = &from->s.steps[i];
		if (s->ref.capture != x->req.capture ||
		    (s->ref.frame != x->req.frame &&
			s->ref.frame != x->rep.frame))
			continue;
		if (t->s.nsteps == STORY_MAX_STEPS) {
			t->s.not_kept++;
			continue;
		}
		list = tale_step_room(t);
		list[t->s.nsteps] = *s;
		list[t->s.nsteps++].what = arena_str(&t->mem, str_of(s->what));
	}
}

/* The AS exchange that issued the TGT is a first step of this story too. */
static void
share_first_step(struct client *c, struct tale *t, struct bytes tgt)
{
	static const struct ticket none = {
		.etype = EV_ABSENT,
		.kvno = EV_ABSENT,
	};
	const struct exchange *x = NULL;
	struct exchange *mine;
	const struct tale *from;

	for (from = c->newest; from != NULL; from = from->older)
		if (from != t && (x = tale_issued(from, tgt)) != NULL)
			break;
	if (x == NULL || x->kind != EXCHANGE_AS ||
	    (mine = tale_add_exchange(t)) == NULL)
		return;
	*mine = *x;
	mine->realm = arena_str(&t->mem, str_of(x->realm));
	mine->cname = arena_str(&t->mem, str_of(x->cname));
	mine->crealm = arena_str(&t->mem, str_of(x->crealm));
	mine->sname = arena_str(&t->mem, str_of(x->sname));
	mine->e_text = mine->err_crealm = mine->err_realm = NULL;
	mine->for_user = mine->for_user_realm = NULL;
	mine->tgt = mine->evidence = none;
	mine->issued.realm = arena_str(&t->mem, str_of(x->issued.realm));
	mine->issued.sname = arena_str(&t->mem, str_of(x->issued.sname));
	t->s.start = x->req.time;
	share_steps(from, t, x);
}

/*
 * FROM got a fresh TGT only so that T could try once more: its AS exchange
 * becomes a step of T.  One in which something failed stays a story.
 */
static void
absorb(struct stories *st, struct tale *t, struct tale *from, struct bytes tgt)
{
	int64_t start = t->s.start;
	size_t i;

	for (i = 0; i < from->s.nexchanges; i++)
		if (from->s.exchanges[i].answer == ANSWER_ERROR)
			return;
	share_first_step(t->client, t, tgt);
	t->s.start = start;
	tale_discard(st, from);
}

/*
 * The story of a service that a TGS-REQ goes on with when its names were cut
 * off: the client was refused only just, and asks with the same TGT.
 */
static struct tale *
find_before_cut(struct client *c, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	const struct exchange *x;
	struct tale *t;

	if (!ev->cut || r->sname.len > 0)
		return NULL;
	for (t = c->newest; t != NULL; t = t->older) {
		if (t->s.nattempts > 0 || t->s.nexchanges == 0)
			continue;
		x = &t->s.exchanges[t->s.nexchanges - 1];
		if (x->kind == EXCHANGE_TGS && x->answer == ANSWER_ERROR &&
		    ev->ref.time - x->rep.time < STORY_REALM_BEFORE &&
		    (r->tkt_digest.len == 0 || !digest_set(x->tgt.digest) ||
			ticket_is(&x->tgt, r->tkt_digest)))
			return t;
	}
	return NULL;
}

static struct tale *
tale_known(struct stories *st, struct client *c, const struct event *ev,
    const char *principal)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	char spn[TEXT_MAX + 1];
	struct tale *t, *as;

	if (is_housekeeping(r))
		return find_forwarding(c, r);
	if ((t = find_by_ticket(c, r)) != NULL)
		return t;
	if ((t = story_before_realm(c, ev)) != NULL ||
	    (t = story_after_dot(c, ev)) != NULL)
		return t;
	if ((t = find_before_cut(c, ev)) != NULL)
		return t;
	if ((t = story_guess_before(c, r)) != NULL)
		return t;
	as = find_unused_tgt(c, r->tkt_digest);
	snprintf(spn, sizeof(spn), "%.*s", (int)r->sname.len,
	    r->sname.len == 0 ? "" : r->sname.p);
	t = find_same_service(st, c, r, principal, spn);
	if (t != NULL && as != NULL)
		absorb(st, t, as, r->tkt_digest);
	if (t == NULL)
		t = as;
	return t == NULL ? find_probe(c, r->for_user) : t;
}

static struct tale *
tale_for_tgs(struct stories *st, struct client *c, const struct event *ev,
    const char *principal)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	struct tale *t = tale_known(st, c, ev, principal);
	bool asked;

	if (t != NULL) {
		asked = t->service && t->s.spn != NULL &&
		    !is_krbtgt(str_of(t->s.spn));
		/* Not in a full story: its texts would grow without end. */
		if (!asked && !is_housekeeping(r) &&
		    t->s.nexchanges < STORY_MAX_EXCHANGES)
			tale_service(t, r->sname, r->realm);
		return t;
	}
	t = tale_new(st, c, ev);
	share_first_step(c, t, r->tkt_digest);
	tale_service(t, r->sname, r->realm);
	if (principal == NULL && t->s.nexchanges == 0)
		t->s.cut_start = true;
	return t;
}

/* --- the request ------------------------------------------------------ */

static bool
has_padata(const struct ints *list, int64_t type)
{
	size_t i;

	for (i = 0; i < list->len; i++)
		if (list->p[i] == type)
			return true;
	return false;
}

/* Pre-authentication that proves a key, not merely asks for something. */
static bool
proves_key(const struct ev_kdc_req *r)
{
	return r->ts_cipher.len > 0 || has_padata(&r->padata, PA_PK_AS_REQ) ||
	    has_padata(&r->padata, PA_ENC_TIMESTAMP) ||
	    has_padata(&r->padata, PA_ENCRYPTED_CHALLENGE);
}

/*
 * Whether an AS-REQ holds nothing but wishes (PA-PAC-REQUEST, what RFC 6806
 * and MS-KILE negotiate with): every other type may be a proof that is not
 * known here, such as a one-time password.
 */
static bool
proves_nothing(const struct event *ev)
{
	static const int64_t wishes[] = { 128, 133, 149, 150, 165, 167 };
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	size_t i, k;

	if (ev->cut || r->msg_type != 10 || r->fast != 0 || proves_key(r))
		return false;
	for (i = 0; i < r->padata.len; i++) {
		for (k = 0; k < sizeof(wishes) / sizeof(wishes[0]); k++)
			if (r->padata.p[i] == wishes[k])
				break;
		if (k == sizeof(wishes) / sizeof(wishes[0]))
			return false;
	}
	return true;
}

static void
exchange_names(struct tale *t, struct exchange *x, const struct ev_kdc_req *r,
    const char *principal)
{
	size_t i;

	x->realm = arena_str(&t->mem, r->realm);
	x->sname = arena_str(&t->mem, r->sname);
	x->sname_type = r->sname_type;
	x->sname_parts = r->sname_parts;
	if (x->kind == EXCHANGE_AS) {
		x->cname = arena_str(&t->mem, r->cname);
		x->crealm = x->realm;
		x->cname_type = r->cname_type;
	} else if (principal != NULL) {
		i = strcspn(principal, "@");
		x->cname = arena_text(&t->mem, principal, i);
		if (principal[i] == '@')
			x->crealm = arena_str(&t->mem,
			    str_of(principal + i + 1));
	}
	x->for_user = arena_str(&t->mem, r->for_user);
	x->for_user_realm = arena_str(&t->mem, r->for_user_realm);
	for (i = 0; i < r->etypes.len && i < 16; i++)
		x->etypes[x->netypes++] = (int32_t)r->etypes.p[i];
}

/*
 * The same request once more may hold more than the first: Heimdal keeps its
 * nonce when it has been told what to prove, and the capture may lack that.
 */
static void
again_with_proof(struct exchange *x, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;

	x->bare = x->bare && proves_nothing(ev);
	x->preauth = x->preauth || proves_key(r);
	x->pkinit = x->pkinit || has_padata(&r->padata, PA_PK_AS_REQ);
}

static struct exchange *
exchange_new(struct tale *t, const struct event *ev, const char *principal)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	struct exchange *x = tale_add_exchange(t);

	if (x == NULL)
		return NULL;
	x->kind = r->msg_type == 10 ? EXCHANGE_AS : EXCHANGE_TGS;
	x->req = ev->ref;
	x->transport = ev->transport;
	x->kdc = ev->dst;
	x->kdc_port = ev->dport;
	x->nonce = r->nonce;
	x->options = (uint32_t)r->kdc_options;
	x->pac_options = (uint32_t)r->pac_options;
	x->from = r->from;
	x->till = r->till;
	x->rtime = r->rtime;
	x->preauth = proves_key(r);
	x->bare = proves_nothing(ev);
	x->fast = r->fast != 0;
	x->pkinit = has_padata(&r->padata, PA_PK_AS_REQ);
	x->s4u2self = r->for_user.len > 0 ||
	    has_padata(&r->padata, PA_FOR_USER) ||
	    has_padata(&r->padata, PA_S4U_X509_USER);
	x->s4u2proxy = (r->kdc_options & KDC_CNAME_IN_ADDL_TKT) != 0 &&
	    r->addl_digest.len > 0;
	x->u2u = (r->kdc_options & KDC_ENC_TKT_IN_SKEY) != 0;
	x->error = -1;
	x->ntstatus = EV_ABSENT;
	exchange_names(t, x, r, principal);
	ticket_copy(t, &x->tgt, r->tkt_realm, r->tkt_sname, r->tkt_etype,
	    r->tkt_kvno, r->tkt_digest);
	ticket_copy(t, &x->evidence, r->addl_realm, r->addl_sname,
	    r->addl_etype, r->addl_kvno, r->addl_digest);
	x->issued.etype = x->issued.kvno = EV_ABSENT;
	x->key_etype = EV_ABSENT;
	return x;
}

static void
pend(struct stories *st, const struct event *ev, const struct tale *t,
    size_t exchange)
{
	struct flow_state *f = story_flow_get(st, ev->flow);
	size_t i;

	for (i = 0; i < f->npending; i++)
		if (f->pending[i].tale == t->s.id &&
		    f->pending[i].exchange == exchange) {
			f->pending[i].sent++; /* again, on the same flow */
			return;
		}
	if (f->npending == FLOW_MAX_PENDING) {
		memmove(&f->pending[0], &f->pending[1],
		    (FLOW_MAX_PENDING - 1) * sizeof(f->pending[0]));
		f->npending--;
	}
	f->pending[f->npending].tale = t->s.id;
	f->pending[f->npending].sent = 1;
	f->pending[f->npending++].exchange = exchange;
}

/* "TGS-REQ cifs/fs1 for anna" */
static void
step_request(struct tale *t, const struct event *ev, const char *again)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	struct str name = r->sname;

	if (r->msg_type == 10)
		name = r->cname;
	if (r->for_user.len > 0)
		tale_step(t, ev, STEP_INFO, EV_ABSENT, NULL,
		    "TGS-REQ %.*s on behalf of %.*s (S4U2Self)%s",
		    (int)name.len, name.p, (int)r->for_user.len, r->for_user.p,
		    again);
	else
		tale_step(t, ev, STEP_INFO, EV_ABSENT, NULL, "%s %.*s%s%s%s",
		    r->msg_type == 10 ? "AS-REQ" : "TGS-REQ", (int)name.len,
		    name.p,
		    r->addl_digest.len > 0 ?
			(r->kdc_options & KDC_ENC_TKT_IN_SKEY ?
				" (user-to-user)" :
				" (S4U2Proxy)") :
			"",
		    r->fast != 0 ? " (FAST)" : "", again);
}

/* Client of the TGT presented, as its AS exchange named it. */
static const char *
principal_of(const struct stories *st, struct bytes digest)
{
	const struct ticket_fact *k;

	if (digest.len != DIGEST_LEN)
		return NULL;
	k = ledger_ticket(st->ledger, digest.p);
	return k == NULL ? NULL : k->client;
}

/* EV is under way for T, and an answer has to come. */
static void
asked(struct stories *st, struct tale *t, const struct event *ev)
{
	story_contact_sent(st, t, ev);
	story_contact_join(st, t, "kdc");
	tale_arm(st, t, TIMER_UNANSWERED, ev->ref.time);
}

void
story_kdc_request(struct stories *st, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	struct client *c = client_get(st, &ev->src);
	const char *principal = NULL;
	struct exchange *x;
	struct tale *t;

	x = find_retransmit(c, r, &t);
	if (x != NULL) {
		x->retransmits++;
		x->again = ev->ref;
		again_with_proof(x, ev);
		x->transport = ev->transport;
		x->kdc = ev->dst;
		x->kdc_port = ev->dport;
		step_request(t, ev, " (again)");
		pend(st, ev, t, t->s.nexchanges - 1);
		asked(st, t, ev);
		return;
	}
	if (r->msg_type == 10) {
		t = find_as(c, ev);
		if (t == NULL)
			t = tale_new(st, c, ev);
		tale_principal(t, r->cname, r->realm);
	} else {
		principal = principal_of(st, r->tkt_digest);
		t = tale_for_tgs(st, c, ev, principal);
		tale_principal(t, str_of(principal), str_of(NULL));
	}
	step_request(t, ev, "");
	if (exchange_new(t, ev, principal) != NULL)
		pend(st, ev, t, t->s.nexchanges - 1);
	asked(st, t, ev);
}
