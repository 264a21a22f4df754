/*
 * present.c - reports of results made by hand: what a person and a script
 * see, without an engine.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "presenter.h"
#include "text.h"

static int failed;

static void
check(bool ok, const char *what, const char *detail)
{
	if (ok)
		return;
	printf("%s:\n%s\n", what, detail);
	failed = 1;
}

static const char *const see[] = { "RFC 4120 7.5.9", NULL };

static const struct rule missing_rule = {
	.id = "spn-missing",
	.title = "No account holds {spn}",
	.impact = IMPACT_BREAKS,
	.see = see,
};

static const struct rule ntlm_rule = {
	.id = "nego-ntlm-after-kdc-error",
	.title = "NTLM instead",
	.impact = IMPACT_DEGRADES,
};

static const struct rule double_rule = {
	.id = "spn-duplicate",
	.title = "Two accounts hold {spn}",
	.impact = IMPACT_BREAKS,
};

static const struct fix fixes[] = {
	{ "windows",
	    "setspn -S cifs/a-very-long-name-of-a-server.with.many.labels."
	    "corp.example FS1$",
	    NULL },
	{ "any", "echo any", "look first" },
	{ NULL, NULL, NULL },
};

static uint64_t story_ids[] = { 1 };
static const uint64_t finding_list[] = { 0, 1, 2 };
static const uint64_t *findings_of[] = { finding_list };
static const size_t nfindings_of[] = { 3 };

static const struct step steps[] = {
	{ { 0, 54, 1000000 }, { 4, { 10, 0, 0, 1 } }, { 4, { 10, 0, 0, 2 } },
	    "TGS-REQ cifs/\x1b[2J", STEP_INFO, EV_ABSENT, NULL },
	{ { 0, 57, 1250000 }, { 4, { 10, 0, 0, 2 } }, { 4, { 10, 0, 0, 1 } },
	    "KRB-ERROR", STEP_ERROR, 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN" },
};

static const struct story story = {
	.id = 1,
	.outcome = OUTCOME_DEGRADED,
	.start = 1000000,
	.end = 2000000,
	.carrier = "smb2",
	.client = { 4, { 10, 0, 0, 1 } },
	.server = { 4, { 10, 0, 0, 3 } },
	.server_port = 445,
	.principal = "anna@FJORD.TEST",
	.spn = "cifs/files",
	.steps = steps,
	.nsteps = 2,
};

static const struct story *const kept[] = { &story };

static struct cause
cause_of(const struct rule *rule, const char *title, int explained, int rival)
{
	struct cause c = {
		.f = { .rule = rule,
		    .certainty = CERTAINTY_LIKELY,
		    .nevidence = 2 },
		.impact = rule->impact,
		.cause = explained < 0 && rival < 0,
		.explained_by = explained,
		.rival_of = rival,
		.occurrences = 2,
		.first = 1000000,
		.last = 61000000,
		.stories = story_ids,
		.nstories = 1,
		.title = title,
		.why = "The KDC of the realm that owns the host knows no "
		       "account for the name, so there is no ticket.",
		.fix = fixes,
		.decide = rival < 0 ? NULL : "setspn -Q cifs/files",
		.who = "anna@FJORD.TEST",
		.clients = 1,
	};

	c.f.subject[SUBJECT_SPN] = "cifs/files";
	c.f.evidence[0] = (struct evidence){ { 0, 57, 1250000 }, NULL,
		"KDC: S_PRINCIPAL_UNKNOWN for cifs/\x1b[2Jfiles" };
	c.f.evidence[1] = (struct evidence){ { -1, 0, 0 }, "a.ldif:12",
		"not there" };
	return c;
}

static const struct capture_info captures[] = {
	{ "a.pcap", "pcap", 114, 22192, 1000000, 41000000, false },
	{ "b\xff.pcap", "pcapng (gzip)", 1, 60, 500000, 500000, true },
};

static struct rule_verdict verdicts[] = {
	{ &ntlm_rule, VERDICT_FIRED, 0, 1 },
	{ &double_rule, VERDICT_UNKNOWN, EVIDENCE_DNS | EVIDENCE_COMPARE, 1 },
	{ &missing_rule, VERDICT_FIRED, 0, 1 },
};

static struct cause causes[3];

static struct result
faulty(void)
{
	struct result r = {
		.version = "0.1.0",
		.captures = captures,
		.ncaptures = 1,
		.stories = 1,
		.degraded = 1,
		.verdict = "1 of 1 log-on fell back to NTLM.",
		.causes = causes,
		.ncauses = 3,
		.ncause = 1,
		.kept = kept,
		.findings_of = findings_of,
		.nfindings_of = nfindings_of,
		.nkept = 1,
		.verdicts = verdicts,
		.nverdicts = 3,
	};

	causes[0] = cause_of(&missing_rule, "No account holds cifs/files", -1,
	    -1);
	causes[1] = cause_of(&ntlm_rule, "NTLM instead", 0, -1);
	causes[2] = cause_of(&double_rule, "Two accounts hold cifs/files", -1,
	    0);
	return r;
}

static char *
present(const struct presenter *p, const struct result *r, bool verbose)
{
	struct present_options opt = { .verbose = verbose };
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);

	check(p->present(r, &opt, f), "present", p->name);
	fclose(f);
	return out;
}

/* The whole text, to the letter: this is what people read. */
static void
text_of_a_fault(void)
{
	struct result r = faulty();
	char *got = present(&presenter_text, &r, false);
	static const char want[] =
	    "1 of 1 log-on fell back to NTLM.\n"
	    "\n"
	    "1. breaks (likely): No account holds cifs/files [spn-missing]\n"
	    "    Who    anna@FJORD.TEST; 2 log-ons, 1970-01-01 00:00:01 to "
	    "00:01:01 UTC\n"
	    "    Why    The KDC of the realm that owns the host knows no "
	    "account for the\n"
	    "           name, so there is no ticket.\n"
	    "    Proof  frame 57   KDC: S_PRINCIPAL_UNKNOWN for "
	    "cifs/\\x1b[2Jfiles\n"
	    "           a.ldif:12  not there\n"
	    "    Fix    # for windows\n"
	    "           setspn -S cifs/a-very-long-name-of-a-server.with.many."
	    "labels.corp.example FS1$\n"
	    "           # look first\n"
	    "           echo any\n"
	    "    Effect NTLM instead (likely)\n"
	    "    Or     spn-duplicate (likely)? setspn -Q cifs/files\n"
	    "\n"
	    "Could not be judged\n"
	    "  1 rule without DNS traffic: Capture port 53 too, with the "
	    "cache emptied.\n"
	    "  1 rule without a log-on to compare: Capture another log-on "
	    "too: other name,\n"
	    "    user or server.\n"
	    "114 packets, 1970-01-01 00:00:01 to 00:00:41 UTC.\n";

	check(strcmp(got, want) == 0, "the text differs", got);
	free(got);
}

