/*
 * tui_message.c - the fields of a message: every step of a log-on finds the
 * exchange that it belongs to, repetitions and silence too.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "../../tui/message.h"
#include "../../tui/text.h"
#include "telling.h"

static const struct result *r;

/* The step of the first log-on whose text begins with WHAT. */
static size_t
step_of(const char *what)
{
	const struct story *s = r->kept[0];

	for (size_t i = 0; i < s->nsteps; i++)
		if (strncmp(s->steps[i].what, what, strlen(what)) == 0)
			return i;
	printf("no step %s\n", what);
	failures++;
	return 0;
}

/* Whether step I says WANT somewhere. */
static bool
says(size_t i, const char *want)
{
	struct tui t = { .utf8 = true };
	struct sheet *p = sheet_new();
	size_t line;
	bool found;

	snprintf(t.search, sizeof(t.search), "%s", want);
	message_tell(p, r, 0, i);
	(void)sheet_wrap(&t, p, 1000, 10);
	found = sheet_find(&t, p, 0, 0, &line);
	sheet_free(p);
	return found;
}

static void
test_refused(void)
{
	struct event ev;
	size_t finding;

	begin();
	as_req(101, 10, 1, "anna", REALM);
	now++;
	ev = answered(EV_krb_error, "kdc", 101, 10, 88, 1);
	ev.u.krb_error.code = KDC_ERR_CLIENT_REVOKED;
	ev.u.krb_error.from = text("kdc");
	ev.u.krb_error.e_text = text("LOCKED \x1b[2J OUT");
	ev.u.krb_error.stime = ev.ref.time + 400 * SECOND;
	engine_event(engine, &ev);
	now += 30000;
	r = engine_finish(engine);
	CHECK(says(step_of("AS-REQ"), "krbtgt/FJORD.TEST in FJORD.TEST"));
	CHECK(says(step_of("AS-REQ"), "by frame 2"));
	CHECK(says(step_of("KRB-ERROR"), "KDC_ERR_CLIENT_REVOKED (18)"));
	CHECK(says(step_of("KRB-ERROR"), "LOCKED"));
	CHECK(says(step_of("KRB-ERROR"), "KDC 400.0 s ahead of"));
	CHECK(says(step_of("KRB-ERROR"), "proof of") ==
	    (message_cited(r, 0, step_of("KRB-ERROR"), &finding) &&
		r->causes[finding].cause));
	CHECK(message_cited(r, 0, step_of("KRB-ERROR"), &finding));
	CHECK(says(step_of("KRB-ERROR"), r->causes[finding].f.rule->id));
	engine_free(engine);
}

static void
test_repeated(void)
{
	size_t i, found = 0;

	begin();
	for (i = 0; i < 4; i++) {
		as_req(101, 10, 1, "anna", REALM);
		now += 2000;
	}
	now += 60000;
	r = engine_finish(engine);
	for (i = 0; i < r->kept[0]->nsteps; i++)
		found += says(i, "krbtgt/FJORD.TEST in FJORD.TEST");
	CHECK(found >= 4 && found == r->kept[0]->nsteps);
	engine_free(engine);
}

int
main(void)
{
	CHECK(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
	test_refused();
	test_repeated();
	return failures != 0;
}
