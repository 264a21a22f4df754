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
#include "options-row.h"
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

static bool
take_skew(struct reading *r, const char *value)
{
	uint64_t n;

	if (!option_number("skew", value, "seconds", 1, 86400, &n))
		return false;
	r->opt->skew = (int64_t)n * SECOND;
	return true;
}

static bool
take_memory(struct reading *r, const char *value)
{
	return option_size("memory", value, &r->opt->memory);
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

static const struct option_row rows[] = {
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
	{ 0, "mask", NULL, NULL, NULL },
};

#define OWN_ROWS (sizeof(rows) / sizeof(*rows))
#define ROWS (OWN_ROWS + OPTIONS_LIVE)

static const struct option_row *
row_at(size_t i)
{
	return i < OWN_ROWS ? &rows[i] : &options_live[i - OWN_ROWS];
}

static void
help_row(const struct option_row *o, FILE *out)
{
	char *names;

	if (o->help == NULL)
		return;
	names = text_printf("%c%c%s%s%s%s", o->letter == 0 ? ' ' : '-',
	    o->letter == 0 ? ' ' : o->letter,
	    o->name == NULL    ? "" :
		o->letter == 0 ? "  --" :
				 ", --",
	    o->name == NULL ? "" : o->name, o->argument == NULL ? "" : " ",
	    o->argument == NULL ? "" : o->argument);
	fprintf(out, "  %-28s ", names);
	text_wrap(out, 31, "                               ", o->help);
	free(names);
}

void
options_help(FILE *out)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (i == OWN_ROWS)
			fputs("\nFor live, and tui on an interface:\n", out);
		help_row(row_at(i), out);
	}
}

/* The tables that getopt_long() wants. */
static void
getopt_tables(char *letters, struct option *longs)
{
	*letters++ = ':';
	for (size_t i = 0; i < ROWS; i++) {
		const struct option_row *o = row_at(i);

		if (o->letter != 0) {
			*letters++ = o->letter;
			if (o->argument != NULL)
				*letters++ = ':';
		}
		if (o->name != NULL)
			*longs++ = (struct option){
				.name = o->name,
				.has_arg = o->argument != NULL ?
				    required_argument :
				    no_argument,
				.val = LETTERLESS + (int)i,
			};
	}
	*letters = '\0';
	*longs = (struct option){ 0 };
}

/* The number of the row; ROWS: none. */
static size_t
row_of(int c)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (c == LETTERLESS + (int)i ||
		    (row_at(i)->letter != 0 && c == row_at(i)->letter))
			break;
	return i;
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

/* Whether they are of use depends on the command, and on -i. */
static void
note_kind(struct options *o, size_t i)
{
	if (i < OWN_ROWS)
		return;
	if (o->live_option == NULL)
		o->live_option = row_at(i)->name;
	/* -i itself is asked for by its list. */
	if (o->face_option == NULL && i > OWN_ROWS &&
	    i < OWN_ROWS + OPTIONS_FACES)
		o->face_option = row_at(i)->name;
}

static bool
take(struct reading *r, size_t i)
{
	if (i == ROWS)
		return false;
	if (row_at(i)->take == NULL) {
		message("--%s is not in this release", row_at(i)->name);
		return false;
	}
	note_kind(r->opt, i);
	return row_at(i)->take(r, optarg);
}

static bool
is_dash(const char *word)
{
	return word != NULL && strcmp(word, "-") == 0;
}

static bool
is_same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool
files_differ(const struct options *o)
{
	for (size_t i = 0; i < o->noutputs; i++) {
		const char *path = o->outputs[i].path;

		if (is_same(path, o->events) || is_same(path, o->json_log)) {
			message("%s is given to --output and --%s", path,
			    is_same(path, o->events) ? "events" : "json-log");
			return false;
		}
	}
	if (is_same(o->events, o->json_log) && !is_dash(o->events)) {
		message("%s is given to --events and --json-log", o->events);
		return false;
	}
	return true;
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
	if (!files_differ(o))
		return false;
	dashes = (size_t)is_dash(o->events) + is_dash(o->json_log);
	for (i = 0; i < o->noutputs; i++)
		dashes += o->outputs[i].path == NULL;
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
		/*
		 * -q, and what else goes to standard output, silence it
		 * unless it was asked for.
		 */
		if (!o->quiet &&
		    (r->open || (!is_dash(o->events) && !is_dash(o->json_log))))
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
		.buffer = UINT64_C(32) << 20,
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
