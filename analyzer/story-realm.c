/*
 * story-realm.c - which story goes on when a client tries another realm for
 * the host that it wants: a guess by the host's domain (MIT, Samba), or a walk
 * through the realms in between (RFC 4120 1.2, 3.3.1).
 */
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

static bool
is_krbtgt(struct str sname)
{
	return sname.len > 7 && strncasecmp(sname.p, "krbtgt/", 7) == 0;
}

struct tale *
story_before_realm(struct client *c, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	const struct exchange *x;
	struct str realm;
	struct tale *t;

	if (!is_krbtgt(r->sname))
		return NULL;
	realm = (struct str){ r->sname.p + 7, r->sname.len - 7 };
	for (t = c->newest; t != NULL; t = t->older) {
		if (!t->service || t->s.nexchanges == 0)
			continue;
		x = &t->s.exchanges[t->s.nexchanges - 1];
		if (x->kind != EXCHANGE_TGS || x->sname == NULL ||
		    x->error != KDC_ERR_S_PRINCIPAL_UNKNOWN ||
		    !ticket_is(&x->tgt, r->tkt_digest))
			continue;
		if (is_krbtgt(str_of(x->sname)) ?
			ev->ref.time - x->rep.time < STORY_REALM_BEFORE :
			host_in_domain(str_of(t->s.host), realm))
			return t;
	}
	return NULL;
}

struct tale *
story_after_dot(struct client *c, const struct event *ev)
{
	const struct ev_kdc_req *r = &ev->u.kdc_req;
	const struct exchange *x;
	struct str asked;
	struct tale *t = c->newest;

	if (t == NULL || t->s.nexchanges == 0 || r->realm.len == 0)
		return NULL;
	x = &t->s.exchanges[t->s.nexchanges - 1];
	asked = str_of(x->sname);
	if (!is_krbtgt(asked) || x->error != KDC_ERR_S_PRINCIPAL_UNKNOWN ||
	    !ticket_is(&x->tgt, r->tkt_digest) ||
	    ev->ref.time - x->rep.time >= STORY_REALM_BEFORE ||
	    asked.len != r->realm.len + 8 || asked.p[asked.len - 1] != '.' ||
	    strncasecmp(asked.p + 7, r->realm.p, r->realm.len) != 0)
		return NULL;
	return t;
}
