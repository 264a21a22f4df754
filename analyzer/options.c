/*
 * options.c - reads the command line.  A row of the table is an option: its
 * names, its argument, its help and the function that takes it.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "dissect.h"
#include "filter.h"
#include "options.h"
#include "text.h"

#define LETTERLESS 256 /* getopt's value of the first long name */

const struct presenter *const presenters_all[] = {
	&presenter_text,
	&presenter_json,
	NULL,
};

/* Formats that a later release has: whoever asks learns so. */
static const char *const later_formats[] = {
	"markdown",
	"html",
	"pcapng",
	NULL,
};

struct reading {
	struct options *opt;
	const struct presenter *presenter; /* of the last -f */
	bool open;                         /* a -f without its -o yet */
	enum options_result result;
};

static bool
take_format(struct reading *r, const char *value)
{
	const struct presenter *const *p;
	const char *const *later;

	for (later = later_formats; *later != NULL; later++)
		if (strcmp(*later, value) == 0) {
			message("--format %s is not in this release", value);
			return false;
		}
	for (p = presenters_all; *p != NULL; p++)
		if (strcmp((*p)->name, value) == 0)
			break;
	if (*p == NULL) {
		message("--format %s: there are text and json", value);
		return false;
	}
	if (r->open) {
		message("--format %s: the one before it has no --output",
		    r->presenter->name);
		return false;
	}
	r->presenter = *p;
	r->open = true;
	return true;
}

static bool
take_output(struct reading *r, const char *value)
{
	struct options *o = r->opt;

	if (*value == '\0') {
		message("--output needs the name of a file");
		return false;
	}
	if (o->noutputs == OPTIONS_OUTPUTS) {
		message("--output can be given %d times", OPTIONS_OUTPUTS);
		return false;
	}
	for (size_t i = 0; i < o->noutputs; i++)
		if (o->outputs[i].path != NULL &&
		    strcmp(o->outputs[i].path, value) == 0) {
			message("--output %s is given twice", value);
			return false;
		}
	o->outputs[o->noutputs].presenter = r->presenter;
	o->outputs[o->noutputs++].path = strcmp(value, "-") == 0 ? NULL : value;
	r->open = false;
	return true;
}

static bool
list_add(const char **list, size_t *n, const char *option, const char *value)
{
	if (*value == '\0') {
		message("--%s needs the name of something", option);
		return false;
	}
	if (*n == OPTIONS_PROBES) {
		message("--%s can be given %d times", option, OPTIONS_PROBES);
		return false;
	}
	list[(*n)++] = value;
	return true;
}

static bool
take_keytab(struct reading *r, const char *value)
{
	return list_add(r->opt->keytabs, &r->opt->nkeytabs, "keytab", value);
}

static bool
take_ldif(struct reading *r, const char *value)
{
	return list_add(r->opt->ldifs, &r->opt->nldifs, "ldif", value);
}

static bool
take_ldap(struct reading *r, const char *value)
{
	if (strncmp(value, "ldap://", 7) != 0 &&
	    strncmp(value, "ldaps://", 8) != 0 &&
	    strncmp(value, "ldapi://", 8) != 0) {
		message("--ldap %s: say it as ldap://dc1.corp.example", value);
		return false;
	}
	return list_add(r->opt->ldaps, &r->opt->nldaps, "ldap", value);
}

static bool
take_ldap_user(struct reading *r, const char *value)
{
	r->opt->ldap_user = value;
	return true;
}

static bool
take_ldap_password(struct reading *r, const char *value)
{
	r->opt->ldap_password = value;
	return true;
}

static bool
take_ldap_ca(struct reading *r, const char *value)
{
	r->opt->ldap_ca = value;
	return true;
}

static bool
take_ldap_timeout(struct reading *r, const char *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 ||
	    n < 1 || n > 3600) {
		message("--ldap-timeout %s: seconds, from 1 to 3600", value);
		return false;
	}
	r->opt->ldap_timeout = (int)n;
	return true;
}

