/*
 * options-row.h - the tables of options, for who reads them and who prints
 * them.
 */
#ifndef ANALYZER_OPTIONS_ROW_H
#define ANALYZER_OPTIONS_ROW_H

#include "options.h"

struct reading {
	struct options *opt;
	const struct presenter *presenter; /* of the last -f */
	bool open;                         /* a -f without its -o yet */
	enum options_result result;
};

/*
 * Rows without help are options of a later release: known by name, so that
 * whoever gives one learns that the report would not honour it.
 */
struct option_row {
	char letter;          /* 0: none */
	const char *name;     /* NULL: none */
	const char *argument; /* NULL: none */
	const char *help;
	bool (*take)(struct reading *r, const char *value);
};

#define OPTIONS_LIVE 12
#define OPTIONS_FACES 5

/* Those of live and tui; the first OPTIONS_FACES go with an interface. */
extern const struct option_row options_live[OPTIONS_LIVE];

/* A number from LEAST to MOST; WHAT says so. */
bool option_number(const char *option, const char *value, const char *what,
    uint64_t least, uint64_t most, uint64_t *out);

/* A size such as 64M, at least 1M. */
bool option_size(const char *option, const char *value, uint64_t *out);

#endif
