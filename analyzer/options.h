/*
 * options.h - the command line: one table makes the parsing and --help.
 */
#ifndef ANALYZER_OPTIONS_H
#define ANALYZER_OPTIONS_H

#include "event.h"
#include "presenter.h"

#define OPTIONS_OUTPUTS 8 /* pairs of -f and -o */
#define OPTIONS_DECODES 32

struct options {
	struct {
		const struct presenter *presenter;
		const char *path; /* NULL: standard output */
	} outputs[OPTIONS_OUTPUTS];
	size_t noutputs;
	struct {
		enum transport transport;
		uint16_t port;
		const char *carrier;
	} decodes[OPTIONS_DECODES];
	size_t ndecodes;
	const char *events; /* NULL: none; "-": stdout */
	int64_t skew;       /* microseconds */
	uint64_t memory;
	enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
	bool quiet, verbose;
	char **inputs;
	size_t ninputs;
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_WRONG /* a line on stderr said what */
};

/*
 * Reads the words after the command; what OPT points to lives in ARGV.
 */
enum options_result options_read(int argc, char **argv, struct options *opt);

/* The list of options for --help, one a line. */
void options_help(FILE *out);

#endif