static bool
take_password_for(struct reading *r, const char *value)
{
	struct options *o = r->opt;

	if (*value == '\0' || *value == '@') {
		message("--password-for needs a principal: svc@CORP.EXAMPLE");
		return false;
	}
	if (o->npasswords == OPTIONS_PROBES) {
		message("--password-for can be given %d times", OPTIONS_PROBES);
		return false;
	}
	o->passwords[o->npasswords++].principal = value;
	return true;
}

static bool
take_password_file(struct reading *r, const char *value)
{
	struct options *o = r->opt;

	if (o->npasswords == 0) {
		message("--password-file follows the --password-for that it "
			"is for");
		return false;
	}
	o->passwords[o->npasswords - 1].file = value;
	return true;
}

static bool
take_krb5_conf(struct reading *r, const char *value)
{
	r->opt->krb5_conf = value;
	return true;
}

static bool
take_events(struct reading *r, const char *value)
{
	r->opt->events = value;
	return true;
}

static bool
take_filter(struct reading *r, const char *value)
{
	char error[FILTER_ERROR];
	size_t at;
	struct filter *f = filter_new(value, error, &at);

	if (f == NULL) {
		message("--filter: %s (column %zu)", error, at + 1);
		return false;
	}
	filter_free(f);
	r->opt->filter = value;
	return true;
}

static bool
take_interface(struct reading *r, const char *value)
{
	struct options *o = r->opt;

	if (*value == '\0') {
		message("--interface needs the name of one, or any");
		return false;
	}
	if (o->ninterfaces == OPTIONS_INTERFACES) {
		message("--interface can be given %d times",
		    OPTIONS_INTERFACES);
		return false;
	}
	o->interfaces[o->ninterfaces++] = value;
	return true;
}

static bool
take_bpf(struct reading *r, const char *value)
{
	r->opt->bpf = value;
	return true;
}

static bool
take_user(struct reading *r, const char *value)
{
	r->opt->user = value;
	return true;
}

static bool
take_evidence(struct reading *r, const char *value)
{
	r->opt->evidence = value;
	return true;
}

static bool
take_json_log(struct reading *r, const char *value)
{
	r->opt->json_log = value;
	return true;
}

static bool
take_metrics(struct reading *r, const char *value)
{
	r->opt->metrics = value;
	return true;
}

static bool
take_syslog(struct reading *r, const char *value)
{
	(void)value;
	r->opt->syslog = true;
	return true;
}

/* tcp/8445=smb2 */
static bool
take_decode(struct reading *r, const char *value)
{
	struct options *o = r->opt;
	const char *carrier = strchr(value, '=');
	unsigned long port = 0;
	char *end = NULL;

	if (strncmp(value, "tcp/", 4) == 0 || strncmp(value, "udp/", 4) == 0)
		if (isdigit((unsigned char)value[4]))
			port = strtoul(value + 4, &end, 10);
	if (carrier == NULL || end != carrier || port < 1 || port > 65535) {
		message("--decode %s: say it as tcp/8445=smb2", value);
		return false;
	}
	if (o->ndecodes == OPTIONS_DECODES) {
		message("--decode can be given %d times", OPTIONS_DECODES);
		return false;
	}
	o->decodes[o->ndecodes].transport = value[0] == 't' ? TRANSPORT_TCP :
							      TRANSPORT_UDP;
	o->decodes[o->ndecodes].port = (uint16_t)port;
	o->decodes[o->ndecodes++].carrier = carrier + 1;
	return true;
}

/* A number from LEAST to MOST; WHAT says so. */
static bool
number(const char *option, const char *value, const char *what, uint64_t least,
    uint64_t most, uint64_t *out)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 ||
	    n < least || n > most) {
		message("--%s %s: %s, from %" PRIu64 " to %" PRIu64, option,
		    value, what, least, most);
		return false;
	}
	*out = n;
	return true;
}

