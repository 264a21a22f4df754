/*
 * Filters: the grammar and its errors, each kind of comparison, what a name
 * with several values means, every field of events, hostile text.
 */
#include <stdlib.h>
#include <string.h>

#include "bounds.h"
#include "check.h"
#include "filter.h"

/* --- a result with two log-ons ----------------------------------------- */

#define NOON INT64_C(1795262400000000) /* 2026-11-21T12:00:00Z */

static const struct exchange asked[] = {
	{
	    .kind = EXCHANGE_AS,
	    .transport = TRANSPORT_UDP,
	    .kdc = { 4, { 10, 0, 0, 1 } },
	    .kdc_port = 88,
	    .realm = "FJORD.TEST",
	    .cname = "anna",
	    .sname = "krbtgt/FJORD.TEST",
	    .nonce = EV_ABSENT,
	    .etypes = { 18, 23, -133 },
	    .netypes = 3,
	    .options = 0x40010000,
	    .error = 25,
	    .ntstatus = EV_ABSENT,
	    .key_etype = EV_ABSENT,
	    .issued = { .etype = EV_ABSENT, .kvno = EV_ABSENT },
	    .tgt = { .etype = EV_ABSENT, .kvno = EV_ABSENT },
	    .retransmits = 2,
	},
	{
	    .kind = EXCHANGE_TGS,
	    .transport = TRANSPORT_TCP,
	    .kdc = { 4, { 10, 0, 0, 1 } },
	    .realm = "FJORD.TEST",
	    .sname = "cifs/files",
	    .nonce = 7,
	    .error = 7,
	    .ntstatus = -1073741715, /* STATUS_LOGON_FAILURE, as signed */
	    .e_text = "not *here*",
	    .stime = NOON,
	    .fast = true,
	    .key_etype = EV_ABSENT,
	    .issued = { .etype = EV_ABSENT, .kvno = EV_ABSENT },
	    .tgt = { .digest = { 0xab, 1 }, .etype = 18, .kvno = 2 },
	},
};

static const struct attempt tried[] = {
	{
	    .mech = MECH_NTLM,
	    .carrier = "smb2",
	    .server = { 4, { 10, 1, 2, 3 } },
	    .server_port = 445,
	    .ticket = { .etype = EV_ABSENT, .kvno = EV_ABSENT },
	    .status = 0xC000006D,
	    .error = -1,
	    .error_ext = EV_ABSENT,
	    .kpasswd_result = EV_ABSENT,
	    .user = "FJORD\\Anna",
	    .ntlm_spn = "cifs/files.fjord.test",
	},
};

static const struct lookup looked[] = {
	{
	    .name = "files.fjord.test",
	    .addrs = { { 4, { 10, 1, 2, 3 } }, { 4, { 10, 1, 2, 4 } } },
	    .naddrs = 2,
	    .type = 1,
	    .rcode = 0,
	},
	{ .name = "gone.fjord.test", .type = 28, .rcode = 3 },
};

static const struct story broken = {
	.id = 1,
	.outcome = OUTCOME_BROKEN,
	.start = NOON,
	.end = NOON + 3 * SECOND / 2,
	.carrier = "smb2",
	.client = { 4, { 10, 0, 0, 7 } },
	.principal = "Anna@FJORD.TEST",
	.server = { 4, { 10, 1, 2, 3 } },
	.server_port = 445,
	.spn = "cifs/files",
	.realm = "FJORD.TEST",
	.host = "files.fjord.test",
	.exchanges = asked,
	.nexchanges = 2,
	.attempts = tried,
	.nattempts = 1,
	.lookups = looked,
	.nlookups = 2,
};

static const struct story fine = {
	.id = 2,
	.outcome = OUTCOME_OK,
	.start = NOON + 90 * 60 * SECOND,
	.end = NOON + 90 * 60 * SECOND,
	.carrier = "dns",
	.client = { 6, { 0xfe, 0x80, [15] = 9 } },
	.principal = "b\xc3\xb8rge@FJORD.TEST",
};