static void
no_line_is_wrong(const char *text)
{
	const char *line = text, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		bool command = strstr(line, "setspn -S") != NULL &&
		    strstr(line, "setspn -S") < end;

		check(end - line <= 80 || command, "too long", line);
		check(end == line || end[-1] != ' ', "space at the end", line);
	}
	check(*line == '\0', "no line end", line);
	check(strchr(text, '\x1b') == NULL, "an escape sequence", text);
}

static void
text_with_steps(void)
{
	struct result r = faulty();
	char *got;

	r.ncaptures = 2;
	r.quality.tcp_gaps = 1;
	r.quality.malformed = 2;
	got = present(&presenter_text, &r, true);
	no_line_is_wrong(got);
	check(strstr(got, "frame 0:57") != NULL, "no capture number", got);
	check(strstr(got,
		  "+0.250000     0:57 ! 10.0.0.2 > 10.0.0.1 "
		  "KRB-ERROR:") != NULL,
	    "no step", got);
	check(strstr(got, ", 1 TCP gap, 2\n  malformed messages") != NULL,
	    "no quality", got);
	check(strstr(got, "1: b\\xff.pcap") != NULL, "no path", got);
	free(got);
}

/* A cause with a walk, look-ups and a crowd. */
static struct result
walked(void)
{
	static const char *const whats[] = { "a stale key", "a clock",
		"a\x1b[2J name", "an old ticket", "a farm" };
	struct result r = faulty();
	struct cause *c = &causes[0];

	c->verify = "A TGS-REQ for cifs/files is answered with a ticket.";
	c->f.missing = EVIDENCE_DIRECTORY | EVIDENCE_DNS;
	c->clients = 200;
	c->rate = 12.2;
	c->f.evidence[1].source = "ldaps://dc1.fjord.test/CN=FS1,OU=Servers,"
				  "DC=fjord,DC=test";
	for (size_t i = 0; i < 5; i++)
		c->f.excluded[i] = (struct excluded){ whats[i], "it is not",
			{ 0, i == 1 ? 90 : 0, 0 } };
	c->f.nexcluded = 5;
	return r;
}

