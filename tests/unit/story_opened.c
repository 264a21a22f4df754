/*
 * Stories that learn from an opened ticket whose they are.
 */
#include <stdio.h>

#include "telling.h"

static const uint8_t tgt[DIGEST_LEN] = { 1 }, service[DIGEST_LEN] = { 2 };

/* A key opened the ticket with DIGEST, which passed from or to the client. */
static void
opened(const uint8_t *digest, bool from_client, const char *cname)
{
	struct event ev = from_client ?
	    asked(EV_ticket_key, "kdc", 101, 10, 88, 1) :
	    answered(EV_ticket_key, "kdc", 101, 10, 88, 1);

	ev.u.ticket_key.tkt_digest = (struct bytes){ digest, DIGEST_LEN };
	ev.u.ticket_key.result = text("opens");
	ev.u.ticket_key.cname = text(cname);
	ev.u.ticket_key.crealm = text(REALM);
	engine_event(engine, &ev);
}

/* A ticket for a service, asked for and issued in a name that FAST hides. */
static void
hidden(const char *for_user)
{
	struct event ev = asked(EV_kdc_req, "kdc", 101, 10, 88, 1);

	ev.u.kdc_req.msg_type = 12;
	ev.u.kdc_req.realm = text(REALM);
	ev.u.kdc_req.sname = text("cifs/fs1.fjord.test");
	ev.u.kdc_req.sname_parts = 2;
	ev.u.kdc_req.nonce = 1;
	ev.u.kdc_req.for_user = text(for_user);
	ev.u.kdc_req.tkt_realm = text(REALM);
	ev.u.kdc_req.tkt_sname = text("krbtgt/" REALM);
	ev.u.kdc_req.tkt_digest = (struct bytes){ tgt, DIGEST_LEN };
	engine_event(engine, &ev);
	now++;
	ev = answered(EV_kdc_rep, "kdc", 101, 10, 88, 1);
	ev.u.kdc_rep.msg_type = 13;
	ev.u.kdc_rep.crealm = text("WELLKNOWN:ANONYMOUS");
	ev.u.kdc_rep.cname = text("WELLKNOWN/ANONYMOUS");
	ev.u.kdc_rep.tkt_realm = text(REALM);
	ev.u.kdc_rep.tkt_sname = text("cifs/fs1.fjord.test");
	ev.u.kdc_rep.tkt_etype = 18;
	ev.u.kdc_rep.tkt_digest = (struct bytes){ service, DIGEST_LEN };
	engine_event(engine, &ev);
	now++;
}

/* The one story is PRINCIPAL's; NULL: nobody's. */
static void
is_of(const char *what, const char *principal)
{
	const struct result *r = engine_finish(engine);
	const char *is = r->nkept == 1 ? r->kept[0]->principal : "?";

	if (is == NULL ? principal != NULL :
			 principal == NULL || strcmp(is, principal) != 0) {
		printf("%s: %s\n", what, is);
		CHECK(false);
	}
	engine_free(engine);
}

int
main(void)
{
	struct event ev;

	begin();
	hidden(NULL);
	is_of("no key", NULL);

	begin();
	hidden(NULL);
	opened(service, false, "anna");
	is_of("the ticket that it got", "anna@" REALM);

	begin();
	hidden(NULL);
	opened(tgt, true, "bjorn");
	opened(service, false, "anna");
	is_of("the TGT, first", "bjorn@" REALM);

	begin();
	hidden(NULL);
	opened(tgt, false, "bjorn");
	opened(service, false, "");
	is_of("a ticket without a name", "bjorn@" REALM);

	/* S4U2Self: the ticket has the user's name, the story the front's. */
	begin();
	hidden("anna");
	opened(service, false, "anna");
	is_of("in a user's name", NULL);

	/* A look-up of the end of the run. */
	begin();
	hidden(NULL);
	event_init(&ev, EV_ticket_key);
	ev.u.ticket_key.tkt_digest = (struct bytes){ service, DIGEST_LEN };
	ev.u.ticket_key.result = text("opens");
	ev.u.ticket_key.cname = text("anna");
	ev.u.ticket_key.crealm = text(REALM);
	engine_event(engine, &ev);
	is_of("from nowhere", NULL);
	return failures != 0;
}