static const struct story *const kept[] = { &broken, &fine };
static const struct rule rule = { .id = "spn-missing" };
static uint64_t ids[] = { 1 };
static const struct cause causes[] = {
	{
	    .f = { .rule = &rule },
	    .impact = IMPACT_BREAKS,
	    .stories = ids,
	    .nstories = 1,
	},
	{
	    .f = { .rule = &rule,
		.certainty = CERTAINTY_PROVEN,
		.subject = { [SUBJECT_SPN] = "HTTP/web",
		    [SUBJECT_CLIENT] = "10.9.9.9" } },
	    .impact = IMPACT_DEGRADES,
	},
};
static const uint64_t first[] = { 0 };
static const uint64_t *found[] = { first, NULL };
static const size_t nfound[] = { 1, 0 };
static const struct result result = {
	.kept = kept,
	.nkept = 2,
	.findings_of = found,
	.nfindings_of = nfound,
	.causes = causes,
	.ncauses = 2,
};

/* Bits: the stories that TEXT chooses; -1 when it is wrong. */
static int
chosen(const char *text)
{
	char error[FILTER_ERROR];
	struct filter *f;
	size_t at;
	int bits;

	f = filter_new(text, error, &at);
	if (f == NULL) {
		printf("%s: %s\n", text, error);
		return -1;
	}
	bits = filter_story(f, &result, 0) | filter_story(f, &result, 1) << 1;
	filter_free(f);
	return bits;
}

#define BOTH 3
#define BROKEN 1
#define FINE 2
#define NEITHER 0