static bool
take_skew(struct reading *r, const char *value)
{
	uint64_t n;

	if (!number("skew", value, "seconds", 1, 86400, &n))
		return false;
	r->opt->skew = (int64_t)n * SECOND;
	return true;
}

static bool
take_duration(struct reading *r, const char *value)
{
	uint64_t n;

	if (!number("duration", value, "seconds", 1, 315360000, &n))
		return false;
	r->opt->duration = (int64_t)n * SECOND;
	return true;
}

static bool
take_packets(struct reading *r, const char *value)
{
	return number("packets", value, "a number", 1, UINT64_C(1) << 62,
	    &r->opt->packets);
}

static bool
take_snaplen(struct reading *r, const char *value)
{
	uint64_t n;

	if (!number("snaplen", value, "octets", 64, 262144, &n))
		return false;
	r->opt->snaplen = (uint32_t)n;
	return true;
}

/* A size such as 64M, at least 1M. */
static bool
size(const char *option, const char *value, uint64_t *out)
{
	static const char units[] = "KMG";
	unsigned long long n;
	const char *unit;
	unsigned shift = 0;
	char *end;

	errno = 0;
	n = strtoull(value, &end, 10);
	unit = *end == '\0' ? NULL : strchr(units, toupper((uint8_t)*end));
	if (unit != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (!isdigit((unsigned char)*value) || *end != '\0' || errno != 0 ||
	    n > UINT64_C(1) << 50 >> shift || n << shift < 1 << 20) {
		message("--%s %s: a size such as 64M, at least 1M", option,
		    value);
		return false;
	}
	*out = (uint64_t)n << shift;
	return true;
}

static bool
take_memory(struct reading *r, const char *value)
{
	return size("memory", value, &r->opt->memory);
}

static bool
take_buffer(struct reading *r, const char *value)
{
	return size("buffer", value, &r->opt->buffer);
}

static bool
take_evidence_size(struct reading *r, const char *value)
{
	return size("evidence-size", value, &r->opt->evidence_size);
}

static bool
take_color(struct reading *r, const char *value)
{
	if (strcmp(value, "auto") == 0)
		r->opt->color = COLOR_AUTO;
	else if (strcmp(value, "always") == 0)
		r->opt->color = COLOR_ALWAYS;
	else if (strcmp(value, "never") == 0)
		r->opt->color = COLOR_NEVER;
	else {
		message("--color %s: there are auto, always, never", value);
		return false;
	}
	return true;
}

static bool
take_quiet(struct reading *r, const char *value)
{
	(void)value;
	r->opt->quiet = true;
	return true;
}

static bool
take_verbose(struct reading *r, const char *value)
{
	(void)value;
	r->opt->verbose = true;
	return true;
}

static bool
take_version(struct reading *r, const char *value)
{
	(void)value;
	r->result = OPTIONS_VERSION;
	return true;
}

static bool
take_help(struct reading *r, const char *value)
{
	(void)value;
	r->result = OPTIONS_HELP;
	return true;
}

/*
 * Rows without help are options of a later release: known by name, so that
 * whoever gives one learns that the report would not honour it.
 */
static const struct row {
	char letter;          /* 0: none */
	const char *name;     /* NULL: none */
	const char *argument; /* NULL: none */
	const char *help;
	bool (*take)(struct reading *r, const char *value);
} rows[] = {
	{ 'f', "format", "F", "text (default) or json", take_format },
	{ 'o', "output", "FILE",
	    "where the report of the -f before it goes, whole or not at all",
	    take_output },
	{ 0, "events", "FILE",
	    "also write what was read, one JSON object a line", take_events },
	{ 0, "keytab", "FILE", "try its keys on the tickets seen (repeatable)",
	    take_keytab },
	{ 0, "password-for", "PRINCIPAL",
	    "try its password, asked for at the terminal (repeatable)",
	    take_password_for },
	{ 0, "password-file", "FILE",
	    "read that password from FILE, or from descriptor N: fd:N",
	    take_password_file },
	{ 0, "ldif", "FILE", "what the directory says (repeatable)",
	    take_ldif },
	{ 0, "ldap", "URI", "ask the directory itself (repeatable)",
	    take_ldap },
	{ 0, "ldap-user", "USER", "bind as USER, not by Kerberos",
	    take_ldap_user },
	{ 0, "ldap-password-file", "FILE", "its password, as above",
	    take_ldap_password },
	{ 0, "ldap-ca", "FILE", "certificates to trust, not the system's",
	    take_ldap_ca },
	{ 0, "ldap-timeout", "SECONDS", "for all its answers together (30)",
	    take_ldap_timeout },
	{ 0, "krb5-conf", "FILE", "the client's krb5.conf", take_krb5_conf },
	{ 0, "decode", "PORT=CARRIER",
	    "a service on an unusual port, e.g. tcp/8445=smb2", take_decode },
	{ 0, "skew", "SECONDS", "tolerated clock difference (300)", take_skew },
	{ 0, "memory", "SIZE", "ceiling of what is kept (64M)", take_memory },
	{ 0, "color", "WHEN", "auto (default), always or never", take_color },
	{ 'q', NULL, NULL, "no report: the exit status says it", take_quiet },
	{ 'v', NULL, NULL, "show every log-on, step by step", take_verbose },
	{ 0, "version", NULL, "show the version", take_version },
	{ 0, "help", NULL, "show this", take_help },
	{ 0, "filter", "EXPR",
	    "show only log-ons, and findings with such, for which EXPR holds: "
	    "'outcome != ok && service ~ \"cifs/*\"'",
	    take_filter },
	{ 'i', "interface", "NAME",
	    "live, tui: listen there; any is all of them (repeatable)",
	    take_interface },
	{ 0, "bpf", "EXPR", "live: of what is listened to, only this",
	    take_bpf },
	{ 0, "duration", "SECONDS", "live: end after them", take_duration },
	{ 0, "packets", "N", "live: end after so many", take_packets },
	{ 0, "snaplen", "OCTETS", "live: of each packet (262144)",
	    take_snaplen },
	{ 0, "buffer", "SIZE", "live: of each interface, in the kernel (16M)",
	    take_buffer },
	{ 0, "json-log", "FILE",
	    "live: a line for each finding and each change of one",
	    take_json_log },
	{ 0, "syslog", NULL, "live: the same for people, to the system's log",
	    take_syslog },
	{ 0, "evidence", "DIR",
	    "live: keep the packets of log-ons that fail there, as pcapng",
	    take_evidence },
	{ 0, "evidence-size", "SIZE", "live: the oldest of it goes (256M)",
	    take_evidence_size },
	{ 0, "metrics", "WHERE",
	    "live: OpenMetrics at unix:PATH or a port of this host, "
	    "127.0.0.1:9464",
	    take_metrics },
	{ 0, "user", "NAME", "live: whom to become (kerbscope, else nobody)",
	    take_user },
	{ 0, "mask", NULL, NULL, NULL },
};

#define ROWS (sizeof(rows) / sizeof(*rows))

void
options_help(FILE *out)
{
	for (const struct row *o = rows; o < rows + ROWS; o++) {
		char *names;

		if (o->help == NULL)
			continue;
		names = text_printf("%c%c%s%s%s%s%s",
		    o->letter == 0 ? ' ' : '-',
		    o->letter == 0 ? ' ' : o->letter,
		    o->name == NULL    ? "" :
			o->letter == 0 ? "  --" :
					 ", --",
		    o->name == NULL ? "" : o->name,
		    o->argument == NULL ? "" : " ",
		    o->argument == NULL ? "" : o->argument, "");
		fprintf(out, "  %-28s ", names);
		text_wrap(out, 31, "                               ", o->help);
		free(names);
	}
}

/* The tables that getopt_long() wants. */
static void
getopt_tables(char *letters, struct option *longs)
{
	*letters++ = ':';
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].letter != 0) {
			*letters++ = rows[i].letter;
			if (rows[i].argument != NULL)
				*letters++ = ':';
		}
		if (rows[i].name != NULL)
			*longs++ = (struct option){
				.name = rows[i].name,
				.has_arg = rows[i].argument != NULL ?
				    required_argument :
				    no_argument,
				.val = LETTERLESS + (int)i,
			};
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