static void
has(const char *got, const char *want)
{
	check(strstr(got, want) != NULL, want, got);
}

static void
text_of_a_walk(void)
{
	struct result r = walked();
	char *got = present(&presenter_text, &r, false);

	has(got, "; 200 clients, 2 log-ons, ");
	has(got, ", 12 a minute\n");
	has(got,
	    "           ldaps://dc1.fjord.test/CN=FS1,OU=Servers,DC=fjord,"
	    "DC=test\n"
	    "                     not there\n"
	    "    Fix ");
	has(got,
	    "    Verify A TGS-REQ for cifs/files is answered with a ticket.\n"
	    "    Not    a stale key: it is not\n"
	    "           a clock: it is not (frame 90)\n"
	    "           a\\x1b[2J name: it is not\n"
	    "           and 2 more that -v shows\n"
	    "    Effect ");
	has(got, "\nTo prove it (directory): kerbscope collect a.pcap\n");
	free(got);
	got = present(&presenter_text, &r, true);
	has(got, "           a farm: it is not\n");
	free(got);
}

static void
text_of_a_crowd(void)
{
	struct result r = walked();
	struct cause *c = &causes[0];
	char *got;

	c->more_clients = true;
	c->f.certainty = CERTAINTY_PROVEN;
	r.captures = captures + 1;
	got = present(&presenter_text, &r, false);
	has(got, "; more than 200 clients, ");
	check(strstr(got, "To prove it") == NULL, "it is proven", got);
	free(got);
	c->f.certainty = CERTAINTY_LIKELY;
	c->rate = 0.3;
	verdicts[1].missing = EVIDENCE_DIRECTORY;
	got = present(&presenter_text, &r, false);
	/* A name that no shell could be given. */
	has(got, "To prove it (directory): kerbscope collect CAPTURE\n");
	check(strstr(got, "Could not be judged") == NULL, "said twice", got);
	has(got, ", 18 an hour\n");
	free(got);
	verdicts[1].missing = EVIDENCE_DNS | EVIDENCE_COMPARE;
	got = present(&presenter_json, &r, false);
	has(got, "\"rate_per_minute\": 0.3,");
	has(got, "\"more_clients\": true");
	has(got, "\"clients\": 200,");
	has(got, "\"what\": \"a clock\",\n");
	has(got, "\"verify\": \"A TGS-REQ");
	has(got, "\"missing\": [\n        \"dns\",\n        \"directory\"");
	free(got);
}

