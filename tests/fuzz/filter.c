/*
 * filter.c - fuzz driver: the text of a filter, and the choice that it makes
 * among log-ons of every kind.
 */
#include <string.h>

#include "filter.h"
#include "fuzz.h"

static const int64_t numbers[] = { EV_ABSENT, INT64_MIN + 1, -1, 0, 1, 7, 18,
	23, 445, 0xC000006D, INT64_MAX };

#define NUMBERS (sizeof(numbers) / sizeof(*numbers))

static struct story
story_of(size_t i)
{
	static struct exchange x;
	static struct attempt a;
	static struct lookup k = { .name = "fs1.fjord.test" };
	struct story s = { .id = i, .outcome = (enum outcome)(i & 3) };

	x.error = x.ntstatus = x.nonce = x.stime = numbers[i % NUMBERS];
	x.options = (uint32_t)numbers[i % NUMBERS];
	x.sname = "cifs/fs1.fjord.test";
	a.status = a.error = numbers[i % NUMBERS];
	a.user = "FJORD\\anna";
	a.ntlm_spn = "cifs/b\xc3\xb8rge";
	k.addrs[0] = s.client = (struct addr){ 4, { 10, 0, 0, 1 } };
	k.naddrs = 1;
	s.server = (struct addr){ 6, { 0xfe, 0x80 } };
	s.principal = "anna\\@corp@FJORD.TEST";
	s.start = s.end = i * INT64_C(1000000000000000);
	s.exchanges = &x;
	s.attempts = &a;
	s.lookups = &k;
	s.nexchanges = s.nattempts = s.nlookups = i & 1;
	return s;
}

static void
choose(const struct filter *f)
{
	const uint64_t *found[] = { NULL };
	const size_t nfound[] = { 0 };

	for (size_t i = 0; i < NUMBERS; i++) {
		const struct story s = story_of(i), *const kept[] = { &s };
		const struct result r = {
			.kept = kept,
			.nkept = 1,
			.findings_of = found,
			.nfindings_of = nfound,
		};

		filter_story(f, &r, 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), error[FILTER_ERROR];
	struct filter *f;
	size_t at;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	f = filter_new(text, error, &at);
	if (f != NULL)
		choose(f);
	else if (*error == '\0' || strlen(error) >= FILTER_ERROR ||
	    at > strlen(text))
		abort();
	for (const char *p = error; f == NULL && *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			abort();
	filter_free(f);
	free(text);
	return 0;
}
