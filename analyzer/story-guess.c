/*
 * story-guess.c - the service for whose sake a client guessed a realm.
 *
 * A client whose krb5.conf maps a host to no realm takes the host's DNS domain
 * for one (RFC 4120 1.3).  MIT does so when its own KDC does not know the
 * service; Samba's client before it asks for the service at all: krbtgt/
 * ACME.TEST in vain, then cifs/files.acme.test at its own KDC, which may well
 * know it.  Alone, the first would be a log-on that failed.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "names.h"
#include "story-tell.h"

#define KRBTGT "krbtgt/"

/* The realm that T asked for last, in vain and with this TGT; else empty. */
static struct str
guess_of(const struct tale *t, struct bytes tgt)
{
	const size_t n = strlen(KRBTGT);
	const struct exchange *x;

	if (!t->service || t->s.nexchanges == 0 || t->s.nattempts > 0)
		return str_of(NULL);
	x = &t->s.exchanges[t->s.nexchanges - 1];
	if (x->kind != EXCHANGE_TGS || x->sname == NULL ||
	    x->error != KDC_ERR_S_PRINCIPAL_UNKNOWN ||
	    strncasecmp(x->sname, KRBTGT, n) != 0 || !ticket_is(&x->tgt, tgt))
		return str_of(NULL);
	return str_of(x->sname + n);
}

struct tale *
story_guess_before(const struct client *c, const struct ev_kdc_req *r)
{
	char text[TEXT_MAX + 1];
	struct tale *t;
	struct spn spn;

	snprintf(text, sizeof(text), "%.*s", (int)r->sname.len,
	    r->sname.len == 0 ? "" : r->sname.p);
	if (!spn_split(text, &spn))
		return NULL;
	for (t = c->newest; t != NULL; t = t->older)
		if (host_in_domain(spn.host, guess_of(t, r->tkt_digest)))
			return t;
	return NULL;
}
