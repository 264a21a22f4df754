/*
 * rules_deleg.c - which fault a refused delegation is taken for, by every
 * kind of witness: status, text, other times, the ticket, the directory.
 */
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "check.h"
#include "delegation.h"
#include "rule.h"

#define NO CERTAINTY_NONE
#define MAY CERTAINTY_POSSIBLE
#define IS CERTAINTY_LIKELY
#define SURE CERTAINTY_PROVEN

enum { HAS_FRONT = 1, HAS_USER = 2, HAS_OWNER = 4 };

struct row {
	const char *what;
	/* of the refusal */
	int64_t ntstatus;
	const char *text;
	bool resource;
	enum delegation_origin origin;
	bool asked; /* forwardable; not known without an origin */
	int opened; /* 0: closed; 1: forwardable; -1: not */
	/* of the directory */
	unsigned has; /* HAS_* */
	const char *list, *acts;
	bool acts_known, transition, sensitive, foreign;
	/* how sure of each, in the order of enum delegation_fault */
	enum certainty want[DELEG_FAULTS];
};

static const struct row rows[] = {
	{ .what = "nothing is known", .want = { NO, NO, MAY, MAY, MAY, MAY } },
	{ .what = "the resource's list may be meant",
	    .resource = true,
	    .want = { NO, MAY, MAY, MAY, MAY, MAY } },
	{ .what = "STATUS_NOT_SUPPORTED",
	    .ntstatus = 0xC00000BB,
	    .want = { NO, NO, SURE, NO, NO, NO } },
	{ .what = "and the resource's list may be meant",
	    .ntstatus = 0xC00000BB,
	    .resource = true,
	    .want = { NO, MAY, IS, NO, NO, NO } },
	{ .what = "STATUS_NO_MATCH after S4U2Self",
	    .ntstatus = 0xC0000272,
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .want = { NO, NO, NO, MAY, MAY, MAY } },
	{ .what = "STATUS_NO_MATCH, the user has a good ticket",
	    .ntstatus = 0xC0000272,
	    .origin = ORIGIN_LOGON,
	    .asked = true,
	    .want = { NO, NO, NO, IS, MAY, NO } },
	{ .what = "STATUS_NOT_FOUND",
	    .ntstatus = 0xC0000225,
	    .resource = true,
	    .want = { NO, IS, MAY, MAY, NO, NO } },
	{ .what = "STATUS_ACCOUNT_RESTRICTION",
	    .ntstatus = 0xC000006E,
	    .resource = true,
	    .want = { NO, NO, NO, NO, MAY, MAY } },
	{ .what = "MIT: not forwardable",
	    .text = "EVIDENCE_TKT_NOT_FORWARDABLE",
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .want = { NO, NO, NO, NO, MAY, IS } },
	{ .what = "MIT: not allowed",
	    .text = "NOT_ALLOWED_TO_DELEGATE",
	    .want = { NO, NO, MAY, MAY, NO, NO } },
	{ .what = "another text says nothing",
	    .text = "PROCESS_TGS",
	    .want = { NO, NO, MAY, MAY, MAY, MAY } },
	{ .what = "a forwardable ticket",
	    .opened = 1,
	    .want = { NO, NO, MAY, MAY, NO, NO } },
	{ .what = "one that is not, of whoever",
	    .opened = -1,
	    .want = { NO, NO, MAY, MAY, MAY, MAY } },
	{ .what = "the target's short name is listed",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "cifs/fs1",
	    .transition = true,
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .resource = true,
	    .want = { NO, NO, NO, SURE, NO, NO } },
	{ .what = "and the user is sensitive besides",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "cifs/fs1",
	    .sensitive = true,
	    .want = { NO, NO, NO, SURE, NO, NO } },
	{ .what = "an empty list, the target's not at hand",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .resource = true,
	    .transition = true,
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .want = { NO, MAY, IS, NO, NO, NO } },
	{ .what = "an empty list, and so is the target's",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .resource = true,
	    .acts_known = true,
	    .want = { NO, NO, SURE, NO, NO, NO } },
	{ .what = "the target's list names another",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .resource = true,
	    .acts_known = true,
	    .acts = "other@FJORD.TEST",
	    .want = { NO, SURE, NO, NO, NO, NO } },
	{ .what = "the target's list names what may be a group",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .resource = true,
	    .acts_known = true,
	    .acts = "S-1-5-21-1-2-3-1200",
	    .want = { NO, MAY, IS, NO, NO, MAY } },
	{ .what = "it names the front end, whose list is empty",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .resource = true,
	    .acts_known = true,
	    .acts = "WEB@fjord.test",
	    .transition = true,
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .want = { NO, NO, NO, NO, NO, NO } },
	{ .what = "listed, without protocol transition",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "CIFS/fs1.fjord.test",
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .want = { NO, NO, NO, NO, NO, SURE } },
	{ .what = "listed, the user is sensitive, and no transition",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "cifs/fs1.fjord.test",
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .sensitive = true,
	    .want = { NO, NO, NO, NO, SURE, NO } },
	{ .what = "listed, and all is well",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "cifs/fs1.fjord.test",
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .transition = true,
	    .want = { NO, NO, NO, NO, NO, NO } },
	{ .what = "listed, the user's account is not at hand",
	    .has = HAS_FRONT | HAS_OWNER,
	    .list = "cifs/fs1.fjord.test",
	    .origin = ORIGIN_S4U2SELF,
	    .asked = true,
	    .transition = true,
	    .want = { NO, NO, NO, NO, MAY, NO } },
	{ .what = "listed, in another domain",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "cifs/fs1.fjord.test",
	    .foreign = true,
	    .want = { SURE, NO, NO, NO, NO, NO } },
	{ .what = "another domain, and the target's list names another",
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .foreign = true,
	    .resource = true,
	    .acts_known = true,
	    .acts = "other@FJORD.TEST",
	    .want = { NO, SURE, NO, NO, NO, NO } },
	{ .what = "the list was empty then, and has the target now",
	    .ntstatus = 0xC00000BB,
	    .has = HAS_FRONT | HAS_USER | HAS_OWNER,
	    .list = "cifs/fs1.fjord.test",
	    .want = { NO, NO, NO, NO, NO, NO } },
};

