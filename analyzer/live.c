/*
 * live.c - `kerbscope live` and `kerbscope tui`: one poll() over what comes
 * in, the keyboard and whoever asks for metrics.
 */
#include "live.h"
#include "text.h"

int
live_command(const struct options *opt)
{
	(void)opt;
	message("live is not in this release");
	return 2;
}

int
tui_command(const struct options *opt)
{
	(void)opt;
	message("tui is not in this release");
	return 2;
}
