/*
 * events.c - fuzz driver: an event file, from its lines to the reports.
 */
#include <string.h>

#include "fuzz.h"
#include "source.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size, *line;
	struct event_reader *r = event_reader_new();
	struct engine *e = fuzz_engine();
	char error[SOURCE_ERROR];
	struct event ev;

	for (; p < end; p = line + 1) {
		line = memchr(p, '\n', (size_t)(end - p));
		if (line == NULL)
			line = end;
		if (event_reader_line(r, p, (size_t)(line - p), &ev, error) &&
		    ev.kind != EV_NONE)
			engine_event(e, &ev);
	}
	event_reader_free(r);
	fuzz_report(e);
	return 0;
}
