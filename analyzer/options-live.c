/*
 * options-live.c - the options of what goes on: live, and the terminal.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "options-row.h"
#include "text.h"

bool
option_number(const char *option, const char *value, const char *what,
    uint64_t least, uint64_t most, uint64_t *out)
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

bool
option_size(const char *option, const char *value, uint64_t *out)
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
take_snaplen(struct reading *r, const char *value)
{
	uint64_t n;

	if (!option_number("snaplen", value, "octets", 64, 262144, &n))
		return false;
	r->opt->snaplen = (uint32_t)n;
	return true;
}

static bool
take_buffer(struct reading *r, const char *value)
{
	return option_size("buffer", value, &r->opt->buffer);
}

static bool
take_duration(struct reading *r, const char *value)
{
	uint64_t n;

	if (!option_number("duration", value, "seconds", 1, 315360000, &n))
		return false;
	r->opt->duration = (int64_t)n * SECOND;
	return true;
}

static bool
take_packets(struct reading *r, const char *value)
{
	return option_number("packets", value, "a number", 1, UINT64_C(1) << 62,
	    &r->opt->packets);
}

static bool
take_json_log(struct reading *r, const char *value)
{
	r->opt->json_log = value;
	return true;
}

static bool
take_syslog(struct reading *r, const char *value)
{
	(void)value;
	r->opt->syslog = true;
	return true;
}

static bool
take_evidence(struct reading *r, const char *value)
{
	r->opt->evidence = value;
	return true;
}

static bool
take_evidence_size(struct reading *r, const char *value)
{
	return option_size("evidence-size", value, &r->opt->evidence_size);
}

static bool
take_metrics(struct reading *r, const char *value)
{
	r->opt->metrics = value;
	return true;
}

const struct option_row options_live[OPTIONS_LIVE] = {
	/* how to listen: OPTIONS_FACES of them */
	{ 'i', "interface", "NAME",
	    "listen there; any is all of them (repeatable)", take_interface },
	{ 0, "bpf", "EXPR", "of what is listened to, only this", take_bpf },
	{ 0, "user", "NAME", "whom to become (kerbscope, else nobody)",
	    take_user },
	{ 0, "snaplen", "OCTETS", "of each packet (262144)", take_snaplen },
	{ 0, "buffer", "SIZE", "of each interface, in the kernel (32M)",
	    take_buffer },
	/* when to end, and who is told */
	{ 0, "duration", "SECONDS", "end after them", take_duration },
	{ 0, "packets", "N", "end after so many", take_packets },
	{ 0, "json-log", "FILE",
	    "a line for each finding and each change of one", take_json_log },
	{ 0, "syslog", NULL, "the same for people, to the system's log",
	    take_syslog },
	{ 0, "evidence", "DIR",
	    "keep the packets of log-ons that fail there, as pcapng",
	    take_evidence },
	{ 0, "evidence-size", "SIZE", "the oldest of it goes (256M)",
	    take_evidence_size },
	{ 0, "metrics", "WHERE",
	    "OpenMetrics at unix:PATH or a port of this host, 127.0.0.1:9464",
	    take_metrics },
};
