/*
 * fuzz.h - what the fuzz drivers share: one engine and its reports.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "dissect.h"
#include "engine.h"
#include "presenter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct engine *
fuzz_engine(void)
{
	struct engine_options opt = { .memory = FUZZ_MEMORY };

	return engine_new(&opt);
}

/* The end of the analysis; every report is written, to nowhere. */
static inline void
fuzz_report(struct engine *e)
{
	const struct present_options opt = { .verbose = true };
	const struct result *r = engine_finish(e);
	static FILE *out;

	if (out == NULL && (out = fopen("/dev/null", "w")) == NULL)
		abort();
	if (!presenter_text.present(r, &opt, out) ||
	    !presenter_json.present(r, &opt, out))
		abort();
	engine_free(e);
}

#endif