/* A directory of three, as R has it. */
static void
look_up(const struct row *r, struct delegation *d)
{
	static struct dir_account front, user, owner;
	static const char *list[2], *acts[2];

	front = (struct dir_account){ .name = "web@FJORD.TEST",
		.realm = "FJORD.TEST",
		.source = "a.ldif:1",
		.uac = r->transition ? UAC_TRUSTED_TO_AUTH : 0,
		.uac_known = true,
		.delegate_known = true };
	list[0] = r->list;
	front.delegate_to = list;
	user = (struct dir_account){ .name = "anna@FJORD.TEST",
		.realm = "FJORD.TEST",
		.source = "a.ldif:9",
		.uac = r->sensitive ? UAC_NOT_DELEGATED : 0,
		.uac_known = true,
		.member_known = true };
	owner = (struct dir_account){ .name = "FS1$@FJORD.TEST",
		.realm = r->foreign ? "DELTA.TEST" : "FJORD.TEST",
		.source = "a.ldif:19",
		.acts_known = r->acts_known };
	acts[0] = r->acts;
	owner.acts_here = acts;
	if ((r->has & HAS_FRONT) != 0) {
		d->front_account = &front;
		d->entries = r->list != NULL;
		d->near = r->list;
		d->near_host = r->list != NULL;
		d->listed = r->list != NULL &&
		    strcasecmp(r->list, d->e->sname) == 0;
	}
	if ((r->has & HAS_USER) != 0)
		d->user_account = &user;
	if ((r->has & HAS_OWNER) != 0)
		d->owner = &owner;
}

static void
judge(const struct row *r)
{
	struct arena arena = { 0 };
	struct finding f = { .arena = &arena };
	const struct exchange e = { .sname = "cifs/fs1.fjord.test",
		.realm = "FJORD.TEST",
		.error = 13,
		.rep = { .frame = 7 },
		.ntstatus = r->ntstatus != 0 ? r->ntstatus : EV_ABSENT,
		.e_text = r->text };
	const struct key_trial trial = { .result = KEY_OPENS,
		.source = "web.keytab:1",
		.flags = r->opened > 0 ? 0x40000000 : 0 };
	struct delegation d = { .e = &e,
		.f = &f,
		.front = "web",
		.front_realm = "FJORD.TEST",
		.user = "anna",
		.user_realm = "FJORD.TEST",
		.origin = r->origin,
		.origin_ref = { .frame = 5 },
		.asked_known = r->origin != ORIGIN_UNKNOWN,
		.asked_forwardable = r->asked,
		.resource = r->resource,
		.opened = r->opened != 0 ? &trial : NULL };
	int i;

	look_up(r, &d);
	delegation_judge(&d);
	for (i = 0; i < DELEG_FAULTS; i++) {
		if (d.of[i].sure != r->want[i])
			printf("%s: fault %d is %d, not %d\n", r->what, i,
			    (int)d.of[i].sure, (int)r->want[i]);
		CHECK(d.of[i].sure == r->want[i]);
	}
	delegation_walk(&d);
	arena_free(&arena);
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		judge(&rows[i]);
	return failures != 0;
}
