/*
 * filter-store.h - what the parts of the filter share: names, tests and the
 * compiled form.
 */
#ifndef ANALYZER_FILTER_STORE_H
#define ANALYZER_FILTER_STORE_H

#include "filter.h"

/* How the values of a name are compared, and when there is none. */
enum filter_kind {
	FILTER_TEXT,
	FILTER_ADDRESS, /* and the names of a host */
	FILTER_INT,     /* 0 is the same as absent */
	FILTER_OPT,     /* EV_ABSENT is absent */
	FILTER_CODE,    /* below 0 is absent */
	FILTER_STATUS,  /* as OPT, 32 bits, not signed */
	FILTER_BITS,    /* as INT; equal to each of its bits, too */
	FILTER_FLAG,    /* yes or no */
	FILTER_TIME,
	FILTER_SPAN,
};

/* Numbers that have names. */
struct filter_words {
	const char *(*name)(int64_t value);
	const char *(*at)(size_t i, int64_t *value);
	bool all; /* there are no other numbers */
};

enum filter_op {
	FILTER_HAS,
	FILTER_EQUAL,
	FILTER_LIKE,
	FILTER_LESS,
	FILTER_LESS_EQUAL,
	FILTER_MORE,
	FILTER_MORE_EQUAL,
};

struct filter_look;

#define FILTER_SOURCES 6

/* Where in a story values stand. */
struct filter_source {
	unsigned char per;   /* story, look-up, ... */
	unsigned char value; /* C type */
	unsigned short at;
	unsigned short count; /* of a list: where its length stands, or 0 */
};

struct filter_name {
	const char *name;
	const char *help;
	enum filter_kind kind;
	const struct filter_words *words;      /* NULL: none */
	void (*say)(struct filter_look *look); /* instead of the sources */
	struct filter_source from[FILTER_SOURCES];
};

/* One comparison. */
struct filter_test {
	const struct filter_name *name;
	enum filter_op op;
	char *text; /* in lower case */
	size_t len;
	int64_t least, most; /* all numbers or times that are meant */
	bool of_day;         /* a time of any day */
	struct addr addr;    /* family 0: it is text */
	unsigned prefix;     /* bits of it */
};

/* A test that is being made for one story. */
struct filter_look {
	const struct result *r;
	const struct story *s;
	size_t i;              /* its number, when there is no cause */
	const struct cause *c; /* stands for the stories not kept */
	const struct filter_test *t;
	bool hit;
};

/*
 * One accumulator is enough: a test sets it, NOT turns it, AND goes to TO
 * when it is false and OR when it is true.
 */
struct filter_step {
	enum { FILTER_TEST, FILTER_NOT, FILTER_AND, FILTER_OR } what;
	size_t to; /* of a test: which */
};

struct filter {
	struct filter_step *steps;
	size_t nsteps;
	struct filter_test *tests;
	size_t ntests;
};

/* What is wrong, and where. */
struct filter_wrong {
	char *text; /* FILTER_ERROR octets */
	size_t at;
};

/* Says it, unless something was wrong before; false. */
bool filter_wrong(struct filter_wrong *w, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* LEN octets at P for such a sentence: short, harmless. */
#define FILTER_WORD 40
const char *filter_word(const char *p, size_t len, char buf[FILTER_WORD]);

/* The name of LEN octets at P; NULL, with the reason in W, if it is none. */
const struct filter_name *
filter_name_find(const char *p, size_t len, size_t at, struct filter_wrong *w);

/* The I-th name; NULL past the last. */
const struct filter_name *filter_name_at(size_t i);

/*
 * Whether what T says of a log-on that has ended hangs on it alone, neither on
 * findings nor on the names of hosts.
 */
bool filter_name_lasts(const struct filter_test *t);

/* Tells LOOK every value that its name has. */
void filter_name_say(struct filter_look *look);

/*
 * What T compares with: LEN octets at P, as they are meant (quotes are gone).
 * False, with the reason in W, when it cannot be.
 */
bool filter_value_read(struct filter_test *t, const char *p, size_t len,
    bool quoted, size_t at, struct filter_wrong *w);

/* One value; what is absent is not said, NULL neither. */
void filter_say_text(struct filter_look *look, const char *text);
void filter_say_number(struct filter_look *look, int64_t value);
void filter_say_addr(struct filter_look *look, const struct addr *a);

/* Reads TEXT into F; false with the reason in W. */
bool filter_parse(struct filter *f, const char *text, struct filter_wrong *w);

#endif