static const struct {
	const char *text;
	int stories;
} good[] = {
	{ "", BOTH },
	{ " \t\n", BOTH },
	/* words, in order of what they mean */
	{ "outcome == broken", BROKEN },
	{ "outcome==broken", BROKEN },
	{ "OUTCOME == Broken", BROKEN },
	{ "outcome != ok", BROKEN },
	{ "outcome >= degraded", BROKEN },
	{ "outcome ~ \"b*\"", BROKEN },
	/* precedence: not, and, or; all of one kind from the left */
	{ "id == 2 || id == 1 && outcome == ok", FINE },
	{ "(id == 2 || id == 1) && outcome == ok", FINE },
	{ "outcome == ok && id == 1 || id == 2", FINE },
	{ "id == 1 && outcome == broken || id == 3", BROKEN },
	{ "!id == 1 && id == 2", FINE },
	{ "!(id == 1 && id == 2)", BOTH },
	{ "not (id == 1 or id == 2)", NEITHER },
	{ "!!id == 1", BROKEN },
	{ "not not not id == 1", FINE },
	{ "! ! (not (id == 1))", FINE },
	{ "id == 1 or id == 2 and id == 3", BROKEN },
	{ "id == 1 OR id == 2 AND NOT id == 3", BOTH },
	{ "id == 3 || id == 4 || id == 2", FINE },
	{ "id == 1 && id == 1 && id == 2", NEITHER },
	{ "((((id == 1))))", BROKEN },
	{ "(id == 1) && (outcome == broken && !(id == 2))", BROKEN },
	/* numbers */
	{ "id < 2", BROKEN },
	{ "id <= 2", BOTH },
	{ "id > 0x1", FINE },
	{ "id >= 2", FINE },
	{ "id < -1", NEITHER },
	{ "id ~ \"?\"", BOTH },
	{ "port == 445", BROKEN },
	{ "repeated > 1", BROKEN },
	{ "repeated", BROKEN },
	/* several values: one is enough; != when none is equal */
	{ "error == 25", BROKEN },
	{ "error == 7", BROKEN },
	{ "error != 7", FINE },
	{ "not error == 7", FINE },
	{ "error > 7 && error < 25", BROKEN },
	{ "error", BROKEN },
	{ "!error", FINE },
	{ "error == KDC_ERR_S_PRINCIPAL_UNKNOWN", BROKEN },
	{ "error == s_principal_unknown", BROKEN },
	{ "error == KRB_AP_ERR_MODIFIED", NEITHER },
	{ "error ~ \"*PREAUTH*\"", BROKEN },
	{ "code == 7", BROKEN },
	{ "msg_type == AS-REQ && msg-type == KRB-ERROR", BROKEN },
	{ "msg_type == AS-REP", NEITHER },
	{ "etypes == rc4-hmac", BROKEN },
	{ "etypes == -133", BROKEN },
	{ "etypes == 17", NEITHER },
	{ "etype", NEITHER },
	{ "tkt_etype == aes256-cts-hmac-sha1-96 && tkt_kvno == 2", BROKEN },
	{ "tkt_digest ~ \"ab01*\"", BROKEN },
	{ "status == STATUS_LOGON_FAILURE", BROKEN },
	{ "status == 0xc000006d", BROKEN },
	{ "status == -1073741715", BROKEN },
	{ "ntstatus == LOGON_FAILURE", BROKEN },
	{ "ntstatus == 0xC000006D && ntstatus > 1", BROKEN },
	{ "kdc_options == forwardable", BROKEN },
	{ "kdc_options == 0x40010000", BROKEN },
	{ "kdc_options == canonicalize && kdc_options != renewable", BROKEN },
	{ "kdc_options == 0x40000001", NEITHER },
	{ "fast", BROKEN },
	{ "fast == yes && fast == no", BROKEN },
	{ "u2u", NEITHER },
	{ "u2u == false", BROKEN },
	{ "nonce == 7", BROKEN },
	{ "type == AAAA && rcode == NXDOMAIN", BROKEN },
	{ "rcode == 5", NEITHER },
	{ "reach == silent", NEITHER },
	{ "transport == tcp && transport == udp", BROKEN },
	{ "mech == ntlm", BROKEN },
	/* texts */
	{ "service == CIFS/FILES", BROKEN },
	{ "service == \"cifs/files\"", BROKEN },
	{ "service == cifs/file", NEITHER },
	{ "service == cifs/files.fjord.test", BROKEN },
	{ "service ~ cifs*", BROKEN },
	{ "service ~ \"*\"", BROKEN },
	{ "service !~ \"cifs*\"", FINE },
	{ "service !~ \"http*\"", BOTH },
	{ "service ~ \"c?fs/*s\"", BROKEN },
	{ "service ~ \"cifs/\"", NEITHER },
	{ "service ~ \"*i*i*s\"", BROKEN },
	{ "service ~ \"\"", NEITHER },
	{ "spn ~ krbtgt/*", BROKEN },
	{ "e_text == \"not *here*\"", BROKEN },
	{ "principal == anna@FJORD.TEST", BROKEN },
	{ "principal == anna", BROKEN },
	{ "principal ~ \"b?rge@*\"", FINE },
	{ "principal ~ \"b??rge@*\"", NEITHER },
	{ "user == anna && user == fjord\\anna", BROKEN },
	{ "user == \"FJORD\\\\anna\"", BROKEN },
	{ "user == \"FJORD\\anna\"", BROKEN },
	{ "user == \"a\\\"b\"", NEITHER },
	{ "domain == fjord", BROKEN },
	{ "carrier == dns", FINE },
	{ "carrier == and", NEITHER },
	{ "rule == spn-missing", BROKEN },
	{ "rule", BROKEN },
	{ "impact == breaks", BROKEN },
	{ "impact >= weakens && certainty == proven", NEITHER },
	{ "realm == fjord.test", BROKEN },
	{ "host", BROKEN },
	{ "name ~ gone.*", BROKEN },
	/* addresses */
	{ "client == 10.0.0.7", BROKEN },
	{ "client == 10.0.0.0/8", BROKEN },
	{ "client == 10.0.0.0/29 && client != 10.0.0.0/30", BROKEN },
	{ "client == 0.0.0.0/0", BROKEN },
	{ "client == fe80::9", FINE },
	{ "client == FE80::/10", FINE },
	{ "client != 10.0.0.0/8", FINE },
	{ "client ~ 10.0.0.*", BROKEN },
	{ "server == 10.1.2.3", BROKEN },
	{ "server == files && server == FILES.fjord.test", BROKEN },
	{ "server == file || server == fjord", NEITHER },
	{ "server", BROKEN },
	{ "kdc == 10.0.0.1", BROKEN },
	{ "address == 10.0.0.1 && address == 10.0.0.7", BROKEN },
	{ "data == 10.1.2.4", BROKEN },
	/* times */
	{ "start == 12:00", BROKEN },
	{ "start == 12:00:00.000000", BROKEN },
	{ "start == 12:00:01", NEITHER },
	{ "start > 13:29", FINE },
	{ "start < 13:30", BROKEN },
	{ "start >= 2026-11-21T13:30:00Z", FINE },
	{ "start == \"2026-11-21 12:00\"", BROKEN },
	{ "start == 2026-11-21", BOTH },
	{ "start == 2026-11-20", NEITHER },
	{ "start ~ 2026-11-21T12*", BROKEN },
	{ "stime == 12:00", BROKEN },
	{ "stime", BROKEN },
	{ "till", NEITHER },
	{ "duration > 1s", BROKEN },
	{ "duration > 1.4", BROKEN },
	{ "duration == 1500ms", BROKEN },
	{ "duration < 0.1m", BOTH },
};

