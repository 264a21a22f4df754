/*
 * What an analysis holds is bounded, whoever chooses its input, and what a
 * limit dropped is counted.
 */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "packets.h"
#include "presenter.h"

static struct str
text(const char *s)
{
	return (struct str){ s, strlen(s) };
}

/* Request number N of the client 10.x.x.x, never answered. */
static void
request(struct engine *e, unsigned client, unsigned n, const char *sname)
{
	struct event ev;
	char name[32];

	snprintf(name, sizeof(name), "user%u", n);
	event_init(&ev, EV_kdc_req);
	ev.ref = (struct ref){ 0, n + 1, SECOND * 1000000 + n };
	ev.carrier = "kdc";
	ev.from_client = true;
	ev.flow = n + 1;
	ev.src = (struct addr){ 4,
		{ 10, (uint8_t)(client >> 16), (uint8_t)(client >> 8),
		    (uint8_t)client } };
	ev.dst = (struct addr){ 4, { 10, 255, 255, 255 } };
	ev.u.kdc_req.msg_type = sname == NULL ? 10 : 12;
	ev.u.kdc_req.nonce = n;
	ev.u.kdc_req.cname = text(name);
	ev.u.kdc_req.realm = text("R");
	ev.u.kdc_req.sname = text(sname == NULL ? "krbtgt/R" : sname);
	engine_event(e, &ev);
}

/* Stories of one client: the oldest make room, and are still counted. */
static void
test_one_client(void)
{
	struct engine_options opt = { 0 };
	struct engine *e = engine_new(&opt);
	const struct result *r;
	const unsigned n = CLIENT_MAX_STORIES + 100;

	for (unsigned i = 0; i < n; i++)
		request(e, 1, i, NULL);
	r = engine_finish(e);
	CHECK(r->stories == n && r->nkept == n);
	CHECK(r->quality.stories_cut == 100);
	/* Rules walk lists by pointers: none may be NULL (C11 6.5.6). */
	CHECK(r->kept[0]->attempts != NULL && r->kept[0]->nattempts == 0);
	CHECK(r->kept[0]->lookups != NULL && r->kept[0]->steps != NULL);
	engine_free(e);
}

/* One story asked without end: it is full at last, and so are its texts. */
static void
test_one_story(void)
{
	struct engine_options opt = { 0 };
	struct engine *e = engine_new(&opt);
	const struct result *r;

	for (unsigned i = 0; i < 1000; i++)
		request(e, 1, i, "krbtgt/OTHER");
	r = engine_finish(e);
	CHECK(r->stories == 1);
	CHECK(r->kept[0]->nexchanges == STORY_MAX_EXCHANGES);
	CHECK(r->kept[0]->nsteps == STORY_MAX_STEPS);
	CHECK(r->quality.steps_not_kept > 0);
	engine_free(e);
}

/* Clients and stories beyond --memory: ended, let go, counted. */
static void
test_memory(void)
{
	struct engine_options opt = { .memory = 1 << 20 };
	struct engine *e = engine_new(&opt);
	const struct result *r;
	const unsigned n = 20000;

	for (unsigned i = 0; i < n; i++)
		request(e, i, i, NULL);
	r = engine_finish(e);
	CHECK(r->stories == n);
	CHECK(r->quality.stories_cut > n / 2);
	CHECK(r->nkept > 10 && r->nkept + r->quality.stories_not_kept == n);
	CHECK(r->nkept * sizeof(struct story) < opt.memory);
	CHECK(r->quality.facts_not_kept > n / 2);
	engine_free(e);
}

int
main(void)
{
	test_one_client();
	test_one_story();
	test_memory();
	return failures != 0;
}
