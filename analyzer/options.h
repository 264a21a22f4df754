/*
 * options.h - the command line: one table makes the parsing and --help.
 */
#ifndef ANALYZER_OPTIONS_H
#define ANALYZER_OPTIONS_H

#include "event.h"
#include "presenter.h"

#define OPTIONS_OUTPUTS 8 /* pairs of -f and -o */
#define OPTIONS_DECODES 32
#define OPTIONS_PROBES 64 /* look-ups of one kind */
#define OPTIONS_INTERFACES 16

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
	const char *keytabs[OPTIONS_PROBES];
	size_t nkeytabs;
	struct {
		const char *principal;
		const char *file; /* FILE, "fd:N"; NULL: ask at a terminal */
	} passwords[OPTIONS_PROBES];
	size_t npasswords;
	const char *ldifs[OPTIONS_PROBES];
	size_t nldifs;
	const char *ldaps[OPTIONS_PROBES]; /* URIs */
	size_t nldaps;
	const char *ldap_user;     /* NULL: GSSAPI */
	const char *ldap_password; /* file as above; NULL: ask */
	const char *ldap_ca;       /* NULL: the system's */
	int ldap_timeout;          /* seconds, for all questions together */
	const char *krb5_conf;     /* NULL: none */
	const char *events;        /* NULL: none; "-": stdout */
	const char *filter;        /* NULL: everything */
	/* live, and the terminal */
	const char *live_option; /* the first of these given; NULL: none */
	const char *face_option; /* of those that say how to listen */
	const char *interfaces[OPTIONS_INTERFACES];
	size_t ninterfaces;
	const char *bpf;        /* NULL: the built-in filter alone */
	const char *user;       /* to become; NULL: the default */
	const char *evidence;   /* folder; NULL: none */
	uint64_t evidence_size; /* octets of it, at most */
	const char *json_log;   /* NULL: none; "-": stdout */
	const char *metrics;    /* "unix:PATH", "[ADDRESS:]PORT"; NULL: none */
	bool syslog;            /* findings go there as well */
	int64_t duration;       /* microseconds; 0: no end */
	uint64_t packets;       /* as many; 0: no end */
	uint32_t snaplen;       /* octets */
	uint64_t buffer;        /* octets of each interface, in the kernel */
	int64_t skew;           /* microseconds */
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

/*
 * Those that decide what a report says, as words of a shell, a blank before
 * each, in memory that the caller frees.
 */
char *options_again(const struct options *opt);

/* The list of options for --help, one a line. */
void options_help(FILE *out);

#endif