static const struct row *
row_of(int c)
{
	for (size_t i = 0; i < ROWS; i++)
		if (c == LETTERLESS + (int)i ||
		    (rows[i].letter != 0 && c == rows[i].letter))
			return &rows[i];
	return NULL;
}

/* C is ':' for a missing argument, '?' for an unknown option. */
static void
refuse(int c, char **argv)
{
	const char *word = argv[optind - 1];

	if (c == ':')
		message("%s needs an argument; see --help", word);
	else if (optopt != 0 && optopt < LETTERLESS)
		message("there is no option -%c; see --help", optopt);
	else
		message("there is no option %s; see --help", word);
}

static bool
take(struct reading *r, const struct row *row)
{
	if (row == NULL)
		return false;
	if (row->take == NULL) {
		message("--%s is not in this release", row->name);
		return false;
	}
	return row->take(r, optarg);
}

static bool
is_dash(const char *word)
{
	return word != NULL && strcmp(word, "-") == 0;
}

/* Two things cannot be read from, or written to, one place. */
static bool
places_differ(const struct options *o)
{
	size_t dashes = 0, i;

	for (i = 0; i < o->ninputs; i++)
		dashes += is_dash(o->inputs[i]);
	if (dashes > 1) {
		message("- (standard input) can be read once");
		return false;
	}
	dashes = is_dash(o->events);
	for (i = 0; i < o->noutputs; i++) {
		dashes += o->outputs[i].path == NULL;
		if (o->outputs[i].path != NULL && o->events != NULL &&
		    strcmp(o->outputs[i].path, o->events) == 0) {
			message("%s is given to --output and --events",
			    o->events);
			return false;
		}
	}
	if (dashes > 1)
		message("only one thing can go to standard output");
	return dashes <= 1;
}

