/*
 * present-cause.h - one cause of the text report: who, why, proof, what it is
 * not, fix, how to verify it, effects and rivals.
 */
#ifndef ANALYZER_PRESENT_CAUSE_H
#define ANALYZER_PRESENT_CAUSE_H

#include "presenter.h"

struct page {
	FILE *out;
	const struct result *r;
	bool color, verbose;
	bool many;         /* captures */
	const char *again; /* of present_options */
};

/* SGR parameters by role; a monochrome report says the same in words. */
enum role { ROLE_HEAD, ROLE_BREAKS, ROLE_DEGRADES, ROLE_WEAKENS, ROLE_COMMAND };

void page_color(const struct page *p, enum role role);
void page_plain(const struct page *p);

/* "2026-11-20 14:05:01 to 14:05:40 UTC", the day once; the caller frees it. */
char *page_span(int64_t first, int64_t last);

/* Whether C gets a number; else it is a remark, or stands under a cause. */
bool cause_is_shown(const struct cause *c);

/* The cause with INDEX, as NUMBER. */
void present_cause(const struct page *p, size_t number, size_t index);

#endif
