/*
 * alike.c - what is proven in one story silences guesses about the same
 * refusal in another; and does not where the refusals differ.
 */
#include <string.h>

#include "check.h"
#include "judge.h"

static const struct rule proven_rule = { .id = "one" };
static const struct rule guess_rule = { .id = "two" };
static const struct rule third_rule = { .id = "three" };
static const struct rule general_rule = { .id = "four", .catch_all = true };

/* A server's refusal of a ticket, and the story of it. */
struct refused {
	struct attempt a;
	struct story s;
};

static void
refuse(struct refused *r, uint64_t frame, int64_t kvno)
{
	memset(r, 0, sizeof(*r));
	r->a.mech = MECH_KRB5;
	r->a.req.frame = frame;
	r->a.server.family = 4;
	r->a.server.b[0] = 10;
	r->a.ticket.sname = "cifs/fs1.fjord.test";
	r->a.ticket.realm = "FJORD.TEST";
	r->a.ticket.kvno = kvno;
	r->a.ticket.etype = 18;
	r->a.answer = ANSWER_ERROR;
	r->a.error = 41;
	r->s.attempts = &r->a;
	r->s.nattempts = 1;
}

/* What judge_story() does with the N findings of a story. */
static void
judge(const struct refused *r, struct merged *const *m,
    const enum certainty *sure, size_t n)
{
	struct hit hits[4] = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		hits[i].m = m[i];
		hits[i].step = r->a.req;
		hits[i].certainty = sure[i];
		hits[i].alike = rank_alike(&r->s, &hits[i].step);
		m[i]->occurrences++;
	}
	rank_hits(hits, n);
	for (i = 0; i < n; i++)
		rank_alike_note(&hits[i]);
}

static void
merged_begin(struct merged *m, const struct rule *rule, enum certainty sure,
    size_t index)
{
	memset(m, 0, sizeof(*m));
	m->f.rule = rule;
	m->f.certainty = sure;
	m->f.subject[SUBJECT_SPN] = "cifs/fs1.fjord.test";
	m->f.subject[SUBJECT_SERVER] = "10.0.0.0";
	m->index = index;
}

static struct merged one, two, three, four;
static struct merged *list[] = { &one, &two, &three, &four };

static void
begin(void)
{
	merged_begin(&one, &proven_rule, CERTAINTY_PROVEN, 0);
	merged_begin(&two, &guess_rule, CERTAINTY_LIKELY, 1);
	merged_begin(&three, &third_rule, CERTAINTY_POSSIBLE, 2);
	merged_begin(&four, &general_rule, CERTAINTY_LIKELY, 3);
}

/* The first story proves ONE; the second, with KVNO, could only guess. */
static void
two_stories(int64_t kvno)
{
	static const enum certainty proven[] = { CERTAINTY_PROVEN,
		CERTAINTY_LIKELY };
	static const enum certainty guesses[] = { CERTAINTY_LIKELY,
		CERTAINTY_POSSIBLE, CERTAINTY_LIKELY };
	struct merged *const first[] = { &one, &four };
	struct merged *const second[] = { &two, &three, &four };
	struct docket d = { .list = list, .nmerged = 4 };
	struct refused r;

	refuse(&r, 7, 3);
	judge(&r, first, proven, 2);
	refuse(&r, 107, kvno);
	judge(&r, second, guesses, 3);
	rank_settle(&d);
}

static void
check_same(void)
{
	begin();
	two_stories(3);
	CHECK(rank_is_cause(&one));
	CHECK(two.dropped && three.dropped);
	CHECK(!rank_is_cause(&four) && !four.dropped);
	CHECK(four.explainer == &one);
}

/* Another version of the key: what is wrong may be another thing. */
static void
check_other_key(void)
{
	begin();
	two_stories(4);
	CHECK(rank_is_cause(&one));
	CHECK(rank_is_cause(&two));
	CHECK(!two.dropped && !three.dropped);
	CHECK(three.winner == &two);
}

/* What is proven of one client says nothing of another one. */
static void
check_client(void)
{
	begin();
	one.f.subject[SUBJECT_CLIENT] = "10.0.0.9";
	two_stories(3);
	CHECK(rank_is_cause(&one));
	CHECK(rank_is_cause(&two) && !two.dropped);
}

/* Proven for both: neither silences the other. */
static void
check_both(void)
{
	static const enum certainty proven[] = { CERTAINTY_PROVEN };
	struct merged *const first[] = { &one }, *const second[] = { &two };
	struct docket d = { .list = list, .nmerged = 2 };
	struct refused r;

	begin();
	two.f.certainty = CERTAINTY_PROVEN;
	refuse(&r, 7, 3);
	judge(&r, first, proven, 1);
	refuse(&r, 107, 3);
	judge(&r, second, proven, 1);
	rank_settle(&d);
	CHECK(rank_is_cause(&one) && rank_is_cause(&two));
}

/* The KDC's errors: those that are about the service. */
static void
check_kdc(void)
{
	struct exchange x = { .kind = EXCHANGE_TGS,
		.req.frame = 9,
		.realm = "FJORD.TEST",
		.sname = "HTTP/app1",
		.answer = ANSWER_ERROR,
		.error = 7 };
	struct story s = { .exchanges = &x, .nexchanges = 1 };
	uint64_t hash = rank_alike(&s, &x.req);

	CHECK(hash != 0);
	x.sname = "http/APP1";
	CHECK(rank_alike(&s, &x.req) == hash);
	x.error = 8;
	CHECK(rank_alike(&s, &x.req) != hash);
	x.error = 14; /* depends on what the client can do */
	CHECK(rank_alike(&s, &x.req) == 0);
	x.error = 7;
	x.sname = "HTTP/app2";
	CHECK(rank_alike(&s, &x.req) != hash);
	CHECK(rank_alike(&s, &(struct ref){ .frame = 10 }) == 0);
}

int
main(void)
{
	check_same();
	check_other_key();
	check_client();
	check_both();
	check_kdc();
	return failures != 0;
}