/* What was not said, and what does not go together. */
static bool
complete(struct reading *r)
{
	struct options *o = r->opt;

	if (r->open || o->noutputs == 0) {
		if (o->noutputs == OPTIONS_OUTPUTS) {
			message("too many reports");
			return false;
		}
		/* -q, and events on standard output, silence it. */
		if (!o->quiet && !is_dash(o->events))
			o->outputs[o->noutputs++].presenter = r->presenter;
	}
	return places_differ(o);
}

enum options_result
options_read(int argc, char **argv, struct options *opt)
{
	struct reading r = { opt, &presenter_text, false, OPTIONS_RUN };
	struct option longs[ROWS + 1];
	char letters[2 * ROWS + 2];
	int c;

	*opt = (struct options){
		.skew = SKEW_DEFAULT * SECOND,
		.memory = DEFAULT_MEMORY,
		.ldap_timeout = 30,
		.evidence_size = UINT64_C(256) << 20,
		.snaplen = 262144,
		.buffer = UINT64_C(16) << 20,
	};
	getopt_tables(letters, longs);
	optind = 1;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == ':' || c == '?') {
			refuse(c, argv);
			return OPTIONS_WRONG;
		}
		if (!take(&r, row_of(c)))
			return OPTIONS_WRONG;
		if (r.result != OPTIONS_RUN)
			return r.result;
	}
	opt->inputs = argv + optind;
	opt->ninputs = (size_t)(argc - optind);
	return complete(&r) ? OPTIONS_RUN : OPTIONS_WRONG;
}
