/*
 * progress.c - share of the input and packets so far, after the first
 * second, five times a second.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

#define LOOK_EVERY 1024  /* packets: a look at the clock costs */
#define FIRST_AFTER 1000 /* milliseconds */
#define THEN_EVERY 200

static bool on, shown;
static int64_t next;

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
progress_start(void)
{
	on = isatty(STDERR_FILENO) == 1;
	if (on)
		next = now() + FIRST_AFTER;
}

void
progress_update(uint64_t done, uint64_t total, uint64_t packets)
{
	int64_t t;

	if (!on)
		return;
	t = now();
	if (t < next)
		return;
	next = t + THEN_EVERY;
	shown = true;
	fputs("\r\033[K", stderr);
	if (total > 0 && done <= total)
		fprintf(stderr, "%3d%%  ", (int)(done * 100.0 / total));
	fprintf(stderr, "%" PRIu64 " packets", packets);
	fflush(stderr);
}

void
progress_clear(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