static void
test_good(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		int got = chosen(good[i].text);

		if (got != good[i].stories)
			printf("%s: %d, not %d\n", good[i].text, got,
			    good[i].stories);
		CHECK(got == good[i].stories);
	}
}

/* --- errors ------------------------------------------------------------- */

static const struct {
	const char *text;
	size_t at;
	const char *says; /* part of it */
} bad[] = {
	{ "foo == 1", 0, "foo is no name" },
	{ "outcome == ok && prinzipal", 17, "near it: principal" },
	{ "carier == dns", 0, "carrier" },
	{ "anna@FJORD.TEST", 0, "such as client" },
	{ "salt == x", 0, "is not kept" },
	{ "state == open", 0, "see reach" },
	{ "outcome == failed", 11, "unseen, ok, degraded, broken" },
	{ "error == KDC_ERR_NONSENSE", 9, "neither a number nor" },
	{ "error == 1x", 9, "1x" },
	{ "error == 99999999999999999999", 9, "9999" },
	{ "id == \"\"", 6, "is a number" },
	{ "outcome", 7, NULL },
	{ "outcome ==", 10, "== needs something" },
	{ "outcome != && id", 11, "!= needs something" },
	{ "id ~\n", 5, "~ needs something" }, /* no line end in the sentence */
	{ "outcome = ok", 8, "==" },
	{ "outcome == ok & id", 14, "&&" },
	{ "outcome == ok | id", 14, "||" },
	{ "outcome == ok &&", 16, "missing at the end" },
	{ "!", 1, "missing at the end" },
	{ "&& id", 0, "before &&" },
	{ "id == 1 || || id == 2", 11, "before ||" },
	{ "outcome ok", 8, "operator is missing before ok" },
	{ "(id == 1", 0, "( is not closed" },
	{ "id == 1 && (id", 11, "( is not closed" },
	{ "id == 1)", 7, ") has no (" },
	{ "()", 1, "before )" },
	{ "\"outcome\" == ok", 0, "before \"outcome\"" },
	{ "principal == \"anna", 13, "quote is not closed" },
	{ "principal == \"anna\\\"", 13, "quote is not closed" },
	{ "principal == \"anna\\", 13, "quote is not closed" },
	{ "principal > a", 12, "has no order" },
	{ "client < 10.0.0.1", 9, "has no order" },
	{ "client == 10.0.0.0/33", 10, "neither an address" },
	{ "client == 10.0.0.0/x", 10, "neither an address" },
	{ "client == 10.0.0", 10, "neither an address" },
	{ "client == 10.0.0.*", 10, "say ~" },
	{ "start > yesterday", 8, "is no time" },
	{ "start > 25:00", 8, "is no time" },
	{ "start == 2026-13-01", 9, "is no time" },
	{ "duration > fast", 11, "is no duration" },
	{ "duration > 1.2.3", 11, "is no duration" },
	{ "fast == maybe", 8, "yes or no" },
	{ "foo\033[2J == 1", 0, "foo\\x1b[2J is no name" },
	{ "\xc3\x28 == 1", 0, "\\xc3" },
};

static void
test_bad(void)
{
	char error[FILTER_ERROR];
	struct filter *f;
	size_t at;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		f = filter_new(bad[i].text, error, &at);
		if (bad[i].says == NULL) {
			CHECK(f != NULL);
			filter_free(f);
			continue;
		}
		if (f != NULL || at != bad[i].at ||
		    strstr(error, bad[i].says) == NULL)
			printf("%s: at %zu: %s\n", bad[i].text, at, error);
		CHECK(f == NULL);
		CHECK(at == bad[i].at);
		CHECK(strstr(error, bad[i].says) != NULL);
		CHECK(strpbrk(error, "\n\033") == NULL);
		filter_free(f);
	}
}

