/*
 * engine_full.c - a live run whose memory is full: the latest findings are
 * there, the oldest are let go and counted, and a view that is held over
 * thousands of stories stays whole.
 */
#include "telling.h"

#define MEMORY (UINT64_C(4) << 20)
#define STORIES 9000

/* Two out of three fail, each in a way of its own. */
static void
fail(unsigned n)
{
	char user[32], spn[64];
	unsigned client = 100 + n % 5000;

	snprintf(user, sizeof(user), "user%u", n);
	snprintf(spn, sizeof(spn), "cifs/h%u.fjord.test", n);
	if (n % 3 == 0) {
		as_req(client, 10, n, user, REALM);
		now++;
		kdc_error(client, 10, n, 18);
	} else if (n % 3 == 1) {
		tgs_req(client, 10, n, spn, 3);
		now++;
		kdc_error(client, 10, n, 7);
	} else
		logged_on(client, 10, n);
	now += 3;
}

/* Everything that R shows is read. */
static size_t
weigh(const struct result *r)
{
	size_t n = 0, i;

	for (i = 0; i < r->ncauses; i++)
		n += strlen(r->causes[i].title) + strlen(r->causes[i].why) +
		    strlen(r->causes[i].f.evidence[0].says);
	for (i = 0; i < r->nkept; i++)
		n += strlen(r->kept[i]->steps[0].what) + r->nfindings_of[i];
	return n;
}

int
main(void)
{
	struct engine_options opt = { .memory = MEMORY,
		.views = true,
		.live = true };
	const struct result *r = NULL;
	size_t before = 0;
	unsigned n;

	engine = engine_new(&opt);
	for (n = 0; n < STORIES; n++) {
		fail(n);
		if (n % 3000 != 2999)
			continue;
		CHECK(r == NULL || weigh(r) == before);
		r = engine_view(engine, n == 5999 ? VIEW_WHOLE : VIEW_LATEST);
		before = weigh(r);
		CHECK(r->ncauses > 0 && r->quality.findings_not_kept > 0);
		CHECK(r->quality.stories_not_kept > 0);
	}
	engine_time(engine, T0 + now * 1000 + 60 * SECOND);
	r = engine_view(engine, VIEW_LATEST);
	CHECK(r->stories == STORIES && r->nopen == 0);
	CHECK(r->causes[0].last > T0 + (now - 20000) * 1000);
	engine_free(engine);
	return failures > 0;
}
