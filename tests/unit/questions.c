/*
 * questions.c - which names of a capture a directory is asked about: each
 * once, as it was written, and no more than there is room for.
 */
#include "bounds.h"
#include "ldif-text.h"

static bool
asks(const struct questions *q, enum question_kind kind, const char *text,
    const char *realm)
{
	const struct question *x;
	size_t i;

	for (i = 0; (x = question_at(q, i)) != NULL; i++)
		if (x->kind == kind && strcmp(x->text, text) == 0 &&
		    strcmp(x->realm, realm) == 0)
			return true;
	return false;
}

static size_t
count(const struct questions *q)
{
	size_t n = 0;

	while (question_at(q, n) != NULL)
		n++;
	return n;
}

static void
test_tickets(void)
{
	struct questions *q = questions_new();

	asks_ticket(q, "cifs/fs1.corp.test", "corp.test");
	asks_ticket(q, "CIFS/FS1.corp.test", "CORP.TEST");
	CHECK(count(q) == 2);
	CHECK(asks(q, ASK_SPN, "cifs/fs1.corp.test", "CORP.TEST"));
	CHECK(asks(q, ASK_DOMAIN, "corp.test", "CORP.TEST"));
	asks_ticket(q, "krbtgt/OTHER.TEST", "CORP.TEST");
	CHECK(asks(q, ASK_TRUST, "OTHER.TEST", "CORP.TEST"));
	CHECK(asks(q, ASK_DOMAIN, "OTHER.TEST", "OTHER.TEST"));
	asks_ticket(q, "krbtgt/CORP.TEST", "CORP.TEST");
	asks_ticket(q, "kadmin/changepw", "CORP.TEST");
	CHECK(count(q) == 4);
	/* An account's own name is asked for as both. */
	asks_ticket(q, "FS1$", "CORP.TEST");
	CHECK(asks(q, ASK_SPN, "FS1$", "CORP.TEST"));
	CHECK(asks(q, ASK_NAME, "FS1$", "CORP.TEST"));
	/* A slash within a part parts nothing. */
	asks_ticket(q, "a\\/b", "CORP.TEST");
	CHECK(asks(q, ASK_NAME, "a\\/b", "CORP.TEST"));
	questions_free(q);
}

static void
test_clients(void)
{
	struct questions *q = questions_new();
	struct event ev;

	asks_logon(q, "anna\\@corp.test", "CORP.TEST");
	CHECK(asks(q, ASK_NAME, "anna\\@corp.test", "CORP.TEST"));
	asks_logon(q, "WELLKNOWN/ANONYMOUS", "WELLKNOWN:ANONYMOUS");
	CHECK(count(q) == 2);
	event_init(&ev, EV_kdc_req);
	ev.u.kdc_req.msg_type = 12;
	ev.u.kdc_req.realm = lit("CORP.TEST");
	ev.u.kdc_req.for_user = lit("bob");
	ev.u.kdc_req.addl_sname = lit("HTTP/front");
	ev.u.kdc_req.addl_realm = lit("CORP.TEST");
	questions_event(q, &ev);
	CHECK(asks(q, ASK_NAME, "bob", "CORP.TEST"));
	CHECK(asks(q, ASK_SPN, "HTTP/front", "CORP.TEST"));
	event_init(&ev, EV_krb_error);
	ev.u.krb_error.sname = lit("WIN1$");
	ev.u.krb_error.realm = lit("<unspecified realm>");
	questions_event(q, &ev);
	CHECK(
	    !asks(q, ASK_DOMAIN, "<unspecified realm>", "<UNSPECIFIED REALM>"));
	questions_free(q);
}

static void
test_ntlm(void)
{
	struct questions *q = questions_new();
	struct event ev;

	event_init(&ev, EV_ntlm);
	ev.u.ntlm.user = lit("anna");
	ev.u.ntlm.domain = lit("CORP");
	ev.u.ntlm.nb_computer = lit("FS1");
	ev.u.ntlm.dns_domain = lit("corp.test");
	ev.u.ntlm.spn = lit("cifs/files");
	questions_event(q, &ev);
	CHECK(asks(q, ASK_NAME, "anna", "CORP"));
	CHECK(asks(q, ASK_NAME, "FS1$", "CORP.TEST"));
	CHECK(asks(q, ASK_SPN, "cifs/files", "CORP.TEST"));
	CHECK(!asks(q, ASK_DOMAIN, "CORP", "CORP"));
	questions_free(q);
}

static void
test_bounds(void)
{
	struct questions *q = questions_new();
	char name[600];
	int i;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	asks_ticket(q, name, "CORP.TEST");
	CHECK(count(q) == 1);
	for (i = 0; i < QUESTIONS_MAX + 9; i++) {
		snprintf(name, sizeof(name), "cifs/h%d", i);
		asks_ticket(q, name, "CORP.TEST");
	}
	CHECK(count(q) == QUESTIONS_MAX);
	CHECK(questions_lost(q) == 10);
	questions_free(q);
}

int
main(void)
{
	test_tickets();
	test_clients();
	test_ntlm();
	test_bounds();
	return failures != 0;
}