/* --- names -------------------------------------------------------------- */

/*
 * The fields of what stories are made of that they do not keep.  Of the kinds
 * of events that are not here (the capture, the host itself, what look-ups
 * say) they keep nothing.
 */
static const struct {
	enum event_kind kind;
	const char *fields;
} not_kept[] = {
	{ EV_conn, "state reason" },
	{ EV_lost, "size" },
	{ EV_kdc_req,
	    "addresses padata ts_etype ts_cipher pac_request "
	    "tkt_cipher auth_cipher addl_cipher size" },
	{ EV_kdc_rep, "tkt_sname_type tkt_cipher enc_kvno padata salt size" },
	{ EV_krb_error, "padata salt size" },
	{ EV_ap_req, "tkt_sname_type tkt_cipher auth_cipher" },
	{ EV_ap_rep, "" },
	{ EV_kpasswd, "request version result" },
	{ EV_spnego, "kind mechs state token hint" },
	{ EV_ntlm, "nb_computer nb_domain dns_computer dns_domain time flags" },
	{ EV_auth_reply, "null_session" },
	{ EV_target, "resource" },
	{ EV_access, "" },
	{ EV_smb_negotiate, "smb1 dialects signing_required guid" },
	{ EV_smb_negotiated,
	    "smb1 dialect signing_required encryption guid system_time "
	    "boot_time" },
	{ EV_smb_session, "flags is_signed" },
	{ EV_dfs_referral, "path targets" },
	{ EV_smb_sealed, "session" },
	{ EV_dns_query, "" },
	{ EV_dns_reply, "answers truncated" },
	{ EV_dns_rr, "ttl priority weight" },
};

/* -1: nothing of the kind is kept. */
static int
listed(enum event_kind kind, const char *field)
{
	size_t n = strlen(field), i;
	const char *p;

	for (i = 0; i < sizeof(not_kept) / sizeof(*not_kept); i++) {
		if (not_kept[i].kind != kind)
			continue;
		for (p = not_kept[i].fields; *p != '\0';
		     p += strcspn(p, " "), p += *p == ' ')
			if (strcspn(p, " ") == n && memcmp(p, field, n) == 0)
				return 1;
		return 0;
	}
	return -1;
}

static void
check_field(enum event_kind kind, const char *field)
{
	char error[FILTER_ERROR];
	size_t at;
	struct filter *f = filter_new(field, error, &at);
	int list = listed(kind, field);

	if (f == NULL ? list == 0 : list == 1) {
		printf("%s of %s: is %s\n", field, event_descs[kind].name,
		    f == NULL ? "neither kept nor listed" : "listed, and kept");
		failures++;
	}
	CHECK(f != NULL || strstr(error, "is not kept") != NULL);
	filter_free(f);
}

static void
test_fields(void)
{
	for (unsigned k = EV_NONE + 1; k < EV_KINDS; k++)
		for (size_t i = 0; i < event_descs[k].nfields; i++)
			check_field(k, event_descs[k].fields[i].name);
}

/* Every name has help, is found, and is there only once. */
static void
test_names(void)
{
	const char *name, *other, *help;
	size_t i, k;

	for (i = 0; (name = filter_name(i, &help)) != NULL; i++) {
		CHECK(chosen(name) >= 0);
		CHECK(help != NULL && *help != '\0');
		for (k = 0; k < i; k++) {
			other = filter_name(k, &help);
			CHECK(strcmp(name, other) != 0);
		}
	}
	CHECK(i > 60);
}

/* --- findings ----------------------------------------------------------- */

static void
check_causes(const char *text, bool a, bool b)
{
	char error[FILTER_ERROR];
	bool stories[2], all[2];
	size_t at;
	struct filter *f = filter_new(text, error, &at);

	CHECK(f != NULL);
	if (f == NULL)
		return;
	filter_choose(f, &result, stories, all);
	if (all[0] != a || all[1] != b)
		printf("%s: %d %d\n", text, all[0], all[1]);
	CHECK(all[0] == a && all[1] == b);
	CHECK(stories[0] == filter_story(f, &result, 0));
	CHECK(stories[1] == filter_story(f, &result, 1));
	filter_free(f);
}

