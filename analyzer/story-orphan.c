/*
 * story-orphan.c - answers of KDCs whose requests the capture does not hold:
 * one direction of a mirror port was lost, or the request was not caught.
 *
 * An answer that the same client gets soon after a refusal, and that is for
 * the same log-on or the same service, shows that the client went on: it
 * belongs to the story of the refusal.  Where the names leave it open (the
 * errors of Windows name no client) it does, too: a log-on that is said to
 * fail and did not is worse than one that nobody speaks of.
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

/* What an answer says of its request. */
struct orphan {
	enum exchange_kind kind;
	struct str cname, crealm, sname, realm;
};

static bool
str_is(struct str s, const char *text)
{
	return s.len == strlen(text) && strncasecmp(s.p, text, s.len) == 0;
}

static bool
is_krbtgt(struct str sname)
{
	return sname.len > 7 && strncasecmp(sname.p, "krbtgt/", 7) == 0;
}

/*
 * An AS-REQ asks for the TGT of its own realm, or for the password service;
 * another realm's TGT is asked for with one's own.
 */
static enum exchange_kind
kind_refused(const struct ev_krb_error *e)
{
	const struct str s = e->sname, r = e->realm;

	if (str_is(s, "kadmin/changepw"))
		return EXCHANGE_AS;
	if (s.len < 6 || strncasecmp(s.p, "krbtgt", 6) != 0)
		return EXCHANGE_TGS;
	if (e->code != KDC_ERR_S_PRINCIPAL_UNKNOWN || !is_krbtgt(s) ||
	    r.len == 0)
		return EXCHANGE_AS;
	return s.len - 7 == r.len && strncasecmp(s.p + 7, r.p, r.len) == 0 ?
	    EXCHANGE_AS :
	    EXCHANGE_TGS;
}

static void
orphan_of(const struct event *ev, struct orphan *o)
{
	const struct ev_krb_error *e = &ev->u.krb_error;
	const struct ev_kdc_rep *r = &ev->u.kdc_rep;

	if (ev->kind == EV_kdc_rep) {
		o->kind = r->msg_type == 11 ? EXCHANGE_AS : EXCHANGE_TGS;
		o->cname = r->cname;
		o->crealm = r->crealm;
		o->sname = r->tkt_sname;
		o->realm = r->tkt_realm;
	} else {
		o->kind = kind_refused(e);
		o->cname = e->cname;
		o->crealm = e->crealm;
		o->sname = e->sname;
		o->realm = e->realm;
	}
}

/* --- which story it goes on with -------------------------------------- */

/* FAST hides the client's name in its answers. */
static bool
may_be_client(const char *principal, struct str cname)
{
	char name[TEXT_MAX + 1];

	if (cname.len == 0 || str_is(cname, "WELLKNOWN/ANONYMOUS"))
		return true;
	memcpy(name, cname.p, cname.len < TEXT_MAX ? cname.len : TEXT_MAX);
	name[cname.len < TEXT_MAX ? cname.len : TEXT_MAX] = '\0';
	return principal_may_be(principal, name);
}

static bool
goes_on_as(const struct tale *t, const struct exchange *x)
{
	return x->kind == EXCHANGE_AS &&
	    (x->answer == ANSWER_ERROR || x->answer == ANSWER_MORE ||
		story_wants_password(&t->s));
}

/* A TGT of PLANT.TEST after a 7 for a host of plant.test, or for a realm. */
static bool
is_way_there(const struct tale *t, const struct exchange *x,
    const struct event *ev, struct str sname)
{
	struct str realm;

	if (!is_krbtgt(sname) || x->error != KDC_ERR_S_PRINCIPAL_UNKNOWN)
		return false;
	realm = (struct str){ sname.p + 7, sname.len - 7 };
	return is_krbtgt(str_of(x->sname)) ?
	    ev->ref.time - x->rep.time < STORY_REALM_BEFORE :
	    host_in_domain(str_of(t->s.host), realm);
}

static bool
goes_on_tgs(const struct stories *st, const struct tale *t,
    const struct exchange *x, const struct event *ev, const struct orphan *o)
{
	char spn[TEXT_MAX + 1];
	size_t n = o->sname.len < TEXT_MAX ? o->sname.len : TEXT_MAX;

	if (x->kind != EXCHANGE_TGS || !t->service || o->sname.len == 0 ||
	    (x->answer != ANSWER_ERROR && x->answer != ANSWER_MORE))
		return false;
	memcpy(spn, o->sname.p, n);
	spn[n] = '\0';
	return tale_same_service(st, t, spn) ||
	    is_way_there(t, x, ev, o->sname);
}

struct tale *
story_orphan_of(struct stories *st, const struct event *ev)
{
	const struct exchange *x;
	struct orphan o;
	struct tale *t;

	orphan_of(ev, &o);
	for (t = client_get(st, &ev->dst)->newest; t != NULL; t = t->older) {
		if (t->s.nexchanges == 0 || t->s.nattempts > 0 ||
		    t->s.nexchanges == STORY_MAX_EXCHANGES ||
		    !may_be_client(t->s.principal, o.cname))
			continue;
		x = &t->s.exchanges[t->s.nexchanges - 1];
		if (o.kind == EXCHANGE_AS ? goes_on_as(t, x) :
					    goes_on_tgs(st, t, x, ev, &o))
			return t;
	}
	return NULL;
}

/* --- the story that it begins or goes on with ------------------------- */

static struct tale *
begin(struct stories *st, const struct event *ev, const struct orphan *o)
{
	struct tale *t = tale_new(st, client_get(st, &ev->dst), ev);

	t->s.cut_start = true;
	if (o->kind == EXCHANGE_TGS)
		tale_service(t, o->sname, o->realm);
	return t;
}

struct exchange *
story_orphan(struct stories *st, const struct event *ev, struct tale **out)
{
	struct tale *t = story_orphan_of(st, ev);
	struct exchange *x;
	struct orphan o;

	orphan_of(ev, &o);
	if (t == NULL)
		t = begin(st, ev, &o);
	x = tale_add_exchange(t);
	memset(x, 0, sizeof(*x));
	x->kind = o.kind;
	x->req = x->rep = ev->ref;
	x->transport = ev->transport;
	x->kdc = ev->src;
	x->kdc_port = ev->sport;
	x->nonce = EV_ABSENT;
	x->error = -1;
	x->ntstatus = EV_ABSENT;
	x->tgt.etype = x->tgt.kvno = EV_ABSENT;
	x->evidence.etype = x->evidence.kvno = EV_ABSENT;
	x->issued.etype = x->issued.kvno = EV_ABSENT;
	x->key_etype = EV_ABSENT;
	x->cname = arena_str(&t->mem, o.cname);
	x->crealm = arena_str(&t->mem, o.crealm);
	x->sname = arena_str(&t->mem, o.sname);
	x->realm = arena_str(&t->mem, o.realm);
	tale_principal(t, o.cname, o.crealm);
	*out = t;
	return x;
}