/* What a shell takes for one word. */
static void
shell_words(void)
{
	static const char *const words[][2] = {
		{ "a/b-1.pcap", "a/b-1.pcap" },
		{ "-x.pcap", "./-x.pcap" },
		{ "it's.pcap", "'it'\\''s.pcap'" },
		{ "-a b", "'./-a b'" },
		{ "$(x)`y`\"", "'$(x)`y`\"'" },
		{ "caf\xc3\xa9", "'caf\xc3\xa9'" },
		{ "a\nb", NULL },
		{ "\xff", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		char *got = text_shell(words[i][0]);

		check(words[i][1] == NULL ?
			got == NULL :
			got != NULL && strcmp(got, words[i][1]) == 0,
		    "a word", words[i][0]);
		free(got);
	}
}

/* Three lines, and what was checked. */
static void
text_of_health(void)
{
	struct result r = faulty();
	char *got, *p;
	unsigned lines = 0;

	r.ncauses = r.ncause = r.degraded = 0;
	r.ok = 1;
	r.verdict = "1 log-on, all ok.";
	got = present(&presenter_text, &r, false);
	for (p = got; *p != '\0'; p++)
		lines += *p == '\n';
	check(lines == 3 && strstr(got, "Checked: 2 rules") != NULL, "healthy",
	    got);
	check(result_status(&r) == 0, "status", got);
	free(got);
	r.ok = 0;
	r.broken = 1;
	got = present(&presenter_text, &r, false);
	check(strstr(got, "nothing breaks") == NULL &&
		strstr(got, "No rule explains it") != NULL,
	    "broken, and no cause", got);
	free(got);
	r.stories = r.broken = 0;
	r.captures = NULL;
	r.ncaptures = 0;
	r.verdict = "The capture holds no packets.";
	got = present(&presenter_text, &r, false);
	check(strcmp(got, "The capture holds no packets.\n") == 0, "empty",
	    got);
	free(got);
}

static void
json_report(void)
{
	struct result r = faulty();
	char *got;
	const char *at;
	json_error_t error;
	json_t *j;
	const char *text, *path = "";
	int n[7] = { -1 }, on;
	static const char *const order[] = { "\"schema\"", "\"tool\"",
		"\"captures\"", "\"quality\"", "\"summary\"", "\"findings\"",
		"\"stories\": [\n    {", "\"machines\"", "\"rules\": [" };

	r.ncaptures = 2;
	got = present(&presenter_json, &r, false);
	at = got;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		at = at == NULL ? NULL : strstr(at, order[i]);
		check(at != NULL, "not in order", order[i]);
	}
	j = json_loads(got, JSON_REJECT_DUPLICATES, &error);
	check(j != NULL, "not JSON", got);
	check(json_unpack_ex(j, &error, 0,
		  "{s:[{s:s},{s:s,s:b}],s:[{s:b},{s:i},{s:i,s:[{s:i},{s:s}]}],"
		  "s:[{s:i,s:[i,i,i]}]}",
		  "captures", "path", &text, "path", &path, "damaged", &on,
		  "findings", "cause", &on, "explained_by", &n[0], "rival_of",
		  &n[1], "evidence", "frame", &n[2], "source", &text, "stories",
		  "id", &n[3], "findings", &n[4], &n[5], &n[6]) == 0,
	    "not as the schema says", error.text);
	check(strcmp(path, "b\\xff.pcap") == 0, "path", path);
	check(n[0] == 0 && n[1] == 0 && n[2] == 57 && n[3] == 1 && n[6] == 2,
	    "numbers", got);
	check(strstr(got, "\"missing\": \"dns, compare\"") != NULL,
	    "what is missing", got);
	json_decref(j);
	free(got);
}

static void
statuses(void)
{
	struct result r = faulty();

	check(result_status(&r) == 1, "status", "a cause that breaks");
	causes[0].impact = IMPACT_WEAKENS;
	check(result_status(&r) == 1, "status", "a cause that weakens");
	causes[0].impact = IMPACT_REMARK;
	check(result_status(&r) == 0, "status", "a remark");
}

int
main(void)
{
	text_of_a_fault();
	text_with_steps();
	text_of_health();
	text_of_a_walk();
	text_of_a_crowd();
	shell_words();
	json_report();
	statuses();
	return failed;
}