/* The second has no story that was kept: it is known by its subject. */
static void
test_causes(void)
{
	check_causes("", true, true);
	check_causes("outcome == broken", true, false);
	check_causes("outcome != ok", true, true);
	check_causes("service == http/web", false, true);
	check_causes("client == 10.9.0.0/16", false, true);
	check_causes("client == 10.0.0.7", true, false);
	check_causes("rule == spn-missing", true, true);
	check_causes("certainty == proven", false, true);
	check_causes("id == 2", false, false);
}

/* What findings and names of hosts have a part in may change. */
static void
test_lasts(void)
{
	static const struct {
		const char *text;
		bool lasts;
	} cases[] = {
		{ "", true },
		{ "outcome == ok && what ~ \"*x*\"", true },
		{ "client == 10.0.0.0/8", true },
		{ "client == fs1", false },
		{ "outcome == ok || not server ~ \"fs*\"", false },
		{ "rule == spn-missing", false },
		{ "impact > remark", false },
		{ "spn == cifs/a && certainty == proven", false },
	};
	char error[FILTER_ERROR];
	struct filter *f;
	size_t at;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		f = filter_new(cases[i].text, error, &at);
		CHECK(f != NULL && filter_lasts(f) == cases[i].lasts);
		filter_free(f);
	}
}

/* --- hostile text ------------------------------------------------------- */

static char *
repeat(const char *what, size_t times, const char *end)
{
	size_t n = strlen(what), i;
	char *text = malloc(n * times + strlen(end) + 1);

	if (text == NULL)
		exit(3);
	for (i = 0; i < times; i++)
		memcpy(text + n * i, what, n);
	strcpy(text + n * times, end);
	return text;
}

static void
check_long(const char *what, size_t times, const char *end, bool ok)
{
	char error[FILTER_ERROR], *text = repeat(what, times, end);
	size_t at;
	struct filter *f = filter_new(text, error, &at);

	CHECK((f != NULL) == ok);
	CHECK(at <= strlen(text));
	CHECK(memchr(error, '\0', sizeof(error)) != NULL);
	if (f != NULL)
		filter_story(f, &result, 0);
	filter_free(f);
	free(text);
}

static void
test_hostile(void)
{
	check_long("(", 1000000, "", false);
	check_long("!", 1000000, "id == 1", true);
	check_long("!(", 500000, "id == 1", false);
	check_long(")", 1000000, "", false);
	check_long("id == 1 || ", 100000, "id == 1", false);
	check_long("id == 1 || ", FILTER_MAX_TERMS - 1, "id == 1", true);
	check_long("id == 1 && !(id == 2) || ", FILTER_MAX_TERMS / 4, "id == 1",
	    true);
	check_long("a", 1000000, "", false);
	check_long("\"", 1000001, "", false);
	check_long("service ~ \"", 1, "*\"", true);
	check_long("\xff", 1000, " == 1", false);
	check_long("\xf0\x9f\x98\x80", 1000, " == 1", false);
	check_long("\033]0;", 1000, "", false);
}

/* A pattern of many stars against a text that is like it but for its end. */
static void
test_stars(void)
{
	char text[TEXT_MAX + 1], *pattern = repeat("a*", 300, "b\"");
	char *filter = malloc(strlen(pattern) + 32);
	struct story s = { .principal = text };
	const struct story *const one[] = { &s };
	const struct result r = { .kept = one, .nkept = 1 };
	char error[FILTER_ERROR];
	struct filter *f;
	size_t at;

	memset(text, 'a', TEXT_MAX);
	text[TEXT_MAX] = '\0';
	sprintf(filter, "principal ~ \"%s", pattern);
	f = filter_new(filter, error, &at);
	CHECK(f != NULL);
	for (int i = 0; f != NULL && i < 1000; i++)
		CHECK(!filter_story(f, &r, 0));
	filter_free(f);
	free(filter);
	free(pattern);
}

/* For tests/tree/manual.sh: the table, a name a line. */
static int
list_names(void)
{
	const char *name, *help;

	for (size_t i = 0; (name = filter_name(i, &help)) != NULL; i++)
		printf("%s\t%s\n", name, help);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "names") == 0)
		return list_names();
	test_good();
	test_bad();
	test_fields();
	test_names();
	test_causes();
	test_lasts();
	test_hostile();
	test_stars();
	return failures != 0;
}
